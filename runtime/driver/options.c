/* options.c - reading options by rows; see options.h. */
#include "runtime/driver/options.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void options_add(struct option_list *l, const struct option *rows, size_t n,
                 unsigned sets)
{
    for (size_t i = 0; i < n && l->n < OPTIONS_MOST; i++)
        if (rows[i].set & sets)
            l->rows[l->n++] = &rows[i];
}

static bool may_be_missing(const struct option *o)
{
    return o->value && o->value[0] == '[';
}

void options_print(const struct option_list *l)
{
    for (size_t i = 0; i < l->n; i++) {
        const struct option *o = l->rows[i];
        char shown[40];
        snprintf(shown, sizeof shown, "%s%s%s", o->name,
                 o->value && !may_be_missing(o) ? " " : "",
                 o->value ? o->value : "");
        if (o->help)
            printf("  %-18s %s\n", shown, o->help);
    }
}

/* ---- did you mean -------------------------------------------------------- */

#define WORD_MOST 24

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Levenshtein's distance between a, of n letters, and b. */
static size_t distance(const char *a, size_t n, const char *b)
{
    size_t row[WORD_MOST + 1], m = strlen(b);
    for (size_t j = 0; j <= m; j++)
        row[j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t corner = row[0];
        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            size_t up = row[j];
            row[j] = least(least(row[j - 1], up) + 1,
                           corner + (a[i - 1] != b[j - 1]));
            corner = up;
        }
    }
    return row[m];
}

/* The long option that a mistyped one may have meant, or NULL. */
static const char *nearest(const struct option_list *l, const char *arg)
{
    size_t n = strcspn(arg, "="), best = least(n / 3, 3) + 1;
    const char *found = NULL;
    for (size_t i = 0; i < l->n && n > 3 && n <= WORD_MOST; i++) {
        const char *name = l->rows[i]->name;
        if (strlen(name) > WORD_MOST || name[1] != '-')
            continue;
        size_t d = distance(arg, n, name);
        if (d < best) {
            best = d;
            found = name;
        }
    }
    return found;
}

/* ---- reading ------------------------------------------------------------- */

/* Whether arg is this option, with *value behind the name or NULL. */
static bool is_named(const struct option *o, const char *arg,
                     const char **value)
{
    size_t n = strlen(o->name);
    bool is_short = o->name[1] != '-';
    *value = NULL;
    if (strncmp(arg, o->name, n))
        return false;
    if (arg[n])
        *value = arg + n + (arg[n] == '=');
    return !arg[n] || arg[n] == '=' || (is_short && o->value);
}

/* The value as the next argument. */
static bool take_value(const struct option *o, char ***argv, const char **value,
                       char *why, size_t n)
{
    const char *next = **argv;
    if (next && strncmp(next, "--", 2)) {
        *value = next;
        (*argv)++;
        return true;
    }
    snprintf(why, n, "%s wants a value: %s %s", o->name, o->name, o->value);
    return false;
}

const struct option *options_take(const struct option_list *l, char ***argv,
                                  const char **value, char *why, size_t n)
{
    const char *arg = *(*argv)++;
    for (size_t i = 0; i < l->n; i++) {
        const struct option *o = l->rows[i];
        if (!is_named(o, arg, value))
            continue;
        if (*value && !o->value) {
            snprintf(why, n, "%s takes no value", o->name);
            return NULL;
        }
        bool wants = o->value && !may_be_missing(o) && !*value;
        return !wants || take_value(o, argv, value, why, n) ? o : NULL;
    }
    const char *near = nearest(l, arg);
    snprintf(why, n, "unknown option %.60s%s%s%s", arg,
             near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
    return NULL;
}

/* ---- values -------------------------------------------------------------- */

bool option_size(const char *s, uint64_t *to)
{
    static const char units[] = "kKmMgGtT";
    char *end;
    errno = 0;
    if (!isdigit((unsigned char)*s))
        return false;
    unsigned long long v = strtoull(s, &end, 10);
    const char *unit = *end ? strchr(units, *end) : NULL;
    unsigned shift = unit ? 10 * ((unsigned)(unit - units) / 2 + 1) : 0;
    *to = errno || v > UINT64_MAX >> shift ? UINT64_MAX : (uint64_t)v << shift;
    return !end[unit != NULL];
}
