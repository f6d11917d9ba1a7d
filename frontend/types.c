/* types.c - the interning table of types, and their text.
 *
 * Types that are made from others (lists, functions, instances of structs) are
 * found by hash of their parts, so that equal types are one pointer.  Nesting
 * is bounded by TYPE_MAX_DEPTH, which the checker enforces where a list type is
 * about to be made; recursion over a type is therefore safe everywhere. */
#include "frontend/check.h"

#include <string.h>

struct types {
    struct type **slots; /* open addressing; NULL: free */
    uint32_t n, cap;     /* cap is a power of two */
    struct type *error_value;
    bool filling;     /* type_fill_all is at work */
    struct type *bad; /* an instance that cannot be: type_bad_instance */
};

const struct type type_simple[TYPE_ANY + 1] = {
    [TYPE_ERROR] = {.kind = TYPE_ERROR, .text = "?"},
    [TYPE_NEVER] = {.kind = TYPE_NEVER, .text = "never"},
    [TYPE_UNIT] = {.kind = TYPE_UNIT, .text = "()"},
    [TYPE_INT] = {.kind = TYPE_INT, .text = "int"},
    [TYPE_FLOAT] = {.kind = TYPE_FLOAT, .text = "float"},
    [TYPE_BOOL] = {.kind = TYPE_BOOL, .text = "bool"},
    [TYPE_BYTE] = {.kind = TYPE_BYTE, .text = "byte"},
    [TYPE_STR] = {.kind = TYPE_STR, .text = "str"},
    [TYPE_ANY] = {.kind = TYPE_ANY, .text = "any"},
};

struct types *types_open(struct unit *u)
{
    struct types *t = ARENA_NEW(u->arena, struct types);

    t->cap = 64;
    t->slots = ARENA_ARRAY(u->arena, struct type *, t->cap);
    t->error_value = ARENA_NEW(u->arena, struct type);
    t->error_value->kind = TYPE_STRUCT;
    t->error_value->text = "Error";
    return t;
}

static uint64_t mix(uint64_t h, uint64_t v)
{
    return (h ^ v) * UINT64_C(0x9e3779b97f4a7c15);
}

static uint64_t hash_of(const struct type *t)
{
    uint64_t h = mix(t->kind, t->muts);

    h = mix(h ^ h >> 32, (uintptr_t)t->decl);
    for (uint32_t i = 0; i < t->nargs; i++)
        h = mix(h ^ h >> 32, (uintptr_t)t->args[i]);
    return h ^ h >> 32;
}

static bool same_parts(const struct type *a, const struct type *b)
{
    if (a->kind != b->kind || a->nargs != b->nargs || a->muts != b->muts ||
        a->decl != b->decl)
        return false;
    for (uint32_t i = 0; i < a->nargs; i++)
        if (a->args[i] != b->args[i])
            return false;
    return true;
}

static void grow(struct types *t, struct arena *a)
{
    uint32_t cap = t->cap * 2;
    struct type **slots = ARENA_ARRAY(a, struct type *, cap);

    for (uint32_t i = 0; i < t->cap; i++) {
        if (!t->slots[i])
            continue;
        uint64_t h = hash_of(t->slots[i]);
        while (slots[h & (cap - 1)])
            h++;
        slots[h & (cap - 1)] = t->slots[i];
    }
    t->slots = slots;
    t->cap = cap;
}

/* The one type with the parts of `like`, whose args are copied when it is
 * new. */
static struct type *intern(struct unit *u, const struct type *like)
{
    struct types *t = u->types;
    uint64_t h;
    uint32_t deepest = 0;

    if (t->n * 2 >= t->cap)
        grow(t, u->arena);
    for (h = hash_of(like); t->slots[h & (t->cap - 1)]; h++)
        if (same_parts(t->slots[h & (t->cap - 1)], like))
            return t->slots[h & (t->cap - 1)];

    struct type *new = ARENA_NEW(u->arena, struct type);
    *new = *like;
    new->args = ARENA_ARRAY(u->arena, struct type *, like->nargs + 1);
    for (uint32_t i = 0; i < like->nargs; i++) {
        new->args[i] = like->args[i];
        if (like->args[i]->depth > deepest)
            deepest = like->args[i]->depth;
    }
    new->depth = deepest + 1;
    new->open = like->kind == TYPE_PARAM;
    for (uint32_t i = 0; i < like->nargs; i++)
        new->open |= like->args[i]->open;
    t->slots[h & (t->cap - 1)] = new;
    t->n++;
    return new;
}

static struct type *settled(struct unit *u, struct type *t);

struct type *type_list(struct unit *u, struct type *item)
{
    struct type like = {.kind = TYPE_LIST, .nargs = 1, .args = &item};

    return intern(u, &like);
}

struct type *type_map(struct unit *u, struct type *key, struct type *value)
{
    struct type *parts[] = {key, value};
    struct type like = {.kind = TYPE_MAP, .nargs = 2, .args = parts};

    return intern(u, &like);
}

struct type *type_option(struct unit *u, struct type *of)
{
    struct type like = {.kind = TYPE_OPTION,
                        .is_scalar = !type_is_ref(of),
                        .nargs = 1,
                        .args = &of};

    return intern(u, &like);
}

struct type *type_weak(struct unit *u, struct type *of)
{
    struct type like = {.kind = TYPE_WEAK, .nargs = 1, .args = &of};

    return intern(u, &like);
}

struct type *type_guardian(struct unit *u, struct type *of)
{
    struct type like = {.kind = TYPE_GUARDIAN, .nargs = 1, .args = &of};

    return intern(u, &like);
}

bool type_is_watchable(const struct type *t)
{
    switch ((enum type_kind)t->kind) {
    case TYPE_LIST:
    case TYPE_MAP:
    case TYPE_STRUCT:
    case TYPE_FN:
    case TYPE_WEAK:
    case TYPE_GUARDIAN:
    case TYPE_PARAM: return true;
    case TYPE_ENUM: return !t->is_scalar;
    default: return false;
    }
}

struct type *type_fn(struct unit *u, struct type **params, uint32_t n,
                     uint64_t muts, struct type *result)
{
    struct type like = {.kind = TYPE_FN, .nargs = n + 1, .muts = muts};

    like.args = ARENA_ARRAY(u->arena, struct type *, n + 1);
    for (uint32_t i = 0; i < n; i++)
        like.args[i] = params[i];
    like.args[n] = result;
    return intern(u, &like);
}

void type_lay_out(struct type *t)
{
    uint32_t refs = 0, scalars = 0;

    for (uint32_t i = 0; i < t->nfields; i++)
        if (type_is_ref(t->fields[i].type))
            t->fields[i].word = refs++;
    for (uint32_t i = 0; i < t->nfields; i++) {
        if (type_is_ref(t->fields[i].type))
            continue;
        t->fields[i].word = refs + scalars;
        scalars += 1 + type_is_pair(t->fields[i].type);
    }
}

struct type *type_tuple(struct unit *u, struct type **items, uint32_t n)
{
    struct type like = {.kind = TYPE_TUPLE, .nargs = n, .args = items};
    struct type *t = intern(u, &like);

    if (t->nfields)
        return t;
    t->fields = ARENA_ARRAY(u->arena, struct field, n);
    t->nfields = n;
    for (uint32_t i = 0; i < n; i++)
        t->fields[i] = (struct field){.type = t->args[i], .index = i};
    type_lay_out(t);
    return t;
}

struct type *type_struct(struct unit *u, struct sym *decl, struct type **args,
                         uint32_t n)
{
    struct type like = {
        .kind = TYPE_STRUCT, .nargs = n, .args = args, .decl = decl};

    return settled(u, intern(u, &like));
}

struct type *type_enum(struct unit *u, struct sym *decl, struct type **args,
                       uint32_t n, bool is_scalar)
{
    struct type like = {.kind = TYPE_ENUM,
                        .is_scalar = is_scalar,
                        .nargs = n,
                        .args = args,
                        .decl = decl};

    return settled(u, intern(u, &like));
}

struct type *type_param(struct unit *u, struct sym *decl, uint32_t index)
{
    struct type like = {.kind = TYPE_PARAM, .muts = index, .decl = decl};

    return intern(u, &like);
}

struct type *type_instance(struct unit *u, struct sym *fn, struct type **args,
                           uint32_t n)
{
    struct type like = {
        .kind = TYPE_INSTANCE, .nargs = n, .args = args, .decl = fn};

    return intern(u, &like);
}

static bool variants_are_keys(struct type *t)
{
    bool keys = true;

    if (t->visited) /* if all else in it is one, so is the whole */
        return true;
    t->visited = true;
    for (uint32_t i = 0; i < t->nvariants; i++) {
        struct type *of = t->variants[i].payload;
        for (uint32_t k = 0; of && k < of->nfields; k++)
            keys = keys && type_is_key(of->fields[k].type);
    }
    t->visited = false;
    return keys;
}

bool type_is_key(struct type *t)
{
    switch ((enum type_kind)t->kind) {
    case TYPE_ERROR:
    case TYPE_NEVER:
    case TYPE_PARAM:
    case TYPE_INT:
    case TYPE_BYTE:
    case TYPE_BOOL:
    case TYPE_STR: return true;
    case TYPE_TUPLE:
        for (uint32_t i = 0; i < t->nargs; i++)
            if (!type_is_key(t->args[i]))
                return false;
        return true;
    case TYPE_ENUM: return variants_are_keys(t);
    default: return false;
    }
}

/* ---- instances ----------------------------------------------------------- */

/* What a struct type is an instance of. */
static struct type *generic_of(const struct type *t)
{
    const struct sym *s = t->decl;

    return s->kind == SYM_VARIANT ? s->type->variants[s->number].payload
                                  : s->type;
}

static struct type *subst_parts(struct unit *u, struct type *t,
                                const struct sym *decl,
                                struct type *const *args)
{
    struct type like = *t, *new;
    struct type **parts = ARENA_ARRAY(u->arena, struct type *, t->nargs + 1);

    for (uint32_t i = 0; i < t->nargs; i++) {
        parts[i] = type_subst(u, t->args[i], decl, args);
        if (!parts[i] || parts[i]->depth >= TYPE_MAX_DEPTH)
            return NULL;
        if (is_silent(parts[i]))
            return parts[i];
    }
    switch ((enum type_kind)t->kind) {
    case TYPE_OPTION:
        return parts[0]->kind == TYPE_OPTION ? NULL : type_option(u, parts[0]);
    case TYPE_MAP:
        if (!type_is_key(parts[0]))
            return NULL;
        break;
    case TYPE_WEAK:
    case TYPE_GUARDIAN:
        if (!type_is_watchable(parts[0]))
            return NULL;
        break;
    case TYPE_TUPLE: return type_tuple(u, parts, t->nargs);
    case TYPE_STRUCT: return type_struct(u, t->decl, parts, t->nargs);
    case TYPE_ENUM: return type_enum(u, t->decl, parts, t->nargs, t->is_scalar);
    default: break;
    }
    like.args = parts;
    like.text = NULL;
    like.ir_type = 0;
    new = intern(u, &like);
    return new;
}

struct type *type_subst(struct unit *u, struct type *t, const struct sym *decl,
                        struct type *const *args)
{
    if (!t->open)
        return t;
    if (t->kind == TYPE_PARAM)
        return t->decl == decl ? args[t->muts] : t;
    return subst_parts(u, t, decl, args);
}

struct type *type_bad_instance(struct unit *u)
{
    struct type *bad = u->types->bad;

    u->types->bad = NULL;
    return bad;
}

/* Of a payload the enum is remembered. */
static void remember_bad(struct unit *u, struct type *t)
{
    if (u->types->bad)
        return;
    u->types->bad = t;
    if (t->decl->kind == SYM_VARIANT)
        u->types->bad =
            type_enum(u, t->decl->type->decl, t->args, t->nargs, false);
}

static void fill_struct(struct unit *u, struct type *t, const struct type *of)
{
    const struct sym *decl =
        t->decl->kind == SYM_VARIANT ? t->decl->type->decl : t->decl;

    t->fields = ARENA_ARRAY(u->arena, struct field, of->nfields + 1);
    t->nfields = of->nfields;
    for (uint32_t i = 0; i < of->nfields; i++) {
        struct type *f = type_subst(u, of->fields[i].type, decl, t->args);
        t->fields[i] = of->fields[i];
        t->fields[i].type = f ? f : &type_error;
        if (!f)
            remember_bad(u, t);
    }
    if (!t->open)
        type_lay_out(t);
}

static void fill_enum(struct unit *u, struct type *t, const struct type *of)
{
    t->variants = ARENA_ARRAY(u->arena, struct variant, of->nvariants + 1);
    t->nvariants = of->nvariants;
    for (uint32_t i = 0; i < of->nvariants; i++) {
        t->variants[i] = of->variants[i];
        if (of->variants[i].payload)
            t->variants[i].payload =
                type_struct(u, of->variants[i].sym, t->args, t->nargs);
    }
}

/* An instance gets its fields by the generic type's, at once or, where these
 * are not known yet, later.  At once is never inside another at once: what a
 * field's type asks for waits in the list. */
static struct type *settled(struct unit *u, struct type *t)
{
    struct type *of = generic_of(t);

    if (t->filled || !of || of == t) /* it is the generic type itself */
        return t;
    t->filled = true;
    vec_push_in(u->arena, &u->unfilled, t);
    type_fill_all(u);
    return t;
}

void type_fill_all(struct unit *u)
{
    if (u->types->filling)
        return;
    u->types->filling = true;
    for (uint32_t i = 0; i < u->unfilled.n; i++) {
        struct type *t = u->unfilled.at[i], *of = generic_of(t);
        if (!of || !of->filled)
            continue;
        if (t->kind == TYPE_ENUM)
            fill_enum(u, t, of);
        else
            fill_struct(u, t, of);
        u->unfilled.at[i--] = u->unfilled.at[--u->unfilled.n];
    }
    u->types->filling = false;
}

struct type *type_of_error_value(struct unit *u)
{
    return u->types->error_value;
}

static const struct ast_nodes *type_params(const struct ast *decl)
{
    switch (decl->kind) {
    case AST_FN: return &AS(fn, decl)->tparams;
    case AST_STRUCT: return &AS(struct, decl)->tparams;
    default: return &AS(enum, decl)->tparams;
    }
}

static const struct name *type_param_name(const struct type *t)
{
    return AS(tparam, type_params(t->decl->decl)->at[t->muts])->name;
}

static void put_list(struct unit *u, struct bytes *b, const struct type *t,
                     uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (i)
            bytes_str(b, ", ");
        if (t->kind == TYPE_FN && i < 64 && t->muts >> i & 1)
            bytes_str(b, "mut ");
        bytes_str(b, type_text(u, t->args[i]));
    }
}

static void put_type(struct unit *u, struct bytes *b, const struct type *t)
{
    switch ((enum type_kind)t->kind) {
    case TYPE_LIST:
        bytes_byte(b, '[');
        bytes_str(b, type_text(u, t->args[0]));
        bytes_byte(b, ']');
        break;
    case TYPE_MAP:
        bytes_printf(b, "[%s: %s]", type_text(u, t->args[0]),
                     type_text(u, t->args[1]));
        break;
    case TYPE_TUPLE:
        bytes_byte(b, '(');
        put_list(u, b, t, t->nargs);
        bytes_byte(b, ')');
        break;
    case TYPE_OPTION:
        if (t->args[0] == &type_never) {
            bytes_str(b, "none");
            break;
        }
        bytes_printf(b, t->args[0]->kind == TYPE_FN ? "(%s)?" : "%s?",
                     type_text(u, t->args[0]));
        break;
    case TYPE_FN:
        bytes_str(b, "fn(");
        put_list(u, b, t, t->nargs - 1);
        bytes_byte(b, ')');
        if (t->args[t->nargs - 1] != &type_unit)
            bytes_printf(b, " -> %s", type_text(u, t->args[t->nargs - 1]));
        break;
    case TYPE_WEAK:
    case TYPE_GUARDIAN:
        bytes_printf(b, "%s[%s]", t->kind == TYPE_WEAK ? "weak" : "Guardian",
                     type_text(u, t->args[0]));
        break;
    case TYPE_PARAM: bytes_str(b, type_param_name(t)->text); break;
    case TYPE_INSTANCE:
    case TYPE_STRUCT:
    case TYPE_ENUM:
        bytes_str(b, t->decl->name->text);
        if (t->nargs) {
            bytes_byte(b, '[');
            put_list(u, b, t, t->nargs);
            bytes_byte(b, ']');
        }
        break;
    default: bytes_str(b, t->text);
    }
}

const char *type_text(struct unit *u, struct type *t)
{
    struct bytes b = bytes_in(u->mem);

    if (t->text)
        return t->text;
    put_type(u, &b, t);
    t->text = arena_strndup(u->arena, (const char *)b.at, b.n);
    bytes_free(&b);
    return t->text;
}
