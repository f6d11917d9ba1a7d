/* opt_fold.c - ops on constants, identities, branches on constants.
 *
 * One walk in reverse postorder: when an op is met, its arguments have their
 * final form, but for those a loop's back edge brings.  Results are computed
 * by runtime/base/arith.h, as the VM computes them.  An op that would fail on
 * its constants stays, and fails when the program runs. */
#include "ir/opt.h"
#include "runtime/base/arith.h"

#include <string.h>

enum { JOINED_MAX = 4096 }; /* a joined string constant's bytes */

/* ---- constants ----------------------------------------------------------- */

static bool evaluate_float(enum ir_op op, double x, double y, int64_t *out)
{
    double d;
    switch (op) {
    case IR_FADD: d = x + y; break;
    case IR_FSUB: d = x - y; break;
    case IR_FMUL: d = x * y; break;
    case IR_FDIV: d = x / y; break;
    case IR_FMOD: d = arith_fmod(x, y); break;
    case IR_FNEG: d = arith_fneg(x); break;
    case IR_FTOI: return arith_ftoi(x, out);
    case IR_FEQ: *out = x == y; return true;
    case IR_FNE: *out = x != y; return true;
    case IR_FLT: *out = x < y; return true;
    case IR_FLE: *out = x <= y; return true;
    default: return false;
    }
    *out = arith_bits(d);
    return d == d;
}

/* Ops whose result lies in the range of their arguments' kind by itself, and
 * those that give a float, bool or int whatever they take. */
static bool evaluate_common(enum ir_op op, int64_t x, int64_t y, int64_t *out)
{
    switch (op) {
    case IR_AND: *out = x & y; return true;
    case IR_OR: *out = x | y; return true;
    case IR_XOR: *out = x ^ y; return true;
    case IR_NOT: *out = !x; return true;
    case IR_WIDEN: *out = x; return true;
    case IR_ITOF: *out = arith_bits((double)x); return true;
    case IR_ITOB: *out = x; return x >= 0 && x <= 255;
    case IR_EQ: *out = x == y; return true;
    case IR_NE: *out = x != y; return true;
    case IR_LT: *out = x < y; return true;
    case IR_LE: *out = x <= y; return true;
    case IR_DIV: *out = y ? arith_div(x, y) : 0; return y != 0;
    case IR_MOD: *out = y ? arith_mod(x, y) : 0; return y != 0;
    default: return false;
    }
}

static bool evaluate_int(enum ir_op op, int64_t x, int64_t y, int64_t *out)
{
    switch (op) {
    case IR_ADD: *out = arith_add(x, y); return true;
    case IR_SUB: *out = arith_sub(x, y); return true;
    case IR_MUL: *out = arith_mul(x, y); return true;
    case IR_SHL: *out = arith_shl(x, y); return true;
    case IR_SHR: *out = arith_shr(x, y); return true;
    case IR_ROTL: *out = arith_rotl(x, y); return true;
    case IR_ROTR: *out = arith_rotr(x, y); return true;
    case IR_NEG: *out = arith_neg(x); return true;
    case IR_INV: *out = ~x; return true;
    default: return evaluate_common(op, x, y, out);
    }
}

static bool evaluate_byte(enum ir_op op, int64_t x, int64_t y, int64_t *out)
{
    switch (op) {
    case IR_ADD: *out = arith_byte(arith_add(x, y)); return true;
    case IR_SUB: *out = arith_byte(arith_sub(x, y)); return true;
    case IR_MUL: *out = arith_byte(arith_mul(x, y)); return true;
    case IR_SHL: *out = arith_shl8(x, y); return true;
    case IR_SHR: *out = arith_shr8(x, y); return true;
    case IR_ROTL: *out = arith_rotl8(x, y); return true;
    case IR_ROTR: *out = arith_rotr8(x, y); return true;
    case IR_NEG: *out = arith_byte(arith_neg(x)); return true;
    case IR_INV: *out = arith_byte(~x); return true;
    default: return evaluate_common(op, x, y, out);
    }
}

bool opt_evaluate(enum ir_op op, uint8_t kind, int64_t x, int64_t y,
                  int64_t *out)
{
    switch (kind) {
    case PVM_INT: return evaluate_int(op, x, y, out);
    case PVM_BYTE: return evaluate_byte(op, x, y, out);
    case PVM_BOOL: return evaluate_common(op, x, y, out);
    case PVM_FLOAT:
        return evaluate_float(op, arith_float(x), arith_float(y), out);
    default: return false;
    }
}

/* ---- the pass's state ---------------------------------------------------- */

struct fold {
    struct opt *o;
    ir_val *by;
    struct ir_inst **def; /* of a value; NULL: a param */
    bool changed;
};

static const struct ir_inst *def_of(const struct fold *f, ir_val v,
                                    enum ir_op op)
{
    const struct ir_inst *d = f->def[v];
    return d && d->op == op ? d : NULL;
}

static bool is_const(const struct fold *f, ir_val v, int64_t *k)
{
    const struct ir_inst *d = def_of(f, v, IR_CONST);
    if (d)
        *k = d->imm;
    return d != NULL;
}

static bool is_const_of(const struct fold *f, ir_val v, int64_t k)
{
    int64_t c;
    return is_const(f, v, &c) && c == k;
}

static const struct ir_string *string_of(const struct fold *f, ir_val v)
{
    const struct ir_inst *d = def_of(f, v, IR_STR);
    return d ? &f->o->f->module->strings.at[d->imm] : NULL;
}

static uint8_t kind_of(const struct fold *f, ir_val v)
{
    return ir_type_of(f->o->f, v).kind;
}

/* ---- what an inst can become --------------------------------------------- */

static void become(struct fold *f, struct ir_inst *i, enum ir_op op,
                   uint16_t nargs)
{
    i->op = (uint8_t)op;
    i->nargs = nargs;
    f->changed = true;
}

static bool become_const(struct fold *f, struct ir_inst *i, int64_t k)
{
    become(f, i, IR_CONST, 0);
    i->imm = k;
    return true;
}

static bool become_string(struct fold *f, struct ir_inst *i, uint32_t index)
{
    become(f, i, IR_STR, 0);
    i->imm = index;
    return true;
}

/* The op stays as a copy that nobody uses. */
static bool become_value(struct fold *f, struct ir_inst *i, ir_val v)
{
    become(f, i, IR_COPY, 1);
    i->args[0] = v;
    f->by[i->res] = v;
    return true;
}

static bool become_unary(struct fold *f, struct ir_inst *i, enum ir_op op,
                         ir_val v)
{
    become(f, i, op, 1);
    i->args[0] = v;
    return true;
}

static bool become_swapped(struct fold *f, struct ir_inst *i, enum ir_op op,
                           ir_val x, ir_val y)
{
    become(f, i, op, 2);
    ir_val *args = ARENA_ARRAY(f->o->f->arena, ir_val, 2);
    args[0] = x;
    args[1] = y;
    i->args = args;
    return true;
}

/* ---- identities ---------------------------------------------------------- */

static bool is_commutative(enum ir_op op)
{
    switch (op) {
    case IR_ADD:
    case IR_MUL:
    case IR_AND:
    case IR_OR:
    case IR_XOR:
    case IR_EQ:
    case IR_NE:
    case IR_FADD:
    case IR_FMUL:
    case IR_FEQ:
    case IR_FNE: return true;
    default: return false;
    }
}

/* x op x */
static bool fold_alike(struct fold *f, struct ir_inst *i)
{
    switch (i->op) {
    case IR_SUB:
    case IR_XOR:
    case IR_NE:
    case IR_LT: return become_const(f, i, 0);
    case IR_EQ:
    case IR_LE:
    case IR_SAME:
    case IR_SEQ: return become_const(f, i, 1);
    case IR_SCMP: return become_const(f, i, 0);
    case IR_AND:
    case IR_OR: return become_value(f, i, i->args[0]);
    default: return false;
    }
}

/* All bits of a kind. */
static int64_t ones(uint8_t kind)
{
    return kind == PVM_INT ? -1 : kind == PVM_BYTE ? 255 : 1;
}

/* x op k for ints, bytes and bools */
static bool fold_right(struct fold *f, struct ir_inst *i, int64_t k)
{
    ir_val x = i->args[0];
    uint8_t kind = kind_of(f, x);
    bool all = k == ones(kind);
    switch (i->op) {
    case IR_ADD:
    case IR_SUB: return k == 0 && become_value(f, i, x);
    case IR_MUL:
        return (k == 0 && become_const(f, i, 0)) ||
               (k == 1 && become_value(f, i, x));
    case IR_DIV:
        return (k == 1 && become_value(f, i, x)) ||
               (k == -1 && become_unary(f, i, IR_NEG, x));
    case IR_MOD: return (k == 1 || k == -1) && become_const(f, i, 0);
    case IR_AND:
        return (k == 0 && become_const(f, i, 0)) ||
               (all && become_value(f, i, x));
    case IR_OR:
        return (k == 0 && become_value(f, i, x)) ||
               (all && become_const(f, i, k));
    case IR_XOR:
        if (all && kind == PVM_BOOL)
            return become_unary(f, i, IR_NOT, x);
        return (k == 0 && become_value(f, i, x)) ||
               (all && become_unary(f, i, IR_INV, x));
    case IR_SHL:
    case IR_SHR:
    case IR_ROTL:
    case IR_ROTR:
        return (k & (kind == PVM_BYTE ? 7 : 63)) == 0 && become_value(f, i, x);
    case IR_EQ:
    case IR_NE:
        if (kind != PVM_BOOL)
            return false;
        return (k == 1) == (i->op == IR_EQ) ? become_value(f, i, x)
                                            : become_unary(f, i, IR_NOT, x);
    default: return false;
    }
}

/* k op x */
static bool fold_left(struct fold *f, struct ir_inst *i, int64_t k)
{
    switch (i->op) {
    case IR_SUB: return k == 0 && become_unary(f, i, IR_NEG, i->args[1]);
    case IR_SHL:
    case IR_SHR:
    case IR_ROTL:
    case IR_ROTR: return k == 0 && become_const(f, i, 0);
    default: return false;
    }
}

/* x op k for floats: only what keeps every bit, of zeros too. */
static bool fold_float(struct fold *f, struct ir_inst *i, int64_t k)
{
    int64_t one = arith_bits(1.0), zero = arith_bits(0.0);
    int64_t minus_zero = arith_bits(-0.0);
    bool neutral = false;
    switch (i->op) {
    case IR_FADD: neutral = k == minus_zero; break;
    case IR_FSUB: neutral = k == zero; break;
    case IR_FMUL:
    case IR_FDIV: neutral = k == one; break;
    default: break;
    }
    return neutral && become_value(f, i, i->args[0]);
}

/* Whether there is an object: 1 or 0; -1: not known. */
static int is_object(const struct ir_inst *d)
{
    switch (d->op) {
    case IR_NIL: return 0;
    case IR_STR:
    case IR_CAT:
    case IR_UNIT:
    case IR_NEW:
    case IR_NEWLIST:
    case IR_NEWMAP: return 1;
    default: return -1;
    }
}

/* Of no object, too, there is a type, and its number is 0. */
static bool fold_tag(struct fold *f, struct ir_inst *i, const struct ir_inst *d)
{
    if (d->op != IR_UP)
        return false;
    ir_val x = d->args[0];
    int64_t tag = ir_variant(f->o->f->module, (uint32_t)d->imm,
                             ir_type_of(f->o->f, x).type);
    bool known = tag == 0 || (f->def[x] && is_object(f->def[x]) == 1);
    return tag >= 0 && known && become_const(f, i, tag);
}

/* An object of one of two types that no object has as its own may be of the
 * other. */
static bool is_wide(const struct fold *f, uint32_t type)
{
    uint8_t kind = f->o->f->module->types.at[type].kind;
    return kind == PVM_TYPE_SUM || kind == PVM_TYPE_ANY || kind == PVM_TYPE_FN;
}

static bool fold_down(struct fold *f, struct ir_inst *i,
                      const struct ir_inst *d)
{
    uint32_t want = (uint32_t)i->imm, is;
    if (d->op == IR_DOWN) /* to a type that is wide, and on */
        return become_unary(f, i, IR_DOWN, d->args[0]);
    if (d->op != IR_UP)
        return false;
    is = ir_type_of(f->o->f, d->args[0]).type;
    if (is == want)
        return become_value(f, i, d->args[0]);
    if (is_wide(f, is) || is_wide(f, want))
        return false;
    become(f, i, IR_NIL, 0);
    return true;
}

/* The same object, of whatever type. */
static bool fold_up(struct fold *f, struct ir_inst *i, const struct ir_inst *d)
{
    if (i->op == IR_ISNIL && is_object(d) >= 0)
        return become_const(f, i, !is_object(d));
    return d->op == IR_UP && become_unary(f, i, i->op, d->args[0]);
}

/* An op on the result of another. */
static bool fold_nested(struct fold *f, struct ir_inst *i)
{
    const struct ir_inst *d = f->def[i->args[0]];
    if (!d)
        return false;
    switch (i->op) {
    case IR_TAG: return fold_tag(f, i, d);
    case IR_DOWN: return fold_down(f, i, d);
    case IR_UP:
    case IR_ISNIL: return fold_up(f, i, d);
    case IR_NEG:
    case IR_INV:
    case IR_FNEG: return d->op == i->op && become_value(f, i, d->args[0]);
    case IR_NOT:
        switch (d->op) {
        case IR_NOT: return become_value(f, i, d->args[0]);
        case IR_EQ:
        case IR_FEQ:
        case IR_NE:
        case IR_FNE: {
            bool equal = d->op == IR_EQ || d->op == IR_FEQ;
            bool is_float = d->op == IR_FEQ || d->op == IR_FNE;
            enum ir_op op =
                is_float ? (equal ? IR_FNE : IR_FEQ) : (equal ? IR_NE : IR_EQ);
            return become_swapped(f, i, op, d->args[0], d->args[1]);
        }
        case IR_LT: return become_swapped(f, i, IR_LE, d->args[1], d->args[0]);
        case IR_LE: return become_swapped(f, i, IR_LT, d->args[1], d->args[0]);
        default: return false;
        }
    case IR_ITOB: /* a byte widened and narrowed again */
        return d->op == IR_WIDEN && kind_of(f, d->args[0]) == PVM_BYTE &&
               become_value(f, i, d->args[0]);
    default: return false;
    }
}

/* ---- strings ------------------------------------------------------------- */

static int compare_strings(const struct ir_string *a, const struct ir_string *b)
{
    uint32_t least = a->len < b->len ? a->len : b->len;
    int c = memcmp(a->at, b->at, least);
    return c ? (c > 0) - (c < 0) : (a->len > b->len) - (a->len < b->len);
}

static bool join_strings(struct fold *f, struct ir_inst *i,
                         const struct ir_string *a, const struct ir_string *b)
{
    char joined[JOINED_MAX];
    if ((uint64_t)a->len + b->len > JOINED_MAX)
        return false;
    memcpy(joined, a->at, a->len);
    memcpy(joined + a->len, b->at, b->len);
    return become_string(
        f, i, ir_add_string(f->o->f->module, joined, a->len + b->len));
}

static bool fold_string(struct fold *f, struct ir_inst *i)
{
    const struct ir_string *a = string_of(f, i->args[0]);
    const struct ir_string *b =
        i->nargs > 1 && i->op != IR_SIDX ? string_of(f, i->args[1]) : NULL;
    int64_t k;
    switch (i->op) {
    case IR_SLEN: return a && become_const(f, i, a->len);
    case IR_SIDX:
        return a && is_const(f, i->args[1], &k) && k >= 0 && k < a->len &&
               become_const(f, i, (uint8_t)a->at[k]);
    case IR_SEQ: return a && b && become_const(f, i, !compare_strings(a, b));
    case IR_SCMP: return a && b && become_const(f, i, compare_strings(a, b));
    case IR_CAT:
        if (a && !a->len)
            return become_value(f, i, i->args[1]);
        if (b && !b->len)
            return become_value(f, i, i->args[0]);
        return a && b && join_strings(f, i, a, b);
    default: return false;
    }
}

/* The name of a constant. */
static bool fold_name(struct fold *f, struct ir_inst *i)
{
    struct ir_module *mod = f->o->f->module;
    int64_t k;
    if (i->op != IR_NAME || !is_const(f, i->args[0], &k) || k < 0 ||
        k >= mod->types.at[i->imm].nfields)
        return false;
    const char *name = mod->types.at[i->imm].fields[k].name;
    return become_string(f, i,
                         ir_add_string(mod, name, (uint32_t)strlen(name)));
}

/* ---- the walk ------------------------------------------------------------ */

static bool fold_constants(struct fold *f, struct ir_inst *i)
{
    int64_t x, y = 0, out;
    return i->nargs >= 1 && i->nargs <= 2 && is_const(f, i->args[0], &x) &&
           (i->nargs == 1 || is_const(f, i->args[1], &y)) &&
           opt_evaluate(i->op, kind_of(f, i->args[0]), x, y, &out) &&
           become_const(f, i, out);
}

/* A native that computes with constants alone. */
static void fold_native(struct fold *f, struct ir_inst *i)
{
    int64_t args[3], out;
    if (i->nres != 1 || i->nargs == 0 || i->nargs > 3 ||
        ir_natives[i->imm].effect != IR_EFFECT_PURE || ir_natives[i->imm].fails)
        return;
    for (uint32_t k = 0; k < i->nargs; k++)
        if (!is_const(f, i->args[k], &args[k]))
            return;
    if (opt_evaluate_native(i->imm, args, kind_of(f, i->res), &out))
        become_const(f, i, out);
}

static void fold_binary(struct fold *f, struct ir_inst *i)
{
    int64_t k;
    ir_val x = i->args[0], y = i->args[1];
    if (is_commutative(i->op) && is_const(f, x, &k) && !is_const(f, y, &k)) {
        i->args[0] = y;
        i->args[1] = x;
        f->changed = true;
    }
    if (i->args[0] == i->args[1] && fold_alike(f, i))
        return;
    if (is_const(f, i->args[1], &k)) {
        if (kind_of(f, i->args[0]) == PVM_FLOAT)
            fold_float(f, i, k);
        else
            fold_right(f, i, k);
    } else if (is_const(f, i->args[0], &k)) {
        fold_left(f, i, k);
    }
}

static void fold_branch(struct fold *f, struct ir_inst *i)
{
    const struct ir_inst *d = def_of(f, i->args[0], IR_NOT);
    if (d) {
        struct ir_edge yes = i->edges[0];
        i->edges[0] = i->edges[1];
        i->edges[1] = yes;
        i->args[0] = d->args[0];
        f->changed = true;
    }
    if (!def_of(f, i->args[0], IR_CONST))
        return;
    if (is_const_of(f, i->args[0], 0))
        i->edges[0] = i->edges[1];
    i->nedges = 1;
    become(f, i, IR_JUMP, 0);
}

/* A closure that is made here is known, and so is the function it calls. */
static void fold_callc(struct fold *f, struct ir_inst *i)
{
    const struct ir_inst *up = def_of(f, i->args[0], IR_UP);
    const struct ir_inst *made = up ? f->def[up->args[0]] : NULL;
    if (!made || is_object(made) != 1)
        return;
    i->imm = f->o->f->module->types.at[made->imm].fn;
    i->args[0] = up->args[0];
    become(f, i, IR_CALL, i->nargs);
}

static void fold_inst(struct fold *f, struct ir_inst *i)
{
    opt_replace_inst(f->by, i);
    for (uint32_t r = 0; r < i->nres; r++)
        f->def[i->res + r] = i;
    if (i->op == IR_COPY)
        f->by[i->res] = i->args[0];
    else if (i->op == IR_BRANCH)
        fold_branch(f, i);
    else if (i->op == IR_CALLC)
        fold_callc(f, i);
    else if (i->op == IR_NATIVE)
        fold_native(f, i);
    else if (ir_ops[i->op].class == IR_PURE && i->nargs)
        if (!fold_constants(f, i) && !fold_nested(f, i) && !fold_string(f, i) &&
            !fold_name(f, i) && i->nargs == 2)
            fold_binary(f, i);
}

bool opt_fold(struct opt *o)
{
    struct fold f = {
        .o = o,
        .by = opt_same(o),
        .def = ARENA_ARRAY(o->a, struct ir_inst *, o->f->values.n + 1)};
    for (uint32_t k = 0; k < o->n; k++) {
        struct ir_block *b = &o->f->blocks.at[o->order[k]];
        for (uint32_t i = 0; i < b->insts.n; i++)
            fold_inst(&f, &b->insts.at[i]);
    }
    if (f.changed) /* what back edges bring was not known when they were met */
        opt_replace(o, f.by);
    return f.changed;
}
