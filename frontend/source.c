/* source.c - reading source files, and places in them. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "frontend/parse.h"
#include "runtime/base/utf8.h"

enum { READ_STEP = 64 * 1024 };
#define MAX_SOURCE ((size_t)UINT32_MAX - 1)

/* A text being read; at[cap] in memory of the context. */
struct text {
    char *at;
    size_t n, cap;
};

static const char *read_step(struct mem *m, int fd, struct text *t)
{
    ssize_t got;

    if (t->cap - t->n < 2) {
        size_t cap = t->cap ? t->cap * 2 : READ_STEP;
        char *at = mem_grow(m, t->at, t->cap, cap);
        if (!at)
            return "out of memory";
        t->at = at;
        t->cap = cap;
    }
    do
        got = read(fd, t->at + t->n, t->cap - t->n - 1);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return strerror(errno);
    if (got == 0)
        return "";
    t->n += (size_t)got;
    return t->n > MAX_SOURCE ? "the file has 4 GiB or more" : NULL;
}

/* Reads fd to its end.  Returns NULL, or why it could not. */
static const char *read_all(struct mem *m, int fd, struct text *t)
{
    struct stat st;
    const char *why;

    if (fstat(fd, &st))
        return strerror(errno);
    if (S_ISDIR(st.st_mode))
        return strerror(EISDIR);
    if (S_ISREG(st.st_mode) && st.st_size > 0) {
        if ((uint64_t)st.st_size > MAX_SOURCE)
            return "the file has 4 GiB or more";
        t->at = mem_alloc(m, (size_t)st.st_size + 2);
        if (!t->at)
            return "out of memory";
        t->cap = (size_t)st.st_size + 2;
    }
    while (!(why = read_step(m, fd, t)))
        ;
    return *why ? why : NULL;
}

/* A source that owns the text, which it shrinks to its size. */
static struct source *make_source(struct mem *m, const char *path,
                                  struct text *t)
{
    struct source *s = mem_alloc(m, sizeof *s);
    char *at = mem_grow(m, t->at, t->cap, t->n + 1);
    size_t len = strlen(path) + 1;
    char *name = mem_alloc(m, len);

    if (at) {
        t->at = at;
        t->cap = t->n + 1;
    }
    if (!s || !at || !name) {
        if (s)
            mem_free(m, s, sizeof *s);
        if (name)
            mem_free(m, name, len);
        return NULL;
    }
    memcpy(name, path, len);
    at[t->n] = '\0';
    *s = (struct source){.path = name, .text = at, .len = (uint32_t)t->n};
    return s;
}

/* A source of all that fd gives. */
static struct source *read_source(struct mem *m, int fd, const char *path,
                                  const char **why)
{
    struct text t = {0};
    struct source *s = NULL;

    *why = read_all(m, fd, &t);
    if (!*why) {
        s = make_source(m, path, &t);
        if (!s)
            *why = "out of memory";
    }
    if (!s && t.cap)
        mem_free(m, t.at, t.cap);
    return s;
}

struct source *source_read(struct mem *m, const char *path, const char **why)
{
    struct source *s;
    int fd;

    if (!strcmp(path, "-"))
        return read_source(m, STDIN_FILENO, "<stdin>", why);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        *why = strerror(errno);
        return NULL;
    }
    s = read_source(m, fd, path, why);
    close(fd);
    return s;
}

int source_open(const char *path, struct file_id *id, const char **why)
{
    /* a pipe nobody writes to would wait for ever */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat st;

    if (fd < 0 || fstat(fd, &st)) {
        *why = strerror(errno);
    } else if (!S_ISREG(st.st_mode)) {
        *why = S_ISDIR(st.st_mode) ? strerror(EISDIR) : "it is no regular file";
    } else {
        *id = (struct file_id){(uint64_t)st.st_dev, (uint64_t)st.st_ino};
        return fd;
    }
    if (fd >= 0)
        close(fd);
    return -1;
}

struct source *source_take(struct mem *m, int fd, const char *path,
                           const char **why)
{
    struct source *s = read_source(m, fd, path, why);

    close(fd);
    return s;
}

struct source *source_copy(struct mem *m, const char *path, const char *text,
                           uint32_t len)
{
    struct text t = {mem_alloc(m, (size_t)len + 1), len, (size_t)len + 1};
    struct source *s;

    if (!t.at)
        return NULL;
    memcpy(t.at, text, len);
    s = make_source(m, path, &t);
    if (!s)
        mem_free(m, t.at, t.cap);
    return s;
}

void source_free(struct mem *m, struct source *s)
{
    mem_free(m, (char *)s->text, (size_t)s->len + 1);
    mem_free(m, (char *)s->path, strlen(s->path) + 1);
    mem_free(m, s, sizeof *s);
}

/* ---- places -------------------------------------------------------------- */

void source_index(struct source *s, struct arena *a)
{
    const char *p = s->text, *end = p + s->len;
    uint32_t n = 1;

    for (const char *q = p; (q = memchr(q, '\n', (size_t)(end - q))); q++)
        n++;
    s->lines = ARENA_ARRAY(a, uint32_t, n);
    s->nlines = 1;
    for (const char *q = p; (q = memchr(q, '\n', (size_t)(end - q)));)
        s->lines[s->nlines++] = (uint32_t)(++q - p);
}

void source_place(const struct source *s, uint32_t pos, uint32_t *line,
                  uint32_t *column)
{
    uint32_t lo = 0, hi = s->nlines;

    if (pos > s->len)
        pos = s->len;
    while (hi - lo > 1) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (s->lines[mid] <= pos)
            lo = mid;
        else
            hi = mid;
    }
    *line = lo + 1;
    *column = 1;
    for (uint32_t i = s->lines[lo]; i < pos; i++)
        *column += ((unsigned char)s->text[i] & 0xc0) != 0x80;
}
