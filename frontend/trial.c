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

static const struct type *lacks(struct looking *x, const struct type *t)
{
    const struct type *found = NULL;

    if (t->kind <= TYPE_STR && t->kind >= TYPE_INT)
        return NULL;
    if (t->kind != TYPE_LIST && t->kind != TYPE_TUPLE &&
        (t->kind != TYPE_STRUCT || !t->decl || t->decl->module != x->u->top))
        return t;
    for (uint32_t i = 0; i < x->met.n; i++)
        if (x->met.at[i] == t)
            return NULL;
    vec_push_in(x->u->arena, &x->met, t);
    if (t->kind == TYPE_LIST)
        return lacks(x, t->args[0]);
    for (uint32_t i = 0; i < t->nfields && !found; i++)
        found = lacks(x, t->fields[i].type);
    return found;
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

static struct trial_value *make(struct trial *t, struct type *type,
                                uint32_t depth)
{
    struct trial_value *v;
    bool is_list = type->kind == TYPE_LIST;

    if (type->kind > TYPE_STR && (v = make_alias(t, type)))
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
    v->nparts = is_list ? make_length(t, depth) : type->nfields;
    v->parts = ARENA_ARRAY(t->arena, struct trial_value *, v->nparts + 1);
    for (uint32_t i = 0; i < v->nparts; i++)
        v->parts[i] =
            make(t, is_list ? type->args[0] : type->fields[i].type, depth + 1);
    if (is_list && (type->args[0] == &type_int || type->args[0] == &type_byte))
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
        if (fn->type->muts >> i & 1 && t->args[i]->nparts == 0 && below(t, 2))
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

static void print_parts(struct text *x, const struct trial_value *v,
                        struct bytes *out)
{
    bool is_list = v->type->kind == TYPE_LIST;

    bytes_str(out, is_list         ? "["
                   : v->type->decl ? v->type->decl->name->text
                                   : "");
    if (!is_list)
        bytes_byte(out, '(');
    for (uint32_t i = 0; i < v->nparts; i++) {
        bytes_str(out, i ? ", " : "");
        print_value(x, v->parts[i], out);
    }
    bytes_byte(out, is_list ? ']' : ')');
}

static void declare(struct text *x, struct trial_value *v, bool is_var)
{
    struct bytes value = bytes_in(x->t->u->mem);

    if (v->type->kind > TYPE_STR)
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
    if (v->type->kind <= TYPE_STR) {
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

    if (v->type->kind <= TYPE_STR && !is_mut) {
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

static bool shrink_list(struct shrink *s, struct trial_value *v)
{
    bool smaller = false;

    for (uint32_t n = v->nparts; n; n /= 2)
        for (uint32_t i = 0; i + n <= v->nparts;) {
            bool without = try_without(s, v, i, n);
            smaller |= without;
            i += without ? 0 : n;
        }
    return smaller;
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
        for (uint32_t i = 0; i < s.all.n; i++) {
            struct trial_value *v = s.all.at[i];
            if (v->type->kind == TYPE_LIST)
                smaller |= shrink_list(&s, v);
            else if (v->type->kind <= TYPE_STR)
                smaller |= shrink_word(&s, v);
        }
    }
}
