/* test_vm.c - the vm as its host sees it: output that is refused, hooks,
 * wishes to stop, memory that runs out at any point. */
#include "tests/unit/vm_kit.h"

#include <errno.h>
#include <stdlib.h>

#include "runtime/pvm/natives.h"

/* ---- output -------------------------------------------------------------- */

static const char keeps[] = "var kept = 0\n"
                            "fn main() {\n"
                            "    try {\n"
                            "        undo { print(\"held\"); kept = 1; keep }\n"
                            "    } undo e { print(e.kind, kept) }\n"
                            "    undo { print(\"again\"); kept = 2; keep }\n"
                            "    print(kept)\n"
                            "}\n";

static void output_leaves_with_the_outermost_keep(void **state)
{
    (void)state;
    struct kit_run k = {0};
    kit_start(&k, keeps);
    assert_int_equal(vm_run(k.vm), PAL_OK);
    assert_string_equal(k.out, "held\nagain\n2\n");
    kit_stop(&k);
}

/* The release is the last act inside the block: where it fails, the block is
 * reversed, flag or no flag, and nothing of it is written later. */
static void a_refused_release_reverses(void **state)
{
    (void)state;
    struct kit_run k = {.refuse = 1};
    kit_start(&k, keeps);
    assert_int_equal(vm_run(k.vm), PAL_OK);
    assert_string_equal(k.out, "io 0\nagain\n2\n");
    kit_stop(&k);
    k = (struct kit_run){.refuse = 2}; /* an undo block without a try */
    kit_start(&k, keeps);
    assert_int_equal(vm_run(k.vm), PAL_TRAP);
    assert_string_equal(k.out, "held\n");
    kit_stop(&k);
}

/* ---- hooks --------------------------------------------------------------- */

struct heard {
    char text[400];
};

static void listen(void *arg, struct vm *vm, int native, enum pal_status status,
                   const uint64_t *r, const int64_t *s)
{
    struct heard *h = arg;
    size_t n = strlen(h->text);
    (void)vm, (void)r, (void)s;
    snprintf(h->text + n, sizeof h->text - n, "%s %d\n",
             pvm_natives[native].name, status);
}

static void natives_that_touch_the_world_are_logged(void **state)
{
    (void)state;
    struct kit_run k = {.refuse = 2};
    struct heard h = {""};
    kit_start(&k, "import os\n"
                  "fn main() {\n"
                  "    print(os.args().len)\n"
                  "    eprint(str([1, 2]))\n"
                  "}\n");
    k.vm->log = listen;
    k.vm->log_arg = &h;
    assert_int_equal(vm_run(k.vm), PAL_TRAP);
    char want[100];
    snprintf(want, sizeof want, "os_args %d\nprint %d\neprint %d\n", PAL_OK,
             PAL_OK, PAL_TRAP);
    assert_string_equal(h.text, want);
    kit_stop(&k);
}

/* ---- wishes to stop ------------------------------------------------------ */

static const char counts[] = "fn f(n: int) -> int = if n == 0 { 0 } else "
                             "{ 1 + f(n - 1) }\n"
                             "fn main() {\n"
                             "    print(\"begin\")\n"
                             "    var n = 0\n"
                             "    for i in 0..3000000 { n += i % 7 }\n"
                             "    print(n, f(100))\n"
                             "}\n";

static void a_run_can_be_stopped_and_goes_on(void **state)
{
    (void)state;
    struct kit_run k = {.interrupt = 1};
    kit_start(&k, counts);
    assert_int_equal(vm_run(k.vm), PAL_PAUSE);
    assert_string_equal(k.out, "begin\n");
    uint64_t ticks = k.vm->h.st->ticks;
    assert_in_range(ticks, 1, 2999999);
    k.vm->interrupt = 0;
    assert_int_equal(vm_run(k.vm), PAL_OK);
    assert_string_equal(k.out, "begin\n8999994 100\n");
    assert_int_equal(k.vm->h.st->ticks, 3000000 - 1 + 1 + 101);
    kit_stop(&k);
}

static void a_landing_is_a_safepoint(void **state)
{
    (void)state;
    struct kit_run k = {.interrupt = 1};
    kit_start(&k, "fn main() {\n"
                  "    print(\"begin\")\n"
                  "    try { fail \"x\" } undo e { print(e.message) }\n"
                  "}\n");
    assert_int_equal(vm_run(k.vm), PAL_PAUSE);
    assert_string_equal(k.out, "begin\n");
    k.vm->interrupt = 0;
    assert_int_equal(vm_run(k.vm), PAL_OK);
    assert_string_equal(k.out, "begin\nx\n");
    kit_stop(&k);
}

static void a_window_can_be_stopped(void **state)
{
    (void)state;
    struct kit_run k = {0};
    kit_start(&k, counts);
    assert_int_equal(vm_window_open(k.vm), PAL_OK);
    assert_int_equal(vm_window_open(k.vm), PAL_USAGE);
    k.vm->interrupt = 1;
    assert_int_equal(vm_run(k.vm), PAL_PAUSE);
    assert_int_equal(k.vm->window->steps, 0);
    k.vm->interrupt = 0;
    k.vm->window->stop = 1000;
    assert_int_equal(vm_run(k.vm), PAL_PAUSE);
    assert_int_equal(k.vm->window->steps, 1000);
    assert_int_equal(vm_window_close(k.vm), PAL_OK);
    kit_stop(&k);
}

/* ---- windows and collections --------------------------------------------- */

static void a_window_ends_where_a_collection_is_due(void **state)
{
    (void)state;
    struct kit_run k = {.opt = {.nursery = 64 << 10}};
    kit_start(&k, "fn main() {\n"
                  "    var n = 0\n"
                  "    for i in 0..10000 { let xs = [i]; n += xs.len }\n"
                  "    print(n)\n"
                  "}\n");
    unsigned windows = 0;
    enum pal_status status = PAL_PAUSE;
    for (; status == PAL_PAUSE; windows++) {
        assert_int_equal(vm_window_open(k.vm), PAL_OK);
        uint64_t before = vm_digest(k.vm), minors = k.vm->h.st->minors;
        status = vm_run(k.vm);
        uint64_t after = vm_digest(k.vm), ran = k.vm->window->steps;
        assert_int_equal(k.vm->h.st->minors, minors);
        assert_int_equal(vm_run_back(k.vm, ran), ran);
        assert_int_equal(vm_digest(k.vm), before);
        k.vm->window->stop = ran;
        assert_int_equal(vm_run(k.vm), status);
        assert_int_equal(vm_digest(k.vm), after);
        assert_int_equal(vm_window_close(k.vm), PAL_OK);
        assert_int_equal(k.vm->h.st->minors, minors + (status == PAL_PAUSE));
    }
    assert_in_range(windows, 5, 100);
    assert_string_equal(k.out, "10000\n");
    kit_stop(&k);
}

/* ---- tests and runs that HALT ends --------------------------------------- */

/* A test that calls exit within scopes ends there; the next one finds nothing
 * of them. */
static void tests_leave_nothing_open(void **state)
{
    (void)state;
    struct kit_run k = {0};
    kit_start(&k,
              "var g = 1\n"
              "fn main() { print(g) }\n"
              "test \"ends\" { try { undo { g = 2; exit(3) } } undo e { } }\n"
              "test \"fails\" { g = 3; let n = 0; print(1 / n) }\n");
    assert_int_equal(vm_run(k.vm), PAL_OK);
    assert_int_equal(k.im->ntests, 2);
    assert_int_equal(vm_run_undone(k.vm, k.im->tests[0].fn), PAL_EXIT);
    assert_int_equal(k.vm->h.st->nmarks, 0);
    assert_int_equal(vm_run_undone(k.vm, k.im->tests[1].fn), PAL_TRAP);
    assert_int_equal(k.vm->h.st->nmarks, 0);
    assert_int_equal(vm_start(k.vm), PAL_OK);
    assert_int_equal(vm_run(k.vm), PAL_OK);
    assert_string_equal(k.out, "1\n1\n");
    kit_stop(&k);
}

/* ---- memory -------------------------------------------------------------- */

static const char works[] =
    "import os\n"
    "struct P { var a: int, var xs: [int], name: str }\n"
    "fn main() {\n"
    "    let ps: [P] = []\n"
    "    for i in 0..12 { ps.push(P(i, [i; i % 7], \"n{i}\")) }\n"
    "    undo { for p in ps { p.a = 1; p.xs.push(2) } }\n"
    "    try { ps[3].xs = []; print(ps); fail \"no {ps[3]}\" }\n"
    "    undo e { print(e.message, e.trace, ps == copy(ps), os.args()) }\n"
    "}\n";

enum { PLAIN, WINDOW, CHECKED, STRESSED, MODES };

/* One run in which the nth allocation fails, from vm_open on. */
static enum pal_status run_failing(struct pvm_image *im, int mode, uint64_t nth,
                                   uint64_t *allocs)
{
    struct kit_run k = {0};
    struct vm_options opt = {.heap = 64 << 20,
                             .stack = 1 << 20,
                             .check_undo = mode == CHECKED,
                             .check_tape = mode == CHECKED,
                             .gc_stress = mode == STRESSED};
    struct vm_host host = {.write = kit_write, .arg = &k};
    struct mem *m = mem_open(&mem_runtime, NULL);
    struct mem_stats s;
    mem_fail_at(m, nth);
    enum pal_status st = vm_open(&k.vm, m, im, &opt, &host);
    if (!st) {
        st = vm_start(k.vm);
        if (!st && mode == WINDOW)
            st = vm_window_open(k.vm);
        if (!st)
            st = vm_run(k.vm);
        if (k.vm->window && st != PAL_NOMEM)
            vm_run_back(k.vm, k.vm->window->steps);
        assert_string_equal(k.vm->failure, "");
        vm_close(k.vm);
    }
    mem_stats(m, &s);
    assert_int_equal(s.live, 0);
    *allocs = s.allocs;
    mem_close(m);
    return st;
}

static void any_allocation_may_fail(void **state)
{
    (void)state;
    struct mem *m = mem_open(&mem_runtime, NULL);
    struct pvm_image *im = kit_compile(m, works);
    for (int mode = 0; mode < MODES; mode++) {
        uint64_t nth = 1, allocs;
        while (run_failing(im, mode, nth, &allocs) != PAL_OK || nth <= allocs)
            assert_in_range(++nth, 2, 20000);
        assert_true(nth > 3);
    }
    pvm_free(im);
    mem_close(m);
}

/* An object is named by 40 bits: a tape that needs more is refused. */
static void a_tape_has_a_size(void **state)
{
    (void)state;
    struct kit_run k = {0};
    kit_start(&k, "fn main() { }\n");
    struct vm *vm;
    struct vm_options opt = {.stack = UINT64_C(5600) << 30};
    assert_int_equal(vm_open(&vm, k.mem, k.im, &opt, &k.vm->host), PAL_NOMEM);
    opt = (struct vm_options){.heap = UINT64_C(1) << 46};
    assert_int_equal(vm_open(&vm, k.mem, k.im, &opt, &k.vm->host), PAL_OK);
    assert_true(vm->h.tape.size <= TAPE_MOST);
    vm_close(vm);
    kit_stop(&k);
}

/* The text of shared structure can outgrow any heap. */
static void a_text_fits_the_heap(void **state)
{
    (void)state;
    struct kit_run k = {.opt = {.heap = 8 << 20}};
    kit_start(&k, "struct T { kids: [T] }\n"
                  "fn main() {\n"
                  "    var t = T([])\n"
                  "    for i in 0..60 { t = T([t, t]) }\n"
                  "    try { print(str(t).len) } undo e { print(e.kind) }\n"
                  "    try { print(t) } undo e { print(e.kind) }\n"
                  "}\n");
    assert_int_equal(vm_run(k.vm), PAL_OK);
    assert_string_equal(k.out, "memory\nmemory\n");
    kit_stop(&k);
}

/* What the errors made at load say stands while they are held, and comes back
 * when a scope is undone that met another. */
static void a_full_heap_is_undone_too(void **state)
{
    (void)state;
    struct kit_run k = {.opt = {.heap = 2 << 20, .check_undo = true}};
    kit_start(&k, "fn grow(to: [[int]]) { loop { to.push([0; 30]) } }\n"
                  "fn again(to: [[int]]) { grow(to); to.push([1]) }\n"
                  "fn main() {\n"
                  "    let hold = [[0]]\n"
                  "    let es: [Error] = []\n"
                  "    try { grow(hold) } undo e { es.push(e) }\n"
                  "    for _i in 0..9 {\n"
                  "        undo { try { again(hold) } undo e { es[0] = e } }\n"
                  "    }\n"
                  "    exit(if es[0].kind == \"memory\" and hold.len == 1 "
                  "{ 7 } else { 8 })\n"
                  "}\n");
    assert_int_equal(vm_run(k.vm), PAL_EXIT);
    assert_int_equal(vm_exit_status(k.vm), 7);
    kit_stop(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(output_leaves_with_the_outermost_keep),
        cmocka_unit_test(a_refused_release_reverses),
        cmocka_unit_test(natives_that_touch_the_world_are_logged),
        cmocka_unit_test(a_run_can_be_stopped_and_goes_on),
        cmocka_unit_test(a_landing_is_a_safepoint),
        cmocka_unit_test(a_window_can_be_stopped),
        cmocka_unit_test(a_window_ends_where_a_collection_is_due),
        cmocka_unit_test(tests_leave_nothing_open),
        cmocka_unit_test(any_allocation_may_fail),
        cmocka_unit_test(a_tape_has_a_size),
        cmocka_unit_test(a_text_fits_the_heap),
        cmocka_unit_test(a_full_heap_is_undone_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
