/* test_rows.c - every row of the instruction table, forward and back.
 *
 * Each row runs once in a traced window on an arbitrary state: random
 * registers, a small heap of objects of every kind, scopes open or not, a
 * snapshot taken or not.  Then it is stepped back, and the digest of the whole
 * machine must be what it was; forward again, and it must be what it was
 * after the first time.  Operands come from the letters of the row, so a new
 * row is covered as soon as it stands in the table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <errno.h>

#include "runtime/coll/guardian.h"
#include "runtime/pvm/marks.h"
#include "runtime/pvm/natives.h"
#include "runtime/vm/vm.h"

enum {
    NREFS = 34,
    NSCALARS = 16,
    WINDOW_R = 25,
    WINDOW_S = 8,
    MIDDLE = 8,
    CODE = 2 * MIDDLE + 1,
    CALLEE = CODE,
    ROUNDS = 60
};
enum {
    T_SMALL = PVM_TYPE_FIRST,
    T_BIG,
    T_LIST_SMALL,
    T_GLOBALS,
    T_MAP_WORDS,
    T_MAP_STR, /* from str to int */
    T_MAP_TO_STR,
    T_MAP_SMALL, /* from and to T_SMALL */
    T_UNIT,
    T_SUM, /* of T_SMALL and T_UNIT */
    T_NAMES,
    T_FN,
    T_CLOSURE, /* of the second function */
    T_PLAIN,   /* the same, and captures nothing */
    NTYPES
};
enum { SMALL_REFS = 2, SMALL_SCALARS = 3, BIG_REFS = 40, BIG_SCALARS = 40 };

/* What the reference registers hold, by register. */
static const uint32_t reg_types[WINDOW_R] = {
    PVM_T_STR,      T_SMALL,         T_BIG,
    PVM_T_LIST_INT, PVM_T_LIST_BOOL, PVM_T_LIST_BYTE,
    PVM_T_LIST_STR, T_LIST_SMALL,    PVM_T_LIST_FLOAT,
    PVM_T_STR,      T_SMALL,         PVM_T_ERROR,
    T_MAP_WORDS,    T_MAP_STR,       T_MAP_TO_STR,
    T_MAP_SMALL,    T_UNIT,          T_SUM,
    PVM_T_ANY,      T_SUM,           T_FN,
    T_CLOSURE,      T_PLAIN,         PVM_T_WEAK,
    PVM_T_GUARDIAN};

struct rig {
    struct mem *mem;
    struct pvm_image im;
    uint64_t code[CODE + 5];
    struct pvm_type types[NTYPES];
    struct pvm_field fields[SMALL_REFS + SMALL_SCALARS];
    struct pvm_field big_fields[BIG_REFS + BIG_SCALARS];
    struct pvm_field variants[2], names[3];
    struct pvm_value_type param; /* of the second function */
    struct pvm_fn fns[2];
    struct pvm_str strings[64];
    char text[600];
    uint64_t consts[2];
    struct pvm_import import;
    struct vm *vm;
    uint64_t seed;
};

static uint64_t rnd(struct rig *g)
{
    uint64_t x = g->seed += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}
static unsigned below(struct rig *g, unsigned n)
{
    return (unsigned)(rnd(g) % n);
}

/* ---- an image of one instruction ----------------------------------------- */

static void add_string(struct rig *g, const char *s)
{
    uint32_t i = g->im.nstrings++;
    g->strings[i] = (struct pvm_str){g->im.ntext, (uint32_t)strlen(s)};
    memcpy(g->text + g->im.ntext, s, strlen(s) + 1);
    g->im.ntext += (uint32_t)strlen(s) + 1;
}

static void make_fields(struct pvm_field *f, uint32_t nrefs, uint32_t nscalars)
{
    for (uint32_t i = 0; i < nrefs + nscalars; i++)
        f[i] = (struct pvm_field){
            .word = i,
            .of = {i < nrefs ? PVM_REF : PVM_INT, i < nrefs ? PVM_T_STR : 0}};
}

static void make_maps(struct rig *g)
{
    g->types[T_MAP_WORDS] = (struct pvm_type){
        .kind = PVM_TYPE_MAP, .key = {PVM_INT, 0}, .item = {PVM_INT, 0}};
    g->types[T_MAP_STR] = (struct pvm_type){.kind = PVM_TYPE_MAP,
                                            .key = {PVM_REF, PVM_T_STR},
                                            .item = {PVM_INT, 0}};
    g->types[T_MAP_TO_STR] = (struct pvm_type){.kind = PVM_TYPE_MAP,
                                               .key = {PVM_INT, 0},
                                               .item = {PVM_REF, PVM_T_STR}};
    g->types[T_MAP_SMALL] = (struct pvm_type){.kind = PVM_TYPE_MAP,
                                              .key = {PVM_REF, T_SMALL},
                                              .item = {PVM_REF, T_SMALL}};
}

static void make_sums(struct rig *g)
{
    g->variants[0].of = (struct pvm_value_type){PVM_REF, T_SMALL};
    g->variants[1].of = (struct pvm_value_type){PVM_REF, T_UNIT};
    g->types[T_UNIT] = (struct pvm_type){.kind = PVM_TYPE_UNIT};
    g->types[T_SUM] = (struct pvm_type){
        .kind = PVM_TYPE_SUM, .nfields = 2, .fields = g->variants};
    g->types[T_NAMES] = (struct pvm_type){
        .kind = PVM_TYPE_NAMES, .nfields = 3, .fields = g->names};
    g->types[T_FN] = (struct pvm_type){.kind = PVM_TYPE_FN};
    g->types[T_CLOSURE] = g->types[T_SMALL];
    g->types[T_CLOSURE].kind = PVM_TYPE_CLOSURE;
    g->types[T_PLAIN] = (struct pvm_type){.kind = PVM_TYPE_CLOSURE};
    for (uint32_t t = T_CLOSURE; t <= T_PLAIN; t++) {
        g->types[t].fn = 1;
        g->types[t].of_fn = T_FN;
    }
}

static void make_image(struct rig *g)
{
    struct pvm_image *im = &g->im;
    for (uint32_t i = 0; i < pvm_nbuiltin_strings; i++)
        add_string(g, pvm_builtin_strings[i]);
    memcpy(g->types, pvm_builtin_types, sizeof pvm_builtin_types);
    make_fields(g->fields, SMALL_REFS, SMALL_SCALARS);
    make_fields(g->big_fields, BIG_REFS, BIG_SCALARS);
    g->types[T_SMALL] =
        (struct pvm_type){.kind = PVM_TYPE_STRUCT,
                          .nrefs = SMALL_REFS,
                          .nscalars = SMALL_SCALARS,
                          .fields = g->fields,
                          .nfields = SMALL_REFS + SMALL_SCALARS};
    g->types[T_BIG] = (struct pvm_type){.kind = PVM_TYPE_STRUCT,
                                        .nrefs = BIG_REFS,
                                        .nscalars = BIG_SCALARS,
                                        .fields = g->big_fields,
                                        .nfields = BIG_REFS + BIG_SCALARS};
    g->types[T_LIST_SMALL] =
        (struct pvm_type){.kind = PVM_TYPE_LIST, .item = {PVM_REF, T_SMALL}};
    g->types[T_GLOBALS] = g->types[T_BIG];
    g->types[T_GLOBALS].kind = PVM_TYPE_GLOBALS;
    make_maps(g);
    make_sums(g);
    g->fns[0] = (struct pvm_fn){
        .entry = 0, .end = CODE, .nrefs = NREFS, .nscalars = NSCALARS};
    g->fns[1] = (struct pvm_fn){.entry = CALLEE,
                                .end = CODE + 5,
                                .nrefs = 5,
                                .nscalars = 3,
                                .nparams = 1, /* of a closure it is one of */
                                .params = &g->param};
    g->param = (struct pvm_value_type){PVM_REF, T_CLOSURE};
    for (int i = 0; i < CODE + 5; i++)
        g->code[i] = PVM_HALT | PVM_TARGET;
    g->code[CODE + 1] = PVM_LDKR; /* so that string 0 becomes an object */
    g->code[CODE + 2] = pvm_ad(PVM_LDU, 0, T_UNIT);
    g->code[CODE + 3] = pvm_abxc(PVM_NAME, 0, 0, T_NAMES);
    g->code[CODE + 4] = pvm_ad(PVM_LDU, 0, T_PLAIN);
    *im = (struct pvm_image){.code = g->code,
                             .ncode = CODE + 5,
                             .fns = g->fns,
                             .nfns = 2,
                             .types = g->types,
                             .ntypes = NTYPES,
                             .consts = g->consts,
                             .nconsts = 2,
                             .strings = g->strings,
                             .nstrings = im->nstrings,
                             .text = g->text,
                             .ntext = im->ntext,
                             .imports = &g->import,
                             .nimports = 1,
                             .globals = T_GLOBALS,
                             .main = 1};
    g->consts[1] = UINT64_C(0x400921fb54442d18);
}

/* Files are left alone; all else is answered at random. */
static void answer(void *arg, struct host_call *c)
{
    struct rig *g = arg;
    static const char *const texts[] = {"", "a line\n", "one\ntwo\r\nthree",
                                        "\xff"};
    const char *text = texts[below(g, 4)];
    bytes_add(c->out, text, strlen(text) + (c->op == HOST_LIST_DIR && *text));
    c->value = (int64_t)rnd(g);
    c->error = below(g, 4) ? 0 : EIO;
}

static bool swallow(void *arg, int fd, const void *p, size_t n)
{
    (void)arg, (void)fd, (void)p, (void)n;
    return true;
}

/* ---- an arbitrary state -------------------------------------------------- */

static uint64_t *ref(struct rig *g, unsigned i)
{
    return obj_at(&g->vm->h, g->vm->h.st->rbase + 8 * (uint64_t)i);
}
static uint64_t *scalar(struct rig *g, unsigned i)
{
    return obj_at(&g->vm->h, g->vm->h.st->sbase + 8 * (uint64_t)i);
}

static uint64_t some_str(struct rig *g)
{
    char text[40];
    unsigned n = below(g, 40);
    for (unsigned i = 0; i < n; i++)
        text[i] = (char)('0' + below(g, 10));
    return str_new(&g->vm->h, text, n);
}

static uint64_t some_struct(struct rig *g, uint32_t type)
{
    struct heap *h = &g->vm->h;
    uint32_t n = g->types[type].nrefs + g->types[type].nscalars;
    uint64_t *o = gc_hold(h, gc_new(h, type, n));
    for (uint32_t w = 0; w < n; w++) {
        uint64_t v = w < g->types[type].nrefs ? some_str(g) : rnd(g);
        trail_before_ref(h, *o, w);
        *obj_word(h, *o, w) = v;
    }
    gc_release(h, 1);
    return *o;
}

static uint64_t some_list(struct rig *g, uint32_t type)
{
    struct heap *h = &g->vm->h;
    uint64_t *list = gc_hold(h, list_new(h, type)), *item = gc_hold(h, 0);
    unsigned n = below(g, 4) ? below(g, 8) : 100 + below(g, 300);
    for (unsigned i = 0; i < n; i++) {
        struct pvm_value_type t = g->types[type].item;
        *item = 0;
        uint64_t w = rnd(g) & 1, *from = t.kind == PVM_REF ? item : &w;
        if (t.kind == PVM_REF)
            *item = t.type == PVM_T_STR ? some_str(g) : some_struct(g, T_SMALL);
        list_push(h, list, from);
    }
    uint64_t made = *list;
    gc_release(h, 2);
    return made;
}

/* A key or value in a slot; words are few, so that they meet. */
static void some_part(struct rig *g, struct pvm_value_type t, uint64_t *slot)
{
    *slot = t.kind != PVM_REF     ? below(g, 12)
            : t.type == PVM_T_STR ? some_str(g)
                                  : some_struct(g, t.type);
}

static uint64_t some_map(struct rig *g, uint32_t type)
{
    struct heap *h = &g->vm->h;
    const struct pvm_type *t = &g->types[type];
    uint64_t *map = gc_hold(h, map_new(h, type)), word[2];
    uint64_t *key = gc_hold(h, 0), *value = gc_hold(h, 0);
    uint64_t *k = t->key.kind == PVM_REF ? key : &word[0];
    uint64_t *v = t->item.kind == PVM_REF ? value : &word[1];
    for (unsigned n = below(g, 2) ? below(g, 5) : below(g, 40); n; n--) {
        some_part(g, t->key, k);
        some_part(g, t->item, v);
        map_put(h, map, k, v);
        if (below(g, 4) == 0)
            map_remove(h, *map, *k, &word[1]);
    }
    uint64_t made = *map;
    gc_release(h, 3);
    return made;
}

static uint64_t some_weak(struct rig *g)
{
    struct heap *h = &g->vm->h;
    uint64_t *target = gc_hold(h, below(g, 4) ? some_struct(g, T_SMALL) : 0);
    uint64_t o = gc_new_weak(h, target);
    gc_release(h, 1);
    return o;
}

/* Of what it watches some waits. */
static uint64_t some_guardian(struct rig *g)
{
    struct heap *h = &g->vm->h;
    uint64_t *o = gc_hold(h, guardian_new(h)), *target = gc_hold(h, 0), made;
    for (unsigned n = below(g, 5); n; n--) {
        *target = some_struct(g, T_SMALL);
        guardian_watch(h, o, target);
        *target = 0;
        if (below(g, 3) == 0)
            gc_collect(h);
        if (below(g, 4) == 0)
            guardian_next(h, *o, &made);
    }
    made = *o;
    gc_release(h, 2);
    return made;
}

static uint64_t some_object(struct rig *g, uint32_t type)
{
    if (type == PVM_T_WEAK)
        return some_weak(g);
    if (type == PVM_T_GUARDIAN)
        return some_guardian(g);
    if (type == T_UNIT || type == T_PLAIN)
        return g->vm->units[type];
    if (type == T_FN)
        return some_object(g, below(g, 2) ? T_CLOSURE : T_PLAIN);
    if (type == T_SUM || type == PVM_T_ANY)
        return below(g, 4) == 0
                   ? 0
                   : some_object(g, below(g, 2) ? T_SMALL : T_UNIT);
    if (type == PVM_T_ERROR)
        return vm_new_error(g->vm, "no", 2, g->vm->kinds[below(g, 4)]);
    if (type == PVM_T_STR)
        return some_str(g);
    if (g->types[type].kind == PVM_TYPE_MAP)
        return some_map(g, type);
    return g->types[type].kind == PVM_TYPE_LIST ? some_list(g, type)
                                                : some_struct(g, type);
}

static void open_some_marks(struct rig *g)
{
    struct state *st = g->vm->h.st;
    for (unsigned n = below(g, 4); n; n--) {
        struct mark m = {.kind = below(g, 2),
                         .pc = MIDDLE,
                         .back_pc = 2 + below(g, 3),
                         .rbase = st->rbase,
                         .sbase = st->sbase,
                         .ctop = st->ctop,
                         .error_reg = 11,
                         .keep_reg = below(g, 2) ? 5 : PVM_NOREG};
        trail_open(&g->vm->h, &m);
        if (below(g, 2))
            vm_print(g->vm, "held\n", 5);
    }
}

static void make_state(struct rig *g)
{
    struct vm *vm = g->vm;
    assert_int_equal(vm_begin(vm, 0), PAL_OK);
    vm->h.st->pc = MIDDLE;
    for (unsigned i = 0; i < WINDOW_R; i++)
        *ref(g, i) = some_object(g, reg_types[i]);
    for (unsigned i = 0; i < NSCALARS; i++)
        *scalar(g, i) = below(g, 3) ? rnd(g) : below(g, 6);
    if (below(g, 2))
        gc_minor(&vm->h);
    if (below(g, 2))
        open_some_marks(g);
    if (below(g, 3) == 0) {
        gc_minor(&vm->h);
        vm->h.st->snap = vm->h.st->clock;
        heap_thresholds(&vm->h);
    }
    if (below(g, 4) == 0)
        *ref(g, 1) = 0; /* the null reference is harmless everywhere */
}

/* ---- an instruction of a row --------------------------------------------- */

static unsigned reg_of(struct rig *g, uint32_t type)
{
    for (;;) {
        unsigned r = below(g, WINDOW_R);
        if (reg_types[r] == type)
            return r;
    }
}

/* The type that operand `i` must have, by the row's check. */
static uint32_t operand_type(struct rig *g, const struct pvm_op_info *op,
                             uint32_t list)
{
    static const uint32_t scalar_lists[] = {PVM_T_LIST_INT, PVM_T_LIST_FLOAT};
    static const uint32_t byte_lists[] = {PVM_T_LIST_BOOL, PVM_T_LIST_BYTE};
    switch (op->check) {
    case CK_FIELD_S:
    case CK_FIELD_R: return below(g, 2) ? T_SMALL : T_BIG;
    case CK_SHORT_S: return T_SMALL;
    case CK_SHORT_R: return below(g, 2) ? T_SMALL : T_BIG;
    case CK_LIST_W: return scalar_lists[below(g, 2)];
    case CK_LIST_B: return byte_lists[below(g, 2)];
    case CK_LIST_R: return list;
    case CK_LIST: return PVM_T_LIST_INT;
    case CK_FAIL: return PVM_T_ERROR;
    case CK_TAG: return T_SUM;
    case CK_UP: return below(g, 3) ? T_UNIT : T_CLOSURE;
    case CK_DOWN: return below(g, 2) ? (uint32_t)PVM_T_ANY : T_SUM;
    default: return PVM_T_STR;
    }
}

static unsigned field_word(struct rig *g, const struct pvm_op_info *op,
                           uint32_t type)
{
    const struct pvm_type *t = &g->types[type];
    bool refs = op->check == CK_FIELD_R || op->check == CK_SHORT_R;
    unsigned w = refs ? below(g, t->nrefs) : t->nrefs + below(g, t->nscalars);
    return op->check == CK_SHORT_R ? w % 32 : w;
}

static bool is_backward(unsigned op)
{
    return pvm_ops[op].class == PVM_BACK;
}

static int some_offset(struct rig *g, unsigned op)
{
    return is_backward(op) ? -2 - (int)below(g, 5) : (int)below(g, 5);
}

/* A type of list that suits the signature, of every form of item in turn. */
static uint32_t list_for(struct rig *g, const char *sig)
{
    static const uint32_t lists[] = {PVM_T_LIST_STR,  T_LIST_SMALL,
                                     PVM_T_LIST_INT,  PVM_T_LIST_FLOAT,
                                     PVM_T_LIST_BOOL, PVM_T_LIST_BYTE};
    if (strchr(sig, 'm'))
        return lists[below(g, 2)];
    return lists[strchr(sig, 'w') ? 2 + below(g, 4) : below(g, 6)];
}

/* The same of map. */
static uint32_t map_for(struct rig *g, const char *sig)
{
    static const uint32_t maps[] = {T_MAP_WORDS, T_MAP_TO_STR, T_MAP_STR,
                                    T_MAP_SMALL};
    bool k = strchr(sig, 'k'), v = strchr(sig, 'v');
    unsigned i = below(g, 4);
    if (k || strchr(sig, 'K'))
        i = (i & 1) | (k ? 0 : 2);
    if (v || strchr(sig, 'V'))
        i = (i & 2) | (v ? 0 : 1);
    return maps[i];
}

/* A list of keys or values. */
static uint32_t list_of(struct pvm_value_type t)
{
    if (t.kind != PVM_REF)
        return PVM_T_LIST_INT;
    return t.type == PVM_T_STR ? PVM_T_LIST_STR : T_LIST_SMALL;
}

/* Half the time a key that is there. */
static uint64_t key_for(struct rig *g, uint32_t map)
{
    struct heap *h = &g->vm->h;
    uint64_t m = *ref(g, reg_of(g, map));
    uint64_t at = entries_next(h, m, below(g, 12));
    if (at != ENTRIES_NONE && below(g, 2))
        return entries_key(h, m, at);
    bool is_ref = g->types[map].key.kind == PVM_REF;
    return is_ref ? *ref(g, reg_of(g, g->types[map].key.type)) : below(g, 14);
}

static void native_arguments(struct rig *g, const char *sig)
{
    unsigned r = WINDOW_R, s = WINDOW_S;
    static const char *const one_of[] = {"w", "m"};
    char one[] = {sig[strcspn(sig, "lwm")], 0}; /* the first list's letter */
    uint32_t list = list_for(g, one), map = map_for(g, sig), first = 0;
    for (const char *p = sig; *p && *p != ':'; p++) {
        uint32_t type = 0;
        switch (*p) {
        case 's': type = PVM_T_STR; break;
        case 'e': type = PVM_T_ERROR; break;
        case 'I':
        case 'F':
        case 'Y':
        case 'Z':
        case 'W':
        case 'G': type = pvm_sig_type(*p); break;
        case 'a': type = reg_types[below(g, WINDOW_R)]; break;
        case 'l':
        case 'w':
        case 'm':
            type = *p == one[0] ? list : list_for(g, one_of[*p == 'm']);
            break;
        case 'r': type = g->types[list].item.type; break;
        case '=': type = first; break;
        case 'M': type = map; break;
        case 'p': type = list_of(g->types[map].key); break;
        case 'q': type = list_of(g->types[map].item); break;
        case 'k': *scalar(g, s++) = key_for(g, map); break;
        case 'K': *ref(g, r++) = key_for(g, map); break;
        case 'V': type = g->types[map].item.type; break;
        case 'i': *scalar(g, s++) = below(g, 12) - UINT64_C(1); break;
        case 'f': *scalar(g, s++) = g->consts[1]; break;
        default: *scalar(g, s++) = below(g, 2);
        }
        if (type) {
            first = first ? first : type;
            *ref(g, r++) = *ref(g, reg_of(g, type));
        }
    }
}

/* The index in fields X and C. */
static uint32_t index_for(struct rig *g, const struct pvm_op_info *op,
                          uint32_t type)
{
    switch (op->check) {
    case CK_CALLC: return T_FN;
    case CK_UP:
        return below(g, 2)         ? (uint32_t)PVM_T_ANY
               : type == T_CLOSURE ? T_FN
                                   : T_SUM;
    case CK_DOWN:
        return type == PVM_T_ANY && below(g, 2) ? T_SUM
               : below(g, 2)                    ? T_SMALL
                                                : T_UNIT;
    case CK_NAME: return T_NAMES;
    default: return 1; /* the callee */
    }
}

static unsigned field_for(struct rig *g, unsigned op, char letter, int i,
                          uint32_t type, uint32_t list)
{
    const struct pvm_op_info *info = &pvm_ops[op];
    switch (letter) {
    case 's':
    case 'S':
    case 'U': return below(g, WINDOW_S);
    case 'r': return below(g, WINDOW_R);
    case 'R':
    case 'V':
        if (info->check == CK_LIST_R && i > 0 && info->operands[0] == 'R')
            return reg_of(g, g->types[list].item.type);
        return reg_of(g, type);
    case 'i':
        return info->check == CK_NONE && (op == PVM_DIVI || op == PVM_MODI)
                   ? 1 + below(g, 9)
                   : (unsigned)rnd(g) & 0xffff;
    case 'j': return (unsigned)some_offset(g, op) & 0xffff;
    case 'f': return field_word(g, info, type);
    case 'p': return WINDOW_R;
    case 'q': return WINDOW_S;
    case 'x':
    case 'T': return index_for(g, info, type);
    case 'e': return below(g, 2) ? 11 : PVM_NOREG;
    case 'K': return below(g, 2) ? 5 : PVM_NOREG;
    default: return 0;
    }
}

static uint32_t wide_for(struct rig *g, unsigned op, char letter)
{
    const struct pvm_type *t = &g->types[T_GLOBALS];
    switch (letter) {
    case 'J': return (uint32_t)some_offset(g, op);
    case 'k': return pvm_ops[op].check == CK_CONST_S ? below(g, 2) : 0;
    case 'g':
        return pvm_ops[op].check == CK_GLOBAL_R
                   ? below(g, t->nrefs)
                   : t->nrefs + below(g, t->nscalars);
    case 't':
        return pvm_ops[op].check == CK_NIL        ? (uint32_t)PVM_T_STR
               : pvm_ops[op].check == CK_UNIT     ? T_UNIT
               : pvm_ops[op].check == CK_LIST_NEW ? T_LIST_SMALL
               : pvm_ops[op].check == CK_MAP_NEW  ? T_MAP_WORDS
               : below(g, 2)                      ? T_SMALL
                                                  : T_BIG;
    default: return (uint32_t)rnd(g);
    }
}

/* Updates must not overlap: their operands are made to differ. */
static uint64_t make_word(struct rig *g, unsigned op)
{
    const struct pvm_op_info *info = &pvm_ops[op];
    uint32_t list = below(g, 2) ? PVM_T_LIST_STR : T_LIST_SMALL;
    uint32_t type = operand_type(g, info, list);
    unsigned f[3] = {0};
    size_t n = strlen(info->operands);
    if (n == 2)
        return pvm_ad(op, field_for(g, op, info->operands[0], 0, type, list),
                      wide_for(g, op, info->operands[1]));
    for (size_t i = 0; i < n; i++)
        f[i] = field_for(g, op, info->operands[i], (int)i, type, list);
    while (info->class == PVM_UPDATE && info->operands[1] != '-' &&
           f[0] == f[1])
        f[1] = field_for(g, op, info->operands[1], 1, type, list);
    uint64_t w = pvm_abc(op, f[0], f[1], f[2]);
    if (op == PVM_MARK)
        w |= (uint64_t)(f[0] == PVM_NOREG ? PVM_MARK_UNDO : PVM_MARK_TRY) << 10;
    return w;
}

/* Whether the state allows the row: a mark to close, a frame to return to. */
static void suit(struct rig *g, unsigned op)
{
    struct state *st = g->vm->h.st;
    if ((op == PVM_KEEP || op == PVM_UNDO) && !st->nmarks) {
        struct mark m = {.pc = MIDDLE,
                         .rbase = st->rbase,
                         .sbase = st->sbase,
                         .ctop = st->ctop,
                         .keep_reg = PVM_NOREG};
        trail_open(&g->vm->h, &m);
        some_struct(g, T_SMALL);
        vm_print(g->vm, "held\n", 5);
    }
    if (op == PVM_RET) {
        *obj_at(&g->vm->h, st->ctop) =
            vm_record(g->vm->h.tape.seg[TAPE_CODE].at + 8 * 3,
                      pvm_abc(PVM_CALL, 2, 1, 0));
        st->ctop += 8;
        st->rbase += 16;
        st->sbase += 8;
        for (unsigned i = NREFS - 2; i < NREFS; i++)
            *ref(g, i) = 0;
    }
    if (pvm_is_call(op))
        *ref(g, WINDOW_R) = below(g, 4) ? *ref(g, reg_of(g, T_FN)) : 0;
    if (op == PVM_NAT)
        native_arguments(g, pvm_natives[g->import.native].sig);
}

static void open_rig(struct rig *g)
{
    struct vm_options opt = {
        .heap = 64 << 20, .stack = 1 << 20, .nursery = 256 << 10};
    static const char *const args[] = {"one", "two", NULL};
    struct vm_host host = {
        .write = swallow, .ask = answer, .arg = g, .args = args};
    assert_int_equal(vm_open(&g->vm, g->mem, &g->im, &opt, &host), PAL_OK);
}

/* One row once, with a seed; fails with the row's name. */
static void one_row(struct rig *g, unsigned op, uint64_t seed)
{
    g->seed = seed * 1000003 + op;
    open_rig(g);
    make_state(g);
    suit(g, op);
    uint64_t w = make_word(g, op);
    /* code lies on the tape: poke the instruction under test there */
    ((uint64_t *)(uintptr_t)g->vm->code)[MIDDLE] =
        w | (below(g, 2) ? PVM_TARGET : 0);
    struct vm *vm = g->vm;
    assert_int_equal(vm_window_open(vm), PAL_OK);
    uint64_t before = vm_digest(vm);
    vm->window->stop = 1;
    enum pal_status first = vm_run(vm);
    uint64_t after = vm_digest(vm), ran = vm->window->steps;
    uint64_t back = vm_run_back(vm, 1);
    if (back != ran || vm_digest(vm) != before || vm->window->log.words.n)
        fail_msg("%s (%s), seed %llu: not what it was (%u words left)",
                 pvm_ops[op].name, pvm_natives[g->import.native].name,
                 (unsigned long long)seed, vm->window->log.words.n);
    enum pal_status again = vm_run(vm);
    if (again != first || vm_digest(vm) != after)
        fail_msg("%s (%s), seed %llu: forward again differs", pvm_ops[op].name,
                 pvm_natives[g->import.native].name, (unsigned long long)seed);
    vm_window_drop(vm);
    vm_close(vm);
}

static void test_every_row(void **state)
{
    struct rig *g = *state;
    unsigned rows = 0;
    for (unsigned op = 0; op < PVM_NOPS_LIMIT; op++) {
        if (!pvm_ops[op].text)
            continue;
        rows++;
        for (unsigned i = 0; i < ROUNDS && op != PVM_NAT; i++)
            one_row(g, op, i);
    }
    assert_true(rows > 100);
}

static void test_every_native(void **state)
{
    struct rig *g = *state;
    unsigned natives = 0;
    for (int n = 0; n < PVM_NATIVES_LIMIT; n++) {
        if (!pvm_natives[n].name)
            continue;
        natives++;
        g->import.native = n;
        for (unsigned i = 0; i < ROUNDS; i++)
            one_row(g, PVM_NAT, i);
    }
    assert_true(natives > 30);
}

/* A native once, without a window, where the nth allocation of the context
 * fails: whatever it says, the heap keeps its rules. */
static void one_without_memory(struct rig *g, uint64_t nth, uint64_t seed)
{
    g->seed = seed;
    open_rig(g);
    make_state(g);
    suit(g, PVM_NAT);
    ((uint64_t *)(uintptr_t)g->vm->code)[MIDDLE] = make_word(g, PVM_NAT);
    mem_fail_at(g->mem, nth);
    enum pal_status status = vm_run(g->vm);
    mem_fail_at(g->mem, 0);
    const char *why = g->vm->h.broken ? g->vm->h.broken : gc_check(&g->vm->h);
    if (!why)
        why = trail_check(&g->vm->h);
    if (why || status == PAL_NOMEM)
        fail_msg("%s, allocation %u: %s", pvm_natives[g->import.native].name,
                 (unsigned)nth, why ? why : "no error was raised");
    vm_close(g->vm);
}

static void test_natives_without_memory(void **state)
{
    struct rig *g = *state;
    for (int n = 0; n < PVM_NATIVES_LIMIT; n++) {
        g->import.native = n;
        for (unsigned i = 0; i < 24 && pvm_natives[n].name; i++)
            one_without_memory(g, 1 + i % 4, i * 1000 + (uint64_t)n);
    }
}

static int setup(void **state)
{
    struct rig *g = calloc(1, sizeof *g);
    if (!g)
        return -1;
    g->mem = mem_open(&mem_runtime, NULL);
    make_image(g);
    *state = g;
    return g->mem ? 0 : -1;
}

static int teardown(void **state)
{
    struct rig *g = *state;
    mem_close(g->mem);
    free(g);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_row), cmocka_unit_test(test_every_native),
        cmocka_unit_test(test_natives_without_memory)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
