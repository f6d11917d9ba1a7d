/* markup.h - the text of documentation: a small Markdown.
 *
 *   A paragraph with `code`, *emphasis*, **strength** and [links](URL).
 *
 *   - items, with `-`, `*` or `1.`; what follows on further lines
 *     belongs to them
 *
 *   ```pal          code, up to the next ```; pal where nothing else is said
 *   ```
 *
 * A `\` before a sign takes its meaning away.  Any text is taken: what is none
 * of these stands for itself.  Spans end within SPAN_MOST bytes, so reading
 * takes linear time.  Texts are parts of the doc; nothing here owns any. */
#ifndef PAL_FRONTEND_DOC_MARKUP_H
#define PAL_FRONTEND_DOC_MARKUP_H

#include "frontend/ast.h"

enum markup_kind { MARKUP_PARAGRAPH, MARKUP_ITEM, MARKUP_CODE };

struct markup_block {
    uint8_t kind;
    bool is_plain;   /* CODE: of another language */
    bool is_ordered; /* ITEM: it has a number */
    uint32_t number;
    uint32_t indent;       /* CODE: blanks that its lines lose */
    struct ast_bytes text; /* lines */
};
struct markup_blocks {
    struct markup_block *at;
    uint32_t n, cap;
};

enum markup_style { MARKUP_SPAN_CODE = 1, MARKUP_EM = 2, MARKUP_STRONG = 4 };

struct markup_run {
    struct ast_bytes text;
    uint8_t style;         /* enum markup_style: bits */
    struct ast_bytes link; /* where it leads; at NULL: nowhere */
};
struct markup_runs {
    struct markup_run *at;
    uint32_t n, cap;
};

enum { MARKUP_SPAN_MOST = 1000, MARKUP_NUMBER_MOST = 9 };

/* Appends the blocks of a doc; memory of the arena, as below. */
void markup_read(struct arena *a, struct ast_bytes doc,
                 struct markup_blocks *out);
/* Appends the runs of a paragraph or an item, in order. */
void markup_spans(struct arena *a, struct ast_bytes text,
                  struct markup_runs *out);
/* The next line of a text, without its newline: moves *text behind it.  False
 * at the end. */
bool markup_line(struct ast_bytes *text, struct ast_bytes *line);
/* The first sentence of a doc; empty where it begins with no paragraph. */
struct ast_bytes markup_summary(struct arena *a, struct ast_bytes doc);

#endif
