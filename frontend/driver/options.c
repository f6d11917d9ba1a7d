/* options.c - options and operands of the subcommands. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "frontend/driver/driver.h"

enum {
    LEVEL = RUN_OPTION_IDS,
    OUT,
    FORMAT,
    EMIT,
    EXE,
    ROUND_TRIP,
    REV,
    DUMP,
    TESTS,
    ASSERTIONS,
    TRY,
    SEED,
    CASES,
    NO_CACHE,
    HTML,
    ALL,
    HELP
};

static const struct option rows[] = {
    {"-O", "N", "how much to optimise: -O0, -O1 or -O2 (-O2)", OPTION_LEVEL,
     LEVEL},
    {"-o", "FILE", "where to write; - is the standard output", OPTION_OUT, OUT},
    {"--format", "FORM",
     "text, or json: diagnostics as a JSON array on the\n"
     "                     standard output",
     OPTION_FORMAT, FORMAT},
    {"--emit", "WHAT", "image, pvm (its text) or ir (image)", OPTION_EMIT,
     EMIT},
    {"--exe", NULL, "an executable that holds the machine too", OPTION_EMIT,
     EXE},
    {"--no-cache", NULL, "build it even where nothing has changed",
     OPTION_CACHE, NO_CACHE},
    {"--round-trip", NULL, "check that the text reads back as itself",
     OPTION_IR, ROUND_TRIP},
    {"--dump", "PASS", "show functions after that pass", OPTION_IR, DUMP},
    {"--rev", NULL,
     "reversible functions before they become plain code,\n"
     "                     each with its inverse; with --round-trip the\n"
     "                     inverse of the inverse is compared, too",
     OPTION_IR, REV},
    {"--tests", NULL, "test blocks too", OPTION_IR, TESTS},
    {"--assertions", NULL,
     "list each fi, from, until and delocal, and whether it\n"
     "                     is checked or refuted",
     OPTION_CHECK, ASSERTIONS},
    {"--round-trip", NULL,
     "run each reversible function, or FN alone, forwards\n"
     "                     and back on random arguments",
     OPTION_CHECK, TRY},
    {"--seed", "N", "the arguments of an earlier run (the time)", OPTION_CHECK,
     SEED},
    {"--cases", "N", "how many for each function (100)", OPTION_CHECK, CASES},
    {"--all", NULL, "what is not `pub` too", OPTION_DOC, ALL},
    {"--html", NULL, "pages: an index and one for each module", OPTION_DOC,
     HTML},
    {"-o", "DIR",
     "the folder for the pages; - is the standard output,\n"
     "                     for one module",
     OPTION_DOC, OUT},
};

static const struct option help_rows[] = {
    {"--help", NULL, NULL, OPTION_ANY, HELP},
    {"-h", NULL, NULL, OPTION_ANY, HELP},
};

/* What a subcommand takes. */
static struct option_list options_of(const struct command *c)
{
    struct option_list l = {.n = 0};
    unsigned run = RUN_OPTIONS_MESSAGES;

    if (c->options & OPTION_TEST)
        run |= RUN_OPTIONS_MACHINE;
    if (c->options & OPTION_RUN)
        run |= RUN_OPTIONS_ALL;
    if (c->options & OPTION_STATS)
        run |= RUN_OPTIONS_STATS;
    options_add(&l, rows, sizeof rows / sizeof *rows, c->options);
    options_add(&l, run_option_rows, run_noption_rows, run);
    options_add(&l, help_rows, 2, OPTION_ANY);
    return l;
}

void options_help(const struct command *c)
{
    struct option_list l = options_of(c);

    printf("usage: pal %s [OPTION]... %s\n%c%s.\n\n", c->name, c->operands,
           c->summary[0] - 'a' + 'A', c->summary + 1);
    options_print(&l);
}

/* ---- values -------------------------------------------------------------- */

/* The number of the word that v is, from 0; -1 with a message when it is none
 * of the n words. */
static int choose(const char *v, const char *const *words, int n,
                  const char *what, char *why, size_t why_n)
{
    for (int i = 0; i < n; i++)
        if (!strcmp(words[i], v))
            return i;
    snprintf(why, why_n, "%s, not `%.40s`", what, v);
    return -1;
}

static bool read_level(struct driver *d, const char *v, char *why, size_t n)
{
    static const char *const words[] = {"0", "1", "2"};

    d->level = choose(v, words, 3, "-O wants 0, 1 or 2", why, n);
    return d->level >= 0;
}

static bool read_format(struct driver *d, const char *v, char *why, size_t n)
{
    static const char *const words[] = {"text", "json"};
    int i = choose(v, words, 2, "--format wants text or json", why, n);

    d->json = i == 1;
    return i >= 0;
}

/* An executable is no other thing at the same time. */
static bool set_emit(struct driver *d, enum emit emit, char *why, size_t n)
{
    if (d->emit && (emit == EMIT_EXE) != (d->emit == EMIT_EXE)) {
        snprintf(why, n, "--exe and --emit exclude each other");
        return false;
    }
    d->emit = emit;
    return true;
}

static bool read_emit(struct driver *d, const char *v, char *why, size_t n)
{
    static const char *const words[] = {"image", "pvm", "ir"};
    static const enum emit emits[] = {EMIT_IMAGE, EMIT_PVM, EMIT_IR};
    int i = choose(v, words, 3, "--emit wants image, pvm or ir", why, n);

    return i >= 0 && set_emit(d, emits[i], why, n);
}

static bool read_dump(struct driver *d, const char *v, char *why, size_t n)
{
    int used;

    d->dump = v;
    for (const char *const *p = ir_pass_names; *p; p++)
        if (!strcmp(*p, v))
            return true;
    used = snprintf(why, n, "--dump wants a pass, not `%.40s`; there are", v);
    for (const char *const *p = ir_pass_names; *p && used < (int)n; p++)
        used += snprintf(why + used, n - (size_t)used, "%s %s",
                         p == ir_pass_names ? "" : ",", *p);
    return false;
}

static bool read_number(const char *v, uint64_t *out)
{
    char *end;

    errno = 0;
    *out = strtoull(v, &end, 10);
    return *v >= '0' && *v <= '9' && !*end && !errno;
}

static bool read_out(struct driver *d, const char *v, char *why, size_t n)
{
    d->out = v;
    if (!*v)
        snprintf(why, n, "-o wants the name of a file");
    return *v;
}

static bool read_seed(struct driver *d, const char *v, char *why, size_t n)
{
    uint64_t seed;

    d->seeded = true;
    if (read_number(v, &seed)) {
        d->seed = seed;
        return true;
    }
    snprintf(why, n, "--seed wants a whole number, not `%.40s`", v);
    return false;
}

static bool read_cases(struct driver *d, const char *v, char *why, size_t n)
{
    uint64_t cases;

    if (read_number(v, &cases) && cases && cases <= 1000000) {
        d->cases = (uint32_t)cases;
        return true;
    }
    snprintf(why, n, "--cases wants a number from 1 to 1000000, not `%.40s`",
             v);
    return false;
}

static bool read_value(struct driver *d, const struct option *row,
                       const char *v, char *why, size_t n)
{
    switch (row->id) {
    case LEVEL: return read_level(d, v, why, n);
    case OUT: return read_out(d, v, why, n);
    case FORMAT: return read_format(d, v, why, n);
    case EMIT: return read_emit(d, v, why, n);
    case EXE: return set_emit(d, EMIT_EXE, why, n);
    case ROUND_TRIP: return d->round_trip = true;
    case DUMP: return read_dump(d, v, why, n);
    case REV: return d->rev = true;
    case TESTS: return d->tests = true;
    case ASSERTIONS: return d->assertions = true;
    case TRY: return d->try = true;
    case NO_CACHE: return d->no_cache = true;
    case HTML: return d->html = true;
    case ALL: return d->all = true;
    case SEED: return read_seed(d, v, why, n);
    case CASES: return read_cases(d, v, why, n);
    default: return run_option(&d->run, row, v, why, n);
    }
}

/* ---- the command line ---------------------------------------------------- */

static bool usage_error(struct driver *d, const char *why)
{
    if (why[strlen(why) - 1] == '?') /* did you mean */
        say_error("%s", why);
    else
        say_error("%s; `pal help %s` says more", why, d->command->name);
    return false;
}

/* Reads the option at *argv; moves on behind it. */
static bool take_option(struct driver *d, const struct option_list *l,
                        char ***argv)
{
    char why[300];
    const char *value;
    const struct option *row = options_take(l, argv, &value, why, sizeof why);

    if (row && row->id == HELP) {
        d->path = d->command->name;
        d->command = &commands[ncommands - 1]; /* help */
        return true;
    }
    if (row && read_value(d, row, value, why, sizeof why))
        return true;
    return usage_error(d, why);
}

/* A file, or what else the command is about, and a function where the command
 * takes one: one at most. */
static bool take_operand(struct driver *d, const char *arg)
{
    if (!d->path) {
        d->path = arg;
        return true;
    }
    if (d->command->options & OPTION_FN && !d->fn) {
        d->fn = arg;
        return true;
    }
    return usage_error(
        d, d->command->run == cmd_explain ? "more than one code given"
           : d->command->run == cmd_help  ? "more than one command given"
           : d->fn                        ? "more than one function given"
                                          : "more than one file given");
}

static bool read_arguments(struct driver *d, char **argv)
{
    const struct command *c = d->command;
    struct option_list l = options_of(c);
    char **operands = argv; /* where many of them are collected */
    bool ended = false;     /* the options, by -- */

    d->args = (const char *const *)operands;
    while (*argv && !(d->path && c->options & OPTION_RUN)) {
        bool is_operand = ended || !option_is(*argv);
        if (is_operand && c->options & OPTION_MANY) {
            *operands++ = *argv++;
        } else if (is_operand) {
            if (!take_operand(d, *argv++))
                return false;
        } else if (!strcmp(*argv, "--")) {
            ended = true;
            argv++;
        } else if (!take_option(d, &l, &argv)) {
            return false;
        }
        if (d->command != c)
            return true; /* help was asked for */
    }
    if (c->options & OPTION_MANY)
        *operands = NULL;
    else
        d->args = (const char *const *)argv;
    return true;
}

bool options_read(struct driver *d, char **argv)
{
    char why[200];

    d->run.colour = isatty(STDERR_FILENO) && !getenv("NO_COLOR");
    d->run.name = "pal";
    if (!read_arguments(d, argv))
        return false;
    if (!d->path && !(d->command->options & OPTION_NO_FILE))
        return usage_error(d, d->command->run == cmd_explain ? "no code given"
                                                             : "no file given");
    if (!run_options_agree(&d->run, why, sizeof why))
        return usage_error(d, why);
    return true;
}
