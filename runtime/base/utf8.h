/* utf8.h - UTF-8 as the Unicode standard defines it (table 3-7): no overlong
 * forms, no surrogates, nothing above U+10FFFF. */
#ifndef PAL_BASE_UTF8_H
#define PAL_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { UTF8_MAX = 4 }; /* bytes of the longest code point */

/* The offset of the first byte that does not begin a valid code point; n when
 * all of s[0..n) is valid. */
size_t utf8_check(const char *s, size_t n);

/* Reads the code point at the start of s[0..n), n at least 1; returns its
 * bytes, or 0 when there is no valid one. */
unsigned utf8_decode(const char *s, size_t n, uint32_t *cp);

/* Writes a code point; returns its bytes, or 0 when cp is none. */
unsigned utf8_encode(uint32_t cp, char out[UTF8_MAX]);

/* Code points in valid text. */
size_t utf8_count(const char *s, size_t n);

/* The offset behind the first `count` code points of valid text; n when it
 * has no more than those. */
size_t utf8_skip(const char *s, size_t n, size_t count);

/* Whether offset i of valid text of n bytes lies between code points. */
static inline bool utf8_is_boundary(const char *s, size_t n, size_t i)
{
    return i == n || (i < n && ((unsigned char)s[i] & 0xc0) != 0x80);
}

/* How many of the first `most` bytes of valid text of n bytes can be shown
 * without cutting a code point. */
static inline size_t utf8_cut(const char *s, size_t n, size_t most)
{
    size_t k = n < most ? n : most;
    while (k && !utf8_is_boundary(s, n, k))
        k--;
    return k;
}

/* Whether cp is a code point that text can hold. */
static inline bool utf8_is_scalar(uint32_t cp)
{
    return cp < 0xd800 || (cp > 0xdfff && cp <= 0x10ffff);
}

#endif
