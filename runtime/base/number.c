/* number.c - ints and floats as text.
 *
 * Shortest floats: 15 significant digits survive the way into a binary64 and
 * back, 17 survive the way out and back in.  So the shortest text is the
 * 15-digit one without its trailing zeros if that reads back the same, else
 * one of 16 or 17 digits.  Two cases need more care.  A subnormal has fewer
 * bits, so the search begins at one digit.  Below a power of two the spacing
 * of floats halves, and the nearest decimal may lie too far on that side
 * while its upper neighbour still reads back; it is tried as well. */
#include "runtime/base/number.h"

#include <float.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* ---- ints ---------------------------------------------------------------- */

size_t number_int_text(int64_t v, char out[NUMBER_INT_MAX])
{
    char digits[NUMBER_INT_MAX];
    uint64_t u = v < 0 ? -(uint64_t)v : (uint64_t)v;
    size_t n = 0, at = 0;

    do { /* a constant base divides fastest */
        digits[n++] = (char)('0' + u % 10);
        u /= 10;
    } while (u);
    if (v < 0)
        out[at++] = '-';
    while (n)
        out[at++] = digits[--n];
    return at;
}

size_t number_base_text(int64_t v, unsigned base, char out[NUMBER_BASE_MAX])
{
    char digits[NUMBER_BASE_MAX];
    uint64_t u = v < 0 ? -(uint64_t)v : (uint64_t)v;
    size_t n = 0, at = 0;

    do {
        digits[n++] = "0123456789abcdefghijklmnopqrstuvwxyz"[u % base];
        u /= base;
    } while (u);
    if (v < 0)
        out[at++] = '-';
    while (n)
        out[at++] = digits[--n];
    return at;
}

/* The value of a digit or letter; 36 when c is neither. */
static unsigned digit_value(char c)
{
    if (is_digit(c))
        return (unsigned)(c - '0');
    if (c >= 'a' && c <= 'z')
        return (unsigned)(c - 'a') + 10;
    if (c >= 'A' && c <= 'Z')
        return (unsigned)(c - 'A') + 10;
    return 36;
}

bool number_parse_base(const char *s, size_t n, unsigned base, int64_t *out)
{
    size_t i = n && (s[0] == '-' || s[0] == '+');
    bool negative = i && s[0] == '-';
    uint64_t most = (uint64_t)INT64_MAX + negative, u = 0;

    if (i == n)
        return false;
    for (; i < n; i++) {
        unsigned d = digit_value(s[i]);

        if (d >= base || u > (most - d) / base)
            return false;
        u = u * base + d;
    }
    *out = (int64_t)(negative ? -u : u);
    return true;
}

bool number_parse_int(const char *s, size_t n, int64_t *out)
{
    size_t i = n && (s[0] == '-' || s[0] == '+');
    bool negative = i && s[0] == '-';
    uint64_t most = (uint64_t)INT64_MAX + negative, u = 0;

    if (i == n)
        return false;
    for (; i < n; i++) {
        uint64_t d = (uint64_t)(s[i] - '0');

        if (!is_digit(s[i]) || u > (most - d) / 10)
            return false;
        u = u * 10 + d;
    }
    *out = (int64_t)(negative ? -u : u);
    return true;
}

/* ---- floats out ---------------------------------------------------------- */

struct decimal { /* 0.d1d2d3… times 10 to the exponent */
    char digits[NUMBER_DIGITS_MAX + 1];
    int n, exponent;
};

static double decimal_value(const struct decimal *d)
{
    char text[NUMBER_DIGITS_MAX + 16];

    /* No decimal point: strtod would expect the locale's. */
    snprintf(text, sizeof text, "%.*se%d", d->n, d->digits, d->exponent - d->n);
    return strtod(text, NULL);
}

/* The n-digit decimal nearest to v, which is positive and finite. */
static struct decimal decimal_nearest(double v, int n)
{
    struct decimal d = {.n = 0};
    char text[64];
    const char *s = text;

    snprintf(text, sizeof text, "%.*e", n - 1, v);
    for (; *s != 'e'; s++) {
        if (is_digit(*s) && d.n < n)
            d.digits[d.n++] = *s;
    }
    d.exponent = (int)strtol(s + 1, NULL, 10) + 1;
    return d;
}

/* The next decimal above of as many digits; 99 becomes 10 of the next size. */
static struct decimal decimal_above(struct decimal d)
{
    int i = d.n - 1;

    while (i >= 0 && d.digits[i] == '9')
        d.digits[i--] = '0';
    if (i >= 0) {
        d.digits[i]++;
    } else {
        d.digits[0] = '1';
        d.exponent++;
    }
    return d;
}

static struct decimal decimal_shortest(double v)
{
    int n = v < DBL_MIN ? 1 : DBL_DIG, unused;
    bool lopsided = frexp(v, &unused) == 0.5;
    struct decimal d;

    for (;; n++) {
        d = decimal_nearest(v, n);
        if (n == NUMBER_DIGITS_MAX || decimal_value(&d) == v)
            break;
        if (lopsided) {
            d = decimal_above(d);
            if (decimal_value(&d) == v)
                break;
        }
    }
    while (d.n > 1 && d.digits[d.n - 1] == '0')
        d.n--;
    return d;
}

static char *put(char *at, const char *s, int n)
{
    memcpy(at, s, (size_t)n);
    return at + n;
}

static char *put_zeros(char *at, int n)
{
    memset(at, '0', (size_t)n);
    return at + n;
}

/* d.ddde+XX, at least two digits of exponent. */
static char *put_scientific(char *at, const struct decimal *d)
{
    int e = d->exponent - 1;

    *at++ = d->digits[0];
    if (d->n > 1) {
        *at++ = '.';
        at = put(at, d->digits + 1, d->n - 1);
    }
    return at + sprintf(at, "e%c%02d", e < 0 ? '-' : '+', abs(e));
}

static char *put_plain(char *at, const struct decimal *d)
{
    int whole = d->exponent;

    if (whole <= 0) {
        at = put(at, "0.", 2);
        at = put_zeros(at, -whole);
        return put(at, d->digits, d->n);
    }
    if (whole >= d->n) {
        at = put(at, d->digits, d->n);
        at = put_zeros(at, whole - d->n);
        return put(at, ".0", 2);
    }
    at = put(at, d->digits, whole);
    *at++ = '.';
    return put(at, d->digits + whole, d->n - whole);
}

size_t number_float_text(double v, char out[NUMBER_FLOAT_MAX])
{
    struct decimal d;
    char *at = out;

    if (isnan(v))
        return (size_t)(put(at, "nan", 3) - out);
    if (signbit(v)) {
        *at++ = '-';
        v = -v;
    }
    if (isinf(v))
        return (size_t)(put(at, "inf", 3) - out);
    if (v < 1e15 && v == (double)(int64_t)v) {
        at += number_int_text((int64_t)v, at);
        return (size_t)(put(at, ".0", 2) - out);
    }
    d = decimal_shortest(v);
    at = d.exponent > 16 || d.exponent < -3 ? put_scientific(at, &d)
                                            : put_plain(at, &d);
    return (size_t)(at - out);
}

/* ---- floats in ----------------------------------------------------------- */

/* No two floats' midpoint has more significant digits than this, so whatever
 * follows matters only in being zero or not. */
enum { DIGITS_KEPT = 770 };

struct scan {
    const char *at, *end;
    char digits[DIGITS_KEPT + 2 + 24]; /* one more for the rest; exponent */
    size_t n;
    int64_t exponent; /* of ten, for the digits read as an integer */
};

static bool scan_is(const struct scan *s, char c)
{
    return s->at < s->end && *s->at == c;
}

static bool scan_sign(struct scan *s)
{
    bool negative = scan_is(s, '-');

    s->at += negative || scan_is(s, '+');
    return negative;
}

/* Takes a run of digits, `weight` being the exponent each one costs (-1 in
 * the fraction); false when there is none. */
static bool scan_digits(struct scan *s, int weight)
{
    const char *start = s->at;

    for (; s->at < s->end && is_digit(*s->at); s->at++) {
        if (s->n == 0 && *s->at == '0') {
            s->exponent += weight;
        } else if (s->n < DIGITS_KEPT) {
            s->digits[s->n++] = *s->at;
            s->exponent += weight;
        } else {
            s->exponent += weight + 1;
            if (*s->at != '0') /* sticky: above the midpoint, if at all */
                s->digits[DIGITS_KEPT] = '1';
        }
    }
    return s->at > start;
}

/* The exponent part; clamped where no digits could bring it back. */
static bool scan_exponent(struct scan *s)
{
    bool negative;
    int64_t e = 0;
    const char *start;

    if (!scan_is(s, 'e') && !scan_is(s, 'E'))
        return true;
    s->at++;
    negative = scan_sign(s);
    start = s->at;
    for (; s->at < s->end && is_digit(*s->at); s->at++) {
        if (e < INT64_MAX / 100)
            e = e * 10 + (*s->at - '0');
    }
    s->exponent += negative ? -e : e;
    return s->at > start;
}

static double scan_value(struct scan *s)
{
    int64_t e = s->exponent;

    if (s->n == 0)
        return 0.0;
    if (s->n == DIGITS_KEPT && s->digits[s->n] == '1') {
        s->n++;
        e--;
    }
    if (e > 1000 || e < -100000)
        return e > 0 ? INFINITY : 0.0;
    snprintf(s->digits + s->n, 24, "e%d", (int)e);
    return strtod(s->digits, NULL);
}

bool number_parse_float(const char *s, size_t n, double *out)
{
    struct scan scan;
    bool negative;
    size_t rest;
    double v;

    scan.at = s;
    scan.end = s + n;
    scan.n = 0;
    scan.exponent = 0;
    scan.digits[DIGITS_KEPT] = '0';
    negative = scan_sign(&scan);
    rest = (size_t)(scan.end - scan.at);
    if (rest == 3 && !memcmp(scan.at, "inf", 3)) {
        v = INFINITY;
    } else if (rest == 3 && !memcmp(scan.at, "nan", 3)) {
        v = NAN;
    } else {
        if (!scan_digits(&scan, 0))
            return false;
        if (scan_is(&scan, '.')) {
            scan.at++;
            if (!scan_digits(&scan, -1))
                return false;
        }
        if (!scan_exponent(&scan) || scan.at != scan.end)
            return false;
        v = scan_value(&scan);
        if (isinf(v))
            return false;
    }
    *out = negative ? -v : v;
    return true;
}
