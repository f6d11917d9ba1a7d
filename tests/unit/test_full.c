/* test_full.c - programs whose heap ends: the error they get, what is kept of
 * their state, that memory is there again; and heaps that change their mind
 * about sizes. */
#include "tests/unit/vm_kit.h"

#include "tests/unit/heap_kit.h"

#define MB (UINT64_C(1) << 20)

/* ---- programs ------------------------------------------------------------ */

/* Three times a list is built until there is no room for more. */
static const char fills[] =
    "struct Node { next: [Node], n: int }\n"
    "fn fill() -> int {\n"
    "    var l: [Node] = []\n"
    "    var k = 0\n"
    "    while true {\n"
    "        var full = false\n"
    "        try { l = [Node(l, k)] } undo e {\n"
    "            print(e.kind, e.message)\n"
    "            full = true\n"
    "        }\n"
    "        if full { return k }\n"
    "        k += 1\n"
    "    }\n"
    "    return 0\n"
    "}\n"
    "fn main() {\n"
    "    let first = fill()\n"
    "    for i in 0..2 {\n"
    "        let k = fill()\n"
    "        print(first > 10000, k > first / 10 * 9, k < first / 10 * 11)\n"
    "    }\n"
    "}\n";

static void memory_is_there_again_when_it_was_let_go(void **state)
{
    (void)state;
    struct kit_run k = {.opt = {.heap = 8 * MB, .nursery = 256 << 10}};
    kit_start(&k, fills);
    assert_int_equal(vm_run(k.vm), PAL_OK);
    assert_string_equal(k.out, "memory the heap is full\n"
                               "memory the heap is full\ntrue true true\n"
                               "memory the heap is full\ntrue true true\n");
    assert_true(gc_used(&k.vm->h) <= 8 * MB);
    assert_true(k.vm->h.st->gc.majors > 2);
    kit_stop(&k);
}

/* Nobody catches it: the run ends with it, and what was begun is undone. */
static void a_full_heap_ends_the_run_with_an_error(void **state)
{
    (void)state;
    struct kit_run k = {.opt = {.heap = 8 * MB, .nursery = 256 << 10}};
    kit_start(&k, "var all: [[int]] = []\n"
                  "fn main() {\n"
                  "    print(\"begin\")\n"
                  "    undo { while true { push(all, [1, 2, 3]) } }\n"
                  "}\n");
    assert_int_equal(vm_run(k.vm), PAL_TRAP);
    assert_string_equal(k.out, "begin\n");
    const char *message, *kind;
    size_t n;
    vm_error_text(k.vm, &message, &n, &kind);
    assert_string_equal(kind, "memory");
    assert_int_equal(n, strlen("the heap is full"));
    assert_memory_equal(message, "the heap is full", n);
    uint64_t all = *obj_word(&k.vm->h, k.vm->h.st->globals, 0);
    assert_int_equal(list_len(&k.vm->h, all), 0);
    assert_int_equal(gc_collect(&k.vm->h), PAL_OK);
    assert_null(gc_check(&k.vm->h));
    assert_true(gc_used(&k.vm->h) < MB);
    kit_stop(&k);
}

/* A large object that does not fit is refused; small ones go on. */
static void one_object_too_large_is_refused_alone(void **state)
{
    (void)state;
    struct kit_run k = {.opt = {.heap = 8 * MB, .nursery = 256 << 10}};
    kit_start(&k, "fn main() {\n"
                  "    var s = \"0123456789\"\n"
                  "    try { for i in 0..40 { s = s + s } } undo e {\n"
                  "        print(e.kind, s)\n"
                  "    }\n"
                  "    for i in 0..15 { s = s + s }\n"
                  "    print(s.len)\n"
                  "}\n");
    assert_int_equal(vm_run(k.vm), PAL_OK);
    assert_string_equal(k.out, "memory 0123456789\n327680\n");
    kit_stop(&k);
}

/* Constants and the names of kinds are reachable from code alone. */
static void constants_outlive_collections(void **state)
{
    (void)state;
    struct kit_run k = {.interrupt = 1};
    kit_start(&k, "fn main() {\n"
                  "    print(\"one\")\n"
                  "    var k = 0\n"
                  "    for i in 0..3000000 { k += i % 7 }\n"
                  "    print(\"two\", k)\n"
                  "    try { let x = 1 / (3 - \"abc\".len) } undo e {\n"
                  "        print(e.kind, e.message)\n"
                  "    }\n"
                  "}\n");
    assert_int_equal(vm_run(k.vm), PAL_PAUSE);
    assert_string_equal(k.out, "one\n");
    k.vm->interrupt = 0;
    for (int i = 0; i < 3; i++)
        assert_int_equal(gc_collect(&k.vm->h), PAL_OK);
    assert_null(gc_check(&k.vm->h));
    assert_int_equal(vm_run(k.vm), PAL_OK);
    assert_string_equal(k.out, "one\ntwo 8999994\ndivide division by zero\n");
    kit_stop(&k);
}

/* The trail is refused room that garbage takes: a collection comes, and the
 * store again; by instructions and by natives. */
static void garbage_makes_room_for_the_trail(void **state)
{
    (void)state;
    struct kit_run k = {.opt = {.heap = 16 * MB, .nursery = 256 << 10}};
    kit_start(&k, "fn deep(a: [int], n: int) {\n"
                  "    if n == 0 { return }\n"
                  "    undo {\n"
                  "        if n % 2 == 0 { a.reverse() } else {\n"
                  "            for i in 0..a.len { a[i] = n }\n"
                  "        }\n"
                  "        deep(a, n - 1)\n"
                  "    }\n"
                  "}\n"
                  "fn garbage(n: int) -> int {\n"
                  "    let all: [[int]] = []\n"
                  "    for i in 0..n { all.push([i; 1000]) }\n"
                  "    return all.len\n"
                  "}\n"
                  "fn main() {\n"
                  "    let a = [5; 25000]\n"
                  "    print(garbage(1100))\n"
                  "    deep(a, 30)\n"
                  "    print(a[0], a[24999])\n"
                  "}\n");
    assert_int_equal(vm_run(k.vm), PAL_OK);
    assert_string_equal(k.out, "1100\n5 5\n");
    kit_stop(&k);
}

/* Where safepoints lie follows from what was done, not from where the host
 * stopped the machine. */
static void collections_do_not_depend_on_pauses(void **state)
{
    (void)state;
    static const uint64_t chunks[] = {0, 100000, 250000, 77777};
    uint64_t minors = 0, clock = 0;
    for (int i = 0; i < 4; i++) {
        struct kit_run k = {.opt = {.nursery = 64 << 10}};
        kit_start(&k, "struct Node { var next: [int], n: int }\n"
                      "var all: [Node] = []\n"
                      "fn main() {\n"
                      "    let a = [1]\n"
                      "    for i in 0..300000 { all.push(Node(a, i)) }\n"
                      "    for k in 0..5 {\n"
                      "        for i in 0..all.len { all[i].next = a }\n"
                      "    }\n"
                      "}\n");
        enum pal_status status;
        do {
            if (chunks[i])
                vm_stop_after(k.vm, chunks[i]);
            status = vm_run(k.vm);
        } while (status == PAL_PAUSE);
        assert_int_equal(status, PAL_OK);
        const struct state *st = k.vm->h.st;
        if (i == 0) {
            minors = st->minors;
            clock = st->clock;
        }
        assert_int_equal(st->minors, minors);
        assert_int_equal(st->clock, clock);
        kit_stop(&k);
    }
}

/* What a callee left in its frame, or a register that is not read any more, is
 * no root of the caller's. */
static void what_is_read_no_more_is_garbage(void **state)
{
    (void)state;
    static const char fill[] = "fn fill(most: int) -> int {\n"
                               "    let a = [\"x\"]\n"
                               "    let xs: [str] = a[0..0]\n"
                               "    while xs.len < most {\n"
                               "        xs.push(\"s{xs.len}{a.len}\")\n"
                               "    }\n"
                               "    return xs.len\n"
                               "}\n";
    static const struct {
        const char *text, *out;
    } rows[] = {
        {"fn main() {\n"
         "    let zs = [7; 700000]\n"
         "    try { print(fill(100000000)) } undo e {\n"
         "        let ys = zs[0..700000]\n"
         "        print(e.message, ys.len)\n"
         "    }\n"
         "}\n",
         "the heap is full 700000\n"},
        {"fn main() {\n"
         "    let zs = [7; 700000]\n"
         "    print(fill(110000))\n"
         "    let ys = zs[0..700000]\n"
         "    print(zs.len + ys.len)\n"
         "}\n",
         "110000\n1400000\n"},
        {"fn main() {\n"
         "    let a = [5; 700000]\n"
         "    var sum = a[6]\n"
         "    let b = [6; 700000]\n"
         "    sum += b[7]\n"
         "    let c = [7; 700000]\n"
         "    print(sum + c[8])\n"
         "}\n",
         "18\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct kit_run k = {.opt = {.heap = 16 * MB}};
        char text[1000];
        snprintf(text, sizeof text, "%s%s", fill, rows[i].text);
        kit_start(&k, text);
        assert_int_equal(vm_run(k.vm), PAL_OK);
        assert_string_equal(k.out, rows[i].out);
        kit_stop(&k);
    }
}

/* What stores has its collections, too, though it makes nothing. */
static void stores_alone_bring_minor_collections(void **state)
{
    (void)state;
    struct kit_run k = {.opt = {.nursery = 64 << 10}};
    kit_start(&k, "struct Node { var next: [int], n: int }\n"
                  "var all: [Node] = []\n"
                  "fn main() {\n"
                  "    let a = [1]\n"
                  "    let b = [2, 3]\n"
                  "    for i in 0..700000 { push(all, Node(a, i)) }\n"
                  "    for k in 0..3 {\n"
                  "        for i in 0..all.len { all[i].next = b }\n"
                  "    }\n"
                  "}\n");
    assert_int_equal(vm_run(k.vm), PAL_OK);
    assert_true(k.vm->h.st->remembered < 600000);
    kit_stop(&k);
}

/* Where addresses are short the limit is lower, so that free spans may still
 * lie between objects. */
static void the_limit_leaves_addresses_between_objects(void **state)
{
    (void)state;
    static const uint64_t heaps[] = {4 * MB, 16 * MB, 1 << 30,
                                     UINT64_C(12) << 40};
    for (int i = 0; i < 4; i++) {
        struct kit_run k = {.opt = {.heap = heaps[i]}};
        kit_start(&k, "fn main() { print(1) }\n");
        const struct heap *h = &k.vm->h;
        assert_true(h->heap_limit <= heaps[i]);
        assert_true(h->heap_limit <= h->tape.seg[TAPE_HEAP].size / 2);
        assert_true(h->heap_limit == heaps[i] ||
                    h->tape.seg[TAPE_HEAP].size < 2 * heaps[i]);
        kit_stop(&k);
    }
}

/* ---- sizes that change --------------------------------------------------- */

enum { LIVE = 300 };

/* Replaces every object by one of a size drawn from a range, in an order
 * drawn; bytes that live after. */
static uint64_t replace_all(struct rig *g, uint64_t *seed, uint64_t least,
                            uint64_t most)
{
    uint64_t list = *rig_slot(g, 0), bytes = 0;
    for (int i = 0; i < 4 * LIVE; i++) {
        uint64_t words = rig_words(least + rig_random(seed) % (most - least));
        uint64_t o = gc_new(&g->h, PVM_T_STR, words);
        assert_int_not_equal(o, 0);
        *obj_word(&g->h, o, STR_LEN) = 8 * (words - STR_BYTES);
        list = *rig_slot(g, 0);
        rig_set(g, list, rig_random(seed) % LIVE, o);
    }
    for (int i = 0; i < LIVE; i++) {
        uint64_t o = rig_get(g, list, (uint64_t)i);
        bytes += o ? obj_bytes(obj_words(&g->h, o)) : 0;
    }
    return bytes;
}

/* Small, middling and large objects by turns: of what was given to one size
 * enough comes back for the next. */
static void a_heap_stays_small_when_sizes_alternate(void **state)
{
    (void)state;
    static const uint64_t sizes[][2] = {
        {32, 200},    {9000, 20000}, {300, 2000}, {12000, 12100},
        {5000, 8000}, {8300, 60000}, {32, 10000}, {20000, 21000},
        {1000, 1100}, {16400, 16500}};
    enum { N = sizeof sizes / sizeof *sizes };
    struct rig g;
    uint64_t seed = 1, top[3] = {0};
    rig_open(&g, (struct rig_wish){.paced = true});
    g.h.check = false;
    *rig_slot(&g, 0) = rig_old(&g, PVM_T_STORE_R, LIVE);
    for (int round = 0; round < 3 * N; round++) {
        const uint64_t *s = sizes[round % N];
        uint64_t live = replace_all(&g, &seed, s[0], s[1]);
        rig_collect(&g);
        rig_check(&g);
        /* pages in use over what lives: a fraction, and what runs hold */
        assert_true(gc_used(&g.h) >= live);
        assert_true(gc_used(&g.h) <= live + live / 2 + 3 * MB / 2);
        if (g.h.st->gc.top > top[round / N])
            top[round / N] = g.h.st->gc.top;
    }
    assert_true(top[2] <= top[0] + top[0] / 4); /* it does not creep */
    *rig_slot(&g, 0) = 0;
    rig_collect(&g);
    assert_int_equal(g.h.st->gc.pages, 0);
    rig_close(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_there_again_when_it_was_let_go),
        cmocka_unit_test(a_full_heap_ends_the_run_with_an_error),
        cmocka_unit_test(one_object_too_large_is_refused_alone),
        cmocka_unit_test(constants_outlive_collections),
        cmocka_unit_test(garbage_makes_room_for_the_trail),
        cmocka_unit_test(collections_do_not_depend_on_pauses),
        cmocka_unit_test(what_is_read_no_more_is_garbage),
        cmocka_unit_test(stores_alone_bring_minor_collections),
        cmocka_unit_test(the_limit_leaves_addresses_between_objects),
        cmocka_unit_test(a_heap_stays_small_when_sizes_alternate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
