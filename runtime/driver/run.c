/* run.c - an image run to its end, and its test blocks; see run.h. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/driver/process.h"

/* Fills from PAL_GC what the command line left unset; false after a message. */
static bool heed_environment(struct vm_options *to, const char *name)
{
    const char *settings = getenv("PAL_GC");
    struct vm_options o = {0};
    char why[300];
    if (!settings || !*settings)
        return true;
    if (!run_gc(&o, "PAL_GC", settings, why, sizeof why)) {
        fprintf(stderr, "%s: %s\n", name, why);
        return false;
    }
    to->nursery = to->nursery ? to->nursery : o.nursery;
    to->gc_growth = to->gc_growth ? to->gc_growth : o.gc_growth;
    to->gc_slice = to->gc_slice ? to->gc_slice : o.gc_slice;
    return true;
}

/* A vm in a context of its own, where exhaustion has no hook: a program that
 * exhausts it gets an error that it can catch, and the process goes on.  NULL
 * after a message. */
static struct vm *open_vm(struct mem **own, const struct pvm_image *im,
                          const struct run_options *o,
                          const struct vm_host *host)
{
    struct vm *vm = NULL;
    struct vm_options options = o->vm;
    *own = NULL;
    if (!heed_environment(&options, o->name))
        return NULL;
    struct mem_hooks hooks = {.broken = run_mem_broken,
                              .arg = (void *)(uintptr_t)o->name};
    *own = mem_open(&mem_runtime, &hooks);
    enum pal_status status =
        *own ? vm_open(&vm, *own, im, &options, host) : PAL_NOMEM;
    if (status == PAL_OK)
        return vm;
    fprintf(stderr, "%s: cannot start: %s\n", o->name,
            status == PAL_USAGE ? "the heap's limit is too small"
                                : "out of memory, or of addresses");
    if (*own)
        mem_close(*own);
    return NULL;
}

int run_image(struct mem *m, const struct pvm_image *im,
              const struct run_options *o, const char *const *args)
{
    struct process *ps = mem_alloc(m, sizeof *ps);
    struct vm_host host = process_host(ps, args);
    struct mem *own = NULL;
    struct vm *vm = open_vm(&own, im, o, &host);
    int code = RUN_USAGE;
    if (!vm) {
        mem_free(m, ps, sizeof *ps);
        return RUN_USAGE;
    }
    if (vm_start(vm)) {
        fprintf(stderr, "%s: %s has no main function\n", o->name, o->path);
    } else if (o->back) {
        code = windows_run_back(vm, ps, o);
    } else {
        enum pal_status status = o->windows ? windows_run(vm, o) : vm_run(vm);
        code = report_end(vm, ps, o, status);
    }
    vm_close(vm);
    mem_close(own);
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
    process_flush(t->ps);
    if (status == PAL_OK) {
        t->counts->passed++;
        return;
    }
    t->counts->failed++;
    fprintf(stderr, "FAIL %s:%" PRIu32 " %s\n", pvm_text(im, test->file),
            test->line, pvm_text(im, test->name));
    if (status == PAL_TRAP)
        report_error(t->vm, t->o);
    else
        fprintf(stderr, "error: the test ended the program\n");
    if (t->held.n)
        fprintf(stderr, "  output:\n%.*s", (int)t->held.n,
                (const char *)t->held.at);
}

/* Initialises the globals, then runs the tests; the exit status. */
static int all_tests(struct test_run *t)
{
    const struct pvm_image *im = t->vm->h.image;
    uint32_t failed = t->counts->failed;
    if (im->init) {
        vm_begin(t->vm, im->init - 1);
        enum pal_status status = vm_run(t->vm);
        if (status) {
            t->counts->failed += im->ntests; /* none of them can run */
            int code = report_end(t->vm, t->ps, t->o, status);
            return code ? code : RUN_FAILED; /* exit(0) is no success here */
        }
    }
    for (uint32_t i = 0; i < im->ntests; i++)
        one_test(t, &im->tests[i]);
    if (report_broken(t->vm, t->o))
        return RUN_BROKEN;
    return t->counts->failed > failed ? RUN_FAILED : RUN_DONE;
}

int run_tests(struct mem *m, const struct pvm_image *im,
              const struct run_options *o, struct run_counts *counts)
{
    struct process *ps = mem_alloc(m, sizeof *ps);
    struct test_run t = {
        .ps = ps, .o = o, .held = bytes_in(m), .counts = counts};
    int code = RUN_USAGE;
    struct vm_host host = process_host(ps, NULL);
    struct mem *own;
    ps->held = &t.held;
    t.vm = open_vm(&own, im, o, &host);
    if (t.vm) {
        code = all_tests(&t);
        vm_close(t.vm);
        mem_close(own);
    } else {
        counts->failed += im->ntests;
    }
    bytes_free(&t.held);
    mem_free(m, ps, sizeof *ps);
    return code;
}
