/* canon.c - the canonical hash of an object graph.
 *
 * Objects are numbered in the order they are first met, breadth first from
 * the roots; a reference is hashed as that number, so two graphs have one
 * hash exactly when they have the same shape and contents, wherever their
 * objects lie.  Stamps, capacities and unused slots do not count, and nor does
 * what depends on the collector: what a weak box holds, which watches wait. */
#include "runtime/obj/entries.h"

#include "runtime/base/hash.h"
#include "runtime/mem/vec.h"
#include "runtime/obj/idmap.h"

struct obj_hash {
    const struct heap *h;
    struct idmap seen;
    VEC(uint64_t) queue;
    uint64_t hash;
    bool failed;
};

struct obj_hash *obj_hash_open(const struct heap *h)
{
    struct obj_hash *x = mem_alloc(h->mem, sizeof *x);
    if (x)
        *x = (struct obj_hash){
            .h = h, .seen = {.mem = h->mem}, .hash = UINT64_C(0x70616c)};
    return x;
}

bool obj_hash_word(struct obj_hash *x, uint64_t w)
{
    x->hash = hash_word(x->hash * 31 + w);
    return !x->failed;
}

static void add_bytes(struct obj_hash *x, const void *p, uint64_t n)
{
    obj_hash_word(x, n);
    obj_hash_word(x, n ? hash_bytes(p, n, 0) : 0);
}

bool obj_hash_ref(struct obj_hash *x, uint64_t o)
{
    if (!o)
        return obj_hash_word(x, 0);
    bool fresh;
    struct idmap_slot *s = idmap_put(&x->seen, o, &fresh);
    if (!s) {
        x->failed = true;
        return false;
    }
    if (fresh) {
        s->value = x->seen.n;
        if (!vec_push(x->h->mem, &x->queue, o))
            x->failed = true;
    }
    return obj_hash_word(x, s->value);
}

static void add_value(struct obj_hash *x, struct pvm_value_type t, uint64_t v)
{
    if (t.kind == PVM_REF)
        obj_hash_ref(x, v);
    else
        obj_hash_word(x, v);
}

static void add_list(struct obj_hash *x, const struct pvm_type *t, uint64_t o)
{
    const struct heap *h = x->h;
    uint64_t n = list_len(h, o), s = list_store(h, o);
    if (t->item.kind == PVM_BYTE || t->item.kind == PVM_BOOL) {
        add_bytes(x, n ? store_byte(h, s, 0) : NULL, n);
        return;
    }
    obj_hash_word(x, n);
    for (uint64_t i = 0; i < n; i++)
        add_value(x, t->item, *store_item(h, s, i));
}

/* In their order, which going back restores, like the count of changes. */
static void add_map(struct obj_hash *x, const struct pvm_type *t, uint64_t o)
{
    const struct heap *h = x->h;
    uint64_t n = map_len(h, o), at = 0;
    obj_hash_word(x, n);
    obj_hash_word(x, *obj_word(h, o, MAP_CHANGES));
    for (uint64_t i = 0; i < n; i++, at++) {
        at = entries_next(h, o, at);
        add_value(x, t->key, entries_key(h, o, at));
        add_value(x, t->item, entries_value(h, o, at));
    }
}

static void add_object(struct obj_hash *x, uint64_t o)
{
    const struct heap *h = x->h;
    const struct pvm_type *t = &h->image->types[obj_type(h, o)];
    obj_hash_word(x, obj_seen_type(h, o));
    if (t->kind == PVM_TYPE_STR)
        add_bytes(x, str_bytes(h, o), str_len(h, o));
    else if (t->kind == PVM_TYPE_LIST)
        add_list(x, t, o);
    else if (t->kind == PVM_TYPE_MAP)
        add_map(x, t, o);
    else if (t->kind == PVM_TYPE_GUARDIAN)
        obj_hash_ref(x, *obj_word(h, o, GUARDIAN_WATCHES));
    else if (obj_type(h, o) == PVM_T_WATCH)
        obj_hash_ref(x, *obj_word(h, o, WATCH_TARGET));
    else
        for (uint32_t i = 0; i < t->nfields; i++)
            add_value(x, t->fields[i].of, *obj_word(h, o, t->fields[i].word));
}

uint64_t obj_hash_close(struct obj_hash *x)
{
    struct mem *m = x->h->mem;
    for (uint32_t i = 0; i < x->queue.n && !x->failed; i++)
        add_object(x, x->queue.at[i]);
    uint64_t hash = x->failed ? 0 : x->hash | 1;
    vec_free(m, &x->queue);
    idmap_free(&x->seen);
    mem_free(m, x, sizeof *x);
    return hash;
}
