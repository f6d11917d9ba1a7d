/* natives_sort.c - natives that depend on the order of items, and sums. */
#include "runtime/vm/natives.h"

#include <inttypes.h>
#include <math.h>

#include "runtime/base/arith.h"
#include "runtime/coll/sort.h"

static enum pal_status order_of(struct vm *vm, enum pvm_kind kind, uint64_t a,
                                uint64_t b, int *order)
{
    if (kind != PVM_REF)
        *order = obj_compare_words(kind, a, b);
    else if (obj_compare(&vm->h, a, b, order))
        return vm_trap_memory(vm);
    return PAL_OK;
}

NATIVE_BODY(compare)
{
    int order;
    TRY(order_of(vm, PVM_REF, r[0], r[1], &order));
    s[0] = order;
    return PAL_OK;
}

/* ---- sorting ------------------------------------------------------------- */

static enum pal_status sort(struct vm *vm, uint64_t list)
{
    return vm_trap_list(vm, list_sort(&vm->h, list), list, 0);
}

NATIVE_BODY(list_sort)
{
    UNUSED(s);
    return sort(vm, r[0]);
}

NATIVE_BODY(list_sort_ref)
{
    UNUSED(s);
    return sort(vm, r[0]);
}

static enum pal_status sort_by(struct vm *vm, uint64_t list, uint64_t keys)
{
    const struct heap *h = &vm->h;
    enum list_status why = list_sort_by(&vm->h, list, keys);
    if (why == LIST_INDEX)
        return vm_trap(vm, VM_INDEX, "%" PRIu64 " keys for %" PRIu64 " items",
                       list_len(h, keys), list_len(h, list));
    return vm_trap_list(vm, why, list, 0);
}

NATIVE_BODY(list_sort_by)
{
    UNUSED(s);
    return sort_by(vm, r[0], r[1]);
}

NATIVE_BODY(list_sort_by_ref)
{
    UNUSED(s);
    return sort_by(vm, r[0], r[1]);
}

/* ---- searching ----------------------------------------------------------- */

static enum pal_status search(struct vm *vm, uint64_t list, uint64_t item,
                              int64_t *s)
{
    const struct heap *h = &vm->h;
    enum pvm_kind kind = list_item_kind(h, list);
    uint64_t n = list_len(h, list), low = 0, high = n;
    int order = 1;
    while (low < high) {
        uint64_t at = low + (high - low) / 2;
        TRY(order_of(vm, kind, list_item(h, list, at), item, &order));
        if (order < 0)
            low = at + 1;
        else
            high = at;
    }
    if (low < n)
        TRY(order_of(vm, kind, list_item(h, list, low), item, &order));
    s[0] = low < n && order == 0;
    s[1] = (int64_t)low;
    return PAL_OK;
}

NATIVE_BODY(list_search)
{
    return search(vm, r[0], (uint64_t)s[0], s);
}

NATIVE_BODY(list_search_ref)
{
    return search(vm, r[0], r[1], s);
}

static bool is_nan(enum pvm_kind kind, uint64_t w)
{
    double f = arith_float((int64_t)w);
    return kind == PVM_FLOAT && f != f;
}

/* The first place of what comes first when `sign` is -1, last when it is 1. */
static enum pal_status extreme(struct vm *vm, uint64_t list, int sign,
                               int64_t *s)
{
    const struct heap *h = &vm->h;
    enum pvm_kind kind = list_item_kind(h, list);
    uint64_t n = list_len(h, list), best = 0;
    for (uint64_t i = 1; i < n; i++) {
        uint64_t a = list_item(h, list, i), b = list_item(h, list, best);
        int order;
        TRY(order_of(vm, kind, a, b, &order));
        if (is_nan(kind, b) ? !is_nan(kind, a)
                            : !is_nan(kind, a) && order * sign > 0)
            best = i;
    }
    s[0] = n != 0;
    s[1] = (int64_t)best;
    return PAL_OK;
}

NATIVE_BODY(list_min)
{
    return extreme(vm, r[0], -1, s);
}

NATIVE_BODY(list_min_ref)
{
    return extreme(vm, r[0], -1, s);
}

NATIVE_BODY(list_max)
{
    return extreme(vm, r[0], 1, s);
}

NATIVE_BODY(list_max_ref)
{
    return extreme(vm, r[0], 1, s);
}

/* ---- sums ---------------------------------------------------------------- */

NATIVE_BODY(list_sum_int)
{
    const struct heap *h = &vm->h;
    uint64_t n = list_len(h, r[0]), sum = 0;
    for (uint64_t i = 0; i < n; i++)
        sum += list_item(h, r[0], i);
    s[0] = (int64_t)sum;
    return PAL_OK;
}

NATIVE_BODY(list_sum_byte)
{
    return vm_native_list_sum_int(vm, r, s);
}

/* What rounding loses is added up beside; where that is not finite, the sum is
 * infinite or a NaN by itself. */
NATIVE_BODY(list_sum_float)
{
    const struct heap *h = &vm->h;
    uint64_t n = list_len(h, r[0]);
    double sum = n ? -0.0 : 0.0, lost = 0;
    for (uint64_t i = 0; i < n; i++) {
        double x = arith_float((int64_t)list_item(h, r[0], i)), to = sum + x;
        lost += fabs(sum) >= fabs(x) ? (sum - to) + x : (x - to) + sum;
        sum = to;
    }
    s[0] = arith_bits(!isfinite(lost) || lost == 0 ? sum : sum + lost);
    return PAL_OK;
}
