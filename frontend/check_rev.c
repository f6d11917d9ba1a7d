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
            return e->kind == AST_NAME;
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
    check_condition(c, x->fi, "if let");
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
        x->sym->type = &type_int;
        if (name != c->n_wild)
            scope_add(c, x->sym);
    } else {
        say_unsupported(
            c, p, p->kind == AST_PAT_TUPLE ? "tuples are" : "patterns are");
        bind_silent(c, p);
    }
    rev_block(c, x->body);
    scope_leave(c, saved);
}

/* ---- local variables ----------------------------------------------------- */

/* Whether a new object of the type could hide something from `==`: another
 * object, or which zero or NaN a float is. */
static bool hides(const struct type *t)
{
    if (t->kind == TYPE_LIST)
        return t->args[0]->kind > TYPE_STR || t->args[0] == &type_float;
    for (uint32_t i = 0; i < t->nfields; i++)
        if (t->fields[i].type->kind > TYPE_STR ||
            t->fields[i].type == &type_float)
            return true;
    return false;
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

/* What a local of a reference type refers to must be plain: an object that
 * was there before, or a new one in which no other can be hidden. */
static bool check_local_ref(struct checker *c, const struct name *name,
                            struct ast *value, const struct ast *first)
{
    struct diags *ds = c->u->diags;
    struct type *t = value->type;
    const char *why = NULL;

    if (t->kind <= TYPE_STR || (first && is_silent(first->type)))
        return true;
    if (!rev_is_new(value) && !sema_is_path(value))
        why = "this may be a new object or one that was there";
    else if (rev_is_new(value) && hides(t))
        why = "this new object holds others, or floats, and `==` does not tell "
              "those apart";
    else if (first && rev_is_new(value) != rev_is_new(first))
        why = rev_is_new(first)
                  ? "`local` made a new object, and this was there before"
                  : "`local` named an object, and this is a new one";
    if (!why)
        return true;
    diag_at(ds, E0520, span_of(c, value), name->text);
    diag_label(ds, span_of(c, value), "%s", why);
    if (first && rev_is_new(value) != rev_is_new(first))
        diag_label(ds, span_of(c, first), "it began as this");
    else
        diag_help(ds, "give a path, as `p.items`, or a new list or struct "
                      "of plain values");
    return false;
}

static struct type *local_value(struct checker *c, struct ast *type,
                                struct ast *value, struct type *want)
{
    struct reason why = {"expected because of this type", {0}};

    if (type) {
        struct type *t = decl_type(c, type);
        why.at = span_of(c, type);
        if (want && !types_fit(t, want)) {
            diag_at(c->u->diags, E0210, span_of(c, type), say_type(c, want),
                    say_type(c, t));
            t = want;
        }
        check_value(c, value, t, &why);
        return t;
    }
    why.text = NULL;
    if (!want)
        return check_any(c, value, NULL);
    check_value(c, value, want, &why);
    return want;
}

static void rev_local(struct checker *c, struct ast *e)
{
    struct ast_local *x = AS(local, e);
    struct type *t = local_value(c, x->type, x->value, NULL);
    struct rev_local *open = ARENA_NEW(c->arena, struct rev_local);

    x->sym = sym_new(c, SYM_LOCAL, x->name, e, span_word(c, e->pos, 1));
    x->sym->type = t == &type_never ? &type_error : t;
    x->sym->is_var = t->kind <= TYPE_STR;
    scope_add(c, x->sym);
    *open = (struct rev_local){e, c->body->locals};
    c->body->locals = open;
    if (!check_local_ref(c, x->name, x->value, NULL))
        x->sym->type = &type_error;
}

/* Whether e names a variable that is not visible. */
struct lost {
    struct checker *c;
    const struct name *name;
    struct ast *at;
};

static void find_lost(void *arg, struct ast *e)
{
    struct lost *l = arg;

    if (e->kind == AST_NAME && AS(name, e)->name == l->name && !l->at &&
        !scope_find(l->c, l->name))
        l->at = e;
    ast_children(e, find_lost, arg);
}

/* The link to the open local of that name in the block at hand, or NULL. */
static struct rev_local **find_local(struct checker *c, const struct name *name,
                                     struct rev_local *floor)
{
    struct rev_local **at = &c->body->locals;

    while (*at != floor && AS(local, (*at)->node)->name != name)
        at = &(*at)->up;
    return *at == floor ? NULL : at;
}

static void say_no_local(struct checker *c, struct ast *e)
{
    struct ast_delocal *x = AS(delocal, e);
    struct sym *s = scope_find(c, x->name);
    struct diags *ds = c->u->diags;
    struct span at = span_word(c, e->pos, 1);

    diag_at(ds, E0517, at, x->name->text);
    if (!s || s->kind > SYM_GLOBAL) {
        diag_help(ds, "begin it with `local %s = ...`", x->name->text);
        return;
    }
    diag_label(ds, span_of_sym(s),
               s->kind == SYM_PARAM                    ? "a parameter"
               : s->kind == SYM_GLOBAL                 ? "a global"
               : s->decl && s->decl->kind == AST_LOCAL ? "the `local` stands "
                                                         "in another block"
                                                       : "not a `local`");
    if (s->decl && s->decl->kind == AST_LOCAL)
        diag_help(ds, "end it in the block in which it begins");
}

static void rev_delocal(struct checker *c, struct ast *e,
                        struct rev_local *floor)
{
    struct ast_delocal *x = AS(delocal, e);
    struct rev_local **at = find_local(c, x->name, floor), *open;
    struct diags *ds = c->u->diags;
    struct ast_local *local;
    struct lost lost = {c, x->name, NULL};

    if (!at) {
        say_no_local(c, e);
        return;
    }
    open = *at;
    local = AS(local, open->node);
    x->local = open->node;
    if (open != c->body->locals) {
        struct ast_local *newer = AS(local, c->body->locals->node);
        diag_at(ds, E0518, span_word(c, e->pos, 1), x->name->text,
                newer->name->text);
        diag_label(ds, span_of_sym(newer->sym), "begun later, so ended first");
    }
    *at = open->up;
    scope_drop(c, local->sym);
    find_lost(&lost, x->value);
    if (lost.at) {
        diag_at(ds, E0519, span_of(c, lost.at), x->name->text, x->name->text);
        diag_help(ds, "give the value it has then by what is left: a constant, "
                      "or other variables");
        return;
    }
    local_value(c, x->type, x->value, local->sym->type);
    if (local->sym->type != &type_error)
        check_local_ref(c, x->name, x->value, local->value);
}

/* Locals that the block leaves open. */
static void close_locals(struct checker *c, struct rev_local *floor,
                         const struct ast *block)
{
    struct diags *ds = c->u->diags;

    for (struct rev_local *l = c->body->locals; l != floor; l = l->up) {
        struct ast_local *x = AS(local, l->node);
        diag_at(ds, E0516, span_of_sym(x->sym), x->name->text);
        diag_label(ds, span_at(c, block->end - 1, block->end),
                   "the block ends here");
        diag_help(ds,
                  "before the block ends, write `delocal %s = ...` with the "
                  "value it has then",
                  x->name->text);
    }
    c->body->locals = floor;
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
    close_locals(c, floor, e);
    scope_leave(c, saved);
}
