/* mem.c - contexts and blocks. */
#include "runtime/mem/context.h"

#include <stdlib.h>

#include "runtime/base/status.h"

/* Sizes above this are mistakes or attacks; refusing them here keeps every
 * sum below from overflowing. */
#define MOST (SIZE_MAX / 4)

const struct mem_profile mem_compiler = {.name = "compiler",
                                         .chunk = (size_t)2 << 20};
const struct mem_profile mem_runtime = {.name = "runtime",
                                        .chunk = (size_t)64 << 10};

struct mem *mem_open(const struct mem_profile *p, const struct mem_hooks *h)
{
    struct mem *m = calloc(1, sizeof *m);

    if (!m)
        return NULL;
    m->profile = *p;
    if (h)
        m->hooks = *h;
    m->ring.next = m->ring.prev = &m->ring;
    return m;
}

void mem_close(struct mem *m)
{
    struct piece *p, *next;

    if (!m)
        return;
    for (p = m->ring.next; p != &m->ring; p = next) {
        next = p->next;
        free(p);
    }
    free(m);
}

void mem_stats(const struct mem *m, struct mem_stats *out)
{
    *out = m->stats;
}

void mem_fail_at(struct mem *m, uint64_t nth)
{
    m->fail_in = nth;
}

bool mem_admit_(struct mem *m)
{
    m->stats.allocs++;
    return PAL_LIKELY(!m->fail_in) || --m->fail_in > 0;
}

void *mem_refuse_(struct mem *m, size_t wanted)
{
    if (m->hooks.exhausted)
        m->hooks.exhausted(m->hooks.arg, wanted);
    return NULL;
}

/* ---- the ring of pieces -------------------------------------------------- */

static void ring_enter(struct mem *m, struct piece *p)
{
    p->next = m->ring.next;
    p->prev = &m->ring;
    p->next->prev = p;
    m->ring.next = p;
}

static void ring_leave(struct piece *p)
{
    p->next->prev = p->prev;
    p->prev->next = p->next;
}

static void hold(struct mem *m, size_t n)
{
    m->stats.held += n;
    if (m->stats.held > m->stats.held_peak)
        m->stats.held_peak = m->stats.held;
}

static void drop_spares(struct mem *m)
{
    while (m->spare) {
        struct chunk *c = m->spare;

        m->spare = c->next;
        mem_give_(m, c, c->size);
    }
}

static bool within_limit(const struct mem *m, size_t more)
{
    size_t limit = m->profile.limit;

    return !limit || (m->stats.held <= limit && more <= limit - m->stats.held);
}

/* The same as realloc, with the spare chunks given up before it fails. */
static struct piece *ask_system(struct mem *m, struct piece *p, size_t n,
                                size_t more)
{
    struct piece *got = NULL;

    if (within_limit(m, more))
        got = realloc(p, n);
    if (got || !m->spare)
        return got;
    drop_spares(m);
    return within_limit(m, more) ? realloc(p, n) : NULL;
}

void *mem_take_(struct mem *m, size_t n)
{
    struct piece *p;

    if (n > MOST)
        return NULL;
    n += sizeof *p;
    p = ask_system(m, NULL, n, n);
    if (!p)
        return NULL;
    ring_enter(m, p);
    hold(m, n);
    return p + 1;
}

void mem_give_(struct mem *m, void *payload, size_t n)
{
    struct piece *p = (struct piece *)payload - 1;

    ring_leave(p);
    m->stats.held -= n + sizeof *p;
    free(p);
}

/* ---- blocks -------------------------------------------------------------- */

void *mem_alloc(struct mem *m, size_t n)
{
    void *at = mem_admit_(m) ? mem_take_(m, n) : NULL;

    if (!at)
        return mem_refuse_(m, n);
    mem_count_(m, n);
    return at;
}

void *mem_grow(struct mem *m, void *at, size_t old, size_t n)
{
    struct piece *p, *moved;
    size_t more = n > old ? n - old : 0;

    if (!at)
        return mem_alloc(m, n);
    if (!mem_admit_(m) || n > MOST)
        return mem_refuse_(m, n);
    p = (struct piece *)at - 1;
    ring_leave(p);
    moved = ask_system(m, p, n + sizeof *p, more);
    ring_enter(m, moved ? moved : p);
    if (!moved)
        return mem_refuse_(m, n);
    m->stats.held -= old;
    hold(m, n);
    m->stats.live -= old;
    mem_count_(m, n);
    return moved + 1;
}

void mem_free(struct mem *m, void *at, size_t n)
{
    if (!at)
        return;
    m->stats.frees++;
    m->stats.live -= n;
    mem_give_(m, at, n);
}
