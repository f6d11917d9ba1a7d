/* map.c - see map.h. */
#include "runtime/coll/map.h"

#define FIRST_ENTRIES 4

/* ---- types, and the barrier ---------------------------------------------- */

static const struct pvm_type *type_of(const struct heap *h, uint64_t map)
{
    return &h->image->types[obj_type(h, map)];
}

static bool has_ref_keys(const struct heap *h, uint64_t map)
{
    return type_of(h, map)->key.kind == PVM_REF;
}

static bool has_ref_values(const struct heap *h, uint64_t map)
{
    return type_of(h, map)->item.kind == PVM_REF;
}

static inline bool before_item(struct heap *h, bool refs, uint64_t store,
                               uint64_t i)
{
    return refs ? trail_before_ref(h, store, STORE_ITEMS + i)
                : trail_before_val(h, store, STORE_ITEMS + i);
}

/* Announces writes to items from..to of a store, block by block. */
static bool before_items(struct heap *h, bool refs, uint64_t store,
                         uint64_t from, uint64_t to)
{
    while (from < to) {
        if (!before_item(h, refs, store, from))
            return false;
        from = ((STORE_ITEMS + from) / OBJ_BLOCK_WORDS + 1) * OBJ_BLOCK_WORDS -
               STORE_ITEMS;
    }
    return true;
}

/* Announces writes to one position of keys and values. */
static bool before_entry(struct heap *h, uint64_t map, uint64_t i)
{
    return before_item(h, has_ref_keys(h, map), *obj_word(h, map, MAP_KEYS),
                       i) &&
           before_item(h, has_ref_values(h, map), *obj_word(h, map, MAP_VALUES),
                       i);
}

/* Announces writes to positions from..to of keys and values. */
static bool before_entries(struct heap *h, uint64_t map, uint64_t from,
                           uint64_t to)
{
    return before_items(h, has_ref_keys(h, map), *obj_word(h, map, MAP_KEYS),
                        from, to) &&
           before_items(h, has_ref_values(h, map),
                        *obj_word(h, map, MAP_VALUES), from, to);
}

/* Announces writes to the index: slots from..to, which may go round, and the
 * bit of a position. */
static bool before_index(struct heap *h, uint64_t index, uint64_t from,
                         uint64_t to, uint64_t position)
{
    uint64_t slots = index_slots(h, index);
    if (to < from && !before_items(h, false, index, 0, to))
        return false;
    return before_items(h, false, index, from, to < from ? slots : to) &&
           trail_before_val(h, index, index_bit_word(slots, position));
}

/* ---- stores -------------------------------------------------------------- */

struct stores { /* slots */
    uint64_t *keys, *values, *index;
};

static uint64_t room_of(const struct heap *h, uint64_t map)
{
    uint64_t keys = *obj_word(h, map, MAP_KEYS);
    return keys ? obj_words(h, keys) - STORE_ITEMS : 0;
}

/* Slots for so many entries; 0: no index is needed. */
static uint64_t slots_for(uint64_t n)
{
    uint64_t slots = 2 * ENTRIES_SMALL;
    while (entries_load(slots) < n)
        slots *= 2;
    return n <= ENTRIES_SMALL ? 0 : slots;
}

static uint64_t room_for(uint64_t n)
{
    if (n <= ENTRIES_SMALL)
        return n <= FIRST_ENTRIES ? FIRST_ENTRIES : ENTRIES_SMALL;
    return entries_load(slots_for(n));
}

static uint64_t new_store(struct heap *h, uint64_t *map, bool refs,
                          uint64_t words)
{
    uint64_t s = gc_new(h, refs ? PVM_T_STORE_R : PVM_T_STORE_W, words);
    if (s)
        *obj_word(h, s, STORE_OWNER) = *map;
    return s;
}

/* Holds empty stores for n entries of the map in a slot; false, and nothing
 * held, when the heap is full. */
static bool hold_stores(struct heap *h, uint64_t *map, uint64_t n,
                        struct stores *s)
{
    if (n > entries_load(ENTRIES_SLOTS_MOST))
        return false;
    uint64_t words = STORE_ITEMS + room_for(n), slots = slots_for(n);
    s->keys = gc_hold(h, new_store(h, map, has_ref_keys(h, *map), words));
    s->values = gc_hold(h, 0);
    s->index = gc_hold(h, 0);
    if (*s->keys)
        *s->values = new_store(h, map, has_ref_values(h, *map), words);
    if (*s->values && slots)
        *s->index = new_store(h, map, false, index_words(slots));
    if (*s->values && (!slots || *s->index))
        return true;
    gc_release(h, 3);
    return false;
}

/* The word that has the bit of a position. */
static uint64_t *bits_of(const struct heap *h, uint64_t index,
                         uint64_t position)
{
    uint64_t slots = index_slots(h, index);
    return obj_word(h, index, index_bit_word(slots, position));
}

/* Enters a position in a new index, but for its bit. */
static void enter(struct heap *h, uint64_t index, uint64_t hash,
                  uint64_t position)
{
    uint64_t mask = index_slots(h, index) - 1;
    uint64_t *at = store_item(h, index, 0), i = slot_home(hash, mask);
    while (at[i])
        i = (i + 1) & mask;
    at[i] = slot_make(hash, position);
}

/* Where positions of an index go when its entries are squeezed together. */
struct ranks {
    const uint64_t *bits;
    uint32_t
        *below; /* entries below every 64th position; NULL: all are there */
    uint64_t words;
};

/* False when memory is exhausted. */
static bool count_ranks(const struct heap *h, uint64_t map, struct ranks *r)
{
    uint64_t index = *obj_word(h, map, MAP_INDEX);
    uint64_t used = *obj_word(h, map, MAP_USED), n = 0;
    *r =
        (struct ranks){.bits = bits_of(h, index, 0), .words = (used + 63) / 64};
    if (used == map_len(h, map))
        return true;
    r->below = mem_alloc(h->mem, r->words * sizeof *r->below);
    for (uint64_t i = 0; r->below && i < r->words; i++) {
        r->below[i] = (uint32_t)n;
        n += (uint64_t)__builtin_popcountll(r->bits[i]);
    }
    return r->below != NULL;
}

static uint64_t rank_of(const struct ranks *r, uint64_t position)
{
    if (!r->below)
        return position;
    uint64_t before = (UINT64_C(1) << position % 64) - 1;
    uint64_t bits = r->bits[position / 64] & before;
    return r->below[position / 64] + (uint64_t)__builtin_popcountll(bits);
}

/* Enters what an index has in a new one.  Slots are met in the order of their
 * places, so that both are passed through from one end to the other, and no
 * key is touched. */
static void refill(struct heap *h, uint64_t index, uint64_t from,
                   const struct ranks *r)
{
    uint64_t mask = index_slots(h, index) - 1, n = index_slots(h, from);
    uint64_t *to = store_item(h, index, 0);
    const uint64_t *old = store_item(h, from, 0);
    for (uint64_t k = 0; k < n; k++) {
        uint64_t i = slot_home(old[k], mask);
        while (old[k] && to[i])
            i = (i + 1) & mask;
        if (old[k])
            to[i] = slot_make(old[k], rank_of(r, slot_position(old[k])));
    }
}

/* The first n positions are there. */
static void set_bits(struct heap *h, uint64_t index, uint64_t n)
{
    uint64_t *bits = bits_of(h, index, 0);
    for (uint64_t i = 0; i < n / 64; i++)
        bits[i] = UINT64_MAX;
    if (n % 64)
        bits[n / 64] = UINT64_MAX >> (64 - n % 64);
}

/* The index of stores that have a map's entries.  Without an index of before,
 * or the memory to use it, by their keys. */
static void fill_index(struct heap *h, uint64_t map, const struct stores *s)
{
    uint64_t index = *s->index, old = *obj_word(h, map, MAP_INDEX);
    uint64_t n = map_len(h, map);
    struct ranks r;
    before_items(h, false, index, 0, obj_words(h, index) - STORE_ITEMS);
    if (old && count_ranks(h, map, &r)) {
        refill(h, index, old, &r);
        if (r.below)
            mem_free(h->mem, r.below, r.words * sizeof *r.below);
    } else {
        for (uint64_t i = 0; i < n; i++)
            enter(h, index, entries_hash(h, map, *store_item(h, *s->keys, i)),
                  i);
    }
    set_bits(h, index, n);
}

/* The entries of a map in stores that have room for them, squeezed together.
 * Writes to new stores are announced, but never refused: there is nothing of
 * them to be logged. */
static void fill(struct heap *h, uint64_t map, const struct stores *s)
{
    uint64_t keys = *s->keys, values = *s->values;
    uint64_t n = map_len(h, map), at = 0;
    bool whole = n == *obj_word(h, map, MAP_USED);
    before_items(h, has_ref_keys(h, map), keys, 0, n);
    before_items(h, has_ref_values(h, map), values, 0, n);
    for (uint64_t i = 0; i < n; i++, at++) {
        at = whole ? i : entries_next(h, map, at);
        *store_item(h, keys, i) = entries_key(h, map, at);
        *store_item(h, values, i) = entries_value(h, map, at);
    }
    if (*s->index)
        fill_index(h, map, s);
}

/* The map takes stores that hold its entries. */
static void take(struct heap *h, uint64_t map, const struct stores *s)
{
    *obj_word(h, map, MAP_KEYS) = *s->keys;
    *obj_word(h, map, MAP_VALUES) = *s->values;
    *obj_word(h, map, MAP_INDEX) = *s->index;
    *obj_word(h, map, MAP_USED) = map_len(h, map);
    *obj_word(h, map, MAP_FIRST) = 0;
}

/* Whether the map's words may be written. */
static bool before_map(struct heap *h, uint64_t map)
{
    return trail_before_ref(h, map, MAP_KEYS) &&
           trail_before_val(h, map, MAP_LEN);
}

/* Room for one more entry behind the others.  Where half of the stores were
 * taken by removed entries, as much room as before is enough. */
static bool make_room(struct heap *h, uint64_t *map)
{
    uint64_t n = map_len(h, *map), room = room_of(h, *map);
    struct stores s;
    if (*obj_word(h, *map, MAP_USED) < room)
        return true;
    uint64_t want = n + 1 + (n < room / 2 ? n : n / 2);
    if (!hold_stores(h, map, n < FIRST_ENTRIES ? n + 1 : want, &s))
        return false;
    bool may = before_map(h, *map);
    if (may) {
        fill(h, *map, &s);
        take(h, *map, &s);
    }
    gc_release(h, 3);
    return may;
}

/* ---- making maps --------------------------------------------------------- */

uint64_t map_new(struct heap *h, uint32_t type)
{
    return gc_new(h, type, MAP_WORDS);
}

enum map_status map_copy(struct heap *h, const uint64_t *map, uint64_t *out)
{
    if (!*map)
        return MAP_NULL;
    uint64_t *made = gc_hold(h, map_new(h, obj_type(h, *map)));
    uint64_t n = map_len(h, *map);
    struct stores s;
    enum map_status st = *made ? MAP_OK : MAP_MEMORY;
    if (!st && n && !hold_stores(h, made, n, &s))
        st = MAP_MEMORY;
    if (!st && n) {
        fill(h, *map, &s);
        before_map(h, *made);
        *obj_word(h, *made, MAP_LEN) = n;
        take(h, *made, &s);
        gc_release(h, 3);
    }
    if (!st)
        *out = *made;
    gc_release(h, 1);
    return st;
}

/* ---- entries ------------------------------------------------------------- */

enum map_status map_get(const struct heap *h, uint64_t map, uint64_t key,
                        uint64_t *value)
{
    struct entry_place at;
    if (entries_find(h, map, key, &at))
        return MAP_MEMORY;
    if (at.position == ENTRIES_NONE)
        return MAP_ABSENT;
    *value = entries_value(h, map, at.position);
    return MAP_OK;
}

/* Sets the value of an entry that is there. */
static enum map_status put_over(struct heap *h, uint64_t map, uint64_t position,
                                uint64_t value)
{
    uint64_t s = *obj_word(h, map, MAP_VALUES);
    if (!before_item(h, has_ref_values(h, map), s, position))
        return MAP_MEMORY;
    *store_item(h, s, position) = value;
    return MAP_OK;
}

/* Puts an entry behind the others, where there is room. */
static enum map_status put_last(struct heap *h, uint64_t map, uint64_t key,
                                uint64_t value, const struct entry_place *at)
{
    uint64_t i = *obj_word(h, map, MAP_USED);
    uint64_t index = *obj_word(h, map, MAP_INDEX);
    if (!before_map(h, map) || !before_entry(h, map, i) ||
        (index && !before_index(h, index, at->slot, at->slot + 1, i)))
        return MAP_MEMORY;
    *store_item(h, *obj_word(h, map, MAP_KEYS), i) = key;
    *store_item(h, *obj_word(h, map, MAP_VALUES), i) = value;
    if (index) {
        *store_item(h, index, at->slot) = slot_make(at->hash, i);
        *bits_of(h, index, i) |= UINT64_C(1) << i % 64;
    }
    ++*obj_word(h, map, MAP_LEN);
    ++*obj_word(h, map, MAP_USED);
    ++*obj_word(h, map, MAP_CHANGES);
    return MAP_OK;
}

enum map_status map_put(struct heap *h, uint64_t *map, const uint64_t *key,
                        const uint64_t *value)
{
    struct entry_place at;
    if (!*map)
        return MAP_NULL;
    if (entries_find(h, *map, *key, &at))
        return MAP_MEMORY;
    if (at.position != ENTRIES_NONE)
        return put_over(h, *map, at.position, *value);
    if (*obj_word(h, *map, MAP_USED) == room_of(h, *map) &&
        (!make_room(h, map) || entries_find(h, *map, *key, &at)))
        return MAP_MEMORY;
    return put_last(h, *map, *key, *value, &at);
}

/* ---- removing ------------------------------------------------------------ */

/* The first free slot from one on. */
static uint64_t free_slot(const struct heap *h, uint64_t index, uint64_t from)
{
    uint64_t mask = index_slots(h, index) - 1;
    const uint64_t *at = store_item(h, index, 0);
    while (at[from])
        from = (from + 1) & mask;
    return from;
}

/* Frees a slot: those behind it that began to search no later move up. */
static void close_gap(struct heap *h, uint64_t index, uint64_t gap)
{
    uint64_t mask = index_slots(h, index) - 1, *at = store_item(h, index, 0);
    for (uint64_t i = (gap + 1) & mask; at[i]; i = (i + 1) & mask) {
        uint64_t home = slot_home(at[i], mask);
        if (((i - home) & mask) >= ((i - gap) & mask)) {
            at[gap] = at[i];
            gap = i;
        }
    }
    at[gap] = 0;
}

static enum map_status remove_indexed(struct heap *h, uint64_t map,
                                      const struct entry_place *at)
{
    uint64_t index = *obj_word(h, map, MAP_INDEX), i = at->position;
    uint64_t end = free_slot(h, index, at->slot), n = map_len(h, map) - 1;
    if (!before_map(h, map) || !before_entry(h, map, i) ||
        !before_index(h, index, at->slot, end, i))
        return MAP_MEMORY;
    *store_item(h, *obj_word(h, map, MAP_KEYS), i) = 0;
    *store_item(h, *obj_word(h, map, MAP_VALUES), i) = 0;
    close_gap(h, index, at->slot);
    *bits_of(h, index, i) &= ~(UINT64_C(1) << i % 64);
    *obj_word(h, map, MAP_LEN) = n;
    if (!n) /* all is zero again */
        *obj_word(h, map, MAP_USED) = *obj_word(h, map, MAP_FIRST) = 0;
    else if (i == *obj_word(h, map, MAP_FIRST))
        *obj_word(h, map, MAP_FIRST) = entries_next(h, map, i);
    return MAP_OK;
}

/* Takes an item out of so many. */
static void close_up(struct heap *h, uint64_t store, uint64_t i, uint64_t n)
{
    uint64_t *at = store_item(h, store, 0);
    memmove(&at[i], &at[i + 1], 8 * (n - 1 - i));
    at[n - 1] = 0;
}

static enum map_status remove_small(struct heap *h, uint64_t map, uint64_t i)
{
    uint64_t n = map_len(h, map);
    if (!before_map(h, map) || !before_entries(h, map, i, n))
        return MAP_MEMORY;
    close_up(h, *obj_word(h, map, MAP_KEYS), i, n);
    close_up(h, *obj_word(h, map, MAP_VALUES), i, n);
    *obj_word(h, map, MAP_LEN) = *obj_word(h, map, MAP_USED) = n - 1;
    return MAP_OK;
}

enum map_status map_remove(struct heap *h, uint64_t map, uint64_t key,
                           uint64_t *value)
{
    struct entry_place at;
    if (!map)
        return MAP_NULL;
    if (entries_find(h, map, key, &at))
        return MAP_MEMORY;
    if (at.position == ENTRIES_NONE)
        return MAP_ABSENT;
    uint64_t was = entries_value(h, map, at.position);
    enum map_status st = *obj_word(h, map, MAP_INDEX)
                             ? remove_indexed(h, map, &at)
                             : remove_small(h, map, at.position);
    if (st)
        return st;
    ++*obj_word(h, map, MAP_CHANGES);
    *value = was;
    return MAP_OK;
}

enum map_status map_clear(struct heap *h, uint64_t map)
{
    if (!map)
        return MAP_NULL;
    if (!map_len(h, map))
        return MAP_OK;
    if (!before_map(h, map))
        return MAP_MEMORY;
    for (uint64_t w = MAP_KEYS; w < MAP_CHANGES; w++)
        *obj_word(h, map, w) = 0;
    ++*obj_word(h, map, MAP_CHANGES);
    return MAP_OK;
}

/* ---- as lists ------------------------------------------------------------ */

typedef uint64_t part_fn(const struct heap *h, uint64_t map, uint64_t position);

/* The items are there, zero, before the first is set, so that no barrier is
 * left to be refused. */
static enum map_status append(struct heap *h, const uint64_t *map,
                              uint64_t *list, part_fn *part)
{
    if (!*map || !*list)
        return MAP_NULL;
    uint64_t n = map_len(h, *map), to = list_len(h, *list);
    if (list_fill(h, list, (int64_t)n, 0))
        return MAP_MEMORY;
    for (uint64_t i = 0, at = 0; i < n; i++, at++) {
        at = entries_next(h, *map, at);
        if (list_set(h, *list, (int64_t)(to + i), part(h, *map, at)))
            return MAP_MEMORY;
    }
    return MAP_OK;
}

enum map_status map_keys(struct heap *h, const uint64_t *map, uint64_t *list)
{
    return append(h, map, list, entries_key);
}

enum map_status map_values(struct heap *h, const uint64_t *map, uint64_t *list)
{
    return append(h, map, list, entries_value);
}

/* ---- the rules ----------------------------------------------------------- */

const char *map_check(const struct heap *h, uint64_t map)
{
    const char *why = entries_check(h, map);
    uint64_t n = why ? 0 : map_len(h, map);
    for (uint64_t i = 0, at = 0; i < n; i++, at++) {
        struct entry_place place;
        at = entries_next(h, map, at);
        if (!entries_find(h, map, entries_key(h, map, at), &place) &&
            place.position != at)
            return "a key stands twice in a map, or is not found";
    }
    return why;
}
