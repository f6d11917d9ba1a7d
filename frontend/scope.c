/* scope.c - what a name means at a place.
 *
 * A name is looked for in the open body, in the module, and among the built-in
 * names.  Each module has a table of its own.  The names of bodies are one
 * stack of bindings; a hash table leads from a name to its newest binding
 * and every binding knows the one it hides, so entering a block is free and
 * leaving it costs a step for each name.  Names never leave that table.  A body
 * that is checked on demand in the midst of another one skips the bindings of
 * the bodies below it: those before its own first. */
#include "frontend/check.h"

/* ---- tables of symbols --------------------------------------------------- */

static uint32_t home_of(const struct symbols *t, const struct name *name)
{
    uint64_t h = (uintptr_t)name * UINT64_C(0x9e3779b97f4a7c15);
    uint32_t i = (uint32_t)(h >> 32);

    for (;; i++) {
        const struct sym *s = t->slots[i & (t->cap - 1)];
        if (!s || s->name == name)
            return i & (t->cap - 1);
    }
}

struct sym *symbols_find(const struct symbols *t, const struct name *name)
{
    return t->cap ? t->slots[home_of(t, name)] : NULL;
}

void symbols_add(struct unit *u, struct symbols *t, struct sym *s)
{
    if (t->list.n * 2 >= t->cap) {
        t->cap = t->cap ? t->cap * 2 : 16;
        t->slots = ARENA_ARRAY(u->arena, struct sym *, t->cap);
        for (uint32_t i = 0; i < t->list.n; i++)
            t->slots[home_of(t, t->list.at[i]->name)] = t->list.at[i];
    }
    vec_push_in(u->arena, &t->list, s);
    t->slots[home_of(t, s->name)] = s;
}

/* ---- bindings of bodies -------------------------------------------------- */

static uint32_t slot_of(const struct scope_slot *slots, uint32_t cap,
                        const struct name *name)
{
    uint64_t h = (uintptr_t)name * UINT64_C(0x9e3779b97f4a7c15);
    uint32_t i = (uint32_t)(h >> 32);

    for (;; i++)
        if (!slots[i & (cap - 1)].name || slots[i & (cap - 1)].name == name)
            return i & (cap - 1);
}

static void grow(struct checker *c)
{
    struct scope *s = &c->scope;
    uint32_t cap = s->cap ? s->cap * 2 : 256;
    struct scope_slot *slots = ARENA_ARRAY(c->arena, struct scope_slot, cap);

    for (uint32_t i = 0; i < s->cap; i++)
        if (s->slots[i].name)
            slots[slot_of(slots, cap, s->slots[i].name)] = s->slots[i];
    s->slots = slots;
    s->cap = cap;
    for (uint32_t i = 0; i < s->binds.n; i++)
        s->binds.at[i].slot = slot_of(slots, cap, s->binds.at[i].sym->name);
}

void scope_open(struct checker *c)
{
    c->scope = (struct scope){0};
    grow(c);
}

void scope_close(struct checker *c)
{
    vec_free(c->u->mem, &c->scope.binds);
}

/* The newest binding of the name + 1 that the body at hand may see, or 0. */
static uint32_t find(struct checker *c, const struct name *name, uint32_t from)
{
    struct scope *s = &c->scope;
    uint32_t i = s->slots[slot_of(s->slots, s->cap, name)].top;

    return i > from ? i : 0;
}

struct sym *scope_find(struct checker *c, const struct name *name)
{
    uint32_t i = find(c, name, c->body ? c->body->from : 0);

    return i ? c->scope.binds.at[i - 1].sym : scope_find_module(c, name);
}

struct sym *scope_find_module(struct checker *c, const struct name *name)
{
    struct sym *s = c->module ? symbols_find(&c->module->names, name) : NULL;

    return s ? s : symbols_find(&c->outer, name);
}

struct sym *scope_beneath(struct checker *c, struct sym *module)
{
    struct sym *s = symbols_find(&c->outer, module->name);

    return s ? s : module;
}

void scope_push(struct checker *c, struct sym *s)
{
    struct scope *sc = &c->scope;
    uint32_t slot;

    if (sc->into) {
        if (!symbols_find(sc->into, s->name))
            symbols_add(c->u, sc->into, s);
        return;
    }
    if (sc->n * 2 >= sc->cap)
        grow(c);
    slot = slot_of(sc->slots, sc->cap, s->name);
    if (!sc->slots[slot].name) {
        sc->slots[slot].name = s->name;
        sc->n++;
    }
    vec_push(c->u->mem, &sc->binds,
             (struct binding){s, sc->slots[slot].top, slot});
    sc->slots[slot].top = sc->binds.n;
}

/* The symbol that the innermost scope has of that name, or NULL. */
static struct sym *find_here(struct checker *c, const struct name *name)
{
    struct scope *sc = &c->scope;
    uint32_t top = find(c, name, sc->block_from);

    if (sc->into)
        return symbols_find(sc->into, name);
    return top ? sc->binds.at[top - 1].sym : NULL;
}

bool scope_add(struct checker *c, struct sym *s)
{
    struct sym *first = find_here(c, s->name);

    if (first) {
        diag_at(c->u->diags, E0202, span_of_sym(s), s->name->text);
        diag_label(c->u->diags, span_of_sym(s), "declared again here");
        if (first->src)
            diag_label(c->u->diags, span_of_sym(first), "declared here first");
        if (s->kind == SYM_LOCAL && first->kind == SYM_LOCAL && first->is_var)
            diag_help(c->u->diags, "to give it a new value, leave out the "
                                   "`let` or `var`");
        return false;
    }
    scope_push(c, s);
    return true;
}

uint32_t scope_enter(struct checker *c)
{
    uint32_t saved = c->scope.block_from;

    c->scope.block_from = c->scope.binds.n;
    return saved;
}

/* ---- blocks -------------------------------------------------------------- */

/* Whether the program chose to bind the name.  Loop variables and the error of
 * a handler have to be named; parameters an interface may ask for. */
static bool is_chosen(const struct sym *s)
{
    if (s->kind != SYM_LOCAL || !s->decl)
        return false;
    return s->decl->kind == AST_BIND || s->decl->kind == AST_ARM ||
           s->decl->kind == AST_COND_LET;
}

/* After an error nothing is reported: the use may stand where checking
 * ended. */
static void warn_unused(struct checker *c, const struct sym *s)
{
    struct diags *ds = c->u->diags;

    if (!c->u->warn || diags_errors(ds) || !is_chosen(s) ||
        s->name->text[0] == '_' || s->type == &type_error)
        return;
    if (!s->used) {
        diag_at(ds, W0301, span_of_sym(s), "variable", s->name->text);
        diag_label(ds, span_of_sym(s),
                   s->assigned ? "assigned, but never read" : "never read");
        diag_help(ds, s->decl->kind == AST_BIND
                          ? "a name that begins with `_` may stay unused"
                          : "write `_` for what is not wanted");
    } else if (s->is_var && !s->assigned) {
        struct span word = span_word(c, s->decl->pos, 0);
        diag_at(ds, W0306, span_of_sym(s), s->name->text);
        diag_label(ds, span_of_sym(s), "declared `var` here");
        diag_fix(ds, word, "let", "bind it with `let`");
    }
}

void scope_leave(struct checker *c, uint32_t saved)
{
    struct scope *s = &c->scope;

    while (s->binds.n > s->block_from) {
        struct binding *b = &s->binds.at[--s->binds.n];
        warn_unused(c, b->sym);
        s->slots[b->slot].top = b->prev;
    }
    s->block_from = saved;
}

void scope_drop(struct checker *c, const struct sym *s)
{
    struct scope *sc = &c->scope;
    struct binding *b;

    if (sc->binds.n == sc->block_from)
        return;
    b = &sc->binds.at[sc->binds.n - 1];
    if (b->sym != s)
        return;
    sc->slots[b->slot].top = b->prev;
    sc->binds.n--;
}

struct sym *sym_new(struct checker *c, enum sym_kind kind,
                    const struct name *name, struct ast *decl, struct span at)
{
    bool is_top = kind == SYM_FN || kind == SYM_GLOBAL; /* check.h */
    struct sym *s =
        arena_alloc(c->arena, is_top ? sizeof(struct top) : sizeof(struct sym));

    s->kind = (uint8_t)kind;
    s->name = name;
    s->decl = decl;
    s->module = c->module;
    s->type = &type_error;
    s->level = c->body ? c->body->level : 0;
    s->src = at.src;
    s->pos = at.pos;
    s->end = at.end;
    return s;
}

const char *scope_nearest(struct checker *c, const char *word, bool own)
{
    enum { LIMIT = 2000 }; /* enough to help, and bounds the time */
    const char *names[LIMIT];
    const struct scope *s = &c->scope;
    const struct symbols *tables[2] = {&c->module->names, &c->outer};
    uint32_t n = 0, from = c->body ? c->body->from : 0;

    for (uint32_t i = s->binds.n; i > from && n < LIMIT; i--)
        names[n++] = s->binds.at[i - 1].sym->name->text;
    for (int k = 0; k < (own ? 1 : 2); k++)
        for (uint32_t i = tables[k]->list.n; i > 0 && n < LIMIT; i--)
            names[n++] = tables[k]->list.at[i - 1]->name->text;
    return diag_nearest(word, names, n);
}
