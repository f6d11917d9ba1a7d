/* check.h - the checker's own interface: what its files share.
 *
 *   sema.c        the order of the passes
 *   scope.c       names: binding, finding, leaving scopes
 *   check_module.c  the module at hand; names of other modules; methods
 *   check_decl.c  declarations, signatures, types as written, bodies
 *   check_init.c  use of globals before their initialisation
 *   check_stmt.c  blocks and statements, places
 *   check_pattern.c  what patterns match and bind
 *   check_match.c match, if let, while let   check_cover.c  what they leave out
 *   check_made.c  types without values
 *   check_enum.c  enums        check_generic.c  type parameters, instances
 *   check_expr.c  expressions          check_op.c      operators
 *   check_map.c   maps
 *   check_call.c  calls                check_builtin.c built-in functions
 *   check_lambda.c  functions inside functions, function values
 *   check_native.c  leaves of the standard library
 *   check_format.c  format specifiers
 *   check_flow.c  where break, continue, keep and return lead; values of
 *                 functions; what has no effect
 *   check_rev*.c  reversible functions; check_rev.h
 *   check_say.c   diagnostics that several files give
 *
 * How types flow.  check_expr(c, e, hint) finds the type of e, stores it in
 * e->type and returns it.  `hint` is the type that the place of e expects, or
 * NULL; it decides the type of literals and of empty lists and promises
 * nothing.  check_value also insists: it adapts literals, and reports when the
 * value does not fit.  The hint DROPPED means that the value is not used: then
 * blocks and branches are statements, and the type of an `if`, block, `undo`
 * or `try` is unit (or never), whatever its last expression gives.
 *
 * The error type silences: it fits everywhere, and nothing is reported about
 * it.  The never type fits everywhere; an expression has it when control does
 * not come out of it.  A list of errors is the error type itself, a list of
 * never the never type.
 *
 * Function results and types of globals that are not written are found on
 * demand, when they are first used; a body that is checked in the midst of
 * another one sees no local name of it, and is checked in its own module.  The
 * depth of this is bounded (CHECK_MAX_DEPTH), as the parser bounds the depth of
 * the tree. */
#ifndef PAL_FRONTEND_CHECK_H
#define PAL_FRONTEND_CHECK_H

#include "frontend/sema.h"

enum {
    CHECK_MAX_DEPTH = 2000,  /* of expressions when a body is inferred */
    TYPE_MAX_DEPTH = 200,    /* of lists and tuples in each other */
    CHECK_MAX_PARAMS = 64,   /* muts has a bit for each */
    CHECK_MAX_FIELDS = 4096, /* of a struct: they are searched in order */
    INSTANCE_MAX_DEPTH = 64, /* of instances that ask for instances */
    CHECK_MAX_HINTS = 50,    /* errors after which nothing is suggested */
    BODY_UNDEFINED = 32      /* names that are reported once in a body */
};

#define DROPPED (&type_unit)

/* ---- names: scope.c ------------------------------------------------------ */

struct binding {
    struct sym *sym;
    uint32_t prev; /* the binding of the name that this one hides, + 1 */
    uint32_t slot;
};

struct scope_slot {
    const struct name *name;
    uint32_t top; /* the newest binding + 1; 0: none */
};

/* Bindings of the open bodies, newest last; `slots` finds the newest one of a
 * name. */
struct scope {
    VEC(struct binding) binds;
    struct scope_slot *slots;
    uint32_t n, cap;      /* slots in use, slots */
    uint32_t block_from;  /* the first binding of the innermost block */
    struct symbols *into; /* where names are added instead: the built-in ones',
                             a module's; NULL: to the innermost block */
};

/* ---- bodies and places in them: check_flow.c ----------------------------- */

enum flow_kind { FLOW_LOOP, FLOW_UNDO, FLOW_TRY };

/* A construct that is open around the statement at hand. */
struct flow {
    struct ast *node;
    const struct name *label;
    struct flow *up;
    uint8_t kind; /* enum flow_kind */
};

enum body_kind { BODY_FN, BODY_INIT, BODY_TEST, BODY_LAMBDA };

/* The body being checked. */
struct body {
    struct body *up;   /* the one that asked for it; LAMBDA: around it */
    struct top *owner; /* FN, GLOBAL; NULL: a test; LAMBDA: of the outermost */
    struct ast *fn;    /* FN, LAMBDA: the node */
    uint32_t level;    /* functions around it */
    struct type *result; /* NULL: not known yet */
    struct ast *decided; /* what decided a result that is inferred */
    struct flow *flow;
    uint32_t from;            /* its first binding */
    uint8_t kind;             /* enum body_kind */
    bool is_rev;              /* of a reversible function */
    struct rev_local *locals; /* those open in it, newest first */
    uint8_t nundefined;
    const struct name *undefined[BODY_UNDEFINED]; /* names reported */
};

enum top_state { TOP_NEW, TOP_CHECKING, TOP_DONE };

/* A function or a global, and what the checker knows beyond sema.h. */
struct top {
    struct sym sym;
    uint32_t id;
    uint8_t state;  /* enum top_state */
    bool infers;    /* the type is found by checking the body */
    bool reported;  /* an error about its initialisation was given */
    bool gives;     /* an error said that it declares no result and gives one */
    bool wrong;     /* its body has an error */
    bool numbered;  /* scratch of sema.c */
    uint32_t depth; /* of an instance: how many asked for each other */
    struct type **targs; /* of an instance: its type arguments */
    struct type *instance;
    struct diag_context asked; /* of an instance: where the first call stands */
    struct effects *effects;   /* check_rev_effects.c; NULL: not asked for */
};

/* `from` uses the function or global `to` (ids) at byte pos of its source. */
struct use {
    uint32_t from, to, pos, end;
};

/* The type parameters that are names here. */
struct tparams {
    const struct ast_nodes *names; /* TPARAM */
    struct type **types;           /* what they stand for */
};

struct checker {
    struct unit *u;
    struct arena *arena;
    struct scope scope;
    struct symbols outer;  /* the built-in names */
    struct module *module; /* the one at hand; u->src and u->file are its own */
    struct body *body;
    struct tparams *tparams; /* NULL: none */
    uint32_t depth;          /* of expressions, over all open bodies */
    VEC(struct top *)
    tops; /* by id: in the order of initialisation, once all
             modules are there */
    VEC(struct module *) order; /* u->modules, in the order of initialisation */
    uint32_t ndeclared;         /* of u->modules: those whose names are known */
    VEC(struct top *) wanted;   /* of the standard library, to be checked */
    bool warn;                  /* of what is warned about at all */
    VEC(struct use) uses;       /* kept only where there may be globals */
    uint32_t nglobals;
    struct sym *builtins; /* BUILTIN_COUNT; names of the tree refer to them */
    const struct name *n_len, *n_message, *n_kind, *n_trace, *n_value, *n_main,
        *n_wild, *n_by, *n_next, *n_native;
};

/* Why a value must have a type: a label for the diagnostic.  NULL at: none. */
struct reason {
    const char *text;
    struct span at;
};

/* scope.c */
void scope_open(struct checker *c);
void scope_close(struct checker *c);
/* The symbol that a name means here, or NULL. */
struct sym *scope_find(struct checker *c, const struct name *name);
/* The same for the module's and the built-in names only. */
struct sym *scope_find_module(struct checker *c, const struct name *name);
/* What is called by the name of a module: the language's own function or
 * conversion of that name, else the module. */
struct sym *scope_beneath(struct checker *c, struct sym *module);
/* Adds to the innermost scope; reports a name it already has. */
bool scope_add(struct checker *c, struct sym *s);
/* Adds without looking; for the built-in names. */
void scope_push(struct checker *c, struct sym *s);
/* Opens a block; gives what scope_leave wants. */
uint32_t scope_enter(struct checker *c);
/* Forgets the block's names and warns of those that nothing read. */
void scope_leave(struct checker *c, uint32_t saved);
/* Forgets the newest name if it is that symbol's. */
void scope_drop(struct checker *c, const struct sym *s);
struct sym *sym_new(struct checker *c, enum sym_kind kind,
                    const struct name *name, struct ast *decl, struct span at);
/* The visible name nearest to `word`, or NULL; `own`: built-in names apart. */
const char *scope_nearest(struct checker *c, const char *word, bool own);

/* sema.c */
/* Declares the modules that were loaded meanwhile. */
void sema_declare_new(struct checker *c);

/* check_module.c */
/* Makes m the module at hand; gives the one before, to come back to. */
struct module *module_enter(struct checker *c, struct module *m);
/* The module that an expression names, or NULL. */
struct sym *module_named(struct checker *c, struct ast *base);
/* What a name or `module.name` means; NULL: nothing. */
struct sym *module_sym(struct checker *c, struct ast *e);
/* What a module offers under a name, to the module at hand; NULL after a
 * report. `at`: the name's place. */
struct sym *module_member(struct checker *c, struct sym *module,
                          const struct name *name, struct span at);
/* The value `module.x`, or a report of what else it is; NULL where the base
 * of the member is no module. */
struct type *module_value(struct checker *c, struct ast *e, struct type *hint);
/* Whether the module at hand may use what another one declares. */
bool module_shows(const struct checker *c, const struct sym *s);
/* What f is in x.f(...), for an x of type t; NULL: nothing. */
struct sym *module_method(struct checker *c, struct type *t,
                          const struct name *name);
/* The name nearest to a word of what can be called with a t first, among the
 * functions of the module that t belongs to; or NULL. */
const char *module_near_method(struct checker *c, struct type *t,
                               const char *word);
/* `m.name` where an imported module offers just that name, a type or anything
 * else; or NULL. */
const char *module_offers(struct checker *c, const struct name *name,
                          bool is_type);
/* What module_method would find of functions that the module at hand may not
 * use. */
struct sym *module_hidden_method(struct type *t, const struct name *name);
/* Reports something that is not `pub`. */
void module_say_hidden(struct checker *c, struct span at, const struct sym *s);

/* check_decl.c: of a module, which is the one at hand */
void decl_collect(struct checker *c, struct module *m);
void decl_structs(struct checker *c, uint32_t from);
void decl_signatures(struct checker *c, const struct module *m);
void decl_bodies(struct checker *c, const struct module *m);
void decl_unused(struct checker *c, const struct module *m);
/* Checks the body of a function or global that was not checked yet. */
void decl_body(struct checker *c, struct top *t);
/* Finds the type of a function or global whose type is not written. `at` is
 * the expression that asks. */
void decl_infer(struct checker *c, struct top *t, struct ast *at);
/* Whether a function without result gives a value all the same; its body is
 * checked now.  That is an error of its own, its calls are none. */
bool decl_gives(struct checker *c, struct top *t);
/* The type that a type node writes; the error type after a report. */
struct type *decl_type(struct checker *c, struct ast *node);

/* The fields of a struct, or of a payload, as they are declared. */
void fields_fill(struct checker *c, struct type *t, struct ast_nodes *fields);
/* A function for an instance, whose tree is `copy`; its body is checked later,
 * or now where its type has to be found. */
struct top *decl_instance(struct checker *c, const struct sym *fn,
                          struct ast *copy);
void decl_signature(struct checker *c, struct top *t);

/* check_made.c: reports structs and enums, from these numbers in the unit on,
 * of which no value can be made as each would need another one. */
void made_check(struct checker *c, uint32_t structs, uint32_t enums);

/* check_enum.c */
void enum_collect(struct checker *c, struct ast *e);
/* Makes the variants' names visible where no other name stands. */
void enum_variants(struct checker *c, struct sym *s);
void enum_fill(struct checker *c, struct sym *s);
struct variant *variant_find(const struct type *t, const struct name *name);
/* What a name stands for where an enum may be expected; s: what it means in
 * itself, or NULL. */
struct sym *variant_meant(struct sym *s, const struct name *name,
                          const struct type *hint);
/* The value of a variant that has no payload. */
struct type *expr_variant(struct checker *c, struct ast *e, struct sym *s,
                          struct type *hint);
/* The variant that Enum.V names; an enum's own symbol where it has none such,
 * which is reported; NULL: the base is no enum. */
struct sym *enum_member(struct checker *c, struct ast *e);
/* Adds a variant that may be meant by a word. */
void variant_near(struct checker *c, struct span at, const struct type *t,
                  const struct name *word);
/* Reports a bare name that other things have too. */
bool variant_clashes(struct checker *c, struct ast *callee, const struct sym *s,
                     const struct type *hint);

/* check_generic.c */
/* Makes names visible as types; gives what was visible before. */
struct tparams *tparams_enter(struct checker *c, const struct ast_nodes *names,
                              struct type **types);
struct type *tparams_find(struct checker *c, const struct name *name);
/* The type parameters of a declaration as types. */
struct type **tparams_make(struct checker *c, struct sym *decl,
                           const struct ast_nodes *names);

struct infer { /* what the type parameters of a declaration stand for */
    const struct sym *decl;
    struct type **bound; /* the parameter itself: not known */
    uint32_t n;
};
struct infer infer_open(struct checker *c, const struct sym *decl, uint32_t n);
/* Learns from a type that stands where `formal` is declared. */
void infer_meet(struct infer *inf, struct type *formal, struct type *actual);
/* Whether the arguments of a call can tell all: each type parameter stands in a
 * parameter of a function or a field of a payload or struct; NULL: no fields.
 */
bool infer_told(const struct infer *inf, const struct type *formals);
/* Whether a t may stand where `formal` is declared, as far as its type
 * parameters leave it open. */
bool infer_may_take(const struct type *formal, const struct type *t);
/* A type with what is known so far. */
struct type *infer_known(struct checker *c, const struct infer *inf,
                         struct type *t);
/* Whether all are known; reports one that is not. */
bool infer_done(struct checker *c, const struct infer *inf,
                const struct ast_nodes *names, struct span at);
void say_bad_instance(struct checker *c, struct span at, struct type *bad);
/* Reports types that were made of types that do not suit them. */
bool instances_hold(struct checker *c, struct span at);
/* The instance of a generic function; NULL after a report. */
struct top *generic_instance(struct checker *c, struct sym *fn,
                             struct type **args, struct ast *at);

/* check_lambda.c */
struct type *check_lambda(struct checker *c, struct ast *e, struct type *hint);
/* A `fn` among statements. */
void check_local_fn(struct checker *c, struct ast *e);
/* A variable is named here, perhaps from a function inside its own. */
void capture(struct checker *c, struct sym *s);
/* A declared function as a value. */
struct type *fn_value(struct checker *c, struct ast *e, struct sym *s,
                      struct type *hint);

/* check_init.c */
/* The body at hand uses a function or global; a type that is not written is
 * found now. */
void init_use(struct checker *c, struct top *to, struct ast *at);
void init_check(struct checker *c);

/* check_stmt.c */
/* A block's type; see DROPPED above. */
struct type *check_block(struct checker *c, struct ast *e, struct type *hint);
/* What stands right of an arm's arrow: an expression or an assignment. */
struct type *check_action(struct checker *c, struct ast *e, struct type *hint);
/* The body of a function that returns nothing: its last expression is a
 * statement like the others. */
void check_body(struct checker *c, struct ast *e);
/* A place to be written: its type, or the error type. */
struct type *check_place(struct checker *c, struct ast *e);
void check_swap(struct checker *c, struct ast *e);

/* check_pattern.c */
/* Adds a name about which nothing is ever said. */
void scope_silent(struct checker *c, const struct name *name, struct ast *decl,
                  struct span at);
/* Makes the variables of a pattern that any value of type t fits, and their
 * names, but for `_`, visible.  `decl`: the node that a name leads to. */
void pattern_bind(struct checker *c, struct ast *pattern, struct ast *decl,
                  struct type *t, bool is_var);
/* The same of a pattern that need not match. */
void pattern_match(struct checker *c, struct ast *pattern, struct ast *decl,
                   struct type *t);
/* Binds the names of a pattern that is in error, silently. */
void bind_silent(struct checker *c, struct ast *pattern);
/* The variable of a pattern that is a name; else NULL. */
struct sym *pattern_sym(const struct ast *pattern);

/* check_match.c */
struct type *check_match(struct checker *c, struct ast *e, struct type *hint);
/* `let p = e` as a condition. */
void check_cond_let(struct checker *c, struct ast *e, const char *what);

/* check_cover.c */
/* Whether some value of type t gets past the patterns of the arms; reports
 * which, and warns of arms that nothing reaches. */
void cover_check(struct checker *c, struct ast *match, struct type *t);
/* Whether a pattern matches every value of type t. */
bool cover_all(struct checker *c, struct ast *pattern, struct type *t);

/* check_expr.c */
/* The type of two branches, whose types are at and bt. */
struct type *check_join(struct checker *c, struct ast *a, struct type *at,
                        struct ast *b, struct type *bt, struct type *hint);
struct type *check_expr(struct checker *c, struct ast *e, struct type *hint);
struct type *check_value(struct checker *c, struct ast *e, struct type *want,
                         const struct reason *why);
/* As check_expr, but the expression must have a value. */
struct type *check_any(struct checker *c, struct ast *e, struct type *hint);
/* A condition; the names that one with a pattern binds go to the innermost
 * scope. `what` names that construct. */
void check_condition(struct checker *c, struct ast *e, const char *what);
/* Whether got is usable as want; adapts a literal tree to want if it can. */
bool check_adapt(struct checker *c, struct ast *e, struct type *got,
                 struct type *want);
struct type *check_negative(struct checker *c, struct ast *e,
                            struct type *hint);
struct type *list_of(struct checker *c, struct type *item, struct ast *at);
/* The type of an option; the error type, reported, where t is one itself or
 * no value. */
/* weak[T] of a T that can be watched. */
struct type *weak_of(struct checker *c, struct type *of, struct ast *at);
struct type *option_of(struct checker *c, struct type *t, struct ast *at);
/* The type of a map; the error type where the key's type is none for keys,
 * which is reported at `at`. */
struct type *map_of(struct checker *c, struct type *key, struct type *value,
                    struct ast *at);
struct type *tuple_of(struct checker *c, struct type **items, uint32_t n,
                      struct ast *at);
struct field *field_find(struct type *t, const struct name *name);

/* check_map.c */
struct type *check_map(struct checker *c, struct ast *e, struct type *hint);
/* m[k] of a map of type t. */
struct type *check_map_index(struct checker *c, struct ast *e, struct type *t);

/* check_op.c */
struct type *check_binary(struct checker *c, struct ast *e, struct type *hint);
struct type *check_unary(struct checker *c, struct ast *e, struct type *hint);
void check_opassign(struct checker *c, struct ast *e);
/* Makes the types of two operands one if a literal allows it. */
bool op_unify(struct checker *c, struct ast *l, struct ast *r, struct type **lt,
              struct type **rt);

/* check_call.c */
struct type *check_call(struct checker *c, struct ast *e, struct type *hint);
struct call *call_new(struct checker *c, enum call_kind kind, uint32_t n);
/* Gives e a call in error; what its arguments hold is still checked. */
struct type *call_nothing(struct checker *c, struct ast *e);
/* The call e of s with a receiver whose type is known. */
struct type *call_method(struct checker *c, struct ast *e, struct sym *s,
                         struct ast *receiver);
/* The span of `&place`, given the place. */
struct span call_ampersand(struct checker *c, const struct ast *place);
/* Whether x.name(...) would be a call for an x of type t. */
bool call_is_method(struct checker *c, struct type *t, const struct name *name);
/* Whether two places that are evaluated one after the other are surely one:
 * the same variable, or the same field or element of the same object. */
bool call_same_place(const struct ast *a, const struct ast *b);

/* check_builtin.c */
/* Binds the built-in names, in the outermost scope. */
void builtin_open(struct checker *c);
/* A call of built-in s, a conversion included. */
struct type *call_builtin(struct checker *c, struct ast *e, const struct sym *s,
                          struct ast *receiver, struct type *hint);
/* The built-in that takes a t first, or NULL. */
struct sym *builtin_method(struct checker *c, const struct type *t,
                           const struct name *name);
const char *builtin_nearest_method(const struct type *t, const char *word);
/* Whether the language has a built-in function or type of this name that is
 * not there yet. */
bool builtin_is_later(const char *name);

/* check_native.c */
/* A call of `native` in the module at hand, which is of the standard library.
 */
struct type *call_native(struct checker *c, struct ast *e);

/* check_format.c */
void check_format(struct checker *c, struct ast *piece, struct type *t);

/* check_flow.c */
void flow_push(struct checker *c, struct flow *f, enum flow_kind kind,
               struct ast *node, const struct name *label);
void flow_pop(struct checker *c);
struct type *flow_jump(struct checker *c, struct ast *e);
void flow_keep(struct checker *c, struct ast *e);
struct type *flow_return(struct checker *c, struct ast *e);
/* Checks the expression or block that gives a function its value. */
void flow_function_value(struct checker *c, struct ast *fn);
/* Whether evaluating it may do something besides giving a value. */
bool flow_acts(struct ast *e);
/* Reports an expression whose value nothing uses. */
void flow_dropped(struct checker *c, struct ast *e, bool tail);
/* What a block, undo or branch gives: its innermost last expression, of the
 * first branch that has a value. */
struct ast *flow_tail(struct ast *e);

/* check_say.c */
struct span span_of(struct checker *c, const struct ast *e);
struct span span_at(struct checker *c, uint32_t pos, uint32_t end);
struct span span_of_sym(const struct sym *s);
/* The nth word (from 0) of the source from byte pos on. */
struct span span_word(struct checker *c, uint32_t pos, uint32_t nth);
/* The word after the keyword `after`, from byte pos on. */
struct span span_word_after(struct checker *c, uint32_t pos, const char *after);
/* The operator between two operands. */
struct span span_between(struct checker *c, const struct ast *l,
                         const struct ast *r);
/* The last word of a node: of a NAME, or the one behind a MEMBER's point. */
struct span span_last_word(struct checker *c, const struct ast *e);
const char *say_type(struct checker *c, struct type *t);
void say_unsupported(struct checker *c, const struct ast *e, const char *what);
void say_mismatch(struct checker *c, struct ast *e, struct type *got,
                  struct type *want, const struct reason *why);
void say_no_value(struct checker *c, struct ast *e);
/* Nothing says of which type a `none` is. */
void say_bare_none(struct checker *c, struct ast *e);
/* Adds what to do with an option where its value is meant. */
void say_may_be_none(struct checker *c, struct ast *e);
/* Adds what to do with an `any` where one of its types is meant. */
void say_ask_any(struct checker *c, struct ast *e, const char *type);
void say_declared(struct checker *c, const struct sym *s);
/* Whether e is a literal such as 'a'. */
bool is_character(struct checker *c, const struct ast *e);
/* Reports a name once for each body.  True when it did, and had nothing to
 * suggest. */
bool say_undefined(struct checker *c, struct span at, const struct name *n);
/* Adds what a t has instead of a member of other languages; `at`: from its
 * name to the end of a call of it.  False where there is nothing to say. */
bool say_member_habit(struct checker *c, struct span at, struct type *t,
                      const struct name *word);
/* Suggests float(e), str(e) ... where that makes a want of it. */
void say_conversion(struct checker *c, struct ast *e, struct type *got,
                    struct type *want);
/* Reports an option of a scalar where reversible code would update it. */
bool say_rev_pair(struct checker *c, struct span at, struct type *t);
/* Whether suggestions are still worth their time. */
bool say_suggests(struct checker *c);
/* The source text of a node when it is short and on one line, else NULL. */
const char *say_source(struct checker *c, const struct ast *e);

static inline bool is_int(const struct type *t)
{
    return t->kind == TYPE_INT || t->kind == TYPE_BYTE;
}
static inline bool is_number(const struct type *t)
{
    return is_int(t) || t->kind == TYPE_FLOAT;
}
/* Nothing is worth saying about such a type. */
static inline bool is_silent(const struct type *t)
{
    return t->kind <= TYPE_NEVER;
}
static inline bool is_option(const struct type *t)
{
    return t->kind == TYPE_OPTION;
}
/* A `none` of which nothing says what it is none of. */
static inline bool is_bare_none(const struct type *t)
{
    return is_option(t) && t->args[0]->kind == TYPE_NEVER;
}
/* got may stand where want is expected, as it is.  A place of type never is
 * one that control does not reach. */
static inline bool types_fit(const struct type *got, const struct type *want)
{
    return got == want || is_silent(got) || is_silent(want);
}

#endif
