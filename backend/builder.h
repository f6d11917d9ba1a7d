/* builder.h - an image under construction, for the backend and the assembler.
 *
 * Strings and constants are interned: equal ones share an index, given in the
 * order in which they were first asked for.  Strings begin with the built-in
 * ones.  Names of imports come last, when the image is finished.  That order
 * is part of the text form: text that leaves the tables out reads back as the
 * same tables.
 *
 * Failing memory is remembered in `failed`, and builder_finish reports it; an
 * index returned meanwhile means nothing but may be stored. */
#ifndef PAL_BACKEND_BUILDER_H
#define PAL_BACKEND_BUILDER_H

#include "runtime/mem/bytes.h"
#include "runtime/mem/vec.h"
#include "runtime/pvm/image.h"

struct intern { /* open addressing; a slot holds an index + 1 */
    uint32_t *slots;
    uint32_t cap; /* a power of two, or 0 */
};

struct builder_join {
    uint32_t pc, mark; /* as in pvm_join */
    uint32_t first, n; /* into lives */
};

struct builder_import {
    const char *name, *sig; /* in the image's arena */
    uint32_t name_len, sig_len;
};

struct builder {
    struct mem *mem;
    struct arena *arena; /* of the image */
    bool failed;

    struct bytes text;
    VEC(struct pvm_str) strings;
    struct intern string_index;
    VEC(uint64_t) consts;
    struct intern const_index;
    VEC(struct builder_import) imports;

    VEC(struct pvm_type) types;
    VEC(struct pvm_fn) fns;
    VEC(uint64_t) code;
    VEC(struct builder_join) joins;
    VEC(struct pvm_live) lives;
    VEC(struct pvm_line) lines;
    VEC(struct pvm_test) tests;
    uint32_t globals, init, main; /* as in pvm_image */
};

/* Begins an image with the built-in types and strings. */
void builder_open(struct builder *b, struct mem *m);
/* Drops what was built; not after builder_finish. */
void builder_close(struct builder *b);

uint32_t builder_string(struct builder *b, const char *s, size_t n);
/* A new string even where an equal one exists. */
uint32_t builder_new_string(struct builder *b, const char *s, size_t n);
uint32_t builder_const(struct builder *b, uint64_t bits);
uint32_t builder_new_const(struct builder *b, uint64_t bits);
/* Index of an import.  An instruction can name BUILDER_IMPORTS_MAX of them:
 * the caller checks. */
enum { BUILDER_IMPORTS_MAX = 65536 };
uint32_t builder_import(struct builder *b, const char *name, size_t n,
                        const char *sig, size_t k);
/* Appends to code. */
void builder_word(struct builder *b, uint64_t w);
/* A copy in the image's arena; NULL (and failed) when memory is exhausted. */
void *builder_copy(struct builder *b, const void *from, size_t bytes);

/* The image; the builder is closed.  NULL when memory is exhausted. */
struct pvm_image *builder_finish(struct builder *b);

#endif
