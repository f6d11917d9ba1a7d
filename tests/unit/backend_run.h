/* backend_run.h - two machines for the functions of backend_kit.h.
 *
 * kit_run_ir runs the IR, kit_run_code what the backend made of it, each
 * keeping a trace of all that can be seen from outside: calls with their
 * arguments, memory ops, marks with the flags that an unwinder would read,
 * results.
 *
 * The machine for code is hostile: what a join does not list, what a call may
 * overwrite and what the frame holds at first is garbage. */
#ifndef PAL_TESTS_BACKEND_RUN_H
#define PAL_TESTS_BACKEND_RUN_H

#include "tests/unit/backend_kit.h"

/* ---- the machine for the IR ---------------------------------------------- */

struct kit_mark {
    const struct ir_inst *ir; /* of the IR's machine */
    uint32_t pc;              /* of the code's */
};

struct kit_ir {
    const struct ir_fn *f;
    uint64_t *v;
    uint64_t flags[4096];
    struct kit_mark marks[64];
    uint32_t nmarks;
    struct kit_trace *t;
};

static uint64_t kit_arg(const struct kit_ir *k, const struct ir_inst *i,
                        uint32_t n)
{
    return k->v[i->args[n]];
}

static uint64_t kit_byte(const struct kit_ir *k, const struct ir_inst *i,
                         uint64_t x)
{
    return ir_type_of(k->f, i->res).kind == PVM_BYTE ? x & 255 : x;
}

/* What an object is: by its number, here. */
static uint64_t kit_tag(uint64_t o)
{
    return hash_word(o) & 1;
}
static uint64_t kit_down(uint64_t o, uint32_t type)
{
    return hash_word(o + type) & 1 ? o : 0;
}

/* Pure ops; false for any other. */
static bool kit_pure(struct kit_ir *k, const struct ir_inst *i)
{
    uint64_t x = i->nargs > 0 ? kit_arg(k, i, 0) : 0;
    uint64_t y = i->nargs > 1 ? kit_arg(k, i, 1) : 0;
    bool byte = i->nres && ir_type_of(k->f, i->res).kind == PVM_BYTE;
    unsigned width = byte ? 8 : 64, n = (unsigned)y & (width - 1);
    uint64_t r;
    switch (i->op) {
    case IR_CONST: r = (uint64_t)i->imm; break;
    case IR_STR: r = (uint64_t)i->imm + 1000; break;
    case IR_ADD: r = x + y; break;
    case IR_SUB: r = x - y; break;
    case IR_MUL: r = x * y; break;
    case IR_AND: r = x & y; break;
    case IR_OR: r = x | y; break;
    case IR_XOR: r = x ^ y; break;
    case IR_SHL: r = x << n; break;
    case IR_SHR: r = byte ? x >> n : (uint64_t)((int64_t)x >> n); break;
    case IR_ROTL: r = n ? x << n | x >> (width - n) : x; break;
    case IR_ROTR: r = n ? x >> n | x << (width - n) : x; break;
    case IR_NEG: r = 0 - x; break;
    case IR_INV: r = ~x; break;
    case IR_NOT: r = !x; break;
    case IR_EQ:
    case IR_SAME: r = x == y; break;
    case IR_NE: r = x != y; break;
    case IR_LT: r = (int64_t)x < (int64_t)y; break;
    case IR_LE: r = (int64_t)x <= (int64_t)y; break;
    case IR_LEN: r = hash_word(x) % 100; break;
    case IR_ISNIL: r = x == 0; break;
    case IR_NIL: r = 0; break;
    case IR_UNIT: r = 2000 + (uint64_t)i->imm; break;
    case IR_TAG: r = kit_tag(x); break;
    case IR_UP: r = x; break;
    case IR_DOWN: r = kit_down(x, (uint32_t)i->imm); break;
    case IR_GETFLAG: r = k->flags[i->imm]; break;
    default: return false;
    }
    k->v[i->res] = kit_byte(k, i, r);
    return true;
}

/* Runs what is no terminator; false when it raises an error. */
static bool kit_ir_inst(struct kit_ir *k, const struct ir_inst *i)
{
    uint64_t args[8];
    for (uint32_t n = 0; n < i->nargs; n++)
        args[n] = kit_arg(k, i, n);
    switch (i->op) {
    case IR_SETFLAG: k->flags[i->imm] = args[0]; return true;
    case IR_DIV:
    case IR_MOD:
        if (args[1] == 0) {
            kit_event(k->t, KIT_OP + i->op, args, 0);
            return false;
        }
        k->v[i->res] =
            (uint64_t)(i->op == IR_DIV
                           ? arith_div((int64_t)args[0], (int64_t)args[1])
                           : arith_mod((int64_t)args[0], (int64_t)args[1]));
        return true;
    case IR_KEEP:
        kit_event(k->t, KIT_KEEP, args, 0);
        k->nmarks--;
        return true;
    case IR_UNDO:
        kit_event(k->t, KIT_UNDO, args, 0);
        k->nmarks--;
        return true;
    case IR_CALL:
        kit_event(k->t, KIT_CALL + (uint64_t)i->imm, args, i->nargs);
        break;
    case IR_CALLC: kit_event(k->t, KIT_CALLC, args, i->nargs); break;
    case IR_NATIVE:
        kit_event(k->t, KIT_NATIVE + (uint64_t)i->imm, args, i->nargs);
        break;
    default: kit_event(k->t, KIT_OP + 100 + i->op, args, i->nargs); break;
    }
    if (kit_fails(k->t))
        return false;
    for (uint32_t n = 0; n < i->nres; n++)
        k->v[i->res + n] = kit_result(k->t, n, ir_type_of(k->f, i->res + n));
    return true;
}

static void kit_take_edge(struct kit_ir *k, const struct ir_edge *e,
                          uint32_t first)
{
    uint64_t vals[64];
    for (uint32_t n = 0; n < e->nargs; n++)
        vals[n] = k->v[e->args[n]];
    for (uint32_t n = 0; n < e->nargs; n++)
        k->v[k->f->blocks.at[e->to].params.at[first + n]] = vals[n];
}

/* An error: on at the landing of the innermost TRY mark, or IR_NONE. */
static ir_blk kit_ir_unwind(struct kit_ir *k)
{
    while (k->nmarks) {
        const struct ir_inst *m = k->marks[--k->nmarks].ir;
        if (m->imm == IR_MARK_TRY) {
            k->v[k->f->blocks.at[m->edges[1].to].params.at[0]] =
                kit_event(k->t, KIT_LAND, NULL, 0);
            kit_take_edge(k, &m->edges[1], 1);
            return m->edges[1].to;
        }
        uint64_t flag = m->flag == UINT16_MAX ? 2 : k->flags[m->flag];
        kit_event(k->t, KIT_PASS, &flag, 1);
    }
    kit_event(k->t, KIT_UNCAUGHT, NULL, 0);
    return IR_NONE;
}

/* The end of a block; the next one or IR_NONE. */
static ir_blk kit_ir_end(struct kit_ir *k, const struct ir_inst *i)
{
    uint64_t vals[8];
    const struct ir_edge *e = i->edges;
    switch (i->op) {
    case IR_BRANCH: e += !kit_arg(k, i, 0); break;
    case IR_MARK:
        kit_event(k->t, KIT_MARK, NULL, 0);
        k->marks[k->nmarks++] = (struct kit_mark){.ir = i};
        break;
    case IR_RETURN:
        for (uint32_t n = 0; n < i->nargs; n++)
            vals[n] = kit_arg(k, i, n);
        kit_event(k->t, KIT_RETURN, vals, i->nargs);
        return IR_NONE;
    case IR_JUMP: break;
    default: return IR_NONE;
    }
    kit_take_edge(k, e, 0);
    return e->to;
}

enum { KIT_STEPS = 2000 };

static void kit_run_ir(const struct ir_fn *f, uint64_t seed,
                       struct kit_trace *t)
{
    struct kit_ir k = {.f = f, .t = t};
    *t = (struct kit_trace){0};
    k.v = calloc(f->values.n + 1, sizeof *k.v);
    kit_event(t, seed, NULL, 0);
    for (uint32_t i = 0; i < f->blocks.at[0].params.n; i++)
        k.v[i] = kit_result(t, i, ir_type_of(f, i));
    ir_blk at = 0;
    while (at != IR_NONE && !kit_over(t) && t->steps++ < KIT_STEPS) {
        const struct ir_block *b = &f->blocks.at[at];
        uint32_t n = 0;
        for (; n + 1 < b->insts.n; n++)
            if (!kit_pure(&k, &b->insts.at[n]) &&
                !kit_ir_inst(&k, &b->insts.at[n]))
                break;
        at = n + 1 < b->insts.n ? kit_ir_unwind(&k)
                                : kit_ir_end(&k, &b->insts.at[n]);
    }
    free(k.v);
}

/* ---- the machine for code ------------------------------------------------ */

struct kit_pvm {
    const struct pvm_image *im;
    const struct pvm_fn *fn;
    uint64_t *s, *r;
    uint32_t pc;
    struct kit_mark marks[64];
    uint32_t nmarks;
    struct kit_trace *t;
    uint64_t garbage;
};

static uint64_t kit_garbage(struct kit_pvm *k)
{
    return hash_word(k->garbage++);
}

/* What the state does not list is gone, flags that a mark names excepted. */
static void kit_join(struct kit_pvm *k, const struct pvm_join *j)
{
    uint8_t *keep_s = calloc(k->fn->nscalars + k->fn->nrefs + 1u, 1);
    uint8_t *keep_r = keep_s + k->fn->nscalars;
    for (uint32_t i = 0; i < j->nlive; i++)
        (j->live[i].is_ref ? keep_r : keep_s)[j->live[i].reg] = 1;
    for (uint32_t i = 0; i < k->nmarks; i++) {
        uint32_t flag = pvm_b(k->im->code[k->marks[i].pc]);
        if (flag != PVM_NOREG)
            keep_s[flag] = 1;
    }
    for (uint32_t i = 0; i < k->fn->nrefs; i++)
        if (!keep_r[i])
            k->r[i] = kit_garbage(k);
    for (uint32_t i = 0; i < k->fn->nscalars; i++)
        if (!keep_s[i])
            k->s[i] = kit_garbage(k);
    free(keep_s);
}

static bool kit_code_unwind(struct kit_pvm *k)
{
    while (k->nmarks) {
        uint32_t pc = k->marks[--k->nmarks].pc;
        uint64_t w = k->im->code[pc];
        if (pvm_x(w) == IR_MARK_TRY) {
            k->pc = pc + 1 + (uint32_t)pvm_sc(w);
            kit_join(k, pvm_join_at(k->im, k->fn, k->pc));
            k->r[pvm_a(w)] = kit_event(k->t, KIT_LAND, NULL, 0);
            return true;
        }
        uint64_t flag = pvm_b(w) == PVM_NOREG ? 2 : k->s[pvm_b(w)];
        kit_event(k->t, KIT_PASS, &flag, 1);
    }
    kit_event(k->t, KIT_UNCAUGHT, NULL, 0);
    return false;
}

/* A call of n values in, m values out, at the windows of w. */
static bool kit_code_call(struct kit_pvm *k, uint64_t w, uint64_t what,
                          const struct pvm_value_type *in, uint32_t n,
                          const struct pvm_value_type *out, uint32_t m)
{
    uint32_t r = pvm_a(w), s = pvm_b(w);
    uint64_t args[8];
    for (uint32_t i = 0; i < n; i++)
        args[i] = in[i].kind == PVM_REF ? k->r[r++] : k->s[s++];
    kit_event(k->t, what, args, n);
    for (r = pvm_a(w); r < k->fn->nrefs; r++)
        k->r[r] = kit_garbage(k);
    for (s = pvm_b(w); s < k->fn->nscalars; s++)
        k->s[s] = kit_garbage(k);
    if (kit_fails(k->t))
        return false;
    r = pvm_a(w);
    s = pvm_b(w);
    for (uint32_t i = 0; i < m; i++) {
        uint64_t v = kit_result(k->t, i, out[i]);
        *(out[i].kind == PVM_REF ? &k->r[r++] : &k->s[s++]) = v;
    }
    return true;
}

/* The function value is the first argument. */
static bool kit_code_callc(struct kit_pvm *k, uint64_t w)
{
    const struct pvm_type *t = &k->im->types[pvm_xc(w)];
    struct pvm_value_type in[8] = {ir_ref(KIT_T_FN)};
    for (uint32_t i = 0; i < t->nparams; i++)
        in[i + 1] = t->params[i];
    return kit_code_call(k, w, KIT_CALLC, in, t->nparams + 1u, t->results,
                         t->nresults);
}

static uint32_t kit_sig(const char *letters, struct pvm_value_type *out)
{
    uint32_t n = 0;
    for (; letters[n] && letters[n] != ':'; n++)
        out[n] = letters[n] == 's' ? ir_ref(PVM_T_STR) : ir_scalar(PVM_INT);
    return n;
}

static bool kit_code_native(struct kit_pvm *k, uint64_t w)
{
    const struct pvm_native *n = &pvm_natives[k->im->imports[pvm_c(w)].native];
    struct pvm_value_type in[8], out[8];
    uint32_t nin = kit_sig(n->sig, in);
    uint32_t nout = kit_sig(n->sig + nin + 1, out);
    return kit_code_call(k, w, KIT_NATIVE + (uint64_t)ir_native(n->name), in,
                         nin, out, nout);
}

static bool kit_taken(const struct kit_pvm *k, unsigned op, uint64_t w)
{
    int64_t a = (int64_t)k->s[pvm_a(w)], i = (int16_t)pvm_b(w);
    int64_t b = pvm_ops[op].operands[1] == 'S' ? (int64_t)k->s[pvm_b(w)] : i;
    if (op >= PVM_JMPB)
        op -= PVM_JMPB - PVM_JMP;
    switch (op) {
    case PVM_JT: return a != 0;
    case PVM_JF: return a == 0;
    case PVM_JEQ:
    case PVM_JEQI: return a == b;
    case PVM_JNE:
    case PVM_JNEI: return a != b;
    case PVM_JLT:
    case PVM_JLTI: return a < b;
    case PVM_JLE:
    case PVM_JLEI: return a <= b;
    case PVM_JGEI: return a >= b;
    default: return a > b; /* JGTI */
    }
}

/* A memory op or CAT as an event; `in` are its register operands in the order
 * of the IR's arguments. */
static bool kit_code_op(struct kit_pvm *k, unsigned ir, const uint64_t *in,
                        uint32_t n, uint64_t *to, struct pvm_value_type type)
{
    kit_event(k->t, KIT_OP + 100 + ir, in, n);
    if (kit_fails(k->t))
        return false;
    if (to)
        *to = kit_result(k->t, 0, type);
    return true;
}

/* Ops with one scalar result; false: no such op. */
static bool kit_code_pure(struct kit_pvm *k, uint64_t w)
{
    uint64_t *s = k->s;
    const char *letters = pvm_ops[pvm_op(w)].operands;
    if (letters[0] != 's' || letters[1] != 'S')
        return false;
    uint64_t x = s[pvm_b(w)];
    uint64_t y = letters[2] == 'S' ? s[pvm_c(w)] : (uint64_t)pvm_sc(w);
    unsigned n = (unsigned)y & 63, n8 = n & 7;
    uint64_t r;
    switch (pvm_op(w)) {
    case PVM_MOV: r = x; break;
    case PVM_ADD:
    case PVM_ADDI: r = x + y; break;
    case PVM_SUB: r = x - y; break;
    case PVM_RSUBI: r = y - x; break;
    case PVM_MUL:
    case PVM_MULI: r = x * y; break;
    case PVM_DIVI: r = (uint64_t)arith_div((int64_t)x, (int64_t)y); break;
    case PVM_MODI: r = (uint64_t)arith_mod((int64_t)x, (int64_t)y); break;
    case PVM_AND:
    case PVM_ANDI: r = x & y; break;
    case PVM_OR:
    case PVM_ORI: r = x | y; break;
    case PVM_XOR:
    case PVM_XORI: r = x ^ y; break;
    case PVM_SHL:
    case PVM_SHLI: r = x << n; break;
    case PVM_SHR:
    case PVM_SHRI: r = (uint64_t)((int64_t)x >> n); break;
    case PVM_ROTL: r = n ? x << n | x >> (64 - n) : x; break;
    case PVM_ROTR: r = n ? x >> n | x << (64 - n) : x; break;
    case PVM_ROTL8: r = n8 ? (x << n8 | x >> (8 - n8)) & 255 : x; break;
    case PVM_ROTR8: r = n8 ? (x >> n8 | x << (8 - n8)) & 255 : x; break;
    case PVM_NEG: r = 0 - x; break;
    case PVM_INV: r = ~x; break;
    case PVM_EQ:
    case PVM_EQI: r = x == y; break;
    case PVM_NE: r = x != y; break;
    case PVM_LT:
    case PVM_LTI: r = (int64_t)x < (int64_t)y; break;
    case PVM_LE: r = (int64_t)x <= (int64_t)y; break;
    default: return false;
    }
    s[pvm_a(w)] = r;
    return true;
}

enum kit_go { KIT_NEXT, KIT_RAISE, KIT_STOP, KIT_UNKNOWN };

static enum kit_go kit_control(struct kit_pvm *k, uint64_t w)
{
    const struct pvm_fn *f = k->fn;
    unsigned op = pvm_op(w);
    uint64_t vals[8];
    uint32_t r = 0, s = 0;
    switch (op) {
    case PVM_NOP: return KIT_NEXT;
    case PVM_JMP:
    case PVM_JMPB: k->pc += (uint32_t)pvm_sd(w); return KIT_NEXT;
    case PVM_CALL: {
        const struct pvm_fn *to = &k->im->fns[pvm_callee(w)];
        return kit_code_call(k, w, KIT_CALL + pvm_callee(w), to->params,
                             to->nparams, to->results, to->nresults)
                   ? KIT_NEXT
                   : KIT_RAISE;
    }
    case PVM_CALLC: return kit_code_callc(k, w) ? KIT_NEXT : KIT_RAISE;
    case PVM_NAT: return kit_code_native(k, w) ? KIT_NEXT : KIT_RAISE;
    case PVM_MARK:
        kit_event(k->t, KIT_MARK, NULL, 0);
        k->marks[k->nmarks++] = (struct kit_mark){.pc = k->pc - 1};
        return KIT_NEXT;
    case PVM_KEEP:
    case PVM_UNDO:
        kit_event(k->t, op == PVM_KEEP ? KIT_KEEP : KIT_UNDO, NULL, 0);
        k->nmarks--;
        return KIT_NEXT;
    case PVM_RET:
        for (uint32_t i = 0; i < f->nresults; i++)
            vals[i] = f->results[i].kind == PVM_REF ? k->r[r++] : k->s[s++];
        kit_event(k->t, KIT_RETURN, vals, f->nresults);
        return KIT_STOP;
    case PVM_HALT: return KIT_STOP;
    default:
        if (pvm_ops[op].class != PVM_JUMP && pvm_ops[op].class != PVM_BACK)
            return KIT_UNKNOWN;
        if (kit_taken(k, op, w))
            k->pc += (uint32_t)pvm_sc(w);
        return KIT_NEXT;
    }
}

static enum kit_go kit_data(struct kit_pvm *k, uint64_t w)
{
    uint64_t *s = k->s, *r = k->r, t, in[2];
    unsigned a = pvm_a(w), b = pvm_b(w), c = pvm_c(w);
    bool ok = true;
    switch (pvm_op(w)) {
    case PVM_MOVR: r[a] = r[b]; break;
    case PVM_LDI: s[a] = (uint64_t)(int64_t)pvm_sd(w); break;
    case PVM_LDK: s[a] = k->im->consts[pvm_d(w)]; break;
    case PVM_LDKR: r[a] = 1000u + (pvm_text(k->im, pvm_d(w))[0] == 't'); break;
    case PVM_SWAP:
        t = s[a];
        s[a] = s[b];
        s[b] = t;
        break;
    case PVM_SWAPR:
        t = r[a];
        r[a] = r[b];
        r[b] = t;
        break;
    case PVM_ISN: s[a] = r[b] == 0; break;
    case PVM_LDN: r[a] = 0; break;
    case PVM_LDU: r[a] = 2000 + pvm_d(w); break;
    case PVM_TAG: s[a] = kit_tag(r[b]); break;
    case PVM_UP: r[a] = r[b]; break;
    case PVM_DOWN: r[a] = kit_down(r[b], pvm_xc(w)); break;
    case PVM_NAME:
        in[0] = s[b];
        ok = kit_code_op(k, IR_NAME, in, 1, &r[a], ir_ref(0));
        break;
    case PVM_EQR: s[a] = r[b] == r[c]; break;
    case PVM_LEN: s[a] = hash_word(r[b]) % 100; break;
    case PVM_DIV:
    case PVM_MOD:
        if (s[c] == 0) {
            kit_event(k->t, KIT_OP + (pvm_op(w) == PVM_DIV ? IR_DIV : IR_MOD),
                      NULL, 0);
            return KIT_RAISE;
        }
        s[a] = (uint64_t)(pvm_op(w) == PVM_DIV
                              ? arith_div((int64_t)s[b], (int64_t)s[c])
                              : arith_mod((int64_t)s[b], (int64_t)s[c]));
        break;
    case PVM_NEWL:
        ok = kit_code_op(k, IR_NEWLIST, in, 0, &r[a], ir_ref(0));
        break;
    case PVM_LDE:
        in[0] = r[b];
        in[1] = s[c];
        ok = kit_code_op(k, IR_LDE, in, 2, &s[a], ir_scalar(PVM_INT));
        break;
    case PVM_PUSH:
        in[0] = r[a];
        in[1] = s[b];
        ok = kit_code_op(k, IR_PUSH, in, 2, NULL, ir_ref(0));
        break;
    case PVM_POP:
        in[0] = r[b];
        ok = kit_code_op(k, IR_POP, in, 1, &s[a], ir_scalar(PVM_INT));
        break;
    case PVM_CAT:
        in[0] = r[b];
        in[1] = r[c];
        ok = kit_code_op(k, IR_CAT, in, 2, &r[a], ir_ref(0));
        break;
    default:
        if (!kit_code_pure(k, w))
            return KIT_UNKNOWN;
    }
    return ok ? KIT_NEXT : KIT_RAISE;
}

/* Runs function 0; false with a sentence where it meets what it cannot run. */
static bool kit_run_code(const struct pvm_image *im, uint64_t seed,
                         struct kit_trace *t, char *why, size_t n)
{
    const struct pvm_fn *f = &im->fns[0];
    struct kit_pvm k = {.im = im, .fn = f, .t = t, .pc = f->entry};
    uint32_t r = 0, s = 0;
    bool ok = true;
    *t = (struct kit_trace){0};
    k.garbage = seed;
    k.s = calloc((size_t)f->nscalars + f->nrefs + 1, sizeof *k.s);
    k.r = k.s + f->nscalars;
    for (uint32_t i = 0; i < (uint32_t)f->nscalars + f->nrefs; i++)
        k.s[i] = kit_garbage(&k);
    kit_event(t, seed, NULL, 0);
    for (uint32_t i = 0; i < f->nparams; i++) {
        uint64_t v = kit_result(t, i, f->params[i]);
        *(f->params[i].kind == PVM_REF ? &k.r[r++] : &k.s[s++]) = v;
    }
    while (!kit_over(t) && t->steps++ < KIT_STEPS * 40) {
        const struct pvm_join *j = pvm_join_at(im, f, k.pc);
        uint64_t w = im->code[k.pc];
        if (j)
            kit_join(&k, j);
        k.pc++;
        enum kit_go go = kit_control(&k, w);
        if (go == KIT_UNKNOWN)
            go = kit_data(&k, w);
        if (go == KIT_UNKNOWN) {
            snprintf(why, n, "cannot run %s at %u", pvm_ops[pvm_op(w)].text,
                     k.pc - 1);
            ok = false;
        }
        if (go == KIT_UNKNOWN || go == KIT_STOP ||
            (go == KIT_RAISE && !kit_code_unwind(&k)))
            break;
    }
    free(k.s);
    return ok;
}

/* Traces agree as far as both go; a run that neither ended nor went on counts
 * as far as it came. */
static bool kit_agree(const struct kit_trace *a, const struct kit_trace *b)
{
    uint32_t n = a->n < b->n ? a->n : b->n;
    bool cut = a->steps >= KIT_STEPS || b->steps >= KIT_STEPS * 40;
    return !memcmp(a->hash, b->hash, n * sizeof *a->hash) &&
           (a->n == b->n || cut);
}

#endif
