/* driver.h - the `pal` program: what its subcommands share.
 *
 *   main.c      the table of subcommands, help, version
 *   options.c   options and operands
 *   round_trip.c  reversible functions tried on random arguments
 *   compile.c   source -> checked unit -> image; reading images
 *   cache.c     what was built from what: whether there is anything to do
 *   folder.c    the programs in a folder
 *   cmd_*.c     the subcommands
 *
 * Only a driver prints or exits.  Memory that runs out ends the process with
 * a message, so nothing here checks for NULL where a context allocates. */
#ifndef PAL_FRONTEND_DRIVER_DRIVER_H
#define PAL_FRONTEND_DRIVER_DRIVER_H

#include "frontend/parse.h"
#include "ir/ir.h"
#include "runtime/driver/run.h"

struct driver;

/* The options a subcommand takes. */
enum option_set {
    OPTION_LEVEL = 1,     /* -O0 -O1 -O2 */
    OPTION_OUT = 2,       /* -o FILE */
    OPTION_FORMAT = 4,    /* --format=text|json */
    OPTION_EMIT = 8,      /* --emit=image|pvm|ir --exe */
    OPTION_IR = 16,       /* --round-trip --dump=PASS --tests */
    OPTION_RUN = 32,      /* those of the runtime; operands end at FILE */
    OPTION_TEST = 64,     /* those of the runtime that tests have a use for */
    OPTION_ANY = 128,     /* every command has it */
    OPTION_NO_FILE = 256, /* FILE may be missing */
    OPTION_CHECK = 512,   /* --assertions --round-trip */
    OPTION_FN = 1024,     /* the name of a function may follow FILE */
    OPTION_STATS = 2048,  /* --stats, of the compiler's memory */
    OPTION_CACHE = 4096,  /* --no-cache */
    OPTION_DOC = 8192,    /* --html -o DIR --all */
    OPTION_MANY = 16384   /* any number of operands, in args alone */
};

struct command {
    const char *name, *operands, *summary;
    unsigned options; /* enum option_set */
    int (*run)(struct driver *d);
};
extern const struct command commands[];
extern const size_t ncommands;

enum emit { EMIT_UNSET, EMIT_IMAGE, EMIT_PVM, EMIT_IR, EMIT_EXE };

struct driver {
    struct mem *mem;
    const struct command *command;
    int level;
    bool json;
    bool round_trip;
    bool tests;  /* compile test blocks too */
    bool try;    /* reversible functions on random arguments */
    bool seeded; /* there was a --seed */
    uint64_t seed;
    uint32_t cases;  /* of a function; 0: the usual number */
    bool rev;        /* show reversible functions as such */
    bool assertions; /* list those of reversible functions */
    enum emit emit;
    const char *dump;        /* a pass to print after; NULL: none */
    const char *out;         /* -o; NULL: not given */
    const char *path;        /* FILE; NULL: not given */
    const char *fn;          /* FN; NULL: not given */
    const char *const *args; /* what follows it, NULL-terminated */
    const char *stdlib;      /* PAL_STDLIB; NULL: not set */
    bool no_cache;
    bool html;           /* pages instead of text */
    bool all;            /* what is not `pub` too */
    struct cache *cache; /* of the build at hand; NULL: none */
    struct run_options run;
    uint64_t source; /* bytes read as source or image */
};

/* ---- options.c ----------------------------------------------------------- */

/* Reads what follows the subcommand's name.  False when that makes no sense;
 * it was said. */
bool options_read(struct driver *d, char **argv);
/* The help text of one subcommand. */
void options_help(const struct command *c);

/* ---- compile.c ----------------------------------------------------------- */

/* Prints `pal: ...` to stderr; returns RUN_USAGE. */
int say_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Says that writing failed; returns RUN_USAGE. */
int cannot_write(const char *path, int error);
int cannot_write_stdout(int error);
/* Reads d->path; NULL when it cannot be read, or holds what the command has no
 * use for; it was said. */
struct source *load_source(struct driver *d);
/* A unit of a source, which may read what it imports. */
struct unit *open_unit(struct driver *d, struct source *src);
/* Opens and parses d->path.  NULL when it cannot be read; it was said.  A
 * unit with errors is returned: look at diags_errors. */
struct unit *load_unit(struct driver *d);
/* The same, checked too. */
struct unit *load_checked(struct driver *d);
/* The same of what load_source read. */
struct unit *check_source(struct driver *d, struct source *src);
void close_unit(struct driver *d, struct unit *u);
/* Prints what was reported to stderr; true when there was no error. */
bool show_diags(struct driver *d, struct unit *u);

/* What is done with each function's IR, and with the module at the end. */
struct compiler {
    struct ir_module *mod;
    struct bytes text; /* of the functions, where IR is wanted */
    struct bytes dump; /* of a pass */
    struct be *be;     /* NULL: IR only */
    struct ir_opt opt;
    char why[300]; /* of the first internal error, or "" */
};
/* Lowers and optimises a checked unit; with `image` it goes through the
 * backend, else the IR is printed to c->text.  False after a message. */
bool compile_unit(struct driver *d, struct unit *u, struct compiler *c,
                  bool image);
void compiler_close(struct compiler *c);
/* The image of d->path: a source is compiled, text assembled, an image read;
 * then verified.  NULL after a message. */
struct pvm_image *load_image(struct driver *d);
/* The same of what load_source read, which is freed. */
struct pvm_image *image_of(struct driver *d, struct source *src);
/* Whether that is an image or its text, not a program's source. */
bool is_compiled(const struct driver *d, const struct source *src);
/* Writes to d->out, or to stdout where that is NULL or "-".  A file is there
 * whole or not at all. */
int write_out(struct driver *d, const void *p, size_t n, bool executable);

/* ---- folder.c ------------------------------------------------------------ */

bool is_folder(const char *path);
/* What is done with a .pal file; returns an exit status. */
typedef int folder_visit(void *arg, const char *path);
/* Visits every .pal file in a folder and below, in the order of their names.
 * Returns the worst status; what cannot be read is said. */
int folder_walk(const char *path, folder_visit *visit, void *arg);

/* ---- cache.c --------------------------------------------------------------
 *
 * For each output of `pal build` a record says which files it was made from,
 * by which compiler, and what it held: hashes, and nothing else.  Where all of
 * them are as they were, there is nothing to do.  A record that is missing,
 * damaged or about something else only means that the build is done. */

/* Whether d->out is there and holds what building would write. */
bool cache_is_current(struct driver *d);
/* Notes what a unit without an error or warning was read from. */
void cache_note_unit(struct driver *d, const struct unit *u);
/* Notes another file that the output is made from. */
void cache_note_file(struct driver *d, const char *path, const void *p,
                     size_t n);
/* Remembers what was written to d->out. */
void cache_store(struct driver *d, const void *p, size_t n);
void cache_close(struct driver *d);

/* ---- cmd_invert.c ---------------------------------------------------------
 *
 * Whether the file has the reversible function d->fn, or any where that is
 * NULL; says so where not. */
bool has_rev_fn(struct driver *d, struct unit *u);

/* ---- round_trip.c ----------------------------------------------------------
 *
 * Tries the reversible functions of a checked unit, or d->fn alone, on
 * d->cases arguments each, made from d->seed; prints what was found. */
int check_round_trip(struct driver *d, struct unit *u);

/* ---- cmd_*.c ------------------------------------------------------------- */

int cmd_run(struct driver *d);
int cmd_build(struct driver *d);
int cmd_check(struct driver *d);
int cmd_test(struct driver *d);
int cmd_ir(struct driver *d);
int cmd_ast(struct driver *d);
int cmd_invert(struct driver *d);
int cmd_doc(struct driver *d);
int cmd_disasm(struct driver *d);
int cmd_asm(struct driver *d);
int cmd_explain(struct driver *d);
int cmd_version(struct driver *d);
int cmd_help(struct driver *d);

#endif
