/* interfere.c - do two virtual registers live at one time?
 *
 * In SSA two values whose lives meet meet where one of them is defined
 * (Budimlić and others 2002), so it is enough to look there.  This is exact
 * where ranges are not: a variable of a loop that is used behind the loop has
 * a range across the whole of it, though it is dead from where its next value
 * is made.  Where looking would take long, the answer is yes. */
#include "backend/machine.h"

enum { FAR = 100 }; /* insts that a look may take */

/* A block's list of live registers ascends: they were found in order. */
static bool is_live_in(const struct be_block *b, uint32_t v)
{
    uint32_t low = 0, high = b->live_in.n;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (b->live_in.at[mid] < v)
            low = mid + 1;
        else
            high = mid;
    }
    return low < b->live_in.n && b->live_in.at[low] == v;
}

static bool is_arg(const struct be_fn *f, const ir_val *args, uint32_t n,
                   uint32_t v)
{
    for (uint32_t k = 0; k < n; k++)
        if (be_moved(f, args[k]) == v)
            return true;
    return false;
}

static bool reads(const struct be_fn *f, const struct be_inst *i, uint32_t v)
{
    if (be_is_call(i->op))
        return is_arg(f, i->ir->args, i->ir->nargs, v);
    const char *letters = pvm_ops[i->op].operands;
    const uint32_t operands[3] = {i->a, i->b, i->c};
    for (int k = 0; letters[k]; k++)
        if ((letters[k] == 'S' || letters[k] == 'R') && operands[k] == v)
            return true;
    return false;
}

static bool end_reads(const struct be_fn *f, const struct be_block *b,
                      uint32_t v)
{
    switch (b->end) {
    case BE_JUMP: return is_arg(f, b->edge->args, b->edge->nargs, v);
    case BE_RETURN: return is_arg(f, b->last.ir->args, b->last.ir->nargs, v);
    case BE_MARK: return false;
    default: return reads(f, &b->last, v);
    }
}

/* Does v live behind the instruction at a slot of a block? */
static bool is_live_behind(const struct be_fn *f, uint32_t v, uint32_t block,
                           uint32_t slot)
{
    const struct be_block *b = &f->blocks[block];
    /* what a landing needs lives to the end of the extent, read or not */
    if (b->mark != b->mark_end || (b->end == BE_LEAVE && b->mark != BE_NONE))
        return true;
    for (int e = 0; e < 2; e++)
        if (b->succ[e] != BE_NONE && is_live_in(&f->blocks[b->succ[e]], v))
            return true;
    if (end_reads(f, b, v))
        return true;
    uint32_t first = slot - b->first_slot; /* the inst behind the slot */
    if (b->n > first + FAR)
        return true;
    for (uint32_t k = first; k < b->n; k++)
        if (reads(f, &b->insts[k], v))
            return true;
    return false;
}

/* Does v live where w has just been defined? */
static bool is_live_at_def(const struct be_fn *f, uint32_t v, uint32_t w)
{
    uint32_t block = f->def_block[w], slot = f->ranges[w].start / 2;
    if (slot == f->blocks[block].first_slot) /* a param */
        return f->ranges[v].start == f->ranges[w].start ||
               is_live_in(&f->blocks[block], v);
    return is_live_behind(f, v, block, slot);
}

bool be_interfere(const struct be_fn *f, uint32_t v, uint32_t w)
{
    if (be_is_flag(f, v) || be_is_flag(f, w))
        return true;
    return is_live_at_def(f, v, w) || is_live_at_def(f, w, v);
}
