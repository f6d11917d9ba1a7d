/* stats.c - see stats.h. */
#include "runtime/gc/stats.h"

#include <time.h>

#ifndef PAL_NO_STATS
static const bool counts = true;
#else
static const bool counts = false;
#endif

uint64_t gc_clock(void)
{
    struct timespec t;
    if (!counts || clock_gettime(CLOCK_MONOTONIC, &t))
        return 0;
    return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

/* Bucket 4k + q holds 2^k (4 + q) / 4 .. 2^k (5 + q) / 4 nanoseconds, the
 * first what is less than 4, the last all that is more. */
static unsigned bucket_of(uint64_t ns)
{
    if (ns < 4)
        return 0;
    unsigned k = 63 - (unsigned)__builtin_clzll(ns);
    unsigned b = 4 * k + (unsigned)(ns >> (k - 2) & 3);
    return b < GC_BUCKETS ? b : GC_BUCKETS - 1;
}

static uint64_t bucket_end(unsigned b)
{
    if (b == 0)
        return 4;
    if (b == GC_BUCKETS - 1)
        return UINT64_MAX;
    return (UINT64_C(1) << b / 4) / 4 * (5 + b % 4);
}

void gc_note(struct gc_pauses *p, uint64_t start)
{
    if (!counts)
        return;
    uint64_t now = gc_clock(), ns = now > start ? now - start : 0;
    p->n++;
    p->total += ns;
    if (ns > p->most)
        p->most = ns;
    p->bucket[bucket_of(ns)]++;
}

uint64_t gc_bucket_end(const struct gc_pauses *p, unsigned bucket)
{
    uint64_t end = bucket_end(bucket);
    return end < p->most ? end : p->most;
}

uint64_t gc_quantile(const struct gc_pauses *p, double share)
{
    double want = share * (double)p->n, sum = 0;
    for (unsigned b = 0; b < GC_BUCKETS; b++) {
        sum += p->bucket[b];
        if (sum > 0 && sum >= want)
            return gc_bucket_end(p, b);
    }
    return p->most;
}

void gc_note_peak(struct heap *h)
{
    if (!counts)
        return;
    const struct state *st = h->st;
    const struct tape_range *seg = h->tape.seg;
    uint64_t now = gc_used(h) + (st->nursery - seg[TAPE_NURSERY].at) +
                   (st->trail - seg[TAPE_HISTORY].at) + 8 * st->remembered;
    if (now > h->stats.peak)
        h->stats.peak = now;
}

/* ---- what the heap holds ------------------------------------------------- */

static void count_old(struct heap *h, uint64_t o, void *arg)
{
    struct gc_report *r = arg;
    uint64_t page = (o - h->old.at) / TAPE_PAGE;
    uint32_t desc = h->old.desc[page];
    if (old_kind(desc) == OLD_TAIL)
        desc = h->old.desc[page - old_count(desc)];
    struct gc_class_use *c = &r->classes[old_class(desc)];
    uint64_t words = obj_words(h, o), bytes = obj_bytes(words);
    c->objects++;
    c->bytes += bytes;
    r->live += bytes;
    r->live_objects++;
    r->headers += bytes - 8 * words;
}

static void count_young(struct heap *h, struct gc_report *r)
{
    uint64_t at = h->tape.seg[TAPE_NURSERY].at;
    r->young = h->st->nursery - at;
    r->young_objects = h->st->objects - h->st->gc.grown;
    r->live += r->young;
    r->live_objects += r->young_objects;
    r->allocated += h->st->nursery - at;
}

static void count_pages(struct heap *h, struct gc_report *r)
{
    for (uint64_t page = 0; page < h->st->gc.top; page++) {
        uint32_t desc = h->old.desc[page];
        if (old_kind(desc) == OLD_RUN || old_kind(desc) == OLD_SPAN)
            r->classes[old_class(desc)].pages +=
                (uint64_t)old_count(desc) * TAPE_PAGE;
    }
}

void gc_report(struct heap *h, struct gc_report *out)
{
    const struct state *st = h->st;
    gc_note_peak(h);
    *out = (struct gc_report){
        .peak = h->stats.peak,
        .heap = gc_used(h),
        .allocated = st->allocated,
        .objects = st->objects,
        .promoted = st->gc.promoted,
        .born_old = st->gc.born_old,
        .trail = st->trail - h->tape.seg[TAPE_HISTORY].at,
        /* by page: descriptor, list, two bits; by granule: two bits */
        .tables = st->gc.top * (8 + 2 * (TAPE_PAGE / OLD_GRANULE) / 8),
        .minors = st->minors,
        .majors = st->gc.majors,
    };
    for (unsigned i = 0; i < OLD_LARGE; i++)
        out->classes[i].cell = (uint32_t)old_cell(i);
    count_young(h, out);
    count_pages(h, out);
    old_each(h, count_old, out);
}
