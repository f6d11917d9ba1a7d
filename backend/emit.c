/* emit.c - words and lines of an allocated function. */
#include "backend/emit.h"

void be_word(struct be_out *o, uint64_t w)
{
    struct be_fn *f = o->f;
    struct ir_pos pos = o->pos;
    if (!pos.line)
        pos = o->lines.n ? (struct ir_pos){o->lines.at[o->lines.n - 1].line,
                                           o->lines.at[o->lines.n - 1].column}
                         : (struct ir_pos){f->sig->line, 0};
    const struct pvm_line *last =
        o->lines.n ? &o->lines.at[o->lines.n - 1] : NULL;
    if (!last || last->line != pos.line || last->column != pos.column) {
        struct pvm_line l = {o->words.n, pos.line, pos.column};
        vec_push_in(f->arena, &o->lines, l);
    }
    vec_push_in(f->arena, &o->words, w);
}

static void emit_jump(struct be_out *o, unsigned op, uint32_t a, uint32_t b,
                      uint32_t block, uint32_t to, uint32_t next)
{
    if (to != BE_NONE) {
        struct be_jump j = {o->words.n, to, next};
        vec_push_in(o->f->arena, &o->jumps, j);
        if (to <= block)
            op += BE_BACKWARD;
    }
    be_word(o, pvm_abc(op, a, b, 0));
}

/* ---- instructions -------------------------------------------------------- */

void be_emit_constant(struct be_out *o, const struct ir_inst *c, uint32_t reg)
{
    int64_t k = c->imm;
    if (c->op == IR_STR)
        be_word(o, pvm_ad(PVM_LDKR, reg, (uint32_t)k));
    else if (k >= INT32_MIN && k <= INT32_MAX)
        be_word(o, pvm_ad(PVM_LDI, reg, (uint32_t)k));
    else
        be_word(o, pvm_ad(PVM_LDK, reg, be_constant(o->be, (uint64_t)k)));
}

/* The field of operand k: a register's number, or what stands there. */
static uint32_t field(const struct be_fn *f, const struct be_inst *i, int k,
                      char letter)
{
    uint32_t v = k == 0 ? i->a : k == 1 ? i->b : i->c;
    switch (letter) {
    case 's':
    case 'r':
    case 'S':
    case 'R': return be_reg(f, v);
    case 'e':
    case 'K': return v == BE_NONE ? PVM_NOREG : be_reg(f, v);
    default: return v;
    }
}

static void emit_plain(struct be_out *o, const struct be_inst *i)
{
    const char *letters = pvm_ops[i->op].operands;
    uint32_t a = field(o->f, i, 0, letters[0]);
    if (i->op == PVM_LDK)
        be_emit_constant(o, i->ir, a);
    else if (!letters[1] || !letters[2])
        be_word(o, pvm_ad(i->op, a, i->b));
    else if (i->op != PVM_MOV || a != be_reg(o->f, i->b))
        be_word(o, pvm_abc(i->op, a, field(o->f, i, 1, letters[1]),
                           field(o->f, i, 2, letters[2])) |
                       (uint64_t)i->x << 10);
}

static void emit_call(struct be_out *o, struct be_moves *m,
                      const struct be_inst *i, const struct be_set *after,
                      uint32_t mark)
{
    struct be_fn *f = o->f;
    uint32_t n[BE_CLASSES] = {0, 0};
    for (uint32_t k = 0; k < i->ir->nargs; k++) {
        ir_val v = f->values[i->ir->args[k]].alias;
        int c = be_class_of(f, v);
        be_move_value(o, m, v, f->locals[c] + n[c]++);
    }
    be_make_moves(o, m);
    uint32_t import = i->c;
    if (i->op == PVM_NAT && !be_import(o->be, &import)) {
        be_refuse(f, "the program uses more than 65536 natives");
        return;
    }
    be_word(o, pvm_abc(i->op, f->locals[BE_REF], f->locals[BE_SCALAR], import) |
                   (uint64_t)i->x << 10);
    if (pvm_is_call(i->op))
        be_join_after(o, after, i->ir, mark);
    n[0] = n[1] = 0;
    for (uint32_t k = 0; k < i->ir->nres; k++) {
        uint32_t v = i->ir->res + k;
        int c = be_class_of(f, v);
        uint32_t from = f->locals[c] + n[c]++;
        if (f->values[v].wanted)
            be_move_reg(o, m, c, from, be_reg(f, v), f->types.at[v].type);
    }
    be_make_moves(o, m);
}

static void emit_insts(struct be_out *o, struct be_moves *m,
                       const struct be_block *b)
{
    struct be_fn *f = o->f;
    struct be_set *after = be_live_after(f, &o->live, b, be_joins_left(o));
    uint32_t mark = b->mark;
    if (!be_joins_fit(o, o->live.total))
        return;
    for (uint32_t k = 0; k < b->n; k++) {
        const struct be_inst *i = &b->insts[k];
        o->pos = i->ir->pos;
        if (be_is_call(i->op)) {
            emit_call(o, m, i, after ? &after[k] : NULL, mark);
            continue;
        }
        emit_plain(o, i);
        if (i->op == PVM_KEEP || i->op == PVM_UNDO) {
            if (mark != BE_NONE)
                mark = f->blocks[mark].mark_end;
            be_join_after(o, &after[k], NULL, mark);
        }
    }
}

/* ---- ends of blocks ------------------------------------------------------ */

static void emit_edge(struct be_out *o, struct be_moves *m,
                      const struct be_block *b)
{
    struct be_fn *f = o->f;
    const struct be_block *to = &f->blocks[b->succ[0]];
    for (uint32_t k = 0; k < b->edge->nargs; k++)
        if (!be_stands(f, b->edge->args[k], to->params[k]))
            be_move_value(o, m, b->edge->args[k], be_reg(f, to->params[k]));
    be_make_moves(o, m);
}

static void emit_return(struct be_out *o, struct be_moves *m,
                        const struct be_block *b)
{
    struct be_fn *f = o->f;
    uint32_t n[BE_CLASSES] = {0, 0};
    for (uint32_t k = 0; k < b->last.ir->nargs; k++) {
        ir_val v = f->values[b->last.ir->args[k]].alias;
        int c = be_class_of(f, v);
        be_move_value(o, m, v, n[c]++);
    }
    be_make_moves(o, m);
    be_word(o, pvm_abc(PVM_RET, 0, 0, 0));
}

static void emit_exit(struct be_out *o, uint32_t block)
{
    struct be_fn *f = o->f;
    const struct be_exit *e = &o->plan.exits[block];
    if (e->copy != BE_NONE) {
        const struct be_block *test = &f->blocks[e->copy];
        for (uint32_t k = 0; k < test->n; k++) {
            o->pos = test->insts[k].ir->pos;
            emit_plain(o, &test->insts[k]);
        }
        o->pos = test->last.ir->pos;
    }
    if (e->op) {
        const char *letters = pvm_ops[e->op].operands;
        uint32_t b = letters[1] == 'S' ? be_reg(f, e->b) : e->b;
        emit_jump(o, e->op, be_reg(f, e->a), b, block, e->cond_to, e->next);
    }
    if (e->jump_to != BE_NONE)
        emit_jump(o, PVM_JMP, 0, 0, block, e->jump_to, BE_NONE);
}

static void emit_end(struct be_out *o, struct be_moves *m, uint32_t block)
{
    struct be_fn *f = o->f;
    const struct be_block *b = &f->blocks[block];
    if (b->last.ir)
        o->pos = b->last.ir->pos;
    switch (b->end) {
    case BE_JUMP:
        emit_edge(o, m, b);
        emit_exit(o, block);
        break;
    case BE_BRANCH: emit_exit(o, block); break;
    case BE_RETURN: emit_return(o, m, b); break;
    case BE_LEAVE: emit_plain(o, &b->last); break;
    case BE_MARK: {
        o->mark_pc[block] = o->words.n;
        uint32_t to = b->succ[1];
        uint64_t w = pvm_abc(PVM_MARK, field(f, &b->last, 0, 'e'),
                             field(f, &b->last, 1, 'K'), 0);
        if (to != BE_NONE) {
            struct be_jump j = {o->words.n, o->plan.forward[to],
                                o->plan.exits[block].next};
            vec_push_in(f->arena, &o->jumps, j);
        }
        be_word(o, w | (uint64_t)b->last.x << 10);
        emit_exit(o, block);
        break;
    }
    }
}

/* ---- the function -------------------------------------------------------- */

/* A flag that some path reads before it is set begins as false. */
static void emit_entry(struct be_out *o)
{
    struct be_fn *f = o->f;
    const struct be_block *b = &f->blocks[0];
    for (uint32_t i = 0; i < b->live_in.n; i++)
        if (be_is_flag(f, b->live_in.at[i]))
            be_word(o, pvm_ad(PVM_LDI, be_reg(f, b->live_in.at[i]), 0));
}

static void emit_blocks(struct be_out *o)
{
    struct be_fn *f = o->f;
    struct be_moves m = {0};
    emit_entry(o);
    for (uint32_t i = 0; i < f->nblocks && !f->error[0]; i++) {
        if (o->plan.forward[i] != i)
            continue;
        /* the entry's state is the signature: no block is jumped to there */
        if (o->plan.targeted[i] && o->words.n == 0)
            be_word(o, pvm_abc(PVM_NOP, 0, 0, 0));
        o->block_pc[i] = o->words.n;
        if (o->plan.targeted[i])
            be_join_block(o, i, o->words.n);
        emit_insts(o, &m, &f->blocks[i]);
        emit_end(o, &m, i);
        if (!be_joins_fit(o, 0))
            return;
    }
}

bool be_emit(struct be_out *o)
{
    struct be_fn *f = o->f;
    struct arena *a = f->arena;
    be_make_plan(f, &o->plan);
    o->block_pc = ARENA_ARRAY(a, uint32_t, f->nblocks);
    o->mark_pc = ARENA_ARRAY(a, uint32_t, f->nblocks);
    for (int c = 0; c < BE_CLASSES; c++) {
        uint32_t n = f->locals[c] + f->window[c] + f->sig->nresults + 1;
        o->readers[c] = ARENA_ARRAY(a, uint32_t, n);
        o->source[c] = ARENA_ARRAY(a, uint32_t, n);
        o->type[c] = ARENA_ARRAY(a, uint32_t, n);
    }
    emit_blocks(o);
    return !f->error[0] && be_relax(o);
}
