/* insn.h - what each instruction does: one macro per row of ops.def.
 *
 * A body touches the machine through accessors only, so the plain and the
 * traced loop are made from this one text (loop.h).  Parameters are the
 * instruction's fields: a, b, c, and d for b and c as one.
 *
 *   S(i) R(i)         registers                F(i)  a scalar as a float
 *   S_SET R_SET       overwrite (ASSIGN rows; the old word is logged)
 *   S_UPD R_UPD       change by a bijection (UPDATE rows; nothing is logged)
 *   S_OUT R_OUT       results of rows that run C
 *   WORD(o, w)        payload word w of an object, ITEM, BYTE of its store
 *   INFO(o)           its header's word, TYPE_OF the type in it
 *   BAR_VAL BAR_REF   the write barrier, before each store
 *   JUMP BACK         by c or d, BACK ticks
 *   TRAP(...)         raise: the state is as before the instruction
 *   SAVE              writes pc and bases to State, before C that needs them
 *   RUN(e)            C that returns a pal_status */

/* moves and constants */
#define I_NOP(a, b, c, d)  ((void)0)
#define I_MOV(a, b, c, d)  S_SET(a, S(b))
#define I_MOVR(a, b, c, d) R_SET(a, R(b))
#define I_LDI(a, b, c, d)  S_SET(a, (int32_t)(d))
#define I_LDK(a, b, c, d)  S_SET(a, vm->consts[d])
#define I_LDKR(a, b, c, d) R_SET(a, vm->strings[d])
#define I_LDN(a, b, c, d)  R_SET(a, 0)
#define I_SWAP(a, b, c, d)                                                     \
    do {                                                                       \
        int64_t x_ = S(a), y_ = S(b);                                          \
        S_UPD(a, y_);                                                          \
        S_UPD(b, x_);                                                          \
    } while (0)
#define I_SWAPR(a, b, c, d)                                                    \
    do {                                                                       \
        uint64_t x_ = R(a), y_ = R(b);                                         \
        R_UPD(a, y_);                                                          \
        R_UPD(b, x_);                                                          \
    } while (0)

/* int */
#define I_ADD(a, b, c, d) S_SET(a, arith_add(S(b), S(c)))
#define I_SUB(a, b, c, d) S_SET(a, arith_sub(S(b), S(c)))
#define I_MUL(a, b, c, d) S_SET(a, arith_mul(S(b), S(c)))
#define I_DIV(a, b, c, d)                                                      \
    do {                                                                       \
        if (PAL_UNLIKELY(S(c) == 0))                                           \
            TRAP(vm_trap(vm, VM_DIVIDE, "division by zero"));                  \
        S_SET(a, arith_div(S(b), S(c)));                                       \
    } while (0)
#define I_MOD(a, b, c, d)                                                      \
    do {                                                                       \
        if (PAL_UNLIKELY(S(c) == 0))                                           \
            TRAP(vm_trap(vm, VM_DIVIDE, "remainder of a division by zero"));   \
        S_SET(a, arith_mod(S(b), S(c)));                                       \
    } while (0)
#define I_AND(a, b, c, d)   S_SET(a, S(b) & S(c))
#define I_OR(a, b, c, d)    S_SET(a, S(b) | S(c))
#define I_XOR(a, b, c, d)   S_SET(a, S(b) ^ S(c))
#define I_SHL(a, b, c, d)   S_SET(a, arith_shl(S(b), S(c)))
#define I_SHR(a, b, c, d)   S_SET(a, arith_shr(S(b), S(c)))
#define I_ROTL(a, b, c, d)  S_SET(a, arith_rotl(S(b), S(c)))
#define I_ROTR(a, b, c, d)  S_SET(a, arith_rotr(S(b), S(c)))
#define I_NEG(a, b, c, d)   S_SET(a, arith_neg(S(b)))
#define I_INV(a, b, c, d)   S_SET(a, ~S(b))
#define I_ADDI(a, b, c, d)  S_SET(a, arith_add(S(b), (int16_t)(c)))
#define I_MULI(a, b, c, d)  S_SET(a, arith_mul(S(b), (int16_t)(c)))
#define I_DIVI(a, b, c, d)  S_SET(a, arith_div(S(b), (int16_t)(c)))
#define I_MODI(a, b, c, d)  S_SET(a, arith_mod(S(b), (int16_t)(c)))
#define I_ANDI(a, b, c, d)  S_SET(a, S(b) & (int16_t)(c))
#define I_ORI(a, b, c, d)   S_SET(a, S(b) | (int16_t)(c))
#define I_XORI(a, b, c, d)  S_SET(a, S(b) ^ (int16_t)(c))
#define I_SHLI(a, b, c, d)  S_SET(a, arith_shl(S(b), (int16_t)(c)))
#define I_SHRI(a, b, c, d)  S_SET(a, arith_shr(S(b), (int16_t)(c)))
#define I_RSUBI(a, b, c, d) S_SET(a, arith_sub((int16_t)(c), S(b)))
#define I_ROTL8(a, b, c, d) S_SET(a, arith_rotl8(S(b), S(c)))
#define I_ROTR8(a, b, c, d) S_SET(a, arith_rotr8(S(b), S(c)))

/* float */
#define I_FADD(a, b, c, d) S_SET(a, arith_bits(F(b) + F(c)))
#define I_FSUB(a, b, c, d) S_SET(a, arith_bits(F(b) - F(c)))
#define I_FMUL(a, b, c, d) S_SET(a, arith_bits(F(b) * F(c)))
#define I_FDIV(a, b, c, d) S_SET(a, arith_bits(F(b) / F(c)))
#define I_FMOD(a, b, c, d) S_SET(a, arith_bits(arith_fmod(F(b), F(c))))
#define I_FNEG(a, b, c, d) S_SET(a, arith_bits(arith_fneg(F(b))))
#define I_ITOF(a, b, c, d) S_SET(a, arith_bits((double)S(b)))
#define I_FTOI(a, b, c, d)                                                     \
    do {                                                                       \
        int64_t i_;                                                            \
        if (PAL_UNLIKELY(!arith_ftoi(F(b), &i_)))                              \
            TRAP(vm_trap_range(vm, F(b)));                                     \
        S_SET(a, i_);                                                          \
    } while (0)
#define I_ITOB(a, b, c, d)                                                     \
    do {                                                                       \
        if (PAL_UNLIKELY((uint64_t)S(b) > 255))                                \
            TRAP(vm_trap(vm, VM_CONVERT,                                       \
                         "%" PRId64 " is out of the range of byte", S(b)));    \
        S_SET(a, S(b));                                                        \
    } while (0)

/* comparisons */
#define I_EQ(a, b, c, d)   S_SET(a, S(b) == S(c))
#define I_NE(a, b, c, d)   S_SET(a, S(b) != S(c))
#define I_LT(a, b, c, d)   S_SET(a, S(b) < S(c))
#define I_LE(a, b, c, d)   S_SET(a, S(b) <= S(c))
#define I_EQI(a, b, c, d)  S_SET(a, S(b) == (int16_t)(c))
#define I_LTI(a, b, c, d)  S_SET(a, S(b) < (int16_t)(c))
#define I_ISN(a, b, c, d)  S_SET(a, R(b) == 0)
#define I_FEQ(a, b, c, d)  S_SET(a, F(b) == F(c))
#define I_FNE(a, b, c, d)  S_SET(a, F(b) != F(c))
#define I_FLT(a, b, c, d)  S_SET(a, F(b) < F(c))
#define I_FLE(a, b, c, d)  S_SET(a, F(b) <= F(c))
#define I_EQR(a, b, c, d)  S_SET(a, R(b) == R(c))
#define I_SCMP(a, b, c, d) S_SET(a, str_compare(&vm->h, R(b), R(c)))
#define I_SEQ(a, b, c, d)  S_SET(a, str_equal(&vm->h, R(b), R(c)))

/* jumps */
#define JUMP_IF(cond, c)                                                       \
    do {                                                                       \
        if (cond)                                                              \
            JUMP((int16_t)(c));                                                \
    } while (0)
#define BACK_IF(cond, c)                                                       \
    do {                                                                       \
        if (cond)                                                              \
            BACK((int16_t)(c));                                                \
    } while (0)
#define I_JMP(a, b, c, d)    JUMP((int32_t)(d))
#define I_JT(a, b, c, d)     JUMP_IF(S(a) != 0, c)
#define I_JF(a, b, c, d)     JUMP_IF(S(a) == 0, c)
#define I_JEQ(a, b, c, d)    JUMP_IF(S(a) == S(b), c)
#define I_JNE(a, b, c, d)    JUMP_IF(S(a) != S(b), c)
#define I_JLT(a, b, c, d)    JUMP_IF(S(a) < S(b), c)
#define I_JLE(a, b, c, d)    JUMP_IF(S(a) <= S(b), c)
#define I_JEQI(a, b, c, d)   JUMP_IF(S(a) == (int16_t)(b), c)
#define I_JNEI(a, b, c, d)   JUMP_IF(S(a) != (int16_t)(b), c)
#define I_JLTI(a, b, c, d)   JUMP_IF(S(a) < (int16_t)(b), c)
#define I_JGEI(a, b, c, d)   JUMP_IF(S(a) >= (int16_t)(b), c)
#define I_JGTI(a, b, c, d)   JUMP_IF(S(a) > (int16_t)(b), c)
#define I_JLEI(a, b, c, d)   JUMP_IF(S(a) <= (int16_t)(b), c)
#define I_JFLT(a, b, c, d)   JUMP_IF(F(a) < F(b), c)
#define I_JFLE(a, b, c, d)   JUMP_IF(F(a) <= F(b), c)
#define I_JFNLT(a, b, c, d)  JUMP_IF(!(F(a) < F(b)), c)
#define I_JFNLE(a, b, c, d)  JUMP_IF(!(F(a) <= F(b)), c)
#define I_JN(a, b, c, d)     JUMP_IF(R(a) == 0, c)
#define I_JNN(a, b, c, d)    JUMP_IF(R(a) != 0, c)
#define I_JMPB(a, b, c, d)   BACK((int32_t)(d))
#define I_JTB(a, b, c, d)    BACK_IF(S(a) != 0, c)
#define I_JFB(a, b, c, d)    BACK_IF(S(a) == 0, c)
#define I_JEQB(a, b, c, d)   BACK_IF(S(a) == S(b), c)
#define I_JNEB(a, b, c, d)   BACK_IF(S(a) != S(b), c)
#define I_JLTB(a, b, c, d)   BACK_IF(S(a) < S(b), c)
#define I_JLEB(a, b, c, d)   BACK_IF(S(a) <= S(b), c)
#define I_JEQIB(a, b, c, d)  BACK_IF(S(a) == (int16_t)(b), c)
#define I_JNEIB(a, b, c, d)  BACK_IF(S(a) != (int16_t)(b), c)
#define I_JLTIB(a, b, c, d)  BACK_IF(S(a) < (int16_t)(b), c)
#define I_JGEIB(a, b, c, d)  BACK_IF(S(a) >= (int16_t)(b), c)
#define I_JGTIB(a, b, c, d)  BACK_IF(S(a) > (int16_t)(b), c)
#define I_JLEIB(a, b, c, d)  BACK_IF(S(a) <= (int16_t)(b), c)
#define I_JFLTB(a, b, c, d)  BACK_IF(F(a) < F(b), c)
#define I_JFLEB(a, b, c, d)  BACK_IF(F(a) <= F(b), c)
#define I_JFNLTB(a, b, c, d) BACK_IF(!(F(a) < F(b)), c)
#define I_JFNLEB(a, b, c, d) BACK_IF(!(F(a) <= F(b)), c)
#define I_JNB(a, b, c, d)    BACK_IF(R(a) == 0, c)
#define I_JNNB(a, b, c, d)   BACK_IF(R(a) != 0, c)

/* structs and globals */
#define I_NEW(a, b, c, d)                                                      \
    do {                                                                       \
        SAVE;                                                                  \
        uint64_t o_ = gc_new(&vm->h, d, vm->type_words[d]);                    \
        if (PAL_UNLIKELY(!o_))                                                 \
            TRAP(vm_trap_memory(vm));                                          \
        R_OUT(a, o_);                                                          \
    } while (0)
#define I_LDF(a, b, c, d)  S_SET(a, (int64_t)WORD(R(b), c))
#define I_LDFR(a, b, c, d) R_SET(a, WORD(R(b), c))
#define I_STF(a, b, c, d)                                                      \
    do {                                                                       \
        BAR_SHORT_VAL(R(a));                                                   \
        WORD(R(a), c) = (uint64_t)S(b);                                        \
    } while (0)
#define I_STFR(a, b, c, d)                                                     \
    do {                                                                       \
        BAR_SHORT_REF(R(a));                                                   \
        WORD(R(a), c) = R(b);                                                  \
    } while (0)
#define I_STFX(a, b, c, d)                                                     \
    do {                                                                       \
        BAR_VAL(R(a), c);                                                      \
        WORD(R(a), c) = (uint64_t)S(b);                                        \
    } while (0)
#define I_STFXR(a, b, c, d)                                                    \
    do {                                                                       \
        BAR_REF(R(a), c);                                                      \
        WORD(R(a), c) = R(b);                                                  \
    } while (0)
#define I_LDG(a, b, c, d)  S_SET(a, (int64_t)WORD(vm->globals, d))
#define I_LDGR(a, b, c, d) R_SET(a, WORD(vm->globals, d))
#define I_STG(a, b, c, d)                                                      \
    do {                                                                       \
        BAR_VAL(vm->globals, d);                                               \
        WORD(vm->globals, d) = (uint64_t)S(a);                                 \
    } while (0)
#define I_STGR(a, b, c, d)                                                     \
    do {                                                                       \
        BAR_REF(vm->globals, d);                                               \
        WORD(vm->globals, d) = R(a);                                           \
    } while (0)

/* lists */
#define IN_RANGE(list, i)                                                      \
    do {                                                                       \
        if (PAL_UNLIKELY((uint64_t)(i) >= WORD(list, LIST_LEN)))               \
            TRAP(vm_trap_index(vm, i, WORD(list, LIST_LEN)));                  \
    } while (0)
#define I_NEWL(a, b, c, d)                                                     \
    do {                                                                       \
        SAVE;                                                                  \
        uint64_t o_ = gc_new(&vm->h, d, LIST_WORDS);                           \
        if (PAL_UNLIKELY(!o_))                                                 \
            TRAP(vm_trap_memory(vm));                                          \
        R_OUT(a, o_);                                                          \
    } while (0)
#define I_NEWM(a, b, c, d)                                                     \
    do {                                                                       \
        SAVE;                                                                  \
        uint64_t o_ = gc_new(&vm->h, d, MAP_WORDS);                            \
        if (PAL_UNLIKELY(!o_))                                                 \
            TRAP(vm_trap_memory(vm));                                          \
        R_OUT(a, o_);                                                          \
    } while (0)
#define I_LEN(a, b, c, d) S_SET(a, (int64_t)WORD(R(b), LIST_LEN))
#define I_LDE(a, b, c, d)                                                      \
    do {                                                                       \
        uint64_t o_ = R(b);                                                    \
        int64_t i_ = S(c);                                                     \
        IN_RANGE(o_, i_);                                                      \
        S_SET(a, (int64_t)ITEM(WORD(o_, LIST_STORE), i_));                     \
    } while (0)
#define I_LDEB(a, b, c, d)                                                     \
    do {                                                                       \
        uint64_t o_ = R(b);                                                    \
        int64_t i_ = S(c);                                                     \
        IN_RANGE(o_, i_);                                                      \
        S_SET(a, BYTE(WORD(o_, LIST_STORE), i_));                              \
    } while (0)
#define I_LDER(a, b, c, d)                                                     \
    do {                                                                       \
        uint64_t o_ = R(b);                                                    \
        int64_t i_ = S(c);                                                     \
        IN_RANGE(o_, i_);                                                      \
        R_SET(a, ITEM(WORD(o_, LIST_STORE), i_));                              \
    } while (0)
#define I_STE(a, b, c, d)                                                      \
    do {                                                                       \
        uint64_t o_ = R(a);                                                    \
        int64_t i_ = S(b);                                                     \
        IN_RANGE(o_, i_);                                                      \
        o_ = WORD(o_, LIST_STORE);                                             \
        BAR_VAL(o_, STORE_ITEMS + (uint64_t)i_);                               \
        ITEM(o_, i_) = (uint64_t)S(c);                                         \
    } while (0)
#define I_STEB(a, b, c, d)                                                     \
    do {                                                                       \
        uint64_t o_ = R(a);                                                    \
        int64_t i_ = S(b);                                                     \
        IN_RANGE(o_, i_);                                                      \
        o_ = WORD(o_, LIST_STORE);                                             \
        BAR_VAL(o_, STORE_ITEMS + (uint64_t)i_ / 8);                           \
        BYTE(o_, i_) = (uint8_t)S(c);                                          \
    } while (0)
#define I_STER(a, b, c, d)                                                     \
    do {                                                                       \
        uint64_t o_ = R(a);                                                    \
        int64_t i_ = S(b);                                                     \
        IN_RANGE(o_, i_);                                                      \
        o_ = WORD(o_, LIST_STORE);                                             \
        BAR_REF(o_, STORE_ITEMS + (uint64_t)i_);                               \
        ITEM(o_, i_) = R(c);                                                   \
    } while (0)
#define I_PUSH(a, b, c, d)                                                     \
    do {                                                                       \
        if (vm_push_at_once(&vm->h, R(a), (uint64_t)S(b), vm->h.t_val))        \
            break;                                                             \
        I_PUSHB(a, b, c, d);                                                   \
    } while (0)
#define I_PUSHB(a, b, c, d)                                                    \
    do {                                                                       \
        SAVE;                                                                  \
        RUN(vm_push(vm, &R(a), (const uint64_t *)&S(b)));                      \
    } while (0)
#define I_PUSHR(a, b, c, d)                                                    \
    do {                                                                       \
        if (vm_push_at_once(&vm->h, R(a), R(b), vm->h.t_ref))                  \
            break;                                                             \
        SAVE;                                                                  \
        RUN(vm_push(vm, &R(a), &R(b)));                                        \
    } while (0)
#define I_POP(a, b, c, d)                                                      \
    do {                                                                       \
        uint64_t item_;                                                        \
        SAVE;                                                                  \
        RUN(vm_pop(vm, R(b), &item_));                                         \
        S_OUT(a, (int64_t)item_);                                              \
    } while (0)
#define I_POPB(a, b, c, d) I_POP(a, b, c, d)
#define I_POPR(a, b, c, d)                                                     \
    do {                                                                       \
        uint64_t item_;                                                        \
        SAVE;                                                                  \
        RUN(vm_pop(vm, R(b), &item_));                                         \
        R_OUT(a, item_);                                                       \
    } while (0)

/* sums, names, any; the null reference reads as an object of type 0 */
#define TYPE_OF(o)        ((uint32_t)INFO(o) & 0xffffff)
#define I_LDU(a, b, c, d) R_SET(a, vm->units[d])
#define I_TAG(a, b, c, d) S_SET(a, vm->type_tags[TYPE_OF(R(b))])
#define I_UP(a, b, c, d)  R_SET(a, R(b))
#define I_DOWN(a, b, c, d)                                                     \
    do {                                                                       \
        uint64_t o_ = R(b);                                                    \
        uint32_t t_ = TYPE_OF(o_), want_ = pvm_xc(w);                          \
        R_SET(a, t_ == want_ || vm->type_wider[t_] == want_ ? o_ : 0);         \
    } while (0)
#define I_NAME(a, b, c, d)                                                     \
    do {                                                                       \
        const struct pvm_type *t_ = &vm->h.image->types[pvm_xc(w)];            \
        int64_t i_ = S(b);                                                     \
        if (PAL_UNLIKELY((uint64_t)i_ >= t_->nfields))                         \
            TRAP(vm_trap_index(vm, i_, t_->nfields));                          \
        R_SET(a, vm->strings[t_->fields[i_].name]);                            \
    } while (0)

/* strings */
#define I_SLEN(a, b, c, d) S_SET(a, (int64_t)str_len(&vm->h, R(b)))
#define I_SIDX(a, b, c, d)                                                     \
    do {                                                                       \
        uint64_t o_ = R(b);                                                    \
        int64_t i_ = S(c);                                                     \
        uint64_t n_ = str_len(&vm->h, o_);                                     \
        if (PAL_UNLIKELY((uint64_t)i_ >= n_))                                  \
            TRAP(vm_trap_index(vm, i_, n_));                                   \
        S_SET(a, str_bytes(&vm->h, o_)[i_]);                                   \
    } while (0)
#define I_CAT(a, b, c, d)                                                      \
    do {                                                                       \
        uint64_t o_;                                                           \
        SAVE;                                                                  \
        RUN(vm_cat(vm, &R(b), &R(c), &o_));                                    \
        R_OUT(a, o_);                                                          \
    } while (0)

/* calls */
#define CALL_FN(index, a, b)                                                   \
    do {                                                                       \
        const struct vm_fn *f_ = &vm->fns[index];                              \
        if (PAL_UNLIKELY(r + (a) > vm->r_end || s + (b) > vm->s_end ||         \
                         ctl > vm->c_end))                                     \
            TRAP(vm_trap(vm, VM_STACK, "the call stack is full"));             \
        CTL_PUSH(vm_record((uint64_t)((const uint8_t *)pc - base), w));        \
        r += (a);                                                              \
        s += (b);                                                              \
        for (unsigned i_ = f_->ref_params; i_ < f_->nrefs; i_++)               \
            R_SET(i_, 0);                                                      \
        pc = (const uint64_t *)(base + f_->entry);                             \
        TICK;                                                                  \
    } while (0)
#define I_CALL(a, b, c, d) CALL_FN(pvm_callee(w), a, b)
/* The closure stays where it is: it is the first argument. */
#define I_CALLC(a, b, c, d)                                                    \
    do {                                                                       \
        uint64_t o_ = R(a);                                                    \
        if (PAL_UNLIKELY(!o_))                                                 \
            TRAP(vm_trap(vm, VM_NONE, "a call of no function"));               \
        CALL_FN(vm->type_fns[TYPE_OF(o_)], a, b);                              \
    } while (0)
#define I_RET(a, b, c, d)                                                      \
    do {                                                                       \
        uint64_t x_ = *--ctl;                                                  \
        pc = (const uint64_t *)(base + (uint32_t)x_);                          \
        r -= x_ >> 32 & 0xffff;                                                \
        s -= x_ >> 48;                                                         \
    } while (0)
#define I_NAT(a, b, c, d)                                                      \
    do {                                                                       \
        SAVE;                                                                  \
        RUN(vm_call_native(vm, vm->h.image->imports[c].native, r + (a),        \
                           s + (b)));                                          \
    } while (0)

/* time */
#define I_MARK(a, b, c, d)                                                     \
    do {                                                                       \
        SAVE;                                                                  \
        RUN(vm_mark(vm, w, (uint64_t)(pc - 1 - code)));                        \
    } while (0)
#define I_KEEP(a, b, c, d)                                                     \
    do {                                                                       \
        SAVE;                                                                  \
        RUN(vm_keep(vm));                                                      \
    } while (0)
#define I_UNDO(a, b, c, d)                                                     \
    do {                                                                       \
        SAVE;                                                                  \
        RUN(vm_undo(vm));                                                      \
    } while (0)
#define I_FAIL(a, b, c, d)                                                     \
    do {                                                                       \
        SAVE;                                                                  \
        FAIL_WITH(R(a));                                                       \
    } while (0)
#define I_HALT(a, b, c, d)                                                     \
    do {                                                                       \
        SAVE;                                                                  \
        STOP(PAL_OK);                                                          \
    } while (0)

/* updates in place */
#define I_UADD(a, b, c, d)  S_UPD(a, arith_add(S(a), S(b)))
#define I_USUB(a, b, c, d)  S_UPD(a, arith_sub(S(a), S(b)))
#define I_UXOR(a, b, c, d)  S_UPD(a, S(a) ^ S(b))
#define I_UROTL(a, b, c, d) S_UPD(a, arith_rotl(S(a), S(b)))
#define I_UROTR(a, b, c, d) S_UPD(a, arith_rotr(S(a), S(b)))
#define I_UNEG(a, b, c, d)  S_UPD(a, arith_neg(S(a)))
#define I_UINV(a, b, c, d)  S_UPD(a, ~S(a))
#define I_UADDI(a, b, c, d) S_UPD(a, arith_add(S(a), (int16_t)(c)))
#define I_USUBI(a, b, c, d) S_UPD(a, arith_sub(S(a), (int16_t)(c)))
