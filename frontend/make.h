/* make.h - between the grammar's actions and the driver of the parser.
 *
 * An action is one constructor call:
 *   A = MAKE(p, K.pos, while, .cond = C, .body = B);
 * makes a node from its struct's fields, from the position given to the end
 * of the last token shifted, which is the last of the rule at hand. */
#ifndef PAL_FRONTEND_MAKE_H
#define PAL_FRONTEND_MAKE_H

#include "frontend/lexer.h"

struct opened {    /* a `{` */
    uint8_t after; /* kind of the token before it */
    uint32_t pos;
};

struct parse {
    struct unit *u;
    struct lexer lex;
    struct ast *file;                 /* the result */
    struct token prev;                /* the last token shifted */
    struct token before;              /* the one before it */
    struct ast *min_int;              /* a 2^63 that no minus has claimed yet */
    bool failed;                      /* the token just pushed was refused */
    bool overflow;                    /* the parser's stack is full */
    bool too_deep;                    /* that was reported */
    uint32_t depth;                   /* brackets open in what was shifted */
    uint8_t open[LEXER_MAX_OPEN + 1]; /* their tokens */
    struct opened opened[LEXER_MAX_OPEN + 1]; /* the braces among them */
    struct opened closed;                     /* the brace closed last */
    bool lacks_block; /* the line ended before its `{` */
    uint32_t told;    /* position + 1 of one that was told */
};

struct body { /* of a function: a block, or an expression behind `=` */
    struct ast *node;
    int is_expr;
};

enum {
#define NODE(KIND, name, GROUP, fields) KIND_##name = AST_##KIND,
#include "frontend/ast.def"
#undef NODE
};

#define MAKE(p, at, name, ...)                                                 \
    make_node(p, (enum ast_kind)KIND_##name, at,                               \
              &(struct ast_##name){__VA_ARGS__}.head)

/* A copy of the node in the arena, its head filled in.  An ERROR node where
 * the tree would become too deep. */
struct ast *make_node(struct parse *p, enum ast_kind kind, uint32_t pos,
                      const struct ast *fields);
struct ast *make_error(struct parse *p, uint32_t pos);

/* A list with one node more; NULL adds nothing. */
struct ast_nodes make_list(struct parse *p, struct ast_nodes list,
                           struct ast *node);

/* The operator that a token stands for. */
enum ast_op make_op(struct token t);
struct ast *make_binary(struct parse *p, struct ast *left, struct token op,
                        struct ast *right);
struct ast *make_int(struct parse *p, struct token t);
struct ast *make_negative(struct parse *p, struct token minus, struct ast *of);
/* Reports a 2^63 that stands under no minus. */
void make_flush(struct parse *p);
/* An expression in parentheses: its place includes them. */
struct ast *make_paren(struct parse *p, struct token open, struct ast *of);
struct ast *make_tuple_at(struct parse *p, struct ast *base, struct token t);
/* A string without and with interpolations; the pieces between head and tail
 * are PIECE nodes and, of the texts, STR nodes still raw. */
struct ast *make_str(struct parse *p, struct token t);
struct ast *make_raw(struct parse *p, struct token t);
struct ast *make_interp(struct parse *p, struct token head,
                        struct ast_nodes pieces, struct token tail);
/* A tuple of two and more; `rest` has those behind the first. */
struct ast *make_tuple(struct parse *p, struct token open, struct ast *first,
                       struct ast_nodes rest);
struct ast *make_pat_tuple(struct parse *p, struct token open,
                           struct ast *first, struct ast_nodes rest);
struct ast *make_type_tuple(struct parse *p, struct token open,
                            struct ast *first, struct ast_nodes rest);
/* Sets what stands before a declaration or a loop. */
struct ast *make_pub(struct token word, struct ast *decl);
struct ast *make_labelled(struct token label, struct ast *loop);

/* ---- expect.c ------------------------------------------------------------ */

/* Reports that the grammar refuses token t; `ok[k]`: it accepts token k. */
void expect_report(struct parse *p, struct token t, const bool *ok);
/* Whether the token, first on its line, surely begins a statement, or outside
 * all braces (`in_file`) a declaration. */
bool begins_element(const struct parse *p, const struct token *t, bool in_file);

/* ---- parser.y ------------------------------------------------------------ */

size_t parser_size(void);
void parser_open(void *parser);
void parser_push(void *parser, struct token t, struct parse *p);
/* Ends recovery: the next refused token is reported again. */
void parser_resync(void *parser, struct token t, struct parse *p);

#endif
