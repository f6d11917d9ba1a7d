/* lower_option.c - options.
 *
 * An option of a reference is the reference, or null.  One of a scalar is two
 * values: whether there is one, and the value, which is zero where there is
 * none, so that two options are equal exactly when their parts are.  A pair is
 * named by its index in l->pairs with LOWER_PAIR_VAL set; no instruction ever
 * gets such a number.
 *
 * Items of lists and values of maps are one word: there an option of a scalar
 * is a box, an object of one field that is never written again, or null. */
#include "frontend/lower.h"

#include <string.h>

/* ---- pairs --------------------------------------------------------------- */

ir_val lower_pair(struct lower *l, ir_val has, ir_val value)
{
    if (has == IR_NONE)
        return IR_NONE;
    vec_push_in(l->arena, &l->pairs, ((struct lower_pair){has, value}));
    return (l->pairs.n - 1) | LOWER_PAIR_VAL;
}

uint32_t lower_put_types(ir_type t, ir_type *to)
{
    if (!lower_is_pair_type(t)) {
        *to = t;
        return 1;
    }
    to[0] = LOWER_BOOL;
    to[1] = lower_held_type(t);
    return 2;
}

uint32_t lower_put_vals(const struct lower *l, ir_val v, ir_val *to)
{
    if (!lower_is_pair(v)) {
        *to = v;
        return 1;
    }
    struct lower_pair p = lower_parts(l, v);
    to[0] = p.has;
    to[1] = p.value;
    return 2;
}

ir_val lower_take(struct lower *l, ir_type t, ir_val v)
{
    return lower_is_pair_type(t) ? lower_pair(l, v, v + 1) : v;
}

/* ---- options ------------------------------------------------------------- */

ir_val lower_none(struct lower *l, const struct ast *at, struct type *t)
{
    if (lower_dead(l))
        return IR_NONE;
    ir_type of = lower_type(l, t);
    if (!lower_is_pair_type(of))
        return lower_op(l, at, IR_NIL, of, IR_NONE, IR_NONE, of.type);
    ir_val has = lower_const(l, at, LOWER_BOOL, 0);
    return lower_pair(l, has, lower_const(l, at, lower_held_type(of), 0));
}

ir_val lower_some(struct lower *l, const struct ast *at, struct type *t,
                  ir_val v)
{
    if (lower_dead(l) || !type_is_pair(t))
        return v;
    return lower_pair(l, lower_const(l, at, LOWER_BOOL, 1), v);
}

ir_val lower_has(struct lower *l, const struct ast *at, struct type *t,
                 ir_val v)
{
    if (lower_dead(l))
        return IR_NONE;
    if (type_is_pair(t))
        return lower_parts(l, v).has;
    ir_val none = lower_op(l, at, IR_ISNIL, LOWER_BOOL, v, IR_NONE, 0);
    return lower_op(l, at, IR_NOT, LOWER_BOOL, none, IR_NONE, 0);
}

ir_val lower_held(struct lower *l, struct type *t, ir_val v)
{
    return !lower_dead(l) && type_is_pair(t) ? lower_parts(l, v).value : v;
}

/* x! */
ir_val lower_unwrap(struct lower *l, struct ast *e)
{
    static const char message[] = "there is no value";
    struct ast *of = AS(unwrap, e)->of;
    ir_val v = lower_expr(l, of);
    if (lower_dead(l))
        return IR_NONE;
    struct lower_region r;
    lower_region_open(l, &r);
    struct lower_label some = lower_label_new(l), none = some;
    lower_branch(l, lower_has(l, e, of->type, v), &some, &none, e);
    lower_bind(l, &none);
    lower_raise(l, e, lower_str(l, e, message, sizeof message - 1), "none");
    lower_bind_last(l, &some);
    return lower_held(l, of->type, v);
}

/* x ?? y */
ir_val lower_else_none(struct lower *l, struct ast *e)
{
    const struct ast_binary *b = AS(binary, e);
    struct type *t = b->left->type;
    ir_val v = lower_expr(l, b->left);
    if (lower_dead(l))
        return IR_NONE;
    uint32_t result = lower_var_new(l, NULL, lower_type(l, e->type));
    struct lower_region r;
    lower_region_open(l, &r);
    struct lower_label some = lower_label_new(l), none = some, end = some;
    lower_branch(l, lower_has(l, e, t, v), &some, &none, e);
    lower_bind(l, &some);
    lower_var_write(l, result, e->type == t ? v : lower_held(l, t, v));
    lower_goto(l, &end, e);
    lower_bind(l, &none);
    lower_var_write(l, result, lower_expr(l, b->right));
    lower_goto(l, &end, e);
    lower_bind_last(l, &end);
    return lower_var_read(l, result);
}

ir_val lower_options_equal(struct lower *l, const struct ast *at,
                           struct type *t, ir_val x, ir_val y)
{
    if (!type_is_pair(t)) { /* the native knows what null is */
        ir_val args[] = {x, y};
        return lower_native(l, at, "equal", LOWER_BOOL, args, 2);
    }
    struct lower_pair p = lower_parts(l, x), q = lower_parts(l, y);
    ir_val has = lower_op(l, at, IR_EQ, LOWER_BOOL, p.has, q.has, 0);
    ir_val same = lower_equal(l, at, t->args[0], p.value, q.value);
    return lower_op(l, at, IR_AND, LOWER_BOOL, has, same, 0);
}

/* ---- boxes --------------------------------------------------------------- */

/* A struct without a name and of one field without a name: it prints as what
 * it holds. */
static ir_type box_type(struct lower *l, struct type *t)
{
    if (!t->ir_type) {
        struct ir_field *f = ARENA_NEW(l->mod->arena, struct ir_field);
        *f = (struct ir_field){
            .name = "", .of = lower_item_type(l, t->args[0]), .fixed = true};
        struct ir_typedesc d = {.kind = PVM_TYPE_STRUCT,
                                .name = "",
                                .nscalars = 1,
                                .nfields = 1,
                                .fields = f};
        t->ir_type = ir_add_type(l->mod, &d) + 1;
    }
    return ir_ref(t->ir_type - 1);
}

ir_type lower_item_type(struct lower *l, struct type *t)
{
    if (t->kind == TYPE_ENUM && t->is_scalar)
        return (ir_type){.kind = PVM_INT, .type = lower_names_type(l, t)};
    return lower_word_type(l, t);
}

ir_type lower_word_type(struct lower *l, struct type *t)
{
    return type_is_pair(t) ? box_type(l, t) : lower_type(l, t);
}

ir_val lower_boxed(struct lower *l, const struct ast *at, struct type *t,
                   ir_val v)
{
    if (lower_dead(l) || !type_is_pair(t))
        return v;
    struct lower_pair p = lower_parts(l, v);
    ir_type of = box_type(l, t);
    uint32_t result = lower_var_new(l, NULL, of);
    lower_var_write(l, result,
                    lower_op(l, at, IR_NIL, of, IR_NONE, IR_NONE, of.type));
    struct lower_region r;
    lower_region_open(l, &r);
    struct lower_label some = lower_label_new(l), end = some;
    lower_branch(l, p.has, &some, &end, at);
    lower_bind(l, &some);
    ir_val box = lower_op(l, at, IR_NEW, of, IR_NONE, IR_NONE, of.type);
    lower_op(l, at, IR_STF, LOWER_NONE, box, p.value, 0);
    lower_var_write(l, result, box);
    lower_goto(l, &end, at);
    lower_bind_last(l, &end);
    return lower_var_read(l, result);
}

/* The null reference reads as zero. */
ir_val lower_unboxed(struct lower *l, const struct ast *at, struct type *t,
                     ir_val v)
{
    if (lower_dead(l) || !type_is_pair(t))
        return v;
    ir_val has = lower_has(l, at, t->args[0], v);
    ir_type of = lower_type(l, t->args[0]);
    return lower_pair(l, has, lower_op(l, at, IR_LDF, of, v, IR_NONE, 0));
}

/* ---- any ----------------------------------------------------------------- */

ir_val lower_to_any(struct lower *l, const struct ast *at, struct type *t,
                    ir_val v)
{
    if (lower_dead(l) || t->kind == TYPE_ANY)
        return v;
    if (!type_is_ref(t)) {
        ir_type of = box_type(l, type_option(l->u, t));
        ir_val box = lower_op(l, at, IR_NEW, of, IR_NONE, IR_NONE, of.type);
        lower_op(l, at, IR_STF, LOWER_NONE, box, v, 0);
        v = box;
    }
    return lower_op(l, at, IR_UP, LOWER_ANY, v, IR_NONE, PVM_T_ANY);
}

ir_val lower_from_any(struct lower *l, const struct ast *at, struct type *t,
                      ir_val v, struct lower_label *no)
{
    if (lower_dead(l))
        return IR_NONE;
    ir_type of =
        type_is_ref(t) ? lower_type(l, t) : box_type(l, type_option(l->u, t));
    v = lower_op(l, at, IR_DOWN, of, v, IR_NONE, of.type);
    struct lower_label yes = lower_label_new(l);
    lower_branch(l, lower_op(l, at, IR_ISNIL, LOWER_BOOL, v, IR_NONE, 0), no,
                 &yes, at);
    lower_bind(l, &yes);
    return type_is_ref(t)
               ? v
               : lower_op(l, at, IR_LDF, lower_type(l, t), v, IR_NONE, 0);
}
