/* lower_map.c - maps: literals, entries, and loops over them.
 *
 * The natives of maps come in four kinds, for keys and values that are scalars
 * (s) or references (r); their names end in these two letters. */
#include "frontend/lower.h"

#include <stdio.h>
#include <string.h>

enum { NAME_MOST = 32 };

/* An option of a scalar is a box, or none. */
static char letter(const struct type *t)
{
    return type_is_ref(t) || type_is_pair(t) ? 'r' : 's';
}

/* A native of which there is one for each kind of key and value. */
static ir_val native_kv(struct lower *l, const struct ast *at, const char *name,
                        struct type *t, ir_type result, const ir_val *args,
                        uint32_t n)
{
    char full[NAME_MOST];
    snprintf(full, sizeof full, "%s_%c%c", name, letter(t->args[0]),
             letter(t->args[1]));
    return lower_native(l, at, full, result, args, n);
}

/* The same for the kind of one of the two. */
static ir_val native_of(struct lower *l, const struct ast *at, const char *name,
                        const struct type *part, ir_type result,
                        const ir_val *args, uint32_t n)
{
    char full[NAME_MOST];
    snprintf(full, sizeof full, "%s_%c", name, letter(part));
    return lower_native(l, at, full, result, args, n);
}

ir_val lower_map_get(struct lower *l, const struct ast *at, struct type *t,
                     ir_val map, ir_val key)
{
    ir_val args[] = {map, key};
    ir_type of = lower_word_type(l, t->args[1]);
    return lower_unboxed(l, at, t->args[1],
                         native_kv(l, at, "map_at", t, of, args, 2));
}

ir_val lower_map_find(struct lower *l, const struct ast *at, struct type *t,
                      const char *native, ir_val map, ir_val key)
{
    char name[NAME_MOST];
    ir_val args[] = {map, key};
    ir_type types[] = {LOWER_BOOL, lower_word_type(l, t->args[1])};
    if (lower_dead(l))
        return IR_NONE;
    snprintf(name, sizeof name, "%s_%c%c", native, letter(t->args[0]),
             letter(t->args[1]));
    ir_val found = ir_emit_n(l->f, l->blk, IR_NATIVE, types, 2, args, 2,
                             ir_native(name), lower_pos(l, at));
    return type_is_ref(t->args[1]) ? found + 1
                                   : lower_pair(l, found, found + 1);
}

void lower_map_put(struct lower *l, const struct ast *at, struct type *t,
                   ir_val map, ir_val key, ir_val value)
{
    ir_val args[] = {map, key, lower_boxed(l, at, t->args[1], value)};
    native_kv(l, at, "map_put", t, LOWER_NONE, args, 3);
}

ir_val lower_map_has(struct lower *l, const struct ast *at, struct type *t,
                     ir_val map, ir_val key)
{
    ir_val args[] = {map, key};
    return native_of(l, at, "map_has", t->args[0], LOWER_BOOL, args, 2);
}

ir_val lower_map_list(struct lower *l, const struct ast *at, struct type *to,
                      ir_val map, bool values)
{
    ir_type t = lower_type(l, to);
    ir_val list = lower_op(l, at, IR_NEWLIST, t, IR_NONE, IR_NONE, t.type);
    ir_val args[] = {map, list};
    lower_native(l, at, values ? "map_values" : "map_keys", LOWER_NONE, args,
                 2);
    return list;
}

ir_val lower_map(struct lower *l, struct ast *e)
{
    const struct ast_nodes *pairs = &AS(map, e)->pairs;
    if (!lower_has_value(e->type)) { /* the first key or value leaves */
        for (uint32_t i = 0; i < pairs->n; i++) {
            lower_expr(l, AS(pair, pairs->at[i])->key);
            lower_expr(l, AS(pair, pairs->at[i])->value);
        }
        return IR_NONE;
    }
    ir_type t = lower_type(l, e->type);
    ir_val map = lower_op(l, e, IR_NEWMAP, t, IR_NONE, IR_NONE, t.type);
    for (uint32_t i = 0; i < pairs->n; i++) {
        struct ast_pair *p = AS(pair, pairs->at[i]);
        ir_val key = lower_expr(l, p->key), value = lower_expr(l, p->value);
        if (lower_dead(l))
            return IR_NONE;
        lower_map_put(l, pairs->at[i], e->type, map, key, value);
    }
    return map;
}

/* ---- loops --------------------------------------------------------------- */

/* Fails where keys have come or gone since the loop began, which may look like
 * one over a list. */
static void check_changes(struct lower *l, const struct ast *at, ir_val map,
                          ir_val before, int listed)
{
    static const char whole[] = "keys were added or removed in a loop over the "
                                "map";
    static const char keys[] =
        "keys were added or removed in a loop over the keys of the map; "
        "`let ks = m.keys()` before it makes a list of them";
    static const char values[] =
        "keys were added or removed in a loop over the values of the map; "
        "`let vs = m.values()` before it makes a list of them";
    const char *text = listed == BUILTIN_KEYS     ? keys
                       : listed == BUILTIN_VALUES ? values
                                                  : whole;
    ir_val now = lower_native(l, at, "map_changes", LOWER_INT, &map, 1);
    ir_val differs = lower_op(l, at, IR_NE, LOWER_BOOL, now, before, 0);
    struct lower_region r;
    lower_region_open(l, &r);
    struct lower_label bad = lower_label_new(l), good = bad;
    lower_branch(l, differs, &bad, &good, at);
    lower_bind(l, &bad);
    lower_raise(l, at, lower_str(l, at, text, (uint32_t)strlen(text)),
                "conflict");
    lower_bind_last(l, &good);
}

/* The key (0) or value (1) of the entry at a position. */
static ir_val entry_part(struct lower *l, const struct ast *at, struct type *t,
                         ir_val map, ir_val position, int which)
{
    static const char *const names[] = {"map_key_at", "map_value_at"};
    ir_val args[] = {map, position};
    struct type *of = t->args[which];
    ir_val v =
        native_of(l, at, names[which], of, lower_word_type(l, of), args, 2);
    return lower_unboxed(l, at, of, v);
}

/* The variables of an iteration: of a pattern of two without a tuple. */
static void bind_entry(struct lower *l, struct ast *pattern, struct type *t,
                       struct type *pair, ir_val map, ir_val at)
{
    ir_val part[2];
    for (int i = 0; i < 2; i++)
        part[i] = entry_part(l, pattern, t, map, at, i);
    if (pattern->kind != AST_PAT_TUPLE) {
        lower_match_pattern(l, pattern, lower_object(l, pattern, pair, part),
                            NULL);
        return;
    }
    const struct ast_nodes *items = &AS(pat_tuple, pattern)->items;
    for (uint32_t i = 0; i < items->n; i++)
        lower_match_pattern(l, items->at[i], part[i], NULL);
}

void lower_map_loop(struct lower *l, struct ast *e, int listed)
{
    struct ast_for *f = AS(for, e);
    bool whole = listed != BUILTIN_KEYS && listed != BUILTIN_VALUES;
    struct ast *of = whole ? f->iter : AS(call, f->iter)->call->args[0];
    struct type *t = of->type;
    ir_val map = lower_expr(l, of);
    if (lower_dead(l))
        return;
    ir_val before = lower_native(l, f->iter, "map_changes", LOWER_INT, &map, 1);
    uint32_t from = lower_var_new(l, NULL, LOWER_INT);
    lower_var_write(l, from, lower_int(l, e, 0));
    struct lower_region r;
    lower_region_open(l, &r);
    struct lower_label body = lower_label_new(l), next = body, done = body;
    struct lower_label head;
    lower_loop_head(l, &head, &f->body, 1, from, e);
    check_changes(l, f->iter, map, before, listed);
    ir_val args[] = {map, lower_var_read(l, from)};
    ir_type types[] = {LOWER_INT, LOWER_BOOL};
    ir_val at = ir_emit_n(l->f, l->blk, IR_NATIVE, types, 2, args, 2,
                          ir_native("map_next"), lower_pos(l, f->iter));
    lower_branch(l, at + 1, &body, &done, f->iter);
    lower_bind(l, &body);
    if (whole)
        bind_entry(l, f->pattern, t, f->pair, map, at);
    else
        lower_match_pattern(
            l, f->pattern,
            entry_part(l, f->pattern, t, map, at, listed == BUILTIN_VALUES),
            NULL);
    lower_var_write(
        l, from, lower_op(l, e, IR_ADD, LOWER_INT, at, lower_int(l, e, 1), 0));
    struct lower_scope s;
    lower_loop_push(l, &s, e, &next, &done);
    lower_expr(l, f->body);
    lower_loop_pop(l);
    lower_goto(l, &next, e);
    lower_bind(l, &next);
    lower_goto(l, &head, e);
    lower_bind_last(l, &done);
}
