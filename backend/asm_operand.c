/* asm_operand.c - references, operands and instructions of .pvm text. */
#include "backend/asm.h"

#include <string.h>

#include "runtime/pvm/natives.h"

/* ---- references ---------------------------------------------------------- */

/* The N of "#N".  Whether there is such a thing is checked with the image, or
 * with the code by the verifier. */
bool asm_index_ref(struct as *s, uint32_t *out)
{
    int64_t v;
    if (!asm_int(&s->c, 0, UINT32_MAX - 1, &v))
        return false;
    *out = (uint32_t)v;
    return true;
}

bool asm_type_ref(struct as *s, uint32_t *out)
{
    struct asm_slice name;
    if (asm_accept(&s->c, '#'))
        return asm_index_ref(s, out);
    struct asm_place at = asm_here(&s->c);
    if (!asm_type_name(&s->c, &name))
        return false;
    *out = asm_symbols_find(&s->types, name);
    return *out != UINT32_MAX ||
           asm_fail_at(&s->c, at, "there is no type `%.*s`",
                       name.n < 80 ? (int)name.n : 80, name.at);
}

bool asm_value_type(struct as *s, struct pvm_value_type *out)
{
    *out = (struct pvm_value_type){0};
    out->kind = asm_accept_word(&s->c, "int")     ? PVM_INT
                : asm_accept_word(&s->c, "float") ? PVM_FLOAT
                : asm_accept_word(&s->c, "bool")  ? PVM_BOOL
                : asm_accept_word(&s->c, "byte")  ? PVM_BYTE
                                                  : PVM_REF;
    return out->kind != PVM_REF || asm_type_ref(s, &out->type);
}

bool asm_part_type(struct as *s, struct pvm_value_type *out)
{
    uint32_t low = 0, high = s->names.n;
    if (!asm_value_type(s, out))
        return false;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (s->names.at[mid] < out->type)
            low = mid + 1;
        else
            high = mid;
    }
    if (out->kind == PVM_REF && low < s->names.n &&
        s->names.at[low] == out->type)
        out->kind = PVM_INT;
    return true;
}

bool asm_fn_ref(struct as *s, uint32_t *out)
{
    struct asm_slice name;
    if (asm_accept(&s->c, '#'))
        return asm_index_ref(s, out);
    struct asm_place at = asm_here(&s->c);
    if (!asm_name(&s->c, &name, "a function"))
        return false;
    *out = asm_symbols_find(&s->fns, name);
    return *out != UINT32_MAX ||
           asm_fail_at(&s->c, at, "there is no function `%.*s`",
                       name.n < 80 ? (int)name.n : 80, name.at);
}

bool asm_add_native(struct as *s, struct asm_slice name, const char *sig,
                    uint32_t n, uint32_t *out)
{
    *out = builder_import(&s->b, name.at, name.n, sig, n);
    if (s->b.failed)
        return asm_no_memory(&s->c);
    asm_symbols_add(&s->c, &s->natives, name, *out);
    return !s->c.no_memory;
}

/* A native by name: one that the text declares or uses already, or a row of
 * natives.def, which becomes the next import. */
static bool read_native(struct as *s, uint32_t *out)
{
    struct asm_slice name;
    if (asm_accept(&s->c, '#'))
        return asm_index_ref(s, out); /* verified with the code */
    struct asm_place at = asm_here(&s->c);
    if (!asm_name(&s->c, &name, "a native"))
        return false;
    *out = asm_symbols_find(&s->natives, name);
    if (*out != UINT32_MAX)
        return true;
    for (int i = 0; i < PVM_NATIVES_LIMIT; i++) {
        const struct pvm_native *row = &pvm_natives[i];
        if (row->name && strlen(row->name) == name.n &&
            !memcmp(row->name, name.at, name.n))
            return asm_add_native(s, name, row->sig, (uint32_t)strlen(row->sig),
                                  out);
    }
    return asm_fail_at(&s->c, at,
                       "there is no native `%.*s`; if there will be, declare "
                       "it: .native NAME \"SIGNATURE\"",
                       name.n < 80 ? (int)name.n : 80, name.at);
}

static bool read_string_ref(struct as *s, uint32_t *out)
{
    struct asm_slice text;
    if (asm_accept(&s->c, '#'))
        return asm_index_ref(s, out);
    if (!asm_string(&s->c, &text))
        return false;
    *out = builder_string(&s->b, text.at, text.n);
    return true;
}

static bool read_const_ref(struct as *s, uint32_t *out)
{
    uint64_t bits;
    if (asm_accept(&s->c, '#'))
        return asm_index_ref(s, out);
    if (!asm_bits(&s->c, &bits))
        return false;
    *out = builder_const(&s->b, bits);
    return true;
}

/* "FILE":LINE */
bool asm_file_line(struct as *s, uint32_t *file, uint32_t *line)
{
    struct asm_slice name;
    int64_t n;
    if (!asm_string(&s->c, &name) || !asm_expect(&s->c, ':') ||
        !asm_int(&s->c, 0, UINT32_MAX, &n))
        return false;
    *file = builder_string(&s->b, name.at, name.n);
    *line = (uint32_t)n;
    return true;
}

/* LINE:COLUMN */
bool asm_line_entry(struct as *s, uint32_t pc)
{
    int64_t line, column;
    if (!asm_int(&s->c, 0, UINT32_MAX, &line) || !asm_expect(&s->c, ':') ||
        !asm_int(&s->c, 0, UINT32_MAX, &column))
        return false;
    struct pvm_line l = {pc, (uint32_t)line, (uint32_t)column};
    return vec_push(s->b.mem, &s->b.lines, l) || asm_no_memory(&s->c);
}

/* ---- operands ------------------------------------------------------------ */

static bool read_register(struct as *s, char class, uint32_t *out)
{
    struct asm_slice w;
    struct asm_place at = asm_here(&s->c);
    uint32_t n = 0;
    if (!asm_word(&s->c, &w,
                  class == 'r' ? "a register r0, r1, …"
                               : "a register s0, s1, …"))
        return false;
    bool good = w.n > 1 && w.n < 7 && w.at[0] == class;
    for (uint32_t i = 1; good && i < w.n; i++) {
        good = w.at[i] >= '0' && w.at[i] <= '9';
        n = n * 10 + (uint32_t)(w.at[i] - '0');
    }
    *out = n;
    if (!good)
        return asm_fail_at(&s->c, at,
                           "`%.*s` is no register; one of class %c is needed",
                           w.n < 40 ? (int)w.n : 40, w.at, class);
    return n <= UINT16_MAX ||
           asm_fail_at(&s->c, at, "registers go up to %c65535", class);
}

/* A register that the instruction reads or writes itself. */
bool asm_own_register(struct as *s, char class, uint32_t *out)
{
    if (!read_register(s, class, out))
        return false;
    struct pvm_fn *f = asm_this_fn(s);
    uint16_t *size = class == 'r' ? &f->nrefs : &f->nscalars;
    bool needed = class == 'r' ? s->need_refs : s->need_scalars;
    if (needed && *size <= *out)
        *size = *out < UINT16_MAX ? (uint16_t)(*out + 1) : UINT16_MAX;
    return true;
}

static bool read_register_or_none(struct as *s, char class, uint32_t *out)
{
    *out = PVM_NOREG;
    return asm_accept_word(&s->c, "none") || asm_own_register(s, class, out);
}

/* A label, or an offset with its sign. */
static bool read_jump(struct as *s, bool wide, uint32_t *out)
{
    struct asm_jump j = {
        .pc = s->b.code.n, .wide = wide, .place = asm_here(&s->c)};
    if (asm_is_word(&s->c)) {
        *out = 0;
        return asm_word(&s->c, &j.label, "a label") &&
               (vec_push(s->b.mem, &s->jumps, j) || asm_no_memory(&s->c));
    }
    int64_t offset;
    if (!asm_int(&s->c, wide ? INT32_MIN : INT16_MIN,
                 wide ? INT32_MAX : INT16_MAX, &offset))
        return false;
    *out = (uint32_t)offset;
    return vec_push(s->b.mem, &s->jumps, j) || asm_no_memory(&s->c);
}

static bool read_number(struct as *s, int64_t lo, int64_t hi, uint32_t *out)
{
    int64_t v;
    if (!asm_int(&s->c, lo, hi, &v))
        return false;
    *out = (uint32_t)v;
    return true;
}

static bool read_operand(struct as *s, unsigned op, char letter, uint32_t *out)
{
    switch (letter) {
    case 's':
    case 'S':
    case 'U': return asm_own_register(s, 's', out);
    case 'r':
    case 'R':
    case 'V': return asm_own_register(s, 'r', out);
    case 'p': return read_register(s, 'r', out);
    case 'q': return read_register(s, 's', out);
    case 'e': return read_register_or_none(s, 'r', out);
    case 'K': return read_register_or_none(s, 's', out);
    case 'i': return read_number(s, INT16_MIN, INT16_MAX, out);
    case 'f': return read_number(s, 0, UINT16_MAX, out);
    case 'n': return read_number(s, INT32_MIN, INT32_MAX, out);
    case 'g': return read_number(s, 0, UINT32_MAX, out);
    case 'j': return read_jump(s, false, out);
    case 'J': return read_jump(s, true, out);
    case 't':
    case 'T': return asm_type_ref(s, out);
    case 'x': return asm_fn_ref(s, out);
    case 'N': return read_native(s, out);
    default:
        return op == PVM_LDKR ? read_string_ref(s, out)
                              : read_const_ref(s, out);
    }
}

/* ---- instructions -------------------------------------------------------- */

static bool put_word(struct as *s, uint64_t w, uint32_t line)
{
    struct pvm_fn *f = asm_this_fn(s);
    uint32_t pc = s->b.code.n;
    bool arrives = pc == f->entry || pvm_is_call(pvm_op(s->b.code.at[pc - 1]));
    if (pc >= UINT32_MAX / 4)
        return asm_fail(&s->c, "the program has too much code");
    builder_word(&s->b, w | (arrives ? PVM_TARGET : 0));
    if (s->b.failed || !vec_push(s->b.mem, &s->text_line, line))
        return asm_no_memory(&s->c);
    return true;
}

/* `mark undo, K` and `mark try, E, K, LANDING` */
static bool read_mark(struct as *s, uint64_t *w)
{
    uint32_t error = PVM_NOREG, keep, landing = 0;
    bool is_try = asm_accept_word(&s->c, "try");
    if (!is_try && !asm_accept_word(&s->c, "undo"))
        return asm_fail(&s->c, "a mark is `undo` or `try`");
    if (!asm_expect(&s->c, ','))
        return false;
    if (is_try &&
        (!read_register_or_none(s, 'r', &error) || !asm_expect(&s->c, ',')))
        return false;
    if (!read_register_or_none(s, 's', &keep))
        return false;
    if (is_try && (!asm_expect(&s->c, ',') || !read_jump(s, false, &landing)))
        return false;
    *w = pvm_abc(PVM_MARK, error, keep, landing) | (uint64_t)is_try << 10;
    return true;
}

static bool read_operands(struct as *s, unsigned op, uint64_t *w)
{
    const char *letters = pvm_ops[op].operands;
    uint32_t v[3] = {0, 0, 0};
    bool first = true;
    *w = op;
    for (int i = 0; letters[i]; i++) {
        if (letters[i] == '-')
            continue;
        if (!first && !asm_expect(&s->c, ','))
            return false;
        first = false;
        if (!read_operand(s, op, letters[i], &v[i]))
            return false;
        if (pvm_is_xc(letters[i]) && v[i] >= PVM_XC_LIMIT)
            return asm_fail(&s->c, "an instruction reaches %u %s", PVM_XC_LIMIT,
                            letters[i] == 'x' ? "functions" : "types");
        if (pvm_is_xc(letters[i]))
            *w |= (uint64_t)(v[i] >> 16) << 10;
        *w |= pvm_is_wide(letters[i])
                  ? (uint64_t)v[i] << 32
                  : (uint64_t)(uint16_t)v[i] << (16 + 16 * i);
    }
    return true;
}

static bool note_window(struct as *s, uint64_t w)
{
    struct asm_window n = {.fn = s->b.fns.n - 1,
                           .p = pvm_a(w),
                           .q = pvm_b(w),
                           .refs = s->need_refs,
                           .scalars = s->need_scalars,
                           .op = (uint16_t)pvm_op(w),
                           .callee = pvm_xc(w)};
    if (!s->need_refs && !s->need_scalars)
        return true;
    return vec_push(s->b.mem, &s->windows, n) || asm_no_memory(&s->c);
}

bool asm_inst(struct as *s, struct asm_slice name, struct asm_place at)
{
    uint32_t op = asm_symbols_find(&s->ops, name), pc = s->b.code.n;
    uint64_t w = 0;
    if (!s->in_fn)
        return asm_fail_at(&s->c, at,
                           "an instruction stands in a function: .fn comes "
                           "first");
    if (op == UINT32_MAX)
        return asm_fail_at(&s->c, at, "there is no instruction `%.*s`",
                           name.n < 80 ? (int)name.n : 80, name.at);
    if (op == PVM_MARK ? !read_mark(s, &w) : !read_operands(s, op, &w))
        return false;
    if ((pvm_is_call(op) || op == PVM_NAT) && !note_window(s, w))
        return false;
    return put_word(s, w, at.line) &&
           (!asm_accept(&s->c, '@') || asm_line_entry(s, pc));
}

/* A raw word that jumps has its destination checked as any other. */
static bool note_jump(struct as *s, uint64_t w)
{
    const char *letters = pvm_ops[pvm_op(w)].operands;
    struct asm_jump j = {.pc = s->b.code.n, .place = asm_here(&s->c)};
    if (!pvm_ops[pvm_op(w)].text || (pvm_op(w) == PVM_MARK && pvm_x(w) != 1))
        return true;
    for (int i = 0; letters[i]; i++) {
        j.wide = letters[i] == 'J';
        if (j.wide || letters[i] == 'j')
            return vec_push(s->b.mem, &s->jumps, j) || asm_no_memory(&s->c);
    }
    return true;
}

bool asm_word_line(struct as *s, struct asm_place at)
{
    uint64_t w;
    uint32_t pc = s->b.code.n;
    if (!s->in_fn)
        return asm_fail(&s->c, ".word stands in a function");
    if (!asm_bits(&s->c, &w))
        return false;
    w &= ~(uint64_t)PVM_TARGET;
    return note_jump(s, w) && put_word(s, w, at.line) &&
           (!asm_accept(&s->c, '@') || asm_line_entry(s, pc));
}
