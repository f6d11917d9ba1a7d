/* check_flow.c - where control goes, and which values are used.
 *
 * Whether a function returns on every path follows from types: an expression
 * has the type never when control does not come out of it, so a body's type
 * is its value's, or never, and otherwise a value is missing. */
#include "frontend/check.h"

#include <string.h>

/* ---- open constructs ----------------------------------------------------- */

void flow_push(struct checker *c, struct flow *f, enum flow_kind kind,
               struct ast *node, const struct name *label)
{
    *f = (struct flow){node, label, c->body->flow, (uint8_t)kind};
    c->body->flow = f;
}

void flow_pop(struct checker *c)
{
    c->body->flow = c->body->flow->up;
}

static const char *nearest_label(struct checker *c, const char *word)
{
    const char *labels[16];
    uint32_t n = 0;

    for (struct flow *f = c->body->flow; f && n < 16; f = f->up)
        if (f->label)
            labels[n++] = f->label->text;
    return diag_nearest(word, labels, n);
}

/* Finds the loop of a `break` or `continue`.  Where there is none, that is the
 * mistake, and not that nothing behind it is reached. */
struct type *flow_jump(struct checker *c, struct ast *e)
{
    bool leaves = e->kind == AST_BREAK;
    const struct name *label =
        leaves ? AS(break, e)->label : AS(continue, e)->label;
    struct diags *ds = c->u->diags;
    struct flow *f = c->body->flow;

    while (f && (f->kind != FLOW_LOOP || (label && f->label != label)))
        f = f->up;
    if (f) {
        if (leaves && f->node->kind == AST_LOOP)
            AS(loop, f->node)->has_break = true;
        if (leaves)
            AS(break, e)->target = f->node;
        else
            AS(continue, e)->target = f->node;
        return &type_never;
    }
    if (label) {
        struct span at = span_word(c, e->pos, 1);
        const char *near = nearest_label(c, label->text);
        diag_at(ds, E0252, at, label->text);
        if (near)
            diag_fix(ds, at, near, "did you mean `%s`?", near);
    } else {
        diag_at(ds, E0251, span_of(c, e), leaves ? "break" : "continue");
    }
    return &type_error;
}

/* Finds the undo block of a `keep`, and tells the tries between the two that
 * their extent holds it. */
void flow_keep(struct checker *c, struct ast *e)
{
    struct flow *f = c->body->flow;

    while (f && f->kind != FLOW_UNDO)
        f = f->up;
    if (!f) {
        diag_at(c->u->diags, E0253, span_of(c, e));
        diag_help(c->u->diags, "put it into the block whose effects it "
                               "keeps: `undo { ...; keep }`");
        return;
    }
    AS(keep, e)->target = AS(undo, f->node);
    AS(undo, f->node)->has_keep = true;
    for (f = c->body->flow; f->kind != FLOW_UNDO; f = f->up) {
        if (f->kind != FLOW_TRY)
            continue;
        if (f->node->kind == AST_TRY)
            AS(try, f->node)->holds_keep = true;
        else
            AS(try_else, f->node)->holds_keep = true;
    }
}

/* ---- results ------------------------------------------------------------- */

static const char *owner_name(struct checker *c)
{
    if (c->body->kind == BODY_LAMBDA && !AS(fn, c->body->fn)->name)
        return "fn";
    if (c->body->kind == BODY_LAMBDA)
        return AS(fn, c->body->fn)->name->text;
    return c->body->owner ? c->body->owner->sym.name->text : "test";
}

/* The reason for the type of the body's result. */
static struct reason result_reason(struct checker *c)
{
    struct reason why = {NULL, {0}};
    struct ast *decl = c->body->fn;

    if (decl && AS(fn, decl)->result) {
        why.text = "expected because of this result type";
        why.at = span_of(c, AS(fn, decl)->result);
    } else if (c->body->decided) {
        why.text = "expected because of this result";
        why.at = span_of(c, c->body->decided);
    }
    return why;
}

static void say_returns_nothing(struct checker *c, struct ast *e)
{
    struct diags *ds = c->u->diags;

    diag_at(ds, E0255, span_of(c, e), owner_name(c));
    if (c->body->kind == BODY_FN) {
        say_declared(c, &c->body->owner->sym);
        if (!is_silent(e->type) && e->type != &type_unit &&
            (&c->body->owner->sym != c->u->main || e->type == &type_int))
            diag_help(ds, "declare what it returns: `-> %s`",
                      say_type(c, e->type));
        else if (e->type == &type_error)
            diag_help(ds, "declare what it returns: `-> T`");
    }
}

/* A `return` with a value in a body that returns nothing. */
static void return_from_nothing(struct checker *c, struct ast *value)
{
    struct top *fn = c->body->kind == BODY_FN ? c->body->owner : NULL;
    uint32_t errors = diags_errors(c->u->diags);
    bool told = fn && fn->gives;
    struct type *t;

    if (fn)
        fn->gives = true; /* the value may call the function itself */
    t = check_expr(c, value, NULL);
    if (fn && (t == &type_unit || t == &type_never))
        fn->gives = told;
    if (t == &type_never)
        return;
    if (!told && (t != &type_error || errors == diags_errors(c->u->diags)))
        say_returns_nothing(c, value);
}

struct type *flow_return(struct checker *c, struct ast *e)
{
    struct body *b = c->body;
    struct ast *value = AS(return, e)->value;
    struct reason why = result_reason(c);

    if (b->kind == BODY_INIT) {
        diag_at(c->u->diags, E0258, span_of(c, e));
        if (value)
            check_any(c, value, NULL);
    } else if (!b->result) { /* this return decides an inferred result */
        b->result = value ? check_any(c, value, NULL) : &type_unit;
        b->decided = value ? value : e;
        if (b->result == &type_never)
            b->result = NULL;
    } else if (!value) {
        if (b->result != &type_unit && !is_silent(b->result)) {
            diag_at(c->u->diags, E0254, span_of(c, e));
            diag_label(c->u->diags, span_of(c, e),
                       "a value of type `%s` is expected",
                       say_type(c, b->result));
            if (why.text)
                diag_label(c->u->diags, why.at, "%s", why.text);
        }
    } else if (b->result == &type_unit) {
        return_from_nothing(c, value);
    } else {
        check_value(c, value, b->result, &why);
    }
    return &type_never;
}

/* The last statement of a body where the value is missing, for the label. */
static void say_missing_value(struct checker *c, struct ast *fn)
{
    struct diags *ds = c->u->diags;
    struct ast *body = AS(fn, fn)->body;
    struct ast *last = flow_tail(body);
    struct sym *sym = AS(fn, fn)->sym; /* none: a lambda */
    struct span name = sym ? span_of_sym(sym) : span_word(c, fn->pos, 0);
    struct reason why = result_reason(c);
    struct call *call = last->kind == AST_CALL ? AS(call, last)->call : NULL;

    if (call && call->sym && call->sym->kind == SYM_FN &&
        decl_gives(c, (struct top *)call->sym))
        return;
    diag_at(ds, E0250, name, sym ? sym->name->text : "fn");
    if (why.text)
        diag_label(ds, why.at, "%s", why.text);
    if (last->kind == AST_WHILE) {
        diag_label(ds, span_word(c, last->pos, AS(while, last)->label != NULL),
                   "this loop can end, and then there is no value");
        if (AS(while, last)->cond->kind == AST_BOOL)
            diag_help(ds, "an endless loop is written `loop { ... }`");
    } else if (last->kind == AST_IF && !AS(if, last)->no) {
        diag_label(ds, span_word(c, last->pos, 0),
                   "without `else` there may be no value");
    } else if (last != body && last->end > last->pos) {
        diag_label(ds, span_at(c, body->end - 1, body->end),
                   "here a value is missing");
    }
}

/* Whether the last expression of e is an `if` without `else`, which has no
 * value. */
static bool ends_in_statement(const struct ast *e)
{
    while (e->kind == AST_BLOCK && AS(block, e)->stmts.n)
        e = AS(block, e)->stmts.at[AS(block, e)->stmts.n - 1];
    return e->kind == AST_IF && !AS(if, e)->no;
}

/* A body `= e` without a declared result: its value decides. */
static void infer_value(struct checker *c, struct ast *body)
{
    struct body *b = c->body;
    bool dropped = !b->result && ends_in_statement(body);
    struct type *t = check_expr(c, body, dropped ? DROPPED : b->result);

    if (is_bare_none(t) && !b->result) {
        say_bare_none(c, flow_tail(body));
        t = &type_error;
    }
    if (!b->result)
        b->result = t == &type_never ? &type_unit : t;
    else if (t != &type_never && !check_adapt(c, body, t, b->result)) {
        struct reason why = result_reason(c);
        if (t == &type_unit)
            say_no_value(c, body);
        else
            say_mismatch(c, body, t, b->result, &why);
    }
}

void flow_function_value(struct checker *c, struct ast *fn)
{
    struct ast *body = AS(fn, fn)->body;
    struct body *b = c->body;
    struct type *t;

    if (!b->result || !AS(fn, fn)->result) {
        if (AS(fn, fn)->is_expr || b->kind == BODY_LAMBDA)
            infer_value(c, body);
        else
            check_body(c, body);
        return;
    }
    struct reason why = result_reason(c);
    t = check_expr(c, body, b->result);
    if (b->result == &type_unit || check_adapt(c, body, t, b->result))
        return;
    if (t == &type_unit && body->kind == AST_BLOCK)
        say_missing_value(c, fn);
    else if (t == &type_unit)
        say_no_value(c, body);
    else
        say_mismatch(c, body, t, b->result, &why);
}

/* ---- values that nothing uses -------------------------------------------- */

/* Of two branches that were checked, the one that decided their type. */
static struct ast *first_value(struct ast *a, struct ast *b)
{
    return a->type == &type_never ? b : a;
}

struct ast *flow_tail(struct ast *e)
{
    for (;;) {
        switch (e->kind) {
        case AST_BLOCK:
            if (!AS(block, e)->stmts.n)
                return e;
            e = AS(block, e)->stmts.at[AS(block, e)->stmts.n - 1];
            break;
        case AST_UNDO: e = AS(undo, e)->body; break;
        case AST_IF:
            if (!AS(if, e)->no)
                return e;
            e = first_value(AS(if, e)->yes, AS(if, e)->no);
            break;
        case AST_TRY:
            e = first_value(AS(try, e)->body, AS(try, e)->handler);
            break;
        default: return e;
        }
    }
}

/* `c or fail "..."`: what stands right of the operator leaves. */
static bool may_leave(const struct ast *e)
{
    return e->kind == AST_BINARY && AS(binary, e)->right->type == &type_never;
}

/* Operators, lists and the like make a value and do nothing else, whatever
 * their parts do; a call, a block or a branch does something by itself. */
static bool is_pure(const struct ast *e)
{
    switch (e->kind) {
    case AST_NAME:
    case AST_INT:
    case AST_FLOAT:
    case AST_BOOL:
    case AST_STR:
    case AST_NONE:
    case AST_FN:
    case AST_UNARY:
    case AST_INDEX:
    case AST_MEMBER:
    case AST_TUPLE_AT:
    case AST_INTERP:
    case AST_LIST:
    case AST_REPEAT:
    case AST_TUPLE:
    case AST_MAP:
    case AST_RANGE: return true;
    case AST_BINARY: return !may_leave(e);
    default: return false;
    }
}

/* Whether a part of a pure expression does something. */
static void look_for_effect(void *found, struct ast *e)
{
    if (e->kind == AST_FN)
        return;
    if (e->kind == AST_PIECE || e->kind == AST_PAIR || is_pure(e))
        ast_children(e, look_for_effect, found);
    else
        *(bool *)found = true;
}

bool flow_acts(struct ast *e)
{
    bool acts = false;
    look_for_effect(&acts, e);
    return acts;
}

static bool is_place(const struct ast *e)
{
    return e->kind == AST_NAME || e->kind == AST_MEMBER || e->kind == AST_INDEX;
}

/* Whether the line begins with an operator that might have been meant to go on
 * with the line before. */
static bool begins_with_operator(struct checker *c, const struct ast *e)
{
    const char *s = c->u->src->text;
    uint32_t pos = e->pos;
    bool newline = false;

    if (s[pos] != '-')
        return false;
    while (pos && strchr(" \t\r\n", s[pos - 1]))
        newline |= s[--pos] == '\n';
    return newline && pos && !strchr("{};", s[pos - 1]);
}

/* The function whose last statement e is, or NULL. */
static struct top *valued_by(struct checker *c, const struct ast *e)
{
    struct ast *body;

    if (c->body->kind != BODY_FN || c->body->result != &type_unit ||
        !c->body->owner)
        return NULL;
    body = AS(fn, c->body->owner->sym.decl)->body;
    if (body->kind != AST_BLOCK || !AS(block, body)->stmts.n ||
        AS(block, body)->stmts.at[AS(block, body)->stmts.n - 1] != e)
        return NULL;
    return c->body->owner;
}

static void help_dropped(struct checker *c, struct ast *e, bool tail, bool acts)
{
    struct diags *ds = c->u->diags;
    struct top *fn = tail ? NULL : valued_by(c, e);

    if (fn)
        fn->gives = true;
    if (begins_with_operator(c, e))
        diag_help(ds, "to go on with the line before, put the operator at "
                      "its end");
    else if (e->kind == AST_BINARY && AS(binary, e)->op == OP_EQ &&
             is_place(AS(binary, e)->left))
        diag_help(ds, "to assign, write `=`");
    else if (e->kind == AST_NAME && e->type->kind == TYPE_FN)
        diag_help(ds, "to call the function, write `%s()`",
                  AS(name, e)->name->text);
    else if (tail)
        diag_help(ds, "nothing takes the value of this block");
    else if (fn && fn->sym.is_rev)
        diag_help(ds, "a `rev fn` gives nothing back; it updates its `mut` "
                      "parameters");
    else if (fn && &fn->sym != c->u->main)
        diag_help(ds, "to return it, declare a result type for `%s`: `-> %s`",
                  owner_name(c), say_type(c, e->type));
    else if (acts)
        diag_help(ds, "to evaluate it all the same, write `let _ = ...`");
    else if (fn)
        diag_help(ds, "to show it, write `print(...)`");
}

void flow_dropped(struct checker *c, struct ast *e, bool tail)
{
    struct diags *ds = c->u->diags;
    struct span at = span_of(c, e);
    bool acts;

    if (is_silent(e->type) || !is_pure(e))
        return;
    if (tail && !c->u->warn)
        return;
    acts = flow_acts(e);
    diag_at(ds, tail ? W0307 : E0256, at);
    diag_label(ds, at, acts ? "this value is dropped" : "this has no effect");
    help_dropped(c, e, tail, acts);
}
