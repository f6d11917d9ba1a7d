/* The checker: every diagnostic is given where it should be, once, and good
 * programs get their types. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "frontend/parse.h"
#include "runtime/mem/bytes.h"

/* ---- checking a text ----------------------------------------------------- */

struct checked {
    struct mem *mem;
    struct source *src;
    struct unit *unit;
    bool ok;
};

static struct checked check_n(const char *text, size_t n)
{
    struct checked r = {.mem = mem_open(&mem_compiler, NULL)};

    r.src = source_copy(r.mem, "test.pal", text, (uint32_t)n);
    r.unit = unit_open(r.mem, r.src);
    r.ok = parse_unit(r.unit) && sema_check(r.unit);
    return r;
}

static struct checked check(const char *text)
{
    return check_n(text, strlen(text));
}

static void close_checked(struct checked *r)
{
    unit_close(r->unit);
    source_free(r->mem, r->src);
    mem_close(r->mem);
}

static char *rendered(const struct checked *r, bool json)
{
    struct bytes out = bytes_in(r->mem);
    char *text;

    if (json)
        diags_json(r->unit->diags, &out);
    else
        diags_render(r->unit->diags, false, &out);
    text = malloc(out.n + 1);
    if (out.n)
        memcpy(text, out.at, out.n);
    text[out.n] = 0;
    bytes_free(&out);
    return text;
}

static void accept(const char *text)
{
    struct checked r = check(text);

    if (!r.ok || diags_warnings(r.unit->diags))
        fail_msg("%s\n---\n%s", text, rendered(&r, false));
    close_checked(&r);
}

/* ---- each diagnostic ----------------------------------------------------- */

struct diag_case {
    enum diag_code code;
    const char *name, *text;
};

static const struct diag_case cases[] = {
#define CASE(CODE, source) {CODE, #CODE, source},
#include "tests/unit/diag_cases.def"
#undef CASE
};

static const struct {
    const char *name;
    enum diag_severity severity;
} rows[] = {
#define ERROR                                      DIAG_ERROR
#define WARNING                                    DIAG_WARNING
#define DIAG(CODE, SEVERITY, message, explanation) {#CODE, SEVERITY},
#include "frontend/diag.def"
#undef DIAG
#undef ERROR
#undef WARNING
};

static uint32_t count_of(const char *text, const char *word)
{
    uint32_t n = 0;

    for (; (text = strstr(text, word)); text++)
        n++;
    return n;
}

static void test_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct checked r = check(cases[i].text);
        char *json = rendered(&r, true);
        bool error = rows[cases[i].code].severity == DIAG_ERROR;
        if (count_of(json, cases[i].name) != 1 ||
            diags_errors(r.unit->diags) != error || r.ok == error)
            fail_msg("%s\n--- should get %s alone, got\n%s", cases[i].text,
                     cases[i].name, rendered(&r, false));
        free(json);
        close_checked(&r);
    }
}

/* Rows too long to show in the table, or whose case is made here or, of
 * modules, in test_module.c. */
static const char *const made_here[] = {"E0225", "E0262", "E0267", "E0281",
                                        "E0282", "E0284", "E0286"};

/* What is proposed: errors of the checker, and a part of what they say. */
static const struct {
    const char *text, *part;
} helps[] = {
#define FN(body) "fn main() { " body " }"
    {FN("let b: byte = 65; print(b in \"AB\")"),
     "print(chr(int(b)) in \"AB\")"},
    {FN("let b = 65; print(b in \"AB\")"), "print(chr(b) in \"AB\")"},
    {FN("print('A' in \"AB\")"), "print(\"A\" in \"AB\")"},
    {FN("print(\"A\" == 'A')"), "== \"A\")"},
    {FN("print('\"' + \"x\", '{' + \"\")"), "print(\"\\\"\" + \"x\""},
    {FN("print(\"a\" * 3)"), "`s.repeat(n)`"},
    {FN("let t = (1, 2); print(t[0])"), "print(t.0)"},
    {FN("let t = (1, 2); let i = 1; print(t[i])"), "`.0`, `.1`"},
    {FN("let a: any = 1; print(a + 1)"), "`if let x: T = a { ... }`"},
    {FN("let a: any = 1; let b: int = a; print(b)"), "`if let x: int = a {"},
    {FN("let a: any = 1; print(a.foo)"), "`if let x: T = a { ... }`"},
    {FN("let a: any = 1; a.foo()"), "`if let x: T = a { ... }`"},
    {FN("print([1].map(chr))"), "`fn(x) = chr(x)`"},
    {FN("exit()"), "`exit` lacks its argument"},
    {FN("print(\"a\".strip())"), "print(\"a\".trim())"},
    {FN("print(\"a\".startswith(\"a\"))"), "print(\"a\".starts_with("},
    {FN("print(\"a\".contains(\"a\"))"), "`part in s`"},
    {FN("let m = [1: 2]; print(m.has(1))"), "`k in m`"},
    {FN("let m = [1: 2]; m.delete(1)"), "m.remove(1)"},
    {FN("let m = [1: 2]; print(m.items())"), "m.entries()"},
    {FN("print(sqrt(2.0))"), "`import math`, then `math.sqrt`"},
    {"import math\n" FN("print(sqrt(2.0), math.pi)"), "print(math.sqrt(2.0)"},
    {"import json\nfn f(j: Json) -> str = json.text(j)", "f(j: json.Json)"},
    {"import json\n" FN("print(json.text(Json.Null))"), "text(json.Json.Null)"},
    {FN("fn a() { b() }\nfn b() { }\na(); b()"), "known from here on"},
    {FN("print(x)\nlet x = 1"), "declare it above its use"},
    {"enum E[T] { A(x: T), B }\n" FN("print(B, A(1))"), "`let x: E[T] = ...`"},
    {"enum E { A(e: E) }", "add a variant that holds none"},
#undef FN
};

static void test_helps(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof helps / sizeof *helps; i++) {
        struct checked r = check(helps[i].text);
        char *text = rendered(&r, false);
        if (r.ok || !strstr(text, helps[i].part))
            fail_msg("%s\n--- wants %s, got\n%s", helps[i].text, helps[i].part,
                     text);
        free(text);
        close_checked(&r);
    }
}

static void test_every_row_has_a_case(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bool found =
            strcmp(rows[i].name, "E0200") < 0 || /* not the checker's */
            !strncmp(rows[i].name, "E04", 3) ||
            !strncmp(rows[i].name, "E06", 3);
        for (size_t k = 0; k < sizeof cases / sizeof *cases; k++)
            found |= !strcmp(cases[k].name, rows[i].name);
        for (size_t k = 0; k < sizeof made_here / sizeof *made_here; k++)
            found |= !strcmp(made_here[k], rows[i].name);
        if (!found)
            fail_msg("no case for %s", rows[i].name);
    }
}

static void expect_code(const char *text, size_t n, const char *code)
{
    struct checked r = check_n(text, n);
    char *json = rendered(&r, true);

    assert_int_equal(diags_errors(r.unit->diags), 1);
    assert_int_equal(count_of(json, code), 1);
    free(json);
    close_checked(&r);
}

static void test_made_cases(void **state)
{
    struct mem *m = mem_open(&mem_compiler, NULL);
    struct bytes b = bytes_in(m);

    (void)state;
    bytes_str(&b, "fn f(");
    for (int i = 0; i < 65; i++)
        bytes_printf(&b, "a%d: int,", i);
    bytes_str(&b, ") {}\nfn main() { f(1, 2) }");
    expect_code((char *)b.at, b.n, "E0262");

    b.n = 0;
    bytes_str(&b, "struct S {");
    for (int i = 0; i < 4097; i++)
        bytes_printf(&b, "a%d: int,", i);
    bytes_str(&b, "}\nfn main() { print(S(1, 2).a1) }");
    expect_code((char *)b.at, b.n, "E0267");

    b.n = 0; /* a type that grows by inference */
    bytes_str(&b, "fn main() { let a0 = [1]\n");
    for (int i = 1; i < 300; i++)
        bytes_printf(&b, "let a%d = [a%d]\n", i, i - 1);
    bytes_str(&b, "print(a299) }");
    expect_code((char *)b.at, b.n, "E0225");
    bytes_free(&b);
    mem_close(m);
}

/* ---- places -------------------------------------------------------------- */

/* Where a diagnostic points, and what it suggests. */
static void test_places(void **state)
{
    static const struct {
        const char *text, *part;
    } table[] = {
        {"fn main() {\n    let count = 1\n    print(cuont)\n}",
         "test.pal:3:11"},
        {"fn main() {\n    let count = 1\n    print(cuont)\n}", "`count`"},
        {"fn f() -> int {\n    if true { return 1 }\n}", "test.pal:1:4"},
        {"fn f(x: int, y: int) -> int { x + y }\nfn main() { print(f(1)) }",
         "parameter `y`"},
        {"struct P { x: int }\nfn f(p: P) {\n    p.x = 1\n}", "test.pal:3:7"},
        {"struct P { x: int }\nfn f(p: P) {\n    p.x = 1\n}", "var x"},
        {"fn main() {\n    let n = 1\n    print(n * 2.5)\n}", "float(n)"},
        {"fn main() {\n    let n = 1\n    n = 2\n}", "test.pal:3:5"},
        {"fn f(mut x: int) { x += 1 }\nfn main() {\n    var a = 1\n    f(a)\n"
         "    a += 1\n}",
         "&a"},
        {"fn main() {\n    let x: float = if true {\n        1.0\n    } "
         "else {\n        \"a\"\n    }\n    print(x)\n}",
         "test.pal:5:9"},
        /* a value stands in its block */
        {"fn main() {\n    let n: int = undo {\n        \"a\"\n    }\n"
         "    print(n)\n}",
         "test.pal:3:9"},
        {"fn main() {\n    let n: int = if true {\n        \"a\"\n    } else "
         "{ \"b\" }\n    print(n)\n}",
         "test.pal:3:9"},
        {"fn main() { print(\"abc\"[0] == \"a\") }", "== 'a')"},
        /* names */
        {"fn main() {\n    let lenght = 3; print(length)\n}", "print(lenght)"},
        {"fn main() { println!(\"a\") }", "{ print(\"a\") }"},
        {"fn main() {\n    x = 5\n    print(x)\n}", "    let x = 5\n"},
        {"struct P { x: int }\nfn f(p: P) -> int { p.X }", "p.x }"},
        {"struct P { x: int, y: int }\nfn f(p: P) -> int { p.left }",
         "the fields `x` and `y`"},
        {"fn f(xs: list[int]) { print(xs) }", "xs: [int])"},
        {"fn f(xs: List) { print(xs) }", "`[int]`"},
        {"fn f(m: Map[str, int]) { print(m) }", "`[K: V]`"},
        /* only the value of an update can be converted */
        {"fn main() { var x = 1; x += 1.5 }", "`+=` takes"},
        {"fn main() { var x = 1; x += 1.5 }", "the place must be a float"},
        {"fn main() { var x = 1; let f = 1.5; x += f }", "x += int(f)"},
        {"fn main() { var x = 1.5; let n = 1; x *= n }", "x *= float(n)"},
        /* a value that nothing takes */
        {"fn f() -> int { 1 }\nfn main() {\n    let a = f()\n    - f()\n"
         "    print(a)\n}",
         "put the operator at its end"},
        {"fn f() -> int { 1 }\nfn main() { f() + 1; f() }", "`let _ = ...`"},
        {"fn f() { 1 }\nfn main() { f() }", "for `f`: `-> int`"},
        {"fn main() { 1 }", "write `print(...)`"},
        /* what other languages call it */
        {"fn main() { [1].append(2) }", "[1].push(2)"},
        {"fn main() { print([1].length()) }", "print([1].len)"},
        {"fn main() { print(\"a\".size) }", "print(\"a\".len)"},
        {"fn main() { [1].forEach(print) }", "for x in xs"},
        {"fn main() { println(1) }", "print(1) }"},
        {"fn main() { printf(1) }", "print(1) }"},
        {"fn main() { print(null) }", "print(none)"},
        {"fn main() { for i in range(9) { print(i) } }", "`0..n`"},
        {"fn f() -> void {}", "has no `->`"},
        {"fn main() { print(history()) }", "not supported yet"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct checked r = check(table[i].text);
        char *text = rendered(&r, false);
        if (!strstr(text, table[i].part))
            fail_msg("no %s in\n%s", table[i].part, text);
        free(text);
        close_checked(&r);
    }
}

/* ---- programs that are right --------------------------------------------- */

static const char *const good[] = {
    "fn main() {}",
    "fn main() -> int { 3 }",
    "fn main() = print(1)",
    /* literals adapt */
    "fn main() { let x: float = 1 + 2 * -3; let b: byte = 'a' + 1; "
    "print(x, b, 2 * x, b + 1, 1 + b, x / 2) }",
    "fn main() { let xs: [float] = [1, 2, 3]; let ys: [[byte]] = [[1], []]; "
    "print(xs, ys, 1 in xs, 0.5 == 1, min(1, 2.5), max(2.5, 1)) }",
    "fn f(x: float, b: byte) -> float { x + float(b) }\n"
    "fn main() { print(f(1, 255), -9223372036854775808, 0xffffffffffffffff) }",
    "fn f() -> float { if true { 1 } else { return 2 } }\n"
    "fn main() { var x = f(); x += 1; x = 3; print(x) }",
    "struct P { var x: float, b: byte }\n"
    "fn main() { let p = P(1, b: 2); p.x = 3; p.x *= 2; print(p) }",
    /* order of declarations */
    "fn main() { print(f(3)) }\nfn f(n: int) = g(n) + 1\nfn g(n: int) = n * 2",
    "let a = f(1)\nfn f(x: int) = x + 1\nfn main() { print(a) }",
    "let a = 1\nlet b = a + f()\nfn f() -> int { a }\nfn main() { print(b) }",
    "fn main() { print(a.xs.len) }\nstruct A { xs: [A] }\nlet a = A([])",
    /* values of blocks */
    "fn f(x: int) -> str { if x > 0 { \"p\" } else if x < 0 { \"n\" } "
    "else { fail \"zero\" } }\nfn main() { print(f(1)) }",
    "fn f(x: int) -> int { loop { if x > 3 { return x } } }\n"
    "fn main() { print(f(1)) }",
    "fn f(x: int) -> int { while true { if x > 3 { break } }; exit(1) }\n"
    "fn main() { print(f(1)) }",
    "fn main() { let x = { let y = 1; y * 2 }; print(x) }",
    "fn main() { let x = if true { return } else { 3 }; print(x) }",
    "fn main() { let x = try int(\"5\") else 0; print(x) }",
    "fn main() { let x = try int(\"5\") else return; print(x) }",
    "fn main() { let x = try { int(\"5\") } undo e { e.message.len }; "
    "print(x) }",
    "fn main() { try { print(1) } undo e { print(e.kind, e.trace.len) } }",
    "fn f() {}\nfn main() { try f() else f() }",
    "fn main() { true or fail \"x\" }",
    /* undo and keep */
    "fn main() { var n = 0; let x = undo { n += 1; n * 2 }; print(x, n) }",
    "fn f(mut n: int) -> bool { undo { n += 1; if n > 2 { keep; return true } "
    "}\nfalse }\nfn main() { var n = 2; print(f(&n), n) }",
    "fn main() { undo { try { keep } undo e { print(e.message) } } }",
    /* loops, labels */
    "fn main() { outer: for i in 0..3 { for x in [1, 2] { if x == i { "
    "continue outer }\nif x > i { break outer } } } }",
    "fn main() { for _ in 0..3 { print(1) }; let _ = 5 }",
    /* places */
    "fn f(mut a: int, mut b: int) { a <=> b }\nfn main() { var x = 1; "
    "let ys = [1, 2]; f(&x, &ys[0]); f(&ys[0], &ys[1]); ys[0] <=> x; "
    "x <<<= 2; print(x, ys) }",
    /* methods */
    "struct P { x: int }\nfn size(p: P, n: int) -> int { p.x + n }\n"
    "fn double(n: int) -> int { n * 2 }\n"
    "fn main() { print(P(1).size(n: 2), 5.double(), 5.str().len, \"a\".chars(),"
    " [1].pop()) }",
    "fn len(n: int) -> int { n }\nfn main() { print(len(5), [1].len(), "
    "5.len()) }",
    "import os\nfn main() { for a in os.args() { print(a) } }",
    "import os as sys\nfn main() { print(sys.args().len) }",
    /* operators */
    "fn main() { let s = \"ab\"; print(s + \"c\", s < \"b\", s[0], s[0..1], "
    "\"a\" in s, s[0] in '0'..':', 3 not in [1], [1] == [1], [1] is [1], "
    "true & false, 7 << 2, 7 % 2, 7.5 % 2) }",
    "fn main() { print(\"{1:>8} {2.5:08.3} {\"a\":^5.2} {255:#x} {1e9:e} "
    "{true:>6}\") }",
    "fn main() { print(type_of([1]), copy([1]), [0; 3], [[\"\"; 2]; 2]) }",
    /* shadowing */
    "fn f(x: int) -> int { let x = x + 1; { let x = 5; print(x) }; x }\n"
    "fn main() { print(f(1)) }",
    "fn main() { let print = 1; eprint(print) }",
    "fn _unused() {}\nfn main() { let _x = 1; for i in 0..3 { eprint(1) } }",
    "test \"a\" { assert(1 + 1 == 2); assert(true, \"never\") }",
    "test \"a\" { return }",
    "fn main() { let s = \"ab\"; print(s[0] in [97, 98], 1.5 in [1, 2],\n"
    "1 in [1.5, 2.0], s[1] in [97; 3], 1 in []) }",
    "fn main() { let x = 1; x > 0 or fail \"a\" }",
    "fn never() -> int { fail \"a\" }\nfn main() { print(never() + 1) }",
};

static void test_good_programs(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        accept(good[i]);
}

/* ---- annotations --------------------------------------------------------- */

static struct ast *stmt_of(struct checked *r, uint32_t fn, uint32_t i)
{
    struct ast *body = AS(fn, r->unit->fns.at[fn]->decl)->body;

    return AS(block, body)->stmts.at[i];
}

static void test_annotations(void **state)
{
    struct checked r =
        check("struct P { a: int, s: str, b: bool, q: [P] }\n"
              "fn f(x: int, mut y: int, z: float) -> int { y = x; int(z) }\n"
              "fn main() {\n"
              "    var v = 1\n"
              "    let n = f(z: 2, y: &v, x: 3)\n"
              "    undo { try { keep } undo e { print(e) } }\n"
              "    loop { break }\n"
              "    loop { print(n) }\n"
              "}\n");
    struct ast *bind = stmt_of(&r, 1, 1);
    struct call *call = AS(call, AS(bind, bind)->value)->call;
    struct type *p = r.unit->structs.at[0]->type;

    (void)state;
    assert_true(r.ok);
    assert_int_equal(call->kind, CALL_FN);
    assert_int_equal(call->nargs, 3);
    assert_int_equal(call->order[0], 2);
    assert_int_equal(call->order[1], 1);
    assert_int_equal(call->order[2], 0);
    assert_false(call->by_ref[0]);
    assert_true(call->by_ref[1]);
    assert_ptr_equal(call->args[2]->type, &type_float);
    assert_ptr_equal(AS(bind, bind)->sym->type, &type_int);

    assert_int_equal(p->nfields, 4);
    assert_int_equal(p->fields[1].word, 0);
    assert_int_equal(p->fields[3].word, 1);
    assert_int_equal(p->fields[0].word, 2);
    assert_int_equal(p->fields[2].word, 3);
    assert_string_equal(type_text(r.unit, r.unit->fns.at[0]->type),
                        "fn(int, mut int, float) -> int");

    struct ast *undo = stmt_of(&r, 1, 2);
    struct ast *try = AS(block, AS(undo, undo)->body)->stmts.at[0];
    assert_true(AS(undo, undo)->has_keep);
    assert_true(AS(try, try)->holds_keep);
    assert_true(AS(loop, stmt_of(&r, 1, 3))->has_break);
    assert_ptr_equal(stmt_of(&r, 1, 4)->type, &type_never);
    close_checked(&r);
}

/* ---- reversible functions ------------------------------------------------ */

#define POINT "struct P { var n: int, var m: int, var q: [P], f: float }\n"
#define USED  "fn main() { }\n"

static const char *const good_rev[] = {
    /* the first look */
    "rev fn fib(n: int, mut a: int, mut b: int) {\n"
    "    if n == 0 { a += 1; b += 1 }\n"
    "    else      { fib(n - 1, &a, &b); a += b; a <=> b }\n"
    "    fi a == b\n}\n"
    "fn main() { var a = 0; var b = 0\n fib(10, &a, &b); print(a, b)\n"
    " uncall fib(10, &a, &b); print(a, b) }",
    /* each statement */
    "rev fn r(mut x: int, mut b: byte, mut t: bool, k: int) {\n"
    " x += k; x -= 1; x ^= k * 2; b += 1; b -= 'a'; b ^= 3; t ^= k > 1\n"
    " x <<<= k; x >>>= 3; b <<<= 1; b >>>= k\n neg x; inv x; neg b; inv b }",
    POINT "rev fn r(p: P, xs: [int], mut x: int, mut y: int, i: int) {\n"
          " x <=> y; x <=> xs[i]; xs[i] <=> xs[i + 1]; p.n <=> p.m\n"
          " p.q[0].n <=> xs[i]; x <=> x; xs[0] <=> xs[0]\n"
          " p.n += 1; p.q[i].n ^= x; xs[i] -= p.n; neg p.n; inv xs[i] }",
    "rev fn r(mut x: int, k: int) {\n"
    " if x == 0 { x += 1 } else { x += k } fi x == 1\n"
    " if k == 0 { x += 1 } fi k == 0\n"
    " if k == 1 { x += 1 }\n fi k == 1\n else if k == 2 { x += 2 }\n fi k == "
    "2\n"
    " else { x += 3 }\n"
    " if k == 1 { x += 1 } fi k == 1 else if k == 2 { neg x } fi k == 2 }",
    "rev fn r(mut i: int) {\n from i == 0 do { i += 1 }\n loop { i += 2 }\n"
    " until i > 9\n from i > 9 do { i += 1 } until i > 12 }",
    "rev fn r(xs: [int], mut s: int) {\n for i in 0..xs.len { s += xs[i] }\n"
    " for _ in 1..s / 2 { xs[0] += 1 }\n"
    " for i in 0..3 { for j in i..3 { s += i * j } } }",
    "rev fn r(mut x: int, xs: [int]) {\n local t = x; local u: int = t + 1\n"
    " x += u; x -= u\n delocal u = t + 1; delocal t = x\n"
    " local t = 5; delocal t: int = 5\n"
    " local b: byte = 3; b += 1; delocal b = 4\n }",
    POINT
    "rev fn r(p: P, mut x: int) {\n local s: [int] = []; push(s, &x); s[0] += "
    "1\n"
    " s.pop(&x); delocal s = []\n local q = p.q; q[0].n += x; delocal q = p.q "
    "}",
    "rev fn r(xs: [int], bs: [bool], mut x: int, mut b: bool) {\n"
    " push(xs, &x); pop(xs, &x); xs.push(&x); xs.pop(&x); bs.push(&b)\n"
    " bs.pop(&b); xs.swap(0, xs.len - 1); swap(xs, 0, 1); xs.reverse()\n"
    " reverse(bs); assert(x > 0); assert(x > 0, \"x is {x}\"); { x += 1 } }",
    "rev fn f(mut x: int, xs: [int]) { x += xs[0] }\n"
    "rev fn r(xs: [int], ys: [[int]], mut x: int) {\n f(&x, xs); uncall f(&x, "
    "xs)\n"
    " f(xs: ys[0], x: &x); f(&x, [1, 2]); uncall r(xs, ys, &x) }",
    "rev fn r(mut x: int, mut y: int, k: int) {\n"
    " within { local t = k; x += t; delocal t = k } apply { y += x }\n"
    " within { if k > 0 { x += 1 } fi k > 0 }\n"
    " apply { within { y += k } apply { x += y } } }",
    /* globals, methods, expressions */
    "var g = 0\nlet table = [1, 2]\n"
    "rev fn r(k: int) { g += table[k]; table[0] += k; g <=> table[1] }\n" USED,
    POINT "rev fn move(p: P, by: int) { p.n += by; p.m -= by }\n"
          "fn main() { let p = P(1, 2, [], 1.5); p.move(3); uncall p.move(3) }",
    "fn sum(xs: [int]) -> int { var s = 0; for x in xs { s += x }; s }\n"
    "fn twice(xs: [int]) -> [int] { let r: [int] = []; for x in xs { "
    "r.push(x); r.push(x) }; r[0] = 5; r }\n"
    "fn fact(n: int) -> int { if n < 2 { return 1 }; n * fact(n - 1) }\n"
    "rev fn r(mut x: int, xs: [int], s: str, f: float) {\n"
    " x += sum(twice(xs)) + fact(5) + s.len + int(f) + max(1, xs.len)\n"
    " x ^= if f > 1.5 { 1 } else if s == \"a\" { 2 } else { { 3 } }\n"
    " x += int(s[0]) + xs[1..2].len + int(\"5\") }",
    POINT "fn f(p: P) -> int { let w = [P(1, 2, [], 0.0)]; w[0].n = 3\n"
          " w.len + p.n }\n"
          "rev fn r(p: P, mut x: int) { x += f(p) }",
    "fn matrix(n: int) -> [[int]] { let m = [[0; n]; n]; m[0][0] = 1; m }\n"
    "rev fn r(mut x: int) { x += matrix(3).len }",
    "rev fn r(mut x: float, mut y: float, s: [str], mut t: str) {\n"
    " x <=> y; s[0] <=> t; s.swap(0, 1); s.reverse()\n"
    " local z = 1.5; delocal z = 1.5; local w = \"a\"; delocal w = \"a\" }",
    "rev fn r(mut xs: [int], mut ys: [int]) { xs <=> ys; xs[0] += ys.len }",
    /* conditions that may hold */
    "rev fn r(mut x: int, n: int, a: float, b: float, mut t: bool) {\n"
    " if t { t ^= true } fi not t\n"
    " local d = 5; d += 2; x += d; d -= 2; delocal d = 5\n"
    " local u = 1; d2(&u); delocal u = 2\n"
    " local v = x; x += 1; delocal v = x - 1\n"
    " if a < b { x += 1 } else { x += 2 } fi a < b\n"
    " if n == 0 { n2(n, &x) } else { x += 2 } fi n == 0\n"
    " if x == 0 { x += 1 } fi x == 1\n"
    " from true do { x += 1 } until true }\n"
    "rev fn d2(mut u: int) { u += 1 }\n"
    "rev fn n2(n: int, mut x: int) { x ^= n }",
    "rev fn r() { }\ntest \"a\" { r(); uncall r() }\nfn main() { uncall r() }",
    "rev fn a(n: int, mut x: int) { if n > 0 { b(n - 1, &x) } fi n > 0 }\n"
    "rev fn b(n: int, mut x: int) { if n > 0 { uncall a(n - 1, &x) } fi n > 0 "
    "}",
};

/* A checker of reversible code: no errors; functions that nothing calls are
 * no matter. */
static void accept_rev(const char *text)
{
    struct checked r = check(text);

    if (!r.ok)
        fail_msg("%s\n---\n%s", text, rendered(&r, false));
    close_checked(&r);
}

static void test_good_reversible(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good_rev / sizeof *good_rev; i++)
        accept_rev(good_rev[i]);
}

static void test_reversible_annotations(void **state)
{
    struct checked r = check("rev fn f(mut x: int, xs: [int]) {\n"
                             " local t = 1\n"
                             " if x == 0 { x += 1 } fi x == 1\n"
                             " xs.push(&x)\n"
                             " from x == 0 do { x += 1 } until x == 2\n"
                             " for i in 0..3 { x += i }\n"
                             " delocal t = 1\n"
                             " uncall f(&x, xs)\n"
                             "}\n");
    struct ast *local = stmt_of(&r, 0, 0), *delocal = stmt_of(&r, 0, 5);
    struct call *push = AS(call, stmt_of(&r, 0, 2))->call;
    struct ast *back = AS(uncall, stmt_of(&r, 0, 6))->call;

    (void)state;
    assert_true(r.ok);
    assert_true(r.unit->fns.at[0]->is_rev);
    assert_ptr_equal(AS(local, local)->sym->type, &type_int);
    assert_true(AS(local, local)->sym->is_var);
    assert_ptr_equal(AS(delocal, delocal)->local, local);
    assert_int_equal(push->builtin, BUILTIN_PUSH);
    assert_true(push->by_ref[1]);
    assert_false(push->by_ref[0]);
    assert_ptr_equal(AS(for, stmt_of(&r, 0, 4))->sym->type, &type_int);
    assert_ptr_equal(AS(call, back)->call->sym, r.unit->fns.at[0]);
    assert_int_equal(r.unit->assertions.n, 4);
    assert_string_equal(r.unit->assertions.at[0].word, "fi");
    assert_string_equal(r.unit->assertions.at[3].word, "delocal");
    assert_int_equal(AS(rif, stmt_of(&r, 0, 1))->state, REV_CHECKED);
    close_checked(&r);
}

/* What is evaluated again, and what must be another place. */
struct marks {
    const struct source *src;
    struct bytes *out;
};

static void put_node(const struct marks *m, const char *what,
                     const struct ast *e)
{
    bytes_printf(m->out, "%s%s %.*s", m->out->n ? "; " : "", what,
                 (int)(e->end - e->pos), m->src->text + e->pos);
}

static void put_marks(void *arg, struct ast *e)
{
    const struct marks *m = arg;

    if (e->again)
        put_node(m, "again", e);
    if (e->kind == AST_OPASSIGN)
        for (uint32_t i = 0; i < AS(opassign, e)->apart.n; i++)
            put_node(m, "apart", AS(opassign, e)->apart.at[i]);
    ast_children(e, put_marks, arg);
}

static void test_marks(void **state)
{
    static const struct {
        const char *body, *marks;
    } table[] = {
        {"x += k", ""},
        {"x += xs[i] + p.n", ""},
        {"xs[i] += k", ""},
        {"xs[i] += bs.len + xs.len + p.n", ""},
        {"xs[i] += xs[j]", "apart xs[j]"},
        {"xs[i] += ys[i]", "apart ys[i]"},
        {"xs[i] += xs[i + 1]", ""},
        {"xs[0] += xs[1] + xs[xs[2]]", "apart xs[xs[2]]"},
        {"xs[i] += p.n", ""},
        {"p.n += p.m", ""},
        {"p.n += p.q[0].n", "apart p.q[0].n"},
        {"p.q[0].n += p.n", "apart p.n"},
        {"xs[i] += sum(ys)", "again sum(ys)"},
        {"xs[i] += ys[1..2].len", "again ys[1..2].len"},
        {"p.n += sum(ys)", ""},
        {"x += sum(ys)", ""},
        {"xs[xs[0]] += 1", "again xs[0]"},
        {"neg xs[ys[0]]", "again ys[0]"},
        {"p.q[p.n].n -= 1", "again p.q[p.n]"},
        {"p.q <=> p.q[0].q", "again p.q[0]"},
        {"p.n <=> p.q[0].n", ""},
        {"xs[i] <=> xs[j]", ""},
        {"x <=> xs[ys[0]]", "again ys[0]"},
        {"xs.swap(xs[0], i)", "again xs[0]"},
        {"xs.swap(0, xs.len - 1)", ""},
        {"push(rows[xs[0]], &x)", "again rows[xs[0]]"},
        {"push(xs, &ys[xs.len])", "again xs.len"},
        {"for a in 0..xs.len { xs[a] += 1 }", ""},
        {"for a in 0..xs.len { push(ys, &x) }", "again xs.len"},
        {"for a in xs[0]..9 { ys[a] += 1 }", "again xs[0]"},
        {"add(&x, xs[0])", ""},
        {"bump(xs, ys[0])", "again ys[0]"},
        {"bump(rows[0], k)", ""},
        {"bump(rows[xs[0]], k)", "again rows[xs[0]]"},
        {"uncall bump(xs, ys.len)", ""},
        {"add(&xs[0], xs[1])", "again xs[1]"},
        {"add(&xs[ys[0]], k)", "again ys[0]"},
        {"g += 1; x += g", ""},
        {"count(xs[0])", ""},
        {"count(peek())", "again peek()"},
        {"xs[i] += if k > 0 { xs[j] } else { 1 }",
         "again if k > 0 { xs[j] } else { 1 }"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct mem *m = mem_open(&mem_compiler, NULL);
        struct bytes text = bytes_in(m), out = bytes_in(m);
        struct marks marks = {.out = &out};
        struct checked r;
        bytes_printf(&text,
                     POINT "var g = 0\n"
                           "fn sum(xs: [int]) -> int { xs[0] }\n"
                           "fn peek() -> int { g + 1 }\n"
                           "rev fn add(mut x: int, y: int) { x += y }\n"
                           "rev fn bump(xs: [int], y: int) { xs[0] += y }\n"
                           "rev fn count(y: int) { g += y }\n"
                           "rev fn r(mut x: int, k: int, i: int, j: int, p: P, "
                           "xs: [int], ys: [int], bs: [byte], rows: [[int]]) "
                           "{\n %s\n}",
                     table[i].body);
        r = check_n((char *)text.at, text.n);
        marks.src = r.src;
        if (!r.ok)
            fail_msg("%s\n%s", table[i].body, rendered(&r, false));
        put_marks(&marks, r.unit->file);
        bytes_byte(&out, 0);
        if (strcmp((char *)out.at, table[i].marks))
            fail_msg("%s: marks `%s`, not `%s`", table[i].body, (char *)out.at,
                     table[i].marks);
        close_checked(&r);
        bytes_free(&text);
        bytes_free(&out);
        mem_close(m);
    }
}

/* ---- large inputs -------------------------------------------------------- */

static void generate(struct bytes *b, int n, const char *head, const char *line,
                     const char *tail)
{
    b->n = 0;
    bytes_str(b, head);
    for (int i = 0; i < n; i++)
        bytes_printf(b, line, i, i + 1);
    bytes_str(b, tail);
}

static void test_large(void **state)
{
    struct mem *m = mem_open(&mem_compiler, NULL);
    struct bytes b = bytes_in(m);
    struct checked r;

    (void)state;
    /* results inferred through a chain of functions: refused, not crashed */
    generate(&b, 20000, "fn main() { print(f0()) }\n", "fn f%d() = f%d()\n",
             "fn f20000() = 1\n");
    r = check_n((char *)b.at, b.n);
    assert_false(r.ok);
    close_checked(&r);

    /* a chain of structs, of globals through functions, of names */
    generate(&b, 20000, "", "struct S%d { s: S%d }\n", "struct S20000 {}\n");
    r = check_n((char *)b.at, b.n);
    assert_true(r.ok);
    close_checked(&r);
    generate(&b, 20000, "let a = f0()\n", "fn f%d() -> int { f%d() }\n",
             "fn f20000() -> int { b }\nlet b = 1\n");
    expect_code((char *)b.at, b.n, "E0203");
    generate(&b, 20000, "fn main() {\n", "let _a%d = %d\n", "}\n");
    r = check_n((char *)b.at, b.n);
    assert_true(r.ok);
    close_checked(&r);

    /* as many errors as lines */
    generate(&b, 20000, "fn main() {\n", "let a%d = b%d\n", "}\n");
    r = check_n((char *)b.at, b.n);
    assert_int_equal(diags_errors(r.unit->diags), 20000);
    close_checked(&r);
    bytes_free(&b);
    mem_close(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_helps),
        cmocka_unit_test(test_every_row_has_a_case),
        cmocka_unit_test(test_made_cases),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_good_programs),
        cmocka_unit_test(test_annotations),
        cmocka_unit_test(test_good_reversible),
        cmocka_unit_test(test_reversible_annotations),
        cmocka_unit_test(test_marks),
        cmocka_unit_test(test_large),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
