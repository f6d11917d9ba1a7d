/* Lowering: every function is well formed, has no block that control cannot
 * reach, and grows with its source. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "frontend/parse.h"
#include "ir/ir.h"
#include "runtime/mem/bytes.h"

struct seen {
    uint32_t fns, blocks, params, insts, marks;
};

static bool see(void *arg, struct ir_fn *f)
{
    struct seen *s = arg;
    char why[400] = "";
    ir_blk *order;

    if (!ir_verify(f, why, sizeof why))
        fail_msg("%s: %s", f->module->sigs.at[f->index].name, why);
    assert_int_equal(ir_rpo(f, f->arena, &order), f->blocks.n);
    s->fns++;
    s->blocks += f->blocks.n;
    for (ir_blk b = 0; b < f->blocks.n; b++) {
        s->params += b ? f->blocks.at[b].params.n : 0;
        s->insts += f->blocks.at[b].insts.n;
        s->marks += ir_end(f, b)->op == IR_MARK;
    }
    return true;
}

static struct seen lowered(const char *text)
{
    struct mem *m = mem_open(&mem_compiler, NULL);
    struct source *src =
        source_copy(m, "test.pal", text, (uint32_t)strlen(text));
    struct unit *u = unit_open(m, src);
    struct ir_module *mod = ir_module_open(m);
    struct seen s = {0};

    if (!parse_unit(u) || !sema_check(u)) {
        struct bytes out = bytes_in(m);
        diags_render(u->diags, false, &out);
        fail_msg("%.*s", (int)out.n, (const char *)out.at);
    }
    assert_true(lower_unit(u, mod, true, see, &s));
    ir_module_close(mod);
    unit_close(u);
    source_free(m, src);
    mem_close(m);
    return s;
}

/* head, then `line` n times with its number for each %d, then tail. */
static struct seen repeated(const char *head, const char *line, int n,
                            const char *tail)
{
    struct mem *m = mem_open(&mem_runtime, NULL);
    struct bytes b = bytes_in(m);

    bytes_str(&b, head);
    for (int i = 0; i < n; i++) {
        const char *p = line;
        for (const char *at; (at = strstr(p, "%d")); p = at + 2) {
            bytes_add(&b, p, (size_t)(at - p));
            bytes_printf(&b, "%d", i);
        }
        bytes_str(&b, p);
    }
    bytes_str(&b, tail);
    bytes_byte(&b, 0);
    struct seen s = lowered((const char *)b.at);
    bytes_free(&b);
    mem_close(m);
    return s;
}

static void straight_code_is_one_block(void **state)
{
    (void)state;
    struct seen s = lowered("fn f(a: int) -> int {\n"
                            "    var x = a\n    x += 2\n    x * x\n}\n");
    assert_int_equal(s.fns, 1);
    assert_int_equal(s.blocks, 1);
    assert_int_equal(s.params, 0);
}

static void only_what_differs_becomes_a_param(void **state)
{
    (void)state;
    struct seen s = lowered("fn f(a: int, c: bool) -> int {\n"
                            "    var x = a\n    var y = a\n"
                            "    if c { x = 1; y = 2; y = a }\n"
                            "    x + y\n}\n");
    assert_int_equal(s.params, 1);
}

static void undone_variables_need_no_params(void **state)
{
    (void)state;
    struct seen s = lowered("fn f(n: int) -> int {\n"
                            "    var x = 5\n"
                            "    for i in 0..n { undo { x += i } }\n"
                            "    x\n}\n");
    assert_int_equal(s.params, 1); /* the counter */
    assert_int_equal(s.marks, 1);
}

static void dead_code_makes_no_blocks(void **state)
{
    (void)state;
    struct seen s = lowered("fn f(n: int) -> int {\n"
                            "    return n + (if n > 2 { return 1 } else"
                            " { 2 })\n}\n"
                            "fn g() -> int { loop { fail \"g\" } }\n"
                            "fn h(n: int) {\n"
                            "    while true { if n == 0 { continue } else"
                            " { break } }\n}\n");
    assert_int_equal(s.fns, 3);
}

static void long_functions_stay_linear(void **state)
{
    (void)state;
    struct seen s = repeated("fn f(c: bool) -> int {\n", "    var x%d = %d\n",
                             5000, "    if c { x7 = 1 }\n    x7\n}\n");
    assert_int_equal(s.params, 1);
    s = repeated("fn f(c: bool) -> int {\n    var x = 0\n",
                 "    if c { x += %d }\n", 5000, "    x\n}\n");
    assert_int_equal(s.params, 5000);
    s = repeated("fn f(c: bool) {\n", "    var x%d = 0\n    if c { x%d = 1 }\n",
                 5000, "}\n");
    assert_int_equal(s.params, 0);
    s = repeated("fn f(c: bool) -> int {\n    var x = 0\n    loop {\n",
                 "        x += 1\n        if x == %d { break }\n", 2000,
                 "    }\n    x\n}\n");
    assert_int_equal(s.params, 2);
}

/* A statement in main: checked, and where that finds no error, lowered and
 * taken through every pass.  True when it was lowered. */
static bool checked_and_lowered(const char *statement)
{
    struct mem *m = mem_open(&mem_compiler, NULL);
    struct bytes b = bytes_in(m);
    bytes_str(&b, "struct P { var x: int, y: str }\n"
                  "var gl = 1\n"
                  "fn f(a: int, b: int) -> int { a + b }\n"
                  "fn m(mut a: int, b: int) -> int { a += b; a }\n"
                  "fn nothing() { }\n"
                  "fn main() {\n    ");
    bytes_str(&b, statement);
    bytes_str(&b, "\n}\n");
    struct source *src =
        source_copy(m, "test.pal", (const char *)b.at, (uint32_t)b.n);
    struct unit *u = unit_open(m, src);
    struct ir_module *mod = ir_module_open(m);
    struct seen s = {0};
    bool fine = parse_unit(u) && sema_check(u);
    if (fine)
        assert_true(lower_unit(u, mod, true, see, &s));
    else
        assert_true(diags_errors(u->diags) > 0);
    ir_module_close(mod);
    unit_close(u);
    source_free(m, src);
    bytes_free(&b);
    mem_close(m);
    return fine;
}

static void what_leaves_can_stand_anywhere(void **state)
{
    (void)state;
    static const char *const cases[] = {
#define CASE(statement) statement,
#include "tests/unit/never_cases.def"
#undef CASE
    };
    uint32_t fine = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        fine += checked_and_lowered(cases[i]);
    assert_true(fine > 80);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(straight_code_is_one_block),
        cmocka_unit_test(only_what_differs_becomes_a_param),
        cmocka_unit_test(undone_variables_need_no_params),
        cmocka_unit_test(dead_code_makes_no_blocks),
        cmocka_unit_test(long_functions_stay_linear),
        cmocka_unit_test(what_leaves_can_stand_anywhere),
    };
    return cmocka_run_group_tests_name("lower", tests, NULL, NULL);
}
