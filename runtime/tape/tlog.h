/* tlog.h - the log of a traced window.
 *
 * In traced mode every word that an instruction overwrites is pushed here
 * first; reverse mode pops.  The log is no part of a program's state: it is
 * made again by running forward from a snapshot, so it lies outside the tape.
 *
 * Rows that run C bracket what they log: tlog_open remembers the height,
 * tlog_word pushes (old word, position) pairs, and tlog_close pushes their
 * count, which is what reverse mode finds first. */
#ifndef PAL_TAPE_TLOG_H
#define PAL_TAPE_TLOG_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/base/status.h"
#include "runtime/mem/mem.h"
#include "runtime/mem/vec.h"

struct tlog {
    struct mem *mem;
    VEC(uint64_t) words;
    uint32_t bracket; /* height at tlog_open */
    uint32_t limit;   /* words it may hold */
    bool failed;      /* memory or the limit ran out: the window is void */
};

static inline void tlog_push(struct tlog *l, uint64_t w)
{
    if (PAL_UNLIKELY(l->words.n >= l->limit) || !vec_push(l->mem, &l->words, w))
        l->failed = true;
}
static inline uint64_t tlog_pop(struct tlog *l)
{
    return l->words.n ? l->words.at[--l->words.n] : 0;
}
static inline void tlog_open(struct tlog *l)
{
    l->bracket = l->words.n;
}
/* Logs n words from a position on, as they are now. */
static inline void tlog_words(struct tlog *l, const uint8_t *base, uint64_t at,
                              uint64_t n)
{
    for (uint64_t i = 0; i < n; i++) {
        tlog_push(l, *(const uint64_t *)(base + at + 8 * i));
        tlog_push(l, at + 8 * i);
    }
}
static inline void tlog_close(struct tlog *l)
{
    tlog_push(l, (l->words.n - l->bracket) / 2);
}
/* Puts back what the newest bracket holds. */
static inline void tlog_restore(struct tlog *l, uint8_t *base)
{
    for (uint64_t n = tlog_pop(l); n; n--) {
        uint64_t at = tlog_pop(l);
        *(uint64_t *)(base + at) = tlog_pop(l);
    }
}

#endif
