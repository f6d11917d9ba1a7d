/* check_rev_cond.c - the conditions that reversible functions assert.
 *
 * fi, from, until and delocal are checked when the program runs.  Where
 * constants, and variables that nothing between updates, already show that the
 * check would fail, it is refuted, which is an error. */
#include "frontend/check_rev.h"

/* ---- what an expression is known to be ----------------------------------- */

bool cond_linear(const struct ast *e, const struct sym **sym, uint64_t *add)
{
    const struct sym *ls, *rs;
    uint64_t l, r;
    const struct ast_binary *b;

    switch (e->kind) {
    case AST_INT:
        *sym = NULL;
        *add = AS(int, e)->value;
        return e->type != &type_float;
    case AST_BOOL:
        *sym = NULL;
        *add = AS(bool, e)->value != 0;
        return true;
    case AST_NAME:
        *sym = AS(name, e)->sym;
        *add = 0;
        return *sym && (e->type == &type_int || e->type == &type_bool);
    case AST_UNARY:
        if (AS(unary, e)->op != OP_NEG || e->type != &type_int ||
            !cond_linear(AS(unary, e)->of, sym, add) || *sym)
            return false;
        *add = -*add;
        return true;
    case AST_BINARY:
        b = AS(binary, e);
        if ((b->op != OP_ADD && b->op != OP_SUB) || e->type != &type_int ||
            !cond_linear(b->left, &ls, &l) || !cond_linear(b->right, &rs, &r) ||
            (ls && rs) || (rs && b->op == OP_SUB))
            return false;
        *sym = ls ? ls : rs;
        *add = b->op == OP_ADD ? l + r : l - r;
        return true;
    default: return false;
    }
}

enum known { KNOWN_FALSE, KNOWN_TRUE, UNKNOWN };

static enum known negate(enum known k)
{
    return k == UNKNOWN ? k : (enum known) !k;
}

static enum known compare(int op, const struct ast *l, const struct ast *r)
{
    const struct sym *ls, *rs;
    uint64_t a, b;

    if (!cond_linear(l, &ls, &a) || !cond_linear(r, &rs, &b) || ls != rs)
        return UNKNOWN;
    switch (op) {
    case OP_EQ: return (enum known)(a == b);
    case OP_NE: return (enum known)(a != b);
    case OP_LT: return ls ? UNKNOWN : (enum known)((int64_t)a < (int64_t)b);
    case OP_LE: return ls ? UNKNOWN : (enum known)((int64_t)a <= (int64_t)b);
    case OP_GT: return ls ? UNKNOWN : (enum known)((int64_t)a > (int64_t)b);
    case OP_GE: return ls ? UNKNOWN : (enum known)((int64_t)a >= (int64_t)b);
    default: return UNKNOWN;
    }
}

/* A condition that has one value whatever the variables hold. */
static enum known value_of(const struct ast *e)
{
    const struct ast_binary *b;

    if (e->kind == AST_BOOL)
        return AS(bool, e)->value ? KNOWN_TRUE : KNOWN_FALSE;
    if (e->kind == AST_UNARY && AS(unary, e)->op == OP_NOT)
        return negate(value_of(AS(unary, e)->of));
    if (e->kind != AST_BINARY)
        return UNKNOWN;
    b = AS(binary, e);
    if (b->op == OP_AND || b->op == OP_OR) {
        enum known l = value_of(b->left), r = value_of(b->right);
        enum known decides = b->op == OP_AND ? KNOWN_FALSE : KNOWN_TRUE;
        return l == decides || r == decides ? decides : l == r ? l : UNKNOWN;
    }
    return compare(b->op, b->left, b->right);
}

static int opposite(int op)
{
    switch (op) {
    case OP_EQ: return OP_NE;
    case OP_NE: return OP_EQ;
    case OP_LT: return OP_GE;
    case OP_GE: return OP_LT;
    case OP_GT: return OP_LE;
    case OP_LE: return OP_GT;
    default: return OP_COUNT;
    }
}

/* What e is where `given` holds, both over the same values. */
static enum known where(const struct ast *e, const struct ast *given)
{
    const struct ast_binary *a, *b;
    const struct sym *as, *bs;
    uint64_t an, bn;

    if (value_of(e) != UNKNOWN)
        return value_of(e);
    if (hold_same(e, given))
        return KNOWN_TRUE;
    if (e->kind == AST_UNARY && AS(unary, e)->op == OP_NOT)
        return negate(where(AS(unary, e)->of, given));
    if (given->kind == AST_UNARY && AS(unary, given)->op == OP_NOT)
        return hold_same(e, AS(unary, given)->of) ? KNOWN_FALSE : UNKNOWN;
    if (e->kind != AST_BINARY || given->kind != AST_BINARY)
        return UNKNOWN;
    a = AS(binary, e);
    b = AS(binary, given);
    if (!hold_same(a->left, b->left))
        return UNKNOWN;
    if (hold_same(a->right, b->right) && opposite(a->op) == b->op)
        return KNOWN_FALSE;
    if (a->op == OP_EQ && b->op == OP_EQ && cond_linear(a->right, &as, &an) &&
        cond_linear(b->right, &bs, &bn) && as == bs && an != bn)
        return KNOWN_FALSE;
    return UNKNOWN;
}

/* ---- what stays as it is ------------------------------------------------- */

struct staying {
    struct rev *r;
    struct ast *over; /* the statement between */
    bool moves;
};

static void find_moving(void *arg, struct ast *e)
{
    struct staying *s = arg;
    const struct sym *sym;

    switch (e->kind) {
    case AST_NAME:
        sym = AS(name, e)->sym;
        s->moves |= !sym || e->type->kind > TYPE_STR ||
                    hold_updates(s->r, s->over, sym);
        break;
    case AST_INT:
    case AST_BOOL:
    case AST_BINARY:
    case AST_UNARY: break;
    default: s->moves = true; return;
    }
    ast_children(e, find_moving, s);
}

/* Whether e is made of constants and variables that the statement leaves. */
static bool stays(struct rev *r, struct ast *e, struct ast *over)
{
    struct staying s = {r, over, false};

    find_moving(&s, e);
    return !s.moves;
}

/* ---- notes --------------------------------------------------------------- */

static int note(struct rev *r, const char *word, struct ast *of, bool refuted,
                const char *why)
{
    struct unit *u = r->c->u;
    enum rev_state state = refuted ? REV_REFUTED : REV_CHECKED;

    if (r->c->module == u->top)
        vec_push_in(u->arena, &u->assertions,
                    (struct assertion){word, of, state});
    if (refuted) {
        diag_at(u->diags, E0526, span_of(r->c, of), word);
        diag_label(u->diags, span_of(r->c, of), "%s", why);
    }
    return (int)state;
}

/* ---- branches and loops -------------------------------------------------- */

static void cond_stmt(struct rev *r, struct ast *e);
static void cond_block(struct rev *r, struct ast *e);

/* Whether the branch that is taken where `entry` is `taken` must end with
 * `fi` otherwise than it can. */
static bool branch_refutes(struct rev *r, const struct ast_rif *x,
                           struct ast *branch, bool taken)
{
    enum known entry = value_of(x->cond), fi = value_of(x->fi);

    if (entry == (taken ? KNOWN_FALSE : KNOWN_TRUE))
        return false; /* it is never taken */
    if (fi == UNKNOWN &&
        (!branch || (stays(r, x->cond, branch) && stays(r, x->fi, branch)))) {
        if (taken)
            fi = where(x->fi, x->cond);
        else if (hold_same(x->fi, x->cond))
            fi = KNOWN_FALSE;
        else if (where(x->cond, x->fi) == KNOWN_FALSE &&
                 where(x->fi, x->cond) == KNOWN_FALSE &&
                 x->fi->kind == AST_BINARY && x->cond->kind == AST_BINARY &&
                 opposite(AS(binary, x->fi)->op) == AS(binary, x->cond)->op &&
                 AS(binary, x->fi)->left->type != &type_float)
            fi = KNOWN_TRUE; /* the two are opposites */
    }
    return fi == (taken ? KNOWN_FALSE : KNOWN_TRUE);
}

/* A constant condition of an `if` is one of `fi` backwards. */
static void say_constant(struct rev *r, struct ast *cond)
{
    struct diags *ds = r->c->u->diags;

    diag_at(ds, E0526, span_of(r->c, cond), "if");
    diag_label(ds, span_of(r->c, cond),
               "always %s: backwards, the other branch could only fail",
               value_of(cond) == KNOWN_TRUE ? "true" : "false");
    diag_help(ds, "write the branch without `if`, and `assert` what `fi` says");
}

static void cond_rif(struct rev *r, struct ast *e)
{
    struct ast_rif *x = AS(rif, e);
    bool chain = x->no && x->no->kind == AST_RIF;
    bool yes = branch_refutes(r, x, x->yes, true);
    bool no = !yes && !chain && branch_refutes(r, x, x->no, false);

    if (!yes && !no && !chain && value_of(x->cond) != UNKNOWN &&
        value_of(x->fi) == UNKNOWN)
        say_constant(r, x->cond);
    cond_block(r, x->yes);
    x->state = note(r, "fi", x->fi, yes || no,
                    yes ? "after the first branch this is false"
                        : "where the first branch was not taken, this must be "
                          "false, and is true");
    if (x->no)
        cond_stmt(r, x->no);
}

static void cond_from(struct rev *r, struct ast *e)
{
    struct ast_from *x = AS(from, e);

    x->entry_state =
        note(r, "from", x->entry, value_of(x->entry) == KNOWN_FALSE,
             "it must be true where the loop is entered");
    cond_block(r, x->body);
    if (x->step)
        cond_block(r, x->step);
    x->exit_state = note(r, "until", x->exit, value_of(x->exit) == KNOWN_FALSE,
                         "it must be true where the loop is left");
}

/* ---- locals -------------------------------------------------------------- */

/* Follows the variable over a statement; false where its value is not known
 * any more. */
static bool follow(struct rev *r, struct ast *e, const struct sym *t,
                   uint64_t *value)
{
    struct ast_opassign *a = AS(opassign, e);
    const struct sym *s;
    uint64_t k;

    if (!hold_updates(r, e, t))
        return true;
    if (e->kind != AST_OPASSIGN || a->place->kind != AST_NAME ||
        t->type != &type_int || !cond_linear(a->value, &s, &k) || s)
        return false;
    switch (a->op) {
    case OP_ADD: *value += k; return true;
    case OP_SUB: *value -= k; return true;
    default: return false;
    }
}

enum { FAR = 400 }; /* statements over which a variable is followed */

/* Whether the value of a delocal is another than that of its variable. */
static bool delocal_refutes(struct rev *r, struct ast_nodes *stmts, uint32_t at)
{
    struct ast_delocal *x = AS(delocal, stmts->at[at]);
    struct ast_local *local = AS(local, x->local);
    const struct sym *from, *to;
    uint64_t value, want;
    uint32_t i = at;

    if (!cond_linear(local->value, &from, &value) ||
        !cond_linear(x->value, &to, &want) || from != to)
        return false;
    while (stmts->at[i] != x->local)
        if (at - i-- > FAR)
            return false;
    while (++i < at)
        if (!follow(r, stmts->at[i], local->sym, &value) ||
            (from && hold_updates(r, stmts->at[i], from)))
            return false;
    return value != want;
}

static void cond_block(struct rev *r, struct ast *e)
{
    struct ast_nodes *stmts = &AS(block, e)->stmts;

    for (uint32_t i = 0; i < stmts->n; i++) {
        struct ast *s = stmts->at[i];
        if (s->kind == AST_DELOCAL)
            AS(delocal, s)->state = note(r, "delocal", AS(delocal, s)->value,
                                         delocal_refutes(r, stmts, i),
                                         "the variable has another value here");
        else
            cond_stmt(r, s);
    }
}

static void cond_stmt(struct rev *r, struct ast *e)
{
    switch (e->kind) {
    case AST_BLOCK: cond_block(r, e); break;
    case AST_RIF: cond_rif(r, e); break;
    case AST_FROM: cond_from(r, e); break;
    case AST_FOR: cond_block(r, AS(for, e)->body);
        break;
    case AST_WITHIN:
        cond_block(r, AS(within, e)->body);
        cond_block(r, AS(within, e)->apply);
        break;
    default: break;
    }
}

void cond_check(struct rev *r, struct ast *body)
{
    cond_block(r, body);
}
