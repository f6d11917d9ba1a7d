/* mem.h - memory for the compiler and for the runtime's own tables.
 *
 *   context (struct mem)  one per compilation or vm; limit and statistics
 *     ├── blocks          mem_alloc/mem_grow/mem_free, sizes given back
 *     │     ├── pools     up to 256 bytes: cells of 32, 64, 128, 256 in slabs
 *     │     └── system    larger: one malloc each
 *     └── arenas          arena_alloc bumps through chunks; reset is O(1)
 *           chunk -> chunk -> chunk (kept by the context for the next arena)
 *
 * No other room calls malloc.  A context counts what it hands out.  When the
 * page source or the limit is exhausted, the context calls `exhausted` if its
 * owner gave one; that call must not return (a driver prints and exits, a
 * fuzz target ends the case).  Without it the allocation returns NULL.
 * All memory is aligned to 16 bytes; arena memory is zeroed.  Contexts are
 * not shared between threads.
 *
 * PAL_MEM_DEBUG=1 in the environment, or `debug` in the profile: all that is
 * not handed out is filled with a pattern, guard words stand behind every
 * block, and what is found broken is told to the hook `broken`. */
#ifndef PAL_MEM_MEM_H
#define PAL_MEM_MEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mem;
struct arena;

enum {
    MEM_POOL_32 = 1,
    MEM_POOL_64 = 2,
    MEM_POOL_128 = 4,
    MEM_POOL_256 = 8,
    MEM_POOLS_ALL = 15,
    MEM_CLASSES = 4 /* how many classes of cells there are */
};

struct mem_profile {
    const char *name; /* shown in statistics */
    size_t chunk;     /* arena chunk in bytes; under 1 KB: none */
    size_t limit;     /* bytes the context may hold; 0: no limit */
    unsigned pools;   /* the classes in use, MEM_POOL_ bits */
    bool debug;       /* as PAL_MEM_DEBUG=1 */
    /* of a vm's objects, where its options leave it open; 0: as mem_runtime */
    size_t nursery;  /* bytes */
    unsigned growth; /* percent of what lives that a cycle may take in */
    size_t slice;    /* bytes marked at a time, at least */
};

/* 2 MB chunks, all pools; no objects. */
extern const struct mem_profile mem_compiler;
/* 64 KB chunks, all pools; a nursery of 2 MB, growth to 200 %, slices of
 * 256 KB. */
extern const struct mem_profile mem_runtime;

/* ---- where a request goes ------------------------------------------------ */

enum mem_type {
    MEM_NAME, /* interned identifiers: small, and outlive every phase */
    MEM_NODE, /* what has its size from the start: nodes, IR, text */
    MEM_TABLE /* arrays that grow: vectors, hash tables, byte builders */
};
enum mem_life {
    MEM_ALONE, /* freed one by one */
    MEM_PHASE, /* dies with its arena */
    MEM_TRACED /* an object on the tape: while something refers to it */
};
enum mem_place {
    MEM_IN_32, /* a cell of a pool; the order is that of the classes */
    MEM_IN_64,
    MEM_IN_128,
    MEM_IN_256,
    MEM_IN_CHUNK,   /* bumped in a chunk of the arena */
    MEM_IN_SYSTEM,  /* a malloc of its own, owned by the context or arena */
    MEM_IN_NURSERY, /* promoted when it survives: to a cell, or to pages */
    MEM_IN_PAGES    /* born old, in pages of its own */
};

#define MEM_CELL_MOST 8192u /* bytes; an old object above has its own pages */

/* Bytes of the largest object that is born in such a nursery. */
static inline size_t mem_young_most(size_t nursery)
{
    return nursery / 8 > MEM_CELL_MOST ? nursery / 8 : MEM_CELL_MOST;
}

/* The one rule of where n bytes go:
 *   names and what is freed alone   the smallest class in use that fits, else
 *                                   the system
 *   what dies with an arena         a chunk, unless n is a quarter chunk or
 *                                   more; a table from 32 KB on is by itself,
 *                                   so that growing does not leave copies
 *   objects                         the nursery, or pages of their own where
 *                                   they are over an eighth of it
 * mem_open, arena_open and gc_open make their limits from it; no allocation
 * asks it. */
enum mem_place mem_where(const struct mem_profile *p, size_t n,
                         enum mem_type type, enum mem_life life);

/* ---- contexts ------------------------------------------------------------ */

struct mem_hooks {
    void (*exhausted)(void *arg, size_t wanted); /* does not return */
    /* A rule of the allocator is found broken.  May return: the block in
     * question is then left as it is. */
    void (*broken)(void *arg, const char *what);
    void *arg;
};

struct mem_class_stats {
    uint32_t cell; /* bytes */
    uint64_t used; /* cells handed out now */
    uint64_t held; /* bytes of the slabs they are in */
};

struct mem_stats {
    uint64_t live, peak;      /* bytes handed out now, at most */
    uint64_t total, freed;    /* bytes handed out since the start, and back */
    uint64_t held, held_peak; /* bytes taken from the system */
    uint64_t allocs, frees;   /* calls */
    struct mem_class_stats pool[MEM_CLASSES];
};

/* Opens a context; hooks may be NULL.  NULL when the system has no memory. */
struct mem *mem_open(const struct mem_profile *p, const struct mem_hooks *h);
/* Gives everything back, arenas included. */
void mem_close(struct mem *m);
void mem_stats(const struct mem *m, struct mem_stats *out);
/* What it was opened with. */
const struct mem_profile *mem_profile_of(const struct mem *m);
/* Whether it checks what it can, by its profile or by PAL_MEM_DEBUG. */
bool mem_is_debug(const struct mem *m);
/* Gives back what the context keeps for later: chunks that closed arenas
 * left, empty slabs. */
void mem_trim(struct mem *m);
/* Makes the nth allocation from now fail as if memory were exhausted; 0 ends
 * it.  For tests. */
void mem_fail_at(struct mem *m, uint64_t nth);
/* Whether all that pools, arenas and guards promise is so: NULL, or a
 * sentence about the first rule found broken.  Takes time in proportion to
 * the slabs and chunks; under debug, to all memory held. */
const char *mem_check(struct mem *m);

/* ---- blocks -------------------------------------------------------------- */

/* A block of n bytes, not zeroed; n is given again on grow and free. */
void *mem_alloc(struct mem *m, size_t n);
/* Grows or shrinks p from `old` to `n` bytes; p may be NULL when old is 0.
 * On failure returns NULL and p stands. */
void *mem_grow(struct mem *m, void *p, size_t old, size_t n);
void mem_free(struct mem *m, void *p, size_t n);

/* ---- arenas -------------------------------------------------------------- */

struct arena *arena_open(struct mem *m);
void arena_close(struct arena *a);
/* Forgets all that was allocated, in constant time; keeps the chunks for
 * reuse.  What had a malloc of its own goes back with later allocations. */
void arena_reset(struct arena *a);

/* The front of a struct arena: [next, clean) is zero and handed out next. */
struct arena_top {
    char *next, *clean;
    struct mem_stats *stats;
};
/* arena_alloc where that does not suffice. */
void *arena_more_(struct arena *a, size_t n);

/* n zeroed bytes, or NULL.  clean - next is a multiple of 16, so that where n
 * bytes fit, the padding fits too. */
static inline void *arena_alloc(struct arena *a, size_t n)
{
    struct arena_top *t = (struct arena_top *)(void *)a;
    char *at = t->next;
    size_t size = (n + 15) & ~(size_t)15;

    if (__builtin_expect(n - 1 >= (size_t)(t->clean - at), 0))
        return arena_more_(a, n);
    t->next = at + size;
    t->stats->allocs++;
    t->stats->total += size;
    return at;
}

/* A table of n bytes: at, of `old` bytes, grown; or NULL and 0.  A table
 * stays with this function from its first byte.  On failure returns NULL and
 * `at` stands. */
void *arena_grow(struct arena *a, void *at, size_t old, size_t n);
/* A NUL-terminated copy of s[0..n). */
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_printf(struct arena *a, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The bytes handed out since open or reset. */
size_t arena_used(const struct arena *a);

#define ARENA_NEW(a, T)      ((T *)arena_alloc(a, sizeof(T)))
#define ARENA_ARRAY(a, T, n) ((T *)arena_alloc(a, sizeof(T) * (size_t)(n)))

#endif
