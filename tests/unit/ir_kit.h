/* ir_kit.h - IR from text for the unit tests of ir/. */
#ifndef PAL_TESTS_IR_KIT_H
#define PAL_TESTS_IR_KIT_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ir/ir.h"
#include "runtime/mem/bytes.h"

/* A module with a little of everything, for functions to refer to. */
#define KIT_HEAD                                                               \
    "type 20 struct \"Point\" refs 1 scalars 2 { \"x\": int word 1, "          \
    "\"name\": fixed ref 1 word 0, \"y\": float word 2 }\n"                    \
    "type 21 list \"[Point]\" item ref 20\n"                                   \
    "type 22 globals \"globals\" refs 0 scalars 1 { \"n\": int word 0 }\n"     \
    "type 23 map \"[str: Point]\" key ref 1 item ref 20\n"                     \
    "type 24 struct \"Round\" refs 0 scalars 2 { \"r\": float word 0, "        \
    "\"color\": names 27 word 1 }\n"                                           \
    "type 25 unit \"Dot\"\n"                                                   \
    "type 26 sum \"Shape\" { \"Round\": ref 24, \"Dot\": ref 25 }\n"           \
    "type 27 names \"Color\" { \"red\", \"green\" }\n"                         \
    "type 28 list \"[Color]\" item names 27\n"                                 \
    "type 29 map \"[Color: Color]\" key names 27 item names 27\n"              \
    "type 30 fn \"fn(int) -> int\" (int) -> (int)\n"                           \
    "type 31 closure \"add\" of 30 calls @4 refs 1 scalars 1 { \"p\": ref 20 " \
    "word 0, \"n\": fixed int word 1 }\n"                                      \
    "type 32 closure \"\" of 30 calls @5 refs 0 scalars 0 {}\n"                \
    "string 0 \"hello\\n\"\n"                                                  \
    "sig @0 \"f\" \"f.pal\":1 (int, int) -> (int)\n"                           \
    "sig @1 \"main\" \"f.pal\":9 () -> ()\n"                                   \
    "sig @2 \"g\" \"f.pal\":12 (bool, ref 20, ref 6) -> (int)\n"               \
    "sig @3 \"h\" \"f.pal\":15 (ref 26, ref 13, int, ref 24) -> (int)\n"       \
    "sig @4 \"add\" \"f.pal\":16 (ref 31, int) -> (int)\n"                     \
    "sig @5 \"not\" \"f.pal\":17 (ref 32, int) -> (int)\n"                     \
    "globals 22\n"                                                             \
    "main @1\n"                                                                \
    "test \"it works\" \"f.pal\":20 @1\n"

struct kit {
    struct mem *mem;
    struct ir_module *mod;
    struct ir_fn **fns;
    uint32_t nfns;
    struct ir_text_error err;
};

static inline enum pal_status kit_parse(struct kit *k, const char *text)
{
    memset(k, 0, sizeof *k);
    k->mem = mem_open(&mem_compiler, NULL);
    return ir_parse(k->mem, text, strlen(text), &k->mod, &k->fns, &k->nfns,
                    &k->err);
}

/* The head with one function's text behind it. */
static inline void kit_open(struct kit *k, const char *fn)
{
    char *text = malloc(sizeof KIT_HEAD + strlen(fn));
    assert_non_null(text);
    sprintf(text, "%s%s", KIT_HEAD, fn);
    if (kit_parse(k, text))
        fail_msg("%u:%u: %s\n%s", k->err.line, k->err.column, k->err.text,
                 text);
    assert_int_equal(k->nfns, 1);
    free(text);
}

static inline void kit_close(struct kit *k)
{
    if (k->mod)
        ir_module_close(k->mod);
    mem_close(k->mem);
}

/* A function's text, for the caller to free. */
static inline char *kit_text(const struct ir_fn *f)
{
    struct bytes out = bytes_in(f->module->mem);
    assert_true(ir_print_fn(f, &out));
    char *text = malloc(out.n + 1);
    assert_non_null(text);
    memcpy(text, out.at, out.n);
    text[out.n] = 0;
    bytes_free(&out);
    return text;
}

static inline void kit_verify(const struct ir_fn *f)
{
    char why[300];
    if (!ir_verify(f, why, sizeof why))
        fail_msg("%s\n%s", why, kit_text(f));
}

#endif
