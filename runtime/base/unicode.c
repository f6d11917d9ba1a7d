/* unicode.c - see unicode.h.
 *
 * utf8proc's own functions on whole texts are not used: they allocate, and
 * they order combining marks in quadratic time. */
#include "runtime/base/unicode.h"

#include <string.h>
#include <utf8proc.h>

#include "runtime/base/utf8.h"

static utf8proc_category_t category(uint32_t c)
{
    return utf8_is_scalar(c) ? utf8proc_category((int32_t)c)
                             : UTF8PROC_CATEGORY_CN;
}

bool unicode_is_space(uint32_t c)
{
    switch (c) {
    case 0x20:
    case 0x85:
    case 0xa0:
    case 0x1680:
    case 0x2028:
    case 0x2029:
    case 0x202f:
    case 0x205f:
    case 0x3000: return true;
    default: return (c >= 9 && c <= 13) || (c >= 0x2000 && c <= 0x200a);
    }
}

bool unicode_is_alpha(uint32_t c)
{
    switch (category(c)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO: return true;
    default: return false;
    }
}

bool unicode_is_digit(uint32_t c)
{
    return category(c) == UTF8PROC_CATEGORY_ND;
}

bool unicode_is_upper(uint32_t c)
{
    return category(c) == UTF8PROC_CATEGORY_LU;
}

bool unicode_is_lower(uint32_t c)
{
    return category(c) == UTF8PROC_CATEGORY_LL;
}

const char *unicode_category(uint32_t c)
{
    return utf8_is_scalar(c) ? utf8proc_category_string((int32_t)c) : "Cn";
}

uint32_t unicode_upper(uint32_t c)
{
    return utf8_is_scalar(c) ? (uint32_t)utf8proc_toupper((int32_t)c) : c;
}

uint32_t unicode_lower(uint32_t c)
{
    return utf8_is_scalar(c) ? (uint32_t)utf8proc_tolower((int32_t)c) : c;
}

uint32_t unicode_title(uint32_t c)
{
    return utf8_is_scalar(c) ? (uint32_t)utf8proc_totitle((int32_t)c) : c;
}

unsigned unicode_width(uint32_t c)
{
    int w = utf8_is_scalar(c) ? utf8proc_charwidth((int32_t)c) : 0;
    return w > 0 ? (unsigned)w : 0;
}

bool unicode_breaks(uint32_t before, uint32_t after, int32_t *state)
{
    return utf8proc_grapheme_break_stateful((int32_t)before, (int32_t)after,
                                            state);
}

/* ---- folding and normal forms -------------------------------------------- */

static unsigned expand(uint32_t c, int options, int32_t *out)
{
    int state = 0;
    ptrdiff_t n = utf8proc_decompose_char((int32_t)c, out, UNICODE_MOST,
                                          (utf8proc_option_t)options, &state);
    if (n > 0 && n <= UNICODE_MOST)
        return (unsigned)n;
    out[0] = (int32_t)c;
    return 1;
}

unsigned unicode_fold(uint32_t c, int32_t out[UNICODE_MOST])
{
    return expand(c, UTF8PROC_CASEFOLD, out);
}

static bool is_compatible(enum unicode_form form)
{
    return form == UNICODE_NFKC || form == UNICODE_NFKD;
}

unsigned unicode_decompose(uint32_t c, enum unicode_form form,
                           int32_t out[UNICODE_MOST])
{
    int compat = is_compatible(form) ? UTF8PROC_COMPAT : 0;
    return expand(c, UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | compat, out);
}

static unsigned class_of(int32_t c)
{
    return (uint8_t)utf8proc_get_property(c)->combining_class;
}

/* Sorts a short run of marks by class; stable. */
static void insert_marks(int32_t *text, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        int32_t c = text[i];
        unsigned class = class_of(c);
        size_t to = i;
        for (; to && class_of(text[to - 1]) > class; to--)
            text[to] = text[to - 1];
        text[to] = c;
    }
}

/* The same of a long one, by counting. */
static void count_marks(int32_t *text, size_t n, int32_t *spare)
{
    size_t at[257] = {0};
    for (size_t i = 0; i < n; i++)
        at[class_of(text[i]) + 1]++;
    for (unsigned k = 0; k < 256; k++)
        at[k + 1] += at[k];
    for (size_t i = 0; i < n; i++)
        spare[at[class_of(text[i])]++] = text[i];
    memcpy(text, spare, n * sizeof *text);
}

size_t unicode_compose(int32_t *text, size_t n, int32_t *spare,
                       enum unicode_form form)
{
    for (size_t i = 0, end; i < n; i = end) {
        end = i + 1;
        if (class_of(text[i]) == 0)
            continue;
        while (end < n && class_of(text[end]) != 0)
            end++;
        if (end - i < 64)
            insert_marks(text + i, end - i);
        else
            count_marks(text + i, end - i, spare);
    }
    if (form == UNICODE_NFD || form == UNICODE_NFKD)
        return n;
    ptrdiff_t left = utf8proc_normalize_utf32(
        text, (ptrdiff_t)n, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    return left < 0 ? n : (size_t)left;
}
