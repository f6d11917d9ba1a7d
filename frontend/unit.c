/* unit.c - the life of a compilation. */
#include "frontend/lexer.h"
#include "frontend/parse.h"

struct unit *unit_open(struct mem *m, struct source *src)
{
    struct arena *a = arena_open(m);
    struct unit *u = a ? ARENA_NEW(a, struct unit) : NULL;

    if (!u) {
        if (a)
            arena_close(a);
        return NULL;
    }
    u->mem = m;
    u->arena = a;
    u->src = src;
    u->warn = true;
    u->names = names_open(m, a);
    u->diags = diags_open(m, a);
    source_index(src, a);
    lexer_add_words(u->names);
    return u;
}

void unit_close(struct unit *u)
{
    u->src->lines = NULL;
    u->src->nlines = 0;
    modules_close(u);
    names_close(u->names);
    arena_close(u->arena);
}
