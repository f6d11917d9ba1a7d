/* check_rev_effects.c - what functions read and write.
 *
 * For every function that a reversible one leads to: the kinds of memory that
 * it may read, those it may write where the memory was there before the call,
 * and whether it does anything else that a computation does not.  One walk
 * over each body finds what it does by itself; then what it calls is added
 * until nothing changes.
 *
 * Of the objects that a function touches, it is also noted how it reaches
 * them: as a parameter's own object, `xs[i]` (near), or by any other way, as
 * `grid[0][i]` or `g[i]` (far).  Objects that it made itself are neither. */
#include "frontend/check_rev.h"
#include "ir/ir.h"

/* Whether a built-in function looks into what its arguments hold. */
static bool looks_deep(int builtin)
{
    switch (builtin) {
    case BUILTIN_TYPE_OF:
    case BUILTIN_LEN:
    case BUILTIN_COPY:
    case BUILTIN_SWAP:
    case BUILTIN_REVERSE:
    case BUILTIN_PUSH:
    case BUILTIN_POP:
    case BUILTIN_INSERT:
    case BUILTIN_REMOVE: return false;
    default: return true;
    }
}

/* What a built-in function reads of its argument number i. */
static void read_by_builtin(struct rev *r, struct kinds *to,
                            const struct call *call, uint32_t i)
{
    struct type *t = call->args[i]->type;

    if (looks_deep(call->builtin))
        kinds_add_deep(r, to, t);
    else if (call->builtin == BUILTIN_LEN &&
             (t->kind == TYPE_LIST || t->kind == TYPE_MAP))
        kinds_add_length(r, to, t);
    else if (call->builtin != BUILTIN_TYPE_OF && i == 0)
        kinds_add_shallow(r, to, t);
}

/* ---- what an expression reads -------------------------------------------- */

struct reading {
    struct rev *r;
    struct kinds *to;
    bool direct;
};

static void read_node(void *arg, struct ast *e);

static void read_call(struct reading *x, struct ast *e)
{
    const struct call *call = AS(call, e)->call;
    struct effects *f;

    for (uint32_t i = 0; i < call->nargs; i++)
        if (call->args[i])
            read_node(x, call->args[i]);
    if (call->kind == CALL_FN) {
        f = effects_of(x->r, call->sym);
        if (f)
            kinds_add_all(x->r, x->to, &f->reads);
    }
    for (uint32_t i = 0; i < call->nargs; i++)
        if (call->kind == CALL_BUILTIN)
            read_by_builtin(x->r, x->to, call, i);
        else if (call->kind == CALL_CONVERT || call->kind == CALL_NATIVE)
            kinds_add_deep(x->r, x->to, call->args[i]->type);
}

static void read_index(struct reading *x, struct ast *e)
{
    struct type *t = AS(index, e)->base->type;

    if (!t || (t->kind != TYPE_LIST && t->kind != TYPE_MAP))
        return;
    if (AS(index, e)->index->kind == AST_RANGE)
        kinds_add_list(x->r, x->to, t, true);
    else if (x->direct)
        kinds_add_list(x->r, x->to, t, false);
}

static void read_member(struct reading *x, struct ast *e)
{
    struct ast_member *m = AS(member, e);

    if (m->global)
        kinds_add_global(x->r, x->to, m->global);
    else if (m->field && x->direct)
        kinds_add_field(x->r, x->to, m->field);
    else if (m->property == PROP_ERROR_VALUE)
        x->to->all = true;
    else if (m->property == PROP_LEN && (m->base->type->kind == TYPE_LIST ||
                                         m->base->type->kind == TYPE_MAP))
        kinds_add_length(x->r, x->to, m->base->type);
}

/* Operators that look into what their operands refer to. */
static void read_binary(struct reading *x, struct ast *e)
{
    struct ast_binary *b = AS(binary, e);

    if (b->op != OP_EQ && b->op != OP_NE && b->op != OP_IN &&
        b->op != OP_NOT_IN)
        return;
    kinds_add_deep(x->r, x->to, b->left->type);
    kinds_add_deep(x->r, x->to, b->right->type);
}

static void read_node(void *arg, struct ast *e)
{
    struct reading *x = arg;
    struct sym *s;

    switch (e->kind) {
    case AST_NAME:
        s = AS(name, e)->sym;
        if (s && s->kind == SYM_GLOBAL)
            kinds_add_global(x->r, x->to, s);
        return;
    case AST_CALL:
        if (AS(call, e)->call) {
            read_call(x, e);
            return;
        }
        break;
    case AST_MEMBER: read_member(x, e); break;
    case AST_INDEX: read_index(x, e); break;
    case AST_BINARY: read_binary(x, e); break;
    case AST_PIECE:
        kinds_add_deep(x->r, x->to, AS(piece, e)->value->type);
        break;
    default: break;
    }
    ast_children(e, read_node, x);
}

void effects_read(struct rev *r, struct kinds *to, struct ast *e, bool direct)
{
    struct reading x = {r, to, direct};

    read_node(&x, e);
}

/* ---- what a body does ---------------------------------------------------- */

struct walk {
    struct rev *r;
    struct effects *f;
};

static void walk_node(void *arg, struct ast *e);

/* The parameter whose own object e is, by number, or UINT32_MAX.  One that is
 * mut may refer to another object meanwhile. */
static uint32_t param_of(const struct effects *f, const struct ast *e)
{
    const struct sym *s = e->kind == AST_NAME ? AS(name, e)->sym : NULL;
    const struct ast_nodes *params = &AS(fn, f->fn->sym.decl)->params;

    for (uint32_t i = 0; s && s->kind == SYM_PARAM && i < params->n; i++)
        if (s->decl == params->at[i] && !s->is_mut)
            return i;
    return UINT32_MAX;
}

static void act(struct walk *w, enum act what, struct ast *e)
{
    w->f->acts |= (uint8_t)what;
    if (w->f->why)
        return;
    w->f->why = e;
    w->f->first = (uint8_t)what;
}

/* Whether an object that is written was made by the function itself. */
static bool is_own(const struct ast *object)
{
    return object->kind == AST_NAME ? held_of(object) != HELD_OLD
                                    : held_of(object) == HELD_NEW;
}

/* The kinds are touched in the object that `object` refers to; NULL: in any. */
static void touch(struct walk *w, const struct ast *object,
                  const struct kinds *kinds)
{
    uint32_t p = object ? param_of(w->f, object) : UINT32_MAX;

    if (object && is_own(object))
        return;
    kinds_add_all(w->r, p == UINT32_MAX ? &w->f->far : &w->f->near[p], kinds);
}

/* Whether an item of a list is a word; an option of a scalar is a box. */
static bool is_word(const struct type *t)
{
    return !type_is_ref(t) && !type_is_pair(t);
}

/* What is written by a change of the place. */
static uint8_t memory_of(const struct ast *place)
{
    const struct type *t;

    switch (place->kind) {
    case AST_MEMBER:
        return sema_var(place) ? 1 << IR_MEM_GLOBALS : 1 << IR_MEM_FIELDS;
    case AST_INDEX:
        t = place->type;
        return t && is_word(t) ? 1 << IR_MEM_ITEMS : 1 << IR_MEM_REFS;
    default: return 1 << IR_MEM_GLOBALS;
    }
}

static void write_place(struct walk *w, const struct ast *place, struct ast *at)
{
    struct kinds to = {0};
    const struct ast *base = sema_var(place) ? NULL
                             : place->kind == AST_MEMBER
                                 ? AS(member, place)->base
                             : place->kind == AST_INDEX ? AS(index, place)->base
                                                        : NULL;

    if (base && is_own(base))
        return;
    kinds_add_place(w->r, &to, place);
    if (kinds_empty(&to))
        return;
    kinds_add_all(w->r, &w->f->writes, &to);
    w->f->memory |= memory_of(place);
    touch(w, base, &to);
    act(w, ACT_WRITE, at);
}

static void write_list(struct walk *w, struct ast *list, bool length_too,
                       struct ast *at)
{
    struct kinds to = {0};

    if (list->type->kind != TYPE_LIST || is_own(list))
        return;
    kinds_add_list(w->r, &to, list->type, length_too);
    kinds_add_all(w->r, &w->f->writes, &to);
    w->f->memory |=
        is_word(list->type->args[0]) ? 1 << IR_MEM_ITEMS : 1 << IR_MEM_REFS;
    if (length_too)
        w->f->memory |= 1 << IR_MEM_LENGTHS;
    touch(w, list, &to);
    act(w, ACT_WRITE, at);
}

static struct effects *reach(struct rev *r, struct sym *fn)
{
    struct top *t = (struct top *)fn;

    if (!t->effects) {
        t->effects = ARENA_NEW(r->c->arena, struct effects);
        t->effects->fn = t;
        t->effects->near = ARENA_ARRAY(r->c->arena, struct kinds,
                                       AS(fn, fn->decl)->params.n + 1);
        vec_push_in(r->c->arena, &r->all, t->effects);
    }
    return t->effects;
}

bool effects_computes(int builtin)
{
    switch (builtin) {
    case BUILTIN_LEN:
    case BUILTIN_TYPE_OF:
    case BUILTIN_COPY:
    case BUILTIN_CLONE:
    case BUILTIN_HASH:
    case BUILTIN_GET:
    case BUILTIN_KEYS:
    case BUILTIN_VALUES:
    case BUILTIN_ENUMERATE:
    case BUILTIN_CONTAINS:
    case BUILTIN_MIN:
    case BUILTIN_MAX:
    case BUILTIN_ABS:
    case BUILTIN_CHR:
    case BUILTIN_CHARS: return true;
    default: return false;
    }
}

static void walk_builtin(struct walk *w, const struct call *call, struct ast *e)
{
    switch (call->builtin) {
    case BUILTIN_ASSERT: break;
    case BUILTIN_PUSH:
    case BUILTIN_POP:
    case BUILTIN_INSERT:
    case BUILTIN_REMOVE: write_list(w, call->args[0], true, e); break;
    case BUILTIN_SWAP:
    case BUILTIN_REVERSE: write_list(w, call->args[0], false, e); break;
    default:
        if (effects_computes(call->builtin))
            break;
        act(w, ACT_WORLD, e);
        w->f->memory = IR_ALL_MEMORY;
    }
}

/* A native that computes; another is taken to do anything. */
static void walk_native(struct walk *w, const struct call *call, struct ast *e)
{
    switch ((enum ir_effect)ir_natives[call->builtin].effect) {
    case IR_EFFECT_PURE:
    case IR_EFFECT_READ:
    case IR_EFFECT_HOST: break;
    default: act(w, ACT_WORLD, e); w->f->memory = IR_ALL_MEMORY;
    }
}

static void walk_call(struct walk *w, struct ast *e)
{
    const struct call *call = AS(call, e)->call;

    for (uint32_t i = 0; i < call->nargs; i++)
        if (call->args[i])
            walk_node(w, call->args[i]);
    for (uint32_t i = 0; i < call->nargs; i++)
        if (call->args[i] && call->by_ref[i])
            write_place(w, call->args[i], e);
    if (call->kind == CALL_FN)
        vec_push_in(w->r->c->arena, &w->f->calls,
                    (struct effects_call){reach(w->r, call->sym), call});
    else if (call->kind == CALL_BUILTIN)
        walk_builtin(w, call, e);
    else if (call->kind == CALL_VALUE) { /* whatever it is */
        act(w, ACT_WORLD, e);
        w->f->memory = IR_ALL_MEMORY;
    } else if (call->kind == CALL_NATIVE)
        walk_native(w, call, e);
}

/* All that looking through the value of e reads. */
static void walk_deep(struct walk *w, const struct ast *e)
{
    struct kinds to = {0};

    kinds_add_deep(w->r, &to, e->type);
    kinds_add_all(w->r, &w->f->reads, &to);
    touch(w, e->type && !rev_holds_refs(e->type) ? e : NULL, &to);
}

static void walk_builtin_reads(struct walk *w, const struct call *call,
                               uint32_t i)
{
    const struct ast *arg = call->args[i];
    struct kinds to = {0};
    bool deep = looks_deep(call->builtin) && rev_holds_refs(arg->type);

    read_by_builtin(w->r, &to, call, i);
    kinds_add_all(w->r, &w->f->reads, &to);
    touch(w, deep ? NULL : arg, &to);
}

/* What a node reads by itself, in the object `of`. */
static void walk_read(struct walk *w, struct ast *e,
                      void (*read)(struct reading *x, struct ast *e),
                      const struct ast *of)
{
    struct kinds to = {0};
    struct reading x = {w->r, &to, true};

    read(&x, e);
    kinds_add_all(w->r, &w->f->reads, &to);
    touch(w, of, &to);
}

static void read_name(struct reading *x, struct ast *e)
{
    read_node(x, e);
}

static void read_items(struct reading *x, struct ast *e)
{
    if (e->type && (e->type->kind == TYPE_LIST || e->type->kind == TYPE_MAP))
        kinds_add_list(x->r, x->to, e->type, true);
}

/* A `for` over a list, and what reads by its own kind of node, reads as in
 * any expression; only calls are left to what is added later. */
static void walk_reads(struct walk *w, struct ast *e)
{
    const struct call *call;

    switch (e->kind) {
    case AST_NAME: walk_read(w, e, read_name, NULL); break;
    case AST_MEMBER:
        walk_read(w, e, read_member, sema_var(e) ? NULL : AS(member, e)->base);
        break;
    case AST_INDEX: walk_read(w, e, read_index, AS(index, e)->base); break;
    case AST_BINARY: walk_read(w, e, read_binary, NULL); break;
    case AST_PIECE: walk_deep(w, AS(piece, e)->value); break;
    case AST_CALL:
        call = AS(call, e)->call;
        for (uint32_t i = 0; i < call->nargs; i++)
            if (call->kind == CALL_BUILTIN)
                walk_builtin_reads(w, call, i);
            else if (call->kind == CALL_CONVERT || call->kind == CALL_NATIVE)
                walk_deep(w, call->args[i]);
        break;
    case AST_FOR:
        walk_read(w, AS(for, e)->iter, read_items, AS(for, e)->iter);
        break;
    default: break;
    }
}

static void walk_node(void *arg, struct ast *e)
{
    struct walk *w = arg;

    if (e->kind == AST_CALL && !AS(call, e)->call)
        return;
    walk_reads(w, e);
    switch (e->kind) {
    case AST_CALL: walk_call(w, e); return;
    case AST_ASSIGN: write_place(w, AS(assign, e)->place, e); break;
    case AST_OPASSIGN: write_place(w, AS(opassign, e)->place, e); break;
    case AST_UPDATE: write_place(w, AS(update, e)->place, e); break;
    case AST_SWAP:
        write_place(w, AS(swap, e)->left, e);
        write_place(w, AS(swap, e)->right, e);
        break;
    case AST_UNDO:
    case AST_TRY:
    case AST_TRY_ELSE: act(w, ACT_SCOPE, e); break;
    case AST_FOR:
        if (AS(for, e)->next) /* the call that each iteration makes */
            walk_call(w, AS(for, e)->next);
        break;
    default: break;
    }
    ast_children(e, walk_node, w);
}

/* ---- all functions ------------------------------------------------------- */

struct effects *effects_of(struct rev *r, struct sym *fn)
{
    (void)r;
    return ((struct top *)fn)->effects;
}

/* What a callee reaches by its parameter p, the caller reaches by what it
 * passes there. */
static bool add_near(struct rev *r, struct effects *f,
                     const struct effects_call *c, uint32_t p)
{
    const struct ast *arg = c->call->args[p];
    uint32_t own = arg ? param_of(f, arg) : UINT32_MAX;

    if (kinds_empty(&c->to->near[p]) || (arg && is_own(arg)))
        return false;
    return kinds_add_all(r, own == UINT32_MAX ? &f->far : &f->near[own],
                         &c->to->near[p]);
}

static bool add_calls(struct rev *r, struct effects *f)
{
    bool more = false;

    for (uint32_t i = 0; i < f->calls.n; i++) {
        const struct effects *g = f->calls.at[i].to;
        more |= kinds_add_all(r, &f->reads, &g->reads);
        more |= kinds_add_all(r, &f->writes, &g->writes);
        more |= kinds_add_all(r, &f->far, &g->far);
        for (uint32_t p = 0; p < f->calls.at[i].call->nargs; p++)
            more |= add_near(r, f, &f->calls.at[i], p);
        more |= (g->acts & ~f->acts) != 0 || (g->memory & ~f->memory) != 0;
        f->acts |= g->acts;
        f->memory |= g->memory;
    }
    return more;
}

void effects_collect(struct rev *r)
{
    for (uint32_t i = 0; i < r->c->u->fns.n; i++)
        if (r->c->u->fns.at[i]->is_rev)
            reach(r, r->c->u->fns.at[i]);
    for (uint32_t i = 0; i < r->all.n; i++) { /* it grows meanwhile */
        struct walk w = {r, r->all.at[i]};
        struct ast *body = AS(fn, w.f->fn->sym.decl)->body;
        if (w.f->fn->wrong || w.f->fn->state == TOP_NEW) /* may lack types */
            continue;
        held_find(body);
        walk_node(&w, body);
    }
    for (bool more = true; more;) {
        more = false;
        for (uint32_t i = r->all.n; i-- > 0;)
            more |= add_calls(r, r->all.at[i]);
    }
    for (uint32_t i = 0; i < r->all.n; i++)
        if (!(r->all.at[i]->acts & ACT_SCOPE))
            r->all.at[i]->fn->sym.leaves =
                IR_ALL_MEMORY & ~(unsigned)r->all.at[i]->memory;
}
