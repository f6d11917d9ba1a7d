/* guard.h - guardians, as the collector sees them (Dybvig, Bruggeman, Eby
 * 1993).
 *
 *   guardian ── watches, a map by number ──► watch ── target ──► object
 *       └────── queue ── first ──► watch ── next ──► watch
 *
 * A watch is on the map while its object is to be handed over: the map is
 * written through the barrier (coll/guardian.h), so undo restores it.  Watch
 * and queue belong to the collector.  It never logs them, and undo never
 * brings back what they were: whether a watch waits tells what was found, and
 * not what the program did.
 *
 * A watch that does not wait holds its object weakly.  When all that lives is
 * marked, watches whose object is not are put at the end of their queue: they
 * wait, and hold it.  Only when all were looked at are these objects shaded,
 * so whether one died does not depend on another that is watched and refers
 * to it.  After that step a watch holds its object whether it waits or not:
 * what is found through one rescued may be handed over after the next cycle.
 * Then the fixpoint over the trail's entries runs again, and when it ends, the
 * object of each living watch lives.
 *
 * A watch whose number was taken from the map lives while an entry of the
 * trail holds it.  Its object is kept, for undo may put it back; guardian_next
 * passes over it while it is not on the map.
 *
 * All in a queue is old, and so is the queue: it is written without being
 * remembered. */
#ifndef PAL_GC_GUARD_H
#define PAL_GC_GUARD_H

#include "runtime/gc/gc.h"

/* In phase ENTRIES. */
enum guard_step {
    GUARD_NONE,   /* entries are looked at for the first time */
    GUARD_TAKE,   /* the dead are put in queues */
    GUARD_RESCUE, /* and shaded */
    GUARD_DONE    /* the fixpoint runs again */
};

/* A watch of an object for a queue, both in slots; 0 when the heap is full.
 * May collect. */
uint64_t guard_new(struct heap *h, const uint64_t *target,
                   const uint64_t *queue, uint64_t number);
/* A watch became old. */
void guard_born(struct heap *h, uint64_t watch);

/* The first watch that waits, or 0. */
static inline uint64_t guard_first(const struct heap *h, uint64_t queue)
{
    return *obj_word(h, queue, QUEUE_FIRST);
}
/* Takes the first watch from a queue that is not empty: it waits no more.
 * What it watches; the program may have it. */
uint64_t guard_pop(struct heap *h, uint64_t queue);

/* Whether marking follows a watch to what it watches. */
static inline bool guard_holds(const struct heap *h, uint64_t watch)
{
    return *obj_word(h, watch, WATCH_WAITS) || h->st->gc.guard != GUARD_NONE;
}
/* The steps from the end of the first fixpoint to GUARD_DONE; true there.
 * All that is queued has been scanned, and the nursery is empty. */
bool guard_take(struct heap *h, int64_t *budget);
/* In phase DROP: forgets watches that died; true when all were looked at. */
bool guard_forget(struct heap *h, int64_t *budget);

/* Debug: whether a watch and what it leads to agree; a sentence, or NULL. */
const char *guard_check(const struct heap *h, uint64_t watch);

#endif
