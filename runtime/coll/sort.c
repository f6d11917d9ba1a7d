/* sort.c - see sort.h. */
#include "runtime/coll/sort.h"

#define SMALL       32 /* items that insertion sorts fastest */
#define DIGITS      8
#define DIGIT(k, d) ((k) >> 8 * (d)&255)

/* What is sorted: a key that orders as a number, and what belongs to it. */
struct pair {
    uint64_t key, item;
};

/* ---- keys ---------------------------------------------------------------- */

#define SIGN     (UINT64_C(1) << 63)
#define ZERO_KEY SIGN
#define NAN_KEY  UINT64_MAX

/* A scalar as a number that orders as it does. */
static uint64_t key_of(enum pvm_kind kind, uint64_t w)
{
    if (kind != PVM_FLOAT)
        return w ^ SIGN;
    if (w << 1 > UINT64_C(0xffe0000000000000))
        return NAN_KEY;
    if (w << 1 == 0)
        return ZERO_KEY;
    return w & SIGN ? ~w : w | SIGN;
}

/* Back again, but for zeros and NaNs, of which there are several. */
static uint64_t word_of(enum pvm_kind kind, uint64_t key)
{
    if (kind != PVM_FLOAT)
        return key ^ SIGN;
    return key & SIGN ? key ^ SIGN : ~key;
}

/* The first bytes of a str, as they order. */
static uint64_t prefix_of(const struct heap *h, uint64_t str)
{
    uint64_t n = str ? str_len(h, str) : 0, w = 0;
    memcpy(&w, str_bytes(h, str), n < 8 ? n : 8);
    return __builtin_bswap64(w);
}

/* ---- by digits ----------------------------------------------------------- */

/* A function sort_NAME for n elements of a type: what is sorted stands in a or
 * in b, which is returned. */
#define RADIX_SORT(name, T, KEY)                                               \
    static void insert_##name(T *a, uint64_t n)                                \
    {                                                                          \
        for (uint64_t i = 1; i < n; i++) {                                     \
            T x = a[i];                                                        \
            uint64_t to = i;                                                   \
            for (; to && KEY(a[to - 1]) > KEY(x); to--)                        \
                a[to] = a[to - 1];                                             \
            a[to] = x;                                                         \
        }                                                                      \
    }                                                                          \
    static T *sort_##name(T *a, T *b, uint64_t n)                              \
    {                                                                          \
        if (n <= SMALL) {                                                      \
            insert_##name(a, n);                                               \
            return a;                                                          \
        }                                                                      \
        uint64_t count[DIGITS][256] = {{0}};                                   \
        for (uint64_t i = 0; i < n; i++)                                       \
            for (unsigned d = 0; d < DIGITS; d++)                              \
                count[d][DIGIT(KEY(a[i]), d)]++;                               \
        for (unsigned d = 0; d < DIGITS; d++) {                                \
            uint64_t *at = count[d], sum = 0;                                  \
            if (at[DIGIT(KEY(a[0]), d)] == n) /* it is the same in all */      \
                continue;                                                      \
            for (unsigned v = 0; v < 256; v++) {                               \
                uint64_t here = at[v];                                         \
                at[v] = sum;                                                   \
                sum += here;                                                   \
            }                                                                  \
            for (uint64_t i = 0; i < n; i++)                                   \
                b[at[DIGIT(KEY(a[i]), d)]++] = a[i];                           \
            T *sorted = b;                                                     \
            b = a;                                                             \
            a = sorted;                                                        \
        }                                                                      \
        return a;                                                              \
    }
#define KEY_OF_WORD(x) (x)
#define KEY_OF_PAIR(x) ((x).key)
RADIX_SORT(keys, uint64_t, KEY_OF_WORD)
RADIX_SORT(pairs, struct pair, KEY_OF_PAIR)

/* ---- by merging ---------------------------------------------------------- */

struct merge {
    const struct heap *h;
    const uint64_t *refs; /* what the items are places of; NULL: references */
    bool strs;            /* the keys are their prefixes */
    bool failed;          /* memory to compare is exhausted */
};

static uint64_t ref_of(const struct merge *m, uint64_t item)
{
    return m->refs ? m->refs[item] : item;
}

/* Whether y must come before x, which is before it. */
static bool is_before(struct merge *m, const struct pair *y,
                      const struct pair *x)
{
    int order = 0;
    if (y->key != x->key)
        return y->key < x->key;
    uint64_t a = ref_of(m, y->item), b = ref_of(m, x->item);
    if (a == b)
        return false;
    if (m->strs && a && b)
        return str_compare(m->h, a, b) < 0;
    if (obj_compare(m->h, a, b, &order))
        m->failed = true;
    return order < 0;
}

static void insert_run(struct merge *m, struct pair *a, uint64_t n)
{
    for (uint64_t i = 1; i < n; i++) {
        struct pair x = a[i];
        uint64_t to = i;
        for (; to && is_before(m, &x, &a[to - 1]); to--)
            a[to] = a[to - 1];
        a[to] = x;
    }
}

/* Merges two runs that lie one behind the other into b. */
static void merge_runs(struct merge *m, const struct pair *a, uint64_t half,
                       uint64_t n, struct pair *b)
{
    uint64_t i = 0, j = half, k = 0;
    if (half == n || !is_before(m, &a[half], &a[half - 1])) {
        memcpy(b, a, n * sizeof *a);
        return;
    }
    while (i < half && j < n)
        b[k++] = is_before(m, &a[j], &a[i]) ? a[j++] : a[i++];
    memcpy(b + k, a + i, (half - i) * sizeof *a);
    memcpy(b + k + (half - i), a + j, (n - j) * sizeof *a);
}

static struct pair *merge_sort(struct merge *m, struct pair *a, struct pair *b,
                               uint64_t n)
{
    enum { RUN = 8 };
    for (uint64_t i = 0; i < n; i += RUN)
        insert_run(m, a + i, n - i < RUN ? n - i : RUN);
    for (uint64_t run = RUN; run < n && !m->failed; run *= 2) {
        for (uint64_t i = 0; i < n; i += 2 * run) {
            uint64_t left = n - i;
            merge_runs(m, a + i, run < left ? run : left,
                       2 * run < left ? 2 * run : left, b + i);
        }
        struct pair *sorted = b;
        b = a;
        a = sorted;
    }
    return a;
}

static bool are_in_order(struct merge *m, const struct pair *a, uint64_t n)
{
    for (uint64_t i = 1; i < n; i++)
        if (is_before(m, &a[i], &a[i - 1]))
            return false;
    return true;
}

/* ---- lists of scalars ---------------------------------------------------- */

static enum list_status sort_bytes(struct heap *h, uint64_t list, uint64_t n)
{
    uint64_t count[256] = {0}, at = 0;
    uint8_t *p = store_byte(h, list_store(h, list), 0);
    bool in_order = true;
    for (uint64_t i = 0; i < n; i++) {
        count[p[i]]++;
        in_order &= !i || p[i - 1] <= p[i];
    }
    if (in_order)
        return LIST_OK;
    enum list_status st = list_before(h, list, 0, n);
    for (unsigned v = 0; v < 256 && !st; at += count[v++])
        memset(p + at, (int)v, count[v]);
    return st;
}

/* The words of sorted keys: zeros and NaNs are taken from the list, in their
 * order there. */
static void restore_words(enum pvm_kind kind, uint64_t *keys,
                          const uint64_t *old, uint64_t n)
{
    uint64_t zero = 0, nan = 0;
    for (uint64_t i = 0; i < n; i++) {
        uint64_t key = keys[i];
        bool several = kind == PVM_FLOAT && (key == ZERO_KEY || key == NAN_KEY);
        uint64_t *from = key == ZERO_KEY ? &zero : &nan;
        while (several && key_of(kind, old[*from]) != key)
            ++*from;
        keys[i] = several ? old[(*from)++] : word_of(kind, key);
    }
}

static enum list_status sort_words(struct heap *h, uint64_t list, uint64_t n)
{
    enum pvm_kind kind = list_item_kind(h, list);
    uint64_t *old = store_item(h, list_store(h, list), 0);
    size_t size = 2 * n * sizeof *old;
    uint64_t *a = mem_alloc(h->mem, size);
    bool in_order = true;
    if (!a)
        return LIST_MEMORY;
    for (uint64_t i = 0; i < n; i++) {
        a[i] = key_of(kind, old[i]);
        in_order &= !i || a[i - 1] <= a[i];
    }
    enum list_status st = LIST_OK;
    if (!in_order) {
        uint64_t *sorted = sort_keys(a, a + n, n);
        restore_words(kind, sorted, old, n);
        st = list_before(h, list, 0, n);
        if (!st)
            memcpy(old, sorted, n * sizeof *old);
    }
    mem_free(h->mem, a, size);
    return st;
}

/* ---- lists of references ------------------------------------------------- */

static enum list_status sort_refs(struct heap *h, uint64_t list, uint64_t n)
{
    uint64_t *refs = store_item(h, list_store(h, list), 0);
    size_t size = 2 * n * sizeof(struct pair);
    struct pair *a = mem_alloc(h->mem, size);
    struct merge m = {.h = h,
                      .strs = h->image->types[obj_type(h, list)].item.type ==
                              PVM_T_STR};
    if (!a)
        return LIST_MEMORY;
    for (uint64_t i = 0; i < n; i++)
        a[i] = (struct pair){m.strs ? prefix_of(h, refs[i]) : 0, refs[i]};
    enum list_status st = LIST_OK;
    if (!are_in_order(&m, a, n)) {
        struct pair *sorted = merge_sort(&m, a, a + n, n);
        st = m.failed ? LIST_MEMORY : list_before(h, list, 0, n);
        for (uint64_t i = 0; i < n && !st; i++)
            refs[i] = sorted[i].item;
    }
    mem_free(h->mem, a, size);
    return m.failed ? LIST_MEMORY : st;
}

enum list_status list_sort(struct heap *h, uint64_t list)
{
    uint64_t n = list_len(h, list);
    if (!list)
        return LIST_NULL;
    if (n < 2)
        return LIST_OK;
    switch (list_form(h, list)) {
    case LIST_FORM_B: return sort_bytes(h, list, n);
    case LIST_FORM_R: return sort_refs(h, list, n);
    default: return sort_words(h, list, n);
    }
}

/* ---- by keys ------------------------------------------------------------- */

/* Pairs of key and place, sorted; NULL where memory is exhausted.  They lie in
 * a or behind it. */
static struct pair *sort_places(struct heap *h, uint64_t keys, struct pair *a,
                                uint64_t n)
{
    enum pvm_kind kind = list_item_kind(h, keys);
    bool refs = kind == PVM_REF;
    struct merge m = {
        .h = h,
        .refs = refs ? store_item(h, list_store(h, keys), 0) : NULL,
        .strs = h->image->types[obj_type(h, keys)].item.type == PVM_T_STR};
    for (uint64_t i = 0; i < n; i++) {
        uint64_t w = list_item(h, keys, i);
        a[i] = (struct pair){!refs    ? key_of(kind, w)
                             : m.strs ? prefix_of(h, w)
                                      : 0,
                             i};
    }
    struct pair *sorted =
        refs ? merge_sort(&m, a, a + n, n) : sort_pairs(a, a + n, n);
    return m.failed ? NULL : sorted;
}

/* Writes words to a list; all is announced. */
static void write_items(struct heap *h, uint64_t list, const uint64_t *words,
                        uint64_t n)
{
    uint64_t s = list_store(h, list);
    bool bytes = list_form(h, list) == LIST_FORM_B;
    for (uint64_t i = 0; i < n; i++)
        if (bytes)
            *store_byte(h, s, i) = (uint8_t)words[i];
        else
            *store_item(h, s, i) = words[i];
}

static bool are_in_place(const struct pair *a, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++)
        if (a[i].item != i)
            return false;
    return true;
}

enum list_status list_sort_by(struct heap *h, uint64_t list, uint64_t keys)
{
    uint64_t n = list_len(h, list);
    if (!list || !keys)
        return LIST_NULL;
    if (n != list_len(h, keys))
        return LIST_INDEX;
    if (n < 2)
        return LIST_OK;
    size_t size = 2 * n * sizeof(struct pair);
    struct pair *a = mem_alloc(h->mem, size);
    if (!a)
        return LIST_MEMORY;
    struct pair *sorted = sort_places(h, keys, a, n);
    bool done = sorted && are_in_place(sorted, n);
    enum list_status st = sorted ? LIST_OK : LIST_MEMORY;
    if (!st && !done)
        st = list_before(h, list, 0, n);
    if (!st && !done)
        st = list_before(h, keys, 0, n);
    if (!st && !done) { /* the other half has room for both */
        uint64_t *items = (uint64_t *)(void *)(sorted == a ? a + n : a);
        for (uint64_t i = 0; i < n; i++) {
            items[i] = list_item(h, list, sorted[i].item);
            items[n + i] = list_item(h, keys, sorted[i].item);
        }
        write_items(h, list, items, n);
        write_items(h, keys, items + n, n);
    }
    mem_free(h->mem, a, size);
    return st;
}
