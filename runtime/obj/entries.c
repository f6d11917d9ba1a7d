/* entries.c - see entries.h. */
#include "runtime/obj/entries.h"

#include "runtime/base/hash.h"

/* How keys are compared. */
enum key_form { KEY_WORD, KEY_STR, KEY_OBJECT };

static enum key_form key_form(const struct heap *h, uint64_t map)
{
    struct pvm_value_type key = h->image->types[obj_type(h, map)].key;
    if (key.kind != PVM_REF)
        return KEY_WORD;
    return key.type == PVM_T_STR ? KEY_STR : KEY_OBJECT;
}

static inline uint64_t hash_of(const struct heap *h, enum key_form f,
                               uint64_t key)
{
    switch (f) {
    case KEY_WORD: return hash_word(key);
    case KEY_STR: return hash_bytes(str_bytes(h, key), str_len(h, key), 0);
    default: return obj_content_hash(h, key);
    }
}

uint64_t entries_hash(const struct heap *h, uint64_t map, uint64_t key)
{
    return hash_of(h, key_form(h, map), key);
}

/* ---- walking ------------------------------------------------------------- */

uint64_t entries_next(const struct heap *h, uint64_t map, uint64_t from)
{
    uint64_t index = *obj_word(h, map, MAP_INDEX);
    uint64_t used = *obj_word(h, map, MAP_USED);
    uint64_t first = *obj_word(h, map, MAP_FIRST);
    if (from < first)
        from = first;
    if (from >= used || !index)
        return from < used ? from : ENTRIES_NONE;
    uint64_t slots = index_slots(h, index), last = (used - 1) / 64;
    const uint64_t *bits = obj_word(h, index, index_bit_word(slots, 0));
    uint64_t i = from / 64, w = bits[i] & UINT64_MAX << from % 64;
    while (!w && i < last)
        w = bits[++i];
    return w ? i * 64 + (uint64_t)__builtin_ctzll(w) : ENTRIES_NONE;
}

/* ---- finding ------------------------------------------------------------- */

static inline bool is_same(const struct heap *h, enum key_form f, uint64_t a,
                           uint64_t b, enum pal_status *status)
{
    bool equal = false;
    if (f == KEY_WORD)
        return a == b;
    if (f == KEY_STR)
        return str_equal(h, a, b);
    if (obj_equal(h, a, b, &equal))
        *status = PAL_NOMEM;
    return equal;
}

static inline enum pal_status find_small(const struct heap *h, enum key_form f,
                                         uint64_t map, uint64_t key,
                                         struct entry_place *at)
{
    enum pal_status status = PAL_OK;
    uint64_t n = map_len(h, map);
    const uint64_t *k = store_item(h, *obj_word(h, map, MAP_KEYS), 0);
    at->position = ENTRIES_NONE;
    for (uint64_t i = 0; i < n && !status; i++)
        if (is_same(h, f, k[i], key, &status)) {
            at->position = i;
            break;
        }
    return status;
}

static inline enum pal_status find_indexed(const struct heap *h,
                                           enum key_form f, uint64_t map,
                                           uint64_t key, struct entry_place *at)
{
    enum pal_status status = PAL_OK;
    uint64_t index = *obj_word(h, map, MAP_INDEX);
    uint64_t mask = index_slots(h, index) - 1, hash = hash_of(h, f, key);
    const uint64_t *slots = store_item(h, index, 0);
    const uint64_t *k = store_item(h, *obj_word(h, map, MAP_KEYS), 0);
    uint64_t i = slot_home(hash, mask);
    at->position = ENTRIES_NONE;
    for (; slots[i] && !status; i = (i + 1) & mask)
        if ((slots[i] ^ hash) >> 32 == 0 &&
            is_same(h, f, k[slot_position(slots[i])], key, &status)) {
            at->position = slot_position(slots[i]);
            break;
        }
    at->hash = hash;
    at->slot = i;
    return status;
}

/* A copy of either for each form, so that the loop does not ask for it. */
enum pal_status entries_find(const struct heap *h, uint64_t map, uint64_t key,
                             struct entry_place *at)
{
    bool small = !*obj_word(h, map, MAP_INDEX);
    switch (key_form(h, map)) {
    case KEY_WORD:
        return small ? find_small(h, KEY_WORD, map, key, at)
                     : find_indexed(h, KEY_WORD, map, key, at);
    case KEY_STR:
        return small ? find_small(h, KEY_STR, map, key, at)
                     : find_indexed(h, KEY_STR, map, key, at);
    default:
        return small ? find_small(h, KEY_OBJECT, map, key, at)
                     : find_indexed(h, KEY_OBJECT, map, key, at);
    }
}

/* ---- the rules ----------------------------------------------------------- */

static bool is_there(const struct heap *h, uint64_t map, uint64_t position)
{
    uint64_t index = *obj_word(h, map, MAP_INDEX);
    uint64_t word = index_bit_word(index_slots(h, index), position);
    return *obj_word(h, index, word) >> position % 64 & 1;
}

static const char *check_sizes(const struct heap *h, uint64_t map)
{
    uint64_t keys = *obj_word(h, map, MAP_KEYS);
    uint64_t values = *obj_word(h, map, MAP_VALUES);
    uint64_t index = *obj_word(h, map, MAP_INDEX), n = map_len(h, map);
    uint64_t used = *obj_word(h, map, MAP_USED);
    uint64_t first = *obj_word(h, map, MAP_FIRST);
    if (!keys != !values || (!keys && (index || used)))
        return "a map lacks a store";
    if (n > used || (keys && used > obj_words(h, keys) - STORE_ITEMS))
        return "a map has more entries than its stores hold";
    if (keys && obj_words(h, values) != obj_words(h, keys))
        return "a map's keys and values have not the same room";
    if (!index)
        return n != used || n > ENTRIES_SMALL || first
                   ? "a small map's entries do not stand together"
                   : NULL;
    uint64_t slots = index_slots(h, index);
    if (slots < 2 * ENTRIES_SMALL || obj_words(h, index) != index_words(slots))
        return "a map's index has not the size of its slots";
    if (entries_load(slots) != obj_words(h, keys) - STORE_ITEMS)
        return "a map's index is not of its stores' size";
    if (first > used || (n ? !is_there(h, map, first) : used != 0))
        return "a map's first entry is not there";
    return NULL;
}

/* What is not there is zero; what is, is as many as counted. */
static const char *check_positions(const struct heap *h, uint64_t map)
{
    uint64_t keys = *obj_word(h, map, MAP_KEYS);
    uint64_t used = *obj_word(h, map, MAP_USED), n = 0;
    bool index = *obj_word(h, map, MAP_INDEX) != 0;
    uint64_t room = keys ? obj_words(h, keys) - STORE_ITEMS : 0;
    for (uint64_t i = 0; i < room; i++) {
        bool there = index ? is_there(h, map, i) : i < used;
        n += there;
        if (there && (i >= used || i < *obj_word(h, map, MAP_FIRST)))
            return "a map's entry lies where none may be";
        if (!there && (entries_key(h, map, i) || entries_value(h, map, i)))
            return "a map keeps what was removed";
    }
    return n != map_len(h, map) ? "a map has not the entries it counts" : NULL;
}

/* A key's content may have changed only where it is no word and no str. */
static bool is_of_key(const struct heap *h, uint64_t map, uint64_t slot)
{
    enum key_form f = key_form(h, map);
    uint64_t key = entries_key(h, map, slot_position(slot));
    return f == KEY_OBJECT || (hash_of(h, f, key) ^ slot) >> 32 == 0;
}

static const char *check_slots(const struct heap *h, uint64_t map)
{
    uint64_t index = *obj_word(h, map, MAP_INDEX), n = 0;
    uint64_t mask = index_slots(h, index) - 1;
    const uint64_t *slots = store_item(h, index, 0);
    for (uint64_t i = 0; i <= mask; i++) {
        if (!slots[i])
            continue;
        uint64_t at = slot_position(slots[i]);
        n++;
        if (at >= *obj_word(h, map, MAP_USED) || !is_there(h, map, at))
            return "a map's slot leads to no entry";
        for (uint64_t j = slot_home(slots[i], mask); j != i; j = (j + 1) & mask)
            if (!slots[j] || slot_position(slots[j]) == at)
                return "a map's entry is not found from its hash on";
        if (!is_of_key(h, map, slots[i]))
            return "a map's slot has not the hash of its key";
    }
    return n != map_len(h, map) ? "a map's entry has no slot, or two" : NULL;
}

const char *entries_check(const struct heap *h, uint64_t map)
{
    const char *why = check_sizes(h, map);
    if (!why)
        why = check_positions(h, map);
    if (!why && *obj_word(h, map, MAP_INDEX))
        why = check_slots(h, map);
    return why;
}
