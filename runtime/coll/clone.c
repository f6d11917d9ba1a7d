/* clone.c - see clone.h.
 *
 * Four steps, none of them recursive:
 *
 *   walk    numbers the objects breadth first, and notes for each reference
 *           the number of what it leads to; nothing is allocated on the tape,
 *           so nothing moves
 *   hold    two lists on the tape: the objects by number, and their copies
 *   make    a copy of each, still empty; collections may come, and the lists
 *           keep up with what moves
 *   fill    copies the words, each reference by its number
 *
 * A store is an object like any other here: a copied list has a copied store
 * whose owner is that list. */
#include "runtime/coll/clone.h"

#include "runtime/mem/vec.h"
#include "runtime/obj/idmap.h"

struct clone {
    struct heap *h;
    struct idmap numbers;  /* by object, from 1 */
    VEC(uint64_t) objects; /* by number, from 0; as they lay during the walk */
    VEC(uint32_t) links;   /* numbers, in the order of the references */
};

/* Whether a reference leads to what is copied. */
static bool is_copied(const struct heap *h, uint64_t o)
{
    if (!o)
        return false;
    switch (pvm_type_kind(h, o)) {
    case PVM_TYPE_STRUCT:
    case PVM_TYPE_LIST:
    case PVM_TYPE_MAP:
    case PVM_TYPE_STORE: return true;
    default: return false;
    }
}

/* ---- walk ---------------------------------------------------------------- */

/* The number of an object in *number; false when memory is exhausted. */
static bool meet(struct clone *c, uint64_t o, uint32_t *number)
{
    struct mem *m = c->h->mem;
    bool fresh;
    struct idmap_slot *s = idmap_put(&c->numbers, o, &fresh);
    if (!s || (fresh && !vec_push(m, &c->objects, o)))
        return false;
    if (fresh)
        s->value = c->objects.n - 1;
    *number = (uint32_t)s->value;
    return true;
}

static bool walk(struct clone *c, uint64_t root)
{
    struct heap *h = c->h;
    uint32_t number;
    idmap_free(&c->numbers);
    c->objects.n = c->links.n = 0;
    if (!meet(c, root, &number))
        return false;
    for (uint32_t i = 0; i < c->objects.n; i++) {
        uint64_t o = c->objects.at[i], refs = obj_refs(h, o);
        for (uint64_t w = 0; w < refs; w++) {
            uint64_t to = *obj_word(h, o, w);
            if (is_copied(h, to) &&
                (!meet(c, to, &number) || !vec_push(h->mem, &c->links, number)))
                return false;
        }
    }
    return true;
}

/* ---- hold and make ------------------------------------------------------- */

/* Lists of the objects and of as many copies in two held slots.  Where making
 * them moved the objects, these are looked for once more. */
static bool hold(struct clone *c, const uint64_t *root, uint64_t *from,
                 uint64_t *to)
{
    struct heap *h = c->h;
    uint64_t minors = h->st->minors;
    *from = list_make(h, PVM_T_LIST_STR, c->objects.n);
    *to = *from ? list_make(h, PVM_T_LIST_STR, c->objects.n) : 0;
    if (!*to || (h->st->minors != minors && !walk(c, *root)))
        return false;
    for (uint32_t i = 0; i < c->objects.n; i++)
        if (list_set(h, *from, i, c->objects.at[i]))
            return false;
    return true;
}

static bool make(struct heap *h, const uint64_t *from, const uint64_t *to)
{
    uint64_t n = list_len(h, *from);
    for (uint64_t i = 0; i < n; i++) {
        uint64_t o = list_item(h, *from, i);
        uint64_t copy = gc_new(h, obj_type(h, o), obj_words(h, o));
        if (!copy || list_set(h, *to, (int64_t)i, copy))
            return false;
    }
    return true;
}

/* ---- fill ---------------------------------------------------------------- */

/* Writes to what is new are announced for the collector and a traced window;
 * the trail wants nothing of them, so that none is refused. */
static void announce(struct heap *h, uint64_t o)
{
    uint64_t words = obj_words(h, o), refs = obj_refs(h, o);
    for (uint64_t w = 0; w < words; w += OBJ_BLOCK_WORDS)
        (void)(w < refs ? trail_before_ref(h, o, w)
                        : trail_before_val(h, o, w));
}

static void fill(struct clone *c, uint64_t from, uint64_t to)
{
    struct heap *h = c->h;
    const uint64_t *objects = store_item(h, list_store(h, from), 0);
    const uint64_t *copies = store_item(h, list_store(h, to), 0);
    const uint32_t *link = c->links.at;
    for (uint32_t i = 0; i < c->objects.n; i++) {
        uint64_t o = objects[i], copy = copies[i];
        uint64_t words = obj_words(h, o), refs = obj_refs(h, o);
        announce(h, copy);
        for (uint64_t w = 0; w < refs; w++) {
            uint64_t v = *obj_word(h, o, w);
            *obj_word(h, copy, w) = is_copied(h, v) ? copies[*link++] : v;
        }
        memcpy(obj_word(h, copy, refs), obj_word(h, o, refs),
               8 * (words - refs));
    }
}

enum pal_status clone_value(struct heap *h, const uint64_t *o, uint64_t *out)
{
    struct clone c = {.h = h, .numbers.mem = h->mem};
    if (!is_copied(h, *o)) {
        *out = *o;
        return PAL_OK;
    }
    uint64_t *root = gc_hold(h, *o);
    uint64_t *from = gc_hold(h, 0), *to = gc_hold(h, 0);
    bool done = walk(&c, *root) && hold(&c, root, from, to);
    idmap_free(&c.numbers);
    done = done && make(h, from, to);
    if (done) {
        fill(&c, *from, *to);
        *out = list_item(h, *to, 0);
    }
    vec_free(h->mem, &c.objects);
    vec_free(h->mem, &c.links);
    gc_release(h, 3);
    return done ? PAL_OK : PAL_NOMEM;
}
