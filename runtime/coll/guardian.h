/* guardian.h - guardians: which objects are watched, and what of them has
 * died; gc/guard.h has the structure and the collector's part.
 *
 * What the program does is on the guardian's map, which is written through
 * the barrier.  So a watch that is undone was never made; an object whose
 * handing over is undone is watched again, and handed over again when it is
 * once more found that nothing else reaches it: it may have left the scope.
 *
 * All take slots (registers, handles) where they may collect. */
#ifndef PAL_COLL_GUARDIAN_H
#define PAL_COLL_GUARDIAN_H

#include "runtime/coll/map.h"

/* A guardian that watches nothing; 0 when the heap is full.  May collect. */
uint64_t guardian_new(struct heap *h);

/* Watches an object, once more if it is watched.  May collect.  MAP_NULL: the
 * guardian is the null reference. */
enum map_status guardian_watch(struct heap *h, const uint64_t *guardian,
                               const uint64_t *object);

/* An object that the collector found dead but for its guardian, in *object;
 * those found earlier first.  It is handed over with that: the watch is over.
 * MAP_ABSENT and 0: there is none. */
enum map_status guardian_next(struct heap *h, uint64_t guardian,
                              uint64_t *object);

#endif
