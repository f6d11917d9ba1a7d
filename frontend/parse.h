/* parse.h - from source text to the syntax tree.
 *
 *   source_read -> unit_open -> parse_unit -> sema_check -> lower_unit
 *                                                 │
 *              the modules it imports: modules_load, parse_unit
 *
 *   text --lexer.re--> tokens --filter.c--> tokens with statement ends
 *        --parser.y--> tree (frontend/ast.h)
 *
 * The lexer is pulled, the parser is pushed; parse.c stands between them and
 * recovers from errors.  Nothing here recurses on its input. */
#ifndef PAL_FRONTEND_PARSE_H
#define PAL_FRONTEND_PARSE_H

#include "frontend/sema.h"

/* ---- sources ------------------------------------------------------------- */

/* Reads a file, or the standard input where path is "-".  Returns NULL when
 * that fails, with a reason for people in *why (a constant or strerror text).
 * Directories and files of 4 GiB and more are refused.  The text is not
 * looked at: parse_unit reports invalid UTF-8 with its place. */
struct source *source_read(struct mem *m, const char *path, const char **why);
/* Which file a path leads to: equal for two paths to one file. */
struct file_id {
    uint64_t device, inode;
};
/* Opens a regular file and says which it is; -1 with a reason in *why. */
int source_open(const char *path, struct file_id *id, const char **why);
/* As source_read, of what source_open opened, which it closes. */
struct source *source_take(struct mem *m, int fd, const char *path,
                           const char **why);
/* A source from a copy of text[0..len); NULL when memory is exhausted. */
struct source *source_copy(struct mem *m, const char *path, const char *text,
                           uint32_t len);
void source_free(struct mem *m, struct source *s);

/* ---- units --------------------------------------------------------------- */

/* A compilation of the source, which must outlive it.  The tree and all that
 * the checker makes live in u->arena; u->types is NULL until the checker
 * opens it.  NULL when memory is exhausted and m has no hook. */
struct unit *unit_open(struct mem *m, struct source *src);
void unit_close(struct unit *u);

/* Parses u->src and sets u->file.  False when it has errors, which were
 * reported; the tree is then incomplete and must not be checked (u->file may
 * be NULL). */
bool parse_unit(struct unit *u);

#endif
