/* gc_options.c - settings of the collector: --gc and PAL_GC. */
#include <string.h>

#include "runtime/base/number.h"
#include "runtime/driver/run.h"

#define KB UINT64_C(1024)
#define MB (1024 * KB)

/* Sets of settings with a name.  All are measured in docs/guide/memory.md. */
static const struct preset {
    const char *name;
    uint64_t nursery, growth, slice;
} presets[] = {
    {"throughput", 8 * MB, 300, MB},
    {"latency", MB, 200, 64 * KB},
    {"small", 256 * KB, 125, 64 * KB},
};

#define GROWTH_LEAST  105 /* percent */
#define GROWTH_MOST   10000
#define SLICE_LEAST   (4 * KB)
#define NURSERY_LEAST (64 * KB)
#define NURSERY_MOST  (1024 * MB)

/* One part of the settings, n bytes. */
struct part {
    const char *at, *value; /* value: behind the `=`, or NULL */
    size_t n;
    char text[40]; /* of the value, cut short */
};

static const char *read_growth(struct vm_options *to, const char *text)
{
    double v;
    if (!number_parse_float(text, strlen(text), &v) ||
        !(v * 100 >= GROWTH_LEAST) || v * 100 > GROWTH_MOST)
        return "growth wants a number from 1.05 to 100";
    to->gc_growth = (uint64_t)(v * 100 + 0.5);
    return NULL;
}

static const char *read_part(struct vm_options *to, const struct part *p)
{
    for (size_t i = 0; i < sizeof presets / sizeof *presets; i++)
        if (!p->value && strlen(presets[i].name) == p->n &&
            !memcmp(presets[i].name, p->at, p->n)) {
            to->nursery = presets[i].nursery;
            to->gc_growth = presets[i].growth;
            to->gc_slice = presets[i].slice;
            return NULL;
        }
    size_t n = p->value ? (size_t)(p->value - p->at) : 0;
    if (n == sizeof "growth" && !memcmp(p->at, "growth=", n))
        return read_growth(to, p->text);
    if (n == sizeof "nursery" && !memcmp(p->at, "nursery=", n))
        return !option_size(p->text, &to->nursery) ||
                       to->nursery < NURSERY_LEAST || to->nursery > NURSERY_MOST
                   ? "nursery wants a size from 64K to 1G, such as 4M"
                   : NULL;
    if (n == sizeof "slice" && !memcmp(p->at, "slice=", n))
        return !option_size(p->text, &to->gc_slice) ||
                       to->gc_slice < SLICE_LEAST || to->gc_slice > NURSERY_MOST
                   ? "slice wants a size from 4K to 1G, such as 256K"
                   : NULL;
    return p->n ? "there are nursery=SIZE, growth=N, slice=SIZE, throughput, "
                  "latency and small"
                : "a setting is missing";
}

bool run_gc(struct vm_options *to, const char *name, const char *settings,
            char *why, size_t n)
{
    for (const char *at = settings;;) {
        struct part p = {.at = at, .n = strcspn(at, ",")};
        const char *equals = memchr(at, '=', p.n);
        if (equals) {
            p.value = equals + 1;
            size_t left = p.n - (size_t)(p.value - at);
            snprintf(p.text, sizeof p.text, "%.*s", (int)left, p.value);
        }
        const char *wrong = read_part(to, &p);
        if (wrong) {
            snprintf(why, n, "%s: `%.*s`: %s", name, (int)(p.n < 40 ? p.n : 40),
                     at, wrong);
            return false;
        }
        at += p.n;
        if (!*at++)
            return true;
    }
}
