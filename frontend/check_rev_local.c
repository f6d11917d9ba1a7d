/* check_rev_local.c - `local` and `delocal`.
 *
 * Locals nest like brackets within a block.  A variable is visible from its
 * local to its delocal, whose value is an expression of the outer names, as
 * the inverse is the same with the two exchanged. */
#include "frontend/check_rev.h"

struct within { /* types that are being looked into */
    const struct type *t;
    const struct within *up;
};

/* Whether a new object of the type hides which zero or NaN a float is. */
static bool has_floats(const struct type *t, const struct within *up)
{
    struct within here = {t, up};

    for (; up; up = up->up)
        if (up->t == t)
            return false;
    for (uint32_t i = 0; i < t->nargs && t->kind != TYPE_FN; i++)
        if (has_floats(t->args[i], &here))
            return true;
    for (uint32_t i = 0; i < t->nvariants; i++)
        if (t->variants[i].payload && has_floats(t->variants[i].payload, &here))
            return true;
    for (uint32_t i = 0; i < t->nfields; i++)
        if (has_floats(t->fields[i].type, &here))
            return true;
    return t == &type_float || t == &type_any;
}

static bool is_new_part(const struct ast *e)
{
    return e && (e->type->kind <= TYPE_STR || rev_is_all_new(e));
}

bool rev_is_all_new(const struct ast *e)
{
    const struct ast_nodes *items;
    const struct call *call;

    if (!rev_holds_refs(e->type))
        return rev_is_new(e);
    switch (e->kind) {
    case AST_LIST:
        items = &AS(list, e)->items;
        for (uint32_t i = 0; i < items->n; i++)
            if (!is_new_part(items->at[i]))
                return false;
        return true;
    case AST_REPEAT: return is_new_part(AS(repeat, e)->item);
    case AST_CALL:
        call = AS(call, e)->call;
        for (uint32_t i = 0; i < call->nargs; i++)
            if (!is_new_part(call->args[i]))
                return false;
        return call->kind == CALL_STRUCT;
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
    else if (rev_is_new(value) && has_floats(t, NULL))
        why = "this new object holds floats, and `==` does not tell them all "
              "apart";
    else if (rev_is_new(value) && !rev_is_all_new(value))
        why = "this new object holds others that were there before";
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
                      "that holds no others but new ones");
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
            check_any(c, value, t);
            return value->type = &type_error;
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

void rev_local(struct checker *c, struct ast *e)
{
    struct ast_local *x = AS(local, e);
    struct type *t = local_value(c, x->type, x->value, NULL);
    struct rev_local *open = ARENA_NEW(c->arena, struct rev_local);

    x->sym = sym_new(c, SYM_LOCAL, x->name, e, span_word(c, e->pos, 1));
    if (say_rev_pair(c, span_word(c, e->pos, 1), t))
        t = &type_error;
    x->sym->type = t == &type_never ? &type_error : t;
    x->sym->is_var = t->kind <= TYPE_STR || !type_is_ref(t);
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

void rev_delocal(struct checker *c, struct ast *e, struct rev_local *floor)
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

void rev_close_locals(struct checker *c, struct rev_local *floor,
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

void rev_local_hold(struct rev *r, struct ast *e, const struct kinds *written)
{
    struct ast_local *x = AS(local, e);
    struct diags *ds = r->c->u->diags;
    struct kinds refs = {0};

    if (!rev_is_new(x->value))
        return;
    kinds_add_refs(r, &refs, x->value->type);
    if (!kinds_meet(&refs, written))
        return;
    diag_at(ds, E0520, span_of(r->c, x->value), x->name->text);
    diag_label(ds, span_of(r->c, x->value),
               "this new object holds others, and the function exchanges such");
    diag_help(ds, "where the objects in it stay where they are, they end "
                  "with it");
}
