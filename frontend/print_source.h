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

struct unit; /* frontend/sema.h */

/* Appends the text of a node, without a newline at its end (a FILE ends with
 * one).  The tree must have been parsed without errors. */
void print_source(const struct ast *node, struct bytes *out);

/* Appends what a declaration offers to those who use it: no docs, no bodies,
 * and of the values of globals only literals.  The types that the checker
 * found stand where the source has none: the unit is one that checked, the
 * declaration of its main file.  A field or a variant is taken, too. */
void print_signature(struct unit *u, const struct ast *decl, struct bytes *out);

#endif
