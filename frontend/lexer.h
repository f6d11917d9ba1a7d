/* lexer.h - tokens, and the two stages that make them.
 *
 *   source --lexer_next--> raw tokens --filter_next--> what the parser reads
 *
 * The lexer (lexer.re) matches brackets as it goes: where one is missing it
 * reports and supplies the closing token, where one is too many it reports
 * and drops it, so that the stream is balanced whatever the input.  It tells
 * reserved words from words that mean something only in their place.
 * The filter (filter.c) applies the newline rule of the language, joins
 * `not in` and `is not`, and sees to it that the text ends with a SEMI.
 *
 * Both stages report lexical errors themselves and go on.  Strings are only
 * delimited here; decode.h makes their values, when the indent of their last
 * line is known. */
#ifndef PAL_FRONTEND_LEXER_H
#define PAL_FRONTEND_LEXER_H

#include "frontend/sema.h"

/* How a string piece was written, in token.flags. */
enum text_flags {
    TEXT_TRIPLE = 1, /* between """ */
    TEXT_RAW = 2     /* r"...": no escapes */
};

struct token {
    uint8_t kind;  /* T_..., of build/gen/frontend/parser.h; 0 at the end */
    uint8_t flags; /* STR*: enum text_flags; INT: enum ast_int_form */
    bool newline;  /* follows a newline where statements may end, which the
                      filter has not turned into a SEMI yet */
    bool first;    /* on its line, where statements may end */
    bool after_do; /* follows the `}` of a `do` block */
    uint32_t pos, end;
    struct ast_bytes doc; /* of the `///` lines before it */
    union {
        const struct name *name; /* words; FMT: the specifier */
        uint64_t value;          /* INT, INDEX, FLOAT (its bits), OPASSIGN */
        struct ast_bytes text;   /* STR*: the piece as it stands in the
                                    source */
    } of;
};

/* An open bracket. */
enum frame_kind {
    FRAME_PAREN,
    FRAME_BRACKET,
    FRAME_BRACE,
    FRAME_TEXT,   /* `{` in "..." */
    FRAME_TRIPLE, /* `{` in """...""" */
    FRAME_NKINDS
};
struct frame {
    uint8_t kind;
    bool rev;        /* inside the body of a rev fn */
    bool is_do;      /* the body of a `do` */
    bool is_fields;  /* the body of a struct or enum */
    uint32_t pos;    /* of the bracket */
    uint32_t indent; /* of the line it stands on */
};

enum {
    LEXER_MAX_OPEN = 1000, /* brackets open at one time */
    FILTER_AHEAD = 2       /* tokens the newline rule looks ahead */
};

struct lexer {
    struct unit *u;
    const char *text, *cur, *limit; /* *limit is NUL */
    VEC(struct frame) frames;
    uint32_t open[FRAME_NKINDS]; /* frames of each kind */
    uint8_t prev;                /* kind of the token before */
    bool newline;                /* passed since that token */
    bool rev_body;               /* the next `{` begins a rev fn's body */
    bool fields;                 /* the next `{` begins those of a struct */
    bool closed_do;              /* the token before closed a do body */
    bool lost_brace;             /* a block has lost its `{`: the next `}` that
                                    nothing opened was reported with it */
    bool given_up;               /* the rest cannot be understood: no more
                                    errors, only closing brackets follow */
    uint32_t keep;               /* frames above this count are being closed */
    uint32_t line_start;         /* of the line of `cur` */
    uint32_t indent;             /* of the current line's first token */
    struct bytes doc;            /* of /// lines waiting for a token */
    struct bytes file_doc;       /* of those that document the file */
    struct bytes scratch;
    /* The first `}` that stands left of the line its `{` is on: where the
     * missing one of a file probably belongs. */
    bool has_suspect;
    uint32_t suspect_open, suspect_close;
    /* The line of the newest lexical error: what else seems wrong on it is
     * not reported. */
    bool has_error;
    uint32_t error_line, error_line_end;
    uint32_t syntax_error;  /* where the parser refused a token last */
    uint32_t syntax_errors; /* errors then; 0: it was not reported */

    /* The filter's. */
    struct token ahead[FILTER_AHEAD];
    uint32_t nahead;
    uint8_t last; /* kind of the token handed out last */
    uint32_t last_end;
};

/* Interns the words of tokens.def; once per name table. */
void lexer_add_words(struct names *names);
void lexer_open(struct lexer *l, struct unit *u);
void lexer_close(struct lexer *l);
/* What documents the file: the `///` lines before its first token that an
 * empty line follows, or right before an `import`.  Once the first token was
 * read. */
struct ast_bytes lexer_file_doc(const struct lexer *l);
/* The next raw token. */
struct token lexer_next(struct lexer *l);
/* The next token for the parser; kind 0 after the last, for ever. */
struct token filter_next(struct lexer *l);

/* True where pos is on the line of the newest lexical error. */
bool lexer_muted(const struct lexer *l, uint32_t pos);
/* Begins a diagnostic at [pos, end) and mutes its line. */
#define lexer_error(l, code, pos, end, ...)                                    \
    (lexer_mute(l, pos),                                                       \
     diag_at((l)->u->diags, code, (struct span){(l)->u->src, pos, end},        \
             ##__VA_ARGS__))
void lexer_mute(struct lexer *l, uint32_t pos);

/* ---- bracket.c ----------------------------------------------------------- */

/* Opens a frame.  False when too many are open; that was reported. */
bool bracket_open(struct lexer *l, enum frame_kind kind, uint32_t pos);
/* Closes the innermost frame whose kind is in the set of bits.  False when it
 * is not the top one (l->keep then asks for the closers of those above it) or
 * when there is none (then *drop is set); either was reported. */
bool bracket_close(struct lexer *l, unsigned kinds, uint32_t pos,
                   struct frame *closed, bool *drop);
/* Before a declaration or statement at the start of a line: reports a `(` or
 * `[` still open, and asks for the closers.  True when it did. */
bool bracket_break(struct lexer *l, uint32_t pos);
/* Before a declaration at the start of a line that stands no further right than
 * the outermost block: reports that block as open and asks for all closers.
 * True when it did. */
bool bracket_break_all(struct lexer *l, uint32_t pos);
/* After an unterminated string: asks for the closers of what was opened on
 * this line since the innermost `{`. */
void bracket_end_line(struct lexer *l);
/* The same where the string stands in the expression of another one, whose `}`
 * is missing: that is the mistake.  `end`: of the line. */
void bracket_end_piece(struct lexer *l, uint32_t end);
/* At the end of the text. */
void bracket_end_text(struct lexer *l);
/* Pops the top frame; the kind of token that closes it. */
uint8_t bracket_supply(struct lexer *l);
/* Whether a newline can end a statement here. */
static inline bool bracket_is_block(const struct lexer *l)
{
    return !l->frames.n || l->frames.at[l->frames.n - 1].kind == FRAME_BRACE;
}

/* ---- token.c ------------------------------------------------------------- */

enum token_where {
    TOKEN_WORD,
    TOKEN_REV,
    TOKEN_BRACE,
    TOKEN_FN,
    TOKEN_MODULE,
    TOKEN_SIGN,
    TOKEN_KIND
};
struct token_info {
    const char *text; /* as in tokens.def; NULL: not a token of the text */
    uint8_t where;
    bool ends;
};
enum { TOKEN_MAX = 128 };
extern const struct token_info token_infos[TOKEN_MAX];

#endif
