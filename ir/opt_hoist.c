/* opt_hoist.c - what gives the same in every round of a loop is computed
 * before it.
 *
 * An op moves to the end of the block before its loop's header, and on to the
 * one before the loop around that, if it cannot fail, takes nothing from the
 * loop, reads no memory that the loop writes, is reached in every round, and
 * the same mark is open here and there.  Inner loops' gains move on because
 * blocks are met in reverse postorder and an op climbs as far as it can. */
#include "ir/opt.h"

#include <string.h>

struct hoist {
    struct opt *o;
    const ir_blk *loop, *outer; /* as from ir_loops */
    const ir_blk *open, *open_end;
    ir_blk *before;    /* of a header: the block whose jump enters the loop */
    ir_blk *latch;     /* of a header: the block that closes each round */
    bool *unfit;       /* of a header: entered or closed in several ways */
    uint8_t *written;  /* of a header: memory the loop writes */
    ir_blk *def_block; /* of each value */
    bool changed;
};

static bool holds(const struct hoist *h, ir_blk header, ir_blk b)
{
    ir_blk at = h->loop[b];
    while (at != IR_NONE && at != header)
        at = h->outer[at];
    return at == header;
}

/* ---- what is known of the loops ------------------------------------------ */

/* Notes an edge from b to a header. */
static void note_edge(struct hoist *h, ir_blk b, ir_blk to, bool jump)
{
    bool back = holds(h, to, b);
    ir_blk *which = back ? &h->latch[to] : &h->before[to];
    if (*which != IR_NONE || (!back && !jump))
        h->unfit[to] = true;
    *which = b;
}

static void note_block(struct hoist *h, ir_blk b)
{
    const struct ir_block *blk = &h->o->f->blocks.at[b];
    const struct ir_inst *last = ir_end(h->o->f, b);
    unsigned written = 0;
    for (uint32_t i = 0; i < blk->params.n; i++)
        h->def_block[blk->params.at[i]] = b;
    for (uint32_t i = 0; i < blk->insts.n; i++) {
        const struct ir_inst *in = &blk->insts.at[i];
        written |= opt_memory_written(h->o->f, in);
        for (uint32_t r = 0; r < in->nres; r++)
            h->def_block[in->res + r] = b;
    }
    if (h->loop[b] != IR_NONE)
        h->written[h->loop[b]] |= (uint8_t)written;
    for (uint32_t e = 0; e < last->nedges; e++)
        if (h->loop[last->edges[e].to] == last->edges[e].to)
            note_edge(h, b, last->edges[e].to, last->op == IR_JUMP);
}

/* An outer loop writes what its inner ones do. */
static void add_inner_writes(struct hoist *h)
{
    for (uint32_t k = h->o->n; k-- > 0;) {
        ir_blk b = h->o->order[k];
        if (h->loop[b] == b && h->outer[b] != IR_NONE)
            h->written[h->outer[b]] |= h->written[b];
    }
}

/* ---- moving -------------------------------------------------------------- */

static bool can_move(const struct ir_inst *i)
{
    const struct ir_op_info *op = &ir_ops[i->op];
    return op->class == IR_PURE && !(op->flags & IR_FAILS) && i->op != IR_COPY;
}

/* Can the op, standing in b, go before the loop of this header? */
static bool leaves(const struct hoist *h, const struct ir_inst *i, ir_blk b,
                   ir_blk header)
{
    ir_blk before = h->before[header], latch = h->latch[header];
    enum ir_memory m = opt_memory_read(h->o->f, i);
    if (h->unfit[header] || before == IR_NONE || latch == IR_NONE)
        return false;
    if (m != IR_MEM_UNREAD && h->written[header] >> m & 1)
        return false;
    for (uint32_t k = 0; k < i->nargs; k++)
        if (holds(h, header, h->def_block[i->args[k]]))
            return false;
    return h->open[b] == h->open_end[before] &&
           h->open_end[b] == h->open_end[before] &&
           ir_dominates(&h->o->doms, b, latch);
}

static ir_blk place_for(const struct hoist *h, const struct ir_inst *i,
                        ir_blk b)
{
    ir_blk header = h->loop[b];
    while (header != IR_NONE && leaves(h, i, b, header)) {
        b = h->before[header];
        header = h->loop[b];
    }
    return b;
}

static void move_to(struct hoist *h, const struct ir_inst *i, ir_blk b)
{
    struct ir_block *to = &h->o->f->blocks.at[b];
    struct ir_inst moved = *i, last = to->insts.at[to->insts.n - 1];
    to->insts.at[to->insts.n - 1] = moved;
    vec_push_in(h->o->f->arena, &to->insts, last);
    h->def_block[moved.res] = b;
    h->changed = true;
}

static void hoist_from(struct hoist *h, ir_blk b)
{
    struct ir_block *blk = &h->o->f->blocks.at[b];
    uint32_t left = 0;
    for (uint32_t i = 0; i < blk->insts.n; i++) {
        const struct ir_inst *in = &blk->insts.at[i];
        ir_blk to = can_move(in) ? place_for(h, in, b) : b;
        if (to != b)
            move_to(h, in, to);
        else
            blk->insts.at[left++] = *in;
    }
    blk->insts.n = left;
}

bool opt_hoist(struct opt *o)
{
    uint32_t blocks = o->f->blocks.n;
    struct hoist h = {.o = o, .loop = ir_loops(o->f, o->a)};
    if (!h.loop)
        return false;
    h.outer = h.loop + blocks;
    h.open = ir_open_marks(o->f, o->a);
    h.open_end = h.open + blocks;
    h.before = ARENA_ARRAY(o->a, ir_blk, blocks);
    h.latch = ARENA_ARRAY(o->a, ir_blk, blocks);
    h.unfit = ARENA_ARRAY(o->a, bool, blocks);
    h.written = ARENA_ARRAY(o->a, uint8_t, blocks);
    h.def_block = ARENA_ARRAY(o->a, ir_blk, o->f->values.n + 1);
    memset(h.before, 0xff, blocks * sizeof *h.before);
    memset(h.latch, 0xff, blocks * sizeof *h.latch);
    for (uint32_t k = 0; k < o->n; k++)
        note_block(&h, o->order[k]);
    add_inner_writes(&h);
    for (uint32_t k = 0; k < o->n; k++)
        if (h.loop[o->order[k]] != IR_NONE)
            hoist_from(&h, o->order[k]);
    return h.changed;
}
