/* The IR: building, text, verifying, orders. */
#include "tests/unit/ir_kit.h"

/* ---- building ------------------------------------------------------------ */

static void test_build(void **state)
{
    (void)state;
    struct mem *m = mem_open(&mem_compiler, NULL);
    struct ir_module *mod = ir_module_open(m);
    ir_type types[] = {ir_scalar(PVM_INT), ir_scalar(PVM_BOOL)};
    struct ir_sig sig = {.name = "max",
                         .file = "m.pal",
                         .line = 3,
                         .nparams = 1,
                         .params = types,
                         .nresults = 1,
                         .results = types};
    struct ir_fn *f = ir_fn_open(mod, mod->arena, ir_add_sig(mod, &sig));
    ir_blk yes = ir_add_block(f), end = ir_add_block(f);
    struct ir_pos at = {3, 5}, none = {0, 0};
    ir_val k = ir_emit(f, 0, IR_CONST, types[0], IR_NONE, IR_NONE, 7, at);
    ir_val c = ir_emit(f, 0, IR_LT, types[1], 0, k, 0, at);
    ir_branch(f, 0, c, yes, end, none);
    ir_val p = ir_add_param(f, end, types[0]);
    ir_edge_arg(f, &ir_end(f, 0)->edges[1], 0);
    ir_jump(f, yes, end, none);
    ir_edge_arg(f, &ir_end(f, yes)->edges[0], k);
    ir_return(f, end, &p, 1, none);
    kit_verify(f);
    char *text = kit_text(f);
    assert_string_equal(text, "fn @0 \"max\" {\n"
                              "b0(v0: int):\n"
                              "  v1: int = const 7                     ; 3:5\n"
                              "  v2: bool = lt v0, v1                  ; 3:5\n"
                              "  branch v2, b1, b2(v0)\n"
                              "b1:\n"
                              "  jump b2(v1)\n"
                              "b2(v3: int):\n"
                              "  return v3\n"
                              "}\n");
    free(text);
    uint32_t *uses = ir_uses(f, mod->arena);
    assert_int_equal(uses[0], 2);
    assert_int_equal(uses[1], 2);
    assert_int_equal(uses[3], 1);
    ir_replace_uses(f, k, 0);
    assert_int_equal(ir_uses(f, mod->arena)[0], 4);
    ir_module_close(mod);
    mem_close(m);
}

static void test_strings_are_interned(void **state)
{
    (void)state;
    struct mem *m = mem_open(&mem_compiler, NULL);
    struct ir_module *mod = ir_module_open(m);
    char s[16];
    for (uint32_t i = 0; i < 1000; i++) {
        int n = sprintf(s, "s%u", (unsigned)i);
        assert_int_equal(ir_add_string(mod, s, (uint32_t)n), i);
    }
    assert_int_equal(ir_add_string(mod, "s500", 4), 500);
    assert_int_equal(mod->strings.n, 1000);
    ir_module_close(mod);
    mem_close(m);
}

static void test_edge_arguments_grow(void **state)
{
    (void)state;
    struct kit k;
    kit_open(&k, "fn @1 \"main\" {\nb0:\n  return\n}\n");
    struct ir_edge e = {0};
    for (uint32_t i = 0; i < 100; i++)
        ir_edge_arg(k.fns[0], &e, i);
    for (uint32_t i = 0; i < 100; i++)
        assert_int_equal(e.args[i], i);
    kit_close(&k);
}

/* ---- text ---------------------------------------------------------------- */

static const char all_forms[] =
    KIT_HEAD "\n"
             "fn @1 \"main\" flags 1 {\n"
             "b0:\n"
             "  v0: ref 1 = str \"hello\\n\"             ; 3:7\n"
             "  v1: float = const 0.1\n"
             "  v2: float = const nan 0x7ff8000000000000\n"
             "  v3: float = const -inf\n"
             "  v4: bool = const true\n"
             "  v5: float = const -0\n"
             "  v6: float = const 1e+300\n"
             "  v7: int = const -9223372036854775808\n"
             "  setflag v4 flag 0                     ; 4:1\n"
             "  native print(v0)\n"
             "  mark undo flag 0, b1\n"
             "b1:\n"
             "  mark try, b2, b3(v1)                  ; 9:9\n"
             "b2:\n"
             "  v8: ref 20 = new type 20\n"
             "  stf v8, v7 word 1\n"
             "  v9: int = call @0 \"f\"(v7, v7)\n"
             "  stg v9 global 0\n"
             "  keep\n"
             "  jump b4(v1)\n"
             "b3(v10: ref 2, v11: float):\n"
             "  v12: ref 1 = ldf v10 word 0\n"
             "  jump b4(v11)\n"
             "b4(v13: float):\n"
             "  v14: bool = getflag flag 0\n"
             "  branch v14, b5, b6\n"
             "b5:\n"
             "  keep\n"
             "  v17: ref 25 = unit type 25\n"
             "  v18: ref 26 = up v17 type 26\n"
             "  v19: int = tag v18\n"
             "  v20: ref 13 = up v18 type 13\n"
             "  v21: ref 26 = down v20 type 26\n"
             "  v22: ref 24 = down v21 type 24\n"
             "  v23: int = ldf v22 word 1\n"
             "  v24: ref 1 = name v23 type 27\n"
             "  v25: ref 28 = newlist type 28\n"
             "  push v25, v23\n"
             "  v26: ref 31 = new type 31\n"
             "  stf v26, v23 word 1\n"
             "  v27: ref 30 = up v26 type 30\n"
             "  v28: int = callc v27, v23\n"
             "  v29: ref 32 = unit type 32\n"
             "  v30: ref 30 = up v29 type 30\n"
             "  v31: int = callc v30, v28             ; 7:7\n"
             "  v32: ref 32 = down v30 type 32\n"
             "  return\n"
             "b6:\n"
             "  undo\n"
             "  v15: float, v16: float = swap v13, v1\n"
             "  return\n"
             "}\n";

static void test_round_trip(void **state)
{
    (void)state;
    struct kit k;
    if (kit_parse(&k, all_forms))
        fail_msg("%u:%u: %s", k.err.line, k.err.column, k.err.text);
    struct bytes out = bytes_in(k.mem);
    assert_true(ir_print_module(k.mod, &out));
    bytes_byte(&out, '\n');
    assert_true(ir_print_fn(k.fns[0], &out));
    bytes_byte(&out, 0);
    assert_string_equal((char *)out.at, all_forms);
    kit_verify(k.fns[0]);
    bytes_free(&out);
    kit_close(&k);
}

static void test_text_errors(void **state)
{
    (void)state;
    static const struct {
        const char *text, *error;
        uint32_t line, column;
    } cases[] = {
        {"type 21 list \"x\" item int\n", "the next number would be 20", 1, 9},
        {"fn @0 {\n}\n", "the function's number is too large", 1, 4},
        {"string 0 \"a\n", "the string does not end on its line", 1, 10},
        {"string 0 \"\\q\"\n", "there is no such escape", 1, 10},
        {"string 0 \"a\"\nstring 1 \"a\"\n", "the string is there already", 2,
         13},
        {"globals 3\n", "the globals' type is none", 2, 1},
        {"what\n", "expected a declaration", 1, 1},
        {"main @0 7\n", "expected the end of the line", 1, 9},
        {"type 20 list \"x\" item ref 99\n", "type 20 is malformed", 2, 1},
        {"type 20 map \"x\" item int\n", "expected key", 1, 17},
        {"type 20 enum \"x\"\n", "expected the kind of a type", 1, 9},
        {"type 20 unit \"x\" {}\n", "expected the end of the line", 1, 18},
        {"type 20 sum \"x\" { \"A\": ref 20 }\n", "type 20 is malformed", 2, 1},
        {"type 20 sum \"x\" { \"A\": ref 2 }\n", "type 20 is malformed", 2, 1},
        {"type 20 sum \"x\" { \"A\": ref 21 }\ntype 21 names \"n\" {}\n",
         "type 20 is malformed", 3, 1},
        {"type 20 sum \"x\" { \"A\": int }\n", "type 20 is malformed", 2, 1},
        {"type 20 unit \"A\"\ntype 21 sum \"x\" { \"A\": ref 20 }\n"
         "type 22 sum \"y\" { \"A\": ref 20 }\n",
         "type 20 is the variant of two", 4, 1},
        {"type 20 names \"x\" { \"A\": int }\n", "expected ,", 1, 24},
        {"type 20 fn \"f\" (ref 3) -> ()\n", "type 20 is malformed", 2, 1},
        {"type 20 fn \"f\" () -> (ref 99)\n", "type 20 is malformed", 2, 1},
        {"type 20 fn \"f\" () ()\n", "expected ->", 1, 19},
        {"type 20 closure \"f\" calls @0\n", "expected of", 1, 21},
        {"type 20 fn \"f\" () -> ()\n"
         "type 21 closure \"f\" of 20 calls @0 refs 0 scalars 0 {}\n",
         "type 21 is malformed", 3, 1},
        {"type 20 unit \"f\"\n"
         "type 21 closure \"f\" of 20 calls @0 refs 0 scalars 0 {}\n"
         "sig @0 \"f\" \"f\":1 (ref 21) -> ()\n",
         "type 21 is malformed", 4, 1},
        {"type 20 fn \"f\" () -> ()\n"
         "type 21 closure \"f\" of 20 calls @0 refs 0 scalars 0 {}\n"
         "sig @0 \"f\" \"f\":1 (ref 20) -> ()\n",
         "type 21 is malformed", 4, 1},
        {"type 20 fn \"f\" (int) -> ()\n"
         "type 21 closure \"f\" of 20 calls @0 refs 0 scalars 0 {}\n"
         "sig @0 \"f\" \"f\":1 (ref 21, bool) -> ()\n",
         "type 21 is malformed", 4, 1},
        {"type 20 fn \"f\" () -> (int)\n"
         "type 21 closure \"f\" of 20 calls @0 refs 0 scalars 0 {}\n"
         "sig @0 \"f\" \"f\":1 (ref 21) -> ()\n",
         "type 21 is malformed", 4, 1},
        {"type 20 list \"x\" item names 1\n", "type 20 is malformed", 2, 1},
        {"type 20 names \"n\" {}\n"
         "sig @0 \"f\" \"f\":1 (names 20) -> ()\n",
         "signature @0 is malformed", 3, 1},
        {"type 20 map \"x\" key float item int\n", "type 20 is malformed", 2,
         1},
        {"type 20 struct \"x\" refs 0 scalars 2 { \"a\": int word 0, \"b\": "
         "int "
         "word 0 }\n",
         "type 20 is malformed", 2, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct kit k;
        assert_int_equal(kit_parse(&k, cases[i].text), PAL_FORMAT);
        assert_string_equal(k.err.text, cases[i].error);
        assert_int_equal(k.err.line, cases[i].line);
        assert_int_equal(k.err.column, cases[i].column);
        kit_close(&k);
    }
}

/* Errors inside a function, whose text begins behind the head's. */
static void test_function_text_errors(void **state)
{
    (void)state;
    static const struct {
        const char *body, *error;
    } cases[] = {
        {"  v0: int = const 1\n  v0: int = const 2\n", "v0 is defined twice"},
        {"  v999999999: int = const 1\n", "the value's number is too large"},
        {"  jump b999999999\n", "the block's number is too large"},
        {"  v0: int = const 9223372036854775808\n", "the number is too large"},
        {"  v0: int = const 1x\n", "expected a number"},
        {"  v0: float = const 1.5.5\n", "expected a float"},
        {"  v0: bool = const 1\n", "expected false"},
        {"  v0: int = frob v1\n", "expected an op"},
        {"  v0: int, v2: int = swap v3, v4\n",
         "results are numbered one after another"},
        {"  v0: what = const 1\n", "expected a type"},
        {"  native frob()\n", "there is no native frob"},
        {"  call @0 \"g\"(v0)\n", "@0 has another name"},
        {"  call @7(v0)\n", "the function's number is too large"},
        {"  jump b1, b2, b3\n", "a block has at most two successors"},
        {"b0:\n", "b0 is there already"},
        {"  $\n", "there is no such token"},
    };
    uint32_t first = 3;
    for (const char *s = KIT_HEAD; *s; s++)
        first += *s == '\n';
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct kit k;
        char text[3000];
        snprintf(text, sizeof text, "%sfn @1 {\nb0:\n%s  return\n}\n", KIT_HEAD,
                 cases[i].body);
        assert_int_equal(kit_parse(&k, text), PAL_FORMAT);
        assert_string_equal(k.err.text, cases[i].error);
        assert_in_range(k.err.line, first, first + 1);
        kit_close(&k);
    }
}

/* Whatever the text, the parser ends, and what it accepts can be verified,
 * ordered, optimised and printed. */
static void one_mutant(const char *text, size_t n)
{
    struct kit k = {.mem = mem_open(&mem_compiler, NULL)};
    char why[300];
    if (!ir_parse(k.mem, text, n, &k.mod, &k.fns, &k.nfns, &k.err)) {
        for (uint32_t i = 0; i < k.nfns; i++) {
            struct ir_opt opt = {.level = 2, .verify = true};
            if (ir_verify(k.fns[i], why, sizeof why) &&
                !ir_optimise(k.fns[i], &opt, why, sizeof why))
                fail_msg("%s\n%.*s", why, (int)n, text);
            free(kit_text(k.fns[i]));
        }
    }
    kit_close(&k);
}

static void test_mutants(void **state)
{
    (void)state;
    static const char alphabet[] = "v0123456789b@:,=(){}\n\";- \\xnkeepjump";
    const char *soak = getenv("PAL_SOAK");
    size_t n = sizeof all_forms - 1;
    char *text = malloc(n + 16);
    assert_non_null(text);
    srand(1);
    for (int round = 0; round < (soak ? 200000 : 4000); round++) {
        size_t len = n;
        memcpy(text, all_forms, n);
        for (int i = rand() % 4; i >= 0; i--) {
            size_t at = (size_t)rand() % len;
            switch (rand() % 4) {
            case 0:
                text[at] = alphabet[(size_t)rand() % (sizeof alphabet - 1)];
                break;
            case 1: memmove(text + at, text + at + 1, --len - at); break;
            case 2: text[at] = (char)rand(); break;
            default: len = len > 600 ? len - (size_t)rand() % 40 : len; break;
            }
        }
        one_mutant(text, len);
    }
    free(text);
}

/* ---- verifying ----------------------------------------------------------- */

struct rejected {
    const char *fn, *why;
};

/* With a Shape, any, an int and a Round. */
#define H "fn @3 {\nb0(v0: ref 26, v1: ref 13, v2: int, v3: ref 24):\n"

/* One function for each rule, and what is said about it. */
static const struct rejected rejected[] = {
    {"fn @1 {\nb0:\n  v0: int = const 1\n}\n",
     "does not end its block, and is last"},
    {"fn @1 {\nb0:\n  return\n  return\n}\n",
     "ends its block, and is not last"},
    {"fn @1 {\nb0:\n  jump b0\n}\n", "an edge leads to the entry"},
    {"fn @1 {\nb0:\n  jump b1\n}\n", "is reached and has no end"},
    {"fn @1 {\nb0:\n  jump\n}\n", "has 0 edges, not 1"},
    {"fn @1 {\nb0:\n  label\n  return\n}\n", "is not an op that is stored"},
    {"fn @1 {\nb0:\n  v0: int = neg v1\n  return\n}\n", "has the wrong type"},
    {"fn @1 {\nb0:\n  v0: int = const 1\n  v1: int = add v0\n  return\n}\n",
     "has too few arguments"},
    {"fn @1 {\nb0:\n  v0: int = const 1\n  v1: int = neg v0, v0\n  return\n}\n",
     "has too many arguments"},
    {"fn @1 {\nb0:\n  v0: int = const 1\n  v1: float = neg v0\n  return\n}\n",
     "result v1 has the wrong type"},
    {"fn @1 {\nb0:\n  v0: int = const 1\n  neg v0\n  return\n}\n",
     "has too few results"},
    {"fn @1 {\nb0:\n  v0: int = const 1\n  v1: byte = const 1\n"
     "  v2: int = add v0, v1\n  return\n}\n",
     "argument v1 has the wrong type"},
    {"fn @1 {\nb0:\n  v0: byte = const 256\n  return\n}\n",
     "256 is out of range"},
    {"fn @1 {\nb0:\n  v0: ref 21 = new type 21\n  return\n}\n",
     "is not for it"},
    {"fn @1 {\nb0:\n  v0: int = ldg global 1\n  return\n}\n",
     "globals has no word 1"},
    {"fn @1 {\nb0:\n  v0: bool = getflag flag 0\n  return\n}\n",
     "there is no such flag"},
    {"fn @1 {\nb0:\n  v0: ref 6 = newlist type 6\n"
     "  v1: int = ldf v0 word 0\n  return\n}\n",
     "v0 is no struct"},
    {"fn @1 {\nb0:\n  v0: ref 6 = newlist type 6\n  v1: bool = const true\n"
     "  push v0, v1\n  return\n}\n",
     "argument v1 has the wrong type"},
    {"fn @1 {\nb0:\n  v0: ref 20 = new type 20\n  v1: float = const 1\n"
     "  stf v0, v1 word 1\n  return\n}\n",
     "argument v1 has the wrong type"},
    {"fn @2 {\nb0(v0: bool, v1: ref 20, v2: ref 6):\n"
     "  v3: ref 1 = str \"x\"\n  stf v1, v3 word 0\n  halt\n}\n",
     "name is fixed, and v1 is not new"},
    {"fn @1 {\nb0:\n  v0: int = const 1\n  v1: int = call @0(v0)\n  "
     "return\n}\n",
     "1 arguments, not 2"},
    {"fn @1 {\nb0:\n  v0: int = const 1\n  call @0(v0, v0)\n  return\n}\n",
     "0 results, not 1"},
    {"fn @1 {\nb0:\n  v0: int = const 1\n  native print(v0)\n  return\n}\n",
     "argument v0 has the wrong type"},
    {"fn @1 {\nb0:\n  v0: ref 21 = newlist type 21\n  v1: int = const 1\n"
     "  native list_insert(v0, v1, v1)\n  return\n}\n",
     "argument v0 has the wrong type"},
    {"fn @1 {\nb0:\n  v0: ref 10 = newlist type 10\n"
     "  v1: ref 6 = newlist type 6\n  native list_sort_by(v0, v1)\n"
     "  native list_sort_by(v1, v0)\n  return\n}\n",
     "argument v0 has the wrong type"},
    {"fn @1 {\nb0:\n  v0: ref 9 = newlist type 9\n"
     "  v1: ref 7 = newlist type 7\n"
     "  v2: ref 1 = native byte_list_text(v0)\n"
     "  v3: float = native list_sum_float(v1)\n"
     "  v4: ref 1 = native byte_list_text(v1)\n  return\n}\n",
     "argument v1 has the wrong type"},
    {"fn @1 {\nb0:\n  v0: ref 21 = newmap type 21\n  return\n}\n",
     "is not for it"},
    {"fn @1 {\nb0:\n  v0: ref 23 = newmap type 23\n  v1: int = const 1\n"
     "  native map_put_rs(v0, v1, v1)\n  return\n}\n",
     "argument v1 has the wrong type"},
    {"fn @1 {\nb0:\n  v0: ref 23 = newmap type 23\n"
     "  v1: ref 1 = str \"x\"\n"
     "  v2: bool, v3: int = native map_find_rs(v0, v1)\n  return\n}\n",
     "result v3 has the wrong type"},
    {"fn @1 {\nb0:\n  v0: ref 23 = newmap type 23\n"
     "  v1: ref 6 = newlist type 6\n"
     "  native map_keys(v0, v1)\n  return\n}\n",
     "argument v1 has the wrong type"},
    {H "  v4: ref 24 = unit type 24\n  halt\n}\n", "is not for it"},
    {H "  v4: ref 25 = new type 25\n  halt\n}\n", "is not for it"},
    {H "  v4: ref 26 = new type 26\n  halt\n}\n", "is not for it"},
    {H "  v4: int = nil type 27\n  halt\n}\n", "is not for it"},
    {H "  v4: int = tag v3\n  halt\n}\n", "takes no sum"},
    {H "  v4: int = tag v1\n  halt\n}\n", "takes no sum"},
    {H "  v4: int = tag v2\n  halt\n}\n", "takes no sum"},
    {H "  v4: int = tag\n  halt\n}\n", "takes no sum"},
    {H "  v4: ref 26 = up v0 type 26\n  halt\n}\n", "is not for it"},
    {H "  v4: ref 26 = up v1 type 26\n  halt\n}\n", "is not for it"},
    {H "  v4: ref 26 = up v2 type 26\n  halt\n}\n", "is not for it"},
    {H "  v4: ref 26 = up type 26\n  halt\n}\n", "is not for it"},
    {H "  v4: ref 20 = up v3 type 26\n  halt\n}\n",
     "result v4 has the wrong type"},
    {H "  v4: ref 25 = down v3 type 25\n  halt\n}\n", "is not for it"},
    {H "  v4: ref 20 = down v0 type 20\n  halt\n}\n", "is not for it"},
    {H "  v4: ref 13 = down v1 type 13\n  halt\n}\n", "is not for it"},
    {H "  v4: ref 22 = down v1 type 22\n  halt\n}\n", "is not for it"},
    {H "  v4: ref 1 = name v2 type 26\n  halt\n}\n", "is not for it"},
    {H "  v4: ref 1 = name v0 type 27\n  halt\n}\n",
     "argument v0 has the wrong type"},
    {H "  v4: int = callc v3, v2\n  halt\n}\n", "calls what is no function"},
    {H "  v4: int = callc v2, v2\n  halt\n}\n", "calls what is no function"},
    {H "  v4: int = callc\n  halt\n}\n", "calls what is no function"},
    {H "  v4: ref 30 = down v1 type 30\n  v5: int = callc v4\n  halt\n}\n",
     "0 arguments, not 1"},
    {H "  v4: ref 30 = down v1 type 30\n  v5: int = callc v4, v1\n"
       "  halt\n}\n",
     "v1 among the arguments has the wrong type"},
    {H "  v4: ref 30 = down v1 type 30\n  callc v4, v2\n  halt\n}\n",
     "0 results, not 1"},
    {H "  v4: ref 30 = down v1 type 30\n  v5: bool = callc v4, v2\n"
       "  halt\n}\n",
     "result v5 has the wrong type"},
    {H "  v4: ref 32 = new type 32\n  halt\n}\n", "is not for it"},
    {H "  v4: ref 31 = unit type 31\n  halt\n}\n", "is not for it"},
    {H "  v4: ref 30 = new type 30\n  halt\n}\n", "is not for it"},
    {H "  v4: ref 30 = up v3 type 30\n  halt\n}\n", "is not for it"},
    {H "  v4: ref 31 = down v1 type 31\n  stf v4, v2 word 1\n  halt\n}\n",
     "n is fixed, and v4 is not new"},
    {H "  v4: names 27 = ldf v3 word 1\n  halt\n}\n",
     "v4 is a scalar of a type"},
    {H "  v4: float = ldf v3 word 1\n  halt\n}\n",
     "result v4 has the wrong type"},
    {"fn @0 {\nb0(v0: int, v1: int):\n  return\n}\n", "0 results, not 1"},
    {"fn @0 {\nb0(v0: int):\n  return v0\n}\n", "1 parameters, not 2"},
    {"fn @0 {\nb0(v0: int, v1: int):\n  jump b1(v0)\nb1:\n  return v0\n}\n",
     "1 arguments for b1, not 0"},
    {"fn @0 {\nb0(v0: int, v1: int):\n  jump b1(v0)\nb1(v2: bool):\n"
     "  return v0\n}\n",
     "v0 for b1 has the wrong type"},
    {"fn @0 {\nb0(v0: int, v1: int):\n  v2: int = add v3, v0\n"
     "  v3: int = neg v0\n  return v2\n}\n",
     "v3 is not defined on every path to here"},
    {"fn @2 {\nb0(v0: bool, v1: ref 20, v2: ref 6):\n  branch v0, b1, b2\n"
     "b1:\n  v3: int = const 1\n  jump b2\nb2:\n  return v3\n}\n",
     "v3 is not defined on every path to here"},
    {"fn @1 {\nb0:\n  keep\n  return\n}\n", "no mark is open"},
    {"fn @1 {\nb0:\n  mark undo, b1\nb1:\n  return\n}\n",
     "the mark of b0 is still open"},
    {"fn @1 {\nb0:\n  mark undo, b1\nb1:\n  v0: bool = const true\n"
     "  branch v0, b2, b3\nb2:\n  keep\n  jump b3\nb3:\n  undo\n  return\n}\n",
     "b3 is reached with different marks open"},
    {"fn @1 {\nb0:\n  mark try, b1, b2\nb1:\n  keep\n  return\nb2:\n"
     "  return\n}\n",
     "the landing b2 takes no Error first"},
    {"fn @1 {\nb0:\n  v0: ref 1 = str \"x\"\n"
     "  v1: ref 2 = native error(v0, v0)\n  mark try, b1, b2\nb1:\n  keep\n"
     "  jump b2(v1)\nb2(v2: ref 2):\n  return\n}\n",
     "the landing b2 is reached otherwise too"},
    {"fn @1 flags 1 {\nb0:\n  mark try flag 0, b1, b2\nb1:\n  keep\n"
     "  return\nb2(v0: ref 2):\n  return\n}\n",
     "only an undo mark has a keep flag"},
};

static void test_rejected(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rejected / sizeof rejected[0]; i++) {
        struct kit k;
        char why[300] = "nothing";
        kit_open(&k, rejected[i].fn);
        if (ir_verify(k.fns[0], why, sizeof why) ||
            !strstr(why, rejected[i].why))
            fail_msg("%s\nwanted: %s\nsaid: %s", rejected[i].fn,
                     rejected[i].why, why);
        kit_close(&k);
    }
}

/* ---- orders -------------------------------------------------------------- */

static void expect_order(const char *fn, const char *rpo, const char *layout)
{
    struct kit k;
    char text[200];
    ir_blk *order;
    kit_open(&k, fn);
    kit_verify(k.fns[0]);
    uint32_t n = ir_rpo(k.fns[0], k.mod->arena, &order);
    for (int pass = 0; pass < 2; pass++) {
        size_t used = 0;
        for (uint32_t i = 0; i < n; i++)
            used += (size_t)sprintf(text + used, "%s%u", i ? " " : "",
                                    (unsigned)order[i]);
        assert_string_equal(text, pass ? layout : rpo);
        ir_layout(k.fns[0], k.mod->arena, order, n);
    }
    kit_close(&k);
}

static void test_order_of_loops(void **state)
{
    (void)state;
    /* Exits stand behind the whole loop, wherever it is left. */
    expect_order("fn @2 {\nb0(v0: bool, v1: ref 20, v2: ref 6):\n  jump b1\n"
                 "b1:\n  branch v0, b2, b3\n"
                 "b2:\n  branch v0, b4, b5\n"
                 "b3:\n  halt\n"
                 "b4:\n  branch v0, b6, b7\n"
                 "b5:\n  jump b3\n"
                 "b6:\n  jump b1\n"
                 "b7:\n  jump b1\n}\n",
                 "0 1 2 4 6 7 5 3", "0 2 4 6 7 1 5 3");
}

static void test_order_of_marks(void **state)
{
    (void)state;
    expect_order("fn @1 {\nb0:\n  v0: bool = const true\n  mark try, b1, b2\n"
                 "b1:\n  branch v0, b3, b4\n"
                 "b2(v1: ref 2):\n  jump b5\n"
                 "b3:\n  keep\n  jump b6\n"
                 "b4:\n  keep\n  jump b5\n"
                 "b5:\n  return\n"
                 "b6:\n  return\n}\n",
                 "0 1 3 4 2 5 6", "0 1 3 4 2 5 6");
}

static void test_open_marks(void **state)
{
    (void)state;
    struct kit k;
    kit_open(&k, "fn @1 {\nb0:\n  mark undo, b1\n"
                 "b1:\n  mark try, b2, b3\n"
                 "b2:\n  keep\n  jump b4\n"
                 "b3(v0: ref 2):\n  jump b4\n"
                 "b4:\n  undo\n  jump b5\n"
                 "b5:\n  return\n}\n");
    kit_verify(k.fns[0]);
    ir_blk *open = ir_open_marks(k.fns[0], k.mod->arena);
    const ir_blk start[] = {IR_NONE, 0, 1, 0, 0, IR_NONE};
    const ir_blk end[] = {IR_NONE, 0, 0, 0, IR_NONE, IR_NONE};
    assert_memory_equal(open, start, sizeof start);
    assert_memory_equal(open + 6, end, sizeof end);
    kit_close(&k);
}

/* Lengauer and Tarjan against the definition, on random graphs. */
static bool reaches_without(const struct ir_fn *f, ir_blk to, ir_blk without)
{
    bool seen[64] = {false};
    ir_blk stack[200];
    uint32_t top = 0;
    if (without != 0)
        stack[top++] = 0;
    while (top) {
        ir_blk b = stack[--top];
        if (b == to)
            return true;
        if (seen[b] || b == without)
            continue;
        seen[b] = true;
        for (uint32_t e = 0; e < ir_end(f, b)->nedges; e++)
            if (ir_end(f, b)->edges[e].to != without)
                stack[top++] = ir_end(f, b)->edges[e].to;
    }
    return false;
}

static void test_dominators(void **state)
{
    (void)state;
    srand(7);
    for (int round = 0; round < 300; round++) {
        struct kit k;
        kit_open(&k, "fn @1 {\nb0:\n  v0: bool = const true\n  jump b1\n"
                     "b1:\n  return\n}\n");
        struct ir_fn *f = k.fns[0];
        uint32_t n = 2 + (uint32_t)rand() % 20;
        struct ir_pos at = {0, 0};
        while (f->blocks.n < n)
            ir_add_block(f);
        f->blocks.at[1].insts.n = 0;
        for (ir_blk b = 1; b < n; b++)
            if (rand() % 8)
                ir_branch(f, b, 0, 1 + (ir_blk)rand() % (n - 1),
                          1 + (ir_blk)rand() % (n - 1), at);
            else
                ir_return(f, b, NULL, 0, at);
        kit_verify(f);
        ir_blk *order;
        uint32_t reached = ir_rpo(f, k.mod->arena, &order);
        struct ir_domtree t = ir_domtree(f, k.mod->arena, order, reached);
        for (uint32_t i = 0; i < reached; i++)
            for (uint32_t j = 0; j < reached; j++) {
                ir_blk a = order[i], b = order[j];
                bool dominates = a == b || !reaches_without(f, b, a);
                assert_int_equal(ir_dominates(&t, a, b), dominates);
                if (dominates) /* so definitions stand before uses */
                    assert_true(i <= j);
            }
        kit_close(&k);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_build),
        cmocka_unit_test(test_strings_are_interned),
        cmocka_unit_test(test_edge_arguments_grow),
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_text_errors),
        cmocka_unit_test(test_function_text_errors),
        cmocka_unit_test(test_mutants),
        cmocka_unit_test(test_rejected),
        cmocka_unit_test(test_order_of_loops),
        cmocka_unit_test(test_order_of_marks),
        cmocka_unit_test(test_open_marks),
        cmocka_unit_test(test_dominators),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
