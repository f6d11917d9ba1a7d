/* doc.h - documentation of modules, from their `///` comments.
 *
 *   checked unit --doc_module--> struct doc_module --+--> text   (text.c)
 *                                                    +--> pages  (html.c)
 *
 * What a comment says is read by markup.h, what a declaration offers is
 * printed by print_signature.  Everything lives in the arena of the unit,
 * which stays open for as long as the module is shown.  Comments are any
 * text: control characters are shown as U+FFFD, and pages hold no byte of it
 * that is not escaped. */
#ifndef PAL_FRONTEND_DOC_DOC_H
#define PAL_FRONTEND_DOC_DOC_H

#include "frontend/sema.h"
#include "runtime/mem/bytes.h"

/* A field, a variant, or an item of a payload. */
struct doc_member {
    const char *name, *signature;
    struct ast_bytes doc; /* at NULL: none */
};

struct doc_entry {
    const char *name;
    const char *signature;
    struct ast_bytes doc;
    bool is_type;
    const struct ast *decl;
    VEC(struct doc_member) members;
};

/* What the module calls another one. */
struct doc_import {
    const char *name;
    const struct module *module;
};

struct doc_module {
    struct unit *u;
    const char *name; /* as people call it: math, lib/grid */
    const char *page; /* the file of its page, without a folder */
    struct ast_bytes doc;
    bool all;                      /* what is not `pub` too */
    VEC(struct doc_entry) entries; /* in source order */
    VEC(struct doc_import) imports;
};

struct docs {
    VEC(struct doc_module *) modules; /* in the order of the index */
};

/* The module of a checked unit's main file; with `all` what is not `pub` is
 * there, too.  Its `page` is the caller's to set. */
struct doc_module *doc_module(struct unit *u, const char *name, bool all);
/* The entry of a name of len bytes; NULL: there is none. */
const struct doc_entry *doc_find(const struct doc_module *m, const char *name,
                                 size_t len);

/* ---- text.c ---------------------------------------------------------------
 */

/* Appends a module, in lines of at most `width` columns where that is not less
 * than 20: only code and long words stand out. */
void doc_text_module(const struct doc_module *m, uint32_t width,
                     struct bytes *out);
/* The same of one of its entries. */
void doc_text_entry(const struct doc_module *m, const struct doc_entry *e,
                    uint32_t width, struct bytes *out);
/* A line for a list of modules: the name and the first sentence. */
void doc_text_line(const struct doc_module *m, uint32_t width,
                   struct bytes *out);

/* ---- html.c ---------------------------------------------------------------
 */

/* Appends the page of a module; it links to those of the others. */
void doc_html_module(const struct docs *docs, const struct doc_module *m,
                     struct bytes *out);
/* Appends the page that lists all of them. */
void doc_html_index(const struct docs *docs, struct bytes *out);

#endif
