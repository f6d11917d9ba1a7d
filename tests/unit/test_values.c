/* Sums, names and function values from PIR to the machine: one program by
 * hand, optimised and not, in all ways of running that must not matter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "backend/backend.h"
#include "ir/ir.h"
#include "runtime/vm/vm.h"

/* A match over three variants by tag and down; a closure with a captured cell
 * that is called in a loop, and again in a scope that is undone. */
static const char program[] =
    "type 20 struct \"Cell\" refs 0 scalars 1 { \"n\": int word 0 }\n"
    "type 21 struct \"Circle\" refs 0 scalars 2 { \"r\": fixed int word 0, "
    "\"color\": fixed names 25 word 1 }\n"
    "type 22 struct \"Rect\" refs 1 scalars 1 { \"w\": fixed int word 1, "
    "\"next\": ref 24 word 0 }\n"
    "type 23 unit \"Dot\"\n"
    "type 24 sum \"Shape\" { \"Circle\": ref 21, \"Rect\": ref 22, "
    "\"Dot\": ref 23 }\n"
    "type 25 names \"Color\" { \"red\", \"green\" }\n"
    "type 26 fn \"fn(Shape) -> int\" (ref 24) -> (int)\n"
    "type 27 closure \"measure\" of 26 calls @1 refs 1 scalars 0 "
    "{ \"sum\": fixed ref 20 word 0 }\n"
    "type 28 list \"[Shape]\" item ref 24\n"
    "type 29 map \"[Shape: Color]\" key ref 24 item names 25\n"
    "type 30 closure \"\" of 26 calls @5 refs 0 scalars 0 {}\n"
    "sig @0 \"main\" \"v.pal\":1 () -> ()\n"
    "sig @1 \"measure\" \"v.pal\":9 (ref 27, ref 24) -> (int)\n"
    "sig @2 \"each\" \"v.pal\":20 (ref 26, ref 28) -> ()\n"
    "sig @3 \"shapes\" \"v.pal\":30 () -> (ref 28)\n"
    "sig @4 \"show\" \"v.pal\":40 (ref 13) -> ()\n"
    "sig @5 \"zero\" \"v.pal\":50 (ref 30, ref 24) -> (int)\n"
    "main @0\n"
    "fn @0 \"main\" {\n"
    "b0:\n"
    "  v0: ref 28 = call @3 \"shapes\"()\n"
    "  v1: ref 20 = new type 20\n"
    "  v2: ref 27 = new type 27\n"
    "  stf v2, v1 word 0\n"
    "  v3: ref 26 = up v2 type 26\n"
    "  call @2 \"each\"(v3, v0)\n"
    "  v4: ref 13 = up v1 type 13\n"
    "  call @4 \"show\"(v4)\n"
    "  mark undo, b1\n"
    "b1:\n"
    "  call @2 \"each\"(v3, v0)\n"
    "  call @2 \"each\"(v3, v0)\n"
    "  call @4 \"show\"(v4)\n"
    "  undo\n"
    "  call @4 \"show\"(v4)\n"
    "  v5: ref 13 = up v0 type 13\n"
    "  call @4 \"show\"(v5)\n"
    "  v6: ref 30 = unit type 30\n"
    "  v7: ref 26 = up v6 type 26\n"
    "  call @2 \"each\"(v7, v0)\n"
    "  v8: ref 29 = newmap type 29\n"
    "  v9: int = const 0\n"
    "  v10: ref 24 = lde v0, v9\n"
    "  v11: int = const 1\n"
    "  native map_put_rs(v8, v10, v11)\n"
    "  v12: ref 28 = call @3 \"shapes\"()\n"
    "  v13: ref 24 = lde v12, v9\n"
    "  native map_put_rs(v8, v13, v9)\n"
    "  v14: ref 23 = unit type 23\n"
    "  v15: ref 24 = up v14 type 24\n"
    "  native map_put_rs(v8, v15, v11)\n"
    "  v16: ref 13 = up v8 type 13\n"
    "  call @4 \"show\"(v16)\n"
    "  v17: ref 13 = up v3 type 13\n"
    "  call @4 \"show\"(v17)\n"
    "  v18: ref 13 = up v7 type 13\n"
    "  call @4 \"show\"(v18)\n"
    "  mark try, b2, b3\n"
    "b2:\n"
    "  v19: ref 26 = nil type 26\n"
    "  v20: int = callc v19, v15\n"
    "  keep\n"
    "  jump b4\n"
    "b3(v21: ref 2):\n"
    "  v22: ref 13 = up v21 type 13\n"
    "  call @4 \"show\"(v22)\n"
    "  jump b4\n"
    "b4:\n"
    "  return\n"
    "}\n"
    "fn @1 \"measure\" {\n"
    "b0(v0: ref 27, v1: ref 24):\n"
    "  v2: int = tag v1\n"
    "  v3: int = const 0\n"
    "  v4: bool = eq v2, v3\n"
    "  branch v4, b1, b2\n"
    "b1:\n"
    "  v5: ref 21 = down v1 type 21\n"
    "  v6: int = ldf v5 word 0\n"
    "  v7: int = mul v6, v6\n"
    "  jump b5(v7)\n"
    "b2:\n"
    "  v8: int = const 1\n"
    "  v9: bool = eq v2, v8\n"
    "  branch v9, b3, b4\n"
    "b3:\n"
    "  v10: ref 22 = down v1 type 22\n"
    "  v11: int = ldf v10 word 1\n"
    "  jump b5(v11)\n"
    "b4:\n"
    "  v12: int = const 1000\n"
    "  jump b5(v12)\n"
    "b5(v13: int):\n"
    "  v14: ref 20 = ldf v0 word 0\n"
    "  v15: int = ldf v14 word 0\n"
    "  v16: int = add v15, v13\n"
    "  stf v14, v16 word 0\n"
    "  return v13\n"
    "}\n"
    "fn @2 \"each\" {\n"
    "b0(v0: ref 26, v1: ref 28):\n"
    "  v2: int = const 0\n"
    "  jump b1(v2, v2)\n"
    "b1(v3: int, v4: int):\n"
    "  v5: int = len v1\n"
    "  v6: bool = lt v3, v5\n"
    "  branch v6, b2, b3\n"
    "b2:\n"
    "  v7: ref 24 = lde v1, v3\n"
    "  v8: int = callc v0, v7\n"
    "  v9: int = add v4, v8\n"
    "  v10: int = const 1\n"
    "  v11: int = add v3, v10\n"
    "  jump b1(v11, v9)\n"
    "b3:\n"
    "  v12: ref 1 = native str_int(v4)\n"
    "  native print(v12)\n"
    "  return\n"
    "}\n"
    "fn @3 \"shapes\" {\n"
    "b0:\n"
    "  v0: ref 28 = newlist type 28\n"
    "  v1: ref 21 = new type 21\n"
    "  v2: int = const 7\n"
    "  stf v1, v2 word 0\n"
    "  v3: int = const 1\n"
    "  stf v1, v3 word 1\n"
    "  v4: ref 24 = up v1 type 24\n"
    "  push v0, v4\n"
    "  v5: ref 22 = new type 22\n"
    "  stf v5, v2 word 1\n"
    "  stf v5, v4 word 0\n"
    "  v6: ref 24 = up v5 type 24\n"
    "  push v0, v6\n"
    "  v7: ref 23 = unit type 23\n"
    "  v8: ref 24 = up v7 type 24\n"
    "  push v0, v8\n"
    "  return v0\n"
    "}\n"
    "fn @4 \"show\" {\n"
    "b0(v0: ref 13):\n"
    "  v1: ref 1 = native str_ref(v0)\n"
    "  native print(v1)\n"
    "  return\n"
    "}\n"
    "fn @5 \"zero\" {\n"
    "b0(v0: ref 30, v1: ref 24):\n"
    "  v2: int = const 0\n"
    "  return v2\n"
    "}\n";

static const char output[] =
    "1056\n"
    "Cell(n: 1056)\n"
    "Cell(n: 1056)\n" /* what was printed in the scope is undone */
    "[Circle(r: 7, color: green), "
    "Rect(w: 7, next: Circle(r: 7, color: green)), Dot]\n"
    "0\n"
    "[Circle(r: 7, color: green): red, Dot: green]\n"
    "fn measure\n"
    "fn\n"
    "Error(kind: \"none\", message: \"a call of no function\")\n";

static struct pvm_image *compile(struct mem *m, int level)
{
    struct ir_module *mod;
    struct ir_fn **fns;
    uint32_t n;
    struct ir_text_error err;
    struct pvm_error bad;
    char why[300] = "";
    struct ir_opt opt = {.level = level, .verify = true};
    if (ir_parse(m, program, sizeof program - 1, &mod, &fns, &n, &err))
        fail_msg("%u:%u: %s", err.line, err.column, err.text);
    struct be *be = be_open(m, mod);
    for (uint32_t i = 0; i < n; i++) {
        if (!ir_verify(fns[i], why, sizeof why) ||
            !ir_optimise(fns[i], &opt, why, sizeof why))
            fail_msg("%s", why);
        if (!be_function(be, fns[i]))
            fail_msg("%s", be_error(be));
    }
    struct pvm_image *im = be_finish(be);
    if (!im)
        fail_msg("%s", be_error(be));
    if (pvm_verify(im, m, &bad))
        fail_msg("%u: %s", bad.pc, bad.text);
    be_close(be);
    ir_module_close(mod);
    return im;
}

struct sink {
    char text[1000];
    size_t n;
};

static bool collect(void *arg, int fd, const void *p, size_t n)
{
    struct sink *s = arg;
    (void)fd;
    if (s->n + n >= sizeof s->text)
        return false;
    memcpy(s->text + s->n, p, n);
    s->n += n;
    return true;
}

/* Forward in windows of so many instructions, each gone over three times. */
static enum pal_status run_windows(struct vm *vm, uint64_t steps)
{
    enum pal_status status;
    do {
        assert_int_equal(vm_window_open(vm), PAL_OK);
        uint64_t before = vm_digest(vm);
        vm->window->stop = steps;
        vm_run(vm);
        uint64_t after = vm_digest(vm), n = vm->window->steps;
        assert_int_equal(vm_run_back(vm, n), n);
        assert_true(vm_digest(vm) == before);
        vm->window->through = true;
        status = vm_run(vm);
        if (vm->window->steps == n)
            assert_true(vm_digest(vm) == after);
        assert_int_equal(vm_window_close(vm), PAL_OK);
    } while (status == PAL_PAUSE);
    return status;
}

static void one_run(int level, struct vm_options opt, uint64_t windows)
{
    struct mem *m = mem_open(&mem_runtime, NULL);
    struct pvm_image *im = compile(m, level);
    struct sink out = {.n = 0};
    struct vm_host host = {.write = collect, .arg = &out};
    struct vm *vm;
    opt.heap = 64 << 20;
    opt.stack = 1 << 20;
    assert_int_equal(vm_open(&vm, m, im, &opt, &host), PAL_OK);
    assert_int_equal(vm_start(vm), PAL_OK);
    assert_int_equal(windows ? run_windows(vm, windows) : vm_run(vm), PAL_OK);
    assert_string_equal(vm->failure, "");
    assert_string_equal(out.text, output);
    vm_close(vm);
    pvm_free(im);
    mem_close(m);
}

static void runs_agree(void **state)
{
    (void)state;
    for (int level = 0; level <= 2; level++) {
        one_run(level, (struct vm_options){0}, 0);
        one_run(level, (struct vm_options){.gc_stress = 1, .check_undo = true},
                0);
        one_run(level, (struct vm_options){.check_tape = true}, 0);
        one_run(level, (struct vm_options){0}, 5);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(runs_agree)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
