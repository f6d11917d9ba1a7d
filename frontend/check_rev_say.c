/* check_rev_say.c - what reversible functions refuse, and the remedies.
 *
 * A remedy is a fix where the new text does what was meant, and a help where
 * the program has to say more than it does. */
#include "frontend/check_rev.h"

#include <string.h>

/* ---- updates ------------------------------------------------------------- */

/* The text of an update operator as it is written. */
static const char *op_text(struct checker *c, const struct ast *e, int op)
{
    if (e->kind == AST_UPDATE)
        return op == OP_NEG ? "neg" : "inv";
    if (op == OP_ROTL)
        return "<<<=";
    if (op == OP_ROTR)
        return ">>>=";
    return arena_printf(c->arena, "%s=", ast_op_text[op]);
}

/* An operator from which the old value cannot be computed. */
static void say_lossy(struct checker *c, int op, const char *text,
                      struct type *t, struct span at)
{
    struct diags *ds = c->u->diags;
    bool short_op = at.end - at.pos <= 4;

    diag_at(ds, E0502, at, text);
    switch (op) {
    case OP_SHL:
        diag_label(ds, at, "the bits that leave at the top are lost");
        break;
    case OP_SHR:
        diag_label(ds, at, "the bits that leave at the bottom are lost");
        break;
    case OP_MUL:
        diag_label(ds, at,
                   "times 0 everything becomes 0, and times 2 the "
                   "top bit is lost");
        diag_help(ds, "compute the product beside it: "
                      "`local t = 0; t += x * k`, and uncompute x from t");
        return;
    case OP_DIV:
    case OP_MOD:
        diag_label(ds, at,
                   op == OP_DIV ? "the remainder is lost"
                                : "the quotient is lost");
        diag_help(ds, "keep both: `q += x / k; x -= q * k` leaves the "
                      "quotient in q and the remainder in x");
        return;
    default:
        diag_label(ds, at, "several old values give one new value");
        if (short_op && (is_int(t) || t == &type_bool))
            diag_fix(ds, at, "^=", "`^=` toggles bits, and is its own inverse");
        return;
    }
    if (short_op)
        diag_fix(ds, at,
                 op == OP_SHL ? "<<<=" : ">>>=", "a rotate keeps every bit");
}

bool rev_say_update(struct checker *c, struct ast *e, int op, struct type *t,
                    struct span at)
{
    const char *text = op_text(c, e, op);
    struct diags *ds = c->u->diags;
    bool sums = op == OP_ADD || op == OP_SUB;
    bool turns = op == OP_ROTL || op == OP_ROTR || op == OP_NEG || op == OP_INV;

    if (t == &type_float) {
        diag_at(ds, E0503, at, text);
        diag_help(ds, "count in an int, as thousandths say, and convert where "
                      "the value is shown");
        return true;
    }
    if (!sums && !turns && op != OP_CARET) {
        say_lossy(c, op, text, t, at);
        return true;
    }
    if (is_int(t) || (op == OP_CARET && t == &type_bool))
        return false;
    diag_at(ds, E0504, at, text,
            op == OP_CARET ? "an int, byte or bool" : "an int or byte",
            say_type(c, t));
    if (t == &type_bool)
        diag_help(ds, "to toggle it, write `^= true`");
    else if (t == &type_str && sums)
        diag_help(ds, "collect the parts in a list");
    else if (t->kind == TYPE_LIST && sums)
        diag_help(ds, "to move a value onto the list, write `push(xs, &x)`");
    return true;
}

/* ---- what replaces ------------------------------------------------------- */

/* x = x + e and the like: the operator that updates x alike, or NULL. */
static const char *as_update(const struct ast *place, const struct ast *value)
{
    const struct ast_binary *b;

    if (value->kind != AST_BINARY || place->kind != AST_NAME)
        return NULL;
    b = AS(binary, value);
    if (b->left->kind != AST_NAME ||
        AS(name, b->left)->name != AS(name, place)->name)
        return NULL;
    return b->op == OP_ADD     ? "+="
           : b->op == OP_SUB   ? "-="
           : b->op == OP_CARET ? "^="
                               : NULL;
}

void rev_say_assign(struct checker *c, struct ast *e)
{
    struct ast_assign *a = AS(assign, e);
    const char *place = say_source(c, a->place), *value, *op;
    struct diags *ds = c->u->diags;

    op = as_update(a->place, a->value);
    value = say_source(c, op ? AS(binary, a->value)->right : a->value);
    diag_at(ds, E0500, span_between(c, a->place, a->value),
            place ? place : "this place");
    if (a->place->kind == AST_NAME && !scope_find(c, AS(name, a->place)->name))
        diag_help(ds,
                  "a variable begins with `local %s = ...` and ends with "
                  "`delocal %s = ...`",
                  place, place);
    else if (op && value)
        diag_fix(ds, span_of(c, e),
                 arena_printf(c->arena, "%s %s %s", place, op, value),
                 "update it instead");
    else
        diag_help(ds, "update it with `+=`, `-=` or `^=`, exchange it with "
                      "`<=>`, or give the value a `local` and `delocal` of "
                      "its own");
}

void rev_say_bind(struct checker *c, struct ast *e)
{
    struct ast_bind *b = AS(bind, e);
    struct span word = span_word(c, e->pos, 0);
    struct diags *ds = c->u->diags;

    diag_at(ds, E0506, word, b->is_var ? "var" : "let");
    if (b->pattern->kind == AST_PAT_NAME)
        diag_fix(ds, word, "local",
                 "bind it with `local`, and end it in this block with "
                 "`delocal %s = ...` and the value it has then",
                 AS(pat_name, b->pattern)->name->text);
}

struct type *rev_say_fixed(struct checker *c, struct ast *e, struct sym *s)
{
    struct diags *ds = c->u->diags;
    enum ast_kind decl = s->decl ? (enum ast_kind)s->decl->kind : AST_ERROR;
    bool local = s->kind == SYM_LOCAL && decl == AST_LOCAL;

    s->used = true;
    diag_at(ds, E0505, span_of(c, e), s->name->text);
    diag_label(ds, span_of_sym(s),
               s->kind == SYM_PARAM    ? "a parameter without `mut`"
               : s->kind == SYM_GLOBAL ? "a global declared with `let`"
               : local                 ? "a `local` that refers to an object"
                                       : "the loop variable");
    if (s->kind == SYM_PARAM)
        diag_fix(ds, span_of_sym(s),
                 arena_printf(c->arena, "mut %s", s->name->text),
                 "make it a `mut` parameter, to be passed with `&`");
    else if (local)
        diag_help(ds, "its elements and fields can be updated");
    else if (s->kind == SYM_GLOBAL)
        diag_help(ds, "declare it with `var`");
    else
        diag_help(ds, "count in a `local` of your own");
    return &type_error;
}

/* ---- `if` without `fi` --------------------------------------------------- */

/* The names whose variables a statement updates, as far as its own text
 * says. */
struct updated {
    bool calls; /* there are calls, which may update globals */
    const struct name *names[32];
    uint32_t n;
    bool more; /* than the array holds, or than names tell */
};

static void note_place(struct updated *u, const struct ast *e)
{
    if (e->kind != AST_NAME || u->n == 32)
        u->more |= e->kind == AST_NAME;
    else
        u->names[u->n++] = AS(name, e)->name;
}

static void find_updated(void *arg, struct ast *e)
{
    struct updated *u = arg;

    u->calls |= e->kind == AST_CALL;
    switch (e->kind) {
    case AST_ASSIGN: note_place(u, AS(assign, e)->place); break;
    case AST_OPASSIGN: note_place(u, AS(opassign, e)->place); break;
    case AST_UPDATE: note_place(u, AS(update, e)->place); break;
    case AST_SWAP:
        note_place(u, AS(swap, e)->left);
        note_place(u, AS(swap, e)->right);
        break;
    case AST_ARG:
        if (AS(arg, e)->by_ref)
            note_place(u, AS(arg, e)->value);
        break;
    default: break;
    }
    ast_children(e, find_updated, u);
}

/* Whether an expression is made of variables alone that are not updated. */
static void find_moving(void *arg, struct ast *e)
{
    struct updated *u = arg;

    if (e->kind == AST_MEMBER || e->kind == AST_INDEX || e->kind == AST_CALL)
        u->more = true;
    if (e->kind == AST_NAME && u->calls && AS(name, e)->sym &&
        AS(name, e)->sym->kind == SYM_GLOBAL)
        u->more = true;
    for (uint32_t i = 0; e->kind == AST_NAME && i < u->n; i++)
        u->more |= u->names[i] == AS(name, e)->name;
    ast_children(e, find_moving, u);
}

/* Proposes what was asked on entry where both branches leave it alone. */
static void propose_fi(struct checker *c, struct ast *e)
{
    struct ast_if *x = AS(if, e);
    struct diags *ds = c->u->diags;
    struct updated u = {.n = 0};
    const char *cond = say_source(c, x->cond);

    find_updated(&u, x->yes);
    if (x->no)
        find_updated(&u, x->no);
    if (x->cond->kind == AST_COND_LET)
        u.more = true;
    else
        find_moving(&u, x->cond);
    if (!u.more && cond)
        diag_fix(ds, span_at(c, e->end, e->end),
                 arena_printf(c->arena, " fi %s", cond),
                 "the branches leave `%s` as it is, so it also tells at the "
                 "end which one was taken",
                 cond);
    else
        diag_help(ds,
                  "write `fi d` with a condition that holds after the first "
                  "branch and not after the other; where nothing tells them "
                  "apart, they need a one-bit witness: a variable that just "
                  "one of them updates");
}

void rev_say_if(struct checker *c, struct ast *e)
{
    diag_at(c->u->diags, E0511, span_word(c, e->pos, 0));
    if (e->kind == AST_RIF || (AS(if, e)->no && AS(if, e)->no->kind == AST_IF))
        diag_help(c->u->diags,
                  "each branch but the last has its own: `if c { ... } fi p "
                  "else if d { ... } fi q else { ... }`");
    else
        propose_fi(c, e);
}

/* ---- calls --------------------------------------------------------------- */

static void say_world(struct checker *c, const struct ast *e,
                      const struct call *call)
{
    struct diags *ds = c->u->diags;
    struct span at = span_last_word(c, AS(call, e)->callee);

    diag_at(ds, E0513, at,
            arena_strndup(c->arena, at.src->text + at.pos, at.end - at.pos));
    diag_help(ds, call->builtin == BUILTIN_EXIT
                      ? "end the program in the function that calls this one"
                      : "print before or after the call, in the function that "
                        "makes it");
}

static void say_copies(struct checker *c, const struct ast *e,
                       const struct call *call)
{
    bool pushes = call->builtin == BUILTIN_PUSH;
    struct ast *item = pushes && call->nargs == 2 ? call->args[1] : NULL;
    struct diags *ds = c->u->diags;

    diag_at(ds, E0527, span_last_word(c, AS(call, e)->callee),
            pushes ? "push" : "pop");
    if (item && sema_is_path(item) && say_source(c, item))
        diag_fix(ds, span_of(c, item),
                 arena_printf(c->arena, "&%s", say_source(c, item)),
                 "move it: the variable is zero afterwards");
    else if (pushes)
        diag_help(ds, "hold the value in a variable and move it: "
                      "`push(xs, &x)`");
    else
        diag_help(ds, "move it into a variable that is zero: `pop(xs, &x)`");
}

void rev_say_call(struct checker *c, struct ast *e)
{
    const struct call *call = AS(call, e)->call;
    struct span at = span_last_word(c, AS(call, e)->callee);
    struct diags *ds = c->u->diags;
    const char *name =
        arena_strndup(c->arena, at.src->text + at.pos, at.end - at.pos);

    if (call->kind == CALL_BUILTIN) {
        switch (call->builtin) {
        case BUILTIN_PRINT:
        case BUILTIN_EPRINT:
        case BUILTIN_TRACE:
        case BUILTIN_EXIT: say_world(c, e, call); return;
        case BUILTIN_PUSH:
        case BUILTIN_POP: say_copies(c, e, call); return;
        }
    }
    diag_at(ds, E0512, at, name);
    if (call->kind == CALL_FN) {
        say_declared(c, call->sym);
        diag_help(ds,
                  "declare it `rev fn %s`, or, where it only computes, use "
                  "its value in an update",
                  name);
    } else if (call->kind == CALL_BUILTIN && call->builtin == BUILTIN_INSERT) {
        diag_help(ds, "`push(xs, &x)` adds at the end, and `xs.swap(i, j)` "
                      "moves it to its place");
    } else if (call->kind == CALL_BUILTIN && call->builtin == BUILTIN_REMOVE) {
        diag_help(ds, "`xs.swap(i, j)` moves it to the end, and `pop(xs, &x)` "
                      "takes it from there");
    } else {
        diag_help(ds, "it gives a value, and nothing takes it");
    }
}

/* ---- what stands in no reversible function ------------------------------- */

struct refusal {
    uint8_t kind; /* enum ast_kind */
    enum diag_code code;
    const char *word, *help;
};

static const struct refusal refusals[] = {
    {AST_RETURN, E0507, "return",
     "put the rest of the function into an `if ... fi`"},
    {AST_BREAK, E0507, "break",
     "say when the loop ends: `from c do { ... } until d`"},
    {AST_CONTINUE, E0507, "continue",
     "put the rest of the round into an `if ... fi`"},
    {AST_FAIL, E0507, "fail", "write `assert(c, \"message\")`"},
    {AST_KEEP, E0507, "keep",
     "a reversible function has no undo scope to keep"},
    {AST_REQUIRE, E0508, "require", "write `assert(c)`"},
    {AST_CHOOSE, E0508, "choose", "choose in the function that calls this one"},
    {AST_UNDO, E0508, "undo",
     "write `within { ... } apply { ... }`, or `uncall` what is to be taken "
     "back"},
    {AST_TRY, E0508, "try",
     "handle errors in the function that calls this "
     "one"},
    {AST_TRY_ELSE, E0508, "try",
     "handle errors in the function that calls "
     "this one"},
    {AST_ONUNDO, E0508, "onundo",
     "put it into the function that calls this "
     "one"},
    {AST_OLD, E0508, "old", "hold the old value in a `local`"},
    {AST_RECORD, E0508, "record", "record in the function that calls this one"},
    {AST_SEARCH, E0508, "search", "search in the function that calls this one"},
    {AST_FORK, E0508, "fork", "fork in the function that calls this one"},
    {AST_CHECKPOINT, E0508, "checkpoint",
     "take it in the function that calls this one"},
    {AST_REWIND, E0508, "rewind", "rewind in the function that calls this one"},
    {AST_WHILE, E0509, "while",
     "write `from c do { ... } loop { ... } until d`: c holds on entry and "
     "never again, d ends it"},
    {AST_LOOP, E0509, "loop",
     "write `from c do { ... } loop { ... } until d`: c holds on entry and "
     "never again, d ends it"},
    {AST_FOR, E0509, "for", "go over the indices: `for i in 0..xs.len`"},
    {AST_MATCH, E0510, "match",
     "write `if c { ... } fi p else if d { ... } fi q else { ... }`"},
    {AST_FN, E0528, "fn",
     "declare it in the module, and pass what it uses as arguments"},
};

bool rev_refuses(struct checker *c, struct ast *e)
{
    const struct refusal *r = refusals;
    const struct refusal *end = r + sizeof refusals / sizeof *refusals;
    bool labelled = (e->kind == AST_WHILE && AS(while, e)->label) ||
                    (e->kind == AST_LOOP && AS(loop, e)->label) ||
                    (e->kind == AST_FOR && AS(for, e)->label);

    while (r < end && r->kind != e->kind)
        r++;
    if (r == end)
        return false;
    diag_at(c->u->diags, r->code, span_word(c, e->pos, labelled), r->word);
    diag_help(c->u->diags, "%s", r->help);
    return true;
}
