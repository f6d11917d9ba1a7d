/* model_ops.h - what a program does between scopes, done to heap and shadow.
 *
 * Each op_ function is one random operation; it does nothing where no
 * register suits it.  What the runtime refuses for want of memory is not done
 * to the shadow either. */
#ifndef PAL_TESTS_MODEL_OPS_H
#define PAL_TESTS_MODEL_OPS_H

#include "tests/property/model_compare.h"

/* ---- choosing ------------------------------------------------------------ */

/* A register that holds an object whose type passes; false when a few tries
 * found none. */
static inline bool
find(struct rig *g, bool (*passes)(struct rig *g, uint32_t type), uint32_t *i)
{
    for (int tries = 0; tries < 6; tries++) {
        *i = below(g, SHADOW_REGISTERS);
        if (*reg(g, *i) && passes(g, obj_type(&g->h, *reg(g, *i))))
            return true;
    }
    return false;
}

static inline bool is_list(struct rig *g, uint32_t type)
{
    return g->types[type].kind == PVM_TYPE_LIST;
}
static inline bool is_list_any(struct rig *g, uint32_t type)
{
    return is_list(g, type) && g->types[type].item.kind == PVM_REF;
}
static inline bool is_list_byte(struct rig *g, uint32_t type)
{
    (void)g;
    return type == PVM_T_LIST_BYTE;
}
static inline bool has_refs(struct rig *g, uint32_t type)
{
    return g->types[type].nrefs > 0 && type != PVM_T_WEAK;
}
static inline bool has_scalars(struct rig *g, uint32_t type)
{
    return g->types[type].nscalars > 0;
}

/* A register to read a reference from: seldom one that is null. */
static inline uint32_t some_value(struct rig *g)
{
    uint32_t i = below(g, SHADOW_REGISTERS);
    for (int tries = 0; !*reg(g, i) && tries < 4; tries++)
        i = below(g, SHADOW_REGISTERS);
    return i;
}

/* A value for a list: a scalar in *item, or a register's slot. */
static inline const uint64_t *some_item(struct rig *g, uint32_t type,
                                        uint64_t *item, uint64_t *shadow)
{
    uint32_t i = some_value(g);
    switch (g->types[type].item.kind) {
    case PVM_REF: *shadow = g->w.roots[i]; return reg(g, i);
    case PVM_BOOL: *item = rnd(g) & 1; break;
    case PVM_BYTE: *item = rnd(g) & 255; break;
    default: *item = rnd(g) >> below(g, 64);
    }
    *shadow = *item;
    return item;
}

static inline void set_reg(struct rig *g, uint32_t i, uint64_t real,
                           uint64_t shadow)
{
    *reg(g, i) = real;
    g->w.roots[i] = shadow;
}

/* Memory may run out only where the episode is meant to. */
static inline void refused(struct rig *g, const char *what)
{
    g->fig->refused++;
    if (!g->tight)
        fail(g, "%s: memory ran out", what);
}

/* ---- stores -------------------------------------------------------------- */

struct store {
    bool in_globals, is_ref;
    uint32_t object, value; /* registers */
    uint32_t word;
    uint64_t scalar;
};

static inline bool choose_store(struct rig *g, struct store *s)
{
    *s = (struct store){.in_globals = chance(g, 5),
                        .is_ref = chance(g, 2),
                        .value = some_value(g),
                        .scalar = rnd(g)};
    uint32_t type = T_GLOBALS;
    if (!s->in_globals) {
        if (!find(g, s->is_ref ? has_refs : has_scalars, &s->object))
            return false;
        type = obj_type(&g->h, *reg(g, s->object));
    }
    s->word = s->is_ref
                  ? below(g, g->types[type].nrefs)
                  : g->types[type].nrefs + below(g, g->types[type].nscalars);
    return true;
}

static inline void do_store(struct rig *g, const struct store *s)
{
    struct heap *h = &g->h;
    uint64_t o = s->in_globals ? h->st->globals : *reg(g, s->object);
    uint64_t id = s->in_globals ? g->w.globals : g->w.roots[s->object];
    bool ok = s->is_ref ? trail_before_ref(h, o, s->word)
                        : trail_before_val(h, o, s->word);
    if (!ok) {
        refused(g, "a store");
        return;
    }
    *obj_word(h, o, s->word) = s->is_ref ? *reg(g, s->value) : s->scalar;
    shadow_at(&g->w, id)->words[s->word] =
        s->is_ref ? g->w.roots[s->value] : s->scalar;
}

static inline void op_store(struct rig *g)
{
    struct store s;
    if (choose_store(g, &s))
        do_store(g, &s);
}

static inline void op_load(struct rig *g)
{
    uint32_t i, to = below(g, SHADOW_REGISTERS);
    uint64_t o = g->h.st->globals, id = g->w.globals;
    if (chance(g, 12)) {
        i = below(g, SHADOW_LOADED);
        set_reg(g, to, *rig_loaded(g, i), g->w.loaded[i]);
        return;
    }
    if (!chance(g, 3)) {
        if (!find(g, has_refs, &i))
            return;
        o = *reg(g, i);
        id = g->w.roots[i];
    }
    uint32_t w = below(g, g->types[obj_type(&g->h, o)].nrefs);
    if (!*obj_word(&g->h, o, w) && !chance(g, 4))
        return;
    set_reg(g, to, *obj_word(&g->h, o, w), shadow_at(&g->w, id)->words[w]);
}

static inline void op_move(struct rig *g)
{
    uint32_t from = some_value(g), to = below(g, SHADOW_REGISTERS);
    if (chance(g, 6))
        set_reg(g, to, 0, 0);
    else
        set_reg(g, to, *reg(g, from), g->w.roots[from]);
}

/* ---- births -------------------------------------------------------------- */

static inline void op_struct(struct rig *g)
{
    static const uint32_t often[] = {T_PAIR, T_PAIR, T_PAIR, T_LEAF, T_FAN,
                                     T_FAN,  T_WIDE, T_TALL, T_EMPTY};
    static const uint32_t seldom[] = {T_HUGE, T_HUGE, T_HUGE, T_LONG};
    uint32_t type = chance(g, 40) ? seldom[below(g, 4)] : often[below(g, 9)];
    if (chance(g, 4000))
        type = T_VAST;
    uint32_t i = below(g, SHADOW_REGISTERS);
    uint32_t n = g->types[type].nrefs + g->types[type].nscalars;
    /* in a traced window any object may be born old */
    uint64_t o = chance(g, n > 1000 ? 3 : 12) ? gc_new_old(&g->h, type, n)
                                              : gc_new(&g->h, type, n);
    if (!o) {
        refused(g, "a struct");
        return;
    }
    set_reg(g, i, o, shadow_new(&g->w, type, n));
    for (uint32_t k = 0; k < 4; k++) {
        struct store s = {.is_ref = g->types[type].nrefs && chance(g, 2),
                          .object = i,
                          .value = some_value(g),
                          .scalar = rnd(g)};
        if (!s.is_ref && !g->types[type].nscalars)
            continue;
        s.word = s.is_ref
                     ? below(g, g->types[type].nrefs)
                     : g->types[type].nrefs + below(g, g->types[type].nscalars);
        do_store(g, &s);
    }
}

static inline void op_str(struct rig *g)
{
    uint8_t text[9000];
    uint32_t n =
        chance(g, 100) ? sizeof text : below(g, chance(g, 8) ? 900 : 40);
    for (uint32_t i = 0; i < n; i++)
        text[i] = (uint8_t)rnd(g);
    uint32_t to = below(g, SHADOW_REGISTERS);
    uint64_t o = str_new(&g->h, text, n);
    if (!o) {
        refused(g, "a str");
        return;
    }
    set_reg(g, to, o, shadow_new(&g->w, PVM_T_STR, n));
    for (uint32_t i = 0; i < n; i++)
        shadow_at(&g->w, g->w.roots[to])->words[i] = text[i];
}

/* How many items: mostly few, sometimes several blocks, rarely born old. */
static inline uint32_t some_count(struct rig *g)
{
    if (chance(g, 40))
        return 1100 + below(g, 900);
    return below(g, chance(g, 6) ? 300 : 12);
}

static inline void op_list(struct rig *g)
{
    static const uint32_t types[] = {T_LIST_ANY,      T_LIST_ANY,
                                     PVM_T_LIST_INT,  PVM_T_LIST_BYTE,
                                     PVM_T_LIST_BOOL, PVM_T_LIST_FLOAT};
    uint32_t type = types[below(g, 6)], to = below(g, SHADOW_REGISTERS);
    uint32_t n = chance(g, 2) ? 0 : some_count(g);
    uint64_t o = n ? list_make(&g->h, type, n) : list_new(&g->h, type);
    if (!o)
        refused(g, "a list");
    else
        set_reg(g, to, o, shadow_new(&g->w, type, n));
}

/* ---- lists --------------------------------------------------------------- */

/* Compares what a list operation said with what it should say; true when it
 * was done. */
static inline bool was_done(struct rig *g, const char *what,
                            enum list_status is, enum list_status should)
{
    if (is == should)
        return is == LIST_OK;
    if (is == LIST_MEMORY)
        refused(g, what);
    else
        fail(g, "%s: status %d, not %d", what, is, should);
    return false;
}

static inline void op_push(struct rig *g)
{
    uint32_t l;
    uint64_t item, shadow;
    if (!find(g, is_list, &l))
        return;
    for (uint32_t n = chance(g, 4) ? below(g, 60) : 1; n; n--) {
        const uint64_t *from =
            some_item(g, obj_type(&g->h, *reg(g, l)), &item, &shadow);
        struct shadow_object *s = shadow_at(&g->w, g->w.roots[l]);
        if (was_done(g, "push", list_push(&g->h, reg(g, l), from), LIST_OK))
            shadow_insert(s, s->n, shadow);
    }
}

static inline void op_insert(struct rig *g)
{
    uint32_t l;
    uint64_t item, shadow;
    if (!find(g, is_list, &l))
        return;
    struct shadow_object *s = shadow_at(&g->w, g->w.roots[l]);
    uint32_t at = below(g, s->n + 2);
    const uint64_t *from = some_item(g, s->type, &item, &shadow);
    if (was_done(g, "insert", list_insert(&g->h, reg(g, l), at, from),
                 at > s->n ? LIST_INDEX : LIST_OK))
        shadow_insert(s, at, shadow);
}

/* Takes an item out, from the end (pop) or from anywhere. */
static inline void take_out(struct rig *g, bool from_end)
{
    uint32_t l, to = below(g, SHADOW_REGISTERS);
    uint64_t item = 0;
    if (!find(g, is_list, &l))
        return;
    struct shadow_object *s = shadow_at(&g->w, g->w.roots[l]);
    uint32_t at = from_end ? s->n - 1 : below(g, s->n + 1);
    bool inside = s->n && at < s->n;
    enum list_status is = from_end ? list_pop(&g->h, *reg(g, l), &item)
                                   : list_remove(&g->h, *reg(g, l), at, &item);
    if (!was_done(g, "remove", is, inside ? LIST_OK : LIST_INDEX))
        return;
    uint64_t was = shadow_remove(s, at);
    if (g->types[s->type].item.kind == PVM_REF)
        set_reg(g, to, item, was);
    else if (item != was)
        fail(g, "an item taken out is %#llx, not %#llx",
             (unsigned long long)item, (unsigned long long)was);
}

static inline void op_pop(struct rig *g)
{
    take_out(g, true);
}
static inline void op_remove(struct rig *g)
{
    take_out(g, false);
}

static inline void op_fill(struct rig *g)
{
    uint32_t l, n = some_count(g);
    uint64_t item = 0, shadow = 0;
    if (!find(g, is_list, &l))
        return;
    struct shadow_object *s = shadow_at(&g->w, g->w.roots[l]);
    if (s->n > 3000)
        return;
    if (g->types[s->type].item.kind != PVM_REF)
        some_item(g, s->type, &item, &shadow);
    if (was_done(g, "fill", list_fill(&g->h, reg(g, l), n, item), LIST_OK))
        for (; n; n--)
            shadow_insert(s, s->n, shadow);
}

static inline void op_append(struct rig *g)
{
    uint8_t bytes[400] = {0};
    uint32_t l, n = below(g, chance(g, 4) ? sizeof bytes : 20);
    if (!find(g, is_list_byte, &l))
        return;
    struct shadow_object *s = shadow_at(&g->w, g->w.roots[l]);
    for (uint32_t i = 0; i < n; i++)
        bytes[i] = (uint8_t)rnd(g);
    if (was_done(g, "append", list_append_bytes(&g->h, reg(g, l), bytes, n),
                 LIST_OK))
        for (uint32_t i = 0; i < n; i++)
            shadow_insert(s, s->n, bytes[i]);
}

static inline void op_swap(struct rig *g)
{
    uint32_t l;
    if (!find(g, is_list, &l))
        return;
    struct shadow_object *s = shadow_at(&g->w, g->w.roots[l]);
    uint32_t i = below(g, s->n + 1), j = below(g, s->n + 1);
    bool inside = i < s->n && j < s->n;
    if (was_done(g, "swap", list_swap(&g->h, *reg(g, l), i, j),
                 inside ? LIST_OK : LIST_INDEX))
        shadow_swap(s, i, j);
}

static inline void op_reverse(struct rig *g)
{
    uint32_t l;
    if (!find(g, is_list, &l))
        return;
    struct shadow_object *s = shadow_at(&g->w, g->w.roots[l]);
    if (was_done(g, "reverse", list_reverse(&g->h, *reg(g, l)), LIST_OK))
        for (uint32_t i = 0, j = s->n; i + 1 < j; i++)
            shadow_swap(s, i, --j);
}

static inline void op_reserve(struct rig *g)
{
    uint32_t l;
    if (find(g, is_list, &l))
        was_done(g, "reserve", list_reserve(&g->h, reg(g, l), some_count(g)),
                 LIST_OK);
}

static inline void op_slice(struct rig *g)
{
    uint32_t l, to = below(g, SHADOW_REGISTERS);
    if (!find(g, is_list, &l))
        return;
    struct shadow_object *s = shadow_at(&g->w, g->w.roots[l]);
    uint32_t a = below(g, s->n + 1), b = below(g, s->n + 2);
    bool inside = a <= b && b <= s->n;
    uint64_t made = 0;
    if (!was_done(g, "slice", list_slice(&g->h, reg(g, l), a, b, &made),
                  inside ? LIST_OK : LIST_INDEX))
        return;
    uint64_t id = shadow_new(&g->w, s->type, b - a);
    s = shadow_at(&g->w, g->w.roots[l]); /* the table may have moved */
    if (b > a)
        memcpy(shadow_at(&g->w, id)->words, s->words + a, 8 * (size_t)(b - a));
    set_reg(g, to, made, id);
}

/* What `l[i] = x` compiles to. */
static inline void op_set_item(struct rig *g)
{
    struct heap *h = &g->h;
    uint32_t l;
    uint64_t item, shadow;
    if (!find(g, is_list, &l))
        return;
    struct shadow_object *s = shadow_at(&g->w, g->w.roots[l]);
    if (!s->n)
        return;
    uint32_t i = below(g, s->n);
    uint64_t o = list_store(h, *reg(g, l));
    enum list_form f = list_form(h, *reg(g, l));
    const uint64_t *from = some_item(g, s->type, &item, &shadow);
    uint64_t w = STORE_ITEMS + (f == LIST_FORM_B ? i / 8 : i);
    if (!(f == LIST_FORM_R ? trail_before_ref(h, o, w)
                           : trail_before_val(h, o, w))) {
        refused(g, "an item's store");
        return;
    }
    if (f == LIST_FORM_B)
        *store_byte(h, o, i) = (uint8_t)*from;
    else
        *store_item(h, o, i) = *from;
    s->words[i] = shadow;
}

static inline void op_get_item(struct rig *g)
{
    uint32_t l, to = below(g, SHADOW_REGISTERS);
    if (!find(g, is_list_any, &l))
        return;
    struct shadow_object *s = shadow_at(&g->w, g->w.roots[l]);
    if (!s->n)
        return;
    uint32_t i = below(g, s->n);
    set_reg(g, to, list_item(&g->h, *reg(g, l), i), s->words[i]);
}

/* Through the null reference nothing is done. */
static inline void op_null(struct rig *g)
{
    struct heap *h = &g->h;
    uint64_t null = 0, item = 0, made = 0;
    uint32_t w = below(g, 65536);
    bool ok = !trail_before_val(h, 0, w) && !trail_before_ref(h, 0, w) &&
              list_push(h, &null, &item) == LIST_NULL &&
              list_insert(h, &null, 0, &item) == LIST_NULL &&
              list_reserve(h, &null, 5) == LIST_NULL &&
              list_fill(h, &null, 3, 0) == LIST_NULL &&
              list_slice(h, &null, 0, 0, &made) == LIST_NULL &&
              list_pop(h, null, &item) == LIST_INDEX &&
              list_remove(h, null, 0, &item) == LIST_INDEX &&
              list_swap(h, null, 0, 0) == LIST_INDEX &&
              list_reverse(h, null) == LIST_OK &&
              list_append_bytes(h, &null, (const uint8_t *)"x", 1) == LIST_NULL;
    if (!ok || null || made || item)
        fail(g, "an operation on the null reference was done");
}

/* ---- handles and the pending error --------------------------------------- */

static inline void op_handle(struct rig *g)
{
    struct shadow *w = &g->w;
    uint32_t i = below(g, SHADOW_REGISTERS);
    if (w->nhandles < SHADOW_HANDLES && chance(g, 2)) {
        gc_hold(&g->h, *reg(g, i));
        w->handles[w->nhandles++] = w->roots[i];
    } else if (w->nhandles) {
        gc_release(&g->h, 1);
        w->nhandles--;
        set_reg(g, i, g->h.st->handles[w->nhandles], w->handles[w->nhandles]);
    }
}

static inline void op_error(struct rig *g)
{
    uint32_t i = below(g, SHADOW_REGISTERS);
    g->h.st->error = *reg(g, i);
    g->w.error = g->w.roots[i];
}

#endif
