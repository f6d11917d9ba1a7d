/* tape.c - reserving the range, laying out the segments, the audit. */
#include "runtime/tape/tape.h"

#include <string.h>
#include <sys/mman.h>

#include "runtime/base/hash.h"

#define TAPE_NULL_SIZE (UINT64_C(1) << 20)

static uint64_t whole_pages(uint64_t n)
{
    return (n + TAPE_PAGE - 1) / TAPE_PAGE * TAPE_PAGE;
}

/* Of the bitmap of pages touched, for what lies below SIDE. */
static uint64_t touched_bytes(uint64_t side)
{
    return whole_pages(side / TAPE_PAGE / 8 + TAPE_PAGE);
}

uint64_t tape_side(const struct tape *t)
{
    uint64_t at = t->seg[TAPE_SIDE].at;
    return at + touched_bytes(at);
}

/* Sizes of all segments for a heap of the given size.  The remembered set has
 * 8 bytes for each block of at least 32, twice (trail.c's forget). */
static void lay_out(struct tape *t, const struct tape_wish *w, uint64_t heap)
{
    uint64_t size[TAPE_SEGMENTS] = {
        [TAPE_NULL] = TAPE_NULL_SIZE,
        [TAPE_CODE] = w->code,
        [TAPE_GLOBALS] = w->globals,
        [TAPE_STATE] = UINT64_C(16) << 20,
        [TAPE_REMEMBER] = 2 * (heap + w->globals) / 4 + TAPE_PAGE,
        [TAPE_RSTACK] = w->stack,
        [TAPE_SSTACK] = w->stack,
        [TAPE_CSTACK] = w->stack,
        [TAPE_NURSERY] = w->nursery,
        [TAPE_HEAP] = heap,
        [TAPE_HISTORY] = heap + (UINT64_C(1) << 20),
    };
    uint64_t at = 0;
    for (int i = 0; i < TAPE_SIDE; i++) {
        t->seg[i] = (struct tape_range){at, whole_pages(size[i])};
        at += t->seg[i].size;
    }
    uint64_t tables = w->side ? w->side(heap) : 0;
    t->seg[TAPE_SIDE] =
        (struct tape_range){at, touched_bytes(at) + whole_pages(tables)};
    t->size = at + t->seg[TAPE_SIDE].size;
}

/* Address space for a tape, readable as zeros; NULL: not to be had. */
static void *reserve(uint64_t size)
{
    if (size > TAPE_MOST)
        return NULL;
    void *p = mmap(NULL, TAPE_BELOW + size, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

enum pal_status tape_open(struct tape *t, const struct tape_wish *wish)
{
    uint64_t heap = wish->heap;
    for (;;) {
        lay_out(t, wish, heap);
        void *p = reserve(t->size);
        if (p) {
            t->base = (uint8_t *)p + TAPE_BELOW;
            t->touched = (uint64_t *)(t->base + t->seg[TAPE_SIDE].at);
            return PAL_OK;
        }
        if (heap <= wish->heap_least)
            return PAL_NOMEM;
        heap = heap / 2 > wish->heap_least ? heap / 2 : wish->heap_least;
    }
}

void tape_close(struct tape *t)
{
    if (t->base)
        munmap(t->base - TAPE_BELOW, TAPE_BELOW + t->size);
    *t = (struct tape){0};
}

static bool is_tracked(int segment)
{
    return segment == TAPE_CODE || segment == TAPE_GLOBALS ||
           segment == TAPE_HEAP || segment == TAPE_HISTORY;
}

bool tape_release(struct tape *t, uint64_t at, uint64_t n)
{
    int segment = TAPE_NULL;
    while (at >= t->seg[segment].at + t->seg[segment].size)
        segment++;
    if (madvise(t->base + at, n, MADV_DONTNEED))
        return false;
    if (is_tracked(segment))
        tape_touch(t, at, n);
    return true;
}

void tape_touch_slow_(struct tape *t, uint64_t first, uint64_t last)
{
    for (uint64_t p = first; p <= last; p++)
        t->touched[p / 64] |= UINT64_C(1) << (p % 64);
}

static uint64_t page_hash(const struct tape *t, uint64_t at)
{
    return hash_bytes(t->base + at, TAPE_PAGE, 0);
}

enum pal_status tape_audit_take(struct tape_audit *a, struct tape *t,
                                const uint64_t used[TAPE_SEGMENTS])
{
    for (int i = 0; i < TAPE_SEGMENTS; i++) {
        if (!is_tracked(i))
            continue;
        uint64_t n = whole_pages(used[i]) / TAPE_PAGE;
        uint64_t *h = mem_grow(a->mem, a->hash[i], a->pages[i] * sizeof *h,
                               n * sizeof *h);
        if (!h && n)
            return PAL_NOMEM;
        a->hash[i] = h;
        a->pages[i] = n;
        for (uint64_t p = 0; p < n; p++)
            h[p] = page_hash(t, t->seg[i].at + p * TAPE_PAGE);
    }
    memset(t->touched, 0, t->seg[TAPE_SIDE].at / TAPE_PAGE / 8 + 8);
    return PAL_OK;
}

uint64_t tape_audit_check(const struct tape_audit *a, const struct tape *t)
{
    for (int i = 0; i < TAPE_SEGMENTS; i++)
        for (uint64_t p = 0; p < a->pages[i]; p++) {
            uint64_t at = t->seg[i].at + p * TAPE_PAGE;
            if (!tape_is_touched(t, at / TAPE_PAGE) &&
                page_hash(t, at) != a->hash[i][p])
                return at;
        }
    return UINT64_MAX;
}

void tape_audit_free(struct tape_audit *a)
{
    for (int i = 0; i < TAPE_SEGMENTS; i++)
        if (a->hash[i])
            mem_free(a->mem, a->hash[i], a->pages[i] * sizeof(uint64_t));
    *a = (struct tape_audit){0};
}
