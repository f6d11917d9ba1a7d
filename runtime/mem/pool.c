/* pool.c - cells of one size, kept account of by bits.
 *
 *   slab    +0       cells … |header| … cells           +32 KB - 64
 *
 *   pool.now ──► slab     the word of its bits that is set aside ──► pool.word
 *   pool.room ─► slab ─► slab                other slabs with a free cell
 *   (full slabs are on no list but `all`)
 *   context.spare_slabs ─► slab ─► slab      empty; for any pool
 *
 * A bit is set where a cell is free.  Allocation takes the lowest bit of the
 * word set aside; when that is used up, it sets aside the next word that is
 * not 0: of `now` (by `filled`, one bit a word), else of the first slab with
 * room, else of a spare or a new slab.  So it never walks.  A free finds the
 * slab by the address and sets a bit: no memory of the cell is touched, and
 * cells never merge or split.
 *
 *   - A cell is free in the slab's bits, or in the word set aside, or in use;
 *     `used` counts the second and the third.
 *   - A slab is on `room` exactly when it has a free bit and is not `now`.
 *   - Only `now` may be empty; any other is spare from its last free on.
 *   - Spare slabs number at most one more than a quarter of those in use: a
 *     free gives at most two back, which is as fast as the bound can fall.
 *
 * Under AddressSanitizer cells that are not in use and headers are poisoned;
 * the functions that look at headers are exempt. */
#include "runtime/mem/context.h"

#include <assert.h>

/* ---- lists --------------------------------------------------------------- */

HIDDEN static void room_enter(struct pool *p, struct slab *s)
{
    s->prev = NULL;
    s->next = p->room;
    if (p->room)
        p->room->prev = s;
    p->room = s;
}

HIDDEN static void room_leave(struct pool *p, struct slab *s)
{
    if (s->prev)
        s->prev->next = s->next;
    else
        p->room = s->next;
    if (s->next)
        s->next->prev = s->prev;
}

HIDDEN static void all_enter(struct mem *m, struct pool *p, struct slab *s)
{
    s->newer = NULL;
    s->older = p->all;
    if (p->all)
        p->all->newer = s;
    p->all = s;
    p->nslabs++;
    m->nslabs++;
}

HIDDEN static void all_leave(struct mem *m, struct pool *p, struct slab *s)
{
    if (s->newer)
        s->newer->older = s->older;
    else
        p->all = s->older;
    if (s->older)
        s->older->newer = s->newer;
    p->nslabs--;
    m->nslabs--;
}

/* ---- slabs --------------------------------------------------------------- */

/* The bits of a word whose cells can be used: whole, not beneath the header. */
uint64_t slab_usable_(const struct slab *s, uint32_t shift, size_t w)
{
    size_t at = (size_t)((const char *)s - slab_base_(s));
    size_t n = SLAB_SIZE >> shift, first = at >> shift;
    size_t last = (at + sizeof *s - 1) >> shift;
    size_t here = n <= w * 64 ? 0 : n - w * 64;
    uint64_t bits = here >= 64 ? UINT64_MAX : ((uint64_t)1 << here) - 1;

    for (size_t i = first; i <= last; i++)
        if (i / 64 == w)
            bits &= ~((uint64_t)1 << i % 64);
    return bits;
}

HIDDEN static void set_cells(struct slab *s, uint32_t shift)
{
    s->filled = 0;
    s->cells = 0;
    s->used = 0;
    for (size_t w = 0; w < SLAB_WORDS; w++) {
        s->free[w] = slab_usable_(s, shift, w);
        s->filled |= (uint32_t)(s->free[w] != 0) << w;
        s->cells += (uint16_t)__builtin_popcountll(s->free[w]);
    }
}

static struct slab *slab_fresh(struct mem *m)
{
    char *base = mem_take_slab_(m);

    if (!base)
        return NULL;
    POISON(base, SLAB_SIZE);
    return slab_of_(base);
}

HIDDEN static struct slab *slab_open(struct mem *m, struct pool *p)
{
    struct slab *s = m->spare_slabs;

    if (s) {
        m->spare_slabs = s->next;
        m->nspare--;
    } else {
        s = slab_fresh(m);
        if (!s)
            return NULL;
    }
    if (m->debug) /* where another class began its cells, a pattern now */
        guard_fill_(slab_base_(s), SLAB_SIZE);
    s->pool = p;
    set_cells(s, p->shift);
    all_enter(m, p, s);
    return s;
}

HIDDEN static void spare_drop(struct mem *m)
{
    struct slab *s = m->spare_slabs;

    m->spare_slabs = s->next;
    m->nspare--;
    mem_give_slab_(m, slab_base_(s));
}

/* An empty slab that is not on the list of room becomes a spare one. */
HIDDEN static void slab_retire(struct mem *m, struct pool *p, struct slab *s)
{
    all_leave(m, p, s);
    s->pool = NULL;
    s->next = m->spare_slabs;
    m->spare_slabs = s;
    m->nspare++;
    for (int i = 0; i < 2 && m->nspare > 1 + m->nslabs / 4; i++)
        spare_drop(m);
}

/* ---- cells --------------------------------------------------------------- */

HIDDEN static void flush(struct pool *p)
{
    struct slab *s = p->now;
    uint32_t n = (uint32_t)__builtin_popcountll(p->word);
    size_t w;

    if (n) {
        w = (size_t)(p->base - slab_base_(s)) / p->span;
        s->free[w] |= p->word;
        s->filled |= (uint32_t)1 << w;
        s->used -= (uint16_t)n;
    }
    p->word = 0;
    p->base = NULL;
}

HIDDEN bool pool_refill_(struct mem *m, struct pool *p)
{
    struct slab *s = p->now;
    uint32_t w;

    if (!s || !s->filled) {
        s = p->room;
        if (s)
            room_leave(p, s);
        else if (!(s = slab_open(m, p)))
            return false;
        p->now = s;
    }
    assert(!slab_check_(m, s));
    w = (uint32_t)__builtin_ctz(s->filled);
    p->word = s->free[w];
    p->base = slab_base_(s) + w * p->span;
    s->free[w] = 0;
    s->filled &= s->filled - 1;
    s->used += (uint16_t)__builtin_popcountll(p->word);
    return true;
}

void *pool_take_(struct mem *m, struct pool *p)
{
    void *at;

    if (!p->word && !pool_refill_(m, p))
        return NULL;
    at = p->base + ((size_t)__builtin_ctzll(p->word) << p->shift);
    p->word &= p->word - 1;
    if (mem_strict_(m))
        flush(p);
    return at;
}

/* Word w of a slab is no longer 0; `used` cells were in use before. */
HIDDEN static void slab_filled(struct pool *p, struct slab *s, uint32_t w,
                               uint16_t used)
{
    s->filled |= (uint32_t)1 << w;
    if (used == s->cells && s != p->now)
        room_enter(p, s);
}

HIDDEN void pool_return_(struct mem *m, struct pool *p, void *at)
{
    struct slab *s = slab_of_(at);
    uint32_t i = (uint32_t)((uintptr_t)at & (SLAB_SPAN - 1)) >> p->shift;
    uint64_t free = s->free[i / 64];
    uint16_t used = s->used;

    s->free[i / 64] = free | (uint64_t)1 << i % 64;
    s->used = (uint16_t)(used - 1);
    if (PAL_UNLIKELY(!free))
        slab_filled(p, s, i / 64, used);
    if (PAL_UNLIKELY(used == 1) && s != p->now) {
        assert(!slab_check_(m, s));
        room_leave(p, s);
        slab_retire(m, p, s);
    }
}

/* ---- all of a context ---------------------------------------------------- */

HIDDEN uint64_t pool_used_(const struct pool *p)
{
    uint64_t n = 0;

    for (const struct slab *s = p->all; s; s = s->older)
        n += s->used;
    return n - (uint64_t)__builtin_popcountll(p->word);
}

void pool_flush_(struct mem *m)
{
    for (int c = 0; c < MEM_CLASSES; c++)
        flush(&m->pool[c]);
}

HIDDEN void pool_trim_(struct mem *m)
{
    for (int c = 0; c < MEM_CLASSES; c++) {
        struct pool *p = &m->pool[c];
        struct slab *s = p->now;

        flush(p);
        if (!s || s->used)
            continue;
        p->now = NULL;
        slab_retire(m, p, s);
    }
    while (m->spare_slabs)
        spare_drop(m);
}

HIDDEN void pool_close_(struct mem *m)
{
    struct slab *s, *older;

    while (m->spare_slabs)
        spare_drop(m);
    for (int c = 0; c < MEM_CLASSES; c++) {
        for (s = m->pool[c].all; s; s = older) {
            older = s->older;
            mem_give_slab_(m, slab_base_(s));
        }
    }
}
