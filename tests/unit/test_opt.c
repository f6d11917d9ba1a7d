/* The passes over the IR: each on small functions, folding on random values
 * against runtime/base/arith.h. */
#include "tests/unit/ir_kit.h"

#include "ir/opt.h"
#include "runtime/base/arith.h"

/* ---- one pass at a time -------------------------------------------------- */

typedef bool pass(struct opt *o);

/* The function after the pass, numbered anew if that is asked for. */
static void expect(pass *run, bool number, const char *before,
                   const char *after)
{
    struct kit k;
    kit_open(&k, before);
    struct ir_fn *f = k.fns[0];
    kit_verify(f);
    struct opt o = {.f = f, .a = k.mod->arena};
    opt_analyse(&o, OPT_GRAPH);
    run(&o);
    kit_verify(f);
    if (number) {
        o.have = 0;
        opt_analyse(&o, OPT_GRAPH);
        opt_dce(&o);
        opt_number(&o);
        kit_verify(f);
    }
    char *text = kit_text(f);
    assert_string_equal(text, after);
    free(text);
    kit_close(&k);
}

#define F "fn @0 \"f\" {\nb0(v0: int, v1: int):\n"
#define H "fn @3 \"h\" {\nb0(v0: ref 26, v1: ref 13, v2: int, v3: ref 24):\n"
#define G "fn @2 \"g\" {\nb0(v0: bool, v1: ref 20, v2: ref 6):\n"

static void test_fold(void **state)
{
    (void)state;
    expect(opt_fold, true,
           F "  v2: int = const 6\n  v3: int = const 7\n"
             "  v4: int = mul v2, v3\n  v5: int = add v4, v0\n"
             "  return v5\n}\n",
           F "  v2: int = const 42\n  v3: int = add v0, v2\n  return v3\n}\n");
    expect(opt_fold, true, /* neutral, absorbing, alike, nested */
           F "  v2: int = const 0\n  v3: int = add v0, v2\n"
             "  v4: int = neg v3\n  v5: int = neg v4\n"
             "  v6: int = sub v5, v0\n  v7: int = or v1, v6\n"
             "  return v7\n}\n",
           F "  return v1\n}\n");
    expect(opt_fold, true, /* a constant division stays if it fails */
           F "  v2: int = const 0\n  v3: int = const 1\n"
             "  v4: int = div v3, v2\n  return v4\n}\n",
           F "  v2: int = const 0\n  v3: int = const 1\n"
             "  v4: int = div v3, v2\n  return v4\n}\n");
    expect(opt_fold, true, /* not of a comparison, of an int and a float */
           F "  v2: bool = lt v0, v1\n  v3: bool = not v2\n"
             "  v4: int = widen v3\n  v5: float = itof v0\n"
             "  v6: float = itof v1\n  v7: bool = flt v5, v6\n"
             "  v8: bool = not v7\n  v9: int = widen v8\n"
             "  v10: int = add v4, v9\n  return v10\n}\n",
           F "  v2: bool = le v1, v0\n  v3: int = widen v2\n"
             "  v4: float = itof v0\n  v5: float = itof v1\n"
             "  v6: bool = flt v4, v5\n  v7: bool = not v6\n"
             "  v8: int = widen v7\n  v9: int = add v3, v8\n"
             "  return v9\n}\n");
}

static void test_fold_branch(void **state)
{
    (void)state;
    expect(opt_fold, true,
           G "  v3: int = const 1\n  v4: int = const 2\n"
             "  v5: bool = lt v3, v4\n  branch v5, b1, b2\n"
             "b1:\n  return v3\nb2:\n  return v4\n}\n",
           G "  v3: int = const 1\n  jump b1\nb1:\n  return v3\n}\n");
    expect(opt_fold, true,
           G "  v3: bool = not v0\n  v4: int = const 2\n"
             "  branch v3, b1(v4), b2\n"
             "b1(v5: int):\n  return v5\nb2:\n  v6: int = len v2\n"
             "  return v6\n}\n",
           G "  v3: int = const 2\n  branch v0, b1, b2(v3)\n"
             "b1:\n  v4: int = len v2\n  return v4\n"
             "b2(v5: int):\n  return v5\n}\n");
}

static void test_fold_natives(void **state)
{
    (void)state;
    expect(opt_fold, true,
           F "  v2: int = const 12\n  v3: int = const 18\n"
             "  v4: int = native int_gcd(v2, v3)\n"
             "  v5: int = native bits_count(v4)\n"
             "  v6: int = native bits_count(v0)\n"
             "  v7: int = add v5, v6\n  return v7\n}\n",
           F "  v2: int = const 2\n  v3: int = native bits_count(v0)\n"
             "  v4: int = add v3, v2\n  return v4\n}\n");
    int64_t two[] = {arith_bits(2), arith_bits(0.5), 0}, none[3] = {-1}, out;
    int root = ir_native("math_sqrt"), sine = ir_native("math_sin");
    assert_true(opt_evaluate_native(root, two, PVM_FLOAT, &out));
    assert_true(arith_float(out) == sqrt(2));
    none[0] = arith_bits(-1.0);
    assert_false(opt_evaluate_native(root, none, PVM_FLOAT, &out));
    assert_false(opt_evaluate_native(sine, two, PVM_FLOAT, &out));
}

static void test_fold_strings(void **state)
{
    (void)state;
    expect(opt_fold, true,
           G "  v3: ref 1 = str \"ab\"\n  v4: ref 1 = str \"c\"\n"
             "  v5: ref 1 = cat v3, v4\n  native print(v5)\n"
             "  v6: int = slen v5\n  return v6\n}\n",
           G "  v3: ref 1 = str \"abc\"\n  native print(v3)\n"
             "  v4: int = const 3\n  return v4\n}\n");
}

/* What is known of an object's type is not asked when the program runs. */
static void test_fold_types(void **state)
{
    (void)state;
    expect(opt_fold, true, /* a variant's number; not of what may be none */
           H "  v4: ref 25 = unit type 25\n  v5: ref 26 = up v4 type 26\n"
             "  v6: int = tag v5\n  v7: ref 26 = up v3 type 26\n"
             "  v8: int = tag v7\n  v9: int = add v6, v8\n"
             "  return v9\n}\n",
           H "  v4: int = const 1\n  return v4\n}\n");
    expect(opt_fold, true,
           "fn @3 \"h\" {\nb0(v0: ref 26, v1: ref 13, v2: int, v3: ref 24):\n"
           "  v4: ref 25 = down v0 type 25\n  v5: ref 26 = up v4 type 26\n"
           "  v6: int = tag v5\n  return v6\n}\n",
           H "  v4: ref 25 = down v0 type 25\n  v5: ref 26 = up v4 type 26\n"
             "  v6: int = tag v5\n  return v6\n}\n");
    expect(opt_fold, true, /* up and down again */
           H "  v4: ref 13 = up v3 type 13\n  v5: ref 24 = down v4 type 24\n"
             "  v6: int = ldf v5 word 1\n  return v6\n}\n",
           H "  v4: int = ldf v3 word 1\n  return v4\n}\n");
    expect(opt_fold, true, /* to another; of what the sum says no more */
           H "  v4: ref 26 = up v3 type 26\n  v5: ref 25 = down v4 type 25\n"
             "  v6: bool = isnil v5\n  v7: ref 13 = up v0 type 13\n"
             "  v8: ref 24 = down v7 type 24\n  v9: bool = isnil v8\n"
             "  v10: bool = and v6, v9\n  v11: int = widen v10\n"
             "  return v11\n}\n",
           H "  v4: ref 13 = up v0 type 13\n  v5: ref 24 = down v4 type 24\n"
             "  v6: bool = isnil v5\n  v7: int = widen v6\n"
             "  return v7\n}\n");
    expect(opt_fold, true, /* down of down, up of up */
           H "  v4: ref 26 = down v1 type 26\n"
             "  v5: ref 24 = down v4 type 24\n"
             "  v6: int = ldf v5 word 1\n  v7: ref 26 = up v3 type 26\n"
             "  v8: ref 13 = up v7 type 13\n  v9: bool = same v1, v8\n"
             "  v10: int = widen v9\n  v11: int = add v6, v10\n"
             "  return v11\n}\n",
           H "  v4: ref 24 = down v1 type 24\n  v5: int = ldf v4 word 1\n"
             "  v6: ref 13 = up v3 type 13\n  v7: bool = same v1, v6\n"
             "  v8: int = widen v7\n  v9: int = add v5, v8\n"
             "  return v9\n}\n");
    expect(opt_fold, true, /* none stays none; a unit is there */
           H "  v4: ref 13 = up v3 type 13\n  v5: bool = isnil v4\n"
             "  v6: int = widen v5\n  v7: ref 25 = unit type 25\n"
             "  v8: ref 13 = up v7 type 13\n  v9: bool = isnil v8\n"
             "  v10: int = widen v9\n  v11: int = add v6, v10\n"
             "  return v11\n}\n",
           H "  v4: bool = isnil v3\n  v5: int = widen v4\n"
             "  v6: ref 25 = unit type 25\n  v7: bool = isnil v6\n"
             "  v8: int = widen v7\n  v9: int = add v5, v8\n"
             "  return v9\n}\n");
    expect(opt_fold, true, /* names of constants; one that fails stays */
           H "  v4: int = const 1\n  v5: ref 1 = name v4 type 27\n"
             "  native print(v5)\n  v6: int = const 2\n"
             "  v7: ref 1 = name v6 type 27\n  return v2\n}\n",
           H "  v4: ref 1 = str \"green\"\n  native print(v4)\n"
             "  v5: int = const 2\n  v6: ref 1 = name v5 type 27\n"
             "  return v2\n}\n");
}

static void test_fold_callc(void **state)
{
    (void)state;
    expect(opt_fold, true, /* the closure is made here: its function is known */
           H "  v4: ref 32 = unit type 32\n  v5: ref 30 = up v4 type 30\n"
             "  v6: int = callc v5, v2\n  v7: ref 31 = new type 31\n"
             "  v8: ref 30 = up v7 type 30\n  v9: int = callc v8, v6\n"
             "  return v9\n}\n",
           H "  v4: ref 32 = unit type 32\n"
             "  v5: int = call @5 \"not\"(v4, v2)\n"
             "  v6: ref 31 = new type 31\n"
             "  v7: int = call @4 \"add\"(v6, v5)\n  return v7\n}\n");
    expect(opt_fold, true, /* it may be none */
           H "  v4: ref 31 = down v1 type 31\n  v5: ref 30 = up v4 type 30\n"
             "  v6: int = callc v5, v2\n  return v6\n}\n",
           H "  v4: ref 31 = down v1 type 31\n  v5: ref 30 = up v4 type 30\n"
             "  v6: int = callc v5, v2\n  return v6\n}\n");
    expect(opt_cse, true, /* it may write anything */
           H "  v4: ref 30 = down v1 type 30\n  v5: int = ldf v3 word 1\n"
             "  v6: int = callc v4, v5\n  v7: int = ldf v3 word 1\n"
             "  v8: int = callc v4, v5\n  return v7\n}\n",
           H "  v4: ref 30 = down v1 type 30\n  v5: int = ldf v3 word 1\n"
             "  v6: int = callc v4, v5\n  v7: int = ldf v3 word 1\n"
             "  v8: int = callc v4, v5\n  return v7\n}\n");
}

static void test_cse_types(void **state)
{
    (void)state;
    expect(opt_cse, true, /* a type outlives any call */
           H "  v4: int = tag v0\n  v5: int = call @0 \"f\"(v4, v4)\n"
             "  v6: int = tag v0\n  v7: ref 24 = down v0 type 24\n"
             "  v8: ref 24 = down v0 type 24\n  v9: bool = same v7, v8\n"
             "  v10: int = widen v9\n  v11: int = add v6, v10\n"
             "  return v11\n}\n",
           H "  v4: int = tag v0\n  v5: int = call @0 \"f\"(v4, v4)\n"
             "  v6: ref 24 = down v0 type 24\n  v7: bool = same v6, v6\n"
             "  v8: int = widen v7\n  v9: int = add v4, v8\n"
             "  return v9\n}\n");
}

static void test_copy(void **state)
{
    (void)state;
    expect(opt_copy, false, /* a loop that brings back what it was given */
           F "  v2: int = copy v1\n  jump b1(v0, v2)\n"
             "b1(v3: int, v4: int):\n  v5: bool = lt v3, v4\n"
             "  branch v5, b2, b3\n"
             "b2:\n  v6: int = add v3, v4\n  jump b1(v6, v4)\n"
             "b3:\n  return v4\n}\n",
           F "  jump b1(v0)\n"
             "b1(v3: int):\n  v5: bool = lt v3, v1\n"
             "  branch v5, b2, b3\n"
             "b2:\n  v6: int = add v3, v1\n  jump b1(v6)\n"
             "b3:\n  return v1\n}\n");
}

static void test_dce(void **state)
{
    (void)state;
    expect(opt_dce,
           false, /* a sum that only feeds itself; ops that fail stay */
           F "  v2: int = const 0\n  jump b1(v0, v2)\n"
             "b1(v3: int, v4: int):\n  v5: int = add v4, v3\n"
             "  v6: int = div v3, v1\n  v7: int = add v3, v1\n"
             "  v8: bool = lt v7, v1\n  branch v8, b1(v7, v5), b2\n"
             "b2:\n  return v7\nb3:\n  return v0\n}\n",
           F "  jump b1(v0)\n"
             "b1(v3: int):\n"
             "  v6: int = div v3, v1\n  v7: int = add v3, v1\n"
             "  v8: bool = lt v7, v1\n  branch v8, b1(v7), b2\n"
             "b2:\n  return v7\n}\n");
    expect(opt_dce, false, /* a landing keeps its Error */
           "fn @1 \"main\" {\nb0:\n  v0: int = const 1\n"
           "  mark try, b1, b2(v0)\n"
           "b1:\n  keep\n  return\n"
           "b2(v1: ref 2, v2: int):\n  return\n}\n",
           "fn @1 \"main\" {\nb0:\n  mark try, b1, b2\n"
           "b1:\n  keep\n  return\n"
           "b2(v1: ref 2):\n  return\n}\n");
}

static void test_cfg(void **state)
{
    (void)state;
    expect(opt_cfg, true, /* through an empty block, then into one */
           F "  jump b1(v0)\nb1(v2: int):\n  jump b2(v2, v1)\n"
             "b2(v3: int, v4: int):\n  v5: int = add v3, v4\n"
             "  return v5\n}\n",
           F "  v2: int = add v0, v1\n  return v2\n}\n");
    expect(opt_cfg, true, /* a constant brought to a branch */
           G "  branch v0, b1, b2\n"
             "b1:\n  v3: bool = const false\n  jump b3(v3)\n"
             "b2:\n  v4: int = len v2\n  v5: bool = eq v4, v4\n"
             "  jump b3(v5)\n"
             "b3(v6: bool):\n  branch v6, b4, b5\n"
             "b4:\n  v7: int = const 1\n  return v7\n"
             "b5:\n  v8: int = const 2\n  return v8\n}\n",
           G "  branch v0, b1, b2\n"
             "b1:\n  jump b4\n"
             "b2:\n  v3: int = len v2\n  v4: bool = eq v3, v3\n"
             "  branch v4, b3, b4\n"
             "b3:\n  v5: int = const 1\n  return v5\n"
             "b4:\n  v6: int = const 2\n  return v6\n}\n");
    expect(opt_cfg, true, /* alike edges; a jump to a return */
           G "  v3: int = len v2\n  branch v0, b1(v3), b1(v3)\n"
             "b1(v4: int):\n  return v4\n}\n",
           G "  v3: int = len v2\n  return v3\n}\n");
}

static void test_cfg_leaves_marks(void **state)
{
    (void)state;
    const char *marks = "fn @1 \"main\" {\nb0:\n  mark try, b1, b2\n"
                        "b1:\n  mark undo, b3\n"
                        "b2(v0: ref 2):\n  return\n"
                        "b3:\n  undo\n  keep\n  return\n}\n";
    expect(opt_cfg, false, marks, marks);
}

static void test_cse(void **state)
{
    (void)state;
    expect(opt_cse, true, /* ops that failed not, loads till they may change */
           G "  v3: int = const 1\n  v4: int = lde v2, v3\n"
             "  v5: int = lde v2, v3\n  v6: int = add v4, v5\n"
             "  push v2, v6\n  v7: int = lde v2, v3\n"
             "  v8: int = len v2\n  ste v2, v8, v7\n"
             "  v9: int = lde v2, v8\n  v10: int = lde v2, v3\n"
             "  v11: int = len v2\n  v12: int = add v9, v10\n"
             "  v13: int = add v11, v12\n  return v13\n}\n",
           G "  v3: int = const 1\n  v4: int = lde v2, v3\n"
             "  v5: int = add v4, v4\n  push v2, v5\n"
             "  v6: int = len v2\n  ste v2, v6, v4\n"
             "  v7: int = lde v2, v3\n  v8: int = add v4, v7\n"
             "  v9: int = add v6, v8\n  return v9\n}\n");
    expect(opt_cse, true, /* a fixed field outlives a call, another not */
           G "  v3: ref 1 = ldf v1 word 0\n  v4: int = ldf v1 word 1\n"
             "  v5: int = call @0 \"f\"(v4, v4)\n"
             "  v6: ref 1 = ldf v1 word 0\n  v7: int = ldf v1 word 1\n"
             "  v8: bool = same v3, v6\n  v9: int = widen v8\n"
             "  v10: int = add v7, v9\n  return v10\n}\n",
           G "  v3: ref 1 = ldf v1 word 0\n  v4: int = ldf v1 word 1\n"
             "  v5: int = call @0 \"f\"(v4, v4)\n"
             "  v6: int = ldf v1 word 1\n"
             "  v7: bool = same v3, v3\n  v8: int = widen v7\n"
             "  v9: int = add v6, v8\n  return v9\n}\n");
    expect(opt_cse, true, /* what is decided is not asked again, but joined */
           G "  branch v0, b1, b2\n"
             "b1:\n  branch v0, b3, b4\n"
             "b2:\n  branch v0, b3, b4\n"
             "b3:\n  branch v0, b5, b6\n"
             "b4:\n  v3: int = const 1\n  return v3\n"
             "b5:\n  v4: int = const 2\n  return v4\n"
             "b6:\n  v5: int = const 3\n  return v5\n}\n",
           G "  branch v0, b1, b5\n"
             "b1:\n  jump b2\n"
             "b2:\n  branch v0, b3, b4\n"
             "b3:\n  v3: int = const 2\n  return v3\n"
             "b4:\n  v4: int = const 3\n  return v4\n"
             "b5:\n  jump b6\n"
             "b6:\n  v5: int = const 1\n  return v5\n}\n");
}

static void test_cse_marks(void **state)
{
    (void)state;
    /* What an extent computed does not reach its landing; memory is read
     * again on both ways out. */
    const char *text = "fn @1 \"main\" {\nb0:\n  v0: int = ldg global 0\n"
                       "  mark try, b1, b2\n"
                       "b1:\n  v1: int = ldg global 0\n"
                       "  v2: int = add v1, v0\n  stg v2 global 0\n  keep\n"
                       "  v3: int = ldg global 0\n  stg v3 global 0\n"
                       "  return\n"
                       "b2(v4: ref 2):\n  v5: int = ldg global 0\n"
                       "  stg v5 global 0\n  return\n}\n";
    expect(opt_cse, false, text, text);
}

static void test_hoist(void **state)
{
    (void)state;
    expect(opt_hoist, true, /* through two loops; not what is not reached */
           G "  v3: int = const 0\n  jump b1(v3)\n"
             "b1(v4: int):\n  jump b2(v4)\n"
             "b2(v5: int):\n  v6: int = len v2\n  v7: int = const 1000\n"
             "  v8: int = mul v6, v7\n  branch v0, b3, b4\n"
             "b3:\n  v9: int = const 7\n  ste v2, v9, v9\n  jump b4\n"
             "b4:\n  v10: int = add v5, v8\n  branch v0, b2(v10), b5\n"
             "b5:\n  branch v0, b1(v10), b6\n"
             "b6:\n  return v10\n}\n",
           G "  v3: int = const 0\n  v4: int = len v2\n"
             "  v5: int = const 1000\n  v6: int = mul v4, v5\n"
             "  jump b1(v3)\n"
             "b1(v7: int):\n  jump b2(v7)\n"
             "b2(v8: int):\n  branch v0, b3, b4\n"
             "b3:\n  v9: int = const 7\n  ste v2, v9, v9\n  jump b4\n"
             "b4:\n  v10: int = add v8, v6\n  branch v0, b2(v10), b5\n"
             "b5:\n  branch v0, b1(v10), b6\n"
             "b6:\n  return v10\n}\n");
    expect(opt_hoist, true, /* the length changes in the loop */
           G "  jump b1\n"
             "b1:\n  v3: int = len v2\n  push v2, v3\n  branch v0, b1, b2\n"
             "b2:\n  return v3\n}\n",
           G "  jump b1\n"
             "b1:\n  v3: int = len v2\n  push v2, v3\n  branch v0, b1, b2\n"
             "b2:\n  return v3\n}\n");
    expect(opt_hoist, true, /* not across a mark */
           "fn @1 \"main\" {\nb0:\n  v0: bool = const true\n  jump b1\n"
           "b1:\n  mark undo, b2\n"
           "b2:\n  v1: int = const 70000\n  stg v1 global 0\n  undo\n"
           "  branch v0, b1, b3\nb3:\n  return\n}\n",
           "fn @1 \"main\" {\nb0:\n  v0: bool = const true\n  jump b1\n"
           "b1:\n  mark undo, b2\n"
           "b2:\n  v1: int = const 70000\n  stg v1 global 0\n  undo\n"
           "  branch v0, b1, b3\nb3:\n  return\n}\n");
}

/* What one pass cuts off must not trouble the next: once the loop is found
 * never to go round, its last block is left with an edge to its header. */
static void test_all_passes(void **state)
{
    (void)state;
    struct kit k;
    kit_open(&k, F "  jump b1(v0)\n"
                   "b1(v2: int):\n  v3: bool = lt v2, v1\n"
                   "  branch v3, b2, b3\n"
                   "b2:\n  v4: bool = const true\n  jump b4(v4)\n"
                   "b3:\n  v5: bool = const true\n  jump b4(v5)\n"
                   "b4(v6: bool):\n  branch v6, b5, b6\n"
                   "b5:\n  return v0\n"
                   "b6:\n  jump b7\n"
                   "b7:\n  v7: int = add v2, v1\n  v8: bool = lt v7, v1\n"
                   "  branch v8, b1(v7), b5\n}\n");
    char why[300] = "";
    struct ir_opt opt = {.level = 2, .verify = true};
    if (!ir_optimise(k.fns[0], &opt, why, sizeof why))
        fail_msg("%s", why);
    char *text = kit_text(k.fns[0]);
    assert_string_equal(text, F "  v2: bool = lt v0, v1\n"
                                "  branch v2, b1, b2\n"
                                "b1:\n  return v0\nb2:\n  return v0\n}\n");
    free(text);
    kit_close(&k);
}

/* ---- folding is arithmetic ----------------------------------------------- */

static uint64_t random64(void)
{
    uint64_t r = 0;
    for (int i = 0; i < 5; i++)
        r = r << 15 ^ (uint64_t)(rand() & 0x7fff);
    switch (rand() % 5) { /* small, extreme and float-like ones too */
    case 0: return r % 20 - 10;
    case 1: return UINT64_C(1) << (r & 63);
    case 2: return INT64_MAX + (r & 1);
    case 3: return (uint64_t)arith_bits((double)(int64_t)r / 1024);
    default: return r;
    }
}

static void test_evaluate_int(void **state)
{
    (void)state;
    for (int i = 0; i < 200000; i++) {
        int64_t x = (int64_t)random64(), y = (int64_t)random64(), out;
#define SAME(op, value)                                                        \
    assert_true(opt_evaluate(op, PVM_INT, x, y, &out) && out == (value))
        SAME(IR_ADD, arith_add(x, y));
        SAME(IR_SUB, arith_sub(x, y));
        SAME(IR_MUL, arith_mul(x, y));
        SAME(IR_SHL, arith_shl(x, y));
        SAME(IR_SHR, arith_shr(x, y));
        SAME(IR_ROTL, arith_rotl(x, y));
        SAME(IR_ROTR, arith_rotr(x, y));
        SAME(IR_NEG, arith_neg(x));
        SAME(IR_LT, x < y);
        if (y) {
            SAME(IR_DIV, arith_div(x, y));
            SAME(IR_MOD, arith_mod(x, y));
        }
#undef SAME
        assert_int_equal(arith_rotr(arith_rotl(x, y), y), x);
        assert_int_equal(opt_evaluate(IR_ITOB, PVM_INT, x, 0, &out),
                         x >= 0 && x < 256);
    }
    int64_t out;
    assert_false(opt_evaluate(IR_DIV, PVM_INT, 1, 0, &out));
    assert_false(opt_evaluate(IR_MOD, PVM_INT, 1, 0, &out));
    assert_true(opt_evaluate(IR_DIV, PVM_INT, INT64_MIN, -1, &out));
    assert_true(out == INT64_MIN);
    assert_true(opt_evaluate(IR_MOD, PVM_INT, INT64_MIN, -1, &out));
    assert_true(out == 0);
}

/* All pairs of bytes stay bytes, and rotating back gives them again. */
static void test_evaluate_byte(void **state)
{
    (void)state;
    static const enum ir_op ops[] = {IR_ADD,  IR_SUB,  IR_MUL, IR_DIV, IR_MOD,
                                     IR_AND,  IR_OR,   IR_XOR, IR_SHL, IR_SHR,
                                     IR_ROTL, IR_ROTR, IR_NEG, IR_INV};
    for (int64_t x = 0; x < 256; x++)
        for (int64_t y = 0; y < 256; y++) {
            int64_t out, back;
            for (size_t i = 0; i < sizeof ops / sizeof ops[0]; i++)
                if (opt_evaluate(ops[i], PVM_BYTE, x, y, &out))
                    assert_in_range(out, 0, 255);
                else
                    assert_int_equal(y, 0);
            assert_true(opt_evaluate(IR_ROTL, PVM_BYTE, x, y, &out));
            assert_true(opt_evaluate(IR_ROTR, PVM_BYTE, out, y, &back));
            assert_int_equal(back, x);
            assert_true(opt_evaluate(IR_ADD, PVM_BYTE, x, y, &out));
            assert_int_equal(out, (uint8_t)(x + y));
        }
}

static void test_evaluate_float(void **state)
{
    (void)state;
    for (int i = 0; i < 200000; i++) {
        int64_t x = (int64_t)random64(), y = (int64_t)random64(), out;
        double a = arith_float(x), b = arith_float(y), sum = a + b;
        bool ok = opt_evaluate(IR_FADD, PVM_FLOAT, x, y, &out);
        assert_int_equal(ok, sum == sum);
        if (ok)
            assert_true(out == arith_bits(sum));
        int64_t n;
        assert_int_equal(opt_evaluate(IR_FTOI, PVM_FLOAT, x, 0, &out),
                         arith_ftoi(a, &n));
        assert_true(opt_evaluate(IR_FLE, PVM_FLOAT, x, y, &out));
        assert_int_equal(out, a <= b);
    }
    int64_t n;
    assert_false(arith_ftoi(0x1p63, &n));
    assert_true(arith_ftoi(-0x1p63, &n));
    assert_false(arith_ftoi(0.0 / 0.0, &n));
    assert_true(arith_ftoi(-0.9, &n));
    assert_int_equal(n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fold),
        cmocka_unit_test(test_fold_branch),
        cmocka_unit_test(test_fold_strings),
        cmocka_unit_test(test_fold_types),
        cmocka_unit_test(test_fold_callc),
        cmocka_unit_test(test_cse_types),
        cmocka_unit_test(test_fold_natives),
        cmocka_unit_test(test_copy),
        cmocka_unit_test(test_dce),
        cmocka_unit_test(test_cfg),
        cmocka_unit_test(test_cfg_leaves_marks),
        cmocka_unit_test(test_cse),
        cmocka_unit_test(test_cse_marks),
        cmocka_unit_test(test_hoist),
        cmocka_unit_test(test_all_passes),
        cmocka_unit_test(test_evaluate_int),
        cmocka_unit_test(test_evaluate_byte),
        cmocka_unit_test(test_evaluate_float),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
