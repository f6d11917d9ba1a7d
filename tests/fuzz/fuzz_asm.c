/* fuzz_asm.c - any bytes as .pvm text.
 *
 * What assembles prints as text that assembles to the same image, byte for
 * byte; what the verifier then says is only asked for, never trusted. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/backend.h"
#include "runtime/pvm/disasm.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void broken(const char *what)
{
    fprintf(stderr, "%s\n", what);
    abort();
}

static void round_trip(struct mem *m, struct pvm_image *im)
{
    struct bytes text = bytes_in(m);
    struct pvm_text_error err;
    struct pvm_error why;
    struct pvm_image *again;
    uint8_t *one = NULL, *two = NULL;
    size_t n = 0, k = 0;

    if (!pvm_disassemble(im, m, &text))
        broken("the image does not print");
    if (pvm_assemble(m, (const char *)text.at, text.n, &again, &err)) {
        fprintf(stderr, "%u:%u: %s\n", err.line, err.column, err.text);
        broken("the text does not read back");
    }
    if (pvm_write(im, m, &one, &n) || pvm_write(again, m, &two, &k))
        broken("an image cannot be written");
    if (n != k || memcmp(one, two, n))
        broken("another image reads back");
    mem_free(m, one, n);
    mem_free(m, two, k);
    bytes_free(&text);
    pvm_free(again);
    pvm_verify(im, m, &why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct mem *m = mem_open(&mem_runtime, NULL);
    struct pvm_image *im;
    struct pvm_text_error err;
    enum pal_status st = pvm_assemble(m, (const char *)data, n, &im, &err);

    if (st == PAL_OK) {
        round_trip(m, im);
        pvm_free(im);
    } else if (!err.line || !err.column || !err.text[0]) {
        broken("an error has no place or no sentence");
    }
    mem_close(m);
    return 0;
}
