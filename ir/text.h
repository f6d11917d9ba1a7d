/* text.h - tokens of the IR's text form; private to lex.c and parse.c.
 *
 * Text is untrusted.  The lexer looks at each byte once and never past the
 * end: it works on a copy that ends in NUL.  The first error sets *err and
 * sticks; everything below returns false after it. */
#ifndef PAL_IR_TEXT_H
#define PAL_IR_TEXT_H

#include "ir/ir.h"

enum text_kind {
    TEXT_END,
    TEXT_LINE,   /* the end of a line that holds something */
    TEXT_WORD,   /* letters, digits and _ */
    TEXT_VALUE,  /* v7, its number */
    TEXT_BLOCK,  /* b7 */
    TEXT_FN,     /* @7 */
    TEXT_NUMBER, /* what begins like one */
    TEXT_STRING, /* decoded */
    TEXT_ARROW,  /* -> */
    TEXT_PUNCT   /* one of = : , ( ) { } */
};

struct text_token {
    enum text_kind kind;
    char punct;
    uint32_t number; /* of a value, block or function */
    const char *at;  /* of a word, number or string, NUL-terminated only
                        if it is a string */
    uint32_t len;
    uint32_t line, column;
};

struct text {
    struct arena *a; /* decoded strings live here */
    const char *start, *at, *end;
    const char *line_start;
    uint32_t line;
    struct text_token tok; /* the one to be looked at next */
    struct ir_pos pos;     /* from the comment on tok's line, if it ends one */
    bool failed;
    struct ir_text_error *err;
};

/* Copies text[0..n) into a and reads the first token. */
void text_open(struct text *t, struct arena *a, const char *text, size_t n,
               struct ir_text_error *err);
/* On to the next token. */
void text_next(struct text *t);
/* Reports an error at the present token; false, for the caller to return. */
bool text_fail(struct text *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Is the present token this one?  text_take_* also go on to the next. */
bool text_is_word(const struct text *t, const char *word);
bool text_is_punct(const struct text *t, char c);
bool text_take_word(struct text *t, const char *word);
bool text_take_punct(struct text *t, char c);
/* Takes it or reports that it was expected. */
bool text_need_word(struct text *t, const char *word);
bool text_need_punct(struct text *t, char c);
bool text_need_line(struct text *t, struct ir_pos *pos);
/* A value, block or function, of a number below limit. */
bool text_need_ref(struct text *t, enum text_kind kind, uint32_t limit,
                   uint32_t *number);
bool text_need_u32(struct text *t, uint32_t limit, uint32_t *number);
bool text_need_i64(struct text *t, int64_t *number);
/* A float as print.c writes it, as its bits. */
bool text_need_float(struct text *t, int64_t *bits);
bool text_need_string(struct text *t, const char **s, uint32_t *len);

#endif
