/* diag_impl.h - how diagnostics are stored, for diag*.c alone. */
#ifndef PAL_FRONTEND_DIAG_IMPL_H
#define PAL_FRONTEND_DIAG_IMPL_H

#include "frontend/diag.h"
#include "runtime/mem/vec.h"

enum {
    DIAG_SHOWN = 50, /* errors shown */
    DIAG_KEPT = 1000 /* of each severity remembered; more are counted */
};

struct diag_label {
    struct span at;
    const char *text; /* may be empty */
};
enum diag_remark_kind { DIAG_NOTE, DIAG_HELP, DIAG_FIX };
struct diag_remark {
    uint8_t kind;
    const char *text;
    struct span at;          /* FIX: what is replaced, */
    const char *replacement; /* and by what */
};
struct diag {
    enum diag_code code;
    struct span at;
    const char *message;
    VEC(struct diag_label) labels; /* one at the place of `at` is its own */
    VEC(struct diag_remark) remarks;
};

struct diags {
    const struct diag_context *context; /* NULL: none */
    uint32_t again;                     /* errors that were told already */
    struct mem *mem;
    struct arena *arena;
    VEC(struct diag *) list;
    struct diag *last; /* what follow-up calls belong to; NULL: dropped */
    bool moved;        /* it is shown elsewhere than it was found */
    uint32_t errors, warnings;
};

struct diag_row {
    const char *code; /* "E0101" */
    uint8_t severity;
    const char *message, *explanation;
};
extern const struct diag_row diag_rows[DIAG_NCODES];

/* The diagnostics to show, by file and position, in the arena; *n of them and
 * *more errors that are not among them. */
struct diag **diags_sorted(const struct diags *ds, uint32_t *n, uint32_t *more);
/* Adds text with what would disturb a terminal or a reader (control
 * characters, bytes that are no UTF-8) replaced. */
void diag_add_clean(struct bytes *out, const char *s, size_t n);

#endif
