/* check_expr.c - the types of expressions.  Operators are in check_op.c, calls
 * in check_call.c; check.h says how types flow. */
#include "frontend/check_rev.h"

#include <string.h>

/* ---- literals ------------------------------------------------------------ */

/* The text of a literal for a message: -5, 300, 'é'. */
static const char *literal_text(struct checker *c, const struct ast *e)
{
    const char *text = say_source(c, e);

    return text ? text : "this literal";
}

/* Gives an int literal the type float or byte. `minus` is the negation right
 * above it, or NULL. */
static void literal_retype(struct checker *c, struct ast *e, struct type *want,
                           const struct ast *minus)
{
    struct ast_int *lit = AS(int, e);

    e->type = want;
    if (want != &type_byte)
        return;
    if (lit->value > 255 || (minus && lit->value)) {
        diag_at(c->u->diags, E0213, span_of(c, minus ? minus : e),
                literal_text(c, minus ? minus : e));
        diag_note(c->u->diags, "a byte holds 0 to 255");
    }
}

static struct type *expr_int(struct checker *c, struct ast *e,
                             struct type *hint)
{
    struct ast_int *lit = AS(int, e);

    if (lit->form == AST_INT_DECIMAL && lit->value > INT64_MAX) {
        diag_at(c->u->diags, E0111, span_of(c, e));
        diag_note(c->u->diags, "the largest int is 9223372036854775807");
        return &type_error;
    }
    if (hint != &type_float && hint != &type_byte)
        return &type_int;
    literal_retype(c, e, hint, NULL);
    return hint;
}

/* -literal: the one place where 2^63 may stand. */
struct type *check_negative(struct checker *c, struct ast *e, struct type *hint)
{
    struct ast *of = AS(unary, e)->of;
    struct ast_int *lit = AS(int, of);

    of->type = &type_int;
    if (lit->form == AST_INT_DECIMAL && lit->value > (uint64_t)INT64_MAX + 1)
        of->type = expr_int(c, of, hint);
    else if (hint == &type_float || hint == &type_byte)
        literal_retype(c, of, hint, e);
    return of->type;
}

/* Whether e is made of int literals and arithmetic only, so that it can take
 * the type `want`. */
static bool is_literal_tree(const struct ast *e, const struct type *want)
{
    const struct ast_binary *b;

    for (;;) {
        switch (e->kind) {
        case AST_INT: return true;
        case AST_UNARY:
            if (AS(unary, e)->op == OP_NOT ||
                (AS(unary, e)->op == OP_INV && want != &type_byte))
                return false;
            e = AS(unary, e)->of;
            break;
        case AST_BINARY:
            b = AS(binary, e);
            if (b->op < OP_ADD &&
                (b->op < OP_BAR || b->op > OP_AMP || want != &type_byte))
                return false;
            if (!is_literal_tree(b->right, want))
                return false;
            e = b->left;
            break;
        default: return false;
        }
    }
}

static void retype(struct checker *c, struct ast *e, struct type *want)
{
    const struct ast *minus = NULL;

    for (;;) {
        e->type = want;
        if (e->kind == AST_UNARY) {
            minus = AS(unary, e)->op == OP_NEG ? e : NULL;
            e = AS(unary, e)->of;
        } else if (e->kind == AST_BINARY) {
            retype(c, AS(binary, e)->right, want);
            minus = NULL;
            e = AS(binary, e)->left;
        } else {
            literal_retype(c, e, want, minus);
            return;
        }
    }
}

bool check_adapt(struct checker *c, struct ast *e, struct type *got,
                 struct type *want)
{
    if (types_fit(got, want))
        return true;
    if (want == &type_any && got != &type_unit && !is_option(got)) {
        e->lifted = want;
        return true;
    }
    if (is_bare_none(want)) /* of which nothing is known yet */
        return false;
    if (is_option(want)) {
        if (!is_bare_none(got) && !check_adapt(c, e, got, want->args[0]))
            return false;
        e->lifted = want;
        return true;
    }
    if (got != &type_int || (want != &type_float && want != &type_byte) ||
        !is_literal_tree(e, want))
        return false;
    retype(c, e, want);
    return true;
}

/* ---- values -------------------------------------------------------------- */

struct type *check_value(struct checker *c, struct ast *e, struct type *want,
                         const struct reason *why)
{
    struct type *got = check_expr(c, e, want);

    if (check_adapt(c, e, got, want))
        return got;
    if (got == &type_unit)
        say_no_value(c, e);
    else
        say_mismatch(c, e, got, want, why);
    return &type_error;
}

struct type *check_any(struct checker *c, struct ast *e, struct type *hint)
{
    struct type *t = check_expr(c, e, hint);

    if (t == &type_unit)
        say_no_value(c, e);
    else if (is_bare_none(t) && !hint)
        say_bare_none(c, e);
    else
        return t;
    return e->type = &type_error;
}

void check_condition(struct checker *c, struct ast *e, const char *what)
{
    struct type *t;

    if (e->kind == AST_COND_LET) {
        check_cond_let(c, e, what);
        return;
    }
    t = check_any(c, e, &type_bool);
    if (is_silent(t) || t == &type_bool)
        return;
    diag_at(c->u->diags, E0216, span_of(c, e), say_type(c, t));
    if (say_source(c, e) && is_number(t))
        diag_help(c->u->diags, "compare it: `%s != 0`", say_source(c, e));
    else if (say_source(c, e) && is_option(t))
        diag_help(c->u->diags, "ask whether there is a value: `%s != none`",
                  say_source(c, e));
    else if (say_source(c, e) && (t->kind == TYPE_LIST || t == &type_str))
        diag_help(c->u->diags, "compare its length: `%s.len > 0`",
                  say_source(c, e));
}

struct type *list_of(struct checker *c, struct type *item, struct ast *at)
{
    if (item->kind == TYPE_ERROR || item->kind == TYPE_NEVER)
        return item;
    if (item->depth < TYPE_MAX_DEPTH)
        return type_list(c->u, item);
    diag_at(c->u->diags, E0225, span_of(c, at));
    return &type_error;
}

struct type *weak_of(struct checker *c, struct type *of, struct ast *at)
{
    if (of->depth < TYPE_MAX_DEPTH)
        return type_weak(c->u, of);
    diag_at(c->u->diags, E0225, span_of(c, at));
    return &type_error;
}

struct type *option_of(struct checker *c, struct type *t, struct ast *at)
{
    if (is_silent(t))
        return t;
    if (is_option(t)) {
        diag_at(c->u->diags, E0273, span_of(c, at), say_type(c, t));
        return &type_error;
    }
    if (t->depth < TYPE_MAX_DEPTH)
        return type_option(c->u, t);
    diag_at(c->u->diags, E0225, span_of(c, at));
    return &type_error;
}

struct type *tuple_of(struct checker *c, struct type **items, uint32_t n,
                      struct ast *at)
{
    for (uint32_t i = 0; i < n; i++) {
        if (items[i]->kind == TYPE_ERROR || items[i]->kind == TYPE_NEVER)
            return items[i];
        if (items[i]->depth >= TYPE_MAX_DEPTH) {
            diag_at(c->u->diags, E0225, span_of(c, at));
            return &type_error;
        }
    }
    return type_tuple(c->u, items, n);
}

static struct type *expr_tuple(struct checker *c, struct ast *e,
                               struct type *hint)
{
    struct ast_nodes *items = &AS(tuple, e)->items;
    struct type **types = ARENA_ARRAY(c->arena, struct type *, items->n);
    bool wants = hint && hint->kind == TYPE_TUPLE && hint->nargs == items->n;

    for (uint32_t i = 0; i < items->n; i++) {
        struct ast *item = items->at[i];
        types[i] = wants ? check_value(c, item, hint->args[i], NULL)
                         : check_any(c, item, NULL);
        if (wants && !is_silent(types[i]))
            types[i] = hint->args[i];
    }
    return tuple_of(c, types, items->n, e);
}

static struct type *expr_tuple_at(struct checker *c, struct ast *e)
{
    struct ast_tuple_at *x = AS(tuple_at, e);
    struct type *t = check_any(c, x->base, NULL);

    if (is_silent(t))
        return t;
    if (t->kind == TYPE_TUPLE && (uint32_t)x->index < t->nargs)
        return t->args[x->index];
    diag_at(c->u->diags, E0269, span_of(c, e), say_type(c, t),
            (uint32_t)x->index);
    if (t->kind == TYPE_TUPLE)
        diag_note(c->u->diags, "its items are .0 to .%u", t->nargs - 1);
    return &type_error;
}

/* Items one of which is written `none` are options: what the first of the
 * others gives, which is *at.  NULL: there is no such item. */
static struct type *beside_none(struct checker *c, struct ast_nodes *items,
                                uint32_t *at)
{
    uint32_t nones = 0;
    struct type *t, *option;

    *at = items->n;
    for (uint32_t i = items->n; i-- > 0;)
        if (items->at[i]->kind == AST_NONE)
            nones++;
        else
            *at = i;
    if (!nones || nones == items->n)
        return NULL;
    t = check_any(c, items->at[*at], NULL);
    if (is_silent(t) || is_option(t))
        return t;
    option = option_of(c, t, items->at[*at]);
    check_adapt(c, items->at[*at], t, option);
    return option;
}

static struct type *expr_list(struct checker *c, struct ast *e,
                              struct type *hint)
{
    struct ast_nodes *items = &AS(list, e)->items;
    struct type *want = NULL, *t;
    struct reason why = {NULL, {0}};
    uint32_t seen = UINT32_MAX;

    if (hint && hint->kind == TYPE_LIST)
        want = hint->args[0];
    if (!items->n && !want && (!hint || hint->kind != TYPE_ERROR)) {
        diag_at(c->u->diags, E0212, span_of(c, e));
        diag_help(c->u->diags, "write its type where it is bound: "
                               "`let xs: [int] = []`");
    }
    if (!items->n)
        return want ? hint : &type_error;
    if (!want)
        want = beside_none(c, items, &seen);
    for (uint32_t i = 0; i < items->n; i++) {
        if (want) {
            if (i != seen)
                check_value(c, items->at[i], want, &why);
            continue;
        }
        t = check_any(c, items->at[i], NULL);
        if (t == &type_error)
            want = t;
        if (is_silent(t))
            continue;
        want = t;
        why.text = "expected because of the first item";
        why.at = span_of(c, items->at[i]);
    }
    if (hint && hint->kind == TYPE_LIST)
        return hint;
    return list_of(c, want ? want : &type_never, e);
}

static struct type *expr_repeat(struct checker *c, struct ast *e,
                                struct type *hint)
{
    struct ast_repeat *r = AS(repeat, e);
    struct type *item;

    if (hint && hint->kind == TYPE_LIST) {
        check_value(c, r->item, hint->args[0], NULL);
        item = hint->args[0];
    } else {
        item = check_any(c, r->item, NULL);
    }
    check_value(c, r->count, &type_int, NULL);
    if (item == &type_never) { /* and there may be none of it */
        diag_at(c->u->diags, E0212, span_of(c, e));
        return &type_error;
    }
    return list_of(c, item, e);
}

static struct type *expr_interp(struct checker *c, struct ast *e)
{
    struct ast_nodes *parts = &AS(interp, e)->parts;

    for (uint32_t i = 0; i < parts->n; i++) {
        struct ast *p = parts->at[i];
        if (p->kind != AST_PIECE) {
            check_expr(c, p, NULL);
            continue;
        }
        struct type *t = check_any(c, AS(piece, p)->value, NULL);
        p->type = &type_str;
        if (AS(piece, p)->format && !is_silent(t))
            check_format(c, p, t);
    }
    return &type_str;
}

/* ---- names and members --------------------------------------------------- */

static struct type *not_a_value(struct checker *c, struct ast *e,
                                const char *what)
{
    diag_at(c->u->diags, E0205, span_of(c, e), AS(name, e)->name->text, what);
    return &type_error;
}

static struct type *expr_name(struct checker *c, struct ast *e,
                              struct type *hint)
{
    struct ast_name *n = AS(name, e);
    struct sym *s = variant_meant(scope_find(c, n->name), n->name, hint);
    struct type *t;

    n->sym = s;
    if (!s) {
        if (builtin_is_later(n->name->text))
            say_unsupported(c, e,
                            arena_printf(c->arena, "`%s` is", n->name->text));
        else
            say_undefined(c, span_of(c, e), n->name);
        return &type_error;
    }
    switch ((enum sym_kind)s->kind) {
    case SYM_LOCAL:
    case SYM_PARAM:
        s->used = true;
        capture(c, s);
        if (!s->untyped)
            return s->type;
        diag_at(c->u->diags, E0221, span_of_sym(s), s->name->text);
        diag_label(c->u->diags, span_of(c, e), "its own result is used here");
        s->untyped = false;
        return &type_error;
    case SYM_GLOBAL:
        s->used = true;
        init_use(c, (struct top *)s, e);
        return s->type;
    case SYM_FN: return fn_value(c, e, s, hint);
    case SYM_VARIANT: return expr_variant(c, e, s, hint);
    case SYM_ENUM:
    case SYM_STRUCT:
        t = not_a_value(c, e, "a type");
        if (s->src && s->kind == SYM_STRUCT)
            diag_help(c->u->diags, "to make a value, call it: `%s(...)`",
                      n->name->text);
        return t;
    case SYM_MODULE:
        s->used = true;
        return s->module ? not_a_value(c, e, "a module") : &type_error;
    case SYM_BUILTIN:
        t = not_a_value(c, e, "a built-in function");
        diag_help(c->u->diags,
                  "call it, `%s(...)`, or write a function that "
                  "does: `fn(x) = %s(x)`",
                  n->name->text, n->name->text);
        return t;
    }
    return &type_error;
}

struct field *field_find(struct type *t, const struct name *name)
{
    for (uint32_t i = 0; i < t->nfields; i++)
        if (t->fields[i].name == name)
            return &t->fields[i];
    return NULL;
}

/* len of a str or list; message, kind, trace of an Error. */
static struct type *property(struct checker *c, struct ast *e, struct type *t)
{
    struct ast_member *m = AS(member, e);

    if (m->name == c->n_len &&
        (t == &type_str || t->kind == TYPE_LIST || t->kind == TYPE_MAP)) {
        m->property = PROP_LEN;
        return &type_int;
    }
    if (t != type_of_error_value(c->u))
        return NULL;
    if (m->name == c->n_message) {
        m->property = PROP_ERROR_MESSAGE;
        return &type_str;
    }
    if (m->name == c->n_kind) {
        m->property = PROP_ERROR_KIND;
        return &type_str;
    }
    if (m->name == c->n_trace) {
        m->property = PROP_ERROR_TRACE;
        return type_list(c->u, &type_str);
    }
    if (m->name != c->n_value)
        return NULL;
    m->property = PROP_ERROR_VALUE;
    return &type_any;
}

static const char *nearest_member(struct type *t, const char *word, bool error)
{
    enum { LIMIT = 200 };
    const char *names[LIMIT];
    uint32_t n = 0;

    for (uint32_t i = 0;
         t->kind == TYPE_STRUCT && i < t->nfields && n < LIMIT - 4; i++)
        names[n++] = t->fields[i].name->text;
    if (t->kind == TYPE_LIST || t->kind == TYPE_STR || t->kind == TYPE_MAP)
        names[n++] = "len";
    if (error) {
        names[n++] = "message";
        names[n++] = "kind";
        names[n++] = "trace";
        names[n++] = "value";
    }
    return diag_nearest(word, names, n);
}

/* Names the fields of a struct, where they are few. */
static void note_fields(struct checker *c, const struct type *t)
{
    enum { FEW = 6 };
    struct bytes b = bytes_in(c->u->mem);

    if (t->kind == TYPE_TUPLE)
        diag_note(c->u->diags, "the items of a tuple are `.0`, `.1` and so on");
    if (t->kind != TYPE_STRUCT || !t->nfields || t->nfields > FEW)
        return;
    for (uint32_t i = 0; i < t->nfields; i++)
        bytes_printf(&b, "%s`%s`",
                     i == 0               ? ""
                     : i + 1 < t->nfields ? ", "
                                          : " and ",
                     t->fields[i].name->text);
    bytes_byte(&b, 0);
    diag_note(c->u->diags, "it has the field%s %s", t->nfields > 1 ? "s" : "",
              (const char *)b.at);
    bytes_free(&b);
}

static struct type *expr_member(struct checker *c, struct ast *e,
                                struct type *hint)
{
    struct ast_member *m = AS(member, e);
    struct diags *ds = c->u->diags;
    struct span name = span_last_word(c, e);
    const char *near;
    struct type *t;

    t = module_value(c, e, hint);
    if (t)
        return t;
    struct sym *v = enum_member(c, e);
    if (v)
        return v->kind == SYM_VARIANT ? expr_variant(c, e, v, hint)
                                      : &type_error;
    t = check_any(c, m->base, NULL);
    if (is_silent(t))
        return t;
    m->field = field_find(t, m->name);
    if (m->field)
        return m->field->type;
    struct type *prop = property(c, e, t);
    if (prop)
        return prop;
    if (call_is_method(c, t, m->name)) {
        diag_at(ds, E0248, name, m->name->text);
        diag_fix(ds, name, arena_printf(c->arena, "%s()", m->name->text),
                 "add the parentheses");
        return &type_error;
    }
    diag_at(ds, E0247, name, say_type(c, t), m->name->text);
    if (t->kind == TYPE_STRUCT && t->decl)
        diag_label(ds, span_of_sym(t->decl), "the struct is declared here");
    if (is_option(t)) {
        say_may_be_none(c, m->base);
        return &type_error;
    }
    if (say_member_habit(c, name, t, m->name))
        return &type_error;
    if (t == &type_any)
        say_ask_any(c, m->base, "T");
    near = nearest_member(t, m->name->text, t == type_of_error_value(c->u));
    if (near)
        diag_fix(ds, name, near, "did you mean `%s`?", near);
    else
        note_fields(c, t);
    return &type_error;
}

/* `t[0]` for `t.0`. */
static void say_tuple_item(struct checker *c, struct ast *e,
                           const struct type *t)
{
    struct ast_index *x = AS(index, e);
    uint64_t i = t->nargs;

    if (x->index->kind == AST_INT)
        i = AS(int, x->index)->value;
    if (i < t->nargs)
        diag_fix(c->u->diags, span_at(c, x->base->end, e->end),
                 arena_printf(c->arena, ".%u", (unsigned)i),
                 "an item of a tuple is `.%u`", (unsigned)i);
    else
        diag_help(c->u->diags, "the items of a tuple are `.0`, `.1` and so on");
}

static struct type *expr_index(struct checker *c, struct ast *e)
{
    struct ast_index *x = AS(index, e);
    struct type *t = check_any(c, x->base, NULL);
    struct ast *i = x->index;

    if (t->kind == TYPE_MAP)
        return check_map_index(c, e, t);
    if (!is_silent(t) && t->kind != TYPE_LIST && t != &type_str) {
        diag_at(c->u->diags, E0264, span_of(c, x->base), say_type(c, t));
        if (is_option(t))
            say_may_be_none(c, x->base);
        else if (t->kind == TYPE_TUPLE)
            say_tuple_item(c, e, t);
        t = &type_error;
    }
    if (i->kind == AST_RANGE) {
        check_value(c, AS(range, i)->from, &type_int, NULL);
        check_value(c, AS(range, i)->to, &type_int, NULL);
        i->type = &type_unit;
        return t;
    }
    if (is_silent(t)) {
        check_any(c, i, NULL);
        return t;
    }
    check_value(c, i, &type_int, NULL);
    if (c->u->warn && i->kind == AST_UNARY && AS(unary, i)->op == OP_NEG &&
        AS(unary, i)->of->kind == AST_INT && AS(int, AS(unary, i)->of)->value) {
        diag_at(c->u->diags, W0308, span_of(c, i));
        diag_help(c->u->diags, "indices count from the start; the last item "
                               "is at `.len - 1`");
    }
    return t == &type_str ? &type_byte : t->args[0];
}

/* ---- branches ------------------------------------------------------------ */

/* The option that two branches have in common, where one of them is `none` or
 * an option, and the other what it holds; else NULL. */
static struct type *joined_option(struct checker *c, struct ast *a,
                                  struct type *at, struct ast *b,
                                  struct type *bt)
{
    struct type *t = NULL;

    if (is_silent(at) || is_silent(bt) || at == &type_unit || bt == &type_unit)
        return NULL;
    if (is_bare_none(at) && !is_bare_none(bt))
        t = is_option(bt) ? bt : option_of(c, bt, b);
    else if (is_bare_none(bt) && !is_option(at))
        t = option_of(c, at, a);
    else if (is_option(bt) && !is_option(at))
        t = bt;
    return t && check_adapt(c, a, at, t) && check_adapt(c, b, bt, t) ? t : NULL;
}

/* The type of a construct that gives the value of one of two expressions. */
struct type *check_join(struct checker *c, struct ast *a, struct type *at,
                        struct ast *b, struct type *bt, struct type *hint)
{
    struct diags *ds = c->u->diags;

    if (at == &type_never)
        return hint == DROPPED && bt != at ? &type_unit : bt;
    if (hint == DROPPED)
        return &type_unit;
    if (at == &type_error || check_adapt(c, b, bt, at))
        return at;
    struct type *option = joined_option(c, a, at, b, bt);
    if (option)
        return option;
    if (at == &type_unit || bt == &type_unit) {
        say_no_value(c, at == &type_unit ? a : b);
        return &type_error;
    }
    a = flow_tail(a);
    b = flow_tail(b);
    diag_at(ds, E0217, span_of(c, b), say_type(c, at), say_type(c, bt));
    diag_label(ds, span_of(c, a), "this gives a value of type `%s`",
               say_type(c, at));
    diag_label(ds, span_of(c, b), "and this one of type `%s`", say_type(c, bt));
    if (at == &type_int && bt == &type_float)
        say_conversion(c, a, at, bt);
    else
        say_conversion(c, b, bt, at);
    return &type_error;
}

/* The hint for a second branch: what is expected, or the first one's type. */
static struct type *second_hint(struct type *hint, struct type *first)
{
    bool tells =
        !is_silent(first) && first != &type_unit && !is_bare_none(first);

    return hint || !tells ? hint : first;
}

static struct type *expr_if(struct checker *c, struct ast *e, struct type *hint)
{
    struct ast_if *x = AS(if, e);
    struct type *yes, *no;
    uint32_t saved = scope_enter(c);

    check_condition(c, x->cond, "if let");
    yes = check_block(c, x->yes, hint);
    scope_leave(c, saved);
    if (!x->no)
        return &type_unit;
    no = check_expr(c, x->no, second_hint(hint, yes));
    return check_join(c, x->yes, yes, x->no, no, hint);
}

static struct type *expr_undo(struct checker *c, struct ast *e,
                              struct type *hint)
{
    struct flow f;
    struct type *t;

    flow_push(c, &f, FLOW_UNDO, e, NULL);
    t = check_block(c, AS(undo, e)->body, hint);
    flow_pop(c);
    return t;
}

static struct type *expr_try(struct checker *c, struct ast *e,
                             struct type *hint)
{
    struct ast_try *x = AS(try, e);
    struct type *body, *handler;
    struct flow f;
    uint32_t saved;

    flow_push(c, &f, FLOW_TRY, e, NULL);
    body = check_block(c, x->body, hint);
    flow_pop(c);
    saved = scope_enter(c);
    x->sym = sym_new(c, SYM_LOCAL, x->name, e, span_word(c, x->body->end, 1));
    x->sym->type = type_of_error_value(c->u);
    if (x->name != c->n_wild)
        scope_add(c, x->sym);
    handler = check_block(c, x->handler, second_hint(hint, body));
    scope_leave(c, saved);
    return check_join(c, x->body, body, x->handler, handler, hint);
}

static struct type *expr_try_else(struct checker *c, struct ast *e,
                                  struct type *hint)
{
    struct ast_try_else *x = AS(try_else, e);
    struct type *value, *otherwise;
    struct flow f;

    flow_push(c, &f, FLOW_TRY, e, NULL);
    value = check_expr(c, x->value, hint);
    flow_pop(c);
    otherwise = check_expr(c, x->otherwise, second_hint(hint, value));
    return check_join(c, x->value, value, x->otherwise, otherwise, hint);
}

/* x! */
static struct type *expr_unwrap(struct checker *c, struct ast *e,
                                struct type *hint)
{
    struct ast *of = AS(unwrap, e)->of;
    struct type *t = check_any(c, of, hint);

    if (is_silent(t))
        return t;
    if (is_option(t))
        return t->args[0];
    diag_at(c->u->diags, E0274, span_of(c, of), "!", say_type(c, t));
    return &type_error;
}

static struct type *expr_loop(struct checker *c, struct ast *e)
{
    struct flow f;

    flow_push(c, &f, FLOW_LOOP, e, AS(loop, e)->label);
    check_block(c, AS(loop, e)->body, DROPPED);
    flow_pop(c);
    return AS(loop, e)->has_break ? &type_unit : &type_never;
}

static struct type *expr_fail(struct checker *c, struct ast *e)
{
    check_any(c, AS(fail, e)->value, NULL);
    return &type_never;
}

/* ---- all ----------------------------------------------------------------- */

/* One diagnostic, and none where a part of e already has one. */
static struct type *unsupported(struct checker *c, struct ast *e,
                                struct type *hint)
{
    const char *what;

    if (hint == &type_error)
        return hint;
    switch (e->kind) {
    default: what = arena_printf(c->arena, "`%s` is", ast_kind_names[e->kind]);
    }
    say_unsupported(c, e, what);
    return &type_error;
}

/* An expected option expects what it holds of an expression that cannot give
 * an option itself, or decides by parts. */
static struct type *hint_for(const struct ast *e, struct type *hint)
{
    if (!hint || !is_option(hint))
        return hint;
    switch (e->kind) {
    case AST_INT:
    case AST_UNARY:
    case AST_BINARY:
    case AST_LIST:
    case AST_REPEAT:
    case AST_MAP:
    case AST_TUPLE:
    case AST_FN: return hint->args[0];
    default: return hint;
    }
}

static struct type *dispatch(struct checker *c, struct ast *e,
                             struct type *hint)
{
    bool value = e->kind == AST_MATCH && hint != DROPPED; /* as `if` may be */
    if (c->body->is_rev && !value && rev_refuses(c, e))
        return &type_error;
    hint = hint_for(e, hint);
    switch (e->kind) {
    case AST_INT: return expr_int(c, e, hint);
    case AST_FLOAT: return &type_float;
    case AST_BOOL: return &type_bool;
    case AST_STR: return &type_str;
    case AST_NONE:
        return hint && is_option(hint) ? hint : type_option(c->u, &type_never);
    case AST_UNWRAP: return expr_unwrap(c, e, hint);
    case AST_INTERP: return expr_interp(c, e);
    case AST_NAME: return expr_name(c, e, hint);
    case AST_BINARY: return check_binary(c, e, hint);
    case AST_UNARY: return check_unary(c, e, hint);
    case AST_CALL: return check_call(c, e, hint);
    case AST_MEMBER: return expr_member(c, e, hint);
    case AST_INDEX: return expr_index(c, e);
    case AST_LIST: return expr_list(c, e, hint);
    case AST_REPEAT: return expr_repeat(c, e, hint);
    case AST_TUPLE: return expr_tuple(c, e, hint);
    case AST_MAP: return check_map(c, e, hint);
    case AST_TUPLE_AT: return expr_tuple_at(c, e);
    case AST_BLOCK: return check_block(c, e, hint);
    case AST_IF: return expr_if(c, e, hint);
    case AST_MATCH: return check_match(c, e, hint);
    case AST_FN: return check_lambda(c, e, hint);
    case AST_LOOP: return expr_loop(c, e);
    case AST_UNDO: return expr_undo(c, e, hint);
    case AST_TRY: return expr_try(c, e, hint);
    case AST_TRY_ELSE: return expr_try_else(c, e, hint);
    case AST_FAIL: return expr_fail(c, e);
    case AST_RETURN: return flow_return(c, e);
    case AST_BREAK:
    case AST_CONTINUE: return flow_jump(c, e);
    case AST_RANGE:
        diag_at(c->u->diags, E0223, span_of(c, e));
        return &type_error;
    case AST_ERROR: return &type_error;
    default: return unsupported(c, e, hint);
    }
}

struct type *check_expr(struct checker *c, struct ast *e, struct type *hint)
{
    c->depth++;
    e->lifted = NULL;
    if (hint && hint->open && e->kind != AST_FN &&
        !(hint->kind == TYPE_FN &&
          (e->kind == AST_NAME || e->kind == AST_MEMBER)))
        hint = NULL; /* it tells too little */
    e->type = dispatch(c, e, hint);
    c->depth--;
    return e->type;
}
