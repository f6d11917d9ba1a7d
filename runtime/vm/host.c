/* host.c - see host.h. */
#include "runtime/vm/host.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "runtime/vm/vm.h"

#define CHUNK   ((size_t)65536)
#define BILLION INT64_C(1000000000)

/* ---- files --------------------------------------------------------------- */

/* A descriptor, or -1 with errno; what interrupts is passed over. */
static int open_file(const char *path, int flags)
{
    int fd;
    do
        fd = open(path, flags | O_CLOEXEC, 0666);
    while (fd < 0 && errno == EINTR);
    return fd;
}

/* Adds what one read gives: bytes, 0 at the end, -1 with errno. */
static ssize_t read_some(int fd, struct bytes *out, size_t n)
{
    uint8_t *room = bytes_room(out, n);
    ssize_t k;
    if (!room) {
        errno = ENOMEM;
        return -1;
    }
    do
        k = read(fd, room, n);
    while (k < 0 && errno == EINTR);
    out->n -= k < 0 ? n : n - (size_t)k;
    return k;
}

/* To the end of a file that may hold any number of bytes. */
static int read_all(int fd, const struct host_call *c)
{
    struct stat sb;
    if (fstat(fd, &sb))
        return errno;
    if (S_ISDIR(sb.st_mode))
        return EISDIR;
    if (S_ISREG(sb.st_mode) && (uint64_t)sb.st_size > c->most)
        return EFBIG;
    size_t n = CHUNK;
    if (S_ISREG(sb.st_mode) && (uint64_t)sb.st_size >= CHUNK)
        n = (size_t)sb.st_size + 1; /* the last read finds the end */
    for (ssize_t k = 1; k != 0;) {
        k = read_some(fd, c->out, n);
        if (k < 0)
            return errno;
        if (c->out->n > c->most)
            return EFBIG;
        n = CHUNK;
    }
    return 0;
}

static int read_file(const struct host_call *c)
{
    int fd = open_file(c->path, O_RDONLY);
    if (fd < 0)
        return errno;
    int error = read_all(fd, c);
    close(fd);
    return error;
}

static int write_all(int fd, const uint8_t *p, size_t n)
{
    while (n) {
        ssize_t k = write(fd, p, n);
        if (k < 0 && errno != EINTR)
            return errno;
        if (k > 0) {
            p += k;
            n -= (size_t)k;
        }
    }
    return 0;
}

static int write_file(const struct host_call *c, int flags)
{
    int fd = open_file(c->path, O_WRONLY | O_CREAT | flags);
    if (fd < 0)
        return errno;
    int error = write_all(fd, c->data, c->n);
    if (close(fd) && !error && errno != EINTR)
        error = errno;
    return error;
}

static int list_dir(const struct host_call *c)
{
    DIR *d = opendir(c->path);
    if (!d)
        return errno;
    int error = 0;
    for (;;) {
        errno = 0;
        const struct dirent *e = readdir(d);
        if (!e) {
            error = errno;
            break;
        }
        const char *name = e->d_name;
        if (!strcmp(name, ".") || !strcmp(name, ".."))
            continue;
        bytes_add(c->out, name, strlen(name) + 1);
        if (c->out->n > c->most) {
            error = EFBIG;
            break;
        }
    }
    closedir(d);
    return error;
}

/* What stat knows of a path; 0 where there is none, if that is no error. */
static int64_t look_at(struct host_call *c)
{
    struct stat sb;
    if (stat(c->path, &sb)) {
        c->error = c->op == HOST_FILE_SIZE ? errno : 0;
        return 0;
    }
    switch (c->op) {
    case HOST_IS_DIR: return S_ISDIR(sb.st_mode);
    case HOST_FILE_SIZE: return sb.st_size;
    default: return 1;
    }
}

/* ---- the process --------------------------------------------------------- */

static int current_dir(struct bytes *out)
{
    for (size_t n = 256;; n *= 2) {
        char *room = (char *)bytes_room(out, n);
        if (!room)
            return ENOMEM;
        out->n -= n;
        if (getcwd(room, n)) {
            out->n += strlen(room);
            return 0;
        }
        if (errno != ERANGE)
            return errno;
    }
}

static int64_t environment(const struct host_call *c)
{
    const char *text = getenv(c->path);
    if (text)
        bytes_str(c->out, text);
    return text != NULL;
}

static const char *platform(void)
{
#if defined __linux__
    return "linux";
#elif defined __APPLE__
    return "macos";
#elif defined __wasm__
    return "wasm";
#else
    return "unix";
#endif
}

/* ---- time and chance ----------------------------------------------------- */

static int64_t now(void)
{
    struct timespec t = {0};
    clock_gettime(CLOCK_REALTIME, &t);
    double seconds = (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
    int64_t bits;
    memcpy(&bits, &seconds, sizeof bits);
    return bits;
}

static int64_t monotonic(void)
{
    struct timespec t = {0};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * BILLION + t.tv_nsec;
}

static void wait_for(uint64_t nanoseconds)
{
    struct timespec t = {.tv_sec = (time_t)(nanoseconds / BILLION),
                         .tv_nsec = (long)(nanoseconds % BILLION)};
    while (nanosleep(&t, &t) && errno == EINTR)
        ;
}

static int entropy(int64_t *out)
{
    uint8_t *p = (uint8_t *)out;
    for (size_t n = 0; n < sizeof *out;) {
        ssize_t k = getrandom(p + n, sizeof *out - n, 0);
        if (k < 0 && errno != EINTR)
            return errno;
        n += k > 0 ? (size_t)k : 0;
    }
    return 0;
}

/* ---- answering ----------------------------------------------------------- */

void host_answer(void *arg, struct host_call *c)
{
    (void)arg;
    switch (c->op) {
    case HOST_READ_INPUT:
        c->error = read_some(STDIN_FILENO, c->out, c->most) < 0 ? errno : 0;
        break;
    case HOST_READ_FILE: c->error = read_file(c); break;
    case HOST_WRITE_FILE: c->error = write_file(c, O_TRUNC); break;
    case HOST_APPEND_FILE: c->error = write_file(c, O_APPEND); break;
    case HOST_EXISTS:
    case HOST_IS_DIR:
    case HOST_FILE_SIZE: c->value = look_at(c); break;
    case HOST_REMOVE: c->error = remove(c->path) ? errno : 0; break;
    case HOST_RENAME: c->error = rename(c->path, c->data) ? errno : 0; break;
    case HOST_MAKE_DIR: c->error = mkdir(c->path, 0777) ? errno : 0; break;
    case HOST_LIST_DIR: c->error = list_dir(c); break;
    case HOST_ENV: c->value = environment(c); break;
    case HOST_CWD: c->error = current_dir(c->out); break;
    case HOST_PID: c->value = getpid(); break;
    case HOST_PLATFORM: bytes_str(c->out, platform()); break;
    case HOST_NOW: c->value = now(); break;
    case HOST_MONOTONIC: c->value = monotonic(); break;
    case HOST_SLEEP: wait_for(c->most); break;
    case HOST_RANDOM: c->error = entropy(&c->value); break;
    }
}

/* ---- asking -------------------------------------------------------------- */

/* An answer given before, in a window that was gone back over. */
static bool answer_again(struct vm *vm, struct host_call *c)
{
    struct host_answers *a = &vm->answers;
    uint64_t i = vm->h.st->asked - a->first;
    if (i >= a->kept.n || a->kept.at[i].op != c->op)
        return false;
    const struct host_kept *k = &a->kept.at[i];
    c->error = k->error;
    c->value = k->value;
    if (k->n)
        bytes_add(c->out, a->bytes.at + k->at, k->n);
    return true;
}

/* The program goes another way than when it was given the answers from here
 * on. */
static void drop_answers(struct vm *vm)
{
    struct host_answers *a = &vm->answers;
    uint64_t i = vm->h.st->asked - a->first;
    if (i < a->kept.n)
        a->kept.n = (uint32_t)i;
}

/* Keeps an answer; without memory for it the window ends here. */
static void keep_answer(struct vm *vm, const struct host_call *c)
{
    struct host_answers *a = &vm->answers;
    if (!a->kept.n)
        a->first = vm->h.st->asked;
    struct host_kept k = {c->op, c->error, c->value, a->bytes.n, c->out->n};
    bytes_add(&a->bytes, c->out->at, c->out->n);
    if (a->bytes.failed || !vec_push(vm->h.mem, &a->kept, k))
        vm->window->log.failed = true;
}

void vm_ask(struct vm *vm, struct host_call *c)
{
    struct state *st = vm->h.st;
    if (vm->answer.cap > 16 * CHUNK || vm->answer.failed)
        bytes_free(&vm->answer);
    vm->answer = (struct bytes){
        .mem = vm->h.mem, .at = vm->answer.at, .cap = vm->answer.cap};
    c->out = &vm->answer;
    c->error = 0;
    c->value = 0;
    if (!answer_again(vm, c)) {
        drop_answers(vm);
        if (vm->host.ask)
            vm->host.ask(vm->host.arg, c);
        else
            c->error = EPERM;
        if (vm->window)
            keep_answer(vm, c);
    }
    if (vm->answer.failed)
        c->error = ENOMEM;
    heap_log(&vm->h, &st->asked, 1);
    st->asked++;
    if (!vm->window)
        vm_forget_answers(vm);
}

void vm_forget_answers(struct vm *vm)
{
    struct host_answers *a = &vm->answers;
    if (vm->h.st->asked - a->first < a->kept.n)
        return; /* the machine has gone back: they come again */
    vec_free(vm->h.mem, &a->kept);
    bytes_free(&a->bytes);
    a->bytes = bytes_in(vm->h.mem);
}
