/* opt_cfg.c - blocks that only pass control on.
 *
 * From the last block of the order to the first, so that what a block leads
 * to is tidy already:
 *   - a branch whose edges are alike is a jump;
 *   - an edge to a block that holds nothing but a jump goes where that goes;
 *   - a jump to a block that holds nothing but a branch on a constant that
 *     the jump brings goes where that branch goes;
 *   - a jump to a block that holds nothing but a return is the return;
 *   - a jump to a block with no other predecessor takes the block's insts in.
 *
 * A block's params can be bypassed only if nothing outside it uses them.  The
 * edges of marks and the blocks they lead to stay.  A branch's edge keeps a
 * block of its own where arguments are to be moved on it. */
#include "ir/opt.h"

#include <string.h>

enum { COPIED_ARGS = 4 }; /* of a return that is repeated */

struct cfg {
    struct opt *o;
    ir_val *by;
    uint32_t *uses;
    const struct ir_inst **def; /* of constants only */
    bool *landing;
    bool *header; /* of a loop */
    bool *gone;   /* merged into another, or left by the last way to it */
    bool changed;
};

static struct ir_block *block(const struct cfg *c, ir_blk b)
{
    return &c->o->f->blocks.at[b];
}

/* ---- bypassing ----------------------------------------------------------- */

static uint32_t count_in(const ir_val *v, uint32_t n, ir_val of)
{
    uint32_t uses = 0;
    for (uint32_t i = 0; i < n; i++)
        uses += v[i] == of;
    return uses;
}

/* Does nothing but the inst itself use the params of b? */
static bool params_stay(const struct cfg *c, const struct ir_block *b,
                        const struct ir_inst *i)
{
    for (uint32_t k = 0; k < b->params.n; k++) {
        ir_val p = b->params.at[k];
        uint32_t here = count_in(i->args, i->nargs, p);
        for (uint32_t e = 0; e < i->nedges; e++)
            here += count_in(i->edges[e].args, i->edges[e].nargs, p);
        if (c->uses[p] != here)
            return false;
    }
    return true;
}

/* What v is when the edge e enters b: a param's argument, or v itself. */
static ir_val given(const struct ir_block *b, const struct ir_edge *e, ir_val v)
{
    for (uint32_t k = 0; k < b->params.n; k++)
        if (b->params.at[k] == v)
            return e->args[k];
    return v;
}

static void forget_edge(struct cfg *c, const struct ir_edge *e)
{
    for (uint32_t k = 0; k < e->nargs; k++)
        c->uses[e->args[k]]--;
    c->o->preds[e->to]--;
}

/* Forgets a block that holds only its terminator, once nothing leads to it. */
static void forget_block(struct cfg *c, ir_blk b)
{
    struct ir_inst *last = ir_end(c->o->f, b);
    if (c->o->preds[b])
        return;
    for (uint32_t k = 0; k < last->nargs; k++)
        c->uses[last->args[k]]--;
    for (uint32_t k = 0; k < last->nedges; k++)
        forget_edge(c, &last->edges[k]);
    block(c, b)->insts.n = block(c, b)->params.n = 0;
    c->gone[b] = true;
}

/* Makes e go where `next` goes, which leaves the block that e enters. */
static void redirect(struct cfg *c, struct ir_edge *e,
                     const struct ir_edge *next)
{
    const struct ir_block *b = block(c, e->to);
    ir_blk left = e->to;
    struct ir_edge to = {.to = next->to};
    for (uint32_t k = 0; k < next->nargs; k++) {
        ir_val v = given(b, e, next->args[k]);
        ir_edge_arg(c->o->f, &to, v);
        c->uses[v]++;
    }
    c->o->preds[to.to]++;
    forget_edge(c, e);
    *e = to;
    forget_block(c, left);
    c->changed = true;
}

/* The edge by which control that enters a block on e leaves it at once. */
static const struct ir_edge *way_through(const struct cfg *c,
                                         const struct ir_edge *e, bool branch)
{
    const struct ir_block *b = block(c, e->to);
    const struct ir_inst *i = &b->insts.at[0];
    if (c->landing[e->to] || c->header[e->to] || b->insts.n != 1)
        return NULL;
    if (i->op == IR_JUMP) {
        bool moves = branch && i->edges[0].nargs;
        return !moves && params_stay(c, b, i) ? &i->edges[0] : NULL;
    }
    if (i->op != IR_BRANCH || branch)
        return NULL;
    const struct ir_inst *k = c->def[given(b, e, i->args[0])];
    if (!k || !params_stay(c, b, i))
        return NULL;
    return &i->edges[k->imm ? 0 : 1];
}

/* Follows a chain; its end was tidied before but for back edges. */
static void bypass(struct cfg *c, struct ir_edge *e, bool branch)
{
    for (int steps = 0; steps < 4; steps++) {
        const struct ir_edge *next = way_through(c, e, branch);
        if (!next)
            return;
        redirect(c, e, next);
    }
}

/* ---- branches ------------------------------------------------------------ */

static bool same_edge(const struct ir_edge *a, const struct ir_edge *b)
{
    return a->to == b->to && a->nargs == b->nargs &&
           (!a->nargs || !memcmp(a->args, b->args, a->nargs * sizeof *a->args));
}

static void branch_to_jump(struct cfg *c, struct ir_inst *i)
{
    c->uses[i->args[0]]--;
    forget_edge(c, &i->edges[1]);
    i->op = IR_JUMP;
    i->nargs = 0;
    i->nedges = 1;
    c->changed = true;
}

/* Ends a jump's block as the block ends that it leads to, which holds nothing
 * else and leaves the function. */
static void jump_to_end(struct cfg *c, struct ir_inst *i)
{
    const struct ir_edge e = i->edges[0];
    const struct ir_block *b = block(c, e.to);
    const struct ir_inst *end = &b->insts.at[0];
    if (c->landing[e.to] || b->insts.n != 1 || end->nedges ||
        end->nargs > COPIED_ARGS || !params_stay(c, b, end))
        return;
    *i = *end;
    i->args = ARENA_ARRAY(c->o->f->arena, ir_val, i->nargs + 1);
    for (uint32_t k = 0; k < i->nargs; k++) {
        i->args[k] = given(b, &e, end->args[k]);
        c->uses[i->args[k]]++;
    }
    forget_edge(c, &e);
    forget_block(c, e.to);
    c->changed = true;
}

/* ---- merging ------------------------------------------------------------- */

/* Takes the block that b's jump leads to into b. */
static void merge(struct cfg *c, ir_blk b)
{
    const struct ir_edge e = ir_end(c->o->f, b)->edges[0];
    struct ir_block *to = block(c, e.to), *from = block(c, b);
    for (uint32_t k = 0; k < to->params.n; k++) {
        ir_val p = to->params.at[k], v = opt_find(c->by, e.args[k]);
        c->by[p] = v;
        c->uses[v] += c->uses[p] - 1;
    }
    from->insts.n--;
    for (uint32_t k = 0; k < to->insts.n; k++)
        vec_push_in(c->o->f->arena, &from->insts, to->insts.at[k]);
    to->insts.n = to->params.n = 0;
    c->gone[e.to] = true;
    c->changed = true;
}

static bool can_merge(const struct cfg *c, ir_blk b)
{
    const struct ir_inst *last = ir_end(c->o->f, b);
    return last->op == IR_JUMP && last->edges[0].to != b &&
           c->o->preds[last->edges[0].to] == 1 &&
           !c->landing[last->edges[0].to];
}

/* ---- the pass ------------------------------------------------------------ */

static void tidy_end(struct cfg *c, ir_blk b)
{
    struct ir_inst *last = ir_end(c->o->f, b);
    opt_replace_inst(c->by, last);
    if (last->op == IR_BRANCH) {
        bypass(c, &last->edges[0], true);
        bypass(c, &last->edges[1], true);
        if (same_edge(&last->edges[0], &last->edges[1]))
            branch_to_jump(c, last);
    }
    if (last->op == IR_JUMP) {
        bypass(c, &last->edges[0], false);
        jump_to_end(c, last);
    }
}

/* The constants, and the blocks that an edge leads back to. */
static void find_facts(struct cfg *c)
{
    bool *seen = ARENA_ARRAY(c->o->a, bool, c->o->f->blocks.n);
    for (uint32_t k = 0; k < c->o->n; k++) {
        const struct ir_block *b = block(c, c->o->order[k]);
        const struct ir_inst *last = ir_end(c->o->f, c->o->order[k]);
        seen[c->o->order[k]] = true;
        for (uint32_t i = 0; i < b->insts.n; i++)
            if (b->insts.at[i].op == IR_CONST)
                c->def[b->insts.at[i].res] = &b->insts.at[i];
        for (uint32_t e = 0; e < last->nedges; e++)
            c->header[last->edges[e].to] |= seen[last->edges[e].to];
    }
}

bool opt_cfg(struct opt *o)
{
    struct ir_fn *f = o->f;
    struct cfg c = {
        .o = o,
        .by = opt_same(o),
        .uses = ir_uses(f, o->a),
        .def = ARENA_ARRAY(o->a, const struct ir_inst *, f->values.n + 1),
        .landing = opt_landings(o),
        .header = ARENA_ARRAY(o->a, bool, f->blocks.n),
        .gone = ARENA_ARRAY(o->a, bool, f->blocks.n)};
    find_facts(&c);
    for (uint32_t k = o->n; k-- > 0;)
        if (!c.gone[o->order[k]])
            tidy_end(&c, o->order[k]);
    for (uint32_t k = 0; k < o->n; k++)
        while (!c.gone[o->order[k]] && can_merge(&c, o->order[k]))
            merge(&c, o->order[k]);
    if (c.changed)
        opt_replace(o, c.by);
    return c.changed;
}
