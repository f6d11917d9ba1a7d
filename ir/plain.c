/* plain.c - reversible code as plain code, for the passes and the backend.
 *
 * A function and its inverse part here: each becomes code that only knows its
 * own direction.  Updates become loads, ops and stores; a variable that begins
 * is a copy; promises compare, and where they do not hold, a block of its own
 * fails with kind `irreversible`, in words that the op brings:
 *
 *   drop "`xs[0]`" v3, v4        ->    v9: bool = eq v3, v4
 *                                      branch v9, b7, b8
 *   b8:   the words, v3 and v4 as text, joined; fail
 *
 * What a join promises is looked at where the two ways end, for there it is
 * known which way it is: the join's condition is made in both, of what the way
 * hands on, and nothing says at the join by which way control came. */
#include "ir/rev.h"

#include <stdio.h>
#include <string.h>

struct plain {
    struct ir_fn *f;
    struct ir_module *mod;
    const struct ir_block *old; /* the blocks as they were */
    ir_val *now; /* in the copy of a join's condition, of each value there */
    VEC(ir_blk) open; /* where BOTH and EITHER without their SO lead to */
    ir_blk at;        /* the block that grows */
    struct ir_pos pos;
};

/* ---- emitting ------------------------------------------------------------ */

static ir_val emit(struct plain *p, enum ir_op op, ir_type t, ir_val x,
                   ir_val y, int64_t imm)
{
    return ir_emit(p->f, p->at, op, t, x, y, imm, p->pos);
}

/* An inst that keeps the numbers of its results. */
static void keep(struct plain *p, const struct ir_inst *i, enum ir_op op)
{
    struct ir_inst copy = *i;
    copy.op = (uint8_t)op;
    vec_push_in(p->f->arena, &p->f->blocks.at[p->at].insts, copy);
}

/* res = op of one argument. */
static void define(struct plain *p, ir_val res, enum ir_op op, ir_val x,
                   int64_t imm)
{
    struct ir_inst i = {.op = (uint8_t)op,
                        .nargs = x != IR_NONE,
                        .nres = 1,
                        .flag = UINT16_MAX,
                        .res = res,
                        .imm = imm,
                        .pos = p->pos};
    if (i.nargs) {
        i.args = ARENA_NEW(p->f->arena, ir_val);
        *i.args = x;
    }
    vec_push_in(p->f->arena, &p->f->blocks.at[p->at].insts, i);
}

static ir_val native(struct plain *p, const char *name, ir_type t,
                     const ir_val *args, uint32_t n)
{
    return ir_emit_n(p->f, p->at, IR_NATIVE, &t, 1, args, n, ir_native(name),
                     p->pos);
}

static ir_val text(struct plain *p, const char *s)
{
    uint32_t index = ir_add_string(p->mod, s, (uint32_t)strlen(s));
    return emit(p, IR_STR, ir_ref(PVM_T_STR), IR_NONE, IR_NONE, index);
}

/* ---- failing ------------------------------------------------------------- */

static ir_val shown(struct plain *p, ir_val v)
{
    ir_type t = ir_type_of(p->f, v), str = ir_ref(PVM_T_STR);
    switch (t.kind) {
    case PVM_BOOL: return native(p, "str_bool", str, &v, 1);
    case PVM_FLOAT: return native(p, "str_float", str, &v, 1);
    case PVM_REF: return native(p, "str_ref", str, &v, 1);
    case PVM_BYTE:
        v = emit(p, IR_WIDEN, ir_scalar(PVM_INT), v, IR_NONE, 0);
        return native(p, "str_int", str, &v, 1);
    default: return native(p, "str_int", str, &v, 1);
    }
}

/* words BEFORE x BETWEEN y; y IR_NONE: words BEFORE x; x too: words BEFORE */
struct message {
    int64_t words; /* index of a string */
    const char *before, *between, *kind;
    ir_val x, y;
};

static void fail_with(struct plain *p, const struct message *m)
{
    ir_type str = ir_ref(PVM_T_STR);
    ir_val part[5];
    uint32_t n = 0;
    part[n++] = emit(p, IR_STR, str, IR_NONE, IR_NONE, m->words);
    part[n++] = text(p, m->before);
    if (m->x != IR_NONE)
        part[n++] = shown(p, m->x);
    if (m->y != IR_NONE) {
        part[n++] = text(p, m->between);
        part[n++] = shown(p, m->y);
    }
    ir_val whole = n == 2 ? emit(p, IR_CAT, str, part[0], part[1], 0)
                          : native(p, n == 3 ? "cat3" : "cat5", str, part, n);
    ir_val args[] = {whole, text(p, m->kind)};
    ir_val e = native(p, "error", ir_ref(PVM_T_ERROR), args, 2);
    ir_fail(p->f, p->at, e, p->pos);
}

/* Goes on where v is what is expected, and fails elsewhere. */
static void promise(struct plain *p, ir_val v, bool expected,
                    const struct message *m)
{
    ir_blk on = ir_add_block(p->f), off = ir_add_block(p->f);
    ir_branch(p->f, p->at, v, expected ? on : off, expected ? off : on, p->pos);
    p->at = off;
    fail_with(p, m);
    p->at = on;
}

/* The same value, with nothing lost: two strings that are alike cannot be told
 * apart, two floats by `==` can. */
static ir_val equal(struct plain *p, ir_val x, ir_val y)
{
    ir_type t = ir_type_of(p->f, x), truth = ir_scalar(PVM_BOOL);
    ir_val args[] = {x, y};
    enum ir_op op = IR_EQ;
    if (t.kind == PVM_FLOAT)
        return native(p, "same_float", truth, args, 2);
    if (t.kind == PVM_REF)
        op = t.type == PVM_T_STR ? IR_SEQ : IR_SAME;
    return emit(p, op, truth, x, y, 0);
}

static bool is_proved(const struct plain *p, const struct ir_inst *i)
{
    return p->mod->strings.at[i->imm].len == 0;
}

static void check(struct plain *p, const struct ir_inst *i)
{
    struct message m = {
        .words = i->imm, .kind = "irreversible", .x = IR_NONE, .y = IR_NONE};
    if (is_proved(p, i))
        return;
    ir_val holds = i->args[0];
    switch (i->op) {
    case IR_DELOCAL:
    case IR_UNMAKE:
        m.before = ": expected ";
        m.between = ", found ";
        m.x = i->args[1];
        m.y = i->args[0];
        break;
    case IR_DROP:
        m.before = " means something else after the statement: ";
        m.between = " before, now ";
        m.x = i->args[0];
        m.y = i->args[1];
        break;
    case IR_APART: m.before = ""; break;
    default:
        m.before = "";
        m.kind = "assert";
        break;
    }
    if (i->op == IR_UNMAKE)
        holds = native(p, "equal", ir_scalar(PVM_BOOL), i->args, 2);
    else if (m.x != IR_NONE)
        holds = equal(p, i->args[0], i->args[1]);
    promise(p, holds, true, &m);
}

/* ---- updates ------------------------------------------------------------- */

static const uint8_t plain_ops[] = {IR_ADD,  IR_SUB, IR_XOR, IR_ROTL,
                                    IR_ROTR, IR_NEG, IR_INV};
enum { UPDATES = sizeof plain_ops };
_Static_assert(IR_UINV - IR_UADD == UPDATES - 1 &&
                   IR_UADDF - IR_UADD == UPDATES &&
                   IR_UADDG - IR_UADDF == UPDATES &&
                   IR_UADDE - IR_UADDG == UPDATES &&
                   IR_UINVE - IR_UADDE == UPDATES - 1,
               "the rows of the updates stand in one order for each place");

/* The type of a field or global. */
static ir_type word_type(const struct plain *p, uint32_t type, int64_t word)
{
    return pvm_in_register(ir_field_at(p->mod, type, word)->of);
}

static ir_type item_type(const struct plain *p, ir_val list)
{
    return p->mod->types.at[ir_type_of(p->f, list).type].item;
}

/* The place of an update or exchange in memory: read, or written. */
static ir_val load(struct plain *p, const struct ir_inst *i, bool global,
                   bool item)
{
    if (global)
        return emit(p, IR_LDG, word_type(p, p->mod->globals, i->imm), IR_NONE,
                    IR_NONE, i->imm);
    if (item)
        return emit(p, IR_LDE, item_type(p, i->args[0]), i->args[0], i->args[1],
                    0);
    uint32_t type = ir_type_of(p->f, i->args[0]).type;
    return emit(p, IR_LDF, word_type(p, type, i->imm), i->args[0], IR_NONE,
                i->imm);
}

static void store(struct plain *p, const struct ir_inst *i, bool global,
                  bool item, ir_val v)
{
    ir_val args[] = {i->args ? i->args[0] : IR_NONE,
                     item ? i->args[1] : IR_NONE, v};
    if (global)
        emit(p, IR_STG, ir_scalar(PVM_NONE), v, IR_NONE, i->imm);
    else if (item)
        ir_emit_n(p->f, p->at, IR_STE, NULL, 0, args, 3, 0, p->pos);
    else
        emit(p, IR_STF, ir_scalar(PVM_NONE), args[0], v, i->imm);
}

static void update(struct plain *p, const struct ir_inst *i)
{
    uint32_t row = (uint32_t)(i->op - IR_UADD), which = row % UPDATES;
    bool global = i->op >= IR_UADDG && i->op <= IR_UINVG;
    bool item = i->op >= IR_UADDE && i->op <= IR_UINVE;
    if (row < UPDATES) {
        keep(p, i, plain_ops[which]);
        return;
    }
    ir_val old = load(p, i, global, item);
    bool alone = plain_ops[which] == IR_NEG || plain_ops[which] == IR_INV;
    ir_val by = alone ? IR_NONE : i->args[i->nargs - 1];
    ir_val new = emit(p, plain_ops[which], ir_type_of(p->f, old), old, by, 0);
    store(p, i, global, item, new);
}

static void exchange(struct plain *p, const struct ir_inst *i)
{
    bool global = i->op == IR_XCHGG, item = i->op == IR_XCHGE;
    ir_val old = load(p, i, global, item);
    store(p, i, global, item, i->args[i->nargs - 1]);
    define(p, i->res, IR_COPY, old, 0);
}

static void take(struct plain *p, const struct ir_inst *i)
{
    ir_val v = load(p, i, i->op == IR_TAKEG, i->op == IR_TAKEE);
    define(p, i->res, IR_COPY, v, 0);
}

/* A native of maps by the kinds of key and value: its name ends in two
 * letters. */
static ir_val map_native(struct plain *p, const struct ir_inst *i,
                         const char *name, bool gives)
{
    const struct ir_typedesc *t =
        &p->f->module->types.at[ir_type_of(p->f, i->args[0]).type];
    char full[32];
    ir_type of = t->item;
    snprintf(full, sizeof full, "%s_%c%c", name,
             t->key.kind == PVM_REF ? 'r' : 's',
             of.kind == PVM_REF ? 'r' : 's');
    return ir_emit_n(p->f, p->at, IR_NATIVE, &of, gives, i->args, i->nargs,
                     ir_native(full), p->pos);
}

static void take_entry(struct plain *p, const struct ir_inst *i)
{
    define(p, i->res, IR_COPY, map_native(p, i, "map_at", true), 0);
}

static void put(struct plain *p, const struct ir_inst *i)
{
    store(p, i, i->op == IR_PUTG, i->op == IR_PUTE, i->args[i->nargs - 1]);
}

static void pop(struct plain *p, const struct ir_inst *i)
{
    ir_type t = ir_type_of(p->f, i->args[1]);
    ir_val zero = emit(p, IR_CONST, t, IR_NONE, IR_NONE, 0);
    struct message m = {.words = i->imm,
                        .before = " is to be zero before a pop, and is ",
                        .kind = "irreversible",
                        .x = i->args[1],
                        .y = IR_NONE};
    promise(p, equal(p, i->args[1], zero), true, &m);
    define(p, i->res, IR_POP, i->args[0], 0);
}

static void push(struct plain *p, const struct ir_inst *i)
{
    emit(p, IR_PUSH, ir_scalar(PVM_NONE), i->args[0], i->args[1], 0);
    define(p, i->res, IR_CONST, IR_NONE, 0);
}

/* ---- and, or ------------------------------------------------------------- */

/* Goes on where v is what lets the second value be made; both values lead to
 * one block, as its param. */
static void open_logic(struct plain *p, ir_val v, bool both)
{
    ir_type truth = ir_scalar(PVM_BOOL);
    ir_blk on = ir_add_block(p->f), decided = ir_add_block(p->f);
    ir_blk end = ir_add_block(p->f);
    ir_add_param(p->f, end, truth);
    vec_push_in(p->f->arena, &p->open, end);
    ir_branch(p->f, p->at, v, both ? on : decided, both ? decided : on, p->pos);
    p->at = decided;
    ir_val result = emit(p, IR_CONST, truth, IR_NONE, IR_NONE, !both);
    ir_jump(p->f, p->at, end, p->pos);
    ir_edge_arg(p->f, &ir_end(p->f, p->at)->edges[0], result);
    p->at = on;
}

static ir_val close_logic(struct plain *p, ir_val v)
{
    ir_blk end = p->open.at[--p->open.n];
    ir_jump(p->f, p->at, end, p->pos);
    ir_edge_arg(p->f, &ir_end(p->f, p->at)->edges[0], v);
    p->at = end;
    return p->f->blocks.at[end].params.at[0];
}

/* ---- joins --------------------------------------------------------------- */

/* The join that heads a block as it was, behind what makes its condition. */
static const struct ir_inst *join_of(const struct ir_block *b)
{
    for (uint32_t k = 0; k < b->insts.n; k++) {
        const struct ir_inst *i = &b->insts.at[k];
        if (i->op == IR_JOIN)
            return i;
        if (ir_ops[i->op].class != IR_PURE && i->op != IR_NATIVE)
            break;
    }
    return NULL;
}

/* The same inst of the counterparts of its arguments. */
static void copy_inst(struct plain *p, const struct ir_inst *i)
{
    p->pos = i->pos;
    if (i->op == IR_BOTH || i->op == IR_EITHER) {
        open_logic(p, p->now[i->args[0]], i->op == IR_BOTH);
        return;
    }
    if (i->op == IR_SO) {
        p->now[i->res] = close_logic(p, p->now[i->args[0]]);
        return;
    }
    ir_val *args = ARENA_ARRAY(p->f->arena, ir_val, i->nargs + 1);
    ir_type *types = ARENA_ARRAY(p->f->arena, ir_type, i->nres + 1);
    for (uint32_t k = 0; k < i->nargs; k++)
        args[k] = p->now[i->args[k]];
    for (uint32_t k = 0; k < i->nres; k++)
        types[k] = ir_type_of(p->f, i->res + k);
    ir_val v = ir_emit_n(p->f, p->at, (enum ir_op)i->op, types, i->nres, args,
                         i->nargs, i->imm, i->pos);
    for (uint32_t k = 0; k < i->nres; k++)
        p->now[i->res + k] = v + k;
}

/* The jump from block `from`: where a join stands, its promise before. */
static void jump(struct plain *p, ir_blk from, const struct ir_inst *i)
{
    const struct ir_edge *e = &i->edges[0];
    const struct ir_block *to = &p->old[e->to];
    const struct ir_inst *join = join_of(to);
    if (!join) {
        keep(p, i, IR_JUMP);
        return;
    }
    if (!is_proved(p, join)) {
        bool way = rev_def(&p->old[from], e->args[0])->imm != 0;
        struct message m = {.words = join->imm,
                            .before = way ? ": expected true, found false"
                                          : ": expected false, found true",
                            .kind = "irreversible",
                            .x = IR_NONE,
                            .y = IR_NONE};
        for (uint32_t k = 1; k < e->nargs; k++)
            p->now[to->params.at[k]] = e->args[k];
        for (const struct ir_inst *c = to->insts.at; c < join; c++)
            copy_inst(p, c);
        p->pos = join->pos;
        promise(p, p->now[join->args[0]], way, &m);
    }
    ir_jump(p->f, p->at, e->to, i->pos);
    for (uint32_t k = 1; k < e->nargs; k++)
        ir_edge_arg(p->f, &ir_end(p->f, p->at)->edges[0], e->args[k]);
}

/* ---- the function -------------------------------------------------------- */

static void plain_inst(struct plain *p, const struct ir_inst *i)
{
    struct ir_inst copy = *i;
    p->pos = i->pos;
    switch (i->op) {
    case IR_SWAP:
        define(p, i->res, IR_COPY, i->args[1], 0);
        define(p, i->res + 1, IR_COPY, i->args[0], 0);
        break;
    case IR_XCHGF:
    case IR_XCHGG:
    case IR_XCHGE: exchange(p, i); break;
    case IR_TAKEF:
    case IR_TAKEG:
    case IR_TAKEE: take(p, i); break;
    case IR_PUTF:
    case IR_PUTG:
    case IR_PUTE: put(p, i); break;
    case IR_TAKEM: take_entry(p, i); break;
    case IR_PUTM: map_native(p, i, "map_put", false); break;
    case IR_UPUSH: push(p, i); break;
    case IR_UPOP: pop(p, i); break;
    case IR_LOCAL:
    case IR_MAKE:
    case IR_HOLD: define(p, i->res, IR_COPY, i->args[0], 0); break;
    case IR_DELOCAL:
    case IR_UNMAKE:
    case IR_DROP:
    case IR_APART:
    case IR_ASSERT: check(p, i); break;
    case IR_UNCALL:
        copy.imm = (int64_t)p->mod->sigs.at[i->imm].inverse - 1;
        keep(p, &copy, IR_CALL);
        break;
    case IR_BOTH:
    case IR_EITHER: open_logic(p, i->args[0], i->op == IR_BOTH); break;
    case IR_SO:
        define(p, i->res, IR_COPY, close_logic(p, i->args[0]), 0);
        break;
    case IR_BRANCH:
        copy.imm = 0;
        keep(p, &copy, IR_BRANCH);
        break;
    default:
        if (i->op >= IR_UADD && i->op <= IR_UINVE)
            update(p, i);
        else
            keep(p, i, i->op);
    }
}

static bool is_memory_update(const struct ir_inst *i)
{
    return i->op >= IR_UADDF && i->op <= IR_UINVE;
}

static bool same_pos(struct ir_pos a, struct ir_pos b)
{
    return a.line == b.line && a.column == b.column;
}

/* Behind the groups of APARTs of the same statement that follow an update. */
static uint32_t behind_aparts(const struct ir_block *b, uint32_t update)
{
    uint32_t behind = update + 1;
    for (uint32_t k = behind; k < b->insts.n; k++) {
        const struct ir_inst *i = &b->insts.at[k];
        if (i->op == IR_APART && same_pos(i->pos, b->insts.at[update].pos))
            behind = k + 1;
        else if (ir_ops[i->op].class != IR_PURE)
            break;
    }
    return behind;
}

static bool is_call(const struct ir_inst *i)
{
    return i->op == IR_CALL || i->op == IR_UNCALL;
}

static bool stands_behind_call(const struct ir_inst *i)
{
    return ir_ops[i->op].class == IR_PURE || i->op == IR_NATIVE ||
           i->op == IR_APART || i->op == IR_PUTF || i->op == IR_PUTG ||
           i->op == IR_PUTE || i->op == IR_PUTM;
}

/* What was promised before the call of the same statement, is behind it. */
static bool is_promised_again(const struct ir_block *b, uint32_t at)
{
    const struct ir_inst *i = &b->insts.at[at];
    uint32_t k = at;
    if (i->op != IR_APART)
        return false;
    while (k && (k == at || stands_behind_call(&b->insts.at[k])))
        k--;
    return is_call(&b->insts.at[k]) && same_pos(b->insts.at[k].pos, i->pos);
}

/* The DROP that a pure op is made for, if it is one that is checked. */
static const struct ir_inst *drop_of(const struct plain *p,
                                     const struct ir_block *b, uint32_t at)
{
    while (ir_ops[b->insts.at[at].op].class == IR_PURE ||
           b->insts.at[at].op == IR_NATIVE)
        at++;
    const struct ir_inst *i = &b->insts.at[at];
    return i->op == IR_DROP && !is_proved(p, i) ? i : NULL;
}

#define AGAIN " cannot be evaluated after the statement: "

/* A function that fails when it is called again: a mark is opened around the
 * call, and the error that lands there is put into the words of the promise. */
static void apply_again(struct plain *p, const struct ir_inst *i,
                        const struct ir_inst *drop)
{
    ir_blk on = ir_add_block(p->f), off = ir_add_block(p->f);
    ir_type str = ir_ref(PVM_T_STR), error = ir_ref(PVM_T_ERROR);
    ir_val e = ir_add_param(p->f, off, error), args[3];
    ir_mark(p->f, p->at, IR_MARK_TRY, UINT16_MAX, on, off, p->pos);
    p->at = off;
    args[0] = emit(p, IR_STR, str, IR_NONE, IR_NONE, drop->imm);
    args[1] = text(p, AGAIN);
    args[2] = emit(p, IR_LDF, str, e, IR_NONE, 0);
    ir_val whole[] = {native(p, "cat3", str, args, 3), text(p, "irreversible")};
    ir_fail(p->f, p->at, native(p, "error", error, whole, 2), p->pos);
    p->at = on;
    keep(p, i, IR_APPLY);
    emit(p, IR_KEEP, ir_scalar(PVM_NONE), IR_NONE, IR_NONE, 0);
}

/* What fails when it is evaluated again is a difference, too: an item that is
 * not there any more, a division by what has become zero. */
static void promise_again(struct plain *p, const struct ir_block *b,
                          uint32_t at)
{
    const struct ir_inst *i = &b->insts.at[at];
    bool item = i->op == IR_LDE, divides = i->op == IR_DIV || i->op == IR_MOD;
    const struct ir_inst *drop = item || divides ? drop_of(p, b, at) : NULL;
    if (!drop)
        return;
    struct message m = {.words = drop->imm,
                        .before = AGAIN "there is no item ",
                        .kind = "irreversible",
                        .x = i->args[1],
                        .y = IR_NONE};
    ir_type truth = ir_scalar(PVM_BOOL);
    ir_type t = ir_type_of(p->f, i->args[1]);
    p->pos = i->pos;
    ir_val zero = emit(p, IR_CONST, t, IR_NONE, IR_NONE, 0);
    if (divides) {
        m.before = AGAIN "it divides by ";
        promise(p, emit(p, IR_EQ, truth, i->args[1], zero, 0), false, &m);
        return;
    }
    promise(p, emit(p, IR_LT, truth, i->args[1], zero, 0), false, &m);
    ir_val n = emit(p, IR_LEN, t, i->args[0], IR_NONE, 0);
    promise(p, emit(p, IR_LT, truth, i->args[1], n, 0), true, &m);
}

/* An inst, which may be one of those that make a value again. */
static void plain_again(struct plain *p, const struct ir_block *b, uint32_t at)
{
    const struct ir_inst *i = &b->insts.at[at];
    const struct ir_inst *drop = i->op == IR_APPLY ? drop_of(p, b, at) : NULL;
    p->pos = i->pos;
    if (drop) {
        apply_again(p, i, drop);
        return;
    }
    promise_again(p, b, at);
    plain_inst(p, i);
}

static void plain_line(struct plain *p, ir_blk b, uint32_t from, uint32_t to)
{
    for (uint32_t k = from; k < to; k++)
        if (is_promised_again(&p->old[b], k))
            continue;
        else if (p->old[b].insts.at[k].op == IR_JUMP)
            jump(p, b, &p->old[b].insts.at[k]);
        else
            plain_again(p, &p->old[b], k);
}

/* In an inverse, that places are apart is looked at behind the update.  It
 * says the same before it, where what was loaded for it is still known. */
static void plain_block(struct plain *p, ir_blk b)
{
    const struct ir_block *old = &p->old[b];
    const struct ir_inst *join = join_of(old);
    struct ir_block *new = &p->f->blocks.at[b];
    uint32_t k = 0;
    memset(&new->insts, 0, sizeof new->insts);
    if (join) { /* what it does is done on the ways */
        memset(&new->params, 0, sizeof new->params);
        for (uint32_t n = 1; n < old->params.n; n++)
            vec_push_in(p->f->arena, &new->params, old->params.at[n]);
        k = (uint32_t)(join - old->insts.at) + 1;
    }
    p->at = b;
    for (uint32_t next; k < old->insts.n; k = next) {
        next = k + 1;
        if (is_memory_update(&old->insts.at[k]))
            next = behind_aparts(old, k);
        plain_line(p, b, k + 1, next);
        plain_line(p, b, k, k + 1);
    }
}

void ir_plain(struct ir_fn *f)
{
    uint32_t nblocks = f->blocks.n, nvalues = f->values.n;
    struct ir_block *old = ARENA_ARRAY(f->arena, struct ir_block, nblocks);
    struct plain p = {.f = f, .mod = f->module, .old = old};
    memcpy(old, f->blocks.at, nblocks * sizeof *old);
    p.now = ARENA_ARRAY(f->arena, ir_val, nvalues + 1);
    for (ir_val v = 0; v < nvalues; v++)
        p.now[v] = v;
    for (ir_blk b = 0; b < nblocks; b++)
        plain_block(&p, b);
    f->rev = false;
}
