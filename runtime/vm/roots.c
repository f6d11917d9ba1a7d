/* roots.c - the registers that live: what the collector takes as roots.
 *
 *   rstack | frame | frame | running frame |     a register lives when some
 *            pc      pc      pc                  instruction from the frame's
 *                                                pc on may read it
 *
 * A frame also has registers that nobody will read: values it has done with,
 * and, above the window of a call, whatever the callee left there.  They are
 * set to null when the frame is scanned, or garbage would live as long as the
 * frame.  What lives at a frame's pc is found by walking on to the next join,
 * where the image lists it; a frame that waits for a call stands at one.  An
 * error may lead to the landing of each mark that is open in the frame, so
 * what is listed there lives, too. */
#include "runtime/vm/vm.h"

#include <limits.h>

#include "runtime/pvm/marks.h"
#include "runtime/pvm/natives.h"
#include "runtime/pvm/regset.h"

#define WALK_MOST 4096 /* instructions; then everything counts as read */

/* What of a frame is read, as far as it is not written before. */
struct walk {
    const struct pvm_image *im;
    struct regset live, written;
    unsigned left; /* a call leaves registers from here on undefined */
    uint64_t pc;   /* of the frame that `live` is of */
    bool known;    /* else all registers may live */
};

static void read_ref(struct walk *k, unsigned reg)
{
    if (reg < k->left && !regset_has(&k->written, reg))
        regset_add(&k->live, reg);
}

/* What is listed at a join, but for one register; code that was not verified
 * may have none there. */
static void read_join(struct walk *k, const struct pvm_join *j, unsigned but)
{
    k->known &= j != NULL;
    for (uint32_t i = 0; j && i < j->nlive; i++)
        if (j->live[i].is_ref && j->live[i].reg != but)
            read_ref(k, j->live[i].reg);
}

/* The references among values in the first registers from one on. */
static void read_values(struct walk *k, unsigned from,
                        const struct pvm_value_type *types, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (types[i].kind == PVM_REF)
            read_ref(k, from++);
}

static void leave_window(struct walk *k, unsigned from)
{
    if (from < k->left)
        k->left = from;
}

/* What calls, returns and marks read. */
static void step_control(struct walk *k, const struct pvm_fn *f, uint32_t pc)
{
    uint64_t w = k->im->code[pc];
    switch (pvm_op(w)) {
    case PVM_CALL: {
        const struct pvm_fn *callee = &k->im->fns[pvm_callee(w)];
        read_values(k, pvm_a(w), callee->params, callee->nparams);
        leave_window(k, pvm_a(w));
        break;
    }
    case PVM_CALLC: {
        const struct pvm_type *t = &k->im->types[pvm_xc(w)];
        read_ref(k, pvm_a(w));
        read_values(k, pvm_a(w) + 1, t->params, t->nparams);
        leave_window(k, pvm_a(w));
        break;
    }
    case PVM_NAT: {
        unsigned reg = pvm_a(w);
        const char *sig = pvm_natives[k->im->imports[pvm_c(w)].native].sig;
        for (; *sig != ':'; sig++)
            if (pvm_sig_is_ref(*sig))
                read_ref(k, reg++);
        leave_window(k, pvm_a(w));
        break;
    }
    case PVM_MARK:
        if (pvm_x(w) == PVM_MARK_TRY)
            read_join(k, pvm_join_at(k->im, f, pc + 1 + (uint32_t)pvm_sc(w)),
                      pvm_a(w));
        break;
    case PVM_RET: read_values(k, 0, f->results, f->nresults); break;
    }
}

/* Goes over one instruction; false where control does not come to the next. */
static bool step(struct walk *k, const struct pvm_fn *f, uint32_t pc)
{
    uint64_t w = k->im->code[pc];
    unsigned op = pvm_op(w), field[] = {pvm_a(w), pvm_b(w), pvm_c(w)};
    const char *letters = pvm_ops[op].operands;
    for (int i = 0; i < 3 && letters[i]; i++) {
        if (letters[i] == 'R' || letters[i] == 'V')
            read_ref(k, field[i]);
        if (letters[i] == 'J')
            read_join(k, pvm_join_at(k->im, f, pc + 1 + pvm_d(w)), PVM_NOREG);
        if (letters[i] == 'j' && op != PVM_MARK)
            read_join(k, pvm_join_at(k->im, f, pc + 1 + (uint32_t)pvm_sc(w)),
                      PVM_NOREG);
        if (pvm_is_wide(letters[i]))
            break;
    }
    step_control(k, f, pc);
    for (int i = 0; i < 3 && letters[i]; i++) {
        if (letters[i] == 'r')
            regset_add(&k->written, field[i]);
        if (pvm_is_wide(letters[i]))
            break;
    }
    return op != PVM_JMP && op != PVM_JMPB && op != PVM_RET && op != PVM_FAIL &&
           op != PVM_HALT;
}

/* What lives at pc of a function. */
static void find_live(struct walk *k, const struct pvm_fn *f, uint32_t pc)
{
    const struct pvm_join *j = pvm_join_at(k->im, f, pc);
    uint32_t end = f->first_join + f->njoins, next = f->first_join;
    if (j) {
        read_join(k, j, PVM_NOREG);
        return;
    }
    while (next < end && k->im->joins[next].pc < pc)
        next++;
    for (uint32_t n = 0; n < WALK_MOST; n++, pc++) {
        if (next < end && k->im->joins[next].pc == pc) {
            read_join(k, &k->im->joins[next], PVM_NOREG);
            return;
        }
        if (pc == f->end || !step(k, f, pc))
            return;
    }
    k->known = false;
}

/* ---- frames -------------------------------------------------------------- */

struct frame {
    uint64_t pc, rbase, ctop;
    uint64_t top;   /* of its references */
    uint64_t marks; /* open ones of it and of those below */
};

/* A register of it may be read where an error leads to. */
static void read_marks(struct walk *k, const struct heap *h,
                       const struct pvm_fn *fn, struct frame *f)
{
    regset_clear_from(&k->written, 0);
    k->left = UINT_MAX;
    while (f->marks && h->marks[f->marks - 1].ctop == f->ctop) {
        const struct mark *m = &h->marks[--f->marks];
        if (fn && m->back_pc)
            read_join(k, pvm_join_at(k->im, fn, (uint32_t)m->back_pc),
                      m->error_reg);
    }
}

/* Finds what lives in a frame; of the same place as the one before it is known,
 * and recursion has many of these. */
static void find_frame(struct heap *h, struct walk *k, struct frame *f)
{
    bool marks = f->marks && h->marks[f->marks - 1].ctop == f->ctop;
    if (k->pc == f->pc && !marks)
        return;
    const struct pvm_fn *fn =
        f->pc < h->image->ncode ? pvm_fn_at(h->image, (uint32_t)f->pc) : NULL;
    regset_clear_from(&k->live, 0);
    regset_clear_from(&k->written, 0);
    k->left = UINT_MAX;
    k->known = fn != NULL;
    if (fn)
        find_live(k, fn, (uint32_t)f->pc);
    read_marks(k, h, fn, f);
    k->pc = marks ? UINT64_MAX : f->pc;
}

static void scan_frame(struct heap *h, struct walk *k, struct frame *f,
                       void (*visit)(struct heap *h, uint64_t *slot))
{
    unsigned reg = 0;
    find_frame(h, k, f);
    for (uint64_t at = f->rbase; at < f->top; at += 8, reg++) {
        uint64_t *slot = obj_at(h, at);
        if (!k->known || regset_has(&k->live, reg))
            visit(h, slot);
        else if (*slot)
            *slot = 0;
    }
}

/* The frame that waits for it. */
static void to_caller(struct vm *vm, struct frame *f)
{
    uint64_t record = vm_record_at(vm, f->ctop - 8);
    f->top = f->rbase;
    f->rbase -= 8 * (record >> 32 & 0xffff);
    f->ctop -= 8;
    f->pc = vm_record_pc(vm, record);
}

/* A caller's frame may reach beyond the top.  Nothing lives there during the
 * call, but after it these slots are below the top again. */
static void clear_above(struct vm *vm, uint64_t top)
{
    struct heap *h = &vm->h;
    const struct tape_range *stack = &h->tape.seg[TAPE_RSTACK];
    uint64_t end = h->st->rbase + 8 * (uint64_t)vm->widest;
    if (end > stack->at + stack->size)
        end = stack->at + stack->size;
    if (end > top)
        memset(obj_at(h, top), 0, end - top);
}

void vm_young_roots(struct heap *h,
                    void (*visit)(struct heap *h, uint64_t *slot))
{
    struct vm *vm = h->owner;
    const struct state *st = h->st;
    struct walk k = {.im = h->image, .pc = UINT64_MAX};
    struct frame f = {.pc = st->pc,
                      .rbase = st->rbase,
                      .ctop = st->ctop,
                      .top = vm_ref_top(vm),
                      .marks = st->nmarks};
    uint64_t least = vm_watermark(vm), bottom = h->tape.seg[TAPE_CSTACK].at;
    if (PAL_UNLIKELY(h->check) && !h->broken)
        h->broken = vm_watermark_check(vm);
    clear_above(vm, f.top);
    while (f.rbase >= least) {
        scan_frame(h, &k, &f, visit);
        if (f.ctop <= bottom)
            break;
        to_caller(vm, &f);
    }
}

/* After a minor collection, which has set to null what is dead. */
void vm_roots(struct heap *h, void (*visit)(struct heap *h, uint64_t *slot))
{
    uint64_t top = vm_ref_top(h->owner);
    for (uint64_t at = h->tape.seg[TAPE_RSTACK].at; at < top; at += 8)
        visit(h, obj_at(h, at));
}

/* What code and the unwinder take from tables; made at load, and old. */
void vm_old_roots(struct heap *h, void (*visit)(struct heap *h, uint64_t *slot))
{
    struct vm *vm = h->owner;
    uint64_t *table = (uint64_t *)(uintptr_t)vm->strings;
    uint64_t n = (uint64_t)h->image->nstrings + VM_NKINDS + h->image->ntypes;
    for (uint64_t i = 0; i < n; i++) /* strings, kinds, units */
        visit(h, &table[i]);
}
