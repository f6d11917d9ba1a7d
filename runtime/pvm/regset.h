/* regset.h - a set of register numbers, cleared at the cost of its content.
 *
 * 65,536 bits in 1,024 words, and above them a bit for each word that is not
 * zero.  Emptying the set, or the part of it from some register on, looks at
 * the 16 upper words and at lower ones that hold something: so at most as
 * much as was put in, whatever the size of the frame.  A zeroed regset is
 * empty. */
#ifndef PAL_PVM_REGSET_H
#define PAL_PVM_REGSET_H

#include <stdbool.h>
#include <stdint.h>

enum { REGSET_WORDS = 1024, REGSET_UPPER = REGSET_WORDS / 64 };

struct regset {
    uint64_t upper[REGSET_UPPER];
    uint64_t word[REGSET_WORDS];
};

static inline bool regset_has(const struct regset *s, unsigned reg)
{
    return s->word[reg >> 6] >> (reg & 63) & 1;
}

static inline void regset_add(struct regset *s, unsigned reg)
{
    s->word[reg >> 6] |= UINT64_C(1) << (reg & 63);
    s->upper[reg >> 12] |= UINT64_C(1) << (reg >> 6 & 63);
}

/* Bits of an upper word that stand for words from `first` on. */
static inline uint64_t regset_upper_from_(const struct regset *s, unsigned u,
                                          unsigned first)
{
    uint64_t bits = s->upper[u];

    return u == first >> 6 ? bits & UINT64_MAX << (first & 63) : bits;
}

/* Removes every register that is `reg` or above. */
static inline void regset_clear_from(struct regset *s, unsigned reg)
{
    unsigned first = (reg + 63) >> 6; /* word to be emptied whole */

    if (reg >= REGSET_WORDS * 64)
        return;
    if (reg & 63) {
        s->word[reg >> 6] &= (UINT64_C(1) << (reg & 63)) - 1;
        if (!s->word[reg >> 6])
            s->upper[reg >> 12] &= ~(UINT64_C(1) << (reg >> 6 & 63));
    }
    for (unsigned u = first >> 6; u < REGSET_UPPER; u++) {
        uint64_t bits = regset_upper_from_(s, u, first);

        s->upper[u] ^= bits;
        for (; bits; bits &= bits - 1)
            s->word[u << 6 | (unsigned)__builtin_ctzll(bits)] = 0;
    }
}

/* Whether some register that is `reg` or above is in the set. */
static inline bool regset_any_from(const struct regset *s, unsigned reg)
{
    unsigned first = (reg + 63) >> 6;

    if (reg >= REGSET_WORDS * 64)
        return false;
    if ((reg & 63) && s->word[reg >> 6] >> (reg & 63))
        return true;
    for (unsigned u = first >> 6; u < REGSET_UPPER; u++) {
        if (regset_upper_from_(s, u, first))
            return true;
    }
    return false;
}

#endif
