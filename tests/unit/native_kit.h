/* native_kit.h - natives called one at a time, for tests of their bodies.
 *
 * The image is one NAT instruction; a call goes the way a program's goes, with
 * collections, second tries and errors.  Arguments are put into kit.r and
 * kit.s, and results are there afterwards.  What a test needs later it keeps
 * by a handle: registers beyond the arguments are no roots. */
#ifndef PAL_TESTS_NATIVE_KIT_H
#define PAL_TESTS_NATIVE_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <string.h>

#include "runtime/coll/map.h"
#include "runtime/gc/handle.h"
#include "runtime/pvm/natives.h"
#include "runtime/vm/vm.h"

enum {
    T_NODE = PVM_TYPE_FIRST, /* two nodes, a list of nodes, an int */
    T_TUPLE,                 /* (int, str, float) */
    T_LIST_NODE,
    T_LIST_TUPLE,
    T_MAP_NODE, /* from int to node */
    T_MAP_STR,  /* from str to int */
    T_LIST_LIST,
    T_END
};
enum { KIT_ARGS = 3 };
enum { NODE_A, NODE_B, NODE_LIST, NODE_MAP, NODE_N, NODE_WORDS };
enum { TUPLE_STR, TUPLE_INT, TUPLE_FLOAT, TUPLE_WORDS };

#define KIT_REF(t)                                                             \
    {                                                                          \
        PVM_REF, (t)                                                           \
    }
static const struct pvm_field node_fields[] = {
    {.of = KIT_REF(T_NODE), .word = NODE_A},
    {.of = KIT_REF(T_NODE), .word = NODE_B},
    {.of = KIT_REF(T_LIST_NODE), .word = NODE_LIST},
    {.of = KIT_REF(T_MAP_NODE), .word = NODE_MAP},
    {.of = {PVM_INT, 0}, .word = NODE_N}};
static const struct pvm_field tuple_fields[] = {
    {.of = {PVM_INT, 0}, .word = TUPLE_INT},
    {.of = KIT_REF(PVM_T_STR), .word = TUPLE_STR},
    {.of = {PVM_FLOAT, 0}, .word = TUPLE_FLOAT}};
static const struct pvm_type kit_types[T_END - PVM_TYPE_FIRST] = {
    {.kind = PVM_TYPE_STRUCT,
     .nrefs = 4,
     .nscalars = 1,
     .nfields = NODE_WORDS,
     .fields = node_fields},
    {.kind = PVM_TYPE_STRUCT,
     .nrefs = 1,
     .nscalars = 2,
     .nfields = TUPLE_WORDS,
     .fields = tuple_fields},
    {.kind = PVM_TYPE_LIST, .item = KIT_REF(T_NODE)},
    {.kind = PVM_TYPE_LIST, .item = KIT_REF(T_TUPLE)},
    {.kind = PVM_TYPE_MAP, .key = {PVM_INT, 0}, .item = KIT_REF(T_NODE)},
    {.kind = PVM_TYPE_MAP, .key = KIT_REF(PVM_T_STR), .item = {PVM_INT, 0}},
    {.kind = PVM_TYPE_LIST, .item = KIT_REF(PVM_T_LIST_INT)},
};

struct kit {
    struct mem *mem;
    struct pvm_image im;
    uint64_t code[2];
    struct pvm_type types[T_END];
    struct pvm_fn fn;
    struct pvm_str strings[32];
    char text[200];
    struct pvm_import import;
    struct vm_options opt;
    struct vm *vm;
    struct heap *h;
    uint64_t *r;
    int64_t *s;
    const char *input; /* what the host gives to readers of stdin */
    size_t chunk;      /* at most so much at a time; 0: all */
    unsigned asked;    /* how often the host was asked */
    char out[200];
};

static bool kit_take(void *arg, int fd, const void *p, size_t n)
{
    struct kit *k = arg;
    size_t at = strlen(k->out);
    (void)fd;
    if (n < sizeof k->out - at)
        memcpy(k->out + at, p, n);
    return true;
}

/* Gives the input; the rest is the process's to answer. */
static void kit_ask(void *arg, struct host_call *c)
{
    struct kit *k = arg;
    k->asked++;
    if (c->op != HOST_READ_INPUT) {
        host_answer(NULL, c);
        return;
    }
    size_t n = k->input ? strlen(k->input) : 0;
    n = k->chunk && k->chunk < n ? k->chunk : n;
    n = n < c->most ? n : c->most;
    bytes_add(c->out, k->input, n);
    k->input += n;
}

static inline void kit_image(struct kit *k)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < pvm_nbuiltin_strings; i++) {
        size_t len = strlen(pvm_builtin_strings[i]);
        k->strings[i] = (struct pvm_str){n, (uint32_t)len};
        memcpy(k->text + n, pvm_builtin_strings[i], len + 1);
        n += (uint32_t)len + 1;
    }
    memcpy(k->types, pvm_builtin_types, sizeof pvm_builtin_types);
    memcpy(k->types + PVM_TYPE_FIRST, kit_types, sizeof kit_types);
    k->code[0] = PVM_NAT;
    k->code[1] = PVM_HALT;
    k->fn = (struct pvm_fn){.end = 2, .nrefs = 12, .nscalars = 12};
    k->im = (struct pvm_image){.code = k->code,
                               .ncode = 2,
                               .fns = &k->fn,
                               .nfns = 1,
                               .types = k->types,
                               .ntypes = T_END,
                               .strings = k->strings,
                               .nstrings = pvm_nbuiltin_strings,
                               .text = k->text,
                               .ntext = n,
                               .imports = &k->import,
                               .nimports = 1,
                               .main = 1};
}

/* Options are set before; memory is small where they say nothing. */
static inline void kit_open(struct kit *k)
{
    kit_image(k);
    if (!k->opt.heap)
        k->opt.heap = 64 << 20;
    if (!k->opt.stack)
        k->opt.stack = 1 << 20;
    if (!k->opt.nursery)
        k->opt.nursery = 64 << 10;
    k->mem = mem_open(&mem_runtime, NULL);
    struct vm_host host = {.write = kit_take, .ask = kit_ask, .arg = k};
    assert_int_equal(vm_open(&k->vm, k->mem, &k->im, &k->opt, &host), PAL_OK);
    assert_int_equal(vm_begin(k->vm, 0), PAL_OK);
    k->h = &k->vm->h;
    k->r = obj_at(k->h, k->h->st->rbase);
    k->s = (int64_t *)obj_at(k->h, k->h->st->sbase);
}

static inline void kit_close(struct kit *k)
{
    struct mem_stats s;
    const char *why = k->h->broken ? k->h->broken : gc_check(k->h);
    if (why)
        fail_msg("%s", why);
    assert_string_equal(k->vm->failure, "");
    vm_close(k->vm);
    mem_stats(k->mem, &s);
    assert_int_equal(s.live, 0);
    mem_close(k->mem);
}

/* Runs a native; arguments are in place. */
static inline enum pal_status kit_call(struct kit *k, const char *name)
{
    int n = pvm_native_named(name);
    if (n < 0)
        fail_msg("there is no native %s", name);
    k->import.native = n;
    k->h->st->pc = 0;
    enum pal_status status = vm_run(k->vm);
    if (status == PAL_TRAP)
        k->h->st->pc = 0;
    return status;
}

/* The same where it must not fail. */
static inline void kit_do(struct kit *k, const char *name)
{
    if (kit_call(k, name))
        fail_msg("%s: %s", name, k->vm->trap_text);
}

/* The same where it must fail with a kind. */
static inline void kit_fails(struct kit *k, const char *name,
                             enum vm_error_kind kind)
{
    assert_int_equal(kit_call(k, name), PAL_TRAP);
    if (k->vm->trap_kind != kind)
        fail_msg("%s: %s", name, k->vm->trap_text);
}

/* ---- values -------------------------------------------------------------- */

/* Before something is made: arguments are no roots until a call is run. */
static inline void kit_hold(struct kit *k)
{
    for (unsigned i = 0; i < KIT_ARGS; i++)
        gc_hold(k->h, k->r[i]);
}
static inline void kit_release(struct kit *k)
{
    const struct state *st = k->h->st;
    memcpy(k->r, &st->handles[st->nhandles - KIT_ARGS],
           KIT_ARGS * sizeof *k->r);
    gc_release(k->h, KIT_ARGS);
}

static inline uint64_t kit_bytes(struct kit *k, const char *s, size_t n)
{
    kit_hold(k);
    uint64_t o = str_new(k->h, s, n);
    kit_release(k);
    assert_true(o);
    return o;
}
/* A str in argument i. */
static inline void kit_str(struct kit *k, unsigned i, const char *s)
{
    k->r[i] = kit_bytes(k, s, strlen(s));
}
static inline void kit_is(struct kit *k, uint64_t o, const char *want)
{
    size_t n = strlen(want);
    if (str_len(k->h, o) != n || memcmp(str_bytes(k->h, o), want, n))
        fail_msg("\"%.*s\" is not \"%s\"", (int)str_len(k->h, o),
                 (const char *)str_bytes(k->h, o), want);
}
static inline double kit_float(int64_t w)
{
    double d;
    memcpy(&d, &w, 8);
    return d;
}
static inline int64_t kit_word(double d)
{
    int64_t w;
    memcpy(&w, &d, 8);
    return w;
}

/* An object kept, and read again. */
static inline uint64_t kit_keep(struct kit *k, uint64_t o)
{
    uint64_t handle = gc_handle_open(k->h, o);
    assert_true(handle);
    return handle;
}
static inline uint64_t kit_get(struct kit *k, uint64_t handle)
{
    uint64_t o = 0;
    assert_int_equal(gc_handle_get(k->h, handle, &o, NULL), PAL_OK);
    return o;
}

/* A store through the barrier. */
static inline void kit_link(struct kit *k, uint64_t o, unsigned word,
                            uint64_t to)
{
    assert_true(trail_before_ref(k->h, o, word));
    *obj_word(k->h, o, word) = to;
}

/* A list of words in argument i. */
static inline void kit_list(struct kit *k, unsigned i, uint32_t type,
                            const int64_t *items, uint64_t n)
{
    kit_hold(k);
    uint64_t *list = gc_hold(k->h, list_new(k->h, type));
    for (uint64_t j = 0; j < n; j++)
        assert_int_equal(list_push(k->h, list, (const uint64_t *)&items[j]),
                         LIST_OK);
    uint64_t made = *list;
    gc_release(k->h, 1);
    kit_release(k);
    k->r[i] = made;
}
/* A [str], the items as they stand between bars. */
static inline void kit_strs(struct kit *k, unsigned i, const char *bars)
{
    kit_hold(k);
    uint64_t *list = gc_hold(k->h, list_new(k->h, PVM_T_LIST_STR));
    uint64_t *item = gc_hold(k->h, 0);
    while (*bars) {
        size_t n = strcspn(bars, "|");
        *item = kit_bytes(k, bars, n);
        assert_int_equal(list_push(k->h, list, item), LIST_OK);
        bars += n + (bars[n] == '|');
    }
    uint64_t made = *list;
    gc_release(k->h, 2);
    kit_release(k);
    k->r[i] = made;
}

/* What a value prints. */
static inline void kit_prints(struct kit *k, uint64_t o, const char *want)
{
    struct bytes b = bytes_in(k->mem);
    assert_int_equal(obj_print(k->h, o, &b), PAL_OK);
    bytes_byte(&b, 0);
    assert_string_equal((const char *)b.at, want);
    bytes_free(&b);
}

/* ---- scopes -------------------------------------------------------------- */

static inline void kit_scope(struct kit *k)
{
    assert_true(trail_open(k->h, &(struct mark){.rbase = k->h->st->rbase,
                                                .sbase = k->h->st->sbase,
                                                .ctop = k->h->st->ctop,
                                                .keep_reg = PVM_NOREG}));
}
static inline void kit_undo(struct kit *k)
{
    trail_undo(k->h);
}

/* SplitMix64. */
static inline uint64_t kit_random(uint64_t *seed)
{
    uint64_t x = *seed += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

#endif
