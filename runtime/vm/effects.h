/* effects.h - rows of the instruction table that run C, and output.
 *
 * References are given as slots (registers), which a collection updates. */
#ifndef PAL_VM_EFFECTS_H
#define PAL_VM_EFFECTS_H

#include "runtime/vm/vm.h"

#define VM_FUEL (UINT64_C(1) << 18) /* ticks between safepoints */

/* Ticks until the next safepoint, where ticks are a multiple of VM_FUEL, or
 * until vm_stop_after's; begins a chunk of them. */
int64_t vm_refuel(struct vm *vm);
/* The machine stands between two instructions.  PAL_PAUSE: it is to stop. */
enum pal_status vm_safepoint(struct vm *vm);
/* After the instruction at hand was refused room on the trail, and has done
 * nothing: true when a collection has made some, so that it can come again. */
bool vm_again(struct vm *vm);

/* Appends a word where there is room and no store's barrier has anything to
 * do, as in most loops that push; false: nothing happened, vm_push is to do
 * it.  The threshold is t_val or, for references, t_ref. */
static inline bool vm_push_at_once(const struct heap *h, uint64_t list,
                                   uint64_t item, uint64_t threshold)
{
    uint64_t s = list_store(h, list), n = list_len(h, list);
    uint64_t block = (STORE_ITEMS + n) / OBJ_BLOCK_WORDS;
    if (STORE_ITEMS + n >= obj_words(h, s) ||
        *obj_stamp(h, list, 0) < h->t_val ||
        *obj_stamp(h, s, block) < threshold)
        return false;
    *store_item(h, s, n) = item;
    *obj_word(h, list, LIST_LEN) = n + 1;
    return true;
}

enum pal_status vm_push(struct vm *vm, uint64_t *list, const uint64_t *item);
enum pal_status vm_pop(struct vm *vm, uint64_t list, uint64_t *item);
enum pal_status vm_cat(struct vm *vm, const uint64_t *a, const uint64_t *b,
                       uint64_t *out);

#endif
