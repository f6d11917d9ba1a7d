/* opt_cse.c - what was computed before is not computed again.
 *
 * Two insts of one op, immediate and arguments give one value when the first
 * dominates the second; an op that can fail did not, the first time.  A load
 * is known by the memory it reads too: each class of memory has a version,
 * which changes where something may write it, and at the start of a block
 * that is reached with several versions.  A store is remembered as the load it
 * answers.
 *
 * A hash table keeps the last inst of each key.
 *
 * A comparison that a branch has decided on all ways to another of its kind, or
 * to its opposite, makes that one a constant; a branch on a value that is
 * decided goes one way.  Otherwise a comparison is made
 * again in another block, for there it becomes one instruction with its branch.
 */
#include "ir/opt.h"

#include <string.h>

#define SEVERAL UINT32_MAX /* versions */

struct versions {
    uint32_t of[IR_MEMORIES];
};

struct known { /* an inst's key, and the value that stands for it */
    uint8_t op;
    uint8_t kind; /* of a constant */
    ir_val x, y;
    const ir_val *more; /* arguments behind these */
    uint32_t nmore;
    uint32_t version;
    int64_t imm;
    ir_val value; /* IR_NONE: a free slot */
    ir_blk block;
};

struct cse {
    struct opt *o;
    ir_val *by;
    ir_val *first;      /* of a comparison made again: the one in the table */
    ir_blk *decided[2]; /* the last block where a value is false, is true */
    struct known *table;
    uint32_t mask, used;
    struct versions now;
    struct versions *at_start; /* of each block: of all ways met so far */
    uint32_t *met;             /* how many these are */
    uint32_t clock;            /* the newest version */
    ir_blk block;
    bool changed;
};

/* ---- memory -------------------------------------------------------------- */

static void write_memory(struct cse *c, unsigned written)
{
    for (int m = 0; m < IR_MEMORIES; m++)
        if (written & 1u << m)
            c->now.of[m] = ++c->clock;
}

/* ---- the table ----------------------------------------------------------- */

static bool same_key(const struct known *a, const struct known *b)
{
    return a->op == b->op && a->kind == b->kind && a->x == b->x &&
           a->y == b->y && a->version == b->version && a->imm == b->imm &&
           a->nmore == b->nmore &&
           (!a->nmore || !memcmp(a->more, b->more, a->nmore * sizeof *a->more));
}

static uint32_t hash_key(const struct known *k)
{
    uint64_t h = (uint64_t)k->imm * 0x9e3779b97f4a7c15u;
    h = (h ^ h >> 32 ^ k->op ^ (uint64_t)k->kind << 8) * 0x9e3779b97f4a7c15u;
    h = (h ^ h >> 32 ^ k->x) * 0x9e3779b97f4a7c15u;
    h = (h ^ h >> 32 ^ k->y ^ (uint64_t)k->version << 32) * 0x9e3779b97f4a7c15u;
    return (uint32_t)(h >> 32);
}

static struct known *find_slot(const struct cse *c, const struct known *key)
{
    uint32_t i = hash_key(key) & c->mask;
    while (c->table[i].value != IR_NONE && !same_key(&c->table[i], key))
        i = (i + 1) & c->mask;
    return &c->table[i];
}

static void table_make(struct cse *c, uint32_t slots)
{
    struct known *old = c->table;
    uint32_t n = old ? c->mask + 1 : 0;
    c->table = ARENA_ARRAY(c->o->a, struct known, slots);
    c->mask = slots - 1;
    for (uint32_t i = 0; i < slots; i++)
        c->table[i].value = IR_NONE;
    for (uint32_t i = 0; i < n; i++)
        if (old[i].value != IR_NONE)
            *find_slot(c, &old[i]) = old[i];
}

/* Makes `value` stand for the key from here on. */
static void remember(struct cse *c, struct known key, ir_val value)
{
    if (c->used >= c->mask / 2)
        table_make(c, (c->mask + 1) * 2);
    struct known *slot = find_slot(c, &key);
    c->used += slot->value == IR_NONE;
    key.value = value;
    key.block = c->block;
    *slot = key;
}

/* ---- the walk ------------------------------------------------------------ */

/* Is the op's result given by its arguments, immediate and what it reads?
 * Fresh objects are not, a joined string is one, and what a function that only
 * computes gives may be one. */
static bool has_key(const struct cse *c, const struct ir_inst *i)
{
    switch (i->op) {
    case IR_APPLY: return ir_type_of(c->o->f, i->res).kind != PVM_REF;
    case IR_NEW:
    case IR_NEWLIST:
    case IR_NEWMAP:
    case IR_CAT:
    case IR_COPY: return false;
    default: return ir_ops[i->op].class == IR_PURE;
    }
}

/* A function may read all memory: the newest version of any. */
static uint32_t newest(const struct cse *c)
{
    uint32_t version = 0;
    for (int m = 0; m < IR_MEMORIES; m++)
        if (c->now.of[m] > version)
            version = c->now.of[m];
    return version;
}

static struct known key_of(const struct cse *c, const struct ir_inst *i)
{
    enum ir_memory m = opt_memory_read(c->o->f, i);
    return (struct known){
        .op = i->op,
        .kind = i->op == IR_CONST ? ir_type_of(c->o->f, i->res).kind : 0,
        .x = i->nargs > 0 ? i->args[0] : IR_NONE,
        .y = i->nargs > 1 ? i->args[1] : IR_NONE,
        .more = i->nargs > 2 ? i->args + 2 : NULL,
        .nmore = i->nargs > 2 ? i->nargs - 2u : 0,
        .version = i->op == IR_APPLY    ? newest(c)
                   : m == IR_MEM_UNREAD ? 0
                                        : c->now.of[m],
        .imm = i->imm};
}

/* A load behind this store would give the value stored. */
static void remember_store(struct cse *c, const struct ir_inst *i)
{
    struct ir_inst load = *i;
    switch (i->op) {
    case IR_STF: load.op = IR_LDF; break;
    case IR_STG: load.op = IR_LDG; break;
    case IR_STE: load.op = IR_LDE; break;
    default: return;
    }
    load.nargs--;
    remember(c, key_of(c, &load), i->args[i->nargs - 1]);
}

static bool is_comparison(enum ir_op op)
{
    return op == IR_EQ || op == IR_NE || op == IR_LT || op == IR_LE;
}

/* x == y is not x != y, x < y is not y <= x */
static struct known opposite(const struct known *key)
{
    struct known k = *key;
    switch (key->op) {
    case IR_EQ: k.op = IR_NE; return k;
    case IR_NE: k.op = IR_EQ; return k;
    default:
        k.op = key->op == IR_LT ? IR_LE : IR_LT;
        k.x = key->y;
        k.y = key->x;
        return k;
    }
}

/* 1 or 0: what a value is here; -1: not known. */
static int truth_of(const struct cse *c, ir_val v)
{
    for (int truth = 0; v != IR_NONE && truth < 2; truth++) {
        ir_blk b = c->decided[truth][v];
        if (b != IR_NONE && ir_dominates(&c->o->doms, b, c->block))
            return truth;
    }
    return -1;
}

/* Whether nothing is left to be done with a comparison. */
static bool visit_comparison(struct cse *c, struct ir_inst *i)
{
    struct known key = key_of(c, i), other = opposite(&key);
    const struct known *k = find_slot(c, &key);
    int truth = truth_of(c, find_slot(c, &key)->value),
        not_truth = truth_of(c, find_slot(c, &other)->value);
    if (truth >= 0 || not_truth >= 0) {
        i->op = IR_CONST;
        i->nargs = 0;
        i->imm = truth >= 0 ? truth : !not_truth;
        c->changed = true;
        return true;
    }
    if (k->value == IR_NONE || k->block == c->block ||
        !ir_dominates(&c->o->doms, k->block, c->block))
        return false;
    c->first[i->res] = k->value;
    return true;
}

/* A branch on a value that another has decided goes one way. */
static void visit_branch(struct cse *c, struct ir_inst *i)
{
    int truth = truth_of(c, c->first[i->args[0]]);
    if (truth < 0)
        return;
    if (!truth)
        i->edges[0] = i->edges[1];
    i->op = IR_JUMP;
    i->nargs = 0;
    i->nedges = 1;
    c->o->have &= ~(uint32_t)OPT_GRAPH;
    c->changed = true;
}

static void visit_inst(struct cse *c, struct ir_inst *i)
{
    opt_replace_inst(c->by, i);
    if (i->op == IR_BRANCH) {
        visit_branch(c, i);
        return;
    }
    if (is_comparison(i->op) && visit_comparison(c, i))
        return;
    if (!has_key(c, i)) {
        write_memory(c, opt_memory_written(c->o->f, i));
        remember_store(c, i);
        return;
    }
    struct known key = key_of(c, i);
    const struct known *k = find_slot(c, &key);
    if (k->value == IR_NONE || !ir_dominates(&c->o->doms, k->block, c->block)) {
        remember(c, key, i->res);
        return;
    }
    c->by[i->res] = k->value;
    i->op = IR_COPY; /* of itself in place of the other: dead either way */
    i->nargs = 1;
    i->args = ARENA_NEW(c->o->f->arena, ir_val);
    i->args[0] = k->value;
    i->imm = 0;
    c->changed = true;
}

/* A block goes on with the versions that all ways to it agree on; there are
 * none behind a mark, whose landing finds memory as it was before, nor where
 * a way has not been met. */
static void enter_block(struct cse *c, ir_blk b, const ir_blk *single)
{
    c->block = b;
    c->now = c->at_start[b];
    for (int m = 0; m < IR_MEMORIES; m++)
        if (c->met[b] < c->o->preds[b] || c->now.of[m] == SEVERAL)
            c->now.of[m] = ++c->clock;
    if (single[b] == IR_NONE)
        return;
    const struct ir_inst *last = ir_end(c->o->f, single[b]);
    if (last->op == IR_BRANCH)
        c->decided[last->edges[0].to == b][c->first[last->args[0]]] = b;
}

/* Hands the versions at the end of a block on. */
static void leave_block(struct cse *c, const struct ir_inst *last)
{
    for (uint32_t e = 0; e < last->nedges; e++) {
        ir_blk to = last->edges[e].to;
        struct versions *v = &c->at_start[to];
        for (int m = 0; m < IR_MEMORIES; m++)
            if (last->op == IR_MARK || (c->met[to] && v->of[m] != c->now.of[m]))
                v->of[m] = SEVERAL;
            else
                v->of[m] = c->now.of[m];
        c->met[to]++;
    }
}

/* The predecessor of each block that has one, which is no mark. */
static ir_blk *single_preds(const struct opt *o)
{
    ir_blk *single = ARENA_ARRAY(o->a, ir_blk, o->f->blocks.n);
    memset(single, 0xff, o->f->blocks.n * sizeof *single);
    for (uint32_t k = 0; k < o->n; k++) {
        const struct ir_inst *last = ir_end(o->f, o->order[k]);
        for (uint32_t e = 0; e < last->nedges && last->op != IR_MARK; e++)
            if (o->preds[last->edges[e].to] == 1)
                single[last->edges[e].to] = o->order[k];
    }
    return single;
}

bool opt_cse(struct opt *o)
{
    struct cse c = {.o = o,
                    .by = opt_same(o),
                    .at_start =
                        ARENA_ARRAY(o->a, struct versions, o->f->blocks.n),
                    .met = ARENA_ARRAY(o->a, uint32_t, o->f->blocks.n)};
    ir_blk *single = single_preds(o);
    c.first = opt_same(o);
    for (int truth = 0; truth < 2; truth++) {
        c.decided[truth] = ARENA_ARRAY(o->a, ir_blk, o->f->values.n + 1);
        memset(c.decided[truth], 0xff, o->f->values.n * sizeof(ir_blk));
    }
    table_make(&c, 64);
    for (uint32_t k = 0; k < o->n; k++) {
        struct ir_block *b = &o->f->blocks.at[o->order[k]];
        enter_block(&c, o->order[k], single);
        for (uint32_t i = 0; i < b->insts.n; i++)
            visit_inst(&c, &b->insts.at[i]);
        leave_block(&c, ir_end(o->f, o->order[k]));
    }
    if (c.changed) /* back edges */
        opt_replace(o, c.by);
    return c.changed;
}
