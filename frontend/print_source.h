/* print_source.h - the syntax tree as source text: `ast_print` shows what the
 * tree is, this what a person would write to get it.
 *
 * The text is in one form: four spaces a level, one statement a line, only the
 * parentheses that the tree needs, strings as "..." with escapes.  What the
 * tree does not keep is lost: comments that document nothing, `_` in numbers,
 * where lines were broken.  Parsed again, the text gives the same tree. */
#ifndef PAL_FRONTEND_PRINT_SOURCE_H
#define PAL_FRONTEND_PRINT_SOURCE_H

#include "frontend/ast.h"
#include "runtime/mem/bytes.h"

/* Appends the text of a node, without a newline at its end (a FILE ends with
 * one).  The tree must have been parsed without errors. */
void print_source(const struct ast *node, struct bytes *out);

#endif
