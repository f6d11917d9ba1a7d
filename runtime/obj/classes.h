/* classes.h - which references are taken as equal, while two graphs are walked
 * side by side.
 *
 * A pair that was met before is taken as equal: where it is not, the first
 * meeting finds out (bisimulation), so cycles end.  Union-find, in memory of
 * the heap's context. */
#ifndef PAL_OBJ_CLASSES_H
#define PAL_OBJ_CLASSES_H

#include "runtime/obj/idmap.h"

struct classes {
    struct idmap parent;
    bool failed; /* memory is exhausted */
};

/* Joins the classes of two references; true when they were apart. */
bool classes_join(struct classes *c, uint64_t a, uint64_t b);
void classes_free(struct classes *c);

#endif
