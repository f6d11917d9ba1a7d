/* print_impl.h - between the files of the source printer: print_source.c has
 * declarations and statements, print_expr.c expressions, print_literal.c
 * literals, print_part.c types, patterns and parameters, print_signature.c
 * what a declaration offers. */
#ifndef PAL_FRONTEND_PRINT_IMPL_H
#define PAL_FRONTEND_PRINT_IMPL_H

#include "frontend/print_source.h"

struct printer {
    struct bytes *out;
    uint32_t level; /* of blocks */
};

/* How tightly operators bind, loosest first.  An expression is printed between
 * two of these: the operator that stands left of it and the one right of it.
 * The first three are what else may follow one. */
enum power {
    POWER_NONE,
    POWER_BRACE, /* the `{` of a block follows */
    POWER_ELSE,  /* an `else` follows that is not the expression's own */
    POWER_OR,
    POWER_AND,
    POWER_NOT,
    POWER_COMPARE,
    POWER_ELSE_NONE,
    POWER_RANGE,
    POWER_BAR,
    POWER_CARET,
    POWER_AMP,
    POWER_SHIFT,
    POWER_ADD,
    POWER_MUL,
    POWER_UNARY,
    POWER_POST
};

typedef void print_item(struct printer *p, struct ast *node);

void print_str(struct printer *p, const char *s);
void print_name(struct printer *p, const struct name *name);
/* Begins a line at the current level. */
void print_newline(struct printer *p);
/* The nodes with a comma and a space between. */
void print_list(struct printer *p, const struct ast_nodes *l, print_item *item);
/* The same in brackets, with a comma behind the only item of a tuple. */
void print_tuple(struct printer *p, const struct ast_nodes *l,
                 print_item *item);
/* The nodes in braces, one a line; `{ }` where there are none. */
void print_lines(struct printer *p, const struct ast_nodes *l,
                 print_item *item);

/* A statement or a declaration. */
void print_stmt(struct printer *p, struct ast *node);
void print_block(struct printer *p, struct ast *block);
/* What stands before the body of a function, with `pub`; with `lines` each
 * parameter on its own. */
void print_fn_head(struct printer *p, struct ast_fn *fn, bool lines);
/* What stands before the `{`, and a space. */
void print_struct_head(struct printer *p, struct ast_struct *n);
void print_enum_head(struct printer *p, struct ast_enum *n);
/* A field or a variant without its doc. */
void print_member(struct printer *p, struct ast *node);
/* A function of any kind. */
void print_fn(struct printer *p, struct ast_fn *fn);

/* An expression with nothing around it. */
void print_expr(struct printer *p, struct ast *e);
/* One between two operators; parentheses where they would tear it. */
void print_between(struct printer *p, struct ast *e, enum power left,
                   enum power right);
/* A place, or what else stands where only a postfix expression may. */
void print_post(struct printer *p, struct ast *e);
/* What follows `if`, `while` and the like: a condition or a `let`. */
void print_cond(struct printer *p, struct ast *cond);
/* A number, a string, `true`, `none` and the like. */
void print_literal(struct printer *p, struct ast *e);

void print_type(struct printer *p, struct ast *type);
/* `: T` where there is a type. */
void print_annot(struct printer *p, struct ast *type);
void print_pattern(struct printer *p, struct ast *pattern);
void print_param(struct printer *p, struct ast *param);
/* `[T, U]` where there are any. */
void print_tparams(struct printer *p, const struct ast_nodes *l);

#endif
