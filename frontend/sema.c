/* sema.c - the checker's passes, in order.
 *
 *   load         the modules that the main file leads to
 *   collect      names of the module; imports
 *   structs      fields and variants; types of which no value can be made
 *   signatures   parameters, results and types of globals that are written
 *   bodies       functions, globals, tests; what is not written is inferred
 *                when it is first needed
 *   init         no global is used before it is initialised
 *   rev          what reversible functions read and write
 *   unused       warnings about the module's names
 *
 * Modules are taken one after the other, each after those it imports: all of
 * them up to their signatures, then their bodies; the last three passes look
 * at everything at once.  Of the standard library only what is used is
 * checked, and a module of it that methods ask for joins while bodies are
 * checked: then it is taken up to its signatures at once.
 *
 * Each pass runs whether or not the ones before it found errors; the error
 * type keeps them from repeating each other. */
#include "frontend/check_rev.h"

#include <string.h>

/* ---- the passes ---------------------------------------------------------- */

static const struct name *word(struct unit *u, const char *s)
{
    return names_add(u->names, s, (uint32_t)strlen(s));
}

static void checker_open(struct checker *c, struct unit *u)
{
    c->u = u;
    c->arena = u->arena;
    c->warn = u->warn;
    c->n_len = word(u, "len");
    c->n_message = word(u, "message");
    c->n_kind = word(u, "kind");
    c->n_trace = word(u, "trace");
    c->n_value = word(u, "value");
    c->n_main = word(u, "main");
    c->n_wild = word(u, "_");
    c->n_by = word(u, "by");
    c->n_next = word(u, "next");
    c->n_native = word(u, "native");
    if (!u->types)
        u->types = types_open(u);
    scope_open(c);
    c->scope.into = &c->outer;
    builtin_open(c);
    c->scope.into = NULL;
}

static void checker_close(struct checker *c)
{
    c->u->warn = c->warn;
    scope_close(c);
    vec_free(c->u->mem, &c->tops);
    vec_free(c->u->mem, &c->uses);
    vec_free(c->u->mem, &c->order);
    vec_free(c->u->mem, &c->wanted);
}

static void declare(struct checker *c, struct module *m)
{
    struct module *before = module_enter(c, m);
    uint32_t structs = c->u->structs.n, enums = c->u->enums.n;

    m->top_from = m->top_to = c->tops.n;
    if (m->file) {
        decl_collect(c, m);
        m->top_to = c->tops.n;
        decl_structs(c, structs);
        made_check(c, structs, enums);
        decl_signatures(c, m);
    }
    module_enter(c, before);
}

/* Where in the order of initialisation modules go that are loaded now: before
 * the one at hand, which asked for them. */
static uint32_t place_of_new(const struct checker *c)
{
    for (uint32_t i = 0; i < c->order.n; i++)
        if (c->order.at[i] == c->module)
            return i;
    return c->order.n;
}

void sema_declare_new(struct checker *c)
{
    uint32_t at = place_of_new(c), n = c->u->modules.n - c->ndeclared;

    if (!n || !vec_reserve(c->u->mem, &c->order, c->order.n + n))
        return;
    memmove(c->order.at + at + n, c->order.at + at,
            (c->order.n - at) * sizeof *c->order.at);
    memcpy(c->order.at + at, c->u->modules.at + c->ndeclared,
           n * sizeof *c->order.at);
    c->order.n += n;
    while (c->ndeclared < c->u->modules.n)
        declare(c, c->u->modules.at[c->ndeclared++]);
}

/* Of the standard library only globals are checked, which run in any case, and
 * functions that something uses. */
static void check_bodies(struct checker *c)
{
    struct unit *u = c->u;

    for (uint32_t i = 0; i < u->modules.n; i++) {
        struct module *m = u->modules.at[i];
        module_enter(c, m);
        if (!m->is_std || m == u->top)
            decl_bodies(c, m);
        for (uint32_t k = 0; k < m->globals.n; k++)
            decl_body(c, (struct top *)m->globals.at[k]);
        while (c->wanted.n)
            decl_body(c, c->wanted.at[--c->wanted.n]);
    }
}

/* Gives functions and globals their ids anew, in the order in which modules
 * are initialised. */
static void renumber(struct checker *c)
{
    uint32_t n = c->tops.n, to = 0;
    struct top **old = ARENA_ARRAY(c->arena, struct top *, n + 1);

    memcpy(old, c->tops.at, n * sizeof *old);
    for (uint32_t i = 0; i < c->order.n; i++)
        for (uint32_t k = c->order.at[i]->top_from; k < c->order.at[i]->top_to;
             k++) {
            c->tops.at[to] = old[k];
            old[k]->id = to++;
            old[k]->numbered = true;
        }
    for (uint32_t k = 0; k < n; k++) { /* instances come last */
        if (old[k]->numbered)
            continue;
        c->tops.at[to] = old[k];
        old[k]->id = to++;
    }
    for (uint32_t i = 0, from = 0; i < c->order.n; i++) {
        struct module *m = c->order.at[i];
        from += m->top_to - m->top_from;
        m->top_from += from - m->top_to;
        m->top_to = from;
    }
    for (uint32_t i = 0; i < c->uses.n; i++) {
        c->uses.at[i].from = old[c->uses.at[i].from]->id;
        c->uses.at[i].to = old[c->uses.at[i].to]->id;
    }
}

static void settle_order(struct checker *c)
{
    struct unit *u = c->u;

    if (memcmp(u->modules.at, c->order.at, c->order.n * sizeof *c->order.at))
        renumber(c);
    memcpy(u->modules.at, c->order.at, c->order.n * sizeof *c->order.at);
    for (uint32_t i = 0; i < u->modules.n; i++)
        for (uint32_t k = 0; k < u->modules.at[i]->globals.n; k++)
            vec_push_in(c->arena, &u->globals, u->modules.at[i]->globals.at[k]);
}

bool sema_check(struct unit *u)
{
    struct checker c = {0};

    if (!u->file || u->file->kind != AST_FILE)
        return false;
    if (!AS(file, u->file)->decls.n) {
        struct span start = {u->src, 0, 0};
        diag_at(u->diags, E0268, start);
        diag_help(u->diags, "a program begins in `fn main() { … }`");
        return false;
    }
    modules_load(u);
    checker_open(&c, u);
    sema_declare_new(&c);
    check_bodies(&c);
    settle_order(&c);
    init_check(&c);
    rev_check(&c);
    for (uint32_t i = 0; i < u->modules.n; i++) {
        module_enter(&c, u->modules.at[i]);
        decl_unused(&c, u->modules.at[i]);
    }
    module_enter(&c, u->top);
    checker_close(&c);
    return diags_errors(u->diags) == 0;
}
