/* bytes.h - a growable run of bytes: text being printed, files being made.
 *
 * The builder owns at[0..n) in a context's memory.  After a failed append
 * `failed` stays set and further appends do nothing, so one check at the end
 * is enough. */
#ifndef PAL_MEM_BYTES_H
#define PAL_MEM_BYTES_H

#include "runtime/mem/mem.h"

struct bytes {
    struct mem *mem;
    uint8_t *at;
    size_t n, cap;
    bool failed;
};

static inline struct bytes bytes_in(struct mem *m)
{
    return (struct bytes){.mem = m};
}
void bytes_free(struct bytes *b);
void bytes_add(struct bytes *b, const void *p, size_t n);
void bytes_byte(struct bytes *b, uint8_t c);
void bytes_str(struct bytes *b, const char *s);
void bytes_printf(struct bytes *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Room for n more bytes, uninitialised; NULL when memory is exhausted. */
uint8_t *bytes_room(struct bytes *b, size_t n);

#endif
