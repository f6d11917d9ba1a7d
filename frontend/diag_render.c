/* diag_render.c - diagnostics for people.
 *
 *   error[E0203]: message
 *     --> file.pal:3:9
 *      |
 *    2 |     let xs = [1, 2]
 *      |         -- declared here
 *    3 |     foo(xs) + xs
 *      |     ^^^       -- second label
 *      |     |
 *      |     first label
 *      = note: ...
 *      = help: ...
 *
 * A line is first laid out into cells of screen columns (tabs become spaces,
 * wide characters take two columns, control characters a replacement); marks
 * and labels are placed in columns.  Of a long line only a window around its
 * marks is shown. */
#include <string.h>
#include <utf8proc.h>

#include "frontend/diag_impl.h"
#include "runtime/base/utf8.h"

enum {
    TAB_WIDTH = 4,
    WINDOW = 100,    /* columns of a source line shown */
    LINE_MARKS = 16, /* marks drawn on one line */
    MAX_LINES = 32   /* source lines of one diagnostic */
};

enum style { PLAIN, BOLD, RED, YELLOW, BLUE, GREEN };

struct render {
    const struct diags *ds;
    struct bytes *out;
    bool colour;
    uint32_t gutter; /* digits of the largest line number */
};

/* A mark under one source line. */
struct mark {
    uint32_t from, to; /* screen columns, to exclusive */
    bool primary;
    const char *text;
};

/* A source line being drawn. */
struct line {
    const struct source *src;
    uint32_t number;     /* from 0 */
    uint32_t start, end; /* bytes, without the line break */
    struct mark marks[LINE_MARKS];
    uint32_t nmarks;
    uint32_t left, right; /* the window, in columns */
};

static void set_style(struct render *r, enum style s)
{
    static const char *const codes[] = {"0",    "1",    "1;31",
                                        "1;33", "1;34", "1;32"};

    if (r->colour)
        bytes_printf(r->out, "\x1b[%sm", codes[s]);
}

static void add_styled(struct render *r, enum style s, const char *text)
{
    set_style(r, s);
    bytes_str(r->out, text);
    set_style(r, PLAIN);
}

static void add_clean(struct render *r, const char *text)
{
    diag_add_clean(r->out, text, strlen(text));
}

static void add_spaces(struct render *r, uint32_t n)
{
    while (n--)
        bytes_byte(r->out, ' ');
}

/* The end of a line, without its line break. */
static uint32_t line_end(const struct source *src, uint32_t number)
{
    uint32_t end =
        number + 1 < src->nlines ? src->lines[number + 1] - 1 : src->len;

    if (end > src->lines[number] && src->text[end - 1] == '\r')
        end--;
    return end;
}

/* ---- columns ------------------------------------------------------------- */

/* The width on the screen of the character at s, and its bytes. */
static uint32_t char_width(const char *s, size_t n, unsigned *bytes)
{
    uint32_t cp;
    int w;

    *bytes = utf8_decode(s, n, &cp);
    if (!*bytes) {
        *bytes = 1;
        return 1;
    }
    if (cp == '\t')
        return TAB_WIDTH;
    if (cp < ' ' || (cp >= 0x7f && cp < 0xa0))
        return 1;
    if (cp < 0x7f)
        return 1;
    w = utf8proc_charwidth((utf8proc_int32_t)cp);
    return w < 0 ? 0 : (uint32_t)w;
}

/* The screen column of a byte offset of the line. */
static uint32_t column_of(const struct line *l, uint32_t pos)
{
    uint32_t column = 0, at = l->start;
    unsigned bytes;

    if (pos > l->end)
        pos = l->end;
    for (; at < pos; at += bytes)
        column += char_width(l->src->text + at, l->end - at, &bytes);
    return column;
}

/* A piece of source, with its tabs as spaces. */
static void add_source(struct render *r, const char *s, size_t n)
{
    for (const char *end = s + n, *to; s < end; s = to) {
        to = memchr(s, '\t', (size_t)(end - s));
        if (!to)
            to = end;
        diag_add_clean(r->out, s, (size_t)(to - s));
        for (; to < end && *to == '\t'; to++)
            add_spaces(r, TAB_WIDTH);
    }
}

/* The text of the line in its window. */
static void add_line_text(struct render *r, const struct line *l)
{
    uint32_t column = 0, at = l->start;
    unsigned bytes;

    if (l->left)
        bytes_str(r->out, "...");
    for (; at < l->end && column < l->right; at += bytes) {
        const char *s = l->src->text + at;
        uint32_t w = char_width(s, l->end - at, &bytes);
        if (column >= l->left)
            add_source(r, s, bytes);
        column += w;
    }
    if (at < l->end)
        bytes_str(r->out, "...");
}

/* ---- marks --------------------------------------------------------------- */

/* Chooses the window so that the first primary mark, or else the first mark,
 * lies in it. */
static void choose_window(struct line *l)
{
    uint32_t width = column_of(l, l->end);
    const struct mark *m = &l->marks[0];

    l->left = 0;
    l->right = UINT32_MAX;
    if (width <= WINDOW)
        return;
    for (uint32_t i = 0; i < l->nmarks; i++)
        if (l->marks[i].primary) {
            m = &l->marks[i];
            break;
        }
    if (l->nmarks && m->from > WINDOW / 2)
        l->left = m->from - WINDOW / 2;
    l->right = l->left + WINDOW;
}

/* Moves the marks into the window; what lies outside it is dropped. */
static void clip_marks(struct line *l)
{
    uint32_t shift = l->left ? 3 : 0, n = 0; /* the dots */

    for (uint32_t i = 0; i < l->nmarks; i++) {
        struct mark m = l->marks[i];
        if (m.from < l->left || m.from > l->right)
            continue;
        if (m.to > l->right)
            m.to = l->right > m.from ? l->right : m.from + 1;
        m.from += shift - l->left;
        m.to += shift - l->left;
        l->marks[n++] = m;
    }
    l->nmarks = n;
}

static void sort_marks(struct line *l)
{
    for (uint32_t i = 1; i < l->nmarks; i++)
        for (uint32_t j = i; j && l->marks[j].from < l->marks[j - 1].from;
             j--) {
            struct mark t = l->marks[j];
            l->marks[j] = l->marks[j - 1];
            l->marks[j - 1] = t;
        }
}

static enum style mark_style(const struct mark *m, enum style primary)
{
    return m->primary ? primary : BLUE;
}

static void add_gutter(struct render *r, bool number, uint32_t line)
{
    set_style(r, BLUE);
    if (number)
        bytes_printf(r->out, " %*u |", (int)r->gutter, line);
    else
        bytes_printf(r->out, " %*s |", (int)r->gutter, "");
    set_style(r, PLAIN);
}

/* The row of ^^^ and ---, with the text of the last mark. */
static void add_underlines(struct render *r, const struct line *l,
                           enum style primary)
{
    uint32_t column = 0;
    const struct mark *last = &l->marks[l->nmarks - 1];

    add_gutter(r, false, 0);
    bytes_byte(r->out, ' ');
    for (uint32_t i = 0; i < l->nmarks; i++) {
        const struct mark *m = &l->marks[i];
        uint32_t to = m->to;
        if (i + 1 < l->nmarks && l->marks[i + 1].from < to)
            to = l->marks[i + 1].from;
        if (m->from > column) {
            add_spaces(r, m->from - column);
            column = m->from;
        }
        set_style(r, mark_style(m, primary));
        for (; column < to; column++)
            bytes_byte(r->out, m->primary ? '^' : '-');
        set_style(r, PLAIN);
    }
    if (*last->text) {
        bytes_byte(r->out, ' ');
        set_style(r, mark_style(last, primary));
        add_clean(r, last->text);
        set_style(r, PLAIN);
    }
    bytes_byte(r->out, '\n');
}

/* A row under the underlines: bars for the marks before `upto` that still
 * wait for their text, then the text of mark `upto`, if `text`. */
static void add_hanging(struct render *r, const struct line *l, uint32_t upto,
                        bool text, enum style primary)
{
    uint32_t column = 0;

    add_gutter(r, false, 0);
    bytes_byte(r->out, ' ');
    for (uint32_t i = 0; i <= upto; i++) {
        const struct mark *m = &l->marks[i];
        if (!*m->text || m->from < column || (i == upto && text))
            continue;
        add_spaces(r, m->from - column);
        add_styled(r, mark_style(m, primary), "|");
        column = m->from + 1;
    }
    if (text) {
        const struct mark *m = &l->marks[upto];
        if (m->from >= column)
            add_spaces(r, m->from - column);
        set_style(r, mark_style(m, primary));
        add_clean(r, m->text);
        set_style(r, PLAIN);
    }
    bytes_byte(r->out, '\n');
}

static void add_line(struct render *r, struct line *l, enum style primary)
{
    choose_window(l);
    add_gutter(r, true, l->number + 1);
    if (l->end > l->start)
        bytes_byte(r->out, ' ');
    add_line_text(r, l);
    bytes_byte(r->out, '\n');
    clip_marks(l);
    sort_marks(l);
    if (!l->nmarks)
        return;
    add_underlines(r, l, primary);
    for (uint32_t i = l->nmarks - 1; i-- > 0;) {
        if (!*l->marks[i].text)
            continue;
        add_hanging(r, l, i, false, primary);
        add_hanging(r, l, i, true, primary);
    }
}

/* ---- the excerpt --------------------------------------------------------- */

/* The lines of one diagnostic that carry marks, ascending per source. */
struct excerpt {
    struct line lines[MAX_LINES];
    uint32_t n;
};

static struct line *find_line(struct excerpt *x, const struct source *src,
                              uint32_t number)
{
    uint32_t i = 0;

    while (i < x->n && (x->lines[i].src != src || x->lines[i].number < number))
        i++;
    if (i < x->n && x->lines[i].number == number)
        return &x->lines[i];
    if (x->n == MAX_LINES)
        return NULL;
    memmove(&x->lines[i + 1], &x->lines[i], (x->n - i) * sizeof *x->lines);
    x->n++;
    x->lines[i] = (struct line){.src = src, .number = number};
    x->lines[i].start = src->lines[number];
    x->lines[i].end = line_end(src, number);
    return &x->lines[i];
}

static void add_mark(struct excerpt *x, struct span at, bool primary,
                     const char *text)
{
    uint32_t number, column;
    struct line *l;
    struct mark *m;

    source_place(at.src, at.pos, &number, &column);
    l = find_line(x, at.src, number - 1);
    if (!l || l->nmarks == LINE_MARKS)
        return;
    m = &l->marks[l->nmarks++];
    m->from = column_of(l, at.pos);
    m->to = column_of(l, at.end);
    if (m->to <= m->from)
        m->to = m->from + 1;
    m->primary = primary;
    m->text = text;
}

static bool is_at(struct span a, struct span b)
{
    return a.src == b.src && a.pos == b.pos && a.end == b.end;
}

static void collect_marks(struct excerpt *x, const struct diag *d)
{
    const char *own = "";

    for (uint32_t i = 0; i < d->labels.n; i++)
        if (is_at(d->labels.at[i].at, d->at))
            own = d->labels.at[i].text;
    add_mark(x, d->at, true, own);
    for (uint32_t i = 0; i < d->labels.n; i++)
        if (!is_at(d->labels.at[i].at, d->at))
            add_mark(x, d->labels.at[i].at, false, d->labels.at[i].text);
}

static void add_arrow(struct render *r, const char *arrow, struct span at)
{
    uint32_t line, column;

    source_place(at.src, at.pos, &line, &column);
    add_spaces(r, r->gutter + 1);
    add_styled(r, BLUE, arrow);
    bytes_byte(r->out, ' ');
    add_clean(r, at.src->path);
    bytes_printf(r->out, ":%u:%u\n", line, column);
}

/* The lines with their marks; between two that are not neighbours dots, or
 * the one line that would take no more room. */
static void add_excerpt(struct render *r, struct excerpt *x,
                        const struct source *main, enum style primary)
{
    const struct source *src = main;

    add_gutter(r, false, 0);
    bytes_byte(r->out, '\n');
    for (uint32_t i = 0; i < x->n; i++) {
        struct line *l = &x->lines[i];
        uint32_t before = i ? x->lines[i - 1].number : 0;
        if (l->src != src) {
            add_arrow(r, ":::", (struct span){l->src, l->start, l->start});
            src = l->src;
        } else if (i && l->number == before + 2) {
            struct line between = {.src = src, .number = before + 1};
            between.start = src->lines[before + 1];
            between.end = line_end(src, before + 1);
            add_line(r, &between, primary);
        } else if (i && l->number > before + 2) {
            add_styled(r, BLUE, "...\n");
        }
        add_line(r, l, primary);
    }
}

/* ---- whole diagnostics --------------------------------------------------- */

static void add_remark(struct render *r, const char *kind, const char *text)
{
    add_spaces(r, r->gutter + 2);
    add_styled(r, BLUE, "= ");
    add_styled(r, BOLD, kind);
    add_clean(r, text);
    bytes_byte(r->out, '\n');
}

/* The line that a fix changes, as it would be. */
static void add_fix(struct render *r, const struct diag_remark *f)
{
    const struct source *src = f->at.src;
    uint32_t line, column, start, end;

    source_place(src, f->at.pos, &line, &column);
    start = src->lines[line - 1];
    end = line_end(src, line - 1);
    add_remark(r, "help: ", f->text);
    if (f->at.end > end || end - start > WINDOW || strchr(f->replacement, '\n'))
        return;
    add_gutter(r, true, line);
    bytes_byte(r->out, ' ');
    add_source(r, src->text + start, f->at.pos - start);
    set_style(r, GREEN);
    add_source(r, f->replacement, strlen(f->replacement));
    set_style(r, PLAIN);
    add_source(r, src->text + f->at.end, end - f->at.end);
    bytes_byte(r->out, '\n');
}

static void add_remarks(struct render *r, const struct diag *d)
{
    for (uint32_t i = 0; i < d->remarks.n; i++) {
        const struct diag_remark *m = &d->remarks.at[i];
        switch ((enum diag_remark_kind)m->kind) {
        case DIAG_NOTE: add_remark(r, "note: ", m->text); break;
        case DIAG_HELP: add_remark(r, "help: ", m->text); break;
        case DIAG_FIX: add_fix(r, m); break;
        }
    }
}

static uint32_t digits(uint32_t n)
{
    uint32_t d = 1;

    while (n >= 10) {
        n /= 10;
        d++;
    }
    return d;
}

static uint32_t gutter_of(const struct excerpt *x, const struct diag *d)
{
    uint32_t most = 1;

    for (uint32_t i = 0; i < x->n; i++)
        if (x->lines[i].number + 1 > most)
            most = x->lines[i].number + 1;
    for (uint32_t i = 0; i < d->remarks.n; i++) {
        uint32_t line = 0, column;
        if (d->remarks.at[i].kind == DIAG_FIX)
            source_place(d->remarks.at[i].at.src, d->remarks.at[i].at.pos,
                         &line, &column);
        if (line > most)
            most = line;
    }
    return digits(most);
}

static void add_diag(struct render *r, const struct diag *d)
{
    const struct diag_row *row = &diag_rows[d->code];
    bool is_error = row->severity == DIAG_ERROR;
    enum style style = is_error ? RED : YELLOW;
    struct excerpt x = {.n = 0};

    collect_marks(&x, d);
    r->gutter = gutter_of(&x, d);
    set_style(r, style);
    bytes_printf(r->out, "%s[%s]", is_error ? "error" : "warning", row->code);
    set_style(r, BOLD);
    bytes_str(r->out, ": ");
    add_clean(r, d->message);
    set_style(r, PLAIN);
    bytes_byte(r->out, '\n');
    add_arrow(r, "-->", d->at);
    add_excerpt(r, &x, d->at.src, style);
    add_remarks(r, d);
    bytes_byte(r->out, '\n');
}

void diags_render(const struct diags *ds, bool colour, struct bytes *out)
{
    struct render r = {.ds = ds, .out = out, .colour = colour};
    uint32_t n, more;
    struct diag **all = diags_sorted(ds, &n, &more);

    for (uint32_t i = 0; i < n; i++)
        add_diag(&r, all[i]);
    if (more)
        bytes_printf(out, "and %u more error%s; the first %u are shown\n", more,
                     more == 1 ? "" : "s", DIAG_SHOWN);
}
