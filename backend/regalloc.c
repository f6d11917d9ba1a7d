/* regalloc.c - a place in the frame for each virtual register.
 *
 * Linear scan (Poletto, Sarkar 1999) over the two register stacks apart.
 * Nothing is spilled, so the question is not who gets a register but which
 * one, and the answer decides how many moves are left:
 *
 *   result of a call     stays in the window while no call interrupts it
 *   argument of a call   is made in the window, likewise
 *   result of a return   is made in the register it leaves in
 *   argument of an edge  is made where the param lives, or will live
 *   else                 the lowest free local
 *
 * A range is one interval of positions; a register is free for a range that
 * starts after its last one ended.  A range has holes that this does not see,
 * so a value that wishes for an occupied register may share it if it ends no
 * later than the occupant and never lives when the occupant or one that shares
 * already does: the next value of a loop's variable, mostly.  So no two values
 * that live at one time have one register, which is what parallel moves and
 * back edges rely on: a value that a landing needs has its register for itself
 * throughout the extent. */
#include "backend/machine.h"

struct pool {            /* the locals of a class */
    uint64_t *free;      /* bitmap */
    uint32_t words, low; /* no free bit below word `low` */
    uint32_t used;       /* registers ever given out */
    uint32_t *owner;     /* by register: the value that took it last */
    uint32_t *window;    /* by window index: last position of its last range */
};

struct scan {
    struct be_fn *f;
    struct pool pool[BE_CLASSES];
    uint32_t *starts, *next_start; /* ranges by first position */
    uint32_t *ends, *next_end;     /* ranges in locals by last position */
    uint32_t *liked;               /* by param: the place of an argument */
    uint32_t *result;              /* by value: window index + 1 as result */
    uint32_t *next_share; /* chains of an owner and who shares with it */
};

/* ---- locals -------------------------------------------------------------- */

static void pool_open(struct be_fn *f, struct pool *p, uint32_t most,
                      uint32_t window)
{
    p->words = most / 64 + 1;
    p->free = ARENA_ARRAY(f->arena, uint64_t, p->words);
    p->owner = ARENA_ARRAY(f->arena, uint32_t, p->words * 64);
    p->window = ARENA_ARRAY(f->arena, uint32_t, window + 1);
    for (uint32_t i = 0; i < p->words * 64; i++)
        p->owner[i] = BE_NONE;
    for (uint32_t i = 0; i < p->words; i++)
        p->free[i] = UINT64_MAX;
}

static void take(struct pool *p, uint32_t reg)
{
    p->free[reg / 64] &= ~(1ull << reg % 64);
    if (reg >= p->used)
        p->used = reg + 1;
}

static void give_back(struct pool *p, uint32_t reg)
{
    p->free[reg / 64] |= 1ull << reg % 64;
    if (reg / 64 < p->low)
        p->low = reg / 64;
}

/* There are as many registers as virtual ones, so one is free. */
static uint32_t lowest(struct pool *p)
{
    while (!p->free[p->low])
        p->low++;
    return p->low * 64 + (uint32_t)__builtin_ctzll(p->free[p->low]);
}

static bool is_free(const struct pool *p, uint32_t reg)
{
    return reg < p->words * 64 && (p->free[reg / 64] >> reg % 64 & 1);
}

/* ---- where a value wants to be ------------------------------------------- */

/* Does a call come between the first and the last position of a range? */
static bool is_interrupted(const struct be_fn *f, struct be_range r)
{
    uint32_t call = f->next_call[(r.start + 1) / 2];
    return call != UINT32_MAX && r.end > 2 * call;
}

/* Can v live at this place from its start on? */
static bool fits(const struct scan *s, uint32_t v, uint32_t place)
{
    const struct be_fn *f = s->f;
    const struct pool *p = &s->pool[be_class_of(f, v)];
    if (place == BE_NONE)
        return false;
    if (!(place & BE_WINDOW))
        return is_free(p, place);
    return p->window[place & ~BE_WINDOW] < f->ranges[v].start &&
           !is_interrupted(f, f->ranges[v]);
}

/* What the last use of v would like; a param passes the question on to its
 * own last use. */
static uint32_t wish(const struct scan *s, uint32_t v)
{
    const struct be_fn *f = s->f;
    for (int depth = 0; depth < 4; depth++) {
        const struct be_hint *h = &f->hints[v];
        switch (h->kind) {
        case BE_HINT_ARG: return BE_WINDOW | h->n;
        case BE_HINT_RESULT: return h->n;
        case BE_HINT_PARAM: break;
        default: return BE_NONE;
        }
        v = h->n;
        if (f->places[v] != BE_NONE)
            return f->places[v];
        if (s->liked[v] != BE_NONE)
            return s->liked[v];
    }
    return BE_NONE;
}

enum { SHARERS = 8 }; /* of one register, looked at */

/* Can v live in a register that its owner still has? */
static bool may_share(const struct scan *s, uint32_t v, uint32_t place)
{
    const struct be_fn *f = s->f;
    const struct pool *p = &s->pool[be_class_of(f, v)];
    if (place >= p->words * 64) /* of a window, or BE_NONE */
        return false;
    uint32_t owner = p->owner[place], n = 0;
    if (owner == BE_NONE || f->ranges[v].end > f->ranges[owner].end)
        return false;
    for (uint32_t w = owner; w != BE_NONE; w = s->next_share[w])
        if (n++ == SHARERS || be_interfere(f, v, w))
            return false;
    return true;
}

static uint32_t choose(struct scan *s, uint32_t v)
{
    struct pool *p = &s->pool[be_class_of(s->f, v)];
    uint32_t result = s->result[v] ? BE_WINDOW | (s->result[v] - 1) : BE_NONE;
    uint32_t liked = s->liked[v], place = wish(s, v);
    if (fits(s, v, result))
        return result;
    if (fits(s, v, liked) || may_share(s, v, liked))
        return liked;
    if (fits(s, v, place) || may_share(s, v, place))
        return place;
    return lowest(p);
}

static void assign(struct scan *s, uint32_t v, uint32_t place)
{
    struct be_fn *f = s->f;
    struct pool *p = &s->pool[be_class_of(f, v)];
    uint32_t end = f->ranges[v].end;
    f->places[v] = place;
    if (place & BE_WINDOW) {
        p->window[place & ~BE_WINDOW] = end;
    } else if (!is_free(p, place)) {
        s->next_share[v] = s->next_share[p->owner[place]];
        s->next_share[p->owner[place]] = v;
    } else {
        take(p, place);
        p->owner[place] = v;
        s->next_end[v] = s->ends[end];
        s->ends[end] = v;
    }
    const struct be_hint *h = &f->hints[v];
    if (h->kind == BE_HINT_PARAM && s->liked[h->n] == BE_NONE)
        s->liked[h->n] = place;
}

/* ---- entry --------------------------------------------------------------- */

/* Parameters arrive in the first registers; the flags follow and stay. */
static void assign_fixed(struct scan *s)
{
    struct be_fn *f = s->f;
    uint32_t n[BE_CLASSES] = {0, 0};
    for (uint32_t k = 0; k < f->blocks[0].nparams; k++) {
        uint32_t v = f->blocks[0].params[k];
        assign(s, v, n[be_class_of(f, v)]++);
    }
    for (uint32_t v = f->flag0; v < f->temp0; v++) {
        f->places[v] = n[BE_SCALAR]++;
        take(&s->pool[BE_SCALAR], f->places[v]);
    }
}

static void scan_open(struct scan *s)
{
    struct be_fn *f = s->f;
    uint32_t nv = f->types.n, positions = 2 * f->nslots + 2;
    struct arena *a = f->arena;
    for (int c = 0; c < BE_CLASSES; c++)
        pool_open(f, &s->pool[c], nv, f->window[c]);
    s->starts = ARENA_ARRAY(a, uint32_t, positions);
    s->ends = ARENA_ARRAY(a, uint32_t, positions);
    s->next_start = ARENA_ARRAY(a, uint32_t, nv + 1);
    s->next_end = ARENA_ARRAY(a, uint32_t, nv + 1);
    s->liked = ARENA_ARRAY(a, uint32_t, nv + 1);
    s->result = ARENA_ARRAY(a, uint32_t, nv + 1);
    s->next_share = ARENA_ARRAY(a, uint32_t, nv + 1);
    f->places = ARENA_ARRAY(a, uint32_t, nv + 1);
    for (uint32_t i = 0; i < positions; i++)
        s->starts[i] = s->ends[i] = BE_NONE;
    for (uint32_t v = nv; v-- > 0;) {
        s->liked[v] = f->places[v] = s->next_share[v] = BE_NONE;
        if (be_is_flag(f, v) || f->ranges[v].end == 0)
            continue;
        s->next_start[v] = s->starts[f->ranges[v].start];
        s->starts[f->ranges[v].start] = v;
    }
}

static void find_results(struct scan *s)
{
    struct be_fn *f = s->f;
    for (uint32_t i = 0; i < f->nblocks; i++) {
        const struct be_block *b = &f->blocks[i];
        for (uint32_t k = 0; k < b->n; k++) {
            if (!be_is_call(b->insts[k].op))
                continue;
            const struct ir_inst *ir = b->insts[k].ir;
            uint32_t n[BE_CLASSES] = {0, 0};
            for (uint32_t j = 0; j < ir->nres; j++)
                s->result[ir->res + j] = 1 + n[be_class_of(f, ir->res + j)]++;
        }
    }
}

/* The results that the function returns stand from its first register on; the
 * scratch register must be none of theirs. */
static void widen_to_results(struct be_fn *f, int class)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < f->sig->nresults; i++)
        n += (f->sig->results[i].kind == PVM_REF) == (class == BE_REF);
    if (n > f->locals[class] + f->window[class])
        f->window[class] = n - f->locals[class];
}

bool be_allocate(struct be_fn *f)
{
    struct scan s = {.f = f};
    scan_open(&s);
    find_results(&s);
    assign_fixed(&s);
    for (uint32_t at = 0; at < 2 * f->nslots; at++) {
        for (uint32_t v = at ? s.ends[at - 1] : BE_NONE; v != BE_NONE;
             v = s.next_end[v])
            give_back(&s.pool[be_class_of(f, v)], f->places[v]);
        for (uint32_t v = s.starts[at]; v != BE_NONE; v = s.next_start[v])
            if (f->places[v] == BE_NONE)
                assign(&s, v, choose(&s, v));
    }
    for (int c = 0; c < BE_CLASSES; c++) {
        f->locals[c] = s.pool[c].used;
        widen_to_results(f, c);
        if (f->locals[c] + f->window[c] + 1 > BE_MAX_REGS)
            return be_refuse(f, "a function needs more than %d registers",
                             BE_MAX_REGS);
    }
    return true;
}
