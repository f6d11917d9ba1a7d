/* lex.c - tokens of the IR's text form. */
#include "runtime/base/number.h"
#include "ir/text.h"
#include "runtime/base/arith.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- errors -------------------------------------------------------------- */

bool text_fail(struct text *t, const char *format, ...)
{
    if (t->failed)
        return false;
    t->failed = true;
    t->err->line = t->tok.line;
    t->err->column = t->tok.column;
    va_list args;
    va_start(args, format);
    vsnprintf(t->err->text, sizeof t->err->text, format, args);
    va_end(args);
    return false;
}

/* ---- characters ---------------------------------------------------------- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* Reads s[0..n) as a decimal number; false if it is none or too large. */
static bool read_u32(const char *s, size_t n, uint32_t *out)
{
    uint64_t v = 0;
    for (size_t i = 0; i < n; i++) {
        if (!is_digit(s[i]) || v > UINT32_MAX)
            return false;
        v = v * 10 + (uint64_t)(s[i] - '0');
    }
    *out = (uint32_t)v;
    return n > 0 && v < UINT32_MAX;
}

/* ---- tokens -------------------------------------------------------------- */

static bool read_escape(struct text *t, char *out)
{
    char c = *t->at++;
    if (c == 'n') {
        *out = '\n';
    } else if (c == '"' || c == '\\') {
        *out = c;
    } else if (c == 'x') {
        int hi = number_hex_digit(t->at[0]);
        int lo = hi < 0 ? -1 : number_hex_digit(t->at[1]);
        if (lo < 0)
            return text_fail(t, "\\x wants two hexadecimal digits");
        *out = (char)(hi * 16 + lo);
        t->at += 2;
    } else {
        return text_fail(t, "there is no such escape");
    }
    return true;
}

static void lex_string(struct text *t)
{
    const char *from = ++t->at;
    while (*t->at != '"') {
        if (t->at >= t->end || *t->at == '\n') {
            text_fail(t, "the string does not end on its line");
            return;
        }
        t->at += *t->at == '\\' && t->at + 1 < t->end ? 2 : 1;
    }
    const char *to = t->at;
    char *s = arena_alloc(t->a, (size_t)(to - from) + 1), *fill = s;
    for (t->at = from; t->at < to;) {
        if (*t->at != '\\') {
            *fill++ = *t->at++;
        } else {
            t->at++;
            if (!read_escape(t, fill++))
                return;
        }
    }
    t->at = to + 1;
    t->tok.kind = TEXT_STRING;
    t->tok.at = s;
    t->tok.len = (uint32_t)(fill - s);
}

static void lex_word(struct text *t)
{
    const char *from = t->at;
    while (is_letter(*t->at) || is_digit(*t->at))
        t->at++;
    t->tok.kind = TEXT_WORD;
    t->tok.at = from;
    t->tok.len = (uint32_t)(t->at - from);
    if ((*from == 'v' || *from == 'b') &&
        read_u32(from + 1, t->tok.len - 1, &t->tok.number))
        t->tok.kind = *from == 'v' ? TEXT_VALUE : TEXT_BLOCK;
}

static void lex_number(struct text *t)
{
    const char *from = t->at++;
    while (is_letter(*t->at) || is_digit(*t->at) || *t->at == '.' ||
           *t->at == '+' || *t->at == '-')
        t->at++;
    t->tok.kind = TEXT_NUMBER;
    t->tok.at = from;
    t->tok.len = (uint32_t)(t->at - from);
}

static void lex_fn(struct text *t)
{
    const char *from = ++t->at;
    while (is_digit(*t->at))
        t->at++;
    t->tok.kind = TEXT_FN;
    if (!read_u32(from, (size_t)(t->at - from), &t->tok.number))
        text_fail(t, "@ wants a function's number");
}

/* A comment; `; 3:7` at the end of a line is a position. */
static void lex_comment(struct text *t)
{
    const char *from = ++t->at, *colon;
    while (t->at < t->end && *t->at != '\n')
        t->at++;
    while (from < t->at && *from == ' ')
        from++;
    size_t n = (size_t)(t->at - from);
    colon = memchr(from, ':', n);
    struct ir_pos pos;
    if (colon && read_u32(from, (size_t)(colon - from), &pos.line) &&
        read_u32(colon + 1, (size_t)(t->at - colon - 1), &pos.column))
        t->pos = pos;
}

static void lex_line(struct text *t)
{
    t->tok.kind = TEXT_LINE;
    t->at++;
    t->line++;
    t->line_start = t->at;
}

/* Skips what separates tokens; empty lines too, where a line has just
 * ended. */
static void skip_blank(struct text *t, bool lines)
{
    for (;; t->at++) {
        if (*t->at == ';') {
            lex_comment(t);
            t->at--;
        } else if (*t->at == '\n' && lines) {
            t->line++;
            t->line_start = t->at + 1;
        } else if (*t->at != ' ' && *t->at != '\t' && *t->at != '\r') {
            return;
        }
    }
}

void text_next(struct text *t)
{
    bool fresh = t->tok.kind == TEXT_LINE;
    if (t->failed)
        return;
    t->pos = (struct ir_pos){0, 0};
    skip_blank(t, fresh);
    t->tok = (struct text_token){
        .line = t->line, .column = (uint32_t)(t->at - t->line_start) + 1};
    char c = *t->at;
    if (t->at >= t->end) {
        t->tok.kind = TEXT_END;
    } else if (c == '\n') {
        lex_line(t);
    } else if (c == '"') {
        lex_string(t);
    } else if (c == '@') {
        lex_fn(t);
    } else if (is_letter(c)) {
        lex_word(t);
    } else if (c == '-' && t->at[1] == '>') {
        t->at += 2;
        t->tok.kind = TEXT_ARROW;
    } else if (is_digit(c) || c == '-') {
        lex_number(t);
    } else if (c && strchr("=:,(){}", c)) {
        t->at++;
        t->tok.kind = TEXT_PUNCT;
        t->tok.punct = c;
    } else {
        text_fail(t, "there is no such token");
    }
    if (t->failed)
        t->tok.kind = TEXT_END;
}

void text_open(struct text *t, struct arena *a, const char *text, size_t n,
               struct ir_text_error *err)
{
    *t = (struct text){.a = a, .line = 1, .err = err};
    t->start = t->at = t->line_start = arena_strndup(a, text, n);
    t->end = t->start + n;
    t->tok.kind = TEXT_LINE;
    t->tok.line = t->tok.column = 1;
    text_next(t);
}

/* ---- what the parser asks for -------------------------------------------- */

bool text_is_word(const struct text *t, const char *word)
{
    return t->tok.kind == TEXT_WORD && t->tok.len == strlen(word) &&
           !memcmp(t->tok.at, word, t->tok.len);
}

bool text_is_punct(const struct text *t, char c)
{
    return t->tok.kind == TEXT_PUNCT && t->tok.punct == c;
}

bool text_take_word(struct text *t, const char *word)
{
    if (!text_is_word(t, word))
        return false;
    text_next(t);
    return true;
}

bool text_take_punct(struct text *t, char c)
{
    if (!text_is_punct(t, c))
        return false;
    text_next(t);
    return true;
}

bool text_need_word(struct text *t, const char *word)
{
    return text_take_word(t, word) || text_fail(t, "expected %s", word);
}

bool text_need_punct(struct text *t, char c)
{
    return text_take_punct(t, c) || text_fail(t, "expected %c", c);
}

bool text_need_line(struct text *t, struct ir_pos *pos)
{
    *pos = t->pos;
    if (t->tok.kind == TEXT_END)
        return !t->failed;
    if (t->tok.kind != TEXT_LINE)
        return text_fail(t, "expected the end of the line");
    text_next(t);
    return true;
}

bool text_need_ref(struct text *t, enum text_kind kind, uint32_t limit,
                   uint32_t *number)
{
    static const char *const names[] = {
        [TEXT_VALUE] = "value", [TEXT_BLOCK] = "block", [TEXT_FN] = "function"};
    if (t->tok.kind != kind)
        return text_fail(t, "expected a %s", names[kind]);
    if (t->tok.number >= limit)
        return text_fail(t, "the %s's number is too large", names[kind]);
    *number = t->tok.number;
    text_next(t);
    return true;
}

bool text_need_u32(struct text *t, uint32_t limit, uint32_t *number)
{
    if (t->tok.kind != TEXT_NUMBER || !read_u32(t->tok.at, t->tok.len, number))
        return text_fail(t, "expected a number");
    if (*number >= limit)
        return text_fail(t, "the number is too large");
    text_next(t);
    return true;
}

bool text_need_i64(struct text *t, int64_t *number)
{
    bool minus = t->tok.kind == TEXT_NUMBER && *t->tok.at == '-';
    uint64_t v = 0, most = (uint64_t)INT64_MAX + minus;
    if (t->tok.kind != TEXT_NUMBER || t->tok.len == (uint32_t)minus)
        return text_fail(t, "expected a number");
    for (uint32_t i = minus; i < t->tok.len; i++) {
        uint64_t digit = (uint64_t)(t->tok.at[i] - '0');
        if (!is_digit(t->tok.at[i]))
            return text_fail(t, "expected a number");
        if (v > (most - digit) / 10)
            return text_fail(t, "the number is too large");
        v = v * 10 + digit;
    }
    *number = minus ? arith_neg((int64_t)v) : (int64_t)v;
    text_next(t);
    return true;
}

static bool need_nan(struct text *t, int64_t *bits)
{
    uint64_t v = 0;
    bool ok = t->tok.kind == TEXT_NUMBER && t->tok.len == 18 &&
              t->tok.at[0] == '0' && t->tok.at[1] == 'x';
    for (uint32_t i = 2; ok && i < 18; i++) {
        int digit = number_hex_digit(t->tok.at[i]);
        ok = digit >= 0;
        v = v << 4 | (uint64_t)(digit & 15);
    }
    if (!ok || arith_float((int64_t)v) == arith_float((int64_t)v))
        return text_fail(t, "expected the bits of a nan");
    *bits = (int64_t)v;
    text_next(t);
    return true;
}

bool text_need_float(struct text *t, int64_t *bits)
{
    char buffer[64], *end;
    bool word = text_is_word(t, "inf");
    if (text_take_word(t, "nan"))
        return need_nan(t, bits);
    if ((t->tok.kind != TEXT_NUMBER && !word) || t->tok.len >= sizeof buffer)
        return text_fail(t, "expected a float");
    memcpy(buffer, t->tok.at, t->tok.len);
    buffer[t->tok.len] = 0;
    double d = strtod(buffer, &end);
    if (*end || d != d)
        return text_fail(t, "expected a float");
    *bits = arith_bits(d);
    text_next(t);
    return true;
}

bool text_need_string(struct text *t, const char **s, uint32_t *len)
{
    if (t->tok.kind != TEXT_STRING)
        return text_fail(t, "expected a string");
    *s = t->tok.at;
    *len = t->tok.len;
    text_next(t);
    return true;
}
