/* image_read.c - .pvmb bytes as an image.
 *
 * Nothing in the file is believed: a count is held against the bytes its
 * section has left before memory is taken for it, so an image costs at most a
 * small multiple of its declared length, and that is bounded by the file's. */
#define ZSTD_STATIC_LINKING_ONLY /* contexts in memory of ours */
#include <zstd.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "runtime/base/hash.h"
#include "runtime/pvm/image_file.h"

static const char *const section_names[] = {
#define SECTION(id, NAME, name) name,
    PVM_SECTIONS(SECTION)
#undef SECTION
};

enum pal_status pvm_error_at_(struct pvm_error *err, uint32_t pc,
                              const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    err->pc = pc;
    return PAL_FORMAT;
}

#define REFUSE(err, ...) pvm_error_at_(err, UINT32_MAX, __VA_ARGS__)

/* ---- numbers ------------------------------------------------------------- */

struct cursor {
    const uint8_t *at, *end;
    bool failed; /* a number or a count went beyond the end */
};

static uint64_t get_number(struct cursor *c, unsigned n)
{
    uint64_t v = 0;

    if (c->failed || (size_t)(c->end - c->at) < n) {
        c->failed = true;
        return 0;
    }
    for (unsigned i = 0; i < n; i++)
        v |= (uint64_t)c->at[i] << 8 * i;
    c->at += n;
    return v;
}

static uint8_t get8(struct cursor *c)
{
    return (uint8_t)get_number(c, 1);
}

static uint16_t get16(struct cursor *c)
{
    return (uint16_t)get_number(c, 2);
}

static uint32_t get32(struct cursor *c)
{
    return (uint32_t)get_number(c, 4);
}

static uint64_t get64(struct cursor *c)
{
    return get_number(c, 8);
}

/* Whether n records of at least `least` bytes can follow. */
static bool holds(struct cursor *c, uint32_t n, size_t least)
{
    if ((size_t)(c->end - c->at) / least < n)
        c->failed = true;
    return !c->failed;
}

/* A count of records of at least `least` bytes; 0 when it cannot be true. */
static uint32_t get_count(struct cursor *c, size_t least)
{
    uint32_t n = get32(c);

    return holds(c, n, least) ? n : 0;
}

/* ---- records ------------------------------------------------------------- */

/* Each returns false when memory is exhausted; what is malformed is left to
 * the cursor, and what is senseless to pvm_check_. */

static struct pvm_value_type get_value(struct cursor *c)
{
    struct pvm_value_type v;

    v.kind = get8(c);
    v.type = get32(c);
    return v;
}

static bool get_values(struct cursor *c, struct arena *a, uint32_t n,
                       const struct pvm_value_type **out)
{
    struct pvm_value_type *at;

    if (!holds(c, n, PVM_VALUE_BYTES))
        return true;
    at = ARENA_ARRAY(a, struct pvm_value_type, n);
    for (uint32_t i = 0; at && i < n; i++)
        at[i] = get_value(c);
    *out = at;
    return at != NULL;
}

/* What types of some kinds have besides. */
static bool get_more(struct cursor *c, struct arena *a, struct pvm_type *t)
{
    switch (t->kind) {
    case PVM_TYPE_MAP: t->key = get_value(c); return true;
    case PVM_TYPE_FN:
        t->nparams = get16(c);
        t->nresults = get16(c);
        return get_values(c, a, t->nparams, &t->params) &&
               get_values(c, a, t->nresults, &t->results);
    case PVM_TYPE_CLOSURE:
        t->fn = get32(c);
        t->of_fn = get32(c);
        return true;
    default: return true;
    }
}

static bool get_type(struct cursor *c, struct arena *a, struct pvm_type *t)
{
    struct pvm_field *fields;

    t->kind = get8(c);
    t->name = get32(c);
    t->nrefs = get32(c);
    t->nscalars = get32(c);
    t->item = get_value(c);
    if (!get_more(c, a, t))
        return false;
    t->nfields = get_count(c, PVM_FIELD_BYTES);
    t->fields = fields = ARENA_ARRAY(a, struct pvm_field, t->nfields);
    for (uint32_t i = 0; fields && i < t->nfields; i++) {
        fields[i].name = get32(c);
        fields[i].of = get_value(c);
        fields[i].word = get32(c);
    }
    return fields != NULL;
}

static bool get_fn(struct cursor *c, struct arena *a, struct pvm_fn *f)
{
    f->name = get32(c);
    f->file = get32(c);
    f->line = get32(c);
    f->entry = get32(c);
    f->end = get32(c);
    f->first_join = get32(c);
    f->njoins = get32(c);
    f->nrefs = get16(c);
    f->nscalars = get16(c);
    f->nparams = get16(c);
    f->nresults = get16(c);
    return get_values(c, a, f->nparams, &f->params) &&
           get_values(c, a, f->nresults, &f->results);
}

static bool get_join(struct cursor *c, struct arena *a, struct pvm_join *j)
{
    struct pvm_live *live;

    j->pc = get32(c);
    j->mark = get32(c);
    j->nlive = get_count(c, PVM_LIVE_BYTES);
    j->live = live = ARENA_ARRAY(a, struct pvm_live, j->nlive);
    for (uint32_t i = 0; live && i < j->nlive; i++) {
        live[i].is_ref = get8(c);
        live[i].reg = get16(c);
        live[i].type = get32(c);
    }
    return live != NULL;
}

/* ---- sections ------------------------------------------------------------ */

/* As for records.  Counts go to the image at once; when the cursor fails the
 * image is dropped. */

static bool read_head(struct cursor *c, struct pvm_image *im)
{
    im->globals = get32(c);
    im->init = get32(c);
    im->main = get32(c);
    return true;
}

static bool read_words(struct cursor *c, struct arena *a, const uint64_t **out,
                       uint32_t *n)
{
    uint64_t *at;

    *n = (uint32_t)((size_t)(c->end - c->at) / 8);
    *out = at = ARENA_ARRAY(a, uint64_t, *n);
    for (uint32_t i = 0; at && i < *n; i++)
        at[i] = get64(c);
    return at != NULL;
}

static bool read_text(struct cursor *c, struct pvm_image *im)
{
    im->ntext = (uint32_t)(c->end - c->at);
    im->text = arena_strndup(im->arena, (const char *)c->at, im->ntext);
    c->at = c->end;
    return im->text != NULL;
}

static bool read_strings(struct cursor *c, struct pvm_image *im)
{
    struct pvm_str *at;

    im->nstrings = get_count(c, PVM_STRING_BYTES);
    im->strings = at = ARENA_ARRAY(im->arena, struct pvm_str, im->nstrings);
    for (uint32_t i = 0; at && i < im->nstrings; i++) {
        at[i].at = get32(c);
        at[i].len = get32(c);
    }
    return at != NULL;
}

static bool read_types(struct cursor *c, struct pvm_image *im)
{
    struct pvm_type *at;

    im->ntypes = get_count(c, PVM_TYPE_BYTES);
    im->types = at = ARENA_ARRAY(im->arena, struct pvm_type, im->ntypes);
    for (uint32_t i = 0; at && i < im->ntypes; i++) {
        if (!get_type(c, im->arena, &at[i]))
            return false;
    }
    return at != NULL;
}

static bool read_fns(struct cursor *c, struct pvm_image *im)
{
    struct pvm_fn *at;

    im->nfns = get_count(c, PVM_FN_BYTES);
    im->fns = at = ARENA_ARRAY(im->arena, struct pvm_fn, im->nfns);
    for (uint32_t i = 0; at && i < im->nfns; i++) {
        if (!get_fn(c, im->arena, &at[i]))
            return false;
    }
    return at != NULL;
}

static bool read_joins(struct cursor *c, struct pvm_image *im)
{
    struct pvm_join *at;

    im->njoins = get_count(c, PVM_JOIN_BYTES);
    im->joins = at = ARENA_ARRAY(im->arena, struct pvm_join, im->njoins);
    for (uint32_t i = 0; at && i < im->njoins; i++) {
        if (!get_join(c, im->arena, &at[i]))
            return false;
    }
    return at != NULL;
}

static bool read_imports(struct cursor *c, struct pvm_image *im)
{
    struct pvm_import *at;

    im->nimports = get_count(c, PVM_IMPORT_BYTES);
    im->imports = at = ARENA_ARRAY(im->arena, struct pvm_import, im->nimports);
    for (uint32_t i = 0; at && i < im->nimports; i++) {
        at[i].name = get32(c);
        at[i].sig = get32(c);
        at[i].native = -1;
    }
    return at != NULL;
}

static bool read_lines(struct cursor *c, struct pvm_image *im)
{
    struct pvm_line *at;

    im->nlines = get_count(c, PVM_LINE_BYTES);
    im->lines = at = ARENA_ARRAY(im->arena, struct pvm_line, im->nlines);
    for (uint32_t i = 0; at && i < im->nlines; i++) {
        at[i].pc = get32(c);
        at[i].line = get32(c);
        at[i].column = get32(c);
    }
    return at != NULL;
}

static bool read_tests(struct cursor *c, struct pvm_image *im)
{
    struct pvm_test *at;

    im->ntests = get_count(c, PVM_TEST_BYTES);
    im->tests = at = ARENA_ARRAY(im->arena, struct pvm_test, im->ntests);
    for (uint32_t i = 0; at && i < im->ntests; i++) {
        at[i].name = get32(c);
        at[i].fn = get32(c);
        at[i].file = get32(c);
        at[i].line = get32(c);
    }
    return at != NULL;
}

static bool read_section(struct cursor *c, struct pvm_image *im, int s)
{
    switch (s) {
    case PVM_SECTION_HEAD: return read_head(c, im);
    case PVM_SECTION_CODE:
        return read_words(c, im->arena, &im->code, &im->ncode);
    case PVM_SECTION_CONSTS:
        return read_words(c, im->arena, &im->consts, &im->nconsts);
    case PVM_SECTION_TEXT: return read_text(c, im);
    case PVM_SECTION_STRINGS: return read_strings(c, im);
    case PVM_SECTION_TYPES: return read_types(c, im);
    case PVM_SECTION_FNS: return read_fns(c, im);
    case PVM_SECTION_JOINS: return read_joins(c, im);
    case PVM_SECTION_IMPORTS: return read_imports(c, im);
    case PVM_SECTION_LINES: return read_lines(c, im);
    default: return read_tests(c, im);
    }
}

/* ---- the file ------------------------------------------------------------ */

struct row { /* of the section table */
    uint64_t raw, stored, checksum;
    const uint8_t *at;
};

struct file {
    struct mem *mem;
    const uint8_t *bytes;
    size_t n;
    struct row rows[PVM_NSECTIONS];
    void *room; /* of the zstd context */
    size_t nroom;
    ZSTD_DCtx *zstd;
    struct pvm_error *err;
};

static enum pal_status check_header(const struct file *f)
{
    struct cursor c = {.at = f->bytes, .end = f->bytes + f->n};
    uint8_t plain[PVM_SECTIONS_AT];
    uint64_t version, sections, length, checksum;

    if (f->n < 8 || memcmp(f->bytes, PVM_MAGIC, 8))
        return REFUSE(f->err, "this is no .pvmb image");
    c.at += 8;
    version = get32(&c);
    sections = get32(&c);
    length = get64(&c);
    checksum = get64(&c);
    if (!c.failed && version != PVM_FILE_VERSION)
        return REFUSE(f->err, "the image is of version %u, this reads %d",
                      (unsigned)version, PVM_FILE_VERSION);
    if (f->n < PVM_SECTIONS_AT)
        return REFUSE(f->err, "the image ends within its header");
    if (sections != PVM_NSECTIONS)
        return REFUSE(f->err, "the image has %u sections instead of %d",
                      (unsigned)sections, PVM_NSECTIONS);
    if (length != f->n)
        return REFUSE(f->err, "the image is %zu bytes long instead of %llu",
                      f->n, (unsigned long long)length);
    memcpy(plain, f->bytes, sizeof plain);
    memset(plain + PVM_CHECKSUM_AT, 0, 8);
    if (hash_checksum(plain, sizeof plain) != checksum)
        return REFUSE(f->err, "the header's checksum does not match");
    return PAL_OK;
}

static enum pal_status read_row(struct file *f, struct cursor *c, int s)
{
    struct row *r = &f->rows[s];
    const char *name = section_names[s];
    uint32_t id = get32(c), zero = get32(c);

    r->raw = get64(c);
    r->stored = get64(c);
    r->checksum = get64(c);
    if (id != (uint32_t)s + 1 || zero)
        return REFUSE(f->err, "the %s section is not where it belongs", name);
    if (r->raw > PVM_RAW_MOST || r->stored > r->raw ||
        r->stored > SIZE_MAX / PVM_RATIO_MOST ||
        r->raw > r->stored * PVM_RATIO_MOST)
        return REFUSE(f->err, "the %s section's lengths are out of bounds",
                      name);
    return PAL_OK;
}

static enum pal_status read_table(struct file *f)
{
    struct cursor c = {.at = f->bytes + PVM_HEADER_BYTES,
                       .end = f->bytes + PVM_SECTIONS_AT};
    uint64_t at = PVM_SECTIONS_AT, raw = 0;

    for (int s = 0; s < PVM_NSECTIONS; s++) {
        TRY(read_row(f, &c, s));
        if (f->rows[s].stored > f->n - at)
            return REFUSE(f->err, "the %s section is truncated",
                          section_names[s]);
        f->rows[s].at = f->bytes + at;
        at += f->rows[s].stored;
        raw += f->rows[s].raw;
    }
    if (at != f->n)
        return REFUSE(f->err, "bytes follow the last section");
    if (raw > PVM_RAW_MOST)
        return REFUSE(f->err, "the image unpacks to more than 1 GB");
    return PAL_OK;
}

/* Unpacks a section into a block of r->raw bytes. */
static enum pal_status unpack(struct file *f, int s, uint8_t **out)
{
    const struct row *r = &f->rows[s];
    size_t raw = (size_t)r->raw, n;

    if (!f->zstd) {
        f->nroom = ZSTD_estimateDCtxSize();
        f->room = mem_alloc(f->mem, f->nroom);
        f->zstd = f->room ? ZSTD_initStaticDCtx(f->room, f->nroom) : NULL;
        if (!f->zstd)
            return PAL_NOMEM;
    }
    *out = mem_alloc(f->mem, raw);
    if (!*out)
        return PAL_NOMEM;
    n = ZSTD_decompressDCtx(f->zstd, *out, raw, r->at, (size_t)r->stored);
    if (n == raw)
        return PAL_OK;
    mem_free(f->mem, *out, raw);
    return REFUSE(f->err, "the %s section does not unpack to its length",
                  section_names[s]);
}

static enum pal_status read_packed(struct file *f, struct pvm_image *im, int s)
{
    const struct row *r = &f->rows[s];
    struct cursor c = {.at = r->at, .end = r->at + r->stored};
    uint8_t *block = NULL;
    bool ok;

    if (hash_checksum(r->at, (size_t)r->stored) != r->checksum)
        return REFUSE(f->err, "the %s section's checksum does not match",
                      section_names[s]);
    if (r->stored != r->raw) {
        TRY(unpack(f, s, &block));
        c.at = block;
        c.end = block + r->raw;
    }
    ok = read_section(&c, im, s);
    mem_free(f->mem, block, (size_t)r->raw);
    if (!ok)
        return PAL_NOMEM;
    if (c.failed)
        return REFUSE(f->err, "the %s section counts more than it holds",
                      section_names[s]);
    if (c.at != c.end)
        return REFUSE(f->err, "bytes follow the %s section's last record",
                      section_names[s]);
    return PAL_OK;
}

static enum pal_status read_sections(struct file *f, struct pvm_image *im)
{
    TRY(check_header(f));
    TRY(read_table(f));
    for (int s = 0; s < PVM_NSECTIONS; s++)
        TRY(read_packed(f, im, s));
    return pvm_check_(im, f->err);
}

enum pal_status pvm_read(struct mem *m, const uint8_t *bytes, size_t n,
                         struct pvm_image **out, struct pvm_error *err)
{
    struct file f = {.mem = m, .bytes = bytes, .n = n, .err = err};
    struct arena *a = arena_open(m);
    struct pvm_image *im = a ? ARENA_NEW(a, struct pvm_image) : NULL;
    enum pal_status st = PAL_NOMEM;

    if (im) {
        im->arena = a;
        st = read_sections(&f, im);
    }
    mem_free(m, f.room, f.nroom);
    if (st)
        arena_close(a);
    else
        *out = im;
    return st;
}

void pvm_free(struct pvm_image *im)
{
    if (im)
        arena_close(im->arena);
}
