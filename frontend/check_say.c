/* check_say.c - diagnostics that several files of the checker give, and the
 * spans they point to.
 *
 * The tree stores the span of each node; where a diagnostic wants a name
 * inside one (the name of a function, a label), it is read from the source
 * again.  Only declarations and errors pay for that. */
#include "frontend/check.h"

#include <ctype.h>
#include <string.h>

/* ---- spans --------------------------------------------------------------- */

struct span span_at(struct checker *c, uint32_t pos, uint32_t end)
{
    return (struct span){c->u->src, pos, end};
}

struct span span_of(struct checker *c, const struct ast *e)
{
    return span_at(c, e->pos, e->end);
}

struct span span_of_sym(const struct sym *s)
{
    return (struct span){s->src, s->pos, s->end};
}

static bool is_word(unsigned char ch)
{
    return isalnum(ch) || ch == '_' || ch >= 0x80;
}

/* The first word at or after pos, comments skipped; empty at the end. */
static struct span next_word(struct checker *c, uint32_t pos)
{
    const struct source *src = c->u->src;
    const char *s = src->text;
    uint32_t depth = 0, end;

    while (pos < src->len) {
        bool two = pos + 1 < src->len;
        if (two && s[pos] == '/' && s[pos + 1] == '*') {
            depth++;
            pos += 2;
        } else if (two && depth && s[pos] == '*' && s[pos + 1] == '/') {
            depth--;
            pos += 2;
        } else if (two && !depth && s[pos] == '/' && s[pos + 1] == '/') {
            while (pos < src->len && s[pos] != '\n')
                pos++;
        } else if (!depth && is_word((unsigned char)s[pos])) {
            break;
        } else {
            pos++;
        }
    }
    for (end = pos; end < src->len && is_word((unsigned char)s[end]); end++)
        ;
    return span_at(c, pos, end);
}

struct span span_word(struct checker *c, uint32_t pos, uint32_t nth)
{
    struct span w = next_word(c, pos);

    while (nth--)
        w = next_word(c, w.end);
    return w;
}

struct span span_word_after(struct checker *c, uint32_t pos, const char *after)
{
    size_t n = strlen(after);
    struct span w;

    do {
        w = next_word(c, pos);
        pos = w.end;
    } while (w.pos < w.end && (w.end - w.pos != n ||
                               memcmp(w.src->text + w.pos, after, n) != 0));
    return next_word(c, pos);
}

struct span span_between(struct checker *c, const struct ast *l,
                         const struct ast *r)
{
    enum { LONGEST = 8 }; /* else there is a comment, too */
    const char *s = c->u->src->text;
    uint32_t pos = l->end, end = r->pos;

    while (pos < end && strchr(" \t\r\n", s[pos]))
        pos++;
    while (end > pos && strchr(" \t\r\n", s[end - 1]))
        end--;
    return pos < end && end - pos <= LONGEST ? span_at(c, pos, end)
                                             : span_at(c, l->pos, r->end);
}

/* A node's place includes the parentheses around it. */
struct span span_last_word(struct checker *c, const struct ast *e)
{
    const char *s = c->u->src->text;
    uint32_t end = e->end, pos;

    while (end > e->pos && !is_word((unsigned char)s[end - 1]))
        end--;
    for (pos = end; pos > e->pos && is_word((unsigned char)s[pos - 1]); pos--)
        ;
    return span_at(c, pos, end);
}

const char *say_source(struct checker *c, const struct ast *e)
{
    uint32_t n = e->end - e->pos;
    const char *s = c->u->src->text + e->pos;

    if (n == 0 || n > 60 || memchr(s, '\n', n))
        return NULL;
    return arena_strndup(c->arena, s, n);
}

/* ---- common remarks ------------------------------------------------------ */

bool say_suggests(struct checker *c)
{
    return diags_errors(c->u->diags) <= CHECK_MAX_HINTS;
}

const char *say_type(struct checker *c, struct type *t)
{
    return type_text(c->u, t);
}

void say_unsupported(struct checker *c, const struct ast *e, const char *what)
{
    struct span at = span_of(c, e);

    if (memchr(at.src->text + at.pos, '\n', at.end - at.pos))
        at = next_word(c, at.pos);
    diag_at(c->u->diags, E0200, at, what);
}

void say_bare_none(struct checker *c, struct ast *e)
{
    diag_at(c->u->diags, E0275, span_of(c, flow_tail(e)));
    diag_help(c->u->diags, "write its type where it is bound: "
                           "`let x: int? = none`");
}

bool say_rev_pair(struct checker *c, struct span at, struct type *t)
{
    if (!type_is_pair(t))
        return false;
    diag_at(c->u->diags, E0529, at, say_type(c, t));
    diag_help(c->u->diags, "hold it in a struct or a list that is exchanged as "
                           "a whole, or keep the bool and the value apart");
    return true;
}

void say_may_be_none(struct checker *c, struct ast *e)
{
    const char *text = say_source(c, e);

    if (!text)
        text = "x";
    diag_help(c->u->diags,
              "it may be none: write `if let x = %s { ... }`, `%s ?? ...`, or "
              "`%s!` where it cannot be",
              text, text, text);
}

void say_ask_any(struct checker *c, struct ast *e, const char *type)
{
    const char *text = say_source(c, e);

    diag_help(c->u->diags, "ask for its type: `if let x: %s = %s { ... }`",
              type, text ? text : "e");
}

void say_declared(struct checker *c, const struct sym *s)
{
    if (s->src)
        diag_label(c->u->diags, span_of_sym(s), "declared here");
}

struct habit {
    const char *word, *instead, *help, *of;
    bool call;
};

/* How habits.def writes a kind of type; 0: it has no habits. */
static char letter_of(const struct type *t)
{
    switch ((enum type_kind)t->kind) {
    case TYPE_LIST: return 'L';
    case TYPE_MAP: return 'M';
    case TYPE_STR: return 'S';
    default: return 0;
    }
}

bool say_member_habit(struct checker *c, struct span at, struct type *t,
                      const struct name *word)
{
    static const struct habit members[] = {
#define MEMBER(of, word, instead, call, help) {word, instead, help, of, call},
#include "frontend/habits.def"
#undef MEMBER
        {0}};
    const struct habit *h = members;
    const struct name *instead;
    char letter = letter_of(t);

    if (!letter || !say_suggests(c))
        return false;
    while (h->word && (strcmp(h->word, word->text) || !strchr(h->of, letter)))
        h++;
    if (!h->word)
        return false;
    if (h->instead) {
        instead =
            names_add(c->u->names, h->instead, (uint32_t)strlen(h->instead));
        if (h->call && !call_is_method(c, t, instead))
            return false;
        if (h->call)
            at.end = at.pos + word->len;
        diag_fix(c->u->diags, at, h->instead, "%s", h->help);
    } else {
        diag_help(c->u->diags, "%s", h->help);
    }
    return true;
}

/* Whether the name was reported in this body; it is now. */
static bool was_reported(struct checker *c, const struct name *n)
{
    struct body *b = c->body;

    for (uint32_t i = 0; b && i < b->nundefined; i++)
        if (b->undefined[i] == n)
            return true;
    if (b && b->nundefined < BODY_UNDEFINED)
        b->undefined[b->nundefined++] = n;
    return false;
}

static bool say_name_habit(struct checker *c, struct span at,
                           const struct name *n)
{
    static const struct habit names[] = {
#define NAME(word, instead, help) {word, instead, help, NULL, false},
#include "frontend/habits.def"
#undef NAME
        {0}};
    const struct habit *h = names;

    while (h->word && strcmp(h->word, n->text))
        h++;
    if (!h->word)
        return false;
    if (h->instead)
        diag_fix(c->u->diags, at, h->instead, "%s", h->help);
    else
        diag_help(c->u->diags, "%s", h->help);
    return true;
}

/* What a module has that is not imported. */
static bool say_std_function(struct checker *c, const struct name *n)
{
    const char *std = modules_std_with(n->text);

    if (std)
        diag_help(c->u->diags,
                  "the module `%s` has one: `import %s`, then `%s.%s`", std,
                  std, std, n->text);
    return std != NULL;
}

/* The declaration of a name in a block around a place, behind it. */
struct later {
    const struct name *name;
    uint32_t pos;
    struct ast *found; /* the outermost, or NULL */
};

static bool declares(const struct ast *s, const struct name *n)
{
    if (s->kind == AST_FN)
        return AS(fn, s)->name == n;
    return s->kind == AST_BIND && AS(bind, s)->pattern->kind == AST_PAT_NAME &&
           AS(pat_name, AS(bind, s)->pattern)->name == n;
}

static void find_later(void *arg, struct ast *e)
{
    struct later *l = arg;
    const struct ast_nodes *stmts =
        e->kind == AST_BLOCK ? &AS(block, e)->stmts : NULL;

    if (l->found || l->pos < e->pos || l->pos >= e->end)
        return;
    for (uint32_t i = 0; stmts && i < stmts->n && !l->found; i++)
        if (stmts->at[i]->pos > l->pos && declares(stmts->at[i], l->name))
            l->found = stmts->at[i];
    ast_children(e, find_later, l);
}

/* A name that is used in its block before it is declared. */
static bool say_later(struct checker *c, struct span at, const struct name *n)
{
    struct later l = {n, at.pos, NULL};
    const struct body *b = c->body;

    while (b && b->kind == BODY_LAMBDA)
        b = b->up;
    if (!b || !b->fn)
        return false;
    find_later(&l, b->fn);
    if (!l.found)
        return false;
    diag_label(c->u->diags, span_word(c, l.found->pos, 1),
               "declared here, and known from here on");
    diag_help(c->u->diags, "declare it above its use");
    return true;
}

bool say_undefined(struct checker *c, struct span at, const struct name *n)
{
    const char *near;

    if (was_reported(c, n))
        return false;
    if (!strncmp(at.src->text + at.end, "!(", 2)) /* a macro of Rust */
        at.end++;
    diag_at(c->u->diags, E0201, at, n->text);
    if (!say_suggests(c))
        return false;
    if (modules_has_std(c->u, n)) {
        diag_help(c->u->diags,
                  "it is a module of the standard library: `import %s`",
                  n->text);
        return false;
    }
    if (say_later(c, at, n))
        return false;
    near = module_offers(c, n, false);
    if (!near)
        near = module_offers(c, n, true);
    /* a slip in a name of the program is likelier than a foreign word */
    if (!near)
        near = scope_nearest(c, n->text, true);
    if (!near && (say_name_habit(c, at, n) || say_std_function(c, n)))
        return false;
    if (!near)
        near = scope_nearest(c, n->text, false);
    if (near)
        diag_fix(c->u->diags, at, near, "did you mean `%s`?", near);
    return !near;
}

bool is_character(struct checker *c, const struct ast *e)
{
    return e->kind == AST_INT && c->u->src->text[e->pos] == '\'';
}

/* `'a'` where a text is wanted. */
static void say_quotes(struct checker *c, struct ast *e)
{
    const char *s = c->u->src->text + e->pos + 1;
    const char *escape = *s == '"' || *s == '{' ? "\\" : "";

    diag_fix(c->u->diags, span_of(c, e),
             arena_printf(c->arena, "\"%s%.*s\"", escape,
                          (int)(e->end - e->pos - 2), s),
             "a text stands in double quotes");
}

void say_conversion(struct checker *c, struct ast *e, struct type *got,
                    struct type *want)
{
    struct diags *ds = c->u->diags;
    const char *text = say_source(c, e);
    bool convert;

    if (!text || !say_suggests(c))
        return;
    switch ((enum type_kind)want->kind) {
    case TYPE_STR: convert = got->kind != TYPE_UNIT; break;
    case TYPE_INT:
        convert =
            is_number(got) || got->kind == TYPE_BOOL || got->kind == TYPE_STR;
        break;
    case TYPE_FLOAT: convert = is_number(got) || got->kind == TYPE_STR; break;
    case TYPE_BYTE: convert = got->kind == TYPE_INT; break;
    default: convert = false;
    }
    if (want == &type_byte && e->kind == AST_STR && strlen(text) == 3) {
        diag_fix(ds, span_of(c, e), arena_printf(c->arena, "'%c'", text[1]),
                 "one character stands in single quotes");
    } else if (want == &type_str && is_character(c, e)) {
        say_quotes(c, e);
    } else if (want->kind == TYPE_BOOL && is_int(got)) {
        diag_help(ds, "compare it: `%s != 0`", text);
    } else if (convert && e->kind == AST_INT && want->kind == TYPE_FLOAT) {
        const char *literal = arena_printf(c->arena, "%s.0", text);
        diag_fix(ds, span_of(c, e), literal, "write it as a float");
    } else if (convert) {
        const char *call =
            arena_printf(c->arena, "%s(%s)", say_type(c, want), text);
        diag_fix(ds, span_of(c, e), call, "convert it with `%s(...)`%s",
                 say_type(c, want),
                 got->kind == TYPE_STR
                     ? ", which fails where the text is no number"
                     : "");
    }
}

/* Where two types read alike: the declarations that they do not share. */
static void say_namesakes(struct checker *c, const struct type *a,
                          const struct type *b)
{
    while (a->kind == b->kind && a->decl == b->decl && a->nargs &&
           a->nargs == b->nargs) {
        uint32_t i = 0;
        while (i + 1 < a->nargs && a->args[i] == b->args[i])
            i++;
        a = a->args[i];
        b = b->args[i];
    }
    if (a->decl == b->decl || !a->decl || !b->decl)
        return;
    diag_label(c->u->diags, span_of_sym(a->decl), "one `%s`",
               a->decl->name->text);
    diag_label(c->u->diags, span_of_sym(b->decl), "another `%s`",
               b->decl->name->text);
}

void say_mismatch(struct checker *c, struct ast *e, struct type *got,
                  struct type *want, const struct reason *why)
{
    struct diags *ds = c->u->diags;
    struct ast *at = flow_tail(e);

    diag_at(ds, E0210, span_of(c, at), say_type(c, want), say_type(c, got));
    diag_label(ds, span_of(c, at), "this is a value of type `%s`",
               say_type(c, got));
    if (why && why->text)
        diag_label(ds, why->at, "%s", why->text);
    if (!strcmp(say_type(c, want), say_type(c, got)))
        say_namesakes(c, want, got);
    else if (got->kind == TYPE_LIST && got->args[0] == want)
        diag_help(ds, "this is a list of such values; take one with `[i]`");
    else if (is_bare_none(got))
        diag_help(ds, "only an option, `%s?`, can be none", say_type(c, want));
    else if (got == &type_any)
        say_ask_any(c, at, say_type(c, want));
    else if (is_option(got) && types_fit(got->args[0], want))
        say_may_be_none(c, at);
    else
        say_conversion(c, at, got, want);
}

/* Says what e is that it has no value. */
void say_no_value(struct checker *c, struct ast *e)
{
    struct diags *ds = c->u->diags;
    struct ast *at = flow_tail(e);
    struct span span = span_of(c, at);
    struct call *call = at->kind == AST_CALL ? AS(call, at)->call : NULL;

    if (call && call->sym && call->sym->kind == SYM_FN &&
        decl_gives(c, (struct top *)call->sym))
        return;
    if (at->kind == AST_IF && !AS(if, at)->no) {
        diag_at(ds, E0218, span_word(c, at->pos, 0));
        diag_label(ds, span_word(c, at->pos, 0),
                   "without `else` there may be no value");
        diag_help(ds, "add `else { ... }` with the value for the other case");
        return;
    }
    if (at->kind == AST_WHILE || at->kind == AST_FOR || at->kind == AST_LOOP)
        span = span_word(c, at->pos, 0);
    diag_at(ds, E0211, span);
    if (call) {
        diag_label(ds, span, "this call returns nothing");
        if (call->sym && call->sym->kind == SYM_FN) {
            say_declared(c, call->sym);
            diag_help(ds,
                      "to return a value, `%s` needs a result type: "
                      "`-> T`",
                      call->sym->name->text);
        }
    } else if (at->kind == AST_BLOCK && !AS(block, at)->stmts.n) {
        diag_label(ds, span, "the block is empty");
    } else if (ast_groups[at->kind] != AST_EXPR) {
        diag_label(ds, span, "a statement, not an expression");
        diag_help(ds, "the value of a block is its last expression");
    }
}
