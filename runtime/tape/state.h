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
    /* tops */
    uint64_t trail, trail_new; /* trail; entries from here on are young */
    uint64_t nmarks;
    uint64_t remembered; /* entries in segment REMEMBER */
    uint64_t nursery;    /* next free byte */
    uint64_t heap;       /* next free page run */
    uint64_t heap_high;  /* above here the heap was never written */
    uint64_t run_at[STATE_CLASSES], run_end[STATE_CLASSES];
    /* what was allocated, in bytes, and collections */
    uint64_t allocated, minors;
    /* roots: objects the runtime itself needs */
    uint64_t globals, world;
    struct made_error made_stack, made_memory;
    uint64_t nhandles;
    uint64_t handles[STATE_HANDLES];
    uint64_t emitted[2]; /* bytes written to stdout, stderr */
    uint64_t exit_status;
};

#endif
