/* diag.h - diagnostics: what the compiler tells people.
 *
 * Each diagnostic is a row of diag.def: code, severity, message, and the
 * explanation that `pal explain` will show.  A diagnostic has a primary span
 * with a label, further labelled spans, notes, and helps; a help can carry a
 * fix (replace this span by this text).  They are collected per compilation
 * and shown in source order; at most 50 errors are shown, and how many are
 * not.  Reporting on a place that already has an error, or about a type that
 * is the error type, is the caller's job to avoid: diagnostics do not cascade.
 *
 *   diag_at(ds, E0203, span, name)           message arguments as in the row
 *   diag_label(ds, span, "declared here")
 *   diag_note(ds, "...")   diag_help(ds, "...")
 *   diag_fix(ds, span, text, "...")
 *
 * The follow-up calls belong to the diagnostic begun last. */
#ifndef PAL_FRONTEND_DIAG_H
#define PAL_FRONTEND_DIAG_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/mem/bytes.h"
#include "runtime/mem/mem.h"

enum diag_code {
#define DIAG(CODE, SEVERITY, message, explanation) CODE,
#include "frontend/diag.def"
#undef DIAG
    DIAG_NCODES
};
enum diag_severity { DIAG_ERROR, DIAG_WARNING };

struct source {       /* a file being compiled; text[len] is NUL */
    const char *path; /* as the user gave it; "<stdin>" for - */
    const char *text;
    uint32_t len;
    uint32_t *lines; /* offset of each line's first byte */
    uint32_t nlines;
};

struct span {
    const struct source *src;
    uint32_t pos, end; /* byte offsets, end exclusive */
};

struct diags;

/* Fills lines; memory of the arena. */
void source_index(struct source *s, struct arena *a);
/* 1-based line, and column counted in code points, of a byte offset. */
void source_place(const struct source *s, uint32_t pos, uint32_t *line,
                  uint32_t *column);

struct diags *diags_open(struct mem *m, struct arena *a);
uint32_t diags_errors(const struct diags *ds);
uint32_t diags_warnings(const struct diags *ds);

/* What is checked again for another reason: an instance of something generic,
 * and where it is asked for. */
struct diag_context {
    const char *what; /* "add[int]" */
    struct span at;
    const struct diag_context *up; /* the instance that asks, or NULL */
    bool foreign;     /* its text is not the user's: of the standard library */
    bool foreign_use; /* and so is the text at `at` */
};
/* From here on errors say for what they were found, and one that was found
 * already in the same place is not told again.  Those in foreign text are
 * moved to where the user's own asks for it.  NULL ends that.  Gives the
 * context before. */
const struct diag_context *diag_within(struct diags *ds,
                                       const struct diag_context *context);
/* The instance that the user's text asks for, where foreign text is being
 * checked for it: "sum[str]"; else NULL. */
const char *diag_asked_for(const struct diags *ds);
/* Errors, those not told again included. */
uint32_t diags_found(const struct diags *ds);
/* Begins a diagnostic; further arguments fill the row's message (printf). */
void diag_at(struct diags *ds, enum diag_code code, struct span at, ...);
void diag_label(struct diags *ds, struct span at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void diag_note(struct diags *ds, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void diag_help(struct diags *ds, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void diag_fix(struct diags *ds, struct span at, const char *replacement,
              const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Everything reported, sorted by file and position, as text for people
 * (colour: ANSI escapes) or as one JSON array. */
void diags_render(const struct diags *ds, bool colour, struct bytes *out);
void diags_json(const struct diags *ds, struct bytes *out);

/* The closest of n candidates to `word` by edit distance, or NULL when none is
 * near enough to suggest: an edit for each three letters, three at most.  One
 * that differs in case only is the closest. */
const char *diag_nearest(const char *word, const char *const *candidates,
                         uint32_t n);

#endif
