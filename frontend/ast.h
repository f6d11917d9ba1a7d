/* ast.h - the syntax tree, made from ast.def.
 *
 * Every node begins with struct ast: its kind, its place in the source as
 * byte offsets [pos, end), and for expressions the type the checker found.
 * Nodes, names and lists live in the compilation's arena and are never freed
 * alone.  A node of kind AST_ERROR stands where recovery dropped something;
 * the checker gives it the error type, which silences what follows.
 *
 * The checker (frontend/sema.h) fills `type` and the X fields; nothing else
 * of the tree changes after parsing. */
#ifndef PAL_FRONTEND_AST_H
#define PAL_FRONTEND_AST_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/mem/mem.h"
#include "runtime/mem/vec.h"

enum ast_kind {
#define NODE(KIND, name, GROUP, fields) AST_##KIND,
#include "frontend/ast.def"
#undef NODE
    AST_NKINDS
};
enum ast_group { AST_DECL, AST_TYPE, AST_STMT, AST_EXPR, AST_PAT, AST_PART };

enum { AST_MAX_DEPTH = 2000 };

/* An interned identifier: equal names are one pointer. */
struct name {
    uint32_t len;
    uint16_t word; /* the lexer's: token of a word of the language, or 0 */
    char text[];   /* NUL-terminated */
};

struct type; /* frontend/sema.h */
struct sym;
struct call;
struct field;
struct module;

struct ast {
    uint8_t kind;
    uint16_t depth; /* levels of the tree from here down, 1 for a leaf; the
                       parser accepts at most AST_MAX_DEPTH */
    uint32_t pos, end;
    struct type *type;
    struct type *lifted; /* the option that the value becomes, or NULL */
    bool again;          /* the checker's, in reversible code: see sema.h */
};

struct ast_nodes {
    struct ast **at;
    uint32_t n, cap;
};
struct ast_bytes {
    const char *at; /* NULL: absent */
    uint32_t len;
};

struct syms {
    struct sym **at;
    uint32_t n, cap;
};

struct ast_undo;
#define N(f)       struct ast *f;
#define L(f)       struct ast_nodes f;
#define T(f)       const struct name *f;
#define I(f)       int f;
#define B(f)       struct ast_bytes f;
#define V(f)       uint64_t f;
#define X(type, f) type f;
#define H(f)       struct ast *f;
#define NODE(KIND, name, GROUP, fields)                                        \
    struct ast_##name {                                                        \
        struct ast head;                                                       \
        fields                                                                 \
    };
#include "frontend/ast.def"
#undef NODE
#undef N
#undef L
#undef T
#undef I
#undef B
#undef V
#undef X
#undef H

/* AS(fn, node)->body: the node as its own struct; the kind is the caller's
 * knowledge and is asserted in debug builds by ast_expect. */
#define AS(name, node) ((struct ast_##name *)(node))

enum ast_fn_kind { AST_FN_PLAIN, AST_FN_REV, AST_FN_MERGE, AST_FN_LAMBDA };
/* How a literal was written. */
enum ast_int_form {
    AST_INT_DECIMAL,
    AST_INT_HEX,
    AST_INT_OCTAL,
    AST_INT_BINARY,
    AST_INT_CHAR
};

/* Operators, in BINARY, UNARY, OPASSIGN and UPDATE nodes. */
enum ast_op {
    /* clang-format off */
    OP_OR, OP_AND, OP_NOT,
    OP_EQ, OP_NE, OP_LT, OP_LE, OP_GT, OP_GE,
    OP_IN, OP_NOT_IN, OP_IS, OP_IS_NOT, OP_ELSE_NONE, /* ?? */
    OP_BAR, OP_CARET, OP_AMP, OP_SHL, OP_SHR,
    OP_ADD, OP_SUB, OP_MUL, OP_DIV, OP_MOD,
    OP_NEG, OP_INV, /* unary - ~; `neg x`, `inv x` */
    OP_ROTL, OP_ROTR, /* <<<= >>>= */
    /* clang-format on */
    OP_COUNT
};
extern const char *const ast_op_text[OP_COUNT];

extern const char *const ast_kind_names[AST_NKINDS];
extern const uint8_t ast_groups[AST_NKINDS];
extern const uint16_t ast_sizes[AST_NKINDS]; /* of the node's struct */

/* The value of an int literal, perhaps negated. */
int64_t ast_int_value(const struct ast *e);

/* Whether a node may stand where a value is wanted: a lambda may. */
static inline bool ast_is_expr(const struct ast *e)
{
    return ast_groups[e->kind] == AST_EXPR ||
           (e->kind == AST_FN && !AS(fn, e)->name);
}
/* A zeroed node of the kind, spanning [pos, end). */
struct ast *ast_new(struct arena *a, enum ast_kind kind, uint32_t pos,
                    uint32_t end);
/* A copy of a tree, without what the checker found. */
struct ast *ast_clone(struct arena *a, const struct ast *node);
void ast_append(struct arena *a, struct ast_nodes *l, struct ast *node);

/* Calls visit on each child of a node in source order; NULL children are
 * skipped. Recursion is the visitor's own. */
void ast_children(struct ast *node, void (*visit)(void *arg, struct ast *child),
                  void *arg);

struct bytes;
/* The tree as text, one line per node, two spaces per level. Depth is bounded
 * by the parser. */
void ast_print(const struct ast *node, struct bytes *out);

/* ---- names --------------------------------------------------------------- */

struct names; /* the interning table of a compilation */
struct names *names_open(struct mem *m, struct arena *a);
const struct name *names_add(struct names *t, const char *s, uint32_t len);
/* Interns a word of the language: sets its `word`. */
void names_add_word(struct names *t, const char *s, uint16_t word);
void names_close(struct names *t);

#endif
