/* equal.c - comparing strings, and whole graphs by content.
 *
 * A pair of references met before, in any place, is taken as equal
 * (classes.h). */
#include "runtime/obj/entries.h"

#include "runtime/mem/vec.h"
#include "runtime/obj/classes.h"

int str_compare(const struct heap *h, uint64_t a, uint64_t b)
{
    uint64_t n = str_len(h, a), m = str_len(h, b);
    int c = memcmp(str_bytes(h, a), str_bytes(h, b), n < m ? n : m);
    if (c == 0)
        return n < m ? -1 : n > m;
    return c < 0 ? -1 : 1;
}

bool str_equal(const struct heap *h, uint64_t a, uint64_t b)
{
    uint64_t n = str_len(h, a);
    return a == b || (n == str_len(h, b) &&
                      memcmp(str_bytes(h, a), str_bytes(h, b), n) == 0);
}

struct pair {
    uint64_t a, b;
};

struct equal {
    const struct heap *h;
    VEC(struct pair) todo;
    struct classes known;
    bool failed;
};

static bool words_equal(uint8_t kind, uint64_t a, uint64_t b)
{
    if (kind != PVM_FLOAT)
        return a == b;
    double f, g;
    memcpy(&f, &a, 8);
    memcpy(&g, &b, 8);
    return f == g;
}

/* Compares two values of one type; references wait on the work list. */
static bool values_equal(struct equal *x, struct pvm_value_type t, uint64_t a,
                         uint64_t b)
{
    if (t.kind != PVM_REF)
        return words_equal(t.kind, a, b);
    if (a == b)
        return true;
    if (!a || !b)
        return false;
    if (!vec_push(x->h->mem, &x->todo, (struct pair){a, b}))
        x->failed = true;
    return true;
}

static bool lists_equal(struct equal *x, const struct pvm_type *t, uint64_t a,
                        uint64_t b)
{
    const struct heap *h = x->h;
    uint64_t n = list_len(h, a), s = list_store(h, a), r = list_store(h, b);
    if (n != list_len(h, b))
        return false;
    if (t->item.kind == PVM_BYTE || t->item.kind == PVM_BOOL)
        return n == 0 ||
               memcmp(store_byte(h, s, 0), store_byte(h, r, 0), n) == 0;
    for (uint64_t i = 0; i < n; i++)
        if (!values_equal(x, t->item, *store_item(h, s, i),
                          *store_item(h, r, i)))
            return false;
    return true;
}

/* Each entry of the one has its equal in the other.  Keys hold no maps, so
 * comparing them begins no search within this one. */
static bool maps_equal(struct equal *x, const struct pvm_type *t, uint64_t a,
                       uint64_t b)
{
    const struct heap *h = x->h;
    struct entry_place to;
    uint64_t n = map_len(h, a), at = 0;
    if (n != map_len(h, b))
        return false;
    for (uint64_t i = 0; i < n; i++, at++) {
        at = entries_next(h, a, at);
        if (entries_find(h, b, entries_key(h, a, at), &to))
            x->failed = true;
        if (x->failed || to.position == ENTRIES_NONE ||
            !values_equal(x, t->item, entries_value(h, a, at),
                          entries_value(h, b, to.position)))
            return false;
    }
    return true;
}

static bool objects_equal(struct equal *x, uint64_t a, uint64_t b)
{
    const struct heap *h = x->h;
    if (obj_seen_type(h, a) != obj_seen_type(h, b))
        return false;
    const struct pvm_type *t = &h->image->types[obj_type(h, a)];
    switch (t->kind) {
    case PVM_TYPE_STR: return str_equal(h, a, b);
    case PVM_TYPE_LIST: return lists_equal(x, t, a, b);
    case PVM_TYPE_MAP: return maps_equal(x, t, a, b);
    case PVM_TYPE_UNIT:
    case PVM_TYPE_STRUCT:
        for (uint32_t i = 0; i < t->nfields; i++)
            if (obj_field_counts(obj_type(h, a), t->fields[i].word) &&
                !values_equal(x, t->fields[i].of,
                              *obj_word(h, a, t->fields[i].word),
                              *obj_word(h, b, t->fields[i].word)))
                return false;
        return true;
    default: return false; /* all others are equal to themselves alone */
    }
}

/* Two structs of scalars and strs, as most keys are, without a list of pairs.
 * False: they have other parts, and nothing is known. */
static bool flat_equal(struct equal *x, uint64_t a, uint64_t b, bool *equal)
{
    const struct heap *h = x->h;
    const struct pvm_type *t = &h->image->types[obj_type(h, a)];
    if (t->kind != PVM_TYPE_STRUCT || obj_type(h, b) != obj_type(h, a))
        return false;
    *equal = true;
    for (uint32_t i = 0; i < t->nfields && *equal; i++) {
        const struct pvm_field *f = &t->fields[i];
        uint64_t v = *obj_word(h, a, f->word), w = *obj_word(h, b, f->word);
        bool is_ref = f->of.kind == PVM_REF;
        if (is_ref && f->of.type != PVM_T_STR)
            return false;
        if (is_ref)
            *equal = v && w ? str_equal(h, v, w) : v == w;
        else
            *equal = words_equal(f->of.kind, v, w);
    }
    return true;
}

enum pal_status obj_equal(const struct heap *h, uint64_t a, uint64_t b,
                          bool *equal)
{
    struct equal x = {.h = h, .known.parent.mem = h->mem};
    *equal = a == b;
    if (a && b && a != b && flat_equal(&x, a, b, equal))
        return PAL_OK;
    if (a && b && a != b) {
        *equal = vec_push(h->mem, &x.todo, (struct pair){a, b});
        x.failed = !*equal;
    }
    while (*equal && x.todo.n && !x.failed && !x.known.failed) {
        struct pair p = x.todo.at[--x.todo.n];
        bool is_str = pvm_type_kind(h, p.a) == PVM_TYPE_STR;
        if (is_str || classes_join(&x.known, p.a, p.b))
            *equal = objects_equal(&x, p.a, p.b);
    }
    vec_free(h->mem, &x.todo);
    classes_free(&x.known);
    return x.failed || x.known.failed ? PAL_NOMEM : PAL_OK;
}
