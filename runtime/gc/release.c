/* release.c - memory goes back to the system, at the end of a cycle.
 *
 * What is kept is about what will be used until the next: of HEAP as many free
 * pages as the goal leaves room for, elsewhere the size of the nursery above
 * the top. */
#include "runtime/gc/gc.h"
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

static bool release_pages(struct heap *h, int64_t *budget)
{
    struct gc_state *g = &h->st->gc;
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

/* ---- all else ------------------------------------------------------------ */

void gc_release_above(struct heap *h, enum tape_segment segment, uint64_t top)
{
    const struct tape_range *r = &h->tape.seg[segment];
    uint64_t end = r->at + r->size;
    /* before a run begins its tops are 0 */
    uint64_t at = kept_above(h, top > r->at ? top : r->at);
    if (at < end)
        tape_release(&h->tape, at, end - at);
}

/* Of a table in SIDE the items from n on; nothing stands there. */
static void release_table(struct heap *h, enum gc_table table, uint64_t n,
                          uint64_t size)
{
    uint64_t at = kept_above(h, h->old.table[table] + n * size);
    uint64_t end = h->old.table[table + 1];
    if (at < end)
        tape_release(&h->tape, at, end - at);
}

static void release_tables(struct heap *h)
{
    const struct gc_state *g = &h->st->gc;
    uint64_t words = g->top * (TAPE_PAGE / OLD_GRANULE / 64);
    release_table(h, OLD_T_DESC, g->top, 4);
    release_table(h, OLD_T_NEXT, g->top, 4);
    release_table(h, OLD_T_ALLOC, words, 8);
    release_table(h, OLD_T_MARKED, words, 8);
    release_table(h, OLD_T_QUEUE, 0, 8);
    release_table(h, OLD_T_WEAK, g->weak, 8);
    /* while a scope with many entries is open, the next cycle wants these */
    uint64_t bottom = h->tape.seg[TAPE_HISTORY].at;
    if (h->st->trail - bottom > h->tape.seg[TAPE_NURSERY].size)
        return;
    release_table(h, OLD_T_HEADS, 0, 4);
    release_table(h, OLD_T_PENDING, 0, sizeof(struct gc_pending));
}

bool old_release(struct heap *h, int64_t *budget)
{
    const struct state *st = h->st;
    if (!release_pages(h, budget) || !release_trail(h, budget))
        return false;
    release_tables(h);
    gc_release_above(h, TAPE_REMEMBER,
                     h->tape.seg[TAPE_REMEMBER].at + 8 * st->remembered);
    gc_release_above(h, TAPE_STATE,
                     (uint64_t)((uint8_t *)&h->marks[st->nmarks] - h->base));
    if (h->calls.release_stacks)
        h->calls.release_stacks(h);
    return true;
}
