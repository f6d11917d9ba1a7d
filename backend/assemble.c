/* assemble.c - .pvm text into an image; disasm.c writes the same form.
 *
 *   line      { label ":" } [ inst [place] | directive ] [ ";" comment ]
 *   place     "@" LINE ":" COLUMN              where it is in the source
 *   directive .type NAME struct | .type NAME globals | .type NAME list TYPE
 *             .type NAME map KEYTYPE TYPE | .type NAME unit
 *             .type NAME sum | .type NAME names
 *             .type NAME fn "(" types ")" [ "->" … ]
 *             .type NAME closure FNTYPE calls FN
 *             .field NAME TYPE                 of the struct, sum or closure
 *             .field NAME                      of the names above
 *             .fn NAME "(" types ")" [ "->" TYPE | "->" "(" types ")" ]
 *                 [refs=N] [scalars=N] [at "FILE":LINE]
 *             .live { rN:TYPE | sN } [mark=LABEL]    the state at the next inst
 *             .line LINE:COLUMN                .word N    an instruction word
 *             .globals TYPE    .init FN    .main FN
 *             .test "NAME" FN [at "FILE":LINE]
 *             .string "…"      .const N    .native NAME "SIGNATURE"
 *
 * The first pass finds the names of types and functions, so either may be
 * used before it stands in the text; the second pass does the rest.  Labels
 * belong to their function.  Where frame sizes are left out, they are what
 * the function's registers and windows need.  Bit T, the words of fields and
 * the tables of strings, constants and natives follow from the rest. */
#include "backend/asm.h"

#include <string.h>

#include "runtime/pvm/image_file.h"

/* ---- types --------------------------------------------------------------- */

static void place_fields(struct as *s, struct pvm_type *t)
{
    for (uint32_t i = 0; i < s->fields.n; i++)
        t->nrefs += s->fields.at[i].of.kind == PVM_REF;
    uint32_t ref = 0, scalar = t->nrefs;
    for (uint32_t i = 0; i < s->fields.n; i++) {
        struct pvm_field *f = &s->fields.at[i];
        f->word = f->of.kind == PVM_REF ? ref++ : scalar++;
    }
    t->nscalars = s->fields.n - t->nrefs;
}

/* The type's fields are complete: their words follow, where they have some. */
static bool close_struct(struct as *s)
{
    if (!s->in_struct)
        return true;
    s->in_struct = false;
    struct pvm_type *t = &s->b.types.at[s->b.types.n - 1];
    if (t->kind != PVM_TYPE_SUM && t->kind != PVM_TYPE_NAMES)
        place_fields(s, t);
    t->nfields = s->fields.n;
    t->fields =
        builder_copy(&s->b, s->fields.at, s->fields.n * sizeof *t->fields);
    return t->fields || asm_no_memory(&s->c);
}

static bool read_fn_type(struct as *s, struct pvm_type *t)
{
    struct pvm_fn f = {0};
    if (!asm_signature(s, &f))
        return false;
    t->params = f.params;
    t->nparams = f.nparams;
    t->results = f.results;
    t->nresults = f.nresults;
    return true;
}

/* What stands behind a type's kind. */
static bool read_type_body(struct as *s, struct pvm_type *t)
{
    s->fields.n = 0;
    s->in_struct = false;
    switch (t->kind) {
    case PVM_TYPE_UNIT: return true;
    case PVM_TYPE_MAP:
        return asm_part_type(s, &t->key) && asm_part_type(s, &t->item);
    case PVM_TYPE_LIST: return asm_part_type(s, &t->item);
    case PVM_TYPE_FN: return read_fn_type(s, t);
    case PVM_TYPE_CLOSURE:
        s->in_struct = true;
        if (!asm_type_ref(s, &t->of_fn))
            return false;
        if (!asm_accept_word(&s->c, "calls"))
            return asm_fail(&s->c, "a closure's type is `closure TYPE calls "
                                   "FUNCTION`");
        return asm_fn_ref(s, &t->fn);
    default: s->in_struct = true; return true;
    }
}

static bool read_type_line(struct as *s)
{
    static const char *const kinds[] = {
        [PVM_TYPE_STRUCT] = "struct",   [PVM_TYPE_LIST] = "list",
        [PVM_TYPE_GLOBALS] = "globals", [PVM_TYPE_MAP] = "map",
        [PVM_TYPE_SUM] = "sum",         [PVM_TYPE_UNIT] = "unit",
        [PVM_TYPE_NAMES] = "names",     [PVM_TYPE_FN] = "fn",
        [PVM_TYPE_CLOSURE] = "closure"};
    enum { KINDS = sizeof kinds / sizeof *kinds };
    struct asm_slice name;
    struct pvm_type t = {0};
    s->in_fn = false;
    if (!asm_type_name(&s->c, &name))
        return false;
    t.name = builder_string(&s->b, name.at, name.n);
    while (t.kind < KINDS &&
           !(kinds[t.kind] && asm_accept_word(&s->c, kinds[t.kind])))
        t.kind++;
    if (t.kind == KINDS)
        return asm_fail(&s->c, "a type is `struct`, `globals`, `list TYPE`, "
                               "`map KEY TYPE`, `sum`, `unit`, `names`, `fn` "
                               "or `closure`");
    if (!read_type_body(s, &t))
        return false;
    return vec_push(s->b.mem, &s->b.types, t) || asm_no_memory(&s->c);
}

static bool read_field_line(struct as *s)
{
    struct asm_slice name;
    struct pvm_field f = {0};
    if (!s->in_struct)
        return asm_fail(&s->c, "a field stands behind its struct");
    if (!asm_name(&s->c, &name, "a field's name"))
        return false;
    f.name = builder_string(&s->b, name.at, name.n);
    bool typed = s->b.types.at[s->b.types.n - 1].kind != PVM_TYPE_NAMES;
    return (!typed || asm_part_type(s, &f.of)) &&
           (vec_push(s->b.mem, &s->fields, f) || asm_no_memory(&s->c));
}

/* ---- other directives ---------------------------------------------------- */

static bool read_role(struct as *s, uint32_t *role)
{
    if (!asm_fn_ref(s, role))
        return false;
    ++*role;
    return true;
}

static bool read_test_line(struct as *s)
{
    struct asm_slice name;
    struct pvm_test t = {0};
    if (!asm_string(&s->c, &name))
        return false;
    t.name = builder_string(&s->b, name.at, name.n);
    if (!asm_fn_ref(s, &t.fn))
        return false;
    if (!asm_accept_word(&s->c, "at"))
        t.file = builder_string(&s->b, "", 0);
    else if (!asm_file_line(s, &t.file, &t.line))
        return false;
    return vec_push(s->b.mem, &s->b.tests, t) || asm_no_memory(&s->c);
}

static bool read_native_line(struct as *s)
{
    struct asm_slice name, sig;
    uint32_t index;
    return asm_name(&s->c, &name, "the native's name") &&
           asm_string(&s->c, &sig) &&
           asm_add_native(s, name, sig.at, sig.n, &index);
}

static bool read_table_line(struct as *s, bool is_string)
{
    struct asm_slice text;
    uint64_t bits;
    if (is_string ? !asm_string(&s->c, &text) : !asm_bits(&s->c, &bits))
        return false;
    if (is_string)
        builder_new_string(&s->b, text.at, text.n);
    else
        builder_new_const(&s->b, bits);
    return true;
}

enum directive {
    D_TYPE,
    D_FIELD,
    D_FN,
    D_LIVE,
    D_LINE,
    D_WORD,
    D_GLOBALS,
    D_INIT,
    D_MAIN,
    D_TEST,
    D_STRING,
    D_CONST,
    D_NATIVE,
    D_COUNT
};
static const char *const directives[D_COUNT] = {
    "type", "field", "fn",   "live",   "line",  "word",  "globals",
    "init", "main",  "test", "string", "const", "native"};

static bool read_directive(struct as *s, struct asm_place at, bool first)
{
    int d = 0;
    while (d < D_COUNT && !asm_accept_word(&s->c, directives[d]))
        d++;
    if (d != D_FIELD && !close_struct(s))
        return false;
    if (!first && (d == D_TYPE || d == D_FN))
        return asm_fail_at(&s->c, at, "the line should begin here");
    bool outside = d != D_LIVE && d != D_LINE && d != D_WORD;
    if (outside && !asm_close_fn(s))
        return false;
    if (outside)
        s->in_fn = false;
    switch (d) {
    case D_TYPE: return read_type_line(s);
    case D_FIELD: return read_field_line(s);
    case D_FN: return asm_fn_line(s);
    case D_LIVE: return asm_live_line(s);
    case D_LINE:
        return s->in_fn ? asm_line_entry(s, s->b.code.n)
                        : asm_fail(&s->c, ".line stands in a function");
    case D_WORD: return asm_word_line(s, at);
    case D_GLOBALS: return asm_type_ref(s, &s->b.globals);
    case D_INIT: return read_role(s, &s->b.init);
    case D_MAIN: return read_role(s, &s->b.main);
    case D_TEST: return read_test_line(s);
    case D_STRING: return read_table_line(s, true);
    case D_CONST: return read_table_line(s, false);
    case D_NATIVE: return read_native_line(s);
    default: return asm_fail_at(&s->c, at, "there is no such directive");
    }
}

static bool read_line(struct as *s)
{
    bool first = true;
    while (!asm_at_end(&s->c)) {
        struct asm_place at = asm_here(&s->c);
        struct asm_slice name;
        if (asm_accept(&s->c, '.'))
            return read_directive(s, at, first);
        if (!asm_word(&s->c, &name, "an instruction or a directive"))
            return false;
        if (!asm_accept(&s->c, ':'))
            return close_struct(s) && asm_inst(s, name, at);
        if (!asm_label(s, name, at))
            return false;
        first = false;
    }
    return true;
}

/* ---- passes -------------------------------------------------------------- */

/* Names of types and functions with their indices, in the order of the text.
 * What is wrong with a line is for the second pass to say. */
static bool find_names(struct as *s)
{
    struct asm_cursor *c = &s->c, start = *c;
    uint32_t ntypes = PVM_TYPE_FIRST, nfns = 0;
    struct pvm_text_error ignored;
    for (; c->at < c->end; asm_skip_line(c)) {
        struct asm_slice name;
        bool is_type;
        c->err = &ignored;
        c->failed = false;
        if (!asm_accept(c, '.') || (!(is_type = asm_accept_word(c, "type")) &&
                                    !asm_accept_word(c, "fn")))
            continue;
        uint32_t index = is_type ? ntypes++ : nfns++;
        if (is_type ? asm_type_name(c, &name) : asm_name(c, &name, ""))
            asm_symbols_add(c, is_type ? &s->types : &s->fns, name, index);
        if (is_type && asm_accept_word(c, "names") &&
            !vec_push(s->b.mem, &s->names, index))
            return false;
        if (c->no_memory)
            return false;
    }
    *c = start;
    return true;
}

static bool add_known(struct as *s)
{
    for (uint32_t i = 0; i < PVM_NOPS_LIMIT; i++)
        if (pvm_ops[i].text)
            asm_symbols_add(
                &s->c, &s->ops,
                (struct asm_slice){pvm_ops[i].text,
                                   (uint32_t)strlen(pvm_ops[i].text)},
                i);
    for (uint32_t i = 0; i < PVM_TYPE_FIRST; i++) {
        const char *name = pvm_builtin_strings[pvm_builtin_types[i].name];
        asm_symbols_add(&s->c, &s->types,
                        (struct asm_slice){name, (uint32_t)strlen(name)}, i);
    }
    return !s->c.no_memory;
}

static bool assemble(struct as *s)
{
    if (!add_known(s) || !find_names(s))
        return asm_no_memory(&s->c);
    while (s->c.at < s->c.end)
        if (!read_line(s) || !asm_next_line(&s->c))
            return false;
    if (!close_struct(s) || !asm_close_fn(s))
        return false;
    asm_widen_frames(s);
    return !s->b.failed || asm_no_memory(&s->c);
}

/* The image's tables hold together; says which line does not. */
static bool check(struct as *s, const struct pvm_image *im)
{
    struct pvm_error err = {.pc = UINT32_MAX};
    if (!pvm_check_(im, &err))
        return true;
    uint32_t line = err.pc < s->text_line.n ? s->text_line.at[err.pc] : 1;
    return asm_fail_at(&s->c, (struct asm_place){.line = line}, "%s", err.text);
}

enum pal_status pvm_assemble(struct mem *m, const char *text, size_t n,
                             struct pvm_image **out, struct pvm_text_error *err)
{
    struct as s = {0};
    struct pvm_image *im = NULL;
    *err = (struct pvm_text_error){.line = 1, .column = 1};
    *out = NULL;
    s.c = (struct asm_cursor){.at = text, .end = text + n, .line_start = text};
    s.c.line = 1;
    s.c.err = err;
    s.c.arena = arena_open(m);
    s.labels_arena = arena_open(m);
    builder_open(&s.b, m);
    bool ok = s.c.arena && s.labels_arena && !s.b.failed;
    if (!ok)
        asm_no_memory(&s.c);
    else if (n > UINT32_MAX / 4)
        ok = asm_fail(&s.c, "the text is longer than 1 GB");
    else
        ok = assemble(&s);
    if (ok) {
        im = builder_finish(&s.b);
        ok = im ? check(&s, im) : asm_no_memory(&s.c);
    } else {
        builder_close(&s.b);
    }
    vec_free(m, &s.text_line);
    vec_free(m, &s.fields);
    vec_free(m, &s.names);
    vec_free(m, &s.values);
    vec_free(m, &s.windows);
    vec_free(m, &s.jumps);
    vec_free(m, &s.marks);
    if (s.labels_arena)
        arena_close(s.labels_arena);
    if (s.c.arena)
        arena_close(s.c.arena);
    if (!ok && im)
        pvm_free(im);
    else
        *out = im;
    return ok ? PAL_OK : s.c.no_memory ? PAL_NOMEM : PAL_FORMAT;
}
