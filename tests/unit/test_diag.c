/* test_diag.c - how diagnostics are shown, to people and to programs. */
#include "tests/unit/front_kit.h"

#include <jansson.h>

#include "frontend/diag.h"

static struct span at(struct front *f, uint32_t pos, uint32_t end)
{
    return (struct span){f->src, pos, end};
}

static void check_shown(struct front *f, const char *want)
{
    const char *said = front_said(f);

    if (strcmp(said, want))
        fail_msg("is\n%s\nwant\n%s", said, want);
    front_close(f);
}

static void test_one(void **state)
{
    struct front f = front_open("let x = 1\n");

    (void)state;
    diag_at(f.u->diags, E0101, at(&f, 4, 5), "a pattern", "`x`");
    check_shown(&f, "error[E0101]: expected a pattern, found `x`\n"
                    "  --> t.pal:1:5\n"
                    "   |\n"
                    " 1 | let x = 1\n"
                    "   |     ^\n\n");
}

static void test_labels(void **state)
{
    struct front f = front_open("let a = 1\nlet b = 2\nlet c = a + b\n\n\n\n"
                                "let d = 4\n");
    struct diags *ds = f.u->diags;

    (void)state;
    diag_at(ds, E0102, at(&f, 28, 29), "x");
    diag_label(ds, at(&f, 28, 29), "first");
    diag_label(ds, at(&f, 32, 33), "second");
    diag_label(ds, at(&f, 4, 5), "third");
    diag_label(ds, at(&f, 41, 42), "fourth");
    diag_note(ds, "a note");
    diag_help(ds, "a help");
    diag_fix(ds, at(&f, 28, 29), "zz", "a fix");
    check_shown(&f, "error[E0102]: unexpected x\n"
                    "  --> t.pal:3:9\n"
                    "   |\n"
                    " 1 | let a = 1\n"
                    "   |     - third\n"
                    " 2 | let b = 2\n"
                    " 3 | let c = a + b\n"
                    "   |         ^   - second\n"
                    "   |         |\n"
                    "   |         first\n"
                    "...\n"
                    " 7 | let d = 4\n"
                    "   |     - fourth\n"
                    "   = note: a note\n"
                    "   = help: a help\n"
                    "   = help: a fix\n"
                    " 3 | let c = zz + b\n\n");
}

static void test_widths(void **state)
{
    /* A tab is four columns, a CJK character two, a combining one none. */
    struct front f = front_open("\tlet s = \"\xe4\xb8\xad"
                                "e\xcc\x81\" + x\n");

    (void)state;
    diag_at(f.u->diags, E0102, at(&f, 20, 21), "x");
    check_shown(&f, "error[E0102]: unexpected x\n"
                    "  --> t.pal:1:18\n"
                    "   |\n"
                    " 1 |     let s = \"\xe4\xb8\xad"
                    "e\xcc\x81\" + x\n"
                    "   |                     ^\n\n");
}

/* A carriage return belongs to the line break; a fix shows tabs like the
 * excerpt. */
static void test_line_breaks(void **state)
{
    struct front f = front_open("let x = 1\r\n\tlet y = 2\r\n");
    struct diags *ds = f.u->diags;

    (void)state;
    diag_at(ds, E0102, at(&f, 16, 17), "y");
    diag_label(ds, at(&f, 4, 5), "label");
    diag_fix(ds, at(&f, 16, 17), "\tz", "fix");
    check_shown(&f, "error[E0102]: unexpected y\n"
                    "  --> t.pal:2:6\n"
                    "   |\n"
                    " 1 | let x = 1\n"
                    "   |     - label\n"
                    " 2 |     let y = 2\n"
                    "   |         ^\n"
                    "   = help: fix\n"
                    " 2 |     let     z = 2\n\n");
}

/* Of very many errors the first are shown, and it is said. */
static void test_limit(void **state)
{
    char text[61];
    struct front f;
    json_t *list, *last;

    (void)state;
    memset(text, ' ', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    f = front_open(text);
    f.u->diags = diags_open(f.mem, f.u->arena);
    for (uint32_t i = 0; i < 60; i++)
        diag_at(f.u->diags, E0102, at(&f, i, i + 1), "x");
    diags_json(f.u->diags, &f.out);
    list = json_loads(front_text(&f), 0, NULL);
    assert_int_equal(json_array_size(list), 50);
    last = json_array_get(list, 49);
    assert_int_equal(json_integer_value(json_object_get(last, "more")), 10);
    assert_int_equal(json_array_size(json_object_get(last, "notes")), 1);
    last = json_array_get(list, 48);
    assert_null(json_object_get(last, "more"));
    json_decref(list);
    f.out.n = 0;
    assert_non_null(
        strstr(front_said(&f), "and 10 more errors; the first 50 are shown"));
    front_close(&f);
}

/* However many warnings there are, an error is seen. */
static void test_warnings_do_not_hide_errors(void **state)
{
    struct front f = front_open("a b\n");

    (void)state;
    f.u->diags = diags_open(f.mem, f.u->arena);
    for (uint32_t i = 0; i < 3000; i++)
        diag_at(f.u->diags, W0301, at(&f, 0, 1), "variable", "a");
    diag_at(f.u->diags, E0102, at(&f, 2, 3), "b");
    assert_int_equal(diags_errors(f.u->diags), 1);
    assert_non_null(strstr(front_said(&f), "error[E0102]: unexpected b\n"));
    front_close(&f);
}

static void test_order(void **state)
{
    struct front f = front_open("a\nb\n");

    (void)state;
    f.u->diags = diags_open(f.mem, f.u->arena);
    diag_at(f.u->diags, E0102, at(&f, 2, 3), "b");
    diag_at(f.u->diags, E0102, at(&f, 0, 1), "a");
    diag_at(f.u->diags, E0102, at(&f, 0, 1), "a");
    check_shown(&f, "error[E0102]: unexpected a\n"
                    "  --> t.pal:1:1\n"
                    "   |\n"
                    " 1 | a\n"
                    "   | ^\n\n"
                    "error[E0102]: unexpected b\n"
                    "  --> t.pal:2:1\n"
                    "   |\n"
                    " 2 | b\n"
                    "   | ^\n\n");
}

/* Control characters of a source or a message do not reach the terminal. */
static void test_clean(void **state)
{
    struct front f = front_open("let x = 1 // \x1b[31m\n");

    (void)state;
    diag_at(f.u->diags, E0102, at(&f, 4, 5), "\x1b[2J\xff");
    assert_null(strchr(front_said(&f), '\x1b'));
    front_close(&f);
    f = front_open("let x =\n");
    diags_render(f.u->diags, true, &f.out);
    assert_non_null(strchr(front_text(&f), '\x1b'));
    front_close(&f);
}

static void test_long_line(void **state)
{
    char text[5000];
    struct front f;

    (void)state;
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    f = front_open(text);
    f.u->diags = diags_open(f.mem, f.u->arena);
    diag_at(f.u->diags, E0102, at(&f, 2000, 2003), "aaa");
    diag_label(f.u->diags, at(&f, 2010, 2012), "near");
    diag_label(f.u->diags, at(&f, 10, 12), "far");
    assert_non_null(strstr(front_said(&f), "^^^       -- near\n"));
    assert_null(strstr((char *)f.out.at, "far"));
    front_close(&f);
}

static void test_json(void **state)
{
    struct front f = front_open("let x = 1\nlet y = 2\n");
    struct diags *ds = f.u->diags;
    json_error_t error;
    json_t *list, *d;

    (void)state;
    diag_at(ds, E0102, at(&f, 14, 15), "y \"\x01");
    diag_label(ds, at(&f, 4, 5), "label");
    diag_note(ds, "note");
    diag_fix(ds, at(&f, 14, 15), "z\t\x02\n", "fix");
    diags_json(ds, &f.out);
    list = json_loads(front_text(&f), 0, &error);
    assert_non_null(list);
    assert_int_equal(json_array_size(list), 1);
    d = json_array_get(list, 0);
    assert_string_equal(json_string_value(json_object_get(d, "code")), "E0102");
    assert_string_equal(json_string_value(json_object_get(d, "severity")),
                        "error");
    assert_int_equal(json_integer_value(json_object_get(d, "line")), 2);
    assert_int_equal(json_integer_value(json_object_get(d, "column")), 5);
    assert_int_equal(json_integer_value(json_object_get(d, "endColumn")), 6);
    assert_int_equal(json_integer_value(json_object_get(d, "pos")), 14);
    assert_int_equal(json_array_size(json_object_get(d, "labels")), 1);
    assert_int_equal(json_array_size(json_object_get(d, "notes")), 1);
    assert_int_equal(json_array_size(json_object_get(d, "fixes")), 1);
    d = json_array_get(json_object_get(d, "fixes"), 0);
    assert_string_equal(json_string_value(json_object_get(d, "replacement")),
                        "z\t\xef\xbf\xbd\n");
    json_decref(list);
    front_close(&f);
}

static void test_nearest(void **state)
{
    static const char *const words[] = {"print", "push", "length", "len"};

    (void)state;
    assert_string_equal(diag_nearest("pritn", words, 4), "print");
    assert_string_equal(diag_nearest("lenght", words, 4), "length");
    assert_string_equal(diag_nearest("pusj", words, 4), "push");
    assert_string_equal(diag_nearest("PUSH", words, 4), "push");
    assert_null(diag_nearest("zebra", words, 4));
    assert_null(diag_nearest("", words, 4));
    assert_null(diag_nearest("q", words, 4));
    assert_null(diag_nearest("pxs", words, 4)); /* a short word, two edits */
}

static void test_places(void **state)
{
    struct front f = front_open("a\n\xc3\xa9"
                                "b\n");
    uint32_t line, column;

    (void)state;
    source_place(f.src, 4, &line, &column);
    assert_int_equal(line, 2);
    assert_int_equal(column, 2);
    source_place(f.src, 99, &line, &column);
    assert_int_equal(line, 3);
    assert_int_equal(column, 1);
    front_close(&f);
}

static void test_reading(void **state)
{
    struct mem *m = mem_open(&mem_compiler, NULL);
    const char *why = NULL;

    (void)state;
    assert_null(source_read(m, "/", &why));
    assert_non_null(why);
    assert_null(source_read(m, "/does/not/exist", &why));
    assert_null(source_read(m, "", &why));
    mem_close(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one),
        cmocka_unit_test(test_labels),
        cmocka_unit_test(test_widths),
        cmocka_unit_test(test_line_breaks),
        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_warnings_do_not_hide_errors),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_clean),
        cmocka_unit_test(test_long_line),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_nearest),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_reading),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
