/* loop.h - the text of a forward loop; plain.c and traced.c include it with
 * VM_TRACED 0 and 1.
 *
 * Dispatch is a table of labels indexed by opcode and target bit.  In the
 * traced table the entries with the target bit lead to `arrive`, which logs
 * where control came from; the plain table has each label twice, so the bit
 * costs nothing there.  The machine lives in locals and is written back to
 * State (SAVE) before anything that may look at it. */
#include <inttypes.h>

#include "runtime/base/arith.h"
#include "runtime/vm/effects.h"
#include "runtime/vm/insn.h"
#include "runtime/vm/vm.h"

#define S(i)       s[i]
#define R(i)       r[i]
#define F(i)       arith_float(s[i])
#define WORD(o, w) (*(uint64_t *)(base + (o) + OBJ_HEADER + 8 * (uint64_t)(w)))
#define INFO(o)    (*(uint64_t *)(base + (o) + 8))
#define ITEM(o, i) WORD(o, STORE_ITEMS + (uint64_t)(i))
#define BYTE(o, i) (base[(o) + OBJ_HEADER + 8 * STORE_ITEMS + (uint64_t)(i)])
#define STAMP(o, w)                                                            \
    (*(uint64_t *)(base + (o) - ((uint64_t)(w) / OBJ_BLOCK_WORDS * 8)))
#define S_UPD(i, v) (s[i] = (v))
#define R_UPD(i, v) (r[i] = (v))

/* An object of one block has its stamp at its head. */
#define BARRIER(stamp, threshold, o, w)                                        \
    do {                                                                       \
        if (PAL_UNLIKELY((stamp) < vm->h.threshold) &&                         \
            PAL_UNLIKELY(!trail_barrier(&vm->h, o, w)))                        \
            TRAP(vm_trap_store(vm, o));                                        \
    } while (0)
#ifdef VM_NO_BARRIER /* for measuring what the barrier costs */
#define BAR_VAL(o, w)    ((void)0)
#define BAR_REF(o, w)    ((void)0)
#define BAR_SHORT_VAL(o) ((void)0)
#define BAR_SHORT_REF(o) ((void)0)
#else
#define BAR_VAL(o, w)    BARRIER(STAMP(o, w), t_val, o, w)
#define BAR_REF(o, w)    BARRIER(STAMP(o, w), t_ref, o, w)
#define BAR_SHORT_VAL(o) BARRIER(STAMP(o, 0), t_val, o, 0)
#define BAR_SHORT_REF(o) BARRIER(STAMP(o, 0), t_ref, o, 0)
#endif

#define JUMP(n) (pc += (n))
#define BACK(n)                                                                \
    do {                                                                       \
        pc += (n);                                                             \
        TICK;                                                                  \
    } while (0)
#define TRAP(e)                                                                \
    do {                                                                       \
        (void)(e);                                                             \
        goto trap;                                                             \
    } while (0)
#define RUN(e)                                                                 \
    do {                                                                       \
        status = (e);                                                          \
        if (PAL_UNLIKELY(status))                                              \
            goto ran;                                                          \
    } while (0)
#define FAIL_WITH(error)                                                       \
    do {                                                                       \
        raised = (error);                                                      \
        goto fail;                                                             \
    } while (0)
#define STOP(st_)                                                              \
    do {                                                                       \
        status = (st_);                                                        \
        goto stop;                                                             \
    } while (0)

/* State from the locals; pc_ is where the machine is to stand. */
#define WRITE_BACK(pc_)                                                        \
    (st = vm->h.st, st->pc = (uint64_t)((pc_)-code),                           \
     st->rbase = (uint64_t)((uint8_t *)r - base),                              \
     st->sbase = (uint64_t)((uint8_t *)s - base),                              \
     st->ctop = (uint64_t)((uint8_t *)ctl - base))
/* The instruction at hand is what a trap or a collection is to see. */
#define SAVE WRITE_BACK(pc - 1)
#define LOAD                                                                   \
    (st = vm->h.st, pc = code + st->pc, r = (uint64_t *)(base + st->rbase),    \
     s = (int64_t *)(base + st->sbase), ctl = (uint64_t *)(base + st->ctop))

#if VM_TRACED
#define VM_LOOP vm_loop_traced
#define S_SET(i, v)                                                            \
    do {                                                                       \
        int64_t new_ = (v);                                                    \
        tlog_push(log, (uint64_t)s[i]);                                        \
        s[i] = new_;                                                           \
    } while (0)
#define R_SET(i, v)                                                            \
    do {                                                                       \
        uint64_t new_ = (v);                                                   \
        tlog_push(log, r[i]);                                                  \
        r[i] = new_;                                                           \
    } while (0)
#define S_OUT(i, v)                                                            \
    do {                                                                       \
        heap_log(&vm->h, &s[i], 1);                                            \
        s[i] = (v);                                                            \
    } while (0)
#define R_OUT(i, v)                                                            \
    do {                                                                       \
        heap_log(&vm->h, &r[i], 1);                                            \
        r[i] = (v);                                                            \
    } while (0)
#define CTL_PUSH(v)                                                            \
    do {                                                                       \
        tlog_push(log, *ctl);                                                  \
        *ctl++ = (v);                                                          \
    } while (0)
#define TICK (vm->h.st->ticks++)
/* Rows that write memory, and rows that run C, bracket what they log. */
#define OPEN_ASSIGN   ((void)0)
#define OPEN_UPDATE   ((void)0)
#define OPEN_JUMP     ((void)0)
#define OPEN_BACK     ((void)0)
#define OPEN_CONTROL  ((void)0)
#define OPEN_LEAVES   ((void)0)
#define OPEN_STORE    (tlog_open(log), bracket = true)
#define OPEN_RUNS_C   OPEN_STORE
#define CLOSE_ASSIGN  ((void)0)
#define CLOSE_UPDATE  ((void)0)
#define CLOSE_JUMP    ((void)0)
#define CLOSE_BACK    ((void)0)
#define CLOSE_CONTROL ((void)0)
#define CLOSE_LEAVES  ((void)0)
#define CLOSE_STORE   (tlog_close(log), bracket = false)
#define CLOSE_RUNS_C                                                           \
    do {                                                                       \
        CLOSE_STORE;                                                           \
        vm->h.window_again = false;                                            \
    } while (0)
#define NEXT                                                                   \
    do {                                                                       \
        if (PAL_UNLIKELY(win->steps >= win->stop || log->failed ||             \
                         (vm->h.window_full && !win->through) ||               \
                         vm->interrupt))                                       \
            goto pause;                                                        \
        win->steps++;                                                          \
        last = cur;                                                            \
        cur = (uint64_t)(pc - code);                                           \
        w = *pc++;                                                             \
        goto *labels[w & PVM_SLOT_MASK];                                       \
    } while (0)
#else
#define VM_LOOP     vm_loop_plain
#define S_SET(i, v) (s[i] = (v))
#define R_SET(i, v) (r[i] = (v))
#define S_OUT(i, v) (s[i] = (v))
#define R_OUT(i, v) (r[i] = (v))
#define CTL_PUSH(v) (*ctl++ = (v))
#define TICK                                                                   \
    do {                                                                       \
        if (PAL_UNLIKELY(--fuel < 0))                                          \
            goto safepoint;                                                    \
    } while (0)
#define NEXT                                                                   \
    do {                                                                       \
        w = *pc++;                                                             \
        goto *labels[w & PVM_SLOT_MASK];                                       \
    } while (0)
#define SYNC_TICKS                                                             \
    (vm->h.st->ticks += (uint64_t)(vm->chunk - fuel), vm->chunk = fuel)
#endif

#if VM_TRACED
/* Before an error is raised: whether the instruction has found too little
 * room, or the Error may. */
static bool wants_collection(struct vm *vm)
{
    return vm->h.window_short || gc_window_is_short(&vm->h, VM_ERROR_BYTES);
}
#endif

enum pal_status VM_LOOP(struct vm *vm)
{
    /* The tables: opcode alone, then opcode with the target bit. */
#define OP(num, NAME, text, operands, CLASS, PAIR, CHECK, meaning)             \
    [num] = &&op_##NAME,
    static const void *const labels[2 * PVM_NOPS_LIMIT] = {
#include "runtime/pvm/ops.def"
#undef OP
#if VM_TRACED
#define OP(num, NAME, text, operands, CLASS, PAIR, CHECK, meaning)             \
    [num + PVM_TARGET] = &&arrive,
#else
#define OP(num, NAME, text, operands, CLASS, PAIR, CHECK, meaning)             \
    [num + PVM_TARGET] = &&op_##NAME,
#endif
#include "runtime/pvm/ops.def"
#undef OP
    };
    struct state *st; /* not kept: a register is worth more elsewhere */
    uint8_t *const base = vm->h.base;
    const uint64_t *const code = vm->code;
    const uint64_t *pc;
    uint64_t *r, *ctl, w, raised = 0;
    int64_t *s;
    enum pal_status status;
#if VM_TRACED
    struct vm_window *win = vm->window;
    struct tlog *log = &win->log;
    uint64_t last, cur = win->last;
    bool bracket = false;
#else
    int64_t fuel = vm_refuel(vm);
#endif
    LOAD;
    NEXT;

#if VM_TRACED
#define OP(num, NAME, text, operands, CLASS, PAIR, CHECK, meaning)             \
    op_##NAME : OPEN_##CLASS;                                                  \
    I_##NAME(pvm_a(w), pvm_b(w), pvm_c(w), pvm_d(w));                          \
    CLOSE_##CLASS;                                                             \
    NEXT;
#else
#define OP(num, NAME, text, operands, CLASS, PAIR, CHECK, meaning)             \
    op_##NAME : I_##NAME(pvm_a(w), pvm_b(w), pvm_c(w), pvm_d(w));              \
    NEXT;
#endif
#include "runtime/pvm/ops.def"
#undef OP

ran: /* C code did not return PAL_OK */
    if (status != PAL_TRAP) {
#if VM_TRACED
        if (bracket) {
            tlog_close(log);
            bracket = false;
        }
#endif
        WRITE_BACK(pc);
        goto out;
    }
trap:
    SAVE;
#if VM_TRACED
    if (PAL_UNLIKELY(wants_collection(vm)) && !win->through)
        goto again;
    if (!bracket)
        tlog_open(log);
#else
    SYNC_TICKS;
    if (PAL_UNLIKELY(vm->h.trail_short) && vm_again(vm)) {
        LOAD;
        NEXT;
    }
#endif
    status = vm_raise(vm);
    goto unwound;

fail:
#if VM_TRACED
    if (PAL_UNLIKELY(wants_collection(vm)) && !win->through)
        goto again;
    tlog_open(log);
#else
    SYNC_TICKS;
#endif
    status = vm_raise_error(vm, raised);

unwound:
#if VM_TRACED
    tlog_close(log);
    bracket = false;
    vm->h.window_again = false;
    cur |= VM_ARRIVAL_UNWOUND;
#endif
    if (status)
        goto out;
    if (PAL_UNLIKELY(vm->interrupt)) { /* a landing is a safepoint */
        status = PAL_PAUSE;
        goto out;
    }
    LOAD;
    NEXT;

#if VM_TRACED
arrive:
    tlog_push(log, last);
    goto *labels[w & PVM_OP_MASK];

again: /* a collection comes first: the machine stands as before */
    if (bracket) {
        tlog_close(log);
        tlog_restore(log, base);
    }
    if (w & PVM_TARGET)
        tlog_pop(log);
    win->steps--;
    cur = last;
    status = log->failed ? PAL_NOMEM : PAL_PAUSE;
    goto out;

pause:
    status = log->failed ? PAL_NOMEM : PAL_PAUSE;
    WRITE_BACK(pc);
    goto out;
#else
safepoint:
    SYNC_TICKS;
    WRITE_BACK(pc);
    status = vm_safepoint(vm);
    if (status)
        goto out;
    fuel = vm_refuel(vm);
    LOAD;
    NEXT;
#endif

stop:
    WRITE_BACK(pc - 1);
out:
#if VM_TRACED
    win->last = cur;
#else
    SYNC_TICKS;
#endif
    return status;
}
