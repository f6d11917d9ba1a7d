/* doc.c - what a module offers, from its tree. */
#include "frontend/doc/doc.h"

#include <string.h>

#include "frontend/print_source.h"

static const char *signature_of(struct unit *u, const struct ast *node)
{
    struct bytes text = bytes_in(u->mem);
    const char *copy;

    print_signature(u, node, &text);
    copy = arena_strndup(u->arena, text.n ? (const char *)text.at : "", text.n);
    bytes_free(&text);
    return copy;
}

static void add_members(struct unit *u, struct doc_entry *e,
                        const struct ast_nodes *l)
{
    for (uint32_t i = 0; i < l->n; i++) {
        const struct ast *node = l->at[i];
        struct doc_member m = {.signature = signature_of(u, node)};
        if (node->kind == AST_VARIANT) {
            m.name = AS(variant, node)->name->text;
            m.doc = AS(variant, node)->doc;
        } else {
            m.name = AS(field, node)->name->text;
            m.doc = AS(field, node)->doc;
        }
        vec_push_in(u->arena, &e->members, m);
        if (node->kind == AST_VARIANT)
            add_members(u, e, &AS(variant, node)->payload);
    }
}

/* "lib/grid" -> grid */
static const char *import_name(struct unit *u, const struct ast_import *n)
{
    const struct ast_bytes *path;
    uint32_t from;

    if (n->alias || n->name)
        return (n->alias ? n->alias : n->name)->text;
    path = &AS(str, n->path)->value;
    for (from = path->len; from && path->at[from - 1] != '/'; from--)
        ;
    return arena_strndup(u->arena, path->at + from, path->len - from);
}

/* Reads a declaration; false where it is none to be shown. */
static bool read_decl(struct unit *u, const struct ast *decl, bool all,
                      struct doc_entry *e)
{
    const struct ast *pattern;

    switch (decl->kind) {
    case AST_IMPORT:
        e->name = import_name(u, AS(import, decl));
        return AS(import, decl)->pub;
    case AST_BIND:
        pattern = AS(bind, decl)->pattern;
        if (pattern->kind != AST_PAT_NAME)
            return false;
        e->name = AS(pat_name, pattern)->name->text;
        e->doc = AS(bind, decl)->doc;
        return all || AS(bind, decl)->pub;
    case AST_FN:
        e->name = AS(fn, decl)->name ? AS(fn, decl)->name->text : "merge";
        e->doc = AS(fn, decl)->doc;
        return all || AS(fn, decl)->pub;
    case AST_STRUCT:
        e->name = AS(struct, decl)->name->text;
        e->doc = AS(struct, decl)->doc;
        e->is_type = true;
        return all || AS(struct, decl)->pub;
    case AST_ENUM:
        e->name = AS(enum, decl)->name->text;
        e->doc = AS(enum, decl)->doc;
        e->is_type = true;
        return all || AS(enum, decl)->pub;
    }
    return false;
}

static void add_import(struct doc_module *m, const struct ast_import *n)
{
    struct doc_import import = {import_name(m->u, n), n->module};

    if (import.module)
        vec_push_in(m->u->arena, &m->imports, import);
}

static void add_entry(struct doc_module *m, struct doc_entry e)
{
    e.signature = signature_of(m->u, e.decl);
    if (e.decl->kind == AST_STRUCT)
        add_members(m->u, &e, &AS(struct, e.decl)->fields);
    if (e.decl->kind == AST_ENUM)
        add_members(m->u, &e, &AS(enum, e.decl)->variants);
    vec_push_in(m->u->arena, &m->entries, e);
}

/* The globals of `let (a, b) = ...`, each of which the checker declared. */
static void add_parts(struct doc_module *m, const struct ast *whole)
{
    const struct ast *pattern = AS(bind, whole)->pattern;

    for (uint32_t i = 0; i < m->u->top->globals.n; i++) {
        struct doc_entry e = {.decl = m->u->top->globals.at[i]->decl};
        if (e.decl->pos < pattern->pos || e.decl->end > pattern->end ||
            !read_decl(m->u, e.decl, m->all, &e) || !strcmp(e.name, "_"))
            continue;
        e.doc = AS(bind, whole)->doc;
        add_entry(m, e);
    }
}

struct doc_module *doc_module(struct unit *u, const char *name, bool all)
{
    struct doc_module *m = ARENA_NEW(u->arena, struct doc_module);
    const struct ast_file *file = AS(file, u->file);

    m->u = u;
    m->name = name;
    m->all = all;
    m->doc = file->doc;
    for (uint32_t i = 0; i < file->decls.n; i++) {
        struct doc_entry e = {.decl = file->decls.at[i]};
        if (e.decl->kind == AST_IMPORT)
            add_import(m, AS(import, e.decl));
        if (read_decl(u, e.decl, all, &e))
            add_entry(m, e);
        else if (e.decl->kind == AST_BIND &&
                 AS(bind, e.decl)->pattern->kind == AST_PAT_TUPLE)
            add_parts(m, e.decl);
    }
    return m;
}

const struct doc_entry *doc_find(const struct doc_module *m, const char *name,
                                 size_t len)
{
    for (uint32_t i = 0; i < m->entries.n; i++)
        if (strlen(m->entries.at[i].name) == len &&
            !memcmp(m->entries.at[i].name, name, len))
            return &m->entries.at[i];
    return NULL;
}
