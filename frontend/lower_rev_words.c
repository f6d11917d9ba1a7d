/* lower_rev_words.c - what a reversible function says when it fails.
 *
 * A promise brings its words as a constant of the program: its own source, and
 * the lines of the function that update what it names, since one of these is
 * usually what is wrong. */
#include "frontend/lower_rev.h"

#include <stdlib.h>

enum { LINES_MOST = 8, SHOWN_MOST = 60 };

/* ---- which lines update a variable --------------------------------------- */

/* The variable that a place is, or lies in. */
static const struct sym *root_of(const struct ast *place)
{
    for (;;)
        switch (place->kind) {
        case AST_MEMBER:
            if (AS(member, place)->global)
                return AS(member, place)->global;
            place = AS(member, place)->base;
            break;
        case AST_INDEX: place = AS(index, place)->base; break;
        case AST_NAME: return AS(name, place)->sym;
        default: return NULL;
        }
}

static void note_update(struct lower *l, const struct ast *place)
{
    struct lower_update u = {.sym = root_of(place)};
    uint32_t column;
    if (!u.sym)
        return;
    source_place(l->src, place->pos, &u.line, &column);
    vec_push_in(l->arena, &l->updates, u);
}

/* What a call updates: places passed with `&`, objects that a reversible
 * function is given, the list of a built-in function. */
static void note_call(struct lower *l, const struct call *c)
{
    bool all = c->kind == CALL_FN && c->sym->is_rev;
    bool list = c->kind == CALL_BUILTIN && c->builtin != BUILTIN_ASSERT;
    for (uint32_t i = 0; i < c->nargs; i++)
        if (c->by_ref[i] || (list && i == 0) ||
            (all && c->args[i]->type->kind > TYPE_STR))
            note_update(l, c->args[i]);
}

static void find_updates(void *arg, struct ast *e)
{
    struct lower *l = arg;
    switch (e->kind) {
    case AST_OPASSIGN: note_update(l, AS(opassign, e)->place); break;
    case AST_UPDATE: note_update(l, AS(update, e)->place); break;
    case AST_SWAP:
        note_update(l, AS(swap, e)->left);
        note_update(l, AS(swap, e)->right);
        break;
    case AST_CALL:
        if (e->type == &type_unit && AS(call, e)->call)
            note_call(l, AS(call, e)->call);
        break;
    default: break;
    }
    ast_children(e, find_updates, arg);
}

static int by_sym(const void *a, const void *b)
{
    const struct lower_update *x = a, *y = b;
    if (x->sym != y->sym)
        return x->sym < y->sym ? -1 : 1;
    return x->line < y->line ? -1 : x->line > y->line;
}

void rev_find_updates(struct lower *l, struct ast *body)
{
    find_updates(l, body);
    if (l->updates.n)
        qsort(l->updates.at, l->updates.n, sizeof *l->updates.at, by_sym);
}

/* The first that is not before the sym's. */
static uint32_t first_update(const struct lower *l, const struct sym *sym)
{
    uint32_t from = 0, to = l->updates.n;
    while (from < to) {
        uint32_t mid = (from + to) / 2;
        if (l->updates.at[mid].sym < sym)
            from = mid + 1;
        else
            to = mid;
    }
    return from;
}

struct updates { /* the lines that update a variable which e names, rising */
    struct lower *l;
    const struct sym *syms[LINES_MOST];
    uint32_t nsyms;
    uint32_t lines[LINES_MOST], n;
    bool more;
};

static void find_names(void *arg, struct ast *e)
{
    struct updates *u = arg;
    if (sema_var(e) && sema_var(e)->kind <= SYM_GLOBAL && u->nsyms < LINES_MOST)
        u->syms[u->nsyms++] = sema_var(e);
    ast_children(e, find_names, arg);
}

static void add_line(struct updates *u, uint32_t line)
{
    uint32_t at = u->n;
    while (at && u->lines[at - 1] > line)
        at--;
    if (at && u->lines[at - 1] == line)
        return;
    u->more |= u->n == LINES_MOST;
    if (at == LINES_MOST)
        return;
    if (u->n < LINES_MOST)
        u->n++;
    for (uint32_t i = u->n - 1; i > at; i--)
        u->lines[i] = u->lines[i - 1];
    u->lines[at] = line;
}

/* Of each variable no more than can be shown are looked at. */
static void find_lines(struct updates *u)
{
    const struct lower *l = u->l;
    for (uint32_t i = 0; i < u->nsyms; i++) {
        uint32_t at = first_update(l, u->syms[i]), last = 0, n = 0;
        for (; at < l->updates.n && l->updates.at[at].sym == u->syms[i] &&
               n <= LINES_MOST;
             at++) {
            n += l->updates.at[at].line != last;
            last = l->updates.at[at].line;
            add_line(u, last);
        }
    }
}

/* ---- words --------------------------------------------------------------- */

void rev_add_source(struct lower *l, struct bytes *b, const struct ast *e)
{
    bool gap = false;
    size_t start = b->n;
    for (uint32_t i = e->pos; i < e->end; i++) {
        uint8_t c = (uint8_t)l->src->text[i];
        if (c <= ' ') {
            gap = true;
            continue;
        }
        if (b->n - start > SHOWN_MOST && (c & 0xc0) != 0x80) {
            bytes_str(b, "...");
            return;
        }
        if (gap)
            bytes_byte(b, ' ');
        gap = false;
        bytes_byte(b, c);
    }
}

static int64_t words_end(struct lower *l, struct bytes *b)
{
    int64_t words = ir_add_string(l->mod, (const char *)b->at, (uint32_t)b->n);
    bytes_free(b);
    return words;
}

/* " (updated in lines 3 and 4)" */
static void add_lines(struct bytes *b, struct updates *u)
{
    find_lines(u);
    for (uint32_t i = 0; i < u->n; i++)
        bytes_printf(b, "%s %u",
                     i == 0          ? u->n == 1 ? " (updated in line"
                                                 : " (updated in lines"
                     : i + 1 == u->n ? " and"
                                     : ",",
                     u->lines[i]);
    if (u->n)
        bytes_str(b, u->more ? " and more)" : ")");
}

int64_t rev_words(struct lower *l, const char *keyword, struct ast *e)
{
    struct bytes b = bytes_in(l->u->mem);
    struct updates u = {.l = l};
    bool whole = e->kind == AST_LOCAL || e->kind == AST_DELOCAL;
    bytes_byte(&b, '`');
    if (!whole && *keyword)
        bytes_printf(&b, "%s ", keyword);
    rev_add_source(l, &b, e);
    bytes_byte(&b, '`');
    if (e->kind == AST_DELOCAL)
        u.syms[u.nsyms++] = AS(local, AS(delocal, e)->local)->sym;
    find_names(&u, e);
    add_lines(&b, &u);
    return words_end(l, &b);
}

int64_t rev_words_apart(struct lower *l, struct ast *e)
{
    struct bytes b = bytes_in(l->u->mem);
    struct updates u = {.l = l};
    bytes_byte(&b, '`');
    rev_add_source(l, &b, e);
    bytes_byte(&b, '`');
    find_names(&u, e);
    add_lines(&b, &u);
    bytes_str(&b, ": both are one place");
    return words_end(l, &b);
}

int64_t rev_words_lent(struct lower *l, const struct call *c, uint32_t place,
                       uint32_t arg)
{
    struct bytes b = bytes_in(l->u->mem);
    bytes_str(&b, "`&");
    rev_add_source(l, &b, c->args[place]);
    bytes_str(&b, "` lies in `");
    rev_add_source(l, &b, c->args[arg]);
    bytes_printf(&b, "`, which `%s` touches by itself", c->sym->name->text);
    return words_end(l, &b);
}

int64_t rev_no_words(struct lower *l)
{
    return ir_add_string(l->mod, "", 0);
}
