/* guard.c - what PAL_MEM_DEBUG=1 adds to blocks and arenas.
 *
 *   block:   | head | n bytes | guard: 16 to 31 bytes |    in mem_raw_'s memory
 *   arena:   | size bytes | guard | size bytes | guard | pattern …
 *                    guards <────────────── each points to the one before
 *
 * The head knows the size and whether the block is live, so a second free and
 * a wrong size are found.  Freed memory is a pattern until it is handed out
 * again, and larger blocks are kept for a while before they go back to the
 * system; a pattern that changed was written to after the free.  Fresh memory
 * is another pattern, so that nobody counts on its being zero. */
#include "runtime/mem/context.h"

#include <string.h>

enum {
    DEAD = 0xdd, /* not handed out */
    NEW = 0xcd,  /* handed out, not written yet */
    WALL = 0xfb, /* a block's guard */
    LATE_MOST = 1 << 20
};
#define LIVE_TAG  UINT64_C(0x11fe0b10c5a11fe5)
#define FREED_TAG UINT64_C(0xdeadb10cdeadb10c)
#define ARENA_TAG UINT64_C(0xa4e9a60a4d600d00)

struct head {
    uint64_t size, tag;
};
_Static_assert(sizeof(struct head) == MEM_ALIGN, "blocks are aligned");

/* ---- patterns ------------------------------------------------------------ */

/* Volatile: loops, not calls that a sanitizer looks into.  Whole words where
 * they can be, for patterns are as large as chunks. */
HIDDEN static void set(void *at, int byte, size_t n)
{
    volatile unsigned char *p = at;
    uint64_t all = UINT64_C(0x0101010101010101) * (unsigned)byte;

    for (; n && (uintptr_t)p % 8; n--)
        *p++ = (unsigned char)byte;
    for (; n >= 8; n -= 8, p += 8)
        *(volatile uint64_t *)p = all;
    while (n--)
        *p++ = (unsigned char)byte;
}

HIDDEN static bool is_all(const void *at, int byte, size_t n)
{
    const volatile unsigned char *p = at;
    uint64_t all = UINT64_C(0x0101010101010101) * (unsigned)byte;

    for (; n && (uintptr_t)p % 8; n--)
        if (*p++ != byte)
            return false;
    for (; n >= 8; n -= 8, p += 8)
        if (*(const volatile uint64_t *)p != all)
            return false;
    while (n--)
        if (*p++ != byte)
            return false;
    return true;
}

void guard_fill_(void *at, size_t n)
{
    set(at, DEAD, n);
}

bool guard_filled_(const void *at, size_t n)
{
    return is_all(at, DEAD, n);
}

/* ---- blocks -------------------------------------------------------------- */

static size_t with_guards(size_t n)
{
    return sizeof(struct head) +
           ((n + MEM_ALIGN - 1) & ~(size_t)(MEM_ALIGN - 1)) + MEM_ALIGN;
}

static uint64_t live_tag(const struct head *h, size_t n)
{
    return LIVE_TAG ^ (uintptr_t)h ^ (uint64_t)n << 20;
}

static uint64_t freed_tag(const struct head *h)
{
    return FREED_TAG ^ (uintptr_t)h;
}

/* NULL, or what is wrong with a block that should be live. */
HIDDEN static const char *block_check(const struct head *h)
{
    size_t n = h->size;

    if (h->tag == freed_tag(h))
        return "a block was freed twice";
    if (h->tag != live_tag(h, n))
        return "a block's head was overwritten, or it is none of ours";
    if (!is_all((const char *)(h + 1) + n, WALL,
                with_guards(n) - sizeof *h - n))
        return "the bytes behind a block were overwritten";
    return NULL;
}

/* The same of a place of n bytes, guards included, that should be free. */
HIDDEN static const char *free_check(const struct head *h, size_t n)
{
    if ((h->tag == freed_tag(h) || is_all(h, DEAD, sizeof *h)) &&
        is_all(h + 1, DEAD, n - sizeof *h))
        return NULL;
    return "a block was written to after it was freed";
}

HIDDEN void *guard_alloc_(struct mem *m, size_t n)
{
    size_t all = with_guards(n);
    struct head *h = mem_raw_(m, all);
    const char *why = NULL;

    if (!h)
        return NULL;
    if (all <= m->pooled) {
        why = free_check(h, (size_t)1 << pool_of_(m, all)->shift);
        if (why)
            mem_broken_(m, "%s", why);
    }
    h->size = n;
    h->tag = live_tag(h, n);
    set(h + 1, NEW, n);
    set((char *)(h + 1) + n, WALL, all - sizeof *h - n);
    POISON(h, all);
    UNPOISON(h + 1, n);
    return h + 1;
}

HIDDEN bool guard_intact_(struct mem *m, void *at, size_t n)
{
    const struct head *h = (const struct head *)at - 1;
    const char *why = block_check(h);

    if (why)
        mem_broken_(m, "%s", why);
    else if (h->size != n)
        mem_broken_(m, "a block of %zu bytes was given back as %zu",
                    (size_t)h->size, n);
    return !why && h->size == n;
}

HIDDEN bool guard_free_(struct mem *m, void *at, size_t n)
{
    struct head *h = (struct head *)at - 1;
    size_t all = with_guards(n);

    if (!guard_intact_(m, at, n))
        return false;
    h->tag = freed_tag(h);
    if (all <= m->pooled) {
        set(at, DEAD, ((size_t)1 << pool_of_(m, all)->shift) - sizeof *h);
        mem_raw_free_(m, h, all);
        return true;
    }
    set(at, DEAD, all - sizeof *h);
    POISON(h, all);
    ring_leave_((struct piece *)h - 1);
    ring_enter_(&m->late, (struct piece *)h - 1);
    m->nlate += all;
    guard_drop_(m, LATE_MOST);
    return true;
}

HIDDEN void guard_drop_(struct mem *m, size_t n)
{
    while (m->nlate > n) {
        struct head *h = (struct head *)(m->late.prev + 1);
        size_t all = with_guards(h->size);
        const char *why = free_check(h, all);

        if (why)
            mem_broken_(m, "%s", why);
        m->nlate -= all;
        UNPOISON(h, all);
        mem_give_(m, h, all);
    }
}

/* ---- arenas -------------------------------------------------------------- */

static uint64_t arena_tag(const struct arena_guard *g,
                          const struct arena_guard *prev)
{
    return ARENA_TAG ^ (uintptr_t)g ^ (uint64_t)(uintptr_t)prev << 13;
}

HIDDEN void guard_arena_(struct arena *a, char *end)
{
    struct arena_guard *g = (struct arena_guard *)end;

    g->prev = a->guards;
    g->tag = arena_tag(g, g->prev);
    a->guards = g;
}

HIDDEN const char *guard_check_arena_(const struct arena *a)
{
    const struct chunk *c = a->now;

    for (const struct arena_guard *g = a->guards; g; g = g->prev)
        if (g->tag != arena_tag(g, g->prev))
            return "the bytes behind an arena's allocation were overwritten";
    if (c && !guard_filled_(a->at.next, (size_t)(a->end - a->at.next)))
        return "an arena was written to after its last allocation";
    for (c = c ? c->next : a->first; c; c = c->next)
        if (!guard_filled_(chunk_body_(c), c->size - sizeof *c))
            return "an arena was written to after its reset";
    return NULL;
}

/* ---- all of a context ---------------------------------------------------- */

/* Every cell of a slab: its bit says which of two it has to be. */
HIDDEN static const char *check_cells(const struct slab *s, uint64_t *live)
{
    uint32_t shift = s->pool->shift;
    const char *base = slab_base_(s), *why = NULL;

    for (size_t i = 0; i < (size_t)SLAB_SIZE >> shift && !why; i++) {
        uint64_t bit = (uint64_t)1 << i % 64;
        const struct head *h = (const struct head *)(base + (i << shift));

        if (!(slab_usable_(s, shift, i / 64) & bit))
            continue;
        if (s->free[i / 64] & bit) {
            why = free_check(h, (size_t)1 << shift);
        } else {
            why = block_check(h);
            *live += h->size;
        }
    }
    return why;
}

HIDDEN const char *guard_check_(const struct mem *m, uint64_t *live)
{
    const struct piece *p;
    const char *why = NULL;

    for (int c = 0; c < MEM_CLASSES; c++)
        for (const struct slab *s = m->pool[c].all; s && !why; s = s->older)
            why = check_cells(s, live);
    for (p = m->blocks.next; p != &m->blocks && !why; p = p->next) {
        const struct head *h = (const struct head *)(p + 1);

        why = block_check(h);
        *live += h->size;
    }
    for (p = m->late.next; p != &m->late && !why; p = p->next) {
        const struct head *h = (const struct head *)(p + 1);

        why = free_check(h, with_guards(h->size));
    }
    return why;
}
