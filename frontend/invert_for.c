/* invert_for.c - the inverse of a `for` over a range (see invert_source.h).
 *
 * That inverting twice gives the loop again rests on this: whether a loop is
 * mirrored, and what the mirrored loop's variable is called, depends on the
 * names in A, A' and the range, where A is the body of the plain loop.  From
 * either side both bodies are known, so both sides decide the same. */
#include <string.h>

#include "frontend/invert_impl.h"
#include "frontend/print_source.h"

/* ---- names --------------------------------------------------------------- */

struct finding {
    const struct name *name;
    bool found;
};

/* Any name below the node, of whatever it is. */
static void find_name(void *arg, struct ast *node)
{
    struct finding *f = arg;

#define N(f)
#define L(f)
#define T(field) f->found |= n->field == f->name;
#define I(f)
#define B(f)
#define V(f)
#define X(type, f)
#define H(f)
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
    if (!f->found)
        ast_children(node, find_name, f);
}

static bool holds(struct ast *node, const struct name *name)
{
    struct finding f = {name, false};

    find_name(&f, node);
    return f.found;
}

/* The variable of the loop that mirrors `for i in range { plain }`. */
static const struct name *mirror_name(struct inverter *v, const struct name *i,
                                      struct ast *range, struct ast *plain)
{
    const char *text = arena_printf(v->u->arena, "%s_back", i->text);
    const struct name *name;

    for (;;) {
        name = names_add(v->u->names, text, (uint32_t)strlen(text));
        if (!holds(range, name) && !holds(plain, name) && name != v->name &&
            name != v->inverse)
            return name;
        text = arena_printf(v->u->arena, "%s_", text);
    }
}

/* ---- the mirrored index -------------------------------------------------- */

enum { SMALL = 1 << 30 };

static bool is_small(const struct ast *e)
{
    return e->kind == AST_INT && AS(int, e)->form == AST_INT_DECIMAL &&
           AS(int, e)->value <= SMALL;
}

static bool is_literal(const struct ast *e, uint64_t value)
{
    return is_small(e) && AS(int, e)->value == value;
}

static struct ast *make_binary(struct inverter *v, enum ast_op op,
                               struct ast *left, struct ast *right)
{
    return INVERT_MAKE(v, left, binary, .op = op, .left = left, .right = right);
}

static struct ast *sum_of(struct inverter *v, struct ast *a, struct ast *b)
{
    if (is_literal(a, 0))
        return b;
    if (is_small(a) && is_small(b))
        return INVERT_MAKE(v, a, int,
                           .value = AS(int, a)->value + AS(int, b)->value);
    return make_binary(v, OP_ADD, a, b);
}

/* e - 1 where that is no longer than e; else NULL. */
static struct ast *less_one(struct inverter *v, struct ast *e)
{
    if (is_small(e) && !is_literal(e, 0))
        return INVERT_MAKE(v, e, int, .value = AS(int, e)->value - 1);
    if (e->kind == AST_BINARY && AS(binary, e)->op == OP_ADD &&
        is_literal(AS(binary, e)->right, 1))
        return AS(binary, e)->left;
    return NULL;
}

/* a + b - 1 - k, with the 1 taken from a or b where it can be.  Sums wrap, so
 * their order does not matter. */
static struct ast *mirror_index(struct inverter *v, struct ast_range *range,
                                const struct name *k)
{
    struct ast *a = range->from, *b = range->to, *less, *last;

    if ((less = less_one(v, a)))
        last = sum_of(v, less, b);
    else if ((less = less_one(v, b)))
        last = sum_of(v, a, less);
    else
        last = make_binary(v, OP_SUB, sum_of(v, a, b),
                           INVERT_MAKE(v, b, int, .value = 1));
    return make_binary(v, OP_SUB, last, INVERT_MAKE(v, b, name, .name = k));
}

static bool same_text(struct inverter *v, const struct ast *a,
                      const struct ast *b)
{
    struct bytes x = bytes_in(v->u->mem), y = bytes_in(v->u->mem);
    bool same;

    print_source(a, &x);
    print_source(b, &y);
    same = x.n == y.n && !memcmp(x.at, y.at, x.n);
    bytes_free(&x);
    bytes_free(&y);
    return same;
}

/* ---- loops --------------------------------------------------------------- */

/* The loop with another variable and body. */
static struct ast *make_loop(struct inverter *v, struct ast_for *like,
                             const struct name *i, struct ast_nodes stmts)
{
    struct ast *at = &like->head;

    return INVERT_MAKE(
        v, at, for, .label = like->label,
        .pattern = INVERT_MAKE(v, like->pattern, pat_name, .name = i),
        .iter = like->iter,
        .body = INVERT_MAKE(v, like->body, block, .stmts = stmts));
}

/* The statements between `local i = e` and `delocal i = e`. */
static struct ast_nodes wrapped(struct inverter *v, const struct name *i,
                                struct ast *index, const struct ast_nodes *l)
{
    struct arena *a = v->u->arena;
    struct ast_nodes out = {0};

    ast_append(a, &out,
               INVERT_MAKE(v, index, local, .name = i, .value = index));
    for (uint32_t k = 0; k < l->n; k++)
        ast_append(a, &out, l->at[k]);
    ast_append(a, &out,
               INVERT_MAKE(v, index, delocal, .name = i, .value = index));
    return out;
}

/* Whether one of the statements declares a local of the name. */
static bool declares(const struct ast_nodes *l, const struct name *name)
{
    for (uint32_t i = 0; i < l->n; i++)
        if (l->at[i]->kind == AST_LOCAL && AS(local, l->at[i])->name == name)
            return true;
    return false;
}

/* The inverse of `for i in range { plain }`, whose body's inverse is known. */
static struct ast *mirror(struct inverter *v, struct ast_for *n,
                          struct ast *inverse)
{
    const struct name *i = AS(pat_name, n->pattern)->name, *k;
    struct ast_range *range = AS(range, n->iter);
    const struct ast_nodes *stmts = &AS(block, inverse)->stmts;
    struct ast_nodes body;

    if (!holds(n->body, i) && !holds(inverse, i))
        return make_loop(v, n, i, *stmts);
    if (holds(n->iter, i) || declares(stmts, i))
        return invert_refuse(
            v, n->pattern,
            arena_printf(v->u->arena, "a `for` with two variables `%s`",
                         i->text),
            "give one of them another name: the inverse declares the loop's "
            "in the body");
    k = mirror_name(v, i, n->iter, n->body);
    body = wrapped(v, i, mirror_index(v, range, k), stmts);
    return make_loop(v, n, k, body);
}

/* Whether the loop has the form of a mirrored one; its name is not looked at
 * yet. */
static bool is_mirrored(struct inverter *v, struct ast_for *n)
{
    const struct ast_nodes *l = &AS(block, n->body)->stmts;
    struct ast_local *first, *last;
    struct ast *index;

    if (l->n < 2 || l->at[0]->kind != AST_LOCAL ||
        invert_pair(l, 0) != l->at[l->n - 1])
        return false;
    first = AS(local, l->at[0]);
    last = AS(local, l->at[l->n - 1]); /* a DELOCAL has the same fields */
    index = mirror_index(v, AS(range, n->iter), AS(pat_name, n->pattern)->name);
    return !first->type && !last->type && !holds(n->iter, first->name) &&
           same_text(v, first->value, index) &&
           same_text(v, last->value, index);
}

/* The inverse of a loop in mirrored form: the plain loop where mirroring that
 * would give this one, else a mirror of the mirror. */
static struct ast *unmirror(struct inverter *v, struct ast_for *n)
{
    const struct ast_nodes *l = &AS(block, n->body)->stmts;
    struct ast_nodes inside = {l->at + 1, l->n - 2, l->n - 2};
    const struct name *i = AS(local, l->at[0])->name,
                      *k = AS(pat_name, n->pattern)->name;
    struct ast *before = INVERT_MAKE(v, n->body, block, .stmts = inside);
    struct ast *after = invert_block(v, before);
    struct ast_nodes body;

    if (v->failed)
        return &n->head;
    if ((holds(before, i) || holds(after, i)) &&
        mirror_name(v, i, n->iter, after) == k)
        return make_loop(v, n, i, AS(block, after)->stmts);
    body = wrapped(v, i, AS(local, l->at[0])->value, &AS(block, after)->stmts);
    return mirror(v, n, INVERT_MAKE(v, n->body, block, .stmts = body));
}

struct ast *invert_for(struct inverter *v, struct ast *node)
{
    struct ast_for *n = AS(for, node);

    if (n->iter->kind != AST_RANGE)
        return invert_refuse(v, node, "a `for` over anything but a range",
                             "write `for i in 0..xs.len`");
    if (n->pattern->kind != AST_PAT_NAME || AS(pat_name, n->pattern)->module)
        return invert_refuse(v, node, "a `for` with a pattern", NULL);
    if (is_mirrored(v, n))
        return unmirror(v, n);
    return mirror(v, n, invert_block(v, n->body));
}
