/* names.c - interned identifiers: an open-addressing table of names, at most
 * three quarters full, never emptied.  The names are blocks of the context:
 * small ones, for which it has cells, and they outlive every phase. */
#include <string.h>

#include "frontend/ast.h"
#include "runtime/base/hash.h"

struct names {
    struct mem *mem;
    struct name **slots; /* NULL: free */
    uint32_t *hashes;
    uint32_t cap, n; /* cap is a power of two */
};

static bool make_slots(struct names *t, uint32_t cap)
{
    t->slots = mem_alloc(t->mem, cap * sizeof *t->slots);
    t->hashes = mem_alloc(t->mem, cap * sizeof *t->hashes);
    if (!t->slots || !t->hashes)
        return false;
    memset(t->slots, 0, cap * sizeof *t->slots);
    t->cap = cap;
    return true;
}

static void free_slots(struct names *t)
{
    mem_free(t->mem, t->slots, t->cap * sizeof *t->slots);
    mem_free(t->mem, t->hashes, t->cap * sizeof *t->hashes);
}

struct names *names_open(struct mem *m, struct arena *a)
{
    struct names *t = ARENA_NEW(a, struct names);

    if (!t)
        return NULL;
    t->mem = m;
    return make_slots(t, 1024) ? t : NULL;
}

static size_t name_size(uint32_t len)
{
    return sizeof(struct name) + len + 1;
}

void names_close(struct names *t)
{
    for (uint32_t i = 0; i < t->cap; i++)
        if (t->slots[i])
            mem_free(t->mem, t->slots[i], name_size(t->slots[i]->len));
    free_slots(t);
}

/* The free slot of a hash that is not in the table. */
static uint32_t free_slot(const struct names *t, uint32_t hash)
{
    uint32_t i = hash & (t->cap - 1);

    while (t->slots[i])
        i = (i + 1) & (t->cap - 1);
    return i;
}

static void grow(struct names *t)
{
    struct names old = *t;

    make_slots(t, old.cap * 2);
    for (uint32_t i = 0; i < old.cap; i++) {
        if (!old.slots[i])
            continue;
        uint32_t to = free_slot(t, old.hashes[i]);
        t->slots[to] = old.slots[i];
        t->hashes[to] = old.hashes[i];
    }
    free_slots(&old);
}

static struct name *intern(struct names *t, const char *s, uint32_t len)
{
    uint32_t hash = (uint32_t)hash_bytes(s, len, 0);
    uint32_t i = hash & (t->cap - 1);
    struct name *name;

    for (; (name = t->slots[i]); i = (i + 1) & (t->cap - 1))
        if (t->hashes[i] == hash && name->len == len &&
            !memcmp(name->text, s, len))
            return name;
    if (t->n >= t->cap / 4 * 3) {
        grow(t);
        i = free_slot(t, hash);
    }
    name = mem_alloc(t->mem, name_size(len));
    *name = (struct name){.len = len};
    memcpy(name->text, s, len);
    name->text[len] = '\0';
    t->slots[i] = name;
    t->hashes[i] = hash;
    t->n++;
    return name;
}

const struct name *names_add(struct names *t, const char *s, uint32_t len)
{
    return intern(t, s, len);
}

void names_add_word(struct names *t, const char *s, uint16_t word)
{
    intern(t, s, (uint32_t)strlen(s))->word = word;
}
