/* decode.c - the values of literals (see decode.h). */
#include "runtime/base/number.h"
#include "frontend/decode.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/utf8.h"

static uint32_t offset(const struct lexer *l, const char *p)
{
    return (uint32_t)(p - l->text);
}

static const char *copy(struct lexer *l, const char *p, size_t n)
{
    return arena_strndup(l->u->arena, p, n);
}

/* ---- numbers ------------------------------------------------------------- */

uint64_t decode_int(struct lexer *l, uint32_t pos, uint32_t end)
{
    const char *p = l->text + pos, *stop = l->text + end;
    uint64_t base = 10, max = DECODE_MIN_INT, v = 0;

    if (end - pos > 2 && p[0] == '0' && p[1] > '9') {
        base = p[1] == 'x' ? 16 : p[1] == 'o' ? 8 : 2;
        max = UINT64_MAX;
        p += 2;
    }
    for (; p < stop; p++) {
        uint64_t d;

        if (*p == '_')
            continue;
        d = (uint64_t)number_hex_digit(*p);
        if (v > (max - d) / base) {
            if (!lexer_muted(l, pos))
                lexer_error(l, E0111, pos, end);
            return 0;
        }
        v = v * base + d;
    }
    return v;
}

uint64_t decode_float(struct lexer *l, uint32_t pos, uint32_t end)
{
    double v;
    uint64_t bits;

    l->scratch.n = 0;
    for (uint32_t i = pos; i < end; i++)
        if (l->text[i] != '_')
            bytes_byte(&l->scratch, (uint8_t)l->text[i]);
    bytes_byte(&l->scratch, 0);
    v = strtod((char *)l->scratch.at, NULL);
    if (isinf(v) && !lexer_muted(l, pos))
        lexer_error(l, E0123, pos, end);
    memcpy(&bits, &v, sizeof bits);
    return bits;
}

/* ---- escapes ------------------------------------------------------------- */

/* The code point of \u{...}, p behind the brace; moves *at behind it. */
static bool decode_unicode(const char **at, const char *p, const char *end,
                           uint32_t *cp)
{
    uint32_t n = 0;

    *cp = 0;
    for (; p < end && number_hex_digit(*p) >= 0; p++, n++)
        if (n < 7)
            *cp = *cp * 16 + (uint32_t)number_hex_digit(*p);
    if (p == end || *p != '}')
        return false;
    *at = p + 1;
    return n > 0;
}

/* Reads the escape whose backslash is at *at, moves *at behind it, and stores
 * its code point.  False when it is none; that was reported. */
static bool decode_escape(struct lexer *l, const char **at, const char *end,
                          uint32_t *cp)
{
    static const char letters[] = "ntr0\\\"'{}";
    static const char values[] = "\n\t\r\0\\\"'{}";
    const char *start = *at, *p = start + 1;
    const char *known =
        p < end ? memchr(letters, *p, sizeof letters - 1) : NULL;
    bool ok = false;

    *at = p < end ? p + 1 : end;
    if (known) {
        *cp = (unsigned char)values[known - letters];
        return true;
    }
    if (end - p >= 3 && *p == 'x' && number_hex_digit(p[1]) >= 0 &&
        number_hex_digit(p[2]) >= 0) {
        *cp = (uint32_t)(number_hex_digit(p[1]) * 16 + number_hex_digit(p[2]));
        *at = p + 3;
        ok = *cp < 0x80;
    } else if (end - p >= 2 && p[0] == 'u' && p[1] == '{' &&
               decode_unicode(at, p + 2, end, cp)) {
        ok = utf8_is_scalar(*cp);
    } else {
        uint32_t c;
        if (p < end)
            *at = p + utf8_decode(p, (size_t)(end - p), &c);
        if (!lexer_muted(l, offset(l, start)))
            lexer_error(l, E0108, offset(l, start), offset(l, *at),
                        copy(l, start, (size_t)(*at - start)));
        return false;
    }
    if (!ok && !lexer_muted(l, offset(l, start))) {
        lexer_error(l, E0109, offset(l, start), offset(l, *at),
                    copy(l, start, (size_t)(*at - start)));
        if (*p == 'x')
            diag_help(l->u->diags,
                      "for the code point write `\\u{%x}`; a string holds no "
                      "single bytes above 7F",
                      *cp);
    }
    return ok;
}

uint64_t decode_char(struct lexer *l, uint32_t pos, uint32_t end)
{
    const char *p = l->text + pos + 1, *stop = l->text + end - 1;
    uint32_t cp = 0, n = 0;

    while (p < stop && n < 2) {
        if (*p == '\\') {
            if (!decode_escape(l, &p, stop, &cp))
                return 0;
        } else {
            p += utf8_decode(p, (size_t)(stop - p), &cp);
        }
        n++;
    }
    if (n == 1 || lexer_muted(l, pos))
        return cp;
    lexer_error(l, E0112, pos, end, n ? "overlong" : "empty");
    if (n)
        diag_fix(l->u->diags, (struct span){l->u->src, pos, end},
                 arena_printf(l->u->arena, "\"%.*s\"", (int)(end - pos - 2),
                              l->text + pos + 1),
                 "strings are written with double quotes");
    return 0;
}

/* ---- strings ------------------------------------------------------------- */

/* The white space that each line of a multi-line string loses. */
struct indent {
    const char *at;
    size_t n;
    bool reported; /* a line with less */
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* Takes away the line break behind the opening quotes. */
static void trim_first(struct ast_bytes *text)
{
    uint32_t i = 0;

    while (i < text->len && is_blank(text->at[i]))
        i++;
    if (i < text->len && text->at[i] == '\n') {
        text->at += i + 1;
        text->len -= i + 1;
    }
}

/* Takes away the line break ahead of the closing quotes and what follows it,
 * when that is white space: the indent.  `first`: the text begins a line. */
static struct indent trim_last(struct ast_bytes *text, bool first)
{
    struct indent in = {0};
    uint32_t i = text->len;

    while (i && is_blank(text->at[i - 1]))
        i--;
    if (i ? text->at[i - 1] != '\n' : !first)
        return in;
    in.at = text->at + i;
    in.n = text->len - i;
    text->len = i ? i - 1 : 0;
    if (i && text->len && text->at[text->len - 1] == '\r')
        text->len--;
    return in;
}

/* Skips the indent of the line at p; reports a line that has less. */
static const char *skip_indent(struct lexer *l, const char *p, const char *end,
                               struct indent *in)
{
    const char *text = p;

    if (!in->n)
        return p;
    if ((size_t)(end - p) >= in->n && !memcmp(p, in->at, in->n))
        return p + in->n;
    while (text < end && is_blank(*text))
        text++;
    if (text == end || *text == '\n')
        return text;
    if (!in->reported && !lexer_muted(l, offset(l, p))) {
        lexer_error(l, E0120, offset(l, p), offset(l, text) + 1);
        diag_label(l->u->diags,
                   (struct span){l->u->src, offset(l, in->at),
                                 offset(l, in->at + in->n)},
                   "each line begins with this indent");
    }
    in->reported = true;
    return text;
}

/* One piece; `line`: it begins a line of a multi-line string. */
static struct ast_bytes decode_piece(struct lexer *l, struct ast_bytes text,
                                     struct indent *in, bool line)
{
    const char *p = text.at, *end = p + text.len;
    char *out, *to;

    if (!in && !memchr(p, '\\', text.len))
        return text;
    out = to = arena_alloc(l->u->arena, (size_t)text.len + UTF8_MAX);
    while (p < end) {
        uint32_t cp;

        if (line)
            p = skip_indent(l, p, end, in);
        line = false;
        if (p == end)
            break;
        if (*p == '\\') {
            if (decode_escape(l, &p, end, &cp))
                to += utf8_encode(cp, to);
            continue;
        }
        if (in && *p == '\r' && end - p > 1 && p[1] == '\n')
            p++;
        line = in && *p == '\n';
        *to++ = *p++;
    }
    return (struct ast_bytes){out, (uint32_t)(to - out)};
}

void decode_text(struct lexer *l, struct ast_bytes **pieces, uint32_t n,
                 unsigned flags)
{
    struct indent in = {0};
    bool triple = flags & TEXT_TRIPLE, first_line = false;
    const char *start = pieces[0]->at;

    if (flags & TEXT_RAW)
        return;
    if (triple) {
        trim_first(pieces[0]);
        first_line = pieces[0]->at != start;
        in = trim_last(pieces[n - 1], n == 1 && first_line);
    }
    for (uint32_t i = 0; i < n; i++)
        *pieces[i] = decode_piece(l, *pieces[i], triple ? &in : NULL,
                                  i == 0 && first_line);
}
