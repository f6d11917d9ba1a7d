/* test_release.c - memory that goes back to the system at the end of a cycle:
 * free pages of the heap, what lies above the tops of trail and stacks, and
 * the collector's tables. */
#include "tests/unit/vm_kit.h"

#include "tests/unit/heap_kit.h"

#include <stdlib.h>
#include <sys/mman.h>

/* Bytes of so many, from a position on, that have memory. */
static uint64_t resident(const struct heap *h, uint64_t at, uint64_t bytes)
{
    uint64_t pages = (bytes + TAPE_PAGE - 1) / TAPE_PAGE, sum = 0;
    unsigned char *in = malloc(pages);
    assert_non_null(in);
    assert_int_equal(mincore(h->base + at, PAGES(pages), in), 0);
    for (uint64_t i = 0; i < pages; i++)
        sum += in[i] & 1;
    free(in);
    return PAGES(sum);
}

static uint64_t resident_in(const struct heap *h, enum tape_segment segment)
{
    const struct tape_range *r = &h->tape.seg[segment];
    return resident(h, r->at, r->size);
}

static uint64_t resident_table(const struct heap *h, enum gc_table table)
{
    uint64_t at = h->old.table[table];
    return resident(h, at, h->old.table[table + 1] - at);
}

/* ---- the heap ------------------------------------------------------------ */

/* Whether a page of the heap has memory. */
static bool is_resident(struct rig *g, uint64_t page)
{
    return resident(&g->h, g->h.old.at + PAGES(page), TAPE_PAGE) > 0;
}

static bool is_zero_page(struct rig *g, uint64_t page)
{
    const uint64_t *p = obj_at(&g->h, g->h.old.at + PAGES(page));
    for (unsigned i = 0; i < TAPE_PAGE / 8; i++)
        if (p[i])
            return false;
    return true;
}

/* 400 spans of 5 pages, of which one in ten lives; 16 pages of nursery and 84
 * up to the goal are kept. */
static void pages_go_back_beyond_what_the_goal_wants(void **state)
{
    (void)state;
    struct rig g;
    uint64_t free = 0, os[400];
    rig_open(&g, (struct rig_wish){.nursery = PAGES(16)});
    for (int i = 0; i < 400; i++) {
        os[i] = rig_span(&g, 5);
        rig_fill(&g, os[i], 1);
    }
    for (int i = 0; i < 400; i += 10)
        rig_keep(&g, os[i]);
    rig_sweep(&g);
    uint64_t top = g.h.st->gc.top;
    assert_int_equal(g.h.st->gc.pages, 200);
    g.h.st->gc.live = PAGES(7);
    g.h.st->gc.goal = PAGES(7 + 84) + 100;
    rig_forget_touched(&g);
    rig_release(&g);
    for (uint64_t p = 0; p < top; p++) {
        uint64_t at = (g.h.old.at + PAGES(p)) / TAPE_PAGE;
        bool stays = old_bit(g.h.old.used, p) || free++ < 100;
        assert_int_equal(is_resident(&g, p), stays);
        assert_int_equal(old_bit(g.h.old.dirty, p), stays);
        assert_int_equal(tape_is_touched(&g.h.tape, at), !stays);
        assert_true(stays || is_zero_page(&g, p));
    }
    for (int i = 0; i < 400; i += 10)
        rig_has(&g, os[i], rig_words(PAGES(5)), 1);
    rig_close(&g);
}

/* A run is found dirty and goes as one; what was never written stays. */
static void only_what_was_written_is_given_back(void **state)
{
    (void)state;
    struct rig g;
    rig_open(&g, (struct rig_wish){.nursery = PAGES(1)});
    old_take(&g.h, PAGES(40)); /* not written */
    rig_blob(&g, 100);
    rig_keep(&g, rig_blob(&g, 10000));
    rig_sweep(&g);
    g.h.st->gc.goal = 0;
    rig_forget_touched(&g);
    rig_release(&g);
    for (uint64_t p = 0; p < 47; p++) {
        uint64_t at = (g.h.old.at + PAGES(p)) / TAPE_PAGE;
        assert_int_equal(tape_is_touched(&g.h.tape, at), p >= 40 && p < 44);
        assert_int_equal(old_bit(g.h.old.dirty, p), p >= 44);
    }
    rig_close(&g);
}

/* What was given back at the top counts as never used; so what is left does
 * not stay small when once the segment was used to its end. */
static void the_top_falls_to_what_is_used_or_kept(void **state)
{
    (void)state;
    struct rig g;
    rig_open(&g, (struct rig_wish){.heap = PAGES(1024), .nursery = PAGES(4)});
    uint64_t low = rig_span(&g, 100), middle = rig_span(&g, 27);
    while (old_left(&g.h) >= PAGES(3))
        assert_int_not_equal(old_take(&g.h, PAGES(3)), 0);
    assert_in_range(g.h.st->gc.top, 1022, 1024);
    g.h.st->gc.goal = 0;
    rig_keep(&g, low);
    rig_keep(&g, middle);
    rig_sweep(&g);
    old_dirty(&g.h, g.h.old.at + PAGES(127), PAGES(500));
    rig_release(&g); /* all but the first four of them */
    assert_int_equal(g.h.st->gc.top, 131);
    assert_int_equal(old_left(&g.h), PAGES(1024 - 131));
    assert_int_equal(old_take(&g.h, PAGES(893)), g.h.old.at + PAGES(127));
    rig_keep(&g, low);
    rig_sweep(&g);
    for (int i = 0; i < 2; i++) /* what is kept is kept again */
        rig_release(&g);
    assert_int_equal(g.h.st->gc.top, 104);
    rig_sweep(&g);
    g.h.st->gc.goal = 0;
    rig_release(&g);
    assert_int_equal(g.h.st->gc.top, 4);
    assert_int_equal(old_take(&g.h, PAGES(1024)), g.h.old.at);
    rig_close(&g);
}

/* ---- all else ------------------------------------------------------------ */

#define NURSERY (UINT64_C(64) << 10)

enum { MANY = 40000 };

/* Stores into each of many old objects in a scope of their own. */
static void write_all(struct rig *g)
{
    uint64_t list = *rig_slot(g, 0);
    rig_scope(g);
    for (uint64_t i = 0; i < MANY; i++)
        rig_set(g, rig_get(g, list, i), 0, list);
}

static void make_all(struct rig *g)
{
    *rig_slot(g, 0) = rig_old(g, PVM_T_STORE_R, MANY);
    for (uint64_t i = 0; i < MANY; i++)
        rig_set(g, *rig_slot(g, 0), i, rig_old(g, T_PAIR, 4));
    g->h.check = false; /* each look would take its time */
}

/* What a scope needed goes back after it was undone; an entry that is still
 * wanted stays. */
static void the_trail_goes_back_above_its_top(void **state)
{
    (void)state;
    struct rig g;
    rig_open(&g, (struct rig_wish){.nursery = NURSERY});
    make_all(&g);
    uint64_t first = rig_get(&g, *rig_slot(&g, 0), 0);
    rig_scope(&g);
    rig_set(&g, first, 1, first);
    for (int i = 0; i < 2; i++) {
        write_all(&g);
        assert_true(resident_in(&g.h, TAPE_HISTORY) > 40 * MANY);
        rig_minor(&g);
        assert_true(resident_in(&g.h, TAPE_REMEMBER) > 8 * MANY);
        trail_undo(&g.h);
        rig_collect(&g);
        assert_true(resident_in(&g.h, TAPE_HISTORY) <= NURSERY + PAGES(2));
        assert_true(resident_in(&g.h, TAPE_REMEMBER) <= NURSERY + PAGES(2));
    }
    assert_int_equal(rig_get(&g, first, 1), first);
    trail_undo(&g.h);
    assert_int_equal(rig_get(&g, first, 1), 0);
    rig_collect(&g);
    rig_close(&g);
}

/* In slices, of which none gives more than some megabytes. */
static void the_trail_goes_back_in_slices(void **state)
{
    (void)state;
    struct rig g;
    rig_open(&g, (struct rig_wish){.nursery = NURSERY});
    uint64_t history = g.h.tape.seg[TAPE_HISTORY].at, bytes = 20 << 20;
    memset(obj_at(&g.h, history), 1, bytes);
    g.h.st->gc.trail_high = history + bytes - 100;
    g.h.st->gc.cursor = g.h.st->gc.kept = 0;
    rig_forget_touched(&g);
    for (uint64_t was = bytes, slices = 0;; was = bytes, slices++) {
        int64_t budget = 1;
        bool done = old_trim(&g.h, &budget);
        bytes = resident_in(&g.h, TAPE_HISTORY);
        assert_true(was - bytes <= 4 << 20);
        if (done) {
            assert_in_range(slices, 3, 8);
            break;
        }
    }
    assert_int_equal(bytes, NURSERY);
    assert_false(rig_is_touched(&g, history, NURSERY));
    assert_true(rig_is_touched(&g, history + NURSERY, (20 << 20) - NURSERY));
    rig_close(&g);
}

/* Entries of containers that died waited in the tables; while the trail is
 * long, those two stay for the next cycle. */
static void the_tables_go_back(void **state)
{
    (void)state;
    static const enum gc_table tables[] = {
        OLD_T_DESC,  OLD_T_NEXT,  OLD_T_ALLOC, OLD_T_MARKED,
        OLD_T_HEADS, OLD_T_QUEUE, OLD_T_WEAK,  OLD_T_PENDING};
    struct rig g;
    rig_open(&g, (struct rig_wish){.nursery = NURSERY});
    make_all(&g);
    write_all(&g);
    *rig_slot(&g, 0) = 0;
    rig_begin(&g);
    rig_run_to(&g, GC_ENTRIES);
    rig_minor(&g);
    assert_true(resident_table(&g.h, OLD_T_PENDING) >= 16 * MANY);
    assert_true(resident_table(&g.h, OLD_T_HEADS) >= 4 * MANY);
    rig_finish(&g);
    assert_true(resident_table(&g.h, OLD_T_PENDING) >= 16 * MANY);
    assert_true(resident_table(&g.h, OLD_T_HEADS) >= 4 * MANY);
    trail_undo(&g.h);
    rig_collect(&g);
    for (unsigned i = 0; i < sizeof tables / sizeof *tables; i++)
        assert_true(resident_table(&g.h, tables[i]) <= NURSERY + PAGES(2));
    rig_close(&g);
}

/* A recursion takes much of all three stacks, and open scopes of State. */
static void stacks_go_back_above_their_tops(void **state)
{
    (void)state;
    static const enum tape_segment stacks[] = {TAPE_RSTACK, TAPE_SSTACK,
                                               TAPE_CSTACK, TAPE_STATE};
    const uint64_t spare = UINT64_C(640) << 10; /* of a frame that is wide */
    struct kit_run k = {.opt = {.nursery = NURSERY, .stack = 64 << 20}};
    kit_start(&k, "fn deep(n: int, s: [int]) -> int {\n"
                  "    if n == 0 { return s.len }\n"
                  "    return deep(n - 1, s) + s.len\n"
                  "}\n"
                  "fn scopes(n: int) {\n"
                  "    undo { if n > 0 { scopes(n - 1) } }\n"
                  "}\n"
                  "fn main() {\n"
                  "    scopes(50000)\n"
                  "    print(deep(200000, [1]))\n"
                  "}\n");
    assert_int_equal(vm_run(k.vm), PAL_OK);
    assert_string_equal(k.out, "200001\n");
    struct heap *h = &k.vm->h;
    for (int i = 0; i < 4; i++)
        assert_true(resident_in(h, stacks[i]) > 2 * spare);
    assert_int_equal(gc_collect(h), PAL_OK);
    for (int i = 0; i < 4; i++)
        assert_true(resident_in(h, stacks[i]) <= spare + NURSERY);
    assert_null(gc_check(h));
    kit_stop(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_go_back_beyond_what_the_goal_wants),
        cmocka_unit_test(only_what_was_written_is_given_back),
        cmocka_unit_test(the_top_falls_to_what_is_used_or_kept),
        cmocka_unit_test(the_trail_goes_back_above_its_top),
        cmocka_unit_test(the_trail_goes_back_in_slices),
        cmocka_unit_test(the_tables_go_back),
        cmocka_unit_test(stacks_go_back_above_their_tops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
