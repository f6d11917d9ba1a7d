/* vm_kit.h - a program's source compiled and run, for tests of the runtime
 * and its hosts. */
#ifndef PAL_TESTS_VM_KIT_H
#define PAL_TESTS_VM_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "backend/backend.h"
#include "frontend/lower.h"
#include "frontend/parse.h"
#include "runtime/vm/vm.h"

static inline bool kit_compile_fn(void *be, struct ir_fn *f)
{
    char why[300] = "";
    struct ir_opt opt = {.level = 2, .verify = true};
    if (!ir_optimise(f, &opt, why, sizeof why))
        fail_msg("%s", why);
    if (!be_function(be, f))
        fail_msg("%s", be_error(be));
    return true;
}

/* The verified image of a source, in memory of m, owned by the caller. */
static inline struct pvm_image *kit_compile(struct mem *m, const char *text)
{
    struct source *src = source_copy(m, "t.pal", text, (uint32_t)strlen(text));
    struct unit *u = unit_open(m, src);
    struct ir_module *mod = ir_module_open(m);
    struct be *be = be_open(m, mod);
    struct pvm_error err;
    if (!parse_unit(u) || !sema_check(u)) {
        struct bytes out = bytes_in(m);
        diags_render(u->diags, false, &out);
        fail_msg("%.*s", (int)out.n, (const char *)out.at);
    }
    assert_true(lower_unit(u, mod, true, kit_compile_fn, be));
    struct pvm_image *im = be_finish(be);
    assert_non_null(im);
    if (pvm_verify(im, m, &err))
        fail_msg("%s", err.text);
    be_close(be);
    ir_module_close(mod);
    unit_close(u);
    source_free(m, src);
    return im;
}

/* A run: what the host was given, and how it behaves. */
struct kit_run {
    struct mem *mem;
    struct pvm_image *im;
    struct vm *vm;
    struct vm_options opt;
    char out[400];      /* what the host took */
    unsigned writes;    /* how often it was asked */
    unsigned refuse;    /* the write that it refuses, from 1; 0: none */
    unsigned interrupt; /* the write at which it asks to stop; 0: none */
};

static inline bool kit_write(void *arg, int fd, const void *p, size_t n)
{
    struct kit_run *k = arg;
    size_t at = strlen(k->out);
    (void)fd;
    if (++k->writes == k->refuse)
        return false;
    if (k->writes == k->interrupt)
        k->vm->interrupt = 1;
    assert_true(at + n < sizeof k->out);
    memcpy(k->out + at, p, n);
    k->out[at + n] = 0;
    return true;
}

/* Compiles and starts; k->opt and how the host behaves are set before. */
static inline void kit_start(struct kit_run *k, const char *text)
{
    k->mem = mem_open(&mem_runtime, NULL);
    k->im = kit_compile(k->mem, text);
    if (!k->opt.heap)
        k->opt.heap = 64 << 20;
    if (!k->opt.stack)
        k->opt.stack = 1 << 20;
    struct vm_host host = {.write = kit_write, .arg = k};
    assert_int_equal(vm_open(&k->vm, k->mem, k->im, &k->opt, &host), PAL_OK);
    assert_int_equal(vm_start(k->vm), PAL_OK);
}

static inline void kit_stop(struct kit_run *k)
{
    struct mem_stats s;
    assert_string_equal(k->vm->failure, "");
    vm_close(k->vm);
    pvm_free(k->im);
    mem_stats(k->mem, &s);
    assert_int_equal(s.live, 0);
    mem_close(k->mem);
}

#endif
