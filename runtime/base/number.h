/* number.h - numbers as text, and back.  Nothing here allocates or depends
 * on the locale. */
#ifndef PAL_BASE_NUMBER_H
#define PAL_BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    NUMBER_INT_MAX = 20,   /* "-9223372036854775808" */
    NUMBER_BASE_MAX = 65,  /* 64 binary digits and a sign */
    NUMBER_FLOAT_MAX = 32, /* longest is 24: "-2.2250738585072014e-308" */
    NUMBER_DIGITS_MAX = 17 /* of a binary64, shortest form */
};

/* The value of a hexadecimal digit; -1 when c is none. */
static inline int number_hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* Write v without a NUL; return the bytes written. */
size_t number_int_text(int64_t v, char out[NUMBER_INT_MAX]);
/* The same in a base from 2 to 36, in small letters: sign and magnitude. */
size_t number_base_text(int64_t v, unsigned base, char out[NUMBER_BASE_MAX]);
/* The shortest text that reads back the same, laid out as Python's repr
 * does: 2.0, 0.0001, 1e-05, 1e+16, inf, nan, -0.0. */
size_t number_float_text(double v, char out[NUMBER_FLOAT_MAX]);

/* The whole of s[0..n) as a number: an optional sign, then digits; no spaces,
 * no `_`.  A float may have a fraction (a digit on either side of the point)
 * and an exponent, and may be inf or nan.  False for anything else and for
 * what is too large; a float too small becomes zero. */
bool number_parse_int(const char *s, size_t n, int64_t *out);
/* An int in a base from 2 to 36, letters of either case. */
bool number_parse_base(const char *s, size_t n, unsigned base, int64_t *out);
bool number_parse_float(const char *s, size_t n, double *out);

#endif
