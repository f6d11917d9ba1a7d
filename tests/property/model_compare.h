/* model_compare.h - whether the heap is what its shadow says.
 *
 * rig_compare walks real objects and shadow together from all roots: they
 * must correspond one to one and hold the same values.  On its way it checks
 * what holds for every object: stamps are never above the clock, unused slots
 * are zero, a store belongs to its list, and an old block that holds a young
 * reference, or that a store would take for remembered, is remembered. */
#ifndef PAL_TESTS_MODEL_COMPARE_H
#define PAL_TESTS_MODEL_COMPARE_H

#include "tests/property/model_life.h"

/* ---- the walk ------------------------------------------------------------ */

static inline void walk_room(struct walk *k, uint32_t n)
{
    if (n <= k->cap)
        return;
    uint32_t cap = 2 * n + 1000;
    k->real = shadow_memory(k->real, cap * sizeof *k->real);
    k->real_walk = shadow_memory(k->real_walk, cap * sizeof *k->real_walk);
    k->queue = shadow_memory(k->queue, cap * sizeof *k->queue);
    memset(k->real_walk + k->cap, 0, (cap - k->cap) * sizeof *k->real_walk);
    k->cap = cap;
}

static inline void walk_remembered(struct rig *g)
{
    struct heap *h = &g->h;
    uint64_t at = h->tape.seg[TAPE_REMEMBER].at, stale = 0;
    for (uint64_t i = 0; i < h->st->remembered; i++) {
        uint64_t e = *obj_at(h, at + 8 * i);
        uint64_t stamp = block_ref_object(e) - 8 * block_ref_index(e);
        if (stamp >= h->tape.size || stamp >= g->walk->size)
            continue;
        stale += g->walk->remembered[stamp / 8] == (uint32_t)g->walk->number ||
                 *block_ref_stamp(h, e) < h->st->minor;
        g->walk->remembered[stamp / 8] = (uint32_t)g->walk->number;
    }
    if (stale > h->st->stale)
        fail(g, "more of the remembered set is stale than is known");
}

/* Whether an object can lie at a position. */
static inline bool is_object(struct rig *g, uint64_t o)
{
    const struct heap *h = &g->h;
    uint64_t low = h->old.at, end = low + h->st->gc.top * TAPE_PAGE;
    if (o == h->st->globals)
        return true;
    if (obj_is_young(h, o)) {
        low = h->tape.seg[TAPE_NURSERY].at;
        end = h->st->nursery;
    } else if (!old_is_object(h, o)) {
        return false;
    }
    return o % 16 == 0 && o >= low && o + OBJ_HEADER <= end &&
           obj_type(h, o) < T_END && !(obj_info(h, o) >> 24 & 255) &&
           obj_bytes(obj_words(h, o)) <= end - low &&
           o + OBJ_HEADER + 8 * obj_words(h, o) <= end &&
           o - obj_below(obj_words(h, o)) >= low;
}

/* Notes that a position and an entry of the shadow correspond; true at the
 * first meeting. */
static inline bool meet(struct rig *g, uint64_t real, uint64_t id)
{
    struct walk *k = g->walk;
    if (!is_object(g, real)) {
        fail(g, "a reference to %#llx", (unsigned long long)real);
        return false;
    }
    uint64_t *met = &k->met[real / 16], now = k->number << 32 | id;
    if (*met >> 32 == k->number) {
        if (*met != now)
            fail(g, "two objects are one at %#llx", (unsigned long long)real);
        return false;
    }
    *met = now;
    return true;
}

static inline void walk_ref(struct rig *g, uint64_t real, uint64_t id)
{
    struct walk *k = g->walk;
    if (!real != !id) {
        fail(g, "a reference is %#llx, should be %snull",
             (unsigned long long)real, id ? "not " : "");
        return;
    }
    if (!id || !meet(g, real, id))
        return;
    if (k->real_walk[id] == (uint32_t)k->number) {
        fail(g, "one object became two: %#llx", (unsigned long long)real);
        return;
    }
    k->real_walk[id] = (uint32_t)k->number;
    k->real[id] = real;
    k->queue[k->nqueue++] = (uint32_t)id;
}

static inline bool holds_young(struct rig *g, uint64_t o, uint64_t b)
{
    struct heap *h = &g->h;
    uint64_t end = (b + 1) * OBJ_BLOCK_WORDS, refs = obj_refs(h, o);
    for (uint64_t w = b * OBJ_BLOCK_WORDS; w < end && w < refs; w++)
        if (obj_is_young(h, *obj_word(h, o, w)))
            return true;
    return false;
}

static inline void check_stamps(struct rig *g, uint64_t o)
{
    struct heap *h = &g->h;
    for (uint64_t b = 0; b < obj_blocks(obj_words(h, o)); b++) {
        uint64_t s = *obj_stamp(h, o, b), place = (o - 8 * b) / 8;
        if (!s || s > h->st->clock)
            fail(g, "a stamp %llu, the clock is %llu", (unsigned long long)s,
                 (unsigned long long)h->st->clock);
        if (obj_is_young(h, o) || b * OBJ_BLOCK_WORDS >= obj_refs(h, o) ||
            g->walk->remembered[place] == (uint32_t)g->walk->number)
            continue;
        if (holds_young(g, o, b))
            fail(g, "a block with a young reference is not remembered");
        else if (s >= h->st->minor)
            fail(g, "a block that passes for remembered is not");
    }
}

static inline void compare_list(struct rig *g, uint64_t o, uint64_t id)
{
    struct heap *h = &g->h;
    const struct shadow_object *s = shadow_at(&g->w, id);
    enum list_form f = list_form(h, o);
    uint64_t store = list_store(h, o), n = list_len(h, o);
    if (n != s->n) {
        fail(g, "a list has %llu items, not %u", (unsigned long long)n, s->n);
        return;
    }
    if (!store) {
        if (n)
            fail(g, "a list of %llu items has no store", (unsigned long long)n);
        return;
    }
    /* what the shadow does not know is met under its list's number, marked */
    if (!meet(g, store, id | UINT32_C(1) << 31))
        return fail(g, "a store is met twice");
    uint64_t words = obj_words(h, store) - STORE_ITEMS;
    uint64_t room = f == LIST_FORM_B ? 8 * words : words;
    uint32_t type = f == LIST_FORM_R   ? PVM_T_STORE_R
                    : f == LIST_FORM_B ? PVM_T_STORE_B
                                       : PVM_T_STORE_W;
    if (obj_type(h, store) != type || n > room)
        return fail(g, "a list's store has the wrong type or size");
    if (*obj_word(h, store, STORE_OWNER) != o)
        fail(g, "a store is not its list's");
    check_stamps(g, store);
    for (uint64_t i = 0; i < room; i++) {
        uint64_t was = i < n ? s->words[i] : 0;
        uint64_t is = f == LIST_FORM_B ? *store_byte(h, store, i)
                                       : *store_item(h, store, i);
        if (f == LIST_FORM_R)
            walk_ref(g, is, was);
        else if (is != was)
            fail(g, "item %llu of %llu is %#llx, not %#llx",
                 (unsigned long long)i, (unsigned long long)n,
                 (unsigned long long)is, (unsigned long long)was);
    }
}

static inline void compare_object(struct rig *g, uint64_t o, uint64_t id)
{
    struct heap *h = &g->h;
    const struct shadow_object *s = shadow_at(&g->w, id);
    uint32_t kind = g->types[s->type].kind;
    if (obj_type(h, o) != s->type)
        return fail(g, "an object of type %u is of type %u", s->type,
                    obj_type(h, o));
    check_stamps(g, o);
    if (kind == PVM_TYPE_LIST)
        return compare_list(g, o, id);
    if (kind == PVM_TYPE_STR) {
        if (str_len(h, o) != s->n)
            return fail(g, "a str has the wrong length");
        for (uint32_t i = 0; i < s->n; i++)
            if (str_bytes(h, o)[i] != s->words[i])
                return fail(g, "a str has the wrong text");
        return;
    }
    if (obj_words(h, o) != s->n)
        return fail(g, "a struct has %llu words",
                    (unsigned long long)obj_words(h, o));
    if (kind == PVM_TYPE_WEAK)
        return; /* its target is compared last */
    for (uint32_t i = 0; i < s->n; i++)
        if (i < g->types[s->type].nrefs)
            walk_ref(g, *obj_word(h, o, i), s->words[i]);
        else if (*obj_word(h, o, i) != s->words[i])
            fail(g, "word %u of %u is %#llx, not %#llx", i, s->n,
                 (unsigned long long)*obj_word(h, o, i),
                 (unsigned long long)s->words[i]);
}

/* What must hold of State and marks. */
static inline void check_numbers(struct rig *g)
{
    const struct state *st = g->h.st;
    uint64_t scope = 0;
    if (st->nmarks != g->w.depth)
        return fail(g, "%llu marks are open, not %u",
                    (unsigned long long)st->nmarks, g->w.depth);
    for (uint64_t i = 0; i < st->nmarks; i++) {
        const struct mark *m = &g->h.marks[i];
        if (m->number <= scope || m->scope != scope || m->number > st->clock)
            fail(g, "the numbers of the marks do not ascend");
        scope = m->number;
    }
    if (st->scope != scope || st->minor > st->clock || st->snap > st->minor)
        fail(g, "the clock's numbers are out of order");
    if (st->nhandles != g->w.nhandles)
        fail(g, "%llu handles are held", (unsigned long long)st->nhandles);
    const struct tape_range *history = &g->h.tape.seg[TAPE_HISTORY];
    if (st->trail > history->at + history->size || st->trail_new > st->trail)
        fail(g, "the trail's tops are out of order");
    static const uint8_t zeros[16384];
    if (memcmp(g->h.base, zeros, sizeof zeros))
        fail(g, "the null reference was written through");
    const char *why = trail_check(&g->h);
    if (why)
        fail(g, "%s", why);
}

/* A box that was met: it is empty only where nothing else reaches what it
 * held; otherwise it holds that, to which the walk then goes on. */
static inline void compare_weak(struct rig *g, uint64_t o, uint64_t id,
                                bool strong)
{
    struct walk *k = g->walk;
    struct shadow_object *s = shadow_at(&g->w, id);
    if (s->type != PVM_T_WEAK || !s->words[0])
        return;
    uint64_t is = *obj_word(&g->h, o, WEAK_TARGET), was = s->words[0];
    bool met = k->real_walk[was] == (uint32_t)k->number;
    g->fig->emptied += !is && !s->emptied;
    s->emptied |= !is;
    if (strong && !is && met)
        fail(g, "a weak box lost what lives");
    else if (strong && is && met && is != k->real[was])
        fail(g, "a weak box holds another object");
    else if (!strong && is &&
             !(g->h.st->gc.phase == GC_DROP && old_is(&g->h, is) &&
               !old_is_marked(&g->h, is)))
        walk_ref(g, is, was);
}

static inline void rig_compare(struct rig *g)
{
    struct heap *h = &g->h;
    struct walk *k = g->walk;
    check_numbers(g);
    if (g->why[0])
        return;
    walk_room(k, g->w.now.n);
    k->number++;
    k->nqueue = 0;
    walk_remembered(g);
    walk_ref(g, h->st->globals, g->w.globals);
    walk_ref(g, h->st->error, g->w.error);
    for (uint32_t i = 0; i < SHADOW_LOADED; i++)
        walk_ref(g, *rig_loaded(g, i), g->w.loaded[i]);
    for (uint32_t i = 0; i < SHADOW_REGISTERS * (g->w.depth + 1); i++)
        walk_ref(g, *reg(g, i), g->w.roots[i]);
    for (uint32_t i = 0; i < g->w.nhandles; i++)
        walk_ref(g, h->st->handles[i], g->w.handles[i]);
    for (uint32_t i = 0; i < k->nqueue && !g->why[0]; i++)
        compare_object(g, k->real[k->queue[i]], k->queue[i]);
    uint32_t strong = k->nqueue;
    for (uint32_t i = 0; i < strong && !g->why[0]; i++)
        compare_weak(g, k->real[k->queue[i]], k->queue[i], true);
    /* what only boxes hold is whole too, as long as they hold it */
    for (uint32_t i = 0; i < strong && !g->why[0]; i++)
        compare_weak(g, k->real[k->queue[i]], k->queue[i], false);
    for (uint32_t i = strong; i < k->nqueue && !g->why[0]; i++)
        compare_object(g, k->real[k->queue[i]], k->queue[i]);
    g->fig->comparisons++;
    g->fig->objects += k->nqueue;
}

#endif
