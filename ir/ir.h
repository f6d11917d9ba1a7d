/* ir.h - PIR, the reversible intermediate representation.
 *
 *   module ── functions' signatures, types, strings, natives, tests
 *     fn ── blocks ── params, insts, and as the last inst a terminator with
 *                     one edge per successor, which carries the arguments
 *                     for the successor's params
 *
 * A typed control-flow graph with block parameters, after RSSA (Mogensen
 * 2015): each control op has a partner, so a function can also be read from
 * its last line up.  Values are numbered per function and defined once; a
 * definition dominates its uses.  Block 0 is the entry, its params are the
 * function's parameters; nothing jumps to it.
 *
 * A MARK ends a block.  Its first edge enters the extent; a TRY mark's second
 * edge, the back edge, enters the landing, whose first param is the Error
 * (the edge gives no argument for it) and whose other params take values from
 * before the mark.  The extent ends at KEEP or UNDO; on every path the marks
 * nest, and a block has one depth.  RETURN stands at depth 0.  Liveness
 * treats every instruction of an extent as able to take the back edge.
 *
 * A module and its functions live in arenas.  One function at a time is
 * built, optimised and selected; its arena is then reset. */
#ifndef PAL_IR_IR_H
#define PAL_IR_IR_H

#include "runtime/base/status.h"
#include "runtime/mem/mem.h"
#include "runtime/mem/vec.h"
#include "runtime/pvm/image.h"

enum ir_op {
#define OP(NAME, text, CLASS, PAIR, flags, sig, imm, meaning) IR_##NAME,
#include "ir/ops.def"
#undef OP
    IR_NOPS
};

enum ir_class { IR_PURE, IR_INJECTIVE, IR_LOGGED, IR_EFFECT, IR_CONTROL };
enum { IR_READS = 1, IR_WRITES = 2, IR_FAILS = 4, IR_ENDS = 8 };
enum ir_imm { /* what an op's immediate is, after the imm column */
              IR_IMM_NONE,
              IR_IMM_VALUE,
              IR_IMM_STR,
              IR_IMM_WORD,
              IR_IMM_GWORD,
              IR_IMM_TYPE,
              IR_IMM_FN,
              IR_IMM_NATIVE,
              IR_IMM_FLAG,
              IR_IMM_MARK
};

struct ir_op_info {
    const char *text;
    uint8_t class; /* enum ir_class */
    uint8_t pair;  /* enum ir_op */
    uint8_t flags;
    const char *sig; /* as in ops.def */
    const char *imm; /* the imm column's word */
    const char *meaning;
    uint8_t imm_kind; /* enum ir_imm */
};
extern const struct ir_op_info ir_ops[IR_NOPS];

enum ir_effect { /* of a native */
                 IR_EFFECT_PURE,
                 IR_EFFECT_READ,
                 IR_EFFECT_HEAP,
                 IR_EFFECT_HELD,
                 IR_EFFECT_NOW,
                 IR_EFFECT_HOST,
                 IR_EFFECT_ASK,
                 IR_EFFECT_ACT,
                 IR_EFFECT_EXIT
};
struct ir_native_info { /* a row of natives.def */
    const char *name;
    const char *sig;
    uint8_t effect; /* enum ir_effect */
    bool fails;
};
/* In the order of natives.def; the index is a NATIVE's immediate. */
extern const struct ir_native_info ir_natives[];
extern const uint32_t ir_nnatives;

typedef uint32_t ir_val; /* value number */
typedef uint32_t ir_blk; /* block number */
#define IR_NONE UINT32_MAX

typedef struct pvm_value_type ir_type;

enum ir_mark { IR_MARK_UNDO, IR_MARK_TRY }; /* the vm's mark kinds, X of MARK */

struct ir_edge {
    ir_blk to;
    uint32_t nargs;
    ir_val *args;
};

struct ir_pos {
    uint32_t line, column; /* 1-based; 0: none */
};

struct ir_inst {
    uint8_t op;
    uint8_t nedges; /* terminators only */
    uint16_t nargs;
    uint16_t nres; /* results are values res, res + 1, ... */
    uint16_t flag; /* MARK UNDO: keep flag or UINT16_MAX */
    ir_val res;
    ir_val *args;
    int64_t imm; /* by the imm column; floats as their bits */
    struct ir_edge *edges;
    struct ir_pos pos;
};

struct ir_block {
    VEC(ir_val) params;
    VEC(struct ir_inst) insts;
};

struct ir_fn {
    struct arena *arena;
    struct ir_module *module;
    uint32_t index; /* in module->sigs */
    VEC(struct ir_block) blocks;
    VEC(ir_type) values; /* type of each value */
    uint32_t nflags;     /* keep flags used */
    bool rev;            /* reversible code: see verify_rev.c */
};

/* What the immediate of an op is in this function: a branch of reversible code
 * takes the words that its pair, a join, would use. */
static inline uint8_t ir_imm_kind(const struct ir_fn *f, uint8_t op)
{
    return f->rev && op == IR_BRANCH ? (uint8_t)IR_IMM_STR
                                     : ir_ops[op].imm_kind;
}

/* Classes of memory that are written apart.  A fixed field is unread: it has
 * one value as long as its object can be loaded from. */
enum ir_memory {
    IR_MEM_FIELDS,
    IR_MEM_GLOBALS,
    IR_MEM_REFS,  /* items that refer to objects */
    IR_MEM_ITEMS, /* other items */
    IR_MEM_LENGTHS,
    IR_MEMORIES,
    IR_MEM_UNREAD = IR_MEMORIES
};
enum { IR_ALL_MEMORY = (1 << IR_MEMORIES) - 1 };

struct ir_sig { /* what callers and the image need of a function */
    const char *name;
    const char *file;
    uint32_t line;
    uint32_t nparams, nresults;
    const ir_type *params;  /* in source order */
    const ir_type *results; /* result, then mut parameters */
    uint64_t muts;          /* bit i: parameter i is mut; of a rev fn */
    uint32_t inverse;       /* index + 1 of its inverse; 0: none is wanted */
    uint8_t leaves;         /* bits by enum ir_memory: it writes none of that */
};

struct ir_field {
    const char *name;
    ir_type of;    /* an int's may name a NAMES type, as in pvm_value_type */
    uint32_t word; /* references first, then scalars, each in source order */
    bool fixed;    /* set only by the NEW's maker, before others see it */
};

struct ir_typedesc { /* becomes a pvm_type */
    uint8_t kind;    /* enum pvm_type_kind */
    const char *name;
    uint32_t nrefs, nscalars, nfields;
    struct ir_field *fields;    /* of a SUM the variants, of NAMES the names */
    ir_type item;               /* LIST; of a MAP the values */
    ir_type key;                /* MAP */
    uint32_t nparams, nresults; /* FN: as a signature's */
    const ir_type *params, *results; /* FN */
    uint32_t fn;                     /* CLOSURE: its function, in sigs */
    uint32_t of_fn;                  /* CLOSURE: its FN type */
    const struct ir_field **by_word; /* private to ir_field_at */
};

struct ir_test {
    const char *name, *file;
    uint32_t line, fn;
};

struct ir_string {
    const char *at;
    uint32_t len;
};

struct ir_module {
    struct mem *mem;
    struct arena *arena;
    VEC(struct ir_sig) sigs;
    VEC(struct ir_typedesc) types; /* the first PVM_TYPE_FIRST are built in */
    VEC(struct ir_string) strings; /* constants, interned */
    VEC(struct ir_test) tests;
    uint32_t globals; /* type index or 0 */
    uint32_t init;    /* function index + 1 or 0 */
    uint32_t main;    /* function index + 1 or 0 */
    void *intern;     /* the string table's index, private to build.c */
};

/* ---- build.c: making modules and functions ------------------------------- */

/* A module with the built-in types, in memory of m. */
struct ir_module *ir_module_open(struct mem *m);
void ir_module_close(struct ir_module *mod);
/* Adds; each returns the new index.  What is pointed to is copied. */
uint32_t ir_add_sig(struct ir_module *mod, const struct ir_sig *sig);
uint32_t ir_add_type(struct ir_module *mod, const struct ir_typedesc *t);
uint32_t ir_add_string(struct ir_module *mod, const char *s, uint32_t len);
void ir_add_test(struct ir_module *mod, const struct ir_test *t);
/* The number of the variant that a type is of a sum; -1: it is none. */
int64_t ir_variant(const struct ir_module *mod, uint32_t sum, uint32_t type);
/* Whether type t is another than `wide`, and all its objects are of `wide`: the
 * sum that it is a variant of, the function type of a closure, or any. */
bool ir_is_below(const struct ir_module *mod, uint32_t t, uint32_t wide);
/* The field of a struct's or the globals' word; NULL when there is none. */
const struct ir_field *ir_field_at(struct ir_module *mod, uint32_t type,
                                   int64_t word);
/* Index in ir_natives of a native by name; -1 when there is none. */
int ir_native(const char *name);

/* An empty function in arena a for signature `index`, with an entry block that
 * has the signature's params. */
struct ir_fn *ir_fn_open(struct ir_module *mod, struct arena *a,
                         uint32_t index);
ir_blk ir_add_block(struct ir_fn *f);
ir_val ir_add_param(struct ir_fn *f, ir_blk b, ir_type t);
ir_val ir_new_value(struct ir_fn *f, ir_type t);
static inline ir_type ir_type_of(const struct ir_fn *f, ir_val v)
{
    return f->values.at[v];
}
static inline ir_type ir_scalar(enum pvm_kind k)
{
    return (ir_type){.kind = (uint8_t)k, .type = 0};
}
static inline ir_type ir_ref(uint32_t type)
{
    return (ir_type){.kind = PVM_REF, .type = type};
}
/* The block's terminator, or NULL while it has none. */
static inline struct ir_inst *ir_end(const struct ir_fn *f, ir_blk b)
{
    const struct ir_block *k = &f->blocks.at[b];
    if (!k->insts.n)
        return NULL;
    struct ir_inst *last = &k->insts.at[k->insts.n - 1];
    return ir_ops[last->op].flags & IR_ENDS ? last : NULL;
}

/* Appends an op with up to two arguments (IR_NONE: absent) and one result of
 * type t (kind PVM_NONE: no result); returns the result or IR_NONE. */
ir_val ir_emit(struct ir_fn *f, ir_blk b, enum ir_op op, ir_type t, ir_val x,
               ir_val y, int64_t imm, struct ir_pos pos);
/* Appends an op with any arguments and results, at most 65535 of each; the
 * results' values are consecutive, the first is returned (IR_NONE when nres
 * is 0). */
ir_val ir_emit_n(struct ir_fn *f, ir_blk b, enum ir_op op, const ir_type *res,
                 uint32_t nres, const ir_val *args, uint32_t nargs, int64_t imm,
                 struct ir_pos pos);
/* Terminators.  Edges start without arguments: ir_edge_arg appends one, so
 * that params can still be added while a loop is open. */
void ir_jump(struct ir_fn *f, ir_blk b, ir_blk to, struct ir_pos pos);
void ir_branch(struct ir_fn *f, ir_blk b, ir_val c, ir_blk yes, ir_blk no,
               struct ir_pos pos);
/* flag: keep flag or UINT16_MAX; landing: IR_NONE for an UNDO mark. */
void ir_mark(struct ir_fn *f, ir_blk b, enum ir_mark kind, uint16_t flag,
             ir_blk body, ir_blk landing, struct ir_pos pos);
void ir_return(struct ir_fn *f, ir_blk b, const ir_val *vals, uint32_t n,
               struct ir_pos pos);
void ir_fail(struct ir_fn *f, ir_blk b, ir_val e, struct ir_pos pos);
void ir_halt(struct ir_fn *f, ir_blk b, struct ir_pos pos);
void ir_edge_arg(struct ir_fn *f, struct ir_edge *e, ir_val v);

/* ---- print.c, parse.c: the text form ------------------------------------- */

struct bytes; /* mem/bytes.h */
bool ir_print_fn(const struct ir_fn *f, struct bytes *out);
/* The module's types, strings, signatures of functions, tests. */
bool ir_print_module(const struct ir_module *mod, struct bytes *out);

struct ir_text_error {
    uint32_t line, column;
    char text[200];
};
/* Reads the text of a module and all its functions; `fns` is filled in the
 * order of the text, in the module's arena. print of the result is the text
 * again.  PAL_FORMAT with *err set for anything malformed. */
enum pal_status ir_parse(struct mem *m, const char *text, size_t n,
                         struct ir_module **mod, struct ir_fn ***fns,
                         uint32_t *nfns, struct ir_text_error *err);

/* ---- verify.c ------------------------------------------------------------ */

/* Checks every rule of the essay above and each op's signature.  False with
 * a sentence in `why` (n bytes) for the first rule that does not hold. */
bool ir_verify(const struct ir_fn *f, char *why, size_t n);
/* Checks the module's types, signatures and indices of functions; what
 * ir_verify takes for granted about them. */
bool ir_verify_module(const struct ir_module *mod, char *why, size_t n);

/* ---- invert.c, plain.c: reversible code ---------------------------------- */

/* The inverse of reversible function f, for signature `index`, in arena a.  f
 * is verified; so is the result, and its inverse prints as f does if f is as
 * ir_canonical leaves it.  f is only read. */
struct ir_fn *ir_invert(const struct ir_fn *f, struct arena *a, uint32_t index);
/* The inverse of a region of f, code that control enters at block `first` and
 * leaves by the jump that ends block `last`: blocks `first` and on.  It is
 * added to f; what is done in `exit` next finds `state` there, the counterparts
 * of the params of `first`; `exit` has no end yet. */
struct ir_region {
    ir_blk entry, exit;
    ir_val *state;
};
struct ir_region ir_invert_region(struct ir_fn *f, ir_blk first, ir_blk last);
/* The inverse of such a region as a function of its own, for signature
 * `index`, in arena a: its parameters are the params of `first`, mut, and then
 * the constants of f. */
struct ir_fn *ir_outline_inverse(const struct ir_fn *f, ir_blk first,
                                 ir_blk last, struct arena *a, uint32_t index);
/* Numbers blocks and values anew, in order and without gaps; unreachable
 * blocks go. */
void ir_canonical(struct ir_fn *f);
/* Makes plain code of reversible code, in place: updates become loads, ops and
 * stores, promises become comparisons that fail, an uncall a call of the
 * inverse, whose signature has to be known. */
void ir_plain(struct ir_fn *f);

/* ---- passes: opt_*.c, run in the order of the table in opt.c ------------- */

struct ir_opt {
    int level;            /* 0, 1, 2 */
    bool verify;          /* between passes */
    const char *dump;     /* print after the pass of this name, or NULL */
    struct bytes *dumped; /* where to */
};
/* False, with `why`, only when opt->verify found a pass at fault. */
bool ir_optimise(struct ir_fn *f, const struct ir_opt *opt, char *why,
                 size_t n);
/* Names of the passes, NULL-terminated. */
extern const char *const ir_pass_names[];

/* ---- graph.c, order.c: analyses several rooms need ----------------------- */

/* Reverse postorder of the blocks reachable from the entry, such that a mark
 * stands before its extent and the landing after it, and the blocks of a loop
 * or an extent stand together where the graph allows: what leaves them comes
 * after them.  n blocks in order[], arena a. */
uint32_t ir_rpo(const struct ir_fn *f, struct arena *a, ir_blk **order);
/* Turns a reverse postorder into the order of the code: a loop that is left
 * at its top has its header moved to its end, so that one test at the bottom
 * closes each round.  A definition then no longer stands before all its uses.
 * In place; order[0] stays the entry, a mark stays before its extent. */
void ir_layout(const struct ir_fn *f, struct arena *a, ir_blk *order,
               uint32_t n);
/* Innermost open mark of each reachable block b: at [b] the one at its start,
 * at [blocks.n + b] the one before its terminator.  A mark is named by the
 * block that its MARK ends; IR_NONE: none open. */
ir_blk *ir_open_marks(const struct ir_fn *f, struct arena *a);
/* The loops: at [b] the header of the innermost loop that holds b, itself for
 * a header; at [blocks.n + b], b a header, that of the loop around b's;
 * IR_NONE: none.  NULL where a loop has two entries, or there is no loop. */
ir_blk *ir_loops(const struct ir_fn *f, struct arena *a);
/* Number of edges into each block from the n blocks of order[]. */
uint32_t *ir_preds(const struct ir_fn *f, struct arena *a, const ir_blk *order,
                   uint32_t n);
/* Immediate dominator of each reachable block; IR_NONE for the entry and for
 * unreachable blocks (Lengauer, Tarjan 1979). */
ir_blk *ir_dominators(const struct ir_fn *f, struct arena *a);
/* The dominator tree, as intervals that nest: of each reachable block the
 * times at which a walk of the tree enters and leaves it, from 1 on. */
struct ir_domtree {
    uint32_t *in, *out;
};
struct ir_domtree ir_domtree(const struct ir_fn *f, struct arena *a,
                             const ir_blk *order, uint32_t n);
/* Does a dominate b?  Each dominates itself; both are reachable. */
static inline bool ir_dominates(const struct ir_domtree *t, ir_blk a, ir_blk b)
{
    return t->in[a] <= t->in[b] && t->out[b] <= t->out[a];
}
/* Uses of each value as an argument of an inst or an edge. */
uint32_t *ir_uses(const struct ir_fn *f, struct arena *a);
/* Makes every use of v a use of `by`; looks at the whole function. */
void ir_replace_uses(struct ir_fn *f, ir_val v, ir_val by);

#endif
