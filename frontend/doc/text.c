/* text.c - documentation for a terminal: signatures, and below each its text,
 * indented and filled. */
#include <string.h>

#include "frontend/doc/doc.h"
#include "frontend/doc/markup.h"
#include "runtime/base/unicode.h"
#include "runtime/base/utf8.h"

enum { STEP = 4, LEAST_WIDTH = 20 };

/* Text being filled into lines. */
struct flow {
    struct bytes *out;
    struct bytes word; /* what is not in a line yet */
    uint32_t columns;  /* of the word */
    uint32_t width, indent;
    uint32_t at;        /* the column reached; 0: the line is to be begun */
    const char *bullet; /* before the first word */
};

static uint32_t sure_width(uint32_t width)
{
    return width < LEAST_WIDTH ? LEAST_WIDTH : width;
}

/* Appends a code point that a terminal may see; returns its columns. */
static uint32_t put_point(struct bytes *out, uint32_t cp)
{
    char text[UTF8_MAX];

    if (cp < ' ' || (cp >= 0x7f && cp < 0xa0))
        cp = 0xfffd;
    bytes_add(out, text, utf8_encode(cp, text));
    return unicode_width(cp);
}

static void put_blanks(struct bytes *out, uint32_t n)
{
    while (n--)
        bytes_byte(out, ' ');
}

/* ---- filled text --------------------------------------------------------- */

static void end_word(struct flow *f)
{
    if (!f->word.n)
        return;
    if (f->at && f->at + 1 + f->columns > f->width) {
        bytes_byte(f->out, '\n');
        f->at = 0;
    }
    if (f->at) {
        bytes_byte(f->out, ' ');
        f->at++;
    } else {
        uint32_t n = f->bullet ? (uint32_t)strlen(f->bullet) : 0;
        put_blanks(f->out, f->indent - n);
        bytes_str(f->out, f->bullet ? f->bullet : "");
        f->bullet = NULL;
        f->at = f->indent;
    }
    bytes_add(f->out, f->word.at, f->word.n);
    f->at += f->columns;
    f->word.n = 0;
    f->columns = 0;
}

static void put_text(struct flow *f, const char *s, uint32_t n)
{
    uint32_t cp;

    for (uint32_t i = 0, k; i < n; i += k) {
        k = utf8_decode(s + i, n - i, &cp);
        if (!k) {
            k = 1;
            cp = 0xfffd;
        }
        if (cp == ' ' || cp == '\n' || cp == '\t' || cp == '\r')
            end_word(f);
        else
            f->columns += put_point(&f->word, cp);
    }
}

/* Whether both lead to one place. */
static bool same_link(struct ast_bytes a, struct ast_bytes b)
{
    return a.at == b.at;
}

static void put_run(struct flow *f, const struct markup_run *r, bool link_ends)
{
    const char *quote = r->style & MARKUP_SPAN_CODE ? "`" : "";
    bool shown = r->link.len == r->text.len &&
                 !memcmp(r->link.at, r->text.at, r->text.len);

    put_text(f, quote, (uint32_t)strlen(quote));
    put_text(f, r->text.at, r->text.len);
    put_text(f, quote, (uint32_t)strlen(quote));
    if (!link_ends || shown)
        return;
    put_text(f, " (", 2);
    put_text(f, r->link.at, r->link.len);
    put_text(f, ")", 1);
}

static void put_filled(struct flow *f, struct arena *a, struct ast_bytes text)
{
    struct markup_runs runs = {0};

    markup_spans(a, text, &runs);
    for (uint32_t i = 0; i < runs.n; i++) {
        const struct markup_run *r = &runs.at[i];
        bool last = i + 1 == runs.n || !same_link(runs.at[i + 1].link, r->link);
        put_run(f, r, r->link.at && last);
    }
    end_word(f);
    if (f->at)
        bytes_byte(f->out, '\n');
    f->at = 0;
}

/* ---- blocks -------------------------------------------------------------- */

static void put_code(struct bytes *out, const struct markup_block *b,
                     uint32_t indent)
{
    struct ast_bytes text = b->text, line;

    while (markup_line(&text, &line)) {
        uint32_t i = 0, cp, k;
        while (i < b->indent && i < line.len && line.at[i] == ' ')
            i++;
        if (line.len && line.at[line.len - 1] == '\r')
            line.len--;
        if (i < line.len)
            put_blanks(out, indent);
        for (; i < line.len; i += k ? k : 1) {
            k = utf8_decode(line.at + i, line.len - i, &cp);
            if (k && cp == '\t')
                put_blanks(out, STEP);
            else
                put_point(out, k ? cp : 0xfffd);
        }
        bytes_byte(out, '\n');
    }
}

static void put_block(struct flow *f, struct arena *a,
                      const struct markup_block *b)
{
    uint32_t indent = f->indent;
    const char *sign;

    switch ((enum markup_kind)b->kind) {
    case MARKUP_CODE: put_code(f->out, b, indent + STEP); break;
    case MARKUP_PARAGRAPH: put_filled(f, a, b->text); break;
    case MARKUP_ITEM:
        sign = b->is_ordered ? arena_printf(a, "%u. ", b->number) : "- ";
        f->bullet = sign;
        f->indent += (uint32_t)strlen(sign);
        put_filled(f, a, b->text);
        f->bullet = NULL;
        f->indent = indent;
        break;
    }
}

/* A doc with an empty line between its blocks, but for those of a list. */
static void put_doc(struct bytes *out, struct arena *a, struct ast_bytes doc,
                    uint32_t indent, uint32_t width)
{
    struct markup_blocks blocks = {0};
    struct flow f = {.out = out, .indent = indent, .width = width};

    f.word = bytes_in(out->mem);
    markup_read(a, doc, &blocks);
    for (uint32_t i = 0; i < blocks.n; i++) {
        bool in_list = i && blocks.at[i].kind == MARKUP_ITEM &&
                       blocks.at[i - 1].kind == MARKUP_ITEM &&
                       blocks.at[i].is_ordered == blocks.at[i - 1].is_ordered;
        if (i && !in_list)
            bytes_byte(out, '\n');
        put_block(&f, a, &blocks.at[i]);
    }
    bytes_free(&f.word);
}

/* Lines as they are, indented. */
static void put_lines(struct bytes *out, const char *text, uint32_t indent)
{
    struct markup_block b = {
        .text = {text, (uint32_t)strlen(text)},
    };

    put_code(out, &b, indent);
}

/* ---- entries ------------------------------------------------------------- */

void doc_text_entry(const struct doc_module *m, const struct doc_entry *e,
                    uint32_t width, struct bytes *out)
{
    struct arena *a = m->u->arena;

    width = sure_width(width);
    put_lines(out, e->signature, 0);
    if (e->doc.at) {
        bytes_byte(out, '\n');
        put_doc(out, a, e->doc, STEP, width);
    }
    for (uint32_t i = 0; i < e->members.n; i++) {
        if (!e->members.at[i].doc.at)
            continue;
        bytes_byte(out, '\n');
        put_lines(out, e->members.at[i].signature, STEP);
        put_doc(out, a, e->members.at[i].doc, 2 * STEP, width);
    }
}

void doc_text_module(const struct doc_module *m, uint32_t width,
                     struct bytes *out)
{
    width = sure_width(width);
    bytes_str(out, "module ");
    put_lines(out, m->name, 0);
    if (m->doc.at) {
        bytes_byte(out, '\n');
        put_doc(out, m->u->arena, m->doc, STEP, width);
    }
    if (!m->entries.n)
        bytes_str(out, m->all ? "\n    It declares nothing.\n"
                              : "\n    Nothing in it is `pub`.\n");
    for (uint32_t i = 0; i < m->entries.n; i++) {
        bytes_byte(out, '\n');
        doc_text_entry(m, &m->entries.at[i], width, out);
    }
}

void doc_text_line(const struct doc_module *m, uint32_t width,
                   struct bytes *out)
{
    enum { NAMES = 10 };
    struct bytes name = bytes_in(out->mem);
    struct flow f = {.out = out, .indent = NAMES + 2};

    f.width = sure_width(width);
    f.word = bytes_in(out->mem);
    bytes_printf(&name, "%-*s  ", NAMES, m->name);
    bytes_byte(&name, 0);
    f.bullet = (const char *)name.at;
    if (strlen(m->name) > NAMES || !m->doc.at) {
        put_lines(out, m->name, 0);
        f.bullet = NULL;
    }
    put_filled(&f, m->u->arena, markup_summary(m->u->arena, m->doc));
    bytes_free(&f.word);
    bytes_free(&name);
}
