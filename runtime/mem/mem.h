/* mem.h - memory for the compiler and for the runtime's own tables.
 *
 *   context (struct mem)  one per compilation or vm; limit and statistics
 *     ├── blocks          mem_alloc/mem_grow/mem_free, sizes given back
 *     └── arenas          arena_alloc bumps through chunks; reset is O(1)
 *           chunk -> chunk -> chunk (kept by the context for the next arena)
 *
 * No other room calls malloc.  A context counts what it hands out.  When the
 * page source or the limit is exhausted, the context calls `exhausted` if its
 * owner gave one; that call must not return (a driver prints and exits, a
 * fuzz target ends the case).  Without it the allocation returns NULL.
 * All memory is aligned to 16 bytes; arena memory is zeroed.  Contexts are
 * not shared between threads. */
#ifndef PAL_MEM_MEM_H
#define PAL_MEM_MEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mem;
struct arena;

struct mem_profile {
    const char *name; /* shown in statistics */
    size_t chunk;     /* arena chunk in bytes */
    size_t limit;     /* bytes the context may hold; 0: no limit */
};

extern const struct mem_profile mem_compiler; /* 2 MB chunks */
extern const struct mem_profile mem_runtime;  /* 64 KB chunks */

struct mem_hooks {
    void (*exhausted)(void *arg, size_t wanted); /* does not return */
    void *arg;
};

struct mem_stats {
    uint64_t live, peak;      /* bytes handed out now, at most */
    uint64_t held, held_peak; /* bytes taken from the system */
    uint64_t allocs, frees;   /* calls */
};

/* Opens a context; hooks may be NULL.  NULL when the system has no memory. */
struct mem *mem_open(const struct mem_profile *p, const struct mem_hooks *h);
/* Gives everything back, arenas included. */
void mem_close(struct mem *m);
void mem_stats(const struct mem *m, struct mem_stats *out);
/* Makes the nth allocation from now fail as if memory were exhausted; 0 ends
 * it.  For tests. */
void mem_fail_at(struct mem *m, uint64_t nth);

/* A block of n bytes, not zeroed; n is given again on grow and free. */
void *mem_alloc(struct mem *m, size_t n);
/* Grows or shrinks p from `old` to `n` bytes; p may be NULL when old is 0.
 * On failure returns NULL and p stands. */
void *mem_grow(struct mem *m, void *p, size_t old, size_t n);
void mem_free(struct mem *m, void *p, size_t n);

struct arena *arena_open(struct mem *m);
void arena_close(struct arena *a);
/* Forgets all that was allocated; keeps the chunks for reuse. */
void arena_reset(struct arena *a);
void *arena_alloc(struct arena *a, size_t n);
/* A NUL-terminated copy of s[0..n). */
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_printf(struct arena *a, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The bytes handed out since open or reset. */
size_t arena_used(const struct arena *a);

#define ARENA_NEW(a, T)      ((T *)arena_alloc(a, sizeof(T)))
#define ARENA_ARRAY(a, T, n) ((T *)arena_alloc(a, sizeof(T) * (size_t)(n)))

#endif
