/* check_op.c - operators: which types they take and give.
 *
 * Both operands have one type, but for shifts, rotates and `in`.  An int
 * literal on either side adapts to a float or byte on the other. */
#include "frontend/check.h"

enum op_class {
    OP_IS_LOGIC,
    OP_IS_SAME,
    OP_IS_ORDER,
    OP_IS_IN,
    OP_IS_REF,
    OP_IS_SHIFT,
    OP_IS_BITS,
    OP_IS_SUM,
    OP_IS_ARITH,
    OP_IS_NONE
};

static enum op_class class_of(int op)
{
    switch (op) {
    case OP_OR:
    case OP_AND: return OP_IS_LOGIC;
    case OP_EQ:
    case OP_NE: return OP_IS_SAME;
    case OP_LT:
    case OP_LE:
    case OP_GT:
    case OP_GE: return OP_IS_ORDER;
    case OP_IN:
    case OP_NOT_IN: return OP_IS_IN;
    case OP_IS:
    case OP_IS_NOT: return OP_IS_REF;
    case OP_SHL:
    case OP_SHR:
    case OP_ROTL:
    case OP_ROTR: return OP_IS_SHIFT;
    case OP_BAR:
    case OP_CARET:
    case OP_AMP: return OP_IS_BITS;
    case OP_ADD: return OP_IS_SUM;
    case OP_SUB:
    case OP_MUL:
    case OP_DIV:
    case OP_MOD: return OP_IS_ARITH;
    default: return OP_IS_NONE;
    }
}

/* Whether an operator of the class takes operands of type t. */
static bool takes(enum op_class class, const struct type *t)
{
    switch (class) {
    case OP_IS_LOGIC: return t == &type_bool;
    case OP_IS_SAME:
    case OP_IS_IN: return t != &type_unit;
    case OP_IS_ORDER:
        for (uint32_t i = 0; t->kind == TYPE_TUPLE && i < t->nargs; i++)
            if (!takes(class, t->args[i]))
                return false;
        return t->kind == TYPE_TUPLE || is_number(t) || t == &type_str;
    case OP_IS_SUM: return is_number(t) || t == &type_str;
    case OP_IS_REF:
        if (t->kind == TYPE_OPTION)
            t = t->args[0];
        return t->kind == TYPE_LIST || t->kind == TYPE_MAP ||
               t->kind == TYPE_STRUCT || t->kind == TYPE_FN ||
               t->kind == TYPE_WEAK || t->kind == TYPE_GUARDIAN ||
               (t->kind == TYPE_ENUM && !t->is_scalar);
    case OP_IS_SHIFT: return is_int(t);
    case OP_IS_BITS: return is_int(t) || t == &type_bool;
    case OP_IS_ARITH: return is_number(t);
    case OP_IS_NONE: break;
    }
    return false;
}

/* ---- diagnostics --------------------------------------------------------- */

static void say_not_applicable(struct checker *c, struct span at,
                               struct ast *operand, int op, struct type *t)
{
    struct diags *ds = c->u->diags;

    diag_at(ds, E0215, at, ast_op_text[op], say_type(c, t));
    diag_label(ds, span_of(c, operand), "a value of type `%s`", say_type(c, t));
    if (is_option(t)) {
        say_may_be_none(c, operand);
        return;
    }
    if (t == &type_any)
        say_ask_any(c, operand, "T");
    switch (class_of(op)) {
    case OP_IS_REF:
        diag_help(ds,
                  "`is` asks whether two references lead to one object; "
                  "to compare values, write `%s`",
                  op == OP_IS ? "==" : "!=");
        break;
    case OP_IS_SUM:
        if (t->kind == TYPE_LIST)
            diag_help(ds, "to append, write `xs.push(x)`");
        break;
    case OP_IS_BITS:
        if (t == &type_float)
            diag_help(ds, "the bit operators are for int and byte");
        break;
    default:
        if (class_of(op) == OP_IS_LOGIC || op == OP_NOT)
            say_conversion(c, operand, t, &type_bool);
    }
}

/* Two operands that do not mix; what to write is the caller's to say. */
static void say_types(struct checker *c, const char *op, struct ast *l,
                      struct type *lt, struct ast *r, struct type *rt)
{
    struct diags *ds = c->u->diags;

    diag_at(ds, E0222, span_between(c, l, r), op, say_type(c, lt),
            say_type(c, rt));
    diag_label(ds, span_of(c, l), "`%s`", say_type(c, lt));
    diag_label(ds, span_of(c, r), "`%s`", say_type(c, rt));
}

/* In `place op= value` only the value can be converted. */
static void say_mixed_update(struct checker *c, struct ast_opassign *a,
                             struct type *t, struct type *value)
{
    const char *op = arena_printf(c->arena, "%s=", ast_op_text[a->op]);

    say_types(c, op, a->place, t, a->value, value);
    if (is_int(t) && value == &type_float)
        diag_help(c->u->diags, "to hold fractions, the place must be a float");
    if ((is_number(t) || t == &type_str) && a->value->kind != AST_FLOAT)
        say_conversion(c, a->value, value, t);
}

static void say_mixed(struct checker *c, int op, struct ast *l, struct type *lt,
                      struct ast *r, struct type *rt)
{
    say_types(c, ast_op_text[op], l, lt, r, rt);
    if (is_option(lt) || is_option(rt)) {
        if (!is_bare_none(lt) && !is_bare_none(rt))
            say_may_be_none(c, is_option(lt) ? l : r);
        return;
    }
    if (lt == &type_str && (op == OP_ADD || is_character(c, r)))
        say_conversion(c, r, rt, lt);
    else if (rt == &type_str && (op == OP_ADD || is_character(c, l)))
        say_conversion(c, l, lt, rt);
    else if (op == OP_MUL && lt == &type_str && rt == &type_int)
        diag_help(c->u->diags, "a text n times over is `s.repeat(n)`");
    else if (rt == &type_float || (rt == &type_int && lt == &type_byte))
        say_conversion(c, l, lt, rt);
    else if (is_number(lt))
        say_conversion(c, r, rt, lt);
}

static void warn_zero(struct checker *c, int op, struct ast *l, struct ast *r,
                      struct type *t)
{
    if (c->u->warn && (op == OP_DIV || op == OP_MOD) && is_int(t) &&
        r->kind == AST_INT && !AS(int, r)->value) {
        diag_at(c->u->diags, W0305, span_between(c, l, r));
        diag_label(c->u->diags, span_between(c, l, r), "this always fails");
    }
}

/* ---- binary -------------------------------------------------------------- */

bool op_unify(struct checker *c, struct ast *l, struct ast *r, struct type **lt,
              struct type **rt)
{
    if (is_silent(*lt) || check_adapt(c, r, *rt, *lt)) {
        *rt = r->lifted ? r->lifted : r->type;
        return true;
    }
    if (!check_adapt(c, l, *lt, *rt))
        return false;
    *lt = l->lifted ? l->lifted : l->type;
    return true;
}

static struct type *check_logic(struct checker *c, struct ast_binary *b)
{
    struct ast *sides[2] = {b->left, b->right};

    for (int i = 0; i < 2; i++) {
        struct type *t = check_any(c, sides[i], &type_bool);
        if (!is_silent(t) && t != &type_bool)
            say_not_applicable(c, span_between(c, b->left, b->right), sides[i],
                               b->op, t);
    }
    return b->left->type == &type_never ? &type_never : &type_bool;
}

/* x in [...]: the literals of the list follow a byte or float on the left. */
static struct type *check_in_list(struct checker *c, struct ast_binary *b)
{
    struct type *lt = check_any(c, b->left, NULL), *hint = NULL, *rt;
    bool empty = b->right->kind == AST_LIST && !AS(list, b->right)->items.n;
    struct reason why = {"expected because of this", span_of(c, b->right)};

    if (lt == &type_byte || lt == &type_float || empty)
        hint = list_of(c, lt, b->left);
    rt = check_any(c, b->right, hint);
    if (rt->kind == TYPE_LIST && !check_adapt(c, b->left, lt, rt->args[0]))
        say_mismatch(c, b->left, lt, rt->args[0], &why);
    return &type_bool;
}

/* s in t.  A number there is that of a byte or of a code point. */
static void check_in_text(struct checker *c, struct ast_binary *b,
                          const struct reason *why)
{
    struct ast *l = b->left;
    struct type *t = check_any(c, l, &type_str);
    const char *text = say_source(c, l);
    const char *call = t == &type_byte ? "chr(int(%s))" : "chr(%s)";

    if (!is_int(t) || is_character(c, l) || !text) {
        if (!check_adapt(c, l, t, &type_str))
            say_mismatch(c, l, t, &type_str, why);
        return;
    }
    diag_at(c->u->diags, E0210, span_of(c, l), "str", say_type(c, t));
    diag_label(c->u->diags, span_of(c, l), "this is a value of type `%s`",
               say_type(c, t));
    diag_fix(c->u->diags, span_of(c, l), arena_printf(c->arena, call, text),
             "the text of one character is `chr(...)`");
}

/* x in xs, x in a..b, s in t */
static struct type *check_in(struct checker *c, struct ast_binary *b)
{
    struct ast *r = b->right;
    struct type *lt, *rt;

    if (r->kind == AST_RANGE) {
        struct ast_range *range = AS(range, r);
        struct reason why = {"expected because of this", span_of(c, b->left)};
        lt = check_any(c, b->left, NULL);
        if (!is_silent(lt) && !is_int(lt)) {
            diag_at(c->u->diags, E0215, span_of(c, b->left),
                    arena_printf(c->arena, "%s a..b", ast_op_text[b->op]),
                    say_type(c, lt));
            diag_note(c->u->diags, "a range is of int or byte");
            lt = &type_error;
        }
        check_value(c, range->from, lt, &why);
        check_value(c, range->to, lt, &why);
        r->type = &type_unit;
        return &type_bool;
    }
    if (r->kind == AST_LIST || r->kind == AST_REPEAT)
        return check_in_list(c, b);
    rt = check_any(c, r, NULL);
    if (rt->kind == TYPE_LIST || rt->kind == TYPE_MAP || rt == &type_str) {
        struct reason why = {"expected because of this", span_of(c, r)};
        if (rt == &type_str)
            check_in_text(c, b, &why);
        else
            check_value(c, b->left, rt->args[0], &why);
        return &type_bool;
    }
    check_any(c, b->left, NULL);
    if (!is_silent(rt)) {
        say_not_applicable(c, span_between(c, b->left, r), r, b->op, rt);
        diag_help(c->u->diags, "right of `in` stands a list, a map, a string "
                               "or a range");
    }
    return &type_bool;
}

static struct type *check_shift(struct checker *c, struct ast_binary *b,
                                struct type *hint)
{
    struct type *t = check_any(c, b->left, hint == &type_byte ? hint : NULL);

    check_value(c, b->right, &type_int, NULL);
    if (is_silent(t) || takes(OP_IS_SHIFT, t))
        return t;
    say_not_applicable(c, span_between(c, b->left, b->right), b->left, b->op,
                       t);
    return &type_error;
}

/* x ?? y: what the option x holds, or y, which may be an option too */
static struct type *check_else_none(struct checker *c, struct ast_binary *b)
{
    struct type *lt = check_any(c, b->left, NULL), *rt;
    struct reason why = {"expected because of this", span_of(c, b->left)};

    if (!is_silent(lt) && !is_option(lt)) {
        diag_at(c->u->diags, E0274, span_of(c, b->left), "??", say_type(c, lt));
        lt = &type_error;
    }
    if (is_silent(lt)) {
        if (b->right->kind != AST_NONE) /* of what, only the left would say */
            check_any(c, b->right, NULL);
        return lt;
    }
    rt = check_any(c, b->right, lt->args[0]);
    if (rt == lt || is_bare_none(rt)) {
        check_adapt(c, b->right, rt, lt);
        return lt;
    }
    if (!check_adapt(c, b->right, rt, lt->args[0]))
        say_mismatch(c, b->right, rt, lt->args[0], &why);
    return lt->args[0];
}

struct type *check_binary(struct checker *c, struct ast *e, struct type *hint)
{
    struct ast_binary *b = AS(binary, e);
    enum op_class class = class_of(b->op);
    bool compares =
        class == OP_IS_SAME || class == OP_IS_ORDER || class == OP_IS_REF;
    struct type *lt, *rt;

    if (class == OP_IS_LOGIC)
        return check_logic(c, b);
    if (class == OP_IS_IN)
        return check_in(c, b);
    if (class == OP_IS_SHIFT)
        return check_shift(c, b, hint);
    if (class == OP_IS_NONE)
        return check_else_none(c, b);
    if (compares || !hint || !is_number(hint))
        hint = NULL;
    if (compares && b->left->kind == AST_NONE) { /* its type is the right's */
        rt = check_any(c, b->right, NULL);
        lt = check_any(c, b->left, rt);
    } else {
        lt = check_any(c, b->left, hint);
        rt = check_any(c, b->right, is_silent(lt) ? hint : lt);
    }
    if (lt == &type_never || rt == &type_never)
        return &type_never;
    if (!op_unify(c, b->left, b->right, &lt, &rt)) {
        say_mixed(c, b->op, b->left, lt, b->right, rt);
        return compares ? &type_bool : &type_error;
    }
    if (lt == &type_error || rt == &type_error)
        return compares ? &type_bool : &type_error;
    bool asks = class == OP_IS_REF && is_option(lt) && /* x is none */
                (b->left->kind == AST_NONE || b->right->kind == AST_NONE);
    if (!takes(class, lt) && !asks) {
        say_not_applicable(c, span_between(c, b->left, b->right),
                           b->left->lifted ? b->right : b->left, b->op, lt);
        return compares ? &type_bool : &type_error;
    }
    warn_zero(c, b->op, b->left, b->right, lt);
    return compares ? &type_bool : lt;
}

/* ---- unary --------------------------------------------------------------- */

struct type *check_unary(struct checker *c, struct ast *e, struct type *hint)
{
    struct ast_unary *x = AS(unary, e);
    struct type *t;
    bool ok;

    if (x->op == OP_NEG && x->of->kind == AST_INT)
        return check_negative(c, e, hint);
    if (x->op == OP_NOT || !hint || !is_number(hint))
        hint = NULL;
    t = check_any(c, x->of, hint);
    if (is_silent(t))
        return t;
    ok = x->op == OP_NOT   ? t == &type_bool
         : x->op == OP_NEG ? is_number(t)
                           : is_int(t);
    if (ok)
        return t;
    say_not_applicable(c, span_at(c, e->pos, x->of->pos), x->of, x->op, t);
    return x->op == OP_NOT ? &type_bool : &type_error;
}

/* ---- compound assignment ------------------------------------------------- */

void check_opassign(struct checker *c, struct ast *e)
{
    struct ast_opassign *a = AS(opassign, e);
    enum op_class class = class_of(a->op);
    struct type *t = check_place(c, a->place), *value;

    if (class == OP_IS_SHIFT) {
        check_value(c, a->value, &type_int, NULL);
    } else {
        value = check_any(c, a->value, is_silent(t) ? NULL : t);
        if (is_silent(t) || is_silent(value))
            return;
        if (!check_adapt(c, a->value, value, t)) {
            say_mixed_update(c, a, t, value);
            return;
        }
        warn_zero(c, a->op, a->place, a->value, t);
    }
    if (!is_silent(t) && !takes(class, t))
        say_not_applicable(c, span_between(c, a->place, a->value), a->place,
                           a->op, t);
}
