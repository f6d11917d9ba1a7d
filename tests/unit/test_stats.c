/* test_stats.c - what the collector counts: pauses and their quantiles, what
 * the heap holds against a count by hand, the peak. */
#include "tests/unit/heap_kit.h"

#include <stdlib.h>

/* ---- pauses -------------------------------------------------------------- */

/* The least time of a bucket: its power of two and as many quarters. */
static double bucket_least(unsigned b)
{
    double power = 1;
    for (unsigned k = 0; k < b / 4; k++)
        power *= 2;
    return b < 8 ? 0 : power + power / 4 * (b % 4);
}

static unsigned bucket_of(uint64_t ns)
{
    unsigned b = 8;
    if (ns < 4)
        return 0;
    while (b + 1 < GC_BUCKETS && bucket_least(b + 1) <= (double)ns)
        b++;
    return b;
}

static void add(struct gc_pauses *p, uint64_t ns)
{
    p->n++;
    p->total += ns;
    p->most = ns > p->most ? ns : p->most;
    p->bucket[bucket_of(ns)]++;
}

static void the_clock_goes_forward(void **state)
{
    (void)state;
    uint64_t was = gc_clock();
    assert_int_not_equal(was, 0);
    for (int i = 0; i < 1000; i++) {
        uint64_t now = gc_clock();
        assert_true(now >= was);
        was = now;
    }
}

static void pauses_are_counted_in_their_buckets(void **state)
{
    (void)state;
    struct gc_pauses all = {0};
    for (unsigned shift = 0; shift < 30; shift++) {
        struct gc_pauses p = {0};
        gc_note(&p, gc_clock() - (UINT64_C(3) << shift));
        assert_int_equal(p.n, 1);
        assert_int_equal(p.most, p.total);
        assert_in_range(p.most, UINT64_C(3) << shift, UINT64_MAX);
        assert_int_equal(p.bucket[bucket_of(p.total)], 1);
        gc_note(&all, gc_clock() - (UINT64_C(3) << shift));
    }
    assert_int_equal(all.n, 30);
    assert_in_range(all.most, UINT64_C(3) << 29, all.total);
    uint64_t sum = 0;
    for (unsigned b = 0; b < GC_BUCKETS; b++)
        sum += all.bucket[b];
    assert_int_equal(sum, 30);
}

static void a_clock_that_stands_still_notes_nothing(void **state)
{
    (void)state;
    struct gc_pauses p = {0};
    gc_note(&p, gc_clock() + (UINT64_C(1) << 40));
    assert_int_equal(p.n, 1);
    assert_int_equal(p.total, 0);
    assert_int_equal(p.most, 0);
    assert_int_equal(p.bucket[0], 1);
}

static void a_quantile_of_nothing_is_0(void **state)
{
    (void)state;
    struct gc_pauses p = {0};
    for (int i = 0; i <= 10; i++)
        assert_int_equal(gc_quantile(&p, i / 10.0), 0);
}

static void every_quantile_of_one_pause_is_that(void **state)
{
    (void)state;
    static const uint64_t ns[] = {0,
                                  1,
                                  3,
                                  4,
                                  5,
                                  1000,
                                  1023,
                                  1024,
                                  1025,
                                  1279,
                                  1000000,
                                  123456789,
                                  UINT64_C(1) << 39,
                                  UINT64_C(3) << 40};
    for (size_t i = 0; i < sizeof ns / sizeof *ns; i++) {
        struct gc_pauses p = {0};
        add(&p, ns[i]);
        for (int k = 0; k <= 10; k++)
            assert_int_equal(gc_quantile(&p, k / 10.0), ns[i]);
    }
}

static void quantiles_in_one_bucket_do_not_exceed_the_most(void **state)
{
    (void)state;
    struct gc_pauses p = {0};
    for (uint64_t ns = 1024; ns < 1200; ns++)
        add(&p, ns);
    assert_int_equal(p.bucket[40], 176);
    assert_int_equal(gc_quantile(&p, 0), 1199);
    assert_int_equal(gc_quantile(&p, 0.5), 1199);
    assert_int_equal(gc_quantile(&p, 1), 1199);
    add(&p, 5000); /* now the bucket's end is told */
    assert_int_equal(gc_quantile(&p, 0.5), 1280);
    assert_int_equal(gc_quantile(&p, 1), 5000);
}

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

/* Not less than so many of the pauses, and no more than a quarter longer than
 * the longest of these, or 4 nanoseconds. */
static void quantiles_are_near_the_truth(void **state)
{
    (void)state;
    uint64_t seed = 2, ns[500];
    for (int round = 0; round < 200; round++) {
        struct gc_pauses p = {0};
        unsigned n = 1 + (unsigned)(rig_random(&seed) % 500),
                 shift = round % 42;
        for (unsigned i = 0; i < n; i++) {
            ns[i] = rig_random(&seed) >> (63 - shift);
            add(&p, ns[i]);
        }
        qsort(ns, n, sizeof *ns, compare);
        for (unsigned i = 1; i <= 8; i++) {
            uint64_t told = gc_quantile(&p, i / 8.0);
            uint64_t truth = ns[(n * i + 7) / 8 - 1];
            assert_true(told >= truth);
            assert_true(told <= (truth < 4 ? 4 : truth + truth / 4 + 1) ||
                        truth >> 39);
            assert_true(told <= p.most);
        }
    }
}

static void collections_note_their_pauses(void **state)
{
    (void)state;
    struct rig g;
    rig_open(&g, (struct rig_wish){0});
    const struct gc_stats *s = &g.h.stats;
    rig_minor(&g);
    assert_int_equal(s->minors.n, 1);
    assert_int_equal(s->pauses.n, 1);
    assert_int_equal(s->slices.n, 0);
    rig_collect(&g); /* one pause, not a slice */
    assert_int_equal(s->minors.n, 2);
    assert_int_equal(s->pauses.n, 2);
    assert_int_equal(s->slices.n, 0);
    rig_begin(&g);
    rig_minor(&g);
    assert_int_equal(s->slices.n, 1);
    assert_int_equal(s->pauses.n, 4);
    g.h.st->gc.since = g.h.gc_slice;
    gc_slice(&g.h);
    assert_int_equal(s->slices.n, 2);
    assert_int_equal(s->pauses.n, 5);
    gc_slice(&g.h); /* nothing has become old since */
    assert_int_equal(s->slices.n, 2);
    assert_int_equal(s->pauses.n, 5);
    assert_true(s->pauses.total >= s->minors.total);
    assert_true(s->pauses.most <= s->pauses.total);
    rig_finish(&g);
    rig_close(&g);
}

/* ---- what the heap holds ------------------------------------------------- */

static const struct gc_class_use *class_of(const struct gc_report *r,
                                           uint64_t cell)
{
    for (unsigned i = 0; i <= STATE_CLASSES; i++)
        if (r->classes[i].cell == cell)
            return &r->classes[i];
    fail_msg("no class has cells of %u bytes", (unsigned)cell);
    return NULL;
}

static void expect_use(const struct gc_report *r, uint64_t cell, uint64_t pages,
                       uint64_t objects, uint64_t bytes)
{
    const struct gc_class_use *c = class_of(r, cell);
    assert_int_equal(c->pages, pages * TAPE_PAGE);
    assert_int_equal(c->objects, objects);
    assert_int_equal(c->bytes, bytes);
}

/* 600 links of 32 bytes, 10 strs of 144, 3 stores of 33 words in 304 bytes,
 * spans of 40,000 and 12,289 bytes, rounded up to 16. */
static void make_sample(struct rig *g)
{
    uint64_t list = rig_old(g, PVM_T_STORE_R, 1000);
    *rig_slot(g, 0) = list;
    uint64_t n = 0;
    for (int i = 0; i < 600; i++)
        *obj_word(&g->h, list, n++) = rig_link(g, 0);
    for (int i = 0; i < 10; i++)
        *obj_word(&g->h, list, n++) = rig_old(g, PVM_T_STR, 16);
    for (int i = 0; i < 3; i++)
        *obj_word(&g->h, list, n++) = rig_old(g, PVM_T_STORE_W, 33);
    *obj_word(&g->h, list, n++) = rig_blob(g, 40000);
    *obj_word(&g->h, list, n++) = rig_blob(g, 12304);
}

/* The list: 1,000 words, 32 blocks: 31 stamps in 256 bytes, 16 of header. */
#define LIST (256 + 16 + 8000)

static void a_report_is_what_a_count_by_hand_says(void **state)
{
    (void)state;
    struct rig g;
    struct gc_report r;
    rig_open(&g, (struct rig_wish){0});
    make_sample(&g);
    uint64_t large = obj_bytes(rig_words(40000)) + obj_bytes(rig_words(12304));
    uint64_t bytes = 600 * 32 + 10 * 144 + 3 * 304 + large + LIST;
    gc_report(&g.h, &r);
    expect_use(&r, 32, 8, 600, 600 * 32);
    expect_use(&r, 160, 5, 10, 10 * 144);
    expect_use(&r, 320, 5, 3, 3 * 304);
    expect_use(&r, 8192, 0, 0, 0);
    expect_use(&r, 0, 3 + 10 + 4, 3, large + LIST);
    assert_int_equal(r.heap, (8 + 5 + 5 + 3 + 10 + 4) * TAPE_PAGE);
    assert_int_equal(r.heap, gc_used(&g.h));
    assert_int_equal(r.live, bytes);
    assert_int_equal(r.live_objects, 616);
    assert_int_equal(r.headers,
                     600 * 16 + 10 * 16 + 3 * (304 - 8 * 33) + large -
                         8 * (rig_words(40000) + rig_words(12304)) + 272);
    assert_int_equal(r.allocated, bytes);
    assert_int_equal(r.born_old, bytes);
    assert_int_equal(r.objects, 616);
    assert_int_equal(r.promoted, 0);
    assert_int_equal(r.trail, 0);
    assert_int_equal(r.minors + r.majors, 0);
    assert_int_equal(r.tables, g.h.st->gc.top * (8 + 64));
    rig_close(&g);
}

static void a_report_follows_what_is_made_and_what_dies(void **state)
{
    (void)state;
    struct rig g;
    struct gc_report r, s;
    rig_open(&g, (struct rig_wish){0});
    make_sample(&g);
    gc_report(&g.h, &r);
    for (unsigned i = 1; i <= 20; i++)
        *rig_slot(&g, i) = rig_young(&g, T_PAIR, 4);
    rig_young(&g, T_PAIR, 4); /* lost at once */
    gc_report(&g.h, &s);
    assert_int_equal(s.live, r.live + 21 * 48);
    assert_int_equal(s.allocated, r.allocated + 21 * 48);
    assert_int_equal(s.objects, r.objects + 21);
    assert_int_equal(s.live_objects, r.live_objects + 21);
    assert_int_equal(s.young_objects, 21);
    assert_int_equal(s.young, 21 * 48);
    assert_int_equal(s.headers, r.headers);
    rig_minor(&g);
    gc_report(&g.h, &s);
    assert_int_equal(s.live, r.live + 20 * 48);
    assert_int_equal(s.live_objects, r.live_objects + 20);
    assert_int_equal(s.headers, r.headers + 20 * 16);
    assert_int_equal(s.promoted, 20 * 48);
    assert_int_equal(s.born_old, r.born_old);
    assert_int_equal(s.allocated, r.allocated + 21 * 48);
    expect_use(&s, 48, 4, 20, 20 * 48);
    assert_int_equal(s.minors, 1);
    rig_scope(&g);
    for (unsigned i = 1; i <= 20; i++)
        rig_set(&g, *rig_slot(&g, i), 0, 0);
    *rig_slot(&g, 0) = 0;
    rig_collect(&g);
    gc_report(&g.h, &s);
    assert_int_equal(s.trail, 20 * 8 * (4 + 3));
    assert_int_equal(s.live, 20 * 48);
    assert_int_equal(s.live_objects, 20);
    assert_int_equal(s.heap, 4 * TAPE_PAGE);
    assert_int_equal(s.majors, 1);
    assert_int_equal(s.allocated, r.allocated + 21 * 48);
    expect_use(&s, 32, 0, 0, 0);
    expect_use(&s, 0, 0, 0, 0);
    trail_undo(&g.h);
    rig_close(&g);
}

static void the_peak_is_of_all_parts_together(void **state)
{
    (void)state;
    struct rig g;
    struct gc_report r;
    rig_open(&g, (struct rig_wish){0});
    rig_minor(&g); /* remembered no more */
    gc_report(&g.h, &r);
    assert_int_equal(r.peak, 8); /* the globals were */
    *rig_slot(&g, 0) = rig_young(&g, T_PAIR, 4);
    gc_report(&g.h, &r);
    assert_int_equal(r.peak, 48);
    rig_scope(&g);
    rig_set(&g, *rig_slot(&g, 0), 0, 0);
    rig_blob(&g, 40000);
    rig_link(&g, 0);
    gc_report(&g.h, &r);
    uint64_t peak = 48 + 8 * 7 + (10 + 4) * TAPE_PAGE + 8;
    assert_int_equal(r.peak, peak);
    trail_undo(&g.h);
    rig_collect(&g); /* the peak stays */
    gc_report(&g.h, &r);
    assert_int_equal(r.peak, peak);
    assert_int_equal(r.heap, 4 * TAPE_PAGE);
    /* a minor collection notes what was before it */
    for (int i = 0; i < 800; i++)
        rig_young(&g, T_PAIR, 4);
    rig_blob(&g, 40000);
    rig_collect(&g);
    assert_int_equal(g.h.stats.peak, 14 * TAPE_PAGE + 800 * 48);
    rig_close(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_clock_goes_forward),
        cmocka_unit_test(pauses_are_counted_in_their_buckets),
        cmocka_unit_test(a_clock_that_stands_still_notes_nothing),
        cmocka_unit_test(a_quantile_of_nothing_is_0),
        cmocka_unit_test(every_quantile_of_one_pause_is_that),
        cmocka_unit_test(quantiles_in_one_bucket_do_not_exceed_the_most),
        cmocka_unit_test(quantiles_are_near_the_truth),
        cmocka_unit_test(collections_note_their_pauses),
        cmocka_unit_test(a_report_is_what_a_count_by_hand_says),
        cmocka_unit_test(a_report_follows_what_is_made_and_what_dies),
        cmocka_unit_test(the_peak_is_of_all_parts_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
