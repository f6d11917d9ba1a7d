/* lower_call.c - calls: of functions, structs, conversions, built-ins.
 *
 * Arguments are evaluated in the order they are written, which named ones
 * may make another than that of the parameters. */
#include "frontend/lower_rev.h"

#include <stdio.h>
#include <string.h>

/* ---- functions ----------------------------------------------------------- */

/* The arguments' values by parameter; of & arguments the places too.  NULL:
 * dead. */
static ir_val *arguments(struct lower *l, const struct call *c,
                         struct lower_place *places)
{
    ir_val *args = ARENA_ARRAY(l->arena, ir_val, c->nargs + 1);
    for (uint32_t i = 0; i < c->nargs; i++) {
        uint32_t k = c->order[i];
        if (places && c->by_ref[k]) {
            places[k] = lower_place(l, c->args[k]);
            args[k] = lower_place_read(l, &places[k]);
        } else {
            args[k] = lower_expr(l, c->args[k]);
        }
    }
    return lower_dead(l) ? NULL : args;
}

static void refuse_same_places(struct lower *l, const struct ast *e,
                               const struct call *c,
                               const struct lower_place *places)
{
    for (uint32_t i = 1; i < c->nargs; i++)
        for (uint32_t k = 0; c->by_ref[i] && k < i; k++)
            if (c->by_ref[k])
                lower_place_apart(l, &places[k], &places[i], e);
}

/* What a reversible function would reach by two ways (sema.h: apart). */
static void refuse_lent_twice(struct lower *l, const struct ast *e,
                              const struct call *c, const ir_val *args,
                              const struct lower_place *places, uint32_t k)
{
    for (uint32_t p = 0; c->apart && c->apart[k] >> p; p++) {
        if (!(c->apart[k] >> p & 1) || lower_dead(l))
            continue;
        ir_val same =
            lower_op(l, e, IR_SAME, LOWER_BOOL, places[k].base, args[p], 0);
        struct lower_region r;
        lower_region_open(l, &r);
        struct lower_label one = lower_label_new(l), apart = lower_label_new(l);
        lower_branch(l, same, &one, &apart, e);
        lower_bind(l, &one);
        ir_val words = lower_op(l, e, IR_STR, LOWER_STR, IR_NONE, IR_NONE,
                                rev_words_lent(l, c, k, p));
        lower_raise(l, e, words, "irreversible");
        lower_bind_last(l, &apart);
    }
}

/* Writes the callee's mut parameters, results from `first` on in the order
 * of the parameters, to their places, left to right. */
static void copy_out(struct lower *l, const struct call *c,
                     const struct lower_place *places, ir_val first)
{
    ir_val *vals = ARENA_ARRAY(l->arena, ir_val, c->nargs + 1);
    for (uint32_t k = 0; k < c->nargs; k++) {
        if (!c->by_ref[k])
            continue;
        vals[k] = lower_take(l, places[k].type, first);
        first += lower_count_of(places[k].type);
    }
    for (uint32_t i = 0; i < c->nargs; i++) {
        uint32_t k = c->order[i];
        if (c->by_ref[k])
            lower_place_write(l, &places[k], vals[k]);
    }
}

/* The native that a function is, with its parameters in order; -1: it is
 * none. */
static int native_of(const struct sym *fn)
{
    const struct ast_fn *decl = AS(fn, fn->decl);
    const struct call *c =
        decl->body->kind == AST_CALL ? AS(call, decl->body)->call : NULL;
    if (!c || c->kind != CALL_NATIVE || c->nargs != decl->params.n)
        return -1;
    for (uint32_t i = 0; i < c->nargs; i++)
        if (c->args[i]->kind != AST_NAME ||
            AS(name, c->args[i])->sym != AS(param, decl->params.at[i])->sym)
            return -1;
    return c->builtin;
}

/* The call of a native, or of a function that is one. */
static ir_val call_native(struct lower *l, struct ast *e, const struct call *c,
                          int native)
{
    ir_val *args = arguments(l, c, NULL);
    if (!args)
        return IR_NONE;
    for (uint32_t k = 0; k < c->nargs; k++) {
        struct type *t =
            c->kind == CALL_FN ? c->sym->type->args[k] : c->args[k]->type;
        args[k] = lower_boxed(l, e, t, args[k]);
    }
    return lower_native_results(l, e, native, args, c->nargs);
}

/* back: the function's inverse is called. */
static ir_val call_fn(struct lower *l, struct ast *e, const struct call *c,
                      bool back)
{
    /* reversible code calls: it holds no effect of another kind */
    int native = back || l->f->rev ? -1 : native_of(c->sym);
    if (native >= 0)
        return call_native(l, e, c, native);
    struct lower_place *places =
        ARENA_ARRAY(l->arena, struct lower_place, c->nargs + 1);
    ir_val *args = arguments(l, c, places);
    if (!args)
        return IR_NONE;
    refuse_same_places(l, e, c, places);
    for (uint32_t k = 0; k < c->nargs; k++)
        refuse_lent_twice(l, e, c, args, places, k);
    uint32_t sig =
        back ? lower_inverse_of(l, c->sym) : lower_instance_of(l, c->sym);
    const struct ir_sig *s = &l->mod->sigs.at[sig];
    enum ir_op op = l->f->rev ? IR_APPLY : IR_CALL;
    ir_val *passed = ARENA_ARRAY(l->arena, ir_val, 2 * c->nargs + 1);
    uint32_t n = 0;
    for (uint32_t k = 0; k < c->nargs; k++)
        n += lower_put_vals(l, args[k], passed + n);
    ir_val res = ir_emit_n(l->f, l->blk, op, s->results, s->nresults, passed, n,
                           sig, lower_pos(l, e));
    if (!lower_has_value(e->type)) {
        copy_out(l, c, places, res);
        return IR_NONE;
    }
    ir_type t = lower_type(l, e->type);
    copy_out(l, c, places, res + lower_count_of(t));
    return lower_take(l, t, res);
}

ir_val lower_call_value(struct lower *l, struct ast *e)
{
    const struct call *c = AS(call, e)->call;
    struct lower_place *places =
        ARENA_ARRAY(l->arena, struct lower_place, c->nargs + 1);
    ir_val fn = lower_expr(l, c->value);
    ir_val *args = arguments(l, c, places);
    if (!args)
        return IR_NONE;
    refuse_same_places(l, e, c, places);
    const struct ir_typedesc *t =
        &l->mod->types.at[lower_type(l, c->value->type).type];
    ir_val *passed = ARENA_ARRAY(l->arena, ir_val, 2 * c->nargs + 2);
    uint32_t n = 0;
    passed[n++] = fn;
    for (uint32_t k = 0; k < c->nargs; k++)
        n += lower_put_vals(l, args[k], passed + n);
    ir_val res = ir_emit_n(l->f, l->blk, IR_CALLC, t->results, t->nresults,
                           passed, n, 0, lower_pos(l, e));
    if (!lower_has_value(e->type)) {
        copy_out(l, c, places, res);
        return IR_NONE;
    }
    ir_type of = lower_type(l, e->type);
    copy_out(l, c, places, res + lower_count_of(of));
    return lower_take(l, of, res);
}

/* The arguments come before the object: an error in one leaves nothing. */
static ir_val call_struct(struct lower *l, struct ast *e, const struct call *c)
{
    ir_val *args = arguments(l, c, NULL);
    if (!args)
        return IR_NONE;
    return lower_object(l, e, e->type, args);
}

static ir_val call_variant(struct lower *l, struct ast *e, const struct call *c)
{
    ir_val *args = arguments(l, c, NULL);
    return args ? lower_variant(l, e, e->type, c->sym->number, args) : IR_NONE;
}

/* ---- conversions --------------------------------------------------------- */

static ir_val to_int(struct lower *l, struct ast *e, struct type *from,
                     ir_val v)
{
    switch (from->kind) {
    case TYPE_INT: return v;
    case TYPE_FLOAT: return lower_op(l, e, IR_FTOI, LOWER_INT, v, IR_NONE, 0);
    case TYPE_STR: return lower_native(l, e, "int_str", LOWER_INT, &v, 1);
    default: return lower_op(l, e, IR_WIDEN, LOWER_INT, v, IR_NONE, 0);
    }
}

static ir_val to_float(struct lower *l, struct ast *e, struct type *from,
                       ir_val v)
{
    if (from->kind == TYPE_FLOAT)
        return v;
    if (from->kind == TYPE_STR)
        return lower_native(l, e, "float_str", LOWER_FLOAT, &v, 1);
    v = to_int(l, e, from, v);
    return lower_op(l, e, IR_ITOF, LOWER_FLOAT, v, IR_NONE, 0);
}

static ir_val to_byte(struct lower *l, struct ast *e, struct type *from,
                      ir_val v)
{
    if (from->kind == TYPE_BYTE)
        return v;
    if (from->kind == TYPE_STR)
        return lower_native(l, e, "byte_str", LOWER_BYTE, &v, 1);
    v = to_int(l, e, from, v);
    return lower_op(l, e, IR_ITOB, LOWER_BYTE, v, IR_NONE, 0);
}

/* A number is true unless it is 0. */
static ir_val to_bool(struct lower *l, struct ast *e, struct type *from,
                      ir_val v)
{
    switch (from->kind) {
    case TYPE_BOOL: return v;
    case TYPE_STR: return lower_native(l, e, "bool_str", LOWER_BOOL, &v, 1);
    case TYPE_FLOAT:
        return lower_op(l, e, IR_FNE, LOWER_BOOL, v, lower_float(l, e, 0), 0);
    default:
        return lower_op(l, e, IR_NE, LOWER_BOOL, v,
                        lower_const(l, e, lower_type(l, from), 0), 0);
    }
}

static ir_val convert(struct lower *l, struct ast *e, const struct call *c)
{
    struct type *from = c->args[0]->type;
    ir_val v = lower_expr(l, c->args[0]);
    if (lower_dead(l))
        return IR_NONE;
    switch (e->type->kind) {
    case TYPE_INT: return to_int(l, e, from, v);
    case TYPE_FLOAT: return to_float(l, e, from, v);
    case TYPE_BYTE: return to_byte(l, e, from, v);
    case TYPE_BOOL: return to_bool(l, e, from, v);
    default: return lower_text(l, e, from, v);
    }
}

/* ---- built-ins that are more than one operation -------------------------- */

/* if c { x } else { y } of values already there. */
static ir_val either(struct lower *l, struct ast *e, ir_val c, ir_val x,
                     ir_val y)
{
    uint32_t result = lower_var_new(l, NULL, lower_type(l, e->type));
    struct lower_region r;
    lower_var_write(l, result, y);
    lower_region_open(l, &r);
    struct lower_label yes = lower_label_new(l), end = yes;
    lower_branch(l, c, &yes, &end, e);
    lower_bind(l, &yes);
    lower_var_write(l, result, x);
    lower_goto(l, &end, e);
    lower_bind_last(l, &end);
    return lower_var_read(l, result);
}

/* min(a, b) is b where b < a, else a, and max(a, b) is b where a < b, else a:
 * of two equal ones, and beside a NaN, the first. */
static ir_val least(struct lower *l, struct ast *e, const ir_val *v, bool max)
{
    ir_val c = max ? lower_less(l, e, e->type, v[0], v[1])
                   : lower_less(l, e, e->type, v[1], v[0]);
    return either(l, e, c, v[1], v[0]);
}

static ir_val absolute(struct lower *l, struct ast *e, ir_val v)
{
    if (e->type->kind == TYPE_BYTE)
        return v;
    if (e->type->kind == TYPE_FLOAT) {
        /* 0.0 - -0.0 is 0.0, so <= takes the sign from zero as well */
        ir_val zero = lower_float(l, e, 0);
        ir_val c = lower_op(l, e, IR_FLE, LOWER_BOOL, v, zero, 0);
        return either(l, e, c, lower_op(l, e, IR_FSUB, LOWER_FLOAT, zero, v, 0),
                      v);
    }
    ir_val zero = lower_int(l, e, 0);
    ir_val c = lower_op(l, e, IR_LT, LOWER_BOOL, v, zero, 0);
    return either(l, e, c, lower_op(l, e, IR_NEG, LOWER_INT, v, IR_NONE, 0), v);
}

enum { SHOWN_MAX = 60 }; /* bytes of a condition that a message quotes */

/* The message of assert(cond): its source text, on one line and kept short. */
static ir_val condition_text(struct lower *l, const struct ast *cond)
{
    char text[SHOWN_MAX + 32];
    size_t n = (size_t)snprintf(text, sizeof text, "assertion failed: ");
    size_t limit = n + SHOWN_MAX;
    bool gap = false;
    for (uint32_t i = cond->pos; i < cond->end; i++) {
        uint8_t c = (uint8_t)l->src->text[i];
        if (c <= ' ') {
            gap = true;
            continue;
        }
        /* stop before a code point that would not fit as a whole */
        if (n + 5 > limit && (c & 0xc0) != 0x80) {
            n += (size_t)snprintf(text + n, sizeof text - n, "...");
            break;
        }
        if (gap)
            text[n++] = ' ';
        gap = false;
        text[n++] = (char)c;
    }
    return lower_str(l, cond, text, (uint32_t)n);
}

/* assert(c, message): the message is evaluated only where c is false. */
static void assertion(struct lower *l, struct ast *e, const struct call *c)
{
    struct lower_region r;
    lower_region_open(l, &r);
    struct lower_label good = lower_label_new(l), bad = good;
    lower_cond(l, c->args[0], &good, &bad);
    lower_bind(l, &bad);
    ir_val message = c->nargs > 1 ? lower_expr(l, c->args[1])
                                  : condition_text(l, c->args[0]);
    lower_raise(l, e, message, "assert");
    lower_bind_last(l, &good);
}

static void leave_program(struct lower *l, struct ast *e, ir_val status)
{
    lower_native(l, e, "exit", LOWER_NONE, &status, 1);
    if (lower_dead(l))
        return;
    ir_halt(l->f, l->blk, lower_pos(l, e));
    l->blk = IR_NONE;
}

ir_val lower_type_name(struct lower *l, const struct ast *at, struct type *t,
                       ir_val v)
{
    const char *text = type_text(l->u, t);
    if (t->kind == TYPE_ANY)
        return lower_native(l, at, "type_name", LOWER_STR, &v, 1);
    return lower_str(l, at, text, (uint32_t)strlen(text));
}

/* ---- built-ins ----------------------------------------------------------- */

/* The native of a built-in that prints a line; NULL: it is another. */
static const char *printer(int builtin)
{
    switch (builtin) {
    case BUILTIN_PRINT: return "print";
    case BUILTIN_EPRINT: return "eprint";
    case BUILTIN_TRACE: return "trace";
    default: return NULL;
    }
}

static void print_line(struct lower *l, struct ast *e, const struct call *c,
                       const char *native)
{
    ir_val line = lower_line(l, e, c->args, c->nargs);
    lower_native(l, e, native, LOWER_NONE, &line, 1);
}

/* Those on lists; args[0] is the list. */
static ir_val call_list(struct lower *l, struct ast *e, const struct call *c,
                        ir_val *v)
{
    struct type *of = c->args[0]->type->args[0];
    ir_type item = lower_word_type(l, of);
    bool refs = item.kind == PVM_REF;
    uint32_t last = c->nargs - 1;
    switch (c->builtin) {
    case BUILTIN_PUSH:
        return lower_op(l, e, IR_PUSH, LOWER_NONE, v[0],
                        lower_boxed(l, e, of, v[last]), 0);
    case BUILTIN_POP:
        return lower_unboxed(l, e, of,
                             lower_op(l, e, IR_POP, item, v[0], IR_NONE, 0));
    case BUILTIN_INSERT:
        v[last] = lower_boxed(l, e, of, v[last]);
        return lower_native(l, e, refs ? "list_insert_ref" : "list_insert",
                            LOWER_NONE, v, 3);
    case BUILTIN_REMOVE:
        return lower_unboxed(
            l, e, of,
            lower_native(l, e, refs ? "list_remove_ref" : "list_remove", item,
                         v, 2));
    case BUILTIN_SWAP: return lower_native(l, e, "list_swap", LOWER_NONE, v, 3);
    default: return lower_native(l, e, "list_reverse", LOWER_NONE, v, 1);
    }
}

/* Whether copies differ from the value itself: what never changes is its own
 * copy. */
static bool is_copied(const struct type *t)
{
    return t->kind == TYPE_LIST || t->kind == TYPE_MAP ||
           t->kind == TYPE_STRUCT;
}

/* copy(v), clone(v); `none` is its own copy. */
static ir_val duplicate(struct lower *l, struct ast *e, struct type *t,
                        const char *native, ir_val v)
{
    struct type *of = t->kind == TYPE_OPTION ? t->args[0] : t;
    bool deep = native[1] == 'l'; /* what stands in it is copied, too */
    if (!type_is_ref(of) || of->kind == TYPE_STR || of->kind == TYPE_FN ||
        (!deep && !is_copied(of)))
        return v;
    ir_type type = lower_type(l, of);
    if (of == t)
        return lower_native(l, e, native, type, &v, 1);
    uint32_t result = lower_var_new(l, NULL, type);
    lower_var_write(l, result, v);
    struct lower_region r;
    lower_region_open(l, &r);
    struct lower_label some = lower_label_new(l), end = some;
    lower_branch(l, lower_has(l, e, t, v), &some, &end, e);
    lower_bind(l, &some);
    lower_var_write(l, result, lower_native(l, e, native, type, &v, 1));
    lower_goto(l, &end, e);
    lower_bind_last(l, &end);
    return lower_var_read(l, result);
}

static ir_val hash_of(struct lower *l, struct ast *e, struct type *t, ir_val v)
{
    if (type_is_pair(t)) { /* none has zeros for its parts */
        struct lower_pair p = lower_parts(l, v);
        ir_val has = lower_op(l, e, IR_WIDEN, LOWER_INT, p.has, IR_NONE, 0);
        return lower_op(l, e, IR_XOR, LOWER_INT, has,
                        hash_of(l, e, t->args[0], p.value), 0);
    }
    if (t->kind == TYPE_FLOAT)
        return lower_native(l, e, "hash_float", LOWER_INT, &v, 1);
    if (type_is_ref(t))
        return lower_native(l, e, "hash_ref", LOWER_INT, &v, 1);
    if (t->kind == TYPE_BOOL || t->kind == TYPE_BYTE)
        v = lower_op(l, e, IR_WIDEN, LOWER_INT, v, IR_NONE, 0);
    return lower_native(l, e, "hash_int", LOWER_INT, &v, 1);
}

/* ---- sort, enumerate ----------------------------------------------------- */

struct keyed { /* what a sort's loop over the items needs */
    ir_val list, keys, fn;
    struct type *item, *key;
};

static void push_key(struct lower *l, const struct lower_count *c, ir_val i)
{
    const struct keyed *k = c->data;
    ir_val parts[3] = {k->fn};
    uint32_t n =
        1 + lower_put_vals(l, lower_item_at(l, c->at, k->item, k->list, i),
                           parts + 1);
    ir_type of = lower_type(l, k->key);
    if (lower_dead(l))
        return;
    ir_val key = ir_emit_n(l->f, l->blk, IR_CALLC, &of, 1, parts, n, 0,
                           lower_pos(l, c->at));
    lower_op(l, c->at, IR_PUSH, LOWER_NONE, k->keys, key, 0);
}

/* sort(xs, by: f): f is called once for each item, in order. */
static void sort_by(struct lower *l, struct ast *e, struct type *list,
                    struct type *key, const ir_val *v)
{
    struct type *keys = type_list(l->u, key);
    ir_type t = lower_type(l, keys);
    struct keyed k = {
        .list = v[0], .fn = v[1], .item = list->args[0], .key = key};
    k.keys = lower_op(l, e, IR_NEWLIST, t, IR_NONE, IR_NONE, t.type);
    struct lower_count c = {.at = e,
                            .type = LOWER_INT,
                            .from = lower_int(l, e, 0),
                            .to = IR_NONE,
                            .list = v[0],
                            .body = e,
                            .each = push_key,
                            .data = &k};
    lower_count(l, &c);
    ir_val args[] = {v[0], k.keys};
    bool refs = type_is_ref(key);
    lower_native(l, e, refs ? "list_sort_by_ref" : "list_sort_by", LOWER_NONE,
                 args, 2);
}

static void sort(struct lower *l, struct ast *e, const struct call *c,
                 const ir_val *v)
{
    struct type *list = c->args[0]->type;
    bool refs = lower_item_type(l, list->args[0]).kind == PVM_REF;
    if (c->nargs > 1)
        sort_by(l, e, list, c->args[1]->type->args[1], v);
    else
        lower_native(l, e, refs ? "list_sort_ref" : "list_sort", LOWER_NONE, v,
                     1);
}

static void push_numbered(struct lower *l, const struct lower_count *c,
                          ir_val i)
{
    struct type *pair = c->data;
    ir_val parts[] = {i, lower_item_at(l, c->at, pair->args[1], c->list, i)};
    ir_val made = lower_object(l, c->at, pair, parts);
    lower_op(l, c->at, IR_PUSH, LOWER_NONE, c->result, made, 0);
}

/* enumerate(xs) as a value. */
static ir_val numbered(struct lower *l, struct ast *e, ir_val list)
{
    ir_type t = lower_type(l, e->type);
    ir_val to = lower_op(l, e, IR_NEWLIST, t, IR_NONE, IR_NONE, t.type);
    struct lower_count c = {
        .at = e,
        .type = LOWER_INT,
        .from = lower_int(l, e, 0),
        .to = lower_len(l, e, AS(call, e)->call->args[0]->type, list),
        .list = list,
        .body = e,
        .each = push_numbered,
        .data = e->type->args[0],
        .result = to};
    lower_count(l, &c);
    return to;
}

/* weak(x), w.get(), guardian(), g.watch(x), g.next(): the machine knows no
 * type of what they hold; what they give is of the one it was. */
static ir_val call_watching(struct lower *l, struct ast *e,
                            const struct call *c, ir_val *v)
{
    ir_type t = lower_type(l, e->type);
    switch (c->builtin) {
    case BUILTIN_WEAK: return lower_native(l, e, "weak", t, v, 1);
    case BUILTIN_GUARDIAN: return lower_native(l, e, "guardian", t, v, 0);
    case BUILTIN_WATCH:
        return lower_native(l, e, "guardian_watch", LOWER_NONE, v, 2);
    default: break;
    }
    bool get = c->builtin == BUILTIN_TARGET;
    ir_val o =
        lower_native(l, e, get ? "weak_get" : "guardian_next", LOWER_ANY, v, 1);
    return lower_op(l, e, IR_DOWN, t, o, IR_NONE, t.type);
}

static ir_val call_builtin(struct lower *l, struct ast *e, const struct call *c)
{
    const char *native = printer(c->builtin);
    if (native || c->builtin == BUILTIN_ASSERT) {
        if (native)
            print_line(l, e, c, native);
        else
            assertion(l, e, c);
        return IR_NONE;
    }
    ir_val *v = arguments(l, c, NULL);
    if (!v)
        return IR_NONE;
    ir_type t = lower_type(l, e->type);
    switch ((enum builtin)c->builtin) {
    case BUILTIN_LEN: return lower_len(l, e, c->args[0]->type, v[0]);
    case BUILTIN_TYPE_OF: return lower_type_name(l, e, c->args[0]->type, v[0]);
    case BUILTIN_COPY: return duplicate(l, e, e->type, "copy", v[0]);
    case BUILTIN_CLONE: return duplicate(l, e, e->type, "clone", v[0]);
    case BUILTIN_HASH: return hash_of(l, e, c->args[0]->type, v[0]);
    case BUILTIN_SORT: sort(l, e, c, v); return IR_NONE;
    case BUILTIN_ENUMERATE: return numbered(l, e, v[0]);
    case BUILTIN_GET:
    case BUILTIN_TAKE:
        return lower_map_find(
            l, e, c->args[0]->type,
            c->builtin == BUILTIN_GET ? "map_find" : "map_remove", v[0], v[1]);
    case BUILTIN_CONTAINS:
        return lower_contains(l, e, c->args[0]->type, v[0], v[1]);
    case BUILTIN_MIN:
    case BUILTIN_MAX: return least(l, e, v, c->builtin == BUILTIN_MAX);
    case BUILTIN_ABS: return absolute(l, e, v[0]);
    case BUILTIN_CHR: return lower_native(l, e, "chr", t, v, 1);
    case BUILTIN_EXIT: leave_program(l, e, v[0]); return IR_NONE;
    case BUILTIN_KEYS:
    case BUILTIN_VALUES:
        return lower_map_list(l, e, e->type, v[0],
                              c->builtin == BUILTIN_VALUES);
    case BUILTIN_WEAK:
    case BUILTIN_TARGET:
    case BUILTIN_GUARDIAN:
    case BUILTIN_WATCH:
    case BUILTIN_NEXT: return call_watching(l, e, c, v);
    case BUILTIN_CHARS: return lower_native(l, e, "str_chars", t, v, 1);
    default: return call_list(l, e, c, v);
    }
}

/* What is called leaves before it is: `(fail "x").f()`. */
static ir_val callee_that_leaves(struct lower *l, struct ast *callee)
{
    bool member = callee->kind == AST_MEMBER;
    lower_expr(l, member ? AS(member, callee)->base : callee);
    return IR_NONE;
}

ir_val lower_call(struct lower *l, struct ast *e)
{
    const struct call *c = AS(call, e)->call;
    switch (c->kind) {
    case CALL_FN: return call_fn(l, e, c, false);
    case CALL_STRUCT: return call_struct(l, e, c);
    case CALL_VARIANT: return call_variant(l, e, c);
    case CALL_VALUE: return lower_call_value(l, e);
    case CALL_CONVERT: return convert(l, e, c);
    case CALL_NATIVE: return call_native(l, e, c, c->builtin);
    case CALL_ERROR: return callee_that_leaves(l, AS(call, e)->callee);
    default: return call_builtin(l, e, c);
    }
}

void lower_uncall(struct lower *l, struct ast *s)
{
    struct ast *e = AS(uncall, s)->call;
    call_fn(l, e, AS(call, e)->call, true);
}
