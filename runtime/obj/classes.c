/* classes.c - see classes.h. */
#include "runtime/obj/classes.h"

static uint64_t root_of(struct classes *c, uint64_t o)
{
    for (;;) {
        struct idmap_slot *s = idmap_get(&c->parent, o);
        if (!s || s->value == o)
            return o;
        struct idmap_slot *up = idmap_get(&c->parent, s->value);
        if (up)
            s->value = up->value; /* halves the path */
        o = s->value;
    }
}

bool classes_join(struct classes *c, uint64_t a, uint64_t b)
{
    uint64_t p = root_of(c, a), q = root_of(c, b);
    bool fresh;
    if (p == q)
        return false;
    struct idmap_slot *s = idmap_put(&c->parent, p, &fresh);
    if (!s) {
        c->failed = true;
        return false;
    }
    s->value = q;
    return true;
}

void classes_free(struct classes *c)
{
    idmap_free(&c->parent);
}
