/* test_natives_json.c - the leaves of a JSON parser. */
#include "tests/unit/native_kit.h"

#include <math.h>

static int open_kit(void **state, uint64_t stress)
{
    struct kit *k = calloc(1, sizeof *k);
    if (!k)
        return -1;
    k->opt.gc_stress = stress;
    kit_open(k);
    *state = k;
    return 0;
}

static int setup(void **state)
{
    return open_kit(state, 0);
}

/* A collection at every allocation. */
static int setup_stress(void **state)
{
    return open_kit(state, 1);
}

static int teardown(void **state)
{
    kit_close(*state);
    free(*state);
    return 0;
}

/* A literal from byte 1 on: its text, or NULL and where it is wrong. */
static void string_is(struct kit *k, const char *json, const char *want,
                      int64_t end)
{
    char text[100];
    snprintf(text, sizeof text, " %s", json);
    kit_str(k, 0, text);
    k->s[0] = 1;
    kit_do(k, "json_string_at");
    if (k->s[0] != (want != NULL) || k->s[1] != end)
        fail_msg("%s: %d, at %d", json, (int)k->s[0], (int)k->s[1]);
    kit_is(k, k->r[0], want ? want : "");
}

static void reads_strings(void **state)
{
    struct kit *k = *state;
    string_is(k, "\"\"", "", 3);
    string_is(k, "\"abc\" ", "abc", 6);
    string_is(k, "\"h\xc3\xa9\"", "h\xc3\xa9", 6);
    string_is(k, "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t", 19);
    string_is(k, "\"\\u0041\\u00e9\\uFFfd\"", "A\u00e9\ufffd", 21);
    string_is(k, "\"\\ud83d\\ude00\"", "\U0001f600", 15);
    string_is(k, "\"\\ud83d\"", "\ufffd", 9);
    string_is(k, "\"\\ude00x\"", "\ufffdx", 10);
    string_is(k, "\"\\ud83d\\n\"", "\ufffd\n", 11);
    string_is(k, "\"\\ud83d\\u0041\"", "\ufffdA", 15);
    string_is(k, "\"\\ud83d\\ud83d\\ude00\"", "\ufffd\U0001f600", 21);
    string_is(k, "\"\x7f\"", "\x7f", 4);
    string_is(k, "", NULL, 1);
    string_is(k, "x", NULL, 1);
    string_is(k, "\"", NULL, 2);
    string_is(k, "\"ab", NULL, 4);
    string_is(k, "\"a\nb\"", NULL, 3);
    string_is(k, "\"a\\", NULL, 4);
    string_is(k, "\"a\\x\"", NULL, 4);
    string_is(k, "\"\\u12g4\"", NULL, 6);
    string_is(k, "\"\\u12", NULL, 6);
    string_is(k, "\"\\ud83d\\u12\"", NULL, 12);
    k->r[0] = kit_bytes(k, "\"\\u0000\0\"", 9);
    k->s[0] = 0;
    kit_do(k, "json_string_at"); /* a NUL must be escaped */
    assert_int_equal(k->s[0], 0);
    assert_int_equal(k->s[1], 7);
}

static void number_is(struct kit *k, const char *json, int64_t kind, int64_t i,
                      double f, int64_t end)
{
    kit_str(k, 0, json);
    k->s[0] = 0;
    kit_do(k, "json_number_at");
    if (k->s[0] != kind || k->s[1] != i || k->s[2] != kit_word(f) ||
        k->s[3] != end)
        fail_msg("%s: %d %d %g at %d", json, (int)k->s[0], (int)k->s[1],
                 kit_float(k->s[2]), (int)k->s[3]);
}

static void reads_numbers(void **state)
{
    struct kit *k = *state;
    number_is(k, "0", 1, 0, 0, 1);
    number_is(k, "-0", 1, 0, -0.0, 2);
    number_is(k, "-12,", 1, -12, -12, 3);
    number_is(k, "01", 1, 0, 0, 1);
    number_is(k, "9223372036854775807", 1, INT64_MAX, 0x1p63, 19);
    number_is(k, "-9223372036854775808", 1, INT64_MIN, -0x1p63, 20);
    number_is(k, "9223372036854775808", 2, 0, 0x1p63, 19);
    number_is(k, "1.5", 2, 0, 1.5, 3);
    number_is(k, "1E2", 2, 0, 100, 3);
    number_is(k, "1.25e-2]", 2, 0, 0.0125, 7);
    number_is(k, "1e400", 2, 0, INFINITY, 5);
    number_is(k, "-1e400", 2, 0, -INFINITY, 6);
    number_is(k, "1e-400", 2, 0, 0, 6);
    number_is(k, "", 0, 0, 0, 0);
    number_is(k, "-", 0, 0, 0, 1);
    number_is(k, "+1", 0, 0, 0, 0);
    number_is(k, ".5", 0, 0, 0, 0);
    number_is(k, "1.", 0, 0, 0, 2);
    number_is(k, "1.x", 0, 0, 0, 2);
    number_is(k, "1e", 0, 0, 0, 2);
    number_is(k, "1e+", 0, 0, 0, 3);
    number_is(k, "inf", 0, 0, 0, 0);
    number_is(k, "nan", 0, 0, 0, 0);
}

/* What is quoted reads back, whatever the bytes are. */
static void quotes(void **state)
{
    struct kit *k = *state;
    kit_str(k, 0, "a\"\\\b\t\n\v\f\r\x1f\x7fé");
    kit_do(k, "json_quote");
    kit_is(k, k->r[0], "\"a\\\"\\\\\\b\\t\\n\\u000b\\f\\r\\u001f\x7fé\"");
    kit_str(k, 0, "");
    kit_do(k, "json_quote");
    kit_is(k, k->r[0], "\"\"");
    for (uint64_t seed = 1, i = 0; i < 2000; i++) {
        char text[40];
        size_t n = kit_random(&seed) % 40;
        for (size_t j = 0; j < n; j++)
            text[j] = (char)(kit_random(&seed) % 128);
        uint64_t was = kit_keep(k, kit_bytes(k, text, n));
        k->r[0] = kit_get(k, was);
        kit_do(k, "json_quote");
        uint64_t size = str_len(k->h, k->r[0]);
        k->s[0] = 0;
        kit_do(k, "json_string_at");
        assert_int_equal(k->s[0], 1);
        assert_int_equal(k->s[1], size);
        assert_true(str_equal(k->h, k->r[0], kit_get(k, was)));
        gc_handle_close(k->h, was, NULL);
    }
}

static void skips_space(void **state)
{
    struct kit *k = *state;
    kit_str(k, 0, " \t\r\n\vx");
    k->s[0] = 0;
    kit_do(k, "str_skip_space");
    assert_int_equal(k->s[0], 4);
    k->s[0] = 6;
    kit_do(k, "str_skip_space");
    assert_int_equal(k->s[0], 6);
    static const char *const natives[] = {"str_skip_space", "json_string_at",
                                          "json_number_at"};
    for (int i = 0; i < 3; i++) {
        k->s[0] = -1;
        kit_fails(k, natives[i], VM_INDEX);
        k->s[0] = 7;
        kit_fails(k, natives[i], VM_INDEX);
    }
    k->r[0] = kit_bytes(k, "\0", 1);
    k->s[0] = 0;
    kit_do(k, "str_skip_space");
    assert_int_equal(k->s[0], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_strings),
        cmocka_unit_test(reads_numbers),
        cmocka_unit_test(quotes),
        cmocka_unit_test(skips_space),
    };
    int failed = cmocka_run_group_tests(tests, setup, teardown);
    return failed + cmocka_run_group_tests(tests, setup_stress, teardown);
}
