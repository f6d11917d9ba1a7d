/* format.c - format specifiers: reading and laying out. */
#include "runtime/base/format.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "runtime/base/number.h"
#include "runtime/base/utf8.h"

/* ---- specifiers ---------------------------------------------------------- */

struct reader {
    const char *at, *end;
};

static bool take(struct reader *r, char c)
{
    if (r->at == r->end || *r->at != c)
        return false;
    r->at++;
    return true;
}

/* The one of `set` that comes next, or 0. */
static char take_any(struct reader *r, const char *set)
{
    for (; *set; set++) {
        if (take(r, *set))
            return *set;
    }
    return 0;
}

static bool at_digit(const struct reader *r)
{
    return r->at < r->end && *r->at >= '0' && *r->at <= '9';
}

/* Takes digits, of which there may be none; false when they are too many. */
static bool take_number(struct reader *r, uint32_t *out)
{
    uint32_t u = 0;

    for (; at_digit(r); r->at++) {
        u = u * 10 + (uint32_t)(*r->at - '0');
        if (u > FORMAT_NUMBER_MAX)
            return false;
    }
    *out = u;
    return true;
}

const char *format_parse(struct format_spec *spec, const char *s, size_t n)
{
    struct reader r = {.at = s, .end = s + n};
    uint32_t precision;

    *spec = (struct format_spec){.precision = -1};
    spec->align = take_any(&r, "<>^");
    spec->zero = take(&r, '0');
    if (!take_number(&r, &spec->width))
        return "the width is over 65535";
    if (take(&r, '.')) {
        if (!at_digit(&r))
            return "a precision follows the point";
        if (!take_number(&r, &precision))
            return "the precision is over 65535";
        spec->precision = (int32_t)precision;
    }
    spec->prefix = take(&r, '#');
    spec->base = take_any(&r, spec->prefix ? "xbo" : "xboe");
    if (spec->prefix && !spec->base)
        return "x, b or o follows #";
    if (r.at != r.end)
        return "its form is [<>^][0][width][.precision][x|b|o|e|#x|#b|#o]";
    return NULL;
}

const char *format_check(const struct format_spec *spec, enum format_kind k)
{
    switch (k) {
    case FORMAT_INT:
        if (spec->precision >= 0)
            return "an int has no precision";
        if (spec->base == 'e')
            return "e is for floats";
        break;
    case FORMAT_FLOAT:
        if (spec->base && spec->base != 'e')
            return "a float has no other base";
        break;
    case FORMAT_STR:
        if (spec->base)
            return "a base is for numbers";
        if (spec->zero)
            return "only numbers are filled with zeros";
        break;
    }
    return NULL;
}

/* ---- output -------------------------------------------------------------- */

struct out {
    char *at; /* NULL: only count */
    size_t n;
};

static void put(struct out *o, const char *s, size_t n)
{
    if (o->at && n)
        memcpy(o->at + o->n, s, n);
    o->n += n;
}

static void put_fill(struct out *o, char c, size_t n)
{
    if (o->at && n)
        memset(o->at + o->n, c, n);
    o->n += n;
}

/* The text of a number in parts, each possibly empty. */
struct parts {
    const char *sign; /* sign and base prefix: zeros of the width follow it */
    const char *digits;
    size_t nsign, ndigits;
    size_t zeros; /* behind the digits */
    const char *tail;
    size_t ntail;  /* an exponent */
    bool fillable; /* zeros may fill it up: not inf, not nan */
};

static size_t lay_number(const struct format_spec *spec, const struct parts *p,
                         char *at)
{
    struct out o = {.at = at};
    size_t n = p->nsign + p->ndigits + p->zeros + p->ntail;
    size_t fill = spec->width > n ? spec->width - n : 0;
    size_t before = fill, within = 0;

    if (spec->zero && p->fillable) {
        before = 0;
        within = fill;
    } else if (spec->align == '<') {
        before = 0;
    } else if (spec->align == '^') {
        before = fill / 2;
    }
    put_fill(&o, ' ', before);
    put(&o, p->sign, p->nsign);
    put_fill(&o, '0', within);
    put(&o, p->digits, p->ndigits);
    put_fill(&o, '0', p->zeros);
    put(&o, p->tail, p->ntail);
    put_fill(&o, ' ', fill - before - within);
    return o.n;
}

/* ---- ints ---------------------------------------------------------------- */

static unsigned bits_of(char base)
{
    return base == 'x' ? 4 : base == 'o' ? 3 : 1;
}

size_t format_int(const struct format_spec *spec, int64_t v, char *out)
{
    char digits[64], sign[3];
    char *at = digits + sizeof digits;
    uint64_t u = v < 0 ? -(uint64_t)v : (uint64_t)v;
    struct parts p = {.sign = sign, .fillable = true};

    if (v < 0)
        sign[p.nsign++] = '-';
    if (spec->prefix) {
        sign[p.nsign++] = '0';
        sign[p.nsign++] = spec->base;
    }
    if (spec->base) {
        unsigned bits = bits_of(spec->base);

        do {
            *--at = "0123456789abcdef"[u & ((1u << bits) - 1)];
            u >>= bits;
        } while (u);
    } else {
        do {
            *--at = (char)('0' + u % 10);
            u /= 10;
        } while (u);
    }
    p.digits = at;
    p.ndigits = (size_t)(digits + sizeof digits - at);
    return lay_number(spec, &p, out);
}

/* ---- floats -------------------------------------------------------------- */

/* No binary64 has more digits behind the point than these; what a precision
 * asks for beyond them is zeros. */
enum { FRACTION_MOST = 1074, FLOAT_ROOM = 310 + FRACTION_MOST + 16 };

/* The locale's decimal point, of one byte or more, becomes '.'; returns the
 * length then. */
static size_t plain_point(char *s, size_t n)
{
    size_t from = 0, to, tail;

    while (from < n && s[from] >= '0' && s[from] <= '9')
        from++;
    if (from == n || s[from] == 'e')
        return n;
    for (to = from; to < n && (s[to] < '0' || s[to] > '9'); to++)
        ;
    tail = n - to;
    s[from] = '.';
    memmove(s + from + 1, s + to, tail);
    return from + 1 + tail;
}

/* Fills `text`, which p then points into, with the digits of finite v, not
 * negative. */
static void float_digits(const struct format_spec *spec, double v,
                         char text[FLOAT_ROOM], struct parts *p)
{
    int precision = spec->precision;
    size_t n;
    const char *e;

    p->digits = text;
    if (precision < 0 && spec->base != 'e') {
        p->ndigits = number_float_text(v, text);
        return;
    }
    if (precision < 0)
        precision = 6;
    if (precision > FRACTION_MOST) {
        p->zeros = (size_t)(precision - FRACTION_MOST);
        precision = FRACTION_MOST;
    }
    n = (size_t)snprintf(text, FLOAT_ROOM, spec->base ? "%.*e" : "%.*f",
                         precision, v);
    n = plain_point(text, n < FLOAT_ROOM ? n : 0);
    e = memchr(text, 'e', n);
    p->ndigits = e ? (size_t)(e - text) : n;
    p->tail = text + p->ndigits;
    p->ntail = n - p->ndigits;
}

size_t format_float(const struct format_spec *spec, double v, char *out)
{
    char text[FLOAT_ROOM];
    struct parts p = {.sign = "-", .fillable = true};

    if (!isfinite(v)) {
        p.digits = isnan(v) ? "nan" : "inf";
        p.ndigits = 3;
        p.nsign = v < 0;
        p.fillable = false;
        return lay_number(spec, &p, out);
    }
    p.nsign = signbit(v) != 0;
    float_digits(spec, fabs(v), text, &p);
    return lay_number(spec, &p, out);
}

/* ---- text ---------------------------------------------------------------- */

size_t format_str(const struct format_spec *spec, const char *s, size_t n,
                  char *out)
{
    struct out o = {.at = out};
    size_t count, fill, before = 0;

    if (spec->precision >= 0)
        n = utf8_skip(s, n, (size_t)spec->precision);
    count = utf8_count(s, n);
    fill = spec->width > count ? spec->width - count : 0;
    if (spec->align == '>')
        before = fill;
    else if (spec->align == '^')
        before = fill / 2;
    put_fill(&o, ' ', before);
    put(&o, s, n);
    put_fill(&o, ' ', fill - before);
    return o.n;
}
