/* gc.h - allocation, and the collection of the nursery.
 *
 * New objects are bumped in the nursery.  A minor collection promotes every
 * survivor to the old generation (old.h), whose objects never move; afterwards
 * the nursery, the remembered set and the list of young trail entries are
 * empty, and the clock has advanced.  An object over an eighth of the nursery
 * is born old.  The old generation is collected in slices (mark.h), which come
 * at the end of minor collections, and between them when large objects are
 * born.
 *
 * The nursery is filled only as far as promoting all of it fits the old
 * generation, so that a collection needs no room that is not there.  Where
 * little is left, a whole cycle of the old generation is run at once.  The
 * heap counts as full while a little is left, for small objects that the
 * handler of that error makes.
 *
 * A traced window never crosses a collection: while one is open, what does
 * not fit the nursery is born old, and window_full asks for its end. */
#ifndef PAL_GC_GC_H
#define PAL_GC_GC_H

#include "runtime/gc/mark.h"

/* Makes a heap of an open tape: State as at the beginning of a run, what of
 * struct heap follows from the tape, the goal of the first cycle.  Limit and
 * settings are there already. */
void gc_open(struct heap *h);

/* A fresh object, payload zero, stamps the clock's; 0 when the heap is full
 * (or words exceeds OBJ_MAX_WORDS).  May collect: every reference not in a
 * root is void afterwards. */
uint64_t gc_new_slow(struct heap *h, uint32_t type, uint64_t words);

/* Sets how far gc_new fills the nursery by itself: not at all under stress and
 * in a traced window.  To be called when one of them begins or ends. */
void gc_set_room(struct heap *h);

/* PAL_NO_STATS is only for measuring what it costs to count and to time. */
static inline void gc_count_object(struct state *st)
{
#ifndef PAL_NO_STATS
    st->objects++;
#else
    (void)st;
#endif
}

static inline uint64_t gc_new(struct heap *h, uint32_t type, uint64_t words)
{
    struct state *st = h->st;
    uint64_t bytes = OBJ_HEADER + (words + 1) / 2 * 16, o = st->nursery;
    if (PAL_UNLIKELY(words > OBJ_BLOCK_WORDS || o + bytes > h->nursery_end))
        return gc_new_slow(h, type, words);
    st->nursery = o + bytes;
    gc_count_object(st);
    uint64_t *p = obj_at(h, o);
    p[0] = st->clock;
    p[1] = obj_make_info(type, words);
    for (uint64_t i = 2; i < bytes / 8; i++)
        p[i] = 0;
    return o;
}

/* An object of the old generation from the start, for what the runtime makes
 * at load. */
uint64_t gc_new_old(struct heap *h, uint32_t type, uint64_t words);

/* In a traced window: whether small objects of so many bytes in all may not
 * find room.  The window is then to end before the instruction at hand, which
 * comes again after a collection; it is not asked twice. */
bool gc_window_is_short(struct heap *h, uint64_t bytes);

/* A weak box of an object in a slot; 0 when the heap is full.  May collect. */
uint64_t gc_new_weak(struct heap *h, const uint64_t *target);
/* What a weak box holds, or 0 when that died: the way to read one, for it
 * keeps alive what it returns. */
uint64_t gc_weak_get(struct heap *h, uint64_t box);

/* Promotes all that roots, remembered blocks and young trail entries reach.
 * Not in a traced window.  It finds room, for allocation keeps it; what
 * after_minor says is returned. */
enum pal_status gc_minor(struct heap *h);

/* Whether the heap keeps its rules (check.c lists them); a sentence about the
 * first that is broken, or NULL.  Only where the machine's State says what
 * lives: the roots it clears above the stack's top are dead.  Exhausted memory
 * for the walk counts as nothing found. */
const char *gc_check(struct heap *h);

/* A minor collection, the rest of the cycle under way, and a whole one: what
 * could not be reached when it was called is gone.  Not in a traced window. */
enum pal_status gc_collect(struct heap *h);
/* The nursery is full: a minor collection; where that leaves too little room,
 * the rest of the cycle under way, and where that does, too, a whole one.
 * PAL_NOMEM: the heap is full. */
enum pal_status gc_make_room(struct heap *h);

/* Between two minor collections: a slice of the cycle under way, when as much
 * has become old as asks for one; under stress always. */
void gc_slice(struct heap *h);

/* Between two instructions, now and then: a minor collection when stores have
 * left so much for it to look at that it would take long later on; a program
 * that stores and makes nothing would get none.  Under stress a slice, too.
 * Not in a traced window. */
enum pal_status gc_safepoint(struct heap *h);

/* Fits goal and start of the next cycle to what lives now. */
void gc_set_goal(struct heap *h);

/* When marking has ended: a sentence when something that the roots reach is
 * not marked, or NULL. */
const char *gc_check_marked(struct heap *h);

/* Appends a block of an old object, whose references may point into the
 * nursery, to the remembered set. */
void gc_remember(struct heap *h, uint64_t o, uint64_t block);

/* Bytes of the pages of the old generation in use. */
static inline uint64_t gc_used(const struct heap *h)
{
    return h->st->gc.pages * TAPE_PAGE;
}

/* Keeps a reference alive and up to date across allocations while native code
 * runs; handles are released in reverse order. */
static inline uint64_t *gc_hold(struct heap *h, uint64_t o)
{
    uint64_t *slot = &h->st->handles[h->st->nhandles++];
    heap_log(h, slot, 1);
    *slot = o;
    return slot;
}
static inline void gc_release(struct heap *h, unsigned n)
{
    h->st->nhandles -= n;
}

#endif
