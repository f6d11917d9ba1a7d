/* model_window.h - traced windows: operations whose every overwritten word is
 * logged, taken back word by word.
 *
 * Going back must lead to the very words from before: State, marks, the trail,
 * the remembered set, every object, and the collector's tables. */
#ifndef PAL_TESTS_MODEL_WINDOW_H
#define PAL_TESTS_MODEL_WINDOW_H

#include "tests/property/model_cycle.h"

enum { WINDOW_LOG = 1 << 24 }; /* words */

/* What a window is to lead back to. */
struct window {
    struct tlog log;
    struct snapshot was; /* State, marks, registers, tables and shadow */
    uint8_t *bytes[TAPE_SEGMENTS];
    uint64_t n[TAPE_SEGMENTS];
    struct rig *rig; /* while objects are compared */
};

/* Bytes in use of a segment whose words are all meant to come back. */
static inline uint64_t window_used(struct rig *g, int segment)
{
    const struct tape_range *seg = g->h.tape.seg;
    const struct state *st = g->h.st;
    switch (segment) {
    case TAPE_GLOBALS: return seg[TAPE_GLOBALS].size;
    case TAPE_REMEMBER: return 8 * st->remembered;
    case TAPE_NURSERY: return st->nursery - seg[TAPE_NURSERY].at;
    case TAPE_HISTORY: return st->trail - seg[TAPE_HISTORY].at;
    case TAPE_HEAP: return st->gc.top * TAPE_PAGE; /* by object */
    default: return 0;
    }
}

static inline void window_open(struct rig *g, struct window *win)
{
    struct heap *h = &g->h;
    rig_note_tops(g);
    for (int i = 0; i < TAPE_SEGMENTS; i++) {
        win->n[i] = window_used(g, i);
        win->bytes[i] = memcpy(shadow_memory(NULL, win->n[i]),
                               h->base + h->tape.seg[i].at, win->n[i]);
    }
    rig_save_tables(g, &win->was);
    win->was.st = *h->st;
    memcpy(win->was.marks, h->marks, sizeof win->was.marks);
    memcpy(win->was.roots, reg(g, 0), sizeof win->was.roots);
    win->was.w = shadow_copy(&g->w);
    win->log.mem = g->mem;
    win->log.limit = WINDOW_LOG;
    tlog_open(&win->log);
    h->tlog = &win->log;
    h->window_full = false;
    gc_set_room(h);
    heap_thresholds(h);
}

static inline void window_close(struct rig *g)
{
    g->h.tlog = NULL;
    gc_set_room(&g->h);
    heap_thresholds(&g->h);
}

static inline void window_free(struct rig *g, struct window *win)
{
    vec_free(g->mem, &win->log.words);
    for (int i = 0; i < TAPE_SEGMENTS; i++)
        free(win->bytes[i]);
    for (int i = 0; i < NSAVED; i++)
        free(win->was.tables[i]);
    free(win->was.heads);
    shadow_free(&win->was.w);
}

/* ---- back ---------------------------------------------------------------- */

static inline void window_object(struct heap *h, uint64_t o, void *arg)
{
    struct window *win = arg;
    uint64_t words = obj_words(h, o), from = o - obj_below(words) - h->old.at;
    if (from + obj_bytes(words) > win->n[TAPE_HEAP] ||
        memcmp(h->base + h->old.at + from, win->bytes[TAPE_HEAP] + from,
               obj_bytes(words)))
        fail(win->rig, "an object at %#llx is not what it was",
             (unsigned long long)o);
}

/* Whether a table is what it was, and above it empty. */
static inline bool window_table(struct rig *g, struct window *win, int i)
{
    struct snapshot *s = &win->was;
    size_t n, all;
    const uint8_t *was = s->tables[i];
    const uint8_t *at = rig_table(&g->h, i, &s->st.gc, s->pages_known, &n);
    rig_table(&g->h, i, &s->st.gc, g->high[TAPE_HEAP] / TAPE_PAGE, &all);
    for (size_t k = 0; k < all && i != SAVED_DIRTY; k++)
        if (at[k] != (k < n ? was[k] : 0))
            return false;
    return true;
}

static inline void window_compare(struct rig *g, struct window *win)
{
    struct heap *h = &g->h;
    struct state is = *h->st, was = win->was.st;
    win->rig = g;
    for (size_t i = 0; i < sizeof is / 8; i++)
        if (((uint64_t *)&is)[i] != ((uint64_t *)&was)[i])
            fail(g, "a window does not lead back to word %zu of State", i);
    if (memcmp(h->marks, win->was.marks, is.nmarks * sizeof *h->marks))
        fail(g, "a window does not lead back to its marks");
    for (int i = 0; i < NSAVED; i++)
        if (!window_table(g, win, i))
            fail(g, "a window does not lead back to table %d", i);
    for (uint64_t i = 0; i < is.gc.pending; i++)
        if (*rig_head(h, i) != win->was.heads[i])
            fail(g, "a window does not lead back to the head of an entry");
    for (int i = 0; i < TAPE_SEGMENTS; i++)
        if (i != TAPE_HEAP &&
            memcmp(h->base + h->tape.seg[i].at, win->bytes[i], win->n[i]))
            fail(g, "a window does not lead back to segment %d", i);
    if (!g->why[0])
        old_each(h, window_object, win);
}

static inline void window_back(struct rig *g, struct window *win)
{
    rig_note_tops(g);
    tlog_close(&win->log);
    tlog_restore(&win->log, g->h.base);
    window_close(g);
    window_compare(g, win);
    memcpy(reg(g, 0), win->was.roots, sizeof win->was.roots);
    shadow_free(&g->w);
    g->w = shadow_copy(&win->was.w);
    g->fig->back++;
    if (!g->why[0])
        rig_compare(g);
}

/* Fills the nursery, so that all is born old from here on. */
static inline void burn(struct rig *g)
{
    for (int i = 0; i < 400 && !g->h.window_full; i++)
        if (!gc_new(&g->h, T_TALL, 101))
            return refused(g, "what fills the nursery");
}

/* Operations without a collection, kept or taken back; run does the k-th of
 * `kinds`. */
static inline void window_run(struct rig *g, uint32_t kinds,
                              void (*run)(struct rig *g, uint32_t k))
{
    struct window win = {0};
    window_open(g, &win);
    if (chance(g, 3))
        burn(g);
    for (uint32_t n = 1 + below(g, 40); n && !g->why[0]; n--) {
        /* as the machine does before a native */
        heap_log(&g->h, &g->h.st->nhandles, 1 + STATE_HANDLES);
        run(g, below(g, kinds));
    }
    if (win.log.failed || chance(g, 4))
        window_close(g);
    else if (!g->why[0])
        window_back(g, &win);
    g->h.tlog = NULL;
    window_free(g, &win);
}

#endif
