/* verify_types.c - the types of operands, edges, and of the module itself. */
#include "ir/verify.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "runtime/pvm/natives.h"

static bool same(ir_type a, ir_type b)
{
    return a.kind == b.kind && a.type == b.type;
}

/* ---- types of words ------------------------------------------------------ */

static uint8_t kind_of(const struct verify *c, ir_type t)
{
    return t.kind == PVM_REF && t.type < c->mod->types.n
               ? c->mod->types.at[t.type].kind
               : PVM_TYPE_NULL;
}

/* A fixed field is stored to only through the NEW that made its object. */
static bool is_fresh(const struct verify *c, ir_val v)
{
    ir_blk b = c->def_block[v];
    return b != IR_NONE && c->def_index[v] &&
           c->f->blocks.at[b].insts.at[c->def_index[v] - 1].op == IR_NEW;
}

static bool check_word(struct verify *c, const struct ir_inst *i, uint32_t type,
                       ir_type *of)
{
    const struct ir_field *x = ir_field_at(c->mod, type, i->imm);
    if (!x)
        return verify_fail(c, "%s has no word %" PRId64,
                           c->mod->types.at[type].name, i->imm);
    if (x->fixed && i->op == IR_STF && !is_fresh(c, i->args[0]))
        return verify_fail(c, "%s is fixed, and v%" PRIu32 " is not new",
                           x->name, i->args[0]);
    *of = pvm_in_register(x->of);
    return true;
}

/* Whether the op's immediate may name this type. */
static bool suits_op(const struct verify *c, const struct ir_inst *i,
                     uint32_t type)
{
    const struct ir_typedesc *t = &c->mod->types.at[type];
    ir_type arg = i->nargs ? ir_type_of(c->f, i->args[0]) : ir_ref(PVM_T_NULL);
    switch (i->op) {
    case IR_NEW:
        return t->kind == PVM_TYPE_STRUCT ||
               (t->kind == PVM_TYPE_CLOSURE && t->nfields);
    case IR_NEWLIST: return t->kind == PVM_TYPE_LIST;
    case IR_NEWMAP: return t->kind == PVM_TYPE_MAP;
    case IR_UNIT:
        return t->kind == PVM_TYPE_UNIT ||
               (t->kind == PVM_TYPE_CLOSURE && !t->nfields);
    case IR_NAME: return t->kind == PVM_TYPE_NAMES;
    case IR_UP:
        return arg.kind == PVM_REF &&
               (type == PVM_T_ANY || ir_is_below(c->mod, arg.type, type));
    case IR_DOWN:
        return arg.kind == PVM_REF && ir_is_below(c->mod, type, arg.type);
    default: return pvm_is_value_kind(t->kind); /* NIL */
    }
}

/* Checks the immediate; *of is the value type it names, if it names one. */
static bool check_imm(struct verify *c, const struct ir_inst *i, ir_type *of)
{
    const struct ir_module *mod = c->mod;
    uint64_t imm = (uint64_t)i->imm;
    switch (ir_imm_kind(c->f, i->op)) {
    case IR_IMM_VALUE:
        *of = ir_type_of(c->f, i->res);
        if (of->kind == PVM_NONE || of->kind == PVM_REF)
            return verify_fail(c, "the constant is no scalar");
        if ((of->kind == PVM_BOOL && imm > 1) ||
            (of->kind == PVM_BYTE && imm > 255))
            return verify_fail(c, "%" PRId64 " is out of range", i->imm);
        return true;
    case IR_IMM_STR:
        return imm < mod->strings.n ||
               verify_fail(c, "there is no such string");
    case IR_IMM_WORD: {
        ir_type t = ir_type_of(c->f, i->args[0]);
        uint8_t kind = kind_of(c, t);
        if (kind != PVM_TYPE_STRUCT && kind != PVM_TYPE_CLOSURE)
            return verify_fail(c, "v%" PRIu32 " is no struct", i->args[0]);
        return check_word(c, i, t.type, of);
    }
    case IR_IMM_GWORD:
        if (!mod->globals)
            return verify_fail(c, "the module has no globals");
        return check_word(c, i, mod->globals, of);
    case IR_IMM_TYPE:
        if (imm >= mod->types.n || !suits_op(c, i, (uint32_t)imm))
            return verify_fail(c, "type %" PRId64 " is not for it", i->imm);
        *of = ir_ref((uint32_t)imm);
        return true;
    case IR_IMM_FN:
        return imm < mod->sigs.n || verify_fail(c, "there is no such function");
    case IR_IMM_NATIVE:
        return imm < ir_nnatives || verify_fail(c, "there is no such native");
    case IR_IMM_FLAG:
        return imm < c->f->nflags || verify_fail(c, "there is no such flag");
    case IR_IMM_MARK:
        if (i->flag == UINT16_MAX)
            return true;
        if (i->imm != IR_MARK_UNDO)
            return verify_fail(c, "only an undo mark has a keep flag");
        return i->flag < c->f->nflags ||
               verify_fail(c, "there is no such flag");
    default: return true;
    }
}

/* ---- types of operands --------------------------------------------------- */

struct match {      /* what the letters of one signature have met so far */
    ir_type alike;  /* of n, c and v; kind PVM_NONE: not met */
    ir_type item;   /* of the list */
    ir_type object; /* the first reference, for = */
    const struct ir_typedesc *map;
    ir_type named; /* by the immediate */
};

static bool is_scalar(ir_type t)
{
    return t.kind != PVM_NONE && t.kind != PVM_REF;
}

/* For n, c and v: the first sets what the others have to be. */
static bool all_alike(struct match *m, ir_type t)
{
    if (m->alike.kind == PVM_NONE)
        m->alike = t;
    return same(m->alike, t);
}

static bool is_list(const struct verify *c, struct match *m, ir_type t)
{
    if (kind_of(c, t) != PVM_TYPE_LIST)
        return false;
    if (m->item.kind == PVM_NONE)
        m->item = pvm_in_register(c->mod->types.at[t.type].item);
    return true;
}

/* The letters that ops.def and natives.def have in common. */
static bool fits_letter(const struct verify *c, struct match *m, char letter,
                        ir_type t)
{
    if (t.kind == PVM_REF && m->object.kind == PVM_NONE)
        m->object = t;
    switch (letter) {
    case 'i': return t.kind == PVM_INT;
    case 'f': return t.kind == PVM_FLOAT;
    case 'b': return t.kind == PVM_BOOL;
    case 'y': return t.kind == PVM_BYTE;
    case 's': return same(t, ir_ref(PVM_T_STR));
    case 'e': return same(t, ir_ref(PVM_T_ERROR));
    case 'l': return is_list(c, m, t);
    default: return false;
    }
}

static bool is_list_of(const struct verify *c, ir_type t, ir_type item)
{
    return kind_of(c, t) == PVM_TYPE_LIST &&
           same(c->mod->types.at[t.type].item, item);
}

/* The letters about maps. */
static bool fits_map(const struct verify *c, struct match *m, char letter,
                     ir_type t)
{
    const struct ir_typedesc *map = m->map;
    if (letter == 'M') {
        if (kind_of(c, t) == PVM_TYPE_MAP && !map)
            m->map = &c->mod->types.at[t.type];
        return kind_of(c, t) == PVM_TYPE_MAP;
    }
    if (!map)
        return false;
    switch (letter) {
    case 'k': return same(t, pvm_in_register(map->key)) && is_scalar(t);
    case 'K': return same(t, map->key) && t.kind == PVM_REF;
    case 'v': return same(t, pvm_in_register(map->item)) && is_scalar(t);
    case 'V': return same(t, map->item) && t.kind == PVM_REF;
    case 'p': return is_list_of(c, t, map->key);
    default: return is_list_of(c, t, map->item); /* q */
    }
}

static bool fits_op(const struct verify *c, struct match *m, char letter,
                    ir_type t)
{
    switch (letter) {
    case 'n':
        return (t.kind == PVM_INT || t.kind == PVM_BYTE) && all_alike(m, t);
    case 'c':
        return (t.kind == PVM_INT || t.kind == PVM_BYTE ||
                t.kind == PVM_BOOL) &&
               all_alike(m, t);
    case 'v': return t.kind != PVM_NONE && all_alike(m, t);
    case 'w': return is_scalar(t);
    case 'r': return t.kind == PVM_REF;
    case 'x': return same(t, m->item);
    case 'm': return fits_map(c, m, 'M', t);
    case 'k': return m->map && same(t, m->map->key);
    case 'u': return m->map && same(t, m->map->item);
    case 'V': return same(t, m->named);
    default: return fits_letter(c, m, letter, t);
    }
}

/* The items of a list. */
static ir_type item_of(const struct verify *c, ir_type list)
{
    return c->mod->types.at[list.type].item;
}

static bool fits_native(const struct verify *c, struct match *m, char letter,
                        ir_type t)
{
    switch (letter) {
    case 'I':
    case 'F':
    case 'Y':
    case 'Z':
    case 'W':
    case 'G':
    case 'A': return same(t, ir_ref(pvm_sig_type(letter)));
    case 'w': return fits_letter(c, m, 'l', t) && is_scalar(item_of(c, t));
    case 'm': return fits_letter(c, m, 'l', t) && item_of(c, t).kind == PVM_REF;
    case 'x': return same(t, m->item) && is_scalar(t);
    case 'r': return same(t, m->item) && t.kind == PVM_REF;
    case '=': return same(t, m->object);
    case 'a': return fits_letter(c, m, 'l', t) || t.kind == PVM_REF;
    case 'M':
    case 'k':
    case 'K':
    case 'v':
    case 'V':
    case 'p':
    case 'q': return fits_map(c, m, letter, t);
    default: return fits_letter(c, m, letter, t);
    }
}

typedef bool fits_fn(const struct verify *c, struct match *m, char letter,
                     ir_type t);

/* An inst's arguments and results against a signature of letters. */
static bool check_letters(struct verify *c, const struct ir_inst *i,
                          const char *sig, fits_fn *fits, struct match *m)
{
    uint32_t k = 0;
    for (; *sig && *sig != ':'; sig++, k++) {
        if (k == i->nargs)
            return verify_fail(c, "has too few arguments");
        if (!fits(c, m, *sig, ir_type_of(c->f, i->args[k])))
            return verify_fail(c, "argument v%" PRIu32 " has the wrong type",
                               i->args[k]);
    }
    if (k < i->nargs)
        return verify_fail(c, "has too many arguments");
    for (k = 0; *sig && *++sig; k++) {
        if (k == i->nres)
            return verify_fail(c, "has too few results");
        if (!fits(c, m, *sig, ir_type_of(c->f, i->res + k)))
            return verify_fail(c, "result v%" PRIu32 " has the wrong type",
                               i->res + k);
    }
    return k == i->nres || verify_fail(c, "has too many results");
}

static bool check_types(struct verify *c, const ir_val *v, uint32_t n,
                        const ir_type *want, uint32_t nwant, const char *what)
{
    if (n != nwant)
        return verify_fail(c, "%" PRIu32 " %s, not %" PRIu32, n, what, nwant);
    for (uint32_t i = 0; i < n; i++)
        if (!same(ir_type_of(c->f, v[i]), want[i]))
            return verify_fail(
                c, "v%" PRIu32 " among the %s has the wrong type", v[i], what);
    return true;
}

static bool check_results(struct verify *c, const struct ir_inst *i,
                          const ir_type *want, uint32_t n)
{
    if (i->nres != n)
        return verify_fail(c, "%d results, not %" PRIu32, i->nres, n);
    for (uint32_t k = 0; k < n; k++)
        if (!same(ir_type_of(c->f, i->res + k), want[k]))
            return verify_fail(c, "result v%" PRIu32 " has the wrong type",
                               i->res + k);
    return true;
}

static bool check_call(struct verify *c, const struct ir_inst *i)
{
    const struct ir_sig *s = &c->mod->sigs.at[i->imm];
    return check_types(c, i->args, i->nargs, s->params, s->nparams,
                       "arguments") &&
           check_results(c, i, s->results, s->nresults);
}

static bool check_callc(struct verify *c, const struct ir_inst *i)
{
    ir_type fn = i->nargs ? ir_type_of(c->f, i->args[0]) : ir_ref(PVM_T_NULL);
    if (kind_of(c, fn) != PVM_TYPE_FN)
        return verify_fail(c, "calls what is no function");
    const struct ir_typedesc *t = &c->mod->types.at[fn.type];
    return check_types(c, i->args + 1, i->nargs - 1u, t->params, t->nparams,
                       "arguments") &&
           check_results(c, i, t->results, t->nresults);
}

/* What an update in memory changes is an int or byte, or a bool for ^=. */
static bool updates_fitting(struct verify *c, const struct ir_inst *i,
                            const struct match *m)
{
    bool item = i->op >= IR_UADDE && i->op <= IR_UINVE;
    bool word = i->op >= IR_UADDF && i->op <= IR_UINVG;
    uint8_t kind = item ? m->item.kind : m->named.kind;
    bool bits = i->op == IR_UXORF || i->op == IR_UXORG || i->op == IR_UXORE;
    return (!item && !word) || kind == PVM_INT || kind == PVM_BYTE ||
           (bits && kind == PVM_BOOL) ||
           verify_fail(c, "updates what is no int or byte");
}

static bool check_inst_types(struct verify *c, const struct ir_inst *i)
{
    const struct ir_sig *own = &c->mod->sigs.at[c->f->index];
    const struct ir_op_info *op = &ir_ops[i->op];
    struct match m = {0};
    /* The immediate of a field op and of a constant leans on an operand. */
    if (op->imm_kind == IR_IMM_WORD && !i->nargs)
        return verify_fail(c, "has too few arguments");
    if (op->imm_kind == IR_IMM_VALUE && i->nres != 1)
        return verify_fail(c, "has not one result");
    if (!check_imm(c, i, &m.named))
        return false;
    switch (i->op) {
    case IR_TAG:
        if (!i->nargs ||
            kind_of(c, ir_type_of(c->f, i->args[0])) != PVM_TYPE_SUM)
            return verify_fail(c, "takes no sum");
        break;
    case IR_CALL:
    case IR_APPLY:
    case IR_UNCALL: return check_call(c, i);
    case IR_CALLC: return check_callc(c, i);
    case IR_NATIVE:
        return check_letters(c, i, ir_natives[i->imm].sig, fits_native, &m);
    case IR_RETURN:
        return check_types(c, i->args, i->nargs, own->results, own->nresults,
                           "results") &&
               (!i->nres || verify_fail(c, "has too many results"));
    default: /* what goes into a word is of the type that it has */
        if ((op->imm_kind == IR_IMM_WORD || op->imm_kind == IR_IMM_GWORD) &&
            op->class != IR_PURE)
            m.alike = m.named;
    }
    return check_letters(c, i, op->sig, fits_op, &m) &&
           updates_fitting(c, i, &m);
}

static bool check_edge_types(struct verify *c, const struct ir_inst *i,
                             uint32_t k)
{
    const struct ir_edge *e = &i->edges[k];
    const struct ir_block *to = &c->f->blocks.at[e->to];
    uint32_t skip = i->op == IR_MARK && k == 1; /* the Error */
    if (skip && (!to->params.n || !same(ir_type_of(c->f, to->params.at[0]),
                                        ir_ref(PVM_T_ERROR))))
        return verify_fail(c, "the landing b%" PRIu32 " takes no Error first",
                           e->to);
    if (e->nargs + skip != to->params.n)
        return verify_fail(
            c, "%" PRIu32 " arguments for b%" PRIu32 ", not %" PRIu32, e->nargs,
            e->to, to->params.n - skip);
    for (uint32_t j = 0; j < e->nargs; j++)
        if (!same(ir_type_of(c->f, e->args[j]),
                  ir_type_of(c->f, to->params.at[j + skip])))
            return verify_fail(
                c, "v%" PRIu32 " for b%" PRIu32 " has the wrong type",
                e->args[j], e->to);
    return true;
}

/* Of scalars only what lies in an object has names. */
static bool check_values(struct verify *c)
{
    for (ir_val v = 0; v < c->f->values.n; v++) {
        ir_type t = ir_type_of(c->f, v);
        if (t.kind != PVM_REF && t.type)
            return verify_fail(c, "v%" PRIu32 " is a scalar of a type", v);
    }
    return true;
}

bool verify_types(struct verify *c)
{
    const struct ir_fn *f = c->f;
    const struct ir_block *entry = &f->blocks.at[0];
    const struct ir_sig *own = &c->mod->sigs.at[f->index];
    c->at = 0;
    if (!check_values(c) ||
        !check_types(c, entry->params.at, entry->params.n, own->params,
                     own->nparams, "parameters"))
        return false;
    for (c->at = 0; c->at < f->blocks.n; c->at++) {
        const struct ir_block *b = &f->blocks.at[c->at];
        for (uint32_t i = 0; i < b->insts.n; i++) {
            const struct ir_inst *in = c->inst = &b->insts.at[i];
            if (!check_inst_types(c, in))
                return false;
            for (uint32_t k = 0; k < in->nedges; k++)
                if (!check_edge_types(c, in, k))
                    return false;
        }
        c->inst = NULL;
    }
    return true;
}

/* ---- the module ---------------------------------------------------------- */

static bool is_value_type(const struct ir_module *mod, ir_type t)
{
    if (t.kind != PVM_REF)
        return t.kind >= PVM_INT && t.kind <= PVM_BYTE && t.type == 0;
    if (t.type >= mod->types.n)
        return false;
    return pvm_is_value_kind(mod->types.at[t.type].kind);
}

/* What a field, item or key may be besides: an int that has names. */
static bool is_part_type(const struct ir_module *mod, ir_type t)
{
    if (t.kind == PVM_INT && t.type)
        return t.type < mod->types.n &&
               mod->types.at[t.type].kind == PVM_TYPE_NAMES;
    return is_value_type(mod, t);
}

/* Each word has one field, references first. */
static bool words_are_whole(const struct ir_module *mod,
                            const struct ir_typedesc *t)
{
    uint32_t n = t->nfields;
    if (t->nrefs > n || t->nscalars != n - t->nrefs)
        return false;
    bool *taken = mem_alloc(mod->mem, n + 1);
    bool ok = taken != NULL;
    if (ok)
        memset(taken, 0, n + 1);
    for (uint32_t i = 0; ok && i < n; i++) {
        const struct ir_field *x = &t->fields[i];
        bool is_ref = x->of.kind == PVM_REF;
        ok = is_part_type(mod, x->of) && x->word < n && !taken[x->word] &&
             is_ref == (x->word < t->nrefs);
        if (ok)
            taken[x->word] = true;
    }
    mem_free(mod->mem, taken, n + 1);
    return ok;
}

static bool are_value_types(const struct ir_module *mod, const ir_type *t,
                            uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (!is_value_type(mod, t[i]))
            return false;
    return n <= UINT16_MAX;
}

/* Variants are structs or units of the module; names are of no type. */
static bool names_are_sound(const struct ir_module *mod,
                            const struct ir_typedesc *t)
{
    bool is_sum = t->kind == PVM_TYPE_SUM;
    for (uint32_t i = 0; i < t->nfields; i++) {
        ir_type of = t->fields[i].of;
        bool known = of.type >= PVM_TYPE_FIRST && of.type < mod->types.n;
        uint8_t kind = known ? mod->types.at[of.type].kind : PVM_TYPE_NULL;
        bool ok = is_sum ? of.kind == PVM_REF && (kind == PVM_TYPE_STRUCT ||
                                                  kind == PVM_TYPE_UNIT)
                         : of.kind == PVM_NONE && !of.type;
        if (!ok || t->fields[i].word)
            return false;
    }
    return !t->nrefs && !t->nscalars;
}

static bool same_types(const ir_type *a, const ir_type *b, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (!same(a[i], b[i]))
            return false;
    return true;
}

/* Its function takes the closure, then what its type takes. */
static bool closure_is_sound(const struct ir_module *mod,
                             const struct ir_typedesc *t)
{
    if (t->of_fn >= mod->types.n || t->fn >= mod->sigs.n ||
        mod->types.at[t->of_fn].kind != PVM_TYPE_FN)
        return false;
    const struct ir_typedesc *of = &mod->types.at[t->of_fn];
    const struct ir_sig *s = &mod->sigs.at[t->fn];
    ir_type self = ir_ref((uint32_t)(t - mod->types.at));
    return words_are_whole(mod, t) && s->nparams == of->nparams + 1 &&
           s->nresults == of->nresults && same(s->params[0], self) &&
           same_types(s->params + 1, of->params, of->nparams) &&
           same_types(s->results, of->results, of->nresults);
}

/* The first type that is the variant of two sums, or twice of one; 0: none. */
static uint32_t shared_variant(const struct ir_module *mod)
{
    uint32_t n = mod->types.n, found = 0;
    bool *taken = mem_alloc(mod->mem, n);
    memset(taken, 0, n);
    for (uint32_t i = PVM_TYPE_FIRST; i < n; i++) {
        const struct ir_typedesc *t = &mod->types.at[i];
        for (uint32_t k = 0; t->kind == PVM_TYPE_SUM && k < t->nfields; k++) {
            uint32_t variant = t->fields[k].of.type;
            if (taken[variant] && !found)
                found = variant;
            taken[variant] = true;
        }
    }
    mem_free(mod->mem, taken, n);
    return found;
}

static bool typedesc_holds(const struct ir_module *mod,
                           const struct ir_typedesc *t)
{
    switch (t->kind) {
    case PVM_TYPE_STRUCT:
    case PVM_TYPE_GLOBALS: return words_are_whole(mod, t);
    case PVM_TYPE_LIST: return is_part_type(mod, t->item);
    case PVM_TYPE_MAP:
        return is_part_type(mod, t->key) && t->key.kind != PVM_FLOAT &&
               is_part_type(mod, t->item);
    case PVM_TYPE_SUM:
    case PVM_TYPE_NAMES: return names_are_sound(mod, t);
    case PVM_TYPE_CLOSURE: return closure_is_sound(mod, t);
    case PVM_TYPE_FN:
        if (!are_value_types(mod, t->params, t->nparams) ||
            !are_value_types(mod, t->results, t->nresults) ||
            t->nparams == UINT16_MAX)
            return false;
        /* fallthrough */
    case PVM_TYPE_UNIT: return !t->nrefs && !t->nscalars && !t->nfields;
    default: return false;
    }
}

static bool takes_nothing(const struct ir_module *mod, uint32_t fn,
                          uint32_t results)
{
    if (fn >= mod->sigs.n)
        return false;
    const struct ir_sig *s = &mod->sigs.at[fn];
    return !s->nparams && s->nresults <= results &&
           (!s->nresults || s->results[0].kind == PVM_INT);
}

/* Of a rev fn, the results are the mut parameters, and its inverse, if it is
 * wanted, is of the same types and its inverse. */
static bool is_reversible_sig(const struct ir_module *mod, uint32_t index)
{
    const struct ir_sig *s = &mod->sigs.at[index];
    uint32_t n = 0;
    if (!s->muts && !s->inverse)
        return true;
    for (uint32_t i = 0; i < s->nparams; i++)
        if (i < 64 && s->muts >> i & 1 &&
            (n == s->nresults || !same(s->params[i], s->results[n++])))
            return false;
    if (n != s->nresults || (s->nparams < 64 && s->muts >> s->nparams))
        return false;
    if (!s->inverse)
        return true;
    if (s->inverse > mod->sigs.n)
        return false;
    const struct ir_sig *t = &mod->sigs.at[s->inverse - 1];
    bool alike = t->inverse == index + 1 && t->muts == s->muts &&
                 t->nparams == s->nparams;
    for (uint32_t i = 0; alike && i < s->nparams; i++)
        alike = same(s->params[i], t->params[i]);
    return alike;
}

bool ir_verify_module(const struct ir_module *mod, char *why, size_t n)
{
    for (uint32_t i = PVM_TYPE_FIRST; i < mod->types.n; i++)
        if (!typedesc_holds(mod, &mod->types.at[i])) {
            snprintf(why, n, "type %" PRIu32 " is malformed", i);
            return false;
        }
    uint32_t shared = shared_variant(mod);
    if (shared) {
        snprintf(why, n, "type %" PRIu32 " is the variant of two", shared);
        return false;
    }
    for (uint32_t i = 0; i < mod->sigs.n; i++) {
        const struct ir_sig *s = &mod->sigs.at[i];
        if (!are_value_types(mod, s->params, s->nparams) ||
            !are_value_types(mod, s->results, s->nresults) ||
            !is_reversible_sig(mod, i)) {
            snprintf(why, n, "signature @%" PRIu32 " is malformed", i);
            return false;
        }
    }
    const char *what = NULL;
    if (mod->globals && (mod->globals >= mod->types.n ||
                         mod->types.at[mod->globals].kind != PVM_TYPE_GLOBALS))
        what = "the globals' type is none";
    else if (mod->init && !takes_nothing(mod, mod->init - 1, 0))
        what = "the initialiser takes or gives something, or is none";
    else if (mod->main && !takes_nothing(mod, mod->main - 1, 1))
        what = "main takes something, gives no int, or is none";
    for (uint32_t i = 0; !what && i < mod->tests.n; i++)
        if (!takes_nothing(mod, mod->tests.at[i].fn, 0))
            what = "a test takes or gives something, or is none";
    if (what)
        snprintf(why, n, "%s", what);
    return !what;
}
