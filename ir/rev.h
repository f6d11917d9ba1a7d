/* rev.h - what the files on reversible code share: verify_rev.c, which says
 * what it is, invert.c and plain.c. */
#ifndef PAL_IR_REV_H
#define PAL_IR_REV_H

#include "ir/ir.h"

/* The arguments that an anchor consumes: bit k for argument k. */
uint64_t rev_consumed(const struct ir_fn *f, const struct ir_inst *i);
/* A native that undoes itself. */
bool rev_undoes_itself(int64_t native);

struct rev_graph {
    ir_blk *order; /* reverse postorder */
    uint32_t norder;
    uint32_t *npreds; /* edges into each block */
    ir_blk *preds;    /* of block b: [2 b] and, if there are two, [2 b + 1] */
};
/* Reads a function's graph into arena a. */
void rev_graph_read(struct rev_graph *g, const struct ir_fn *f,
                    struct arena *a);
/* The inst of the block that defines a value, or NULL. */
const struct ir_inst *rev_def(const struct ir_block *b, ir_val v);
/* Whether block p, which jumps to a join, is its true way. */
bool rev_is_true_way(const struct ir_fn *f, ir_blk p);

#endif
