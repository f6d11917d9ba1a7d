/* clone.h - deep copies of object graphs. */
#ifndef PAL_COLL_CLONE_H
#define PAL_COLL_CLONE_H

#include "runtime/coll/list.h"

/* A deep copy of what a slot holds, in *out: lists, maps and structs are
 * copied, each once, so that sharing and cycles are inside the copy as they
 * were; all else, strs among it, does not change and is shared.  Allocates,
 * and may collect.  PAL_NOMEM: nothing is left behind, and *out stands. */
enum pal_status clone_value(struct heap *h, const uint64_t *o, uint64_t *out);

#endif
