/* run_options.c - the options that pal and pvmr have in common. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/driver/run.h"

enum {
    HEAP,
    STACK,
    GC,
    GC_STRESS,
    CHECK_UNDO,
    CHECK_TAPE,
    WINDOWS,
    STATS,
    COLOUR,
    IDS
};
_Static_assert((int)IDS <= (int)RUN_OPTION_IDS,
               "programs number theirs from there");

const struct option run_option_rows[] = {
    {"--heap", "SIZE",
     "limit of the heap, such as 512M (three quarters of memory)",
     RUN_OPTIONS_MACHINE, HEAP},
    {"--stack", "SIZE", "each of the three stacks (64M)", RUN_OPTIONS_MACHINE,
     STACK},
    {"--gc", "SETTINGS",
     "nursery=SIZE (2M), growth=N (2): how many times what\n"
     "                     lives a collection may take in, slice=SIZE (256K)\n"
     "                     of marking at a time; or throughput, latency, small",
     RUN_OPTIONS_MACHINE, GC},
    {"--gc-stress", "[=N]",
     "a minor collection every N allocations (1), a slice\n"
     "                     of marking at every safepoint",
     RUN_OPTIONS_MACHINE, GC_STRESS},
    {"--check-undo", NULL, "hash the state around every scope and compare",
     RUN_OPTIONS_MACHINE, CHECK_UNDO},
    {"--check-tape", NULL, "audit the tape at every collection",
     RUN_OPTIONS_MACHINE, CHECK_TAPE},
    {"--windows", "N", "go back and forward over windows of N instructions",
     RUN_OPTIONS_MAIN, WINDOWS},
    {"--stats", "[=json|csv]", "what memory was used, on stderr",
     RUN_OPTIONS_STATS, STATS},
    {"--color", "WHEN", "auto, always or never; NO_COLOR is heeded",
     RUN_OPTIONS_MESSAGES, COLOUR},
};
const size_t run_noption_rows =
    sizeof run_option_rows / sizeof *run_option_rows;

/* What a row needs to read its value and to complain of it. */
struct reading {
    const char *name, *value;
    char *why;
    size_t n;
};

/* Says what the option wants; false. */
static bool wants(const struct reading *r, const char *what)
{
    snprintf(r->why, r->n, "%s wants %s, not `%.40s`", r->name, what, r->value);
    return false;
}

static bool read_size(const struct reading *r, uint64_t *to)
{
    if (!option_size(r->value, to) || !*to)
        return wants(r, "a size such as 64K, 512M or 2G");
    /* a process has 128T of addresses at most, and wants several pieces */
    return *to <= UINT64_C(32) << 40 || wants(r, "a size of at most 32T");
}

static bool read_count(const struct reading *r, uint64_t *to)
{
    char *end;
    errno = 0;
    bool digit = isdigit((unsigned char)*r->value);
    *to = strtoull(r->value, &end, 10);
    return (digit && !errno && !*end && *to) ||
           wants(r, "a count of 1 or more");
}

static bool read_colour(const struct reading *r, bool *to)
{
    if (!strcmp(r->value, "auto"))
        *to = isatty(STDERR_FILENO) && !getenv("NO_COLOR");
    else if (!strcmp(r->value, "always") || !strcmp(r->value, "never"))
        *to = r->value[0] == 'a';
    else
        return wants(r, "auto, always or never");
    return true;
}

static bool read_stats(const struct reading *r, enum run_stats *to)
{
    *to = !r->value                   ? STATS_TEXT
          : !strcmp(r->value, "json") ? STATS_JSON
          : !strcmp(r->value, "csv")  ? STATS_CSV
                                      : STATS_NONE;
    return *to || wants(r, "json or csv");
}

bool run_option(struct run_options *o, const struct option *row,
                const char *value, char *why, size_t n)
{
    struct reading r = {row->name, value, why, n};
    switch (row->id) {
    case HEAP: return read_size(&r, &o->vm.heap);
    case STACK: return read_size(&r, &o->vm.stack);
    case GC: return run_gc(&o->vm, row->name, value, why, n);
    case GC_STRESS:
        o->vm.gc_stress = 1;
        return !value || read_count(&r, &o->vm.gc_stress);
    case WINDOWS: return read_count(&r, &o->windows);
    case STATS: return read_stats(&r, &o->stats);
    case COLOUR: return read_colour(&r, &o->colour);
    case CHECK_UNDO: return o->vm.check_undo = true;
    default: return o->vm.check_tape = true;
    }
}

bool run_options_agree(const struct run_options *o, char *why, size_t n)
{
    const char *one = o->back ? "--back" : "--windows";
    const char *other = o->vm.check_undo        ? "--check-undo"
                        : o->back && o->windows ? "--windows"
                                                : NULL;
    if (!other || (!o->back && !o->windows))
        return true;
    snprintf(why, n, "%s and %s exclude each other", other, one);
    return false;
}
