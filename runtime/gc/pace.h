/* pace.h - the pace of cycles; private to the room. */
#ifndef PAL_GC_PACE_H
#define PAL_GC_PACE_H

#include "runtime/gc/gc.h"

/* Bytes that are left for who handles the error that the heap is full: it is
 * when no more than twice this can be promoted. */
uint64_t pace_reserve(const struct heap *h);
/* At the end of a minor collection: begins a cycle that is due, or goes on
 * with the one under way. */
void pace_advance(struct heap *h);

#endif
