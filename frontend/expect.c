/* expect.c - what to say when the grammar refuses a token.
 *
 * First what people bring along from other languages (habits.def) and a few
 * mistakes of which more can be said than the tables know; then "expected one
 * of", made from the set of tokens the parser would have taken. */
#include "frontend/expect.h"

#include <string.h>

#include "frontend/parser.h"

enum { EXPECT_LIST = 4 }; /* things named in one message */

/* The token as messages name it. */
static const char *found_text(struct parse *p, const struct token *t,
                              const bool *ok)
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
        return ok[T_STR] ? "one with `{`" : "a string";
    if (t->kind == T_STR_MID || t->kind == T_STR_TAIL)
        return info->text;
    if (len == 0 || len > 40)
        return info->text;
    return arena_printf(p->u->arena, "`%.*s`", (int)len,
                        p->u->src->text + t->pos);
}

/* ---- habits -------------------------------------------------------------- */

static const struct habit habits[] = {
#define HABIT(word, help) {word, help},
#include "frontend/habits.def"
#undef HABIT
    {0}};
static const struct habit prefixes[] = {
#define PREFIX(word, help) {word, help},
#include "frontend/habits.def"
#undef PREFIX
    {0}};

/* The end of a string or character literal that begins at s, on its line. */
static const char *skip_quoted(const char *s)
{
    char quote = *s++;

    while (*s && *s != '\n' && *s != quote)
        s += s[0] == '\\' && s[1] && s[1] != '\n' ? 2 : 1;
    return *s == quote ? s + 1 : s;
}

static const char *logic_word(const char *s)
{
    if (s[0] == '&' && s[1] == '&')
        return "and";
    return s[0] == '|' && s[1] == '|' ? "or" : NULL;
}

/* `a && b || c`: all such operators from pos to the end of the line, as a line
 * with one of them left would be wrong still. */
static void fix_logic(struct parse *p, uint32_t pos, const char *help)
{
    enum { MOST = 1000 };
    struct bytes *b = &p->lex.scratch;
    const char *from = p->u->src->text + pos, *s = from, *end = s;
    uint32_t n = 0;

    b->n = 0;
    while (*s && *s != '\n' && s - from < MOST &&
           !(s[0] == '/' && s[1] == '/')) {
        const char *word = logic_word(s), *next = s + (word ? 2 : 1);
        if (*s == '"' || *s == '\'')
            next = skip_quoted(s);
        if (word)
            bytes_str(b, word);
        else
            bytes_add(b, s, (size_t)(next - s));
        s = next;
        if (word) {
            end = s;
            n = (uint32_t)b->n;
        }
    }
    diag_fix(p->u->diags, span_of(p, pos, pos + (uint32_t)(end - from)),
             arena_strndup(p->u->arena, (char *)b->at, n), "%s", help);
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
        if (logic_word(pairs[i].text))
            fix_logic(p, at.pos, pairs[i].help);
        else if (pairs[i].instead)
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
        diag_help(ds, "a value stands inside the braces: `{x}`");
        diag_help(ds, "for the character itself write `\\{`");
        return true;
    }
    if (t->kind == T_BANG && operand) {
        diag_at(ds, E0117, at, "!");
        diag_fix(ds, at, "not ", "write `not`");
        return true;
    }
    if (t->kind == T_ASSIGN && !leads_line(p, t) && !ok[T_COLON] &&
        !ok[T_BAR] && (ok[T_LC] || ok[T_SEMI] || ok[T_RP]) && !ok[T_IMPORT] &&
        !in_declaration(p) && !in_enum(p)) {
        diag_at(ds, E0125, at);
        if (ok[T_RP] && p->prev.kind == T_NAME)
            diag_fix(ds, at, ":", "a named argument is written `name: value`");
        if (p->lex.rev_body)
            diag_help(ds, "a `rev fn` has no value: its body is a block");
        else
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
    if (p->prev.kind == T_RC && p->closed.after == T_TRY && accepts[T_ELSE])
        return "`undo e`"; /* the filter looks for both tokens */
    memcpy(ok, accepts, sizeof ok);
    if (ok[T_RP] && p->prev.kind == T_NAME && in_declaration(p)) {
        /* the tables have reduced the parameter */
        ok[T_COMMA] = true;
        ok[T_COLON] = p->before.kind != T_COLON && p->before.kind != T_DOT;
    }
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

static bool is_word(uint8_t kind)
{
    return token_infos[kind].text && token_infos[kind].where == TOKEN_WORD;
}

/* `while { ... }`: the block was taken for the condition, and then a block is
 * missing.  What is missing is the condition. */
static bool report_no_head(struct parse *p, const struct token *t,
                           const bool *ok)
{
    const struct opened *o = &p->closed;
    const char *what;

    if (t->kind == T_FAT && p->depth && p->open[p->depth - 1] == T_LC &&
        p->opened[p->depth - 1].after == T_MATCH)
        o = &p->opened[p->depth - 1];
    else if (!ok[T_LC] || p->prev.kind != T_RC)
        return false;
    switch (o->after) {
    case T_IF:
    case T_WHILE: what = "a condition"; break;
    case T_IN: what = "a list or a range"; break;
    case T_MATCH: what = "a value"; break;
    default: return false;
    }
    if (p->told == o->pos + 1) {
        p->lex.syntax_errors = 0;
        return true;
    }
    p->told = o->pos + 1;
    diag_at(p->u->diags, E0101, span_of(p, o->pos, o->pos + 1), what, "`{`");
    return true;
}

/* A reserved word where a name was to be declared. */
static bool report_reserved(struct parse *p, const struct token *t,
                            const bool *ok)
{
    if (!is_word(t->kind) || !ok[T_NAME] || ok[T_FAIL] || ok[T_IMPORT] ||
        (t->kind == T_MUT && p->prev.kind == T_LET) || p->prev.kind == T_FOR ||
        (p->prev.kind == T_LP && p->before.kind == T_FOR))
        return false;
    diag_at(p->u->diags, E0124, span_of(p, t->pos, t->end),
            token_infos[t->kind].text);
    diag_help(p->u->diags, "choose another name");
    return true;
}

/* Where a statement begins before the one on the line above was complete, the
 * end of that line is what was found. */
static struct token at_line_end(const struct parse *p, const struct token *t)
{
    struct token end = {.kind = T_SEMI, .pos = p->prev.end, .end = p->prev.end};

    if (t->kind == T_NAME || !begins_element(p, t, false) || !p->prev.kind ||
        p->prev.kind == T_SEMI || p->prev.kind == T_LC || p->prev.kind == T_RC)
        return *t;
    return end;
}

void expect_report(struct parse *p, struct token t, const bool *ok)
{
    struct diags *ds = p->u->diags;
    const char *expected;

    p->failed = true;
    p->lacks_block = t.kind == T_SEMI && ok[T_LC] && !ok[T_INT];
    if (p->lex.syntax_errors && p->lex.syntax_error == t.pos)
        return; /* refused again behind recovery */
    p->lex.syntax_error = t.pos;
    p->lex.syntax_errors = 0;
    if (lexer_muted(&p->lex, t.pos))
        return;
    p->lex.syntax_errors = diags_errors(ds) + 1;
    t = at_line_end(p, &t);
    if (t.kind == T_STR_MID || t.kind == T_STR_TAIL)
        t.end = t.pos + (t.end > t.pos); /* the brace, not the text behind */
    if (report_no_head(p, &t, ok) || report_pair(p, &t) ||
        report_decrement(p, &t) || report_special(p, &t, ok) ||
        report_word(p, &t, ok) || report_reserved(p, &t, ok))
        return;
    expected = expected_text(p, ok);
    if (expected)
        diag_at(ds, E0101, span_of(p, t.pos, t.end), expected,
                found_text(p, &t, ok));
    else
        diag_at(ds, E0102, span_of(p, t.pos, t.end), found_text(p, &t, ok));
    expect_help(p, &t, ok);
}
