/* obj.h - objects on the tape.
 *
 *     stamp of block n-1 .. stamp of block 1     (objects over 256 bytes)
 *   o stamp of block 0
 *     info: type 24 | flags 8 | payload words 32
 *     payload word 0, 1, ...                     references first
 *
 * A reference is the offset o, a multiple of 16; 0 is the null reference.  A
 * block is 32 payload words; its stamp is the clock's number when the block
 * was last written through the barrier, or born.
 *
 *   str     word 0: bytes; then the bytes, zero to the end of the last word
 *   grown   a str too: word 0: a text; word 1: how many of its bytes it has
 *   text    word 0: bytes in use, by the longest of the strs that share it;
 *           then the bytes; those that nobody uses are zero (coll/str.h)
 *   list    word 0: its store or null; word 1: items
 *   store   word 0: the list or map that owns it; then the items (8 bytes
 *           each, or 1 for a list's bytes and bools); those beyond the
 *           owner's length are zero
 *   map     words 0 to 2: the stores of its keys, its values, its index;
 *           then its counts (entries.h)
 *   struct  its fields by word; a closure likewise what it captures
 *   unit    nothing: there is one object of its type
 *   weak    word 0: an object that the box does not keep alive, or null when
 *           that died; it is read by gc_weak_get
 *   guardian  its watches, a map by number; its queue (gc/guard.h)
 *   watch   what it watches, its queue, the next that waits there; then its
 *           number, and whether it waits
 *   queue   the first and the last watch that wait
 */
#ifndef PAL_OBJ_OBJ_H
#define PAL_OBJ_OBJ_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "runtime/obj/heap.h"

#define OBJ_HEADER      16
#define OBJ_BLOCK_WORDS 32
#define OBJ_MAX_WORDS   (UINT64_C(1) << 28)               /* 2 GB of payload */
#define STR_MOST        ((OBJ_MAX_WORDS - STR_BYTES) * 8) /* bytes */
#define OBJ_FORWARDED   1 /* flag: moved; the stamp word is the new place */

enum { LIST_STORE, LIST_LEN, LIST_WORDS };
enum {
    MAP_KEYS,
    MAP_VALUES,
    MAP_INDEX,
    MAP_LEN,
    MAP_USED,
    MAP_FIRST,
    MAP_CHANGES,
    MAP_WORDS
};
enum { STORE_OWNER, STORE_ITEMS };
enum { STR_LEN, STR_BYTES };
enum { TEXT_USED, TEXT_BYTES };
enum { WEAK_TARGET, WEAK_WORDS };

/* All references: of a type whose every payload word is one. */
#define OBJ_ALL_REFS UINT32_MAX

static inline uint64_t *obj_at(const struct heap *h, uint64_t at)
{
    return (uint64_t *)(h->base + at);
}
static inline uint64_t obj_info(const struct heap *h, uint64_t o)
{
    return *obj_at(h, o + 8);
}
static inline uint64_t obj_make_info(uint32_t type, uint64_t words)
{
    return (uint64_t)type | words << 32;
}
static inline uint32_t obj_type(const struct heap *h, uint64_t o)
{
    return (uint32_t)obj_info(h, o) & 0xffffff;
}
/* Whether a field counts where contents are compared.  That of an Error's
 * trace holds pcs, which are as the compiler lays out code. */
static inline bool obj_field_counts(uint32_t type, uint32_t word)
{
    return type != PVM_T_ERROR || word != ERROR_TRACE;
}
/* Payload words. */
static inline uint64_t obj_words(const struct heap *h, uint64_t o)
{
    return obj_info(h, o) >> 32;
}
static inline uint64_t *obj_word(const struct heap *h, uint64_t o, uint64_t w)
{
    return obj_at(h, o + OBJ_HEADER + 8 * w);
}
static inline uint64_t *obj_stamp(const struct heap *h, uint64_t o, uint64_t b)
{
    return obj_at(h, o - 8 * b);
}
static inline uint64_t obj_blocks(uint64_t words)
{
    return words <= OBJ_BLOCK_WORDS
               ? 1
               : (words + OBJ_BLOCK_WORDS - 1) / OBJ_BLOCK_WORDS;
}
/* Bytes of stamps below the header, a multiple of 16. */
static inline uint64_t obj_below(uint64_t words)
{
    return (obj_blocks(words) - 1 + 1) / 2 * 16;
}
/* Bytes an object takes, stamps and header included, a multiple of 16. */
static inline uint64_t obj_bytes(uint64_t words)
{
    return obj_below(words) + OBJ_HEADER + (words + 1) / 2 * 16;
}
/* A block named by one word:  object/16 40 | block 24.  Trail, remembered set
 * and mark queue hold such words. */
static inline uint64_t block_ref(uint64_t o, uint64_t block)
{
    return o / 16 << 24 | block;
}
static inline uint64_t block_ref_object(uint64_t ref)
{
    return (ref >> 24) * 16;
}
static inline uint64_t block_ref_index(uint64_t ref)
{
    return ref & 0xffffff;
}
static inline uint64_t *block_ref_stamp(const struct heap *h, uint64_t ref)
{
    return obj_stamp(h, block_ref_object(ref), block_ref_index(ref));
}
/* How many of the first payload words are references, by type; the table
 * type_refs of a heap is made of it. */
static inline uint32_t obj_type_refs(const struct pvm_type *t)
{
    switch (t->kind) {
    case PVM_TYPE_LIST: return 1;
    case PVM_TYPE_MAP: return MAP_LEN;
    case PVM_TYPE_STORE: return t->item.kind == PVM_REF ? OBJ_ALL_REFS : 1;
    default: return t->nrefs;
    }
}
/* How many of an object's first payload words are references. */
static inline uint64_t obj_refs(const struct heap *h, uint64_t o)
{
    uint32_t n = h->type_refs[obj_type(h, o)];
    return n == OBJ_ALL_REFS ? obj_words(h, o) : n;
}
static inline bool obj_is_young(const struct heap *h, uint64_t o)
{
    return o - h->tape.seg[TAPE_NURSERY].at < h->tape.seg[TAPE_NURSERY].size;
}
static inline uint8_t pvm_type_kind(const struct heap *h, uint64_t o)
{
    return h->image->types[obj_type(h, o)].kind;
}

/* ---- strings and lists, read only ---------------------------------------- */

static inline bool str_is_grown(const struct heap *h, uint64_t o)
{
    return obj_type(h, o) == PVM_T_GROWN;
}
static inline uint64_t str_len(const struct heap *h, uint64_t o)
{
    return *obj_word(h, o, str_is_grown(h, o) ? GROWN_LEN : STR_LEN);
}
static inline uint8_t *str_bytes(const struct heap *h, uint64_t o)
{
    if (PAL_UNLIKELY(str_is_grown(h, o)))
        o = *obj_word(h, o, GROWN_TEXT); /* whose bytes stand likewise */
    return (uint8_t *)obj_word(h, o, STR_BYTES);
}
_Static_assert((int)TEXT_BYTES == (int)STR_BYTES, "one place for bytes");
/* An object's type as programs see it: there is but one of strs. */
static inline uint32_t obj_seen_type(const struct heap *h, uint64_t o)
{
    uint32_t type = obj_type(h, o);
    return type == PVM_T_GROWN ? PVM_T_STR : type;
}
static inline uint64_t list_len(const struct heap *h, uint64_t o)
{
    return *obj_word(h, o, LIST_LEN);
}
static inline uint64_t list_store(const struct heap *h, uint64_t o)
{
    return *obj_word(h, o, LIST_STORE);
}
static inline uint64_t *store_item(const struct heap *h, uint64_t s, uint64_t i)
{
    return obj_word(h, s, STORE_ITEMS + i);
}
static inline uint8_t *store_byte(const struct heap *h, uint64_t s, uint64_t i)
{
    return (uint8_t *)obj_word(h, s, STORE_ITEMS) + i;
}
/* -1, 0, 1 by bytes. */
int str_compare(const struct heap *h, uint64_t a, uint64_t b);
bool str_equal(const struct heap *h, uint64_t a, uint64_t b);

/* ---- over whole graphs, with work lists in memory of the heap's context -- */

struct bytes;
/* Appends the text of a value as the language prints it; a str at the top is
 * bare, inside it is quoted.  Cycles print `...`.  PAL_NOMEM where the text
 * would not fit the heap. */
enum pal_status obj_print(const struct heap *h, uint64_t o, struct bytes *out);
/* The same of a value as it stands inside another: a str is quoted. */
enum pal_status obj_print_part(const struct heap *h, struct pvm_value_type t,
                               uint64_t v, struct bytes *out);
/* Equality by content; cycles end. */
enum pal_status obj_equal(const struct heap *h, uint64_t a, uint64_t b,
                          bool *equal);

/* The order of two values of one type, -1, 0 or 1: strs by bytes, structs field
 * by field, lists item by item; null comes first, a NaN last, and maps are not
 * told apart.  Cycles end. */
enum pal_status obj_compare(const struct heap *h, uint64_t a, uint64_t b,
                            int *order);
/* The same of values that are no references. */
int obj_compare_words(enum pvm_kind kind, uint64_t a, uint64_t b);

/* A hash of the content: of equal values it is the same.  It looks at a bounded
 * part of a large one, so cycles end, and no memory is needed. */
uint64_t obj_content_hash(const struct heap *h, uint64_t o);
/* The same of a value that is no reference: 0.0 and -0.0 are equal. */
uint64_t obj_scalar_hash(enum pvm_kind kind, uint64_t w);

/* A canonical hash of the graph below some roots: contents by type, identity
 * by first visit, no stamps, no addresses, no unused slots. */
struct obj_hash;
struct obj_hash *obj_hash_open(const struct heap *h);
/* Adds a root; false when memory is exhausted. */
bool obj_hash_ref(struct obj_hash *x, uint64_t o);
bool obj_hash_word(struct obj_hash *x, uint64_t w);
/* Walks what was added and closes; 0 when memory was exhausted. */
uint64_t obj_hash_close(struct obj_hash *x);

#endif
