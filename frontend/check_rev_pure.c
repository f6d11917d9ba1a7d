/* check_rev_pure.c - expressions of reversible functions compute, and do no
 * more: not in the functions that they call either. */
#include "frontend/check_rev.h"

/* What acts in a function, to be pointed at; it may be one that it calls. */
static void label_act(struct rev *r, const struct effects *f)
{
    enum { FAR = 20 };

    for (int steps = 0; f && !f->why && steps < FAR; steps++) {
        const struct effects *next = NULL;
        for (uint32_t i = 0; i < f->calls.n && !next; i++)
            if (f->calls.at[i].to->acts && f->calls.at[i].to != f)
                next = f->calls.at[i].to;
        f = next;
    }
    if (f && f->why)
        diag_label(
            r->c->u->diags,
            (struct span){f->fn->sym.src, f->why->pos, f->why->end}, "%s",
            f->first == ACT_WORLD   ? "this acts on the world"
            : f->first == ACT_WRITE ? "this updates what was there before"
                                    : "this opens an undo scope");
}

static void say_acts(struct rev *r, struct ast *e, const struct effects *f)
{
    struct checker *c = r->c;
    struct span at = span_last_word(c, AS(call, e)->callee);
    const char *name =
        arena_strndup(c->arena, at.src->text + at.pos, at.end - at.pos);

    diag_at(c->u->diags, E0514, at, arena_printf(c->arena, "`%s`", name));
    if (f)
        label_act(r, f);
    else
        diag_help(c->u->diags, "compute the value first, by statements");
}

static void find_acts(void *arg, struct ast *e)
{
    struct rev *r = arg;
    const struct call *call = e->kind == AST_CALL ? AS(call, e)->call : NULL;
    const struct effects *f;
    bool acts = false;

    for (uint32_t i = 0; call && i < call->nargs; i++)
        acts |= call->by_ref[i];
    if (call && call->kind == CALL_FN) {
        f = effects_of(r, call->sym);
        if (acts || (f && f->acts))
            say_acts(r, e, f && f->acts ? f : NULL);
    } else if (call && call->kind == CALL_BUILTIN &&
               !effects_computes(call->builtin)) {
        say_acts(r, e, NULL);
    }
    ast_children(e, find_acts, r);
}

void pure_check(struct rev *r, struct ast *e)
{
    find_acts(r, e);
}
