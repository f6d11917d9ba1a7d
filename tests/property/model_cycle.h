/* model_cycle.h - operations aimed at a cycle of the old generation: what only
 * the trail holds, what dies in an open scope, long objects, and figures about
 * what is rare. */
#ifndef PAL_TESTS_MODEL_CYCLE_H
#define PAL_TESTS_MODEL_CYCLE_H

#include "tests/property/model_major.h"

enum { CHAIN_MOST = 12 };

/* A link of a chain: in word 0 of its object. */
struct link {
    uint64_t at, id;
};

/* A chain of n pairs, from register i on; the last refers to what the register
 * held.  False when memory ran out. */
static inline bool make_chain(struct rig *g, uint32_t i, uint32_t n)
{
    for (; n; n--) {
        uint64_t o = gc_new(&g->h, T_PAIR, 4);
        if (!o) {
            refused(g, "a chain");
            return false;
        }
        uint64_t id = shadow_new(&g->w, T_PAIR, 4);
        *obj_word(&g->h, o, 0) = *reg(g, i);
        shadow_at(&g->w, id)->words[0] = g->w.roots[i];
        set_reg(g, i, o, id);
    }
    return true;
}

/* A box of a link's object, in a register. */
static inline void box_link(struct rig *g, uint64_t at, uint64_t id)
{
    uint32_t to = below(g, SHADOW_REGISTERS);
    set_reg(g, to, at, id);
    uint64_t box = gc_new_weak(&g->h, reg(g, to));
    if (!box) {
        refused(g, "a box");
        return;
    }
    uint64_t weak = shadow_new(&g->w, PVM_T_WEAK, WEAK_WORDS);
    shadow_at(&g->w, weak)->words[WEAK_TARGET] = id;
    set_reg(g, to, box, weak);
}

/* Stores the null reference, or seldom another; false when memory ran out. */
static inline bool store_null(struct rig *g, const struct link *l, uint32_t w)
{
    uint32_t from = below(g, SHADOW_REGISTERS);
    bool null = !chance(g, 4);
    if (!trail_before_ref(&g->h, l->at, w)) {
        refused(g, "a link's store");
        return false;
    }
    *obj_word(&g->h, l->at, w) = null ? 0 : *reg(g, from);
    shadow_at(&g->w, l->id)->words[w] = null ? 0 : g->w.roots[from];
    return true;
}

/* The links of the chain from register i on. */
static inline void find_links(struct rig *g, uint32_t i, uint32_t n,
                              struct link *links)
{
    uint64_t at = *reg(g, i), id = g->w.roots[i];
    for (uint32_t k = 0; k < n; k++) {
        links[k] = (struct link){at, id};
        at = *obj_word(&g->h, at, 0);
        id = shadow_at(&g->w, id)->words[0];
    }
}

/* Cuts a chain in any order: each object is alive by the entry of the one
 * before it, which may lie anywhere in the trail. */
static inline void cut_chain(struct rig *g, uint32_t n, struct link *links)
{
    for (uint32_t k = n; k; k--) {
        uint32_t j = below(g, k);
        struct link l = links[j];
        store_null(g, &l, 0);
        links[j] = links[k - 1];
        links[k - 1] = l;
    }
}

/* ---- objects with one way to them ---------------------------------------- */

/* An object whose children nothing else refers to, below another, in a
 * register. */
static inline void op_family(struct rig *g)
{
    static const uint32_t types[] = {T_PAIR, T_FAN,  T_WIDE,
                                     T_WIDE, T_HUGE, T_LONG};
    uint32_t type = types[below(g, chance(g, 4) ? 6 : 4)];
    const struct pvm_type *t = &g->types[type];
    uint32_t i = below(g, SHADOW_REGISTERS), child = (i + 1) % SHADOW_REGISTERS;
    uint64_t o = gc_new(&g->h, type, t->nrefs + t->nscalars);
    if (!o)
        return refused(g, "a family");
    set_reg(g, i, o, shadow_new(&g->w, type, t->nrefs + t->nscalars));
    for (uint32_t n = 2 + below(g, 6); n; n--) {
        set_reg(g, child, 0, 0);
        if (!make_chain(g, child, 1))
            break;
        struct store s = {.is_ref = true,
                          .object = i,
                          .value = child,
                          .word = below(g, t->nrefs)};
        do_store(g, &s);
    }
    set_reg(g, child, 0, 0);
    make_chain(g, i, 1);
}

/* The word of a non-null reference in an object, or UINT32_MAX. */
static inline uint32_t some_ref(struct rig *g, uint64_t o)
{
    uint32_t refs = (uint32_t)obj_refs(&g->h, o), w = below(g, refs ? refs : 1);
    for (uint32_t tries = 0; tries < refs && tries < 200; tries++) {
        if (*obj_word(&g->h, o, w))
            return w;
        w = (w + 1) % refs;
    }
    return UINT32_MAX;
}

/* Moves a reference from an object to a register, where marking does not look
 * any more; first maybe a scalar is stored to the same block. */
static inline void op_hide(struct rig *g)
{
    uint32_t i = below(g, SHADOW_REGISTERS), w = UINT32_MAX;
    if (!find(g, has_refs, &i))
        return;
    uint64_t o = *reg(g, i), id = g->w.roots[i];
    for (uint32_t depth = below(g, 4);; depth--) {
        w = some_ref(g, o);
        if (w == UINT32_MAX)
            return;
        uint64_t to = *obj_word(&g->h, o, w);
        if (!depth || !has_refs(g, obj_type(&g->h, to)) ||
            is_list(g, obj_type(&g->h, to)))
            break;
        o = to;
        id = shadow_at(&g->w, id)->words[w];
    }
    uint32_t to = below(g, SHADOW_REGISTERS);
    uint64_t real = *obj_word(&g->h, o, w);
    uint64_t shadow = shadow_at(&g->w, id)->words[w];
    struct store s = {.object = to, .scalar = rnd(g), .is_ref = false};
    const struct pvm_type *t = &g->types[obj_type(&g->h, o)];
    set_reg(g, to, o, id);
    s.word = w / OBJ_BLOCK_WORDS * OBJ_BLOCK_WORDS + OBJ_BLOCK_WORDS - 1;
    if (s.word >= t->nrefs + t->nscalars)
        s.word = t->nrefs + t->nscalars - 1;
    if (s.word >= t->nrefs && chance(g, 2))
        do_store(g, &s);
    struct link l = {o, id};
    if (store_null(g, &l, w))
        set_reg(g, to, real, shadow);
}

/* Stores to the far end of an object of many references, or near the first
 * block that is not scanned with those before it. */
static inline bool is_long(struct rig *g, uint32_t type)
{
    return g->types[type].nrefs > 2000;
}

static inline void op_far(struct rig *g)
{
    struct store s = {.is_ref = true, .value = some_value(g)};
    if (!find(g, is_long, &s.object))
        return;
    uint32_t n = g->types[obj_type(&g->h, *reg(g, s.object))].nrefs;
    s.word = n - 1 - below(g, chance(g, 2) ? 20 : n);
    if (chance(g, 3))
        s.word = 2040 + below(g, 48);
    do_store(g, &s);
}

/* ---- what is rare -------------------------------------------------------- */

/* Whether an object waits to be scanned from its middle on. */
static inline void note_halves(struct rig *g)
{
    const struct heap *h = &g->h;
    if (h->st->gc.phase != GC_MARK && h->st->gc.phase != GC_ENTRIES)
        return;
    for (uint64_t i = 0; i < h->st->gc.queue; i++)
        g->fig->halves += block_ref_index(h->old.queue[i]) != 0;
}

static inline void note_cut(struct rig *g)
{
    const struct state *st = g->h.st;
    if (st->trail > g->h.marks[st->nmarks - 1].trail)
        g->fig->cut[st->gc.phase]++;
}

/* A slice between two minor collections. */
static inline void op_slice_mark(struct rig *g)
{
    if (g->h.st->gc.phase != GC_IDLE)
        mark_step(&g->h, below(g, chance(g, 2) ? g->slice : 300), false);
    note_halves(g);
}

/* Goes on in the smallest steps until a cycle is in a phase, where this or the
 * next one has anything to do in it. */
static inline void creep(struct rig *g, uint64_t phase)
{
    struct heap *h = &g->h;
    uint64_t last = h->st->gc.majors + 1;
    for (int n = 0; h->st->gc.phase != phase && !g->why[0]; n++) {
        if (h->st->gc.majors > last)
            break;
        /* a span swept costs as much as many words marked */
        uint32_t least = h->st->gc.phase < GC_SWEEP ? 1 : 256;
        if (h->st->gc.phase != GC_IDLE && n % 100)
            mark_step(h, least + below(g, 40), false);
        else if ((g->creeps = true, gc_minor(h)))
            fail(g, "a minor collection failed");
    }
    g->creeps = false;
}

struct rarity {
    const char *what;
    uint64_t seen;
};

/* Tells how often what is rare was seen; false when something was not. */
static inline bool tell_rare(const struct figures *f)
{
    const struct rarity all[] = {
        {"entries that waited and were traced", f->revived},
        {"entries that became holes", f->holes},
        {"long objects between two slices", f->halves},
        {"weak boxes emptied", f->emptied},
        {"scopes left while marking", f->cut[GC_MARK]},
        {"scopes left in phase ENTRIES", f->cut[GC_ENTRIES]},
        {"scopes left in phase DROP", f->cut[GC_DROP]},
        {"scopes left while sweeping", f->cut[GC_SWEEP]},
        {"traced windows taken back", f->back},
        {"snapshots restored between cycles", f->restored_in[GC_IDLE]},
        {"snapshots restored while marking", f->restored_in[GC_MARK]},
        {"snapshots restored in phase ENTRIES", f->restored_in[GC_ENTRIES]},
        {"snapshots restored in phase DROP", f->restored_in[GC_DROP]},
        {"snapshots restored while sweeping", f->restored_in[GC_SWEEP]},
        {"snapshots restored while releasing", f->restored_in[GC_RELEASE]},
    };
    bool ok = true;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        printf("%10llu %s\n", (unsigned long long)all[i].seen, all[i].what);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (!all[i].seen)
            printf("error: no %s were seen\n", all[i].what);
        ok = ok && all[i].seen;
    }
    return ok;
}

#endif
