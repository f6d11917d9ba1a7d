/* asm_text.h - reading .pvm text piece by piece, and tables by name.
 *
 * A cursor stands in the text.  What is read is skipped; what is asked for
 * and not there is an error: the first one is kept with its place, and from
 * then on every reader yields false.  Slices point into the text or, where a
 * string had escapes, into the arena. */
#ifndef PAL_BACKEND_ASM_TEXT_H
#define PAL_BACKEND_ASM_TEXT_H

#include "backend/backend.h"
#include "backend/builder.h"

struct asm_slice {
    const char *at;
    uint32_t n;
};

struct asm_place { /* in the text; its column is counted when asked for */
    const char *at, *line_start;
    uint32_t line;
};

struct asm_cursor {
    const char *at, *end;
    const char *line_start;
    uint32_t line;
    struct arena *arena;
    struct pvm_text_error *err;
    bool failed, no_memory;
};

/* Reports an error at the cursor, or at a place; yields false. */
bool asm_fail(struct asm_cursor *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
bool asm_fail_at(struct asm_cursor *c, struct asm_place at, const char *format,
                 ...) __attribute__((format(printf, 3, 4)));
bool asm_no_memory(struct asm_cursor *c);
/* Where the next thing of the line begins. */
struct asm_place asm_here(struct asm_cursor *c);

/* Skips blanks; then: is the line over (a comment is no part of it)? */
bool asm_at_end(struct asm_cursor *c);
/* The line must be over; on to the next. */
bool asm_next_line(struct asm_cursor *c);
/* On to the next line, whatever is left of this one. */
void asm_skip_line(struct asm_cursor *c);
/* Is this character next?  Skips it if so. */
bool asm_accept(struct asm_cursor *c, char ch);
bool asm_expect(struct asm_cursor *c, char ch);
/* A word: a letter, then letters, digits and dots. */
bool asm_is_word(struct asm_cursor *c);
bool asm_word(struct asm_cursor *c, struct asm_slice *out, const char *what);
/* Is this the next word?  Skips it if so. */
bool asm_accept_word(struct asm_cursor *c, const char *word);
/* "…" with escapes, decoded and checked to be UTF-8. */
bool asm_string(struct asm_cursor *c, struct asm_slice *out);
/* A word or a string. */
bool asm_name(struct asm_cursor *c, struct asm_slice *out, const char *what);
/* The name of a type: a word, a string, or [ … ] as a whole. */
bool asm_type_name(struct asm_cursor *c, struct asm_slice *out);
/* A decimal number in lo..hi. */
bool asm_int(struct asm_cursor *c, int64_t lo, int64_t hi, int64_t *out);
/* 64 bits: a decimal or hexadecimal number, or a float. */
bool asm_bits(struct asm_cursor *c, uint64_t *out);

/* ---- names --------------------------------------------------------------- */

/* The first thing of each name. */
struct asm_symbols {
    VEC(struct asm_symbol {
        struct asm_slice name;
        uint32_t index;
    })
    list;
    uint32_t *slots; /* open addressing; index into list + 1 */
    uint32_t cap;
};

/* False when the name is there already (it keeps its index) or memory is
 * exhausted (c->no_memory). */
bool asm_symbols_add(struct asm_cursor *c, struct asm_symbols *s,
                     struct asm_slice name, uint32_t index);
/* The index of a name; UINT32_MAX when there is none. */
uint32_t asm_symbols_find(const struct asm_symbols *s, struct asm_slice name);

#endif
