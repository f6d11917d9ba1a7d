/* print_part.c - types, patterns and parameters as source text. */
#include "frontend/print_impl.h"

/* ---- types --------------------------------------------------------------- */

static void print_type_param(struct printer *p, struct ast *node)
{
    if (AS(type_param, node)->mut)
        print_str(p, "mut ");
    print_type(p, AS(type_param, node)->type);
}

static void print_qualified(struct printer *p, const struct name *module,
                            const struct name *name)
{
    if (module) {
        print_name(p, module);
        print_str(p, ".");
    }
    print_name(p, name);
}

static void print_type_name(struct printer *p, struct ast_type_name *n)
{
    print_qualified(p, n->module, n->name);
    if (!n->args.n)
        return;
    print_str(p, "[");
    print_list(p, &n->args, print_type);
    print_str(p, "]");
}

/* `fn(A) -> B?` returns an option, and `??` is another token. */
static void print_option(struct printer *p, struct ast *of)
{
    bool brackets = of->kind == AST_TYPE_FN || of->kind == AST_TYPE_OPTION;

    print_str(p, brackets ? "(" : "");
    print_type(p, of);
    print_str(p, brackets ? ")?" : "?");
}

static void print_type_fn(struct printer *p, struct ast_type_fn *n)
{
    print_str(p, "fn(");
    print_list(p, &n->params, print_type_param);
    print_str(p, ")");
    if (n->result) {
        print_str(p, " -> ");
        print_type(p, n->result);
    }
}

void print_type(struct printer *p, struct ast *type)
{
    switch (type->kind) {
    case AST_TYPE_NAME: print_type_name(p, AS(type_name, type)); break;
    case AST_TYPE_LIST:
        print_str(p, "[");
        print_type(p, AS(type_list, type)->item);
        print_str(p, "]");
        break;
    case AST_TYPE_MAP:
        print_str(p, "[");
        print_type(p, AS(type_map, type)->key);
        print_str(p, ": ");
        print_type(p, AS(type_map, type)->value);
        print_str(p, "]");
        break;
    case AST_TYPE_TUPLE:
        print_tuple(p, &AS(type_tuple, type)->items, print_type);
        break;
    case AST_TYPE_OPTION: print_option(p, AS(type_option, type)->of); break;
    case AST_TYPE_FN: print_type_fn(p, AS(type_fn, type)); break;
    }
}

void print_annot(struct printer *p, struct ast *type)
{
    if (!type)
        return;
    print_str(p, ": ");
    print_type(p, type);
}

/* ---- patterns ------------------------------------------------------------ */

static void print_pat_arg(struct printer *p, struct ast *node)
{
    if (AS(pat_arg, node)->name) {
        print_name(p, AS(pat_arg, node)->name);
        print_str(p, ": ");
    }
    print_pattern(p, AS(pat_arg, node)->pattern);
}

static void print_pat_or(struct printer *p, struct ast_pat_or *n)
{
    bool brackets = n->right->kind == AST_PAT_OR;

    print_pattern(p, n->left);
    print_str(p, brackets ? " | (" : " | ");
    print_pattern(p, n->right);
    print_str(p, brackets ? ")" : "");
}

void print_pattern(struct printer *p, struct ast *pattern)
{
    switch (pattern->kind) {
    case AST_PAT_NAME: {
        struct ast_pat_name *n = AS(pat_name, pattern);
        print_qualified(p, n->module, n->name);
        break;
    }
    case AST_PAT_CALL: {
        struct ast_pat_call *n = AS(pat_call, pattern);
        print_qualified(p, n->module, n->name);
        print_str(p, "(");
        print_list(p, &n->args, print_pat_arg);
        print_str(p, ")");
        break;
    }
    case AST_PAT_TUPLE:
        print_tuple(p, &AS(pat_tuple, pattern)->items, print_pattern);
        break;
    case AST_PAT_LIT: print_expr(p, AS(pat_lit, pattern)->value); break;
    case AST_PAT_RANGE:
        print_expr(p, AS(pat_range, pattern)->from);
        print_str(p, "..");
        print_expr(p, AS(pat_range, pattern)->to);
        break;
    case AST_PAT_OR: print_pat_or(p, AS(pat_or, pattern)); break;
    }
}

/* ---- parameters ---------------------------------------------------------- */

void print_param(struct printer *p, struct ast *param)
{
    if (AS(param, param)->mut)
        print_str(p, "mut ");
    print_name(p, AS(param, param)->name);
    print_annot(p, AS(param, param)->type);
}

static void print_tparam(struct printer *p, struct ast *node)
{
    print_name(p, AS(tparam, node)->name);
}

void print_tparams(struct printer *p, const struct ast_nodes *l)
{
    if (!l->n)
        return;
    print_str(p, "[");
    print_list(p, l, print_tparam);
    print_str(p, "]");
}
