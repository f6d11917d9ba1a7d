/* test_old_check.c - the tables of the old generation are found wrong when they
 * are made so by hand, with the sentence that says how. */
#include "tests/unit/heap_kit.h"

/* What is said when *word is `value`; then it is put back. */
static void expect(struct rig *g, uint64_t *word, uint64_t value,
                   const char *said)
{
    uint64_t was = *word;
    *word = value;
    const char *why = old_check(&g->h);
    *word = was;
    if (!why)
        fail_msg("nothing was said, not: %s", said);
    assert_string_equal(why, said);
    assert_null(old_check(&g->h));
}
static void expect32(struct rig *g, uint32_t *word, uint32_t value,
                     const char *said)
{
    uint64_t *whole = (uint64_t *)((uintptr_t)word & ~(uintptr_t)7),
             was = *whole;
    *word = value;
    uint64_t with = *whole;
    *whole = was;
    expect(g, whole, with, said);
}

/* Runs of 48 bytes: two that are full and one being filled; one of 512; spans
 * of 5 and 7 pages, 5 free pages between them. */
struct sample {
    struct rig g;
    struct gc_class *small, *large;
    uint32_t full, open, filling; /* pages */
    uint64_t object, five, free, seven;
};

#define CELLS_48 (4 * TAPE_PAGE / 48)

static void open_sample(struct sample *s)
{
    struct rig *g = &s->g;
    uint64_t os[2 * CELLS_48];
    rig_open(g, (struct rig_wish){0});
    s->small = &g->h.st->gc.classes[old_class_of(48)];
    s->large = &g->h.st->gc.classes[OLD_LARGE];
    for (unsigned i = 0; i < 2 * CELLS_48; i++) {
        os[i] = rig_blob(g, 48);
        if (i != 1 + CELLS_48)
            rig_keep(g, os[i]);
    }
    rig_keep(g, rig_blob(g, 512));
    s->five = rig_span(g, 5);
    uint64_t nine = rig_span(g, 9);
    s->seven = rig_span(g, 7);
    rig_keep(g, s->five);
    rig_keep(g, s->seven);
    s->free = rig_page(g, nine) + 4;
    rig_sweep(g);
    s->object = os[3];
    s->full = (uint32_t)rig_page(g, os[0]);
    s->open = (uint32_t)rig_page(g, os[CELLS_48]);
    assert_int_equal(s->small->full, s->full + 1);
    assert_int_equal(s->small->open, s->open + 1);
    rig_blob(g, 48); /* fills the open run; the next begins another */
    uint64_t last = rig_blob(g, 48);
    s->filling = (uint32_t)rig_page(g, last);
    assert_int_equal(s->small->filling, s->filling + 1);
    assert_int_equal(s->small->full, s->open + 1);
    assert_int_equal(s->small->full_last, s->full + 1);
}

static void lists_are_checked(void **state)
{
    (void)state;
    struct sample s;
    open_sample(&s);
    struct rig *g = &s.g;
    uint32_t *next = g->h.old.next, *desc = g->h.old.desc;
    const char *twice = "a span is on two lists, or outside the heap";
    expect32(g, &s.small->open, s.full + 1, twice);
    expect32(g, &s.small->unswept, s.filling + 1, twice);
    expect32(g, &next[s.full], s.open + 1, twice); /* a list that is a ring */
    expect32(g, &next[s.full], s.full + 1, twice);
    expect32(g, &s.small->open, (uint32_t)g->h.st->gc.top + 1, twice);
    const char *class = "a list holds a span of another class";
    uint32_t five = (uint32_t)rig_page(g, s.five);
    expect32(g, &s.small->open, five + 1, class);
    expect32(g, &s.large->open, (uint32_t)s.free + 1, class);
    expect32(g, &s.small->open, s.open + 2, class); /* not its first page */
    expect32(g, &g->h.st->gc.classes[0].open, s.full + 1, class);
    expect32(g, &desc[s.full], desc[s.full] ^ 1 << 2, class);
    expect32(g, &s.small->full_last, s.open + 1,
             "a list does not know its last span");
    expect32(g, &s.small->full_last, 0, "a list does not know its last span");
    expect32(g, &s.small->full, 0, "a span is on no list");
    expect32(g, &s.small->filling, 0, "a span is on no list");
    const struct gc_class was = *s.large;
    s.large->unswept = was.full;
    s.large->full = 0;
    assert_string_equal(old_check(&g->h),
                        "a span waits for a sweep that is over");
    g->h.st->gc.phase = GC_SWEEP;
    assert_null(old_check(&g->h));
    g->h.st->gc.phase = GC_IDLE;
    *s.large = was;
    rig_close(g);
}

static void descriptors_are_checked(void **state)
{
    (void)state;
    struct sample s;
    open_sample(&s);
    struct rig *g = &s.g;
    uint64_t *used = g->h.old.used, five = rig_page(g, s.five);
    uint32_t *desc = g->h.old.desc, d = desc[five], r = desc[s.full];
    const char *size = "a span is not of its class's size";
    expect32(g, &desc[five], d & 0xff, size);
    expect32(g, &desc[five], d + (1000 << 8), size);
    expect32(g, &desc[s.full], r + (1 << 8), size);
    expect32(g, &desc[s.full], r - (1 << 8), size);
    expect(g, used, *used | UINT64_C(1) << s.free, size);
    const char *page = "a page does not know its span";
    expect32(g, &desc[five + 2], 0, page);
    expect32(g, &desc[five + 2], desc[five + 3], page);
    expect32(g, &desc[s.full + 1], r, page);
    expect32(g, &desc[five], d + (1 << 8), page);
    expect(g, used, *used & ~(UINT64_C(1) << (five + 4)), page);
    const char *described = "a free page is described as in use";
    expect(g, used, *used & ~(UINT64_C(1) << five), described);
    expect32(g, &desc[s.free], r, described);
    expect32(g, &desc[s.free], OLD_TAIL | 1 << 8, described);
    const char *counted = "spans and pages are not as many as counted";
    expect(g, &g->h.st->gc.pages, g->h.st->gc.pages + 1, counted);
    expect(g, &g->h.st->gc.pages, g->h.st->gc.pages - 1, counted);
    rig_close(g);
}

/* The word of a bitmap with a bit changed. */
static void expect_bit(struct rig *g, uint64_t *bits, uint64_t i,
                       const char *said)
{
    expect(g, &bits[i / 64], bits[i / 64] ^ UINT64_C(1) << (i % 64), said);
}

static void bits_are_checked(void **state)
{
    (void)state;
    struct sample s;
    open_sample(&s);
    struct rig *g = &s.g;
    uint64_t *alloc = g->h.old.alloc, *marked = g->h.old.marked;
    uint64_t object = old_granule(&g->h, s.object);
    uint64_t five = old_granule(&g->h, s.five), free = s.free * 256;
    const char *stands = "an object does not stand at a cell's start";
    expect_bit(g, alloc, object + 1, stands);
    expect_bit(g, alloc, s.full * 256 + 4 * 256 - 1, stands); /* the rest */
    expect_bit(g, alloc, rig_page(g, s.five) * 256, stands);
    expect_bit(g, alloc, five + 1, stands);
    expect(g, obj_at(&g->h, s.five + 8), obj_make_info(PVM_T_STR, 2), stands);
    const char *left = "a mark is left between two cycles";
    expect_bit(g, marked, object, left);
    expect_bit(g, marked, five, left);
    expect_bit(g, marked, five + 256, left);
    const char *has = "a free page has objects";
    expect_bit(g, alloc, free, has);
    expect_bit(g, alloc, free + 256, has);
    expect_bit(g, marked, free + 255, has);
    g->h.st->gc.phase = GC_MARK;
    const char *none = "what is marked is no object";
    expect_bit(g, marked, object + 1, none);
    expect_bit(g, marked, five - 1, none);
    rig_keep(g, s.object);
    assert_null(old_check(&g->h));
    expect_bit(g, alloc, object, none);
    marked[object / 64] = 0;
    g->h.st->gc.phase = GC_IDLE;
    rig_close(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_are_checked),
        cmocka_unit_test(descriptors_are_checked),
        cmocka_unit_test(bits_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
