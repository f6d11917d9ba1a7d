/* entries.h - a map's entries, read only; coll/map.h changes them.
 *
 *   map     keys, values, index | len, used, first, changes
 *
 *   keys    owner | key 0     key 1     …        by position: the order in
 *   values  owner | value 0   value 1   …        which the keys came
 *   index   owner | slot 0   slot 1   … | a bit for each position
 *                   hash 32 | position + 1 32
 *
 * A key and a value take a word each, whatever their kind.  `len` entries lie
 * below position `used`; where one was removed, key and value are zero and its
 * bit is clear.  The first that is there lies at `first`.  `changes` counts the
 * keys that came or went.
 *
 * The slots are a power of two, at most two thirds of them taken.  An entry's
 * slot is the first from its hash on that was free when it came, and whoever
 * leaves closes the gap: so none that is free lies between.
 *
 * Up to ENTRIES_SMALL entries need no index: they stand at 0..len, and a key is
 * sought from the first on. */
#ifndef PAL_OBJ_ENTRIES_H
#define PAL_OBJ_ENTRIES_H

#include "runtime/obj/obj.h"

#define ENTRIES_SMALL      8
#define ENTRIES_NONE       UINT64_MAX          /* no position */
#define ENTRIES_SLOTS_MOST (UINT64_C(1) << 27) /* of an index, by its size */

static inline uint64_t map_len(const struct heap *h, uint64_t map)
{
    return *obj_word(h, map, MAP_LEN);
}

/* How many of so many slots entries may take. */
static inline uint64_t entries_load(uint64_t slots)
{
    return slots * 2 / 3;
}

/* ---- the index ----------------------------------------------------------- */

static inline uint64_t slot_make(uint64_t hash, uint64_t position)
{
    return hash >> 32 << 32 | (position + 1);
}
/* A slot's number where its search begins. */
static inline uint64_t slot_home(uint64_t slot, uint64_t mask)
{
    return slot >> 32 & mask;
}
static inline uint64_t slot_position(uint64_t slot)
{
    return (uint32_t)slot - UINT64_C(1);
}

/* Words of an index; slots and bits follow from them. */
static inline uint64_t index_words(uint64_t slots)
{
    return STORE_ITEMS + slots + (entries_load(slots) + 63) / 64;
}
static inline uint64_t index_slots(const struct heap *h, uint64_t index)
{
    uint64_t n = obj_words(h, index) - STORE_ITEMS;
    return UINT64_C(1) << (63 - __builtin_clzll(n));
}
/* The payload word that holds the bit of a position. */
static inline uint64_t index_bit_word(uint64_t slots, uint64_t position)
{
    return STORE_ITEMS + slots + position / 64;
}

/* ---- entries ------------------------------------------------------------- */

static inline uint64_t entries_key(const struct heap *h, uint64_t map,
                                   uint64_t position)
{
    return *store_item(h, *obj_word(h, map, MAP_KEYS), position);
}
static inline uint64_t entries_value(const struct heap *h, uint64_t map,
                                     uint64_t position)
{
    return *store_item(h, *obj_word(h, map, MAP_VALUES), position);
}
/* The position of the first entry from a position on, or ENTRIES_NONE. */
uint64_t entries_next(const struct heap *h, uint64_t map, uint64_t from);

/* The hash of a key, by the map's type. */
uint64_t entries_hash(const struct heap *h, uint64_t map, uint64_t key);

/* Where a key is, or would be. */
struct entry_place {
    uint64_t position; /* ENTRIES_NONE: not there */
    uint64_t hash;     /* of maps with an index, like the following */
    uint64_t slot;     /* its own, or the free one that it would take */
};
/* PAL_NOMEM when memory to compare keys is exhausted. */
enum pal_status entries_find(const struct heap *h, uint64_t map, uint64_t key,
                             struct entry_place *at);

/* The first rule above that a map breaks, as a sentence, or NULL.  Its stores
 * are objects with the types they should have. */
const char *entries_check(const struct heap *h, uint64_t map);

#endif
