/* check_cover.c - whether the arms of a match leave anything out.
 *
 * After Maranget, "Warnings for pattern matching" (2007): a row of patterns is
 * useful behind others when some values match it and none of them.  A match
 * leaves something out when a row of wildcards is useful behind its arms, and
 * such values are the ones to name; an arm is never reached when it is not
 * useful behind those above it.
 *
 * A first column is taken apart by its constructors: variants, true and false,
 * none and some, the one of a tuple or struct; ints and bytes by the intervals
 * between the bounds that the patterns name; strs and floats by the values
 * named.  The search may take exponential time on patterns made for that, so
 * its steps are counted; past the limit an arm `_` is asked for. */
#include "frontend/check.h"

#include <inttypes.h>
#include <stdlib.h>

enum { STEPS_MOST = 200000, NAMED_MOST = 3, COLUMNS_MOST = 4096 };

struct pat { /* of one value */
    enum { ANY, CON, SPAN, TEXT, REAL } kind;
    uint32_t con; /* CON: which constructor */
    uint32_t n;   /* CON: of parts */
    const struct pat **part;
    int64_t from, last;   /* SPAN: first and last value */
    const struct ast *at; /* TEXT: a STR; REAL: a FLOAT */
    uint64_t bits;        /* REAL */
};

static const struct pat any_pat = {.kind = ANY};

struct row {
    const struct pat **at; /* one for each column */
};

struct rows {
    struct row *at;
    uint32_t n, cap;
};

struct cover {
    struct checker *c;
    struct arena *a; /* scratch */
    uint32_t steps;
    bool gave_up;
};

/* ---- constructors of types ----------------------------------------------- */

/* How many constructors a type has; 0: it is taken apart by values. */
static uint32_t con_count(const struct type *t)
{
    switch ((enum type_kind)t->kind) {
    case TYPE_BOOL:
    case TYPE_OPTION: return 2;
    case TYPE_ENUM: return t->nvariants;
    case TYPE_TUPLE:
    case TYPE_STRUCT: return 1;
    default: return 0;
    }
}

/* The parts of constructor k of a type. */
static uint32_t con_parts(const struct type *t, uint32_t k)
{
    const struct type *of;

    switch ((enum type_kind)t->kind) {
    case TYPE_OPTION: return k;
    case TYPE_ENUM: of = t->variants[k].payload; return of ? of->nfields : 0;
    case TYPE_TUPLE:
    case TYPE_STRUCT: return t->nfields;
    default: return 0;
    }
}

static struct type *part_type(const struct type *t, uint32_t k, uint32_t i)
{
    if (t->kind == TYPE_OPTION)
        return t->args[0];
    if (t->kind == TYPE_ENUM)
        return t->variants[k].payload->fields[i].type;
    return t->fields[i].type;
}

/* ---- patterns, simplified ------------------------------------------------ */

static struct pat *pat_new(struct cover *v, int kind)
{
    struct pat *p = ARENA_NEW(v->a, struct pat);

    p->kind = kind;
    return p;
}

static struct pat *con_new(struct cover *v, uint32_t con, uint32_t n)
{
    struct pat *p = pat_new(v, CON);

    p->con = con;
    p->n = n;
    p->part = ARENA_ARRAY(v->a, const struct pat *, n + 1);
    for (uint32_t i = 0; i < n; i++)
        p->part[i] = &any_pat;
    return p;
}

static const struct pat *literal(struct cover *v, const struct ast *e)
{
    const struct ast *of = e->kind == AST_UNARY ? AS(unary, e)->of : e;
    struct pat *p;

    if (e->kind == AST_BOOL)
        return con_new(v, AS(bool, e)->value != 0, 0);
    if (e->kind == AST_STR) {
        p = pat_new(v, TEXT);
        p->at = e;
    } else if (of->kind == AST_INT && of->type != &type_float) {
        p = pat_new(v, SPAN);
        p->from = p->last = ast_int_value(e);
    } else {
        p = pat_new(v, REAL);
        p->at = e;
        p->bits =
            of->kind == AST_FLOAT ? AS(float, of)->value : AS(int, of)->value;
        p->con = e->kind == AST_UNARY;
    }
    return p;
}

/* The alternatives of a pattern, each simplified. */
struct pats {
    const struct pat **at;
    uint32_t n, cap;
};

static void simplify(struct cover *v, struct ast *e, struct pats *to);

/* Every choice among the alternatives of the parts. */
static void combine(struct cover *v, uint32_t con, struct pats *parts,
                    uint32_t n, struct pats *to)
{
    uint32_t total = 1;

    for (uint32_t i = 0; i < n; i++) {
        total *= parts[i].n;
        if (total > STEPS_MOST / 16) {
            v->gave_up = true;
            return;
        }
    }
    for (uint32_t k = 0; k < total; k++) {
        struct pat *p = con_new(v, con, n);
        for (uint32_t i = 0, rest = k; i < n; rest /= parts[i++].n)
            p->part[i] = parts[i].at[rest % parts[i].n];
        vec_push_in(v->a, to, (const struct pat *)p);
    }
}

static void simplify_parts(struct cover *v, uint32_t con, struct ast **parts,
                           uint32_t n, struct pats *to)
{
    struct pats *each = ARENA_ARRAY(v->a, struct pats, n + 1);

    for (uint32_t i = 0; i < n; i++) {
        if (parts[i])
            simplify(v, parts[i], &each[i]);
        else
            vec_push_in(v->a, &each[i], &any_pat);
    }
    combine(v, con, each, n, to);
}

/* A pattern that is tried on what an option holds. */
static void wrap(struct cover *v, struct pats *from, struct pats *to)
{
    for (uint32_t i = 0; i < from->n; i++) {
        struct pat *p = con_new(v, 1, 1);
        p->part[0] = from->at[i];
        vec_push_in(v->a, to, (const struct pat *)p);
    }
}

static void simplify_held(struct cover *v, struct ast *e, struct pats *to)
{
    struct sym *s;

    switch (e->kind) {
    case AST_PAT_NAME:
        s = AS(pat_name, e)->sym;
        if (s && s->kind == SYM_VARIANT)
            vec_push_in(v->a, to, (const struct pat *)con_new(v, s->number, 0));
        else
            vec_push_in(v->a, to, &any_pat);
        break;
    case AST_PAT_CALL: {
        struct ast_pat_call *x = AS(pat_call, e);
        simplify_parts(v, x->sym->kind == SYM_VARIANT ? x->sym->number : 0,
                       x->parts, x->payload->nfields, to);
        break;
    }
    case AST_PAT_TUPLE:
        simplify_parts(v, 0, AS(pat_tuple, e)->items.at,
                       AS(pat_tuple, e)->items.n, to);
        break;
    case AST_PAT_LIT:
        vec_push_in(v->a, to, literal(v, AS(pat_lit, e)->value));
        break;
    case AST_PAT_RANGE: {
        struct pat *p = pat_new(v, SPAN);
        p->from = ast_int_value(AS(pat_range, e)->from);
        p->last = ast_int_value(AS(pat_range, e)->to) - 1;
        vec_push_in(v->a, to, (const struct pat *)p);
        break;
    }
    default: vec_push_in(v->a, to, &any_pat);
    }
}

static bool is_wild(struct cover *v, const struct ast *e)
{
    return e->kind == AST_PAT_NAME && !AS(pat_name, e)->module &&
           AS(pat_name, e)->name == v->c->n_wild;
}

static void simplify(struct cover *v, struct ast *e, struct pats *to)
{
    struct pats held = {0};

    if (e->kind == AST_PAT_OR) {
        simplify(v, AS(pat_or, e)->left, to);
        simplify(v, AS(pat_or, e)->right, to);
    } else if (!is_option(e->type) || is_wild(v, e)) {
        simplify_held(v, e, to);
    } else if (e->kind == AST_PAT_LIT &&
               AS(pat_lit, e)->value->kind == AST_NONE) {
        vec_push_in(v->a, to, (const struct pat *)con_new(v, 0, 0));
    } else {
        simplify_held(v, e, &held);
        wrap(v, &held, to);
    }
}

/* Whether a pattern has an error somewhere: then nothing is said. */
static void look_for_error(void *found, struct ast *e)
{
    if (ast_groups[e->kind] == AST_PAT && e->type == &type_error)
        *(bool *)found = true;
    else
        ast_children(e, look_for_error, found);
}

/* ---- the search ---------------------------------------------------------- */

/* A row with its first column taken apart by a constructor of n parts, or
 * false where it does not match. */
static bool specialise(struct cover *v, const struct row *r, uint32_t columns,
                       uint32_t con, uint32_t n, struct row *to)
{
    const struct pat *p = r->at[0];

    if (p->kind == CON && p->con != con)
        return false;
    to->at = ARENA_ARRAY(v->a, const struct pat *, columns + n);
    for (uint32_t i = 0; i < n; i++)
        to->at[i] = p->kind == CON ? p->part[i] : &any_pat;
    for (uint32_t i = 1; i < columns; i++)
        to->at[n + i - 1] = r->at[i];
    return true;
}

/* The rows behind a first column that a value in [from, last], a literal, or
 * (at NULL and empty) any other value fits. */
static bool fits_value(const struct pat *p, const struct pat *value)
{
    if (p->kind == ANY)
        return true;
    if (value->kind == ANY || p->kind != value->kind)
        return false;
    switch (p->kind) {
    case SPAN: return p->from <= value->from && value->last <= p->last;
    case REAL: return p->bits == value->bits && p->con == value->con;
    default: {
        const struct ast_bytes *a = &AS(str, p->at)->value;
        const struct ast_bytes *b = &AS(str, value->at)->value;
        for (uint32_t i = 0; i < a->len && i < b->len; i++)
            if (a->at[i] != b->at[i])
                return false;
        return a->len == b->len;
    }
    }
}

static bool useful(struct cover *v, const struct rows *rows,
                   const struct row *q, struct type **types, uint32_t columns,
                   const struct pat **found);

/* Goes on with one constructor of the first column. */
static bool useful_con(struct cover *v, const struct rows *rows,
                       const struct row *q, struct type **types,
                       uint32_t columns, uint32_t con, const struct pat **found)
{
    uint32_t n = con_parts(types[0], con);
    struct rows rest = {0};
    struct row r;

    if (columns + n > COLUMNS_MOST) {
        v->gave_up = true;
        return false;
    }
    struct type **of = ARENA_ARRAY(v->a, struct type *, columns + n);
    for (uint32_t i = 0; i < n; i++)
        of[i] = part_type(types[0], con, i);
    for (uint32_t i = 1; i < columns; i++)
        of[n + i - 1] = types[i];
    for (uint32_t i = 0; i < rows->n; i++)
        if (specialise(v, &rows->at[i], columns, con, n, &r))
            vec_push_in(v->a, &rest, r);
    const struct pat **parts =
        ARENA_ARRAY(v->a, const struct pat *, columns + n);
    specialise(v, q, columns, con, n, &r);
    if (!useful(v, &rest, &r, of, columns + n - 1, parts))
        return false;
    struct pat *p = con_new(v, con, n);
    for (uint32_t i = 0; i < n; i++)
        p->part[i] = parts[i];
    found[0] = p;
    for (uint32_t i = 1; i < columns; i++)
        found[i] = parts[n + i - 1];
    return true;
}

/* Goes on with one value, or interval of values, of the first column. */
static bool useful_value(struct cover *v, const struct rows *rows,
                         const struct row *q, struct type **types,
                         uint32_t columns, const struct pat *value,
                         const struct pat **found)
{
    struct rows rest = {0};
    struct row r = {q->at + 1};

    for (uint32_t i = 0; i < rows->n; i++)
        if (fits_value(rows->at[i].at[0], value))
            vec_push_in(v->a, &rest, ((struct row){rows->at[i].at + 1}));
    found[0] = value;
    return useful(v, &rest, &r, types + 1, columns - 1, found + 1);
}

static int by_bound(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return x < y ? -1 : x > y;
}

/* Ints and bytes: the intervals between the bounds that the rows name, within
 * q's own. */
static bool useful_int(struct cover *v, const struct rows *rows,
                       const struct row *q, struct type **types,
                       uint32_t columns, const struct pat **found)
{
    int64_t low = types[0] == &type_byte ? 0 : INT64_MIN;
    int64_t high = types[0] == &type_byte ? 255 : INT64_MAX;
    int64_t *starts = ARENA_ARRAY(v->a, int64_t, 2 * rows->n + 1);
    uint32_t n = 0;

    if (q->at[0]->kind == SPAN) {
        low = q->at[0]->from;
        high = q->at[0]->last;
    }
    starts[n++] = low;
    for (uint32_t i = 0; i < rows->n; i++) {
        const struct pat *p = rows->at[i].at[0];
        if (p->kind != SPAN)
            continue;
        if (p->from > low && p->from <= high)
            starts[n++] = p->from;
        if (p->last >= low && p->last < high)
            starts[n++] = p->last + 1;
    }
    qsort(starts, n, sizeof *starts, by_bound);
    for (uint32_t i = 0; i < n; i++) {
        if (i + 1 < n && starts[i + 1] == starts[i])
            continue;
        struct pat *value = pat_new(v, SPAN);
        value->from = starts[i];
        value->last = i + 1 < n ? starts[i + 1] - 1 : high;
        if (useful_value(v, rows, q, types, columns, value, found))
            return true;
    }
    return false;
}

/* Strs and floats: the values that rows name, and any other. */
static bool useful_literal(struct cover *v, const struct rows *rows,
                           const struct row *q, struct type **types,
                           uint32_t columns, const struct pat **found)
{
    if (q->at[0]->kind != ANY)
        return useful_value(v, rows, q, types, columns, q->at[0], found);
    if (useful_value(v, rows, q, types, columns, &any_pat, found))
        return true;
    for (uint32_t i = 0; i < rows->n; i++)
        if (rows->at[i].at[0]->kind != ANY &&
            useful_value(v, rows, q, types, columns, rows->at[i].at[0], found))
            return true;
    return false;
}

/* Whether some values match row q and none of the rows; found: such values,
 * as patterns. */
static bool useful(struct cover *v, const struct rows *rows,
                   const struct row *q, struct type **types, uint32_t columns,
                   const struct pat **found)
{
    uint32_t n;

    if (++v->steps > STEPS_MOST)
        v->gave_up = true;
    if (v->gave_up)
        return false;
    if (!columns)
        return !rows->n;
    bool apart = q->at[0]->kind != ANY;
    for (uint32_t i = 0; i < rows->n && !apart; i++)
        apart = rows->at[i].at[0]->kind != ANY;
    if (!apart) /* nothing looks at this column */
        return useful_value(v, rows, q, types, columns, &any_pat, found);
    n = con_count(types[0]);
    if (!n)
        return is_int(types[0])
                   ? useful_int(v, rows, q, types, columns, found)
                   : useful_literal(v, rows, q, types, columns, found);
    for (uint32_t k = 0; k < n; k++)
        if ((q->at[0]->kind == ANY || q->at[0]->con == k) &&
            useful_con(v, rows, q, types, columns, k, found))
            return true;
    return false;
}

/* ---- naming what is left out --------------------------------------------- */

static void put_pat(struct cover *v, struct bytes *b, const struct pat *p,
                    const struct type *t);

static void put_parts(struct cover *v, struct bytes *b, const struct pat *p,
                      const struct type *t)
{
    bytes_byte(b, '(');
    for (uint32_t i = 0; i < p->n; i++) {
        if (i)
            bytes_str(b, ", ");
        put_pat(v, b, p->part[i], part_type(t, p->con, i));
    }
    bytes_byte(b, ')');
}

static void put_con(struct cover *v, struct bytes *b, const struct pat *p,
                    const struct type *t)
{
    switch ((enum type_kind)t->kind) {
    case TYPE_BOOL: bytes_str(b, p->con ? "true" : "false"); break;
    case TYPE_OPTION:
        if (!p->con)
            bytes_str(b, "none");
        else if (p->part[0]->kind == ANY)
            bytes_str(b, "a value");
        else
            put_pat(v, b, p->part[0], t->args[0]);
        break;
    case TYPE_ENUM:
        bytes_str(b, t->variants[p->con].sym->name->text);
        if (p->n)
            put_parts(v, b, p, t);
        break;
    case TYPE_STRUCT: bytes_str(b, t->decl->name->text); /* fallthrough */
    default: put_parts(v, b, p, t);
    }
}

static void put_pat(struct cover *v, struct bytes *b, const struct pat *p,
                    const struct type *t)
{
    switch (p->kind) {
    case CON: put_con(v, b, p, t); break;
    case SPAN:
        if (p->from == INT64_MIN && p->last == INT64_MAX)
            bytes_byte(b, '_');
        else
            bytes_printf(b, "%" PRId64,
                         p->from == INT64_MIN ? p->last : p->from);
        break;
    default: bytes_byte(b, '_');
    }
}

/* ---- whole matches ------------------------------------------------------- */

static void add_row(struct cover *v, struct rows *rows, const struct pat *p)
{
    struct row r = {ARENA_ARRAY(v->a, const struct pat *, 1)};

    r.at[0] = p;
    vec_push_in(v->a, rows, r);
}

/* Adds an arm's alternatives to the rows; false: none of them is useful. */
static bool add_arm(struct cover *v, struct rows *rows, struct ast *pattern,
                    struct type *t, bool counts)
{
    struct pats pats = {0};
    bool reached = false;

    simplify(v, pattern, &pats);
    for (uint32_t i = 0; i < pats.n; i++) {
        const struct pat *found[1];
        struct row q = {&pats.at[i]};
        reached |= useful(v, rows, &q, &t, 1, found);
        if (counts)
            add_row(v, rows, pats.at[i]);
    }
    return reached || v->gave_up;
}

static void say_left_out(struct cover *v, struct ast *match, struct rows *rows,
                         struct type *t)
{
    struct bytes b = bytes_in(v->c->u->mem);
    const struct pat *wild = &any_pat, *found[1];
    struct row q = {&wild};
    uint32_t n = 0;

    while (n < NAMED_MOST && useful(v, rows, &q, &t, 1, found)) {
        bytes_str(&b, n ? ", `" : "`");
        put_pat(v, &b, found[0], t);
        bytes_byte(&b, '`');
        add_row(v, rows, found[0]);
        n++;
    }
    if (n == NAMED_MOST && useful(v, rows, &q, &t, 1, found))
        bytes_str(&b, " and more");
    if (!n && v->gave_up)
        bytes_str(&b, "something that takes too long to find");
    bytes_byte(&b, 0);
    if (n || v->gave_up) {
        diag_at(v->c->u->diags, E0295, span_word(v->c, match->pos, 0),
                (const char *)b.at);
        diag_help(v->c->u->diags, "add arms for it, or `_ => ...`");
    }
    bytes_free(&b);
}

void cover_check(struct checker *c, struct ast *match, struct type *t)
{
    struct ast_nodes *arms = &AS(match, match)->arms;
    struct cover v = {.c = c};
    struct rows rows = {0};
    bool wrong = false;

    for (uint32_t i = 0; i < arms->n; i++)
        if (arms->at[i]->kind != AST_ARM)
            wrong = true;
        else
            look_for_error(&wrong, AS(arm, arms->at[i])->pattern);
    if (wrong)
        return;
    v.a = arena_open(c->u->mem);
    for (uint32_t i = 0; i < arms->n; i++) {
        struct ast_arm *arm = AS(arm, arms->at[i]);
        if (!add_arm(&v, &rows, arm->pattern, t, !arm->guard) && c->u->warn)
            diag_at(c->u->diags, W0309, span_of(c, arm->pattern));
    }
    say_left_out(&v, match, &rows, t);
    arena_close(v.a);
}

bool cover_all(struct checker *c, struct ast *pattern, struct type *t)
{
    struct cover v = {.c = c};
    struct rows rows = {0};
    const struct pat *wild = &any_pat, *found[1];
    struct row q = {&wild};
    bool wrong = false, all;

    look_for_error(&wrong, pattern);
    if (wrong)
        return false;
    v.a = arena_open(c->u->mem);
    add_arm(&v, &rows, pattern, t, true);
    all = !useful(&v, &rows, &q, &t, 1, found) && !v.gave_up;
    arena_close(v.a);
    return all;
}
