/* hash.c - a hash of contents that agrees with obj_equal.
 *
 * What is equal looks the same from outside, whatever is shared inside and in
 * whatever order a map's keys came.  So the hash is made of the tree that a
 * value unfolds to, down to a number of objects that is divided among the
 * parts of each: equal trees are cut at the same places. */
#include "runtime/obj/entries.h"

#include "runtime/base/hash.h"

#define OBJECTS_MOST 128 /* looked at; and so many items of a list of words */

static uint64_t mix(uint64_t hash, uint64_t w)
{
    return hash_word(hash * 31 + w);
}

uint64_t obj_scalar_hash(enum pvm_kind kind, uint64_t w)
{
    if (kind == PVM_FLOAT && w << 1 == 0)
        w = 0;
    return hash_word(w);
}

static uint64_t hash_object(const struct heap *h, uint64_t o, uint64_t most);

static uint64_t hash_value(const struct heap *h, struct pvm_value_type t,
                           uint64_t w, uint64_t most)
{
    return t.kind == PVM_REF ? hash_object(h, w, most)
                             : obj_scalar_hash(t.kind, w);
}

static uint64_t hash_list(const struct heap *h, const struct pvm_type *t,
                          uint64_t o, uint64_t most)
{
    uint64_t n = list_len(h, o), s = list_store(h, o), hash = hash_word(n);
    if (n && (t->item.kind == PVM_BYTE || t->item.kind == PVM_BOOL))
        return mix(hash, hash_bytes(store_byte(h, s, 0), n, 0));
    if (n > OBJECTS_MOST)
        n = OBJECTS_MOST;
    for (uint64_t i = 0; i < n; i++)
        hash =
            mix(hash, hash_value(h, t->item, *store_item(h, s, i), most / n));
    return hash;
}

/* The order of the keys does not count, so the entries are added up.  All of
 * them, or none: which are the first is a question of order. */
static uint64_t hash_map(const struct heap *h, const struct pvm_type *t,
                         uint64_t o, uint64_t most)
{
    uint64_t n = map_len(h, o), sum = 0, at = 0;
    if (n > OBJECTS_MOST)
        return hash_word(n);
    for (uint64_t i = 0; i < n; i++, at++) {
        at = entries_next(h, o, at);
        uint64_t key = hash_value(h, t->key, entries_key(h, o, at), most / n);
        sum +=
            mix(key, hash_value(h, t->item, entries_value(h, o, at), most / n));
    }
    return mix(hash_word(n), sum);
}

static uint64_t hash_struct(const struct heap *h, const struct pvm_type *t,
                            uint64_t o, uint64_t most)
{
    uint64_t hash = hash_word(obj_type(h, o)); /* variants may look alike */
    for (uint32_t i = 0; i < t->nfields && i < OBJECTS_MOST; i++)
        if (obj_field_counts(obj_type(h, o), t->fields[i].word))
            hash = mix(hash, hash_value(h, t->fields[i].of,
                                        *obj_word(h, o, t->fields[i].word),
                                        t->nrefs ? most / t->nrefs : 0));
    return hash;
}

/* Of an object and what it refers to, in all so many objects. */
static uint64_t hash_object(const struct heap *h, uint64_t o, uint64_t most)
{
    if (!o || !most)
        return 1;
    const struct pvm_type *t = &h->image->types[obj_type(h, o)];
    switch (t->kind) {
    case PVM_TYPE_STR: return hash_bytes(str_bytes(h, o), str_len(h, o), 0);
    case PVM_TYPE_LIST: return hash_list(h, t, o, most - 1);
    case PVM_TYPE_MAP: return hash_map(h, t, o, (most - 1) / 2);
    case PVM_TYPE_WEAK:
    case PVM_TYPE_GUARDIAN:
    case PVM_TYPE_CLOSURE: return hash_word(obj_type(h, o));
    default: return hash_struct(h, t, o, most - 1);
    }
}

uint64_t obj_content_hash(const struct heap *h, uint64_t o)
{
    return hash_object(h, o, OBJECTS_MOST);
}
