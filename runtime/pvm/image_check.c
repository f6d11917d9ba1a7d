/* image_check.c - whether what an image says of itself holds.
 *
 * Everything but the code: afterwards every index and span in the image's
 * tables can be followed without a further look. */
#include <string.h>

#include "runtime/base/utf8.h"
#include "runtime/pvm/image_file.h"

enum {
    TYPES_MOST = 1 << 24,   /* an object header has 24 bits for its type */
    WORDS_MOST = 1 << 24,   /* of a struct's payload */
    FNS_MOST = 1 << 22,     /* a call has 22 bits for its function */
    CODE_MOST = 1 << 28,    /* a return record has 32 bits for a place in it */
    IMPORTS_MOST = 1 << 16, /* and 16 for a native */
    STRING_SHARE = 16       /* how often a byte of text may be used */
};

#define REFUSE(err, ...) pvm_error_at_(err, UINT32_MAX, __VA_ARGS__)

/* ---- strings ------------------------------------------------------------- */

/* The text as a whole is valid, and strings begin and end between its code
 * points: so each is valid by itself, at the cost of one pass.  A NUL behind
 * each lets it be read where it stands.  Strings may
 * share text, but not so often that their sum leaves all proportion. */
static enum pal_status check_strings(const struct pvm_image *im,
                                     struct pvm_error *err)
{
    uint64_t sum = 0, most = (uint64_t)im->ntext * STRING_SHARE;
    size_t bad = utf8_check(im->text, im->ntext);

    if (bad < im->ntext)
        return REFUSE(err, "the text is no UTF-8 at byte %zu", bad);
    for (uint32_t i = 0; i < im->nstrings; i++) {
        struct pvm_str s = im->strings[i];

        if (s.at >= im->ntext || s.len >= im->ntext - s.at)
            return REFUSE(err, "string %u lies outside the text", i);
        if (im->text[s.at + s.len])
            return REFUSE(err, "string %u has no NUL behind it", i);
        if (!utf8_is_boundary(im->text, im->ntext, s.at))
            return REFUSE(err, "string %u cuts a code point", i);
        sum += s.len;
    }
    if (sum > most)
        return REFUSE(err, "the strings share text more than %d times over",
                      STRING_SHARE);
    if (im->nstrings < pvm_nbuiltin_strings)
        return REFUSE(err, "the built-in strings are missing");
    for (uint32_t i = 0; i < pvm_nbuiltin_strings; i++) {
        struct pvm_str s = im->strings[i];
        const char *want = pvm_builtin_strings[i];

        if (s.len != strlen(want) || memcmp(im->text + s.at, want, s.len))
            return REFUSE(err, "string %u is not '%s'", i, want);
    }
    return PAL_OK;
}

/* ---- types --------------------------------------------------------------- */

/* Whether a register can have this type. */
static bool is_value_type(const struct pvm_image *im, struct pvm_value_type v)
{
    if (v.kind != PVM_REF)
        return v.kind > PVM_NONE && v.kind < PVM_REF && v.type == 0;
    return v.type < im->ntypes && pvm_is_value_kind(im->types[v.type].kind);
}

/* Whether a field, item, key or value of a map can. */
static bool is_part_type(const struct pvm_image *im, struct pvm_value_type v)
{
    if (v.kind == PVM_INT && v.type)
        return v.type < im->ntypes && im->types[v.type].kind == PVM_TYPE_NAMES;
    return is_value_type(im, v);
}

static bool same_value_type(struct pvm_value_type a, struct pvm_value_type b)
{
    return a.kind == b.kind && a.type == b.type;
}

static bool same_values(const struct pvm_value_type *a,
                        const struct pvm_value_type *b, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (!same_value_type(a[i], b[i]))
            return false;
    }
    return true;
}

static bool same_type(const struct pvm_type *a, const struct pvm_type *b)
{
    if (a->kind != b->kind || a->name != b->name || a->nrefs != b->nrefs ||
        a->nscalars != b->nscalars || a->nfields != b->nfields ||
        !same_value_type(a->item, b->item) || !same_value_type(a->key, b->key))
        return false;
    for (uint32_t i = 0; i < a->nfields; i++) {
        if (a->fields[i].name != b->fields[i].name ||
            a->fields[i].word != b->fields[i].word ||
            !same_value_type(a->fields[i].of, b->fields[i].of))
            return false;
    }
    return true;
}

/* The words of a payload follow from its fields: references first, then
 * scalars, each in source order. */
static enum pal_status check_fields(const struct pvm_image *im, uint32_t index,
                                    struct pvm_error *err)
{
    const struct pvm_type *t = &im->types[index];
    uint32_t ref = 0, scalar = t->nrefs;

    if (t->nfields > WORDS_MOST || t->nrefs > t->nfields ||
        t->nscalars != t->nfields - t->nrefs)
        return REFUSE(err, "type %u has words that are no fields", index);
    for (uint32_t i = 0; i < t->nfields; i++) {
        const struct pvm_field *f = &t->fields[i];
        uint32_t *word = f->of.kind == PVM_REF ? &ref : &scalar;

        if (f->name >= im->nstrings)
            return REFUSE(err, "field %u of type %u has no name", i, index);
        if (!is_part_type(im, f->of))
            return REFUSE(err, "field %u of type %u has no type", i, index);
        if (f->word != *word)
            return REFUSE(err, "field %u of type %u is at word %u, not %u", i,
                          index, f->word, *word);
        ++*word;
    }
    if (ref != t->nrefs)
        return REFUSE(err, "type %u has %u references, not %u", index, ref,
                      t->nrefs);
    return PAL_OK;
}

/* Variants and names take no words. */
static enum pal_status check_names(const struct pvm_image *im, uint32_t index,
                                   struct pvm_error *err)
{
    const struct pvm_type *t = &im->types[index];
    bool is_sum = t->kind == PVM_TYPE_SUM;

    if (t->nrefs || t->nscalars || t->nfields > WORDS_MOST)
        return REFUSE(err, "type %u has words and may have none", index);
    for (uint32_t i = 0; i < t->nfields; i++) {
        const struct pvm_field *f = &t->fields[i];
        uint8_t kind = is_sum && f->of.type < im->ntypes
                           ? im->types[f->of.type].kind
                           : PVM_TYPE_NULL;

        if (f->name >= im->nstrings || f->word)
            return REFUSE(err, "%u of type %u has no name, or a word", i,
                          index);
        if (!is_sum && (f->of.kind != PVM_NONE || f->of.type))
            return REFUSE(err, "name %u of type %u has a type", i, index);
        if (is_sum && (f->of.kind != PVM_REF || f->of.type < PVM_TYPE_FIRST ||
                       (kind != PVM_TYPE_STRUCT && kind != PVM_TYPE_UNIT)))
            return REFUSE(err, "variant %u of type %u is no struct or unit", i,
                          index);
    }
    return PAL_OK;
}

/* Whether they can be those of a function. */
static bool are_values(const struct pvm_image *im,
                       const struct pvm_value_type *at, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (!is_value_type(im, at[i]))
            return false;
    }
    return true;
}

/* Its function is looked at once all functions are known to be sound. */
static enum pal_status check_closure(const struct pvm_image *im, uint32_t index,
                                     struct pvm_error *err)
{
    const struct pvm_type *t = &im->types[index];

    if (t->of_fn >= im->ntypes || im->types[t->of_fn].kind != PVM_TYPE_FN)
        return REFUSE(err, "type %u is a closure of no function type", index);
    if (t->fn >= im->nfns)
        return REFUSE(err, "type %u is a closure of no function", index);
    return check_fields(im, index, err);
}

static enum pal_status check_kind(const struct pvm_image *im, uint32_t index,
                                  struct pvm_error *err)
{
    const struct pvm_type *t = &im->types[index];

    switch (t->kind) {
    case PVM_TYPE_STRUCT:
    case PVM_TYPE_GLOBALS: return check_fields(im, index, err);
    case PVM_TYPE_SUM:
    case PVM_TYPE_NAMES: return check_names(im, index, err);
    case PVM_TYPE_CLOSURE: return check_closure(im, index, err);
    case PVM_TYPE_FN:
        if (!are_values(im, t->params, t->nparams) ||
            !are_values(im, t->results, t->nresults))
            return REFUSE(err, "type %u takes or gives what has no type",
                          index);
        /* fallthrough */
    case PVM_TYPE_UNIT:
        if (t->nrefs || t->nscalars || t->nfields)
            return REFUSE(err, "type %u has fields and may have none", index);
        return PAL_OK;
    case PVM_TYPE_LIST:
        if (!is_part_type(im, t->item))
            return REFUSE(err, "the items of type %u have no type", index);
        if (t->nrefs || t->nscalars || t->nfields)
            return REFUSE(err, "type %u is a list and has fields", index);
        return PAL_OK;
    case PVM_TYPE_MAP:
        if (!is_part_type(im, t->key) || !is_part_type(im, t->item))
            return REFUSE(err, "keys or values of type %u have no type", index);
        if (t->nrefs || t->nscalars || t->nfields)
            return REFUSE(err, "type %u is a map and has fields", index);
        return PAL_OK;
    default:
        return REFUSE(err, "type %u is of a kind no program defines", index);
    }
}

static enum pal_status check_type(const struct pvm_image *im, uint32_t index,
                                  struct pvm_error *err)
{
    const struct pvm_type *t = &im->types[index];
    bool no_item = t->item.kind == PVM_NONE && t->item.type == 0;

    if (t->name >= im->nstrings)
        return REFUSE(err, "type %u has no name", index);
    if (t->kind != PVM_TYPE_LIST && t->kind != PVM_TYPE_MAP && !no_item)
        return REFUSE(err, "type %u is no list and has items", index);
    return check_kind(im, index, err);
}

/* A type is a variant of one sum at most, once: so an object says which. */
static enum pal_status check_variants(const struct pvm_image *im,
                                      struct pvm_error *err)
{
    bool *taken = NULL;

    for (uint32_t i = PVM_TYPE_FIRST; i < im->ntypes; i++) {
        const struct pvm_type *t = &im->types[i];

        if (t->kind != PVM_TYPE_SUM)
            continue;
        if (!taken)
            taken = ARENA_ARRAY(im->arena, bool, im->ntypes);
        if (!taken)
            return PAL_NOMEM;
        for (uint32_t k = 0; k < t->nfields; k++) {
            uint32_t variant = t->fields[k].of.type;

            if (taken[variant])
                return REFUSE(err, "type %u is the variant of two", variant);
            taken[variant] = true;
        }
    }
    return PAL_OK;
}

struct keys { /* struct and sum types that keys have or hold */
    bool *seen;
    uint32_t *todo, n;
};

/* Whether a value can be a key, as far as its type alone tells; the parts of a
 * struct and the variants of a sum are looked at later. */
static bool add_key(const struct pvm_image *im, struct keys *k,
                    struct pvm_value_type v)
{
    if (v.kind != PVM_REF)
        return v.kind != PVM_FLOAT;
    switch (im->types[v.type].kind) {
    case PVM_TYPE_STR:
    case PVM_TYPE_UNIT: return true;
    case PVM_TYPE_STRUCT:
    case PVM_TYPE_SUM:
        if (!k->seen[v.type])
            k->todo[k->n++] = v.type;
        k->seen[v.type] = true;
        return true;
    default: return false;
    }
}

/* Keys are ints, bytes, bools and strs, or structs and sums of keys: comparing
 * two comes upon no map, and finds each equal to itself. */
static enum pal_status check_keys(const struct pvm_image *im,
                                  struct pvm_error *err)
{
    struct keys k = {.seen = NULL};
    for (uint32_t i = PVM_TYPE_FIRST; i < im->ntypes; i++) {
        if (im->types[i].kind != PVM_TYPE_MAP)
            continue;
        if (!k.seen) {
            k.seen = ARENA_ARRAY(im->arena, bool, im->ntypes);
            k.todo = ARENA_ARRAY(im->arena, uint32_t, im->ntypes);
        }
        if (!k.seen || !k.todo)
            return PAL_NOMEM;
        if (!add_key(im, &k, im->types[i].key))
            return REFUSE(err, "type %u is a map whose keys can be none", i);
    }
    for (uint32_t i = 0; i < k.n; i++) {
        const struct pvm_type *t = &im->types[k.todo[i]];

        for (uint32_t f = 0; f < t->nfields; f++) {
            if (!add_key(im, &k, t->fields[f].of))
                return REFUSE(err, "field %u of type %u can be in no key", f,
                              k.todo[i]);
        }
    }
    return PAL_OK;
}

static enum pal_status check_types(const struct pvm_image *im,
                                   struct pvm_error *err)
{
    if (im->ntypes < PVM_TYPE_FIRST || im->ntypes > TYPES_MOST)
        return REFUSE(err, "there are %u types", im->ntypes);
    for (uint32_t i = 0; i < PVM_TYPE_FIRST; i++) {
        if (!same_type(&im->types[i], &pvm_builtin_types[i]))
            return REFUSE(err, "type %u is not the built-in '%s'", i,
                          pvm_builtin_strings[pvm_builtin_types[i].name]);
    }
    for (uint32_t i = PVM_TYPE_FIRST; i < im->ntypes; i++)
        TRY(check_type(im, i, err));
    TRY(check_variants(im, err));
    return check_keys(im, err);
}

/* ---- functions ----------------------------------------------------------- */

/* The values are of types, and those of each class fit the frame. */
static enum pal_status check_values(const struct pvm_image *im,
                                    const struct pvm_fn *f,
                                    const struct pvm_value_type *at, uint32_t n,
                                    const char *what, struct pvm_error *err)
{
    uint32_t refs = 0, scalars = 0;
    unsigned index = (unsigned)(f - im->fns);

    for (uint32_t i = 0; i < n; i++) {
        if (!is_value_type(im, at[i]))
            return REFUSE(err, "%s %u of function %u has no type", what, i,
                          index);
        refs += at[i].kind == PVM_REF;
        scalars += at[i].kind != PVM_REF;
    }
    if (refs > f->nrefs || scalars > f->nscalars)
        return REFUSE(err, "the %ss of function %u exceed its frame", what,
                      index);
    return PAL_OK;
}

static enum pal_status check_fns(const struct pvm_image *im,
                                 struct pvm_error *err)
{
    uint32_t pc = 0, join = 0;

    if (im->nfns > FNS_MOST)
        return REFUSE(err, "there are %u functions", im->nfns);
    if (im->ncode > CODE_MOST)
        return REFUSE(err, "there are %u instructions", im->ncode);
    for (uint32_t i = 0; i < im->nfns; i++) {
        const struct pvm_fn *f = &im->fns[i];

        if (f->name >= im->nstrings || f->file >= im->nstrings)
            return REFUSE(err, "function %u has no name or file", i);
        if (f->entry != pc || f->end <= pc || f->end > im->ncode)
            return REFUSE(err, "function %u is not where code goes on", i);
        if (f->first_join != join || f->njoins > im->njoins - join)
            return REFUSE(err, "function %u is not where joins go on", i);
        TRY(check_values(im, f, f->params, f->nparams, "parameter", err));
        TRY(check_values(im, f, f->results, f->nresults, "result", err));
        pc = f->end;
        join += f->njoins;
    }
    if (pc != im->ncode)
        return REFUSE(err, "code follows the last function");
    if (join != im->njoins)
        return REFUSE(err, "joins follow the last function's");
    return PAL_OK;
}

/* A closure's function takes the closure, then what its type takes, and gives
 * what that gives.  So no function is that of two. */
static enum pal_status check_closures(const struct pvm_image *im,
                                      struct pvm_error *err)
{
    for (uint32_t i = PVM_TYPE_FIRST; i < im->ntypes; i++) {
        const struct pvm_type *t = &im->types[i], *of;
        struct pvm_value_type self = {.kind = PVM_REF, .type = i};
        const struct pvm_fn *f;

        if (t->kind != PVM_TYPE_CLOSURE)
            continue;
        of = &im->types[t->of_fn];
        f = &im->fns[t->fn];
        if (f->nparams != of->nparams + 1 || f->nresults != of->nresults ||
            !same_value_type(f->params[0], self) ||
            !same_values(f->params + 1, of->params, of->nparams) ||
            !same_values(f->results, of->results, of->nresults))
            return REFUSE(err, "function %u is not that of closures of type %u",
                          t->fn, i);
    }
    return PAL_OK;
}

static enum pal_status check_join(const struct pvm_image *im,
                                  const struct pvm_fn *f,
                                  const struct pvm_join *j,
                                  struct pvm_error *err)
{
    for (uint32_t i = 0; i < j->nlive; i++) {
        const struct pvm_live *l = &j->live[i];
        struct pvm_value_type ref = {.kind = PVM_REF, .type = l->type};

        if (l->is_ref > 1 || l->reg >= (l->is_ref ? f->nrefs : f->nscalars))
            return pvm_error_at_(err, j->pc,
                                 "the join lists a register that "
                                 "the frame does not have");
        if (l->is_ref ? !is_value_type(im, ref) : l->type != 0)
            return pvm_error_at_(err, j->pc,
                                 "the join lists register %c%u "
                                 "with no type",
                                 l->is_ref ? 'r' : 's', l->reg);
    }
    return PAL_OK;
}

static enum pal_status check_joins(const struct pvm_image *im,
                                   struct pvm_error *err)
{
    for (uint32_t i = 0; i < im->nfns; i++) {
        const struct pvm_fn *f = &im->fns[i];
        uint32_t least = f->entry;

        for (uint32_t k = 0; k < f->njoins; k++) {
            const struct pvm_join *j = &im->joins[f->first_join + k];

            if (j->pc < least || j->pc >= f->end)
                return REFUSE(err, "join %u of function %u is out of order", k,
                              i);
            TRY(check_join(im, f, j, err));
            least = j->pc + 1;
        }
    }
    return PAL_OK;
}

/* ---- the rest ------------------------------------------------------------ */

static enum pal_status check_lists(const struct pvm_image *im,
                                   struct pvm_error *err)
{
    if (im->nimports > IMPORTS_MOST)
        return REFUSE(err, "there are %u imports", im->nimports);
    for (uint32_t i = 0; i < im->nimports; i++) {
        if (im->imports[i].name >= im->nstrings ||
            im->imports[i].sig >= im->nstrings)
            return REFUSE(err, "import %u has no name or signature", i);
    }
    for (uint32_t i = 0; i < im->nlines; i++) {
        if (im->lines[i].pc >= im->ncode ||
            (i && im->lines[i].pc < im->lines[i - 1].pc))
            return REFUSE(err, "line entry %u is out of order", i);
    }
    for (uint32_t i = 0; i < im->ntests; i++) {
        const struct pvm_test *t = &im->tests[i];

        if (t->name >= im->nstrings || t->file >= im->nstrings)
            return REFUSE(err, "test %u has no name or file", i);
        if (t->fn >= im->nfns || im->fns[t->fn].nparams ||
            im->fns[t->fn].nresults)
            return REFUSE(err,
                          "test %u is no function without parameters and "
                          "results",
                          i);
    }
    return PAL_OK;
}

static enum pal_status check_entries(const struct pvm_image *im,
                                     struct pvm_error *err)
{
    const struct pvm_fn *f;

    if (im->globals && (im->globals >= im->ntypes ||
                        im->types[im->globals].kind != PVM_TYPE_GLOBALS))
        return REFUSE(err, "the globals' type is none");
    if (im->init > im->nfns || im->main > im->nfns)
        return REFUSE(err, "init or main is no function");
    if (im->init) {
        f = &im->fns[im->init - 1];
        if (f->nparams || f->nresults)
            return REFUSE(err, "init has parameters or results");
    }
    if (im->main) {
        f = &im->fns[im->main - 1];
        if (f->nparams || f->nresults > 1 ||
            (f->nresults && f->results[0].kind != PVM_INT))
            return REFUSE(err, "main has parameters, or a result that is no "
                               "int");
    }
    return PAL_OK;
}

enum pal_status pvm_check_(const struct pvm_image *im, struct pvm_error *err)
{
    TRY(check_strings(im, err));
    TRY(check_types(im, err));
    TRY(check_fns(im, err));
    TRY(check_closures(im, err));
    TRY(check_joins(im, err));
    TRY(check_lists(im, err));
    return check_entries(im, err);
}
