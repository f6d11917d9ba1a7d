/* mem.c - contexts, what they take from the system, and blocks. */
#include "runtime/mem/context.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Sizes above this are mistakes or attacks; refusing them here keeps every
 * sum below from overflowing. */
#define MOST (SIZE_MAX / 4)

static void ring_init(struct piece *ring)
{
    ring->next = ring->prev = ring;
}

static void ring_free(struct piece *ring)
{
    struct piece *p, *next;

    for (p = ring->next; p != ring; p = next) {
        next = p->next;
        free(p);
    }
}

/* ---- contexts ------------------------------------------------------------ */

/* A chunk of less than 1 KB is none.  Under debug all of a chunk is written and
 * looked at, so that it is small. */
static size_t chunk_size(size_t n, bool debug)
{
    if (debug && n > (64 << 10))
        n = 64 << 10;
    return n < 1024 ? 0 : n & ~(size_t)(MEM_ALIGN - 1);
}

/* The least n that mem_where sends to the system. */
static size_t own_least(const struct mem_profile *p, enum mem_type type)
{
    size_t low = 0, high = p->chunk / 4;

    while (low < high) {
        size_t n = low + (high - low) / 2;

        if (mem_where(p, n, type, MEM_PHASE) == MEM_IN_SYSTEM)
            high = n;
        else
            low = n + 1;
    }
    return low;
}

/* Makes the limits of the fast paths from mem_where. */
static void place(struct mem *m)
{
    for (size_t i = 0; i <= POOL_STEPS; i++) {
        enum mem_place to =
            mem_where(&m->profile, i * POOL_LEAST, MEM_NODE, MEM_ALONE);

        if (to > MEM_IN_256)
            break;
        m->step[i] = (uint8_t)to;
        m->pooled = i * POOL_LEAST;
    }
    m->fast = m->debug || !m->pooled ? 0 : m->pooled + 1;
    m->own_node = own_least(&m->profile, MEM_NODE);
    m->own_table = own_least(&m->profile, MEM_TABLE);
}

struct mem *mem_open(const struct mem_profile *p, const struct mem_hooks *h)
{
    struct mem *m = calloc(1, sizeof *m);
    const char *debug = getenv("PAL_MEM_DEBUG");

    if (!m)
        return NULL;
    m->profile = *p;
    if (h)
        m->hooks = *h;
    m->debug = p->debug || (debug && *debug && strcmp(debug, "0"));
    m->profile.chunk = chunk_size(p->chunk, m->debug);
    for (uint32_t c = 0; c < MEM_CLASSES; c++) {
        m->pool[c].shift = 5 + c;
        m->pool[c].span = (size_t)64 << m->pool[c].shift;
    }
    ring_init(&m->blocks);
    ring_init(&m->chunks);
    ring_init(&m->doomed);
    ring_init(&m->late);
    place(m);
    return m;
}

void mem_close(struct mem *m)
{
    if (!m)
        return;
#ifndef NDEBUG
    mem_check(m);
#else
    if (m->debug)
        mem_check(m);
#endif
    assert(!m->broken || m->hooks.broken);
    for (struct arena *a = m->arenas; a; a = a->next)
        ring_move_(&a->big, &m->doomed);
    ring_free(&m->blocks);
    ring_free(&m->chunks);
    ring_free(&m->doomed);
    ring_free(&m->late);
    pool_close_(m);
    free(m);
}

const struct mem_profile *mem_profile_of(const struct mem *m)
{
    return &m->profile;
}

bool mem_is_debug(const struct mem *m)
{
    return m->debug;
}

void mem_stats(const struct mem *m, struct mem_stats *out)
{
    *out = m->stats;
    out->live = mem_live_(m);
    if (out->live > out->peak)
        out->peak = out->live;
    for (int c = 0; c < MEM_CLASSES; c++) {
        const struct pool *p = &m->pool[c];

        out->pool[c] =
            (struct mem_class_stats){.cell = (uint32_t)POOL_LEAST << c,
                                     .used = pool_used_(p),
                                     .held = (uint64_t)p->nslabs * SLAB_SIZE};
    }
}

void mem_fail_at(struct mem *m, uint64_t nth)
{
    m->fail_in = nth;
    if (!nth)
        return;
    pool_flush_(m);
    for (struct arena *a = m->arenas; a; a = a->next)
        a->at.clean = a->at.next;
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

void mem_broken_(struct mem *m, const char *format, ...)
{
    char why[sizeof m->why];
    va_list args;

    va_start(args, format);
    vsnprintf(why, sizeof why, format, args);
    va_end(args);
    if (!m->broken)
        memcpy(m->why, why, sizeof why);
    m->broken = true;
    if (m->hooks.broken)
        m->hooks.broken(m->hooks.arg, why);
}

/* ---- what the system gives ----------------------------------------------- */

void ring_move_(struct piece *from, struct piece *to)
{
    if (from->next == from)
        return;
    from->prev->next = to->next;
    to->next->prev = from->prev;
    to->next = from->next;
    to->next->prev = to;
    ring_init(from);
}

static void hold(struct mem *m, size_t n)
{
    m->stats.held += n;
    if (m->stats.held > m->stats.held_peak)
        m->stats.held_peak = m->stats.held;
}

/* The doomed are chunks: their payloads tell their sizes. */
static bool bury(struct mem *m)
{
    struct chunk *c;

    if (m->doomed.prev == &m->doomed)
        return false;
    c = (struct chunk *)(m->doomed.prev + 1);
    UNPOISON(c, c->size);
    mem_give_(m, c, c->size);
    return true;
}

void mem_bury_(struct mem *m)
{
    if (bury(m))
        bury(m);
}

void mem_trim(struct mem *m)
{
    guard_drop_(m, 0);
    while (bury(m))
        ;
    while (m->spare) {
        struct chunk *c = m->spare;

        m->spare = c->next;
        UNPOISON(c, c->size);
        mem_give_(m, c, c->size);
    }
    pool_trim_(m);
}

static bool within_limit(const struct mem *m, size_t more)
{
    size_t limit = m->profile.limit;

    return !limit || (m->stats.held <= limit && more <= limit - m->stats.held);
}

/* The same as realloc, with all that is spare given up before it fails. */
static struct piece *ask_system(struct mem *m, struct piece *p, size_t n,
                                size_t more)
{
    struct piece *got = NULL;

    if (within_limit(m, more))
        got = realloc(p, n);
    if (got)
        return got;
    mem_trim(m);
    return within_limit(m, more) ? realloc(p, n) : NULL;
}

void *mem_take_(struct mem *m, struct piece *ring, size_t n)
{
    struct piece *p;

    if (n > MOST)
        return NULL;
    mem_bury_(m);
    n += sizeof *p;
    p = ask_system(m, NULL, n, n);
    if (!p)
        return NULL;
    ring_enter_(ring, p);
    hold(m, n);
    return p + 1;
}

void *mem_regrow_(struct mem *m, void *payload, size_t old, size_t n)
{
    struct piece *p = (struct piece *)payload - 1, *ring = p->prev, *moved;

    if (n > MOST)
        return NULL;
    ring_leave_(p);
    moved = ask_system(m, p, n + sizeof *p, n > old ? n - old : 0);
    ring_enter_(ring, moved ? moved : p);
    if (!moved)
        return NULL;
    m->stats.held -= old;
    hold(m, n);
    return moved + 1;
}

void mem_give_(struct mem *m, void *payload, size_t n)
{
    struct piece *p = (struct piece *)payload - 1;

    ring_leave_(p);
    m->stats.held -= n + sizeof *p;
    free(p);
}

char *mem_take_slab_(struct mem *m)
{
    void *base = NULL;

    if (!within_limit(m, SLAB_SIZE) ||
        posix_memalign(&base, SLAB_SPAN, SLAB_SIZE)) {
        mem_trim(m);
        if (!within_limit(m, SLAB_SIZE) ||
            posix_memalign(&base, SLAB_SPAN, SLAB_SIZE))
            return NULL;
    }
    hold(m, SLAB_SIZE);
    return base;
}

void mem_give_slab_(struct mem *m, char *base)
{
    m->stats.held -= SLAB_SIZE;
    UNPOISON(base, SLAB_SIZE);
    free(base);
}

/* ---- blocks -------------------------------------------------------------- */

void *mem_raw_(struct mem *m, size_t n)
{
    void *at;

    if (n > m->pooled || !m->pooled)
        return mem_take_(m, &m->blocks, n);
    at = pool_take_(m, pool_of_(m, n));
    if (at)
        UNPOISON(at, n);
    return at;
}

void mem_raw_free_(struct mem *m, void *at, size_t n)
{
    if (n > m->pooled || !m->pooled)
        mem_give_(m, at, n);
    else
        pool_give_(m, pool_of_(m, n), at);
}

static void *alloc_slow(struct mem *m, size_t n)
{
    void *at = NULL;

    if (mem_admit_(m) && n <= MOST)
        at = m->debug ? guard_alloc_(m, n) : mem_raw_(m, n);
    if (!at)
        return mem_refuse_(m, n);
    m->stats.total += n;
    return at;
}

/* Nothing is set aside in the pool of n bytes. */
static void *alloc_refill(struct mem *m, struct pool *p, size_t n)
{
    if (m->fail_in || !pool_refill_(m, p))
        return alloc_slow(m, n);
    return mem_alloc(m, n);
}

void *mem_alloc(struct mem *m, size_t n)
{
    struct pool *p;
    uint64_t word;
    void *at;

    if (PAL_UNLIKELY(n >= m->fast))
        return alloc_slow(m, n);
    p = pool_of_(m, n);
    word = p->word;
    if (PAL_UNLIKELY(!word))
        return alloc_refill(m, p, n);
    at = p->base + ((size_t)__builtin_ctzll(word) << p->shift);
    p->word = word & (word - 1);
    m->stats.allocs++;
    m->stats.total += n;
    UNPOISON(at, n);
    return at;
}

/* A block of another size with the same bytes; `at` is free afterwards. */
static void *move(struct mem *m, void *at, size_t old, size_t n)
{
    void *to;

    if (m->debug && !guard_intact_(m, at, old))
        return NULL;
    to = m->debug ? guard_alloc_(m, n) : mem_raw_(m, n);
    if (!to)
        return NULL;
    memcpy(to, at, old < n ? old : n);
    if (m->debug)
        guard_free_(m, at, old);
    else
        mem_raw_free_(m, at, old);
    return to;
}

static void *regrow(struct mem *m, void *at, size_t old, size_t n)
{
    bool was = m->pooled && old <= m->pooled, is = m->pooled && n <= m->pooled;

    if (n > MOST)
        return NULL;
    if (m->debug || was != is)
        return move(m, at, old, n);
    if (!was)
        return mem_regrow_(m, at, old, n);
    if (pool_of_(m, old) != pool_of_(m, n))
        return move(m, at, old, n);
    POISON(at, (size_t)1 << pool_of_(m, n)->shift);
    UNPOISON(at, n);
    return at;
}

void *mem_grow(struct mem *m, void *at, size_t old, size_t n)
{
    if (!at)
        return mem_alloc(m, n);
    at = mem_admit_(m) ? regrow(m, at, old, n) : NULL;
    if (!at)
        return mem_refuse_(m, n);
    mem_notice_(m);
    m->stats.total += n;
    m->stats.freed += old;
    return at;
}

static void free_slow(struct mem *m, void *at, size_t n)
{
    if (m->debug && !guard_free_(m, at, n))
        return;
    m->stats.frees++;
    m->stats.freed += n;
    if (!m->debug)
        mem_raw_free_(m, at, n);
}

void mem_free(struct mem *m, void *at, size_t n)
{
    if (!at)
        return;
    mem_notice_(m);
    if (PAL_UNLIKELY(n >= m->fast)) {
        free_slow(m, at, n);
        return;
    }
    m->stats.frees++;
    m->stats.freed += n;
    pool_give_(m, pool_of_(m, n), at);
}
