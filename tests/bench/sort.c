/* sort.c - what sorting lists costs, for run.py's part sort.
 *
 *   sort ITEMS COUNT
 *
 * ITEMS is int, small (0 to 999), float or str.  Prints the nanoseconds of
 * processor time that an item took: a list in random order; one that is sorted
 * already; one by its keys, a [int] beside it; and C's qsort of the same items
 * in an array, strings as pointers to what the list has.  Medians of
 * ROUNDS. */
#include "tests/unit/heap_kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "runtime/coll/sort.h"
#include "runtime/coll/str.h"

enum { ROUNDS = 5, LEAST = 300000 /* items of a measurement */ };
enum { SOURCE, LIST, KEYS }; /* registers */
enum { RANDOM, SORTED, BY, QSORT, PARTS };
enum items { INT, SMALL, FLOAT, STR };

struct text {
    const uint8_t *at;
    uint64_t n;
};

struct bench {
    struct rig g; /* first, as the rig wants it */
    enum items items;
    uint64_t n;
    uint64_t *array;
    struct text *texts;
    double ns[PARTS][ROUNDS];
};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void must(bool ok)
{
    if (!ok) {
        fprintf(stderr, "sort: the heap is full\n");
        exit(1);
    }
}

/* ---- items --------------------------------------------------------------- */

static uint64_t some_item(struct bench *b, uint64_t *seed)
{
    uint64_t w = rig_random(seed), o;
    double f = (double)(int64_t)w / 1e9;
    char text[40];
    switch (b->items) {
    case INT: return w;
    case SMALL: return w % 1000;
    case FLOAT: memcpy(&w, &f, 8); return w;
    default:
        sprintf(text, "%llu", (unsigned long long)w);
        o = str_new(&b->g.h, text, strlen(text));
        must(o);
        return o;
    }
}

static void make_source(struct bench *b)
{
    static const uint32_t types[] = {PVM_T_LIST_INT, PVM_T_LIST_INT,
                                     PVM_T_LIST_FLOAT, PVM_T_LIST_STR};
    struct heap *h = &b->g.h;
    uint64_t seed = 1, *list = rig_slot(&b->g, SOURCE);
    *list = list_new(h, types[b->items]);
    for (uint64_t i = 0; i < b->n; i++) {
        uint64_t *item = gc_hold(h, some_item(b, &seed));
        must(!list_push(h, list, item));
        gc_release(h, 1);
    }
    rig_collect(&b->g);
}

static void copy_source(struct bench *b)
{
    must(!list_slice(&b->g.h, rig_slot(&b->g, SOURCE), 0, (int64_t)b->n,
                     rig_slot(&b->g, LIST)));
}

/* ---- qsort --------------------------------------------------------------- */

static int by_int(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}
static int by_float(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}
static int by_text(const void *a, const void *b)
{
    const struct text *x = a, *y = b;
    int c = memcmp(x->at, y->at, x->n < y->n ? x->n : y->n);
    return c ? c : (x->n > y->n) - (x->n < y->n);
}

static void fill_array(struct bench *b)
{
    const struct heap *h = &b->g.h;
    for (uint64_t i = 0; i < b->n; i++) {
        uint64_t w = list_item(h, *rig_slot(&b->g, SOURCE), i);
        b->array[i] = w;
        if (b->items == STR)
            b->texts[i] = (struct text){str_bytes(h, w), str_len(h, w)};
    }
}

static void sort_array(struct bench *b)
{
    if (b->items == STR)
        qsort(b->texts, b->n, sizeof *b->texts, by_text);
    else
        qsort(b->array, b->n, sizeof *b->array,
              b->items == FLOAT ? by_float : by_int);
}

/* ---- measuring ----------------------------------------------------------- */

static void prepare(struct bench *b, int which)
{
    struct heap *h = &b->g.h;
    uint64_t *keys = rig_slot(&b->g, KEYS), seed = 2;
    if (which == QSORT)
        fill_array(b);
    else if (which != SORTED)
        copy_source(b);
    if (which != BY)
        return;
    *keys = list_new(h, PVM_T_LIST_INT);
    for (uint64_t i = 0; i < b->n; i++) {
        uint64_t w = rig_random(&seed);
        must(!list_push(h, keys, &w));
    }
}

static void part(struct bench *b, int which)
{
    struct heap *h = &b->g.h;
    uint64_t list = *rig_slot(&b->g, LIST);
    if (which == QSORT)
        sort_array(b);
    else if (which == BY)
        must(!list_sort_by(h, list, *rig_slot(&b->g, KEYS)));
    else
        must(!list_sort(h, list));
}

static void one_round(struct bench *b, int round)
{
    double ns[PARTS] = {0};
    uint64_t times = (LEAST + b->n - 1) / b->n;
    for (uint64_t k = 0; k < times; k++) {
        if (k % 64 == 0)
            rig_collect(&b->g);
        for (int i = 0; i < PARTS; i++) {
            prepare(b, i);
            double start = now();
            part(b, i);
            ns[i] += now() - start;
        }
    }
    for (int i = 0; i < PARTS; i++)
        b->ns[i][round] = ns[i] / (double)(b->n * times);
}

static int by_size(const void *a, const void *b)
{
    return by_float(a, b);
}

int main(int argc, char **argv)
{
    static const char *const names[] = {"int", "small", "float", "str"};
    static struct bench b;
    for (b.items = INT; argc == 3 && b.items <= STR; b.items++)
        if (!strcmp(argv[1], names[b.items]))
            break;
    if (argc != 3 || b.items > STR) {
        fprintf(stderr, "usage: sort int|small|float|str COUNT\n");
        return 2;
    }
    b.n = strtoull(argv[2], NULL, 10);
    rig_open(&b.g,
             (struct rig_wish){.nursery = 2 << 20, .heap = UINT64_C(2) << 30});
    b.g.h.check = b.g.h.check_barrier = false;
    b.array = malloc(b.n * sizeof *b.array);
    b.texts = malloc(b.n * sizeof *b.texts);
    must(b.array && b.texts);
    make_source(&b);
    for (int i = 0; i < ROUNDS; i++)
        one_round(&b, i);
    for (int i = 0; i < PARTS; i++) {
        qsort(b.ns[i], ROUNDS, sizeof b.ns[i][0], by_size);
        printf("%.1f ", b.ns[i][ROUNDS / 2]);
    }
    puts("");
    free(b.array);
    free(b.texts);
    return 0;
}
