/* entry.h - the fields of a trail entry; private to the room.
 *
 *   object/16 40 | block 24 ;  stamp 58 | n 6 ;  n old words ;  n
 *
 * An entry whose object is null is a hole: its container died. */
#ifndef PAL_TRAIL_ENTRY_H
#define PAL_TRAIL_ENTRY_H

#include "runtime/trail/trail.h"

static inline uint64_t entry_object(const uint64_t *e)
{
    return block_ref_object(e[0]);
}
static inline uint64_t entry_block(const uint64_t *e)
{
    return block_ref_index(e[0]);
}
static inline uint64_t entry_stamp(const uint64_t *e)
{
    return e[1] >> 6;
}
static inline uint64_t entry_n(const uint64_t *e)
{
    return e[1] & 63;
}
static inline uint64_t entry_bytes(const uint64_t *e)
{
    return 8 * (entry_n(e) + 3);
}

/* Whether an object is old and not marked: once marking has ended, and until
 * the sweep, it is dead. */
static inline bool weak_is_dead(const struct heap *h, uint64_t o)
{
    return old_is(h, o) && !old_is_marked(h, o);
}
/* weak.c: entries from a position on leave or move, while the collector may
 * know of them. */
void weak_cut(struct heap *h, uint64_t from);

#endif
