/* lower_rev_words.c - what a reversible function says when it fails.
 *
 * A promise brings its words as a constant of the program: its own source, and
 * the lines of the function that update what it names, since one of these is
 * usually what is wrong. */
#include "frontend/lower_rev.h"

enum { LINES_MOST = 8, SHOWN_MOST = 60 };

struct updates { /* the lines that update a variable which e names */
    struct lower *l;
    const struct sym *syms[LINES_MOST];
    uint32_t nsyms;
    uint32_t lines[LINES_MOST], n;
    bool more;
};

static void find_names(void *arg, struct ast *e)
{
    struct updates *u = arg;
    if (e->kind == AST_NAME && AS(name, e)->sym &&
        AS(name, e)->sym->kind <= SYM_GLOBAL && u->nsyms < LINES_MOST)
        u->syms[u->nsyms++] = AS(name, e)->sym;
    ast_children(e, find_names, arg);
}

/* The variable that a place is, or lies in. */
static const struct sym *root_of(const struct ast *place)
{
    for (;;)
        switch (place->kind) {
        case AST_MEMBER: place = AS(member, place)->base; break;
        case AST_INDEX: place = AS(index, place)->base; break;
        case AST_NAME: return AS(name, place)->sym;
        default: return NULL;
        }
}

static void note_update(struct updates *u, const struct ast *place)
{
    const struct sym *root = root_of(place);
    uint32_t line, column;
    bool named = false;
    for (uint32_t i = 0; i < u->nsyms; i++)
        named |= root && u->syms[i] == root;
    if (!named)
        return;
    source_place(u->l->src, place->pos, &line, &column);
    for (uint32_t i = 0; i < u->n; i++)
        if (u->lines[i] == line)
            return;
    if (u->n == LINES_MOST)
        u->more = true;
    else
        u->lines[u->n++] = line;
}

static void find_updates(void *arg, struct ast *e)
{
    struct updates *u = arg;
    const struct call *c = e->kind == AST_CALL ? AS(call, e)->call : NULL;
    switch (e->kind) {
    case AST_OPASSIGN: note_update(u, AS(opassign, e)->place); break;
    case AST_UPDATE: note_update(u, AS(update, e)->place); break;
    case AST_SWAP:
        note_update(u, AS(swap, e)->left);
        note_update(u, AS(swap, e)->right);
        break;
    default: break;
    }
    for (uint32_t i = 0; c && i < c->nargs; i++)
        if (c->by_ref && c->by_ref[i])
            note_update(u, c->args[i]);
    ast_children(e, find_updates, arg);
}

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
static void add_lines(struct lower *l, struct bytes *b, struct updates *u)
{
    find_updates(u, l->body);
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
    add_lines(l, &b, &u);
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
    add_lines(l, &b, &u);
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
