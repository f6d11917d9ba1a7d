/* arith.h - the language's arithmetic, in one place.
 *
 * The VM's instructions and the compiler's constant folding call the same
 * functions, so a program computes the same with and without optimization.
 * Ints are 64-bit two's complement and wrap; bytes are ints from 0 to 255
 * and wrap through arith_byte.  A shift or rotate count is taken modulo the
 * width.  Nothing here has undefined behaviour for any argument but a
 * divisor of zero, which callers test first: it is an error of the program.
 *
 * Converting an unsigned word to a signed one and shifting a negative number
 * right are implementation-defined in C11; every compiler this builds with
 * keeps the bits and the sign. */
#ifndef PAL_BASE_ARITH_H
#define PAL_BASE_ARITH_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* ---- int ----------------------------------------------------------------- */

static inline int64_t arith_add(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a + (uint64_t)b);
}
static inline int64_t arith_sub(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a - (uint64_t)b);
}
static inline int64_t arith_mul(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a * (uint64_t)b);
}
static inline int64_t arith_neg(int64_t a)
{
    return (int64_t)(0 - (uint64_t)a);
}
/* Truncated; b is not 0.  INT64_MIN / -1 wraps to itself. */
static inline int64_t arith_div(int64_t a, int64_t b)
{
    return b == -1 ? arith_neg(a) : a / b;
}
/* With the sign of a; b is not 0. */
static inline int64_t arith_mod(int64_t a, int64_t b)
{
    return b == -1 ? 0 : a % b;
}
static inline int64_t arith_shl(int64_t a, int64_t n)
{
    return (int64_t)((uint64_t)a << (n & 63));
}
static inline int64_t arith_shr(int64_t a, int64_t n)
{
    return a >> (n & 63);
}
static inline int64_t arith_rotl(int64_t a, int64_t n)
{
    uint64_t u = (uint64_t)a, k = (uint64_t)n;
    return (int64_t)(u << (k & 63) | u >> (-k & 63));
}
static inline int64_t arith_rotr(int64_t a, int64_t n)
{
    return arith_rotl(a, arith_neg(n));
}

/* By magnitude; gcd(0, 0) is 0, and 2^63 wraps. */
static inline int64_t arith_gcd(int64_t a, int64_t b)
{
    uint64_t x = a < 0 ? -(uint64_t)a : (uint64_t)a;
    uint64_t y = b < 0 ? -(uint64_t)b : (uint64_t)b;
    while (y) {
        uint64_t rest = x % y;
        x = y;
        y = rest;
    }
    return (int64_t)x;
}
/* The upper half of the 128-bit product. */
static inline int64_t arith_mul_high(int64_t a, int64_t b)
{
    return (int64_t)((__int128)a * b >> 64);
}
static inline int64_t arith_reverse_bits(int64_t a)
{
    uint64_t u = __builtin_bswap64((uint64_t)a);
    u = (u >> 4 & UINT64_C(0x0f0f0f0f0f0f0f0f)) |
        (u & UINT64_C(0x0f0f0f0f0f0f0f0f)) << 4;
    u = (u >> 2 & UINT64_C(0x3333333333333333)) |
        (u & UINT64_C(0x3333333333333333)) << 2;
    return (int64_t)((u >> 1 & UINT64_C(0x5555555555555555)) |
                     (u & UINT64_C(0x5555555555555555)) << 1);
}

/* ---- byte ---------------------------------------------------------------- */

/* The byte that an int wraps to. */
static inline int64_t arith_byte(int64_t a)
{
    return a & 255;
}
static inline int64_t arith_shl8(int64_t a, int64_t n)
{
    return arith_byte(a << (n & 7));
}
static inline int64_t arith_shr8(int64_t a, int64_t n)
{
    return a >> (n & 7);
}
static inline int64_t arith_rotl8(int64_t a, int64_t n)
{
    uint64_t k = (uint64_t)n, b = (uint64_t)a & 255;
    return (int64_t)((b << (k & 7) | b >> (-k & 7)) & 255);
}
static inline int64_t arith_rotr8(int64_t a, int64_t n)
{
    return arith_rotl8(a, arith_neg(n));
}

/* ---- float --------------------------------------------------------------- */

/* A float lies in a scalar word as its bits. */
static inline double arith_float(int64_t bits)
{
    double d;
    memcpy(&d, &bits, sizeof d);
    return d;
}
static inline int64_t arith_bits(double d)
{
    int64_t bits;
    memcpy(&bits, &d, sizeof bits);
    return bits;
}
/* Truncated towards zero; false for a NaN and outside the range of int. */
static inline bool arith_ftoi(double d, int64_t *out)
{
    if (!(d >= -0x1p63 && d < 0x1p63))
        return false;
    *out = (int64_t)d;
    return true;
}
/* The exact remainder with the sign of a; a NaN where b is zero. */
static inline double arith_fmod(double a, double b)
{
    return fmod(a, b);
}
/* The other sign, of a NaN and of zero too. */
static inline double arith_fneg(double a)
{
    return -a;
}
/* To the nearest whole number, halves to the even one. */
static inline double arith_round_even(double a)
{
    double part = a - trunc(a);
    return part == 0.5 || part == -0.5 ? 2 * round(a / 2) : round(a);
}
/* a times 2 to the power of n. */
static inline double arith_ldexp(double a, int64_t n)
{
    return ldexp(a, n < -5000 ? -5000 : n > 5000 ? 5000 : (int)n);
}

#endif
