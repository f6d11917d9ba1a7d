/* test_mark.c - a cycle of the old generation: its phases, what it keeps and
 * what it lets go, when it begins and when it is to end. */
#include "tests/unit/heap_kit.h"

/* ---- phases -------------------------------------------------------------- */

/* Long lists, weak boxes, entries of a trail, and many pages that die. */
static void fill_heap(struct rig *g)
{
    for (unsigned i = 0; i < 20; i++) {
        *rig_slot(g, i) = rig_link(g, rig_old(g, T_PAIR, 4));
        *rig_slot(g, 20 + i) = gc_new_weak(&g->h, rig_slot(g, i));
        rig_blob(g, 40000);
        rig_blob(g, 1000);
    }
    *rig_slot(g, 40) = rig_old(g, PVM_T_STORE_R, 5000);
    rig_minor(g);
    rig_scope(g);
    for (unsigned i = 0; i < 20; i++)
        rig_set(g, *rig_slot(g, i), 0, *rig_slot(g, 40));
    for (unsigned i = 0; i < 5; i++)
        *rig_slot(g, i) = 0; /* and these become holes */
}

/* In order, each in more than one slice, all rules kept after each slice. */
static void a_cycle_goes_through_its_phases_in_order(void **state)
{
    (void)state;
    struct rig g;
    rig_open(&g, (struct rig_wish){.nursery = 16 << 10});
    fill_heap(&g);
    struct gc_state *gc = &g.h.st->gc;
    uint64_t majors = gc->majors, slices[GC_PHASES] = {0};
    rig_begin(&g);
    uint64_t trail = g.h.st->trail - g.h.tape.seg[TAPE_HISTORY].at;
    assert_int_equal(gc->unmarked, old_objects(&g.h));
    assert_int_equal(gc->unseen, mark_entry_cost(trail));
    assert_int_equal(g.h.st->mark, g.h.st->minor);
    enum gc_phase was = gc->phase;
    assert_int_equal(was, GC_MARK);
    while (gc->phase != GC_IDLE) {
        slices[was]++;
        rig_step(&g, was < GC_SWEEP ? 33 : 256);
        enum gc_phase now = gc->phase;
        assert_true(now == was || now == (was + 1) % GC_PHASES);
        assert_int_equal(mark_is_shading(&g.h), now && now < GC_DROP);
        assert_int_equal(gc->majors, majors + (now == GC_IDLE));
        was = now;
    }
    for (int i = GC_MARK; i < GC_PHASES; i++)
        assert_true(slices[i] > 1);
    mark_step(&g.h, INT64_MAX, true); /* nothing goes on by itself */
    assert_int_equal(gc->phase, GC_IDLE);
    trail_undo(&g.h);
    rig_close(&g);
}

/* Only when the nursery is empty is it known what lives. */
static void a_slice_between_minors_does_not_end_marking(void **state)
{
    (void)state;
    struct rig g;
    rig_open(&g, (struct rig_wish){0});
    fill_heap(&g);
    trail_undo(&g.h);
    rig_begin(&g);
    *rig_slot(&g, 50) = rig_young(&g, T_LINK, 2);
    for (int i = 0; i < 5; i++) {
        mark_step(&g.h, INT64_MAX, false);
        assert_int_equal(g.h.st->gc.phase, GC_ENTRIES);
        assert_true(mark_is_shading(&g.h));
    }
    rig_minor(&g);
    assert_int_equal(g.h.st->gc.phase, GC_DROP);
    rig_finish(&g);
    rig_close(&g);
}

/* ---- roots --------------------------------------------------------------- */

/* Where an object's only reference can stand. */
enum root {
    ROOT_REGISTER,
    ROOT_LAST_REGISTER,
    ROOT_GLOBAL,
    ROOT_HANDLE,
    ROOT_LAST_HANDLE,
    ROOT_ERROR,
    ROOT_WORLD,
    ROOT_MADE_STACK,
    ROOT_MADE_MESSAGE,
    ROOT_MADE_TRACE,
    ROOT_MADE_MEMORY,
    ROOT_MADE_STORE,
    ROOT_STRING,
    ROOT_LAST_STRING,
    NROOTS
};

static uint64_t *root(struct rig *g, enum root which)
{
    struct state *st = g->h.st;
    switch (which) {
    case ROOT_REGISTER: return rig_slot(g, 0);
    case ROOT_LAST_REGISTER: return rig_slot(g, RIG_SLOTS - 1);
    case ROOT_GLOBAL: return obj_word(&g->h, st->globals, 1);
    case ROOT_HANDLE: return &st->handles[0];
    case ROOT_LAST_HANDLE: return &st->handles[STATE_HANDLES - 1];
    case ROOT_ERROR: return &st->error;
    case ROOT_WORLD: return &st->world;
    case ROOT_MADE_STACK: return &st->made_stack.error;
    case ROOT_MADE_MESSAGE: return &st->made_stack.message;
    case ROOT_MADE_TRACE: return &st->made_stack.trace;
    case ROOT_MADE_MEMORY: return &st->made_memory.error;
    case ROOT_MADE_STORE: return &st->made_memory.store;
    case ROOT_STRING: return &g->strings[0];
    default: return &g->strings[RIG_STRINGS - 1];
    }
}

static void what_any_root_reaches_lives_and_nothing_else(void **state)
{
    (void)state;
    for (enum root i = 0; i < NROOTS; i++) {
        struct rig g;
        rig_open(&g, (struct rig_wish){0});
        g.h.st->nhandles = STATE_HANDLES;
        uint64_t far = rig_link(&g, 0), o = rig_link(&g, rig_link(&g, far));
        uint64_t other = rig_link(&g, 0);
        *root(&g, i) = o;
        for (int round = 0; round < 3; round++) {
            rig_collect(&g);
            assert_int_equal(rig_objects(&g), 3);
            assert_int_equal(old_objects(&g.h), 3 * 32);
            assert_true(rig_lives(&g, o) && rig_lives(&g, far));
            assert_false(rig_lives(&g, other));
        }
        *root(&g, i) = 0;
        rig_collect(&g);
        assert_int_equal(rig_objects(&g), 0);
        g.h.st->nhandles = 0;
        rig_close(&g);
    }
}

static void what_only_young_objects_reach_lives(void **state)
{
    (void)state;
    struct rig g;
    rig_open(&g, (struct rig_wish){0});
    uint64_t a = rig_link(&g, 0), b = rig_link(&g, 0), c = rig_link(&g, 0);
    uint64_t young = rig_young(&g, T_LINK, 2);
    *obj_word(&g.h, young, 0) = a;
    *rig_slot(&g, 0) = young; /* young in a register */
    young = rig_young(&g, T_LINK, 2);
    *obj_word(&g.h, young, 0) = b;
    *rig_slot(&g, 1) = rig_link(&g, young); /* remembered */
    young = rig_young(&g, T_LINK, 2);
    *obj_word(&g.h, young, 0) = c; /* neither */
    rig_collect(&g);
    assert_true(rig_lives(&g, a) && rig_lives(&g, b));
    assert_false(rig_lives(&g, c));
    assert_int_equal(rig_objects(&g), 5);
    rig_close(&g);
}

static void rings_die(void **state)
{
    (void)state;
    struct rig g;
    rig_open(&g, (struct rig_wish){0});
    uint64_t first = rig_link(&g, 0), last = first;
    for (int i = 0; i < 2000; i++)
        last = rig_link(&g, last);
    *obj_word(&g.h, first, 0) = last;
    uint64_t self = rig_link(&g, 0);
    *obj_word(&g.h, self, 0) = self;
    *rig_slot(&g, 0) = first;
    rig_collect(&g);
    assert_int_equal(rig_objects(&g), 2001); /* all of the ring */
    assert_false(rig_lives(&g, self));
    *rig_slot(&g, 0) = 0;
    rig_collect(&g);
    assert_int_equal(rig_objects(&g), 0);
    assert_int_equal(g.h.st->gc.pages, 0);
    rig_close(&g);
}

/* Of a graph drawn at random, exactly what the registers reach is left. */
struct graph {
    uint64_t os[1500];
    uint32_t to[1500][4];
    bool reached[1500];
};

static void draw(struct rig *g, struct graph *x, uint64_t *seed)
{
    enum { N = sizeof x->os / sizeof *x->os };
    for (int i = 0; i < N; i++) {
        uint32_t n = 1 + (uint32_t)(rig_random(seed) % 4);
        uint64_t words = n + rig_random(seed) % (i % 40 ? 30 : 2000);
        x->os[i] = rig_old(g, PVM_T_STORE_R, words);
        x->reached[i] = false;
        for (uint32_t k = 0; k < 4; k++)
            x->to[i][k] = k < n ? (uint32_t)(rig_random(seed) % N) : 0;
        if (n == 1)
            x->to[i][0] = (uint32_t)i; /* so that not all is one piece */
    }
    for (int i = 0; i < N; i++)
        for (uint64_t k = 0; k < 4 && k < obj_words(&g->h, x->os[i]); k++)
            if (k == 0 || x->to[i][k])
                *obj_word(&g->h, x->os[i], obj_words(&g->h, x->os[i]) - 1 - k) =
                    x->os[x->to[i][k]];
}

static void reach(struct rig *g, struct graph *x, uint32_t i)
{
    if (x->reached[i])
        return;
    x->reached[i] = true;
    for (uint64_t k = 0; k < 4 && k < obj_words(&g->h, x->os[i]); k++)
        if (k == 0 || x->to[i][k])
            reach(g, x, x->to[i][k]);
}

static void a_collection_leaves_exactly_what_lives(void **state)
{
    (void)state;
    static struct graph x;
    struct rig g;
    uint64_t seed = 11;
    rig_open(&g, (struct rig_wish){0});
    for (int round = 0; round < 8; round++) {
        draw(&g, &x, &seed);
        for (unsigned i = 0; i < (unsigned)round; i++) {
            uint32_t k = (uint32_t)(rig_random(&seed) % 1500);
            *rig_slot(&g, i) = x.os[k];
            reach(&g, &x, k);
        }
        rig_collect(&g);
        uint64_t n = 0;
        for (int i = 0; i < 1500; i++) {
            assert_int_equal(rig_lives(&g, x.os[i]), x.reached[i]);
            n += x.reached[i];
        }
        assert_int_equal(rig_objects(&g), n);
        rig_check(&g);
    }
    rig_close(&g);
}

/* When marking is about to end, what lives must be marked, but for what only a
 * weak box refers to. */
static void what_lives_and_is_not_marked_is_told(void **state)
{
    (void)state;
    struct rig g;
    rig_open(&g, (struct rig_wish){0});
    const char *said = "an object that the roots reach is not marked";
    uint64_t far = rig_link(&g, 0), dead = rig_link(&g, 0);
    *rig_slot(&g, 0) = rig_link(&g, rig_link(&g, far));
    *rig_slot(&g, 1) = gc_new_weak(&g.h, gc_hold(&g.h, dead));
    gc_release(&g.h, 1);
    g.strings[1] = rig_link(&g, 0);
    rig_begin(&g);
    assert_string_equal(gc_check_marked(&g.h), said);
    mark_step(&g.h, INT64_MAX, false);
    assert_null(gc_check_marked(&g.h));
    uint64_t *marked = g.h.old.marked, hidden[] = {far, g.strings[1]};
    for (int i = 0; i < 2; i++) {
        uint64_t at = old_granule(&g.h, hidden[i]);
        marked[at / 64] ^= UINT64_C(1) << at % 64;
        assert_string_equal(gc_check_marked(&g.h), said);
        marked[at / 64] ^= UINT64_C(1) << at % 64;
    }
    rig_finish(&g);
    assert_false(rig_lives(&g, dead));
    rig_close(&g);
}

/* ---- during a cycle ------------------------------------------------------ */

/* What is unlinked when the cycle has begun lives to its end, wherever the
 * only reference to it goes, and dies in the next. */
static void what_lived_at_the_start_lives_through_the_cycle(void **state)
{
    (void)state;
    for (int hidden = 0; hidden < 2; hidden++) {
        struct rig g;
        rig_open(&g, (struct rig_wish){0});
        uint64_t last = rig_link(&g, 0);
        uint64_t chain = rig_link(&g, rig_link(&g, last));
        uint64_t a = rig_link(&g, chain), b = rig_link(&g, 0);
        *rig_slot(&g, 0) = a;
        *rig_slot(&g, 1) = b; /* scanned first: the queue is a stack */
        rig_begin(&g);
        mark_step(&g.h, 1, false);
        assert_int_equal(g.h.st->gc.queue, 1);
        assert_false(old_is_marked(&g.h, chain));
        if (hidden)
            rig_set(&g, b, 0, chain); /* behind the collector's back */
        rig_set(&g, a, 0, 0);
        rig_finish(&g);
        assert_true(rig_lives(&g, chain) && rig_lives(&g, last));
        rig_collect(&g);
        assert_int_equal(rig_lives(&g, chain), hidden);
        assert_int_equal(rig_lives(&g, last), hidden);
        rig_close(&g);
    }
}

/* Undo brings back and takes away references as stores do. */
static void undo_while_marking_shades_both_sides(void **state)
{
    (void)state;
    for (int scanned = 0; scanned < 2; scanned++) {
        struct rig g;
        rig_open(&g, (struct rig_wish){0});
        uint64_t old = rig_link(&g, rig_link(&g, 0)), o = rig_link(&g, old);
        uint64_t new = rig_link(&g, rig_link(&g, 0));
        *rig_slot(&g, 0) = o;
        rig_minor(&g);
        rig_scope(&g);
        rig_set(&g, o, 0, new);
        rig_begin(&g);
        if (scanned)
            mark_step(&g.h, INT64_MAX, false);
        trail_undo(&g.h);
        assert_int_equal(rig_get(&g, o, 0), old);
        rig_finish(&g);
        assert_true(rig_lives(&g, old) && rig_lives(&g, new));
        rig_collect(&g);
        assert_true(rig_lives(&g, old) && rig_lives(&g, rig_get(&g, old, 0)));
        assert_int_equal(rig_objects(&g), 3);
        rig_close(&g);
    }
}

/* Born or promoted in any phase: they live to the next cycle. */
static void what_becomes_old_during_a_cycle_lives(void **state)
{
    (void)state;
    for (enum gc_phase p = GC_MARK; p < GC_PHASES; p++) {
        struct rig g;
        rig_open(&g, (struct rig_wish){0});
        fill_heap(&g);
        trail_undo(&g.h);
        rig_minor(&g);
        rig_begin(&g);
        rig_run_to(&g, p);
        uint64_t small = rig_old(&g, T_PAIR, 4), large = rig_blob(&g, 50000);
        uint64_t young = rig_young(&g, T_PAIR, 4);
        *gc_hold(&g.h, rig_link(&g, young)) += 0;
        rig_minor(&g);
        uint64_t link = g.h.st->handles[0];
        gc_release(&g.h, 1);
        young = rig_get(&g, link, 0);
        assert_false(obj_is_young(&g.h, young));
        rig_finish(&g);
        assert_true(rig_lives(&g, small) && rig_lives(&g, large));
        assert_true(rig_lives(&g, link) && rig_lives(&g, young));
        rig_collect(&g);
        assert_false(rig_lives(&g, small) || rig_lives(&g, large));
        assert_false(rig_lives(&g, link) || rig_lives(&g, young));
        rig_close(&g);
    }
}

/* A slice ends though an object has more references than it may look at. */
static void long_objects_are_scanned_in_portions(void **state)
{
    (void)state;
    enum { PORTION = 64 * OBJ_BLOCK_WORDS, WORDS = 3 * PORTION + 5 };
    struct rig g;
    rig_open(&g, (struct rig_wish){0});
    uint64_t o = rig_old(&g, PVM_T_STORE_R, WORDS);
    for (int i = 0; i < WORDS; i++)
        *obj_word(&g.h, o, i) = rig_old(&g, T_EMPTY, 0);
    *rig_slot(&g, 0) = o;
    rig_begin(&g);
    mark_step(&g.h, 1, false);
    for (int i = 0; i < WORDS; i++)
        assert_int_equal(old_is_marked(&g.h, rig_get(&g, o, i)), i < PORTION);
    int slices = 1;
    for (; g.h.st->gc.phase == GC_MARK; slices++)
        mark_step(&g.h, 1, false);
    assert_int_equal(slices, 4 + WORDS); /* the last one finds none */
    rig_finish(&g);
    assert_int_equal(rig_objects(&g), WORDS + 1);
    rig_close(&g);
}

/* ---- the pace ------------------------------------------------------------ */

#define KB UINT64_C(1024)
#define MB (1024 * KB)

/* With a nursery of 64 KB: at least 256 KB are to come before the goal, and a
 * cycle begins when five eighths of them are there.  What a full nursery wants
 * is left: one and a half times 64 + 2 * 64 KB, and 231 pages.  Objects fill
 * four fifths of what pages are left at least. */
#define ROOM       (288 * KB + 231 * 4 * KB)
#define FITS(left) (((left)-ROOM) / 5 * 4)

static const struct pace {
    uint64_t growth, live, limit, goal, start, emergency;
} paces[] = {
    {200, 0, 0, 256 * KB, 160 * KB, ROOM},
    {200, 100 * KB, 0, 356 * KB, 260 * KB, ROOM},
    {200, 25600 * KB, 0, 51200 * KB, 41600 * KB, ROOM},
    {150, 25600 * KB, 0, 38400 * KB, 33600 * KB, ROOM},
    {300, 12800 * KB, 0, 38400 * KB, 28800 * KB, ROOM},
    {105, 25600 * KB, 0, 26880 * KB, 26400 * KB, ROOM},
    {100, 25600 * KB, 0, 25856 * KB, 25760 * KB, ROOM},
    /* the limit, and the segment, of 64 MB */
    {200, 12800 * KB, 20 * MB, 12800 * KB + FITS(7680 * KB),
     12800 * KB + FITS(7680 * KB) / 8 * 5, ROOM},
    {300, 51200 * KB, 0, 51200 * KB + FITS(14336 * KB),
     51200 * KB + FITS(14336 * KB) / 8 * 5, ROOM},
    {200, 51200 * KB, 500 * MB, 51200 * KB + FITS(14336 * KB),
     51200 * KB + FITS(14336 * KB) / 8 * 5, ROOM},
    /* little is left: half of that is waited for */
    {200, 2000 * KB, 4000 * KB, 2000 * KB + FITS(2000 * KB),
     2000 * KB + FITS(2000 * KB) / 8 * 5, 1000 * KB},
    {200, 3000 * KB, 4000 * KB, 3000 * KB, 3000 * KB, 500 * KB},
    {200, 5000 * KB, 4000 * KB, 5000 * KB, 5000 * KB, 0},
    {200, 400 * KB, 1000 * KB, 400 * KB, 400 * KB, 300 * KB},
};

static void goal_and_start_follow_what_lives_and_the_limits(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof paces / sizeof *paces; i++) {
        const struct pace *p = &paces[i];
        struct rig g;
        rig_open(&g, (struct rig_wish){.limit = p->limit});
        struct gc_state *gc = &g.h.st->gc, was = *gc;
        g.h.gc_growth = p->growth;
        gc->top = gc->pages = p->live / TAPE_PAGE;
        gc->promoted = p->live - gc->born_old;
        gc_set_goal(&g.h);
        assert_int_equal(gc->live, p->live);
        assert_int_equal(gc->goal, p->goal);
        assert_int_equal(gc->start, p->start);
        assert_int_equal(gc->emergency, p->emergency);
        *gc = was;
        rig_close(&g);
    }
}

static void growth_and_slice_have_defaults(void **state)
{
    (void)state;
    struct rig g;
    rig_open(&g, (struct rig_wish){.paced = true});
    assert_int_equal(g.h.gc_growth, mem_runtime.growth);
    assert_int_equal(g.h.gc_slice, mem_runtime.slice);
    assert_int_equal(g.h.st->gc.goal, 256 * KB);
    rig_close(&g);
}

/* Minor collections alone drive cycles; none begins before the start, and what
 * is in use stays near the goal. */
static void keep_to_the_goal(uint64_t slice, uint64_t live)
{
    struct rig g;
    rig_open(&g, (struct rig_wish){.paced = true});
    g.h.check = false;
    g.h.gc_slice = slice;
    struct gc_state *gc = &g.h.st->gc;
    *rig_slot(&g, 0) = rig_old(&g, PVM_T_STORE_R, live);
    uint64_t seed = 5, most = 0;
    for (uint64_t i = 0; i < 200000 + 8 * live; i++) {
        uint64_t start = gc->start, dead = gc->dead;
        uint64_t minors = g.h.st->minors;
        bool idle = gc->phase == GC_IDLE;
        uint64_t o = gc_new(&g.h, T_PAIR, 4);
        assert_int_not_equal(o, 0);
        if (idle && gc->phase != GC_IDLE)
            assert_true(old_objects(&g.h) + gc->dead - dead >= start);
        if (idle && gc->phase == GC_IDLE && g.h.st->minors > minors)
            assert_true(old_objects(&g.h) < start);
        rig_set(&g, *rig_slot(&g, 0), rig_random(&seed) % live, o);
        assert_true(old_objects(&g.h) <= gc->goal + 128 * KB);
        if (gc_used(&g.h) > most)
            most = gc_used(&g.h);
    }
    assert_true(gc->majors > 5);
    assert_in_range(most, 64 * live, 400 * live + MB);
    rig_close(&g);
}

static void cycles_keep_to_the_goal(void **state)
{
    (void)state;
    keep_to_the_goal(256 * KB, 2000);
    keep_to_the_goal(4 * KB, 2000);
    keep_to_the_goal(4 * KB, 40000); /* slices as large as need be */
}

/* Objects die at random among others, so that few pages become free: that they
 * are in use does not let the next cycle begin later. */
static void free_cells_do_not_raise_the_goal(void **state)
{
    (void)state;
    struct rig g;
    rig_open(&g, (struct rig_wish){.paced = true});
    g.h.check = false;
    uint64_t n = 40000, live = n * (obj_bytes(4) + 8), seed = 7, most = 0;
    *rig_slot(&g, 0) = rig_old(&g, PVM_T_STORE_R, n);
    for (uint64_t i = 0; i < 40 * n; i++) {
        uint64_t o = gc_new(&g.h, T_PAIR, 4);
        assert_int_not_equal(o, 0);
        rig_set(&g, *rig_slot(&g, 0), i < n ? i : rig_random(&seed) % n, o);
        if (gc_used(&g.h) > most)
            most = gc_used(&g.h);
    }
    assert_true(g.h.st->gc.majors > 15);
    assert_in_range(most, live, live / 4 * 9);
    rig_close(&g);
}

/* New objects all die young, so nothing becomes old; what died of the old ones
 * is found all the same, once many times what lives was allocated. */
static void a_cycle_begins_when_nothing_becomes_old(void **state)
{
    (void)state;
    struct rig g;
    rig_open(&g, (struct rig_wish){.paced = true});
    g.h.check = false;
    *rig_slot(&g, 0) = rig_old(&g, PVM_T_STORE_R, 20000);
    for (uint64_t i = 0; i < 20000; i++)
        rig_set(&g, *rig_slot(&g, 0), i, rig_old(&g, T_PAIR, 4));
    rig_collect(&g);
    uint64_t majors = g.h.st->gc.majors, live = old_objects(&g.h);
    *rig_slot(&g, 0) = 0;
    uint64_t from = g.h.st->allocated, most = 33 * live;
    while (g.h.st->gc.majors == majors && g.h.st->allocated - from < most)
        assert_int_not_equal(gc_new(&g.h, T_PAIR, 4), 0);
    assert_int_equal(g.h.st->gc.majors, majors + 1);
    assert_true(g.h.st->allocated - from > 31 * live);
    assert_true(old_objects(&g.h) < 4096);
    rig_close(&g);
}

/* Where no cycle would begin by itself, one is run when little is left. */
static void a_small_limit_makes_cycles_run_at_once(void **state)
{
    (void)state;
    struct rig g;
    rig_open(&g, (struct rig_wish){.limit = 4 * MB});
    g.h.check = false;
    struct gc_state *gc = &g.h.st->gc;
    *rig_slot(&g, 0) = rig_old(&g, PVM_T_STORE_R, 1000);
    for (int i = 0; i < 400000; i++) {
        uint64_t o = gc_new(&g.h, T_PAIR, 4);
        assert_int_not_equal(o, 0);
        rig_set(&g, *rig_slot(&g, 0), (uint64_t)i * 7 % 1000, o);
        assert_true(old_left(&g.h) >= gc->emergency);
    }
    assert_true(gc->majors > 2);
    assert_true(g.h.st->allocated > 16 * MB);
    rig_close(&g);
}

/* Small objects, in a chain, until they are refused; how many. */
static uint64_t fill_up(struct rig *g)
{
    uint64_t n = 0, o;
    for (; (o = gc_new(&g->h, T_PAIR, 4)); n++) {
        *obj_word(&g->h, o, 0) = *rig_slot(g, 0);
        *rig_slot(g, 0) = o;
    }
    return n;
}

/* When all of it lives, memory ends; when it is let go, it is there again. */
static void fill_and_let_go(struct rig_wish wish)
{
    struct rig g;
    rig_open(&g, wish);
    g.h.check = false;
    uint64_t first = 0;
    for (int round = 0; round < 4; round++) {
        uint64_t n = fill_up(&g);
        first = round ? first : n;
        assert_in_range(n, 30000, 3 * MB / 48);
        assert_in_range(n, first - first / 50, first + first / 50);
        assert_true(gc_used(&g.h) <= 3 * MB);
        rig_check(&g);
        /* a little is left for small objects */
        assert_int_not_equal(gc_new(&g.h, PVM_T_STR, 1000), 0);
        assert_int_equal(gc_new(&g.h, PVM_T_STR, 100000), 0);
        assert_int_equal(gc_new_old(&g.h, PVM_T_STR, 300000), 0);
        *rig_slot(&g, 0) = 0;
    }
    rig_close(&g);
}

/* For who handles the error: 64 KB of small objects. */
static void a_full_heap_keeps_a_little_back(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 16; i++) {
        struct rig g;
        rig_open(&g, (struct rig_wish){.nursery = MB,
                                       .limit = 5 * MB + i * 100 * KB});
        g.h.check = false;
        assert_true(fill_up(&g) > 40000);
        assert_true(fill_up(&g) >= 64 * KB / 48);
        assert_true(gc_used(&g.h) <= g.h.heap_limit);
        rig_close(&g);
    }
}

static void a_full_heap_refuses_and_recovers(void **state)
{
    (void)state;
    fill_and_let_go((struct rig_wish){.limit = 3 * MB});
    fill_and_let_go((struct rig_wish){.limit = 3 * MB, .paced = true});
    /* with twice as many addresses, as a vm has */
    fill_and_let_go((struct rig_wish){.heap = 6 * MB, .limit = 3 * MB});
    fill_and_let_go(
        (struct rig_wish){.heap = 6 * MB, .limit = 3 * MB, .paced = true});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cycle_goes_through_its_phases_in_order),
        cmocka_unit_test(a_slice_between_minors_does_not_end_marking),
        cmocka_unit_test(what_any_root_reaches_lives_and_nothing_else),
        cmocka_unit_test(what_only_young_objects_reach_lives),
        cmocka_unit_test(rings_die),
        cmocka_unit_test(a_collection_leaves_exactly_what_lives),
        cmocka_unit_test(what_lives_and_is_not_marked_is_told),
        cmocka_unit_test(what_lived_at_the_start_lives_through_the_cycle),
        cmocka_unit_test(undo_while_marking_shades_both_sides),
        cmocka_unit_test(what_becomes_old_during_a_cycle_lives),
        cmocka_unit_test(long_objects_are_scanned_in_portions),
        cmocka_unit_test(goal_and_start_follow_what_lives_and_the_limits),
        cmocka_unit_test(growth_and_slice_have_defaults),
        cmocka_unit_test(cycles_keep_to_the_goal),
        cmocka_unit_test(free_cells_do_not_raise_the_goal),
        cmocka_unit_test(a_cycle_begins_when_nothing_becomes_old),
        cmocka_unit_test(a_small_limit_makes_cycles_run_at_once),
        cmocka_unit_test(a_full_heap_refuses_and_recovers),
        cmocka_unit_test(a_full_heap_keeps_a_little_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
