/* graph.c - what can be read off the graph: open marks, predecessors,
 * dominators, uses.
 *
 * All work is linear or nearly so, with explicit stacks: the depth of a graph
 * is the input's choice.  A block without a terminator, as there are while a
 * function is being built, has no successors. */
#include "ir/ir.h"

#include <string.h>

/* ---- marks --------------------------------------------------------------- */

/* The mark open before b's terminator; end[] of marks met earlier tells what
 * was open around each. */
static ir_blk mark_at_end(const struct ir_block *b, const ir_blk *end,
                          ir_blk open)
{
    for (uint32_t i = 0; i < b->insts.n; i++) {
        uint8_t op = b->insts.at[i].op;
        if ((op == IR_KEEP || op == IR_UNDO) && open != IR_NONE)
            open = end[open];
    }
    return open;
}

ir_blk *ir_open_marks(const struct ir_fn *f, struct arena *a)
{
    uint32_t n = f->blocks.n, top = 0;
    ir_blk *start = ARENA_ARRAY(a, ir_blk, (size_t)n * 2), *end = start + n;
    ir_blk *stack = ARENA_ARRAY(a, ir_blk, n);
    bool *seen = ARENA_ARRAY(a, bool, n);

    memset(start, 0xff, (size_t)n * 2 * sizeof *start);
    seen[0] = true;
    stack[top++] = 0;
    while (top) {
        ir_blk b = stack[--top];
        const struct ir_inst *last = ir_end(f, b);
        end[b] = mark_at_end(&f->blocks.at[b], end, start[b]);
        for (uint32_t i = 0; last && i < last->nedges; i++) {
            ir_blk to = last->edges[i].to;
            if (seen[to])
                continue;
            seen[to] = true;
            start[to] = last->op == IR_MARK && i == 0 ? b : end[b];
            stack[top++] = to;
        }
    }
    return start;
}

/* ---- predecessors -------------------------------------------------------- */

uint32_t *ir_preds(const struct ir_fn *f, struct arena *a, const ir_blk *order,
                   uint32_t n)
{
    uint32_t *preds = ARENA_ARRAY(a, uint32_t, f->blocks.n);
    for (uint32_t i = 0; i < n; i++) {
        const struct ir_inst *last = ir_end(f, order[i]);
        for (uint32_t k = 0; last && k < last->nedges; k++)
            preds[last->edges[k].to]++;
    }
    return preds;
}

/* ---- dominators ---------------------------------------------------------- */

/* Blocks are known here by their number in a depth-first walk, from 1 on;
 * number 0 is none.  Names as in the paper. */
struct tree {
    const struct ir_fn *f;
    uint32_t n;
    uint32_t *number; /* of a block */
    ir_blk *vertex;   /* of a number */
    uint32_t *parent, *semi, *idom;
    uint32_t *ancestor, *label; /* the forest of link and eval */
    uint32_t *bucket, *next;    /* lists of those with one semidominator */
    uint32_t *stack;
    uint32_t *pred_at, *preds; /* predecessors of w: from pred_at[w] on */
};

static uint32_t *numbers(struct arena *a, uint32_t n)
{
    return ARENA_ARRAY(a, uint32_t, n + 2);
}

static void tree_alloc(struct tree *t, struct arena *a)
{
    uint32_t n = t->f->blocks.n;
    t->number = numbers(a, n);
    t->vertex = numbers(a, n);
    t->parent = numbers(a, n);
    t->semi = numbers(a, n);
    t->idom = numbers(a, n);
    t->ancestor = numbers(a, n);
    t->label = numbers(a, n);
    t->bucket = numbers(a, n);
    t->next = numbers(a, n);
    t->stack = numbers(a, n);
    t->pred_at = numbers(a, n);
}

/* Numbers the blocks.  next[] serves as the edge each block stands at. */
static void tree_walk(struct tree *t)
{
    uint32_t top = 0;
    t->n = 1;
    t->number[0] = 1;
    t->vertex[1] = 0;
    t->stack[top++] = 1;
    while (top) {
        uint32_t v = t->stack[top - 1];
        const struct ir_inst *last = ir_end(t->f, t->vertex[v]);
        if (!last || t->next[v] == last->nedges) {
            top--;
            continue;
        }
        ir_blk to = last->edges[t->next[v]++].to;
        if (!t->number[to]) {
            uint32_t w = ++t->n;
            t->number[to] = w;
            t->vertex[w] = to;
            t->parent[w] = v;
            t->stack[top++] = w;
        }
    }
    memset(t->next, 0, (t->n + 1) * sizeof *t->next);
}

static void tree_preds(struct tree *t, struct arena *a)
{
    uint32_t edges = 0;
    for (uint32_t v = 1; v <= t->n; v++) {
        const struct ir_inst *last = ir_end(t->f, t->vertex[v]);
        for (uint32_t k = 0; last && k < last->nedges; k++, edges++)
            t->pred_at[t->number[last->edges[k].to] + 1]++;
    }
    for (uint32_t w = 1; w <= t->n; w++)
        t->pred_at[w + 1] += t->pred_at[w];
    t->preds = numbers(a, edges);
    uint32_t *fill = t->label; /* not in use yet */
    for (uint32_t v = 1; v <= t->n; v++) {
        const struct ir_inst *last = ir_end(t->f, t->vertex[v]);
        for (uint32_t k = 0; last && k < last->nedges; k++) {
            uint32_t w = t->number[last->edges[k].to];
            t->preds[t->pred_at[w] + fill[w]++] = v;
        }
    }
}

/* The vertex of least semidominator on the forest's path above v, which is
 * compressed on the way. */
static uint32_t tree_eval(struct tree *t, uint32_t v)
{
    uint32_t top = 0, u = v;
    if (!t->ancestor[v])
        return v;
    while (t->ancestor[t->ancestor[u]]) {
        t->stack[top++] = u;
        u = t->ancestor[u];
    }
    while (top) {
        uint32_t w = t->stack[--top], up = t->ancestor[w];
        if (t->semi[t->label[up]] < t->semi[t->label[w]])
            t->label[w] = t->label[up];
        t->ancestor[w] = t->ancestor[up];
    }
    return t->label[v];
}

static void tree_dominate(struct tree *t)
{
    for (uint32_t v = 1; v <= t->n; v++)
        t->semi[v] = t->label[v] = v;
    for (uint32_t w = t->n; w > 1; w--) {
        uint32_t p = t->parent[w];
        for (uint32_t i = t->pred_at[w]; i < t->pred_at[w + 1]; i++) {
            uint32_t u = tree_eval(t, t->preds[i]);
            if (t->semi[u] < t->semi[w])
                t->semi[w] = t->semi[u];
        }
        t->next[w] = t->bucket[t->semi[w]];
        t->bucket[t->semi[w]] = w;
        t->ancestor[w] = p;
        for (uint32_t v = t->bucket[p]; v; v = t->next[v]) {
            uint32_t u = tree_eval(t, v);
            t->idom[v] = t->semi[u] < t->semi[v] ? u : p;
        }
        t->bucket[p] = 0;
    }
    for (uint32_t w = 2; w <= t->n; w++)
        if (t->idom[w] != t->semi[w])
            t->idom[w] = t->idom[t->idom[w]];
}

ir_blk *ir_dominators(const struct ir_fn *f, struct arena *a)
{
    struct tree t = {.f = f};
    tree_alloc(&t, a);
    tree_walk(&t);
    tree_preds(&t, a);
    tree_dominate(&t);

    ir_blk *idom = ARENA_ARRAY(a, ir_blk, f->blocks.n);
    memset(idom, 0xff, f->blocks.n * sizeof *idom);
    for (uint32_t w = 2; w <= t.n; w++)
        idom[t.vertex[w]] = t.vertex[t.idom[w]];
    return idom;
}

struct ir_domtree ir_domtree(const struct ir_fn *f, struct arena *a,
                             const ir_blk *order, uint32_t n)
{
    uint32_t blocks = f->blocks.n, clock = 0, top = 0;
    ir_blk *idom = ir_dominators(f, a);
    ir_blk *child = ARENA_ARRAY(a, ir_blk, blocks);
    ir_blk *sibling = ARENA_ARRAY(a, ir_blk, blocks);
    ir_blk *stack = ARENA_ARRAY(a, ir_blk, blocks);
    struct ir_domtree t = {ARENA_ARRAY(a, uint32_t, blocks),
                           ARENA_ARRAY(a, uint32_t, blocks)};
    memset(child, 0xff, blocks * sizeof *child);
    for (uint32_t i = n; i-- > 1;) {
        ir_blk b = order[i];
        sibling[b] = child[idom[b]];
        child[idom[b]] = b;
    }
    stack[top++] = 0;
    t.in[0] = ++clock;
    while (top) {
        ir_blk b = stack[top - 1], next = child[b];
        if (next == IR_NONE) {
            t.out[b] = ++clock;
            top--;
            continue;
        }
        child[b] = sibling[next];
        t.in[next] = ++clock;
        stack[top++] = next;
    }
    return t;
}

/* ---- uses ---------------------------------------------------------------- */

uint32_t *ir_uses(const struct ir_fn *f, struct arena *a)
{
    uint32_t *uses = ARENA_ARRAY(a, uint32_t, f->values.n + 1);
    for (ir_blk b = 0; b < f->blocks.n; b++) {
        const struct ir_block *k = &f->blocks.at[b];
        for (uint32_t i = 0; i < k->insts.n; i++) {
            const struct ir_inst *in = &k->insts.at[i];
            for (uint32_t j = 0; j < in->nargs; j++)
                uses[in->args[j]]++;
            for (uint32_t e = 0; e < in->nedges; e++)
                for (uint32_t j = 0; j < in->edges[e].nargs; j++)
                    uses[in->edges[e].args[j]]++;
        }
    }
    return uses;
}

static void replace_in(ir_val *args, uint32_t n, ir_val v, ir_val by)
{
    for (uint32_t i = 0; i < n; i++)
        if (args[i] == v)
            args[i] = by;
}

void ir_replace_uses(struct ir_fn *f, ir_val v, ir_val by)
{
    for (ir_blk b = 0; b < f->blocks.n; b++) {
        struct ir_block *k = &f->blocks.at[b];
        for (uint32_t i = 0; i < k->insts.n; i++) {
            struct ir_inst *in = &k->insts.at[i];
            replace_in(in->args, in->nargs, v, by);
            for (uint32_t e = 0; e < in->nedges; e++)
                replace_in(in->edges[e].args, in->edges[e].nargs, v, by);
        }
    }
}
