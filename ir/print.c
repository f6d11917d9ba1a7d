/* print.c - modules and functions as text; parse.c has the grammar and reads
 * it back.
 *
 * Values and blocks keep their numbers.  A block that passes have emptied is
 * left out.  Positions stand in comments at the end of a line. */
#include "ir/ir.h"
#include "runtime/base/arith.h"
#include "runtime/mem/bytes.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { POS_COLUMN = 40 }; /* where positions stand, if the line is short */

/* ---- pieces -------------------------------------------------------------- */

static void print_string(struct bytes *out, const char *s, uint32_t len)
{
    bytes_byte(out, '"');
    for (uint32_t i = 0; i < len; i++) {
        uint8_t c = (uint8_t)s[i];
        if (c == '"' || c == '\\')
            bytes_printf(out, "\\%c", c);
        else if (c == '\n')
            bytes_str(out, "\\n");
        else if (c < 0x20 || c == 0x7f)
            bytes_printf(out, "\\x%02x", c);
        else
            bytes_byte(out, c);
    }
    bytes_byte(out, '"');
}

static void print_name(struct bytes *out, const char *s)
{
    uint32_t n = 0;
    while (s[n])
        n++;
    print_string(out, s, n);
}

static void print_type(struct bytes *out, ir_type t)
{
    static const char *const kinds[] = {
        [PVM_NONE] = "none", [PVM_INT] = "int",   [PVM_FLOAT] = "float",
        [PVM_BOOL] = "bool", [PVM_BYTE] = "byte",
    };
    if (t.kind == PVM_REF)
        bytes_printf(out, "ref %" PRIu32, t.type);
    else if (t.kind == PVM_INT && t.type)
        bytes_printf(out, "names %" PRIu32, t.type);
    else
        bytes_str(out, kinds[t.kind]);
}

/* Bit i of muts: the i-th stands behind the word mut. */
static void print_types(struct bytes *out, const ir_type *t, uint32_t n,
                        uint64_t muts)
{
    bytes_byte(out, '(');
    for (uint32_t i = 0; i < n; i++) {
        bytes_str(out, i ? ", " : "");
        bytes_str(out, i < 64 && muts >> i & 1 ? "mut " : "");
        print_type(out, t[i]);
    }
    bytes_byte(out, ')');
}

static void print_vals(struct bytes *out, const ir_val *v, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        bytes_printf(out, "%sv%" PRIu32, i ? ", " : "", v[i]);
}

static void print_typed_val(const struct ir_fn *f, struct bytes *out, ir_val v)
{
    bytes_printf(out, "v%" PRIu32 ": ", v);
    print_type(out, ir_type_of(f, v));
}

static void print_edge(struct bytes *out, const struct ir_edge *e)
{
    bytes_printf(out, "b%" PRIu32, e->to);
    if (!e->nargs)
        return;
    bytes_byte(out, '(');
    print_vals(out, e->args, e->nargs);
    bytes_byte(out, ')');
}

/* The shortest decimal that reads back as the same bits; a NaN as its bits. */
static void print_float(struct bytes *out, int64_t bits)
{
    double d = arith_float(bits);
    if (d != d) {
        bytes_printf(out, "nan 0x%016" PRIx64, (uint64_t)bits);
        return;
    }
    char text[40];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, d);
        if (strtod(text, NULL) == d)
            break;
    }
    bytes_str(out, text);
}

static void print_const(struct bytes *out, ir_type t, int64_t imm)
{
    if (t.kind == PVM_FLOAT)
        print_float(out, imm);
    else if (t.kind == PVM_BOOL && (imm == 0 || imm == 1))
        bytes_str(out, imm ? "true" : "false");
    else
        bytes_printf(out, "%" PRId64, imm);
}

/* ---- instructions -------------------------------------------------------- */

/* Immediates that stand between the op and its arguments. */
static void print_head(const struct ir_fn *f, struct bytes *out,
                       const struct ir_inst *i)
{
    const struct ir_module *mod = f->module;
    uint64_t imm = (uint64_t)i->imm;
    switch (ir_imm_kind(f, i->op)) {
    case IR_IMM_VALUE:
        bytes_byte(out, ' ');
        print_const(out, ir_type_of(f, i->res), i->imm);
        break;
    case IR_IMM_STR:
        bytes_byte(out, ' ');
        if (imm < mod->strings.n)
            print_string(out, mod->strings.at[imm].at,
                         mod->strings.at[imm].len);
        break;
    case IR_IMM_FN:
        bytes_printf(out, " @%" PRIu64 " ", imm);
        if (imm < mod->sigs.n)
            print_name(out, mod->sigs.at[imm].name);
        break;
    case IR_IMM_NATIVE:
        bytes_printf(out, " %s",
                     imm < ir_nnatives ? ir_natives[imm].name : "?");
        break;
    case IR_IMM_MARK:
        bytes_str(out, i->imm == IR_MARK_TRY ? " try" : " undo");
        if (i->flag != UINT16_MAX)
            bytes_printf(out, " flag %" PRIu16, i->flag);
        break;
    default: break;
    }
}

/* Immediates that stand behind the arguments. */
static void print_tail(struct bytes *out, const struct ir_inst *i)
{
    const char *word = NULL;
    switch (ir_ops[i->op].imm_kind) {
    case IR_IMM_WORD: word = "word"; break;
    case IR_IMM_GWORD: word = "global"; break;
    case IR_IMM_TYPE: word = "type"; break;
    case IR_IMM_FLAG: word = "flag"; break;
    default: return;
    }
    bytes_printf(out, " %s %" PRId64, word, i->imm);
}

static void print_inst(const struct ir_fn *f, struct bytes *out,
                       const struct ir_inst *i)
{
    size_t start = out->n;
    uint8_t kind = ir_ops[i->op].imm_kind;
    bool call = kind == IR_IMM_FN || kind == IR_IMM_NATIVE;

    bytes_str(out, "  ");
    for (uint32_t k = 0; k < i->nres; k++) {
        bytes_str(out, k ? ", " : "");
        print_typed_val(f, out, i->res + k);
    }
    if (i->nres)
        bytes_str(out, " = ");
    bytes_str(out, ir_ops[i->op].text);
    print_head(f, out, i);
    if (call)
        bytes_byte(out, '(');
    else if (i->nargs)
        bytes_byte(out, ' ');
    print_vals(out, i->args, i->nargs);
    if (call)
        bytes_byte(out, ')');
    for (uint32_t k = 0; k < i->nedges; k++) {
        bool first = k == 0 && !i->nargs && i->op != IR_MARK;
        bytes_str(out, first ? " " : ", ");
        print_edge(out, &i->edges[k]);
    }
    print_tail(out, i);
    if (i->pos.line) {
        for (size_t n = out->n - start; n < POS_COLUMN - 1; n++)
            bytes_byte(out, ' ');
        bytes_printf(out, " ; %" PRIu32 ":%" PRIu32, i->pos.line,
                     i->pos.column);
    }
    bytes_byte(out, '\n');
}

bool ir_print_fn(const struct ir_fn *f, struct bytes *out)
{
    bytes_printf(out, "fn @%" PRIu32 " ", f->index);
    print_name(out, f->module->sigs.at[f->index].name);
    if (f->nflags)
        bytes_printf(out, " flags %" PRIu32, f->nflags);
    bytes_str(out, f->rev ? " rev {\n" : " {\n");
    for (ir_blk b = 0; b < f->blocks.n; b++) {
        const struct ir_block *k = &f->blocks.at[b];
        if (b && !k->insts.n && !k->params.n)
            continue;
        bytes_printf(out, "b%" PRIu32, b);
        for (uint32_t i = 0; i < k->params.n; i++) {
            bytes_str(out, i ? ", " : "(");
            print_typed_val(f, out, k->params.at[i]);
        }
        bytes_str(out, k->params.n ? "):\n" : ":\n");
        for (uint32_t i = 0; i < k->insts.n; i++)
            print_inst(f, out, &k->insts.at[i]);
    }
    bytes_str(out, "}\n");
    return !out->failed;
}

/* ---- modules ------------------------------------------------------------- */

/* Those of structs, which have words; of sums; and names alone. */
static void print_fields(struct bytes *out, const struct ir_typedesc *t)
{
    bytes_byte(out, '{');
    for (uint32_t i = 0; i < t->nfields; i++) {
        const struct ir_field *f = &t->fields[i];
        bytes_str(out, i ? ", " : " ");
        print_name(out, f->name);
        if (t->kind == PVM_TYPE_NAMES)
            continue;
        bytes_str(out, f->fixed ? ": fixed " : ": ");
        print_type(out, f->of);
        if (t->kind != PVM_TYPE_SUM)
            bytes_printf(out, " word %" PRIu32, f->word);
    }
    bytes_str(out, t->nfields ? " }" : "}");
}

static void print_typedesc(struct bytes *out, const struct ir_typedesc *t,
                           uint32_t index)
{
    static const char *const kinds[] = {[PVM_TYPE_NULL] = "null",
                                        [PVM_TYPE_STR] = "str",
                                        [PVM_TYPE_STRUCT] = "struct",
                                        [PVM_TYPE_LIST] = "list",
                                        [PVM_TYPE_STORE] = "store",
                                        [PVM_TYPE_GLOBALS] = "globals",
                                        [PVM_TYPE_WEAK] = "weak",
                                        [PVM_TYPE_MAP] = "map",
                                        [PVM_TYPE_SUM] = "sum",
                                        [PVM_TYPE_UNIT] = "unit",
                                        [PVM_TYPE_NAMES] = "names",
                                        [PVM_TYPE_ANY] = "any",
                                        [PVM_TYPE_FN] = "fn",
                                        [PVM_TYPE_CLOSURE] = "closure",
                                        [PVM_TYPE_WATCH] = "watch",
                                        [PVM_TYPE_TEXT] = "text",
                                        [PVM_TYPE_GUARDIAN] = "guardian"};
    bytes_printf(out, "type %" PRIu32 " %s ", index, kinds[t->kind]);
    print_name(out, t->name);
    if (t->kind == PVM_TYPE_MAP) {
        bytes_str(out, " key ");
        print_type(out, t->key);
    }
    switch (t->kind) {
    case PVM_TYPE_LIST:
    case PVM_TYPE_STORE:
    case PVM_TYPE_MAP:
        bytes_str(out, " item ");
        print_type(out, t->item);
        break;
    case PVM_TYPE_UNIT: break;
    case PVM_TYPE_FN:
        bytes_byte(out, ' ');
        print_types(out, t->params, t->nparams, 0);
        bytes_str(out, " -> ");
        print_types(out, t->results, t->nresults, 0);
        break;
    case PVM_TYPE_SUM:
    case PVM_TYPE_NAMES:
        bytes_byte(out, ' ');
        print_fields(out, t);
        break;
    default:
        if (t->kind == PVM_TYPE_CLOSURE)
            bytes_printf(out, " of %" PRIu32 " calls @%" PRIu32, t->of_fn,
                         t->fn);
        bytes_printf(out, " refs %" PRIu32 " scalars %" PRIu32 " ", t->nrefs,
                     t->nscalars);
        print_fields(out, t);
    }
    bytes_byte(out, '\n');
}

static void print_place(struct bytes *out, const char *file, uint32_t line)
{
    print_name(out, file);
    bytes_printf(out, ":%" PRIu32, line);
}

static void print_sig(struct bytes *out, const struct ir_sig *s, uint32_t index)
{
    bytes_printf(out, "sig @%" PRIu32 " ", index);
    print_name(out, s->name);
    bytes_byte(out, ' ');
    print_place(out, s->file, s->line);
    bytes_byte(out, ' ');
    print_types(out, s->params, s->nparams, s->muts);
    bytes_str(out, " -> ");
    print_types(out, s->results, s->nresults, 0);
    if (s->inverse)
        bytes_printf(out, " inverse @%" PRIu32, s->inverse - 1);
    if (s->leaves)
        bytes_printf(out, " leaves %u", s->leaves);
    bytes_byte(out, '\n');
}

bool ir_print_module(const struct ir_module *mod, struct bytes *out)
{
    for (uint32_t i = PVM_TYPE_FIRST; i < mod->types.n; i++)
        print_typedesc(out, &mod->types.at[i], i);
    for (uint32_t i = 0; i < mod->strings.n; i++) {
        bytes_printf(out, "string %" PRIu32 " ", i);
        print_string(out, mod->strings.at[i].at, mod->strings.at[i].len);
        bytes_byte(out, '\n');
    }
    for (uint32_t i = 0; i < mod->sigs.n; i++)
        print_sig(out, &mod->sigs.at[i], i);
    if (mod->globals)
        bytes_printf(out, "globals %" PRIu32 "\n", mod->globals);
    if (mod->init)
        bytes_printf(out, "init @%" PRIu32 "\n", mod->init - 1);
    if (mod->main)
        bytes_printf(out, "main @%" PRIu32 "\n", mod->main - 1);
    for (uint32_t i = 0; i < mod->tests.n; i++) {
        const struct ir_test *t = &mod->tests.at[i];
        bytes_str(out, "test ");
        print_name(out, t->name);
        bytes_byte(out, ' ');
        print_place(out, t->file, t->line);
        bytes_printf(out, " @%" PRIu32 "\n", t->fn);
    }
    return !out->failed;
}
