/* test_str.c - strs that grow, against plain copies of what they ought to be:
 * who shares a text with whom, scopes, collections, limits, what is touched. */
#include <stdlib.h>

#include "runtime/coll/str.h"
#include "runtime/obj/obj.h"

#include "tests/unit/heap_kit.h"

enum { STRS = 12, MOST = 3000 };

struct game {
    struct rig g;
    char *want[STRS]; /* what the str in the register of that number is */
    uint64_t len[STRS];
    uint64_t seed, inplace;
};

static uint64_t text_of(struct game *x, unsigned i)
{
    uint64_t o = *rig_slot(&x->g, i);
    return str_is_grown(&x->g.h, o) ? *obj_word(&x->g.h, o, GROWN_TEXT) : 0;
}

static void is_as_wanted(struct game *x, unsigned i)
{
    uint64_t o = *rig_slot(&x->g, i);
    assert_int_equal(str_len(&x->g.h, o), x->len[i]);
    assert_memory_equal(str_bytes(&x->g.h, o), x->want[i], x->len[i]);
}

/* A str of n letters that no other str of the game has. */
static void make(struct game *x, unsigned i, uint64_t n)
{
    for (uint64_t k = 0; k < n; k++)
        x->want[i][k] = (char)('a' + rig_random(&x->seed) % 26);
    x->len[i] = n;
    *rig_slot(&x->g, i) = str_new(&x->g.h, x->want[i], n);
    assert_true(*rig_slot(&x->g, i));
}

static void open_game(struct game *x, uint64_t seed)
{
    *x = (struct game){.seed = seed};
    rig_open(&x->g, (struct rig_wish){.nursery = 16 << 10});
    for (unsigned i = 0; i < STRS; i++) {
        x->want[i] = malloc(MOST);
        assert_non_null(x->want[i]);
        make(x, i, rig_random(&x->seed) % 600);
    }
}

static void close_game(struct game *x)
{
    for (unsigned i = 0; i < STRS; i++) {
        is_as_wanted(x, i);
        free(x->want[i]);
    }
    while (x->g.h.st->nmarks)
        trail_keep(&x->g.h);
    rig_close(&x->g);
}

/* The str of register `to` becomes that of `a` followed by `count` that stand
 * from b on. */
static void append(struct game *x, unsigned to, unsigned a, unsigned b,
                   unsigned count)
{
    char text[MOST];
    uint64_t n = x->len[a], text_before = text_of(x, a);
    memcpy(text, x->want[a], n);
    for (unsigned i = b; i < b + count; n += x->len[i], i++) {
        if (n + x->len[i] > MOST)
            return;
        memcpy(text + n, x->want[i], x->len[i]);
    }
    uint64_t minors = x->g.h.st->minors;
    uint64_t o =
        str_append(&x->g.h, rig_slot(&x->g, a), rig_slot(&x->g, b), count);
    assert_true(o);
    *rig_slot(&x->g, to) = o;
    memcpy(x->want[to], text, n);
    x->len[to] = n;
    x->inplace += minors == x->g.h.st->minors && text_before &&
                  text_of(x, to) == text_before;
}

static void step(struct game *x)
{
    struct state *st = x->g.h.st;
    uint64_t r = rig_random(&x->seed);
    unsigned a = r % STRS, b = r / STRS % STRS, to = r / 200 % STRS;
    switch (r / 10000 % 16) {
    case 0: make(x, a, r / 1000000 % 300); break;
    case 1: /* two names for one str */
        *rig_slot(&x->g, b) = *rig_slot(&x->g, a);
        memcpy(x->want[b], x->want[a], x->len[a]);
        x->len[b] = x->len[a];
        break;
    case 2:
        if (st->nmarks < 6)
            rig_scope(&x->g);
        break;
    case 3:
        if (st->nmarks)
            (r / 1000000 % 2 ? trail_keep : trail_undo)(&x->g.h);
        break;
    case 4: rig_minor(&x->g); break;
    case 5:
        if (r / 1000000 % 8 == 0)
            rig_collect(&x->g);
        break;
    case 6: append(x, to, a, b < STRS - 3 ? b : 0, 3); break;
    default: append(x, r / 1000000 % 3 ? a : to, a, b, 1);
    }
}

/* What registers hold outlives scopes, as the value of a block does. */
static void against_copies(void **state)
{
    (void)state;
    uint64_t inplace = 0;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct game x;
        open_game(&x, seed);
        for (unsigned i = 0; i < 1500; i++) {
            step(&x);
            if (i % 50 == 0)
                for (unsigned k = 0; k < STRS; k++)
                    is_as_wanted(&x, k);
            if (i % 500 == 0)
                rig_check(&x.g);
        }
        inplace += x.inplace;
        close_game(&x);
    }
    assert_in_range(inplace, 1000, UINT64_MAX);
}

/* A text of n pieces takes a number of texts that the logarithm of its length
 * bounds, and no more than half of it is room. */
static void costs_its_length(void **state)
{
    (void)state;
    struct rig g;
    rig_open(&g, (struct rig_wish){.limit = 32 << 20});
    uint64_t *s = rig_slot(&g, 0), *piece = rig_slot(&g, 1), text = 0;
    unsigned texts = 0;
    *s = str_new(&g.h, "", 0);
    *piece = str_new(&g.h, "0123456789", 10);
    for (unsigned i = 0; i < 100000; i++) {
        *s = str_append(&g.h, s, piece, 1);
        assert_true(*s);
        uint64_t now =
            str_is_grown(&g.h, *s) ? *obj_word(&g.h, *s, GROWN_TEXT) : 0;
        texts +=
            now && obj_words(&g.h, now) != (text ? obj_words(&g.h, text) : 0);
        text = now;
    }
    assert_int_equal(str_len(&g.h, *s), 1000000);
    assert_in_range(texts, 1, 40);
    assert_in_range(8 * obj_words(&g.h, text), 1000000, 1500100);
    for (uint64_t i = 0; i < 1000000; i++)
        assert_int_equal(str_bytes(&g.h, *s)[i], '0' + i % 10);
    rig_close(&g);
}

/* Pages of an old text that is written are touched, and no others of it. */
static void touches(void **state)
{
    (void)state;
    struct rig g;
    char text[20000];
    rig_open(&g, (struct rig_wish){0});
    uint64_t *s = rig_slot(&g, 0), *piece = rig_slot(&g, 1);
    memset(text, 'x', sizeof text);
    *s = str_new(&g.h, text, sizeof text);
    *piece = str_new(&g.h, "abc", 3);
    *s = str_append(&g.h, s, piece, 1);
    rig_minor(&g);
    uint64_t o = *obj_word(&g.h, *s, GROWN_TEXT);
    assert_false(obj_is_young(&g.h, o));
    rig_forget_touched(&g);
    *s = str_append(&g.h, s, piece, 1);
    assert_int_equal(*obj_word(&g.h, *s, GROWN_TEXT), o);
    uint64_t end = o + OBJ_HEADER + 8 * TEXT_BYTES + sizeof text + 3;
    assert_true(rig_is_touched(&g, o + OBJ_HEADER + 8 * TEXT_USED, 8));
    assert_true(rig_is_touched(&g, end, 3));
    assert_false(rig_is_touched(&g, end - 2 * TAPE_PAGE, 1));
    rig_close(&g);
}

static void limits(void **state)
{
    (void)state;
    struct rig g;
    rig_open(&g, (struct rig_wish){.limit = 8 << 20, .paced = true});
    uint64_t *s = rig_slot(&g, 0), *piece = rig_slot(&g, 1), o;
    char text[1000];
    memset(text, 'y', sizeof text);
    *s = str_new(&g.h, text, 500);
    *piece = str_new(&g.h, text, sizeof text);
    for (unsigned i = 0; (o = str_append(&g.h, s, piece, 1)); i++) {
        assert_in_range(i, 0, 10000);
        *s = o;
    }
    assert_in_range(str_len(&g.h, *s), 1 << 20, 8 << 20);
    assert_int_equal(str_bytes(&g.h, *s)[str_len(&g.h, *s) - 1], 'y');
    rig_close(&g);
}

/* In a window whose nursery is full a grown str is old and its text may be
 * young: the next minor collection has to find it. */
static void in_a_full_window(void **state)
{
    (void)state;
    struct rig g;
    char text[400];
    rig_open(&g, (struct rig_wish){.nursery = 16 << 10});
    struct tlog log = {.mem = g.mem, .limit = 1 << 20};
    uint64_t *s = rig_slot(&g, 0), *piece = rig_slot(&g, 1);
    memset(text, 'z', sizeof text);
    *s = str_new(&g.h, text, sizeof text);
    *piece = str_new(&g.h, "abc", 3);
    *s = str_append(&g.h, s, piece, 1);
    g.h.tlog = &log;
    gc_set_room(&g.h);
    heap_thresholds(&g.h);
    tlog_open(&log);
    while (!g.h.window_full)
        assert_true(str_make(&g.h, 8));
    *s = str_append(&g.h, s, piece, 1);
    assert_true(*s && str_is_grown(&g.h, *s));
    assert_false(obj_is_young(&g.h, *s));
    assert_true(obj_is_young(&g.h, *obj_word(&g.h, *s, GROWN_TEXT)));
    tlog_close(&log);
    g.h.tlog = NULL;
    vec_free(g.mem, &log.words);
    gc_set_room(&g.h);
    heap_thresholds(&g.h);
    rig_minor(&g);
    assert_false(obj_is_young(&g.h, *obj_word(&g.h, *s, GROWN_TEXT)));
    assert_int_equal(str_len(&g.h, *s), sizeof text + 6);
    assert_memory_equal(str_bytes(&g.h, *s), text, sizeof text);
    assert_memory_equal(str_bytes(&g.h, *s) + sizeof text, "abcabc", 6);
    rig_close(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(against_copies),   cmocka_unit_test(costs_its_length),
        cmocka_unit_test(touches),          cmocka_unit_test(limits),
        cmocka_unit_test(in_a_full_window),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
