/* check_native.c - leaves of the standard library: functions whose body is
 * a native of the runtime.
 *
 *   pub fn args() -> [str] = native("os_args")
 *
 * The types of the arguments and the declared result must be what the letters
 * of the native's row say (natives.def), for the machine relies on them. */
#include <string.h>

#include "frontend/check.h"
#include "ir/ir.h"

/* What letters that speak of another argument mean. */
struct fit {
    const struct type *ref, *list, *map; /* the first of each; NULL: none yet */
};

static bool is_ref(const struct type *t)
{
    return t != &type_error && type_is_ref(t);
}

static bool is_scalar(const struct type *t)
{
    return t->kind >= TYPE_INT && t->kind < TYPE_STR;
}

static bool is_list_of(const struct type *t, const struct type *item)
{
    return t->kind == TYPE_LIST && t->args[0] == item;
}

/* Letters of a part of the first list or map. */
static bool fits_part(const struct fit *f, char letter, const struct type *t)
{
    const struct type *item = f->list ? f->list->args[0] : NULL;
    const struct type *key = f->map ? f->map->args[0] : NULL;
    const struct type *value = f->map ? f->map->args[1] : NULL;

    switch (letter) {
    case 'x': return t == item && is_scalar(t);
    case 'r': return t == item && is_ref(t);
    case 'k': return t == key && is_scalar(t);
    case 'K': return t == key && is_ref(t);
    case 'v': return t == value && is_scalar(t);
    case 'V': return t == value && is_ref(t);
    case 'p': return key && is_list_of(t, key);
    case 'q': return value && is_list_of(t, value);
    default: return false;
    }
}

static bool fits(const struct fit *f, char letter, const struct type *t)
{
    switch (letter) {
    case 'i': return t == &type_int;
    case 'f': return t == &type_float;
    case 'b': return t == &type_bool;
    case 'y': return t == &type_byte;
    case 's': return t == &type_str;
    case 'e': return t->kind == TYPE_STRUCT && !t->decl;
    case 'I': return is_list_of(t, &type_int);
    case 'Z': return is_list_of(t, &type_str);
    case 'a': return is_ref(t);
    case 'l': return t->kind == TYPE_LIST;
    case 'w': return t->kind == TYPE_LIST && is_scalar(t->args[0]);
    case 'm': return t->kind == TYPE_LIST && is_ref(t->args[0]);
    case 'M': return t->kind == TYPE_MAP;
    case '=': return t == f->ref;
    default: return fits_part(f, letter, t);
    }
}

static void note_argument(struct fit *f, const struct type *t)
{
    if (!f->ref && is_ref(t))
        f->ref = t;
    if (!f->list && t->kind == TYPE_LIST)
        f->list = t;
    if (!f->map && t->kind == TYPE_MAP)
        f->map = t;
}

static struct type *refuse(struct checker *c, struct ast *e, struct span at,
                           const char *why)
{
    diag_at(c->u->diags, E0286, at, why);
    return call_nothing(c, e);
}

/* The function whose body the call is, or NULL. */
static struct ast_fn *function_of(const struct checker *c, const struct ast *e)
{
    struct ast_fn *fn = c->body && c->body->kind == BODY_FN
                            ? AS(fn, c->body->owner->sym.decl)
                            : NULL;

    return fn && fn->is_expr && fn->body == e ? fn : NULL;
}

/* The row that the first argument names, or -1. */
static int row_of(const struct ast_nodes *args)
{
    const struct ast_arg *first = args->n ? AS(arg, args->at[0]) : NULL;
    const struct ast_bytes *name;

    if (!first || first->name || first->by_ref || first->value->kind != AST_STR)
        return -1;
    name = &AS(str, first->value)->value;
    for (uint32_t i = 0; i < ir_nnatives; i++)
        if (strlen(ir_natives[i].name) == name->len &&
            !memcmp(ir_natives[i].name, name->at, name->len))
            return (int)i;
    return -1;
}

/* Checks the arguments against the letters before the colon; why they do not
 * fit, or NULL. */
static const char *check_letters(struct checker *c, struct call *call,
                                 const char *sig, struct fit *f)
{
    uint32_t n = (uint32_t)strcspn(sig, ":");

    if (n != call->nargs)
        return arena_printf(c->arena, "it takes %u arguments (%s)", n, sig);
    for (uint32_t i = 0; i < n; i++) {
        struct type *t = check_any(c, call->args[i], NULL);
        note_argument(f, t);
        if (t != &type_error && !fits(f, sig[i], t))
            return arena_printf(c->arena, "argument %u is no %c (%s)", i + 1,
                                sig[i], sig);
    }
    return NULL;
}

struct type *call_native(struct checker *c, struct ast *e)
{
    struct ast_nodes *args = &AS(call, e)->args;
    struct span at = span_of(c, AS(call, e)->callee);
    struct ast_fn *fn = function_of(c, e);
    struct type *result = &type_unit;
    struct fit f = {NULL, NULL, NULL};
    const char *sig, *why;
    int row = row_of(args);
    struct call *call;

    if (!fn)
        return refuse(c, e, at,
                      "it is the whole body of a function: `= "
                      "native(...)`");
    if (row < 0)
        return refuse(c, e, at,
                      "its first argument is the name of a row of "
                      "natives.def");
    sig = ir_natives[row].sig;
    call = call_new(c, CALL_NATIVE, args->n - 1);
    call->builtin = row;
    for (uint32_t i = 1; i < args->n; i++) {
        call->args[i - 1] = AS(arg, args->at[i])->value;
        call->order[i - 1] = i - 1;
        if (AS(arg, args->at[i])->name || AS(arg, args->at[i])->by_ref)
            return refuse(c, e, at, "its arguments are plain values");
    }
    why = check_letters(c, call, sig, &f);
    if (why)
        return refuse(c, e, at, why);
    if (fn->result)
        result = fn->result->type;
    sig += strcspn(sig, ":") + 1;
    if (strlen(sig) > 1 ||
        (*sig ? !fits(&f, *sig, result) : result != &type_unit))
        return refuse(c, e, at, "the function's declared result does not fit");
    AS(call, e)->call = call;
    return result;
}
