/* check_rev_new.c - which variables refer to objects that a function made.
 *
 * A function that fills a list of its own has no effect on what was there
 * before.  Each variable is taken to refer to new objects until a binding, an
 * assignment or a store says otherwise, and this is repeated until no variable
 * changes.  The order of statements does not count.  Where a new object goes
 * is no matter: storing it into an old one is a write of its own. */
#include "frontend/check_rev.h"

bool rev_holds_refs(const struct type *t)
{
    switch ((enum type_kind)t->kind) {
    case TYPE_OPTION: return rev_holds_refs(t->args[0]);
    case TYPE_LIST:
    case TYPE_MAP: return rev_is_object(t->args[t->nargs - 1]);
    case TYPE_ENUM:
    case TYPE_ANY:
    case TYPE_FN: return type_is_ref(t);
    default: break;
    }
    for (uint32_t i = 0; i < t->nfields; i++)
        if (rev_is_object(t->fields[i].type))
            return true;
    return false;
}

static enum held held_parts(struct ast *const *parts, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (parts[i] && held_of(parts[i]) != HELD_NEW)
            return HELD_SHALLOW;
    return HELD_NEW;
}

static enum held held_of_name(const struct ast *e)
{
    const struct sym *s = sema_var(e);

    return s && s->kind == SYM_LOCAL ? (enum held)s->held : HELD_OLD;
}

/* What is known of the object that an expression refers to. */
enum held held_of(const struct ast *e)
{
    const struct ast *base;

    if (!e->type || e->type->kind <= TYPE_STR || !type_is_ref(e->type))
        return HELD_NEW;
    switch (e->kind) {
    case AST_NAME: return held_of_name(e);
    case AST_LIST:
        return held_parts(AS(list, e)->items.at, AS(list, e)->items.n);
    case AST_REPEAT: return held_parts(&AS(repeat, e)->item, 1);
    case AST_MEMBER:
    case AST_INDEX:
        if (sema_var(e))
            return held_of_name(e);
        if (rev_is_new(e))
            return rev_holds_refs(e->type) ? HELD_SHALLOW : HELD_NEW;
        base = e->kind == AST_MEMBER ? AS(member, e)->base : AS(index, e)->base;
        return held_of(base) == HELD_NEW ? HELD_NEW : HELD_OLD;
    case AST_CALL:
        if (!rev_is_new(e))
            return HELD_OLD;
        if (AS(call, e)->call->kind == CALL_STRUCT)
            return held_parts(AS(call, e)->call->args,
                              AS(call, e)->call->nargs);
        return rev_holds_refs(e->type) ? HELD_SHALLOW : HELD_NEW;
    default: return HELD_OLD;
    }
}

struct holding {
    bool changed;
};

static void hold_at_least(struct holding *h, struct sym *s, enum held held)
{
    if (!s || s->kind != SYM_LOCAL || s->held >= held)
        return;
    s->held = (uint8_t)held;
    h->changed = true;
}

/* A value is stored into an object: its variable is no longer all new where
 * the value is not. */
static void hold_stored(struct holding *h, const struct ast *place,
                        enum held held)
{
    if (held == HELD_NEW)
        return;
    while (place->kind == AST_MEMBER || place->kind == AST_INDEX)
        place = place->kind == AST_MEMBER ? AS(member, place)->base
                                          : AS(index, place)->base;
    if (place->kind == AST_NAME)
        hold_at_least(h, AS(name, place)->sym, HELD_SHALLOW);
}

/* A second name for what may hold other objects: what is stored through it is
 * not seen at the first one. */
static void hold_alias(struct holding *h, const struct ast *value)
{
    if (value && value->type && rev_holds_refs(value->type) &&
        !rev_is_new(value))
        hold_stored(h, value, HELD_OLD);
}

static void hold_parts(struct holding *h, struct ast *const *parts, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        hold_alias(h, parts[i]);
}

static void hold_assigned(struct holding *h, const struct ast *place,
                          const struct ast *value)
{
    hold_alias(h, value);
    if (place->kind == AST_NAME)
        hold_at_least(h, AS(name, place)->sym, held_of(value));
    else
        hold_stored(h, place, held_of(value));
}

static void hold_call(struct holding *h, const struct call *call)
{
    hold_parts(h, call->args, call->nargs);
    for (uint32_t i = 0; i < call->nargs; i++) {
        /* a function may put anything into what it is given */
        if (call->kind == CALL_FN && call->by_ref[i] &&
            call->args[i]->type->kind > TYPE_STR) {
            hold_stored(h, call->args[i], HELD_OLD);
            if (call->args[i]->kind == AST_NAME)
                hold_at_least(h, AS(name, call->args[i])->sym, HELD_OLD);
        }
        if (call->kind == CALL_BUILTIN && i &&
            (call->builtin == BUILTIN_PUSH || call->builtin == BUILTIN_INSERT))
            hold_stored(h, call->args[0], held_of(call->args[i]));
    }
}

static void hold_for(struct holding *h, const struct ast_for *x)
{
    if (x->iter->kind == AST_RANGE)
        return;
    if (x->iter->type->kind == TYPE_LIST && rev_holds_refs(x->iter->type))
        hold_alias(h, x->iter);
    if (held_of(x->iter) != HELD_NEW)
        hold_at_least(h, x->sym, HELD_OLD);
}

static void hold_node(void *arg, struct ast *e)
{
    struct holding *h = arg;

    ast_children(e, hold_node, h);
    switch (e->kind) {
    case AST_BIND:
        hold_alias(h, AS(bind, e)->value);
        hold_at_least(h, AS(bind, e)->sym, held_of(AS(bind, e)->value));
        break;
    case AST_LIST:
        hold_parts(h, AS(list, e)->items.at, AS(list, e)->items.n);
        break;
    case AST_REPEAT: hold_alias(h, AS(repeat, e)->item); break;
    case AST_LOCAL:
        hold_alias(h, AS(local, e)->value);
        hold_at_least(h, AS(local, e)->sym, held_of(AS(local, e)->value));
        break;
    case AST_ASSIGN:
        hold_assigned(h, AS(assign, e)->place, AS(assign, e)->value);
        break;
    case AST_SWAP:
        hold_assigned(h, AS(swap, e)->left, AS(swap, e)->right);
        hold_assigned(h, AS(swap, e)->right, AS(swap, e)->left);
        break;
    case AST_FOR: hold_for(h, AS(for, e));
        break;
    case AST_TRY: hold_at_least(h, AS(try, e)->sym, HELD_OLD); break;
    case AST_CALL:
        if (AS(call, e)->call)
            hold_call(h, AS(call, e)->call);
        break;
    default: break;
    }
}

void held_find(struct ast *body)
{
    struct holding h;

    do {
        h.changed = false;
        hold_node(&h, body);
    } while (h.changed);
}
