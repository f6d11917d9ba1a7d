/* map.h - maps under change; obj/entries.h has their layout, and reads them.
 *
 * A map grows by new stores; the old ones are left as they were, so that the
 * trail has only to restore the map's words.  The entries that are left are
 * squeezed together then: a map's stores are at most a small multiple of what
 * it holds at its largest, however many keys come and go.  All writes go
 * through the barrier, all of them announced before the first is made.
 *
 * The functions that allocate may collect: references they take are slots
 * (registers, handles), read again afterwards.  Keys and values are words:
 * bytes and bools widened, references as offsets.  Each returns MAP_OK or why
 * it did nothing. */
#ifndef PAL_COLL_MAP_H
#define PAL_COLL_MAP_H

#include "runtime/coll/list.h"
#include "runtime/obj/entries.h"

enum map_status {
    MAP_OK,
    MAP_ABSENT, /* the key is not there */
    MAP_MEMORY, /* heap, trail or size limit */
    MAP_NULL    /* the null reference */
};

/* An empty map of a type; 0 when the heap is full. */
uint64_t map_new(struct heap *h, uint32_t type);
/* A map of the same type with the same entries in *out, which may be the slot
 * of the map. */
enum map_status map_copy(struct heap *h, const uint64_t *map, uint64_t *out);

/* The value of a key. */
enum map_status map_get(const struct heap *h, uint64_t map, uint64_t key,
                        uint64_t *value);
/* Sets the value of a key, which comes last where it was not there. */
enum map_status map_put(struct heap *h, uint64_t *map, const uint64_t *key,
                        const uint64_t *value);
/* Takes an entry out; its value in *value. */
enum map_status map_remove(struct heap *h, uint64_t map, uint64_t key,
                           uint64_t *value);
/* Takes all of them out. */
enum map_status map_clear(struct heap *h, uint64_t map);

/* Appends the keys or the values, in order, to a list whose items are of their
 * type. */
enum map_status map_keys(struct heap *h, const uint64_t *map, uint64_t *list);
enum map_status map_values(struct heap *h, const uint64_t *map, uint64_t *list);

/* How often a key came or went: where the number is the same, positions are,
 * too. */
static inline uint64_t map_changes(const struct heap *h, uint64_t map)
{
    return *obj_word(h, map, MAP_CHANGES);
}

/* Debug: a map's rules, and that each entry is found by its key.  A sentence,
 * or NULL. */
const char *map_check(const struct heap *h, uint64_t map);

#endif
