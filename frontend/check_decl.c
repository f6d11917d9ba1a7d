/* check_decl.c - what a module declares: collecting the names, signatures,
 * and the bodies of functions, globals and tests.
 *
 * All names are collected before anything is looked at, so functions and
 * structs may be used before they are declared.  What is not supported yet is
 * reported once, and its name bound to a symbol of the error type (kind
 * SYM_LOCAL, which no module-level name has otherwise), so that its uses stay
 * silent. */
#include "frontend/check_rev.h"

#include <string.h>

/* ---- collecting ---------------------------------------------------------- */

static void bind_unsupported(struct checker *c, const struct name *name,
                             struct ast *decl, struct span at)
{
    struct sym *s;

    if (!name)
        return;
    s = sym_new(c, SYM_LOCAL, name, decl, at);
    s->used = true;
    scope_add(c, s);
}

static struct top *top_add(struct checker *c, enum sym_kind kind,
                           const struct name *name, struct ast *decl,
                           struct span at)
{
    struct top *t = (struct top *)sym_new(c, kind, name, decl, at);

    t->id = c->tops.n;
    vec_push(c->u->mem, &c->tops, t);
    return t;
}

/* A generic function is no function before it has instances. */
static void collect_generic(struct checker *c, struct ast *e, struct span at)
{
    struct ast_fn *fn = AS(fn, e);
    struct sym *s = sym_new(c, SYM_FN, fn->name, e, at);

    fn->sym = s;
    s->is_rev = fn->kind == AST_FN_REV;
    if (!scope_add(c, s))
        s->used = true;
    if (fn->name == c->n_main && !c->u->main)
        c->u->main = s;
    vec_push_in(c->arena, &c->u->generics, s);
}

struct top *decl_instance(struct checker *c, const struct sym *fn,
                          struct ast *copy)
{
    struct span at = span_of_sym(fn);
    struct top *t = top_add(c, SYM_FN, fn->name, copy, at);

    AS(fn, copy)->sym = &t->sym;
    t->sym.is_rev = fn->is_rev;
    t->sym.used = true;
    return t;
}

static void collect_fn(struct checker *c, struct ast *e)
{
    struct ast_fn *fn = AS(fn, e);
    struct span at = span_word_after(c, e->pos, "fn");
    struct top *t;

    if (fn->kind == AST_FN_MERGE) {
        diag_at(c->u->diags, E0200, at, "merge functions are");
        return;
    }
    if (fn->tparams.n) {
        collect_generic(c, e, at);
        return;
    }
    t = top_add(c, SYM_FN, fn->name, e, at);
    fn->sym = &t->sym;
    t->sym.is_rev = fn->kind == AST_FN_REV;
    if (t->sym.is_rev && !c->u->rev.src)
        c->u->rev = at;
    if (!scope_add(c, &t->sym))
        t->sym.used = true;
    vec_push_in(c->arena, &c->u->fns, &t->sym);
    if (fn->name == c->n_main && !c->u->main && c->module == c->u->top)
        c->u->main = &t->sym;
}

static void collect_struct(struct checker *c, struct ast *e)
{
    struct ast_struct *x = AS(struct, e);
    struct span at = span_word_after(c, e->pos, "struct");
    struct sym *s;

    if (x->fields.n > CHECK_MAX_FIELDS) {
        diag_at(c->u->diags, E0267, at, x->name->text);
        bind_unsupported(c, x->name, e, at);
        return;
    }
    s = sym_new(c, SYM_STRUCT, x->name, e, at);
    s->type = NULL;
    s->type =
        type_struct(c->u, s, tparams_make(c, s, &x->tparams), x->tparams.n);
    x->sym = s;
    scope_add(c, s);
    vec_push_in(c->arena, &c->u->structs, s);
}

static void collect_global(struct checker *c, struct ast *e);

static void add_global(struct checker *c, struct ast *e,
                       const struct name *name, struct span at)
{
    struct ast_bind *b = AS(bind, e);
    struct top *t = top_add(c, SYM_GLOBAL, name, e, at);

    t->sym.is_var = b->is_var;
    b->sym = &t->sym;
    c->nglobals++;
    if (name != c->n_wild)
        scope_add(c, &t->sym);
    vec_push_in(c->arena, &c->module->globals, &t->sym);
}

/* `let (a, b) = e` at module level is a global without a name that holds the
 * tuple, and globals a and b with its items. */
static void collect_parts(struct checker *c, struct ast *e)
{
    struct ast_nodes *items = &AS(pat_tuple, AS(bind, e)->pattern)->items;
    const char *text = arena_printf(c->arena, "(%u)", e->pos);
    const struct name *whole =
        names_add(c->u->names, text, (uint32_t)strlen(text));

    add_global(c, e, whole, span_of(c, AS(bind, e)->pattern));
    AS(bind, e)->sym->used = true;
    for (uint32_t i = 0; i < items->n; i++) {
        struct ast *p = items->at[i];
        struct ast *part = ast_new(c->arena, AST_BIND, p->pos, p->end);
        struct ast *at = ast_new(c->arena, AST_TUPLE_AT, p->pos, p->end);
        struct ast *base = ast_new(c->arena, AST_NAME, p->pos, p->end);
        AS(name, base)->name = whole;
        AS(tuple_at, at)->base = base;
        AS(tuple_at, at)->index = (int)i;
        AS(bind, part)->is_var = AS(bind, e)->is_var;
        AS(bind, part)->pub = AS(bind, e)->pub;
        AS(bind, part)->pattern = p;
        AS(bind, part)->value = at;
        collect_global(c, part);
    }
}

static void collect_global(struct checker *c, struct ast *e)
{
    struct ast *p = AS(bind, e)->pattern;

    if (p->kind == AST_PAT_TUPLE) {
        collect_parts(c, e);
    } else if (p->kind != AST_PAT_NAME || AS(pat_name, p)->module) {
        diag_at(c->u->diags, E0290, span_of(c, p));
        bind_silent(c, p);
    } else {
        add_global(c, e, AS(pat_name, p)->name, span_of(c, p));
    }
}

/* "lib/grid" -> grid */
static const struct name *stem(struct checker *c, const struct ast *path)
{
    struct ast_bytes *b = path->kind == AST_STR ? &AS(str, path)->value : NULL;
    uint32_t from;

    if (!b || !b->len)
        return NULL;
    for (from = b->len; from > 0 && b->at[from - 1] != '/'; from--)
        ;
    return names_add(c->u->names, b->at + from, b->len - from);
}

static void collect_import(struct checker *c, struct ast *e)
{
    struct ast_import *x = AS(import, e);
    const struct name *name = x->alias  ? x->alias
                              : x->path ? stem(c, x->path)
                                        : x->name;
    struct span at =
        x->path && !x->alias ? span_of(c, x->path) : span_last_word(c, e);
    struct sym *s;

    if (!name)
        return;
    s = sym_new(c, SYM_MODULE, name, e, at);
    s->module = x->module;
    scope_add(c, s);
}

void decl_collect(struct checker *c, struct module *m)
{
    struct ast_nodes *decls = &AS(file, m->file)->decls;
    uint32_t enums = c->u->enums.n;

    c->scope.into = &m->names;
    for (uint32_t i = 0; i < decls->n; i++) {
        struct ast *e = decls->at[i];
        switch (e->kind) {
        case AST_IMPORT: collect_import(c, e); break;
        case AST_BIND: collect_global(c, e); break;
        case AST_FN: collect_fn(c, e); break;
        case AST_STRUCT: collect_struct(c, e); break;
        case AST_ENUM: enum_collect(c, e); break;
        case AST_TEST:
            vec_push_in(c->arena, &m->tests, e);
            if (m == c->u->top)
                vec_push_in(c->arena, &c->u->tests, e);
            break;
        default: break;
        }
    }
    for (; enums < c->u->enums.n; enums++)
        enum_variants(c, c->u->enums.at[enums]);
    c->scope.into = NULL;
}

/* ---- types as written ---------------------------------------------------- */

static bool is_later_type(const char *name)
{
    static const char *const later[] = {"History", "Timeline"};

    for (size_t i = 0; i < sizeof later / sizeof *later; i++)
        if (!strcmp(name, later[i]))
            return true;
    return false;
}

static bool is_one_of(const char *word, const char *const *words)
{
    while (*words && strcmp(*words, word) != 0)
        words++;
    return *words != NULL;
}

/* What other languages call a list or a map. */
static bool help_container(struct checker *c, struct ast *e)
{
    static const char *const lists[] = {
#define LIST_TYPE(word) word,
#include "frontend/habits.def"
#undef LIST_TYPE
        NULL};
    static const char *const maps[] = {
#define MAP_TYPE(word) word,
#include "frontend/habits.def"
#undef MAP_TYPE
        NULL};
    struct ast_type_name *n = AS(type_name, e);
    const char *item = n->args.n == 1 ? say_source(c, n->args.at[0]) : NULL;
    bool is_list = is_one_of(n->name->text, lists);

    if (is_list && item)
        diag_fix(c->u->diags, span_of(c, e),
                 arena_printf(c->arena, "[%s]", item),
                 "a list type is written `[T]`");
    else if (is_list)
        diag_help(c->u->diags, "a list type is written `[T]`: `[int]`");
    else if (is_one_of(n->name->text, maps))
        diag_help(c->u->diags, "a map type is written `[K: V]`: `[str: int]`");
    else
        return false;
    return true;
}

static void say_no_type(struct checker *c, struct ast *e,
                        const struct name *name)
{
    static const struct {
        const char *word, *type;
    } habits[] = {{"string", "str"},   {"String", "str"},  {"boolean", "bool"},
                  {"double", "float"}, {"i64", "int"},     {"f64", "float"},
                  {"u8", "byte"},      {"integer", "int"}, {"Int", "int"},
                  {"char", "int"},     {"i32", "int"},     {"uint8", "byte"}};
    const char *near = module_offers(c, name, true);

    diag_at(c->u->diags, E0204, span_of(c, e), name->text);
    if (!near && help_container(c, e))
        return;
    for (size_t i = 0; i < sizeof habits / sizeof *habits; i++)
        if (!strcmp(name->text, habits[i].word))
            near = habits[i].type;
    if (!strcmp(name->text, "void"))
        diag_help(c->u->diags, "a function that returns nothing has no `->`");
    else if (!near && say_suggests(c)) {
        near = scope_nearest(c, name->text, false);
        if (near) { /* only types are of use */
            struct sym *s = scope_find_module(
                c, names_add(c->u->names, near, (uint32_t)strlen(near)));
            if (!s || (s->kind != SYM_STRUCT && s->kind != SYM_ENUM &&
                       (s->kind != SYM_BUILTIN || s->builtin)))
                near = NULL;
        }
    }
    if (near)
        diag_fix(c->u->diags, span_of(c, e), near, "did you mean `%s`?", near);
}

/* A struct or an enum, with its arguments where it is generic. */
static struct type *type_declared(struct checker *c, struct ast *e,
                                  struct sym *s)
{
    struct ast_nodes *args = &AS(type_name, e)->args;
    struct type **types = ARENA_ARRAY(c->arena, struct type *, args->n + 1);
    uint32_t want = s->type ? s->type->nargs : 0;

    s->used = true;
    for (uint32_t i = 0; i < args->n; i++) {
        types[i] = decl_type(c, args->at[i]);
        if (is_silent(types[i]))
            return types[i];
    }
    if (args->n != want) {
        diag_at(c->u->diags, E0266, span_of(c, e), s->name->text, want,
                want == 1 ? "" : "s");
        if (s->src)
            say_declared(c, s);
        return &type_error;
    }
    if (!want)
        return s->type;
    for (uint32_t i = 0; i < want; i++)
        if (types[i]->depth >= TYPE_MAX_DEPTH) {
            diag_at(c->u->diags, E0225, span_of(c, e));
            return &type_error;
        }
    struct type *t = s->kind == SYM_ENUM
                         ? type_enum(c->u, s, types, want, s->type->is_scalar)
                         : type_struct(c->u, s, types, want);
    return !t->filled || instances_hold(c, span_of(c, e)) ? t : &type_error;
}

/* What a name means as a type: functions, variables and modules do not hide
 * the language's own types, as `fn int` and `import str` would. */
static struct sym *find_type(struct checker *c, const struct name *name)
{
    struct sym *s = scope_find_module(c, name);
    struct sym *own = symbols_find(&c->outer, name);

    if (s && s->kind != SYM_STRUCT && s->kind != SYM_ENUM && own &&
        own->kind == SYM_BUILTIN && !own->builtin)
        return own;
    return s;
}

/* The type of a name that is not one of a type: says what it is. */
static struct type *no_type(struct checker *c, struct ast *e,
                            const struct sym *s)
{
    diag_at(c->u->diags, E0208, span_of(c, e), s->name->text,
            s->kind == SYM_VARIANT  ? "a variant of an enum"
            : s->kind == SYM_MODULE ? "a module"
            : s->kind == SYM_GLOBAL ? "a variable"
                                    : "a function");
    say_declared(c, s);
    return &type_error;
}

/* m.T */
static struct type *type_of_module(struct checker *c, struct ast *e)
{
    struct ast_type_name *n = AS(type_name, e);
    struct sym *m = scope_find_module(c, n->module), *s;
    struct span first = span_at(c, e->pos, e->pos + n->module->len);

    if (!m || m->kind != SYM_MODULE) {
        diag_at(c->u->diags, E0285, first, n->module->text);
        if (m)
            say_declared(c, m);
        return &type_error;
    }
    m->used = true;
    s = m->module ? module_member(c, m, n->name, span_word(c, first.end, 0))
                  : NULL;
    if (!s || s->kind == SYM_LOCAL)
        return &type_error;
    if (s->kind != SYM_STRUCT && s->kind != SYM_ENUM)
        return no_type(c, e, s);
    return type_declared(c, e, s);
}

/* Whether a name that means s, or nothing, is that of a built-in type with an
 * argument. */
static bool is_watching(const struct name *name, const struct sym *s)
{
    return s ? s->kind == SYM_BUILTIN && s->builtin == BUILTIN_WEAK
             : !strcmp(name->text, "Guardian");
}

/* weak[T], Guardian[T] */
static struct type *type_watching(struct checker *c, struct ast *e)
{
    struct ast_type_name *n = AS(type_name, e);
    struct type *of;

    if (n->args.n != 1) {
        diag_at(c->u->diags, E0266, span_of(c, e), n->name->text, 1u, "");
        return &type_error;
    }
    of = decl_type(c, n->args.at[0]);
    if (is_silent(of))
        return of;
    if (!type_is_watchable(of)) {
        diag_at(c->u->diags, E0227, span_of(c, n->args.at[0]), say_type(c, of));
        return &type_error;
    }
    if (of->depth >= TYPE_MAX_DEPTH) {
        diag_at(c->u->diags, E0225, span_of(c, e));
        return &type_error;
    }
    return strcmp(n->name->text, "weak") ? type_guardian(c->u, of)
                                         : type_weak(c->u, of);
}

static struct type *type_named(struct checker *c, struct ast *e)
{
    struct ast_type_name *n = AS(type_name, e);
    struct sym *s;

    if (n->module)
        return type_of_module(c, e);
    struct type *t = tparams_find(c, n->name);
    if (t) {
        if (n->args.n)
            diag_at(c->u->diags, E0266, span_of(c, e), n->name->text, 0u, "s");
        return t;
    }
    s = find_type(c, n->name);
    if (is_watching(n->name, s))
        return type_watching(c, e);
    if (!s) {
        if (is_later_type(n->name->text))
            say_unsupported(
                c, e, arena_printf(c->arena, "type `%s` is", n->name->text));
        else
            say_no_type(c, e, n->name);
        return &type_error;
    }
    if (s->kind == SYM_LOCAL) /* not supported; was reported */
        return &type_error;
    if (s->kind == SYM_STRUCT || s->kind == SYM_ENUM)
        return type_declared(c, e, s);
    if (s->kind != SYM_BUILTIN || s->builtin) {
        return no_type(c, e, s);
    }
    if (n->args.n)
        diag_at(c->u->diags, E0266, span_of(c, e), n->name->text, 0u, "s");
    return s->type;
}

static struct type *type_of_tuple(struct checker *c, struct ast *e)
{
    struct ast_nodes *items = &AS(type_tuple, e)->items;
    struct type **types = ARENA_ARRAY(c->arena, struct type *, items->n);

    for (uint32_t i = 0; i < items->n; i++)
        types[i] = decl_type(c, items->at[i]);
    return tuple_of(c, types, items->n, e);
}

static struct type *type_of_fn(struct checker *c, struct ast *e)
{
    struct ast_type_fn *x = AS(type_fn, e);
    struct type *types[CHECK_MAX_PARAMS], *result = &type_unit;
    uint64_t muts = 0;

    if (x->params.n > CHECK_MAX_PARAMS) {
        diag_at(c->u->diags, E0262, span_of(c, e), "fn");
        return &type_error;
    }
    if (x->result)
        result = decl_type(c, x->result);
    for (uint32_t i = 0; i < x->params.n; i++) {
        struct ast_type_param *p = AS(type_param, x->params.at[i]);
        types[i] = decl_type(c, p->type);
        muts |= (uint64_t)(p->mut != 0) << i;
        if (types[i]->depth >= TYPE_MAX_DEPTH ||
            result->depth >= TYPE_MAX_DEPTH) {
            diag_at(c->u->diags, E0225, span_of(c, e));
            return &type_error;
        }
    }
    return type_fn(c->u, types, x->params.n, muts, result);
}

struct type *decl_type(struct checker *c, struct ast *e)
{
    struct type *t = &type_error;

    switch (e->kind) {
    case AST_TYPE_NAME: t = type_named(c, e); break;
    case AST_TYPE_LIST:
        t = list_of(c, decl_type(c, AS(type_list, e)->item), e);
        break;
    case AST_TYPE_MAP: {
        struct type *key = decl_type(c, AS(type_map, e)->key);
        t = map_of(c, key, decl_type(c, AS(type_map, e)->value), e);
        break;
    }
    case AST_TYPE_TUPLE: t = type_of_tuple(c, e); break;
    case AST_TYPE_OPTION:
        t = option_of(c, decl_type(c, AS(type_option, e)->of), e);
        break;
    case AST_TYPE_FN: t = type_of_fn(c, e); break;
    default: break;
    }
    return e->type = t;
}

/* ---- structs ------------------------------------------------------------- */

void fields_fill(struct checker *c, struct type *t, struct ast_nodes *fields)
{
    uint32_t saved = scope_enter(c);

    t->fields = ARENA_ARRAY(c->arena, struct field, fields->n + 1);
    for (uint32_t i = 0; i < fields->n; i++) {
        if (fields->at[i]->kind != AST_FIELD)
            continue;
        struct ast_field *f = AS(field, fields->at[i]);
        struct span at = span_word(c, f->head.pos, f->is_var ? 1 : 0);
        /* a scope of the fields' names finds those given twice */
        if (!scope_add(c, sym_new(c, SYM_PARAM, f->name, &f->head, at)))
            continue;
        struct field *to = &t->fields[t->nfields];
        to->name = f->name;
        to->type = decl_type(c, f->type);
        to->is_var = f->is_var;
        to->index = t->nfields++;
        to->pos = at.pos;
        to->end = at.end;
    }
    scope_leave(c, saved);
    t->filled = true;
    if (!t->open)
        type_lay_out(t);
}

static void check_struct(struct checker *c, struct sym *s)
{
    struct ast_struct *x = AS(struct, s->decl);
    struct tparams *saved = tparams_enter(c, &x->tparams, s->type->args);

    fields_fill(c, s->type, &x->fields);
    c->tparams = saved;
}

/* Whether t is made of `part`. */
static bool is_made_of(const struct type *t, const struct type *part)
{
    bool found = t == part;

    for (uint32_t i = 0; i < t->nargs && !found; i++)
        found = is_made_of(t->args[i], part);
    return found;
}

static bool say_bad_field(struct checker *c, const struct sym *s,
                          const struct type *t, struct type *bad)
{
    for (uint32_t i = 0; t && i < t->nfields; i++)
        if (is_made_of(t->fields[i].type, bad)) {
            say_bad_instance(
                c, (struct span){s->src, t->fields[i].pos, t->fields[i].end},
                bad);
            return true;
        }
    return false;
}

/* Reports an instance that cannot be at the first field that asks for it:
 * fields are filled after they are written. */
static void check_fields_hold(struct checker *c)
{
    struct type *bad = type_bad_instance(c->u);
    const struct unit *u = c->u;

    for (uint32_t i = 0; bad && i < u->structs.n; i++)
        if (say_bad_field(c, u->structs.at[i], u->structs.at[i]->type, bad))
            return;
    for (uint32_t i = 0; bad && i < u->enums.n; i++) {
        const struct type *t = u->enums.at[i]->type;
        for (uint32_t k = 0; k < t->nvariants; k++)
            if (say_bad_field(c, u->enums.at[i], t->variants[k].payload, bad))
                return;
    }
}

void decl_structs(struct checker *c, uint32_t from)
{
    for (uint32_t i = from; i < c->u->structs.n; i++)
        check_struct(c, c->u->structs.at[i]);
    for (uint32_t i = 0; i < c->u->enums.n; i++)
        if (!c->u->enums.at[i]->type->filled)
            enum_fill(c, c->u->enums.at[i]);
    type_fill_all(c->u);
    check_fields_hold(c);
}

/* ---- signatures ---------------------------------------------------------- */

/* The type of a function whose result was inferred. */
static struct type *inferred_type(struct checker *c, struct ast_fn *fn,
                                  struct type *result)
{
    struct type *params[CHECK_MAX_PARAMS];
    uint64_t muts = 0;

    if (fn->params.n > CHECK_MAX_PARAMS)
        return &type_error;
    for (uint32_t i = 0; i < fn->params.n; i++) {
        params[i] = AS(param, fn->params.at[i])->sym->type;
        muts |= (uint64_t)(AS(param, fn->params.at[i])->mut != 0) << i;
    }
    return type_fn(c->u, params, fn->params.n, muts, result);
}

static void check_signature(struct checker *c, struct sym *sym, bool *infers)
{
    struct ast_fn *fn = AS(fn, sym->decl);
    uint32_t n = fn->params.n;
    struct type *params[CHECK_MAX_PARAMS];
    struct type *result = &type_unit;
    uint64_t muts = 0;

    *infers = fn->is_expr && !fn->result;
    for (uint32_t i = 0; i < n; i++) {
        struct ast_param *p = AS(param, fn->params.at[i]);
        struct span at = span_word(c, p->head.pos, p->mut ? 1 : 0);
        p->sym = sym_new(c, SYM_PARAM, p->name, &p->head, at);
        p->sym->is_var = p->sym->is_mut = p->mut;
        p->sym->level = 0; /* whatever body asked for the instance */
        if (p->type) {
            p->sym->type = decl_type(c, p->type);
            if (sym->is_rev && p->mut && say_rev_pair(c, at, p->sym->type))
                p->sym->type = &type_error;
        } else {
            diag_at(c->u->diags, E0261, at, p->name->text);
            diag_help(c->u->diags, "write it behind a colon: `%s: int`",
                      p->name->text);
        }
        if (i < CHECK_MAX_PARAMS) {
            params[i] = p->sym->type;
            muts |= (uint64_t)(p->mut != 0) << i;
        }
    }
    if (fn->result)
        result = decl_type(c, fn->result);
    if (n > CHECK_MAX_PARAMS) {
        diag_at(c->u->diags, E0262, span_of_sym(sym), fn->name->text);
        return;
    }
    if (!*infers)
        sym->type = type_fn(c->u, params, n, muts, result);
}

void decl_signature(struct checker *c, struct top *t)
{
    struct tparams *saved =
        tparams_enter(c, &AS(fn, t->sym.decl)->tparams, t->targs);

    check_signature(c, &t->sym, &t->infers);
    c->tparams = saved;
}

/* A generic function's own: what its calls are laid against.  A result that
 * is not written is known of each instance only. */
static void check_generic(struct checker *c, struct sym *s)
{
    struct ast_nodes *names = &AS(fn, s->decl)->tparams;
    struct tparams *saved = tparams_enter(c, names, tparams_make(c, s, names));
    bool infers;

    check_signature(c, s, &infers);
    if (infers && AS(fn, s->decl)->params.n <= CHECK_MAX_PARAMS)
        s->type = inferred_type(c, AS(fn, s->decl), &type_never);
    c->tparams = saved;
}

static void check_global_type(struct checker *c, struct top *t)
{
    struct ast_bind *b = AS(bind, t->sym.decl);

    t->infers = !b->type;
    if (b->type)
        t->sym.type = decl_type(c, b->type);
}

void decl_signatures(struct checker *c, const struct module *m)
{
    for (uint32_t i = m->top_from; i < m->top_to; i++) {
        if (c->tops.at[i]->sym.kind == SYM_FN)
            decl_signature(c, c->tops.at[i]);
        else
            check_global_type(c, c->tops.at[i]);
    }
    for (uint32_t i = 0; i < c->u->generics.n; i++)
        if (c->u->generics.at[i]->module == m)
            check_generic(c, c->u->generics.at[i]);
}

/* ---- bodies -------------------------------------------------------------- */

static void body_open(struct checker *c, struct body *b, enum body_kind kind,
                      struct top *owner, struct type *result)
{
    *b = (struct body){.up = c->body,
                       .owner = owner,
                       .result = result,
                       .from = c->scope.binds.n,
                       .kind = (uint8_t)kind};
    c->body = b;
}

static void check_fn_body(struct checker *c, struct top *t, struct body *b)
{
    struct ast_fn *fn = AS(fn, t->sym.decl);
    uint32_t saved = scope_enter(c);

    for (uint32_t i = 0; i < fn->params.n; i++)
        if (AS(param, fn->params.at[i])->name != c->n_wild)
            scope_add(c, AS(param, fn->params.at[i])->sym);
    b->fn = &fn->head;
    b->is_rev = t->sym.is_rev;
    if (b->is_rev)
        rev_block(c, fn->body);
    else
        flow_function_value(c, &fn->head);
    scope_leave(c, saved);
}

static void check_fn(struct checker *c, struct top *t)
{
    struct ast_fn *fn = AS(fn, t->sym.decl);
    struct body b;
    struct type *result = NULL;
    uint32_t found = diags_found(c->u->diags);
    const struct diag_context *around;
    struct tparams *outer = tparams_enter(c, &fn->tparams, t->targs);

    around = diag_within(c->u->diags, t->instance ? &t->asked : NULL);
    if (fn->result)
        result = fn->result->type;
    else if (!fn->is_expr)
        result = &type_unit;
    t->state = TOP_CHECKING;
    body_open(c, &b, BODY_FN, t, result);
    check_fn_body(c, t, &b);
    c->body = b.up;
    c->tparams = outer;
    diag_within(c->u->diags, around);
    if (t->infers)
        t->sym.type = inferred_type(c, fn, b.result);
    t->wrong = diags_found(c->u->diags) != found;
    t->state = TOP_DONE;
}

/* The type of a tuple that a pattern takes apart; the error type, reported,
 * where it has other items. */
static struct type *tuple_fits(struct checker *c, struct ast *pattern,
                               struct type *t)
{
    uint32_t n = AS(pat_tuple, pattern)->items.n;

    if (is_silent(t) || (t->kind == TYPE_TUPLE && t->nargs == n))
        return t;
    diag_at(c->u->diags, E0270, span_of(c, pattern), n, say_type(c, t));
    return &type_error;
}

static void check_global(struct checker *c, struct top *t)
{
    struct ast_bind *x = AS(bind, t->sym.decl);
    struct body b;

    struct tparams *outer = c->tparams;

    t->state = TOP_CHECKING;
    c->tparams = NULL;
    body_open(c, &b, BODY_INIT, t, NULL);
    if (x->type) {
        struct reason why = {"expected because of this type",
                             span_of(c, x->type)};
        check_value(c, x->value, t->sym.type, &why);
    } else {
        t->sym.type = check_any(c, x->value, NULL);
    }
    if (x->pattern->kind == AST_PAT_TUPLE)
        t->sym.type = tuple_fits(c, x->pattern, t->sym.type);
    c->body = b.up;
    c->tparams = outer;
    t->state = TOP_DONE;
}

void decl_body(struct checker *c, struct top *t)
{
    struct module *before;

    if (t->state != TOP_NEW)
        return;
    before = module_enter(c, t->sym.module);
    c->depth += 8; /* the frames of a body, in frames of expressions */
    if (t->sym.kind == SYM_FN)
        check_fn(c, t);
    else
        check_global(c, t);
    c->depth -= 8;
    module_enter(c, before);
}

void decl_infer(struct checker *c, struct top *t, struct ast *at)
{
    struct diags *ds = c->u->diags;
    bool is_fn = t->sym.kind == SYM_FN;

    if (t->state == TOP_NEW && c->depth <= CHECK_MAX_DEPTH) {
        decl_body(c, t);
        return;
    }
    if (t->reported)
        return;
    t->reported = true;
    if (!is_fn && t->state == TOP_CHECKING) {
        diag_at(ds, E0203, span_of(c, at), t->sym.name->text);
        say_declared(c, &t->sym);
        diag_note(ds, "its initial value leads here");
        return;
    }
    diag_at(ds, E0221, span_of_sym(&t->sym), t->sym.name->text);
    if (t->state == TOP_CHECKING)
        diag_label(ds, span_of(c, at), "finding its type leads back to here");
    else
        diag_note(ds, "finding its type leads through too many functions");
    diag_help(ds,
              is_fn ? "write its result type: `fn %s(...) -> T`"
                    : "write its type: `%s: T`",
              t->sym.name->text);
}

bool decl_gives(struct checker *c, struct top *t)
{
    if (AS(fn, t->sym.decl)->result || t->infers)
        return false;
    if (c->depth <= CHECK_MAX_DEPTH)
        decl_body(c, t);
    return t->gives;
}

static void check_test(struct checker *c, struct ast *e)
{
    struct body b;

    body_open(c, &b, BODY_TEST, NULL, &type_unit);
    check_body(c, AS(test, e)->body);
    c->body = b.up;
}

static void check_main(struct checker *c)
{
    struct sym *s = c->u->main;
    struct type *result;

    if (!s || s->type->kind != TYPE_FN)
        return;
    s->used = true;
    if (AS(fn, s->decl)->tparams.n) {
        diag_at(c->u->diags, E0260, span_of_sym(s));
        return;
    }
    result = s->type->args[s->type->nargs - 1];
    if (s->type->nargs == 1 && !s->is_rev &&
        (result == &type_unit || result == &type_int || is_silent(result)))
        return;
    diag_at(c->u->diags, E0260, span_of_sym(s));
    if (s->type->nargs > 1)
        diag_help(c->u->diags, "the arguments of the program are `os.args()`, "
                               "with `import os`");
}

void decl_bodies(struct checker *c, const struct module *m)
{
    for (uint32_t i = m->top_from; i < m->top_to; i++)
        decl_body(c, c->tops.at[i]);
    for (uint32_t i = 0; i < m->tests.n; i++)
        check_test(c, m->tests.at[i]);
    if (m == c->u->top)
        check_main(c);
}

/* ---- what nothing uses --------------------------------------------------- */

static void warn_sym(struct checker *c, const struct sym *s,
                     enum diag_code code, const char *what)
{
    struct diags *ds = c->u->diags;

    if (s->used || s->name->text[0] == '_')
        return;
    if (what)
        diag_at(ds, code, span_of_sym(s), what, s->name->text);
    else
        diag_at(ds, code, span_of_sym(s), s->name->text);
}

void decl_unused(struct checker *c, const struct module *m)
{
    struct unit *u = c->u;
    bool is_top = m == u->top;

    if (!u->warn || diags_errors(u->diags))
        return;
    for (uint32_t i = 0; i < m->names.list.n; i++) {
        const struct sym *s = m->names.list.at[i];
        if (s->kind == SYM_MODULE && !AS(import, s->decl)->pub)
            warn_sym(c, s, W0303, NULL);
    }
    if (is_top && !u->main && !u->tests.n) /* then others will use it */
        return;
    for (uint32_t i = m->top_from; i < m->top_to; i++) {
        const struct sym *s = &c->tops.at[i]->sym;
        if (s->kind == SYM_FN && !AS(fn, s->decl)->pub &&
            (is_top || s->name != c->n_main))
            warn_sym(c, s, W0302, NULL);
        else if (s->kind == SYM_GLOBAL && !AS(bind, s->decl)->pub)
            warn_sym(c, s, W0301, "global");
    }
    for (uint32_t i = 0; i < u->generics.n; i++) {
        const struct sym *s = u->generics.at[i];
        if (s->module == m && !AS(fn, s->decl)->pub)
            warn_sym(c, s, W0302, NULL);
    }
}
