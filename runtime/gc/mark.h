/* mark.h - the collection of the old generation: a cycle of marking, sweeping
 * and giving back, in slices.
 *
 *   IDLE -> MARK -> ENTRIES -> DROP -> SWEEP -> RELEASE -> TRIM -> IDLE
 *
 * A cycle starts right after a minor collection, when the nursery is empty,
 * and takes its number (State's `mark`).  It finds what could be reached then
 * (snapshot at the beginning; Yuasa 1990): every root is shaded at the start,
 * and the barrier shades what a block refers to before its first store since.
 * To shade is to set the object's bit in `marked` and to queue it; what is
 * queued is scanned later.  What becomes old during a cycle is born marked and
 * not scanned: it refers to young objects, which become old the same way, or
 * to what the snapshot reached.
 *
 * The trail's entries hold their containers weakly, and their old values as
 * long as the container lives.  So entries are ephemerons: in phase ENTRIES
 * those of marked containers are traced, the others wait on their container
 * (`heads`), and are traced when it is marked after all.  Each entry is looked
 * at once or twice, whatever the order (Hayes 1997 has the problem, and the
 * naive answer that is quadratic).  Entries made since the start need nothing:
 * their container was reachable then, and the barrier shaded its values.
 *
 * When the queue is empty and every entry was looked at, right after a minor
 * collection, guardians take their dead (guard.h); what these lead to is marked
 * the same way.  Then all that lives is marked.  Weak boxes are cleared and the
 * entries that still wait become holes (DROP), and after that spans are swept.
 *
 * Slices advance by bytes allocated, never by time. */
#ifndef PAL_GC_MARK_H
#define PAL_GC_MARK_H

#include "runtime/gc/old.h"

static inline bool mark_is_shading(const struct heap *h)
{
    return h->st->mark != 0;
}

/* Marks an object and queues it, when it is old and was not marked.  Null and
 * young references are passed over.  In a traced window the mark is logged,
 * and that it is queued: the way back clears words of marks that births have
 * logged, and both have to agree. */
static inline void mark_shade(struct heap *h, uint64_t o)
{
    uint64_t g = old_granule(h, o);
    if (g >= h->old.size / OLD_GRANULE)
        return;
    uint64_t *w = &h->old.marked[g / 64], bit = UINT64_C(1) << (g % 64);
    if (*w & bit)
        return;
    heap_log(h, w, 1);
    heap_log(h, &h->st->gc.queue, 1);
    *w |= bit;
    h->old.queue[h->st->gc.queue++] = block_ref(o, 0);
}
void mark_shade_words(struct heap *h, const uint64_t *p, uint64_t n);

/* What looking at so many bytes of trail costs, beside marking bytes. */
static inline uint64_t mark_entry_cost(uint64_t bytes)
{
    return bytes / 2;
}

/* Starts a cycle; the nursery is empty. */
void mark_start(struct heap *h);
/* Goes on with the cycle for about so many bytes; `settled` tells that the
 * nursery is empty and no entry of the trail is new, as right after a minor
 * collection: only then can marking end. */
void mark_step(struct heap *h, int64_t budget, bool settled);

/* A weak box became old. */
void mark_weak_born(struct heap *h, uint64_t box);
#endif
