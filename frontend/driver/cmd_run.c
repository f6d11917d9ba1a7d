/* cmd_run.c - `pal run` and `pal test`. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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

/* Where tests of a folder are counted. */
struct folder_tests {
    struct driver *d;
    struct run_counts *counts;
};

static int visit(void *arg, const char *path)
{
    const struct folder_tests *t = arg;

    return test_file(t->d, path, t->counts);
}

/* A file, or every .pal file below a folder; the worst of their statuses.
 * `stdlib` is the standard library where it is no folder. */
static int test_path(struct driver *d, const char *path,
                     struct run_counts *counts)
{
    struct folder_tests in = {d, counts};

    if (!strcmp(path, "stdlib") && access(path, F_OK)) {
        if (!d->stdlib)
            return test_stdlib(d, counts);
        path = d->stdlib;
    }
    return is_folder(path) ? folder_walk(path, visit, &in)
                           : test_file(d, path, counts);
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
