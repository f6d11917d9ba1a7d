/* old.h - the old generation: pages, size classes, large objects, sweeping.
 *
 *   HEAP  | run of cells | large object | free | run | ...     4 KB pages
 *
 * An object of at most 8 KB lies in a cell of its size class (16 bytes to 128
 * in steps of 16, then four per doubling); cells of one class share runs of
 * four to seven pages, chosen so that nothing is left at a run's end.  Larger
 * objects have spans of pages of their own.  Nothing is ever moved: a position
 * is an identity.
 *
 * Tables in segment SIDE, by page or by granule of 16 bytes:
 *
 *   used      a page belongs to a span              a bit
 *   dirty     a page may hold other than zeros      a bit
 *   desc      what a page is (old_desc)             4 bytes
 *   next      the list of its span, at first pages  4 bytes
 *   alloc     an object stands here                 a bit per granule
 *   marked    the cycle found it alive              a bit per granule
 *
 * Sweeping a run makes `alloc` of `marked`, and clears that; until a run is
 * swept nothing is allocated in it.  Between two cycles `marked` is clear.
 *
 * Each span is on one list of its class: `unswept`, `open` (with free cells),
 * `full`; or it is the one being filled, whose free cells are handed out from
 * `at` to `end`, one stretch after another.
 *
 * In a traced window only fresh pages are taken, and every word of a table
 * that changes is logged. */
#ifndef PAL_GC_OLD_H
#define PAL_GC_OLD_H

#include "runtime/obj/obj.h"

#define OLD_LARGE     STATE_CLASSES /* the class of large objects */
#define OLD_RUN_PAGES 7u            /* of a run, at most */
#define OLD_GRANULE   16u

enum gc_phase {
    GC_IDLE,
    GC_MARK,    /* the queue is drained */
    GC_ENTRIES, /* and the trail's entries are looked at */
    GC_DROP,    /* all that lives is marked: the dead leave trail and boxes */
    GC_SWEEP,
    GC_RELEASE, /* pages go back to the system */
    GC_TRIM,    /* and what lies above the tops elsewhere */
    GC_PHASES
};

/* While the heap is checked, in every byte of a dead cell and of the nursery
 * after a collection. */
#define OLD_POISON 0xdb

enum { OLD_FREE, OLD_RUN, OLD_SPAN, OLD_TAIL };

/* Bytes of SIDE that a heap of so many bytes wants, history as long. */
uint64_t old_side_bytes(uint64_t heap);
/* Sets the pointers of struct heap to the tables. */
void old_open(struct heap *h);

/* A cell or span for an object of so many bytes; its content is undefined,
 * its pages are not touched.  The caller made sure that there is room
 * (old_room) and calls old_born with the object. */
uint64_t old_take(struct heap *h, uint64_t bytes);
void old_born(struct heap *h, uint64_t o);
/* Zeroes what of a cell or span may not be zero. */
void old_clear(struct heap *h, uint64_t at, uint64_t bytes);

/* The pages of a span were written whole. */
void old_dirty(struct heap *h, uint64_t at, uint64_t bytes);

/* Bytes of objects, but those that cycles found dead.  Pages are in use for
 * more: nothing moves, so free cells lie between objects. */
static inline uint64_t old_objects(const struct heap *h)
{
    const struct gc_state *g = &h->st->gc;
    return g->promoted + g->born_old - g->dead;
}
/* Bytes of pages that may still be taken, all in one piece if need be. */
uint64_t old_left(const struct heap *h);
/* Bytes of pages that taking n bytes of objects needs at most, whatever their
 * sizes: a cell is at most a quarter larger than its object, a large object's
 * last page half of it, and every class may begin a run. */
#define OLD_SPARE ((STATE_CLASSES + 1) * (uint64_t)OLD_RUN_PAGES * TAPE_PAGE)
static inline uint64_t old_room(uint64_t n)
{
    return n + n / 2 + OLD_SPARE;
}

/* After marking: every span is to be swept. */
void old_sweep_begin(struct heap *h);
/* Sweeps on, at the cost of about `budget` spans; true when all are swept. */
bool old_sweep(struct heap *h, int64_t *budget);
/* Gives free pages back to the system, beyond some that are kept; true when
 * done (release.c). */
bool old_release(struct heap *h, int64_t *budget);
/* The same of what lies above the tops of trail, stacks and tables. */
bool old_trim(struct heap *h, int64_t *budget);

/* ---- tables -------------------------------------------------------------- */

/* The granule of a position in HEAP; elsewhere one beyond the last. */
static inline uint64_t old_granule(const struct heap *h, uint64_t at)
{
    return (at - h->old.at) / OLD_GRANULE;
}
static inline bool old_is(const struct heap *h, uint64_t o)
{
    return o - h->old.at < h->old.size;
}
static inline bool old_bit(const uint64_t *bits, uint64_t i)
{
    return bits[i / 64] >> (i % 64) & 1;
}
static inline void old_set(uint64_t *bits, uint64_t i)
{
    bits[i / 64] |= UINT64_C(1) << (i % 64);
}
static inline bool old_is_marked(const struct heap *h, uint64_t o)
{
    return old_bit(h->old.marked, old_granule(h, o));
}
/* Whether an object stands at a position of HEAP. */
static inline bool old_is_object(const struct heap *h, uint64_t o)
{
    return o % OLD_GRANULE == 0 && old_is(h, o) &&
           old_bit(h->old.alloc, old_granule(h, o));
}
/* Whether what becomes old now is to be born marked. */
static inline bool old_blackens(const struct heap *h)
{
    return h->st->gc.phase - GC_MARK <= GC_DROP - GC_MARK;
}
static inline uint32_t old_kind(uint32_t desc)
{
    return desc & 3;
}
static inline unsigned old_class(uint32_t desc)
{
    return desc >> 2 & 63;
}
/* Pages of a span, at its first page; at another, its distance from it. */
static inline uint32_t old_count(uint32_t desc)
{
    return desc >> 8;
}

/* The size class of 1..MEM_CELL_MOST bytes; a class's cell and run. */
unsigned old_class_of(uint64_t bytes);
uint64_t old_cell(unsigned class);
uint32_t old_run_pages(unsigned class);

/* Calls f for every object of HEAP, by ascending position, that `alloc`
 * holds; in a cycle the dead of unswept spans are among them. */
void old_each(struct heap *h, void (*f)(struct heap *h, uint64_t o, void *arg),
              void *arg);
/* Whether tables, lists and counts agree with each other; a sentence about the
 * first that does not, or NULL.  Exhausted memory counts as nothing found. */
const char *old_check(struct heap *h);

#endif
