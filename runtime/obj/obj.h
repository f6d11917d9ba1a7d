/* obj.h - objects on the tape, and the context every room above shares.
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
 *   list    word 0: its store or null; word 1: items
 *   store   word 0: the list that owns it; then the items (8 bytes each, or
 *           1 for bytes and bools); those beyond the list's length are zero
 *   struct  its fields by word
 *   weak    word 0: an object that the box does not keep alive, or null when
 *           that died; it is read by gc_weak_get
 */
#ifndef PAL_OBJ_OBJ_H
#define PAL_OBJ_OBJ_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "runtime/base/status.h"
#include "runtime/mem/mem.h"
#include "runtime/pvm/image.h"
#include "runtime/tape/state.h"
#include "runtime/tape/tape.h"
#include "runtime/tape/tlog.h"

#define OBJ_HEADER      16
#define OBJ_BLOCK_WORDS 32
#define OBJ_MAX_WORDS   (UINT64_C(1) << 28)               /* 2 GB of payload */
#define STR_MOST        ((OBJ_MAX_WORDS - STR_BYTES) * 8) /* bytes */
#define OBJ_FORWARDED   1 /* flag: moved; the stamp word is the new place */

enum { LIST_STORE, LIST_LEN, LIST_WORDS };
enum { STORE_OWNER, STORE_ITEMS };
enum { STR_LEN, STR_BYTES };
enum { WEAK_TARGET, WEAK_WORDS };

/* All references: of a type whose every payload word is one. */
#define OBJ_ALL_REFS UINT32_MAX

struct heap;

/* Upward calls, filled when a vm is opened. */
struct heap_calls {
    /* Calls visit(h, &slot) on every root outside marks, trail and State. */
    void (*roots)(struct heap *h,
                  void (*visit)(struct heap *h, uint64_t *slot));
    /* The same for what marks and trail hold strongly. */
    void (*trail_roots)(struct heap *h,
                        void (*visit)(struct heap *h, uint64_t *slot));
    /* Calls visit on every root that never holds a young object. */
    void (*old_roots)(struct heap *h,
                      void (*visit)(struct heap *h, uint64_t *slot));
    /* While marking: looks at entries of the trail from gc.cursor on; true
     * when it stands at their end.  Budget in bytes. */
    bool (*trail_entries)(struct heap *h, int64_t *budget);
    /* An object with pending entries is alive. */
    void (*trail_alive)(struct heap *h, uint64_t o);
    /* Makes holes of the entries that are still pending; true when done. */
    bool (*trail_drop)(struct heap *h, int64_t *budget);
    /* After a minor collection; the nursery is empty. */
    enum pal_status (*after_minor)(struct heap *h);
};

/* A trail entry whose container is not marked so far, in a cycle; `next` is the
 * number, plus one, of an older one of the same container. */
struct gc_pending {
    uint64_t entry; /* its position */
    uint64_t next;
};

/* The collector's tables in SIDE (gc/old.h, gc/mark.h). */
enum gc_table {
    OLD_T_USED,
    OLD_T_DIRTY,
    OLD_T_DESC,
    OLD_T_NEXT,
    OLD_T_ALLOC,
    OLD_T_MARKED,
    OLD_T_HEADS,
    OLD_T_QUEUE,
    OLD_T_WEAK,
    OLD_T_PENDING,
    OLD_TABLES
};
struct gc_tables {
    uint64_t at, size;        /* segment HEAP */
    uint64_t *used, *dirty;   /* by page */
    uint32_t *desc, *next;    /* by page */
    uint64_t *alloc, *marked; /* by granule */
    uint32_t *heads;          /* by granule: newest pending entry, plus one */
    uint64_t *queue, *weak;
    struct gc_pending *pending;
    uint64_t pending_most;
};

/* What gc, trail, coll and vm share.  The struct holds only what can be
 * rebuilt: the tape holds the rest. */
struct heap {
    struct tape tape;
    uint8_t *base;          /* tape.base */
    struct state *st;       /* in segment STATE */
    struct mark *marks;     /* behind it */
    struct mark *marks_end; /* one past the last that fits */
    struct mem *mem;
    const struct pvm_image *image;
    const uint32_t *type_refs; /* reference words by type, or OBJ_ALL_REFS */

    /* derived from State by trail_thresholds */
    uint64_t t_val, t_ref;

    struct tlog *tlog; /* the traced window that is open, or NULL */
    bool window_full;  /* the window wants a collection: it ends here */

    struct gc_tables old;
    uint64_t heap_limit; /* bytes of old generation a program may use */
    uint64_t gc_stress;  /* a minor collection every N allocations; 0: off */
    uint64_t stress_count;
    /* percent of what lives at which a cycle is to end; 0: as usual */
    uint64_t gc_growth;
    uint64_t gc_slice;    /* bytes marked at a time, at least; 0: as usual */
    uint64_t nursery_end; /* up to here gc_new need not ask for room */
    uint64_t promoted;    /* while collecting: originals still to scan */
    struct heap_calls calls;
    bool check;         /* look at the rules around each collection and scope */
    const char *broken; /* the first rule found broken, or NULL */
    struct gc_walk *walk; /* while gc_check looks; private to it */
    void *owner;          /* the vm */
};

/* Sets the thresholds after a number of the clock changed.  They are at least
 * 1, so that the null reference, whose stamp is 0, meets the barrier; in a
 * traced window every store does. */
static inline void heap_thresholds(struct heap *h)
{
    const struct state *st = h->st;
    uint64_t v = st->scope > st->snap ? st->scope : st->snap;
    h->t_val = h->tlog ? UINT64_MAX : v ? v : 1;
    h->t_ref = h->t_val > st->minor ? h->t_val : st->minor;
}

/* Logs words of the tape that C code is about to overwrite; only a traced
 * window wants them. */
static inline void heap_log(struct heap *h, const void *p, uint64_t words)
{
    if (PAL_UNLIKELY(h->tlog != NULL))
        tlog_words(h->tlog, h->base, (uint64_t)((const uint8_t *)p - h->base),
                   words);
}

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

static inline uint64_t str_len(const struct heap *h, uint64_t o)
{
    return *obj_word(h, o, STR_LEN);
}
static inline uint8_t *str_bytes(const struct heap *h, uint64_t o)
{
    return (uint8_t *)obj_word(h, o, STR_BYTES);
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
/* Equality by content; cycles end. */
enum pal_status obj_equal(const struct heap *h, uint64_t a, uint64_t b,
                          bool *equal);

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
