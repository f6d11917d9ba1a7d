/* state.h - the words of the State region: all of a run that is not an object,
 * a register or the trail.
 *
 * struct state stands at the start of segment STATE; the marks follow it.
 * Positions are tape offsets; tops are where the next item goes.  The region
 * is exempt from tape_touch, since a snapshot copies it whole.  In traced
 * mode whoever changes a word logs its old value first (tlog.h). */
#ifndef PAL_TAPE_STATE_H
#define PAL_TAPE_STATE_H

#include <stdint.h>

#define STATE_CLASSES 32 /* size classes of the old generation */
#define STATE_HANDLES 16

/* A mark: where the trail stood and where control goes back to.  One record
 * for every construct. */
struct mark {
    uint64_t kind;               /* enum ir_mark: the X field of MARK */
    uint64_t number;             /* the clock's when it was opened */
    uint64_t scope;              /* the scope threshold outside it */
    uint64_t trail;              /* top of the trail at entry */
    uint64_t pc;                 /* of the MARK instruction, index into code */
    uint64_t back_pc;            /* the landing; 0: none */
    uint64_t rbase, sbase, ctop; /* the frame, as in struct state */
    uint32_t error_reg;          /* reference register that takes the Error */
    uint32_t keep_reg;   /* scalar register of the keep flag or PVM_NOREG */
    uint64_t action;     /* what runs when it is reversed; 0: nothing */
    uint64_t remembered; /* entries of the remembered set at entry */
};

/* A size class of the old generation, or, as the last, the large objects.
 * Each span of pages is on one list, or the one that is being filled.  A list
 * names the first page of a span by its number from the heap's start, plus
 * one; 0 ends it. */
struct gc_class {
    uint64_t at, end;   /* free cells of `filling`, next to be handed out */
    uint32_t filling;   /* 0: none */
    uint32_t open;      /* swept, with free cells */
    uint32_t full;      /* swept, or filled since */
    uint32_t full_last; /* the last of `full` */
    uint32_t unswept;
    uint32_t unused;
};

/* The old generation and the cycle of its collection (gc/old.h, gc/mark.c). */
struct gc_state {
    uint64_t top;     /* in pages: all from here on are free, and zero */
    uint64_t hint[2]; /* no free span starts below: of 3 pages, of 8 */
    uint64_t pages;   /* in use */
    struct gc_class classes[STATE_CLASSES + 1];
    uint64_t phase;   /* enum gc_phase */
    uint64_t queue;   /* objects marked and not yet scanned */
    uint64_t cursor;  /* of the phase: trail position, class, page, table */
    uint64_t pending; /* entries whose container is not marked so far */
    uint64_t weak;    /* weak boxes in the old generation */
    uint64_t kept;    /* of weak boxes, or of free pages, looked at; of a
                         table, bytes given back */
    uint64_t watch;   /* watches in the old generation (gc/guard.h) */
    uint64_t watch_at, watch_kept; /* of them looked at, and left */
    uint64_t guard;                /* enum guard_step */
    uint64_t unmarked; /* bytes of objects the cycle began with, not scanned;
                          once marking has ended, those found dead */
    uint64_t unseen;   /* of the trail it began with, what looking costs */
    uint64_t dead;     /* bytes of old objects that cycles found dead */
    uint64_t live;     /* bytes of objects after the last cycle */
    uint64_t goal;     /* bytes of objects at which this cycle is to end */
    uint64_t start;    /* bytes of objects at which the next begins */
    uint64_t start_anyway; /* or bytes allocated (`allocated`) */
    uint64_t since;        /* bytes that became old since the last slice */
    uint64_t large;        /* bytes born old since the last minor */
    uint64_t grown; /* objects of the old generation, the dead among them */
    uint64_t pending_high; /* `pending` was no higher since the last cycle */
    uint64_t reach; /* `top` was no higher since the last cycle; in pages */
    uint64_t trail_high; /* the trail reached no higher since the last cycle */
    uint64_t emergency;  /* below so many bytes left a cycle is run at once */
    uint64_t handles, handle_free; /* places, and the first free one + 1 */
    uint64_t majors;               /* cycles completed */
    uint64_t promoted;             /* bytes */
    uint64_t born_old;             /* bytes */
};

/* An Error made at load, for when none can be made, and its parts: a program
 * may have changed them, so they are put together again on each use. */
struct made_error {
    uint64_t error, message, trace, store;
};

struct state {
    /* the clock and its thresholds (trail/trail.h) */
    uint64_t clock, scope, snap, minor, mark;
    /* the machine between instructions */
    uint64_t pc;                 /* next instruction, index into code */
    uint64_t rbase, sbase, ctop; /* offsets of the frame's first registers,
                                    and of the next return record */
    uint64_t ticks;              /* calls, back jumps, landings so far */
    uint64_t error;              /* pending Error, or 0 */
    /* the return record that is replaced by a stub, its position (0: none),
     * and the frame that it returns from (vm/watermark.c) */
    uint64_t watermark, watermark_record, watermark_rbase;
    /* tops */
    uint64_t trail, trail_new; /* trail; entries from here on may be young */
    uint64_t nmarks;
    uint64_t remembered; /* entries in segment REMEMBER */
    uint64_t stale;      /* of them at most no longer wanted, or there twice */
    uint64_t nursery;    /* next free byte */
    uint64_t objects;    /* made so far */
    struct gc_state gc;
    /* bytes, but for what the nursery holds; and collections */
    uint64_t allocated, minors;
    /* roots: objects the runtime itself needs */
    uint64_t globals, world;
    struct made_error made_stack, made_memory;
    uint64_t nhandles;
    uint64_t handles[STATE_HANDLES];
    uint64_t emitted[2]; /* bytes written to stdout, stderr */
    uint64_t exit_status;
    uint64_t asked; /* questions to the host so far (vm/host.h) */
};

#endif
