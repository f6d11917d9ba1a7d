/* tape.h - the reserved address range that holds all a program can change.
 *
 *   0        NULL     1 MB that is never written: reading through the null
 *                     reference gives zeros, and its stamps, a little of
 *                     which lie before the base, are below every threshold,
 *                     so writing through it meets the barrier
 *            CODE     instruction words, function table, string constants
 *            GLOBALS  one object, the module's globals
 *            STATE    struct state, then the marks
 *            REMEMBER the remembered set
 *            RSTACK   reference registers      SSTACK  scalar registers
 *            CSTACK   return records
 *            NURSERY  new objects              HEAP    the old generation
 *            HISTORY  the trail                SIDE    tables about the tape
 *
 * Positions are byte offsets from the base, so a memory image is valid
 * wherever it is mapped.  Pages are 4 KiB and zero until written.  Whoever
 * writes CODE, GLOBALS, HEAP or HISTORY calls tape_touch first; the other
 * segments are exempt because a snapshot copies them whole.  An audit proves
 * the rule: it hashes the pages, and a page that changed untouched since is
 * reported. */
#ifndef PAL_TAPE_TAPE_H
#define PAL_TAPE_TAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/status.h"
#include "runtime/mem/mem.h"

#define TAPE_PAGE 4096u
/* Bytes of zeros below the base: the block stamps of the null reference, of
 * which a field's 16-bit index reaches the first 2,048. */
#define TAPE_BELOW 16384u
/* Trail entries and the remembered set name an object by 40 bits, in units of
 * 16 bytes. */
#define TAPE_MOST (UINT64_C(1) << 44)

enum tape_segment {
    TAPE_NULL,
    TAPE_CODE,
    TAPE_GLOBALS,
    TAPE_STATE,
    TAPE_REMEMBER,
    TAPE_RSTACK,
    TAPE_SSTACK,
    TAPE_CSTACK,
    TAPE_NURSERY,
    TAPE_HEAP,
    TAPE_HISTORY,
    TAPE_SIDE,
    TAPE_SEGMENTS
};

struct tape_range {
    uint64_t at, size; /* bytes; multiples of a page */
};

struct tape {
    uint8_t *base;
    uint64_t size;
    struct tape_range seg[TAPE_SEGMENTS];
    uint64_t *touched; /* a bit per page, in SIDE */
};

/* What a run wants; the heap is halved until the range can be reserved. */
struct tape_wish {
    uint64_t code, globals; /* bytes */
    uint64_t stack;         /* bytes of each of the three stacks */
    uint64_t nursery;
    uint64_t heap, heap_least; /* wanted, and what to give up below */
    /* bytes of SIDE for the tables about a heap of so many bytes; NULL: none */
    uint64_t (*side)(uint64_t heap);
};

/* Reserves the range; its pages read as zero.  PAL_NOMEM when even the least
 * wish does not fit. */
enum pal_status tape_open(struct tape *t, const struct tape_wish *wish);
void tape_close(struct tape *t);

void tape_touch_slow_(struct tape *t, uint64_t first, uint64_t last);

/* Announces a write of n > 0 bytes at a position. */
static inline void tape_touch(struct tape *t, uint64_t at, uint64_t n)
{
    uint64_t first = at / TAPE_PAGE, last = (at + n - 1) / TAPE_PAGE;
    if (first == last)
        t->touched[first / 64] |= UINT64_C(1) << (first % 64);
    else
        tape_touch_slow_(t, first, last);
}
static inline bool tape_is_touched(const struct tape *t, uint64_t page)
{
    return t->touched[page / 64] >> (page % 64) & 1;
}

/* Where the tables that the wish asked room for begin in SIDE. */
uint64_t tape_side(const struct tape *t);

/* Gives the memory of whole pages of a segment back to the system: they are
 * zero again, and touched.  False when the system refuses; nothing has changed
 * then. */
bool tape_release(struct tape *t, uint64_t at, uint64_t n);

/* ---- the audit: no page changes untouched -------------------------------- */

struct tape_audit {
    struct mem *mem;
    uint64_t *hash[TAPE_SEGMENTS]; /* per page of a tracked segment */
    uint64_t pages[TAPE_SEGMENTS]; /* how many are recorded */
};

/* Records the pages of CODE, GLOBALS, HEAP and HISTORY up to used[segment]
 * bytes and forgets what was touched. */
enum pal_status tape_audit_take(struct tape_audit *a, struct tape *t,
                                const uint64_t used[TAPE_SEGMENTS]);
/* The position of the first page that changed since without being touched;
 * UINT64_MAX when there is none. */
uint64_t tape_audit_check(const struct tape_audit *a, const struct tape *t);
void tape_audit_free(struct tape_audit *a);

#endif
