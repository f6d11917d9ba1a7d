/* test_natives_str.c - natives on strings, characters and lists of bytes. */
#include "tests/unit/native_kit.h"

#include "runtime/base/utf8.h"

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

/* ---- finding ------------------------------------------------------------- */

struct place {
    const char *s, *sub;
    int64_t from, at; /* -1: nowhere */
};

static void look(struct kit *k, const char *native, const struct place *p)
{
    kit_str(k, 0, p->s);
    kit_str(k, 1, p->sub);
    k->s[0] = p->from;
    kit_do(k, native);
    if (k->s[0] != (p->at >= 0) || (p->at >= 0 && k->s[1] != p->at))
        fail_msg("%s \"%s\" \"%s\" %d: %d %d", native, p->s, p->sub,
                 (int)p->from, (int)k->s[0], (int)k->s[1]);
}

static void finds(void **state)
{
    static const struct place first[] = {
        {"hello", "l", 0, 2},  {"hello", "l", 3, 3},   {"hello", "l", 4, -1},
        {"hello", "", 0, 0},   {"hello", "", 5, 5},    {"hello", "", 6, -1},
        {"", "", 0, 0},        {"", "x", 0, -1},       {"ab", "abc", 0, -1},
        {"naïve", "ve", 0, 4}, {"é", "", 1, 2},        {"é", "é", 1, -1},
        {"aaa", "aa", 1, 1},   {"x", "x", 1 << 30, -1}};
    static const struct place last[] = {
        {"hello", "l", 5, 3},     {"hello", "l", 3, 2},  {"hello", "l", 2, -1},
        {"hello", "", 99, 5},     {"", "", 0, 0},        {"", "x", 0, -1},
        {"é", "", 1, 0},          {"éé", "é", 3, 0},     {"aaa", "aa", 99, 1},
        {"abcabc", "abc", 99, 3}, {"abc", "abcd", 9, -1}};
    struct kit *k = *state;
    for (size_t i = 0; i < sizeof first / sizeof *first; i++)
        look(k, "str_find", &first[i]);
    for (size_t i = 0; i < sizeof last / sizeof *last; i++)
        look(k, "str_rfind", &last[i]);
    k->s[0] = -1;
    kit_fails(k, "str_find", VM_INDEX);
    k->s[0] = -1;
    kit_fails(k, "str_rfind", VM_INDEX);
}

/* All of a hostile string, in linear time. */
static void finds_in_long_strings(void **state)
{
    enum { N = 1 << 20 };
    struct kit *k = *state;
    char *text = malloc(N);
    assert_non_null(text);
    memset(text, 'a', N);
    uint64_t s = kit_keep(k, kit_bytes(k, text, N));
    text[0] = 'b';
    uint64_t sub = kit_bytes(k, text, N / 2);
    k->r[0] = kit_get(k, s);
    k->r[1] = sub;
    k->s[0] = N;
    kit_do(k, "str_rfind");
    assert_int_equal(k->s[0], 0);
    text[0] = 'a';
    k->r[1] = kit_bytes(k, text, N / 2);
    k->r[0] = kit_get(k, s);
    k->s[0] = N - 1;
    kit_do(k, "str_rfind");
    assert_int_equal(k->s[0], 1);
    assert_int_equal(k->s[1], N / 2 - 1);
    free(text);
}

static void counts(void **state)
{
    static const struct {
        const char *s, *sub;
        int64_t n;
    } of[] = {{"banana", "ana", 1}, {"aaaa", "aa", 2}, {"", "", 1},
              {"héé", "", 4},       {"", "x", 0},      {"abc", "abcd", 0}};
    struct kit *k = *state;
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        kit_str(k, 0, of[i].s);
        kit_str(k, 1, of[i].sub);
        kit_do(k, "str_count");
        assert_int_equal(k->s[0], of[i].n);
    }
}

static void knows_starts_and_ends(void **state)
{
    static const struct {
        const char *s, *sub;
        bool starts, ends, at1;
    } of[] = {{"hello", "he", 1, 0, 0}, {"hello", "lo", 0, 1, 0},
              {"hello", "el", 0, 0, 1}, {"", "", 1, 1, 0},
              {"a", "", 1, 1, 1},       {"a", "aa", 0, 0, 0}};
    struct kit *k = *state;
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        kit_str(k, 0, of[i].s);
        kit_str(k, 1, of[i].sub);
        kit_do(k, "str_starts_with");
        assert_int_equal(k->s[0], of[i].starts);
        kit_do(k, "str_ends_with");
        assert_int_equal(k->s[0], of[i].ends);
        k->s[0] = 1;
        kit_do(k, "str_starts_at");
        assert_int_equal(k->s[0], of[i].at1);
        k->s[0] = INT64_MIN;
        kit_do(k, "str_starts_at");
        assert_int_equal(k->s[0], 0);
    }
}

/* ---- cutting and joining ------------------------------------------------- */

static void splits(void **state)
{
    static const struct {
        const char *s, *sep;
        int64_t most;
        const char *want;
    } of[] = {{"a,b,,c", ",", -1, "[\"a\", \"b\", \"\", \"c\"]"},
              {"a,b,c", ",", 1, "[\"a\", \"b,c\"]"},
              {"a,b", ",", 0, "[\"a,b\"]"},
              {"", ",", -1, "[\"\"]"},
              {",", ",", -1, "[\"\", \"\"]"},
              {"a--b", "--", -1, "[\"a\", \"b\"]"},
              {"éa", "", -1, "[\"é\", \"a\"]"},
              {"abc", "", 1, "[\"a\", \"bc\"]"},
              {"abc", "", 0, "[\"abc\"]"},
              {"", "", -1, "[]"}};
    struct kit *k = *state;
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        kit_str(k, 0, of[i].s);
        kit_str(k, 1, of[i].sep);
        k->s[0] = of[i].most;
        kit_do(k, "str_split");
        kit_prints(k, k->r[0], of[i].want);
    }
}

static void one_to_list(struct kit *k, const char *native, const char *s,
                        const char *want)
{
    kit_str(k, 0, s);
    kit_do(k, native);
    kit_prints(k, k->r[0], want);
}

static void cuts(void **state)
{
    struct kit *k = *state;
    one_to_list(k, "str_lines", "", "[]");
    one_to_list(k, "str_lines", "\n", "[\"\"]");
    one_to_list(k, "str_lines", "a\r\nb\n\nc", "[\"a\", \"b\", \"\", \"c\"]");
    one_to_list(k, "str_lines", "a\r", "[\"a\\r\"]");
    one_to_list(k, "str_words", "", "[]");
    one_to_list(k, "str_words", " \t\n", "[]");
    one_to_list(k, "str_words", "\u3000a  b\u00a0c ", "[\"a\", \"b\", \"c\"]");
    one_to_list(k, "str_graphemes", "ae\u0301\r\n",
                "[\"a\", \"e\u0301\", \"\\r\\n\"]");
    one_to_list(k, "str_graphemes", "🇩🇪🇫🇷", "[\"🇩🇪\", \"🇫🇷\"]");
}

static void joins(void **state)
{
    static const struct {
        const char *items, *sep, *want;
    } of[] = {{"a|b|c", ", ", "a, b, c"},
              {"a", ", ", "a"},
              {"", ", ", ""},
              {"a||b", "-", "a--b"},
              {"é|é", "", "éé"}};
    struct kit *k = *state;
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        kit_strs(k, 0, of[i].items);
        kit_str(k, 1, of[i].sep);
        kit_do(k, "str_join");
        kit_is(k, k->r[0], of[i].want);
    }
}

/* Many parts, so that collections come between. */
static void long_ones_come_back(void **state)
{
    enum { N = 20000 };
    struct kit *k = *state;
    char *text = malloc(8 * N), *at = text;
    assert_non_null(text);
    for (int i = 0; i < N; i++)
        at += sprintf(at, "%s%d", i ? "," : "", i * 7);
    uint64_t whole = kit_keep(k, kit_bytes(k, text, (size_t)(at - text)));
    for (int round = 0; round < 2; round++) {
        k->vm->h.gc_stress = round ? 50 : 0;
        gc_set_room(k->h);
        k->r[0] = kit_get(k, whole);
        k->r[1] = kit_bytes(k, ",", 1);
        k->r[0] = kit_get(k, whole);
        k->s[0] = -1;
        kit_do(k, "str_split");
        assert_int_equal(list_len(k->h, k->r[0]), N);
        uint64_t list = kit_keep(k, k->r[0]);
        k->r[1] = kit_bytes(k, ",", 1);
        k->r[0] = kit_get(k, list);
        kit_do(k, "str_join");
        assert_true(str_equal(k->h, k->r[0], kit_get(k, whole)));
        gc_handle_close(k->h, list, NULL);
    }
    k->vm->h.gc_stress = k->opt.gc_stress;
    gc_set_room(k->h);
    free(text);
}

/* ---- longer and shorter -------------------------------------------------- */

static void replaces(void **state)
{
    static const struct {
        const char *s, *old, *with;
        int64_t most;
        const char *want;
    } of[] = {
        {"aXbX", "X", "--", -1, "a--b--"}, {"aXbX", "X", "", 1, "abX"},
        {"aaa", "aa", "b", -1, "ba"},      {"abc", "", "-", -1, "-a-b-c-"},
        {"é", "", "-", 1, "-é"},           {"", "", "x", -1, "x"},
        {"abc", "b", "x", 0, "abc"},       {"abc", "z", "x", -1, "abc"}};
    struct kit *k = *state;
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        kit_str(k, 0, of[i].s);
        kit_str(k, 1, of[i].old);
        kit_str(k, 2, of[i].with);
        k->s[0] = of[i].most;
        kit_do(k, "str_replace");
        kit_is(k, k->r[0], of[i].want);
    }
}

static void one_to_one(struct kit *k, const char *native, const char *s,
                       const char *want)
{
    kit_str(k, 0, s);
    kit_do(k, native);
    kit_is(k, k->r[0], want);
}

static void trims(void **state)
{
    struct kit *k = *state;
    one_to_one(k, "str_trim", "", "");
    one_to_one(k, "str_trim", " \t\u2003 ", "");
    one_to_one(k, "str_trim", "\u00a0 é é\n", "é é");
    one_to_one(k, "str_trim_start", " a ", "a ");
    one_to_one(k, "str_trim_end", " a ", " a");
    one_to_one(k, "str_trim_end", "a", "a");
}

static void pads(struct kit *k, const char *native, const char *s,
                 int64_t width, int64_t fill, const char *want)
{
    kit_str(k, 0, s);
    k->s[0] = width;
    k->s[1] = fill;
    kit_do(k, native);
    kit_is(k, k->r[0], want);
}

static void repeats_and_pads(void **state)
{
    struct kit *k = *state;
    pads(k, "str_pad_start", "é", 4, '.', "...é");
    pads(k, "str_pad_start", "é", 3, 0x1f600, "😀😀é");
    pads(k, "str_pad_end", "ab", 4, '.', "ab..");
    pads(k, "str_pad_end", "ab", 2, '.', "ab");
    pads(k, "str_pad_end", "ab", INT64_MIN, '.', "ab");
    pads(k, "str_center", "a", 4, '*', "*a**");
    pads(k, "str_center", "", 3, '*', "***");
    pads(k, "str_repeat", "ab", 3, 0, "ababab");
    pads(k, "str_repeat", "ab", 0, 0, "");
    pads(k, "str_repeat", "", INT64_MAX, 0, "");
    kit_str(k, 0, "a");
    k->s[0] = -1;
    kit_fails(k, "str_repeat", VM_INDEX);
    kit_str(k, 0, "a");
    k->s[0] = 5, k->s[1] = 0xd800;
    kit_fails(k, "str_pad_start", VM_CONVERT);
    static const char *const large[] = {"str_repeat", "str_pad_start",
                                        "str_pad_end", "str_center"};
    static const int64_t sizes[] = {INT64_MAX, INT64_MAX / 2, INT64_C(1) << 40,
                                    INT64_C(1) << 30};
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 4; j++) {
            kit_str(k, 0, "abc");
            k->s[0] = sizes[j], k->s[1] = 0x1f600;
            kit_fails(k, large[i], VM_MEMORY);
        }
}

static void a_join_or_replacement_may_be_too_large(void **state)
{
    struct kit *k = *state;
    kit_str(k, 0, "x");
    k->s[0] = 1 << 20;
    kit_do(k, "str_repeat");
    uint64_t megabyte = kit_keep(k, k->r[0]);
    k->r[1] = kit_bytes(k, "x", 1);
    k->r[0] = k->r[2] = kit_get(k, megabyte);
    k->s[0] = -1;
    kit_fails(k, "str_replace", VM_MEMORY);
    kit_str(k, 0, "|");
    k->s[0] = 4096;
    kit_do(k, "str_repeat");
    k->r[1] = kit_bytes(k, "|", 1);
    k->s[0] = -1;
    kit_do(k, "str_split");
    k->r[1] = kit_get(k, megabyte);
    kit_fails(k, "str_join", VM_MEMORY);
}

/* ---- forms --------------------------------------------------------------- */

static void changes_case(void **state)
{
    struct kit *k = *state;
    one_to_one(k, "str_upper", "héllo ǆ 1", "HÉLLO Ǆ 1");
    one_to_one(k, "str_lower", "HÉLLO Σ", "héllo σ");
    one_to_one(k, "str_title", "hello wORLD é9a", "Hello World É9A");
    one_to_one(k, "str_title", "ǆ", "ǅ");
    one_to_one(k, "str_fold", "Straße ΣΑΣ", "strasse σασ");
    one_to_one(k, "str_upper", "", "");
}

static void normalises(void **state)
{
    struct kit *k = *state;
    one_to_one(k, "str_nfc", "e\u0301", "\u00e9");
    one_to_one(k, "str_nfd", "\u00e9", "e\u0301");
    one_to_one(k, "str_nfd", "\ud55c", "\u1112\u1161\u11ab");
    one_to_one(k, "str_nfc", "\u1112\u1161\u11ab", "\ud55c");
    one_to_one(k, "str_nfkc", "\ufb01\u2460", "fi1");
    one_to_one(k, "str_nfkd", "\ufdfa\u00e9",
               "\u0635\u0644\u0649 \u0627\u0644\u0644\u0647 "
               "\u0639\u0644\u064a\u0647 \u0648\u0633\u0644\u0645e\u0301");
    one_to_one(k, "str_nfd", "a\u0301\u0323", "a\u0323\u0301");
    one_to_one(k, "str_nfc", "a\u0301\u0323", "\u1ea1\u0301");
    one_to_one(k, "str_nfc", "plain", "plain");
    one_to_one(k, "str_nfc", "", "");
}

/* Marks of two classes in turn, in linear time: all of one, then the other. */
static void orders_many_marks(void **state)
{
    enum { N = 200000 };
    struct kit *k = *state;
    char *text = malloc(4 * N + 1);
    assert_non_null(text);
    text[0] = 'a';
    for (int i = 0; i < N; i++)
        memcpy(text + 1 + 4 * i, "\u0301\u0323", 4);
    k->r[0] = kit_bytes(k, text, 4 * N + 1);
    kit_do(k, "str_nfd");
    assert_int_equal(str_len(k->h, k->r[0]), 4 * N + 1);
    const uint8_t *u = str_bytes(k->h, k->r[0]);
    assert_memory_equal(u + 1, "\u0323\u0323", 4);
    assert_memory_equal(u + 2 * N - 1, "\u0323\u0301", 4);
    assert_memory_equal(u + 4 * N - 3, "\u0301\u0301", 4);
    free(text);
}

static void measures(void **state)
{
    static const struct {
        const char *s;
        int64_t width, chars;
    } of[] = {{"", 0, 0}, {"abc", 3, 3}, {"日本", 4, 2}, {"e\u0301", 1, 2}};
    struct kit *k = *state;
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        kit_str(k, 0, of[i].s);
        kit_do(k, "str_width");
        assert_int_equal(k->s[0], of[i].width);
        kit_do(k, "str_count_chars");
        assert_int_equal(k->s[0], of[i].chars);
    }
    one_to_one(k, "str_reverse", "ae\u0301z", "ze\u0301a");
    one_to_one(k, "str_reverse", "", "");
}

/* ---- places -------------------------------------------------------------- */

static void number_at(struct kit *k, const char *native, const char *s,
                      int64_t at, int64_t want, int64_t second)
{
    kit_str(k, 0, s);
    k->s[0] = at;
    k->s[1] = -1;
    kit_do(k, native);
    assert_int_equal(k->s[0], want);
    assert_int_equal(k->s[1], second);
}

static void fails_at(struct kit *k, const char *native, const char *s,
                     int64_t at, enum vm_error_kind kind)
{
    kit_str(k, 0, s);
    k->s[0] = at;
    kit_fails(k, native, kind);
}

static void knows_places(void **state)
{
    struct kit *k = *state;
    number_at(k, "str_char_at", "aé", 1, 0xe9, 2);
    number_at(k, "str_char_before", "aé", 3, 0xe9, 2);
    number_at(k, "str_char_before", "aé", 1, 'a', 1);
    fails_at(k, "str_char_at", "aé", 2, VM_UTF8);
    fails_at(k, "str_char_at", "aé", 3, VM_INDEX);
    fails_at(k, "str_char_at", "aé", -1, VM_INDEX);
    fails_at(k, "str_char_at", "aé", INT64_MAX, VM_INDEX);
    fails_at(k, "str_char_before", "aé", 0, VM_INDEX);
    fails_at(k, "str_char_before", "aé", 2, VM_UTF8);
    number_at(k, "str_offset", "aéb", 2, 3, -1);
    number_at(k, "str_offset", "aéb", 3, 4, -1);
    fails_at(k, "str_offset", "aéb", 4, VM_INDEX);
    fails_at(k, "str_offset", "aéb", -1, VM_INDEX);
    number_at(k, "str_is_boundary", "aé", 2, 0, -1);
    number_at(k, "str_is_boundary", "aé", 3, 1, -1);
    number_at(k, "str_is_boundary", "aé", 4, 0, -1);
    number_at(k, "str_is_boundary", "aé", -1, 0, -1);
}

static void knows_characters(void **state)
{
    static const struct {
        const char *native;
        int64_t c, want;
    } of[] = {
        {"char_is_space", 0x3000, 1},  {"char_is_space", 'a', 0},
        {"char_is_alpha", 0xe9, 1},    {"char_is_alpha", '1', 0},
        {"char_is_digit", 0x661, 1},   {"char_is_digit", 0xb2, 0},
        {"char_is_alnum", '_', 0},     {"char_is_alnum", 'z', 1},
        {"char_is_upper", 'A', 1},     {"char_is_lower", 'A', 0},
        {"char_is_lower", 0x3c3, 1},   {"char_upper", 0xe9, 0xc9},
        {"char_lower", 0xc9, 0xe9},    {"char_width", 0x65e5, 2},
        {"char_width", 0x301, 0},      {"char_is_alpha", -1, 0},
        {"char_upper", -5, -5},        {"char_lower", INT64_MAX, INT64_MAX},
        {"char_upper", 0xd800, 0xd800}};
    struct kit *k = *state;
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        k->s[0] = of[i].c;
        kit_do(k, of[i].native);
        if (k->s[0] != of[i].want)
            fail_msg("%s of %x", of[i].native, (unsigned)of[i].c);
    }
    k->s[0] = 'A';
    kit_do(k, "char_category");
    kit_is(k, k->r[0], "Lu");
    k->s[0] = -1;
    kit_do(k, "char_category");
    kit_is(k, k->r[0], "Cn");
}

/* ---- bytes and numbers --------------------------------------------------- */

static void bytes_come_back(void **state)
{
    struct kit *k = *state;
    kit_str(k, 0, "aé");
    kit_do(k, "str_bytes");
    kit_prints(k, k->r[0], "[97, 195, 169]");
    kit_do(k, "byte_list_text");
    kit_is(k, k->r[0], "aé");
    kit_str(k, 0, "");
    kit_do(k, "str_bytes");
    kit_prints(k, k->r[0], "[]");
    kit_do(k, "byte_list_text");
    kit_is(k, k->r[0], "");
    kit_list(k, 0, PVM_T_LIST_BYTE, (int64_t[]){'a', 0xff}, 2);
    kit_fails(k, "byte_list_text", VM_UTF8);
    assert_string_equal(k->vm->trap_text, "byte 1 is not UTF-8");
    kit_list(k, 0, PVM_T_LIST_INT, (int64_t[]){'a', 0xe9, 0x1f600}, 3);
    kit_do(k, "str_from_chars");
    kit_is(k, k->r[0], "aé😀");
    kit_list(k, 0, PVM_T_LIST_INT, (int64_t[]){'a', 0xdfff}, 2);
    kit_fails(k, "str_from_chars", VM_CONVERT);
    assert_string_equal(k->vm->trap_text,
                        "57343 is not a code point, at index 1");
}

static void text_of_a_part(void **state)
{
    struct kit *k = *state;
    kit_list(k, 0, PVM_T_LIST_BYTE, (int64_t[]){0xff, 'a', 'b', 0xff}, 4);
    uint64_t list = kit_keep(k, k->r[0]);
    k->s[0] = 1, k->s[1] = 3;
    kit_do(k, "byte_list_text_of");
    kit_is(k, k->r[0], "ab");
    k->r[0] = kit_get(k, list);
    k->s[0] = 2, k->s[1] = 4;
    kit_fails(k, "byte_list_text_of", VM_UTF8);
    assert_string_equal(k->vm->trap_text, "byte 3 is not UTF-8");
    static const int64_t bad[][2] = {{-1, 2}, {2, 1}, {0, 5}};
    for (int i = 0; i < 3; i++) {
        k->r[0] = kit_get(k, list);
        k->s[0] = bad[i][0], k->s[1] = bad[i][1];
        kit_fails(k, "byte_list_text_of", VM_INDEX);
    }
}

static void builds_and_undoes(void **state)
{
    struct kit *k = *state;
    kit_list(k, 0, PVM_T_LIST_BYTE, NULL, 0);
    uint64_t list = kit_keep(k, k->r[0]);
    for (int i = 0; i < 3000; i++) {
        k->r[1] = kit_bytes(k, "héy", 4);
        k->r[0] = kit_get(k, list);
        kit_do(k, "byte_list_add_str");
    }
    kit_scope(k);
    k->s[0] = 0x1f600;
    k->r[0] = kit_get(k, list);
    kit_do(k, "byte_list_add_char");
    assert_int_equal(list_len(k->h, kit_get(k, list)), 12004);
    kit_undo(k);
    k->r[0] = kit_get(k, list);
    kit_do(k, "byte_list_text");
    assert_int_equal(str_len(k->h, k->r[0]), 12000);
    assert_memory_equal(str_bytes(k->h, k->r[0]) + 11996, "héy", 4);
    k->r[0] = kit_get(k, list);
    k->s[0] = 0x110000;
    kit_fails(k, "byte_list_add_char", VM_CONVERT);
}

static void reads_numbers(void **state)
{
    static const struct {
        const char *s;
        int64_t base, ok, value;
    } of[] = {{"ff", 16, 1, 255},
              {"-Zz", 36, 1, -1295},
              {"+101", 2, 1, 5},
              {"102", 2, 0, 0},
              {"", 10, 0, 0},
              {"-", 10, 0, 0},
              {"9223372036854775808", 10, 0, 0},
              {"-9223372036854775808", 10, 1, INT64_MIN},
              {"-8000000000000000", 16, 1, INT64_MIN},
              {" 1", 10, 0, 0},
              {"1_0", 10, 0, 0}};
    struct kit *k = *state;
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        number_at(k, "int_parse", of[i].s, of[i].base, of[i].ok, of[i].value);
    }
    fails_at(k, "int_parse", "1", 1, VM_CONVERT);
    fails_at(k, "int_parse", "1", 37, VM_CONVERT);
    k->s[0] = INT64_MIN, k->s[1] = 2;
    kit_do(k, "int_text");
    kit_is(k, k->r[0],
           "-1000000000000000000000000000000000000000000000000000"
           "000000000000");
    k->s[0] = 35, k->s[1] = 36;
    kit_do(k, "int_text");
    kit_is(k, k->r[0], "z");
    k->s[0] = 1, k->s[1] = 0;
    kit_fails(k, "int_text", VM_CONVERT);
    number_at(k, "float_parse", "2.5", 0, 1, kit_word(2.5));
    number_at(k, "float_parse", "2.5x", 0, 0, 0);
}

static void quotes(void **state)
{
    struct kit *k = *state;
    one_to_one(k, "str_quote", "a\"\\\n\x1f", "\"a\\\"\\\\\\n\\u{1f}\"");
    one_to_one(k, "str_quote", "\xc2\x85\xc2\xa0\xc3\x82",
               "\"\\u{85}\xc2\xa0\xc3\x82\"");
    one_to_one(k, "str_quote", "", "\"\"");
}

/* ---- random texts -------------------------------------------------------- */

/* Text of characters that are special to something. */
static uint64_t some_text(struct kit *k, uint64_t *seed)
{
    static const uint32_t chars[] = {
        0,      '\n',   '\r',   ' ',     'a',     'A',     '"',     0x7f,
        0x85,   0xa0,   0xdf,   0xe9,    0x130,   0x1c6,   0x301,   0x323,
        0x345,  0x3a3,  0x600,  0x1100,  0x1161,  0x11a8,  0x1e9e,  0x200d,
        0x3000, 0xac00, 0xd7ff, 0xe000,  0xfb03,  0xfdfa,  0xfffd,  0xffff,
        '1',    0x661,  0x2126, 0x1f1e6, 0x1f468, 0x1f3fb, 0xe0041, 0x10ffff};
    char text[4 * 40];
    size_t n = 0;
    for (uint64_t i = kit_random(seed) % 40; i; i--)
        n += utf8_encode(
            chars[kit_random(seed) % (sizeof chars / sizeof *chars)], text + n);
    return kit_keep(k, kit_bytes(k, text, n));
}

/* The result of a native on a kept text is valid, and kept in its stead. */
static void apply(struct kit *k, const char *native, uint64_t *text)
{
    k->r[0] = kit_get(k, *text);
    kit_do(k, native);
    gc_handle_close(k->h, *text, NULL);
    *text = kit_keep(k, k->r[0]);
    const char *s = (const char *)str_bytes(k->h, k->r[0]);
    uint64_t n = str_len(k->h, k->r[0]);
    if (utf8_check(s, n) != n)
        fail_msg("%s gave what is no text", native);
}

static bool same(struct kit *k, uint64_t a, uint64_t b)
{
    bool equal = str_equal(k->h, kit_get(k, a), kit_get(k, b));
    gc_handle_close(k->h, a, NULL);
    gc_handle_close(k->h, b, NULL);
    return equal;
}

static uint64_t twin(struct kit *k, uint64_t text)
{
    return kit_keep(k, kit_get(k, text));
}

static void random_texts_stay_texts(void **state)
{
    static const char *const natives[] = {
        "str_upper", "str_lower",   "str_title", "str_fold",
        "str_nfc",   "str_nfd",     "str_nfkc",  "str_nfkd",
        "str_trim",  "str_reverse", "str_quote", "json_quote"};
    struct kit *k = *state;
    for (uint64_t seed = 1, i = 0; i < 1500; i++) {
        uint64_t text = some_text(k, &seed), once, again;
        apply(k, natives[i % 12], &text);
        once = twin(k, text);
        apply(k, "str_nfc", &once); /* forms go over into one another */
        again = twin(k, text);
        apply(k, "str_nfd", &again);
        apply(k, "str_nfc", &again);
        assert_true(same(k, once, again));
        once = twin(k, text);
        apply(k, "str_nfkd", &once);
        again = twin(k, once);
        apply(k, "str_nfkd", &again);
        assert_true(same(k, once, again));
        gc_handle_close(k->h, text, NULL);
    }
}

/* What is cut is whole when joined again, by whatever it was cut. */
static void random_texts_are_joined_again(void **state)
{
    static const char *const seps[] = {"", "a", "\n", "\u0301", "aA"};
    struct kit *k = *state;
    for (uint64_t seed = 2, i = 0; i < 1000; i++) {
        uint64_t text = some_text(k, &seed), other;
        kit_str(k, 1, seps[i % 5]);
        k->r[0] = kit_get(k, text);
        k->s[0] = (int64_t)(kit_random(&seed) % 8) - 1;
        kit_do(k, i % 7 ? "str_split" : "str_graphemes");
        uint64_t parts = kit_keep(k, k->r[0]);
        kit_str(k, 1, i % 7 ? seps[i % 5] : "");
        k->r[0] = kit_get(k, parts);
        kit_do(k, "str_join");
        gc_handle_close(k->h, parts, NULL);
        other = kit_keep(k, k->r[0]);
        assert_true(same(k, text, other));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds),
        cmocka_unit_test(finds_in_long_strings),
        cmocka_unit_test(counts),
        cmocka_unit_test(knows_starts_and_ends),
        cmocka_unit_test(splits),
        cmocka_unit_test(cuts),
        cmocka_unit_test(joins),
        cmocka_unit_test(long_ones_come_back),
        cmocka_unit_test(replaces),
        cmocka_unit_test(trims),
        cmocka_unit_test(repeats_and_pads),
        cmocka_unit_test(a_join_or_replacement_may_be_too_large),
        cmocka_unit_test(changes_case),
        cmocka_unit_test(normalises),
        cmocka_unit_test(orders_many_marks),
        cmocka_unit_test(measures),
        cmocka_unit_test(knows_places),
        cmocka_unit_test(knows_characters),
        cmocka_unit_test(bytes_come_back),
        cmocka_unit_test(text_of_a_part),
        cmocka_unit_test(builds_and_undoes),
        cmocka_unit_test(reads_numbers),
        cmocka_unit_test(quotes),
        cmocka_unit_test(random_texts_stay_texts),
        cmocka_unit_test(random_texts_are_joined_again),
    };
    int failed = cmocka_run_group_tests(tests, setup, teardown);
    return failed + cmocka_run_group_tests(tests, setup_stress, teardown);
}
