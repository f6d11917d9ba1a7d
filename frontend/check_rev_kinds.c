/* check_rev_kinds.c - sets of kinds of memory.
 *
 * A kind is known by an address: a field or a global by its own, the elements
 * of a list type by that of the type, its length by the next.  The kinds of a
 * unit are numbered as they are met, and a set is bits by number. */
#include "frontend/check_rev.h"

/* ---- sets ---------------------------------------------------------------- */

struct kind_slot {
    uintptr_t key; /* 0: free */
    uint32_t number;
};

static uint32_t slot_of(const struct kind_slot *slots, uint32_t cap,
                        uintptr_t key)
{
    uint64_t h = key * UINT64_C(0x9e3779b97f4a7c15);
    uint32_t i = (uint32_t)(h >> 32);

    while (slots[i & (cap - 1)].key && slots[i & (cap - 1)].key != key)
        i++;
    return i & (cap - 1);
}

static void grow(struct rev *r)
{
    uint32_t cap = r->cap ? r->cap * 2 : 64;
    struct kind_slot *slots = ARENA_ARRAY(r->c->arena, struct kind_slot, cap);

    for (uint32_t i = 0; i < r->cap; i++)
        if (r->slots[i].key)
            slots[slot_of(slots, cap, r->slots[i].key)] = r->slots[i];
    r->slots = slots;
    r->cap = cap;
}

/* The number of the kind that an address stands for: a field or a global by
 * its own, a list type's elements by the type's, its length by the next. */
static uint32_t kind_of(struct rev *r, uintptr_t key)
{
    struct kind_slot *s;

    if (r->nkinds * 2 >= r->cap)
        grow(r);
    s = &r->slots[slot_of(r->slots, r->cap, key)];
    if (!s->key)
        *s = (struct kind_slot){key, r->nkinds++};
    return s->number;
}

static uintptr_t elements(const struct type *list)
{
    return (uintptr_t)list;
}

static uintptr_t length(const struct type *list)
{
    return (uintptr_t)list + 1;
}

static void widen(struct rev *r, struct kinds *k, uint32_t n)
{
    uint64_t *words;

    if (n <= k->n)
        return;
    words = ARENA_ARRAY(r->c->arena, uint64_t, n);
    for (uint32_t i = 0; i < k->n; i++)
        words[i] = k->words[i];
    k->words = words;
    k->n = n;
}

/* True when it was not there. */
static bool add(struct rev *r, struct kinds *k, uintptr_t key)
{
    uint32_t number = kind_of(r, key);
    uint64_t bit = UINT64_C(1) << number % 64;

    if (number / 64 >= k->n)
        widen(r, k, r->nkinds / 64 + 4);
    if (k->words[number / 64] & bit)
        return false;
    k->words[number / 64] |= bit;
    return true;
}

bool kinds_add_all(struct rev *r, struct kinds *to, const struct kinds *from)
{
    bool more = from->all && !to->all;

    to->all |= from->all;
    widen(r, to, from->n);
    for (uint32_t i = 0; i < from->n; i++) {
        more |= (from->words[i] & ~to->words[i]) != 0;
        to->words[i] |= from->words[i];
    }
    return more;
}

bool kinds_meet(const struct kinds *a, const struct kinds *b)
{
    if ((a->all && !kinds_empty(b)) || (b->all && !kinds_empty(a)))
        return true;
    for (uint32_t i = 0; i < a->n && i < b->n; i++)
        if (a->words[i] & b->words[i])
            return true;
    return false;
}

bool kinds_empty(const struct kinds *k)
{
    if (k->all)
        return false;
    for (uint32_t i = 0; i < k->n; i++)
        if (k->words[i])
            return false;
    return true;
}

bool kinds_have_global(struct rev *r, const struct kinds *k,
                       const struct sym *s)
{
    uint32_t number = kind_of(r, (uintptr_t)s);

    if (k->all)
        return true;
    return number / 64 < k->n && k->words[number / 64] >> number % 64 & 1;
}

/* ---- of places and types ------------------------------------------------- */

void kinds_add_length(struct rev *r, struct kinds *to, struct type *list)
{
    add(r, to, length(list));
}

void kinds_add_field(struct rev *r, struct kinds *to, const struct field *f)
{
    add(r, to, (uintptr_t)f);
}

void kinds_add_global(struct rev *r, struct kinds *to, const struct sym *s)
{
    add(r, to, (uintptr_t)s);
}

void kinds_add_list(struct rev *r, struct kinds *to, struct type *list,
                    bool length_too)
{
    add(r, to, elements(list));
    if (length_too)
        add(r, to, length(list));
}

void kinds_add_place(struct rev *r, struct kinds *to, const struct ast *p)
{
    struct type *base;

    if (p->kind == AST_NAME || sema_var(p)) {
        struct sym *s = sema_var(p);
        if (s && s->kind == SYM_GLOBAL)
            add(r, to, (uintptr_t)s);
    } else if (p->kind == AST_MEMBER && AS(member, p)->field) {
        add(r, to, (uintptr_t)AS(member, p)->field);
    } else if (p->kind == AST_INDEX) {
        base = AS(index, p)->base->type;
        if (base && (base->kind == TYPE_LIST || base->kind == TYPE_MAP))
            add(r, to, elements(base));
        if (base && base->kind == TYPE_MAP)
            add(r, to, length(base));
    }
}

static void add_deep(struct rev *r, struct kinds *to, struct type *t);

static void add_deep_fields(struct rev *r, struct kinds *to,
                            const struct type *t)
{
    for (uint32_t i = 0; i < t->nfields; i++)
        if (add(r, to, (uintptr_t)&t->fields[i]))
            add_deep(r, to, t->fields[i].type);
}

/* An enum stands for itself, so that one that holds itself is seen once. */
static void add_deep_variants(struct rev *r, struct kinds *to,
                              const struct type *t)
{
    if (!add(r, to, (uintptr_t)t))
        return;
    for (uint32_t i = 0; i < t->nvariants; i++)
        if (t->variants[i].payload)
            add_deep_fields(r, to, t->variants[i].payload);
}

static void add_deep(struct rev *r, struct kinds *to, struct type *t)
{
    switch ((enum type_kind)t->kind) {
    case TYPE_LIST:
    case TYPE_MAP:
        add(r, to, length(t));
        if (add(r, to, elements(t)))
            for (uint32_t i = 0; i < t->nargs; i++)
                add_deep(r, to, t->args[i]);
        break;
    case TYPE_OPTION: add_deep(r, to, t->args[0]); break;
    case TYPE_STRUCT:
    case TYPE_TUPLE: add_deep_fields(r, to, t); break;
    case TYPE_ENUM: add_deep_variants(r, to, t); break;
    case TYPE_ANY:
    case TYPE_FN: to->all = true; break;
    default: break;
    }
}

/* Collected apart: that a kind is known already does not say that those behind
 * it are. */
void kinds_add_deep(struct rev *r, struct kinds *to, struct type *t)
{
    struct kinds all = {0};

    if (!t || t->kind <= TYPE_STR)
        return;
    add_deep(r, &all, t);
    kinds_add_all(r, to, &all);
}

void kinds_add_shallow(struct rev *r, struct kinds *to, struct type *t)
{
    if (t->kind == TYPE_OPTION)
        t = t->args[0];
    if (t->kind == TYPE_LIST || t->kind == TYPE_MAP)
        kinds_add_list(r, to, t, true);
    for (uint32_t i = 0; t->kind == TYPE_STRUCT && i < t->nfields; i++)
        add(r, to, (uintptr_t)&t->fields[i]);
    to->all |= t->kind == TYPE_ANY;
}

static void add_refs_of(struct rev *r, struct kinds *to, struct type *part,
                        uintptr_t key)
{
    if (rev_is_object(part) && add(r, to, key))
        kinds_add_refs(r, to, part);
}

void kinds_add_refs(struct rev *r, struct kinds *to, const struct type *t)
{
    switch ((enum type_kind)t->kind) {
    case TYPE_OPTION: kinds_add_refs(r, to, t->args[0]); break;
    case TYPE_LIST:
    case TYPE_MAP:
        add_refs_of(r, to, t->args[t->nargs - 1], elements(t));
        break;
    case TYPE_ENUM:
        if (add(r, to, (uintptr_t)t))
            for (uint32_t i = 0; i < t->nvariants; i++)
                if (t->variants[i].payload)
                    kinds_add_refs(r, to, t->variants[i].payload);
        break;
    case TYPE_ANY:
    case TYPE_FN: to->all = true; break;
    default:
        for (uint32_t i = 0; i < t->nfields; i++)
            add_refs_of(r, to, t->fields[i].type, (uintptr_t)&t->fields[i]);
    }
}
