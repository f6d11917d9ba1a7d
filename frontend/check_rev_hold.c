/* check_rev_hold.c - what a statement reads is the same when it has ended.
 *
 * The inverse of a statement computes the same indices, paths, bounds, right
 * sides and arguments as the statement did, from the state after it.  So for
 * each statement: what it may write, variables by name and memory by kind,
 * against what each of these expressions reads.
 *
 *   it names a written variable          refused
 *   it may read a kind that is written   evaluated again (sema.h: again)
 *   neither                              proved
 *
 * An update of a field or element by a value that reads the same kind directly
 * gets no second evaluation: the two places must differ (sema.h: apart). */
#include "frontend/check_rev.h"

/* What a statement writes. */
struct writes {
    VEC(struct sym *) vars; /* locals and parameters */
    struct kinds kinds;
};

struct hold {
    struct rev *r;
    struct writes *found; /* of find_writes */
};

/* ---- what a statement writes --------------------------------------------- */

static void add_place(struct rev *r, struct writes *w, const struct ast *place)
{
    struct sym *s = place->kind == AST_NAME ? AS(name, place)->sym : NULL;

    kinds_add_place(r, &w->kinds, place);
    if (s && s->kind != SYM_GLOBAL)
        vec_push_in(r->c->arena, &w->vars, s);
}

static void add_call(struct rev *r, struct writes *w, const struct call *call)
{
    struct effects *f;

    if (!call)
        return;
    for (uint32_t i = 0; i < call->nargs; i++)
        if (call->by_ref[i])
            add_place(r, w, call->args[i]);
    if (call->kind == CALL_FN) {
        f = effects_of(r, call->sym);
        if (f)
            kinds_add_all(r, &w->kinds, &f->writes);
    } else if (call->kind == CALL_BUILTIN &&
               call->args[0]->type->kind == TYPE_LIST) {
        kinds_add_list(r, &w->kinds, call->args[0]->type,
                       call->builtin == BUILTIN_PUSH ||
                           call->builtin == BUILTIN_POP);
    }
}

static void find_writes(void *arg, struct ast *e)
{
    struct hold *h = arg;

    switch (e->kind) {
    case AST_OPASSIGN: add_place(h->r, h->found, AS(opassign, e)->place); break;
    case AST_UPDATE: add_place(h->r, h->found, AS(update, e)->place); break;
    case AST_SWAP:
        add_place(h->r, h->found, AS(swap, e)->left);
        add_place(h->r, h->found, AS(swap, e)->right);
        break;
    case AST_CALL:
        if (e->type == &type_unit) /* a statement */
            add_call(h->r, h->found, AS(call, e)->call);
        break;
    default: break;
    }
    ast_children(e, find_writes, h);
}

static struct writes writes_of(struct rev *r, struct ast *e)
{
    struct writes w = {.kinds = {0}};
    struct hold h = {r, &w};

    find_writes(&h, e);
    return w;
}

struct updating {
    struct rev *r;
    const struct sym *sym;
    bool found;
};

static void find_update(void *arg, struct ast *e)
{
    struct updating *u = arg;
    const struct ast *places[2] = {NULL, NULL};
    const struct call *call = e->kind == AST_CALL ? AS(call, e)->call : NULL;
    struct effects *f;

    if (e->kind == AST_OPASSIGN)
        places[0] = AS(opassign, e)->place;
    else if (e->kind == AST_UPDATE)
        places[0] = AS(update, e)->place;
    else if (e->kind == AST_SWAP)
        places[0] = AS(swap, e)->left, places[1] = AS(swap, e)->right;
    for (int i = 0; i < 2; i++)
        if (places[i] && sema_var(places[i]))
            u->found |= sema_var(places[i]) == u->sym;
    for (uint32_t i = 0; call && i < call->nargs; i++)
        if (call->by_ref[i] && sema_var(call->args[i]))
            u->found |= sema_var(call->args[i]) == u->sym;
    f = call && call->kind == CALL_FN ? effects_of(u->r, call->sym) : NULL;
    if (f && u->sym->kind == SYM_GLOBAL)
        u->found |= kinds_have_global(u->r, &f->writes, u->sym);
    if (!u->found)
        ast_children(e, find_update, u);
}

bool hold_updates(struct rev *r, struct ast *e, const struct sym *s)
{
    struct updating u = {r, s, false};

    find_update(&u, e);
    return u.found;
}

/* ---- what an expression reads -------------------------------------------- */

struct naming {
    struct rev *r;
    const struct writes *w;
    struct ast *found;
};

static void find_named(void *arg, struct ast *e)
{
    struct naming *n = arg;
    struct sym *s = sema_var(e);

    if (n->found)
        return;
    if (s && s->kind == SYM_GLOBAL && kinds_have_global(n->r, &n->w->kinds, s))
        n->found = e;
    for (uint32_t i = 0; s && i < n->w->vars.n; i++)
        if (n->w->vars.at[i] == s)
            n->found = e;
    ast_children(e, find_named, n);
}

static struct ast *named(struct rev *r, const struct writes *w, struct ast *e)
{
    struct naming n = {r, w, NULL};

    find_named(&n, e);
    return n.found;
}

/* ---- expressions against writes ------------------------------------------ */

/* Refuses an expression that names what its statement writes, and marks one
 * that may read it otherwise. */
static void held(struct rev *r, const struct writes *w, struct ast *e,
                 enum diag_code code, const char *what)
{
    struct ast *at = named(r, w, e);
    struct kinds reads = {0};
    struct diags *ds = r->c->u->diags;
    const char *name;

    if (at) {
        name = sema_var(at)->name->text;
        if (code == E0501)
            diag_at(ds, code, span_of(r->c, at), what, name);
        else
            diag_at(ds, code, span_of(r->c, at), name);
        diag_help(ds,
                  "hold its value in a `local` before: `local t = %s`, and "
                  "use `t` here",
                  name);
        return;
    }
    effects_read(r, &reads, e, true);
    e->again = kinds_meet(&reads, &w->kinds);
}

/* The index and the base of a place. */
static void held_place(struct rev *r, const struct writes *w, struct ast *p,
                       enum diag_code code, const char *what)
{
    if (p->kind == AST_INDEX) {
        held(r, w, AS(index, p)->base, code, what);
        held(r, w, AS(index, p)->index, code, what);
        pure_check(r, AS(index, p)->base);
        pure_check(r, AS(index, p)->index);
    } else if (p->kind == AST_MEMBER) {
        held(r, w, AS(member, p)->base, code, what);
        pure_check(r, AS(member, p)->base);
    }
}

/* ---- updates ------------------------------------------------------------- */

bool hold_same(const struct ast *a, const struct ast *b)
{
    if (sema_var(a) || sema_var(b))
        return sema_var(a) == sema_var(b);
    if (a->kind != b->kind)
        return false;
    switch (a->kind) {
    case AST_NAME: return false;
    case AST_INT: return AS(int, a)->value == AS(int, b)->value;
    case AST_BOOL: return AS(bool, a)->value == AS(bool, b)->value;
    case AST_MEMBER:
        return AS(member, a)->name == AS(member, b)->name &&
               hold_same(AS(member, a)->base, AS(member, b)->base);
    case AST_INDEX:
        return hold_same(AS(index, a)->base, AS(index, b)->base) &&
               hold_same(AS(index, a)->index, AS(index, b)->index);
    case AST_UNARY:
        return AS(unary, a)->op == AS(unary, b)->op &&
               hold_same(AS(unary, a)->of, AS(unary, b)->of);
    case AST_BINARY:
        return AS(binary, a)->op == AS(binary, b)->op &&
               hold_same(AS(binary, a)->left, AS(binary, b)->left) &&
               hold_same(AS(binary, a)->right, AS(binary, b)->right);
    default: return false;
    }
}

/* Elements of one list whose indices differ by a constant are two. */
static bool surely_apart(const struct ast *a, const struct ast *b)
{
    const struct sym *as, *bs;
    uint64_t an, bn;

    return a->kind == AST_INDEX && b->kind == AST_INDEX &&
           hold_same(AS(index, a)->base, AS(index, b)->base) &&
           cond_linear(AS(index, a)->index, &as, &an) &&
           cond_linear(AS(index, b)->index, &bs, &bn) && as == bs && an != bn;
}

struct apart {
    struct rev *r;
    struct ast_opassign *of;
    struct kinds kind; /* of the place */
    struct ast *same;  /* a read of the place itself */
    bool maybe;        /* what stands here is not always evaluated */
    bool again;        /* such a read may be of the place */
};

static void find_apart(void *arg, struct ast *e);

static void find_apart_maybe(struct apart *x, struct ast *e)
{
    bool maybe = x->maybe;

    x->maybe = true;
    if (e)
        find_apart(x, e);
    x->maybe = maybe;
}

static void find_apart(void *arg, struct ast *e)
{
    struct apart *x = arg;
    struct kinds kind = {0};
    bool slice = e->kind == AST_INDEX && AS(index, e)->index->kind == AST_RANGE;

    if ((e->kind == AST_INDEX || e->kind == AST_MEMBER) && !slice) {
        kinds_add_place(x->r, &kind, e);
        if (kinds_meet(&kind, &x->kind)) {
            if (hold_same(e, x->of->place))
                x->same = x->same ? x->same : e;
            else if (x->maybe)
                x->again |= !surely_apart(e, x->of->place);
            else if (!surely_apart(e, x->of->place))
                ast_append(x->r->c->arena, &x->of->apart, e);
        }
    }
    if (e->kind == AST_IF) {
        find_apart(x, AS(if, e)->cond);
        find_apart_maybe(x, AS(if, e)->yes);
        find_apart_maybe(x, AS(if, e)->no);
    } else if (e->kind == AST_BINARY &&
               (AS(binary, e)->op == OP_AND || AS(binary, e)->op == OP_OR)) {
        find_apart(x, AS(binary, e)->left);
        find_apart_maybe(x, AS(binary, e)->right);
    } else {
        ast_children(e, find_apart, x);
    }
}

static void say_self(struct rev *r, struct ast *e, struct ast *at)
{
    struct ast_opassign *a = AS(opassign, e);
    struct diags *ds = r->c->u->diags;
    const char *text = say_source(r->c, at);

    diag_at(ds, E0501, span_of(r->c, at),
            arena_printf(r->c->arena, "%s=", ast_op_text[a->op]),
            text ? text : "this place");
    if (!hold_same(a->value, a->place))
        diag_help(ds,
                  "compute the new value into a `local`, exchange the two by "
                  "`<=>`, and end the local by `delocal` with the old value, "
                  "computed from the new one");
    else if (a->op == OP_ADD)
        diag_help(ds, "to double it, hold its value: `local t = ...`, `x += "
                      "t`, and `delocal t` with half of x");
    else
        diag_help(ds, "to clear it, end it by `delocal` with the value it "
                      "has, or `uncall` what computed it");
}

static void hold_opassign(struct rev *r, struct ast *e)
{
    struct ast_opassign *a = AS(opassign, e);
    struct writes w = writes_of(r, e);
    struct apart x = {.r = r, .of = a, .kind = w.kinds};
    struct kinds reads = {0};
    struct ast *at = named(r, &w, a->value);

    held_place(r, &w, a->place, E0501, "the update");
    pure_check(r, a->value);
    if (at) {
        say_self(r, e, at);
        return;
    }
    if (!sema_var(a->place))
        find_apart(&x, a->value);
    if (x.same)
        say_self(r, e, x.same);
    effects_read(r, &reads, a->value, sema_var(a->place) != NULL);
    a->value->again = x.again || kinds_meet(&reads, &w.kinds);
}

static void hold_places(struct rev *r, struct ast *e, struct ast *a,
                        struct ast *b, const char *what)
{
    struct writes w = writes_of(r, e);

    held_place(r, &w, a, E0501, what);
    if (b)
        held_place(r, &w, b, E0501, what);
}

/* ---- calls --------------------------------------------------------------- */

static void say_lent(struct rev *r, const struct call *call, struct ast *place,
                     bool global)
{
    struct checker *c = r->c;
    struct diags *ds = c->u->diags;
    const char *fn = call->sym->name->text;

    if (global)
        diag_at(ds, E0524, call_ampersand(c, place),
                sema_var(place)->name->text, fn);
    else
        diag_at(ds, E0525, call_ampersand(c, place), fn);
    say_declared(c, call->sym);
    if (!global && r->plain)
        diag_help(ds,
                  "pass a variable instead, and store it back: `var t = %s`",
                  say_source(c, place) ? say_source(c, place) : "...");
    else if (!global)
        diag_help(ds,
                  "move the value out meanwhile: `local t = 0`, `t <=> "
                  "%s`, pass `&t`, exchange them again, `delocal t = 0`",
                  say_source(c, place) ? say_source(c, place) : "the place");
    else
        diag_help(ds, "let `%s` take it as a parameter alone", fn);
}

/* Whether the function reaches the place args[i] by argument p too; where only
 * running can tell, that is noted. */
static bool is_lent_twice(struct rev *r, struct call *call, uint32_t i,
                          uint32_t p, const struct kinds *kind)
{
    const struct ast *place = call->args[i], *arg = call->args[p], *base;
    struct effects *f = effects_of(r, call->sym);

    if (!kinds_meet(kind, &f->near[p]) || rev_is_new(arg))
        return false;
    base = place->kind == AST_INDEX ? AS(index, place)->base
                                    : AS(member, place)->base;
    if (hold_same(base, arg) || p >= 64)
        return true;
    if (!call->apart)
        call->apart = ARENA_ARRAY(r->c->u->arena, uint64_t, call->nargs);
    call->apart[i] |= UINT64_C(1) << p;
    return false;
}

/* Places passed with `&` that the function also reaches by another way. */
static void check_lent(struct rev *r, struct call *call)
{
    struct effects *f = effects_of(r, call->sym);

    for (uint32_t i = 0; f && i < call->nargs; i++) {
        struct kinds kind = {0};
        bool twice;
        if (!call->by_ref[i])
            continue;
        kinds_add_place(r, &kind, call->args[i]);
        if (kinds_empty(&kind))
            continue;
        twice = kinds_meet(&kind, &f->far);
        for (uint32_t p = 0; p < call->nargs && !twice; p++)
            twice = is_lent_twice(r, call, i, p, &kind);
        if (twice)
            say_lent(r, call, call->args[i], sema_var(call->args[i]) != NULL);
    }
}

static void say_lost(struct rev *r, struct ast *arg, const struct call *call)
{
    struct diags *ds = r->c->u->diags;

    diag_at(ds, E0523, span_of(r->c, arg));
    diag_label(ds, span_of(r->c, arg), "`%s` may update it",
               call->sym->name->text);
    diag_help(ds, "hold it in a `local` first");
}

static void hold_call_fn(struct rev *r, struct ast *e, struct call *call)
{
    struct writes w = writes_of(r, e);

    check_lent(r, call);
    for (uint32_t i = 0; i < call->nargs; i++) {
        struct ast *arg = call->args[i];
        if (call->by_ref[i]) {
            held_place(r, &w, arg, E0521, NULL);
            if (!sema_is_path(arg))
                say_lost(r, arg, call);
            continue;
        }
        held(r, &w, arg, E0521, NULL);
        pure_check(r, arg);
        if (arg->type->kind > TYPE_STR && !sema_is_path(arg) &&
            !kinds_empty(&w.kinds))
            say_lost(r, arg, call);
    }
}

static void hold_call(struct rev *r, struct ast *e)
{
    struct call *call = AS(call, e)->call;
    struct writes w;

    if (call->kind == CALL_FN) {
        hold_call_fn(r, e, call);
        return;
    }
    if (call->builtin == BUILTIN_ASSERT) {
        for (uint32_t i = 0; i < call->nargs; i++)
            pure_check(r, call->args[i]);
        return;
    }
    w = writes_of(r, e);
    for (uint32_t i = 0; i < call->nargs; i++) {
        if (call->by_ref[i]) {
            held_place(r, &w, call->args[i], E0521, NULL);
            continue;
        }
        held(r, &w, call->args[i], E0521, NULL);
        pure_check(r, call->args[i]);
    }
}

/* ---- statements ---------------------------------------------------------- */

static void hold_stmt(struct rev *r, struct ast *e);

static void hold_block(struct rev *r, struct ast *e)
{
    for (uint32_t i = 0; i < AS(block, e)->stmts.n; i++)
        hold_stmt(r, AS(block, e)->stmts.at[i]);
}

static void hold_for(struct rev *r, struct ast *e)
{
    struct ast_for *x = AS(for, e);
    struct ast_range *range = AS(range, x->iter);
    struct writes w = writes_of(r, x->body);

    held(r, &w, range->from, E0522, NULL);
    held(r, &w, range->to, E0522, NULL);
    pure_check(r, range->from);
    pure_check(r, range->to);
    hold_block(r, x->body);
}

static void hold_rif(struct rev *r, struct ast *e)
{
    struct ast_rif *x = AS(rif, e);

    pure_check(r, x->cond);
    pure_check(r, x->fi);
    hold_block(r, x->yes);
    if (x->no)
        hold_stmt(r, x->no);
}

static void hold_from(struct rev *r, struct ast *e)
{
    struct ast_from *x = AS(from, e);

    pure_check(r, x->entry);
    hold_block(r, x->body);
    if (x->step)
        hold_block(r, x->step);
    pure_check(r, x->exit);
}

static void hold_stmt(struct rev *r, struct ast *e)
{
    switch (e->kind) {
    case AST_BLOCK: hold_block(r, e); break;
    case AST_OPASSIGN: hold_opassign(r, e); break;
    case AST_UPDATE:
        hold_places(r, e, AS(update, e)->place, NULL,
                    AS(update, e)->op == OP_NEG ? "neg" : "inv");
        break;
    case AST_SWAP:
        hold_places(r, e, AS(swap, e)->left, AS(swap, e)->right, "<=>");
        break;
    case AST_CALL: hold_call(r, e); break;
    case AST_UNCALL: hold_call(r, AS(uncall, e)->call); break;
    case AST_RIF: hold_rif(r, e); break;
    case AST_FROM: hold_from(r, e); break;
    case AST_FOR: hold_for(r, e); break;
    case AST_LOCAL:
        rev_local_hold(r, e, &r->written);
        pure_check(r, AS(local, e)->value);
        break;
    case AST_DELOCAL: pure_check(r, AS(delocal, e)->value); break;
    case AST_WITHIN:
        hold_block(r, AS(within, e)->body);
        hold_block(r, AS(within, e)->apply);
        break;
    default: break;
    }
}

void hold_check(struct rev *r, struct ast *body)
{
    r->written = writes_of(r, body).kinds;
    hold_block(r, body);
}

/* ---- calls from ordinary code -------------------------------------------- */

/* A reversible function is one wherever it is called: what is lent to it is
 * not reached by another way. */
static void find_calls(void *arg, struct ast *e)
{
    struct call *call = e->kind == AST_CALL ? AS(call, e)->call : NULL;

    if (call && call->kind == CALL_FN && call->sym->is_rev)
        check_lent(arg, call);
    ast_children(e, find_calls, arg);
}

/* In its globals and tests. */
static void find_module_calls(struct rev *r, struct module *m)
{
    module_enter(r->c, m);
    for (uint32_t i = 0; i < m->globals.n; i++)
        find_calls(r, AS(bind, m->globals.at[i]->decl)->value);
    for (uint32_t i = 0; i < m->tests.n; i++)
        if (!m->is_std || m == r->c->u->top)
            find_calls(r, AS(test, m->tests.at[i])->body);
}

/* Whether the body was checked, and has no error. */
static bool was_checked(struct sym *fn)
{
    const struct top *t = (const struct top *)fn;

    return t->state == TOP_DONE && !t->wrong;
}

void rev_check(struct checker *c)
{
    struct rev r = {.c = c};
    struct unit *u = c->u;

    if (!u->rev.src)
        return;
    effects_collect(&r);
    for (uint32_t i = 0; i < u->fns.n; i++) {
        struct ast *body = AS(fn, u->fns.at[i]->decl)->body;
        if (!u->fns.at[i]->is_rev || !was_checked(u->fns.at[i]))
            continue;
        module_enter(c, u->fns.at[i]->module);
        hold_check(&r, body);
        cond_check(&r, body);
    }
    r.plain = true;
    for (uint32_t i = 0; i < u->fns.n; i++) {
        if (u->fns.at[i]->is_rev || !was_checked(u->fns.at[i]))
            continue;
        module_enter(c, u->fns.at[i]->module);
        find_calls(&r, AS(fn, u->fns.at[i]->decl)->body);
    }
    for (uint32_t i = 0; i < u->modules.n && !diags_errors(u->diags); i++)
        find_module_calls(&r, u->modules.at[i]);
}
