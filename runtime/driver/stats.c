/* stats.c - what memory was used: two lines for people, an object of JSON, or
 * a table of CSV. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/driver/process.h"

/* ---- numbers for people -------------------------------------------------- */

static void put_size(FILE *to, uint64_t n)
{
    static const char *const units[] = {"bytes", "KB", "MB", "GB", "TB"};
    double v = (double)n;
    int u = 0;
    for (; v >= 1000 && u < 4; u++)
        v /= 1000;
    fprintf(to, u ? "%.1f %s" : "%.0f %s", v, units[u]);
}

static void put_count(FILE *to, uint64_t n)
{
    if (n < 10000)
        fprintf(to, "%" PRIu64, n);
    else if (n < 10000000)
        fprintf(to, "%.0f k", (double)n / 1e3);
    else
        fprintf(to, "%.0f M", (double)n / 1e6);
}

static void put_ms(FILE *to, uint64_t ns)
{
    double ms = (double)ns / 1e6;
    fprintf(to, ms < 1 ? "%.2f" : ms < 100 ? "%.1f" : "%.0f", ms);
}

/* "12 minor (mean 0.3 ms, max 0.9)" */
static void put_pauses(FILE *to, uint64_t n, const char *what,
                       const struct gc_pauses *p)
{
    fprintf(to, "%" PRIu64 " %s", n, what);
    if (!p->n)
        return;
    fputs(" (mean ", to);
    put_ms(to, p->total / p->n);
    fputs(" ms, max ", to);
    put_ms(to, p->most);
    fputs(")", to);
}

static void put_text(FILE *to, const struct vm *vm, const struct gc_report *r)
{
    const struct gc_stats *s = &vm->h.stats;
    fputs("memory: ", to);
    put_size(to, r->peak);
    fputs(" peak, ", to);
    put_pauses(to, r->minors, "minor", &s->minors);
    fprintf(to, " and %" PRIu64 " major collection%s", r->majors,
            r->majors == 1 ? "" : "s");
    if (s->slices.n) {
        fputs(" in ", to);
        put_pauses(to, s->slices.n, s->slices.n == 1 ? "slice" : "slices",
                   &s->slices);
    }
    if (s->pauses.n) {
        fputs(", longest pause ", to);
        put_ms(to, s->pauses.most);
        fputs(" ms", to);
    }
    fputs("\nobjects: ", to);
    put_count(to, r->objects);
    fputs(" allocated (", to);
    put_size(to, r->allocated);
    fputs("), ", to);
    put_count(to, r->live_objects);
    fputs(" live (", to);
    put_size(to, r->live);
    fputs("), ", to);
    put_count(to, vm->h.st->ticks);
    fprintf(to, " tick%s\n", vm->h.st->ticks == 1 ? "" : "s");
}

/* ---- numbers for programs ------------------------------------------------ */

struct number {
    const char *name;
    uint64_t value;
};

static void put_json(FILE *to, const struct number *at, size_t n)
{
    for (size_t i = 0; i < n; i++)
        fprintf(to, "%s\"%s\": %" PRIu64, i ? ", " : "{", at[i].name,
                at[i].value);
}

static void put_csv(FILE *to, const struct number *at, size_t n)
{
    for (size_t i = 0; i < n; i++)
        fprintf(to, "%s%s", i ? "," : "", at[i].name);
    for (size_t i = 0; i < n; i++)
        fprintf(to, "%s%" PRIu64, i ? "," : "\n", at[i].value);
    fputc('\n', to);
}

static void put_classes(FILE *to, const struct gc_report *r)
{
    fputs(", \"classes\": [", to);
    for (int i = 0, some = 0; i <= STATE_CLASSES; i++) {
        const struct gc_class_use *c = &r->classes[i];
        if (!c->pages)
            continue;
        struct number n[] = {{"cell", c->cell},
                             {"pages", c->pages},
                             {"objects", c->objects},
                             {"bytes", c->bytes}};
        if (some++)
            fputs(", ", to);
        put_json(to, n, 4);
        fputc('}', to);
    }
    fputs("]", to);
}

/* Pairs of nanoseconds and of pauses that took no longer, but longer than the
 * pair before says. */
static void put_histogram(FILE *to, const struct gc_pauses *p)
{
    fputs(", \"pause_histogram\": [", to);
    for (unsigned i = 0, some = 0; i < GC_BUCKETS; i++)
        if (p->bucket[i])
            fprintf(to, "%s[%" PRIu64 ", %" PRIu32 "]", some++ ? ", " : "",
                    gc_bucket_end(p, i), p->bucket[i]);
    fputs("]", to);
}

static void put_numbers(FILE *to, const struct vm *vm,
                        const struct gc_report *r, enum run_stats form)
{
    const struct gc_stats *s = &vm->h.stats;
    const struct number n[] = {
        {"peak", r->peak},
        {"heap", r->heap},
        {"live", r->live},
        {"live_objects", r->live_objects},
        {"young", r->young},
        {"young_objects", r->young_objects},
        {"headers", r->headers},
        {"allocated", r->allocated},
        {"objects", r->objects},
        {"promoted", r->promoted},
        {"born_old", r->born_old},
        {"trail", r->trail},
        {"tables", r->tables},
        {"minors", r->minors},
        {"majors", r->majors},
        {"slices", s->slices.n},
        {"minor_ns", s->minors.total},
        {"minor_ns_max", s->minors.most},
        {"slice_ns", s->slices.total},
        {"slice_ns_max", s->slices.most},
        {"pauses", s->pauses.n},
        {"pause_ns", s->pauses.total},
        {"pause_ns_p50", gc_quantile(&s->pauses, 0.5)},
        {"pause_ns_p99", gc_quantile(&s->pauses, 0.99)},
        {"pause_ns_max", s->pauses.most},
        {"ticks", vm->h.st->ticks},
    };
    if (form == STATS_CSV) {
        put_csv(to, n, sizeof n / sizeof *n);
        return;
    }
    put_json(to, n, sizeof n / sizeof *n);
    put_classes(to, r);
    put_histogram(to, &s->pauses);
    fputs(", \"command\": \"run\"}\n", to);
}

/* ---- where to ------------------------------------------------------------ */

/* The file that PAL_MEM_STATS names, to add a line to; NULL: none, or none
 * that can be written, which is said. */
static FILE *stats_file(void)
{
    const char *path = getenv("PAL_MEM_STATS");
    if (!path || !*path)
        return NULL;
    FILE *f = fopen(path, "ae");
    if (!f)
        fprintf(stderr, "PAL_MEM_STATS: cannot write %s: %s\n", path,
                strerror(errno));
    return f;
}

static void close_file(FILE *f)
{
    bool failed = ferror(f);
    if (fclose(f) || failed)
        fprintf(stderr, "PAL_MEM_STATS: cannot write %s: %s\n",
                getenv("PAL_MEM_STATS"), strerror(errno));
}

void stats_run(struct vm *vm, enum run_stats form)
{
    FILE *f = stats_file();
    struct gc_report r;
    if (!form && !f)
        return;
    gc_report(&vm->h, &r);
    if (form == STATS_TEXT)
        put_text(stderr, vm, &r);
    else if (form)
        put_numbers(stderr, vm, &r, form);
    if (f) {
        put_numbers(f, vm, &r, STATS_JSON);
        close_file(f);
    }
}

/* ---- commands that run nothing ------------------------------------------- */

static void put_compiled(FILE *to, const char *command, uint64_t source,
                         const struct mem_stats *s, enum run_stats form)
{
    const struct number n[] = {
        {"source", source},         {"peak", s->held_peak}, {"held", s->held},
        {"used_peak", s->peak},     {"used", s->live},      {"total", s->total},
        {"allocations", s->allocs}, {"frees", s->frees},
    };
    if (form == STATS_CSV) {
        put_csv(to, n, sizeof n / sizeof *n);
        return;
    }
    put_json(to, n, sizeof n / sizeof *n);
    fprintf(to, ", \"command\": \"%s\", \"pools\": [", command);
    for (int i = 0; i < MEM_CLASSES; i++) {
        struct number c[] = {{"cell", s->pool[i].cell},
                             {"used", s->pool[i].used},
                             {"held", s->pool[i].held}};
        fputs(i ? ", " : "", to);
        put_json(to, c, 3);
        fputc('}', to);
    }
    fputs("]}\n", to);
}

/* Below this the first chunks are most of it. */
#define SOURCE_LEAST 100000u

static void put_compiled_text(FILE *to, uint64_t source,
                              const struct mem_stats *s)
{
    fputs("memory: ", to);
    put_size(to, s->held_peak);
    fputs(" peak, ", to);
    put_size(to, s->peak);
    fputs(" of it handed out", to);
    if (source >= SOURCE_LEAST)
        fprintf(to, "; %.1f bytes for each byte of source",
                (double)s->held_peak / (double)source);
    fputs("\nobjects: ", to);
    put_count(to, s->allocs);
    fputs(" allocated (", to);
    put_size(to, s->total);
    fputs("), ", to);
    put_count(to, s->frees);
    fputs(" freed one by one\n", to);
}

void run_stats_compiled(const struct mem *m, const char *command,
                        uint64_t source, enum run_stats form)
{
    struct mem_stats s;
    FILE *f = stats_file();
    mem_stats(m, &s);
    if (form == STATS_TEXT)
        put_compiled_text(stderr, source, &s);
    else if (form)
        put_compiled(stderr, command, source, &s, form);
    if (f) {
        put_compiled(f, command, source, &s, STATS_JSON);
        close_file(f);
    }
}
