/* asm.h - the assembler's state, shared by its files.
 *
 *   assemble.c      passes, types, directives
 *   asm_fn.c        functions, labels, joins, frames
 *   asm_operand.c   references by name, operands, instructions
 *   asm_text.c      words, strings, numbers; tables by name
 *
 * Readers skip what they read and yield false after an error, which is kept
 * in the cursor; see asm_text.h. */
#ifndef PAL_BACKEND_ASM_H
#define PAL_BACKEND_ASM_H

#include "backend/asm_text.h"

struct asm_jump { /* an operand that names a label */
    uint32_t pc;
    bool wide;
    struct asm_slice label;
    struct asm_place place;
};

struct asm_mark_use { /* a join that names a mark's label */
    uint32_t join;
    struct asm_slice label;
    struct asm_place place;
};

struct asm_window { /* of a call in a function whose frame is not given */
    uint32_t fn, p, q;
    bool refs, scalars; /* sizes that are not given */
    uint16_t op;        /* CALL, CALLC or NAT */
    uint32_t callee;    /* function, type or import */
};

struct as {
    struct asm_cursor c;
    struct builder b;
    struct asm_symbols ops, types, fns, natives;
    VEC(uint32_t) text_line; /* by pc: line of the instruction, for errors */
    VEC(struct pvm_field) fields;      /* of the type at hand */
    VEC(uint32_t) names;               /* indices of NAMES types, ascending */
    VEC(struct pvm_value_type) values; /* of the signature at hand */
    bool in_fn, in_struct;
    bool need_refs, need_scalars;   /* frame sizes of the function are ours */
    VEC(struct asm_window) windows; /* of all such functions */

    struct arena *labels_arena; /* of the function */
    struct asm_symbols labels;
    VEC(struct asm_jump) jumps;
    VEC(struct asm_mark_use) marks;
    uint32_t join_pc; /* pc + 1 of the newest join */
};

static inline struct pvm_fn *asm_this_fn(struct as *s)
{
    return &s->b.fns.at[s->b.fns.n - 1];
}

/* ---- asm_operand.c ------------------------------------------------------- */

/* "#N", a type's or function's name, `int` or a type, "FILE":LINE. */
bool asm_index_ref(struct as *s, uint32_t *out);
bool asm_type_ref(struct as *s, uint32_t *out);
bool asm_fn_ref(struct as *s, uint32_t *out);
bool asm_value_type(struct as *s, struct pvm_value_type *out);
/* As asm_value_type; a type of names is that of an int. */
bool asm_part_type(struct as *s, struct pvm_value_type *out);
bool asm_file_line(struct as *s, uint32_t *file, uint32_t *line);
/* LINE:COLUMN, noted for a pc. */
bool asm_line_entry(struct as *s, uint32_t pc);
/* A register of class 'r' or 's', for which the frame has room afterwards. */
bool asm_own_register(struct as *s, char class, uint32_t *out);
/* Makes a native an import. */
bool asm_add_native(struct as *s, struct asm_slice name, const char *sig,
                    uint32_t n, uint32_t *out);
/* The rest of an instruction whose mnemonic stood at `at`; of a .word. */
bool asm_inst(struct as *s, struct asm_slice name, struct asm_place at);
bool asm_word_line(struct as *s, struct asm_place at);

/* ---- asm_fn.c ------------------------------------------------------------ */

/* "(" types ")" [ "->" … ] into params, results and their numbers. */
bool asm_signature(struct as *s, struct pvm_fn *f);
/* The rest of .fn and .live; a label. */
bool asm_fn_line(struct as *s);
bool asm_live_line(struct as *s);
bool asm_label(struct as *s, struct asm_slice name, struct asm_place at);
/* Ends the function at hand, if there is one: its jumps are filled in. */
bool asm_close_fn(struct as *s);
/* Widens frames whose sizes the text leaves out for the calls they make. */
void asm_widen_frames(struct as *s);

#endif
