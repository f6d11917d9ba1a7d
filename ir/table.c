/* table.c - ops.def and natives.def as data, and the proof that ops pair up.
 *
 * The assertions below are what reversing relies on: an injective op is
 * undone by its pair and undoes it, a control op read from the last line up
 * is its partner, and what needs no partner names itself. */
#include "ir/ir.h"

/* ---- expanded from ops.def ----------------------------------------------- */

/* Is c the i-th letter of the string literal s?  A constant expression. */
#define LETTER(s, i, c) ((s)[sizeof(s) > (i) ? (i) : 0] == (c))
#define HAS(s, c)                                                              \
    (LETTER(s, 0, c) || LETTER(s, 1, c) || LETTER(s, 2, c) || LETTER(s, 3, c))
#define FLAGS(s)                                                               \
    ((HAS(s, 'R') ? IR_READS : 0) | (HAS(s, 'W') ? IR_WRITES : 0) |            \
     (HAS(s, 'F') ? IR_FAILS : 0) | (HAS(s, 'T') ? IR_ENDS : 0))
/* The words of the imm column differ in their first or second letter. */
#define IMM(s)                                                                 \
    (LETTER(s, 0, 'v')   ? IR_IMM_VALUE                                        \
     : LETTER(s, 0, 's') ? IR_IMM_STR                                          \
     : LETTER(s, 0, 'w') ? IR_IMM_WORD                                         \
     : LETTER(s, 0, 'g') ? IR_IMM_GWORD                                        \
     : LETTER(s, 0, 't') ? IR_IMM_TYPE                                         \
     : LETTER(s, 0, 'n') ? IR_IMM_NATIVE                                       \
     : LETTER(s, 0, 'm') ? IR_IMM_MARK                                         \
     : LETTER(s, 1, 'n') ? IR_IMM_FN                                           \
     : LETTER(s, 1, 'l') ? IR_IMM_FLAG                                         \
                         : IR_IMM_NONE)

const struct ir_op_info ir_ops[IR_NOPS] = {
#define OP(NAME, text, CLASS, PAIR, flags, sig, imm, meaning)                  \
    [IR_##NAME] = {text, IR_##CLASS, IR_##PAIR, FLAGS(flags),                  \
                   sig,  #imm,       meaning,   IMM(#imm)},
#include "ir/ops.def"
#undef OP
};

const struct ir_native_info ir_natives[] = {
#define NATIVE(number, name, sig, EFFECT, fails, meaning)                      \
    {#name, sig, IR_EFFECT_##EFFECT, fails},
#include "runtime/pvm/natives.def"
#undef NATIVE
};
const uint32_t ir_nnatives = sizeof ir_natives / sizeof ir_natives[0];

/* ---- proofs -------------------------------------------------------------- */

enum {
#define OP(NAME, text, CLASS, PAIR, flags, sig, imm, meaning)                  \
    CLASS_OF_##NAME = IR_##CLASS, PAIR_OF_##NAME = IR_##PAIR,                  \
    LETTERS_OF_##NAME = sizeof(sig),
#include "ir/ops.def"
#undef OP
};

/* KEEP and UNDO are two ends of one MARK, RETURN and HALT of one BEGIN: MARK
 * and BEGIN name the usual one, so the other two are not named back. */
#define SECOND_END(op) ((op) == IR_UNDO || (op) == IR_HALT)

#define OP(NAME, text, CLASS, PAIR, flags, sig, imm, meaning)                  \
    _Static_assert(CLASS_OF_##NAME == CLASS_OF_##PAIR,                         \
                   text " and its pair are of one class");                     \
    _Static_assert(PAIR_OF_##PAIR == (int)IR_##NAME || SECOND_END(IR_##NAME),  \
                   text " is its pair's pair");                                \
    _Static_assert((int)CLASS_OF_##NAME == IR_INJECTIVE ||                     \
                       (int)CLASS_OF_##NAME == IR_CONTROL ||                   \
                       PAIR_OF_##NAME == (int)IR_##NAME,                       \
                   text " needs no partner");                                  \
    _Static_assert((int)CLASS_OF_##NAME != IR_INJECTIVE ||                     \
                       (int)LETTERS_OF_##NAME == (int)LETTERS_OF_##PAIR,       \
                   text " and its pair take and give the same");               \
    _Static_assert(sizeof(flags) <= 5, text " has at most four flags");
#include "ir/ops.def"
#undef OP
