/* verify.c - is this function what ir.h says a function is?
 *
 *   shape      ops, edges and values in range; terminators last and only last
 *   types      each op against its row's signature letters, its immediate and
 *              the module's descriptors; edges against the params they fill
 *   dominance  a definition stands before its uses on every path
 *   marks      they nest, blocks have one depth, returns have none
 *   rev        of reversible code: verify_rev.c
 *
 * The checks run in this order, each relying on those before, and each is one
 * pass over the function; the first rule found broken is reported.  What is
 * not reachable from the entry has shape and types checked only.  The types
 * and signatures of the module are checked once, by ir_verify_module. */
#include "ir/verify.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool verify_fail(struct verify *c, const char *format, ...)
{
    int at = snprintf(c->why, c->n, "fn %s, b%" PRIu32,
                      c->mod->sigs.at[c->f->index].name, c->at);
    size_t used = at > 0 ? (size_t)at : 0;
    if (c->inst && used < c->n) {
        const struct ir_inst *i = c->inst;
        at = snprintf(c->why + used, c->n - used, ", %s",
                      i->op < IR_NOPS ? ir_ops[i->op].text : "?");
        used += at > 0 ? (size_t)at : 0;
        if (i->pos.line && used < c->n) {
            at =
                snprintf(c->why + used, c->n - used, " at %" PRIu32 ":%" PRIu32,
                         i->pos.line, i->pos.column);
            used += at > 0 ? (size_t)at : 0;
        }
    }
    if (used + 2 < c->n) {
        va_list args;
        va_start(args, format);
        memcpy(c->why + used, ": ", 3);
        vsnprintf(c->why + used + 2, c->n - used - 2, format, args);
        va_end(args);
    }
    return false;
}

/* ---- shape --------------------------------------------------------------- */

static bool is_header_op(uint8_t op)
{
    return op == IR_LABEL || op == IR_BEGIN;
}

/* Ops that ir_plain replaces. */
static bool is_reversible_only(uint8_t op)
{
    switch (op) {
    case IR_JOIN:
    case IR_UNCALL:
    case IR_BOTH:
    case IR_EITHER:
    case IR_SO: return true;
    default:
        return ir_ops[op].class == IR_INJECTIVE && op > IR_UINV &&
               op != IR_SWAP;
    }
}

static uint32_t edges_of(const struct ir_inst *i)
{
    switch (i->op) {
    case IR_JUMP: return 1;
    case IR_BRANCH: return 2;
    case IR_MARK: return i->imm == IR_MARK_TRY ? 2 : 1;
    default: return 0;
    }
}

static bool check_vals(struct verify *c, const ir_val *v, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (v[i] >= c->f->values.n)
            return verify_fail(c, "there is no v%" PRIu32, v[i]);
    return true;
}

static bool check_edges(struct verify *c, const struct ir_inst *i)
{
    if (i->op == IR_MARK && i->imm != IR_MARK_TRY && i->imm != IR_MARK_UNDO)
        return verify_fail(c, "there is no such kind of mark");
    if (i->nedges != edges_of(i))
        return verify_fail(c, "has %d edges, not %" PRIu32, i->nedges,
                           edges_of(i));
    for (uint32_t k = 0; k < i->nedges; k++) {
        const struct ir_edge *e = &i->edges[k];
        if (e->to >= c->f->blocks.n)
            return verify_fail(c, "there is no b%" PRIu32, e->to);
        if (e->to == 0)
            return verify_fail(c, "an edge leads to the entry");
        if (!check_vals(c, e->args, e->nargs))
            return false;
    }
    return true;
}

static bool define(struct verify *c, ir_val v, uint32_t index)
{
    if (v >= c->f->values.n)
        return verify_fail(c, "defines v%" PRIu32 ", of which there is no type",
                           v);
    if (c->def_block[v] != IR_NONE)
        return verify_fail(c, "v%" PRIu32 " is defined twice", v);
    c->def_block[v] = c->at;
    c->def_index[v] = index;
    return true;
}

static bool check_block_shape(struct verify *c, const struct ir_block *b)
{
    for (uint32_t i = 0; i < b->params.n; i++)
        if (!define(c, b->params.at[i], 0))
            return false;
    for (uint32_t i = 0; i < b->insts.n; i++) {
        const struct ir_inst *in = c->inst = &b->insts.at[i];
        if (in->op >= IR_NOPS || is_header_op(in->op))
            return verify_fail(c, "is not an op that is stored");
        if (!c->f->rev && is_reversible_only(in->op))
            return verify_fail(c, "stands in reversible code alone");
        if (!!(ir_ops[in->op].flags & IR_ENDS) != (i == b->insts.n - 1))
            return verify_fail(c, i == b->insts.n - 1
                                      ? "does not end its block, and is last"
                                      : "ends its block, and is not last");
        if (!check_vals(c, in->args, in->nargs) || !check_edges(c, in))
            return false;
        for (uint32_t k = 0; k < in->nres; k++)
            if (!define(c, in->res + k, i + 1))
                return false;
    }
    c->inst = NULL;
    return true;
}

static bool check_shape(struct verify *c)
{
    const struct ir_fn *f = c->f;
    if (!f->blocks.n)
        return verify_fail(c, "has no entry");
    for (c->at = 0; c->at < f->blocks.n; c->at++)
        if (!check_block_shape(c, &f->blocks.at[c->at]))
            return false;
    return true;
}

/* ---- dominance ----------------------------------------------------------- */

static bool check_uses(struct verify *c, const struct ir_domtree *t,
                       const ir_val *v, uint32_t n, uint32_t index)
{
    for (uint32_t i = 0; i < n; i++) {
        ir_blk d = c->def_block[v[i]];
        if (d == IR_NONE)
            return verify_fail(c, "v%" PRIu32 " is never defined", v[i]);
        bool ok = d == c->at ? c->def_index[v[i]] < index
                             : t->in[d] && ir_dominates(t, d, c->at);
        if (!ok)
            return verify_fail(
                c, "v%" PRIu32 " is not defined on every path to here", v[i]);
    }
    return true;
}

static bool check_dominance(struct verify *c)
{
    struct ir_domtree t = ir_domtree(c->f, c->a, c->order, c->norder);
    for (uint32_t k = 0; k < c->norder; k++) {
        c->at = c->order[k];
        c->inst = NULL;
        const struct ir_block *b = &c->f->blocks.at[c->at];
        if (!ir_end(c->f, c->at))
            return verify_fail(c, "is reached and has no end");
        for (uint32_t i = 0; i < b->insts.n; i++) {
            const struct ir_inst *in = c->inst = &b->insts.at[i];
            if (!check_uses(c, &t, in->args, in->nargs, i + 1))
                return false;
            for (uint32_t e = 0; e < in->nedges; e++)
                if (!check_uses(c, &t, in->edges[e].args, in->edges[e].nargs,
                                i + 1))
                    return false;
        }
    }
    return true;
}

/* ---- marks --------------------------------------------------------------- */

/* The edges of b's terminator, with `open` the mark open before it. */
static bool check_mark_edges(struct verify *c, const struct ir_inst *last,
                             const ir_blk *start, const uint32_t *preds,
                             ir_blk open)
{
    if (last->op == IR_RETURN && open != IR_NONE)
        return verify_fail(c, "the mark of b%" PRIu32 " is still open", open);
    for (uint32_t i = 0; i < last->nedges; i++) {
        ir_blk to = last->edges[i].to;
        bool opens = last->op == IR_MARK && i == 0;
        if (start[to] != (opens ? c->at : open))
            return verify_fail(
                c, "b%" PRIu32 " is reached with different marks open", to);
        if (last->op == IR_MARK && i == 1 && preds[to] != 1)
            return verify_fail(
                c, "the landing b%" PRIu32 " is reached otherwise too", to);
    }
    return true;
}

static bool check_marks(struct verify *c)
{
    ir_blk *start = ir_open_marks(c->f, c->a), *end = start + c->f->blocks.n;
    uint32_t *preds = ir_preds(c->f, c->a, c->order, c->norder);
    for (uint32_t k = 0; k < c->norder; k++) {
        c->at = c->order[k];
        const struct ir_block *b = &c->f->blocks.at[c->at];
        ir_blk open = start[c->at];
        for (uint32_t i = 0; i < b->insts.n; i++) {
            const struct ir_inst *in = c->inst = &b->insts.at[i];
            if (in->op != IR_KEEP && in->op != IR_UNDO)
                continue;
            if (open == IR_NONE)
                return verify_fail(c, "no mark is open");
            open = end[open];
        }
        if (!check_mark_edges(c, c->inst, start, preds, open))
            return false;
    }
    return true;
}

bool ir_verify(const struct ir_fn *f, char *why, size_t n)
{
    struct verify c = {.f = f, .mod = f->module, .why = why, .n = n};
    c.a = arena_open(f->module->mem);
    c.def_block = ARENA_ARRAY(c.a, ir_blk, f->values.n + 1);
    c.def_index = ARENA_ARRAY(c.a, uint32_t, f->values.n + 1);
    memset(c.def_block, 0xff, f->values.n * sizeof *c.def_block);

    bool ok = check_shape(&c) && verify_types(&c);
    if (ok) {
        c.norder = ir_rpo(f, c.a, &c.order);
        ok = check_dominance(&c) && check_marks(&c) &&
             (!f->rev || verify_rev(&c));
    }
    arena_close(c.a);
    return ok;
}
