/* check_match.c - match, if let, while let. */
#include "frontend/check.h"

/* ---- match --------------------------------------------------------------- */

static struct type *check_arm(struct checker *c, struct ast_arm *arm,
                              struct type *t, struct type *hint)
{
    uint32_t saved = scope_enter(c);
    struct type *got;

    pattern_match(c, arm->pattern, &arm->head, t);
    if (arm->guard)
        check_condition(c, arm->guard, "if");
    got = check_action(c, arm->body, hint);
    scope_leave(c, saved);
    return arm->head.type = got;
}

/* What the arms give in common, at the first arm that gives anything. */
struct common {
    struct ast *at;
    struct type *type;
};

static void join_arm(struct checker *c, struct common *to, struct ast *body,
                     struct type *t, struct type *hint)
{
    if (!to->at || to->type == &type_never) {
        *to = (struct common){body, t};
        return;
    }
    to->type = check_join(c, to->at, to->type, body, t, hint);
}

struct type *check_match(struct checker *c, struct ast *e, struct type *hint)
{
    struct ast_match *m = AS(match, e);
    struct type *t = check_any(c, m->value, NULL);
    struct common all = {NULL, &type_never};
    bool valued = hint != DROPPED;

    for (uint32_t i = 0; i < m->arms.n; i++) {
        if (m->arms.at[i]->kind != AST_ARM)
            continue;
        struct ast_arm *arm = AS(arm, m->arms.at[i]);
        struct type *want = hint;
        if (!hint && all.at && !is_silent(all.type) && all.type != &type_unit &&
            !is_bare_none(all.type))
            want = all.type;
        struct type *got = check_arm(c, arm, t, want);
        join_arm(c, &all, arm->body, got, hint);
    }
    if (!all.at) {
        if (!is_silent(t))
            diag_at(c->u->diags, E0296, span_of(c, e));
        return &type_error;
    }
    /* a later arm may have made an option of what the first ones give */
    for (uint32_t i = 0; valued && i < m->arms.n; i++)
        if (m->arms.at[i]->kind == AST_ARM && is_option(all.type))
            check_adapt(c, AS(arm, m->arms.at[i])->body, m->arms.at[i]->type,
                        all.type);
    if (!is_silent(t))
        cover_check(c, e, t);
    if (t == &type_never)
        return t;
    return valued || all.type == &type_never ? all.type : &type_unit;
}

/* ---- if let, while let --------------------------------------------------- */

/* `let p: T = e`: whether the `any` e is a T.  Of an option T says again what
 * it holds. */
static struct type *check_downcast(struct checker *c, struct ast_cond_let *x,
                                   struct type *t)
{
    struct type *to = decl_type(c, x->type);

    if (is_silent(t) || is_silent(to))
        return &type_error;
    if (is_option(t) && t->args[0] == to) {
        x->to = NULL;
        return t;
    }
    if (t != &type_any) {
        diag_at(c->u->diags, E0299, span_of(c, x->type), say_type(c, t));
        return &type_error;
    }
    /* what a weak reference or a guardian is of, only the compiler knows */
    if (to == &type_any || to == &type_unit || is_option(to) ||
        to->kind == TYPE_WEAK || to->kind == TYPE_GUARDIAN) {
        diag_at(c->u->diags, E0299, span_of(c, x->type), say_type(c, to));
        return &type_error;
    }
    x->to = to;
    return to;
}

void check_cond_let(struct checker *c, struct ast *e, const char *what)
{
    struct ast_cond_let *x = AS(cond_let, e);
    struct type *t = check_any(c, x->value, NULL);

    e->type = &type_bool;
    if (x->type)
        t = check_downcast(c, x, t);
    pattern_match(c, x->pattern, e, t);
    if (x->type || is_silent(t) || is_option(t) ||
        x->pattern->type == &type_error || !cover_all(c, x->pattern, t))
        return;
    diag_at(c->u->diags, E0274, span_of(c, x->value), what, say_type(c, t));
    diag_note(c->u->diags, "the pattern matches every `%s`", say_type(c, t));
}
