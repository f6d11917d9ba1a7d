/* check_pattern.c - what patterns match, and what they bind.
 *
 * A pattern's type is that of the values it is tried on.  Of an option, `none`
 * and `_` match the option, and any other pattern matches what it holds.  In
 * `let`, `var` and `for` a pattern has to fit every value and a bare name
 * always binds; elsewhere it may fail, and a bare name that is a variant of
 * the enum, or begins with a capital letter, is that variant. */
#include "frontend/check.h"

#include <ctype.h>
#include <string.h>

/* ---- names about which nothing is said ----------------------------------- */

static struct sym *silent_local(struct checker *c, const struct name *name,
                                struct ast *decl, struct span at)
{
    struct sym *s = sym_new(c, SYM_LOCAL, name, decl, at);

    s->is_var = s->used = s->assigned = true;
    return s;
}

void scope_silent(struct checker *c, const struct name *name, struct ast *decl,
                  struct span at)
{
    scope_add(c, silent_local(c, name, decl, at));
}

void bind_silent(struct checker *c, struct ast *p)
{
    struct ast_nodes *parts = NULL;

    if (!p)
        return;
    switch (p->kind) {
    case AST_PAT_NAME:
        scope_push(c, silent_local(c, AS(pat_name, p)->name, p, span_of(c, p)));
        break;
    case AST_PAT_ARG: bind_silent(c, AS(pat_arg, p)->pattern); break;
    case AST_PAT_TUPLE: parts = &AS(pat_tuple, p)->items; break;
    case AST_PAT_CALL: parts = &AS(pat_call, p)->args; break;
    case AST_PAT_OR:
        bind_silent(c, AS(pat_or, p)->left);
        bind_silent(c, AS(pat_or, p)->right);
        break;
    default: break;
    }
    for (uint32_t i = 0; parts && i < parts->n; i++)
        bind_silent(c, parts->at[i]);
}

struct sym *pattern_sym(const struct ast *p)
{
    return p->kind == AST_PAT_NAME ? AS(pat_name, p)->sym : NULL;
}

/* ---- the walk ------------------------------------------------------------ */

struct pattern {
    struct checker *c;
    struct ast *decl; /* the node that a name leads to */
    bool is_var;
    bool may_fail;
    VEC(struct sym *) bound; /* so far, each once */
    struct either *either;
};

/* The right side of p | q binds what the left side does. */
struct either {
    struct either *up;
    uint32_t from, to; /* of p->bound: the left side's */
    uint64_t seen;     /* which of them the right side has bound: bits */
};

static void check(struct pattern *p, struct ast *e, struct type *t);

static void say_sides(struct pattern *p, struct span at,
                      const struct name *name)
{
    diag_at(p->c->u->diags, E0291, at, name->text);
}

/* The name stands on the left side, too, with the same type. */
static struct sym *bound_left(struct pattern *p, const struct name *name,
                              struct type *t, struct span at)
{
    struct either *e = p->either;
    struct reason why = {"bound here first", {0}};

    for (uint32_t i = e->from; i < e->to; i++) {
        struct sym *s = p->bound.at[i];
        if (s->name != name)
            continue;
        e->seen |= UINT64_C(1) << ((i - e->from) & 63);
        why.at = span_of_sym(s);
        if (!types_fit(t, s->type)) {
            diag_at(p->c->u->diags, E0292, at, name->text,
                    say_type(p->c, s->type), say_type(p->c, t));
            diag_label(p->c->u->diags, why.at, "%s", why.text);
        }
        return s;
    }
    say_sides(p, at, name);
    return NULL;
}

static void bind_name(struct pattern *p, struct ast *e, struct type *t)
{
    struct checker *c = p->c;
    struct ast_pat_name *n = AS(pat_name, e);
    struct span at = span_of(c, e);

    if (n->name != c->n_wild && p->either) {
        n->sym = bound_left(p, n->name, t, at);
        if (n->sym)
            return;
    }
    n->sym = sym_new(c, SYM_LOCAL, n->name, p->decl, at);
    n->sym->type = t;
    n->sym->is_var = p->is_var;
    if (n->name == c->n_wild)
        return;
    if (scope_add(c, n->sym))
        vec_push_in(c->arena, &p->bound, n->sym);
}

/* ---- variants ------------------------------------------------------------ */

static bool is_capital(const struct name *name)
{
    return isupper((unsigned char)name->text[0]);
}

/* The variant that a name in a pattern for values of type t means.  NULL after
 * a report. */
static struct sym *find_variant(struct pattern *p, struct ast *e,
                                const struct name *module,
                                const struct name *name, struct type *t)
{
    struct checker *c = p->c;
    struct span at = span_word(c, e->pos, module != NULL);
    struct variant *v = NULL;
    struct sym *s;

    if (t->kind == TYPE_ENUM)
        v = variant_find(t, name);
    s = module ? scope_find(c, module) : NULL;
    if (module && !s) {
        say_undefined(c, span_word(c, e->pos, 0), module);
        return NULL;
    }
    if (s)
        s->used = true;
    if (s && s->kind == SYM_ENUM && (t->kind != TYPE_ENUM || s != t->decl))
        v = NULL;
    if (v) {
        v->sym->used = t->decl->used = true;
        return v->sym;
    }
    if (is_silent(t))
        return NULL;
    if (t->kind == TYPE_ENUM) {
        diag_at(c->u->diags, E0288, at, t->decl->name->text, name->text);
        say_declared(c, t->decl);
        variant_near(c, at, t, name);
    } else {
        diag_at(c->u->diags, E0289, at, name->text, say_type(c, t));
        if (!strcmp(name->text, "Some") || !strcmp(name->text, "None"))
            diag_help(c->u->diags, "an option is matched by `none`, and by "
                                   "patterns for what it holds");
        else if (!module && is_capital(name))
            diag_note(c->u->diags, "a name that begins with a capital letter "
                                   "is a variant; a variable begins with a "
                                   "small one");
    }
    return NULL;
}

static void check_name(struct pattern *p, struct ast *e, struct type *t)
{
    struct ast_pat_name *n = AS(pat_name, e);
    struct type *of = is_option(t) ? t->args[0] : t;
    bool variant = n->module || (p->may_fail && is_capital(n->name));

    if (p->may_fail && !n->module && of->kind == TYPE_ENUM)
        variant |= variant_find(of, n->name) != NULL;
    if (n->name == p->c->n_wild && !n->module) {
        bind_name(p, e, t);
        return;
    }
    if (!variant) {
        bind_name(p, e, p->may_fail ? of : t);
        return;
    }
    n->sym = find_variant(p, e, n->module, n->name, of);
    if (!n->sym)
        e->type = &type_error;
    else if (of->variants[n->sym->number].payload) {
        diag_at(p->c->u->diags, E0277, span_of(p->c, e), n->name->text);
        say_declared(p->c, n->sym);
        e->type = &type_error;
    }
}

/* The field that part i of a pattern V(...) is for; nfields after a report. */
static uint32_t field_of_part(struct pattern *p, struct ast *e, uint32_t i,
                              bool *named)
{
    struct ast_pat_call *x = AS(pat_call, e);
    struct ast_pat_arg *arg = AS(pat_arg, x->args.at[i]);
    struct diags *ds = p->c->u->diags;
    struct field *f;

    if (!arg->name) {
        if (*named)
            diag_at(ds, E0245, span_of(p->c, &arg->head));
        else if (i >= x->payload->nfields)
            diag_at(ds, E0293, span_of(p->c, &arg->head), x->name->text,
                    x->payload->nfields, x->payload->nfields == 1 ? "" : "s");
        return *named ? x->payload->nfields : i;
    }
    *named = true;
    f = field_find(x->payload, arg->name);
    if (f)
        return f->index;
    diag_at(ds, E0243, span_word(p->c, arg->head.pos, 0), x->name->text,
            "field", arg->name->text);
    return x->payload->nfields;
}

static void check_parts(struct pattern *p, struct ast *e)
{
    struct ast_pat_call *x = AS(pat_call, e);
    uint32_t n = x->payload->nfields;
    bool named = false;

    x->parts = ARENA_ARRAY(p->c->arena, struct ast *, n + 1);
    for (uint32_t i = 0; i < x->args.n; i++) {
        struct ast *part = AS(pat_arg, x->args.at[i])->pattern;
        uint32_t k = field_of_part(p, e, i, &named);
        if (k < n && x->parts[k]) {
            diag_at(p->c->u->diags, E0244, span_of(p->c, x->args.at[i]),
                    x->payload->fields[k].name->text);
            k = n;
        }
        check(p, part, k < n ? x->payload->fields[k].type : &type_error);
        if (k < n)
            x->parts[k] = part;
    }
    if (!named && x->args.n < n) {
        diag_at(p->c->u->diags, E0293, span_of(p->c, e), x->name->text, n,
                n == 1 ? "" : "s");
        say_declared(p->c, x->sym);
    }
}

/* V(p, field: p): a variant with its payload, or a struct by its fields. */
static void check_call_pattern(struct pattern *p, struct ast *e, struct type *t)
{
    struct ast_pat_call *x = AS(pat_call, e);
    struct type *of = is_option(t) ? t->args[0] : t;

    if (of->kind == TYPE_STRUCT && of->decl && of->decl->name == x->name) {
        x->sym = of->decl;
        x->payload = of;
    } else {
        x->sym = find_variant(p, e, x->module, x->name, of);
        if (x->sym)
            x->payload = of->variants[x->sym->number].payload;
    }
    if (x->sym && !x->payload) {
        diag_at(p->c->u->diags, E0293, span_of(p->c, e), x->name->text, 0u,
                "s");
        say_declared(p->c, x->sym);
    }
    if (x->payload) {
        check_parts(p, e);
        return;
    }
    e->type = &type_error;
    bind_silent(p->c, e);
}

/* ---- other patterns ------------------------------------------------------ */

static void check_tuple(struct pattern *p, struct ast *e, struct type *t)
{
    struct ast_nodes *items = &AS(pat_tuple, e)->items;
    struct type *of = is_option(t) && p->may_fail ? t->args[0] : t;
    bool fits = of->kind == TYPE_TUPLE && of->nargs == items->n;

    if (!fits && !is_silent(of)) {
        diag_at(p->c->u->diags, E0270, span_of(p->c, e), items->n,
                say_type(p->c, of));
        if (of->kind == TYPE_TUPLE)
            diag_note(p->c->u->diags, "the tuple has %u items", of->nargs);
        if (is_option(of))
            diag_help(p->c->u->diags, "it may be none: match it by `if let`");
    }
    for (uint32_t i = 0; i < items->n; i++)
        check(p, items->at[i], fits ? of->args[i] : &type_error);
}

/* Whether a literal can be of type t. */
static bool literal_fits(const struct ast *lit, const struct type *t)
{
    if (lit->kind == AST_UNARY) /* a minus */
        lit = AS(unary, lit)->of;
    switch (lit->kind) {
    case AST_INT: return is_int(t) || t == &type_float;
    case AST_FLOAT: return t == &type_float;
    case AST_BOOL: return t == &type_bool;
    case AST_STR: return t == &type_str;
    default: return false;
    }
}

static void check_literal(struct pattern *p, struct ast *e, struct type *t)
{
    struct ast *lit = AS(pat_lit, e)->value;
    struct type *of = is_option(t) && lit->kind != AST_NONE ? t->args[0] : t;
    struct reason why = {NULL, {0}};

    if (lit->kind == AST_NONE && is_option(t)) {
        lit->type = t;
        return;
    }
    if (!literal_fits(lit, of)) {
        e->type = &type_error;
        if (is_silent(of))
            return;
        diag_at(p->c->u->diags, E0289, span_of(p->c, e),
                say_source(p->c, lit) ? say_source(p->c, lit) : "this literal",
                say_type(p->c, t));
        return;
    }
    if (check_value(p->c, lit, of, &why) == &type_error)
        e->type = &type_error;
}

static void check_range(struct pattern *p, struct ast *e, struct type *t)
{
    struct ast_pat_range *x = AS(pat_range, e);
    struct type *of = is_option(t) ? t->args[0] : t;
    struct reason why = {NULL, {0}};

    if (!is_int(of) && !is_silent(of)) {
        diag_at(p->c->u->diags, E0289, span_of(p->c, e), "a..b",
                say_type(p->c, t));
        diag_note(p->c->u->diags, "a range is of int or byte");
        e->type = &type_error;
        return;
    }
    if (check_value(p->c, x->from, of, &why) == &type_error ||
        check_value(p->c, x->to, of, &why) == &type_error)
        e->type = &type_error;
    else if (ast_int_value(x->from) >= ast_int_value(x->to))
        diag_at(p->c->u->diags, E0294, span_of(p->c, e));
}

static void check_either(struct pattern *p, struct ast *e, struct type *t)
{
    struct either side = {.up = p->either, .from = p->bound.n};

    check(p, AS(pat_or, e)->left, t);
    side.to = p->bound.n;
    if (p->either) { /* what this left side binds, an outer one has bound */
        check(p, AS(pat_or, e)->right, t);
        return;
    }
    p->either = &side;
    check(p, AS(pat_or, e)->right, t);
    p->either = side.up;
    for (uint32_t i = side.from; i < side.to && i < side.from + 64; i++)
        if (!(side.seen >> (i - side.from) & 1))
            say_sides(p, span_of_sym(p->bound.at[i]), p->bound.at[i]->name);
}

static void check(struct pattern *p, struct ast *e, struct type *t)
{
    e->type = t;
    if (!p->may_fail && e->kind != AST_PAT_NAME && e->kind != AST_PAT_TUPLE &&
        !(e->kind == AST_PAT_CALL && t->kind == TYPE_STRUCT)) {
        if (!is_silent(t))
            diag_at(p->c->u->diags, E0290, span_of(p->c, e));
        e->type = &type_error;
        bind_silent(p->c, e);
        return;
    }
    switch (e->kind) {
    case AST_PAT_NAME: check_name(p, e, t); break;
    case AST_PAT_CALL: check_call_pattern(p, e, t); break;
    case AST_PAT_TUPLE: check_tuple(p, e, t); break;
    case AST_PAT_LIT: check_literal(p, e, t); break;
    case AST_PAT_RANGE: check_range(p, e, t); break;
    case AST_PAT_OR: check_either(p, e, t); break;
    default: e->type = &type_error;
    }
}

void pattern_bind(struct checker *c, struct ast *e, struct ast *decl,
                  struct type *t, bool is_var)
{
    struct pattern p = {.c = c, .decl = decl, .is_var = is_var};

    check(&p, e, t);
}

void pattern_match(struct checker *c, struct ast *e, struct ast *decl,
                   struct type *t)
{
    struct pattern p = {.c = c, .decl = decl, .may_fail = true};

    check(&p, e, t);
}
