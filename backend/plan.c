/* plan.c - the shape of the code: which blocks make words, what falls
 * through, what jumps.
 *
 * A block that only jumps and whose moves come to nothing is silent: what
 * would go there goes on to where it leads.  A jump back to a short test of a
 * loop repeats the test instead, inverted as needed, so that each round of a
 * loop takes one jump. */
#include "backend/emit.h"

enum { SHORT_TEST = 4 }; /* insts that a loop's repeated test may have */

unsigned be_inverse(unsigned op)
{
    switch (op) {
    case PVM_JT: return PVM_JF;
    case PVM_JF: return PVM_JT;
    case PVM_JEQ: return PVM_JNE;
    case PVM_JNE: return PVM_JEQ;
    case PVM_JEQI: return PVM_JNEI;
    case PVM_JNEI: return PVM_JEQI;
    case PVM_JLTI: return PVM_JGEI;
    case PVM_JGEI: return PVM_JLTI;
    case PVM_JGTI: return PVM_JLEI;
    case PVM_JLEI: return PVM_JGTI;
    case PVM_JFLT: return PVM_JFNLT;
    case PVM_JFLE: return PVM_JFNLE;
    case PVM_JFNLT: return PVM_JFLT;
    case PVM_JFNLE: return PVM_JFLE;
    case PVM_JN: return PVM_JNN;
    case PVM_JNN: return PVM_JN;
    /* not (a < b) is b <= a: the operands change places, see negate */
    case PVM_JLT: return PVM_JLE;
    case PVM_JLE: return PVM_JLT;
    default: return op;
    }
}

static void negate(struct be_exit *e)
{
    if (e->op == PVM_JLT || e->op == PVM_JLE) {
        uint32_t a = e->a;
        e->a = e->b;
        e->b = a;
    }
    e->op = (uint16_t)be_inverse(e->op);
}

/* Every forward jump has its backward twin at one distance. */
#define TWIN(op)                                                               \
    _Static_assert(PVM_##op##B - PVM_##op == BE_BACKWARD, #op " has a twin")
TWIN(JT);
TWIN(JF);
TWIN(JEQ);
TWIN(JNE);
TWIN(JLT);
TWIN(JLE);
TWIN(JEQI);
TWIN(JNEI);
TWIN(JLTI);
TWIN(JGEI);
TWIN(JGTI);
TWIN(JLEI);
TWIN(JFLT);
TWIN(JFLE);
TWIN(JFNLT);
TWIN(JFNLE);
TWIN(JN);
TWIN(JNN);

/* ---- silent blocks ------------------------------------------------------- */

bool be_stands(const struct be_fn *f, ir_val v, ir_val param)
{
    if (!f->values[param].wanted)
        return true;
    v = be_moved(f, v);
    return v != BE_NONE && f->places[v] == f->places[param];
}

static bool is_silent(const struct be_fn *f, uint32_t block)
{
    const struct be_block *b = &f->blocks[block];
    if (b->end != BE_JUMP || b->n || block == 0)
        return false;
    const struct be_block *to = &f->blocks[b->succ[0]];
    for (uint32_t k = 0; k < b->edge->nargs; k++)
        if (!be_stands(f, b->edge->args[k], to->params[k]))
            return false;
    return true;
}

/* A ring of silent blocks is an empty loop: its last block speaks up.  So does
 * a landing that leads back, since a mark's offset goes forward. */
static void find_forward(struct be_fn *f, struct be_plan *p)
{
    uint32_t n = f->nblocks;
    uint32_t *path = ARENA_ARRAY(f->arena, uint32_t, n);
    bool *on_path = ARENA_ARRAY(f->arena, bool, n);
    for (uint32_t i = 0; i < n; i++)
        p->forward[i] = is_silent(f, i) ? BE_NONE : i;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t length = 0, at = i;
        while (p->forward[at] == BE_NONE && !on_path[at]) {
            on_path[at] = true;
            path[length++] = at;
            at = f->blocks[at].succ[0];
        }
        uint32_t to = p->forward[at] == BE_NONE ? at : p->forward[at];
        while (length) {
            at = path[--length];
            p->forward[at] = to;
            on_path[at] = false;
        }
        if (f->blocks[i].is_landing && p->forward[i] < i)
            p->forward[i] = i; /* only its mark leads here */
    }
}

/* ---- exits --------------------------------------------------------------- */

/* Goes to `yes` if the exit's jump is taken, else to `no`, from `block`. */
static void plan_branch(struct be_plan *p, struct be_exit *e, uint32_t block,
                        uint32_t yes, uint32_t no)
{
    uint32_t next = p->next[block];
    /* of two jumps the one that closes a loop shall be the first */
    bool turn = yes == next || (no != next && no <= block && yes > block);
    if (yes == no) {
        e->op = 0;
    } else if (turn) {
        negate(e);
        e->cond_to = no;
        no = yes;
    } else {
        e->cond_to = yes;
    }
    if (no == next)
        e->next = next;
    else
        e->jump_to = e->next = no;
}

static void plan_jump(struct be_plan *p, struct be_exit *e, uint32_t block,
                      uint32_t to)
{
    if (to == p->next[block])
        e->next = to;
    else
        e->jump_to = e->next = to;
}

static bool is_short_test(const struct be_fn *f, uint32_t block)
{
    const struct be_block *b = &f->blocks[block];
    if (b->end != BE_BRANCH || b->n > SHORT_TEST || block == 0)
        return false;
    for (uint32_t k = 0; k < b->n; k++) {
        unsigned op = b->insts[k].op;
        if (be_is_call(op) || op == PVM_KEEP || op == PVM_UNDO)
            return false;
    }
    return true;
}

static void plan_test(struct be_fn *f, struct be_plan *p, struct be_exit *e,
                      uint32_t block, uint32_t test)
{
    const struct be_block *b = &f->blocks[test];
    e->op = b->last.op;
    e->a = b->last.a;
    e->b = b->last.b;
    plan_branch(p, e, block, p->forward[b->succ[0]], p->forward[b->succ[1]]);
}

static void plan_exit(struct be_fn *f, struct be_plan *p, uint32_t block)
{
    const struct be_block *b = &f->blocks[block];
    struct be_exit *e = &p->exits[block];
    *e = (struct be_exit){.copy = BE_NONE,
                          .cond_to = BE_NONE,
                          .jump_to = BE_NONE,
                          .next = BE_NONE};
    switch (b->end) {
    case BE_JUMP: {
        uint32_t to = p->forward[b->succ[0]];
        if (to < block && is_short_test(f, to)) {
            e->copy = to;
            plan_test(f, p, e, block, to);
        } else {
            plan_jump(p, e, block, to);
        }
        break;
    }
    case BE_BRANCH: plan_test(f, p, e, block, block); break;
    case BE_MARK: plan_jump(p, e, block, p->forward[b->succ[0]]); break;
    default: break;
    }
}

void be_make_plan(struct be_fn *f, struct be_plan *p)
{
    uint32_t n = f->nblocks, next = BE_NONE;
    p->forward = ARENA_ARRAY(f->arena, uint32_t, n);
    p->next = ARENA_ARRAY(f->arena, uint32_t, n);
    p->targeted = ARENA_ARRAY(f->arena, bool, n);
    p->exits = ARENA_ARRAY(f->arena, struct be_exit, n);
    find_forward(f, p);
    for (uint32_t i = n; i-- > 0;) {
        p->next[i] = next;
        if (p->forward[i] == i)
            next = i;
    }
    for (uint32_t i = 0; i < n; i++) {
        if (p->forward[i] != i)
            continue;
        plan_exit(f, p, i);
        const struct be_exit *e = &p->exits[i];
        if (e->cond_to != BE_NONE)
            p->targeted[e->cond_to] = true;
        if (e->jump_to != BE_NONE)
            p->targeted[e->jump_to] = true;
        if (f->blocks[i].end == BE_MARK && f->blocks[i].succ[1] != BE_NONE)
            p->targeted[p->forward[f->blocks[i].succ[1]]] = true;
    }
}
