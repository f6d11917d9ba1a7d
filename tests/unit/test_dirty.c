/* test_dirty.c - no write to the tracked segments goes unannounced: programs
 * and random operations run on a small heap, and at the collections every page
 * that the kernel saw written since the last snapshot must be touched.
 *
 * Where the system cannot track pages (dirty_kit.h) the tests are skipped, and
 * say so. */
#include "tests/unit/vm_kit.h"

#include <dirent.h>
#include <stdlib.h>

#include "runtime/pvm/marks.h"
#include "tests/unit/dirty_kit.h"

enum { SMALL = 64 << 10, LARGE = 2 << 20 }; /* nurseries */

/* What was done and seen, over all runs of a test. */
struct seen {
    uint64_t runs, snapshots, minors, majors;
    uint64_t promoted, born_old; /* bytes */
    uint64_t released;           /* pages, at least */
    uint64_t written[TAPE_SEGMENTS], touched[TAPE_SEGMENTS];
};

struct run {
    struct kit_run k; /* first: the host's argument */
    struct dirty dirty;
    uint64_t each;     /* a snapshot at every such minor collection */
    uint64_t filled;   /* pages of the heap that held something, then */
    uint64_t released; /* by how many they became fewer */
    enum pal_status (*after_minor)(struct heap *h);
};

/* ---- runs under the kernel's eyes ---------------------------------------- */

static bool swallow(void *arg, int fd, const void *p, size_t n)
{
    (void)arg, (void)fd, (void)p, (void)n;
    return true;
}

static uint64_t pages_filled(const struct heap *h)
{
    uint64_t n = 0;
    for (uint64_t i = 0; i <= h->st->gc.top / 64; i++)
        n += (uint64_t)__builtin_popcountll(h->old.dirty[i]);
    return n;
}

/* Right after a minor collection, with no store between. */
static uint64_t snapshot(struct run *r)
{
    struct heap *h = &r->k.vm->h;
    uint64_t filled = pages_filled(h);
    if (filled < r->filled)
        r->released += r->filled - filled;
    r->filled = filled;
    h->st->snap = h->st->clock;
    heap_thresholds(h);
    return dirty_snapshot(&r->dirty);
}

static enum pal_status after_minor(struct heap *h)
{
    struct vm *vm = h->owner;
    struct run *r = vm->host.arg;
    if (h->st->minors % r->each == 0)
        snapshot(r);
    return r->after_minor(h);
}

/* Ends the run and skips the test. */
static void cannot_track(struct run *r)
{
    print_message("skipped, for pages are not tracked here: %s\n",
                  r->dirty.lacks);
    kit_stop(&r->k);
    skip();
}

/* Puts a vm that stands before its first instruction under watch. */
static void watch(struct run *r)
{
    struct heap *h = &r->k.vm->h;
    r->k.vm->host.write = swallow;
    r->after_minor = h->calls.after_minor;
    h->calls.after_minor = after_minor;
    if (!r->each)
        r->each = 1;
    if (!dirty_open(&r->dirty, &h->tape))
        cannot_track(r);
    h->st->clock++; /* a snapshot is younger than what it holds */
    snapshot(r);
}

static const char *segment_name(const struct tape *t, uint64_t at)
{
    static const char *const names[] = {"CODE", "GLOBALS", "HEAP", "HISTORY"};
    for (int i = 0; i < DIRTY_TRACKED; i++) {
        const struct tape_range *r = &t->seg[dirty_tracked[i]];
        if (at - r->at < r->size)
            return names[i];
    }
    return "no tracked segment";
}

static void count(struct seen *s, const struct run *r)
{
    const struct gc_state *g = &r->k.vm->h.st->gc;
    s->runs++;
    s->snapshots += r->dirty.snapshots;
    s->minors += r->k.vm->h.st->minors;
    s->majors += g->majors;
    s->promoted += g->promoted;
    s->born_old += g->born_old;
    s->released += r->released;
    for (int i = 0; i < TAPE_SEGMENTS; i++) {
        s->written[i] += r->dirty.written[i];
        s->touched[i] += r->dirty.touched[i];
    }
}

/* Looks a last time; fails when a write was ever missed. */
static void end(struct run *r, struct seen *s, const char *name)
{
    struct dirty *d = &r->dirty;
    snapshot(r);
    if (d->lacks[0])
        fail_msg("%s: %s", name, d->lacks);
    if (d->missed != DIRTY_NONE)
        fail_msg("%s: the page at %#llx, in %s, was written and not touched",
                 name, (unsigned long long)d->missed,
                 segment_name(d->tape, d->missed));
    count(s, r);
    dirty_close(d);
    kit_stop(&r->k);
}

static void tell(const struct seen *s)
{
    print_message("             %llu pages written, %llu touched (globals "
                  "%llu, heap %llu, history %llu written);\n"
                  "             %llu snapshots, %llu minor collections, %llu "
                  "cycles, %llu pages released\n",
                  (unsigned long long)dirty_sum(s->written),
                  (unsigned long long)dirty_sum(s->touched),
                  (unsigned long long)s->written[TAPE_GLOBALS],
                  (unsigned long long)s->written[TAPE_HEAP],
                  (unsigned long long)s->written[TAPE_HISTORY],
                  (unsigned long long)s->snapshots,
                  (unsigned long long)s->minors, (unsigned long long)s->majors,
                  (unsigned long long)s->released);
}

/* A test in which little happened proves nothing. */
static void enough(const struct seen *s, uint64_t pages)
{
    tell(s);
    assert_true(s->snapshots > s->runs);
    assert_true(s->majors > 0);
    assert_true(s->promoted > 0);
    assert_true(s->born_old > 0);
    assert_true(s->written[TAPE_GLOBALS] > 0);
    assert_true(s->written[TAPE_HISTORY] > 0);
    assert_true(dirty_sum(s->written) > pages);
    assert_true(dirty_sum(s->touched) >= dirty_sum(s->written));
}

/* ---- programs ------------------------------------------------------------ */

static void read_program(const char *path, char *text, size_t most)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        fail_msg("%s: %s", path, strerror(errno));
    size_t n = fread(text, 1, most, f);
    fclose(f);
    assert_true(n < most);
    text[n] = 0;
}

/* How a program may end is not the question here. */
static void run_program(struct seen *s, const char *path, uint64_t stress,
                        uint64_t each)
{
    char text[20000];
    struct run r = {.each = each};
    r.k.opt = (struct vm_options){
        .heap = 16 << 20, .nursery = SMALL, .gc_stress = stress};
    read_program(path, text, sizeof text);
    kit_start(&r.k, text);
    watch(&r);
    vm_run(r.k.vm);
    end(&r, s, path);
}

/* Skips the test where pages are not tracked, before it holds memory. */
static void need_tracking(void)
{
    struct seen s = {0};
    struct run r = {.each = 1};
    r.k.opt = (struct vm_options){.heap = 16 << 20, .nursery = SMALL};
    kit_start(&r.k, "fn main() { }\n");
    watch(&r);
    vm_run(r.k.vm);
    end(&r, &s, "an empty program");
}

/* Those programs of a folder whose names begin with one of the words. */
static void run_folder(struct seen *s, const char *folder,
                       const char *const *words, uint64_t stress)
{
    struct dirent **names;
    need_tracking();
    int n = scandir(folder, &names, NULL, alphasort);
    assert_true(n > 0);
    for (int i = 0; i < n; i++) {
        const char *name = names[i]->d_name, *dot = strrchr(name, '.');
        char path[600];
        snprintf(path, sizeof path, "%s/%s", folder, name);
        for (const char *const *w = words; dot && *w; w++)
            if (!strcmp(dot, ".pal") && !strncmp(name, *w, strlen(*w)))
                run_program(s, path, stress, 1 + (uint64_t)i % 3);
        free(names[i]);
    }
    free(names);
}

static void examples_announce_their_writes(void **state)
{
    static const char *const all[] = {"", NULL};
    struct seen s = {0};
    (void)state;
    run_folder(&s, "examples", all, 0);
    run_folder(&s, "examples", all, 3);
    assert_true(s.runs > 30);
    enough(&s, 1000);
}

/* What the language does to memory, a collection every few allocations. */
static void the_language_announces_its_writes(void **state)
{
    static const char *const words[] = {"undo_",   "try_",    "error_", "list_",
                                        "string_", "struct_", "mut_",   "exit_",
                                        "globals", "matrix_", NULL};
    struct seen s = {0};
    (void)state;
    run_folder(&s, "tests/lang", words, 7);
    assert_true(s.runs > 50);
    enough(&s, 10000);
}

/* Lists that grow old and large, texts, globals, and scopes in each other that
 * are kept, undone and failed out of, all drawn at random. */
static const char churn[] =
    "struct Node { var n: int, var kids: [Node], var text: str }\n"
    "\n"
    "var seed = 1\n"
    "var all: [Node] = []\n"
    "var text = \"\"\n"
    "let table = [0; 3000]\n"
    "\n"
    "fn random(n: int) -> int {\n"
    "    seed = (seed * 1103515245 + 12345) & 0x3fffffff\n"
    "    return (seed >> 8) % n\n"
    "}\n"
    "fn leaf() -> Node = Node(random(1000), [], \"leaf {seed}\")\n"
    "\n"
    "fn change() {\n"
    "    let what = random(9)\n"
    "    if what < 2 or all.len < 8 { all.push(leaf()) }\n"
    "    else if what == 2 { all[random(all.len)] = leaf() }\n"
    "    else if what == 3 { all[random(all.len)].kids.push(leaf()) }\n"
    "    else if what == 4 { all[random(all.len)].kids = all[0..8] }\n"
    "    else if what == 5 { all[random(all.len)].text += \"{seed}\" }\n"
    "    else if what == 6 { text += \"{seed} \" }\n"
    "    else if what == 7 { table[random(3000)] += seed }\n"
    "    else {\n"
    "        let wide = [seed; random(5000)]\n"
    "        table[random(3000)] = wide.len\n"
    "        if all.len > 400 { all = all[0..random(200)] }\n"
    "        if text.len > 20000 { text = \"\" }\n"
    "    }\n"
    "}\n"
    "\n"
    "fn step(depth: int) {\n"
    "    if depth == 4 or random(8) > 0 { change(); return }\n"
    "    let n = random(60)\n"
    "    if random(2) == 0 {\n"
    "        undo {\n"
    "            for i in 0..n { step(depth + 1) }\n"
    "            if random(2) == 0 { keep }\n"
    "        }\n"
    "    } else {\n"
    "        try {\n"
    "            for i in 0..n { step(depth + 1) }\n"
    "            table[2999 + random(2)] = 1\n"
    "        } undo e { table[0] += e.message.len }\n"
    "    }\n"
    "    seed += 77 * n      // what an undo has undone too\n"
    "}\n"
    "\n"
    "fn main() {\n"
    "    for i in 0..400 { step(0) }\n"
    "}\n";

static void start_churn(struct run *r)
{
    r->k.opt = (struct vm_options){.heap = 16 << 20, .nursery = SMALL};
    kit_start(&r->k, churn);
    watch(r);
}

/* What a tape holds when it was just loaded was written, for it was zero. */
static void loading_announces_its_writes(void **state)
{
    (void)state;
    static const uint8_t zeros[TAPE_PAGE];
    struct kit_run k = {0};
    uint64_t filled = 0;
    kit_start(&k, churn);
    const struct tape *t = &k.vm->h.tape;
    for (int i = 0; i < DIRTY_TRACKED; i++) {
        struct tape_range r = t->seg[dirty_tracked[i]];
        for (uint64_t at = r.at; at < r.at + r.size; at += TAPE_PAGE) {
            bool holds = memcmp(t->base + at, zeros, TAPE_PAGE) != 0;
            filled += holds;
            if (holds && !tape_is_touched(t, at / TAPE_PAGE))
                fail_msg("the page at %#llx, in %s, is not touched",
                         (unsigned long long)at, segment_name(t, at));
        }
    }
    assert_true(filled > 2);
    kit_stop(&k);
}

/* Runs, and once more inside a scope that is undone. */
static void long_runs_announce_their_writes(void **state)
{
    static const uint64_t each[] = {1, 3, 50};
    struct seen s = {0};
    (void)state;
    for (size_t i = 0; i < sizeof each / sizeof *each; i++) {
        struct run r = {.each = each[i]};
        start_churn(&r);
        assert_int_equal(vm_run(r.k.vm), PAL_OK);
        assert_int_equal(vm_run_undone(r.k.vm, r.k.im->main - 1), PAL_OK);
        end(&r, &s, "churn");
    }
    enough(&s, 10000);
    assert_true(s.released > 0);
}

/* What is stepped back over was written, and is written once more. */
static void windows_announce_their_writes(void **state)
{
    struct seen s = {0};
    struct run r = {.each = 1};
    (void)state;
    start_churn(&r);
    enum pal_status status = PAL_PAUSE;
    for (int i = 0; i < 400 && status == PAL_PAUSE; i++) {
        assert_int_equal(vm_window_open(r.k.vm), PAL_OK);
        r.k.vm->window->stop = 5000;
        vm_run(r.k.vm);
        uint64_t ran = r.k.vm->window->steps;
        assert_int_equal(vm_run_back(r.k.vm, ran), ran);
        r.k.vm->window->stop = ran;
        status = vm_run(r.k.vm);
        assert_int_equal(vm_window_close(r.k.vm), PAL_OK);
    }
    assert_int_equal(status, PAL_PAUSE);
    assert_int_equal(vm_run(r.k.vm), PAL_OK);
    end(&r, &s, "windows");
    enough(&s, 2000);
}

/* ---- operations of the runtime, at random -------------------------------- */

enum { REGISTERS = 8, DEPTH = 5, WIDE_REFS = 40, WIDE_SCALARS = 60 };

struct rig {
    struct run r;
    uint32_t pair, wide, list; /* types */
    uint64_t *reg;             /* REGISTERS of the heap's handles */
    uint64_t random;
    uint32_t longest; /* lists, in items */
};

static uint64_t rnd(struct rig *g)
{
    uint64_t x = g->random += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}
static uint32_t below(struct rig *g, uint32_t n)
{
    return (uint32_t)(rnd(g) % n);
}

static void put_fields(struct bytes *b, unsigned n, const char *type)
{
    char line[60];
    for (unsigned i = 0; i < n; i++) {
        int len = snprintf(line, sizeof line, "    .field %c%u %s\n", type[0],
                           i, type);
        bytes_add(b, line, (size_t)len);
    }
}

static void put(struct bytes *b, const char *text)
{
    bytes_add(b, text, strlen(text));
}

/* An image that has the types, and a main that does nothing. */
static struct pvm_image *type_image(struct mem *m)
{
    struct bytes b = bytes_in(m);
    struct pvm_image *im;
    struct pvm_text_error err;
    struct pvm_error bad;
    put(&b, ".type Pair struct\n");
    put_fields(&b, 2, "Pair");
    put_fields(&b, 2, "int");
    put(&b, ".type Wide struct\n");
    put_fields(&b, WIDE_REFS, "Pair");
    put_fields(&b, WIDE_SCALARS, "int");
    put(&b, ".type [Pair] list Pair\n.type globals globals\n");
    put_fields(&b, 3, "Pair");
    put_fields(&b, 40, "int");
    put(&b, "\n.fn main() refs=0 scalars=0\n    ret\n\n"
            ".globals globals\n.main main\n");
    if (pvm_assemble(m, (const char *)b.at, b.n, &im, &err))
        fail_msg("%u:%u: %s", err.line, err.column, err.text);
    if (pvm_verify(im, m, &bad))
        fail_msg("%s", bad.text);
    bytes_free(&b);
    return im;
}

/* The image's own type of a kind with so many words of references. */
static uint32_t type_of(const struct pvm_image *im, uint8_t kind, uint32_t refs)
{
    uint32_t i = PVM_TYPE_FIRST;
    while (i < im->ntypes &&
           (im->types[i].kind != kind || im->types[i].nrefs != refs))
        i++;
    assert_true(i < im->ntypes);
    return i;
}

static void open_rig(struct rig *g, uint64_t seed, uint64_t stress,
                     uint64_t nursery)
{
    struct kit_run *k = &g->r.k;
    struct vm_host host = {.write = swallow, .arg = k};
    *g = (struct rig){.random = seed, .r.each = 1 + seed % 3};
    k->opt = (struct vm_options){.heap = 16 << 20,
                                 .stack = 1 << 20,
                                 .nursery = nursery,
                                 .gc_stress = stress};
    k->mem = mem_open(&mem_runtime, NULL);
    k->im = type_image(k->mem);
    assert_int_equal(vm_open(&k->vm, k->mem, k->im, &k->opt, &host), PAL_OK);
    assert_int_equal(vm_start(k->vm), PAL_OK);
    g->pair = type_of(k->im, PVM_TYPE_STRUCT, 2);
    g->wide = type_of(k->im, PVM_TYPE_STRUCT, WIDE_REFS);
    g->list = type_of(k->im, PVM_TYPE_LIST, 0);
    g->longest = (uint32_t)nursery / 16;
    watch(&g->r);
    g->reg = gc_hold(&k->vm->h, 0);
    for (int i = 1; i < REGISTERS; i++)
        gc_hold(&k->vm->h, 0);
}

/* A pair from the registers, or null. */
static uint64_t any_pair(struct rig *g)
{
    struct heap *h = &g->r.k.vm->h;
    uint64_t o = g->reg[below(g, REGISTERS)];
    return o && obj_type(h, o) == g->pair ? o : 0;
}

static void store_word(struct rig *g, uint64_t o, uint64_t w)
{
    struct heap *h = &g->r.k.vm->h;
    uint64_t v = any_pair(g);
    if (w >= obj_refs(h, o) ? trail_before_val(h, o, w)
                            : trail_before_ref(h, o, w))
        *obj_word(h, o, w) = w >= obj_refs(h, o) ? rnd(g) : v;
}

/* One field or item of an object, as its type allows. */
static void store(struct rig *g, uint64_t o)
{
    struct heap *h = &g->r.k.vm->h;
    if (!o)
        o = h->st->globals;
    uint32_t type = obj_type(h, o);
    if (type == PVM_T_LIST_INT || type == g->list) {
        uint64_t n = list_len(h, o);
        if (n)
            store_word(g, list_store(h, o),
                       STORE_ITEMS + below(g, (uint32_t)n));
    } else if (type != PVM_T_WEAK) {
        store_word(g, o, below(g, (uint32_t)obj_words(h, o)));
    }
}

static void make(struct rig *g, uint64_t *to)
{
    struct heap *h = &g->r.k.vm->h;
    switch (below(g, 8)) {
    case 0: *to = gc_new(h, g->wide, WIDE_REFS + WIDE_SCALARS); break;
    case 1: *to = list_new(h, g->list); break;
    case 2: *to = list_make(h, PVM_T_LIST_INT, below(g, g->longest)); break;
    case 3: *to = gc_new_weak(h, &g->reg[below(g, REGISTERS)]); break;
    case 4: *to = 0; break;
    default: *to = gc_new(h, g->pair, 4); break;
    }
}

/* Through a reference: a register comes to hold what an object refers to. */
static void follow(struct rig *g, uint64_t *slot)
{
    struct heap *h = &g->r.k.vm->h;
    uint64_t o = *slot ? *slot : h->st->globals;
    uint32_t type = obj_type(h, o);
    if (type == PVM_T_WEAK)
        *slot = gc_weak_get(h, o);
    else if (type == g->list && list_len(h, o))
        *slot = *store_item(h, list_store(h, o),
                            below(g, (uint32_t)list_len(h, o)));
    else if (type == g->pair || type == g->wide || o == h->st->globals)
        *slot = *obj_word(h, o, below(g, (uint32_t)obj_refs(h, o)));
}

static void change_list(struct rig *g, uint64_t *slot)
{
    struct heap *h = &g->r.k.vm->h;
    uint64_t item;
    if (!*slot || obj_type(h, *slot) != g->list)
        return;
    if (below(g, 4) == 0) {
        list_pop(h, *slot, &item);
        return;
    }
    uint64_t *held = gc_hold(h, any_pair(g));
    for (uint32_t i = below(g, 20); i; i--)
        list_push(h, slot, held);
    gc_release(h, 1);
}

static void scope(struct rig *g)
{
    struct heap *h = &g->r.k.vm->h;
    const struct state *st = h->st;
    struct mark m = {.kind = PVM_MARK_UNDO,
                     .pc = st->pc,
                     .rbase = st->rbase,
                     .sbase = st->sbase,
                     .ctop = st->ctop,
                     .error_reg = PVM_NOREG,
                     .keep_reg = PVM_NOREG};
    uint32_t what = below(g, 4);
    if (what < 2 && st->nmarks < DEPTH)
        assert_true(trail_open(h, &m));
    else if (what == 2 && st->nmarks)
        trail_keep(h);
    else if (what == 3 && st->nmarks)
        trail_undo(h);
}

static void operate(struct rig *g)
{
    uint64_t *slot = &g->reg[below(g, REGISTERS)];
    uint32_t what = below(g, 100);
    if (what < 25)
        make(g, slot);
    else if (what < 30)
        follow(g, slot);
    else if (what < 40)
        change_list(g, slot);
    else if (what < 43)
        scope(g);
    else
        store(g, *slot);
    if (below(g, 5000) == 0)
        assert_int_equal(gc_collect(&g->r.k.vm->h), PAL_OK);
}

static void operations_announce_their_writes(void **state)
{
    struct seen s = {0};
    (void)state;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        struct rig g;
        char name[30];
        snprintf(name, sizeof name, "seed %llu", (unsigned long long)seed);
        /* in a nursery of 2 MB an object is promoted whose stamps alone fill
         * more than a page */
        bool small = seed % 4;
        open_rig(&g, seed, small ? 10 * seed : 0, small ? SMALL : LARGE);
        for (int i = 0; i < 20000; i++)
            operate(&g);
        while (g.r.k.vm->h.st->nmarks)
            trail_undo(&g.r.k.vm->h);
        gc_release(&g.r.k.vm->h, REGISTERS);
        assert_int_equal(gc_collect(&g.r.k.vm->h), PAL_OK);
        end(&g.r, &s, name);
    }
    enough(&s, 10000);
    assert_true(s.released > 0);
}

/* Boxes that grew old on pages of their own, and lose what they hold. */
static void cleared_boxes_are_announced(void **state)
{
    (void)state;
    enum { BOXES = 2000 };
    struct rig g;
    struct seen s = {0};
    open_rig(&g, 1, 0, SMALL);
    struct heap *h = &g.r.k.vm->h;
    g.r.each = UINT64_MAX; /* snapshots are taken below */
    uint64_t *boxes = &g.reg[0], *targets = &g.reg[1], *slot = &g.reg[2];
    *boxes = list_new(h, g.list);
    *targets = list_new(h, g.list);
    for (int i = 0; i < BOXES; i++) {
        *slot = gc_new(h, g.pair, 4);
        assert_int_equal(list_push(h, targets, slot), LIST_OK);
        *slot = gc_new_weak(h, slot);
        assert_int_equal(list_push(h, boxes, slot), LIST_OK);
    }
    assert_int_equal(gc_collect(h), PAL_OK);
    assert_int_equal(snapshot(&g.r), DIRTY_NONE);
    assert_true(gc_weak_get(h, list_item(h, *boxes, 0)));
    uint64_t before = g.r.dirty.written[TAPE_HEAP];
    *targets = 0;
    assert_int_equal(gc_collect(h), PAL_OK);
    assert_int_equal(snapshot(&g.r), DIRTY_NONE);
    assert_false(gc_weak_get(h, list_item(h, *boxes, 0)));
    assert_true(g.r.dirty.written[TAPE_HEAP] - before >= BOXES * 32 / 4096);
    gc_release(h, REGISTERS);
    end(&g.r, &s, "boxes");
}

/* ---- that the tests can fail --------------------------------------------- */

/* A run that has ended, a snapshot of it, and an old object. */
static uint64_t open_quiet(struct rig *g)
{
    open_rig(g, 1, 0, SMALL);
    struct heap *h = &g->r.k.vm->h;
    g->reg[0] = gc_new(h, g->wide, WIDE_REFS + WIDE_SCALARS);
    assert_int_equal(gc_minor(h), PAL_OK);
    assert_false(obj_is_young(h, g->reg[0]));
    assert_int_equal(snapshot(&g->r), DIRTY_NONE);
    return g->reg[0];
}

static void close_quiet(struct rig *g)
{
    struct seen s = {0};
    g->r.dirty.missed = DIRTY_NONE;
    gc_release(&g->r.k.vm->h, REGISTERS);
    end(&g->r, &s, "quiet");
}

static uint64_t page_of(uint64_t at)
{
    return at / TAPE_PAGE * TAPE_PAGE;
}

/* One byte, whatever it was, behind the barrier's back. */
static void poke(struct rig *g, uint64_t at)
{
    volatile uint8_t *p = g->r.k.vm->h.base + at;
    *p = *p;
}

static void a_store_past_the_barrier_is_named(void **state)
{
    (void)state;
    struct rig g;
    uint64_t o = open_quiet(&g), w = WIDE_REFS + WIDE_SCALARS - 1;
    struct heap *h = &g.r.k.vm->h;
    uint64_t at = (uint64_t)((uint8_t *)obj_word(h, o, w) - h->base);
    *obj_word(h, o, w) += 1;
    assert_int_equal(snapshot(&g.r), page_of(at));
    assert_int_equal(g.r.dirty.missed, page_of(at));
    assert_int_equal(snapshot(&g.r), DIRTY_NONE); /* it is told once */
    store_word(&g, o, w);                         /* as a store is done */
    assert_int_equal(snapshot(&g.r), DIRTY_NONE);
    close_quiet(&g);
}

/* Both ends of each; a store that changes nothing is one. */
static void every_tracked_segment_is_watched(void **state)
{
    (void)state;
    struct rig g;
    open_quiet(&g);
    for (int i = 0; i < DIRTY_TRACKED; i++) {
        struct tape_range r = g.r.dirty.tape->seg[dirty_tracked[i]];
        poke(&g, r.at);
        assert_int_equal(snapshot(&g.r), page_of(r.at));
        poke(&g, r.at + r.size - 1);
        assert_int_equal(snapshot(&g.r), page_of(r.at + r.size - 1));
    }
    for (int i = TAPE_STATE; i <= TAPE_NURSERY; i++)
        poke(&g, g.r.dirty.tape->seg[i].at);
    assert_int_equal(snapshot(&g.r), DIRTY_NONE);
    close_quiet(&g);
}

/* Writes on pages that lie scattered: more than one call of the kernel lists.
 */
static void many_pages_are_listed(void **state)
{
    (void)state;
    struct rig g;
    open_quiet(&g);
    uint64_t at = g.r.dirty.tape->seg[TAPE_HISTORY].at;
    uint64_t before = g.r.dirty.written[TAPE_HISTORY];
    for (uint64_t i = 0; i < 1000; i++) {
        if (i != 900)
            tape_touch(g.r.dirty.tape, at + 2 * i * TAPE_PAGE, 1);
        poke(&g, at + 2 * i * TAPE_PAGE);
    }
    assert_int_equal(snapshot(&g.r), at + 2 * 900 * TAPE_PAGE);
    assert_int_equal(g.r.dirty.written[TAPE_HISTORY] - before, 1000);
    close_quiet(&g);
}

/* The page whose touch a collection is made to forget. */
static uint64_t lose_touch(struct rig *g, enum tape_segment segment)
{
    struct tape *t = g->r.dirty.tape;
    uint64_t at = t->seg[segment].at;
    while (!tape_is_touched(t, at / TAPE_PAGE))
        at += TAPE_PAGE;
    t->touched[at / TAPE_PAGE / 64] &= ~(UINT64_C(1) << at / TAPE_PAGE % 64);
    return at;
}

/* Of a promotion, of an entry of the trail, of a page given back. */
static void a_lost_touch_is_named(void **state)
{
    (void)state;
    struct rig g;
    open_quiet(&g);
    struct heap *h = &g.r.k.vm->h;
    g.r.each = UINT64_MAX; /* no snapshot at the collections here */
    g.reg[1] = gc_new(h, g.pair, 4);
    assert_int_equal(gc_minor(h), PAL_OK);
    uint64_t lost = lose_touch(&g, TAPE_HEAP);
    assert_int_equal(snapshot(&g.r), lost);

    struct mark m = {.kind = PVM_MARK_UNDO, .keep_reg = PVM_NOREG};
    assert_true(trail_open(h, &m));
    store_word(&g, g.reg[0], WIDE_REFS);
    lost = lose_touch(&g, TAPE_HISTORY);
    assert_int_equal(snapshot(&g.r), lost);
    trail_undo(h);
    snapshot(&g.r);

    uint64_t at = h->tape.seg[TAPE_HEAP].at + 100 * TAPE_PAGE;
    tape_touch(&h->tape, at, 1);
    poke(&g, at);
    assert_int_equal(snapshot(&g.r), DIRTY_NONE);
    assert_true(tape_release(&h->tape, at, TAPE_PAGE));
    assert_int_equal(lose_touch(&g, TAPE_HEAP), at);
    assert_int_equal(snapshot(&g.r), at);
    close_quiet(&g);
}

static void to_read_is_no_write(void **state)
{
    (void)state;
    struct rig g;
    open_quiet(&g);
    const struct tape *t = g.r.dirty.tape;
    uint64_t before = dirty_sum(g.r.dirty.written);
    unsigned sum = 0;
    for (int i = 0; i < DIRTY_TRACKED; i++) {
        struct tape_range r = t->seg[dirty_tracked[i]];
        for (uint64_t at = r.at; at < r.at + r.size; at += TAPE_PAGE)
            sum += *(const volatile uint8_t *)(t->base + at);
    }
    assert_true(sum > 0);
    assert_int_equal(snapshot(&g.r), DIRTY_NONE);
    assert_int_equal(dirty_sum(g.r.dirty.written), before);
    close_quiet(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_store_past_the_barrier_is_named),
        cmocka_unit_test(every_tracked_segment_is_watched),
        cmocka_unit_test(many_pages_are_listed),
        cmocka_unit_test(a_lost_touch_is_named),
        cmocka_unit_test(to_read_is_no_write),
        cmocka_unit_test(examples_announce_their_writes),
        cmocka_unit_test(the_language_announces_its_writes),
        cmocka_unit_test(loading_announces_its_writes),
        cmocka_unit_test(long_runs_announce_their_writes),
        cmocka_unit_test(windows_announce_their_writes),
        cmocka_unit_test(operations_announce_their_writes),
        cmocka_unit_test(cleared_boxes_are_announced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
