/* filter.c - statement ends: the newline rule of the language.
 *
 * A newline becomes a SEMI where the token before it can end a statement and
 * the innermost open bracket is `{` or none, unless the line goes on with
 * `.name`, `else`, `undo NAME`, or in a rev fn with `fi`, `until`, `apply` or
 * a `loop` behind the `}` of a `do` block.  Two tokens of lookahead suffice;
 * they may lie beyond what the parser has seen, so nothing here depends on
 * its state. */
#include "frontend/lexer.h"

#include <string.h>

#include "frontend/parser.h"

static void fill(struct lexer *l, uint32_t n)
{
    while (l->nahead < n)
        l->ahead[l->nahead++] = lexer_next(l);
}

static void drop(struct lexer *l)
{
    l->nahead--;
    memmove(l->ahead, l->ahead + 1, l->nahead * sizeof *l->ahead);
}

/* Whether a line that begins with the token goes on with the statement. */
static bool joins(struct lexer *l, const struct token *t)
{
    switch (t->kind) {
    case T_ELSE:
    case T_FI:
    case T_UNTIL:
    case T_APPLY: return true;
    case T_LOOP: return l->last == T_RC && t->after_do;
    case T_DOT:
    case T_UNDO: fill(l, 2); return l->ahead[1].kind == T_NAME;
    }
    return false;
}

/* Makes one token of two, such as `not in`. */
static void join_next(struct lexer *l, struct token *t, uint8_t second,
                      uint8_t both)
{
    fill(l, 1);
    if (l->ahead[0].kind != second || l->ahead[0].newline)
        return;
    t->kind = both;
    t->end = l->ahead[0].end;
    drop(l);
}

struct token filter_next(struct lexer *l)
{
    struct token t;
    bool end;

    fill(l, 1);
    t = l->ahead[0];
    /* The text ends with a SEMI whatever stands before, so that the parser
     * never fails at its very end, where it could not recover. */
    end = !t.kind && l->last != T_SEMI && l->last;
    if (end || (t.newline && token_infos[l->last].ends && !joins(l, &t))) {
        l->ahead[0].newline = false;
        l->last = T_SEMI;
        return (struct token){
            .kind = T_SEMI, .pos = l->last_end, .end = l->last_end};
    }
    l->ahead[0].newline = false;
    drop(l);
    if (t.kind == T_NOT)
        join_next(l, &t, T_IN, T_NOT_IN);
    else if (t.kind == T_IS)
        join_next(l, &t, T_NOT, T_IS_NOT);
    l->last = t.kind;
    l->last_end = t.end;
    return t;
}
