/* test_clone.c - deep copies: random graphs, long chains, collections at any
 * point, memory that runs out at any point; and hashes of content. */
#include "runtime/mem/vec.h"
#include "runtime/obj/idmap.h"

#include "tests/unit/native_kit.h"

static int setup(void **state)
{
    struct kit *k = calloc(1, sizeof *k);
    if (!k)
        return -1;
    k->opt.nursery = 64 << 10;
    kit_open(k);
    *state = k;
    return 0;
}

static int teardown(void **state)
{
    kit_close(*state);
    free(*state);
    return 0;
}

/* ---- graphs -------------------------------------------------------------- */

static uint64_t new_node(struct kit *k, int64_t n)
{
    uint64_t o = gc_new(k->h, T_NODE, NODE_WORDS);
    assert_true(o);
    *obj_word(k->h, o, NODE_N) = (uint64_t)n;
    return o;
}

/* A list of nodes that refer to one another at random, some by lists and maps
 * of their own; in a handle. */
static uint64_t random_graph(struct kit *k, uint64_t n, uint64_t seed)
{
    struct heap *h = k->h;
    uint64_t *all = gc_hold(h, list_new(h, T_LIST_NODE)), *x = gc_hold(h, 0);
    for (uint64_t i = 0; i < n; i++) {
        *x = new_node(k, (int64_t)i);
        assert_int_equal(list_push(h, all, x), LIST_OK);
    }
    for (uint64_t i = 0; i < n; i++) {
#define SOME list_item(h, *all, kit_random(&seed) % n)
        for (unsigned w = NODE_A; w <= NODE_B; w++)
            if (kit_random(&seed) % 3)
                kit_link(k, list_item(h, *all, i), w, SOME);
        if (kit_random(&seed) % 4 == 0) {
            *x = list_new(h, T_LIST_NODE);
            kit_link(k, list_item(h, *all, i), NODE_LIST, *x);
            uint64_t *y = gc_hold(h, 0);
            for (uint64_t j = kit_random(&seed) % 70; j; j--) {
                *y = SOME;
                assert_int_equal(list_push(h, x, y), LIST_OK);
            }
            gc_release(h, 1);
        }
        if (kit_random(&seed) % 4 == 0) {
            *x = map_new(h, T_MAP_NODE);
            kit_link(k, list_item(h, *all, i), NODE_MAP, *x);
            uint64_t *y = gc_hold(h, 0);
            for (uint64_t j = kit_random(&seed) % 40; j; j--) {
                uint64_t key = kit_random(&seed) % 50, gone;
                *y = SOME;
                assert_int_equal(map_put(h, x, &key, y), MAP_OK);
                if (j % 5 == 0)
                    map_remove(h, *x, kit_random(&seed) % 50, &gone);
            }
            gc_release(h, 1);
        }
    }
    uint64_t handle = kit_keep(k, *all);
    gc_release(h, 2);
    return handle;
}

static uint64_t shape_of(struct kit *k, uint64_t o)
{
    struct obj_hash *x = obj_hash_open(k->h);
    assert_non_null(x);
    assert_true(obj_hash_ref(x, o));
    uint64_t hash = obj_hash_close(x);
    assert_true(hash);
    return hash;
}

/* That no object but strs can be reached from both; and that the stores are
 * owned by those who use them. */
static void are_apart(struct kit *k, uint64_t a, uint64_t b)
{
    struct heap *h = k->h;
    struct idmap seen = {.mem = k->mem};
    uint64_t root[] = {a, b};
    for (unsigned side = 0; side < 2; side++) {
        VEC(uint64_t) todo = {0};
        assert_true(vec_push(k->mem, &todo, root[side]));
        while (todo.n) {
            uint64_t o = todo.at[--todo.n];
            bool fresh;
            if (!o || pvm_type_kind(h, o) == PVM_TYPE_STR)
                continue;
            struct idmap_slot *s = idmap_put(&seen, o, &fresh);
            assert_non_null(s);
            assert_true(fresh || s->value == side);
            s->value = side;
            for (uint64_t w = 0; fresh && w < obj_refs(h, o); w++)
                assert_true(vec_push(k->mem, &todo, *obj_word(h, o, w)));
        }
        vec_free(k->mem, &todo);
    }
    idmap_free(&seen);
}

/* ---- clones -------------------------------------------------------------- */

static void of_random_graphs(void **state)
{
    struct kit *k = *state;
    for (uint64_t round = 0; round < 24; round++) {
        uint64_t n = round % 8 == 7 ? 3000 : 1 + round * 3;
        k->h->gc_stress = 0;
        gc_set_room(k->h);
        uint64_t graph = random_graph(k, n, round);
        k->h->gc_stress = round % 3 == 1 ? 1 : round % 3 == 2 ? 7 : 0;
        gc_set_room(k->h);
        k->r[0] = kit_get(k, graph);
        kit_do(k, "clone");
        are_apart(k, k->r[0], kit_get(k, graph));
        assert_true(shape_of(k, k->r[0]) == shape_of(k, kit_get(k, graph)));
        gc_handle_close(k->h, graph, NULL);
    }
    k->h->gc_stress = 0;
    gc_set_room(k->h);
}

static void of_what_is_not_copied(void **state)
{
    struct kit *k = *state;
    kit_str(k, 0, "text");
    uint64_t str = kit_keep(k, k->r[0]);
    kit_do(k, "clone");
    assert_true(k->r[0] == kit_get(k, str));
    k->r[0] = 0;
    kit_do(k, "clone");
    assert_true(k->r[0] == 0);
    kit_strs(k, 0, "a|b");
    uint64_t list = kit_keep(k, k->r[0]);
    kit_do(k, "clone");
    assert_true(k->r[0] != kit_get(k, list));
    assert_true(list_item(k->h, k->r[0], 1) ==
                list_item(k->h, kit_get(k, list), 1));
}

/* Maps work in a clone, and by themselves. */
static void of_maps(void **state)
{
    struct kit *k = *state;
    struct heap *h = k->h;
    uint64_t *map = gc_hold(h, map_new(h, T_MAP_STR)), *key = gc_hold(h, 0);
    char text[20];
    for (uint64_t i = 0; i < 200; i++) {
        sprintf(text, "key %d", (int)i);
        *key = kit_bytes(k, text, strlen(text));
        assert_int_equal(map_put(h, map, key, &i), MAP_OK);
    }
    uint64_t graph = kit_keep(k, *map), value, one = 1;
    k->r[0] = *map;
    gc_release(h, 2);
    kit_do(k, "clone");
    assert_null(map_check(h, k->r[0]));
    assert_int_equal(map_len(h, k->r[0]), 200);
    uint64_t first = entries_key(h, k->r[0], 0);
    assert_int_equal(map_remove(h, k->r[0], first, &value), MAP_OK);
    assert_int_equal(map_get(h, kit_get(k, graph), first, &value), MAP_OK);
    uint64_t copy = kit_keep(k, k->r[0]), *slot = gc_hold(h, k->r[0]);
    key = gc_hold(h, kit_bytes(k, "new", 3));
    assert_int_equal(map_put(h, slot, key, &one), MAP_OK);
    gc_release(h, 2);
    assert_int_equal(map_len(h, kit_get(k, copy)), 200);
    assert_null(map_check(h, kit_get(k, graph)));
}

/* A chain of a million links, on the machine's small stack. */
static void of_a_long_chain(void **state)
{
    enum { N = 1000000 };
    (void)state;
    struct kit k = {.opt.heap = 512 << 20, .opt.nursery = 2 << 20};
    kit_open(&k);
    uint64_t *last = gc_hold(k.h, new_node(&k, 0)), *x = gc_hold(k.h, 0);
    uint64_t *first = gc_hold(k.h, *last);
    for (int i = 1; i < N; i++) {
        *x = new_node(&k, i);
        kit_link(&k, *last, NODE_A, *x);
        kit_link(&k, *x, NODE_B, *last);
        *last = *x;
    }
    k.r[0] = *first;
    gc_release(k.h, 3);
    kit_do(&k, "clone");
    uint64_t o = k.r[0], n = 1;
    for (; *obj_word(k.h, o, NODE_A); n++) {
        uint64_t next = *obj_word(k.h, o, NODE_A);
        assert_true(*obj_word(k.h, next, NODE_B) == o);
        assert_int_equal(*obj_word(k.h, next, NODE_N), n);
        o = next;
    }
    assert_int_equal(n, N);
    kit_close(&k);
}

/* ---- in scopes, and without memory --------------------------------------- */

static void needs_no_trail(void **state)
{
    struct kit *k = *state;
    uint64_t graph = random_graph(k, 500, 9);
    uint64_t before = shape_of(k, kit_get(k, graph));
    kit_scope(k);
    uint64_t top = k->h->st->trail;
    k->r[0] = kit_get(k, graph);
    kit_do(k, "clone");
    assert_int_equal(k->h->st->trail, top);
    assert_null(trail_check(k->h));
    uint64_t copy = kit_keep(k, k->r[0]);
    kit_link(k, list_item(k->h, kit_get(k, copy), 0), NODE_A, 0);
    kit_link(k, list_item(k->h, kit_get(k, graph), 0), NODE_A, 0);
    kit_undo(k);
    assert_true(shape_of(k, kit_get(k, graph)) == before);
}

static void leaves_nothing_behind(void **state)
{
    struct kit *k = *state;
    uint64_t graph = random_graph(k, 60, 11);
    uint64_t before = shape_of(k, kit_get(k, graph));
    bool refused = true;
    for (uint64_t nth = 1; refused; nth++) {
        k->r[0] = kit_get(k, graph);
        mem_fail_at(k->mem, nth);
        enum pal_status status = kit_call(k, "clone");
        mem_fail_at(k->mem, 0);
        refused = status == PAL_TRAP;
        assert_true(!refused || k->vm->trap_kind == VM_MEMORY);
        assert_int_equal(k->h->st->nhandles, 0);
        assert_true(shape_of(k, kit_get(k, graph)) == before);
    }
}

/* The heap is full somewhere in the middle; what was made goes again. */
static void a_full_heap_is_told(void **state)
{
    (void)state;
    struct kit k = {.opt.heap = 24 << 20};
    kit_open(&k);
    uint64_t graph = random_graph(&k, 20000, 13);
    uint64_t before = shape_of(&k, kit_get(&k, graph));
    unsigned copies = 0;
    uint64_t all = kit_keep(&k, list_new(k.h, T_LIST_NODE)), *copy;
    for (;; copies++) {
        k.r[0] = kit_get(&k, graph);
        if (kit_call(&k, "clone"))
            break;
        copy = gc_hold(k.h, list_item(k.h, k.r[0], 0));
        uint64_t *list = gc_hold(k.h, kit_get(&k, all));
        assert_int_equal(list_push(k.h, list, copy), LIST_OK);
        gc_release(k.h, 2);
        assert_in_range(copies, 0, 20);
    }
    assert_int_equal(k.vm->trap_kind, VM_MEMORY);
    assert_true(shape_of(&k, kit_get(&k, graph)) == before);
    assert_int_equal(gc_handle_close(k.h, all, NULL), PAL_OK);
    k.r[0] = kit_get(&k, graph);
    kit_do(&k, "clone"); /* there is room again */
    kit_close(&k);
}

/* ---- hashes -------------------------------------------------------------- */

static int64_t hash(struct kit *k, const char *native)
{
    kit_do(k, native);
    return k->s[0];
}

static void equal_values_have_equal_hashes(void **state)
{
    struct kit *k = *state;
    k->s[0] = kit_word(0.0);
    int64_t zero = hash(k, "hash_float");
    k->s[0] = kit_word(-0.0);
    assert_true(hash(k, "hash_float") == zero);
    k->s[0] = kit_word(1.0);
    assert_true(hash(k, "hash_float") != zero);
    k->s[0] = 7;
    int64_t seven = hash(k, "hash_int");
    k->s[0] = 8;
    assert_true(hash(k, "hash_int") != seven);
    for (uint64_t round = 0; round < 8; round++) {
        uint64_t graph = random_graph(k, 1 + 10 * round, round);
        k->r[0] = kit_get(k, graph);
        int64_t one = hash(k, "hash_ref");
        k->r[0] = kit_get(k, graph);
        kit_do(k, "clone");
        assert_true(hash(k, "hash_ref") == one);
    }
    k->r[0] = 0;
    kit_do(k, "hash_ref");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_random_graphs),
        cmocka_unit_test(of_what_is_not_copied),
        cmocka_unit_test(of_maps),
        cmocka_unit_test(of_a_long_chain),
        cmocka_unit_test(needs_no_trail),
        cmocka_unit_test(leaves_nothing_behind),
        cmocka_unit_test(a_full_heap_is_told),
        cmocka_unit_test(equal_values_have_equal_hashes),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
