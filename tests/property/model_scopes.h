/* model_scopes.h - operations on scopes, collections, snapshots and windows.
 *
 * Besides the plain ones there are some that lead where random steps seldom
 * come: chains that only the trail holds, or that die in an open scope, and
 * steps done when a cycle stands in one of its phases. */
#ifndef PAL_TESTS_MODEL_SCOPES_H
#define PAL_TESTS_MODEL_SCOPES_H

#include "tests/property/model_window.h"

/* ---- scopes -------------------------------------------------------------- */

/* The slots in which scope d holds the registers from before it: not all of
 * them, for what is dead at the back edge is not held. */
static inline uint32_t held(uint32_t d, uint32_t i)
{
    return SHADOW_REGISTERS * (d + 1) + i;
}

static inline void open_scope(struct rig *g)
{
    struct mark m = {0};
    for (uint32_t i = 0; i < SHADOW_REGISTERS; i++)
        if (chance(g, 3))
            set_reg(g, held(g->w.depth, i), 0, 0);
        else
            set_reg(g, held(g->w.depth, i), *reg(g, i), g->w.roots[i]);
    if (!trail_open(&g->h, &m))
        fail(g, "a scope was refused");
    shadow_open(&g->w);
    g->fig->opened++;
}

static inline void keep_scope(struct rig *g)
{
    note_cut(g);
    trail_keep(&g->h);
    shadow_keep(&g->w);
    g->fig->kept++;
    if (!g->w.depth && g->h.st->trail != g->h.tape.seg[TAPE_HISTORY].at)
        fail(g, "the outermost keep left entries on the trail");
}

/* Undoes the innermost n scopes, innermost first, and goes on at the back
 * edge of the outermost of them: some registers get their values from before
 * it, the others go along. */
static inline void undo_scopes(struct rig *g, uint32_t n)
{
    note_cut(g);
    for (uint32_t i = 0; i < n; i++)
        trail_undo(&g->h);
    for (uint32_t i = 0; i < n; i++)
        shadow_undo(&g->w);
    for (uint32_t i = 0; i < SHADOW_REGISTERS; i++) {
        uint32_t from = held(g->w.depth, i);
        if (*reg(g, from) && !chance(g, 4))
            set_reg(g, i, *reg(g, from), g->w.roots[from]);
    }
    g->fig->undone += n;
    rig_compare(g);
}

static inline void op_open(struct rig *g)
{
    struct mark m = {0};
    if (g->w.depth < SHADOW_DEPTH)
        open_scope(g);
    else if (trail_open(&g->h, &m))
        fail(g, "a scope too many was opened");
}

static inline void op_keep(struct rig *g)
{
    if (!g->w.depth)
        return;
    keep_scope(g);
    if (chance(g, 3))
        rig_compare(g);
}

static inline void op_undo(struct rig *g)
{
    if (g->w.depth)
        undo_scopes(g, 1);
}

static inline void op_unwind(struct rig *g)
{
    if (g->w.depth)
        undo_scopes(g, 1 + below(g, g->w.depth));
}

static inline void op_minor(struct rig *g)
{
    if (gc_minor(&g->h))
        fail(g, "a minor collection failed");
    note_halves(g);
    if (chance(g, 2))
        rig_compare(g);
}

/* A chain that was whole when a scope was entered, and is cut in it; mostly
 * nothing but the trail leads to its objects then. */
static inline void op_chain(struct rig *g)
{
    struct link links[CHAIN_MOST];
    uint32_t i = below(g, SHADOW_REGISTERS), n = 2 + below(g, CHAIN_MOST - 1);
    if (g->w.depth == SHADOW_DEPTH || !make_chain(g, i, n))
        return;
    if (chance(g, 2))
        op_minor(g);
    find_links(g, i, n, links);
    do {
        open_scope(g);
        cut_chain(g, n, links);
    } while (chance(g, 3) && g->w.depth < SHADOW_DEPTH);
    if (chance(g, 2))
        set_reg(g, i, 0, 0);
}

/* The innermost scope does not hold register i. */
static inline void unhold(struct rig *g, uint32_t i)
{
    set_reg(g, held(g->w.depth - 1, i), 0, 0);
}

/* A chain that dies in an open scope, in which it was cut, and a keep or undo
 * when the collector knows. */
static inline void op_doomed(struct rig *g)
{
    struct link links[CHAIN_MOST];
    uint32_t i = below(g, SHADOW_REGISTERS), n = 2 + below(g, CHAIN_MOST - 1);
    if (g->w.depth + 2 > SHADOW_DEPTH || !make_chain(g, i, n))
        return;
    op_minor(g);
    for (int scopes = 0; scopes < 2; scopes++) {
        open_scope(g);
        unhold(g, i);
    }
    find_links(g, i, n, links);
    cut_chain(g, n, links);
    set_reg(g, i, 0, 0);
    creep(g, chance(g, 4) ? GC_ENTRIES : GC_DROP);
    if (chance(g, 4))
        undo_scopes(g, 1);
    else
        keep_scope(g);
}

/* A reference that was stored in a scope before marking began, is loaded while
 * marking, and taken out by undo before marking comes there. */
static inline void op_retract(struct rig *g)
{
    struct link links[CHAIN_MOST];
    uint32_t i = below(g, SHADOW_REGISTERS), n = 3 + below(g, CHAIN_MOST - 2);
    uint32_t to = (i + 1) % SHADOW_REGISTERS;
    if (g->w.depth == SHADOW_DEPTH || !make_chain(g, i, n))
        return;
    creep(g, GC_RELEASE);
    open_scope(g);
    unhold(g, to);
    if (!make_chain(g, to, 1))
        return;
    find_links(g, i, n, links);
    struct link *last = &links[n - 1];
    if (!trail_before_ref(&g->h, last->at, 1))
        return refused(g, "a reference to be taken out");
    *obj_word(&g->h, last->at, 1) = *reg(g, to);
    shadow_at(&g->w, last->id)->words[1] = g->w.roots[to];
    set_reg(g, to, 0, 0);
    creep(g, GC_MARK);
    find_links(g, i, n, links);
    set_reg(g, to, *obj_word(&g->h, last->at, 1),
            shadow_at(&g->w, last->id)->words[1]);
    undo_scopes(g, 1);
}

/* Scopes that do the same and are kept: from the second on the trail stands
 * where it stood. */
static inline void op_kept_loop(struct rig *g)
{
    struct store stores[6];
    uint32_t n = 0;
    uint64_t top = 0;
    if (g->w.depth == SHADOW_DEPTH || g->tight)
        return;
    for (uint32_t i = 0; i < 6; i++)
        n += choose_store(g, &stores[n]);
    for (int round = 0; round < 4; round++) {
        open_scope(g);
        for (uint32_t i = 0; i < n; i++) {
            stores[i].scalar += 1;
            do_store(g, &stores[i]);
        }
        keep_scope(g);
        if (round == 0)
            top = g->h.st->trail;
        else if (g->h.st->trail != top)
            fail(g, "a loop of kept scopes grows the trail");
    }
}

/* ---- collections and snapshots ------------------------------------------- */

static inline void op_snapshot(struct rig *g)
{
    rig_check_snapshot(g);
    if (gc_minor(&g->h))
        fail(g, "a minor collection failed");
    if (!g->why[0])
        rig_take_snapshot(g, true);
}

static inline void op_check(struct rig *g)
{
    rig_check_snapshot(g);
    rig_compare(g);
}

static inline void op_restore(struct rig *g)
{
    if (!g->snap.whole)
        return;
    rig_check_snapshot(g);
    rig_restore(g);
    rig_compare(g);
}

/* What a program may do when a cycle stands in a phase. */
static inline void op_creep(struct rig *g)
{
    static const enum gc_phase phases[] = {GC_MARK,  GC_ENTRIES, GC_ENTRIES,
                                           GC_DROP,  GC_DROP,    GC_DROP,
                                           GC_SWEEP, GC_RELEASE};
    void (*const then[])(struct rig *) = {op_keep,    op_undo, op_weak_get,
                                          op_restore, op_hide, op_load,
                                          op_snapshot};
    creep(g, phases[below(g, 8)]);
    note_halves(g);
    for (uint32_t n = 1 + below(g, 3); n && !g->why[0]; n--)
        then[below(g, 7)](g);
}

/* An operation that does not collect. */
static inline void run_in_window(struct rig *g, uint32_t k)
{
    void (*const all[])(struct rig *) = {
        op_store,  op_store,  op_store, op_load,   op_push,     op_pop,
        op_insert, op_remove, op_fill,  op_append, op_swap,     op_reverse,
        op_struct, op_struct, op_list,  op_slice,  op_set_item, op_reserve,
        op_weak,   op_weak,   op_hide,  op_far,    op_weak_get, op_family,
        op_open,   op_open,   op_open,  op_keep,   op_undo,     op_unwind};
    all[k % (sizeof all / sizeof *all)](g);
}

static inline void op_window(struct rig *g)
{
    window_run(g, 30, run_in_window);
}

#endif
