/* context.h - what the files of mem/ know of a context; private to them.
 *
 *   system memory: struct piece | payload ...      one malloc each, in a ring:
 *     blocks    those of mem_alloc that no pool takes
 *     chunks    chunks of arenas, in use or spare
 *     doomed    what resets let go of, given back two at each next request
 *     late      freed blocks that debugging keeps for a while
 *     and one ring in each arena: its allocations that have a malloc alone
 *   slabs: 32 KB at addresses that are multiples of 32 KB, without a piece
 *
 * The rings and the lists of slabs are what lets mem_close give everything
 * back, whatever its owner has lost track of.  Spare chunks and slabs count as
 * held but not as live, and are given up before an allocation is refused. */
#ifndef PAL_MEM_CONTEXT_H
#define PAL_MEM_CONTEXT_H

#include "runtime/base/status.h"
#include "runtime/mem/mem.h"

#if defined(__SANITIZE_ADDRESS__)
#define MEM_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MEM_ASAN 1
#endif
#endif

#ifdef MEM_ASAN
#include <sanitizer/asan_interface.h>
#define POISON(at, n)   __asan_poison_memory_region(at, n)
#define UNPOISON(at, n) __asan_unpoison_memory_region(at, n)
/* A function of the allocator that reads what is closed to all others. */
#define HIDDEN __attribute__((no_sanitize_address))
#else
#define MEM_ASAN        0
#define POISON(at, n)   ((void)(at), (void)(n))
#define UNPOISON(at, n) ((void)(at), (void)(n))
#define HIDDEN
#endif

enum { MEM_ALIGN = 16 };

struct piece { /* stands before every payload; 16 bytes, so that it aligns */
    struct piece *next, *prev;
};

struct chunk { /* stands at the start of a chunk's payload */
    struct chunk *next;
    size_t size; /* of the payload, this header included */
};
_Static_assert(sizeof(struct chunk) % MEM_ALIGN == 0, "payloads are aligned");

/* ---- pools --------------------------------------------------------------- */

enum {
    POOL_LEAST = 32,                             /* the smallest cell */
    POOL_MOST = POOL_LEAST << (MEM_CLASSES - 1), /* the largest */
    POOL_STEPS = POOL_MOST / POOL_LEAST,
    SLAB_LOG = 15,
    SLAB_SPAN = 1 << SLAB_LOG,  /* slabs lie at multiples of this */
    SLAB_SIZE = SLAB_SPAN - 64, /* and leave malloc its header */
    SLAB_WORDS = SLAB_SPAN / POOL_LEAST / 64,
    SLAB_HEADER = 64 + 8 * SLAB_WORDS /* fits the last of 128 places */
};

struct slab {                   /* its place in the slab: slab_of_ */
    struct slab *next, *prev;   /* of the slabs with room, or the spare */
    struct slab *older, *newer; /* of all slabs of the pool */
    struct pool *pool;          /* NULL: spare */
    uint32_t filled;            /* bit w: free[w] is not 0 */
    uint16_t used, cells;       /* cells not free; all that can be used */
    uint64_t unused_[2];
    uint64_t free[SLAB_WORDS]; /* bit set: the cell is free */
};
_Static_assert(sizeof(struct slab) == SLAB_HEADER, "a header is three lines");

struct pool {
    uint64_t word;  /* free cells set aside: they count as used above */
    char *base;     /* the cell of bit 0 of the word; NULL: none set aside */
    size_t span;    /* bytes of 64 cells */
    uint32_t shift; /* log2 of the cell */
    uint32_t nslabs;
    struct slab *now;  /* whose word is set aside; on no list of room */
    struct slab *room; /* other slabs with free cells */
    struct slab *all;
    uint64_t unused_; /* 64 bytes: an index is a shift */
};

_Static_assert(sizeof(struct pool) == 64, "a pool is a line");

/* ---- arenas -------------------------------------------------------------- */

struct arena_guard { /* under debug behind every allocation */
    struct arena_guard *prev;
    uint64_t tag;
};

struct arena {
    struct arena_top at; /* what arena_alloc's fast path sees */
    struct mem *mem;
    struct chunk *first, *now, *last;
    char *end;  /* of now */
    char *mark; /* from here to top is not counted in used yet */
    size_t used;
    struct piece big; /* allocations that have a malloc alone */
    struct arena_guard *guards;
    struct arena *next, *prev; /* the open arenas of the context */
};

/* ---- contexts ------------------------------------------------------------ */

struct mem {
    struct mem_stats stats; /* without pool[], which mem_stats makes */
    size_t fast;   /* smaller blocks take the fast path: pooled + 1, or 0 */
    size_t pooled; /* blocks up to this are in pools; 0: none are */
    uint8_t step[POOL_STEPS + 1]; /* (n + 31) / 32 -> the pool of n bytes */
    bool debug;
    uint64_t fail_in; /* allocations until an injected failure; 0: none */
    struct pool pool[MEM_CLASSES];

    struct mem_profile profile;
    struct mem_hooks hooks;
    size_t own_node, own_table; /* sizes from which an arena asks the system */
    struct piece blocks, chunks, doomed, late;
    struct chunk *spare; /* all of profile.chunk bytes */
    struct slab *spare_slabs;
    uint32_t nspare, nslabs; /* spare slabs; slabs in pools */
    struct arena *arenas;
    size_t nlate; /* bytes in late */
    bool broken;  /* the first finding stands in why */
    char why[112];
};

/* ---- mem.c --------------------------------------------------------------- */

/* Counts an allocation; false when this one was chosen to fail. */
bool mem_admit_(struct mem *m);
/* A payload of n bytes from the system, in a ring; or NULL; the hook is not
 * called. */
void *mem_take_(struct mem *m, struct piece *ring, size_t n);
/* The payload grown or shrunk, in the same ring; NULL: it stands. */
void *mem_regrow_(struct mem *m, void *payload, size_t old, size_t n);
void mem_give_(struct mem *m, void *payload, size_t n);
static inline void ring_enter_(struct piece *ring, struct piece *p)
{
    p->next = ring->next;
    p->prev = ring;
    p->next->prev = p;
    ring->next = p;
}

static inline void ring_leave_(struct piece *p)
{
    p->next->prev = p->prev;
    p->prev->next = p->next;
}

/* Moves what one ring holds to another. */
void ring_move_(struct piece *from, struct piece *to);
/* The memory of a slab. */
char *mem_take_slab_(struct mem *m);
void mem_give_slab_(struct mem *m, char *base);
/* Reports that `wanted` bytes could not be had; returns NULL if at all. */
void *mem_refuse_(struct mem *m, size_t wanted);
/* Gives two of the doomed back. */
void mem_bury_(struct mem *m);
/* A block as the place for its size has it, without a guard; or NULL. */
void *mem_raw_(struct mem *m, size_t n);
void mem_raw_free_(struct mem *m, void *at, size_t n);
/* Keeps the finding, if it is the first, and tells the hook. */
void mem_broken_(struct mem *m, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Bytes handed out now; `live` of the statistics is filled when they are
 * read. */
static inline uint64_t mem_live_(const struct mem *m)
{
    return m->stats.total - m->stats.freed;
}

/* Notes the peak; called before live falls, and before it is told. */
static inline void mem_notice_(struct mem *m)
{
    if (mem_live_(m) > m->stats.peak)
        m->stats.peak = mem_live_(m);
}

/* Whether fast paths must leave every allocation to the slow ones. */
static inline bool mem_strict_(const struct mem *m)
{
    return m->fail_in || m->debug;
}

/* ---- pool.c, check.c
 * -------------------------------------------------------------- */

static inline struct pool *pool_of_(struct mem *m, size_t n)
{
    return &m->pool[m->step[(n + POOL_LEAST - 1) / POOL_LEAST]];
}

static inline char *slab_base_(const void *at)
{
    return (char *)((uintptr_t)at & ~(uintptr_t)(SLAB_SPAN - 1));
}

/* The header of the slab around a cell.  It lies in one of 128 places, chosen
 * by the slab's address, so that headers do not share a few sets of the
 * caches; the cells beneath it are never free. */
static inline struct slab *slab_of_(const void *at)
{
    char *base = slab_base_(at);

    return (struct slab *)(base + (((uintptr_t)base >> SLAB_LOG & 127) << 8));
}

/* Sets another word with free cells aside; false without memory. */
bool pool_refill_(struct mem *m, struct pool *p);
/* A cell, or NULL. */
void *pool_take_(struct mem *m, struct pool *p);
/* Frees a cell that is not of the word set aside. */
void pool_return_(struct mem *m, struct pool *p, void *at);

static inline void pool_give_(struct mem *m, struct pool *p, void *at)
{
    uintptr_t off = (uintptr_t)at - (uintptr_t)p->base;

    POISON(at, (size_t)1 << p->shift);
    if (PAL_LIKELY(off < p->span))
        p->word |= (uint64_t)1 << (off >> p->shift);
    else
        pool_return_(m, p, at);
}

/* The cells in use. */
uint64_t pool_used_(const struct pool *p);
/* Puts what is set aside back into its slab. */
void pool_flush_(struct mem *m);
/* Gives up the spare slabs and those that are empty but current. */
void pool_trim_(struct mem *m);
/* Gives all slabs back. */
void pool_close_(struct mem *m);
/* The bits of word w of a slab whose cells can be used. */
uint64_t slab_usable_(const struct slab *s, uint32_t shift, size_t w);
/* NULL or what is wrong with one slab, with all of a pool. */
const char *slab_check_(const struct mem *m, const struct slab *s);
const char *pool_check_(const struct mem *m, const struct pool *p);

/* ---- arena.c, guard.c ---------------------------------------------------- */

static inline char *chunk_body_(const struct chunk *c)
{
    return (char *)(uintptr_t)(c + 1);
}

/* NULL or what is wrong with the arena and its chunks. */
const char *arena_check_(const struct arena *a);

/* The pattern of memory that is not handed out: set, looked for. */
void guard_fill_(void *at, size_t n);
bool guard_filled_(const void *at, size_t n);
/* A block of n bytes between guards, or NULL. */
void *guard_alloc_(struct mem *m, size_t n);
/* Whether the block is one of n bytes, its guards unhurt; else it is told. */
bool guard_intact_(struct mem *m, void *at, size_t n);
/* Frees a block that is intact; false when it is not. */
bool guard_free_(struct mem *m, void *at, size_t n);
/* Gives back the freed blocks that are kept, until n bytes are left. */
void guard_drop_(struct mem *m, size_t n);
/* Puts a guard at the end of an allocation of an arena. */
void guard_arena_(struct arena *a, char *end);
/* NULL or what is wrong with guards and patterns of an arena, of the blocks;
 * the bytes of the live blocks are added to *live. */
const char *guard_check_arena_(const struct arena *a);
const char *guard_check_(const struct mem *m, uint64_t *live);

#endif
