/* lower_time.c - undo, try, keep, and leaving their scopes.
 *
 *   undo { B }                       try { B } undo e { H }
 *     setflag false    (if B keeps)    mark try ─────────┐ an error in B
 *     mark undo                        B                 ▼
 *     B                                keep          landing(e): H
 *     flag? keep : undo                └────► end ◄──────┘
 *
 * Nothing is saved at a mark: values from before it are still there.  Where
 * a scope is undone, the variables it changed have their values from before
 * (lower_restore, or at a landing, the values that dominate it); the value of
 * a block or of a return was computed before the scope is left and goes
 * along.
 *
 * A keep flag is a register written in place, which an inner try's reversal
 * must reset like a variable: a try whose body holds a keep of an undo around
 * it reads the flag before its mark and writes it back in its landing. */
#include "frontend/lower.h"

static ir_val flag_read(struct lower *l, uint16_t flag, const struct ast *at)
{
    return lower_op(l, at, IR_GETFLAG, LOWER_BOOL, IR_NONE, IR_NONE, flag);
}

static void flag_write(struct lower *l, uint16_t flag, ir_val v,
                       const struct ast *at)
{
    lower_op(l, at, IR_SETFLAG, LOWER_NONE, v, IR_NONE, flag);
}

static void flag_set(struct lower *l, uint16_t flag, bool to,
                     const struct ast *at)
{
    flag_write(l, flag, lower_const(l, at, LOWER_BOOL, to), at);
}

/* ---- leaving ------------------------------------------------------------- */

static void close_kept(struct lower *l, const struct ast *at)
{
    lower_op(l, at, IR_KEEP, LOWER_NONE, IR_NONE, IR_NONE, 0);
}

static void close_undone(struct lower *l, const struct lower_scope *s,
                         const struct ast *at)
{
    lower_op(l, at, IR_UNDO, LOWER_NONE, IR_NONE, IR_NONE, 0);
    lower_restore(l, s->region);
}

static void close_by_flag(struct lower *l, const struct lower_scope *s,
                          const struct ast *at)
{
    ir_val kept = flag_read(l, s->flag, at);
    struct lower_region r;
    lower_region_open(l, &r);
    struct lower_label keep = lower_label_new(l), undo = keep, end = keep;
    lower_branch(l, kept, &keep, &undo, at);
    lower_bind(l, &keep);
    close_kept(l, at);
    lower_goto(l, &end, at);
    lower_bind(l, &undo);
    close_undone(l, s, at);
    lower_goto(l, &end, at);
    lower_bind_last(l, &end);
}

void lower_leave(struct lower *l, const struct lower_scope *until,
                 const struct ast *at)
{
    for (const struct lower_scope *s = l->scope; s != until && !lower_dead(l);
         s = s->outer) {
        if (s->kind == LOWER_TRY)
            close_kept(l, at);
        else if (s->kind == LOWER_UNDO && s->flag == UINT16_MAX)
            close_undone(l, s, at);
        else if (s->kind == LOWER_UNDO)
            close_by_flag(l, s, at);
    }
}

/* ---- undo ---------------------------------------------------------------- */

/* A temporary for the value of e; UINT32_MAX where it has none. */
static uint32_t result_of(struct lower *l, const struct ast *e)
{
    if (!lower_has_value(e->type))
        return UINT32_MAX;
    return lower_var_new(l, NULL, lower_type(l, e->type));
}

static const struct lower_scope *innermost_undo(const struct lower *l)
{
    const struct lower_scope *s = l->scope;
    while (s && s->kind != LOWER_UNDO)
        s = s->outer;
    return s;
}

/* A keep flag that no scope around uses; scopes side by side share one. */
static uint16_t free_flag(struct lower *l)
{
    uint16_t flag = 0;
    for (const struct lower_scope *s = l->scope; s; s = s->outer)
        if (s->kind == LOWER_UNDO && s->flag != UINT16_MAX)
            flag++;
    if (flag >= l->f->nflags)
        l->f->nflags = flag + 1u;
    return flag;
}

ir_val lower_undo(struct lower *l, struct ast *e)
{
    struct ast_undo *u = AS(undo, e);
    uint32_t result = result_of(l, e);
    struct lower_scope scope = {
        .kind = LOWER_UNDO, .node = e, .outer = l->scope, .flag = UINT16_MAX};
    if (u->has_keep) {
        scope.flag = free_flag(l);
        flag_set(l, scope.flag, false, e);
    }
    struct lower_region r;
    lower_region_open(l, &r);
    scope.region = &r;
    struct lower_label end = lower_label_new(l);
    lower_mark(l, IR_MARK_UNDO, scope.flag, NULL, e);
    l->scope = &scope;
    ir_val v = lower_expr(l, u->body);
    lower_leave(l, scope.outer, e);
    l->scope = scope.outer;
    lower_var_write(l, result, v);
    lower_goto(l, &end, e);
    lower_bind_last(l, &end);
    return lower_var_read(l, result);
}

void lower_keep(struct lower *l, struct ast *s)
{
    const struct ast *target = (const struct ast *)AS(keep, s)->target;
    for (const struct lower_scope *k = l->scope; k; k = k->outer)
        if (k->node == target && k->flag != UINT16_MAX) {
            flag_set(l, k->flag, true, s);
            return;
        }
}

/* ---- try ----------------------------------------------------------------- */

/* try BODY undo NAME HANDLER, and with no name the expression form. */
static ir_val attempt(struct lower *l, struct ast *e, struct ast *body,
                      struct sym *name, struct ast *handler, bool holds_keep)
{
    uint32_t result = result_of(l, e);
    const struct lower_scope *keeper = holds_keep ? innermost_undo(l) : NULL;
    if (keeper && keeper->flag == UINT16_MAX)
        keeper = NULL;
    ir_val flag = keeper ? flag_read(l, keeper->flag, e) : IR_NONE;

    struct lower_region r;
    lower_region_open(l, &r);
    struct lower_label landing = lower_label_new(l), end = landing;
    ir_val error = lower_mark(l, IR_MARK_TRY, UINT16_MAX, &landing, e);
    struct lower_scope scope = {
        .kind = LOWER_TRY, .node = e, .outer = l->scope};
    l->scope = &scope;
    ir_val v = lower_expr(l, body);
    lower_leave(l, scope.outer, e);
    l->scope = scope.outer;
    lower_var_write(l, result, v);
    lower_goto(l, &end, e);

    lower_bind(l, &landing);
    if (keeper)
        flag_write(l, keeper->flag, flag, e);
    if (name)
        lower_var_write(l, lower_var_new(l, name, ir_ref(PVM_T_ERROR)), error);
    v = lower_expr(l, handler);
    lower_var_write(l, result, v);
    lower_goto(l, &end, e);
    lower_bind_last(l, &end);
    return lower_var_read(l, result);
}

ir_val lower_try(struct lower *l, struct ast *e)
{
    struct ast_try *t = AS(try, e);
    return attempt(l, e, t->body, t->sym, t->handler, t->holds_keep);
}

ir_val lower_try_else(struct lower *l, struct ast *e)
{
    struct ast_try_else *t = AS(try_else, e);
    return attempt(l, e, t->value, NULL, t->otherwise, t->holds_keep);
}
