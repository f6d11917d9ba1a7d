/* guard.c - see guard.h. */
#include "runtime/gc/guard.h"

#define LOOK_COST 64 /* bytes of budget: of a watch that is looked at */

/* Before words of an object that is the collector's are written. */
static void announce(struct heap *h, uint64_t o, uint64_t word, uint64_t n)
{
    uint64_t *p = obj_word(h, o, word);
    heap_log(h, p, n);
    if (!obj_is_young(h, o))
        tape_touch(&h->tape, (uint64_t)((uint8_t *)p - h->base), 8 * n);
}

/* ---- watches ------------------------------------------------------------- */

uint64_t guard_new(struct heap *h, const uint64_t *target,
                   const uint64_t *queue, uint64_t number)
{
    uint64_t o = gc_new(h, PVM_T_WATCH, WATCH_WORDS);
    if (!o)
        return 0;
    *obj_word(h, o, WATCH_TARGET) = *target;
    *obj_word(h, o, WATCH_QUEUE) = *queue;
    *obj_word(h, o, WATCH_NUMBER) = number;
    if (!obj_is_young(h, o))
        guard_born(h, o);
    return o;
}

void guard_born(struct heap *h, uint64_t watch)
{
    struct gc_state *g = &h->st->gc;
    heap_log(h, &g->watch, 1);
    h->old.watch[g->watch++] = watch;
}

/* ---- queues -------------------------------------------------------------- */

static void append(struct heap *h, uint64_t watch)
{
    uint64_t queue = *obj_word(h, watch, WATCH_QUEUE);
    uint64_t last = *obj_word(h, queue, QUEUE_LAST);
    announce(h, watch, WATCH_WAITS, 1);
    *obj_word(h, watch, WATCH_WAITS) = 1;
    announce(h, queue, QUEUE_FIRST, QUEUE_WORDS);
    if (last) {
        announce(h, last, WATCH_NEXT, 1);
        *obj_word(h, last, WATCH_NEXT) = watch;
    } else {
        *obj_word(h, queue, QUEUE_FIRST) = watch;
    }
    *obj_word(h, queue, QUEUE_LAST) = watch;
}

/* What it unlinks is shaded, as the barrier would. */
uint64_t guard_pop(struct heap *h, uint64_t queue)
{
    uint64_t watch = *obj_word(h, queue, QUEUE_FIRST);
    uint64_t next = *obj_word(h, watch, WATCH_NEXT);
    uint64_t target = *obj_word(h, watch, WATCH_TARGET);
    if (mark_is_shading(h)) {
        mark_shade(h, watch);
        mark_shade(h, next);
        mark_shade(h, target);
    }
    announce(h, queue, QUEUE_FIRST, QUEUE_WORDS);
    *obj_word(h, queue, QUEUE_FIRST) = next;
    if (!next)
        *obj_word(h, queue, QUEUE_LAST) = 0;
    announce(h, watch, WATCH_NEXT, WATCH_WORDS - WATCH_NEXT);
    *obj_word(h, watch, WATCH_NEXT) = 0;
    *obj_word(h, watch, WATCH_WAITS) = 0;
    return target;
}

/* ---- the end of marking -------------------------------------------------- */

/* The program runs between slices; what it reaches in them by a weak box it
 * has shaded. */
static void look(struct heap *h, uint64_t watch)
{
    uint64_t target = *obj_word(h, watch, WATCH_TARGET);
    if (!old_is_marked(h, watch))
        return;
    if (h->st->gc.guard == GUARD_RESCUE)
        mark_shade(h, target);
    else if (old_is(h, target) && !old_is_marked(h, target))
        append(h, watch); /* it does not wait, or it would be marked */
}

bool guard_take(struct heap *h, int64_t *budget)
{
    struct gc_state *g = &h->st->gc;
    if (g->guard == GUARD_NONE)
        g->guard = GUARD_TAKE;
    for (; g->guard < GUARD_DONE; g->guard++, g->watch_at = 0)
        for (; g->watch_at < g->watch; g->watch_at++, *budget -= LOOK_COST) {
            if (*budget <= 0)
                return false;
            look(h, h->old.watch[g->watch_at]);
        }
    return true;
}

bool guard_forget(struct heap *h, int64_t *budget)
{
    struct gc_state *g = &h->st->gc;
    for (; g->watch_at < g->watch; g->watch_at++, *budget -= LOOK_COST) {
        if (*budget <= 0)
            return false;
        uint64_t watch = h->old.watch[g->watch_at];
        if (old_is_marked(h, watch))
            h->old.watch[g->watch_kept++] = watch;
    }
    g->watch = g->watch_at = g->watch_kept;
    return true;
}

/* ---- check --------------------------------------------------------------- */

const char *guard_check(const struct heap *h, uint64_t watch)
{
    uint64_t queue = *obj_word(h, watch, WATCH_QUEUE);
    uint64_t next = *obj_word(h, watch, WATCH_NEXT);
    if (!queue || queue % 16 || queue >= h->tape.seg[TAPE_HISTORY].at ||
        next % 16 || next >= h->tape.seg[TAPE_HISTORY].at)
        return NULL; /* met later, and refused */
    if (obj_type(h, queue) != PVM_T_QUEUE ||
        (next && obj_type(h, next) != PVM_T_WATCH))
        return "a watch has no queue";
    if (!*obj_word(h, watch, WATCH_WAITS))
        return next ? "a watch that does not wait has one behind it" : NULL;
    if (obj_is_young(h, watch) || obj_is_young(h, queue))
        return "a watch that waits is young";
    if (!next && *obj_word(h, queue, QUEUE_LAST) != watch)
        return "a queue's last watch is another";
    if (next && (!*obj_word(h, next, WATCH_WAITS) ||
                 *obj_word(h, next, WATCH_QUEUE) != queue))
        return "a watch waits before one of another queue";
    return NULL;
}
