/* code.h - the instruction word and the enumerations made from ops.def.
 *
 *    63      48 47      32 31      16 15    10  9  8        0
 *   +----------+----------+----------+--------+---+----------+
 *   |    C     |    B     |    A     |   X    | T |    op    |
 *   +----------+----------+----------+--------+---+----------+
 *   |  B:C as one 32-bit field "D"   |
 *
 * op  row of ops.def.        T  set where another instruction may arrive from
 * elsewhere than from the word before: a jump's destination, a function's
 * first instruction, the instruction after a call, a landing.
 * X   six more bits (mark kind; high bits of a function's or type's index).
 * A, B, C name registers of the frame, or hold immediates.  Dispatch tables
 * have 1024 entries, indexed by op and T together. */
#ifndef PAL_PVM_CODE_H
#define PAL_PVM_CODE_H

#include <stdbool.h>
#include <stdint.h>

enum pvm_op {
#define OP(num, NAME, text, operands, CLASS, PAIR, CHECK, meaning)             \
    PVM_##NAME = num,
#include "runtime/pvm/ops.def"
#undef OP
    PVM_NOPS_LIMIT = 512
};

/* How an instruction is undone in reverse mode. */
enum pvm_class {
    PVM_ASSIGN,  /* overwrites one register; its old word is logged */
    PVM_UPDATE,  /* a bijection on registers; its partner undoes it */
    PVM_STORE,   /* writes memory through the barrier, which logs */
    PVM_JUMP,    /* changes pc only; arrivals are logged */
    PVM_BACK,    /* the same, backwards only: it ticks when it is taken */
    PVM_CONTROL, /* frames; arrivals and the frame are logged */
    PVM_RUNS_C,  /* a function of the runtime; it logs what it overwrites */
    PVM_LEAVES   /* raises or ends: nothing after it is reached */
};

/* What the verifier checks beyond the operand letters of the row. */
enum pvm_check {
    CK_NONE,
    CK_NIL,        /* t is a type of objects that values refer to */
    CK_STRUCT_NEW, /* t is a struct type */
    CK_FIELD_S,    /* R is a struct, f one of its scalar words */
    CK_FIELD_R,    /* R is a struct, f one of its reference words */
    CK_SHORT_S,    /* as CK_FIELD_S, f below 32 (one block) */
    CK_SHORT_R,
    CK_GLOBAL_S, /* D is a scalar word of the globals */
    CK_GLOBAL_R, /* D is a reference word of the globals */
    CK_LIST_NEW, /* t is a list type */
    CK_MAP_NEW,  /* t is a map type */
    CK_LIST_W,   /* R is a list of 8-byte scalars */
    CK_LIST_B,   /* R is a list of bytes or bools */
    CK_LIST_R,   /* R is a list of references; the item has their type */
    CK_LIST,     /* R is any list */
    CK_STR,      /* every R is a str */
    CK_SAME_R,   /* the references have one type */
    CK_UNIT,     /* t is a type of which there is one object */
    CK_TAG,      /* R is a sum */
    CK_UP,       /* R is of a type below T */
    CK_DOWN,     /* R is wide, and T below its type */
    CK_NAME,     /* T is a type of names */
    CK_CALL,     /* arguments and results against the callee's signature */
    CK_CALLC,    /* the same against function type T, which r[p] is of */
    CK_RET,      /* results against the function's own signature, no mark */
    CK_NATIVE,   /* arguments and results against the native's signature */
    CK_FAIL,     /* R is an Error */
    CK_MARK,     /* opens a mark; landing, lock and keep register */
    CK_UNMARK,   /* closes the innermost mark */
    CK_CONST_S,  /* D names a scalar constant */
    CK_CONST_R   /* D names a string constant */
};

#define PVM_OP_MASK   0x1ffu
#define PVM_TARGET    0x200u
#define PVM_SLOT_MASK 0x3ffu
#define PVM_NOREG     0xffffu

static inline unsigned pvm_op(uint64_t w)
{
    return (unsigned)(w & PVM_OP_MASK);
}
static inline unsigned pvm_x(uint64_t w)
{
    return (unsigned)(w >> 10) & 63;
}
static inline unsigned pvm_a(uint64_t w)
{
    return (uint16_t)(w >> 16);
}
static inline unsigned pvm_b(uint64_t w)
{
    return (uint16_t)(w >> 32);
}
static inline unsigned pvm_c(uint64_t w)
{
    return (uint16_t)(w >> 48);
}
static inline int pvm_sc(uint64_t w)
{
    return (int16_t)(w >> 48);
}
static inline uint32_t pvm_d(uint64_t w)
{
    return (uint32_t)(w >> 32);
}
static inline int32_t pvm_sd(uint64_t w)
{
    return (int32_t)(w >> 32);
}
/* The index in C and, above it, X: a call's function, or a type. */
static inline uint32_t pvm_xc(uint64_t w)
{
    return pvm_c(w) | pvm_x(w) << 16;
}
static inline uint32_t pvm_callee(uint64_t w)
{
    return pvm_xc(w);
}
#define PVM_XC_LIMIT (1u << 22)
static inline uint64_t pvm_abc(unsigned op, unsigned a, unsigned b, unsigned c)
{
    return op | (uint64_t)(uint16_t)a << 16 | (uint64_t)(uint16_t)b << 32 |
           (uint64_t)(uint16_t)c << 48;
}
static inline uint64_t pvm_ad(unsigned op, unsigned a, uint32_t d)
{
    return op | (uint64_t)(uint16_t)a << 16 | (uint64_t)d << 32;
}

/* Whether the instruction behind it is where a callee returns to. */
static inline bool pvm_is_call(unsigned op)
{
    return op == PVM_CALL || op == PVM_CALLC;
}
static inline uint64_t pvm_abxc(unsigned op, unsigned a, unsigned b,
                                uint32_t index)
{
    return pvm_abc(op, a, b, index & 0xffff) | (uint64_t)(index >> 16) << 10;
}

/* Whether an operand letter stands for X and C as one. */
static inline bool pvm_is_xc(char letter)
{
    return letter == 'x' || letter == 'T';
}

/* Whether an operand letter stands for field D: no B and C follow. */
static inline bool pvm_is_wide(char letter)
{
    switch (letter) {
    case 'n':
    case 'J':
    case 'k':
    case 'g':
    case 't': return true;
    default: return false;
    }
}

/* One row of ops.def as data. */
struct pvm_op_info {
    const char *name;     /* enum name, e.g. "ADD" */
    const char *text;     /* mnemonic, e.g. "add"; NULL: no such number */
    const char *operands; /* letters, see ops.def */
    uint8_t class;        /* enum pvm_class */
    uint16_t pair;        /* the partner of an UPDATE row, else itself */
    uint8_t check;        /* enum pvm_check */
    const char *meaning;
};
/* Indexed by op; text is NULL where the table has no row. */
extern const struct pvm_op_info pvm_ops[PVM_NOPS_LIMIT];

#endif
