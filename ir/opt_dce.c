/* opt_dce.c - what nobody needs: ops without use, params without use; and at
 * the end new numbers without gaps.
 *
 * A value is live if an op that must stay takes it, or a live op, or an edge
 * for a live param.  So a loop that only feeds itself dies. */
#include "ir/opt.h"

struct live {
    struct opt *o;
    bool *live;
    VEC(ir_val) work;
    const struct ir_inst **def; /* of a value; NULL: a param */
    ir_blk *block;              /* of a param */
    uint32_t *place;            /* of a param among the block's */
    uint32_t *pred_at, *preds;  /* blocks with an edge to b: from pred_at[b] */
};

static void need(struct live *l, ir_val v)
{
    if (l->live[v])
        return;
    l->live[v] = true;
    vec_push_in(l->o->a, &l->work, v);
}

static void need_all(struct live *l, const ir_val *v, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        need(l, v[i]);
}

/* Where values are defined, and the lists of predecessors. */
static void find_defs(struct live *l)
{
    struct opt *o = l->o;
    uint32_t edges = 0;
    for (uint32_t k = 0; k < o->n; k++) {
        ir_blk b = o->order[k];
        const struct ir_block *blk = &o->f->blocks.at[b];
        for (uint32_t i = 0; i < blk->params.n; i++) {
            l->block[blk->params.at[i]] = b;
            l->place[blk->params.at[i]] = i;
        }
        for (uint32_t i = 0; i < blk->insts.n; i++)
            for (uint32_t r = 0; r < blk->insts.at[i].nres; r++)
                l->def[blk->insts.at[i].res + r] = &blk->insts.at[i];
        const struct ir_inst *last = ir_end(o->f, b);
        for (uint32_t e = 0; e < last->nedges; e++, edges++)
            l->pred_at[last->edges[e].to + 1]++;
    }
    for (ir_blk b = 0; b < o->f->blocks.n; b++)
        l->pred_at[b + 1] += l->pred_at[b];
    uint32_t *fill = ARENA_ARRAY(o->a, uint32_t, o->f->blocks.n);
    l->preds = ARENA_ARRAY(o->a, uint32_t, edges + 1);
    for (uint32_t k = 0; k < o->n; k++) {
        const struct ir_inst *last = ir_end(o->f, o->order[k]);
        for (uint32_t e = 0; e < last->nedges; e++) {
            ir_blk to = last->edges[e].to;
            l->preds[l->pred_at[to] + fill[to]++] = o->order[k];
        }
    }
}

/* A param needs what its block's edges give it. */
static void need_given(struct live *l, ir_val param)
{
    ir_blk b = l->block[param];
    for (uint32_t i = l->pred_at[b]; i < l->pred_at[b + 1]; i++) {
        const struct ir_inst *last = ir_end(l->o->f, l->preds[i]);
        for (uint32_t e = 0; e < last->nedges; e++) {
            const struct ir_edge *edge = &last->edges[e];
            uint32_t skip = last->op == IR_MARK && e == 1;
            if (edge->to == b && l->place[param] >= skip)
                need(l, edge->args[l->place[param] - skip]);
        }
    }
}

static void find_live(struct live *l, const bool *landing)
{
    struct opt *o = l->o;
    for (uint32_t k = 0; k < o->n; k++) {
        const struct ir_block *b = &o->f->blocks.at[o->order[k]];
        if (k == 0)
            need_all(l, b->params.at, b->params.n);
        else if (landing[o->order[k]])
            need(l, b->params.at[0]);
        for (uint32_t i = 0; i < b->insts.n; i++)
            if (!opt_is_removable(&b->insts.at[i]))
                need_all(l, b->insts.at[i].args, b->insts.at[i].nargs);
    }
    while (l->work.n) {
        ir_val v = l->work.at[--l->work.n];
        if (l->def[v])
            need_all(l, l->def[v]->args, l->def[v]->nargs);
        else
            need_given(l, v);
    }
}

static bool is_dead(const struct live *l, const struct ir_inst *i)
{
    for (uint32_t r = 0; r < i->nres; r++)
        if (l->live[i->res + r])
            return false;
    return opt_is_removable(i);
}

static bool drop_dead(struct live *l)
{
    struct opt *o = l->o;
    bool changed = false, params = false;
    bool *dead = ARENA_ARRAY(o->a, bool, o->f->values.n + 1);
    for (uint32_t k = 0; k < o->n; k++) {
        struct ir_block *b = &o->f->blocks.at[o->order[k]];
        uint32_t left = 0;
        for (uint32_t i = 0; i < b->params.n; i++)
            if (!l->live[b->params.at[i]])
                dead[b->params.at[i]] = params = true;
        for (uint32_t i = 0; i < b->insts.n; i++)
            if (!is_dead(l, &b->insts.at[i]))
                b->insts.at[left++] = b->insts.at[i];
        changed |= left != b->insts.n;
        b->insts.n = left;
    }
    if (params)
        opt_drop_params(o, dead);
    return changed || params;
}

bool opt_dce(struct opt *o)
{
    uint32_t values = o->f->values.n + 1, blocks = o->f->blocks.n;
    struct live l = {.o = o,
                     .live = ARENA_ARRAY(o->a, bool, values),
                     .def = ARENA_ARRAY(o->a, const struct ir_inst *, values),
                     .block = ARENA_ARRAY(o->a, ir_blk, values),
                     .place = ARENA_ARRAY(o->a, uint32_t, values),
                     .pred_at = ARENA_ARRAY(o->a, uint32_t, blocks + 2)};
    find_defs(&l);
    find_live(&l, opt_landings(o));
    return drop_dead(&l);
}

/* ---- numbers ------------------------------------------------------------- */

static ir_val renumber(ir_val *to, ir_type *types, const struct ir_fn *f,
                       ir_val v, ir_val next)
{
    to[v] = next;
    types[next] = f->values.at[v];
    return next + 1;
}

/* Blocks in their order and values in the order of definition, without
 * gaps: what the backend's tables are indexed by stays small. */
bool opt_number(struct opt *o)
{
    struct ir_fn *f = o->f;
    ir_val *to = ARENA_ARRAY(o->a, ir_val, f->values.n + 1), next = 0;
    ir_blk *place = ARENA_ARRAY(o->a, ir_blk, f->blocks.n);
    ir_type *types = ARENA_ARRAY(f->arena, ir_type, f->values.n + 1);
    struct ir_block *blocks = ARENA_ARRAY(f->arena, struct ir_block, o->n);

    for (uint32_t k = 0; k < o->n; k++) {
        struct ir_block *b = &blocks[k];
        *b = f->blocks.at[o->order[k]];
        place[o->order[k]] = k;
        for (uint32_t i = 0; i < b->params.n; i++) {
            next = renumber(to, types, f, b->params.at[i], next);
            b->params.at[i] = next - 1;
        }
        for (uint32_t i = 0; i < b->insts.n; i++) {
            struct ir_inst *in = &b->insts.at[i];
            for (uint32_t r = 0; r < in->nres; r++)
                next = renumber(to, types, f, in->res + r, next);
            in->res = in->nres ? next - in->nres : IR_NONE;
        }
    }
    for (uint32_t k = 0; k < o->n; k++)
        for (uint32_t i = 0; i < blocks[k].insts.n; i++) {
            struct ir_inst *in = &blocks[k].insts.at[i];
            for (uint32_t j = 0; j < in->nargs; j++)
                in->args[j] = to[in->args[j]];
            for (uint32_t e = 0; e < in->nedges; e++) {
                struct ir_edge *edge = &in->edges[e];
                edge->to = place[edge->to];
                for (uint32_t j = 0; j < edge->nargs; j++)
                    edge->args[j] = to[edge->args[j]];
            }
        }
    f->blocks.at = blocks;
    f->blocks.n = f->blocks.cap = o->n;
    f->values.at = types;
    f->values.cap = f->values.n + 1;
    f->values.n = next;
    return true;
}

void ir_canonical(struct ir_fn *f)
{
    struct opt o = {.f = f, .a = arena_open(f->module->mem)};
    opt_analyse(&o, OPT_ORDER);
    opt_number(&o);
    arena_close(o.a);
}
