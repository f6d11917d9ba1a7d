/* cmd_build.c - `pal build`, `pal asm` and `pal disasm`: images and their
 * text. */
#include <unistd.h>

#include "frontend/driver/driver.h"
#include "runtime/driver/exe.h"
#include "runtime/pvm/disasm.h"

/* Writes the output, and remembers that it is there. */
static int write_result(struct driver *d, const void *p, size_t n,
                        bool executable)
{
    int status = write_out(d, p, n, executable);

    if (status == RUN_DONE)
        cache_store(d, p, n);
    return status;
}

static int write_image(struct driver *d, const struct pvm_image *im)
{
    uint8_t *p;
    size_t n;
    int status;

    if (pvm_write(im, d->mem, &p, &n))
        return say_error("out of memory");
    status = write_result(d, p, n, false);
    mem_free(d->mem, p, n);
    return status;
}

static int write_text(struct driver *d, const struct pvm_image *im)
{
    struct bytes text = bytes_in(d->mem);
    int status;

    if (!pvm_disassemble(im, d->mem, &text))
        return say_error("out of memory");
    status = write_result(d, text.at, text.n, false);
    bytes_free(&text);
    return status;
}

/* The path of pvmr, which lies beside this program. */
static bool find_pvmr(struct bytes *path)
{
    char self[4096];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self);

    while (n > 0 && self[n - 1] != '/')
        n--;
    bytes_add(path, self, n > 0 ? (size_t)n : 0);
    bytes_str(path, "pvmr");
    bytes_byte(path, 0);
    return n > 0 && !access((const char *)path->at, R_OK);
}

static int make_exe(struct driver *d, const struct bytes *pvmr,
                    const struct pvm_image *im)
{
    struct bytes exe = bytes_in(d->mem);
    const char *why;
    uint8_t *image;
    size_t n;
    int status;

    if (pvm_write(im, d->mem, &image, &n))
        return say_error("out of memory");
    why = exe_make(pvmr, image, n, &exe);
    status = why ? say_error("pvmr is of no use for --exe: %s", why)
                 : write_result(d, exe.at, exe.n, true);
    mem_free(d->mem, image, n);
    bytes_free(&exe);
    return status;
}

static int write_exe(struct driver *d, const struct pvm_image *im)
{
    struct bytes path = bytes_in(d->mem), pvmr = bytes_in(d->mem);
    char why[4200];
    int status;

    if (!im->main)
        return say_error("%s has no main function to execute", d->path);
    if (!find_pvmr(&path))
        return say_error("--exe wants the program pvmr beside pal");
    if (run_read_file((const char *)path.at, &pvmr, why, sizeof why)) {
        cache_note_file(d, (const char *)path.at, pvmr.at, pvmr.n);
        status = make_exe(d, &pvmr, im);
    } else {
        status = say_error("%s", why);
    }
    bytes_free(&pvmr);
    bytes_free(&path);
    return status;
}

/* The image of d->path, to be written as one.  A warning where it has nothing
 * that would run; it may still be looked at, or hold tests. */
static struct pvm_image *load_for_image(struct driver *d)
{
    struct pvm_image *im = load_image(d);

    if (im && !im->main && d->emit != EMIT_EXE)
        say_error("warning: %s has no main function, so its image cannot run",
                  d->path);
    return im;
}

static int build(struct driver *d)
{
    struct pvm_image *im = load_for_image(d);
    int status;

    if (!im)
        return RUN_USAGE;
    status = d->emit == EMIT_PVM   ? write_text(d, im)
             : d->emit == EMIT_EXE ? write_exe(d, im)
                                   : write_image(d, im);
    pvm_free(im);
    return status;
}

int cmd_build(struct driver *d)
{
    int status;

    if (!d->out)
        return say_error("where to? give -o FILE");
    if (d->emit == EMIT_IR)
        return cmd_ir(d);
    status = cache_is_current(d) ? RUN_DONE : build(d);
    cache_close(d);
    return status;
}

int cmd_asm(struct driver *d)
{
    struct pvm_image *im;
    int status;

    if (!d->out)
        return say_error("where to? give -o FILE");
    im = load_for_image(d);
    if (!im)
        return RUN_USAGE;
    status = write_image(d, im);
    pvm_free(im);
    return status;
}

int cmd_disasm(struct driver *d)
{
    struct pvm_image *im = load_image(d);
    int status;

    if (!im)
        return RUN_USAGE;
    status = write_text(d, im);
    pvm_free(im);
    return status;
}
