/* highlight.c - code as HTML: the compiler's own lexer says what is what.
 *
 * What stands between two tokens is blanks and comments.  The lexer's
 * complaints about an example are dropped: it shows what people wrote. */
#include <string.h>

#include "frontend/doc/html.h"
#include "frontend/lexer.h"
#include "frontend/parse.h"
#include "frontend/parser.h"

static void put_class(struct page *p, const char *class, const char *s,
                      size_t n)
{
    html_put(p, "<span class=\"");
    html_put(p, class);
    html_put(p, "\">");
    html_escape(p, s, n);
    html_put(p, "</span>");
}

/* Blanks and comments. */
static void put_gap(struct page *p, const char *s, const char *end)
{
    const char *from = s;

    while (from < end && (*from == ' ' || *from == '\n' || *from == '\t'))
        from++;
    html_escape(p, s, (size_t)(from - s));
    s = end;
    while (s > from && (s[-1] == ' ' || s[-1] == '\n' || s[-1] == '\t'))
        s--;
    if (s > from)
        put_class(p, "c", from, (size_t)(s - from));
    html_escape(p, s, (size_t)(end - s));
}

static bool is_type_word(const char *s, size_t n)
{
    static const char *const words[] = {"int",  "float", "bool",
                                        "byte", "str",   "any"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i]) == n && !memcmp(words[i], s, n))
            return true;
    return *s >= 'A' && *s <= 'Z';
}

/* Whether a word that means something at module level only stands there:
 * `test "..."`, `import x as y`. */
static bool is_module_word(const struct token *t, uint8_t prev,
                           const char *next)
{
    if (t->kind == T_TEST)
        return next[strspn(next, " ")] == '"';
    return prev == T_NAME || prev == T_STR;
}

/* The class of a token; NULL: none. */
static const char *class_of(const struct token *t, uint8_t prev, const char *s)
{
    size_t n = t->end - t->pos;

    switch (t->kind) {
    case T_STR:
    case T_STR_HEAD:
    case T_STR_MID:
    case T_STR_TAIL:
    case T_FMT: return "s";
    case T_INT: return t->flags == AST_INT_CHAR ? "s" : "n";
    case T_FLOAT: return "n";
    case T_NAME: return is_type_word(s, n) ? "t" : NULL;
    }
    switch (token_infos[t->kind].where) {
    case TOKEN_SIGN:
    case TOKEN_KIND: return NULL;
    case TOKEN_MODULE: return is_module_word(t, prev, s + n) ? "k" : NULL;
    default: return "k";
    }
}

/* Where a name leads: behind `module.`, to what is in that module. */
static struct target target_of(struct page *p, const char *text,
                               const struct token *t, const struct token *prev,
                               const struct token *before)
{
    const char *s = text + t->pos;
    uint32_t from = t->pos;

    if (t->kind != T_NAME)
        return (struct target){0};
    if (prev->kind == T_DOT && before->kind == T_NAME)
        from = before->pos;
    else if (prev->kind == T_DOT ||
             (s[t->end - t->pos] == ':' && prev->kind != T_LB))
        return (struct target){0}; /* a member, a parameter */
    return html_find(p, text + from, t->end - from);
}

static void put_tokens(struct page *p, struct unit *u, bool links)
{
    struct token before = {0}, prev = {0}, t;
    const char *text = u->src->text;
    struct lexer l;
    uint32_t at = 0;

    lexer_open(&l, u);
    while ((t = lexer_next(&l)).kind) {
        struct target to = {0};
        const char *class = class_of(&t, prev.kind, text + t.pos);
        size_t n = t.end - t.pos;
        if (t.pos < at || !n)
            continue; /* supplied */
        put_gap(p, text + at, text + t.pos);
        if (links)
            to = target_of(p, text, &t, &prev, &before);
        bool link = html_open_link(p, to);
        if (class)
            put_class(p, class, text + t.pos, n);
        else
            html_escape(p, text + t.pos, n);
        html_put(p, link ? "</a>" : "");
        at = t.end;
        before = prev;
        prev = t;
    }
    put_gap(p, text + at, text + u->src->len);
    lexer_close(&l);
}

void html_code(struct page *p, const char *text, size_t n, bool links)
{
    struct mem *m = p->out->mem;
    struct source *src = source_copy(m, "", text, (uint32_t)n);
    struct unit *u = src ? unit_open(m, src) : NULL;

    if (u) {
        put_tokens(p, u, links);
        unit_close(u);
    }
    if (src)
        source_free(m, src);
}
