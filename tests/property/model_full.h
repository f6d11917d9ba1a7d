/* model_full.h - a heap filled to its end, again and again. */
#ifndef PAL_TESTS_MODEL_FULL_H
#define PAL_TESTS_MODEL_FULL_H

#include "tests/property/model_compare.h"

/* A chain of small objects in register 0 grows until the heap is full, again
 * and again, as a program that catches each error would let it.  Every
 * collection finds room (rig_after_minor), and the chain is whole. */
static inline void fill_heap(struct rig *g, int errors)
{
    uint64_t made = 0, found = 0;
    while (errors) {
        uint64_t o = gc_new(&g->h, T_PAIR, 4);
        errors -= !o;
        if (!o)
            continue;
        *obj_word(&g->h, o, 0) = *reg(g, 0);
        *obj_word(&g->h, o, 2) = made++;
        *reg(g, 0) = o;
    }
    for (uint64_t o = *reg(g, 0); o; o = *obj_word(&g->h, o, 0))
        if (*obj_word(&g->h, o, 2) != made - ++found)
            return fail(g, "an object of the chain is not what it was");
    if (found != made)
        fail(g, "the chain has %llu objects, not %llu",
             (unsigned long long)found, (unsigned long long)made);
}

/* What died makes room at once, for a large object or for many. */
static inline bool finds_room(struct rig *g, bool large)
{
    if (large)
        return gc_new(&g->h, PVM_T_STORE_W, (2 << 20) / 8) != 0;
    for (int i = 0; i < 20000; i++)
        if (!gc_new(&g->h, T_LEAF, 3))
            return false;
    return true;
}

static inline bool full_heap(struct figures *fig)
{
    struct walk k = {0};
    struct rig g;
    struct mem *m = mem_open(&mem_runtime, NULL);
    if (!m || !rig_open(&g, &k, fig, m, 2 << 20)) {
        fprintf(stderr, "error: no room for a heap\n");
        exit(2);
    }
    g.h.heap_limit = 6 << 20;
    for (int round = 0; round < 8 && !g.why[0]; round++) {
        *reg(&g, 0) = 0;
        if (round && !finds_room(&g, round % 2))
            fail(&g, "a heap full of what is dead has no room");
        fill_heap(&g, 3);
    }
    if (g.why[0])
        printf("error: a full heap: %s\nepisode 0 failed\n", g.why);
    bool ok = !g.why[0];
    rig_close(&g);
    mem_close(m);
    free(k.met);
    free(k.remembered);
    return ok;
}

#endif
