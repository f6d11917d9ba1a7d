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

#endif
