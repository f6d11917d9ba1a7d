/* idmap.h - a map from references to numbers, for walks over object graphs.
 *
 * Open addressing with linear probing, at most half full; a key is never 0.
 * Memory of a context; after a failed insertion the map stands as it was. */
#ifndef PAL_OBJ_IDMAP_H
#define PAL_OBJ_IDMAP_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/mem/mem.h"

struct idmap_slot {
    uint64_t key, value;
};
struct idmap {
    struct mem *mem;
    struct idmap_slot *at;
    uint64_t cap, n; /* cap is a power of two, or 0 */
};

/* The slot of a key, made with value 0 where absent (*fresh tells); NULL when
 * memory is exhausted. Valid until the next call. */
struct idmap_slot *idmap_put(struct idmap *m, uint64_t key, bool *fresh);
/* The slot of a key or NULL. */
struct idmap_slot *idmap_get(const struct idmap *m, uint64_t key);
void idmap_free(struct idmap *m);

#endif
