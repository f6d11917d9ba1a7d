/* where.c - profiles, and the rule of where a request goes. */
#include "runtime/mem/context.h"

/* VARIANT=malloc: every allocation is a malloc, for measuring. */
#ifdef MEM_PLAIN
#define CHUNK(n) 0
#define POOLS    0
#else
#define CHUNK(n) (n)
#define POOLS    MEM_POOLS_ALL
#endif

const struct mem_profile mem_compiler = {
    .name = "compiler", .chunk = CHUNK((size_t)2 << 20), .pools = POOLS};
const struct mem_profile mem_runtime = {.name = "runtime",
                                        .chunk = CHUNK((size_t)64 << 10),
                                        .pools = POOLS,
                                        .nursery = (size_t)2 << 20,
                                        .growth = 200,
                                        .slice = (size_t)256 << 10};

/* From here on a table of an arena is by itself: it was copied a few times
 * and is likely to grow again.  Bumped it would leave every copy behind; by
 * itself it is grown by realloc. */
#define TABLE_LEAST ((size_t)32 << 10)

static enum mem_place alone(const struct mem_profile *p, size_t n)
{
    for (int c = 0; c < MEM_CLASSES; c++)
        if ((p->pools >> c & 1) && n <= (size_t)POOL_LEAST << c)
            return (enum mem_place)c;
    return MEM_IN_SYSTEM;
}

enum mem_place mem_where(const struct mem_profile *p, size_t n,
                         enum mem_type type, enum mem_life life)
{
    if (life == MEM_TRACED)
        return n > mem_young_most(p->nursery ? p->nursery : mem_runtime.nursery)
                   ? MEM_IN_PAGES
                   : MEM_IN_NURSERY;
    if (life == MEM_ALONE || type == MEM_NAME)
        return alone(p, n);
    if (n >= p->chunk / 4 || (type == MEM_TABLE && n >= TABLE_LEAST))
        return MEM_IN_SYSTEM;
    return MEM_IN_CHUNK;
}
