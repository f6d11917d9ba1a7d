/* cmd_ir.c - `pal ir`: the intermediate representation as text. */
#include <string.h>

#include "frontend/driver/driver.h"

/* The text of a module and its functions. */
static bool print_all(const struct ir_module *mod, struct ir_fn *const *fns,
                      uint32_t n, struct bytes *out)
{
    bool ok = ir_print_module(mod, out);

    for (uint32_t i = 0; i < n; i++)
        ok = ok && ir_print_fn(fns[i], out);
    return ok;
}

static bool same_text(const struct bytes *a, const struct bytes *b)
{
    return a->n == b->n && (a->n == 0 || memcmp(a->at, b->at, a->n) == 0);
}

/* Whether the inverse of f prints as g. */
static bool is_inverse(struct driver *d, const struct ir_fn *f,
                       const struct ir_fn *g)
{
    struct arena *own = arena_open(d->mem);
    struct bytes want = bytes_in(d->mem), have = bytes_in(d->mem);
    bool same = ir_print_fn(g, &want) &&
                ir_print_fn(ir_invert(f, own, g->index), &have) &&
                same_text(&want, &have);

    bytes_free(&want);
    bytes_free(&have);
    arena_close(own);
    return same;
}

/* Each reversible function is the inverse of its inverse. */
static int check_inverses(struct driver *d, const struct ir_module *mod,
                          struct ir_fn *const *fns, uint32_t n)
{
    struct arena *own = arena_open(d->mem);
    struct ir_fn **by_index = ARENA_ARRAY(own, struct ir_fn *, mod->sigs.n + 1);
    int status = RUN_DONE;

    for (uint32_t i = 0; i < n; i++)
        by_index[fns[i]->index] = fns[i];
    for (uint32_t i = 0; i < n && status == RUN_DONE; i++) {
        const struct ir_sig *s = &mod->sigs.at[fns[i]->index];
        const struct ir_fn *back = s->inverse ? by_index[s->inverse - 1] : NULL;
        if (fns[i]->rev && (!back || !is_inverse(d, fns[i], back)))
            status = say_error("%s: `%s` is not the inverse of its inverse",
                               d->path, s->name);
    }
    arena_close(own);
    return status;
}

/* Reads the text, prints what was read, and compares. */
static int check_text(struct driver *d, const struct bytes *text)
{
    struct bytes again = bytes_in(d->mem);
    struct ir_text_error err;
    struct ir_module *mod;
    struct ir_fn **fns;
    uint32_t n;
    int status;
    enum pal_status st =
        ir_parse(d->mem, (char *)text->at, text->n, &mod, &fns, &n, &err);

    if (st)
        return say_error("%s: the text does not read back: %u:%u: %s", d->path,
                         err.line, err.column,
                         st == PAL_FORMAT ? err.text : "out of memory");
    if (!print_all(mod, fns, n, &again) || !same_text(&again, text))
        status = say_error("%s: the text reads back as another", d->path);
    else
        status = check_inverses(d, mod, fns, n);
    bytes_free(&again);
    ir_module_close(mod);
    return status;
}

/* The whole text: the module is complete only after its functions. */
static int show(struct driver *d, struct compiler *c)
{
    struct bytes all = bytes_in(d->mem);
    int status;

    ir_print_module(c->mod, &all);
    bytes_add(&all, c->text.at, c->text.n);
    if (d->round_trip)
        status = check_text(d, &all);
    else if (d->dump)
        status = write_out(d, c->dump.at, c->dump.n, false);
    else
        status = write_out(d, all.at, all.n, false);
    bytes_free(&all);
    return status;
}

int cmd_ir(struct driver *d)
{
    struct unit *u = load_checked(d);
    struct compiler c;
    int status = RUN_USAGE;

    if (!u)
        return RUN_USAGE;
    u->as_rev = d->rev;
    if (diags_errors(u->diags)) {
        show_diags(d, u);
    } else {
        if (compile_unit(d, u, &c, false))
            status = show(d, &c);
        compiler_close(&c);
    }
    close_unit(d, u);
    return status;
}
