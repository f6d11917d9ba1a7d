/* test_doc.c - documentation: what the Markdown of comments means, that any
 * text is taken, and that pages hold nothing of it unescaped. */
#include "frontend/doc/doc.h"
#include "frontend/doc/markup.h"
#include "tests/unit/front_kit.h"

/* ---- markup -------------------------------------------------------------- */

static void show_runs(struct arena *a, struct ast_bytes text, struct bytes *out)
{
    struct markup_runs runs = {0};

    markup_spans(a, text, &runs);
    for (uint32_t i = 0; i < runs.n; i++) {
        const struct markup_run *r = &runs.at[i];
        bytes_printf(out, "(%s%s%s%.*s)", r->style & MARKUP_EM ? "e:" : "",
                     r->style & MARKUP_STRONG ? "s:" : "",
                     r->style & MARKUP_SPAN_CODE ? "c:" : "", (int)r->text.len,
                     r->text.at);
        if (r->link.at)
            bytes_printf(out, "->%.*s", (int)r->link.len, r->link.at);
    }
}

static struct ast_bytes text_of(const char *s)
{
    return (struct ast_bytes){s, (uint32_t)strlen(s)};
}

/* The runs of a text: "(plain)(c:code)(link)->url". */
static void check_runs(const char *text, const char *want)
{
    struct mem *m = mem_open(&mem_compiler, NULL);
    struct arena *a = arena_open(m);
    struct bytes out = bytes_in(m);

    show_runs(a, text_of(text), &out);
    bytes_byte(&out, 0);
    assert_string_equal((char *)out.at, want);
    bytes_free(&out);
    arena_close(a);
    mem_close(m);
}

static void test_spans(void **state)
{
    (void)state;
    check_runs("", "");
    check_runs("a b", "(a b)");
    check_runs("a `b` c", "(a )(c:b)( c)");
    check_runs("`` a`b ``", "(c:a`b)");
    check_runs("`a", "(`a)");
    check_runs("``a`", "(``a`)");
    check_runs("*a* **b**", "(e:a)( )(s:b)");
    check_runs("*a `*` b*", "(e:a )(e:c:*)(e: b)");
    check_runs("**a *b* c**", "(s:a )(e:s:b)(s: c)");
    check_runs("*a", "(*a)");
    check_runs("* a*", "(* a*)");
    check_runs("*a *", "(*a *)");
    check_runs("2 * 3 * 4", "(2 * 3 * 4)");
    check_runs("***a***", "(***a***)");
    check_runs("*a `b*`", "(*a )(c:b*)");
    check_runs("\\*a\\* \\q", "(*a)(* \\q)");
    check_runs("a\\", "(a\\)");
    check_runs("[a](b)c", "(a)->b(c)");
    check_runs("[a `b`](#c)", "(a )->#c(c:b)->#c");
    check_runs("[*a](b)*", "(*a)->b(*)");
    check_runs("*[a](b)*", "(e:a)->b");
    check_runs("[a\\]](b)", "(a)->b(])->b");
    check_runs("[a]", "([a])");
    check_runs("[](b)", "([](b))");
    check_runs("[a]()", "([a]())");
    check_runs("[a](b", "([a](b)");
    check_runs("[[a](b)", "([)(a)->b");
}

static void test_links(void **state)
{
    (void)state;
    check_runs("[a](http://x/?y:z)", "(a)->http://x/?y:z");
    check_runs("[a](https://x)", "(a)->https://x");
    check_runs("[a](mailto:x@y)", "(a)->mailto:x@y");
    check_runs("[a](../b.html#c:d)", "(a)->../b.html#c:d");
    check_runs("[a](javascript:x)", "([a](javascript:x))");
    check_runs("[a](data:x)", "([a](data:x))");
    check_runs("[a](HTTP://x)", "([a](HTTP://x))");
    check_runs("[a](//x)", "([a](//x))");
    check_runs("[a](b c)", "([a](b c))");
    check_runs("[a](\x01javascript:x)", "([a](\x01javascript:x))");
}

/* The blocks of a doc, one a line: "P text", "- text", "7 text", "C+2 text". */
static void check_blocks(const char *doc, const char *want)
{
    struct mem *m = mem_open(&mem_compiler, NULL);
    struct arena *a = arena_open(m);
    struct bytes out = bytes_in(m);
    struct markup_blocks blocks = {0};

    markup_read(a, text_of(doc), &blocks);
    for (uint32_t i = 0; i < blocks.n; i++) {
        const struct markup_block *b = &blocks.at[i];
        if (b->kind == MARKUP_CODE)
            bytes_printf(&out, "%s+%u", b->is_plain ? "T" : "C", b->indent);
        else if (b->is_ordered)
            bytes_printf(&out, "%u", b->number);
        else
            bytes_str(&out, b->kind == MARKUP_ITEM ? "-" : "P");
        bytes_printf(&out, " %.*s|", (int)b->text.len, b->text.at);
    }
    bytes_byte(&out, 0);
    assert_string_equal((char *)out.at, want);
    bytes_free(&out);
    arena_close(a);
    mem_close(m);
}

static void test_blocks(void **state)
{
    (void)state;
    check_blocks("", "");
    check_blocks(" \n\t\n", "");
    check_blocks("a\nb\n\nc", "P a\nb|P c|");
    check_blocks("- a\n  b\n* c\n\nd", "- a\n  b|- c|P d|");
    check_blocks("a\n- b", "P a|- b|");
    check_blocks("1. a\n12. b\n1.c", "1 a|12 b\n1.c|");
    check_blocks("0. a", "0 a|");
    check_blocks("1234567890. a", "P 1234567890. a|");
    check_blocks("-a\n-", "P -a\n-|");
    check_blocks("```\na\n\nb\n```\nc", "C+0 a\n\nb|P c|");
    check_blocks("``` pal x\na\n```", "C+0 a|");
    check_blocks("```sh\na\n```", "T+0 a|");
    check_blocks("```palx\na\n```", "T+0 a|");
    check_blocks("- a\n  ```\n  b\n  ```", "- a|C+2   b|");
    check_blocks("```", "C+0 |");
    check_blocks("```\n```", "C+0 |");
    check_blocks("```\na", "C+0 a|");
}

static void check_summary(const char *doc, const char *want)
{
    struct mem *m = mem_open(&mem_compiler, NULL);
    struct arena *a = arena_open(m);
    struct ast_bytes got = markup_summary(a, text_of(doc));

    assert_int_equal(got.len, strlen(want));
    assert_memory_equal(got.len ? got.at : "", want, got.len);
    arena_close(a);
    mem_close(m);
}

static void test_summary(void **state)
{
    (void)state;
    check_summary("", "");
    check_summary("One. Two.", "One.");
    check_summary("Takes 1.5\nand goes on.\nTwo.", "Takes 1.5\nand goes on.");
    check_summary("No end\n\nNext.", "No end");
    check_summary("- item", "");
}

/* ---- any text ------------------------------------------------------------ */

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

/* A doc from signs that mean something, in `///` lines. */
static void random_doc(struct bytes *out, uint64_t *seed)
{
    static const char *const parts[] = {
        "`",   "``", "```", "*",           "**", "[",  "](",   ")",
        "\\",  "a",  "b c", "\n/// ",      "-",  "- ", "1. ",  "<b>",
        "&",   "\"", "'",   "\x1b[1m",     "é",  "  ", "\t",   "x://y",
        "{",   "}",  "//",  "/*",          "#",  "漢", "\x7f", "</code>",
        "fn ", "\r", "0x",  "\n///\n/// ", "]",  "(",  ":",    "http:"};
    uint32_t n = (uint32_t)(next_random(seed) % 60);

    bytes_str(out, "/// ");
    while (n--)
        bytes_str(out,
                  parts[next_random(seed) % (sizeof parts / sizeof *parts)]);
    bytes_str(out, "\n");
}

/* Tags are closed in the order in which they are opened, and quotes stand in
 * pairs inside them. */
static void check_html(const char *s)
{
    const char *open[64];
    size_t lens[64];
    uint32_t n = 0;

    s = strstr(s, "</style>");
    s = strstr(s, "<body>");
    assert_non_null(s);
    while ((s = strchr(s, '<'))) {
        bool closes = *++s == '/';
        const char *name = s + closes;
        size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789");
        uint32_t quotes = 0;
        if (!closes && n == 0 && !strncmp(name, "html", 4))
            break;
        for (; *s != '>' || quotes % 2; s++) {
            assert_true(*s && *s != '<');
            quotes += *s == '"';
        }
        if (!closes) {
            assert_true(len && n < 64);
            open[n] = name;
            lens[n++] = len;
        } else if (n) {
            n--;
            assert_true(lens[n] == len && !memcmp(open[n], name, len));
        } else {
            assert_memory_equal(name, "html", len);
        }
    }
    assert_int_equal(n, 0);
}

/* A terminal sees no control characters. */
static void check_plain(const char *s)
{
    for (; *s; s++)
        assert_true((unsigned char)*s >= ' ' || *s == '\n');
}

/* Shows a module as text and as pages. */
static void check_module(const char *source)
{
    struct front f = front_open(source);
    struct bytes out = bytes_in(f.mem);
    struct docs docs = {0};
    struct doc_module *m;

    if (!f.ok || !sema_check(f.u))
        fail_msg("refused: %s\n%s", source, front_said(&f));
    m = doc_module(f.u, "a<b", false);
    m->page = "a%3Cb.html";
    vec_push_in(f.u->arena, &docs.modules, m);
    doc_text_module(m, 30, &out);
    doc_text_line(m, 30, &out);
    bytes_byte(&out, 0);
    check_plain((char *)out.at);
    out.n = 0;
    doc_html_module(&docs, m, &out);
    bytes_byte(&out, 0);
    check_html((char *)out.at);
    out.n = 0;
    doc_html_index(&docs, &out);
    bytes_byte(&out, 0);
    check_html((char *)out.at);
    bytes_free(&out);
    front_close(&f);
}

static void test_any_text(void **state)
{
    uint64_t seed = 88172645463325252u;

    (void)state;
    for (int i = 0; i < 400; i++) {
        struct mem *m = mem_open(&mem_compiler, NULL);
        struct bytes b = bytes_in(m);
        random_doc(&b, &seed);
        bytes_str(&b, "\n");
        random_doc(&b, &seed);
        bytes_str(&b, "pub struct S {\n");
        random_doc(&b, &seed);
        bytes_str(&b, "x: int\n}\n");
        random_doc(&b, &seed);
        bytes_str(&b, "pub fn f(s: S) { }\n");
        bytes_byte(&b, 0);
        check_module((char *)b.at);
        bytes_free(&b);
        mem_close(m);
    }
}

/* What would take quadratic time, were spans not bounded. */
static void test_long_text(void **state)
{
    static const char *const parts[] = {"*a ",  "`",   "[",   "[a](", "``a ",
                                        "** b", "1. ", "\\*", "a*a"};

    (void)state;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        struct mem *m = mem_open(&mem_compiler, NULL);
        struct bytes b = bytes_in(m);
        bytes_str(&b, "/// ");
        for (int n = 0; n < 50000; n++)
            bytes_str(&b, parts[i]);
        bytes_str(&b, "\npub fn f() { }\n");
        bytes_byte(&b, 0);
        check_module((char *)b.at);
        bytes_free(&b);
        mem_close(m);
    }
}

/* ---- what is shown ------------------------------------------------------- */

/* Whether the page, or the text, of a module holds a part. */
static void check_holds(const char *source, const char *text, const char *html)
{
    struct front f = front_open(source);
    struct bytes out = bytes_in(f.mem);
    struct docs docs = {0};
    struct doc_module *m;

    assert_true(f.ok && sema_check(f.u));
    m = doc_module(f.u, "m", false);
    m->page = "m.html";
    vec_push_in(f.u->arena, &docs.modules, m);
    doc_text_module(m, 80, &out);
    bytes_byte(&out, 0);
    if (!strstr((char *)out.at, text))
        fail_msg("lacks\n%s\nin\n%s", text, (char *)out.at);
    out.n = 0;
    doc_html_module(&docs, m, &out);
    bytes_byte(&out, 0);
    if (!strstr((char *)out.at, html))
        fail_msg("lacks\n%s\nin\n%s", html, (char *)out.at);
    bytes_free(&out);
    front_close(&f);
}

static void test_signatures(void **state)
{
    (void)state;
    check_holds("pub fn f(a: int) = a > 1", "\npub fn f(a: int) -> bool\n",
                "<section id=\"f\">");
    check_holds("pub fn f(a: int) = print(a)", "\npub fn f(a: int)\n", "f");
    check_holds("pub fn f() = fail \"x\"", "\npub fn f()\n", "f");
    check_holds("pub fn f[T](a: T) = a", "\npub fn f[T](a: T)", "f");
    check_holds("pub let a = 'x'", "\npub let a: int = 'x'\n", "a");
    check_holds("pub var a = 1", "\npub var a: int\n", "a");
    check_holds("pub let a: float = 1", "\npub let a: float = 1\n", "a");
    check_holds("struct S { }\nlet a = 1", "Nothing in it is `pub`.\n",
                "<code>pub</code>");
    check_holds("pub struct S { }", "\npub struct S { }\n", "S");
    check_holds("pub fn some_long_name(first_parameter: [str: int], "
                "second_parameter: fn(int) -> int) -> int { 1 }",
                "\npub fn some_long_name(\n    first_parameter: [str: int],"
                "\n    second_parameter: fn(int) -> int\n) -> int\n",
                "");
    check_holds("pub struct S { x: S? }\npub fn f(s: [S]) -> S { s[0] }", "",
                "-&gt; <a href=\"#S\"><span class=\"t\">S</span></a>");
    check_holds("/// Like `f`.\npub fn g() { }\npub fn f() { }", "Like `f`.",
                "Like <a href=\"#f\"><code>f</code></a>.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spans),      cmocka_unit_test(test_links),
        cmocka_unit_test(test_blocks),     cmocka_unit_test(test_summary),
        cmocka_unit_test(test_any_text),   cmocka_unit_test(test_long_text),
        cmocka_unit_test(test_signatures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
