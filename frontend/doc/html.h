/* html.h - between the files that write HTML: html.c has the pages,
 * highlight.c code. */
#ifndef PAL_FRONTEND_DOC_HTML_H
#define PAL_FRONTEND_DOC_HTML_H

#include "frontend/doc/doc.h"

struct page {
    struct bytes *out;
    const struct docs *docs;
    const struct doc_module *module; /* NULL: the index */
    const struct doc_entry *entry;   /* the one at hand; NULL: none */
};

void html_put(struct page *p, const char *s);
/* Text, escaped for a place between tags or in quotes. */
void html_escape(struct page *p, const char *s, size_t n);
/* The part of a URL that a file or an anchor of that name is. */
void html_url(struct page *p, const char *s);

/* What a name in code means: the entry, and the module that has it; a module
 * alone where the entry is NULL.  Both NULL: nothing that has a page. */
struct target {
    const struct doc_module *module;
    const struct doc_entry *entry;
};
/* Of s[0..n), `name`, `module` or `module.name`, seen from the page's module.
 */
struct target html_find(const struct page *p, const char *s, size_t n);
/* Opens a link to it; false, and nothing, where it leads nowhere or to the
 * entry at hand.  The caller closes it. */
bool html_open_link(struct page *p, struct target t);

/* Code of the language, its parts in spans of the classes k (words), t (types),
 * n (numbers), s (strings) and c (comments); with `links` names lead to what
 * they mean.  The code may be any text without NUL. */
void html_code(struct page *p, const char *text, size_t n, bool links);

#endif
