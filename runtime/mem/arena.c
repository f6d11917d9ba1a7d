/* arena.c - bump allocation.
 *
 *   first -> chunk -> chunk -> chunk -> NULL
 *                     ^now        ^last     those after now are kept from
 *                                           before a reset and are empty
 *   now:  | handed out | zero | as a reset left it |
 *                      ^top   ^clean               ^end
 *   big <-> piece <-> piece       one allocation each
 *
 * Allocation is an addition as long as it stays below `clean`; the next
 * stretch is then zeroed, so that a reset touches nothing.  An allocation of a
 * quarter chunk or more has a malloc of its own, so at most a quarter of a
 * shared chunk is lost at its end; so does a large table (mem_where).
 *
 * A reset puts `now` back before the first chunk and hands the ring of the
 * big ones over: both are pointers, however much there is.
 *
 *   - first..last are the arena's chunks, all of the profile's size; now is
 *     one of them, or NULL with top == clean.
 *   - top <= clean <= end, all multiples of 16; [top, clean) is zero.
 *   - `used` and [mark, top) are what was handed out, rounded to 16 bytes.
 *
 * Under AddressSanitizer all that is not handed out is poisoned, and a gap
 * follows each allocation; under debug a guard, and the rest is a pattern.
 * Then, and while a failure is to be injected, top == clean. */
#include "runtime/mem/context.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Bytes zeroed at once: they are still in the first cache when they are
 * handed out. */
enum { STRETCH = 4096, GAP = 16 };
_Static_assert(sizeof(struct arena_guard) == GAP, "a guard fills the gap");

static size_t rounded(size_t n)
{
    return (n + MEM_ALIGN - 1) & ~(size_t)(MEM_ALIGN - 1);
}

static size_t gap(const struct arena *a)
{
    return MEM_ASAN || a->mem->debug ? GAP : 0;
}

/* Nothing of the chunk is handed out any more; up to `end` it was. */
static void chunk_shut(const struct mem *m, struct chunk *c, const char *end)
{
    if (m->debug)
        guard_fill_(chunk_body_(c), (size_t)(end - chunk_body_(c)));
    POISON(chunk_body_(c), c->size - sizeof *c);
}

/* The same of all chunks, for debugging and sanitizers. */
static void shut_all(struct arena *a)
{
    struct chunk *c = a->now ? a->first : NULL;

    for (; c && c != a->now; c = c->next)
        chunk_shut(a->mem, c, (char *)c + c->size);
    if (c)
        chunk_shut(a->mem, c, a->at.next);
}

/* ---- chunks -------------------------------------------------------------- */

static struct chunk *chunk_take(struct mem *m)
{
    struct chunk *c = m->spare;

    if (c) {
        m->spare = c->next;
    } else {
        c = mem_take_(m, &m->chunks, m->profile.chunk);
        if (!c)
            return NULL;
        c->size = m->profile.chunk;
        chunk_shut(m, c, (char *)c + c->size);
    }
    c->next = NULL;
    return c;
}

/* Makes the next chunk the current one: a kept one, or a fresh one. */
static bool chunk_advance(struct arena *a)
{
    struct chunk *c = a->now ? a->now->next : a->first;

    if (!c) {
        c = chunk_take(a->mem);
        if (!c)
            return false;
        if (a->last)
            a->last->next = c;
        else
            a->first = c;
        a->last = c;
    }
    a->now = c;
    a->at.next = a->at.clean = chunk_body_(c);
    a->end = (char *)c + c->size;
    return true;
}

/* ---- allocating ---------------------------------------------------------- */

static void *bump(struct arena *a, size_t size)
{
    size_t need = size + gap(a);
    char *at, *to;

    if (!a->now || need > (size_t)(a->end - a->at.next)) {
        if (!chunk_advance(a))
            return NULL;
    }
    at = a->at.next;
    if (MEM_ASAN || mem_strict_(a->mem)) {
        if (a->mem->debug && !guard_filled_(at, need))
            mem_broken_(a->mem, "an arena was written to after its reset");
        a->at.next = a->at.clean = at + need;
        if (a->mem->debug)
            guard_arena_(a, at + size);
        UNPOISON(at, size);
        return memset(at, 0, size);
    }
    a->at.next += size;
    if (a->at.next > a->at.clean) {
        to = a->end - a->at.next > STRETCH ? a->at.next + STRETCH : a->end;
        memset(a->at.clean, 0, (size_t)(to - a->at.clean));
        a->at.clean = to;
    }
    return at;
}

/* An allocation with a malloc of its own. */
static void *alone(struct arena *a, size_t size)
{
    size_t n = size <= SIZE_MAX / 8 ? sizeof(struct chunk) + size + gap(a) : 0;
    struct chunk *c = n ? mem_take_(a->mem, &a->big, n) : NULL;
    char *at;

    if (!c)
        return NULL;
    c->size = n;
    c->next = NULL;
    at = chunk_body_(c);
    if (a->mem->debug)
        guard_arena_(a, at + size);
    if (MEM_ASAN)
        POISON(at + size, GAP);
    return memset(at, 0, size);
}

/* All but the addition: n bytes where a type has `own` or more alone. */
static void *alloc_slow(struct arena *a, size_t n, size_t own)
{
    struct mem *m = a->mem;
    size_t size = rounded(n);
    void *at = NULL;

    a->used += (size_t)(a->at.next - a->mark);
    if (mem_admit_(m) && size >= n)
        at = n >= own ? alone(a, size) : bump(a, size);
    a->mark = a->at.next;
    assert(!a->now || (a->at.next <= a->at.clean && a->at.clean <= a->end));
    if (!at)
        return mem_refuse_(m, n);
    a->used += size;
    m->stats.total += size;
    if (MEM_ASAN) {
        POISON(at, size);
        UNPOISON(at, n);
    }
    return at;
}

void *arena_more_(struct arena *a, size_t n)
{
    return alloc_slow(a, n, a->mem->own_node);
}

/* ---- tables -------------------------------------------------------------- */

/* A table that is by itself, grown by the system. */
static void *regrow_alone(struct arena *a, void *at, size_t was, size_t is)
{
    struct chunk *c = (struct chunk *)at - 1;
    size_t n = sizeof *c + is + gap(a);

    if (!mem_admit_(a->mem) || is > SIZE_MAX / 8)
        return NULL;
    UNPOISON(at, c->size - sizeof *c);
    c = mem_regrow_(a->mem, c, c->size, n);
    if (!c) {
        POISON((char *)at + was, gap(a));
        return NULL;
    }
    c->size = n;
    at = chunk_body_(c);
    memset((char *)at + was, 0, is - was);
    POISON((char *)at + is, gap(a));
    return at;
}

/* Whether the last allocation was this, and can just become larger. */
static bool at_top(const struct arena *a, const char *at, size_t was, size_t is)
{
    return at + was == a->at.next && !MEM_ASAN && !mem_strict_(a->mem) &&
           is - was <= (size_t)(a->at.clean - a->at.next);
}

void *arena_grow(struct arena *a, void *at, size_t old, size_t n)
{
    struct mem *m = a->mem;
    size_t was = rounded(old), is = rounded(n);
    char *to;

    if (is < n)
        return mem_refuse_(m, n);
    if (at && is <= was && (n < m->own_table || old >= m->own_table)) {
        UNPOISON(at, n);
        return at;
    }
    if (at && n < m->own_table && at_top(a, at, was, is)) {
        a->at.next += is - was;
        m->stats.allocs++;
        m->stats.total += is - was;
        return at;
    }
    if (at && old >= m->own_table && !m->debug) {
        to = regrow_alone(a, at, was, is);
        if (!to)
            return mem_refuse_(m, n);
        a->used += is - was;
        m->stats.total += is - was;
        return to;
    }
    to = alloc_slow(a, n, m->own_table);
    if (to && old)
        memcpy(to, at, old);
    return to;
}

/* ---- arenas -------------------------------------------------------------- */

struct arena *arena_open(struct mem *m)
{
    struct arena *a = mem_alloc(m, sizeof *a);

    if (!a)
        return NULL;
    *a = (struct arena){.mem = m, .next = m->arenas};
    a->at.stats = &m->stats;
    a->at.next = a->at.clean = a->mark = (char *)a;
    a->big.next = a->big.prev = &a->big;
    if (m->arenas)
        m->arenas->prev = a;
    m->arenas = a;
    return a;
}

void arena_reset(struct arena *a)
{
    struct mem *m = a->mem;
    const char *why = m->debug ? guard_check_arena_(a) : NULL;

    if (why)
        mem_broken_(m, "%s", why);
    if (MEM_ASAN || m->debug)
        shut_all(a);
    mem_notice_(m);
    m->stats.freed += arena_used(a);
    ring_move_(&a->big, &m->doomed);
    a->used = 0;
    a->guards = NULL;
    a->now = NULL;
    a->at.next = a->at.clean = a->mark = (char *)a;
}

void arena_close(struct arena *a)
{
    struct mem *m;

    if (!a)
        return;
    m = a->mem;
    assert(!arena_check_(a));
    arena_reset(a);
    if (a->last) {
        a->last->next = m->spare;
        m->spare = a->first;
    }
    if (a->prev)
        a->prev->next = a->next;
    else
        m->arenas = a->next;
    if (a->next)
        a->next->prev = a->prev;
    mem_free(m, a, sizeof *a);
}

size_t arena_used(const struct arena *a)
{
    return a->used + (size_t)(a->at.next - a->mark);
}

/* ---- text ---------------------------------------------------------------- */

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
