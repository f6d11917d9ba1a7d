/* lower_place.c - places: evaluated once, then read and written.
 *
 * Evaluating a place evaluates the expressions in it, in order, and nothing
 * else: bounds are checked by the read or write, so that in `xs[i] = e` a bad
 * index fails after e was evaluated, and `xs[i] += e` reads before e. */
#include "frontend/lower.h"

static struct lower_place place_name(struct lower *l, struct ast *e)
{
    struct lower_place p = {.at = e, .type = lower_type(l, e->type)};
    const struct sym *sym = sema_var(e);
    if (sym->kind == SYM_GLOBAL) {
        p.kind = PLACE_GLOBAL;
        p.word = sym->index;
    } else {
        p.kind = PLACE_VAR;
        p.var = lower_var_of(l, sym);
        if (sym->cell) {
            p.kind = PLACE_FIELD;
            p.base = lower_var_read(l, p.var);
            p.of = e->type;
        }
    }
    return p;
}

struct lower_place lower_place(struct lower *l, struct ast *e)
{
    struct lower_place p = {.at = e};
    if (lower_dead(l))
        return p;
    switch (e->kind) {
    case AST_NAME: return place_name(l, e);
    case AST_MEMBER:
        if (AS(member, e)->global)
            return place_name(l, e);
        p.kind = PLACE_FIELD;
        p.base = lower_expr(l, AS(member, e)->base);
        if (AS(member, e)->field) /* none where the base leaves */
            p.word = AS(member, e)->field->word;
        break;
    case AST_INDEX:
        p.kind = PLACE_ITEM;
        p.base = lower_expr(l, AS(index, e)->base);
        if (AS(index, e)->base->type->kind == TYPE_MAP) {
            p.kind = PLACE_ENTRY;
            p.map = AS(index, e)->base->type;
            p.index = lower_expr(l, AS(index, e)->index);
            break;
        }
        p.index = lower_widened(l, AS(index, e)->index);
        break;
    default: /* the checker lets no other place through */ break;
    }
    p.type = lower_type(l, e->type);
    p.of = e->type;
    if (lower_dead(l))
        p.kind = PLACE_NONE;
    return p;
}

ir_val lower_load_word(struct lower *l, const struct ast *at, ir_type t,
                       ir_val object, uint32_t word)
{
    enum ir_op op = object == IR_NONE ? IR_LDG : IR_LDF;
    if (!lower_is_pair_type(t))
        return lower_op(l, at, op, t, object, IR_NONE, word);
    ir_val has = lower_op(l, at, op, LOWER_BOOL, object, IR_NONE, word);
    return lower_pair(l, has,
                      lower_op(l, at, op, lower_held_type(t), object, IR_NONE,
                               (int64_t)word + 1));
}

void lower_store_word(struct lower *l, const struct ast *at, ir_val object,
                      uint32_t word, ir_val v)
{
    ir_val parts[2];
    if (lower_dead(l))
        return;
    uint32_t n = lower_put_vals(l, v, parts);
    for (uint32_t i = 0; i < n; i++)
        if (object == IR_NONE)
            lower_op(l, at, IR_STG, LOWER_NONE, parts[i], IR_NONE, word + i);
        else
            lower_op(l, at, IR_STF, LOWER_NONE, object, parts[i], word + i);
}

ir_val lower_place_read(struct lower *l, const struct lower_place *p)
{
    switch (p->kind) {
    case PLACE_VAR: return lower_var_read(l, p->var);
    case PLACE_GLOBAL:
        return lower_load_word(l, p->at, p->type, IR_NONE, p->word);
    case PLACE_FIELD:
        return lower_load_word(l, p->at, p->type, p->base, p->word);
    case PLACE_ITEM: return lower_item_at(l, p->at, p->of, p->base, p->index);
    case PLACE_ENTRY: return lower_map_get(l, p->at, p->map, p->base, p->index);
    default: return IR_NONE;
    }
}

void lower_place_write(struct lower *l, const struct lower_place *p, ir_val v)
{
    if (lower_dead(l))
        return;
    ir_val item[] = {p->base, p->index, v};
    switch (p->kind) {
    case PLACE_VAR: lower_var_write(l, p->var, v); break;
    case PLACE_GLOBAL: lower_store_word(l, p->at, IR_NONE, p->word, v); break;
    case PLACE_FIELD: lower_store_word(l, p->at, p->base, p->word, v); break;
    case PLACE_ITEM:
        item[2] = lower_boxed(l, p->at, p->of, v);
        ir_emit_n(l->f, l->blk, IR_STE, NULL, 0, item, 3, 0,
                  lower_pos(l, p->at));
        break;
    case PLACE_ENTRY:
        lower_map_put(l, p->at, p->map, p->base, p->index, v);
        break;
    default: break;
    }
}

/* Whether only running can tell that the places differ: items of lists of one
 * type, or one field of structs of one type. */
static bool may_be_one(const struct lower *l, const struct lower_place *p,
                       const struct lower_place *q)
{
    if (p->kind != q->kind || p->kind < PLACE_FIELD)
        return false;
    return ir_type_of(l->f, p->base).type == ir_type_of(l->f, q->base).type &&
           (p->kind != PLACE_FIELD || p->word == q->word);
}

static ir_val same_place(struct lower *l, const struct lower_place *p,
                         const struct lower_place *q, const struct ast *at)
{
    ir_val index = IR_NONE;
    if (p->kind == PLACE_ITEM)
        index = lower_op(l, at, IR_EQ, LOWER_BOOL, p->index, q->index, 0);
    if (p->kind == PLACE_ENTRY)
        index = lower_equal(l, at, p->map->args[0], p->index, q->index);
    if (p->base == q->base && index != IR_NONE)
        return index;
    ir_val base = lower_op(l, at, IR_SAME, LOWER_BOOL, p->base, q->base, 0);
    if (index == IR_NONE)
        return base;
    return lower_op(l, at, IR_AND, LOWER_BOOL, base, index, 0);
}

void lower_place_apart(struct lower *l, const struct lower_place *p,
                       const struct lower_place *q, const struct ast *at)
{
    static const char message[] = "two & arguments are the same place";
    if (lower_dead(l) || !may_be_one(l, p, q))
        return;
    ir_val same = same_place(l, p, q, at);
    struct lower_region r;
    lower_region_open(l, &r);
    struct lower_label one = lower_label_new(l), apart = lower_label_new(l);
    lower_branch(l, same, &one, &apart, at);
    lower_bind(l, &one);
    lower_raise(l, at, lower_str(l, at, message, sizeof message - 1), "assert");
    lower_bind_last(l, &apart);
}
