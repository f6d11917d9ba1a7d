/* invert.c - the inverse of reversible code, by its text read backwards.
 *
 *   b:  head   group, group, ... group   end        b':  end⁻¹  ... group⁻¹ ...
 *
 * Each block b gets one block b' with its groups in reverse order.  In a group
 * the pure ops stay in front, as they are, and the anchor becomes its pair,
 * which takes the results and gives what was consumed.  What heads b ends b'
 * and the other way round:
 *
 *   begin      return         a jump            a block of one way
 *   a join     a branch       a branch of c     a join of c
 *
 * While b' is made, `now` maps each value of b that lives at the place at hand
 * to its counterpart.  At its start that is what the end of b hands on: the
 * params of b'.  (Inverting by the pairs of RSSA: Mogensen 2015.) */
#include "ir/rev.h"

#include <string.h>

struct invert {
    const struct ir_fn *f; /* read */
    struct ir_fn *g;       /* made */
    struct rev_graph graph;
    ir_blk *block; /* b' of b */
    ir_val *now;   /* counterpart of a value */
    ir_blk at;     /* b' at hand */
    ir_blk first;  /* the block by which control enters, */
    ir_blk last;   /* and the one by which it leaves */
    bool inside;   /* the inverse becomes a part of f, not a function */
};

static const struct ir_block *block_of(const struct invert *x, ir_blk b)
{
    return &x->f->blocks.at[b];
}

static bool has_two_ways(const struct invert *x, ir_blk b)
{
    return x->graph.npreds[b] == 2;
}

/* ---- groups -------------------------------------------------------------- */

static bool is_pure(const struct ir_inst *i)
{
    return ir_ops[i->op].class == IR_PURE ||
           (i->op == IR_NATIVE && !rev_undoes_itself(i->imm));
}

/* The first inst of the group whose anchor is insts[at]. */
static uint32_t group_start(const struct ir_block *b, uint32_t at)
{
    while (at && is_pure(&b->insts.at[at - 1]))
        at--;
    return at;
}

/* The op with its arguments' counterparts; notes those of its results. */
static void emit_as(struct invert *x, const struct ir_inst *i, enum ir_op op,
                    const ir_val *args, uint32_t nargs, const ir_val *results,
                    uint32_t nres)
{
    struct ir_fn *g = x->g;
    ir_type *types = ARENA_ARRAY(g->arena, ir_type, nres + 1);
    for (uint32_t k = 0; k < nres; k++)
        types[k] = ir_type_of(x->f, results[k]);
    ir_val first =
        ir_emit_n(g, x->at, op, types, nres, args, nargs, i->imm, i->pos);
    for (uint32_t k = 0; k < nres; k++)
        x->now[results[k]] = first + k;
}

static void copy_pure(struct invert *x, const struct ir_inst *i)
{
    ir_val *args = ARENA_ARRAY(x->g->arena, ir_val, i->nargs + 1);
    ir_val *results = ARENA_ARRAY(x->g->arena, ir_val, i->nres + 1);
    for (uint32_t k = 0; k < i->nargs; k++)
        args[k] = x->now[i->args[k]];
    for (uint32_t k = 0; k < i->nres; k++)
        results[k] = i->res + k;
    emit_as(x, i, i->op, args, i->nargs, results, i->nres);
}

static void copy_group(struct invert *x, const struct ir_block *b, uint32_t at)
{
    for (uint32_t k = group_start(b, at); k < at; k++)
        copy_pure(x, &b->insts.at[k]);
}

static bool takes_out(enum ir_op op)
{
    return op == IR_TAKEF || op == IR_TAKEG || op == IR_TAKEE || op == IR_TAKEM;
}

/* An anchor's pair.  Where it consumes its k-th argument, the pair takes the
 * counterpart of the result that came of it, and gives that argument.  LOCAL,
 * MAKE and HOLD begin a variable of a value; their pairs take both, the
 * variable first, and only end it.  So do those of the TAKEs, the value last.
 */
static void emit_pair(struct invert *x, const struct ir_inst *i)
{
    uint64_t set = rev_consumed(x->f, i);
    ir_val *args = ARENA_ARRAY(x->g->arena, ir_val, i->nargs + 2);
    ir_val *results = ARENA_ARRAY(x->g->arena, ir_val, i->nargs + 1);
    uint32_t nargs = 0, nres = 0, given = 0;
    bool begins = i->op == IR_LOCAL || i->op == IR_MAKE || i->op == IR_HOLD;
    bool ends = i->op == IR_DELOCAL || i->op == IR_UNMAKE || i->op == IR_DROP ||
                takes_out(ir_ops[i->op].pair);
    if (begins)
        args[nargs++] = x->now[i->res];
    for (uint32_t k = 0; k < i->nargs; k++) {
        bool consumed = k < 64 && set >> k & 1;
        if (consumed)
            results[nres++] = i->args[k];
        if (!(consumed && ends))
            args[nargs++] = x->now[consumed ? i->res + given++ : i->args[k]];
    }
    if (takes_out(i->op))
        args[nargs++] = x->now[i->res];
    emit_as(x, i, ir_ops[i->op].pair, args, nargs, results, nres);
}

/* ---- heads and ends ------------------------------------------------------ */

/* What the end of b hands on, without a join's bool. */
static void state_at_end(const struct invert *x, ir_blk b, const ir_val **vals,
                         uint32_t *n)
{
    const struct ir_inst *last = ir_end(x->f, b);
    if (last->op == IR_RETURN) {
        *vals = last->args;
        *n = last->nargs;
        return;
    }
    const struct ir_edge *e = &last->edges[0];
    uint32_t skip = has_two_ways(x, e->to);
    *vals = e->args ? e->args + skip : NULL;
    *n = e->nargs - skip;
}

static bool is_mut(const struct ir_fn *f, uint32_t param)
{
    uint64_t muts = f->module->sigs.at[f->index].muts;
    return param < 64 && muts >> param & 1;
}

/* The entry of the inverse: its parameters are the constants of f, which all
 * blocks read, in their order, and mut, in its order, what the end of the last
 * block hands on. */
static void open_entry(struct invert *x)
{
    const struct ir_block *entry = block_of(x, 0);
    const ir_val *params = x->g->blocks.at[0].params.at, *vals;
    uint32_t nparams = x->g->blocks.at[0].params.n, n, m = 0;
    state_at_end(x, x->last, &vals, &n);
    for (uint32_t k = 0, c = 0; k < nparams; k++) {
        if (is_mut(x->g, k)) {
            x->now[vals[m++]] = params[k];
            continue;
        }
        while (is_mut(x->f, c))
            c++;
        x->now[entry->params.at[c++]] = params[k];
    }
}

/* The block for b, with params for what the end of b hands on. */
static void open_block(struct invert *x, ir_blk b)
{
    const ir_val *vals;
    uint32_t n;
    state_at_end(x, b, &vals, &n);
    if (ir_end(x->f, b)->op == IR_BRANCH)
        ir_add_param(x->g, x->block[b], ir_scalar(PVM_BOOL));
    for (uint32_t k = 0; k < n; k++)
        ir_add_param(x->g, x->block[b], ir_type_of(x->f, vals[k]));
}

static void enter_block(struct invert *x, ir_blk b)
{
    const struct ir_inst *last = ir_end(x->f, b);
    const ir_val *vals;
    uint32_t n, skip = last->op == IR_BRANCH;
    x->at = x->block[b];
    if (b == x->last && !x->inside)
        return; /* open_entry has been here */
    state_at_end(x, b, &vals, &n);
    for (uint32_t k = 0; k < n; k++)
        x->now[vals[k]] = x->g->blocks.at[x->at].params.at[k + skip];
}

/* A branch of b becomes the join that heads b'. */
static void head_with_join(struct invert *x, ir_blk b)
{
    const struct ir_block *from = block_of(x, b);
    const struct ir_inst *last = &from->insts.at[from->insts.n - 1];
    copy_group(x, from, from->insts.n - 1);
    ir_val args[] = {x->now[last->args[0]],
                     x->g->blocks.at[x->at].params.at[0]};
    ir_emit_n(x->g, x->at, IR_JOIN, NULL, 0, args, 2, last->imm, last->pos);
}

/* Hands on what the head of b took: its params but a join's bool. */
static void add_state(struct invert *x, struct ir_edge *e, ir_blk b)
{
    const struct ir_block *from = block_of(x, b);
    for (uint32_t k = has_two_ways(x, b); k < from->params.n; k++)
        ir_edge_arg(x->g, e, x->now[from->params.at[k]]);
}

/* b was entered by one way, from p: b' goes to p', and if p branched, says by
 * which way it comes. */
static void end_with_jump(struct invert *x, ir_blk b)
{
    ir_blk p = x->graph.preds[2 * (size_t)b];
    const struct ir_inst *last = ir_end(x->f, p);
    ir_val way = IR_NONE;
    if (last->op == IR_BRANCH)
        way = ir_emit(x->g, x->at, IR_CONST, ir_scalar(PVM_BOOL), IR_NONE,
                      IR_NONE, last->edges[0].to == b, last->pos);
    ir_jump(x->g, x->at, x->block[p], last->pos);
    struct ir_edge *e = &ir_end(x->g, x->at)->edges[0];
    if (way != IR_NONE)
        ir_edge_arg(x->g, e, way);
    add_state(x, e, b);
}

/* The join that headed b becomes the branch that ends b'. */
static void end_with_branch(struct invert *x, ir_blk b,
                            const struct ir_inst *join)
{
    const ir_blk *preds = &x->graph.preds[2 * (size_t)b];
    bool first = rev_is_true_way(x->f, preds[0]);
    ir_branch(x->g, x->at, x->now[join->args[0]], x->block[preds[!first]],
              x->block[preds[first]], join->pos);
    struct ir_inst *end = ir_end(x->g, x->at);
    end->imm = join->imm;
    for (uint32_t k = 0; k < 2; k++)
        add_state(x, &end->edges[k], b);
}

/* Returns what the first block took: of f itself, its mut parameters. */
static void end_with_return(struct invert *x)
{
    const struct ir_block *first = block_of(x, x->first);
    ir_val *vals = ARENA_ARRAY(x->g->arena, ir_val, first->params.n + 1);
    uint32_t n = 0;
    for (uint32_t k = 0; k < first->params.n; k++)
        if (x->first != 0 || is_mut(x->f, k))
            vals[n++] = x->now[first->params.at[k]];
    ir_return(x->g, x->at, vals, n, (struct ir_pos){0, 0});
}

/* ---- the whole ----------------------------------------------------------- */

static void invert_block(struct invert *x, ir_blk b)
{
    const struct ir_block *from = block_of(x, b);
    uint32_t k = from->insts.n - 1;
    enter_block(x, b);
    if (from->insts.at[k].op == IR_BRANCH)
        head_with_join(x, b);
    for (k = group_start(from, k); k-- > 0; k = group_start(from, k)) {
        const struct ir_inst *i = &from->insts.at[k];
        copy_group(x, from, k);
        if (i->op == IR_JOIN) {
            end_with_branch(x, b, i);
            return;
        }
        emit_pair(x, i);
    }
    if (b != x->first)
        end_with_jump(x, b);
    else if (!x->inside)
        end_with_return(x);
}

/* Makes the blocks, and fills them. */
static void invert_blocks(struct invert *x)
{
    for (uint32_t k = 0; k < x->graph.norder; k++) {
        ir_blk b = x->graph.order[k];
        if (b == x->last && !x->inside)
            open_entry(x);
        else {
            x->block[b] = ir_add_block(x->g);
            open_block(x, b);
        }
    }
    for (uint32_t k = 0; k < x->graph.norder; k++)
        invert_block(x, x->graph.order[k]);
}

static void open_tables(struct invert *x, struct arena *a)
{
    x->block = ARENA_ARRAY(a, ir_blk, x->f->blocks.n);
    x->now = ARENA_ARRAY(a, ir_val, x->f->values.n + 1);
    memset(x->now, 0xff, x->f->values.n * sizeof *x->now);
}

struct ir_fn *ir_invert(const struct ir_fn *f, struct arena *a, uint32_t index)
{
    struct arena *own = arena_open(f->module->mem);
    struct invert x = {.f = f, .g = ir_fn_open(f->module, a, index)};
    x.g->rev = true;
    rev_graph_read(&x.graph, f, own);
    for (uint32_t k = 0; k < x.graph.norder; k++)
        if (ir_end(f, x.graph.order[k])->op == IR_RETURN)
            x.last = x.graph.order[k];
    open_tables(&x, own);
    invert_blocks(&x);
    arena_close(own);
    ir_canonical(x.g);
    return x.g;
}

/* ---- regions ------------------------------------------------------------- */

/* The blocks of a region, in an order, with the ways between them. */
static void read_region(struct invert *x, struct arena *a)
{
    uint32_t nblocks = x->f->blocks.n, top = 0;
    bool *seen = ARENA_ARRAY(a, bool, nblocks);
    ir_blk *order = ARENA_ARRAY(a, ir_blk, nblocks);
    x->graph.npreds = ARENA_ARRAY(a, uint32_t, nblocks);
    x->graph.preds = ARENA_ARRAY(a, ir_blk, 2 * (size_t)nblocks);
    seen[x->first] = true;
    order[top++] = x->first;
    for (uint32_t k = 0; k < top; k++) {
        ir_blk b = order[k];
        const struct ir_inst *end = ir_end(x->f, b);
        for (uint32_t e = 0; e < end->nedges && b != x->last; e++) {
            ir_blk to = end->edges[e].to;
            x->graph.preds[2 * (size_t)to + x->graph.npreds[to]++] = b;
            if (!seen[to])
                order[top++] = to;
            seen[to] = true;
        }
    }
    x->graph.order = order;
    x->graph.norder = top;
}

struct ir_region ir_invert_region(struct ir_fn *f, ir_blk first, ir_blk last)
{
    struct arena *own = arena_open(f->module->mem);
    struct invert x = {
        .f = f, .g = f, .first = first, .last = last, .inside = true};
    const struct ir_block *entry = &f->blocks.at[0];
    read_region(&x, own);
    open_tables(&x, own);
    for (uint32_t k = 0; k < entry->params.n; k++) /* constants among them */
        x.now[entry->params.at[k]] = entry->params.at[k];
    invert_blocks(&x);
    const struct ir_block *from = &f->blocks.at[first];
    struct ir_region r = {.entry = x.block[last], .exit = x.block[first]};
    r.state = ARENA_ARRAY(f->arena, ir_val, from->params.n + 1);
    for (uint32_t k = 0; k < from->params.n; k++)
        r.state[k] = x.now[from->params.at[k]];
    arena_close(own);
    return r;
}

struct ir_fn *ir_outline_inverse(const struct ir_fn *f, ir_blk first,
                                 ir_blk last, struct arena *a, uint32_t index)
{
    struct arena *own = arena_open(f->module->mem);
    struct invert x = {.f = f,
                       .g = ir_fn_open(f->module, a, index),
                       .first = first,
                       .last = last};
    x.g->rev = true;
    read_region(&x, own);
    open_tables(&x, own);
    invert_blocks(&x);
    arena_close(own);
    ir_canonical(x.g);
    return x.g;
}
