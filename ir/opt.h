/* opt.h - what passes share; private to opt*.c.
 *
 * A pass gets the function with the analyses that its row in opt.c asks for,
 * and says whether it changed anything; the row says which analyses a change
 * makes stale.  Everything in `a` is gone after the last pass.
 *
 * What no pass may do: drop or repeat an op that can fail or write, move an
 * op that reads or writes memory across one that writes, or move anything
 * across MARK, KEEP and UNDO; give an edge other arguments than values from
 * before its inst; take from a landing its Error or its place as the only
 * successor of its mark. */
#ifndef PAL_IR_OPT_H
#define PAL_IR_OPT_H

#include "ir/ir.h"

enum {                /* analyses */
       OPT_ORDER = 1, /* order, n; blocks not in it are empty */
       OPT_PREDS = 2, /* preds */
       OPT_DOMS = 4,  /* doms */
       OPT_GRAPH = OPT_ORDER | OPT_PREDS | OPT_DOMS
};

struct opt {
    struct ir_fn *f;
    struct arena *a;
    uint32_t have; /* analyses that hold now */
    ir_blk *order;
    uint32_t n;
    uint32_t *preds;
    struct ir_domtree doms;
};

/* Makes the analyses hold. */
void opt_analyse(struct opt *o, uint32_t needs);

bool opt_copy(struct opt *o);
bool opt_fold(struct opt *o);
bool opt_cfg(struct opt *o);
bool opt_cse(struct opt *o);
bool opt_hoist(struct opt *o);
bool opt_dce(struct opt *o);
bool opt_number(struct opt *o);

/* Replacements: by[v] is what stands for v, perhaps itself replaced. */
ir_val *opt_same(struct opt *o); /* every value for itself */
static inline ir_val opt_find(ir_val *by, ir_val v)
{
    while (by[v] != v)
        v = by[v] = by[by[v]];
    return v;
}
/* Writes them into all insts and edges of the n blocks of the order. */
void opt_replace(struct opt *o, ir_val *by);
void opt_replace_inst(ir_val *by, struct ir_inst *i);

/* Is b the second successor of a mark? */
bool *opt_landings(const struct opt *o);
/* An op without which nothing else changes when its results are not used. */
bool opt_is_removable(const struct ir_inst *i);
/* What a load reads, and as a set of bits what an inst may write. */
enum ir_memory opt_memory_read(const struct ir_fn *f, const struct ir_inst *i);
unsigned opt_memory_written(const struct ir_fn *f, const struct ir_inst *i);
/* Removes the params p of b for which dead[p], and the edges' arguments for
 * them; of all blocks in the order. */
void opt_drop_params(struct opt *o, const bool *dead);
/* The value of an op on constants; kind is that of its first argument.  False
 * where it would fail, or give a NaN, whose bits are the machine's business. */
bool opt_evaluate(enum ir_op op, uint8_t kind, int64_t x, int64_t y,
                  int64_t *out);
/* The same of a native on the words that its arguments are, for those of
 * base/exact.def. */
bool opt_evaluate_native(int64_t native, const int64_t *args, uint8_t kind,
                         int64_t *out);

#endif
