/* lower_rev.c - reversible functions to reversible PIR: statements.
 *
 * See ir/verify_rev.c for what that is.  The linear values are the variables
 * of the function and values that are held over a statement: `state` lists
 * them in the order in which they began, and every block takes them as its
 * params.  So a block never needs to know what comes before it:
 *
 *   if c {A} else {B} fi d      branch c ─┬─► A ──(true)──┐
 *                                         └─► B ─(false)──┴─► join d
 *   from c do {A} loop {B}      ──(true)─► join c, A, branch d ──► until d
 *     until d                          ▲                 │
 *                                      └─(false)── B ◄───┘
 *   for i in a..b {A}           a < b guards a loop from i == a until i == b
 *   within {A} apply {B}        A, B, and A's blocks inverted
 *
 * An expression that the checker marked `again` is held: its value is taken
 * before the statement, used in it, and compared with its value behind it. */
#include "frontend/lower_rev.h"

#include <string.h>

/* ---- the state and the graph --------------------------------------------- */

uint32_t rev_begin(struct lower *l, struct sym *sym, ir_val v)
{
    uint32_t var = lower_var_new(l, sym, ir_type_of(l->f, v));
    lower_var_write(l, var, v);
    vec_push_in(l->arena, &l->state, var);
    return var;
}

ir_val rev_end(struct lower *l, uint32_t var)
{
    uint32_t k = l->state.n;
    while (k && l->state.at[k - 1] != var)
        k--;
    for (; k && k < l->state.n; k++)
        l->state.at[k - 1] = l->state.at[k];
    l->state.n--;
    return lower_var_read(l, var);
}

static void add_state(struct lower *l, struct ir_edge *e)
{
    for (uint32_t k = 0; k < l->state.n; k++)
        ir_edge_arg(l->f, e, lower_var_read(l, l->state.at[k]));
}

/* A block with params for the state, and before them for a join's bool. */
static ir_blk new_block(struct lower *l, bool joins)
{
    ir_blk b = ir_add_block(l->f);
    if (joins)
        ir_add_param(l->f, b, LOWER_BOOL);
    for (uint32_t k = 0; k < l->state.n; k++)
        ir_add_param(l->f, b, l->vars.at[l->state.at[k]].type);
    return b;
}

/* Goes on in a block that new_block made, with the state as its params. */
static void enter(struct lower *l, ir_blk b)
{
    uint32_t skip = l->f->blocks.at[b].params.n - l->state.n;
    for (uint32_t k = 0; k < l->state.n; k++)
        lower_var_write(l, l->state.at[k],
                        l->f->blocks.at[b].params.at[k + skip]);
    l->blk = b;
}

static void go(struct lower *l, ir_blk to, struct ir_pos pos)
{
    ir_jump(l->f, l->blk, to, pos);
    add_state(l, &ir_end(l->f, l->blk)->edges[0]);
}

/* To a join, by its true or its false way. */
static void go_by(struct lower *l, ir_blk to, bool way, struct ir_pos pos)
{
    ir_val v =
        ir_emit(l->f, l->blk, IR_CONST, LOWER_BOOL, IR_NONE, IR_NONE, way, pos);
    ir_jump(l->f, l->blk, to, pos);
    ir_edge_arg(l->f, &ir_end(l->f, l->blk)->edges[0], v);
    add_state(l, &ir_end(l->f, l->blk)->edges[0]);
}

static void branch(struct lower *l, ir_val c, int64_t words, ir_blk yes,
                   ir_blk no, struct ir_pos pos)
{
    ir_branch(l->f, l->blk, c, yes, no, pos);
    struct ir_inst *end = ir_end(l->f, l->blk);
    end->imm = words;
    add_state(l, &end->edges[0]);
    add_state(l, &end->edges[1]);
}

/* The anchor that heads the join at hand. */
static void join(struct lower *l, ir_val c, int64_t words, struct ir_pos pos)
{
    ir_val args[] = {c, l->f->blocks.at[l->blk].params.at[0]};
    ir_emit_n(l->f, l->blk, IR_JOIN, NULL, 0, args, 2, words, pos);
}

/* ---- if, from ------------------------------------------------------------ */

static void rev_if(struct lower *l, struct ast *s)
{
    struct ast_rif *r = AS(rif, s);
    struct ir_pos at = lower_pos(l, r->cond), fi = lower_pos(l, r->fi);
    int64_t first = rev_words(l, "if", r->cond);
    int64_t last = rev_words(l, "fi", r->fi);
    ir_blk yes = new_block(l, false), no = new_block(l, false);
    ir_blk end = new_block(l, true);
    branch(l, rev_value(l, r->cond), first, yes, no, at);
    enter(l, yes);
    rev_stmt(l, r->yes);
    go_by(l, end, true, fi);
    enter(l, no);
    if (r->no)
        rev_stmt(l, r->no);
    go_by(l, end, false, fi);
    enter(l, end);
    join(l, rev_value(l, r->fi), last, fi);
}

static void rev_from(struct lower *l, struct ast *s)
{
    struct ast_from *f = AS(from, s);
    struct ir_pos at = lower_pos(l, f->entry), until = lower_pos(l, f->exit);
    int64_t first = rev_words(l, "from", f->entry);
    int64_t last = rev_words(l, "until", f->exit);
    ir_blk head = new_block(l, true), step = new_block(l, false);
    ir_blk done = new_block(l, false);
    go_by(l, head, true, at);
    enter(l, head);
    join(l, rev_value(l, f->entry), first, at);
    rev_stmt(l, f->body);
    branch(l, rev_value(l, f->exit), last, done, step, until);
    enter(l, step);
    if (f->step)
        rev_stmt(l, f->step);
    go_by(l, head, false, at);
    enter(l, done);
}

/* ---- for ----------------------------------------------------------------- */

static ir_val compare(struct lower *l, const struct ast *at, enum ir_op op,
                      uint32_t x, uint32_t y)
{
    return lower_op(l, at, op, LOWER_BOOL, lower_var_read(l, x),
                    lower_var_read(l, y), 0);
}

/* The loop behind the guard: i from `from` up to `to`. */
static void count(struct lower *l, struct ast_for *f, uint32_t from,
                  uint32_t to)
{
    struct ast *at = f->iter;
    struct ir_pos pos = lower_pos(l, at);
    int64_t proved = rev_no_words(l);
    ir_val v = lower_op(l, at, IR_LOCAL, l->vars.at[from].type,
                        lower_var_read(l, from), IR_NONE, proved);
    uint32_t i = rev_begin(l, f->sym, v);
    ir_blk head = new_block(l, true), again = new_block(l, false);
    ir_blk done = new_block(l, false);
    go_by(l, head, true, pos);
    enter(l, head);
    join(l, compare(l, at, IR_EQ, i, from), proved, pos);
    rev_stmt(l, f->body);
    ir_val one = lower_const(l, at, l->vars.at[i].type, 1);
    v = lower_op(l, at, IR_UADD, l->vars.at[i].type, lower_var_read(l, i), one,
                 0);
    lower_var_write(l, i, v);
    branch(l, compare(l, at, IR_EQ, i, to), proved, done, again, pos);
    enter(l, again);
    go_by(l, head, false, pos);
    enter(l, done);
    v = rev_end(l, i);
    lower_op(l, at, IR_DELOCAL, LOWER_NONE, v, lower_var_read(l, to), proved);
}

static void rev_for(struct lower *l, struct ast *s)
{
    struct ast_for *f = AS(for, s);
    struct ast_range *r = AS(range, f->iter);
    struct ir_pos pos = lower_pos(l, f->iter);
    int64_t proved = rev_no_words(l);
    struct rev_holds h = {0};
    uint32_t from = rev_hold(l, &h, r->from), to = rev_hold(l, &h, r->to);
    ir_blk yes = new_block(l, false), no = new_block(l, false);
    ir_blk end = new_block(l, true);
    branch(l, compare(l, f->iter, IR_LT, from, to), proved, yes, no, pos);
    enter(l, yes);
    count(l, f, from, to);
    go_by(l, end, true, pos);
    enter(l, no);
    go_by(l, end, false, pos);
    enter(l, end);
    join(l, compare(l, f->iter, IR_LT, from, to), proved, pos);
    rev_drop(l, &h);
}

/* ---- local, within ------------------------------------------------------- */

/* An object that the expression makes; a path leads to one that exists. */
static bool is_new(const struct ast *e)
{
    return type_is_ref(e->type) && e->type->kind != TYPE_STR &&
           !sema_is_path(e);
}

static void rev_local(struct lower *l, struct ast *s)
{
    struct ast_local *x = AS(local, s);
    ir_val v = rev_value(l, x->value);
    int64_t words = rev_words(l, "local", s);
    enum ir_op op = is_new(x->value) ? IR_MAKE : IR_LOCAL;
    v = lower_op(l, s, op, lower_type(l, x->sym->type), v, IR_NONE, words);
    rev_begin(l, x->sym, v);
}

static void rev_delocal(struct lower *l, struct ast *s)
{
    struct ast_delocal *x = AS(delocal, s);
    const struct sym *sym = AS(local, x->local)->sym;
    ir_val v = rev_value(l, x->value);
    int64_t words = rev_words(l, "delocal", s);
    ir_val t = rev_end(l, lower_var_of(l, sym));
    enum ir_op op = is_new(x->value) ? IR_UNMAKE : IR_DELOCAL;
    lower_op(l, s, op, LOWER_NONE, t, v, words);
}

enum {
    INSTS_TWICE = 60,  /* of code that may stand twice, */
    INSTS_MOST = 4000, /* and that has to: no function takes its variables */
    VARS_MOST = 64
};

static bool may_stand_twice(const struct lower *l, ir_blk first)
{
    uint32_t n = 0;
    for (ir_blk b = first; b < l->f->blocks.n; b++)
        n += l->f->blocks.at[b].insts.n;
    if (l->state.n > VARS_MOST && n > INSTS_MOST)
        l->u->too_large = "a `within` inside one with more than 64 variables "
                          "is too long";
    return n <= INSTS_TWICE || l->state.n > VARS_MOST;
}

/* Calls or uncalls what lower_outline cut out, on the state. */
static void run_outlined(struct lower *l, uint32_t sig, enum ir_op op,
                         struct ir_pos pos)
{
    const struct ir_sig *own = &l->mod->sigs.at[l->f->index];
    const struct ir_sig *s = &l->mod->sigs.at[sig];
    const struct ir_block *entry = &l->f->blocks.at[0];
    ir_val *args = ARENA_ARRAY(l->arena, ir_val, s->nparams + 1);
    uint32_t n = 0;
    for (uint32_t k = 0; k < l->state.n; k++)
        args[n++] = lower_var_read(l, l->state.at[k]);
    for (uint32_t k = 0; k < own->nparams; k++)
        if (k >= 64 || !(own->muts >> k & 1))
            args[n++] = entry->params.at[k];
    ir_val v =
        ir_emit_n(l->f, l->blk, op, s->results, s->nresults, args, n, sig, pos);
    for (uint32_t k = 0; k < l->state.n; k++)
        lower_var_write(l, l->state.at[k], v++);
}

/* What is long becomes a function, which is called and uncalled: nesting does
 * not double it.  The blocks are taken out of this function again. */
static void within_apart(struct lower *l, struct ast_within *w, ir_blk before,
                         ir_blk first, struct ir_pos pos)
{
    ir_blk last = l->blk, next = new_block(l, false);
    go(l, next, pos);
    uint32_t sig = lower_outline(l, first, last);
    const struct ir_inst *jump = ir_end(l->f, before);
    for (uint32_t k = 0; k < l->state.n; k++)
        lower_var_write(l, l->state.at[k], jump->edges[0].args[k]);
    l->f->blocks.at[before].insts.n--;
    l->f->blocks.n = first;
    l->blk = before;
    run_outlined(l, sig, IR_CALL, pos);
    rev_stmt(l, w->apply);
    run_outlined(l, sig, IR_UNCALL, pos);
}

static void rev_within(struct lower *l, struct ast *s)
{
    struct ast_within *w = AS(within, s);
    struct ir_pos pos = lower_pos(l, s);
    ir_blk before = l->blk, first = new_block(l, false);
    go(l, first, pos);
    enter(l, first);
    rev_stmt(l, w->body);
    if (!may_stand_twice(l, first)) {
        within_apart(l, w, before, first, pos);
        return;
    }
    ir_blk last = l->blk, next = new_block(l, false);
    go(l, next, pos);
    enter(l, next);
    rev_stmt(l, w->apply);
    struct ir_region back = ir_invert_region(l->f, first, last);
    go(l, back.entry, pos);
    for (uint32_t k = 0; k < l->state.n; k++)
        lower_var_write(l, l->state.at[k], back.state[k]);
    l->blk = back.exit;
}

/* ---- all of them --------------------------------------------------------- */

static void rev_block(struct lower *l, struct ast *b)
{
    const struct ast_nodes *stmts = &AS(block, b)->stmts;
    for (uint32_t i = 0; i < stmts->n; i++)
        rev_stmt(l, stmts->at[i]);
}

void rev_stmt(struct lower *l, struct ast *s)
{
    switch (s->kind) {
    case AST_BLOCK: rev_block(l, s); break;
    case AST_RIF: rev_if(l, s); break;
    case AST_FROM: rev_from(l, s); break;
    case AST_FOR: rev_for(l, s); break;
    case AST_LOCAL: rev_local(l, s); break;
    case AST_DELOCAL: rev_delocal(l, s); break;
    case AST_WITHIN: rev_within(l, s); break;
    default: rev_update(l, s); break;
    }
}

void lower_rev_body(struct lower *l, struct ast *body)
{
    l->f->rev = true;
    for (uint32_t i = 0; i < l->muts.n; i++)
        vec_push_in(l->arena, &l->state, l->muts.at[i]);
    rev_stmt(l, body);
    ir_val *vals = ARENA_ARRAY(l->arena, ir_val, l->muts.n + 1);
    for (uint32_t i = 0; i < l->muts.n; i++)
        vals[i] = lower_var_read(l, l->muts.at[i]);
    ir_return(l->f, l->blk, vals, l->muts.n, (struct ir_pos){0, 0});
    l->blk = IR_NONE;
}
