/* weak.c - the trail as the collector of the old generation sees it: entries
 * hold their containers weakly, and their old values as long as the container
 * lives (gc/mark.h).
 *
 * In phase ENTRIES the cursor walks up the trail.  The values of an entry
 * whose container is marked are shaded; one whose container is not is put on
 * the stack `pending`, where entries of one container are linked from `heads`,
 * newest first.  The stack ascends by position, so what undo and keep take
 * from the trail's top is taken from its top too.  In a traced window that is
 * logged. */
#include "runtime/trail/entry.h"

#define DROP_COST 8 /* bytes of budget: of an entry that leaves */

static void shade_values(struct heap *h, const uint64_t *e)
{
    uint64_t refs = obj_refs(h, entry_object(e));
    uint64_t first = entry_block(e) * OBJ_BLOCK_WORDS, n = entry_n(e);
    if (first < refs)
        mark_shade_words(h, &e[2], refs - first < n ? refs - first : n);
}

static uint32_t *head_of(struct heap *h, const uint64_t *e)
{
    return &h->old.heads[old_granule(h, entry_object(e))];
}

static void wait(struct heap *h, uint64_t at, const uint64_t *e)
{
    struct gc_state *g = &h->st->gc;
    uint32_t *head = head_of(h, e);
    h->old.pending[g->pending++] = (struct gc_pending){at, *head};
    *head = (uint32_t)g->pending;
}

bool weak_entries(struct heap *h, int64_t *budget)
{
    struct state *st = h->st;
    struct gc_state *g = &st->gc;
    /* those from trail_new on may have young containers, and need nothing:
     * they were made since marking began */
    while (g->cursor < st->trail_new) {
        if (*budget <= 0)
            return false;
        const uint64_t *e = obj_at(h, g->cursor);
        uint64_t o = entry_object(e), bytes = entry_bytes(e);
        if (o && weak_is_dead(h, o) && g->pending < UINT32_MAX)
            wait(h, g->cursor, e);
        else if (o)
            shade_values(h, e);
        g->cursor += bytes;
        uint64_t cost = mark_entry_cost(bytes);
        g->unseen -= cost < g->unseen ? cost : g->unseen; /* some are new */
        *budget -= (int64_t)cost;
    }
    return true;
}

void weak_alive(struct heap *h, uint64_t o)
{
    uint32_t *head = &h->old.heads[old_granule(h, o)];
    for (uint64_t i = *head; i; i = h->old.pending[i - 1].next)
        shade_values(h, obj_at(h, h->old.pending[i - 1].entry));
    *head = 0;
}

/* Takes the newest entry from the stack; true when it was still waiting. */
static bool take_pending(struct heap *h)
{
    struct gc_state *g = &h->st->gc;
    const struct gc_pending *p = &h->old.pending[g->pending - 1];
    uint32_t *head = head_of(h, obj_at(h, p->entry));
    bool waits = *head == g->pending;
    if (waits) {
        heap_log(h, (const void *)((uintptr_t)head & ~(uintptr_t)7), 1);
        *head = (uint32_t)p->next;
    }
    g->pending--;
    return waits;
}

bool weak_drop(struct heap *h, int64_t *budget)
{
    struct gc_state *g = &h->st->gc;
    for (; g->pending; *budget -= DROP_COST) {
        if (*budget <= 0)
            return false;
        uint64_t at = h->old.pending[g->pending - 1].entry;
        if (take_pending(h)) {
            tape_touch(&h->tape, at, 8);
            *obj_at(h, at) = 0;
        }
    }
    return true;
}

void weak_cut(struct heap *h, uint64_t from)
{
    struct gc_state *g = &h->st->gc;
    heap_log(h, &g->cursor, 2); /* cursor, pending */
    while (g->pending && h->old.pending[g->pending - 1].entry >= from)
        take_pending(h);
    if (g->phase == GC_ENTRIES && g->cursor > from)
        g->cursor = from;
}
