/* check_rev.c - statements of reversible functions.
 *
 * Every statement here has an inverse that needs nothing but the state after
 * it.  What this file cannot see, that an index or a right side is still the
 * same at the statement's end, is check_rev_hold.c's. */
#include "frontend/check_rev.h"

#include <string.h>

static void rev_stmt(struct checker *c, struct ast *e);

/* ---- paths to objects ---------------------------------------------------- */

bool sema_is_path(const struct ast *e)
{
    for (;;) {
        if (e->kind == AST_MEMBER && AS(member, e)->field)
            e = AS(member, e)->base;
        else if (e->kind == AST_INDEX && AS(index, e)->index->kind != AST_RANGE)
            e = AS(index, e)->base;
        else
            return e->kind == AST_NAME || sema_var(e);
    }
}

bool rev_is_new(const struct ast *e)
{
    const struct call *call;

    switch (e->kind) {
    case AST_LIST:
    case AST_REPEAT: return true;
    case AST_INDEX: return AS(index, e)->index->kind == AST_RANGE;
    case AST_CALL:
        call = AS(call, e)->call;
        return call && (call->kind == CALL_STRUCT ||
                        (call->kind == CALL_BUILTIN &&
                         (call->builtin == BUILTIN_COPY ||
                          call->builtin == BUILTIN_CHARS)));
    default: return false;
    }
}

/* What is updated must be reached from a variable: a new object would be lost
 * with the update. */
static void need_path(struct checker *c, const struct ast *e)
{
    const struct ast *root = e;

    if (is_silent(e->type) || sema_is_path(e))
        return;
    while (root->kind == AST_MEMBER || root->kind == AST_INDEX)
        root = root->kind == AST_MEMBER ? AS(member, root)->base
                                        : AS(index, root)->base;
    diag_at(c->u->diags, E0523, span_of(c, root));
    diag_help(c->u->diags, "hold it in a `local` first");
}

static struct type *update_place(struct checker *c, struct ast *e)
{
    struct type *t = check_place(c, e);

    need_path(c, e);
    return t;
}

/* ---- updates ------------------------------------------------------------- */

static void rev_opassign(struct checker *c, struct ast *e)
{
    struct ast_opassign *a = AS(opassign, e);
    struct reason why = {"expected because of this place",
                         span_of(c, a->place)};
    struct type *t = update_place(c, a->place);

    if (is_silent(t)) {
        check_any(c, a->value, NULL);
        return;
    }
    if (rev_say_update(c, e, a->op, t, span_between(c, a->place, a->value)))
        return;
    if (a->op == OP_ROTL || a->op == OP_ROTR)
        check_value(c, a->value, &type_int, NULL);
    else
        check_value(c, a->value, t, &why);
}

static void rev_update(struct checker *c, struct ast *e)
{
    struct ast_update *x = AS(update, e);
    struct type *t = update_place(c, x->place);

    if (!is_silent(t))
        rev_say_update(c, e, x->op, t, span_word(c, e->pos, 0));
}

static void rev_swap(struct checker *c, struct ast *e)
{
    check_swap(c, e);
    need_path(c, AS(swap, e)->left);
    need_path(c, AS(swap, e)->right);
}

/* ---- calls --------------------------------------------------------------- */

bool rev_has_zero(const struct type *t)
{
    return is_int(t) || t == &type_bool;
}

bool rev_is_move(struct checker *c, struct ast *e, const struct sym *s,
                 const struct ast *receiver)
{
    struct ast_nodes *args = &AS(call, e)->args;

    return c->body->is_rev &&
           (s->builtin == BUILTIN_PUSH || s->builtin == BUILTIN_POP) &&
           args->n + (receiver != NULL) == 2 &&
           AS(arg, args->at[args->n - 1])->by_ref &&
           !AS(arg, args->at[0])->by_ref == !receiver &&
           !AS(arg, args->at[0])->name && !AS(arg, args->at[args->n - 1])->name;
}

struct type *rev_move(struct checker *c, struct ast *e, const struct sym *s,
                      struct ast *receiver)
{
    struct ast_nodes *args = &AS(call, e)->args;
    struct call *call = call_new(c, CALL_BUILTIN, 2);
    struct ast *list = receiver ? receiver : AS(arg, args->at[0])->value;
    struct ast *place = AS(arg, args->at[args->n - 1])->value;
    struct reason why = {"a list of such items", span_of(c, list)};
    struct type *lt, *t;

    call->builtin = s->builtin;
    call->args[0] = list;
    call->args[1] = place;
    call->by_ref[1] = 1;
    call->order[1] = 1;
    AS(call, e)->call = call;
    lt = receiver ? receiver->type : check_any(c, list, NULL);
    t = update_place(c, place);
    if (is_silent(lt) || is_silent(t))
        return &type_unit;
    if (lt->kind != TYPE_LIST) {
        diag_at(c->u->diags, E0215, span_of(c, list), s->name->text,
                say_type(c, lt));
    } else if (!types_fit(t, lt->args[0])) {
        say_mismatch(c, place, t, lt->args[0], &why);
    } else if (!rev_has_zero(t)) {
        diag_at(c->u->diags, E0504, span_of(c, place), s->name->text,
                "an int, byte or bool", say_type(c, t));
        diag_note(c->u->diags,
                  "what is moved leaves a zero behind, and a `%s` "
                  "has none",
                  say_type(c, t));
    }
    return &type_unit;
}

/* Whether a built-in function is a reversible statement. */
static bool is_reversible(const struct call *call)
{
    switch (call->builtin) {
    case BUILTIN_ASSERT: return true;
    case BUILTIN_SWAP:
    case BUILTIN_REVERSE: return true;
    case BUILTIN_PUSH:
    case BUILTIN_POP: return call->nargs == 2 && call->by_ref[1];
    default: return false;
    }
}

static void rev_call(struct checker *c, struct ast *e)
{
    struct call *call;

    e->type = check_call(c, e, DROPPED);
    call = AS(call, e)->call;
    if (!call || call->kind == CALL_ERROR)
        return;
    if (call->kind == CALL_FN && call->sym->is_rev)
        return;
    if (call->kind != CALL_BUILTIN || !is_reversible(call))
        rev_say_call(c, e);
    else if (call->builtin != BUILTIN_ASSERT)
        need_path(c, call->args[0]);
}

void rev_uncall(struct checker *c, struct ast *e)
{
    struct ast *of = AS(uncall, e)->call;
    struct diags *ds = c->u->diags;
    struct call *call;

    e->type = &type_unit;
    if (of->kind != AST_CALL) {
        diag_at(ds, E0515, span_of(c, of));
        if (of->kind == AST_NAME)
            diag_help(ds, "give its arguments: `uncall %s(...)`",
                      AS(name, of)->name->text);
        return;
    }
    of->type = check_call(c, of, DROPPED);
    call = AS(call, of)->call;
    if (!call || call->kind == CALL_ERROR ||
        (call->kind == CALL_FN && call->sym->is_rev))
        return;
    diag_at(ds, E0515, span_of(c, AS(call, of)->callee));
    if (call->kind == CALL_FN) {
        say_declared(c, call->sym);
        diag_help(ds, "declare it `rev fn %s`", call->sym->name->text);
    } else if (call->kind == CALL_BUILTIN && is_reversible(call)) {
        diag_help(ds, "%s",
                  call->builtin == BUILTIN_PUSH  ? "the inverse of `push` is "
                                                   "`pop`"
                  : call->builtin == BUILTIN_POP ? "the inverse of `pop` is "
                                                   "`push`"
                                                 : "it is its own inverse: "
                                                   "call it again");
    }
}

/* ---- branches and loops -------------------------------------------------- */

static void rev_rif(struct checker *c, struct ast *e)
{
    struct ast_rif *x = AS(rif, e);
    uint32_t saved = scope_enter(c);

    check_condition(c, x->cond, "if let");
    rev_block(c, x->yes);
    scope_leave(c, saved);
    if (x->fi)
        check_condition(c, x->fi, "if let");
    else
        rev_say_if(c, e);
    if (x->no)
        rev_stmt(c, x->no);
}

static void rev_from(struct checker *c, struct ast *e)
{
    struct ast_from *x = AS(from, e);

    check_condition(c, x->entry, "from");
    rev_block(c, x->body);
    if (x->step)
        rev_block(c, x->step);
    check_condition(c, x->exit, "until");
}

static void rev_for(struct checker *c, struct ast *e)
{
    struct ast_for *x = AS(for, e);
    struct ast *p = x->pattern;
    const struct name *name;
    uint32_t saved;

    if (x->iter->kind != AST_RANGE) {
        rev_refuses(c, e);
        return;
    }
    check_value(c, AS(range, x->iter)->from, &type_int, NULL);
    check_value(c, AS(range, x->iter)->to, &type_int, NULL);
    x->iter->type = &type_unit;
    saved = scope_enter(c);
    if (p->kind == AST_PAT_NAME && !AS(pat_name, p)->module) {
        name = AS(pat_name, p)->name;
        x->sym = sym_new(c, SYM_LOCAL, name, e, span_of(c, p));
        x->sym->type = p->type = &type_int;
        AS(pat_name, p)->sym = x->sym;
        if (name != c->n_wild)
            scope_add(c, x->sym);
    } else {
        pattern_bind(c, p, e, &type_int, false); /* it does not fit an int */
    }
    rev_block(c, x->body);
    scope_leave(c, saved);
}

/* ---- statements ---------------------------------------------------------- */

struct type *rev_value_block(struct checker *c, struct ast *e,
                             struct type *hint)
{
    struct ast_nodes *stmts = &AS(block, e)->stmts;

    if (stmts->n != 1 || ast_groups[stmts->at[0]->kind] != AST_EXPR) {
        diag_at(c->u->diags, E0514, span_at(c, e->pos, e->pos + 1),
                "this block");
        diag_help(c->u->diags, "a block in an expression holds one "
                               "expression; compute the rest before, into a "
                               "`local`");
        return e->type = &type_error;
    }
    return e->type = check_expr(c, stmts->at[0], hint);
}

/* The name of a function inside this one stays silent. */
static void bind_refused(struct checker *c, struct ast *e)
{
    struct sym *s = sym_new(c, SYM_LOCAL, AS(fn, e)->name, e,
                            span_word_after(c, e->pos, "fn"));

    scope_push(c, s);
}

static void rev_expr(struct checker *c, struct ast *e)
{
    if (e->kind == AST_IF) {
        rev_say_if(c, e);
    } else if (rev_refuses(c, e)) {
        if (e->kind == AST_FN && AS(fn, e)->name)
            bind_refused(c, e);
    } else {
        check_expr(c, e, DROPPED);
        flow_dropped(c, e, false);
    }
}

static void rev_stmt(struct checker *c, struct ast *e)
{
    e->type = &type_unit;
    switch (e->kind) {
    case AST_BLOCK: rev_block(c, e); break;
    case AST_OPASSIGN: rev_opassign(c, e); break;
    case AST_UPDATE: rev_update(c, e); break;
    case AST_SWAP: rev_swap(c, e); break;
    case AST_CALL: rev_call(c, e); break;
    case AST_UNCALL: rev_uncall(c, e); break;
    case AST_RIF: rev_rif(c, e); break;
    case AST_FROM: rev_from(c, e); break;
    case AST_FOR: rev_for(c, e); break;
    case AST_LOCAL: rev_local(c, e); break;
    case AST_WITHIN:
        rev_block(c, AS(within, e)->body);
        rev_block(c, AS(within, e)->apply);
        break;
    case AST_ASSIGN: rev_say_assign(c, e); break;
    case AST_BIND:
        rev_say_bind(c, e);
        bind_silent(c, AS(bind, e)->pattern);
        break;
    case AST_ERROR: break;
    default: rev_expr(c, e);
    }
}

void rev_block(struct checker *c, struct ast *e)
{
    struct ast_nodes *stmts = &AS(block, e)->stmts;
    struct rev_local *floor = c->body->locals;
    uint32_t saved = scope_enter(c);

    e->type = &type_unit;
    for (uint32_t i = 0; i < stmts->n; i++) {
        struct ast *s = stmts->at[i];
        s->type = &type_unit;
        if (s->kind == AST_DELOCAL)
            rev_delocal(c, s, floor);
        else
            rev_stmt(c, s);
    }
    rev_close_locals(c, floor, e);
    scope_leave(c, saved);
}
