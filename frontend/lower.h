/* lower.h - from the checked tree to PIR: what the lower_*.c files share.
 *
 *   lower.c        the unit: types, signatures, globals, tests, the worklist
 *   lower_ssa.c    variables, regions, labels: the tree's state as SSA values
 *   lower_prune.c  params that turned out to be superfluous, removed
 *   lower_emit.c   instructions and their positions
 *   lower_place.c  places: what can be assigned and passed by &
 *   lower_expr.c   expressions     lower_call.c  calls, conversions, built-ins
 *   lower_option.c options; what stands in lists and maps
 *   lower_text.c   interpolation, print: values as text, joined
 *   lower_match.c  patterns, match   lower_closure.c  function values
 *   lower_stmt.c   statements, conditions, loops
 *   lower_native.c the results of natives as values
 *   lower_time.c   undo, try, keep, and leaving them
 *   lower_rev.c, lower_rev_update.c   reversible functions
 *
 * One function is lowered at a time, by one walk over its tree.  `blk` is the
 * block that grows; it is IR_NONE where control cannot come, and then every
 * function here does nothing and yields IR_NONE: no unreachable block is ever
 * made.  Positions name the node an instruction was made for.
 *
 * A value is one register; a tuple is an object like a struct, `none` of a
 * reference is the null reference.  An option of a scalar is two values, of
 * which the walk speaks by one number, a pair (lower_option.c): variables,
 * params and edges, parameters and results of functions carry both; fields and
 * globals are two words; an item of a list or a value of a map is a box. */
#ifndef PAL_FRONTEND_LOWER_H
#define PAL_FRONTEND_LOWER_H

#include "frontend/sema.h"
#include "ir/ir.h"

/* ---- state --------------------------------------------------------------- */

struct lower_var {   /* a variable of the function, or a temporary */
    struct sym *sym; /* NULL: a temporary */
    ir_type type;
    ir_val now;       /* its value at this point of the walk */
    uint32_t written; /* its newest entry in the log + 1; 0: none */
    uint32_t stamp;   /* scratch of label and loop bookkeeping */
    uint32_t slot;
};

struct lower_write { /* an entry of the log: what a write replaced */
    uint32_t var;
    ir_val old;
    uint32_t written; /* the variable's field before */
};

struct lower_region {
    uint32_t base;  /* length of the log at entry */
    uint32_t nvars; /* variables from here on are the region's own */
    struct lower_region *outer;
};

struct lower_change {
    uint32_t var;
    ir_val value;
};

struct lower_edge { /* an edge to a label, with what its source changed */
    ir_blk from;
    uint32_t index; /* of the edge in the terminator */
    struct lower_change *changes;
    uint32_t nchanges;
};

struct lower_label {
    struct lower_region *region;
    ir_blk blk; /* made by the first edge; IR_NONE before */
    VEC(struct lower_edge) edges;
    /* of a loop's head: the block is open and has one param per variable */
    bool is_head;
    const uint32_t *vars;
    uint32_t nvars;
};

enum lower_scope_kind { LOWER_LOOP, LOWER_UNDO, LOWER_TRY };

struct lower_scope { /* what break, continue, return and keep look for */
    uint8_t kind;    /* enum lower_scope_kind */
    struct ast *node;
    struct lower_scope *outer;
    struct lower_label *next, *done; /* LOOP: of continue and break */
    struct lower_region *region;     /* UNDO: begun at the mark */
    uint16_t flag;                   /* UNDO: keep flag or UINT16_MAX */
};

struct lower_instance { /* a function to lower */
    struct sym *sym;    /* NULL: an expression's */
    uint32_t sig;
    struct ir_fn *back; /* of a rev fn that was lowered: its inverse */
    struct ast *value;  /* of an expression's: the expression, */
    struct sym **names; /* and the variables that it names: the parameters */
    struct ir_fn *made; /* reversible code that is there already */
    struct ast *lambda; /* of a function inside a function: the FN node */
    struct type *lambda_type;
    struct sym *thunk; /* of a declared function's value: the function */
    struct span at;
};

struct lower_update { /* a line that updates a variable, or what it holds */
    const struct sym *sym;
    uint32_t line;
};

struct lower_pair { /* an option of a scalar */
    ir_val has, value;
};

struct lower_near {
    uint32_t pos;
    struct ir_pos at; /* line 0: none yet */
};

struct lower {
    /* the unit */
    struct unit *u;
    struct ir_module *mod;
    struct arena *arena; /* of the function at hand; reset after it */
    bool (*each)(void *arg, struct ir_fn *f);
    void *arg;
    VEC(struct lower_instance) work;
    uint32_t simple_cells[TYPE_ANY + 1]; /* as type.ir_cell */
    VEC(struct type *) open_types; /* structs whose fields are to be filled */

    /* the function */
    struct ir_fn *f;
    ir_blk blk;
    const struct source *src;
    struct span at; /* where it is declared */
    VEC(struct lower_var) vars;
    VEC(struct lower_write) log;
    VEC(uint32_t) muts;  /* variables of the mut parameters, in order */
    VEC(uint32_t) state; /* of a rev fn: variables with linear values */
    VEC(struct lower_update) updates; /* of a rev fn, by sym */
    VEC(struct lower_pair) pairs;
    struct lower_region *region;
    struct lower_scope *scope;
    uint32_t stamp;

    struct lower_near near[2]; /* places looked up lately: lower_pos */
};

/* Bytes of source to what is looked up next that are near. */
#define LOWER_NEAR 64

static inline bool lower_dead(const struct lower *l)
{
    return l->blk == IR_NONE;
}

/* ---- options: lower_option.c --------------------------------------------- */

/* The type of an option of a scalar of a kind: lowering's alone, of pairs and
 * the variables that hold them. */
#define LOWER_PAIR_TYPE 0x80
#define LOWER_PAIR_VAL  0x80000000u

static inline bool lower_is_pair(ir_val v)
{
    return v != IR_NONE && v & LOWER_PAIR_VAL;
}
static inline bool lower_is_pair_type(ir_type t)
{
    return t.kind & LOWER_PAIR_TYPE;
}
/* The type of what an option of a scalar holds. */
static inline ir_type lower_held_type(ir_type t)
{
    return ir_scalar(t.kind & ~LOWER_PAIR_TYPE);
}
ir_val lower_pair(struct lower *l, ir_val has, ir_val value);
static inline struct lower_pair lower_parts(const struct lower *l, ir_val v)
{
    return l->pairs.at[v & ~LOWER_PAIR_VAL];
}
/* How many values one of the type is. */
static inline uint32_t lower_count_of(ir_type t)
{
    return lower_is_pair_type(t) ? 2 : 1;
}
/* Appends the type or types of values of type t; how many. */
uint32_t lower_put_types(ir_type t, ir_type *to);
/* The same of a value. */
uint32_t lower_put_vals(const struct lower *l, ir_val v, ir_val *to);
/* The value that stands first at v, of type t. */
ir_val lower_take(struct lower *l, ir_type t, ir_val v);

/* A `none` of option type t. */
ir_val lower_none(struct lower *l, const struct ast *at, struct type *t);
/* The option, of type t, that holds v. */
ir_val lower_some(struct lower *l, const struct ast *at, struct type *t,
                  ir_val v);
/* Whether option v, of type t, holds a value. */
ir_val lower_has(struct lower *l, const struct ast *at, struct type *t,
                 ir_val v);
/* What it holds; where that is nothing, a value of no use. */
ir_val lower_held(struct lower *l, struct type *t, ir_val v);
ir_val lower_unwrap(struct lower *l, struct ast *e);
ir_val lower_else_none(struct lower *l, struct ast *e);
ir_val lower_options_equal(struct lower *l, const struct ast *at,
                           struct type *t, ir_val x, ir_val y);

/* The IR type of items of type t in lists, of values in maps: as the type of
 * the list has it, with an enum's names, and as a value. */
ir_type lower_item_type(struct lower *l, struct type *t);
ir_type lower_word_type(struct lower *l, struct type *t);
/* v as it stands there, and back. */
ir_val lower_boxed(struct lower *l, const struct ast *at, struct type *t,
                   ir_val v);
ir_val lower_unboxed(struct lower *l, const struct ast *at, struct type *t,
                     ir_val v);

/* A value of type t as an `any`: a reference, or a box. */
ir_val lower_to_any(struct lower *l, const struct ast *at, struct type *t,
                    ir_val v);
/* The t that an `any` holds; control goes to `no` where it holds another. */
ir_val lower_from_any(struct lower *l, const struct ast *at, struct type *t,
                      ir_val v, struct lower_label *no);

/* What is at hand as a value of an expression: its option where it is lifted.
 */
static inline struct type *lower_given(const struct ast *e)
{
    return e->lifted ? e->lifted : e->type;
}

/* ---- words of objects: lower_place.c ------------------------------------- */

/* A field, or a global where `object` is IR_NONE, of type t. */
ir_val lower_load_word(struct lower *l, const struct ast *at, ir_type t,
                       ir_val object, uint32_t word);
void lower_store_word(struct lower *l, const struct ast *at, ir_val object,
                      uint32_t word, ir_val v);

/* ---- lower.c ------------------------------------------------------------- */

/* The IR type of a checked type; UNIT and NEVER give kind PVM_NONE. */
ir_type lower_type(struct lower *l, struct type *t);
/* The type of the objects of a variant. */
ir_type lower_variant_type(struct lower *l, struct type *t, uint32_t number);
/* The index of the names of an enum without payloads. */
uint32_t lower_names_type(struct lower *l, struct type *t);
static inline bool lower_has_value(const struct type *t)
{
    if (t && t->kind == TYPE_OPTION) /* a bare `none` */
        t = t->args[0];
    return t && t->kind != TYPE_UNIT && t->kind != TYPE_NEVER;
}
/* The signature index of a function, which joins the worklist when it is met
 * first. */
uint32_t lower_instance_of(struct lower *l, struct sym *fn);
/* That of a rev fn's inverse. */
uint32_t lower_inverse_of(struct lower *l, struct sym *fn);
/* Cuts the region of reversible code from `first` to `last` out as a function;
 * its parameters are the constants of the function at hand, then, mut, the
 * state.  The signature index. */
uint32_t lower_outline(struct lower *l, ir_blk first, ir_blk last);
/* That of a function of n variables that gives the value of an expression; of
 * an `assert`, which may raise, true. */
uint32_t lower_value_fn(struct lower *l, struct ast *e, struct sym **names,
                        uint32_t n);

/* Begins the function of a signature that is declared at a place. */
void lower_fn_begin(struct lower *l, uint32_t sig, struct span at);
bool lower_fn_end(struct lower *l);
/* Gives the parameters, from the first of the entry's params on, their
 * variables. */
void lower_params_bind(struct lower *l, const struct ast_nodes *params,
                       uint32_t first);
/* Returns v at the end of the body: for a block, at its closing brace. */
void lower_fn_return(struct lower *l, const struct ast *body, ir_val v);
/* A field of a struct, closure or the like, or a global, of type t: its words
 * from to[n] on; the number of words then. */
uint32_t lower_put_fields(struct lower *l, struct ir_field *to, uint32_t n,
                          struct ir_field like, struct type *t);

/* ---- emitting: lower_emit.c ---------------------------------------------- */

struct ir_pos lower_pos(struct lower *l, const struct ast *at);
/* As ir_emit, in the current block, for node `at`. */
ir_val lower_op(struct lower *l, const struct ast *at, enum ir_op op, ir_type t,
                ir_val x, ir_val y, int64_t imm);
/* A native by its name, with nargs arguments and a result of type t (kind
 * PVM_NONE: none). */
ir_val lower_native(struct lower *l, const struct ast *at, const char *name,
                    ir_type t, const ir_val *args, uint32_t nargs);
ir_val lower_const(struct lower *l, const struct ast *at, ir_type t,
                   int64_t bits);
ir_val lower_int(struct lower *l, const struct ast *at, int64_t value);
ir_val lower_float(struct lower *l, const struct ast *at, double value);
ir_val lower_str(struct lower *l, const struct ast *at, const char *s,
                 uint32_t len);
/* Raises an Error of a message (a str value) and a kind; dead afterwards. */
void lower_raise(struct lower *l, const struct ast *at, ir_val message,
                 const char *kind);

/* The IR types used everywhere. */
#define LOWER_INT   ir_scalar(PVM_INT)
#define LOWER_FLOAT ir_scalar(PVM_FLOAT)
#define LOWER_BOOL  ir_scalar(PVM_BOOL)
#define LOWER_BYTE  ir_scalar(PVM_BYTE)
#define LOWER_STR   ir_ref(PVM_T_STR)
#define LOWER_ANY   ir_ref(PVM_T_ANY)
#define LOWER_NONE  ir_scalar(PVM_NONE)

/* ---- variables and labels: lower_ssa.c ----------------------------------- */

/* A new variable; sym NULL: a temporary.  It has no value before a write. */
uint32_t lower_var_new(struct lower *l, struct sym *sym, ir_type t);
/* The variable of a local symbol; UINT32_MAX: it was declared in dead code. */
uint32_t lower_var_of(const struct lower *l, const struct sym *sym);
ir_val lower_var_read(const struct lower *l, uint32_t var);
void lower_var_write(struct lower *l, uint32_t var, ir_val v);

void lower_region_open(struct lower *l, struct lower_region *r);

/* A label of the innermost region. */
struct lower_label lower_label_new(struct lower *l);
void lower_goto(struct lower *l, struct lower_label *to, const struct ast *at);
void lower_branch(struct lower *l, ir_val c, struct lower_label *yes,
                  struct lower_label *no, const struct ast *at);
/* Ends the current block with a mark: on in a new block; a TRY mark's landing
 * is the label's block, whose first param, the Error, is returned. */
ir_val lower_mark(struct lower *l, enum ir_mark kind, uint16_t flag,
                  struct lower_label *landing, const struct ast *at);
/* Goes on at the label, with the variables as its edges bring them. */
void lower_bind(struct lower *l, struct lower_label *at);
/* The same for the region's last label: closes the region. */
void lower_bind_last(struct lower *l, struct lower_label *at);

/* Jumps to a new loop head and goes on there; the variables from before the
 * innermost region that `parts` (NULL entries: none) assign, and `counter`
 * unless it is UINT32_MAX, become its params.  lower_goto and lower_branch
 * to the head make back edges. */
void lower_loop_head(struct lower *l, struct lower_label *head,
                     struct ast *const *parts, uint32_t nparts,
                     uint32_t counter, const struct ast *at);
/* Writes the values from before an open region to the variables it changed. */
void lower_restore(struct lower *l, const struct lower_region *r);
/* Removes params that no instruction needs.  After the function's last op. */
void lower_prune(struct lower *l);

/* ---- places: lower_place.c ----------------------------------------------- */

enum lower_place_kind {
    PLACE_NONE, /* dead */
    PLACE_VAR,
    PLACE_GLOBAL,
    PLACE_FIELD,
    PLACE_ITEM,
    PLACE_ENTRY /* of a map */
};

struct lower_place { /* its expressions evaluated, its bounds not checked */
    uint8_t kind;
    uint32_t var;     /* VAR */
    uint32_t word;    /* GLOBAL, FIELD */
    ir_val base;      /* FIELD, ITEM, ENTRY */
    ir_val index;     /* ITEM; ENTRY: the key */
    struct type *map; /* ENTRY: its map's type */
    ir_type type;
    struct type *of; /* the same as the checker has it; not of VAR, GLOBAL */
    const struct ast *at;
};

struct lower_place lower_place(struct lower *l, struct ast *e);
ir_val lower_place_read(struct lower *l, const struct lower_place *p);
void lower_place_write(struct lower *l, const struct lower_place *p, ir_val v);
/* Fails `assert` where two places are the same one at run time. */
void lower_place_apart(struct lower *l, const struct lower_place *p,
                       const struct lower_place *q, const struct ast *at);

/* ---- the tree ------------------------------------------------------------ */

/* lower_expr.c: the value, IR_NONE where the type has none. */
ir_val lower_expr(struct lower *l, struct ast *e);
ir_val lower_arith(struct lower *l, const struct ast *at, int op,
                   struct type *t, ir_val x, ir_val y);
/* The right operand of an operator: a shift count is an int. */
ir_val lower_operand(struct lower *l, int op, struct ast *right);
/* A shift count or list index as an int. */
ir_val lower_widened(struct lower *l, struct ast *e);
/* x == y of two values of type t. */
ir_val lower_equal(struct lower *l, const struct ast *at, struct type *t,
                   ir_val x, ir_val y);
/* x < y of two values of type t. */
ir_val lower_less(struct lower *l, const struct ast *at, struct type *t,
                  ir_val x, ir_val y);
/* Whether a str holds a str, or a list an item; `in` is the whole's type. */
ir_val lower_contains(struct lower *l, const struct ast *at, struct type *in,
                      ir_val whole, ir_val part);
/* A fresh struct or tuple of type t, with the values of its fields. */
ir_val lower_object(struct lower *l, const struct ast *at, struct type *t,
                    const ir_val *fields);
/* A variant of enum t, with the values of its payload or NULL. */
ir_val lower_variant(struct lower *l, const struct ast *at, struct type *t,
                     uint32_t number, const ir_val *payload);
/* Item i of a tuple v of type t. */
ir_val lower_item(struct lower *l, const struct ast *at, struct type *t,
                  ir_val v, uint32_t i);
/* Item i, an int, of a list, of type t; fails `index`. */
ir_val lower_item_at(struct lower *l, const struct ast *at, struct type *t,
                     ir_val list, ir_val i);
/* Bytes of a str, items of a list. */
ir_val lower_len(struct lower *l, const struct ast *at, struct type *t,
                 ir_val v);
/* Whether evaluating e again and again gives the same scalar, without effect
 * or failure. */
bool lower_is_fixed(const struct ast *e);

/* lower_map.c */
ir_val lower_map(struct lower *l, struct ast *e);
/* The value of a key of a map of type t; fails `key`. */
ir_val lower_map_get(struct lower *l, const struct ast *at, struct type *t,
                     ir_val map, ir_val key);
/* An option: by a native that tells whether there is a key, and its value. */
ir_val lower_map_find(struct lower *l, const struct ast *at, struct type *t,
                      const char *native, ir_val map, ir_val key);
void lower_map_put(struct lower *l, const struct ast *at, struct type *t,
                   ir_val map, ir_val key, ir_val value);
/* Whether there is a key. */
ir_val lower_map_has(struct lower *l, const struct ast *at, struct type *t,
                     ir_val map, ir_val key);
/* Its keys, or values, as a list of type `to`. */
ir_val lower_map_list(struct lower *l, const struct ast *at, struct type *to,
                      ir_val map, bool values);
/* A `for` over a map or, as `listed` says, its keys or values. */
void lower_map_loop(struct lower *l, struct ast *e, int listed);

/* lower_native.c: row `native` of ir_natives, with nargs arguments as they
 * stand in lists, called for e; the value of e's type. */
ir_val lower_native_results(struct lower *l, struct ast *e, int native,
                            const ir_val *args, uint32_t nargs);

/* lower_call.c */
/* The name of a value's type; of an `any` that of what it holds. */
ir_val lower_type_name(struct lower *l, const struct ast *at, struct type *t,
                       ir_val v);
ir_val lower_call(struct lower *l, struct ast *e);
/* `uncall f(...)` in ordinary code. */
void lower_uncall(struct lower *l, struct ast *s);

/* lower_text.c */
ir_val lower_interp(struct lower *l, struct ast *e);
/* A + of strings, with the whole chain under it. */
ir_val lower_joined(struct lower *l, struct ast *e);
/* The n arguments of print as one line: all are evaluated before the first
 * becomes text. */
ir_val lower_line(struct lower *l, const struct ast *at, struct ast **args,
                  uint32_t n);
/* A value of a type as print shows it. */
ir_val lower_text(struct lower *l, const struct ast *at, struct type *t,
                  ir_val v);

/* lower_closure.c */
/* The IR type of a function type. */
ir_type lower_fn_type(struct lower *l, struct type *t);
/* A lambda as a value, with what it captures here. */
ir_val lower_lambda(struct lower *l, struct ast *e);
/* A local `fn`. */
void lower_local_fn(struct lower *l, struct ast *s);
/* A declared function as a value. */
ir_val lower_fn_value(struct lower *l, const struct ast *at, struct sym *fn);
ir_val lower_call_value(struct lower *l, struct ast *e);
/* The bodies that stand behind function values. */
bool lower_lambda_body(struct lower *l, struct lower_instance work);
bool lower_thunk(struct lower *l, struct lower_instance work);
/* A new cell that holds v, a value of type t. */
ir_val lower_cell(struct lower *l, const struct ast *at, struct type *t,
                  ir_val v);
/* The type of such a cell. */
ir_type lower_cell_type(struct lower *l, struct type *t);
/* The value of a variable, which may live in a cell. */
ir_val lower_sym_read(struct lower *l, const struct ast *at,
                      const struct sym *sym);

/* lower_match.c */
ir_val lower_match(struct lower *l, struct ast *e);
bool lower_is_wild(const struct ast *pattern); /* _ */
struct lower_arms {
    const struct ast_match *m;
    struct lower_label *at; /* of each arm: where it is tried; one more */
    struct lower_label *in; /* of each: behind its head */
    struct lower_label *end;
    uint32_t result; /* the match's value, or UINT32_MAX */
};
/* Where an arm is entered whose head takes the value. */
struct lower_label *lower_arm_entry(const struct lower_arms *arms, uint32_t i);
/* Binds the names of a pattern that v matches; control goes to `no` where it
 * does not, or, `no` being NULL, it does. */
void lower_match_pattern(struct lower *l, struct ast *pattern, ir_val v,
                         struct lower_label *no);

/* lower_switch.c: goes to one of the arms from `first` on by a search tree,
 * where that is worth it: control is dead then.  Returns the first arm that was
 * not looked at. */
uint32_t lower_switch(struct lower *l, const struct ast *at,
                      const struct lower_arms *arms, uint32_t first, ir_val v);

/* lower_stmt.c */
/* The variable of a symbol begins with a value. */
void lower_declare(struct lower *l, const struct ast *at, struct sym *sym,
                   ir_val v);
void lower_stmt(struct lower *l, struct ast *s);
/* Makes the loop e the target of break and continue; undone by lower_loop_pop.
 */
void lower_loop_push(struct lower *l, struct lower_scope *s, struct ast *e,
                     struct lower_label *next, struct lower_label *done);
void lower_loop_pop(struct lower *l);
ir_val lower_block(struct lower *l, struct ast *block);
ir_val lower_if(struct lower *l, struct ast *e);
void lower_cond(struct lower *l, struct ast *e, struct lower_label *yes,
                struct lower_label *no);

struct lower_count { /* a loop that counts up by one */
    const struct ast *at;
    ir_type type; /* of the counter */
    ir_val from;
    ir_val to;        /* read once; or IR_NONE: */
    ir_val list;      /* its length bounds the loop, live */
    struct ast *node; /* the statement break and continue name, or NULL */
    struct ast *body; /* what may assign variables */
    void (*each)(struct lower *l, const struct lower_count *c, ir_val i);
    ir_val result; /* for `each` */
    void *data;    /* for `each` */
};
void lower_count(struct lower *l, const struct lower_count *c);
/* Leaves all scopes and returns v (IR_NONE: no result) and the mut
 * parameters. */
void lower_return(struct lower *l, const struct ast *at, ir_val v);

/* lower_rev.c: the body of a rev fn, as reversible code. */
void lower_rev_body(struct lower *l, struct ast *body);

/* lower_time.c */
ir_val lower_undo(struct lower *l, struct ast *e);
ir_val lower_try(struct lower *l, struct ast *e);
ir_val lower_try_else(struct lower *l, struct ast *e);
void lower_keep(struct lower *l, struct ast *s);
/* Closes the marks of the scopes inside `until`, innermost first. */
void lower_leave(struct lower *l, const struct lower_scope *until,
                 const struct ast *at);

#endif
