/* backend.h - from PIR to a program image, and .pvm text to an image.
 *
 *   ir_module + ir_fn ... --be_function--> machine code, one fn at a time
 *                                            |
 *                                       be_finish --> struct pvm_image
 *
 * A backend belongs to one module.  Functions are handed over in any order,
 * each once, after every pass that is to run on them; their IR is only read
 * during the call.  The image is complete when every signature of the module
 * has had its body.  Images made here satisfy pvm_verify. */
#ifndef PAL_BACKEND_BACKEND_H
#define PAL_BACKEND_BACKEND_H

#include "ir/ir.h"
#include "runtime/pvm/image.h"

struct be;

/* A backend for a module, in memory of m; NULL when memory is exhausted. */
struct be *be_open(struct mem *m, struct ir_module *mod);
void be_close(struct be *b);

/* Compiles one function.  False when it cannot be expressed (more registers,
 * words or joins than the machine has, an op without an instruction), see
 * be_error; the backend can then only be closed. */
bool be_function(struct be *b, const struct ir_fn *f);

/* The image of everything so far, owned by the caller (pvm_free), imports
 * unbound.  NULL when a function is missing, see be_error.  Call once. */
struct pvm_image *be_finish(struct be *b);

/* A sentence about what went wrong, or "". */
const char *be_error(const struct be *b);

struct pvm_text_error {
    uint32_t line, column; /* 1-based */
    char text[200];        /* a sentence */
};

/* Reads .pvm text into an image, owned by the caller (pvm_free), imports
 * unbound.  Indices and texts in the image are in range; whether its code is
 * safe to run is for pvm_verify to say.  PAL_FORMAT with *err set for
 * malformed text, PAL_NOMEM when memory is exhausted. */
enum pal_status pvm_assemble(struct mem *m, const char *text, size_t n,
                             struct pvm_image **out,
                             struct pvm_text_error *err);

#endif
