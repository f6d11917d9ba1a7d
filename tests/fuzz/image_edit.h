/* image_edit.h - changes to an image that may well leave it valid.
 *
 *   edit := what u8, how u8, at u16, value u32
 *
 * An edit is made in the file of an image with plain sections; every edit
 * means something in every image.  Most keep to what a compiler could have
 * written: another number, string, row with the same operands, register that
 * the function uses, destination that it has.  The rest hit tables, words and
 * the header anyhow, for the reader and the verifier to notice. */
#ifndef PAL_FUZZ_IMAGE_EDIT_H
#define PAL_FUZZ_IMAGE_EDIT_H

#include <string.h>

#include "runtime/base/hash.h"
#include "runtime/pvm/image_file.h"

/* Kinds of edits; those below EDIT_MILD leave most images valid. */
enum { EDIT_BYTES = 8, EDIT_MILD = 16, EDIT_HEADER = 24, EDIT_KINDS };

struct edit {
    const struct pvm_image *im; /* what the file was before all edits */
    uint8_t *file;
    unsigned what, how, at;
    uint32_t value;
};

static uint64_t get(const uint8_t *at, unsigned n)
{
    uint64_t v = 0;

    while (n--)
        v = v << 8 | at[n];
    return v;
}

static void set(uint8_t *at, uint64_t v, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        at[i] = (uint8_t)(v >> 8 * i);
}

/* A section's bytes in the file, *n of them. */
static uint8_t *section(uint8_t *file, int s, size_t *n)
{
    const uint8_t *row = file + PVM_HEADER_BYTES;
    size_t at = PVM_SECTIONS_AT;

    for (; s--; row += PVM_ROW_BYTES)
        at += get(row + 16, 8);
    *n = get(row + 16, 8);
    return file + at;
}

static uint8_t *word_at(const struct edit *e, uint32_t pc)
{
    size_t n;

    return section(e->file, PVM_SECTION_CODE, &n) + 8 * (size_t)pc;
}

static uint64_t small(uint32_t value)
{
    return value & 0x100 ? value : (uint64_t)(int8_t)value;
}

static void edit_number(uint8_t *at, unsigned n, unsigned how, uint32_t value)
{
    uint64_t old = get(at, n);

    switch (how % 4) {
    case 0: set(at, small(value), n); break;
    case 1: set(at, old + 1, n); break;
    case 2: set(at, old - 1, n); break;
    default: set(at, old ^ UINT64_C(1) << value % (8 * n), n); break;
    }
}

/* ---- instructions -------------------------------------------------------- */

/* Operands as text, "" for what is no instruction. */
static const char *letters_of(uint64_t w)
{
    const struct pvm_op_info *op = &pvm_ops[pvm_op(w)];

    return op->text ? op->operands : "";
}

/* Where an operand of one of these letters stands: its index, or -1.  The
 * edit's `how` chooses where there are several. */
static int operand(const struct edit *e, uint64_t w, const char *letters)
{
    const char *own = letters_of(w);
    int n = (int)strlen(own);

    for (int i = 0; i < n; i++) {
        int k = (i + (int)e->how) % n;

        if (strchr(letters, own[k]))
            return k;
    }
    return -1;
}

/* The first instruction from the edit's place on with such an operand, round
 * the whole code; false when none has. */
static bool find(const struct edit *e, const char *letters, uint32_t *pc,
                 int *k)
{
    for (uint32_t i = 0; i < e->im->ncode; i++) {
        *pc = (e->at + i) % e->im->ncode;
        *k = operand(e, e->im->code[*pc], letters);
        if (*k >= 0)
            return true;
    }
    return false;
}

static void set_field(const struct edit *e, uint32_t pc, int k, uint64_t v)
{
    set(word_at(e, pc) + 2 + 2 * k, v, 2);
}

static void set_wide(const struct edit *e, uint32_t pc, uint64_t v)
{
    set(word_at(e, pc) + 4, v, 4);
}

static void edit_immediate(const struct edit *e)
{
    uint32_t pc;
    int k;

    if (!find(e, "in", &pc, &k))
        return;
    if (letters_of(e->im->code[pc])[k] == 'n')
        edit_number(word_at(e, pc) + 4, 4, e->how >> 4, e->value);
    else
        edit_number(word_at(e, pc) + 2 + 2 * k, 2, e->how >> 4, e->value);
}

/* Whether one row may stand for the other as far as the verifier goes. */
static bool alike(const struct pvm_op_info *a, const struct pvm_op_info *b)
{
    return a != b && a->text && b->text && a->class == b->class &&
           a->check == b->check && !strcmp(a->operands, b->operands);
}

/* Another row with the same operands and meaning for the verifier, in the
 * first instruction from the edit's place on that has one. */
static void edit_row(const struct edit *e)
{
    for (uint32_t k = 0; k < e->im->ncode; k++) {
        uint8_t *w = word_at(e, (e->at + k) % e->im->ncode);
        unsigned old = get(w, 2) & PVM_OP_MASK;

        for (unsigned i = 0; i < PVM_NOPS_LIMIT; i++) {
            unsigned to = (e->value + i) % PVM_NOPS_LIMIT;

            if (alike(&pvm_ops[to], &pvm_ops[old])) {
                set(w, (get(w, 2) & ~(uint64_t)PVM_OP_MASK) | to, 2);
                return;
            }
        }
    }
}

/* A register operand becomes one that an instruction shortly before names. */
static void edit_register(const struct edit *e, const char *letters,
                          const char *from)
{
    uint32_t pc, before;
    int k, j;

    if (!find(e, letters, &pc, &k))
        return;
    for (uint32_t back = 1 + e->value % 8; back < 40 && back <= pc; back++) {
        before = pc - back;
        j = operand(e, e->im->code[before], from);
        if (j >= 0) {
            set_field(e, pc, k, get(word_at(e, before) + 2 + 2 * j, 2));
            return;
        }
    }
    set_field(e, pc, k, e->value % 8);
}

/* A constant, global, field, type, function or native. */
static void edit_index(const struct edit *e)
{
    const struct pvm_image *im = e->im;
    uint32_t pc, v = e->value;
    int k;

    if (!find(e, "kgftTxN", &pc, &k))
        return;
    switch (letters_of(im->code[pc])[k]) {
    case 'k':
        set_wide(e, pc,
                 v % (pvm_op(im->code[pc]) == PVM_LDK
                          ? im->nconsts + !im->nconsts
                          : im->nstrings));
        break;
    case 'g': set_wide(e, pc, v % 16); break;
    case 't': set_wide(e, pc, v % im->ntypes); break;
    case 'f': set_field(e, pc, k, v % 8); break;
    case 'T': set_field(e, pc, k, v % im->ntypes); break;
    case 'x': set_field(e, pc, k, v % (im->nfns + !im->nfns)); break;
    default: set_field(e, pc, k, v % (im->nimports + !im->nimports)); break;
    }
}

/* A jump or landing goes to another place where control can meet. */
static void edit_jump(const struct edit *e)
{
    const struct pvm_image *im = e->im;
    const struct pvm_fn *f;
    uint32_t pc;
    int k;
    int64_t offset;

    if (!find(e, "jJ", &pc, &k))
        return;
    f = pvm_fn_at(im, pc);
    if (!f || !f->njoins)
        return;
    offset =
        (int64_t)im->joins[f->first_join + e->value % f->njoins].pc - pc - 1;
    if (letters_of(im->code[pc])[k] == 'J')
        set_wide(e, pc, (uint64_t)offset);
    else
        set_field(e, pc, k, (uint64_t)offset);
}

/* Two neighbours change places, or one instruction stands for another; bit T
 * stays where it is. */
static void edit_order(const struct edit *e)
{
    uint32_t pc = e->at % e->im->ncode;
    uint32_t other =
        e->how & 16 ? e->value % e->im->ncode : (pc + 1) % e->im->ncode;
    uint8_t *to = word_at(e, pc), *from = word_at(e, other);
    uint64_t one = get(to, 8), two = get(from, 8);
    uint64_t t = PVM_TARGET;

    set(to, (two & ~t) | (one & t), 8);
    if (!(e->how & 16))
        set(from, (one & ~t) | (two & t), 8);
}

/* ---- tables -------------------------------------------------------------- */

static void edit_constant(const struct edit *e)
{
    static const uint64_t notable[] = {0,
                                       1,
                                       2,
                                       UINT64_MAX,
                                       INT64_MAX,
                                       (uint64_t)1 << 63, /* ints */
                                       0x3ff0000000000000,
                                       0x7ff0000000000000,
                                       0xfff8000000000000,
                                       255,
                                       256};
    size_t n;
    uint8_t *at = section(e->file, PVM_SECTION_CONSTS, &n);

    if (n < 8) {
        edit_immediate(e);
        return;
    }
    at += e->at % (n / 8) * 8;
    if (e->how & 1)
        edit_number(at, 8, e->how >> 1, e->value);
    else
        set(at, notable[e->value % (sizeof notable / sizeof *notable)], 8);
}

/* Another character in a string of the program. */
static void edit_text(const struct edit *e)
{
    uint32_t first = pvm_nbuiltin_strings;
    uint32_t own = e->im->nstrings - first;
    size_t n;
    uint8_t *at = section(e->file, PVM_SECTION_TEXT, &n);
    const struct pvm_str *s;

    if (!own)
        return;
    s = &e->im->strings[first + e->at % own];
    at += s->at;
    if (s->len)
        at += e->how % s->len;
    if (*at >= ' ' && *at < 127)
        *at = (uint8_t)(' ' + e->value % 95);
}

/* A string of the program becomes another one. */
static void edit_string(const struct edit *e)
{
    uint32_t first = pvm_nbuiltin_strings;
    uint32_t own = e->im->nstrings - first;
    size_t n;
    uint8_t *at = section(e->file, PVM_SECTION_STRINGS, &n) + 4;

    if (own)
        memcpy(at + 8 * (size_t)(first + e->at % own),
               at + 8 * (size_t)(e->value % e->im->nstrings), 8);
}

/* A number in a section, wherever. */
static void edit_table(const struct edit *e)
{
    size_t n;
    uint8_t *at = section(e->file, (int)(e->how % PVM_NSECTIONS), &n);
    unsigned bytes = 1u << (e->how >> 4) % 4;

    if (n >= bytes)
        edit_number(at + e->at % (n - bytes + 1), bytes, e->how >> 6, e->value);
}

/* A live register of a join, or which mark is open there. */
static void edit_join(const struct edit *e)
{
    size_t n;
    uint8_t *at = section(e->file, PVM_SECTION_JOINS, &n), *end = at + n;
    uint32_t skip = e->im->njoins ? e->at % e->im->njoins : 0, live;

    if (!e->im->njoins)
        return;
    for (at += 4; skip--; at += PVM_JOIN_BYTES + 7 * get(at + 8, 4))
        if (end - at < PVM_JOIN_BYTES)
            return;
    if (end - at < PVM_JOIN_BYTES)
        return;
    live = (uint32_t)get(at + 8, 4);
    if (e->how & 1 || !live || (size_t)(end - at) < 12 + 7 * (size_t)live)
        edit_number(at + 4, 4, e->how >> 1, e->value);
    else
        edit_number(at + 12 + 7 * (e->value % live) + 1, 2, e->how >> 1,
                    e->value >> 8);
}

/* ---- edits --------------------------------------------------------------- */

/* Makes checksums good. */
static void seal(uint8_t *file)
{
    for (int s = 0; s < PVM_NSECTIONS; s++) {
        uint8_t *row = file + PVM_HEADER_BYTES + s * PVM_ROW_BYTES;
        size_t n;
        const uint8_t *at = section(file, s, &n);

        set(row + 24, hash_checksum(at, n), 8);
    }
    set(file + PVM_CHECKSUM_AT, 0, 8);
    set(file + PVM_CHECKSUM_AT, hash_checksum(file, PVM_SECTIONS_AT), 8);
}

/* Makes one edit, given as EDIT_BYTES bytes. */
static void edit_image(const struct pvm_image *im, uint8_t *file,
                       const uint8_t *bytes)
{
    struct edit e = {im,
                     file,
                     bytes[0],
                     bytes[1],
                     (unsigned)get(bytes + 2, 2),
                     (uint32_t)get(bytes + 4, 4)};

    if (!im->ncode)
        return;
    switch (e.what % EDIT_KINDS) {
    case 0:
    case 1:
    case 2:
    case 3: edit_immediate(&e); break;
    case 4:
    case 5: edit_constant(&e); break;
    case 6: edit_text(&e); break;
    case 7: edit_string(&e); break;
    case 8:
    case 9:
    case 10: edit_row(&e); break;
    case 11:
    case 12: edit_index(&e); break;
    case 13:
    case 14: edit_register(&e, "S", "sSU"); break;
    case 15: edit_register(&e, "sU", "sU"); break;
    case EDIT_MILD: edit_register(&e, "RV", "rRV"); break;
    case 17: edit_register(&e, "r", "rV"); break;
    case 18: edit_register(&e, "pqeK", "rRsS"); break;
    case 19: edit_jump(&e); break;
    case 20: edit_order(&e); break;
    case 21: edit_join(&e); break;
    case 22: edit_table(&e); break;
    case 23:
        edit_number(word_at(&e, e.at % im->ncode), 8, e.how, e.value);
        break;
    default: break; /* edit_header's, behind the seal */
    }
}

/* Edits of the header and table are made behind the seal, which covers them
 * only if `how` says so. */
static void edit_header(uint8_t *file, const uint8_t *bytes)
{
    if (bytes[0] % EDIT_KINDS != EDIT_HEADER)
        return;
    edit_number(file + get(bytes + 2, 2) % PVM_SECTIONS_AT, 1, bytes[1],
                (uint32_t)get(bytes + 4, 4));
    if (bytes[1] & 16) {
        set(file + PVM_CHECKSUM_AT, 0, 8);
        set(file + PVM_CHECKSUM_AT, hash_checksum(file, PVM_SECTIONS_AT), 8);
    }
}

#endif
