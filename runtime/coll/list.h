/* list.h - lists under change.
 *
 * A list grows by a store of twice the size; the old store is left as it
 * was, so that the trail has only to restore the list's two words.  All
 * writes go through the barrier.  Slots at and beyond the length are zero.
 *
 * The functions that allocate may collect: references they take are slots
 * (registers, handles), read again afterwards.  Each returns LIST_OK or why
 * it did nothing. */
#ifndef PAL_COLL_LIST_H
#define PAL_COLL_LIST_H

#include "runtime/trail/trail.h"

enum list_status {
    LIST_OK,
    LIST_INDEX,  /* out of range */
    LIST_MEMORY, /* heap, trail or size limit */
    LIST_NULL    /* the null reference */
};

static inline enum pvm_kind list_item_kind(const struct heap *h, uint64_t list)
{
    return h->image->types[obj_type(h, list)].item.kind;
}

/* How a list's items are stored. */
enum list_form { LIST_FORM_W, LIST_FORM_B, LIST_FORM_R };
enum list_form list_form(const struct heap *h, uint64_t list);

/* An empty list of a type; 0 when the heap is full. */
uint64_t list_new(struct heap *h, uint32_t type);
/* A list of n zero items, its store in one piece; 0 when the heap is full. */
uint64_t list_make(struct heap *h, uint32_t type, uint64_t n);
/* Room for n items in all. */
enum list_status list_reserve(struct heap *h, uint64_t *list, uint64_t n);

/* Items as words: bytes and bools widened, references as offsets.  The slot
 * of a reference item is read after any collection. */
enum list_status list_push(struct heap *h, uint64_t *list,
                           const uint64_t *item);
enum list_status list_pop(struct heap *h, uint64_t list, uint64_t *item);
enum list_status list_insert(struct heap *h, uint64_t *list, int64_t at,
                             const uint64_t *item);
enum list_status list_remove(struct heap *h, uint64_t list, int64_t at,
                             uint64_t *item);
enum list_status list_fill(struct heap *h, uint64_t *list, int64_t n,
                           uint64_t item);
enum list_status list_set(struct heap *h, uint64_t list, int64_t at,
                          uint64_t item);
enum list_status list_swap(struct heap *h, uint64_t list, int64_t i, int64_t j);
enum list_status list_reverse(struct heap *h, uint64_t list);
uint64_t list_item(const struct heap *h, uint64_t list, uint64_t i);
/* Bytes appended to a [byte]; the source lies outside the tape. */
enum list_status list_append_bytes(struct heap *h, uint64_t *list,
                                   const uint8_t *p, uint64_t n);
/* The bytes of a str appended to a [byte]. */
enum list_status list_append_str(struct heap *h, uint64_t *list,
                                 const uint64_t *str);

/* All items of another list of the same type, which may be the same list,
 * inserted before one; all items from..to removed; all removed. */
enum list_status list_insert_all(struct heap *h, uint64_t *list, int64_t at,
                                 const uint64_t *other);
enum list_status list_remove_range(struct heap *h, uint64_t list, int64_t from,
                                   int64_t to);
enum list_status list_clear(struct heap *h, uint64_t list);
/* Makes it n items long, the new ones alike. */
enum list_status list_resize(struct heap *h, uint64_t *list, int64_t n,
                             const uint64_t *item);
/* Before all items from..to are written where they stand. */
enum list_status list_before(struct heap *h, uint64_t list, uint64_t from,
                             uint64_t to);

/* A copy of items from..to as a list of the same type in *out. */
enum list_status list_slice(struct heap *h, const uint64_t *list, int64_t from,
                            int64_t to, uint64_t *out);

#endif
