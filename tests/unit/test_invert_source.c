/* test_invert.c - the inverses of reversible functions: of each statement, of
 * the programs of the tests, of random ones; twice inverted is the original;
 * and what has no inverse. */
#include <dirent.h>

#include "frontend/invert_source.h"
#include "frontend/print_source.h"
#include "tests/unit/front_kit.h"

/* ---- inverting ----------------------------------------------------------- */

/* The rev fns of the file, `times` inverted, as text; NULL where one has no
 * inverse.  The text lives in f->out. */
static const char *inverted(struct front *f, int times)
{
    struct ast_nodes decls = AS(file, f->u->file)->decls;

    f->out.n = 0;
    for (uint32_t i = 0; i < decls.n; i++) {
        struct ast *fn = decls.at[i];
        if (fn->kind != AST_FN || AS(fn, fn)->kind != AST_FN_REV)
            continue;
        AS(fn, fn)->doc.at = NULL;
        for (int n = 0; n < times && fn; n++)
            fn = invert_fn(f->u, fn, false);
        if (!fn)
            return NULL;
        print_source(fn, &f->out);
        bytes_byte(&f->out, '\n');
    }
    return front_text(f);
}

/* What is printed of a file's rev fns, inverted, and then inverted again as a
 * file of its own. */
static void check_twice(struct front *f, const char *what)
{
    const char *once = inverted(f, 1);
    struct front g, h;

    if (!once)
        fail_msg("%s: %s", what, front_said(f));
    g = front_open(once);
    if (!g.ok)
        fail_msg("%s: refused\n%s\n%s", what, once, front_said(&g));
    once = inverted(&g, 1);
    if (!once)
        fail_msg("%s: %s", what, front_said(&g));
    h = front_open(once);
    assert_true(h.ok);
    if (strcmp(inverted(f, 0), inverted(&h, 0)))
        fail_msg("%s: another program\n%s\n-- is\n%s\n-- inverted\n%s", what,
                 (char *)f->out.at, (char *)h.out.at, inverted(&g, 0));
    front_close(&h);
    front_close(&g);
}

/* ---- statements ---------------------------------------------------------- */

/* The body of f, printed, without its indentation. */
static void body_of(const char *text, char *out)
{
    const char *p = strchr(text, '\n') + 1;

    for (; *p != '}'; p = strchr(p, '\n') + 1) {
        const char *end = strchr(p, '\n') + 1;
        memcpy(out, p + 4, (size_t)(end - p) - 4);
        out += end - p - 4;
    }
    out[-1] = 0; /* the last newline */
}

static struct front wrapped(const char *stmts)
{
    char source[2000];

    snprintf(source, sizeof source,
             "import \"lib/m\"\nfn pure(x: int) -> int = x\n"
             "rev fn h(mut x: int) {\n    x += 1\n}\n"
             "fn undo_it() {\n}\nrev fn f() {\n%s\n}\n",
             stmts);
    return front_open(source);
}

/* These statements have that inverse, and it has them. */
static void check_inverse(const char *stmts, const char *inverse)
{
    struct front f = wrapped(stmts);
    char got[2000];
    const char *text;

    if (!f.ok)
        fail_msg("%s\n%s", stmts, front_said(&f));
    text = inverted(&f, 1);
    if (!text)
        fail_msg("%s\n%s", stmts, front_said(&f));
    body_of(strstr(text, "rev fn f_inverse"), got);
    assert_string_equal(got, inverse);
    check_twice(&f, stmts);
    front_close(&f);
}

#define SAME(stmt) check_inverse(stmt, stmt);
/* Each is the inverse of the other. */
#define PAIR(one, other)                                                       \
    check_inverse(one, other);                                                 \
    check_inverse(other, one);

static void test_updates(void **state)
{
    (void)state;
    PAIR("x += a * 2", "x -= a * 2")
    PAIR("x <<<= 3", "x >>>= 3")
    PAIR("p.n[i] += 1", "p.n[i] -= 1")
    SAME("x ^= 0xff")
    SAME("neg x.y")
    SAME("inv xs[0]")
    SAME("x <=> xs[i]")
    SAME("xs.swap(i, j)")
    SAME("xs.reverse()")
    SAME("assert(x == 1)")
    SAME("assert(x == 1, \"no\")")
    PAIR("push(s, &x)", "pop(s, &x)")
    PAIR("s.push(&x)", "s.pop(&x)")
    PAIR("x += 1\ny += 2\nx <=> y", "x <=> y\ny -= 2\nx -= 1")
    PAIR("{\n    x += 1\n    neg x\n}", "{\n    neg x\n    x -= 1\n}")
}

static void test_calls(void **state)
{
    (void)state;
    PAIR("h(&x)", "uncall h(&x)")
    PAIR("m.h(x)", "uncall m.h(x)")
    PAIR("x.h(1)", "uncall x.h(1)")
    PAIR("m.f(x)", "uncall m.f(x)")
    check_inverse("f(&x)", "f_inverse(&x)");
    check_inverse("uncall f(&x)", "uncall f_inverse(&x)");
    check_inverse("f_inverse(&x)", "f(&x)");
    PAIR("x.f(&y)", "uncall x.f(&y)")
}

static void test_control(void **state)
{
    (void)state;
    PAIR("if a {\n    x += 1\n} fi b", "if b {\n    x -= 1\n} fi a")
    PAIR("if a {\n    x += 1\n} else {\n    y += 1\n} fi b",
         "if b {\n    x -= 1\n} else {\n    y -= 1\n} fi a")
    PAIR("if a {\n    x += 1\n} fi b else if c {\n    y += 1\n} fi d else "
         "{\n    neg x\n}",
         "if b {\n    x -= 1\n} fi a else if d {\n    y -= 1\n} fi c else "
         "{\n    neg x\n}")
    PAIR("from a do {\n    x += 1\n} loop {\n    y += 1\n} until b",
         "from b do {\n    x -= 1\n} loop {\n    y -= 1\n} until a")
    PAIR("from a do {\n    x += 1\n} until b",
         "from b do {\n    x -= 1\n} until a")
    PAIR("within {\n    x += 1\n    h(&x)\n} apply {\n    y += x\n    neg y\n}",
         "within {\n    x += 1\n    h(&x)\n} apply {\n    neg y\n    y -= x\n}")
    PAIR("local t: byte = 0\nx += 1\ndelocal t = x",
         "local t: byte = x\nx -= 1\ndelocal t = 0")
    PAIR("local t = 0\ndelocal t: int = 1\nlocal t: byte = 2\ndelocal t = 3",
         "local t: byte = 3\ndelocal t = 2\nlocal t = 1\ndelocal t: int = 0")
}

static void test_for(void **state)
{
    (void)state;
    PAIR("for i in 0..n {\n    x += 1\n}", "for i in 0..n {\n    x -= 1\n}")
    PAIR("for i in a..b {\n    x += i\n}",
         "for i_back in a..b {\n    local i = a + b - 1 - i_back\n"
         "    x -= i\n    delocal i = a + b - 1 - i_back\n}")
    PAIR("for i in 0..n {\n    x += i\n}",
         "for i_back in 0..n {\n    local i = n - 1 - i_back\n"
         "    x -= i\n    delocal i = n - 1 - i_back\n}")
    PAIR("for i in 1..n {\n    x += i\n}",
         "for i_back in 1..n {\n    local i = n - i_back\n"
         "    x -= i\n    delocal i = n - i_back\n}")
    PAIR("for i in a..n + 1 {\n    x += i\n}",
         "for i_back in a..n + 1 {\n    local i = a + n - i_back\n"
         "    x -= i\n    delocal i = a + n - i_back\n}")
    PAIR("for i in 2..8 {\n    x += i\n}",
         "for i_back in 2..8 {\n    local i = 9 - i_back\n"
         "    x -= i\n    delocal i = 9 - i_back\n}")
    PAIR("for i in a..b & c {\n    x += i\n}",
         "for i_back in a..b & c {\n"
         "    local i = a + (b & c) - 1 - i_back\n    x -= i\n"
         "    delocal i = a + (b & c) - 1 - i_back\n}")
    PAIR("for i in 0..n {\n    i_back += i\n}",
         "for i_back_ in 0..n {\n    local i = n - 1 - i_back_\n"
         "    i_back -= i\n    delocal i = n - 1 - i_back_\n}")
    /* the form of a mirror, but not the mirror of anything */
    check_inverse("for k in 0..n {\n    local i = n - 1 - k\n    x += i\n"
                  "    delocal i = n - 1 - k\n}",
                  "for k_back in 0..n {\n    local k = n - 1 - k_back\n"
                  "    local i = n - 1 - k\n    x -= i\n"
                  "    delocal i = n - 1 - k\n"
                  "    delocal k = n - 1 - k_back\n}");
    check_inverse("for i_back in 0..n {\n    local i = n - 1 - i_back\n"
                  "    x += 1\n    delocal i = n - 1 - i_back\n}",
                  "for i_back_back in 0..n {\n"
                  "    local i_back = n - 1 - i_back_back\n"
                  "    local i = n - 1 - i_back\n    x -= 1\n"
                  "    delocal i = n - 1 - i_back\n"
                  "    delocal i_back = n - 1 - i_back_back\n}");
}

/* ---- names --------------------------------------------------------------- */

static void test_functions(void **state)
{
    struct front f =
        front_open("/// Doc.\npub rev fn f[T](mut a: [T], b: int) { }\n"
                   "fn g() { }\nrev fn h_inverse() { }\nrev fn _inverse() { }\n"
                   "rev fn if_inverse() { }\n");

    (void)state;
    assert_string_equal(inverted(&f, 1),
                        "pub rev fn f_inverse[T](mut a: [T], b: int) { }\n"
                        "rev fn h() { }\nrev fn _inverse_inverse() { }\n"
                        "rev fn if_inverse_inverse() { }\n");
    check_twice(&f, "names");
    front_close(&f);
}

/* ---- what has no inverse ------------------------------------------------- */

static void test_refused(void **state)
{
    static const struct {
        const char *stmts, *said;
    } table[] = {
        {"x = 1", "an assignment has no inverse"},
        {"x *= 2", "`*=` has no inverse"},
        {"let x = 1", "`let` has no inverse"},
        {"var x = 1", "`var` has no inverse"},
        {"if a { }", "an `if` without `fi`"},
        {"if let a = b { } fi c", "`if let`"},
        {"while a { }", "from c do"},
        {"loop { }", "`loop` has no inverse"},
        {"match a { _ => b }", "`match`"},
        {"for x in xs { }", "a `for` over anything but a range"},
        {"for (a, b) in 0..3 { }", "a `for` with a pattern"},
        {"for i in 0..i { x += i }", "another name"},
        {"for i in 0..n { local i = i; delocal i = 0 }", "two variables `i`"},
        {"return", "runs to its end"},
        {"fail \"x\"", "`fail` has no inverse"},
        {"keep", "this statement has no inverse"},
        {"undo { }", "an expression has no inverse"},
        {"x + 1", "an expression has no inverse"},
        {"fn g() { }", "a function inside has no inverse"},
        {"print(x)", "a call of `print` has no inverse"},
        {"xs.insert(0, x)", "a call of `insert` has no inverse"},
        {"push(s, x)", "moves x to the list"},
        {"pop(s)", "moves the last item"},
        {"pure(x)", "`pure` is no `rev fn`"},
        {"uncall pure(x)", "`pure` is no `rev fn`"},
        {"uncall x", "`uncall` of what is no call"},
        {"local t = 0", "`local t` without its `delocal`"},
        {"delocal t = 0", "`delocal t` without its `local`"},
        {"delocal t = 0\nlocal t = 0", "both stand in the same block"},
        {"local t = 0\nlocal t = 1\ndelocal t = 1\ndelocal t = 0",
         "without its"},
        {"{ within { x = 1 } apply { } }", "an assignment"},
        {"from a do { } loop { x = 1 } until b", "an assignment"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct front f = wrapped(table[i].stmts);
        if (!f.ok || inverted(&f, 1))
            fail_msg("%s\n%s", table[i].stmts, front_said(&f));
        f.out.n = 0;
        if (!strstr(front_said(&f), table[i].said) ||
            !strstr((char *)f.out.at, "E0601"))
            fail_msg("%s\n%s", table[i].stmts, (char *)f.out.at);
        front_close(&f);
    }
}

/* ---- programs ------------------------------------------------------------ */

static int check_folder(const char *folder)
{
    DIR *d = opendir(folder);
    struct dirent *e;
    char path[600];
    const char *why;
    int n = 0;

    while (d && (e = readdir(d))) {
        struct front f = {.mem = NULL};
        size_t len = strlen(e->d_name);
        if (len < 4 || strcmp(e->d_name + len - 4, ".pal"))
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        f.mem = mem_open(&mem_compiler, NULL);
        f.src = source_read(f.mem, path, &why);
        assert_non_null(f.src);
        f.u = unit_open(f.mem, f.src);
        f.out = bytes_in(f.mem);
        if (parse_unit(f.u) && inverted(&f, 1))
            check_twice(&f, path);
        front_close(&f);
        n++;
    }
    if (d)
        closedir(d);
    return n;
}

static void test_programs(void **state)
{
    (void)state;
    assert_true(check_folder("tests/invert") > 0);
    check_folder("tests/lang/rev");
    check_folder("examples/rev");
}

/* ---- random functions ---------------------------------------------------- */

struct grower {
    struct bytes *out;
    uint64_t seed;
};

static uint32_t pick(struct grower *g, uint32_t n)
{
    g->seed = g->seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(g->seed >> 33) % n;
}

/* One of a few names that are easily taken for each other. */
static const char *some_name(struct grower *g)
{
    static const char *const names[] = {"i",      "j", "i_back", "i_back_",
                                        "j_back", "x", "f",      "f_inverse"};
    return names[pick(g, 8)];
}

static void grow_stmts(struct grower *g, uint32_t depth);

static void grow_for(struct grower *g, uint32_t depth)
{
    const char *i = some_name(g), *k = some_name(g), *n = some_name(g);

    if (!strcmp(i, n) || !strcmp(k, n))
        n = "n";
    if (pick(g, 2)) {
        bytes_printf(g->out, "for %s in 0..%s {\n", i, n);
        grow_stmts(g, depth);
    } else {
        bytes_printf(g->out, "for %s in 0..%s {\nlocal %s = %s - 1 - %s\n", k,
                     n, i, n, k);
        grow_stmts(g, depth);
        bytes_printf(g->out, "delocal %s = %s - 1 - %s\n", i, n, k);
    }
    bytes_str(g->out, "}\n");
}

static void grow_stmt(struct grower *g, uint32_t depth)
{
    const char *a = some_name(g), *b = some_name(g);

    switch (pick(g, depth ? 9 : 4)) {
    case 0: bytes_printf(g->out, "%s += %s\n", a, b); break;
    case 1: bytes_printf(g->out, "%s(&%s)\n", a, b); break;
    case 2: bytes_printf(g->out, "uncall %s(&%s)\n", a, b); break;
    case 3: bytes_printf(g->out, "pop(%s, &%s)\n", a, b); break;
    case 4:
        bytes_printf(g->out, "local %s = 1\n", a);
        grow_stmts(g, depth - 1);
        bytes_printf(g->out, "delocal %s: int = 2\n", a);
        break;
    case 5:
        bytes_printf(g->out, "if %s > 0 {\n", a);
        grow_stmts(g, depth - 1);
        bytes_printf(g->out, "} fi %s else if b {\n", b);
        grow_stmts(g, depth - 1);
        bytes_str(g->out, "} fi c\n");
        break;
    case 6:
        bytes_str(g->out, "within {\n");
        grow_stmts(g, depth - 1);
        bytes_str(g->out, "} apply {\n");
        grow_stmts(g, depth - 1);
        bytes_str(g->out, "}\n");
        break;
    default: grow_for(g, depth - 1);
    }
}

static void grow_stmts(struct grower *g, uint32_t depth)
{
    for (uint32_t n = pick(g, 3) + 1; n; n--)
        grow_stmt(g, depth);
}

/* Some hide the name of their range's end, or pair a `local` with one
 * inside: those are refused. */
static void test_random(void **state)
{
    struct mem *m = mem_open(&mem_compiler, NULL);
    struct bytes text = bytes_in(m);
    struct grower g = {&text, 1};
    int inverses = 0;

    (void)state;
    for (int i = 0; i < 5000; i++) {
        struct front f;
        text.n = 0;
        bytes_str(&text, "rev fn f() {\n");
        grow_stmts(&g, 4);
        bytes_str(&text, "}\n");
        f = front_open_n((char *)text.at, text.n);
        assert_true(f.ok);
        if (inverted(&f, 1)) {
            check_twice(&f, "random function");
            inverses++;
        }
        front_close(&f);
    }
    assert_true(inverses > 2500);
    bytes_free(&text);
    mem_close(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_updates),   cmocka_unit_test(test_calls),
        cmocka_unit_test(test_control),   cmocka_unit_test(test_for),
        cmocka_unit_test(test_functions), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_programs),  cmocka_unit_test(test_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
