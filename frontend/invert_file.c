/* invert_file.c - a file with its reversible functions written as their
 * inverses.
 *
 * The text stays as it is but for the functions themselves and the calls of
 * them: g(...) becomes uncall g_inverse(...), and uncall g(...) becomes
 * g_inverse(...).  So the program does what it did. */
#include <stdlib.h>
#include <string.h>

#include "frontend/invert_impl.h"
#include "frontend/print_source.h"

struct edit { /* of the text from pos to end */
    uint32_t pos, end;
    const char *text;
    uint32_t len;
};

struct edits {
    struct inverter v;
    VEC(struct edit) list;
};

static void add(struct edits *x, uint32_t pos, uint32_t end, const char *text,
                size_t len)
{
    struct arena *a = x->v.u->arena;
    struct edit e = {pos, end, arena_strndup(a, text, len), (uint32_t)len};

    vec_push_in(a, &x->list, e);
}

/* Whether it is a call of a reversible function of the file. */
static bool is_turned(const struct edits *x, const struct ast *call)
{
    const struct name *name =
        call->kind == AST_CALL ? invert_called(&x->v, AS(call, call)) : NULL;
    const struct ast_fn *fn = name ? invert_declared(&x->v, name) : NULL;

    return fn && fn->kind == AST_FN_REV;
}

/* Such a call changes its direction and its name. */
static void turn_call(struct edits *x, const struct ast *uncall,
                      const struct ast *call)
{
    const struct ast *callee = AS(call, call)->callee;
    const struct name *name = invert_called(&x->v, AS(call, call)), *other;

    if (!is_turned(x, call))
        return;
    other = invert_name(x->v.u, name);
    if (uncall)
        add(x, uncall->pos, call->pos, "", 0);
    else
        add(x, call->pos, call->pos, "uncall ", 7);
    add(x, callee->end - name->len, callee->end, other->text, other->len);
}

static void turn(void *arg, struct ast *e)
{
    struct edits *x = arg;
    struct ast *call = e->kind == AST_UNCALL ? AS(uncall, e)->call : NULL;

    if (call && call->kind == AST_CALL) {
        turn_call(x, e, call);
        ast_children(call, turn, x);
        return;
    }
    if (e->kind == AST_CALL)
        turn_call(x, NULL, e);
    ast_children(e, turn, x);
}

/* A function that is no more than such a call, `fn f() = g()`, gets a block,
 * for uncall is a statement. */
static void add_block(struct edits *x, const struct ast *fn)
{
    const struct ast *body = AS(fn, fn)->body;
    const char *text = x->v.u->src->text;
    uint32_t at = body ? body->pos : 0;

    if (!body || !is_turned(x, body))
        return;
    while (at > fn->pos && text[at] != '=')
        at--;
    add(x, at, at + 1, "{", 1);
    add(x, body->end, body->end, " }", 2);
}

static void replace_fn(struct edits *x, struct ast *fn)
{
    struct ast *inverse = invert_fn(x->v.u, fn, true);
    struct bytes text = bytes_in(x->v.u->mem);

    if (!inverse) {
        x->v.failed = true;
        return;
    }
    print_source(inverse, &text);
    while (text.n && text.at[text.n - 1] == '\n')
        text.n--;
    add(x, fn->pos, fn->end, (const char *)text.at, text.n);
    bytes_free(&text);
}

static int by_place(const void *a, const void *b)
{
    const struct edit *x = a, *y = b;

    if (x->pos != y->pos)
        return x->pos < y->pos ? -1 : 1;
    return x->end < y->end ? -1 : x->end > y->end; /* what is put in first */
}

bool invert_file(struct unit *u, struct bytes *out)
{
    struct edits x = {.v = {.u = u}};
    const struct ast_nodes *decls = &AS(file, u->file)->decls;
    uint32_t at = 0;

    for (uint32_t i = 0; i < decls->n; i++)
        if (decls->at[i]->kind == AST_FN &&
            AS(fn, decls->at[i])->kind == AST_FN_REV)
            replace_fn(&x, decls->at[i]);
        else {
            if (decls->at[i]->kind == AST_FN)
                add_block(&x, decls->at[i]);
            turn(&x, decls->at[i]);
        }
    if (x.list.n)
        qsort(x.list.at, x.list.n, sizeof *x.list.at, by_place);
    for (uint32_t i = 0; i < x.list.n; i++) {
        const struct edit *e = &x.list.at[i];
        bytes_add(out, u->src->text + at, e->pos - at);
        bytes_add(out, e->text, e->len);
        at = e->end;
    }
    bytes_add(out, u->src->text + at, u->src->len - at);
    return !x.v.failed;
}
