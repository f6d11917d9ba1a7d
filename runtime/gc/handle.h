/* handle.h - references that code outside the tape keeps: a number that stands
 * for an object, and keeps it alive, until it is closed.
 *
 *   63           32 31            0
 *   |  generation  |  place + 1   |
 *
 * Places are used again; each use has another generation (1, 2, ... and after
 * 2^32 the first again), so that a handle that was closed, or made up, is told
 * from one that is open.  The table lies on the tape: snapshots hold it.  No
 * scope takes back what is done to it. */
#ifndef PAL_GC_HANDLE_H
#define PAL_GC_HANDLE_H

#include "runtime/gc/gc.h"

#define GC_HANDLES_MOST (UINT32_C(1) << 20)
#define GC_HANDLE_TEXT  48

/* A handle of an object, or of the null reference; 0: there are too many. */
uint64_t gc_handle_open(struct heap *h, uint64_t o);
/* The object in *o.  PAL_USAGE for a handle that is not open: *o is 0, and the
 * text, unless NULL, is `invalid reference N` (GC_HANDLE_TEXT bytes). */
enum pal_status gc_handle_get(const struct heap *h, uint64_t handle,
                              uint64_t *o, char *text);
/* Closes it; PAL_USAGE as above, and nothing is done. */
enum pal_status gc_handle_close(struct heap *h, uint64_t handle, char *text);

/* Calls visit on every slot that holds an object. */
void gc_handle_roots(struct heap *h,
                     void (*visit)(struct heap *h, uint64_t *slot));

#endif
