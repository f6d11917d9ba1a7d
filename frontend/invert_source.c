/* invert_source.c - the inverse of functions and statements. */
#include "frontend/invert_source.h"

#include <string.h>

#include "frontend/invert_impl.h"

/* ---- nodes --------------------------------------------------------------- */

static void raise_depth(void *arg, struct ast *child)
{
    uint16_t *depth = arg;

    if (child->depth >= *depth)
        *depth = (uint16_t)(child->depth + 1);
}

struct ast *invert_make(struct inverter *v, const struct ast *like,
                        enum ast_kind kind, const struct ast *fields)
{
    struct ast *node = ast_new(v->u->arena, kind, like->pos, like->end);

    memcpy(node + 1, fields + 1, ast_sizes[kind] - sizeof *node);
    ast_children(node, raise_depth, &node->depth);
    return node;
}

/* ---- what has no inverse ------------------------------------------------- */

struct ast *invert_refuse(struct inverter *v, struct ast *node,
                          const char *what, const char *help)
{
    v->failed = true;
    diag_at(v->u->diags, E0601, (struct span){v->u->src, node->pos, node->end},
            what);
    if (help)
        diag_help(v->u->diags, "%s", help);
    return node;
}

static const char no_fi[] = "an `if` without `fi`";
static const char write_fi[] = "write `fi d` behind it, with a d that is true "
                               "where the first branch was taken";
static const char to_the_end[] = "a reversible function runs to its end";
static const char from_until[] =
    "a loop that knows its start is `from c do { ... } until d`";
static const char updates[] =
    "what does not lose the old value: `x += e`, `x -= e`, `x ^= e`, "
    "`x <<<= k`, `x >>>= k`, `a <=> b`";

/* Statements of ordinary functions, and what to write instead. */
static struct ast *refuse_ordinary(struct inverter *v, struct ast *node)
{
    switch (node->kind) {
    case AST_ASSIGN: return invert_refuse(v, node, "an assignment", updates);
    case AST_BIND:
        return invert_refuse(v, node,
                             AS(bind, node)->is_var ? "`var`" : "`let`",
                             "a variable begins with `local t = e` and ends "
                             "with `delocal t = d`");
    case AST_IF: return invert_refuse(v, node, no_fi, write_fi);
    case AST_MATCH:
        return invert_refuse(v, node, "`match`",
                             "write a chain of `if ... fi ... else if`");
    case AST_WHILE: return invert_refuse(v, node, "`while`", from_until);
    case AST_LOOP: return invert_refuse(v, node, "`loop`", from_until);
    case AST_FAIL: return invert_refuse(v, node, "`fail`", to_the_end);
    case AST_RETURN: return invert_refuse(v, node, "`return`", to_the_end);
    case AST_BREAK: return invert_refuse(v, node, "`break`", to_the_end);
    case AST_CONTINUE: return invert_refuse(v, node, "`continue`", to_the_end);
    case AST_FN:
        return invert_refuse(v, node, "a function inside",
                             "declare it outside");
    }
    return invert_refuse(v, node,
                         ast_groups[node->kind] == AST_EXPR ? "an expression"
                                                            : "this statement",
                         NULL);
}

/* ---- updates and variables ----------------------------------------------- */

static struct ast *invert_opassign(struct inverter *v, struct ast *node)
{
    static const uint8_t inverses[OP_COUNT] = {
        [OP_ADD] = OP_SUB,   [OP_SUB] = OP_ADD,   [OP_CARET] = OP_CARET,
        [OP_ROTL] = OP_ROTR, [OP_ROTR] = OP_ROTL,
    };
    struct ast_opassign *n = AS(opassign, node);
    struct arena *a = v->u->arena;

    if (!inverses[n->op])
        return invert_refuse(
            v, node, arena_printf(a, "`%s=`", ast_op_text[n->op]), updates);
    return INVERT_MAKE(v, node, opassign, .op = inverses[n->op],
                       .place = n->place, .value = n->value);
}

/* The next of the name from l->at[i] on: a DELOCAL of a LOCAL and the other
 * way round; NULL where there is none. LOCAL and DELOCAL have the same fields.
 */
static struct ast **next_of(const struct ast_nodes *l, uint32_t i)
{
    const struct name *name = AS(local, l->at[i])->name;
    bool forward = l->at[i]->kind == AST_LOCAL;
    uint8_t wanted = forward ? AST_DELOCAL : AST_LOCAL;

    for (;;) {
        if (l->at[i]->kind == wanted && AS(local, l->at[i])->name == name)
            return &l->at[i];
        if (i == (forward ? l->n - 1 : 0))
            return NULL;
        i = forward ? i + 1 : i - 1;
    }
}

struct ast *invert_pair(const struct ast_nodes *l, uint32_t i)
{
    struct ast **other = next_of(l, i);

    if (!other || next_of(l, (uint32_t)(other - l->at)) != &l->at[i])
        return NULL;
    return *other;
}

/* The value comes from the statement, the type from where it becomes. */
static struct ast *invert_local(struct inverter *v, const struct ast_nodes *l,
                                uint32_t i)
{
    struct ast *node = l->at[i], *other = invert_pair(l, i);
    struct ast_local *n = AS(local, node);
    bool is_local = node->kind == AST_LOCAL;
    struct arena *a = v->u->arena;
    struct ast *type;

    if (!other)
        return invert_refuse(
            v, node,
            arena_printf(a,
                         is_local ? "`local %s` without its `delocal`"
                                  : "`delocal %s` without its `local`",
                         n->name->text),
            "both stand in the same block");
    type = AS(local, other)->type;
    if (is_local)
        return INVERT_MAKE(v, node, delocal, .name = n->name, .type = type,
                           .value = n->value);
    return INVERT_MAKE(v, node, local, .name = n->name, .type = type,
                       .value = n->value);
}

/* ---- control ------------------------------------------------------------- */

static struct ast *invert_rif(struct inverter *v, struct ast *node)
{
    struct ast_rif *n = AS(rif, node);
    struct ast *no = n->no;

    if (!n->fi)
        return invert_refuse(v, node, no_fi, write_fi);
    if (n->cond->kind == AST_COND_LET)
        return invert_refuse(v, n->cond, "`if let`",
                             "a condition is needed for each direction");
    no = no && no->kind == AST_RIF ? invert_rif(v, no) : invert_block(v, no);
    return INVERT_MAKE(v, node, rif, .cond = n->fi, .fi = n->cond,
                       .yes = invert_block(v, n->yes), .no = no);
}

static struct ast *invert_from(struct inverter *v, struct ast *node)
{
    struct ast_from *n = AS(from, node);

    return INVERT_MAKE(v, node, from, .entry = n->exit, .exit = n->entry,
                       .body = invert_block(v, n->body),
                       .step = invert_block(v, n->step));
}

/* The first block runs both ways in either direction: it stays, and is
 * inverted only to see that it can be. */
static struct ast *invert_within(struct inverter *v, struct ast *node)
{
    struct ast_within *n = AS(within, node);

    struct ast *body = invert_block(v, n->body);
    bool turned = v->turned;

    /* twice inverted it is as it was, but for the names of the inverses */
    v->turned = true;
    body = v->all && !turned ? invert_block(v, body) : n->body;
    v->turned = turned;
    return INVERT_MAKE(v, node, within, .body = body,
                       .apply = invert_block(v, n->apply));
}

static struct ast *invert_stmt(struct inverter *v, struct ast *node)
{
    switch (node->kind) {
    case AST_SWAP:
    case AST_UPDATE: return node;
    case AST_OPASSIGN: return invert_opassign(v, node);
    case AST_BLOCK: return invert_block(v, node);
    case AST_RIF: return invert_rif(v, node);
    case AST_FROM: return invert_from(v, node);
    case AST_FOR: return invert_for(v, node);
    case AST_WITHIN: return invert_within(v, node);
    case AST_CALL: return invert_call(v, node);
    case AST_UNCALL: return invert_uncall(v, node);
    }
    return refuse_ordinary(v, node);
}

struct ast_nodes invert_stmts(struct inverter *v, const struct ast_nodes *l)
{
    struct ast_nodes out = {0};

    for (uint32_t i = l->n; i-- > 0;) {
        struct ast *node = l->at[i];
        bool pairs = node->kind == AST_LOCAL || node->kind == AST_DELOCAL;
        ast_append(v->u->arena, &out,
                   pairs ? invert_local(v, l, i) : invert_stmt(v, node));
    }
    return out;
}

struct ast *invert_block(struct inverter *v, struct ast *block)
{
    if (!block)
        return NULL;
    return INVERT_MAKE(v, block, block,
                       .stmts = invert_stmts(v, &AS(block, block)->stmts));
}

/* ---- functions ----------------------------------------------------------- */

const struct name *invert_name(struct unit *u, const struct name *name)
{
    static const char suffix[] = "_inverse";
    const uint32_t n = sizeof suffix - 1;
    const struct name *bare = NULL;

    if (name->len > n && !strcmp(name->text + name->len - n, suffix))
        bare = names_add(u->names, name->text, name->len - n);
    if (bare && !bare->word) /* a word of the language could not be called */
        return bare;
    return names_add(u->names,
                     arena_printf(u->arena, "%s%s", name->text, suffix),
                     name->len + n);
}

struct ast *invert_fn(struct unit *u, struct ast *fn, bool all)
{
    struct ast_fn *n = AS(fn, fn);
    struct inverter v = {.u = u, .name = n->name, .all = all};
    struct ast *body;

    v.inverse = invert_name(u, n->name);
    body = invert_block(&v, n->body);
    if (v.failed)
        return NULL;
    return INVERT_MAKE(&v, fn, fn, .kind = AST_FN_REV, .name = v.inverse,
                       .tparams = n->tparams, .params = n->params, .body = body,
                       .pub = n->pub);
}
