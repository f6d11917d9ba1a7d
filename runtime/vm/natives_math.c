/* natives_math.c - natives on numbers.
 *
 * What has one right result stands in base/exact.def, for the compiler
 * computes it, too; the rest is the C library's, or may fail. */
#include "runtime/vm/natives.h"

#include <inttypes.h>

#include "runtime/base/arith.h"

/* ---- exact --------------------------------------------------------------- */

#define X      s[0]
#define Y      s[1]
#define Z      s[2]
#define F      arith_float(s[0])
#define G      arith_float(s[1])
#define H      arith_float(s[2])
#define GIVE_f arith_bits
#define GIVE_i (int64_t)
#define GIVE_b (int64_t)
#define EXACT(name, parameters, result, expression)                            \
    NATIVE_BODY(name)                                                          \
    {                                                                          \
        (void)vm, (void)r;                                                     \
        s[0] = GIVE_##result(expression);                                      \
        return PAL_OK;                                                         \
    }
#include "runtime/base/exact.def"
#undef EXACT

/* ---- as the C library has it --------------------------------------------- */

#define LIBM(name, expression)                                                 \
    NATIVE_BODY(math_##name)                                                   \
    {                                                                          \
        (void)vm, (void)r;                                                     \
        s[0] = arith_bits(expression);                                         \
        return PAL_OK;                                                         \
    }
LIBM(cbrt, cbrt(F))
LIBM(exp, exp(F))
LIBM(exp2, exp2(F))
LIBM(expm1, expm1(F))
LIBM(log, log(F))
LIBM(log2, log2(F))
LIBM(log10, log10(F))
LIBM(log1p, log1p(F))
LIBM(sin, sin(F))
LIBM(cos, cos(F))
LIBM(tan, tan(F))
LIBM(asin, asin(F))
LIBM(acos, acos(F))
LIBM(atan, atan(F))
LIBM(atan2, atan2(F, G))
LIBM(sinh, sinh(F))
LIBM(cosh, cosh(F))
LIBM(tanh, tanh(F))
LIBM(asinh, asinh(F))
LIBM(acosh, acosh(F))
LIBM(atanh, atanh(F))
LIBM(pow, pow(F, G))
LIBM(hypot, hypot(F, G))
LIBM(erf, erf(F))
LIBM(erfc, erfc(F))
LIBM(gamma, tgamma(F))

NATIVE_BODY(math_log_gamma)
{
    (void)vm, (void)r;
    int sign;
    s[0] = arith_bits(lgamma_r(F, &sign));
    return PAL_OK;
}

NATIVE_BODY(math_frexp)
{
    (void)vm, (void)r;
    int e = 0;
    double f = F;
    s[0] = arith_bits(isfinite(f) ? frexp(f, &e) : f);
    s[1] = e;
    return PAL_OK;
}

NATIVE_BODY(math_modf)
{
    (void)vm, (void)r;
    double whole, part = modf(F, &whole);
    s[0] = arith_bits(part);
    s[1] = arith_bits(whole);
    return PAL_OK;
}

#undef F
#undef G
#undef H
#undef X
#undef Y
#undef Z

/* ---- ints ---------------------------------------------------------------- */

static enum pal_status trap_zero(struct vm *vm)
{
    return vm_trap(vm, VM_DIVIDE, "division by zero");
}

NATIVE_BODY(int_floor_div)
{
    UNUSED(r);
    if (s[1] == 0)
        return trap_zero(vm);
    bool down = arith_mod(s[0], s[1]) && (s[0] < 0) != (s[1] < 0);
    s[0] = arith_div(s[0], s[1]) - down;
    return PAL_OK;
}

NATIVE_BODY(int_floor_mod)
{
    UNUSED(r);
    if (s[1] == 0)
        return trap_zero(vm);
    int64_t rest = arith_mod(s[0], s[1]);
    s[0] = rest && (rest < 0) != (s[1] < 0) ? rest + s[1] : rest;
    return PAL_OK;
}

/* Newton's method, from above. */
NATIVE_BODY(int_sqrt)
{
    UNUSED(r);
    if (s[0] < 0)
        return vm_trap(vm, VM_CONVERT, "the square root of %" PRId64, s[0]);
    uint64_t n = (uint64_t)s[0], x = n;
    if (n) {
        x = UINT64_C(1) << (64 - __builtin_clzll(n) + 1) / 2;
        for (uint64_t y; (y = (x + n / x) / 2) < x;)
            x = y;
    }
    s[0] = (int64_t)x;
    return PAL_OK;
}

static enum pal_status need_power(struct vm *vm, int64_t n)
{
    if (n >= 0)
        return PAL_OK;
    return vm_trap(vm, VM_CONVERT, "an int to the power of %" PRId64, n);
}

NATIVE_BODY(int_pow)
{
    UNUSED(r);
    TRY(need_power(vm, s[1]));
    int64_t x = s[0], to = 1;
    for (int64_t n = s[1]; n; n >>= 1) {
        if (n & 1)
            to = arith_mul(to, x);
        x = arith_mul(x, x);
    }
    s[0] = to;
    return PAL_OK;
}

static enum pal_status give_checked(int64_t *s, bool overflow, int64_t x)
{
    s[0] = !overflow;
    s[1] = overflow ? 0 : x;
    return PAL_OK;
}

NATIVE_BODY(int_add_checked)
{
    (void)vm, (void)r;
    int64_t x;
    bool overflow = __builtin_add_overflow(s[0], s[1], &x);
    return give_checked(s, overflow, x);
}

NATIVE_BODY(int_sub_checked)
{
    (void)vm, (void)r;
    int64_t x;
    bool overflow = __builtin_sub_overflow(s[0], s[1], &x);
    return give_checked(s, overflow, x);
}

NATIVE_BODY(int_mul_checked)
{
    (void)vm, (void)r;
    int64_t x;
    bool overflow = __builtin_mul_overflow(s[0], s[1], &x);
    return give_checked(s, overflow, x);
}

/* A square that overflows counts only where it is multiplied in. */
NATIVE_BODY(int_pow_checked)
{
    UNUSED(r);
    TRY(need_power(vm, s[1]));
    int64_t x = s[0], to = 1;
    bool overflow = false, large = false;
    for (int64_t n = s[1]; n && !overflow; n >>= 1) {
        if (n & 1)
            overflow = large || __builtin_mul_overflow(to, x, &to);
        large |= __builtin_mul_overflow(x, x, &x);
    }
    return give_checked(s, overflow, to);
}

static uint64_t mul_mod(uint64_t a, uint64_t b, uint64_t m)
{
    return (uint64_t)((unsigned __int128)a * b % m);
}

/* An int modulo m, from 0 on. */
static uint64_t residue(int64_t a, int64_t m)
{
    int64_t rest = a % m;
    return (uint64_t)(rest < 0 ? rest + m : rest);
}

static enum pal_status need_modulus(struct vm *vm, int64_t m)
{
    if (m == 0)
        return trap_zero(vm);
    if (m < 0)
        return vm_trap(vm, VM_DIVIDE, "the modulus %" PRId64 " is negative", m);
    return PAL_OK;
}

NATIVE_BODY(int_mul_mod)
{
    UNUSED(r);
    int64_t m = s[2];
    TRY(need_modulus(vm, m));
    s[0] = (int64_t)mul_mod(residue(s[0], m), residue(s[1], m), (uint64_t)m);
    return PAL_OK;
}

NATIVE_BODY(int_pow_mod)
{
    UNUSED(r);
    int64_t m = s[2];
    TRY(need_modulus(vm, m));
    TRY(need_power(vm, s[1]));
    uint64_t x = residue(s[0], m), to = residue(1, m);
    for (int64_t n = s[1]; n; n >>= 1) {
        if (n & 1)
            to = mul_mod(to, x, (uint64_t)m);
        x = mul_mod(x, x, (uint64_t)m);
    }
    s[0] = (int64_t)to;
    return PAL_OK;
}
