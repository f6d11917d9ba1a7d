/* Contexts, arenas, vectors, the byte builder. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "runtime/mem/bytes.h"
#include "runtime/mem/mem.h"
#include "runtime/mem/vec.h"

static struct mem_stats stats_of(const struct mem *m)
{
    struct mem_stats s;

    mem_stats(m, &s);
    return s;
}

static bool is_aligned(const void *p)
{
    return (uintptr_t)p % 16 == 0;
}

static bool is_zero(const uint8_t *p, size_t n)
{
    while (n && !*p)
        p++, n--;
    return n == 0;
}

static void blocks(void **state)
{
    struct mem *m = mem_open(&mem_runtime, NULL);
    uint8_t *a = mem_alloc(m, 100), *b = mem_alloc(m, 0);

    (void)state;
    assert_non_null(a);
    assert_non_null(b);
    assert_true(is_aligned(a) && is_aligned(b));
    memset(a, 7, 100);
    a = mem_grow(m, a, 100, 100000);
    assert_true(a[0] == 7 && a[99] == 7);
    a = mem_grow(m, a, 100000, 10);
    assert_int_equal(stats_of(m).live, 10);
    assert_int_equal(stats_of(m).peak, 100000);
    mem_free(m, a, 10);
    mem_free(m, b, 0);
    mem_free(m, NULL, 0);
    assert_int_equal(stats_of(m).live, 0);
    assert_int_equal(stats_of(m).frees, 2);
    mem_trim(m);
    assert_int_equal(stats_of(m).held, 0);
    a = mem_grow(m, NULL, 0, 8);
    assert_non_null(a); /* and left to mem_close */
    mem_close(m);
    mem_close(NULL);
}

static void absurd_sizes_are_refused(void **state)
{
    struct mem *m = mem_open(&mem_runtime, NULL);
    struct arena *a = arena_open(m);
    void *p = mem_alloc(m, 8);

    (void)state;
    assert_null(mem_alloc(m, SIZE_MAX));
    assert_null(mem_alloc(m, SIZE_MAX - 8));
    assert_null(mem_grow(m, p, 8, SIZE_MAX));
    assert_null(arena_alloc(a, SIZE_MAX));
    assert_null(arena_alloc(a, SIZE_MAX - 40));
    assert_null(arena_strndup(a, "", SIZE_MAX));
    mem_free(m, p, 8);
    mem_close(m);
}

static void limit_is_kept(void **state)
{
    struct mem_profile p = {.name = "small", .chunk = 4096, .limit = 20000};
    struct mem *m = mem_open(&p, NULL);
    struct arena *a = arena_open(m);
    void *b;

    (void)state;
    b = mem_alloc(m, 12000);
    assert_non_null(b);
    assert_null(mem_alloc(m, 12000));
    assert_null(mem_grow(m, b, 12000, 30000));
    assert_non_null(arena_alloc(a, 100));
    assert_true(stats_of(m).held <= 20000);
    mem_free(m, b, 12000);
    /* chunks that a closed arena left are given up for a block */
    for (int i = 0; i < 100; i++)
        assert_non_null(arena_alloc(a, 100));
    arena_close(a);
    assert_true(stats_of(m).held > 8000);
    b = mem_alloc(m, 18000);
    assert_non_null(b);
    assert_true(stats_of(m).held <= 20000);
    mem_close(m);
}

struct told {
    unsigned times;
    size_t wanted;
};

/* A real hook does not return; this one shows that it was called. */
static void tell(void *arg, size_t wanted)
{
    struct told *t = arg;

    t->times++;
    t->wanted = wanted;
}

static void hook_is_called(void **state)
{
    struct told told = {0, 0};
    struct mem_hooks hooks = {.exhausted = tell, .arg = &told};
    struct mem *m = mem_open(&mem_compiler, &hooks);
    struct arena *a = arena_open(m);

    (void)state;
    assert_null(mem_alloc(m, SIZE_MAX));
    assert_int_equal(told.times, 1);
    assert_true(told.wanted == SIZE_MAX);
    mem_fail_at(m, 2);
    assert_non_null(arena_alloc(a, 8));
    assert_null(arena_alloc(a, 24));
    assert_int_equal(told.times, 2);
    assert_int_equal(told.wanted, 24);
    for (uint64_t nth = 1; nth < 9; nth++) { /* with room in the chunk, too */
        mem_fail_at(m, 0);
        assert_non_null(arena_alloc(a, 8));
        assert_non_null(mem_alloc(m, 8));
        mem_fail_at(m, nth);
        for (uint64_t i = 1; i < nth; i++)
            assert_non_null(i & 1 ? arena_alloc(a, 8) : mem_alloc(m, 8));
        assert_null(nth & 1 ? arena_alloc(a, 8) : mem_alloc(m, 8));
    }
    mem_fail_at(m, 0);
    assert_non_null(arena_alloc(a, 8));
    mem_fail_at(m, 1);
    mem_fail_at(m, 0);
    assert_non_null(mem_alloc(m, 8));
    mem_close(m);
}

static void arenas(void **state)
{
    struct mem *m = mem_open(&mem_runtime, NULL);
    struct arena *a = arena_open(m);
    uint64_t held = 0;

    (void)state;
    for (int round = 0; round < 5; round++) {
        size_t used = 0;

        for (size_t n = 0; n < 3000; n++) {
            uint8_t *p = arena_alloc(a, n % 300);

            assert_true(is_aligned(p) && is_zero(p, n % 300));
            memset(p, 0xff, n % 300);
            used += (n % 300 + 15) / 16 * 16;
        }
        for (size_t n = 10000; n < 200000; n *= 3) {
            uint8_t *p = arena_alloc(a, n);

            assert_true(is_aligned(p) && is_zero(p, n));
            memset(p, 0xff, n);
            used += (n + 15) / 16 * 16;
        }
        assert_int_equal(arena_used(a), used);
        arena_reset(a);
        assert_int_equal(arena_used(a), 0);
        if (round == 0)
            held = stats_of(m).held;
        assert_int_equal(stats_of(m).held, held); /* chunks are used again */
    }
    arena_close(a);
    assert_int_equal(stats_of(m).live, 0);
    assert_true(stats_of(m).held > held / 2); /* kept for the next arena */
    a = arena_open(m);
    assert_non_null(arena_alloc(a, 1000));
    assert_int_equal(stats_of(m).held, held);
    arena_close(NULL);
    mem_close(m);
}

/* A table grows in place, then by copies, then by itself; whatever the steps,
 * its bytes come along and the new ones are zero. */
static void tables_grow(void **state)
{
    static const size_t steps[] = {1, 7, 16, 100, 5000};
    struct mem *m = mem_open(&mem_compiler, NULL);
    struct arena *a = arena_open(m);

    (void)state;
    for (size_t k = 0; k < 5; k++) {
        uint8_t *p = NULL, *other;
        size_t old = 0;

        for (size_t n = steps[k]; n < 70000; n += n / 50 + steps[k]) {
            p = arena_grow(a, p, old, n);
            assert_true(is_aligned(p) && is_zero(p + old, n - old));
            if (old)
                assert_true(p[0] == 1 && p[old - 1] == (uint8_t)old);
            p[0] = 1;
            p[n - 1] = (uint8_t)n;
            if (n % 3 == 0) { /* no longer the last */
                other = arena_alloc(a, 5);
                memset(other, 0xff, 5);
            }
            old = n;
        }
        assert_null(arena_grow(a, p, old, SIZE_MAX));
        assert_null(arena_grow(a, p, old, SIZE_MAX / 2));
        mem_fail_at(m, 1);
        assert_null(arena_grow(a, p, old, old + 10000));
        assert_true(p[0] == 1 && p[old - 1] == (uint8_t)old);
        assert_null(mem_check(m));
        arena_reset(a);
    }
    /* from just below the size that has a malloc of its own to that size */
    for (size_t n = 32 * 1024 - 20; n < 32 * 1024 + 20; n++) {
        uint8_t *p = arena_grow(a, NULL, 0, 32 * 1024 - 10);

        p[0] = 9;
        p = arena_grow(a, p, 32 * 1024 - 10, n);
        p = arena_grow(a, p, n, 100000);
        assert_int_equal(p[0], 9);
        assert_null(mem_check(m));
    }
    arena_close(a);
    assert_int_equal(stats_of(m).live, 0);
    mem_close(m);
}

/* Chunks of 1 MB, 64 KB and 1 KB, and none: the arena gives the same. */
static void any_chunk_size_will_do(void **state)
{
    static const size_t chunks[] = {1 << 20, 64 << 10, 5000, 1024, 0};

    (void)state;
    for (size_t k = 0; k < 5; k++) {
        struct mem_profile p = {.name = "chunks", .chunk = chunks[k]};
        struct mem *m = mem_open(&p, NULL);
        struct arena *a = arena_open(m);
        uint64_t held = 0;

        for (int round = 0; round < 3; round++) {
            for (size_t n = 0; n < 20000; n++) {
                uint32_t *q = arena_alloc(a, 4 + n % 1500);

                assert_true(is_aligned(q) && is_zero((uint8_t *)q, 4));
                *q = (uint32_t)n;
            }
            if (round == 0)
                held = stats_of(m).held;
            assert_true(stats_of(m).held <= held + held / 8);
            assert_null(mem_check(m));
            arena_reset(a);
            assert_int_equal(arena_used(a), 0);
        }
        arena_close(a);
        mem_trim(m);
        assert_int_equal(stats_of(m).held, 0);
        mem_close(m);
    }
}

static void arena_text(void **state)
{
    struct mem *m = mem_open(&mem_compiler, NULL);
    struct arena *a = arena_open(m);

    (void)state;
    assert_string_equal(arena_strndup(a, "hello there", 5), "hello");
    assert_string_equal(arena_strndup(a, NULL, 0), "");
    assert_string_equal(arena_printf(a, "%d-%s", 42, "x"), "42-x");
    assert_string_equal(arena_printf(a, "%s", ""), "");
    mem_close(m);
}

static void vectors(void **state)
{
    struct mem *m = mem_open(&mem_compiler, NULL);
    struct arena *a = arena_open(m);
    VEC(uint32_t) xs = {0};
    VEC(uint64_t) ys = {0};

    (void)state;
    for (uint32_t i = 0; i < 100000; i++) {
        assert_true(vec_push(m, &xs, i));
        assert_true(vec_push_in(a, &ys, (uint64_t)i << 32));
    }
    for (uint32_t i = 0; i < 100000; i++) {
        assert_int_equal(xs.at[i], i);
        assert_true(ys.at[i] == (uint64_t)i << 32);
    }
    mem_fail_at(m, 1);
    assert_false(vec_reserve(m, &xs, xs.cap + 1));
    assert_int_equal(xs.at[99999], 99999);
    assert_false(vec_reserve(m, &xs, UINT32_MAX)); /* a capacity never wraps */
    assert_false(vec_reserve_in(a, &ys, UINT32_MAX));
    vec_free(m, &xs);
    assert_int_equal(xs.n, 0);
    arena_close(a);
    assert_int_equal(stats_of(m).live, 0);
    mem_close(m);
}

static void byte_builder(void **state)
{
    struct mem *m = mem_open(&mem_runtime, NULL);
    struct bytes b = bytes_in(m);

    (void)state;
    bytes_str(&b, "ab");
    bytes_byte(&b, 'c');
    bytes_add(&b, NULL, 0);
    bytes_printf(&b, "%s%03d", "", 7);
    bytes_printf(&b, "%s", "");
    memcpy(bytes_room(&b, 2), "yz", 2);
    assert_non_null(bytes_room(&b, 0));
    assert_int_equal(b.n, 8);
    assert_memory_equal(b.at, "abc007yz", 8);
    for (int i = 0; i < 10000; i++)
        bytes_printf(&b, "%d,", i);
    assert_int_equal(b.n, 8 + 48890);
    assert_memory_equal(b.at + b.n - 5, "9999,", 5);

    assert_null(bytes_room(&b, SIZE_MAX));
    assert_true(b.failed);
    bytes_byte(&b, 'x'); /* nothing more happens */
    assert_int_equal(b.n, 8 + 48890);
    bytes_free(&b);
    assert_false(b.failed);
    bytes_str(&b, "again");
    assert_memory_equal(b.at, "again", 5);
    bytes_free(&b);
    mem_trim(m);
    assert_int_equal(stats_of(m).held, 0);
    mem_close(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks),
        cmocka_unit_test(absurd_sizes_are_refused),
        cmocka_unit_test(limit_is_kept),
        cmocka_unit_test(hook_is_called),
        cmocka_unit_test(arenas),
        cmocka_unit_test(tables_grow),
        cmocka_unit_test(any_chunk_size_will_do),
        cmocka_unit_test(arena_text),
        cmocka_unit_test(vectors),
        cmocka_unit_test(byte_builder),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
