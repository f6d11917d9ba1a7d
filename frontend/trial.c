/* trial.c - arguments to try a function with. */
#include "frontend/trial.h"

#include <inttypes.h>

static const char *const floats[] = {"0.0",     "1.0",       "-0.0",
                                     "-1.5",    "0.1",       "1e300",
                                     "-5e-324", "0.0 / 0.0", "1.0 / 0.0"};
static const char *const strings[] = {"\"\"", "\"a\"", "\"ab\"", "\"ä\\n\""};

enum {
    NFLOATS = sizeof floats / sizeof *floats,
    NSTRINGS = sizeof strings / sizeof *strings,
    DEEPEST = 4, /* lists below are empty */
    MANY = 200,  /* objects; then those that are there stand for others */
    USUAL_LENGTH = 6,
    LARGE_LENGTH = 40
};

/* ---- types --------------------------------------------------------------- */

struct looking { /* for a type without values */
    struct unit *u;
    VEC(const struct type *) met;
};

static bool is_word(const struct type *t)
{
    return t->kind <= TYPE_STR;
}

static bool is_made(const struct unit *u, const struct type *t)
{
    switch ((enum type_kind)t->kind) {
    case TYPE_LIST:
    case TYPE_MAP:
    case TYPE_OPTION:
    case TYPE_TUPLE: return true;
    case TYPE_STRUCT:
    case TYPE_ENUM: return t->decl && t->decl->module == u->top;
    default: return false;
    }
}

static const struct type *lacks(struct looking *x, const struct type *t);

static const struct type *lacks_some(struct looking *x, struct type *const *of,
                                     uint32_t n)
{
    const struct type *found = NULL;

    for (uint32_t i = 0; i < n && !found; i++)
        found = lacks(x, of[i]);
    return found;
}

static const struct type *lacks_field(struct looking *x, const struct type *t)
{
    const struct type *found = NULL;

    for (uint32_t i = 0; t && i < t->nfields && !found; i++)
        found = lacks(x, t->fields[i].type);
    return found;
}

static const struct type *lacks(struct looking *x, const struct type *t)
{
    const struct type *found = NULL;

    if (is_word(t) && t->kind >= TYPE_INT)
        return NULL;
    if (!is_made(x->u, t))
        return t;
    for (uint32_t i = 0; i < x->met.n; i++)
        if (x->met.at[i] == t)
            return NULL;
    vec_push_in(x->u->arena, &x->met, t);
    if (t->kind == TYPE_ENUM) {
        for (uint32_t i = 0; i < t->nvariants && !found; i++)
            found = lacks_field(x, t->variants[i].payload);
        return found;
    }
    return t->kind == TYPE_STRUCT || t->kind == TYPE_TUPLE
               ? lacks_field(x, t)
               : lacks_some(x, t->args, t->nargs);
}

const struct type *trial_lacks(struct unit *u, const struct sym *fn)
{
    struct looking x = {.u = u};
    const struct type *found = NULL;

    for (uint32_t i = 0; i + 1 < fn->type->nargs && !found; i++)
        found = lacks(&x, fn->type->args[i]);
    return found;
}

/* ---- making -------------------------------------------------------------- */

/* SplitMix64 (Steele, Lea, Flood 2014). */
static uint64_t next(struct trial *t)
{
    uint64_t z = t->random += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static uint32_t below(struct trial *t, uint32_t n)
{
    return (uint32_t)(next(t) % n);
}

/* Mostly what may be an index or a length; also what finds trouble. */
static int64_t make_int(struct trial *t)
{
    switch (below(t, 16)) {
    case 0:
    case 1:
    case 2: return 0;
    case 3: return 1;
    case 4: return -1;
    case 5: return below(t, 2) ? INT64_MIN : INT64_MAX;
    case 6: return (int64_t)below(t, 201) - 100;
    case 7: return (int64_t)(next(t) >> 32);
    case 8: return (int64_t)next(t);
    case 9:
    case 10: return t->length;
    case 11:
    case 12: return below(t, t->length + 1);
    default: return below(t, 9);
    }
}

static int64_t make_byte(struct trial *t)
{
    static const uint8_t special[] = {0, 1, 127, 128, 255};

    return below(t, 2) ? special[below(t, sizeof special)] : below(t, 256);
}

static uint32_t make_length(struct trial *t, uint32_t depth)
{
    uint32_t n = below(t, 16);

    if (n == 0 || depth >= DEEPEST || t->objects.n > MANY)
        return 0;
    return n < 4 ? below(t, USUAL_LENGTH + 1) : t->length;
}

/* An object that is there already, one time in four. */
static struct trial_value *make_alias(struct trial *t, const struct type *type)
{
    struct trial_value *v;

    if (!t->objects.n || (below(t, 4) && t->objects.n <= MANY))
        return NULL;
    for (uint32_t i = 0; i < 1 + (t->objects.n > MANY ? t->objects.n : 0);
         i++) {
        v = t->objects.at[below(t, t->objects.n)];
        if (v->type == type)
            return v;
    }
    return NULL;
}

/* Lists of numbers are any, or all zero, or a permutation, or rising. */
static void arrange(struct trial *t, struct trial_value *v)
{
    uint32_t how = below(t, 8), n = v->nparts;

    for (uint32_t i = 0; i < n; i++)
        if (how == 0)
            v->parts[i]->word = 0;
        else if (how == 1 || how == 2)
            v->parts[i]->word = i;
    for (uint32_t i = n; how == 1 && i > 1; i--) {
        uint32_t k = below(t, i);
        struct trial_value *swapped = v->parts[i - 1];
        v->parts[i - 1] = v->parts[k];
        v->parts[k] = swapped;
    }
}

/* ---- variants ------------------------------------------------------------ */

/* How many values lie in one another in the smallest of a type, of which one
 * more round is known: those of enums and structs begin as endless. */
struct smallest {
    const struct looking *types;
    uint32_t *height;
};

static uint32_t height_of(const struct smallest *x, const struct type *t)
{
    for (uint32_t i = 0; i < x->types->met.n; i++)
        if (x->types->met.at[i] == t)
            return x->height[i];
    return 0;
}

static uint32_t height_of_fields(const struct smallest *x, const struct type *t)
{
    uint32_t most = 0;

    for (uint32_t i = 0; t && i < t->nfields; i++) {
        uint32_t h = height_of(x, t->fields[i].type);
        most = h > most ? h : most;
    }
    return most == UINT32_MAX ? most : most + 1;
}

static uint32_t smallest_variant(const struct smallest *x, const struct type *t,
                                 uint32_t *height)
{
    uint32_t best = 0;

    *height = UINT32_MAX;
    for (uint32_t i = 0; i < t->nvariants; i++) {
        uint32_t h = height_of_fields(x, t->variants[i].payload);
        if (h < *height) {
            *height = h;
            best = i;
        }
    }
    return best;
}

static bool look_again(struct smallest *x)
{
    bool lower = false;

    for (uint32_t i = 0; i < x->types->met.n; i++) {
        const struct type *t = x->types->met.at[i];
        uint32_t h = x->height[i];
        if (t->kind == TYPE_ENUM)
            smallest_variant(x, t, &h);
        else if (t->kind == TYPE_STRUCT || t->kind == TYPE_TUPLE)
            h = height_of_fields(x, t);
        lower |= h < x->height[i];
        x->height[i] = h;
    }
    return lower;
}

/* The variant that leads to an end soonest: the checker has seen that there
 * is one. */
static uint32_t ending_variant(struct trial *t, const struct type *type)
{
    struct looking types = {.u = t->u};
    struct smallest x = {.types = &types};
    uint32_t h;

    lacks(&types, type);
    x.height = ARENA_ARRAY(t->arena, uint32_t, types.met.n + 1);
    for (uint32_t i = 0; i < types.met.n; i++) {
        enum type_kind k = (enum type_kind)types.met.at[i]->kind;
        bool ends = k == TYPE_LIST || k == TYPE_MAP || k == TYPE_OPTION;
        x.height[i] = ends ? 0 : UINT32_MAX;
    }
    while (look_again(&x))
        ;
    return smallest_variant(&x, type, &h);
}

/* ---- values -------------------------------------------------------------- */

static struct type *part_type(const struct trial_value *v, uint32_t i)
{
    const struct type *t = v->type;

    switch ((enum type_kind)t->kind) {
    case TYPE_LIST:
    case TYPE_OPTION: return t->args[0];
    case TYPE_MAP: return t->args[i % 2]; /* keys before their values */
    case TYPE_ENUM: return t->variants[v->word].payload->fields[i].type;
    default: return t->fields[i].type;
    }
}

/* How many parts a value has; of an enum, which variant, too. */
static uint32_t make_shape(struct trial *t, struct trial_value *v,
                           uint32_t depth)
{
    const struct type *type = v->type, *payload;

    switch ((enum type_kind)type->kind) {
    case TYPE_LIST: return make_length(t, depth);
    case TYPE_MAP: return 2 * make_length(t, depth);
    case TYPE_OPTION: return depth < DEEPEST && below(t, 4);
    case TYPE_ENUM:
        v->word = below(t, type->nvariants);
        if (depth >= DEEPEST)
            v->word = ending_variant(t, type);
        payload = type->variants[v->word].payload;
        return payload ? payload->nfields : 0;
    default: return type->nfields;
    }
}

static struct trial_value *make(struct trial *t, struct type *type,
                                uint32_t depth)
{
    struct trial_value *v;

    if (!is_word(type) && (v = make_alias(t, type)))
        return v;
    v = ARENA_NEW(t->arena, struct trial_value);
    v->type = type;
    switch (type->kind) {
    case TYPE_INT: v->word = make_int(t); return v;
    case TYPE_BYTE: v->word = make_byte(t); return v;
    case TYPE_BOOL: v->word = below(t, 2); return v;
    case TYPE_FLOAT: v->word = below(t, NFLOATS); return v;
    case TYPE_STR: v->word = below(t, NSTRINGS); return v;
    default: break;
    }
    v->nparts = make_shape(t, v, depth);
    v->parts = ARENA_ARRAY(t->arena, struct trial_value *, v->nparts + 1);
    for (uint32_t i = 0; i < v->nparts; i++)
        v->parts[i] = make(t, part_type(v, i), depth + 1);
    if (type->kind == TYPE_LIST &&
        (type->args[0] == &type_int || type->args[0] == &type_byte))
        arrange(t, v);
    vec_push_in(t->arena, &t->objects, v);
    return v;
}

void trial_make(struct trial *t, struct unit *u, struct arena *a,
                struct sym *fn, uint64_t seed)
{
    uint32_t n = fn->type->nargs - 1;

    *t = (struct trial){.u = u, .arena = a, .fn = fn, .random = seed};
    t->length = below(t, below(t, 16) ? USUAL_LENGTH + 1 : LARGE_LENGTH);
    t->args = ARENA_ARRAY(a, struct trial_value *, n + 1);
    for (uint32_t i = 0; i < n; i++) {
        t->args[i] = make(t, fn->type->args[i], 0);
        /* what is counted or collected often begins as nothing */
        if (fn->type->muts >> i & 1 && is_word(t->args[i]->type) && below(t, 2))
            t->args[i]->word = 0;
    }
}

/* ---- text ---------------------------------------------------------------- */

struct text {
    struct trial *t;
    const char *prefix, *indent;
    struct bytes *decls;
    uint32_t names;
};

static void count(struct trial *t, struct trial_value *v)
{
    if (v->walk != t->walk) {
        v->walk = t->walk;
        v->seen = 0;
        v->name = 0;
        for (uint32_t i = 0; i < v->nparts; i++)
            count(t, v->parts[i]);
    }
    v->seen++;
}

static void print_scalar(const struct trial_value *v, struct bytes *out)
{
    switch (v->type->kind) {
    case TYPE_BOOL: bytes_str(out, v->word ? "true" : "false"); break;
    case TYPE_FLOAT: bytes_str(out, floats[v->word]); break;
    case TYPE_STR: bytes_str(out, strings[v->word]); break;
    default: bytes_printf(out, "%" PRId64, v->word);
    }
}

static void print_value(struct text *x, struct trial_value *v,
                        struct bytes *out);

/* What stands before the parts. */
static void print_head(const struct trial_value *v, struct bytes *out)
{
    const struct type *t = v->type;

    if (t->decl)
        bytes_str(out, t->decl->name->text);
    if (t->kind == TYPE_ENUM)
        bytes_printf(out, ".%s", t->variants[v->word].sym->name->text);
}

static void print_parts(struct text *x, const struct trial_value *v,
                        struct bytes *out)
{
    enum type_kind k = (enum type_kind)v->type->kind;
    bool brackets = k == TYPE_LIST || k == TYPE_MAP;

    if (k == TYPE_OPTION) {
        if (v->nparts)
            print_value(x, v->parts[0], out);
        else
            bytes_str(out, "none");
        return;
    }
    print_head(v, out);
    if (k == TYPE_ENUM && !v->nparts)
        return;
    bytes_byte(out, brackets ? '[' : '(');
    for (uint32_t i = 0; i < v->nparts; i++) {
        bytes_str(out, i == 0 ? "" : k == TYPE_MAP && i % 2 ? ": " : ", ");
        print_value(x, v->parts[i], out);
    }
    if (k == TYPE_MAP && !v->nparts)
        bytes_byte(out, ':');
    bytes_byte(out, brackets ? ']' : ')');
}

static void declare(struct text *x, struct trial_value *v, bool is_var)
{
    struct bytes value = bytes_in(x->t->u->mem);

    if (!is_word(v->type))
        print_parts(x, v, &value);
    else
        print_scalar(v, &value);
    v->name = ++x->names;
    bytes_printf(x->decls, "%s%s %s%u: %s = %.*s\n", x->indent,
                 is_var ? "var" : "let", x->prefix, v->name,
                 type_text(x->t->u, (struct type *)(uintptr_t)v->type),
                 (int)value.n, (const char *)value.at);
    bytes_free(&value);
}

/* A value, or the variable for an object that stands at several places. */
static void print_value(struct text *x, struct trial_value *v,
                        struct bytes *out)
{
    if (is_word(v->type)) {
        print_scalar(v, out);
    } else if (v->seen < 2) {
        print_parts(x, v, out);
    } else {
        if (!v->name)
            declare(x, v, false);
        bytes_printf(out, "%s%u", x->prefix, v->name);
    }
}

/* A variable of its own for each argument that is updated or an object. */
static void print_argument(struct text *x, uint32_t i, struct bytes *call)
{
    const struct trial *t = x->t;
    struct trial_value *v = t->args[i];
    bool is_mut = t->fn->type->muts >> i & 1;

    if (is_word(v->type) && !is_mut) {
        print_scalar(v, call);
        return;
    }
    if (!v->name && !(is_mut && v->seen > 1))
        declare(x, v, is_mut);
    if (is_mut && v->seen > 1) { /* a variable that refers to it */
        struct bytes of = bytes_in(t->u->mem);
        print_value(x, v, &of);
        bytes_printf(x->decls, "%svar %s%u: %s = %.*s\n", x->indent, x->prefix,
                     ++x->names,
                     type_text(t->u, (struct type *)(uintptr_t)v->type),
                     (int)of.n, (const char *)of.at);
        bytes_free(&of);
        bytes_printf(call, "&%s%u", x->prefix, x->names);
        return;
    }
    bytes_printf(call, "%s%s%u", is_mut ? "&" : "", x->prefix, v->name);
}

void trial_print(struct trial *t, const char *prefix, const char *indent,
                 struct bytes *decls, struct bytes *call)
{
    struct text x = {t, prefix, indent, decls, 0};
    uint32_t n = t->fn->type->nargs - 1;

    t->walk++;
    for (uint32_t i = 0; i < n; i++)
        count(t, t->args[i]);
    bytes_printf(call, "%s(", t->fn->name->text);
    for (uint32_t i = 0; i < n; i++) {
        bytes_str(call, i ? ", " : "");
        print_argument(&x, i, call);
    }
    bytes_byte(call, ')');
}

/* ---- making simpler ------------------------------------------------------ */

struct shrink {
    struct trial *t;
    bool (*fails)(void *arg, struct trial *t);
    void *arg;
    uint32_t tries; /* that are left */
    VEC(struct trial_value *) all;
};

static bool still_fails(struct shrink *s)
{
    if (!s->tries)
        return false;
    s->tries--;
    return s->fails(s->arg, s->t);
}

static void collect(struct shrink *s, struct trial_value *v)
{
    if (v->walk == s->t->walk)
        return;
    v->walk = s->t->walk;
    vec_push_in(s->t->arena, &s->all, v);
    for (uint32_t i = 0; i < v->nparts; i++)
        collect(s, v->parts[i]);
}

/* 0, 1, -1, 2, -2, ... */
static uint64_t rank(int64_t w)
{
    uint64_t size = w < 0 ? -(uint64_t)w : (uint64_t)w;

    return size > UINT64_MAX / 2 ? UINT64_MAX : 2 * size + (w < 0);
}

static bool try_word(struct shrink *s, struct trial_value *v, int64_t word)
{
    int64_t old = v->word;

    if (rank(word) >= rank(old))
        return false;
    v->word = word;
    if (still_fails(s))
        return true;
    v->word = old;
    return false;
}

static bool shrink_word(struct shrink *s, struct trial_value *v)
{
    int64_t w = v->word;
    bool is_int = v->type->kind == TYPE_INT || v->type->kind == TYPE_BYTE;

    if (w == 0)
        return false;
    if (try_word(s, v, 0) || try_word(s, v, 1))
        return true;
    return is_int &&
           ((w < 0 && w != INT64_MIN && try_word(s, v, -w)) ||
            try_word(s, v, w / 2) || try_word(s, v, w - (w < 0 ? -1 : 1)));
}

/* Leaves n parts out from number `from` on. */
static bool try_without(struct shrink *s, struct trial_value *v, uint32_t from,
                        uint32_t n)
{
    struct trial_value **old = v->parts;
    uint32_t nold = v->nparts;

    v->parts = ARENA_ARRAY(s->t->arena, struct trial_value *, nold);
    v->nparts = 0;
    for (uint32_t i = 0; i < nold; i++)
        if (i < from || i >= from + n)
            v->parts[v->nparts++] = old[i];
    if (still_fails(s))
        return true;
    v->parts = old;
    v->nparts = nold;
    return false;
}

/* Of a list, an option, or a map, where `step` is 2. */
static bool shrink_parts(struct shrink *s, struct trial_value *v, uint32_t step)
{
    bool smaller = false;

    for (uint32_t n = v->nparts / step; n; n /= 2)
        for (uint32_t i = 0; i + n * step <= v->nparts;) {
            bool without = try_without(s, v, i, n * step);
            smaller |= without;
            i += without ? 0 : n * step;
        }
    return smaller;
}

static bool shrink_value(struct shrink *s, struct trial_value *v)
{
    switch ((enum type_kind)v->type->kind) {
    case TYPE_LIST:
    case TYPE_OPTION: return shrink_parts(s, v, 1);
    case TYPE_MAP: return shrink_parts(s, v, 2);
    default: return is_word(v->type) && shrink_word(s, v);
    }
}

void trial_shrink(struct trial *t, bool (*fails)(void *arg, struct trial *t),
                  void *arg, uint32_t tries)
{
    struct shrink s = {.t = t, .fails = fails, .arg = arg, .tries = tries};
    bool smaller = true;

    while (smaller && s.tries) {
        smaller = false;
        s.all.n = 0;
        t->walk++;
        for (uint32_t i = 0; i + 1 < t->fn->type->nargs; i++)
            collect(&s, t->args[i]);
        for (uint32_t i = 0; i < s.all.n; i++)
            smaller |= shrink_value(&s, s.all.at[i]);
    }
}
