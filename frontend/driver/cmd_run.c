/* cmd_run.c - `pal run` and `pal test`. */
#include <errno.h>
#include <fts.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "frontend/driver/driver.h"
#include "frontend/stdlib.h"

int cmd_run(struct driver *d)
{
    struct pvm_image *im = load_image(d);
    int status;

    if (!im)
        return RUN_USAGE;
    d->run.path = d->path;
    status = run_image(d->mem, im, &d->run, d->args);
    pvm_free(im);
    return status;
}

/* Of an image, NULL where it could not be made. */
static int test_image(struct driver *d, struct pvm_image *im,
                      struct run_counts *counts)
{
    int status;

    if (!im) {
        counts->failed++; /* whatever the file would have tested */
        return RUN_USAGE;
    }
    status = run_tests(d->mem, im, &d->run, counts);
    pvm_free(im);
    return status;
}

static int test_file(struct driver *d, const char *path,
                     struct run_counts *counts)
{
    d->path = path;
    return test_image(d, load_image(d), counts);
}

/* The standard library that is built in. */
static int test_stdlib(struct driver *d, struct run_counts *counts)
{
    int worst = RUN_DONE;

    for (uint32_t i = 0; i < stdlib_nfiles; i++) {
        const struct stdlib_file *f = &stdlib_files[i];
        struct source *src = source_copy(d->mem, f->path, f->text, f->len);
        int status;
        d->path = f->path;
        status = test_image(d, image_of(d, src), counts);
        worst = status > worst ? status : worst;
    }
    return worst;
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

static bool is_program(const FTSENT *e)
{
    return e->fts_info == FTS_F && e->fts_namelen > 4 &&
           !strcmp(e->fts_name + e->fts_namelen - 4, ".pal");
}

/* A file, or every .pal file below a folder, in order of their names; the
 * worst of their statuses.  `stdlib` is the standard library where it is no
 * folder. */
static int test_path(struct driver *d, const char *path,
                     struct run_counts *counts)
{
    char *const roots[] = {(char *)(uintptr_t)path, NULL};
    int worst = RUN_DONE;
    struct stat sb;
    FTS *fts;
    FTSENT *e;

    if (stat(path, &sb) && !strcmp(path, "stdlib"))
        return d->stdlib ? test_path(d, d->stdlib, counts)
                         : test_stdlib(d, counts);
    if (stat(path, &sb) || !S_ISDIR(sb.st_mode))
        return test_file(d, path, counts);
    fts = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
    if (!fts)
        return say_error("cannot read %s: %s", path, strerror(errno));
    while ((e = fts_read(fts))) {
        int status = RUN_DONE;
        if (is_program(e))
            status = test_file(d, e->fts_path, counts);
        else if (e->fts_info == FTS_ERR || e->fts_info == FTS_DNR)
            status = say_error("cannot read %s: %s", e->fts_path,
                               strerror(e->fts_errno));
        worst = status > worst ? status : worst;
    }
    fts_close(fts);
    return worst;
}

int cmd_test(struct driver *d)
{
    struct run_counts counts = {0};
    int status;

    d->tests = true;
    status = test_path(d, d->path ? d->path : ".", &counts);
    printf("%u passed, %u failed\n", counts.passed, counts.failed);
    return status;
}
