/* model_map.c - random operations on maps and on what they should hold.
 *
 * A few maps of one type live in registers; beside each stands a plain array of
 * its entries in the order in which their keys came.  Scopes are opened, kept
 * and undone; each has a copy of all arrays, and of the registers, which no
 * trail restores.  Between times the heap is collected, the trail refuses, maps
 * are copied, cleared and used as queues.  What an operation says is compared
 * at once, whole maps now and then, with entries_check and the heap's rules.
 *
 * Each type is a test of OPERATIONS operations from seed 1.  PAL_SOAK=SECONDS
 * goes on for that long, from another seed each time. */
#include "tests/unit/heap_kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "runtime/coll/map.h"
#include "runtime/coll/str.h"

enum {
    OPERATIONS = 150000,
    MAPS = 5,
    DEPTH = 6,
    MOST = 1500, /* entries of a map */
    KEY = 6,     /* registers: key and value at hand, two lists, */
    VALUE,
    KEYS,
    VALUES,
    OUTER /* and the maps of the scopes around */
};

struct entry {
    uint64_t key, value;
};
struct shadow { /* what a map holds */
    uint32_t n;
    uint64_t changes;
    struct entry at[MOST];
};
struct world {
    struct rig g; /* first, as the rig wants it */
    const struct pvm_type *type;
    uint64_t random;
    uint32_t range; /* of keys, at the time */
    uint32_t depth;
    struct shadow now[MAPS];
    struct shadow outer[DEPTH][MAPS];
};

static uint32_t below(struct world *w, uint32_t n)
{
    return (uint32_t)((rig_random(&w->random) >> 32) * n >> 32);
}

static bool chance(struct world *w, uint32_t in)
{
    return below(w, in) == 0;
}

/* ---- keys and values, made of numbers ------------------------------------ */

static bool is_ref(struct pvm_value_type t)
{
    return t.kind == PVM_REF;
}

static uint64_t text_of(struct heap *h, uint64_t n)
{
    char text[24];
    int len = snprintf(text, sizeof text, "%llu", (unsigned long long)n);
    return str_new(h, text, (uint64_t)len);
}

static uint64_t make(struct world *w, struct pvm_value_type t, uint64_t n)
{
    struct heap *h = &w->g.h;
    if (!is_ref(t))
        return t.kind == PVM_INT ? n << 20 : n;
    if (t.type == PVM_T_STR)
        return text_of(h, n);
    uint64_t *part = gc_hold(h, text_of(h, n % 3));
    uint64_t o = gc_new(h, T_KEY, 2);
    *obj_word(h, o, 0) = *part;
    *obj_word(h, o, 1) = n;
    gc_release(h, 1);
    return o;
}

/* The number that a word was made of. */
static uint64_t number(struct world *w, struct pvm_value_type t, uint64_t word)
{
    struct heap *h = &w->g.h;
    if (!is_ref(t))
        return t.kind == PVM_INT ? word >> 20 : word;
    if (t.type == T_KEY)
        return *obj_word(h, word, 1);
    char text[24] = "";
    memcpy(text, str_bytes(h, word), str_len(h, word));
    return strtoull(text, NULL, 10);
}

/* A word in a slot: of the caller's, or of a register for a reference. */
static uint64_t *made(struct world *w, struct pvm_value_type t, uint64_t n,
                      unsigned reg, uint64_t *word)
{
    uint64_t *slot = is_ref(t) ? rig_slot(&w->g, reg) : word;
    *slot = make(w, t, n);
    return slot;
}

/* ---- the model ----------------------------------------------------------- */

static uint32_t find(const struct shadow *s, uint64_t key)
{
    uint32_t i = 0;
    while (i < s->n && s->at[i].key != key)
        i++;
    return i;
}

static void model_put(struct shadow *s, uint64_t key, uint64_t value)
{
    uint32_t i = find(s, key);
    s->at[i] = (struct entry){key, value};
    s->changes += i == s->n;
    s->n += i == s->n;
}

static void model_remove(struct shadow *s, uint32_t i)
{
    memmove(&s->at[i], &s->at[i + 1], (s->n - 1 - i) * sizeof *s->at);
    s->n--;
    s->changes++;
}

static void copy_shadow(struct shadow *to, const struct shadow *from)
{
    to->n = from->n;
    to->changes = from->changes;
    memcpy(to->at, from->at, from->n * sizeof *from->at);
}

/* ---- comparing ----------------------------------------------------------- */

static uint64_t *slot(struct world *w, uint32_t m)
{
    return rig_slot(&w->g, m);
}

static void compare_map(struct world *w, uint32_t m)
{
    const struct heap *h = &w->g.h;
    const struct shadow *s = &w->now[m];
    uint64_t map = *slot(w, m), at = 0;
    const char *why = entries_check(h, map);
    if (why)
        fail_msg("%s", why);
    assert_int_equal(map_len(h, map), s->n);
    assert_int_equal(map_changes(h, map), s->changes);
    for (uint32_t i = 0; i < s->n; i++, at++) {
        at = entries_next(h, map, at);
        assert_true(at != ENTRIES_NONE);
        assert_int_equal(number(w, w->type->key, entries_key(h, map, at)),
                         s->at[i].key);
        assert_int_equal(number(w, w->type->item, entries_value(h, map, at)),
                         s->at[i].value);
    }
    assert_true(entries_next(h, map, at) == ENTRIES_NONE);
}

static void compare(struct world *w)
{
    for (uint32_t m = 0; m < MAPS; m++)
        compare_map(w, m);
}

/* ---- operations on a map ------------------------------------------------- */

static uint64_t some_key(struct world *w, const struct shadow *s)
{
    if (s->n && chance(w, 2))
        return s->at[below(w, s->n)].key;
    return below(w, w->range);
}

/* Leaves the trail room for so many entries. */
static void squeeze(struct world *w, uint64_t entries)
{
    struct tape_range *r = &w->g.h.tape.seg[TAPE_HISTORY];
    r->size = w->g.h.st->trail - r->at + 8 * TRAIL_ENTRY_MAX * entries;
}

static void put(struct world *w, uint32_t m, uint64_t key, uint64_t value)
{
    struct heap *h = &w->g.h;
    struct shadow *s = &w->now[m];
    uint64_t words[2], size = h->tape.seg[TAPE_HISTORY].size;
    if (s->n == MOST)
        return;
    const uint64_t *v = made(w, w->type->item, value, VALUE, &words[1]);
    const uint64_t *k = made(w, w->type->key, key, KEY, &words[0]);
    bool tight = chance(w, 20);
    if (tight)
        squeeze(w, below(w, 6));
    enum map_status st = map_put(h, slot(w, m), k, v);
    h->tape.seg[TAPE_HISTORY].size = size;
    if (st)
        assert_true(tight && st == MAP_MEMORY);
    else
        model_put(s, key, value);
    if (tight)
        compare_map(w, m);
}

static void take(struct world *w, uint32_t m, uint64_t key)
{
    struct heap *h = &w->g.h;
    struct shadow *s = &w->now[m];
    uint64_t word, value = 0, size = h->tape.seg[TAPE_HISTORY].size;
    uint32_t i = find(s, key);
    const uint64_t *k = made(w, w->type->key, key, KEY, &word);
    bool tight = chance(w, 20);
    if (tight)
        squeeze(w, below(w, 6));
    enum map_status st = map_remove(h, *slot(w, m), *k, &value);
    h->tape.seg[TAPE_HISTORY].size = size;
    if (i == s->n) {
        assert_int_equal(st, MAP_ABSENT);
    } else if (st) {
        assert_true(tight && st == MAP_MEMORY);
    } else {
        assert_int_equal(number(w, w->type->item, value), s->at[i].value);
        model_remove(s, i);
    }
    if (tight)
        compare_map(w, m);
}

static void get(struct world *w, uint32_t m)
{
    const struct shadow *s = &w->now[m];
    uint64_t key = some_key(w, s), word, value;
    uint32_t i = find(s, key);
    const uint64_t *k = made(w, w->type->key, key, KEY, &word);
    enum map_status st = map_get(&w->g.h, *slot(w, m), *k, &value);
    assert_int_equal(st, i == s->n ? MAP_ABSENT : MAP_OK);
    if (!st)
        assert_int_equal(number(w, w->type->item, value), s->at[i].value);
}

/* The oldest goes, a new one comes. */
static void queue(struct world *w, uint32_t m)
{
    struct shadow *s = &w->now[m];
    for (uint32_t n = below(w, 60); n && s->n; n--) {
        uint64_t map = *slot(w, m), at = entries_next(&w->g.h, map, 0);
        assert_int_equal(number(w, w->type->key, entries_key(&w->g.h, map, at)),
                         s->at[0].key);
        take(w, m, s->at[0].key);
        put(w, m, below(w, w->range), n);
    }
}

static void shrink(struct world *w, uint32_t m)
{
    struct shadow *s = &w->now[m];
    uint32_t left = below(w, s->n + 1), how = below(w, 3);
    for (uint32_t n = s->n - left; n && s->n; n--)
        take(w, m,
             s->at[how == 0   ? 0
                   : how == 1 ? s->n - 1
                              : below(w, s->n)]
                 .key);
}

static void grow(struct world *w, uint32_t m)
{
    for (uint32_t n = below(w, chance(w, 10) ? 800 : 40); n; n--)
        put(w, m, below(w, w->range), below(w, 1000));
}

static void clear(struct world *w, uint32_t m)
{
    struct shadow *s = &w->now[m];
    assert_int_equal(map_clear(&w->g.h, *slot(w, m)), MAP_OK);
    s->changes += s->n > 0;
    s->n = 0;
}

/* Another map becomes a copy. */
static void copy(struct world *w, uint32_t m)
{
    uint32_t to = below(w, MAPS);
    assert_int_equal(map_copy(&w->g.h, slot(w, m), slot(w, to)), MAP_OK);
    copy_shadow(&w->now[to], &w->now[m]);
    w->now[to].changes = 0;
    compare_map(w, to);
    if (to != m)
        compare_map(w, m);
}

/* Whether all entries of a shadow stand in another of as many. */
static bool same(const struct shadow *a, const struct shadow *b)
{
    bool equal = a->n == b->n;
    for (uint32_t i = 0; i < a->n && equal; i++) {
        uint32_t j = find(b, a->at[i].key);
        equal = j < b->n && b->at[j].value == a->at[i].value;
    }
    return equal;
}

static void equality(struct world *w, uint32_t m)
{
    uint32_t to = below(w, MAPS);
    const struct heap *h = &w->g.h;
    bool equal;
    assert_int_equal(obj_equal(h, *slot(w, m), *slot(w, to), &equal), PAL_OK);
    assert_int_equal(equal, same(&w->now[m], &w->now[to]));
    if (equal)
        assert_int_equal(obj_content_hash(h, *slot(w, m)),
                         obj_content_hash(h, *slot(w, to)));
}

static uint32_t list_type(struct pvm_value_type t)
{
    return t.kind == PVM_INT     ? PVM_T_LIST_INT
           : t.kind == PVM_FLOAT ? PVM_T_LIST_FLOAT
                                 : PVM_T_LIST_STR; /* any references */
}

static void lists(struct world *w, uint32_t m)
{
    struct heap *h = &w->g.h;
    const struct shadow *s = &w->now[m];
    uint64_t *keys = slot(w, KEYS), *values = slot(w, VALUES);
    *keys = list_new(h, list_type(w->type->key));
    *values = list_new(h, list_type(w->type->item));
    assert_int_equal(map_keys(h, slot(w, m), keys), MAP_OK);
    assert_int_equal(map_values(h, slot(w, m), values), MAP_OK);
    assert_int_equal(list_len(h, *keys), s->n);
    assert_int_equal(list_len(h, *values), s->n);
    for (uint32_t i = 0; i < s->n; i++) {
        assert_int_equal(number(w, w->type->key, list_item(h, *keys, i)),
                         s->at[i].key);
        assert_int_equal(number(w, w->type->item, list_item(h, *values, i)),
                         s->at[i].value);
    }
    *keys = *values = 0;
}

/* ---- scopes -------------------------------------------------------------- */

static void open_scope(struct world *w)
{
    if (w->depth == DEPTH)
        return;
    rig_scope(&w->g);
    for (uint32_t m = 0; m < MAPS; m++) {
        copy_shadow(&w->outer[w->depth][m], &w->now[m]);
        *slot(w, OUTER + w->depth * MAPS + m) = *slot(w, m);
    }
    w->depth++;
}

static void close_scope(struct world *w, bool undo)
{
    if (!w->depth)
        return;
    w->depth--;
    if (undo)
        trail_undo(&w->g.h);
    else
        trail_keep(&w->g.h);
    for (uint32_t m = 0; m < MAPS; m++) {
        uint64_t *outer = slot(w, OUTER + w->depth * MAPS + m);
        if (undo) {
            *slot(w, m) = *outer;
            copy_shadow(&w->now[m], &w->outer[w->depth][m]);
        }
        *outer = 0;
    }
    compare(w);
}

/* ---- a run --------------------------------------------------------------- */

static void on_map(struct world *w, uint32_t m, uint32_t kind)
{
    switch (kind) {
    case 0: queue(w, m); break;
    case 1: shrink(w, m); break;
    case 2: grow(w, m); break;
    case 3: copy(w, m); break;
    case 4: equality(w, m); break;
    case 5: lists(w, m); break;
    case 6:
        if (chance(w, 5))
            clear(w, m);
        break;
    default: compare_map(w, m);
    }
}

static void operation(struct world *w)
{
    uint32_t kind = below(w, 1000), m = below(w, MAPS);
    if (kind < 400)
        put(w, m, some_key(w, &w->now[m]), below(w, 1000));
    else if (kind < 650)
        take(w, m, some_key(w, &w->now[m]));
    else if (kind < 850)
        get(w, m);
    else if (kind < 920)
        on_map(w, m, kind % 8);
    else if (kind < 945)
        open_scope(w);
    else if (kind < 969)
        close_scope(w, chance(w, 2));
    else if (kind < 990)
        rig_minor(&w->g);
    else if (kind < 993)
        rig_collect(&w->g);
    else if (kind < 996)
        w->range = chance(w, 2) ? 12 : chance(w, 2) ? 100 : 5000;
}

static void run(uint32_t type, uint64_t seed, bool stress)
{
    static struct world w;
    w = (struct world){.random = seed, .range = 100};
    rig_open(&w.g, (struct rig_wish){.nursery = 256 << 10});
    w.type = &w.g.types[type];
    w.g.h.check_barrier = stress;
    w.g.h.check = stress;
    w.g.h.gc_stress = stress ? 7 : 0;
    gc_set_room(&w.g.h);
    for (uint32_t m = 0; m < MAPS; m++)
        *slot(&w, m) = map_new(&w.g.h, type);
    for (uint32_t i = 0; i < (stress ? OPERATIONS / 20 : OPERATIONS); i++) {
        operation(&w);
        if (i % 2048 == 0)
            rig_check(&w.g);
    }
    while (w.depth)
        close_scope(&w, chance(&w, 2));
    compare(&w);
    rig_close(&w.g);
}

/* Once, or for a share of the seconds of PAL_SOAK. */
static void rounds(uint32_t type, bool stress)
{
    const char *soak = getenv("PAL_SOAK");
    uint64_t seed = soak ? (uint64_t)time(NULL) * 1000 : 1;
    time_t end = time(NULL) + (soak ? atoi(soak) / 6 : 0);
    do {
        if (soak)
            printf("  type %u: seed %llu\n", type, (unsigned long long)seed);
        run(type, seed++, stress);
    } while (time(NULL) < end);
}

static void words(void **state)
{
    (void)state;
    rounds(T_INT_INT, false);
}

static void texts(void **state)
{
    (void)state;
    rounds(T_STR_INT, false);
}

static void references(void **state)
{
    (void)state;
    rounds(T_STR_STR, false);
}

static void structs(void **state)
{
    (void)state;
    rounds(T_KEY_FLOAT, false);
}

static void words_stressed(void **state)
{
    (void)state;
    rounds(T_INT_INT, true);
}

static void references_stressed(void **state)
{
    (void)state;
    rounds(T_STR_STR, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words),          cmocka_unit_test(texts),
        cmocka_unit_test(references),     cmocka_unit_test(structs),
        cmocka_unit_test(words_stressed), cmocka_unit_test(references_stressed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
