/* diag.c - collecting diagnostics (see diag.h). */
#include "frontend/diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "frontend/diag_impl.h"
#include "runtime/base/utf8.h"

const struct diag_row diag_rows[DIAG_NCODES] = {
#define DIAG(CODE, SEVERITY, message, explanation)                             \
    {#CODE, DIAG_##SEVERITY, message, explanation},
#include "frontend/diag.def"
#undef DIAG
};

struct diags *diags_open(struct mem *m, struct arena *a)
{
    struct diags *ds = ARENA_NEW(a, struct diags);

    ds->mem = m;
    ds->arena = a;
    return ds;
}

uint32_t diags_errors(const struct diags *ds)
{
    return ds->errors;
}

uint32_t diags_warnings(const struct diags *ds)
{
    return ds->warnings;
}

uint32_t diags_found(const struct diags *ds)
{
    return ds->errors + ds->again;
}

static const char *format_text(struct diags *ds, const char *format, va_list ap)
{
    va_list again;
    char *text;
    int n;

    va_copy(again, ap);
    n = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (n < 0)
        return "";
    text = arena_alloc(ds->arena, (size_t)n + 1);
    vsnprintf(text, (size_t)n + 1, format, ap);
    return text;
}

const struct diag_context *diag_within(struct diags *ds,
                                       const struct diag_context *context)
{
    const struct diag_context *before = ds->context;

    ds->context = context;
    return before;
}

static bool is_told(const struct diags *ds, enum diag_code code, struct span at)
{
    for (uint32_t i = ds->list.n; i-- > 0;) {
        const struct diag *d = ds->list.at[i];
        if (d->code == code && d->at.src == at.src && d->at.pos == at.pos)
            return true;
    }
    return false;
}

/* The use of foreign text that the user has written, or NULL: there is none,
 * or the error stands in the user's own text. */
static const struct diag_context *users(const struct diags *ds)
{
    const struct diag_context *x = ds->context;

    if (!x || !x->foreign)
        return NULL;
    while (x->foreign_use && x->up)
        x = x->up;
    return x->foreign && !x->foreign_use ? x : NULL;
}

const char *diag_asked_for(const struct diags *ds)
{
    const struct diag_context *x = users(ds);

    return x ? x->what : NULL;
}

static void say_context(struct diags *ds, const struct diag_context *x)
{
    uint32_t line, column;

    source_place(x->at.src, x->at.pos, &line, &column);
    diag_note(ds, "in `%s`, which is asked for at %s:%u:%u", x->what,
              x->at.src->path, line, column);
}

void diag_at(struct diags *ds, enum diag_code code, struct span at, ...)
{
    const struct diag_row *row = &diag_rows[code];
    const struct diag_context *by = users(ds), *in = by ? by->up : ds->context;
    struct span found = at;
    struct diag *d;
    va_list ap;

    uint32_t *count = row->severity == DIAG_ERROR ? &ds->errors : &ds->warnings;

    if (by)
        at = by->at;
    ds->moved = by != NULL;
    ds->last = NULL;
    if (ds->context && is_told(ds, code, at)) {
        ds->again++;
        return;
    }
    if (++*count > DIAG_KEPT) /* warnings do not crowd out errors */
        return;
    d = ARENA_NEW(ds->arena, struct diag);
    d->code = code;
    d->at = at;
    va_start(ap, at);
    d->message = format_text(ds, row->message, ap);
    va_end(ap);
    vec_push_in(ds->arena, &ds->list, d);
    ds->last = d;
    if (by) {
        diag_label(ds, at, "`%s` is asked for here", by->what);
        diag_label(ds, found, "and comes to this");
    }
    if (in && row->severity == DIAG_ERROR)
        say_context(ds, in);
}

void diag_label(struct diags *ds, struct span at, const char *format, ...)
{
    struct diag_label label = {.at = at};
    va_list ap;

    if (!ds->last)
        return;
    va_start(ap, format);
    label.text = format_text(ds, format, ap);
    va_end(ap);
    vec_push_in(ds->arena, &ds->last->labels, label);
}

static void add_remark(struct diags *ds, struct diag_remark r,
                       const char *format, va_list ap)
{
    if (!ds->last)
        return;
    r.text = format_text(ds, format, ap);
    vec_push_in(ds->arena, &ds->last->remarks, r);
}

void diag_note(struct diags *ds, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    add_remark(ds, (struct diag_remark){.kind = DIAG_NOTE}, format, ap);
    va_end(ap);
}

void diag_help(struct diags *ds, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    add_remark(ds, (struct diag_remark){.kind = DIAG_HELP}, format, ap);
    va_end(ap);
}

void diag_fix(struct diags *ds, struct span at, const char *replacement,
              const char *format, ...)
{
    struct diag_remark r = {.kind = DIAG_FIX, .at = at};
    va_list ap;

    if (ds->moved) /* it would change what is not the user's */
        return;
    r.replacement = arena_strndup(ds->arena, replacement, strlen(replacement));
    va_start(ap, format);
    add_remark(ds, r, format, ap);
    va_end(ap);
}

/* ---- what is shown ------------------------------------------------------- */

struct ordered {
    struct diag *d;
    uint32_t index; /* keeps the sort stable */
};

static int compare(const void *a, const void *b)
{
    const struct ordered *x = a, *y = b;
    int c = x->d->at.src == y->d->at.src
                ? 0
                : strcmp(x->d->at.src->path, y->d->at.src->path);

    if (c)
        return c;
    if (x->d->at.pos != y->d->at.pos)
        return x->d->at.pos < y->d->at.pos ? -1 : 1;
    return x->index < y->index ? -1 : 1;
}

/* Two that say the same of the same place. */
static bool is_same(const struct diag *a, const struct diag *b)
{
    return a->code == b->code && a->at.src == b->at.src &&
           a->at.pos == b->at.pos && a->at.end == b->at.end &&
           !strcmp(a->message, b->message);
}

struct diag **diags_sorted(const struct diags *ds, uint32_t *n, uint32_t *more)
{
    uint32_t total = ds->list.n, errors = 0;
    struct ordered *all = ARENA_ARRAY(ds->arena, struct ordered, total + 1);
    struct diag **out = ARENA_ARRAY(ds->arena, struct diag *, total + 1);

    for (uint32_t i = 0; i < total; i++)
        all[i] = (struct ordered){ds->list.at[i], i};
    qsort(all, total, sizeof *all, compare);
    *n = 0;
    *more = ds->errors;
    for (uint32_t i = 0; i < total; i++) {
        struct diag *d = all[i].d;
        if (diag_rows[d->code].severity == DIAG_ERROR) {
            if (errors == DIAG_SHOWN)
                continue;
            --*more;
            if (*n && is_same(out[*n - 1], d))
                continue;
            errors++;
        }
        out[(*n)++] = d;
    }
    return out;
}

void diag_add_clean(struct bytes *out, const char *s, size_t n)
{
    while (n) {
        uint32_t cp;
        unsigned len = utf8_decode(s, n, &cp);
        if (!len || cp < ' ' || (cp >= 0x7f && cp < 0xa0))
            bytes_str(out, "\xef\xbf\xbd"); /* U+FFFD */
        else
            bytes_add(out, s, len);
        s += len ? len : 1;
        n -= len ? len : 1;
    }
}

/* ---- did you mean -------------------------------------------------------- */

enum { NEAREST_MAX = 64 }; /* longer words are not compared */

/* The edits (insert, delete, replace, exchange two neighbours) that make a
 * from b: optimal string alignment, row by row. */
static uint32_t distance(const char *a, size_t n, const char *b, size_t m)
{
    uint32_t rows[3][NEAREST_MAX + 1];
    uint32_t *before = rows[0], *prev = rows[1], *row = rows[2];

    for (size_t j = 0; j <= m; j++)
        prev[j] = (uint32_t)j;
    for (size_t i = 1; i <= n; i++) {
        uint32_t *t = before;
        row[0] = (uint32_t)i;
        for (size_t j = 1; j <= m; j++) {
            uint32_t best = prev[j - 1] + (a[i - 1] != b[j - 1]);
            if (prev[j] + 1 < best)
                best = prev[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
                a[i - 2] == b[j - 1] && before[j - 2] + 1 < best)
                best = before[j - 2] + 1;
            row[j] = best;
        }
        before = prev;
        prev = row;
        row = t;
    }
    return prev[m];
}

const char *diag_nearest(const char *word, const char *const *candidates,
                         uint32_t n)
{
    size_t len = strlen(word);
    uint32_t best = (uint32_t)(len < 9 ? len / 3 : 3) + 1;
    const char *nearest = NULL;

    if (len > NEAREST_MAX || len == 0)
        return NULL;
    for (uint32_t i = 0; i < n; i++) {
        size_t m = strlen(candidates[i]);
        uint32_t d;
        if (m == len && !strcasecmp(word, candidates[i]))
            return candidates[i];
        if (m > NEAREST_MAX || m + best <= len || len + best <= m)
            continue;
        d = distance(word, len, candidates[i], m);
        if (d < best && d < len) {
            best = d;
            nearest = candidates[i];
        }
    }
    return nearest;
}
