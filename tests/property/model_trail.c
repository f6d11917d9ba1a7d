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

#include "tests/property/model_full.h"
#include "tests/property/model_scopes.h"

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
