/* check_enum.c - enums: their variants, and the values made of them.
 *
 * Variants are names of the module.  One that shares its name with anything
 * else there is reached as Enum.V, or bare where an expected type says which
 * enum is meant. */
#include "frontend/check.h"

/* ---- declarations -------------------------------------------------------- */

void enum_collect(struct checker *c, struct ast *e)
{
    struct ast_enum *x = AS(enum, e);
    struct span at = span_word_after(c, e->pos, "enum");
    struct sym *s = sym_new(c, SYM_ENUM, x->name, e, at);
    bool is_scalar = true;

    for (uint32_t i = 0; i < x->variants.n; i++)
        if (x->variants.at[i]->kind == AST_VARIANT)
            is_scalar &= !AS(variant, x->variants.at[i])->payload.n;
    s->type = NULL;
    s->type = type_enum(c->u, s, tparams_make(c, s, &x->tparams), x->tparams.n,
                        is_scalar);
    x->sym = s;
    scope_add(c, s);
    vec_push_in(c->arena, &c->u->enums, s);
}

/* Binds a variant's name, unless another name of the module stands there. */
static void add_variant(struct checker *c, struct sym *v)
{
    struct sym *other = scope_find_module(c, v->name);

    if (!other || !other->src) {
        scope_add(c, v);
        return;
    }
    v->clashes = true;
    if (other->kind == SYM_VARIANT)
        other->clashes = true;
}

void enum_variants(struct checker *c, struct sym *s)
{
    struct ast_nodes *list = &AS(enum, s->decl)->variants;
    struct type *t = s->type;

    t->variants = ARENA_ARRAY(c->arena, struct variant, list->n + 1);
    for (uint32_t i = 0; i < list->n; i++) {
        struct ast *e = list->at[i];
        if (e->kind != AST_VARIANT)
            continue;
        struct ast_variant *x = AS(variant, e);
        struct span at = span_word(c, e->pos, 0);
        struct variant *same = variant_find(t, x->name);
        if (same) {
            diag_at(c->u->diags, E0202, at, x->name->text);
            diag_label(c->u->diags, span_of_sym(same->sym),
                       "declared here first");
            continue;
        }
        struct sym *v = sym_new(c, SYM_VARIANT, x->name, e, at);
        v->type = t;
        v->number = t->nvariants;
        t->variants[t->nvariants++].sym = v;
        add_variant(c, v);
    }
}

void enum_fill(struct checker *c, struct sym *s)
{
    struct type *t = s->type;
    struct tparams *saved =
        tparams_enter(c, &AS(enum, s->decl)->tparams, t->args);

    for (uint32_t i = 0; i < t->nvariants; i++) {
        struct variant *v = &t->variants[i];
        struct ast_nodes *fields = &AS(variant, v->sym->decl)->payload;
        if (!fields->n)
            continue;
        v->payload = type_struct(c->u, v->sym, t->args, t->nargs);
        fields_fill(c, v->payload, fields);
    }
    c->tparams = saved;
    t->filled = true;
}

struct variant *variant_find(const struct type *t, const struct name *name)
{
    for (uint32_t i = 0; i < t->nvariants; i++)
        if (t->variants[i].sym->name == name)
            return &t->variants[i];
    return NULL;
}

void variant_near(struct checker *c, struct span at, const struct type *t,
                  const struct name *word)
{
    enum { LIMIT = 200 };
    const char *names[LIMIT], *near;
    uint32_t n = 0;

    for (; n < t->nvariants && n < LIMIT; n++)
        names[n] = t->variants[n].sym->name->text;
    near = say_suggests(c) ? diag_nearest(word->text, names, n) : NULL;
    if (near)
        diag_fix(c->u->diags, at, near, "did you mean `%s`?", near);
}

/* ---- values -------------------------------------------------------------- */

/* What an expected type says of a value: of an option, what it holds. */
static const struct type *expected(const struct type *hint)
{
    return hint && is_option(hint) ? hint->args[0] : hint;
}

static bool expects(const struct type *hint, const struct sym *of)
{
    hint = expected(hint);
    return hint && hint->kind == TYPE_ENUM && hint->decl == of;
}

/* Of a name that several things have, the one that the expected type means. */
struct sym *variant_meant(struct sym *s, const struct name *name,
                          const struct type *hint)
{
    struct variant *v;

    hint = expected(hint);
    if (!hint || hint->kind != TYPE_ENUM ||
        (s && (s->kind != SYM_VARIANT || !s->clashes)))
        return s;
    v = variant_find(hint, name);
    return v ? v->sym : s;
}

static struct type *say_clash(struct checker *c, struct ast *at,
                              const struct sym *s)
{
    diag_at(c->u->diags, E0276, span_last_word(c, at), s->name->text);
    say_declared(c, s);
    diag_help(c->u->diags, "write `%s.%s`", s->type->decl->name->text,
              s->name->text);
    return &type_error;
}

struct type *expr_variant(struct checker *c, struct ast *e, struct sym *s,
                          struct type *hint)
{
    struct type *t = s->type;

    s->used = t->decl->used = true;
    if (s->clashes && e->kind == AST_NAME && !expects(hint, t->decl))
        return say_clash(c, e, s);
    if (AS(variant, s->decl)->payload.n) {
        diag_at(c->u->diags, E0277, span_last_word(c, e), s->name->text);
        say_declared(c, s);
        return &type_error;
    }
    if (!t->nargs)
        return t;
    if (expects(hint, t->decl))
        return is_option(hint) ? hint->args[0] : hint;
    if (hint == &type_error)
        return hint;
    struct infer inf = infer_open(c, t->decl, t->nargs);
    infer_done(c, &inf, &AS(enum, t->decl->decl)->tparams, span_of(c, e));
    return &type_error;
}

struct sym *enum_member(struct checker *c, struct ast *e)
{
    struct ast_member *m = AS(member, e);
    struct sym *s = module_sym(c, m->base);
    struct variant *v;

    if (!s || s->kind != SYM_ENUM)
        return NULL;
    if (!module_shows(c, s))
        module_say_hidden(c, span_last_word(c, m->base), s);
    s->used = true;
    m->base->type = &type_error;
    v = variant_find(s->type, m->name);
    if (v) {
        m->sym = v->sym;
        return v->sym;
    }
    diag_at(c->u->diags, E0288, span_last_word(c, e), s->name->text,
            m->name->text);
    say_declared(c, s);
    variant_near(c, span_last_word(c, e), s->type, m->name);
    return s;
}

bool variant_clashes(struct checker *c, struct ast *callee, const struct sym *s,
                     const struct type *hint)
{
    if (!s->clashes || callee->kind != AST_NAME || expects(hint, s->type->decl))
        return false;
    say_clash(c, callee, s);
    return true;
}
