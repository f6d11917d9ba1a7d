/* test_handle.c - handles: what they keep alive, and which are refused. */
#include "runtime/gc/handle.h"

#include "tests/unit/vm_kit.h"

static const char *program = "fn main() { print(1) }\n";

struct rig {
    struct mem *mem;
    struct pvm_image *im;
    struct vm *vm;
    struct heap *h;
};

static void open_rig(struct rig *g)
{
    struct vm_options o = {.heap = 16 << 20, .nursery = 64 * 1024};
    struct vm_host host = {.write = NULL};
    g->mem = mem_open(&mem_runtime, NULL);
    g->im = kit_compile(g->mem, program);
    assert_int_equal(vm_open(&g->vm, g->mem, g->im, &o, &host), PAL_OK);
    g->h = &g->vm->h;
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

static uint64_t get(const struct rig *g, uint64_t handle)
{
    char text[GC_HANDLE_TEXT];
    uint64_t o;
    assert_int_equal(gc_handle_get(g->h, handle, &o, text), PAL_OK);
    return o;
}

/* Says that a handle is none, whatever is asked of it. */
static void expect_invalid(const struct rig *g, uint64_t handle)
{
    char text[GC_HANDLE_TEXT], want[GC_HANDLE_TEXT];
    uint64_t o = 1;
    snprintf(want, sizeof want, "invalid reference %llu",
             (unsigned long long)handle);
    assert_int_equal(gc_handle_get(g->h, handle, &o, text), PAL_USAGE);
    assert_int_equal(o, 0);
    assert_string_equal(text, want);
    text[0] = 0;
    assert_int_equal(gc_handle_close(g->h, handle, text), PAL_USAGE);
    assert_string_equal(text, want);
    assert_int_equal(gc_handle_get(g->h, handle, &o, NULL), PAL_USAGE);
}

static void handles_follow_what_they_keep_alive(void **state)
{
    (void)state;
    struct rig g;
    open_rig(&g);
    uint64_t young = str_new(g.h, "young", 5);
    uint64_t a = gc_handle_open(g.h, young), b = gc_handle_open(g.h, young);
    uint64_t none = gc_handle_open(g.h, 0);
    assert_true(a && b && none && a != b);
    for (int i = 0; i < 3; i++)
        assert_int_equal(gc_collect(g.h), PAL_OK);
    assert_false(obj_is_young(g.h, get(&g, a)));
    assert_int_equal(get(&g, a), get(&g, b));
    assert_int_equal(get(&g, none), 0);
    assert_memory_equal(str_bytes(g.h, get(&g, a)), "young", 5);
    assert_null(gc_check(g.h));
    uint64_t was = get(&g, a);
    assert_int_equal(gc_handle_close(g.h, a, NULL), PAL_OK);
    assert_int_equal(gc_collect(g.h), PAL_OK);
    assert_true(old_is_object(g.h, was)); /* b keeps it */
    assert_int_equal(gc_handle_close(g.h, b, NULL), PAL_OK);
    assert_int_equal(gc_collect(g.h), PAL_OK);
    assert_false(old_is_object(g.h, was));
    close_rig(&g);
}

static void stale_and_forged_handles_are_refused(void **state)
{
    (void)state;
    struct rig g;
    open_rig(&g);
    expect_invalid(&g, 0);
    expect_invalid(&g, 1);
    expect_invalid(&g, UINT64_MAX);
    uint64_t a = gc_handle_open(g.h, str_new(g.h, "a", 1));
    expect_invalid(&g, a + 1);
    expect_invalid(&g, a + (UINT64_C(1) << 32));
    expect_invalid(&g, a & UINT32_MAX);
    assert_int_equal(gc_handle_close(g.h, a, NULL), PAL_OK);
    expect_invalid(&g, a);
    uint64_t b = gc_handle_open(g.h, str_new(g.h, "b", 1));
    assert_int_equal(a & UINT32_MAX, b & UINT32_MAX); /* its place again */
    expect_invalid(&g, a);
    assert_memory_equal(str_bytes(g.h, get(&g, b)), "b", 1);
    close_rig(&g);
}

static void places_are_used_again_and_end(void **state)
{
    (void)state;
    struct rig g;
    open_rig(&g);
    uint64_t o = str_new(g.h, "x", 1), last = 0;
    for (uint32_t i = 0; i < GC_HANDLES_MOST; i++)
        assert_true((last = gc_handle_open(g.h, o)) != 0);
    assert_int_equal(gc_handle_open(g.h, o), 0);
    assert_int_equal(gc_handle_close(g.h, last, NULL), PAL_OK);
    assert_true(gc_handle_open(g.h, o) != 0);
    assert_int_equal(gc_handle_open(g.h, o), 0);
    assert_int_equal(g.h->st->gc.handles, GC_HANDLES_MOST);
    close_rig(&g);
}

/* Every generation was used: the first comes again, but never 0. */
static void generations_come_round(void **state)
{
    (void)state;
    struct rig g;
    open_rig(&g);
    uint64_t a = gc_handle_open(g.h, 0);
    gc_handle_close(g.h, a, NULL);
    g.h->old.handles[0].generation = UINT32_MAX - 1;
    a = gc_handle_open(g.h, 0);
    assert_int_equal(a >> 32, UINT32_MAX);
    gc_handle_close(g.h, a, NULL);
    assert_int_equal(gc_handle_open(g.h, 0) >> 32, 1);
    close_rig(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(handles_follow_what_they_keep_alive),
        cmocka_unit_test(stale_and_forged_handles_are_refused),
        cmocka_unit_test(places_are_used_again_and_end),
        cmocka_unit_test(generations_come_round),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
