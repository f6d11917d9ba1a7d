/* disasm.c - an image as .pvm text.
 *
 *   .type Point struct          descriptors, after the built-in ones
 *       .field x int
 *   .fn fib(int) -> int refs=0 scalars=4 at "fib.pal":1
 *       jgei   s0, 2, L1        @2:5      line and column from here on
 *       ret
 *   L1:
 *       .live s0                          the join: registers, open mark
 *
 * What follows from the rest is left out: bit T, the order of tables, the
 * words of fields.  An instruction that its row cannot express is a .word. */
#include "runtime/pvm/disasm.h"

#include "runtime/pvm/names.h"

struct printer {
    struct pvm_names names;
    const struct pvm_image *im;
    const struct pvm_fn *fn; /* NULL: destinations are shown as pcs */
    uint32_t *label, *mark;  /* by pc from fn->entry: label number, 0: none */
    struct bytes *out;
};

static void reference(struct printer *p,
                      void (*f)(const struct pvm_names *, uint32_t,
                                struct bytes *),
                      uint32_t index)
{
    f(&p->names, index, p->out);
}

/* ---- instructions -------------------------------------------------------- */

/* The word that the row's operands alone make; others cannot be told apart
 * from it in text. */
static uint64_t plain_word(uint64_t w, const char *letters)
{
    static const uint64_t fields[3] = {0xffff0000u, (uint64_t)0xffff << 32,
                                       (uint64_t)0xffff << 48};
    uint64_t keep = PVM_OP_MASK;
    for (int i = 0; letters[i]; i++) {
        if (pvm_is_xc(letters[i]) || pvm_op(w) == PVM_MARK)
            keep |= 63u << 10;
        if (letters[i] != '-')
            keep |= pvm_is_wide(letters[i]) ? fields[1] | fields[2] : fields[i];
    }
    return w & keep;
}

static bool destination(const struct printer *p, uint32_t pc, int64_t offset,
                        uint32_t *to)
{
    int64_t at = (int64_t)pc + 1 + offset;
    if (!p->fn || at < p->fn->entry || at >= p->fn->end)
        return false;
    *to = (uint32_t)at - p->fn->entry;
    return true;
}

static void print_jump(struct printer *p, uint32_t pc, int64_t offset)
{
    uint32_t to;
    if (destination(p, pc, offset, &to) && p->label[to])
        bytes_printf(p->out, "L%u", p->label[to]);
    else if (p->fn)
        bytes_printf(p->out, "%+lld", (long long)offset);
    else
        bytes_printf(p->out, "%lld", (long long)pc + 1 + offset);
}

static void print_register(struct printer *p, char class, unsigned reg)
{
    if (reg == PVM_NOREG)
        bytes_str(p->out, "none");
    else
        bytes_printf(p->out, "%c%u", class, reg);
}

static void print_operand(struct printer *p, uint32_t pc, uint64_t w, int i,
                          char letter)
{
    unsigned field = i == 0 ? pvm_a(w) : i == 1 ? pvm_b(w) : pvm_c(w);
    switch (letter) {
    case 's':
    case 'S':
    case 'U': bytes_printf(p->out, "s%u", field); break;
    case 'r':
    case 'R':
    case 'V':
    case 'p': bytes_printf(p->out, "r%u", field); break;
    case 'q': bytes_printf(p->out, "s%u", field); break;
    case 'e': print_register(p, 'r', field); break;
    case 'K': print_register(p, 's', field); break;
    case 'i': bytes_printf(p->out, "%d", (int16_t)field); break;
    case 'f': bytes_printf(p->out, "%u", field); break;
    case 'n': bytes_printf(p->out, "%d", pvm_sd(w)); break;
    case 'g': bytes_printf(p->out, "%u", pvm_d(w)); break;
    case 'j': print_jump(p, pc, (int16_t)field); break;
    case 'J': print_jump(p, pc, pvm_sd(w)); break;
    case 't': reference(p, pvm_names_type, pvm_d(w)); break;
    case 'T': reference(p, pvm_names_type, pvm_xc(w)); break;
    case 'x': reference(p, pvm_names_fn, pvm_callee(w)); break;
    case 'N': reference(p, pvm_names_import, field); break;
    case 'k':
        reference(p, pvm_op(w) == PVM_LDKR ? pvm_names_string : pvm_names_const,
                  pvm_d(w));
        break;
    }
}

/* MARK: `mark undo, s0` or `mark try, r1, s0, L2`. */
static void print_mark(struct printer *p, uint32_t pc, uint64_t w)
{
    if (pvm_x(w) == 0) {
        bytes_str(p->out, "undo, ");
        print_register(p, 's', pvm_b(w));
        return;
    }
    bytes_str(p->out, "try, ");
    print_register(p, 'r', pvm_a(w));
    bytes_str(p->out, ", ");
    print_register(p, 's', pvm_b(w));
    bytes_str(p->out, ", ");
    print_jump(p, pc, pvm_sc(w));
}

static bool is_readable(uint64_t w)
{
    const struct pvm_op_info *row = &pvm_ops[pvm_op(w)];
    if (!row->text ||
        plain_word(w, row->operands) != (w & ~(uint64_t)PVM_TARGET))
        return false;
    if (pvm_op(w) != PVM_MARK)
        return true;
    return pvm_x(w) == 1 ||
           (pvm_x(w) == 0 && pvm_a(w) == PVM_NOREG && pvm_c(w) == 0);
}

static void print_word(struct printer *p, uint32_t pc)
{
    uint64_t w = p->im->code[pc];
    const struct pvm_op_info *row = &pvm_ops[pvm_op(w)];
    if (!is_readable(w)) {
        bytes_printf(p->out, ".word 0x%016llx",
                     (unsigned long long)(w & ~(uint64_t)PVM_TARGET));
        return;
    }
    bool bare = true;
    for (int i = 0; row->operands[i]; i++)
        bare &= row->operands[i] == '-';
    bytes_printf(p->out, bare ? "%s" : "%-7s", row->text);
    if (pvm_op(w) == PVM_MARK) {
        print_mark(p, pc, w);
        return;
    }
    const char *separator = "";
    for (int i = 0; row->operands[i]; i++) {
        if (row->operands[i] == '-')
            continue;
        bytes_str(p->out, separator);
        print_operand(p, pc, w, i, row->operands[i]);
        separator = ", ";
    }
}

void pvm_print_inst(const struct pvm_image *im, uint32_t pc, struct bytes *out)
{
    struct printer p = {.im = im, .out = out};
    struct arena *a = arena_open(out->mem);
    if (a && pc < im->ncode && pvm_names_make(&p.names, im, a))
        print_word(&p, pc);
    else
        out->failed |= !a;
    if (a)
        arena_close(a);
}

/* ---- functions ----------------------------------------------------------- */

static void print_values(struct printer *p, const struct pvm_value_type *v,
                         uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        bytes_str(p->out, i ? ", " : "");
        pvm_names_value(&p->names, v[i], p->out);
    }
}

static void print_signature(struct printer *p,
                            const struct pvm_value_type *params,
                            uint32_t nparams,
                            const struct pvm_value_type *results,
                            uint32_t nresults)
{
    bytes_byte(p->out, '(');
    print_values(p, params, nparams);
    bytes_byte(p->out, ')');
    if (nresults == 1) {
        bytes_str(p->out, " -> ");
        print_values(p, results, 1);
    } else if (nresults) {
        bytes_str(p->out, " -> (");
        print_values(p, results, nresults);
        bytes_byte(p->out, ')');
    }
}

static void print_head(struct printer *p)
{
    const struct pvm_fn *f = p->fn;
    bytes_str(p->out, "\n.fn ");
    pvm_text_word(p->im, f->name, p->out);
    print_signature(p, f->params, f->nparams, f->results, f->nresults);
    bytes_printf(p->out, " refs=%u scalars=%u at ", f->nrefs, f->nscalars);
    pvm_text_quoted(p->im, f->file, p->out);
    bytes_printf(p->out, ":%u\n", f->line);
}

static void print_join(struct printer *p, const struct pvm_join *j)
{
    const struct pvm_fn *f = p->fn;
    bytes_str(p->out, "    .live");
    for (uint32_t i = 0; i < j->nlive; i++) {
        const struct pvm_live *l = &j->live[i];
        bytes_printf(p->out, " %c%u", l->is_ref ? 'r' : 's', l->reg);
        if (l->is_ref) {
            bytes_byte(p->out, ':');
            pvm_names_type(&p->names, l->type, p->out);
        }
    }
    uint32_t at = j->mark - 1;
    if (j->mark && at >= f->entry && at < f->end)
        bytes_printf(p->out, " mark=M%u", p->mark[at - f->entry]);
    else if (j->mark)
        bytes_printf(p->out, " mark=#%u", at);
    bytes_byte(p->out, '\n');
}

/* Numbers what jumps lead to, and the marks that joins name. */
static bool number_labels(struct printer *p, struct arena *a)
{
    const struct pvm_image *im = p->im;
    const struct pvm_fn *f = p->fn;
    uint32_t n = f->end - f->entry, labels = 0, marks = 0, to;
    p->label = ARENA_ARRAY(a, uint32_t, n + 1);
    p->mark = ARENA_ARRAY(a, uint32_t, n + 1);
    if (!p->label || !p->mark)
        return false;
    for (uint32_t pc = f->entry; pc < f->end; pc++) {
        uint64_t w = im->code[pc];
        const char *letters = pvm_ops[pvm_op(w)].operands;
        if (!is_readable(w) || (pvm_op(w) == PVM_MARK && pvm_x(w) != 1))
            continue;
        for (int i = 0; letters[i]; i++)
            if ((letters[i] == 'j' && destination(p, pc, pvm_sc(w), &to)) ||
                (letters[i] == 'J' && destination(p, pc, pvm_sd(w), &to)))
                p->label[to] = 1;
    }
    for (uint32_t i = 0; i < f->njoins; i++) {
        uint32_t at = im->joins[f->first_join + i].mark - 1;
        if (at >= f->entry && at < f->end)
            p->mark[at - f->entry] = 1;
    }
    for (uint32_t i = 0; i < n; i++) {
        p->label[i] = p->label[i] ? ++labels : 0;
        p->mark[i] = p->mark[i] ? ++marks : 0;
    }
    return true;
}

/* Prints the instruction at pc with what belongs to it; *line and *join are
 * the next entries of the tables. */
static void print_line(struct printer *p, uint32_t pc, uint32_t *line,
                       uint32_t *join)
{
    const struct pvm_image *im = p->im;
    const struct pvm_fn *f = p->fn;
    uint32_t at = pc - f->entry;
    if (p->label[at])
        bytes_printf(p->out, "L%u:\n", p->label[at]);
    if (p->mark[at])
        bytes_printf(p->out, "M%u:\n", p->mark[at]);
    for (; *join < f->first_join + f->njoins && im->joins[*join].pc == pc;
         ++*join)
        print_join(p, &im->joins[*join]);
    bool placed = false;
    for (; *line < im->nlines && im->lines[*line].pc <= pc; ++*line) {
        placed = *line + 1 == im->nlines || im->lines[*line + 1].pc > pc;
        if (!placed)
            bytes_printf(p->out, "    .line %u:%u\n", im->lines[*line].line,
                         im->lines[*line].column);
    }
    bytes_str(p->out, "    ");
    size_t start = p->out->n;
    print_word(p, pc);
    if (placed) {
        const struct pvm_line *l = &im->lines[*line - 1];
        size_t width = p->out->n - start;
        bytes_printf(p->out, "%*s @%u:%u", width < 32 ? (int)(32 - width) : 0,
                     "", l->line, l->column);
    }
    bytes_byte(p->out, '\n');
}

static bool print_fns(struct printer *p)
{
    const struct pvm_image *im = p->im;
    struct arena *a = arena_open(p->out->mem);
    uint32_t line = 0;
    if (!a)
        return false;
    for (uint32_t i = 0; i < im->nfns; i++) {
        p->fn = &im->fns[i];
        uint32_t join = p->fn->first_join;
        print_head(p);
        if (!number_labels(p, a)) {
            arena_close(a);
            return false;
        }
        for (uint32_t pc = p->fn->entry; pc < p->fn->end; pc++)
            print_line(p, pc, &line, &join);
        arena_reset(a);
    }
    arena_close(a);
    return true;
}

/* ---- tables -------------------------------------------------------------- */

static const char *kind_word(unsigned kind)
{
    switch (kind) {
    case PVM_TYPE_STR: return "str";
    case PVM_TYPE_STRUCT: return "struct";
    case PVM_TYPE_LIST: return "list";
    case PVM_TYPE_STORE: return "store";
    case PVM_TYPE_GLOBALS: return "globals";
    case PVM_TYPE_WEAK: return "weak";
    case PVM_TYPE_MAP: return "map";
    case PVM_TYPE_SUM: return "sum";
    case PVM_TYPE_UNIT: return "unit";
    case PVM_TYPE_NAMES: return "names";
    case PVM_TYPE_ANY: return "any";
    case PVM_TYPE_FN: return "fn";
    case PVM_TYPE_CLOSURE: return "closure";
    case PVM_TYPE_GUARDIAN: return "guardian";
    case PVM_TYPE_WATCH: return "watch";
    case PVM_TYPE_TEXT: return "text";
    default: return "null";
    }
}

/* A name has no type. */
static void print_field(struct printer *p, const struct pvm_field *f)
{
    bytes_str(p->out, "    .field ");
    pvm_text_word(p->im, f->name, p->out);
    if (f->of.kind != PVM_NONE) {
        bytes_byte(p->out, ' ');
        pvm_names_value(&p->names, f->of, p->out);
    }
    bytes_byte(p->out, '\n');
}

/* What stands behind a type's kind. */
static void print_more(struct printer *p, const struct pvm_type *t)
{
    struct bytes *out = p->out;
    switch (t->kind) {
    case PVM_TYPE_MAP:
        bytes_byte(out, ' ');
        pvm_names_value(&p->names, t->key, out);
        /* fallthrough */
    case PVM_TYPE_LIST:
    case PVM_TYPE_STORE:
        bytes_byte(out, ' ');
        pvm_names_value(&p->names, t->item, out);
        break;
    case PVM_TYPE_FN:
        print_signature(p, t->params, t->nparams, t->results, t->nresults);
        break;
    case PVM_TYPE_CLOSURE:
        bytes_byte(out, ' ');
        pvm_names_type(&p->names, t->of_fn, out);
        bytes_str(out, " calls ");
        pvm_names_fn(&p->names, t->fn, out);
        break;
    }
}

/* A type's name stands in quotes where a reference to it would not read. */
static void print_type(struct printer *p, uint32_t index)
{
    const struct pvm_type *t = &p->im->types[index];
    struct bytes *out = p->out;
    size_t before;
    bytes_str(out, ".type ");
    before = out->n;
    pvm_names_type(&p->names, index, out);
    if (out->n > before && out->at[before] == '#') {
        out->n = before;
        pvm_text_quoted(p->im, t->name, out);
    }
    bytes_printf(out, " %s", kind_word(t->kind));
    print_more(p, t);
    bytes_byte(out, '\n');
    for (uint32_t i = 0; i < t->nfields; i++)
        print_field(p, &t->fields[i]);
}

static void print_tables(struct printer *p)
{
    const struct pvm_image *im = p->im;
    uint32_t first = pvm_nbuiltin_strings;
    for (uint32_t i = first; p->names.show_strings && i < im->nstrings; i++) {
        bytes_str(p->out, ".string ");
        pvm_text_quoted(im, i, p->out);
        bytes_byte(p->out, '\n');
    }
    for (uint32_t i = 0; p->names.show_consts && i < im->nconsts; i++) {
        bytes_str(p->out, ".const ");
        pvm_text_const(im->consts[i], p->out);
        bytes_byte(p->out, '\n');
    }
    for (uint32_t i = 0; p->names.show_imports && i < im->nimports; i++) {
        bytes_str(p->out, ".native ");
        pvm_text_word(im, im->imports[i].name, p->out);
        bytes_byte(p->out, ' ');
        pvm_text_quoted(im, im->imports[i].sig, p->out);
        bytes_byte(p->out, '\n');
    }
    for (uint32_t i = PVM_TYPE_FIRST; i < im->ntypes; i++)
        print_type(p, i);
}

/* Which type and functions the run begins with, and the tests. */
static void print_roles(struct printer *p)
{
    const struct pvm_image *im = p->im;
    if (im->globals || im->init || im->main || im->ntests)
        bytes_byte(p->out, '\n');
    if (im->globals) {
        bytes_str(p->out, ".globals ");
        reference(p, pvm_names_type, im->globals);
        bytes_byte(p->out, '\n');
    }
    if (im->init) {
        bytes_str(p->out, ".init ");
        reference(p, pvm_names_fn, im->init - 1);
        bytes_byte(p->out, '\n');
    }
    if (im->main) {
        bytes_str(p->out, ".main ");
        reference(p, pvm_names_fn, im->main - 1);
        bytes_byte(p->out, '\n');
    }
    for (uint32_t i = 0; i < im->ntests; i++) {
        const struct pvm_test *t = &im->tests[i];
        bytes_str(p->out, ".test ");
        pvm_text_quoted(im, t->name, p->out);
        bytes_byte(p->out, ' ');
        reference(p, pvm_names_fn, t->fn);
        bytes_str(p->out, " at ");
        pvm_text_quoted(im, t->file, p->out);
        bytes_printf(p->out, ":%u\n", t->line);
    }
}

bool pvm_disassemble(const struct pvm_image *im, struct mem *m,
                     struct bytes *out)
{
    struct printer p = {.im = im, .out = out};
    struct arena *a = arena_open(m);
    bool ok = a && pvm_names_make(&p.names, im, a);
    if (ok) {
        bytes_str(out, "; Palindrome VM assembly\n");
        print_tables(&p);
        ok = print_fns(&p);
        print_roles(&p);
    }
    if (a)
        arena_close(a);
    return ok && !out->failed;
}
