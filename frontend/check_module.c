/* check_module.c - modules, as the checker sees them: the one at hand, what
 * others offer to it, and methods, which belong to the module of a type. */
#include <string.h>

#include "frontend/check.h"

struct module *module_enter(struct checker *c, struct module *m)
{
    struct module *before = c->module;

    c->module = m;
    if (m) {
        c->u->src = m->src;
        c->u->file = m->file;
        c->u->warn = c->warn && (!m->is_std || m == c->u->top);
    }
    return before;
}

/* ---- what another module offers ------------------------------------------ */

static bool is_pub(const struct sym *s)
{
    if (!s->decl)
        return false;
    switch (s->decl->kind) {
    case AST_FN: return AS(fn, s->decl)->pub;
    case AST_BIND: return AS(bind, s->decl)->pub;
    case AST_STRUCT: return AS(struct, s->decl)->pub;
    case AST_ENUM: return AS(enum, s->decl)->pub;
    case AST_VARIANT: return is_pub(s->type->decl);
    case AST_IMPORT: return AS(import, s->decl)->pub;
    default: return false;
    }
}

bool module_shows(const struct checker *c, const struct sym *s)
{
    return s->src == c->module->src || is_pub(s);
}

void module_say_hidden(struct checker *c, struct span at, const struct sym *s)
{
    struct span word = {s->src, s->decl->pos, s->decl->pos};

    diag_at(c->u->diags, E0282, at, s->name->text);
    say_declared(c, s);
    diag_fix(c->u->diags, word, "pub ", "let other modules use it");
}

static void say_no_member(struct checker *c, struct span at,
                          const struct module *m, const struct name *name)
{
    enum { LIMIT = 500 };
    const char *names[LIMIT], *near;
    uint32_t n = 0;

    diag_at(c->u->diags, E0207, at, m->name->text, name->text);
    for (uint32_t i = 0; i < m->names.list.n && n < LIMIT; i++)
        if (is_pub(m->names.list.at[i]))
            names[n++] = m->names.list.at[i]->name->text;
    near = say_suggests(c) ? diag_nearest(name->text, names, n) : NULL;
    if (near)
        diag_fix(c->u->diags, at, near, "did you mean `%s`?", near);
}

struct sym *module_member(struct checker *c, struct sym *module,
                          const struct name *name, struct span at)
{
    struct module *m = module->module;
    struct sym *s = symbols_find(&m->names, name);

    if (s && is_pub(s)) {
        if (s->kind != SYM_FN && s->kind != SYM_GLOBAL)
            s->used = true;
        return s;
    }
    if (!m->file) /* it is in error */
        return NULL;
    if (s && s->kind != SYM_MODULE)
        module_say_hidden(c, at, s);
    else
        say_no_member(c, at, m, name);
    return NULL;
}

struct sym *module_named(struct checker *c, struct ast *base)
{
    struct sym *s = NULL, *outer;

    if (base->kind == AST_NAME) {
        s = scope_find(c, AS(name, base)->name);
        if (!s || s->kind != SYM_MODULE)
            return NULL;
        AS(name, base)->sym = s;
    } else if (base->kind == AST_MEMBER &&
               (outer = module_named(c, AS(member, base)->base)) &&
               outer->module) {
        s = symbols_find(&outer->module->names, AS(member, base)->name);
        if (!s || s->kind != SYM_MODULE || !is_pub(s))
            return NULL;
    }
    if (!s)
        return NULL;
    base->type = &type_error;
    s->used = true;
    return s;
}

struct sym *module_sym(struct checker *c, struct ast *e)
{
    struct sym *module;

    if (e->kind == AST_NAME)
        return scope_find(c, AS(name, e)->name);
    if (e->kind != AST_MEMBER)
        return NULL;
    module = module_named(c, AS(member, e)->base);
    if (!module || !module->module)
        return NULL;
    return symbols_find(&module->module->names, AS(member, e)->name);
}

/* What `module.f` is where f is no variable. */
static struct type *no_value(struct checker *c, struct span at, struct sym *s)
{
    struct diags *ds = c->u->diags;

    switch ((enum sym_kind)s->kind) {
    case SYM_STRUCT:
        diag_at(ds, E0205, at, s->name->text, "a type");
        diag_help(ds, "to make a value, call it: `%s(...)`", s->name->text);
        break;
    case SYM_MODULE:
        if (s->module)
            diag_at(ds, E0205, at, s->name->text, "a module");
        break;
    default: break; /* not supported, which was reported */
    }
    return &type_error;
}

struct type *module_value(struct checker *c, struct ast *e, struct type *hint)
{
    struct ast_member *m = AS(member, e);
    struct sym *module = module_named(c, m->base), *s;
    struct span at = span_last_word(c, e);

    if (!module)
        return NULL;
    s = module->module ? module_member(c, module, m->name, at) : NULL;
    if (!s)
        return &type_error;
    if (s->kind == SYM_VARIANT) {
        m->sym = s;
        return expr_variant(c, e, s, hint);
    }
    if (s->kind == SYM_FN)
        return fn_value(c, e, s, hint);
    if (s->kind != SYM_GLOBAL)
        return no_value(c, at, s);
    m->global = s;
    s->used = true;
    init_use(c, (struct top *)s, e);
    return s->type;
}

const char *module_offers(struct checker *c, const struct name *name,
                          bool is_type)
{
    const struct symbols *own = &c->module->names;

    for (uint32_t i = 0; i < own->list.n; i++) {
        const struct sym *m = own->list.at[i], *s;
        if (m->kind != SYM_MODULE || !m->module)
            continue;
        s = symbols_find(&m->module->names, name);
        if (!s || !is_pub(s) ||
            is_type != (s->kind == SYM_STRUCT || s->kind == SYM_ENUM))
            continue;
        return arena_printf(c->arena, "%s.%s", m->name->text, name->text);
    }
    return NULL;
}

/* ---- x.f(...) ------------------------------------------------------------ */

/* The module of the standard library with more methods of a built-in type. */
static const char *std_of(const struct type *t)
{
    switch ((enum type_kind)t->kind) {
    case TYPE_INT:
    case TYPE_FLOAT: return "math";
    case TYPE_STR: return "str";
    case TYPE_LIST: return "list";
    case TYPE_MAP: return "map";
    default: return NULL;
    }
}

/* Whether a function may be called with a t first. */
static bool takes(const struct sym *s, const struct type *t)
{
    const struct ast_nodes *params;

    if (s->kind != SYM_FN)
        return false;
    params = &AS(fn, s->decl)->params;
    return params->n && s->type->kind == TYPE_FN &&
           infer_may_take(s->type->args[0], t);
}

static struct sym *std_method(struct checker *c, struct type *t,
                              const struct name *name)
{
    const char *std = std_of(t);
    struct module *m = std ? modules_std(c->u, std, name) : NULL;
    struct sym *s;

    sema_declare_new(c);
    if (!m)
        return NULL;
    s = symbols_find(&m->names, name);
    return s && s->kind == SYM_FN && module_shows(c, s) && takes(s, t) ? s
                                                                       : NULL;
}

/* int, float, str, byte or bool: `x.str()` is `str(x)`. */
static struct sym *conversion(struct checker *c, const struct name *name)
{
    struct sym *s = symbols_find(&c->outer, name);

    return s && s->kind == SYM_BUILTIN && !s->builtin ? s : NULL;
}

/* The module that declares t; NULL: the language does. */
static struct module *declares(const struct type *t)
{
    return (t->kind == TYPE_STRUCT || t->kind == TYPE_ENUM) && t->decl
               ? t->decl->module
               : NULL;
}

/* A function of the module that declares t. */
static struct sym *own_method(struct checker *c, struct type *t,
                              const struct name *name)
{
    struct sym *s;

    if (!declares(t)) {
        s = builtin_method(c, t, name);
        if (!s)
            s = std_method(c, t, name);
        return s ? s : conversion(c, name);
    }
    s = symbols_find(&declares(t)->names, name);
    if (!s || declares(t) == c->module)
        return s;
    return s->kind == SYM_FN && is_pub(s) ? s : NULL;
}

/* Where what stands first does not take a t, and what comes after it does, that
 * is meant. */
struct sym *module_method(struct checker *c, struct type *t,
                          const struct name *name)
{
    struct sym *s = own_method(c, t, name), *in_scope;

    if (s && (s->kind == SYM_BUILTIN || takes(s, t)))
        return s;
    in_scope = scope_find(c, name);
    return !s || (in_scope && takes(in_scope, t)) ? in_scope : s;
}

const char *module_near_method(struct checker *c, struct type *t,
                               const char *word)
{
    enum { LIMIT = 500 };
    const struct module *m = declares(t);
    const char *names[LIMIT], *near = NULL;
    uint32_t n = 0;

    if (!m && std_of(t))
        near = modules_std_near(c->u, std_of(t), word);
    if (near &&
        !std_method(c, t, names_add(c->u->names, near, (uint32_t)strlen(near))))
        near = NULL;
    for (uint32_t i = 0; m && i < m->names.list.n && n < LIMIT; i++) {
        const struct sym *s = m->names.list.at[i];
        if (s->kind == SYM_FN && module_shows(c, s) && takes(s, t))
            names[n++] = s->name->text;
    }
    return m ? diag_nearest(word, names, n) : near;
}

struct sym *module_hidden_method(struct type *t, const struct name *name)
{
    struct module *m = declares(t);
    struct sym *s = m ? symbols_find(&m->names, name) : NULL;

    return s && takes(s, t) ? s : NULL;
}
