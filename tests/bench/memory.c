/* memory.c - one loop over an allocator, for run.py's part memory.
 *
 *   memory CASE ours|malloc OPERATIONS
 *
 * Both do the same in the same loop, and write a word into every block.
 * Prints the nanoseconds of processor time that an operation took (an
 * allocation and its free count as one).
 *
 *   arena N    phases of N allocations of 16 to 128 bytes; a phase ends with
 *              one reset, or with a free each
 *   pair N     a block of N bytes, freed at once
 *   batch N    1000 blocks allocated, then freed in the same order
 *   random N   20000 blocks allocated, then freed in random order
 *   churn N    of 20000 blocks a random one is replaced, again and again
 *   reset      the microseconds that a reset of 100 MB takes */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/mem/mem.h"

enum { SIZES = 4096, BATCH = 1000, MANY = 20000 };

static struct mem *m;
static struct arena *arena;
static void *block[MANY];
static uint32_t order[MANY];
static uint32_t sizes[SIZES];

static uint64_t now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static uint32_t random_below(uint32_t n)
{
    static uint64_t x = 88172645463325252;

    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return (uint32_t)((x >> 32) * n >> 32);
}

static void *get(bool ours, size_t n)
{
    uint64_t *p = ours ? mem_alloc(m, n) : malloc(n);

    if (!p)
        exit(1);
    *p = n;
    return p;
}

static void put(bool ours, void *p, size_t n)
{
    if (ours)
        mem_free(m, p, n);
    else
        free(p);
}

/* ---- cases --------------------------------------------------------------- */

typedef void run(bool ours, size_t n, uint64_t times);

static inline void phases(bool ours, size_t n, uint64_t times)
{
    for (; times >= n; times -= n) {
        for (uint32_t i = 0; i < n; i++) {
            size_t size = sizes[i % SIZES];
            uint64_t *p = ours ? arena_alloc(arena, size) : malloc(size);

            if (!p)
                exit(1);
            *p = i;
            block[i] = p;
        }
        if (ours)
            arena_reset(arena);
        else
            for (uint32_t i = 0; i < n; i++)
                free(block[i]);
    }
}

static inline void pair(bool ours, size_t n, uint64_t times)
{
    while (times--)
        put(ours, get(ours, n), n);
}

static inline void batch(bool ours, size_t n, uint64_t times)
{
    for (; times >= BATCH; times -= BATCH) {
        for (uint32_t i = 0; i < BATCH; i++)
            block[i] = get(ours, n);
        for (uint32_t i = 0; i < BATCH; i++)
            put(ours, block[i], n);
    }
}

static inline void random_order(bool ours, size_t n, uint64_t times)
{
    for (; times >= MANY; times -= MANY) {
        for (uint32_t i = 0; i < MANY; i++)
            block[i] = get(ours, n);
        for (uint32_t i = 0; i < MANY; i++)
            put(ours, block[order[i]], n);
    }
}

static inline void churn(bool ours, size_t n, uint64_t times)
{
    for (uint32_t i = 0; i < MANY; i++)
        block[i] = get(ours, n);
    for (uint32_t i = 0; times--; i = i + 1 < MANY ? i + 1 : 0) {
        put(ours, block[order[i]], n);
        block[order[i]] = get(ours, n);
    }
}

/* The loop twice, so that neither asks which allocator it is for. */
#define BOTH(f)                                                                \
    static void f##_both(bool ours, size_t n, uint64_t times)                  \
    {                                                                          \
        if (ours)                                                              \
            f(true, n, times);                                                 \
        else                                                                   \
            f(false, n, times);                                                \
    }
BOTH(phases)
BOTH(pair)
BOTH(batch)
BOTH(random_order)
BOTH(churn)

static void reset(void)
{
    uint64_t start;

    for (int i = 0; i < 100 * 1024; i++)
        memset(arena_alloc(arena, 1024), 1, 1024);
    start = now();
    arena_reset(arena);
    printf("%.3f\n", (double)(now() - start) / 1000);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        run *f;
    } cases[] = {{"arena", phases_both},
                 {"pair", pair_both},
                 {"batch", batch_both},
                 {"random", random_order_both},
                 {"churn", churn_both}};
    bool ours = argc > 2 && !strcmp(argv[2], "ours");
    uint64_t times = argc > 3 ? strtoull(argv[3], NULL, 10) : 0;
    size_t n = argc > 4 ? strtoul(argv[4], NULL, 10) : 1;
    uint64_t start;

    m = mem_open(&mem_compiler, NULL);
    arena = arena_open(m);
    for (uint32_t i = 0; i < MANY; i++) {
        uint32_t j = random_below(i + 1);

        order[i] = order[j];
        order[j] = i;
    }
    for (uint32_t i = 0; i < SIZES; i++)
        sizes[i] = 16 + random_below(113);
    if (argc > 1 && !strcmp(argv[1], "reset")) {
        reset();
        return 0;
    }
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (argc < 4 || strcmp(argv[1], cases[i].name))
            continue;
        start = now();
        cases[i].f(ours, n, times);
        printf("%.3f\n", times ? (double)(now() - start) / (double)times : 0.0);
        return 0;
    }
    fprintf(stderr, "memory CASE ours|malloc OPERATIONS [BYTES]\n");
    return 2;
}
