/* natives_json.c - the leaves of a JSON parser and printer (RFC 8259): what
 * takes a byte at a time.
 *
 * A parser in the language reads a value's first character and calls one of
 * these at its place.  Malformed text is no error here: the place where it is
 * wrong is told. */
#include "runtime/vm/natives.h"

#include <math.h>

#include "runtime/base/arith.h"
#include "runtime/base/number.h"
#include "runtime/base/utf8.h"

#define REPLACEMENT 0xfffd /* for half of a surrogate pair */

/* A text and a place in it. */
struct cursor {
    const char *s;
    uint64_t n, at;
};

static char peek(const struct cursor *c)
{
    return c->at < c->n ? c->s[c->at] : 0;
}

static enum pal_status cursor_at(struct vm *vm, uint64_t str, int64_t at,
                                 struct cursor *c)
{
    uint64_t n = str_len(&vm->h, str);
    *c = (struct cursor){(const char *)str_bytes(&vm->h, str), n, (uint64_t)at};
    return at < 0 || (uint64_t)at > n ? vm_trap_index(vm, at, n) : PAL_OK;
}

NATIVE_BODY(str_skip_space)
{
    struct cursor c;
    TRY(cursor_at(vm, r[0], s[0], &c));
    while (c.at < c.n && strchr(" \n\r\t", c.s[c.at]) && c.s[c.at])
        c.at++;
    s[0] = (int64_t)c.at;
    return PAL_OK;
}

/* ---- strings in ---------------------------------------------------------- */

/* Four hexadecimal digits; -1 where there are not so many. */
static int32_t hex4(struct cursor *c)
{
    int32_t v = 0;
    for (int i = 0; i < 4; i++) {
        int d = c->at < c->n ? number_hex_digit(c->s[c->at]) : -1;
        if (d < 0)
            return -1;
        v = v << 4 | d;
        c->at++;
    }
    return v;
}

/* What stands behind \u: a code point, which may take two of them. */
static int32_t unicode_escape(struct cursor *c)
{
    int32_t high = hex4(c);
    if (high < 0xd800 || high > 0xdfff)
        return high;
    if (high > 0xdbff || c->n - c->at < 2 || c->s[c->at] != '\\' ||
        c->s[c->at + 1] != 'u')
        return REPLACEMENT;
    struct cursor behind = *c;
    behind.at += 2;
    int32_t low = hex4(&behind);
    if (low < 0xdc00 || low > 0xdfff) /* wrong or not, it is met next */
        return REPLACEMENT;
    *c = behind;
    return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
}

/* The code point of an escape behind its backslash; -1 where it is none. */
static int32_t escape(struct cursor *c)
{
    static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    char e = peek(c);
    if (e == 'u') {
        c->at++;
        return unicode_escape(c);
    }
    const char *p = e ? strchr(names, e) : NULL;
    if (!p)
        return -1;
    c->at++;
    return values[p - names];
}

/* Reads a string from behind its quote to behind the other one; its bytes are
 * written unless `to` is NULL.  False at the place where it is wrong. */
static bool read_string(struct cursor *c, uint8_t *to, uint64_t *size)
{
    char text[UTF8_MAX];
    for (*size = 0; c->at < c->n;) {
        uint64_t from = c->at;
        while (c->at < c->n && (uint8_t)c->s[c->at] >= ' ' &&
               c->s[c->at] != '"' && c->s[c->at] != '\\')
            c->at++;
        if (to)
            memcpy(to + *size, c->s + from, c->at - from);
        *size += c->at - from;
        if (peek(c) == '"') {
            c->at++;
            return true;
        }
        if (peek(c) != '\\')
            return false;
        c->at++;
        int32_t cp = escape(c);
        if (cp < 0)
            return false;
        unsigned k = utf8_encode((uint32_t)cp, text);
        if (to)
            memcpy(to + *size, text, k);
        *size += k;
    }
    return false;
}

NATIVE_BODY(json_string_at)
{
    struct cursor c;
    uint64_t size = 0, o;
    TRY(cursor_at(vm, r[0], s[0], &c));
    bool good = peek(&c) == '"';
    c.at += good;
    good = good && read_string(&c, NULL, &size);
    uint64_t end = c.at;
    o = str_make(&vm->h, good ? size : 0);
    if (!o)
        return vm_trap_memory(vm);
    if (good) {
        TRY(cursor_at(vm, r[0], s[0] + 1, &c));
        read_string(&c, str_bytes(&vm->h, o), &size);
    }
    r[0] = o;
    s[0] = good;
    s[1] = (int64_t)end;
    return PAL_OK;
}

/* ---- strings out --------------------------------------------------------- */

static uint64_t quote(const char *s, uint64_t n, uint8_t *to)
{
    static const char hex[] = "0123456789abcdef", names[] = "btn\0fr";
    uint64_t size = 1;
    for (uint64_t i = 0; i < n; i++) {
        uint8_t c = (uint8_t)s[i];
        char out[6] = {'\\', (char)c};
        uint64_t k = 2;
        if (c >= ' ' && c != '"' && c != '\\') {
            out[0] = (char)c;
            k = 1;
        } else if (c >= '\b' && c <= '\r' && c != '\v') {
            out[1] = names[c - '\b'];
        } else if (c < ' ') {
            memcpy(out, "\\u00", 4);
            out[4] = hex[c >> 4];
            out[5] = hex[c & 15];
            k = 6;
        }
        if (to)
            memcpy(to + size, out, k);
        size += k;
    }
    if (to)
        to[0] = to[size] = '"';
    return size + 1;
}

NATIVE_BODY(json_quote)
{
    UNUSED(s);
    const struct heap *h = &vm->h;
    uint64_t n = str_len(h, r[0]);
    uint64_t o = str_make(&vm->h, quote((char *)str_bytes(h, r[0]), n, NULL));
    if (!o)
        return vm_trap_memory(vm);
    quote((char *)str_bytes(h, r[0]), n, str_bytes(h, o));
    r[0] = o;
    return PAL_OK;
}

/* ---- numbers ------------------------------------------------------------- */

enum { JSON_NONE, JSON_INT, JSON_FLOAT };

static bool digits(struct cursor *c)
{
    uint64_t from = c->at;
    while (peek(c) >= '0' && peek(c) <= '9')
        c->at++;
    return c->at > from;
}

/* Goes over a number, and tells what it looks like. */
static int number(struct cursor *c)
{
    int kind = JSON_INT;
    c->at += peek(c) == '-';
    if (peek(c) == '0')
        c->at++;
    else if (!digits(c))
        return JSON_NONE;
    if (peek(c) == '.') {
        kind = JSON_FLOAT;
        c->at++;
        if (!digits(c))
            return JSON_NONE;
    }
    if (peek(c) == 'e' || peek(c) == 'E') {
        kind = JSON_FLOAT;
        c->at++;
        c->at += peek(c) == '+' || peek(c) == '-';
        if (!digits(c))
            return JSON_NONE;
    }
    return kind;
}

/* What is too large for an int is a float, what is too large for that is
 * infinite. */
NATIVE_BODY(json_number_at)
{
    struct cursor c;
    int64_t i = 0;
    double f = 0;
    TRY(cursor_at(vm, r[0], s[0], &c));
    const char *text = c.s + c.at;
    uint64_t from = c.at;
    int kind = number(&c);
    if (kind == JSON_INT && !number_parse_int(text, c.at - from, &i))
        kind = JSON_FLOAT;
    if (kind != JSON_NONE && !number_parse_float(text, c.at - from, &f))
        f = *text == '-' ? -INFINITY : INFINITY;
    s[0] = kind;
    s[1] = i;
    s[2] = arith_bits(f);
    s[3] = (int64_t)c.at;
    return PAL_OK;
}
