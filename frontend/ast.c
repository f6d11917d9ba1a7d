/* ast.c - what ast.def gives for each node: size, walker, printer. */
#include "frontend/ast.h"

#include <inttypes.h>
#include <string.h>

#include "runtime/mem/bytes.h"

const char *const ast_kind_names[AST_NKINDS] = {
#define NODE(KIND, name, GROUP, fields) #name,
#include "frontend/ast.def"
#undef NODE
};

const uint8_t ast_groups[AST_NKINDS] = {
#define NODE(KIND, name, GROUP, fields) AST_##GROUP,
#include "frontend/ast.def"
#undef NODE
};

const uint16_t ast_sizes[AST_NKINDS] = {
#define NODE(KIND, name, GROUP, fields) sizeof(struct ast_##name),
#include "frontend/ast.def"
#undef NODE
};

const char *const ast_op_text[OP_COUNT] = {
    [OP_OR] = "or",         [OP_AND] = "and",       [OP_NOT] = "not",
    [OP_EQ] = "==",         [OP_NE] = "!=",         [OP_LT] = "<",
    [OP_LE] = "<=",         [OP_GT] = ">",          [OP_GE] = ">=",
    [OP_IN] = "in",         [OP_NOT_IN] = "not in", [OP_IS] = "is",
    [OP_IS_NOT] = "is not", [OP_ELSE_NONE] = "??",  [OP_BAR] = "|",
    [OP_CARET] = "^",       [OP_AMP] = "&",         [OP_SHL] = "<<",
    [OP_SHR] = ">>",        [OP_ADD] = "+",         [OP_SUB] = "-",
    [OP_MUL] = "*",         [OP_DIV] = "/",         [OP_MOD] = "%",
    [OP_NEG] = "-",         [OP_INV] = "~",         [OP_ROTL] = "<<<",
    [OP_ROTR] = ">>>",
};

struct ast *ast_new(struct arena *a, enum ast_kind kind, uint32_t pos,
                    uint32_t end)
{
    struct ast *node = arena_alloc(a, ast_sizes[kind]);

    node->kind = (uint8_t)kind;
    node->depth = 1;
    node->pos = pos;
    node->end = end;
    return node;
}

void ast_append(struct arena *a, struct ast_nodes *l, struct ast *node)
{
    vec_push_in(a, l, node);
}

/* ---- walking ------------------------------------------------------------- */

void ast_children(struct ast *node, void (*visit)(void *arg, struct ast *child),
                  void *arg)
{
#define N(f)                                                                   \
    if (n->f)                                                                  \
        visit(arg, n->f);
#define L(f)                                                                   \
    for (uint32_t i = 0; i < n->f.n; i++)                                      \
        if (n->f.at[i])                                                        \
            visit(arg, n->f.at[i]);
#define T(f)
#define I(f)
#define B(f)
#define V(f)
#define X(type, f)
#define H(f) N(f)
#define NODE(KIND, name, GROUP, fields)                                        \
    case AST_##KIND: {                                                         \
        struct ast_##name *n = (struct ast_##name *)node;                      \
        (void)n;                                                               \
        fields break;                                                          \
    }
    switch ((enum ast_kind)node->kind) {
#include "frontend/ast.def"
    case AST_NKINDS: break;
    }
#undef NODE
#undef N
#undef L
#undef T
#undef I
#undef B
#undef V
#undef X
#undef H
}

static struct ast_nodes clone_list(struct arena *a, const struct ast_nodes *l)
{
    struct ast_nodes new = {ARENA_ARRAY(a, struct ast *, l->n + 1), l->n,
                            l->n + 1};

    for (uint32_t i = 0; i < l->n; i++)
        new.at[i] = ast_clone(a, l->at[i]);
    return new;
}

struct ast *ast_clone(struct arena *a, const struct ast *node)
{
    struct ast *new;

    if (!node)
        return NULL;
    new = ast_new(a, (enum ast_kind)node->kind, node->pos, node->end);
    new->depth = node->depth;
#define N(f) to->f = ast_clone(a, n->f);
#define L(f) to->f = clone_list(a, &n->f);
#define T(f) to->f = n->f;
#define I(f) to->f = n->f;
#define B(f) to->f = n->f;
#define V(f) to->f = n->f;
#define X(type, f)
#define H(f)
#define NODE(KIND, name, GROUP, fields)                                        \
    case AST_##KIND: {                                                         \
        const struct ast_##name *n = (const struct ast_##name *)node;          \
        struct ast_##name *to = (struct ast_##name *)new;                      \
        (void)n;                                                               \
        (void)to;                                                              \
        fields break;                                                          \
    }
    switch ((enum ast_kind)node->kind) {
#include "frontend/ast.def"
    case AST_NKINDS: break;
    }
#undef NODE
#undef N
#undef L
#undef T
#undef I
#undef B
#undef V
#undef X
#undef H
    return new;
}

int64_t ast_int_value(const struct ast *e)
{
    bool minus = e->kind == AST_UNARY;
    if (minus)
        e = AS(unary, e)->of;
    uint64_t v = e->kind == AST_INT ? AS(int, e)->value : 0;
    return (int64_t)(minus ? 0 - v : v);
}

/* ---- printing ------------------------------------------------------------ */

struct printer {
    struct bytes *out;
    uint32_t level;
};

static void print_quoted(struct bytes *out, struct ast_bytes text)
{
    bytes_str(out, " \"");
    for (uint32_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        if (c == '\n')
            bytes_str(out, "\\n");
        else if (c == '"' || c == '\\')
            bytes_printf(out, "\\%c", c);
        else if (c < ' ' || c == 0x7f)
            bytes_printf(out, "\\u{%x}", c);
        else
            bytes_byte(out, c);
    }
    bytes_byte(out, '"');
}

/* An operator by its sign, a flag by its name, another number as it is. */
static void print_int(struct bytes *out, const char *field, int v)
{
    static const char *const fn_kinds[] = {"", " rev", " merge", " lambda"};

    if (!strcmp(field, "op"))
        bytes_printf(out, " %s", ast_op_text[v]);
    else if (!strcmp(field, "kind"))
        bytes_str(out, fn_kinds[v]);
    else if (!strcmp(field, "value"))
        bytes_str(out, v ? " true" : " false");
    else if (!strcmp(field, "index"))
        bytes_printf(out, " %d", v);
    else if (v && strcmp(field, "form"))
        bytes_printf(out, " %s", field);
}

static void print_value(struct bytes *out, enum ast_kind kind, uint64_t v)
{
    double d;

    memcpy(&d, &v, sizeof d);
    if (kind == AST_FLOAT)
        bytes_printf(out, " %.17g", d);
    else
        bytes_printf(out, " %" PRIu64, v);
}

static void print_fields(struct bytes *out, const struct ast *node)
{
#define N(f)
#define L(f)
#define T(f)                                                                   \
    if (n->f)                                                                  \
        bytes_printf(out, " %s", n->f->text);
#define I(f) print_int(out, #f, n->f);
#define B(f)                                                                   \
    if (n->f.at)                                                               \
        print_quoted(out, n->f);
#define V(f) print_value(out, (enum ast_kind)node->kind, n->f);
#define X(type, f)
#define H(f)
#define NODE(KIND, name, GROUP, fields)                                        \
    case AST_##KIND: {                                                         \
        const struct ast_##name *n = (const struct ast_##name *)node;          \
        (void)n;                                                               \
        fields break;                                                          \
    }
    switch ((enum ast_kind)node->kind) {
#include "frontend/ast.def"
    case AST_NKINDS: break;
    }
#undef NODE
#undef N
#undef L
#undef T
#undef I
#undef B
#undef V
#undef X
#undef H
}

static void print_node(void *arg, struct ast *node)
{
    struct printer *p = arg;

    for (uint32_t i = 0; i < p->level; i++)
        bytes_str(p->out, "  ");
    bytes_str(p->out, ast_kind_names[node->kind]);
    print_fields(p->out, node);
    bytes_byte(p->out, '\n');
    p->level++;
    ast_children(node, print_node, p);
    p->level--;
}

void ast_print(const struct ast *node, struct bytes *out)
{
    struct printer p = {out, 0};

    print_node(&p, (struct ast *)node);
}
