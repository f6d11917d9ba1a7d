/* list.c - see list.h. */
#include "runtime/coll/list.h"

#define FIRST_ITEMS 4

static const uint32_t store_types[] = {PVM_T_STORE_W, PVM_T_STORE_B,
                                       PVM_T_STORE_R};

enum list_form list_form(const struct heap *h, uint64_t list)
{
    switch (list_item_kind(h, list)) {
    case PVM_REF: return LIST_FORM_R;
    case PVM_BOOL:
    case PVM_BYTE: return LIST_FORM_B;
    default: return LIST_FORM_W;
    }
}

/* Payload words of a store for n items, its owner included. */
static uint64_t store_words(enum list_form f, uint64_t n)
{
    return STORE_ITEMS + (f == LIST_FORM_B ? (n + 7) / 8 : n);
}

static uint64_t capacity(const struct heap *h, enum list_form f, uint64_t store)
{
    if (!store)
        return 0;
    uint64_t words = obj_words(h, store) - STORE_ITEMS;
    return f == LIST_FORM_B ? words * 8 : words;
}

/* The payload word of a store that holds item i. */
static uint64_t item_word(enum list_form f, uint64_t i)
{
    return STORE_ITEMS + (f == LIST_FORM_B ? i / 8 : i);
}

static uint64_t get(const struct heap *h, enum list_form f, uint64_t store,
                    uint64_t i)
{
    return f == LIST_FORM_B ? *store_byte(h, store, i)
                            : *store_item(h, store, i);
}

static void put(struct heap *h, enum list_form f, uint64_t store, uint64_t i,
                uint64_t item)
{
    if (f == LIST_FORM_B)
        *store_byte(h, store, i) = (uint8_t)item;
    else
        *store_item(h, store, i) = item;
}

static bool before(struct heap *h, enum list_form f, uint64_t store, uint64_t i)
{
    uint64_t w = item_word(f, i);
    return f == LIST_FORM_R ? trail_before_ref(h, store, w)
                            : trail_before_val(h, store, w);
}

/* Announces writes to items from..to, block by block. */
static bool before_range(struct heap *h, enum list_form f, uint64_t store,
                         uint64_t from, uint64_t to)
{
    if (from >= to)
        return true;
    uint64_t last = item_word(f, to - 1);
    for (uint64_t w = item_word(f, from); w <= last;
         w = (w / OBJ_BLOCK_WORDS + 1) * OBJ_BLOCK_WORDS)
        if (f == LIST_FORM_R ? !trail_before_ref(h, store, w)
                             : !trail_before_val(h, store, w))
            return false;
    return true;
}

static bool set_len(struct heap *h, uint64_t list, uint64_t n)
{
    if (!trail_before_val(h, list, LIST_LEN))
        return false;
    *obj_word(h, list, LIST_LEN) = n;
    return true;
}

uint64_t list_new(struct heap *h, uint32_t type)
{
    return gc_new(h, type, LIST_WORDS);
}

/* The most items that a store can hold. */
static uint64_t items_most(enum list_form f)
{
    return (OBJ_MAX_WORDS - STORE_ITEMS) * (f == LIST_FORM_B ? 8 : 1);
}

/* A store for n items of the list in a slot, not yet its own. */
static uint64_t new_store(struct heap *h, enum list_form f, uint64_t *list,
                          uint64_t n)
{
    if (n > items_most(f))
        return 0;
    uint64_t s = gc_new(h, store_types[f], store_words(f, n));
    if (s)
        *obj_word(h, s, STORE_OWNER) = *list;
    return s;
}

uint64_t list_make(struct heap *h, uint32_t type, uint64_t n)
{
    uint64_t *list = gc_hold(h, list_new(h, type)), s = 0;
    if (*list && n) {
        s = new_store(h, list_form(h, *list), list, n);
        if (s && trail_before_ref(h, *list, LIST_STORE)) {
            *obj_word(h, *list, LIST_STORE) = s;
            *obj_word(h, *list, LIST_LEN) = n;
        } else {
            *list = 0;
        }
    }
    uint64_t made = *list;
    gc_release(h, 1);
    return made;
}

enum list_status list_reserve(struct heap *h, uint64_t *list, uint64_t n)
{
    if (!*list)
        return LIST_NULL;
    enum list_form f = list_form(h, *list);
    if (n <= capacity(h, f, list_store(h, *list)))
        return LIST_OK;
    uint64_t s = new_store(h, f, list, n);
    if (!s || !trail_before_ref(h, *list, LIST_STORE))
        return LIST_MEMORY;
    uint64_t old = list_store(h, *list);
    if (old) {
        uint64_t used = store_words(f, list_len(h, *list)) - STORE_ITEMS;
        memcpy(obj_word(h, s, STORE_ITEMS), obj_word(h, old, STORE_ITEMS),
               8 * used);
    }
    *obj_word(h, *list, LIST_STORE) = s;
    return LIST_OK;
}

/* Room for n items in all, doubling. */
static enum list_status grow(struct heap *h, uint64_t *list, enum list_form f,
                             uint64_t n)
{
    uint64_t cap = capacity(h, f, list_store(h, *list)), most = items_most(f);
    uint64_t least = f == LIST_FORM_B ? 8 * FIRST_ITEMS : FIRST_ITEMS;
    if (n <= cap)
        return LIST_OK;
    if (least < cap * 2)
        least = cap * 2 < most ? cap * 2 : most;
    return list_reserve(h, list, n < least ? least : n);
}

/* Room for n items in all: of an empty list no more than that, for many never
 * grow; then doubling, for this one may grow often. */
static enum list_status room_for(struct heap *h, uint64_t *list, uint64_t n)
{
    if (!list_len(h, *list))
        return list_reserve(h, list, n);
    return grow(h, list, list_form(h, *list), n);
}

enum list_status list_push(struct heap *h, uint64_t *list, const uint64_t *item)
{
    if (!*list)
        return LIST_NULL;
    enum list_form f = list_form(h, *list);
    uint64_t n = list_len(h, *list);
    enum list_status st = grow(h, list, f, n + 1);
    if (st)
        return st;
    uint64_t s = list_store(h, *list);
    if (!before(h, f, s, n) || !set_len(h, *list, n + 1))
        return LIST_MEMORY;
    put(h, f, s, n, *item);
    return LIST_OK;
}

enum list_status list_pop(struct heap *h, uint64_t list, uint64_t *item)
{
    uint64_t n = list_len(h, list);
    if (n == 0)
        return LIST_INDEX;
    enum list_form f = list_form(h, list);
    uint64_t s = list_store(h, list);
    if (!before(h, f, s, n - 1) || !set_len(h, list, n - 1))
        return LIST_MEMORY;
    *item = get(h, f, s, n - 1);
    put(h, f, s, n - 1, 0);
    return LIST_OK;
}

enum list_status list_insert(struct heap *h, uint64_t *list, int64_t at,
                             const uint64_t *item)
{
    if (!*list)
        return LIST_NULL;
    uint64_t n = list_len(h, *list), i = (uint64_t)at;
    if (i > n)
        return LIST_INDEX;
    enum list_form f = list_form(h, *list);
    enum list_status st = grow(h, list, f, n + 1);
    if (st)
        return st;
    uint64_t s = list_store(h, *list);
    if (!before_range(h, f, s, i, n + 1) || !set_len(h, *list, n + 1))
        return LIST_MEMORY;
    if (f == LIST_FORM_B)
        memmove(store_byte(h, s, i + 1), store_byte(h, s, i), n - i);
    else
        memmove(store_item(h, s, i + 1), store_item(h, s, i), 8 * (n - i));
    put(h, f, s, i, *item);
    return LIST_OK;
}

enum list_status list_remove(struct heap *h, uint64_t list, int64_t at,
                             uint64_t *item)
{
    uint64_t n = list_len(h, list), i = (uint64_t)at;
    if (i >= n)
        return LIST_INDEX;
    enum list_form f = list_form(h, list);
    uint64_t s = list_store(h, list);
    if (!before_range(h, f, s, i, n) || !set_len(h, list, n - 1))
        return LIST_MEMORY;
    *item = get(h, f, s, i);
    if (f == LIST_FORM_B)
        memmove(store_byte(h, s, i), store_byte(h, s, i + 1), n - 1 - i);
    else
        memmove(store_item(h, s, i), store_item(h, s, i + 1), 8 * (n - 1 - i));
    put(h, f, s, n - 1, 0);
    return LIST_OK;
}

enum list_status list_fill(struct heap *h, uint64_t *list, int64_t n,
                           uint64_t item)
{
    if (!*list)
        return LIST_NULL;
    if (n < 0)
        return LIST_INDEX;
    uint64_t len = list_len(h, *list), to = len + (uint64_t)n;
    enum list_form f = list_form(h, *list);
    if (n == 0)
        return LIST_OK;
    if (to < len || to > items_most(f))
        return LIST_MEMORY;
    enum list_status st = room_for(h, list, to);
    if (st)
        return st;
    uint64_t s = list_store(h, *list);
    if (!before_range(h, f, s, len, to) || !set_len(h, *list, to))
        return LIST_MEMORY;
    if (f == LIST_FORM_B)
        memset(store_byte(h, s, len), (uint8_t)item, to - len);
    else
        for (uint64_t i = len; i < to; i++)
            *store_item(h, s, i) = item;
    return LIST_OK;
}

enum list_status list_set(struct heap *h, uint64_t list, int64_t at,
                          uint64_t item)
{
    uint64_t i = (uint64_t)at;
    if (i >= list_len(h, list))
        return LIST_INDEX;
    enum list_form f = list_form(h, list);
    uint64_t s = list_store(h, list);
    if (!before(h, f, s, i))
        return LIST_MEMORY;
    put(h, f, s, i, item);
    return LIST_OK;
}

enum list_status list_swap(struct heap *h, uint64_t list, int64_t i, int64_t j)
{
    uint64_t n = list_len(h, list), a = (uint64_t)i, b = (uint64_t)j;
    if (a >= n || b >= n)
        return LIST_INDEX;
    enum list_form f = list_form(h, list);
    uint64_t s = list_store(h, list);
    if (!before(h, f, s, a) || !before(h, f, s, b))
        return LIST_MEMORY;
    uint64_t x = get(h, f, s, a);
    put(h, f, s, a, get(h, f, s, b));
    put(h, f, s, b, x);
    return LIST_OK;
}

enum list_status list_reverse(struct heap *h, uint64_t list)
{
    uint64_t n = list_len(h, list);
    if (n < 2)
        return LIST_OK;
    enum list_form f = list_form(h, list);
    uint64_t s = list_store(h, list);
    if (!before_range(h, f, s, 0, n))
        return LIST_MEMORY;
    for (uint64_t a = 0, b = n - 1; a < b; a++, b--) {
        uint64_t x = get(h, f, s, a);
        put(h, f, s, a, get(h, f, s, b));
        put(h, f, s, b, x);
    }
    return LIST_OK;
}

uint64_t list_item(const struct heap *h, uint64_t list, uint64_t i)
{
    return get(h, list_form(h, list), list_store(h, list), i);
}

enum list_status list_append_bytes(struct heap *h, uint64_t *list,
                                   const uint8_t *p, uint64_t n)
{
    uint64_t len = list_len(h, *list), to = len + n;
    if (n == 0)
        return LIST_OK;
    enum list_status st = grow(h, list, LIST_FORM_B, to);
    if (st)
        return st;
    uint64_t s = list_store(h, *list);
    if (!before_range(h, LIST_FORM_B, s, len, to) || !set_len(h, *list, to))
        return LIST_MEMORY;
    memcpy(store_byte(h, s, len), p, n);
    return LIST_OK;
}

enum list_status list_append_str(struct heap *h, uint64_t *list,
                                 const uint64_t *str)
{
    uint64_t n = str_len(h, *str), len = list_len(h, *list), to = len + n;
    if (!*list)
        return LIST_NULL;
    if (n == 0)
        return LIST_OK;
    enum list_status st = grow(h, list, LIST_FORM_B, to);
    if (st)
        return st;
    uint64_t s = list_store(h, *list);
    if (!before_range(h, LIST_FORM_B, s, len, to) || !set_len(h, *list, to))
        return LIST_MEMORY;
    memcpy(store_byte(h, s, len), str_bytes(h, *str), n);
    return LIST_OK;
}

/* ---- many items at once -------------------------------------------------- */

/* Where item i of a store lies, and the bytes of one. */
static uint8_t *place(struct heap *h, enum list_form f, uint64_t store,
                      uint64_t i)
{
    return f == LIST_FORM_B ? store_byte(h, store, i)
                            : (uint8_t *)store_item(h, store, i);
}

static uint64_t item_size(enum list_form f)
{
    return f == LIST_FORM_B ? 1 : 8;
}

enum list_status list_before(struct heap *h, uint64_t list, uint64_t from,
                             uint64_t to)
{
    return before_range(h, list_form(h, list), list_store(h, list), from, to)
               ? LIST_OK
               : LIST_MEMORY;
}

enum list_status list_insert_all(struct heap *h, uint64_t *list, int64_t at,
                                 const uint64_t *other)
{
    if (!*list || !*other)
        return LIST_NULL;
    uint64_t n = list_len(h, *list), m = list_len(h, *other), i = (uint64_t)at;
    if (i > n)
        return LIST_INDEX;
    enum list_form f = list_form(h, *list);
    enum list_status st = m ? grow(h, list, f, n + m) : LIST_OK;
    if (st || !m)
        return st;
    uint64_t s = list_store(h, *list), t = list_store(h, *other);
    uint64_t size = item_size(f);
    if (!before_range(h, f, s, i, n + m) || !set_len(h, *list, n + m))
        return LIST_MEMORY;
    memmove(place(h, f, s, i + m), place(h, f, s, i), size * (n - i));
    /* its own first m items stand where they stood, and beside the gap */
    memmove(place(h, f, s, i), place(h, f, t, 0), size * m);
    return LIST_OK;
}

enum list_status list_remove_range(struct heap *h, uint64_t list, int64_t from,
                                   int64_t to)
{
    uint64_t n = list_len(h, list), i = (uint64_t)from, k = (uint64_t)to;
    if (!list)
        return LIST_NULL;
    if (from < 0 || to < from || k > n)
        return LIST_INDEX;
    if (i == k)
        return LIST_OK;
    enum list_form f = list_form(h, list);
    uint64_t s = list_store(h, list), size = item_size(f);
    if (!before_range(h, f, s, i, n) || !set_len(h, list, n - (k - i)))
        return LIST_MEMORY;
    memmove(place(h, f, s, i), place(h, f, s, k), size * (n - k));
    memset(place(h, f, s, n - (k - i)), 0, size * (k - i));
    return LIST_OK;
}

/* The store is left as it was, as where a list grows. */
enum list_status list_clear(struct heap *h, uint64_t list)
{
    if (!list)
        return LIST_NULL;
    if (!list_len(h, list))
        return LIST_OK;
    if (!trail_before_ref(h, list, LIST_STORE) || !set_len(h, list, 0))
        return LIST_MEMORY;
    *obj_word(h, list, LIST_STORE) = 0;
    return LIST_OK;
}

enum list_status list_resize(struct heap *h, uint64_t *list, int64_t n,
                             const uint64_t *item)
{
    uint64_t len = list_len(h, *list);
    if (n < 0)
        return LIST_INDEX;
    if ((uint64_t)n <= len)
        return list_remove_range(h, *list, n, (int64_t)len);
    enum list_status st = room_for(h, list, (uint64_t)n);
    return st ? st : list_fill(h, list, n - (int64_t)len, *item);
}

enum list_status list_slice(struct heap *h, const uint64_t *list, int64_t from,
                            int64_t to, uint64_t *out)
{
    uint64_t n = list_len(h, *list);
    if (!*list)
        return LIST_NULL;
    if (from < 0 || to < from || (uint64_t)to > n)
        return LIST_INDEX;
    uint64_t made =
        list_make(h, obj_type(h, *list), (uint64_t)to - (uint64_t)from);
    if (!made)
        return LIST_MEMORY;
    enum list_form f = list_form(h, *list);
    uint64_t count = (uint64_t)(to - from);
    if (count) {
        uint64_t s = list_store(h, made), t = list_store(h, *list);
        if (!before_range(h, f, s, 0, count))
            return LIST_MEMORY;
        if (f == LIST_FORM_B)
            memcpy(store_byte(h, s, 0), store_byte(h, t, (uint64_t)from),
                   count);
        else
            memcpy(store_item(h, s, 0), store_item(h, t, (uint64_t)from),
                   8 * count);
    }
    *out = made;
    return LIST_OK;
}
