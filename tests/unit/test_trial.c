/* test_trial.c - arguments for trying functions: which are made, how they are
 * written, and how far they are made simpler. */
#include "frontend/trial.h"
#include "tests/unit/front_kit.h"

static const char program[] =
    "struct P { var n: int, kids: [P], name: str }\n"
    "enum Color { Red, Green }\n"
    "enum T { Leaf, Two(a: U, b: U), Odd(n: int) }\n"
    "enum U { One(t: T), Many(us: [U], o: (int, U)?), Two(u: U, c: Color) }\n"
    "rev fn f(xs: [int], ys: [int], mut a: int, b: byte, c: bool, p: P,\n"
    "         mut q: P, t: [[float]], mut zs: [int], m: [str: T], n: U,\n"
    "         k: [Color: [int?]], o: T?) { }\n"
    "rev fn g(h: [Error], x: int) { }\n"
    "struct A { b: B }\nstruct B { c: C }\nstruct C { d: D }\n"
    "struct D { e: E }\nstruct E { f: Error }\nrev fn deep(a: A) { }\n"
    "fn main() { }\n";

struct setting {
    struct front front;
    struct arena *arena;
    struct trial t;
};

static struct sym *fn_named(struct unit *u, const char *name)
{
    for (uint32_t i = 0; i < u->fns.n; i++)
        if (!strcmp(u->fns.at[i]->name->text, name))
            return u->fns.at[i];
    fail_msg("no function %s", name);
    return NULL;
}

static void setup(struct setting *s, const char *text)
{
    s->front = front_open(text);
    assert_true(s->front.ok);
    assert_true(sema_check(s->front.u));
    s->arena = arena_open(s->front.mem);
}

static void teardown(struct setting *s)
{
    arena_close(s->arena);
    front_close(&s->front);
}

static void make(struct setting *s, uint64_t seed)
{
    trial_make(&s->t, s->front.u, s->arena, fn_named(s->front.u, "f"), seed);
}

/* Declarations and call, NUL-terminated. */
static struct bytes text_of(struct setting *s)
{
    struct bytes decls = bytes_in(s->front.mem);
    struct bytes call = bytes_in(s->front.mem);

    trial_print(&s->t, "v", "", &decls, &call);
    bytes_add(&decls, call.at, call.n);
    bytes_byte(&decls, 0);
    bytes_free(&call);
    return decls;
}

/* ---- making -------------------------------------------------------------- */

static void test_compiles(void **state)
{
    struct setting s;

    (void)state;
    setup(&s, program);
    for (uint64_t seed = 0; seed < 300; seed++) {
        struct bytes all = bytes_in(s.front.mem), text;
        make(&s, seed);
        text = text_of(&s);
        char *call = strstr((char *)text.at, "f(v");
        if (!call || call != (char *)text.at)
            call = strstr((char *)text.at, "\nf(") + 1;
        bytes_add(&all, program, sizeof program - 1);
        bytes_printf(&all, "%.*stest \"t\" { %s }\n",
                     (int)(call - (char *)text.at), (char *)text.at, call);
        bytes_byte(&all, 0);
        struct front g = front_open((char *)all.at);
        if (!g.ok || !sema_check(g.u))
            fail_msg("%s\n%s", (char *)all.at, front_said(&g));
        front_close(&g);
        bytes_free(&text);
        bytes_free(&all);
    }
    teardown(&s);
}

static void test_same_seed(void **state)
{
    struct setting s;
    uint32_t other = 0;

    (void)state;
    setup(&s, program);
    for (uint64_t seed = 0; seed < 50; seed++) {
        struct bytes a, b, c;
        make(&s, seed);
        a = text_of(&s);
        make(&s, seed);
        b = text_of(&s);
        make(&s, seed + 1);
        c = text_of(&s);
        assert_string_equal((char *)a.at, (char *)b.at);
        other += strcmp((char *)a.at, (char *)c.at) != 0;
        bytes_free(&a);
        bytes_free(&b);
        bytes_free(&c);
    }
    assert_true(other > 40);
    teardown(&s);
}

/* What finds trouble comes up: extremes, nothing, one object twice. */
static void test_finds_trouble(void **state)
{
    struct setting s;
    uint32_t empty = 0, one = 0, zero = 0, least = 0, most = 0, minus = 0;

    (void)state;
    setup(&s, program);
    for (uint64_t seed = 0; seed < 500; seed++) {
        struct trial_value *a;
        make(&s, seed);
        a = s.t.args[2];
        empty += s.t.args[0]->nparts == 0;
        one += s.t.args[0] == s.t.args[1];
        zero += a->word == 0;
        minus += a->word == -1;
        least += a->word == INT64_MIN;
        most += a->word == INT64_MAX;
    }
    assert_true(empty > 20 && one > 5 && zero > 50 && minus > 5);
    assert_true(least > 2 && most > 2);
    teardown(&s);
}

/* Structs that hold two of the next: the graph stays small. */
static void test_stays_small(void **state)
{
    struct setting s;
    struct mem *m = mem_open(&mem_compiler, NULL);
    struct bytes text = bytes_in(m);

    (void)state;
    bytes_str(&text, "struct S40 { var x: int }\n");
    for (int i = 39; i >= 0; i--)
        bytes_printf(&text, "struct S%d { a: S%d, b: S%d }\n", i, i + 1, i + 1);
    bytes_str(&text, "rev fn f(s: S0) { }\nfn main() { }\n");
    bytes_byte(&text, 0);
    setup(&s, (char *)text.at);
    for (uint64_t seed = 0; seed < 20; seed++) {
        make(&s, seed);
        assert_true(s.t.objects.n < 2000);
    }
    teardown(&s);
    bytes_free(&text);
    mem_close(m);
}

static void test_lacks(void **state)
{
    struct setting s;

    (void)state;
    setup(&s, program);
    assert_null(trial_lacks(s.front.u, fn_named(s.front.u, "f")));
    const struct type *t = trial_lacks(s.front.u, fn_named(s.front.u, "g"));
    assert_non_null(t);
    assert_ptr_equal(trial_lacks(s.front.u, fn_named(s.front.u, "deep")), t);
    assert_ptr_equal(t, type_of_error_value(s.front.u));
    teardown(&s);
}

/* ---- making simpler ------------------------------------------------------ */

static bool never(void *arg, struct trial *t)
{
    (void)t;
    ++*(uint32_t *)arg;
    return false;
}

static bool always(void *arg, struct trial *t)
{
    (void)arg, (void)t;
    return true;
}

/* A 7 or more in xs with something behind it, and a below -2. */
static bool is_special(void *arg, struct trial *t)
{
    const struct trial_value *xs = t->args[0];
    bool found = false;

    (void)arg;
    for (uint32_t i = 0; i + 1 < xs->nparts; i++)
        found |= xs->parts[i]->word >= 7;
    return found && t->args[2]->word < -2;
}

static void expect_text(struct setting *s, const char *want)
{
    struct bytes text = text_of(s);

    assert_string_equal((char *)text.at, want);
    bytes_free(&text);
}

static void test_shrinks(void **state)
{
    struct setting s;
    uint32_t found = 0, tries = 0;

    (void)state;
    setup(&s, "rev fn f(xs: [int], ys: [int], mut a: int, c: bool) { }\n"
              "fn main() { }\n");
    for (uint64_t seed = 0; seed < 2000; seed++) {
        make(&s, seed);
        if (!is_special(NULL, &s.t) || s.t.args[0] == s.t.args[1])
            continue;
        found++;
        trial_shrink(&s.t, is_special, NULL, 2000);
        expect_text(&s, "let v1: [int] = [7, 0]\n"
                        "let v2: [int] = []\n"
                        "var v3: int = -3\n"
                        "f(v1, v2, &v3, false)");
    }
    assert_true(found > 5);
    make(&s, 1);
    struct bytes before = text_of(&s);
    trial_shrink(&s.t, never, &tries, 2000);
    expect_text(&s, (char *)before.at); /* what did not help was put back */
    assert_true(tries > 0 && tries <= 2000);
    bytes_free(&before);
    trial_shrink(&s.t, always, NULL, 2000);
    expect_text(&s, s.t.args[0] == s.t.args[1]
                        ? "let v1: [int] = []\nvar v2: int = 0\n"
                          "f(v1, v1, &v2, false)"
                        : "let v1: [int] = []\nlet v2: [int] = []\n"
                          "var v3: int = 0\nf(v1, v2, &v3, false)");
    teardown(&s);
}

/* A map that has something, an option that has, too, and a Two. */
static bool holds_all(void *arg, struct trial *t)
{
    (void)arg;
    return t->args[0]->nparts && t->args[1]->nparts && t->args[2]->word == 1;
}

static void test_shrinks_maps(void **state)
{
    struct setting s;
    uint32_t found = 0;

    (void)state;
    setup(&s, "enum T { Leaf(x: int), Two(a: T, b: T) }\n"
              "rev fn f(m: [str: [int]], o: int?, t: T) { }\n"
              "fn main() { }\n");
    for (uint64_t seed = 0; seed < 400; seed++) {
        make(&s, seed);
        if (!holds_all(NULL, &s.t))
            continue;
        found++;
        trial_shrink(&s.t, holds_all, NULL, 2000);
        struct bytes text = text_of(&s);
        assert_non_null(strstr((char *)text.at,
                               "let v1: [str: [int]] = [\"\": []]\n"
                               "let v2: int? = 0\n"));
        assert_non_null(strstr((char *)text.at, ": T = T.Two("));
        bytes_free(&text);
    }
    assert_true(found > 5);
    teardown(&s);
}

/* Types whose values can end lead there, whatever is drawn. */
static void test_ends(void **state)
{
    struct setting s;

    (void)state;
    setup(&s, "enum A { X(b: B), Y(b: B, c: B) }\n"
              "enum B { Y(c: C), Z(a: A) }\n"
              "enum C { P(b: B), Q(d: D), R(a: A) }\n"
              "struct D { a: (int, E) }\n"
              "enum E { S(a: A), N(xs: [A]) }\n"
              "rev fn f(a: A, b: [B], c: C) { }\nfn main() { }\n");
    for (uint64_t seed = 0; seed < 200; seed++) {
        make(&s, seed);
        assert_true(s.t.objects.n < 4000);
    }
    teardown(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compiles),
        cmocka_unit_test(test_same_seed),
        cmocka_unit_test(test_finds_trouble),
        cmocka_unit_test(test_lacks),
        cmocka_unit_test(test_shrinks),
        cmocka_unit_test(test_shrinks_maps),
        cmocka_unit_test(test_ends),
        cmocka_unit_test(test_stays_small),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
