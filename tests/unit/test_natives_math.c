/* test_natives_math.c - natives on numbers. */
#include "tests/unit/native_kit.h"

#include <math.h>

static int setup(void **state)
{
    struct kit *k = calloc(1, sizeof *k);
    if (!k)
        return -1;
    kit_open(k);
    *state = k;
    return 0;
}

static int teardown(void **state)
{
    kit_close(*state);
    free(*state);
    return 0;
}

/* ---- floats -------------------------------------------------------------- */

static double of(struct kit *k, const char *native, double x, double y)
{
    k->s[0] = kit_word(x);
    k->s[1] = kit_word(y);
    kit_do(k, native);
    return kit_float(k->s[0]);
}

static void agree_with_the_library(void **state)
{
    static const struct {
        const char *native;
        double (*fn)(double);
    } rows[] = {
        {"math_sqrt", sqrt},   {"math_cbrt", cbrt},   {"math_exp", exp},
        {"math_exp2", exp2},   {"math_expm1", expm1}, {"math_log", log},
        {"math_log2", log2},   {"math_log10", log10}, {"math_log1p", log1p},
        {"math_sin", sin},     {"math_cos", cos},     {"math_tan", tan},
        {"math_asin", asin},   {"math_acos", acos},   {"math_atan", atan},
        {"math_sinh", sinh},   {"math_cosh", cosh},   {"math_tanh", tanh},
        {"math_asinh", asinh}, {"math_acosh", acosh}, {"math_atanh", atanh},
        {"math_erf", erf},     {"math_erfc", erfc},   {"math_gamma", tgamma},
        {"math_floor", floor}, {"math_ceil", ceil},   {"math_trunc", trunc},
        {"math_round", round}};
    static const double xs[] = {0.0,  -0.0,  0.5,      1.5, -2.5,     3.7,
                                1e-9, 1e300, INFINITY, NAN, -INFINITY};
    struct kit *k = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t j = 0; j < sizeof xs / sizeof *xs; j++) {
            double want = rows[i].fn(xs[j]);
            double got = of(k, rows[i].native, xs[j], 0);
            if (isnan(want) ? !isnan(got) : kit_word(want) != kit_word(got))
                fail_msg("%s(%g) is %g", rows[i].native, xs[j], got);
        }
    assert_true(of(k, "math_atan2", 1, -1) == atan2(1, -1));
    assert_true(of(k, "math_pow", 2, 0.5) == pow(2, 0.5));
    assert_true(of(k, "math_hypot", 3e200, 4e200) == hypot(3e200, 4e200));
    assert_true(of(k, "math_fmod", -7, 3) == -1);
    assert_true(of(k, "math_remainder", 7, 4) == -1);
    assert_true(of(k, "math_copysign", 3, -0.0) == -3);
    assert_true(of(k, "math_nextafter", 1, 2) == 1 + 0x1p-52);
    assert_true(of(k, "math_log_gamma", 5, 0) == lgamma(5));
}

static void round_halves(void **state)
{
    static const double xs[][3] = {
        {0.5, 1, 0},
        {1.5, 2, 2},
        {2.5, 3, 2},
        {-0.5, -1, 0},
        {-2.5, -3, -2},
        {0.49999999999999994, 0, 0},
        {1e17, 1e17, 1e17},
        {4503599627370497.0, 4503599627370497.0, 4503599627370497.0}};
    struct kit *k = *state;
    for (size_t i = 0; i < sizeof xs / sizeof *xs; i++) {
        assert_true(of(k, "math_round", xs[i][0], 0) == xs[i][1]);
        assert_true(of(k, "math_round_even", xs[i][0], 0) == xs[i][2]);
    }
    assert_true(signbit(of(k, "math_round_even", -0.5, 0)));
    assert_true(isnan(of(k, "math_round_even", NAN, 0)));
    assert_true(isinf(of(k, "math_round_even", -INFINITY, 0)));
}

static int64_t test(struct kit *k, const char *native, double x)
{
    k->s[0] = kit_word(x);
    kit_do(k, native);
    return k->s[0];
}

static void know_their_parts(void **state)
{
    struct kit *k = *state;
    assert_int_equal(test(k, "math_is_nan", NAN), 1);
    assert_int_equal(test(k, "math_is_nan", INFINITY), 0);
    assert_int_equal(test(k, "math_is_inf", -INFINITY), 1);
    assert_int_equal(test(k, "math_is_inf", NAN), 0);
    assert_int_equal(test(k, "math_is_finite", 1e308), 1);
    assert_int_equal(test(k, "math_is_finite", NAN), 0);
    assert_int_equal(test(k, "math_is_finite", INFINITY), 0);
    assert_int_equal(test(k, "math_is_negative", -0.0), 1);
    assert_int_equal(test(k, "math_is_negative", 0.0), 0);
    assert_int_equal(test(k, "math_bits", 1.0), INT64_C(0x3ff0000000000000));
    k->s[0] = INT64_C(0x4000000000000000);
    kit_do(k, "math_from_bits");
    assert_true(kit_float(k->s[0]) == 2.0);
    assert_true(of(k, "math_frexp", 12, 0) == 0.75);
    assert_int_equal(k->s[1], 4);
    assert_true(isinf(of(k, "math_frexp", INFINITY, 0)));
    assert_int_equal(k->s[1], 0);
    assert_true(of(k, "math_modf", -2.5, 0) == -0.5);
    assert_true(kit_float(k->s[1]) == -2.0);
    k->s[0] = kit_word(1.5), k->s[1] = 3;
    kit_do(k, "math_ldexp");
    assert_true(kit_float(k->s[0]) == 12);
    k->s[0] = kit_word(1.5), k->s[1] = INT64_MIN;
    kit_do(k, "math_ldexp");
    assert_true(kit_float(k->s[0]) == 0);
    k->s[0] = kit_word(1.5), k->s[1] = INT64_MAX;
    kit_do(k, "math_ldexp");
    assert_true(isinf(kit_float(k->s[0])));
    k->s[0] = kit_word(0x1p-1074), k->s[1] = 2097;
    kit_do(k, "math_ldexp");
    assert_true(kit_float(k->s[0]) == 0x1p1023);
    k->s[0] = kit_word(0.1), k->s[1] = kit_word(10), k->s[2] = kit_word(-1);
    kit_do(k, "math_fma");
    assert_true(kit_float(k->s[0]) == fma(0.1, 10, -1));
}

/* ---- ints ---------------------------------------------------------------- */

#define MIN INT64_MIN
#define MAX INT64_MAX

static const struct {
    const char *native;
    int64_t x, y, want;
} of_ints[] = {{"int_gcd", 12, -18, 6},
               {"int_gcd", 0, 0, 0},
               {"int_gcd", MIN, 0, MIN},
               {"int_gcd", MIN, 6, 2},
               {"int_pow", 3, 4, 81},
               {"int_pow", 0, 0, 1},
               {"int_pow", -2, 63, MIN},
               {"int_pow", 2, 64, 0},
               {"int_pow", 1, MAX, 1},
               {"int_mul_high", MIN, MIN, INT64_C(1) << 62},
               {"int_mul_high", -1, 1, -1},
               {"int_floor_div", -7, 2, -4},
               {"int_floor_div", 7, -2, -4},
               {"int_floor_div", 6, -2, -3},
               {"int_floor_div", MIN, -1, MIN},
               {"int_floor_mod", -7, 2, 1},
               {"int_floor_mod", 7, -2, -1},
               {"int_floor_mod", -6, 2, 0},
               {"int_floor_mod", MIN, -1, 0},
               {"bits_shift_right", -1, 60, 15},
               {"bits_shift_right", -1, 64, -1},
               {"int_sqrt", 0, 0, 0},
               {"int_sqrt", 1, 0, 1},
               {"int_sqrt", 3, 0, 1},
               {"int_sqrt", 4, 0, 2},
               {"int_sqrt", MAX, 0, INT64_C(3037000499)},
               {"bits_count", -1, 0, 64},
               {"bits_leading", 1, 0, 63},
               {"bits_leading", 0, 0, 64},
               {"bits_trailing", MIN, 0, 63},
               {"bits_trailing", 0, 0, 64},
               {"bits_swap_bytes", 1, 0, INT64_C(1) << 56},
               {"bits_reverse", 1, 0, MIN},
               {"bits_reverse", 6, 0, INT64_C(6) << 60}};

static void ints_of_two(void **state)
{
    struct kit *k = *state;
    for (size_t i = 0; i < sizeof of_ints / sizeof *of_ints; i++) {
        k->s[0] = of_ints[i].x;
        k->s[1] = of_ints[i].y;
        kit_do(k, of_ints[i].native);
        if (k->s[0] != of_ints[i].want)
            fail_msg("row %d, %s: %lld", (int)i, of_ints[i].native,
                     (long long)k->s[0]);
    }
    for (uint64_t seed = 1, i = 0; i < 20000; i++) {
        uint64_t n = kit_random(&seed) >> 1 >> kit_random(&seed) % 63;
        k->s[0] = (int64_t)n;
        kit_do(k, "int_sqrt");
        uint64_t x = (uint64_t)k->s[0];
        assert_true(x * x <= n && (x + 1) * (x + 1) > n);
    }
}

static void checked_ints(void **state)
{
    static const struct {
        const char *native;
        int64_t x, y, ok, want;
    } rows[] = {{"int_add_checked", MAX, 1, 0, 0},
                {"int_add_checked", MAX, MIN, 1, -1},
                {"int_sub_checked", MIN, 1, 0, 0},
                {"int_sub_checked", 1, 2, 1, -1},
                {"int_mul_checked", MIN, -1, 0, 0},
                {"int_mul_checked", 3, -4, 1, -12},
                {"int_pow_checked", -2, 63, 1, MIN},
                {"int_pow_checked", 2, 63, 0, 0},
                {"int_pow_checked", 10, 18, 1, INT64_C(1000000000000000000)},
                {"int_pow_checked", 10, 19, 0, 0},
                {"int_pow_checked", -1, MAX, 1, -1},
                {"int_pow_checked", 3, MAX, 0, 0},
                {"int_pow_checked", 0, MAX, 1, 0}};
    struct kit *k = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        k->s[0] = rows[i].x;
        k->s[1] = rows[i].y;
        kit_do(k, rows[i].native);
        if (k->s[0] != rows[i].ok || k->s[1] != rows[i].want)
            fail_msg("row %d, %s", (int)i, rows[i].native);
    }
}

static void modular_ints(void **state)
{
    static const struct {
        const char *native;
        int64_t x, y, m, want;
    } rows[] = {{"int_mul_mod", MAX, MAX, MAX - 1, 1},
                {"int_mul_mod", -2, 3, 7, 1},
                {"int_mul_mod", MIN, 1, 10, 2},
                {"int_mul_mod", 5, 5, 1, 0},
                {"int_pow_mod", 2, 10, 1000, 24},
                {"int_pow_mod", 3, INT64_C(1000000006), INT64_C(1000000007), 1},
                {"int_pow_mod", 0, 0, 1, 0},
                {"int_pow_mod", -2, 3, 7, 6}};
    struct kit *k = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        k->s[0] = rows[i].x;
        k->s[1] = rows[i].y;
        k->s[2] = rows[i].m;
        kit_do(k, rows[i].native);
        if (k->s[0] != rows[i].want)
            fail_msg("row %d, %s", (int)i, rows[i].native);
    }
}

static void refuse(void **state)
{
    static const struct {
        const char *native;
        int64_t x, y, m;
        enum vm_error_kind kind;
    } rows[] = {{"int_sqrt", -1, 0, 0, VM_CONVERT},
                {"int_pow", 2, -1, 0, VM_CONVERT},
                {"int_pow_checked", 2, -1, 0, VM_CONVERT},
                {"int_pow_mod", 2, -1, 5, VM_CONVERT},
                {"int_pow_mod", 2, 1, 0, VM_DIVIDE},
                {"int_mul_mod", 2, 1, 0, VM_DIVIDE},
                {"int_mul_mod", 2, 1, -5, VM_DIVIDE},
                {"int_floor_div", 2, 0, 0, VM_DIVIDE},
                {"int_floor_mod", 2, 0, 0, VM_DIVIDE}};
    struct kit *k = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        k->s[0] = rows[i].x;
        k->s[1] = rows[i].y;
        k->s[2] = rows[i].m;
        kit_fails(k, rows[i].native, rows[i].kind);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agree_with_the_library),
        cmocka_unit_test(round_halves),
        cmocka_unit_test(know_their_parts),
        cmocka_unit_test(ints_of_two),
        cmocka_unit_test(checked_ints),
        cmocka_unit_test(modular_ints),
        cmocka_unit_test(refuse),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
