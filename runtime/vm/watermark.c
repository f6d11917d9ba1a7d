/* watermark.c - deep stacks are not scanned again at every collection.
 *
 *   rstack  | frame | frame | frame R        | running frame ...
 *           '------ no young reference -----'
 *   cstack  | record | record | stub | ...     the record of frame R
 *
 * After a minor collection no register holds a young reference, and a frame's
 * registers change only while it runs; it runs again when the frame above it
 * returns.  So the return record of the frame that begins at the watermark is
 * replaced by one that leads to a stub, and until that is met, what lies below
 * need not be scanned.  When it is met, the watermark moves down by some
 * frames.  (A stack barrier; Cheng, Harper, Lee 1998.)
 *
 * It moves down, too, when the unwinder leaves its frame.  Traced windows have
 * none, and shallow stacks are not worth it. */
#include "runtime/vm/vm.h"

#define LEAST (UINT64_C(512) * 8) /* bytes of registers worth not scanning */
#define STEP  32                  /* frames it moves down when it is met */

uint64_t vm_watermark(const struct vm *vm)
{
    const struct state *st = vm->h.st;
    return st->watermark ? st->watermark_rbase : vm->h.tape.seg[TAPE_RSTACK].at;
}

uint64_t vm_record_at(const struct vm *vm, uint64_t at)
{
    const struct state *st = vm->h.st;
    return at == st->watermark ? st->watermark_record : *obj_at(&vm->h, at);
}

void vm_watermark_drop(struct vm *vm)
{
    struct state *st = vm->h.st;
    if (st->watermark)
        *obj_at(&vm->h, st->watermark) = st->watermark_record;
    st->watermark = 0;
}

/* Puts the stub in the place of the last record below ctop, that of the frame
 * at rbase, where that is worth it.  None is replaced before. */
static void put(struct vm *vm, uint64_t ctop, uint64_t rbase)
{
    struct state *st = vm->h.st;
    const struct tape_range *seg = vm->h.tape.seg;
    if (ctop <= seg[TAPE_CSTACK].at || rbase - seg[TAPE_RSTACK].at < LEAST)
        return;
    uint64_t *record = obj_at(&vm->h, ctop - 8);
    uint64_t stub = seg[TAPE_CODE].at + 8 * (uint64_t)vm->watermark_pc;
    st->watermark = ctop - 8;
    st->watermark_record = *record;
    st->watermark_rbase = rbase;
    *record = *record >> 32 << 32 | stub;
}

void vm_watermark_set(struct vm *vm)
{
    const struct state *st = vm->h.st;
    vm_watermark_drop(vm);
    put(vm, st->ctop, st->rbase);
}

void vm_watermark_unwind(struct vm *vm, uint64_t ctop, uint64_t rbase)
{
    struct state *st = vm->h.st;
    if (!st->watermark || st->watermark < ctop)
        return;
    vm_watermark_drop(vm);
    put(vm, ctop, rbase);
}

bool vm_watermark_met(struct vm *vm)
{
    struct state *st = vm->h.st;
    if (st->pc != vm->watermark_pc || !st->watermark)
        return false;
    st->pc = vm_record_pc(vm, st->watermark_record);
    st->watermark = 0;
    uint64_t ctop = st->ctop, rbase = st->rbase;
    for (int i = 0; i < STEP && ctop > vm->h.tape.seg[TAPE_CSTACK].at; i++) {
        ctop -= 8;
        rbase -= 8 * (*obj_at(&vm->h, ctop) >> 32 & 0xffff);
    }
    put(vm, ctop, rbase);
    return true;
}

const char *vm_watermark_check(struct vm *vm)
{
    struct heap *h = &vm->h;
    uint64_t at = h->tape.seg[TAPE_RSTACK].at;
    for (; at < vm_watermark(vm); at += 8)
        if (obj_is_young(h, *obj_at(h, at)))
            return "a register below the watermark is young";
    return NULL;
}
