/* test_parser.c - the grammar: what it takes and refuses, the trees it makes,
 * its limits, and how it goes on behind errors. */
#include "tests/unit/front_kit.h"

/* ---- cases of grammar_cases.def ------------------------------------------ */

/* ast_print's lines from `line` on as nested parentheses. */
static const char *add_tree(struct bytes *out, const char *line)
{
    size_t level = strspn(line, " ");
    const char *end = strchr(line, '\n');

    bytes_byte(out, '(');
    bytes_add(out, line + level, (size_t)(end - line) - level);
    line = end + 1;
    while (*line && strspn(line, " ") > level) {
        bytes_byte(out, ' ');
        line = add_tree(out, line);
    }
    bytes_byte(out, ')');
    return line;
}

/* The trees of the block of the file's one function, else of the file. */
static void add_trees(struct front *f)
{
    struct ast_nodes list = AS(file, f->u->file)->decls;
    struct bytes text = bytes_in(f->mem);

    if (list.n == 1 && list.at[0]->kind == AST_FN &&
        AS(fn, list.at[0])->body->kind == AST_BLOCK &&
        AS(fn, list.at[0])->kind == AST_FN_PLAIN)
        list = AS(block, AS(fn, list.at[0])->body)->stmts;
    for (uint32_t i = 0; i < list.n; i++) {
        text.n = 0;
        ast_print(list.at[i], &text);
        bytes_byte(&text, 0);
        if (i)
            bytes_byte(&f->out, ' ');
        add_tree(&f->out, (const char *)text.at);
    }
    bytes_free(&text);
}

static void check_case(const char *source, bool ok, const char *tree)
{
    struct front f = front_open(source);

    if (f.ok != ok)
        fail_msg("%s:\n%s\n%s", ok ? "refused" : "taken", source,
                 front_said(&f));
    if (tree) {
        add_trees(&f);
        if (!strstr(front_text(&f), tree))
            fail_msg("%s\n  is   %s\n  want %s", source, (char *)f.out.at,
                     tree);
    }
    front_close(&f);
}

static void test_grammar(void **state)
{
    (void)state;
#define ACCEPT(source)     check_case(source, true, NULL);
#define REJECT(source)     check_case(source, false, NULL);
#define TREE(source, tree) check_case(source, true, tree);
#include "tests/unit/grammar_cases.def"
#undef ACCEPT
#undef REJECT
#undef TREE
}

/* ---- places -------------------------------------------------------------- */

/* Each node lies within its parent and in the text. */
static void check_place(void *arg, struct ast *node)
{
    struct ast *parent = arg;

    assert_true(node->pos <= node->end);
    assert_true(node->pos >= parent->pos && node->end <= parent->end);
    assert_true(node->depth < parent->depth);
    ast_children(node, check_place, node);
}

static void test_places(void **state)
{
    struct front f = front_open(
        "import os\n/// Doc.\npub fn f(mut a: int) -> [int] {\n"
        "  outer: for i in 0..(a + 1) * 2 { if a == i { break outer } }\n"
        "  try { a += -3 } undo e { print(\"{e.message:>8} b\") }\n"
        "  [1, 2, (3)]\n}\nenum E { A(x: int), B }\n");

    (void)state;
    assert_true(f.ok);
    ast_children(f.u->file, check_place, f.u->file);
    front_close(&f);
}

static struct ast *first_decl(struct front *f)
{
    assert_true(f->ok);
    return AS(file, f->u->file)->decls.at[0];
}

static void test_docs(void **state)
{
    struct front f = front_open("/// One\n///  two\n//// not\n// nor\n"
                                "pub fn f() { }\nlet x = 1\n"
                                "fn g() { }\n");
    struct ast_fn *fn = AS(fn, first_decl(&f));
    struct ast_fn *g = AS(fn, AS(file, f.u->file)->decls.at[2]);

    (void)state;
    assert_null(AS(file, f.u->file)->doc.at);
    assert_int_equal(fn->doc.len, 8);
    assert_memory_equal(fn->doc.at, "One\n two", 8);
    assert_true(fn->pub);
    assert_null(g->doc.at);
    front_close(&f);
}

/* The doc of the file and that of its first declaration, "-" for none. */
static void check_file_doc(const char *source, const char *file,
                           const char *first)
{
    struct front f = front_open(source);
    struct ast_file *n = AS(file, f.u->file);
    struct ast_bytes doc = n->doc;

    assert_true(f.ok);
    assert_string_equal(doc.at ? doc.at : "-", file);
    doc = n->decls.n && n->decls.at[0]->kind == AST_FN
              ? AS(fn, n->decls.at[0])->doc
              : (struct ast_bytes){0};
    assert_string_equal(doc.at ? doc.at : "-", first);
    front_close(&f);
}

static void test_file_docs(void **state)
{
    (void)state;
    check_file_doc("/// f\nfn f() { }", "-", "f");
    check_file_doc("/// m\n\nfn f() { }", "m", "-");
    check_file_doc("/// m\n \t\r\n/// f\nfn f() { }", "m", "f");
    check_file_doc("/// m\n///\n/// n\n\n/// o\n\n/// f\nfn f() { }",
                   "m\n\nn\n\no", "f");
    check_file_doc("\n// c\n/// m\n\n// c\n\nfn f() { }", "m", "-");
    check_file_doc("/// f\n// c\n/// g\nfn f() { }", "-", "f\ng");
    check_file_doc("/// m\nimport os", "m", "-");
    check_file_doc("/// m\npub import os", "m", "-");
    check_file_doc("/// m\n\n/// none\nimport os\n/// lost\n\nlet x = 1",
                   "m\n\nnone", "-");
    check_file_doc("fn f() { }\n/// no\n\nfn g() { }", "-", "-");
    check_file_doc("/// m", "m", "-");
    check_file_doc("///\n\nfn f() { }", "-", "-");
    check_file_doc("\xef\xbb\xbf/// m\r\n\r\nfn f() { }", "m", "-");
}

/* ---- limits -------------------------------------------------------------- */

/* prefix, then n times `in`, middle, n times `out`, suffix. */
static struct front repeated(const char *prefix, const char *in,
                             const char *middle, const char *out,
                             const char *suffix, uint32_t n)
{
    struct mem *m = mem_open(&mem_compiler, NULL);
    struct bytes b = bytes_in(m);
    struct front f;

    bytes_str(&b, prefix);
    for (uint32_t i = 0; i < n; i++)
        bytes_str(&b, in);
    bytes_str(&b, middle);
    for (uint32_t i = 0; i < n; i++)
        bytes_str(&b, out);
    bytes_str(&b, suffix);
    assert_false(b.failed);
    f = front_open_n((char *)b.at, b.n);
    bytes_free(&b);
    mem_close(m);
    return f;
}

/* Taken `n` deep; 100,000 deep one E0116 and nothing else. */
static void check_depth(const char *prefix, const char *in, const char *middle,
                        const char *out, const char *suffix, uint32_t n)
{
    struct front f = repeated(prefix, in, middle, out, suffix, n);

    if (!f.ok)
        fail_msg("%s: %s", in, front_said(&f));
    ast_print(f.u->file, &f.out);
    front_close(&f);
    f = repeated(prefix, in, middle, out, suffix, 100000);
    assert_false(f.ok);
    if (diags_errors(f.u->diags) != 1 || !strstr(front_said(&f), "E0116"))
        fail_msg("%s: %.2000s", in, front_said(&f));
    front_close(&f);
}

static void test_depth(void **state)
{
    (void)state;
    check_depth("let x = ", "(", "1", ")", "\n", 900);
    check_depth("let x = ", "[", "1", "]", "\n", 900);
    check_depth("fn f() ", "{", "", "}", "\n", 900);
    check_depth("fn f() {", "if a {", "", "}", "}\n", 450);
    check_depth("let x = ", "f(", "1", ")", "\n", 900);
    check_depth("let x = ", "\"{", "1", "}\"", "\n", 900);
    check_depth("let x = ", "-", "1", "", "\n", 1900);
    check_depth("let x = ", "not ", "1", "", "\n", 1900);
    check_depth("let x = 1", " + 1", "", "", "\n", 1900);
    check_depth("let x = 1", " ?? 1", "", "", "\n", 1900);
    check_depth("let x = a", ".b", "", "", "\n", 1900);
    check_depth("let x = a", "!", "", "", "\n", 1900);
    check_depth("fn f() { ", "fail ", "1", "", "}\n", 1900);
    check_depth("let x = ", "fn() = ", "1", "", "\n", 1900);
    check_depth("let x = if a { }", " else if b { }", "", "", "\n", 1900);
}

static void test_long(void **state)
{
    struct front f = repeated("let x = [", "1, ", "", "", "]\n", 100000);

    (void)state;
    assert_true(f.ok);
    front_close(&f);
    f = repeated("fn f() {", "a = b + 1;", "", "", "}\n", 100000);
    assert_true(f.ok);
    front_close(&f);
    f = repeated("let x = \"", "{a} ", "", "", "\"\n", 50000);
    assert_true(f.ok);
    front_close(&f);
}

/* ---- recovery ------------------------------------------------------------ */

/* The codes reported, in source order, with their lines. */
static void check_said(const char *source, const char *want)
{
    struct front f = front_open(source);
    const char *p = front_said(&f);
    char got[400] = "";
    char *to = got;

    while ((p = strstr(p, "error["))) {
        const char *at = strstr(p, "t.pal:");
        to += snprintf(to, (size_t)(got + sizeof got - to), "%.*s:%d ", 5,
                       p + 6, atoi(at + 6));
        p = at;
    }
    if (strcmp(got, want))
        fail_msg("%s\n got  %s\n want %s\n%s", source, got, want,
                 (char *)f.out.at);
    front_close(&f);
}

static void test_recovery(void **state)
{
    (void)state;
    check_said("fn f() {\n  a b\n  c\n  let = 3\n}\nfn g() { d e }\n",
               "E0101:2 E0101:4 E0101:6 ");
    check_said("struct S {\n  x int\n  y: int\n  z z\n}\nfn f( { }\nlet y = \n",
               "E0101:2 E0101:4 E0101:6 E0101:7 ");
    check_said("fn f() {\n  foo(a b, { c d; e f })\n  g h\n}\n",
               "E0101:2 E0101:3 ");
    check_said("fn f() {\n  match x {\n    1 -> 2\n    3 => 4\n    5 6\n  }\n}",
               "E0101:3 E0101:5 ");
    check_said("fn f() {\n  print(\"a {b c} d\")\n  print(\"{}\")\n}\n",
               "E0101:2 E0121:3 ");
    check_said("enum E {\n  A(x int)\n  B\n  3\n}\n", "E0101:2 E0101:4 ");
    check_said("x\n\ny z\nfn f() { }\nlet\n", "E0101:1 E0101:3 E0101:5 ");
}

static void test_brackets(void **state)
{
    (void)state;
    check_said("fn f() {\n  a(b\n  let c = 1\n  d(]\n}\n", "E0103:2 E0104:4 ");
    check_said("fn f() {\n  if a {\n    b()\n}\n\nfn g() { }\n", "E0103:2 ");
    check_said("fn f() { }\n}\nfn g() { }\n", "E0104:2 ");
    check_said("fn f() { [(a }\n", "E0103:1 ");
    check_said("fn f() {\n  a", "E0103:1 ");
    check_said("fn f() {\n  print(\"a {b)\n  c\n}\n", "E0107:2 ");
    check_said("fn f() {\n  print(\"a {b\")\n  c\n}\n", "E0107:2 ");
    check_said("fn f() {\n  print(\"a)\n  c\n}\n", "E0105:2 ");
    check_said("fn f() {\n  a = \"\"\"\n b\n}\n", "E0105:2 ");
    check_said("fn f() { /* a /* b */ }\n", "E0106:1 ");
    /* a text that was meant to have lines */
    check_said("fn f() {\n  a = \"b\nc\"\n  d e\n}\n", "E0105:2 E0101:4 ");
    check_said("fn f() {\n  g(\"b\n  c d\n  e\")\n  d e\n}\n",
               "E0105:2 E0101:5 ");
    check_said("fn f() {\n  g(\"b)\n  g(\"c)\n}\n", "E0105:2 E0105:3 ");
    check_said("fn f() {\n  a = \"b {c,\n  d\"\n  e f\n}\n",
               "E0101:2 E0101:4 ");
    check_said("fn f() {\n  a = \"b {c\n  d\"\n  e f\n}\n", "E0101:3 E0101:4 ");
    check_said("fn f() {\n  a = \"b {c +\n  \"\n  e f\n}\n",
               "E0107:2 E0101:4 ");
    /* a declaration that no block can hold */
    check_said("struct A {\n  x: int\n\nstruct B { z: int }\nfn f() { }\n",
               "E0103:1 ");
    check_said("enum A {\n  X\n\nfn f() { }\ntest \"a\" { }\nlet x y\n",
               "E0103:1 E0101:6 ");
    check_said("fn g() {\n  if a {\n    b()\n}\nstruct A { x: int }\n",
               "E0103:2 ");
    check_said("fn g() {\n  b()\n\nfn f() { }\nimport os\nfn h() { a b }\n",
               "E0103:1 E0101:6 ");
}

static void test_habits(void **state)
{
    (void)state;
    check_said("fn f() {\n a && b\n a || b\n if !a { }\n a++\n a--\n}\n",
               "E0117:2 E0117:3 E0117:4 E0117:5 E0117:6 ");
    check_said("fn f() {\n if a = 1 { }\n a = b = c\n a < b < c\n}\n",
               "E0125:2 E0125:3 E0119:4 ");
    check_said("function f() { }\nfn g() {\n const x = 1\n let while = 1\n}\n",
               "E0118:1 E0118:3 E0124:4 ");
    check_said("fn f() {\n try { a } catch e { b }\n c\n}\n", "E0118:2 ");
}

/* What belongs to a broken head is skipped with it. */
static void test_heads(void **state)
{
    (void)state;
    check_said("fn f()\n{\n  a\n  b\n}\nlet x y\n", "E0101:1 E0101:6 ");
    check_said("fn f() {\n  if a\n  {\n    b\n  } else\n  {\n    c\n  }\n"
               "  d e\n}\n",
               "E0101:2 E0101:9 ");
    check_said("fn f() {\n  while a\n  {\n  }\n  x y\n  { a b }\n}\n",
               "E0101:2 E0101:5 E0101:6 ");
    check_said("struct A // one\n// two\n{\n  x: int\n}\nfn f() { a b }\n",
               "E0101:1 E0101:6 ");
    check_said("fn f() -> int sum\n{\n  a\n}\nfn g() { a b }\n",
               "E0101:1 E0101:5 ");
    check_said("fn f() -> int sum\n  let a = 1\n  return a\n}\n"
               "fn g() { a b }\n}\n",
               "E0101:1 E0101:5 E0104:6 ");
    check_said("fn f() {\n  for let i = 0; i < 3; i += 1 { a }\n  b c\n}\n",
               "E0101:2 E0101:3 ");
    check_said("fn f() {\n  for i = 0; i < 3; i += 1 { a }\n  b c\n}\n",
               "E0101:2 E0101:3 ");
    check_said("fn f() {\n  let x = try 5\n  undo e { a }\n  b c\n}\n",
               "E0101:3 E0101:4 ");
    check_said("fn f() {\n  a\n  undo e { a }\n  undo { b c }\n}\n",
               "E0101:3 E0101:4 ");
    check_said("fn f() {\n  match { 1 => 2 }\n  b c\n}\n", "E0101:2 E0101:3 ");
    check_said("import\nfn f() {\n  a b\n}\n", "E0101:1 E0101:3 ");
    check_said("fn f() {\n  let x =\n  let y = 2\n  a b\n}\n",
               "E0101:2 E0101:4 ");
}

/* Common mistakes get one diagnostic, which says what to write. */
static void test_helps(void **state)
{
    static const struct {
        const char *text, *part;
    } table[] = {
        {"fn f(n: int = 1) -> int = n", "no default values"},
        {"fn f(n: [int] = []) -> int = n", "no default values"},
        {"struct P {\n  x: int = 1\n}", "no default values"},
        {"fn f() {\n let p = P{x: 1}\n}", "by a call: `P(x: ...)`"},
        {"fn f() {\n let p = P{}\n}", "by a call: `P(...)`"},
        {"fn f() {\n let p = new P(1)\n}", "made by a call"},
        {"fn f() {\n let g = lambda x: x\n}", "`fn(x) = x + 1`"},
        {"fn f() {\n try {\n  g()\n }\n g()\n}", "undo e { ... }"},
        {"fn f() {\n let x = try g()\n}", "stands `else`"},
        {"fn f() {\n for i, x in xs { }\n}", "for (i, x) in xs.enumerate()"},
        {"fn f() {\n print(1\n print(2)\n}", "this is never closed"},
        {"fn f(a: int {\n}\nfn g() { }", "this is never closed"},
        {"fn f() -> int {\n retrun 1\n}", "did you mean `return`?"},
        {"fn f() {\n whlie x { }\n}", "did you mean `while`?"},
        {"fn f() {\n if a { } esle { }\n}", "did you mean `else`?"},
        {"fucntion g() { }", "did you mean `fn`?"},
        {"strcut P { x: int }", "did you mean `struct`?"},
        {"fn f() {\n Let x = 1\n}", "did you mean `let`?"},
        {"fn f() {\n If x { }\n}", "did you mean `if`?"},
        {"fn f() {\n g(1 2)\n}", "a `,` missing"},
        {"fn f() {\n g([a,\n  b\n  \"c\"])\n}", "a `,` missing"},
        {"fn f() {\n while x\n {\n }\n}", "on the line of what"},
        {"test \"a {b}\" { }", "a test is a plain string"},
        {"fn f() {\n let a;\n}", "its value where it is declared"},
        {"fn f():\n  g()\n", "stand in braces"},
        {"fn f(): int {\n}", "behind `->`"},
        {"fn f() {\n if (a) g()\n}", "stand in braces"},
        {"fn f() {\n for (var i = 0; i < 9; i++) { }\n}", "0..n"},
        {"fn f() {\n print(f\"a {b}\")\n}", "no prefix"},
        {"fn f() {\n print(xs[1:2])\n}", "xs[from..to]"},
        {"fn f() {\n let a = [x for x in xs]\n}", "`push` in a loop"},
        {"fn f() {\n let a = {\"a\": 1}\n}", "[key: value]"},
        {"struct P {\n x: int\n fn f() { }\n}", "outside the struct"},
        {"import\nfn f() { }", "t.pal:1:7"},
        {"import\nfn f() { }", "`import os`"},
        {"fn f() {\n for (let i = 0; i < 9; i += 1) { }\n}", "0..n"},
        {"fn f() {\n for (int i = 0; i < 9; i++) { }\n}", "0..n"},
        {"fn f() {\n for (i in 0..3) { }\n}", "without parentheses"},
        {"fn f() {\n for in 0..3 { }\n}", "`for x in xs { ... }`"},
        {"fn f(a int) { }", "fn f(a: int) { }"},
        {"fn f(b: int, a [int]) { }", "`)`"},
        {"fn f() {\n let a int = 5\n}", "let a: int = 5"},
        {"fn f() {\n var int a = 5\n}", "var a: int = 5"},
        {"fn f(int a) { }", "fn f(a: int) { }"},
        {"fn f(a: int b: int) { }", "a `,` missing"},
        {"struct P { x int }", "{ x: int }"},
        {"fn f(a: int) int { a }", "fn f(a: int) -> int { a }"},
        {"fn f(a: int) [int] = a", "-> [int] = a"},
        {"fn f(a: int) => int { a }", "behind `->`"},
        {"fn f() print(1)", "stand in braces"},
        {"fn f() {\n if a { } else if { b }\n}", "t.pal:2:19"},
        {"fn f() {\n if { b }\n}", "expected a condition, found `{`"},
        {"fn f() {\n while {\n  b\n }\n}", "expected a condition"},
        {"fn f() {\n for i in { b }\n}", "expected a list or a range"},
        {"fn f() {\n match { _ => 2 }\n}", "expected a value"},
        {"fn f() {\n let x = 5\n  + 1\n}", "the end of the line before"},
        {"fn f() {\n let x = 5\n  and y\n}", "the end of the line before"},
        {"fn f() {\n x\n  = 5\n}", "the end of the line before"},
        {"let g = 5 +\nlet h = 1", "expected an expression, found the end"},
        {"fn f() {\n let x = +1\n}", "no unary `+`"},
        {"fn f() {\n g(&x.a[0] + 1)\n}", "`&` passes a place"},
        {"fn f() {\n print(f\"a {b}\")\n}", "found a string"},
        {"fn f() {\n print(\"{1 +} {f}\")\n}", "found `}`"},
        {"fn f() {\n undo e { }\n}", "behind the block of its `try`"},
        {"fn f() {\n try { } undo { }\n}", "names the error"},
        {"fn f() {\n try { }\n undo { }\n}", "expected `undo e`"},
        {"fn f() {\n let x = try { 1 }\n}", "expected `undo e`"},
        {"fn f() {\n g(xs[1..])\n}", "both ends"},
        {"fn f() {\n g(xs[..1])\n}", "both ends"},
        {"fn f() {\n g(xs[:1])\n}", "xs[from..to]"},
        {"fn f(a: int[]) { }", "fn f(a: [int]) { }"},
        {"fn f(a: []int) { }", "fn f(a: [int]) { }"},
        {"fn f(a: List<int>) { }", "fn f(a: [int]) { }"},
        {"fn f() -> Vec<[int]> { }", "-> [[int]] { }"},
        {"fn f(a: Map<str, int>) { }", "stand in brackets"},
        {"fn f() {\n let x = 1 if y else 2\n}", "if c { x } else { y }"},
        {"fn f() {\n g(1 if y else 2)\n}", "if c { x } else { y }"},
        {"fn f() {\n if a == 5 g(1)\n}", "stand in braces"},
        {"fn f() {\n while a > 5 a -= 1\n}", "stand in braces"},
        {"fn f() {\n if a { } else g()\n}", "stand in braces"},
        {"fn f() {\n println!(\"{}\", x)\n}", "inside the braces: `{x}`"},
        {"struct P {\n x: int\n\nfn f() { }", "a declaration begins here"},
        {"fn f() {\n let a = \"b\nc\"\n}", "text of several lines"},
        {"fn f() {\n let t = 1.\n print(t)\n}", "let t = 1.0\n"},
        {"fn f() {\n let t = [1., 2]\n}", "[1.0, 2]"},
        {"fn f() {\n let t = 1.e5 + 2\n}", "1.0e5 + 2"},
        {"fn f() {\n let t = 08\n}", "an octal one begins with `0o`"},
        {"fn f() {\n print(\"{3:5d}\")\n}", "[<>^][0][width]"},
        {"fn f() {\n print(\"{:?}\", x)\n}", "before the `:`"},
        {"fn f() {\n if a && b == \"&&\" || c && '\"' == d { } // && e\n}",
         "if a and b == \"&&\" or c and '\"' == d { } // && e\n"},
        {"fn f() {\n a = b ||\n  c\n}", "a = b or\n"},
        {"enum E { A = 1 }", "a variant has no number"},
        {"rev fn f(mut x: int) -> int { x += 1 }",
         "a `rev fn` returns nothing"},
        {"fn f() {\n let a, b = 1, 2\n}", "let (a, b) = (1, 2)"},
        {"fn f() {\n a, b = b, a\n}", "exchanged by `a <=> b`"},
        {"fn f() {\n match a { B(..) => 1 }\n}", "`_` stands for a part"},
        {"fn f() {\n match a { B([]) => 1 }\n}", "lists have no patterns"},
        {"fn f() {\n let a = r\"\"\"b {\n \"c\" \\\n\"\"\"\n}",
         "leave out the `r`"},
        {"fn f() {\n let a = r\"\"\"b\n}", "error[E0105]"},
        {"fn f() {\n del a\n}", "just drop the value"},
        {"async fn f() { }", "there is no `async`"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct front f = front_open(table[i].text);
        const char *said = front_said(&f);
        if (diags_errors(f.u->diags) != 1 || !strstr(said, table[i].part))
            fail_msg("%s\n--- wants %s once, got\n%s", table[i].text,
                     table[i].part, said);
        front_close(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_grammar),  cmocka_unit_test(test_places),
        cmocka_unit_test(test_docs),     cmocka_unit_test(test_file_docs),
        cmocka_unit_test(test_depth),    cmocka_unit_test(test_long),
        cmocka_unit_test(test_recovery), cmocka_unit_test(test_brackets),
        cmocka_unit_test(test_heads),    cmocka_unit_test(test_habits),
        cmocka_unit_test(test_helps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
