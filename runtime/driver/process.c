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
                            .arg = ps,
                            .args = args};
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
