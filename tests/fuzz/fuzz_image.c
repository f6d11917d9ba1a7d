/* fuzz_image.c - changed images through loader, verifier and vm.
 *
 *   input := [a .pvmb file] edits        no file: the program of image_kit.h
 *
 * The image is written with plain sections, up to EDITS_MOST edits are made
 * in it (image_edit.h), and its checksums are made good again: so an edit
 * reaches what it is aimed at.  What the verifier lets pass is run for a
 * while in a traced window, run back to the start, where the machine must be
 * as it was, and run at full speed.  Now and then the shares that reach the
 * verifier and the vm are printed; what no edit changed is not counted. */
#include <stdio.h>
#include <stdlib.h>

#include "runtime/vm/vm.h"
#include "tests/fuzz/image_edit.h"
#include "tests/unit/image_kit.h"

/* Seeds run for seconds; changes show soon. */
enum { EDITS_MOST = 4, STEPS = 4000, TICKS = 4000 };

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max,
                               unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *one, size_t none,
                                 const uint8_t *two, size_t ntwo, uint8_t *out,
                                 size_t max, unsigned seed);

/* Bytes of the file that the input begins with; 0 when it has none. */
static size_t file_length(const uint8_t *data, size_t n)
{
    uint64_t length;

    if (n < PVM_SECTIONS_AT || memcmp(data, PVM_MAGIC, 8))
        return 0;
    length = get(data + 16, 8);
    return length <= n ? (size_t)length : n;
}

/* A fresh edit: mostly such as often leave the image valid. */
static void make_edit(uint8_t *edit, unsigned *random)
{
    for (int i = 0; i < EDIT_BYTES; i++) {
        *random = *random * 1664525 + 1013904223;
        edit[i] = (uint8_t)(*random >> 24);
    }
    if (edit[EDIT_BYTES - 1] % 4)
        edit[0] %= EDIT_MILD;
}

/* The file stands; it is the edits that are worth changing.  What is refused
 * stays so whatever more is done to it, so most inputs begin anew. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max,
                               unsigned seed)
{
    size_t file = file_length(data, size), n = (size - file) / EDIT_BYTES;
    unsigned random = seed, how = seed >> 8 & 7;
    uint8_t *edits = data + file;

    if (file + EDITS_MOST * EDIT_BYTES > max)
        return size > max ? max : size;
    if (n > EDITS_MOST)
        n = EDITS_MOST;
    if (how < 4 || !n) {
        n = how & 1;
        make_edit(edits, &random);
    }
    if (!n || (how < 6 && n < EDITS_MOST))
        make_edit(edits + n++ * EDIT_BYTES, &random);
    else
        LLVMFuzzerMutate(edits + seed % n * EDIT_BYTES, EDIT_BYTES, EDIT_BYTES);
    return file + n * EDIT_BYTES;
}

/* The file of one input with the edits of the other. */
size_t LLVMFuzzerCustomCrossOver(const uint8_t *one, size_t none,
                                 const uint8_t *two, size_t ntwo, uint8_t *out,
                                 size_t max, unsigned seed)
{
    size_t file = file_length(one, none), at = file_length(two, ntwo);
    size_t edits = ntwo - at;

    (void)seed;
    if (file + edits > max)
        return 0;
    memcpy(out, one, file);
    memcpy(out + file, two + at, edits);
    return file + edits;
}

/* ---- runs ---------------------------------------------------------------- */

static bool swallow(void *arg, int fd, const void *p, size_t n)
{
    (void)arg, (void)fd, (void)p, (void)n;
    return true;
}

static void demand(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "fuzz_image: %s\n", what);
        abort();
    }
}

static void run_traced(struct vm *vm)
{
    uint64_t before;

    if (vm_window_open(vm))
        return;
    before = vm_digest(vm);
    vm->window->stop = STEPS;
    vm_run(vm);
    vm_run_back(vm, UINT64_MAX);
    demand(vm_digest(vm) == before, "running back did not lead back");
    vm_window_drop(vm);
}

static void run(const struct pvm_image *im, struct mem *m)
{
    static const char *const args[] = {"one", NULL};
    struct vm_options opt = {
        .heap = 8 << 20, .stack = 1 << 16, .nursery = 1 << 16};
    struct vm_host host = {.write = swallow, .args = args};
    struct vm *vm;

    if (vm_open(&vm, m, im, &opt, &host))
        return;
    if (!vm_start(vm)) {
        run_traced(vm);
        vm_stop_after(vm, TICKS);
        vm_run(vm);
        demand(!vm->failure[0], vm->failure);
    }
    vm_close(vm);
}

/* ---- the target ---------------------------------------------------------- */

struct shares {
    uint64_t inputs, read, verified;
};

static void count(struct shares *s, bool read, bool verified)
{
    s->inputs++;
    s->read += read;
    s->verified += verified;
    if (s->inputs >= 1024 && !(s->inputs & (s->inputs - 1)))
        fprintf(stderr,
                "fuzz_image: of %llu inputs %.1f%% reached the "
                "verifier, %.1f%% the vm\n",
                (unsigned long long)s->inputs,
                100.0 * (double)s->read / (double)s->inputs,
                100.0 * (double)s->verified / (double)s->inputs);
}

/* The image the edits are made in; NULL when the input's own is refused. */
static struct pvm_image *base(struct mem *m, const uint8_t *data, size_t n)
{
    struct pvm_image *im = NULL;
    struct pvm_error err;

    if (!n)
        return kit_program(m);
    return pvm_read(m, data, n, &im, &err) ? NULL : im;
}

/* Makes the edits; false when they change nothing. */
static bool change(const struct pvm_image *im, uint8_t *file, size_t length,
                   const uint8_t *edits, size_t n)
{
    uint64_t before = hash_checksum(file, length);

    n /= EDIT_BYTES;
    if (n > EDITS_MOST)
        n = EDITS_MOST;
    for (size_t i = 0; i < n; i++)
        edit_image(im, file, edits + i * EDIT_BYTES);
    seal(file);
    for (size_t i = 0; i < n; i++)
        edit_header(file, edits + i * EDIT_BYTES);
    return hash_checksum(file, length) != before;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct shares shares;
    struct mem *m = mem_open(&mem_runtime, NULL);
    size_t length, at = file_length(data, n);
    struct pvm_image *im = base(m, data, at), *read = NULL;
    struct pvm_error err = {.text = ""};
    uint8_t *file;
    bool changed = false, verified = false;

    if (im && !pvm_write_(im, true, m, &file, &length)) {
        changed = change(im, file, length, data + at, n - at);
        if (!pvm_read(m, file, length, &read, &err))
            verified = !pvm_verify(read, m, &err);
        demand(verified || err.text[0], "refused without a word");
        if (verified)
            run(read, m);
    }
    count(&shares, changed && read, changed && verified);
    mem_close(m);
    return 0;
}
