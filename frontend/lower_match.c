/* lower_match.c - patterns: what they test and bind; match, if let, while let.
 *
 * Arms are tried in order.  The checker has seen that one of them takes the
 * value, so the last one is entered without a test, unless it has a guard.
 * Asking for a variant's number again costs nothing: the optimiser knows the
 * answer. */
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

static bool is_wild(const struct ast *e)
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

static void match_parts(struct lower *l, struct ast *e, struct type *t,
                        ir_val v, struct lower_label *no)
{
    const struct ast_pat_call *x = AS(pat_call, e);
    struct type *of = x->payload;
    if (t->kind == TYPE_ENUM) {
        test_variant(l, e, t, x->sym->number, v, no);
        ir_type to = lower_type(l, of);
        v = lower_op(l, e, IR_DOWN, to, v, IR_NONE, to.type);
    }
    for (uint32_t i = 0; i < of->nfields && !lower_dead(l); i++) {
        const struct field *f = &of->fields[i];
        if (!x->parts[i] || is_wild(x->parts[i]))
            continue;
        ir_val part =
            lower_load_word(l, x->parts[i], lower_type(l, f->type), v, f->word);
        lower_match_pattern(l, x->parts[i], part, no);
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

void lower_match_pattern(struct lower *l, struct ast *e, ir_val v,
                         struct lower_label *no)
{
    struct type *t = e->type;
    if (lower_dead(l) || is_wild(e))
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
        ir_val c = no ? lower_has(l, e, t, v) : IR_NONE;
        if (no && none)
            c = lower_op(l, e, IR_NOT, LOWER_BOOL, c, IR_NONE, 0);
        if (no)
            require(l, e, c, no);
        if (none)
            return;
        v = lower_held(l, t, v);
        t = t->args[0];
    }
    switch (e->kind) {
    case AST_PAT_NAME:
        if (AS(pat_name, e)->sym->kind == SYM_VARIANT)
            test_variant(l, e, t, AS(pat_name, e)->sym->number, v, no);
        else
            bind_name(l, e, v);
        break;
    case AST_PAT_CALL: match_parts(l, e, t, v, no); break;
    case AST_PAT_TUPLE:
        for (uint32_t i = 0; i < t->nargs && !lower_dead(l); i++) {
            struct ast *item = AS(pat_tuple, e)->items.at[i];
            if (!is_wild(item))
                lower_match_pattern(l, item, lower_item(l, item, t, v, i), no);
        }
        break;
    case AST_PAT_LIT: test_literal(l, e, t, v, no); break;
    case AST_PAT_RANGE: test_range(l, e, t, v, no); break;
    default: break;
    }
}

/* ---- match --------------------------------------------------------------- */

static void lower_arm(struct lower *l, const struct ast_arm *arm, ir_val v,
                      struct lower_label *next, uint32_t result,
                      struct lower_label *end)
{
    lower_match_pattern(l, arm->pattern, v, next);
    if (arm->guard) {
        struct lower_label yes = lower_label_new(l);
        lower_cond(l, arm->guard, &yes, next);
        lower_bind(l, &yes);
    }
    if (ast_is_expr(arm->body))
        lower_var_write(l, result, lower_expr(l, arm->body));
    else
        lower_stmt(l, arm->body);
    lower_goto(l, end, &arm->head);
}

ir_val lower_match(struct lower *l, struct ast *e)
{
    static const char message[] = "no arm matches";
    const struct ast_match *m = AS(match, e);
    ir_val v = lower_expr(l, m->value);
    if (lower_dead(l))
        return IR_NONE;
    uint32_t result = UINT32_MAX;
    if (lower_has_value(e->type))
        result = lower_var_new(l, NULL, lower_type(l, e->type));
    struct lower_region r;
    lower_region_open(l, &r);
    struct lower_label end = lower_label_new(l);
    for (uint32_t i = 0; i < m->arms.n; i++) {
        const struct ast_arm *arm = AS(arm, m->arms.at[i]);
        bool last = i + 1 == m->arms.n && !arm->guard;
        struct lower_label next = lower_label_new(l);
        lower_arm(l, arm, v, last ? NULL : &next, result, &end);
        if (!last)
            lower_bind(l, &next);
    }
    if (!lower_dead(l)) /* behind a guard; the checker knows better */
        lower_raise(l, e, lower_str(l, e, message, sizeof message - 1),
                    "assert");
    lower_bind_last(l, &end);
    return lower_var_read(l, result);
}
