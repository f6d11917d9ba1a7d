/* test_tape.c - the reserved range: its segments, where the collector's tables
 * lie, pages touched and given back, the audit. */
#include "runtime/gc/handle.h"
#include "tests/unit/heap_kit.h"

#include <sys/mman.h>

static uint64_t hundred_bytes(uint64_t heap)
{
    return heap / 100;
}

static void open_tape(struct tape *t, uint64_t (*side)(uint64_t heap))
{
    const struct tape_wish wish = {
        .code = 5000,
        .globals = 100,
        .stack = PAGES(3),
        .nursery = PAGES(10) + 1,
        .heap = PAGES(1000),
        .heap_least = PAGES(1000),
        .side = side,
    };
    assert_int_equal(tape_open(t, &wish), PAL_OK);
}

static void segments_follow_each_other_in_whole_pages(void **state)
{
    (void)state;
    struct tape t;
    open_tape(&t, NULL);
    uint64_t at = 0;
    for (int i = 0; i < TAPE_SEGMENTS; i++) {
        assert_int_equal(t.seg[i].at, at);
        assert_int_equal(t.seg[i].size % TAPE_PAGE, 0);
        assert_int_not_equal(t.seg[i].size, 0);
        at += t.seg[i].size;
    }
    assert_int_equal(at, t.size);
    assert_int_equal(t.seg[TAPE_CODE].size, PAGES(2));
    assert_int_equal(t.seg[TAPE_NURSERY].size, PAGES(11));
    assert_int_equal(t.seg[TAPE_HEAP].size, PAGES(1000));
    /* a block is remembered in 8 bytes, of 32 of the heap at least, twice */
    assert_true(t.seg[TAPE_REMEMBER].size >= PAGES(1000) / 32 * 8 * 2);
    for (const uint8_t *p = t.base - TAPE_BELOW; p < t.base + 100; p++)
        assert_int_equal(*p, 0);
    t.base[t.size - 1] = 1; /* all of it can be written */
    tape_close(&t);
    assert_null(t.base);
}

/* SIDE begins with a bit for each page below it; then come the tables. */
static void the_tables_lie_behind_the_touched_pages(void **state)
{
    (void)state;
    uint64_t (*const sides[])(uint64_t) = {NULL, hundred_bytes, old_side_bytes};
    for (int i = 0; i < 3; i++) {
        struct tape t;
        open_tape(&t, sides[i]);
        uint64_t at = t.seg[TAPE_SIDE].at, side = tape_side(&t);
        uint64_t want = sides[i] ? sides[i](PAGES(1000)) : 0;
        assert_int_equal(side % TAPE_PAGE, 0);
        assert_true(side >= at + at / TAPE_PAGE / 8);
        assert_true(side + want <= t.size);
        assert_true(side + want + TAPE_PAGE > t.size);
        tape_touch(&t, at - 1, 1);
        assert_true(tape_is_touched(&t, at / TAPE_PAGE - 1));
        for (uint64_t k = side; k < t.size; k += 8)
            assert_int_equal(*(uint64_t *)(t.base + k), 0);
        tape_close(&t);
    }
}

/* Bytes from one table's beginning to that of the next. */
static uint64_t between(const void *from, const void *to)
{
    assert_true((const uint8_t *)to > (const uint8_t *)from);
    return (uint64_t)((const uint8_t *)to - (const uint8_t *)from);
}

/* Whatever a heap's size, each table has an item for all that may be. */
static void every_table_is_large_enough(void **state)
{
    (void)state;
    static const uint64_t heaps[] = {1, 7, 64, 255, 256, 257, 1000, 16384};
    for (int i = 0; i < 8; i++) {
        struct rig g;
        rig_open(&g, (struct rig_wish){.heap = PAGES(heaps[i])});
        const struct gc_tables *o = &g.h.old;
        uint64_t pages = heaps[i], granules = pages * 256;
        const uint8_t *end = g.h.base + g.h.tape.size;
        assert_ptr_equal(o->used, obj_at(&g.h, tape_side(&g.h.tape)));
        assert_true(between(o->used, o->dirty) * 8 >= pages);
        assert_true(between(o->dirty, o->desc) * 8 >= pages);
        assert_true(between(o->desc, o->next) >= 4 * pages);
        assert_true(between(o->next, o->alloc) >= 4 * pages);
        assert_true(between(o->alloc, o->marked) * 8 >= granules);
        assert_true(between(o->marked, o->heads) * 8 >= granules);
        assert_true(between(o->heads, o->queue) >= 4 * granules);
        assert_true(between(o->queue, o->weak) >= 8 * granules);
        assert_true(between(o->weak, o->pending) >= 8 * granules / 2);
        assert_true(between(o->pending, o->handles) >=
                    g.h.tape.seg[TAPE_HISTORY].size / 32 * sizeof *o->pending);
        assert_true(between(o->handles, end) >=
                    GC_HANDLES_MOST * sizeof *o->handles);
        rig_close(&g);
    }
}

static void touching_is_by_whole_pages(void **state)
{
    (void)state;
    static const struct {
        uint64_t at, n, first, last;
    } cases[] = {{0, 1, 0, 0},
                 {PAGES(1) - 1, 1, 0, 0},
                 {PAGES(1) - 1, 2, 0, 1},
                 {PAGES(63), PAGES(1), 63, 63},
                 {PAGES(63), PAGES(1) + 1, 63, 64},
                 {PAGES(60) + 5, PAGES(70), 60, 130}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct tape t;
        open_tape(&t, NULL);
        tape_touch(&t, cases[i].at, cases[i].n);
        for (uint64_t p = 0; p < 200; p++)
            assert_int_equal(tape_is_touched(&t, p),
                             p >= cases[i].first && p <= cases[i].last);
        tape_close(&t);
    }
}

static void pages_given_back_are_zero_and_touched(void **state)
{
    (void)state;
    struct tape t;
    open_tape(&t, NULL);
    uint64_t at = t.seg[TAPE_HEAP].at;
    memset(t.base + at, 7, PAGES(10));
    assert_true(tape_release(&t, at + PAGES(3), PAGES(4)));
    for (uint64_t p = 0; p < 10; p++) {
        bool gone = p >= 3 && p < 7;
        unsigned char in;
        assert_int_equal(mincore(t.base + at + PAGES(p), 1, &in), 0);
        assert_int_equal(in & 1, !gone);
        for (uint64_t i = 0; i < TAPE_PAGE; i++)
            assert_int_equal(t.base[at + PAGES(p) + i], gone ? 0 : 7);
        assert_int_equal(tape_is_touched(&t, at / TAPE_PAGE + p), gone);
    }
    t.base[at + PAGES(3)] = 8; /* and can be written again */
    assert_int_equal(t.base[at + PAGES(3)], 8);
    tape_close(&t);
}

/* Parts of pages are refused, for one. */
static void a_refusal_to_take_pages_back_changes_nothing(void **state)
{
    (void)state;
    struct tape t;
    open_tape(&t, NULL);
    uint64_t at = t.seg[TAPE_HEAP].at;
    memset(t.base + at, 7, PAGES(4));
    assert_false(tape_release(&t, at + 16, PAGES(2)));
    for (uint64_t i = 0; i < PAGES(4); i++)
        assert_int_equal(t.base[at + i], 7);
    for (uint64_t p = 0; p < 4; p++)
        assert_false(tape_is_touched(&t, at / TAPE_PAGE + p));
    tape_close(&t);
}

/* Pages the collector gives back count as written for an audit. */
static void the_audit_finds_what_changed_untouched(void **state)
{
    (void)state;
    struct tape t;
    struct mem *m = mem_open(&mem_runtime, NULL);
    struct tape_audit a = {.mem = m};
    uint64_t used[TAPE_SEGMENTS] = {[TAPE_HEAP] = PAGES(5)};
    open_tape(&t, NULL);
    uint64_t at = t.seg[TAPE_HEAP].at;
    memset(t.base + at, 7, PAGES(5));
    tape_touch(&t, at, 1);
    assert_int_equal(tape_audit_take(&a, &t, used), PAL_OK);
    assert_false(tape_is_touched(&t, at / TAPE_PAGE));
    assert_int_equal(tape_audit_check(&a, &t), UINT64_MAX);
    assert_true(tape_release(&t, at + PAGES(2), PAGES(1)));
    t.base[t.seg[TAPE_NURSERY].at] = 1; /* not audited */
    assert_int_equal(tape_audit_check(&a, &t), UINT64_MAX);
    t.base[at + PAGES(4) - 1] = 8;
    assert_int_equal(tape_audit_check(&a, &t), at + PAGES(3));
    tape_touch(&t, at + PAGES(3), 1);
    assert_int_equal(tape_audit_check(&a, &t), UINT64_MAX);
    tape_audit_free(&a);
    tape_close(&t);
    mem_close(m);
}

/* The wish is halved until it fits; below the least it is refused. */
static void a_wish_is_halved_until_it_fits(void **state)
{
    (void)state;
    struct tape t;
    struct tape_wish wish = {.code = 1,
                             .globals = 1,
                             .stack = 1,
                             .nursery = 1,
                             .heap = TAPE_MOST * 4,
                             .heap_least = PAGES(1)};
    assert_int_equal(tape_open(&t, &wish), PAL_OK);
    assert_true(t.size <= TAPE_MOST);
    uint64_t heap = t.seg[TAPE_HEAP].size;
    assert_int_equal(TAPE_MOST % heap, 0);
    tape_close(&t);
    wish.heap_least = TAPE_MOST;
    assert_int_equal(tape_open(&t, &wish), PAL_NOMEM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(segments_follow_each_other_in_whole_pages),
        cmocka_unit_test(the_tables_lie_behind_the_touched_pages),
        cmocka_unit_test(every_table_is_large_enough),
        cmocka_unit_test(touching_is_by_whole_pages),
        cmocka_unit_test(pages_given_back_are_zero_and_touched),
        cmocka_unit_test(a_refusal_to_take_pages_back_changes_nothing),
        cmocka_unit_test(the_audit_finds_what_changed_untouched),
        cmocka_unit_test(a_wish_is_halved_until_it_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
