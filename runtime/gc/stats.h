/* stats.h - what the collector did and what the heap holds, for people who
 * tune it.  Always counted; times are taken for this alone. */
#ifndef PAL_GC_STATS_H
#define PAL_GC_STATS_H

#include "runtime/gc/gc.h"

/* Nanoseconds of a clock that only goes forward. */
uint64_t gc_clock(void);
/* Notes that the program was stopped since `start`. */
void gc_note(struct gc_pauses *p, uint64_t start);
/* What no pause of a bucket exceeds, nor any at all. */
uint64_t gc_bucket_end(const struct gc_pauses *p, unsigned bucket);
/* The time that a share (0..1) of the pauses does not exceed: the upper end of
 * its bucket, at most a quarter too long, and no more than the longest; 0 where
 * there are none. */
uint64_t gc_quantile(const struct gc_pauses *p, double share);
/* Notes how much is in use now. */
void gc_note_peak(struct heap *h);

struct gc_class_use {
    uint32_t cell;    /* bytes; 0: the large objects */
    uint64_t pages;   /* bytes of pages */
    uint64_t objects; /* the dead of spans not swept yet among them */
    uint64_t bytes;   /* that these objects want, headers included */
};

struct gc_report {
    uint64_t peak, heap;           /* bytes: most, and old generation now */
    uint64_t live, live_objects;   /* what may be alive: bytes; all the young */
    uint64_t young, young_objects; /* of it in the nursery */
    uint64_t headers;              /* bytes of the old that are no payload */
    uint64_t allocated, objects;   /* since the start */
    uint64_t promoted, born_old;   /* bytes */
    uint64_t trail, tables;        /* bytes now; tables: of the collector */
    uint64_t minors, majors;
    struct gc_class_use classes[STATE_CLASSES + 1];
};
/* Looks at every object's header, so it takes time in proportion to them. */
void gc_report(struct heap *h, struct gc_report *out);

#endif
