/* page.c - see page.h. */
#include "runtime/gc/page.h"

static uint64_t npages(const struct heap *h)
{
    return h->old.size / TAPE_PAGE;
}

uint64_t old_left(const struct heap *h)
{
    const struct gc_state *g = &h->st->gc;
    uint64_t limit = h->heap_limit, used = g->pages * TAPE_PAGE;
    uint64_t trail = h->st->trail - h->tape.seg[TAPE_HISTORY].at;
    /* a quarter of the limit is the trail's own; what it has beyond counts */
    if (trail > limit / 4)
        limit -= trail - limit / 4 < limit ? trail - limit / 4 : limit;
    uint64_t left = used < limit ? limit - used : 0;
    uint64_t fresh = h->old.size - g->top * TAPE_PAGE;
    return left < fresh ? left : fresh;
}

uint64_t page_next(const uint64_t *bits, uint64_t i, uint64_t end, bool set)
{
    uint64_t flip = set ? 0 : UINT64_MAX;
    while (i < end) {
        uint64_t w = (bits[i / 64] ^ flip) >> (i % 64);
        if (w) {
            i += (unsigned)__builtin_ctzll(w);
            return i < end ? i : end;
        }
        i = (i / 64 + 1) * 64;
    }
    return end;
}

/* The first free span of n pages, by address: what was free longest, and
 * keeps large spans whole (address-ordered first fit; Wilson, Johnstone,
 * Neely, Boles 1995).  PAGE_NONE: none. */
static uint64_t find_span(struct heap *h, uint64_t n)
{
    struct gc_state *g = &h->st->gc;
    bool large = n >= 8;
    uint64_t end = npages(h), i = g->hint[large];
    uint64_t least = large ? 8 : 3, skipped = PAGE_NONE;
    for (;;) {
        i = page_next(h->old.used, i, g->top, false);
        /* all is free above the top */
        uint64_t to = page_next(h->old.used, i, g->top, true);
        if (to == g->top)
            to = end;
        if (to - i >= n)
            break;
        if (to == end)
            return PAGE_NONE;
        if (to - i >= least && skipped == PAGE_NONE)
            skipped = i;
        i = to;
    }
    g->hint[large] = skipped == PAGE_NONE ? i : skipped;
    return i;
}

void page_put(struct heap *h, uint64_t *bits, uint64_t i, uint64_t n, bool set)
{
    for (uint64_t end = i + n; i < end;) {
        uint64_t in = 64 - i % 64 < end - i ? 64 - i % 64 : end - i;
        uint64_t mask = (in == 64 ? UINT64_MAX : (UINT64_C(1) << in) - 1)
                        << (i % 64);
        heap_log(h, &bits[i / 64], 1);
        bits[i / 64] = set ? bits[i / 64] | mask : bits[i / 64] & ~mask;
        i += in;
    }
}

void page_log(struct heap *h, const uint32_t *table, uint64_t i, uint64_t n)
{
    if (PAL_UNLIKELY(h->tlog != NULL))
        heap_log(h, table + i / 2 * 2, (i + n + 1) / 2 - i / 2);
}

static void describe(struct heap *h, uint64_t page, uint64_t n, uint32_t kind,
                     unsigned class)
{
    page_log(h, h->old.desc, page, n);
    bool free = kind == OLD_FREE;
    for (uint64_t k = 0; k < n; k++)
        h->old.desc[page + k] = free ? OLD_FREE : OLD_TAIL | (uint32_t)k << 8;
    if (!free)
        h->old.desc[page] = kind | class << 2 | (uint32_t)n << 8;
}

uint64_t page_take(struct heap *h, uint64_t n, uint32_t kind, unsigned class)
{
    struct gc_state *g = &h->st->gc;
    heap_log(h, &g->top, 4); /* top, hint, pages */
    uint64_t page = find_span(h, n);
    if (page == PAGE_NONE)
        return PAGE_NONE;
    page_put(h, h->old.used, page, n, true);
    describe(h, page, n, kind, class);
    g->pages += n;
    if (page + n > g->top)
        g->top = page + n;
    return page;
}

void page_free(struct heap *h, uint64_t page)
{
    struct gc_state *g = &h->st->gc;
    uint64_t n = old_count(h->old.desc[page]);
    page_put(h, h->old.used, page, n, false);
    describe(h, page, n, OLD_FREE, 0);
    g->pages -= n;
    /* the span may begin a little lower, with what was free before it */
    for (int k = 0; k < 2; k++) {
        uint64_t below = k ? 7 : 2, low = page < below ? 0 : page - below;
        if (low < g->hint[k])
            g->hint[k] = low;
    }
}

/* Not logged: that a page was written is true ever after. */
void old_dirty(struct heap *h, uint64_t at, uint64_t bytes)
{
    struct tlog *log = h->tlog;
    h->tlog = NULL;
    page_put(h, h->old.dirty, (at - h->old.at) / TAPE_PAGE,
             (bytes + TAPE_PAGE - 1) / TAPE_PAGE, true);
    h->tlog = log;
}

void old_clear(struct heap *h, uint64_t at, uint64_t bytes)
{
    if (bytes <= MEM_CELL_MOST) {
        memset(obj_at(h, at), 0, bytes);
        return;
    }
    uint64_t first = (at - h->old.at) / TAPE_PAGE;
    uint64_t end = first + (bytes + TAPE_PAGE - 1) / TAPE_PAGE;
    for (uint64_t i = first; i < end;) {
        i = page_next(h->old.dirty, i, end, true);
        uint64_t to = page_next(h->old.dirty, i, end, false);
        if (to > i)
            memset(obj_at(h, h->old.at + i * TAPE_PAGE), 0,
                   (to - i) * TAPE_PAGE);
        i = to;
    }
    old_dirty(h, at, bytes);
}
