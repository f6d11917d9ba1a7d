/* verify_insn.c - what instructions ask of the state and do to it.
 *
 * In three steps, by the letters of the instruction's row: registers read are
 * defined; the row's check finds the types right and says of what type a
 * reference written will be; registers written are not locked, and become
 * defined. */
#include "runtime/pvm/natives.h"
#include "runtime/pvm/verify.h"

struct insn {
    uint64_t w;
    unsigned op;
    const struct pvm_op_info *row;
    unsigned field[3]; /* A, B, C */
    uint32_t result;   /* type of the reference written, once known */
};

static const struct pvm_type *type_of(const struct verifier *v, uint32_t t)
{
    return &v->im->types[t];
}

static const struct pvm_type *type_in(const struct verifier *v, unsigned reg)
{
    return type_of(v, v->type[reg]);
}

/* ---- registers ----------------------------------------------------------- */

static enum pal_status read_scalar(struct verifier *v, unsigned reg)
{
    if (reg >= v->fn->nscalars)
        return VERIFY_BAD(v, "s%u is not in the frame", reg);
    if (!regset_has(&v->scalars, reg))
        return VERIFY_BAD(v, "s%u is read and not defined", reg);
    return PAL_OK;
}

static enum pal_status read_ref(struct verifier *v, unsigned reg)
{
    if (reg >= v->fn->nrefs)
        return VERIFY_BAD(v, "r%u is not in the frame", reg);
    if (!regset_has(&v->refs, reg))
        return VERIFY_BAD(v, "r%u is read and not defined", reg);
    return PAL_OK;
}

static enum pal_status write_scalar(struct verifier *v, unsigned reg)
{
    if (reg >= v->fn->nscalars)
        return VERIFY_BAD(v, "s%u is not in the frame", reg);
    if (regset_has(&v->locked_scalars, reg))
        return VERIFY_BAD(v, "s%u is written and locked by a mark", reg);
    regset_add(&v->scalars, reg);
    return PAL_OK;
}

static enum pal_status write_ref(struct verifier *v, unsigned reg,
                                 uint32_t type)
{
    if (reg >= v->fn->nrefs)
        return VERIFY_BAD(v, "r%u is not in the frame", reg);
    if (regset_has(&v->locked_refs, reg))
        return VERIFY_BAD(v, "r%u is written and locked by a mark", reg);
    verify_define_ref(v, reg, type);
    return PAL_OK;
}

/* ---- operands ------------------------------------------------------------ */

static enum pal_status read_operand(struct verifier *v, char letter,
                                    unsigned field)
{
    switch (letter) {
    case 'S':
    case 'U': return read_scalar(v, field);
    case 'R':
    case 'V': return read_ref(v, field);
    case '-':
        return field ? VERIFY_BAD(v, "an unused field is not zero") : PAL_OK;
    default: return PAL_OK; /* written, or the check's affair */
    }
}

static enum pal_status write_operand(struct verifier *v, char letter,
                                     unsigned field, uint32_t result)
{
    switch (letter) {
    case 's':
    case 'U': return write_scalar(v, field);
    case 'r': return write_ref(v, field, result);
    case 'V': return write_ref(v, field, v->type[field]);
    default: return PAL_OK;
    }
}

static bool has_xc(const char *letters)
{
    for (; *letters; letters++)
        if (pvm_is_xc(*letters))
            return true;
    return false;
}

static enum pal_status check_reads(struct verifier *v, const struct insn *in)
{
    const char *letters = in->row->operands;

    if (pvm_x(in->w) && !has_xc(letters) && in->op != PVM_MARK)
        return VERIFY_BAD(v, "field X is not zero");
    for (int i = 0; i < 3 && letters[i] && !pvm_is_wide(letters[i]); i++)
        TRY(read_operand(v, letters[i], in->field[i]));
    /* The registers of an update: if they were one, it could not be undone. */
    if (in->row->class == PVM_UPDATE && in->field[0] == in->field[1] &&
        (letters[1] == 'S' || letters[1] == 'U' || letters[1] == 'V'))
        return VERIFY_BAD(v, "an update reads the register it updates");
    return PAL_OK;
}

static enum pal_status check_writes(struct verifier *v, const struct insn *in)
{
    const char *letters = in->row->operands;

    for (int i = 0; i < 3 && letters[i] && !pvm_is_wide(letters[i]); i++)
        TRY(write_operand(v, letters[i], in->field[i], in->result));
    return PAL_OK;
}

/* ---- structs, globals, lists --------------------------------------------- */

/* A store names its object first, a load second. */
static unsigned object_of(const struct insn *in)
{
    return in->field[in->row->operands[0] != 'R'];
}

/* The reference that a store stores. */
static unsigned stored_ref(const struct insn *in)
{
    return in->field[in->row->operands[1] == 'R' ? 1 : 2];
}

/* A reference word or item of type t is loaded, or one is stored there. */
static enum pal_status move_ref(struct verifier *v, struct insn *in, uint32_t t)
{
    in->result = t;
    if (in->row->operands[0] == 'R' && v->type[stored_ref(in)] != t)
        return VERIFY_BAD(v, "r%u is stored as what it is not", stored_ref(in));
    return PAL_OK;
}

static enum pal_status check_field(struct verifier *v, struct insn *in,
                                   bool is_ref, unsigned most)
{
    unsigned reg = object_of(in), word = in->field[2];
    const struct pvm_type *t = type_in(v, reg);

    if (t->kind != PVM_TYPE_STRUCT && t->kind != PVM_TYPE_CLOSURE)
        return VERIFY_BAD(v, "r%u is no struct", reg);
    if (word >= most)
        return VERIFY_BAD(v, "word %u is out of this instruction's reach",
                          word);
    if (is_ref) {
        if (word >= t->nrefs)
            return VERIFY_BAD(v, "word %u is no reference", word);
        return move_ref(v, in, v->word_types[v->type[reg]][word]);
    }
    if (word < t->nrefs || word - t->nrefs >= t->nscalars)
        return VERIFY_BAD(v, "word %u is no scalar", word);
    return PAL_OK;
}

static enum pal_status check_global(struct verifier *v, struct insn *in,
                                    bool is_ref)
{
    uint32_t word = pvm_d(in->w), globals = v->im->globals, type;
    const struct pvm_type *t = type_of(v, globals);

    if (!globals)
        return VERIFY_BAD(v, "the image has no globals");
    if (is_ref) {
        if (word >= t->nrefs)
            return VERIFY_BAD(v, "global word %u is no reference", word);
        type = v->word_types[globals][word];
        if (in->row->operands[0] == 'R' && v->type[in->field[0]] != type)
            return VERIFY_BAD(v, "r%u is stored as what it is not",
                              in->field[0]);
        in->result = type;
        return PAL_OK;
    }
    if (word < t->nrefs || word - t->nrefs >= t->nscalars)
        return VERIFY_BAD(v, "global word %u is no scalar", word);
    return PAL_OK;
}

static bool is_byte_kind(unsigned kind)
{
    return kind == PVM_BYTE || kind == PVM_BOOL;
}

static bool is_word_kind(unsigned kind)
{
    return kind == PVM_INT || kind == PVM_FLOAT;
}

static enum pal_status check_list(struct verifier *v, struct insn *in)
{
    unsigned reg = object_of(in);
    const struct pvm_type *t = type_in(v, reg);
    unsigned item = t->item.kind;

    if (t->kind != PVM_TYPE_LIST)
        return VERIFY_BAD(v, "r%u is no list", reg);
    switch (in->row->check) {
    case CK_LIST_W:
        if (!is_word_kind(item))
            return VERIFY_BAD(v, "r%u is no list of words", reg);
        break;
    case CK_LIST_B:
        if (!is_byte_kind(item))
            return VERIFY_BAD(v, "r%u is no list of bytes or bools", reg);
        break;
    case CK_LIST_R:
        if (item != PVM_REF)
            return VERIFY_BAD(v, "r%u is no list of references", reg);
        return move_ref(v, in, t->item.type);
    }
    return PAL_OK;
}

static enum pal_status check_new(struct verifier *v, struct insn *in,
                                 enum pvm_type_kind kind)
{
    in->result = pvm_d(in->w);
    if (in->result >= v->im->ntypes || type_of(v, in->result)->kind != kind)
        return VERIFY_BAD(v, "%u is no type of %s", in->result,
                          kind == PVM_TYPE_LIST ? "list" : "map");
    return PAL_OK;
}

static enum pal_status check_struct_new(struct verifier *v, struct insn *in)
{
    in->result = pvm_d(in->w);
    if (in->result >= v->im->ntypes || !pvm_is_made(type_of(v, in->result)))
        return VERIFY_BAD(v, "%u is no type of struct", in->result);
    return PAL_OK;
}

static enum pal_status check_nil(struct verifier *v, struct insn *in)
{
    in->result = pvm_d(in->w);
    if (in->result >= v->im->ntypes ||
        !pvm_is_value_kind(type_of(v, in->result)->kind))
        return VERIFY_BAD(v, "%u is no type of a reference", in->result);
    return PAL_OK;
}

/* ---- what an object is --------------------------------------------------- */

/* Whether type t is another, and all objects of it are of type `wide`. */
static bool is_below(const struct verifier *v, uint32_t t, uint32_t wide)
{
    if (wide == PVM_T_ANY)
        return t != PVM_T_ANY && pvm_is_value_kind(type_of(v, t)->kind);
    return wide && v->wider[t] == wide;
}

static enum pal_status check_unit(struct verifier *v, struct insn *in)
{
    in->result = pvm_d(in->w);
    if (in->result >= v->im->ntypes || !pvm_is_single(type_of(v, in->result)))
        return VERIFY_BAD(v, "%u is no type of one object", in->result);
    return PAL_OK;
}

static enum pal_status check_tag(struct verifier *v, const struct insn *in)
{
    if (type_in(v, in->field[1])->kind != PVM_TYPE_SUM)
        return VERIFY_BAD(v, "r%u is no sum", in->field[1]);
    return PAL_OK;
}

static enum pal_status check_up(struct verifier *v, struct insn *in)
{
    unsigned reg = in->field[1];

    in->result = pvm_xc(in->w);
    if (in->result != PVM_T_ANY && !is_below(v, v->type[reg], in->result))
        return VERIFY_BAD(v, "type %u is not wider than that of r%u",
                          in->result, reg);
    return PAL_OK;
}

static enum pal_status check_down(struct verifier *v, struct insn *in)
{
    unsigned reg = in->field[1];

    in->result = pvm_xc(in->w);
    if (in->result >= v->im->ntypes || !is_below(v, in->result, v->type[reg]))
        return VERIFY_BAD(v, "type %u is not narrower than that of r%u",
                          in->result, reg);
    return PAL_OK;
}

static enum pal_status check_name(struct verifier *v, struct insn *in)
{
    uint32_t t = pvm_xc(in->w);

    in->result = PVM_T_STR;
    if (t >= v->im->ntypes || type_of(v, t)->kind != PVM_TYPE_NAMES)
        return VERIFY_BAD(v, "%u is no type of names", t);
    return PAL_OK;
}

static enum pal_status check_strs(struct verifier *v, struct insn *in)
{
    const char *letters = in->row->operands;

    for (int i = 0; i < 3; i++) {
        if (letters[i] == 'R' && v->type[in->field[i]] != PVM_T_STR)
            return VERIFY_BAD(v, "r%u is no str", in->field[i]);
    }
    in->result = PVM_T_STR;
    return PAL_OK;
}

/* ---- calls --------------------------------------------------------------- */

/* The windows of a call: the next registers of each class. */
struct window {
    unsigned ref, scalar;
};

static struct window window_of(const struct insn *in)
{
    return (struct window){.ref = in->field[0], .scalar = in->field[1]};
}

static enum pal_status check_window(struct verifier *v, const struct insn *in)
{
    struct window at = window_of(in);

    if (at.ref > v->fn->nrefs || at.scalar > v->fn->nscalars)
        return VERIFY_BAD(v, "the window is not in the frame");
    if (regset_any_from(&v->locked_refs, at.ref) ||
        regset_any_from(&v->locked_scalars, at.scalar))
        return VERIFY_BAD(v, "the window covers a register locked by a mark");
    if (at.scalar < verify_flags(v))
        return VERIFY_BAD(v, "the window covers the keep flag of a mark");
    return PAL_OK;
}

/* The callee may leave anything in its frame. */
static void forget_window(struct verifier *v, const struct insn *in)
{
    struct window at = window_of(in);

    regset_clear_from(&v->refs, at.ref);
    regset_clear_from(&v->scalars, at.scalar);
}

/* The next n values in the window are there, of the types. */
static enum pal_status read_values(struct verifier *v, struct window at,
                                   const struct pvm_value_type *types,
                                   uint32_t n)
{
    TRY(verify_spend(v, n));
    for (uint32_t i = 0; i < n; i++) {
        if (types[i].kind != PVM_REF) {
            TRY(read_scalar(v, at.scalar++));
            continue;
        }
        TRY(read_ref(v, at.ref));
        if (v->type[at.ref] != types[i].type)
            return VERIFY_BAD(v, "r%u is passed as what it is not", at.ref);
        at.ref++;
    }
    return PAL_OK;
}

static enum pal_status write_values(struct verifier *v, struct window at,
                                    const struct pvm_value_type *types,
                                    uint32_t n)
{
    TRY(verify_spend(v, n));
    for (uint32_t i = 0; i < n; i++) {
        if (types[i].kind == PVM_REF)
            TRY(write_ref(v, at.ref++, types[i].type));
        else
            TRY(write_scalar(v, at.scalar++));
    }
    return PAL_OK;
}

static enum pal_status check_call(struct verifier *v, const struct insn *in)
{
    uint32_t index = pvm_callee(in->w);
    const struct pvm_fn *f;

    if (index >= v->im->nfns)
        return VERIFY_BAD(v, "%u is no function", index);
    f = &v->im->fns[index];
    TRY(check_window(v, in));
    TRY(read_values(v, window_of(in), f->params, f->nparams));
    forget_window(v, in);
    return write_values(v, window_of(in), f->results, f->nresults);
}

/* The closure comes first of the references, and its arguments behind it. */
static enum pal_status check_callc(struct verifier *v, const struct insn *in)
{
    uint32_t index = pvm_xc(in->w);
    struct window at = window_of(in);
    const struct pvm_type *t;

    if (index >= v->im->ntypes || type_of(v, index)->kind != PVM_TYPE_FN)
        return VERIFY_BAD(v, "%u is no type of functions", index);
    t = type_of(v, index);
    TRY(check_window(v, in));
    TRY(read_ref(v, at.ref));
    if (v->type[at.ref] != index)
        return VERIFY_BAD(v, "r%u is called as what it is not", at.ref);
    at.ref++;
    TRY(read_values(v, at, t->params, t->nparams));
    forget_window(v, in);
    return write_values(v, window_of(in), t->results, t->nresults);
}

static enum pal_status check_return(struct verifier *v)
{
    static const struct window first = {0, 0};

    if (v->mark)
        return VERIFY_BAD(v, "a mark is open at the return");
    v->open = false;
    return read_values(v, first, v->fn->results, v->fn->nresults);
}

/* ---- natives ------------------------------------------------------------- */

struct native_types { /* what letters refer back to; 0: nothing yet */
    uint32_t first_ref, item;
    const struct pvm_type *map;
};

static bool suits_list(const struct pvm_type *t, enum pvm_sig_rule rule)
{
    if (t->kind != PVM_TYPE_LIST)
        return false;
    return rule == SIG_LIST ||
           (t->item.kind == PVM_REF) == (rule == SIG_LIST_R);
}

static bool is_list_of(const struct pvm_type *t, struct pvm_value_type item)
{
    return t->kind == PVM_TYPE_LIST && t->item.kind == item.kind &&
           t->item.type == item.type;
}

/* Whether the map seen has scalars where the letter says so. */
static bool suits_scalar(char letter, const struct native_types *seen)
{
    switch (pvm_sig_rule(letter)) {
    case SIG_KEY_S: return seen->map && seen->map->key.kind != PVM_REF;
    case SIG_VALUE_S: return seen->map && seen->map->item.kind != PVM_REF;
    default: return true;
    }
}

/* The type of a reference that is key or value of the map seen; 0: none. */
static uint32_t map_part(enum pvm_sig_rule rule,
                         const struct native_types *seen)
{
    if (!seen->map)
        return 0;
    return rule == SIG_KEY_REF ? seen->map->key.type : seen->map->item.type;
}

/* Whether a reference of type t can be an argument for the letter. */
static bool suits_letter(struct verifier *v, char letter, uint32_t t,
                         const struct native_types *seen)
{
    enum pvm_sig_rule rule = pvm_sig_rule(letter);

    switch (rule) {
    case SIG_TYPE: return t == pvm_sig_type(letter);
    case SIG_ANY_REF: return true;
    case SIG_LIST:
    case SIG_LIST_S:
    case SIG_LIST_R: return suits_list(type_of(v, t), rule);
    case SIG_ITEM_REF: return seen->item && t == seen->item;
    case SIG_SAME: return seen->first_ref && t == seen->first_ref;
    case SIG_MAP: return type_of(v, t)->kind == PVM_TYPE_MAP;
    case SIG_KEY_REF:
    case SIG_VALUE_REF: return t && t == map_part(rule, seen);
    case SIG_KEY_LIST:
        return seen->map && is_list_of(type_of(v, t), seen->map->key);
    case SIG_VALUE_LIST:
        return seen->map && is_list_of(type_of(v, t), seen->map->item);
    default: return false;
    }
}

static void note_arg(struct verifier *v, uint32_t t, struct native_types *seen)
{
    const struct pvm_type *type = type_of(v, t);

    if (!seen->first_ref)
        seen->first_ref = t;
    if (!seen->item && type->kind == PVM_TYPE_LIST &&
        type->item.kind == PVM_REF)
        seen->item = type->item.type;
    if (!seen->map && type->kind == PVM_TYPE_MAP)
        seen->map = type;
}

static enum pal_status read_native_args(struct verifier *v, struct window at,
                                        const char *sig,
                                        struct native_types *seen)
{
    for (; *sig && *sig != ':'; sig++) {
        if (!pvm_sig_is_ref(*sig)) {
            TRY(read_scalar(v, at.scalar));
            if (!suits_scalar(*sig, seen))
                return VERIFY_BAD(v, "s%u is not what the native takes",
                                  at.scalar);
            at.scalar++;
            continue;
        }
        TRY(read_ref(v, at.ref));
        if (!suits_letter(v, *sig, v->type[at.ref], seen))
            return VERIFY_BAD(v, "r%u is not what the native takes", at.ref);
        note_arg(v, v->type[at.ref++], seen);
    }
    return PAL_OK;
}

static enum pal_status write_native_results(struct verifier *v,
                                            struct window at,
                                            const char *letters,
                                            const struct native_types *seen)
{
    for (; *letters; letters++) {
        enum pvm_sig_rule rule = pvm_sig_rule(*letters);
        uint32_t t;

        switch (rule) {
        case SIG_KEY_S:
        case SIG_VALUE_S:
        case SIG_SCALAR:
            if (!suits_scalar(*letters, seen))
                return VERIFY_BAD(v, "the native's result is no scalar");
            TRY(write_scalar(v, at.scalar++));
            continue;
        case SIG_KEY_REF:
        case SIG_VALUE_REF: t = map_part(rule, seen); break;
        case SIG_TYPE: t = pvm_sig_type(*letters); break;
        case SIG_ITEM_REF: t = seen->item; break;
        case SIG_SAME: t = seen->first_ref; break;
        default: t = PVM_T_NULL; break;
        }
        if (!t)
            return VERIFY_BAD(v, "the native's result has no type");
        TRY(write_ref(v, at.ref++, t));
    }
    return PAL_OK;
}

static enum pal_status check_native(struct verifier *v, const struct insn *in)
{
    struct native_types seen = {0, 0, NULL};
    const char *sig;

    if (in->field[2] >= v->im->nimports)
        return VERIFY_BAD(v, "%u is no import", in->field[2]);
    sig = pvm_natives[v->im->imports[in->field[2]].native].sig;
    TRY(check_window(v, in));
    TRY(read_native_args(v, window_of(in), sig, &seen));
    forget_window(v, in);
    return write_native_results(v, window_of(in), pvm_sig_results(sig), &seen);
}

/* ---- the row's check ----------------------------------------------------- */

static enum pal_status check_plain(struct verifier *v, struct insn *in)
{
    switch (in->op) {
    case PVM_MOVR: in->result = v->type[in->field[1]]; break;
    case PVM_DIVI:
    case PVM_MODI:
        if (!in->field[2])
            return VERIFY_BAD(v, "a division by the constant 0");
        break;
    case PVM_HALT: v->open = false; break;
    }
    return PAL_OK;
}

static enum pal_status check_fail(struct verifier *v, const struct insn *in)
{
    if (v->type[in->field[0]] != PVM_T_ERROR)
        return VERIFY_BAD(v, "r%u is raised and no Error", in->field[0]);
    v->open = false;
    return PAL_OK;
}

static enum pal_status check_const(struct verifier *v, struct insn *in,
                                   uint32_t n)
{
    if (pvm_d(in->w) >= n)
        return VERIFY_BAD(v, "%u is no constant", pvm_d(in->w));
    in->result = PVM_T_STR;
    return PAL_OK;
}

static enum pal_status check_same(struct verifier *v, const struct insn *in)
{
    if (v->type[in->field[0]] != v->type[in->field[1]])
        return VERIFY_BAD(v, "r%u and r%u have different types", in->field[0],
                          in->field[1]);
    return PAL_OK;
}

enum { SHORT_WORDS = 32, ALL_WORDS = 65536 }; /* reach of field C */

static enum pal_status check_row(struct verifier *v, struct insn *in)
{
    switch ((enum pvm_check)in->row->check) {
    case CK_NONE: return check_plain(v, in);
    case CK_NIL: return check_nil(v, in);
    case CK_STRUCT_NEW: return check_struct_new(v, in);
    case CK_FIELD_S: return check_field(v, in, false, ALL_WORDS);
    case CK_FIELD_R: return check_field(v, in, true, ALL_WORDS);
    case CK_SHORT_S: return check_field(v, in, false, SHORT_WORDS);
    case CK_SHORT_R: return check_field(v, in, true, SHORT_WORDS);
    case CK_GLOBAL_S: return check_global(v, in, false);
    case CK_GLOBAL_R: return check_global(v, in, true);
    case CK_LIST_NEW: return check_new(v, in, PVM_TYPE_LIST);
    case CK_MAP_NEW: return check_new(v, in, PVM_TYPE_MAP);
    case CK_LIST_W:
    case CK_LIST_B:
    case CK_LIST_R:
    case CK_LIST: return check_list(v, in);
    case CK_STR: return check_strs(v, in);
    case CK_SAME_R: return check_same(v, in);
    case CK_UNIT: return check_unit(v, in);
    case CK_TAG: return check_tag(v, in);
    case CK_UP: return check_up(v, in);
    case CK_DOWN: return check_down(v, in);
    case CK_NAME: return check_name(v, in);
    case CK_CALL: return check_call(v, in);
    case CK_CALLC: return check_callc(v, in);
    case CK_RET: return check_return(v);
    case CK_NATIVE: return check_native(v, in);
    case CK_FAIL: return check_fail(v, in);
    case CK_MARK: return verify_mark_open(v, in->w);
    case CK_UNMARK: return verify_mark_close(v);
    case CK_CONST_S: return check_const(v, in, v->im->nconsts);
    case CK_CONST_R: return check_const(v, in, v->im->nstrings);
    }
    return VERIFY_BAD(v, "%s has no check", in->row->text);
}

/* A jump, whose destination was seen to lie in the function. */
static enum pal_status check_jump(struct verifier *v, const struct insn *in)
{
    bool always = in->op == PVM_JMP || in->op == PVM_JMPB;
    int32_t offset = always ? pvm_sd(in->w) : pvm_sc(in->w);

    TRY(verify_reaches(v, (uint32_t)verify_destination(v->pc, offset)));
    v->open = !always;
    return PAL_OK;
}

enum pal_status verify_insn(struct verifier *v, uint64_t w)
{
    struct insn in = {.w = w,
                      .op = pvm_op(w),
                      .row = &pvm_ops[pvm_op(w)],
                      .field = {pvm_a(w), pvm_b(w), pvm_c(w)}};

    TRY(check_reads(v, &in));
    TRY(check_row(v, &in));
    TRY(check_writes(v, &in));
    if ((in.row->class == PVM_JUMP && in.op != PVM_NOP) ||
        in.row->class == PVM_BACK)
        return check_jump(v, &in);
    return PAL_OK;
}
