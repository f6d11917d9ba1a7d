/* verify.h - the verifier's state; private to pvm/.
 *
 * verify.c walks the functions and knows joins and marks; verify_insn.c
 * knows what each instruction asks of the state and does to it. */
#ifndef PAL_PVM_VERIFY_H
#define PAL_PVM_VERIFY_H

#include "runtime/mem/vec.h"
#include "runtime/pvm/image_file.h"
#include "runtime/pvm/regset.h"

struct verify_mark { /* a MARK of the function, in order of pc */
    uint32_t pc;
    uint32_t parent; /* index + 1 of the mark around it; 0: none */
    uint32_t holder; /* index + 1 of the innermost TRY, itself included */
    const struct pvm_join *landing; /* of a TRY */
    uint16_t error;                 /* register of a TRY's Error */
    uint32_t flags; /* all open keep flags are registers below this */
};

struct verifier {
    const struct pvm_image *im;
    struct pvm_error *err;
    struct mem *mem;
    struct arena *arena;
    const struct pvm_fn *fn;
    uint32_t pc;

    /* the state ahead of pc, or behind it once it was looked at */
    struct regset refs, scalars; /* registers that are defined */
    uint32_t *type;              /* of each defined reference register */
    uint32_t mark;               /* index + 1 of the innermost open mark */
    bool open;                   /* control can get here from the word above */

    VEC(struct verify_mark) marks;
    uint32_t locked_by; /* the holder whose landing the locks are made of */
    struct regset locked_refs, locked_scalars;

    uint64_t *targets;           /* a bit per instruction of the image */
    const uint32_t **word_types; /* of each struct's reference words */
    uint32_t *wider;             /* by type, as pvm_find_wider has it */
    uint64_t budget;             /* steps left, see verify_spend */
};

#define VERIFY_BAD(v, ...) pvm_error_at_((v)->err, (v)->pc, __VA_ARGS__)

/* Accounts for n steps whose sum is not bounded by the image's length alone,
 * such as comparing a join anew for each jump to it.  Real programs stay far
 * below the budget; what exceeds it was made to stall the loader. */
enum pal_status verify_spend(struct verifier *v, uint64_t n);

/* The state implies the join at pc `to` of this function. */
enum pal_status verify_reaches(struct verifier *v, uint32_t to);

/* MARK, KEEP and UNDO. */
enum pal_status verify_mark_open(struct verifier *v, uint64_t w);
enum pal_status verify_mark_close(struct verifier *v);

/* The instruction at v->pc: its operands, and what it does to the state. */
enum pal_status verify_insn(struct verifier *v, uint64_t w);

static inline void verify_define_ref(struct verifier *v, unsigned reg,
                                     uint32_t type)
{
    regset_add(&v->refs, reg);
    v->type[reg] = type;
}

/* A bound for the keep flags of the marks that are open. */
static inline uint32_t verify_flags(const struct verifier *v)
{
    return v->mark ? v->marks.at[v->mark - 1].flags : 0;
}

static inline bool verify_has_ref(const struct verifier *v, unsigned reg,
                                  uint32_t type)
{
    return regset_has(&v->refs, reg) && v->type[reg] == type;
}

static inline bool verify_has_live(const struct verifier *v,
                                   const struct pvm_live *l)
{
    return l->is_ref ? verify_has_ref(v, l->reg, l->type)
                     : regset_has(&v->scalars, l->reg);
}

/* Where the jump or landing of the instruction at pc leads: it may lie
 * outside the function. */
static inline int64_t verify_destination(uint32_t pc, int32_t offset)
{
    return (int64_t)pc + 1 + offset;
}

#endif
