/* lexer.re - raw tokens (see lexer.h), for re2c.
 *
 * The text ends with a NUL at `limit` and has none before it (parse_unit
 * refuses such a text), so no rule asks for the end: the NUL matches.  Rules
 * match the longest run; at equal length the first wins. */
#include "frontend/lexer.h"

#include <string.h>

#include "frontend/decode.h"
#include "frontend/parser.h"

/*!re2c
    re2c:define:YYCTYPE = "unsigned char";
    re2c:define:YYCURSOR = cur;
    re2c:define:YYMARKER = mark;
    re2c:yyfill:enable = 0;

    hex    = [0-9a-fA-F];
    digits = [0-9] ("_"? [0-9])*;
    power  = [eE] [-+]? digits;
    word   = [a-zA-Z_] [a-zA-Z0-9_]*;
    rest   = [a-zA-Z0-9_];
    line   = [^\n\x00]*;
*/

void lexer_open(struct lexer *l, struct unit *u)
{
    memset(l, 0, sizeof *l);
    l->u = u;
    l->text = l->cur = u->src->text;
    l->limit = l->text + u->src->len;
    l->keep = UINT32_MAX;
    l->doc = bytes_in(u->mem);
    l->file_doc = bytes_in(u->mem);
    l->scratch = bytes_in(u->mem);
    if (u->src->len >= 3 && !memcmp(l->text, "\xef\xbb\xbf", 3))
        l->cur += 3; /* a byte order mark */
}

void lexer_close(struct lexer *l)
{
    vec_free(l->u->mem, &l->frames);
    bytes_free(&l->doc);
    bytes_free(&l->file_doc);
    bytes_free(&l->scratch);
}

static uint32_t offset(const struct lexer *l, const char *p)
{
    return (uint32_t)(p - l->text);
}

void lexer_mute(struct lexer *l, uint32_t pos)
{
    const char *start = l->text + pos;
    const char *end = memchr(start, '\n', (size_t)(l->limit - start));

    while (start > l->text && start[-1] != '\n')
        start--;
    l->has_error = true;
    l->error_line = offset(l, start);
    l->error_line_end = offset(l, end ? end : l->limit);
}

bool lexer_muted(const struct lexer *l, uint32_t pos)
{
    return l->given_up || (l->has_error && pos >= l->error_line &&
                           pos <= l->error_line_end);
}

/* What a scanner returns when it has no token of its own. */
enum {
    DROPPED = 255, /* go on behind it */
    SUPPLY = 254   /* frames must be closed first; it is read again then */
};

/* ---- white space and comments -------------------------------------------- */

static void pass_newline(struct lexer *l, const char *next)
{
    l->newline = true;
    l->line_start = offset(l, next);
}

/* Skips a block comment; p is behind its opening. */
static const char *skip_comment(struct lexer *l, const char *p)
{
    const char *cur = p, *open = p - 2;
    uint32_t depth = 1;

    while (depth) {
    /*!re2c
        "/*"      { depth++; continue; }
        "*" "/"   { depth--; continue; }
        "\n"      { pass_newline(l, cur); continue; }
        "\x00"    {
            lexer_error(l, E0106, offset(l, open), offset(l, open) + 2);
            if (depth > 1)
                diag_note(l->u->diags, "%u comments are open: they nest",
                          depth);
            l->given_up = true;
            return l->limit;
        }
        *         { continue; }
    */
    }
    return cur;
}

/* The waiting doc is one of the file. */
static void end_file_doc(struct lexer *l)
{
    if (!l->doc.n)
        return;
    if (l->file_doc.n)
        bytes_str(&l->file_doc, "\n\n");
    bytes_add(&l->file_doc, l->doc.at, l->doc.n);
    l->doc.n = 0;
}

/* Whether the line behind the one that ends at p is empty, or there is none. */
static bool is_last_line(const char *p)
{
    p += *p == '\n';
    p += strspn(p, " \t\r");
    return !*p || *p == '\n';
}

/* Adds a `///` line, [p, end) behind the slashes, to the waiting doc. */
static void add_doc(struct lexer *l, const char *p, const char *end)
{
    bool last = is_last_line(end);

    if (p < end && *p == ' ')
        p++;
    if (end > p && end[-1] == '\r')
        end--;
    if (l->doc.n)
        bytes_byte(&l->doc, '\n');
    bytes_add(&l->doc, p, (size_t)(end - p));
    if (last && !l->prev)
        end_file_doc(l);
}

static struct ast_bytes doc_text(const struct lexer *l, const struct bytes *b)
{
    if (!b->n)
        return (struct ast_bytes){NULL, 0};
    return (struct ast_bytes){
        arena_strndup(l->u->arena, (const char *)b->at, b->n), (uint32_t)b->n};
}

struct ast_bytes lexer_file_doc(const struct lexer *l)
{
    return doc_text(l, &l->file_doc);
}

/* ---- words --------------------------------------------------------------- */

static bool is_rest(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '_';
}

/* Whether `fn` follows. */
static bool before_fn(const char *p)
{
    return p[0] == 'f' && p[1] == 'n' && !is_rest(p[2]);
}

/* Whether a name that something is done to stands before p: `from.x`, `from[i]`,
 * `from += 1`, `f(from)`. */
static bool is_operand(const char *p)
{
    switch (*p) {
    case '.': case '[': case ',': case ')': case ';': case '}': case '\n':
    case 0: return true;
    case '=': return p[1] != '=';
    case '+': case '-': case '^': return p[1] == '=';
    case '<': return (p[1] == '=' && p[2] == '>') || !strncmp(p, "<<<=", 4);
    case '>': return !strncmp(p, ">>>=", 4);
    default: return false;
    }
}

/* Whether a word of reversible functions stands in its place; p is behind it
 * and the spaces. */
static bool is_rev_word(const struct lexer *l, uint8_t word, const char *p)
{
    bool first = l->newline || l->prev == T_SEMI || l->prev == T_LC ||
                 l->prev == T_RC;

    if (!l->frames.n || !l->frames.at[l->frames.n - 1].rev)
        return false;
    switch (word) {
    case T_FROM: return first && !is_operand(p);
    case T_LOCAL: case T_DELOCAL: case T_NEG: case T_INV:
        return first && !is_operand(p);
    case T_DO: case T_WITHIN: case T_APPLY: return *p == '{';
    case T_FI: case T_UNTIL: return l->prev == T_RC;
    default: return true;
    }
}

/* The token that a word is here; p is behind it. */
static uint8_t word_kind(const struct lexer *l, uint8_t word, const char *p)
{
    bool is = true;

    if (!word || l->prev == T_DOT || l->prev == T_FN)
        return T_NAME;
    while (*p == ' ' || *p == '\t')
        p++;
    switch (token_infos[word].where) {
    case TOKEN_REV: is = is_rev_word(l, word, p); break;
    case TOKEN_BRACE: is = *p == '{'; break;
    case TOKEN_FN: is = before_fn(p); break;
    }
    return is ? word : T_NAME;
}

/* Whether the word at the start of a line can stand only where statements or
 * declarations begin; p is behind it. */
static bool begins_statement(uint8_t kind, const char *p)
{
    switch (kind) {
    case T_LET: case T_VAR: case T_WHILE: case T_FOR: case T_STRUCT:
    case T_ENUM: case T_IMPORT: case T_PUB: case T_REV: case T_KEEP:
        return true;
    case T_FN:
        return *p == ' ' && is_rest(p[1]);
    }
    return false;
}

/* Whether the word at the start of a line can stand only outside functions, or
 * in the body of a struct or enum only behind it; p is behind it. */
static bool begins_declaration(const struct lexer *l, uint8_t kind,
                               const char *p)
{
    bool in_fields = l->frames.n && l->frames.at[l->frames.n - 1].is_fields;

    switch (kind) {
    case T_STRUCT: case T_ENUM: case T_IMPORT: case T_PUB: case T_REV:
        return true;
    case T_TEST:
        return p[strspn(p, " \t")] == '"';
    case T_LET:
        return in_fields;
    case T_FN:
        return in_fields && *p == ' ' && is_rest(p[1]);
    }
    return false;
}

static uint8_t scan_word(struct lexer *l, struct token *t, const char *end)
{
    const char *start = l->text + t->pos;
    const struct name *name =
        names_add(l->u->names, start, (uint32_t)(end - start));
    uint8_t kind = word_kind(l, (uint8_t)name->word, end);

    if (l->newline &&
        ((begins_statement(kind, end) && bracket_break(l, t->pos)) ||
         (begins_declaration(l, kind, end) && bracket_break_all(l, t->pos)))) {
        l->cur = start;
        return SUPPLY;
    }
    t->of.name = name;
    if (token_infos[kind].where == TOKEN_WORD)
        l->fields = kind == T_STRUCT || kind == T_ENUM;
    if (kind == T_FN)
        l->rev_body = l->prev == T_REV;
    return kind;
}

/* ---- strings ------------------------------------------------------------- */

static uint8_t end_text(struct lexer *l, struct token *t, const char *from,
                        const char *to, const char *cur, uint8_t kind)
{
    t->of.text = (struct ast_bytes){from, (uint32_t)(to - from)};
    l->cur = cur;
    return kind;
}

/* Where a text that was cut off at the line break p goes on behind its closing
 * quote: on one of the next lines the first quote, of an odd number, has
 * behind it what cannot begin a text.  NULL where it seems not to. */
static const char *find_quote(const char *p)
{
    enum { LINES = 20 };
    const char *first = NULL;
    uint32_t quotes = 0;

    for (int n = 0; n < LINES && *p == '\n' && !quotes; n++)
        for (p++; *p && *p != '\n'; p++) {
            if (*p == '\\' && p[1] && p[1] != '\n')
                p++;
            else if (*p == '"' && !quotes++)
                first = p + 1;
        }
    if (quotes % 2 == 0)
        return NULL;
    p = first + strspn(first, " \t\r");
    return !*p || strchr(")]},;.+\n", *p) ? first : NULL;
}

/* A text that the end of the line or of the file cuts off. */
static uint8_t cut_text(struct lexer *l, struct token *t, const char *from,
                        const char *to, uint8_t kind)
{
    const char *quote = t->flags & TEXT_TRIPLE ? NULL : find_quote(to);
    const struct frame *f = l->frames.n ? &l->frames.at[l->frames.n - 1] : NULL;
    bool inside = f && (f->kind == FRAME_TEXT || (f->kind == FRAME_TRIPLE &&
                                                  f->pos >= l->line_start));
    uint32_t end = t->flags & TEXT_TRIPLE ? t->pos + 1 : offset(l, to);

    if (lexer_muted(l, t->pos)) {
        lexer_mute(l, t->pos);
    } else if (!inside) {
        lexer_error(l, E0105, t->pos, end);
        if (quote)
            diag_help(l->u->diags,
                      "text of several lines stands in \"\"\"...\"\"\"");
    }
    if (quote && !inside) {
        for (const char *p = to; p < quote; p++)
            if (*p == '\n')
                l->line_start = offset(l, p + 1);
        return end_text(l, t, from, to, quote, kind);
    }
    if (inside)
        bracket_end_piece(l, offset(l, to));
    else
        bracket_end_line(l);
    if (to == l->limit)
        l->given_up = true; /* the text swallowed what would follow */
    return end_text(l, t, from, to, to, kind);
}

/* r""" and what follows, which is taken for a text of several lines. */
static uint8_t raw_triple(struct lexer *l, struct token *t, const char *cur)
{
    const char *close = strstr(cur, "\"\"\"");
    bool inside = l->frames.n &&
                  l->frames.at[l->frames.n - 1].kind == FRAME_TEXT;

    t->flags = TEXT_RAW;
    if (!close || inside) /* an empty raw string, and what comes then */
        return end_text(l, t, cur - 2, cur - 2, cur - 1, T_STR);
    if (!lexer_muted(l, t->pos)) {
        lexer_error(l, E0126, t->pos, offset(l, cur));
        diag_help(l->u->diags, "leave out the `r`, and write `\\\\` for a "
                               "backslash and `\\{` for a brace");
    }
    for (const char *p = cur; p < close; p++)
        if (*p == '\n')
            l->line_start = offset(l, p + 1);
    return end_text(l, t, cur, close, close + 3, T_STR);
}

/* The rest of a "..." piece; `opened`: it began with the opening quote. */
static uint8_t scan_line_text(struct lexer *l, struct token *t, const char *cur,
                              bool opened)
{
    const char *from = cur;

    for (;;) {
    /*!re2c
        [^"{\\\n\x00]+  { continue; }
        "\\u{"          { continue; }
        "\\" [^\n\x00]  { continue; }
        "\\"            { continue; }
        "\""            {
            return end_text(l, t, from, cur - 1, cur,
                            opened ? T_STR : T_STR_TAIL);
        }
        "{"             {
            if (!bracket_open(l, FRAME_TEXT, offset(l, cur - 1)))
                return end_text(l, t, from, cur - 1, l->limit, T_STR);
            return end_text(l, t, from, cur - 1, cur,
                            opened ? T_STR_HEAD : T_STR_MID);
        }
        "\n" | "\x00"   {
            return cut_text(l, t, from, cur - 1, opened ? T_STR : T_STR_TAIL);
        }
    */
    }
}

/* The same between """. */
static uint8_t scan_triple_text(struct lexer *l, struct token *t,
                                const char *cur, bool opened)
{
    const char *from = cur;

    t->flags = TEXT_TRIPLE;
    for (;;) {
    /*!re2c
        [^"{\\\n\x00]+      { continue; }
        "\\u{"              { continue; }
        "\\" [^\n\x00]      { continue; }
        "\\" | "\"" | "\"\"" { continue; }
        "\n"                { l->line_start = offset(l, cur); continue; }
        "\"\"\""            {
            return end_text(l, t, from, cur - 3, cur,
                            opened ? T_STR : T_STR_TAIL);
        }
        "{"                 {
            if (!bracket_open(l, FRAME_TRIPLE, offset(l, cur - 1)))
                return end_text(l, t, from, cur - 1, l->limit, T_STR);
            return end_text(l, t, from, cur - 1, cur,
                            opened ? T_STR_HEAD : T_STR_MID);
        }
        "\x00"              {
            return cut_text(l, t, from, cur - 1, opened ? T_STR : T_STR_TAIL);
        }
    */
    }
}

static const char *skip_digits(const char *p)
{
    while (*p >= '0' && *p <= '9')
        p++;
    return p;
}

static void report_format(struct lexer *l, const char *from, const char *to)
{
    struct diags *ds = l->u->diags;

    lexer_error(l, E0122, offset(l, from), offset(l, to),
                arena_strndup(l->u->arena, from, (size_t)(to - from)));
    if (l->prev == T_STR_HEAD || l->prev == T_STR_MID)
        diag_help(ds, "the value stands before the `:`: `{x:>8}`");
    else
        diag_help(ds, "a format is `[<>^][0][width][.precision]"
                      "[x|b|o|e|#x|#b|#o]`");
}

/* The format behind the `:` of an interpolation; cur is behind the `:`.  The
 * checker judges whether it suits the value. */
static uint8_t scan_format(struct lexer *l, struct token *t, const char *cur)
{
    const char *from = cur;

    if (*cur == '<' || *cur == '>' || *cur == '^')
        cur++;
    cur = skip_digits(cur);
    if (*cur == '.' && cur[1] >= '0' && cur[1] <= '9')
        cur = skip_digits(cur + 1);
    if (*cur == '#' && cur[1] && strchr("xob", cur[1]))
        cur += 2;
    else if (*cur && strchr("xobe", *cur))
        cur++;
    if (cur == from || *cur != '}') {
        while (*cur != '}' && *cur != '"' && *cur != '\n' && *cur)
            cur++;
        if (!lexer_muted(l, t->pos))
            report_format(l, from, cur);
    }
    t->of.name = names_add(l->u->names, from, (uint32_t)(cur - from));
    l->cur = cur;
    return T_FMT;
}

/* ---- brackets ------------------------------------------------------------ */

static uint8_t scan_open(struct lexer *l, struct token *t, enum frame_kind kind,
                         uint8_t token)
{
    if (bracket_open(l, kind, t->pos))
        return token;
    l->cur = l->limit;
    return 0;
}

/* A closing bracket. */
static uint8_t scan_close(struct lexer *l, struct token *t, unsigned kinds,
                          uint8_t token)
{
    struct frame f;
    bool drop;

    if (!bracket_close(l, kinds, t->pos, &f, &drop)) {
        if (drop)
            return DROPPED;
        l->cur = l->text + t->pos;
        return SUPPLY;
    }
    if (f.kind == FRAME_TEXT)
        return scan_line_text(l, t, l->cur, false);
    if (f.kind == FRAME_TRIPLE)
        return scan_triple_text(l, t, l->cur, false);
    l->closed_do = f.is_do;
    return token;
}

static bool in_text(const struct lexer *l)
{
    uint8_t kind = l->frames.n ? l->frames.at[l->frames.n - 1].kind : 0;

    return kind == FRAME_TEXT || kind == FRAME_TRIPLE;
}

/* ---- numbers and strays -------------------------------------------------- */

static uint8_t scan_int(struct lexer *l, struct token *t, uint8_t form)
{
    t->flags = form;
    t->of.value = decode_int(l, t->pos, t->end);
    return T_INT;
}

static uint8_t bad_number(struct lexer *l, struct token *t)
{
    const char *text =
        arena_strndup(l->u->arena, l->text + t->pos, t->end - t->pos);

    if (!lexer_muted(l, t->pos))
        lexer_error(l, E0110, t->pos, t->end, text);
    t->of.value = 0;
    return l->prev == T_DOT ? T_INDEX : T_INT;
}

/* `1.`: a method of a literal stands right behind the point. */
static uint8_t cut_float(struct lexer *l, struct token *t)
{
    const char *text = l->text + t->pos;
    uint32_t n = t->end - t->pos, point = (uint32_t)strcspn(text, ".") + 1;
    struct span at = {l->u->src, t->pos, t->end};

    if (!lexer_muted(l, t->pos)) {
        lexer_error(l, E0110, t->pos, t->end,
                    arena_strndup(l->u->arena, text, n));
        diag_fix(l->u->diags, at,
                 arena_printf(l->u->arena, "%.*s0%.*s", (int)point, text,
                              (int)(n - point), text + point),
                 "a digit is needed after the point");
    }
    t->of.value = 0;
    return T_FLOAT;
}

static uint8_t leading_zero(struct lexer *l, struct token *t)
{
    bool told = lexer_muted(l, t->pos);
    uint8_t kind = bad_number(l, t);

    if (!told)
        diag_help(l->u->diags, "a decimal number has no leading zero; an "
                               "octal one begins with `0o`");
    return kind;
}

static void report_stray(struct lexer *l, uint32_t pos, uint32_t end)
{
    unsigned char c = (unsigned char)l->text[pos];
    struct diags *ds = l->u->diags;
    const char *text = arena_strndup(l->u->arena, l->text + pos, end - pos);

    if (lexer_muted(l, pos))
        return;
    if (c < ' ' || c == 0x7f) {
        lexer_error(l, E0113, pos, end,
                    arena_printf(l->u->arena, "0x%02x", c));
        return;
    }
    lexer_error(l, E0113, pos, end, arena_printf(l->u->arena, "`%s`", text));
    if (c == '#')
        diag_help(ds, "comments begin with `//`");
    else if (c == '`')
        diag_help(ds, "strings are written \"...\"");
    else if (!strncmp(text, "\xe2\x80\x9c", 3) ||
             !strncmp(text, "\xe2\x80\x9d", 3))
        diag_help(ds, "strings are written with the plain quote `\"`");
    else if (c >= 0x80)
        diag_help(ds, "names are made of the letters a to z and A to Z, "
                      "digits and `_`");
}

/* ---- tokens -------------------------------------------------------------- */

static uint8_t scan(struct lexer *l, struct token *t)
{
    const char *cur = l->cur, *mark;

#define BEGIN() (l->cur = cur, t->end = offset(l, cur))
#define SIGN(k) return (BEGIN(), (k))
#define UPDATE(op) return (BEGIN(), t->of.value = (op), T_OPASSIGN)
again:
    t->pos = offset(l, cur);
    if (l->newline)
        l->indent = t->pos - l->line_start;
    if (l->prev == T_DOT && *cur >= '0' && *cur <= '9') {
    /*!re2c
        [0-9]+         { BEGIN(); t->of.value = decode_int(l, t->pos, t->end);
                         return T_INDEX; }
        [0-9]+ rest+   { BEGIN(); return bad_number(l, t); }
        *              { return 0; }
    */
    }
    /*!re2c
        [ \t\r]+           { goto again; }
        "\n"               { pass_newline(l, cur); goto again; }
        "////" line        { goto again; }
        "///" line         { add_doc(l, l->text + t->pos + 3, cur);
                             goto again; }
        "/" "/" line       { goto again; }
        "/*"               { cur = skip_comment(l, cur); goto again; }
        "\x00"             {
            l->cur = l->limit;
            if (!l->frames.n)
                return 0;
            bracket_end_text(l);
            return SUPPLY;
        }

        "0" ("_"? [0-9])+  { BEGIN(); return leading_zero(l, t); }
        digits "." / [^a-zA-Z0-9_.]
                           { BEGIN(); return cut_float(l, t); }
        digits "." power / [^a-zA-Z0-9_(]
                           { BEGIN(); return cut_float(l, t); }
        digits             { BEGIN(); return scan_int(l, t, AST_INT_DECIMAL); }
        "0x" hex ("_"? hex)*
                           { BEGIN(); return scan_int(l, t, AST_INT_HEX); }
        "0o" [0-7] ("_"? [0-7])*
                           { BEGIN(); return scan_int(l, t, AST_INT_OCTAL); }
        "0b" [01] ("_"? [01])*
                           { BEGIN(); return scan_int(l, t, AST_INT_BINARY); }
        digits "." digits power? | digits power
                           { BEGIN();
                             t->of.value = decode_float(l, t->pos, t->end);
                             return T_FLOAT; }
        [0-9] rest* | digits "." digits rest+ | digits power rest+
                           { BEGIN(); return bad_number(l, t); }
        "'" ([^'\\\n\x00] | "\\" [^\n\x00])* "'"
                           { BEGIN(); t->flags = AST_INT_CHAR;
                             t->of.value = decode_char(l, t->pos, t->end);
                             return T_INT; }
        "'"                {
            BEGIN();
            t->of.value = 0;
            if (!lexer_muted(l, t->pos))
                lexer_error(l, E0112, t->pos, t->end, "unterminated");
            return T_INT;
        }

        "r\"\"\""         { return raw_triple(l, t, cur); }
        "r\"" [^"\n\x00]* "\""
                           { t->flags = TEXT_RAW;
                             return end_text(l, t, l->text + t->pos + 2,
                                             cur - 1, cur, T_STR); }
        "r\"" [^"\n\x00]* { t->flags = TEXT_RAW;
                             return cut_text(l, t, l->text + t->pos + 2, cur,
                                             T_STR); }
        "\"\"\""           { return scan_triple_text(l, t, cur, true); }
        "\""               { return scan_line_text(l, t, cur, true); }
        word               { BEGIN(); return scan_word(l, t, cur); }

        "("    { BEGIN(); return scan_open(l, t, FRAME_PAREN, T_LP); }
        "["    { BEGIN(); return scan_open(l, t, FRAME_BRACKET, T_LB); }
        "{"    { BEGIN(); return scan_open(l, t, FRAME_BRACE, T_LC); }
        ")"    { BEGIN(); return scan_close(l, t, 1u << FRAME_PAREN, T_RP); }
        "]"    { BEGIN(); return scan_close(l, t, 1u << FRAME_BRACKET, T_RB); }
        "}"    { BEGIN(); return scan_close(l, t, 1u << FRAME_BRACE |
                                                  1u << FRAME_TEXT |
                                                  1u << FRAME_TRIPLE, T_RC); }
        ":"    { if (in_text(l)) return scan_format(l, t, cur); SIGN(T_COLON); }
        ","    { SIGN(T_COMMA); }       ";"    { SIGN(T_SEMI); }
        "."    { SIGN(T_DOT); }         ".."   { SIGN(T_DOTDOT); }
        "->"   { SIGN(T_ARROW); }       "=>"   { SIGN(T_FAT); }
        "="    { SIGN(T_ASSIGN); }      "<=>"  { SIGN(T_SWAP); }
        "=="   { SIGN(T_EQ); }          "!="   { SIGN(T_NE); }
        "<"    { SIGN(T_LT); }          "<="   { SIGN(T_LE); }
        ">"    { SIGN(T_GT); }          ">="   { SIGN(T_GE); }
        "+"    { SIGN(T_PLUS); }        "-"    { SIGN(T_MINUS); }
        "*"    { SIGN(T_STAR); }        "/"    { SIGN(T_SLASH); }
        "%"    { SIGN(T_PERCENT); }     "&"    { SIGN(T_AMP); }
        "|"    { SIGN(T_BAR); }         "^"    { SIGN(T_CARET); }
        "~"    { SIGN(T_TILDE); }       "<<"   { SIGN(T_SHL); }
        ">>"   { SIGN(T_SHR); }         "??"   { SIGN(T_QQ); }
        "?"    { SIGN(T_QUEST); }       "!"    { SIGN(T_BANG); }
        "+="   { UPDATE(OP_ADD); }      "-="   { UPDATE(OP_SUB); }
        "*="   { UPDATE(OP_MUL); }      "/="   { UPDATE(OP_DIV); }
        "%="   { UPDATE(OP_MOD); }      "&="   { UPDATE(OP_AMP); }
        "|="   { UPDATE(OP_BAR); }      "^="   { UPDATE(OP_CARET); }
        "<<="  { UPDATE(OP_SHL); }      ">>="  { UPDATE(OP_SHR); }
        "<<<=" { UPDATE(OP_ROTL); }     ">>>=" { UPDATE(OP_ROTR); }

        [\x80-\xff]+ | [^] { report_stray(l, t->pos, offset(l, cur));
                             goto again; }
    */
#undef BEGIN
#undef SIGN
#undef UPDATE
}

/* Hands the waiting doc to a token, or to the file where the file begins with
 * an import. */
static void give_doc(struct lexer *l, struct token *t)
{
    const char *next = l->cur + strspn(l->cur, " \t");

    if (!l->prev && (t->kind == T_IMPORT ||
                     (t->kind == T_PUB && !strncmp(next, "import", 6))))
        end_file_doc(l);
    t->doc = doc_text(l, &l->doc);
    l->doc.n = 0;
}

struct token lexer_next(struct lexer *l)
{
    bool in_block = bracket_is_block(l);
    struct token t = {.after_do = l->closed_do};

    if (l->frames.n <= l->keep) {
        l->keep = UINT32_MAX;
        do
            t.kind = scan(l, &t);
        while (t.kind == DROPPED);
    } else {
        t.kind = SUPPLY;
    }
    if (t.kind == SUPPLY) {
        t.pos = t.end = offset(l, l->cur);
        t.kind = l->prev = bracket_supply(l);
        t.of.text = (struct ast_bytes){l->cur, 0};
        return t;
    }
    t.end = offset(l, l->cur);
    t.newline = t.first = (l->newline || !t.kind) && in_block;
    if (t.kind != T_RC)
        l->closed_do = false;
    l->newline = false;
    give_doc(l, &t);
    l->prev = t.kind;
    return t;
}
