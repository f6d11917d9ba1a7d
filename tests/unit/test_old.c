/* test_old.c - the old generation: size classes, spans of pages, what is born
 * old, sweeping, going back over all that in a window. */
#include "tests/unit/heap_kit.h"

/* ---- sizes --------------------------------------------------------------- */

static const struct size {
    uint64_t bytes;
    unsigned class;
    uint64_t cell;
    uint32_t pages;
} sizes[] = {
    {1, 0, 16, 4},       {16, 0, 16, 4},      {17, 1, 32, 4},
    {32, 1, 32, 4},      {33, 2, 48, 4},      {112, 6, 112, 4},
    {113, 7, 128, 4},    {128, 7, 128, 4},    {129, 8, 160, 5},
    {160, 8, 160, 5},    {161, 9, 192, 6},    {192, 9, 192, 6},
    {193, 10, 224, 7},   {224, 10, 224, 7},   {225, 11, 256, 4},
    {256, 11, 256, 4},   {257, 12, 320, 5},   {320, 12, 320, 5},
    {321, 13, 384, 6},   {385, 14, 448, 7},   {449, 15, 512, 4},
    {512, 15, 512, 4},   {513, 16, 640, 5},   {768, 17, 768, 6},
    {769, 18, 896, 7},   {1024, 19, 1024, 4}, {1025, 20, 1280, 5},
    {2048, 23, 2048, 4}, {2049, 24, 2560, 5}, {4096, 27, 4096, 4},
    {4097, 28, 5120, 5}, {5121, 29, 6144, 6}, {6144, 29, 6144, 6},
    {6145, 30, 7168, 7}, {7168, 30, 7168, 7}, {7169, 31, 8192, 4},
    {8192, 31, 8192, 4},
};

static void every_size_has_its_class(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const struct size *s = &sizes[i];
        assert_int_equal(old_class_of(s->bytes), s->class);
        assert_int_equal(old_cell(s->class), s->cell);
        assert_int_equal(old_run_pages(s->class), s->pages);
    }
    for (uint64_t n = 1; n <= MEM_CELL_MOST; n++) {
        unsigned c = old_class_of(n);
        assert_true(c < STATE_CLASSES && n <= old_cell(c));
        assert_true(c == 0 || n > old_cell(c - 1));
        assert_true(old_cell(c) <= 16 || old_cell(c) * 4 <= (n + 15) / 16 * 80);
    }
}

/* The cells of a run lie side by side from its start, and all of it is cells
 * but for what is less than one; where cells have over 128 bytes, all. */
static void runs_are_full_of_cells(void **state)
{
    (void)state;
    struct rig g;
    rig_open(&g, (struct rig_wish){0});
    for (unsigned c = 0; c < STATE_CLASSES; c++) {
        uint64_t cell = old_cell(c), size = PAGES(old_run_pages(c));
        uint64_t pages = g.h.st->gc.pages, first = 0, n = 0, at = 0;
        do {
            at = old_take(&g.h, cell);
            first = n ? first : at;
            n += at < first + size;
        } while (at == first + (n - 1) * cell && at < first + size);
        assert_int_equal(first % TAPE_PAGE, 0);
        assert_int_equal(n, size / cell);
        assert_true(cell <= 128 || n * cell == size);
        assert_int_equal(g.h.st->gc.pages, pages + 2 * old_run_pages(c));
    }
    rig_close(&g);
}

static void more_than_a_cell_has_pages_of_its_own(void **state)
{
    (void)state;
    struct rig g;
    rig_open(&g, (struct rig_wish){0});
    uint64_t a = old_take(&g.h, 8192), b = old_take(&g.h, 8193);
    uint64_t c = old_take(&g.h, PAGES(3)), d = old_take(&g.h, PAGES(3) + 1);
    const uint32_t *desc = g.h.old.desc;
    assert_int_equal(old_kind(desc[rig_page(&g, a)]), OLD_RUN);
    assert_int_equal(old_kind(desc[rig_page(&g, b)]), OLD_SPAN);
    assert_int_equal(old_class(desc[rig_page(&g, b)]), OLD_LARGE);
    assert_int_equal(old_count(desc[rig_page(&g, b)]), 3);
    assert_int_equal(c, b + PAGES(3));
    assert_int_equal(d, c + PAGES(3));
    assert_int_equal(old_count(desc[rig_page(&g, d)]), 4);
    rig_close(&g);
}

/* ---- spans of pages ------------------------------------------------------ */

static void a_hole_is_used_again(void **state)
{
    (void)state;
    struct rig g;
    rig_open(&g, (struct rig_wish){0});
    uint64_t a = rig_span(&g, 5), b = rig_span(&g, 5), c = rig_span(&g, 5);
    uint64_t top = g.h.st->gc.top;
    rig_keep(&g, a);
    rig_keep(&g, c);
    rig_sweep(&g);
    assert_false(rig_lives(&g, b));
    assert_int_equal(g.h.st->gc.pages, 10);
    assert_int_equal(rig_span(&g, 5), b);
    assert_int_equal(g.h.st->gc.top, top);
    assert_int_equal(rig_page(&g, rig_span(&g, 5)), top);
    rig_close(&g);
}

/* First fit, neither best nor next: holes of 3, 9 and 5 pages. */
static void the_lowest_hole_that_fits_is_taken(void **state)
{
    (void)state;
    struct rig g;
    rig_open(&g, (struct rig_wish){0});
    rig_span(&g, 3);
    rig_keep(&g, rig_span(&g, 3));
    uint64_t nine = rig_page(&g, rig_span(&g, 9));
    rig_keep(&g, rig_span(&g, 3));
    uint64_t five = rig_page(&g, rig_span(&g, 5));
    rig_keep(&g, rig_span(&g, 3));
    rig_sweep(&g);
    uint64_t top = g.h.st->gc.top;
    assert_int_equal(rig_page(&g, rig_span(&g, 4)), nine);
    assert_int_equal(rig_page(&g, rig_span(&g, 5)), nine + 4);
    assert_int_equal(rig_page(&g, rig_span(&g, 3)), 0);
    assert_int_equal(rig_page(&g, rig_span(&g, 3)), five);
    assert_int_equal(rig_page(&g, rig_span(&g, 3)), top);
    rig_close(&g);
}

static void free_neighbours_are_one_span(void **state)
{
    (void)state;
    struct rig g;
    rig_open(&g, (struct rig_wish){0});
    uint64_t first = rig_span(&g, 3), a = rig_span(&g, 5), b = rig_span(&g, 5);
    uint64_t last = rig_span(&g, 3), top = g.h.st->gc.top;
    rig_keep(&g, first);
    rig_keep(&g, b);
    rig_keep(&g, last);
    rig_sweep(&g);
    uint64_t high = rig_span(&g, 10);
    assert_int_equal(rig_page(&g, high), top);
    rig_keep(&g, first);
    rig_keep(&g, last);
    rig_keep(&g, high);
    rig_sweep(&g); /* b is free now, beside a */
    assert_int_equal(rig_page(&g, rig_span(&g, 10)), rig_page(&g, a));
    rig_close(&g);
}

/* A little that is free, too little for anything, counts with what becomes
 * free behind it: of 2 pages for small spans, of 7 for large ones. */
static void a_rest_serves_with_what_is_freed_behind_it(void **state)
{
    (void)state;
    const struct {
        uint64_t hole, taken, behind, wanted, other;
    } cases[] = {{9, 7, 3, 5, 7},
                 {6, 5, 4, 5, 7},
                 {12, 5, 3, 10, 20},
                 {11, 4, 3, 8, 20}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct rig g;
        rig_open(&g, (struct rig_wish){0});
        uint64_t first = rig_span(&g, 3), hole = rig_span(&g, cases[i].hole);
        uint64_t behind = rig_span(&g, cases[i].behind), last = rig_span(&g, 3);
        rig_keep(&g, first);
        rig_keep(&g, behind);
        rig_keep(&g, last);
        rig_sweep(&g);
        uint64_t taken = rig_span(&g, cases[i].taken);
        assert_int_equal(rig_page(&g, taken), rig_page(&g, hole));
        uint64_t rest = rig_page(&g, hole) + cases[i].taken;
        rig_keep(&g, rig_span(&g, cases[i].other)); /* found beyond the rest */
        rig_keep(&g, first);
        rig_keep(&g, taken);
        rig_keep(&g, last);
        rig_sweep(&g);
        assert_int_equal(rig_page(&g, rig_span(&g, cases[i].wanted)), rest);
        rig_close(&g);
    }
}

/* What first fit by address does, told by a byte for each page. */
static uint64_t naive_take(uint8_t *used, uint64_t n)
{
    for (uint64_t at = 0, run = 0;; at++) {
        run = used[at] ? 0 : run + 1;
        if (run == n) {
            memset(used + at + 1 - n, 1, n);
            return at + 1 - n;
        }
    }
}

struct spans {
    uint64_t at[400], n;
    uint8_t used[16384];
};

static void free_some(struct rig *g, struct spans *s, uint64_t *seed)
{
    uint64_t to = 0;
    for (uint64_t i = 0; i < s->n; i++) {
        uint64_t page = rig_page(g, s->at[i]);
        if (rig_random(seed) % 3) {
            rig_keep(g, s->at[i]);
            s->at[to++] = s->at[i];
        } else {
            memset(s->used + page, 0, old_count(g->h.old.desc[page]));
        }
    }
    s->n = to;
    rig_sweep(g);
    g->h.st->gc.goal = PAGES(rig_random(seed) % 4000);
    rig_release(g);
}

static void spans_lie_where_first_fit_puts_them(void **state)
{
    (void)state;
    struct rig g;
    static struct spans s;
    uint64_t seed = 1;
    rig_open(&g, (struct rig_wish){0});
    for (int round = 0; round < 60; round++) {
        while (s.n < 300) {
            uint64_t n =
                3 + rig_random(&seed) % (rig_random(&seed) % 4 ? 6 : 30);
            uint64_t o = rig_span(&g, n);
            assert_int_equal(rig_page(&g, o), naive_take(s.used, n));
            s.at[s.n++] = o;
        }
        free_some(&g, &s, &seed);
    }
    rig_close(&g);
}

/* ---- limits -------------------------------------------------------------- */

static void what_is_left_is_the_least_of_limit_and_fresh_pages(void **state)
{
    (void)state;
    struct rig g;
    rig_open(&g, (struct rig_wish){.heap = 4 << 20, .limit = 3 << 20});
    struct gc_state *gc = &g.h.st->gc;
    assert_int_equal(old_left(&g.h), 3 << 20);
    uint64_t a = rig_span(&g, 100);
    assert_int_equal(old_left(&g.h), (3 << 20) - PAGES(100));
    g.h.heap_limit = PAGES(100);
    assert_int_equal(old_left(&g.h), 0);
    g.h.heap_limit = PAGES(99);
    assert_int_equal(old_left(&g.h), 0);
    g.h.heap_limit = UINT64_MAX;
    assert_int_equal(old_left(&g.h), (4 << 20) - PAGES(100));
    /* a hole counts for the limit, and not as a piece */
    rig_keep(&g, rig_span(&g, 3));
    rig_sweep(&g);
    assert_false(rig_lives(&g, a));
    assert_int_equal(gc->pages, 3);
    assert_int_equal(old_left(&g.h), (4 << 20) - PAGES(103));
    g.h.heap_limit = PAGES(110);
    assert_int_equal(old_left(&g.h), PAGES(107));
    rig_close(&g);
}

static void what_is_left_can_be_taken_in_one_piece(void **state)
{
    (void)state;
    struct rig g;
    rig_open(&g, (struct rig_wish){.heap = 4 << 20});
    for (int i = 0; i < 50; i++) {
        rig_span(&g, 3);
        rig_keep(&g, rig_span(&g, 4));
    }
    rig_sweep(&g);
    uint64_t left = old_left(&g.h);
    assert_int_equal(left, (4 << 20) - PAGES(350));
    assert_int_equal(old_take(&g.h, left), g.h.old.at + PAGES(350));
    assert_int_equal(old_left(&g.h), 0);
    assert_int_equal(old_take(&g.h, PAGES(4)), 0); /* no hole fits */
    assert_int_not_equal(old_take(&g.h, PAGES(3)), 0);
    rig_close(&g);
}

/* Whatever sizes are taken, old_room says enough. */
static void no_mix_of_sizes_needs_more_than_the_room_said(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (int round = 0; round < 40; round++) {
        struct rig g;
        uint64_t sum = 0, n = 1 + rig_random(&seed) % 2000;
        uint64_t most = round % 4 ? MEM_CELL_MOST : 20000;
        rig_open(&g, (struct rig_wish){0});
        for (unsigned c = 0; c < STATE_CLASSES && round % 2; c++) {
            sum += old_cell(c) / 16 * 16;
            assert_int_not_equal(old_take(&g.h, old_cell(c)), 0);
        }
        for (uint64_t i = 0; i < n; i++) {
            uint64_t bytes = 16 + rig_random(&seed) % most / 16 * 16;
            bytes = round % 8 == 1 ? MEM_CELL_MOST + 16 : bytes;
            sum += bytes;
            assert_int_not_equal(old_take(&g.h, bytes), 0);
            assert_true(gc_used(&g.h) <= old_room(sum));
        }
        rig_close(&g);
    }
}

/* ---- born old ------------------------------------------------------------ */

static const struct kind {
    uint32_t type;
    uint64_t words;
} kinds[] = {
    {T_EMPTY, 0},
    {PVM_T_STR, 1},
    {PVM_T_STR, 2},
    {T_LINK, 2},
    {PVM_T_WEAK, WEAK_WORDS},
    {PVM_T_STR, 3},
    {T_PAIR, 4},
    {PVM_T_LIST_INT, LIST_WORDS},
    {PVM_T_STR, 14},
    {PVM_T_STR, 15},
    {PVM_T_STR, 30},
    {PVM_T_STR, 31},
    {PVM_T_STORE_R, 32},
    {PVM_T_STORE_R, 33},
    {PVM_T_STORE_R, 64},
    {PVM_T_STORE_R, 65},
    {T_WIDE, 120},
    {PVM_T_STORE_W, 120},
    {PVM_T_STORE_R, 333},
    {PVM_T_STORE_R, 900},
    {PVM_T_STORE_R, 990},
    {PVM_T_STR, 991},
    {PVM_T_STORE_B, 992},
    {PVM_T_STORE_R, 1000},
    {PVM_T_STORE_R, 1024},
    {PVM_T_STR, 1500},
    {PVM_T_STORE_R, 2048},
    {PVM_T_STORE_W, 10000},
    {PVM_T_STORE_R, 100000},
    {PVM_T_STR, 400000},
    {PVM_T_STORE_R, 800000},
};
#define NKINDS (sizeof kinds / sizeof *kinds)

static void is_born(struct rig *g, const struct kind *k, uint64_t o)
{
    struct heap *h = &g->h;
    uint64_t from = o - obj_below(k->words), bytes = obj_bytes(k->words);
    assert_true(old_is_object(h, o));
    assert_int_equal(obj_type(h, o), k->type);
    assert_int_equal(obj_info(h, o) >> 24 & 0xff, 0);
    assert_int_equal(obj_words(h, o), k->words);
    assert_true(rig_is_touched(g, from, bytes));
    for (uint64_t b = 0; b < obj_blocks(k->words); b++)
        assert_int_equal(*obj_stamp(h, o, b), h->st->clock);
    for (uint64_t w = 0; w < k->words; w++)
        assert_int_equal(*obj_word(h, o, w), 0);
}

/* Whether the last entries of the remembered set are an object's blocks. */
static void is_remembered(struct rig *g, uint64_t o, uint64_t before)
{
    const struct state *st = g->h.st;
    uint64_t blocks = (obj_refs(&g->h, o) + 31) / 32;
    assert_int_equal(st->remembered, before + blocks);
    for (uint64_t b = 0; b < blocks; b++)
        assert_int_equal(
            obj_at(&g->h, g->h.tape.seg[TAPE_REMEMBER].at)[before + b],
            block_ref(o, b));
}

/* Twice, for the second time where all was written before. */
static void anything_can_be_born_old_and_is_zero(void **state)
{
    (void)state;
    struct rig g;
    rig_open(&g, (struct rig_wish){0});
    struct state *st = g.h.st;
    for (int round = 0; round < 2; round++) {
        uint64_t os[NKINDS], born = st->gc.born_old, objects = st->objects;
        uint64_t bytes = 0;
        st->clock += 5;
        for (size_t i = 0; i < NKINDS; i++) {
            rig_forget_touched(&g);
            uint64_t before = st->remembered;
            os[i] = gc_new_old(&g.h, kinds[i].type, kinds[i].words);
            is_born(&g, &kinds[i], os[i]);
            is_remembered(&g, os[i], before);
            bytes += obj_bytes(kinds[i].words);
        }
        assert_int_equal(st->gc.born_old - born, bytes);
        assert_int_equal(st->objects - objects, NKINDS);
        for (size_t i = 0; i < NKINDS; i++)
            memset(obj_word(&g.h, os[i], 0), 0xff, 8 * kinds[i].words);
        uint64_t pages = st->gc.pages;
        rig_sweep(&g);
        assert_int_equal(st->gc.pages, 0);
        assert_int_equal(st->gc.top, pages);
    }
    rig_close(&g);
}

/* A span's pages are zeroed where they may be written, and only there. */
static void large_objects_are_zero_wherever_they_lie(void **state)
{
    (void)state;
    struct rig g;
    rig_open(&g, (struct rig_wish){0});
    uint64_t a = rig_span(&g, 10);
    memset(obj_word(&g.h, a, 0), 0xff, 8 * obj_words(&g.h, a));
    rig_sweep(&g);
    const struct kind k = {PVM_T_STORE_W, rig_words(PAGES(30))};
    uint64_t b =
        gc_new_old(&g.h, k.type, k.words); /* on dirty and fresh ones */
    is_born(&g, &k, b);
    assert_int_equal(rig_page(&g, b), 0);
    memset(obj_word(&g.h, b, 0), 0xff, 8 * k.words);
    rig_sweep(&g);
    /* the middle is given back, the rest is not */
    assert_true(tape_release(&g.h.tape, g.h.old.at + PAGES(7), PAGES(11)));
    for (uint64_t p = 7; p < 18; p++)
        g.h.old.dirty[0] &= ~(UINT64_C(1) << p);
    b = gc_new_old(&g.h, k.type, k.words);
    is_born(&g, &k, b);
    for (uint64_t p = 0; p < 30; p++)
        assert_true(old_bit(g.h.old.dirty, p));
    rig_close(&g);
}

static void pages_are_dirty_once_they_are_written(void **state)
{
    (void)state;
    struct rig g;
    rig_open(&g, (struct rig_wish){0});
    const uint64_t *dirty = g.h.old.dirty;
    uint64_t at = old_take(&g.h, PAGES(70));
    assert_int_equal(dirty[0] | dirty[1], 0); /* taken, not written */
    old_dirty(&g.h, at + PAGES(3), 1);
    assert_int_equal(dirty[0], 1 << 3);
    old_dirty(&g.h, at + PAGES(62), PAGES(3) + 1);
    assert_int_equal(dirty[0], (UINT64_C(3) << 62) | 1 << 3);
    assert_int_equal(dirty[1], 3);
    old_take(&g.h, 16); /* the pages of a run are, all four */
    assert_int_equal(dirty[1], 3 | (15 << 6));
    rig_sweep(&g);
    assert_int_equal(dirty[1], 3 | (15 << 6)); /* and stay so */
    rig_close(&g);
}

/* ---- sweeping ------------------------------------------------------------ */

/* Cells of one class hold objects of other sizes than before, so that headers
 * stand elsewhere; the living are not written. */
static void cells_between_the_living_are_used_again(void **state)
{
    (void)state;
    enum { N = 200 };
    static uint64_t os[N], words[N];
    uint64_t seed = 7;
    for (unsigned c = 1; c < STATE_CLASSES; c++) { /* a str has 32 bytes */
        struct rig g;
        uint64_t least = rig_words(old_cell(c - 1)) + 1;
        uint64_t most = rig_words(old_cell(c));
        rig_open(&g, (struct rig_wish){0});
        for (int round = 0; round < 6; round++) {
            for (int i = 0; i < N; i++) {
                if (round && os[i])
                    continue;
                words[i] = least + rig_random(&seed) % (most - least + 1);
                os[i] = rig_old(&g, PVM_T_STR, words[i]);
                rig_fill(&g, os[i], (uint64_t)i << 20);
            }
            for (int i = 0; i < N; i++)
                rig_has(&g, os[i], words[i], (uint64_t)i << 20);
            for (int i = 0; i < N; i++)
                if (rig_random(&seed) % 2)
                    rig_keep(&g, os[i]);
                else
                    os[i] = 0;
            rig_sweep(&g);
        }
        uint64_t cells = PAGES(old_run_pages(c)) / old_cell(c);
        assert_int_equal(g.h.st->gc.top,
                         ((N - 1) / cells + 1) * old_run_pages(c));
        rig_close(&g);
    }
}

static void empty_runs_go_and_open_ones_are_filled_first(void **state)
{
    (void)state;
    enum { CELLS = 32, RUNS = 4 }; /* of 512 bytes in four pages */
    struct rig g;
    uint64_t os[RUNS * CELLS];
    rig_open(&g, (struct rig_wish){0});
    for (int i = 0; i < RUNS * CELLS; i++)
        os[i] = rig_blob(&g, 512);
    assert_int_equal(g.h.st->gc.pages, RUNS * 4);
    /* of the runs, the first dies, one is full, two have holes */
    for (int i = CELLS; i < RUNS * CELLS; i++)
        if (i < 2 * CELLS || i % CELLS >= 3)
            rig_keep(&g, os[i]);
    rig_sweep(&g);
    assert_int_equal(g.h.st->gc.pages, (RUNS - 1) * 4);
    for (int i = 0; i < RUNS * CELLS; i++)
        assert_int_equal(rig_lives(&g, os[i]),
                         i >= CELLS && (i < 2 * CELLS || i % CELLS >= 3));
    uint64_t again[6];
    for (int i = 0; i < 6; i++) {
        again[i] = rig_blob(&g, 512);
        bool hole = false;
        for (int k = 2 * CELLS; k < RUNS * CELLS; k++)
            hole |= again[i] == os[k] && k % CELLS < 3;
        assert_true(hole);
        for (int k = 0; k < i; k++)
            assert_int_not_equal(again[i], again[k]);
    }
    assert_int_equal(g.h.st->gc.pages, (RUNS - 1) * 4);
    assert_int_equal(rig_blob(&g, 512), os[0]); /* fresh pages: the hole */
    assert_int_equal(g.h.st->gc.pages, RUNS * 4);
    rig_close(&g);
}

/* Until its turn has come, nothing is allocated in a run; it comes when cells
 * of its class are wanted. */
static void a_class_is_swept_when_it_wants_cells(void **state)
{
    (void)state;
    struct rig g;
    rig_open(&g, (struct rig_wish){0});
    struct gc_state *gc = &g.h.st->gc;
    uint64_t dead = rig_blob(&g, 512), live = rig_blob(&g, 512);
    uint64_t other = rig_blob(&g, 1024);
    rig_keep(&g, live);
    rig_begin_sweep(&g);
    assert_true(rig_lives(&g, dead)); /* as far as the tables know */
    assert_int_equal(rig_blob(&g, 512), dead);
    assert_true(rig_lives(&g, live) && rig_lives(&g, other));
    rig_check(&g);
    int64_t budget = 0;
    assert_false(old_sweep(&g.h, &budget));
    assert_true(rig_lives(&g, other));
    budget = 1;
    assert_true(old_sweep(&g.h, &budget)); /* that one run was left */
    assert_int_equal(budget, 0);
    assert_false(rig_lives(&g, other));
    gc->phase = GC_IDLE;
    rig_close(&g);
}

struct places {
    uint64_t at[1000], n;
};
static void note_place(struct heap *h, uint64_t o, void *arg)
{
    struct places *p = arg;
    (void)h;
    p->at[p->n++] = o;
}

static void each_object_is_met_once_by_position(void **state)
{
    (void)state;
    struct rig g;
    static struct places born, met;
    uint64_t seed = 3;
    rig_open(&g, (struct rig_wish){0});
    old_each(&g.h, note_place, &met);
    assert_int_equal(met.n, 0);
    for (int i = 0; i < 800; i++)
        born.at[born.n++] =
            rig_blob(&g, 32 + rig_random(&seed) % (i % 50 ? 300 : 40000));
    old_each(&g.h, note_place, &met);
    assert_int_equal(met.n, born.n);
    for (uint64_t i = 1; i < met.n; i++)
        assert_true(met.at[i - 1] < met.at[i]);
    for (uint64_t i = 0; i < born.n; i++) {
        uint64_t k = 0;
        while (k < met.n && met.at[k] != born.at[i])
            k++;
        assert_true(k < met.n);
    }
    rig_close(&g);
}

/* ---- a traced window ----------------------------------------------------- */

struct tables {
    struct state st;
    struct {
        uint64_t used[64], alloc[16384], marked[16384], remembered[64];
        uint32_t desc[4096], next[4096];
    } of;
};
static void copy_tables(struct rig *g, struct tables *t)
{
    const struct gc_tables *o = &g->h.old;
    t->st = *g->h.st;
    memcpy(t->of.used, o->used, sizeof t->of.used);
    memcpy(t->of.alloc, o->alloc, sizeof t->of.alloc);
    memcpy(t->of.marked, o->marked, sizeof t->of.marked);
    memcpy(t->of.desc, o->desc, sizeof t->of.desc);
    memcpy(t->of.next, o->next, sizeof t->of.next);
    memcpy(t->of.remembered, obj_at(&g->h, g->h.tape.seg[TAPE_REMEMBER].at),
           sizeof t->of.remembered);
}

/* A heap of all that allocation meets: open runs, runs being filled, holes; in
 * the middle of a cycle where that is wanted. */
static void fill_heap(struct rig *g, enum gc_phase phase)
{
    for (unsigned i = 0; i < 24; i++) {
        uint64_t o = rig_blob(g, 48 + i * 700);
        if (i % 2)
            *rig_slot(g, i) = o;
    }
    rig_collect(g);
    rig_blob(g, 200);
    uint64_t box = gc_new_weak(&g->h, rig_slot(g, 1));
    *rig_slot(g, 0) = box;
    rig_minor(g);
    if (phase == GC_IDLE)
        return;
    rig_begin(g);
    rig_run_to(g, phase);
}

static void allocate_all(struct rig *g)
{
    uint64_t o;
    for (unsigned i = 0; i < 40; i++)
        assert_int_not_equal(gc_new(&g->h, PVM_T_STORE_R, 1 + i * i * 4), 0);
    for (unsigned i = 0; i < NKINDS; i++)
        assert_int_not_equal(gc_new_old(&g->h, kinds[i].type, kinds[i].words),
                             0);
    do /* until the nursery is full */
        o = gc_new(&g->h, T_LINK, 2);
    while (obj_is_young(&g->h, o));
    o = gc_new_weak(&g->h, rig_slot(g, 1));
    assert_true(old_is_object(&g->h, o));
}

/* Going back over a window leaves State and tables as they were, but for what
 * is known of pages that were written: that stays true. */
static void a_traced_window_goes_back_over_allocations(void **state)
{
    (void)state;
    static struct tables before, after;
    uint64_t dirty[64];
    for (enum gc_phase phase = GC_IDLE; phase < GC_PHASES; phase++) {
        struct rig g;
        rig_open(&g, (struct rig_wish){0});
        struct tlog log = {.mem = g.mem, .limit = 1 << 24};
        fill_heap(&g, phase);
        copy_tables(&g, &before);
        g.h.tlog = &log;
        gc_set_room(&g.h);
        heap_thresholds(&g.h);
        tlog_open(&log);
        allocate_all(&g);
        tlog_close(&log);
        assert_false(log.failed);
        memcpy(dirty, g.h.old.dirty, sizeof dirty);
        tlog_restore(&log, g.h.base);
        copy_tables(&g, &after);
        assert_memory_equal(&after.st, &before.st, sizeof before.st);
        assert_memory_equal(&after.of, &before.of, sizeof before.of);
        assert_memory_equal(g.h.old.dirty, dirty, sizeof dirty);
        g.h.tlog = NULL;
        heap_thresholds(&g.h);
        gc_set_room(&g.h);
        vec_free(g.mem, &log.words);
        rig_check(&g);
        rig_finish(&g);
        rig_close(&g);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_size_has_its_class),
        cmocka_unit_test(runs_are_full_of_cells),
        cmocka_unit_test(more_than_a_cell_has_pages_of_its_own),
        cmocka_unit_test(a_hole_is_used_again),
        cmocka_unit_test(the_lowest_hole_that_fits_is_taken),
        cmocka_unit_test(free_neighbours_are_one_span),
        cmocka_unit_test(a_rest_serves_with_what_is_freed_behind_it),
        cmocka_unit_test(spans_lie_where_first_fit_puts_them),
        cmocka_unit_test(what_is_left_is_the_least_of_limit_and_fresh_pages),
        cmocka_unit_test(what_is_left_can_be_taken_in_one_piece),
        cmocka_unit_test(no_mix_of_sizes_needs_more_than_the_room_said),
        cmocka_unit_test(anything_can_be_born_old_and_is_zero),
        cmocka_unit_test(large_objects_are_zero_wherever_they_lie),
        cmocka_unit_test(pages_are_dirty_once_they_are_written),
        cmocka_unit_test(cells_between_the_living_are_used_again),
        cmocka_unit_test(empty_runs_go_and_open_ones_are_filled_first),
        cmocka_unit_test(a_class_is_swept_when_it_wants_cells),
        cmocka_unit_test(each_object_is_met_once_by_position),
        cmocka_unit_test(a_traced_window_goes_back_over_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
