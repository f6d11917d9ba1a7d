/* natives_map.c - natives on maps.
 *
 * Where keys and values stand depends on whether they are references: most
 * natives exist for each of the four cases, under names that end in two
 * letters, the key's and the value's: s scalar, r reference. */
#include "runtime/vm/natives.h"

#include "runtime/base/utf8.h"
#include "runtime/coll/map.h"

#define KEY_SHOWN 120 /* bytes of a key that an error shows */

/* bodies NAME_ss, NAME_sr, NAME_rs, NAME_rr of one function */
#define BODIES(name, body)                                                     \
    NATIVE_BODY(name##_ss)                                                     \
    {                                                                          \
        return body(vm, r, s, false, false);                                   \
    }                                                                          \
    NATIVE_BODY(name##_sr)                                                     \
    {                                                                          \
        return body(vm, r, s, false, true);                                    \
    }                                                                          \
    NATIVE_BODY(name##_rs)                                                     \
    {                                                                          \
        return body(vm, r, s, true, false);                                    \
    }                                                                          \
    NATIVE_BODY(name##_rr)                                                     \
    {                                                                          \
        return body(vm, r, s, true, true);                                     \
    }

static uint64_t *key_slot(uint64_t *r, int64_t *s, bool ref)
{
    return ref ? &r[1] : (uint64_t *)&s[0];
}

static enum pal_status trap_absent(struct vm *vm, uint64_t map, uint64_t key)
{
    struct heap *h = &vm->h;
    struct bytes *b = vm_scratch(vm);
    if (obj_print_part(h, h->image->types[obj_type(h, map)].key, key, b))
        return vm_trap_memory(vm);
    size_t n = utf8_cut((const char *)b->at, b->n, KEY_SHOWN);
    return vm_trap(vm, VM_KEY, "key %.*s%s is not in the map", (int)n,
                   (const char *)b->at, n < b->n ? "..." : "");
}

enum pal_status vm_trap_map(struct vm *vm, enum map_status why)
{
    switch (why) {
    case MAP_OK:
    case MAP_ABSENT: return PAL_OK;
    case MAP_NULL: return vm_trap_store(vm, 0);
    default: return vm_trap_memory(vm);
    }
}

/* ---- by key -------------------------------------------------------------- */

/* Gives whether there is a value, and the value or zero. */
static enum pal_status give(struct vm *vm, enum map_status why, uint64_t *r,
                            int64_t *s, bool ref, uint64_t value)
{
    TRY(vm_trap_map(vm, why));
    s[0] = why == MAP_OK;
    if (ref)
        r[0] = value;
    else
        s[1] = (int64_t)value;
    return PAL_OK;
}

static enum pal_status find(struct vm *vm, uint64_t *r, int64_t *s, bool kref,
                            bool vref)
{
    uint64_t value = 0;
    enum map_status why = map_get(&vm->h, r[0], *key_slot(r, s, kref), &value);
    return give(vm, why, r, s, vref, value);
}
BODIES(map_find, find)

static enum pal_status take(struct vm *vm, uint64_t *r, int64_t *s, bool kref,
                            bool vref)
{
    uint64_t value = 0;
    enum map_status why =
        map_remove(&vm->h, r[0], *key_slot(r, s, kref), &value);
    return give(vm, why, r, s, vref, value);
}
BODIES(map_remove, take)

static enum pal_status at(struct vm *vm, uint64_t *r, int64_t *s, bool kref,
                          bool vref)
{
    uint64_t value, key = *key_slot(r, s, kref);
    enum map_status why = map_get(&vm->h, r[0], key, &value);
    if (why == MAP_ABSENT)
        return trap_absent(vm, r[0], key);
    TRY(vm_trap_map(vm, why));
    *(vref ? &r[0] : (uint64_t *)&s[0]) = value;
    return PAL_OK;
}
BODIES(map_at, at)

static enum pal_status put(struct vm *vm, uint64_t *r, int64_t *s, bool kref,
                           bool vref)
{
    const uint64_t *value = vref ? &r[1 + kref] : (uint64_t *)&s[!kref];
    return vm_trap_map(vm, map_put(&vm->h, &r[0], key_slot(r, s, kref), value));
}
BODIES(map_put, put)

static enum pal_status has(struct vm *vm, uint64_t map, uint64_t key,
                           int64_t *found)
{
    uint64_t value;
    enum map_status why = map_get(&vm->h, map, key, &value);
    TRY(vm_trap_map(vm, why));
    *found = why == MAP_OK;
    return PAL_OK;
}

NATIVE_BODY(map_has_s)
{
    return has(vm, r[0], (uint64_t)s[0], &s[0]);
}

NATIVE_BODY(map_has_r)
{
    return has(vm, r[0], r[1], &s[0]);
}

/* ---- as a whole ---------------------------------------------------------- */

NATIVE_BODY(map_len)
{
    s[0] = (int64_t)map_len(&vm->h, r[0]);
    return PAL_OK;
}

NATIVE_BODY(map_changes)
{
    s[0] = (int64_t)map_changes(&vm->h, r[0]);
    return PAL_OK;
}

NATIVE_BODY(map_clear)
{
    UNUSED(s);
    return vm_trap_map(vm, map_clear(&vm->h, r[0]));
}

NATIVE_BODY(map_keys)
{
    UNUSED(s);
    return vm_trap_map(vm, map_keys(&vm->h, &r[0], &r[1]));
}

NATIVE_BODY(map_values)
{
    UNUSED(s);
    return vm_trap_map(vm, map_values(&vm->h, &r[0], &r[1]));
}

/* ---- by position --------------------------------------------------------- */

NATIVE_BODY(map_next)
{
    uint64_t at = entries_next(&vm->h, r[0], s[0] < 0 ? 0 : (uint64_t)s[0]);
    s[1] = at != ENTRIES_NONE;
    s[0] = s[1] ? (int64_t)at : 0;
    return PAL_OK;
}

/* Fails index where there is no entry at the position. */
static enum pal_status part(struct vm *vm, uint64_t map, int64_t at, bool key,
                            uint64_t *out)
{
    const struct heap *h = &vm->h;
    if (at < 0 || entries_next(h, map, (uint64_t)at) != (uint64_t)at)
        return vm_trap_index(vm, at, *obj_word(h, map, MAP_USED));
    *out = key ? entries_key(h, map, (uint64_t)at)
               : entries_value(h, map, (uint64_t)at);
    return PAL_OK;
}

NATIVE_BODY(map_key_at_s)
{
    return part(vm, r[0], s[0], true, (uint64_t *)&s[0]);
}

NATIVE_BODY(map_key_at_r)
{
    return part(vm, r[0], s[0], true, &r[0]);
}

NATIVE_BODY(map_value_at_s)
{
    return part(vm, r[0], s[0], false, (uint64_t *)&s[0]);
}

NATIVE_BODY(map_value_at_r)
{
    return part(vm, r[0], s[0], false, &r[0]);
}
