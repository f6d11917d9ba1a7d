/* backend_kit.h - random functions, and two machines that run them.
 *
 * kit_function makes a random function of the IR: arithmetic, calls, natives,
 * branches, loops, marks with keep flags and landings.  kit_run_ir runs the
 * IR, kit_run_code what the backend made of it, each keeping a trace of all
 * that can be seen from outside: calls with their arguments, memory ops,
 * marks with the flags that an unwinder would read, results.  What a call
 * gives, and whether it fails, is a hash of the trace so far: equal traces go
 * on equally.
 *
 * The machine for code is hostile: what a join does not list, what a call may
 * overwrite and what the frame holds at first is garbage. */
#ifndef PAL_TESTS_BACKEND_KIT_H
#define PAL_TESTS_BACKEND_KIT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/backend.h"
#include "ir/ir.h"
#include "runtime/base/arith.h"
#include "runtime/base/hash.h"
#include "runtime/pvm/natives.h"

/* ---- random numbers ------------------------------------------------------ */

struct kit_rng {
    uint64_t state;
};

static uint64_t kit_random(struct kit_rng *r)
{
    return hash_word(r->state += UINT64_C(0x9e3779b97f4a7c15));
}
static uint32_t kit_below(struct kit_rng *r, uint32_t n)
{
    return (uint32_t)(kit_random(r) % n);
}

/* ---- traces -------------------------------------------------------------- */

enum { KIT_TRACE = 300 }; /* a run ends after so many events */

struct kit_trace {
    uint64_t hash[KIT_TRACE];
    uint32_t n;
    uint32_t steps; /* without an event, for loops that have none */
};

/* Notes an event; its result. */
static uint64_t kit_event(struct kit_trace *t, uint64_t what,
                          const uint64_t *args, uint32_t n)
{
    uint64_t h = t->n ? t->hash[t->n - 1] : 0;
    h = hash_word(h + what * 31 + n);
    for (uint32_t i = 0; i < n; i++)
        h = hash_word(h ^ args[i]);
    if (t->n < KIT_TRACE)
        t->hash[t->n++] = h;
    t->steps = 0;
    return h;
}

static bool kit_over(const struct kit_trace *t)
{
    return t->n >= KIT_TRACE;
}

/* Does the newest event raise an error? */
static bool kit_fails(const struct kit_trace *t)
{
    return hash_word(t->hash[t->n - 1] + 1) % 8 == 0;
}

/* The k-th result of the newest event; small for scalars, so that it suits
 * every kind. */
static uint64_t kit_result(const struct kit_trace *t, uint32_t k,
                           struct pvm_value_type type)
{
    uint64_t h = hash_word(t->hash[t->n - 1] + 2 + k);
    switch (type.kind) {
    case PVM_BOOL: return h & 1;
    case PVM_BYTE: return h & 255;
    case PVM_INT: return h & 1 ? h : h % 40;
    default: return h;
    }
}

enum { /* what an event is: calls by function, natives by row, ops below */
       KIT_CALL = 1 << 16,
       KIT_NATIVE = 2 << 16,
       KIT_RETURN = 3 << 16,
       KIT_CALLC = 5 << 16,
       KIT_OP = 4 << 16,
       KIT_MARK,
       KIT_KEEP,
       KIT_UNDO,
       KIT_PASS, /* an error passes an UNDO mark; the flag is its argument */
       KIT_LAND,
       KIT_UNCAUGHT
};

/* ---- random functions ---------------------------------------------------- */

enum { KIT_ENV = 22 };

struct kit_gen {
    struct kit_rng *r;
    struct ir_module *mod;
    struct ir_fn *f;
    ir_blk at; /* IR_NONE: control does not come here */
    ir_val env[KIT_ENV];
    uint32_t left;  /* statements */
    uint32_t most;  /* statements of a list; it falls as lists nest */
    uint32_t depth; /* of marks */
    int flag;       /* of the innermost UNDO mark; -1: none, or in a TRY */
    uint32_t line;
};

enum { /* types of the module */
       KIT_T_SOME = PVM_TYPE_FIRST,
       KIT_T_UNIT,
       KIT_T_SUM,
       KIT_T_NAMES,
       KIT_T_FN,
       KIT_T_CLOSURE
};

static const ir_type kit_types[] = {
    {PVM_INT, 0},
    {PVM_INT, 0},
    {PVM_BYTE, 0},
    {PVM_BOOL, 0},
    {PVM_REF, PVM_T_STR},
    {PVM_REF, PVM_T_STR},
    {PVM_REF, PVM_T_LIST_INT},
    {PVM_REF, KIT_T_SUM},
    {PVM_REF, PVM_T_ANY},
    {PVM_REF, KIT_T_SOME},
    {PVM_REF, KIT_T_FN},
};
enum { KIT_TYPES = sizeof kit_types / sizeof *kit_types };

static ir_type kit_env_type(uint32_t i)
{
    return kit_types[i % KIT_TYPES];
}

static void kit_add_types(struct ir_module *mod)
{
    struct ir_field variants[] = {
        {.name = "Some", .of = {PVM_REF, KIT_T_SOME}},
        {.name = "Unit", .of = {PVM_REF, KIT_T_UNIT}}};
    struct ir_field names[] = {{.name = "a"}, {.name = "b"}};
    ir_add_type(mod,
                &(struct ir_typedesc){.kind = PVM_TYPE_STRUCT, .name = "Some"});
    ir_add_type(mod,
                &(struct ir_typedesc){.kind = PVM_TYPE_UNIT, .name = "Unit"});
    ir_add_type(mod, &(struct ir_typedesc){.kind = PVM_TYPE_SUM,
                                           .name = "Sum",
                                           .nfields = 2,
                                           .fields = variants});
    ir_add_type(mod, &(struct ir_typedesc){.kind = PVM_TYPE_NAMES,
                                           .name = "Names",
                                           .nfields = 2,
                                           .fields = names});
}

/* A function type of any signature, and a closure's of the last function. */
static void kit_add_fn_types(struct ir_module *mod, struct kit_rng *r)
{
    ir_type params[7] = {ir_ref(KIT_T_CLOSURE)}, results[3];
    struct ir_typedesc t = {.kind = PVM_TYPE_FN,
                            .name = "fn",
                            .nparams = kit_below(r, 6),
                            .nresults = kit_below(r, 3),
                            .params = params + 1,
                            .results = results};
    for (uint32_t k = 0; k < t.nparams; k++)
        params[k + 1] = kit_types[kit_below(r, KIT_TYPES)];
    for (uint32_t k = 0; k < t.nresults; k++)
        results[k] = kit_types[kit_below(r, KIT_TYPES)];
    ir_add_type(mod, &t);
    ir_add_type(mod, &(struct ir_typedesc){.kind = PVM_TYPE_CLOSURE,
                                           .name = "closure",
                                           .fn = mod->sigs.n,
                                           .of_fn = KIT_T_FN});
    ir_add_sig(mod, &(struct ir_sig){.name = "closed",
                                     .file = "random.pal",
                                     .line = 9,
                                     .nparams = t.nparams + 1,
                                     .nresults = t.nresults,
                                     .params = params,
                                     .results = results});
}

static struct ir_module *kit_module(struct mem *m, struct kit_rng *r)
{
    struct ir_module *mod = ir_module_open(m);
    kit_add_types(mod);
    for (uint32_t i = 0; i < 5; i++) {
        ir_type params[8], results[4];
        struct ir_sig s = {.name = "f",
                           .file = "random.pal",
                           .line = i + 1,
                           .params = params,
                           .results = results};
        char name[] = {'f', (char)('0' + i), 0};
        s.name = name;
        s.nparams = kit_below(r, 7);
        s.nresults = kit_below(r, 4);
        for (uint32_t k = 0; k < s.nparams; k++)
            params[k] = kit_types[kit_below(r, KIT_TYPES)];
        for (uint32_t k = 0; k < s.nresults; k++)
            results[k] = kit_types[kit_below(r, KIT_TYPES)];
        ir_add_sig(mod, &s);
    }
    kit_add_fn_types(mod, r);
    ir_add_string(mod, "one", 3);
    ir_add_string(mod, "two", 3);
    return mod;
}

static struct ir_pos kit_pos(struct kit_gen *g)
{
    return (struct ir_pos){g->line++ / 3 + 1, kit_below(g->r, 9) + 1};
}

/* A value of the environment that has this type. */
static ir_val kit_pick(struct kit_gen *g, ir_type t)
{
    uint32_t i = kit_below(g->r, KIT_ENV);
    for (;; i = (i + 1) % KIT_ENV)
        if (kit_env_type(i).kind == t.kind && kit_env_type(i).type == t.type)
            return g->env[i];
}

static void kit_set(struct kit_gen *g, ir_val v)
{
    ir_type t = ir_type_of(g->f, v);
    uint32_t i = kit_below(g->r, KIT_ENV);
    for (;; i = (i + 1) % KIT_ENV)
        if (kit_env_type(i).kind == t.kind && kit_env_type(i).type == t.type) {
            g->env[i] = v;
            return;
        }
}

/* Where immediates of 16 and 32 bits end. */
static const int64_t kit_edges[] = {
    INT16_MAX, INT16_MAX + 1, INT16_MIN, INT16_MIN - 1,         -INT16_MIN,
    INT32_MAX, INT32_MIN,     INT64_MIN, (int64_t)INT32_MAX + 1};

static ir_val kit_const(struct kit_gen *g, ir_type t)
{
    int64_t k = (int64_t)kit_random(g->r);
    if (t.kind == PVM_REF && t.type == PVM_T_STR)
        return ir_emit(g->f, g->at, IR_STR, t, IR_NONE, IR_NONE, k & 1,
                       kit_pos(g));
    if (t.kind == PVM_REF && t.type == PVM_T_LIST_INT)
        return ir_emit(g->f, g->at, IR_NEWLIST, t, IR_NONE, IR_NONE,
                       PVM_T_LIST_INT, kit_pos(g));
    bool fn = t.kind == PVM_REF && t.type == KIT_T_FN;
    if (fn || (t.kind == PVM_REF && t.type == KIT_T_SUM && k & 1)) {
        uint32_t type = fn ? KIT_T_CLOSURE : KIT_T_UNIT;
        ir_val unit = ir_emit(g->f, g->at, IR_UNIT, ir_ref(type), IR_NONE,
                              IR_NONE, type, kit_pos(g));
        return ir_emit(g->f, g->at, IR_UP, t, unit, IR_NONE, t.type,
                       kit_pos(g));
    }
    if (t.kind == PVM_REF)
        return ir_emit(g->f, g->at, IR_NIL, t, IR_NONE, IR_NONE, t.type,
                       kit_pos(g));
    if (t.kind == PVM_BOOL)
        k &= 1;
    else if (t.kind == PVM_BYTE)
        k &= 255;
    else if (kit_below(g->r, 8) == 0)
        k = kit_edges[kit_below(g->r, sizeof kit_edges / sizeof *kit_edges)];
    else if (kit_below(g->r, 8))
        k = k % 40;
    return ir_emit(g->f, g->at, IR_CONST, t, IR_NONE, IR_NONE, k, kit_pos(g));
}

static ir_val kit_value(struct kit_gen *g, ir_type t)
{
    return kit_below(g->r, 3) ? kit_pick(g, t) : kit_const(g, t);
}

#define KIT_INT  ir_scalar(PVM_INT)
#define KIT_BYTE ir_scalar(PVM_BYTE)
#define KIT_BOOL ir_scalar(PVM_BOOL)
#define KIT_STR  ir_ref(PVM_T_STR)
#define KIT_LIST ir_ref(PVM_T_LIST_INT)

static ir_val kit_compare(struct kit_gen *g)
{
    static const uint8_t ops[] = {IR_EQ, IR_NE, IR_LT, IR_LE, IR_NOT, IR_SAME};
    enum ir_op op = ops[kit_below(g->r, sizeof ops)];
    ir_type t = kit_below(g->r, 3) ? KIT_INT : KIT_BYTE;
    ir_val x, y;
    if (op == IR_NOT)
        return ir_emit(g->f, g->at, op, KIT_BOOL, kit_value(g, KIT_BOOL),
                       IR_NONE, 0, kit_pos(g));
    if (op == IR_SAME)
        t = KIT_STR;
    x = kit_value(g, t);
    y = kit_value(g, t);
    return ir_emit(g->f, g->at, op, KIT_BOOL, x, y, 0, kit_pos(g));
}

static ir_val kit_arith(struct kit_gen *g)
{
    static const uint8_t ops[] = {
        IR_ADD, IR_ADD, IR_SUB, IR_SUB, IR_MUL,  IR_AND,  IR_OR,  IR_XOR,
        IR_SHL, IR_SHR, IR_NEG, IR_INV, IR_ROTL, IR_ROTR, IR_DIV, IR_MOD};
    enum ir_op op = ops[kit_below(g->r, sizeof ops)];
    ir_type t = kit_below(g->r, 3) ? KIT_INT : KIT_BYTE;
    ir_type second =
        op == IR_SHL || op == IR_SHR || op == IR_ROTL || op == IR_ROTR ? KIT_INT
                                                                       : t;
    ir_val x = kit_value(g, t), y = IR_NONE;
    if (op != IR_NEG && op != IR_INV)
        y = kit_value(g, second);
    return ir_emit(g->f, g->at, op, t, x, y, 0, kit_pos(g));
}

static void kit_callc(struct kit_gen *g)
{
    const struct ir_typedesc *t = &g->mod->types.at[KIT_T_FN];
    ir_val args[8] = {kit_value(g, ir_ref(KIT_T_FN))};
    for (uint32_t k = 0; k < t->nparams; k++)
        args[k + 1] = kit_value(g, t->params[k]);
    ir_val v = ir_emit_n(g->f, g->at, IR_CALLC, t->results, t->nresults, args,
                         t->nparams + 1, 0, kit_pos(g));
    for (uint32_t k = 0; k < t->nresults; k++)
        if (kit_below(g->r, 4))
            kit_set(g, v + k);
}

/* A call of a random function or native. */
static void kit_call(struct kit_gen *g)
{
    struct ir_module *mod = g->mod;
    uint32_t fn = kit_below(g->r, mod->sigs.n);
    if (fn == mod->sigs.n - 1) { /* the closure's */
        kit_callc(g);
        return;
    }
    const struct ir_sig *s = &mod->sigs.at[fn];
    ir_val args[8];
    for (uint32_t k = 0; k < s->nparams; k++)
        args[k] = kit_value(g, s->params[k]);
    ir_val v = ir_emit_n(g->f, g->at, IR_CALL, s->results, s->nresults, args,
                         s->nparams, fn, kit_pos(g));
    for (uint32_t k = 0; k < s->nresults; k++)
        if (kit_below(g->r, 4))
            kit_set(g, v + k);
}

static void kit_native(struct kit_gen *g)
{
    ir_type str = KIT_STR;
    ir_val args[3];
    if (kit_below(g->r, 2)) {
        for (int i = 0; i < 3; i++)
            args[i] = kit_value(g, str);
        kit_set(g, ir_emit_n(g->f, g->at, IR_NATIVE, &str, 1, args, 3,
                             ir_native("cat3"), kit_pos(g)));
    } else {
        args[0] = kit_value(g, KIT_INT);
        kit_set(g, ir_emit_n(g->f, g->at, IR_NATIVE, &str, 1, args, 1,
                             ir_native("str_int"), kit_pos(g)));
    }
}

#define KIT_SUM  ir_ref(KIT_T_SUM)
#define KIT_ANY  ir_ref(PVM_T_ANY)
#define KIT_SOME ir_ref(KIT_T_SOME)

/* From a type to another that is wider, or narrower. */
static ir_val kit_cast(struct kit_gen *g, enum ir_op op, ir_type from,
                       ir_type to)
{
    return ir_emit(g->f, g->at, op, to, kit_value(g, from), IR_NONE, to.type,
                   kit_pos(g));
}

static ir_val kit_type_op(struct kit_gen *g)
{
    ir_type sum = KIT_SUM, any = KIT_ANY, some = KIT_SOME;
    switch (kit_below(g->r, 8)) {
    case 0: return kit_cast(g, IR_UP, some, sum);
    case 1: return kit_cast(g, IR_UP, sum, any);
    case 2: return kit_cast(g, IR_UP, KIT_STR, any);
    case 3: return kit_cast(g, IR_DOWN, any, sum);
    case 4: return kit_cast(g, IR_DOWN, any, some);
    case 5: return kit_cast(g, IR_DOWN, sum, some);
    case 6:
        return ir_emit(g->f, g->at, IR_NAME, KIT_STR, kit_value(g, KIT_INT),
                       IR_NONE, KIT_T_NAMES, kit_pos(g));
    default:
        return ir_emit(g->f, g->at, IR_TAG, KIT_INT, kit_value(g, sum), IR_NONE,
                       0, kit_pos(g));
    }
}

static void kit_memory(struct kit_gen *g)
{
    ir_val list = kit_value(g, KIT_LIST);
    struct ir_pos pos = kit_pos(g);
    switch (kit_below(g->r, 5)) {
    case 0:
        kit_set(g,
                ir_emit(g->f, g->at, IR_LEN, KIT_INT, list, IR_NONE, 0, pos));
        break;
    case 1:
        kit_set(g, ir_emit(g->f, g->at, IR_LDE, KIT_INT, list,
                           kit_value(g, KIT_INT), 0, pos));
        break;
    case 2:
        ir_emit(g->f, g->at, IR_PUSH, ir_scalar(PVM_NONE), list,
                kit_value(g, KIT_INT), 0, pos);
        break;
    case 3:
        kit_set(g,
                ir_emit(g->f, g->at, IR_POP, KIT_INT, list, IR_NONE, 0, pos));
        break;
    default:
        kit_set(g, ir_emit(g->f, g->at, IR_CAT, KIT_STR, kit_value(g, KIT_STR),
                           kit_value(g, KIT_STR), 0, pos));
    }
}

static void kit_statements(struct kit_gen *g, uint32_t nest);

/* Edges into a block that merges: which of the environment become params. */
struct kit_merge {
    ir_blk blk;
    bool param[KIT_ENV];
    ir_val old[KIT_ENV];
};

static struct kit_merge kit_merge_open(struct kit_gen *g, uint32_t share)
{
    struct kit_merge m = {.blk = ir_add_block(g->f)};
    for (uint32_t i = 0; i < KIT_ENV; i++) {
        m.old[i] = g->env[i];
        m.param[i] = kit_below(g->r, 4) < share;
    }
    return m;
}

static void kit_merge_args(struct kit_gen *g, const struct kit_merge *m,
                           struct ir_edge *e)
{
    for (uint32_t i = 0; i < KIT_ENV; i++)
        if (m->param[i])
            ir_edge_arg(g->f, e, g->env[i]);
}

static void kit_merge_jump(struct kit_gen *g, const struct kit_merge *m)
{
    if (g->at == IR_NONE)
        return;
    ir_jump(g->f, g->at, m->blk, kit_pos(g));
    kit_merge_args(g, m, &ir_end(g->f, g->at)->edges[0]);
    g->at = IR_NONE;
}

static void kit_merge_enter(struct kit_gen *g, const struct kit_merge *m)
{
    g->at = m->blk;
    for (uint32_t i = 0; i < KIT_ENV; i++)
        g->env[i] = m->param[i] ? ir_add_param(g->f, m->blk, kit_env_type(i))
                                : m->old[i];
}

static void kit_if(struct kit_gen *g, uint32_t nest)
{
    ir_val c = kit_below(g->r, 4) ? kit_compare(g) : kit_pick(g, KIT_BOOL);
    ir_blk yes = ir_add_block(g->f), no = ir_add_block(g->f);
    struct kit_merge m = kit_merge_open(g, 2);
    bool straight = kit_below(g->r, 4) == 0; /* the branch goes to the merge */
    ir_blk from = g->at;
    ir_branch(g->f, from, c, yes, straight ? m.blk : no, kit_pos(g));
    if (straight)
        kit_merge_args(g, &m, &ir_end(g->f, from)->edges[1]);
    g->at = yes;
    kit_statements(g, nest + 1);
    bool open = g->at != IR_NONE || straight;
    kit_merge_jump(g, &m);
    if (!straight) {
        memcpy(g->env, m.old, sizeof g->env);
        g->at = no;
        kit_statements(g, nest + 1);
        open |= g->at != IR_NONE;
        kit_merge_jump(g, &m);
    }
    if (open)
        kit_merge_enter(g, &m);
}

static void kit_loop(struct kit_gen *g, uint32_t nest)
{
    struct kit_merge head = kit_merge_open(g, 2);
    kit_merge_jump(g, &head);
    kit_merge_enter(g, &head);
    ir_blk body = ir_add_block(g->f);
    struct kit_merge out = kit_merge_open(g, kit_below(g->r, 3));
    if (kit_below(g->r, 2))
        kit_call(g);
    ir_val c = kit_compare(g);
    ir_blk test = g->at;
    ir_branch(g->f, test, c, body, out.blk, kit_pos(g));
    for (uint32_t i = 0; i < KIT_ENV; i++)
        out.old[i] = g->env[i];
    kit_merge_args(g, &out, &ir_end(g->f, test)->edges[1]);
    g->at = body;
    kit_statements(g, nest + 1);
    if (g->at != IR_NONE && kit_below(g->r, 3) == 0) {
        /* the test at the bottom: out, or round again with arguments */
        ir_val again = kit_compare(g);
        ir_blk at = g->at;
        ir_branch(g->f, at, again, head.blk, out.blk, kit_pos(g));
        kit_merge_args(g, &head, &ir_end(g->f, at)->edges[0]);
        kit_merge_args(g, &out, &ir_end(g->f, at)->edges[1]);
    } else {
        kit_merge_jump(g, &head);
    }
    kit_merge_enter(g, &out);
}

static void kit_undo(struct kit_gen *g, uint32_t nest)
{
    int outer = g->flag;
    uint16_t flag = UINT16_MAX;
    struct ir_pos pos = kit_pos(g);
    if (kit_below(g->r, 3)) {
        flag = (uint16_t)g->f->nflags++;
        ir_val no =
            ir_emit(g->f, g->at, IR_CONST, KIT_BOOL, IR_NONE, IR_NONE, 0, pos);
        ir_emit(g->f, g->at, IR_SETFLAG, ir_scalar(PVM_NONE), no, IR_NONE, flag,
                pos);
    }
    ir_blk body = ir_add_block(g->f);
    struct kit_merge out = kit_merge_open(g, 2);
    ir_mark(g->f, g->at, IR_MARK_UNDO, flag, body, IR_NONE, pos);
    g->at = body;
    g->depth++;
    g->flag = flag == UINT16_MAX ? -1 : flag;
    kit_statements(g, nest + 1);
    g->depth--;
    g->flag = outer;
    if (g->at != IR_NONE && flag != UINT16_MAX) {
        ir_val kept = ir_emit(g->f, g->at, IR_GETFLAG, KIT_BOOL, IR_NONE,
                              IR_NONE, flag, pos);
        ir_blk keep = ir_add_block(g->f), undo = ir_add_block(g->f);
        ir_branch(g->f, g->at, kept, keep, undo, pos);
        g->at = keep;
        ir_emit(g->f, keep, IR_KEEP, ir_scalar(PVM_NONE), IR_NONE, IR_NONE, 0,
                pos);
        kit_merge_jump(g, &out);
        g->at = undo;
        memcpy(g->env, out.old, sizeof g->env);
    }
    if (g->at != IR_NONE) {
        ir_emit(g->f, g->at, IR_UNDO, ir_scalar(PVM_NONE), IR_NONE, IR_NONE, 0,
                pos);
        kit_merge_jump(g, &out);
        kit_merge_enter(g, &out);
    }
}

/* A flag that the extent sets is copied before it and set back by the
 * landing, as lowering does; here a TRY hides the flags outside it. */
static void kit_try(struct kit_gen *g, uint32_t nest)
{
    int outer = g->flag;
    struct ir_pos pos = kit_pos(g);
    ir_blk body = ir_add_block(g->f), landing = ir_add_block(g->f);
    struct kit_merge out = kit_merge_open(g, 2);
    ir_add_param(g->f, landing, ir_ref(PVM_T_ERROR));
    ir_mark(g->f, g->at, IR_MARK_TRY, UINT16_MAX, body, landing, pos);
    struct ir_edge *back = &ir_end(g->f, g->at)->edges[1];
    ir_val handler[KIT_ENV];
    for (uint32_t i = 0; i < KIT_ENV; i++) {
        handler[i] = g->env[i];
        if (kit_below(g->r, 3))
            continue;
        ir_edge_arg(g->f, back,
                    g->env[kit_below(g->r, 2) ? i : (i + KIT_TYPES) % KIT_ENV]);
        handler[i] = ir_add_param(g->f, landing, kit_env_type(i));
    }
    g->at = body;
    g->depth++;
    g->flag = -1;
    kit_statements(g, nest + 1);
    g->depth--;
    g->flag = outer;
    if (g->at != IR_NONE) {
        ir_emit(g->f, g->at, IR_KEEP, ir_scalar(PVM_NONE), IR_NONE, IR_NONE, 0,
                pos);
        kit_merge_jump(g, &out);
    }
    g->at = landing;
    memcpy(g->env, handler, sizeof g->env);
    kit_statements(g, nest + 1);
    kit_merge_jump(g, &out);
    kit_merge_enter(g, &out);
}

static void kit_return(struct kit_gen *g)
{
    const struct ir_sig *s = &g->mod->sigs.at[0];
    ir_val vals[4];
    for (uint32_t k = 0; k < s->nresults; k++)
        vals[k] = kit_value(g, s->results[k]);
    ir_return(g->f, g->at, vals, s->nresults, kit_pos(g));
    g->at = IR_NONE;
}

static void kit_statement(struct kit_gen *g, uint32_t nest)
{
    uint32_t k = kit_below(g->r, 24);
    if (nest > 5 && k >= 14)
        k = kit_below(g->r, 14);
    if (k < 6)
        kit_set(g, kit_arith(g));
    else if (k < 7)
        kit_set(g, kit_compare(g));
    else if (k < 8)
        kit_set(g, kit_type_op(g));
    else if (k < 10)
        kit_call(g);
    else if (k < 11)
        kit_native(g);
    else if (k < 13)
        kit_memory(g);
    else if (k < 14 && g->flag >= 0)
        ir_emit(g->f, g->at, IR_SETFLAG, ir_scalar(PVM_NONE),
                kit_value(g, KIT_BOOL), IR_NONE, g->flag, kit_pos(g));
    else if (k < 17)
        kit_if(g, nest);
    else if (k < 19)
        kit_loop(g, nest);
    else if (k < 21)
        kit_undo(g, nest);
    else if (k < 23)
        kit_try(g, nest);
    else if (g->depth == 0 && nest && kit_below(g->r, 2))
        kit_return(g);
    else
        kit_set(g, kit_const(g, kit_types[kit_below(g->r, KIT_TYPES)]));
}

static void kit_statements(struct kit_gen *g, uint32_t nest)
{
    uint32_t most = g->most, n = most / 2 + kit_below(g->r, most);
    g->most = most > 12 ? most / 2 : 6;
    while (n-- && g->left && g->at != IR_NONE) {
        g->left--;
        kit_statement(g, nest);
    }
    g->most = most;
}

/* A body for signature 0, of about `size` statements in lists of up to
 * `most`. */
static struct ir_fn *kit_function(struct ir_module *mod, struct arena *a,
                                  struct kit_rng *r, uint32_t size,
                                  uint32_t most)
{
    struct kit_gen g = {
        .r = r, .mod = mod, .left = size, .most = most, .flag = -1};
    g.f = ir_fn_open(mod, a, 0);
    const struct ir_sig *s = &mod->sigs.at[0];
    for (uint32_t i = 0; i < KIT_ENV; i++)
        g.env[i] = kit_const(&g, kit_env_type(i));
    for (uint32_t k = 0; k < s->nparams; k++)
        kit_set(&g, g.f->blocks.at[0].params.at[k]);
    while (g.left && g.at != IR_NONE)
        kit_statements(&g, 0);
    if (g.at != IR_NONE)
        kit_return(&g);
    return g.f;
}

/* A body for any other signature. */
static struct ir_fn *kit_stub(struct ir_module *mod, struct arena *a,
                              uint32_t index)
{
    struct ir_fn *f = ir_fn_open(mod, a, index);
    ir_halt(f, 0, (struct ir_pos){1, 1});
    return f;
}

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
