/* expect_help.c - what else can be said of a token that the grammar refuses:
 * the help that goes with "expected one of" (expect.c). */
#include "frontend/expect.h"

#include <ctype.h>
#include <string.h>

#include "frontend/parser.h"

static const struct habit usages[] = {
#define USAGE(word, help) {word, help},
#include "frontend/habits.def"
#undef USAGE
    {0}};

const char *find_habit(const struct habit *list, const struct token *t)
{
    if (t->kind != T_NAME)
        return NULL;
    for (; list->word; list++)
        if (!strcmp(t->of.name->text, list->word))
            return list->help;
    return NULL;
}

/* Whether the token before the refused one began a statement. */
bool was_first(const struct parse *p)
{
    switch (p->before.kind) {
    case 0:
    case T_SEMI:
    case T_LC:
    case T_RC: return true;
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
bool in_declaration(const struct parse *p)
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

bool in_enum(const struct parse *p)
{
    const struct lexer *l = &p->lex;

    for (uint32_t i = 0; i < 2 && i < l->frames.n; i++) {
        uint32_t end = l->frames.at[l->frames.n - 1 - i].pos;
        word_before(l->text, &end); /* the name */
        if (word_before(l->text, &end) == 4 &&
            !memcmp(l->text + end, "enum", 4))
            return true;
    }
    return false;
}

static bool is_capital(const struct token *t)
{
    return t->kind == T_NAME && isupper((unsigned char)t->of.name->text[0]);
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

bool leads_line(const struct parse *p, const struct token *t)
{
    static const uint8_t kinds[] = {
        T_ASSIGN, T_OPASSIGN, T_SWAP,   T_QQ,    T_EQ,      T_NE,     T_LT,
        T_LE,     T_GT,       T_GE,     T_BAR,   T_CARET,   T_AMP,    T_SHL,
        T_SHR,    T_PLUS,     T_STAR,   T_SLASH, T_PERCENT, T_DOTDOT, T_IN,
        T_NOT_IN, T_IS,       T_IS_NOT, T_AND,   T_OR};

    return p->prev.kind == T_SEMI && p->prev.pos == p->prev.end &&
           memchr(kinds, t->kind, sizeof kinds) != NULL;
}

/* ---- helps of one kind --------------------------------------------------- */

static const char *const loop_help =
    "a loop over numbers is `for i in 0..n { ... }`";

/* Of the head of a loop. */
static const char *help_loop(const struct parse *p, const struct token *t,
                             const bool *ok)
{
    bool in_parens = ok[T_BAR] && ok[T_RP];

    switch (t->kind) {
    case T_COMMA:
        return p->before.kind == T_FOR ? "to have the index too, write "
                                         "`for (i, x) in xs.enumerate()`"
                                       : NULL;
    case T_VAR:
    case T_LET:
        return p->prev.kind == T_FOR || p->before.kind == T_FOR ? loop_help
                                                                : NULL;
    case T_IN:
        if (p->prev.kind == T_FOR)
            return "each item has a name: `for x in xs { ... }`";
        return in_parens ? "the head of a loop stands without parentheses: "
                           "`for i in 0..n { ... }`"
                         : NULL;
    case T_ASSIGN: return ok[T_BAR] ? loop_help : NULL;
    case T_NAME:
        return in_parens && p->prev.kind == T_NAME &&
                       is_type_name(p->prev.of.name)
                   ? loop_help
                   : NULL;
    }
    return NULL;
}

/* Of `try` and `undo`. */
static const char *help_try(const struct parse *p, const struct token *t,
                            const bool *ok)
{
    const char *s = p->u->src->text + t->end;

    if (t->kind == T_LC && p->prev.kind == T_UNDO && ok[T_NAME])
        return "a handler names the error: `undo e { ... }`";
    if ((t->kind == T_UNDO && s[strspn(s, " \t")] != '{') ||
        (t->kind == T_NAME && p->prev.kind == T_UNDO && ok[T_LC]))
        return "a handler stands behind the block of its `try`: "
               "`try { ... } undo e { ... }`";
    if (ok[T_ELSE] && ends_nothing(ok))
        return p->prev.kind == T_RC
                   ? "a `try` block has a handler: `try { ... } undo e { ... }`"
                   : "behind `try` and an expression stands `else` with the "
                     "value for the other case";
    return NULL;
}

/* Of `xs[...]`. */
static const char *help_slice(const struct parse *p, const struct token *t,
                              const bool *ok)
{
    if (t->kind == T_RB && p->prev.kind == T_DOTDOT)
        return "both ends of a slice are written: `xs[1..xs.len]`";
    if (t->kind == T_DOTDOT && p->prev.kind == T_LB)
        return "both ends of a slice are written: `xs[0..n]`";
    if (t->kind == T_COLON && (ok[T_RB] || (p->prev.kind == T_LB && ok[T_INT])))
        return "a slice is written `xs[from..to]`";
    return NULL;
}

/* Whether a place behind `&` goes on as an expression, `&x + 1`. */
static bool behind_ampersand(const struct parse *p, const struct token *t)
{
    enum { FAR = 200 };
    const char *from = p->u->src->text, *s = from + t->pos;

    if (t->pos > FAR)
        from = s - FAR;
    while (s > from && (isalnum((unsigned char)s[-1]) ||
                        (s[-1] && strchr("_.[] \t", s[-1]))))
        s--;
    return s > from && s[-1] == '&';
}

static bool is_word(const struct token *t, const char *word)
{
    return t->kind == T_NAME && !strcmp(t->of.name->text, word);
}

/* Behind the pattern of an arm. */
static const char *help_arm(const struct token *t)
{
    switch (t->kind) {
    case T_ARROW:
    case T_COLON: return "an arm is written `pattern => expression`";
    case T_COMMA: return "alternatives are written `p | q`";
    case T_LC:
        return "the parts of a variant stand in parentheses: `Circle(r)`";
    }
    return is_word(t, "when") || is_word(t, "where")
               ? "a guard is written `pattern if c`"
               : NULL;
}

/* Where a pattern is wanted. */
static const char *help_pattern_start(const struct token *t)
{
    switch (t->kind) {
    case T_ELSE: return "`_ => ...` takes what is left";
    case T_DOT: return "a variant is written by its name alone, or `Enum.V`";
    case T_DOTDOT: return "`_` stands for a part that is not wanted";
    case T_LB: return "lists have no patterns; match `xs.len`";
    }
    return NULL;
}

/* Of enums and type parameters. */
static const char *help_generic(const struct parse *p, const struct token *t,
                                const bool *ok)
{
    if (in_enum(p) && (t->kind == T_LC || (t->kind == T_RP && ok[T_COLON])))
        return "each part of a payload has a name: `Circle(r: float)`";
    if ((t->kind == T_COLON && ok[T_RB] && in_declaration(p)) ||
        is_word(t, "where"))
        return "a type parameter has no bounds: its function is checked for "
               "each type";
    return NULL;
}

/* Of types. */
static const char *help_type(const struct parse *p, const struct token *t,
                             const bool *ok)
{
    bool wanted = ok[T_FN] && ok[T_NAME] && !ok[T_INT];

    if (t->kind == T_ARROW && p->prev.kind != T_NONE && !ok[T_LC])
        return "the type of a function is written `fn(int) -> int`";
    if (t->kind == T_QUEST && wanted)
        return "an option is written `int?`";
    if (t->kind == T_QQ && !ok[T_PLUS])
        return "there is no option of an option";
    return NULL;
}

/* Of patterns, types and what declares them. */
static const char *help_shape(const struct parse *p, const struct token *t,
                              const bool *ok)
{
    bool pattern = ok[T_NONE] && ok[T_NAME] && !ok[T_IF];
    bool arms = ok[T_RC] && ok[T_COMMA] && ok[T_SEMI] && !ok[T_PLUS];
    const char *help = NULL;

    if (ok[T_FAT])
        help = help_arm(t);
    else if (t->kind == T_DOTDOT && p->prev.kind == T_LP && ok[T_RP] &&
             is_capital(&p->before)) /* the tables took the parts for none */
        help = help_pattern_start(t);
    else if (t->kind == T_LB && p->prev.kind == T_LP && ok[T_RP] && !ok[T_LB] &&
             is_capital(&p->before))
        help = help_pattern_start(t);
    else if (pattern || (arms && !in_declaration(p) && !in_enum(p)))
        help = help_pattern_start(t);
    if (help || (help = help_generic(p, t, ok)))
        return help;
    return help_type(p, t, ok);
}

/* Of operators and signs. */
static const char *help_sign(const struct parse *p, const struct token *t,
                             const bool *ok)
{
    uint8_t prev = p->prev.kind;

    if (leads_line(p, t))
        return "an operator stands at the end of the line before";
    switch (t->kind) {
    case T_QUEST:
        if (p->u->src->text[t->end] == '.')
            return "to go on only where there is a value, write `if let y = x "
                   "{ y.name }`";
        return "a choice is written `if a { b } else { c }`";
    case T_COMMA:
        if (prev == T_NAME &&
            (p->before.kind == T_LET || p->before.kind == T_VAR))
            return "several names stand in parentheses: `let (a, b) = (1, 2)`";
        return prev == T_NAME && was_first(p)
                   ? "one assignment stands after the other; two places are "
                     "exchanged by `a <=> b`"
                   : NULL;
    case T_FAT:
        if (ok[T_LC] && ok[T_ASSIGN])
            return "the result type stands behind `->`, an expression behind "
                   "`=`";
        return "a lambda is written `fn(x) = x + 1`";
    case T_BAR:
        return prev == T_LP || prev == T_COMMA || prev == T_ASSIGN
                   ? "a lambda is written `fn(x) = x + 1`"
                   : NULL;
    case T_ASSIGN:
        if (in_enum(p))
            return "a variant has no number; a function gives one: "
                   "`match e { Red => 1, ... }`";
        return in_declaration(p)
                   ? "parameters and fields have no default values"
                   : NULL;
    case T_DOT:
        if (isalpha((unsigned char)p->u->src->text[t->end]))
            return "a variant is written by its name alone, or `Enum.V`";
        return ok[T_INT] ? "a float has a digit before its point: 0.5" : NULL;
    case T_PLUS:
        if (ok[T_INT] && ok[T_FAIL])
            return "there is no unary `+`";
        break;
    case T_COLON:
        if (ok[T_RP] && ok[T_PLUS] && prev == T_NAME && p->before.kind == T_LP)
            return "a lambda is written `fn(x: int) = x + 1`";
        if (ok[T_LC] && ok[T_ASSIGN] && !ends_line(p, t))
            return "the result type stands behind `->`";
        if (prev == T_STR && p->before.kind == T_LC)
            return "a map is written `[key: value]`";
        return ok[T_LC] ? "blocks stand in braces" : NULL;
    }
    if (t->kind == T_LT && prev == T_NAME && !ok[T_PLUS] && !ok[T_INT])
        return "the arguments of a type stand in brackets: `Pair[int, str]`";
    if (ok[T_RP] && !ok[T_PLUS] && behind_ampersand(p, t))
        return "`&` passes a place: a variable, a field or an element";
    return NULL;
}

/* Of words and of what ends. */
static const char *help_word_of(struct parse *p, const struct token *t,
                                const bool *ok)
{
    switch (t->kind) {
    case T_FOR:
        return ok[T_RB] ? "to make a list, start with `[]` and `push` in a loop"
                        : NULL;
    case T_FN:
        return in_declaration(p)
                   ? "functions stand outside the struct; `x.f()` calls `f(x)`"
                   : NULL;
    case T_IF:
        return ok[T_PLUS] || ok[T_RP] || ok[T_SEMI]
                   ? "the condition stands first: `if c { x } else { y }`"
                   : NULL;
    case T_ELSE: return "an `else` follows the `}` of its `if`";
    case T_RC: return p->prev.kind == T_FAIL ? "say why: `fail \"...\"`" : NULL;
    case T_LC: return struct_help(p, t);
    case T_SEMI:
        if (ok[T_ASSIGN] && !ok[T_LC])
            return "a variable gets its value where it is declared: "
                   "`let x = ...`";
        if (ok[T_LC] && !ok[T_INT] && t->pos == t->end)
            return "the `{` stands on the line of what it belongs to";
    }
    return NULL;
}

static const char *help_string(const struct parse *p, const struct token *t)
{
    uint8_t prev = p->prev.kind;

    if (t->kind != T_STR && t->kind != T_STR_HEAD)
        return NULL;
    if (prev == T_NAME && p->prev.end == t->pos)
        return "strings have no prefix but `r`; every one may hold `{x}`";
    if (t->kind == T_STR)
        return NULL;
    return prev == T_TEST ? "the name of a test is a plain string; a brace is "
                            "written `\\{`"
                          : NULL;
}

/* Of the statements of reversible functions. */
static const char *help_rev(const struct parse *p, const struct token *t,
                            const bool *ok)
{
    switch (t->kind) {
    case T_ARROW:
        return p->lex.rev_body ? "a `rev fn` returns nothing; a result goes "
                                 "to a `mut` parameter"
                               : NULL;
    case T_FI:
        return p->prev.kind == T_RC
                   ? "each `fi` stands behind its branch, and there is none "
                     "for `else`: `if c { ... } fi p else { ... }`"
                   : NULL;
    case T_LC: return ok[T_DO] ? "write `do` before the block" : NULL;
    case T_ASSIGN: return ok[T_DO] ? "to compare, write `==`" : NULL;
    case T_EQ:
        return ok[T_ASSIGN] && !ok[T_DO] ? "what it begins or ends with stands "
                                           "behind `=`"
                                         : NULL;
    case T_UNCALL: return "`uncall` is a statement; it gives no value";
    }
    return NULL;
}

/* What else can be said of common mistakes, or NULL. */
static const char *help_text(struct parse *p, const struct token *t,
                             const bool *ok)
{
    const char *help = NULL;

    if ((help = help_shape(p, t, ok)) || (help = help_rev(p, t, ok)) ||
        (help = help_try(p, t, ok)) || (help = help_loop(p, t, ok)) ||
        (help = help_slice(p, t, ok)) || (help = help_sign(p, t, ok)) ||
        (help = help_word_of(p, t, ok)) || (help = help_string(p, t)))
        return help;
    if (p->prev.kind == T_IMPORT)
        return "write `import os` or `import \"lib/grid\"`";
    if (!p->depth && (!p->prev.kind || p->prev.kind == T_SEMI) &&
        t->kind != T_SEMI)
        return "statements stand in functions; a program begins with "
               "`fn main() { ... }`";
    if (ok[T_LC] && !ok[T_SEMI] && !ok[T_NAME] && t->kind != T_SEMI)
        return "blocks stand in braces";
    if (lacks_comma(p, t, ok))
        return "is there a `,` missing before it?";
    if (was_first(p))
        return find_habit(usages, &p->prev);
    return NULL;
}

/* ---- types --------------------------------------------------------------- */

/* The bytes of the type that begins at s, as far as one can see. */
static uint32_t type_length(const char *s)
{
    uint32_t n = 0;
    int depth = 0;

    for (; isalnum((unsigned char)s[n]) || (s[n] && strchr("_[]?", s[n]));
         n++) {
        depth += s[n] == '[' ? 1 : s[n] == ']' ? -1 : 0;
        if (depth < 0)
            break;
    }
    return n;
}

/* `a int`, `int a`: a parameter, field or variable whose type lacks its colon.
 */
static bool help_colon(struct parse *p, const struct token *t, const bool *ok)
{
    const struct name *a = p->prev.of.name, *b = t->of.name;
    bool swapped, in_let;

    if (t->kind != T_NAME || p->prev.kind != T_NAME)
        return false;
    swapped = is_type_name(a);
    in_let = (p->before.kind == T_LET || p->before.kind == T_VAR) &&
             (swapped || is_type_name(b));
    if (!in_let && (!in_declaration(p) || !(ok[T_COLON] || ok[T_RP]) ||
                    p->before.kind == T_COLON || p->before.kind == T_DOT))
        return false;
    diag_fix(p->u->diags, span_of(p, p->prev.pos, t->end),
             arena_printf(p->u->arena, "%s: %s", swapped ? b->text : a->text,
                          swapped ? a->text : b->text),
             swapped ? "a name stands before its type"
                     : "a type stands behind a colon");
    return true;
}

/* `fn f() int {`: a result type without its arrow. */
static bool help_arrow(struct parse *p, const struct token *t, const bool *ok)
{
    const char *s = p->u->src->text + t->pos;
    uint32_t n = type_length(s);
    bool block;

    if (p->prev.kind != T_RP || !ok[T_LC] || !ok[T_ASSIGN] || !n ||
        (t->kind != T_NAME && t->kind != T_LB))
        return false;
    block = s[n + strspn(s + n, " \t")] == '{';
    if (!block && s[n + strspn(s + n, " \t")] != '=')
        return false;
    diag_fix(p->u->diags, span_of(p, t->pos, t->pos + n),
             arena_printf(p->u->arena, "-> %.*s", (int)n, s),
             "the result type stands behind `->`");
    return true;
}

static bool is_list_type(const struct name *name)
{
    static const char *const words[] = {
#define LIST_TYPE(word) word,
#include "frontend/habits.def"
#undef LIST_TYPE
    };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(name->text, words[i]))
            return true;
    return false;
}

/* `int[]`, `[]int` and `List<int>`. */
static bool help_list(struct parse *p, const struct token *t, const bool *ok)
{
    const struct token *prev = &p->prev, *name = &p->before;
    const char *s = p->u->src->text + t->end;
    uint32_t n = type_length(s), from = prev->pos, end = t->end + n;

    if (t->kind == T_RB && prev->kind == T_LB && ok[T_NAME] && !ok[T_INT]) {
        if (!n && name->kind == T_NAME) { /* int[] */
            from = name->pos;
            end = t->end;
            s = name->of.name->text;
            n = name->of.name->len;
        }
    } else if (t->kind != T_LT || prev->kind != T_NAME || ok[T_INT] ||
               ok[T_PLUS] || !n || s[n] != '>' ||
               !is_list_type(prev->of.name)) {
        return false;
    } else {
        end = t->end + n + 1;
    }
    if (n)
        diag_fix(p->u->diags, span_of(p, from, end),
                 arena_printf(p->u->arena, "[%.*s]", (int)n, s),
                 "a list type is written `[T]`");
    else
        diag_help(p->u->diags, "a list type is written `[T]`");
    return true;
}

/* ---- words --------------------------------------------------------------- */

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

void expect_help(struct parse *p, const struct token *t, const bool *ok)
{
    struct diags *ds = p->u->diags;
    const char *help;

    if (t->kind == T_MUT && p->prev.kind == T_LET) {
        diag_fix(ds, span_of(p, p->prev.pos, t->end), "var",
                 "a variable that may be assigned is declared with `var`");
        return;
    }
    if (help_word(p, t) || help_colon(p, t, ok) || help_arrow(p, t, ok) ||
        help_list(p, t, ok))
        return;
    help = help_text(p, t, ok);
    if (help)
        diag_help(ds, "%s", help);
}
