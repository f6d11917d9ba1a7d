/* invert_call.c - the inverse of calls.
 *
 * Without types a call is known by its name: the file's own functions first,
 * then the built-in ones; any other comes from a module or a parameter, and
 * is taken for reversible, as the checker would have to say otherwise. */
#include <string.h>

#include "frontend/invert_impl.h"

/* ---- names --------------------------------------------------------------- */

/* The name by which a module is known in the file: its last part. */
static bool is_called(struct ast_import *n, const struct name *name)
{
    const char *path = n->path ? AS(str, n->path)->value.at : NULL;
    uint32_t len = path ? AS(str, n->path)->value.len : 0;

    if (n->alias || n->name)
        return name == (n->alias ? n->alias : n->name);
    return len >= name->len &&
           !memcmp(path + len - name->len, name->text, name->len) &&
           (len == name->len || path[len - name->len - 1] == '/');
}

static bool is_module(const struct inverter *v, const struct ast *base)
{
    const struct ast_nodes *decls = &AS(file, v->u->file)->decls;

    for (uint32_t i = 0; base->kind == AST_NAME && i < decls->n; i++)
        if (decls->at[i]->kind == AST_IMPORT &&
            is_called(AS(import, decls->at[i]), AS(name, base)->name))
            return true;
    return false;
}

const struct name *invert_called(const struct inverter *v,
                                 const struct ast_call *call)
{
    struct ast *callee = call->callee;

    if (callee->kind == AST_NAME)
        return AS(name, callee)->name;
    if (callee->kind == AST_MEMBER && !is_module(v, AS(member, callee)->base))
        return AS(member, callee)->name;
    return NULL;
}

struct ast_fn *invert_declared(const struct inverter *v,
                               const struct name *name)
{
    const struct ast_nodes *decls = &AS(file, v->u->file)->decls;

    for (uint32_t i = 0; i < decls->n; i++)
        if (decls->at[i]->kind == AST_FN && AS(fn, decls->at[i])->name == name)
            return AS(fn, decls->at[i]);
    return NULL;
}

static bool is_builtin(const struct name *name)
{
    static const char *const texts[] = {
#define BUILTIN(NAME, text, params, result, meaning) text,
#include "frontend/builtins.def"
#undef BUILTIN
    };

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (!strcmp(texts[i] + (*texts[i] == '.'), name->text))
            return true;
    return false;
}

/* ---- calls --------------------------------------------------------------- */

/* The call with another name. */
static struct ast *renamed(struct inverter *v, struct ast *node,
                           const struct name *name)
{
    struct ast_call *call = AS(call, node);
    struct ast *callee = call->callee;

    if (callee->kind == AST_NAME)
        callee = INVERT_MAKE(v, callee, name, .name = name);
    else
        callee = INVERT_MAKE(v, callee, member,
                             .base = AS(member, callee)->base, .name = name);
    return INVERT_MAKE(v, node, call, .callee = callee, .args = call->args);
}

/* The last argument is given as `&x`. */
static bool ends_by_ref(const struct ast_call *call)
{
    uint32_t n = call->args.n;

    return n && AS(arg, call->args.at[n - 1])->by_ref;
}

static struct ast *invert_builtin(struct inverter *v, struct ast *node,
                                  const struct name *name)
{
    struct names *names = v->u->names;
    bool push = !strcmp(name->text, "push");

    if (push || !strcmp(name->text, "pop")) {
        if (ends_by_ref(AS(call, node)))
            return renamed(
                v, node, names_add(names, push ? "pop" : "push", push ? 3 : 4));
        return invert_refuse(v, node,
                             push ? "`push` of a value" : "`pop` for a value",
                             push ? "`push(xs, &x)` moves x to the list: x "
                                    "becomes 0"
                                  : "`pop(xs, &x)` moves the last item to x, "
                                    "which must be 0");
    }
    if (!strcmp(name->text, "swap") || !strcmp(name->text, "reverse") ||
        !strcmp(name->text, "assert"))
        return node;
    return invert_refuse(
        v, node, arena_printf(v->u->arena, "a call of `%s`", name->text), NULL);
}

/* Reports a call of one of the file's ordinary functions. */
static bool refuse_plain(struct inverter *v, struct ast *node,
                         const struct ast_fn *fn)
{
    struct arena *a = v->u->arena;

    if (!fn || fn->kind == AST_FN_REV)
        return false;
    invert_refuse(v, node, arena_printf(a, "a call of `%s`", fn->name->text),
                  arena_printf(a, "`%s` is no `rev fn`", fn->name->text));
    return true;
}

/* Where the function at hand or its inverse is called by its plain name, or
 * one that is inverted as well, the name of the other; else NULL. */
static const struct name *partner(const struct inverter *v,
                                  const struct ast_call *call)
{
    const struct name *name = NULL;
    const struct ast_fn *fn;

    if (v->turned)
        return NULL;
    if (v->all) {
        name = invert_called(v, call);
        fn = name ? invert_declared(v, name) : NULL;
        return fn && fn->kind == AST_FN_REV ? invert_name(v->u, name) : NULL;
    }
    if (call->callee->kind == AST_NAME)
        name = AS(name, call->callee)->name;
    return name == v->name ? v->inverse : name == v->inverse ? v->name : NULL;
}

/* Whether the name is that of an inverse which takes a function's place. */
static bool is_turned(const struct inverter *v, const struct name *name)
{
    const struct ast_fn *fn =
        v->turned ? invert_declared(v, invert_name(v->u, name)) : NULL;

    return fn && fn->kind == AST_FN_REV;
}

struct ast *invert_call(struct inverter *v, struct ast *node)
{
    const struct name *name = invert_called(v, AS(call, node));
    const struct ast_fn *fn = name ? invert_declared(v, name) : NULL;

    if (partner(v, AS(call, node)))
        return renamed(v, node, partner(v, AS(call, node)));
    if (refuse_plain(v, node, fn))
        return node;
    if (name && !fn && is_builtin(name) && !is_turned(v, name))
        return invert_builtin(v, node, name);
    return INVERT_MAKE(v, node, uncall, .call = node);
}

struct ast *invert_uncall(struct inverter *v, struct ast *node)
{
    struct ast *call = AS(uncall, node)->call;
    const struct name *name;
    const struct ast_fn *fn;

    if (call->kind != AST_CALL)
        return invert_refuse(v, node, "`uncall` of what is no call", NULL);
    name = invert_called(v, AS(call, call));
    fn = name ? invert_declared(v, name) : NULL;
    if (partner(v, AS(call, call)))
        return INVERT_MAKE(v, node, uncall,
                           .call =
                               renamed(v, call, partner(v, AS(call, call))));
    return refuse_plain(v, node, fn) ? node : call;
}
