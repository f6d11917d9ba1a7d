/* gc.c - allocation, the nursery and its promotion, collections.
 *
 * Promotion is Cheney's algorithm with the list of objects still to scan
 * threaded through the dead originals: the stamp word of an original holds
 * the new place, its first payload word the original that was promoted
 * before it.  So a collection needs no memory of its own. */
#include "runtime/gc/gc.h"

#include <assert.h>

#include "runtime/gc/guard.h"
#include "runtime/gc/handle.h"
#include "runtime/gc/pace.h"
#include "runtime/gc/stats.h"

/* What one minor collection looks at, so much that it takes milliseconds: it
 * does not wait for more. */
#define REMEMBER_MOST (UINT64_C(1) << 18) /* blocks remembered */
#define TRAIL_MOST    (UINT64_C(8) << 20) /* bytes of new entries */

#define CHECK_EACH  256                 /* collections */
#define CHECK_SMALL (UINT64_C(1) << 20) /* bytes of heap */

#define CHILDREN_AHEAD   4  /* references */
#define REMEMBERED_AHEAD 16 /* entries */

static uint64_t nursery_used(const struct heap *h)
{
    return h->st->nursery - h->tape.seg[TAPE_NURSERY].at;
}

/* Bytes of nursery that promotion has room for. */
static uint64_t promotable(const struct heap *h)
{
    uint64_t left = old_left(h);
    return left < OLD_SPARE ? 0 : (left - OLD_SPARE) / 3 * 2 / 16 * 16;
}

static bool is_full(const struct heap *h)
{
    return promotable(h) < 2 * pace_reserve(h);
}

/* Whether a cycle is to be run at once. */
static bool is_short(const struct heap *h)
{
    return old_left(h) < h->st->gc.emergency || is_full(h);
}

/* Bytes the nursery may hold. */
static uint64_t nursery_size(const struct heap *h)
{
    uint64_t size = h->tape.seg[TAPE_NURSERY].size, most = promotable(h);
    if (!is_full(h))
        most -= pace_reserve(h);
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

/* ---- objects born old ---------------------------------------------------- */

void gc_remember(struct heap *h, uint64_t o, uint64_t block)
{
    const struct tape_range *r = &h->tape.seg[TAPE_REMEMBER];
    struct state *st = h->st;
    assert((st->remembered + 1) * 8 <= r->size); /* see trail.c's forget */
    heap_log(h, &st->remembered, 1);
    heap_log(h, obj_at(h, r->at + 8 * st->remembered), 1);
    *obj_at(h, r->at + 8 * st->remembered++) = block_ref(o, block);
}

static bool has_room(const struct heap *h, uint64_t words)
{
    uint64_t bytes = obj_bytes(words);
    return words <= OBJ_MAX_WORDS &&
           bytes + TAPE_PAGE + old_room(nursery_used(h) + pace_reserve(h)) <=
               old_left(h);
}

/* Stamps and header of an object whose words are zero. */
static void put_header(struct heap *h, uint64_t o, uint32_t type,
                       uint64_t words)
{
    uint64_t blocks = obj_blocks(words);
    for (uint64_t b = 0; b < blocks; b++)
        *obj_stamp(h, o, b) = h->st->clock;
    *obj_at(h, o + 8) = obj_make_info(type, words);
}

uint64_t gc_new_old(struct heap *h, uint32_t type, uint64_t words)
{
    struct state *st = h->st;
    uint64_t bytes = obj_bytes(words);
    if (!has_room(h, words))
        return 0;
    uint64_t at = old_take(h, bytes), o = at + obj_below(words);
    if (!at)
        return 0;
    old_clear(h, at, bytes);
    tape_touch(&h->tape, at, bytes);
    put_header(h, o, type, words);
    old_born(h, o);
    uint64_t refs = obj_refs(h, o);
    for (uint64_t b = 0; b * OBJ_BLOCK_WORDS < refs; b++)
        gc_remember(h, o, b);
    heap_log(h, &st->allocated, 1);
    heap_log(h, &st->objects, 1);
    heap_log(h, &st->gc.since, 3); /* since, large, grown */
    heap_log(h, &st->gc.born_old, 1);
    st->allocated += bytes;
    gc_count_object(st);
    st->gc.since += bytes;
    st->gc.large += bytes;
    st->gc.grown++;
    st->gc.born_old += bytes;
    gc_set_room(h);
    return o;
}

/* ---- the nursery --------------------------------------------------------- */

static uint64_t take_young(struct heap *h, uint32_t type, uint64_t words)
{
    struct state *st = h->st;
    uint64_t bytes = obj_bytes(words), o = st->nursery + obj_below(words);
    heap_log(h, &st->nursery, 2); /* nursery, objects */
    memset(obj_at(h, st->nursery), 0, bytes);
    st->nursery += bytes;
    gc_count_object(st);
    put_header(h, o, type, words);
    return o;
}

/* What is born old counts as what fills the nursery, so that collections
 * come; between them it drives the slices. */
static enum pal_status before_large(struct heap *h, uint64_t bytes)
{
    struct gc_state *g = &h->st->gc;
    if (g->large + bytes > h->tape.seg[TAPE_NURSERY].size && g->large)
        return gc_minor(h);
    return PAL_OK;
}

/* The same in a traced window, which cannot collect: it is to end, before this
 * where there is no room, and after it where a collection is due. */
static uint64_t new_in_window(struct heap *h, uint32_t type, uint64_t words)
{
    const struct gc_state *g = &h->st->gc;
    if (has_room(h, words)) {
        if (g->large + obj_bytes(words) > h->tape.seg[TAPE_NURSERY].size)
            h->window_full = true;
        return gc_new_old(h, type, words);
    }
    if (!h->window_again)
        h->window_short = h->window_full = true;
    return 0;
}

bool gc_window_is_short(struct heap *h, uint64_t bytes)
{
    uint64_t runs = STATE_CLASSES * (uint64_t)OLD_RUN_PAGES * TAPE_PAGE;
    if (h->window_again || bytes <= nursery_room(h) ||
        has_room(h, (bytes + runs) / 8))
        return false;
    h->window_short = h->window_full = true;
    return true;
}

/* An object born old; where there is no room, collections may make some. */
static uint64_t new_large(struct heap *h, uint32_t type, uint64_t words)
{
    if (h->tlog)
        return new_in_window(h, type, words);
    if (before_large(h, obj_bytes(words)))
        return 0;
    if (!has_room(h, words) && gc_collect(h))
        return 0;
    gc_slice(h);
    return gc_new_old(h, type, words);
}

uint64_t gc_new_slow(struct heap *h, uint32_t type, uint64_t words)
{
    if (words > OBJ_MAX_WORDS)
        return 0;
    uint64_t bytes = obj_bytes(words);
    bool large = bytes > mem_young_most(h->tape.seg[TAPE_NURSERY].size);
    bool full = !large && bytes > nursery_room(h);
    if (!h->tlog) {
        bool stress = h->gc_stress && ++h->stress_count >= h->gc_stress;
        if (stress)
            h->stress_count = 0;
        if (full ? gc_make_room(h) : stress ? gc_minor(h) : PAL_OK)
            return 0;
        if (h->gc_stress)
            gc_slice(h);
    } else if (full) {
        h->window_full = true;
    }
    gc_set_room(h);
    return large || bytes > nursery_room(h) ? new_large(h, type, words)
                                            : take_young(h, type, words);
}

uint64_t gc_new_weak(struct heap *h, const uint64_t *target)
{
    uint64_t box = gc_new(h, PVM_T_WEAK, WEAK_WORDS);
    if (!box)
        return 0;
    *obj_word(h, box, WEAK_TARGET) = *target;
    if (!obj_is_young(h, box))
        mark_weak_born(h, box);
    return box;
}

/* ---- promotion ----------------------------------------------------------- */

static uint64_t promote(struct heap *h, uint64_t o)
{
    uint64_t words = obj_words(h, o), below = obj_below(words);
    uint64_t bytes = obj_bytes(words);
    uint64_t at = old_take(h, bytes), to = at + below;
    assert(at); /* the nursery holds no more than there is room for */
    tape_touch(&h->tape, at, bytes);
    memcpy(obj_at(h, at), obj_at(h, o - below), bytes);
    old_born(h, to);
    if (bytes > MEM_CELL_MOST)
        old_dirty(h, at, bytes);
    h->st->gc.since += bytes;
    if (obj_type(h, o) == PVM_T_WEAK)
        mark_weak_born(h, to);
    else if (obj_type(h, o) == PVM_T_WATCH)
        guard_born(h, to);
    uint64_t refs = obj_refs(h, o);
    *obj_stamp(h, o, 0) = to;
    *obj_at(h, o + 8) |= (uint64_t)OBJ_FORWARDED << 24;
    /* what is scanned soon; the nursery may be larger than fast caches */
    for (uint64_t w = 0; w < refs && w < CHILDREN_AHEAD; w++)
        __builtin_prefetch(obj_at(h, *obj_word(h, o, w)), 1);
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
    const uint64_t *set = obj_at(h, h->tape.seg[TAPE_REMEMBER].at);
    uint64_t n = h->st->remembered;
    for (uint64_t i = 0; i < n; i++) {
        uint64_t ahead =
            set[i + REMEMBERED_AHEAD < n ? i + REMEMBERED_AHEAD : i];
        /* written here: gcc drops calls of functions that only prefetch */
        __builtin_prefetch(obj_at(h, block_ref_object(ahead)));
        __builtin_prefetch(obj_word(h, block_ref_object(ahead),
                                    block_ref_index(ahead) * OBJ_BLOCK_WORDS));
        uint64_t e = set[i], o = block_ref_object(e);
        uint64_t from = block_ref_index(e) * OBJ_BLOCK_WORDS;
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

static void promote_all(struct heap *h)
{
    struct state *st = h->st;
    scan_remembered(h);
    if (h->calls.young_roots)
        h->calls.young_roots(h, visit);
    else
        h->calls.roots(h, visit);
    h->calls.trail_roots(h, visit);
    gc_handle_roots(h, visit);
    visit(h, &st->error);
    for (uint64_t i = 0; i < st->nhandles; i++)
        visit(h, &st->handles[i]);
    scan_promoted(h);
}

/* ---- collections --------------------------------------------------------- */

static enum pal_status minor(struct heap *h)
{
    struct state *st = h->st;
    uint64_t since = st->gc.since;
    check(h);
    gc_note_peak(h);
    uint64_t start = gc_clock();
    promote_all(h);
    gc_note(&h->stats.minors, start);
    st->allocated += nursery_used(h);
    st->gc.promoted += st->gc.since - since;
    st->gc.large = 0;
    st->gc.grown = st->objects;
    if (PAL_UNLIKELY(h->check))
        memset(obj_at(h, h->tape.seg[TAPE_NURSERY].at), OLD_POISON,
               nursery_used(h));
    st->nursery = h->tape.seg[TAPE_NURSERY].at;
    st->remembered = st->stale = 0;
    st->trail_new = st->trail;
    st->minors++;
    st->minor = ++st->clock;
    heap_thresholds(h);
    check(h);
    gc_set_room(h);
    TRY(h->calls.after_minor ? h->calls.after_minor(h) : PAL_OK);
    pace_advance(h);
    gc_set_room(h);
    return PAL_OK;
}

enum pal_status gc_minor(struct heap *h)
{
    uint64_t start = gc_clock();
    enum pal_status status = minor(h);
    gc_note(&h->stats.pauses, start);
    return status;
}

enum pal_status gc_safepoint(struct heap *h)
{
    const struct state *st = h->st;
    if (h->gc_stress)
        gc_slice(h);
    if (st->remembered < REMEMBER_MOST &&
        st->trail - st->trail_new < TRAIL_MOST)
        return PAL_OK;
    return gc_minor(h);
}

/* The rest of the cycle under way. */
static void finish(struct heap *h)
{
    while (h->st->gc.phase != GC_IDLE)
        mark_step(h, INT64_MAX, true);
}

static enum pal_status collect(struct heap *h)
{
    TRY(minor(h));
    finish(h);
    mark_start(h);
    finish(h);
    gc_set_room(h);
    return PAL_OK;
}

enum pal_status gc_collect(struct heap *h)
{
    uint64_t start = gc_clock();
    enum pal_status status = collect(h);
    gc_note(&h->stats.pauses, start);
    return status;
}

enum pal_status gc_make_room(struct heap *h)
{
    uint64_t start = gc_clock();
    TRY(minor(h));
    bool enough = !is_short(h);
    if (!enough && h->st->gc.phase != GC_IDLE) {
        finish(h);
        enough = !is_short(h);
    }
    gc_set_room(h);
    if (!enough)
        TRY(collect(h));
    gc_note(&h->stats.pauses, start);
    return is_full(h) ? PAL_NOMEM : PAL_OK;
}

void gc_open(struct heap *h)
{
    const struct tape_range *seg = h->tape.seg;
    h->base = h->tape.base;
    struct state *st = h->st = (struct state *)(h->base + seg[TAPE_STATE].at);
    h->marks = (struct mark *)(st + 1);
    h->marks_end =
        h->marks + (seg[TAPE_STATE].size - sizeof *st) / sizeof(struct mark);
    st->clock = 1;
    st->nursery = seg[TAPE_NURSERY].at;
    st->trail = st->trail_new = seg[TAPE_HISTORY].at;
    heap_thresholds(h);
    old_open(h);
    if (!h->gc_growth)
        h->gc_growth = mem_runtime.growth;
    if (!h->gc_slice)
        h->gc_slice = mem_runtime.slice;
    gc_set_goal(h);
}
