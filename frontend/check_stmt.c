/* check_stmt.c - blocks, statements, and the places they write to. */
#include "frontend/check_rev.h"

#include <string.h>

/* ---- bindings ------------------------------------------------------------ */

static struct type *stmt_bind(struct checker *c, struct ast *e)
{
    struct ast_bind *b = AS(bind, e);
    struct type *t, *got;

    if (b->type) {
        struct reason why = {"expected because of this type",
                             span_of(c, b->type)};
        t = decl_type(c, b->type);
        got = check_value(c, b->value, t, &why);
    } else {
        got = t = check_any(c, b->value, NULL);
    }
    pattern_bind(c, b->pattern, e, t, b->is_var);
    b->sym = pattern_sym(b->pattern);
    return got == &type_never ? got : &type_unit;
}

/* ---- places -------------------------------------------------------------- */

/* How to make the variable of a symbol assignable. */
static void help_assign(struct checker *c, const struct sym *s)
{
    struct diags *ds = c->u->diags;
    struct ast *decl = s->decl;
    struct span word;

    if (s->kind == SYM_PARAM) {
        diag_help(ds,
                  "copy it, `var %s = %s`, or make the parameter `mut %s` "
                  "to change the caller's variable",
                  s->name->text, s->name->text, s->name->text);
    } else if (decl && decl->kind == AST_BIND) {
        word = span_word(c, decl->pos, 0);
        if (word.end - word.pos == 3 &&
            !memcmp(word.src->text + word.pos, "pub", 3))
            word = span_word(c, decl->pos, 1);
        diag_fix(ds, word, "var", "declare it with `var`");
    } else if (decl && decl->kind == AST_FOR) {
        diag_note(ds, "each iteration has a fresh variable");
    }
}

static struct type *place_name(struct checker *c, struct ast *e)
{
    struct ast_name *n = AS(name, e);
    struct sym *s = scope_find(c, n->name);
    struct diags *ds = c->u->diags;

    n->sym = s;
    if (!s) {
        say_undefined(c, span_of(c, e), n->name);
        return &type_error;
    }
    if (s->type == &type_error &&
        (s->kind == SYM_LOCAL || s->kind == SYM_PARAM)) {
        s->used = s->assigned = true;
        return &type_error;
    }
    if (s->kind == SYM_GLOBAL)
        init_use(c, (struct top *)s, e);
    if (s->kind <= SYM_PARAM)
        capture(c, s);
    if (s->is_var) {
        s->assigned = true;
        s->used |= c->body->is_rev; /* an update reads, too */
        return s->type;
    }
    if (s->kind > SYM_GLOBAL) {
        diag_at(ds, E0232, span_of(c, e),
                arena_printf(c->arena, "`%s`", n->name->text));
        if (s->src)
            diag_label(ds, span_of_sym(s),
                       s->kind == SYM_FN       ? "a function"
                       : s->kind == SYM_STRUCT ? "a type"
                                               : "a module");
        return &type_error;
    }
    if (c->body->is_rev)
        return rev_say_fixed(c, e, s);
    diag_at(ds, E0230, span_of(c, e), n->name->text);
    diag_label(ds, span_of(c, e), "assigned here");
    diag_label(ds, span_of_sym(s),
               s->kind == SYM_PARAM       ? "a parameter without `mut`"
               : s->decl->kind == AST_FOR ? "the loop variable"
               : s->decl->kind == AST_TRY ? "a handler's error"
                                          : "declared with `let` here");
    help_assign(c, s);
    s->used = true;
    return &type_error;
}

/* A global of another module. */
static struct type *place_global(struct checker *c, struct ast *e,
                                 struct sym *s)
{
    struct span at = span_last_word(c, e);

    s->assigned = true;
    if (s->is_var)
        return s->type;
    diag_at(c->u->diags, E0230, at, s->name->text);
    diag_label(c->u->diags, at, "assigned here");
    diag_label(c->u->diags, span_of_sym(s), "declared with `let` here");
    return &type_error;
}

static struct type *place_member(struct checker *c, struct ast *e)
{
    struct ast_member *m = AS(member, e);
    struct type *t = check_expr(c, e, NULL);
    struct diags *ds = c->u->diags;
    struct span name = span_last_word(c, e);
    struct type *base = m->base->type;

    if (is_silent(t))
        return t;
    if (m->global)
        return place_global(c, e, m->global);
    if (!m->field) {
        const char *what = arena_printf(c->arena, "`%s`", m->name->text);
        diag_at(ds, E0232, name, what);
        return &type_error;
    }
    if (!m->field->is_var) {
        struct span at = {base->decl->src, m->field->pos, m->field->end};
        diag_at(ds, E0231, name, m->name->text, say_type(c, base));
        diag_label(ds, name, "assigned here");
        diag_label(ds, at, "declared here");
        diag_fix(ds, at, arena_printf(c->arena, "var %s", m->name->text),
                 "declare the field with `var`");
        return &type_error;
    }
    return t;
}

struct type *check_place(struct checker *c, struct ast *e)
{
    struct diags *ds = c->u->diags;
    struct type *t;

    switch (e->kind) {
    case AST_NAME: t = place_name(c, e); break;
    case AST_MEMBER: t = place_member(c, e); break;
    case AST_INDEX:
        t = check_expr(c, e, NULL);
        if (t == &type_error)
            break;
        if (AS(index, e)->base->type == &type_str) {
            diag_at(ds, E0232, span_of(c, e), "part of a string");
            diag_note(ds, "strings are immutable");
            t = &type_error;
        } else if (AS(index, e)->index->kind == AST_RANGE) {
            diag_at(ds, E0232, span_of(c, e), "a slice");
            diag_note(ds, "a slice is a copy");
            t = &type_error;
        }
        break;
    default:
        t = check_expr(c, e, NULL);
        if (t != &type_error)
            diag_at(ds, E0232, span_of(c, e),
                    e->kind == AST_TUPLE_AT ? "an item of a tuple"
                                            : "this expression");
        if (t != &type_error && e->kind == AST_TUPLE_AT)
            diag_note(ds, "tuples are immutable");
        t = &type_error;
    }
    if (c->body->is_rev && say_rev_pair(c, span_of(c, e), t))
        t = &type_error;
    e->type = t;
    return t;
}

/* ---- assignments --------------------------------------------------------- */

/* The place of an assignment; where its name is not known, that is how other
 * languages declare one. */
static struct type *assigned_place(struct checker *c, struct ast *e)
{
    const struct name *name = e->kind == AST_NAME ? AS(name, e)->name : NULL;
    struct span at = span_of(c, e);

    if (!name || scope_find(c, name))
        return check_place(c, e);
    if (say_undefined(c, at, name))
        diag_fix(c->u->diags, at, arena_printf(c->arena, "let %s", name->text),
                 "declare it with `let`, or with `var` if it changes");
    return e->type = &type_error;
}

static struct type *stmt_assign(struct checker *c, struct ast *e)
{
    struct ast_assign *a = AS(assign, e);
    struct type *want = assigned_place(c, a->place);
    struct reason why = {"expected because of this place",
                         span_of(c, a->place)};

    return check_value(c, a->value, want, &why) == &type_never ? &type_never
                                                               : &type_unit;
}

void check_swap(struct checker *c, struct ast *e)
{
    struct ast_swap *s = AS(swap, e);
    struct type *l = check_place(c, s->left);
    struct type *r = l == &type_error ? check_any(c, s->right, NULL)
                                      : check_place(c, s->right);

    /* each place is read as well */
    if (s->left->kind == AST_NAME && AS(name, s->left)->sym)
        AS(name, s->left)->sym->used = true;
    if (s->right->kind == AST_NAME && AS(name, s->right)->sym)
        AS(name, s->right)->sym->used = true;
    if (l != r && !is_silent(l) && !is_silent(r)) {
        diag_at(c->u->diags, E0222, span_between(c, s->left, s->right), "<=>",
                say_type(c, l), say_type(c, r));
        diag_label(c->u->diags, span_of(c, s->left), "`%s`", say_type(c, l));
        diag_label(c->u->diags, span_of(c, s->right), "`%s`", say_type(c, r));
    }
}

/* ---- loops --------------------------------------------------------------- */

static void stmt_while(struct checker *c, struct ast *e)
{
    struct ast_while *w = AS(while, e);
    uint32_t saved = scope_enter(c);
    struct flow f;

    check_condition(c, w->cond, "while let");
    flow_push(c, &f, FLOW_LOOP, e, w->label);
    check_block(c, w->body, DROPPED);
    flow_pop(c);
    scope_leave(c, saved);
}

/* A type that iterates by itself has a function next(it) -> T?: the call of it
 * that each iteration makes, for a variable that holds `it`.  NULL: t has no
 * such function. */
static struct type *iterated_by_next(struct checker *c, struct ast_for *s,
                                     struct type *t)
{
    struct sym *next = module_method(c, t, c->n_next);
    uint32_t pos = s->iter->pos, end = s->iter->end;
    struct ast *it, *member;
    struct type *got;

    if (!next || next->kind != SYM_FN)
        return NULL;
    s->it = sym_new(c, SYM_LOCAL, c->n_next, s->iter, span_of(c, s->iter));
    s->it->type = t;
    it = ast_new(c->arena, AST_NAME, pos, end);
    AS(name, it)->name = c->n_next;
    AS(name, it)->sym = s->it;
    it->type = t;
    member = ast_new(c->arena, AST_MEMBER, pos, end);
    AS(member, member)->base = it;
    AS(member, member)->name = c->n_next;
    s->next = ast_new(c->arena, AST_CALL, pos, end);
    AS(call, s->next)->callee = member;
    got = s->next->type = call_method(c, s->next, next, it);
    if (is_option(got) || is_silent(got))
        return is_silent(got) ? &type_error : got->args[0];
    diag_at(c->u->diags, E0263, span_of(c, s->iter), say_type(c, t));
    diag_label(c->u->diags, span_of_sym(next),
               "this gives a value of type `%s`, which is no option",
               say_type(c, got));
    return &type_error;
}

/* What a `for` gives in each iteration. */
static struct type *iterated(struct checker *c, struct ast_for *s)
{
    struct ast *iter = s->iter;
    struct type *t, *item;

    if (iter->kind == AST_RANGE) {
        check_value(c, AS(range, iter)->from, &type_int, NULL);
        check_value(c, AS(range, iter)->to, &type_int, NULL);
        iter->type = &type_unit;
        return &type_int;
    }
    t = check_any(c, iter, NULL);
    if (t->kind == TYPE_LIST)
        return t->args[0];
    if (t->kind == TYPE_MAP)
        return tuple_of(c, t->args, 2, iter);
    if (is_silent(t))
        return &type_error;
    item = t->kind == TYPE_STRUCT || t->kind == TYPE_ENUM
               ? iterated_by_next(c, s, t)
               : NULL;
    if (item)
        return item;
    diag_at(c->u->diags, E0263, span_of(c, iter), say_type(c, t));
    if ((t->kind == TYPE_STRUCT || t->kind == TYPE_ENUM) && t->decl)
        diag_help(c->u->diags, "give it a function `next(it: %s) -> T?`",
                  say_type(c, t));
    if (is_option(t))
        say_may_be_none(c, iter);
    if (t == &type_str)
        diag_help(c->u->diags, "its code points are `.chars()`, its bytes "
                               "s[i] for i in 0..s.len");
    if (t == &type_int && say_source(c, iter))
        diag_fix(c->u->diags, span_of(c, iter),
                 arena_printf(c->arena, "0..%s", say_source(c, iter)),
                 "to count, give a range");
    return &type_error;
}

static void stmt_for(struct checker *c, struct ast *e)
{
    struct ast_for *s = AS(for, e);
    struct type *item = iterated(c, s);
    uint32_t saved = scope_enter(c);
    struct flow f;

    s->pair = item;
    pattern_bind(c, s->pattern, e, item, false);
    s->sym = pattern_sym(s->pattern);
    flow_push(c, &f, FLOW_LOOP, e, s->label);
    check_block(c, s->body, DROPPED);
    flow_pop(c);
    scope_leave(c, saved);
}

/* ---- statements ---------------------------------------------------------- */

static const char *unsupported_stmt(enum ast_kind kind)
{
    switch (kind) {
    case AST_REQUIRE: return "`require` is";
    case AST_ONUNDO: return "`onundo` is";
    case AST_RIF:
    case AST_FROM:
    case AST_LOCAL:
    case AST_DELOCAL:
    case AST_WITHIN:
    case AST_UPDATE: return "reversible statements are";
    default: return "this statement is";
    }
}

/* `tail`: the last expression of a block whose value is dropped, about which
 * the language is milder than about a statement before it. */
static struct type *check_stmt(struct checker *c, struct ast *e, bool tail)
{
    struct type *t = &type_unit;

    switch (e->kind) {
    case AST_BIND: t = stmt_bind(c, e); break;
    case AST_ASSIGN: t = stmt_assign(c, e); break;
    case AST_OPASSIGN: check_opassign(c, e); break;
    case AST_SWAP: check_swap(c, e); break;
    case AST_KEEP: flow_keep(c, e); break;
    case AST_WHILE: stmt_while(c, e); break;
    case AST_FOR: stmt_for(c, e); break;
    case AST_UNCALL: rev_uncall(c, e); break;
    case AST_ERROR: t = &type_error; break;
    default:
        if (e->kind == AST_FN && AS(fn, e)->name) {
            check_local_fn(c, e);
            break;
        }
        if (ast_is_expr(e)) {
            t = check_expr(c, e, DROPPED);
            flow_dropped(c, e, tail);
            return t;
        }
        say_unsupported(c, e, unsupported_stmt(e->kind));
        t = &type_error;
    }
    e->type = t;
    return t;
}

struct type *check_action(struct checker *c, struct ast *e, struct type *hint)
{
    if (ast_is_expr(e) && hint != DROPPED)
        return check_expr(c, e, hint);
    return check_stmt(c, e, true);
}

/* `value`: the last expression gives the block's value.  `tail`: otherwise,
 * it is treated mildly. */
static struct type *check_stmts(struct checker *c, struct ast *e,
                                struct type *hint, bool value, bool tail)
{
    struct ast_nodes *stmts = &AS(block, e)->stmts;
    uint32_t saved = scope_enter(c);
    struct type *t = &type_unit;
    bool dead = false, told = false;

    for (uint32_t i = 0; i < stmts->n; i++) {
        struct ast *s = stmts->at[i];
        bool last = i + 1 == stmts->n;
        if (dead && !told && c->u->warn) {
            diag_at(c->u->diags, W0304, span_of(c, s));
            diag_label(c->u->diags, span_of(c, stmts->at[i - 1]),
                       "control does not come out of this");
            told = true;
        }
        if (last && value && ast_is_expr(s))
            t = check_expr(c, s, hint);
        else if (check_stmt(c, s, last && tail) == &type_never)
            t = &type_never;
        else
            t = s->kind == AST_ERROR ? &type_error : &type_unit;
        dead |= t == &type_never;
    }
    scope_leave(c, saved);
    /* A value that is never reached still says what type is meant. */
    e->type = dead && t == &type_unit ? &type_never : t;
    return e->type;
}

struct type *check_block(struct checker *c, struct ast *e, struct type *hint)
{
    if (c->body->is_rev)
        return rev_value_block(c, e, hint);
    return check_stmts(c, e, hint, hint != DROPPED, true);
}

void check_body(struct checker *c, struct ast *e)
{
    check_stmts(c, e, NULL, false, false);
}
