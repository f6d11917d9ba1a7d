/* map.c - what maps cost, for run.py's part map.
 *
 *   map KEYS ENTRIES
 *
 * KEYS is int, shifted (multiples of 2^32) or str.  Prints the nanoseconds of
 * processor time that each of these took for one entry: putting it in, in
 * random order, into a map that grows; finding it; not finding one; taking it
 * out; taking the oldest out and putting one in; the next entry of a walk; and
 * the bytes that stores have for it when all are in.  Medians of ROUNDS. */
#include "tests/unit/heap_kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "runtime/coll/map.h"
#include "runtime/coll/str.h"

enum { ROUNDS = 5, LEAST = 300000 /* operations of a measurement */ };
enum { MAP, KEY, THERE, ABSENT }; /* registers */
enum { PUT, HIT, MISS, WALK, QUEUE, TAKE, PARTS };

struct bench {
    struct rig g; /* first, as the rig wants it */
    uint64_t n, seed;
    bool text;
    unsigned shift;
    uint64_t bytes;
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
        fprintf(stderr, "map: the heap is full\n");
        exit(1);
    }
}

/* ---- keys ---------------------------------------------------------------- */

static uint64_t make_key(struct bench *b, uint64_t k)
{
    char text[40];
    if (!b->text)
        return k << b->shift;
    int n = snprintf(text, sizeof text, "the key %llu", (unsigned long long)k);
    uint64_t o = str_new(&b->g.h, text, (uint64_t)n);
    must(o);
    return o;
}

/* A list of the keys from..from + n in random order. */
static void make_keys(struct bench *b, unsigned reg, uint64_t from)
{
    struct heap *h = &b->g.h;
    uint64_t *list = rig_slot(&b->g, reg), *key = rig_slot(&b->g, KEY), word;
    uint32_t *order = malloc(b->n * sizeof *order);
    must(order);
    *list = list_new(h, b->text ? PVM_T_LIST_STR : PVM_T_LIST_INT);
    for (uint32_t i = 0; i < b->n; i++) {
        uint32_t j = (uint32_t)(rig_random(&b->seed) % (i + 1));
        order[i] = order[j];
        order[j] = i;
    }
    for (uint64_t i = 0; i < b->n; i++) {
        uint64_t *slot = b->text ? key : &word;
        *slot = make_key(b, from + order[i]);
        must(!list_push(h, list, slot));
    }
    free(order);
}

static uint64_t key_at(struct bench *b, unsigned reg, uint64_t i)
{
    return list_item(&b->g.h, *rig_slot(&b->g, reg), i);
}

/* ---- the parts ----------------------------------------------------------- */

static void new_map(struct bench *b)
{
    *rig_slot(&b->g, MAP) = map_new(&b->g.h, b->text ? T_STR_INT : T_INT_INT);
}

static void put(struct bench *b, unsigned reg, uint64_t i)
{
    uint64_t word = key_at(b, reg, i), *slot = &word;
    if (b->text)
        *(slot = rig_slot(&b->g, KEY)) = word;
    must(!map_put(&b->g.h, rig_slot(&b->g, MAP), slot, &i));
}

static void put_all(struct bench *b)
{
    for (uint64_t i = 0; i < b->n; i++)
        put(b, THERE, i);
}

static void get_all(struct bench *b, unsigned reg, bool found)
{
    uint64_t value;
    for (uint64_t i = 0; i < b->n; i++)
        must(found == !map_get(&b->g.h, *rig_slot(&b->g, MAP),
                               key_at(b, reg, i), &value));
}

static void walk(struct bench *b)
{
    const struct heap *h = &b->g.h;
    uint64_t map = *rig_slot(&b->g, MAP), sum = 0, at = 0, n = 0;
    for (; (at = entries_next(h, map, at)) != ENTRIES_NONE; at++, n++)
        sum += entries_key(h, map, at) + entries_value(h, map, at);
    must(n == b->n && sum);
}

static void take_all(struct bench *b, unsigned reg)
{
    uint64_t value;
    for (uint64_t i = 0; i < b->n; i++)
        must(!map_remove(&b->g.h, *rig_slot(&b->g, MAP), key_at(b, reg, i),
                         &value));
}

/* Each key that is there goes, the oldest first, and one that was not comes. */
static void queue(struct bench *b)
{
    uint64_t value;
    for (uint64_t i = 0; i < b->n; i++) {
        uint64_t map = *rig_slot(&b->g, MAP);
        uint64_t key = entries_key(&b->g.h, map, entries_next(&b->g.h, map, 0));
        must(!map_remove(&b->g.h, map, key, &value));
        put(b, ABSENT, i);
    }
}

static uint64_t room(struct bench *b)
{
    const struct heap *h = &b->g.h;
    uint64_t map = *rig_slot(&b->g, MAP), bytes = obj_bytes(MAP_WORDS);
    for (uint64_t w = MAP_KEYS; w <= MAP_INDEX; w++)
        if (*obj_word(h, map, w))
            bytes += obj_bytes(obj_words(h, *obj_word(h, map, w)));
    return bytes;
}

static void part(struct bench *b, int which)
{
    switch (which) {
    case PUT: put_all(b); break;
    case HIT: get_all(b, THERE, true); break;
    case MISS: get_all(b, ABSENT, false); break;
    case WALK: walk(b); break;
    case QUEUE: queue(b); break;
    default: take_all(b, ABSENT);
    }
}

/* One map after another, until enough was done. */
static void one_round(struct bench *b, int round)
{
    double ns[PARTS] = {0};
    uint64_t times = (LEAST + b->n - 1) / b->n;
    for (uint64_t k = 0; k < times; k++) {
        if (k % 64 == 0)
            rig_collect(&b->g);
        new_map(b);
        for (int i = 0; i < PARTS; i++) {
            double start = now();
            part(b, i);
            ns[i] += now() - start;
            if (i == PUT)
                b->bytes = room(b);
        }
    }
    for (int i = 0; i < PARTS; i++)
        b->ns[i][round] = ns[i] / (double)(b->n * times);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    static struct bench b;
    if (argc != 3) {
        fprintf(stderr, "usage: map int|shifted|str ENTRIES\n");
        return 2;
    }
    b.n = strtoull(argv[2], NULL, 10);
    b.text = argv[1][0] == 's' && argv[1][1] == 't';
    b.shift = argv[1][0] == 's' && !b.text ? 32 : 0;
    rig_open(&b.g,
             (struct rig_wish){.nursery = 2 << 20, .heap = UINT64_C(2) << 30});
    b.g.h.check = b.g.h.check_barrier = false;
    make_keys(&b, THERE, 0);
    make_keys(&b, ABSENT, b.n);
    for (int i = 0; i < ROUNDS; i++)
        one_round(&b, i);
    for (int i = 0; i < PARTS; i++) {
        qsort(b.ns[i], ROUNDS, sizeof b.ns[i][0], by_size);
        printf("%.1f ", b.ns[i][ROUNDS / 2]);
    }
    printf("%.1f\n", (double)b.bytes / (double)b.n);
    return 0;
}
