/* options.c - the options that pal run and pvmr have in common. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/driver/run.h"

const char run_options_help[] =
    "  --heap=SIZE        limit of the heap, such as 512M (three quarters of "
    "memory)\n"
    "  --stack=SIZE       each of the three stacks (64M)\n"
    "  --gc=nursery=SIZE  the nursery (2M)\n"
    "  --gc-stress[=N]    a minor collection every N allocations (1)\n"
    "  --check-undo       hash the state around every scope and compare\n"
    "  --check-tape       audit the tape at every collection\n"
    "  --windows=N        go back and forward over windows of N instructions\n"
    "  --stats[=json|csv] what memory was used, on stderr\n"
    "  --color=WHEN       auto, always or never\n";

/* A size such as 64K, 512M or 2G; 0 when it is none. */
static uint64_t parse_size(const char *s)
{
    char *end;
    errno = 0;
    if (!isdigit((unsigned char)*s))
        return 0;
    unsigned long long v = strtoull(s, &end, 10);
    unsigned shift = 0;
    if (*end) {
        switch (*end++) {
        case 'k':
        case 'K': shift = 10; break;
        case 'm':
        case 'M': shift = 20; break;
        case 'g':
        case 'G': shift = 30; break;
        default: return 0;
        }
    }
    if (errno || *end || v > UINT64_MAX >> (shift + 4))
        return 0;
    return (uint64_t)v << shift;
}

static int size_option(const char *arg, const char *value, uint64_t *to,
                       char *why, size_t n)
{
    *to = parse_size(value);
    if (*to)
        return 1;
    snprintf(why, n, "%s wants a size such as 64K, 512M or 2G", arg);
    return -1;
}

/* The text behind `name=` of an argument, or NULL. */
static const char *value_of(const char *arg, const char *name)
{
    size_t n = strlen(name);
    return !strncmp(arg, name, n) && arg[n] == '=' ? arg + n + 1 : NULL;
}

static int colour_option(struct run_options *o, const char *when, char *why,
                         size_t n)
{
    if (!strcmp(when, "always"))
        o->colour = true;
    else if (!strcmp(when, "never"))
        o->colour = false;
    else if (!strcmp(when, "auto"))
        o->colour = isatty(2) && !getenv("NO_COLOR");
    else {
        snprintf(why, n, "--color wants auto, always or never");
        return -1;
    }
    return 1;
}

static int stats_option(struct run_options *o, const char *form, char *why,
                        size_t n)
{
    o->stats = !strcmp(form, "json")  ? STATS_JSON
               : !strcmp(form, "csv") ? STATS_CSV
                                      : STATS_NONE;
    if (o->stats)
        return 1;
    snprintf(why, n, "--stats= wants json or csv");
    return -1;
}

int run_option(struct run_options *o, const char *arg, char *why, size_t n)
{
    const char *v;
    if ((v = value_of(arg, "--heap")))
        return size_option(arg, v, &o->vm.heap, why, n);
    if ((v = value_of(arg, "--stack")))
        return size_option(arg, v, &o->vm.stack, why, n);
    if ((v = value_of(arg, "--gc"))) {
        if ((v = value_of(v, "nursery")))
            return size_option(arg, v, &o->vm.nursery, why, n);
        snprintf(why, n, "--gc knows nursery=SIZE");
        return -1;
    }
    if (!strcmp(arg, "--gc-stress")) {
        o->vm.gc_stress = 1;
        return 1;
    }
    if ((v = value_of(arg, "--gc-stress")))
        return size_option(arg, v, &o->vm.gc_stress, why, n);
    if ((v = value_of(arg, "--windows")))
        return size_option(arg, v, &o->windows, why, n);
    if ((v = value_of(arg, "--color")))
        return colour_option(o, v, why, n);
    if ((v = value_of(arg, "--stats")))
        return stats_option(o, v, why, n);
    if (!strcmp(arg, "--stats")) {
        o->stats = STATS_TEXT;
        return 1;
    }
    bool *flag = !strcmp(arg, "--check-undo")   ? &o->vm.check_undo
                 : !strcmp(arg, "--check-tape") ? &o->vm.check_tape
                                                : NULL;
    if (!flag)
        return 0;
    *flag = true;
    return 1;
}
