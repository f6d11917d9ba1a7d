/* UTF-8, numbers as text, format specifiers, hashes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/format.h"
#include "runtime/base/hash.h"
#include "runtime/base/number.h"
#include "runtime/base/utf8.h"

/* ---- UTF-8 --------------------------------------------------------------- */

static void utf8_of_every_code_point(void **state)
{
    (void)state;
    for (uint32_t cp = 0; cp < 0x120000; cp++) {
        char s[UTF8_MAX];
        unsigned n = utf8_encode(cp, s);
        uint32_t back = ~cp;

        assert_int_equal(n != 0, utf8_is_scalar(cp));
        if (!n)
            continue;
        assert_int_equal(utf8_decode(s, n, &back), n);
        assert_int_equal(back, cp);
        assert_int_equal(utf8_check(s, n), n);
        assert_int_equal(utf8_decode(s, n - 1, &back), 0);
        assert_int_equal(utf8_check(s, n - 1), n > 1 ? 0 : n - 1);
    }
}

static void utf8_that_is_none(void **state)
{
    static const struct {
        const char *s;
        size_t at; /* first bad byte */
    } bad[] = {
        {"\x80", 0},
        {"ab\xbf", 2},
        {"\xc0\x80", 0},
        {"\xc1\xbf", 0},
        {"\xe0\x80\x80", 0},
        {"\xe0\x9f\xbf", 0},
        {"\xed\xa0\x80", 0},
        {"\xed\xbf\xbf", 0},
        {"\xf0\x8f\xbf\xbf", 0},
        {"\xf4\x90\x80\x80", 0},
        {"\xf5\x80\x80\x80", 0},
        {"\xff", 0},
        {"a\xc3", 1},
        {"a\xe2\x82", 1},
        {"a\xf0\x9f\x98", 1},
        {"\xc3\x28", 0},
        {"\xe2\x28\xa1", 0},
        {"\xe2\x82\x28", 0},
        {"eightchr\xc3\xa9longer text\xff and on", 21},
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(utf8_check(bad[i].s, strlen(bad[i].s)), bad[i].at);
}

static void utf8_places(void **state)
{
    const char *s = "aé€😀z";
    size_t n = strlen(s);
    static const size_t starts[] = {0, 1, 3, 6, 10, 11};

    (void)state;
    assert_int_equal(utf8_check(s, n), n);
    assert_int_equal(utf8_count(s, n), 5);
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(utf8_skip(s, n, i), starts[i]);
    assert_int_equal(utf8_skip(s, n, 100), n);
    for (size_t i = 0, k = 0; i <= n + 1; i++) {
        bool is_start = k < 6 && starts[k] == i;

        assert_int_equal(utf8_is_boundary(s, n, i), is_start);
        k += is_start;
    }
}

/* ---- numbers ------------------------------------------------------------- */

static void is_int(const char *s, int64_t want)
{
    int64_t v = ~want;
    char out[NUMBER_INT_MAX];
    size_t n;

    assert_true(number_parse_int(s, strlen(s), &v));
    assert_true(v == want);
    n = number_int_text(v, out);
    assert_true(number_parse_int(out, n, &v));
    assert_true(v == want);
}

static void no_int(const char *s)
{
    int64_t v = 77;

    assert_false(number_parse_int(s, strlen(s), &v));
    assert_int_equal(v, 77);
}

static void ints(void **state)
{
    char out[NUMBER_INT_MAX];

    (void)state;
    is_int("0", 0);
    is_int("-0", 0);
    is_int("+7", 7);
    is_int("0042", 42);
    is_int("-42", -42);
    is_int("9223372036854775807", INT64_MAX);
    is_int("-9223372036854775808", INT64_MIN);
    no_int("9223372036854775808");
    no_int("-9223372036854775809");
    no_int("99999999999999999999999");
    no_int("");
    no_int("-");
    no_int("+");
    no_int("--1");
    no_int(" 1");
    no_int("1 ");
    no_int("1_000");
    no_int("0x10");
    no_int("1.0");
    no_int("a");
    assert_int_equal(number_int_text(INT64_MIN, out), 20);
    assert_memory_equal(out, "-9223372036854775808", 20);
    assert_false(number_parse_int("1\0", 2, &(int64_t){0}));
}

static void prints(double v, const char *want)
{
    char out[NUMBER_FLOAT_MAX + 1];
    size_t n = number_float_text(v, out);
    double back;

    out[n] = '\0';
    assert_string_equal(out, want);
    assert_true(number_parse_float(out, n, &back));
    if (!isnan(v)) {
        assert_true(back == v);
        assert_int_equal(!!signbit(back), !!signbit(v));
    }
}

static void floats_print_as_python_does(void **state)
{
    (void)state;
    prints(2, "2.0");
    prints(-2.5, "-2.5");
    prints(0.0, "0.0");
    prints(-0.0, "-0.0");
    prints(0.1, "0.1");
    prints(0.1 + 0.2, "0.30000000000000004");
    prints(1.0 / 3, "0.3333333333333333");
    prints(0.0001, "0.0001");
    prints(0.00001, "1e-05");
    prints(123456789012345680.0, "1.2345678901234568e+17");
    prints(1e15, "1000000000000000.0");
    prints(1e16, "1e+16");
    prints(9999999999999998.0, "9999999999999998.0");
    prints(12345678901234567.0, "1.2345678901234568e+16");
    prints(1e22, "1e+22");
    prints(1e23, "1e+23");
    prints(1e100, "1e+100");
    prints(DBL_MAX, "1.7976931348623157e+308");
    prints(DBL_MIN, "2.2250738585072014e-308");
    prints(5e-324, "5e-324");
    prints(-2.2250738585072014e-308, "-2.2250738585072014e-308");
    prints(9.5367431640625e-07, "9.5367431640625e-07");
    prints(0x1p-44, "5.684341886080802e-14"); /* the nearest of two */
    prints(0x1p89, "6.189700196426902e+26");  /* only above it is one */
    prints(INFINITY, "inf");
    prints(-INFINITY, "-inf");
    prints(NAN, "nan");
}

/* Pseudo-random doubles, all exponents, subnormals included. */
static void floats_read_back(void **state)
{
    uint64_t seed = 88172645463325252u;

    (void)state;
    for (int i = 0; i < 200000; i++) {
        char out[NUMBER_FLOAT_MAX];
        uint64_t bits, again;
        double v, back;

        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        bits = i % 7 ? seed : seed >> 12; /* every seventh tiny */
        memcpy(&v, &bits, sizeof v);
        assert_true(number_parse_float(out, number_float_text(v, out), &back));
        memcpy(&again, &back, sizeof again);
        assert_true(again == bits || isnan(v));
    }
}

static void is_float(const char *s, double want)
{
    double v;

    assert_true(number_parse_float(s, strlen(s), &v));
    assert_true(v == want);
}

static void no_float(const char *s)
{
    double v = 77;

    if (number_parse_float(s, strlen(s), &v))
        fail_msg("'%s' is read as %g", s, v);
    assert_true(v == 77);
}

static void floats_are_read(void **state)
{
    (void)state;
    is_float("1", 1);
    is_float("+1.5", 1.5);
    is_float("-1.5e3", -1500);
    is_float("1E-2", 0.01);
    is_float("1e+2", 100);
    is_float("000.5", 0.5);
    is_float("0e999999999999999999999", 0);
    is_float("1e-999999999999999999999", 0);
    is_float("4.9e-324", 5e-324);
    is_float("2e-324", 0);
    is_float("1.7976931348623158e308", DBL_MAX);
    is_float("-inf", -INFINITY);
    no_float("1.7976931348623159e308");
    no_float("1e309");
    no_float("1e99999999999999999999");
    no_float("");
    no_float("-");
    no_float(".");
    no_float(".5");
    no_float("5.");
    no_float("1e");
    no_float("1e+");
    no_float("1.5.5");
    no_float("1_0.0");
    no_float(" 1.0");
    no_float("1.0 ");
    no_float("infinity");
    no_float("NaN");
    no_float("0x1p3");
    no_float("1,5");
}

/* What lies just beside the middle of two floats, in many digits. */
static void floats_are_rounded_right(void **state)
{
    char s[2000];
    double v;
    int n;

    (void)state;
    /* 2^53 + 1 is halfway; ties go to even, and one digit far behind counts */
    n = snprintf(s, sizeof s, "9007199254740993.%01500d", 0);
    assert_true(number_parse_float(s, (size_t)n, &v));
    assert_true(v == 9007199254740992.0);
    s[n - 1] = '1';
    assert_true(number_parse_float(s, (size_t)n, &v));
    assert_true(v == 9007199254740994.0);
    /* half of the smallest subnormal, exactly, and a little more */
    n = snprintf(s, sizeof s, "%.1100f", 0x1p-1074);
    for (int i = 1, carry = 0; i >= 0 && i < n; i++) { /* halve the digits */
        int d = s[i] == '.' ? 0 : s[i] - '0' + 10 * carry;

        if (s[i] == '.')
            continue;
        s[i] = (char)('0' + d / 2);
        carry = d % 2;
    }
    assert_true(number_parse_float(s, (size_t)n, &v));
    assert_true(v == 0);
    s[n - 1] = '9';
    assert_true(number_parse_float(s, (size_t)n, &v));
    assert_true(v == 0x1p-1074);
    /* a thousand digits and an exponent that takes them back */
    memset(s, '0', sizeof s);
    s[0] = '1';
    memcpy(s + 1001, "e-1000", 6);
    assert_true(number_parse_float(s, 1007, &v));
    assert_true(v == 1);
}

/* ---- format -------------------------------------------------------------- */

static void parse(struct format_spec *spec, const char *s)
{
    const char *why = format_parse(spec, s, strlen(s));

    if (why)
        fail_msg("'%s': %s", s, why);
}

/* The text that two passes make; the first only counts. */
#define LAY(call, spec, ...)                                                   \
    static char out[200000];                                                   \
    struct format_spec f;                                                      \
    size_t n, again;                                                           \
    parse(&f, spec);                                                           \
    n = call(&f, __VA_ARGS__, NULL);                                           \
    assert_true(n < sizeof out);                                               \
    memset(out, '#', n + 1);                                                   \
    again = call(&f, __VA_ARGS__, out);                                        \
    assert_int_equal(again, n);                                                \
    assert_int_equal(out[n], '#');                                             \
    out[n] = '\0';                                                             \
    return out

static const char *int_as(const char *spec, int64_t v)
{
    LAY(format_int, spec, v);
}

static const char *float_as(const char *spec, double v)
{
    LAY(format_float, spec, v);
}

static const char *str_as(const char *spec, const char *s)
{
    LAY(format_str, spec, s, strlen(s));
}

static void format_of_ints(void **state)
{
    (void)state;
    assert_string_equal(int_as("", 42), "42");
    assert_string_equal(int_as(">8", 42), "      42");
    assert_string_equal(int_as("8", -42), "     -42");
    assert_string_equal(int_as("<8", 42), "42      ");
    assert_string_equal(int_as("^8", 42), "   42   ");
    assert_string_equal(int_as("^7", 42), "  42   ");
    assert_string_equal(int_as("08", 42), "00000042");
    assert_string_equal(int_as("08", -42), "-0000042");
    assert_string_equal(int_as("<08", 42), "00000042");
    assert_string_equal(int_as("1", 12345), "12345");
    assert_string_equal(int_as("x", 255), "ff");
    assert_string_equal(int_as("#x", 255), "0xff");
    assert_string_equal(int_as("#x", -255), "-0xff");
    assert_string_equal(int_as("x", -1), "-1");
    assert_string_equal(int_as("#b", 5), "0b101");
    assert_string_equal(int_as("o", 8), "10");
    assert_string_equal(int_as("#o", 0), "0o0");
    assert_string_equal(int_as("08#x", -255), "-0x000ff");
    assert_string_equal(int_as("x", INT64_MIN), "-8000000000000000");
    assert_string_equal(int_as("", INT64_MIN), "-9223372036854775808");
    assert_int_equal(strlen(int_as("b", INT64_MIN)), 65);
}

static void format_of_floats(void **state)
{
    (void)state;
    assert_string_equal(float_as("", 2), "2.0");
    assert_string_equal(float_as(".4", 3.14159265), "3.1416");
    assert_string_equal(float_as(".0", 2.5), "2");
    assert_string_equal(float_as(".0", -0.2), "-0");
    assert_string_equal(float_as("8.2", 3.14159), "    3.14");
    assert_string_equal(float_as("08.2", -3.14159), "-0003.14");
    assert_string_equal(float_as("<8.2", 3.14159), "3.14    ");
    assert_string_equal(float_as("e", 12345.678), "1.234568e+04");
    assert_string_equal(float_as(".2e", 12345.678), "1.23e+04");
    assert_string_equal(float_as(".0e", 1e-300), "1e-300");
    assert_string_equal(float_as("010.1e", 12.0), "0001.2e+01");
    assert_string_equal(float_as("8", INFINITY), "     inf");
    assert_string_equal(float_as("08", -INFINITY), "    -inf");
    assert_string_equal(float_as("<6", NAN), "nan   ");
    assert_string_equal(float_as(".2", NAN), "nan");
    assert_int_equal(strlen(float_as(".0", DBL_MAX)), 309);
    assert_int_equal(strlen(float_as(".65535", 1)), 65537);
    assert_int_equal(strlen(float_as(".65535e", -1)), 65542);
    assert_memory_equal(float_as(".1074", 0x1p-1074) + 1071, "65625", 5);
}

static void format_of_text(void **state)
{
    (void)state;
    assert_string_equal(str_as("", "abc"), "abc");
    assert_string_equal(str_as("6", "abc"), "abc   ");
    assert_string_equal(str_as(">6", "abc"), "   abc");
    assert_string_equal(str_as("^6", "abc"), " abc  ");
    assert_string_equal(str_as(".2", "abc"), "ab");
    assert_string_equal(str_as("5.2", "äöü"), "äö   ");
    assert_string_equal(str_as(">4", "äöü"), " äöü");
    assert_string_equal(str_as(".0", "abc"), "");
    assert_string_equal(str_as(".9", "abc"), "abc");
    assert_string_equal(str_as("65535", "") + 65530, "     ");
}

static void bad_spec(const char *s, const char *want)
{
    struct format_spec f;
    const char *why = format_parse(&f, s, strlen(s));

    if (!why || !strstr(why, want))
        fail_msg("'%s': '%s', not '%s'", s, why ? why : "fine", want);
}

static void unfit(const char *s, enum format_kind k, const char *want)
{
    struct format_spec f;
    const char *why;

    parse(&f, s);
    why = format_check(&f, k);
    if (!why != !want || (want && !strstr(why, want)))
        fail_msg("'%s': '%s'", s, why ? why : "fine");
}

static void format_specs_are_checked(void **state)
{
    (void)state;
    bad_spec("65536", "width");
    bad_spec("99999999999999999999", "width");
    bad_spec(".65536", "precision");
    bad_spec(".", "precision");
    bad_spec(".x", "precision");
    bad_spec("#", "follows #");
    bad_spec("#e", "follows #");
    bad_spec("q", "form");
    bad_spec("xx", "form");
    bad_spec("<<", "form");
    bad_spec("*<8", "form");
    bad_spec(" 8", "form");
    bad_spec("-8", "form");
    bad_spec("8,", "form");
    unfit(".2", FORMAT_INT, "precision");
    unfit("e", FORMAT_INT, "floats");
    unfit("x", FORMAT_FLOAT, "base");
    unfit("x", FORMAT_STR, "numbers");
    unfit("05", FORMAT_STR, "zeros");
    unfit("<05#b", FORMAT_INT, NULL);
    unfit("<05.3e", FORMAT_FLOAT, NULL);
    unfit("^5.3", FORMAT_STR, NULL);
}

/* A host program may set a locale with another decimal point. */
static void locale_does_not_matter(void **state)
{
    static const char *const names[] = {"de_DE.UTF-8", "fr_FR.UTF-8",
                                        "de_DE.utf8", "ps_AF.UTF-8"};
    const char *set = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names && !set; i++)
        set = setlocale(LC_ALL, names[i]);
    if (!set) {
        print_message("skipped, for no locale with a decimal comma is here\n");
        skip();
    }
    prints(0.5, "0.5");
    assert_string_equal(float_as(".2", 0.5), "0.50");
    assert_string_equal(float_as("e", 0.5), "5.000000e-01");
    is_float("0.25", 0.25);
    setlocale(LC_ALL, "C");
}

/* ---- hashes -------------------------------------------------------------- */

static void hashes(void **state)
{
    (void)state;
    /* published values of XXH64 and XXH3 for the empty input, seed 0 */
    assert_true(hash_checksum("", 0) == UINT64_C(0xef46db3751d8e999));
    assert_true(hash_bytes("", 0, 0) == UINT64_C(0x2d06800538d394c2));
    assert_true(hash_bytes("a", 1, 0) != hash_bytes("a", 1, 1));
    assert_true(hash_word(1) != hash_word(2));
    assert_true(hash_word(0) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(utf8_of_every_code_point),
        cmocka_unit_test(utf8_that_is_none),
        cmocka_unit_test(utf8_places),
        cmocka_unit_test(ints),
        cmocka_unit_test(floats_print_as_python_does),
        cmocka_unit_test(floats_read_back),
        cmocka_unit_test(floats_are_read),
        cmocka_unit_test(floats_are_rounded_right),
        cmocka_unit_test(format_of_ints),
        cmocka_unit_test(format_of_floats),
        cmocka_unit_test(format_of_text),
        cmocka_unit_test(format_specs_are_checked),
        cmocka_unit_test(locale_does_not_matter),
        cmocka_unit_test(hashes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
