/* check_lambda.c - functions inside functions: lambdas, local `fn`s, what they
 * capture, and calls of function values.
 *
 * A variable of an enclosing function is captured by all functions between its
 * own and the one that names it.  What never changes is captured by value; a
 * `var`, a mut parameter, and a local `fn` that calls itself live in a cell on
 * the heap, which everything that names them refers to. */
#include "frontend/check.h"

/* ---- captures ------------------------------------------------------------ */

static bool is_captured(const struct ast_fn *fn, const struct sym *s)
{
    for (uint32_t i = 0; i < fn->captures.n; i++)
        if (fn->captures.at[i] == s)
            return true;
    return false;
}

void capture(struct checker *c, struct sym *s)
{
    for (struct body *b = c->body; b && b->level > s->level; b = b->up) {
        struct ast_fn *fn = AS(fn, b->fn);
        if (is_captured(fn, s))
            return; /* and by those around it */
        vec_push_in(c->arena, &fn->captures, s);
        s->cell |= s->is_var || s->decl == b->fn;
    }
}

/* ---- lambdas ------------------------------------------------------------- */

static struct type *known(struct type *t)
{
    return t && !t->open && !is_silent(t) ? t : NULL;
}

static bool is_fn(const struct type *t)
{
    return t && t->kind == TYPE_FN;
}

/* Whether a function of so many parameters may be expected. */
static bool check_count(struct checker *c, const struct ast_fn *fn,
                        struct type *hint)
{
    struct span at = span_word(c, fn->head.pos, 0);

    if (!is_fn(hint) || hint->nargs == fn->params.n + 1)
        return true;
    diag_at(c->u->diags, E0237, at, hint->nargs - 1,
            hint->nargs == 2 ? "" : "s", fn->params.n);
    diag_label(c->u->diags, at, "a value of type `%s` is expected",
               say_type(c, hint));
    return false;
}

/* The parameters: as written, or as the expected type has them. */
static void check_params(struct checker *c, struct ast_fn *fn,
                         const struct type *hint, struct type **types,
                         uint64_t *muts)
{
    uint32_t n = fn->params.n;
    bool hinted = is_fn(hint) && hint->nargs == n + 1;

    *muts = 0;
    for (uint32_t i = 0; i < n; i++) {
        struct ast_param *p = AS(param, fn->params.at[i]);
        struct span at = span_word(c, p->head.pos, p->mut ? 1 : 0);
        p->sym = sym_new(c, SYM_PARAM, p->name, &p->head, at);
        p->sym->is_var = p->sym->is_mut = p->mut;
        if (p->type) {
            p->sym->type = decl_type(c, p->type);
        } else if (hinted && known(hint->args[i])) {
            p->sym->type = hint->args[i];
        } else if (!is_fn(hint) || (hinted && !is_silent(hint->args[i]))) {
            diag_at(c->u->diags, E0261, at, p->name->text);
            diag_help(c->u->diags, "write it behind a colon: `%s: int`",
                      p->name->text);
        }
        types[i] = p->sym->type;
        *muts |= (uint64_t)(p->mut != 0) << i;
        if (p->name != c->n_wild)
            scope_add(c, p->sym);
    }
}

/* What the body has to give: NULL where it decides itself.  A block without a
 * written result gives what is expected of it, or nothing. */
static struct type *result_wanted(struct ast_fn *fn, const struct type *hint)
{
    bool hinted = is_fn(hint) && hint->nargs == fn->params.n + 1;
    struct type *want = hinted ? hint->args[hint->nargs - 1] : NULL;

    if (fn->result)
        return fn->result->type;
    if (want && !want->open)
        return want;
    return want || fn->is_expr ? NULL : &type_unit;
}

static void check_body_value(struct checker *c, struct ast_fn *fn)
{
    if (c->body->result == &type_unit && fn->is_expr) {
        check_expr(c, fn->body, DROPPED);
        flow_dropped(c, fn->body, true);
    } else if (c->body->result == &type_unit) {
        check_body(c, fn->body);
    } else {
        flow_function_value(c, &fn->head);
    }
}

struct type *check_lambda(struct checker *c, struct ast *e, struct type *hint)
{
    struct ast_fn *fn = AS(fn, e);
    struct type *types[CHECK_MAX_PARAMS + 1];
    struct body b = {.up = c->body,
                     .owner = c->body->owner,
                     .from = c->body->from,
                     .kind = BODY_LAMBDA,
                     .level = c->body->level + 1,
                     .fn = e};
    uint64_t muts;
    uint32_t saved;
    bool fits = check_count(c, fn, hint);

    if (fn->params.n > CHECK_MAX_PARAMS) {
        diag_at(c->u->diags, E0262, span_of(c, e), "fn");
        return &type_error;
    }
    fn->captures.n = 0;
    if (fn->result)
        decl_type(c, fn->result);
    c->body = &b;
    saved = scope_enter(c);
    check_params(c, fn, hint, types, &muts);
    b.result = result_wanted(fn, hint);
    check_body_value(c, fn);
    scope_leave(c, saved);
    c->body = b.up;
    if (!b.result)
        b.result = &type_unit;
    if (!fits)
        return &type_error;
    return type_fn(c->u, types, fn->params.n, muts, b.result);
}

/* ---- local functions ----------------------------------------------------- */

/* The type as far as it is written. */
static struct type *written_type(struct checker *c, struct ast_fn *fn)
{
    struct type *types[CHECK_MAX_PARAMS + 1];
    uint64_t muts = 0;

    if ((fn->is_expr && !fn->result) || fn->params.n > CHECK_MAX_PARAMS)
        return NULL;
    for (uint32_t i = 0; i < fn->params.n; i++) {
        struct ast_param *p = AS(param, fn->params.at[i]);
        if (!p->type)
            return &type_error;
        types[i] = decl_type(c, p->type);
        muts |= (uint64_t)(p->mut != 0) << i;
    }
    return type_fn(c->u, types, fn->params.n, muts,
                   fn->result ? decl_type(c, fn->result) : &type_unit);
}

void check_local_fn(struct checker *c, struct ast *e)
{
    struct ast_fn *fn = AS(fn, e);
    struct span at = span_word_after(c, e->pos, "fn");
    struct sym *s = sym_new(c, SYM_LOCAL, fn->name, e, at);
    struct type *t;

    fn->sym = s;
    if (fn->tparams.n || fn->kind != AST_FN_PLAIN) {
        diag_at(c->u->diags, E0257, at,
                fn->tparams.n            ? "generic"
                : fn->kind == AST_FN_REV ? "reversible"
                                         : "a merge function");
        diag_help(c->u->diags, "move it out, to the level of the module");
        s->used = s->is_var = s->assigned = true;
        scope_add(c, s);
        return;
    }
    s->type = written_type(c, fn);
    s->untyped = !s->type;
    if (!s->type)
        s->type = &type_error;
    scope_add(c, s);
    t = check_lambda(c, e, NULL);
    s->untyped = false;
    s->type = e->type = t;
}

/* ---- function values ----------------------------------------------------- */

struct type *fn_value(struct checker *c, struct ast *e, struct sym *s,
                      struct type *hint)
{
    const struct ast_nodes *names = &AS(fn, s->decl)->tparams;
    struct top *t = (struct top *)s;

    if (hint && is_option(hint))
        hint = hint->args[0];
    if (names->n && !t->targs) {
        struct infer inf = infer_open(c, s, names->n);
        s->used = true;
        if (hint && s->type->kind == TYPE_FN)
            infer_meet(&inf, s->type, hint);
        if (!infer_done(c, &inf, names, span_last_word(c, e)))
            return &type_error;
        t = generic_instance(c, s, inf.bound, e);
        if (!t)
            return &type_error;
    }
    init_use(c, t, e);
    if (e->kind == AST_NAME)
        AS(name, e)->sym = &t->sym;
    else
        AS(member, e)->sym = &t->sym;
    return t->sym.type->kind == TYPE_FN ? t->sym.type : &type_error;
}
