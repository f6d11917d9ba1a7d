/* hash.h - hashes and checksums, over xxhash.
 *
 * hash_bytes is for tables in memory and may change with any release;
 * hash_checksum is XXH64 with seed 0 and is part of file formats;
 * hash_content is XXH3 with 128 bits, by which files are told apart. */
#ifndef PAL_BASE_HASH_H
#define PAL_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <xxhash.h>

static inline uint64_t hash_bytes(const void *p, size_t n, uint64_t seed)
{
    return XXH3_64bits_withSeed(p, n, seed);
}

/* A word's bits spread over the whole word (a bijection; the finaliser of
 * MurmurHash3). */
static inline uint64_t hash_word(uint64_t x)
{
    x ^= x >> 33;
    x *= UINT64_C(0xff51afd7ed558ccd);
    x ^= x >> 33;
    x *= UINT64_C(0xc4ceb9fe1a85ec53);
    return x ^ x >> 33;
}

struct hash_wide {
    uint64_t low, high;
};

static inline struct hash_wide hash_content(const void *p, size_t n)
{
    XXH128_hash_t h = XXH3_128bits(p, n);
    return (struct hash_wide){h.low64, h.high64};
}

static inline uint64_t hash_checksum(const void *p, size_t n)
{
    return XXH64(p, n, 0);
}

#endif
