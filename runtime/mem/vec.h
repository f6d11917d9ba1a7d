/* vec.h - growable arrays of any element type.
 *
 *   VEC(int) xs = {0};
 *   vec_push(m, &xs, 7);         memory of a context, freed by vec_free
 *   vec_push_in(a, &xs, 7);      memory of an arena, never freed alone
 *
 * `at` points to n elements, room for cap.  A vector stays with the owner
 * (context or arena) that first grew it.  Pushing is a statement-like
 * expression that yields false when memory is exhausted and the owner
 * returns NULL; the vector is then as before. */
#ifndef PAL_MEM_VEC_H
#define PAL_MEM_VEC_H

#include "runtime/mem/mem.h"

#define VEC(T)                                                                 \
    struct {                                                                   \
        T *at;                                                                 \
        uint32_t n, cap;                                                       \
    }

bool vec_grow_mem_(struct mem *m, void **at, uint32_t *cap, uint32_t need,
                   size_t size);
bool vec_grow_arena_(struct arena *a, void **at, uint32_t *cap, uint32_t need,
                     size_t size);

#define vec_reserve(m, v, need)                                                \
    ((need) <= (v)->cap ||                                                     \
     vec_grow_mem_(m, (void **)&(v)->at, &(v)->cap, need, sizeof *(v)->at))
#define vec_reserve_in(a, v, need)                                             \
    ((need) <= (v)->cap ||                                                     \
     vec_grow_arena_(a, (void **)&(v)->at, &(v)->cap, need, sizeof *(v)->at))
#define vec_push(m, v, ...)                                                    \
    (vec_reserve(m, v, (v)->n + 1) && ((v)->at[(v)->n++] = (__VA_ARGS__), true))
#define vec_push_in(a, v, ...)                                                 \
    (vec_reserve_in(a, v, (v)->n + 1) &&                                       \
     ((v)->at[(v)->n++] = (__VA_ARGS__), true))
#define vec_free(m, v)                                                         \
    (mem_free(m, (v)->at, (size_t)(v)->cap * sizeof *(v)->at), (v)->at = NULL, \
     (v)->n = (v)->cap = 0)

#endif
