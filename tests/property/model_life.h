/* model_life.h - opening a rig, its roots, and what comes with each collection.
 *
 * Whether a cycle of the old generation begins, and how far a slice goes, is
 * drawn after each minor collection; what the cycle does with entries of the
 * trail is counted on its way. */
#ifndef PAL_TESTS_MODEL_LIFE_H
#define PAL_TESTS_MODEL_LIFE_H

#include "tests/property/model_snapshot.h"

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
    gc->start_anyway = UINT64_MAX;
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
    for (uint32_t i = 0; i < T_END; i++)
        g->type_refs[i] = obj_type_refs(&g->types[i]);
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
        if (b * OBJ_BLOCK_WORDS < t->nrefs)
            gc_remember(h, o, b);
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
    h->heap_limit = UINT64_MAX;
    h->calls.roots = rig_roots;
    h->calls.old_roots = rig_old_roots;
    h->calls.after_minor = rig_after_minor;
    trail_connect(h);
    h->calls.trail_alive = rig_alive; /* they count, too */
    h->calls.trail_drop = rig_drop;
    gc_open(h);
    h->marks_end = h->marks + SHADOW_DEPTH;
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
