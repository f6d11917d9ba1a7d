/* pace.c - when the old generation is collected, and how far at a time.
 *
 * A cycle begins when the objects of the old generation reach `start` bytes,
 * and should end before they reach `goal`, `growth` times what was alive.  So
 * each slice does the part of the work left that what became old since the
 * last is of the room left.  Objects are counted and not pages: free cells in
 * pages would raise the goal of the next cycle, and with it the free cells of
 * the one after.
 *
 * A program whose new objects all die young brings no cycle that way, and what
 * died of its old ones would stay.  So one begins, too, when many times what
 * is alive was allocated, so much that it costs little beside that. */
#include "runtime/gc/pace.h"

#include "runtime/gc/stats.h"

#define RESERVE_LEAST 65536u            /* bytes */
#define SLICE_MOST    (4.0 * (1 << 20)) /* bytes marked at a time */
#define STRESS_SLICE  2000              /* bytes */
#define CALM          32u               /* times what is alive */

uint64_t pace_reserve(const struct heap *h)
{
    uint64_t part = h->tape.seg[TAPE_NURSERY].size / 32;
    return part < RESERVE_LEAST ? RESERVE_LEAST : part;
}

/* Below this a full nursery may not find room. */
static uint64_t emergency_room(const struct heap *h)
{
    return old_room(h->tape.seg[TAPE_NURSERY].size + 2 * pace_reserve(h));
}

void gc_set_goal(struct heap *h)
{
    struct gc_state *g = &h->st->gc;
    uint64_t live = old_objects(h), left = old_left(h);
    uint64_t least = 4 * h->tape.seg[TAPE_NURSERY].size;
    uint64_t more = live / 100 * (h->gc_growth - 100);
    if (more < least)
        more = least;
    /* what promotion needs is to be left when the goal is reached, and a cell
     * is a quarter larger than its object at most */
    uint64_t room = emergency_room(h);
    uint64_t most = left > room ? (left - room) / 5 * 4 : 0;
    if (more > most)
        more = most;
    g->live = live;
    g->goal = live + more;
    g->start = live + more / 8 * 5;
    g->start_anyway = h->st->allocated + CALM * (live > least ? live : least);
    /* the next in such a hurry only when half of what is left now is gone */
    g->emergency = left / 2 < room ? left / 2 : room;
}

/* Bytes to mark in the slice that is due. */
static int64_t slice_budget(const struct heap *h)
{
    const struct gc_state *g = &h->st->gc;
    uint64_t used = old_objects(h), work = g->unmarked + g->unseen;
    uint64_t left = work + work / 8; /* sweeping comes after marking */
    uint64_t room = g->goal > used + g->since ? g->goal - used : g->since + 1;
    double due = (double)left * (double)g->since / (double)room;
    /* with large nurseries one has long pauses, and wants the pace */
    double most = (double)(2 * h->tape.seg[TAPE_NURSERY].size);
    if (most < SLICE_MOST)
        most = SLICE_MOST;
    if (due > most)
        due = most;
    return due > (double)h->gc_slice ? (int64_t)due : (int64_t)h->gc_slice;
}

/* A slice; under stress a small one. */
static void step(struct heap *h, bool settled, uint64_t start)
{
    mark_step(h, h->gc_stress ? STRESS_SLICE : slice_budget(h), settled);
    h->st->gc.since = 0;
    gc_note(&h->stats.slices, start);
}

static bool is_due(const struct heap *h)
{
    const struct gc_state *g = &h->st->gc;
    return old_objects(h) >= g->start || h->st->allocated >= g->start_anyway ||
           h->gc_stress;
}

void pace_advance(struct heap *h)
{
    struct gc_state *g = &h->st->gc;
    uint64_t start = gc_clock();
    if (g->phase == GC_IDLE && is_due(h))
        mark_start(h);
    if (g->phase != GC_IDLE)
        step(h, true, start);
    g->since = 0;
}

void gc_slice(struct heap *h)
{
    struct gc_state *g = &h->st->gc;
    if (h->tlog || g->phase == GC_IDLE ||
        (g->since < h->gc_slice && !h->gc_stress))
        return;
    uint64_t start = gc_clock();
    step(h, false, start);
    gc_note(&h->stats.pauses, start);
}
