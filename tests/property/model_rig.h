/* model_rig.h - a small heap without a vm, its shadow, and its snapshots.
 *
 *   tape      a small nursery, old generation 24 MB, registers on the
 *             reference stack; a globals object born old, as a vm makes it
 *   registers SHADOW_REGISTERS working ones; those that an open scope holds
 *             for its back edge follow, level by level
 *   loaded    objects made old before all else, which State and the rig name
 *
 * A snapshot copies the tracked pages, and, when it is taken between two
 * operations, the shadow.  rig_check_snapshot proves that what changed since
 * was touched; rig_restore puts back only what was touched, and goes on. */
#ifndef PAL_TESTS_MODEL_RIG_H
#define PAL_TESTS_MODEL_RIG_H

#include <stdarg.h>

#include "runtime/coll/list.h"
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

/* ---- snapshots ----------------------------------------------------------- */

static inline void rig_note_tops(struct rig *g)
{
    const struct tape_range *seg = g->h.tape.seg;
    uint64_t heap = g->h.st->gc.top * TAPE_PAGE;
    uint64_t trail = g->h.st->trail - seg[TAPE_HISTORY].at;
    trail = (trail + TAPE_PAGE - 1) / TAPE_PAGE * TAPE_PAGE;
    if (heap > g->high[TAPE_HEAP])
        g->high[TAPE_HEAP] = heap;
    if (trail > g->high[TAPE_HISTORY])
        g->high[TAPE_HISTORY] = trail;
}

static inline void rig_forget_snapshot(struct rig *g)
{
    for (int i = 0; i < NTRACKED; i++)
        free(g->snap.pages[tracked[i]]);
    for (int i = 0; i < NSAVED; i++)
        free(g->snap.tables[i]);
    free(g->snap.heads);
    if (g->snap.whole)
        shadow_free(&g->snap.w);
    tape_audit_free(&g->snap.audit);
    g->snap = (struct snapshot){.audit.mem = g->mem};
}

/* One of the tables, and its bytes for a heap of so many pages, or as State
 * says. */
static inline void *rig_table(struct heap *h, int i, const struct gc_state *g,
                              uint64_t pages, size_t *bytes)
{
    const struct gc_tables *t = &h->old;
    const struct {
        void *at;
        size_t bytes;
    } tables[NSAVED] = {
        [SAVED_USED] = {t->used, pages / 64 * 8 + 8},
        [SAVED_DIRTY] = {t->dirty, pages / 64 * 8 + 8},
        [SAVED_DESC] = {t->desc, pages * 4},
        [SAVED_NEXT] = {t->next, pages * 4},
        [SAVED_ALLOC] = {t->alloc, pages * 32},
        [SAVED_MARKED] = {t->marked, pages * 32},
        [SAVED_QUEUE] = {t->queue, g->queue * 8},
        [SAVED_WEAK] = {t->weak, g->weak * 8},
        [SAVED_PENDING] = {t->pending, g->pending * sizeof *t->pending},
    };
    *bytes = tables[i].bytes;
    return tables[i].at;
}

/* The head of the container that the i-th pending entry waits for. */
static inline uint32_t *rig_head(struct heap *h, uint64_t i)
{
    uint64_t e = *obj_at(h, h->old.pending[i].entry);
    return &h->old.heads[old_granule(h, (e >> 24) * 16)];
}

static inline void rig_save_tables(struct rig *g)
{
    struct heap *h = &g->h;
    struct snapshot *s = &g->snap;
    const struct gc_state *gc = &h->st->gc;
    s->pages_known = g->high[TAPE_HEAP] / TAPE_PAGE;
    for (int i = 0; i < NSAVED; i++) {
        size_t n;
        void *at = rig_table(h, i, gc, s->pages_known, &n);
        s->tables[i] = memcpy(shadow_memory(NULL, n), at, n);
    }
    s->heads = shadow_memory(NULL, gc->pending * sizeof *s->heads);
    for (uint64_t i = 0; i < gc->pending; i++)
        s->heads[i] = *rig_head(h, i);
}

/* After the trail is as it was then. */
static inline void rig_restore_tables(struct rig *g)
{
    struct heap *h = &g->h;
    struct snapshot *s = &g->snap;
    const struct gc_state *gc = &s->st.gc;
    uint64_t now = g->high[TAPE_HEAP] / TAPE_PAGE;
    for (int i = 0; i < NSAVED; i++) {
        size_t n, all;
        uint8_t *at = rig_table(h, i, gc, s->pages_known, &n);
        rig_table(h, i, gc, now, &all);
        /* a page that was dirty may be so again, one that is now still is */
        for (size_t k = 0; i == SAVED_DIRTY && k < n; k++)
            at[k] |= ((const uint8_t *)s->tables[i])[k];
        if (i == SAVED_DIRTY)
            continue;
        memcpy(at, s->tables[i], n);
        memset(at + n, 0, all - n);
    }
    for (uint64_t i = 0; i < gc->pending; i++)
        *rig_head(h, i) = s->heads[i];
}

/* Right after a minor collection, with no store between. */
static inline void rig_take_snapshot(struct rig *g, bool whole)
{
    struct heap *h = &g->h;
    struct snapshot *s = &g->snap;
    rig_forget_snapshot(g);
    rig_note_tops(g);
    h->st->snap = h->st->clock;
    heap_thresholds(h);
    s->taken = true;
    s->whole = whole;
    for (int i = 0; i < NTRACKED; i++) {
        int k = tracked[i];
        s->used[k] = g->high[k];
        s->pages[k] = shadow_memory(NULL, s->used[k]);
        memcpy(s->pages[k], h->base + h->tape.seg[k].at, s->used[k]);
    }
    rig_save_tables(g);
    s->st = *h->st;
    memcpy(s->marks, h->marks, sizeof s->marks);
    memcpy(s->roots, reg(g, 0), sizeof s->roots);
    if (whole)
        s->w = shadow_copy(&g->w);
    if (tape_audit_take(&s->audit, &h->tape, s->used))
        fail(g, "no memory for the audit");
    g->fig->snapshots++;
}

static inline bool page_is(const struct rig *g, int k, uint64_t at)
{
    static const uint8_t zeros[TAPE_PAGE];
    const uint8_t *was = at < g->snap.used[k] ? g->snap.pages[k] + at : zeros;
    return !memcmp(g->h.base + g->h.tape.seg[k].at + at, was, TAPE_PAGE);
}

static inline void rig_check_snapshot(struct rig *g)
{
    if (!g->snap.taken)
        return;
    rig_note_tops(g);
    for (int i = 0; i < NTRACKED; i++) {
        uint64_t first = g->h.tape.seg[tracked[i]].at;
        for (uint64_t at = 0; at < g->high[tracked[i]]; at += TAPE_PAGE)
            if (!tape_is_touched(&g->h.tape, (first + at) / TAPE_PAGE) &&
                !page_is(g, tracked[i], at))
                fail(g, "page %d:%#llx changed untouched", tracked[i],
                     (unsigned long long)at);
    }
    uint64_t bad = tape_audit_check(&g->snap.audit, &g->h.tape);
    if (bad != UINT64_MAX)
        fail(g, "the audit finds %#llx changed", (unsigned long long)bad);
    g->fig->checked++;
}

static inline void rig_restore(struct rig *g)
{
    struct heap *h = &g->h;
    struct snapshot *s = &g->snap;
    for (uint64_t i = 0; i < h->st->gc.pending; i++)
        *rig_head(h, i) = 0;
    for (int i = 0; i < NTRACKED; i++) {
        int k = tracked[i];
        for (uint64_t at = 0; at < g->high[k]; at += TAPE_PAGE) {
            uint64_t to = h->tape.seg[k].at + at;
            if (!tape_is_touched(&h->tape, to / TAPE_PAGE))
                continue;
            if (at < s->used[k])
                memcpy(h->base + to, s->pages[k] + at, TAPE_PAGE);
            else
                memset(h->base + to, 0, TAPE_PAGE);
        }
    }
    rig_restore_tables(g);
    *h->st = s->st;
    memcpy(h->marks, s->marks, sizeof s->marks);
    memcpy(reg(g, 0), s->roots, sizeof s->roots);
    heap_thresholds(h);
    if (tape_audit_take(&s->audit, &h->tape, s->used))
        fail(g, "no memory for the audit");
    shadow_free(&g->w);
    g->w = shadow_copy(&s->w);
    g->fig->restored++;
    g->fig->restored_in[h->st->gc.phase]++;
}

/* ---- life ---------------------------------------------------------------- */

static inline void rig_roots(struct heap *h,
                             void (*visit)(struct heap *h, uint64_t *slot))
{
    struct rig *g = (struct rig *)h;
    for (uint32_t i = 0; i < SHADOW_REGISTERS * (h->st->nmarks + 1); i++)
        visit(h, reg(g, i));
}

static inline void rig_old_roots(struct heap *h,
                                 void (*visit)(struct heap *h, uint64_t *slot))
{
    struct rig *g = (struct rig *)h;
    for (int i = 0; i < 2; i++)
        visit(h, &g->constants[i]);
}

/* Where the i-th object made at load is named. */
static inline uint64_t *rig_loaded(struct rig *g, uint32_t i)
{
    struct state *st = g->h.st;
    uint64_t *const slots[SHADOW_LOADED] = {
        &st->world,
        &g->constants[0],
        &g->constants[1],
        &st->made_stack.error,
        &st->made_stack.message,
        &st->made_stack.trace,
        &st->made_stack.store,
        &st->made_memory.error,
        &st->made_memory.message,
        &st->made_memory.trace,
        &st->made_memory.store,
    };
    return slots[i];
}

static inline void rig_alive(struct heap *h, uint64_t o)
{
    struct rig *g = (struct rig *)h;
    uint32_t i = h->old.heads[old_granule(h, o)];
    for (; i; i = (uint32_t)h->old.pending[i - 1].next)
        g->fig->revived++;
    weak_alive(h, o);
}

static inline bool rig_drop(struct heap *h, int64_t *budget)
{
    struct rig *g = (struct rig *)h;
    uint64_t from = h->st->gc.pending;
    bool done = weak_drop(h, budget);
    for (uint64_t i = h->st->gc.pending; i < from; i++)
        g->fig->holes += !*obj_at(h, h->old.pending[i].entry);
    return done;
}

/* Whether the next cycle begins, how much a slice does, and whether free
 * pages are kept, is drawn each time. */
static inline void rig_pace(struct rig *g)
{
    struct gc_state *gc = &g->h.st->gc;
    gc->start = chance(g, 3) ? 0 : UINT64_MAX;
    gc->goal = gc->phase == GC_RELEASE && chance(g, 2) ? 0 : UINT64_MAX / 2;
    g->h.gc_slice = chance(g, 4) ? 1 << 20 : 1 + below(g, g->slice);
    if (g->creeps) {
        gc->start = 0;
        g->h.gc_slice = 1;
    }
}

static inline enum pal_status rig_after_minor(struct heap *h)
{
    struct rig *g = (struct rig *)h;
    uint64_t limit = h->tape.seg[TAPE_HEAP].size;
    if (h->heap_limit < limit)
        limit = h->heap_limit;
    if (gc_used(h) > limit)
        fail(g, "the old generation holds %llu bytes, limit %llu",
             (unsigned long long)gc_used(h), (unsigned long long)limit);
    if (h->broken)
        fail(g, "%s", h->broken);
    g->fig->minors++;
    g->fig->majors += h->st->gc.majors - g->majors;
    g->majors = h->st->gc.majors;
    rig_pace(g);
    if (g->snap_at_minors && chance(g, 8)) {
        rig_check_snapshot(g);
        rig_take_snapshot(g, false);
    }
    return PAL_OK;
}

static inline void rig_make_types(struct rig *g)
{
    memcpy(g->types, pvm_builtin_types, sizeof pvm_builtin_types);
    memcpy(g->types + PVM_TYPE_FIRST, own_types, sizeof own_types);
    for (uint32_t i = 0; i < T_END; i++) {
        const struct pvm_type *t = &g->types[i];
        g->type_refs[i] = t->nrefs;
        if (t->kind == PVM_TYPE_LIST)
            g->type_refs[i] = 1;
        if (t->kind == PVM_TYPE_STORE)
            g->type_refs[i] = t->item.kind == PVM_REF ? OBJ_ALL_REFS : 1;
    }
    g->image = (struct pvm_image){.types = g->types, .ntypes = T_END};
    g->h.image = &g->image;
    g->h.type_refs = g->type_refs;
}

/* The one object of its segment, born old. */
static inline bool rig_make_globals(struct rig *g)
{
    struct heap *h = &g->h;
    const struct pvm_type *t = &g->types[T_GLOBALS];
    uint64_t words = t->nrefs + t->nscalars;
    uint64_t at = h->tape.seg[TAPE_GLOBALS].at, o = at + obj_below(words);
    tape_touch(&h->tape, at, obj_bytes(words));
    for (uint64_t b = 0; b < obj_blocks(words); b++) {
        *obj_stamp(h, o, b) = h->st->clock;
        if (b * OBJ_BLOCK_WORDS < t->nrefs && !gc_remember(h, o, b))
            return false;
    }
    *obj_at(h, o + 8) = obj_make_info(T_GLOBALS, words);
    h->st->globals = o;
    g->w.globals = shadow_new(&g->w, T_GLOBALS, (uint32_t)words);
    g->high[TAPE_GLOBALS] = h->tape.seg[TAPE_GLOBALS].size;
    return true;
}

static inline bool rig_make_loaded(struct rig *g)
{
    for (uint32_t i = 0; i < SHADOW_LOADED; i++) {
        *rig_loaded(g, i) = gc_new_old(&g->h, T_PAIR, 4);
        g->w.loaded[i] = shadow_new(&g->w, T_PAIR, 4);
        if (!*rig_loaded(g, i))
            return false;
    }
    return true;
}

/* A heap as after loading a program; false when the system has no room. */
static inline bool rig_open(struct rig *g, struct walk *k, struct figures *fig,
                            struct mem *m, uint64_t nursery)
{
    const struct tape_wish wish = {
        .code = TAPE_PAGE,
        .globals = TAPE_PAGE,
        .stack = TAPE_PAGE,
        .nursery = nursery,
        .heap = UINT64_C(24) << 20,
        .heap_least = UINT64_C(24) << 20,
        .side = old_side_bytes,
    };
    struct heap *h = &g->h;
    *g = (struct rig){.walk = k, .fig = fig, .mem = m, .slice = 3000};
    if (tape_open(&h->tape, &wish))
        return false;
    g->snap.audit.mem = m;
    h->mem = m;
    h->base = h->tape.base;
    h->st = (struct state *)(h->base + h->tape.seg[TAPE_STATE].at);
    h->marks = (struct mark *)(h->st + 1);
    h->marks_end = h->marks + SHADOW_DEPTH;
    h->heap_limit = UINT64_MAX;
    h->calls.roots = rig_roots;
    h->calls.trail_roots = trail_roots;
    h->calls.old_roots = rig_old_roots;
    h->calls.trail_entries = weak_entries;
    h->calls.trail_alive = rig_alive;
    h->calls.trail_drop = rig_drop;
    h->calls.after_minor = rig_after_minor;
    h->st->clock = 1;
    h->st->nursery = h->tape.seg[TAPE_NURSERY].at;
    h->st->trail = h->st->trail_new = h->tape.seg[TAPE_HISTORY].at;
    heap_thresholds(h);
    gc_open(h);
    if (!k->met) {
        /* the next heap's nursery may be larger */
        k->size = h->tape.size + NURSERY_MOST;
        k->met = calloc(k->size / 16, sizeof *k->met);
        k->remembered = calloc(k->size / 8, sizeof *k->remembered);
    }
    rig_make_types(g);
    shadow_new(&g->w, PVM_T_NULL, 0);
    return k->met && k->remembered && rig_make_globals(g) && rig_make_loaded(g);
}

static inline void rig_close(struct rig *g)
{
    rig_forget_snapshot(g);
    shadow_free(&g->w);
    tape_close(&g->h.tape);
}

#endif
