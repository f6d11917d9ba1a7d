/* table.c - ops.def as data, and what must hold of it. */
#include "runtime/pvm/code.h"

const struct pvm_op_info pvm_ops[PVM_NOPS_LIMIT] = {
#define OP(num, NAME, mnemonic, letters, CLASS, PAIR, CHECK, what)             \
    [num] = {.name = #NAME,                                                    \
             .text = mnemonic,                                                 \
             .operands = letters,                                              \
             .class = PVM_##CLASS,                                             \
             .pair = PVM_##PAIR,                                               \
             .check = CHECK,                                                   \
             .meaning = what},
#include "runtime/pvm/ops.def"
#undef OP
};

/* ---- assertions ---------------------------------------------------------- */

/* Numbers fit the op field.  That they are unique the compiler says where
 * one element above, or one case below, stands twice. */
#define OP(num, NAME, text, operands, CLASS, PAIR, CHECK, meaning)             \
    _Static_assert((num) >= 0 && (num) < PVM_NOPS_LIMIT, "number of " #NAME);
#include "runtime/pvm/ops.def"
#undef OP

__attribute__((unused)) static void numbers_are_unique(unsigned op)
{
    switch (op) {
#define OP(num, NAME, text, operands, CLASS, PAIR, CHECK, meaning) case num:
#include "runtime/pvm/ops.def"
#undef OP
    default: break;
    }
}

/* The operands an update may have.  Its partner must have the same, since it
 * is run with this one's fields. */
enum shape { NO_SHAPE, SHAPE_U, SHAPE_US, SHAPE_UI, SHAPE_UU, SHAPE_VV };

#define IS(a, b) (__builtin_strcmp(a, b) == 0)
#define SHAPE_OF(operands)                                                     \
    (IS(operands, "U--")   ? SHAPE_U                                           \
     : IS(operands, "US-") ? SHAPE_US                                          \
     : IS(operands, "U-i") ? SHAPE_UI                                          \
     : IS(operands, "UU-") ? SHAPE_UU                                          \
     : IS(operands, "VV-") ? SHAPE_VV                                          \
                           : NO_SHAPE)

/* Rows as constants, so that a row can speak of its partner's. */
enum row_constants {
#define OP(num, NAME, text, operands, CLASS, PAIR, CHECK, meaning)             \
    PAIR_OF_##NAME = PVM_##PAIR, CLASS_OF_##NAME = PVM_##CLASS,
#include "runtime/pvm/ops.def"
#undef OP
};

enum row_shapes {
#define OP(num, NAME, text, operands, CLASS, PAIR, CHECK, meaning)             \
    SHAPE_OF_##NAME = SHAPE_OF(operands),
#include "runtime/pvm/ops.def"
#undef OP
};

#define SAME(a, b) ((int)(a) == (int)(b))

#define OP(num, NAME, text, operands, CLASS, PAIR, CHECK, meaning)             \
    _Static_assert(SAME(PAIR_OF_##PAIR, PVM_##NAME),                           \
                   #NAME " and its partner name each other");                  \
    _Static_assert(SAME(CLASS_OF_##NAME, PVM_UPDATE) ||                        \
                       SAME(PVM_##PAIR, PVM_##NAME),                           \
                   #NAME " is no update and so its own partner");              \
    _Static_assert(SAME(CLASS_OF_##PAIR, CLASS_OF_##NAME),                     \
                   #NAME " and its partner are of one class");                 \
    _Static_assert(SAME(SHAPE_OF_##PAIR, SHAPE_OF_##NAME),                     \
                   #NAME " and its partner have the same operands");           \
    _Static_assert(SAME(CLASS_OF_##NAME, PVM_UPDATE) ==                        \
                       !SAME(SHAPE_OF_##NAME, NO_SHAPE),                       \
                   #NAME " has the operands of an update if it is one");       \
    _Static_assert(sizeof(operands) - 1 >= 2 && sizeof(operands) - 1 <= 3,     \
                   #NAME " has two or three operand letters");
#include "runtime/pvm/ops.def"
#undef OP
