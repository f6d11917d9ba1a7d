/* lower_prune.c - takes superfluous params out of a lowered function.
 *
 * A param is superfluous when all its edges bring one value (or the param
 * itself, around a loop), or when no instruction needs it, not even through
 * other params.  Both leave the graph as it is: only params, the edges'
 * arguments and, for the first kind, uses are rewritten. */
#include "frontend/lower.h"

struct pred { /* an edge that enters a block */
    ir_blk from;
    uint32_t edge;
};

struct prune {
    struct ir_fn *f;
    struct arena *a;
    uint32_t *first; /* preds[first[b]..first[b + 1]) enter block b */
    struct pred *preds;
    ir_val *instead; /* of each value: what stands for it */
    ir_blk *block;   /* of a param: its block; else IR_NONE */
    uint32_t *index; /* of a param: its place */
    bool *needed;
    VEC(ir_val) work;
};

/* Whether the params of a block are a matter of its edges: not of the entry,
 * nor of a landing, which the unwinder enters. */
static bool has_plain_params(const struct prune *p, ir_blk b)
{
    if (b == 0 || p->first[b] == p->first[b + 1])
        return false;
    const struct pred *e = &p->preds[p->first[b]];
    return ir_end(p->f, e->from)->op != IR_MARK || e->edge == 0;
}

static struct ir_edge *pred_edge(const struct prune *p, uint32_t i)
{
    return &ir_end(p->f, p->preds[i].from)->edges[p->preds[i].edge];
}

static void preds_find(struct prune *p)
{
    struct ir_fn *f = p->f;
    uint32_t n = f->blocks.n;
    p->first = ARENA_ARRAY(p->a, uint32_t, n + 2);
    for (ir_blk b = 0; b < n; b++) {
        const struct ir_inst *end = ir_end(f, b);
        for (uint32_t i = 0; end && i < end->nedges; i++)
            p->first[end->edges[i].to + 2]++;
    }
    for (uint32_t i = 2; i < n + 2; i++)
        p->first[i] += p->first[i - 1];
    p->preds = ARENA_ARRAY(p->a, struct pred, p->first[n + 1] + 1);
    /* first[b + 1] moves from the start of b's run to its end */
    for (ir_blk b = 0; b < n; b++) {
        const struct ir_inst *end = ir_end(f, b);
        for (uint32_t i = 0; end && i < end->nedges; i++)
            p->preds[p->first[end->edges[i].to + 1]++] = (struct pred){b, i};
    }
}

/* ---- params that bring one value ----------------------------------------- */

static ir_val stands_for(struct prune *p, ir_val v)
{
    while (p->instead[v] != v) {
        p->instead[v] = p->instead[p->instead[v]];
        v = p->instead[v];
    }
    return v;
}

/* The one value that param i of block b can have, or IR_NONE. */
static ir_val only_value(struct prune *p, ir_blk b, uint32_t i)
{
    ir_val self = p->f->blocks.at[b].params.at[i], only = IR_NONE;
    for (uint32_t k = p->first[b]; k < p->first[b + 1]; k++) {
        ir_val v = stands_for(p, pred_edge(p, k)->args[i]);
        if (v == self || v == only)
            continue;
        if (only != IR_NONE)
            return IR_NONE;
        only = v;
    }
    return only;
}

/* Until nothing changes; blocks in descending order take inner loops first,
 * so that few rounds do. */
static void find_copies(struct prune *p)
{
    for (bool again = true; again;) {
        again = false;
        for (ir_blk b = p->f->blocks.n; b-- > 1;) {
            if (!has_plain_params(p, b))
                continue;
            const struct ir_block *blk = &p->f->blocks.at[b];
            for (uint32_t i = 0; i < blk->params.n; i++) {
                ir_val self = blk->params.at[i];
                if (p->instead[self] != self)
                    continue;
                ir_val only = only_value(p, b, i);
                if (only == IR_NONE)
                    continue;
                p->instead[self] = only;
                again = true;
            }
        }
    }
}

static void rewrite_uses(struct prune *p)
{
    struct ir_fn *f = p->f;
    for (ir_blk b = 0; b < f->blocks.n; b++)
        for (uint32_t i = 0; i < f->blocks.at[b].insts.n; i++) {
            struct ir_inst *in = &f->blocks.at[b].insts.at[i];
            for (uint32_t k = 0; k < in->nargs; k++)
                in->args[k] = stands_for(p, in->args[k]);
            for (uint32_t e = 0; e < in->nedges; e++)
                for (uint32_t k = 0; k < in->edges[e].nargs; k++)
                    in->edges[e].args[k] = stands_for(p, in->edges[e].args[k]);
        }
}

/* ---- params that nobody needs -------------------------------------------- */

static void need(struct prune *p, ir_val v)
{
    if (p->needed[v])
        return;
    p->needed[v] = true;
    if (p->block[v] != IR_NONE)
        vec_push_in(p->a, &p->work, v);
}

static void find_needed(struct prune *p)
{
    struct ir_fn *f = p->f;
    for (ir_blk b = 0; b < f->blocks.n; b++)
        for (uint32_t i = 0; i < f->blocks.at[b].insts.n; i++) {
            const struct ir_inst *in = &f->blocks.at[b].insts.at[i];
            for (uint32_t k = 0; k < in->nargs; k++)
                need(p, in->args[k]);
        }
    while (p->work.n) {
        ir_val v = p->work.at[--p->work.n];
        ir_blk b = p->block[v];
        for (uint32_t k = p->first[b]; k < p->first[b + 1]; k++)
            need(p, pred_edge(p, k)->args[p->index[v]]);
    }
}

/* Keeps of n values those at places whose param is needed. */
static uint32_t keep_needed(const struct prune *p, const ir_val *params,
                            ir_val *vals, uint32_t n)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < n; i++)
        if (p->needed[params[i]])
            vals[kept++] = vals[i];
    return kept;
}

static void drop_params(struct prune *p)
{
    struct ir_fn *f = p->f;
    for (ir_blk b = 1; b < f->blocks.n; b++) {
        if (!has_plain_params(p, b))
            continue;
        struct ir_block *blk = &f->blocks.at[b];
        for (uint32_t k = p->first[b]; k < p->first[b + 1]; k++) {
            struct ir_edge *e = pred_edge(p, k);
            e->nargs = keep_needed(p, blk->params.at, e->args, e->nargs);
        }
        /* reads each param before it is overwritten */
        blk->params.n =
            keep_needed(p, blk->params.at, blk->params.at, blk->params.n);
    }
}

void lower_prune(struct lower *l)
{
    struct ir_fn *f = l->f;
    struct prune p = {.f = f, .a = l->arena};
    uint32_t n = f->values.n;
    p.instead = ARENA_ARRAY(p.a, ir_val, n + 1);
    p.block = ARENA_ARRAY(p.a, ir_blk, n + 1);
    p.index = ARENA_ARRAY(p.a, uint32_t, n + 1);
    p.needed = ARENA_ARRAY(p.a, bool, n + 1);
    for (ir_val v = 0; v < n; v++) {
        p.instead[v] = v;
        p.block[v] = IR_NONE;
    }
    preds_find(&p);
    for (ir_blk b = 1; b < f->blocks.n; b++) {
        if (!has_plain_params(&p, b))
            continue;
        const struct ir_block *blk = &f->blocks.at[b];
        for (uint32_t i = 0; i < blk->params.n; i++) {
            p.block[blk->params.at[i]] = b;
            p.index[blk->params.at[i]] = i;
        }
    }
    find_copies(&p);
    rewrite_uses(&p);
    find_needed(&p);
    drop_params(&p);
}
