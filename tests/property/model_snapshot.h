/* model_snapshot.h - snapshots of the rig.
 *
 * A snapshot copies the tracked pages, the collector's tables as far as they
 * are in use, and, when it is taken between two operations, the shadow.
 * rig_check_snapshot proves that what changed since was touched; rig_restore
 * puts back only what was touched, and goes on. */
#ifndef PAL_TESTS_MODEL_SNAPSHOT_H
#define PAL_TESTS_MODEL_SNAPSHOT_H

#include "tests/property/model_rig.h"

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

static inline void rig_save_tables(struct rig *g, struct snapshot *s)
{
    struct heap *h = &g->h;
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
    rig_save_tables(g, s);
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

#endif
