/* guardian.c - see guardian.h. */
#include "runtime/coll/guardian.h"

#include "runtime/gc/guard.h"

/* What is new needs no barrier: where it is born old, it is remembered. */
uint64_t guardian_new(struct heap *h)
{
    uint64_t *watches = gc_hold(h, map_new(h, PVM_T_WATCHES)), o = 0;
    uint64_t *queue = gc_hold(h, 0);
    if (*watches)
        *queue = gc_new(h, PVM_T_QUEUE, QUEUE_WORDS);
    if (*queue)
        o = gc_new(h, PVM_T_GUARDIAN, GUARDIAN_WORDS);
    if (o) {
        *obj_word(h, o, GUARDIAN_WATCHES) = *watches;
        *obj_word(h, o, GUARDIAN_QUEUE) = *queue;
    }
    gc_release(h, 2);
    return o;
}

/* A watch's number is the count of changes of the map when it was made: it
 * never goes back while an entry of that number is there. */
enum map_status guardian_watch(struct heap *h, const uint64_t *guardian,
                               const uint64_t *object)
{
    if (!*guardian)
        return MAP_NULL;
    uint64_t *map = gc_hold(h, *obj_word(h, *guardian, GUARDIAN_WATCHES));
    uint64_t *queue = gc_hold(h, *obj_word(h, *guardian, GUARDIAN_QUEUE));
    uint64_t number = map_changes(h, *map);
    uint64_t *watch = gc_hold(h, guard_new(h, object, queue, number));
    enum map_status status =
        *watch ? map_put(h, map, &number, watch) : MAP_MEMORY;
    gc_release(h, 3);
    return status;
}

/* Whether a watch is on the map. */
static enum map_status is_on(struct heap *h, uint64_t map, uint64_t watch)
{
    uint64_t is = 0;
    enum map_status status =
        map_get(h, map, *obj_word(h, watch, WATCH_NUMBER), &is);
    return status == MAP_OK && is != watch ? MAP_ABSENT : status;
}

/* Watches that undo took from the map, or that were handed over in a scope
 * that is still open, are passed over. */
enum map_status guardian_next(struct heap *h, uint64_t guardian,
                              uint64_t *object)
{
    *object = 0;
    if (!guardian)
        return MAP_NULL;
    uint64_t map = *obj_word(h, guardian, GUARDIAN_WATCHES), was;
    uint64_t queue = *obj_word(h, guardian, GUARDIAN_QUEUE), watch;
    while ((watch = guard_first(h, queue)) != 0) {
        enum map_status status = is_on(h, map, watch);
        if (status == MAP_OK)
            status =
                map_remove(h, map, *obj_word(h, watch, WATCH_NUMBER), &was);
        if (status == MAP_ABSENT) {
            guard_pop(h, queue);
            continue;
        }
        if (status == MAP_OK)
            *object = guard_pop(h, queue);
        return status;
    }
    return MAP_ABSENT;
}
