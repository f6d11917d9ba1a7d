/* html.c - documentation as pages that need no script. */
#include <string.h>

#include "frontend/doc/markup.h"
#include "frontend/doc/html.h"
#include "runtime/base/utf8.h"

static const char style[] =
    ":root{color-scheme:light dark;--fg:#1c1c1c;--bg:#fff;--dim:#666;"
    "--line:#ddd;--code:#f5f5f3;--link:#0b57d0;--k:#8839a8;--t:#0b6e77;"
    "--n:#a33a00;--s:#2a6f2a}\n"
    "@media(prefers-color-scheme:dark){:root{--fg:#e4e4e4;--bg:#17181a;"
    "--dim:#999;--line:#333;--code:#212326;--link:#8ab4f8;--k:#d19df0;"
    "--t:#6cc7d0;--n:#f0a070;--s:#93c993}}\n"
    "body{max-width:48rem;margin:0 auto;padding:1.5rem;color:var(--fg);"
    "background:var(--bg);font:1rem/1.55 system-ui,sans-serif}\n"
    "a{color:var(--link);text-decoration:none}a:hover{text-decoration:"
    "underline}\n"
    "h1{font-size:1.6rem}h2{font-size:1.15rem;margin:0}\n"
    "section{border-top:1px solid var(--line);margin-top:1.5rem;"
    "padding-top:1.2rem}\n"
    "code,pre{font:.92em/1.5 ui-monospace,monospace}\n"
    "pre{background:var(--code);padding:.7rem .9rem;overflow-x:auto;"
    "border-radius:4px}\n"
    "pre a{color:inherit}p code,li code,dd code{background:var(--code);"
    "padding:.1em .3em;border-radius:3px}\n"
    "dd{margin-left:2rem}.c,.none{color:var(--dim)}.k{color:var(--k)}"
    ".t{color:var(--t)}.n{color:var(--n)}.s{color:var(--s)}\n";

/* ---- pieces -------------------------------------------------------------- */

void html_put(struct page *p, const char *s)
{
    bytes_str(p->out, s);
}

void html_escape(struct page *p, const char *s, size_t n)
{
    uint32_t cp;

    for (size_t i = 0, k; i < n; i += k) {
        k = utf8_decode(s + i, n - i, &cp);
        bool is_space = cp == '\n' || cp == '\t' || cp == '\r';
        if (!k || (cp < ' ' && !is_space) || (cp >= 0x7f && cp < 0xa0)) {
            html_put(p, "\xef\xbf\xbd");
            k = k ? k : 1;
        } else if (cp == '&') {
            html_put(p, "&amp;");
        } else if (cp == '<') {
            html_put(p, "&lt;");
        } else if (cp == '>') {
            html_put(p, "&gt;");
        } else if (cp == '"') {
            html_put(p, "&quot;");
        } else if (cp == '\'') {
            html_put(p, "&#39;");
        } else if (cp != '\r') {
            bytes_add(p->out, s + i, k);
        }
    }
}

static void put_string(struct page *p, const char *s)
{
    html_escape(p, s, strlen(s));
}

void html_url(struct page *p, const char *s)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~";

    for (; *s; s++) {
        if (strchr(plain, *s))
            bytes_byte(p->out, (uint8_t)*s);
        else
            bytes_printf(p->out, "%%%02X", (unsigned char)*s);
    }
}

static void begin_page(struct page *p, const char *title)
{
    html_put(p, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
                "<meta charset=\"utf-8\">\n"
                "<meta name=\"viewport\" content=\"width=device-width\">\n"
                "<title>");
    put_string(p, title);
    html_put(p, "</title>\n<style>\n");
    html_put(p, style);
    html_put(p, "</style>\n</head>\n<body>\n");
}

static void end_page(struct page *p)
{
    html_put(p, "</body>\n</html>\n");
}

/* ---- links --------------------------------------------------------------- */

static bool is_text(const char *text, const char *s, size_t n)
{
    return strlen(text) == n && !memcmp(text, s, n);
}

/* The page of a module that some other imports; NULL: it has none. */
static const struct doc_module *find_imported(const struct docs *d,
                                              const struct module *m)
{
    for (uint32_t i = 0; i < d->modules.n; i++) {
        const struct module *top = d->modules.at[i]->u->top;
        if (top->device == m->device && top->inode == m->inode)
            return d->modules.at[i];
    }
    return NULL;
}

/* The module that s means: what the page's module imports under that name, or
 * any that is called so. */
static const struct doc_module *find_module(const struct page *p, const char *s,
                                            size_t n)
{
    const struct docs *d = p->docs;
    const struct doc_module *found = NULL, *m = p->module;

    for (uint32_t i = 0; m && i < m->imports.n; i++)
        if (is_text(m->imports.at[i].name, s, n))
            return find_imported(d, m->imports.at[i].module);

    for (uint32_t i = 0; i < d->modules.n; i++) {
        const char *name = d->modules.at[i]->name, *last = strrchr(name, '/');
        last = last ? last + 1 : name;
        if (is_text(name, s, n))
            return d->modules.at[i];
        if (is_text(last, s, n))
            found = d->modules.at[i];
    }
    return found;
}

struct target html_find(const struct page *p, const char *s, size_t n)
{
    const char *dot = memchr(s, '.', n);
    size_t first = dot ? (size_t)(dot - s) : n;
    struct target t = {0};

    if (!dot && p->module)
        t.entry = doc_find(p->module, s, n);
    if (t.entry) {
        t.module = p->module;
        return t;
    }
    t.module = find_module(p, s, first);
    if (t.module && dot)
        t.entry = doc_find(t.module, dot + 1, n - first - 1);
    if (dot && !t.entry)
        t.module = NULL;
    return t;
}

bool html_open_link(struct page *p, struct target t)
{
    if (!t.module || (t.entry ? t.entry == p->entry : t.module == p->module))
        return false;
    html_put(p, "<a href=\"");
    if (t.module != p->module)
        html_url(p, t.module->page);
    if (t.entry) {
        html_put(p, "#");
        html_url(p, t.entry->name);
    }
    html_put(p, "\">");
    return true;
}

/* ---- the text of comments ------------------------------------------------ */

static void put_run(struct page *p, const struct markup_run *r)
{
    bool code = r->style & MARKUP_SPAN_CODE, link = r->link.at != NULL;

    if (link) {
        html_put(p, "<a href=\"");
        html_escape(p, r->link.at, r->link.len);
        html_put(p, "\">");
    } else if (code) {
        link = html_open_link(p, html_find(p, r->text.at, r->text.len));
    }
    html_put(p, r->style & MARKUP_STRONG ? "<strong>" : "");
    html_put(p, r->style & MARKUP_EM ? "<em>" : "");
    html_put(p, code ? "<code>" : "");
    html_escape(p, r->text.at, r->text.len);
    html_put(p, code ? "</code>" : "");
    html_put(p, r->style & MARKUP_EM ? "</em>" : "");
    html_put(p, r->style & MARKUP_STRONG ? "</strong>" : "");
    html_put(p, link ? "</a>" : "");
}

static void put_spans(struct page *p, struct arena *a, struct ast_bytes text)
{
    struct markup_runs runs = {0};

    markup_spans(a, text, &runs);
    for (uint32_t i = 0; i < runs.n; i++)
        put_run(p, &runs.at[i]);
}

static void put_code(struct page *p, const struct markup_block *b)
{
    struct bytes code = bytes_in(p->out->mem);
    struct ast_bytes text = b->text, line;

    while (markup_line(&text, &line)) {
        uint32_t i = 0;
        while (i < b->indent && i < line.len && line.at[i] == ' ')
            i++;
        bytes_add(&code, line.at + i, line.len - i);
        bytes_byte(&code, '\n');
    }
    html_put(p, "<pre><code>");
    if (b->is_plain && code.n)
        html_escape(p, (const char *)code.at, code.n);
    else if (code.n)
        html_code(p, (const char *)code.at, code.n, false);
    html_put(p, "</code></pre>\n");
    bytes_free(&code);
}

/* Whether two blocks are items of one list. */
static bool is_one_list(const struct markup_block *a,
                        const struct markup_block *b)
{
    return a && b && a->kind == MARKUP_ITEM && b->kind == MARKUP_ITEM &&
           a->is_ordered == b->is_ordered;
}

/* `prev` and `next`: the blocks around it, or NULL. */
static void put_block(struct page *p, struct arena *a,
                      const struct markup_block *prev,
                      const struct markup_block *b,
                      const struct markup_block *next)
{
    switch ((enum markup_kind)b->kind) {
    case MARKUP_CODE: put_code(p, b); break;
    case MARKUP_PARAGRAPH:
        html_put(p, "<p>");
        put_spans(p, a, b->text);
        html_put(p, "</p>\n");
        break;
    case MARKUP_ITEM:
        if (!is_one_list(prev, b) && b->is_ordered)
            bytes_printf(p->out, "<ol start=\"%u\">\n", b->number);
        else if (!is_one_list(prev, b))
            html_put(p, "<ul>\n");
        html_put(p, "<li>");
        put_spans(p, a, b->text);
        html_put(p, "</li>\n");
        if (!is_one_list(b, next))
            html_put(p, b->is_ordered ? "</ol>\n" : "</ul>\n");
        break;
    }
}

static void put_doc(struct page *p, struct arena *a, struct ast_bytes doc)
{
    struct markup_blocks blocks = {0};

    markup_read(a, doc, &blocks);
    for (uint32_t i = 0; i < blocks.n; i++)
        put_block(p, a, i ? &blocks.at[i - 1] : NULL, &blocks.at[i],
                  i + 1 < blocks.n ? &blocks.at[i + 1] : NULL);
}

/* ---- entries ------------------------------------------------------------- */

static void put_members(struct page *p, const struct doc_entry *e)
{
    bool any = false;

    for (uint32_t i = 0; i < e->members.n; i++) {
        if (!e->members.at[i].doc.at)
            continue;
        html_put(p, any ? "" : "<dl>\n");
        any = true;
        html_put(p, "<dt><code>");
        html_code(p, e->members.at[i].signature,
                  strlen(e->members.at[i].signature), true);
        html_put(p, "</code></dt>\n<dd>");
        put_doc(p, p->module->u->arena, e->members.at[i].doc);
        html_put(p, "</dd>\n");
    }
    html_put(p, any ? "</dl>\n" : "");
}

static void put_entry(struct page *p, const struct doc_entry *e)
{
    p->entry = e;
    html_put(p, "<section id=\"");
    put_string(p, e->name);
    html_put(p, "\">\n<h2><a href=\"#");
    html_url(p, e->name);
    html_put(p, "\"><code>");
    put_string(p, e->name);
    html_put(p, "</code></a></h2>\n<pre><code>");
    html_code(p, e->signature, strlen(e->signature), true);
    html_put(p, "</code></pre>\n");
    put_doc(p, p->module->u->arena, e->doc);
    put_members(p, e);
    html_put(p, "</section>\n");
    p->entry = NULL;
}

/* The names of a module's entries, types or others, as links. */
static void put_names(struct page *p, const struct doc_module *m,
                      const char *title, bool types)
{
    bool any = false;

    for (uint32_t i = 0; i < m->entries.n; i++) {
        if (m->entries.at[i].is_type != types)
            continue;
        html_put(p, any ? ", " : title);
        any = true;
        html_open_link(p, (struct target){m, &m->entries.at[i]});
        html_put(p, "<code>");
        put_string(p, m->entries.at[i].name);
        html_put(p, "</code></a>");
    }
    html_put(p, any ? "</p>\n" : "");
}

void doc_html_module(const struct docs *docs, const struct doc_module *m,
                     struct bytes *out)
{
    struct page p = {.out = out, .docs = docs, .module = m};

    begin_page(&p, m->name);
    html_put(&p, "<header><p><a href=\"index.html\">All modules</a></p>"
                 "</header>\n<main>\n<h1>module <code>");
    put_string(&p, m->name);
    html_put(&p, "</code></h1>\n");
    put_doc(&p, m->u->arena, m->doc);
    put_names(&p, m, "<p>Types: ", true);
    put_names(&p, m, "<p>Functions and values: ", false);
    if (!m->entries.n)
        html_put(&p, m->all ? "<p class=\"none\">It declares nothing.</p>\n"
                            : "<p class=\"none\">Nothing in it is "
                              "<code>pub</code>.</p>\n");
    for (uint32_t i = 0; i < m->entries.n; i++)
        put_entry(&p, &m->entries.at[i]);
    html_put(&p, "</main>\n");
    end_page(&p);
}

void doc_html_index(const struct docs *docs, struct bytes *out)
{
    struct page p = {.out = out, .docs = docs};

    begin_page(&p, "Modules");
    html_put(&p, "<main>\n<h1>Modules</h1>\n<dl>\n");
    for (uint32_t i = 0; i < docs->modules.n; i++) {
        const struct doc_module *m = docs->modules.at[i];
        struct arena *a = m->u->arena;
        struct ast_bytes summary = markup_summary(a, m->doc);
        html_put(&p, "<dt>");
        html_open_link(&p, (struct target){m, NULL});
        html_put(&p, "<code>");
        put_string(&p, m->name);
        html_put(&p, "</code></a></dt>\n<dd>");
        html_put(&p, summary.len ? "<p>" : "");
        put_spans(&p, a, summary);
        html_put(&p, summary.len ? "</p>\n" : "");
        put_names(&p, m, "<p>", true);
        put_names(&p, m, "<p>", false);
        html_put(&p, "</dd>\n");
    }
    html_put(&p, "</dl>\n</main>\n");
    end_page(&p);
}
