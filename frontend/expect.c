/* expect.c - what to say when the grammar refuses a token.
 *
 * First what people bring along from other languages (habits.def) and a few
 * mistakes of which more can be said than the tables know; then "expected one
 * of", made from the set of tokens the parser would have taken. */
#include "frontend/make.h"

#include <ctype.h>
#include <string.h>

#include "frontend/parser.h"

enum { EXPECT_LIST = 4 }; /* things named in one message */

static struct span span_of(const struct parse *p, uint32_t pos, uint32_t end)
{
    return (struct span){p->u->src, pos, end};
}

/* The token as messages name it. */
static const char *found_text(struct parse *p, const struct token *t)
{
    const struct token_info *info = &token_infos[t->kind];
    uint32_t len = t->end - t->pos;

    if (t->kind == 0 || (t->kind == T_SEMI && t->pos >= p->u->src->len))
        return "the end of the file";
    if (t->kind == T_SEMI && len == 0)
        return "the end of the line";
    if (t->kind == T_STR)
        return "a string";
    if (t->kind == T_STR_HEAD)
        return "one with `{`";
    if (len == 0 || len > 40)
        return info->text;
    return arena_printf(p->u->arena, "`%.*s`", (int)len,
                        p->u->src->text + t->pos);
}

/* ---- habits -------------------------------------------------------------- */

struct habit {
    const char *word, *help;
};
static const struct habit habits[] = {
#define HABIT(word, help) {word, help},
#include "frontend/habits.def"
#undef HABIT
    {0}};
static const struct habit usages[] = {
#define USAGE(word, help) {word, help},
#include "frontend/habits.def"
#undef USAGE
    {0}};
static const struct habit prefixes[] = {
#define PREFIX(word, help) {word, help},
#include "frontend/habits.def"
#undef PREFIX
    {0}};

static const char *find_habit(const struct habit *list, const struct token *t)
{
    if (t->kind != T_NAME)
        return NULL;
    for (; list->word; list++)
        if (!strcmp(t->of.name->text, list->word))
            return list->help;
    return NULL;
}

/* Whether the token before the refused one began a statement. */
static bool was_first(const struct parse *p)
{
    switch (p->before.kind) {
    case 0:
    case T_SEMI:
    case T_LC:
    case T_RC: return true;
    }
    return false;
}

/* Two signs side by side that are one operator elsewhere. */
static bool report_pair(struct parse *p, const struct token *t)
{
    static const struct {
        uint8_t first, second;
        const char *text, *instead, *help;
    } pairs[] = {
#define PAIR(FIRST, SECOND, text, instead, help)                               \
    {T_##FIRST, T_##SECOND, text, instead, help},
#include "frontend/habits.def"
#undef PAIR
    };
    const struct token *prev = &p->prev;

    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct span at = span_of(p, prev->pos, t->end);
        if (pairs[i].first != prev->kind || pairs[i].second != t->kind ||
            prev->end != t->pos)
            continue;
        diag_at(p->u->diags, E0117, at, pairs[i].text);
        if (pairs[i].instead)
            diag_fix(p->u->diags, at, pairs[i].instead, "%s", pairs[i].help);
        else
            diag_help(p->u->diags, "%s", pairs[i].help);
        return true;
    }
    return false;
}

/* `x--` at the end of a statement: the two signs are legal, the end is not. */
static bool report_decrement(struct parse *p, const struct token *t)
{
    struct span at = span_of(p, p->before.pos, p->prev.end);

    if (p->before.kind != T_MINUS || p->prev.kind != T_MINUS ||
        p->before.end != p->prev.pos ||
        (t->kind != T_SEMI && t->kind != T_RC && !t->first))
        return false;
    diag_at(p->u->diags, E0117, at, "--");
    diag_help(p->u->diags, "write `x -= 1`");
    return true;
}

/* A word of another language: the one refused, or the name before it. */
static bool report_word(struct parse *p, const struct token *t, const bool *ok)
{
    const struct token *w = t;
    const char *help = ok[T_COLON] ? NULL : find_habit(habits, t);

    if (!help && was_first(p)) {
        w = &p->prev;
        help = find_habit(habits, w);
    }
    if (!help && !ok[T_COLON] && !ok[T_ASSIGN]) {
        w = &p->prev;
        help = find_habit(prefixes, w);
    }
    if (!help)
        return false;
    diag_at(p->u->diags, E0118, span_of(p, w->pos, w->end), w->of.name->text);
    diag_help(p->u->diags, "%s", help);
    return true;
}

/* ---- mistakes with a story ----------------------------------------------- */

static bool is_comparison(uint8_t kind)
{
    switch (kind) {
    case T_EQ:
    case T_NE:
    case T_LT:
    case T_LE:
    case T_GT:
    case T_GE:
    case T_IN:
    case T_NOT_IN:
    case T_IS:
    case T_IS_NOT:
    case T_DOTDOT: return true;
    }
    return false;
}

/* The word that ends before `end`, moved to its start. */
static uint32_t word_before(const char *text, uint32_t *end)
{
    uint32_t to;

    while (*end && strchr(" \t\r\n", text[*end - 1]))
        --*end;
    to = *end;
    while (*end &&
           (isalnum((unsigned char)text[*end - 1]) || text[*end - 1] == '_'))
        --*end;
    return to - *end;
}

/* Whether the innermost bracket holds parameters or fields: `fn f(`, `fn(`,
 * `struct P {`. */
static bool in_declaration(const struct parse *p)
{
    const struct lexer *l = &p->lex;
    uint32_t end = l->frames.n ? l->frames.at[l->frames.n - 1].pos : 0;

    for (int i = 0; i < 2; i++) {
        uint32_t n = word_before(l->text, &end);
        if ((n == 2 && !memcmp(l->text + end, "fn", 2)) ||
            (n == 6 && !memcmp(l->text + end, "struct", 6)))
            return true;
    }
    return false;
}

static bool report_special(struct parse *p, const struct token *t,
                           const bool *ok)
{
    struct diags *ds = p->u->diags;
    struct span at = span_of(p, t->pos, t->end);
    bool operand = ok[T_INT] && ok[T_FAIL];
    bool operator= ok[T_PLUS] || ok[T_AND];

    if ((t->kind == T_STR_MID || t->kind == T_STR_TAIL) &&
        (p->prev.kind == T_STR_HEAD || p->prev.kind == T_STR_MID)) {
        diag_at(ds, E0121, span_of(p, p->prev.end - 1, t->pos + 1));
        diag_help(ds, "for the character itself write `\\{`");
        return true;
    }
    if (t->kind == T_VAR && p->prev.kind == T_LP && p->before.kind == T_FOR) {
        diag_at(ds, E0101, at, "a pattern", "`var`");
        diag_help(ds, "a loop over numbers is `for i in 0..n { ... }`");
        return true;
    }
    if (t->kind == T_BANG && operand) {
        diag_at(ds, E0117, at, "!");
        diag_fix(ds, at, "not ", "write `not`");
        return true;
    }
    if (t->kind == T_ASSIGN && !ok[T_COLON] && !ok[T_BAR] &&
        (ok[T_LC] || ok[T_SEMI] || ok[T_RP]) && !ok[T_IMPORT] &&
        !in_declaration(p)) {
        diag_at(ds, E0125, at);
        if (ok[T_RP] && p->prev.kind == T_NAME)
            diag_fix(ds, at, ":", "a named argument is written `name: value`");
        diag_fix(ds, at, "==", "to compare, write `==`");
        return true;
    }
    if (is_comparison(t->kind) && operator) {
        diag_at(ds, E0119, at);
        diag_help(ds, t->kind == T_DOTDOT
                          ? "a range has two ends"
                          : "join two comparisons with `and`, or put one "
                            "in parentheses");
        return true;
    }
    return false;
}

/* ---- expected one of ----------------------------------------------------- */

/* Takes what `text` covers out of the set. */
static void take(bool *ok, const uint8_t *kinds)
{
    for (; *kinds; kinds++)
        ok[*kinds] = false;
}

static void take_expression(bool *ok)
{
    static const uint8_t kinds[] = {
        T_NAME,   T_INT,    T_FLOAT,  T_STR,    T_STR_HEAD,   T_LP,
        T_LB,     T_LC,     T_MINUS,  T_TILDE,  T_NOT,        T_TRUE,
        T_FALSE,  T_NONE,   T_RETURN, T_BREAK,  T_CONTINUE,   T_FAIL,
        T_TRY,    T_UNDO,   T_OLD,    T_RECORD, T_CHECKPOINT, T_REWIND,
        T_CHOOSE, T_SEARCH, T_FORK,   T_IF,     T_MATCH,      T_FN,
        T_TEST,   T_AS,     0};

    take(ok, kinds);
}

static void take_statement(bool *ok)
{
    static const uint8_t kinds[] = {T_LET,    T_VAR,  T_WHILE,   T_LOOP,
                                    T_FOR,    T_KEEP, T_REQUIRE, T_ONUNDO,
                                    T_UNCALL, T_FROM, T_LOCAL,   T_DELOCAL,
                                    T_WITHIN, T_NEG,  T_INV,     0};

    take(ok, kinds);
    take_expression(ok);
}

static void take_declaration(bool *ok)
{
    static const uint8_t kinds[] = {T_IMPORT, T_PUB,   T_STRUCT, T_ENUM,
                                    T_LET,    T_VAR,   T_FN,     T_TEST,
                                    T_REV,    T_MERGE, 0};

    take(ok, kinds);
}

static void take_operator(bool *ok)
{
    static const uint8_t kinds[] = {
        T_OR,     T_AND,      T_EQ,      T_NE,  T_LT,     T_LE,   T_GT,
        T_GE,     T_IN,       T_NOT_IN,  T_IS,  T_IS_NOT, T_QQ,   T_DOTDOT,
        T_BAR,    T_CARET,    T_AMP,     T_SHL, T_SHR,    T_PLUS, T_MINUS,
        T_STAR,   T_SLASH,    T_PERCENT, T_LP,  T_LB,     T_DOT,  T_BANG,
        T_ASSIGN, T_OPASSIGN, T_SWAP,    0};

    take(ok, kinds);
}

static void take_type(bool *ok)
{
    static const uint8_t kinds[] = {T_NAME, T_TEST, T_AS, T_LB, T_LP, T_FN, 0};

    take(ok, kinds);
}

static void take_pattern(bool *ok)
{
    static const uint8_t kinds[] = {T_NAME, T_TEST,  T_AS,    T_LP,
                                    T_INT,  T_FLOAT, T_MINUS, T_STR,
                                    T_TRUE, T_FALSE, T_NONE,  0};

    take(ok, kinds);
}

/* Puts the set into words: whole categories first, then single tokens in the
 * order of tokens.def.  Consumes ok. */
static uint32_t name_expected(bool *ok, const char *list[EXPECT_LIST + 1])
{
    uint32_t n = 0;

    if (ok[T_IMPORT]) {
        list[n++] = "a declaration";
        take_declaration(ok);
    } else if (ok[T_WHILE]) {
        list[n++] = "a statement";
        take_statement(ok);
    } else if (ok[T_INT] && ok[T_FAIL]) {
        list[n++] = "an expression";
        take_expression(ok);
    } else if (ok[T_INT] && ok[T_LP]) {
        list[n++] = "a pattern";
        take_pattern(ok);
    } else if (ok[T_NAME] && ok[T_LB] && ok[T_FN]) {
        list[n++] = "a type";
        take_type(ok);
    }
    if (ok[T_PLUS] || ok[T_AND]) {
        list[n++] = "an operator";
        take_operator(ok);
    }
    for (uint32_t k = 1; k < TOKEN_MAX && n <= EXPECT_LIST; k++) {
        const struct token_info *info = &token_infos[k];
        if (!ok[k] || k == T_TEST || k == T_AS)
            continue;
        if (n && !strcmp(info->text, list[n - 1]))
            continue;
        list[n++] = info->text;
    }
    return n;
}

static const char *expected_text(struct parse *p, const bool *accepts)
{
    struct bytes *b = &p->lex.scratch;
    bool ok[TOKEN_MAX];
    const char *list[EXPECT_LIST + 1];
    uint32_t n;

    /* The tables have reduced an empty element before they refused the token:
     * where nothing stands yet, the element is what was expected. */
    if (accepts[T_SEMI] && !accepts[T_COMMA] && !accepts[T_INT] &&
        (!p->prev.kind || p->prev.kind == T_SEMI || p->prev.kind == T_LC))
        return p->depth ? "a statement" : "a declaration";
    memcpy(ok, accepts, sizeof ok);
    n = name_expected(ok, list);
    if (n == 0 || n > EXPECT_LIST)
        return NULL;
    b->n = 0;
    for (uint32_t i = 0; i < n; i++) {
        const char *text = list[i];
        bool is_word = text[0] >= 'a' && text[0] <= 'z' && !strchr(text, ' ');
        bytes_str(b, i == 0 ? "" : i + 1 < n ? ", " : " or ");
        bytes_printf(b, is_word ? "`%s`" : "%s", text);
    }
    bytes_byte(b, 0);
    return arena_strndup(p->u->arena, (char *)b->at, b->n - 1);
}

static bool is_type_name(const struct name *name)
{
    static const char *const names[] = {"int", "float", "bool", "byte", "str"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(name->text, names[i]))
            return true;
    return false;
}

/* `P{x: 1}` and `P{}`: a brace behind a name that is no block's. */
static const char *struct_help(struct parse *p, const struct token *t)
{
    const struct name *name = p->prev.of.name;
    const char *s = p->u->src->text + t->end, *field;

    if (p->prev.kind != T_NAME)
        return NULL;
    s += strspn(s, " \t\r\n");
    field = s;
    while (isalnum((unsigned char)*s) || *s == '_')
        s++;
    if (s > field && s - field < 40 && s[strspn(s, " \t")] == ':')
        return arena_printf(p->u->arena,
                            "a struct is made by a call: `%s(%.*s: ...)`",
                            name->text, (int)(s - field), field);
    if (isupper((unsigned char)name->text[0]))
        return arena_printf(
            p->u->arena, "a struct is made by a call: `%s(...)`", name->text);
    return NULL;
}

/* An item right behind another one in ( ) or [ ]. */
static bool lacks_comma(const struct parse *p, const struct token *t,
                        const bool *ok)
{
    bool item = t->kind == T_INT || t->kind == T_FLOAT || t->kind == T_STR ||
                t->kind == T_STR_HEAD;
    const char *from = p->u->src->text + p->prev.end;

    if (t->kind == T_NAME) /* on a new line it may begin a statement */
        item = !memchr(from, '\n', t->pos - p->prev.end);
    return item && (ok[T_RP] || ok[T_RB]);
}

static bool ends_line(const struct parse *p, const struct token *t)
{
    const char *s = p->u->src->text + t->end;

    s += strspn(s, " \t\r");
    return *s == '\n' || !*s;
}

/* Whether nothing that surrounds an expression may follow. */
static bool ends_nothing(const bool *ok)
{
    return !ok[T_SEMI] && !ok[T_RP] && !ok[T_RB] && !ok[T_RC] && !ok[T_COMMA] &&
           !ok[T_LC] && !ok[T_STR_TAIL];
}

/* What else can be said of common mistakes, or NULL. */
static const char *help_text(struct parse *p, const struct token *t,
                             const bool *ok)
{
    uint8_t prev = p->prev.kind;

    if (ok[T_ELSE] && ends_nothing(ok))
        return prev == T_RC
                   ? "a `try` block has a handler: `try { ... } undo e { ... }`"
                   : "behind `try` and an expression stands `else` with the "
                     "value for the other case";
    switch (t->kind) {
    case T_COMMA:
        return p->before.kind == T_FOR
                   ? "to have the index too, write `for i in 0..xs.len`"
                   : NULL;
    case T_STR_HEAD:
        if (prev == T_NAME && p->prev.end == t->pos)
            return "strings have no prefix but `r`; every one may hold `{x}`";
        return prev == T_TEST ? "the name of a test is a plain string; a brace "
                                "is written `\\{`"
                              : "a brace in a plain string is written `\\{`";
    case T_LC: return struct_help(p, t);
    case T_QUEST: return "a choice is written `if a { b } else { c }`";
    case T_COLON:
        if (ok[T_LC] && ok[T_ASSIGN] && !ends_line(p, t))
            return "the result type stands behind `->`";
        if (ok[T_RB])
            return "a slice is written `xs[from..to]`";
        if (prev == T_STR && p->before.kind == T_LC)
            return "a map is written `[key: value]`";
        return ok[T_LC] ? "blocks stand in braces" : NULL;
    case T_FOR:
        return ok[T_RB] ? "to make a list, start with `[]` and `push` in a loop"
                        : NULL;
    case T_FN:
        return in_declaration(p)
                   ? "functions stand outside the struct; `x.f()` calls `f(x)`"
                   : NULL;
    case T_STR:
        if (prev == T_NAME && p->prev.end == t->pos)
            return "strings have no prefix but `r`; every one may hold `{x}`";
        break;
    case T_SEMI:
        if (ok[T_ASSIGN] && !ok[T_LC])
            return "a variable gets its value where it is declared: "
                   "`let x = ...`";
        if (ok[T_LC] && t->pos == t->end)
            return "the `{` stands on the line of what it belongs to";
        break;
    case T_FAT: return "a lambda is written `fn(x) = x + 1`";
    case T_BAR:
        return prev == T_LP || prev == T_COMMA || prev == T_ASSIGN
                   ? "a lambda is written `fn(x) = x + 1`"
                   : NULL;
    case T_ASSIGN:
        if (in_declaration(p))
            return "parameters and fields have no default values";
        return ok[T_BAR] ? "a loop over numbers is `for i in 0..n { ... }`"
                         : NULL;
    case T_RC: return prev == T_FAIL ? "say why: `fail \"...\"`" : NULL;
    case T_DOT:
        return ok[T_INT] ? "a float has a digit before its point: 0.5" : NULL;
    case T_PLUS: return "there is no unary `+`";
    case T_ELSE: return "an `else` follows the `}` of its `if`";
    }
    if (t->kind == T_NAME && prev == T_NAME &&
        (ok[T_COLON] || (ok[T_RP] && is_type_name(p->prev.of.name))))
        return "a name stands before its type: `name: type`";
    if (!p->depth && (!prev || prev == T_SEMI) && t->kind != T_SEMI)
        return "statements stand in functions; a program begins with "
               "`fn main() { ... }`";
    if (prev == T_RP && ok[T_LC] && !ok[T_SEMI])
        return "blocks stand in braces";
    if (lacks_comma(p, t, ok))
        return "is there a `,` missing before it?";
    if (was_first(p))
        return find_habit(usages, &p->prev);
    return NULL;
}

/* A word of the language that was meant where a statement or a declaration
 * begins; `function` stands for `fn`.  The first letter is usually right. */
static const char *near_word(const struct token *t, bool in_file)
{
    static const char *const words[] = {
        "function", "let",   "var",      "struct", "enum", "import", "pub",
        "test",     "if",    "else",     "while",  "loop", "for",    "match",
        "return",   "break", "continue", "fail",   "try",  "undo",   "keep"};
    enum { IN_FILE = 8, ALL = sizeof words / sizeof *words };
    char word[16] = "";
    const char *near;

    if (t->kind != T_NAME || t->of.name->len >= sizeof word)
        return NULL;
    for (uint32_t i = 0; i < t->of.name->len; i++)
        word[i] = (char)tolower((unsigned char)t->of.name->text[i]);
    near = diag_nearest(word, words, in_file ? IN_FILE : ALL);
    if (!near || near[0] != word[0])
        return NULL;
    return near == words[0] ? "fn" : near;
}

/* A misspelt word: the one refused, or the name before it. */
static bool help_word(struct parse *p, const struct token *t)
{
    const struct token *w = was_first(p) ? &p->prev : t;
    const char *near;

    if (w->kind != T_NAME) /* nothing but `}` before */
        w = t;
    near = near_word(w, !p->depth);
    if (!near && w->kind == T_NAME && w == t && p->prev.kind == T_RC)
        near = near_word(t, false);
    if (near)
        diag_fix(p->u->diags, span_of(p, w->pos, w->end), near,
                 "did you mean `%s`?", near);
    return near != NULL;
}

static void add_help(struct parse *p, const struct token *t, const bool *ok)
{
    struct diags *ds = p->u->diags;
    const char *help;

    if (t->kind == T_MUT && p->prev.kind == T_LET) {
        diag_fix(ds, span_of(p, p->prev.pos, t->end), "var",
                 "a variable that may be assigned is declared with `var`");
        return;
    }
    if (help_word(p, t))
        return;
    help = help_text(p, t, ok);
    if (help)
        diag_help(ds, "%s", help);
}

static bool is_word(uint8_t kind)
{
    return token_infos[kind].text && token_infos[kind].where == TOKEN_WORD;
}

void expect_report(struct parse *p, struct token t, const bool *ok)
{
    struct diags *ds = p->u->diags;
    struct span at = span_of(p, t.pos, t.end);
    const char *expected;

    p->failed = true;
    if (p->lex.syntax_errors && p->lex.syntax_error == t.pos)
        return; /* refused again behind recovery */
    p->lex.syntax_error = t.pos;
    p->lex.syntax_errors = 0;
    if (lexer_muted(&p->lex, t.pos))
        return;
    p->lex.syntax_errors = diags_errors(ds) + 1;
    if (report_pair(p, &t) || report_decrement(p, &t) ||
        report_special(p, &t, ok) || report_word(p, &t, ok))
        return;
    if (is_word(t.kind) && ok[T_NAME] && !ok[T_FAIL] && !ok[T_IMPORT] &&
        !(t.kind == T_MUT && p->prev.kind == T_LET)) {
        diag_at(ds, E0124, at, token_infos[t.kind].text);
        diag_help(ds, "choose another name");
        return;
    }
    expected = expected_text(p, ok);
    if (expected)
        diag_at(ds, E0101, at, expected, found_text(p, &t));
    else
        diag_at(ds, E0102, at, found_text(p, &t));
    add_help(p, &t, ok);
}
