/* options.c - options and operands of the subcommands. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "frontend/driver/driver.h"

static const struct {
    unsigned set; /* enum option_set; 0: all, but OPTION_RUN has its own */
    const char *text;
} help_lines[] = {
    {OPTION_LEVEL, "  -O0 -O1 -O2        how much to optimise (-O2)\n"},
    {OPTION_OUT, "  -o FILE            where to write; - is the standard "
                 "output\n"},
    {OPTION_FORMAT, "  --format=json      diagnostics as a JSON array on the "
                    "standard output\n"},
    {OPTION_EMIT,
     "  --emit=image|pvm|ir  what to make (image)\n"
     "  --exe              an executable that needs nothing else\n"},
    {OPTION_IR, "  --round-trip       check that the text reads back as "
                "itself\n"
                "  --dump=PASS        show functions after that pass\n"
                "  --tests            test blocks too\n"},
    {0, "  --color=WHEN       auto, always or never; NO_COLOR is heeded\n"},
};

void options_help(const struct command *c)
{
    printf("usage: pal %s [OPTION]... %s\n%c%s.\n\n", c->name, c->operands,
           c->summary[0] - 'a' + 'A', c->summary + 1);
    for (size_t i = 0; i < sizeof help_lines / sizeof *help_lines; i++)
        if (help_lines[i].set ? help_lines[i].set & c->options
                              : !(c->options & OPTION_RUN))
            printf("%s", help_lines[i].text);
    if (c->options & OPTION_RUN)
        printf("%s", run_options_help);
}

/* The rest of arg behind the prefix, or NULL. */
static const char *value_of(const char *arg, const char *prefix)
{
    size_t n = strlen(prefix);

    return strncmp(arg, prefix, n) ? NULL : arg + n;
}

static bool read_format(struct driver *d, const char *v)
{
    d->json = !strcmp(v, "json");
    return d->json || !strcmp(v, "text");
}

/* As read_option; an executable is no other thing at the same time. */
static int set_emit(struct driver *d, enum emit emit, char *why, size_t n)
{
    if (d->emit && (emit == EMIT_EXE) != (d->emit == EMIT_EXE)) {
        snprintf(why, n, "--exe and --emit exclude each other");
        return -1;
    }
    d->emit = emit;
    return 1;
}

static int read_emit(struct driver *d, const char *v, char *why, size_t n)
{
    if (!strcmp(v, "image"))
        return set_emit(d, EMIT_IMAGE, why, n);
    if (!strcmp(v, "pvm"))
        return set_emit(d, EMIT_PVM, why, n);
    return strcmp(v, "ir") ? -1 : set_emit(d, EMIT_IR, why, n);
}

static bool read_colour(struct driver *d, const char *v)
{
    if (!strcmp(v, "always"))
        d->colour = true;
    else if (!strcmp(v, "never"))
        d->colour = false;
    else
        return !strcmp(v, "auto");
    return true;
}

static bool read_dump(struct driver *d, const char *v)
{
    d->dump = v;
    for (const char *const *p = ir_pass_names; *p; p++)
        if (!strcmp(*p, v))
            return true;
    return false;
}

/* One option that stands alone; 1: read, 0: unknown, -1: a wrong value. */
static int read_option(struct driver *d, const char *arg, char *why, size_t n)
{
    unsigned set = d->command->options;
    const char *v;

    if ((set & OPTION_LEVEL) && arg[1] == 'O' && arg[2] >= '0' &&
        arg[2] <= '2' && !arg[3])
        return d->level = arg[2] - '0', 1;
    if ((set & OPTION_FORMAT) && (v = value_of(arg, "--format=")))
        return read_format(d, v) ? 1 : -1;
    if ((set & OPTION_EMIT) && (v = value_of(arg, "--emit=")))
        return read_emit(d, v, why, n);
    if ((set & OPTION_EMIT) && !strcmp(arg, "--exe"))
        return set_emit(d, EMIT_EXE, why, n);
    if ((set & OPTION_IR) && (v = value_of(arg, "--dump=")))
        return read_dump(d, v) ? 1 : -1;
    if ((set & OPTION_IR) && !strcmp(arg, "--round-trip"))
        return d->round_trip = true, 1;
    if ((set & OPTION_IR) && !strcmp(arg, "--tests"))
        return d->tests = true, 1;
    if ((v = value_of(arg, "--color=")))
        return read_colour(d, v) ? 1 : -1;
    if (set & OPTION_RUN)
        return run_option(&d->run, arg, why, n);
    return 0;
}

static bool usage_error(struct driver *d, const char *why)
{
    say_error("%s; `pal help %s` says more", why, d->command->name);
    return false;
}

/* Reads the option at *argv; moves on behind it. */
static bool take_option(struct driver *d, char ***argv)
{
    char why[200] = "", text[300];
    const char *arg = *(*argv)++;
    int known;

    if (!strcmp(arg, "-o") && d->command->options & OPTION_OUT) {
        if (!**argv)
            return usage_error(d, "-o needs a file");
        d->out = *(*argv)++;
        return true;
    }
    known = read_option(d, arg, why, sizeof why);
    if (known > 0)
        return true;
    if (known < 0 && why[0])
        return usage_error(d, why);
    snprintf(text, sizeof text, known ? "bad value in %s" : "unknown option %s",
             arg);
    return usage_error(d, text);
}

bool options_read(struct driver *d, char **argv)
{
    bool code = d->command->run == cmd_explain; /* its operand is no file */

    d->colour = isatty(STDERR_FILENO) && !getenv("NO_COLOR");
    d->run.name = "pal";
    while (*argv) {
        if (!strcmp(*argv, "--help")) {
            d->command = &commands[ncommands - 1]; /* help */
            d->path = argv[-1];
            return true;
        }
        if (argv[0][0] == '-' && argv[0][1]) {
            if (!take_option(d, &argv))
                return false;
            continue;
        }
        if (d->path)
            return usage_error(d, code ? "more than one code given"
                                       : "more than one file given");
        d->path = *argv++;
        if (d->command->options & OPTION_RUN)
            break; /* what follows is the program's */
    }
    d->args = (const char *const *)argv;
    d->run.colour = d->colour;
    if (!d->path && !(d->command->options & OPTION_NO_FILE))
        return usage_error(d, code ? "no code given" : "no file given");
    return true;
}
