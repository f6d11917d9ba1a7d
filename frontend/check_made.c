/* check_made.c - structs and enums of which no value can be made.
 *
 * A struct takes values for all of its fields, an enum for all parts of one of
 * its variants.  Whatever else there is, a list, a map, an option, can be made
 * of nothing.  So each struct and each variant looks through what it holds,
 * and waits at the first thing that no value is known of; where one is found,
 * those that wait for it look on.  This takes time in proportion to the text.
 *
 * What waits in the end has no values.  Each of these waits for another one
 * of them, so following them leads round a ring, and that is what is said. */
#include "frontend/check.h"

struct made;

/* A struct, or a variant, and how far it has looked. */
struct maker {
    struct type *t;     /* its fields */
    struct made *of;    /* what it makes */
    struct made *needs; /* what it waits for */
    struct maker *next; /* that waits for the same */
    uint32_t field;     /* the one it has come to */
    uint32_t part;      /* of the structs and enums that are held there */
};

enum { UNSEEN, OPEN, DONE };

/* A declared struct or enum. */
struct made {
    struct sym *sym;
    struct maker *first;   /* that may make it */
    struct maker *waiting; /* for it */
    bool ready;            /* a value of it is known */
    uint8_t seen;
};

struct makers {
    struct checker *c;
    uint32_t structs, enums; /* numbers of the first */
    struct made *all;        /* the structs, then the enums */
    uint32_t n;
    struct maker *todo;
};

/* The declaration number *k, from 0, of which a value of type t holds one,
 * itself or in a tuple; NULL: there are fewer, and *k is less. */
static struct sym *held_decl(struct type *t, uint32_t *k)
{
    struct sym *found = NULL;

    if ((t->kind == TYPE_STRUCT || t->kind == TYPE_ENUM) && t->decl)
        return (*k)-- == 0 ? t->decl : NULL;
    for (uint32_t i = 0; t->kind == TYPE_TUPLE && i < t->nargs && !found; i++)
        found = held_decl(t->args[i], k);
    return found;
}

/* NULL: of a module that was looked at before. */
static struct made *made_of(struct makers *m, const struct sym *s)
{
    bool is_enum = s->kind == SYM_ENUM;
    uint32_t from = is_enum ? m->enums : m->structs;

    if (s->index < from)
        return NULL;
    return &m->all[s->index - from +
                   (is_enum ? m->c->u->structs.n - m->structs : 0)];
}

/* Looks on from where it is.  False: it waits. */
static bool look(struct makers *m, struct maker *r)
{
    while (r->field < r->t->nfields) {
        uint32_t k = r->part;
        struct sym *s = held_decl(r->t->fields[r->field].type, &k);
        struct made *need = s ? made_of(m, s) : NULL;
        if (need && !need->ready) {
            r->needs = need;
            r->next = need->waiting;
            need->waiting = r;
            return false;
        }
        r->part++;
        if (!s) {
            r->field++;
            r->part = 0;
        }
    }
    return true;
}

static void add_maker(struct makers *m, struct maker *r, struct made *of,
                      struct type *t)
{
    *r = (struct maker){.t = t, .of = of, .next = m->todo};
    m->todo = r;
    if (!of->first)
        of->first = r;
}

static void add_enum(struct makers *m, struct made *to)
{
    struct type *t = to->sym->type;
    struct maker *of = ARENA_ARRAY(m->c->arena, struct maker, t->nvariants + 1);

    to->ready = t->nvariants == 0; /* which is an error of its own */
    for (uint32_t i = 0; i < t->nvariants; i++) {
        if (t->variants[i].payload)
            add_maker(m, &of[i], to, t->variants[i].payload);
        else
            to->ready = true;
    }
}

/* Whatever can be made is ready afterwards. */
static void make(struct makers *m)
{
    while (m->todo) {
        struct maker *r = m->todo, *waiting;
        m->todo = r->next;
        if (r->of->ready || !look(m, r))
            continue;
        waiting = r->of->waiting;
        r->of->ready = true;
        r->of->waiting = NULL;
        while (waiting) {
            struct maker *next = waiting->next;
            waiting->next = m->todo;
            m->todo = waiting;
            waiting = next;
        }
    }
}

static void say_ring(struct checker *c, struct made *first)
{
    enum { MOST = 4 };
    struct diags *ds = c->u->diags;
    struct made *at = first;
    bool is_enum = false;

    diag_at(ds, E0224, span_of_sym(first->sym), first->sym->name->text);
    for (uint32_t i = 0; i < MOST && (i == 0 || at != first); i++) {
        const struct maker *r = at->first;
        const struct field *f = &r->t->fields[r->field];
        diag_label(ds, (struct span){at->sym->src, f->pos, f->end},
                   "each `%s` holds one of type `%s`", r->t->decl->name->text,
                   say_type(c, f->type));
        is_enum |= at->sym->kind == SYM_ENUM;
        at = r->needs;
    }
    diag_help(ds, "a list of them may be empty: `[%s]`%s",
              first->sym->name->text,
              is_enum ? "; or add a variant that holds none" : "");
}

/* From one that is not ready to a ring, each of which is said once. */
static void follow(struct makers *m, struct made *from)
{
    struct made *at = from;

    for (; at->seen == UNSEEN; at = at->first->needs)
        at->seen = OPEN;
    if (at->seen == OPEN)
        say_ring(m->c, at);
    for (at = from; at->seen == OPEN; at = at->first->needs)
        at->seen = DONE;
}

void made_check(struct checker *c, uint32_t structs, uint32_t enums)
{
    struct sym **ss = c->u->structs.at, **es = c->u->enums.at;
    uint32_t n = c->u->structs.n - structs;
    struct makers m = {.c = c, .structs = structs, .enums = enums};

    m.all = ARENA_ARRAY(c->arena, struct made, n + c->u->enums.n - enums + 1);
    for (; m.n < n; m.n++) {
        m.all[m.n].sym = ss[structs + m.n];
        m.all[m.n].sym->index = structs + m.n;
        add_maker(&m, ARENA_NEW(c->arena, struct maker), &m.all[m.n],
                  m.all[m.n].sym->type);
    }
    for (uint32_t i = enums; i < c->u->enums.n; i++, m.n++) {
        m.all[m.n].sym = es[i];
        es[i]->index = i;
        add_enum(&m, &m.all[m.n]);
    }
    make(&m);
    for (uint32_t i = 0; i < m.n; i++)
        if (!m.all[i].ready)
            follow(&m, &m.all[i]);
}
