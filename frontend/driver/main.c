/* main.c - the `pal` program: its subcommands. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frontend/driver/driver.h"

const struct command commands[] = {
    {"run", "FILE [ARG]...", "compile and run a program (.pal, .pvm, .pvmb)",
     OPTION_LEVEL | OPTION_RUN, cmd_run},
    {"build", "FILE -o OUT", "compile to an image",
     OPTION_LEVEL | OPTION_OUT | OPTION_EMIT | OPTION_STATS | OPTION_CACHE,
     cmd_build},
    {"check", "FILE [FN]", "report errors and warnings only",
     OPTION_FORMAT | OPTION_CHECK | OPTION_FN | OPTION_STATS, cmd_check},
    {"test", "[PATH]", "run the test blocks of a file or folder (.)",
     OPTION_LEVEL | OPTION_TEST | OPTION_NO_FILE, cmd_test},
    {"ir", "FILE", "show the intermediate representation",
     OPTION_LEVEL | OPTION_IR | OPTION_OUT, cmd_ir},
    {"ast", "FILE", "show the syntax tree", OPTION_OUT, cmd_ast},
    {"invert", "FILE [FN]", "show the inverses of reversible functions",
     OPTION_OUT | OPTION_FN, cmd_invert},
    {"doc", "[MODULE]...", "show documentation, or make pages of it",
     OPTION_DOC | OPTION_MANY | OPTION_NO_FILE, cmd_doc},
    {"disasm", "IMAGE", "show an image as text", OPTION_OUT, cmd_disasm},
    {"asm", "FILE -o OUT", "make an image from text", OPTION_OUT, cmd_asm},
    {"explain", "CODE", "say more about a diagnostic", 0, cmd_explain},
    {"version", "", "print the version", OPTION_NO_FILE, cmd_version},
    {"help", "[COMMAND]", "print help", OPTION_NO_FILE, cmd_help},
};
const size_t ncommands = sizeof commands / sizeof *commands;

static const struct command *find_command(const char *name)
{
    if (!strcmp(name, "--help") || !strcmp(name, "-h"))
        name = "help";
    if (!strcmp(name, "--version"))
        name = "version";
    for (size_t i = 0; i < ncommands; i++)
        if (!strcmp(commands[i].name, name))
            return &commands[i];
    return NULL;
}

int cmd_version(struct driver *d)
{
    (void)d;
    printf("pal %s\n", PAL_VERSION);
    return RUN_DONE;
}

static void list_commands(FILE *to)
{
    fprintf(to, "usage: pal COMMAND [OPTION]... [FILE] [ARG]...\n"
                "The compiler of Palindrome, a reversible language.\n\n");
    for (size_t i = 0; i < ncommands; i++)
        fprintf(to, "  %-8s %-15s %s\n", commands[i].name, commands[i].operands,
                commands[i].summary);
    fprintf(to, "\nFILE may be `-` for the standard input.  "
                "`pal help COMMAND` lists its options.\n"
                "Exit status: 0 done; 1 the program failed; 2 usage, compile "
                "or load error.\n");
}

static int unknown_command(const char *name)
{
    const char *names[sizeof commands / sizeof *commands], *near;
    size_t n = strlen(name);

    if (n > 4 && !strcmp(name + n - 4, ".pal"))
        return say_error("a command comes first: `pal run %s`", name);
    for (size_t i = 0; i < ncommands; i++)
        names[i] = commands[i].name;
    near = diag_nearest(name, names, (uint32_t)ncommands);
    if (near)
        return say_error("there is no command `%s`; did you mean `%s`?", name,
                         near);
    return say_error("there is no command `%s`; `pal help` lists them", name);
}

int cmd_help(struct driver *d)
{
    const struct command *c = d->path ? find_command(d->path) : NULL;

    if (c) {
        options_help(c);
        return RUN_DONE;
    }
    if (d->path)
        return unknown_command(d->path);
    list_commands(stdout);
    return RUN_DONE;
}

int main(int argc, char **argv)
{
    struct driver d = {.level = 2, .stdlib = getenv("PAL_STDLIB")};
    int status = RUN_USAGE;

    if (d.stdlib && !*d.stdlib)
        d.stdlib = NULL;

    if (argc < 2) {
        list_commands(stderr);
        return RUN_USAGE;
    }
    d.command = find_command(argv[1]);
    if (!d.command)
        return unknown_command(argv[1]);
    d.mem = run_mem_open(&mem_compiler, "pal");
    if (options_read(&d, argv + 2))
        status = d.command->run(&d);
    if (d.command->options & OPTION_STATS)
        run_stats_compiled(d.mem, d.command->name, d.source, d.run.stats);
    mem_close(d.mem);
    if (fflush(stdout) || ferror(stdout))
        status = cannot_write_stdout(errno);
    return status;
}
