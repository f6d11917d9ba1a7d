/* The backend: the code for known functions, long ones, and what it refuses.
 * Random functions are in tests/property/backend.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "runtime/pvm/disasm.h"
#include "tests/unit/backend_run.h"

/* ---- known functions ----------------------------------------------------- */

struct made {
    struct mem *m;
    struct ir_module *mod;
    struct be *be;
    struct pvm_image *im;
};

static struct made compile_text(const char *ir)
{
    struct made c = {.m = mem_open(&mem_compiler, NULL)};
    struct ir_text_error err;
    struct ir_fn **fns;
    uint32_t n;
    struct pvm_error why;

    if (ir_parse(c.m, ir, strlen(ir), &c.mod, &fns, &n, &err))
        fail_msg("%u:%u: %s", err.line, err.column, err.text);
    c.be = be_open(c.m, c.mod);
    for (uint32_t i = 0; i < n; i++)
        if (!be_function(c.be, fns[i]))
            return c;
    c.im = be_finish(c.be);
    if (c.im && pvm_verify(c.im, c.m, &why))
        fail_msg("%u: %s", why.pc, why.text);
    return c;
}

static void drop(struct made *c)
{
    struct mem_stats s;
    if (c->im)
        pvm_free(c->im);
    be_close(c->be);
    ir_module_close(c->mod);
    mem_stats(c->m, &s);
    assert_int_equal(s.live, 0);
    mem_close(c->m);
}

/* The instructions of function 0, one a line, without places and joins. */
static void expect_code(const char *ir, const char *want)
{
    struct made c = compile_text(ir);
    struct bytes out = bytes_in(c.m);
    if (!c.im)
        fail_msg("%s", be_error(c.be));
    for (uint32_t pc = 0; pc < c.im->fns[0].end; pc++) {
        pvm_print_inst(c.im, pc, &out);
        bytes_byte(&out, '\n');
    }
    bytes_byte(&out, 0);
    assert_string_equal((const char *)out.at, want);
    bytes_free(&out);
    drop(&c);
}

static void test_fib(void **state)
{
    (void)state;
    expect_code("sig @0 \"fib\" \"fib.pal\":1 (int) -> (int)\n"
                "fn @0 \"fib\" {\n"
                "b0(v0: int):\n"
                "  v1: int = const 2\n"
                "  v2: bool = lt v0, v1\n"
                "  branch v2, b1, b2\n"
                "b1:\n"
                "  return v0\n"
                "b2:\n"
                "  v3: int = const 1\n"
                "  v4: int = sub v0, v3\n"
                "  v5: int = call @0 \"fib\" (v4)\n"
                "  v6: int = sub v0, v1\n"
                "  v7: int = call @0 \"fib\" (v6)\n"
                "  v8: int = add v5, v7\n"
                "  return v8\n"
                "}\n",
                "jgei   s0, 2, 2\n"
                "ret\n"
                "addi   s2, s0, -1\n"
                "call   r0, s2, fib\n"
                "mov    s1, s2\n"
                "addi   s2, s0, -2\n"
                "call   r0, s2, fib\n"
                "add    s0, s1, s2\n"
                "ret\n");
}

/* The test at the top is repeated at the bottom; the loop's variables stay
 * where they are. */
static void test_loop(void **state)
{
    (void)state;
    expect_code("sig @0 \"sum\" \"sum.pal\":1 (int) -> (int)\n"
                "fn @0 \"sum\" {\n"
                "b0(v0: int):\n"
                "  v1: int = const 0\n"
                "  jump b1(v1, v1)\n"
                "b1(v2: int, v3: int):\n"
                "  v4: bool = lt v2, v0\n"
                "  branch v4, b2, b3\n"
                "b2:\n"
                "  v5: int = add v3, v2\n"
                "  v6: int = const 1\n"
                "  v7: int = add v2, v6\n"
                "  jump b1(v7, v5)\n"
                "b3:\n"
                "  return v3\n"
                "}\n",
                "ldi    s1, 0\n"
                "ldi    s2, 0\n"
                "jle    s0, s1, 6\n"
                "add    s2, s2, s1\n"
                "addi   s1, s1, 1\n"
                "jltb   s1, s0, 3\n"
                "mov    s0, s2\n"
                "ret\n");
}

static void test_swap(void **state)
{
    (void)state;
    expect_code("sig @0 \"turn\" \"turn.pal\":1 (int, int) -> (int, int)\n"
                "fn @0 \"turn\" {\n"
                "b0(v0: int, v1: int):\n"
                "  return v1, v0\n"
                "}\n",
                "swap   s0, s1\n"
                "ret\n");
}

/* A native with a result in either class, and one with two of one class. */
static void test_two_results(void **state)
{
    (void)state;
    expect_code("type 20 map \"[str: str]\" key ref 1 item ref 1\n"
                "sig @0 \"f\" \"f.pal\":1 (ref 20, ref 1) -> (ref 1, bool)\n"
                "fn @0 \"f\" {\n"
                "b0(v0: ref 20, v1: ref 1):\n"
                "  v2: bool, v3: ref 1 = native map_find_rr(v0, v1)\n"
                "  return v3, v2\n"
                "}\n",
                "movr   r3, r1\n"
                "movr   r2, r0\n"
                "nat    r2, s0, map_find_rr\n"
                "movr   r0, r2\n"
                "ret\n");
    expect_code("type 20 map \"[int: int]\" key int item int\n"
                "sig @0 \"f\" \"f.pal\":1 (int) -> (int)\n"
                "fn @0 \"f\" {\n"
                "b0(v0: int):\n"
                "  v1: ref 20 = newmap type 20\n"
                "  v2: bool, v3: int = native map_find_ss(v1, v0)\n"
                "  v4: int = add v3, v0\n"
                "  return v4\n"
                "}\n",
                "newm   r0, [int: int]\n"
                "mov    s1, s0\n"
                "nat    r0, s1, map_find_ss\n"
                "add    s0, s2, s0\n"
                "ret\n");
}

/* References of different types cannot be swapped: a scratch register. */
static void test_scratch(void **state)
{
    (void)state;
    expect_code("sig @0 \"turn\" \"turn.pal\":1 (ref 1, ref 6) -> "
                "(ref 6, ref 1)\n"
                "fn @0 \"turn\" {\n"
                "b0(v0: ref 1, v1: ref 6):\n"
                "  return v1, v0\n"
                "}\n",
                "movr   r2, r0\n"
                "movr   r0, r1\n"
                "movr   r1, r2\n"
                "ret\n");
}

/* Bytes wrap at 256, their shift counts at 8. */
static void test_bytes(void **state)
{
    (void)state;
    expect_code("sig @0 \"f\" \"f.pal\":1 (byte, int) -> (byte)\n"
                "fn @0 \"f\" {\n"
                "b0(v0: byte, v1: int):\n"
                "  v2: byte = const 7\n"
                "  v3: byte = sub v2, v0\n"
                "  v4: byte = shl v3, v1\n"
                "  v5: int = const 9\n"
                "  v6: byte = shr v4, v5\n"
                "  v7: byte = inv v6\n"
                "  return v7\n"
                "}\n",
                "rsubi  s0, s0, 7\n"
                "andi   s0, s0, 255\n"
                "andi   s1, s1, 7\n"
                "shl    s0, s0, s1\n"
                "andi   s0, s0, 255\n"
                "shri   s0, s0, 1\n"
                "xori   s0, s0, 255\n"
                "ret\n");
}

/* A loop that starts the code does not jump to the entry, whose state is the
 * signature. */
static void test_empty_loop(void **state)
{
    (void)state;
    expect_code("sig @0 \"spin\" \"spin.pal\":1 () -> ()\n"
                "fn @0 \"spin\" {\n"
                "b0:\n"
                "  jump b1\n"
                "b1:\n"
                "  jump b1\n"
                "}\n",
                "nop\n"
                "jmpb   1\n");
}

/* ---- long functions ------------------------------------------------------ */

static struct pvm_image *compile_function(struct mem *m, struct ir_module *mod,
                                          struct ir_fn *f)
{
    struct be *be = be_open(m, mod);
    struct arena *a = arena_open(m);
    if (!be_function(be, f))
        fail_msg("%s", be_error(be));
    for (uint32_t i = 1; i < mod->sigs.n; i++)
        assert_true(be_function(be, kit_stub(mod, a, i)));
    struct pvm_image *im = be_finish(be);
    assert_non_null(im);
    arena_close(a);
    be_close(be);
    return im;
}

/* How many jumps and marks were written out because they lead far away. */
static void count_far(const struct pvm_image *im, uint32_t *jumps,
                      uint32_t *marks)
{
    for (uint32_t pc = 0; pc + 2 < im->ncode; pc++) {
        uint64_t w = im->code[pc], after = im->code[pc + 2];
        unsigned op = pvm_op(w), far = pvm_op(after);
        bool wide = (op == PVM_JMP || op == PVM_JMPB) &&
                    (pvm_sd(w) > INT16_MAX || pvm_sd(w) < INT16_MIN);
        *jumps += wide;
        *marks +=
            op == PVM_MARK && pvm_x(w) == 1 && pvm_c(w) == 1 && far == PVM_JMP;
    }
}

static void test_far(void **state)
{
    (void)state;
    uint32_t jumps = 0, marks = 0;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        struct kit_rng r = {seed};
        struct mem *m = mem_open(&mem_compiler, NULL);
        struct arena *a = arena_open(m);
        struct ir_module *mod = kit_module(m, &r);
        struct ir_fn *f = kit_function(mod, a, &r, 30000, 60000);
        struct pvm_image *im = compile_function(m, mod, f);
        struct pvm_error err;
        struct kit_trace x, y;
        char why[200] = "";

        if (pvm_verify(im, m, &err))
            fail_msg("seed %d: %u: %s", (int)seed, err.pc, err.text);
        count_far(im, &jumps, &marks);
        for (uint64_t i = 0; i < 10; i++) {
            kit_run_ir(f, i, &x);
            assert_true(kit_run_code(im, i, &y, why, sizeof why));
            assert_true(kit_agree(&x, &y));
        }
        pvm_free(im);
        ir_module_close(mod);
        arena_close(a);
        mem_close(m);
    }
    assert_true(jumps > 0);
    assert_true(marks > 0);
}

/* ---- what cannot be ------------------------------------------------------ */

static void expect_refusal(const char *ir, const char *want)
{
    struct made c = compile_text(ir);
    assert_null(c.im);
    if (!strstr(be_error(c.be), want))
        fail_msg("'%s' and not '%s'", be_error(c.be), want);
    drop(&c);
}

static void test_refusals(void **state)
{
    (void)state;
    expect_refusal("sig @0 \"f\" \"f.pal\":1 () -> ()\n"
                   "sig @1 \"g\" \"f.pal\":2 () -> ()\n"
                   "fn @0 \"f\" {\n"
                   "b0:\n"
                   "  return\n"
                   "}\n",
                   "g has no body");
    expect_refusal("sig @0 \"f\" \"f.pal\":1 () -> ()\n"
                   "fn @0 \"f\" {\n"
                   "b0:\n"
                   "  uncall @0 \"f\" ()\n"
                   "  return\n"
                   "}\n",
                   "no instruction for `uncall` yet");
}

/* More values at once than a frame has registers. */
static void test_registers(void **state)
{
    (void)state;
    static const ir_type word = {PVM_INT, 0};
    struct ir_sig sig = {.name = "f",
                         .file = "f.pal",
                         .nparams = 1,
                         .nresults = 1,
                         .params = &word,
                         .results = &word};
    struct ir_pos pos = {1, 1};
    struct mem *m = mem_open(&mem_compiler, NULL);
    struct arena *a = arena_open(m);
    struct ir_module *mod = ir_module_open(m);
    ir_add_sig(mod, &sig);
    struct ir_fn *f = ir_fn_open(mod, a, 0);
    for (ir_val v = 0; v < 65500; v++)
        ir_emit(f, 0, IR_MUL, word, v, v, 0, pos);
    ir_val sum = 0;
    for (ir_val v = 1; v < 65500; v++)
        sum = ir_emit(f, 0, IR_ADD, word, sum, v, 0, pos);
    ir_return(f, 0, &sum, 1, pos);
    struct be *be = be_open(m, mod);
    assert_false(be_function(be, f));
    assert_non_null(strstr(be_error(be), "more than 65000 registers"));
    assert_null(be_finish(be));
    be_close(be);
    ir_module_close(mod);
    arena_close(a);
    mem_close(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fib),        cmocka_unit_test(test_loop),
        cmocka_unit_test(test_swap),       cmocka_unit_test(test_two_results),
        cmocka_unit_test(test_scratch),    cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_empty_loop), cmocka_unit_test(test_far),
        cmocka_unit_test(test_refusals),   cmocka_unit_test(test_registers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
