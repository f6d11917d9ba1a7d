/* check_init.c - globals are not used before they are initialised.
 *
 * Globals are initialised in the order of the text.  The value of a global
 * may use the globals above it only, directly and through the functions it
 * calls; what a function may use counts whether or not a call takes that path,
 * as elsewhere in the language nothing depends on values that only running can
 * tell.
 *
 * While bodies are checked, each use of a function or global is noted as an
 * edge.  Then, from the last global up, everything that can reach a global is
 * marked with it, once: the first mark that something gets is the latest
 * global it reaches.  So the whole takes time linear in the number of uses. */
#include "frontend/check.h"

enum { NOTHING = UINT32_MAX };

/* What is known of each function and global, by id. */
struct node {
    uint32_t first;  /* its users: edges[first .. first of the next) */
    uint32_t latest; /* id of the latest global it reaches, or NOTHING */
    uint32_t via;    /* the edge that leads towards it */
};

void init_use(struct checker *c, struct top *to, struct ast *at)
{
    struct body *b = c->body;

    if (!b->owner || b->owner != to)
        to->sym.used = true;
    if (to->infers && to->state != TOP_DONE)
        decl_infer(c, to, at);
    else if (to->state == TOP_NEW && to->sym.module->is_std)
        vec_push(c->u->mem, &c->wanted, to);
    if (b->owner && (c->nglobals || c->module->is_std))
        vec_push(c->u->mem, &c->uses,
                 (struct use){b->owner->id, to->id, at->pos, at->end});
}

/* Orders the edges by what is used, by counting. */
static uint32_t *index_uses(struct checker *c, struct node *nodes)
{
    uint32_t n = c->tops.n;
    uint32_t *edges = ARENA_ARRAY(c->arena, uint32_t, c->uses.n + 1);
    uint32_t sum = 0;

    for (uint32_t i = 0; i < c->uses.n; i++)
        nodes[c->uses.at[i].to].first++;
    for (uint32_t i = 0; i <= n; i++) {
        uint32_t count = nodes[i].first;
        nodes[i].first = sum;
        sum += count;
    }
    /* placing moves `first` to the end of each run, that is to the start of
     * the next one; reading shifts it back */
    for (uint32_t i = 0; i < c->uses.n; i++)
        edges[nodes[c->uses.at[i].to].first++] = i;
    for (uint32_t i = n; i > 0; i--)
        nodes[i].first = nodes[i - 1].first;
    nodes[0].first = 0;
    return edges;
}

/* Marks every function that reaches global `id` and reaches no later one. */
static void mark_users(struct checker *c, struct node *nodes,
                       const uint32_t *edges, uint32_t id, uint32_t *stack)
{
    uint32_t n = 0;

    stack[n++] = id;
    while (n) {
        uint32_t at = stack[--n];
        for (uint32_t k = nodes[at].first; k < nodes[at + 1].first; k++) {
            uint32_t user = c->uses.at[edges[k]].from;
            if (c->tops.at[user]->sym.kind != SYM_FN ||
                nodes[user].latest != NOTHING)
                continue;
            nodes[user].latest = id;
            nodes[user].via = edges[k];
            stack[n++] = user;
        }
    }
}

static struct span span_of_use(const struct checker *c, const struct use *use)
{
    return (struct span){c->tops.at[use->from]->sym.src, use->pos, use->end};
}

/* Names the functions on the way from a use to the global. */
static void say_path(struct checker *c, const struct node *nodes, uint32_t at,
                     uint32_t global)
{
    struct diags *ds = c->u->diags;

    for (int steps = 0; at != global && steps < 4; steps++) {
        const struct use *use = &c->uses.at[nodes[at].via];
        diag_label(ds, span_of_use(c, use), "`%s` uses `%s`",
                   c->tops.at[at]->sym.name->text,
                   c->tops.at[use->to]->sym.name->text);
        at = use->to;
    }
}

static void check_use(struct checker *c, const struct node *nodes,
                      const struct use *use)
{
    struct top *owner = c->tops.at[use->from], *to = c->tops.at[use->to];
    uint32_t late =
        to->sym.kind == SYM_GLOBAL ? use->to : nodes[use->to].latest;
    struct diags *ds = c->u->diags;

    if (owner->sym.kind != SYM_GLOBAL || owner->reported || late == NOTHING ||
        late < owner->id)
        return;
    owner->reported = true;
    diag_at(ds, E0203, span_of_use(c, use), c->tops.at[late]->sym.name->text);
    say_path(c, nodes, use->to, late);
    say_declared(c, &c->tops.at[late]->sym);
    if (late == owner->id)
        diag_note(ds, "this is its own initial value");
    else
        diag_help(ds,
                  "globals are initialised in the order of the text: "
                  "move `%s` above `%s`",
                  c->tops.at[late]->sym.name->text, owner->sym.name->text);
}

void init_check(struct checker *c)
{
    uint32_t n = c->tops.n;
    struct node *nodes;
    uint32_t *edges, *stack;

    if (!c->nglobals || !c->uses.n)
        return;
    nodes = ARENA_ARRAY(c->arena, struct node, n + 1);
    stack = ARENA_ARRAY(c->arena, uint32_t, n + 1);
    edges = index_uses(c, nodes);
    for (uint32_t i = 0; i <= n; i++)
        nodes[i].latest = NOTHING;
    for (uint32_t i = n; i-- > 0;)
        if (c->tops.at[i]->sym.kind == SYM_GLOBAL)
            mark_users(c, nodes, edges, i, stack);
    for (uint32_t i = 0; i < c->uses.n; i++)
        check_use(c, nodes, &c->uses.at[i]);
}
