/* disasm.h - an image as .pvm text, for people and for the assembler.
 *
 * The text of an image made by the backend or the assembler reads back as the
 * same image, byte for byte.  Any image that pvm_read accepts can be shown,
 * verified or not. */
#ifndef PAL_PVM_DISASM_H
#define PAL_PVM_DISASM_H

#include "runtime/mem/bytes.h"
#include "runtime/pvm/image.h"

/* Appends the whole image.  False when memory is exhausted. */
bool pvm_disassemble(const struct pvm_image *im, struct mem *m,
                     struct bytes *out);
/* Appends one instruction without a newline; jumps show the pc they go to. */
void pvm_print_inst(const struct pvm_image *im, uint32_t pc, struct bytes *out);

#endif
