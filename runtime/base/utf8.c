/* utf8.c - validation, decoding, encoding. */
#include "runtime/base/utf8.h"

#include <string.h>

#define HIGH_BITS UINT64_C(0x8080808080808080)

static bool is_tail(unsigned char c)
{
    return (c & 0xc0) == 0x80;
}

/* Bytes of the code point that begins with c; 0 when none does. */
static unsigned length_of(unsigned char c)
{
    if (c < 0x80)
        return 1;
    if (c < 0xc2) /* a tail byte, or the lead of an overlong form */
        return 0;
    if (c < 0xe0)
        return 2;
    if (c < 0xf0)
        return 3;
    return c < 0xf5 ? 4 : 0;
}

unsigned utf8_decode(const char *s, size_t n, uint32_t *cp)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *u = (const unsigned char *)s;
    unsigned len = n ? length_of(u[0]) : 0;
    uint32_t c;

    if (!len || len > n)
        return 0;
    c = len == 1 ? u[0] : u[0] & (0x7fu >> len);
    for (unsigned i = 1; i < len; i++) {
        if (!is_tail(u[i]))
            return 0;
        c = c << 6 | (u[i] & 0x3f);
    }
    if (c < least[len] || !utf8_is_scalar(c))
        return 0;
    *cp = c;
    return len;
}

/* Length of the prefix, in whole words, that is ASCII. */
static size_t ascii_words(const char *s, size_t n)
{
    size_t i = 0;
    uint64_t w;

    for (; i + sizeof w <= n; i += sizeof w) {
        memcpy(&w, s + i, sizeof w);
        if (w & HIGH_BITS)
            break;
    }
    return i;
}

size_t utf8_check(const char *s, size_t n)
{
    size_t i = 0;
    uint32_t cp;

    while (i < n) {
        unsigned len;

        i += ascii_words(s + i, n - i);
        if (i == n)
            break;
        len = utf8_decode(s + i, n - i, &cp);
        if (!len)
            return i;
        i += len;
    }
    return n;
}

unsigned utf8_encode(uint32_t cp, char out[UTF8_MAX])
{
    if (!utf8_is_scalar(cp))
        return 0;
    if (cp < 0x80) {
        out[0] = (char)cp;
        return 1;
    }
    if (cp < 0x800) {
        out[0] = (char)(0xc0 | cp >> 6);
        out[1] = (char)(0x80 | (cp & 0x3f));
        return 2;
    }
    if (cp < 0x10000) {
        out[0] = (char)(0xe0 | cp >> 12);
        out[1] = (char)(0x80 | (cp >> 6 & 0x3f));
        out[2] = (char)(0x80 | (cp & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | cp >> 18);
    out[1] = (char)(0x80 | (cp >> 12 & 0x3f));
    out[2] = (char)(0x80 | (cp >> 6 & 0x3f));
    out[3] = (char)(0x80 | (cp & 0x3f));
    return 4;
}

size_t utf8_count(const char *s, size_t n)
{
    size_t count = 0;

    for (size_t i = 0; i < n; i++)
        count += !is_tail((unsigned char)s[i]);
    return count;
}

size_t utf8_skip(const char *s, size_t n, size_t count)
{
    for (size_t i = 0; i < n; i++) {
        if (!is_tail((unsigned char)s[i]) && count-- == 0)
            return i;
    }
    return n;
}
