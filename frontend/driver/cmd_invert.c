/* cmd_invert.c - `pal invert`: the inverses of reversible functions. */
#include "frontend/driver/driver.h"
#include "frontend/invert_source.h"
#include "frontend/print_source.h"

/* The functions of the file: all, or the reversible ones. */
static struct ast_nodes functions(struct unit *u, bool rev)
{
    const struct ast_nodes *decls = &AS(file, u->file)->decls;
    struct ast_nodes out = {0};

    for (uint32_t i = 0; i < decls->n; i++)
        if (decls->at[i]->kind == AST_FN &&
            (!rev || AS(fn, decls->at[i])->kind == AST_FN_REV))
            ast_append(u->arena, &out, decls->at[i]);
    return out;
}

static bool is_named(const struct ast *fn, const char *name)
{
    return AS(fn, fn)->name && !strcmp(AS(fn, fn)->name->text, name);
}

/* Says that the file has no `rev fn` called d->fn. */
static void no_such_function(struct driver *d, struct unit *u,
                             const struct ast_nodes *revs)
{
    struct ast_nodes all = functions(u, false);
    const char **names = arena_alloc(u->arena, revs->n * sizeof *names);
    const char *near;

    for (uint32_t i = 0; i < all.n; i++)
        if (is_named(all.at[i], d->fn)) {
            say_error("`%s` is no `rev fn`: only those have an inverse", d->fn);
            return;
        }
    for (uint32_t i = 0; i < revs->n; i++)
        names[i] = AS(fn, revs->at[i])->name->text;
    near = diag_nearest(d->fn, names, revs->n);
    if (near)
        say_error("%s has no `rev fn %s`; did you mean `%s`?", d->path, d->fn,
                  near);
    else
        say_error("%s has no `rev fn %s`", d->path, d->fn);
}

bool has_rev_fn(struct driver *d, struct unit *u)
{
    struct ast_nodes revs = functions(u, true);

    if (!revs.n)
        say_error("%s has no `rev fn`", d->path);
    for (uint32_t i = 0; i < revs.n; i++)
        if (!d->fn || is_named(revs.at[i], d->fn))
            return true;
    if (revs.n)
        no_such_function(d, u, &revs);
    return false;
}

/* Appends the file, or the inverse of one function; false where one has none,
 * which was reported. */
static bool invert_unit(struct driver *d, struct unit *u, struct bytes *text)
{
    struct ast_nodes revs = functions(u, true);
    bool first = true, ok = true;

    if (!d->fn)
        return invert_file(u, text);
    for (uint32_t i = 0; i < revs.n; i++) {
        struct ast *inverse;
        if (d->fn && !is_named(revs.at[i], d->fn))
            continue;
        bytes_str(text, first ? "" : "\n");
        first = false;
        inverse = invert_fn(u, revs.at[i], false);
        ok &= inverse != NULL;
        if (inverse)
            print_source(inverse, text);
        bytes_str(text, "\n");
    }
    return ok;
}

int cmd_invert(struct driver *d)
{
    struct unit *u = load_unit(d);
    struct bytes text = bytes_in(d->mem);
    int status = RUN_USAGE;
    bool ok;

    if (!u)
        return RUN_USAGE;
    ok =
        !diags_errors(u->diags) && has_rev_fn(d, u) && invert_unit(d, u, &text);
    if (show_diags(d, u) && ok)
        status = write_out(d, text.at, text.n, false);
    bytes_free(&text);
    close_unit(d, u);
    return status;
}
