/* test_natives_list.c - natives on lists: many items at once, looking for
 * items, sorting, sums. */
#include "tests/unit/native_kit.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>

static int open_kit(void **state, uint64_t stress)
{
    struct kit *k = calloc(1, sizeof *k);
    if (!k)
        return -1;
    k->opt.gc_stress = stress;
    kit_open(k);
    *state = k;
    return 0;
}

static int setup(void **state)
{
    return open_kit(state, 0);
}

/* A collection at every allocation. */
static int setup_stress(void **state)
{
    return open_kit(state, 1);
}

static int teardown(void **state)
{
    kit_close(*state);
    free(*state);
    return 0;
}

/* ---- many items at once -------------------------------------------------- */

#define INTS(k, i, ...)                                                        \
    do {                                                                       \
        int64_t items_[] = {__VA_ARGS__};                                      \
        kit_list(k, i, PVM_T_LIST_INT, items_, sizeof items_ / 8);             \
    } while (0)

static void extends(void **state)
{
    struct kit *k = *state;
    INTS(k, 0, 1, 2);
    INTS(k, 1, 3, 4, 5);
    kit_do(k, "list_extend");
    kit_prints(k, k->r[0], "[1, 2, 3, 4, 5]");
    k->r[1] = k->r[0];
    kit_do(k, "list_extend");
    kit_prints(k, k->r[0], "[1, 2, 3, 4, 5, 1, 2, 3, 4, 5]");
    INTS(k, 0, 1, 2, 3);
    k->r[1] = k->r[0];
    k->s[0] = 1;
    kit_do(k, "list_insert_all");
    kit_prints(k, k->r[0], "[1, 1, 2, 3, 2, 3]");
    kit_list(k, 1, PVM_T_LIST_INT, NULL, 0);
    k->s[0] = 6;
    kit_do(k, "list_insert_all");
    k->s[0] = 7;
    kit_fails(k, "list_insert_all", VM_INDEX);
    k->s[0] = -1;
    kit_fails(k, "list_insert_all", VM_INDEX);
    kit_strs(k, 0, "a|b");
    kit_strs(k, 1, "c");
    uint64_t kept = kit_keep(k, k->r[0]);
    kit_do(k, "list_concat");
    kit_prints(k, k->r[0], "[\"a\", \"b\", \"c\"]");
    kit_prints(k, kit_get(k, kept), "[\"a\", \"b\"]");
    kit_list(k, 0, PVM_T_LIST_BYTE, (int64_t[]){1, 2}, 2);
    kit_list(k, 1, PVM_T_LIST_BYTE, NULL, 0);
    kit_do(k, "list_concat");
    kit_prints(k, k->r[0], "[1, 2]");
    k->r[0] = k->r[1] = 0;
    kit_fails(k, "list_extend", VM_NONE);
    kit_fails(k, "list_concat", VM_NONE);
    kit_fails(k, "list_clear", VM_NONE);
}

static void shrinks_and_grows(void **state)
{
    struct kit *k = *state;
    INTS(k, 0, 1, 2, 3, 4, 5);
    k->s[0] = 1, k->s[1] = 3;
    kit_do(k, "list_remove_range");
    kit_prints(k, k->r[0], "[1, 4, 5]");
    assert_null(gc_check(k->h)); /* nothing is left behind the end */
    static const int64_t bad[][2] = {{-1, 1}, {2, 1}, {0, 4}, {4, 4}};
    for (int i = 0; i < 4; i++) {
        k->s[0] = bad[i][0], k->s[1] = bad[i][1];
        kit_fails(k, "list_remove_range", VM_INDEX);
    }
    k->s[0] = 5, k->s[1] = 9;
    kit_do(k, "list_resize");
    kit_prints(k, k->r[0], "[1, 4, 5, 9, 9]");
    k->s[0] = 1;
    kit_do(k, "list_resize");
    kit_prints(k, k->r[0], "[1]");
    k->s[0] = -1;
    kit_fails(k, "list_resize", VM_INDEX);
    k->s[0] = INT64_MAX;
    kit_fails(k, "list_resize", VM_MEMORY);
    kit_do(k, "list_clear");
    kit_prints(k, k->r[0], "[]");
    kit_strs(k, 0, "a");
    uint64_t list = kit_keep(k, k->r[0]);
    kit_str(k, 1, "x");
    k->r[0] = kit_get(k, list);
    k->s[0] = 3;
    kit_do(k, "list_resize_ref");
    kit_prints(k, k->r[0], "[\"a\", \"x\", \"x\"]");
    k->s[0] = INT64_MIN;
    kit_fails(k, "list_resize_ref", VM_INDEX);
}

/* A list that is made a little longer again and again is copied now and then.
 */
static void resize_doubles(void **state)
{
    struct kit *k = *state;
    INTS(k, 0, 1, 2, 3);
    uint64_t store = 0, copies = 0;
    for (int64_t n = 4; n <= 4096; n++) {
        k->s[0] = n, k->s[1] = 7;
        kit_do(k, "list_resize");
        uint64_t room = obj_words(k->h, list_store(k->h, k->r[0]));
        copies += room != store;
        store = room;
    }
    assert_int_equal(list_len(k->h, k->r[0]), 4096);
    assert_true(copies <= 12);
}

/* A list, and an array that is to be the same. */
enum { MODEL_MOST = 4000 };
struct model {
    struct kit *k;
    uint64_t list, seed; /* a handle */
    uint64_t n, was;     /* now, and when the scope was opened */
    int64_t now[MODEL_MOST], before[MODEL_MOST];
    bool scope;
};

/* Items of argument 1 go before i. */
static void insert_some(struct model *m, uint64_t i, const int64_t *items,
                        uint64_t n)
{
    if (m->n + n > MODEL_MOST)
        return;
    m->k->s[0] = (int64_t)i;
    kit_do(m->k, "list_insert_all");
    memmove(m->now + i + n, m->now + i, 8 * (m->n - i));
    memcpy(m->now + i, items, 8 * n);
    m->n += n;
}

static void insert_itself(struct model *m, uint64_t i)
{
    static int64_t items[MODEL_MOST];
    memcpy(items, m->now, 8 * m->n);
    m->k->r[1] = m->k->r[0];
    insert_some(m, i, items, m->n);
}

static void remove_some(struct model *m, uint64_t i, uint64_t n)
{
    n = n < m->n - i ? n : m->n - i;
    m->k->s[0] = (int64_t)i, m->k->s[1] = (int64_t)(i + n);
    kit_do(m->k, "list_remove_range");
    memmove(m->now + i, m->now + i + n, 8 * (m->n - i - n));
    m->n -= n;
}

static void resize(struct model *m, uint64_t n)
{
    m->k->s[0] = (int64_t)n, m->k->s[1] = 7;
    kit_do(m->k, "list_resize");
    for (; m->n < n; m->n++)
        m->now[m->n] = 7;
    m->n = n;
}

static void turn(struct model *m)
{
    if (!m->scope) {
        kit_scope(m->k);
        memcpy(m->before, m->now, sizeof m->now);
        m->was = m->n;
    } else {
        kit_undo(m->k);
        memcpy(m->now, m->before, sizeof m->now);
        m->n = m->was;
    }
    m->scope = !m->scope;
}

static void change(struct model *m, uint32_t type)
{
    int64_t items[40];
    uint64_t n = kit_random(&m->seed) % 40, i = kit_random(&m->seed);
    for (uint64_t j = 0; j < n; j++)
        items[j] = (int64_t)(kit_random(&m->seed) & 255);
    kit_list(m->k, 1, type, items, n);
    m->k->r[0] = kit_get(m->k, m->list);
    i %= m->n + 1;
    switch (kit_random(&m->seed) % 40) {
    case 0:
        kit_do(m->k, "list_clear");
        m->n = 0;
        break;
    case 1: insert_itself(m, i); break;
    case 2: turn(m); break;
    case 3: resize(m, (m->n + n) / 2); break;
    default: n % 2 ? remove_some(m, i, n) : insert_some(m, i, items, n);
    }
}

/* Random changes, of which some are undone. */
static void agrees_with_an_array(void **state)
{
    static const uint32_t types[] = {PVM_T_LIST_INT, PVM_T_LIST_BYTE};
    static struct model m;
    struct kit *k = *state;
    for (unsigned t = 0; t < 2; t++) {
        kit_list(k, 0, types[t], NULL, 0);
        m = (struct model){.k = k, .list = kit_keep(k, k->r[0]), .seed = t};
        for (int step = 0; step < 6000; step++) {
            change(&m, types[t]);
            uint64_t o = kit_get(k, m.list);
            assert_int_equal(list_len(k->h, o), m.n);
            for (uint64_t j = 0; j < m.n; j++)
                assert_int_equal(list_item(k->h, o, j), m.now[j]);
        }
        if (m.scope)
            kit_undo(k);
    }
}

/* ---- looking for items --------------------------------------------------- */

static void place(struct kit *k, const char *native, int64_t found, int64_t at)
{
    kit_do(k, native);
    if (k->s[0] != found || k->s[1] != at)
        fail_msg("%s: %" PRId64 " %" PRId64, native, k->s[0], k->s[1]);
}

static void finds_items(void **state)
{
    struct kit *k = *state;
    static const int64_t absent = 9;
    INTS(k, 0, 5, 7, 5, 8);
    k->s[0] = 5;
    place(k, "list_index_of", 1, 0);
    k->s[0] = 5;
    place(k, "list_last_index_of", 1, 2);
    k->s[0] = absent;
    place(k, "list_index_of", 0, 0);
    k->s[0] = 5;
    kit_do(k, "list_count");
    assert_int_equal(k->s[0], 2);
    kit_list(k, 0, PVM_T_LIST_FLOAT, (int64_t[]){kit_word(NAN), kit_word(-0.0)},
             2);
    k->s[0] = kit_word(0.0);
    place(k, "list_index_of", 1, 1);
    k->s[0] = kit_word(NAN);
    place(k, "list_index_of", 0, 0);
    kit_strs(k, 0, "a|b|a");
    uint64_t list = kit_keep(k, k->r[0]);
    kit_str(k, 1, "a");
    k->r[0] = kit_get(k, list);
    place(k, "list_last_index_of_ref", 1, 2);
    place(k, "list_index_of_ref", 1, 0);
    kit_do(k, "list_count_ref");
    assert_int_equal(k->s[0], 2);
    kit_do(k, "list_contains_ref");
    assert_int_equal(k->s[0], 1);
    kit_list(k, 0, PVM_T_LIST_BOOL, NULL, 0);
    k->s[0] = 0;
    place(k, "list_last_index_of", 0, 0);
}

static void searches(void **state)
{
    struct kit *k = *state;
    INTS(k, 0, 1, 3, 3, 5);
    for (int64_t x = 0; x < 7; x++) {
        static const int64_t want[] = {0, 0, 1, 1, 3, 3, 4};
        k->s[0] = x;
        place(k, "list_search", x == 1 || x == 3 || x == 5, want[x]);
    }
    kit_list(k, 0, PVM_T_LIST_INT, NULL, 0);
    k->s[0] = 1;
    place(k, "list_search", 0, 0);
    kit_list(k, 0, PVM_T_LIST_FLOAT,
             (int64_t[]){kit_word(1), kit_word(NAN), kit_word(NAN)}, 3);
    k->s[0] = kit_word(NAN);
    place(k, "list_search", 1, 1);
    kit_strs(k, 0, "a|ab|b");
    uint64_t list = kit_keep(k, k->r[0]);
    kit_str(k, 1, "ab");
    k->r[0] = kit_get(k, list);
    place(k, "list_search_ref", 1, 1);
}

static void finds_extremes(void **state)
{
    struct kit *k = *state;
    INTS(k, 0, 4, -7, 9, -7, 9);
    place(k, "list_min", 1, 1);
    place(k, "list_max", 1, 2);
    kit_list(k, 0, PVM_T_LIST_INT, NULL, 0);
    place(k, "list_min", 0, 0);
    int64_t nan = kit_word(NAN);
    kit_list(k, 0, PVM_T_LIST_FLOAT,
             (int64_t[]){nan, kit_word(2), nan, kit_word(1)}, 4);
    place(k, "list_min", 1, 3);
    place(k, "list_max", 1, 1);
    kit_list(k, 0, PVM_T_LIST_FLOAT, (int64_t[]){nan, nan}, 2);
    place(k, "list_max", 1, 0);
    kit_strs(k, 0, "b|a|c");
    place(k, "list_min_ref", 1, 1);
    place(k, "list_max_ref", 1, 2);
}

static double sum(struct kit *k, const double *xs, uint64_t n)
{
    int64_t words[8];
    for (uint64_t i = 0; i < n; i++)
        words[i] = kit_word(xs[i]);
    kit_list(k, 0, PVM_T_LIST_FLOAT, words, n);
    kit_do(k, "list_sum_float");
    return kit_float(k->s[0]);
}

static void sums(void **state)
{
    struct kit *k = *state;
    INTS(k, 0, INT64_MAX, 1, 5);
    kit_do(k, "list_sum_int");
    assert_int_equal(k->s[0], INT64_MIN + 5);
    kit_list(k, 0, PVM_T_LIST_BYTE, (int64_t[]){255, 255}, 2);
    kit_do(k, "list_sum_byte");
    assert_int_equal(k->s[0], 510);
    assert_true(sum(k, (double[]){1, 1e100, 1, -1e100}, 4) == 2);
    assert_true(sum(k, (double[]){0.1, 0.2, 0.3}, 3) == 0.6);
    assert_true(sum(k, (double[]){1, INFINITY, 2}, 3) == INFINITY);
    assert_true(sum(k, (double[]){DBL_MAX, DBL_MAX}, 2) == INFINITY);
    assert_true(sum(k, (double[]){-DBL_MAX, -DBL_MAX, 1}, 3) == -INFINITY);
    assert_true(isnan(sum(k, (double[]){-INFINITY, INFINITY}, 2)));
    assert_true(isnan(sum(k, (double[]){NAN, 1}, 2)));
    assert_true(sum(k, NULL, 0) == 0 && !signbit(sum(k, NULL, 0)));
    assert_true(signbit(sum(k, (double[]){-0.0}, 1)));
}

/* ---- comparing ----------------------------------------------------------- */

/* A tuple in argument i. */
static void tuple(struct kit *k, unsigned i, int64_t n, const char *s, double f)
{
    uint64_t *str = gc_hold(k->h, kit_bytes(k, s, strlen(s)));
    uint64_t o = gc_new(k->h, T_TUPLE, TUPLE_WORDS);
    *obj_word(k->h, o, TUPLE_INT) = (uint64_t)n;
    *obj_word(k->h, o, TUPLE_STR) = *str;
    *obj_word(k->h, o, TUPLE_FLOAT) = (uint64_t)kit_word(f);
    gc_release(k->h, 1);
    k->r[i] = o;
}

static void compares(void **state)
{
    static const struct {
        int64_t n[2];
        const char *s[2];
        double f[2];
        int order;
    } rows[] = {{{1, 2}, {"b", "a"}, {0, 0}, -1},
                {{1, 1}, {"b", "a"}, {0, 0}, 1},
                {{1, 1}, {"a", "a"}, {0.0, -0.0}, 0},
                {{1, 1}, {"a", "a"}, {NAN, 1e300}, 1},
                {{1, 1}, {"a", "a"}, {NAN, NAN}, 0},
                {{-1, 1}, {"", ""}, {0, 0}, -1}};
    struct kit *k = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        tuple(k, 0, rows[i].n[0], rows[i].s[0], rows[i].f[0]);
        uint64_t first = kit_keep(k, k->r[0]);
        tuple(k, 1, rows[i].n[1], rows[i].s[1], rows[i].f[1]);
        k->r[0] = kit_get(k, first);
        kit_do(k, "compare");
        assert_int_equal(k->s[0], rows[i].order);
        uint64_t x = k->r[0];
        k->r[0] = k->r[1];
        k->r[1] = x;
        kit_do(k, "compare");
        assert_int_equal(k->s[0], -rows[i].order);
    }
    INTS(k, 0, 1, 2);
    INTS(k, 1, 1, 2, 3);
    kit_do(k, "compare");
    assert_int_equal(k->s[0], -1);
    k->r[0] = 0;
    kit_do(k, "compare");
    assert_int_equal(k->s[0], -1);
}

/* Two rings of nodes: the same as far as they go, then one differs. */
static void compares_cycles(void **state)
{
    struct kit *k = *state;
    struct heap *h = k->h;
    uint64_t *a = gc_hold(h, gc_new(h, T_NODE, NODE_WORDS));
    uint64_t *b = gc_hold(h, gc_new(h, T_NODE, NODE_WORDS));
    uint64_t *c = gc_hold(h, gc_new(h, T_NODE, NODE_WORDS));
    kit_link(k, *a, NODE_A, *a);
    kit_link(k, *b, NODE_A, *c);
    kit_link(k, *c, NODE_A, *b);
    k->r[0] = *a;
    k->r[1] = *b;
    gc_release(h, 3);
    kit_do(k, "compare");
    assert_int_equal(k->s[0], 0);
    *obj_word(h, *obj_word(h, k->r[1], NODE_A), NODE_N) = 1;
    kit_do(k, "compare");
    assert_int_equal(k->s[0], -1);
}

/* ---- sorting ------------------------------------------------------------- */

static double as_float(const void *p)
{
    double d;
    memcpy(&d, p, 8);
    return d;
}

/* An item as it stood at a place: qsort is made stable by it. */
struct item {
    int64_t w;
    uint64_t at;
};

static int by_place(const struct item *x, const struct item *y)
{
    return (x->at > y->at) - (x->at < y->at);
}
static int int_order(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    int order = (x->w > y->w) - (x->w < y->w);
    return order ? order : by_place(x, y);
}
static int float_order(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    double f = as_float(&x->w), g = as_float(&y->w);
    int order =
        isnan(f) || isnan(g) ? !!isnan(f) - !!isnan(g) : (f > g) - (f < g);
    return order ? order : by_place(x, y);
}

static int64_t some_word(uint64_t *seed, unsigned shape, uint32_t type,
                         uint64_t i)
{
    static const double few[] = {0.0, -0.0, 1, -1, INFINITY, -INFINITY};
    uint64_t w = kit_random(seed);
    if (type == PVM_T_LIST_BYTE)
        return (int64_t)(w & 255);
    if (type == PVM_T_LIST_BOOL)
        return (int64_t)(w & 1);
    if (type == PVM_T_LIST_FLOAT && shape == 1)
        return w % 7 == 6 ? (int64_t)(w | UINT64_C(0x7ff0000000000001))
                          : kit_word(few[w % 7]);
    switch (shape) {
    case 0: return (int64_t)w;
    case 1: return (int64_t)(w % 100) - 50;
    case 2: return (int64_t)i;
    case 4: return i == 5 ? 300 : 5; /* one that differs in one byte */
    default: return -(int64_t)i;
    }
}

static void sorts_scalars(void **state)
{
    static const uint32_t types[] = {PVM_T_LIST_INT, PVM_T_LIST_FLOAT,
                                     PVM_T_LIST_BYTE, PVM_T_LIST_BOOL};
    static const uint64_t sizes[] = {0, 1, 2, 3, 31, 32, 33, 100, 1000, 20000};
    struct kit *k = *state;
    struct item *want = malloc(20000 * sizeof *want);
    int64_t *items = malloc(20000 * sizeof *items);
    assert_true(want && items);
    for (unsigned t = 0; t < 4; t++)
        for (unsigned z = 0; z < 10; z++)
            for (unsigned shape = 0; shape < 5; shape++) {
                uint64_t n = sizes[z], seed = z * 4 + shape;
                for (uint64_t i = 0; i < n; i++) {
                    items[i] = some_word(&seed, shape, types[t], i);
                    want[i] = (struct item){items[i], i};
                }
                kit_list(k, 0, types[t], items, n);
                if (shape % 2)
                    kit_scope(k);
                kit_do(k, "list_sort");
                qsort(want, n, sizeof *want,
                      types[t] == PVM_T_LIST_FLOAT ? float_order : int_order);
                for (uint64_t i = 0; i < n; i++)
                    assert_true((int64_t)list_item(k->h, k->r[0], i) ==
                                want[i].w);
                if (shape % 2)
                    kit_undo(k);
                for (uint64_t i = 0; i < n && shape % 2; i++)
                    assert_true((int64_t)list_item(k->h, k->r[0], i) ==
                                items[i]);
            }
    free(want);
    free(items);
}

/* Strs with long common beginnings, NULs and nothing in them. */
static void sorts_strs(void **state)
{
    struct kit *k = *state;
    struct heap *h = k->h;
    for (uint64_t n = 0, seed = 3; n < 3000; n = n * 3 + 1) {
        uint64_t *list = gc_hold(h, list_new(h, PVM_T_LIST_STR));
        uint64_t *item = gc_hold(h, 0);
        for (uint64_t i = 0; i < n; i++) {
            char text[40] = "a common start";
            size_t len = kit_random(&seed) % 20;
            for (size_t j = kit_random(&seed) % 16; j < len; j++)
                text[j] = (char)(kit_random(&seed) % 3 ? 'a' : 0);
            *item = i % 50 == 49 ? 0 : kit_bytes(k, text, len);
            assert_int_equal(list_push(h, list, item), LIST_OK);
        }
        k->r[0] = *list;
        gc_release(h, 2);
        kit_do(k, "list_sort_ref");
        for (uint64_t i = 1; i < n; i++) {
            uint64_t a = list_item(h, k->r[0], i - 1);
            uint64_t b = list_item(h, k->r[0], i);
            assert_true(!a || (b && str_compare(h, a, b) <= 0));
        }
    }
}

static void sorts_tuples(void **state)
{
    enum { N = 2000 };
    struct kit *k = *state;
    struct heap *h = k->h;
    uint64_t seed = 5;
    uint64_t *list = gc_hold(h, list_new(h, T_LIST_TUPLE));
    for (int i = 0; i < N; i++) {
        static const char *const texts[] = {"x", "y", "yy"};
        tuple(k, 0, (int64_t)(kit_random(&seed) % 10),
              texts[kit_random(&seed) % 3], 0);
        *obj_word(h, k->r[0], TUPLE_FLOAT) = (uint64_t)kit_word(i % 2);
        uint64_t *item = gc_hold(h, k->r[0]);
        assert_int_equal(list_push(h, list, item), LIST_OK);
        gc_release(h, 1);
    }
    k->r[0] = *list;
    gc_release(h, 1);
    uint64_t kept = kit_keep(k, k->r[0]);
    kit_do(k, "list_sort_ref");
    for (uint64_t i = 1; i < N; i++) {
        int order;
        uint64_t sorted = kit_get(k, kept);
        assert_int_equal(obj_compare(h, list_item(h, sorted, i - 1),
                                     list_item(h, sorted, i), &order),
                         PAL_OK);
        assert_true(order <= 0);
    }
}

/* The items are the places of their keys, so that what is stable shows. */
static void sorts_by_keys(void **state)
{
    static const uint32_t types[] = {PVM_T_LIST_INT, PVM_T_LIST_FLOAT,
                                     PVM_T_LIST_BYTE, PVM_T_LIST_BOOL};
    enum { N = 3000 };
    struct kit *k = *state;
    static int64_t keys[N], places[N];
    static struct item want[N];
    for (unsigned t = 0; t < 4; t++)
        for (unsigned shape = 0; shape < 4; shape++) {
            uint64_t seed = shape, n = shape == 2 ? 20 : N;
            for (uint64_t i = 0; i < n; i++) {
                keys[i] = some_word(&seed, shape, types[t], i);
                places[i] = (int64_t)i;
                want[i] = (struct item){keys[i], i};
            }
            kit_list(k, 0, PVM_T_LIST_INT, places, n);
            uint64_t list = kit_keep(k, k->r[0]);
            kit_list(k, 1, types[t], keys, n);
            k->r[0] = kit_get(k, list);
            uint64_t key_list = kit_keep(k, k->r[1]);
            kit_scope(k);
            kit_do(k, "list_sort_by");
            qsort(want, n, sizeof *want,
                  types[t] == PVM_T_LIST_FLOAT ? float_order : int_order);
            uint64_t xs = kit_get(k, list), ks = kit_get(k, key_list);
            for (uint64_t i = 0; i < n; i++) {
                assert_true((int64_t)list_item(k->h, ks, i) == want[i].w);
                assert_true(list_item(k->h, xs, i) == want[i].at);
            }
            kit_undo(k);
            for (uint64_t i = 0; i < n; i++)
                assert_true((int64_t)list_item(k->h, ks, i) == keys[i] &&
                            list_item(k->h, xs, i) == i);
        }
}

static void sorts_by_strs(void **state)
{
    struct kit *k = *state;
    INTS(k, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    uint64_t list = kit_keep(k, k->r[0]);
    kit_strs(k, 1, "b|a|b|a|c|aa||b|a|c");
    k->r[0] = kit_get(k, list);
    kit_do(k, "list_sort_by_ref");
    kit_prints(k, kit_get(k, list), "[6, 1, 3, 8, 5, 0, 2, 7, 4, 9]");
    INTS(k, 0, 3, 1, 2);
    k->r[1] = k->r[0];
    kit_do(k, "list_sort_by"); /* by itself */
    kit_prints(k, k->r[0], "[1, 2, 3]");
    INTS(k, 1, 1);
    kit_fails(k, "list_sort_by", VM_INDEX);
    assert_string_equal(k->vm->trap_text, "1 keys for 3 items");
    kit_list(k, 0, PVM_T_LIST_BYTE, (int64_t[]){9, 8, 7}, 3);
    INTS(k, 1, 5, -5, 0);
    kit_do(k, "list_sort_by");
    kit_prints(k, k->r[0], "[8, 7, 9]");
}

static void an_ordered_list_is_not_written(void **state)
{
    struct kit *k = *state;
    INTS(k, 0, 1, 2, 2, 3);
    INTS(k, 1, 0, 0, 5, 5);
    kit_scope(k);
    uint64_t top = k->h->st->trail;
    kit_do(k, "list_sort");
    kit_do(k, "list_sort_by");
    assert_int_equal(k->h->st->trail, top);
    kit_undo(k);
}

/* Where memory is exhausted the lists stay as they are. */
static void needs_memory(void **state)
{
    static const char *const natives[] = {"list_sort", "list_sort_by"};
    struct kit *k = *state;
    for (int i = 0; i < 2; i++) {
        INTS(k, 0, 3, 1, 2);
        uint64_t list = kit_keep(k, k->r[0]);
        INTS(k, 1, 3, 1, 2);
        k->r[0] = kit_get(k, list);
        mem_fail_at(k->mem, 1);
        kit_fails(k, natives[i], VM_MEMORY);
        mem_fail_at(k->mem, 0);
        kit_prints(k, kit_get(k, list), "[3, 1, 2]");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(extends),
        cmocka_unit_test(shrinks_and_grows),
        cmocka_unit_test(resize_doubles),
        cmocka_unit_test(agrees_with_an_array),
        cmocka_unit_test(finds_items),
        cmocka_unit_test(searches),
        cmocka_unit_test(finds_extremes),
        cmocka_unit_test(sums),
        cmocka_unit_test(compares),
        cmocka_unit_test(compares_cycles),
        cmocka_unit_test(sorts_scalars),
        cmocka_unit_test(sorts_strs),
        cmocka_unit_test(sorts_tuples),
        cmocka_unit_test(sorts_by_keys),
        cmocka_unit_test(sorts_by_strs),
        cmocka_unit_test(an_ordered_list_is_not_written),
        cmocka_unit_test(needs_memory),
    };
    int failed = cmocka_run_group_tests(tests, setup, teardown);
    return failed + cmocka_run_group_tests(tests, setup_stress, teardown);
}
