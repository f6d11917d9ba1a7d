/* sema.c - the checker's passes, in order.
 *
 *   collect      names of the module; imports
 *   structs      fields and their layout; a struct inside itself
 *   signatures   parameters, results and types of globals that are written
 *   bodies       functions, globals, tests; what is not written is inferred
 *                when it is first needed
 *   init         no global is used before it is initialised
 *   rev          what reversible functions read and write
 *   unused       warnings about the module's names
 *
 * Each pass runs whether or not the ones before it found errors; the error
 * type keeps them from repeating each other. */
#include "frontend/check_rev.h"

#include <string.h>

/* ---- a struct inside itself ---------------------------------------------- */

/* A way down from a struct through fields that hold structs. */
struct step {
    uint32_t at;    /* index in u->structs */
    uint32_t field; /* the one looked at */
    uint32_t next;  /* of the structs that it holds */
};

/* The struct with a declaration number *k, from 0, that a value of type t
 * holds, itself or in a tuple; NULL: there are fewer, and *k is less. */
static struct type *held_struct(struct type *t, uint32_t *k)
{
    struct type *found = NULL;

    if (t->kind == TYPE_STRUCT && t->decl)
        return (*k)-- == 0 ? t : NULL;
    for (uint32_t i = 0; t->kind == TYPE_TUPLE && i < t->nargs && !found; i++)
        found = held_struct(t->args[i], k);
    return found;
}

enum { UNSEEN, OPEN, DONE };

static void say_recursive(struct checker *c, const struct step *path,
                          uint32_t from, uint32_t n)
{
    struct sym *s = c->u->structs.at[path[from].at];
    struct diags *ds = c->u->diags;

    diag_at(ds, E0224, span_of_sym(s), s->name->text);
    for (uint32_t i = from; i < n && i < from + 4; i++) {
        struct sym *in = c->u->structs.at[path[i].at];
        struct field *f = &in->type->fields[path[i].field];
        diag_label(ds, span_at(c, f->pos, f->end),
                   "each `%s` holds one of type `%s`", in->name->text,
                   say_type(c, f->type));
    }
    diag_help(ds, "a list of them may be empty: `[%s]`", s->name->text);
}

/* Depth first from one struct, with an explicit path. */
static void find_recursion(struct checker *c, struct step *path, uint8_t *state,
                           uint32_t root)
{
    uint32_t n = 0;

    path[n++] = (struct step){.at = root};
    state[root] = OPEN;
    while (n) {
        struct step *top = &path[n - 1];
        struct type *t = c->u->structs.at[top->at]->type;
        if (top->field == t->nfields) {
            state[top->at] = DONE;
            n--;
            continue;
        }
        uint32_t k = top->next++;
        struct type *f = held_struct(t->fields[top->field].type, &k);
        if (!f) {
            top->field++;
            top->next = 0;
            continue;
        }
        uint32_t to = f->decl->index;
        if (state[to] == UNSEEN) {
            state[to] = OPEN;
            path[n++] = (struct step){.at = to};
        } else if (state[to] == OPEN) {
            uint32_t from = n;
            while (path[--from].at != to)
                ;
            say_recursive(c, path, from, n);
        }
    }
}

static void check_recursion(struct checker *c)
{
    uint32_t n = c->u->structs.n;
    struct step *path = ARENA_ARRAY(c->arena, struct step, n + 1);
    uint8_t *state = ARENA_ARRAY(c->arena, uint8_t, n + 1);

    for (uint32_t i = 0; i < n; i++)
        c->u->structs.at[i]->index = i;
    for (uint32_t i = 0; i < n; i++)
        if (state[i] == UNSEEN)
            find_recursion(c, path, state, i);
}

/* ---- the passes ---------------------------------------------------------- */

static const struct name *word(struct unit *u, const char *s)
{
    return names_add(u->names, s, (uint32_t)strlen(s));
}

static void checker_open(struct checker *c, struct unit *u)
{
    c->u = u;
    c->arena = u->arena;
    c->n_len = word(u, "len");
    c->n_message = word(u, "message");
    c->n_kind = word(u, "kind");
    c->n_trace = word(u, "trace");
    c->n_value = word(u, "value");
    c->n_main = word(u, "main");
    c->n_wild = word(u, "_");
    if (!u->types)
        u->types = types_open(u);
    scope_open(c);
    builtin_open(c);
    c->scope.module_from = c->scope.block_from = c->scope.binds.n;
}

static void checker_close(struct checker *c)
{
    scope_close(c);
    vec_free(c->u->mem, &c->tops);
    vec_free(c->u->mem, &c->uses);
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
    checker_open(&c, u);
    decl_collect(&c);
    c.scope.module_end = c.scope.binds.n;
    decl_structs(&c);
    check_recursion(&c);
    decl_signatures(&c);
    decl_bodies(&c);
    init_check(&c);
    rev_check(&c);
    decl_unused(&c);
    checker_close(&c);
    return diags_errors(u->diags) == 0;
}
