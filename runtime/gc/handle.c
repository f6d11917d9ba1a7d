/* handle.c - see handle.h.  A free place is on a list; `next` is the place
 * after it, plus one, and an open one's is OPEN. */
#include "runtime/gc/handle.h"

#include <inttypes.h>
#include <stdio.h>

#define OPEN UINT32_MAX

static uint64_t handle_of(uint32_t place, const struct gc_handle *at)
{
    return (uint64_t)at->generation << 32 | (place + 1);
}

uint64_t gc_handle_open(struct heap *h, uint64_t o)
{
    struct gc_state *g = &h->st->gc;
    uint32_t place = (uint32_t)g->handle_free - 1;
    heap_log(h, &g->handles, 2); /* handles, handle_free */
    if (!g->handle_free) {
        if (g->handles == GC_HANDLES_MOST)
            return 0;
        place = (uint32_t)g->handles++;
    }
    struct gc_handle *at = &h->old.handles[place];
    heap_log(h, at, sizeof *at / 8);
    if (g->handle_free)
        g->handle_free = at->next;
    at->object = o;
    at->next = OPEN;
    at->generation += at->generation == UINT32_MAX ? 2 : 1;
    return handle_of(place, at);
}

/* The place of an open handle, or NULL with the text. */
static struct gc_handle *find(const struct heap *h, uint64_t handle, char *text)
{
    uint64_t place = (handle & UINT32_MAX) - 1;
    if (place < h->st->gc.handles) {
        struct gc_handle *at = &h->old.handles[place];
        if (at->next == OPEN && at->generation == handle >> 32)
            return at;
    }
    if (text)
        snprintf(text, GC_HANDLE_TEXT, "invalid reference %" PRIu64, handle);
    return NULL;
}

enum pal_status gc_handle_get(const struct heap *h, uint64_t handle,
                              uint64_t *o, char *text)
{
    const struct gc_handle *at = find(h, handle, text);
    *o = at ? at->object : 0;
    return at ? PAL_OK : PAL_USAGE;
}

enum pal_status gc_handle_close(struct heap *h, uint64_t handle, char *text)
{
    struct gc_state *g = &h->st->gc;
    struct gc_handle *at = find(h, handle, text);
    if (!at)
        return PAL_USAGE;
    heap_log(h, &g->handle_free, 1);
    heap_log(h, at, sizeof *at / 8);
    at->object = 0;
    at->next = (uint32_t)g->handle_free;
    g->handle_free = handle & UINT32_MAX;
    return PAL_OK;
}

void gc_handle_roots(struct heap *h,
                     void (*visit)(struct heap *h, uint64_t *slot))
{
    for (uint64_t i = 0; i < h->st->gc.handles; i++)
        if (h->old.handles[i].object)
            visit(h, &h->old.handles[i].object);
}
