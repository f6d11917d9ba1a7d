/* opt_copy.c - copies, and params that are always given one value.
 *
 * A param whose edges all give it one value v, or itself, is v: v's
 * definition dominates every predecessor and so the block.  Replacing it can
 * make other params trivial; a few rounds find nearly all of them, and keep
 * the pass linear. */
#include "ir/opt.h"

#include <string.h>

enum { ROUNDS = 4 };

struct copies {
    struct opt *o;
    ir_val *by;
    ir_val *given; /* to a param; IR_NONE: nothing yet */
    bool *varies;  /* it is given several values, or is no edge's to give */
    bool *dead;
};

static bool find_copies(struct copies *c)
{
    bool found = false;
    for (uint32_t k = 0; k < c->o->n; k++) {
        const struct ir_block *b = &c->o->f->blocks.at[c->o->order[k]];
        for (uint32_t i = 0; i < b->insts.n; i++) {
            const struct ir_inst *in = &b->insts.at[i];
            if (in->op != IR_COPY)
                continue;
            c->by[in->res] = in->args[0];
            found = true;
        }
    }
    return found;
}

static void gather_edge(struct copies *c, const struct ir_edge *e, bool landing)
{
    const ir_val *params = c->o->f->blocks.at[e->to].params.at;
    if (landing)
        c->varies[*params++] = true;
    for (uint32_t i = 0; i < e->nargs; i++) {
        ir_val p = params[i], v = opt_find(c->by, e->args[i]);
        if (v == p || c->dead[p])
            continue;
        if (c->given[p] == IR_NONE)
            c->given[p] = v;
        else if (c->given[p] != v)
            c->varies[p] = true;
    }
}

static bool replace_trivial(struct copies *c, const struct ir_block *b)
{
    bool found = false;
    for (uint32_t i = 0; i < b->params.n; i++) {
        ir_val p = b->params.at[i];
        if (c->dead[p] || c->varies[p] || c->given[p] == IR_NONE)
            continue;
        ir_val v = opt_find(c->by, c->given[p]);
        if (v == p)
            continue;
        c->by[p] = v;
        c->dead[p] = found = true;
    }
    return found;
}

static bool find_trivial(struct copies *c)
{
    bool found = false;
    uint32_t values = c->o->f->values.n;
    memset(c->given, 0xff, values * sizeof *c->given);
    memset(c->varies, 0, values * sizeof *c->varies);
    for (uint32_t k = 0; k < c->o->n; k++) {
        const struct ir_inst *last = ir_end(c->o->f, c->o->order[k]);
        for (uint32_t e = 0; e < last->nedges; e++)
            if (c->o->f->blocks.at[last->edges[e].to].params.n)
                gather_edge(c, &last->edges[e], last->op == IR_MARK && e == 1);
    }
    for (uint32_t k = 1; k < c->o->n; k++)
        found |= replace_trivial(c, &c->o->f->blocks.at[c->o->order[k]]);
    return found;
}

static void drop_copies(struct opt *o)
{
    for (uint32_t k = 0; k < o->n; k++) {
        struct ir_block *b = &o->f->blocks.at[o->order[k]];
        uint32_t left = 0;
        for (uint32_t i = 0; i < b->insts.n; i++)
            if (b->insts.at[i].op != IR_COPY)
                b->insts.at[left++] = b->insts.at[i];
        b->insts.n = left;
    }
}

bool opt_copy(struct opt *o)
{
    uint32_t values = o->f->values.n;
    struct copies c = {.o = o,
                       .by = opt_same(o),
                       .given = ARENA_ARRAY(o->a, ir_val, values + 1),
                       .varies = ARENA_ARRAY(o->a, bool, values + 1),
                       .dead = ARENA_ARRAY(o->a, bool, values + 1)};
    bool copies = find_copies(&c), params = false;
    for (int round = 0; round < ROUNDS && find_trivial(&c); round++)
        params = true;
    if (params)
        opt_drop_params(o, c.dead);
    if (copies || params)
        opt_replace(o, c.by);
    if (copies)
        drop_copies(o);
    return copies || params;
}
