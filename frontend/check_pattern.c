/* check_pattern.c - what patterns bind. */
#include "frontend/check.h"

static struct sym *silent_local(struct checker *c, const struct name *name,
                                struct ast *decl, struct span at)
{
    struct sym *s = sym_new(c, SYM_LOCAL, name, decl, at);

    s->is_var = s->used = s->assigned = true;
    return s;
}

void scope_silent(struct checker *c, const struct name *name, struct ast *decl,
                  struct span at)
{
    scope_add(c, silent_local(c, name, decl, at));
}

void bind_silent(struct checker *c, struct ast *p)
{
    struct ast_nodes *parts = NULL;

    if (!p)
        return;
    switch (p->kind) {
    case AST_PAT_NAME:
        scope_push(c, silent_local(c, AS(pat_name, p)->name, p, span_of(c, p)));
        break;
    case AST_PAT_ARG: bind_silent(c, AS(pat_arg, p)->pattern); break;
    case AST_PAT_TUPLE: parts = &AS(pat_tuple, p)->items; break;
    case AST_PAT_CALL: parts = &AS(pat_call, p)->args; break;
    case AST_PAT_OR:
        bind_silent(c, AS(pat_or, p)->left);
        bind_silent(c, AS(pat_or, p)->right);
        break;
    default: break;
    }
    for (uint32_t i = 0; parts && i < parts->n; i++)
        bind_silent(c, parts->at[i]);
}

struct sym *pattern_sym(const struct ast *p)
{
    return p->kind == AST_PAT_NAME ? AS(pat_name, p)->sym : NULL;
}

static void bind_name(struct checker *c, struct ast *p, struct ast *decl,
                      struct type *t, bool is_var)
{
    struct ast_pat_name *n = AS(pat_name, p);

    n->sym = sym_new(c, SYM_LOCAL, n->name, decl, span_of(c, p));
    n->sym->type = t;
    n->sym->is_var = is_var;
    if (n->name != c->n_wild)
        scope_add(c, n->sym);
}

static void bind_tuple(struct checker *c, struct ast *p, struct ast *decl,
                       struct type *t, bool is_var)
{
    struct ast_nodes *items = &AS(pat_tuple, p)->items;
    bool fits = t->kind == TYPE_TUPLE && t->nargs == items->n;

    if (!fits && !is_silent(t)) {
        diag_at(c->u->diags, E0270, span_of(c, p), items->n, say_type(c, t));
        if (t->kind == TYPE_TUPLE)
            diag_note(c->u->diags, "the tuple has %u items", t->nargs);
    }
    for (uint32_t i = 0; i < items->n; i++)
        pattern_bind(c, items->at[i], decl, fits ? t->args[i] : &type_error,
                     is_var);
}

void pattern_bind(struct checker *c, struct ast *p, struct ast *decl,
                  struct type *t, bool is_var)
{
    if (p->kind == AST_PAT_TUPLE) {
        bind_tuple(c, p, decl, t, is_var);
    } else if (p->kind == AST_PAT_NAME && !AS(pat_name, p)->module) {
        bind_name(c, p, decl, t, is_var);
    } else {
        say_unsupported(c, p, "patterns are");
        bind_silent(c, p);
    }
}
