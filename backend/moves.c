/* moves.c - several moves as if made at once.
 *
 * A register may be written once nothing reads it any more; what then remains
 * are cycles, which swaps resolve, or a scratch register where the references
 * of a cycle differ in type.  Constants come last: they read nothing.  The
 * tables by register are clean between calls, so the cost is that of the
 * moves (May 1989; Rideau, Serpette, Leroy 2008). */
#include "backend/emit.h"

void be_move_reg(struct be_out *o, struct be_moves *m, int class, uint32_t from,
                 uint32_t to, uint32_t type)
{
    struct be_move v = {.to = to, .from = from, .type = type};
    if (from != to)
        vec_push_in(o->f->arena, &m->list[class], v);
}

void be_move_value(struct be_out *o, struct be_moves *m, ir_val v, uint32_t to)
{
    struct be_fn *f = o->f;
    uint32_t from = be_moved(f, v);
    if (from != BE_NONE) {
        be_move_reg(o, m, be_class_of(f, from), be_reg(f, from), to,
                    f->types.at[from].type);
        return;
    }
    struct be_move c = {.to = to, .from = BE_NONE};
    c.constant = f->values[f->values[v].alias].def;
    vec_push_in(f->arena, &m->list[be_class_of(f, v)], c);
}

static void move(struct be_out *o, int class, uint32_t to, uint32_t from)
{
    be_word(o, pvm_abc(class == BE_REF ? PVM_MOVR : PVM_MOV, to, from, 0));
}

/* The moves that no cycle holds up; ready is a stack of registers. */
static void move_ready(struct be_out *o, int class, uint32_t *ready, uint32_t n)
{
    uint32_t *source = o->source[class], *readers = o->readers[class];
    while (n) {
        uint32_t to = ready[--n], from = source[to] - 1;
        move(o, class, to, from);
        source[to] = 0;
        if (--readers[from] == 0 && source[from])
            ready[n++] = from;
    }
}

static bool is_one_type(const struct be_out *o, int class, uint32_t start)
{
    uint32_t at = start;
    do {
        uint32_t from = o->source[class][at] - 1;
        if (o->type[class][at] != o->type[class][from])
            return false;
        at = from;
    } while (at != start);
    return true;
}

static void move_cycle(struct be_out *o, int class, uint32_t start)
{
    struct be_fn *f = o->f;
    uint32_t *source = o->source[class], *readers = o->readers[class];
    uint32_t scratch = f->locals[class] + f->window[class];
    bool swaps = class == BE_SCALAR || is_one_type(o, class, start);
    uint32_t at = start;
    if (!swaps) {
        f->scratch[class] = 1;
        move(o, class, scratch, start);
    }
    for (;;) {
        uint32_t from = source[at] - 1;
        source[at] = 0;
        readers[from]--;
        if (from == start)
            break;
        if (swaps)
            be_word(o, pvm_abc(class == BE_REF ? PVM_SWAPR : PVM_SWAP, at, from,
                               0));
        else
            move(o, class, at, from);
        at = from;
    }
    if (!swaps)
        move(o, class, at, scratch);
}

void be_make_moves(struct be_out *o, struct be_moves *m)
{
    for (int c = 0; c < BE_CLASSES; c++) {
        uint32_t n = m->list[c].n, nready = 0;
        if (!n)
            continue;
        uint32_t *ready = ARENA_ARRAY(o->f->arena, uint32_t, n);
        for (uint32_t i = 0; i < n; i++) {
            const struct be_move *v = &m->list[c].at[i];
            if (v->from == BE_NONE)
                continue;
            o->source[c][v->to] = v->from + 1;
            o->type[c][v->to] = v->type;
            o->readers[c][v->from]++;
        }
        for (uint32_t i = 0; i < n; i++) {
            const struct be_move *v = &m->list[c].at[i];
            if (v->from != BE_NONE && o->readers[c][v->to] == 0)
                ready[nready++] = v->to;
        }
        move_ready(o, c, ready, nready);
        for (uint32_t i = 0; i < n; i++)
            if (o->source[c][m->list[c].at[i].to])
                move_cycle(o, c, m->list[c].at[i].to);
        for (uint32_t i = 0; i < n; i++)
            if (m->list[c].at[i].from == BE_NONE)
                be_emit_constant(o, m->list[c].at[i].constant,
                                 m->list[c].at[i].to);
        m->list[c].n = 0;
    }
}
