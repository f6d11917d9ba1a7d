/* test_print.c - trees as source text: parsed again, the text is the same
 * tree, for every program of the tests and for random expressions; and the
 * form that the text has. */
#include <dirent.h>

#include "frontend/print_source.h"
#include "tests/unit/front_kit.h"

/* ---- round trips --------------------------------------------------------- */

static struct bytes tree_of(struct front *f)
{
    struct bytes out = bytes_in(f->mem);

    ast_print(f->u->file, &out);
    bytes_byte(&out, 0);
    return out;
}

static struct bytes text_of(struct front *f)
{
    struct bytes out = bytes_in(f->mem);

    print_source(f->u->file, &out);
    bytes_byte(&out, 0);
    return out;
}

/* Printed, the file of f parses as the same tree and prints as the same text;
 * `what` names it. */
static void check_print(struct front *f, const char *what)
{
    struct bytes tree = tree_of(f), text = text_of(f), tree2, text2;
    struct front g = front_open((char *)text.at);

    if (!g.ok)
        fail_msg("%s: refused\n%s\n%s", what, (char *)text.at, front_said(&g));
    tree2 = tree_of(&g);
    text2 = text_of(&g);
    if (strcmp((char *)tree.at, (char *)tree2.at))
        fail_msg("%s: another tree\n%s\n-- is\n%s\n-- from\n%s", what,
                 (char *)text.at, (char *)tree2.at, (char *)tree.at);
    assert_string_equal((char *)text.at, (char *)text2.at);
    bytes_free(&tree2);
    bytes_free(&text2);
    front_close(&g);
    bytes_free(&tree);
    bytes_free(&text);
}

static void check_text(const char *source)
{
    struct front f = front_open(source);

    if (f.ok)
        check_print(&f, source);
    front_close(&f);
}

static void test_cases(void **state)
{
    (void)state;
#define ACCEPT(source) check_text(source);
#define REJECT(source)
#define TREE(source, tree) check_text(source);
#include "tests/unit/grammar_cases.def"
#undef ACCEPT
#undef REJECT
#undef TREE
}

static void check_file(const char *path)
{
    const char *why;
    struct front f = {.mem = mem_open(&mem_compiler, NULL)};

    f.src = source_read(f.mem, path, &why);
    assert_non_null(f.src);
    f.u = unit_open(f.mem, f.src);
    f.out = bytes_in(f.mem);
    if (parse_unit(f.u))
        check_print(&f, path);
    front_close(&f);
}

/* Every program of the folder that parses; how many files there are. */
static int check_folder(const char *folder)
{
    DIR *d = opendir(folder);
    struct dirent *e;
    char path[600];
    int n = 0;

    while (d && (e = readdir(d))) {
        size_t len = strlen(e->d_name);
        if (len < 4 || strcmp(e->d_name + len - 4, ".pal"))
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        check_file(path);
        n++;
    }
    if (d)
        closedir(d);
    return n;
}

static void test_programs(void **state)
{
    (void)state;
    assert_true(check_folder("examples") > 10);
    assert_true(check_folder("tests/lang") > 100);

    assert_true(check_folder("tests/invert") > 0);
    check_folder("tests/lang/rev");
    check_folder("examples/rev");
    check_folder("tests/ir");
    check_folder("tests/pvm");
    check_folder("tests/bench");
}

/* ---- random expressions -------------------------------------------------- */

struct grower {
    struct arena *arena;
    struct names *names;
    uint64_t seed;
};

static uint32_t pick(struct grower *g, uint32_t n)
{
    g->seed = g->seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(g->seed >> 33) % n;
}

#define MAKE(g, KIND, name, ...)                                               \
    grow_copy(g, AST_##KIND, &(struct ast_##name){__VA_ARGS__}.head)

static struct ast *grow_copy(struct grower *g, enum ast_kind kind,
                             const struct ast *fields)
{
    struct ast *node = ast_new(g->arena, kind, 0, 0);
    uint8_t was = node->kind;

    memcpy(node, fields, ast_sizes[kind]);
    node->kind = was;
    return node;
}

static struct ast *grow(struct grower *g, uint32_t depth);

static const struct name *grow_name(struct grower *g)
{
    static const char *const words[] = {"a", "b", "search", "fork", "e5"};
    const char *word = words[pick(g, 5)];

    return names_add(g->names, word, (uint32_t)strlen(word));
}

static struct ast_nodes grow_list(struct grower *g, struct ast *first,
                                  struct ast *second)
{
    struct ast_nodes l = {0};

    ast_append(g->arena, &l, first);
    if (second)
        ast_append(g->arena, &l, second);
    return l;
}

static struct ast *grow_block(struct grower *g, uint32_t depth)
{
    return MAKE(g, BLOCK, block, .stmts = grow_list(g, grow(g, depth), NULL));
}

static struct ast *grow_leaf(struct grower *g)
{
    switch (pick(g, 7)) {
    case 0: return MAKE(g, INT, int, .value = pick(g, 300));
    case 1:
        return MAKE(g, INT, int, .value = pick(g, 200), .form = AST_INT_CHAR);
    case 2: return MAKE(g, RETURN, return, .value = NULL);
    case 3: return MAKE(g, BREAK, break, .label = NULL);
    case 4: return MAKE(g, STR, str, .value = {"\n{}\"\\\x01 \x7f'", 9});
    default: return MAKE(g, NAME, name, .name = grow_name(g));
    }
}

static struct ast *grow_operator(struct grower *g, uint32_t depth)
{
    switch (pick(g, 10)) {
    case 0: return MAKE(g, UNARY, unary, .op = OP_NOT, .of = grow(g, depth));
    case 1:
        return MAKE(g, UNARY, unary, .op = pick(g, 2) ? OP_NEG : OP_INV,
                    .of = grow(g, depth));
    case 2:
        return MAKE(g, RANGE, range, .from = grow(g, depth),
                    .to = grow(g, depth));
    default: {
        int op = (int)pick(g, OP_MOD + 1);
        if (op == OP_NOT)
            op = OP_IS;
        return MAKE(g, BINARY, binary, .op = op, .left = grow(g, depth),
                    .right = grow(g, depth));
    }
    }
}

static struct ast *grow_prefix(struct grower *g, uint32_t depth)
{
    struct ast *e = grow(g, depth);

    switch (pick(g, 6)) {
    case 0: return MAKE(g, FAIL, fail, .value = e);
    case 1: return MAKE(g, RETURN, return, .value = e);
    case 2: return MAKE(g, CHOOSE, choose, .from = e);
    case 3:
        return MAKE(g, FN, fn, .kind = AST_FN_LAMBDA, .body = e, .is_expr = 1);
    case 4:
        return MAKE(g, FN, fn, .kind = AST_FN_LAMBDA,
                    .body = grow_block(g, depth));
    default:
        return MAKE(g, TRY_ELSE, try_else, .value = e,
                    .otherwise = grow(g, depth));
    }
}

static struct ast *grow_postfix(struct grower *g, uint32_t depth)
{
    struct ast *e = grow(g, depth);

    switch (pick(g, 5)) {
    case 0:
        return MAKE(g, CALL, call, .callee = e,
                    .args = grow_list(
                        g, MAKE(g, ARG, arg, .value = grow(g, depth)), NULL));
    case 1: return MAKE(g, INDEX, index, .base = e, .index = grow(g, depth));
    case 2: return MAKE(g, MEMBER, member, .base = e, .name = grow_name(g));
    case 3: return MAKE(g, TUPLE_AT, tuple_at, .base = e, .index = 1);
    default: return MAKE(g, UNWRAP, unwrap, .of = e);
    }
}

static struct ast *grow_worded(struct grower *g, uint32_t depth)
{
    switch (pick(g, 6)) {
    case 0: {
        struct ast *no = pick(g, 2) ? grow_block(g, depth) : NULL;
        return MAKE(g, IF, if, .cond = grow(g, depth),
                    .yes = grow_block(g, depth), .no = no);
    }
    case 1: return MAKE(g, UNDO, undo, .body = grow_block(g, depth));
    case 2: {
        struct ast *piece = MAKE(g, PIECE, piece, .value = grow(g, depth));
        return MAKE(g, INTERP, interp, .parts = grow_list(g, piece, NULL));
    }
    case 3:
        return MAKE(g, TUPLE, tuple,
                    .items = grow_list(g, grow(g, depth), grow(g, depth)));
    case 4:
        return MAKE(g, REPEAT, repeat, .item = grow(g, depth),
                    .count = grow(g, depth));
    default: return grow_block(g, depth);
    }
}

static struct ast *grow(struct grower *g, uint32_t depth)
{
    if (!depth || pick(g, 8) == 0)
        return grow_leaf(g);
    depth--;
    switch (pick(g, 8)) {
    case 0: return grow_worded(g, depth);
    case 1:
    case 2: return grow_prefix(g, depth);
    case 3: return grow_postfix(g, depth);
    default: return grow_operator(g, depth);
    }
}

/* Where an expression can stand. */
static struct ast *grow_stmt(struct grower *g)
{
    struct ast *e = grow(g, 4);

    switch (pick(g, 6)) {
    case 0: return MAKE(g, WHILE, while, .cond = e, .body = grow_block(g, 1));
    case 1: return MAKE(g, ASSIGN, assign, .place = e, .value = grow(g, 3));
    case 2: return MAKE(g, UNCALL, uncall, .call = e);
    case 3:
        return MAKE(g, RIF, rif, .cond = e, .yes = grow_block(g, 1),
                    .fi = grow(g, 3), .no = grow_block(g, 1));
    case 4: {
        struct ast *last = MAKE(g, RIF, rif, .cond = grow(g, 3),
                                .yes = grow_block(g, 1), .fi = grow(g, 3));
        return MAKE(g, RIF, rif, .cond = e, .yes = grow_block(g, 1),
                    .fi = grow(g, 3), .no = last);
    }
    default: return e;
    }
}

static void test_random(void **state)
{
    struct grower g = {.seed = 1};

    (void)state;
    for (int i = 0; i < 20000; i++) {
        struct front f = front_open("rev fn r() { x += 1 }");
        struct ast *fn = AS(file, f.u->file)->decls.at[0];
        struct ast_block *body = AS(block, AS(fn, fn)->body);
        char what[40];

        g.arena = f.u->arena;
        g.names = f.u->names;
        snprintf(what, sizeof what, "random expression %d", i);
        body->stmts.at[0] = grow_stmt(&g);
        check_print(&f, what);
        front_close(&f);
    }
}

/* ---- form ---------------------------------------------------------------- */

/* The text of a file is printed as it is. */
static void check_form(const char *source)
{
    struct front f = front_open(source);
    struct bytes text;

    if (!f.ok)
        fail_msg("%s\n%s", source, front_said(&f));
    text = text_of(&f);
    assert_string_equal((char *)text.at, source);
    bytes_free(&text);
    front_close(&f);
}

static void test_form(void **state)
{
    static const char *const values[] = {
        "a - b - c",
        "a - (b - c)",
        "(a + b) * c",
        "a + b * c",
        "-x.y",
        "(-x).y",
        "a - -b",
        "not a in b",
        "(not a) in b",
        "a is (not b)",
        "a is not b",
        "a ?? b ?? c",
        "(a ?? b) ?? c",
        "(a == b) == c",
        "(a ?? fail b) + c",
        "a * (fail b) + c",
        "a + not b",
        "(fn(x) = x)(3)",
        "fn(x) = x + 1",
        "try a else b",
        "try if a {\n    b\n} else {\n    c\n} else d",
        "try (if a {\n    b\n}) else c",
        "xs[a + 1..b]",
        "(a, b)",
        "(a,)",
        "[]",
        "[a; n]",
        "[:]",
        "[1: 2, 3: 4]",
        "(1).max(2)",
        "1.5.f",
        "'a'",
        "'\\''",
        "'\\n'",
        "'\\x1b'",
        "'é'",
        "0x1f",
        "0b101",
        "0o17",
        "0b0",
        "1e+16",
        "\"a {b:>8} \\{c}\\n\\\"\"",
        "\"\\x1b\\x7f\\0\"",
        "\"{m[\"a\"]}\"",
        "\"{(if let x: int = y {\n    1\n} else {\n    2\n})}\"",
        "f(&a, k: &b.c[0], x: 3)",
        "old(x.len)",
        "search {\n    choose xs\n}!",
        "a!.b",
        "x! == y"};
    char text[300];

    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        snprintf(text, sizeof text, "let x = %s\n", values[i]);
        check_form(text);
    }
    check_form("import os\nimport \"lib/grid\" as grid\n\nlet a: int? = 1\n\n"
               "/// One\n///\n///  two\npub rev fn f[T](mut a: [T], b: (int,)) "
               "{ }\n\nstruct S[T] {\n    x: T\n    var y: (fn(mut int) -> "
               "int)?\n}\n\nenum E {\n    A(x: int, y: m.T[int])\n    B\n}\n\n"
               "fn g() -> int? = 3\n\ntest \"x\" {\n    assert(true)\n}\n");
    check_form("fn f() {\n    outer: for (k, v) in m {\n        break outer\n"
               "    }\n    if (search) {\n        a\n    }\n    match x {\n"
               "        A(x, _) | B(y: 1) if x > 1 => e\n        -2..5 => {\n"
               "            d\n        }\n        _ => total += 1\n    }\n"
               "    try {\n        keep\n    } undo e {\n        return\n"
               "    }\n}\n");
    check_form("rev fn f(mut a: int) {\n    if a == 0 {\n        a += 1\n"
               "    } else {\n        neg a\n    } fi a == 1\n"
               "    if p {\n        inv a\n    } fi q else if r {\n"
               "        uncall g(&a)\n    } fi s else {\n        a <=> b\n"
               "    }\n    from a == 0 do {\n        a += 1\n    } loop {\n"
               "        a <<<= 1\n    } until a > 9\n    within {\n"
               "        local t: int = 0\n    } apply {\n"
               "        delocal t = 0\n    }\n}\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_programs),
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
