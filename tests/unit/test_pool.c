/* Where requests go, and the pools. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "tests/unit/mem_kit.h"

enum { MANY = 4000 };

/* ---- where requests go -------------------------------------------------- */

static const struct mem_profile few = {.name = "few",
                                       .chunk = (size_t)1 << 20,
                                       .pools = MEM_POOL_64 | MEM_POOL_256};
static const struct mem_profile small = {.name = "small", .nursery = 64 << 10};
static const struct mem_profile plain = {.name = "plain"};

static const struct place {
    const struct mem_profile *profile;
    size_t n;
    enum mem_type type;
    enum mem_life life;
    enum mem_place to;
} places[] = {
    /* a 24-byte identifier, a 512-byte syntax node, a 100 KB table */
    {&mem_compiler, 24, MEM_NAME, MEM_ALONE, MEM_IN_32},
    {&mem_compiler, 24, MEM_NAME, MEM_PHASE, MEM_IN_32},
    {&mem_compiler, 512, MEM_NODE, MEM_PHASE, MEM_IN_CHUNK},
    {&mem_compiler, 100 << 10, MEM_TABLE, MEM_PHASE, MEM_IN_SYSTEM},
    {&mem_compiler, 100 << 10, MEM_TABLE, MEM_ALONE, MEM_IN_SYSTEM},
    {&mem_runtime, 32, MEM_NODE, MEM_TRACED, MEM_IN_NURSERY},
    {&mem_runtime, 256 << 10, MEM_TABLE, MEM_TRACED, MEM_IN_NURSERY},
    {&mem_runtime, (256 << 10) + 1, MEM_TABLE, MEM_TRACED, MEM_IN_PAGES},
    {&mem_compiler, (256 << 10) + 1, MEM_TABLE, MEM_TRACED, MEM_IN_PAGES},
    {&small, MEM_CELL_MOST, MEM_NODE, MEM_TRACED, MEM_IN_NURSERY},
    {&small, MEM_CELL_MOST + 1, MEM_NODE, MEM_TRACED, MEM_IN_PAGES},
    /* every boundary of the classes */
    {&mem_runtime, 0, MEM_NODE, MEM_ALONE, MEM_IN_32},
    {&mem_runtime, 1, MEM_TABLE, MEM_ALONE, MEM_IN_32},
    {&mem_runtime, 32, MEM_NODE, MEM_ALONE, MEM_IN_32},
    {&mem_runtime, 33, MEM_TABLE, MEM_ALONE, MEM_IN_64},
    {&mem_runtime, 64, MEM_NODE, MEM_ALONE, MEM_IN_64},
    {&mem_runtime, 65, MEM_NAME, MEM_ALONE, MEM_IN_128},
    {&mem_runtime, 128, MEM_TABLE, MEM_ALONE, MEM_IN_128},
    {&mem_runtime, 129, MEM_NODE, MEM_ALONE, MEM_IN_256},
    {&mem_runtime, 256, MEM_NAME, MEM_PHASE, MEM_IN_256},
    {&mem_runtime, 257, MEM_NAME, MEM_PHASE, MEM_IN_SYSTEM},
    {&mem_runtime, 257, MEM_NODE, MEM_ALONE, MEM_IN_SYSTEM},
    {&mem_runtime, SIZE_MAX, MEM_NODE, MEM_ALONE, MEM_IN_SYSTEM},
    /* what dies with an arena: up to a quarter chunk */
    {&mem_compiler, 0, MEM_NODE, MEM_PHASE, MEM_IN_CHUNK},
    {&mem_compiler, 24, MEM_TABLE, MEM_PHASE, MEM_IN_CHUNK},
    {&mem_compiler, (512 << 10) - 1, MEM_NODE, MEM_PHASE, MEM_IN_CHUNK},
    {&mem_compiler, 512 << 10, MEM_NODE, MEM_PHASE, MEM_IN_SYSTEM},
    {&mem_runtime, (16 << 10) - 1, MEM_NODE, MEM_PHASE, MEM_IN_CHUNK},
    {&mem_runtime, 16 << 10, MEM_NODE, MEM_PHASE, MEM_IN_SYSTEM},
    /* tables of an arena: up to 32 KB, if that is less */
    {&mem_compiler, (32 << 10) - 1, MEM_TABLE, MEM_PHASE, MEM_IN_CHUNK},
    {&mem_compiler, 32 << 10, MEM_TABLE, MEM_PHASE, MEM_IN_SYSTEM},
    {&mem_runtime, (16 << 10) - 1, MEM_TABLE, MEM_PHASE, MEM_IN_CHUNK},
    {&mem_runtime, 16 << 10, MEM_TABLE, MEM_PHASE, MEM_IN_SYSTEM},
    /* classes that a profile leaves out, and none at all */
    {&few, 10, MEM_NODE, MEM_ALONE, MEM_IN_64},
    {&few, 65, MEM_NODE, MEM_ALONE, MEM_IN_256},
    {&few, 257, MEM_NODE, MEM_ALONE, MEM_IN_SYSTEM},
    {&plain, 10, MEM_NODE, MEM_ALONE, MEM_IN_SYSTEM},
    {&plain, 10, MEM_NODE, MEM_PHASE, MEM_IN_SYSTEM},
};

/* Where an allocation did go. */
static enum mem_place went(struct mem *m, const struct place *p)
{
    struct arena *a = arena_open(m);
    struct mem_stats before = stats_of(m), after;
    void *at;
    int c;

    if (p->life == MEM_ALONE || p->type == MEM_NAME)
        at = mem_alloc(m, p->n);
    else if (p->type == MEM_TABLE)
        at = arena_grow(a, NULL, 0, p->n);
    else
        at = arena_alloc(a, p->n);
    assert_non_null(at);
    after = stats_of(m);
    for (c = 0; c < MEM_CLASSES; c++)
        if (after.pool[c].used > before.pool[c].used)
            break;
    if (c < MEM_CLASSES)
        return (enum mem_place)c;
    return a->now ? MEM_IN_CHUNK : MEM_IN_SYSTEM;
}

static void requests_go_where_the_table_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        const struct place *p = &places[i];
        struct mem *m = mem_open(p->profile, NULL);

        if (mem_where(p->profile, p->n, p->type, p->life) != p->to)
            fail_msg("row %zu goes elsewhere", i);
        if (!m->debug && p->n < SIZE_MAX && p->life != MEM_TRACED &&
            went(m, p) != p->to)
            fail_msg("row %zu went elsewhere", i);
        assert_whole(m);
        mem_close(m);
    }
}

/* ---- pools -------------------------------------------------------------- */

static void cells_are_counted(void **state)
{
    static const size_t sizes[] = {1, 33, 65, 129, 256, 257};
    struct mem *m = mem_open(&mem_runtime, NULL);
    void *at[6][100];
    struct mem_stats s;

    (void)state;
    if (m->debug)
        goto done;
    for (size_t k = 0; k < 6; k++)
        for (size_t i = 0; i < 100; i++)
            assert_non_null(at[k][i] = mem_alloc(m, sizes[k]));
    s = stats_of(m);
    assert_int_equal(s.live, 100 * (1 + 33 + 65 + 129 + 256 + 257));
    assert_int_equal(s.allocs, 600);
    assert_int_equal(s.pool[0].used, 100);
    assert_int_equal(s.pool[1].used, 100);
    assert_int_equal(s.pool[2].used, 100);
    assert_int_equal(s.pool[3].used, 200);
    assert_int_equal(s.pool[0].cell, 32);
    assert_int_equal(s.pool[3].cell, 256);
    assert_int_equal(s.pool[0].held, SLAB_SIZE);
    assert_int_equal(s.pool[3].held, 2 * SLAB_SIZE);
    assert_int_equal(s.held, 5 * SLAB_SIZE + 100 * (257 + 16));
    assert_whole(m);
    for (size_t k = 0; k < 6; k++)
        for (size_t i = 0; i < 100; i++)
            mem_free(m, at[k][(i * 37 + k) % 100], sizes[k]);
    s = stats_of(m);
    assert_int_equal(s.live, 0);
    assert_int_equal(s.peak, 100 * (1 + 33 + 65 + 129 + 256 + 257));
    assert_int_equal(s.frees, 600);
    for (int c = 0; c < MEM_CLASSES; c++)
        assert_int_equal(s.pool[c].used, 0);
    assert_whole(m);
    mem_trim(m);
    assert_int_equal(stats_of(m).held, 0);
    assert_whole(m);
done:
    mem_close(m);
}

/* The cells that a pool has, and those of its newest slab. */
HIDDEN static size_t cells_of(const struct pool *p, size_t *newest)
{
    size_t n = 0;

    *newest = p->all->cells;
    for (const struct slab *s = p->all; s; s = s->older)
        n += s->cells;
    return n;
}

/* A slab of each class in each of the places that a header can have. */
static void every_cell_can_be_used(void **state)
{
    struct mem *m = mem_open(&mem_runtime, NULL);
    static char *at[MANY];

    (void)state;
    for (size_t n = 32; n <= 256 && !m->debug; n *= 2) {
        struct pool *p = pool_of_(m, n);
        size_t cells, newest, i;

        for (i = 0; i < MANY; i++) {
            at[i] = mem_alloc(m, n);
            memset(at[i], (int)i, n);
        }
        cells = cells_of(p, &newest);
        /* no more slabs than the cells need */
        assert_true(cells >= MANY && cells - MANY < newest);
        for (i = 0; i < MANY; i++) {
            assert_true(at[i][0] == (char)i && at[i][n - 1] == (char)i);
            mem_free(m, at[i], n);
        }
        assert_whole(m);
    }
    mem_close(m);
}

static void a_freed_cell_is_used_again(void **state)
{
    struct mem *m = mem_open(&mem_runtime, NULL);
    static void *at[MANY];
    uint64_t held;

    (void)state;
    for (size_t i = 0; i < MANY; i++)
        at[i] = mem_alloc(m, 100);
    held = stats_of(m).held;
    for (int round = 0; round < 20; round++) {
        for (size_t i = (size_t)round % 3; i < MANY; i += 3)
            mem_free(m, at[i], 100);
        for (size_t i = (size_t)round % 3; i < MANY; i += 3)
            at[i] = mem_alloc(m, 100);
        assert_int_equal(stats_of(m).held, held);
    }
    assert_whole(m);
    mem_close(m);
}

/* After a peak all but a few slabs go back; where the need swings about a
 * slab's edge, none comes and goes. */
static void slabs_go_back_after_a_peak(void **state)
{
    struct mem *m = mem_open(&mem_runtime, NULL);
    static void *at[MANY];
    uint64_t held;
    size_t cells;

    (void)state;
    for (size_t i = 0; i < MANY; i++)
        at[i] = mem_alloc(m, 256);
    held = stats_of(m).held;
    for (size_t i = 0; i < MANY; i++) {
        mem_free(m, at[i], 256);
        assert_true(m->nspare <= 1 + m->nslabs / 4);
    }
    assert_true(stats_of(m).held <= 3 * SLAB_SIZE || m->debug);
    assert_true(stats_of(m).held < held);
    assert_whole(m);

    if (m->debug) /* these blocks are larger then */
        goto done;
    at[0] = mem_alloc(m, 256);
    cells_of(&m->pool[3], &cells);
    mem_free(m, at[0], 256);
    for (size_t i = 0; i <= cells; i++)
        at[i] = mem_alloc(m, 256);
    held = stats_of(m).held;
    for (int swing = 0; swing < 10; swing++) {
        for (size_t i = cells - 2; i <= cells; i++)
            mem_free(m, at[i], 256);
        assert_int_equal(stats_of(m).held, held);
        for (size_t i = cells - 2; i <= cells; i++)
            at[i] = mem_alloc(m, 256);
        assert_int_equal(stats_of(m).held, held);
    }
    assert_whole(m);
done:
    mem_close(m);
}

/* A spare slab serves any class. */
static void a_slab_changes_its_class(void **state)
{
    struct mem *m = mem_open(&mem_runtime, NULL);
    static void *at[600];
    uint64_t held;

    (void)state;
    for (size_t i = 0; i < 600; i++)
        at[i] = mem_alloc(m, 200);
    for (size_t i = 0; i < 600; i++)
        mem_free(m, at[i], 200);
    held = stats_of(m).held;
    assert_true(m->nspare > 0);
    assert_non_null(mem_alloc(m, 40));
    assert_int_equal(stats_of(m).held, held);
    assert_whole(m);
    mem_close(m);
}

static void growing_crosses_classes(void **state)
{
    struct mem *m = mem_open(&mem_runtime, NULL);
    uint8_t *p = NULL;
    size_t old = 0;

    (void)state;
    for (size_t n = 1; n <= 700; n++) {
        p = mem_grow(m, p, old, n);
        assert_non_null(p);
        p[n - 1] = (uint8_t)n;
        for (size_t i = 0; i < n; i++)
            assert_int_equal(p[i], (uint8_t)(i + 1));
        assert_int_equal(stats_of(m).live, n);
        old = n;
    }
    for (size_t n = 700; n-- > 0;) {
        p = mem_grow(m, p, n + 1, n);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(p[i], (uint8_t)(i + 1));
    }
    assert_whole(m);
    mem_free(m, p, 0);
    assert_int_equal(stats_of(m).live, 0);
    assert_int_equal(stats_of(m).peak, 700);
    mem_close(m);
}

/* Blocks, a table and an arena, with the nth allocation refused: what was
 * there stands, and the same again succeeds. */
static void any_allocation_can_fail(void **state)
{
    (void)state;
    for (uint64_t nth = 1;; nth++) {
        struct mem *m = mem_open(&mem_runtime, NULL);
        struct arena *a = arena_open(m);
        void *at[300] = {0};
        uint8_t *table = NULL;
        uint64_t refused = 0;

        mem_fail_at(m, nth);
        for (size_t i = 0; i < 300; i++) {
            size_t n = i * 7 % 300;

            if (!(at[i] = mem_alloc(m, n)))
                refused++, at[i] = mem_alloc(m, n);
            if (!arena_alloc(a, n))
                refused++;
            uint8_t *more = mem_grow(m, table, i, i + 1);

            if (!more)
                refused++, more = mem_grow(m, table, i, i + 1);
            table = more;
            table[i] = (uint8_t)i;
        }
        assert_true(refused <= 1);
        assert_whole(m);
        for (size_t i = 0; i < 300; i++) {
            assert_int_equal(table[i], (uint8_t)i);
            mem_free(m, at[i], i * 7 % 300);
        }
        mem_free(m, table, 300);
        arena_close(a);
        assert_int_equal(stats_of(m).live, 0);
        assert_whole(m);
        mem_close(m);
        if (!refused)
            break;
    }
}

static void pools_keep_the_limit(void **state)
{
    struct mem_profile p = mem_runtime;
    struct mem *m;
    void *first, *at = NULL;
    uint64_t n = 0;

    (void)state;
    p.limit = 3 * SLAB_SIZE + 1000;
    m = mem_open(&p, NULL);
    first = mem_alloc(m, 20);
    for (void *next; (next = mem_alloc(m, 200)); n++)
        at = next;
    assert_true(n >= 2 * 120);
    assert_true(stats_of(m).held <= p.limit);
    assert_null(mem_alloc(m, 40)); /* a class without a slab */
    mem_free(m, at, 200);
    assert_non_null(mem_alloc(m, 200));
    mem_free(m, first, 20);
    assert_non_null(mem_alloc(m, 20));
    assert_whole(m);
    mem_close(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_go_where_the_table_says),
        cmocka_unit_test(cells_are_counted),
        cmocka_unit_test(every_cell_can_be_used),
        cmocka_unit_test(a_freed_cell_is_used_again),
        cmocka_unit_test(slabs_go_back_after_a_peak),
        cmocka_unit_test(a_slab_changes_its_class),
        cmocka_unit_test(growing_crosses_classes),
        cmocka_unit_test(any_allocation_can_fail),
        cmocka_unit_test(pools_keep_the_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
