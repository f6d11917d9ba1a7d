/* relax.c - the offsets of jumps.
 *
 * Nearly every function is short enough for 16-bit offsets.  In a longer one
 * a jump that does not reach is written out:
 *
 *   jlt a, b, far   ->      jle b, a, +1       mark e, k, far  ->  mark e, k,
 * +1 jmp far                                jmp +1 jmp far
 *
 * Jumps only ever become longer, so growing them until none is too short
 * ends; each round is linear and few are needed.  A pc that a new jump makes
 * a destination gets the state of the block that goes on there. */
#include "backend/emit.h"

struct relax {
    struct be_out *o;
    uint8_t *grown;   /* by jump: words added behind it */
    uint32_t *new_pc; /* by old pc, and one past the end */
    VEC(uint64_t) words;
};

static bool is_wide(uint64_t w)
{
    return pvm_op(w) == PVM_JMP || pvm_op(w) == PVM_JMPB;
}

static void set_short(uint64_t *w, int64_t offset)
{
    *w |= (uint64_t)(uint16_t)offset << 48;
}
static void set_wide(uint64_t *w, int64_t offset)
{
    *w |= (uint64_t)(uint32_t)offset << 32;
}

static void set_targets(struct be_out *o)
{
    o->words.at[0] |= PVM_TARGET;
    for (uint32_t i = 0; i < o->f->nblocks; i++)
        if (o->plan.targeted[i] && o->plan.forward[i] == i)
            o->words.at[o->block_pc[i]] |= PVM_TARGET;
}

static void fill_short(struct be_out *o)
{
    for (uint32_t i = 0; i < o->jumps.n; i++) {
        const struct be_jump *j = &o->jumps.at[i];
        int64_t offset = (int64_t)o->block_pc[j->to] - j->at - 1;
        uint64_t *w = &o->words.at[j->at];
        if (is_wide(*w))
            set_wide(w, offset);
        else
            set_short(w, offset);
    }
}

/* ---- a long function ----------------------------------------------------- */

static void number(struct relax *r)
{
    struct be_out *o = r->o;
    uint32_t jump = 0, pc = 0;
    for (uint32_t i = 0; i < o->words.n; i++) {
        r->new_pc[i] = pc++;
        if (jump < o->jumps.n && o->jumps.at[jump].at == i)
            pc += r->grown[jump++];
    }
    r->new_pc[o->words.n] = pc;
}

static bool grow(struct relax *r)
{
    struct be_out *o = r->o;
    bool changed = false;
    for (uint32_t i = 0; i < o->jumps.n; i++) {
        const struct be_jump *j = &o->jumps.at[i];
        uint64_t w = o->words.at[j->at];
        int64_t offset =
            (int64_t)r->new_pc[o->block_pc[j->to]] - r->new_pc[j->at] - 1;
        if (is_wide(w) || r->grown[i] ||
            (offset >= INT16_MIN && offset <= INT16_MAX))
            continue;
        r->grown[i] = pvm_op(w) == PVM_MARK ? 2 : 1;
        changed = true;
    }
    return changed;
}

/* The jump not taken, forward over one word. */
static uint64_t skip(uint64_t w)
{
    unsigned op = pvm_op(w), a = pvm_a(w), b = pvm_b(w);
    if (op >= PVM_JMPB)
        op -= BE_BACKWARD;
    if (op == PVM_JLT || op == PVM_JLE) {
        a = pvm_b(w);
        b = pvm_a(w);
    }
    return pvm_abc(be_inverse(op), a, b, 1);
}

static void put(struct relax *r, uint64_t w)
{
    vec_push_in(r->o->f->arena, &r->words, w);
}

static void write_jump(struct relax *r, uint32_t i)
{
    struct be_out *o = r->o;
    const struct be_jump *j = &o->jumps.at[i];
    uint64_t w = o->words.at[j->at];
    int64_t to = r->new_pc[o->block_pc[j->to]], at = r->new_pc[j->at];
    int64_t offset = to - at - 1;
    uint64_t far = pvm_abc(offset < 0 ? PVM_JMPB : PVM_JMP, 0, 0, 0);
    if (r->grown[i] == 0) {
        if (is_wide(w))
            set_wide(&w, offset);
        else
            set_short(&w, offset);
        put(r, w);
    } else if (r->grown[i] == 1) {
        set_wide(&far, offset - 1);
        put(r, skip(w) | (w & PVM_TARGET));
        put(r, far);
    } else {
        uint64_t over = pvm_abc(PVM_JMP, 0, 0, 0);
        set_wide(&over, 1);
        set_wide(&far, offset - 2);
        set_short(&w, 1);
        put(r, w);
        put(r, over);
        put(r, far | PVM_TARGET);
    }
}

/* Joins again, with those of the new destinations. */
static void rejoin(struct relax *r)
{
    struct be_out *o = r->o;
    struct be_join *old = o->joins.at;
    uint32_t n = o->joins.n, at = 0;
    o->joins.at = NULL;
    o->joins.n = o->joins.cap = 0;
    for (uint32_t i = 0; i <= o->jumps.n; i++) {
        bool last = i == o->jumps.n;
        const struct be_jump *j = &o->jumps.at[i];
        for (; at < n && (last || old[at].pc <= j->at); at++) {
            old[at].pc = r->new_pc[old[at].pc];
            vec_push_in(o->f->arena, &o->joins, old[at]);
        }
        if (last || !r->grown[i])
            continue;
        uint32_t pc = r->new_pc[j->at] + r->grown[i];
        if (r->grown[i] == 2)
            be_join_block(o, j->to, pc);
        pc = r->new_pc[j->at + 1];
        r->words.at[pc] |= PVM_TARGET;
        if (at < n && old[at].pc == j->at + 1)
            continue; /* it was a destination before */
        be_join_block(o, j->next, pc);
    }
}

static bool relax(struct be_out *o)
{
    struct arena *a = o->f->arena;
    struct relax r = {.o = o};
    r.grown = ARENA_ARRAY(a, uint8_t, o->jumps.n + 1);
    r.new_pc = ARENA_ARRAY(a, uint32_t, o->words.n + 1);
    do
        number(&r);
    while (grow(&r));
    uint32_t jump = 0;
    for (uint32_t i = 0; i < o->words.n; i++) {
        if (jump < o->jumps.n && o->jumps.at[jump].at == i)
            write_jump(&r, jump++);
        else
            put(&r, o->words.at[i]);
    }
    rejoin(&r);
    for (uint32_t i = 0; i < o->lines.n; i++)
        o->lines.at[i].pc = r.new_pc[o->lines.at[i].pc];
    for (uint32_t i = 0; i < o->f->nblocks; i++)
        o->mark_pc[i] = r.new_pc[o->mark_pc[i]];
    o->words.at = r.words.at;
    o->words.n = r.words.n;
    o->words.cap = r.words.cap;
    return be_joins_fit(o, 0);
}

bool be_relax(struct be_out *o)
{
    if (!o->words.n)
        return be_refuse(o->f, "a function has no code");
    set_targets(o);
    for (uint32_t i = 0; i < o->joins.n; i++) /* those behind calls */
        if (o->joins.at[i].pc < o->words.n && o->joins.at[i].pc > 0 &&
            pvm_is_call(pvm_op(o->words.at[o->joins.at[i].pc - 1])))
            o->words.at[o->joins.at[i].pc] |= PVM_TARGET;
    if (o->words.n > UINT32_MAX / 4)
        return be_refuse(o->f, "a function has too much code");
    if (o->words.n <= INT16_MAX)
        fill_short(o);
    else
        return relax(o);
    return true;
}
