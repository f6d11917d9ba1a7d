/* check.c - the rules that a heap keeps between two instructions, checked.
 *
 * All that the roots reach is walked, breadth first.  An object lies whole in
 * the part of its segment that was handed out, its header says what its type
 * wants, its stamps are not from the future, what is unused of it is zero,
 * and a block of an old object that refers to a young one is remembered. */
#include "runtime/gc/guard.h"
#include "runtime/gc/handle.h"
#include "runtime/mem/vec.h"
#include "runtime/obj/entries.h"
#include "runtime/obj/idmap.h"

struct gc_walk {
    struct idmap seen, remembered;
    VEC(uint64_t) queue;
    bool marked; /* every old object is to be */
    const char *why;
    bool exhausted;
};

static void meet(struct heap *h, uint64_t *slot)
{
    struct gc_walk *k = h->walk;
    bool fresh = false;
    if (!*slot || k->why)
        return;
    if (!idmap_put(&k->seen, *slot, &fresh) ||
        (fresh && !vec_push(h->mem, &k->queue, *slot)))
        k->exhausted = true;
}

/* ---- one object ---------------------------------------------------------- */

/* Whether bytes from..to lie in what was handed out of a segment. */
static bool is_inside(const struct heap *h, int segment, uint64_t top,
                      uint64_t from, uint64_t to)
{
    return from >= h->tape.seg[segment].at && from < to && to <= top;
}

static bool is_placed(const struct heap *h, uint64_t o)
{
    uint64_t words = obj_words(h, o), from = o - obj_below(words);
    uint64_t to = from + obj_bytes(words);
    const struct tape_range *g = &h->tape.seg[TAPE_GLOBALS];
    return words <= OBJ_MAX_WORDS &&
           (is_inside(h, TAPE_NURSERY, h->st->nursery, from, to) ||
            (is_inside(h, TAPE_HEAP, h->old.at + h->st->gc.top * TAPE_PAGE,
                       from, to) &&
             old_is_object(h, o)) ||
            is_inside(h, TAPE_GLOBALS, g->at + g->size, from, to));
}

static bool is_zero(const uint8_t *p, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++)
        if (p[i])
            return false;
    return true;
}

static const char *check_grown(const struct heap *h, uint64_t o)
{
    uint64_t text = *obj_word(h, o, GROWN_TEXT);
    if (obj_words(h, o) != GROWN_WORDS)
        return "a grown str has not its words";
    if (text % 16 || text >= h->tape.seg[TAPE_HISTORY].at)
        return NULL; /* met later, and refused */
    if (!text || obj_type(h, text) != PVM_T_TEXT)
        return "a grown str has no text";
    if (*obj_word(h, o, GROWN_LEN) > *obj_word(h, text, TEXT_USED))
        return "a grown str is longer than its text";
    return NULL;
}

static const char *check_text(const struct heap *h, uint64_t o)
{
    uint64_t used = *obj_word(h, o, TEXT_USED);
    uint64_t room = 8 * (obj_words(h, o) - TEXT_BYTES);
    if (obj_words(h, o) < TEXT_BYTES || used > room)
        return "a text uses more than it has";
    if (!is_zero((uint8_t *)obj_word(h, o, TEXT_BYTES) + used, room - used))
        return "a text has bytes behind what is used";
    return NULL;
}

static const char *check_str(const struct heap *h, uint64_t o)
{
    if (str_is_grown(h, o))
        return check_grown(h, o);
    uint64_t n = str_len(h, o), room = 8 * (obj_words(h, o) - STR_BYTES);
    if (obj_words(h, o) < STR_BYTES || n > room || room - n >= 8)
        return "a str has not its length's words";
    if (!is_zero(str_bytes(h, o) + n, room - n))
        return "a str has bytes behind its end";
    return NULL;
}

static const char *check_list(const struct heap *h, uint64_t o)
{
    uint64_t n = list_len(h, o), s = list_store(h, o);
    if (obj_words(h, o) != LIST_WORDS)
        return "a list has not two words";
    if (!s)
        return n ? "a list with items has no store" : NULL;
    if (s % 16 || s >= h->tape.seg[TAPE_HISTORY].at)
        return NULL; /* met later, and refused */
    enum pvm_kind item = h->image->types[obj_type(h, o)].item.kind;
    uint64_t size = item == PVM_BYTE || item == PVM_BOOL ? 1 : 8;
    uint64_t room = 8 * (obj_words(h, s) - STORE_ITEMS);
    if (pvm_type_kind(h, s) != PVM_TYPE_STORE || n > room / size)
        return "a list has more items than its store holds";
    if (*obj_word(h, s, STORE_OWNER) == o &&
        !is_zero(store_byte(h, s, 0) + n * size, room - n * size))
        return "a slot behind a list's end is not zero";
    return NULL;
}

static bool is_store(const struct heap *h, uint64_t s, bool refs)
{
    return !s || obj_type(h, s) == (refs ? PVM_T_STORE_R : PVM_T_STORE_W);
}

static const char *check_map(const struct heap *h, uint64_t o)
{
    const struct pvm_type *t = &h->image->types[obj_type(h, o)];
    if (obj_words(h, o) != MAP_WORDS)
        return "a map has not its words";
    for (uint64_t w = 0; w < MAP_LEN; w++)
        if (*obj_word(h, o, w) % 16 ||
            *obj_word(h, o, w) >= h->tape.seg[TAPE_HISTORY].at)
            return NULL; /* met later, and refused */
    if (!is_store(h, *obj_word(h, o, MAP_KEYS), t->key.kind == PVM_REF) ||
        !is_store(h, *obj_word(h, o, MAP_VALUES), t->item.kind == PVM_REF) ||
        !is_store(h, *obj_word(h, o, MAP_INDEX), false))
        return "a map's stores are of the wrong type";
    return entries_check(h, o);
}

static const char *check_kind(const struct heap *h, uint64_t o)
{
    const struct pvm_type *t = &h->image->types[obj_type(h, o)];
    switch (t->kind) {
    case PVM_TYPE_STR: return check_str(h, o);
    case PVM_TYPE_TEXT: return check_text(h, o);
    case PVM_TYPE_LIST: return check_list(h, o);
    case PVM_TYPE_MAP: return check_map(h, o);
    case PVM_TYPE_STORE:
        return obj_words(h, o) < STORE_ITEMS ? "a store has no owner" : NULL;
    case PVM_TYPE_STRUCT:
    case PVM_TYPE_UNIT:
    case PVM_TYPE_CLOSURE:
    case PVM_TYPE_GLOBALS:
    case PVM_TYPE_WEAK:
    case PVM_TYPE_GUARDIAN:
    case PVM_TYPE_WATCH:
        return obj_words(h, o) != (uint64_t)t->nrefs + t->nscalars
                   ? "an object has not its type's words"
                   : NULL;
    default: return "an object is of a type that has none";
    }
}

/* Stamps, and that what an old object's blocks tell of young ones is known to
 * the next collection. */
static const char *check_blocks(struct heap *h, uint64_t o)
{
    uint64_t refs = obj_refs(h, o), blocks = obj_blocks(obj_words(h, o));
    for (uint64_t b = 0; b < blocks; b++)
        if (*obj_stamp(h, o, b) > h->st->clock)
            return "a stamp is ahead of the clock";
    for (uint64_t w = 0; w < refs && !obj_is_young(h, o); w++) {
        uint64_t to = *obj_word(h, o, w);
        uint64_t entry = block_ref(o, w / OBJ_BLOCK_WORDS);
        if (obj_is_young(h, to) && !idmap_get(&h->walk->remembered, entry))
            return "an old block with a young reference is not remembered";
    }
    return NULL;
}

static const char *check_object(struct heap *h, uint64_t o)
{
    if (o % 16 || o >= h->tape.seg[TAPE_HISTORY].at)
        return "a reference leads to no object";
    if (h->walk->marked && old_is(h, o) && !old_is_marked(h, o))
        return "an object that the roots reach is not marked";
    if (obj_type(h, o) >= h->image->ntypes ||
        (obj_info(h, o) >> 24 & OBJ_FORWARDED) || !is_placed(h, o))
        return "a reference leads to no whole object";
    uint64_t refs = obj_refs(h, o);
    const char *why = check_kind(h, o);
    if (!why && obj_type(h, o) == PVM_T_WATCH)
        why = guard_check(h, o);
    if (!why && refs > obj_words(h, o))
        why = "an object has more references than words";
    if (!why)
        why = check_blocks(h, o);
    if (obj_type(h, o) == PVM_T_WEAK && h->walk->marked)
        return why;
    for (uint64_t w = 0; w < refs && !why; w++)
        meet(h, obj_word(h, o, w));
    return why;
}

/* ---- all of them --------------------------------------------------------- */

static void meet_roots(struct heap *h)
{
    struct state *st = h->st;
    h->calls.roots(h, meet);
    h->calls.trail_roots(h, meet);
    gc_handle_roots(h, meet);
    meet(h, &st->error);
    meet(h, &st->globals);
    meet(h, &st->world);
    for (uint64_t i = 0; i < st->nhandles; i++)
        meet(h, &st->handles[i]);
}

static const char *check_tops(const struct heap *h)
{
    const struct state *st = h->st;
    const struct tape_range *seg = h->tape.seg;
    if (st->nursery < seg[TAPE_NURSERY].at ||
        st->nursery > seg[TAPE_NURSERY].at + seg[TAPE_NURSERY].size)
        return "the nursery's top lies outside it";
    if (st->minor > st->clock || st->mark > st->minor || st->snap > st->clock ||
        st->scope > st->clock)
        return "a threshold is ahead of the clock";
    return NULL;
}

static const char *walk(struct heap *h, bool marked)
{
    struct gc_walk k = {.seen = {.mem = h->mem},
                        .remembered = {.mem = h->mem},
                        .marked = marked};
    uint64_t at = h->tape.seg[TAPE_REMEMBER].at;
    bool fresh;
    k.why = check_tops(h);
    h->walk = &k;
    for (uint64_t i = 0; i < h->st->remembered; i++)
        if (!idmap_put(&k.remembered, *obj_at(h, at + 8 * i), &fresh))
            k.exhausted = true;
    meet_roots(h);
    if (h->calls.old_roots)
        h->calls.old_roots(h, meet);
    for (uint32_t i = 0; i < k.queue.n && !k.why && !k.exhausted; i++)
        k.why = check_object(h, k.queue.at[i]);
    h->walk = NULL;
    vec_free(h->mem, &k.queue);
    idmap_free(&k.seen);
    idmap_free(&k.remembered);
    return k.exhausted ? NULL : k.why;
}

const char *gc_check(struct heap *h)
{
    const char *why = walk(h, false);
    return why ? why : old_check(h);
}

const char *gc_check_marked(struct heap *h)
{
    return walk(h, true);
}
