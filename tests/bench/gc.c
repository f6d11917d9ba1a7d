/* gc.c - loads for the collector, for run.py's part gc.
 *
 *   gc minor SURVIVAL COLLECTIONS     collections of the nursery, of which so
 *                                     many percent survive
 *   gc pauses MEGABYTES ENTRIES CYCLES ALLOCATING
 *                                     how long a program is stopped that keeps
 *                                     allocating and storing beside so much
 *                                     that lives, in a scope with so many
 *                                     entries on the trail (0: no scope), made
 *                                     in one go or (1) with objects between
 *   gc space grown|mixed|shifted      pages against what is in them
 *   gc live IMAGE ARGUMENT...         the most that lives while a program runs
 *   gc run HEAP IMAGE ARGUMENT...     how long the collector stops a program
 *                                     whose heap may have so many bytes
 *
 * Each prints one object of JSON.  The first three have a heap without a vm;
 * its registers are a few slots of the reference stack.
 *
 * Time is processor time, also where the collector takes it for its own
 * statistics: what else runs on the machine is no pause of ours. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "runtime/pvm/verify.h"
#include "runtime/vm/vm.h"

/* Stands in for the C library's. */
int clock_gettime(clockid_t id, struct timespec *t)
{
    if (id == CLOCK_MONOTONIC)
        id = CLOCK_THREAD_CPUTIME_ID;
    return (int)syscall(SYS_clock_gettime, id, t);
}

enum {
    T_NODE = PVM_TYPE_FIRST, /* two references, two numbers */
    T_REFS,
    T_WORDS,
    T_END
};
enum { NODE_WORDS = 4, NODE_BYTES = OBJ_HEADER + 8 * NODE_WORDS };

enum { DEPTH = 9, TREE_NODES = (1 << (DEPTH + 1)) - 1 };
enum { SCRATCH = 8, REGISTERS = 64 }; /* those below SCRATCH have names */

struct rig {
    struct heap h; /* first: callbacks know the rig by this address */
    struct pvm_image image;
    struct pvm_type types[T_END];
    uint32_t type_refs[T_END];
    uint64_t random;
    uint32_t survival; /* percent of the nodes made that are linked */
    uint32_t owed;     /* dead ones still to make, times survival */
    bool allocating;   /* also while entries are made */
};

static struct rig rig;

__attribute__((noreturn)) static void die(const char *why)
{
    fprintf(stderr, "gc: %s\n", why);
    exit(1);
}

/* SplitMix64. */
static uint64_t rnd(struct rig *g)
{
    uint64_t x = g->random += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}
static uint64_t below(struct rig *g, uint64_t n)
{
    return rnd(g) % n;
}

static uint64_t *reg(struct rig *g, unsigned i)
{
    return obj_at(&g->h, g->h.tape.seg[TAPE_RSTACK].at + 8 * (uint64_t)i);
}

/* ---- life ---------------------------------------------------------------- */

static void roots(struct heap *h, void (*visit)(struct heap *h, uint64_t *slot))
{
    for (unsigned i = 0; i < REGISTERS; i++)
        visit(h, reg((struct rig *)h, i));
}

static void no_roots(struct heap *h,
                     void (*visit)(struct heap *h, uint64_t *slot))
{
    (void)h, (void)visit;
}

static void make_types(struct rig *g)
{
    static const struct pvm_type own[T_END - PVM_TYPE_FIRST] = {
        {.kind = PVM_TYPE_STRUCT, .nrefs = 2, .nscalars = 2},
        {.kind = PVM_TYPE_STORE, .item = {.kind = PVM_REF}},
        {.kind = PVM_TYPE_STRUCT},
    };
    memcpy(g->types, pvm_builtin_types, sizeof pvm_builtin_types);
    memcpy(g->types + PVM_TYPE_FIRST, own, sizeof own);
    for (uint32_t i = 0; i < T_END; i++)
        g->type_refs[i] = obj_type_refs(&g->types[i]);
    g->image = (struct pvm_image){.types = g->types, .ntypes = T_END};
    g->h.image = &g->image;
    g->h.type_refs = g->type_refs;
}

static struct rig *open_rig(uint64_t heap)
{
    struct rig *g = &rig;
    struct heap *h = &g->h;
    const struct tape_wish wish = {
        .code = TAPE_PAGE,
        .globals = TAPE_PAGE,
        .stack = TAPE_PAGE,
        .nursery = UINT64_C(2) << 20,
        .heap = heap,
        .heap_least = heap,
        .side = old_side_bytes,
    };
    if (tape_open(&h->tape, &wish))
        die("no address space");
    h->heap_limit = UINT64_MAX;
    h->calls = (struct heap_calls){.roots = roots, .old_roots = no_roots};
    trail_connect(h);
    make_types(g);
    gc_open(h);
    gc_set_room(h);
    g->survival = 100;
    return g;
}

/* ---- what a program does ------------------------------------------------- */

static uint64_t new (struct rig *g, uint32_t type, uint64_t words)
{
    uint64_t o = gc_new(&g->h, type, words);
    if (!o)
        die("the heap is full");
    return o;
}

static void put_ref(struct rig *g, uint64_t o, uint64_t w, uint64_t v)
{
    if (!trail_before_ref(&g->h, o, w))
        die("no memory for the trail");
    *obj_word(&g->h, o, w) = v;
}

static void put_val(struct rig *g, uint64_t o, uint64_t w, uint64_t v)
{
    if (!trail_before_val(&g->h, o, w))
        die("no memory for the trail");
    *obj_word(&g->h, o, w) = v;
}

/* A node that refers to what registers `at` and `at + 1` do, and the dead ones
 * that go with it, each linked to the one before. */
static uint64_t node(struct rig *g, unsigned at)
{
    uint64_t *dead = reg(g, REGISTERS - 1);
    g->owed += 100 - g->survival;
    for (*dead = 0; g->owed >= g->survival; g->owed -= g->survival) {
        uint64_t o = new (g, T_NODE, NODE_WORDS);
        put_ref(g, o, 0, *dead);
        *dead = o;
    }
    *dead = 0;
    uint64_t o = new (g, T_NODE, NODE_WORDS);
    put_ref(g, o, 0, *reg(g, at));
    put_ref(g, o, 1, *reg(g, at + 1));
    return o;
}

/* A tree of this depth into a register; those above it are working ones. */
static void tree(struct rig *g, unsigned depth, unsigned to)
{
    *reg(g, to) = *reg(g, to + 1) = 0;
    if (depth) {
        tree(g, depth - 1, to);
        tree(g, depth - 1, to + 1);
    }
    *reg(g, to) = node(g, to);
    *reg(g, to + 1) = 0;
}

/* A list of so many nodes, each with a second reference to one before. */
static void list(struct rig *g, unsigned n, unsigned to)
{
    *reg(g, to) = *reg(g, to + 1) = 0;
    for (unsigned i = 0; i < n; i++) {
        *reg(g, to) = node(g, to);
        if (below(g, 4) == 0)
            *reg(g, to + 1) = *reg(g, to);
    }
    *reg(g, to + 1) = 0;
}

/* A tree, or a list of as many nodes, into a slot of a table. */
static void fill_slot(struct rig *g, unsigned table, uint64_t i, bool lists)
{
    if (lists && i % 2)
        list(g, TREE_NODES, SCRATCH);
    else
        tree(g, DEPTH, SCRATCH);
    put_ref(g, *reg(g, table), i, *reg(g, SCRATCH));
    *reg(g, SCRATCH) = 0;
}

static void fill_table(struct rig *g, unsigned table, uint64_t n, bool lists)
{
    *reg(g, table) = new (g, T_REFS, n);
    for (uint64_t i = 0; i < n; i++)
        fill_slot(g, table, i, lists);
}

static uint64_t slots(struct rig *g, unsigned table)
{
    return obj_words(&g->h, *reg(g, table));
}

/* ---- the nursery --------------------------------------------------------- */

/* Of the last that was made, three times the nursery lives. */
enum { RING = 3 * (2 << 20) / (TREE_NODES * NODE_BYTES) };

static void fill_nurseries(struct rig *g, uint64_t n)
{
    static uint64_t i;
    for (n += g->h.st->minors; g->h.st->minors < n; i++)
        fill_slot(g, 0, i % RING, true);
}

static int minor(uint32_t survival, uint64_t n)
{
    struct rig *g = open_rig(UINT64_C(1) << 30);
    const struct gc_pauses *p = &g->h.stats.minors;
    fill_table(g, 0, RING, true);
    g->survival = survival;
    fill_nurseries(g, 50);
    g->h.stats = (struct gc_stats){0};
    uint64_t before = g->h.st->gc.promoted;
    fill_nurseries(g, n);
    double objects = (double)(g->h.st->gc.promoted - before) / NODE_BYTES;
    printf("{\"n\": %" PRIu64 ", \"mean\": %.0f, \"p99\": %" PRIu64
           ", \"worst\": %" PRIu64 ", \"share\": %.4f, \"object\": %.2f, "
           "\"slices\": %.0f}\n",
           p->n, (double)p->total / (double)p->n, gc_quantile(p, 0.99), p->most,
           objects * NODE_BYTES / (double)p->n / (2 << 20),
           (double)p->total / objects,
           (double)g->h.stats.slices.total / (double)p->n);
    return 0;
}

/* ---- pauses -------------------------------------------------------------- */

/* The tables: what stays, what dies once the scope is open, what is replaced,
 * and arrays. */
enum { STAYING, DYING, CHANGING, ARRAYS };
enum { ARRAY = 1 << 17 }; /* words */

static void build(struct rig *g, uint64_t bytes)
{
    uint64_t trees = bytes / (TREE_NODES * NODE_BYTES);
    uint64_t arrays = bytes / 25 / (8 * ARRAY);
    fill_table(g, STAYING, trees * 63 / 100, false);
    fill_table(g, DYING, trees * 25 / 100, false);
    fill_table(g, CHANGING, trees * 8 / 100, false);
    *reg(g, ARRAYS) = new (g, T_REFS, arrays);
    for (uint64_t i = 0; i < arrays; i++) {
        uint64_t o = new (g, i % 2 ? T_WORDS : T_REFS, ARRAY);
        put_ref(g, *reg(g, ARRAYS), i, o);
    }
}

/* After each of so many stores, as the machine has one after so many jumps. */
static void safepoint(struct rig *g)
{
    static uint64_t stores;
    if (++stores % (UINT64_C(1) << 18) == 0 && gc_safepoint(&g->h))
        die("the heap is full");
}

/* Writes a word of each node below one, while entries are wanted; all of them
 * are old. */
static void write_tree(struct rig *g, uint64_t o, uint64_t *entries)
{
    if (!o || !*entries)
        return;
    put_val(g, o, 2, 1);
    safepoint(g);
    if (--*entries % 4 == 0 && g->allocating)
        new (g, T_NODE, NODE_WORDS);
    write_tree(g, *obj_word(&g->h, o, 0), entries);
    write_tree(g, *obj_word(&g->h, o, 1), entries);
}

static void write_table(struct rig *g, unsigned table, uint64_t *entries)
{
    for (uint64_t i = 0; i < slots(g, table); i++)
        write_tree(g, *obj_word(&g->h, *reg(g, table), i), entries);
}

static uint64_t open_scope(struct rig *g, uint64_t entries)
{
    uint64_t left = entries;
    struct mark m = {0};
    gc_minor(&g->h);
    if (!trail_open(&g->h, &m))
        die("no mark");
    write_table(g, DYING, &left);
    write_table(g, CHANGING, &left);
    write_table(g, STAYING, &left);
    *reg(g, DYING) = 0;
    return entries - left;
}

/* A node of a tree that is replaced or stays, so many steps below its root. */
static uint64_t some_node(struct rig *g, unsigned steps)
{
    unsigned table = below(g, 8) ? STAYING : CHANGING;
    uint64_t path = rnd(g);
    uint64_t o = *obj_word(&g->h, *reg(g, table), below(g, slots(g, table)));
    for (; steps--; path >>= 1)
        o = *obj_word(&g->h, o, path & 1);
    return o;
}

/* Exchanges two subtrees of one depth, so that all trees stay whole, and puts
 * a tree into an array. */
static void mutate(struct rig *g)
{
    unsigned steps = (unsigned)below(g, DEPTH);
    uint64_t a = some_node(g, steps), b = some_node(g, steps);
    uint64_t left = *obj_word(&g->h, a, 0);
    put_ref(g, a, 0, *obj_word(&g->h, b, 0));
    put_ref(g, b, 0, left);
    uint64_t array = below(g, (slots(g, ARRAYS) + 1) / 2) * 2;
    uint64_t o = *obj_word(&g->h, *reg(g, ARRAYS), array);
    uint64_t to =
        *obj_word(&g->h, *reg(g, STAYING), below(g, slots(g, STAYING)));
    put_ref(g, o, below(g, ARRAY), to);
}

static void mutate_for(struct rig *g, uint64_t cycles)
{
    uint64_t *majors = &g->h.st->gc.majors, end = *majors + cycles;
    while (*majors < end) {
        fill_slot(g, CHANGING, below(g, slots(g, CHANGING)), false);
        for (int i = 0; i < 200; i++)
            mutate(g);
    }
}

static uint64_t count_holes(struct rig *g)
{
    struct heap *h = &g->h;
    uint64_t at = h->tape.seg[TAPE_HISTORY].at, n = 0;
    while (at < h->st->trail) {
        const uint64_t *e = obj_at(h, at);
        n += e[0] >> 24 == 0;
        at += 8 * ((e[1] & 63) + 3);
    }
    return n;
}

/* Nodes below one; dies where one was not put back. */
static uint64_t count_tree(struct rig *g, uint64_t o)
{
    if (!o)
        return 0;
    if (*obj_word(&g->h, o, 2))
        die("a word was not put back");
    return 1 + count_tree(g, *obj_word(&g->h, o, 0)) +
           count_tree(g, *obj_word(&g->h, o, 1));
}

static uint64_t close_scope(struct rig *g)
{
    uint64_t start = gc_clock();
    trail_undo(&g->h);
    uint64_t ns = gc_clock() - start;
    for (uint64_t i = 0; i < slots(g, STAYING); i++)
        if (count_tree(g, *obj_word(&g->h, *reg(g, STAYING), i)) != TREE_NODES)
            die("a tree was not put back");
    return ns;
}

static void print_pauses(const char *name, const struct gc_pauses *p)
{
    printf("\"%s\": {\"n\": %" PRIu64 ", \"p50\": %" PRIu64
           ", \"p99\": %" PRIu64 ", \"worst\": %" PRIu64 ", \"total\": %" PRIu64
           "}, ",
           name, p->n, gc_quantile(p, 0.5), gc_quantile(p, 0.99), p->most,
           p->total);
}

static int pauses(uint64_t megabytes, uint64_t entries, uint64_t cycles,
                  bool allocating)
{
    uint64_t bytes = megabytes << 20, written = 0, holes = 0, undone = 0;
    /* so much that no cycle has to be run at once */
    struct rig *g = open_rig(8 * bytes + (UINT64_C(256) << 20));
    build(g, bytes);
    g->survival = 5;
    g->allocating = allocating;
    mutate_for(g, 1);
    g->h.stats = (struct gc_stats){0};
    if (entries)
        written = open_scope(g, entries);
    uint64_t start = gc_clock();
    mutate_for(g, cycles);
    uint64_t ns = gc_clock() - start;
    if (entries) {
        holes = count_holes(g);
        undone = close_scope(g);
    }
    printf("{");
    print_pauses("minors", &g->h.stats.minors);
    print_pauses("slices", &g->h.stats.slices);
    print_pauses("pauses", &g->h.stats.pauses);
    printf("\"entries\": %" PRIu64 ", \"holes\": %" PRIu64
           ", \"undo\": %" PRIu64 ", \"time\": %" PRIu64 ", \"peak\": %" PRIu64
           "}\n",
           written, holes, undone, ns, g->h.stats.peak);
    return 0;
}

/* ---- space --------------------------------------------------------------- */

enum { THINGS = 40000 };

/* Bytes of payload from 8 to 16 K, each doubling as likely. */
static uint64_t some_words(struct rig *g)
{
    uint64_t top = UINT64_C(1) << below(g, 11);
    return top + below(g, top);
}

static void put_thing(struct rig *g, uint64_t i, uint64_t words)
{
    uint64_t o = new (g, T_WORDS, words);
    put_ref(g, *reg(g, 0), i, o);
}

/* `cells`: what the objects take, rounded up to cells and pages. */
static void print_space(const struct gc_report *r)
{
    uint64_t cells = r->classes[OLD_LARGE].pages;
    for (int i = 0; i < OLD_LARGE; i++)
        cells += r->classes[i].objects * r->classes[i].cell;
    printf("{\"heap\": %" PRIu64 ", \"live\": %" PRIu64
           ", \"headers\": %" PRIu64 ", \"cells\": %" PRIu64
           ", \"objects\": %" PRIu64 "}\n",
           r->heap, r->live, r->headers, cells, r->live_objects);
}

/* grown: things of all sizes, none of which dies.  mixed: then any is replaced
 * by any other, many times.  shifted: then three of four die, and what is made
 * next is of one size. */
static int space(bool mixed, bool shifted)
{
    struct rig *g = open_rig(UINT64_C(1) << 30);
    struct gc_report r;
    *reg(g, 0) = new (g, T_REFS, THINGS);
    for (uint64_t i = 0; i < THINGS; i++)
        put_thing(g, i, some_words(g));
    for (uint64_t i = 0; mixed && i < 10 * THINGS; i++)
        put_thing(g, below(g, THINGS), some_words(g));
    for (uint64_t i = 0; shifted && i < THINGS; i++)
        if (i % 4)
            put_ref(g, *reg(g, 0), i, 0);
    for (uint64_t i = 0; shifted && i < THINGS; i++)
        if (i % 4)
            put_thing(g, i, 12);
    if (gc_collect(&g->h))
        die("the heap is full");
    gc_report(&g->h, &r);
    print_space(&r);
    return 0;
}

/* ---- programs ------------------------------------------------------------ */

enum { SAMPLES = 300 };

static bool swallow(void *arg, int fd, const void *p, size_t n)
{
    (void)arg, (void)fd, (void)p, (void)n;
    return true;
}

static struct pvm_image *read_image(struct mem *m, const char *path)
{
    struct bytes b = bytes_in(m);
    struct pvm_image *im;
    struct pvm_error err;
    char buffer[65536];
    FILE *f = fopen(path, "rb");
    if (!f)
        die("cannot read the image");
    for (size_t n; (n = fread(buffer, 1, sizeof buffer, f)) > 0;)
        bytes_add(&b, buffer, n);
    fclose(f);
    if (pvm_read(m, b.at, b.n, &im, &err) || pvm_verify(im, m, &err))
        die("this is no image");
    return im;
}

/* Collects after every so many ticks, and keeps the report on the most. */
static void run_sampled(struct vm *vm, uint64_t each, struct gc_report *most)
{
    struct gc_report r;
    for (;;) {
        vm_stop_after(vm, each);
        enum pal_status status = vm_run(vm);
        if (status == PAL_OK)
            return;
        if (status != PAL_PAUSE || gc_collect(&vm->h))
            die("the program has failed");
        gc_report(&vm->h, &r);
        if (r.live > most->live)
            *most = r;
    }
}

/* A vm at the start of a program. */
static struct vm *start(struct mem *m, struct pvm_image *im, uint64_t heap,
                        char **args)
{
    const struct vm_host host = {.write = swallow,
                                 .args = (const char *const *)args};
    const struct vm_options opt = {.heap = heap};
    struct vm *vm;
    if (vm_open(&vm, m, im, &opt, &host))
        die("cannot start");
    if (vm_start(vm))
        die("no main function");
    return vm;
}

static int live(char **argv)
{
    struct mem *m = mem_open(&mem_runtime, NULL);
    struct pvm_image *im = read_image(m, argv[0]);
    struct gc_report most = {0};
    /* first without pauses, to see how many ticks it has */
    struct vm *vm = start(m, im, 0, argv + 1);
    run_sampled(vm, UINT64_MAX / 2, &most);
    uint64_t ticks = vm->h.st->ticks;
    vm_close(vm);
    vm = start(m, im, 0, argv + 1);
    run_sampled(vm, ticks / SAMPLES + 1, &most);
    vm_close(vm);
    print_space(&most);
    pvm_free(im);
    mem_close(m);
    return 0;
}

static int run(uint64_t heap, char **argv)
{
    struct mem *m = mem_open(&mem_runtime, NULL);
    struct pvm_image *im = read_image(m, argv[0]);
    struct vm *vm = start(m, im, heap, argv + 1);
    uint64_t from = gc_clock();
    bool ended = vm_run(vm) == PAL_OK;
    uint64_t ns = gc_clock() - from;
    printf("{");
    print_pauses("minors", &vm->h.stats.minors);
    print_pauses("slices", &vm->h.stats.slices);
    print_pauses("pauses", &vm->h.stats.pauses);
    printf("\"ended\": %s, \"time\": %" PRIu64 ", \"peak\": %" PRIu64
           ", \"majors\": %" PRIu64 "}\n",
           ended ? "true" : "false", ns, vm->h.stats.peak, vm->h.st->gc.majors);
    vm_close(vm);
    pvm_free(im);
    mem_close(m);
    return 0;
}

int main(int argc, char **argv)
{
    uint64_t n[4] = {0};
    for (int i = 0; i < 4 && i + 2 < argc; i++)
        n[i] = strtoull(argv[i + 2], NULL, 10);
    if (argc == 4 && !strcmp(argv[1], "minor") && n[0] && n[0] <= 100)
        return minor((uint32_t)n[0], n[1]);
    if (argc == 6 && !strcmp(argv[1], "pauses"))
        return pauses(n[0], n[1], n[2], n[3]);
    if (argc == 3 && !strcmp(argv[1], "space"))
        return space(strcmp(argv[2], "grown"), !strcmp(argv[2], "shifted"));
    if (argc >= 3 && !strcmp(argv[1], "live"))
        return live(argv + 2);
    if (argc >= 4 && !strcmp(argv[1], "run"))
        return run(n[0], argv + 3);
    fprintf(stderr, "gc minor SURVIVAL COLLECTIONS | pauses MEGABYTES ENTRIES "
                    "CYCLES | space mixed|shifted | live IMAGE ARGUMENT... | "
                    "run HEAP IMAGE ARGUMENT...\n");
    return 2;
}
