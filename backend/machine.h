/* machine.h - a function between selection and its words.
 *
 *   select.c    IR -> blocks of machine ops over virtual registers
 *   liveness.c  where each virtual register is live
 *   regalloc.c  a place in the frame for each     interfere.c  may two share?
 *   plan.c      what jumps where, which blocks vanish      (emit.h from here)
 *   emit.c      words and lines     moves.c  moves made at once
 *   joins.c     states where control meets     relax.c  jumps that are far
 *
 * Virtual registers are the IR's values, by the same numbers, then one per
 * keep flag, then temporaries.  All but flags have one definition, which
 * dominates their uses: SSA stays until the allocator is through.  Aliases
 * (COPY, WIDEN) are gone; constants that go to a call, a return or an edge
 * are loaded straight into the place where they are wanted.
 *
 * The frame of each class (r, s), from its first register on:
 *
 *   locals 0 .. p-1     window p .. p+w-1     scratch, if a move needs one
 *
 * Arguments and results of every call stand in the one window at p (q for
 * scalars); w is what the widest call needs, and p + w covers the function's
 * own results.  A virtual register whose life no call interrupts may live in
 * the window.  Nothing is ever spilled: there are as many locals as it takes.
 *
 * Positions: instruction i of a function reads at 2i and writes at 2i + 1;
 * each block begins with a slot of its own, where its params are written. */
#ifndef PAL_BACKEND_MACHINE_H
#define PAL_BACKEND_MACHINE_H

#include "ir/ir.h"

#define BE_NONE   UINT32_MAX
#define BE_WINDOW 0x80000000u /* place: this + index in the window */

enum { BE_SCALAR, BE_REF, BE_CLASSES };
enum { BE_MAX_REGS = 65000, BE_MAX_JOIN_ENTRIES = 1 << 24 };

struct be_inst {
    uint16_t op; /* enum pvm_op */
    uint8_t x;
    uint32_t a, b, c;         /* as the row's letters say: virtual register, or
                                 immediate; a D field is in b */
    const struct ir_inst *ir; /* place; arguments and results of calls */
};

enum be_end {
    BE_JUMP,   /* to succ[0], with the moves of `edge` */
    BE_BRANCH, /* last: a conditional jump to succ[0], else succ[1] */
    BE_MARK,   /* last: MARK; succ[0] the extent, succ[1] landing or none */
    BE_RETURN, /* results are last.ir's arguments */
    BE_LEAVE   /* last: FAIL or HALT */
};

struct be_block {
    struct be_inst *insts;
    uint32_t n;
    uint8_t end;      /* enum be_end */
    bool is_landing;  /* entered by the unwinder, which writes params[0] */
    uint32_t succ[2]; /* blocks or BE_NONE */
    struct be_inst last;
    const struct ir_edge *edge; /* JUMP */
    const ir_val *params;
    uint32_t nparams;
    uint32_t mark;     /* innermost open mark at the start: the block that
                          the MARK ends, or BE_NONE */
    uint32_t mark_end; /* the same before `last` */

    /* liveness */
    uint32_t first_slot, end_slot; /* of the header, of `last` */
    VEC(uint32_t) live_in;         /* virtual registers, params not included */
};

/* What a value is to selection. */
struct be_value {
    const struct ir_inst *def; /* NULL: a param, a flag, a temporary */
    ir_val alias;              /* the value that stands for it */
    uint32_t uses;             /* in the IR */
    bool wanted;               /* some machine op reads it */
};

struct be_range {
    uint32_t start, end; /* positions, both included; end 0: not needed */
};

enum be_hint_kind { BE_HINT_NONE, BE_HINT_ARG, BE_HINT_RESULT, BE_HINT_PARAM };
struct be_hint { /* where the last use would like to find it */
    uint8_t kind;
    uint32_t n; /* index in the window; first registers; the param */
};

struct be_fn {
    struct arena *arena; /* reset after the function */
    const struct ir_fn *ir;
    struct ir_module *module;
    const struct ir_sig *sig;

    struct be_block *blocks; /* in the order of the code; 0 is the entry */
    uint32_t nblocks;

    /* by virtual register */
    uint32_t flag0, temp0;
    VEC(ir_type) types;
    struct be_value *values; /* up to flag0 */
    struct be_range *ranges;
    uint32_t *def_block; /* BE_NONE for flags */
    uint32_t *places;    /* local, BE_WINDOW + index, or BE_NONE */
    struct be_hint *hints;

    uint32_t nslots, ncalls;
    uint32_t *next_call; /* slot of the next call or native at or after */

    /* frame: numbers of registers by class; scratch is 0 or 1 */
    uint32_t locals[BE_CLASSES], window[BE_CLASSES], scratch[BE_CLASSES];

    char *error; /* of be_error_max bytes: set when the function cannot be */
};

enum { BE_ERROR_MAX = 240 };

/* Reports what makes the function impossible; yields false. */
bool be_refuse(struct be_fn *f, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static inline bool be_is_flag(const struct be_fn *f, uint32_t v)
{
    return v >= f->flag0 && v < f->temp0;
}
static inline int be_class_of(const struct be_fn *f, uint32_t v)
{
    return f->types.at[v].kind == PVM_REF ? BE_REF : BE_SCALAR;
}
/* The value that stands for v, or BE_NONE when v is a constant, which has no
 * register where it is moved to a fixed place. */
static inline uint32_t be_moved(const struct be_fn *f, ir_val v)
{
    if (v >= f->flag0)
        return v;
    v = f->values[v].alias;
    const struct ir_inst *d = f->values[v].def;
    return d && (d->op == IR_CONST || d->op == IR_STR) ? BE_NONE : v;
}
static inline bool be_is_call(unsigned op)
{
    return pvm_is_call(op) || op == PVM_NAT;
}
static inline uint32_t *be_operand(struct be_inst *i, int k)
{
    return k == 0 ? &i->a : k == 1 ? &i->b : &i->c;
}

/* Each step requires the ones before it. */
bool be_select(struct be_fn *f);
void be_liveness(struct be_fn *f);
bool be_allocate(struct be_fn *f);

/* Do two virtual registers live at one time?  Needs liveness; may say yes
 * where it is not so. */
bool be_interfere(const struct be_fn *f, uint32_t v, uint32_t w);

/* The virtual registers live after each call, KEEP and UNDO of a block, in the
 * order of its insts; arrays of the arena.  live_after[i] is empty for other
 * insts.  Lists more than `most` in all are not made: NULL, and `total` of the
 * scratch is the number reached.  NULL too when the block has none of these,
 * with a total of 0. */
struct be_set {
    uint32_t *at, n;
};
struct be_live { /* scratch of be_live_after, one per function */
    uint32_t *dense, *where, n;
    uint64_t total; /* registers listed for the block at hand */
};
struct be_set *be_live_after(struct be_fn *f, struct be_live *live,
                             const struct be_block *b, uint64_t most);

#endif
