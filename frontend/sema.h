/* sema.h - what the checker knows: types, symbols, resolved calls.
 *
 * Types are interned: two types are the same exactly when their pointers are.
 * The checker annotates the tree (ast.def's X fields and ast.type); lowering
 * reads these annotations and nothing else of the checker.  Functions are
 * lowered as instances (declaration, type arguments) from a worklist; the
 * body of a generic function is checked again for each instance right before
 * it is lowered, so annotations always belong to the instance at hand. */
#ifndef PAL_FRONTEND_SEMA_H
#define PAL_FRONTEND_SEMA_H

#include "frontend/ast.h"
#include "frontend/diag.h"

enum type_kind {
    TYPE_ERROR, /* silences: compatible with everything */
    TYPE_NEVER, /* of fail, return, break: fits everywhere */
    TYPE_UNIT,  /* no value */
    TYPE_INT,
    TYPE_FLOAT,
    TYPE_BOOL,
    TYPE_BYTE,
    TYPE_STR,
    TYPE_ANY,    /* a value with its type */
    TYPE_LIST,   /* args[0]: item */
    TYPE_STRUCT, /* decl, args; Error is one, with decl NULL */
    TYPE_TUPLE,  /* args */
    TYPE_OPTION, /* args[0]; of a bare `none` the never type */
    TYPE_MAP,    /* args[0] key, args[1] value */
    TYPE_ENUM,   /* decl, args, variants */
    TYPE_FN,     /* args: parameters, then result; muts bit i: mut parameter */
    TYPE_WEAK,   /* args[0]: of what it holds */
    TYPE_GUARDIAN, /* args[0]: of what it watches */
    TYPE_PARAM,    /* decl: what is generic; muts: which of its parameters */
    TYPE_INSTANCE  /* no type: decl, a generic function, with its args */
};

struct field {
    const struct name *name; /* NULL: an item of a tuple */
    struct type *type;
    bool is_var;
    uint32_t index;    /* in source order */
    uint32_t word;     /* of the payload: references first, then scalars; an
                          option of a scalar takes two */
    uint32_t pos, end; /* of the declaration; 0 for built-in types */
};

struct variant { /* of an enum */
    struct sym *sym;
    struct type *payload; /* a STRUCT whose decl is sym, or NULL */
    uint32_t ir_type;     /* lowering's, where there is none */
};

struct type {
    uint8_t kind;   /* enum type_kind */
    bool is_scalar; /* OPTION: of a scalar, and two words.  ENUM: no variant
                       has a payload, and the value is the variant's number */
    bool open;      /* mentions a type parameter; no value has such a type */
    bool filled;    /* STRUCT, ENUM: its fields or variants are known */
    bool visited;   /* scratch of walks over types */
    uint32_t nargs;
    struct type **args;
    uint64_t muts;
    struct sym *decl;     /* STRUCT, ENUM */
    struct field *fields; /* STRUCT, TUPLE */
    uint32_t nfields;
    struct variant *variants; /* ENUM */
    uint32_t nvariants;
    struct sym *instance; /* INSTANCE: the function made of it */
    uint32_t depth;       /* levels of args: 0 for the simple types */
    uint32_t ir_type;     /* lowering's: index in the module + 1, 0 unset */
    uint32_t ir_cell;     /* the same of a cell that holds one */
    const char *text;     /* as people write it, made when first asked for */
};

enum sym_kind {
    SYM_LOCAL, /* let, var, for, handler's error */
    SYM_PARAM,
    SYM_GLOBAL,
    SYM_FN,
    SYM_STRUCT,
    SYM_MODULE,  /* import */
    SYM_BUILTIN, /* function of builtins.def */
    SYM_ENUM,
    SYM_VARIANT /* type: the enum; number: which of its variants */
};

struct sym {
    uint8_t kind;   /* enum sym_kind */
    bool is_var;    /* may be assigned: var, mut parameter */
    bool is_mut;    /* mut parameter */
    bool is_rev;    /* FN: reversible */
    uint8_t held;   /* the checker's: enum held of check_rev.h */
    uint8_t leaves; /* FN: memory that it surely writes none of: bits by enum
                       ir_memory */
    bool used, assigned;
    bool cell;      /* LOCAL, PARAM: it lives on the heap, since functions
                       inside the one that declares it name it */
    bool untyped;   /* LOCAL: a fn whose result is being found */
    bool clashes;   /* VARIANT: another thing of the module has its name */
    uint32_t level; /* LOCAL, PARAM: functions inside functions around it */
    uint32_t number;
    const struct name *name;
    struct type *type; /* of the value; FN: a TYPE_FN; STRUCT, ENUM: the type,
                          of a generic one with its own parameters */
    struct ast *decl;  /* BIND, PARAM, FN, STRUCT, FOR, TRY, IMPORT, ENUM,
                          VARIANT, TPARAM node */
    const struct source *src;
    struct module *module; /* that declares it; MODULE: that it names, NULL
                              after an error about it */
    uint32_t pos, end;     /* of the name where it is declared */
    uint32_t index;        /* lowering's: ir function index, global's word */
    uint32_t ir_value;     /* FN: the IR type of its value + 1, 0 unset */
    int builtin;           /* SYM_BUILTIN: enum builtin */
};

enum builtin {
    BUILTIN_NONE,
#define BUILTIN(NAME, text, params, result, meaning) BUILTIN_##NAME,
#include "frontend/builtins.def"
#undef BUILTIN
    BUILTIN_COUNT
};

enum property {            /* of MEMBER nodes that are no declared field */
                PROP_NONE, /* `field` holds */
                PROP_LEN,  /* of str, lists, maps */
                PROP_ERROR_MESSAGE,
                PROP_ERROR_KIND,
                PROP_ERROR_TRACE,
                PROP_ERROR_VALUE
};

enum call_kind {
    CALL_ERROR,
    CALL_FN,      /* sym is SYM_FN */
    CALL_STRUCT,  /* makes a value of node.type; args by field index */
    CALL_VARIANT, /* the same of an enum; sym is the variant */
    CALL_VALUE,   /* of the function that `value` gives */
    CALL_CONVERT, /* int float str byte bool: to node.type from args[0] */
    CALL_BUILTIN, /* builtin; args[0] is the receiver of x.f(...) */
    CALL_NATIVE   /* builtin: a row of ir_natives; in the standard library */
};

struct call {
    uint8_t kind; /* enum call_kind */
    struct sym *sym;
    struct ast *value; /* the callee, or in x.f(...) the variable f */
    int builtin;
    uint32_t nargs;
    struct ast **args; /* expressions by parameter, receiver first; for
                          variadic built-ins in source order */
    uint8_t *by_ref;   /* args[i] was given as &place */
    uint32_t *order;   /* the order of evaluation (source order): indices */
    uint64_t *apart;   /* NULL, or by argument: of the place args[i], which
                          arguments (bits) may be the object it lies in; one
                          that is fails.  Calls of reversible functions only */
};

/* ---- reversible code ------------------------------------------------------
 *
 * What the checker says about the statements of a `rev fn`, and nowhere else:
 *
 *   x.again        on an index, the base of a place, a right side, an argument
 *                  or a bound: it may read what its statement writes, so it is
 *                  evaluated again at the statement's end, and a difference
 *                  fails (references are compared by identity, floats by their
 *                  bits, all else by value).  Without the mark it was proved
 *                  to stay the same.  Where an expression has the mark, none
 *                  inside it has.
 *   OPASSIGN       place and value are typed.  `apart` lists the fields and
 *                  elements that the value reads directly and that may be the
 *                  place: one that is fails, even where the value would not
 *                  change.  For those that are not always evaluated (behind
 *                  `and`, in the branch of an `if`) the value is `again`.
 *   SWAP, UPDATE   places are typed; both places of a SWAP may be one.
 *   CALL           as a statement: a rev fn, `assert`, `swap`, `reverse`, or
 *                  BUILTIN_PUSH and POP with by_ref[1] set: the value moves
 *                  between the list args[0] and the place args[1].
 *   UNCALL         its CALL has a call of a rev fn, in ordinary code too.
 *   FOR            `sym` as always; the iteration is over a range.
 *   LOCAL          `sym`; one of a reference type is never assigned.
 *   DELOCAL        `local`, its LOCAL, whose sym it ends.  A value of a
 *                  reference type is compared with `is` where it is a path to
 *                  an object (sema_is_path) and with `==` where it is new; it
 *                  then holds no objects but new ones, and no floats.  Floats
 *                  are compared by their bits.
 *   states         of the conditions of fi, from, until and delocal. */

enum rev_state {
    REV_CHECKED, /* when the program runs */
    REV_REFUTED  /* it can never hold, which was reported */
};

/* A condition that a reversible function asserts, for `pal check
 * --assertions`. */
struct assertion {
    const char *word; /* fi, from, until or delocal */
    struct ast *of;   /* the condition, or a delocal's value */
    enum rev_state state;
};

/* Whether e is a variable, or a field or element reached from one. */
bool sema_is_path(const struct ast *e);

/* The symbol of a NAME, or of the global that `module.x` is; else NULL. */
static inline struct sym *sema_var(const struct ast *e)
{
    return e->kind == AST_NAME     ? AS(name, e)->sym
           : e->kind == AST_MEMBER ? AS(member, e)->global
                                   : NULL;
}

/* ---- modules: module.c ----------------------------------------------------
 *
 * A module is a file.  All that a program leads to are loaded, each once,
 * however it is named, before anything is checked; what methods need of the
 * standard library is loaded when it is asked for.  They stay for the life of
 * the unit. */

/* A path that was opened, and the module it led to. */
struct module_path {
    const char *path;
    const struct module *module;
};

/* Symbols by name, and in the order they were added. */
struct symbols {
    VEC(struct sym *) list;
    struct sym **slots; /* open addressing; NULL: free */
    uint32_t cap;       /* a power of two, or 0 */
};

struct module {
    const struct name *name; /* the last part of its path */
    struct source *src;
    struct ast *file; /* NULL: not there, or it does not parse */
    struct symbols names;
    VEC(struct sym *) globals; /* in source order */
    VEC(struct ast *) tests;
    bool is_std;               /* of the standard library */
    uint8_t state;             /* enum module_state */
    uint64_t device, inode;    /* which file it is; both 0: none */
    struct module *next;       /* with the same hash of these */
    struct module *importer;   /* the first to lead here; NULL: none */
    struct ast *from;          /* its IMPORT */
    uint32_t top_from, top_to; /* the checker's: its functions and globals */
};

enum module_state {
    MODULE_READ,    /* there is its source */
    MODULE_LOADING, /* it is parsed; what it imports is being loaded */
    MODULE_LOADED
};

/* A compilation: one program from its main file on. */
struct unit {
    struct mem *mem;
    struct arena *arena; /* tree, types, symbols: as long as the unit */
    struct names *names;
    struct diags *diags;
    struct source *src; /* the main file; while another module is parsed or
                           checked, that one's */
    struct ast *file;   /* AST_FILE of src */
    struct module *top; /* the main file's; NULL before sema_check */
    bool files;         /* the driver's: imports may read files */
    const char *stdlib; /* the driver's: a directory instead of the standard
                           library that is built in; NULL: none */
    /* those that are loaded, in the order in which they are initialised: each
     * after those it imports */
    VEC(struct module *) modules;
    /* of files, in the order they were opened: the main file first, if it is
     * one */
    VEC(struct module_path) paths;
    VEC(struct module *) owned; /* whose source the unit gives back */
    struct module **by_file;    /* lists, by hash of device and inode */
    uint32_t nmodules;          /* all that were read */
    bool too_many;              /* that was reported */
    VEC(struct sym *) fns;      /* of all modules, each in source order */
    VEC(struct sym *) globals;  /* in initialisation order */
    VEC(struct sym *) structs;
    VEC(struct sym *) enums;
    VEC(struct sym *) generics;  /* generic functions; not among fns */
    VEC(struct type *) unfilled; /* instances whose fields are still to come */
    VEC(struct ast *) tests;     /* of the main file */
    struct sym *main;            /* NULL: none */
    struct types *types;         /* the interning table */
    struct span refused; /* the function for which lower_unit was told false */
    const char *too_large; /* why, where that was not the backend's */
    char why[300]; /* what lowering itself did wrong, where that is looked
                      for: builds without NDEBUG */
    VEC(struct assertion) assertions; /* of the main file's functions */
    struct span rev; /* the first reversible function; src NULL: none */
    bool as_rev;     /* lowering gives reversible functions as such, each with
                        its inverse: for reading, not for running */
    bool warn;       /* report warnings */
};

/* Loads the modules that the unit's file imports, checks everything and
 * annotates the trees.  False when an error was reported (now or by the
 * parser). */
bool sema_check(struct unit *u);

/* Makes the unit's file, which parsed, a module and loads what it imports, in
 * turn.  What went wrong is reported. */
void modules_load(struct unit *u);
/* A module of the standard library that declares a function of that name,
 * with what it imports; NULL: there is none. */
struct module *modules_std(struct unit *u, const char *module,
                           const struct name *function);
/* The module of the standard library that alone has a `pub` function of that
 * name; NULL: there is none, or several have. */
const char *modules_std_with(const char *function);
/* Of the `pub` functions of a module that is part of the program the name
 * nearest to a word, or NULL. */
const char *modules_std_near(struct unit *u, const char *module,
                             const char *word);
/* Whether the standard library has a module of that name. */
bool modules_has_std(struct unit *u, const struct name *name);
/* Gives back what the modules own. */
void modules_close(struct unit *u);

struct sym *symbols_find(const struct symbols *t, const struct name *name);
/* Adds a symbol whose name is not in the table. */
void symbols_add(struct unit *u, struct symbols *t, struct sym *s);

/* ---- types.c ------------------------------------------------------------- */

struct types *types_open(struct unit *u);
/* The types without parts, by kind: read-only for everyone, although they go
 * by the same pointers as the others. */
extern const struct type type_simple[TYPE_ANY + 1];
#define TYPE_SIMPLE(kind) (*(struct type *)(uintptr_t)&type_simple[kind])
#define type_error        TYPE_SIMPLE(TYPE_ERROR)
#define type_never        TYPE_SIMPLE(TYPE_NEVER)
#define type_unit         TYPE_SIMPLE(TYPE_UNIT)
#define type_int          TYPE_SIMPLE(TYPE_INT)
#define type_float        TYPE_SIMPLE(TYPE_FLOAT)
#define type_bool         TYPE_SIMPLE(TYPE_BOOL)
#define type_byte         TYPE_SIMPLE(TYPE_BYTE)
#define type_str          TYPE_SIMPLE(TYPE_STR)
#define type_any          TYPE_SIMPLE(TYPE_ANY)
struct type *type_list(struct unit *u, struct type *item);
/* The option of a type that is none itself. */
struct type *type_option(struct unit *u, struct type *of);
struct type *type_map(struct unit *u, struct type *key, struct type *value);
/* A weak reference to, or a guardian of, what can be watched. */
struct type *type_weak(struct unit *u, struct type *of);
struct type *type_guardian(struct unit *u, struct type *of);
/* Whether values of a type are references to one object each, whose end can be
 * told; of a type parameter, whether they may be. */
bool type_is_watchable(const struct type *t);
struct type *type_fn(struct unit *u, struct type **params, uint32_t n,
                     uint64_t muts, struct type *result);
/* Two or more items. */
struct type *type_tuple(struct unit *u, struct type **items, uint32_t n);
/* Gives the fields of a type their words: references first, then scalars. */
void type_lay_out(struct type *t);
struct type *type_struct(struct unit *u, struct sym *decl, struct type **args,
                         uint32_t n);
/* An enum, or an instance of a generic one; is_scalar: see struct type. */
struct type *type_enum(struct unit *u, struct sym *decl, struct type **args,
                       uint32_t n, bool is_scalar);
struct type *type_param(struct unit *u, struct sym *decl, uint32_t index);
/* The place of an instance of a generic function. */
struct type *type_instance(struct unit *u, struct sym *fn, struct type **args,
                           uint32_t n);
/* t with args for the type parameters of decl.  NULL where that nests too
 * deeply, or makes an option of an option or a map of what can be no key. */
struct type *type_subst(struct unit *u, struct type *t, const struct sym *decl,
                        struct type *const *args);
/* Gives instances that were made before the fields of the generic type were
 * known theirs. */
void type_fill_all(struct unit *u);
/* An instance of a struct or enum whose fields cannot be, since the last such
 * question; NULL: all can. */
struct type *type_bad_instance(struct unit *u);
/* Whether values of a type can be keys of a map: what has one content for ever,
 * and is equal to itself. */
bool type_is_key(struct type *t);
struct type *type_of_error_value(struct unit *u); /* the struct Error */
/* As people write it: "[int]", "fn(int) -> str". */
const char *type_text(struct unit *u, struct type *t);
static inline bool type_is_ref(const struct type *t)
{
    return t->kind >= TYPE_STR && !t->is_scalar;
}
/* An option of a scalar: whether there is a value, and the value or zero. */
static inline bool type_is_pair(const struct type *t)
{
    return t->kind == TYPE_OPTION && t->is_scalar;
}

/* ---- lower.h's entry, here for the driver -------------------------------- */

struct ir_module;
struct ir_fn;
/* Lowers a checked unit.  For each function `each` is called with its IR in an
 * arena that is reset afterwards; a false return stops.  `tests`: lower test
 * blocks too.  The module is complete when the call returns.  A unit is lowered
 * once: its types and symbols keep their indices in this module. */
bool lower_unit(struct unit *u, struct ir_module *mod, bool tests,
                bool (*each)(void *arg, struct ir_fn *f), void *arg);

#endif
