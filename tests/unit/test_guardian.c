/* test_guardian.c - guardians: what they hand over, and when. */
#include "tests/unit/heap_kit.h"

#include "runtime/coll/guardian.h"
#include "runtime/gc/guard.h"

enum { GUARDIAN = 20 }; /* its register */

/* A heap with a guardian. */
static void open_guarded(struct rig *g)
{
    rig_open(g, (struct rig_wish){0});
    *rig_slot(g, GUARDIAN) = guardian_new(&g->h);
    assert_int_not_equal(*rig_slot(g, GUARDIAN), 0);
}

static void watch(struct rig *g, uint64_t o)
{
    uint64_t *held = gc_hold(&g->h, o);
    assert_int_equal(guardian_watch(&g->h, rig_slot(g, GUARDIAN), held),
                     MAP_OK);
    gc_release(&g->h, 1);
}

/* What is handed over, or 0. */
static uint64_t next(struct rig *g)
{
    uint64_t o;
    enum map_status status = guardian_next(&g->h, *rig_slot(g, GUARDIAN), &o);
    assert_int_equal(status, o ? MAP_OK : MAP_ABSENT);
    return o;
}

/* An old link in a register, watched so often. */
static uint64_t watched(struct rig *g, unsigned slot, int times)
{
    uint64_t o = *rig_slot(g, slot) = rig_link(g, 0);
    while (times--)
        watch(g, o);
    return o;
}

/* ---- without scopes ------------------------------------------------------ */

static void the_dead_are_handed_over_once_for_each_watch(void **state)
{
    (void)state;
    struct rig g;
    open_guarded(&g);
    uint64_t a = watched(&g, 0, 1), b = watched(&g, 1, 2);
    for (int i = 0; i < 3; i++) {
        rig_collect(&g);
        assert_int_equal(next(&g), 0);
    }
    *rig_slot(&g, 1) = 0;
    rig_minor(&g); /* a minor collection lets nothing old go */
    assert_int_equal(next(&g), 0);
    rig_forget_touched(&g);
    rig_collect(&g);
    assert_true(rig_lives(&g, b));
    assert_int_equal(next(&g), b);
    assert_int_equal(next(&g), b);
    assert_int_equal(next(&g), 0);
    *rig_slot(&g, 0) = 0;
    rig_collect(&g);
    assert_false(rig_lives(&g, b));
    assert_int_equal(next(&g), a);
    *rig_slot(&g, 0) = a; /* a reference like any other */
    rig_collect(&g);
    assert_true(rig_lives(&g, a));
    assert_int_equal(next(&g), 0);
    assert_int_equal(g.h.st->gc.watch, 0);
    rig_close(&g);
}

static void a_young_watch_follows_its_object(void **state)
{
    (void)state;
    struct rig g;
    open_guarded(&g);
    *rig_slot(&g, 0) = rig_young(&g, T_LINK, 2);
    watch(&g, *rig_slot(&g, 0));
    assert_int_equal(g.h.st->gc.watch, 0);
    rig_minor(&g);
    assert_int_equal(g.h.st->gc.watch, 1);
    uint64_t o = *rig_slot(&g, 0);
    assert_false(obj_is_young(&g.h, o));
    *rig_slot(&g, 0) = 0;
    rig_collect(&g);
    assert_int_equal(next(&g), o);
    rig_close(&g);
}

/* As in a window whose nursery is full; the way back of a handing over is
 * exact, although the queue is never on the trail. */
static void a_window_goes_back_over_watches_and_queues(void **state)
{
    (void)state;
    struct rig g;
    open_guarded(&g);
    uint64_t a = watched(&g, 0, 1), b = watched(&g, 1, 1);
    *rig_slot(&g, 0) = *rig_slot(&g, 1) = 0;
    rig_collect(&g);
    struct tlog log = {.mem = g.mem, .limit = 1 << 20};
    *rig_slot(&g, 2) = rig_link(&g, 0);
    g.h.tlog = &log;
    gc_set_room(&g.h);
    tlog_open(&log);
    heap_thresholds(&g.h);
    while (obj_is_young(&g.h, gc_new(&g.h, T_PAIR, 4)))
        ;
    watch(&g, *rig_slot(&g, 2));
    assert_int_equal(g.h.st->gc.watch, 3);
    assert_int_equal(next(&g), a);
    assert_int_equal(next(&g), b);
    assert_int_equal(next(&g), 0);
    tlog_close(&log);
    tlog_restore(&log, g.h.base);
    vec_free(g.mem, &log.words);
    g.h.tlog = NULL;
    heap_thresholds(&g.h);
    gc_set_room(&g.h);
    assert_int_equal(g.h.st->gc.watch, 2);
    rig_check(&g);
    assert_int_equal(next(&g), a);
    assert_int_equal(next(&g), b);
    assert_int_equal(next(&g), 0);
    rig_close(&g);
}

static void a_watch_can_be_born_old(void **state)
{
    (void)state;
    struct rig g;
    open_guarded(&g);
    struct tlog log = {.mem = g.mem, .limit = 1 << 20};
    uint64_t o = *rig_slot(&g, 0) = rig_link(&g, 0);
    g.h.tlog = &log;
    gc_set_room(&g.h);
    while (obj_is_young(&g.h, gc_new(&g.h, T_PAIR, 4)))
        ;
    watch(&g, o);
    g.h.tlog = NULL;
    gc_set_room(&g.h);
    vec_free(g.mem, &log.words);
    assert_int_equal(g.h.st->gc.watch, 1);
    rig_collect(&g);
    assert_int_equal(next(&g), 0);
    *rig_slot(&g, 0) = 0;
    rig_collect(&g);
    assert_int_equal(next(&g), o);
    rig_close(&g);
}

/* Decided for all at once: that one leads to the other does not matter. */
static void what_dies_together_is_handed_over_together(void **state)
{
    (void)state;
    struct rig g;
    open_guarded(&g);
    uint64_t o[10];
    for (unsigned i = 0; i < 10; i++) {
        o[i] = *rig_slot(&g, i) = rig_link(&g, i ? o[i - 1] : 0);
        if (i != 5)
            watch(&g, o[i]);
    }
    rig_set(&g, o[0], 0, o[9]); /* a ring */
    for (unsigned i = 0; i < 10; i++)
        *rig_slot(&g, i) = 0;
    rig_collect(&g);
    for (unsigned i = 0; i < 9; i++)
        assert_int_not_equal(next(&g), 0);
    assert_int_equal(next(&g), 0);
    for (unsigned i = 0; i < 10; i++)
        assert_true(rig_lives(&g, o[i]));
    rig_collect(&g);
    for (unsigned i = 0; i < 10; i++)
        assert_false(rig_lives(&g, o[i]));
    rig_close(&g);
}

static void what_waits_lives_and_holds(void **state)
{
    (void)state;
    struct rig g;
    open_guarded(&g);
    uint64_t far = *rig_slot(&g, 1) = rig_link(&g, 0), o = rig_link(&g, far);
    *rig_slot(&g, 0) = o;
    watch(&g, o);
    *rig_slot(&g, 0) = 0;
    rig_collect(&g);
    *rig_slot(&g, 1) = 0;
    watch(&g, far); /* reached by what waits */
    for (int i = 0; i < 3; i++)
        rig_collect(&g);
    assert_true(rig_lives(&g, o) && rig_lives(&g, far));
    assert_int_equal(next(&g), o);
    assert_int_equal(next(&g), 0);
    rig_collect(&g);
    assert_false(rig_lives(&g, o));
    assert_int_equal(next(&g), far);
    rig_close(&g);
}

static void a_guardian_that_dies_hands_nothing_over(void **state)
{
    (void)state;
    struct rig g;
    open_guarded(&g);
    uint64_t o = watched(&g, 0, 2), live = watched(&g, 1, 1);
    *rig_slot(&g, 0) = *rig_slot(&g, GUARDIAN) = 0;
    rig_collect(&g);
    assert_false(rig_lives(&g, o));
    assert_true(rig_lives(&g, live));
    assert_int_equal(rig_objects(&g), 1);
    assert_int_equal(g.h.st->gc.watch, 0);
    rig_close(&g);
}

/* One that is reached only by what another hands over takes its dead in the
 * cycle after. */
static void a_guardian_behind_what_is_rescued_takes_later(void **state)
{
    (void)state;
    struct rig g;
    open_guarded(&g);
    uint64_t second, o = watched(&g, 0, 1), other;
    *rig_slot(&g, 2) = guardian_new(&g.h);
    rig_minor(&g);
    second = *rig_slot(&g, 2);
    rig_set(&g, o, 0, second);
    other = *rig_slot(&g, 1) = rig_link(&g, 0);
    assert_int_equal(guardian_watch(&g.h, rig_slot(&g, 2), rig_slot(&g, 1)),
                     MAP_OK);
    rig_minor(&g);
    *rig_slot(&g, 0) = *rig_slot(&g, 1) = *rig_slot(&g, 2) = 0;
    rig_collect(&g);
    assert_int_equal(next(&g), o);
    *rig_slot(&g, 0) = o;
    assert_true(rig_lives(&g, other));
    rig_collect(&g);
    uint64_t got;
    assert_int_equal(guardian_next(&g.h, second, &got), MAP_OK);
    assert_int_equal(got, other);
    rig_close(&g);
}

/* A weak box still leads to what waits; what is read there may be kept. */
static void weak_boxes_hold_what_waits(void **state)
{
    (void)state;
    struct rig g;
    open_guarded(&g);
    uint64_t o = watched(&g, 0, 1);
    *rig_slot(&g, 1) = gc_new_weak(&g.h, rig_slot(&g, 0));
    *rig_slot(&g, 0) = 0;
    rig_collect(&g);
    assert_int_equal(gc_weak_get(&g.h, *rig_slot(&g, 1)), o);
    assert_int_equal(next(&g), o);
    rig_collect(&g);
    assert_int_equal(gc_weak_get(&g.h, *rig_slot(&g, 1)), 0);
    rig_close(&g);
}

/* ---- scopes -------------------------------------------------------------- */

static void a_watch_that_is_undone_was_never_made(void **state)
{
    (void)state;
    for (int taken = 0; taken < 2; taken++) {
        struct rig g;
        open_guarded(&g);
        rig_minor(&g);
        uint64_t o = *rig_slot(&g, 0) = rig_link(&g, 0);
        rig_scope(&g);
        watch(&g, o);
        if (taken) {
            *rig_slot(&g, 0) = 0;
            rig_collect(&g);
        }
        trail_undo(&g.h);
        assert_int_equal(next(&g), 0);
        *rig_slot(&g, 0) = 0;
        rig_collect(&g);
        assert_int_equal(next(&g), 0);
        assert_false(rig_lives(&g, o));
        rig_close(&g);
    }
}

/* Whether it was dropped in the scope, or left it. */
static void what_an_undone_scope_handed_over_is_watched_again(void **state)
{
    (void)state;
    for (int left = 0; left < 2; left++)
        for (int collected = 0; collected < 3; collected++) {
            struct rig g;
            open_guarded(&g);
            uint64_t o = watched(&g, 0, 1);
            *rig_slot(&g, 0) = 0;
            rig_collect(&g);
            rig_scope(&g);
            assert_int_equal(next(&g), o);
            for (int i = 0; i < collected; i++) {
                rig_collect(&g);
                assert_int_equal(next(&g), 0);
            }
            *rig_slot(&g, 0) = left ? o : 0;
            if (collected)
                rig_collect(&g);
            trail_undo(&g.h);
            assert_true(rig_lives(&g, o));
            if (left)
                assert_int_equal(next(&g), 0);
            *rig_slot(&g, 0) = 0;
            rig_collect(&g);
            assert_int_equal(next(&g), o);
            assert_int_equal(next(&g), 0);
            rig_close(&g);
        }
}

/* Once the scope is kept nothing can bring the watch back. */
static void what_a_kept_scope_handed_over_is_gone(void **state)
{
    (void)state;
    struct rig g;
    open_guarded(&g);
    uint64_t o = watched(&g, 0, 1);
    *rig_slot(&g, 0) = 0;
    rig_collect(&g);
    rig_scope(&g);
    assert_int_equal(next(&g), o);
    rig_collect(&g);
    assert_true(rig_lives(&g, o));
    trail_keep(&g.h);
    assert_int_equal(next(&g), 0);
    rig_collect(&g);
    assert_false(rig_lives(&g, o));
    assert_int_equal(g.h.st->gc.watch, 0);
    rig_close(&g);
}

/* What an entry of the trail restores is reached, until it is kept. */
static void marks_reach_what_they_restore(void **state)
{
    (void)state;
    for (int kept = 0; kept < 2; kept++) {
        struct rig g;
        open_guarded(&g);
        uint64_t o = watched(&g, 0, 1);
        uint64_t holder = *rig_slot(&g, 1) = rig_link(&g, o);
        rig_minor(&g);
        *rig_slot(&g, 0) = 0;
        rig_scope(&g);
        rig_set(&g, holder, 0, 0);
        rig_collect(&g);
        assert_int_equal(next(&g), 0);
        if (kept)
            trail_keep(&g.h);
        else
            trail_undo(&g.h);
        rig_collect(&g);
        assert_int_equal(next(&g), kept ? o : 0);
        rig_close(&g);
    }
}

/* The entries of a container that is rescued are followed, and not dropped. */
static void entries_of_what_is_rescued_stay(void **state)
{
    (void)state;
    struct rig g;
    open_guarded(&g);
    uint64_t was = rig_link(&g, 0), o = rig_link(&g, was);
    *rig_slot(&g, 0) = o;
    watch(&g, o);
    rig_minor(&g);
    rig_scope(&g);
    rig_set(&g, o, 0, 0);
    *rig_slot(&g, 0) = 0;
    rig_collect(&g);
    assert_true(rig_lives(&g, was));
    assert_int_equal(next(&g), o);
    *rig_slot(&g, 0) = o;
    trail_undo(&g.h);
    assert_int_equal(rig_get(&g, o, 0), was);
    rig_close(&g);
}

/* ---- slices -------------------------------------------------------------- */

/* Whatever the size of slices, and whatever is handed over between them. */
static void watches_are_looked_at_in_slices(void **state)
{
    (void)state;
    enum { N = 30 };
    for (int64_t budget = 1; budget < 3000; budget = budget * 3 + 1) {
        struct rig g;
        open_guarded(&g);
        uint64_t o[N], n = 0, steps = 0, got;
        for (unsigned i = 0; i < N; i++)
            o[i] = watched(&g, i % 2, 1);
        rig_minor(&g);
        for (int i = 0; i < 2; i++)
            *rig_slot(&g, (unsigned)i) = 0;
        rig_begin(&g);
        for (; g.h.st->gc.phase != GC_IDLE; steps++) {
            rig_step(&g, g.h.st->gc.phase < GC_SWEEP ? budget : 1 << 20);
            if (steps % 5 == 0 && (got = next(&g)) != 0) {
                assert_true(rig_lives(&g, got));
                n++;
            }
        }
        while ((got = next(&g)) != 0) {
            assert_true(rig_lives(&g, got));
            n++;
        }
        assert_int_equal(n, N);
        rig_collect(&g);
        for (unsigned i = 0; i < N; i++)
            assert_false(rig_lives(&g, o[i]));
        rig_close(&g);
    }
}

/* In a queue of three the second watch is undone, so that the queue alone leads
 * to it; the first is handed over between two objects that are scanned. */
static void handing_over_while_marking_leaves_the_queue_whole(void **state)
{
    (void)state;
    for (int slices = 0; slices < 40; slices++) {
        struct rig g;
        open_guarded(&g);
        uint64_t a = watched(&g, 0, 1);
        rig_minor(&g);
        rig_scope(&g);
        watched(&g, 1, 1);
        *rig_slot(&g, 0) = *rig_slot(&g, 1) = 0;
        rig_collect(&g);
        trail_undo(&g.h);
        uint64_t c = watched(&g, 2, 1);
        *rig_slot(&g, 2) = 0;
        rig_collect(&g);
        rig_begin(&g);
        for (int i = 0; i < slices; i++)
            rig_step(&g, 1);
        assert_int_equal(next(&g), a);
        rig_finish(&g);
        assert_int_equal(next(&g), c);
        assert_int_equal(next(&g), 0);
        rig_close(&g);
    }
}

/* Who has it by a weak box while guardians take their dead, keeps it. */
static void a_read_between_slices_keeps_the_object(void **state)
{
    (void)state;
    struct rig g;
    open_guarded(&g);
    uint64_t a = watched(&g, 0, 1), b = watched(&g, 1, 1);
    *rig_slot(&g, 2) = gc_new_weak(&g.h, rig_slot(&g, 1));
    rig_minor(&g);
    *rig_slot(&g, 0) = *rig_slot(&g, 1) = 0;
    rig_begin(&g);
    rig_run_to(&g, GC_ENTRIES);
    while (!guard_first(
        &g.h, *obj_word(&g.h, *rig_slot(&g, GUARDIAN), GUARDIAN_QUEUE)))
        rig_step(&g, 1);
    *rig_slot(&g, 1) = gc_weak_get(&g.h, *rig_slot(&g, 2));
    assert_int_equal(*rig_slot(&g, 1), b);
    rig_finish(&g);
    assert_int_equal(next(&g), a);
    assert_int_equal(next(&g), 0);
    *rig_slot(&g, 1) = 0;
    rig_collect(&g);
    assert_int_equal(next(&g), b);
    rig_close(&g);
}

/* ---- refusals ------------------------------------------------------------ */

static void none_is_no_guardian(void **state)
{
    (void)state;
    struct rig g;
    rig_open(&g, (struct rig_wish){0});
    uint64_t o = 1;
    *rig_slot(&g, 0) = rig_link(&g, 0);
    assert_int_equal(guardian_watch(&g.h, rig_slot(&g, 1), rig_slot(&g, 0)),
                     MAP_NULL);
    assert_int_equal(guardian_next(&g.h, 0, &o), MAP_NULL);
    assert_int_equal(o, 0);
    rig_close(&g);
}

/* Where the trail has no room, nothing is handed over and nothing watched. */
static void a_full_trail_refuses(void **state)
{
    (void)state;
    struct rig g;
    open_guarded(&g);
    uint64_t o = watched(&g, 0, 1);
    *rig_slot(&g, 0) = 0;
    rig_collect(&g);
    rig_minor(&g);
    rig_scope(&g);
    uint64_t got = 1, limit = g.h.heap_limit, *other = rig_slot(&g, 1);
    *other = rig_link(&g, 0);
    g.h.heap_limit = 1;
    assert_int_equal(guardian_next(&g.h, *rig_slot(&g, GUARDIAN), &got),
                     MAP_MEMORY);
    assert_int_equal(got, 0);
    assert_int_equal(guardian_watch(&g.h, rig_slot(&g, GUARDIAN), other),
                     MAP_MEMORY);
    g.h.heap_limit = limit;
    g.h.trail_short = false;
    assert_int_equal(next(&g), o);
    *other = 0;
    trail_keep(&g.h);
    rig_collect(&g);
    assert_int_equal(next(&g), 0);
    rig_close(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_dead_are_handed_over_once_for_each_watch),
        cmocka_unit_test(a_young_watch_follows_its_object),
        cmocka_unit_test(a_window_goes_back_over_watches_and_queues),
        cmocka_unit_test(a_watch_can_be_born_old),
        cmocka_unit_test(what_dies_together_is_handed_over_together),
        cmocka_unit_test(what_waits_lives_and_holds),
        cmocka_unit_test(a_guardian_that_dies_hands_nothing_over),
        cmocka_unit_test(a_guardian_behind_what_is_rescued_takes_later),
        cmocka_unit_test(weak_boxes_hold_what_waits),
        cmocka_unit_test(a_watch_that_is_undone_was_never_made),
        cmocka_unit_test(what_an_undone_scope_handed_over_is_watched_again),
        cmocka_unit_test(what_a_kept_scope_handed_over_is_gone),
        cmocka_unit_test(marks_reach_what_they_restore),
        cmocka_unit_test(entries_of_what_is_rescued_stay),
        cmocka_unit_test(watches_are_looked_at_in_slices),
        cmocka_unit_test(handing_over_while_marking_leaves_the_queue_whole),
        cmocka_unit_test(a_read_between_slices_keeps_the_object),
        cmocka_unit_test(none_is_no_guardian),
        cmocka_unit_test(a_full_trail_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
