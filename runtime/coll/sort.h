/* sort.h - lists sorted in place: stable, ascending.
 *
 * Sorted is a copy outside the tape; the writes are announced when the order
 * is known, and a list that is in order is not written.  What fits a word goes
 * by its digits (radix sort, from the lowest), in time proportional to the
 * length; references by merging.  A NaN comes last, and 0.0 and -0.0 are
 * equal. */
#ifndef PAL_COLL_SORT_H
#define PAL_COLL_SORT_H

#include "runtime/coll/list.h"

/* Sorts scalars by value, references by obj_compare.  LIST_MEMORY: nothing
 * was done. */
enum list_status list_sort(struct heap *h, uint64_t list);
/* Sorts items by the keys at their places in another list, and the keys with
 * them; LIST_INDEX where the lists' lengths differ. */
enum list_status list_sort_by(struct heap *h, uint64_t list, uint64_t keys);

#endif
