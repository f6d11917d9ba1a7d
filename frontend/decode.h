/* decode.h - the values of literals.
 *
 * Errors in a literal are reported through the lexer; the value is then
 * whatever could be made of it. */
#ifndef PAL_FRONTEND_DECODE_H
#define PAL_FRONTEND_DECODE_H

#include "frontend/lexer.h"

/* The magnitude that is an int only right under a unary minus. */
#define DECODE_MIN_INT (UINT64_C(1) << 63)

/* An integer literal at [pos, end), without sign: at most DECODE_MIN_INT when
 * decimal, else any 64 bits. */
uint64_t decode_int(struct lexer *l, uint32_t pos, uint32_t end);
/* The bits of the float literal at [pos, end). */
uint64_t decode_float(struct lexer *l, uint32_t pos, uint32_t end);
/* The code point of the character literal at [pos, end), quotes included. */
uint64_t decode_char(struct lexer *l, uint32_t pos, uint32_t end);

/* Replaces the pieces of one string literal, raw as they stand in the source,
 * by their values: escapes become characters, and a multi-line string loses
 * its first and last line break and the indent of its last line.  Values lie
 * in the arena where they differ from the source. */
void decode_text(struct lexer *l, struct ast_bytes **pieces, uint32_t n,
                 unsigned flags);

#endif
