/* blocks.h - what select.c and blocks.c share. */
#ifndef PAL_BACKEND_BLOCKS_H
#define PAL_BACKEND_BLOCKS_H

#include "backend/machine.h"

/* Makes f->blocks, in the order of the code, from n blocks of the IR in
 * reverse postorder: ends, successors, params and marks are filled in, insts
 * are not.  Returns the IR block of each, IR_NONE for one that only makes the
 * moves of an edge. */
ir_blk *be_make_blocks(struct be_fn *f, const ir_blk *order, uint32_t n);

#endif
