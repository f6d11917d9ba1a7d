/* idmap.c - see idmap.h. */
#include "runtime/obj/idmap.h"

#include <string.h>

static uint64_t mix(uint64_t k)
{
    k *= UINT64_C(0x9e3779b97f4a7c15);
    return k ^ k >> 32;
}

static struct idmap_slot *find(const struct idmap *m, uint64_t key)
{
    uint64_t i = mix(key) & (m->cap - 1);
    while (m->at[i].key && m->at[i].key != key)
        i = (i + 1) & (m->cap - 1);
    return &m->at[i];
}

static bool grow(struct idmap *m)
{
    struct idmap next = {
        .mem = m->mem, .cap = m->cap ? m->cap * 2 : 64, .n = m->n};
    next.at = mem_alloc(m->mem, next.cap * sizeof *next.at);
    if (!next.at)
        return false;
    memset(next.at, 0, next.cap * sizeof *next.at);
    for (uint64_t i = 0; i < m->cap; i++)
        if (m->at[i].key)
            *find(&next, m->at[i].key) = m->at[i];
    idmap_free(m);
    *m = next;
    return true;
}

struct idmap_slot *idmap_put(struct idmap *m, uint64_t key, bool *fresh)
{
    if (m->n * 2 >= m->cap && !grow(m))
        return NULL;
    struct idmap_slot *s = find(m, key);
    *fresh = s->key == 0;
    if (*fresh) {
        s->key = key;
        m->n++;
    }
    return s;
}

struct idmap_slot *idmap_get(const struct idmap *m, uint64_t key)
{
    if (!m->cap)
        return NULL;
    struct idmap_slot *s = find(m, key);
    return s->key ? s : NULL;
}

void idmap_free(struct idmap *m)
{
    if (m->at)
        mem_free(m->mem, m->at, m->cap * sizeof *m->at);
    m->at = NULL;
    m->cap = m->n = 0;
}
