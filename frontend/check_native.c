/* check_native.c - leaves of the standard library: functions whose body is
 * a native of the runtime.
 *
 *   pub fn args() -> [str] = native("os_args")
 *
 * The types of the arguments and the declared result must be what the letters
 * of the native's row say (natives.def), for the machine relies on them.  A row
 * of several results gives an option, where they are a bool and a value, or
 * the tuple of all.
 *
 * A generic leaf is checked in each instance, so its row may depend on the
 * types: `native("list_min", xs)` is list_min of scalars, list_min_ref of
 * references. */
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

/* What stands in lists and maps as a scalar, and what as a reference: an
 * option of a scalar is a box there. */
static bool is_scalar_item(const struct type *t)
{
    return (t->kind >= TYPE_INT && t->kind < TYPE_STR) ||
           (t->kind == TYPE_ENUM && t->is_scalar);
}

static bool is_ref_item(const struct type *t)
{
    return is_ref(t) || type_is_pair(t);
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
    case 'x': return t == item && is_scalar_item(t);
    case 'r': return t == item && is_ref_item(t);
    case 'k': return t == key && is_scalar_item(t);
    case 'K': return t == key && is_ref_item(t);
    case 'v': return t == value && is_scalar_item(t);
    case 'V': return t == value && is_ref_item(t);
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
    case 'F': return is_list_of(t, &type_float);
    case 'Y': return is_list_of(t, &type_byte);
    case 'Z': return is_list_of(t, &type_str);
    case 'a': return is_ref(t);
    case 'l': return t->kind == TYPE_LIST;
    case 'w': return t->kind == TYPE_LIST && is_scalar_item(t->args[0]);
    case 'm': return t->kind == TYPE_LIST && is_ref_item(t->args[0]);
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
    const char *user = diag_asked_for(c->u->diags);

    if (user)
        diag_at(c->u->diags, E0238, at, user);
    else
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

/* ---- which row ----------------------------------------------------------- */

/* What the name of a row ends in where there is one for each kind of item. */
static const char *const ENDINGS[] = {"",      "_ref", "_int", "_float",
                                      "_byte", "_s",   "_r",   "_ss",
                                      "_sr",   "_rs",  "_rr"};
#define NENDINGS (sizeof ENDINGS / sizeof *ENDINGS)

/* The name that the first argument gives, or NULL. */
static const struct ast_bytes *named(const struct ast_nodes *args)
{
    const struct ast_arg *first = args->n ? AS(arg, args->at[0]) : NULL;

    if (!first || first->name || first->by_ref || first->value->kind != AST_STR)
        return NULL;
    return &AS(str, first->value)->value;
}

/* The row of a name with an ending, or -1. */
static int row_of(const struct ast_bytes *name, const char *ending)
{
    for (uint32_t i = 0; i < ir_nnatives; i++)
        if (strlen(ir_natives[i].name) == name->len + strlen(ending) &&
            !memcmp(ir_natives[i].name, name->at, name->len) &&
            !strcmp(ir_natives[i].name + name->len, ending))
            return (int)i;
    return -1;
}

/* Whether a declared result is what the letters behind the colon say: nothing,
 * the one, the option of a bool and a value, the tuple of all. */
static bool result_fits(const struct fit *f, const char *letters,
                        const struct type *t)
{
    size_t n = strlen(letters);

    if (n < 2)
        return n ? fits(f, *letters, t) : t == &type_unit;
    if (n == 2 && *letters == 'b' && t->kind == TYPE_OPTION)
        return fits(f, letters[1], t->args[0]);
    if (t->kind != TYPE_TUPLE || t->nargs != n)
        return false;
    for (size_t i = 0; i < n; i++)
        if (!fits(f, letters[i], t->args[i]))
            return false;
    return true;
}

/* Why a row does not fit the arguments and the result, or NULL. */
static const char *misfit(struct checker *c, const struct call *call, int row,
                          const struct type *result)
{
    const char *sig = ir_natives[row].sig;
    uint32_t n = (uint32_t)strcspn(sig, ":");
    struct fit f = {NULL, NULL, NULL};

    if (n != call->nargs)
        return arena_printf(c->arena, "it takes %u arguments (%s)", n, sig);
    for (uint32_t i = 0; i < n; i++) {
        const struct type *t = call->args[i]->type;
        note_argument(&f, t);
        if (t != &type_error && !fits(&f, sig[i], t))
            return arena_printf(c->arena, "argument %u is no %c (%s)", i + 1,
                                sig[i], sig);
    }
    return result_fits(&f, sig + n + 1, result)
               ? NULL
               : "the function's declared result does not fit";
}

/* Finds the row: the one of that name, or the first that fits of those whose
 * names have an ending more.  Why there is none, or NULL. */
static const char *find_row(struct checker *c, struct call *call,
                            const struct ast_bytes *name,
                            const struct type *result)
{
    const char *why = "its first argument is the name of a row of "
                      "natives.def";
    uint32_t n = 0;

    for (size_t i = 0; i < NENDINGS; i++) {
        int row = row_of(name, ENDINGS[i]);
        if (row < 0)
            continue;
        call->builtin = row;
        why = misfit(c, call, row, result);
        if (!why)
            return NULL;
        n++;
    }
    return n < 2 ? why
                 : arena_printf(c->arena, "no row `%.*s...` takes these types",
                                (int)name->len, name->at);
}

/* ---- the call ------------------------------------------------------------ */

struct type *call_native(struct checker *c, struct ast *e)
{
    struct ast_nodes *args = &AS(call, e)->args;
    struct span at = span_of(c, AS(call, e)->callee);
    struct ast_fn *fn = function_of(c, e);
    const struct ast_bytes *name = named(args);
    struct type *result;
    struct call *call;
    const char *why;

    if (!fn)
        return refuse(c, e, at,
                      "it is the whole body of a function: `= "
                      "native(...)`");
    if (!name)
        return refuse(c, e, at,
                      "its first argument is the name of a row of "
                      "natives.def");
    call = call_new(c, CALL_NATIVE, args->n - 1);
    for (uint32_t i = 1; i < args->n; i++) {
        call->args[i - 1] = AS(arg, args->at[i])->value;
        call->order[i - 1] = i - 1;
        if (AS(arg, args->at[i])->name || AS(arg, args->at[i])->by_ref)
            return refuse(c, e, at, "its arguments are plain values");
        check_any(c, call->args[i - 1], NULL);
    }
    result = fn->result ? fn->result->type : &type_unit;
    why = find_row(c, call, name, result);
    if (why)
        return refuse(c, e, at, why);
    AS(call, e)->call = call;
    return result;
}
