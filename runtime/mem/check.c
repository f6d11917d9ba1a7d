/* check.c - the invariants of context.h, pool.c and arena.c, as code. */
#include "runtime/mem/context.h"

/* ---- pools --------------------------------------------------------------- */

HIDDEN const char *slab_check_(const struct mem *m, const struct slab *s)
{
    uint32_t filled = 0, n = 0, cells = 0;

    if (s != slab_of_(s))
        return "a slab's header is not in its place";
    if (s->pool < m->pool || s->pool >= m->pool + MEM_CLASSES)
        return "a slab is of no pool of the context";
    for (size_t w = 0; w < SLAB_WORDS; w++) {
        uint64_t usable = slab_usable_(s, s->pool->shift, w);

        if (s->free[w] & ~usable)
            return "a cell is free that cannot be used";
        filled |= (uint32_t)(s->free[w] != 0) << w;
        n += (uint32_t)__builtin_popcountll(s->free[w]);
        cells += (uint32_t)__builtin_popcountll(usable);
    }
    if (filled != s->filled)
        return "a slab's summary is not that of its words";
    if (cells != s->cells || s->used + n != cells)
        return "a slab counts its cells wrongly";
    return NULL;
}

/* What is set aside lies in `now`, and nothing of it is free there. */
HIDDEN static const char *check_word(const struct pool *p)
{
    size_t w;

    if (!p->base)
        return p->word ? "a word is set aside from nowhere" : NULL;
    if (!p->now || slab_base_(p->base) != slab_base_(p->now))
        return "the word set aside is not of the current slab";
    w = (size_t)(p->base - slab_base_(p->now)) / p->span;
    if (p->base != slab_base_(p->now) + w * p->span)
        return "the word set aside begins between two words";
    if (p->now->free[w] & p->word)
        return "a cell is free twice";
    if (p->word & ~slab_usable_(p->now, p->shift, w))
        return "a cell is set aside that cannot be used";
    return NULL;
}

HIDDEN static const char *check_room(const struct pool *p, uint32_t expected)
{
    const struct slab *prev = NULL;
    uint32_t n = 0;

    for (const struct slab *s = p->room; s; prev = s, s = s->next, n++) {
        if (s->pool != p || s == p->now || !s->filled)
            return "a slab has no place on the list of those with room";
        if (s->prev != prev || n > p->nslabs)
            return "the list of slabs with room is not linked";
    }
    return n == expected ? NULL : "a slab with room is on no list";
}

HIDDEN const char *pool_check_(const struct mem *m, const struct pool *p)
{
    const struct slab *newer = NULL;
    const char *why = NULL;
    uint32_t n = 0, room = 0;

    for (const struct slab *s = p->all; s; newer = s, s = s->older, n++) {
        why = slab_check_(m, s);
        if (why)
            return why;
        if (s->pool != p || s->newer != newer)
            return "a pool's list of slabs is not linked";
        if (!s->used && s != p->now)
            return "an empty slab was kept";
        room += s->filled && s != p->now;
    }
    if (n != p->nslabs)
        return "a pool counts its slabs wrongly";
    why = check_word(p);
    return why ? why : check_room(p, room);
}

HIDDEN static const char *check_pools(const struct mem *m)
{
    const char *why = NULL;
    uint32_t n = 0;

    for (int c = 0; c < MEM_CLASSES && !why; c++) {
        why = pool_check_(m, &m->pool[c]);
        n += m->pool[c].nslabs;
        if (m->debug && m->pool[c].base)
            return "a word is set aside under debug";
    }
    if (why)
        return why;
    if (n != m->nslabs)
        return "the context counts its slabs wrongly";
    n = 0;
    for (const struct slab *s = m->spare_slabs; s; s = s->next, n++)
        if (s->pool || s != slab_of_(s))
            return "a spare slab belongs to a pool";
    if (n != m->nspare)
        return "the context counts spare slabs wrongly";
    return n <= 1 + m->nslabs / 4 ? NULL : "too many slabs are spare";
}

/* ---- arenas -------------------------------------------------------------- */

const char *arena_check_(const struct arena *a)
{
    const struct chunk *c, *last = NULL;
    bool seen = !a->now;

    for (c = a->first; c; last = c, c = c->next) {
        if (c->size != a->mem->profile.chunk)
            return "an arena's chunk has another size";
        seen |= c == a->now;
    }
    if (last != a->last || !seen)
        return "an arena's chunks are not linked";
    if (a->now ? a->at.next < chunk_body_(a->now) || a->at.next > a->at.clean ||
                     a->at.clean > a->end ||
                     a->end != (const char *)a->now + a->now->size
               : a->at.next != a->at.clean)
        return "an arena's top is not within its chunk";
    if (((uintptr_t)a->at.next | (uintptr_t)a->at.clean) % MEM_ALIGN)
        return "an arena's top is not aligned";
    if (mem_strict_(a->mem) && a->at.next != a->at.clean)
        return "an arena has a fast path where none may be";
    for (const char *p = a->at.next; p < a->at.clean; p++)
        if (*p)
            return "an arena's next bytes are not zero";
    if (a->mark > a->at.next || (a->now && a->mark < chunk_body_(a->now)))
        return "an arena counts from the wrong place";
    return NULL;
}

static const char *check_arenas(const struct mem *m, uint64_t *live)
{
    const struct arena *prev = NULL;
    const char *why = NULL;

    for (const struct arena *a = m->arenas; a && !why; prev = a, a = a->next) {
        if (a->mem != m || a->prev != prev)
            return "the context's arenas are not linked";
        why = arena_check_(a);
        if (!why && m->debug)
            why = guard_check_arena_(a);
        *live += arena_used(a);
    }
    return why;
}

/* ---- contexts ------------------------------------------------------------ */

static const char *check_ring(const struct piece *ring)
{
    const struct piece *p = ring;

    do {
        if (p->next->prev != p)
            return "what the system gave is not linked";
        p = p->next;
    } while (p != ring);
    return NULL;
}

const char *mem_check(struct mem *m)
{
    const struct piece *rings[] = {&m->blocks, &m->chunks, &m->doomed,
                                   &m->late};
    const char *why = m->broken ? m->why : NULL;
    uint64_t live = 0;

    if (why)
        return why;
    for (size_t i = 0; i < sizeof rings / sizeof *rings && !why; i++)
        why = check_ring(rings[i]);
    if (!why)
        why = check_pools(m);
    if (!why)
        why = check_arenas(m, &live);
    if (!why && live > mem_live_(m))
        why = "more is handed out by arenas than counted";
    if (!why && m->debug) {
        why = guard_check_(m, &live);
        if (!why && live != mem_live_(m))
            why = "what is handed out is not what is counted";
    }
    if (!why && m->profile.limit && m->stats.held > m->profile.limit)
        why = "more is held than the limit";
    if (why)
        mem_broken_(m, "%s", why);
    return why;
}
