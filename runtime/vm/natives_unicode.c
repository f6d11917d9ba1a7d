/* natives_unicode.c - natives on characters and on forms of text.
 *
 * A form of a text is made in two passes over its code points: how many bytes
 * it takes, then into a str of that size. */
#include "runtime/vm/natives.h"

#include "runtime/base/unicode.h"
#include "runtime/base/utf8.h"

static const char *text_of(const struct vm *vm, uint64_t o, uint64_t *n)
{
    *n = str_len(&vm->h, o);
    return (const char *)str_bytes(&vm->h, o);
}

/* ---- case ---------------------------------------------------------------- */

/* What a code point becomes; *state is 0 at the start of a text. */
typedef unsigned map_fn(uint32_t c, int *state, int32_t out[UNICODE_MOST]);

static unsigned map_upper(uint32_t c, int *state, int32_t *out)
{
    UNUSED(state);
    out[0] = (int32_t)unicode_upper(c);
    return 1;
}

static unsigned map_lower(uint32_t c, int *state, int32_t *out)
{
    UNUSED(state);
    out[0] = (int32_t)unicode_lower(c);
    return 1;
}

/* The state: whether a letter came before. */
static unsigned map_title(uint32_t c, int *state, int32_t *out)
{
    out[0] = (int32_t)(*state ? unicode_lower(c) : unicode_title(c));
    *state = unicode_is_alpha(c);
    return 1;
}

static unsigned map_fold(uint32_t c, int *state, int32_t *out)
{
    UNUSED(state);
    return unicode_fold(c, out);
}

/* Bytes of text[0..n) mapped, written unless `to` is NULL. */
static uint64_t map_text(const char *text, uint64_t n, map_fn *map, uint8_t *to)
{
    int32_t out[UNICODE_MOST];
    char bytes[UTF8_MAX];
    uint64_t size = 0;
    int state = 0;
    for (uint64_t at = 0; at < n;) {
        uint32_t c = 0;
        at += utf8_decode(text + at, n - at, &c);
        unsigned count = map(c, &state, out);
        for (unsigned i = 0; i < count; i++) {
            unsigned k = utf8_encode((uint32_t)out[i], bytes);
            if (to)
                memcpy(to + size, bytes, k);
            size += k;
        }
    }
    return size;
}

static enum pal_status map_str(struct vm *vm, uint64_t *r, map_fn *map)
{
    struct heap *h = &vm->h;
    uint64_t n;
    const char *text = text_of(vm, r[0], &n);
    uint64_t o = str_make(h, map_text(text, n, map, NULL));
    if (!o)
        return vm_trap_memory(vm);
    text = text_of(vm, r[0], &n);
    map_text(text, n, map, str_bytes(h, o));
    r[0] = o;
    return PAL_OK;
}

#define MAP_BODY(name)                                                         \
    NATIVE_BODY(str_##name)                                                    \
    {                                                                          \
        UNUSED(s);                                                             \
        return map_str(vm, r, map_##name);                                     \
    }
MAP_BODY(upper)
MAP_BODY(lower)
MAP_BODY(title)
MAP_BODY(fold)

/* ---- normal forms -------------------------------------------------------- */

static bool is_ascii(const char *text, uint64_t n)
{
    uint8_t bits = 0;
    for (uint64_t i = 0; i < n; i++)
        bits |= (uint8_t)text[i];
    return bits < 0x80;
}

/* The decomposition, written unless `out` is NULL; returns its code points. */
static uint64_t decompose(const char *text, uint64_t n, enum unicode_form form,
                          int32_t *out)
{
    int32_t part[UNICODE_MOST];
    uint64_t count = 0;
    for (uint64_t at = 0; at < n;) {
        uint32_t c = 0;
        at += utf8_decode(text + at, n - at, &c);
        unsigned k = unicode_decompose(c, form, part);
        if (out)
            memcpy(out + count, part, k * sizeof *out);
        count += k;
    }
    return count;
}

/* A str of code points outside the tape. */
static enum pal_status give_chars(struct vm *vm, uint64_t *to,
                                  const int32_t *chars, uint64_t count)
{
    char bytes[UTF8_MAX];
    uint64_t size = 0;
    for (uint64_t i = 0; i < count; i++)
        size += utf8_encode((uint32_t)chars[i], bytes);
    uint64_t o = str_make(&vm->h, size);
    if (!o)
        return vm_trap_memory(vm);
    uint8_t *at = str_bytes(&vm->h, o);
    for (uint64_t i = 0; i < count; i++) {
        unsigned k = utf8_encode((uint32_t)chars[i], bytes);
        memcpy(at, bytes, k);
        at += k;
    }
    *to = o;
    return PAL_OK;
}

static enum pal_status normalise(struct vm *vm, uint64_t *r,
                                 enum unicode_form form)
{
    uint64_t n;
    const char *text = text_of(vm, r[0], &n);
    if (is_ascii(text, n))
        return PAL_OK;
    uint64_t count = decompose(text, n, form, NULL);
    size_t size = 2 * count * sizeof(int32_t); /* half of it is spare */
    if (size > vm->h.heap_limit)
        return vm_trap_memory(vm);
    int32_t *chars = mem_alloc(vm->h.mem, size);
    if (!chars)
        return vm_trap_memory(vm);
    decompose(text, n, form, chars);
    uint64_t left = unicode_compose(chars, count, chars + count, form);
    enum pal_status status = give_chars(vm, &r[0], chars, left);
    mem_free(vm->h.mem, chars, size);
    return status;
}

NATIVE_BODY(str_nfc)
{
    UNUSED(s);
    return normalise(vm, r, UNICODE_NFC);
}

NATIVE_BODY(str_nfd)
{
    UNUSED(s);
    return normalise(vm, r, UNICODE_NFD);
}

NATIVE_BODY(str_nfkc)
{
    UNUSED(s);
    return normalise(vm, r, UNICODE_NFKC);
}

NATIVE_BODY(str_nfkd)
{
    UNUSED(s);
    return normalise(vm, r, UNICODE_NFKD);
}

/* ---- counting and places ------------------------------------------------- */

NATIVE_BODY(str_width)
{
    uint64_t n, width = 0;
    const char *text = text_of(vm, r[0], &n);
    for (uint64_t at = 0; at < n;) {
        uint32_t c = 0;
        at += utf8_decode(text + at, n - at, &c);
        width += unicode_width(c);
    }
    s[0] = (int64_t)width;
    return PAL_OK;
}

NATIVE_BODY(str_count_chars)
{
    uint64_t n;
    const char *text = text_of(vm, r[0], &n);
    s[0] = (int64_t)utf8_count(text, n);
    return PAL_OK;
}

NATIVE_BODY(str_offset)
{
    uint64_t n;
    const char *text = text_of(vm, r[0], &n);
    uint64_t count = utf8_count(text, n);
    if (s[0] < 0 || (uint64_t)s[0] > count)
        return vm_trap_index(vm, s[0], count);
    s[0] = (int64_t)utf8_skip(text, n, (size_t)s[0]);
    return PAL_OK;
}

NATIVE_BODY(str_is_boundary)
{
    uint64_t n;
    const char *text = text_of(vm, r[0], &n);
    s[0] = s[0] >= 0 && utf8_is_boundary(text, n, (uint64_t)s[0]);
    return PAL_OK;
}

NATIVE_BODY(str_char_at)
{
    uint64_t n, at = (uint64_t)s[0];
    uint32_t c = 0;
    TRY(vm_need_boundary(vm, r[0], s[0]));
    const char *text = text_of(vm, r[0], &n);
    if (at == n)
        return vm_trap_index(vm, s[0], n);
    s[1] = utf8_decode(text + at, n - at, &c);
    s[0] = c;
    return PAL_OK;
}

NATIVE_BODY(str_char_before)
{
    uint64_t n, to = (uint64_t)s[0];
    uint32_t c = 0;
    TRY(vm_need_boundary(vm, r[0], s[0]));
    const char *text = text_of(vm, r[0], &n);
    if (to == 0)
        return vm_trap_index(vm, -1, n);
    uint64_t at = to - 1;
    while (!utf8_is_boundary(text, n, at))
        at--;
    s[1] = utf8_decode(text + at, to - at, &c);
    s[0] = c;
    return PAL_OK;
}

/* ---- code points --------------------------------------------------------- */

/* An int as a code point; what is none is one that has no property. */
static uint32_t char_of(int64_t i)
{
    return i < 0 || i > 0x10ffff ? UINT32_MAX : (uint32_t)i;
}

#define CHAR_BODY(name, result)                                                \
    NATIVE_BODY(char_##name)                                                   \
    {                                                                          \
        (void)vm, (void)r;                                                     \
        uint32_t c = char_of(s[0]);                                            \
        s[0] = (result);                                                       \
        return PAL_OK;                                                         \
    }
CHAR_BODY(is_space, unicode_is_space(c))
CHAR_BODY(is_alpha, unicode_is_alpha(c))
CHAR_BODY(is_digit, unicode_is_digit(c))
CHAR_BODY(is_alnum, unicode_is_alpha(c) || unicode_is_digit(c))
CHAR_BODY(is_upper, unicode_is_upper(c))
CHAR_BODY(is_lower, unicode_is_lower(c))
CHAR_BODY(upper, c == UINT32_MAX ? s[0] : (int64_t)unicode_upper(c))
CHAR_BODY(lower, c == UINT32_MAX ? s[0] : (int64_t)unicode_lower(c))
CHAR_BODY(width, unicode_width(c))

NATIVE_BODY(char_category)
{
    return vm_give_str(vm, &r[0], unicode_category(char_of(s[0])), 2);
}
