/* report.c - what a run says of itself on stderr: errors and statistics. */
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/driver/process.h"

/* Opens a source to show a line of it; NULL when it is not there.  The name
 * stands in the image, whose maker is not to be trusted with reading other
 * files aloud, or with a name that blocks. */
static FILE *open_source(const char *path)
{
    size_t n = strlen(path);
    struct stat sb;
    FILE *f = NULL;
    if (n < 4 || strcmp(path + n - 4, ".pal"))
        return NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return NULL;
    if (!fstat(fd, &sb) && S_ISREG(sb.st_mode))
        f = fdopen(fd, "r");
    if (!f)
        close(fd);
    return f;
}

/* The line of a source file, if it can still be read. */
static void show_source(const struct vm_place *p)
{
    FILE *f = p->file && p->line ? open_source(p->file) : NULL;
    char line[512];
    uint32_t at = 1;
    if (!f)
        return;
    for (; fgets(line, sizeof line, f);) {
        size_t n = strlen(line);
        if (at == p->line) {
            while (n && (line[n - 1] == '\n' || line[n - 1] == '\r'))
                line[--n] = 0;
            fprintf(stderr, "%5" PRIu32 " | %s\n", p->line, line);
            break;
        }
        if (n && line[n - 1] == '\n')
            at++;
    }
    fclose(f);
}

static bool same_place(const struct vm_place *a, const struct vm_place *b)
{
    return a->file && a->file == b->file && a->line == b->line &&
           !strcmp(a->function, b->function);
}

/* A line of the trace; recursion stands in one. */
static void show_place(const struct vm_place *p, uint32_t times)
{
    if (!p->file) {
        fprintf(stderr, "  ... %" PRIu32 " calls left out ...\n", p->line);
        return;
    }
    if (p->line)
        fprintf(stderr, "  at %s:%" PRIu32 " %s", p->file, p->line,
                p->function);
    else /* assembled by hand */
        fprintf(stderr, "  at %s", p->function);
    if (times > 1)
        fprintf(stderr, " (%" PRIu32 " times)", times);
    fputc('\n', stderr);
}

void report_error(struct vm *vm, const struct run_options *o)
{
    const char *message, *kind;
    struct vm_place p, last;
    uint32_t times = 0;
    size_t n;
    vm_error_text(vm, &message, &n, &kind);
    fprintf(stderr, "%serror%s: ", o->colour ? "\033[1;31m" : "",
            o->colour ? "\033[0m" : "");
    fwrite(message, 1, n, stderr);
    fprintf(stderr, " (%s)\n", kind);
    for (uint32_t i = 0; vm_error_place(vm, i, &p); i++) {
        if (i == 0)
            show_source(&p);
        else if (same_place(&last, &p)) {
            times++;
            continue;
        } else
            show_place(&last, times);
        last = p;
        times = 1;
    }
    if (times)
        show_place(&last, times);
}

int report_refused(const struct process *ps, const struct run_options *o,
                   int code)
{
    fprintf(stderr, "%s: cannot write the output: %s\n", o->name,
            strerror(ps->error));
    return code ? code : RUN_USAGE;
}

/* Whether the pending error is one of input and output: a refusal of stdout
 * that nobody caught was said with it. */
static bool is_io(struct vm *vm)
{
    const char *message, *kind;
    size_t n;
    vm_error_text(vm, &message, &n, &kind);
    return !strcmp(kind, "io");
}

bool report_broken(const struct vm *vm, const struct run_options *o)
{
    if (vm->failure[0])
        fprintf(stderr, "%s: check failed: %s\n", o->name, vm->failure);
    return vm->failure[0];
}

int report_end(struct vm *vm, struct process *ps, const struct run_options *o,
               enum pal_status status)
{
    process_flush(ps);
    int code = RUN_DONE;
    switch (status) {
    case PAL_OK:
    case PAL_EXIT: code = vm_exit_status(vm); break;
    case PAL_TRAP:
        report_error(vm, o);
        code = RUN_FAILED;
        break;
    case PAL_NOMEM:
        fprintf(stderr, "%s: out of memory\n", o->name);
        code = RUN_FAILED;
        break;
    case PAL_IO: code = RUN_USAGE; break; /* a window's output refused */
    default: code = RUN_FAILED;
    }
    if (ps->failed && !(status == PAL_TRAP && is_io(vm)))
        code = report_refused(ps, o, code);
    if (report_broken(vm, o))
        code = RUN_BROKEN;
    stats_run(vm, o->stats);
    return code;
}
