/* natives_list.c - natives on lists. */
#include "runtime/vm/natives.h"

#include <inttypes.h>

NATIVE_BODY(list_slice)
{
    enum list_status why = list_slice(&vm->h, &r[0], s[0], s[1], &r[0]);
    if (why == LIST_INDEX)
        return vm_trap(vm, VM_INDEX,
                       "slice %" PRId64 "..%" PRId64
                       " is out of range, length %" PRIu64,
                       s[0], s[1], list_len(&vm->h, r[0]));
    return vm_trap_list(vm, why, r[0], s[0]);
}

NATIVE_BODY(list_fill)
{
    enum list_status why = list_fill(&vm->h, &r[0], s[0], (uint64_t)s[1]);
    if (why == LIST_INDEX)
        return vm_trap(vm, VM_INDEX, "a list of %" PRId64 " items", s[0]);
    return vm_trap_list(vm, why, r[0], s[0]);
}

NATIVE_BODY(list_insert)
{
    return vm_trap_list(vm, list_insert(&vm->h, &r[0], s[0], (uint64_t *)&s[1]),
                        r[0], s[0]);
}

NATIVE_BODY(list_insert_ref)
{
    return vm_trap_list(vm, list_insert(&vm->h, &r[0], s[0], &r[1]), r[0],
                        s[0]);
}

NATIVE_BODY(list_remove)
{
    uint64_t item = 0;
    TRY(vm_trap_list(vm, list_remove(&vm->h, r[0], s[0], &item), r[0], s[0]));
    s[0] = (int64_t)item;
    return PAL_OK;
}

NATIVE_BODY(list_remove_ref)
{
    uint64_t item = 0;
    TRY(vm_trap_list(vm, list_remove(&vm->h, r[0], s[0], &item), r[0], s[0]));
    r[0] = item;
    return PAL_OK;
}

NATIVE_BODY(list_swap)
{
    uint64_t n = list_len(&vm->h, r[0]);
    return vm_trap_list(vm, list_swap(&vm->h, r[0], s[0], s[1]), r[0],
                        (uint64_t)s[0] < n ? s[1] : s[0]);
}

NATIVE_BODY(list_reverse)
{
    UNUSED(s);
    return vm_trap_list(vm, list_reverse(&vm->h, r[0]), r[0], 0);
}

NATIVE_BODY(list_contains)
{
    const struct heap *h = &vm->h;
    uint64_t list = r[0], n = list_len(h, list);
    bool is_float =
        list && h->image->types[obj_type(h, list)].item.kind == PVM_FLOAT;
    int64_t found = 0;
    for (uint64_t i = 0; i < n && !found; i++) {
        uint64_t w = list_item(h, list, i);
        double f, g;
        if (is_float) {
            memcpy(&f, &w, 8);
            memcpy(&g, &s[0], 8);
            found = f == g;
        } else {
            found = (int64_t)w == s[0];
        }
    }
    s[0] = found;
    return PAL_OK;
}

NATIVE_BODY(list_contains_ref)
{
    const struct heap *h = &vm->h;
    bool equal = false;
    for (uint64_t i = 0; i < list_len(h, r[0]) && !equal; i++)
        if (obj_equal(h, list_item(h, r[0], i), r[1], &equal))
            return vm_trap_memory(vm);
    s[0] = equal;
    return PAL_OK;
}

NATIVE_BODY(list_reserve)
{
    if (s[0] <= 0)
        return PAL_OK;
    return vm_trap_list(vm, list_reserve(&vm->h, &r[0], (uint64_t)s[0]), r[0],
                        0);
}
