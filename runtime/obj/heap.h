/* heap.h - the context that every room above shares: the tape, State, tables,
 * limits, and the calls upwards. */
#ifndef PAL_OBJ_HEAP_H
#define PAL_OBJ_HEAP_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/base/status.h"
#include "runtime/mem/mem.h"
#include "runtime/pvm/image.h"
#include "runtime/tape/state.h"
#include "runtime/tape/tape.h"
#include "runtime/tape/tlog.h"

struct heap;

/* Upward calls, filled when a vm is opened. */
struct heap_calls {
    /* Calls visit(h, &slot) on every root outside marks, trail and State. */
    void (*roots)(struct heap *h,
                  void (*visit)(struct heap *h, uint64_t *slot));
    /* The same for those of them that may be young; NULL: for all. */
    void (*young_roots)(struct heap *h,
                        void (*visit)(struct heap *h, uint64_t *slot));
    /* The same for what marks and trail hold strongly. */
    void (*trail_roots)(struct heap *h,
                        void (*visit)(struct heap *h, uint64_t *slot));
    /* Calls visit on every root that never holds a young object. */
    void (*old_roots)(struct heap *h,
                      void (*visit)(struct heap *h, uint64_t *slot));
    /* While marking: looks at entries of the trail from gc.cursor on; true
     * when it stands at their end.  Budget in bytes. */
    bool (*trail_entries)(struct heap *h, int64_t *budget);
    /* An object with pending entries is alive. */
    void (*trail_alive)(struct heap *h, uint64_t o);
    /* Makes holes of the entries that are still pending; true when done. */
    bool (*trail_drop)(struct heap *h, int64_t *budget);
    /* After a minor collection; the nursery is empty. */
    enum pal_status (*after_minor)(struct heap *h);
};

/* A trail entry whose container is not marked so far, in a cycle; `next` is the
 * number, plus one, of an older one of the same container. */
struct gc_pending {
    uint64_t entry; /* its position */
    uint64_t next;
};

/* A place of the table of handles (gc/handle.h). */
struct gc_handle {
    uint64_t object;
    uint32_t generation, next;
};

/* The collector's tables in SIDE (gc/old.h, gc/mark.h). */
enum gc_table {
    OLD_T_USED,
    OLD_T_DIRTY,
    OLD_T_DESC,
    OLD_T_NEXT,
    OLD_T_ALLOC,
    OLD_T_MARKED,
    OLD_T_HEADS,
    OLD_T_QUEUE,
    OLD_T_WEAK,
    OLD_T_WATCH,
    OLD_T_PENDING,
    OLD_T_HANDLES,
    OLD_TABLES
};
struct gc_tables {
    uint64_t at, size;          /* segment HEAP */
    uint64_t table[OLD_TABLES]; /* where each begins, in the order of these */
    uint64_t *used, *dirty;     /* by page */
    uint32_t *desc, *next;      /* by page */
    uint64_t *alloc, *marked;   /* by granule */
    uint32_t *heads;            /* by granule: newest pending entry, plus one */
    uint64_t *queue, *weak, *watch;
    struct gc_pending *pending;
    struct gc_handle *handles;
};

/* How long the program was stopped: a histogram of four buckets to a doubling
 * (gc/stats.h).  Nothing depends on it but statistics. */
#define GC_BUCKETS 160
struct gc_pauses {
    uint64_t n, total, most; /* the two in nanoseconds */
    uint32_t bucket[GC_BUCKETS];
};
struct gc_stats {
    struct gc_pauses minors, slices, pauses;
    uint64_t peak; /* bytes of nursery, old generation and trail together */
};

/* What gc, trail, coll and vm share.  The struct holds only what can be
 * rebuilt: the tape holds the rest. */
struct heap {
    struct tape tape;
    uint8_t *base;          /* tape.base */
    struct state *st;       /* in segment STATE */
    struct mark *marks;     /* behind it */
    struct mark *marks_end; /* one past the last that fits */
    struct mem *mem;
    const struct pvm_image *image;
    const uint32_t *type_refs; /* reference words by type, or OBJ_ALL_REFS */

    /* derived from State by heap_thresholds */
    uint64_t t_val, t_ref;

    struct tlog *tlog; /* the traced window that is open, or NULL */
    bool window_full;  /* the window wants a collection: it ends here */
    /* before the instruction at hand, which wants more room than there is: a
     * whole cycle, and then the instruction again; while it runs again, short
     * is not set */
    bool window_short, window_again;

    bool trail_short; /* an entry was refused; until that is dealt with */

    struct gc_tables old;
    uint64_t frame_most; /* bytes above rbase, sbase, ctop that may be used */
    uint64_t heap_limit; /* bytes of old generation a program may use */
    uint64_t gc_stress;  /* a minor collection every N allocations; 0: off */
    uint64_t stress_count;
    /* percent of what lives at which a cycle is to end; 0: as usual */
    uint64_t gc_growth;
    uint64_t gc_slice;    /* bytes marked at a time, at least; 0: as usual */
    uint64_t nursery_end; /* up to here gc_new need not ask for room */
    uint64_t promoted;    /* while collecting: originals still to scan */
    struct gc_stats stats;
    struct heap_calls calls;
    bool check_barrier; /* look at each barrier, before and after */
    bool check;         /* look at the rules around each collection and scope */
    const char *broken; /* the first rule found broken, or NULL */
    struct gc_walk *walk; /* while gc_check looks; private to it */
    void *owner;          /* the vm */
};

/* Sets the thresholds after a number of the clock changed.  They are at least
 * 1, so that the null reference, whose stamp is 0, meets the barrier; in a
 * traced window every store does, and at every second number of the clock
 * where barriers are looked at: so it is seen, too, that those that would
 * pass may. */
static inline void heap_thresholds(struct heap *h)
{
    const struct state *st = h->st;
    uint64_t v = st->scope > st->snap ? st->scope : st->snap;
    bool all = h->tlog || (h->check_barrier && st->clock % 2);
    h->t_val = PAL_UNLIKELY(all) ? UINT64_MAX : v ? v : 1;
    h->t_ref = h->t_val > st->minor ? h->t_val : st->minor;
}

/* Logs words of the tape that C code is about to overwrite; only a traced
 * window wants them. */
static inline void heap_log(struct heap *h, const void *p, uint64_t words)
{
    if (PAL_UNLIKELY(h->tlog != NULL))
        tlog_words(h->tlog, h->base, (uint64_t)((const uint8_t *)p - h->base),
                   words);
}

#endif
