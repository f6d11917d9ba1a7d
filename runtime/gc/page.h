/* page.h - pages of the old generation, by number from the heap's start, taken
 * and freed in spans; private to the room. */
#ifndef PAL_GC_PAGE_H
#define PAL_GC_PAGE_H

#include "runtime/gc/old.h"

#define PAGE_NONE UINT64_MAX

/* A span of n pages, described as of a kind and class; PAGE_NONE: there is
 * none.  Its content is undefined. */
uint64_t page_take(struct heap *h, uint64_t n, uint32_t kind, unsigned class);
/* Frees the span that begins at a page. */
void page_free(struct heap *h, uint64_t page);

/* The first page from i on whose bit is `set`, or `end`. */
uint64_t page_next(const uint64_t *bits, uint64_t i, uint64_t end, bool set);
/* Sets or clears the bits of n pages. */
void page_put(struct heap *h, uint64_t *bits, uint64_t i, uint64_t n, bool set);
/* Logs the words that hold the items i..i+n of a table by page. */
void page_log(struct heap *h, const uint32_t *table, uint64_t i, uint64_t n);

#endif
