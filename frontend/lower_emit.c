/* lower_emit.c - instructions, constants and their places in the source. */
#include "frontend/lower.h"

#include <string.h>

/* Code points that begin in text[from..to). */
static uint32_t points_between(const struct source *s, uint32_t from,
                               uint32_t to)
{
    uint32_t n = 0;
    for (uint32_t i = from; i < to; i++)
        n += ((uint8_t)s->text[i] & 0xc0) != 0x80;
    return n;
}

static uint32_t between(uint32_t a, uint32_t b)
{
    return a < b ? b - a : a - b;
}

/* Places are asked for in nearly ascending order, but for one that they may
 * come back to (an interpolation's start, after each of its parts).  So two are
 * remembered, the distance to the nearer is counted, and a far step replaces
 * the other: a program on a single long line stays linear. */
struct ir_pos lower_pos(struct lower *l, const struct ast *at)
{
    const struct source *s = l->src;
    int k = between(l->near[1].pos, at->pos) < between(l->near[0].pos, at->pos);
    struct lower_near n = l->near[k];
    uint32_t line = n.at.line;
    if (between(n.pos, at->pos) > LOWER_NEAR)
        k = !k;
    if (line && at->pos >= s->lines[line - 1] &&
        (line == s->nlines || at->pos < s->lines[line])) {
        if (at->pos >= n.pos)
            n.at.column += points_between(s, n.pos, at->pos);
        else
            n.at.column -= points_between(s, at->pos, n.pos);
    } else {
        source_place(s, at->pos, &n.at.line, &n.at.column);
    }
    n.pos = at->pos;
    l->near[k] = n;
    return n.at;
}

ir_val lower_op(struct lower *l, const struct ast *at, enum ir_op op, ir_type t,
                ir_val x, ir_val y, int64_t imm)
{
    if (lower_dead(l))
        return IR_NONE;
    return ir_emit(l->f, l->blk, op, t, x, y, imm, lower_pos(l, at));
}

ir_val lower_native(struct lower *l, const struct ast *at, const char *name,
                    ir_type t, const ir_val *args, uint32_t nargs)
{
    if (lower_dead(l))
        return IR_NONE;
    uint32_t nres = t.kind == PVM_NONE ? 0 : 1;
    return ir_emit_n(l->f, l->blk, IR_NATIVE, &t, nres, args, nargs,
                     ir_native(name), lower_pos(l, at));
}

ir_val lower_const(struct lower *l, const struct ast *at, ir_type t,
                   int64_t bits)
{
    return lower_op(l, at, IR_CONST, t, IR_NONE, IR_NONE, bits);
}

ir_val lower_int(struct lower *l, const struct ast *at, int64_t value)
{
    return lower_const(l, at, LOWER_INT, value);
}

ir_val lower_float(struct lower *l, const struct ast *at, double value)
{
    int64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return lower_const(l, at, LOWER_FLOAT, bits);
}

ir_val lower_str(struct lower *l, const struct ast *at, const char *s,
                 uint32_t len)
{
    if (lower_dead(l))
        return IR_NONE;
    return lower_op(l, at, IR_STR, LOWER_STR, IR_NONE, IR_NONE,
                    ir_add_string(l->mod, s ? s : "", len));
}

void lower_raise(struct lower *l, const struct ast *at, ir_val message,
                 const char *kind)
{
    if (lower_dead(l))
        return;
    ir_val args[] = {message, lower_str(l, at, kind, (uint32_t)strlen(kind))};
    ir_val e = lower_native(l, at, "error", ir_ref(PVM_T_ERROR), args, 2);
    ir_fail(l->f, l->blk, e, lower_pos(l, at));
    l->blk = IR_NONE;
}
