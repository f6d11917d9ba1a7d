/* vec.c - growth of the arrays of vec.h. */
#include "runtime/mem/vec.h"

#include <string.h>

/* A capacity stays below UINT32_MAX, so that n + 1 never wraps. */
#define CAP_MOST (UINT32_MAX - 1)

/* The capacity to grow to: at least need, at least half as much again. */
static uint32_t next_cap(uint32_t cap, uint32_t need)
{
    uint64_t want = (uint64_t)cap + cap / 2 + 4;

    if (want < need)
        want = need;
    return want < CAP_MOST ? (uint32_t)want : CAP_MOST;
}

/* Elements' bytes, or SIZE_MAX, which every allocator refuses. */
static size_t byte_size(uint32_t cap, uint32_t need, size_t size)
{
    if (need > CAP_MOST || cap > SIZE_MAX / size)
        return SIZE_MAX;
    return cap * size;
}

/* `at` is the address of a pointer of some other type: it is copied as
 * bytes, which no aliasing rule forbids. */
static void *pointer_get(void **at)
{
    void *p;

    memcpy(&p, (const void *)at, sizeof p);
    return p;
}

static void pointer_set(void **at, void *p)
{
    memcpy((void *)at, &p, sizeof p);
}

bool vec_grow_mem_(struct mem *m, void **at, uint32_t *cap, uint32_t need,
                   size_t size)
{
    uint32_t more = next_cap(*cap, need);
    void *p =
        mem_grow(m, pointer_get(at), *cap * size, byte_size(more, need, size));

    if (!p)
        return false;
    pointer_set(at, p);
    *cap = more;
    return true;
}

bool vec_grow_arena_(struct arena *a, void **at, uint32_t *cap, uint32_t need,
                     size_t size)
{
    uint32_t more = next_cap(*cap, need);
    void *p = arena_grow(a, pointer_get(at), *cap * size,
                         byte_size(more, need, size));

    if (!p)
        return false;
    pointer_set(at, p);
    *cap = more;
    return true;
}
