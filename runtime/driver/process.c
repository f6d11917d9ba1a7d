/* process.c - the process as a vm's host, files, memory. */
#include "runtime/driver/process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* To stdout; a refusal is remembered. */
static bool write_out(struct process *ps, const void *p, size_t n)
{
    if (run_write_all(STDOUT_FILENO, p, n))
        return true;
    ps->failed = true;
    ps->error = errno;
    return false;
}

bool process_flush(struct process *ps)
{
    size_t n = ps->n;
    ps->n = 0;
    return !n || write_out(ps, ps->buffer, n);
}

static bool host_write(void *arg, int fd, const void *p, size_t n)
{
    struct process *ps = arg;
    if (fd == STDERR_FILENO) {
        process_flush(ps); /* a refusal there is no affair of stderr */
        return run_write_all(fd, p, n);
    }
    if (n > OUT_BUFFER - ps->n && !process_flush(ps))
        return false;
    if (n > OUT_BUFFER)
        return write_out(ps, p, n);
    memcpy(ps->buffer + ps->n, p, n);
    ps->n += n;
    return !ps->terminal || process_flush(ps);
}

/* What a prompt asks for is read when the prompt can be. */
static void host_ask(void *arg, struct host_call *c)
{
    if (c->op == HOST_READ_INPUT)
        process_flush(arg);
    host_answer(NULL, c);
}

static void host_uncaught(void *arg, struct vm *vm)
{
    struct process *ps = arg;
    if (ps->held)
        vm_held(vm, ps->held);
}

struct vm_host process_host(struct process *ps, const char *const *args)
{
    memset(ps, 0, sizeof *ps);
    ps->terminal = isatty(STDOUT_FILENO);
    return (struct vm_host){.write = host_write,
                            .uncaught = host_uncaught,
                            .ask = host_ask,
                            .arg = ps,
                            .args = args};
}

/* ---- files and memory ---------------------------------------------------- */

/* Adds what fd gives, to its end or a byte more than there may be; an errno,
 * or 0. */
static int read_to_end(int fd, struct bytes *out)
{
    size_t first = out->n;
    while (out->n - first <= RUN_FILE_MOST) {
        uint8_t *room = bytes_room(out, OUT_BUFFER);
        if (!room)
            return ENOMEM;
        ssize_t k = read(fd, room, OUT_BUFFER);
        int error = errno;
        out->n -= k > 0 ? (size_t)(OUT_BUFFER - k) : OUT_BUFFER;
        if (k == 0)
            return 0;
        if (k < 0 && error != EINTR)
            return error;
    }
    return EFBIG;
}

static int read_all(int fd, struct bytes *out)
{
    struct stat sb;
    if (fd < 0 || fstat(fd, &sb))
        return errno;
    if (S_ISDIR(sb.st_mode))
        return EISDIR;
    if (S_ISREG(sb.st_mode) && (uint64_t)sb.st_size > RUN_FILE_MOST)
        return EFBIG;
    return read_to_end(fd, out);
}

bool run_read_file(const char *path, struct bytes *out, char *why, size_t n)
{
    bool is_stdin = !strcmp(path, "-");
    int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    int error = read_all(fd, out);
    if (fd >= 0 && !is_stdin)
        close(fd);
    if (error == EFBIG)
        snprintf(why, n, "cannot read %s: it is larger than %u MB", path,
                 (unsigned)(RUN_FILE_MOST >> 20));
    else if (error)
        snprintf(why, n, "cannot read %s: %s", *path ? path : "\"\"",
                 strerror(error));
    return !error;
}

static void exhausted(void *arg, size_t wanted)
{
    fprintf(stderr, "%s: out of memory (%zu bytes wanted)\n", (const char *)arg,
            wanted);
    exit(RUN_USAGE);
}

/* A rule of the allocator does not hold: going on would make it worse. */
void run_mem_broken(void *arg, const char *what)
{
    fprintf(stderr, "%s: memory is corrupted: %s\n", (const char *)arg, what);
    abort();
}

struct mem *run_mem_open(const struct mem_profile *profile, const char *name)
{
    struct mem_hooks hooks = {.exhausted = exhausted,
                              .broken = run_mem_broken,
                              .arg = (void *)(uintptr_t)name};
    struct mem *m = mem_open(profile, &hooks);
    if (!m)
        exhausted((void *)(uintptr_t)name, 0);
    return m;
}
