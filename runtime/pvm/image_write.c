/* image_write.c - an image as .pvmb bytes.
 *
 * The same image gives the same bytes: nothing depends on addresses, time or
 * the machine, only on the release of zstd. */
#define ZSTD_STATIC_LINKING_ONLY /* contexts in memory of ours */
#include <zstd.h>

#include <string.h>

#include "runtime/base/hash.h"
#include "runtime/mem/bytes.h"
#include "runtime/pvm/image_file.h"

enum { LEVEL = 1 }; /* writing an image takes part in each build */

/* ---- numbers ------------------------------------------------------------- */

static void put_number(struct bytes *b, uint64_t v, unsigned n)
{
    uint8_t out[8];

    for (unsigned i = 0; i < n; i++)
        out[i] = (uint8_t)(v >> 8 * i);
    bytes_add(b, out, n);
}

static void put8(struct bytes *b, uint8_t v)
{
    bytes_byte(b, v);
}

static void put16(struct bytes *b, uint16_t v)
{
    put_number(b, v, 2);
}

static void put32(struct bytes *b, uint32_t v)
{
    put_number(b, v, 4);
}

static void put64(struct bytes *b, uint64_t v)
{
    put_number(b, v, 8);
}

/* ---- records ------------------------------------------------------------- */

static void put_value(struct bytes *b, const struct pvm_value_type *v)
{
    put8(b, v->kind);
    put32(b, v->type);
}

static void put_values(struct bytes *b, const struct pvm_value_type *at,
                       uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        put_value(b, &at[i]);
}

/* What types of some kinds have besides. */
static void put_more(struct bytes *b, const struct pvm_type *t)
{
    switch (t->kind) {
    case PVM_TYPE_MAP: put_value(b, &t->key); break;
    case PVM_TYPE_FN:
        put16(b, t->nparams);
        put16(b, t->nresults);
        put_values(b, t->params, t->nparams);
        put_values(b, t->results, t->nresults);
        break;
    case PVM_TYPE_CLOSURE:
        put32(b, t->fn);
        put32(b, t->of_fn);
        break;
    }
}

static void put_type(struct bytes *b, const struct pvm_type *t)
{
    put8(b, t->kind);
    put32(b, t->name);
    put32(b, t->nrefs);
    put32(b, t->nscalars);
    put_value(b, &t->item);
    put_more(b, t);
    put32(b, t->nfields);
    for (uint32_t i = 0; i < t->nfields; i++) {
        put32(b, t->fields[i].name);
        put_value(b, &t->fields[i].of);
        put32(b, t->fields[i].word);
    }
}

static void put_fn(struct bytes *b, const struct pvm_fn *f)
{
    put32(b, f->name);
    put32(b, f->file);
    put32(b, f->line);
    put32(b, f->entry);
    put32(b, f->end);
    put32(b, f->first_join);
    put32(b, f->njoins);
    put16(b, f->nrefs);
    put16(b, f->nscalars);
    put16(b, f->nparams);
    put16(b, f->nresults);
    put_values(b, f->params, f->nparams);
    put_values(b, f->results, f->nresults);
}

static void put_join(struct bytes *b, const struct pvm_join *j)
{
    put32(b, j->pc);
    put32(b, j->mark);
    put32(b, j->nlive);
    for (uint32_t i = 0; i < j->nlive; i++) {
        put8(b, j->live[i].is_ref);
        put16(b, j->live[i].reg);
        put32(b, j->live[i].type);
    }
}

static void put_lines(struct bytes *b, const struct pvm_image *im)
{
    put32(b, im->nlines);
    for (uint32_t i = 0; i < im->nlines; i++) {
        put32(b, im->lines[i].pc);
        put32(b, im->lines[i].line);
        put32(b, im->lines[i].column);
    }
}

static void put_tests(struct bytes *b, const struct pvm_image *im)
{
    put32(b, im->ntests);
    for (uint32_t i = 0; i < im->ntests; i++) {
        put32(b, im->tests[i].name);
        put32(b, im->tests[i].fn);
        put32(b, im->tests[i].file);
        put32(b, im->tests[i].line);
    }
}

static void put_imports(struct bytes *b, const struct pvm_image *im)
{
    put32(b, im->nimports);
    for (uint32_t i = 0; i < im->nimports; i++) {
        put32(b, im->imports[i].name);
        put32(b, im->imports[i].sig);
    }
}

static void put_strings(struct bytes *b, const struct pvm_image *im)
{
    put32(b, im->nstrings);
    for (uint32_t i = 0; i < im->nstrings; i++) {
        put32(b, im->strings[i].at);
        put32(b, im->strings[i].len);
    }
}

static void put_words(struct bytes *b, const uint64_t *at, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        put64(b, at[i]);
}

static void put_section(struct bytes *b, const struct pvm_image *im, int s)
{
    switch (s) {
    case PVM_SECTION_HEAD:
        put32(b, im->globals);
        put32(b, im->init);
        put32(b, im->main);
        break;
    case PVM_SECTION_CODE: put_words(b, im->code, im->ncode); break;
    case PVM_SECTION_CONSTS: put_words(b, im->consts, im->nconsts); break;
    case PVM_SECTION_TEXT: bytes_add(b, im->text, im->ntext); break;
    case PVM_SECTION_STRINGS: put_strings(b, im); break;
    case PVM_SECTION_TYPES:
        put32(b, im->ntypes);
        for (uint32_t i = 0; i < im->ntypes; i++)
            put_type(b, &im->types[i]);
        break;
    case PVM_SECTION_FNS:
        put32(b, im->nfns);
        for (uint32_t i = 0; i < im->nfns; i++)
            put_fn(b, &im->fns[i]);
        break;
    case PVM_SECTION_JOINS:
        put32(b, im->njoins);
        for (uint32_t i = 0; i < im->njoins; i++)
            put_join(b, &im->joins[i]);
        break;
    case PVM_SECTION_IMPORTS: put_imports(b, im); break;
    case PVM_SECTION_LINES: put_lines(b, im); break;
    case PVM_SECTION_TESTS: put_tests(b, im); break;
    }
}

/* ---- the file ------------------------------------------------------------ */

struct packer {
    ZSTD_CCtx *zstd; /* NULL: sections are stored as they are */
    void *room;      /* of the context */
    size_t nroom;
};

static bool packer_open(struct packer *p, bool plain, struct mem *m)
{
    if (plain)
        return true;
    p->nroom = ZSTD_estimateCCtxSize(LEVEL);
    p->room = mem_alloc(m, p->nroom);
    p->zstd = p->room ? ZSTD_initStaticCCtx(p->room, p->nroom) : NULL;
    return p->zstd != NULL;
}

/* Appends the section as a zstd frame; false when that is no gain. */
static bool put_frame(struct packer *p, struct bytes *file,
                      const struct bytes *raw)
{
    size_t most = ZSTD_compressBound(raw->n), start = file->n, n;
    uint8_t *at = p->zstd ? bytes_room(file, most) : NULL;

    if (!at)
        return false;
    n = ZSTD_compressCCtx(p->zstd, at, most, raw->at, raw->n, LEVEL);
    file->n = start;
    if (ZSTD_isError(n) || n >= raw->n || raw->n / n >= PVM_RATIO_MOST)
        return false;
    file->n += n;
    return true;
}

/* Appends the section's stored bytes to the file; returns how many. */
static size_t put_stored(struct packer *p, struct bytes *file,
                         const struct bytes *raw)
{
    size_t start = file->n;

    if (raw->failed)
        file->failed = true;
    else if (!put_frame(p, file, raw))
        bytes_add(file, raw->at, raw->n);
    return file->n - start;
}

/* Overwrites bytes that are in the file already. */
static void set_number(struct bytes *file, size_t at, uint64_t v, unsigned n)
{
    for (unsigned i = 0; i < n && !file->failed; i++)
        file->at[at + i] = (uint8_t)(v >> 8 * i);
}

static void put_sections(struct bytes *file, struct packer *p,
                         const struct pvm_image *im)
{
    for (int s = 0; s < PVM_NSECTIONS && !file->failed; s++) {
        struct bytes raw = bytes_in(file->mem);
        size_t row = PVM_HEADER_BYTES + (size_t)s * PVM_ROW_BYTES;
        size_t start = file->n, stored;

        put_section(&raw, im, s);
        stored = put_stored(p, file, &raw);
        set_number(file, row, (uint64_t)s + 1, 4);
        set_number(file, row + 8, raw.n, 8);
        set_number(file, row + 16, stored, 8);
        if (!file->failed)
            set_number(file, row + 24, hash_checksum(file->at + start, stored),
                       8);
        bytes_free(&raw);
    }
}

/* The checksum of the header is over everything ahead of the sections, as it
 * reads with the checksum itself being zero. */
static void put_header(struct bytes *file)
{
    set_number(file, 16, file->n, 8);
    if (!file->failed)
        set_number(file, PVM_CHECKSUM_AT,
                   hash_checksum(file->at, PVM_SECTIONS_AT), 8);
}

enum pal_status pvm_write_(const struct pvm_image *im, bool plain,
                           struct mem *m, uint8_t **out, size_t *n)
{
    struct bytes file = bytes_in(m);
    struct packer p = {0};
    uint8_t *fitted;

    if (packer_open(&p, plain, m)) {
        bytes_add(&file, PVM_MAGIC, 8);
        put32(&file, PVM_FILE_VERSION);
        put32(&file, PVM_NSECTIONS);
        while (file.n < PVM_SECTIONS_AT && !file.failed)
            put64(&file, 0);
        put_sections(&file, &p, im);
        put_header(&file);
    } else {
        file.failed = true;
    }
    mem_free(m, p.room, p.nroom);
    /* The caller gives n bytes back, so the block must have just those. */
    fitted = file.failed ? NULL : mem_grow(m, file.at, file.cap, file.n);
    if (!fitted) {
        bytes_free(&file);
        return PAL_NOMEM;
    }
    *out = fitted;
    *n = file.n;
    return PAL_OK;
}

enum pal_status pvm_write(const struct pvm_image *im, struct mem *m,
                          uint8_t **out, size_t *n)
{
    return pvm_write_(im, false, m, out, n);
}
