/* check_map.c - the types of maps. */
#include "frontend/check.h"

struct type *map_of(struct checker *c, struct type *key, struct type *value,
                    struct ast *at)
{
    uint32_t deepest = key->depth > value->depth ? key->depth : value->depth;

    if (is_silent(key))
        return key;
    if (is_silent(value))
        return value;
    if (!type_is_key(key)) {
        diag_at(c->u->diags, E0271, span_of(c, at), say_type(c, key));
        return &type_error;
    }
    if (deepest < TYPE_MAX_DEPTH)
        return type_map(c->u, key, value);
    diag_at(c->u->diags, E0225, span_of(c, at));
    return &type_error;
}

/* The type of one side of all pairs: what is wanted, or the first one's. */
static struct type *side(struct checker *c, struct ast_nodes *pairs, bool keys,
                         struct type *want)
{
    struct reason why = {NULL, {0}};

    for (uint32_t i = 0; i < pairs->n; i++) {
        struct ast_pair *p = AS(pair, pairs->at[i]);
        struct ast *e = keys ? p->key : p->value;
        if (want) {
            check_value(c, e, want, &why);
            continue;
        }
        struct type *t = check_any(c, e, NULL);
        if (t == &type_never)
            continue;
        want = t;
        why.text = keys ? "expected because of the first key"
                        : "expected because of the first value";
        why.at = span_of(c, e);
    }
    return want ? want : &type_never;
}

struct type *check_map(struct checker *c, struct ast *e, struct type *hint)
{
    struct ast_nodes *pairs = &AS(map, e)->pairs;
    bool wants = hint && hint->kind == TYPE_MAP;

    if (!pairs->n) {
        if (wants || hint == &type_error)
            return hint;
        diag_at(c->u->diags, E0272, span_of(c, e));
        diag_help(c->u->diags, "write its type where it is bound: "
                               "`let m: [str: int] = [:]`");
        return &type_error;
    }
    struct type *key = side(c, pairs, true, wants ? hint->args[0] : NULL);
    struct type *value = side(c, pairs, false, wants ? hint->args[1] : NULL);
    return wants ? hint : map_of(c, key, value, e);
}

struct type *check_map_index(struct checker *c, struct ast *e, struct type *t)
{
    struct ast_index *x = AS(index, e);
    struct reason why = {"a map with such keys", span_of(c, x->base)};

    if (x->index->kind == AST_RANGE) {
        diag_at(c->u->diags, E0223, span_of(c, x->index));
        return &type_error;
    }
    check_value(c, x->index, t->args[0], &why);
    return t->args[1];
}
