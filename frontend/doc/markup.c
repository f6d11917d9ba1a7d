/* markup.c - reading the Markdown of documentation (see markup.h). */
#include "frontend/doc/markup.h"

#include <string.h>

static struct ast_bytes part(const char *at, const char *end)
{
    return (struct ast_bytes){at, (uint32_t)(end - at)};
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* ---- blocks -------------------------------------------------------------- */

bool markup_line(struct ast_bytes *text, struct ast_bytes *line)
{
    const char *stop;

    if (!text->len)
        return false;
    stop = memchr(text->at, '\n', text->len);
    if (!stop)
        stop = text->at + text->len;
    *line = part(text->at, stop);
    stop += stop < text->at + text->len;
    *text = part(stop, text->at + text->len);
    return true;
}

/* How many blanks a line begins with. */
static uint32_t indent_of(struct ast_bytes line)
{
    uint32_t n = 0;

    while (n < line.len && is_blank(line.at[n]))
        n++;
    return n;
}

/* Whether a line, from its first sign on, opens or closes code. */
static bool is_fence(struct ast_bytes line)
{
    return line.len >= 3 && !memcmp(line.at, "```", 3);
}

/* The bytes of an item's sign and the blank behind it, and its number; 0 where
 * the line begins none. */
static uint32_t item_sign(struct ast_bytes line, uint32_t *number)
{
    uint32_t n = 0;

    *number = 0;
    if (line.len > 1 && (line.at[0] == '-' || line.at[0] == '*') &&
        is_blank(line.at[1]))
        return 2;
    while (n < line.len && n < MARKUP_NUMBER_MOST && is_digit(line.at[n]))
        *number = *number * 10 + (uint32_t)(line.at[n++] - '0');
    if (!n || n + 1 >= line.len || line.at[n] != '.' ||
        !is_blank(line.at[n + 1]))
        return 0;
    return n + 2;
}

/* Whether what stands behind an opening fence means this language. */
static bool names_pal(struct ast_bytes info)
{
    uint32_t n;

    info.at += indent_of(info);
    for (n = 0; n < info.len && is_letter(info.at[n]); n++)
        ;
    return !info.len || !n || (n == 3 && !memcmp(info.at, "pal", 3));
}

/* Code whose opening fence is `line`; moves *rest behind the closing one. */
static struct markup_block read_code(struct ast_bytes line, uint32_t indent,
                                     struct ast_bytes *rest)
{
    struct ast_bytes info = part(line.at + indent + 3, line.at + line.len);
    struct markup_block b = {.kind = MARKUP_CODE, .indent = indent};
    const char *from = rest->at, *to = from;
    uint32_t n;

    while (info.len && is_blank(info.at[info.len - 1]))
        info.len--;
    n = indent_of(info);
    b.is_plain = !names_pal(part(info.at + n, info.at + info.len));
    while (markup_line(rest, &line)) {
        n = indent_of(line);
        if (is_fence(part(line.at + n, line.at + line.len)))
            break;
        to = line.at + line.len;
    }
    b.text = part(from, to);
    return b;
}

void markup_read(struct arena *a, struct ast_bytes doc,
                 struct markup_blocks *out)
{
    struct markup_block *open = NULL; /* the paragraph or item that goes on */
    struct ast_bytes line;

    while (markup_line(&doc, &line)) {
        uint32_t n = indent_of(line), number;
        struct ast_bytes text = part(line.at + n, line.at + line.len);
        uint32_t sign = item_sign(text, &number);
        struct markup_block b = {.kind = MARKUP_PARAGRAPH, .text = text};
        if (!text.len) {
            open = NULL;
            continue;
        }
        if (is_fence(text)) {
            b = read_code(line, n, &doc);
        } else if (sign) {
            b.kind = MARKUP_ITEM;
            b.is_ordered = text.at[0] != '-' && text.at[0] != '*';
            b.number = number;
            b.text = part(text.at + sign, line.at + line.len);
        } else if (open) {
            open->text = part(open->text.at, line.at + line.len);
            continue;
        }
        vec_push_in(a, out, b);
        open = b.kind == MARKUP_CODE ? NULL : &out->at[out->n - 1];
    }
}

struct ast_bytes markup_summary(struct arena *a, struct ast_bytes doc)
{
    struct markup_blocks blocks = {0};
    struct ast_bytes text;

    markup_read(a, doc, &blocks);
    if (!blocks.n || blocks.at[0].kind != MARKUP_PARAGRAPH)
        return (struct ast_bytes){0};
    text = blocks.at[0].text;
    for (uint32_t i = 0; i + 1 < text.len; i++)
        if (text.at[i] == '.' && is_blank(text.at[i + 1]))
            return part(text.at, text.at + i + 1);
    return text;
}

/* ---- spans --------------------------------------------------------------- */

struct spans {
    struct arena *a;
    struct markup_runs *out;
    const char *at, *from, *end; /* [from, at) waits to become a run */
    uint8_t style;
    struct ast_bytes link;
    const char *link_end, *link_next; /* of its text, and behind all of it */
};

static void push_run(struct spans *s, const char *from, const char *to,
                     uint8_t style)
{
    struct markup_run run = {part(from, to), style, s->link};

    if (from < to)
        vec_push_in(s->a, s->out, run);
}

/* What was read becomes a run; what follows begins at `next`. */
static void flush(struct spans *s, const char *next)
{
    push_run(s, s->from, s->at, s->style);
    s->from = s->at = next;
}

/* Where a span that goes on at p must have ended. */
static const char *limit(const struct spans *s, const char *p)
{
    const char *end = s->link.at ? s->link_end : s->end;

    return end - p > MARKUP_SPAN_MOST ? p + MARKUP_SPAN_MOST : end;
}

static uint32_t count(const char *p, const char *end, char c)
{
    uint32_t n = 0;

    while (p + n < end && p[n] == c)
        n++;
    return n;
}

/* The run of n backquotes that closes code; NULL: there is none. */
static const char *code_end(const char *p, const char *end, uint32_t n)
{
    while (p < end && (p = memchr(p, '`', (size_t)(end - p)))) {
        uint32_t k = count(p, end, '`');
        if (k == n)
            return p;
        p += k;
    }
    return NULL;
}

/* Code at s->at; false where nothing closes it. */
static bool read_code_span(struct spans *s)
{
    const char *end = limit(s, s->at), *from = s->at, *to;
    uint32_t n = count(from, end, '`');

    from += n;
    to = code_end(from, end, n);
    if (!to)
        return false;
    flush(s, to + n);
    if (n > 1 && to - from > 2 && *from == ' ' && to[-1] == ' ') {
        from++; /* `` ` `` */
        to--;
    }
    push_run(s, from, to, s->style | MARKUP_SPAN_CODE);
    return true;
}

/* Whether emphasis of n stars ends somewhere behind p; not inside code. */
static bool is_closed(const char *p, const char *end, uint32_t n)
{
    while (p < end) {
        uint32_t k = *p == '`' || *p == '*' ? count(p, end, *p) : 1;
        const char *to = *p == '`' ? code_end(p + k, end, k) : NULL;
        if (*p == '*' && k == n && !is_blank(p[-1]))
            return true;
        p = to ? to + k : p + (*p == '\\' ? 2 : k);
    }
    return false;
}

/* Stars at s->at; false where they stand for themselves. */
static bool read_stars(struct spans *s)
{
    const char *end = limit(s, s->at);
    uint32_t n = count(s->at, end, '*');
    uint8_t bit = n == 1 ? MARKUP_EM : MARKUP_STRONG;
    const char *next = s->at + n;

    if (n > 2)
        return false;
    if (s->style & bit) {
        if (is_blank(s->at[-1]))
            return false;
        flush(s, next);
        s->style &= (uint8_t)~bit;
        return true;
    }
    if (next == end || is_blank(*next) || !is_closed(next + 1, end, n))
        return false;
    flush(s, next);
    s->style |= bit;
    return true;
}

/* Whether a link may lead there: to the web, to a mail address, or, without a
 * scheme, to a place beside the page. */
static bool is_allowed(struct ast_bytes url)
{
    static const char *const schemes[] = {"http:", "https:", "mailto:"};
    uint32_t n = 0;

    for (uint32_t i = 0; i < url.len; i++)
        if (is_blank(url.at[i]) || (unsigned char)url.at[i] < ' ')
            return false;
    while (n < url.len && !memchr(":/?#", url.at[n], 4))
        n++;
    if (n == url.len || url.at[n] != ':')
        return url.len && memcmp(url.at, "//", url.len < 2 ? url.len : 2);
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
        if (strlen(schemes[i]) == n + 1 && !memcmp(url.at, schemes[i], n + 1))
            return true;
    return false;
}

/* A link at s->at; false where it is none. */
static bool read_link(struct spans *s)
{
    const char *end = limit(s, s->at), *p = s->at + 1, *close, *to;

    while (p < end && *p != ']' && *p != '[')
        p += *p == '\\' && p + 1 < end ? 2 : 1;
    if (p + 1 >= end || *p != ']' || p[1] != '(' || p == s->at + 1)
        return false;
    close = p;
    to = memchr(p + 2, ')', (size_t)(end - p - 2));
    if (!to || !is_allowed(part(p + 2, to)))
        return false;
    flush(s, s->at + 1);
    s->link = part(p + 2, to);
    s->link_end = close;
    s->link_next = to + 1;
    return true;
}

/* A sign at s->at + 1 that stands for itself; false where it does anyway. */
static bool read_escape(struct spans *s)
{
    static const char signs[] = "\\`*[]()-_<>#!.{}+|~\"'&";

    if (s->at + 1 == s->end || !memchr(signs, s->at[1], sizeof signs - 1))
        return false;
    flush(s, s->at + 1);
    s->at++;
    return true;
}

/* Moves on behind a span, or behind what stands for itself. */
static void read_span(struct spans *s)
{
    bool is_run = *s->at == '`' || *s->at == '*';
    uint32_t n = is_run ? count(s->at, s->end, *s->at) : 1;
    bool read = false;

    switch (*s->at) {
    case '\\': read = read_escape(s); break;
    case '`': read = read_code_span(s); break;
    case '*': read = read_stars(s); break;
    case '[': read = !s->link.at && read_link(s); break;
    }
    if (!read)
        s->at += n;
}

void markup_spans(struct arena *a, struct ast_bytes text,
                  struct markup_runs *out)
{
    struct spans s = {.a = a, .out = out};

    if (text.len == 0)
        return;
    s.at = s.from = text.at;
    s.end = text.at + text.len;
    while (s.at < s.end) {
        if (s.link.at && s.at >= s.link_end) {
            flush(&s, s.link_next);
            s.link = (struct ast_bytes){0};
        } else {
            read_span(&s);
        }
    }
    flush(&s, s.end);
}
