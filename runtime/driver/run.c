/* run.c - see run.h. */
#include "runtime/driver/run.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OUT_BUFFER 65536

/* The process as a vm's host: stdout is buffered, and flushed before stderr
 * is written, so that the two keep their order on a terminal. */
struct process {
    uint8_t buffer[OUT_BUFFER];
    size_t n;
    bool terminal;
    bool failed;        /* stdout refused; said once, at the end */
    int error;          /* its errno */
    struct bytes *held; /* run_tests wants the held output of a failure */
};

bool run_write_all(int fd, const void *bytes, size_t n)
{
    const uint8_t *p = bytes;
    while (n) {
        ssize_t k = write(fd, p, n);
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0)
            return false;
        p += k;
        n -= (size_t)k;
    }
    return true;
}

static bool flush(struct process *ps)
{
    size_t n = ps->n;
    ps->n = 0;
    if (n && !run_write_all(1, ps->buffer, n)) {
        ps->failed = true;
        ps->error = errno;
        return false;
    }
    return true;
}

static bool host_write(void *arg, int fd, const void *p, size_t n)
{
    struct process *ps = arg;
    if (fd == 2)
        return flush(ps) && run_write_all(2, p, n);
    if (n > OUT_BUFFER - ps->n && !flush(ps))
        return false;
    if (n > OUT_BUFFER)
        return run_write_all(1, p, n);
    memcpy(ps->buffer + ps->n, p, n);
    ps->n += n;
    return !ps->terminal || flush(ps);
}

static void host_uncaught(void *arg, struct vm *vm)
{
    struct process *ps = arg;
    if (ps->held)
        vm_held(vm, ps->held);
}

static struct vm_host make_host(struct process *ps, const char *const *args)
{
    ps->terminal = isatty(1);
    return (struct vm_host){.write = host_write,
                            .uncaught = host_uncaught,
                            .arg = ps,
                            .args = args};
}

/* ---- options ------------------------------------------------------------- */

const char run_options_help[] =
    "  --heap=SIZE        limit of the heap, such as 512M (three quarters of "
    "memory)\n"
    "  --stack=SIZE       each of the three stacks (64M)\n"
    "  --gc=nursery=SIZE  the nursery (2M)\n"
    "  --gc-stress[=N]    a minor collection every N allocations (1)\n"
    "  --check-undo       hash the state around every scope and compare\n"
    "  --check-tape       audit the tape at every collection\n"
    "  --windows=N        go back and forward over windows of N instructions\n"
    "  --stats[=json|csv] what memory was used, on stderr\n"
    "  --color=WHEN       auto, always or never\n";

/* A size such as 64K, 512M or 2G; 0 when it is none. */
static uint64_t parse_size(const char *s)
{
    char *end;
    errno = 0;
    if (!isdigit((unsigned char)*s))
        return 0;
    unsigned long long v = strtoull(s, &end, 10);
    unsigned shift = 0;
    if (*end) {
        switch (*end++) {
        case 'k':
        case 'K': shift = 10; break;
        case 'm':
        case 'M': shift = 20; break;
        case 'g':
        case 'G': shift = 30; break;
        default: return 0;
        }
    }
    if (errno || *end || v > UINT64_MAX >> (shift + 4))
        return 0;
    return (uint64_t)v << shift;
}

static int size_option(const char *arg, const char *value, uint64_t *to,
                       char *why, size_t n)
{
    *to = parse_size(value);
    if (*to)
        return 1;
    snprintf(why, n, "%s wants a size such as 64K, 512M or 2G", arg);
    return -1;
}

/* The text behind `name=` of an argument, or NULL. */
static const char *value_of(const char *arg, const char *name)
{
    size_t n = strlen(name);
    return !strncmp(arg, name, n) && arg[n] == '=' ? arg + n + 1 : NULL;
}

static int colour_option(struct run_options *o, const char *when, char *why,
                         size_t n)
{
    if (!strcmp(when, "always"))
        o->colour = true;
    else if (!strcmp(when, "never"))
        o->colour = false;
    else if (!strcmp(when, "auto"))
        o->colour = isatty(2) && !getenv("NO_COLOR");
    else {
        snprintf(why, n, "--color wants auto, always or never");
        return -1;
    }
    return 1;
}

static int stats_option(struct run_options *o, const char *form, char *why,
                        size_t n)
{
    o->stats = !strcmp(form, "json")  ? STATS_JSON
               : !strcmp(form, "csv") ? STATS_CSV
                                      : STATS_NONE;
    if (o->stats)
        return 1;
    snprintf(why, n, "--stats= wants json or csv");
    return -1;
}

int run_option(struct run_options *o, const char *arg, char *why, size_t n)
{
    const char *v;
    if ((v = value_of(arg, "--heap")))
        return size_option(arg, v, &o->vm.heap, why, n);
    if ((v = value_of(arg, "--stack")))
        return size_option(arg, v, &o->vm.stack, why, n);
    if ((v = value_of(arg, "--gc"))) {
        if ((v = value_of(v, "nursery")))
            return size_option(arg, v, &o->vm.nursery, why, n);
        snprintf(why, n, "--gc knows nursery=SIZE");
        return -1;
    }
    if (!strcmp(arg, "--gc-stress")) {
        o->vm.gc_stress = 1;
        return 1;
    }
    if ((v = value_of(arg, "--gc-stress")))
        return size_option(arg, v, &o->vm.gc_stress, why, n);
    if ((v = value_of(arg, "--windows")))
        return size_option(arg, v, &o->windows, why, n);
    if ((v = value_of(arg, "--color")))
        return colour_option(o, v, why, n);
    if ((v = value_of(arg, "--stats")))
        return stats_option(o, v, why, n);
    if (!strcmp(arg, "--stats")) {
        o->stats = STATS_TEXT;
        return 1;
    }
    bool *flag = !strcmp(arg, "--check-undo")   ? &o->vm.check_undo
                 : !strcmp(arg, "--check-tape") ? &o->vm.check_tape
                                                : NULL;
    if (!flag)
        return 0;
    *flag = true;
    return 1;
}

/* ---- messages ------------------------------------------------------------ */

/* The line of a source file, if it can still be read. */
static void show_source(const struct vm_place *p)
{
    FILE *f = p->file && p->line ? fopen(p->file, "r") : NULL;
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

static void show_error(struct vm *vm, const struct run_options *o)
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

/* Bytes for people, in KB or MB. */
static void show_size(const char *before, uint64_t n, const char *behind)
{
    bool small = n < 1000000;
    fprintf(stderr, "%s%.1f %s %s, ", before, (double)n / (small ? 1e3 : 1e6),
            small ? "KB" : "MB", behind);
}

static void show_stats(const struct vm *vm, enum run_stats form)
{
    static const char *const formats[] = {
        [STATS_JSON] =
            "{\"heap\": %" PRIu64 ", \"minors\": %" PRIu64
            ", \"allocated\": %" PRIu64 ", \"ticks\": %" PRIu64 "}\n",
        [STATS_CSV] = "heap,minors,allocated,ticks\n"
                      "%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 "\n"};
    const struct state *st = vm->h.st;
    uint64_t young = st->nursery - vm->h.tape.seg[TAPE_NURSERY].at;
    uint64_t used = gc_used(&vm->h), allocated = st->allocated + young;
    if (form != STATS_TEXT) {
        fprintf(stderr, formats[form], used, st->minors, allocated, st->ticks);
        return;
    }
    show_size("memory: ", used, "of heap");
    fprintf(stderr, "%" PRIu64 " minor collections\n", st->minors);
    show_size("objects: ", allocated, "allocated");
    fprintf(stderr, "%" PRIu64 " ticks\n", st->ticks);
}

static int finish(struct vm *vm, struct process *ps,
                  const struct run_options *o, enum pal_status status)
{
    bool wrote = flush(ps) && !ps->failed;
    int code = RUN_DONE;
    switch (status) {
    case PAL_OK:
    case PAL_EXIT: code = vm_exit_status(vm); break;
    case PAL_TRAP:
        show_error(vm, o);
        code = RUN_FAILED;
        break;
    case PAL_NOMEM:
        fprintf(stderr, "%s: out of memory\n", o->name);
        code = RUN_FAILED;
        break;
    default: code = RUN_FAILED;
    }
    if (!wrote && status != PAL_TRAP) {
        fprintf(stderr, "%s: cannot write the output: %s\n", o->name,
                strerror(ps->error));
        code = RUN_FAILED;
    }
    if (vm->failure[0]) {
        fprintf(stderr, "%s: check failed: %s\n", o->name, vm->failure);
        code = RUN_BROKEN;
    }
    if (o->stats)
        show_stats(vm, o->stats);
    return code;
}

/* ---- running ------------------------------------------------------------- */

#define WINDOWS_MOST 300 /* gone back over before they lie further apart */
#define DIGEST_CHEAP (UINT64_C(1) << 17) /* bytes / 4 */

#define SKIP_MOST (UINT64_C(1) << 18) /* instructions logged at one time */

/* Instructions without a look back, as windows that are only closed. */
static enum pal_status skip(struct vm *vm, uint64_t steps)
{
    while (steps) {
        uint64_t n = steps < SKIP_MOST ? steps : SKIP_MOST;
        TRY(vm_window_open(vm));
        vm->window->stop = n;
        enum pal_status status = vm_run(vm);
        TRY(vm_window_close(vm));
        if (status != PAL_PAUSE)
            return status;
        steps -= n;
    }
    return PAL_PAUSE;
}

/* Forward over a window, back to its start, forward again: the digests must
 * agree.  PAL_PAUSE: the program goes on. */
static enum pal_status one_window(struct vm *vm, uint64_t steps)
{
    TRY(vm_window_open(vm));
    uint64_t start = vm_digest(vm);
    vm->window->stop = steps;
    enum pal_status status = vm_run(vm);
    uint64_t end = vm_digest(vm), ran = vm->window->steps;
    if (status == PAL_NOMEM)
        return status;
    uint64_t back = vm_run_back(vm, ran);
    if ((back != ran || vm_digest(vm) != start) && !vm->failure[0])
        snprintf(vm->failure, sizeof vm->failure,
                 "%" PRIu64 " instructions back from tick %" PRIu64
                 " the state is not what it was",
                 back, vm->h.st->ticks);
    vm->window->stop = ran;
    enum pal_status again = vm_run(vm);
    /* a run that ended by itself ends again before it would pause */
    if ((again != status || vm_digest(vm) != end) && !vm->failure[0])
        snprintf(vm->failure, sizeof vm->failure,
                 "forward again the state differs at tick %" PRIu64,
                 vm->h.st->ticks);
    enum pal_status closed = vm_window_close(vm);
    return closed ? closed : status;
}

/* Bytes that a digest reads, about. */
static uint64_t digest_bytes(const struct vm *vm)
{
    const struct state *st = vm->h.st;
    const struct tape_range *seg = vm->h.tape.seg;
    return st->rbase - seg[TAPE_RSTACK].at + st->sbase - seg[TAPE_SSTACK].at +
           st->ctop - seg[TAPE_CSTACK].at + st->nursery - seg[TAPE_NURSERY].at +
           gc_used(&vm->h);
}

/* A long run, or one with a large state, is sampled: between windows that are
 * gone back over lie instructions that are not, as many as make the digests
 * cost about as much as the run. */
static enum pal_status run_windows(struct vm *vm, uint64_t steps)
{
    uint64_t gap = 0;
    for (uint64_t n = 1;; n++) {
        enum pal_status status = one_window(vm, steps);
        if (status != PAL_PAUSE || vm->failure[0])
            return status;
        if (n % WINDOWS_MOST == 0)
            gap = gap ? gap * 8 : steps * 8;
        uint64_t least = digest_bytes(vm) / 4;
        status = skip(vm, least > gap && least > DIGEST_CHEAP ? least : gap);
        if (status != PAL_PAUSE)
            return status;
    }
}

/* The whole run in one window, then back; returns the exit status. */
static int run_back(struct vm *vm, const struct run_options *o)
{
    if (vm_window_open(vm))
        return RUN_USAGE;
    uint64_t start = vm_digest(vm);
    enum pal_status status = vm_run(vm);
    uint64_t ran = vm->window->steps;
    if (status == PAL_NOMEM || vm->window->log.failed) {
        fprintf(stderr, "%s: the run is too long to log as a whole\n", o->name);
        return RUN_USAGE;
    }
    struct bytes out[2] = {bytes_in(vm->h.mem), bytes_in(vm->h.mem)};
    for (int i = 0; i < 2; i++)
        bytes_add(&out[i], vm->window->out[i].at, vm->window->out[i].n);
    int code = status == PAL_TRAP ? RUN_FAILED : vm_exit_status(vm);
    for (int i = 0; i < 2; i++) {
        if (out[i].n && !run_write_all(i + 1, out[i].at, out[i].n))
            code = RUN_FAILED;
        bytes_free(&out[i]);
    }
    if (status == PAL_TRAP)
        show_error(vm, o);
    uint64_t back = vm_run_back(vm, ran);
    bool same = back == ran && vm_digest(vm) == start;
    fprintf(stderr,
            "%" PRIu64 " instructions forward, %" PRIu64 " back: the state is "
            "%s\n",
            ran, back, same ? "the first again" : "NOT the first");
    vm_window_drop(vm);
    return same ? code : RUN_BROKEN;
}

int run_image(struct mem *m, const struct pvm_image *im,
              const struct run_options *o, const char *const *args)
{
    struct process *ps = mem_alloc(m, sizeof *ps);
    struct vm *vm = NULL;
    if (!ps)
        return RUN_FAILED;
    memset(ps, 0, sizeof *ps);
    struct vm_host host = make_host(ps, args);
    enum pal_status status = vm_open(&vm, m, im, &o->vm, &host);
    if (status) {
        fprintf(stderr,
                "%s: cannot start: the heap limit or the address space "
                "is too small\n",
                o->name);
        mem_free(m, ps, sizeof *ps);
        return RUN_USAGE;
    }
    status = vm_start(vm);
    int code = RUN_USAGE;
    if (status) {
        fprintf(stderr, "%s: %s has no main function\n", o->name, o->path);
    } else if (o->back) {
        code = run_back(vm, o);
    } else {
        status = o->windows ? run_windows(vm, o->windows) : vm_run(vm);
        code = finish(vm, ps, o, status);
    }
    vm_close(vm);
    mem_free(m, ps, sizeof *ps);
    return code;
}

/* ---- tests --------------------------------------------------------------- */

struct test_run {
    struct vm *vm;
    struct process *ps;
    const struct run_options *o;
    struct bytes held;
    struct run_counts *counts;
};

static void one_test(struct test_run *t, const struct pvm_test *test)
{
    const struct pvm_image *im = t->vm->h.image;
    t->held.n = 0;
    enum pal_status status = vm_run_undone(t->vm, test->fn);
    flush(t->ps);
    if (status == PAL_OK) {
        t->counts->passed++;
        return;
    }
    t->counts->failed++;
    fprintf(stderr, "FAIL %s:%" PRIu32 " %s\n", pvm_text(im, test->file),
            test->line, pvm_text(im, test->name));
    if (status == PAL_TRAP)
        show_error(t->vm, t->o);
    else
        fprintf(stderr, "error: the test ended the program\n");
    if (t->held.n)
        fprintf(stderr, "  output:\n%.*s", (int)t->held.n,
                (const char *)t->held.at);
}

int run_tests(struct mem *m, const struct pvm_image *im,
              const struct run_options *o, struct run_counts *counts)
{
    struct process *ps = mem_alloc(m, sizeof *ps);
    struct test_run t = {
        .ps = ps, .o = o, .held = bytes_in(m), .counts = counts};
    uint32_t failed = counts->failed;
    if (!ps)
        return RUN_FAILED;
    memset(ps, 0, sizeof *ps);
    ps->held = &t.held;
    struct vm_host host = make_host(ps, NULL);
    int code = RUN_USAGE;
    if (vm_open(&t.vm, m, im, &o->vm, &host)) {
        fprintf(stderr, "%s: cannot start: out of memory\n", o->name);
    } else {
        enum pal_status status = PAL_OK;
        if (im->init) {
            vm_begin(t.vm, im->init - 1);
            status = vm_run(t.vm);
        }
        if (status)
            code = finish(t.vm, ps, o, status);
        else {
            for (uint32_t i = 0; i < im->ntests; i++)
                one_test(&t, &im->tests[i]);
            code = counts->failed > failed ? RUN_FAILED : RUN_DONE;
            if (t.vm->failure[0]) {
                fprintf(stderr, "%s: check failed: %s\n", o->name,
                        t.vm->failure);
                code = RUN_BROKEN;
            }
        }
        vm_close(t.vm);
    }
    bytes_free(&t.held);
    mem_free(m, ps, sizeof *ps);
    return code;
}

/* ---- files and memory ---------------------------------------------------- */

uint8_t *run_read_file(struct mem *m, const char *path, size_t *n, char *why,
                       size_t why_n)
{
    bool is_stdin = !strcmp(path, "-");
    int fd = is_stdin ? 0 : open(path, O_RDONLY | O_CLOEXEC);
    struct bytes b = bytes_in(m);
    struct stat sb;
    int error = 0;
    if (fd < 0 || fstat(fd, &sb))
        error = errno;
    else if (S_ISDIR(sb.st_mode))
        error = EISDIR;
    while (!error) {
        uint8_t *room = bytes_room(&b, OUT_BUFFER);
        if (!room) {
            error = ENOMEM;
            break;
        }
        ssize_t k = read(fd, room, OUT_BUFFER);
        b.n -= k > 0 ? (size_t)(OUT_BUFFER - k) : OUT_BUFFER;
        if (k < 0 && errno == EINTR)
            continue;
        if (k < 0)
            error = errno;
        if (k <= 0)
            break;
    }
    if (fd >= 0 && !is_stdin)
        close(fd);
    uint8_t *p = NULL;
    if (!error && !(p = mem_alloc(m, b.n ? b.n : 1)))
        error = ENOMEM;
    if (error)
        snprintf(why, why_n, "cannot read %s: %s", path, strerror(error));
    else if (b.n)
        memcpy(p, b.at, b.n);
    *n = b.n;
    bytes_free(&b);
    return p;
}

void run_free_file(struct mem *m, uint8_t *p, size_t n)
{
    mem_free(m, p, n ? n : 1);
}

static void exhausted(void *arg, size_t wanted)
{
    fprintf(stderr, "%s: out of memory (%zu bytes wanted)\n", (const char *)arg,
            wanted);
    exit(RUN_USAGE);
}

struct mem *run_mem_open(const struct mem_profile *profile, const char *name)
{
    struct mem_hooks hooks = {.exhausted = exhausted,
                              .arg = (void *)(uintptr_t)name};
    struct mem *m = mem_open(profile, &hooks);
    if (!m)
        exhausted((void *)(uintptr_t)name, 0);
    return m;
}
