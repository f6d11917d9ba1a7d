/* bracket.c - matching of brackets in the lexer: what to do about one that
 * is missing or one too many.
 *
 * A closing bracket that does not fit the innermost open one closes the
 * nearest that it fits; those above it are unclosed, the innermost is
 * reported and all are closed by tokens the lexer supplies.  A line that
 * begins with `let`, `while` and the like cannot stand inside ( ) or [ ],
 * so it closes these too: a forgotten `)` costs one statement, not the
 * file.  A line that begins with `struct`, `import` and the like, no further
 * right than the line of the outermost block, ends that block too. */
#include "frontend/lexer.h"

#include <string.h>

#include "frontend/parser.h"

static const char *const frame_text[FRAME_NKINDS] = {"(", "[", "{", "{", "{"};

static struct frame *top(struct lexer *l)
{
    return &l->frames.at[l->frames.n - 1];
}

bool bracket_open(struct lexer *l, enum frame_kind kind, uint32_t pos)
{
    bool rev = l->frames.n && top(l)->rev;

    if (l->frames.n == LEXER_MAX_OPEN) {
        lexer_error(l, E0116, pos, pos + 1);
        diag_note(l->u->diags, "at most %d brackets can be open at one time",
                  LEXER_MAX_OPEN);
        l->given_up = true;
        return false;
    }
    if (kind == FRAME_BRACE && l->rev_body) {
        rev = true;
        l->rev_body = false;
    }
    bool fields = kind == FRAME_BRACE && l->fields;
    if (fields)
        l->fields = false;
    l->open[kind]++;
    return vec_push(l->u->mem, &l->frames,
                    (struct frame){.kind = (uint8_t)kind,
                                   .rev = rev,
                                   .is_do = l->prev == T_DO,
                                   .is_fields = fields,
                                   .pos = pos,
                                   .indent = l->indent});
}

static void pop(struct lexer *l)
{
    l->open[top(l)->kind]--;
    l->frames.n--;
}

/* Whether the parser refused something behind an unclosed bracket, on its line
 * or, where it is no block, inside: then this is what it refused. */
static bool is_refused(const struct lexer *l, const struct frame *f)
{
    return l->syntax_error > f->pos &&
           (f->kind != FRAME_BRACE ||
            !memchr(l->text + f->pos, '\n', l->syntax_error - f->pos));
}

/* Reports that the frame is still open at `pos`. */
static void report_unclosed(struct lexer *l, const struct frame *f,
                            uint32_t pos, const char *what)
{
    struct diags *ds = l->u->diags;
    bool is_text = f->kind == FRAME_TEXT || f->kind == FRAME_TRIPLE;
    struct span open = {l->u->src, f->pos, f->pos + 1};

    if (is_refused(l, f)) {
        if (diags_errors(ds) == l->syntax_errors)
            diag_label(ds, open, "this is never closed");
        return;
    }
    if (lexer_muted(l, f->pos) || lexer_muted(l, pos)) {
        lexer_mute(l, pos);
        return;
    }
    if (is_text) {
        diag_at(ds, E0107, open);
        diag_label(ds, open, "the expression in the string begins here");
        diag_help(ds, "for the character itself write `\\{`");
    } else {
        diag_at(ds, E0103, open, frame_text[f->kind]);
        diag_label(ds, open, "this is never closed");
    }
    if (pos < l->u->src->len)
        diag_label(ds, (struct span){l->u->src, pos, pos + 1}, "%s", what);
    lexer_mute(l, pos);
}

bool bracket_close(struct lexer *l, unsigned kinds, uint32_t pos,
                   struct frame *closed, bool *drop)
{
    uint32_t i = l->frames.n;
    uint32_t open = 0;

    *drop = false;
    for (int k = 0; k < FRAME_NKINDS; k++)
        if (kinds >> k & 1)
            open += l->open[k];
    if (!open) {
        *drop = true;
        if (l->text[pos] == '}' && l->lost_brace)
            l->lost_brace = false;
        else if (!lexer_muted(l, pos))
            lexer_error(l, E0104, pos, pos + 1, (char[2]){l->text[pos], '\0'});
        return false;
    }
    while (!(kinds >> l->frames.at[i - 1].kind & 1))
        i--;
    if (i < l->frames.n) {
        report_unclosed(l, top(l), pos, "this does not close it");
        l->keep = i;
        return false;
    }
    *closed = *top(l);
    if (closed->kind == FRAME_BRACE && l->newline && !l->has_suspect &&
        l->indent < closed->indent) {
        l->has_suspect = true;
        l->suspect_open = closed->pos;
        l->suspect_close = pos;
    }
    pop(l);
    return true;
}

/* Asks for the closers of all frames above the innermost block. */
static void keep_block(struct lexer *l, uint32_t since)
{
    uint32_t n = l->frames.n;

    while (n && l->frames.at[n - 1].kind != FRAME_BRACE &&
           l->frames.at[n - 1].pos >= since)
        n--;
    l->keep = n;
}

bool bracket_break(struct lexer *l, uint32_t pos)
{
    if (!l->frames.n ||
        (top(l)->kind != FRAME_PAREN && top(l)->kind != FRAME_BRACKET))
        return false;
    report_unclosed(l, top(l), pos, "a statement begins here");
    keep_block(l, 0);
    return true;
}

/* Reports the block that is probably not closed: the one whose `}` stands
 * left of its line if there is one, else that of the frame. */
static void report_block(struct lexer *l, const struct frame *f)
{
    struct diags *ds = l->u->diags;
    uint32_t pos = l->has_suspect ? l->suspect_open : f->pos;
    struct span open = {l->u->src, pos, pos + 1};
    struct span close = {l->u->src, l->suspect_close, l->suspect_close + 1};

    diag_at(ds, E0103, open, "{");
    diag_label(ds, open, "this is probably not closed");
    if (l->has_suspect)
        diag_label(ds, close, "this closes it, but stands left of its line");
    l->has_suspect = false;
}

bool bracket_break_all(struct lexer *l, uint32_t pos)
{
    struct span at = {l->u->src, pos, pos + 1};

    if (!l->frames.n || top(l)->kind != FRAME_BRACE ||
        l->frames.at[0].kind != FRAME_BRACE ||
        l->indent > l->frames.at[0].indent)
        return false;
    if (!lexer_muted(l, l->frames.at[0].pos)) {
        report_block(l, &l->frames.at[0]);
        diag_label(l->u->diags, at, "a declaration begins here");
    }
    l->keep = 0;
    return true;
}

void bracket_end_line(struct lexer *l)
{
    keep_block(l, l->line_start);
}

void bracket_end_piece(struct lexer *l, uint32_t end)
{
    uint32_t pos = top(l)->pos;
    struct span at = {l->u->src, pos, end};

    if (is_refused(l, top(l))) {
        if (diags_errors(l->u->diags) == l->syntax_errors)
            diag_label(l->u->diags, (struct span){l->u->src, pos, pos + 1},
                       "this is never closed");
    } else if (!lexer_muted(l, pos)) {
        lexer_error(l, E0107, pos, pos + 1);
        l->error_line_end = end; /* up to here the expression is in doubt */
        diag_label(l->u->diags, at, "the expression in the string begins here");
        diag_help(l->u->diags, "for the character itself write `\\{`");
    }
    keep_block(l, pos < l->line_start ? pos : l->line_start);
}

void bracket_end_text(struct lexer *l)
{
    l->keep = 0;
    if (!l->given_up && l->has_suspect && top(l)->kind == FRAME_BRACE) {
        report_block(l, top(l));
    } else if (!l->given_up) {
        report_unclosed(l, top(l), l->u->src->len, "");
    }
    l->given_up = true;
}

uint8_t bracket_supply(struct lexer *l)
{
    static const uint8_t closer[FRAME_NKINDS] = {T_RP, T_RB, T_RC, T_STR_TAIL,
                                                 T_STR_TAIL};
    uint8_t kind = closer[top(l)->kind];

    pop(l);
    return kind;
}
