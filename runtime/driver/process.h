/* process.h - what the files of this driver share; private to them.
 *
 *   run.c      an image run to its end, and its test blocks
 *   windows.c  forward and back over traced windows, with digests compared
 *   report.c   what is said on stderr at the end: errors
 *   stats.c    and how much memory was used
 *   process.c  the process as a vm's host; files and memory
 *
 * Beside them, for the programs' own files: options.h, run_options.c and
 * exe.h. */
#ifndef PAL_DRIVER_PROCESS_H
#define PAL_DRIVER_PROCESS_H

#include "runtime/driver/run.h"

#define OUT_BUFFER 65536

/* The process as a vm's host: stdout is buffered, and flushed before stderr
 * is written, so that the two keep their order on a terminal. */
struct process {
    uint8_t buffer[OUT_BUFFER];
    size_t n;
    bool terminal;
    bool failed;        /* stdout refused: the end says so */
    int error;          /* its errno */
    struct bytes *held; /* run_tests wants the held output of a failure */
};

/* Fills a process and the host that is made of it; args as in vm_host. */
struct vm_host process_host(struct process *ps, const char *const *args);
/* Writes what is buffered; false with ps->error set. */
bool process_flush(struct process *ps);

/* The pending error of a vm: its message, source line and trace. */
void report_error(struct vm *vm, const struct run_options *o);
/* Says that stdout refused output; the exit status of a run that would have
 * ended with code. */
int report_refused(const struct process *ps, const struct run_options *o,
                   int code);
/* Whether a check found the runtime at fault; says so. */
bool report_broken(const struct vm *vm, const struct run_options *o);
/* Says how a run ended, writes what is buffered, and returns the exit
 * status. */
int report_end(struct vm *vm, struct process *ps, const struct run_options *o,
               enum pal_status status);

/* What a run used, in a form on stderr, and in the file that PAL_MEM_STATS
 * names. */
void stats_run(struct vm *vm, enum run_stats form);

/* Runs a started vm to its end over windows of o->windows instructions, each
 * gone back over and run again; a digest that differs is vm->failure. */
enum pal_status windows_run(struct vm *vm, const struct run_options *o);
/* The whole run in one window, then back; returns the exit status. */
int windows_run_back(struct vm *vm, struct process *ps,
                     const struct run_options *o);

#endif
