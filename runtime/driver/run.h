/* run.h - running an image as a process does: the part that pal and pvmr
 * share.  Only drivers print or exit; this is a driver's. */
#ifndef PAL_DRIVER_RUN_H
#define PAL_DRIVER_RUN_H

#include <stdio.h>

#include "runtime/driver/options.h"
#include "runtime/vm/vm.h"

enum { /* exit statuses */
       RUN_DONE = 0,
       RUN_FAILED = 1, /* the program: an uncaught error, a failing test */
       RUN_USAGE = 2,  /* usage, compile or load error */
       RUN_BROKEN = 3  /* a check found the runtime itself at fault */
};

enum run_stats { STATS_NONE, STATS_TEXT, STATS_JSON, STATS_CSV };

struct run_options {
    struct vm_options vm;
    bool back;        /* forward in one traced window, then back */
    uint64_t windows; /* go back over windows of so many instructions; 0: no */
    enum run_stats stats; /* about memory, on stderr at the end */
    bool colour;          /* of messages on stderr */
    const char *name;     /* the program, for messages: "pvmr" */
    const char *path;     /* of what is run, for messages */
};

/* ---- options ------------------------------------------------------------- */

/* The sets of the rows that programs have in common, for options_add. */
enum {
    RUN_OPTIONS_MESSAGES = 1, /* whatever is done: --color */
    RUN_OPTIONS_MACHINE = 2,  /* where a program or its tests run */
    RUN_OPTIONS_MAIN = 4,     /* where a program runs from start to end */
    RUN_OPTIONS_STATS = 8,    /* where something is worth counting */
    RUN_OPTIONS_ALL = 15
};
enum { RUN_OPTION_IDS = 100 }; /* a program's own rows count from here */
extern const struct option run_option_rows[];
extern const size_t run_noption_rows;

/* Reads one of these rows; false with a message in why (n bytes) when its
 * value is wrong. */
bool run_option(struct run_options *o, const struct option *row,
                const char *value, char *why, size_t n);
/* Reads settings of the collector, as --gc and PAL_GC have them, into fields
 * of `to`: a preset or NAME=VALUE, separated by commas.  `name` is whose value
 * it is, for the message. */
bool run_gc(struct vm_options *to, const char *name, const char *settings,
            char *why, size_t n);
/* Whether options go together; false with a message in why. */
bool run_options_agree(const struct run_options *o, char *why, size_t n);

/* ---- running ------------------------------------------------------------- */

/* Runs a verified image to its end and says on stderr what went wrong; returns
 * the exit status. */
int run_image(struct mem *m, const struct pvm_image *im,
              const struct run_options *o, const char *const *args);
struct run_counts {
    uint32_t passed, failed;
};
/* Runs the image's test blocks, says on stderr which fail and why, and counts
 * them; returns the exit status. */
int run_tests(struct mem *m, const struct pvm_image *im,
              const struct run_options *o, struct run_counts *counts);

/* ---- statistics ---------------------------------------------------------- */

/* Says what a command that runs no program used of its context, in a form, and
 * in the file that PAL_MEM_STATS names; `source` is the bytes it read. */
void run_stats_compiled(const struct mem *m, const char *command,
                        uint64_t source, enum run_stats form);

/* ---- files and memory ---------------------------------------------------- */

/* Sources, texts and images are no larger; nothing that is endless is read
 * to the end of memory. */
#define RUN_FILE_MOST (UINT64_C(256) << 20)

/* Adds a whole file, or stdin for "-", to out.  False with a message in why
 * (n bytes) when it cannot be read. */
bool run_read_file(const char *path, struct bytes *out, char *why, size_t n);

/* Writes all n bytes to a descriptor; false with errno set. */
bool run_write_all(int fd, const void *bytes, size_t n);

/* A context whose exhaustion ends the process with a message and RUN_USAGE. */
struct mem *run_mem_open(const struct mem_profile *profile, const char *name);
/* The hook `broken` of such a context: a message and an abort; arg is the
 * program's name. */
void run_mem_broken(void *arg, const char *what);

#endif
