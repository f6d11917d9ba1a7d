/* verify.c - the proof that an image is safe to run.
 *
 * One pass over each function's code in order, with a state: which registers
 * are defined, of which type each reference is, which mark is open.  Where
 * control can meet, the image says the state (a join), and every way there
 * must imply it: so nothing is ever looked at twice.  What is proved:
 *
 *   - an instruction reads registers that are defined, of the type that it
 *     needs; fields, items, constants, globals, calls and natives exist and
 *     have the types that are used.  (A null reference is no concern: the vm
 *     reads zeros through it.)
 *   - control stays in the function, arrives only at instructions with bit T
 *     and in a state they list, and does not run off the end;
 *   - marks nest, are closed on the way to every return, and the state at a
 *     join says which one is open.
 *   - when an error ends the extent of a TRY mark, control goes to its
 *     landing, in the middle of any instruction of the extent.  So the
 *     registers that the landing's join lists are defined at the MARK and
 *     locked in the extent: no instruction writes them, and no call's window
 *     covers them.  The register of the Error is excepted: the unwinder sets
 *     it.
 *   - the unwinder also reads the keep flags of the marks it passes: they are
 *     defined at their MARK, and no call's window covers one that is open.
 *
 * Locks need no stack.  A join within the extent of a TRY lists what the
 * landing lists (it is live there, since the landing may come next), and that
 * includes the landings of TRY marks further in.  By induction the innermost
 * landing lists all that is locked: one set, made anew when a join or a MARK
 * changes the innermost TRY.
 *
 * The pass takes steps in proportion to the image's length.  Where they
 * depend on the product of two things in the image, they come out of a
 * budget in proportion to the length. */
#include "runtime/pvm/verify.h"

#include "runtime/pvm/marks.h"
#include "runtime/pvm/natives.h"

enum { REGISTERS = 65536, BUDGET_FACTOR = 64 };
#define BUDGET_FREE ((uint64_t)64 << 20)

enum pal_status verify_spend(struct verifier *v, uint64_t n)
{
    if (n > v->budget)
        return VERIFY_BAD(v, "the joins list too much for the code's length");
    v->budget -= n;
    return PAL_OK;
}

/* ---- jump destinations --------------------------------------------------- */

static bool is_target(const struct verifier *v, uint32_t pc)
{
    return v->targets[pc >> 6] >> (pc & 63) & 1;
}

static void set_target(struct verifier *v, uint32_t pc)
{
    v->targets[pc >> 6] |= UINT64_C(1) << (pc & 63);
}

/* The field of an instruction that says where to go on, if it has one. */
static bool has_offset(uint64_t w, int32_t *offset)
{
    const char *letters = pvm_ops[pvm_op(w)].operands;

    if (pvm_op(w) == PVM_MARK && pvm_x(w) != PVM_MARK_TRY)
        return false; /* only a TRY has a landing */
    for (int i = 0; letters[i]; i++) {
        if (letters[i] == 'J')
            *offset = pvm_sd(w);
        if (letters[i] == 'j')
            *offset = pvm_sc(w);
        if (letters[i] == 'J' || letters[i] == 'j')
            return true;
    }
    return false;
}

static bool goes_back(unsigned op)
{
    return pvm_ops[op].class == PVM_BACK;
}

/* Notes where control can arrive in the function from elsewhere. */
static enum pal_status find_targets(struct verifier *v)
{
    const struct pvm_fn *f = v->fn;

    set_target(v, f->entry);
    for (v->pc = f->entry; v->pc < f->end; v->pc++) {
        uint64_t w = v->im->code[v->pc];
        int32_t offset;
        int64_t to;

        if (!pvm_ops[pvm_op(w)].text)
            return VERIFY_BAD(v, "%u is no instruction", pvm_op(w));
        if (pvm_is_call(pvm_op(w)) && v->pc + 1 < f->end)
            set_target(v, v->pc + 1);
        if (!has_offset(w, &offset))
            continue;
        to = verify_destination(v->pc, offset);
        if (to < f->entry || to >= f->end)
            return VERIFY_BAD(v, "%s leads out of its function",
                              pvm_ops[pvm_op(w)].text);
        if (goes_back(pvm_op(w)) != (offset < 0))
            return VERIFY_BAD(v, "%s goes in the wrong direction, to %u",
                              pvm_ops[pvm_op(w)].text, (uint32_t)to);
        set_target(v, (uint32_t)to);
    }
    return PAL_OK;
}

/* ---- joins --------------------------------------------------------------- */

static uint32_t mark_name(const struct verifier *v, uint32_t mark)
{
    return mark ? v->marks.at[mark - 1].pc + 1 : 0;
}

/* The mark that a join names, as index + 1; false when none so far is it. */
static bool find_mark(const struct verifier *v, uint32_t name, uint32_t *mark)
{
    uint32_t low = 0, high = v->marks.n;

    while (low < high) {
        uint32_t mid = low + (high - low) / 2;

        if (v->marks.at[mid].pc + 1 < name)
            low = mid + 1;
        else
            high = mid;
    }
    *mark = name ? low + 1 : 0;
    return !name || (low < v->marks.n && v->marks.at[low].pc + 1 == name);
}

static enum pal_status implies(struct verifier *v, const struct pvm_join *j)
{
    TRY(verify_spend(v, j->nlive));
    if (mark_name(v, v->mark) != j->mark)
        return VERIFY_BAD(v, "another mark is open than at the join at %u",
                          j->pc);
    for (uint32_t i = 0; i < j->nlive; i++) {
        const struct pvm_live *l = &j->live[i];

        if (!verify_has_live(v, l))
            return VERIFY_BAD(v, "%c%u is not defined as the join at %u has it",
                              l->is_ref ? 'r' : 's', l->reg, j->pc);
    }
    return PAL_OK;
}

enum pal_status verify_reaches(struct verifier *v, uint32_t to)
{
    const struct pvm_join *j = pvm_join_at(v->im, v->fn, to);

    if (!j)
        return VERIFY_BAD(v, "the destination %u has no join", to);
    return implies(v, j);
}

static bool is_locked(const struct verifier *v, const struct pvm_live *l)
{
    return regset_has(l->is_ref ? &v->locked_refs : &v->locked_scalars, l->reg);
}

/* Makes the locks those of the mark that v->mark is or lies in. */
static enum pal_status set_locks(struct verifier *v)
{
    uint32_t holder = v->mark ? v->marks.at[v->mark - 1].holder : 0;
    const struct verify_mark *m;

    if (holder == v->locked_by)
        return PAL_OK;
    v->locked_by = holder;
    regset_clear_from(&v->locked_refs, 0);
    regset_clear_from(&v->locked_scalars, 0);
    if (!holder)
        return PAL_OK;
    m = &v->marks.at[holder - 1];
    TRY(verify_spend(v, m->landing->nlive));
    for (uint32_t i = 0; i < m->landing->nlive; i++) {
        const struct pvm_live *l = &m->landing->live[i];

        if (!l->is_ref)
            regset_add(&v->locked_scalars, l->reg);
        else if (l->reg != m->error)
            regset_add(&v->locked_refs, l->reg);
    }
    return PAL_OK;
}

/* What is locked is live: the state lists it. */
static enum pal_status lists_locked(struct verifier *v)
{
    const struct pvm_join *landing;

    if (!v->locked_by)
        return PAL_OK;
    landing = v->marks.at[v->locked_by - 1].landing;
    TRY(verify_spend(v, landing->nlive));
    for (uint32_t i = 0; i < landing->nlive; i++) {
        const struct pvm_live *l = &landing->live[i];

        if (is_locked(v, l) && !verify_has_live(v, l))
            return VERIFY_BAD(v,
                              "the join does not list %c%u, which the landing "
                              "at %u needs",
                              l->is_ref ? 'r' : 's', l->reg, landing->pc);
    }
    return PAL_OK;
}

static void forget_state(struct verifier *v)
{
    regset_clear_from(&v->refs, 0);
    regset_clear_from(&v->scalars, 0);
}

/* Control arrives at a join: from above, if it can; the state is then exactly
 * what the join says. */
static enum pal_status arrive(struct verifier *v, const struct pvm_join *j)
{
    if (v->open)
        TRY(implies(v, j));
    if (!find_mark(v, j->mark, &v->mark))
        return VERIFY_BAD(v, "the join names a mark that is none");
    forget_state(v);
    for (uint32_t i = 0; i < j->nlive; i++) {
        const struct pvm_live *l = &j->live[i];

        if (regset_has(l->is_ref ? &v->refs : &v->scalars, l->reg))
            return VERIFY_BAD(v, "the join lists %c%u twice",
                              l->is_ref ? 'r' : 's', l->reg);
        if (l->is_ref)
            verify_define_ref(v, l->reg, l->type);
        else
            regset_add(&v->scalars, l->reg);
    }
    TRY(set_locks(v));
    TRY(lists_locked(v));
    v->open = true;
    return PAL_OK;
}

/* ---- marks --------------------------------------------------------------- */

/* What the landing lists is defined here, but for the Error. */
static enum pal_status check_landing(struct verifier *v,
                                     const struct verify_mark *m)
{
    const struct pvm_join *j = m->landing;

    TRY(verify_spend(v, j->nlive));
    if (j->mark != mark_name(v, m->parent))
        return VERIFY_BAD(v, "the landing at %u is not outside the mark",
                          j->pc);
    for (uint32_t i = 0; i < j->nlive; i++) {
        const struct pvm_live *l = &j->live[i];
        bool is_error = l->is_ref && l->reg == m->error;

        if (is_error ? l->type != PVM_T_ERROR : !verify_has_live(v, l))
            return VERIFY_BAD(v,
                              "%c%u is not defined as the landing at %u has "
                              "it",
                              l->is_ref ? 'r' : 's', l->reg, j->pc);
    }
    return PAL_OK;
}

static enum pal_status check_try(struct verifier *v, struct verify_mark *m,
                                 uint64_t w)
{
    m->error = (uint16_t)pvm_a(w);
    m->holder = v->marks.n + 1;
    if (m->error >= v->fn->nrefs)
        return VERIFY_BAD(v, "the Error's register r%u is not in the frame",
                          m->error);
    if (regset_has(&v->locked_refs, m->error))
        return VERIFY_BAD(v, "the Error's register r%u is locked", m->error);
    /* find_targets saw that it leads forward within the function */
    m->landing = pvm_join_at(v->im, v->fn, v->pc + 1 + (uint32_t)pvm_sc(w));
    if (!m->landing)
        return VERIFY_BAD(v, "the landing has no join");
    return check_landing(v, m);
}

enum pal_status verify_mark_open(struct verifier *v, uint64_t w)
{
    struct verify_mark m = {
        .pc = v->pc, .parent = v->mark, .flags = verify_flags(v)};
    unsigned keep = pvm_b(w);

    if (keep != PVM_NOREG && !regset_has(&v->scalars, keep))
        return VERIFY_BAD(v, "the keep flag s%u is not defined", keep);
    if (keep != PVM_NOREG && keep >= m.flags)
        m.flags = keep + 1;
    switch (pvm_x(w)) {
    case PVM_MARK_UNDO:
        if (pvm_a(w) != PVM_NOREG || pvm_c(w))
            return VERIFY_BAD(v, "the mark has a landing and needs none");
        m.holder = v->mark ? v->marks.at[v->mark - 1].holder : 0;
        break;
    case PVM_MARK_TRY: TRY(check_try(v, &m, w)); break;
    default: return VERIFY_BAD(v, "%u is no kind of mark", pvm_x(w));
    }
    if (!vec_push(v->mem, &v->marks, m))
        return PAL_NOMEM;
    v->mark = v->marks.n;
    return set_locks(v);
}

enum pal_status verify_mark_close(struct verifier *v)
{
    if (!v->mark)
        return VERIFY_BAD(v, "no mark is open");
    v->mark = v->marks.at[v->mark - 1].parent;
    /* A join follows, which sets the locks. */
    return PAL_OK;
}

/* ---- functions ----------------------------------------------------------- */

static void enter(struct verifier *v)
{
    unsigned ref = 0, scalar = 0;

    forget_state(v);
    for (uint32_t i = 0; i < v->fn->nparams; i++) {
        struct pvm_value_type p = v->fn->params[i];

        if (p.kind == PVM_REF)
            verify_define_ref(v, ref++, p.type);
        else
            regset_add(&v->scalars, scalar++);
    }
    v->mark = 0;
    v->marks.n = 0;
    v->locked_by = 0;
    regset_clear_from(&v->locked_refs, 0);
    regset_clear_from(&v->locked_scalars, 0);
    v->open = true;
}

/* Whether the instruction has to have a join. */
static bool needs_join(const struct verifier *v)
{
    unsigned before;

    if (v->pc == v->fn->entry)
        return false;
    before = pvm_op(v->im->code[v->pc - 1]);
    return is_target(v, v->pc) || before == PVM_KEEP || before == PVM_UNDO;
}

static enum pal_status step(struct verifier *v, const struct pvm_join *j)
{
    uint64_t w = v->im->code[v->pc];

    if (!!(w & PVM_TARGET) != is_target(v, v->pc))
        return VERIFY_BAD(v, is_target(v, v->pc)
                                 ? "control arrives here, and bit T is not set"
                                 : "bit T is set, and nothing arrives here");
    if (!!j != needs_join(v))
        return VERIFY_BAD(v, j ? "there is a join where control cannot meet"
                               : "a join is missing");
    if (j)
        TRY(arrive(v, j));
    if (!v->open)
        return VERIFY_BAD(v, "control cannot get here");
    return verify_insn(v, w);
}

static enum pal_status verify_fn(struct verifier *v)
{
    const struct pvm_fn *f = v->fn;
    uint32_t next = f->first_join, end = next + f->njoins;

    TRY(find_targets(v));
    enter(v);
    for (v->pc = f->entry; v->pc < f->end; v->pc++) {
        const struct pvm_join *j = NULL;

        if (next < end && v->im->joins[next].pc == v->pc)
            j = &v->im->joins[next++];
        TRY(step(v, j));
    }
    v->pc = f->end - 1;
    if (v->open)
        return VERIFY_BAD(v, "control runs off the end of the function");
    return PAL_OK;
}

/* ---- the image ----------------------------------------------------------- */

static enum pal_status bind(struct pvm_image *im, struct pvm_error *err)
{
    /* The image owns the array; only its readers see it as const. */
    struct pvm_import *imports = (struct pvm_import *)im->imports;

    for (uint32_t i = 0; i < im->nimports; i++) {
        struct pvm_str name = im->strings[imports[i].name];
        struct pvm_str sig = im->strings[imports[i].sig];

        imports[i].native = pvm_native_find(im->text + name.at, name.len,
                                            im->text + sig.at, sig.len);
        if (imports[i].native < 0)
            return pvm_error_at_(
                err, UINT32_MAX,
                "this runtime has no native '%.*s' of "
                "signature '%.*s'",
                name.len < 60 ? (int)name.len : 60, im->text + name.at,
                sig.len < 30 ? (int)sig.len : 30, im->text + sig.at);
    }
    return PAL_OK;
}

/* Types of the reference words of each struct: they are in the order of its
 * reference fields. */
static bool map_words(struct verifier *v)
{
    const struct pvm_image *im = v->im;

    v->word_types = ARENA_ARRAY(v->arena, const uint32_t *, im->ntypes);
    for (uint32_t i = 0; v->word_types && i < im->ntypes; i++) {
        const struct pvm_type *t = &im->types[i];
        uint32_t *words = ARENA_ARRAY(v->arena, uint32_t, t->nrefs);

        if (!words)
            return false;
        v->word_types[i] = words;
        for (uint32_t k = 0; t->nrefs && k < t->nfields; k++) {
            if (t->fields[k].of.kind == PVM_REF)
                *words++ = t->fields[k].of.type;
        }
    }
    return v->word_types != NULL;
}

static enum pal_status verify_fns(struct verifier *v)
{
    const struct pvm_image *im = v->im;
    uint64_t length = im->ncode;

    v->type = ARENA_ARRAY(v->arena, uint32_t, REGISTERS);
    v->targets = ARENA_ARRAY(v->arena, uint64_t, im->ncode / 64 + 1);
    v->wider = ARENA_ARRAY(v->arena, uint32_t, im->ntypes);
    if (!v->type || !v->targets || !v->wider || !map_words(v))
        return PAL_NOMEM;
    pvm_find_wider(im, v->wider, NULL);
    for (uint32_t i = 0; i < im->njoins; i++)
        length += im->joins[i].nlive;
    v->budget = length * BUDGET_FACTOR + BUDGET_FREE;
    for (uint32_t i = 0; i < im->nfns; i++) {
        v->fn = &im->fns[i];
        TRY(verify_fn(v));
    }
    return PAL_OK;
}

enum pal_status pvm_verify(struct pvm_image *im, struct mem *m,
                           struct pvm_error *err)
{
    struct arena *a;
    struct verifier *v;
    enum pal_status st = PAL_NOMEM;

    TRY(pvm_check_(im, err));
    TRY(bind(im, err));
    a = arena_open(m);
    v = a ? ARENA_NEW(a, struct verifier) : NULL;
    if (v) {
        v->im = im;
        v->err = err;
        v->mem = m;
        v->arena = a;
        st = verify_fns(v);
        vec_free(m, &v->marks);
    }
    arena_close(a);
    return st;
}
