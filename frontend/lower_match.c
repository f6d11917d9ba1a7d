/* lower_match.c - patterns: what they test and bind; match, if let, while let.
 *
 * Arms are tried in order, or found by a tree (lower_switch.c).  The checker
 * has seen that one of them takes the value, so the last one is entered
 * without a test, unless it has a guard.  Asking for a variant's number again
 * costs nothing: the optimiser knows the answer. */
#include "frontend/lower.h"

/* ---- tests --------------------------------------------------------------- */

/* Goes on where the condition holds, else to `no`. */
static void require(struct lower *l, const struct ast *at, ir_val c,
                    struct lower_label *no)
{
    struct lower_label yes = lower_label_new(l);
    lower_branch(l, c, &yes, no, at);
    lower_bind(l, &yes);
}

static void test_variant(struct lower *l, const struct ast *at, struct type *t,
                         uint32_t number, ir_val v, struct lower_label *no)
{
    if (!no || lower_dead(l))
        return;
    ir_val tag =
        t->is_scalar ? v : lower_op(l, at, IR_TAG, LOWER_INT, v, IR_NONE, 0);
    require(
        l, at,
        lower_op(l, at, IR_EQ, LOWER_BOOL, tag, lower_int(l, at, number), 0),
        no);
}

static void test_range(struct lower *l, struct ast *e, struct type *t, ir_val v,
                       struct lower_label *no)
{
    const struct ast_pat_range *x = AS(pat_range, e);
    (void)t;
    if (!no)
        return;
    ir_val from = lower_expr(l, x->from), to = lower_expr(l, x->to);
    ir_val low = lower_op(l, e, IR_LE, LOWER_BOOL, from, v, 0);
    ir_val high = lower_op(l, e, IR_LT, LOWER_BOOL, v, to, 0);
    require(l, e, lower_op(l, e, IR_AND, LOWER_BOOL, low, high, 0), no);
}

static void test_literal(struct lower *l, struct ast *e, struct type *t,
                         ir_val v, struct lower_label *no)
{
    struct ast *lit = AS(pat_lit, e)->value;
    if (!no)
        return;
    if (lit->kind == AST_BOOL) {
        if (!AS(bool, lit)->value)
            v = lower_op(l, e, IR_NOT, LOWER_BOOL, v, IR_NONE, 0);
        require(l, e, v, no);
        return;
    }
    require(l, e, lower_equal(l, e, t, v, lower_expr(l, lit)), no);
}

/* ---- patterns ------------------------------------------------------------ */

bool lower_is_wild(const struct ast *e)
{
    const struct ast_pat_name *n = AS(pat_name, e);
    return e->kind == AST_PAT_NAME && !n->module && n->name->len == 1 &&
           n->name->text[0] == '_';
}

static void bind_name(struct lower *l, struct ast *e, ir_val v)
{
    struct sym *sym = AS(pat_name, e)->sym;
    uint32_t var = lower_var_of(l, sym);
    if (var == UINT32_MAX || !AS(pat_name, e)->shared)
        lower_declare(l, e, sym, v);
    else
        lower_var_write(l, var, v);
}

static void match_items(struct lower *l, struct ast *e, struct type *t,
                        ir_val v, struct lower_label *no)
{
    for (uint32_t i = 0; i < t->nargs && !lower_dead(l); i++) {
        struct ast *item = AS(pat_tuple, e)->items.at[i];
        if (!lower_is_wild(item))
            lower_match_pattern(l, item, lower_item(l, item, t, v, i), no);
    }
}

/* A variable for each name that the pattern binds: the sides of p | q share
 * them. */
static void declare_names(struct lower *l, struct ast *e)
{
    const struct ast_nodes *parts = NULL;
    switch (e->kind) {
    case AST_PAT_NAME: {
        struct ast_pat_name *n = AS(pat_name, e);
        if (!n->sym || n->sym->kind != SYM_LOCAL)
            return;
        if (lower_var_of(l, n->sym) == UINT32_MAX || !n->shared)
            lower_var_new(l, n->sym, lower_type(l, n->sym->type));
        n->shared = true;
        return;
    }
    case AST_PAT_ARG: declare_names(l, AS(pat_arg, e)->pattern); return;
    case AST_PAT_TUPLE: parts = &AS(pat_tuple, e)->items; break;
    case AST_PAT_CALL: parts = &AS(pat_call, e)->args; break;
    case AST_PAT_OR: declare_names(l, AS(pat_or, e)->left); return;
    default: return;
    }
    for (uint32_t i = 0; i < parts->n; i++)
        declare_names(l, parts->at[i]);
}

/* The names of the right side are those of the left side. */
static void share_names(struct ast *e)
{
    if (e->kind == AST_PAT_NAME)
        AS(pat_name, e)->shared = true;
}

static void visit_share(void *arg, struct ast *e)
{
    share_names(e);
    ast_children(e, visit_share, arg);
}

static void match_either(struct lower *l, struct ast *e, ir_val v,
                         struct lower_label *no)
{
    struct ast *left = AS(pat_or, e)->left, *right = AS(pat_or, e)->right;
    if (lower_dead(l))
        return;
    declare_names(l, left);
    visit_share(NULL, e);
    struct lower_region r;
    lower_region_open(l, &r);
    struct lower_label other = lower_label_new(l), end = other;
    lower_match_pattern(l, left, v, &other);
    lower_goto(l, &end, e);
    lower_bind(l, &other);
    lower_match_pattern(l, right, v, no);
    lower_goto(l, &end, e);
    lower_bind_last(l, &end);
}

/* What the option v holds, which e is tried on unless e is none. */
static ir_val look_into(struct lower *l, struct ast *e, bool none, ir_val v,
                        struct lower_label *no)
{
    if (no) {
        ir_val c = lower_has(l, e, e->type, v);
        if (none)
            c = lower_op(l, e, IR_NOT, LOWER_BOOL, c, IR_NONE, 0);
        require(l, e, c, no);
    }
    return none || lower_dead(l) ? v : lower_held(l, e->type, v);
}

/* The pattern as a whole, but for the parts of V(...). */
static void match_head(struct lower *l, struct ast *e, ir_val v,
                       struct lower_label *no)
{
    struct type *t = e->type;
    if (lower_dead(l) || lower_is_wild(e))
        return;
    if (e->kind == AST_PAT_OR) {
        match_either(l, e, v, no);
        return;
    }
    if (e->kind == AST_PAT_NAME && AS(pat_name, e)->sym->kind == SYM_LOCAL &&
        AS(pat_name, e)->sym->type == t) {
        bind_name(l, e, v);
        return;
    }
    if (t->kind == TYPE_OPTION) {
        bool none =
            e->kind == AST_PAT_LIT && AS(pat_lit, e)->value->kind == AST_NONE;
        v = look_into(l, e, none, v, no);
        if (none || lower_dead(l))
            return;
        t = t->args[0];
    }
    switch (e->kind) {
    case AST_PAT_NAME:
        if (AS(pat_name, e)->sym->kind == SYM_VARIANT)
            test_variant(l, e, t, AS(pat_name, e)->sym->number, v, no);
        else
            bind_name(l, e, v);
        break;
    case AST_PAT_CALL:
        if (t->kind == TYPE_ENUM)
            test_variant(l, e, t, AS(pat_call, e)->sym->number, v, no);
        break;
    case AST_PAT_TUPLE: match_items(l, e, t, v, no); break;
    case AST_PAT_LIT: test_literal(l, e, t, v, no); break;
    case AST_PAT_RANGE: test_range(l, e, t, v, no); break;
    default: break;
    }
}

/* The parts of V(...), whose head has fitted. */
static void match_parts(struct lower *l, struct ast *e, ir_val v,
                        struct lower_label *no)
{
    if (e->kind != AST_PAT_CALL || lower_dead(l))
        return;
    const struct ast_pat_call *x = AS(pat_call, e);
    struct type *t = e->type, *of = x->payload;
    if (t->kind == TYPE_OPTION) {
        v = lower_held(l, t, v);
        t = t->args[0];
    }
    if (t->kind == TYPE_ENUM) {
        ir_type to = lower_type(l, of);
        v = lower_op(l, e, IR_DOWN, to, v, IR_NONE, to.type);
    }
    for (uint32_t i = 0; i < of->nfields && !lower_dead(l); i++) {
        const struct field *f = &of->fields[i];
        if (!x->parts[i] || lower_is_wild(x->parts[i]))
            continue;
        ir_val part =
            lower_load_word(l, x->parts[i], lower_type(l, f->type), v, f->word);
        lower_match_pattern(l, x->parts[i], part, no);
    }
}

void lower_match_pattern(struct lower *l, struct ast *e, ir_val v,
                         struct lower_label *no)
{
    match_head(l, e, v, no);
    match_parts(l, e, v, no);
}

/* ---- match --------------------------------------------------------------- */

/* Whether a pattern has nothing behind its head. */
static bool is_flat(const struct ast *e)
{
    const struct ast_nodes *parts;
    switch (e->kind) {
    case AST_PAT_LIT:
    case AST_PAT_RANGE: return true;
    case AST_PAT_NAME: return AS(pat_name, e)->sym->kind == SYM_VARIANT;
    case AST_PAT_OR:
        return is_flat(AS(pat_or, e)->left) && is_flat(AS(pat_or, e)->right);
    case AST_PAT_CALL:
        parts = &AS(pat_call, e)->args;
        for (uint32_t i = 0; i < parts->n; i++)
            if (!lower_is_wild(AS(pat_arg, parts->at[i])->pattern))
                return false;
        return true;
    default: return false;
    }
}

struct lower_label *lower_arm_entry(const struct lower_arms *arms, uint32_t i)
{
    const struct ast *e = AS(arm, arms->m->arms.at[i])->pattern;
    bool has_head = e->kind == AST_PAT_CALL || is_flat(e);
    return has_head ? &arms->in[i] : &arms->at[i];
}

static void lower_arm(struct lower *l, const struct lower_arms *arms,
                      uint32_t i, ir_val v)
{
    const struct ast_arm *arm = AS(arm, arms->m->arms.at[i]);
    bool last = i + 1 == arms->m->arms.n && !arm->guard;
    struct lower_label *next = last ? NULL : &arms->at[i + 1];
    match_head(l, arm->pattern, v, next);
    if (arms->in[i].edges.n) {
        lower_goto(l, &arms->in[i], &arm->head);
        lower_bind(l, &arms->in[i]);
    }
    match_parts(l, arm->pattern, v, next);
    if (arm->guard) {
        struct lower_label yes = lower_label_new(l);
        lower_cond(l, arm->guard, &yes, next);
        lower_bind(l, &yes);
    }
    if (ast_is_expr(arm->body))
        lower_var_write(l, arms->result, lower_expr(l, arm->body));
    else
        lower_stmt(l, arm->body);
    lower_goto(l, arms->end, &arm->head);
}

static void lower_arms(struct lower *l, struct ast *e,
                       const struct lower_arms *arms, ir_val v)
{
    uint32_t n = arms->m->arms.n, looked = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (i)
            lower_bind(l, &arms->at[i]);
        if (i == looked && !lower_dead(l)) {
            arms->at[i] = lower_label_new(l);
            looked = lower_switch(l, e, arms, i, v);
            if (lower_dead(l))
                lower_bind(l, &arms->at[i]);
        }
        lower_arm(l, arms, i, v);
    }
    lower_bind(l, &arms->at[n]);
}

ir_val lower_match(struct lower *l, struct ast *e)
{
    static const char message[] = "no arm matches";
    const struct ast_match *m = AS(match, e);
    ir_val v = lower_expr(l, m->value);
    if (lower_dead(l))
        return IR_NONE;
    struct lower_arms arms = {.m = m, .result = UINT32_MAX};
    if (lower_has_value(e->type))
        arms.result = lower_var_new(l, NULL, lower_type(l, e->type));
    struct lower_region r;
    lower_region_open(l, &r);
    struct lower_label end = lower_label_new(l);
    arms.end = &end;
    arms.at = ARENA_ARRAY(l->arena, struct lower_label, m->arms.n + 1);
    arms.in = ARENA_ARRAY(l->arena, struct lower_label, m->arms.n + 1);
    for (uint32_t i = 0; i <= m->arms.n; i++)
        arms.at[i] = arms.in[i] = lower_label_new(l);
    lower_arms(l, e, &arms, v);
    if (!lower_dead(l)) /* behind a guard; the checker knows better */
        lower_raise(l, e, lower_str(l, e, message, sizeof message - 1),
                    "assert");
    lower_bind_last(l, &end);
    return lower_var_read(l, arms.result);
}
