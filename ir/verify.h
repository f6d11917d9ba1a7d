/* verify.h - what the parts of the verifier share; private to verify*.c. */
#ifndef PAL_IR_VERIFY_H
#define PAL_IR_VERIFY_H

#include "ir/ir.h"

struct verify {
    const struct ir_fn *f;
    struct ir_module *mod;
    struct arena *a;
    char *why;
    size_t n;
    ir_blk at;                  /* the block being checked */
    const struct ir_inst *inst; /* the inst being checked, or NULL */
    ir_blk *def_block;          /* of each value; IR_NONE: not defined */
    uint32_t *def_index;        /* inst's place in it + 1; 0: a param */
    ir_blk *order;              /* the reachable blocks */
    uint32_t norder;
};

/* Says in `why` what is wrong with the block or inst being checked; false,
 * for the caller to return. */
bool verify_fail(struct verify *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Each op against its row's signature letters, its immediate and the module's
 * descriptors; edges against the params they fill.  The shape is right. */
bool verify_types(struct verify *c);
/* The rules of reversible code; all else of the function is right. */
bool verify_rev(struct verify *c);

#endif
