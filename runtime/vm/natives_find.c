/* natives_find.c - natives that look for one string in another, and what is
 * made of where it is: counts, replacements, trimmed and padded strings.
 *
 * Positions are bytes.  What stands between code points is found there only:
 * valid text is found in valid text nowhere else, and the empty string is
 * looked for with care. */
#include "runtime/vm/natives.h"

#include <inttypes.h>

#include "runtime/base/unicode.h"
#include "runtime/base/utf8.h"

static const char *text_of(const struct vm *vm, uint64_t o)
{
    return (const char *)str_bytes(&vm->h, o);
}

/* ---- finding ------------------------------------------------------------- */

/* The first place from byte `from` on; UINT64_MAX: there is none. */
static uint64_t find(const char *s, uint64_t n, const char *sub, uint64_t m,
                     uint64_t from)
{
    while (from < n && !utf8_is_boundary(s, n, from))
        from++;
    if (from > n || m > n - from)
        return UINT64_MAX;
    const char *at = m ? memmem(s + from, n - from, sub, m) : s + from;
    return at ? (uint64_t)(at - s) : UINT64_MAX;
}

#define PRIME ((UINT64_C(1) << 61) - 1)

static uint64_t mul_mod(uint64_t a, uint64_t b)
{
    unsigned __int128 x = (unsigned __int128)a * b;
    uint64_t y = (uint64_t)(x & PRIME) + (uint64_t)(x >> 61);
    return y < PRIME ? y : y - PRIME;
}

/* The last place that ends at byte `to` or before, by hashes that roll from
 * right to left (Karp, Rabin 1987). */
static uint64_t find_last(const char *s, uint64_t to, const char *sub,
                          uint64_t m)
{
    const uint64_t base = UINT64_C(0x1f3a5b7c9d2e4f61) % PRIME;
    const uint8_t *u = (const uint8_t *)s, *v = (const uint8_t *)sub;
    uint64_t want = 0, hash = 0, top = 1;
    if (m > to)
        return UINT64_MAX;
    for (uint64_t i = m; i-- > 0;) {
        want = (mul_mod(want, base) + v[i]) % PRIME;
        hash = (mul_mod(hash, base) + u[to - m + i]) % PRIME;
        top = mul_mod(top, base);
    }
    for (uint64_t at = to - m;; at--) {
        if (hash == want && !memcmp(s + at, sub, m))
            return at;
        if (at == 0)
            return UINT64_MAX;
        hash = mul_mod(hash, base) + u[at - 1];
        hash = (hash + PRIME - mul_mod(top, u[at - 1 + m])) % PRIME;
    }
}

static void give_place(int64_t *s, uint64_t at)
{
    s[0] = at != UINT64_MAX;
    s[1] = s[0] ? (int64_t)at : 0;
}

NATIVE_BODY(str_find)
{
    uint64_t n = str_len(&vm->h, r[0]), m = str_len(&vm->h, r[1]);
    if (s[0] < 0)
        return vm_trap_index(vm, s[0], n);
    give_place(
        s, find(text_of(vm, r[0]), n, text_of(vm, r[1]), m, (uint64_t)s[0]));
    return PAL_OK;
}

NATIVE_BODY(str_rfind)
{
    uint64_t n = str_len(&vm->h, r[0]), m = str_len(&vm->h, r[1]);
    uint64_t to = s[0] < 0 ? 0 : (uint64_t)s[0];
    const char *text = text_of(vm, r[0]);
    if (s[0] < 0)
        return vm_trap_index(vm, s[0], n);
    to = to < n ? to : n;
    while (!utf8_is_boundary(text, n, to))
        to--;
    give_place(s, m ? find_last(text, to, text_of(vm, r[1]), m) : to);
    return PAL_OK;
}

/* How often one string stands in another, without overlap; the empty one,
 * before each code point and at the end.  At most `most` are counted. */
static uint64_t count(const char *s, uint64_t n, const char *sub, uint64_t m,
                      uint64_t most)
{
    uint64_t k = 0, at = 0;
    if (!m) {
        k = utf8_count(s, n) + 1;
        return k < most ? k : most;
    }
    while (k < most && (at = find(s, n, sub, m, at)) != UINT64_MAX) {
        at += m;
        k++;
    }
    return k;
}

NATIVE_BODY(str_count)
{
    const struct heap *h = &vm->h;
    s[0] = (int64_t)count(text_of(vm, r[0]), str_len(h, r[0]),
                          text_of(vm, r[1]), str_len(h, r[1]), UINT64_MAX);
    return PAL_OK;
}

/* Whether a str stands in another at a byte. */
static bool stands_at(const struct vm *vm, const uint64_t *r, uint64_t at)
{
    uint64_t n = str_len(&vm->h, r[0]), m = str_len(&vm->h, r[1]);
    return at <= n && m <= n - at &&
           !memcmp(text_of(vm, r[0]) + at, text_of(vm, r[1]), m);
}

NATIVE_BODY(str_starts_with)
{
    s[0] = stands_at(vm, r, 0);
    return PAL_OK;
}

NATIVE_BODY(str_ends_with)
{
    uint64_t n = str_len(&vm->h, r[0]), m = str_len(&vm->h, r[1]);
    s[0] = m <= n && stands_at(vm, r, n - m);
    return PAL_OK;
}

NATIVE_BODY(str_starts_at)
{
    s[0] = s[0] >= 0 && stands_at(vm, r, (uint64_t)s[0]);
    return PAL_OK;
}

/* ---- parts of a string --------------------------------------------------- */

/* Bytes from..to of the str in r[0], there. */
static enum pal_status give_part(struct vm *vm, uint64_t *r, uint64_t from,
                                 uint64_t to)
{
    if (from == 0 && to == str_len(&vm->h, r[0]))
        return PAL_OK;
    return vm_give_part(vm, &r[0], &r[0], from, to);
}

static uint64_t space_end(const char *s, uint64_t n)
{
    uint64_t at = 0;
    uint32_t c;
    while (at < n) {
        unsigned k = utf8_decode(s + at, n - at, &c);
        if (!k || !unicode_is_space(c))
            break;
        at += k;
    }
    return at;
}

/* Where the white space at the end of s[from..n) begins. */
static uint64_t space_start(const char *s, uint64_t from, uint64_t n)
{
    uint32_t c;
    while (n > from) {
        uint64_t at = n - 1;
        while (at > from && !utf8_is_boundary(s, n, at))
            at--;
        if (!utf8_decode(s + at, n - at, &c) || !unicode_is_space(c))
            break;
        n = at;
    }
    return n;
}

static enum pal_status trim(struct vm *vm, uint64_t *r, bool start, bool end)
{
    const char *text = text_of(vm, r[0]);
    uint64_t n = str_len(&vm->h, r[0]);
    uint64_t from = start ? space_end(text, n) : 0;
    return give_part(vm, r, from, end ? space_start(text, from, n) : n);
}

NATIVE_BODY(str_trim)
{
    UNUSED(s);
    return trim(vm, r, true, true);
}

NATIVE_BODY(str_trim_start)
{
    UNUSED(s);
    return trim(vm, r, true, false);
}

NATIVE_BODY(str_trim_end)
{
    UNUSED(s);
    return trim(vm, r, false, true);
}

/* ---- longer strings ------------------------------------------------------ */

/* Bytes of n bytes so often; more than a str holds: some such number. */
static uint64_t times_size(uint64_t n, uint64_t times)
{
    return n && times > STR_MOST / n ? STR_MOST + 1 : n * times;
}

/* Fills to[0..size) with what its first n bytes are, over and over. */
static void repeat(uint8_t *to, uint64_t n, uint64_t size)
{
    while (n < size) {
        uint64_t k = n < size - n ? n : size - n;
        memcpy(to + n, to, k);
        n += k;
    }
}

NATIVE_BODY(str_repeat)
{
    struct heap *h = &vm->h;
    if (s[0] < 0)
        return vm_trap(vm, VM_INDEX, "a str repeated %" PRId64 " times", s[0]);
    uint64_t n = str_len(h, r[0]), size = times_size(n, (uint64_t)s[0]);
    uint64_t o = str_make(h, size);
    if (!o)
        return vm_trap_memory(vm);
    if (size) {
        memcpy(str_bytes(h, o), str_bytes(h, r[0]), n);
        repeat(str_bytes(h, o), n, size);
    }
    r[0] = o;
    return PAL_OK;
}

/* Fills up to a width; `before` halves of what is lacking come first. */
static enum pal_status pad(struct vm *vm, uint64_t *r, const int64_t *s,
                           uint64_t before)
{
    struct heap *h = &vm->h;
    char fill[UTF8_MAX];
    unsigned k;
    uint64_t n = str_len(h, r[0]), have = utf8_count(text_of(vm, r[0]), n);
    TRY(vm_need_char(vm, s[1], fill, &k));
    if (s[0] < 0 || (uint64_t)s[0] <= have)
        return PAL_OK;
    uint64_t lack = (uint64_t)s[0] - have, size = times_size(k, lack);
    uint64_t o = str_make(h, size + n), left = lack * before / 2 * k;
    if (!o)
        return vm_trap_memory(vm);
    uint8_t *to = str_bytes(h, o);
    memcpy(to, fill, k);
    repeat(to, k, size);
    memmove(to + left + n, to + left, size - left);
    memcpy(to + left, str_bytes(h, r[0]), n);
    r[0] = o;
    return PAL_OK;
}

NATIVE_BODY(str_pad_start)
{
    return pad(vm, r, s, 2);
}

NATIVE_BODY(str_pad_end)
{
    return pad(vm, r, s, 0);
}

NATIVE_BODY(str_center)
{
    return pad(vm, r, s, 1);
}

/* The text of a str with places of another replaced, `k` of them. */
static void replace(const struct vm *vm, const uint64_t *r, uint64_t k,
                    uint8_t *to)
{
    const struct heap *h = &vm->h;
    const char *s = text_of(vm, r[0]), *old = text_of(vm, r[1]);
    uint64_t n = str_len(h, r[0]), m = str_len(h, r[1]), at = 0;
    uint64_t with = str_len(h, r[2]);
    while (k--) {
        uint64_t place = find(s, n, old, m, at);
        memcpy(to, s + at, place - at);
        to += place - at;
        memcpy(to, text_of(vm, r[2]), with);
        to += with;
        at = place + m;
        if (!m && at < n) { /* an empty one stands before the next, too */
            uint32_t c;
            unsigned len = utf8_decode(s + at, n - at, &c);
            memcpy(to, s + at, len);
            to += len;
            at += len;
        }
    }
    memcpy(to, s + at, n - at);
}

NATIVE_BODY(str_replace)
{
    struct heap *h = &vm->h;
    uint64_t n = str_len(h, r[0]), m = str_len(h, r[1]);
    uint64_t k = count(text_of(vm, r[0]), n, text_of(vm, r[1]), m,
                       s[0] < 0 ? UINT64_MAX : (uint64_t)s[0]);
    if (!k)
        return PAL_OK;
    uint64_t more = times_size(str_len(h, r[2]), k);
    uint64_t o = str_make(h, n - k * m + more);
    if (!o)
        return vm_trap_memory(vm);
    replace(vm, r, k, str_bytes(h, o));
    r[0] = o;
    return PAL_OK;
}

NATIVE_BODY(str_join)
{
    UNUSED(s);
    struct heap *h = &vm->h;
    uint64_t count = list_len(h, r[0]), m = str_len(h, r[1]);
    uint64_t size = count ? times_size(m, count - 1) : 0;
    for (uint64_t i = 0; i < count && size <= STR_MOST; i++)
        size += str_len(h, list_item(h, r[0], i));
    uint64_t o = str_make(h, size);
    if (!o)
        return vm_trap_memory(vm);
    uint8_t *to = str_bytes(h, o);
    for (uint64_t i = 0; i < count; i++) {
        uint64_t item = list_item(h, r[0], i), n = str_len(h, item);
        memcpy(to, str_bytes(h, r[1]), i ? m : 0);
        to += i ? m : 0;
        memcpy(to, str_bytes(h, item), n);
        to += n;
    }
    r[0] = o;
    return PAL_OK;
}
