/* natives_bytes.c - natives between strings, bytes, code points and numbers.
 *
 * A [byte] is what builds a long string: appending takes its length's share of
 * amortised constant time, and undo takes it back as any change of a list. */
#include "runtime/vm/natives.h"

#include <inttypes.h>

#include "runtime/base/number.h"
#include "runtime/base/utf8.h"
#include "runtime/mem/bytes.h"

/* ---- bytes --------------------------------------------------------------- */

NATIVE_BODY(str_bytes)
{
    UNUSED(s);
    struct heap *h = &vm->h;
    uint64_t *list = gc_hold(h, list_new(h, PVM_T_LIST_BYTE));
    if (!*list)
        return vm_trap_memory(vm);
    TRY(vm_trap_list(vm, list_append_str(h, list, &r[0]), *list, 0));
    r[0] = *list;
    gc_release(h, 1);
    return PAL_OK;
}

NATIVE_BODY(byte_list_add_str)
{
    UNUSED(s);
    return vm_trap_list(vm, list_append_str(&vm->h, &r[0], &r[1]), r[0], 0);
}

NATIVE_BODY(byte_list_add_char)
{
    char text[UTF8_MAX];
    unsigned n;
    TRY(vm_need_char(vm, s[0], text, &n));
    if (!r[0])
        return vm_trap_store(vm, 0);
    return vm_trap_list(
        vm, list_append_bytes(&vm->h, &r[0], (const uint8_t *)text, n), r[0],
        0);
}

/* Items from..to of the [byte] in r[0], as a str there. */
static enum pal_status give_text(struct vm *vm, uint64_t *r, uint64_t from,
                                 uint64_t to)
{
    struct heap *h = &vm->h;
    uint64_t n = to - from, bad;
    if (n) {
        bad = utf8_check((const char *)store_byte(h, list_store(h, r[0]), from),
                         n);
        if (bad < n)
            return vm_trap(vm, VM_UTF8, "byte %" PRIu64 " is not UTF-8",
                           from + bad);
    }
    uint64_t o = str_make(h, n);
    if (!o)
        return vm_trap_memory(vm);
    if (n)
        memcpy(str_bytes(h, o), store_byte(h, list_store(h, r[0]), from), n);
    r[0] = o;
    return PAL_OK;
}

NATIVE_BODY(byte_list_text)
{
    UNUSED(s);
    return give_text(vm, r, 0, list_len(&vm->h, r[0]));
}

NATIVE_BODY(byte_list_text_of)
{
    uint64_t n = list_len(&vm->h, r[0]);
    if (s[0] < 0 || s[1] < s[0] || (uint64_t)s[1] > n)
        return vm_trap_slice(vm, s[0], s[1], n);
    return give_text(vm, r, (uint64_t)s[0], (uint64_t)s[1]);
}

/* ---- code points --------------------------------------------------------- */

/* Bytes of the code points of an [int], written unless `to` is NULL; the index
 * of one that is none in *bad, or the length. */
static uint64_t encode(const struct heap *h, uint64_t list, uint8_t *to,
                       uint64_t *bad)
{
    uint64_t n = list_len(h, list), size = 0;
    char text[UTF8_MAX];
    for (*bad = 0; *bad < n; ++*bad) {
        uint64_t c = list_item(h, list, *bad);
        unsigned k = c > 0x10ffff ? 0 : utf8_encode((uint32_t)c, text);
        if (!k)
            break;
        if (to)
            memcpy(to + size, text, k);
        size += k;
    }
    return size;
}

NATIVE_BODY(str_from_chars)
{
    UNUSED(s);
    struct heap *h = &vm->h;
    uint64_t bad, size = encode(h, r[0], NULL, &bad);
    if (bad < list_len(h, r[0]))
        return vm_trap(vm, VM_CONVERT,
                       "%" PRId64 " is not a code point, at index %" PRIu64,
                       (int64_t)list_item(h, r[0], bad), bad);
    uint64_t o = str_make(h, size);
    if (!o)
        return vm_trap_memory(vm);
    encode(h, r[0], str_bytes(h, o), &bad);
    r[0] = o;
    return PAL_OK;
}

/* ---- numbers ------------------------------------------------------------- */

static enum pal_status need_base(struct vm *vm, int64_t base)
{
    if (base >= 2 && base <= 36)
        return PAL_OK;
    return vm_trap(vm, VM_CONVERT, "%" PRId64 " is no base from 2 to 36", base);
}

NATIVE_BODY(int_parse)
{
    int64_t base = s[0];
    TRY(need_base(vm, base));
    const struct heap *h = &vm->h;
    s[1] = 0;
    s[0] = number_parse_base((const char *)str_bytes(h, r[0]), str_len(h, r[0]),
                             (unsigned)base, &s[1]);
    return PAL_OK;
}

NATIVE_BODY(int_text)
{
    char text[NUMBER_BASE_MAX];
    TRY(need_base(vm, s[1]));
    size_t n = number_base_text(s[0], (unsigned)s[1], text);
    return vm_give_str(vm, &r[0], text, n);
}

NATIVE_BODY(float_parse)
{
    double f = 0;
    const struct heap *h = &vm->h;
    s[0] = number_parse_float((const char *)str_bytes(h, r[0]),
                              str_len(h, r[0]), &f);
    if (!s[0])
        f = 0;
    memcpy(&s[1], &f, 8);
    return PAL_OK;
}

/* ---- as inside values ---------------------------------------------------- */

NATIVE_BODY(str_quote)
{
    UNUSED(s);
    const struct pvm_value_type str = {PVM_REF, PVM_T_STR};
    if (obj_print_part(&vm->h, str, r[0], vm_scratch(vm)))
        return vm_trap_memory(vm);
    return vm_give_scratch(vm, &r[0]);
}
