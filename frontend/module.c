/* module.c - the modules of a program: which file an import means, and loading
 * it with what it imports.
 *
 *   import math        stdlib/math.pal: built in, or in the directory u->stdlib
 *   import "lib/grid"  lib/grid.pal, from the directory of the file that says
 * so
 *
 * Modules are found by the file itself, its device and inode, so one that is
 * named in two ways is loaded once.  Imports are followed depth first with an
 * explicit stack: the modules on it are those that an import must not lead
 * back to. */
#include <string.h>
#include <unistd.h>

#include "frontend/lexer.h"
#include "frontend/parse.h"
#include "frontend/stdlib.h"
#include "runtime/base/hash.h"

enum { MODULES_SLOTS = 512, MODULES_MOST = 10000 };

/* No device has this number: the inode is one of stdlib_files. */
#define BUILT_IN UINT64_MAX

/* ---- modules by file ----------------------------------------------------- */

static struct module **slot_of(struct unit *u, const struct file_id *id)
{
    uint64_t h = hash_word(id->device ^ hash_word(id->inode));

    return &u->by_file[h & (MODULES_SLOTS - 1)];
}

static struct module *find_file(struct unit *u, const struct file_id *id)
{
    struct module *m = *slot_of(u, id);

    while (m && (m->device != id->device || m->inode != id->inode))
        m = m->next;
    return m;
}

static void put_file(struct unit *u, struct module *m, const struct file_id *id)
{
    m->device = id->device;
    m->inode = id->inode;
    m->next = *slot_of(u, id);
    *slot_of(u, id) = m;
}

/* A module of a source, found by the file from now on. */
static struct module *add_module(struct unit *u, struct source *src,
                                 const struct name *name,
                                 const struct file_id *id)
{
    struct module *m = ARENA_NEW(u->arena, struct module);

    m->src = src;
    m->name = name;
    u->nmodules++;
    if (id->device || id->inode)
        put_file(u, m, id);
    return m;
}

static struct module *add_owned(struct unit *u, struct source *src,
                                const struct name *name,
                                const struct file_id *id)
{
    struct module *m = add_module(u, src, name, id);

    vec_push_in(u->arena, &u->owned, m);
    source_index(src, u->arena);
    return m;
}

void modules_close(struct unit *u)
{
    for (uint32_t i = 0; i < u->owned.n; i++)
        source_free(u->mem, u->owned.at[i]->src);
    u->owned.n = 0;
}

/* ---- what an import names ------------------------------------------------ */

static struct span span_in(const struct module *m, const struct ast *e)
{
    return (struct span){m->src, e->pos, e->end};
}

/* Where an import names the module. */
static struct span named_at(const struct module *m, const struct ast *e)
{
    const struct ast_import *x = AS(import, e);
    const char *s = m->src->text, *at;
    uint32_t pos;

    if (x->path)
        return span_in(m, x->path);
    pos = e->end - x->name->len;
    at = x->alias ? strstr(s + e->pos, "import") : NULL;
    at = at ? strstr(at + 6, x->name->text) : NULL;
    if (at)
        pos = (uint32_t)(at - s);
    return (struct span){m->src, pos, pos + x->name->len};
}

/* "lib/grid" -> grid */
static const struct name *last_part(struct unit *u, const char *path, size_t n)
{
    size_t from = n;

    while (from > 0 && path[from - 1] != '/')
        from--;
    return names_add(u->names, path + from, (uint32_t)(n - from));
}

/* Whether a program may call something so. */
static bool is_identifier(const struct name *n)
{
    static const char word[] = "abcdefghijklmnopqrstuvwxyz"
                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";

    return n->len && strspn(n->text, word) == n->len &&
           (n->text[0] < '0' || n->text[0] > '9') &&
           (!n->word || token_infos[n->word].where != TOKEN_WORD);
}

/* The path of a file that a path in a source means: both in the directory of
 * that source. */
static const char *beside(struct unit *u, const struct source *src,
                          const char *path, uint32_t n, const char *ending)
{
    const char *slash = strrchr(src->path, '/');
    size_t dir = slash ? (size_t)(slash - src->path) + 1 : 0;

    if (n && path[0] == '/')
        dir = 0;
    while (n > 2 && path[0] == '.' && path[1] == '/' && path[2] != '/') {
        path += 2;
        n -= 2;
    }
    return arena_printf(u->arena, "%.*s%.*s%s", (int)dir, src->path, (int)n,
                        path, ending);
}

/* ---- the standard library ------------------------------------------------ */

static const struct stdlib_file *built_in(const char *name)
{
    for (uint32_t i = 0; i < stdlib_nfiles; i++)
        if (!strcmp(stdlib_files[i].name, name))
            return &stdlib_files[i];
    return NULL;
}

static struct file_id built_in_id(const struct stdlib_file *f)
{
    return (struct file_id){BUILT_IN, (uint64_t)(f - stdlib_files)};
}

static struct module *read_built_in(struct unit *u, const struct name *name)
{
    const struct stdlib_file *f = built_in(name->text);
    struct file_id id;
    struct source *src;
    struct module *m;

    if (!f)
        return NULL;
    id = built_in_id(f);
    m = find_file(u, &id);
    if (m)
        return m;
    src = ARENA_NEW(u->arena, struct source);
    *src = (struct source){.path = f->path, .text = f->text, .len = f->len};
    source_index(src, u->arena);
    m = add_module(u, src, name, &id);
    m->is_std = true;
    return m;
}

/* The module of a file, read now where it was not before; NULL with a reason
 * where that fails. */
static struct module *read_file(struct unit *u, const char *path,
                                const struct name *name, const char **why)
{
    struct file_id id;
    struct module *m = NULL;
    struct source *src;
    int fd = source_open(path, &id, why);

    if (fd < 0)
        return NULL;
    m = find_file(u, &id);
    if (m) {
        close(fd);
    } else {
        src = source_take(u->mem, fd, path, why);
        m = src ? add_owned(u, src, name, &id) : NULL;
    }
    if (m)
        vec_push_in(u->arena, &u->paths, (struct module_path){path, m});
    return m;
}

/* A module of the standard library, read but not loaded; NULL: there is none
 * of that name. */
static struct module *read_std(struct unit *u, const struct name *name)
{
    struct module *m;
    const char *why;

    if (!u->stdlib || !u->files)
        return read_built_in(u, name);
    m = read_file(u, arena_printf(u->arena, "%s/%s.pal", u->stdlib, name->text),
                  name, &why);
    if (m)
        m->is_std = true;
    return m;
}

/* Whether the main file is one of the standard library: the text of a module
 * that is built in, or a file of the directory that stands for it. */
static bool is_std(struct unit *u, const struct name *name,
                   const struct source *src, struct file_id *id)
{
    const struct stdlib_file *f = built_in(name->text);
    const char *why;
    struct file_id std;
    int fd;

    if (!u->stdlib || !u->files) {
        if (!f || f->len != src->len || memcmp(f->text, src->text, f->len))
            return false;
        *id = built_in_id(f);
        return true;
    }
    fd = source_open(arena_printf(u->arena, "%s/%s.pal", u->stdlib, name->text),
                     &std, &why);
    if (fd < 0)
        return false;
    close(fd);
    return std.device == id->device && std.inode == id->inode;
}

/* Whether a source may declare a function of that name: whether `fn NAME`
 * stands in it. */
static bool may_declare(const struct source *src, const struct name *name)
{
    const char *s = src->text;

    while ((s = strstr(s, "fn "))) {
        s += 3;
        s += strspn(s, " \t\r\n");
        if (!strncmp(s, name->text, name->len))
            return true;
    }
    return false;
}

/* ---- what goes wrong ----------------------------------------------------- */

/* The module of the language that is still to come. */
static const char later[] = "history";

/* Whether there is a file NAME.pal beside the source. */
static bool stands_beside(struct unit *u, const struct module *m,
                          const struct name *name)
{
    const char *path, *why;
    struct file_id id;
    int fd;

    if (!u->files || m->is_std)
        return false;
    path = beside(u, m->src, name->text, name->len, ".pal");
    fd = source_open(path, &id, &why);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static void say_no_std(struct unit *u, const struct module *m,
                       const struct ast *e)
{
    const struct name *name = AS(import, e)->name;
    struct span at = named_at(m, e);
    const char *near, **names;
    uint32_t n = 0;

    if (!strcmp(name->text, later) && !u->stdlib &&
        !stands_beside(u, m, name)) {
        diag_at(u->diags, E0200, at,
                arena_printf(u->arena, "module `%s` is", name->text));
        return;
    }
    diag_at(u->diags, E0206, at, name->text);
    if (stands_beside(u, m, name)) {
        diag_fix(u->diags, at, arena_printf(u->arena, "\"%s\"", name->text),
                 "to import the file beside this one, write its path");
        return;
    }
    names = ARENA_ARRAY(u->arena, const char *, stdlib_nfiles + 1);
    for (; n < stdlib_nfiles; n++)
        names[n] = stdlib_files[n].name;
    names[n++] = later;
    near = diag_nearest(name->text, names, n);
    if (near)
        diag_fix(u->diags, at, near, "did you mean `%s`?", near);
}

static void say_unreadable(struct unit *u, const struct module *m,
                           const struct ast *e, const char *path,
                           const char *why)
{
    const struct ast_bytes *text = &AS(str, AS(import, e)->path)->value;
    struct span at = named_at(m, e);

    diag_at(u->diags, E0280, at, path, why);
    if (text->len > 4 && !memcmp(text->at + text->len - 4, ".pal", 4))
        diag_fix(
            u->diags, at,
            arena_printf(u->arena, "\"%.*s\"", (int)text->len - 4, text->at),
            "`.pal` is added by itself");
    else if (path[0] != '/' && !m->is_std)
        diag_note(u->diags, "paths are relative to the file that imports");
}

/* `e` of module m leads back to module `to`, through the modules that are being
 * loaded. */
static void say_cycle(struct unit *u, struct module *m, const struct ast *e,
                      const struct module *to)
{
    enum { SHOWN = 20 };
    struct bytes path = bytes_in(u->mem);
    const struct module *way[SHOWN];
    uint32_t n = 0, all = 0;

    for (struct module *at = m; at; at = at == to ? NULL : at->importer) {
        if (n < SHOWN)
            way[n++] = at;
        all++;
    }
    bytes_str(&path, to->name->text);
    if (all > n)
        bytes_str(&path, " -> ...");
    for (uint32_t i = all > n ? n : n - 1; i-- > 0;)
        bytes_printf(&path, " -> %s", way[i]->name->text);
    bytes_printf(&path, " -> %s", to->name->text);
    bytes_byte(&path, 0);
    diag_at(u->diags, E0281, named_at(m, e), (const char *)path.at);
    diag_label(u->diags, named_at(m, e), "`%s` imports `%s` here",
               m->name->text, to->name->text);
    for (uint32_t i = 0; i < n && way[i] != to; i++)
        diag_label(u->diags, named_at(way[i]->importer, way[i]->from),
                   "`%s` imports `%s` here", way[i]->importer->name->text,
                   way[i]->name->text);
    bytes_free(&path);
}

/* ---- loading ------------------------------------------------------------- */

/* Why a path can be none, or NULL. */
static const char *bad_path(const struct unit *u, const struct module *m,
                            const struct ast_bytes *path)
{
    if (!path->len)
        return "the path is empty";
    if (memchr(path->at, 0, path->len))
        return "a path holds no \\0";
    if (path->at[path->len - 1] == '/')
        return "a path ends in the name of a file";
    if (m->is_std)
        return "the standard library imports its modules by name";
    if (!u->files)
        return "no files are read here";
    return NULL;
}

/* The module that an import names, read; NULL after a report. */
static struct module *read_import(struct unit *u, struct module *m,
                                  struct ast *e)
{
    struct ast_import *x = AS(import, e);
    const struct ast_bytes *text;
    const char *path, *why;
    struct module *to;

    if (!x->path) {
        to = read_std(u, x->name);
        if (!to)
            say_no_std(u, m, e);
        return to;
    }
    if (x->path->kind != AST_STR) /* what did not parse */
        return NULL;
    text = &AS(str, x->path)->value;
    path = beside(u, m->src, text->len ? text->at : "", text->len, ".pal");
    why = bad_path(u, m, text);
    to = why ? NULL
             : read_file(u, path, last_part(u, text->at, text->len), &why);
    if (!to)
        say_unreadable(u, m, e, path, why);
    return to;
}

/* Parses a module that was read. */
static void parse_module(struct unit *u, struct module *m)
{
    struct source *src = u->src;
    struct ast *file = u->file;

    u->src = m->src;
    m->file = parse_unit(u) ? u->file : NULL;
    u->src = src;
    u->file = file;
    m->state = MODULE_LOADING;
}

/* Reports a path whose last part can be no name, where there is no other. */
static bool names_it(struct unit *u, const struct module *m, struct ast *e)
{
    struct ast_import *x = AS(import, e);
    struct ast_bytes *text;
    const struct name *name;

    if (!x->path || x->alias || x->path->kind != AST_STR)
        return true;
    text = &AS(str, x->path)->value;
    name = last_part(u, text->len ? text->at : "", text->len);
    if (!name->len || is_identifier(name))
        return true;
    diag_at(u->diags, E0283, named_at(m, e), name->text);
    if (name->len > 4 && !strcmp(name->text + name->len - 4, ".pal"))
        diag_fix(
            u->diags, named_at(m, e),
            arena_printf(u->arena, "\"%.*s\"", (int)text->len - 4, text->at),
            "`.pal` is added by itself");
    else
        diag_help(u->diags, "give it another: `import \"...\" as name`");
    return false;
}

/* A module whose imports are followed. */
struct following {
    struct module *m;
    uint32_t next; /* the declaration to look at */
};

static struct ast *next_import(struct following *f)
{
    const struct ast_nodes *decls =
        f->m->file ? &AS(file, f->m->file)->decls : NULL;

    while (decls && f->next < decls->n) {
        struct ast *e = decls->at[f->next++];
        if (e->kind == AST_IMPORT)
            return e;
    }
    return NULL;
}

/* The module that an import of m leads to, where that is to be loaded now. */
static struct module *follow(struct unit *u, struct module *m, struct ast *e)
{
    struct ast_import *x = AS(import, e);
    struct module *to;

    if (u->nmodules >= MODULES_MOST) {
        if (!u->too_many)
            diag_at(u->diags, E0284, named_at(m, e), MODULES_MOST);
        u->too_many = true;
        return NULL;
    }
    to = names_it(u, m, e) ? read_import(u, m, e) : NULL;
    if (to && to->state == MODULE_LOADING) {
        say_cycle(u, m, e, to);
        return NULL;
    }
    x->module = to;
    if (!to || to->state == MODULE_LOADED)
        return NULL;
    to->importer = m;
    to->from = e;
    return to;
}

/* Loads a module, parsed or not, with all that it leads to. */
static void load(struct unit *u, struct module *root)
{
    VEC(struct following) stack = {0};

    if (root->state == MODULE_READ)
        parse_module(u, root);
    vec_push(u->mem, &stack, (struct following){root, 0});
    while (stack.n) {
        struct following *top = &stack.at[stack.n - 1];
        struct ast *e = next_import(top);
        struct module *to = e ? follow(u, top->m, e) : NULL;
        if (to) {
            parse_module(u, to);
            vec_push(u->mem, &stack, (struct following){to, 0});
        } else if (!e) {
            top->m->state = MODULE_LOADED;
            vec_push_in(u->arena, &u->modules, top->m);
            stack.n--;
        }
    }
    vec_free(u->mem, &stack);
}

void modules_load(struct unit *u)
{
    const char *path = u->src->path, *why;
    size_t n = strlen(path);
    struct file_id id = {0, 0};
    int fd = u->files ? source_open(path, &id, &why) : -1;
    const struct name *name;
    struct module *top;
    bool std;

    if (fd >= 0)
        close(fd);
    if (n > 4 && !strcmp(path + n - 4, ".pal"))
        n -= 4;
    name = last_part(u, path, n);
    u->by_file = ARENA_ARRAY(u->arena, struct module *, MODULES_SLOTS);
    std = is_std(u, name, u->src, &id);
    top = add_module(u, u->src, name, &id);
    top->is_std = std;
    top->file = u->file;
    top->state = MODULE_LOADING;
    if (fd >= 0)
        vec_push_in(u->arena, &u->paths, (struct module_path){path, top});
    u->top = top;
    load(u, top);
}

bool modules_has_std(struct unit *u, const struct name *name)
{
    return read_std(u, name) != NULL;
}

/* The name of the next `pub fn` behind *s, which moves on; NULL: no more. */
static const char *next_pub_fn(const char **s, size_t *len)
{
    static const char mark[] = "\npub fn ";
    const char *at = strstr(*s, mark);

    if (!at)
        return NULL;
    at += sizeof mark - 1;
    *len = strcspn(at, "([ \n");
    *s = at + *len;
    return at;
}

const char *modules_std_with(const char *function)
{
    const char *found = NULL, *name;
    size_t n = strlen(function), len;

    for (uint32_t i = 0; i < stdlib_nfiles; i++) {
        const char *s = stdlib_files[i].text;
        while ((name = next_pub_fn(&s, &len)))
            if (len == n && !memcmp(name, function, n))
                break;
        if (name && found)
            return NULL;
        if (name)
            found = stdlib_files[i].name;
    }
    return found;
}

const char *modules_std_near(struct unit *u, const char *module,
                             const char *word)
{
    enum { LIMIT = 300 };
    const struct stdlib_file *f = built_in(module);
    const char *names[LIMIT], *s = f ? f->text : "", *name;
    uint32_t n = 0;
    size_t len;

    while (n < LIMIT && (name = next_pub_fn(&s, &len)))
        names[n++] = arena_strndup(u->arena, name, (uint32_t)len);
    return diag_nearest(word, names, n);
}

struct module *modules_std(struct unit *u, const char *module,
                           const struct name *function)
{
    const struct name *name =
        names_add(u->names, module, (uint32_t)strlen(module));
    struct module *m = read_std(u, name);

    if (!m || !may_declare(m->src, function))
        return NULL;
    if (m->state == MODULE_READ && u->nmodules < MODULES_MOST)
        load(u, m);
    return m->state == MODULE_LOADED && m->file ? m : NULL;
}
