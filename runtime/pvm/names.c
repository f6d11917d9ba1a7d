/* names.c - references by name in the text form. */
#include "runtime/pvm/names.h"

#include <math.h>
#include <string.h>

#include "runtime/base/hash.h"
#include "runtime/base/number.h"
#include "runtime/pvm/natives.h"

struct slice {
    const char *at;
    uint32_t n;
};

static struct slice slice_of(const struct pvm_image *im, uint32_t string)
{
    struct pvm_str s = {0, 0};
    if (string < im->nstrings)
        s = im->strings[string];
    if (s.at > im->ntext || s.len > im->ntext - s.at)
        s.at = s.len = 0;
    return (struct slice){im->text ? im->text + s.at : "", s.len};
}

/* ---- text ---------------------------------------------------------------- */

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A word of the text form: a letter, then letters, digits and dots. */
static bool is_word(struct slice s)
{
    if (!s.n || !is_letter(s.at[0]))
        return false;
    for (uint32_t i = 1; i < s.n; i++)
        if (!is_letter(s.at[i]) && !is_digit(s.at[i]) && s.at[i] != '.')
            return false;
    return true;
}

/* A type name in brackets, as the assembler reads it: to the bracket that
 * closes the first, of letters, digits and a little punctuation. */
static bool is_bracketed(struct slice s)
{
    uint32_t depth = 0;
    for (uint32_t i = 0; i < s.n; i++) {
        char c = s.at[i];
        if (!is_letter(c) && !is_digit(c) && !strchr("[]?:, .", c))
            return false;
        depth += c == '[';
        if (depth == 0)
            return false;
        depth -= c == ']';
        if (depth == 0 && i + 1 < s.n)
            return false;
    }
    return s.n && depth == 0;
}

static bool is_kind_word(struct slice s)
{
    static const char *const words[] = {"int", "float", "bool", "byte"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (s.n == strlen(words[i]) && !memcmp(s.at, words[i], s.n))
            return true;
    return false;
}

void pvm_text_quoted(const struct pvm_image *im, uint32_t string,
                     struct bytes *out)
{
    struct slice s = slice_of(im, string);
    bytes_byte(out, '"');
    for (uint32_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.at[i];
        switch (c) {
        case '\n': bytes_str(out, "\\n"); break;
        case '\t': bytes_str(out, "\\t"); break;
        case '\r': bytes_str(out, "\\r"); break;
        case '"': bytes_str(out, "\\\""); break;
        case '\\': bytes_str(out, "\\\\"); break;
        default:
            if (c < 0x20 || c == 0x7f)
                bytes_printf(out, "\\x%02x", c);
            else
                bytes_byte(out, c);
        }
    }
    bytes_byte(out, '"');
}

void pvm_text_word(const struct pvm_image *im, uint32_t string,
                   struct bytes *out)
{
    struct slice s = slice_of(im, string);
    if (is_word(s))
        bytes_add(out, s.at, s.n);
    else
        pvm_text_quoted(im, string, out);
}

/* What looks like a float of ordinary size is written as one; the text reads
 * back as the same bits in any case. */
void pvm_text_const(uint64_t bits, struct bytes *out)
{
    double d;
    char text[NUMBER_FLOAT_MAX];
    memcpy(&d, &bits, sizeof d);
    if (isfinite(d) && fabs(d) > 1e-100 && fabs(d) < 1e100) {
        bytes_add(out, text, number_float_text(d, text));
        return;
    }
    bytes_add(out, text, number_int_text((int64_t)bits, text));
}

/* ---- what is first of its kind ------------------------------------------- */

struct table { /* open addressing, half full at most; a slot is index + 1 */
    uint32_t *slots;
    uint32_t mask;
};

static bool table_open(struct table *t, struct arena *a, uint32_t n)
{
    uint32_t cap = 16;
    while (cap / 2 < n && cap < 1u << 31)
        cap *= 2;
    t->slots = ARENA_ARRAY(a, uint32_t, cap);
    t->mask = cap - 1;
    return t->slots != NULL;
}

static bool find_same_strings(struct pvm_names *n)
{
    const struct pvm_image *im = n->im;
    struct table t;
    n->same = ARENA_ARRAY(n->arena, uint32_t, im->nstrings + 1);
    if (!n->same || !table_open(&t, n->arena, im->nstrings))
        return false;
    for (uint32_t i = 0; i < im->nstrings; i++) {
        struct slice s = slice_of(im, i);
        uint32_t k = (uint32_t)hash_bytes(s.at, s.n, 0) & t.mask;
        for (; t.slots[k]; k = (k + 1) & t.mask) {
            struct slice have = slice_of(im, t.slots[k] - 1);
            if (have.n == s.n && !memcmp(have.at, s.at, s.n))
                break;
        }
        if (!t.slots[k])
            t.slots[k] = i + 1;
        n->same[i] = t.slots[k] - 1;
    }
    return true;
}

static bool find_same_consts(struct pvm_names *n)
{
    const struct pvm_image *im = n->im;
    struct table t;
    n->same_const = ARENA_ARRAY(n->arena, uint32_t, im->nconsts + 1);
    if (!n->same_const || !table_open(&t, n->arena, im->nconsts))
        return false;
    for (uint32_t i = 0; i < im->nconsts; i++) {
        uint32_t k = (uint32_t)hash_word(im->consts[i]) & t.mask;
        while (t.slots[k] && im->consts[t.slots[k] - 1] != im->consts[i])
            k = (k + 1) & t.mask;
        if (!t.slots[k])
            t.slots[k] = i + 1;
        n->same_const[i] = t.slots[k] - 1;
    }
    return true;
}

static void name(const struct pvm_names *n, uint32_t *named, uint32_t string,
                 uint32_t index)
{
    if (string < n->im->nstrings && !named[n->same[string]])
        named[n->same[string]] = index + 1;
}

static bool find_named(struct pvm_names *n)
{
    const struct pvm_image *im = n->im;
    uint32_t strings = im->nstrings + 1;
    n->type_named = ARENA_ARRAY(n->arena, uint32_t, strings);
    n->fn_named = ARENA_ARRAY(n->arena, uint32_t, strings);
    n->import_named = ARENA_ARRAY(n->arena, uint32_t, strings);
    if (!n->type_named || !n->fn_named || !n->import_named)
        return false;
    for (uint32_t i = 0; i < im->ntypes; i++)
        name(n, n->type_named, im->types[i].name, i);
    for (uint32_t i = 0; i < im->nfns; i++)
        name(n, n->fn_named, im->fns[i].name, i);
    for (uint32_t i = 0; i < im->nimports; i++)
        name(n, n->import_named, im->imports[i].name, i);
    return true;
}

/* ---- whether tables go without saying ------------------------------------ */

/* Meets indices in the order of the text: are they 0, 1, 2 … as they first
 * appear, and each the first of its kind? */
struct order {
    const uint32_t *same;
    uint32_t next, n;
    bool broken;
};

static void meet(struct order *o, uint32_t i)
{
    if (i == o->next && i < o->n && o->same[i] == i)
        o->next++;
    else if (i >= o->next)
        o->broken = true;
}

static bool is_plain_import(const struct pvm_names *n, uint32_t i)
{
    const struct pvm_import *in = &n->im->imports[i];
    struct slice name = slice_of(n->im, in->name);
    struct slice sig = slice_of(n->im, in->sig);
    int row = pvm_native_find(name.at, name.n, sig.at, sig.n);
    return row >= 0 && is_word(name) &&
           n->import_named[n->same[in->name]] == i + 1;
}

static void meet_code(const struct pvm_names *n, struct order *strings,
                      struct order *consts, struct order *imports,
                      const struct pvm_fn *f)
{
    const struct pvm_image *im = n->im;
    for (uint32_t pc = f->entry; pc < f->end && pc < im->ncode; pc++) {
        uint64_t w = im->code[pc];
        if (pvm_op(w) == PVM_LDKR)
            meet(strings, pvm_d(w));
        if (pvm_op(w) == PVM_LDK)
            meet(consts, pvm_d(w));
        if (pvm_op(w) == PVM_NAT)
            meet(imports, pvm_c(w));
    }
}

static bool find_shown(struct pvm_names *n)
{
    const struct pvm_image *im = n->im;
    uint32_t *self = ARENA_ARRAY(n->arena, uint32_t, im->nimports + 1);
    if (!self)
        return false;
    for (uint32_t i = 0; i < im->nimports; i++)
        self[i] = is_plain_import(n, i) ? i : UINT32_MAX;
    struct order strings = {n->same, pvm_nbuiltin_strings, im->nstrings, false};
    struct order consts = {n->same_const, 0, im->nconsts, false};
    struct order imports = {self, 0, im->nimports, false};
    for (uint32_t i = PVM_TYPE_FIRST; i < im->ntypes; i++) {
        meet(&strings, im->types[i].name);
        for (uint32_t k = 0; k < im->types[i].nfields; k++)
            meet(&strings, im->types[i].fields[k].name);
    }
    for (uint32_t i = 0; i < im->nfns; i++) {
        meet(&strings, im->fns[i].name);
        meet(&strings, im->fns[i].file);
        meet_code(n, &strings, &consts, &imports, &im->fns[i]);
    }
    for (uint32_t i = 0; i < im->ntests; i++) {
        meet(&strings, im->tests[i].name);
        meet(&strings, im->tests[i].file);
    }
    for (uint32_t i = 0; i < im->nimports; i++) {
        meet(&strings, im->imports[i].name);
        meet(&strings, im->imports[i].sig);
    }
    n->show_strings = strings.broken || strings.next != im->nstrings;
    n->show_consts = consts.broken || consts.next != im->nconsts;
    n->show_imports = imports.broken || imports.next != im->nimports;
    return true;
}

bool pvm_names_make(struct pvm_names *n, const struct pvm_image *im,
                    struct arena *a)
{
    *n = (struct pvm_names){.im = im, .arena = a};
    return find_same_strings(n) && find_same_consts(n) && find_named(n) &&
           find_shown(n);
}

/* ---- references ---------------------------------------------------------- */

void pvm_names_string(const struct pvm_names *n, uint32_t string,
                      struct bytes *out)
{
    if (string < n->im->nstrings && n->same[string] == string)
        pvm_text_quoted(n->im, string, out);
    else
        bytes_printf(out, "#%u", string);
}

void pvm_names_const(const struct pvm_names *n, uint32_t index,
                     struct bytes *out)
{
    if (index < n->im->nconsts && n->same_const[index] == index)
        pvm_text_const(n->im->consts[index], out);
    else
        bytes_printf(out, "#%u", index);
}

/* Is `string` the name of thing `index` and of none before it? */
static bool is_named(const struct pvm_names *n, const uint32_t *named,
                     uint32_t string, uint32_t index)
{
    return string < n->im->nstrings && named[n->same[string]] == index + 1;
}

void pvm_names_type(const struct pvm_names *n, uint32_t type, struct bytes *out)
{
    if (type < n->im->ntypes &&
        is_named(n, n->type_named, n->im->types[type].name, type)) {
        struct slice s = slice_of(n->im, n->im->types[type].name);
        if ((is_word(s) && !is_kind_word(s)) || is_bracketed(s)) {
            bytes_add(out, s.at, s.n);
            return;
        }
        if (s.n && n->im->types[type].kind == PVM_TYPE_FN) {
            pvm_text_quoted(n->im, n->im->types[type].name, out);
            return;
        }
    }
    bytes_printf(out, "#%u", type);
}

void pvm_names_value(const struct pvm_names *n, struct pvm_value_type v,
                     struct bytes *out)
{
    if (v.kind == PVM_INT && v.type) { /* one that has names */
        pvm_names_type(n, v.type, out);
        return;
    }
    switch (v.kind) {
    case PVM_INT: bytes_str(out, "int"); break;
    case PVM_FLOAT: bytes_str(out, "float"); break;
    case PVM_BOOL: bytes_str(out, "bool"); break;
    case PVM_BYTE: bytes_str(out, "byte"); break;
    default: pvm_names_type(n, v.type, out); break;
    }
}

void pvm_names_fn(const struct pvm_names *n, uint32_t fn, struct bytes *out)
{
    if (fn < n->im->nfns && is_named(n, n->fn_named, n->im->fns[fn].name, fn))
        pvm_text_word(n->im, n->im->fns[fn].name, out);
    else
        bytes_printf(out, "#%u", fn);
}

void pvm_names_import(const struct pvm_names *n, uint32_t import,
                      struct bytes *out)
{
    if (import < n->im->nimports &&
        is_named(n, n->import_named, n->im->imports[import].name, import))
        pvm_text_word(n->im, n->im->imports[import].name, out);
    else
        bytes_printf(out, "#%u", import);
}
