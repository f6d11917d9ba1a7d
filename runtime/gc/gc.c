/* gc.c - the nursery, the size classes of the old generation, promotion.
 *
 * Promotion is Cheney's algorithm with the list of objects still to scan
 * threaded through the dead originals: the stamp word of an original holds
 * the new place, its first payload word the original that was promoted
 * before it.  So a collection needs no memory of its own. */
#include "runtime/gc/gc.h"

#define RUN_BYTES 16384u
/* Rest of a run that a class leaves unused, over all classes, and as much
 * again for what is being allocated. */
#define SPARE_ROOM    ((STATE_CLASSES + 1) * (uint64_t)RUN_BYTES * 2)
#define SMALLEST      16u
#define RESERVE_LEAST 65536u              /* several runs */
#define CHECK_EACH    256                 /* collections */
#define CHECK_SMALL   (UINT64_C(1) << 20) /* bytes of heap */

/* ---- the old generation -------------------------------------------------- */

/* The size class of an object of 1..GC_LARGE bytes, and the cell's size. */
static unsigned size_class(uint64_t bytes, uint64_t *cell)
{
    if (bytes <= 128) {
        *cell = (bytes + SMALLEST - 1) / SMALLEST * SMALLEST;
        return (unsigned)(*cell / SMALLEST) - 1;
    }
    unsigned c = 8;
    for (uint64_t base = 128;; base *= 2)
        for (uint64_t k = 1; k <= 4; k++, c++)
            if (bytes <= base + k * base / 4) {
                *cell = base + k * base / 4;
                return c;
            }
}

/* Bytes of old generation that promoting n bytes takes at most.  A class may
 * leave the rest of its run unused; in its runs an object takes at most 13/8
 * of its size (5,136 bytes: two cells of 6,144 in a run of 16,384). */
static uint64_t promotion_room(uint64_t n)
{
    return n + n / 8 * 5 + SPARE_ROOM;
}

/* Bytes of old generation that may still be taken. */
static uint64_t heap_left(const struct heap *h)
{
    uint64_t limit = h->tape.seg[TAPE_HEAP].size, used = gc_used(h);
    if (h->heap_limit < limit)
        limit = h->heap_limit;
    return used < limit ? limit - used : 0;
}

static uint64_t nursery_used(const struct heap *h)
{
    return h->st->nursery - h->tape.seg[TAPE_NURSERY].at;
}

/* Bytes of nursery that promotion has room for. */
static uint64_t promotable(const struct heap *h)
{
    uint64_t left = heap_left(h);
    return left < SPARE_ROOM ? 0 : (left - SPARE_ROOM) / 13 * 8 / 16 * 16;
}

/* When no more than twice this is promotable, the heap is full; it is left
 * for who handles that error. */
static uint64_t reserve(const struct heap *h)
{
    uint64_t part = h->tape.seg[TAPE_NURSERY].size / 32;
    return part < RESERVE_LEAST ? RESERVE_LEAST : part;
}

static bool is_full(const struct heap *h)
{
    return promotable(h) < 2 * reserve(h);
}

/* Bytes the nursery may hold. */
static uint64_t nursery_size(const struct heap *h)
{
    uint64_t size = h->tape.seg[TAPE_NURSERY].size, most = promotable(h);
    if (!is_full(h))
        most -= reserve(h);
    return most < size ? most : size;
}

static uint64_t nursery_room(const struct heap *h)
{
    uint64_t size = nursery_size(h), used = nursery_used(h);
    return used < size ? size - used : 0;
}

void gc_set_room(struct heap *h)
{
    bool slow = h->gc_stress || h->tlog;
    h->nursery_end = slow ? 0 : h->tape.seg[TAPE_NURSERY].at + nursery_size(h);
}

/* n bytes in whole pages; the caller made sure that there is room. */
static uint64_t take_pages(struct heap *h, uint64_t n)
{
    struct state *st = h->st;
    uint64_t at = st->heap;
    heap_log(h, &st->heap, 1);
    st->heap = at + (n + TAPE_PAGE - 1) / TAPE_PAGE * TAPE_PAGE;
    return at;
}

static uint64_t take_cell(struct heap *h, uint64_t bytes)
{
    struct state *st = h->st;
    if (bytes > GC_LARGE)
        return take_pages(h, bytes);
    uint64_t cell;
    unsigned c = size_class(bytes, &cell);
    heap_log(h, &st->run_at[c], 1);
    if (st->run_end[c] - st->run_at[c] < cell) {
        heap_log(h, &st->run_end[c], 1);
        st->run_at[c] = take_pages(h, RUN_BYTES);
        st->run_end[c] = st->run_at[c] + RUN_BYTES;
    }
    uint64_t at = st->run_at[c];
    st->run_at[c] = at + cell;
    return at;
}

static bool remember(struct heap *h, uint64_t o, uint64_t block)
{
    const struct tape_range *r = &h->tape.seg[TAPE_REMEMBER];
    struct state *st = h->st;
    if ((st->remembered + 1) * 8 > r->size)
        return false;
    heap_log(h, &st->remembered, 1);
    heap_log(h, obj_at(h, r->at + 8 * st->remembered), 1);
    *obj_at(h, r->at + 8 * st->remembered++) = gc_remembered(o, block);
    return true;
}

bool gc_remember(struct heap *h, uint64_t o, uint64_t block)
{
    return remember(h, o, block);
}

uint64_t gc_new_old(struct heap *h, uint32_t type, uint64_t words)
{
    uint64_t bytes = obj_bytes(words), below = obj_below(words);
    if (words > OBJ_MAX_WORDS ||
        bytes + RUN_BYTES + promotion_room(nursery_used(h) + reserve(h)) >
            heap_left(h))
        return 0;
    struct state *st = h->st;
    uint64_t at = take_cell(h, bytes), o = at + below;
    uint64_t dirty = bytes;
    if (bytes > GC_LARGE)
        dirty = at >= st->heap_high           ? 0
                : at + bytes <= st->heap_high ? bytes
                                              : st->heap_high - at;
    memset(obj_at(h, at), 0, dirty);
    if (st->heap > st->heap_high)
        st->heap_high = st->heap;
    tape_touch(&h->tape, at, bytes);
    uint64_t blocks = obj_blocks(words);
    for (uint64_t b = 0; b < blocks; b++)
        *obj_stamp(h, o, b) = st->clock;
    *obj_at(h, o + 8) = obj_make_info(type, words);
    uint64_t refs = obj_refs(h, o);
    for (uint64_t b = 0; b * OBJ_BLOCK_WORDS < refs; b++)
        if (!remember(h, o, b))
            return 0;
    heap_log(h, &st->allocated, 1);
    st->allocated += bytes;
    gc_set_room(h);
    return o;
}

/* ---- the nursery --------------------------------------------------------- */

static uint64_t take_young(struct heap *h, uint32_t type, uint64_t words)
{
    struct state *st = h->st;
    uint64_t bytes = obj_bytes(words), o = st->nursery + obj_below(words);
    heap_log(h, &st->nursery, 1);
    memset(obj_at(h, st->nursery), 0, bytes);
    st->nursery += bytes;
    uint64_t blocks = obj_blocks(words);
    for (uint64_t b = 0; b < blocks; b++)
        *obj_stamp(h, o, b) = st->clock;
    *obj_at(h, o + 8) = obj_make_info(type, words);
    return o;
}

/* Bytes of the largest object that is born young. */
static uint64_t young_most(const struct heap *h)
{
    uint64_t part = h->tape.seg[TAPE_NURSERY].size / 8;
    return part > GC_LARGE ? part : GC_LARGE;
}

/* An object born old; where there is no room, a collection may make some, for
 * room is kept for all that is young. */
static uint64_t new_large(struct heap *h, uint32_t type, uint64_t words)
{
    uint64_t o = gc_new_old(h, type, words);
    if (o || h->tlog || !nursery_used(h) || gc_minor(h))
        return o;
    return gc_new_old(h, type, words);
}

uint64_t gc_new_slow(struct heap *h, uint32_t type, uint64_t words)
{
    if (words > OBJ_MAX_WORDS)
        return 0;
    uint64_t bytes = obj_bytes(words);
    bool large = bytes > young_most(h);
    bool full = !large && bytes > nursery_room(h) && nursery_used(h);
    if (!h->tlog) {
        bool stress = h->gc_stress && ++h->stress_count >= h->gc_stress;
        if (stress || full) {
            h->stress_count = 0;
            if (gc_minor(h) || (full && is_full(h)))
                return 0;
        }
    } else if (full) {
        h->window_full = true;
    }
    gc_set_room(h);
    return large || bytes > nursery_room(h) ? new_large(h, type, words)
                                            : take_young(h, type, words);
}

/* ---- promotion ----------------------------------------------------------- */

static uint64_t promote(struct heap *h, uint64_t o)
{
    uint64_t words = obj_words(h, o), below = obj_below(words);
    uint64_t bytes = obj_bytes(words);
    uint64_t at = take_cell(h, bytes), to = at + below;
    tape_touch(&h->tape, at, bytes);
    memcpy(obj_at(h, at), obj_at(h, o - below), bytes);
    uint64_t refs = obj_refs(h, o);
    *obj_stamp(h, o, 0) = to;
    *obj_at(h, o + 8) |= (uint64_t)OBJ_FORWARDED << 24;
    if (refs) {
        *obj_word(h, o, 0) = h->promoted;
        h->promoted = o;
    }
    return to;
}

static void visit(struct heap *h, uint64_t *slot)
{
    uint64_t o = *slot;
    if (!obj_is_young(h, o))
        return;
    if (obj_info(h, o) >> 24 & OBJ_FORWARDED)
        *slot = *obj_stamp(h, o, 0);
    else
        *slot = promote(h, o);
}

static void scan_words(struct heap *h, uint64_t o, uint64_t from, uint64_t to)
{
    for (uint64_t w = from; w < to; w++)
        visit(h, obj_word(h, o, w));
}

static void scan_promoted(struct heap *h)
{
    while (h->promoted) {
        uint64_t was = h->promoted, o = *obj_stamp(h, was, 0);
        h->promoted = *obj_word(h, was, 0);
        scan_words(h, o, 0, obj_refs(h, o));
    }
}

static void scan_remembered(struct heap *h)
{
    uint64_t at = h->tape.seg[TAPE_REMEMBER].at;
    for (uint64_t i = 0; i < h->st->remembered; i++) {
        uint64_t e = *obj_at(h, at + 8 * i);
        uint64_t o = gc_remembered_object(e);
        uint64_t from = gc_remembered_block(e) * OBJ_BLOCK_WORDS;
        uint64_t to = from + OBJ_BLOCK_WORDS, refs = obj_refs(h, o);
        scan_words(h, o, from, to < refs ? to : refs);
    }
}

/* Around a collection, when that is asked for; later in a run and of a large
 * heap now and then, for the whole of it is walked. */
static void check(struct heap *h)
{
    uint64_t n = h->st->minors;
    bool small = gc_used(h) < CHECK_SMALL && (n < CHECK_EACH || n % 64 == 0);
    if (h->check && !h->broken && (small || !(n & (n - 1))))
        h->broken = gc_check(h);
}

enum pal_status gc_minor(struct heap *h)
{
    struct state *st = h->st;
    check(h);
    scan_remembered(h);
    h->calls.roots(h, visit);
    h->calls.trail_roots(h, visit);
    visit(h, &st->error);
    for (uint64_t i = 0; i < st->nhandles; i++)
        visit(h, &st->handles[i]);
    scan_promoted(h);

    if (st->heap > st->heap_high)
        st->heap_high = st->heap;
    st->allocated += nursery_used(h);
    st->nursery = h->tape.seg[TAPE_NURSERY].at;
    st->remembered = 0;
    st->trail_new = st->trail;
    st->minors++;
    st->minor = ++st->clock;
    gc_set_room(h);
    heap_thresholds(h);
    check(h);
    return h->calls.after_minor ? h->calls.after_minor(h) : PAL_OK;
}
