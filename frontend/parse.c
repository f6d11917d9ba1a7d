/* parse.c - drives the lexer and the parser, and recovers from errors.
 *
 * When the parser refuses a token, it has popped its stack to the list
 * (declarations, statements, fields, arms) that the innermost open `{` holds
 * and shifted `error` there; it then waits for RESYNC.  The driver skips to
 * the SEMI or the `}` that ends the broken element: the token stream is
 * balanced, so counting brackets finds it.  Each element thus yields at most
 * one diagnostic, and what follows is parsed as if nothing had happened. */
#include "frontend/parse.h"

#include <string.h>

#include "frontend/make.h"
#include "frontend/parser.h"
#include "runtime/base/utf8.h"

/* Follows the brackets of what is shifted or skipped. */
static void count_bracket(struct parse *p, const struct token *t)
{
    switch (t->kind) {
    case T_LP:
    case T_LB:
    case T_LC:
    case T_STR_HEAD:
        if (p->depth < LEXER_MAX_OPEN) {
            p->open[p->depth] = t->kind;
            p->opened[p->depth] = (struct opened){p->prev.kind, t->pos};
        }
        p->depth++;
        break;
    case T_RP:
    case T_RB:
    case T_RC:
    case T_STR_TAIL:
        if (p->depth)
            p->depth--;
        if (t->kind == T_RC && p->depth < LEXER_MAX_OPEN)
            p->closed = p->opened[p->depth];
        break;
    }
}

bool begins_element(const struct parse *p, const struct token *t, bool in_file)
{
    const char *s = p->u->src->text + t->end;

    switch (t->kind) {
    case T_LET:
    case T_VAR:
    case T_FN:
    case T_STRUCT:
    case T_ENUM:
    case T_IMPORT:
    case T_PUB:
    case T_TEST:
    case T_REV: return t->first;
    case T_NAME:
    case T_WHILE:
    case T_LOOP:
    case T_FOR:
    case T_IF:
    case T_MATCH:
    case T_RETURN:
    case T_BREAK:
    case T_CONTINUE:
    case T_FAIL:
    case T_TRY:
    case T_KEEP: return t->first && !in_file;
    case T_UNDO: /* with a name it is a handler that lost its `try` */
        return t->first && !in_file && s[strspn(s, " \t")] == '{';
    }
    return false;
}

/* The blanks that the line of a byte begins with; very many where that is far
 * away. */
static uint32_t indent_of(const struct parse *p, uint32_t pos)
{
    enum { FAR = 1000 };
    const char *text = p->u->src->text, *s = text + pos;

    while (s > text && s[-1] != '\n')
        if (text + pos - s-- > FAR)
            return UINT32_MAX;
    return (uint32_t)strspn(s, " \t");
}

/* The next line, or what stands behind pos, that is not blank nor a comment. */
static uint32_t next_text(const struct parse *p, uint32_t pos)
{
    const char *text = p->u->src->text;

    for (;;) {
        pos += (uint32_t)strspn(text + pos, " \t\r\n");
        if (text[pos] != '/' || text[pos + 1] != '/')
            return pos;
        pos += (uint32_t)strcspn(text + pos, "\n");
    }
}

/* Whether what was refused goes on behind the end of its line: with its block,
 * or, of a declaration (`in_file`), with lines that stand further right than it
 * began, whose block lacks its `{`. */
static bool goes_on(struct parse *p, const struct token *semi, uint32_t indent,
                    bool in_file)
{
    uint32_t next = next_text(p, semi->end);
    char first = p->u->src->text[next];

    if (semi->end > semi->pos)
        return false;
    if (first == '{')
        return in_file || p->lacks_block;
    if (!in_file || !first || indent_of(p, next) <= indent)
        return false;
    p->lex.lost_brace = true;
    return true;
}

/* Skips from the refused token to the end of the element it stands in;
 * returns the token that ends it, or that begins the next one.  That may be
 * the refused token itself, but not `again` when it was refused a second
 * time. */
static struct token skip_element(struct parse *p, struct token t, bool again)
{
    uint32_t floor = p->depth, indent = indent_of(p, p->prev.pos);
    bool in_head = p->prev.kind == T_FOR || p->before.kind == T_FOR;

    while (floor && p->open[floor - 1] != T_LC)
        floor--;
    while (t.kind) {
        bool ends = t.kind == T_SEMI || t.kind == T_RC ||
                    begins_element(p, &t, floor == 0);
        if (t.kind == T_SEMI)
            ends = !goes_on(p, &t, indent, floor == 0);
        else if (floor == 0 && t.kind != T_RC)
            ends = ends && indent_of(p, t.pos) <= indent;
        if (t.kind == T_SEMI && in_head) /* for (;;) without the ( ) */
            ends = ends && t.end == t.pos;
        p->lacks_block = false;
        if (ends && p->depth == floor && !again)
            break;
        again = false;
        count_bracket(p, &t);
        t = filter_next(&p->lex);
    }
    return t;
}

/* Ends recovery: the parser takes t as if nothing had happened. */
static void resync(struct parse *p, void *parser, struct token t)
{
    struct token semi = {.kind = T_SEMI, .pos = t.pos, .end = t.pos};

    parser_resync(parser, t, p);
    if (t.kind != T_SEMI && t.kind != T_RC)
        parser_push(parser, semi, p);
    parser_push(parser, t, p);
}

static void run(struct parse *p, void *parser)
{
    struct token t;

    do {
        t = filter_next(&p->lex);
        p->failed = false;
        parser_push(parser, t, p);
        for (bool again = false; p->failed && !p->overflow; again = true) {
            t = skip_element(p, t, again);
            p->failed = false;
            resync(p, parser, t);
        }
        count_bracket(p, &t);
        p->before = p->prev;
        p->prev = t;
    } while (t.kind && !p->overflow);
    if (p->overflow && !p->too_deep) {
        lexer_error(&p->lex, E0116, t.pos, t.end);
        diag_help(p->u->diags, "split this with a few `let`s or functions");
    }
    make_flush(p);
}

/* Reports the first byte that is no text. */
static bool check_text(struct unit *u)
{
    const struct source *s = u->src;
    size_t bad = utf8_check(s->text, s->len);
    const char *nul = memchr(s->text, 0, s->len);

    if (bad < s->len) {
        struct span at = {s, (uint32_t)bad, (uint32_t)bad + 1};
        diag_at(u->diags, E0114, at);
        diag_note(u->diags, "byte %zu of the file is 0x%02x", bad,
                  (unsigned char)s->text[bad]);
        return false;
    }
    if (nul) {
        struct span at = {s, (uint32_t)(nul - s->text),
                          (uint32_t)(nul - s->text) + 1};
        diag_at(u->diags, E0115, at);
        return false;
    }
    return true;
}

bool parse_unit(struct unit *u)
{
    uint32_t errors = diags_errors(u->diags);
    struct parse *p;
    void *parser;

    u->file = NULL;
    if (!check_text(u))
        return false;
    p = mem_alloc(u->mem, sizeof *p);
    memset(p, 0, sizeof *p);
    parser = mem_alloc(u->mem, parser_size());
    p->u = u;
    lexer_open(&p->lex, u);
    parser_open(parser);
    run(p, parser);
    mem_free(u->mem, parser, parser_size());
    lexer_close(&p->lex);
    u->file = p->file;
    mem_free(u->mem, p, sizeof *p);
    return diags_errors(u->diags) == errors;
}
