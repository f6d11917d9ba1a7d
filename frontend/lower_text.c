/* lower_text.c - values as text: interpolation, print, chains of +.
 *
 * Pieces are collected in order; constant ones that touch become one string.
 * Eight pieces are joined by one instruction, eight such joins by another one,
 * and so on: n pieces are copied about log8(n) times each, and at most eight a
 * level are alive at a time. */
#include "frontend/lower.h"

#include <string.h>

enum { JOIN_MAX = 8, LEVELS = 11 /* 8^11 pieces: more than fit a source */ };
static const char *const join_natives[JOIN_MAX + 1] = {
    [3] = "cat3", [4] = "cat4", [5] = "cat5",
    [6] = "cat6", [7] = "cat7", [8] = "cat8",
};

struct level {
    ir_val vals[JOIN_MAX];
    uint32_t n;
};

struct pieces {
    struct lower *l;
    const struct ast *at;
    struct level levels[LEVELS]; /* of joins of joins; the last pieces in 0 */
    struct bytes text;           /* constant text not yet among the values */
};

static void pieces_open(struct pieces *p, struct lower *l, const struct ast *at)
{
    *p = (struct pieces){.l = l, .at = at, .text = bytes_in(l->u->mem)};
}

/* One value of all those of a level, which is then empty. */
static ir_val join_level(struct pieces *p, struct level *v)
{
    uint32_t n = v->n;
    v->n = 0;
    if (n == 1)
        return v->vals[0];
    if (n == 2)
        return lower_op(p->l, p->at, IR_CAT, LOWER_STR, v->vals[0], v->vals[1],
                        0);
    return lower_native(p->l, p->at, join_natives[n], LOWER_STR, v->vals, n);
}

static void to_one(struct pieces *p, struct level *v)
{
    v->vals[0] = join_level(p, v);
    v->n = 1;
}

static void add_val(struct pieces *p, ir_val v)
{
    for (struct level *to = p->levels;; to++) {
        bool full = to->n == JOIN_MAX;
        ir_val joined = full ? join_level(p, to) : IR_NONE;
        to->vals[to->n++] = v;
        if (!full)
            return;
        v = joined;
    }
}

static void flush_text(struct pieces *p)
{
    uint32_t len = (uint32_t)p->text.n;
    p->text.n = 0;
    add_val(p, lower_str(p->l, p->at, (const char *)p->text.at, len));
}

static void pieces_val(struct pieces *p, ir_val v)
{
    if (p->text.n)
        flush_text(p);
    add_val(p, v);
}

static ir_val pieces_end(struct pieces *p)
{
    if (p->text.n || !p->levels[0].n)
        flush_text(p); /* level 0 is empty only where nothing came */
    bytes_free(&p->text);
    struct level rest = p->levels[0];
    for (struct level *up = p->levels + 1; up < p->levels + LEVELS; up++) {
        if (!up->n)
            continue;
        if (up->n + rest.n > JOIN_MAX)
            to_one(p, &rest);
        if (up->n == JOIN_MAX)
            to_one(p, up);
        for (uint32_t i = 0; i < rest.n; i++)
            up->vals[up->n++] = rest.vals[i];
        rest = *up;
    }
    return join_level(p, &rest);
}

/* ---- one value ----------------------------------------------------------- */

/* An option as what it holds. */
static ir_val option_text(struct lower *l, const struct ast *at, struct type *t,
                          ir_val v)
{
    uint32_t result = lower_var_new(l, NULL, LOWER_STR);
    lower_var_write(l, result, lower_str(l, at, "none", 4));
    struct lower_region r;
    lower_region_open(l, &r);
    struct lower_label some = lower_label_new(l), end = some;
    lower_branch(l, lower_has(l, at, t, v), &some, &end, at);
    lower_bind(l, &some);
    lower_var_write(l, result,
                    lower_text(l, at, t->args[0], lower_held(l, t, v)));
    lower_goto(l, &end, at);
    lower_bind_last(l, &end);
    return lower_var_read(l, result);
}

ir_val lower_text(struct lower *l, const struct ast *at, struct type *t,
                  ir_val v)
{
    switch (t->kind) {
    case TYPE_OPTION: return option_text(l, at, t, v);
    case TYPE_STR: return v;
    case TYPE_BYTE:
        v = lower_op(l, at, IR_WIDEN, LOWER_INT, v, IR_NONE, 0);
        return lower_native(l, at, "str_int", LOWER_STR, &v, 1);
    case TYPE_INT: return lower_native(l, at, "str_int", LOWER_STR, &v, 1);
    case TYPE_FLOAT: return lower_native(l, at, "str_float", LOWER_STR, &v, 1);
    case TYPE_BOOL: return lower_native(l, at, "str_bool", LOWER_STR, &v, 1);
    case TYPE_ENUM:
        if (t->is_scalar)
            return lower_op(l, at, IR_NAME, LOWER_STR, v, IR_NONE,
                            lower_names_type(l, t));
        break;
    default: break;
    }
    return lower_native(l, at, "str_ref", LOWER_STR, &v, 1);
}

static ir_val formatted(struct lower *l, const struct ast *at, struct type *t,
                        ir_val v, const struct name *format);

/* An option is laid out as what it holds; `none` takes its width and side. */
static ir_val formatted_option(struct lower *l, const struct ast *at,
                               struct type *t, ir_val v,
                               const struct name *format)
{
    struct type *of = t->args[0];
    const char *s = format->text;
    char spec[8]; /* a width has four digits at most */
    uint32_t n = 0;
    bool right =
        of->kind == TYPE_INT || of->kind == TYPE_BYTE || of->kind == TYPE_FLOAT;
    spec[n++] = strchr("<>^", *s) && *s ? *s++ : right ? '>' : '<';
    s += strspn(s, "0");
    for (; *s >= '0' && *s <= '9' && n < sizeof spec - 1; s++)
        spec[n++] = *s;
    uint32_t result = lower_var_new(l, NULL, LOWER_STR);
    struct lower_region r;
    lower_region_open(l, &r);
    struct lower_label some = lower_label_new(l), none = some, end = some;
    lower_branch(l, lower_has(l, at, t, v), &some, &none, at);
    lower_bind(l, &some);
    lower_var_write(l, result,
                    formatted(l, at, of, lower_held(l, t, v), format));
    lower_goto(l, &end, at);
    lower_bind(l, &none);
    ir_val args[] = {lower_str(l, at, "none", 4), lower_str(l, at, spec, n)};
    lower_var_write(l, result,
                    n > 1 ? lower_native(l, at, "fmt_str", LOWER_STR, args, 2)
                          : args[0]);
    lower_goto(l, &end, at);
    lower_bind_last(l, &end);
    return lower_var_read(l, result);
}

/* The value laid out as a format specifier says. */
static ir_val formatted(struct lower *l, const struct ast *at, struct type *t,
                        ir_val v, const struct name *format)
{
    const char *name = "fmt_str";
    if (t->kind == TYPE_OPTION)
        return lower_dead(l) ? IR_NONE : formatted_option(l, at, t, v, format);
    if (t->kind == TYPE_BYTE)
        v = lower_op(l, at, IR_WIDEN, LOWER_INT, v, IR_NONE, 0);
    if (t->kind == TYPE_INT || t->kind == TYPE_BYTE)
        name = "fmt_int";
    else if (t->kind == TYPE_FLOAT)
        name = "fmt_float";
    else
        v = lower_text(l, at, t, v);
    ir_val args[] = {v, lower_str(l, at, format->text, format->len)};
    return lower_native(l, at, name, LOWER_STR, args, 2);
}

/* ---- chains -------------------------------------------------------------- */

static void add_const(struct pieces *p, const struct ast *e)
{
    const struct ast_bytes *b = &AS(str, e)->value;
    if (b->len)
        bytes_add(&p->text, b->at, b->len);
}

static void add_interp(struct pieces *p, const struct ast *e)
{
    const struct ast_nodes *parts = &AS(interp, e)->parts;
    for (uint32_t i = 0; i < parts->n; i++) {
        struct ast *part = parts->at[i], *value = part;
        const struct name *format = NULL;
        if (part->kind == AST_PIECE) {
            value = AS(piece, part)->value;
            format = AS(piece, part)->format;
        }
        if (value->kind == AST_STR && !format) {
            add_const(p, value);
            continue;
        }
        ir_val v = lower_expr(p->l, value);
        pieces_val(p, format ? formatted(p->l, value, value->type, v, format)
                             : lower_text(p->l, value, value->type, v));
    }
}

static void add_str(struct pieces *p, struct ast *e)
{
    if (e->kind == AST_STR)
        add_const(p, e);
    else if (e->kind == AST_INTERP)
        add_interp(p, e);
    else
        pieces_val(p, lower_expr(p->l, e));
}

ir_val lower_interp(struct lower *l, struct ast *e)
{
    struct pieces p;
    pieces_open(&p, l, e);
    add_interp(&p, e);
    return pieces_end(&p);
}

static bool is_join(const struct ast *e)
{
    return e->kind == AST_BINARY && AS(binary, e)->op == OP_ADD;
}

ir_val lower_joined(struct lower *l, struct ast *e)
{
    /* + groups to the left: its first operand lies deepest. */
    VEC(struct ast *) right = {0};
    struct ast *first = e;
    for (; is_join(first); first = AS(binary, first)->left)
        vec_push_in(l->arena, &right, AS(binary, first)->right);
    struct pieces p;
    pieces_open(&p, l, e);
    add_str(&p, first);
    while (right.n)
        add_str(&p, right.at[--right.n]);
    return pieces_end(&p);
}

ir_val lower_line(struct lower *l, const struct ast *at, struct ast **args,
                  uint32_t n)
{
    ir_val *vals = ARENA_ARRAY(l->arena, ir_val, n + 1);
    for (uint32_t i = 0; i < n; i++)
        if (args[i]->kind != AST_STR)
            vals[i] = lower_expr(l, args[i]);
    struct pieces p;
    pieces_open(&p, l, at);
    for (uint32_t i = 0; i < n; i++) {
        if (i)
            bytes_byte(&p.text, ' ');
        if (args[i]->kind == AST_STR)
            add_const(&p, args[i]);
        else
            pieces_val(&p, lower_text(l, args[i], args[i]->type, vals[i]));
    }
    return pieces_end(&p);
}
