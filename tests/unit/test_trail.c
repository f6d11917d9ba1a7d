/* test_trail.c - the remembered set while scopes are undone, and stores that
 * the barrier refuses. */
#include "tests/unit/heap_kit.h"

/* Entries of the remembered set that name an object. */
static uint64_t times_remembered(struct rig *g, uint64_t o)
{
    const uint64_t *e = obj_at(&g->h, g->h.tape.seg[TAPE_REMEMBER].at);
    uint64_t n = 0;
    for (uint64_t i = 0; i < g->h.st->remembered; i++)
        n += block_ref_object(e[i]) == o;
    return n;
}

/* ---- what undo forgets --------------------------------------------------- */

/* A scope younger than the last minor collection leaves the set as it was,
 * however often it comes. */
static void a_young_scope_leaves_the_set_as_it_was(void **state)
{
    (void)state;
    struct rig g;
    rig_open(&g, (struct rig_wish){0});
    uint64_t before = *rig_slot(&g, 0) = rig_link(&g, 0);
    uint64_t within = *rig_slot(&g, 1) = rig_link(&g, 0);
    rig_minor(&g);
    rig_set(&g, before, 0, within);
    for (int i = 0; i < 100; i++) {
        rig_scope(&g);
        rig_set(&g, before, 0, before);
        rig_set(&g, within, 0, before);
        assert_int_equal(times_remembered(&g, within), 1);
        trail_undo(&g.h);
        assert_int_equal(g.h.st->remembered, 1);
        assert_int_equal(times_remembered(&g, before), 1);
    }
    rig_close(&g);
}

enum { SCOPES = 40 };

/* Scopes older than the last minor collection, each with a store of its own
 * before and after: the set is looked through only when half of it is stale. */
static void undo_old_scopes(uint64_t others)
{
    struct rig g;
    rig_open(&g, (struct rig_wish){0});
    uint64_t os[SCOPES], most = others + 1;
    for (int i = 0; i < SCOPES; i++) {
        os[i] = *rig_slot(&g, (unsigned)i) = rig_link(&g, 0);
        rig_scope(&g);
        rig_set(&g, os[i], 0, os[0]);
    }
    rig_minor(&g);
    for (uint64_t i = 0; i < others; i++)
        rig_link(&g, 0);
    for (int i = SCOPES; i-- > 0;) {
        rig_set(&g, os[i], 0, rig_young(&g, T_LINK, 2));
        assert_int_equal(times_remembered(&g, os[i]), 1);
        trail_undo(&g.h);
        assert_int_equal(rig_get(&g, os[i], 0), 0);
        assert_true(g.h.st->remembered <= 2 * most);
        assert_true(g.h.st->remembered >= others);
        rig_check(&g);
    }
    if (others == 0)
        assert_int_equal(g.h.st->remembered, 0);
    rig_close(&g);
}

static void old_scopes_leave_no_more_stale_than_half(void **state)
{
    (void)state;
    undo_old_scopes(0);
    undo_old_scopes(5);
    undo_old_scopes(1000);
}

enum { BORN = 50, INNER = 30, OTHERS = 4 * BORN * INNER };

static void set_all(struct rig *g, uint64_t list, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++)
        rig_set(g, rig_get(g, list, i), 0, list);
}

static uint64_t links(struct rig *g, unsigned slot, uint64_t n)
{
    uint64_t list = *rig_slot(g, slot) = rig_old(g, PVM_T_STORE_R, n);
    for (uint64_t i = 0; i < n; i++)
        rig_set(g, list, i, rig_link(g, 0));
    return list;
}

/* Objects born in a scope and written in each of many inner ones: after each
 * of these was undone they are written again, and remembered once more, though
 * they are in the set already.  When the set is compacted, they stay once. */
static void what_is_remembered_often_stays_once(void **state)
{
    (void)state;
    struct rig g;
    rig_open(&g, (struct rig_wish){0});
    g.h.check = false;
    uint64_t outer = links(&g, 0, OTHERS);
    rig_scope(&g);
    set_all(&g, outer, OTHERS);
    rig_scope(&g);
    uint64_t born = links(&g, 1, BORN);
    for (int k = 0; k < INNER; k++) {
        rig_scope(&g);
        set_all(&g, born, BORN);
    }
    rig_minor(&g);
    for (int i = 0; i < OTHERS; i++)
        rig_link(&g, 0); /* stays in the set */
    for (int k = 0; k < INNER; k++) {
        set_all(&g, born, BORN);
        trail_undo(&g.h);
    }
    assert_int_equal(g.h.st->remembered, OTHERS + INNER * BORN);
    set_all(&g, born, BORN);
    trail_keep(&g.h);
    set_all(&g, outer, OTHERS);
    trail_undo(&g.h);
    assert_int_equal(g.h.st->remembered, OTHERS + BORN);
    assert_int_equal(g.h.st->stale, 0);
    rig_check(&g);
    rig_close(&g);
}

/* What is stale may be remembered again meanwhile, and is then not dropped. */
static void what_is_stale_is_remembered_again(void **state)
{
    (void)state;
    struct rig g;
    rig_open(&g, (struct rig_wish){0});
    uint64_t a = *rig_slot(&g, 0) = rig_link(&g, 0);
    uint64_t b = *rig_slot(&g, 1) = rig_link(&g, 0);
    rig_scope(&g);
    rig_set(&g, b, 0, a);
    rig_scope(&g);
    rig_set(&g, a, 0, a);
    rig_minor(&g);
    for (int i = 0; i < 20; i++)
        rig_link(&g, 0);
    rig_set(&g, a, 0, b);
    trail_undo(&g.h);
    assert_int_equal(times_remembered(&g, a), 1); /* and it is stale */
    uint64_t young = rig_young(&g, T_LINK, 2);
    rig_set(&g, a, 0, young);
    assert_int_equal(times_remembered(&g, a), 2);
    rig_check(&g);
    rig_minor(&g);
    assert_int_equal(g.h.st->remembered, 0);
    assert_int_equal(g.h.st->stale, 0);
    young = rig_get(&g, a, 0);
    assert_true(rig_lives(&g, young));
    trail_undo(&g.h);
    assert_int_equal(rig_get(&g, a, 0), 0);
    rig_close(&g);
}

/* ---- at safepoints ------------------------------------------------------- */

/* Entries of an open scope are looked at in portions, though an entry of a
 * young object lies below them. */
static void many_new_entries_bring_a_minor_collection(void **state)
{
    (void)state;
    struct rig g;
    rig_open(&g, (struct rig_wish){0});
    g.h.check = g.h.check_barrier = false;
    enum { N = 1000 };
    uint64_t list = *rig_slot(&g, 0) = rig_old(&g, PVM_T_STORE_R, N), bytes = 0;
    for (uint64_t i = 0; i < N; i++)
        rig_set(&g, list, i, rig_old(&g, T_WIDE, 120));
    rig_minor(&g);
    rig_set(&g, list, 1, rig_young(&g, T_LINK, 2));
    rig_scope(&g);
    rig_set(&g, rig_get(&g, list, 1), 0, list);
    uint64_t minors = g.h.st->minors, from = g.h.st->trail;
    for (int n = 0; g.h.st->minors == minors; n++) {
        rig_scope(&g);
        for (uint64_t i = 2; i < N; i++)
            rig_set(&g, rig_get(&g, list, i), 0, list);
        bytes = g.h.st->trail - from;
        assert_int_equal(gc_safepoint(&g.h), PAL_OK);
        assert_true(n < 60);
    }
    assert_in_range(bytes, 8 << 20, 9 << 20);
    assert_int_equal(g.h.st->trail_new, g.h.st->trail);
    while (g.h.st->nmarks)
        trail_undo(&g.h);
    g.h.check = true;
    rig_close(&g);
}

/* ---- what is refused ----------------------------------------------------- */

/* The trail is full; a store that is made all the same shades what it
 * overwrites, for a register may hold it. */
static void a_store_passed_over_shades(void **state)
{
    (void)state;
    struct rig g;
    rig_open(&g, (struct rig_wish){0});
    uint64_t to = rig_link(&g, 0), from = rig_link(&g, to);
    *rig_slot(&g, 0) = from;
    rig_begin(&g);
    g.h.heap_limit = 0;
    rig_scope(&g);
    assert_false(trail_before_ref(&g.h, from, 0));
    assert_false(old_is_marked(&g.h, to));
    g.h.st->snap = g.h.st->clock;
    rig_forget_touched(&g);
    trail_pass_over(&g.h, from, 0);
    assert_true(old_is_marked(&g.h, to));
    assert_true(rig_is_touched(&g, from, 32));
    *rig_slot(&g, 0) = to;
    *obj_word(&g.h, from, 0) = 0;
    g.h.heap_limit = UINT64_MAX;
    rig_finish(&g);
    assert_true(rig_lives(&g, to));
    trail_undo(&g.h);
    rig_close(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_young_scope_leaves_the_set_as_it_was),
        cmocka_unit_test(old_scopes_leave_no_more_stale_than_half),
        cmocka_unit_test(what_is_remembered_often_stays_once),
        cmocka_unit_test(what_is_stale_is_remembered_again),
        cmocka_unit_test(many_new_entries_bring_a_minor_collection),
        cmocka_unit_test(a_store_passed_over_shades),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
