/* test_invert.c - reversible code: what is refused, what its inverse is, that
 * the inverse of the inverse is the code again, and plain code of both. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ir/ir.h"
#include "runtime/mem/bytes.h"

#define HEAD                                                                   \
    "type 20 struct \"P\" refs 1 scalars 2 { \"x\": int word 1, "              \
    "\"next\": ref 20 word 0, \"on\": bool word 2 }\n"                         \
    "type 21 globals \"globals\" refs 0 scalars 1 { \"g\": int word 0 }\n"     \
    "sig @0 \"f\" \"f.pal\":1 (mut int, int, mut int, ref 20, ref 6) -> "      \
    "(int, int) inverse @1\n"                                                  \
    "sig @1 \"uncall f\" \"f.pal\":1 (mut int, int, mut int, ref 20, ref 6) "  \
    "-> (int, int) inverse @0\n"                                               \
    "sig @2 \"size\" \"f.pal\":9 (int) -> (int)\n"                             \
    "globals 21\n"

#define PARAMS "(v0: int, v1: int, v2: int, v3: ref 20, v4: ref 6)"

struct code {
    struct mem *mem;
    struct ir_module *mod;
    struct ir_fn **fns;
};

static void code_open(struct code *c, const char *body)
{
    struct bytes b;
    struct ir_text_error err;
    uint32_t n;
    c->mem = mem_open(&mem_compiler, NULL);
    b = bytes_in(c->mem);
    bytes_str(&b, HEAD "fn @0 \"f\" rev {\nb0" PARAMS ":\n");
    bytes_str(&b, body);
    bytes_str(&b, "}\n");
    if (ir_parse(c->mem, (const char *)b.at, b.n, &c->mod, &c->fns, &n, &err))
        fail_msg("%u:%u: %s\n%s", err.line, err.column, err.text, body);
    assert_int_equal(n, 1);
    bytes_free(&b);
}

static void code_close(struct code *c)
{
    ir_module_close(c->mod);
    mem_close(c->mem);
}

static void verified(const struct ir_fn *f, const char *what)
{
    char why[300] = "";
    if (!ir_verify(f, why, sizeof why)) {
        struct bytes b = bytes_in(f->module->mem);
        ir_print_fn(f, &b);
        fail_msg("%s: %s\n%.*s", what, why, (int)b.n, (const char *)b.at);
    }
}

/* The text behind the first line, for the caller to free. */
static char *text_of(const struct ir_fn *f)
{
    struct bytes b = bytes_in(f->module->mem);
    assert_true(ir_print_fn(f, &b));
    bytes_byte(&b, 0);
    char *text = strdup(strchr((const char *)b.at, '\n') + 1);
    bytes_free(&b);
    return text;
}

static void same_text(const struct ir_fn *f, const char *want)
{
    char *text = text_of(f);
    assert_string_equal(text, want);
    free(text);
}

/* The body's inverse, by text; the inverse of that; both as plain code. */
static void inverts(const char *body, const char *want)
{
    struct code c;
    code_open(&c, body);
    struct ir_fn *f = c.fns[0];
    verified(f, "code");
    ir_canonical(f);
    char *original = text_of(f);
    struct ir_fn *g = ir_invert(f, c.mod->arena, 1);
    verified(g, "inverse");
    if (want) {
        char *text = malloc(strlen(want) + 200);
        sprintf(text, "b0" PARAMS ":\n%s}\n", want);
        same_text(g, text);
        free(text);
    }
    struct ir_fn *again = ir_invert(g, c.mod->arena, 0);
    verified(again, "inverse of the inverse");
    same_text(again, original);
    free(original);
    ir_plain(f);
    verified(f, "plain");
    ir_plain(g);
    verified(g, "plain inverse");
    code_close(&c);
}

static void refuses(const char *why, const char *body)
{
    struct code c;
    char said[300] = "";
    code_open(&c, body);
    if (ir_verify(c.fns[0], said, sizeof said))
        fail_msg("passes, not: %s\n%s", why, body);
    if (!strstr(said, why))
        fail_msg("'%s', not '%s'\n%s", said, why, body);
    code_close(&c);
}

/* ---- updates ------------------------------------------------------------- */

static void updates_become_their_pairs(void **state)
{
    (void)state;
    inverts("  v5: int = uadd v0, v1\n  v6: int = const 3\n"
            "  v7: int = usub v2, v6\n  v8: int = uxor v5, v7\n"
            "  v9: int = const 3\n  v10: int = urotl v7, v9\n"
            "  return v8, v10\n",
            NULL);
    inverts("  v5: int = uadd v0, v1\n  v6: int = const 3\n"
            "  v7: int = mul v6, v5\n  v8: int = usub v2, v7\n"
            "  return v5, v8\n",
            "  v5: int = const 3\n  v6: int = mul v5, v0\n"
            "  v7: int = uadd v2, v6\n  v8: int = usub v0, v1\n"
            "  return v8, v7\n");
    inverts("  v5: int = uneg v0\n  v6: int = uinv v2\n"
            "  v7: int, v8: int = swap v5, v6\n  return v7, v8\n",
            "  v5: int, v6: int = swap v0, v2\n  v7: int = uinv v6\n"
            "  v8: int = uneg v5\n  return v8, v7\n");
    inverts("  uaddf v3, v1 word 1\n  uaddg v1 global 0\n"
            "  v5: int = const 2\n  uadde v4, v5, v1\n"
            "  v6: int = const 1\n  urotrf v3, v6 word 1\n"
            "  unegg global 0\n  v7: int = const 0\n"
            "  uinve v4, v7\n  return v0, v2\n",
            "  v5: int = const 0\n  uinve v4, v5\n  unegg global 0\n"
            "  v6: int = const 1\n  urotlf v3, v6 word 1\n"
            "  v7: int = const 2\n  usube v4, v7, v1\n  usubg v1 global 0\n"
            "  usubf v3, v1 word 1\n  return v0, v2\n");
}

static void variables_begin_and_end(void **state)
{
    (void)state;
    inverts("  v5: int = const 0\n  v6: int = local \"`t`\" v5\n"
            "  v7: int = xchgf v3, v6 word 1\n"
            "  v8: int = uadd v7, v1\n  v9: int = xchgf v3, v8 word 1\n"
            "  v10: int = const 0\n  delocal \"`t`\" v9, v10\n"
            "  return v0, v2\n",
            "  v5: int = const 0\n  v6: int = local \"`t`\" v5\n"
            "  v7: int = xchgf v3, v6 word 1\n"
            "  v8: int = usub v7, v1\n  v9: int = xchgf v3, v8 word 1\n"
            "  v10: int = const 0\n  delocal \"`t`\" v9, v10\n"
            "  return v0, v2\n");
    inverts("  v5: int = ldf v3 word 1\n  v6: int = hold \"`p.x`\" v5\n"
            "  uadde v4, v6, v1\n"
            "  v7: int = ldf v3 word 1\n  drop \"`p.x`\" v6, v7\n"
            "  v8: int = upush \"`a`\" v4, v0\n  return v8, v2\n",
            "  v5: int = upop \"`a`\" v4, v0\n  v6: int = ldf v3 word 1\n"
            "  v7: int = hold \"`p.x`\" v6\n  usube v4, v7, v1\n"
            "  v8: int = ldf v3 word 1\n  drop \"`p.x`\" v7, v8\n"
            "  return v5, v2\n");
}

static void calls_become_uncalls(void **state)
{
    (void)state;
    inverts("  v5: int = apply @2 \"size\"(v1)\n"
            "  v6: int, v7: int = call @0 \"f\"(v0, v5, v2, v3, v4)\n"
            "  v8: int = uadd v6, v1\n"
            "  v9: int, v10: int = uncall @0 \"f\"(v7, v1, v8, v3, v4)\n"
            "  return v9, v10\n",
            "  v5: int, v6: int = call @0 \"f\"(v0, v1, v2, v3, v4)\n"
            "  v7: int = usub v6, v1\n"
            "  v8: int = apply @2 \"size\"(v1)\n"
            "  v9: int, v10: int = uncall @0 \"f\"(v7, v8, v5, v3, v4)\n"
            "  return v9, v10\n");
}

/* ---- control ------------------------------------------------------------- */

static const char either[] =
    "  v5: bool = lt v0, v1\n  branch \"`if`\" v5, b1(v0, v2), b2(v0, v2)\n"
    "b1(v6: int, v7: int):\n  v8: int = uadd v7, v1\n"
    "  v9: bool = const true\n  jump b3(v9, v6, v8)\n"
    "b2(v10: int, v11: int):\n  v12: int = usub v11, v10\n"
    "  v13: bool = const false\n  jump b3(v13, v10, v12)\n"
    "b3(v14: bool, v15: int, v16: int):\n"
    "  v17: bool = le v15, v1\n  v18: bool = not v17\n"
    "  join \"`fi`\" v18, v14\n  v19: int = uneg v16\n  return v15, v19\n";

static void branches_become_joins(void **state)
{
    (void)state;
    inverts(either,
            "  v5: int = uneg v2\n  v6: bool = le v0, v1\n  v7: bool = not v6\n"
            "  branch \"`fi`\" v7, b1(v0, v5), b2(v0, v5)\n"
            "b1(v8: int, v9: int):\n  v10: int = usub v9, v1\n"
            "  v11: bool = const true\n  jump b3(v11, v8, v10)\n"
            "b2(v12: int, v13: int):\n  v14: int = uadd v13, v12\n"
            "  v15: bool = const false\n  jump b3(v15, v12, v14)\n"
            "b3(v16: bool, v17: int, v18: int):\n"
            "  v19: bool = lt v17, v1\n  join \"`if`\" v19, v16\n"
            "  return v17, v18\n");
}

static const char loop[] =
    "  v5: bool = const true\n  jump b1(v5, v0, v2)\n"
    "b1(v6: bool, v7: int, v8: int):\n"
    "  v9: int = const 0\n  v10: bool = eq v8, v9\n"
    "  join \"`from`\" v10, v6\n  v11: int = uadd v7, v8\n"
    "  v12: bool = eq v8, v1\n"
    "  branch \"`until`\" v12, b3(v11, v8), b2(v11, v8)\n"
    "b2(v13: int, v14: int):\n  v15: int = const 1\n"
    "  v16: int = uadd v14, v15\n  v17: bool = const false\n"
    "  jump b1(v17, v13, v16)\n"
    "b3(v18: int, v19: int):\n  v20: int = usub v19, v1\n"
    "  return v18, v20\n";

static void loops_run_backwards(void **state)
{
    (void)state;
    inverts(loop, "  v5: int = uadd v2, v1\n  v6: bool = const true\n"
                  "  jump b1(v6, v0, v5)\n"
                  "b1(v7: bool, v8: int, v9: int):\n  v10: bool = eq v9, v1\n"
                  "  join \"`until`\" v10, v7\n  v11: int = usub v8, v9\n"
                  "  v12: int = const 0\n  v13: bool = eq v9, v12\n"
                  "  branch \"`from`\" v13, b3(v11, v9), b2(v11, v9)\n"
                  "b2(v14: int, v15: int):\n  v16: int = const 1\n"
                  "  v17: int = usub v15, v16\n  v18: bool = const false\n"
                  "  jump b1(v18, v14, v17)\n"
                  "b3(v19: int, v20: int):\n  return v19, v20\n");
}

/* ---- plain code ---------------------------------------------------------- */

static void plain_code_checks_and_fails(void **state)
{
    (void)state;
    struct code c;
    code_open(&c, "  v5: int = const 0\n  delocal \"`a`\" v0, v5\n"
                  "  v6: int = const 7\n  v7: int = local \"\" v6\n"
                  "  v8: int = const 1\n  uaddf v3, v8 word 1\n"
                  "  return v7, v2\n");
    verified(c.fns[0], "code");
    ir_plain(c.fns[0]);
    verified(c.fns[0], "plain");
    same_text(
        c.fns[0],
        "b0" PARAMS ":\n  v5: int = const 0\n  v9: bool = eq v0, v5\n"
        "  branch v9, b1, b2\n"
        "b1:\n  v6: int = const 7\n  v7: int = copy v6\n"
        "  v8: int = const 1\n  v18: int = ldf v3 word 1\n"
        "  v19: int = add v18, v8\n  stf v3, v19 word 1\n  return v7, v2\n"
        "b2:\n  v10: ref 1 = str \"`a`\"\n"
        "  v11: ref 1 = str \": expected \"\n"
        "  v12: ref 1 = native str_int(v5)\n"
        "  v13: ref 1 = str \", found \"\n"
        "  v14: ref 1 = native str_int(v0)\n"
        "  v15: ref 1 = native cat5(v10, v11, v12, v13, v14)\n"
        "  v16: ref 1 = str \"irreversible\"\n"
        "  v17: ref 2 = native error(v15, v16)\n  fail v17\n}\n");
    code_close(&c);
}

/* ---- what is no reversible code ------------------------------------------ */

static void rules_are_kept(void **state)
{
    (void)state;
    refuses("is read and updated",
            "  v5: int = uadd v0, v0\n  return v5, v2\n");
    refuses("is read and updated",
            "  v5: int = add v0, v1\n  v6: int = uadd v0, v5\n"
            "  return v6, v2\n");
    refuses("not linear", "  v5: int = uadd v1, v0\n  return v5, v2\n");
    refuses("not linear", "  v5: int = add v0, v1\n  return v5, v2\n");
    refuses("is of another group",
            "  v5: int = const 1\n  v6: int = uadd v0, v5\n"
            "  v7: int = usub v2, v5\n  return v6, v7\n");
    refuses("linear values are lost",
            "  v5: int = local \"t\" v1\n  return v0, v2\n");
    refuses("not linear", "  v5: int = uadd v0, v1\n  return v0, v2\n");
    refuses("has no place in reversible code",
            "  stf v3, v1 word 1\n  return v0, v2\n");
    refuses("a native without an inverse",
            "  v5: int = const 0\n  native list_reserve(v4, v5)\n"
            "  return v0, v2\n");
    refuses("makes an object",
            "  v5: ref 6 = newlist type 6\n  return v0, v2\n");
    refuses("no int or byte",
            "  v5: bool = const true\n  unegf v3 word 2\n  return v0, v2\n");
    refuses("calls what is not reversible",
            "  v5: int = call @2 \"size\"(v1)\n  return v0, v2\n");
    refuses("hands on two different states",
            "  v5: bool = lt v0, v1\n"
            "  branch \"c\" v5, b1(v0, v2), b2(v2, v0)\n"
            "b1(v6: int, v7: int):\n  return v6, v7\n"
            "b2(v8: int, v9: int):\n  return v8, v9\n");
}

static void joins_are_told_the_way(void **state)
{
    (void)state;
    refuses("is not told by which way",
            "  v5: bool = lt v0, v1\n"
            "  branch \"c\" v5, b1(v0, v2), b2(v0, v2)\n"
            "b1(v6: int, v7: int):\n  v8: bool = const true\n"
            "  jump b3(v8, v6, v7)\n"
            "b2(v9: int, v10: int):\n  v11: bool = const true\n"
            "  jump b3(v11, v9, v10)\n"
            "b3(v12: bool, v13: int, v14: int):\n"
            "  v15: bool = lt v13, v1\n  join \"d\" v15, v12\n"
            "  return v13, v14\n");
    refuses("begins with a join",
            "  v5: bool = lt v0, v1\n"
            "  branch \"c\" v5, b1(v0, v2), b2(v0, v2)\n"
            "b1(v6: int, v7: int):\n  v8: bool = const true\n"
            "  jump b3(v8, v6, v7)\n"
            "b2(v9: int, v10: int):\n  v11: bool = const false\n"
            "  jump b3(v11, v9, v10)\n"
            "b3(v12: bool, v13: int, v14: int):\n"
            "  v15: int = uneg v13\n  return v15, v14\n");
    refuses("begins with a join",
            "  v5: bool = lt v0, v1\n  join \"d\" v5, v5\n"
            "  return v0, v2\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(updates_become_their_pairs),
        cmocka_unit_test(variables_begin_and_end),
        cmocka_unit_test(calls_become_uncalls),
        cmocka_unit_test(branches_become_joins),
        cmocka_unit_test(loops_run_backwards),
        cmocka_unit_test(plain_code_checks_and_fails),
        cmocka_unit_test(rules_are_kept),
        cmocka_unit_test(joins_are_told_the_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
