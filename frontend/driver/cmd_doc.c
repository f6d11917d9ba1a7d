/* cmd_doc.c - `pal doc`: documentation of files and of the standard library.
 *
 * An operand is a file, a folder, `stdlib`, a module of the standard library,
 * or one of the files and modules with `.NAME` behind it: a declaration. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "frontend/doc/doc.h"
#include "frontend/driver/driver.h"
#include "frontend/stdlib.h"

struct job {
    struct driver *d;
    struct arena *arena; /* of names and paths */
    struct docs docs;
    bool failed; /* it was said */
};

static void refuse(struct job *j)
{
    j->failed = true;
}

/* ---- reading ------------------------------------------------------------- */

/* Adds the module of a unit that was parsed; NULL where it has errors, which
 * are shown. */
static struct doc_module *add_unit(struct job *j, struct unit *u,
                                   const char *name, bool all)
{
    struct driver *d = j->d;
    struct doc_module *m;

    u->warn = false;
    if (!diags_errors(u->diags))
        sema_check(u);
    if (!show_diags(d, u)) {
        close_unit(d, u);
        refuse(j);
        return NULL;
    }
    m = doc_module(u, name, all);
    vec_push_in(j->arena, &j->docs.modules, m);
    return m;
}

/* "lib/grid.pal" -> lib/grid */
static const char *without_ending(struct job *j, const char *path)
{
    size_t n = strlen(path);

    if (n > 4 && !strcmp(path + n - 4, ".pal"))
        n -= 4;
    return arena_strndup(j->arena, path, n);
}

static struct doc_module *add_file(struct job *j, const char *path,
                                   const char *name)
{
    struct unit *u;

    j->d->path = path;
    u = load_unit(j->d);
    if (u)
        return add_unit(j, u, without_ending(j, name), j->d->all);
    refuse(j);
    return NULL;
}

/* A file of the user's, called by the last part of its path. */
static struct doc_module *add_path(struct job *j, const char *path)
{
    const char *slash = strrchr(path, '/');

    if (!strcmp(path, "-"))
        return add_file(j, path, "stdin");
    return add_file(j, path, slash ? slash + 1 : path);
}

static struct doc_module *add_built_in(struct job *j,
                                       const struct stdlib_file *f)
{
    struct source *src = source_copy(j->d->mem, f->path, f->text, f->len);
    struct unit *u = open_unit(j->d, src);

    parse_unit(u);
    return add_unit(j, u, f->name, j->d->all);
}

struct folder {
    struct job *j;
    size_t n; /* bytes of its path */
};

static int visit(void *arg, const char *path)
{
    const struct folder *f = arg;
    const char *file = arena_strndup(f->j->arena, path, strlen(path));
    const char *name = file + f->n;

    return add_file(f->j, file, name + strspn(name, "/")) ? RUN_DONE
                                                          : RUN_USAGE;
}

/* Every .pal file of a folder and below, called by its path from there. */
static void add_folder(struct job *j, const char *path)
{
    struct folder f = {j, strlen(path)};
    uint32_t before = j->docs.modules.n;

    if (folder_walk(path, visit, &f)) {
        refuse(j);
    } else if (j->docs.modules.n == before) {
        say_error("there is no .pal file in %s", path);
        refuse(j);
    }
}

static void add_stdlib(struct job *j)
{
    if (j->d->stdlib)
        add_folder(j, j->d->stdlib);
    for (uint32_t i = 0; !j->d->stdlib && i < stdlib_nfiles; i++)
        add_built_in(j, &stdlib_files[i]);
}

/* ---- operands ------------------------------------------------------------ */

static bool is_file(const char *path)
{
    struct stat sb;

    return !strcmp(path, "-") || (!stat(path, &sb) && !S_ISDIR(sb.st_mode));
}

/* Adds a file, with or without its ending, or a module of the standard library;
 * false where there is none of that name. */
static bool add_named(struct job *j, const char *name, struct doc_module **m)
{
    const char *path = arena_printf(j->arena, "%s.pal", name);

    if (is_file(name)) {
        *m = add_path(j, name);
        return true;
    }
    for (uint32_t i = 0; !j->d->stdlib && i < stdlib_nfiles; i++)
        if (!strcmp(stdlib_files[i].name, name)) {
            *m = add_built_in(j, &stdlib_files[i]);
            return true;
        }
    if (j->d->stdlib && !strchr(name, '/') &&
        is_file(arena_printf(j->arena, "%s/%s", j->d->stdlib, path)))
        path = arena_printf(j->arena, "%s/%s", j->d->stdlib, path);
    if (!is_file(path))
        return false;
    *m = add_path(j, path);
    return true;
}

static void say_no_entry(struct job *j, const struct doc_module *m,
                         const char *name)
{
    struct doc_module *all = doc_module(m->u, m->name, true);
    const char **names, *near;

    refuse(j);
    if (doc_find(all, name, strlen(name))) {
        say_error("`%s` of %s is not `pub`; --all shows it", name, m->name);
        return;
    }
    names = ARENA_ARRAY(j->arena, const char *, m->entries.n + 1);
    for (uint32_t i = 0; i < m->entries.n; i++)
        names[i] = m->entries.at[i].name;
    near = diag_nearest(name, names, m->entries.n);
    if (near)
        say_error("%s has no `%s`; did you mean `%s`?", m->name, name, near);
    else
        say_error("%s has no `%s`", m->name, name);
}

static void say_no_module(struct job *j, const char *name)
{
    const char *names[64], *near;
    uint32_t n = 0;

    refuse(j);
    for (; !j->d->stdlib && n < stdlib_nfiles && n < 64; n++)
        names[n] = stdlib_files[n].name;
    near = diag_nearest(name, names, n);
    if (near)
        say_error("there is no file or module %s; did you mean `%s`?", name,
                  near);
    else
        say_error("there is no file or module %s; `pal doc` lists those of the "
                  "standard library",
                  name);
}

/* Adds what an operand names; *entry is the declaration that it names, or
 * NULL. */
static void add_operand(struct job *j, const char *name,
                        const struct doc_entry **entry)
{
    const char *dot = strrchr(name, '.');
    struct doc_module *m = NULL;

    *entry = NULL;
    if (is_folder(name)) {
        add_folder(j, name);
    } else if (!strcmp(name, "stdlib") && !is_file(name)) {
        add_stdlib(j);
    } else if (!add_named(j, name, &m)) {
        const char *first =
            dot ? arena_strndup(j->arena, name, (size_t)(dot - name)) : name;
        if (!dot || !dot[1] || !strcmp(dot, ".pal") ||
            !add_named(j, first, &m)) {
            say_no_module(j, name);
        } else if (m) {
            *entry = doc_find(m, dot + 1, strlen(dot + 1));
            if (!*entry)
                say_no_entry(j, m, dot + 1);
        }
    }
}

/* ---- text ---------------------------------------------------------------- */

static uint32_t terminal_width(void)
{
    enum { USUAL = 80 };
    struct winsize size;

    if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) ||
        !size.ws_col)
        return USUAL;
    return size.ws_col;
}

/* What each operand names, one after another. */
static void print_operands(struct job *j, struct bytes *out)
{
    uint32_t width = terminal_width(), shown = 0;

    for (const char *const *p = j->d->args; *p; p++) {
        const struct doc_entry *e;
        add_operand(j, *p, &e);
        for (; !j->failed && shown < j->docs.modules.n; shown++) {
            const struct doc_module *m = j->docs.modules.at[shown];
            bytes_str(out, out->n ? "\n" : "");
            if (e)
                doc_text_entry(m, e, width, out);
            else
                doc_text_module(m, width, out);
        }
    }
}

static void print_list(struct job *j, struct bytes *out)
{
    add_stdlib(j);
    for (uint32_t i = 0; i < j->docs.modules.n; i++)
        doc_text_line(j->docs.modules.at[i], terminal_width(), out);
}

static int print_text(struct job *j)
{
    struct bytes text = bytes_in(j->d->mem);
    int status = RUN_USAGE;

    if (*j->d->args)
        print_operands(j, &text);
    else
        print_list(j, &text);
    if (!j->failed)
        status = write_out(j->d, text.at, text.n, false);
    bytes_free(&text);
    return status;
}

/* ---- pages --------------------------------------------------------------- */

static bool is_page_taken(const struct job *j, const char *page)
{
    if (!strcmp(page, "index.html"))
        return true;
    for (uint32_t i = 0; i < j->docs.modules.n; i++)
        if (j->docs.modules.at[i]->page &&
            !strcmp(j->docs.modules.at[i]->page, page))
            return true;
    return false;
}

/* lib/grid -> lib.grid.html, with `_` behind it where that is taken. */
static const char *page_of(struct job *j, const struct doc_module *m)
{
    char *name = arena_strndup(j->arena, m->name, strlen(m->name));
    const char *more = "", *page;

    for (char *s = name; *s; s++)
        *s = *s == '/' ? '.' : *s;
    for (;;) {
        page = arena_printf(j->arena, "%s%s.html", name, more);
        if (!is_page_taken(j, page))
            return page;
        more = arena_printf(j->arena, "%s_", more);
    }
}

static bool make_folder(const char *path)
{
    if (!mkdir(path, 0777) || (errno == EEXIST && is_folder(path)))
        return true;
    cannot_write(path, errno);
    return false;
}

static int write_page(struct job *j, const char *folder, const char *page,
                      struct bytes *text)
{
    int status;

    j->d->out = arena_printf(j->arena, "%s/%s", folder, page);
    status = write_out(j->d, text->at, text->n, false);
    bytes_free(text);
    return status;
}

/* The page of the only module, to the standard output. */
static int write_one_page(struct job *j)
{
    struct bytes text = bytes_in(j->d->mem);
    struct doc_module **m = j->docs.modules.at;
    int status;

    if (j->docs.modules.n != 1)
        return say_error("-o - takes one module, not %u", j->docs.modules.n);
    m[0]->page = page_of(j, m[0]);
    doc_html_module(&j->docs, m[0], &text);
    status = write_out(j->d, text.at, text.n, false);
    bytes_free(&text);
    return status;
}

static int write_pages(struct job *j)
{
    const struct docs *docs = &j->docs;
    const char *folder = j->d->out;
    struct bytes text = bytes_in(j->d->mem);
    int status = RUN_DONE;

    for (uint32_t i = 0; i < docs->modules.n; i++)
        docs->modules.at[i]->page = page_of(j, docs->modules.at[i]);
    if (!make_folder(folder))
        return RUN_USAGE;
    for (uint32_t i = 0; i < docs->modules.n && !status; i++) {
        doc_html_module(docs, docs->modules.at[i], &text);
        status = write_page(j, folder, docs->modules.at[i]->page, &text);
    }
    if (status)
        return status;
    doc_html_index(docs, &text);
    return write_page(j, folder, "index.html", &text);
}

static int make_pages(struct job *j)
{
    for (const char *const *p = j->d->args; *p; p++) {
        const struct doc_entry *e;
        add_operand(j, *p, &e);
        if (e)
            return say_error("a page is of a whole module, not of %s", *p);
    }
    if (j->failed)
        return RUN_USAGE;
    return strcmp(j->d->out, "-") ? write_pages(j) : write_one_page(j);
}

int cmd_doc(struct driver *d)
{
    struct job j = {.d = d};
    int status;

    if (d->html && !d->out)
        return say_error("--html wants -o DIR, a folder for the pages");
    if (d->html && !*d->args)
        return say_error("--html wants a file, a folder or `stdlib`");
    if (d->out && !d->html)
        return say_error("-o DIR is for --html");
    j.arena = arena_open(d->mem);
    status = d->html ? make_pages(&j) : print_text(&j);
    for (uint32_t i = 0; i < j.docs.modules.n; i++)
        close_unit(d, j.docs.modules.at[i]->u);
    arena_close(j.arena);
    return status;
}
