/* str.h - strings being made, and strings that grow.
 *
 * A str is immutable, and `s = s + x` makes a new one.  So that a text built
 * piece by piece costs what it is long, and not its square, a str that is
 * appended to becomes a grown one, two words that say how much of a shared
 * text is theirs:
 *
 *   s, 11 bytes  ----+
 *   t, 15 bytes  ----+--> | used 15 | Hello world and | zeroes |
 *
 * Whoever ends where the text's use ends may be appended to in place: nobody
 * has seen those bytes.  All others copy.  `used` only rises: no scope takes it
 * back, since a str made in a scope may outlive that; what was undone leaves
 * bytes that nobody reads, and the next append copies.  (Binaries of Erlang
 * grow like that: OTP Efficiency Guide, "Constructing binaries".)
 *
 * Every function that allocates may collect: the references it takes are slots
 * (registers, handles), read again afterwards. */
#ifndef PAL_COLL_STR_H
#define PAL_COLL_STR_H

#include "runtime/trail/trail.h"

#define STR_GROWS 256 /* bytes: shorter ones are copied */

/* A str of n bytes; p lies outside the tape. 0 when the heap is full. */
uint64_t str_new(struct heap *h, const void *p, uint64_t n);
/* A str of n bytes, zero, to be filled by its maker before anyone sees it. */
uint64_t str_make(struct heap *h, uint64_t n);

/* One followed by `count` others, which stand one behind the other; 0 when the
 * heap is full or it would be longer than a str can be. */
uint64_t str_append(struct heap *h, const uint64_t *to, const uint64_t *more,
                    unsigned count);

#endif
