/* lower_expr.c - expressions, but for calls, text and what divides control. */
#include "frontend/lower.h"

/* ---- literals and names -------------------------------------------------- */

/* A number as a constant of the type the checker gave its node. */
static ir_val number(struct lower *l, const struct ast *e, uint64_t value,
                     bool negative)
{
    if (e->type->kind == TYPE_FLOAT)
        return lower_float(l, e, negative ? -(double)value : (double)value);
    return lower_const(l, e, lower_type(l, e->type),
                       (int64_t)(negative ? 0 - value : value));
}

static ir_val name_value(struct lower *l, struct ast *e)
{
    const struct sym *sym = sema_var(e);
    if (sym->kind == SYM_VARIANT)
        return lower_variant(l, e, e->type, sym->number, NULL);
    if (sym->kind == SYM_GLOBAL)
        return lower_load_word(l, e, lower_type(l, e->type), IR_NONE,
                               sym->index);
    if (sym->kind == SYM_FN)
        return lower_fn_value(l, e, (struct sym *)(uintptr_t)sym);
    return lower_sym_read(l, e, sym);
}

bool lower_is_fixed(const struct ast *e)
{
    if (e->kind == AST_UNARY && AS(unary, e)->op == OP_NEG)
        e = AS(unary, e)->of;
    if (e->kind == AST_NAME)
        return AS(name, e)->sym->kind <= SYM_PARAM && !type_is_ref(e->type);
    return e->kind == AST_INT || e->kind == AST_FLOAT || e->kind == AST_BOOL;
}

ir_val lower_widened(struct lower *l, struct ast *e)
{
    ir_val v = lower_expr(l, e);
    if (e->type->kind == TYPE_BYTE)
        v = lower_op(l, e, IR_WIDEN, LOWER_INT, v, IR_NONE, 0);
    return v;
}

/* ---- arithmetic ---------------------------------------------------------- */

/* The ops of an operator on int and byte (bool for & | ^), and on float. */
static const struct {
    uint8_t whole, real; /* enum ir_op; IR_NOPS: none */
} arith_ops[OP_COUNT] = {
    [OP_ADD] = {IR_ADD, IR_FADD},   [OP_SUB] = {IR_SUB, IR_FSUB},
    [OP_MUL] = {IR_MUL, IR_FMUL},   [OP_DIV] = {IR_DIV, IR_FDIV},
    [OP_MOD] = {IR_MOD, IR_FMOD},   [OP_BAR] = {IR_OR, IR_NOPS},
    [OP_CARET] = {IR_XOR, IR_NOPS}, [OP_AMP] = {IR_AND, IR_NOPS},
    [OP_SHL] = {IR_SHL, IR_NOPS},   [OP_SHR] = {IR_SHR, IR_NOPS},
    [OP_ROTL] = {IR_ROTL, IR_NOPS}, [OP_ROTR] = {IR_ROTR, IR_NOPS},
};

ir_val lower_arith(struct lower *l, const struct ast *at, int op,
                   struct type *t, ir_val x, ir_val y)
{
    if (t->kind == TYPE_STR)
        return lower_op(l, at, IR_CAT, LOWER_STR, x, y, 0);
    enum ir_op o =
        t->kind == TYPE_FLOAT ? arith_ops[op].real : arith_ops[op].whole;
    return lower_op(l, at, o, lower_type(l, t), x, y, 0);
}

static bool is_shift(int op)
{
    return op == OP_SHL || op == OP_SHR || op == OP_ROTL || op == OP_ROTR;
}

ir_val lower_operand(struct lower *l, int op, struct ast *right)
{
    return is_shift(op) ? lower_widened(l, right) : lower_expr(l, right);
}

static ir_val unary(struct lower *l, struct ast *e)
{
    const struct ast_unary *u = AS(unary, e);
    if (u->op == OP_NEG && u->of->kind == AST_INT)
        return number(l, e, AS(int, u->of)->value, true);
    ir_val x = lower_expr(l, u->of);
    enum ir_op op = u->op == OP_NOT               ? IR_NOT
                    : u->op == OP_INV             ? IR_INV
                    : e->type->kind == TYPE_FLOAT ? IR_FNEG
                                                  : IR_NEG;
    return lower_op(l, e, op, lower_type(l, e->type), x, IR_NONE, 0);
}

/* ---- comparisons --------------------------------------------------------- */

static ir_val negated(struct lower *l, const struct ast *e, bool negate,
                      ir_val v)
{
    return negate ? lower_op(l, e, IR_NOT, LOWER_BOOL, v, IR_NONE, 0) : v;
}

/* == and != of two values of type t. */
static ir_val equal(struct lower *l, const struct ast *e, struct type *t,
                    ir_val x, ir_val y, bool negate)
{
    switch (t->kind == TYPE_ENUM && t->is_scalar ? TYPE_INT : t->kind) {
    case TYPE_INT:
    case TYPE_BYTE:
    case TYPE_BOOL:
        return lower_op(l, e, negate ? IR_NE : IR_EQ, LOWER_BOOL, x, y, 0);
    case TYPE_FLOAT:
        return lower_op(l, e, negate ? IR_FNE : IR_FEQ, LOWER_BOOL, x, y, 0);
    case TYPE_STR:
        return negated(l, e, negate,
                       lower_op(l, e, IR_SEQ, LOWER_BOOL, x, y, 0));
    case TYPE_OPTION:
        return negated(l, e, negate, lower_options_equal(l, e, t, x, y));
    default: {
        ir_val args[] = {x, y};
        return negated(l, e, negate,
                       lower_native(l, e, "equal", LOWER_BOOL, args, 2));
    }
    }
}

ir_val lower_equal(struct lower *l, const struct ast *at, struct type *t,
                   ir_val x, ir_val y)
{
    return equal(l, at, t, x, y, false);
}

static ir_val below(struct lower *l, const struct ast *e, struct type *t,
                    ir_val x, ir_val y, bool or_equal);

/* Tuples go by their first items that differ. */
static ir_val tuple_below(struct lower *l, const struct ast *e, struct type *t,
                          ir_val x, ir_val y, bool or_equal)
{
    ir_val found = IR_NONE;
    for (uint32_t i = t->nargs; i-- > 0;) {
        ir_val p = lower_item(l, e, t, x, i), q = lower_item(l, e, t, y, i);
        bool last = i + 1 == t->nargs;
        ir_val less = below(l, e, t->args[i], p, q, last && or_equal);
        if (!last) {
            ir_val same = equal(l, e, t->args[i], p, q, false);
            found = lower_op(l, e, IR_AND, LOWER_BOOL, same, found, 0);
            less = lower_op(l, e, IR_OR, LOWER_BOOL, less, found, 0);
        }
        found = less;
    }
    return found;
}

/* x < y, or x <= y, of two values of type t. */
static ir_val below(struct lower *l, const struct ast *e, struct type *t,
                    ir_val x, ir_val y, bool or_equal)
{
    if (t->kind == TYPE_TUPLE)
        return tuple_below(l, e, t, x, y, or_equal);
    if (t->kind == TYPE_FLOAT)
        return lower_op(l, e, or_equal ? IR_FLE : IR_FLT, LOWER_BOOL, x, y, 0);
    if (t->kind == TYPE_STR) {
        x = lower_op(l, e, IR_SCMP, LOWER_INT, x, y, 0);
        y = lower_int(l, e, 0);
    }
    return lower_op(l, e, or_equal ? IR_LE : IR_LT, LOWER_BOOL, x, y, 0);
}

ir_val lower_less(struct lower *l, const struct ast *at, struct type *t,
                  ir_val x, ir_val y)
{
    return below(l, at, t, x, y, false);
}

static bool is_none(const struct ast *e)
{
    return e->kind == AST_NONE;
}

/* A comparison with `none`. */
static ir_val absence(struct lower *l, struct ast *e)
{
    const struct ast_binary *b = AS(binary, e);
    struct ast *of = is_none(b->left) ? b->right : b->left;
    ir_val v = lower_expr(l, of);
    bool absent = b->op == OP_EQ || b->op == OP_IS;
    return lower_dead(l)
               ? IR_NONE
               : negated(l, e, absent, lower_has(l, e, lower_given(of), v));
}

static ir_val comparison(struct lower *l, struct ast *e)
{
    const struct ast_binary *b = AS(binary, e);
    struct type *t = lower_given(b->left);
    if (is_none(b->left) || is_none(b->right))
        return absence(l, e);
    ir_val x = lower_expr(l, b->left), y = lower_expr(l, b->right);
    if (lower_dead(l))
        return IR_NONE;
    switch (b->op) {
    case OP_EQ:
    case OP_NE: return equal(l, e, t, x, y, b->op == OP_NE);
    case OP_LT:
    case OP_LE: return below(l, e, t, x, y, b->op == OP_LE);
    default: /* > and >= with the values exchanged */
        return below(l, e, t, y, x, b->op == OP_GE);
    }
}

static ir_val identity(struct lower *l, struct ast *e)
{
    const struct ast_binary *b = AS(binary, e);
    if (is_none(b->left) || is_none(b->right))
        return absence(l, e);
    ir_val x = lower_expr(l, b->left), y = lower_expr(l, b->right);
    return negated(l, e, b->op == OP_IS_NOT,
                   lower_op(l, e, IR_SAME, LOWER_BOOL, x, y, 0));
}

ir_val lower_contains(struct lower *l, const struct ast *at, struct type *in,
                      ir_val whole, ir_val part)
{
    if (in->kind == TYPE_MAP)
        return lower_map_has(l, at, in, whole, part);
    bool words = in->kind == TYPE_LIST &&
                 lower_item_type(l, in->args[0]).kind != PVM_REF;
    if (in->kind == TYPE_LIST)
        part = lower_boxed(l, at, in->args[0], part);
    ir_val args[] = {whole, part};
    const char *name = in->kind == TYPE_STR ? "str_has"
                       : words              ? "list_contains"
                                            : "list_contains_ref";
    return lower_native(l, at, name, LOWER_BOOL, args, 2);
}

static ir_val membership(struct lower *l, struct ast *e)
{
    const struct ast_binary *b = AS(binary, e);
    ir_val x = lower_expr(l, b->left), found;
    if (b->right->kind == AST_RANGE) {
        const struct ast_range *r = AS(range, b->right);
        ir_val from = lower_expr(l, r->from), to = lower_expr(l, r->to);
        ir_val low = lower_op(l, e, IR_LE, LOWER_BOOL, from, x, 0);
        ir_val high = lower_op(l, e, IR_LT, LOWER_BOOL, x, to, 0);
        found = lower_op(l, e, IR_AND, LOWER_BOOL, low, high, 0);
    } else {
        ir_val whole = lower_expr(l, b->right);
        if (lower_dead(l))
            return IR_NONE;
        found = lower_contains(l, e, b->right->type, whole, x);
    }
    return negated(l, e, b->op == OP_NOT_IN, found);
}

/* ---- and, or ------------------------------------------------------------- */

static ir_val logic(struct lower *l, struct ast *e)
{
    const struct ast_binary *b = AS(binary, e);
    bool is_or = b->op == OP_OR;
    uint32_t result = lower_var_new(l, NULL, LOWER_BOOL);
    struct lower_region r;
    lower_region_open(l, &r);
    struct lower_label right = lower_label_new(l), decided = right, end = right;
    lower_cond(l, b->left, is_or ? &decided : &right,
               is_or ? &right : &decided);
    lower_bind(l, &right);
    lower_var_write(l, result, lower_expr(l, b->right));
    lower_goto(l, &end, e);
    lower_bind(l, &decided);
    lower_var_write(l, result, lower_const(l, e, LOWER_BOOL, is_or));
    lower_goto(l, &end, e);
    lower_bind_last(l, &end);
    return lower_var_read(l, result);
}

static ir_val binary(struct lower *l, struct ast *e)
{
    const struct ast_binary *b = AS(binary, e);
    switch (b->op) {
    case OP_AND:
    case OP_OR: return logic(l, e);
    case OP_EQ:
    case OP_NE:
    case OP_LT:
    case OP_LE:
    case OP_GT:
    case OP_GE: return comparison(l, e);
    case OP_IN:
    case OP_NOT_IN: return membership(l, e);
    case OP_IS:
    case OP_IS_NOT: return identity(l, e);
    case OP_ELSE_NONE: return lower_else_none(l, e);
    default: break;
    }
    if (e->type->kind == TYPE_STR)
        return lower_joined(l, e);
    ir_val x = lower_expr(l, b->left);
    ir_val y = lower_operand(l, b->op, b->right);
    return lower_arith(l, e, b->op, e->type, x, y);
}

/* ---- lists and strings --------------------------------------------------- */

enum { RESERVE_FROM = 9 }; /* literals this long reserve their room at once */

static void reserve(struct lower *l, const struct ast *at, ir_val list,
                    ir_val n)
{
    ir_val args[] = {list, n};
    lower_native(l, at, "list_reserve", LOWER_NONE, args, 2);
}

static ir_val new_list(struct lower *l, struct ast *e)
{
    ir_type t = lower_type(l, e->type);
    return lower_op(l, e, IR_NEWLIST, t, IR_NONE, IR_NONE, t.type);
}

static ir_val list(struct lower *l, struct ast *e)
{
    const struct ast_nodes *items = &AS(list, e)->items;
    if (!lower_has_value(e->type)) { /* the first item leaves */
        for (uint32_t i = 0; i < items->n; i++)
            lower_expr(l, items->at[i]);
        return IR_NONE;
    }
    ir_val xs = new_list(l, e);
    if (items->n >= RESERVE_FROM)
        reserve(l, e, xs, lower_int(l, e, items->n));
    for (uint32_t i = 0; i < items->n; i++) {
        ir_val x = lower_boxed(l, items->at[i], e->type->args[0],
                               lower_expr(l, items->at[i]));
        lower_op(l, items->at[i], IR_PUSH, LOWER_NONE, xs, x, 0);
    }
    return xs;
}

static void push_item(struct lower *l, const struct lower_count *c, ir_val i)
{
    (void)i;
    ir_val x =
        lower_boxed(l, c->body, lower_given(c->body), lower_expr(l, c->body));
    lower_op(l, c->body, IR_PUSH, LOWER_NONE, c->result, x, 0);
}

static void refuse_negative(struct lower *l, const struct ast *at, ir_val n)
{
    static const char text[] = "a list cannot have a negative number of items";
    struct lower_region r;
    ir_val c = lower_op(l, at, IR_LT, LOWER_BOOL, n, lower_int(l, at, 0), 0);
    lower_region_open(l, &r);
    struct lower_label bad = lower_label_new(l), good = bad;
    lower_branch(l, c, &bad, &good, at);
    lower_bind(l, &bad);
    lower_raise(l, at, lower_str(l, at, text, sizeof text - 1), "index");
    lower_bind_last(l, &good);
}

/* [e; n]: e is evaluated for each item, n once, before. */
static ir_val repeat(struct lower *l, struct ast *e)
{
    const struct ast_repeat *r = AS(repeat, e);
    ir_val n = lower_widened(l, r->count);
    ir_val xs = new_list(l, e);
    if (lower_is_fixed(r->item) && !r->item->lifted &&
        !type_is_pair(r->item->type)) {
        ir_val args[] = {xs, n, lower_expr(l, r->item)};
        lower_native(l, e, "list_fill", LOWER_NONE, args, 3);
        return xs;
    }
    refuse_negative(l, r->count, n);
    reserve(l, e, xs, n);
    struct lower_count c = {.at = e,
                            .type = LOWER_INT,
                            .from = lower_int(l, e, 0),
                            .to = n,
                            .list = IR_NONE,
                            .body = r->item,
                            .each = push_item,
                            .result = xs};
    lower_count(l, &c);
    return xs;
}

static ir_val index_value(struct lower *l, struct ast *e)
{
    const struct ast_index *x = AS(index, e);
    ir_val base = lower_expr(l, x->base);
    bool is_str = x->base->type->kind == TYPE_STR;
    if (x->base->type->kind == TYPE_MAP) {
        ir_val key = lower_expr(l, x->index);
        return lower_dead(l) ? IR_NONE
                             : lower_map_get(l, e, x->base->type, base, key);
    }
    ir_type t = lower_type(l, e->type);
    if (x->index->kind != AST_RANGE) {
        ir_val i = lower_widened(l, x->index);
        return is_str ? lower_op(l, e, IR_SIDX, t, base, i, 0)
                      : lower_item_at(l, e, e->type, base, i);
    }
    const struct ast_range *r = AS(range, x->index);
    ir_val from = lower_widened(l, r->from), to = lower_widened(l, r->to);
    ir_val args[] = {base, from, to};
    return lower_native(l, e, is_str ? "str_slice" : "list_slice", t, args, 3);
}

ir_val lower_object(struct lower *l, const struct ast *at, struct type *t,
                    const ir_val *fields)
{
    ir_type of = lower_type(l, t);
    ir_val made = lower_op(l, at, IR_NEW, of, IR_NONE, IR_NONE, of.type);
    for (uint32_t i = 0; i < t->nfields; i++)
        lower_store_word(l, at, made, t->fields[i].word, fields[i]);
    return made;
}

ir_val lower_variant(struct lower *l, const struct ast *at, struct type *t,
                     uint32_t number, const ir_val *payload)
{
    if (t->is_scalar)
        return lower_int(l, at, number);
    ir_type sum = lower_type(l, t), of = lower_variant_type(l, t, number);
    ir_val v = payload
                   ? lower_object(l, at, t->variants[number].payload, payload)
                   : lower_op(l, at, IR_UNIT, of, IR_NONE, IR_NONE, of.type);
    return lower_op(l, at, IR_UP, sum, v, IR_NONE, sum.type);
}

static ir_val tuple(struct lower *l, struct ast *e)
{
    const struct ast_nodes *items = &AS(tuple, e)->items;
    ir_val *values = ARENA_ARRAY(l->arena, ir_val, items->n);
    for (uint32_t i = 0; i < items->n; i++)
        values[i] = lower_expr(l, items->at[i]);
    return lower_dead(l) ? IR_NONE : lower_object(l, e, e->type, values);
}

ir_val lower_item(struct lower *l, const struct ast *at, struct type *t,
                  ir_val v, uint32_t i)
{
    return lower_load_word(l, at, lower_type(l, t->args[i]), v,
                           t->fields[i].word);
}

static ir_val tuple_at(struct lower *l, struct ast *e)
{
    struct ast_tuple_at *x = AS(tuple_at, e);
    ir_val v = lower_expr(l, x->base);
    return lower_dead(l)
               ? IR_NONE
               : lower_item(l, e, x->base->type, v, (uint32_t)x->index);
}

ir_val lower_item_at(struct lower *l, const struct ast *at, struct type *t,
                     ir_val list, ir_val i)
{
    ir_type of = lower_word_type(l, t);
    return lower_unboxed(l, at, t, lower_op(l, at, IR_LDE, of, list, i, 0));
}

ir_val lower_len(struct lower *l, const struct ast *at, struct type *t,
                 ir_val v)
{
    if (t->kind == TYPE_MAP)
        return lower_native(l, at, "map_len", LOWER_INT, &v, 1);
    return lower_op(l, at, t->kind == TYPE_STR ? IR_SLEN : IR_LEN, LOWER_INT, v,
                    IR_NONE, 0);
}

/* e.value: what `fail` was given; of an error of another origin its message. */
static ir_val error_value(struct lower *l, struct ast *e, ir_val error)
{
    uint32_t result = lower_var_new(l, NULL, LOWER_ANY);
    ir_val v = lower_op(l, e, IR_LDF, LOWER_ANY, error, IR_NONE, ERROR_VALUE);
    lower_var_write(l, result, v);
    struct lower_region r;
    lower_region_open(l, &r);
    struct lower_label none = lower_label_new(l), end = none;
    lower_branch(l, lower_op(l, e, IR_ISNIL, LOWER_BOOL, v, IR_NONE, 0), &none,
                 &end, e);
    lower_bind(l, &none);
    v = lower_op(l, e, IR_LDF, LOWER_STR, error, IR_NONE, ERROR_MESSAGE);
    lower_var_write(l, result, lower_to_any(l, e, &type_str, v));
    lower_goto(l, &end, e);
    lower_bind_last(l, &end);
    return lower_var_read(l, result);
}

static ir_val member(struct lower *l, struct ast *e)
{
    const struct ast_member *m = AS(member, e);
    if (m->sym && m->sym->kind == SYM_FN)
        return lower_fn_value(l, e, m->sym);
    if (m->sym)
        return lower_variant(l, e, e->type, m->sym->number, NULL);
    if (m->global)
        return name_value(l, e);
    ir_val base = lower_expr(l, m->base);
    if (lower_dead(l))
        return IR_NONE;
    ir_type t = lower_type(l, e->type);
    switch (m->property) {
    case PROP_LEN: return lower_len(l, e, m->base->type, base);
    case PROP_ERROR_MESSAGE:
        return lower_op(l, e, IR_LDF, t, base, IR_NONE, ERROR_MESSAGE);
    case PROP_ERROR_KIND:
        return lower_op(l, e, IR_LDF, t, base, IR_NONE, ERROR_KIND);
    case PROP_ERROR_TRACE:
        return lower_native(l, e, "error_trace", t, &base, 1);
    case PROP_ERROR_VALUE: return error_value(l, e, base);
    default: return lower_load_word(l, e, t, base, m->field->word);
    }
}

/* ---- all of them --------------------------------------------------------- */

/* fail "message", fail value; an Error is raised as it is. */
static void fail(struct lower *l, struct ast *e)
{
    struct ast *value = AS(fail, e)->value;
    struct type *t = value->type;
    ir_val v = lower_expr(l, value);
    if (t->kind == TYPE_STR) {
        lower_raise(l, e, v, "fail");
    } else if (t->kind == TYPE_STRUCT && !t->decl) {
        if (!lower_dead(l))
            ir_fail(l->f, l->blk, v, lower_pos(l, e));
        l->blk = IR_NONE;
    } else if (!lower_dead(l)) {
        ir_val args[] = {lower_text(l, e, t, v), lower_type_name(l, e, t, v),
                         IR_NONE};
        args[2] = t->kind == TYPE_OPTION
                      ? lower_to_any(l, e, &type_str, args[0])
                      : lower_to_any(l, e, t, v);
        ir_val error =
            lower_native(l, e, "error_with", ir_ref(PVM_T_ERROR), args, 3);
        ir_fail(l->f, l->blk, error, lower_pos(l, e));
        l->blk = IR_NONE;
    }
}

/* A `none` that only its place gives a type. */
static bool is_bare(const struct ast *e)
{
    return e->type->kind == TYPE_OPTION && e->type->args[0]->kind == TYPE_NEVER;
}

static ir_val value_of(struct lower *l, struct ast *e)
{
    switch (e->kind) {
    case AST_INT: return number(l, e, AS(int, e)->value, false);
    case AST_FLOAT:
        return lower_const(l, e, LOWER_FLOAT, (int64_t)AS(float, e)->value);
    case AST_BOOL:
        return lower_const(l, e, LOWER_BOOL, AS(bool, e)->value != 0);
    case AST_STR:
        return lower_str(l, e, AS(str, e)->value.at, AS(str, e)->value.len);
    case AST_INTERP: return lower_interp(l, e);
    case AST_NONE: return is_bare(e) ? IR_NONE : lower_none(l, e, e->type);
    case AST_UNWRAP: return lower_unwrap(l, e);
    case AST_NAME: return name_value(l, e);
    case AST_MEMBER: return member(l, e);
    case AST_INDEX: return index_value(l, e);
    case AST_LIST: return list(l, e);
    case AST_REPEAT: return repeat(l, e);
    case AST_TUPLE: return tuple(l, e);
    case AST_MAP: return lower_map(l, e);
    case AST_TUPLE_AT: return tuple_at(l, e);
    case AST_UNARY: return unary(l, e);
    case AST_BINARY: return binary(l, e);
    case AST_CALL: return lower_call(l, e);
    case AST_BLOCK: return lower_block(l, e);
    case AST_IF: return lower_if(l, e);
    case AST_MATCH: return lower_match(l, e);
    case AST_FN: return lower_lambda(l, e);
    case AST_UNDO: return lower_undo(l, e);
    case AST_TRY: return lower_try(l, e);
    case AST_TRY_ELSE: return lower_try_else(l, e);
    case AST_FAIL: fail(l, e); return IR_NONE;
    case AST_LOOP:
    case AST_BREAK:
    case AST_CONTINUE:
    case AST_RETURN: lower_stmt(l, e); return IR_NONE;
    default: /* the checker lets no other expression through */ return IR_NONE;
    }
}

ir_val lower_expr(struct lower *l, struct ast *e)
{
    if (lower_dead(l))
        return IR_NONE;
    ir_val v = value_of(l, e);
    if (!e->lifted || lower_dead(l))
        return v;
    if (e->lifted->kind == TYPE_ANY)
        return lower_to_any(l, e, e->type, v);
    if (is_bare(e))
        return lower_none(l, e, e->lifted);
    if (e->lifted->args[0]->kind == TYPE_ANY)
        v = lower_to_any(l, e, e->type, v);
    return lower_some(l, e, e->lifted, v);
}
