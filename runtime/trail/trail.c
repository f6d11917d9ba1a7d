/* trail.c - see trail.h for the structure and its rules. */
#include "runtime/trail/trail.h"

#include "runtime/gc/stats.h"
#include "runtime/trail/entry.h"

#define CHECK_MOST       4096 /* bytes of trail; the check is quadratic */
#define CHECK_REMEMBERED 1000 /* entries that are looked through */

/* Words of block b of an object: at most 32, fewer at its end. */
static uint64_t block_words(const struct heap *h, uint64_t o, uint64_t b)
{
    uint64_t rest = obj_words(h, o) - b * OBJ_BLOCK_WORDS;
    return rest < OBJ_BLOCK_WORDS ? rest : OBJ_BLOCK_WORDS;
}

/* The newest entry below a top. */
static uint64_t *entry_below(const struct heap *h, uint64_t top)
{
    uint64_t n = *obj_at(h, top - 8);
    return obj_at(h, top - 8 * (n + 3));
}

/* ---- the barrier --------------------------------------------------------- */

/* The trail gets what the heap leaves of its limit, and a quarter of it at
 * least, so that both together stay near what the program may use. */
uint64_t trail_room(const struct heap *h)
{
    const struct tape_range *r = &h->tape.seg[TAPE_HISTORY];
    uint64_t limit = h->heap_limit, used = gc_used(h);
    uint64_t most = used < limit - limit / 4 ? limit - used : limit / 4;
    uint64_t trail = h->st->trail - r->at;
    if (most > r->size)
        most = r->size;
    return most > trail ? most - trail : 0;
}

/* Room for one more entry, whatever its block; where there is none, the
 * machine may collect and come again. */
static bool has_room(struct heap *h)
{
    if (PAL_LIKELY(trail_room(h) >= 8 * TRAIL_ENTRY_MAX))
        return true;
    if (h->tlog && !h->window_again)
        h->window_short = h->window_full = true;
    h->trail_short = true;
    return false;
}

/* Whether an entry may hold young references or have a young container: not
 * when its block was written last before the last minor collection. */
static bool may_be_young(const struct heap *h, uint64_t stamp)
{
    return stamp >= h->st->minor;
}

static void push(struct heap *h, uint64_t o, uint64_t b, uint64_t stamp)
{
    struct state *st = h->st;
    uint64_t n = block_words(h, o, b), bytes = 8 * (n + 3), top = st->trail;
    tape_touch(&h->tape, top, bytes);
    uint64_t *e = obj_at(h, top);
    if (PAL_UNLIKELY(h->tlog != NULL)) {
        heap_log(h, e, n + 3);
        heap_log(h, &st->trail, 2); /* trail, trail_new */
    }
    if (st->trail_new == top && !may_be_young(h, stamp))
        st->trail_new = top + bytes;
    const uint64_t *from = obj_word(h, o, b * OBJ_BLOCK_WORDS);
    e[0] = block_ref(o, b);
    e[1] = stamp << 6 | n;
    for (uint64_t i = 0; i < n; i++)
        e[2 + i] = from[i];
    e[2 + n] = n;
    st->trail = top + bytes;
}

/* Touches the pages of a block and of its stamp. */
static void touch_block(struct heap *h, uint64_t o, uint64_t b)
{
    tape_touch(&h->tape, o + OBJ_HEADER + 8 * b * OBJ_BLOCK_WORDS,
               8 * block_words(h, o, b));
    tape_touch(&h->tape, o - 8 * b, 8);
}

/* Shades what a block refers to. */
static void shade_block(struct heap *h, uint64_t o, uint64_t b)
{
    uint64_t first = b * OBJ_BLOCK_WORDS, refs = obj_refs(h, o);
    uint64_t end =
        first + OBJ_BLOCK_WORDS < refs ? first + OBJ_BLOCK_WORDS : refs;
    if (first < end)
        mark_shade_words(h, obj_word(h, o, first), end - first);
}

/* Whether all that a block refers to is marked, or need not be. */
static bool is_shaded(struct heap *h, uint64_t o, uint64_t b)
{
    uint64_t end = (b + 1) * OBJ_BLOCK_WORDS, refs = obj_refs(h, o);
    for (uint64_t w = b * OBJ_BLOCK_WORDS; w < end && w < refs; w++) {
        uint64_t to = *obj_word(h, o, w);
        if (old_is(h, to) && !old_is_marked(h, to))
            return false;
    }
    return true;
}

static bool is_logged(const struct heap *h, uint64_t o, uint64_t b, uint64_t s,
                      uint64_t top)
{
    const uint64_t *e = obj_at(h, top);
    return h->st->trail == top + entry_bytes(e) && entry_object(e) == o &&
           entry_block(e) == b && entry_stamp(e) == s &&
           entry_n(e) == block_words(h, o, b) &&
           !memcmp(e + 2, obj_word(h, o, b * OBJ_BLOCK_WORDS), 8 * entry_n(e));
}

static bool is_touched(const struct heap *h, uint64_t o, uint64_t b)
{
    uint64_t at = o + OBJ_HEADER + 8 * b * OBJ_BLOCK_WORDS;
    uint64_t last = at + 8 * block_words(h, o, b) - 1;
    return tape_is_touched(&h->tape, at / TAPE_PAGE) &&
           tape_is_touched(&h->tape, last / TAPE_PAGE) &&
           tape_is_touched(&h->tape, (o - 8 * b) / TAPE_PAGE);
}

/* Whether a block of an old object is in the remembered set; where that is
 * long, it is believed. */
static bool is_remembered(const struct heap *h, uint64_t o, uint64_t b)
{
    const uint64_t *e = obj_at(h, h->tape.seg[TAPE_REMEMBER].at);
    uint64_t n = h->st->remembered, i = 0;
    if (n > CHECK_REMEMBERED)
        return true;
    while (i < n && e[i] != block_ref(o, b))
        i++;
    return i < n;
}

/* Before a store: what its block's stamp says that was done before. */
static const char *check_stamp(const struct heap *h, uint64_t o, uint64_t b)
{
    const struct state *st = h->st;
    uint64_t s = *obj_stamp(h, o, b);
    if (s > st->clock)
        return "a stamp is ahead of the clock";
    if (obj_is_young(h, o))
        return NULL;
    if (st->globals != o && !old_is_object(h, o))
        return "a store goes to what is no object";
    if (s >= st->minor && b * OBJ_BLOCK_WORDS < obj_refs(h, o) &&
        !is_remembered(h, o, b))
        return "a block that passes for remembered is not";
    if (st->snap && s >= st->snap && !is_touched(h, o, b))
        return "a block that passes for touched is not";
    return NULL;
}

/* Whether a store to a block whose stamp was s has been prepared: the trail's
 * top and the entries remembered are those of before. */
static const char *check_barrier(struct heap *h, uint64_t o, uint64_t b,
                                 uint64_t s, uint64_t top, uint64_t remembered)
{
    const struct state *st = h->st;
    const uint64_t *e = obj_at(h, h->tape.seg[TAPE_REMEMBER].at);
    bool old = !obj_is_young(h, o);
    bool refs = b * OBJ_BLOCK_WORDS < obj_refs(h, o);
    if (*obj_stamp(h, o, b) != st->clock && *obj_stamp(h, o, b) != s)
        return "the barrier has stamped with another number than the clock's";
    if (s < st->scope ? !is_logged(h, o, b, s, top) : st->trail != top)
        return "the barrier has not logged what was";
    if (old && s < st->snap && !is_touched(h, o, b))
        return "the barrier has not touched the block's pages";
    if (old && refs && s < st->minor &&
        (st->remembered != remembered + 1 || e[remembered] != block_ref(o, b)))
        return "the barrier has not remembered the block";
    if (old && s < st->mark && !is_shaded(h, o, b))
        return "the barrier has not shaded what the block refers to";
    if ((s < st->scope || s < st->snap || s < st->minor) &&
        *obj_stamp(h, o, b) != st->clock)
        return "the barrier has left a stamp that it meets again";
    return NULL;
}

/* What snapshots and the collector want of an old block whose stamp is s. */
static void prepare_old(struct heap *h, uint64_t o, uint64_t b, uint64_t s)
{
    if (s < h->st->snap)
        touch_block(h, o, b);
    if (s < h->st->mark)
        shade_block(h, o, b);
}

/* What the reasons to run ask for, each done; false when memory for it is
 * exhausted, and then nothing was. */
static bool prepare(struct heap *h, uint64_t o, uint64_t b, uint64_t s)
{
    const struct state *st = h->st;
    if (s < st->scope && !has_room(h))
        return false;
    if (!obj_is_young(h, o)) {
        prepare_old(h, o, b, s);
        if (s < st->minor && b * OBJ_BLOCK_WORDS < obj_refs(h, o))
            gc_remember(h, o, b);
    }
    if (s < st->scope)
        push(h, o, b, s);
    if (s < st->scope || s < st->snap || s < st->minor)
        *obj_stamp(h, o, b) = st->clock;
    return true;
}

bool trail_barrier(struct heap *h, uint64_t o, uint64_t w)
{
    if (o == 0)
        return false;
    uint64_t b = w / OBJ_BLOCK_WORDS, s = *obj_stamp(h, o, b);
    uint64_t top = h->st->trail, remembered = h->st->remembered;
    if (PAL_UNLIKELY(h->tlog != NULL)) {
        heap_log(h, obj_word(h, o, b * OBJ_BLOCK_WORDS), block_words(h, o, b));
        heap_log(h, obj_stamp(h, o, b), 1);
    }
    if (PAL_UNLIKELY(h->check_barrier) && !h->broken)
        h->broken = check_stamp(h, o, b);
    bool done = prepare(h, o, b, s);
    if (PAL_UNLIKELY(h->check_barrier) && done && !h->broken)
        h->broken = check_barrier(h, o, b, s, top, remembered);
    return done;
}

void trail_pass_over(struct heap *h, uint64_t o, uint64_t w)
{
    uint64_t b = w / OBJ_BLOCK_WORDS;
    if (!obj_is_young(h, o))
        prepare_old(h, o, b, *obj_stamp(h, o, b));
}

/* ---- marks --------------------------------------------------------------- */

static void log_numbers(struct heap *h)
{
    if (PAL_UNLIKELY(h->tlog != NULL)) {
        heap_log(h, &h->st->clock, 2); /* clock, scope */
        heap_log(h, &h->st->trail, 3); /* trail, trail_new, nmarks */
    }
}

void trail_log_open(struct heap *h)
{
    log_numbers(h);
    heap_log(h, &h->marks[h->st->nmarks], sizeof(struct mark) / 8);
}

/* Keeps of the entries from `base` up those whose old stamp is below `outer`,
 * the enclosing scope's number, and moves the watermark of young entries with
 * them.  Holes go, and what is about to become one. */
static void filter(struct heap *h, uint64_t base, uint64_t outer)
{
    struct state *st = h->st;
    bool drops = st->gc.phase == GC_DROP;
    uint64_t to = base, young = st->trail_new;
    bool moved = st->trail_new <= base;
    for (uint64_t at = base; at < st->trail;) {
        const uint64_t *e = obj_at(h, at);
        uint64_t bytes = 8 * (entry_n(e) + 3);
        if (!moved && at >= st->trail_new) {
            young = to;
            moved = true;
        }
        uint64_t o = entry_object(e);
        if (o && entry_stamp(e) < outer && !(drops && weak_is_dead(h, o))) {
            if (to != at) {
                tape_touch(&h->tape, to, bytes);
                heap_log(h, obj_at(h, to), bytes / 8);
                memmove(obj_at(h, to), e, bytes);
            }
            to += bytes;
        }
        at += bytes;
    }
    st->trail = to;
    st->trail_new = young < to ? young : to;
}

static void close_mark(struct heap *h, const struct mark *m)
{
    h->st->scope = m->scope;
    h->st->nmarks--;
    heap_thresholds(h);
    uint64_t bytes = h->st->trail - h->tape.seg[TAPE_HISTORY].at;
    if (PAL_UNLIKELY(h->check) && !h->broken && bytes < CHECK_MOST)
        h->broken = trail_check(h);
}

/* Before the trail gets shorter: its pages are to be given back some day, and
 * the peak of what is in use may be now, for which a few entries are not worth
 * a look. */
static void note_top(struct heap *h, const struct mark *m)
{
    struct gc_state *g = &h->st->gc;
    if (PAL_UNLIKELY(h->st->trail > g->trail_high)) {
        heap_log(h, &g->trail_high, 1);
        g->trail_high = h->st->trail;
    }
    if (PAL_UNLIKELY(h->st->trail - m->trail >= TAPE_PAGE))
        gc_note_peak(h);
}

void trail_keep(struct heap *h)
{
    struct state *st = h->st;
    const struct mark *m = &h->marks[st->nmarks - 1];
    note_top(h, m);
    log_numbers(h);
    if (st->gc.phase != GC_IDLE)
        weak_cut(h, m->trail);
    if (m->scope == 0) {
        st->trail = m->trail;
        if (st->trail_new > st->trail)
            st->trail_new = st->trail;
    } else if (st->trail > m->trail) {
        filter(h, m->trail, m->scope);
    }
    close_mark(h, m);
}

/* Puts back one entry's words and stamp; whether what was remembered of the
 * block is stale now. */
static bool restore(struct heap *h, const uint64_t *e)
{
    uint64_t o = entry_object(e), b = entry_block(e), n = entry_n(e);
    uint64_t *to = obj_word(h, o, b * OBJ_BLOCK_WORDS);
    if (!o)
        return false; /* a hole */
    if (PAL_UNLIKELY(h->tlog != NULL)) {
        heap_log(h, to, n);
        heap_log(h, obj_stamp(h, o, b), 1);
    }
    if (h->st->snap && !obj_is_young(h, o))
        touch_block(h, o, b);
    bool shades = mark_is_shading(h) && !obj_is_young(h, o);
    if (shades)
        shade_block(h, o, b);
    for (uint64_t i = 0; i < n; i++)
        to[i] = e[2 + i];
    if (shades)
        shade_block(h, o, b);
    bool stale =
        *obj_stamp(h, o, b) >= h->st->minor && entry_stamp(e) < h->st->minor;
    *obj_stamp(h, o, b) = entry_stamp(e);
    return stale;
}

/* ---- what undo makes stale of the remembered set ------------------------- */

/* Blocks that have an old stamp again hold no young reference, and the next
 * store remembers them once more.  Undo of a scope that is younger than the
 * last minor collection drops them: they were remembered since its mark. */
static void drop_since(struct heap *h, const struct mark *m)
{
    struct state *st = h->st;
    uint64_t *e = obj_at(h, h->tape.seg[TAPE_REMEMBER].at), to = m->remembered;
    heap_log(h, &st->remembered, 1);
    for (uint64_t i = to; i < st->remembered; i++)
        if (*block_ref_stamp(h, e[i]) >= st->minor) {
            heap_log(h, &e[to], 1);
            e[to++] = e[i];
        }
    st->remembered = to;
}

/* In a block's stamp while it was met in the set: stamps have 58 bits. */
#define MET (UINT64_C(1) << 63)

/* Leaves what is not stale in the set, once. */
static void compact(struct heap *h)
{
    struct state *st = h->st;
    uint64_t *e = obj_at(h, h->tape.seg[TAPE_REMEMBER].at), to = 0;
    heap_log(h, &st->remembered, 2); /* remembered, stale */
    for (uint64_t i = 0; i < st->remembered; i++) {
        uint64_t *stamp = block_ref_stamp(h, e[i]);
        if (*stamp < st->minor || *stamp & MET)
            continue;
        *stamp |= MET;
        heap_log(h, &e[to], 1);
        e[to++] = e[i];
    }
    for (uint64_t i = 0; i < to; i++)
        *block_ref_stamp(h, e[i]) &= ~MET;
    st->remembered = to;
    st->stale = 0;
}

/* Undo of an older scope leaves stale entries anywhere; they are dropped once
 * they may be half of the set, or undoing many such scopes would take each
 * time as long as the set is.  Until then a block may be in it again.  So the
 * set is never longer than twice the blocks there are. */
static void forget(struct heap *h, const struct mark *m, uint64_t stale)
{
    struct state *st = h->st;
    if (!stale)
        return;
    if (m->number >= st->minor) {
        drop_since(h, m);
        return;
    }
    heap_log(h, &st->stale, 1);
    st->stale += stale;
    if (2 * st->stale >= st->remembered)
        compact(h);
}

/* ---- undo ---------------------------------------------------------------- */

void trail_undo(struct heap *h)
{
    struct state *st = h->st;
    const struct mark *m = &h->marks[st->nmarks - 1];
    note_top(h, m);
    log_numbers(h);
    if (st->gc.phase != GC_IDLE)
        weak_cut(h, m->trail);
    uint64_t stale = 0;
    while (st->trail > m->trail) {
        const uint64_t *e = entry_below(h, st->trail);
        stale += restore(h, e);
        st->trail = (uint64_t)((const uint8_t *)e - h->base);
    }
    if (st->trail_new > st->trail)
        st->trail_new = st->trail;
    forget(h, m, stale);
    close_mark(h, m);
}

/* ---- for the collector, and for tests ------------------------------------ */

void trail_connect(struct heap *h)
{
    h->calls.trail_roots = trail_roots;
    h->calls.trail_entries = weak_entries;
    h->calls.trail_alive = weak_alive;
    h->calls.trail_drop = weak_drop;
}

void trail_roots(struct heap *h, void (*visit)(struct heap *h, uint64_t *slot))
{
    struct state *st = h->st;
    for (uint64_t at = st->trail_new; at < st->trail;) {
        uint64_t *e = obj_at(h, at);
        uint64_t o = entry_object(e), b = entry_block(e), n = entry_n(e);
        at += 8 * (n + 3);
        if (!o || !may_be_young(h, entry_stamp(e)))
            continue;
        visit(h, &o);
        e[0] = block_ref(o, b);
        uint64_t refs = obj_refs(h, o), first = b * OBJ_BLOCK_WORDS;
        for (uint64_t i = 0; i < n && first + i < refs; i++)
            visit(h, &e[2 + i]);
    }
}

/* Whether the entries from `at` to `end` are well formed and name a block at
 * most once. */
static const char *check_entries(struct heap *h, uint64_t at, uint64_t end)
{
    for (; at < end;) {
        const uint64_t *e = obj_at(h, at);
        uint64_t n = entry_n(e), bytes = 8 * (n + 3);
        if (n > OBJ_BLOCK_WORDS || bytes > end - at || e[2 + n] != n)
            return "a trail entry is malformed";
        if (!entry_object(e)) {
            at += bytes;
            continue;
        }
        if (old_is(h, entry_object(e)) && !old_is_object(h, entry_object(e)))
            return "a trail entry names what is no object";
        if (n != block_words(h, entry_object(e), entry_block(e)))
            return "a trail entry has not its block's size";
        for (uint64_t k = at + bytes; k < end;) {
            const uint64_t *f = obj_at(h, k);
            if (f[0] == e[0])
                return "a block was logged twice in one scope";
            k += 8 * (entry_n(f) + 3);
        }
        at += bytes;
    }
    return NULL;
}

const char *trail_check(struct heap *h)
{
    const struct state *st = h->st;
    uint64_t bottom = h->tape.seg[TAPE_HISTORY].at;
    if (!st->nmarks)
        return st->trail == bottom ? NULL : "the trail is not empty";
    if (h->marks[0].trail != bottom)
        return "entries lie below the outermost mark";
    for (uint64_t i = 0; i < st->nmarks; i++) {
        uint64_t end = i + 1 < st->nmarks ? h->marks[i + 1].trail : st->trail;
        if (h->marks[i].trail > end)
            return "the marks' bases do not ascend";
        const char *why = check_entries(h, h->marks[i].trail, end);
        if (why)
            return why;
    }
    return NULL;
}
