/* cache.c - what `pal build` remembers, so that building again what has not
 * changed does nothing.
 *
 *   record   HEADER, checksum of all that follows,
 *            key, size and hash of the output, number of inputs,
 *            for each input its path, as it was opened
 *   key      hash of the compiler, the options, and of each input: path, hash
 *            of its content, and which input of the list is the same file
 *
 * A record lies in the cache's directory under the hash of the output's path.
 * An output is current when the key, made again from the files as they are
 * now, is the record's, and the output's content is what it was.  So nothing
 * depends on times, and whatever a record says, a wrong one is of no effect.
 * The key that is stored was made from the very bytes that were compiled.
 *
 * Records appear whole, by renaming; whoever writes last is remembered.  When
 * there are too many, those that were of no use for longest go.  Nothing that
 * fails here is worth a word: then the build is done. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "frontend/driver/driver.h"
#include "runtime/base/hash.h"

#define HEADER "palindrome build 1\n"
#define PREFIX                                                                 \
    "build-" /* of the names of records, and of nothing else there             \
              */

enum {
    RECORD_MOST = 64 * 1024, /* bytes */
    RECORDS_MOST = 1000,     /* in the directory; */
    RECORDS_KEPT = 900,      /* then so many of them stay */
    INPUTS_MOST = 4096
};

/* An input as it is, or was when it was compiled. */
struct input {
    const char *path;
    struct hash_wide content;
    uint32_t first; /* the first input of the list that is the same file */
};

struct cache {
    struct arena *arena;
    const char *dir, *file; /* of the record */
    struct hash_wide compiler;
    VEC(struct input) inputs;
    bool noted; /* all inputs are in the list */
};

/* ---- where records are --------------------------------------------------- */

/* The cache's directory, or NULL: there is none. */
static const char *directory(struct arena *a)
{
    const char *own = getenv("PAL_CACHE");
    const char *user = getenv("XDG_CACHE_HOME");
    const char *home = getenv("HOME");

    if (own && *own)
        return strcmp(own, "off") ? own : NULL;
    if (user && *user == '/')
        return arena_printf(a, "%s/palindrome", user);
    if (home && *home == '/')
        return arena_printf(a, "%s/.cache/palindrome", home);
    return NULL;
}

/* Makes a directory and those above it. */
static void make_directories(struct arena *a, const char *path)
{
    char *copy = arena_strndup(a, path, strlen(path));

    for (char *at = copy + 1; (at = strchr(at, '/')); *at++ = '/') {
        *at = 0;
        mkdir(copy, 0700);
    }
    mkdir(copy, 0700);
}

/* The output's path from the root; NULL: it can be no file. */
static const char *whole_path(struct arena *a, const char *out)
{
    char real[PATH_MAX];
    const char *slash;

    if (realpath(out, real))
        return arena_printf(a, "%s", real);
    slash = strrchr(out, '/');
    if (!realpath(slash ? arena_strndup(a, out, (size_t)(slash - out) + 1)
                        : ".",
                  real))
        return NULL;
    return arena_printf(a, "%s/%s", real, slash ? slash + 1 : out);
}

/* ---- what is compared ---------------------------------------------------- */

/* The hash of a regular file; false where it cannot be read. */
static bool hash_file(struct driver *d, const char *path, struct file_id *id,
                      uint64_t *size, struct hash_wide *out)
{
    const char *why;
    int fd = source_open(path, id, &why);
    struct source *src = fd < 0 ? NULL : source_take(d->mem, fd, path, &why);

    if (!src)
        return false;
    *out = hash_content(src->text, src->len);
    *size = src->len;
    source_free(d->mem, src);
    return true;
}

static bool is_same(struct hash_wide a, struct hash_wide b)
{
    return a.low == b.low && a.high == b.high;
}

/* Takes the linker's hash of a program from its notes (ELF: PT_NOTE). */
static bool find_build_id(const char *p, size_t n, struct hash_wide *out)
{
    ElfW(Nhdr) note;

    while (n >= sizeof note) {
        memcpy(&note, p, sizeof note);
        size_t name = (note.n_namesz + 3u) & ~(size_t)3;
        size_t all = sizeof note + name + ((note.n_descsz + 3u) & ~(size_t)3);
        if (all > n)
            return false;
        if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 &&
            !memcmp(p + sizeof note, "GNU", 4) && note.n_descsz >= 16) {
            *out = hash_content(p + sizeof note + name, note.n_descsz);
            return true;
        }
        p += all;
        n -= all;
    }
    return false;
}

/* Of the first object, which is this program; 1: found, -1: it has none. */
static int look_for_build_id(struct dl_phdr_info *info, size_t size, void *out)
{
    (void)size;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *h = &info->dlpi_phdr[i];
        const char *at =
            (const char *)(uintptr_t)(info->dlpi_addr + h->p_vaddr);
        if (h->p_type == PT_NOTE && find_build_id(at, h->p_memsz, out))
            return 1;
    }
    return -1;
}

/* What tells this compiler from any other. */
static bool hash_compiler(struct driver *d, struct hash_wide *out)
{
    struct file_id id;
    uint64_t size;

    return dl_iterate_phdr(look_for_build_id, out) > 0 ||
           hash_file(d, "/proc/self/exe", &id, &size, out);
}

static struct hash_wide key_of(struct driver *d)
{
    struct cache *c = d->cache;
    uint32_t options[] = {(uint32_t)d->level, (uint32_t)d->emit};
    struct bytes b = bytes_in(d->mem);
    struct hash_wide key;

    bytes_add(&b, PAL_VERSION, sizeof PAL_VERSION);
    bytes_add(&b, &c->compiler, sizeof c->compiler);
    bytes_add(&b, options, sizeof options);
    for (uint32_t i = 0; i < c->inputs.n; i++) {
        const struct input *in = &c->inputs.at[i];
        bytes_add(&b, in->path, strlen(in->path) + 1);
        bytes_add(&b, &in->content, sizeof in->content);
        bytes_add(&b, &in->first, sizeof in->first);
    }
    key = hash_content(b.at, b.n);
    bytes_free(&b);
    return key;
}

/* Prepares to look for a record, and to write one; false where there can be
 * none.  Who measures the compiler wants it to work. */
static bool cache_open(struct driver *d)
{
    struct arena *a;
    struct cache *c;
    const char *dir, *out;
    struct hash_wide name;

    if (d->no_cache || d->stdlib || d->run.stats || getenv("PAL_MEM_STATS") ||
        !strcmp(d->out, "-") || !strcmp(d->path, "-"))
        return false;
    a = arena_open(d->mem);
    c = ARENA_NEW(a, struct cache);
    c->arena = a;
    d->cache = c;
    dir = directory(a);
    out = dir ? whole_path(a, d->out) : NULL;
    if (!out || !hash_compiler(d, &c->compiler)) {
        cache_close(d);
        return false;
    }
    name = hash_content(out, strlen(out));
    c->dir = dir;
    c->file = arena_printf(a, "%s/" PREFIX "%016llx%016llx", dir,
                           (unsigned long long)name.high,
                           (unsigned long long)name.low);
    return true;
}

void cache_close(struct driver *d)
{
    if (d->cache)
        arena_close(d->cache->arena);
    d->cache = NULL;
}

/* ---- reading a record ---------------------------------------------------- */

struct record { /* its fixed part */
    struct hash_wide key, out;
    uint64_t size;
    uint64_t ninputs;
};

/* The record's bytes behind its checksum, or NULL; *n of them. */
static const char *read_record(struct cache *c, size_t *n)
{
    char *at = arena_alloc(c->arena, RECORD_MOST + 1);
    size_t head = strlen(HEADER) + sizeof(uint64_t);
    int fd = open(c->file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    uint64_t sum;
    ssize_t got;

    if (fd < 0)
        return NULL;
    got = read(fd, at, RECORD_MOST);
    if (got > 0)
        futimens(fd, NULL); /* it was of use */
    close(fd);
    if (got < (ssize_t)(head + sizeof(struct record)) ||
        memcmp(at, HEADER, strlen(HEADER)) != 0)
        return NULL;
    memcpy(&sum, at + strlen(HEADER), sizeof sum);
    *n = (size_t)got - head;
    return hash_checksum(at + head, *n) == sum ? at + head : NULL;
}

/* Adds a file as it is now; false where it cannot be read. */
static bool add_input(struct driver *d, const char *path, struct file_id *ids)
{
    struct cache *c = d->cache;
    uint32_t n = c->inputs.n, first = 0;
    struct input in = {.path = path};
    uint64_t size;

    if (!hash_file(d, path, &ids[n], &size, &in.content))
        return false;
    while (ids[first].device != ids[n].device ||
           ids[first].inode != ids[n].inode)
        first++;
    in.first = first;
    vec_push_in(c->arena, &c->inputs, in);
    return true;
}

/* Reads the inputs that a record lists; false where they are others. */
static bool read_inputs(struct driver *d, const char *p, size_t n,
                        uint64_t ninputs)
{
    struct file_id *ids;

    if (ninputs == 0 || ninputs > INPUTS_MOST || strcmp(p, d->path) != 0)
        return false;
    ids = ARENA_ARRAY(d->cache->arena, struct file_id, ninputs);
    for (uint64_t i = 0; i < ninputs; i++) {
        size_t len = strnlen(p, n);
        if (len == n || !add_input(d, p, ids))
            return false;
        p += len + 1;
        n -= len + 1;
    }
    return n == 0;
}

static bool is_output(struct driver *d, const struct record *r)
{
    struct hash_wide now;
    struct file_id id;
    uint64_t size;

    return hash_file(d, d->out, &id, &size, &now) && size == r->size &&
           is_same(now, r->out) &&
           (d->emit != EMIT_EXE || !access(d->out, X_OK));
}

bool cache_is_current(struct driver *d)
{
    struct record r;
    const char *p;
    size_t n;
    bool is;

    if (!cache_open(d))
        return false;
    p = read_record(d->cache, &n);
    if (!p)
        return false;
    memcpy(&r, p, sizeof r);
    is = read_inputs(d, p + sizeof r, n - sizeof r, r.ninputs) &&
         is_same(key_of(d), r.key) && is_output(d, &r);
    d->cache->inputs.n = 0;
    return is;
}

/* ---- writing one --------------------------------------------------------- */

void cache_note_unit(struct driver *d, const struct unit *u)
{
    struct cache *c = d->cache;

    /* warnings are to be seen again */
    if (!c || diags_warnings(u->diags) || !u->main || !u->paths.n ||
        u->paths.at[0].module != u->top)
        return;
    for (uint32_t i = 0; i < u->paths.n; i++) {
        const struct module_path *p = &u->paths.at[i];
        struct input in = {.path = arena_printf(c->arena, "%s", p->path)};
        in.content = hash_content(p->module->src->text, p->module->src->len);
        while (u->paths.at[in.first].module != p->module)
            in.first++;
        vec_push_in(c->arena, &c->inputs, in);
    }
    c->noted = true;
}

void cache_note_file(struct driver *d, const char *path, const void *p,
                     size_t n)
{
    struct cache *c = d->cache;
    struct input in = {.content = hash_content(p, n)};

    if (!c)
        return;
    in.path = arena_printf(c->arena, "%s", path);
    in.first = c->inputs.n;
    vec_push_in(c->arena, &c->inputs, in);
}

/* A record of the directory. */
struct entry {
    const char *name;
    struct timespec used;
};

static int by_age(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;

    if (x->used.tv_sec != y->used.tv_sec)
        return x->used.tv_sec < y->used.tv_sec ? -1 : 1;
    return (x->used.tv_nsec > y->used.tv_nsec) -
           (x->used.tv_nsec < y->used.tv_nsec);
}

/* Removes the records that were of no use for longest, if there are too
 * many. */
static void remove_old(struct cache *c)
{
    DIR *dir = opendir(c->dir);
    VEC(struct entry) all = {0};
    const struct dirent *e;
    struct stat st;

    if (!dir)
        return;
    while ((e = readdir(dir))) {
        if (strncmp(e->d_name, PREFIX, strlen(PREFIX)) != 0 ||
            fstatat(dirfd(dir), e->d_name, &st, AT_SYMLINK_NOFOLLOW) ||
            !S_ISREG(st.st_mode))
            continue;
        vec_push_in(c->arena, &all,
                    (struct entry){arena_printf(c->arena, "%s", e->d_name),
                                   st.st_mtim});
    }
    if (all.n > RECORDS_MOST) {
        qsort(all.at, all.n, sizeof *all.at, by_age);
        for (uint32_t i = 0; i + RECORDS_KEPT < all.n; i++)
            unlinkat(dirfd(dir), all.at[i].name, 0);
    }
    closedir(dir);
}

static void write_record(struct cache *c, const struct bytes *b)
{
    char *name = arena_printf(c->arena, "%s.XXXXXX", c->file);
    int fd = mkstemp(name);
    bool ok;

    if (fd < 0) {
        make_directories(c->arena, c->dir);
        name = arena_printf(c->arena, "%s.XXXXXX", c->file);
        fd = mkstemp(name);
    }
    if (fd < 0)
        return;
    ok = run_write_all(fd, b->at, b->n);
    if (close(fd) || !ok || rename(name, c->file))
        unlink(name);
}

void cache_store(struct driver *d, const void *p, size_t n)
{
    struct cache *c = d->cache;
    struct bytes b = bytes_in(d->mem);
    struct record r;
    uint64_t sum = 0;
    size_t head;

    if (!c || !c->noted)
        return;
    memset(&r, 0, sizeof r);
    r.key = key_of(d);
    r.out = hash_content(p, n);
    r.size = n;
    r.ninputs = c->inputs.n;
    bytes_str(&b, HEADER);
    bytes_add(&b, &sum, sizeof sum);
    head = b.n;
    bytes_add(&b, &r, sizeof r);
    for (uint32_t i = 0; i < c->inputs.n; i++)
        bytes_add(&b, c->inputs.at[i].path, strlen(c->inputs.at[i].path) + 1);
    sum = hash_checksum(b.at + head, b.n - head);
    memcpy(b.at + head - sizeof sum, &sum, sizeof sum);
    if (b.n <= RECORD_MOST && c->inputs.n <= INPUTS_MOST) {
        write_record(c, &b);
        remove_old(c);
    }
    bytes_free(&b);
}
