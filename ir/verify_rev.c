/* verify_rev.c - is this function reversible code?
 *
 * Reversible code is PIR that can be read from its last line up (after RSSA,
 * Mogensen 2015).  A block is a sequence of groups, each some pure ops and
 * behind them an anchor, which is any other op:
 *
 *   block    [pure ops, JOIN]  { pure ops, update }  pure ops, end
 *
 * A value is one of three:
 *   constant   a parameter that is not mut: read anywhere
 *   fresh      the result of a pure op: read in its own group alone, and
 *              between BOTH or EITHER and its SO, there alone
 *   linear     a mut parameter, a block's param, the result of an anchor:
 *              live from there until one anchor of its block consumes it, and
 *              read in between
 * The end of a block hands on all linear values that live, so nothing but the
 * constants is seen from block to block.  An anchor reads nothing that it
 * consumes, nor does its group.  A BRANCH hands the same on both ways; what
 * it leads to is entered by it alone.  A block that two ways lead to is
 * entered by jumps, begins with a bool, true on one of them and false on the
 * other, and its first anchor is a JOIN of a condition and that bool.  One
 * RETURN leaves the function, with the mut parameters. */
#include "ir/rev.h"
#include "ir/verify.h"

#include <inttypes.h>

enum { DEAD, CONSTANT, FRESH, LINEAR, WAY };

struct rev {
    struct verify *c;
    uint8_t *kind;   /* of each value, in the block at hand */
    uint32_t *group; /* of a fresh value */
    uint32_t now;    /* the group at hand, a number of the function's */
    uint32_t nlive;  /* linear values that live */
    uint32_t returns;
    VEC(uint32_t) open; /* places of BOTH and EITHER without their SO */
};

/* ---- what anchors consume ------------------------------------------------ */

uint64_t rev_consumed(const struct ir_fn *f, const struct ir_inst *i)
{
    switch (i->op) {
    case IR_SWAP: return 3;
    case IR_XCHGF:
    case IR_PUTF:
    case IR_UPUSH:
    case IR_UPOP: return 2;
    case IR_XCHGE:
    case IR_PUTM:
    case IR_PUTE: return 4;
    case IR_XCHGG:
    case IR_PUTG:
    case IR_DELOCAL:
    case IR_UNMAKE:
    case IR_DROP: return 1;
    case IR_TAKEF:
    case IR_TAKEG:
    case IR_TAKEE:
    case IR_TAKEM:
    case IR_LOCAL:
    case IR_MAKE:
    case IR_HOLD: return 0;
    case IR_CALL:
    case IR_UNCALL: return f->module->sigs.at[i->imm].muts;
    case IR_RETURN: return UINT64_MAX;
    default: return ir_ops[i->op].class == IR_INJECTIVE && i->nres ? 1 : 0;
    }
}

static bool is_consumed(uint64_t set, uint32_t k)
{
    return k < 64 && set >> k & 1;
}

bool rev_undoes_itself(int64_t native)
{
    return native == ir_native("list_swap") ||
           native == ir_native("list_reverse");
}

static bool is_allowed(struct verify *c, const struct ir_inst *i)
{
    const struct ir_op_info *op = &ir_ops[i->op];
    switch (i->op) {
    case IR_NEW:
    case IR_NEWLIST:
    case IR_NEWMAP: return verify_fail(c, "makes an object in reversible code");
    case IR_NATIVE:
        return rev_undoes_itself(i->imm) ||
               ir_natives[i->imm].effect == IR_EFFECT_PURE ||
               ir_natives[i->imm].effect == IR_EFFECT_READ ||
               verify_fail(c, "is a native without an inverse");
    case IR_CALL:
    case IR_UNCALL:
        return c->mod->sigs.at[i->imm].nresults ==
                   (uint32_t)__builtin_popcountll(
                       c->mod->sigs.at[i->imm].muts) ||
               verify_fail(c, "calls what is not reversible");
    case IR_JOIN:
    case IR_JUMP:
    case IR_BRANCH:
    case IR_RETURN: return true;
    default:
        return op->class == IR_PURE || op->class == IR_INJECTIVE ||
               verify_fail(c, "has no place in reversible code");
    }
}

/* ---- a block ------------------------------------------------------------- */

static bool is_pure(const struct ir_inst *i)
{
    return ir_ops[i->op].class == IR_PURE ||
           (i->op == IR_NATIVE && !rev_undoes_itself(i->imm));
}

static bool reads(struct rev *r, ir_val v)
{
    switch (r->kind[v]) {
    case CONSTANT:
    case LINEAR: return true;
    case FRESH:
        return r->group[v] == r->now ||
               verify_fail(r->c, "v%" PRIu32 " is of another group", v);
    case WAY:
        return r->c->inst->op == IR_JOIN ||
               verify_fail(r->c, "v%" PRIu32 " is a join's alone", v);
    default: return verify_fail(r->c, "v%" PRIu32 " does not live here", v);
    }
}

static bool consumes(struct rev *r, ir_val v)
{
    if (r->kind[v] != LINEAR)
        return verify_fail(r->c, "consumes v%" PRIu32 ", which is not linear",
                           v);
    r->kind[v] = DEAD;
    r->nlive--;
    return true;
}

static void begin_linear(struct rev *r, ir_val v)
{
    r->kind[v] = LINEAR;
    r->nlive++;
}

/* No op of the group b.insts[from..at) reads what the anchor consumes. */
static bool group_is_apart(struct rev *r, const struct ir_block *b,
                           uint32_t from, uint32_t at, ir_val v)
{
    for (uint32_t k = from; k < at; k++)
        for (uint32_t j = 0; j < b->insts.at[k].nargs; j++)
            if (b->insts.at[k].args[j] == v)
                return verify_fail(r->c, "v%" PRIu32 " is read and updated", v);
    return true;
}

static bool check_anchor(struct rev *r, const struct ir_block *b, uint32_t from,
                         uint32_t at)
{
    const struct ir_inst *i = &b->insts.at[at];
    uint64_t set = rev_consumed(r->c->f, i);
    bool ends = ir_ops[i->op].flags & IR_ENDS;
    for (uint32_t k = 0; k < i->nargs; k++)
        if (!is_consumed(set, k) && !reads(r, i->args[k]))
            return false;
    for (uint32_t k = 0; k < i->nargs; k++) {
        if (!is_consumed(set, k))
            continue;
        if ((!ends && !group_is_apart(r, b, from, at, i->args[k])) ||
            !consumes(r, i->args[k]))
            return false;
        for (uint32_t j = 0; j < i->nargs; j++)
            if (j != k && i->args[j] == i->args[k])
                return verify_fail(r->c, "v%" PRIu32 " is read and updated",
                                   i->args[k]);
    }
    for (uint32_t k = 0; k < i->nres; k++)
        begin_linear(r, i->res + k);
    return true;
}

/* The edges' arguments: all that lives, and before it a join's bool. */
static bool check_hand_over(struct rev *r, const struct rev_graph *g,
                            const struct ir_inst *last)
{
    const struct ir_edge *e = last->edges;
    uint32_t skip = last->nedges && g->npreds[e->to] == 2;
    for (uint32_t k = 1; k < last->nedges; k++)
        for (uint32_t j = 0; j < e->nargs || j < e[k].nargs; j++)
            if (e[k].nargs != e->nargs || e[k].args[j] != e->args[j])
                return verify_fail(r->c, "hands on two different states");
    for (uint32_t j = skip; last->nedges && j < e->nargs; j++)
        if (!consumes(r, e->args[j]))
            return false;
    if (r->nlive)
        return verify_fail(r->c, "%" PRIu32 " linear values are lost",
                           r->nlive);
    if (last->op == IR_RETURN)
        r->returns++;
    return true;
}

static void begin_block(struct rev *r, const struct rev_graph *g, ir_blk at)
{
    const struct ir_block *b = &r->c->f->blocks.at[at];
    uint64_t muts = r->c->mod->sigs.at[r->c->f->index].muts;
    r->nlive = 0;
    for (uint32_t k = 0; k < b->params.n; k++) {
        ir_val v = b->params.at[k];
        if (at == 0 && !is_consumed(muts, k))
            r->kind[v] = CONSTANT;
        else if (at != 0 && k == 0 && g->npreds[at] == 2)
            r->kind[v] = WAY;
        else
            begin_linear(r, v);
    }
}

static bool check_pure(struct rev *r, const struct ir_block *b, uint32_t at)
{
    const struct ir_inst *i = &b->insts.at[at];
    for (uint32_t j = 0; j < i->nargs; j++)
        if (!reads(r, i->args[j]))
            return false;
    if (i->op == IR_BOTH || i->op == IR_EITHER)
        vec_push_in(r->c->a, &r->open, at);
    if (i->op == IR_SO) {
        if (!r->open.n)
            return verify_fail(r->c, "ends what did not begin");
        for (uint32_t k = r->open.at[--r->open.n]; k < at; k++)
            for (uint32_t j = 0; j < b->insts.at[k].nres; j++)
                r->kind[b->insts.at[k].res + j] = DEAD;
    }
    for (uint32_t j = 0; j < i->nres; j++) {
        r->kind[i->res + j] = FRESH;
        r->group[i->res + j] = r->now;
    }
    return true;
}

static bool check_block(struct rev *r, const struct rev_graph *g, ir_blk at)
{
    const struct ir_block *b = &r->c->f->blocks.at[at];
    bool first = true;
    begin_block(r, g, at);
    r->now++;
    for (uint32_t k = 0, from = 0; k < b->insts.n; k++) {
        const struct ir_inst *i = r->c->inst = &b->insts.at[k];
        if (!is_allowed(r->c, i))
            return false;
        if (is_pure(i)) {
            if (!check_pure(r, b, k))
                return false;
            continue;
        }
        if (r->open.n)
            return verify_fail(r->c, "stands before an end of both or either");
        if ((i->op == IR_JOIN) != (first && g->npreds[at] == 2))
            return verify_fail(r->c, "a block of two ways begins with a join, "
                                     "and no other");
        if (!check_anchor(r, b, from, k))
            return false;
        first = false;
        from = k + 1;
        r->now++;
    }
    return check_hand_over(r, g, &b->insts.at[b->insts.n - 1]);
}

/* ---- the graph ----------------------------------------------------------- */

void rev_graph_read(struct rev_graph *g, const struct ir_fn *f, struct arena *a)
{
    g->norder = ir_rpo(f, a, &g->order);
    g->npreds = ARENA_ARRAY(a, uint32_t, f->blocks.n);
    g->preds = ARENA_ARRAY(a, ir_blk, 2 * (size_t)f->blocks.n);
    for (uint32_t k = 0; k < g->norder; k++) {
        const struct ir_inst *last = ir_end(f, g->order[k]);
        for (uint32_t e = 0; e < last->nedges; e++) {
            ir_blk to = last->edges[e].to;
            if (g->npreds[to] < 2)
                g->preds[2 * to + g->npreds[to]] = g->order[k];
            g->npreds[to]++;
        }
    }
}

const struct ir_inst *rev_def(const struct ir_block *b, ir_val v)
{
    for (uint32_t i = 0; i < b->insts.n; i++)
        if (b->insts.at[i].nres && v >= b->insts.at[i].res &&
            v - b->insts.at[i].res < b->insts.at[i].nres)
            return &b->insts.at[i];
    return NULL;
}

/* The constant that pred p gives a join as its bool; -1: none. */
static int way_of(const struct ir_fn *f, ir_blk p)
{
    const struct ir_inst *last = ir_end(f, p);
    if (last->op != IR_JUMP || !last->edges[0].nargs)
        return -1;
    const struct ir_inst *d = rev_def(&f->blocks.at[p], last->edges[0].args[0]);
    return d && d->op == IR_CONST ? d->imm != 0 : -1;
}

bool rev_is_true_way(const struct ir_fn *f, ir_blk p)
{
    return way_of(f, p) == 1;
}

static bool check_ways(struct verify *c, const struct rev_graph *g)
{
    for (uint32_t k = 1; k < g->norder; k++) {
        ir_blk b = c->at = g->order[k];
        if (g->npreds[b] > 2)
            return verify_fail(c, "is reached by more than two ways");
        if (g->npreds[b] < 2)
            continue;
        int x = way_of(c->f, g->preds[2 * b]);
        int y = way_of(c->f, g->preds[2 * b + 1]);
        if (x < 0 || y < 0 || x == y)
            return verify_fail(c, "is not told by which way control comes");
    }
    return true;
}

bool verify_rev(struct verify *c)
{
    struct rev_graph g;
    struct rev r = {.c = c};
    c->inst = NULL;
    rev_graph_read(&g, c->f, c->a);
    if (!check_ways(c, &g))
        return false;
    r.kind = ARENA_ARRAY(c->a, uint8_t, c->f->values.n + 1);
    r.group = ARENA_ARRAY(c->a, uint32_t, c->f->values.n + 1);
    for (uint32_t k = 0; k < g.norder; k++) {
        c->at = g.order[k];
        if (!check_block(&r, &g, c->at))
            return false;
    }
    c->inst = NULL;
    return r.returns == 1 || verify_fail(c, "does not return at one place");
}
