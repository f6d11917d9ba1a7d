/* Modules: which file an import means, what each sees of the other, and what
 * is said where something is wrong.  The files are in a directory of their
 * own. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/front_kit.h"

/* ---- files --------------------------------------------------------------- */

enum { FILES = 5 };

struct file {
    const char *path, *text;
};

static void write_text(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static int enter_directory(void **state)
{
    char *path = strdup("/tmp/pal-modules-XXXXXX");

    *state = path;
    return !mkdtemp(path) || chdir(path) || mkdir("lib", 0777) ||
           mkdir("std", 0777);
}

static int leave_directory(void **state)
{
    char command[100];
    int status;

    snprintf(command, sizeof command, "rm -rf %s", (char *)*state);
    status = chdir("/") || system(command);
    free(*state);
    return status;
}

/* ---- checking ------------------------------------------------------------ */

struct program {
    struct mem *mem;
    struct source *src;
    struct unit *u;
    bool ok;
};

static struct program check_file(const char *path, const char *stdlib)
{
    struct program p = {.mem = mem_open(&mem_compiler, NULL)};
    const char *why = NULL;

    p.src = source_read(p.mem, path, &why);
    assert_null(why);
    p.u = unit_open(p.mem, p.src);
    p.u->files = true;
    p.u->stdlib = stdlib;
    p.ok = parse_unit(p.u) && sema_check(p.u);
    return p;
}

static void close_program(struct program *p)
{
    struct mem_stats left;

    unit_close(p->u);
    source_free(p->mem, p->src);
    mem_stats(p->mem, &left);
    assert_int_equal(left.live, 0);
    mem_close(p->mem);
}

/* What was reported, as "E0201 main.pal:3:9" for each, in order. */
static char *reported(const struct program *p)
{
    struct bytes text = bytes_in(p->mem), out = bytes_in(p->mem);
    char *copy, *line, *rest;

    diags_render(p->u->diags, false, &text);
    bytes_byte(&text, 0);
    line = strtok_r((char *)text.at, "\n", &rest);
    for (; line; line = strtok_r(NULL, "\n", &rest)) {
        const char *code = strchr(line, '['), *at = strstr(line, "--> ");
        if (!strncmp(line, "error[", 6) || !strncmp(line, "warning[", 8))
            bytes_printf(&out, "%s%.5s", out.n ? "\n" : "", code + 1);
        else if (at)
            bytes_printf(&out, " %s", at + 4);
    }
    bytes_byte(&out, 0);
    copy = strdup((const char *)out.at);
    bytes_free(&text);
    bytes_free(&out);
    return copy;
}

struct scene {
    const char *want; /* what is reported; "": nothing */
    const char *main;
    struct file files[FILES];
    const char *stdlib;
};

/* Whether just what is wanted was reported; says so where not. */
static bool play(const struct scene *s)
{
    struct program p;
    char *got;
    bool same;

    for (int i = 0; i < FILES && s->files[i].path; i++)
        write_text(s->files[i].path, s->files[i].text);
    write_text("main.pal", s->main);
    p = check_file("main.pal", s->stdlib);
    got = reported(&p);
    same = !strcmp(got, s->want);
    if (!same)
        print_error("%s\n--- wanted:\n%s\n--- got:\n%s\n", s->main, s->want,
                    got);
    same &= p.ok == !strchr(s->want, 'E');
    free(got);
    close_program(&p);
    for (int i = 0; i < FILES && s->files[i].path; i++)
        unlink(s->files[i].path);
    return same;
}

static void play_all(const struct scene *scenes, size_t n)
{
    size_t wrong = 0;

    for (size_t i = 0; i < n; i++)
        wrong += !play(&scenes[i]);
    assert_int_equal(wrong, 0);
}
#define PLAY(scenes) play_all(scenes, sizeof(scenes) / sizeof *(scenes))

/* ---- what is seen -------------------------------------------------------- */

static void test_members(void **state)
{
    static const struct scene scenes[] = {
        {"",
         "import \"lib/a\"\n"
         "fn main() {\n"
         "    let p: a.P = a.P(x: 1)\n"
         "    a.n += 1\n"
         "    print(a.twice(p.x), p.more(), a.n, a.k)\n"
         "}",
         {{"lib/a.pal",
           "pub struct P { x: int }\npub var n = 1\npub let k = 2\n"
           "pub fn twice(x: int) -> int = 2 * x\n"
           "pub fn more(p: P) -> int = p.x + hidden()\n"
           "fn hidden() -> int = 1\n"}},
         NULL},
        {"", /* an alias; an option of the path */
         "import \"./lib/../lib/a\" as b\nfn main() { print(b.f()) }",
         {{"lib/a.pal", "pub fn f() -> int = 1"}},
         NULL},
        {"", /* locals hide modules */
         "import \"lib/a\"\nstruct S { f: int }\n"
         "fn main() { let x = a.f(); let a = S(x); print(a.f) }",
         {{"lib/a.pal", "pub fn f() -> int = 1"}},
         NULL},
        {"", /* a module passed on */
         "import \"lib/a\"\nfn main() { print(a.b.f(), a.b.n) }",
         {{"lib/a.pal", "pub import \"b\""},
          {"lib/b.pal", "pub fn f() -> int = 1\npub let n = 2"}},
         NULL},
        {"E0207 main.pal:2:21",
         "import \"lib/a\"\nfn main() { print(a.b.f()) }",
         {{"lib/a.pal", "import \"b\"\npub fn g() -> int = b.f()"},
          {"lib/b.pal", "pub fn f() -> int = 1"}},
         NULL},
        {"E0282 main.pal:2:21\nE0282 main.pal:2:28\nE0282 main.pal:2:33",
         "import \"lib/a\"\nfn main() { print(a.f(), a.n, a.S(1)) }",
         {{"lib/a.pal", "fn f() -> int = n\nlet n = 2\nstruct S { x: int }\n"
                        "pub fn g() -> int = f() + S(1).x"}},
         NULL},
        {"E0282 main.pal:1:27", /* a type, and a method */
         "import \"lib/a\"; fn f(x: a.S) -> int = x.g()\n"
         "fn main() { print(f(a.h())) }",
         {{"lib/a.pal", "struct S { x: int }\npub fn h() -> S = S(1)\n"
                        "pub fn g(s: S) -> int = s.x"}},
         NULL},
        {"E0282 main.pal:2:25",
         "import \"lib/a\"\nfn main() { print(a.h().g()) }",
         {{"lib/a.pal",
           "struct S { x: int }\npub fn h() -> S = S(1)\n"
           "fn g(s: S) -> int = s.x\npub fn k() -> int = h().g()"}},
         NULL},
        {"E0207 main.pal:2:21\nE0205 main.pal:2:34\n"
         "E0205 main.pal:2:37",
         "import \"lib/a\"\nfn main() { print(a.ff(), a.f, a.S, a) }",
         {{"lib/a.pal", "pub fn f() -> int = 1\npub struct S { x: int }"}},
         NULL},
        {"E0230 main.pal:2:15\nE0240 main.pal:3:7",
         "import \"lib/a\"\nfn main() { a.k = 2\n    a.k(1)\n    a.f(&a.n) }",
         {{"lib/a.pal", "pub let k = 1\npub var n = 1\n"
                        "pub fn f(mut x: int) { x += 1 }"}},
         NULL},
        {"E0208 main.pal:2:9\nE0207 main.pal:2:19\nE0266 main.pal:2:25",
         "import \"lib/a\"\nfn f(x: a.f, y: a.T, z: a.S[int]) { print(x, y, z) "
         "}",
         {{"lib/a.pal", "pub fn f() -> int = 1\npub struct S { x: int }"}},
         NULL},
        {"E0210 main.pal:3:22", /* types of one name are two */
         "import \"lib/a\"\nstruct S { x: int }\nfn main() { "
         "print(f([a.S(1)])) }\n"
         "fn f(s: [S]) -> int = s[0].x",
         {{"lib/a.pal", "pub struct S { x: int }"}},
         NULL},
    };

    (void)state;
    PLAY(scenes);
}

static void test_methods(void **state)
{
    static const struct scene scenes[] = {
        {"", /* of the type's module, then in scope */
         "import \"lib/a\"\nfn g(s: a.S) -> int = 2\nfn f(n: int) -> int = n\n"
         "fn main() { print(a.h().f(), a.h().g(), 5.f()) }",
         {{"lib/a.pal", "pub struct S { x: int }\npub fn h() -> S = S(1)\n"
                        "pub fn f(s: S) -> int = s.x"}},
         NULL},
        {"", /* of built-in types: the standard library, without import */
         "fn twice(n: [int]) -> int = n.len\n"
         "fn main() { print([1, 2].sum(), 5.twice(), [1].twice(), "
         "\"a\".twice(),\n"
         "    1.5.half()) }",
         {{"std/list.pal",
           "import math\npub fn sum(xs: [int]) -> int { var n = 0\n"
           "for x in xs { n = math.add(n, x) }\nid(n) }\n"
           "fn id(n: int) -> int = n\n"},
          {"std/math.pal", "pub fn add(a: int, b: int) -> int = a + b\n"
                           "pub fn twice(n: int) -> int = 2 * n\n"
                           "pub fn half(x: float) -> float = x / 2.0\n"
                           "fn unused() -> int = wrong\n"},
          {"std/str.pal", "pub fn twice(s: str) -> str = s + s"}},
         "std"},
        {"E0247 main.pal:1:24", /* not pub, or not of that type */
         "fn main() { print([\"\"].sum(), [1].own()) }\n"
         "fn own(xs: [int]) -> int = xs.len",
         {{"std/list.pal", "pub fn sum(xs: [int]) -> int = own(xs)\n"
                           "fn own(xs: [int]) -> int = 0"}},
         "std"},
        {"", /* nothing is read that no method asks for */
         "fn main() { print([1].len, [1].mine()) }\n"
         "fn mine(xs: [int]) -> int = 0",
         {{"std/list.pal", "this is no program"}},
         "std"},
    };

    (void)state;
    PLAY(scenes);
}

static void test_once(void **state)
{
    struct program p;

    (void)state;
    write_text("lib/a.pal", "pub struct S { x: int }\npub var n = 1");
    write_text("lib/b.pal",
               "import \"../lib/a\"\npub fn f(s: a.S) { a.n += s.x }");
    assert_int_equal(symlink("a.pal", "lib/c.pal"), 0);
    write_text("main.pal",
               "import \"lib/a\"\nimport \"lib/b\"\nimport \"lib/c\"\n"
               "fn main() { b.f(a.S(1)); b.f(c.S(1)) }");
    p = check_file("main.pal", NULL);
    assert_true(p.ok);
    assert_int_equal(p.u->modules.n, 3);
    assert_int_equal(p.u->globals.n, 1);
    assert_string_equal(p.u->modules.at[0]->src->path, "lib/a.pal");
    assert_ptr_equal(p.u->modules.at[2], p.u->top);
    close_program(&p);
    unlink("lib/c.pal");
}

/* ---- what goes wrong ----------------------------------------------------- */

static void test_imports_that_fail(void **state)
{
    static const struct scene scenes[] = {
        {"E0280 main.pal:1:8",
         "import \"gone\"\nfn main() { gone.f() }",
         {{NULL, NULL}},
         NULL},
        {"E0280 main.pal:1:8",
         "import \"lib\" as l\nfn main() { l.f() }",
         {{"lib/x.pal", ""}},
         NULL},
        {"E0206 main.pal:1:8",
         "import a\nfn main() { a.f() }",
         {{"a.pal", "pub fn f() {}"}},
         NULL},
        {"E0201 a.pal:1:20",
         "import \"a\"\nfn main() { a.f() }",
         {{"a.pal", "pub fn f() { print(x) }"}},
         NULL},
        {"E0101 a.pal:1:8",
         "import \"a\"\nfn main() { a.f(); a.n += 1 }",
         {{"a.pal", "pub fn (x: int) { }"}},
         NULL},
        {"E0114 a.pal:1:1",
         "import \"a\"\nfn main() { a.f() }",
         {{"a.pal", "\xff"}},
         NULL},
        {"",
         "import \"a\"\nfn main() { a.f() }",
         {{"a.pal", "pub import \"b\"\npub fn f() {}"}, {"b.pal", ""}},
         NULL},
        {"E0202 main.pal:2:8",
         "import \"a\"\nimport \"lib/a\"\nfn main() { a.f() }",
         {{"a.pal", "pub fn f() {}"}, {"lib/a.pal", ""}},
         NULL},
        {"E0281 main.pal:1:8",
         "import \"main\" as m\nfn main() { }",
         {{NULL, NULL}},
         NULL},
        {"E0281 lib/b.pal:1:8",
         "import \"lib/a\"\nfn main() { a.f() }",
         {{"lib/a.pal", "import \"b\"\npub fn f() {}"},
          {"lib/b.pal", "import \"../lib/a\"\npub fn f() { a.f() }"}},
         NULL},
        {"E0203 a.pal:1:9",
         "import \"a\"\nfn main() { a.f() }",
         {{"a.pal", "let x = f()\nlet y = 1\npub fn f() -> int = y"}},
         NULL},
        {"",
         "import \"a\"\nlet x = a.f()\nfn main() { print(x) }",
         {{"a.pal", "let y = 1\npub fn f() -> int = y"}},
         NULL},
        {"E0224 a.pal:1:12",
         "import \"a\"\nstruct T { s: a.S }\nfn main() { }",
         {{"a.pal", "pub struct S { s: S }"}},
         NULL},
    };

    (void)state;
    PLAY(scenes);
}

static void test_warnings(void **state)
{
    static const struct scene scenes[] = {
        {"W0302 a.pal:2:4\nW0301 a.pal:3:5\nW0303 main.pal:2:8",
         "import \"a\"\nimport \"b\"\nfn main() { a.f() }",
         {{"a.pal", "pub fn f() { }\nfn g() { }\nlet n = 1\npub let m = 1\n"
                    "fn main() { }"},
          {"b.pal", "pub import os"}},
         NULL},
        {"",
         "fn main() { print([1].first()) }",
         {{"std/list.pal", "import os\npub fn first(xs: [int]) -> int "
                           "{ let unused = 1; xs[0] }\nfn f() { }"},
          {"std/os.pal", ""}},
         "std"},
    };

    (void)state;
    PLAY(scenes);
}

static void test_natives(void **state)
{
    static const struct scene scenes[] = {
        {"",
         "import os\nfn main() { print(os.a(), os.b(1), os.c([1], 0, 2)) }",
         {{"std/os.pal", "pub fn a() -> [str] = native(\"os_args\")\n"
                         "pub fn b(n: int) -> str = native(\"chr\", n)\n"
                         "pub fn c(xs: [int], i: int, j: int) -> [int] = "
                         "native(\"list_slice\", xs, i, j)\n"
                         "pub fn d(m: [str: int], k: str) -> int = "
                         "native(\"map_at_rs\", m, k)"}},
         "std"},
        {"E0286 std/os.pal:1:23",
         "import os\nfn main() { print(os.a()) }",
         {{"std/os.pal", "pub fn a() -> [int] = native(\"os_args\")"}},
         "std"},
        {"E0286 std/os.pal:1:21",
         "import os\nfn main() { print(os.a()) }",
         {{"std/os.pal", "pub fn a() -> str = native(\"no_such_row\")"}},
         "std"},
        {"E0286 std/os.pal:1:21",
         "import os\nfn main() { print(os.a()) }",
         {{"std/os.pal", "pub fn a() -> str = native(\"chr\")"}},
         "std"},
        {"E0286 std/os.pal:1:27",
         "import os\nfn main() { print(os.a(\"\")) }",
         {{"std/os.pal", "pub fn a(s: str) -> str = native(\"chr\", s)"}},
         "std"},
        {"E0286 std/os.pal:1:21",
         "import os\nfn main() { print(os.a()) }",
         {{"std/os.pal", "pub fn a() -> int { native(\"os_args\").len }"}},
         "std"},
        {"E0286 std/os.pal:1:33",
         "import os\nfn main() { os.a([1.5], 1) }",
         {{"std/os.pal", "pub fn a(xs: [float], x: int) = "
                         "native(\"list_fill\", xs, 1, x)"}},
         "std"},
        {"",
         "import os\nfn main() { print(os.a(\"\"), os.b(\"\", 0), "
         "os.c([1], 1), os.c([\"\"], \"\"), os.d([1.5]), "
         "os.e([1: \"\"], 1)) }",
         {{"std/os.pal",
           "pub fn a(s: str) -> str? = native(\"os_env\", s)\n"
           "pub fn b(s: str, i: int) -> (bool, str, int) = "
           "native(\"json_string_at\", s, i)\n"
           "pub fn c[T](xs: [T], x: T) -> int? = "
           "native(\"list_index_of\", xs, x)\n"
           "pub fn d[T](xs: [T]) -> T = native(\"list_sum\", xs)\n"
           "pub fn e[K, V](m: [K: V], k: K) -> V? = "
           "native(\"map_find\", m, k)"}},
         "std"},
        {"E0286 std/os.pal:1:35",
         "import os\nfn main() { print(os.a(\"\")) }",
         {{"std/os.pal", "pub fn a(s: str) -> (str, bool) = "
                         "native(\"os_env\", s)"}},
         "std"},
        {"E0238 main.pal:2:22", /* said where the types come from */
         "import os\nfn main() { print(os.a([\"\"])) }",
         {{"std/os.pal",
           "pub fn a[T](xs: [T]) -> T = native(\"list_sum\", xs)"}},
         "std"},
        {"E0280 std/os.pal:1:8",
         "import os\nfn main() { os.f() }",
         {{"std/os.pal", "import \"x\"\npub fn f() { x.g() }"},
          {"std/x.pal", "pub fn g() { }"}},
         "std"},
    };

    (void)state;
    PLAY(scenes);
}

/* A chain of modules as long as a program may have, and one longer. */
static void test_many(void **state)
{
    enum { MOST = 10000 };
    char path[40], text[40];
    struct program p;

    (void)state;
    assert_int_equal(mkdir("many", 0777), 0);
    for (int i = 1; i <= MOST; i++) {
        snprintf(path, sizeof path, "many/m%d.pal", i);
        snprintf(text, sizeof text, "import \"m%d\"", i + 1);
        write_text(path, i == MOST - 1 ? "" : text);
    }
    write_text("main.pal", "import \"many/m1\"\nfn main() { }");
    p = check_file("main.pal", NULL);
    assert_true(p.ok);
    assert_int_equal(p.u->modules.n, MOST);
    close_program(&p);
    snprintf(path, sizeof path, "many/m%d.pal", MOST - 1);
    write_text(path, "import \"m10000\"");
    p = check_file("main.pal", NULL);
    assert_false(p.ok);
    char *got = reported(&p);
    assert_string_equal(got, "E0284 many/m9999.pal:1:8");
    free(got);
    close_program(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_members),
        cmocka_unit_test(test_methods),
        cmocka_unit_test(test_once),
        cmocka_unit_test(test_imports_that_fail),
        cmocka_unit_test(test_warnings),
        cmocka_unit_test(test_natives),
        cmocka_unit_test(test_many),
    };

    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
