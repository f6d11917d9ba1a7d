/* image_kit.h - small images by hand, for tests of the loader, the verifier
 * and the vm.
 *
 * A kit has the built-in types and strings, and these:
 *
 *   type 14  P { name: str, next: P, n: int, m: float }    words 0 1 | 2 3
 *   type 15  globals { title: str, count: int }            words 0 | 1
 *   type 16  [P]          type 17  [str: int]
 *   type 20  Round { r: float, color: Color }   type 21  Dot, a unit
 *   type 22  Shape, a sum of Round and Dot      type 23  Color, names
 *   type 24  fn(int, str) -> int
 *   type 25  Add, a closure { p: P, n: int }    type 26  Plain, one of nothing
 *   imports  print s:   list_remove_ref mi:r   equal a=:b   copy a:=
 *            list_fill wix:
 *   consts   42, the bits of 1.5        string k->hello  "hello"
 *
 * Functions are added one after another:
 *
 *   kit_fn(k, "is:s", 2, 1)   parameters int, str; result str; 2 reference
 *                             and 1 scalar registers
 *   kit_code(k, n, words)     its code
 *   kit_joins(k, "3 0 s0 r1:12; 5 4 s0")   joins: pc within the function,
 *                             mark (pc + 1, within the function, or 0), live
 *                             registers, references with their type
 *
 * Letters of a signature: i f b y s, e Error, I [int], Y [byte], Z [str], P,
 * Q [P], W [str: int], R Round, D Dot, H Shape, A any, F fn, C Add, L Plain. */
#ifndef PAL_TESTS_IMAGE_KIT_H
#define PAL_TESTS_IMAGE_KIT_H

#include <stdlib.h>
#include <string.h>

#include "runtime/mem/bytes.h"
#include "runtime/mem/vec.h"
#include "runtime/pvm/image.h"
#include "runtime/pvm/natives.h"

enum {
    KIT_P = PVM_TYPE_FIRST,
    KIT_GLOBALS,
    KIT_LIST_P,
    KIT_MAP,
    KIT_ROUND,
    KIT_DOT,
    KIT_SHAPE,
    KIT_COLOR,
    KIT_FN,
    KIT_ADD,
    KIT_PLAIN
};
enum {
    KIT_PRINT,
    KIT_REMOVE,
    KIT_EQUAL,
    KIT_COPY,
    KIT_FILL,
    KIT_MAP_PUT,  /* from references to scalars */
    KIT_MAP_FIND, /* from references to references */
    KIT_MAP_KEYS,
    KIT_TEXT,
    KIT_SORT_BY,
    KIT_IMPORTS
};

struct kit {
    struct mem *mem;
    struct arena *arena;
    struct bytes text;
    VEC(struct pvm_str) strings;
    VEC(struct pvm_type) types;
    VEC(uint64_t) code;
    VEC(uint64_t) consts;
    VEC(struct pvm_fn) fns;
    VEC(struct pvm_join) joins;
    VEC(struct pvm_import) imports;
    VEC(struct pvm_line) lines;
    VEC(struct pvm_test) tests;
    uint32_t hello; /* the string "hello" */
    uint32_t globals, init, main;
};

/* Instruction words as constants: by fields A, B, C, or A and D; with bit T;
 * with field X. */
#define KFIELD(v, at) ((uint64_t)(uint16_t)(v) << (at))
#define KI(OP, a, b, c)                                                        \
    ((uint64_t)PVM_##OP | KFIELD(a, 16) | KFIELD(b, 32) | KFIELD(c, 48))
#define KD(OP, a, d)                                                           \
    ((uint64_t)PVM_##OP | KFIELD(a, 16) | (uint64_t)(uint32_t)(d) << 32)
#define KT(w)    ((w) | PVM_TARGET)
#define KX(x, w) ((w) | (uint64_t)(x) << 10)
#define KIT_CODE(k, ...)                                                       \
    kit_code(k, sizeof((uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t),          \
             (uint64_t[]){__VA_ARGS__})

static inline uint32_t kit_string(struct kit *k, const char *s, size_t n)
{
    struct pvm_str at = {.at = (uint32_t)k->text.n, .len = (uint32_t)n};

    bytes_add(&k->text, s, n);
    bytes_byte(&k->text, 0);
    vec_push_in(k->arena, &k->strings, at);
    return k->strings.n - 1;
}

static inline uint32_t add_text(struct kit *k, const char *s)
{
    return kit_string(k, s, strlen(s));
}

static inline void add_struct(struct kit *k, enum pvm_type_kind kind,
                              const char *name, uint32_t nrefs, uint32_t n,
                              const char *const *names,
                              const struct pvm_value_type *of)
{
    struct pvm_field *f = ARENA_ARRAY(k->arena, struct pvm_field, n);

    for (uint32_t i = 0; i < n; i++)
        f[i] = (struct pvm_field){add_text(k, names[i]), of[i], i};
    vec_push_in(k->arena, &k->types,
                (struct pvm_type){.kind = kind,
                                  .name = add_text(k, name),
                                  .nrefs = nrefs,
                                  .nscalars = n - nrefs,
                                  .nfields = n,
                                  .fields = f});
}

/* Types that have names and no words of their own. */
static inline void add_sums(struct kit *k)
{
    static const char *const names[] = {"r", "color"};
    static const struct pvm_value_type of[] = {{PVM_FLOAT, 0},
                                               {PVM_INT, KIT_COLOR}};
    static const char *const variants[] = {"Round", "Dot"};
    static const struct pvm_value_type types[] = {{PVM_REF, KIT_ROUND},
                                                  {PVM_REF, KIT_DOT}};
    static const char *const colors[] = {"red", "green"};
    static const struct pvm_value_type none[2] = {{PVM_NONE, 0}};

    add_struct(k, PVM_TYPE_STRUCT, "Round", 0, 2, names, of);
    add_struct(k, PVM_TYPE_UNIT, "Dot", 0, 0, names, of);
    add_struct(k, PVM_TYPE_SUM, "Shape", 0, 2, variants, types);
    add_struct(k, PVM_TYPE_NAMES, "Color", 0, 2, colors, none);
    for (uint32_t t = KIT_SHAPE; t <= KIT_COLOR; t++) {
        k->types.at[t].nscalars = 0;
        ((struct pvm_field *)k->types.at[t].fields)[1].word = 0;
    }
}

/* The functions of closures, kit_closures adds. */
static inline void add_fn_types(struct kit *k)
{
    static const char *const names[] = {"p", "n"};
    static const struct pvm_value_type of[] = {{PVM_REF, KIT_P}, {PVM_INT, 0}};
    static const struct pvm_value_type params[] = {{PVM_INT, 0},
                                                   {PVM_REF, PVM_T_STR}};
    static const struct pvm_value_type results[] = {{PVM_INT, 0}};

    vec_push_in(k->arena, &k->types,
                (struct pvm_type){.kind = PVM_TYPE_FN,
                                  .name = add_text(k, "fn(int, str) -> int"),
                                  .nparams = 2,
                                  .params = params,
                                  .nresults = 1,
                                  .results = results});
    add_struct(k, PVM_TYPE_CLOSURE, "Add", 1, 2, names, of);
    add_struct(k, PVM_TYPE_CLOSURE, "Plain", 0, 0, names, of);
    for (uint32_t t = KIT_ADD; t <= KIT_PLAIN; t++)
        k->types.at[t].of_fn = KIT_FN;
}

static inline void add_types(struct kit *k)
{
    static const char *const p_names[] = {"name", "next", "n", "m"};
    static const struct pvm_value_type p_of[] = {
        {PVM_REF, PVM_T_STR}, {PVM_REF, KIT_P}, {PVM_INT, 0}, {PVM_FLOAT, 0}};
    static const char *const g_names[] = {"title", "count"};
    static const struct pvm_value_type g_of[] = {{PVM_REF, PVM_T_STR},
                                                 {PVM_INT, 0}};

    for (uint32_t i = 0; i < PVM_TYPE_FIRST; i++)
        vec_push_in(k->arena, &k->types, pvm_builtin_types[i]);
    add_struct(k, PVM_TYPE_STRUCT, "P", 2, 4, p_names, p_of);
    add_struct(k, PVM_TYPE_GLOBALS, "globals", 1, 2, g_names, g_of);
    vec_push_in(k->arena, &k->types,
                (struct pvm_type){.kind = PVM_TYPE_LIST,
                                  .name = add_text(k, "[P]"),
                                  .item = {PVM_REF, KIT_P}});
    vec_push_in(k->arena, &k->types,
                (struct pvm_type){.kind = PVM_TYPE_MAP,
                                  .name = add_text(k, "[str: int]"),
                                  .key = {PVM_REF, PVM_T_STR},
                                  .item = {PVM_INT, 0}});
    add_sums(k);
    add_fn_types(k);
    k->globals = KIT_GLOBALS;
}

static inline void add_imports(struct kit *k)
{
    static const int natives[] = {
        PVM_NATIVE_print,          PVM_NATIVE_list_remove_ref,
        PVM_NATIVE_equal,          PVM_NATIVE_copy,
        PVM_NATIVE_list_fill,      PVM_NATIVE_map_put_rs,
        PVM_NATIVE_map_find_rr,    PVM_NATIVE_map_keys,
        PVM_NATIVE_byte_list_text, PVM_NATIVE_list_sort_by};

    for (size_t i = 0; i < sizeof natives / sizeof *natives; i++) {
        const struct pvm_native *n = &pvm_natives[natives[i]];
        struct pvm_import im = {add_text(k, n->name), add_text(k, n->sig), -1};

        vec_push_in(k->arena, &k->imports, im);
    }
}

static inline struct kit *kit_open(struct mem *m)
{
    struct arena *a = arena_open(m);
    struct kit *k = ARENA_NEW(a, struct kit);

    k->mem = m;
    k->arena = a;
    k->text = bytes_in(m);
    for (uint32_t i = 0; i < pvm_nbuiltin_strings; i++)
        add_text(k, pvm_builtin_strings[i]);
    add_types(k);
    add_imports(k);
    k->hello = add_text(k, "hello");
    vec_push_in(a, &k->consts, 42);
    vec_push_in(a, &k->consts, UINT64_C(0x3ff8000000000000));
    return k;
}

/* ---- functions ----------------------------------------------------------- */

static inline struct pvm_value_type letter_type(char c)
{
    switch (c) {
    case 'i': return (struct pvm_value_type){PVM_INT, 0};
    case 'f': return (struct pvm_value_type){PVM_FLOAT, 0};
    case 'b': return (struct pvm_value_type){PVM_BOOL, 0};
    case 'y': return (struct pvm_value_type){PVM_BYTE, 0};
    case 'P': return (struct pvm_value_type){PVM_REF, KIT_P};
    case 'Q': return (struct pvm_value_type){PVM_REF, KIT_LIST_P};
    case 'W': return (struct pvm_value_type){PVM_REF, KIT_MAP};
    case 'R': return (struct pvm_value_type){PVM_REF, KIT_ROUND};
    case 'D': return (struct pvm_value_type){PVM_REF, KIT_DOT};
    case 'H': return (struct pvm_value_type){PVM_REF, KIT_SHAPE};
    case 'A': return (struct pvm_value_type){PVM_REF, PVM_T_ANY};
    case 'F': return (struct pvm_value_type){PVM_REF, KIT_FN};
    case 'C': return (struct pvm_value_type){PVM_REF, KIT_ADD};
    case 'L': return (struct pvm_value_type){PVM_REF, KIT_PLAIN};
    default: return (struct pvm_value_type){PVM_REF, pvm_sig_type(c)};
    }
}

static inline uint16_t add_values(struct kit *k, const char *s, size_t n,
                                  const struct pvm_value_type **out)
{
    struct pvm_value_type *v = ARENA_ARRAY(k->arena, struct pvm_value_type, n);

    for (size_t i = 0; i < n; i++)
        v[i] = letter_type(s[i]);
    *out = v;
    return (uint16_t)n;
}

static inline uint32_t kit_fn(struct kit *k, const char *sig, uint16_t nrefs,
                              uint16_t nscalars)
{
    const char *results = pvm_sig_results(sig);
    struct pvm_fn f = {.name = k->hello,
                       .file = k->hello,
                       .line = 1,
                       .entry = k->code.n,
                       .end = k->code.n,
                       .nrefs = nrefs,
                       .nscalars = nscalars,
                       .first_join = k->joins.n};

    f.nparams = add_values(k, sig, strcspn(sig, ":"), &f.params);
    f.nresults = add_values(k, results, strlen(results), &f.results);
    vec_push_in(k->arena, &k->fns, f);
    return k->fns.n - 1;
}

static inline void kit_code(struct kit *k, uint32_t n, const uint64_t *words)
{
    struct pvm_fn *f = &k->fns.at[k->fns.n - 1];

    vec_push_in(k->arena, &k->lines,
                (struct pvm_line){f->entry, 10 + k->fns.n, 1});
    for (uint32_t i = 0; i < n; i++)
        vec_push_in(k->arena, &k->code, words[i]);
    f->end = k->code.n;
}

/* One register of a join: s3, or r1:12. */
static inline const char *read_live(const char *s, struct pvm_join *j,
                                    struct pvm_live *live)
{
    struct pvm_live *l = &live[j->nlive++];
    char *end;

    l->is_ref = *s == 'r';
    l->reg = (uint16_t)strtoul(s + 1, &end, 10);
    l->type = *end == ':' ? (uint32_t)strtoul(end + 1, &end, 10) : 0;
    return end;
}

static inline void kit_joins(struct kit *k, const char *spec)
{
    struct pvm_fn *f = &k->fns.at[k->fns.n - 1];

    while (*spec) {
        struct pvm_live *live = ARENA_ARRAY(k->arena, struct pvm_live, 32);
        struct pvm_join j = {.live = live};
        char *end;

        j.pc = f->entry + (uint32_t)strtoul(spec, &end, 10);
        j.mark = (uint32_t)strtoul(end, &end, 10);
        j.mark += j.mark ? f->entry : 0;
        for (spec = end; *spec && *spec != ';';)
            spec = *spec == ' ' ? spec + 1 : read_live(spec, &j, live);
        spec += *spec == ';';
        vec_push_in(k->arena, &k->joins, j);
        f->njoins++;
    }
}

/* Add gives n + x, Plain the length of the str; behind all other functions. */
static inline void add_closures(struct kit *k)
{
    k->types.at[KIT_ADD].fn = kit_fn(k, "Cis:i", 2, 2);
    KIT_CODE(k, KT(KI(LDF, 1, 0, 1)), KI(ADD, 0, 0, 1), KI(RET, 0, 0, 0));
    k->types.at[KIT_PLAIN].fn = kit_fn(k, "Lis:i", 2, 1);
    KIT_CODE(k, KT(KI(SLEN, 0, 1, 0)), KI(RET, 0, 0, 0));
}

/* The image; it shares the kit's memory, which pvm_free gives back. */
static inline struct pvm_image *kit_image(struct kit *k)
{
    struct pvm_image *im = ARENA_NEW(k->arena, struct pvm_image);

    if (!k->types.at[KIT_ADD].fn)
        add_closures(k);

    *im = (struct pvm_image){
        .arena = k->arena,
        .code = k->code.at,
        .ncode = k->code.n,
        .fns = k->fns.at,
        .nfns = k->fns.n,
        .joins = k->joins.at,
        .njoins = k->joins.n,
        .types = k->types.at,
        .ntypes = k->types.n,
        .consts = k->consts.at,
        .nconsts = k->consts.n,
        .strings = k->strings.at,
        .nstrings = k->strings.n,
        .text = arena_strndup(k->arena, (char *)k->text.at, k->text.n),
        .ntext = (uint32_t)k->text.n,
        .imports = k->imports.at,
        .nimports = k->imports.n,
        .lines = k->lines.at,
        .nlines = k->lines.n,
        .tests = k->tests.at,
        .ntests = k->tests.n,
        .globals = k->globals,
        .init = k->init,
        .main = k->main};
    bytes_free(&k->text);
    return im;
}

/* ---- a program ----------------------------------------------------------- */

/* title = "hello"; count = 42 */
static inline void add_init(struct kit *k)
{
    k->init = kit_fn(k, ":", 1, 1) + 1;
    KIT_CODE(k, KT(KD(LDKR, 0, k->hello)), KD(STGR, 0, 0), KD(LDK, 0, 0),
             KD(STG, 0, 1), KI(RET, 0, 0, 0));
}

/* sum(n) = 0 + 1 + … + n - 1, which runs a loop */
static inline uint32_t add_sum(struct kit *k)
{
    uint32_t index = kit_fn(k, "i:i", 0, 3);

    KIT_CODE(k, KT(KD(LDI, 1, 0)), KD(LDI, 2, 0), KD(JMP, 0, 2),
             KT(KI(UADD, 1, 2, 0)), KI(UADDI, 2, 0, 1), KT(KI(JLTB, 2, 0, -3)),
             KI(SWAP, 0, 1, 0), KI(RET, 0, 0, 0));
    kit_joins(k, "3 0 s0 s1 s2; 5 0 s0 s1 s2");
    return index;
}

/* Objects, lists, strings and natives. */
static inline uint32_t add_objects(struct kit *k)
{
    uint32_t index = kit_fn(k, "P:s", 6, 5);

    KIT_CODE(k, KT(KD(NEW, 1, KIT_P)), KI(STFR, 1, 0, 1), KI(LDFR, 2, 1, 1),
             KD(LDI, 0, 7), KI(STF, 1, 0, 2), KI(LDF, 1, 1, 2),
             KD(NEWL, 3, KIT_LIST_P), KI(PUSHR, 3, 2, 0), KD(LDI, 2, 0),
             KI(LDER, 2, 3, 2), KI(STER, 3, 2, 1), KI(SWAPR, 1, 2, 0),
             KI(MOVR, 4, 3, 0), KI(MOV, 3, 2, 0), KI(NAT, 4, 3, KIT_REMOVE),
             KD(LDKR, 5, k->hello), KI(STFR, 4, 5, 0), KD(LDGR, 0, 0),
             KI(CAT, 0, 0, 5), KI(SLEN, 1, 0, 0), KI(RET, 0, 0, 0));
    return index;
}

/* An undo scope that keeps if x is not 0, and a try around a division. */
static inline uint32_t add_marks(struct kit *k, uint32_t sum)
{
    uint32_t index = kit_fn(k, "i:i", 2, 4);

    KIT_CODE(k, KT(KD(LDI, 1, 0)),                 /*  0 the keep flag */
             KI(MARK, PVM_NOREG, 1, 0),            /*  1 undo { */
             KD(LDG, 2, 1),                        /*  2 */
             KI(ADD, 2, 2, 0),                     /*  3 */
             KD(STG, 2, 1),                        /*  4 count += x */
             KI(JF, 0, 0, 2),                      /*  5 */
             KI(KEEP, 0, 0, 0),                    /*  6 */
             KD(JMP, 0, 1),                        /*  7 */
             KT(KI(UNDO, 0, 0, 0)),                /*  8 } */
             KT(KX(1, KI(MARK, 0, PVM_NOREG, 6))), /* 9 try { */
             KD(LDK, 3, 0),                        /* 10 */
             KI(DIV, 3, 3, 0),                     /* 11 */
             KI(CALL, 2, 3, sum),                  /* 12 sum(42 / x) */
             KT(KI(KEEP, 0, 0, 0)),                /* 13 */
             KI(MOV, 0, 3, 0),                     /* 14 } */
             KI(RET, 0, 0, 0),                     /* 15 */
             KT(KI(LDFR, 1, 0, 0)),                /* 16 handler: e.message */
             KI(NAT, 1, 3, KIT_PRINT),             /* 17 */
             KI(JEQI, 0, 0, 1),                    /* 18 if x == 0 return */
             KI(FAIL, 0, 0, 0),                    /* 19 */
             KT(KI(RET, 0, 0, 0)));                /* 20 */
    kit_joins(k, "7 0 s0; 8 2 s0; 9 0 s0; 13 10 s0 s3; 14 0 s0 s3; "
                 "16 0 s0 r0:2; 20 0 s0");
    return index;
}

/* What objects are: a sum's variants, any, and the name of a field. */
static inline uint32_t add_shapes(struct kit *k)
{
    uint32_t index = kit_fn(k, ":i", 4, 2);

    KIT_CODE(k, KT(KD(LDU, 0, KIT_DOT)), KI(UP, 0, 0, KIT_SHAPE),
             KD(NEW, 1, KIT_ROUND), KD(LDI, 0, 1), KI(STF, 1, 0, 1),
             KI(UP, 1, 1, KIT_SHAPE), KI(TAG, 0, 0, 0), KI(JF, 0, 0, 1),
             KI(SWAPR, 0, 1, 0), KT(KI(UP, 2, 0, PVM_T_ANY)),
             KI(DOWN, 2, 2, KIT_SHAPE), KI(DOWN, 2, 2, KIT_ROUND),
             KI(LDF, 1, 2, 1), KI(NAME, 3, 1, KIT_COLOR),
             KI(NAT, 3, 2, KIT_PRINT), KI(TAG, 0, 0, 0), KI(RET, 0, 0, 0));
    kit_joins(k, "9 0 s0 r0:26 r1:26");
    return index;
}

/* Two function values are called, in turns; the second captures nothing. */
static inline uint32_t add_calls(struct kit *k)
{
    uint32_t index = kit_fn(k, ":i", 4, 3);

    KIT_CODE(k, KT(KD(NEW, 0, KIT_ADD)), KD(LDI, 0, 2), KI(STF, 0, 0, 1),
             KI(UP, 0, 0, KIT_FN), KD(LDU, 1, KIT_PLAIN), KI(UP, 1, 1, KIT_FN),
             KT(KI(MOVR, 2, 0, 0)), KD(LDKR, 3, k->hello), KI(MOV, 1, 0, 0),
             KI(CALLC, 2, 1, KIT_FN), KT(KI(MOV, 0, 1, 0)), KI(SWAPR, 0, 1, 0),
             KI(JLTIB, 0, 6, -7), KI(RET, 0, 0, 0));
    kit_joins(k, "6 0 s0 r0:28 r1:28; 10 0 s1 r0:28 r1:28");
    return index;
}

static inline void add_main(struct kit *k, uint32_t sum, uint32_t objects,
                            uint32_t marks, uint32_t shapes, uint32_t calls)
{
    k->main = kit_fn(k, ":i", 3, 2) + 1;
    KIT_CODE(k, KT(KD(NEW, 0, KIT_P)), KI(CALL, 0, 0, objects),
             KT(KI(NAT, 0, 0, KIT_PRINT)), KI(CALL, 0, 0, shapes),
             KT(KI(CALL, 0, 0, calls)), KT(KI(CALL, 0, 0, marks)),
             KT(KI(CALL, 0, 0, sum)), KT(KI(RET, 0, 0, 0)));
    kit_joins(k, "2 0 r0:1; 4 0; 5 0 s0; 6 0 s0; 7 0 s0");
}

/* A program that uses every kind of instruction and verifies: main -> int,
 * a test, init, and functions with loops, calls, marks. */
static inline struct pvm_image *kit_program(struct mem *m)
{
    struct kit *k = kit_open(m);
    uint32_t sum, objects, marks, shapes, calls, test;

    add_init(k);
    sum = add_sum(k);
    objects = add_objects(k);
    marks = add_marks(k, sum);
    shapes = add_shapes(k);
    calls = add_calls(k);
    add_main(k, sum, objects, marks, shapes, calls);
    test = kit_fn(k, ":", 0, 0);
    KIT_CODE(k, KT(KI(RET, 0, 0, 0)));
    vec_push_in(k->arena, &k->tests,
                (struct pvm_test){k->hello, test, k->hello, 3});
    return kit_image(k);
}

#endif
