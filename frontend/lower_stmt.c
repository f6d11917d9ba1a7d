/* lower_stmt.c - statements, blocks, conditions and loops.
 *
 * Loops are tested at the bottom, behind a guard that tests before the first
 * round:
 *
 *     guard ──► head: body ──► next: test ──► done
 *       │        ▲                    │         ▲
 *       │        └────────────────────┘         │
 *       └───────────────────────────────────────┘
 *
 * so the condition of a while is lowered twice; one that is long, or holds
 * control flow of its own, is tested at the head instead. */
#include "frontend/lower.h"

/* ---- blocks, if ---------------------------------------------------------- */

ir_val lower_block(struct lower *l, struct ast *block)
{
    const struct ast_nodes *stmts = &AS(block, block)->stmts;
    ir_val last = IR_NONE;
    for (uint32_t i = 0; i < stmts->n && !lower_dead(l); i++) {
        if (i + 1 == stmts->n && lower_has_value(block->type))
            last = lower_expr(l, stmts->at[i]);
        else
            lower_stmt(l, stmts->at[i]);
    }
    return last;
}

ir_val lower_if(struct lower *l, struct ast *e)
{
    const struct ast_if *n = AS(if, e);
    uint32_t result = UINT32_MAX;
    if (lower_has_value(e->type))
        result = lower_var_new(l, NULL, lower_type(l, e->type));
    struct lower_region r;
    lower_region_open(l, &r);
    struct lower_label yes = lower_label_new(l), no = yes, end = yes;
    lower_cond(l, n->cond, &yes, n->no ? &no : &end);
    lower_bind(l, &yes);
    lower_var_write(l, result, lower_expr(l, n->yes));
    lower_goto(l, &end, e);
    if (n->no) {
        lower_bind(l, &no);
        lower_var_write(l, result, lower_expr(l, n->no));
        lower_goto(l, &end, e);
    }
    lower_bind_last(l, &end);
    return lower_var_read(l, result);
}

/* The labels belong to open regions; control goes to one of them. */
void lower_cond(struct lower *l, struct ast *e, struct lower_label *yes,
                struct lower_label *no)
{
    if (e->kind == AST_BOOL) {
        lower_goto(l, AS(bool, e)->value ? yes : no, e);
        return;
    }
    if (e->kind == AST_UNARY && AS(unary, e)->op == OP_NOT) {
        lower_cond(l, AS(unary, e)->of, no, yes);
        return;
    }
    if (e->kind == AST_COND_LET) {
        ir_val v = lower_expr(l, AS(cond_let, e)->value);
        if (AS(cond_let, e)->to)
            v = lower_from_any(l, e, AS(cond_let, e)->to, v, no);
        lower_match_pattern(l, AS(cond_let, e)->pattern, v, no);
        lower_goto(l, yes, e);
        return;
    }
    int op = e->kind == AST_BINARY ? AS(binary, e)->op : OP_COUNT;
    if (op == OP_AND || op == OP_OR) {
        struct lower_label right = lower_label_new(l);
        lower_cond(l, AS(binary, e)->left, op == OP_AND ? &right : yes,
                   op == OP_AND ? no : &right);
        lower_bind(l, &right);
        lower_cond(l, AS(binary, e)->right, yes, no);
        return;
    }
    ir_val c = lower_expr(l, e);
    lower_branch(l, c, yes, no, e);
}

/* ---- loops --------------------------------------------------------------- */

enum { TWICE_MAX = 40 }; /* nodes of a condition that is lowered twice */

static void count_nodes(void *arg, struct ast *node)
{
    uint32_t *n = arg;
    switch (node->kind) {
    case AST_BLOCK:
    case AST_IF:
    case AST_FN:
    case AST_MATCH:
    case AST_COND_LET:
    case AST_TRY_ELSE:
    case AST_INTERP: *n += TWICE_MAX + 1; return;
    default: break;
    }
    if (++*n <= TWICE_MAX)
        ast_children(node, count_nodes, arg);
}

static bool may_stand_twice(struct ast *cond)
{
    uint32_t n = 0;
    count_nodes(&n, cond);
    return n <= TWICE_MAX;
}

void lower_loop_push(struct lower *l, struct lower_scope *s, struct ast *e,
                     struct lower_label *next, struct lower_label *done)
{
    *s = (struct lower_scope){.kind = LOWER_LOOP,
                              .node = e,
                              .outer = l->scope,
                              .next = next,
                              .done = done,
                              .flag = UINT16_MAX};
    l->scope = s;
}

void lower_loop_pop(struct lower *l)
{
    l->scope = l->scope->outer;
}

static void while_guarded(struct lower *l, struct ast *e)
{
    const struct ast_while *w = AS(while, e);
    struct lower_region r;
    lower_region_open(l, &r);
    struct lower_label first = lower_label_new(l), next = first, done = first;
    struct lower_label head;
    lower_cond(l, w->cond, &first, &done);
    lower_bind(l, &first);
    struct ast *const parts[] = {w->cond, w->body};
    lower_loop_head(l, &head, parts, 2, UINT32_MAX, e);
    struct lower_scope s;
    lower_loop_push(l, &s, e, &next, &done);
    lower_expr(l, w->body);
    lower_loop_pop(l);
    lower_goto(l, &next, e);
    lower_bind(l, &next);
    lower_cond(l, w->cond, &head, &done);
    lower_bind_last(l, &done);
}

/* while with its test at the head, and loop, which has none (cond NULL). */
static void loop_from_head(struct lower *l, struct ast *e, struct ast *cond,
                           struct ast *body)
{
    struct lower_region r;
    lower_region_open(l, &r);
    struct lower_label head, inside = lower_label_new(l), done = inside;
    struct ast *const parts[] = {cond, body};
    lower_loop_head(l, &head, parts, 2, UINT32_MAX, e);
    if (cond) {
        lower_cond(l, cond, &inside, &done);
        lower_bind(l, &inside);
    }
    struct lower_scope s;
    lower_loop_push(l, &s, e, &head, &done);
    lower_expr(l, body);
    lower_loop_pop(l);
    lower_goto(l, &head, e);
    lower_bind_last(l, &done);
}

static ir_val count_goes_on(struct lower *l, const struct lower_count *c,
                            ir_val i)
{
    ir_val to = c->to;
    if (to == IR_NONE)
        to = lower_op(l, c->at, IR_LEN, LOWER_INT, c->list, IR_NONE, 0);
    return lower_op(l, c->at, IR_LT, LOWER_BOOL, i, to, 0);
}

void lower_count(struct lower *l, const struct lower_count *c)
{
    uint32_t i = lower_var_new(l, NULL, c->type);
    lower_var_write(l, i, c->from);
    struct lower_region r;
    lower_region_open(l, &r);
    struct lower_label first = lower_label_new(l), next = first, done = first;
    struct lower_label head;
    lower_branch(l, count_goes_on(l, c, c->from), &first, &done, c->at);
    lower_bind(l, &first);
    lower_loop_head(l, &head, &c->body, 1, i, c->at);
    struct lower_scope s;
    lower_loop_push(l, &s, c->node, &next, &done);
    c->each(l, c, lower_var_read(l, i));
    lower_loop_pop(l);
    lower_goto(l, &next, c->at);
    lower_bind(l, &next);
    ir_val up = lower_op(l, c->at, IR_ADD, c->type, lower_var_read(l, i),
                         lower_const(l, c->at, c->type, 1), 0);
    lower_var_write(l, i, up);
    lower_branch(l, count_goes_on(l, c, up), &head, &done, c->at);
    lower_bind_last(l, &done);
}

/* The built-in function that an iterated expression calls; such a call is not
 * made: the loop goes over what it would list. */
static int builtin_of(const struct ast *iter)
{
    const struct call *c = iter->kind == AST_CALL ? AS(call, iter)->call : NULL;
    return c && c->kind == CALL_BUILTIN ? c->builtin : BUILTIN_NONE;
}

/* Of `for p in enumerate(xs)`; a pattern of two needs no tuple. */
static void bind_numbered(struct lower *l, const struct lower_count *c,
                          ir_val i)
{
    const struct ast_for *f = AS(for, c->node);
    struct type *pair = f->iter->type->args[0];
    ir_val parts[] = {i, lower_item_at(l, f->iter, pair->args[1], c->list, i)};
    if (f->pattern->kind != AST_PAT_TUPLE) {
        lower_match_pattern(l, f->pattern,
                            lower_object(l, f->iter, pair, parts), NULL);
        return;
    }
    for (uint32_t k = 0; k < 2; k++)
        lower_match_pattern(l, AS(pat_tuple, f->pattern)->items.at[k], parts[k],
                            NULL);
}

static void for_each(struct lower *l, const struct lower_count *c, ir_val i)
{
    const struct ast_for *f = AS(for, c->node);
    struct ast *iter = f->iter;
    if (c->list != IR_NONE && builtin_of(iter) == BUILTIN_ENUMERATE) {
        bind_numbered(l, c, i);
    } else if (c->list != IR_NONE) {
        struct type *item = iter->type->args[0];
        i = lower_item_at(l, iter, item, c->list, i);
        lower_match_pattern(l, f->pattern, i, NULL);
    } else {
        lower_match_pattern(l, f->pattern, i, NULL);
    }
    lower_expr(l, f->body);
}

static void for_loop(struct lower *l, struct ast *e)
{
    struct ast *iter = AS(for, e)->iter;
    struct lower_count c = {.at = iter,
                            .type = LOWER_INT,
                            .to = IR_NONE,
                            .list = IR_NONE,
                            .node = e,
                            .body = AS(for, e)->body,
                            .each = for_each};
    int listed = builtin_of(iter);
    if ((iter->type && iter->type->kind == TYPE_MAP) ||
        listed == BUILTIN_KEYS || listed == BUILTIN_VALUES) {
        lower_map_loop(l, e, listed);
        return;
    }
    if (iter->kind == AST_RANGE) {
        const struct ast_range *r = AS(range, iter);
        c.from = lower_expr(l, r->from);
        c.to = lower_expr(l, r->to);
        c.type = lower_type(l, r->from->type);
    } else {
        c.list = lower_expr(l, listed == BUILTIN_ENUMERATE
                                   ? AS(call, iter)->call->args[0]
                                   : iter);
        c.from = lower_int(l, iter, 0);
    }
    if (!lower_dead(l))
        lower_count(l, &c);
}

/* A loop over a type that has a function next. */
static void for_next(struct lower *l, struct ast *e)
{
    const struct ast_for *f = AS(for, e);
    lower_declare(l, f->iter, f->it, lower_expr(l, f->iter));
    if (lower_dead(l))
        return;
    struct lower_region r;
    lower_region_open(l, &r);
    struct lower_label head, inside = lower_label_new(l), done = inside;
    lower_loop_head(l, &head, &f->body, 1, UINT32_MAX, e);
    ir_val v = lower_expr(l, f->next);
    struct type *t = f->next->type;
    if (!lower_dead(l))
        lower_branch(l, lower_has(l, f->iter, t, v), &inside, &done, f->iter);
    lower_bind(l, &inside);
    lower_match_pattern(l, f->pattern, lower_held(l, t, v), NULL);
    struct lower_scope s;
    lower_loop_push(l, &s, e, &head, &done);
    lower_expr(l, f->body);
    lower_loop_pop(l);
    lower_goto(l, &head, e);
    lower_bind_last(l, &done);
}

static void lower_loop(struct lower *l, struct ast *e)
{
    if (e->kind == AST_LOOP)
        loop_from_head(l, e, NULL, AS(loop, e)->body);
    else if (e->kind == AST_FOR && AS(for, e)->next)
        for_next(l, e);
    else if (e->kind == AST_FOR)
        for_loop(l, e);
    else if (may_stand_twice(AS(while, e)->cond))
        while_guarded(l, e);
    else
        loop_from_head(l, e, AS(while, e)->cond, AS(while, e)->body);
}

/* ---- jumps --------------------------------------------------------------- */

static void jump_out(struct lower *l, struct ast *e)
{
    bool breaks = e->kind == AST_BREAK;
    const struct ast *target =
        breaks ? AS(break, e)->target : AS(continue, e)->target;
    const struct lower_scope *s = l->scope;
    while (s && (s->kind != LOWER_LOOP || s->node != target))
        s = s->outer;
    if (!s)
        return;
    lower_leave(l, s, e);
    lower_goto(l, breaks ? s->done : s->next, e);
}

void lower_return(struct lower *l, const struct ast *at, ir_val v)
{
    lower_leave(l, NULL, at);
    if (lower_dead(l))
        return;
    ir_val *results = ARENA_ARRAY(l->arena, ir_val, 2 * l->muts.n + 2);
    uint32_t n = v == IR_NONE ? 0 : lower_put_vals(l, v, results);
    for (uint32_t i = 0; i < l->muts.n; i++) {
        const struct sym *sym = l->vars.at[l->muts.at[i]].sym;
        n += lower_put_vals(l, lower_sym_read(l, at, sym), results + n);
    }
    ir_return(l->f, l->blk, results, n, lower_pos(l, at));
    l->blk = IR_NONE;
}

static void return_value(struct lower *l, struct ast *e)
{
    struct ast *value = AS(return, e)->value;
    ir_val v = value ? lower_expr(l, value) : IR_NONE;
    lower_return(l, e, v);
}

/* ---- assignments --------------------------------------------------------- */

void lower_declare(struct lower *l, const struct ast *at, struct sym *sym,
                   ir_val v)
{
    ir_type t =
        sym->cell ? lower_cell_type(l, sym->type) : lower_type(l, sym->type);
    if (sym->cell)
        v = lower_cell(l, at, sym->type, v);
    lower_var_write(l, lower_var_new(l, sym, t), v);
}

static void bind(struct lower *l, struct ast *s)
{
    const struct ast_bind *b = AS(bind, s);
    lower_match_pattern(l, b->pattern, lower_expr(l, b->value), NULL);
}

static void assign(struct lower *l, struct ast *s)
{
    const struct ast_assign *a = AS(assign, s);
    struct lower_place p = lower_place(l, a->place);
    ir_val v = lower_expr(l, a->value);
    lower_place_write(l, &p, v);
}

static void assign_op(struct lower *l, struct ast *s)
{
    const struct ast_opassign *a = AS(opassign, s);
    struct lower_place p = lower_place(l, a->place);
    ir_val x = lower_place_read(l, &p);
    ir_val y = lower_operand(l, a->op, a->value);
    if (lower_dead(l))
        return;
    lower_place_write(l, &p, lower_arith(l, s, a->op, a->place->type, x, y));
}

static void swap(struct lower *l, struct ast *s)
{
    struct lower_place p = lower_place(l, AS(swap, s)->left);
    struct lower_place q = lower_place(l, AS(swap, s)->right);
    ir_val x = lower_place_read(l, &p), y = lower_place_read(l, &q);
    lower_place_write(l, &p, y);
    lower_place_write(l, &q, x);
}

void lower_stmt(struct lower *l, struct ast *s)
{
    if (lower_dead(l))
        return;
    switch (s->kind) {
    case AST_BIND: bind(l, s); break;
    case AST_ASSIGN: assign(l, s); break;
    case AST_OPASSIGN: assign_op(l, s); break;
    case AST_SWAP: swap(l, s); break;
    case AST_KEEP: lower_keep(l, s); break;
    case AST_WHILE:
    case AST_LOOP:
    case AST_FOR: lower_loop(l, s); break;
    case AST_BREAK:
    case AST_CONTINUE: jump_out(l, s); break;
    case AST_RETURN: return_value(l, s); break;
    case AST_UNCALL: lower_uncall(l, s); break;
    case AST_FN:
        if (AS(fn, s)->name)
            lower_local_fn(l, s);
        break;
    default: /* an expression; the checker lets nothing else through */
        if (ast_is_expr(s))
            lower_expr(l, s);
        break;
    }
}
