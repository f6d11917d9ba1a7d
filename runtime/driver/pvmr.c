/* pvmr.c - the runtime alone: runs an image, or the one that its own file
 * holds, where `pal build --exe` put one. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/driver/exe.h"
#include "runtime/driver/run.h"

enum { BACK = RUN_OPTION_IDS, VERSION, HELP };

static const struct option rows[] = {
    {"--back", NULL,
     "run forward, then back to the start, and say\n"
     "                     whether the state is the first again",
     1, BACK},
    {"--version", NULL, "print the version", 1, VERSION},
    {"--help", NULL, "print this", 1, HELP},
    {"-h", NULL, NULL, 1, HELP},
};

static struct option_list all_options(void)
{
    struct option_list l = {.n = 0};
    options_add(&l, rows, 1, 1);
    options_add(&l, run_option_rows, run_noption_rows, RUN_OPTIONS_ALL);
    options_add(&l, rows + 1, sizeof rows / sizeof *rows - 1, 1);
    return l;
}

static void print_help(const struct option_list *l)
{
    printf("usage: pvmr [OPTION]... IMAGE [ARG]...\n"
           "Runs a Palindrome image (.pvmb).\n\n");
    options_print(l);
    printf("\nExit status: the program's; 1 it failed, 2 usage or load "
           "error.\n");
}

static int run_bytes(const struct bytes *b, const char *path,
                     const struct run_options *o, const char *const *args)
{
    struct pvm_image *im;
    struct pvm_error err;
    enum pal_status status = pvm_read(b->mem, b->at, b->n, &im, &err);
    if (status == PAL_OK)
        status = pvm_verify(im, b->mem, &err);
    if (status == PAL_FORMAT) {
        fprintf(stderr, "%s: %s is no valid image: %s", o->name, path,
                err.text);
        if (err.pc != UINT32_MAX)
            fprintf(stderr, " (pc %u)", err.pc);
        fputc('\n', stderr);
        return RUN_USAGE;
    }
    if (status) {
        fprintf(stderr, "%s: out of memory\n", o->name);
        return RUN_USAGE;
    }
    struct run_options named = *o;
    named.path = path;
    int code = run_image(b->mem, im, &named, args);
    pvm_free(im);
    return code;
}

static int usage_error(const char *why)
{
    fprintf(stderr, "pvmr: %s\nTry 'pvmr --help'.\n", why);
    return RUN_USAGE;
}

/* Reads the options; returns where the image's path stands, or NULL with the
 * exit status in *code. */
static char **read_options(struct run_options *o, char **argv, int *code)
{
    struct option_list l = all_options();
    const char *value;
    char why[300];
    while (*argv && option_is(*argv)) {
        if (!strcmp(*argv, "--")) {
            argv++;
            break;
        }
        const struct option *row =
            options_take(&l, &argv, &value, why, sizeof why);
        if (row && row->id == HELP)
            return print_help(&l), *code = RUN_DONE, NULL;
        if (row && row->id == VERSION)
            return printf("pvmr %s\n", PAL_VERSION), *code = RUN_DONE, NULL;
        if (row && row->id == BACK)
            o->back = true;
        else if (!row || !run_option(o, row, value, why, sizeof why))
            return *code = usage_error(why), NULL;
    }
    if (!run_options_agree(o, why, sizeof why))
        return *code = usage_error(why), NULL;
    if (!*argv)
        return *code = usage_error("no image given"), NULL;
    return argv;
}

static int run_file(struct mem *m, struct run_options *o, char **argv)
{
    struct bytes image = bytes_in(m);
    char why[4200];
    int code;
    argv = read_options(o, argv, &code);
    if (!argv)
        return code;
    if (!run_read_file(*argv, &image, why, sizeof why)) {
        fprintf(stderr, "pvmr: %s\n", why);
        return RUN_USAGE;
    }
    return run_bytes(&image, *argv, o, (const char *const *)argv + 1);
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
    return run_bytes(&image, o->name, o,
                     (const char *const *)argv + (argv[0] != NULL));
}

int main(int argc, char **argv)
{
    struct mem *m = run_mem_open(&mem_runtime, "pvmr");
    struct run_options o = {.name = "pvmr",
                            .colour = isatty(2) && !getenv("NO_COLOR")};
    int code = exe_holds_image() ? run_own(m, &o, argv)
                                 : run_file(m, &o, argv + (argc > 0));
    mem_close(m);
    if (fflush(stdout) || ferror(stdout)) {
        fprintf(stderr, "pvmr: cannot write the output: %s\n", strerror(errno));
        code = code ? code : RUN_USAGE;
    }
    return code;
}
