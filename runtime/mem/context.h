/* context.h - what mem.c and arena.c know of a context; private to mem/.
 *
 *   system memory: struct piece | payload ...       one malloc each, all in
 *                                                    the context's ring
 *   a payload is a block, or a chunk of an arena
 *
 * The ring is what lets mem_close give everything back, whatever its owner
 * has lost track of.  `spare` holds chunks that closed arenas left; they
 * count as held but not as live, and are given up before an allocation is
 * refused. */
#ifndef PAL_MEM_CONTEXT_H
#define PAL_MEM_CONTEXT_H

#include "runtime/mem/mem.h"

struct piece { /* stands before every payload; 16 bytes, so that it aligns */
    struct piece *next, *prev;
};

struct chunk { /* stands at the start of a chunk's payload */
    struct chunk *next;
    size_t size; /* of the payload, this header included */
};

struct mem {
    struct mem_profile profile;
    struct mem_hooks hooks;
    struct mem_stats stats;
    uint64_t fail_in; /* allocations until an injected failure; 0: none */
    struct piece ring;
    struct chunk *spare; /* all of profile.chunk bytes */
};

/* Counts an allocation; false when this one was chosen to fail. */
bool mem_admit_(struct mem *m);
/* A payload of n bytes from the system, or NULL; the hook is not called. */
void *mem_take_(struct mem *m, size_t n);
void mem_give_(struct mem *m, void *payload, size_t n);
/* Reports that `wanted` bytes could not be had; returns NULL if at all. */
void *mem_refuse_(struct mem *m, size_t wanted);

static inline void mem_count_(struct mem *m, size_t n)
{
    m->stats.live += n;
    if (m->stats.live > m->stats.peak)
        m->stats.peak = m->stats.live;
}

#endif
