/* pvmr.c - the runtime alone: runs an image, or the one that its own file
 * holds, where `pal build --exe` put one. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/driver/exe.h"
#include "runtime/driver/run.h"

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

/* All arguments are the program's. */
static int run_own(struct mem *m, struct run_options *o, char **argv)
{
    struct bytes image = bytes_in(m);
    const char *why = exe_read_image(&image);
    o->name = argv[0] ? argv[0] : "program";
    if (why) {
        fprintf(stderr, "%s: cannot read the program in this file: %s\n",
                o->name, why);
        return RUN_USAGE;
    }
    return run_bytes(m, image.at, image.n, o->name, o,
                     (const char *const *)argv + (argv[0] != NULL));
}

static int run_file(struct mem *m, struct run_options *o, int argc, char **argv)
{
    struct bytes image = bytes_in(m);
    char why[4200];
    int code = RUN_USAGE, i = read_options(o, argc, argv, &code);
    if (!i)
        return code;
    if (!run_read_file(argv[i], &image, why, sizeof why))
        return usage_error(why);
    return run_bytes(m, image.at, image.n, argv[i], o,
                     (const char *const *)argv + i + 1);
}

int main(int argc, char **argv)
{
    struct mem *m = run_mem_open(&mem_runtime, "pvmr");
    struct run_options o = {.name = "pvmr",
                            .colour = isatty(2) && !getenv("NO_COLOR")};
    int code = exe_holds_image() ? run_own(m, &o, argv)
                                 : run_file(m, &o, argc, argv);
    mem_close(m);
    if (fflush(stdout) || ferror(stdout)) {
        fprintf(stderr, "pvmr: cannot write the output: %s\n",
                strerror(errno));
        code = code ? code : RUN_USAGE;
    }
    return code;
}
