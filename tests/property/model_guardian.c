/* model_guardian.c - random operations on guardians and a graph of objects,
 * and on a shadow that knows what can be reached.
 *
 * Objects have two references, to others and to guardians, and both lie in
 * registers.  The shadow has all that were ever made, by
 * number, and each watch; a scope keeps a copy of it.  What an undo could
 * bring back counts as reached, through containers that are.
 *
 *   handed over   the object is watched once for each time; and since that
 *                 watch was made, or last over, the object could not be
 *                 reached in one of the collector's slices
 *   settled       after all that waits was taken and a whole cycle, just what
 *                 cannot be reached is handed over
 *   weak boxes    are not empty while their object is reached or watched
 *   the graph     is that of the shadow, and the heap keeps its rules
 *
 * Collections come by hand, in slices of any size, or under stress at each
 * allocation.  PAL_SOAK=SECONDS goes on for that long, from other seeds. */
#include "tests/unit/heap_kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "runtime/coll/guardian.h"

enum {
    EPISODES = 300,
    OPERATIONS = 300, /* of an episode */
    REGS = 12,        /* of objects and guardians */
    WEAKS = 4,        /* of boxes, behind them */
    NODES = 700,
    WATCHES = 500,
    DEPTH = 4,
    NUMBER = 2 /* the word of a pair that has its number */
};

struct node { /* number 0: none */
    bool guardian;
    uint32_t to[2];
};
struct watch {
    uint32_t guardian, object;
    bool on;   /* it is to be handed over */
    bool dead; /* a slice found the object out of reach */
};
struct scope {
    uint32_t nnodes, nwatches;
    struct node node[NODES];
    bool on[WATCHES];
};
struct world {
    struct rig g; /* first, as the rig wants it */
    uint64_t random;
    bool stress;
    uint32_t nnodes, nwatches, depth;
    struct node node[NODES];
    struct watch watch[WATCHES];
    uint32_t reg[REGS], boxed[WEAKS];
    struct scope scope[DEPTH];
    uint64_t real[NODES]; /* where what the registers reach lies */
    bool reached[NODES];
    uint32_t queue[NODES], n;
    uint64_t handed;
};

static uint32_t below(struct world *w, uint32_t n)
{
    return (uint32_t)((rig_random(&w->random) >> 32) * n >> 32);
}

static bool chance(struct world *w, uint32_t in)
{
    return below(w, in) == 0;
}

/* ---- what can be reached ------------------------------------------------- */

static void reach(struct world *w, uint32_t id)
{
    if (id && !w->reached[id]) {
        w->reached[id] = true;
        w->queue[w->n++] = id;
    }
}

static void reach_on(struct world *w, bool undone)
{
    for (uint32_t i = 0; i < w->n; i++) {
        uint32_t id = w->queue[i];
        for (int k = 0; k < 2; k++) {
            reach(w, w->node[id].to[k]);
            for (uint32_t d = 0; undone && d < w->depth; d++)
                if (id < w->scope[d].nnodes)
                    reach(w, w->scope[d].node[id].to[k]);
        }
    }
}

/* By registers, and, if `undone`, by what undo could restore. */
static void find_reached(struct world *w, bool undone)
{
    memset(w->reached, 0, sizeof w->reached);
    w->n = 0;
    for (uint32_t i = 0; i < REGS; i++)
        reach(w, w->reg[i]);
    reach_on(w, undone);
}

/* Before the collector may decide. */
static void note_dead(struct world *w)
{
    find_reached(w, true);
    for (uint32_t i = 0; i < w->nwatches; i++)
        w->watch[i].dead |= !w->reached[w->watch[i].object];
}

static void before_allocation(struct world *w)
{
    if (w->stress)
        note_dead(w);
}

/* ---- the heap beside it -------------------------------------------------- */

static uint32_t number_of(struct world *w, uint64_t o)
{
    return o ? (uint32_t)*obj_word(&w->g.h, o, NUMBER) : 0;
}

static void meet(struct world *w, uint32_t id, uint64_t o)
{
    if (!id != !o)
        fail_msg("node %u is at %llu", id, (unsigned long long)o);
    if (!id)
        return;
    if (obj_type(&w->g.h, o) !=
        (w->node[id].guardian ? PVM_T_GUARDIAN : T_PAIR))
        fail_msg("node %u has another type", id);
    if (!w->node[id].guardian && number_of(w, o) != id)
        fail_msg("node %u is node %u", id, number_of(w, o));
    if (w->reached[id] && w->real[id] != o)
        fail_msg("node %u is there twice", id);
    w->real[id] = o;
    reach(w, id);
}

/* Finds all that the registers reach, and compares. */
static void walk(struct world *w)
{
    memset(w->reached, 0, sizeof w->reached);
    w->n = 0;
    for (uint32_t i = 0; i < REGS; i++)
        meet(w, w->reg[i], *rig_slot(&w->g, i));
    for (uint32_t i = 0; i < w->n; i++)
        for (uint32_t k = 0; k < 2 && !w->node[w->queue[i]].guardian; k++)
            meet(w, w->node[w->queue[i]].to[k],
                 rig_get(&w->g, w->real[w->queue[i]], k));
}

static void put(struct world *w, uint32_t reg, uint32_t id, uint64_t o)
{
    w->reg[reg] = id;
    *rig_slot(&w->g, reg) = o;
}

/* A register with a guardian, or with a pair; REGS: there is none. */
static uint32_t find(struct world *w, bool guardian)
{
    uint32_t from = below(w, REGS);
    for (uint32_t i = 0; i < REGS; i++) {
        uint32_t reg = (from + i) % REGS, id = w->reg[reg];
        if (id && w->node[id].guardian == guardian)
            return reg;
    }
    return REGS;
}

/* ---- operations ---------------------------------------------------------- */

static void op_pair(struct world *w)
{
    uint32_t reg = below(w, REGS), id = w->nnodes;
    if (id == NODES)
        return;
    before_allocation(w);
    uint64_t o = chance(w, 8) ? gc_new_old(&w->g.h, T_PAIR, 4)
                              : gc_new(&w->g.h, T_PAIR, 4);
    *obj_word(&w->g.h, o, NUMBER) = id;
    w->node[w->nnodes++] = (struct node){.guardian = false};
    put(w, reg, id, o);
}

static void op_guardian(struct world *w)
{
    uint32_t reg = below(w, REGS), id = w->nnodes;
    if (id == NODES)
        return;
    before_allocation(w);
    uint64_t o = guardian_new(&w->g.h);
    assert_true(o);
    w->node[w->nnodes++] = (struct node){.guardian = true};
    put(w, reg, id, o);
}

static void op_set(struct world *w)
{
    uint32_t reg = find(w, false), from = below(w, REGS), k = below(w, 2);
    if (reg == REGS)
        return;
    rig_set(&w->g, *rig_slot(&w->g, reg), k, *rig_slot(&w->g, from));
    w->node[w->reg[reg]].to[k] = w->reg[from];
}

static void op_load(struct world *w)
{
    uint32_t reg = find(w, false), k = below(w, 2);
    if (reg < REGS)
        put(w, below(w, REGS), w->node[w->reg[reg]].to[k],
            rig_get(&w->g, *rig_slot(&w->g, reg), k));
}

static void op_drop(struct world *w)
{
    put(w, below(w, REGS), 0, 0);
}

static void op_watch(struct world *w)
{
    uint32_t guardian = find(w, true), reg = find(w, false);
    if (guardian == REGS || reg == REGS || w->nwatches == WATCHES)
        return;
    before_allocation(w);
    assert_int_equal(guardian_watch(&w->g.h, rig_slot(&w->g, guardian),
                                    rig_slot(&w->g, reg)),
                     MAP_OK);
    w->watch[w->nwatches++] = (struct watch){
        .guardian = w->reg[guardian], .object = w->reg[reg], .on = true};
}

/* The number of what a guardian handed over. */
static uint32_t hand_over(struct world *w, uint32_t guardian, uint64_t o)
{
    uint32_t id = number_of(w, o);
    for (uint32_t i = 0; i < w->nwatches; i++) {
        struct watch *x = &w->watch[i];
        if (x->guardian != guardian || x->object != id || !x->on || !x->dead)
            continue;
        x->on = x->dead = false;
        w->handed++;
        return id;
    }
    fail_msg("guardian %u hands over node %u", guardian, id);
    return 0;
}

static void op_next(struct world *w)
{
    uint32_t guardian = find(w, true), reg = below(w, REGS);
    uint64_t o;
    if (guardian == REGS)
        return;
    enum map_status status =
        guardian_next(&w->g.h, *rig_slot(&w->g, guardian), &o);
    assert_int_equal(status, o ? MAP_OK : MAP_ABSENT);
    if (!o)
        return;
    uint32_t id = hand_over(w, w->reg[guardian], o);
    if (chance(w, 2))
        put(w, reg, id, o);
}

/* ---- weak boxes ---------------------------------------------------------- */

static void op_weak(struct world *w)
{
    uint32_t reg = find(w, false), i = below(w, WEAKS);
    if (reg == REGS)
        return;
    before_allocation(w);
    *rig_slot(&w->g, REGS + i) = gc_new_weak(&w->g.h, rig_slot(&w->g, reg));
    w->boxed[i] = w->reg[reg];
}

static bool is_watched(struct world *w, uint32_t id)
{
    for (uint32_t i = 0; i < w->nwatches; i++)
        if (w->watch[i].on && w->watch[i].object == id &&
            w->reached[w->watch[i].guardian])
            return true;
    return false;
}

static void op_get(struct world *w)
{
    uint32_t i = below(w, WEAKS);
    if (!w->boxed[i])
        return;
    uint64_t o = gc_weak_get(&w->g.h, *rig_slot(&w->g, REGS + i));
    find_reached(w, true);
    if (!o && (w->reached[w->boxed[i]] || is_watched(w, w->boxed[i])))
        fail_msg("a weak box lost node %u", w->boxed[i]);
    if (o)
        assert_int_equal(number_of(w, o), w->boxed[i]);
    if (o && chance(w, 2))
        put(w, below(w, REGS), w->boxed[i], o);
}

/* ---- scopes -------------------------------------------------------------- */

static void op_open(struct world *w)
{
    if (w->depth == DEPTH)
        return;
    struct scope *s = &w->scope[w->depth++];
    rig_scope(&w->g);
    s->nnodes = w->nnodes;
    s->nwatches = w->nwatches;
    memcpy(s->node, w->node, w->nnodes * sizeof *s->node);
    for (uint32_t i = 0; i < w->nwatches; i++)
        s->on[i] = w->watch[i].on;
}

static void op_keep(struct world *w)
{
    if (!w->depth)
        return;
    w->depth--;
    trail_keep(&w->g.h);
}

/* What was made since keeps its content, guardians their watches. */
static void op_undo(struct world *w)
{
    if (!w->depth)
        return;
    const struct scope *s = &w->scope[--w->depth];
    trail_undo(&w->g.h);
    memcpy(w->node, s->node, s->nnodes * sizeof *s->node);
    for (uint32_t i = 0; i < w->nwatches; i++)
        if (w->watch[i].guardian < s->nnodes)
            w->watch[i].on = i < s->nwatches && s->on[i];
}

/* ---- collections --------------------------------------------------------- */

static void slice(struct world *w, int64_t budget)
{
    const struct state *st = w->g.h.st;
    bool settled = st->nursery == w->g.h.tape.seg[TAPE_NURSERY].at &&
                   st->trail_new == st->trail;
    note_dead(w);
    mark_step(&w->g.h, budget, settled);
}

static void op_minor(struct world *w)
{
    before_allocation(w);
    rig_minor(&w->g);
}

static void op_slice(struct world *w)
{
    if (chance(w, 2))
        op_minor(w);
    if (w->g.h.st->gc.phase == GC_IDLE) {
        op_minor(w);
        if (w->g.h.st->gc.phase == GC_IDLE)
            mark_start(&w->g.h);
        return;
    }
    slice(w, (int64_t[]){0, 1, 100, 1000, INT64_MAX}[below(w, 5)]);
}

static void finish(struct world *w)
{
    op_minor(w);
    while (w->g.h.st->gc.phase != GC_IDLE)
        slice(w, INT64_MAX);
}

static void op_collect(struct world *w)
{
    note_dead(w);
    rig_collect(&w->g);
}

/* Guardians that only undo could bring back may have objects that wait, which
 * hold others. */
static void reach_by_hidden(struct world *w)
{
    static bool seen[NODES];
    find_reached(w, false);
    memcpy(seen, w->reached, sizeof seen);
    find_reached(w, true);
    for (uint32_t i = 0; i < w->nwatches; i++)
        if (!seen[w->watch[i].guardian])
            reach(w, w->watch[i].object);
    reach_on(w, true);
}

static void drain(struct world *w)
{
    walk(w);
    for (uint32_t id = 1; id < w->nnodes; id++)
        for (uint64_t o = 1; o && w->reached[id] && w->node[id].guardian;) {
            guardian_next(&w->g.h, w->real[id], &o);
            if (o)
                hand_over(w, id, o);
        }
}

static void op_settle(struct world *w)
{
    finish(w);
    drain(w);
    op_collect(w);
    drain(w);
    reach_by_hidden(w);
    static bool held[NODES];
    memcpy(held, w->reached, sizeof held);
    find_reached(w, false);
    for (uint32_t i = 0; i < w->nwatches; i++)
        if (w->watch[i].on && w->reached[w->watch[i].guardian] &&
            !held[w->watch[i].object])
            fail_msg("node %u is not handed over", w->watch[i].object);
}

/* ---- episodes ------------------------------------------------------------ */

static const struct {
    void (*run)(struct world *w);
    uint32_t weight;
} ops[] = {{op_pair, 16}, {op_guardian, 2}, {op_set, 14},    {op_load, 8},
           {op_drop, 10}, {op_watch, 14},   {op_next, 10},   {op_weak, 2},
           {op_get, 4},   {op_open, 5},     {op_keep, 2},    {op_undo, 4},
           {op_minor, 3}, {op_slice, 12},   {op_collect, 2}, {op_settle, 1}};

static void one_op(struct world *w)
{
    uint32_t sum = 0, i = 0, at;
    for (size_t k = 0; k < sizeof ops / sizeof *ops; k++)
        sum += ops[k].weight;
    for (at = below(w, sum); at >= ops[i].weight; i++)
        at -= ops[i].weight;
    ops[i].run(w);
}

static uint64_t episode(uint64_t seed, bool stress)
{
    static struct world w;
    w = (struct world){.random = seed, .stress = stress, .nnodes = 1};
    rig_open(&w.g, (struct rig_wish){.heap = 4 << 20, .paced = stress});
    w.g.h.gc_stress = stress;
    gc_set_room(&w.g.h);
    op_guardian(&w);
    for (int i = 0; i < OPERATIONS; i++) {
        one_op(&w);
        if (i % 16 == 0) {
            walk(&w);
            rig_check(&w.g);
        }
    }
    op_settle(&w);
    while (w.depth)
        chance(&w, 2) ? op_keep(&w) : op_undo(&w);
    op_settle(&w);
    rig_close(&w.g);
    return w.handed;
}

/* Once, or for half of the seconds of PAL_SOAK. */
static void episodes(bool stress)
{
    const char *soak = getenv("PAL_SOAK");
    uint64_t seed = soak ? (uint64_t)time(NULL) * 1000000 : 1, handed = 0;
    time_t end = time(NULL) + (soak ? atoi(soak) / 2 : 0);
    do {
        for (int i = 0; i < EPISODES; i++, seed++) {
            if (getenv("PAL_TRACE"))
                printf("  seed %llu\n", (unsigned long long)seed);
            handed += episode(seed, stress);
        }
    } while (time(NULL) < end);
    assert_true(handed > EPISODES);
}

static void by_hand(void **state)
{
    (void)state;
    episodes(false);
}

static void under_stress(void **state)
{
    (void)state;
    episodes(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(under_stress),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
