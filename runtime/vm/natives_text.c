/* natives_text.c - natives on strings. */
#include "runtime/vm/natives.h"

#include <inttypes.h>

#include "runtime/base/format.h"
#include "runtime/base/utf8.h"

enum pal_status vm_need_char(struct vm *vm, int64_t c, char *text, unsigned *n)
{
    *n = c < 0 || c > 0x10ffff ? 0 : utf8_encode((uint32_t)c, text);
    if (*n)
        return PAL_OK;
    return vm_trap(vm, VM_CONVERT, "%" PRId64 " is not a code point", c);
}

enum pal_status vm_trap_slice(struct vm *vm, int64_t from, int64_t to,
                              uint64_t n)
{
    return vm_trap(vm, VM_INDEX,
                   "slice %" PRId64 "..%" PRId64
                   " is out of range, length %" PRIu64,
                   from, to, n);
}

NATIVE_BODY(chr)
{
    char text[UTF8_MAX];
    unsigned n;
    TRY(vm_need_char(vm, s[0], text, &n));
    return vm_give_str(vm, &r[0], text, n);
}

NATIVE_BODY(str_chars)
{
    UNUSED(s);
    struct heap *h = &vm->h;
    size_t n;
    const char *text = vm_take_str(vm, r[0], &n);
    if (!text)
        return vm_trap_memory(vm);
    uint64_t count = utf8_count(text, n);
    uint64_t list = list_make(h, PVM_T_LIST_INT, count);
    if (!list)
        return vm_trap_memory(vm);
    uint64_t store = list_store(h, list);
    for (uint64_t i = 0; i < count; i++) {
        uint32_t c = 0;
        text += utf8_decode(text, n, &c);
        if (!trail_before_val(h, store, STORE_ITEMS + i))
            return vm_trap_store(vm, store);
        *store_item(h, store, i) = c;
    }
    r[0] = list;
    return PAL_OK;
}

enum pal_status vm_need_boundary(struct vm *vm, uint64_t str, int64_t i)
{
    const struct heap *h = &vm->h;
    uint64_t n = str_len(h, str);
    if (i < 0 || (uint64_t)i > n)
        return vm_trap_index(vm, i, n);
    if (!utf8_is_boundary((const char *)str_bytes(h, str), n, (uint64_t)i))
        return vm_trap(vm, VM_UTF8, "byte %" PRId64 " is inside a character",
                       i);
    return PAL_OK;
}

enum pal_status vm_give_part(struct vm *vm, uint64_t *out, const uint64_t *str,
                             uint64_t from, uint64_t to)
{
    uint64_t o = str_make(&vm->h, to - from);
    if (!o)
        return vm_trap_memory(vm);
    memcpy(str_bytes(&vm->h, o), str_bytes(&vm->h, *str) + from, to - from);
    *out = o;
    return PAL_OK;
}

NATIVE_BODY(str_slice)
{
    struct heap *h = &vm->h;
    uint64_t n = str_len(h, r[0]);
    int64_t from = s[0], to = s[1];
    if (from < 0 || to < from || (uint64_t)to > n)
        return vm_trap_slice(vm, from, to, n);
    const char *text = (const char *)str_bytes(h, r[0]);
    if (!utf8_is_boundary(text, n, (uint64_t)from) ||
        !utf8_is_boundary(text, n, (uint64_t)to))
        return vm_trap(vm, VM_UTF8,
                       "slice %" PRId64 "..%" PRId64 " cuts a character", from,
                       to);
    return vm_give_part(vm, &r[0], &r[0], (uint64_t)from, (uint64_t)to);
}

NATIVE_BODY(str_has)
{
    const struct heap *h = &vm->h;
    uint64_t n = str_len(h, r[0]), m = str_len(h, r[1]);
    s[0] = m == 0 ||
           (n >= m && memmem(str_bytes(h, r[0]), n, str_bytes(h, r[1]), m));
    return PAL_OK;
}

static enum pal_status cat(struct vm *vm, uint64_t *r, unsigned count)
{
    uint64_t o = str_append(&vm->h, &r[0], &r[1], count - 1);
    if (!o)
        return vm_trap_memory(vm);
    r[0] = o;
    return PAL_OK;
}

#define CAT_BODY(count)                                                        \
    NATIVE_BODY(cat##count)                                                    \
    {                                                                          \
        UNUSED(s);                                                             \
        return cat(vm, r, count);                                              \
    }
CAT_BODY(3)
CAT_BODY(4)
CAT_BODY(5)
CAT_BODY(6)
CAT_BODY(7)
CAT_BODY(8)

/* ---- format specifiers --------------------------------------------------- */

/* The specifier of a str; one that the checker would refuse fails convert. */
static enum pal_status parse_spec(struct vm *vm, uint64_t o, int kind,
                                  struct format_spec *spec)
{
    char text[64];
    uint64_t n = str_len(&vm->h, o);
    if (n >= sizeof text)
        return vm_trap(vm, VM_CONVERT, "a format specifier is too long");
    memcpy(text, str_bytes(&vm->h, o), n);
    const char *why = format_parse(spec, text, n);
    if (!why)
        why = format_check(spec, (enum format_kind)kind);
    return why ? vm_trap(vm, VM_CONVERT, "%s", why) : PAL_OK;
}

/* Two passes: how long, then into the bounce buffer. */
#define FORMAT(call_null, call_room)                                           \
    do {                                                                       \
        size_t n_ = call_null;                                                 \
        uint8_t *room_ = bytes_room(vm_scratch(vm), n_ + 1);                   \
        if (!room_)                                                            \
            return vm_trap_memory(vm);                                         \
        char *out = (char *)room_;                                             \
        vm->scratch.n = call_room;                                             \
        return vm_give_scratch(vm, &r[0]);                                     \
    } while (0)

NATIVE_BODY(fmt_int)
{
    struct format_spec spec;
    TRY(parse_spec(vm, r[0], FORMAT_INT, &spec));
    FORMAT(format_int(&spec, s[0], NULL), format_int(&spec, s[0], out));
}

NATIVE_BODY(fmt_float)
{
    struct format_spec spec;
    double f;
    memcpy(&f, &s[0], 8);
    TRY(parse_spec(vm, r[0], FORMAT_FLOAT, &spec));
    FORMAT(format_float(&spec, f, NULL), format_float(&spec, f, out));
}

NATIVE_BODY(fmt_str)
{
    UNUSED(s);
    struct format_spec spec;
    TRY(parse_spec(vm, r[1], FORMAT_STR, &spec));
    const char *text = (const char *)str_bytes(&vm->h, r[0]);
    size_t n = str_len(&vm->h, r[0]);
    FORMAT(format_str(&spec, text, n, NULL), format_str(&spec, text, n, out));
}
