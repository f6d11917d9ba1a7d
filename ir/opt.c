/* opt.c - the passes in their order, and what they share.
 *
 * After folding, code that no constant reaches is cut off, so the graph is
 * tidied next, which makes params trivial.  Common subexpressions come last
 * before dead code, for they leave it. */
#include "ir/opt.h"
#include "runtime/mem/bytes.h"

#include <stdio.h>
#include <string.h>

/* PASS(name, function, level, needs, breaks) */
#define PASSES(PASS)                                                           \
    PASS("fold", opt_fold, 1, OPT_ORDER, OPT_GRAPH)                            \
    PASS("cfg", opt_cfg, 1, OPT_ORDER | OPT_PREDS, OPT_GRAPH)                  \
    PASS("copy", opt_copy, 1, OPT_ORDER, 0)                                    \
    PASS("cfg between", opt_cfg, 2, OPT_ORDER | OPT_PREDS, OPT_GRAPH)          \
    PASS("cse", opt_cse, 2, OPT_GRAPH, 0)                                      \
    PASS("hoist", opt_hoist, 2, OPT_GRAPH, 0)                                  \
    PASS("fold again", opt_fold, 2, OPT_ORDER, OPT_GRAPH)                      \
    PASS("dce", opt_dce, 1, OPT_ORDER, 0)                                      \
    PASS("cfg again", opt_cfg, 1, OPT_ORDER | OPT_PREDS, OPT_GRAPH)            \
    PASS("number", opt_number, 1, OPT_ORDER, OPT_GRAPH)

struct pass {
    const char *name;
    bool (*run)(struct opt *o); /* true: something changed */
    int level;                  /* runs from this level on */
    uint32_t needs, breaks;     /* analyses */
};

static const struct pass passes[] = {
#define ROW(name, run, level, needs, breaks) {name, run, level, needs, breaks},
    PASSES(ROW)
#undef ROW
};

enum { NPASSES = sizeof passes / sizeof passes[0] };

const char *const ir_pass_names[] = {
#define NAME(name, run, level, needs, breaks) name,
    PASSES(NAME)
#undef NAME
        NULL,
};

/* ---- running them -------------------------------------------------------- */

/* Empties the blocks that the order does not hold.  Passes look at the order
 * alone, so what they leave behind must not be looked at again: an edge from
 * there would keep arguments for params that are gone. */
static void drop_unreachable(struct opt *o)
{
    bool *reached = ARENA_ARRAY(o->a, bool, o->f->blocks.n);
    for (uint32_t k = 0; k < o->n; k++)
        reached[o->order[k]] = true;
    for (ir_blk b = 0; b < o->f->blocks.n; b++)
        if (!reached[b])
            o->f->blocks.at[b].insts.n = o->f->blocks.at[b].params.n = 0;
}

void opt_analyse(struct opt *o, uint32_t needs)
{
    uint32_t missing = needs & ~o->have;
    if (missing & OPT_ORDER) {
        o->n = ir_rpo(o->f, o->a, &o->order);
        drop_unreachable(o);
    }
    if (missing & OPT_PREDS)
        o->preds = ir_preds(o->f, o->a, o->order, o->n);
    if (missing & OPT_DOMS)
        o->doms = ir_domtree(o->f, o->a, o->order, o->n);
    o->have |= needs;
}

static bool verified(const struct ir_fn *f, const char *pass, char *why,
                     size_t n)
{
    char text[300];
    if (ir_verify(f, text, sizeof text))
        return true;
    snprintf(why, n, "after %s: %s", pass, text);
    return false;
}

/* Has the function not changed since this pass last ran, in another row?
 * seen[] holds the count of changes that each row met. */
static bool idle(size_t row, const uint32_t *seen, uint32_t changes)
{
    for (size_t i = 0; i < row; i++)
        if (passes[i].run == passes[row].run && seen[i] == changes)
            return true;
    return false;
}

bool ir_optimise(struct ir_fn *f, const struct ir_opt *opt, char *why, size_t n)
{
    struct opt o = {.f = f, .a = arena_open(f->module->mem)};
    uint32_t seen[NPASSES] = {0};
    bool ok = !opt->verify || verified(f, "lowering", why, n);
    uint32_t changes = 1;
    for (size_t i = 0; ok && i < NPASSES; i++) {
        const struct pass *p = &passes[i];
        if (opt->level < p->level)
            continue;
        if (idle(i, seen, changes)) {
            seen[i] = changes;
        } else {
            opt_analyse(&o, p->needs);
            seen[i] = changes;
            if (p->run(&o)) {
                changes++;
                o.have &= ~p->breaks;
                ok = !opt->verify || verified(f, p->name, why, n);
            }
        }
        if (opt->dump && !strcmp(opt->dump, p->name))
            ir_print_fn(f, opt->dumped);
    }
    arena_close(o.a);
    return ok;
}

/* ---- what they share ----------------------------------------------------- */

ir_val *opt_same(struct opt *o)
{
    ir_val *by = ARENA_ARRAY(o->a, ir_val, o->f->values.n + 1);
    for (ir_val v = 0; v < o->f->values.n; v++)
        by[v] = v;
    return by;
}

void opt_replace_inst(ir_val *by, struct ir_inst *i)
{
    for (uint32_t k = 0; k < i->nargs; k++)
        i->args[k] = opt_find(by, i->args[k]);
    for (uint32_t e = 0; e < i->nedges; e++)
        for (uint32_t k = 0; k < i->edges[e].nargs; k++)
            i->edges[e].args[k] = opt_find(by, i->edges[e].args[k]);
}

void opt_replace(struct opt *o, ir_val *by)
{
    for (uint32_t k = 0; k < o->n; k++) {
        struct ir_block *b = &o->f->blocks.at[o->order[k]];
        for (uint32_t i = 0; i < b->insts.n; i++)
            opt_replace_inst(by, &b->insts.at[i]);
    }
}

bool *opt_landings(const struct opt *o)
{
    bool *landing = ARENA_ARRAY(o->a, bool, o->f->blocks.n);
    for (uint32_t k = 0; k < o->n; k++) {
        const struct ir_inst *last = ir_end(o->f, o->order[k]);
        if (last->op == IR_MARK && last->nedges == 2)
            landing[last->edges[1].to] = true;
    }
    return landing;
}

bool opt_is_removable(const struct ir_inst *i)
{
    return !(ir_ops[i->op].flags & (IR_WRITES | IR_FAILS | IR_ENDS));
}

/* The class of a list's items. */
static enum ir_memory items_of(const struct ir_fn *f, ir_val list)
{
    const struct ir_typedesc *t =
        &f->module->types.at[ir_type_of(f, list).type];
    return t->item.kind == PVM_REF ? IR_MEM_REFS : IR_MEM_ITEMS;
}

enum ir_memory opt_memory_read(const struct ir_fn *f, const struct ir_inst *i)
{
    switch (i->op) {
    case IR_LDF: {
        const struct ir_field *x =
            ir_field_at(f->module, ir_type_of(f, i->args[0]).type, i->imm);
        return x && x->fixed ? IR_MEM_UNREAD : IR_MEM_FIELDS;
    }
    case IR_LDG: return IR_MEM_GLOBALS;
    case IR_LDE: return items_of(f, i->args[0]);
    case IR_LEN: return IR_MEM_LENGTHS;
    default: return IR_MEM_UNREAD;
    }
}

unsigned opt_memory_written(const struct ir_fn *f, const struct ir_inst *i)
{
    switch (i->op) {
    case IR_STF: return 1u << IR_MEM_FIELDS;
    case IR_STG: return 1u << IR_MEM_GLOBALS;
    case IR_STE: return 1u << items_of(f, i->args[0]);
    case IR_PUSH: return 1u << IR_MEM_LENGTHS; /* items there were stay */
    case IR_POP: return 1u << items_of(f, i->args[0]) | 1u << IR_MEM_LENGTHS;
    case IR_SETFLAG: return 0;
    case IR_CALL:
        return IR_ALL_MEMORY & ~(unsigned)f->module->sigs.at[i->imm].leaves;
    case IR_NATIVE: /* what natives change are lists */
        return ir_natives[i->imm].effect == IR_EFFECT_HEAP
                   ? 1u << IR_MEM_REFS | 1u << IR_MEM_ITEMS |
                         1u << IR_MEM_LENGTHS
                   : 0;
    default: return ir_ops[i->op].flags & IR_WRITES ? ~0u : 0;
    }
}

/* Closes up args[0..n) over those whose param is dead; returns how many are
 * left. */
static uint32_t drop_vals(ir_val *args, uint32_t n, const ir_val *params,
                          const bool *dead)
{
    uint32_t left = 0;
    for (uint32_t i = 0; i < n; i++)
        if (!dead[params[i]])
            args[left++] = args[i];
    return left;
}

void opt_drop_params(struct opt *o, const bool *dead)
{
    for (uint32_t k = 0; k < o->n; k++) {
        struct ir_inst *last = ir_end(o->f, o->order[k]);
        for (uint32_t e = 0; e < last->nedges; e++) {
            struct ir_edge *edge = &last->edges[e];
            const ir_val *params = o->f->blocks.at[edge->to].params.at;
            uint32_t skip = last->op == IR_MARK && e == 1; /* the Error */
            if (edge->nargs)
                edge->nargs =
                    drop_vals(edge->args, edge->nargs, params + skip, dead);
        }
    }
    for (uint32_t k = 0; k < o->n; k++) {
        struct ir_block *b = &o->f->blocks.at[o->order[k]];
        b->params.n = drop_vals(b->params.at, b->params.n, b->params.at, dead);
    }
}
