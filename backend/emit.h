/* emit.h - a function on its way from places to words.
 *
 * pcs here count from the function's first word; image.c moves them.  Jumps
 * are written with empty offsets and remembered; relax.c fills them in once
 * every block has its pc. */
#ifndef PAL_BACKEND_EMIT_H
#define PAL_BACKEND_EMIT_H

#include "backend/machine.h"

/* How control leaves a block, after its insts and moves. */
struct be_exit {
    uint32_t copy;    /* block whose insts are repeated here, or BE_NONE: a
                         loop's short test, so that it closes the loop */
    uint16_t op;      /* conditional jump, as if forward; 0: none */
    uint32_t a, b;    /* its operands */
    uint32_t cond_to; /* its destination */
    uint32_t jump_to; /* then an unconditional jump, or BE_NONE */
    uint32_t next;    /* block where control is after both; BE_NONE: nowhere */
};

struct be_plan {
    uint32_t *forward; /* block -> the block that its work begins in */
    uint32_t *next;    /* block -> the next that makes words, or BE_NONE */
    bool *targeted;    /* something jumps to the block's first word */
    struct be_exit *exits;
};

struct be_jump {   /* a word whose offset is to be filled in */
    uint32_t at;   /* its pc */
    uint32_t to;   /* block */
    uint32_t next; /* block whose state holds behind it */
};

struct be_join {
    uint32_t pc;
    uint32_t mark;     /* block that ends in the MARK, or BE_NONE */
    uint32_t first, n; /* into lives */
};

struct be_out {
    struct be_fn *f;
    struct be *be; /* for the table of constants */
    struct be_plan plan;
    struct be_live live;

    VEC(uint64_t) words;
    VEC(struct be_jump) jumps; /* ascending */
    VEC(struct be_join) joins; /* ascending, one a pc */
    VEC(struct pvm_live) lives;
    VEC(struct pvm_line) lines;   /* ascending, one a pc */
    uint32_t *block_pc, *mark_pc; /* by block */
    struct ir_pos pos;            /* of what is emitted now */

    /* moves.c: by register of a class */
    uint32_t *readers[BE_CLASSES]; /* moves that still read it */
    uint32_t *source[BE_CLASSES];  /* register that it gets + 1; 0: none */
    uint32_t *type[BE_CLASSES];    /* of the reference that it gets */
};

struct be_move {
    uint32_t to;                    /* register of the frame */
    uint32_t from;                  /* register, or BE_NONE: the constant */
    const struct ir_inst *constant; /* CONST or STR */
    uint32_t type;                  /* of a reference */
};
struct be_moves {
    VEC(struct be_move) list[BE_CLASSES];
};

/* Register of the frame for a place. */
static inline uint32_t be_register(const struct be_fn *f, int class,
                                   uint32_t place)
{
    return place & BE_WINDOW ? f->locals[class] + (place & ~BE_WINDOW) : place;
}
static inline uint32_t be_reg(const struct be_fn *f, uint32_t v)
{
    return be_register(f, be_class_of(f, v), f->places[v]);
}

/* ---- plan.c -------------------------------------------------------------- */

void be_make_plan(struct be_fn *f, struct be_plan *p);
/* Does v stand where a param lives, so that the edge needs no move? */
bool be_stands(const struct be_fn *f, ir_val v, ir_val param);
/* The jump taken when `op` is not. */
unsigned be_inverse(unsigned op);
enum { BE_BACKWARD = PVM_JMPB - PVM_JMP }; /* from a jump to its twin */

/* ---- emit.c -------------------------------------------------------------- */

/* Emits an allocated function. */
bool be_emit(struct be_out *o);
void be_word(struct be_out *o, uint64_t w);
/* Loads a CONST or STR into a register of the frame. */
void be_emit_constant(struct be_out *o, const struct ir_inst *c, uint32_t reg);
/* Index of a constant in the table of the module; image.c. */
uint32_t be_constant(struct be *b, uint64_t bits);
/* Turns a native's index into that of its import; false: too many. */
bool be_import(struct be *b, uint32_t *native);

/* ---- moves.c ------------------------------------------------------------- */

/* Asks for v, as it stands now or as a constant, in a register. */
void be_move_value(struct be_out *o, struct be_moves *m, ir_val v, uint32_t to);
void be_move_reg(struct be_out *o, struct be_moves *m, int class, uint32_t from,
                 uint32_t to, uint32_t type);
/* Makes all moves as if at once, and forgets them. */
void be_make_moves(struct be_out *o, struct be_moves *m);

/* ---- joins.c ------------------------------------------------------------- */

/* The state at a block's first word, at this pc; it replaces a join that the
 * pc already has. */
void be_join_block(struct be_out *o, uint32_t block, uint32_t pc);
/* The state behind a call, KEEP or UNDO; `call` NULL for the latter. */
void be_join_after(struct be_out *o, const struct be_set *live,
                   const struct ir_inst *call, uint32_t mark);
/* Has the join table room for so many registers more?  Refuses the function
 * otherwise. */
bool be_joins_fit(struct be_out *o, uint64_t more);
/* For how many. */
uint64_t be_joins_left(const struct be_out *o);

/* ---- relax.c ------------------------------------------------------------- */

/* Fills in the jumps, making room where an offset needs 32 bits; pcs of
 * blocks, marks, joins and lines move along. */
bool be_relax(struct be_out *o);

#endif
