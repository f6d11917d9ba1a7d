/* test_weak.c - what does not keep alive: weak boxes, and the trail, whose
 * entries live with their containers. */
#include "tests/unit/heap_kit.h"

/* ---- weak boxes ---------------------------------------------------------- */

/* An old box of an object, in a register. */
static uint64_t box_in(struct rig *g, unsigned slot, uint64_t target)
{
    uint64_t *held = gc_hold(&g->h, target);
    uint64_t box = gc_new_weak(&g->h, held);
    assert_int_not_equal(box, 0);
    gc_release(&g->h, 1);
    *rig_slot(g, slot) = box;
    return box;
}

static void a_box_is_cleared_when_its_target_dies(void **state)
{
    (void)state;
    struct rig g;
    rig_open(&g, (struct rig_wish){0});
    uint64_t o = rig_link(&g, 0);
    *rig_slot(&g, 1) = o;
    box_in(&g, 0, o);
    for (int i = 0; i < 3; i++) { /* not before */
        rig_collect(&g);
        assert_int_equal(gc_weak_get(&g.h, *rig_slot(&g, 0)), o);
    }
    *rig_slot(&g, 1) = 0;
    rig_minor(&g); /* a minor collection lets nothing old go */
    assert_int_equal(gc_weak_get(&g.h, *rig_slot(&g, 0)), o);
    rig_forget_touched(&g);
    rig_collect(&g);
    assert_true(rig_is_touched(&g, *rig_slot(&g, 0), 32));
    assert_int_equal(gc_weak_get(&g.h, *rig_slot(&g, 0)), 0);
    assert_int_equal(rig_get(&g, *rig_slot(&g, 0), WEAK_TARGET), 0);
    assert_false(rig_lives(&g, o));
    rig_collect(&g);
    assert_int_equal(g.h.st->gc.weak, 1); /* an empty box is one still */
    rig_close(&g);
}

static void a_young_box_of_a_young_object_follows_it(void **state)
{
    (void)state;
    struct rig g;
    rig_open(&g, (struct rig_wish){0});
    *rig_slot(&g, 1) = rig_young(&g, T_LINK, 2);
    box_in(&g, 0, *rig_slot(&g, 1));
    assert_true(obj_is_young(&g.h, *rig_slot(&g, 0)));
    assert_int_equal(gc_weak_get(&g.h, *rig_slot(&g, 0)), *rig_slot(&g, 1));
    assert_int_equal(g.h.st->gc.weak, 0);
    rig_minor(&g);
    assert_int_equal(g.h.st->gc.weak, 1);
    assert_false(obj_is_young(&g.h, *rig_slot(&g, 0)));
    assert_int_equal(gc_weak_get(&g.h, *rig_slot(&g, 0)), *rig_slot(&g, 1));
    *rig_slot(&g, 1) = 0;
    rig_collect(&g);
    assert_int_equal(gc_weak_get(&g.h, *rig_slot(&g, 0)), 0);
    rig_close(&g);
}

/* In a window whose nursery is full, say. */
static void a_box_can_be_born_old(void **state)
{
    (void)state;
    struct rig g;
    rig_open(&g, (struct rig_wish){0});
    struct tlog log = {.mem = g.mem, .limit = 1 << 20};
    uint64_t o = rig_link(&g, 0);
    *rig_slot(&g, 1) = o;
    g.h.tlog = &log;
    gc_set_room(&g.h);
    while (obj_is_young(&g.h, gc_new(&g.h, T_PAIR, 4)))
        ;
    uint64_t box = box_in(&g, 0, o);
    g.h.tlog = NULL;
    gc_set_room(&g.h);
    vec_free(g.mem, &log.words);
    assert_true(rig_lives(&g, box));
    assert_int_equal(g.h.st->gc.weak, 1);
    rig_collect(&g);
    assert_int_equal(gc_weak_get(&g.h, box), o);
    *rig_slot(&g, 1) = 0;
    rig_collect(&g);
    assert_true(rig_lives(&g, box));
    assert_int_equal(gc_weak_get(&g.h, box), 0);
    rig_close(&g);
}

/* What was shaded in a window is neither marked nor queued after the way back,
 * and what was born beside it, in the same word of marks, makes no difference.
 */
static void what_a_window_shades_is_taken_back_whole(void **state)
{
    (void)state;
    struct rig g;
    rig_open(&g, (struct rig_wish){0});
    uint64_t o = rig_link(&g, 0);
    *rig_slot(&g, 1) = o;
    rig_minor(&g);
    uint64_t box = box_in(&g, 0, o);
    rig_scope(&g);
    rig_set(&g, o, 0, 0); /* an entry of o */
    *rig_slot(&g, 1) = 0;
    rig_begin(&g);
    rig_run_to(&g, GC_ENTRIES);
    mark_step(&g.h, INT64_MAX, false);
    box = *rig_slot(&g, 0);
    assert_false(old_is_marked(&g.h, o));
    struct tlog log = {.mem = g.mem, .limit = 1 << 20};
    g.h.tlog = &log;
    tlog_open(&log);
    uint64_t beside = gc_new_old(&g.h, T_LINK, 2);
    assert_int_equal(old_granule(&g.h, beside) / 64, old_granule(&g.h, o) / 64);
    assert_int_equal(gc_weak_get(&g.h, box), o);
    tlog_close(&log);
    tlog_restore(&log, g.h.base);
    vec_free(g.mem, &log.words);
    g.h.tlog = NULL;
    rig_finish(&g);
    rig_check(&g);
    trail_undo(&g.h);
    rig_close(&g);
}

/* Who reads a box while marking has what it read. */
static void a_read_while_marking_keeps_the_target(void **state)
{
    (void)state;
    for (enum gc_phase p = GC_MARK; p <= GC_ENTRIES; p++) {
        struct rig g;
        rig_open(&g, (struct rig_wish){0});
        uint64_t far = rig_link(&g, 0), o = rig_link(&g, far);
        box_in(&g, 0, o);
        rig_begin(&g);
        rig_run_to(&g, p);
        assert_int_equal(gc_weak_get(&g.h, *rig_slot(&g, 0)), o);
        *rig_slot(&g, 1) = o;
        rig_finish(&g);
        assert_true(rig_lives(&g, o) && rig_lives(&g, far));
        assert_int_equal(gc_weak_get(&g.h, *rig_slot(&g, 0)), o);
        *rig_slot(&g, 1) = 0;
        rig_collect(&g);
        assert_false(rig_lives(&g, o) || rig_lives(&g, far));
        rig_close(&g);
    }
}

/* From the end of marking on a dead target is not to be had, though its box
 * was not cleared yet. */
static void a_read_after_marking_finds_no_dead_target(void **state)
{
    (void)state;
    struct rig g;
    rig_open(&g, (struct rig_wish){0});
    uint64_t dead = rig_link(&g, 0), live = rig_link(&g, 0);
    *rig_slot(&g, 9) = live;
    box_in(&g, 0, live);
    box_in(&g, 1, dead);
    rig_begin(&g);
    rig_run_to(&g, GC_DROP);
    uint64_t box = *rig_slot(&g, 1);
    assert_int_equal(rig_get(&g, box, WEAK_TARGET), dead);
    assert_int_equal(gc_weak_get(&g.h, box), 0);
    assert_int_equal(gc_weak_get(&g.h, *rig_slot(&g, 0)), live);
    /* a box made meanwhile is not missed, nor is it cleared */
    box_in(&g, 2, live);
    rig_minor(&g);
    rig_run_to(&g, GC_SWEEP);
    assert_int_equal(rig_get(&g, box, WEAK_TARGET), 0);
    rig_finish(&g);
    assert_int_equal(gc_weak_get(&g.h, *rig_slot(&g, 2)), live);
    assert_int_equal(g.h.st->gc.weak, 3);
    *rig_slot(&g, 9) = 0;
    rig_collect(&g);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(gc_weak_get(&g.h, *rig_slot(&g, i)), 0);
    rig_close(&g);
}

static void boxes_that_die_are_forgotten(void **state)
{
    (void)state;
    struct rig g;
    rig_open(&g, (struct rig_wish){0});
    uint64_t o = rig_link(&g, 0), boxes[60];
    *rig_slot(&g, 63) = o;
    for (unsigned i = 0; i < 60; i++)
        box_in(&g, i, o);
    rig_minor(&g);
    assert_int_equal(g.h.st->gc.weak, 60);
    for (unsigned i = 0; i < 60; i++) {
        boxes[i] = *rig_slot(&g, i);
        if (i % 3)
            *rig_slot(&g, i) = 0;
    }
    rig_collect(&g);
    assert_int_equal(g.h.st->gc.weak, 20);
    for (unsigned i = 0; i < 20; i++) /* those that live, in order */
        assert_int_equal(g.h.old.weak[i], boxes[3 * i]);
    for (unsigned i = 0; i < 60; i++) {
        assert_int_equal(rig_lives(&g, boxes[i]), i % 3 == 0);
        *rig_slot(&g, i) = 0;
    }
    rig_collect(&g);
    assert_int_equal(g.h.st->gc.weak, 0);
    rig_close(&g);
}

/* A box of a box of a box: none keeps the next. */
static void boxes_of_boxes_go_one_by_one(void **state)
{
    (void)state;
    struct rig g;
    rig_open(&g, (struct rig_wish){0});
    uint64_t o = rig_link(&g, 0);
    *rig_slot(&g, 10) = o;
    box_in(&g, 0, o);
    for (unsigned i = 1; i < 5; i++)
        box_in(&g, i, *rig_slot(&g, i - 1));
    rig_minor(&g);
    uint64_t boxes[5];
    for (unsigned i = 0; i < 5; i++)
        boxes[i] = *rig_slot(&g, i);
    rig_collect(&g);
    for (unsigned i = 1; i < 5; i++)
        assert_int_equal(gc_weak_get(&g.h, boxes[i]), boxes[i - 1]);
    *rig_slot(&g, 0) = *rig_slot(&g, 1) = *rig_slot(&g, 3) = 0;
    rig_collect(&g);
    assert_int_equal(gc_weak_get(&g.h, boxes[2]), 0);
    assert_int_equal(gc_weak_get(&g.h, boxes[4]), 0);
    assert_int_equal(g.h.st->gc.weak, 2);
    assert_int_equal(rig_objects(&g), 3);
    rig_close(&g);
}

/* ---- the trail ----------------------------------------------------------- */

/* Entries of the trail from its bottom, and those that are holes. */
static uint64_t entries(struct rig *g, uint64_t *holes)
{
    uint64_t n = 0, at = g->h.tape.seg[TAPE_HISTORY].at;
    *holes = 0;
    for (; at < g->h.st->trail; n++) {
        const uint64_t *e = obj_at(&g->h, at);
        *holes += e[0] >> 24 == 0;
        at += 8 * ((e[1] & 63) + 3);
    }
    return n;
}
static void expect_entries(struct rig *g, uint64_t want, uint64_t want_holes)
{
    uint64_t holes;
    assert_int_equal(entries(g, &holes), want);
    assert_int_equal(holes, want_holes);
}

/* Stores to three containers in a scope; the one between dies. */
static void open_three(struct rig *g, uint64_t c[3], uint64_t was[3])
{
    rig_open(g, (struct rig_wish){0});
    for (unsigned i = 0; i < 3; i++) {
        was[i] = rig_link(g, rig_link(g, 0));
        c[i] = *rig_slot(g, i) = rig_link(g, was[i]);
    }
    rig_minor(g);
    rig_scope(g);
    for (unsigned i = 0; i < 3; i++)
        rig_set(g, c[i], 0, 0);
    *rig_slot(g, 1) = 0;
}

static void undo_passes_over_holes_and_restores_the_rest(void **state)
{
    (void)state;
    struct rig g;
    uint64_t c[3], was[3];
    open_three(&g, c, was);
    expect_entries(&g, 3, 0);
    rig_forget_touched(&g);
    rig_collect(&g);
    expect_entries(&g, 3, 1);
    assert_true(rig_is_touched(&g, g.h.tape.seg[TAPE_HISTORY].at, 8));
    assert_false(rig_lives(&g, c[1]) || rig_lives(&g, was[1]));
    assert_true(rig_lives(&g, was[0]) && rig_lives(&g, was[2]));
    assert_int_equal(rig_objects(&g), 6);
    trail_undo(&g.h);
    assert_int_equal(rig_get(&g, c[0], 0), was[0]);
    assert_int_equal(rig_get(&g, c[2], 0), was[2]);
    rig_collect(&g);
    assert_int_equal(rig_objects(&g), 6);
    rig_close(&g);
}

/* What an entry restores is gone when nothing can restore it any more. */
static void values_live_as_long_as_their_container(void **state)
{
    (void)state;
    struct rig g;
    uint64_t c[3], was[3];
    open_three(&g, c, was);
    *rig_slot(&g, 1) = c[1];
    for (int i = 0; i < 3; i++)
        rig_collect(&g);
    assert_int_equal(rig_objects(&g), 9);
    trail_keep(&g.h);
    rig_collect(&g);
    assert_int_equal(rig_objects(&g), 3);
    for (unsigned i = 0; i < 3; i++)
        assert_false(rig_lives(&g, was[i]));
    rig_close(&g);
}

/* Only an inner scope's keep leaves entries; it leaves holes behind. */
static void keep_drops_holes(void **state)
{
    (void)state;
    struct rig g;
    uint64_t c[3], was[3];
    open_three(&g, c, was);
    trail_undo(&g.h);
    uint64_t d[4];
    for (unsigned i = 0; i < 4; i++)
        d[i] = *rig_slot(&g, 10 + i) = rig_link(&g, c[0]);
    rig_minor(&g);
    rig_scope(&g);
    rig_scope(&g);
    for (unsigned i = 0; i < 4; i++)
        rig_set(&g, d[i], 0, 0);
    *rig_slot(&g, 10) = *rig_slot(&g, 12) = 0;
    rig_collect(&g);
    expect_entries(&g, 4, 2);
    trail_keep(&g.h);
    expect_entries(&g, 2, 0);
    rig_check(&g);
    rig_collect(&g);
    expect_entries(&g, 2, 0);
    trail_undo(&g.h);
    assert_int_equal(rig_get(&g, d[1], 0), c[0]);
    assert_int_equal(rig_get(&g, d[3], 0), c[0]);
    rig_close(&g);
}

/* Containers of many blocks have an entry for each block that was written. */
static void all_entries_of_a_container_go_with_it(void **state)
{
    (void)state;
    for (int dies = 0; dies < 2; dies++) {
        struct rig g;
        rig_open(&g, (struct rig_wish){0});
        uint64_t o = rig_old(&g, PVM_T_STORE_R, 400);
        *rig_slot(&g, 0) = o;
        for (uint64_t w = 0; w < 400; w++)
            *obj_word(&g.h, o, w) = rig_old(&g, T_EMPTY, 0);
        rig_minor(&g);
        rig_scope(&g);
        for (uint64_t w = 0; w < 400; w++)
            rig_set(&g, o, w, 0);
        expect_entries(&g, 13, 0);
        if (dies)
            *rig_slot(&g, 0) = 0;
        rig_collect(&g);
        expect_entries(&g, 13, dies ? 13 : 0);
        assert_int_equal(rig_objects(&g), dies ? 0 : 401);
        trail_undo(&g.h);
        for (uint64_t w = 0; w < 400 && !dies; w++)
            assert_true(rig_lives(&g, rig_get(&g, o, w)));
        rig_close(&g);
    }
}

/* Of a block that holds references and scalars, the first alone are values. */
static void scalars_keep_nothing_alive(void **state)
{
    (void)state;
    for (int late = 0; late < 2; late++) {
        struct rig g;
        rig_open(&g, (struct rig_wish){0});
        uint64_t dead = rig_link(&g, 0), live = rig_link(&g, 0);
        uint64_t o = rig_old(&g, T_WIDE, 120), via = rig_link(&g, o);
        *obj_word(&g.h, o, 69) = live;
        *obj_word(&g.h, o, 70) = *obj_word(&g.h, o, 119) = dead;
        *rig_slot(&g, 0) = late ? via : o;
        rig_minor(&g);
        rig_scope(&g);
        rig_set(&g, o, 69, 0);
        assert_true(trail_before_val(&g.h, o, 119));
        if (late) /* then what it holds is found through an entry */
            rig_set(&g, via, 0, 0);
        rig_collect(&g);
        assert_true(rig_lives(&g, o) && rig_lives(&g, live));
        assert_false(rig_lives(&g, dead));
        trail_undo(&g.h);
        rig_close(&g);
    }
}

/* A container found alive through an entry that lies above its own, of which
 * there is one for each block. */
static void a_container_found_late_has_all_its_values(void **state)
{
    (void)state;
    struct rig g;
    rig_open(&g, (struct rig_wish){0});
    uint64_t o = rig_old(&g, PVM_T_STORE_R, 400), via = rig_link(&g, o);
    *rig_slot(&g, 0) = via;
    for (uint64_t w = 0; w < 400; w++)
        *obj_word(&g.h, o, w) = rig_old(&g, T_EMPTY, 0);
    rig_minor(&g);
    rig_scope(&g);
    for (uint64_t w = 0; w < 400; w++)
        rig_set(&g, o, w, 0);
    rig_set(&g, via, 0, 0);
    rig_collect(&g);
    expect_entries(&g, 14, 0);
    assert_int_equal(rig_objects(&g), 402);
    trail_undo(&g.h);
    for (uint64_t w = 0; w < 400; w++)
        assert_true(rig_lives(&g, rig_get(&g, o, w)));
    rig_close(&g);
}

/* As many in a slice as it has bytes for. */
static void entries_are_looked_at_in_slices(void **state)
{
    (void)state;
    struct rig g;
    uint64_t c[3], was[3];
    open_three(&g, c, was);
    for (unsigned i = 0; i < 3; i++)
        *rig_slot(&g, i) = 0;
    rig_begin(&g); /* nothing lives */
    mark_step(&g.h, 0, false);
    uint64_t at = g.h.tape.seg[TAPE_HISTORY].at;
    assert_int_equal(g.h.st->gc.phase, GC_ENTRIES);
    for (uint64_t i = 0; i <= 3; i++) {
        assert_int_equal(g.h.st->gc.cursor, at + i * 8 * (2 + 3));
        assert_int_equal(g.h.st->gc.pending, i);
        mark_step(&g.h, 1, false);
    }
    rig_finish(&g);
    expect_entries(&g, 3, 3);
    trail_undo(&g.h);
    rig_close(&g);
}

enum order { ASCENDING, DESCENDING, SHUFFLED, NORDERS };

static void put_in_order(unsigned *at, unsigned n, enum order order)
{
    uint64_t seed = 17;
    for (unsigned i = 0; i < n; i++)
        at[i] = order == DESCENDING ? n - 1 - i : i;
    for (unsigned i = n; order == SHUFFLED && i > 1; i--) {
        unsigned k = (unsigned)(rig_random(&seed) % i), was = at[k];
        at[k] = at[i - 1];
        at[i - 1] = was;
    }
}

/* A chain in which only the entry for each link holds the next: all of it
 * lives when its first does, in whatever order the entries lie, and all of it
 * dies in the one cycle when that is let go. */
static void chains_through_entries_are_decided_in_one_cycle(void **state)
{
    (void)state;
    enum { N = 500 };
    for (enum order order = 0; order < NORDERS; order++)
        for (int64_t budget = 50; budget; budget = budget == 50 ? 5000 : 0) {
            struct rig g;
            uint64_t o[N + 1] = {0};
            unsigned at[N];
            rig_open(&g, (struct rig_wish){0});
            for (unsigned i = N; i-- > 0;)
                o[i] = rig_link(&g, o[i + 1]);
            *rig_slot(&g, 0) = o[0];
            rig_minor(&g);
            rig_scope(&g);
            put_in_order(at, N, order);
            for (unsigned i = 0; i < N; i++)
                rig_set(&g, o[at[i]], 0, 0);
            rig_begin(&g);
            while (g.h.st->gc.phase != GC_IDLE)
                mark_step(&g.h, g.h.st->gc.phase < GC_SWEEP ? budget : 1 << 20,
                          true);
            assert_int_equal(rig_objects(&g), N);
            expect_entries(&g, N, 0);
            *rig_slot(&g, 0) = 0;
            rig_begin(&g);
            while (g.h.st->gc.phase != GC_IDLE)
                mark_step(&g.h, g.h.st->gc.phase < GC_SWEEP ? budget : 1 << 20,
                          true);
            assert_int_equal(rig_objects(&g), 0);
            expect_entries(&g, N, N);
            trail_undo(&g.h);
            rig_close(&g);
        }
}

/* The middle of the chain is held as well: from there on all lives. */
static void half_a_chain_lives(void **state)
{
    (void)state;
    enum { N = 200 };
    for (enum order order = 0; order < NORDERS; order++) {
        struct rig g;
        uint64_t o[N + 1] = {0};
        unsigned at[N];
        rig_open(&g, (struct rig_wish){0});
        for (unsigned i = N; i-- > 0;)
            o[i] = rig_link(&g, o[i + 1]);
        *rig_slot(&g, 0) = o[0];
        *rig_slot(&g, 1) = o[N / 2];
        rig_minor(&g);
        rig_scope(&g);
        put_in_order(at, N, order);
        for (unsigned i = 0; i < N; i++)
            rig_set(&g, o[at[i]], 0, 0);
        *rig_slot(&g, 0) = 0;
        rig_collect(&g);
        for (unsigned i = 0; i < N; i++)
            assert_int_equal(rig_lives(&g, o[i]), i >= N / 2);
        expect_entries(&g, N, N / 2);
        trail_undo(&g.h);
        for (unsigned i = N / 2; i < N; i++)
            assert_int_equal(rig_get(&g, o[i], 0), o[i + 1]);
        rig_collect(&g);
        assert_int_equal(rig_objects(&g), N / 2);
        rig_close(&g);
    }
}

/* ---- scopes that end in the middle of a cycle ---------------------------- */

/* Two scopes over chains of links; every third container is dead.  The inner
 * one writes to those of the outer too; it is undone or kept in the middle of
 * a phase. */
enum { HALF = 20, ALL = 2 * HALF };

struct scopes {
    struct rig g;
    uint64_t o[ALL], was[ALL];
};

static void open_scopes(struct scopes *s)
{
    struct rig *g = &s->g;
    rig_open(g, (struct rig_wish){0});
    for (unsigned i = 0; i < ALL; i++) {
        s->was[i] = rig_link(g, rig_link(g, 0));
        s->o[i] = *rig_slot(g, i) = rig_link(g, s->was[i]);
    }
    *rig_slot(g, ALL) = rig_link(g, 0);
    *rig_slot(g, ALL + 1) = gc_new_weak(&g->h, rig_slot(g, ALL));
    *rig_slot(g, ALL + 2) = gc_new_weak(&g->h, rig_slot(g, ALL));
    rig_minor(g);
    for (unsigned i = 0; i < ALL; i++) {
        if (i % HALF == 0)
            rig_scope(g);
        rig_set(g, s->o[i], 0, 0);
        if (i >= HALF && i % 2)
            rig_set(g, s->o[i - HALF], 0, 0);
    }
    for (unsigned i = 0; i < ALL; i += 3)
        *rig_slot(g, i) = 0;
    rig_begin(g);
}

/* Whether containers from..to that live hold `want`: what was, or nothing. */
static void expect_values(struct scopes *s, unsigned from, unsigned to,
                          bool want)
{
    for (unsigned i = from; i < to; i++) {
        if (i % 3 == 0)
            continue;
        uint64_t now = rig_get(&s->g, s->o[i], 0);
        assert_int_equal(now, want ? s->was[i] : 0);
        assert_true(!want || (rig_lives(&s->g, now) &&
                              rig_lives(&s->g, rig_get(&s->g, now, 0))));
    }
}

static void end_scopes(struct scopes *s, bool kept)
{
    struct rig *g = &s->g;
    rig_check(g);
    rig_finish(g);
    expect_values(s, 0, HALF, false);
    expect_values(s, HALF, ALL, !kept);
    rig_collect(g);
    for (unsigned i = 0; i < ALL; i++)
        assert_int_equal(rig_lives(g, s->o[i]), i % 3 != 0);
    trail_undo(&g->h); /* the outer one */
    expect_values(s, 0, ALL, true);
    rig_collect(g);
    /* of 40 containers 26 live, with two links each; the boxes' target */
    assert_int_equal(rig_objects(g), 26 * 3 + 3);
    rig_close(g);
}

/* After so many slices in ENTRIES, or in DROP, until the phase is over. */
static bool go_into(struct scopes *s, enum gc_phase phase, int slices)
{
    struct gc_state *gc = &s->g.h.st->gc;
    while (gc->phase < GC_ENTRIES)
        mark_step(&s->g.h, 1, false);
    if (phase == GC_DROP) {
        mark_step(&s->g.h, INT64_MAX, false);
        mark_step(&s->g.h, 0, true);
    }
    assert_int_equal(gc->phase, phase);
    for (int i = 0; i < slices; i++)
        mark_step(&s->g.h, 5, phase == GC_DROP);
    rig_check(&s->g);
    return gc->phase == phase;
}

static void scopes_may_end_anywhere_in_a_cycle(void **state)
{
    (void)state;
    static const enum gc_phase phases[] = {GC_ENTRIES, GC_DROP};
    for (int p = 0; p < 2; p++)
        for (int kept = 0; kept < 2; kept++) {
            int slices = 0;
            for (bool on = true; on && slices < 200; slices++) {
                struct scopes s;
                open_scopes(&s);
                on = go_into(&s, phases[p], slices);
                if (kept)
                    trail_keep(&s.g.h);
                else
                    trail_undo(&s.g.h);
                end_scopes(&s, kept);
            }
            assert_true(slices > 10); /* the phase is no single slice */
        }
}

/* While entries are looked at, one scope ends and another begins, so that new
 * entries lie where the collector has been. */
static void entries_made_where_others_were_are_looked_at(void **state)
{
    (void)state;
    struct scopes s;
    open_scopes(&s);
    struct rig *g = &s.g;
    go_into(&s, GC_ENTRIES, 300);
    assert_int_equal(g->h.st->gc.cursor, g->h.st->trail);
    trail_undo(&g->h);
    assert_true(g->h.st->gc.cursor <= g->h.st->trail);
    rig_scope(g);
    uint64_t young = *rig_slot(g, 60) = rig_young(g, T_LINK, 2);
    for (unsigned i = HALF; i < ALL; i++)
        if (i % 3)
            rig_set(g, s.o[i], 0, young);
    rig_minor(g);
    for (unsigned i = HALF; i < ALL; i++) /* logged by then */
        if (i % 3)
            rig_set(g, s.o[i], 0, 0);
    rig_finish(g);
    expect_values(&s, 0, ALL, false);
    trail_undo(&g->h);
    expect_values(&s, HALF, ALL, true);
    trail_undo(&g->h);
    expect_values(&s, 0, ALL, true);
    rig_collect(g);
    assert_int_equal(rig_objects(g), 26 * 3 + 3 + 1);
    rig_close(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_box_is_cleared_when_its_target_dies),
        cmocka_unit_test(a_young_box_of_a_young_object_follows_it),
        cmocka_unit_test(a_box_can_be_born_old),
        cmocka_unit_test(what_a_window_shades_is_taken_back_whole),
        cmocka_unit_test(a_read_while_marking_keeps_the_target),
        cmocka_unit_test(a_read_after_marking_finds_no_dead_target),
        cmocka_unit_test(boxes_that_die_are_forgotten),
        cmocka_unit_test(boxes_of_boxes_go_one_by_one),
        cmocka_unit_test(undo_passes_over_holes_and_restores_the_rest),
        cmocka_unit_test(values_live_as_long_as_their_container),
        cmocka_unit_test(keep_drops_holes),
        cmocka_unit_test(all_entries_of_a_container_go_with_it),
        cmocka_unit_test(scalars_keep_nothing_alive),
        cmocka_unit_test(a_container_found_late_has_all_its_values),
        cmocka_unit_test(entries_are_looked_at_in_slices),
        cmocka_unit_test(chains_through_entries_are_decided_in_one_cycle),
        cmocka_unit_test(half_a_chain_lives),
        cmocka_unit_test(scopes_may_end_anywhere_in_a_cycle),
        cmocka_unit_test(entries_made_where_others_were_are_looked_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
