/* check_generic.c - type parameters: what they stand for, finding it, and the
 * instances of generic functions.
 *
 * A generic declaration has its own type parameters as types (TYPE_PARAM) in
 * its signature, fields or payloads.  At a call the types of arguments are laid
 * against those of the formals, and the expected type against the result's;
 * what a parameter meets first it stands for.  Each combination makes one
 * instance: a function with a tree of its own, copied from the generic one, in
 * which the names of the parameters mean the types. */
#include "frontend/check.h"

/* ---- names of type parameters -------------------------------------------- */

struct tparams *tparams_enter(struct checker *c, const struct ast_nodes *names,
                              struct type **types)
{
    struct tparams *before = c->tparams;

    c->tparams = NULL;
    if (names->n) {
        c->tparams = ARENA_NEW(c->arena, struct tparams);
        *c->tparams = (struct tparams){names, types};
    }
    return before;
}

struct type *tparams_find(struct checker *c, const struct name *name)
{
    const struct tparams *p = c->tparams;

    for (uint32_t i = 0; p && i < p->names->n; i++)
        if (AS(tparam, p->names->at[i])->name == name)
            return p->types[i];
    return NULL;
}

/* The place of a name in a list that has it. */
static uint32_t first_of(const struct ast_nodes *names, const struct name *name)
{
    uint32_t i = 0;

    while (AS(tparam, names->at[i])->name != name)
        i++;
    return i;
}

struct type **tparams_make(struct checker *c, struct sym *decl,
                           const struct ast_nodes *names)
{
    struct type **types = ARENA_ARRAY(c->arena, struct type *, names->n + 1);

    for (uint32_t i = 0; i < names->n; i++) {
        const struct name *name = AS(tparam, names->at[i])->name;
        types[i] = type_param(c->u, decl, i);
        uint32_t first = first_of(names, name);
        if (first == i)
            continue;
        diag_at(c->u->diags, E0202, span_of(c, names->at[i]), name->text);
        diag_label(c->u->diags, span_of(c, names->at[first]),
                   "declared here first");
    }
    return types;
}

/* ---- inference ----------------------------------------------------------- */

struct infer infer_open(struct checker *c, const struct sym *decl, uint32_t n)
{
    struct infer inf = {.decl = decl, .n = n};

    inf.bound = ARENA_ARRAY(c->arena, struct type *, n + 1);
    for (uint32_t i = 0; i < n; i++)
        inf.bound[i] = type_param(c->u, (struct sym *)(uintptr_t)decl, i);
    return inf;
}

void infer_meet(struct infer *inf, struct type *formal, struct type *actual)
{
    if (!formal->open || is_silent(actual) || actual == &type_unit)
        return;
    if (formal->kind == TYPE_PARAM) {
        struct type **to = &inf->bound[formal->muts];
        if (formal->decl == inf->decl && (*to)->open && !actual->open &&
            !is_bare_none(actual))
            *to = actual;
        return;
    }
    if (is_option(formal) && !is_option(actual)) {
        infer_meet(inf, formal->args[0], actual);
        return;
    }
    if (formal->kind != actual->kind || formal->nargs != actual->nargs ||
        formal->decl != actual->decl || formal->muts != actual->muts)
        return;
    for (uint32_t i = 0; i < formal->nargs; i++)
        infer_meet(inf, formal->args[i], actual->args[i]);
}

bool infer_may_take(const struct type *formal, const struct type *t)
{
    if (types_fit(t, formal) || formal->kind == TYPE_PARAM)
        return true;
    if (is_option(formal) && !is_option(t))
        return infer_may_take(formal->args[0], t);
    if (!formal->open || formal->kind != t->kind || formal->nargs != t->nargs ||
        formal->decl != t->decl || formal->muts != t->muts)
        return false;
    for (uint32_t i = 0; i < formal->nargs; i++)
        if (!infer_may_take(formal->args[i], t->args[i]))
            return false;
    return true;
}

static bool mentions(const struct type *t, const struct type *param)
{
    bool found = t == param;

    for (uint32_t i = 0; t->open && i < t->nargs && !found; i++)
        found = mentions(t->args[i], param);
    return found;
}

bool infer_told(const struct infer *inf, const struct type *formals)
{
    bool fn = formals && formals->kind == TYPE_FN;
    uint32_t n = !formals ? 0 : fn ? formals->nargs - 1 : formals->nfields;

    for (uint32_t i = 0; i < inf->n; i++) {
        uint32_t k = 0;
        while (k < n &&
               !mentions(fn ? formals->args[k] : formals->fields[k].type,
                         inf->bound[i]))
            k++;
        if (k == n)
            return false;
    }
    return true;
}

struct type *infer_known(struct checker *c, const struct infer *inf,
                         struct type *t)
{
    struct type *known = type_subst(c->u, t, inf->decl, inf->bound);

    return known ? known : &type_error;
}

/* The place of the first type parameter that stands for nothing, or n. */
static uint32_t unknown(const struct infer *inf)
{
    uint32_t i = 0;

    while (i < inf->n && !inf->bound[i]->open)
        i++;
    return i;
}

/* The type of what is made, with its parameters. */
static struct type *value_of(const struct sym *decl)
{
    struct type *t = decl->type;

    return t->kind == TYPE_FN ? t->args[t->nargs - 1] : t;
}

bool infer_done(struct checker *c, const struct infer *inf,
                const struct ast_nodes *names, struct span at)
{
    uint32_t i = unknown(inf);
    const struct name *name;

    if (i == inf->n)
        return true;
    name = AS(tparam, names->at[i])->name;
    if (first_of(names, name) < i) /* declared twice: that was said */
        return false;
    diag_at(c->u->diags, E0278, at, name->text, inf->decl->name->text);
    say_declared(c, inf->decl);
    diag_help(c->u->diags,
              "write the type where the value is bound, with a type for `%s`: "
              "`let x: %s = ...`",
              name->text, say_type(c, value_of(inf->decl)));
    return false;
}

void say_bad_instance(struct checker *c, struct span at, struct type *bad)
{
    diag_at(c->u->diags, E0279, at, say_type(c, bad));
    if (bad->decl->kind != SYM_BUILTIN && bad->decl->src)
        say_declared(c, bad->decl);
}

bool instances_hold(struct checker *c, struct span at)
{
    struct type *bad = type_bad_instance(c->u);

    if (bad)
        say_bad_instance(c, at, bad);
    return !bad;
}

/* ---- instances of functions ---------------------------------------------- */

/* The function or global that a body belongs to, or NULL. */
static struct top *owner_of(const struct body *b)
{
    while (b && !b->owner)
        b = b->up;
    return b ? b->owner : NULL;
}

static bool is_foreign(const struct checker *c, const struct module *m)
{
    return m->is_std && m != c->u->top;
}

struct top *generic_instance(struct checker *c, struct sym *fn,
                             struct type **args, struct ast *at)
{
    const struct ast_nodes *names = &AS(fn, fn->decl)->tparams;
    struct type *t = type_instance(c->u, fn, args, names->n);
    struct top *by = owner_of(c->body);

    fn->used = true;
    if (t->instance)
        return (struct top *)t->instance;
    if (by && by->depth >= INSTANCE_MAX_DEPTH) {
        if (!((struct top *)fn)->reported) {
            diag_at(c->u->diags, E0287, span_of(c, at), fn->name->text);
            say_declared(c, fn);
        }
        ((struct top *)fn)->reported = true;
        return NULL;
    }
    struct diag_context asked = {.at = span_last_word(c, at),
                                 .up = by && by->instance ? &by->asked : NULL,
                                 .foreign = is_foreign(c, fn->module),
                                 .foreign_use = is_foreign(c, c->module)};
    const struct diag_context *around;
    struct module *before = module_enter(c, fn->module);
    struct top *new = decl_instance(c, fn, ast_clone(c->arena, fn->decl));
    new->depth = by ? by->depth + 1 : 1;
    new->targs = t->args;
    new->asked = asked;
    t->instance = &new->sym;
    new->instance = t;
    new->asked.what = type_text(c->u, t);
    around = diag_within(c->u->diags, &new->asked);
    decl_signature(c, new);
    diag_within(c->u->diags, around);
    module_enter(c, before);
    vec_push(c->u->mem, &c->wanted, new);
    return new;
}
