/* model_rig.h - a small heap without a vm, and its shadow.
 *
 *   tape      a small nursery, old generation 24 MB, registers on the
 *             reference stack; a globals object born old, as a vm makes it
 *   registers SHADOW_REGISTERS working ones; those that an open scope holds
 *             for its back edge follow, level by level
 *   loaded    objects made old before all else, which State and the rig name */
#ifndef PAL_TESTS_MODEL_RIG_H
#define PAL_TESTS_MODEL_RIG_H

#include <stdarg.h>

#include "runtime/coll/list.h"
#include "runtime/coll/str.h"
#include "tests/property/shadow.h"

enum {
    T_PAIR = PVM_TYPE_FIRST, /* small structs */
    T_LEAF,
    T_EMPTY, /* no words at all */
    T_FAN,
    T_WIDE, /* several blocks, born young */
    T_TALL,
    T_HUGE, /* born old */
    T_LONG, /* of more references than are scanned at a time */
    T_VAST, /* of so many stamps that it begins on its second page */
    T_LIST_ANY,
    T_GLOBALS,
    T_END
};

static const struct pvm_type own_types[T_END - PVM_TYPE_FIRST] = {
    {.kind = PVM_TYPE_STRUCT, .nrefs = 2, .nscalars = 2},
    {.kind = PVM_TYPE_STRUCT, .nrefs = 0, .nscalars = 3},
    {.kind = PVM_TYPE_STRUCT, .nrefs = 0, .nscalars = 0},
    {.kind = PVM_TYPE_STRUCT, .nrefs = 5, .nscalars = 0},
    {.kind = PVM_TYPE_STRUCT, .nrefs = 40, .nscalars = 70},
    {.kind = PVM_TYPE_STRUCT, .nrefs = 1, .nscalars = 100},
    {.kind = PVM_TYPE_STRUCT, .nrefs = 100, .nscalars = 1000},
    {.kind = PVM_TYPE_STRUCT, .nrefs = 2500, .nscalars = 8},
    {.kind = PVM_TYPE_STRUCT, .nrefs = 6000, .nscalars = 11600},
    {.kind = PVM_TYPE_LIST, .item = {PVM_REF, T_PAIR}},
    {.kind = PVM_TYPE_GLOBALS, .nrefs = 36, .nscalars = 40},
};

/* What was done, over all episodes. */
struct figures {
    uint64_t episodes, operations, comparisons, objects, minors;
    uint64_t opened, kept, undone, snapshots, checked, restored, refused;
    uint64_t majors, collected, exact, weak_read, weak_dead;
    uint64_t back; /* windows taken back */
    /* what is rare in a cycle of the old generation */
    uint64_t revived;                /* entries that waited, and are traced */
    uint64_t holes;                  /* entries whose container died */
    uint64_t halves;                 /* long objects between two slices */
    uint64_t emptied;                /* weak boxes found empty */
    uint64_t cut[GC_PHASES];         /* keeps and undos that took entries */
    uint64_t restored_in[GC_PHASES]; /* snapshots, by their phase */
};

/* The collector's tables as far as they are in use (old.h). */
enum {
    SAVED_USED,
    SAVED_DIRTY,
    SAVED_DESC,
    SAVED_NEXT,
    SAVED_ALLOC,
    SAVED_MARKED,
    SAVED_QUEUE,
    SAVED_WEAK,
    SAVED_PENDING,
    NSAVED
};

struct snapshot {
    bool taken, whole;    /* whole: it can be restored */
    uint64_t pages_known; /* of the heap: tables are saved for so many */
    void *tables[NSAVED];
    uint32_t *heads; /* of the containers that entries wait for */
    uint8_t *pages[TAPE_SEGMENTS];
    uint64_t used[TAPE_SEGMENTS];
    struct state st;
    struct mark marks[SHADOW_DEPTH];
    uint64_t roots[SHADOW_ROOTS];
    struct shadow w;
    struct tape_audit audit;
};

/* Tables of the walk, by position; an entry counts when it holds the number
 * of the present walk. */
struct walk {
    uint64_t number, size;
    uint64_t *met;        /* by position / 16: walk 32 | shadow object 32 */
    uint32_t *remembered; /* by position of the block's stamp / 8 */
    uint64_t *real;       /* by shadow object: its position */
    uint32_t *real_walk;
    uint32_t *queue;
    uint32_t nqueue, cap;
};

struct rig {
    struct heap h; /* first: callbacks know the rig by this address */
    struct mem *mem;
    struct pvm_image image;
    struct pvm_type types[T_END];
    uint32_t type_refs[T_END];
    struct shadow w;
    struct snapshot snap;
    struct walk *walk;
    struct figures *fig;
    uint64_t high[TAPE_SEGMENTS]; /* bytes ever used */
    uint64_t random;
    uint64_t majors;       /* as counted so far */
    uint64_t constants[2]; /* roots that are never young */
    uint32_t slice;        /* bytes of a slice, at most, but for some */
    bool creeps;           /* slices are as small as can be */
    bool tight;            /* memory may run out */
    bool snap_at_minors;   /* sometimes */
    char why[200];         /* the first failure; empty: none */
};

enum { NURSERY_MOST = 2 << 20 };

static const int tracked[] = {TAPE_GLOBALS, TAPE_HEAP, TAPE_HISTORY};
enum { NTRACKED = sizeof tracked / sizeof *tracked };

__attribute__((format(printf, 2, 3))) static inline void
fail(struct rig *g, const char *format, ...)
{
    va_list a;
    va_start(a, format);
    if (!g->why[0])
        vsnprintf(g->why, sizeof g->why, format, a);
    va_end(a);
}

/* SplitMix64. */
static inline uint64_t rnd(struct rig *g)
{
    uint64_t x = g->random += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}
static inline uint32_t below(struct rig *g, uint32_t n)
{
    return (uint32_t)(rnd(g) % n);
}
static inline bool chance(struct rig *g, uint32_t n)
{
    return below(g, n) == 0;
}

/* The slot of register i. */
static inline uint64_t *reg(struct rig *g, uint32_t i)
{
    return obj_at(&g->h, g->h.tape.seg[TAPE_RSTACK].at + 8 * (uint64_t)i);
}

#endif
