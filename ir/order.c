/* order.c - the order in which blocks are visited and laid out.
 *
 * A depth-first walk gives a reverse postorder, in which what is visited
 * first among a block's successors comes last.  So a region (a loop, the
 * extent of a mark) stays together when, on entering it, the walk first
 * visits every block that the region's edges leave to: all of them then stand
 * after the whole region, and the region's own blocks, reachable only through
 * its head, are finished one after another.
 *
 * Loops are found in one walk (Wei, Mao, Zou, Chen 2007, "A new algorithm for
 * identifying loops in decompilation").  A graph with a loop of two entries
 * is ordered plainly, for there the argument does not hold. */
#include "ir/ir.h"

#include <string.h>

/* Regions of one kind as a forest: each is named by its head. */
struct regions {
    ir_blk *of;      /* innermost region of a block */
    ir_blk *outer;   /* the region around a head's */
    uint32_t *depth; /* of a head's region, outermost 1 */
};

struct leave { /* a block to visit on entering a region */
    ir_blk to;
    uint32_t next; /* index + 1 */
};

struct order {
    const struct ir_fn *f;
    struct arena *a;
    ir_blk *pre; /* the reachable blocks in preorder */
    uint32_t n;
    bool has_marks, has_loops, reducible;
    bool *is_header;
    uint32_t *path; /* position on the walk's path, 0: not on it */
    ir_blk *header; /* of a block's loop; of a header's: the outer */
    VEC(struct leave) leaves;
    uint32_t *loop_leaves, *mark_leaves; /* first of each head, index + 1 */
};

static ir_blk *none(struct arena *a, uint32_t n)
{
    ir_blk *blocks = ARENA_ARRAY(a, ir_blk, n);
    memset(blocks, 0xff, n * sizeof *blocks);
    return blocks;
}

/* ---- loops --------------------------------------------------------------- */

/* Puts b into the loop of header h, both on the walk's path: weaves h into
 * the chain of headers above b, which is sorted by place on the path. */
static void loop_put(struct order *o, ir_blk b, ir_blk h)
{
    if (h == IR_NONE || b == h)
        return;
    while (o->header[b] != IR_NONE) {
        ir_blk up = o->header[b];
        if (up == h)
            return;
        if (o->path[up] < o->path[h]) {
            o->header[b] = h;
            b = h;
            h = up;
        } else {
            b = up;
        }
    }
    o->header[b] = h;
}

/* An edge from b, on the path, to a block already seen. */
static void loop_edge(struct order *o, ir_blk b, ir_blk to)
{
    if (o->path[to]) {
        o->is_header[to] = true;
        o->has_loops = true;
        loop_put(o, b, to);
        return;
    }
    ir_blk h = o->header[to];
    if (h != IR_NONE && !o->path[h])
        o->reducible = false; /* into the middle of a loop that is left */
    while (h != IR_NONE && !o->path[h])
        h = o->header[h];
    loop_put(o, b, h);
}

static void find_loops(struct order *o)
{
    uint32_t blocks = o->f->blocks.n, top = 0;
    ir_blk *stack = ARENA_ARRAY(o->a, ir_blk, blocks);
    uint32_t *edge = ARENA_ARRAY(o->a, uint32_t, blocks);
    bool *seen = ARENA_ARRAY(o->a, bool, blocks);

    o->reducible = true;
    o->pre = ARENA_ARRAY(o->a, ir_blk, blocks);
    o->path = ARENA_ARRAY(o->a, uint32_t, blocks);
    o->is_header = ARENA_ARRAY(o->a, bool, blocks);
    o->header = none(o->a, blocks);
    stack[top++] = 0;
    while (top) {
        ir_blk b = stack[top - 1];
        const struct ir_inst *last = ir_end(o->f, b);
        if (!seen[b]) {
            seen[b] = true;
            o->path[b] = top;
            o->pre[o->n++] = b;
            o->has_marks |= last && last->op == IR_MARK;
        }
        if (last && edge[b] < last->nedges) {
            ir_blk to = last->edges[edge[b]++].to;
            if (seen[to])
                loop_edge(o, b, to);
            else
                stack[top++] = to;
            continue;
        }
        o->path[b] = 0;
        if (--top)
            loop_put(o, stack[top - 1], o->header[b]);
    }
}

/* ---- regions ------------------------------------------------------------- */

static struct regions loop_regions(struct order *o)
{
    uint32_t blocks = o->f->blocks.n;
    struct regions r = {.of = ARENA_ARRAY(o->a, ir_blk, blocks),
                        .outer = o->header,
                        .depth = ARENA_ARRAY(o->a, uint32_t, blocks)};
    for (uint32_t i = 0; i < o->n; i++) {
        ir_blk b = o->pre[i], up = o->header[b];
        r.of[b] = o->is_header[b] ? b : up;
        if (o->is_header[b])
            r.depth[b] = up == IR_NONE ? 1 : r.depth[up] + 1;
    }
    return r;
}

static struct regions mark_regions(struct order *o)
{
    uint32_t blocks = o->f->blocks.n;
    ir_blk *open = ir_open_marks(o->f, o->a);
    struct regions r = {.of = open,
                        .outer = open + blocks,
                        .depth = ARENA_ARRAY(o->a, uint32_t, blocks)};
    for (uint32_t i = 0; i < o->n; i++) {
        ir_blk b = o->pre[i], up = r.outer[b];
        const struct ir_inst *last = ir_end(o->f, b);
        if (last && last->op == IR_MARK)
            r.depth[b] = up == IR_NONE ? 1 : r.depth[up] + 1;
    }
    return r;
}

static uint32_t region_depth(const struct regions *r, ir_blk head)
{
    return head == IR_NONE ? 0 : r->depth[head];
}

/* The outermost region that holds x but not y; IR_NONE if all that hold x
 * hold y too.  The tests for IR_NONE matter only where marks do not nest, in
 * a function that has yet to be verified. */
static ir_blk region_left(const struct regions *r, ir_blk x, ir_blk y)
{
    ir_blk in = r->of[x], at = r->of[y], left = IR_NONE;
    while (region_depth(r, at) > region_depth(r, in))
        at = r->outer[at];
    while (in != at && in != IR_NONE) {
        bool deeper = region_depth(r, in) > region_depth(r, at);
        left = in;
        in = r->outer[in];
        if (!deeper && at != IR_NONE)
            at = r->outer[at];
    }
    return left;
}

/* Lists at each region's head the blocks that its edges leave to. */
static uint32_t *find_leaves(struct order *o, const struct regions *r)
{
    uint32_t *first = ARENA_ARRAY(o->a, uint32_t, o->f->blocks.n);
    for (uint32_t i = 0; i < o->n; i++) {
        ir_blk b = o->pre[i];
        const struct ir_inst *last = ir_end(o->f, b);
        if (r->of[b] == IR_NONE || !last)
            continue;
        for (uint32_t k = 0; k < last->nedges; k++) {
            ir_blk to = last->edges[k].to;
            ir_blk head = region_left(r, b, to);
            if (head == IR_NONE)
                continue;
            struct leave l = {to, first[head]};
            vec_push_in(o->a, &o->leaves, l);
            first[head] = o->leaves.n;
        }
    }
    return first;
}

ir_blk *ir_loops(const struct ir_fn *f, struct arena *a)
{
    struct order o = {.f = f, .a = a};
    find_loops(&o);
    if (!o.has_loops || !o.reducible)
        return NULL;
    ir_blk *loops = none(a, f->blocks.n * 2);
    for (uint32_t i = 0; i < o.n; i++) {
        ir_blk b = o.pre[i];
        loops[b] = o.is_header[b] ? b : o.header[b];
        loops[f->blocks.n + b] = o.header[b];
    }
    return loops;
}

/* ---- the walk ------------------------------------------------------------ */

/* Stack entries are a block, and whether it is to be entered or left. */
typedef VEC(uint64_t) walk_stack;
enum { LEAVE = 1 };

static void walk_push(struct order *o, walk_stack *s, ir_blk b)
{
    vec_push_in(o->a, s, (uint64_t)b << 1);
}

static void walk_push_leaves(struct order *o, walk_stack *s, uint32_t i)
{
    for (; i; i = o->leaves.at[i - 1].next)
        walk_push(o, s, o->leaves.at[i - 1].to);
}

static bool is_unlikely(const struct ir_fn *f, ir_blk b)
{
    const struct ir_inst *last = ir_end(f, b);
    return last && (last->op == IR_FAIL || last->op == IR_HALT);
}

/* Pushes what is to be visited from b; what is pushed last is visited first
 * and stands last.  A branch falls through to its first edge, unless that
 * only raises an error; a mark to its body. */
static void walk_push_next(struct order *o, walk_stack *s, ir_blk b)
{
    const struct ir_inst *last = ir_end(o->f, b);
    if (!last)
        return;
    if (last->nedges == 2) {
        bool swap = last->op == IR_BRANCH &&
                    is_unlikely(o->f, last->edges[0].to) &&
                    !is_unlikely(o->f, last->edges[1].to);
        walk_push(o, s, last->edges[swap].to);
        walk_push(o, s, last->edges[!swap].to);
    } else if (last->nedges == 1) {
        walk_push(o, s, last->edges[0].to);
    }
    if (o->mark_leaves && last->op == IR_MARK)
        walk_push_leaves(o, s, o->mark_leaves[b]);
    if (o->loop_leaves)
        walk_push_leaves(o, s, o->loop_leaves[b]);
}

uint32_t ir_rpo(const struct ir_fn *f, struct arena *a, ir_blk **order)
{
    struct order o = {.f = f, .a = a};
    find_loops(&o);
    if (o.has_loops && o.reducible) {
        struct regions r = loop_regions(&o);
        o.loop_leaves = find_leaves(&o, &r);
    }
    if (o.has_marks && o.reducible) {
        struct regions r = mark_regions(&o);
        o.mark_leaves = find_leaves(&o, &r);
    }

    walk_stack s = {0};
    bool *seen = ARENA_ARRAY(a, bool, f->blocks.n);
    uint32_t at = o.n;
    *order = ARENA_ARRAY(a, ir_blk, o.n);
    walk_push(&o, &s, 0);
    while (s.n) {
        uint64_t top = s.at[--s.n];
        ir_blk b = (ir_blk)(top >> 1);
        if (top & LEAVE) {
            (*order)[--at] = b;
        } else if (!seen[b]) {
            seen[b] = true;
            vec_push_in(a, &s, top | LEAVE);
            walk_push_next(&o, &s, b);
        }
    }
    return o.n;
}

/* ---- layout -------------------------------------------------------------- */

/* Is block b of the loop of header h?  Depth many steps. */
static bool loop_has(const struct order *o, ir_blk h, ir_blk b)
{
    if (!o->is_header[b])
        b = o->header[b];
    while (b != IR_NONE && b != h)
        b = o->header[b];
    return b == h;
}

/* One of the branch's edges stays in the loop of b, the other leaves it. */
static bool leaves_at_top(const struct order *o, ir_blk b)
{
    const struct ir_inst *last = ir_end(o->f, b);
    return last->op == IR_BRANCH && loop_has(o, b, last->edges[0].to) !=
                                        loop_has(o, b, last->edges[1].to);
}

void ir_layout(const struct ir_fn *f, struct arena *a, ir_blk *order,
               uint32_t n)
{
    struct order o = {.f = f, .a = a};
    find_loops(&o);
    if (!o.has_loops || !o.reducible)
        return;
    /* Inner loops first: their moves happen within the outer ones' runs. */
    for (uint32_t i = n; i-- > 0;) {
        ir_blk h = order[i];
        if (!o.is_header[h] || !leaves_at_top(&o, h))
            continue;
        uint32_t end = i + 1;
        while (end < n && loop_has(&o, h, order[end]))
            end++;
        const struct ir_inst *last = ir_end(f, order[end - 1]);
        if (last->op != IR_JUMP || last->edges[0].to != h)
            continue;
        memmove(order + i, order + i + 1, (end - 1 - i) * sizeof *order);
        order[end - 1] = h;
    }
}
