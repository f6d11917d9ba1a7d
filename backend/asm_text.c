/* asm_text.c - reading .pvm text. */
#include "backend/asm_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "runtime/base/hash.h"
#include "runtime/base/number.h"
#include "runtime/base/utf8.h"

/* ---- errors -------------------------------------------------------------- */

static uint32_t column_of(struct asm_place p)
{
    uint32_t column = 1;
    for (const char *s = p.line_start; s < p.at; s++)
        column += ((unsigned char)*s & 0xc0) != 0x80;
    return column;
}

static void report(struct asm_cursor *c, struct asm_place at,
                   const char *format, va_list args)
{
    if (c->failed)
        return;
    c->failed = true;
    c->err->line = at.line;
    c->err->column = column_of(at);
    vsnprintf(c->err->text, sizeof c->err->text, format, args);
    /* a long name may have been cut within a code point */
    size_t n = strlen(c->err->text);
    c->err->text[utf8_check(c->err->text, n)] = 0;
}

bool asm_fail(struct asm_cursor *c, const char *format, ...)
{
    va_list args;
    struct asm_place at = asm_here(c);
    va_start(args, format);
    report(c, at, format, args);
    va_end(args);
    return false;
}

bool asm_fail_at(struct asm_cursor *c, struct asm_place at, const char *format,
                 ...)
{
    va_list args;
    va_start(args, format);
    report(c, at, format, args);
    va_end(args);
    return false;
}

bool asm_no_memory(struct asm_cursor *c)
{
    c->no_memory = true;
    return asm_fail(c, "memory is exhausted");
}

struct asm_place asm_here(struct asm_cursor *c)
{
    asm_at_end(c);
    return (struct asm_place){c->at, c->line_start, c->line};
}

/* ---- lines --------------------------------------------------------------- */

bool asm_at_end(struct asm_cursor *c)
{
    while (c->at < c->end &&
           (*c->at == ' ' || *c->at == '\t' || *c->at == '\r'))
        c->at++;
    return c->at == c->end || *c->at == '\n' || *c->at == ';';
}

void asm_skip_line(struct asm_cursor *c)
{
    const char *nl = memchr(c->at, '\n', (size_t)(c->end - c->at));
    c->at = nl ? nl + 1 : c->end;
    c->line_start = c->at;
    c->line++;
}

bool asm_next_line(struct asm_cursor *c)
{
    if (c->failed)
        return false;
    if (!asm_at_end(c))
        return asm_fail(c, "the line should end here");
    asm_skip_line(c);
    return true;
}

/* ---- pieces -------------------------------------------------------------- */

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool asm_accept(struct asm_cursor *c, char ch)
{
    if (c->failed || asm_at_end(c) || *c->at != ch)
        return false;
    c->at++;
    return true;
}

bool asm_expect(struct asm_cursor *c, char ch)
{
    return asm_accept(c, ch) || asm_fail(c, "`%c` is missing", ch);
}

bool asm_is_word(struct asm_cursor *c)
{
    return !asm_at_end(c) && is_letter(*c->at);
}

bool asm_word(struct asm_cursor *c, struct asm_slice *out, const char *what)
{
    if (c->failed)
        return false;
    if (!asm_is_word(c))
        return asm_fail(c, "%s is missing", what);
    const char *start = c->at;
    while (c->at < c->end &&
           (is_letter(*c->at) || is_digit(*c->at) || *c->at == '.'))
        c->at++;
    *out = (struct asm_slice){start, (uint32_t)(c->at - start)};
    return true;
}

bool asm_accept_word(struct asm_cursor *c, const char *word)
{
    struct asm_slice have;
    const char *start = c->at;
    if (c->failed || !asm_is_word(c) || !asm_word(c, &have, word))
        return false;
    if (have.n == strlen(word) && !memcmp(have.at, word, have.n))
        return true;
    c->at = start;
    return false;
}

/* The byte an escape stands for; the cursor is behind the backslash. */
static bool escape(struct asm_cursor *c, char *out)
{
    static const char from[] = "ntr0\"\\", to[] = "\n\t\r\0\"\\";
    char ch = c->at < c->end ? *c->at : '\n';
    const char *known = ch ? strchr(from, ch) : NULL;
    if (known) {
        *out = to[known - from];
        c->at++;
        return true;
    }
    if (ch != 'x' || c->end - c->at < 3 || number_hex_digit(c->at[1]) < 0 ||
        number_hex_digit(c->at[2]) < 0)
        return asm_fail(c, "an escape is \\n \\t \\r \\0 \\\" \\\\ or \\x "
                           "with two hexadecimal digits");
    *out = (char)(number_hex_digit(c->at[1]) * 16 + number_hex_digit(c->at[2]));
    c->at += 3;
    return true;
}

bool asm_string(struct asm_cursor *c, struct asm_slice *out)
{
    if (!asm_expect(c, '"'))
        return false;
    const char *start = c->at;
    while (c->at < c->end && *c->at != '"' && *c->at != '\n')
        c->at +=
            *c->at == '\\' && c->end - c->at > 1 && c->at[1] != '\n' ? 2 : 1;
    if (c->at >= c->end || *c->at != '"')
        return asm_fail(c, "the string does not end on its line");
    const char *close = c->at;
    char *to = arena_alloc(c->arena, (size_t)(close - start) + 1);
    uint32_t n = 0;
    if (!to)
        return asm_no_memory(c);
    for (c->at = start; c->at < close;) {
        char ch = *c->at++;
        if (ch == '\\' && !escape(c, &ch))
            return false;
        to[n++] = ch;
    }
    c->at = close + 1;
    if (utf8_check(to, n) < n)
        return asm_fail(c, "the string is no UTF-8");
    *out = (struct asm_slice){to, n};
    return true;
}

bool asm_name(struct asm_cursor *c, struct asm_slice *out, const char *what)
{
    if (!c->failed && !asm_at_end(c) && *c->at == '"')
        return asm_string(c, out);
    return asm_word(c, out, what);
}

bool asm_type_name(struct asm_cursor *c, struct asm_slice *out)
{
    if (c->failed || asm_at_end(c) || *c->at != '[')
        return asm_name(c, out, "a type");
    const char *start = c->at;
    uint32_t depth = 0;
    do {
        char ch = c->at < c->end ? *c->at : '\n';
        if (!is_letter(ch) && !is_digit(ch) && (!ch || !strchr("[]?:, .", ch)))
            return asm_fail(c, "the type's bracket is not closed");
        depth += ch == '[';
        depth -= ch == ']';
        c->at++;
    } while (depth);
    *out = (struct asm_slice){start, (uint32_t)(c->at - start)};
    return true;
}

/* ---- numbers ------------------------------------------------------------- */

static bool number(struct asm_cursor *c, struct asm_slice *out)
{
    if (c->failed || asm_at_end(c))
        return asm_fail(c, "a number is missing");
    const char *start = c->at;
    if (*c->at == '-' || *c->at == '+')
        c->at++;
    bool hex = c->end - c->at > 1 && c->at[0] == '0' && c->at[1] == 'x';
    for (; c->at < c->end; c->at++) {
        char ch = *c->at;
        bool sign = (ch == '-' || ch == '+') && !hex &&
                    (c->at[-1] == 'e' || c->at[-1] == 'E');
        if (!is_digit(ch) && !is_letter(ch) && ch != '.' && !sign)
            break;
    }
    *out = (struct asm_slice){start, (uint32_t)(c->at - start)};
    if (out->n)
        return true;
    return asm_fail(c, "a number is missing");
}

static bool bad_number(struct asm_cursor *c, struct asm_slice s)
{
    c->at = s.at;
    return asm_fail(c, "`%.*s` is no number that fits here",
                    s.n < 40 ? (int)s.n : 40, s.at);
}

bool asm_int(struct asm_cursor *c, int64_t lo, int64_t hi, int64_t *out)
{
    struct asm_slice s;
    if (!number(c, &s))
        return false;
    if (!number_parse_int(s.at, s.n, out) || *out < lo || *out > hi)
        return bad_number(c, s);
    return true;
}

static bool parse_hex(struct asm_slice s, uint64_t *out)
{
    if (s.n < 3 || s.n > 18 || s.at[0] != '0' || s.at[1] != 'x')
        return false;
    *out = 0;
    for (uint32_t i = 2; i < s.n; i++) {
        int d = number_hex_digit(s.at[i]);
        if (d < 0)
            return false;
        *out = *out << 4 | (unsigned)d;
    }
    return true;
}

bool asm_bits(struct asm_cursor *c, uint64_t *out)
{
    struct asm_slice s;
    int64_t i;
    double d;
    if (!number(c, &s))
        return false;
    if (parse_hex(s, out))
        return true;
    if (number_parse_int(s.at, s.n, &i)) {
        *out = (uint64_t)i;
        return true;
    }
    bool is_float = memchr(s.at, '.', s.n) || memchr(s.at, 'e', s.n) ||
                    memchr(s.at, 'E', s.n);
    if (!is_float || !number_parse_float(s.at, s.n, &d))
        return bad_number(c, s);
    memcpy(out, &d, sizeof d);
    return true;
}

/* ---- names --------------------------------------------------------------- */

static uint32_t *slot_of(const struct asm_symbols *s, struct asm_slice name)
{
    uint32_t i = (uint32_t)hash_bytes(name.at, name.n, 0) & (s->cap - 1);
    for (; s->slots[i]; i = (i + 1) & (s->cap - 1)) {
        struct asm_slice have = s->list.at[s->slots[i] - 1].name;
        if (have.n == name.n && !memcmp(have.at, name.at, name.n))
            break;
    }
    return &s->slots[i];
}

static bool symbols_grow(struct asm_cursor *c, struct asm_symbols *s)
{
    uint32_t cap = s->cap ? s->cap * 2 : 32;
    uint32_t *slots = ARENA_ARRAY(c->arena, uint32_t, cap);
    if (!slots)
        return asm_no_memory(c);
    s->slots = slots;
    s->cap = cap;
    for (uint32_t i = 0; i < s->list.n; i++)
        *slot_of(s, s->list.at[i].name) = i + 1;
    return true;
}

bool asm_symbols_add(struct asm_cursor *c, struct asm_symbols *s,
                     struct asm_slice name, uint32_t index)
{
    if (s->list.n >= s->cap / 2 && !symbols_grow(c, s))
        return false;
    uint32_t *slot = slot_of(s, name);
    if (*slot)
        return false;
    if (!vec_push_in(c->arena, &s->list, (struct asm_symbol){name, index}))
        return asm_no_memory(c);
    *slot = s->list.n;
    return true;
}

uint32_t asm_symbols_find(const struct asm_symbols *s, struct asm_slice name)
{
    if (!s->cap)
        return UINT32_MAX;
    uint32_t at = *slot_of(s, name);
    return at ? s->list.at[at - 1].index : UINT32_MAX;
}
