/* joins.c - the states where control meets: which registers live, with what
 * types, and which mark is open. */
#include "backend/emit.h"

/* Text and images list references first, each class by register. */
static uint32_t rank(const struct pvm_live *l)
{
    return (l->is_ref ? 0 : 0x10000u) | l->reg;
}

/* Shell sort: the lists are short, and near their order. */
static void sort(struct pvm_live *at, uint32_t n)
{
    uint32_t gap = 1;
    while (gap < n / 3)
        gap = gap * 3 + 1;
    for (; gap; gap /= 3)
        for (uint32_t i = gap; i < n; i++) {
            struct pvm_live v = at[i];
            uint32_t k = i;
            for (; k >= gap && rank(&at[k - gap]) > rank(&v); k -= gap)
                at[k] = at[k - gap];
            at[k] = v;
        }
}

static void begin(struct be_out *o, uint32_t pc, uint32_t mark)
{
    if (o->joins.n && o->joins.at[o->joins.n - 1].pc == pc) {
        o->lives.n = o->joins.at[o->joins.n - 1].first;
        o->joins.n--;
    }
    struct be_join j = {.pc = pc, .mark = mark, .first = o->lives.n};
    vec_push_in(o->f->arena, &o->joins, j);
}

static void add(struct be_out *o, uint32_t v, uint32_t reg)
{
    struct be_fn *f = o->f;
    bool is_ref = be_class_of(f, v) == BE_REF;
    struct pvm_live l = {.is_ref = is_ref,
                         .reg = (uint16_t)reg,
                         .type = is_ref ? f->types.at[v].type : 0};
    vec_push_in(f->arena, &o->lives, l);
}

static void finish(struct be_out *o)
{
    struct be_join *j = &o->joins.at[o->joins.n - 1];
    j->n = o->lives.n - j->first;
    if (j->n)
        sort(&o->lives.at[j->first], j->n);
}

void be_join_block(struct be_out *o, uint32_t block, uint32_t pc)
{
    struct be_fn *f = o->f;
    const struct be_block *b = &f->blocks[block];
    begin(o, pc, b->mark);
    for (uint32_t i = 0; i < b->live_in.n; i++)
        add(o, b->live_in.at[i], be_reg(f, b->live_in.at[i]));
    for (uint32_t i = 0; i < b->nparams; i++) {
        uint32_t v = b->params[i];
        if (v >= f->flag0 || f->values[v].wanted)
            add(o, v, be_reg(f, v));
    }
    finish(o);
}

/* Results are still in the window there. */
static void add_results(struct be_out *o, const struct ir_inst *call)
{
    struct be_fn *f = o->f;
    uint32_t n[BE_CLASSES] = {0, 0};
    for (uint32_t k = 0; k < call->nres; k++) {
        uint32_t v = call->res + k;
        int c = be_class_of(f, v);
        uint32_t reg = f->locals[c] + n[c]++;
        if (f->values[v].wanted)
            add(o, v, reg);
    }
}

void be_join_after(struct be_out *o, const struct be_set *live,
                   const struct ir_inst *call, uint32_t mark)
{
    struct be_fn *f = o->f;
    uint32_t first = call && call->nres ? call->res : BE_NONE;
    begin(o, o->words.n, mark);
    for (uint32_t i = 0; i < live->n; i++) {
        uint32_t v = live->at[i];
        if (first == BE_NONE || v < first || v >= first + call->nres)
            add(o, v, be_reg(f, v));
    }
    if (first != BE_NONE)
        add_results(o, call);
    finish(o);
}

uint64_t be_joins_left(const struct be_out *o)
{
    return o->lives.n < BE_MAX_JOIN_ENTRIES ? BE_MAX_JOIN_ENTRIES - o->lives.n
                                            : 0;
}

bool be_joins_fit(struct be_out *o, uint64_t more)
{
    if (o->lives.n + more <= BE_MAX_JOIN_ENTRIES)
        return !o->f->error[0];
    return be_refuse(o->f,
                     "at its calls and where control meets, more than %d "
                     "values are alive, summed up",
                     BE_MAX_JOIN_ENTRIES);
}
