/* blocks.c - the machine's blocks for those of the IR.
 *
 * An edge that carries arguments out of a block with two successors gets a
 * block of its own, so that its moves have a place: behind the branch for its
 * two edges, the one to the block that follows last; in front of the landing
 * for a back edge.  Back edges always get one, because the unwinder writes
 * the Error there.  Blocks that turn out to do nothing vanish in plan.c. */
#include "backend/blocks.h"

struct maker {
    struct be_fn *f;
    const ir_blk *order;
    uint32_t n;
    ir_blk *opens;        /* open mark at each IR block's start */
    uint32_t *index;      /* IR block -> place in f->blocks */
    uint32_t *first_mark; /* IR block -> first IR block whose MARK lands */
    uint32_t *next_mark;  /* ... and the next one */
    uint32_t *landing;    /* IR block that ends in MARK -> its stub */
    ir_blk *of;
};

static const struct ir_inst *end_of(const struct maker *k, ir_blk b)
{
    const struct ir_block *irb = &k->f->ir->blocks.at[b];
    return irb->insts.n ? &irb->insts.at[irb->insts.n - 1] : NULL;
}

/* Edge e of an end needs a block of its own behind it. */
static bool is_split(const struct ir_inst *end, uint32_t e)
{
    if (end->op == IR_BRANCH)
        return end->edges[e].nargs != 0;
    return end->op == IR_MARK && e == 0 && end->edges[0].nargs != 0;
}

static bool has_landing(const struct ir_inst *end)
{
    return end && end->op == IR_MARK && end->nedges == 2;
}

static struct be_block *add(struct maker *k, ir_blk of)
{
    struct be_block *b = &k->f->blocks[k->f->nblocks];
    b->succ[0] = b->succ[1] = b->mark = BE_NONE;
    k->of[k->f->nblocks++] = of;
    return b;
}

/* A block that makes an edge's moves; succ is still the IR's number. */
static struct be_block *add_stub(struct maker *k, const struct ir_edge *e)
{
    struct be_block *b = add(k, IR_NONE);
    b->end = BE_JUMP;
    b->edge = e;
    b->succ[0] = e->to;
    b->mark = k->opens[e->to];
    b->last.op = PVM_NOP;
    return b;
}

/* The stub of a back edge: it has the Error for its param and passes it on. */
static void add_landing(struct maker *k, ir_blk from)
{
    const struct ir_inst *end = end_of(k, from);
    const struct ir_edge *e = &end->edges[1];
    struct be_fn *f = k->f;
    struct ir_edge *whole = ARENA_NEW(f->arena, struct ir_edge);
    uint32_t error = f->types.n;
    vec_push_in(f->arena, &f->types, ir_ref(PVM_T_ERROR));
    f->values[f->ir->blocks.at[e->to].params.at[0]].wanted = true;
    whole->to = e->to;
    whole->nargs = e->nargs + 1;
    whole->args = ARENA_ARRAY(f->arena, ir_val, whole->nargs);
    whole->args[0] = error;
    for (uint32_t i = 0; i < e->nargs; i++)
        whole->args[i + 1] = e->args[i];
    k->landing[from] = f->nblocks;
    struct be_block *b = add_stub(k, whole);
    b->is_landing = true;
    b->params = whole->args;
    b->nparams = 1;
    b->last.ir = end;
}

static void add_main(struct maker *k, uint32_t i)
{
    ir_blk at = k->order[i];
    const struct ir_inst *end = end_of(k, at);
    const struct ir_block *irb = &k->f->ir->blocks.at[at];
    k->index[at] = k->f->nblocks;
    struct be_block *b = add(k, at);
    b->params = irb->params.at;
    b->nparams = irb->params.n;
    b->mark = k->opens[at];
    if (!end)
        return;
    b->end = end->op == IR_JUMP     ? BE_JUMP
             : end->op == IR_BRANCH ? BE_BRANCH
             : end->op == IR_MARK   ? BE_MARK
             : end->op == IR_RETURN ? BE_RETURN
                                    : BE_LEAVE;
    if (b->end == BE_JUMP)
        b->edge = &end->edges[0];
    uint32_t next = i + 1 < k->n ? k->order[i + 1] : IR_NONE;
    uint32_t turn = end->nedges && end->edges[0].to == next;
    for (uint32_t j = 0; j < end->nedges; j++) {
        uint32_t e = end->nedges == 2 ? j ^ turn : j;
        if (is_split(end, e))
            add_stub(k, &end->edges[e])->last.ir = end;
    }
}

/* Turns the successors into places in f->blocks. */
static void link(struct maker *k)
{
    struct be_fn *f = k->f;
    for (uint32_t i = 0; i < f->nblocks; i++) {
        struct be_block *b = &f->blocks[i];
        b->mark = b->mark == IR_NONE ? BE_NONE : k->index[b->mark];
        if (k->of[i] == IR_NONE) {
            b->succ[0] = k->index[b->succ[0]];
            continue;
        }
        const struct ir_inst *end = end_of(k, k->of[i]);
        for (uint32_t e = 0; end && e < end->nedges; e++)
            b->succ[e] = k->index[end->edges[e].to];
        if (!end)
            continue;
        for (uint32_t j = i + 1;
             j < f->nblocks && k->of[j] == IR_NONE && !f->blocks[j].is_landing;
             j++)
            b->succ[f->blocks[j].edge == &end->edges[0] ? 0 : 1] = j;
        if (has_landing(end))
            b->succ[1] = k->landing[k->of[i]];
    }
}

/* The mark that is open before each block's end. */
static void follow_marks(struct maker *k)
{
    struct be_fn *f = k->f;
    for (uint32_t i = 0; i < f->nblocks; i++) {
        struct be_block *b = &f->blocks[i];
        b->mark_end = b->mark;
        if (k->of[i] == IR_NONE)
            continue;
        const struct ir_block *irb = &f->ir->blocks.at[k->of[i]];
        for (uint32_t j = 0; j < irb->insts.n; j++) {
            unsigned op = irb->insts.at[j].op;
            if ((op == IR_KEEP || op == IR_UNDO) && b->mark_end != BE_NONE)
                b->mark_end = f->blocks[b->mark_end].mark_end;
        }
    }
}

static void find_landings(struct maker *k)
{
    for (uint32_t i = k->n; i-- > 0;) {
        ir_blk from = k->order[i];
        const struct ir_inst *end = end_of(k, from);
        if (!has_landing(end))
            continue;
        ir_blk to = end->edges[1].to;
        k->next_mark[from] = k->first_mark[to];
        k->first_mark[to] = from;
    }
}

ir_blk *be_make_blocks(struct be_fn *f, const ir_blk *order, uint32_t n)
{
    uint32_t all = f->ir->blocks.n;
    struct arena *a = f->arena;
    struct maker k = {.f = f, .order = order, .n = n};
    k.opens = ir_open_marks(f->ir, a);
    k.index = ARENA_ARRAY(a, uint32_t, all);
    k.first_mark = ARENA_ARRAY(a, uint32_t, all);
    k.next_mark = ARENA_ARRAY(a, uint32_t, all);
    k.landing = ARENA_ARRAY(a, uint32_t, all);
    for (uint32_t i = 0; i < all; i++)
        k.first_mark[i] = IR_NONE;
    find_landings(&k);

    uint32_t most = n * 3; /* a block has at most two stubs */
    k.of = ARENA_ARRAY(a, ir_blk, most);
    f->blocks = ARENA_ARRAY(a, struct be_block, most);
    for (uint32_t i = 0; i < n; i++) {
        for (ir_blk m = k.first_mark[order[i]]; m != IR_NONE;
             m = k.next_mark[m])
            add_landing(&k, m);
        add_main(&k, i);
    }
    link(&k);
    follow_marks(&k);
    return k.of;
}
