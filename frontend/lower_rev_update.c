/* lower_rev_update.c - reversible functions to reversible PIR: places, values,
 * updates and calls.
 *
 * A statement is lowered as: holds of what the checker marked, then groups of
 * pure ops with one update each, then the drops.  Each group evaluates the
 * place anew, for nothing but held values goes from group to group; the passes
 * find what is computed twice once the code is plain. */
#include "frontend/lower_rev.h"

/* ---- values -------------------------------------------------------------- */

/* Whether lower_expr makes nothing but pure ops of it. */
static bool is_straight(const struct ast *e);

static void look_for_control(void *found, struct ast *e)
{
    if (!is_straight(e))
        *(bool *)found = true;
}

static bool is_straight(const struct ast *e)
{
    bool found = false;
    if (e->lifted ||
        (e->type && e->type->kind == TYPE_OPTION && e->kind != AST_NAME))
        return false; /* none and values meet in branches */
    switch (e->kind) {
    case AST_INT:
    case AST_FLOAT:
    case AST_BOOL:
    case AST_STR:
    case AST_NAME: return true;
    case AST_BINARY:
        if (AS(binary, e)->op == OP_AND || AS(binary, e)->op == OP_OR ||
            AS(binary, e)->op == OP_ELSE_NONE || e->type->kind == TYPE_STR)
            return false;
        break;
    case AST_INDEX:
        if (AS(index, e)->index->kind == AST_RANGE)
            return false;
        break;
    case AST_CALL:
        if (AS(call, e)->call->kind != CALL_FN)
            return false;
        break;
    case AST_UNARY:
    case AST_MEMBER:
    case AST_RANGE:
    case AST_ARG: break;
    default: return false;
    }
    ast_children((struct ast *)(uintptr_t)e, look_for_control, &found);
    return !found;
}

struct captures {
    VEC(struct sym *) syms;
    struct lower *l;
};

static void find_captures(void *arg, struct ast *e)
{
    struct captures *c = arg;
    struct sym *s = e->kind == AST_NAME ? AS(name, e)->sym : NULL;
    if (s && s->kind <= SYM_PARAM && lower_var_of(c->l, s) != UINT32_MAX) {
        for (uint32_t i = 0; i < c->syms.n; i++)
            if (c->syms.at[i] == s)
                return;
        vec_push_in(c->l->u->arena, &c->syms, s);
    }
    ast_children(e, find_captures, arg);
}

/* The expression as a function of the variables that it names. */
static ir_val apart(struct lower *l, struct ast *e)
{
    struct captures c = {.l = l};
    find_captures(&c, e);
    uint32_t n = c.syms.n;
    ir_val *args = ARENA_ARRAY(l->arena, ir_val, 2 * n + 1);
    uint32_t nargs = 0;
    for (uint32_t i = 0; i < n; i++)
        nargs += lower_put_vals(
            l, lower_var_read(l, lower_var_of(l, c.syms.at[i])), args + nargs);
    uint32_t sig = lower_value_fn(l, e, c.syms.at, n);
    const struct ir_sig *s = &l->mod->sigs.at[sig];
    ir_val v = ir_emit_n(l->f, l->blk, IR_APPLY, s->results, s->nresults, args,
                         nargs, sig, lower_pos(l, e));
    return s->nresults == 2 ? lower_pair(l, v, v + 1) : v;
}

static bool is_logic(const struct ast *e)
{
    return e->kind == AST_BINARY &&
           (AS(binary, e)->op == OP_AND || AS(binary, e)->op == OP_OR);
}

static bool is_not(const struct ast *e)
{
    return e->kind == AST_UNARY && AS(unary, e)->op == OP_NOT;
}

/* Whether `and`, `or` and `not` are all that keeps it from being straight. */
static bool is_straight_but_for_logic(const struct ast *e)
{
    if (is_logic(e))
        return is_straight_but_for_logic(AS(binary, e)->left) &&
               is_straight_but_for_logic(AS(binary, e)->right);
    if (is_not(e))
        return is_straight_but_for_logic(AS(unary, e)->of);
    return is_straight(e);
}

static ir_val with_logic(struct lower *l, struct ast *e)
{
    if (is_straight(e))
        return lower_expr(l, e);
    if (is_not(e))
        return lower_op(l, e, IR_NOT, LOWER_BOOL,
                        with_logic(l, AS(unary, e)->of), IR_NONE, 0);
    const struct ast_binary *b = AS(binary, e);
    enum ir_op op = b->op == OP_AND ? IR_BOTH : IR_EITHER;
    lower_op(l, e, op, LOWER_NONE, with_logic(l, b->left), IR_NONE, 0);
    ir_val v = with_logic(l, b->right);
    return lower_op(l, e, IR_SO, LOWER_BOOL, v, IR_NONE, 0);
}

ir_val rev_value(struct lower *l, struct ast *e)
{
    return is_straight_but_for_logic(e) ? with_logic(l, e) : apart(l, e);
}

/* ---- holds --------------------------------------------------------------- */

uint32_t rev_hold(struct lower *l, struct rev_holds *h, struct ast *e)
{
    ir_val v = rev_value(l, e);
    int64_t words = e->again ? rev_words(l, "", e) : rev_no_words(l);
    v = lower_op(l, e, IR_HOLD, ir_type_of(l->f, v), v, IR_NONE, words);
    uint32_t var = rev_begin(l, NULL, v);
    vec_push_in(l->arena, &h->list, (struct rev_held){e, var});
    return var;
}

void rev_drop(struct lower *l, struct rev_holds *h)
{
    while (h->list.n) {
        const struct rev_held *x = &h->list.at[--h->list.n];
        ir_val v = rev_value(l, x->e);
        int64_t words = x->e->again ? rev_words(l, "", x->e) : rev_no_words(l);
        lower_op(l, x->e, IR_DROP, LOWER_NONE, rev_end(l, x->var), v, words);
    }
}

static ir_val held_or_value(struct lower *l, const struct rev_holds *h,
                            struct ast *e)
{
    for (uint32_t i = 0; i < h->list.n; i++)
        if (h->list.at[i].e == e)
            return lower_var_read(l, h->list.at[i].var);
    return rev_value(l, e);
}

static void hold_if_asked(struct lower *l, struct rev_holds *h, struct ast *e)
{
    if (e->again)
        rev_hold(l, h, e);
}

/* ---- places -------------------------------------------------------------- */

/* `first`: before something else is evaluated, so what may fail is taken now,
 * asked for or not. */
static void hold_place(struct lower *l, struct rev_holds *h, struct ast *place,
                       bool first)
{
    struct ast *parts[2] = {NULL, NULL};
    if (place->kind == AST_MEMBER)
        parts[0] = AS(member, place)->base;
    if (place->kind == AST_INDEX) {
        parts[0] = AS(index, place)->base;
        parts[1] = AS(index, place)->index;
    }
    for (int i = 0; i < 2 && parts[i]; i++)
        if (parts[i]->again ||
            (first && parts[i]->kind != AST_NAME && parts[i]->kind != AST_INT))
            rev_hold(l, h, parts[i]);
}

static ir_val as_int(struct lower *l, const struct ast *e, ir_val v)
{
    return ir_type_of(l->f, v).kind == PVM_BYTE
               ? lower_op(l, e, IR_WIDEN, LOWER_INT, v, IR_NONE, 0)
               : v;
}

/* The place for one group. */
static struct lower_place spot(struct lower *l, const struct rev_holds *h,
                               struct ast *e)
{
    struct lower_place p = {
        .at = e, .type = lower_type(l, e->type), .of = e->type};
    switch (e->kind) {
    case AST_NAME: return lower_place(l, e);
    case AST_MEMBER:
        if (AS(member, e)->global)
            return lower_place(l, e);
        p.kind = PLACE_FIELD;
        p.base = held_or_value(l, h, AS(member, e)->base);
        p.word = AS(member, e)->field->word;
        break;
    default:
        p.kind = PLACE_ITEM;
        p.base = held_or_value(l, h, AS(index, e)->base);
        p.index = held_or_value(l, h, AS(index, e)->index);
        p.map = AS(index, e)->base->type;
        if (p.map->kind == TYPE_MAP)
            p.kind = PLACE_ENTRY;
        else
            p.index = as_int(l, e, p.index);
    }
    return p;
}

/* op is the row for values; those for places stand behind it in order. */
static void update_spot(struct lower *l, const struct lower_place *p,
                        enum ir_op op, ir_val v, struct ir_pos pos)
{
    static const uint8_t rows[] = {[PLACE_FIELD] = IR_UADDF - IR_UADD,
                                   [PLACE_GLOBAL] = IR_UADDG - IR_UADD,
                                   [PLACE_ITEM] = IR_UADDE - IR_UADD};
    ir_val args[3];
    uint32_t n = 0;
    if (p->kind == PLACE_VAR) {
        ir_val x = lower_var_read(l, p->var);
        x = ir_emit(l->f, l->blk, op, p->type, x, v, 0, pos);
        lower_var_write(l, p->var, x);
        return;
    }
    if (p->kind != PLACE_GLOBAL)
        args[n++] = p->base;
    if (p->kind == PLACE_ITEM)
        args[n++] = p->index;
    if (v != IR_NONE)
        args[n++] = v;
    ir_emit_n(l->f, l->blk, (enum ir_op)(op + rows[p->kind]), NULL, 0, args, n,
              p->kind == PLACE_ITEM ? 0 : p->word, pos);
}

/* Puts v, a linear value, into the place; what was there comes out. */
static ir_val exchange(struct lower *l, const struct lower_place *p, ir_val v,
                       struct ir_pos pos)
{
    static const uint8_t rows[] = {[PLACE_FIELD] = IR_XCHGF,
                                   [PLACE_GLOBAL] = IR_XCHGG,
                                   [PLACE_ITEM] = IR_XCHGE};
    ir_type types[] = {p->type, p->type};
    if (p->kind == PLACE_VAR) {
        ir_val args[] = {lower_var_read(l, p->var), v};
        ir_val r = ir_emit_n(l->f, l->blk, IR_SWAP, types, 2, args, 2, 0, pos);
        lower_var_write(l, p->var, r);
        return r + 1;
    }
    ir_val args[3];
    uint32_t n = 0;
    if (p->kind != PLACE_GLOBAL)
        args[n++] = p->base;
    if (p->kind == PLACE_ITEM)
        args[n++] = p->index;
    args[n++] = v;
    return ir_emit_n(l->f, l->blk, rows[p->kind], types, 1, args, n,
                     p->kind == PLACE_ITEM ? 0 : p->word, pos);
}

/* ---- values taken out of places ------------------------------------------ */

/* What a statement does to a variable, it does to a field or item that is
 * taken out of its place and put back behind it.  Nothing reads the place
 * meanwhile: the checker sees to that (check_rev_hold.c, sema.h: apart). */
struct taken {
    struct ast *place;
    uint32_t var;
    bool out;
};

static ir_val move(struct lower *l, const struct lower_place *p, bool out,
                   ir_val v, struct ir_pos pos)
{
    static const uint8_t takes[] = {[PLACE_FIELD] = IR_TAKEF,
                                    [PLACE_GLOBAL] = IR_TAKEG,
                                    [PLACE_ITEM] = IR_TAKEE,
                                    [PLACE_ENTRY] = IR_TAKEM};
    enum ir_op op = takes[p->kind];
    bool inside = p->kind == PLACE_ITEM || p->kind == PLACE_ENTRY;
    ir_val args[3];
    uint32_t n = 0;
    if (p->kind != PLACE_GLOBAL)
        args[n++] = p->base;
    if (inside)
        args[n++] = p->index;
    if (!out)
        args[n++] = v;
    return ir_emit_n(l->f, l->blk, out ? op : (enum ir_op)ir_ops[op].pair,
                     &p->type, out, args, n, inside ? 0 : p->word, pos);
}

static struct taken take(struct lower *l, const struct rev_holds *h,
                         struct ast *place)
{
    struct taken t = {.place = place};
    struct lower_place p = spot(l, h, place);
    if (p.kind == PLACE_VAR) {
        t.var = p.var;
        return t;
    }
    t.out = true;
    t.var = rev_begin(l, NULL, move(l, &p, true, IR_NONE, lower_pos(l, place)));
    return t;
}

static void put_back(struct lower *l, const struct rev_holds *h,
                     const struct taken *t)
{
    if (!t->out)
        return;
    struct lower_place p = spot(l, h, t->place);
    move(l, &p, false, rev_end(l, t->var), lower_pos(l, t->place));
}

static bool is_entry(const struct ast *place)
{
    return place->kind == AST_INDEX &&
           AS(index, place)->base->type->kind == TYPE_MAP;
}

/* What was taken out, as a place. */
static struct lower_place taken_place(const struct lower *l,
                                      const struct taken *t)
{
    return (struct lower_place){.kind = PLACE_VAR,
                                .var = t->var,
                                .type = l->vars.at[t->var].type,
                                .at = t->place};
}

/* ---- updates ------------------------------------------------------------- */

static enum ir_op update_op(int op)
{
    switch (op) {
    case OP_ADD: return IR_UADD;
    case OP_SUB: return IR_USUB;
    case OP_CARET: return IR_UXOR;
    case OP_ROTL: return IR_UROTL;
    case OP_ROTR: return IR_UROTR;
    case OP_NEG: return IR_UNEG;
    default: return IR_UINV;
    }
}

/* Whether two places in objects are of one kind, so may be one. */
static bool is_same_kind(const struct ast *x, const struct ast *y)
{
    if (x->kind != y->kind)
        return false;
    if (x->kind == AST_MEMBER)
        return AS(member, x)->field == AS(member, y)->field;
    return x->kind == AST_INDEX &&
           AS(index, x)->base->type == AS(index, y)->base->type;
}

/* Two places of one kind are not one. */
static void keep_apart(struct lower *l, const struct rev_holds *h,
                       struct ast *x, struct ast *y, struct ast *s)
{
    if (!is_same_kind(x, y))
        return;
    int64_t words = rev_words_apart(l, s);
    struct lower_place p = spot(l, h, x), q = spot(l, h, y);
    ir_val same = lower_op(l, s, IR_SAME, LOWER_BOOL, p.base, q.base, 0);
    if (p.kind == PLACE_ENTRY) {
        lower_op(l, s, IR_BOTH, LOWER_NONE, same, IR_NONE, 0);
        ir_val i = lower_equal(l, s, p.map->args[0], p.index, q.index);
        same = lower_op(l, s, IR_SO, LOWER_BOOL, i, IR_NONE, 0);
    }
    if (p.kind == PLACE_ITEM) {
        lower_op(l, s, IR_BOTH, LOWER_NONE, same, IR_NONE, 0);
        ir_val i = lower_op(l, s, IR_EQ, LOWER_BOOL, p.index, q.index, 0);
        same = lower_op(l, s, IR_SO, LOWER_BOOL, i, IR_NONE, 0);
    }
    ir_val holds = lower_op(l, s, IR_NOT, LOWER_BOOL, same, IR_NONE, 0);
    lower_op(l, s, IR_APART, LOWER_NONE, holds, IR_NONE, words);
}

static void find_failing(void *found, struct ast *e)
{
    *(bool *)found |= e->kind == AST_INDEX || e->kind == AST_CALL ||
                      (e->kind == AST_BINARY && (AS(binary, e)->op == OP_DIV ||
                                                 AS(binary, e)->op == OP_MOD));
    ast_children(e, find_failing, found);
}

/* Whether an error may come of finding out which place it is. */
static bool place_may_fail(struct ast *place)
{
    bool found = false;
    ast_children(place, find_failing, &found);
    return found;
}

static void rev_opassign(struct lower *l, struct ast *s)
{
    struct ast_opassign *a = AS(opassign, s);
    struct rev_holds h = {0};
    bool first = a->value->again; /* before the places are compared */
    for (uint32_t i = 0; i < a->apart.n; i++)
        first |= place_may_fail(a->apart.at[i]);
    hold_place(l, &h, a->place, first);
    if (first)
        rev_hold(l, &h, a->value);
    for (uint32_t i = 0; i < a->apart.n; i++)
        keep_apart(l, &h, a->place, a->apart.at[i], s);
    struct taken t = {.out = false};
    if (is_entry(a->place))
        t = take(l, &h, a->place);
    struct lower_place p = t.out ? taken_place(l, &t) : spot(l, &h, a->place);
    ir_val v = held_or_value(l, &h, a->value);
    if (a->op == OP_ROTL || a->op == OP_ROTR)
        v = as_int(l, a->value, v);
    update_spot(l, &p, update_op(a->op), v, lower_pos(l, s));
    put_back(l, &h, &t);
    rev_drop(l, &h);
}

static void rev_neg_inv(struct lower *l, struct ast *s)
{
    struct ast_update *u = AS(update, s);
    struct rev_holds h = {0};
    hold_place(l, &h, u->place, false);
    struct taken t = {.out = false};
    if (is_entry(u->place))
        t = take(l, &h, u->place);
    struct lower_place p = t.out ? taken_place(l, &t) : spot(l, &h, u->place);
    update_spot(l, &p, update_op(u->op), IR_NONE, lower_pos(l, s));
    put_back(l, &h, &t);
    rev_drop(l, &h);
}

/* Entries of maps, or one and something else: both are taken out, exchanged
 * and put back.  What is taken out stays in its place, so two that are one
 * entry have one value, and keep it. */
static void swap_taken(struct lower *l, const struct rev_holds *h,
                       struct ast_swap *x, struct ir_pos pos)
{
    struct taken a = take(l, h, x->left), b = take(l, h, x->right);
    struct lower_place p = taken_place(l, &a);
    lower_var_write(l, b.var, exchange(l, &p, lower_var_read(l, b.var), pos));
    put_back(l, h, &b);
    put_back(l, h, &a);
}

/* Two variables change places at once.  Otherwise a copy t of the first goes
 * into the second, what comes out into the first; then t is what the second
 * has.  That holds for one and the same place too. */
static void rev_swap(struct lower *l, struct ast *s)
{
    struct ast_swap *x = AS(swap, s);
    struct rev_holds h = {0};
    struct ir_pos pos = lower_pos(l, s);
    int64_t proved = rev_no_words(l);
    hold_place(l, &h, x->left, false);
    hold_place(l, &h, x->right, false);
    if (is_entry(x->left) || is_entry(x->right)) {
        swap_taken(l, &h, x, pos);
        rev_drop(l, &h);
        return;
    }
    struct lower_place p = spot(l, &h, x->left), q = spot(l, &h, x->right);
    if (p.kind == PLACE_VAR && q.kind == PLACE_VAR && p.var == q.var)
        return;
    if (p.kind == PLACE_VAR || q.kind == PLACE_VAR) {
        struct lower_place *var = p.kind == PLACE_VAR ? &p : &q;
        ir_val v =
            exchange(l, var == &p ? &q : &p, lower_var_read(l, var->var), pos);
        lower_var_write(l, var->var, v);
    } else {
        ir_val v = lower_place_read(l, &p);
        v = lower_op(l, s, IR_LOCAL, p.type, v, IR_NONE, proved);
        uint32_t t = rev_begin(l, NULL, v);
        q = spot(l, &h, x->right);
        lower_var_write(l, t, exchange(l, &q, lower_var_read(l, t), pos));
        p = spot(l, &h, x->left);
        lower_var_write(l, t, exchange(l, &p, lower_var_read(l, t), pos));
        q = spot(l, &h, x->right);
        v = lower_place_read(l, &q);
        lower_op(l, s, IR_DELOCAL, LOWER_NONE, rev_end(l, t), v, proved);
    }
    rev_drop(l, &h);
}

/* ---- calls --------------------------------------------------------------- */

static bool asks_to_hold(const struct ast *e)
{
    return e->again || (e->kind == AST_MEMBER && AS(member, e)->base->again) ||
           (e->kind == AST_INDEX &&
            (AS(index, e)->base->again || AS(index, e)->index->again));
}

/* What stands before an argument that is held is taken first as well. */
static void hold_arguments(struct lower *l, struct rev_holds *h,
                           const struct call *c)
{
    uint32_t last = c->nargs;
    while (last && !asks_to_hold(c->args[c->order[last - 1]]))
        last--;
    for (uint32_t i = 0; i < last; i++) {
        uint32_t k = c->order[i];
        struct ast *e = c->args[k];
        if (c->by_ref[k])
            hold_place(l, h, e, i + 1 < last);
        else if (e->again ||
                 (i + 1 < last && e->kind != AST_NAME && e->kind != AST_INT))
            rev_hold(l, h, e);
    }
}

/* The place args[k] does not lie in an object that the callee reaches by
 * another argument as well. */
static void keep_lent_apart(struct lower *l, const struct rev_holds *h,
                            struct ast *e, const struct call *c, uint32_t k)
{
    for (uint32_t p = 0; c->apart && c->apart[k] >> p; p++) {
        if (!(c->apart[k] >> p & 1))
            continue;
        struct lower_place place = spot(l, h, c->args[k]);
        ir_val arg = held_or_value(l, h, c->args[p]);
        ir_val v = lower_op(l, e, IR_SAME, LOWER_BOOL, place.base, arg, 0);
        v = lower_op(l, e, IR_NOT, LOWER_BOOL, v, IR_NONE, 0);
        int64_t words = rev_words_lent(l, c, k, p);
        lower_op(l, e, IR_APART, LOWER_NONE, v, IR_NONE, words);
    }
}

static void keep_all_apart(struct lower *l, const struct rev_holds *h,
                           struct ast *e, const struct call *c)
{
    for (uint32_t i = 0; i < c->nargs; i++)
        for (uint32_t k = 0; c->by_ref[i] && k < i; k++)
            if (c->by_ref[k])
                keep_apart(l, h, c->args[k], c->args[i], e);
    for (uint32_t k = 0; k < c->nargs; k++)
        if (c->by_ref[k])
            keep_lent_apart(l, h, e, c, k);
}

/* The places are promised to be apart before the call and behind it, which is
 * before it in the inverse: plain.c looks at the first of the two alone. */
static void call_fn(struct lower *l, struct ast *e, const struct call *c,
                    enum ir_op op)
{
    struct rev_holds h = {0};
    struct taken *taken = ARENA_ARRAY(l->arena, struct taken, c->nargs + 1);
    ir_val *args = ARENA_ARRAY(l->arena, ir_val, c->nargs + 1);
    hold_arguments(l, &h, c);
    keep_all_apart(l, &h, e, c);
    for (uint32_t k = 0; k < c->nargs; k++)
        if (c->by_ref[k])
            taken[k] = take(l, &h, c->args[k]);
    for (uint32_t k = 0; k < c->nargs; k++)
        args[k] = c->by_ref[k] ? lower_var_read(l, taken[k].var)
                               : held_or_value(l, &h, c->args[k]);
    uint32_t sig = lower_instance_of(l, c->sym), n = 0;
    const struct ir_sig *s = &l->mod->sigs.at[sig];
    ir_val *passed = ARENA_ARRAY(l->arena, ir_val, 2 * c->nargs + 1);
    for (uint32_t k = 0; k < c->nargs; k++)
        n += lower_put_vals(l, args[k], passed + n);
    ir_val res = ir_emit_n(l->f, l->blk, op, s->results, s->nresults, passed, n,
                           sig, lower_pos(l, e));
    for (uint32_t k = 0; k < c->nargs; k++)
        if (c->by_ref[k])
            lower_var_write(l, taken[k].var, res++);
    for (uint32_t k = c->nargs; k-- > 0;)
        if (c->by_ref[k])
            put_back(l, &h, &taken[k]);
    keep_all_apart(l, &h, e, c);
    rev_drop(l, &h);
}

static void push_pop(struct lower *l, struct ast *e, const struct call *c)
{
    struct rev_holds h = {0};
    bool pops = c->builtin == BUILTIN_POP;
    int64_t words = rev_words(l, "", c->args[1]);
    hold_if_asked(l, &h, c->args[0]);
    hold_place(l, &h, c->args[1], false);
    struct taken t = take(l, &h, c->args[1]);
    ir_val list = held_or_value(l, &h, c->args[0]);
    ir_val v = lower_op(l, e, pops ? IR_UPOP : IR_UPUSH, l->vars.at[t.var].type,
                        list, lower_var_read(l, t.var), words);
    lower_var_write(l, t.var, v);
    put_back(l, &h, &t);
    rev_drop(l, &h);
}

/* xs.swap(i, j), xs.reverse() */
static void rearrange(struct lower *l, struct ast *e, const struct call *c,
                      const char *native)
{
    struct rev_holds h = {0};
    ir_val args[3];
    hold_arguments(l, &h, c);
    for (uint32_t i = 0; i < c->nargs; i++) {
        args[i] = held_or_value(l, &h, c->args[i]);
        if (i)
            args[i] = as_int(l, c->args[i], args[i]);
    }
    lower_native(l, e, native, LOWER_NONE, args, c->nargs);
    rev_drop(l, &h);
}

/* With a message, it is made and raised by a function of its own. */
static void assertion(struct lower *l, struct ast *e, const struct call *c)
{
    bool whole = c->nargs > 1;
    ir_val v = whole ? apart(l, e) : rev_value(l, c->args[0]);
    int64_t words = rev_no_words(l);
    if (!whole) {
        struct bytes b = bytes_in(l->u->mem);
        bytes_str(&b, "assertion failed: ");
        rev_add_source(l, &b, c->args[0]);
        words = ir_add_string(l->mod, (const char *)b.at, (uint32_t)b.n);
        bytes_free(&b);
    }
    lower_op(l, e, IR_ASSERT, LOWER_NONE, v, IR_NONE, words);
}

static void rev_call(struct lower *l, struct ast *e)
{
    const struct call *c = AS(call, e)->call;
    if (c->kind == CALL_FN) {
        call_fn(l, e, c, IR_CALL);
        return;
    }
    switch (c->builtin) {
    case BUILTIN_PUSH:
    case BUILTIN_POP: push_pop(l, e, c); break;
    case BUILTIN_SWAP: rearrange(l, e, c, "list_swap"); break;
    case BUILTIN_REVERSE: rearrange(l, e, c, "list_reverse"); break;
    default: assertion(l, e, c);
    }
}

void rev_update(struct lower *l, struct ast *s)
{
    switch (s->kind) {
    case AST_OPASSIGN: rev_opassign(l, s); break;
    case AST_UPDATE: rev_neg_inv(l, s); break;
    case AST_SWAP: rev_swap(l, s); break;
    case AST_UNCALL: {
        struct ast *call = AS(uncall, s)->call;
        call_fn(l, call, AS(call, call)->call, IR_UNCALL);
        break;
    }
    default: rev_call(l, s);
    }
}
