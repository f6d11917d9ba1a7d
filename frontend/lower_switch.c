/* lower_switch.c - a match on many ints or variants: a search tree.
 *
 * Each arm begins with a question about its head: is it this variant, this
 * int, in this range?  Where arms that follow each other ask several, a tree
 * of comparisons finds the first one whose head takes the value, and enters
 * it behind that question.  An arm that fails then, by its parts or its guard,
 * goes on to the next one as it would without the tree. */
#include "frontend/lower.h"

#include <stdlib.h>

enum { PIECES_LEAST = 4 }; /* fewer are asked one after the other */

struct head { /* the values that an arm's head takes, each in order of arms */
    int64_t from, last;
    uint32_t arm;
};

struct piece { /* values from here up to the next piece */
    int64_t from;
    struct lower_label *to;
};

struct tree {
    struct lower *l;
    const struct ast *at;
    const struct lower_arms *arms;
    struct type *type; /* of v */
    int64_t low, high; /* its values */
    VEC(struct head) heads;
    uint32_t none; /* the first arm that takes none, of an option */
    uint32_t all;  /* the first arm that takes everything else, or the last */
    struct piece *pieces;
    uint32_t npieces;
    ir_val v;
};

/* ---- heads --------------------------------------------------------------- */

static void take(struct tree *t, int64_t from, int64_t last, uint32_t arm)
{
    vec_push_in(t->l->arena, &t->heads, (struct head){from, last, arm});
}

static void take_none(struct tree *t, uint32_t arm)
{
    if (t->none == UINT32_MAX)
        t->none = arm;
}

/* Notes what a pattern's head takes; true: everything but none. */
static bool note_head(struct tree *t, const struct ast *e, uint32_t arm)
{
    const struct sym *s;
    switch (e->kind) {
    case AST_PAT_OR: {
        bool left = note_head(t, AS(pat_or, e)->left, arm);
        return note_head(t, AS(pat_or, e)->right, arm) || left;
    }
    case AST_PAT_NAME:
        s = AS(pat_name, e)->sym;
        if (lower_is_wild(e))
            take_none(t, arm);
        if (!s || s->kind != SYM_VARIANT)
            return true;
        take(t, s->number, s->number, arm);
        return false;
    case AST_PAT_CALL:
        s = AS(pat_call, e)->sym;
        take(t, s->number, s->number, arm);
        return false;
    case AST_PAT_RANGE:
        take(t, ast_int_value(AS(pat_range, e)->from),
             ast_int_value(AS(pat_range, e)->to) - 1, arm);
        return false;
    default: {
        const struct ast *lit = AS(pat_lit, e)->value;
        if (lit->kind == AST_NONE)
            take_none(t, arm);
        else
            take(t, ast_int_value(lit), ast_int_value(lit), arm);
        return false;
    }
    }
}

/* Of the arms from `first` on, up to the first that takes everything; returns
 * the one behind. */
static uint32_t note_heads(struct tree *t, uint32_t first)
{
    const struct ast_match *m = t->arms->m;
    t->none = UINT32_MAX;
    for (uint32_t i = first; i < m->arms.n; i++)
        if (note_head(t, AS(arm, m->arms.at[i])->pattern, i)) {
            t->all = i;
            return i + 1;
        }
    t->all = m->arms.n - 1;
    return m->arms.n;
}

/* ---- pieces -------------------------------------------------------------- */

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Where heads begin and end, in order, each once; returns how many. */
static uint32_t find_starts(struct tree *t, int64_t *starts)
{
    uint32_t n = 0, k = 1;
    starts[n++] = t->low;
    for (uint32_t i = 0; i < t->heads.n; i++) {
        const struct head *h = &t->heads.at[i];
        starts[n++] = h->from;
        if (h->last < t->high)
            starts[n++] = h->last + 1;
    }
    qsort(starts, n, sizeof *starts, by_value);
    for (uint32_t i = 1; i < n; i++)
        if (starts[i] != starts[k - 1])
            starts[k++] = starts[i];
    return k;
}

/* The first piece from k on that no arm has; skip[k] leads towards it. */
static uint32_t unowned(uint32_t *skip, uint32_t k)
{
    while (skip[k] != k)
        k = skip[k] = skip[skip[k]];
    return k;
}

/* Which arm has each of the n pieces: the first whose head takes it. */
static void find_owners(const struct tree *t, const int64_t *starts, uint32_t n,
                        uint32_t *owner)
{
    uint32_t *skip = ARENA_ARRAY(t->l->arena, uint32_t, n + 1);
    for (uint32_t k = 0; k <= n; k++) {
        skip[k] = k;
        owner[k] = t->all;
    }
    for (uint32_t i = 0; i < t->heads.n; i++) {
        const struct head *h = &t->heads.at[i];
        const int64_t *at =
            bsearch(&h->from, starts, n, sizeof *starts, by_value);
        uint32_t k = unowned(skip, (uint32_t)(at - starts));
        for (; k < n && starts[k] <= h->last; k = unowned(skip, k)) {
            owner[k] = h->arm;
            skip[k] = k + 1;
        }
    }
}

static void make_pieces(struct tree *t)
{
    struct arena *a = t->l->arena;
    size_t most = 2 * (size_t)t->heads.n + 1;
    int64_t *starts = ARENA_ARRAY(a, int64_t, most);
    uint32_t n = find_starts(t, starts);
    uint32_t *owner = ARENA_ARRAY(a, uint32_t, n + 1);
    find_owners(t, starts, n, owner);
    t->pieces = ARENA_ARRAY(a, struct piece, n);
    for (uint32_t k = 0; k < n; k++)
        if (!k || owner[k] != owner[k - 1])
            t->pieces[t->npieces++] =
                (struct piece){starts[k], lower_arm_entry(t->arms, owner[k])};
}

/* ---- the tree ------------------------------------------------------------ */

static ir_val compare(struct tree *t, enum ir_op op, int64_t with)
{
    struct lower *l = t->l;
    ir_type type = t->type->kind == TYPE_BYTE ? LOWER_BYTE : LOWER_INT;
    return lower_op(l, t->at, op, LOWER_BOOL, t->v,
                    lower_const(l, t->at, type, with), 0);
}

/* Goes to the piece among lo..hi-1 that has the value. */
static void search(struct tree *t, uint32_t lo, uint32_t hi)
{
    const struct piece *p = t->pieces;
    if (hi - lo == 1) {
        lower_goto(t->l, p[lo].to, t->at);
        return;
    }
    if (hi - lo == 3 && p[lo].to == p[lo + 2].to &&
        p[lo + 2].from - 1 == p[lo + 1].from) {
        lower_branch(t->l, compare(t, IR_EQ, p[lo + 1].from), p[lo + 1].to,
                     p[lo].to, t->at);
        return;
    }
    uint32_t mid = lo + (hi - lo) / 2;
    struct lower_label below = lower_label_new(t->l), rest = below;
    bool one_below = mid - lo == 1, one_left = hi - mid == 1;
    lower_branch(t->l, compare(t, IR_LT, p[mid].from),
                 one_below ? p[lo].to : &below, one_left ? p[mid].to : &rest,
                 t->at);
    if (!one_below) {
        lower_bind(t->l, &below);
        search(t, lo, mid);
    }
    if (!one_left) {
        lower_bind(t->l, &rest);
        search(t, mid, hi);
    }
}

/* The value to compare: what an option holds, a variant's number. */
static void look_into(struct tree *t, struct type *of, ir_val v)
{
    struct lower *l = t->l;
    if (of->kind == TYPE_OPTION) {
        struct lower_label some = lower_label_new(l);
        uint32_t arm = t->none == UINT32_MAX ? t->all : t->none;
        lower_branch(l, lower_has(l, t->at, of, v), &some,
                     lower_arm_entry(t->arms, arm), t->at);
        lower_bind(l, &some);
        v = lower_held(l, of, v);
    }
    if (t->type->kind == TYPE_ENUM && !t->type->is_scalar)
        v = lower_op(l, t->at, IR_TAG, LOWER_INT, v, IR_NONE, 0);
    t->v = v;
}

static bool find_range(struct tree *t)
{
    switch ((enum type_kind)t->type->kind) {
    case TYPE_INT:
        t->low = INT64_MIN;
        t->high = INT64_MAX;
        return true;
    case TYPE_BYTE: t->high = 255; return true;
    case TYPE_ENUM: t->high = (int64_t)t->type->nvariants - 1; return true;
    default: return false;
    }
}

uint32_t lower_switch(struct lower *l, const struct ast *at,
                      const struct lower_arms *arms, uint32_t first, ir_val v)
{
    struct type *of = arms->m->value->type;
    struct tree t = {.l = l, .at = at, .arms = arms};
    t.type = of->kind == TYPE_OPTION ? of->args[0] : of;
    if (!find_range(&t))
        return arms->m->arms.n;
    uint32_t end = note_heads(&t, first);
    make_pieces(&t);
    if (t.npieces >= PIECES_LEAST) {
        look_into(&t, of, v);
        search(&t, 0, t.npieces);
    }
    return end;
}
