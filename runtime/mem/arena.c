/* arena.c - bump allocation.
 *
 *   first -> chunk -> chunk -> chunk -> NULL
 *                     ^now, `top` bytes of it used; those after it are
 *                      kept from before a reset and are empty
 *   big   -> chunk -> NULL        one allocation each, freed by a reset
 *
 * An allocation of a quarter chunk or more gets a chunk of its own, so at
 * most a quarter of a shared chunk is lost at its end.  Memory is zeroed when
 * it is handed out, which keeps a reset from touching any of it.  Under
 * AddressSanitizer all that is not handed out is poisoned, and a gap follows
 * each allocation. */
#include "runtime/mem/context.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "runtime/base/status.h"

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#endif

#ifdef ARENA_ASAN
#include <sanitizer/asan_interface.h>
enum { GAP = 16 };
#define POISON(at, n)   __asan_poison_memory_region(at, n)
#define UNPOISON(at, n) __asan_unpoison_memory_region(at, n)
#else
enum { GAP = 0 };
#define POISON(at, n)   ((void)(at), (void)(n))
#define UNPOISON(at, n) ((void)(at), (void)(n))
#endif

enum { ALIGN = 16 };
_Static_assert(sizeof(struct chunk) % ALIGN == 0, "payloads are aligned");

struct arena {
    struct mem *mem;
    struct chunk *first, *now, *big;
    size_t top; /* bytes of now in use, its header included */
    size_t used;
};

static char *body(struct chunk *c)
{
    return (char *)(c + 1);
}

static void poison(struct chunk *c)
{
    POISON(body(c), c->size - sizeof *c);
}

static void unpoison(struct chunk *c)
{
    UNPOISON(body(c), c->size - sizeof *c);
}

/* ---- chunks -------------------------------------------------------------- */

static struct chunk *chunk_take(struct mem *m, size_t size)
{
    struct chunk *c;

    if (size == m->profile.chunk && m->spare) {
        c = m->spare;
        m->spare = c->next;
    } else {
        c = mem_take_(m, size);
        if (!c)
            return NULL;
        c->size = size;
        poison(c);
    }
    c->next = NULL;
    return c;
}

/* Makes the next chunk the current one: a kept one, or a fresh one. */
static bool chunk_advance(struct arena *a)
{
    struct chunk *c = a->now ? a->now->next : a->first;

    if (!c) {
        c = chunk_take(a->mem, a->mem->profile.chunk);
        if (!c)
            return false;
        if (a->now)
            a->now->next = c;
        else
            a->first = c;
    }
    a->now = c;
    a->top = sizeof *c;
    return true;
}

static void *alloc_big(struct arena *a, size_t n)
{
    struct chunk *c;

    c = n <= SIZE_MAX / 8 ? chunk_take(a->mem, n + sizeof *c) : NULL;
    if (!c)
        return NULL;
    c->next = a->big;
    a->big = c;
    return body(c);
}

static void free_big(struct arena *a)
{
    while (a->big) {
        struct chunk *c = a->big;

        a->big = c->next;
        unpoison(c);
        mem_give_(a->mem, c, c->size);
    }
}

/* ---- arenas -------------------------------------------------------------- */

struct arena *arena_open(struct mem *m)
{
    struct arena *a = mem_alloc(m, sizeof *a);

    if (a)
        *a = (struct arena){.mem = m};
    return a;
}

void arena_reset(struct arena *a)
{
#ifdef ARENA_ASAN
    for (struct chunk *c = a->first; c; c = c->next)
        poison(c);
#endif
    free_big(a);
    a->mem->stats.live -= a->used;
    a->used = 0;
    a->now = NULL;
    a->top = 0;
}

void arena_close(struct arena *a)
{
    struct mem *m;
    struct chunk *c, *next;

    if (!a)
        return;
    m = a->mem;
    arena_reset(a);
    for (c = a->first; c; c = next) {
        next = c->next;
        c->next = m->spare;
        m->spare = c;
    }
    mem_free(m, a, sizeof *a);
}

void *arena_alloc(struct arena *a, size_t n)
{
    struct mem *m = a->mem;
    size_t size = (n + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    void *at;

    if (PAL_UNLIKELY(!mem_admit_(m) || size < n))
        return mem_refuse_(m, n);
    if (size >= m->profile.chunk / 4) {
        at = alloc_big(a, size);
        if (!at)
            return mem_refuse_(m, n);
    } else {
        if (!a->now || size + GAP > a->now->size - a->top) {
            if (!chunk_advance(a))
                return mem_refuse_(m, n);
        }
        at = (char *)a->now + a->top;
        a->top += size + GAP;
    }
    a->used += size;
    mem_count_(m, size);
    UNPOISON(at, n);
    return memset(at, 0, n);
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
    char *t = n < SIZE_MAX ? arena_alloc(a, n + 1) : NULL;

    if (t && n)
        memcpy(t, s, n);
    return t;
}

char *arena_printf(struct arena *a, const char *format, ...)
{
    va_list args;
    char *t = NULL;
    int n;

    va_start(args, format);
    n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (n < 0)
        return mem_refuse_(a->mem, 0);
    t = arena_alloc(a, (size_t)n + 1);
    if (!t)
        return NULL;
    va_start(args, format);
    vsnprintf(t, (size_t)n + 1, format, args);
    va_end(args);
    return t;
}

size_t arena_used(const struct arena *a)
{
    return a->used;
}
