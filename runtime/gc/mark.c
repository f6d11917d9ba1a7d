/* mark.c - see mark.h. */
#include "runtime/gc/mark.h"

#include "runtime/gc/guard.h"
#include "runtime/gc/handle.h"

#define BLOCKS_AT_ONCE 64u /* of one object, before others have their turn */
#define LEAF_COST      16 /* bytes of budget: of an object without references */
#define SWEEP_COST     256 /* of a span swept */
#define AHEAD          16u /* objects whose headers are asked for at a time */

/* ---- the queue ----------------------------------------------------------- */

void mark_shade_words(struct heap *h, const uint64_t *p, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++)
        mark_shade(h, p[i]);
}

/* Scans an object from a block on; a long one is queued again for its rest.
 * What that costs, in bytes. */
static int64_t scan(struct heap *h, uint64_t item)
{
    uint64_t o = block_ref_object(item), b = block_ref_index(item);
    uint64_t info = obj_info(h, o), words = info >> 32;
    uint32_t type = (uint32_t)info & 0xffffff, refs = h->type_refs[type];
    if (b == 0 && h->st->gc.phase == GC_ENTRIES &&
        h->old.heads[old_granule(h, o)])
        h->calls.trail_alive(h, o);
    if (b == 0)
        h->st->gc.unmarked -= obj_bytes(words);
    if (type == PVM_T_WEAK)
        return LEAF_COST;
    uint64_t from = b * OBJ_BLOCK_WORDS, to = refs;
    if (type == PVM_T_WATCH && !guard_holds(h, o))
        from = WATCH_TARGET + 1;
    if (refs == OBJ_ALL_REFS)
        to = words;
    if (to - from > (uint64_t)BLOCKS_AT_ONCE * OBJ_BLOCK_WORDS) {
        to = from + (uint64_t)BLOCKS_AT_ONCE * OBJ_BLOCK_WORDS;
        h->old.queue[h->st->gc.queue++] = block_ref(o, b + BLOCKS_AT_ONCE);
    }
    mark_shade_words(h, obj_word(h, o, from), to - from);
    return LEAF_COST + 8 * (int64_t)(to - from);
}

/* Items taken from the queue, oldest first, while their objects' headers come
 * from memory (Cher, Hosking, Vitek 2004). */
struct ahead {
    uint64_t item[AHEAD];
    unsigned at, n;
};

static void fetch(struct heap *h, struct ahead *a)
{
    struct gc_state *g = &h->st->gc;
    while (g->queue && a->n < AHEAD) {
        uint64_t item = h->old.queue[--g->queue];
        __builtin_prefetch(obj_at(h, block_ref_object(item)));
        a->item[(a->at + a->n++) % AHEAD] = item;
    }
}

/* True when the queue is empty. */
static bool drain(struct heap *h, int64_t *budget)
{
    struct gc_state *g = &h->st->gc;
    struct ahead a = {.n = 0};
    for (;;) {
        fetch(h, &a);
        if (!a.n)
            return true;
        if (*budget <= 0)
            break;
        uint64_t item = a.item[a.at];
        a.at = (a.at + 1) % AHEAD;
        a.n--;
        *budget -= scan(h, item);
    }
    while (a.n)
        h->old.queue[g->queue++] = a.item[(a.at + --a.n) % AHEAD];
    return false;
}

/* ---- the start ----------------------------------------------------------- */

static void shade_slot(struct heap *h, uint64_t *slot)
{
    mark_shade(h, *slot);
}

void mark_start(struct heap *h)
{
    struct state *st = h->st;
    struct gc_state *g = &st->gc;
    g->phase = GC_MARK;
    g->queue = 0;
    g->guard = GUARD_NONE;
    g->watch_at = 0;
    g->unmarked = old_objects(h);
    g->unseen = mark_entry_cost(st->trail - h->tape.seg[TAPE_HISTORY].at);
    st->mark = st->minor;
    h->calls.roots(h, shade_slot);
    h->calls.old_roots(h, shade_slot);
    gc_handle_roots(h, shade_slot);
    if (st->globals)
        mark_shade_words(h, obj_word(h, st->globals, 0),
                         obj_refs(h, st->globals));
    mark_shade(h, st->error);
    mark_shade(h, st->world);
    mark_shade_words(h, &st->made_stack.error, sizeof st->made_stack / 8);
    mark_shade_words(h, &st->made_memory.error, sizeof st->made_memory / 8);
    mark_shade_words(h, st->handles, st->nhandles);
}

/* ---- the end ------------------------------------------------------------- */

void mark_weak_born(struct heap *h, uint64_t box)
{
    struct gc_state *g = &h->st->gc;
    heap_log(h, &g->weak, 1);
    h->old.weak[g->weak++] = box;
}

uint64_t gc_weak_get(struct heap *h, uint64_t box)
{
    uint64_t o = *obj_word(h, box, WEAK_TARGET);
    if (mark_is_shading(h))
        mark_shade(h, o);
    else if (h->st->gc.phase == GC_DROP && old_is(h, o) && !old_is_marked(h, o))
        return 0; /* its turn to be cleared comes */
    return o;
}

/* Clears boxes whose target died and forgets boxes that died; true when all
 * were looked at. */
static bool clear_weak(struct heap *h, int64_t *budget)
{
    struct gc_state *g = &h->st->gc;
    for (; g->cursor < g->weak; g->cursor++, *budget -= 64) {
        if (*budget <= 0)
            return false;
        uint64_t box = h->old.weak[g->cursor];
        if (!old_is_marked(h, box))
            continue;
        uint64_t *to = obj_word(h, box, WEAK_TARGET);
        if (old_is(h, *to) && !old_is_marked(h, *to)) {
            tape_touch(&h->tape, (uint64_t)((uint8_t *)to - h->base), 8);
            *to = 0;
        }
        h->old.weak[g->kept++] = box;
    }
    g->weak = g->cursor = g->kept;
    return true;
}

/* All that lives is marked. */
static void end_marking(struct heap *h)
{
    struct state *st = h->st;
    st->mark = 0;
    st->gc.phase = GC_DROP;
    st->gc.dead += st->gc.unmarked;
    if (st->gc.pending > st->gc.pending_high)
        st->gc.pending_high = st->gc.pending;
    st->gc.cursor = st->gc.kept = 0;
    st->gc.watch_at = st->gc.watch_kept = 0;
}

static bool mark_entries(struct heap *h, int64_t *budget, bool settled)
{
    struct gc_state *g = &h->st->gc;
    do {
        if (!drain(h, budget) || !h->calls.trail_entries(h, budget))
            return false;
    } while (g->queue);
    return settled;
}

/* All of phase ENTRIES: the fixpoint, and once more with what guardians take.
 */
static bool mark_rest(struct heap *h, int64_t *budget, bool settled)
{
    do {
        if (!mark_entries(h, budget, settled))
            return false;
        if (!h->st->gc.watch || h->st->gc.guard == GUARD_DONE)
            return true;
    } while (guard_take(h, budget));
    return false;
}

/* Goes on to a phase that looks at something from its beginning. */
static void next_phase(struct gc_state *g, enum gc_phase phase)
{
    g->phase = phase;
    g->cursor = g->kept = 0;
}

static void end_cycle(struct heap *h)
{
    struct gc_state *g = &h->st->gc;
    g->phase = GC_IDLE;
    g->majors++;
}

void mark_step(struct heap *h, int64_t budget, bool settled)
{
    struct gc_state *g = &h->st->gc;
    for (;;)
        switch ((enum gc_phase)g->phase) {
        case GC_MARK:
            if (!drain(h, &budget))
                return;
            g->phase = GC_ENTRIES;
            g->cursor = h->tape.seg[TAPE_HISTORY].at;
            break;
        case GC_ENTRIES:
            if (!mark_rest(h, &budget, settled))
                return;
            end_marking(h);
            if (h->check && !h->broken)
                h->broken = gc_check_marked(h);
            break;
        case GC_DROP:
            if (!clear_weak(h, &budget) || !guard_forget(h, &budget) ||
                !h->calls.trail_drop(h, &budget))
                return;
            old_sweep_begin(h);
            g->phase = GC_SWEEP;
            break;
        case GC_SWEEP:
            budget = budget / SWEEP_COST + (budget > 0);
            if (!old_sweep(h, &budget))
                return;
            gc_set_goal(h);
            next_phase(g, GC_RELEASE);
            return;
        case GC_RELEASE:
            budget = budget / SWEEP_COST + (budget > 0);
            if (!old_release(h, &budget))
                return;
            next_phase(g, GC_TRIM);
            return;
        case GC_TRIM:
            budget = budget / SWEEP_COST + (budget > 0);
            if (!old_trim(h, &budget))
                return;
            end_cycle(h);
            return;
        default: return;
        }
}
