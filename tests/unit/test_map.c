/* test_map.c - maps: order, removal, going back, and their limits.
 *
 * Registers: 0 is the map, 1 the key and 2 the value at hand, where they are
 * references; tests use those from 3 on. */
#include "tests/unit/heap_kit.h"

#include <stdio.h>
#include <stdlib.h>

#include "runtime/base/hash.h"
#include "runtime/coll/map.h"
#include "runtime/coll/str.h"
#include "runtime/mem/bytes.h"

static void open_map(struct rig *g, struct rig_wish w, uint32_t type)
{
    rig_open(g, w);
    *rig_slot(g, 0) = map_new(&g->h, type);
    assert_true(*rig_slot(g, 0));
}

static uint64_t the_map(struct rig *g)
{
    return *rig_slot(g, 0);
}

static void check(struct rig *g)
{
    const char *why = map_check(&g->h, the_map(g));
    if (why)
        fail_msg("%s", why);
}

/* ---- keys and values of any type, made of numbers ------------------------ */

static uint64_t text_of(struct rig *g, uint64_t n)
{
    char text[24];
    int len = snprintf(text, sizeof text, "key %llu", (unsigned long long)n);
    return str_new(&g->h, text, (uint64_t)len);
}

static uint64_t made(struct rig *g, struct pvm_value_type t, uint64_t n)
{
    if (t.kind != PVM_REF)
        return n;
    if (t.type == PVM_T_STR)
        return text_of(g, n);
    if (t.type != T_KEY)
        return map_new(&g->h, t.type);
    uint64_t *part = gc_hold(&g->h, text_of(g, n / 2));
    uint64_t o = gc_new(&g->h, T_KEY, 2);
    *obj_word(&g->h, o, 0) = *part;
    *obj_word(&g->h, o, 1) = n;
    gc_release(&g->h, 1);
    return o;
}

static const struct pvm_type *type_of(struct rig *g)
{
    return &g->types[obj_type(&g->h, the_map(g))];
}

static const uint64_t *key_of(struct rig *g, uint64_t n)
{
    *rig_slot(g, 1) = made(g, type_of(g)->key, n);
    return rig_slot(g, 1);
}

/* Registers are references for the collector: words stand elsewhere. */
static enum map_status put(struct rig *g, uint64_t key, uint64_t value)
{
    const struct pvm_type *t = type_of(g);
    uint64_t k = key, v = value;
    bool kr = t->key.kind == PVM_REF, vr = t->item.kind == PVM_REF;
    if (kr)
        key_of(g, key);
    if (vr)
        *rig_slot(g, 2) = made(g, t->item, value);
    return map_put(&g->h, rig_slot(g, 0), kr ? rig_slot(g, 1) : &k,
                   vr ? rig_slot(g, 2) : &v);
}

static uint64_t some_key(struct rig *g, uint64_t n)
{
    return type_of(g)->key.kind == PVM_REF ? *key_of(g, n) : n;
}

static enum map_status take(struct rig *g, uint64_t key)
{
    uint64_t value, k = some_key(g, key); /* before the map, which may move */
    return map_remove(&g->h, the_map(g), k, &value);
}

static bool has(struct rig *g, uint64_t key)
{
    uint64_t value, k = some_key(g, key);
    return !map_get(&g->h, the_map(g), k, &value);
}

/* The number that a key was made of. */
static uint64_t number_of(struct rig *g, uint64_t key)
{
    struct pvm_value_type t = type_of(g)->key;
    if (t.kind != PVM_REF)
        return key;
    if (t.type == T_KEY)
        return *obj_word(&g->h, key, 1);
    return strtoull((const char *)str_bytes(&g->h, key) + 4, NULL, 10);
}

/* The keys are these, in this order. */
static void keys_are(struct rig *g, const uint64_t *want, uint64_t n)
{
    uint64_t at = 0;
    assert_int_equal(map_len(&g->h, the_map(g)), n);
    for (uint64_t i = 0; i < n; i++, at++) {
        at = entries_next(&g->h, the_map(g), at);
        assert_int_equal(number_of(g, entries_key(&g->h, the_map(g), at)),
                         want[i]);
    }
    assert_int_equal(entries_next(&g->h, the_map(g), at), ENTRIES_NONE);
    check(g);
}

/* ---- growing ------------------------------------------------------------- */

static void each_type(void (*test)(uint32_t type))
{
    for (uint32_t type = T_INT_INT; type <= T_STR_STR; type++)
        test(type);
}

static void grow(uint32_t type)
{
    static const uint64_t sizes[] = {0,  1,  4,  5,  8,   9,   10,
                                     11, 21, 22, 63, 300, 1000};
    for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct rig g;
        uint64_t want[1000], n = sizes[i];
        open_map(&g, (struct rig_wish){0}, type);
        for (uint64_t k = 0; k < n; k++) {
            want[k] = k * 7 + 3;
            assert_false(has(&g, want[k]));
            assert_int_equal(put(&g, want[k], k), MAP_OK);
            assert_true(has(&g, want[k]));
        }
        keys_are(&g, want, n);
        assert_int_equal(map_changes(&g.h, the_map(&g)), n);
        for (uint64_t k = 0; k < n; k++) /* nothing comes or goes */
            assert_int_equal(put(&g, want[k], k + 1), MAP_OK);
        keys_are(&g, want, n);
        assert_int_equal(map_changes(&g.h, the_map(&g)), n);
        assert_int_equal(take(&g, 4), MAP_ABSENT);
        rig_close(&g);
    }
}

static void test_grows(void **state)
{
    (void)state;
    each_type(grow);
}

/* ---- removing ------------------------------------------------------------ */

/* Takes keys 0..n out in an order; those left keep theirs. */
static void remove_in_order(struct rig *g, const uint64_t *order, uint64_t n)
{
    uint64_t left[64], count = n;
    for (uint64_t k = 0; k < n; k++) {
        left[k] = k;
        assert_int_equal(put(g, k, k), MAP_OK);
    }
    for (uint64_t i = 0; i < n; i++) {
        uint64_t at = 0;
        while (left[at] != order[i])
            at++;
        memmove(&left[at], &left[at + 1], 8 * (--count - at));
        assert_int_equal(take(g, order[i]), MAP_OK);
        assert_int_equal(take(g, order[i]), MAP_ABSENT);
        keys_are(g, left, count);
    }
}

static void exchange(uint64_t *a, uint64_t *b)
{
    uint64_t x = *a;
    *a = *b;
    *b = x;
}

/* The next permutation; false after the last. */
static bool permute(uint64_t *a, int n)
{
    int i = n - 2, j = n - 1;
    while (i >= 0 && a[i] > a[i + 1])
        i--;
    if (i < 0)
        return false;
    while (a[j] < a[i])
        j--;
    exchange(&a[i], &a[j]);
    for (i++, j = n - 1; i < j; i++, j--) /* what follows turns round */
        exchange(&a[i], &a[j]);
    return true;
}

static void remove_all(uint32_t type)
{
    struct rig g;
    uint64_t order[40] = {0, 1, 2, 3, 4}, seed = type;
    open_map(&g, (struct rig_wish){0}, type);
    do
        remove_in_order(&g, order, 5);
    while (permute(order, 5));
    for (int round = 0; round < 60; round++) {
        uint64_t n = 9 + (uint64_t)round % 30;
        for (uint64_t i = 0; i < n; i++) {
            uint64_t j = rig_random(&seed) % (i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        remove_in_order(&g, order, n);
    }
    rig_close(&g);
}

static void test_removes(void **state)
{
    (void)state;
    each_type(remove_all);
}

/* Keys that all begin their search at one slot, the last one: they go round
 * the end of the index. */
static void test_collisions(void **state)
{
    struct rig g;
    uint64_t keys[20], n = 0;
    (void)state;
    for (uint64_t k = 0; n < 20; k++)
        if ((hash_word(k) >> 32 & 31) == (n < 14 ? 31 : 1))
            keys[n++] = k;
    for (uint64_t first = 0; first < n; first++) {
        open_map(&g, (struct rig_wish){0}, T_INT_INT);
        for (uint64_t i = 0; i < n; i++)
            assert_int_equal(put(&g, keys[i], i), MAP_OK);
        for (uint64_t i = 0; i < n; i++) {
            assert_int_equal(take(&g, keys[(first + i * 7) % n]), MAP_OK);
            check(&g);
        }
        rig_close(&g);
    }
}

/* The word whose hash this is: hash_word backwards. */
static uint64_t unhashed(uint64_t x)
{
    x ^= x >> 33;
    x *= UINT64_C(0x9cb4b2f8129337db);
    x ^= x >> 33;
    x *= UINT64_C(0x4f74430c22a54005);
    return x ^ x >> 33;
}

/* Keys of which a slot tells the same: only the keys themselves differ. */
static void test_same_hash(void **state)
{
    struct rig g;
    uint64_t keys[40];
    (void)state;
    open_map(&g, (struct rig_wish){0}, T_INT_INT);
    for (uint64_t i = 0; i < 40; i++) {
        keys[i] = unhashed(UINT64_C(0x123456780000) << 16 | i);
        assert_int_equal(hash_word(keys[i]) >> 32, 0x12345678);
        assert_int_equal(put(&g, keys[i], i), MAP_OK);
    }
    keys_are(&g, keys, 40);
    for (uint64_t i = 0; i < 40; i++) {
        uint64_t value, k = i * 7 % 40;
        assert_int_equal(map_remove(&g.h, the_map(&g), keys[k], &value),
                         MAP_OK);
        assert_int_equal(value, k);
        check(&g);
    }
    rig_close(&g);
}

/* How far from where their search begins keys lie, at most. */
static uint64_t farthest(struct rig *g)
{
    uint64_t index = *obj_word(&g->h, the_map(g), MAP_INDEX), most = 0;
    uint64_t mask = index_slots(&g->h, index) - 1;
    const uint64_t *slots = store_item(&g->h, index, 0);
    for (uint64_t i = 0; i <= mask; i++) {
        uint64_t far = slots[i] ? (i - slot_home(slots[i], mask)) & mask : 0;
        most = far > most ? far : most;
    }
    return most;
}

static void test_spreads_regular_keys(void **state)
{
    (void)state;
    for (unsigned shift = 0; shift < 50; shift += 7) {
        struct rig g;
        open_map(&g, (struct rig_wish){0}, T_INT_INT);
        for (uint64_t k = 0; k < 10000; k++)
            assert_int_equal(put(&g, k << shift, k), MAP_OK);
        assert_in_range(farthest(&g), 1, 60);
        rig_close(&g);
    }
}

/* ---- queues -------------------------------------------------------------- */

static void test_queue_stays_small(void **state)
{
    static const uint64_t lengths[] = {1, 4, 5, 9, 11, 100, 1000};
    (void)state;
    for (unsigned i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct rig g;
        uint64_t n = lengths[i];
        open_map(&g, (struct rig_wish){0}, T_INT_INT);
        for (uint64_t k = 0; k < n + 30000; k++) {
            uint64_t first = entries_next(&g.h, the_map(&g), 0);
            if (k >= n) {
                assert_int_equal(entries_key(&g.h, the_map(&g), first), k - n);
                assert_int_equal(take(&g, k - n), MAP_OK);
            }
            assert_int_equal(put(&g, k, k), MAP_OK);
        }
        check(&g);
        uint64_t keys = *obj_word(&g.h, the_map(&g), MAP_KEYS);
        assert_in_range(obj_words(&g.h, keys), 1, 4 * n + 10);
        rig_close(&g);
    }
}

/* One that only shrinks tells its first key at once. */
static void test_first_of_many(void **state)
{
    struct rig g;
    (void)state;
    open_map(&g, (struct rig_wish){0}, T_INT_INT);
    for (uint64_t k = 0; k < 200000; k++)
        assert_int_equal(put(&g, k, k), MAP_OK);
    for (uint64_t k = 0; k < 200000; k++) {
        assert_int_equal(entries_next(&g.h, the_map(&g), 0), k);
        assert_int_equal(take(&g, k), MAP_OK);
    }
    assert_int_equal(*obj_word(&g.h, the_map(&g), MAP_USED), 0);
    rig_close(&g);
}

/* ---- going back ---------------------------------------------------------- */

/* Half the keys go, others come, some are set: undone, all is as before, and
 * kept, it is undone by the scope around. */
static void change(struct rig *g, uint64_t n)
{
    for (uint64_t k = 0; k < n; k += 2)
        assert_int_equal(take(g, k), MAP_OK);
    for (uint64_t k = 0; k < n; k++)
        assert_int_equal(put(g, n + k, k), MAP_OK);
    for (uint64_t k = 1; k < n; k += 4)
        assert_int_equal(put(g, k, 0), MAP_OK);
    check(g);
}

static void go_back(uint32_t type)
{
    static const uint64_t sizes[] = {0, 1, 3, 4, 8, 9, 20, 50, 400};
    for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int kept = 0; kept < 2; kept++) {
            struct rig g;
            uint64_t want[400], n = sizes[i], changes;
            open_map(&g, (struct rig_wish){0}, type);
            for (uint64_t k = 0; k < n; k++) {
                want[k] = k;
                assert_int_equal(put(&g, k, k), MAP_OK);
            }
            changes = map_changes(&g.h, the_map(&g));
            rig_scope(&g);
            if (kept)
                rig_scope(&g);
            change(&g, n);
            if (n % 3 == 0)
                rig_collect(&g);
            if (kept)
                trail_keep(&g.h);
            assert_int_equal(map_clear(&g.h, the_map(&g)), MAP_OK);
            trail_undo(&g.h);
            keys_are(&g, want, n);
            assert_int_equal(map_changes(&g.h, the_map(&g)), changes);
            rig_close(&g);
        }
}

static void test_goes_back(void **state)
{
    (void)state;
    each_type(go_back);
}

/* ---- limits -------------------------------------------------------------- */

/* Until the heap is full, and then on with what is there. */
static void test_full_heap(void **state)
{
    struct rig g;
    uint64_t n = 0, value;
    (void)state;
    open_map(&g, (struct rig_wish){.heap = 8 << 20, .limit = 2 << 20},
             T_INT_INT);
    while (!put(&g, n, n))
        n++;
    assert_in_range(n, 5000, 60000);
    check(&g);
    assert_int_equal(map_len(&g.h, the_map(&g)), n);
    assert_int_equal(map_changes(&g.h, the_map(&g)), n);
    assert_int_equal(map_remove(&g.h, the_map(&g), 7, &value), MAP_OK);
    assert_int_equal(value, 7);
    rig_close(&g);
}

/* The trail has room for so many entries: whatever is refused has changed
 * nothing. */
static bool with_room(struct rig *g, uint64_t entries)
{
    struct heap *h = &g->h;
    struct tape_range *r = &h->tape.seg[TAPE_HISTORY];
    bool refs = type_of(g)->key.kind == PVM_REF;
    uint64_t size = r->size, value = 0, one = 333, other = 900;
    if (refs)
        key_of(g, other);
    *rig_slot(g, 2) = 0;
    rig_minor(g);
    if (refs)
        one = entries_key(h, the_map(g), one);
    rig_scope(g);
    r->size = h->st->trail - r->at + 8 * TRAIL_ENTRY_MAX * entries;
    enum map_status gone = map_remove(h, the_map(g), one, &value);
    assert_int_equal(map_len(h, the_map(g)), 700 - !gone);
    check(g);
    enum map_status came = map_put(
        h, rig_slot(g, 0), refs ? rig_slot(g, 1) : &other, rig_slot(g, 2));
    assert_int_equal(map_len(h, the_map(g)), 700 - !gone + !came);
    check(g);
    r->size = size;
    trail_undo(h);
    check(g);
    assert_int_equal(map_len(h, the_map(g)), 700);
    return !gone && !came;
}

static void full_trail(uint32_t type)
{
    struct rig g;
    uint64_t entries = 0;
    open_map(&g, (struct rig_wish){0}, type);
    for (uint64_t k = 0; k < 700; k++)
        assert_int_equal(put(&g, k, k), MAP_OK);
    rig_collect(&g);
    while (!with_room(&g, entries))
        entries++;
    assert_in_range(entries, 5, 12);
    rig_close(&g);
}

static void test_full_trail(void **state)
{
    (void)state;
    full_trail(T_INT_INT);
    full_trail(T_STR_INT);
    full_trail(T_STR_STR);
}

/* ---- collections --------------------------------------------------------- */

static void collect(uint32_t type)
{
    struct rig g;
    uint64_t want[200];
    open_map(&g, (struct rig_wish){0}, type);
    g.h.gc_stress = 1;
    gc_set_room(&g.h);
    for (uint64_t k = 0; k < 200; k++)
        assert_int_equal(put(&g, k, k), MAP_OK);
    for (uint64_t k = 0; k < 100; k++) {
        assert_int_equal(take(&g, k), MAP_OK);
        want[k] = 100 + k;
    }
    *rig_slot(&g, 3) = the_map(&g);
    assert_int_equal(map_copy(&g.h, rig_slot(&g, 3), rig_slot(&g, 0)), MAP_OK);
    assert_int_not_equal(the_map(&g), *rig_slot(&g, 3));
    rig_collect(&g);
    keys_are(&g, want, 100);
    assert_int_equal(take(&g, 150), MAP_OK);
    assert_int_equal(map_len(&g.h, *rig_slot(&g, 3)), 100);
    rig_close(&g);
}

static void test_collections(void **state)
{
    (void)state;
    each_type(collect);
}

/* What was removed is let go. */
static void test_lets_go(void **state)
{
    struct rig g;
    (void)state;
    open_map(&g, (struct rig_wish){0}, T_STR_STR);
    for (uint64_t k = 0; k < 100; k++)
        assert_int_equal(put(&g, k, k), MAP_OK);
    *rig_slot(&g, 1) = *rig_slot(&g, 2) = 0;
    rig_collect(&g);
    uint64_t objects = rig_objects(&g);
    for (uint64_t k = 0; k < 50; k++)
        assert_int_equal(take(&g, k), MAP_OK);
    *rig_slot(&g, 1) = 0;
    rig_collect(&g);
    assert_int_equal(rig_objects(&g), objects - 100);
    rig_close(&g);
}

/* ---- as values ----------------------------------------------------------- */

static void prints(struct rig *g, uint64_t o, const char *want)
{
    struct bytes out = bytes_in(g->mem);
    assert_int_equal(obj_print(&g->h, o, &out), PAL_OK);
    bytes_byte(&out, 0);
    assert_string_equal((const char *)out.at, want);
    bytes_free(&out);
}

static void test_prints(void **state)
{
    struct rig g;
    (void)state;
    open_map(&g, (struct rig_wish){0}, T_STR_INT);
    prints(&g, the_map(&g), "[:]");
    put(&g, 1, 10);
    prints(&g, the_map(&g), "[\"key 1\": 10]");
    put(&g, 2, 20);
    take(&g, 1);
    put(&g, 1, 30);
    prints(&g, the_map(&g), "[\"key 2\": 20, \"key 1\": 30]");
    *rig_slot(&g, 0) = map_new(&g.h, T_KEY_FLOAT);
    put(&g, 3, 0);
    prints(&g, the_map(&g), "[(\"key 1\", 3): 0.0]");
    *rig_slot(&g, 0) = map_new(&g.h, T_INT_MAP);
    put(&g, 5, 0);
    uint64_t key = 6;
    map_put(&g.h, rig_slot(&g, 0), &key, rig_slot(&g, 0));
    prints(&g, the_map(&g), "[5: [:], 6: ...]");
    for (uint64_t k = 7; k < 20; k++)
        put(&g, k, 0);
    for (uint64_t k = 5; k < 18; k++)
        take(&g, k);
    prints(&g, the_map(&g), "[18: [:], 19: [:]]");
    rig_close(&g);
}

static bool equal(struct rig *g, uint64_t a, uint64_t b)
{
    bool same;
    assert_int_equal(obj_equal(&g->h, a, b, &same), PAL_OK);
    if (same)
        assert_int_equal(obj_content_hash(&g->h, a),
                         obj_content_hash(&g->h, b));
    return same;
}

/* Another map with the same keys in the opposite order is equal; one with a
 * value or a key that differs is not. */
static void compare(uint32_t type)
{
    static const uint64_t sizes[] = {0, 1, 2, 8, 9, 40, 200};
    for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct rig g;
        uint64_t n = sizes[i];
        open_map(&g, (struct rig_wish){0}, type);
        for (uint64_t k = 0; k < n; k++)
            put(&g, k, k);
        *rig_slot(&g, 3) = the_map(&g);
        *rig_slot(&g, 0) = map_new(&g.h, type);
        for (uint64_t k = n; k--;)
            put(&g, k, k);
        assert_true(equal(&g, the_map(&g), *rig_slot(&g, 3)));
        put(&g, n, 0);
        assert_false(equal(&g, the_map(&g), *rig_slot(&g, 3)));
        if (n) {
            take(&g, 0); /* as many, and another key */
            assert_false(equal(&g, the_map(&g), *rig_slot(&g, 3)));
            take(&g, n);
            put(&g, 0, 0);
            assert_true(equal(&g, the_map(&g), *rig_slot(&g, 3)));
        }
        if (n && type != T_INT_MAP) {
            put(&g, 0, 1);
            assert_false(equal(&g, the_map(&g), *rig_slot(&g, 3)));
        }
        rig_close(&g);
    }
}

static void test_compares(void **state)
{
    (void)state;
    each_type(compare);
}

/* Two maps that hold themselves, or each other. */
static void test_compares_cycles(void **state)
{
    struct rig g;
    uint64_t key = 1;
    (void)state;
    open_map(&g, (struct rig_wish){0}, T_INT_MAP);
    *rig_slot(&g, 3) = map_new(&g.h, T_INT_MAP);
    *rig_slot(&g, 4) = map_new(&g.h, T_INT_MAP);
    map_put(&g.h, rig_slot(&g, 0), &key, rig_slot(&g, 0));
    map_put(&g.h, rig_slot(&g, 3), &key, rig_slot(&g, 4));
    map_put(&g.h, rig_slot(&g, 4), &key, rig_slot(&g, 3));
    assert_true(equal(&g, the_map(&g), *rig_slot(&g, 3)));
    key = 2;
    map_put(&g.h, rig_slot(&g, 4), &key, rig_slot(&g, 3));
    assert_false(equal(&g, the_map(&g), *rig_slot(&g, 3)));
    rig_close(&g);
}

static void test_scalar_hashes(void **state)
{
    double plus = 0.0, minus = -0.0;
    uint64_t p, m;
    (void)state;
    memcpy(&p, &plus, 8);
    memcpy(&m, &minus, 8);
    assert_int_equal(obj_scalar_hash(PVM_FLOAT, p),
                     obj_scalar_hash(PVM_FLOAT, m));
    assert_int_not_equal(obj_scalar_hash(PVM_INT, 1),
                         obj_scalar_hash(PVM_INT, 2));
}

/* ---- as lists, and whole ------------------------------------------------- */

static void test_lists(void **state)
{
    struct rig g;
    (void)state;
    open_map(&g, (struct rig_wish){0}, T_STR_INT);
    struct heap *h = &g.h;
    *rig_slot(&g, 3) = list_new(h, PVM_T_LIST_STR);
    *rig_slot(&g, 4) = list_new(h, PVM_T_LIST_INT);
    for (uint64_t k = 0; k < 30; k++)
        put(&g, k, 100 + k);
    for (uint64_t k = 0; k < 30; k += 3)
        take(&g, k);
    for (int round = 0; round < 2; round++) { /* appended */
        assert_int_equal(map_keys(h, rig_slot(&g, 0), rig_slot(&g, 3)), MAP_OK);
        assert_int_equal(map_values(h, rig_slot(&g, 0), rig_slot(&g, 4)),
                         MAP_OK);
    }
    assert_int_equal(list_len(h, *rig_slot(&g, 3)), 40);
    for (uint64_t i = 0; i < 40; i++) {
        uint64_t k = i % 20 / 2 * 3 + 1 + i % 2;
        assert_int_equal(number_of(&g, list_item(h, *rig_slot(&g, 3), i)), k);
        assert_int_equal(list_item(h, *rig_slot(&g, 4), i), 100 + k);
    }
    rig_close(&g);
}

static void test_null_and_empty(void **state)
{
    struct rig g;
    uint64_t none = 0, word = 1;
    (void)state;
    open_map(&g, (struct rig_wish){0}, T_INT_INT);
    struct heap *h = &g.h;
    assert_int_equal(map_put(h, &none, &word, &word), MAP_NULL);
    assert_int_equal(map_remove(h, 0, 1, &word), MAP_NULL);
    assert_int_equal(map_clear(h, 0), MAP_NULL);
    assert_int_equal(map_copy(h, &none, &word), MAP_NULL);
    assert_int_equal(map_get(h, 0, 1, &word), MAP_ABSENT);
    assert_int_equal(entries_next(h, 0, 0), ENTRIES_NONE);
    assert_int_equal(map_clear(h, the_map(&g)), MAP_OK);
    assert_int_equal(map_changes(h, the_map(&g)), 0);
    assert_int_equal(map_copy(h, rig_slot(&g, 0), rig_slot(&g, 3)), MAP_OK);
    assert_int_equal(map_len(h, *rig_slot(&g, 3)), 0);
    rig_close(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_grows),
        cmocka_unit_test(test_removes),
        cmocka_unit_test(test_collisions),
        cmocka_unit_test(test_same_hash),
        cmocka_unit_test(test_spreads_regular_keys),
        cmocka_unit_test(test_queue_stays_small),
        cmocka_unit_test(test_first_of_many),
        cmocka_unit_test(test_goes_back),
        cmocka_unit_test(test_full_heap),
        cmocka_unit_test(test_full_trail),
        cmocka_unit_test(test_collections),
        cmocka_unit_test(test_lets_go),
        cmocka_unit_test(test_prints),
        cmocka_unit_test(test_compares),
        cmocka_unit_test(test_compares_cycles),
        cmocka_unit_test(test_scalar_hashes),
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_null_and_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
