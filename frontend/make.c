/* make.c - the constructors that the grammar's actions call (see make.h). */
#include "frontend/make.h"

#include <limits.h>
#include <string.h>

#include "frontend/decode.h"
#include "frontend/parser.h"

static void raise_depth(void *arg, struct ast *child)
{
    uint16_t *depth = arg;

    if (child->depth > *depth)
        *depth = child->depth;
}

struct ast *make_error(struct parse *p, uint32_t pos)
{
    return ast_new(p->u->arena, AST_ERROR, pos, p->prev.end);
}

struct ast *make_node(struct parse *p, enum ast_kind kind, uint32_t pos,
                      const struct ast *fields)
{
    struct ast *node = arena_alloc(p->u->arena, ast_sizes[kind]);
    uint16_t below = 0;

    memcpy(node, fields, ast_sizes[kind]);
    node->kind = (uint8_t)kind;
    node->pos = pos;
    node->end = p->prev.end;
    ast_children(node, raise_depth, &below);
    node->depth = (uint16_t)(below + 1);
    if (below < AST_MAX_DEPTH)
        return node;
    if (!p->too_deep && !lexer_muted(&p->lex, pos)) {
        lexer_error(&p->lex, E0116, pos, node->end);
        diag_note(p->u->diags, "the limit is %d levels", AST_MAX_DEPTH);
        p->too_deep = true;
    }
    return make_error(p, pos);
}

struct ast_nodes make_list(struct parse *p, struct ast_nodes list,
                           struct ast *node)
{
    if (node)
        ast_append(p->u->arena, &list, node);
    return list;
}

/* ---- expressions --------------------------------------------------------- */

enum ast_op make_op(struct token t)
{
    static const uint8_t ops[TOKEN_MAX] = {
        [T_OR] = OP_OR,         [T_AND] = OP_AND,     [T_EQ] = OP_EQ,
        [T_NE] = OP_NE,         [T_LT] = OP_LT,       [T_LE] = OP_LE,
        [T_GT] = OP_GT,         [T_GE] = OP_GE,       [T_IN] = OP_IN,
        [T_NOT_IN] = OP_NOT_IN, [T_IS] = OP_IS,       [T_IS_NOT] = OP_IS_NOT,
        [T_QQ] = OP_ELSE_NONE,  [T_BAR] = OP_BAR,     [T_CARET] = OP_CARET,
        [T_AMP] = OP_AMP,       [T_SHL] = OP_SHL,     [T_SHR] = OP_SHR,
        [T_PLUS] = OP_ADD,      [T_MINUS] = OP_SUB,   [T_STAR] = OP_MUL,
        [T_SLASH] = OP_DIV,     [T_PERCENT] = OP_MOD,
    };

    return t.kind == T_OPASSIGN ? (enum ast_op)t.of.value
                                : (enum ast_op)ops[t.kind];
}

struct ast *make_binary(struct parse *p, struct ast *left, struct token op,
                        struct ast *right)
{
    return MAKE(p, left->pos, binary, .op = make_op(op), .left = left,
                .right = right);
}

void make_flush(struct parse *p)
{
    struct ast *n = p->min_int;

    p->min_int = NULL;
    if (!n || lexer_muted(&p->lex, n->pos))
        return;
    diag_at(p->u->diags, E0111, (struct span){p->u->src, n->pos, n->end});
    diag_note(p->u->diags, "9223372036854775808 is an int only right under a "
                           "unary minus");
}

struct ast *make_int(struct parse *p, struct token t)
{
    struct ast *node =
        MAKE(p, t.pos, int, .value = t.of.value, .form = t.flags);

    if (t.flags == AST_INT_DECIMAL && t.of.value == DECODE_MIN_INT) {
        make_flush(p);
        p->min_int = node;
    }
    return node;
}

struct ast *make_negative(struct parse *p, struct token minus, struct ast *of)
{
    if (of == p->min_int)
        p->min_int = NULL;
    return MAKE(p, minus.pos, unary, .op = OP_NEG, .of = of);
}

struct ast *make_paren(struct parse *p, struct token open, struct ast *of)
{
    if (of == p->min_int)
        make_flush(p);
    of->pos = open.pos;
    of->end = p->prev.end;
    return of;
}

struct ast *make_tuple_at(struct parse *p, struct ast *base, struct token t)
{
    if (t.of.value > INT_MAX) {
        diag_at(p->u->diags, E0111, (struct span){p->u->src, t.pos, t.end});
        t.of.value = 0;
    }
    return MAKE(p, base->pos, tuple_at, .base = base, .index = (int)t.of.value);
}

static struct ast_nodes with_first(struct parse *p, struct ast *first,
                                   struct ast_nodes rest)
{
    struct ast_nodes all = make_list(p, (struct ast_nodes){0}, first);

    for (uint32_t i = 0; i < rest.n; i++)
        all = make_list(p, all, rest.at[i]);
    return all;
}

struct ast *make_tuple(struct parse *p, struct token open, struct ast *first,
                       struct ast_nodes rest)
{
    return MAKE(p, open.pos, tuple, .items = with_first(p, first, rest));
}

struct ast *make_pat_tuple(struct parse *p, struct token open,
                           struct ast *first, struct ast_nodes rest)
{
    return MAKE(p, open.pos, pat_tuple, .items = with_first(p, first, rest));
}

struct ast *make_type_tuple(struct parse *p, struct token open,
                            struct ast *first, struct ast_nodes rest)
{
    return MAKE(p, open.pos, type_tuple, .items = with_first(p, first, rest));
}

/* ---- strings ------------------------------------------------------------- */

struct ast *make_str(struct parse *p, struct token t)
{
    struct ast_bytes *text = &t.of.text;

    decode_text(&p->lex, &text, 1, t.flags);
    return MAKE(p, t.pos, str, .value = *text);
}

struct ast *make_raw(struct parse *p, struct token t)
{
    return MAKE(p, t.pos, str, .value = t.of.text);
}

struct ast *make_interp(struct parse *p, struct token head,
                        struct ast_nodes pieces, struct token tail)
{
    struct arena *a = p->u->arena;
    VEC(struct ast_bytes *) texts = {0};
    struct ast_nodes parts = {0};

    vec_push_in(a, &texts, &head.of.text);
    for (uint32_t i = 0; i < pieces.n; i++)
        if (pieces.at[i]->kind == AST_STR)
            vec_push_in(a, &texts, &AS(str, pieces.at[i])->value);
    vec_push_in(a, &texts, &tail.of.text);
    decode_text(&p->lex, texts.at, texts.n, head.flags);

    if (head.of.text.len)
        parts = make_list(p, parts, make_raw(p, head));
    for (uint32_t i = 0; i < pieces.n; i++)
        if (pieces.at[i]->kind != AST_STR || AS(str, pieces.at[i])->value.len)
            parts = make_list(p, parts, pieces.at[i]);
    if (tail.of.text.len)
        parts = make_list(p, parts, make_raw(p, tail));
    return MAKE(p, head.pos, interp, .parts = parts);
}

/* ---- what stands before -------------------------------------------------- */

static void set_doc(struct ast_bytes *doc, struct token word)
{
    if (!doc->at)
        *doc = word.doc;
}

struct ast *make_pub(struct token word, struct ast *decl)
{
    decl->pos = word.pos;
    switch (decl->kind) {
    case AST_IMPORT: AS(import, decl)->pub = 1; break;
    case AST_BIND:
        AS(bind, decl)->pub = 1;
        set_doc(&AS(bind, decl)->doc, word);
        break;
    case AST_FN:
        AS(fn, decl)->pub = 1;
        set_doc(&AS(fn, decl)->doc, word);
        break;
    case AST_STRUCT:
        AS(struct, decl)->pub = 1;
        set_doc(&AS(struct, decl)->doc, word);
        break;
    case AST_ENUM:
        AS(enum, decl)->pub = 1;
        set_doc(&AS(enum, decl)->doc, word);
        break;
    }
    return decl;
}

struct ast *make_labelled(struct token label, struct ast *loop)
{
    loop->pos = label.pos;
    switch (loop->kind) {
    case AST_WHILE: AS(while, loop)->label = label.of.name; break;
    case AST_LOOP: AS(loop, loop)->label = label.of.name; break;
    case AST_FOR: AS(for, loop)->label = label.of.name;
        break;
    }
    return loop;
}
