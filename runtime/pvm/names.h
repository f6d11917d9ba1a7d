/* names.h - what the text form calls the strings, types, functions and natives
 * of an image.  Between disasm.c and names.c.
 *
 * Text refers by content or name where that finds the same thing again, and
 * by #index where not: a second string with the same text, a second type or
 * function of the same name.  Tables that the assembler would make in the
 * same order from the text alone are not written out. */
#ifndef PAL_PVM_NAMES_H
#define PAL_PVM_NAMES_H

#include "runtime/mem/bytes.h"
#include "runtime/pvm/image.h"

struct pvm_names {
    const struct pvm_image *im;
    struct arena *arena;
    uint32_t *same;         /* string -> first string of the same text */
    uint32_t *same_const;   /* constant -> first of the same bits */
    uint32_t *type_named;   /* string -> first type of that name + 1 */
    uint32_t *fn_named;     /* string -> first function of that name + 1 */
    uint32_t *import_named; /* string -> first import of that name + 1 */
    bool show_strings, show_consts, show_imports; /* tables are needed */
};

/* Everything in arena a; false when memory is exhausted. */
bool pvm_names_make(struct pvm_names *n, const struct pvm_image *im,
                    struct arena *a);

/* Append a name or what else refers to it. */
void pvm_names_string(const struct pvm_names *n, uint32_t string,
                      struct bytes *out);
void pvm_names_const(const struct pvm_names *n, uint32_t index,
                     struct bytes *out);
void pvm_names_type(const struct pvm_names *n, uint32_t type,
                    struct bytes *out);
void pvm_names_value(const struct pvm_names *n, struct pvm_value_type v,
                     struct bytes *out);
void pvm_names_fn(const struct pvm_names *n, uint32_t fn, struct bytes *out);
void pvm_names_import(const struct pvm_names *n, uint32_t import,
                      struct bytes *out);

/* Without regard to the image: a string in quotes, a name in quotes unless it
 * is one word, a constant as the number it looks like. */
void pvm_text_quoted(const struct pvm_image *im, uint32_t string,
                     struct bytes *out);
void pvm_text_word(const struct pvm_image *im, uint32_t string,
                   struct bytes *out);
void pvm_text_const(uint64_t bits, struct bytes *out);

#endif
