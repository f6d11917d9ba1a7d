/* trail.h - the write barrier, the trail, and marks.
 *
 * One clock never goes back.  It advances at scope entry and at the end of a
 * minor collection.  A store compares the stamp of the block it writes with
 * one threshold: t_val for a scalar, t_ref for a reference.  Below it the
 * barrier runs, does what each reason asks for, and stamps the block with the
 * clock, so that the next store passes.
 *
 *   stamp < scope   the block was not written since the scope was entered:
 *                   push its old words on the trail
 *   stamp < snap    its page was not touched since the snapshot: touch it
 *   stamp < minor   an old block with references was not remembered since
 *                   the last minor collection: remember it
 *   stamp < mark    its references were not shaded since marking began: shade
 *                   them (gc/mark.h)
 *
 * The trail grows upwards in HISTORY.  An entry, which is read downwards:
 *
 *   object/16 40 | block 24 ;  stamp 58 | n 6 ;  n old words ;  n
 *
 * One whose object is null is a hole: its object died, and the collector took
 * it out.
 *
 * A small object is logged whole, a large one by block.  The trail holds at
 * most one entry per block and open scope.  Undo pops entries down to the
 * mark; keep hands up those whose old stamp is below the enclosing scope's
 * number, for the others were born in it or logged by it already.
 *
 * Marks nest; the innermost is marks[nmarks - 1].  Undo and keep allocate
 * nothing and cannot fail. */
#ifndef PAL_TRAIL_TRAIL_H
#define PAL_TRAIL_TRAIL_H

#include "runtime/gc/gc.h"

#define TRAIL_ENTRY_MAX (OBJ_BLOCK_WORDS + 3) /* words */

/* Bytes of entries that there is room for. */
uint64_t trail_room(const struct heap *h);

/* The slow path of a store to payload word w of o.  False when o is the null
 * reference or memory for the trail is exhausted. */
bool trail_barrier(struct heap *h, uint64_t o, uint64_t w);
/* Where that was refused for memory, for a store of no young reference that is
 * made all the same.  Undo will not take it back. */
void trail_pass_over(struct heap *h, uint64_t o, uint64_t w);

/* Before a scalar or reference store to word w of o; false as above. */
static inline bool trail_before_val(struct heap *h, uint64_t o, uint64_t w)
{
    return PAL_LIKELY(*obj_stamp(h, o, w / OBJ_BLOCK_WORDS) >= h->t_val) ||
           trail_barrier(h, o, w);
}
static inline bool trail_before_ref(struct heap *h, uint64_t o, uint64_t w)
{
    return PAL_LIKELY(*obj_stamp(h, o, w / OBJ_BLOCK_WORDS) >= h->t_ref) ||
           trail_barrier(h, o, w);
}

/* Logs what opening a mark overwrites, for a traced window. */
void trail_log_open(struct heap *h);

/* Opens a mark: number, scope threshold and trail base are filled here, the
 * rest is the caller's.  False when there are too many open marks.  Inline, so
 * that the caller's fields go straight to their place. */
static inline bool trail_open(struct heap *h, const struct mark *m)
{
    struct state *st = h->st;
    struct mark *to = &h->marks[st->nmarks];
    if (PAL_UNLIKELY(to >= h->marks_end))
        return false;
    if (PAL_UNLIKELY(h->tlog != NULL))
        trail_log_open(h);
    to->kind = m->kind;
    to->pc = m->pc;
    to->back_pc = m->back_pc;
    to->rbase = m->rbase;
    to->sbase = m->sbase;
    to->ctop = m->ctop;
    to->error_reg = m->error_reg;
    to->keep_reg = m->keep_reg;
    to->action = m->action;
    to->scope = st->scope;
    to->trail = st->trail;
    to->remembered = st->remembered;
    to->number = st->scope = ++st->clock;
    st->nmarks++;
    heap_thresholds(h);
    return true;
}
/* Closes the innermost mark. */
void trail_keep(struct heap *h);
void trail_undo(struct heap *h);

/* Fills those of the heap's calls that are the trail's: the following. */
void trail_connect(struct heap *h);
void trail_roots(struct heap *h, void (*visit)(struct heap *h, uint64_t *slot));
/* The three that follow entries through a cycle of the old generation. */
bool weak_entries(struct heap *h, int64_t *budget);
void weak_alive(struct heap *h, uint64_t o);
bool weak_drop(struct heap *h, int64_t *budget);

/* Debug: the trail reads back entry by entry to its bottom, marks' bases
 * ascend, at most one entry per block and scope. A sentence, or NULL. */
const char *trail_check(struct heap *h);

#endif
