/* image.h - a compiled program: what the backend makes, the loader checks,
 * and the vm runs.
 *
 *   code      one array of instruction words, functions one after another
 *   fns       entry, frame sizes, signature
 *   joins     at each place control can meet: live registers, open mark
 *   types     descriptors; the first PVM_TYPE_FIRST are those of types.def
 *   consts    64-bit scalars          strings  offset and length into text
 *   natives   imports by name and signature, bound by the loader
 *   lines     pc -> file and line     names    functions, files, fields
 *
 * An image made by the loader or the backend owns its arrays through one
 * arena.  Strings are indices into `strings` (names too).  pcs are indices
 * into `code` from the image's start.  Nothing here is changed after the
 * image is built; the vm copies code to the tape. */
#ifndef PAL_PVM_IMAGE_H
#define PAL_PVM_IMAGE_H

#include "runtime/base/status.h"
#include "runtime/mem/mem.h"
#include "runtime/pvm/code.h"

enum pvm_kind { /* of a value: field, item, parameter */
                PVM_NONE,
                PVM_INT,
                PVM_FLOAT,
                PVM_BOOL,
                PVM_BYTE,
                PVM_REF
};

enum pvm_type_kind {
    PVM_TYPE_NULL,
    PVM_TYPE_STR,
    PVM_TYPE_STRUCT,
    PVM_TYPE_LIST,
    PVM_TYPE_STORE, /* backing store of a list; never in a register */
    PVM_TYPE_GLOBALS,
    PVM_TYPE_WEAK, /* refers to what it does not keep alive */
    PVM_TYPE_MAP,
    PVM_TYPE_SUM,     /* one of its variants' types; no object's own */
    PVM_TYPE_UNIT,    /* without words: there is one object of it */
    PVM_TYPE_NAMES,   /* of ints that have names; no reference's */
    PVM_TYPE_ANY,     /* of any reference; no object's own */
    PVM_TYPE_FN,      /* of closures of one signature; no object's own */
    PVM_TYPE_CLOSURE, /* a function with what it captures; without words there
                         is one object of it */
    PVM_TYPE_GUARDIAN,
    PVM_TYPE_WATCH, /* what a guardian and the collector share; no value's */
    PVM_TYPE_TEXT   /* bytes that strs share; no value's */
};

/* Whether a value can refer to objects of such a type. */
static inline bool pvm_is_value_kind(unsigned kind)
{
    switch (kind) {
    case PVM_TYPE_STR:
    case PVM_TYPE_STRUCT:
    case PVM_TYPE_LIST:
    case PVM_TYPE_MAP:
    case PVM_TYPE_SUM:
    case PVM_TYPE_UNIT:
    case PVM_TYPE_ANY:
    case PVM_TYPE_FN:
    case PVM_TYPE_CLOSURE:
    case PVM_TYPE_WEAK:
    case PVM_TYPE_GUARDIAN: return true;
    default: return false;
    }
}

enum {
#define TYPE(index, NAME, KIND, text, EKIND, etype) PVM_T_##NAME = index,
#include "runtime/pvm/types.def"
#undef TYPE
    PVM_TYPE_FIRST = 20 /* the first index an image defines itself */
};

struct pvm_value_type {
    uint8_t kind;  /* enum pvm_kind */
    uint32_t type; /* of a PVM_REF: index into types; of a PVM_INT that is a
                      field, item or key: its NAMES type, or 0; else 0 */
};

/* The same as a register has it: there an int is an int. */
static inline struct pvm_value_type pvm_in_register(struct pvm_value_type v)
{
    v.type = v.kind == PVM_REF ? v.type : 0;
    return v;
}

struct pvm_field {
    uint32_t name; /* string index */
    struct pvm_value_type of;
    uint32_t word; /* place in the payload */
};

struct pvm_type {
    uint8_t kind;  /* enum pvm_type_kind */
    uint32_t name; /* string index, as printed */
    /* STRUCT, CLOSURE, GLOBALS: payload words, references first */
    uint32_t nrefs, nscalars;
    /* of these: fields in source order, nrefs + nscalars of them;
     * SUM: the variants, each of a STRUCT or UNIT type that is in no other;
     * NAMES: the names, of kind PVM_NONE.  The words of these are 0. */
    uint32_t nfields;
    const struct pvm_field *fields;
    /* LIST, STORE; of a MAP the values */
    struct pvm_value_type item;
    struct pvm_value_type key; /* MAP */
    /* FN: its signature, as that of a pvm_fn */
    uint16_t nparams, nresults;
    const struct pvm_value_type *params, *results;
    /* CLOSURE: the function, which takes the closure itself and then what the
     * type takes; and the index of its FN type */
    uint32_t fn, of_fn;
};

struct pvm_fn {
    uint32_t name, file, line; /* string indices; line of the declaration */
    uint32_t entry, end;       /* code[entry..end) */
    uint16_t nrefs, nscalars;  /* frame sizes, windows of calls included */
    uint16_t nparams, nresults;
    const struct pvm_value_type *params;  /* in source order */
    const struct pvm_value_type *results; /* result, then mut parameters */
    uint32_t first_join, njoins;          /* into joins, ascending by pc */
};

/* Results and parameters of one class take that class's first registers, in
 * order: of (int, str, int) the registers are s0, r0, s1. */

struct pvm_live {
    uint8_t is_ref;
    uint16_t reg;
    uint32_t type; /* of a reference; 0 for a scalar */
};

/* The state where control can meet.  Every instruction with bit T has one,
 * but a function's entry, whose state is its signature: a jump's destination,
 * a landing, the instruction after a call.  The instruction after a KEEP or
 * UNDO has one too, without T. */
struct pvm_join {
    uint32_t pc;
    uint32_t mark; /* pc of the innermost open MARK + 1; 0: none open */
    uint32_t nlive;
    const struct pvm_live *live;
};

struct pvm_line {
    uint32_t pc; /* this and the following instructions */
    uint32_t line;
    uint32_t column;
};

struct pvm_import {
    uint32_t name, sig; /* string indices, see natives.def */
    int native;         /* row of natives.def, set when bound; -1 before */
};

struct pvm_test {
    uint32_t name;
    uint32_t fn;
    uint32_t file, line;
};

struct pvm_str {
    uint32_t at, len; /* into text */
};

struct pvm_image {
    struct arena *arena; /* owns all arrays */

    const uint64_t *code;
    uint32_t ncode;
    const struct pvm_fn *fns;
    uint32_t nfns;
    const struct pvm_join *joins;
    uint32_t njoins;
    const struct pvm_type *types;
    uint32_t ntypes;
    const uint64_t *consts;
    uint32_t nconsts;
    const struct pvm_str *strings;
    uint32_t nstrings;
    const char *text; /* UTF-8; every string is valid by itself */
    uint32_t ntext;
    const struct pvm_import *imports;
    uint32_t nimports;
    const struct pvm_line *lines; /* ascending by pc */
    uint32_t nlines;
    const struct pvm_test *tests;
    uint32_t ntests;

    uint32_t globals; /* type index of kind GLOBALS; 0: no globals */
    uint32_t init;    /* function index + 1 that fills the globals; 0: none */
    uint32_t main;    /* function index + 1; 0: no main */
};

/* ---- made by image.c ----------------------------------------------------- */

/* The built-in descriptors, PVM_TYPE_FIRST of them.  Their names and fields'
 * names are indices into the first strings of every image, see
 * pvm_builtin_strings. */
extern const struct pvm_type pvm_builtin_types[PVM_TYPE_FIRST];
extern const char *const pvm_builtin_strings[];
extern const uint32_t pvm_nbuiltin_strings;

/* Payload words of Error (message: str, kind: str, trace: [int]) and of World
 * (held output: [byte], unread input: [byte], generator, input position). */
enum { ERROR_MESSAGE, ERROR_KIND, ERROR_TRACE, ERROR_VALUE, ERROR_WORDS };
enum { WORLD_OUT, WORLD_IN, WORLD_RANDOM, WORLD_INPOS, WORLD_WORDS };
/* Of what guardians are made of (runtime/gc/guard.h): references first. */
enum { GROWN_TEXT, GROWN_LEN, GROWN_WORDS };
enum { GUARDIAN_WATCHES, GUARDIAN_QUEUE, GUARDIAN_WORDS };
enum {
    WATCH_TARGET,
    WATCH_QUEUE,
    WATCH_NEXT,
    WATCH_NUMBER,
    WATCH_WAITS,
    WATCH_WORDS
};
enum { QUEUE_FIRST, QUEUE_LAST, QUEUE_WORDS };

/* The text of string index i, with a NUL behind it; "" when there is none. */
const char *pvm_text(const struct pvm_image *im, uint32_t i);

/* Serialises an image as .pvmb; *out is memory of m, *n bytes. */
enum pal_status pvm_write(const struct pvm_image *im, struct mem *m,
                          uint8_t **out, size_t *n);

/* What is wrong with an image: a sentence, and where. */
struct pvm_error {
    char text[240];
    uint32_t pc; /* ~0: not at an instruction */
};

/* Reads a .pvmb into an image of its own arena in m.  PAL_FORMAT with *err
 * set for anything malformed: wrong magic or version, checksum, counts,
 * truncated sections, indices out of range, invalid UTF-8. Does not verify
 * code: call pvm_verify before running. */
enum pal_status pvm_read(struct mem *m, const uint8_t *bytes, size_t n,
                         struct pvm_image **out, struct pvm_error *err);
void pvm_free(struct pvm_image *im);

/* Binds imports to natives.def by name and signature, then proves that the
 * code is safe to run, in one linear pass (verify.c says what it proves). */
enum pal_status pvm_verify(struct pvm_image *im, struct mem *m,
                           struct pvm_error *err);

/* Whether NEW makes objects of a type; else, of a UNIT or CLOSURE, there is one
 * that LDU loads. */
static inline bool pvm_is_made(const struct pvm_type *t)
{
    return t->kind == PVM_TYPE_STRUCT ||
           (t->kind == PVM_TYPE_CLOSURE && t->nfields);
}
static inline bool pvm_is_single(const struct pvm_type *t)
{
    return t->kind == PVM_TYPE_UNIT ||
           (t->kind == PVM_TYPE_CLOSURE && !t->nfields);
}

/* Of each type the wider one that its objects' own type determines: the SUM of
 * a variant, the FN of a CLOSURE, STR of a grown one; 0: none.  And the number
 * of the variant; `tags` may be NULL.  Both have ntypes entries; the image's
 * types are sound.
 */
void pvm_find_wider(const struct pvm_image *im, uint32_t *wider,
                    uint32_t *tags);

/* File name and line of a pc; false when the image has none. */
bool pvm_place(const struct pvm_image *im, uint32_t pc, uint32_t *file,
               uint32_t *line);
/* The function that holds pc; NULL when none does. */
const struct pvm_fn *pvm_fn_at(const struct pvm_image *im, uint32_t pc);
/* The join at exactly pc within fn; NULL when there is none. */
const struct pvm_join *pvm_join_at(const struct pvm_image *im,
                                   const struct pvm_fn *fn, uint32_t pc);

#endif
