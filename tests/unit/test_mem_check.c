/* What mem_check finds, and what debugging tells. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "tests/unit/mem_kit.h"

/* ---- what mem_check finds ----------------------------------------------- */

/* Something is wrong for a moment, and mem_check says so. */
#define FOUND(place, wrong)                                                    \
    do {                                                                       \
        __typeof__(place) was = place;                                         \
        place = wrong;                                                         \
        assert_non_null(mem_check(m));                                         \
        place = was;                                                           \
        m->broken = false;                                                     \
        assert_whole(m);                                                       \
    } while (0)

static void broken_pools_are_found(void **state)
{
    struct mem *m = mem_open(&mem_runtime, NULL);
    struct pool *p = &m->pool[3];
    struct slab *s, *last;
    void *at[600];

    (void)state;
    if (MEM_ASAN || m->debug) /* headers are closed, nothing is set aside */
        goto done;
    for (size_t i = 0; i < 600; i++)
        at[i] = mem_alloc(m, 256);
    for (size_t i = 0; i < 600; i += 3)
        mem_free(m, at[i], 256);
    s = p->room;
    for (last = s; last->next; last = last->next)
        ;
    assert_non_null(mem_alloc(m, 256)); /* a word is set aside */
    assert_whole(m);
    FOUND(s->free[0], s->free[0] ^ 1 << 9);
    FOUND(s->free[0], UINT64_MAX);
    FOUND(s->free[3], 1);
    FOUND(s->filled, s->filled ^ 2);
    FOUND(s->used, s->used + 1);
    FOUND(s->cells, s->cells - 1);
    FOUND(s->pool, p - 1);
    FOUND(s->pool, NULL);
    FOUND(s->next, NULL);
    FOUND(s->next->prev, NULL);
    FOUND(last->next, p->now);
    FOUND(p->room, p->room->next);
    FOUND(p->all, p->all->older);
    FOUND(p->nslabs, p->nslabs + 1);
    FOUND(p->now, NULL);
    FOUND(p->base, p->base + 256);
    FOUND(p->base, NULL);
    FOUND(m->nslabs, m->nslabs - 1);
    FOUND(m->nspare, m->nspare + 1);
    FOUND(m->profile.limit, 1);
done:
    mem_close(m);
}

static void broken_arenas_are_found(void **state)
{
    struct mem *m = mem_open(&mem_runtime, NULL);
    struct arena *a = arena_open(m), *b = arena_open(m);

    (void)state;
    for (size_t i = 0; i < 1000; i++)
        assert_non_null(arena_alloc(a, 200));
    assert_non_null(arena_alloc(b, 40));
    if (m->debug || MEM_ASAN)
        goto done;
    FOUND(a->at.next, a->at.next - ((size_t)1 << 20));
    FOUND(a->at.next, a->at.next + 8);
    FOUND(a->at.clean, a->end + 16);
    FOUND(a->at.clean, a->at.next - 16);
    FOUND(a->at.clean[-1], 1);
    FOUND(a->end, a->end - 16);
    FOUND(a->mark, a->at.next + 16);
    FOUND(a->first->size, a->first->size - 16);
    FOUND(a->last, a->first);
    FOUND(a->now, b->now);
    FOUND(a->used, a->used + (1 << 20));
    FOUND(a->mem, NULL);
    FOUND(a->prev, NULL);
    FOUND(m->chunks.next->prev, NULL);
done:
    mem_close(m);
}

/* ---- debugging ---------------------------------------------------------- */

struct told {
    unsigned times;
    char what[128];
};

static void tell(void *arg, const char *what)
{
    struct told *t = arg;

    t->times++;
    strncpy(t->what, what, sizeof t->what - 1);
}

static struct mem *open_debug(struct told *t)
{
    struct mem_profile p = mem_runtime;
    struct mem_hooks hooks = {.broken = tell, .arg = t};

    *t = (struct told){0};
    p.debug = true;
    return mem_open(&p, &hooks);
}

static void debugging_changes_no_result(void **state)
{
    struct told t;
    struct mem *m = open_debug(&t);
    struct arena *a = arena_open(m);
    uint8_t *p[300];

    (void)state;
    for (size_t i = 0; i < 300; i++) {
        uint8_t *q = arena_alloc(a, i);

        p[i] = mem_alloc(m, i);
        assert_true((uintptr_t)p[i] % 16 == 0 && (uintptr_t)q % 16 == 0);
        for (size_t k = 0; k < i; k++)
            assert_true(q[k] == 0 && p[i][k] != 0);
        memset(p[i], 1, i);
        memset(q, 1, i);
    }
    assert_whole(m);
    arena_reset(a);
    assert_non_null(arena_alloc(a, 20000));
    for (size_t i = 0; i < 300; i++)
        mem_free(m, p[i], i);
    arena_close(a);
    assert_whole(m);
    assert_int_equal(stats_of(m).live, 0);
    mem_close(m);
    assert_int_equal(t.times, 0);
}

/* The wrong uses that would crash or be caught elsewhere under a sanitizer. */
static void wrong_uses_are_told(void **state)
{
    static const size_t sizes[] = {20, 200, 5000};
    struct told t;

    (void)state;
    for (size_t k = 0; k < 3 && !MEM_ASAN; k++) {
        size_t n = sizes[k];
        struct mem *m = open_debug(&t);
        uint8_t *p = mem_alloc(m, n), *q = mem_alloc(m, n);

        mem_free(m, p, n);
        mem_free(m, p, n);
        assert_int_equal(t.times, 1);
        assert_string_equal(t.what, "a block was freed twice");
        mem_free(m, q, n + 1);
        assert_int_equal(t.times, 2);
        assert_non_null(strstr(t.what, "was given back as"));
        assert_null(mem_grow(m, q, n - 1, 10));
        assert_int_equal(t.times, 3);
        assert_string_equal(mem_check(m), "a block was freed twice");
        mem_close(m);

        m = open_debug(&t);
        p = mem_alloc(m, n);
        p[n] = 0;
        assert_string_equal(mem_check(m),
                            "the bytes behind a block were overwritten");
        mem_close(m);

        m = open_debug(&t);
        p = mem_alloc(m, n);
        mem_free(m, p, n);
        p[n / 2] = 0;
        assert_string_equal(mem_check(m),
                            "a block was written to after it was freed");
        mem_close(m);
    }
}

static void wrong_uses_of_arenas_are_told(void **state)
{
    struct told t;

    (void)state;
    for (size_t n = 40; n < 40000 && !MEM_ASAN; n *= 30) {
        struct mem *m = open_debug(&t);
        struct arena *a = arena_open(m);
        uint8_t *p = arena_alloc(a, n);

        assert_non_null(arena_alloc(a, n));
        p[(n + 15) / 16 * 16] ^= 1;
        assert_string_equal(
            mem_check(m),
            "the bytes behind an arena's allocation were overwritten");
        mem_close(m);
        if (n >= mem_runtime.chunk / 4)
            continue;

        m = open_debug(&t);
        a = arena_open(m);
        p = arena_alloc(a, n);
        arena_reset(a);
        p[0] = 0;
        assert_string_equal(mem_check(m),
                            "an arena was written to after its reset");
        mem_close(m);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(broken_pools_are_found),
        cmocka_unit_test(broken_arenas_are_found),
        cmocka_unit_test(debugging_changes_no_result),
        cmocka_unit_test(wrong_uses_are_told),
        cmocka_unit_test(wrong_uses_of_arenas_are_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
