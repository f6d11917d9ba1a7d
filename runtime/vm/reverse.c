/* reverse.c - stepping back over a traced window.
 *
 * Each step undoes the instruction by which control came to pc.  It is the
 * one before pc, unless pc is a target: then the log says.  An ASSIGN row's
 * old word is popped, an UPDATE row's partner runs, a bracket of logged words
 * is restored, a call's frame is taken down and a return's put up again; all
 * words of the stacks are logged when overwritten, so a frame that was left
 * still stands above the top as it was. */
#include <inttypes.h>

#include "runtime/base/arith.h"
#include "runtime/vm/insn.h"
#include "runtime/vm/vm.h"

struct machine {
    struct vm *vm;
    struct tlog *log;
    const uint64_t *code;
    uint64_t *r, *ctl;
    int64_t *s;
};

static void load(struct machine *m)
{
    const struct state *st = m->vm->h.st;
    uint8_t *base = m->vm->h.base;
    m->r = (uint64_t *)(base + st->rbase);
    m->s = (int64_t *)(base + st->sbase);
    m->ctl = (uint64_t *)(base + st->ctop);
}

static void store(const struct machine *m, uint64_t pc)
{
    struct state *st = m->vm->h.st;
    const uint8_t *base = m->vm->h.base;
    st->pc = pc;
    st->rbase = (uint64_t)((uint8_t *)m->r - base);
    st->sbase = (uint64_t)((uint8_t *)m->s - base);
    st->ctop = (uint64_t)((uint8_t *)m->ctl - base);
}

/* Runs the partner of an UPDATE row. */
static void run_partner(struct machine *m, uint64_t w)
{
    int64_t *s = m->s;
    uint64_t *r = m->r;
    (void)r;
#define S(i)        s[i]
#define R(i)        r[i]
#define S_UPD(i, v) (s[i] = (v))
#define R_UPD(i, v) (r[i] = (v))
#define PARTNER_ASSIGN(NAME, PAIR)
#define PARTNER_STORE(NAME, PAIR)
#define PARTNER_JUMP(NAME, PAIR)
#define PARTNER_BACK(NAME, PAIR)
#define PARTNER_CONTROL(NAME, PAIR)
#define PARTNER_RUNS_C(NAME, PAIR)
#define PARTNER_LEAVES(NAME, PAIR)
#define PARTNER_UPDATE(NAME, PAIR)                                             \
    case PVM_##NAME:                                                           \
        I_##PAIR(pvm_a(w), pvm_b(w), pvm_c(w), pvm_d(w));                      \
        break;
#define OP(num, NAME, text, operands, CLASS, PAIR, CHECK, meaning)             \
    PARTNER_##CLASS(NAME, PAIR)
    switch (pvm_op(w)) {
#include "runtime/pvm/ops.def"
    default: break;
    }
#undef OP
}

/* A closure is its function's first argument: as it stood at the entry, so it
 * stands there now. */
static void undo_call(struct machine *m, uint64_t w)
{
    const struct vm *vm = m->vm;
    uint32_t callee = pvm_op(w) == PVM_CALL
                          ? pvm_callee(w)
                          : vm->type_fns[obj_type(&vm->h, m->r[0])];
    const struct vm_fn *f = &vm->fns[callee];
    for (unsigned i = f->nrefs; i-- > f->ref_params;)
        m->r[i] = tlog_pop(m->log);
    m->r -= pvm_a(w);
    m->s -= pvm_b(w);
    *--m->ctl = tlog_pop(m->log);
    m->vm->h.st->ticks--;
}

static void undo_return(struct machine *m)
{
    uint64_t x = *m->ctl++;
    m->r += x >> 32 & 0xffff;
    m->s += x >> 48;
}

/* Undoes the instruction w, after which control stood at `to`. */
static void step_back(struct machine *m, uint64_t w, uint64_t from, uint64_t to)
{
    unsigned op = pvm_op(w);
    switch ((enum pvm_class)pvm_ops[op].class) {
    case PVM_ASSIGN:
        if (pvm_ops[op].operands[0] == 'r')
            m->r[pvm_a(w)] = tlog_pop(m->log);
        else
            m->s[pvm_a(w)] = (int64_t)tlog_pop(m->log);
        break;
    case PVM_UPDATE: run_partner(m, w); break;
    case PVM_STORE:
    case PVM_RUNS_C: tlog_restore(m->log, m->vm->h.base); break;
    case PVM_JUMP: break;
    case PVM_BACK: m->vm->h.st->ticks -= to != from + 1; break;
    case PVM_CONTROL:
        if (pvm_is_call(op))
            undo_call(m, w);
        else
            undo_return(m);
        break;
    case PVM_LEAVES: break;
    }
}

uint64_t vm_run_back(struct vm *vm, uint64_t n)
{
    struct vm_window *win = vm->window;
    if (!win)
        return 0;
    struct machine m = {.vm = vm, .log = &win->log, .code = vm->code};
    uint64_t pc = vm->h.st->pc, done = 0, arrival = win->last;
    load(&m);
    for (; done < n && win->steps && !win->log.failed; done++, win->steps--) {
        uint64_t from = arrival & ~VM_ARRIVAL_UNWOUND;
        if (arrival & VM_ARRIVAL_UNWOUND) {
            tlog_restore(m.log, vm->h.base);
            load(&m);
        } else {
            step_back(&m, vm->code[from], from, pc);
        }
        pc = from;
        arrival = vm->code[pc] & PVM_TARGET ? tlog_pop(m.log) : pc - 1;
    }
    win->last = arrival;
    if (done) { /* asked again on the way forward */
        vm->h.window_full = vm->h.window_short = false;
        vm->h.window_again = win->again && !win->steps;
    }
    store(&m, pc);
    heap_thresholds(&vm->h);
    for (int i = 0; i < 2; i++)
        win->out[i].n = vm->h.st->emitted[i] - win->out_base[i];
    return done;
}
