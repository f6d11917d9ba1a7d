/* liveness.c - where each virtual register is live.
 *
 * One variable at a time, from its uses upwards to its definition (Boissinot
 * and others 2011, "liveness checking by variable"): the work is the size of
 * the answer, the live-in lists, which the image's joins repeat anyway.  A
 * variable's blocks are found together, so the last entry of a block's list
 * tells whether it has been there.
 *
 * Back edges: what lives at a landing lives throughout the extent, since
 * every instruction there may take the edge.  So the landing's predecessors
 * are the block that opens the mark and all blocks of the extent. */
#include "backend/machine.h"

struct use { /* of a variable in a block that does not define it before */
    uint32_t block, next;
};

struct live {
    struct be_fn *f;
    uint32_t *first_use; /* chains of uses */
    VEC(struct use) uses;
    uint32_t *preds, *pred_at; /* of block b: preds[pred_at[b]..) */
    uint32_t *flag_sets;       /* by flag: chains of the blocks that set it */
    VEC(struct use) sets;
    uint32_t *set_in; /* by block: the flag at hand + 1 if it is set there */
    /* extents: blocks, and UNDO marks, by the innermost mark around them */
    uint32_t *in_mark, *next_in;
    uint32_t *landing_of; /* landing stub -> block of its mark */
    VEC(uint32_t) work;
};

/* ---- ranges and uses ----------------------------------------------------- */

static void extend(struct be_fn *f, uint32_t v, uint32_t from, uint32_t to)
{
    struct be_range *r = &f->ranges[v];
    if (from < r->start)
        r->start = from;
    if (to > r->end)
        r->end = to;
}

static void add_use(struct live *l, uint32_t v, uint32_t block, uint32_t slot)
{
    struct be_fn *f = l->f;
    if (!be_is_flag(f, v))
        extend(f, v, UINT32_MAX, 2 * slot);
    if (l->f->def_block[v] == block)
        return;
    uint32_t first = l->first_use[v];
    if (first != BE_NONE && l->uses.at[first].block == block)
        return;
    vec_push_in(f->arena, &l->uses, (struct use){block, first});
    l->first_use[v] = l->uses.n - 1;
}

static void add_def(struct live *l, uint32_t v, uint32_t block, uint32_t slot)
{
    extend(l->f, v, 2 * slot + 1, 2 * slot + 1);
    l->f->def_block[v] = block;
}

static void hint(struct be_fn *f, uint32_t v, enum be_hint_kind kind,
                 uint32_t n)
{
    f->hints[v] = (struct be_hint){(uint8_t)kind, n};
}

/* ---- one pass over the instructions -------------------------------------- */

static void scan_call(struct live *l, const struct be_inst *i, uint32_t block,
                      uint32_t slot)
{
    struct be_fn *f = l->f;
    uint32_t n[BE_CLASSES] = {0, 0};
    for (uint32_t k = 0; k < i->ir->nargs; k++) {
        ir_val v = f->values[i->ir->args[k]].alias;
        uint32_t index = n[be_class_of(f, v)]++;
        if (be_moved(f, v) == BE_NONE)
            continue;
        add_use(l, v, block, slot);
        hint(f, v, BE_HINT_ARG, index);
    }
    for (uint32_t c = 0; c < BE_CLASSES; c++)
        if (n[c] > f->window[c])
            f->window[c] = n[c];
    n[0] = n[1] = 0;
    for (uint32_t k = 0; k < i->ir->nres; k++) {
        uint32_t v = i->ir->res + k;
        n[be_class_of(f, v)]++;
        if (f->values[v].wanted)
            add_def(l, v, block, slot);
    }
    for (uint32_t c = 0; c < BE_CLASSES; c++)
        if (n[c] > f->window[c])
            f->window[c] = n[c];
    f->ncalls++;
}

/* A flag's use counts from the block's start unless it was set before. */
static void scan_flag(struct live *l, uint32_t v, uint32_t block, bool is_def)
{
    struct be_fn *f = l->f;
    uint32_t *chain = &l->flag_sets[v - f->flag0];
    if (is_def) {
        vec_push_in(f->arena, &l->sets, (struct use){block, *chain});
        *chain = l->sets.n - 1;
    } else if (*chain == BE_NONE || l->sets.at[*chain].block != block) {
        add_use(l, v, block, 0);
    }
}

static void scan_inst(struct live *l, struct be_inst *i, uint32_t block,
                      uint32_t slot)
{
    if (be_is_call(i->op)) {
        scan_call(l, i, block, slot);
        return;
    }
    const char *letters = pvm_ops[i->op].operands;
    for (int pass = 0; pass < 2; pass++)
        for (int k = 0; letters[k]; k++) {
            char c = letters[k];
            uint32_t v = *be_operand(i, k);
            if (c != (pass ? 's' : 'S') && c != (pass ? 'r' : 'R'))
                continue;
            if (be_is_flag(l->f, v))
                scan_flag(l, v, block, pass);
            else if (pass)
                add_def(l, v, block, slot);
            else
                add_use(l, v, block, slot);
        }
}

static void scan_edge(struct live *l, const struct be_block *b, uint32_t block)
{
    struct be_fn *f = l->f;
    const struct be_block *to = &f->blocks[b->succ[0]];
    for (uint32_t k = 0; k < b->edge->nargs; k++) {
        uint32_t v = be_moved(f, b->edge->args[k]);
        uint32_t param = to->params[k];
        if (v == BE_NONE || !f->values[param].wanted)
            continue;
        add_use(l, v, block, b->end_slot);
        hint(f, v, BE_HINT_PARAM, param);
    }
}

static void scan_return(struct live *l, const struct be_block *b,
                        uint32_t block)
{
    struct be_fn *f = l->f;
    uint32_t n[BE_CLASSES] = {0, 0};
    for (uint32_t k = 0; k < b->last.ir->nargs; k++) {
        ir_val v = f->values[b->last.ir->args[k]].alias;
        uint32_t index = n[be_class_of(f, v)]++;
        if (be_moved(f, v) == BE_NONE)
            continue;
        add_use(l, v, block, b->end_slot);
        hint(f, v, BE_HINT_RESULT, index);
    }
}

static void scan_block(struct live *l, uint32_t block)
{
    struct be_fn *f = l->f;
    struct be_block *b = &f->blocks[block];
    for (uint32_t k = 0; k < b->nparams; k++) {
        uint32_t v = b->params[k];
        if (v >= f->flag0 || f->values[v].wanted || block == 0)
            add_def(l, v, block, b->first_slot);
    }
    for (uint32_t k = 0; k < b->n; k++)
        scan_inst(l, &b->insts[k], block, b->first_slot + 1 + k);
    switch (b->end) {
    case BE_JUMP: scan_edge(l, b, block); break;
    case BE_RETURN: scan_return(l, b, block); break;
    case BE_MARK: break;
    default: scan_inst(l, &b->last, block, b->end_slot); break;
    }
}

/* ---- the graph upwards --------------------------------------------------- */

static void find_preds(struct live *l)
{
    struct be_fn *f = l->f;
    uint32_t n = f->nblocks;
    l->pred_at = ARENA_ARRAY(f->arena, uint32_t, n + 2);
    for (int fill = 0; fill < 2; fill++) {
        for (uint32_t i = 0; i < n; i++)
            for (int e = 0; e < 2; e++) {
                uint32_t to = f->blocks[i].succ[e];
                if (to == BE_NONE || f->blocks[to].is_landing)
                    continue;
                if (fill)
                    l->preds[l->pred_at[to + 1]++] = i;
                else
                    l->pred_at[to + 2]++;
            }
        for (uint32_t i = 2; !fill && i < n + 2; i++)
            l->pred_at[i] += l->pred_at[i - 1];
        if (!fill)
            l->preds = ARENA_ARRAY(f->arena, uint32_t, l->pred_at[n + 1] + 1);
    }
}

static void find_extents(struct live *l)
{
    struct be_fn *f = l->f;
    uint32_t n = f->nblocks;
    l->in_mark = ARENA_ARRAY(f->arena, uint32_t, n);
    l->next_in = ARENA_ARRAY(f->arena, uint32_t, n);
    l->landing_of = ARENA_ARRAY(f->arena, uint32_t, n);
    for (uint32_t i = 0; i < n; i++)
        l->in_mark[i] = BE_NONE;
    for (uint32_t i = n; i-- > 0;) {
        struct be_block *b = &f->blocks[i];
        if (b->mark != BE_NONE) {
            l->next_in[i] = l->in_mark[b->mark];
            l->in_mark[b->mark] = i;
        }
        if (b->end == BE_MARK && b->succ[1] != BE_NONE)
            l->landing_of[b->succ[1]] = i;
    }
}

static void live_at(struct live *l, uint32_t v, uint32_t block)
{
    struct be_block *b = &l->f->blocks[block];
    if (b->live_in.n && b->live_in.at[b->live_in.n - 1] == v)
        return;
    vec_push_in(l->f->arena, &b->live_in, v);
    extend(l->f, v, 2 * b->first_slot, 0);
    vec_push_in(l->f->arena, &l->work, block);
}

/* v is live at the end of a block.  A flag has no def_block: set_in tells
 * the blocks that set the one at hand. */
static void live_out(struct live *l, uint32_t v, uint32_t block)
{
    extend(l->f, v, UINT32_MAX, 2 * l->f->blocks[block].end_slot + 1);
    if (l->f->def_block[v] == block)
        return;
    if (be_is_flag(l->f, v) && l->set_in[block] == v - l->f->flag0 + 1)
        return;
    live_at(l, v, block);
}

/* v is live in all of mark m's extent.  An inner TRY mark has its landing
 * there and goes on from it; an inner UNDO mark is entered here. */
static void live_in_extent(struct live *l, uint32_t v, uint32_t m)
{
    struct be_fn *f = l->f;
    live_out(l, v, m);
    VEC(uint32_t) marks = {0};
    vec_push_in(f->arena, &marks, m);
    while (marks.n) {
        m = marks.at[--marks.n];
        for (uint32_t i = l->in_mark[m]; i != BE_NONE; i = l->next_in[i]) {
            const struct be_block *b = &f->blocks[i];
            extend(f, v, UINT32_MAX, 2 * b->end_slot + 1);
            live_at(l, v, i);
            if (b->end == BE_MARK && b->succ[1] == BE_NONE)
                vec_push_in(f->arena, &marks, i);
        }
    }
}

static void spread(struct live *l, uint32_t v)
{
    struct be_fn *f = l->f;
    for (uint32_t u = l->first_use[v]; u != BE_NONE; u = l->uses.at[u].next)
        live_at(l, v, l->uses.at[u].block);
    while (l->work.n) {
        uint32_t b = l->work.at[--l->work.n];
        if (f->blocks[b].is_landing)
            live_in_extent(l, v, l->landing_of[b]);
        for (uint32_t p = l->pred_at[b]; p < l->pred_at[b + 1]; p++)
            live_out(l, v, l->preds[p]);
    }
}

/* ---- entry --------------------------------------------------------------- */

static void number_slots(struct be_fn *f)
{
    uint32_t slot = 0;
    for (uint32_t i = 0; i < f->nblocks; i++) {
        struct be_block *b = &f->blocks[i];
        b->first_slot = slot;
        b->end_slot = slot + b->n + 1;
        slot = b->end_slot + 1;
    }
    f->nslots = slot;
}

static void find_calls(struct be_fn *f)
{
    f->next_call = ARENA_ARRAY(f->arena, uint32_t, f->nslots + 1);
    uint32_t next = UINT32_MAX;
    f->next_call[f->nslots] = next;
    for (uint32_t i = f->nblocks; i-- > 0;) {
        const struct be_block *b = &f->blocks[i];
        f->next_call[b->end_slot] = next;
        for (uint32_t k = b->n; k-- > 0;) {
            if (be_is_call(b->insts[k].op))
                next = b->first_slot + 1 + k;
            f->next_call[b->first_slot + 1 + k] = next;
        }
        f->next_call[b->first_slot] = next;
    }
}

void be_liveness(struct be_fn *f)
{
    struct live l = {.f = f};
    uint32_t nv = f->types.n, nflags = f->temp0 - f->flag0;
    number_slots(f);
    find_calls(f);
    f->ranges = ARENA_ARRAY(f->arena, struct be_range, nv + 1);
    f->hints = ARENA_ARRAY(f->arena, struct be_hint, nv + 1);
    f->def_block = ARENA_ARRAY(f->arena, uint32_t, nv + 1);
    l.first_use = ARENA_ARRAY(f->arena, uint32_t, nv + 1);
    l.flag_sets = ARENA_ARRAY(f->arena, uint32_t, nflags + 1);
    l.set_in = ARENA_ARRAY(f->arena, uint32_t, f->nblocks);
    for (uint32_t v = 0; v < nv; v++) {
        f->def_block[v] = l.first_use[v] = BE_NONE;
        f->ranges[v].start = UINT32_MAX;
    }
    for (uint32_t k = 0; k < nflags; k++)
        l.flag_sets[k] = BE_NONE;
    for (uint32_t i = 0; i < f->nblocks; i++)
        scan_block(&l, i);
    find_preds(&l);
    find_extents(&l);
    for (uint32_t v = 0; v < nv; v++) {
        if (be_is_flag(f, v))
            for (uint32_t s = l.flag_sets[v - f->flag0]; s != BE_NONE;
                 s = l.sets.at[s].next)
                l.set_in[l.sets.at[s].block] = v - f->flag0 + 1;
        spread(&l, v);
    }
}

/* ---- within a block ------------------------------------------------------ */

static void live_add(struct be_live *s, uint32_t v)
{
    if (s->where[v] < s->n && s->dense[s->where[v]] == v)
        return;
    s->where[v] = s->n;
    s->dense[s->n++] = v;
}

static void live_remove(struct be_live *s, uint32_t v)
{
    uint32_t at = s->where[v];
    if (at >= s->n || s->dense[at] != v)
        return;
    s->dense[at] = s->dense[--s->n];
    s->where[s->dense[at]] = at;
}

static void add_live_in(struct be_live *s, const struct be_block *b)
{
    for (uint32_t i = 0; i < b->live_in.n; i++)
        live_add(s, b->live_in.at[i]);
}

/* The landing of mark m, if it has one, lives wherever m is open. */
static void add_landing(struct be_fn *f, struct be_live *s, uint32_t m)
{
    if (m != BE_NONE && f->blocks[m].succ[1] != BE_NONE)
        add_live_in(s, &f->blocks[f->blocks[m].succ[1]]);
}

static void add_args(struct be_fn *f, struct be_live *s, const ir_val *args,
                     uint32_t n)
{
    for (uint32_t k = 0; k < n; k++) {
        uint32_t v = be_moved(f, args[k]);
        if (v != BE_NONE)
            live_add(s, v);
    }
}

static void step_back(struct be_fn *f, struct be_live *s, struct be_inst *i)
{
    if (be_is_call(i->op)) {
        for (uint32_t k = 0; k < i->ir->nres; k++)
            live_remove(s, i->ir->res + k);
        add_args(f, s, i->ir->args, i->ir->nargs);
        return;
    }
    const char *letters = pvm_ops[i->op].operands;
    for (int k = 0; letters[k]; k++)
        if (letters[k] == 's' || letters[k] == 'r')
            live_remove(s, *be_operand(i, k));
    for (int k = 0; letters[k]; k++)
        if (letters[k] == 'S' || letters[k] == 'R')
            live_add(s, *be_operand(i, k));
}

static void start_at_end(struct be_fn *f, struct be_live *s,
                         const struct be_block *b)
{
    s->n = 0;
    for (int e = 0; e < 2; e++)
        if (b->succ[e] != BE_NONE)
            add_live_in(s, &f->blocks[b->succ[e]]);
    if (b->end == BE_LEAVE) { /* an inner landing has the outer ones' lives */
        uint32_t m = b->mark_end;
        while (m != BE_NONE && f->blocks[m].succ[1] == BE_NONE)
            m = f->blocks[m].mark_end;
        add_landing(f, s, m);
    }
    struct be_inst last = b->last;
    if (b->end == BE_RETURN)
        add_args(f, s, last.ir->args, last.ir->nargs);
    else if (b->end == BE_BRANCH || b->end == BE_LEAVE)
        step_back(f, s, &last);
    else if (b->end == BE_JUMP) {
        const struct be_block *to = &f->blocks[b->succ[0]];
        for (uint32_t k = 0; k < b->edge->nargs; k++)
            if (f->values[to->params[k]].wanted)
                add_args(f, s, &b->edge->args[k], 1);
    }
}

static bool is_meeting(unsigned op)
{
    return pvm_is_call(op) || op == PVM_KEEP || op == PVM_UNDO;
}

struct be_set *be_live_after(struct be_fn *f, struct be_live *s,
                             const struct be_block *b, uint64_t most)
{
    uint32_t meetings = 0;
    s->total = 0;
    for (uint32_t k = 0; k < b->n; k++)
        meetings += is_meeting(b->insts[k].op);
    if (!meetings)
        return NULL;
    uint32_t nv = f->types.n;
    if (!s->dense) {
        s->dense = ARENA_ARRAY(f->arena, uint32_t, nv + 1);
        s->where = ARENA_ARRAY(f->arena, uint32_t, nv + 1);
    }
    struct be_set *sets = ARENA_ARRAY(f->arena, struct be_set, b->n);
    /* the marks open after each inst, from the last one up */
    uint32_t *marks = ARENA_ARRAY(f->arena, uint32_t, b->n + 1);
    marks[0] = b->mark;
    for (uint32_t k = 0; k < b->n; k++) {
        bool closes = b->insts[k].op == PVM_KEEP || b->insts[k].op == PVM_UNDO;
        marks[k + 1] = closes && marks[k] != BE_NONE
                           ? f->blocks[marks[k]].mark_end
                           : marks[k];
    }
    start_at_end(f, s, b);
    for (uint32_t k = b->n; k-- > 0;) {
        struct be_inst *i = &b->insts[k];
        if (is_meeting(i->op)) {
            s->total += s->n;
            if (s->total > most)
                return NULL;
            sets[k].n = s->n;
            sets[k].at = ARENA_ARRAY(f->arena, uint32_t, s->n + 1);
            for (uint32_t j = 0; j < s->n; j++)
                sets[k].at[j] = s->dense[j];
        }
        step_back(f, s, i);
        if (marks[k] != marks[k + 1])
            add_landing(f, s, marks[k]);
    }
    return sets;
}
