/* natives_list.c - natives on lists. */
#include "runtime/vm/natives.h"

#include <inttypes.h>

NATIVE_BODY(list_slice)
{
    enum list_status why = list_slice(&vm->h, &r[0], s[0], s[1], &r[0]);
    if (why == LIST_INDEX)
        return vm_trap_slice(vm, s[0], s[1], list_len(&vm->h, r[0]));
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

/* ---- looking for items --------------------------------------------------- */

/* Whether items are equal as `==` says: of floats by value. */
static bool words_equal(enum pvm_kind kind, uint64_t a, uint64_t b)
{
    double f, g;
    if (kind != PVM_FLOAT)
        return a == b;
    memcpy(&f, &a, 8);
    memcpy(&g, &b, 8);
    return f == g;
}

static enum pal_status items_equal(struct vm *vm, enum pvm_kind kind,
                                   uint64_t a, uint64_t b, bool *equal)
{
    *equal = kind != PVM_REF && words_equal(kind, a, b);
    if (kind == PVM_REF && obj_equal(&vm->h, a, b, equal))
        return vm_trap_memory(vm);
    return PAL_OK;
}

/* The first place of an item, or the last; UINT64_MAX: it is not there. */
static enum pal_status find(struct vm *vm, uint64_t list, uint64_t item,
                            bool last, uint64_t *at)
{
    const struct heap *h = &vm->h;
    enum pvm_kind kind = list_item_kind(h, list);
    uint64_t n = list_len(h, list);
    *at = UINT64_MAX;
    for (uint64_t k = 0; k < n && *at == UINT64_MAX; k++) {
        bool equal;
        uint64_t i = last ? n - 1 - k : k;
        TRY(items_equal(vm, kind, list_item(h, list, i), item, &equal));
        if (equal)
            *at = i;
    }
    return PAL_OK;
}

static enum pal_status give_place(struct vm *vm, uint64_t list, uint64_t item,
                                  bool last, int64_t *s)
{
    uint64_t at;
    TRY(find(vm, list, item, last, &at));
    s[0] = at != UINT64_MAX;
    s[1] = s[0] ? (int64_t)at : 0;
    return PAL_OK;
}

NATIVE_BODY(list_index_of)
{
    return give_place(vm, r[0], (uint64_t)s[0], false, s);
}

NATIVE_BODY(list_index_of_ref)
{
    return give_place(vm, r[0], r[1], false, s);
}

NATIVE_BODY(list_last_index_of)
{
    return give_place(vm, r[0], (uint64_t)s[0], true, s);
}

NATIVE_BODY(list_last_index_of_ref)
{
    return give_place(vm, r[0], r[1], true, s);
}

NATIVE_BODY(list_contains)
{
    uint64_t at;
    TRY(find(vm, r[0], (uint64_t)s[0], false, &at));
    s[0] = at != UINT64_MAX;
    return PAL_OK;
}

NATIVE_BODY(list_contains_ref)
{
    uint64_t at;
    TRY(find(vm, r[0], r[1], false, &at));
    s[0] = at != UINT64_MAX;
    return PAL_OK;
}

static enum pal_status count(struct vm *vm, uint64_t list, uint64_t item,
                             int64_t *out)
{
    const struct heap *h = &vm->h;
    enum pvm_kind kind = list_item_kind(h, list);
    uint64_t n = list_len(h, list);
    int64_t count = 0;
    for (uint64_t i = 0; i < n; i++) {
        bool equal;
        TRY(items_equal(vm, kind, list_item(h, list, i), item, &equal));
        count += equal;
    }
    *out = count;
    return PAL_OK;
}

NATIVE_BODY(list_count)
{
    return count(vm, r[0], (uint64_t)s[0], &s[0]);
}

NATIVE_BODY(list_count_ref)
{
    return count(vm, r[0], r[1], &s[0]);
}

/* ---- many items at once -------------------------------------------------- */

NATIVE_BODY(list_extend)
{
    UNUSED(s);
    int64_t n = (int64_t)list_len(&vm->h, r[0]);
    return vm_trap_list(vm, list_insert_all(&vm->h, &r[0], n, &r[1]), r[0], n);
}

NATIVE_BODY(list_insert_all)
{
    return vm_trap_list(vm, list_insert_all(&vm->h, &r[0], s[0], &r[1]), r[0],
                        s[0]);
}

NATIVE_BODY(list_concat)
{
    UNUSED(s);
    struct heap *h = &vm->h;
    if (!r[0])
        return vm_trap_store(vm, 0);
    uint64_t n = list_len(h, r[0]), m = list_len(h, r[1]), made = 0;
    uint64_t *list = gc_hold(h, list_new(h, obj_type(h, r[0])));
    enum list_status why = *list ? LIST_OK : LIST_MEMORY;
    if (!why)
        why = list_reserve(h, list, n + m);
    if (!why)
        why = list_insert_all(h, list, 0, &r[0]);
    if (!why)
        why = list_insert_all(h, list, (int64_t)n, &r[1]);
    made = *list;
    gc_release(h, 1);
    TRY(vm_trap_list(vm, why, r[0], 0));
    r[0] = made;
    return PAL_OK;
}

NATIVE_BODY(list_remove_range)
{
    enum list_status why = list_remove_range(&vm->h, r[0], s[0], s[1]);
    if (why == LIST_INDEX)
        return vm_trap_slice(vm, s[0], s[1], list_len(&vm->h, r[0]));
    return vm_trap_list(vm, why, r[0], 0);
}

NATIVE_BODY(list_clear)
{
    UNUSED(s);
    return vm_trap_list(vm, list_clear(&vm->h, r[0]), r[0], 0);
}

static enum pal_status resize(struct vm *vm, uint64_t *list, int64_t n,
                              const uint64_t *item)
{
    enum list_status why = list_resize(&vm->h, list, n, item);
    if (why == LIST_INDEX)
        return vm_trap(vm, VM_INDEX, "a list of %" PRId64 " items", n);
    return vm_trap_list(vm, why, *list, 0);
}

NATIVE_BODY(list_resize)
{
    return resize(vm, &r[0], s[0], (uint64_t *)&s[1]);
}

NATIVE_BODY(list_resize_ref)
{
    return resize(vm, &r[0], s[0], &r[1]);
}

NATIVE_BODY(list_reserve)
{
    if (s[0] <= 0)
        return PAL_OK;
    return vm_trap_list(vm, list_reserve(&vm->h, &r[0], (uint64_t)s[0]), r[0],
                        0);
}
