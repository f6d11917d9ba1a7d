/* test_gc.c - the rules of a heap: kept by what programs do, and each of them
 * found broken when it is broken by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "backend/backend.h"
#include "runtime/pvm/verify.h"
#include "runtime/vm/vm.h"

/* Leaves a Pair of a str and a list of three, and a list of Pairs, in
 * globals. */
static const char program[] = ".type Pair struct\n"
                              "    .field name str\n"
                              "    .field items [int]\n"
                              "    .field n int\n"
                              ".type [Pair] list Pair\n"
                              ".type globals globals\n"
                              "    .field pair Pair\n"
                              "    .field pairs [Pair]\n"
                              "    .field text str\n"
                              "\n"
                              ".fn main() refs=4 scalars=2\n"
                              "    new    r0, Pair\n"
                              "    ldkr   r1, \"abc\"\n"
                              "    ldkr   r2, \"defgh\"\n"
                              "    cat    r1, r1, r2\n"
                              "    cat    r1, r1, r2\n"
                              "    stfr   r0, r1, 0\n"
                              "    newl   r2, [int]\n"
                              "    ldi    s0, 7\n"
                              "    push   r2, s0\n"
                              "    push   r2, s0\n"
                              "    push   r2, s0\n"
                              "    stfr   r0, r2, 1\n"
                              "    newl   r3, [Pair]\n"
                              "    pushr  r3, r0\n"
                              "    stgr   r0, 0\n"
                              "    stgr   r3, 1\n"
                              "    stgr   r1, 2\n"
                              "    ret\n"
                              "\n"
                              ".globals globals\n"
                              ".main main\n";

struct rig {
    struct mem *mem;
    struct pvm_image *im;
    struct vm *vm;
    struct heap *h;
    uint64_t pair, pairs, text, items; /* objects, after the collection */
};

static bool swallow(void *arg, int fd, const void *p, size_t n)
{
    (void)arg, (void)fd, (void)p, (void)n;
    return true;
}

static void find_objects(struct rig *g)
{
    uint64_t globals = g->h->st->globals;
    g->pair = *obj_word(g->h, globals, 0);
    g->pairs = *obj_word(g->h, globals, 1);
    g->text = *obj_word(g->h, globals, 2);
    g->items = *obj_word(g->h, g->pair, 1);
}

static void open_rig(struct rig *g)
{
    struct pvm_text_error err;
    struct pvm_error bad;
    struct vm_options opt = {.heap = 64 << 20, .stack = 1 << 20};
    struct vm_host host = {.write = swallow};
    g->mem = mem_open(&mem_runtime, NULL);
    if (pvm_assemble(g->mem, program, strlen(program), &g->im, &err))
        fail_msg("%u:%u: %s", err.line, err.column, err.text);
    if (pvm_verify(g->im, g->mem, &bad))
        fail_msg("%s", bad.text);
    assert_int_equal(vm_open(&g->vm, g->mem, g->im, &opt, &host), PAL_OK);
    g->h = &g->vm->h;
    assert_int_equal(vm_start(g->vm), PAL_OK);
    assert_int_equal(vm_run(g->vm), PAL_OK);
    assert_null(gc_check(g->h)); /* with the nursery full of them */
    find_objects(g);
    assert_true(obj_is_young(g->h, g->pair));
    assert_int_equal(gc_minor(g->h), PAL_OK);
    find_objects(g);
    assert_false(obj_is_young(g->h, g->pair));
    assert_null(gc_check(g->h));
}

static void close_rig(struct rig *g)
{
    struct mem_stats s;
    vm_close(g->vm);
    pvm_free(g->im);
    mem_stats(g->mem, &s);
    assert_int_equal(s.live, 0);
    mem_close(g->mem);
}

/* What is said while *word is `value`; then it is put back. */
static void expect(struct rig *g, uint64_t *word, uint64_t value,
                   const char *said)
{
    uint64_t was = *word;
    *word = value;
    const char *why = gc_check(g->h);
    *word = was;
    if (!why)
        fail_msg("nothing was said, not: %s", said);
    assert_string_equal(why, said);
    assert_null(gc_check(g->h));
}

static void test_headers(void **state)
{
    (void)state;
    struct rig g;
    open_rig(&g);
    struct heap *h = g.h;
    uint64_t *slot = obj_word(h, h->st->globals, 0);
    uint64_t info = obj_info(h, g.pair);
    expect(&g, slot, g.pair + 8, "a reference leads to no object");
    expect(&g, slot, h->tape.size, "a reference leads to no object");
    expect(&g, slot, h->old.at + h->st->gc.top * TAPE_PAGE,
           "a reference leads to no whole object");
    expect(&g, obj_at(h, g.pair + 8), info | UINT64_C(1) << 60,
           "a reference leads to no whole object");
    expect(&g, obj_at(h, g.pair + 8), info | OBJ_FORWARDED << 24,
           "a reference leads to no whole object");
    expect(&g, obj_at(h, g.pair + 8), obj_make_info(0xffffff, 3),
           "a reference leads to no whole object");
    expect(&g, obj_at(h, g.pair + 8), obj_make_info(obj_type(h, g.pair), 4),
           "an object has not its type's words");
    expect(&g, obj_at(h, g.pair + 8), obj_make_info(PVM_T_NULL, 3),
           "an object is of a type that has none");
    expect(&g, obj_stamp(h, g.pair, 0), h->st->clock + 1,
           "a stamp is ahead of the clock");
    close_rig(&g);
}

static void test_contents(void **state)
{
    (void)state;
    struct rig g;
    open_rig(&g);
    struct heap *h = g.h;
    uint64_t s = list_store(h, g.items);
    expect(&g, obj_word(h, g.text, STR_LEN), 100,
           "a str has not its length's words");
    expect(&g, obj_word(h, g.text, STR_LEN), 3,
           "a str has not its length's words");
    expect(&g, obj_word(h, g.text, STR_BYTES + 1), UINT64_MAX,
           "a str has bytes behind its end");
    expect(&g, obj_word(h, g.items, LIST_LEN), 5,
           "a list has more items than its store holds");
    expect(&g, obj_word(h, g.items, LIST_STORE), 0,
           "a list with items has no store");
    expect(&g, obj_word(h, g.items, LIST_STORE), g.text,
           "a list has more items than its store holds");
    expect(&g, store_item(h, s, 3), 1,
           "a slot behind a list's end is not zero");
    expect(&g, obj_at(h, g.items + 8),
           obj_make_info(obj_type(h, g.items), LIST_WORDS + 1),
           "a list has not two words");
    close_rig(&g);
}

static void test_remembered(void **state)
{
    (void)state;
    struct rig g;
    open_rig(&g);
    struct heap *h = g.h;
    uint64_t young = str_new(h, "young", 5);
    assert_true(obj_is_young(h, young));
    expect(&g, obj_word(h, g.pair, 0), young,
           "an old block with a young reference is not remembered");
    expect(&g, store_item(h, list_store(h, g.pairs), 0), young,
           "an old block with a young reference is not remembered");
    assert_true(trail_before_ref(h, g.pair, 0));
    *obj_word(h, g.pair, 0) = young; /* as a store does it */
    assert_null(gc_check(h));
    assert_int_equal(gc_minor(h), PAL_OK);
    assert_null(gc_check(h));
    close_rig(&g);
}

static void test_tops(void **state)
{
    (void)state;
    struct rig g;
    open_rig(&g);
    struct state *st = g.h->st;
    expect(&g, &st->nursery, 0, "the nursery's top lies outside it");
    expect(&g, &st->mark, st->minor + 1, "a threshold is ahead of the clock");
    expect(&g, &st->minor, st->clock + 1, "a threshold is ahead of the clock");
    close_rig(&g);
}

/* A run that asks for it is told at the next collection. */
static void test_told(void **state)
{
    (void)state;
    struct rig g;
    open_rig(&g);
    g.h->check = true;
    assert_int_equal(gc_minor(g.h), PAL_OK);
    assert_string_equal(g.vm->failure, "");
    uint64_t *stamp = obj_stamp(g.h, g.pair, 0), was = *stamp;
    *stamp = UINT64_MAX >> 8;
    assert_int_equal(gc_minor(g.h), PAL_OK);
    *stamp = was;
    assert_string_equal(g.vm->failure, "a stamp is ahead of the clock");
    close_rig(&g);
}

/* Where the rule of the memory contexts says. */
static void test_places(void **state)
{
    (void)state;
    static const uint64_t sizes[] = {32, 8000, MEM_CELL_MOST - 200, 300 << 10,
                                     5 << 20};
    struct rig g;
    open_rig(&g);
    const struct mem_profile *p = mem_profile_of(g.mem);
    assert_int_equal(g.h->tape.seg[TAPE_NURSERY].size, p->nursery);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        uint64_t o = str_make(g.h, sizes[i]);
        uint64_t bytes = obj_bytes(obj_words(g.h, o));
        bool young =
            mem_where(p, bytes, MEM_NODE, MEM_TRACED) == MEM_IN_NURSERY;
        assert_true(o != 0);
        assert_int_equal(obj_is_young(g.h, o), young);
        assert_int_equal(obj_is_young(g.h, o), sizes[i] < (256 << 10));
    }
    close_rig(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_headers),    cmocka_unit_test(test_contents),
        cmocka_unit_test(test_remembered), cmocka_unit_test(test_tops),
        cmocka_unit_test(test_told),       cmocka_unit_test(test_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
