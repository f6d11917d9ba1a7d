/* release.c - memory goes back to the system, at the end of a cycle.
 *
 * What is kept is about what will be used until the next: of HEAP as many free
 * pages as the goal leaves room for, elsewhere the size of the nursery above
 * the top. */
#include "runtime/gc/page.h"

#define AT_ONCE 1024u /* pages */

/* ---- the heap ------------------------------------------------------------ */

/* Free pages that are kept, lowest first: what the next cycle will take. */
static uint64_t pages_kept(const struct heap *h)
{
    const struct gc_state *g = &h->st->gc;
    uint64_t more = g->goal > g->live ? (g->goal - g->live) / TAPE_PAGE : 0;
    return more + h->tape.seg[TAPE_NURSERY].size / TAPE_PAGE;
}

/* Releases the dirty of pages i..to. */
static void release_dirty(struct heap *h, uint64_t i, uint64_t to,
                          int64_t *budget)
{
    while (i < to) {
        i = page_next(h->old.dirty, i, to, true);
        uint64_t end = page_next(h->old.dirty, i, to, false);
        if (end > i && tape_release(&h->tape, h->old.at + i * TAPE_PAGE,
                                    (end - i) * TAPE_PAGE)) {
            page_put(h, h->old.dirty, i, end - i, false);
            *budget -= (int64_t)(end - i);
        }
        i = end;
    }
}

/* What is free at the top and was given back counts as never used, so that a
 * segment once used to its end has room again in one piece. */
static void lower_top(struct heap *h)
{
    struct gc_state *g = &h->st->gc;
    uint64_t i = (g->top + 63) / 64;
    while (i && !(h->old.used[i - 1] | h->old.dirty[i - 1]))
        i--;
    if (!i) {
        g->top = 0;
        return;
    }
    uint64_t w = h->old.used[i - 1] | h->old.dirty[i - 1];
    uint64_t top = 64 * i - (unsigned)__builtin_clzll(w);
    if (top < g->top)
        g->top = top;
}

bool old_release(struct heap *h, int64_t *budget)
{
    struct gc_state *g = &h->st->gc;
    if (g->reach < g->top)
        g->reach = g->top;
    uint64_t keep = pages_kept(h);
    while (*budget > 0) {
        uint64_t i = page_next(h->old.used, g->cursor, g->top, false);
        if (i == g->top) {
            lower_top(h);
            return true;
        }
        uint64_t to = page_next(h->old.used, i, g->top, true);
        if (g->kept < keep) {
            to = to - i < keep - g->kept ? to : i + keep - g->kept;
            g->kept += to - i;
        } else {
            to = to - i < AT_ONCE ? to : i + AT_ONCE;
            release_dirty(h, i, to, budget);
        }
        g->cursor = to;
        --*budget;
    }
    return false;
}

/* ---- the trail ----------------------------------------------------------- */

static uint64_t kept_above(const struct heap *h, uint64_t top)
{
    uint64_t at = top + h->tape.seg[TAPE_NURSERY].size;
    return (at + TAPE_PAGE - 1) / TAPE_PAGE * TAPE_PAGE;
}

static bool release_trail(struct heap *h, int64_t *budget)
{
    struct gc_state *g = &h->st->gc;
    uint64_t least = kept_above(h, h->st->trail);
    while (g->trail_high > least) {
        if (*budget <= 0)
            return false;
        uint64_t left = (g->trail_high - least + TAPE_PAGE - 1) / TAPE_PAGE;
        uint64_t n = left < AT_ONCE ? left : AT_ONCE;
        uint64_t at = least + (left - n) * TAPE_PAGE;
        if (!tape_release(&h->tape, at, n * TAPE_PAGE))
            return true; /* the next cycle tries again */
        g->trail_high = at;
        *budget -= n;
    }
    return true;
}

/* ---- segments and tables ------------------------------------------------- */

/* What of the exempt segments and of the tables lies above where they are used,
 * up to where they may have been: that follows from how far the heap and the
 * trail once reached.  A portion may hold no memory at all; its cost is that of
 * giving it back. */
#define PORTION      (UINT64_C(8) << 20) /* bytes */
#define PORTION_COST 64

struct rest {
    uint64_t at, from, end; /* the whole; what may be given back of it */
};

static struct rest rest_of(const struct heap *h, uint64_t at, uint64_t used,
                           uint64_t reached)
{
    return (struct rest){at, kept_above(h, at + used), at + reached};
}

/* Before a run begins its tops are 0. */
static struct rest stack_rest(const struct heap *h, int segment, uint64_t top)
{
    const struct tape_range *r = &h->tape.seg[segment];
    uint64_t used = top > r->at ? top - r->at : 0;
    return rest_of(h, r->at, used + h->frame_most, r->size);
}

static struct rest segment_rest(const struct heap *h, int segment)
{
    const struct state *st = h->st;
    const struct tape_range *r = &h->tape.seg[segment];
    uint64_t blocks = st->gc.reach * (TAPE_PAGE / 32);
    switch (segment) {
    case TAPE_STATE:
        return rest_of(h, r->at,
                       (uint64_t)((uint8_t *)&h->marks[st->nmarks] - h->base) -
                           r->at,
                       r->size);
    case TAPE_REMEMBER:
        return rest_of(h, r->at, 8 * st->remembered, 2 * 8 * blocks);
    case TAPE_RSTACK: return stack_rest(h, segment, st->rbase);
    case TAPE_SSTACK: return stack_rest(h, segment, st->sbase);
    default: return stack_rest(h, segment, st->ctop);
    }
}

/* While the trail is long, the next cycle wants the tables for its entries. */
static bool is_long(const struct heap *h)
{
    uint64_t bytes = h->st->trail - h->tape.seg[TAPE_HISTORY].at;
    return bytes > h->tape.seg[TAPE_NURSERY].size;
}

static struct rest table_rest(const struct heap *h, int table)
{
    const struct gc_state *g = &h->st->gc;
    uint64_t at = h->old.table[table], reach = g->reach * TAPE_PAGE;
    uint64_t objects = reach / 32, granules = reach / OLD_GRANULE;
    switch (table) {
    case OLD_T_DESC:
    case OLD_T_NEXT: return rest_of(h, at, 4 * g->top, 4 * g->reach);
    case OLD_T_ALLOC:
    case OLD_T_MARKED:
        return rest_of(h, at, g->top * (TAPE_PAGE / OLD_GRANULE / 8),
                       granules / 8);
    case OLD_T_QUEUE: return rest_of(h, at, 0, 8 * objects);
    case OLD_T_WEAK: return rest_of(h, at, 8 * g->weak, 8 * objects);
    case OLD_T_WATCH: return rest_of(h, at, 8 * g->watch, 8 * objects);
    case OLD_T_HEADS:
        return rest_of(h, at, is_long(h) ? 4 * granules : 0, 4 * granules);
    default: { /* PENDING */
        uint64_t most = sizeof(struct gc_pending) * g->pending_high;
        return rest_of(h, at, is_long(h) ? most : 0, most);
    }
    }
}

/* `kept` tells how many bytes were given back; true at the end. */
static bool release_rest(struct heap *h, struct rest r, uint64_t size,
                         int64_t *budget)
{
    struct gc_state *g = &h->st->gc;
    uint64_t end = r.end < r.at + size ? r.end : r.at + size;
    end -= end % TAPE_PAGE;
    for (uint64_t at = r.from + g->kept; at < end; at += PORTION) {
        if (*budget <= 0)
            return false;
        tape_release(&h->tape, at, end - at < PORTION ? end - at : PORTION);
        g->kept += PORTION;
        *budget -= PORTION_COST;
    }
    return true;
}

enum { SEGMENTS = TAPE_CSTACK - TAPE_STATE + 1 };
enum { TABLES = OLD_T_PENDING - OLD_T_DESC + 1 };

_Static_assert(TAPE_REMEMBER == TAPE_STATE + 1 &&
                   TAPE_RSTACK == TAPE_STATE + 2 &&
                   TAPE_SSTACK == TAPE_STATE + 3 &&
                   TAPE_CSTACK == TAPE_STATE + 4,
               "the segments to trim lie together");

/* The segments, then the tables; `cursor` tells which. */
static bool trim(struct heap *h, int64_t *budget)
{
    struct gc_state *g = &h->st->gc;
    for (; g->cursor < SEGMENTS + TABLES; g->cursor++, g->kept = 0) {
        int segment = TAPE_STATE + (int)g->cursor;
        int table = OLD_T_DESC + (int)g->cursor - SEGMENTS;
        bool done =
            g->cursor < SEGMENTS
                ? release_rest(h, segment_rest(h, segment),
                               h->tape.seg[segment].size, budget)
                : release_rest(h, table_rest(h, table),
                               h->old.table[table + 1] - h->old.table[table],
                               budget);
        if (!done)
            return false;
    }
    return true;
}

bool old_trim(struct heap *h, int64_t *budget)
{
    struct gc_state *g = &h->st->gc;
    if (!trim(h, budget) || !release_trail(h, budget))
        return false;
    if (!is_long(h)) {
        g->reach = g->top;
        g->pending_high = 0;
    }
    return true;
}
