/* heap_kit.h - a small heap without a vm, for tests of the collector.
 *
 * Its roots are RIG_SLOTS reference registers, two references for `old_roots`,
 * a globals object, and what State holds.  Cycles begin and go on when a test
 * says so: minor collections start none and do next to nothing of one that is
 * under way, unless `paced` is set. */
#ifndef PAL_TESTS_HEAP_KIT_H
#define PAL_TESTS_HEAP_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "runtime/gc/stats.h"
#include "runtime/trail/trail.h"

enum {
    T_EMPTY = PVM_TYPE_FIRST,
    T_LINK,
    T_PAIR,
    T_WIDE, /* four blocks; its last word but one is not the first block's */
    T_GLOBALS,
    T_KEY, /* a str and an int, compared by content */
    T_INT_INT,
    T_STR_INT,
    T_KEY_FLOAT,
    T_INT_MAP, /* to maps of its own type */
    T_STR_STR,
    T_END
};

#define PAGES(n) ((n) * (uint64_t)TAPE_PAGE)

#define RIG_SLOTS   64u
#define RIG_STRINGS 2u
#define RIG_DEPTH   64u

struct rig_wish { /* in bytes; 0: as usual */
    uint64_t nursery, heap, limit;
    bool paced;
};

struct rig {
    struct heap h; /* first: callbacks know the rig by this address */
    struct mem *mem;
    struct pvm_image image;
    struct pvm_type types[T_END];
    uint32_t type_refs[T_END];
    uint64_t strings[RIG_STRINGS];
    bool paced;
};

static const struct pvm_field rig_key_fields[] = {
    {.of = {PVM_REF, PVM_T_STR}, .word = 0},
    {.of = {PVM_INT, 0}, .word = 1},
};

static const struct pvm_type rig_types[T_END - PVM_TYPE_FIRST] = {
    {.kind = PVM_TYPE_STRUCT, .nrefs = 0, .nscalars = 0},
    {.kind = PVM_TYPE_STRUCT, .nrefs = 1, .nscalars = 1},
    {.kind = PVM_TYPE_STRUCT, .nrefs = 2, .nscalars = 2},
    {.kind = PVM_TYPE_STRUCT, .nrefs = 70, .nscalars = 50},
    {.kind = PVM_TYPE_GLOBALS, .nrefs = 2, .nscalars = 2},
    {.kind = PVM_TYPE_STRUCT,
     .nrefs = 1,
     .nscalars = 1,
     .nfields = 2,
     .fields = rig_key_fields},
    {.kind = PVM_TYPE_MAP, .key = {PVM_INT, 0}, .item = {PVM_INT, 0}},
    {.kind = PVM_TYPE_MAP, .key = {PVM_REF, PVM_T_STR}, .item = {PVM_INT, 0}},
    {.kind = PVM_TYPE_MAP, .key = {PVM_REF, T_KEY}, .item = {PVM_FLOAT, 0}},
    {.kind = PVM_TYPE_MAP, .key = {PVM_INT, 0}, .item = {PVM_REF, T_INT_MAP}},
    {.kind = PVM_TYPE_MAP,
     .key = {PVM_REF, PVM_T_STR},
     .item = {PVM_REF, PVM_T_STR}},
};

/* The slot of register i. */
static inline uint64_t *rig_slot(struct rig *g, unsigned i)
{
    return obj_at(&g->h, g->h.tape.seg[TAPE_RSTACK].at + 8 * (uint64_t)i);
}

/* ---- life ---------------------------------------------------------------- */

static inline void rig_roots(struct heap *h,
                             void (*visit)(struct heap *h, uint64_t *slot))
{
    for (unsigned i = 0; i < RIG_SLOTS; i++)
        visit(h, rig_slot((struct rig *)h, i));
}

static inline void rig_old_roots(struct heap *h,
                                 void (*visit)(struct heap *h, uint64_t *slot))
{
    for (unsigned i = 0; i < RIG_STRINGS; i++)
        visit(h, &((struct rig *)h)->strings[i]);
}

static inline enum pal_status rig_after_minor(struct heap *h)
{
    struct gc_state *gc = &h->st->gc;
    if (!((struct rig *)h)->paced) {
        gc->start = gc->start_anyway = UINT64_MAX;
        gc->goal = UINT64_MAX / 2;
    }
    return PAL_OK;
}

static inline void rig_make_types(struct rig *g)
{
    memcpy(g->types, pvm_builtin_types, sizeof pvm_builtin_types);
    memcpy(g->types + PVM_TYPE_FIRST, rig_types, sizeof rig_types);
    for (uint32_t i = 0; i < T_END; i++)
        g->type_refs[i] = obj_type_refs(&g->types[i]);
    g->image = (struct pvm_image){.types = g->types, .ntypes = T_END};
    g->h.image = &g->image;
    g->h.type_refs = g->type_refs;
}

/* The one object of its segment, born old. */
static inline void rig_make_globals(struct rig *g)
{
    struct heap *h = &g->h;
    uint64_t o = h->tape.seg[TAPE_GLOBALS].at;
    tape_touch(&h->tape, o, obj_bytes(4));
    *obj_stamp(h, o, 0) = h->st->clock;
    *obj_at(h, o + 8) = obj_make_info(T_GLOBALS, 4);
    h->st->globals = o;
    gc_remember(h, o, 0);
}

/* A heap as after loading a program. */
static inline void rig_open(struct rig *g, struct rig_wish w)
{
    struct heap *h = &g->h;
    *g = (struct rig){.mem = mem_open(&mem_runtime, NULL), .paced = w.paced};
    const struct tape_wish wish = {
        .code = TAPE_PAGE,
        .globals = TAPE_PAGE,
        .stack = TAPE_PAGE,
        .nursery = w.nursery ? w.nursery : 64 << 10,
        .heap = w.heap ? w.heap : 64 << 20,
        .heap_least = w.heap ? w.heap : 64 << 20,
        .side = old_side_bytes,
    };
    assert_int_equal(tape_open(&h->tape, &wish), PAL_OK);
    h->mem = g->mem;
    h->heap_limit = w.limit ? w.limit : UINT64_MAX;
    h->check = h->check_barrier = true;
    h->calls.roots = rig_roots;
    h->calls.old_roots = rig_old_roots;
    h->calls.after_minor = rig_after_minor;
    trail_connect(h);
    h->gc_slice = w.paced ? 0 : 1;
    rig_make_types(g);
    gc_open(h);
    h->marks_end = h->marks + RIG_DEPTH;
    gc_set_room(h);
    rig_make_globals(g);
}

/* That all rules are kept. */
static inline void rig_check(struct rig *g)
{
    const char *why = g->h.broken ? g->h.broken : gc_check(&g->h);
    if (!why)
        why = trail_check(&g->h);
    if (why)
        fail_msg("%s", why);
}

static inline void rig_close(struct rig *g)
{
    struct mem_stats s;
    rig_check(g);
    for (uint64_t at = 0; at < TAPE_PAGE; at += 8) /* nothing writes null */
        assert_int_equal(*obj_at(&g->h, at), 0);
    tape_close(&g->h.tape);
    mem_stats(g->mem, &s);
    assert_int_equal(s.live, 0);
    mem_close(g->mem);
}

/* ---- objects ------------------------------------------------------------- */

/* The most words of an object that takes so many bytes at most. */
static inline uint64_t rig_words(uint64_t bytes)
{
    uint64_t words = bytes / 8;
    while (obj_bytes(words) > bytes)
        words--;
    return words;
}

static inline uint64_t rig_old(struct rig *g, uint32_t type, uint64_t words)
{
    uint64_t o = gc_new_old(&g->h, type, words);
    assert_true(old_is_object(&g->h, o));
    if (type == PVM_T_STR)
        *obj_word(&g->h, o, STR_LEN) = 8 * (words - STR_BYTES);
    return o;
}

/* A str of the old generation that takes so many bytes of it. */
static inline uint64_t rig_blob(struct rig *g, uint64_t bytes)
{
    return rig_old(g, PVM_T_STR, rig_words(bytes));
}

static inline uint64_t rig_young(struct rig *g, uint32_t type, uint64_t words)
{
    uint64_t o = gc_new(&g->h, type, words);
    assert_true(o && obj_is_young(&g->h, o));
    if (type == PVM_T_STR)
        *obj_word(&g->h, o, STR_LEN) = 8 * (words - STR_BYTES);
    return o;
}

/* An old link to an object. */
static inline uint64_t rig_link(struct rig *g, uint64_t to)
{
    uint64_t o = rig_old(g, T_LINK, 2);
    *obj_word(&g->h, o, 0) = to; /* remembered at birth */
    return o;
}

/* A store through the barrier. */
static inline void rig_set(struct rig *g, uint64_t o, uint64_t w, uint64_t to)
{
    assert_true(trail_before_ref(&g->h, o, w));
    *obj_word(&g->h, o, w) = to;
}

/* The payload of a str: words that tell where they stand. */
static inline void rig_fill(struct rig *g, uint64_t o, uint64_t with)
{
    for (uint64_t w = STR_BYTES; w < obj_words(&g->h, o); w++)
        *obj_word(&g->h, o, w) = with + w;
}
static inline void rig_has(struct rig *g, uint64_t o, uint64_t words,
                           uint64_t with)
{
    assert_int_equal(obj_words(&g->h, o), words);
    for (uint64_t b = 0; b < obj_blocks(words); b++)
        assert_in_range(*obj_stamp(&g->h, o, b), 1, g->h.st->clock);
    for (uint64_t w = STR_BYTES; w < words; w++)
        assert_int_equal(*obj_word(&g->h, o, w), with + w);
}

static inline uint64_t rig_get(struct rig *g, uint64_t o, uint64_t w)
{
    return *obj_word(&g->h, o, w);
}

static inline bool rig_lives(struct rig *g, uint64_t o)
{
    return old_is_object(&g->h, o);
}

static inline void rig_count(struct heap *h, uint64_t o, void *arg)
{
    (void)h, (void)o;
    ++*(uint64_t *)arg;
}

/* Objects of the old generation. */
static inline uint64_t rig_objects(struct rig *g)
{
    uint64_t n = 0;
    old_each(&g->h, rig_count, &n);
    return n;
}

static inline void rig_scope(struct rig *g)
{
    assert_true(trail_open(&g->h, &(struct mark){0}));
}

/* Whether so many bytes lie in pages that were touched. */
static inline bool rig_is_touched(struct rig *g, uint64_t at, uint64_t bytes)
{
    uint64_t page = at / TAPE_PAGE, last = (at + bytes - 1) / TAPE_PAGE;
    while (page <= last && tape_is_touched(&g->h.tape, page))
        page++;
    return page > last;
}
static inline void rig_forget_touched(struct rig *g)
{
    uint64_t pages = g->h.tape.seg[TAPE_SIDE].at / TAPE_PAGE;
    memset(g->h.tape.touched, 0, pages / 8);
}

/* SplitMix64. */
static inline uint64_t rig_random(uint64_t *seed)
{
    uint64_t x = *seed += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

/* ---- pages, and a sweep without marking ---------------------------------- */

/* The page an object's span begins at, or a position's. */
static inline uint64_t rig_page(struct rig *g, uint64_t o)
{
    uint64_t page = (o - g->h.old.at) / TAPE_PAGE;
    uint32_t desc = g->h.old.desc[page];
    return old_kind(desc) == OLD_TAIL ? page - old_count(desc) : page;
}

/* An object with a span of its own. */
static inline uint64_t rig_span(struct rig *g, uint64_t pages)
{
    uint64_t o = rig_blob(g, PAGES(pages));
    assert_int_equal(old_count(g->h.old.desc[rig_page(g, o)]), pages);
    return o;
}

/* Sweeps; what is marked by hand lives. */
static inline void rig_keep(struct rig *g, uint64_t o)
{
    old_set(g->h.old.marked, old_granule(&g->h, o));
}
static inline void rig_add_kept(struct heap *h, uint64_t o, void *bytes)
{
    if (old_is_marked(h, o))
        *(uint64_t *)bytes += obj_bytes(obj_words(h, o));
}
static inline void rig_begin_sweep(struct rig *g)
{
    uint64_t kept = 0;
    old_each(&g->h, rig_add_kept, &kept);
    g->h.st->gc.dead += old_objects(&g->h) - kept;
    g->h.st->remembered = g->h.st->stale = 0;
    old_sweep_begin(&g->h);
    g->h.st->gc.phase = GC_SWEEP;
}
static inline void rig_sweep(struct rig *g)
{
    int64_t budget = INT64_MAX;
    rig_begin_sweep(g);
    assert_true(old_sweep(&g->h, &budget));
    g->h.st->gc.phase = GC_IDLE;
    rig_check(g);
}

/* Gives back what it can, a slice at a time. */
static inline void rig_release(struct rig *g)
{
    struct gc_state *gc = &g->h.st->gc;
    int64_t budget = 1;
    gc->cursor = gc->kept = 0;
    for (int i = 0; !old_release(&g->h, &budget); i++) {
        budget = 1;
        assert_in_range(i, 0, 10000);
    }
    gc->cursor = gc->kept = 0;
    for (int i = 0; !old_trim(&g->h, &budget); i++) {
        budget = 1;
        assert_in_range(i, 0, 10000);
    }
}

/* ---- a cycle, by hand ---------------------------------------------------- */

static inline void rig_minor(struct rig *g)
{
    assert_int_equal(gc_minor(&g->h), PAL_OK);
}

static inline void rig_collect(struct rig *g)
{
    assert_int_equal(gc_collect(&g->h), PAL_OK);
    assert_int_equal(g->h.st->gc.phase, GC_IDLE);
}

static inline void rig_begin(struct rig *g)
{
    rig_minor(g);
    assert_int_equal(g->h.st->gc.phase, GC_IDLE);
    mark_start(&g->h);
}

/* A slice, after which all rules are looked at. */
static inline void rig_step(struct rig *g, int64_t budget)
{
    const struct state *st = g->h.st;
    bool settled = st->nursery == g->h.tape.seg[TAPE_NURSERY].at &&
                   st->trail_new == st->trail;
    mark_step(&g->h, budget, settled);
    rig_check(g);
}

/* Goes on to a phase's beginning; to that of DROP only where a weak box is,
 * and past ENTRIES only right after a minor collection. */
static inline void rig_run_to(struct rig *g, enum gc_phase phase)
{
    struct gc_state *gc = &g->h.st->gc;
    if (gc->phase < GC_ENTRIES && phase >= GC_ENTRIES) {
        mark_step(&g->h, INT64_MAX, false);
        assert_int_equal(gc->phase, GC_ENTRIES);
    }
    while (gc->phase < phase)
        rig_step(g, gc->phase == GC_ENTRIES ? 0
                    : gc->phase == GC_DROP  ? 1
                                            : 256);
    assert_int_equal(gc->phase, phase);
}

/* To the end of the cycle under way. */
static inline void rig_finish(struct rig *g)
{
    rig_minor(g);
    while (g->h.st->gc.phase != GC_IDLE)
        rig_step(g, INT64_MAX);
}

#endif
