/* test_lexer.c - tokens, the values of literals, statement ends, and text
 * that is no program. */
#include "tests/unit/front_kit.h"

#include "frontend/lexer.h"
#include "frontend/parser.h"

/* The names of the tokens of a text, one blank between them. */
static void check_tokens(const char *text, const char *want)
{
    static const char *const names[TOKEN_MAX] = {
#define TOKEN(KIND, text, WHERE, ENDS) [T_##KIND] = #KIND,
#include "frontend/tokens.def"
#undef TOKEN
    };
    struct front f = front_open("");
    struct source *src = source_copy(f.mem, "t", text, (uint32_t)strlen(text));
    struct source *own = f.u->src;
    struct lexer l;

    f.u->src = src;
    source_index(src, f.u->arena);
    lexer_open(&l, f.u);
    for (struct token t = filter_next(&l); t.kind; t = filter_next(&l)) {
        assert_true(t.pos <= t.end && t.end <= src->len);
        if (f.out.n)
            bytes_byte(&f.out, ' ');
        bytes_str(&f.out, names[t.kind]);
    }
    assert_int_equal(filter_next(&l).kind, 0);
    lexer_close(&l);
    assert_string_equal(front_text(&f), want);
    f.u->src = own;
    source_free(f.mem, src);
    front_close(&f);
}

static void test_newlines(void **state)
{
    (void)state;
    check_tokens("", "");
    check_tokens("\n\n", "");
    check_tokens("a", "NAME SEMI");
    check_tokens("a\n\nb", "NAME SEMI NAME SEMI");
    check_tokens("a +\nb", "NAME PLUS NAME SEMI");
    check_tokens("a\n.b", "NAME DOT NAME SEMI");
    check_tokens("a\n..b", "NAME SEMI DOTDOT NAME SEMI");
    check_tokens("a // c\n /* d\n */ .b", "NAME DOT NAME SEMI");
    check_tokens("a /* \n */ b", "NAME SEMI NAME SEMI");
    check_tokens("f(a\nb)", "NAME LP NAME NAME RP SEMI");
    check_tokens("f({a\nb})", "NAME LP LC NAME SEMI NAME RC RP SEMI");
    check_tokens("}\nelse", "ELSE SEMI");
    check_tokens("try {}\nundo e", "TRY LC RC UNDO NAME SEMI");
    check_tokens("try {}\nundo {}", "TRY LC RC SEMI UNDO LC RC SEMI");
    check_tokens("return\n1", "RETURN SEMI INT SEMI");
    check_tokens("a is not b not in c", "NAME IS_NOT NAME NOT_IN NAME SEMI");
    check_tokens("a is\nnot b", "NAME IS NOT NAME SEMI");
    check_tokens("\xef\xbb\xbf"
                 "a\r\nb",
                 "NAME SEMI NAME SEMI");
}

static void test_words(void **state)
{
    (void)state;
    check_tokens("x.if fn match", "NAME DOT NAME FN NAME SEMI");
    check_tokens("search { } search fork(",
                 "SEARCH LC RC NAME NAME LP RP SEMI");
    check_tokens("rev fn f() { from x do { } }",
                 "REV FN NAME LP RP LC FROM NAME DO LC RC RC SEMI");
    /* where they do not stand in their places, they are names */
    check_tokens("rev fn f() { from.x += do; neg <=> until }",
                 "REV FN NAME LP RP LC NAME DOT NAME OPASSIGN NAME SEMI NAME "
                 "SWAP NAME RC SEMI");
    check_tokens("rev fn f() { neg from; g(local, fi); local t = within }",
                 "REV FN NAME LP RP LC NEG NAME SEMI NAME LP NAME COMMA NAME "
                 "RP SEMI LOCAL NAME ASSIGN NAME RC SEMI");
    check_tokens("fn f() { from do }", "FN NAME LP RP LC NAME NAME RC SEMI");
    check_tokens("rev fnx merge fn", "NAME NAME MERGE FN SEMI");
    check_tokens("rev fn f() { }\nloop",
                 "REV FN NAME LP RP LC RC SEMI LOOP SEMI");
    check_tokens("rev fn f() { from a do { }\nloop { }\nloop",
                 "REV FN NAME LP RP LC FROM NAME DO LC RC LOOP LC RC SEMI LOOP "
                 "RC SEMI");
}

static void test_text_tokens(void **state)
{
    (void)state;
    check_tokens("\"a\" \"{b}\" \"{c}d{e:>3}\" r\"{\\\"",
                 "STR STR_HEAD NAME STR_TAIL STR_HEAD NAME STR_MID NAME FMT "
                 "STR_TAIL STR SEMI");
    check_tokens("\"\"\"a\n{b\n}\"\"\"\nc",
                 "STR_HEAD NAME STR_TAIL SEMI NAME SEMI");
    check_tokens("t.0.1 1.5 1..5 1_0.max",
                 "NAME DOT INDEX DOT INDEX FLOAT INT DOTDOT INT INT DOT NAME "
                 "SEMI");
    check_tokens("<<<= >>>= <=> <<= << <= <",
                 "OPASSIGN OPASSIGN SWAP OPASSIGN SHL LE LT SEMI");
}

/* ---- values -------------------------------------------------------------- */

/* What `let x = SOURCE` prints below the name. */
static void check_value(const char *source, const char *want)
{
    struct mem *m = mem_open(&mem_compiler, NULL);
    struct bytes text = bytes_in(m);
    struct front f;
    struct ast *bind;

    bytes_printf(&text, "let x = %s\n", source);
    f = front_open_n((char *)text.at, text.n);
    if (!f.ok)
        fail_msg("%s: %s", source, front_said(&f));
    bind = AS(file, f.u->file)->decls.at[0];
    ast_print(AS(bind, bind)->value, &f.out);
    if (strcmp(front_text(&f), want))
        fail_msg("%s\n is   %s want %s", source, (char *)f.out.at, want);
    front_close(&f);
    bytes_free(&text);
    mem_close(m);
}

static void test_numbers(void **state)
{
    (void)state;
    check_value("9223372036854775807", "int 9223372036854775807\n");
    check_value("-9223372036854775808", "unary -\n  int 9223372036854775808\n");
    check_value("0xffff_ffff_ffff_ffff", "int 18446744073709551615\n");
    check_value("0b1010", "int 10\n");
    check_value("0o17", "int 15\n");
    check_value("1_000", "int 1000\n");
    check_value("1.5e3", "float 1500\n");
    check_value("2e-3", "float 0.002\n");
    check_value("1_0.2_5", "float 10.25\n");
    check_value("'a'", "int 97\n");
    check_value("'\\n'", "int 10\n");
    check_value("'\\u{1F600}'", "int 128512\n");
    check_value("'\xc3\xa9'", "int 233\n");
}

static void test_strings(void **state)
{
    (void)state;
    check_value("\"\"", "str \"\"\n");
    check_value("\"a\\tb\\x41\\u{e9}\\{\\}}\"",
                "str \"a\\u{9}bA\xc3\xa9{}}\"\n");
    check_value("\"\\0\"", "str \"\\u{0}\"\n");
    check_value("r\"\\n{\"", "str \"\\\\n{\"\n");
    check_value("\"\"\"a\"\"\"", "str \"a\"\n");
    check_value("\"\"\"a \"q\" b\"\"\"", "str \"a \\\"q\\\" b\"\n");
    check_value("\"\"\"\n  a\n\n    b\n  \"\"\"", "str \"a\\n\\n  b\"\n");
    check_value("\"\"\"\n\"\"\"", "str \"\"\n");
    check_value("\"\"\"\n\n\"\"\"", "str \"\"\n");
    check_value("\"\"\"\n  \"\"\"", "str \"\"\n");
    check_value("\"\"\"\r\n  a\r\n  b\r\n  \"\"\"", "str \"a\\nb\"\n");
    check_value("\"\"\"\n  a\\n b\n  \"\"\"", "str \"a\\n b\"\n");
    check_value("\"\"\"\n  a {x}\n   {y}\n  \"\"\"",
                "interp\n  str \"a \"\n  piece\n    name x\n  str \"\\n \"\n"
                "  piece\n    name y\n");
    check_value("\"\"\"\n  a\n b\"\"\"", "str \"  a\\n b\"\n");
}

/* ---- what is refused ----------------------------------------------------- */

static void check_error_n(const char *text, size_t n, const char *code)
{
    struct front f = front_open_n(text, n);

    assert_false(f.ok);
    if (diags_errors(f.u->diags) != 1 || !strstr(front_said(&f), code))
        fail_msg("%s: want %s alone\n%s", text, code, (char *)f.out.at);
    front_close(&f);
}

static void check_error(const char *text, const char *code)
{
    check_error_n(text, strlen(text), code);
}

static void test_errors(void **state)
{
    (void)state;
    check_error("let x = \"abc\nlet y = 1\n", "E0105");
    check_error("let x = \"\"\"abc\n", "E0105");
    check_error("let x = r\"abc\n", "E0105");
    check_error("/* /* */", "E0106");
    check_error("let x = \"{a\"\n", "E0107");
    check_error("let x = \"\\q\"\n", "E0108");
    check_error("let x = \"\\\xc3\xa9\"\n", "E0108");
    check_error("let x = '\\u{}'\n", "E0108");
    check_error("let x = \"\\xff\"\n", "E0109");
    check_error("let x = \"\\u{d800}\"\n", "E0109");
    check_error("let x = \"\\u{110000}\"\n", "E0109");
    check_error("let x = \"\\u{1000000000000}\"\n", "E0109");
    check_error("let x = 12ab\n", "E0110");
    check_error("let x = 1__0\n", "E0110");
    check_error("let x = 0b2\n", "E0110");
    check_error("let x = t.0x1\n", "E0110");
    check_error("let x = 9223372036854775809\n", "E0111");
    check_error("let x = 9223372036854775808\n", "E0111");
    check_error("let x = -(9223372036854775808)\n", "E0111");
    check_error("let x = 1 - 9223372036854775808\n", "E0111");
    check_error("let x = 0x1_0000_0000_0000_0000\n", "E0111");
    check_error("let x = t.99999999999\n", "E0111");
    check_error("let x = ''\n", "E0112");
    check_error("let x = 'ab'\n", "E0112");
    check_error("let x = 'a\n", "E0112");
    check_error("let x = 1 @ 2\n", "E0113");
    check_error("let \xc3\xa9 = 2\n", "E0113");
    check_error("let x = \xe2\x80\x9c"
                "a\xe2\x80\x9d\n",
                "E0113");
    check_error("# comment\n", "E0113");
    check_error("let x = 1 // \xff\n", "E0114");
    check_error("let x = \"\xc0\x80\"\n", "E0114");
    check_error_n("let x\0= 1", 9, "E0115");
    check_error("let x = \"\"\"\n   a\n b\n  \"\"\"\n", "E0120");
    check_error("let x = \"{}\"\n", "E0121");
    check_error("let x = \"{a:9q}\"\n", "E0122");
    check_error("let x = \"{a:}\"\n", "E0122");
    check_error("let x = 1e999\n", "E0123");
}

/* Nothing here is a program; all of it must come back with an answer. */
static void test_garbage(void **state)
{
    static const char signs[] =
        "(){}[]\"'\\/*\n .,:;=<>!?&|^~+-%#@a1_\t\xc3\xa9";
    uint64_t seed = 1;
    char text[400];

    (void)state;
    for (int round = 0; round < 20000; round++) {
        size_t n = 0;
        struct front f;
        while (n < sizeof text - 1) {
            seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
            if ((seed >> 58) == 0)
                break;
            text[n++] = signs[(seed >> 33) % (sizeof signs - 1)];
        }
        f = front_open_n(text, n);
        diags_render(f.u->diags, true, &f.out);
        if (round % 16 == 0)
            diags_json(f.u->diags, &f.out);
        front_close(&f);
    }
}

static void test_long_lines(void **state)
{
    size_t n = 1 << 20;
    char *text = malloc(n);
    struct front f;

    (void)state;
    assert_non_null(text);
    memset(text, 'a', n);
    f = front_open_n(text, n);
    assert_false(f.ok);
    assert_true(strlen(front_said(&f)) < 1000);
    front_close(&f);
    memset(text, '"', n);
    f = front_open_n(text, n);
    assert_false(f.ok);
    front_close(&f);
    for (size_t i = 0; i < n; i++)
        text[i] = "@\n"[i % 2];
    f = front_open_n(text, n);
    assert_int_equal(diags_errors(f.u->diags), n / 2);
    assert_non_null(strstr(front_said(&f), "more errors"));
    front_close(&f);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_newlines),    cmocka_unit_test(test_words),
        cmocka_unit_test(test_text_tokens), cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_strings),     cmocka_unit_test(test_errors),
        cmocka_unit_test(test_garbage),     cmocka_unit_test(test_long_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
