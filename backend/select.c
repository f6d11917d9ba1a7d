/* select.c - machine ops for the ops of the IR.
 *
 * Runs over the function from its last line up: when an op is reached, it is
 * known whether anything reads its result, so what only fed an immediate, a
 * fused compare or a constant move is never made.  In reverse postorder a
 * definition stands before its uses, back edges only carry values into
 * params, and params need no op.
 *
 * What one machine op cannot do becomes two: a byte's arithmetic is masked,
 * a byte's shift count is taken mod 8.  A compare that only its branch reads
 * becomes the jump.  Updates of reversible code are selected as the plain ops
 * they compute. */
#include "backend/blocks.h"

struct sel {
    struct be_fn *f;
    struct be_block *blk;
    const struct ir_inst *ir; /* the op at hand */
    VEC(struct be_inst) out;  /* of the block at hand, last one first */
};

/* ---- helpers ------------------------------------------------------------- */

static void put(struct sel *s, unsigned op, uint32_t a, uint32_t b, uint32_t c)
{
    struct be_inst i = {
        .op = (uint16_t)op, .a = a, .b = b, .c = c, .ir = s->ir};
    vec_push_in(s->f->arena, &s->out, i);
}

/* The virtual register of a value that an op reads. */
static uint32_t use(struct sel *s, ir_val v)
{
    v = s->f->values[v].alias;
    s->f->values[v].wanted = true;
    return v;
}

/* As use, for a value that is moved to a fixed place. */
static void use_moved(struct sel *s, ir_val v)
{
    uint32_t r = be_moved(s->f, v);
    if (r != BE_NONE)
        s->f->values[r].wanted = true;
}

static uint32_t new_register(struct be_fn *f, ir_type t)
{
    vec_push_in(f->arena, &f->types, t);
    return f->types.n - 1;
}

static uint32_t scalar_temp(struct sel *s)
{
    return new_register(s->f, ir_scalar(PVM_INT));
}

static const struct ir_inst *def_of(const struct sel *s, ir_val v)
{
    return s->f->values[s->f->values[v].alias].def;
}

/* Is v an integer constant that an immediate can hold? */
static bool small(const struct sel *s, ir_val v, int64_t *k)
{
    const struct ir_inst *d = def_of(s, v);
    if (!d || d->op != IR_CONST || d->imm < INT16_MIN || d->imm > INT16_MAX)
        return false;
    *k = d->imm;
    return true;
}

static ir_type type_of(const struct sel *s, ir_val v)
{
    return s->f->types.at[v];
}
static bool is_byte(const struct sel *s, ir_val v)
{
    return type_of(s, v).kind == PVM_BYTE;
}
static bool is_ref(const struct sel *s, ir_val v)
{
    return type_of(s, v).kind == PVM_REF;
}

static uint32_t imm(int64_t k)
{
    return (uint16_t)k;
}

/* ---- arithmetic ---------------------------------------------------------- */

/* The result of a byte op that may leave its range: made in a temporary and
 * masked.  Returns where to make it. */
static uint32_t masked(struct sel *s)
{
    if (!is_byte(s, s->ir->res))
        return s->ir->res;
    uint32_t t = scalar_temp(s);
    put(s, PVM_ANDI, s->ir->res, t, imm(255));
    return t;
}

static void select_add(struct sel *s, ir_val x, ir_val y)
{
    int64_t k;
    uint32_t to = masked(s);
    if (small(s, y, &k))
        put(s, PVM_ADDI, to, use(s, x), imm(k));
    else if (small(s, x, &k))
        put(s, PVM_ADDI, to, use(s, y), imm(k));
    else
        put(s, PVM_ADD, to, use(s, x), use(s, y));
}

static void select_sub(struct sel *s, ir_val x, ir_val y)
{
    int64_t k;
    uint32_t to = masked(s);
    if (small(s, y, &k) && k != INT16_MIN)
        put(s, PVM_ADDI, to, use(s, x), imm(-k));
    else if (small(s, x, &k))
        put(s, PVM_RSUBI, to, use(s, y), imm(k));
    else
        put(s, PVM_SUB, to, use(s, x), use(s, y));
}

/* An op that may take its operands in either order. */
static void select_symmetric(struct sel *s, uint32_t to, unsigned op,
                             unsigned op_imm)
{
    ir_val x = s->ir->args[0], y = s->ir->args[1];
    int64_t k;
    if (small(s, y, &k))
        put(s, op_imm, to, use(s, x), imm(k));
    else if (small(s, x, &k))
        put(s, op_imm, to, use(s, y), imm(k));
    else
        put(s, op, to, use(s, x), use(s, y));
}

static void select_divide(struct sel *s, unsigned op, unsigned op_imm)
{
    ir_val x = s->ir->args[0], y = s->ir->args[1];
    int64_t k;
    if (small(s, y, &k) && k != 0)
        put(s, op_imm, s->ir->res, use(s, x), imm(k));
    else
        put(s, op, s->ir->res, use(s, x), use(s, y));
}

static void select_shift(struct sel *s, uint32_t to, unsigned op,
                         unsigned op_imm)
{
    ir_val x = s->ir->args[0], y = s->ir->args[1];
    bool byte = is_byte(s, s->ir->res);
    const struct ir_inst *d = def_of(s, y);
    if (d && d->op == IR_CONST) {
        put(s, op_imm, to, use(s, x), imm(d->imm & (byte ? 7 : 63)));
    } else if (byte) {
        uint32_t count = scalar_temp(s);
        put(s, op, to, use(s, x), count);
        put(s, PVM_ANDI, count, use(s, y), imm(7));
    } else {
        put(s, op, to, use(s, x), use(s, y));
    }
}

static void select_unary(struct sel *s, uint32_t to, unsigned op)
{
    put(s, op, to, use(s, s->ir->args[0]), 0);
}

static void select_binary(struct sel *s, unsigned op)
{
    ir_val x = s->ir->args[0], y = s->ir->args[1];
    put(s, op, s->ir->res, use(s, x), use(s, y));
}

/* EQ, NE, LT, LE as values. */
static void select_compare(struct sel *s, unsigned op)
{
    ir_val x = s->ir->args[0], y = s->ir->args[1];
    uint32_t to = s->ir->res;
    int64_t k;
    if (op == PVM_EQ && (small(s, y, &k) || small(s, x, &k)))
        put(s, PVM_EQI, to, use(s, small(s, y, &k) ? x : y), imm(k));
    else if (op == PVM_LT && small(s, y, &k))
        put(s, PVM_LTI, to, use(s, x), imm(k));
    else if (op == PVM_LE && small(s, y, &k) && k < INT16_MAX)
        put(s, PVM_LTI, to, use(s, x), imm(k + 1));
    else
        put(s, op, to, use(s, x), use(s, y));
}

/* Ops that one instruction of the same operands does, whatever they are. */
static const uint16_t same[IR_NOPS] = {
    [IR_FADD] = PVM_FADD, [IR_FSUB] = PVM_FSUB, [IR_FMUL] = PVM_FMUL,
    [IR_FDIV] = PVM_FDIV, [IR_FMOD] = PVM_FMOD, [IR_FNEG] = PVM_FNEG,
    [IR_ITOF] = PVM_ITOF, [IR_FTOI] = PVM_FTOI, [IR_ITOB] = PVM_ITOB,
    [IR_FEQ] = PVM_FEQ,   [IR_FNE] = PVM_FNE,   [IR_FLT] = PVM_FLT,
    [IR_FLE] = PVM_FLE,   [IR_SAME] = PVM_EQR,  [IR_SCMP] = PVM_SCMP,
    [IR_TAG] = PVM_TAG,   [IR_ISNIL] = PVM_ISN, [IR_SEQ] = PVM_SEQ,
    [IR_SLEN] = PVM_SLEN, [IR_SIDX] = PVM_SIDX, [IR_CAT] = PVM_CAT,
    [IR_LEN] = PVM_LEN,
};

static bool select_arith(struct sel *s)
{
    const struct ir_inst *i = s->ir;
    bool byte = i->nres && is_byte(s, i->res);
    switch (i->op) {
    case IR_ADD:
    case IR_UADD: select_add(s, i->args[0], i->args[1]); break;
    case IR_SUB:
    case IR_USUB: select_sub(s, i->args[0], i->args[1]); break;
    case IR_MUL: select_symmetric(s, masked(s), PVM_MUL, PVM_MULI); break;
    case IR_DIV: select_divide(s, PVM_DIV, PVM_DIVI); break;
    case IR_MOD: select_divide(s, PVM_MOD, PVM_MODI); break;
    case IR_AND: select_symmetric(s, i->res, PVM_AND, PVM_ANDI); break;
    case IR_OR: select_symmetric(s, i->res, PVM_OR, PVM_ORI); break;
    case IR_XOR:
    case IR_UXOR: select_symmetric(s, i->res, PVM_XOR, PVM_XORI); break;
    case IR_SHL: select_shift(s, masked(s), PVM_SHL, PVM_SHLI); break;
    case IR_SHR: select_shift(s, i->res, PVM_SHR, PVM_SHRI); break;
    case IR_ROTL:
    case IR_UROTL: select_binary(s, byte ? PVM_ROTL8 : PVM_ROTL); break;
    case IR_ROTR:
    case IR_UROTR: select_binary(s, byte ? PVM_ROTR8 : PVM_ROTR); break;
    case IR_NEG:
    case IR_UNEG: select_unary(s, masked(s), PVM_NEG); break;
    case IR_INV:
    case IR_UINV:
        if (byte)
            put(s, PVM_XORI, i->res, use(s, i->args[0]), imm(255));
        else
            select_unary(s, i->res, PVM_INV);
        break;
    case IR_NOT: put(s, PVM_XORI, i->res, use(s, i->args[0]), imm(1)); break;
    case IR_EQ: select_compare(s, PVM_EQ); break;
    case IR_NE: select_compare(s, PVM_NE); break;
    case IR_LT: select_compare(s, PVM_LT); break;
    case IR_LE: select_compare(s, PVM_LE); break;
    default:
        if (!same[i->op])
            return false;
        if (i->nargs == 1)
            select_unary(s, i->res, same[i->op]);
        else
            select_binary(s, same[i->op]);
    }
    return true;
}

/* ---- constants and memory ------------------------------------------------ */

static bool select_const(struct sel *s)
{
    const struct ir_inst *i = s->ir;
    if (i->op == IR_CONST && is_ref(s, i->res))
        return be_refuse(s->f, "a reference cannot be a constant yet");
    if (i->op == IR_STR)
        put(s, PVM_LDKR, i->res, (uint32_t)i->imm, 0);
    else if (i->imm >= INT32_MIN && i->imm <= INT32_MAX)
        put(s, PVM_LDI, i->res, (uint32_t)i->imm, 0);
    else
        put(s, PVM_LDK, i->res, 0, 0); /* the index is emit.c's to find */
    return true;
}

/* The op of three for a list: of words, of bytes and bools, of references. */
static unsigned by_item(const struct sel *s, ir_val list, unsigned words,
                        unsigned bytes, unsigned refs)
{
    uint32_t t = type_of(s, list).type;
    switch (s->f->module->types.at[t].item.kind) {
    case PVM_REF: return refs;
    case PVM_BOOL:
    case PVM_BYTE: return bytes;
    default: return words;
    }
}

/* With an index in C and X. */
static bool put_indexed(struct sel *s, unsigned op, uint32_t a, uint32_t b,
                        int64_t index)
{
    if (index >= PVM_XC_LIMIT)
        return be_refuse(s->f, "the program has more than %u %s", PVM_XC_LIMIT,
                         op == PVM_CALL ? "functions" : "types");
    put(s, op, a, b, (uint32_t)index & 0xffff);
    s->out.at[s->out.n - 1].x = (uint8_t)(index >> 16);
    return true;
}

/* Ops of an argument and a type, whose index is in X and C. */
static bool select_typed(struct sel *s)
{
    const struct ir_inst *i = s->ir;
    unsigned op = i->op == IR_UP     ? PVM_UP
                  : i->op == IR_DOWN ? PVM_DOWN
                  : i->op == IR_NAME ? PVM_NAME
                                     : PVM_NOP;
    if (op == PVM_NOP)
        return false;
    return put_indexed(s, op, i->res, use(s, i->args[0]), i->imm);
}

static bool select_memory(struct sel *s)
{
    const struct ir_inst *i = s->ir;
    const ir_val *arg = i->args;
    uint32_t word = (uint32_t)i->imm;
    bool ref = i->nres && is_ref(s, i->res);
    unsigned op;
    switch (i->op) {
    case IR_NIL: put(s, PVM_LDN, i->res, word, 0); break;
    case IR_UNIT: put(s, PVM_LDU, i->res, word, 0); break;
    case IR_NEW: put(s, PVM_NEW, i->res, word, 0); break;
    case IR_NEWLIST: put(s, PVM_NEWL, i->res, word, 0); break;
    case IR_NEWMAP: put(s, PVM_NEWM, i->res, word, 0); break;
    case IR_LDF:
        put(s, ref ? PVM_LDFR : PVM_LDF, i->res, use(s, arg[0]), word);
        break;
    case IR_STF:
        op = is_ref(s, arg[1]) ? word < 32 ? PVM_STFR : PVM_STFXR
             : word < 32       ? PVM_STF
                               : PVM_STFX;
        put(s, op, use(s, arg[0]), use(s, arg[1]), word);
        break;
    case IR_LDG: put(s, ref ? PVM_LDGR : PVM_LDG, i->res, word, 0); break;
    case IR_STG:
        put(s, is_ref(s, arg[0]) ? PVM_STGR : PVM_STG, use(s, arg[0]), word, 0);
        break;
    case IR_LDE:
        select_binary(s, by_item(s, arg[0], PVM_LDE, PVM_LDEB, PVM_LDER));
        break;
    case IR_STE:
        op = by_item(s, arg[0], PVM_STE, PVM_STEB, PVM_STER);
        put(s, op, use(s, arg[0]), use(s, arg[1]), use(s, arg[2]));
        break;
    case IR_PUSH:
        op = by_item(s, arg[0], PVM_PUSH, PVM_PUSHB, PVM_PUSHR);
        put(s, op, use(s, arg[0]), use(s, arg[1]), 0);
        break;
    case IR_POP:
        select_unary(s, i->res,
                     by_item(s, arg[0], PVM_POP, PVM_POPB, PVM_POPR));
        break;
    default: return false;
    }
    if (word > UINT16_MAX && (i->op == IR_LDF || i->op == IR_STF))
        return be_refuse(s->f, "a struct has more than 65536 words");
    return true;
}

/* ---- calls, flags, marks ------------------------------------------------- */

static bool select_call(struct sel *s)
{
    const struct ir_inst *i = s->ir;
    for (uint32_t k = 0; k < i->nargs; k++)
        use_moved(s, i->args[k]);
    if (i->op == IR_NATIVE) {
        put(s, PVM_NAT, 0, 0, (uint32_t)i->imm);
        return true;
    }
    bool closure = i->op == IR_CALLC;
    return put_indexed(s, closure ? PVM_CALLC : PVM_CALL, 0, 0,
                       closure ? type_of(s, i->args[0]).type : i->imm);
}

static void select_setflag(struct sel *s)
{
    uint32_t flag = s->f->flag0 + (uint32_t)s->ir->imm;
    int64_t k;
    if (small(s, s->ir->args[0], &k))
        put(s, PVM_LDI, flag, (uint32_t)k, 0);
    else
        put(s, PVM_MOV, flag, use(s, s->ir->args[0]), 0);
}

static bool select_other(struct sel *s)
{
    const struct ir_inst *i = s->ir;
    switch (i->op) {
    case IR_CONST:
    case IR_STR: return select_const(s);
    case IR_COPY:
    case IR_WIDEN:
    case IR_SWAP: return true; /* aliases */
    case IR_CALL:
    case IR_CALLC:
    case IR_APPLY:
    case IR_NATIVE: return select_call(s);
    case IR_SETFLAG: select_setflag(s); return true;
    case IR_GETFLAG:
        put(s, PVM_MOV, i->res, s->f->flag0 + (uint32_t)i->imm, 0);
        return true;
    case IR_KEEP: put(s, PVM_KEEP, 0, 0, 0); return true;
    case IR_UNDO: put(s, PVM_UNDO, 0, 0, 0); return true;
    default:
        return be_refuse(s->f, "there is no instruction for `%s` yet",
                         ir_ops[i->op].text);
    }
}

/* Does anything need the op?  Pure ops that cannot fail live by their
 * results alone. */
static bool is_needed(const struct sel *s)
{
    const struct ir_inst *i = s->ir;
    const struct ir_op_info *op = &ir_ops[i->op];
    if (i->op == IR_SETFLAG || (op->flags & (IR_WRITES | IR_FAILS)) ||
        op->class == IR_LOGGED || op->class == IR_EFFECT)
        return true;
    for (uint32_t k = 0; k < i->nres; k++)
        if (s->f->values[i->res + k].wanted)
            return true;
    return false;
}

/* ---- ends of blocks ------------------------------------------------------ */

static void end_with(struct sel *s, unsigned op, uint32_t a, uint32_t b)
{
    s->blk->last =
        (struct be_inst){.op = (uint16_t)op, .a = a, .b = b, .ir = s->ir};
}

/* The jump of an int compare; of an immediate the register is on the left. */
static unsigned compare_jump(unsigned op, bool immediate, bool exchanged)
{
    switch (op) {
    case IR_EQ: return immediate ? PVM_JEQI : PVM_JEQ;
    case IR_NE: return immediate ? PVM_JNEI : PVM_JNE;
    case IR_LT: return exchanged ? PVM_JGTI : immediate ? PVM_JLTI : PVM_JLT;
    default: return exchanged ? PVM_JGEI : immediate ? PVM_JLEI : PVM_JLE;
    }
}

/* Ends with the jump taken when a compare holds; false where there is none. */
static bool fuse_compare(struct sel *s, const struct ir_inst *d)
{
    if (d->op == IR_ISNIL) {
        end_with(s, PVM_JN, use(s, d->args[0]), 0);
        return true;
    }
    bool is_int =
        d->op == IR_EQ || d->op == IR_NE || d->op == IR_LT || d->op == IR_LE;
    if (!is_int && d->op != IR_FLT && d->op != IR_FLE)
        return false;
    ir_val x = d->args[0], y = d->args[1];
    int64_t k;
    if (!is_int)
        end_with(s, d->op == IR_FLT ? PVM_JFLT : PVM_JFLE, use(s, x),
                 use(s, y));
    else if (small(s, y, &k))
        end_with(s, compare_jump(d->op, true, false), use(s, x), imm(k));
    else if (small(s, x, &k))
        end_with(s, compare_jump(d->op, true, true), use(s, y), imm(k));
    else
        end_with(s, compare_jump(d->op, false, false), use(s, x), use(s, y));
    return true;
}

/* Is v read by nothing but what is at hand? */
static bool used_once(const struct sel *s, ir_val v)
{
    return s->f->values[v].uses == 1 && s->f->values[v].alias == v;
}

static void select_branch(struct sel *s, const struct ir_block *irb)
{
    ir_val c = s->ir->args[0];
    const struct ir_inst *d = def_of(s, c);
    while (d && d->op == IR_NOT && used_once(s, c)) {
        uint32_t other = s->blk->succ[0];
        s->blk->succ[0] = s->blk->succ[1];
        s->blk->succ[1] = other;
        c = d->args[0];
        d = def_of(s, c);
    }
    if (d && used_once(s, c)) {
        if (fuse_compare(s, d))
            return;
        /* a flag can change: only where nothing stands between */
        if (d->op == IR_GETFLAG && irb->insts.n >= 2 &&
            d == &irb->insts.at[irb->insts.n - 2]) {
            end_with(s, PVM_JT, s->f->flag0 + (uint32_t)d->imm, 0);
            return;
        }
    }
    end_with(s, PVM_JT, use(s, c), 0);
}

static bool select_end(struct sel *s, const struct ir_block *irb)
{
    const struct ir_inst *i = s->ir;
    for (uint32_t e = 0; e < i->nedges; e++)
        for (uint32_t k = 0; k < i->edges[e].nargs; k++)
            use_moved(s, i->edges[e].args[k]);
    switch (i->op) {
    case IR_JUMP: end_with(s, PVM_NOP, 0, 0); return true;
    case IR_BRANCH: select_branch(s, irb); return true;
    case IR_RETURN:
        for (uint32_t k = 0; k < i->nargs; k++)
            use_moved(s, i->args[k]);
        end_with(s, PVM_RET, 0, 0);
        return true;
    case IR_MARK: {
        uint32_t landing = s->blk->succ[1];
        uint32_t error =
            landing == BE_NONE ? BE_NONE : s->f->blocks[landing].params[0];
        uint32_t flag = i->flag == UINT16_MAX ? BE_NONE : s->f->flag0 + i->flag;
        end_with(s, PVM_MARK, error, flag);
        s->blk->last.x = (uint8_t)i->imm;
        return true;
    }
    case IR_FAIL: end_with(s, PVM_FAIL, use(s, i->args[0]), 0); return true;
    case IR_HALT: end_with(s, PVM_HALT, 0, 0); return true;
    default: return be_refuse(s->f, "a block has no end");
    }
}

/* ---- the function -------------------------------------------------------- */

static bool select_block(struct sel *s, struct be_block *b, ir_blk at)
{
    const struct ir_block *irb = &s->f->ir->blocks.at[at];
    uint32_t n = irb->insts.n;
    if (!n)
        return be_refuse(s->f, "a block is empty");
    s->blk = b;
    s->out.n = 0;
    s->ir = &irb->insts.at[n - 1];
    if (!select_end(s, irb))
        return false;
    for (uint32_t k = n - 1; k-- > 0;) {
        s->ir = &irb->insts.at[k];
        if (!is_needed(s) || select_arith(s) || select_memory(s) ||
            select_typed(s))
            continue;
        if (s->f->error[0] || !select_other(s))
            return false;
    }
    b->n = s->out.n;
    b->insts = ARENA_ARRAY(s->f->arena, struct be_inst, b->n + 1);
    for (uint32_t k = 0; k < b->n; k++)
        b->insts[k] = s->out.at[b->n - 1 - k];
    return true;
}

/* Definitions, aliases and numbers of uses. */
static void survey_inst(struct be_fn *f, const struct ir_inst *i)
{
    for (uint32_t k = 0; k < i->nargs; k++)
        f->values[i->args[k]].uses++;
    for (uint32_t e = 0; e < i->nedges; e++)
        for (uint32_t k = 0; k < i->edges[e].nargs; k++)
            f->values[i->edges[e].args[k]].uses++;
    for (uint32_t k = 0; k < i->nres; k++) {
        struct be_value *v = &f->values[i->res + k];
        v->def = i;
        if (i->op == IR_COPY || i->op == IR_WIDEN)
            v->alias = f->values[i->args[0]].alias;
        else if (i->op == IR_SWAP)
            v->alias = f->values[i->args[1 - k]].alias;
    }
}

static void survey(struct be_fn *f, const ir_blk *order, uint32_t n)
{
    const struct ir_fn *ir = f->ir;
    f->flag0 = ir->values.n;
    f->temp0 = f->flag0 + ir->nflags;
    for (uint32_t v = 0; v < f->flag0; v++)
        new_register(f, ir->values.at[v]);
    for (uint32_t v = f->flag0; v < f->temp0; v++)
        new_register(f, ir_scalar(PVM_BOOL));
    f->values = ARENA_ARRAY(f->arena, struct be_value, f->flag0 + 1);
    for (uint32_t v = 0; v < f->flag0; v++)
        f->values[v].alias = v;
    for (uint32_t i = 0; i < n; i++) {
        const struct ir_block *b = &ir->blocks.at[order[i]];
        for (uint32_t k = 0; k < b->insts.n; k++)
            survey_inst(f, &b->insts.at[k]);
    }
}

bool be_select(struct be_fn *f)
{
    ir_blk *order;
    uint32_t n = ir_rpo(f->ir, f->arena, &order);
    survey(f, order, n);
    ir_blk *of = be_make_blocks(f, order, n);
    struct sel s = {.f = f};
    for (uint32_t i = f->nblocks; i-- > 0;) {
        struct be_block *b = &f->blocks[i];
        if (of[i] != IR_NONE && !select_block(&s, b, of[i]))
            return false;
        for (uint32_t k = 0; of[i] == IR_NONE && k < b->edge->nargs; k++)
            if (b->edge->args[k] < f->flag0)
                use_moved(&s, b->edge->args[k]);
    }
    return true;
}
