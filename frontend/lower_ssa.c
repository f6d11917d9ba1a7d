/* lower_ssa.c - variables, regions and labels: SSA form while walking a tree.
 *
 * The source is structured, so values need not be searched for through the
 * graph: `now` of each variable is its value here, and a log of what writes
 * replaced, as long as a region is open, tells what changed since (after
 * Brandis and Moessenboeck 1994, with jumps out of structures added).
 *
 *   region   opened before control divides; the log from its base on holds
 *            each older variable at most once per open region
 *   edge     a jump to a label of the region takes along what changed since
 *            the region began: variables and their values at the jump
 *   bind     takes the log back to the region's base, then, for the variables
 *            that any edge changed: one value where all edges agree, else a
 *            param of the block, with an argument on each edge
 *
 * A loop's head is met before its back edges: a look at the tree says what
 * the loop assigns, and these variables get params at once.  Params that turn
 * out to be superfluous are removed by lower_prune (lower_prune.c).
 *
 * All steps cost in proportion to what changed, not to what exists. */
#include "frontend/lower.h"

/* ---- variables ----------------------------------------------------------- */

uint32_t lower_var_new(struct lower *l, struct sym *sym, ir_type t)
{
    uint32_t var = l->vars.n;
    vec_push_in(l->arena, &l->vars,
                (struct lower_var){.sym = sym, .type = t, .now = IR_NONE});
    if (sym)
        sym->index = var;
    return var;
}

uint32_t lower_var_of(const struct lower *l, const struct sym *sym)
{
    if (sym && sym->index < l->vars.n && l->vars.at[sym->index].sym == sym)
        return sym->index;
    return UINT32_MAX;
}

ir_val lower_var_read(const struct lower *l, uint32_t var)
{
    return var < l->vars.n ? l->vars.at[var].now : IR_NONE;
}

void lower_var_write(struct lower *l, uint32_t var, ir_val v)
{
    if (var >= l->vars.n)
        return;
    struct lower_var *x = &l->vars.at[var];
    const struct lower_region *r = l->region;
    if (r && var < r->nvars && x->written <= r->base) {
        vec_push_in(l->arena, &l->log,
                    (struct lower_write){
                        .var = var, .old = x->now, .written = x->written});
        x->written = l->log.n;
    }
    x->now = v;
}

/* ---- regions ------------------------------------------------------------- */

void lower_region_open(struct lower *l, struct lower_region *r)
{
    *r = (struct lower_region){
        .base = l->log.n, .nvars = l->vars.n, .outer = l->region};
    l->region = r;
}

/* Takes every variable back to its value at the region's beginning. */
static void log_unwind(struct lower *l, const struct lower_region *r)
{
    while (l->log.n > r->base) {
        const struct lower_write *w = &l->log.at[--l->log.n];
        l->vars.at[w->var].now = w->old;
        l->vars.at[w->var].written = w->written;
    }
}

void lower_restore(struct lower *l, const struct lower_region *r)
{
    if (lower_dead(l))
        return;
    /* A variable's first entry since the base holds its value at the base.
       The writes below append to the log: they begin when all is read. */
    uint32_t stamp = ++l->stamp, n = l->log.n;
    VEC(struct lower_change) old = {0};
    for (uint32_t i = r->base; i < n; i++) {
        const struct lower_write *w = &l->log.at[i];
        struct lower_var *x = &l->vars.at[w->var];
        if (w->var >= r->nvars || x->stamp == stamp)
            continue;
        x->stamp = stamp;
        vec_push_in(l->arena, &old, (struct lower_change){w->var, w->old});
    }
    for (uint32_t i = 0; i < old.n; i++)
        lower_var_write(l, old.at[i].var, old.at[i].value);
}

/* ---- edges --------------------------------------------------------------- */

struct lower_label lower_label_new(struct lower *l)
{
    return (struct lower_label){.region = l->region, .blk = IR_NONE};
}

/* The block a jump to the label goes to. */
static ir_blk label_block(struct lower *l, struct lower_label *to)
{
    if (to->blk == IR_NONE)
        to->blk = ir_add_block(l->f);
    return to->blk;
}

/* Appends a variable's value to an edge. */
static void edge_bring(struct lower *l, struct ir_edge *edge, ir_val v)
{
    ir_val parts[2];
    uint32_t n = lower_put_vals(l, v, parts);
    for (uint32_t i = 0; i < n; i++)
        ir_edge_arg(l->f, edge, parts[i]);
}

/* The value of a variable at a block whose edges bring it. */
static ir_val block_takes(struct lower *l, ir_blk b, ir_type t)
{
    if (!lower_is_pair_type(t))
        return ir_add_param(l->f, b, t);
    ir_val has = ir_add_param(l->f, b, LOWER_BOOL);
    return lower_pair(l, has, ir_add_param(l->f, b, lower_held_type(t)));
}

/* Notes on the label what its new edge, `index` of block `from`, brings. */
static void edge_note(struct lower *l, struct lower_label *to, ir_blk from,
                      uint32_t index)
{
    struct lower_edge e = {.from = from, .index = index};
    if (to->is_head) {
        struct ir_edge *edge = &ir_end(l->f, from)->edges[index];
        for (uint32_t i = 0; i < to->nvars; i++)
            edge_bring(l, edge, lower_var_read(l, to->vars[i]));
        return;
    }
    VEC(struct lower_change) changes = {0};
    uint32_t stamp = ++l->stamp;
    for (uint32_t i = to->region->base; i < l->log.n; i++) {
        uint32_t var = l->log.at[i].var;
        struct lower_var *x = &l->vars.at[var];
        if (var >= to->region->nvars || x->stamp == stamp)
            continue;
        x->stamp = stamp;
        vec_push_in(l->arena, &changes, (struct lower_change){var, x->now});
    }
    e.changes = changes.at;
    e.nchanges = changes.n;
    vec_push_in(l->arena, &to->edges, e);
}

void lower_goto(struct lower *l, struct lower_label *to, const struct ast *at)
{
    if (lower_dead(l))
        return;
    ir_blk from = l->blk;
    ir_jump(l->f, from, label_block(l, to), lower_pos(l, at));
    edge_note(l, to, from, 0);
    l->blk = IR_NONE;
}

void lower_branch(struct lower *l, ir_val c, struct lower_label *yes,
                  struct lower_label *no, const struct ast *at)
{
    if (lower_dead(l))
        return;
    ir_blk from = l->blk, y = label_block(l, yes), n = label_block(l, no);
    ir_branch(l->f, from, c, y, n, lower_pos(l, at));
    edge_note(l, yes, from, 0);
    edge_note(l, no, from, 1);
    l->blk = IR_NONE;
}

ir_val lower_mark(struct lower *l, enum ir_mark kind, uint16_t flag,
                  struct lower_label *landing, const struct ast *at)
{
    if (lower_dead(l))
        return IR_NONE;
    ir_blk from = l->blk, body = ir_add_block(l->f);
    ir_blk land = landing ? label_block(l, landing) : IR_NONE;
    ir_mark(l->f, from, kind, flag, body, land, lower_pos(l, at));
    ir_val error = IR_NONE;
    if (landing) {
        error = ir_add_param(l->f, land, ir_ref(PVM_T_ERROR));
        edge_note(l, landing, from, 1);
    }
    l->blk = body;
    return error;
}

/* ---- binding ------------------------------------------------------------- */

struct merge { /* a variable that some edge to a label changed */
    uint32_t var;
    ir_val first;   /* from the first edge that changed it */
    uint32_t count; /* edges that changed it */
    bool differs;   /* the edges do not agree: a param is needed */
    bool lacking;   /* some edge brings no value: dead afterwards */
    uint32_t param; /* its place among the params, while differs */
};
struct merges {
    struct merge *at;
    uint32_t n, cap;
};

/* What the label's edges changed, each variable once.  Variables have their
 * values from the region's beginning. */
static struct merges merges_of(struct lower *l, const struct lower_label *at)
{
    struct merges ms = {0};
    uint32_t stamp = ++l->stamp;
    for (uint32_t i = 0; i < at->edges.n; i++) {
        const struct lower_edge *e = &at->edges.at[i];
        for (uint32_t k = 0; k < e->nchanges; k++) {
            struct lower_change c = e->changes[k];
            struct lower_var *x = &l->vars.at[c.var];
            if (x->stamp != stamp) {
                x->stamp = stamp;
                x->slot = ms.n;
                vec_push_in(l->arena, &ms,
                            (struct merge){.var = c.var, .first = c.value});
            }
            struct merge *m = &ms.at[x->slot];
            m->count++;
            m->differs |= c.value != m->first;
            m->lacking |= c.value == IR_NONE;
        }
    }
    for (uint32_t i = 0; i < ms.n; i++) {
        struct merge *m = &ms.at[i];
        ir_val base = l->vars.at[m->var].now;
        if (m->count < at->edges.n) {
            m->differs |= base != m->first;
            m->lacking |= base == IR_NONE;
        }
        m->differs &= !m->lacking;
    }
    return ms;
}

/* Gives the block its params, each edge its arguments, and each m->first the
 * value the variable has at the label. */
static void merges_make_params(struct lower *l, const struct lower_label *at,
                               struct merges *ms)
{
    uint32_t nparams = 0;
    for (uint32_t i = 0; i < ms->n; i++)
        if (ms->at[i].differs)
            ms->at[i].param = nparams++;
    if (!nparams)
        return;
    ir_val *args = ARENA_ARRAY(l->arena, ir_val, nparams);
    for (uint32_t i = 0; i < at->edges.n; i++) {
        const struct lower_edge *e = &at->edges.at[i];
        for (uint32_t k = 0; k < ms->n; k++)
            if (ms->at[k].differs)
                args[ms->at[k].param] = l->vars.at[ms->at[k].var].now;
        for (uint32_t k = 0; k < e->nchanges; k++) {
            const struct merge *m = &ms->at[l->vars.at[e->changes[k].var].slot];
            if (m->differs)
                args[m->param] = e->changes[k].value;
        }
        struct ir_edge *edge = &ir_end(l->f, e->from)->edges[e->index];
        for (uint32_t k = 0; k < nparams; k++)
            edge_bring(l, edge, args[k]);
    }
    for (uint32_t i = 0; i < ms->n; i++)
        if (ms->at[i].differs)
            ms->at[i].first =
                block_takes(l, at->blk, l->vars.at[ms->at[i].var].type);
}

static void bind_in(struct lower *l, struct lower_label *at,
                    struct lower_region *after)
{
    log_unwind(l, at->region);
    struct merges ms = merges_of(l, at);
    merges_make_params(l, at, &ms);
    l->region = after;
    for (uint32_t i = 0; i < ms.n; i++) {
        const struct merge *m = &ms.at[i];
        lower_var_write(l, m->var, m->lacking ? IR_NONE : m->first);
    }
    l->blk = at->edges.n ? at->blk : IR_NONE;
}

void lower_bind(struct lower *l, struct lower_label *at)
{
    bind_in(l, at, at->region);
}

void lower_bind_last(struct lower *l, struct lower_label *at)
{
    bind_in(l, at, at->region->outer);
}

/* ---- loops --------------------------------------------------------------- */

struct assigned { /* variables that a loop assigns, each once */
    struct lower *l;
    uint32_t stamp;
    VEC(uint32_t) vars;
};

static void assigned_add(struct assigned *a, uint32_t var)
{
    struct lower *l = a->l;
    if (var >= l->region->nvars || l->vars.at[var].stamp == a->stamp ||
        l->vars.at[var].now == IR_NONE)
        return;
    l->vars.at[var].stamp = a->stamp;
    vec_push_in(l->arena, &a->vars, var);
}

/* Of a place, what assigning it changes: a variable, or memory (nothing). */
static void assigned_place(struct assigned *a, const struct ast *place)
{
    if (place && place->kind == AST_NAME)
        assigned_add(a, lower_var_of(a->l, AS(name, place)->sym));
}

static void assigned_visit(void *arg, struct ast *node)
{
    struct assigned *a = arg;
    switch (node->kind) {
    case AST_ASSIGN: assigned_place(a, AS(assign, node)->place); break;
    case AST_OPASSIGN: assigned_place(a, AS(opassign, node)->place); break;
    case AST_SWAP:
        assigned_place(a, AS(swap, node)->left);
        assigned_place(a, AS(swap, node)->right);
        break;
    case AST_ARG:
        if (AS(arg, node)->by_ref)
            assigned_place(a, AS(arg, node)->value);
        break;
    default: break;
    }
    ast_children(node, assigned_visit, arg);
}

void lower_loop_head(struct lower *l, struct lower_label *head,
                     struct ast *const *parts, uint32_t nparts,
                     uint32_t counter, const struct ast *at)
{
    *head = lower_label_new(l);
    if (lower_dead(l))
        return;
    struct assigned a = {.l = l, .stamp = ++l->stamp};
    if (counter != UINT32_MAX)
        assigned_add(&a, counter);
    for (uint32_t i = 0; i < nparts; i++)
        if (parts[i])
            assigned_visit(&a, parts[i]);
    head->is_head = true;
    head->vars = a.vars.at;
    head->nvars = a.vars.n;
    lower_goto(l, head, at);
    l->blk = head->blk;
    for (uint32_t i = 0; i < head->nvars; i++) {
        uint32_t var = head->vars[i];
        lower_var_write(l, var,
                        block_takes(l, head->blk, l->vars.at[var].type));
    }
}
