/* print_signature.c - what a declaration offers, as source text. */
#include "frontend/print_impl.h"
#include "frontend/sema.h"

enum { LINE_MOST = 76 }; /* bytes of what stands on one line */

/* Whether people can write a type, and it is worth writing. */
static bool is_worth(const struct type *t)
{
    return t && t->kind > TYPE_UNIT;
}

static void print_result(struct printer *p, struct unit *u,
                         const struct ast_fn *fn)
{
    struct type *t = fn->sym ? fn->sym->type : NULL;

    if (fn->result || !t || t->kind != TYPE_FN ||
        !is_worth(t->args[t->nargs - 1]))
        return;
    print_str(p, " -> ");
    print_str(p, type_text(u, t->args[t->nargs - 1]));
}

/* On one line where it has room there. */
static void print_fn_signature(struct printer *p, struct unit *u,
                               struct ast_fn *fn)
{
    size_t start = p->out->n;

    print_fn_head(p, fn, false);
    print_result(p, u, fn);
    if (p->out->n - start <= LINE_MOST || !fn->params.n)
        return;
    p->out->n = start;
    print_fn_head(p, fn, true);
    print_result(p, u, fn);
}

static void print_bind_signature(struct printer *p, struct unit *u,
                                 struct ast_bind *n)
{
    struct type *t = n->sym ? n->sym->type : NULL;

    print_str(p, n->pub ? "pub " : "");
    print_str(p, n->is_var ? "var " : "let ");
    print_pattern(p, n->pattern);
    if (n->type || !is_worth(t)) {
        print_annot(p, n->type);
    } else {
        print_str(p, ": ");
        print_str(p, type_text(u, t));
    }
    switch (n->value->kind) {
    case AST_INT:
    case AST_FLOAT:
    case AST_BOOL:
    case AST_STR:
        print_str(p, n->is_var ? "" : " = ");
        if (!n->is_var)
            print_literal(p, n->value);
    }
}

/* The members on one line where they have room there. */
static void print_members(struct printer *p, size_t start,
                          const struct ast_nodes *l)
{
    size_t n = p->out->n;

    if (l->n) {
        print_str(p, "{ ");
        print_list(p, l, print_member);
        print_str(p, " }");
        if (p->out->n - start <= LINE_MOST)
            return;
        p->out->n = n;
    }
    print_lines(p, l, print_member);
}

void print_signature(struct unit *u, const struct ast *decl, struct bytes *out)
{
    struct printer p = {out, 0};
    struct ast *node = (struct ast *)decl;
    size_t start = out->n;

    switch (decl->kind) {
    case AST_FN: print_fn_signature(&p, u, AS(fn, node)); break;
    case AST_BIND: print_bind_signature(&p, u, AS(bind, node)); break;
    case AST_STRUCT:
        print_struct_head(&p, AS(struct, node));
        print_members(&p, start, &AS(struct, node)->fields);
        break;
    case AST_ENUM:
        print_enum_head(&p, AS(enum, node));
        print_members(&p, start, &AS(enum, node)->variants);
        break;
    case AST_FIELD:
    case AST_VARIANT: print_member(&p, node); break;
    default: print_stmt(&p, node);
    }
}
