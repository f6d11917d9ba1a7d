/* pvmr.c - the runtime alone: runs an image, or the image at its own end,
 * where `pal build --exe` puts one. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/driver/run.h"

#define TRAILER_BYTES 16

static const char help[] =
    "usage: pvmr [OPTION]... IMAGE [ARG]...\n"
    "Runs a Palindrome image (.pvmb).\n"
    "\n"
    "  --back             run forward, then back to the start, and say "
    "whether\n"
    "                     the state is the first again\n"
    "%s"
    "  --version, --help\n"
    "\n"
    "Exit status: the program's; 1 it failed, 2 usage or load error.\n";

/* The image at the end of the running executable, or NULL. */
static uint8_t *own_image(struct mem *m, size_t *n)
{
    FILE *f = fopen("/proc/self/exe", "rb");
    uint8_t trailer[TRAILER_BYTES], *p = NULL;
    if (!f)
        return NULL;
    if (!fseek(f, -TRAILER_BYTES, SEEK_END) &&
        fread(trailer, 1, sizeof trailer, f) == sizeof trailer &&
        !memcmp(trailer + 8, RUN_TRAILER_MAGIC, 8)) {
        uint64_t len = 0;
        long end = ftell(f);
        for (int i = 7; i >= 0; i--)
            len = len << 8 | trailer[i];
        if (len && end > TRAILER_BYTES && len < (uint64_t)end - TRAILER_BYTES &&
            !fseek(f, -(long)(TRAILER_BYTES + len), SEEK_END)) {
            p = mem_alloc(m, len);
            if (p && fread(p, 1, len, f) != len)
                p = NULL;
            *n = len;
        }
    }
    fclose(f);
    return p;
}

static int run_bytes(struct mem *m, const uint8_t *bytes, size_t n,
                     const char *path, const struct run_options *o,
                     const char *const *args)
{
    struct pvm_image *im;
    struct pvm_error err;
    enum pal_status status = pvm_read(m, bytes, n, &im, &err);
    if (status == PAL_OK)
        status = pvm_verify(im, m, &err);
    if (status == PAL_FORMAT) {
        fprintf(stderr, "pvmr: %s is no valid image: %s", path, err.text);
        if (err.pc != UINT32_MAX)
            fprintf(stderr, " (pc %u)", err.pc);
        fputc('\n', stderr);
        return RUN_USAGE;
    }
    if (status) {
        fprintf(stderr, "pvmr: out of memory\n");
        return RUN_USAGE;
    }
    struct run_options named = *o;
    named.path = path;
    int code = run_image(m, im, &named, args);
    pvm_free(im);
    return code;
}

static int usage_error(const char *why)
{
    fprintf(stderr, "pvmr: %s\nTry 'pvmr --help'.\n", why);
    return RUN_USAGE;
}

/* Reads the options; returns the index of the image's path, or 0 with the
 * exit status in *code. */
static int read_options(struct run_options *o, int argc, char **argv, int *code)
{
    int i = 1;
    for (; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
        char why[160];
        if (!strcmp(argv[i], "--help")) {
            printf(help, run_options_help);
            *code = RUN_DONE;
            return 0;
        }
        if (!strcmp(argv[i], "--version")) {
            printf("pvmr %s\n", PAL_VERSION);
            *code = RUN_DONE;
            return 0;
        }
        if (!strcmp(argv[i], "--back")) {
            o->back = true;
            continue;
        }
        int known = run_option(o, argv[i], why, sizeof why);
        if (!known)
            snprintf(why, sizeof why, "unknown option %s", argv[i]);
        if (known <= 0) {
            *code = usage_error(why);
            return 0;
        }
    }
    if (i >= argc) {
        *code = usage_error("no image given");
        return 0;
    }
    return i;
}

int main(int argc, char **argv)
{
    struct mem *m = run_mem_open(&mem_runtime, "pvmr");
    struct run_options o = {.name = "pvmr",
                            .colour = isatty(2) && !getenv("NO_COLOR")};
    size_t n = 0;
    int code = RUN_USAGE;
    uint8_t *bytes = own_image(m, &n);
    if (bytes) {
        o.name = argv[0];
        code =
            run_bytes(m, bytes, n, argv[0], &o, (const char *const *)argv + 1);
    } else {
        int i = read_options(&o, argc, argv, &code);
        struct bytes file = bytes_in(m);
        char why[4200];
        if (i && !run_read_file(argv[i], &file, why, sizeof why))
            code = usage_error(why);
        else if (i)
            code = run_bytes(m, file.at, file.n, argv[i], &o,
                             (const char *const *)argv + i + 1);
    }
    mem_close(m);
    if (fflush(stdout) || ferror(stdout)) {
        fprintf(stderr, "pvmr: cannot write the output: %s\n",
                strerror(errno));
        code = code ? code : RUN_USAGE;
    }
    return code;
}
