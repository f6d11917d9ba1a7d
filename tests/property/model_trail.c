/* model_trail.c - random operations on the heap and on its shadow.
 *
 * An episode opens a small heap, does some hundred operations on it and, the
 * same, on a shadow of plain deep copies (shadow.h), and compares the two
 * again and again (model_compare.h).  Between times it proves the promises
 * about the trail: at most one entry per block and scope, a loop of kept scopes
 * does not grow it, the outermost keep empties it.
 *
 *   model_trail [--seed N] [--episodes N] [--ops N] [--failures N]
 *               [--profile NAME] [--trace]
 *
 * Episode i of a run has seed N + i; the same seed is the same episode.  A
 * profile is a set of weights for the operations; without --profile they take
 * turns.  PAL_SOAK=SECONDS goes on for that long, from another seed each
 * time.  Each profile is a test: passed when no episode of its failed; another
 * fills a heap to its end. */
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "tests/property/model_window.h"

enum {
    EPISODES = 3500,
    OPERATIONS = 800,
    FAILURES = 5,
    SECONDS_MOST = 15,  /* of an episode */
    NURSERY = 64 * 1024 /* that of some is four times as large */
};

static const char *const profiles[] = {"mixed", "scopes", "minors", "snapshots",
                                       "lists", "tight",  "cycles"};
enum { MIXED, SCOPES, MINORS, SNAPSHOTS, LISTS, TIGHT, CYCLES, NPROFILES };

/* ---- scopes -------------------------------------------------------------- */

/* The slots in which scope d holds the registers from before it: not all of
 * them, for what is dead at the back edge is not held. */
static uint32_t held(uint32_t d, uint32_t i)
{
    return SHADOW_REGISTERS * (d + 1) + i;
}

static void open_scope(struct rig *g)
{
    struct mark m = {0};
    for (uint32_t i = 0; i < SHADOW_REGISTERS; i++)
        if (chance(g, 3))
            set_reg(g, held(g->w.depth, i), 0, 0);
        else
            set_reg(g, held(g->w.depth, i), *reg(g, i), g->w.roots[i]);
    if (!trail_open(&g->h, &m))
        fail(g, "a scope was refused");
    shadow_open(&g->w);
    g->fig->opened++;
}

static void keep_scope(struct rig *g)
{
    note_cut(g);
    trail_keep(&g->h);
    shadow_keep(&g->w);
    g->fig->kept++;
    if (!g->w.depth && g->h.st->trail != g->h.tape.seg[TAPE_HISTORY].at)
        fail(g, "the outermost keep left entries on the trail");
}

/* Undoes the innermost n scopes, innermost first, and goes on at the back
 * edge of the outermost of them: some registers get their values from before
 * it, the others go along. */
static void undo_scopes(struct rig *g, uint32_t n)
{
    note_cut(g);
    for (uint32_t i = 0; i < n; i++)
        trail_undo(&g->h);
    for (uint32_t i = 0; i < n; i++)
        shadow_undo(&g->w);
    for (uint32_t i = 0; i < SHADOW_REGISTERS; i++) {
        uint32_t from = held(g->w.depth, i);
        if (*reg(g, from) && !chance(g, 4))
            set_reg(g, i, *reg(g, from), g->w.roots[from]);
    }
    g->fig->undone += n;
    rig_compare(g);
}

static void op_open(struct rig *g)
{
    struct mark m = {0};
    if (g->w.depth < SHADOW_DEPTH)
        open_scope(g);
    else if (trail_open(&g->h, &m))
        fail(g, "a scope too many was opened");
}

static void op_keep(struct rig *g)
{
    if (!g->w.depth)
        return;
    keep_scope(g);
    if (chance(g, 3))
        rig_compare(g);
}

static void op_undo(struct rig *g)
{
    if (g->w.depth)
        undo_scopes(g, 1);
}

static void op_unwind(struct rig *g)
{
    if (g->w.depth)
        undo_scopes(g, 1 + below(g, g->w.depth));
}

static void op_minor(struct rig *g)
{
    if (gc_minor(&g->h))
        fail(g, "a minor collection failed");
    note_halves(g);
    if (chance(g, 2))
        rig_compare(g);
}

/* A chain that was whole when a scope was entered, and is cut in it; mostly
 * nothing but the trail leads to its objects then. */
static void op_chain(struct rig *g)
{
    struct link links[CHAIN_MOST];
    uint32_t i = below(g, SHADOW_REGISTERS), n = 2 + below(g, CHAIN_MOST - 1);
    if (g->w.depth == SHADOW_DEPTH || !make_chain(g, i, n))
        return;
    if (chance(g, 2))
        op_minor(g);
    find_links(g, i, n, links);
    do {
        open_scope(g);
        cut_chain(g, n, links);
    } while (chance(g, 3) && g->w.depth < SHADOW_DEPTH);
    if (chance(g, 2))
        set_reg(g, i, 0, 0);
}

/* The innermost scope does not hold register i. */
static void unhold(struct rig *g, uint32_t i)
{
    set_reg(g, held(g->w.depth - 1, i), 0, 0);
}

/* A chain that dies in an open scope, in which it was cut, and a keep or undo
 * when the collector knows. */
static void op_doomed(struct rig *g)
{
    struct link links[CHAIN_MOST];
    uint32_t i = below(g, SHADOW_REGISTERS), n = 2 + below(g, CHAIN_MOST - 1);
    if (g->w.depth + 2 > SHADOW_DEPTH || !make_chain(g, i, n))
        return;
    op_minor(g);
    for (int scopes = 0; scopes < 2; scopes++) {
        open_scope(g);
        unhold(g, i);
    }
    find_links(g, i, n, links);
    cut_chain(g, n, links);
    set_reg(g, i, 0, 0);
    creep(g, chance(g, 4) ? GC_ENTRIES : GC_DROP);
    if (chance(g, 4))
        undo_scopes(g, 1);
    else
        keep_scope(g);
}

/* A reference that was stored in a scope before marking began, is loaded while
 * marking, and taken out by undo before marking comes there. */
static void op_retract(struct rig *g)
{
    struct link links[CHAIN_MOST];
    uint32_t i = below(g, SHADOW_REGISTERS), n = 3 + below(g, CHAIN_MOST - 2);
    uint32_t to = (i + 1) % SHADOW_REGISTERS;
    if (g->w.depth == SHADOW_DEPTH || !make_chain(g, i, n))
        return;
    creep(g, GC_RELEASE);
    open_scope(g);
    unhold(g, to);
    if (!make_chain(g, to, 1))
        return;
    find_links(g, i, n, links);
    struct link *last = &links[n - 1];
    if (!trail_before_ref(&g->h, last->at, 1))
        return refused(g, "a reference to be taken out");
    *obj_word(&g->h, last->at, 1) = *reg(g, to);
    shadow_at(&g->w, last->id)->words[1] = g->w.roots[to];
    set_reg(g, to, 0, 0);
    creep(g, GC_MARK);
    find_links(g, i, n, links);
    set_reg(g, to, *obj_word(&g->h, last->at, 1),
            shadow_at(&g->w, last->id)->words[1]);
    undo_scopes(g, 1);
}

/* Scopes that do the same and are kept: from the second on the trail stands
 * where it stood. */
static void op_kept_loop(struct rig *g)
{
    struct store stores[6];
    uint32_t n = 0;
    uint64_t top = 0;
    if (g->w.depth == SHADOW_DEPTH || g->tight)
        return;
    for (uint32_t i = 0; i < 6; i++)
        n += choose_store(g, &stores[n]);
    for (int round = 0; round < 4; round++) {
        open_scope(g);
        for (uint32_t i = 0; i < n; i++) {
            stores[i].scalar += 1;
            do_store(g, &stores[i]);
        }
        keep_scope(g);
        if (round == 0)
            top = g->h.st->trail;
        else if (g->h.st->trail != top)
            fail(g, "a loop of kept scopes grows the trail");
    }
}

/* ---- collections and snapshots ------------------------------------------- */

static void op_snapshot(struct rig *g)
{
    rig_check_snapshot(g);
    if (gc_minor(&g->h))
        fail(g, "a minor collection failed");
    if (!g->why[0])
        rig_take_snapshot(g, true);
}

static void op_check(struct rig *g)
{
    rig_check_snapshot(g);
    rig_compare(g);
}

static void op_restore(struct rig *g)
{
    if (!g->snap.whole)
        return;
    rig_check_snapshot(g);
    rig_restore(g);
    rig_compare(g);
}

/* What a program may do when a cycle stands in a phase. */
static void op_creep(struct rig *g)
{
    static const enum gc_phase phases[] = {GC_MARK,  GC_ENTRIES, GC_ENTRIES,
                                           GC_DROP,  GC_DROP,    GC_DROP,
                                           GC_SWEEP, GC_RELEASE};
    void (*const then[])(struct rig *) = {op_keep,    op_undo, op_weak_get,
                                          op_restore, op_hide, op_load,
                                          op_snapshot};
    creep(g, phases[below(g, 8)]);
    note_halves(g);
    for (uint32_t n = 1 + below(g, 3); n && !g->why[0]; n--)
        then[below(g, 7)](g);
}

/* An operation that does not collect. */
static void run_in_window(struct rig *g, uint32_t k)
{
    void (*const all[])(struct rig *) = {
        op_store,  op_store,  op_store, op_load,   op_push,     op_pop,
        op_insert, op_remove, op_fill,  op_append, op_swap,     op_reverse,
        op_struct, op_struct, op_list,  op_slice,  op_set_item, op_reserve,
        op_weak,   op_weak,   op_hide,  op_far,    op_weak_get, op_family,
        op_open,   op_open,   op_open,  op_keep,   op_undo,     op_unwind};
    all[k % (sizeof all / sizeof *all)](g);
}

static void op_window(struct rig *g)
{
    window_run(g, 30, run_in_window);
}

/* ---- episodes ------------------------------------------------------------ */

struct op {
    const char *name;
    void (*run)(struct rig *g);
    /* mixed scopes minors snapshots lists tight cycles */
    uint8_t weight[NPROFILES];
};

/* clang-format off */
static const struct op ops[] = {
    {"struct",    op_struct,    {20, 12, 24, 12, 4,  24, 16}},
    {"str",       op_str,       {4,  2,  6,  2,  1,  6, 2}},
    {"list",      op_list,      {8,  4,  8,  6,  12, 10, 2}},
    {"store",     op_store,     {60, 60, 60, 60, 8,  40, 40}},
    {"load",      op_load,      {16, 12, 16, 12, 4,  10, 14}},
    {"move",      op_move,      {6,  4,  6,  4,  6,  6, 6}},
    {"push",      op_push,      {12, 8,  12, 8,  20, 16, 4}},
    {"pop",       op_pop,       {8,  6,  6,  6,  14, 6, 2}},
    {"insert",    op_insert,    {6,  4,  6,  4,  14, 8, 1}},
    {"remove",    op_remove,    {6,  4,  4,  4,  12, 6, 1}},
    {"fill",      op_fill,      {3,  2,  3,  3,  8,  6, 1}},
    {"append",    op_append,    {3,  2,  3,  2,  8,  4, 1}},
    {"swap",      op_swap,      {4,  3,  3,  3,  10, 4, 1}},
    {"reverse",   op_reverse,   {2,  1,  1,  1,  6,  2, 0}},
    {"reserve",   op_reserve,   {2,  1,  2,  1,  4,  4, 0}},
    {"slice",     op_slice,     {3,  2,  3,  2,  6,  4, 0}},
    {"set item",  op_set_item,  {16, 12, 12, 12, 30, 10, 4}},
    {"get item",  op_get_item,  {6,  4,  6,  4,  8,  4, 2}},
    {"null",      op_null,      {1,  1,  1,  1,  1,  1, 0}},
    {"handle",    op_handle,    {4,  2,  8,  2,  2,  4, 6}},
    {"error",     op_error,     {1,  1,  2,  1,  1,  1, 2}},
    {"open",      op_open,      {14, 40, 14, 14, 14, 14, 6}},
    {"keep",      op_keep,      {6,  14, 6,  6,  6,  6, 6}},
    {"undo",      op_undo,      {5,  14, 5,  5,  5,  5, 5}},
    {"unwind",    op_unwind,    {2,  4,  2,  2,  2,  2, 1}},
    {"chain",     op_chain,     {2,  3,  3,  2,  0,  1, 12}},
    {"family",    op_family,    {3,  1,  3,  2,  1,  2, 8}},
    {"hide",      op_hide,      {4,  2,  4,  2,  1,  2, 20}},
    {"creep",     op_creep,     {1,  1,  1,  1,  0,  1, 5}},
    {"doomed",    op_doomed,    {1,  1,  1,  1,  0,  1, 3}},
    {"retract",   op_retract,   {1,  1,  1,  1,  0,  1, 3}},
    {"window",    op_window,    {2,  2,  1,  1,  1,  1, 2}},
    {"far",       op_far,       {2,  1,  2,  2,  0,  1, 4}},
    {"kept loop", op_kept_loop, {2,  6,  2,  2,  2,  2, 0}},
    {"minor",     op_minor,     {6,  4,  30, 6,  6,  4, 14}},
    {"weak",      op_weak,      {4,  2,  6,  3,  1,  3, 6}},
    {"weak get",  op_weak_get,  {8,  4,  8,  6,  2,  4, 14}},
    {"mark",      op_slice_mark,{10, 6,  12, 8,  4,  6, 40}},
    {"collect",   op_collect,   {1,  1,  2,  1,  1,  1, 1}},
    {"snapshot",  op_snapshot,  {2,  1,  4,  10, 3,  1, 3}},
    {"check",     op_check,     {2,  1,  3,  12, 3,  1, 3}},
    {"restore",   op_restore,   {1,  1,  1,  4,  1,  1, 3}},
};
/* clang-format on */
enum { NOPS = sizeof ops / sizeof *ops };

static const struct op *choose_op(struct rig *g, int profile)
{
    uint32_t sum = 0;
    for (int i = 0; i < NOPS; i++)
        sum += ops[i].weight[profile];
    uint32_t k = below(g, sum);
    for (int i = 0;; i++) {
        if (k < ops[i].weight[profile])
            return &ops[i];
        k -= ops[i].weight[profile];
    }
}

static void set_profile(struct rig *g, int profile)
{
    struct heap *h = &g->h;
    g->snap_at_minors = profile == SNAPSHOTS || chance(g, 3);
    if (profile == MINORS && chance(g, 2))
        h->gc_stress = 1 + below(g, 12);
    if (profile == CYCLES)
        g->slice = 20 + below(g, 1000);
    if (profile == TIGHT) {
        g->tight = true;
        h->heap_limit = (1200 << 10) + below(g, 500 << 10);
        if (chance(g, 2))
            h->tape.seg[TAPE_HISTORY].size = 1024 + 8 * below(g, 8192);
    }
}

struct options {
    uint64_t seed, episodes, ops;
    uint64_t failures; /* after so many it ends */
    int profile;       /* -1: by turns */
    bool trace;
    time_t end; /* 0: none; otherwise goes on until then */
};

/* One episode; false when it failed. */
static bool episode(const struct options *o, uint64_t seed, int profile,
                    struct walk *k, struct figures *fig)
{
    struct mem *m = mem_open(&mem_runtime, NULL);
    struct rig g;
    uint64_t i = 0;
    const char *name = "opening";
    if (!m || !rig_open(&g, k, fig, m, seed % 4 ? NURSERY : 4 * NURSERY)) {
        fprintf(stderr, "error: no room for a heap\n");
        exit(2);
    }
    g.random = seed * UINT64_C(0x2545f4914f6cdd1d);
    set_profile(&g, profile);
    g.h.check = chance(&g, 8);
    for (; i < o->ops && !g.why[0]; i++) {
        const struct op *op = choose_op(&g, profile);
        name = op->name;
        if (o->trace)
            printf("%llu: %s\n", (unsigned long long)i, name);
        op->run(&g);
        rig_note_tops(&g);
        if (chance(&g, 25))
            rig_compare(&g);
    }
    while (g.w.depth && !g.why[0]) {
        name = "leaving";
        if (chance(&g, 2))
            undo_scopes(&g, 1);
        else
            keep_scope(&g);
    }
    if (!g.why[0]) {
        name = "the end";
        op_check(&g);
    }
    fig->operations += i;
    fig->episodes++;
    if (g.why[0])
        printf("error: seed %llu, profile %s, operation %llu (%s): %s\n",
               (unsigned long long)seed, profiles[profile],
               (unsigned long long)i, name, g.why);
    bool ok = !g.why[0];
    rig_close(&g);
    mem_close(m);
    return ok;
}

/* ---- a heap filled to its end -------------------------------------------- */

/* A chain of small objects in register 0 grows until the heap is full, again
 * and again, as a program that catches each error would let it.  Every
 * collection finds room (rig_after_minor), and the chain is whole. */
static void fill_heap(struct rig *g, int errors)
{
    uint64_t made = 0, found = 0;
    while (errors) {
        uint64_t o = gc_new(&g->h, T_PAIR, 4);
        errors -= !o;
        if (!o)
            continue;
        *obj_word(&g->h, o, 0) = *reg(g, 0);
        *obj_word(&g->h, o, 2) = made++;
        *reg(g, 0) = o;
    }
    for (uint64_t o = *reg(g, 0); o; o = *obj_word(&g->h, o, 0))
        if (*obj_word(&g->h, o, 2) != made - ++found)
            return fail(g, "an object of the chain is not what it was");
    if (found != made)
        fail(g, "the chain has %llu objects, not %llu",
             (unsigned long long)found, (unsigned long long)made);
}

/* What died makes room at once, for a large object or for many. */
static bool finds_room(struct rig *g, bool large)
{
    if (large)
        return gc_new(&g->h, PVM_T_STORE_W, (2 << 20) / 8) != 0;
    for (int i = 0; i < 20000; i++)
        if (!gc_new(&g->h, T_LEAF, 3))
            return false;
    return true;
}

static bool full_heap(struct figures *fig)
{
    struct walk k = {0};
    struct rig g;
    struct mem *m = mem_open(&mem_runtime, NULL);
    if (!m || !rig_open(&g, &k, fig, m, 2 << 20)) {
        fprintf(stderr, "error: no room for a heap\n");
        exit(2);
    }
    g.h.heap_limit = 6 << 20;
    for (int round = 0; round < 8 && !g.why[0]; round++) {
        *reg(&g, 0) = 0;
        if (round && !finds_room(&g, round % 2))
            fail(&g, "a heap full of what is dead has no room");
        fill_heap(&g, 3);
    }
    if (g.why[0])
        printf("error: a full heap: %s\nepisode 0 failed\n", g.why);
    bool ok = !g.why[0];
    rig_close(&g);
    mem_close(m);
    free(k.met);
    free(k.remembered);
    return ok;
}

/* ---- all of them --------------------------------------------------------- */

/* For the message of a crash, whatever state it comes from. */
static volatile unsigned long long running_episode, running_seed;

static void crashed(int sig)
{
    char text[120];
    int n = snprintf(text, sizeof text,
                     "error: seed %llu: signal %d\nepisode %llu failed\n",
                     running_seed, sig, running_episode);
    if (write(STDOUT_FILENO, text, (size_t)n) < 0)
        _exit(2);
    _exit(1);
}

static bool run_all(const struct options *o)
{
    struct walk k = {0};
    struct figures fig = {0};
    int ran[NPROFILES] = {0}, failed[NPROFILES] = {0};
    uint64_t shown = 0;
    alarm(SECONDS_MOST);
    int bad = !full_heap(&fig), good = !bad;
    printf("seeds from %llu\n", (unsigned long long)o->seed);
    for (uint64_t i = 0; i < o->episodes || time(NULL) < o->end; i++) {
        int p = o->profile < 0 ? (int)(i % NPROFILES) : o->profile;
        running_episode = i + 1;
        running_seed = o->seed + i;
        fflush(stdout);
        ran[p]++;
        alarm(SECONDS_MOST);
        if (episode(o, o->seed + i, p, &k, &fig))
            continue;
        printf("episode %llu failed\n", (unsigned long long)i + 1);
        failed[p]++;
        if (++shown == o->failures)
            break;
    }
    printf("%llu episodes, %llu operations, %llu comparisons of %llu objects, "
           "%llu minor collections\n",
           (unsigned long long)fig.episodes, (unsigned long long)fig.operations,
           (unsigned long long)fig.comparisons, (unsigned long long)fig.objects,
           (unsigned long long)fig.minors);
    printf("%llu scopes opened, %llu kept, %llu undone; %llu snapshots, "
           "checked %llu times, %llu restored; memory ran out %llu times\n",
           (unsigned long long)fig.opened, (unsigned long long)fig.kept,
           (unsigned long long)fig.undone, (unsigned long long)fig.snapshots,
           (unsigned long long)fig.checked, (unsigned long long)fig.restored,
           (unsigned long long)fig.refused);
    printf("%llu cycles of the old generation, %llu at once, what was left "
           "is exact %llu times; %llu weak boxes read, %llu of them empty\n",
           (unsigned long long)fig.majors, (unsigned long long)fig.collected,
           (unsigned long long)fig.exact, (unsigned long long)fig.weak_read,
           (unsigned long long)fig.weak_dead);
    if (!tell_rare(&fig) && o->profile < 0 && o->episodes >= EPISODES && !shown)
        bad++;
    for (int p = 0; p < NPROFILES; p++) {
        good += ran[p] && !failed[p];
        bad += failed[p] != 0;
    }
    free(k.met);
    free(k.remembered);
    free(k.real);
    free(k.real_walk);
    free(k.queue);
    printf("%d passed, %d failed\n", good, bad);
    return bad == 0;
}

static bool read_options(struct options *o, char **argv)
{
    for (char **a = argv + 1; *a; a++) {
        uint64_t *number = !strcmp(*a, "--seed")       ? &o->seed
                           : !strcmp(*a, "--episodes") ? &o->episodes
                           : !strcmp(*a, "--ops")      ? &o->ops
                           : !strcmp(*a, "--failures") ? &o->failures
                                                       : NULL;
        if (number && a[1]) {
            *number = strtoull(*++a, NULL, 0);
        } else if (!strcmp(*a, "--profile") && a[1]) {
            a++;
            for (int p = 0; p < NPROFILES; p++)
                if (!strcmp(*a, profiles[p]))
                    o->profile = p;
        } else if (!strcmp(*a, "--trace")) {
            o->trace = true;
        } else {
            return false;
        }
    }
    return true;
}

int main(int argc, char **argv)
{
    (void)argc;
    struct options o = {.seed = 1,
                        .episodes = EPISODES,
                        .ops = OPERATIONS,
                        .failures = FAILURES,
                        .profile = -1};
    const char *soak = getenv("PAL_SOAK");
    if (soak) {
        o.seed = (uint64_t)time(NULL) * 1000000;
        o.end = time(NULL) + atoi(soak);
    }
    if (!read_options(&o, argv)) {
        fprintf(stderr,
                "usage: model_trail [--seed N] [--episodes N] "
                "[--ops N] [--failures N] [--profile NAME] [--trace]\n");
        return 2;
    }
    signal(SIGSEGV, crashed);
    signal(SIGBUS, crashed);
    signal(SIGFPE, crashed);
    signal(SIGABRT, crashed);
    signal(SIGALRM, crashed); /* it hangs */
    return run_all(&o) ? 0 : 1;
}
