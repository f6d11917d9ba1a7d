/* compare.c - the order of values by content, over an explicit stack: a frame
 * for each pair of structs or lists whose parts are being compared. */
#include "runtime/obj/obj.h"

#include "runtime/base/arith.h"
#include "runtime/mem/vec.h"
#include "runtime/obj/classes.h"

struct frame {
    uint64_t a, b;
    uint64_t next; /* the part to compare */
};

struct compare {
    const struct heap *h;
    VEC(struct frame) stack;
    struct classes known;
    bool failed;
};

static int order_of(bool less, bool more)
{
    return more - less;
}

int obj_compare_words(enum pvm_kind kind, uint64_t a, uint64_t b)
{
    if (kind != PVM_FLOAT)
        return order_of((int64_t)a<(int64_t)b, (int64_t)a>(int64_t) b);
    double x = arith_float((int64_t)a), y = arith_float((int64_t)b);
    if (x != x || y != y)
        return (x != x) - (y != y);
    return order_of(x<y, x> y);
}

/* The order of two parts, as far as it shows at once; what does not is put on
 * the stack. */
static int compare_parts(struct compare *x, struct pvm_value_type t, uint64_t a,
                         uint64_t b)
{
    const struct heap *h = x->h;
    if (t.kind != PVM_REF)
        return obj_compare_words(t.kind, a, b);
    if (a == b || !a || !b)
        return order_of(!a && b, a && !b);
    uint32_t type = obj_seen_type(h, a), other = obj_seen_type(h, b);
    if (type != other)
        return order_of(type<other, type> other);
    if (pvm_type_kind(h, a) == PVM_TYPE_STR)
        return str_compare(h, a, b);
    if (classes_join(&x->known, a, b) &&
        !vec_push(h->mem, &x->stack, (struct frame){a, b, 0}))
        x->failed = true;
    return 0;
}

static uint64_t item_at(const struct heap *h, const struct pvm_type *t,
                        uint64_t list, uint64_t i)
{
    uint64_t s = list_store(h, list);
    return t->item.kind == PVM_BYTE || t->item.kind == PVM_BOOL
               ? *store_byte(h, s, i)
               : *store_item(h, s, i);
}

/* Compares the next part of the pair on top, or takes the pair off. */
static int step(struct compare *x)
{
    const struct heap *h = x->h;
    struct frame *f = &x->stack.at[x->stack.n - 1];
    uint64_t a = f->a, b = f->b, i = f->next++;
    const struct pvm_type *t = &h->image->types[obj_type(h, a)];
    if (t->kind == PVM_TYPE_STRUCT && i < t->nfields)
        return compare_parts(x, t->fields[i].of,
                             *obj_word(h, a, t->fields[i].word),
                             *obj_word(h, b, t->fields[i].word));
    if (t->kind == PVM_TYPE_LIST) {
        uint64_t n = list_len(h, a), m = list_len(h, b);
        if (i < n && i < m)
            return compare_parts(x, t->item, item_at(h, t, a, i),
                                 item_at(h, t, b, i));
        x->stack.n--;
        return order_of(n<m, n> m);
    }
    x->stack.n--;
    return 0;
}

/* Two structs of scalars and strs, as most tuples are, without a stack.  False:
 * they have other parts, and nothing is known. */
static bool flat_order(const struct heap *h, uint64_t a, uint64_t b, int *order)
{
    const struct pvm_type *t = &h->image->types[obj_type(h, a)];
    if (t->kind != PVM_TYPE_STRUCT || obj_type(h, b) != obj_type(h, a))
        return false;
    *order = 0;
    for (uint32_t i = 0; i < t->nfields && !*order; i++) {
        const struct pvm_field *f = &t->fields[i];
        uint64_t v = *obj_word(h, a, f->word), w = *obj_word(h, b, f->word);
        if (f->of.kind != PVM_REF)
            *order = obj_compare_words(f->of.kind, v, w);
        else if (f->of.type != PVM_T_STR)
            return false;
        else if (v != w)
            *order = v && w ? str_compare(h, v, w) : order_of(!v, !w);
    }
    return true;
}

enum pal_status obj_compare(const struct heap *h, uint64_t a, uint64_t b,
                            int *order)
{
    struct compare x = {.h = h, .known.parent.mem = h->mem};
    if (a && b && flat_order(h, a, b, order))
        return PAL_OK;
    *order = compare_parts(&x, (struct pvm_value_type){.kind = PVM_REF}, a, b);
    while (x.stack.n && !*order && !x.failed && !x.known.failed)
        *order = step(&x);
    vec_free(h->mem, &x.stack);
    classes_free(&x.known);
    return x.failed || x.known.failed ? PAL_NOMEM : PAL_OK;
}
