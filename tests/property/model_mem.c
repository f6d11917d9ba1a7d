/* model_mem.c - random operations on a context and on what it should hold.
 *
 * Blocks, tables and arenas come, grow and go in random order.  Each is filled
 * with bytes that only it has, looked at again before it changes or goes; the
 * map below knows of every 16 bytes of the address space whether somebody has
 * them, so that no two allocations overlap even for a moment.  Between times
 * allocations are made to fail, the statistics are compared with sums of the
 * model's own, and mem_check proves the invariants.
 *
 * Each profile is a test of OPERATIONS operations from seed 1.
 * PAL_SOAK=SECONDS goes on for that long, from another seed each time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/mem/mem.h"

enum { OPERATIONS = 300000, BLOCKS = 6000, ARENAS = 4, PARTS = 3000 };

struct block {
    uint8_t *at;
    size_t n;
    uint32_t id;
    bool table; /* in an arena: may grow */
};

struct model {
    struct mem *m;
    uint64_t random;
    uint32_t ids, refused;
    uint64_t live, peak, allocs, frees;
    uint64_t base; /* live bytes of the arenas' own blocks */
    struct block block[BLOCKS];
    struct {
        struct arena *a;
        size_t used;
        uint32_t n;
        struct block part[PARTS];
    } arena[ARENAS];
};

static uint32_t below(struct model *w, uint32_t n)
{
    w->random ^= w->random << 13;
    w->random ^= w->random >> 7;
    w->random ^= w->random << 17;
    return (uint32_t)((w->random >> 32) * n >> 32);
}

static bool chance(struct model *w, uint32_t in)
{
    return below(w, in) == 0;
}

static void refuted(const char *what)
{
    fail_msg("%s", what);
}

/* ---- who has which bytes ------------------------------------------------ */

enum { MAP_LOG = 15, SPAN = 16 * 64 * 32 }; /* a page of the map: 32 words */

struct page {
    uintptr_t number; /* 0: free */
    uint64_t taken[SPAN / 16 / 64];
};

static struct page map[1 << MAP_LOG];

static struct page *page_of(uintptr_t at)
{
    uintptr_t number = at / SPAN;
    size_t i = (size_t)(number * UINT64_C(0x9e3779b97f4a7c15) >> 49);

    while (map[i].number && map[i].number != number)
        i = (i + 1) & ((1 << MAP_LOG) - 1);
    map[i].number = number;
    return &map[i];
}

/* Marks n bytes as taken, or no longer so; they were the opposite before. */
static void map_set(const void *p, size_t n, bool taken)
{
    uintptr_t at = (uintptr_t)p;

    for (uintptr_t end = at + n; at < end; at += 16) {
        uint64_t *word = &page_of(at)->taken[at % SPAN / 1024];
        uint64_t bit = (uint64_t)1 << at / 16 % 64;

        if (!(*word & bit) != taken)
            refuted("two allocations overlap");
        *word ^= bit;
    }
}

/* ---- blocks ------------------------------------------------------------- */

static uint8_t byte_of(uint32_t id, size_t i)
{
    return (uint8_t)(id * 31 + i * 7 + (i >> 8));
}

static void fill(struct block *b, size_t from)
{
    for (size_t i = from; i < b->n; i++)
        b->at[i] = byte_of(b->id, i);
}

static void verify(const struct block *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (b->at[i] != byte_of(b->id, i))
            refuted("a block's bytes changed");
}

static void taken(struct model *w, struct block *b)
{
    if ((uintptr_t)b->at % 16)
        refuted("a block is not aligned");
    b->id = ++w->ids;
    map_set(b->at, b->n, true);
    fill(b, 0);
}

/* Sizes about the classes, at times larger ones. */
static size_t some_size(struct model *w)
{
    switch (below(w, 16)) {
    case 0: return (size_t)32 << below(w, 4);
    case 1: return ((size_t)32 << below(w, 4)) + 1;
    case 2: return below(w, 3000);
    case 3: return chance(w, 20) ? below(w, 200000) : below(w, 400);
    case 4:
    case 5: return below(w, 257);
    default: return below(w, 65);
    }
}

static void counted(struct model *w, size_t was, size_t is)
{
    w->live = w->live - was + is;
    if (w->live > w->peak)
        w->peak = w->live;
}

static void op_block(struct model *w)
{
    struct block *b = &w->block[below(w, BLOCKS)];
    size_t n = some_size(w);

    if (!b->at) {
        w->allocs++;
        b->n = n;
        b->at = mem_alloc(w->m, n);
        if (!b->at) {
            w->refused++;
            return;
        }
        counted(w, 0, n);
        taken(w, b);
    } else if (chance(w, 4)) {
        size_t old = b->n;
        uint8_t *to;

        map_set(b->at, old, false);
        w->allocs++;
        to = mem_grow(w->m, b->at, old, n);
        if (to) {
            b->at = to;
            b->n = n;
            counted(w, old, n);
        } else {
            w->refused++;
        }
        map_set(b->at, b->n, true);
        verify(b, old < b->n ? old : b->n);
        fill(b, 0);
    } else {
        verify(b, b->n);
        map_set(b->at, b->n, false);
        mem_free(w->m, b->at, b->n);
        w->frees++;
        counted(w, b->n, 0);
        b->at = NULL;
    }
}

/* All blocks in random order: slabs empty out and go back. */
static void op_free_all(struct model *w)
{
    uint32_t start = below(w, BLOCKS), keep = 1 + below(w, 5);

    for (uint32_t i = 0; i < BLOCKS; i++) { /* 2777 and 6000: coprime */
        struct block *b = &w->block[(start + i * 2777ull) % BLOCKS];

        if (!b->at || chance(w, keep * 8))
            continue;
        verify(b, b->n);
        map_set(b->at, b->n, false);
        mem_free(w->m, b->at, b->n);
        w->frees++;
        counted(w, b->n, 0);
        b->at = NULL;
    }
}

/* ---- arenas ------------------------------------------------------------- */

static size_t rounded(size_t n)
{
    return (n + 15) / 16 * 16;
}

static void check_zero(const uint8_t *at, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (at[i])
            refuted("an arena's memory is not zero");
}

static void op_part(struct model *w)
{
    uint32_t k = below(w, ARENAS);
    struct block *b = &w->arena[k].part[w->arena[k].n];
    size_t n = some_size(w);

    if (w->arena[k].n == PARTS)
        return;
    w->allocs++;
    b->table = chance(w, 4);
    b->n = n;
    b->at = b->table ? arena_grow(w->arena[k].a, NULL, 0, n)
                     : arena_alloc(w->arena[k].a, n);
    if (!b->at) {
        w->refused++;
        return;
    }
    check_zero(b->at, n);
    taken(w, b);
    counted(w, 0, rounded(n));
    w->arena[k].used += rounded(n);
    w->arena[k].n++;
}

/* The first arena's tables: where they end up, their old bytes come along. */
static void op_grow_part(struct model *w)
{
    uint32_t k = below(w, ARENAS);
    struct block *b;
    size_t n, old;
    uint64_t allocs, live;
    struct mem_stats s;
    uint8_t *to;

    if (!w->arena[k].n)
        return;
    b = &w->arena[k]
             .part[chance(w, 3) ? w->arena[k].n - 1 : below(w, w->arena[k].n)];
    if (!b->table)
        return;
    old = b->n;
    n = old + below(w, 100) + (chance(w, 30) ? below(w, 50000) : old / 2);
    mem_stats(w->m, &s);
    allocs = s.allocs, live = s.live;
    map_set(b->at, old, false);
    to = arena_grow(w->arena[k].a, b->at, old, n);
    mem_stats(w->m, &s); /* a copy leaves its bytes behind: as counted */
    w->allocs += s.allocs - allocs;
    counted(w, 0, s.live - live);
    w->arena[k].used += s.live - live;
    if (!to) {
        map_set(b->at, old, true);
        w->refused++;
        return;
    }
    b->at = to;
    b->n = n;
    check_zero(to + old, n - old);
    map_set(to, n, true);
    verify(b, old);
    fill(b, old);
}

static void op_reset(struct model *w)
{
    uint32_t k = below(w, ARENAS);

    for (uint32_t i = 0; i < w->arena[k].n; i++) {
        struct block *b = &w->arena[k].part[i];

        verify(b, b->n);
        map_set(b->at, b->n, false);
    }
    counted(w, w->arena[k].used, 0);
    w->arena[k].n = 0;
    w->arena[k].used = 0;
    if (!chance(w, 4)) {
        arena_reset(w->arena[k].a);
        return;
    }
    arena_close(w->arena[k].a);
    do
        w->arena[k].a = arena_open(w->m);
    while (!w->arena[k].a);
}

/* ---- a run -------------------------------------------------------------- */

static void compare(struct model *w)
{
    const char *why = mem_check(w->m);
    struct mem_stats s;

    mem_stats(w->m, &s);
    for (int k = 0; k < ARENAS; k++)
        if (arena_used(w->arena[k].a) != w->arena[k].used)
            refuted("an arena counts otherwise");
    if (why)
        refuted(why);
    if (s.live != w->live + w->base || s.peak != w->peak + w->base)
        refuted("the context counts otherwise");
    if (s.allocs < w->allocs || s.frees < w->frees)
        refuted("the context counts calls otherwise");
    for (uint32_t i = 0; i < BLOCKS; i++)
        if (w->block[i].at)
            verify(&w->block[i], w->block[i].n);
}

static void operation(struct model *w)
{
    uint32_t kind = below(w, 1000);

    if (kind < 780)
        op_block(w);
    else if (kind < 940)
        op_part(w);
    else if (kind < 990)
        op_grow_part(w);
    else if (kind < 993)
        op_reset(w);
    else if (kind == 993 && chance(w, 5))
        op_free_all(w);
    else if (kind == 994)
        mem_fail_at(w->m, chance(w, 2) ? 0 : 1 + below(w, 20));
    else if (kind == 995 && chance(w, 10))
        mem_trim(w->m);
    else if (kind == 996 && chance(w, 8))
        compare(w);
}

static void run(const struct mem_profile *p, uint64_t seed, uint32_t times)
{
    static struct model w;
    struct mem_stats s;

    w = (struct model){.m = mem_open(p, NULL),
                       .random = seed * UINT64_C(0x9e3779b97f4a7c15)};
    memset(map, 0, sizeof map);
    for (int k = 0; k < ARENAS; k++)
        w.arena[k].a = arena_open(w.m);
    mem_stats(w.m, &s);
    w.base = s.live;
    for (uint32_t i = 0; i < times; i++)
        operation(&w);
    mem_fail_at(w.m, 0);
    compare(&w);
    for (uint32_t i = 0; i < BLOCKS; i++) {
        if (!w.block[i].at)
            continue;
        mem_free(w.m, w.block[i].at, w.block[i].n);
        w.block[i].at = NULL;
    }
    for (int k = 0; k < ARENAS; k++)
        arena_close(w.arena[k].a);
    mem_stats(w.m, &s);
    assert_int_equal(s.live, 0);
    for (int c = 0; c < MEM_CLASSES; c++)
        assert_int_equal(s.pool[c].used, 0);
    mem_trim(w.m);
    mem_stats(w.m, &s);
    assert_int_equal(s.held, 0);
    assert_null(mem_check(w.m));
    mem_close(w.m);
}

/* Once, or for a share of the seconds of PAL_SOAK. */
static void rounds(const struct mem_profile *p, uint32_t times)
{
    const char *soak = getenv("PAL_SOAK");
    uint64_t seed = soak ? (uint64_t)time(NULL) * 1000 : 1;
    time_t end = time(NULL) + (soak ? atoi(soak) / 5 : 0);

    do {
        run(p, seed, times);
        if (soak)
            printf("  %s: seed %llu\n", p->name, (unsigned long long)seed);
        seed++;
    } while (time(NULL) < end);
}

static void compiler(void **state)
{
    (void)state;
    rounds(&mem_compiler, OPERATIONS);
}

static void runtime(void **state)
{
    (void)state;
    rounds(&mem_runtime, OPERATIONS);
}

static void two_classes(void **state)
{
    struct mem_profile p = {.name = "two classes",
                            .chunk = 5000,
                            .pools = MEM_POOL_64 | MEM_POOL_128};

    (void)state;
    rounds(&p, OPERATIONS);
}

static void limited(void **state)
{
    struct mem_profile p = mem_runtime;

    (void)state;
    p.name = "limited";
    p.limit = 2 << 20;
    rounds(&p, OPERATIONS);
}

static void debugged(void **state)
{
    struct mem_profile p = mem_runtime;

    (void)state;
    p.name = "debugged";
    p.debug = true;
    rounds(&p, OPERATIONS / 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compiler),    cmocka_unit_test(runtime),
        cmocka_unit_test(two_classes), cmocka_unit_test(limited),
        cmocka_unit_test(debugged),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
