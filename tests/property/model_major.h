/* model_major.h - weak boxes, and collections of the old generation.
 *
 * What may live is a set of shadow objects: those the roots reach, and, as
 * long as an object is among them, what its words were when each open scope
 * was entered.  After a whole cycle started afresh exactly these are left, and
 * exactly the boxes are empty whose target is not among them. */
#ifndef PAL_TESTS_MODEL_MAJOR_H
#define PAL_TESTS_MODEL_MAJOR_H

#include "tests/property/model_ops.h"

/* ---- what may live ------------------------------------------------------- */

struct reach {
    uint8_t *in; /* by shadow object */
    uint32_t *queue, n;
};

static inline void reach_add(struct reach *r, uint64_t id)
{
    if (!id || r->in[id])
        return;
    r->in[id] = 1;
    r->queue[r->n++] = (uint32_t)id;
}

static inline void reach_words(struct rig *g, struct reach *r,
                               const struct shadow_object *s)
{
    const struct pvm_type *t = &g->types[s->type];
    uint32_t n = t->kind == PVM_TYPE_WEAK   ? 0
                 : t->kind == PVM_TYPE_LIST ? t->item.kind == PVM_REF ? s->n : 0
                                            : t->nrefs;
    for (uint32_t i = 0; i < n; i++)
        reach_add(r, s->words[i]);
}

static inline struct reach reach_all(struct rig *g)
{
    struct shadow *w = &g->w;
    struct reach r = {.in = shadow_memory(NULL, w->now.n),
                      .queue = shadow_memory(NULL, w->now.n * 4)};
    memset(r.in, 0, w->now.n);
    reach_add(&r, w->globals);
    reach_add(&r, w->error);
    for (uint32_t i = 0; i < SHADOW_LOADED; i++)
        reach_add(&r, w->loaded[i]);
    for (uint32_t i = 0; i < SHADOW_REGISTERS * (w->depth + 1); i++)
        reach_add(&r, w->roots[i]);
    for (uint32_t i = 0; i < w->nhandles; i++)
        reach_add(&r, w->handles[i]);
    for (uint32_t i = 0; i < r.n; i++) {
        reach_words(g, &r, shadow_at(w, r.queue[i]));
        for (uint32_t d = 0; d < w->depth; d++)
            if (r.queue[i] < w->scopes[d].n)
                reach_words(g, &r, &w->scopes[d].at[r.queue[i]]);
    }
    return r;
}

static inline void reach_free(struct reach *r)
{
    free(r->in);
    free(r->queue);
}

/* ---- operations ---------------------------------------------------------- */

static inline void op_weak(struct rig *g)
{
    uint32_t i = some_value(g), to = below(g, SHADOW_REGISTERS);
    uint64_t box = gc_new_weak(&g->h, reg(g, i)), id;
    if (!box) {
        refused(g, "a weak box");
        return;
    }
    id = shadow_new(&g->w, PVM_T_WEAK, WEAK_WORDS);
    shadow_at(&g->w, id)->words[WEAK_TARGET] = g->w.roots[i];
    set_reg(g, to, box, id);
}

static inline bool is_weak(struct rig *g, uint32_t type)
{
    (void)g;
    return type == PVM_T_WEAK;
}

/* An empty box may be so: comparisons see to that. */
static inline void op_weak_get(struct rig *g)
{
    uint32_t i, to = below(g, SHADOW_REGISTERS);
    if (!find(g, is_weak, &i))
        return;
    uint64_t o = gc_weak_get(&g->h, *reg(g, i));
    uint64_t id = shadow_at(&g->w, g->w.roots[i])->words[WEAK_TARGET];
    set_reg(g, to, o, o ? id : 0);
    g->fig->weak_read++;
    g->fig->weak_dead += !o && id;
}

/* Counts what is no store. */
static inline void count_object(struct heap *h, uint64_t o, void *arg)
{
    const struct rig *g = (const struct rig *)h;
    *(uint64_t *)arg += g->types[obj_type(h, o)].kind != PVM_TYPE_STORE;
}

static inline void count_box(struct heap *h, uint64_t o, void *arg)
{
    *(uint64_t *)arg += obj_type(h, o) == PVM_T_WEAK;
}

static inline void check_boxes(struct rig *g, const struct reach *r)
{
    struct walk *k = g->walk;
    rig_compare(g);
    for (uint32_t i = 0; i < r->n && !g->why[0]; i++) {
        const struct shadow_object *s = shadow_at(&g->w, r->queue[i]);
        if (s->type != PVM_T_WEAK || !s->words[0] || r->in[s->words[0]] ||
            k->real_walk[r->queue[i]] != (uint32_t)k->number)
            continue;
        if (*obj_word(&g->h, k->real[r->queue[i]], WEAK_TARGET))
            fail(g, "a weak box holds what is dead");
    }
}

/* Whether no more than `r` can be left.  A list that grew in an open scope
 * keeps its store of before, and with it what was in that store last. */
static inline bool is_exact(const struct rig *g, const struct reach *r)
{
    for (uint32_t i = 0; i < r->n && g->w.depth; i++)
        if (shadow_at(&g->w, r->queue[i])->type == T_LIST_ANY)
            return false;
    return true;
}

/* ---- what a whole cycle leaves ------------------------------------------- */

/* Whether the first free spans lie where they are looked for; the last goes on
 * above all that was ever in use. */
static inline bool is_hinted(const struct gc_state *gc, uint64_t page,
                             uint64_t n)
{
    return (n < 3 || gc->hint[0] <= page) && (n < 8 || gc->hint[1] <= page);
}

static inline bool has_objects(const struct heap *h, uint64_t page, uint64_t n)
{
    for (uint64_t i = 4 * page; i < 4 * (page + n); i++)
        if (h->old.alloc[i])
            return true;
    return false;
}

/* Spans without objects are free, and free spans are found again. */
static inline void check_spans(struct rig *g)
{
    const struct heap *h = &g->h;
    const struct gc_state *gc = &h->st->gc;
    uint64_t free = 0, page = 0;
    while (page < gc->top) {
        uint32_t desc = h->old.desc[page], n = old_count(desc);
        if (old_kind(desc) == OLD_FREE) {
            free++, page++;
            continue;
        }
        if (!is_hinted(gc, page - free, free))
            fail(g, "a free span lies below where it is looked for");
        if (!n || !has_objects(h, page, n))
            return fail(g, "a span without objects is in use");
        page += n;
        free = 0;
    }
    if (!is_hinted(gc, page - free, UINT64_MAX))
        fail(g, "what is free at the end lies below where it is looked for");
}

/* No entry waits for a container. */
static inline void check_heads(struct rig *g)
{
    const struct heap *h = &g->h;
    uint64_t n = h->st->gc.top * (TAPE_PAGE / OLD_GRANULE);
    for (uint64_t i = 0; i < n; i++)
        if (h->old.heads[i])
            return fail(g, "an entry still waits for its container");
}

/* The boxes that are known are those that are left. */
static inline void check_known_boxes(struct rig *g)
{
    uint64_t left = 0, known = g->h.st->gc.weak;
    old_each(&g->h, count_box, &left);
    if (left != known)
        fail(g, "%llu weak boxes are known, %llu are left",
             (unsigned long long)known, (unsigned long long)left);
}

/* A whole cycle, after which nothing is left but what may live. */
static inline void op_collect(struct rig *g)
{
    uint64_t left = 0;
    rig_check_snapshot(g);
    if (gc_collect(&g->h))
        return fail(g, "a collection failed");
    struct reach r = reach_all(g);
    old_each(&g->h, count_object, &left);
    left++; /* the globals lie elsewhere */
    bool exact = is_exact(g, &r);
    if (exact ? left != r.n : left < r.n)
        fail(g, "%llu objects are left, not %u", (unsigned long long)left, r.n);
    if (exact)
        check_boxes(g, &r);
    check_spans(g);
    check_known_boxes(g);
    if (chance(g, 8))
        check_heads(g);
    g->fig->exact += exact;
    reach_free(&r);
    g->fig->collected++;
}

#endif
