/* backend_kit.h - random functions of the IR.
 *
 * kit_function makes a random function: arithmetic, calls of functions, natives
 * and function values, types up and down, branches, loops, marks with keep
 * flags and landings.  backend_run.h runs it.  What happens in a run is a
 * trace; what a call gives, and whether it fails, is a hash of the trace so
 * far: equal traces go on equally. */
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

#endif
