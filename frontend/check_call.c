/* check_call.c - calls: what is called, and which argument goes where.
 *
 * A call has formals, whatever it calls: the parameters of a function, the
 * fields of a struct.  arguments_bind puts each argument, and the receiver of
 * x.f(...) as the first, to its formal; then each is checked against the
 * formal's type.  Built-in functions are in check_builtin.c. */
#include "frontend/check.h"

#include <string.h>

/* What is called, as its callers see it. */
struct callee {
    const char *name;
    const char *part; /* "parameter" or "field" */
    struct sym *sym;
    struct type *type; /* FN or STRUCT; open where it is generic */
    struct sym *owner; /* of the type parameters, where it is generic */
    uint32_t n;
};

struct formal {
    const struct name *name;
    struct type *type;
    struct span at;
    bool is_mut;
};

static struct formal formal_at(const struct callee *k, uint32_t i)
{
    struct formal f = {0};
    struct type *t = k->type;

    if (t->kind == TYPE_STRUCT) {
        f.name = t->fields[i].name;
        f.type = t->fields[i].type;
        f.at = (struct span){k->sym->src, t->fields[i].pos, t->fields[i].end};
    } else {
        struct ast *p = AS(fn, k->sym->decl)->params.at[i];
        f.name = AS(param, p)->name;
        f.type = t->args[i];
        f.is_mut = t->muts >> i & 1;
        f.at = (struct span){k->sym->src, p->pos, p->end};
    }
    return f;
}

/* ---- which argument is whose --------------------------------------------- */

struct call *call_new(struct checker *c, enum call_kind kind, uint32_t n)
{
    struct call *call = ARENA_NEW(c->arena, struct call);

    call->kind = (uint8_t)kind;
    call->nargs = n;
    call->args = ARENA_ARRAY(c->arena, struct ast *, n + 1);
    call->by_ref = ARENA_ARRAY(c->arena, uint8_t, n + 1);
    call->order = ARENA_ARRAY(c->arena, uint32_t, n + 1);
    return call;
}

/* The formal of a named argument; k->n after a report. */
static uint32_t find_formal(struct checker *c, const struct callee *k,
                            struct ast_arg *arg)
{
    enum { LIMIT = 200 };
    const char *names[LIMIT], *near;
    struct span at = span_at(c, arg->head.pos, arg->head.pos + arg->name->len);
    uint32_t i;

    for (i = 0; i < k->n; i++)
        if (formal_at(k, i).name == arg->name)
            return i;
    diag_at(c->u->diags, E0243, at, k->name, k->part, arg->name->text);
    say_declared(c, k->sym);
    for (i = 0; i < k->n && i < LIMIT; i++)
        names[i] = formal_at(k, i).name->text;
    near = say_suggests(c) ? diag_nearest(arg->name->text, names, i) : NULL;
    if (near)
        diag_fix(c->u->diags, at, near, "did you mean `%s`?", near);
    return k->n;
}

static void say_too_many(struct checker *c, const struct callee *k,
                         struct ast *first, uint32_t given)
{
    diag_at(c->u->diags, E0242, span_of(c, first), k->name, k->n,
            k->n == 1 ? "" : "s", given);
    diag_label(c->u->diags, span_of(c, first), "one too many");
    say_declared(c, k->sym);
}

static void say_missing(struct checker *c, const struct callee *k,
                        const struct call *call, struct ast *e)
{
    struct bytes b = bytes_in(c->u->mem);
    uint32_t n = 0, last = 0;

    for (uint32_t i = 0; i < k->n; i++)
        if (!call->args[i])
            n++, last = i;
    bytes_printf(&b, "%s%s ", k->part, n > 1 ? "s" : "");
    for (uint32_t i = 0, put = 0; i < k->n && put < 6; i++) {
        if (call->args[i])
            continue;
        if (put)
            bytes_str(&b, i == last ? " and " : ", ");
        bytes_printf(&b, "`%s`", formal_at(k, i).name->text);
        put++;
    }
    if (n > 6)
        bytes_printf(&b, " and %u more", n - 6);
    bytes_byte(&b, 0);
    diag_at(c->u->diags, E0241, span_last_word(c, AS(call, e)->callee), k->name,
            (const char *)b.at);
    say_declared(c, k->sym);
    bytes_free(&b);
}

/* Fills call->args, by_ref and order.  False when an argument has no formal or
 * a formal no argument; that was reported. */
static bool arguments_bind(struct checker *c, struct ast *e,
                           const struct callee *k, struct ast *receiver,
                           struct call *call)
{
    struct ast_nodes *args = &AS(call, e)->args;
    uint32_t next = 0, n = 0;
    bool named = false, ok = true;

    if (receiver && k->n) {
        call->args[0] = receiver;
        next = n = 1;
    } else if (receiver) {
        say_too_many(c, k, receiver, args->n + 1);
        return false;
    }
    for (uint32_t i = 0; i < args->n; i++) {
        struct ast_arg *arg = AS(arg, args->at[i]);
        uint32_t at = next;
        if (arg->name) {
            named = true;
            at = find_formal(c, k, arg);
        } else if (named) {
            diag_at(c->u->diags, E0245, span_of(c, args->at[i]));
            return false;
        } else if (next++ >= k->n) {
            say_too_many(c, k, args->at[i], args->n + (receiver != NULL));
            return false;
        }
        if (at >= k->n) {
            ok = false;
            continue;
        }
        if (call->args[at]) {
            diag_at(c->u->diags, E0244, span_of(c, args->at[i]),
                    formal_at(k, at).name->text);
            diag_label(c->u->diags, span_of(c, call->args[at]),
                       "given here first");
            ok = false;
            continue;
        }
        call->args[at] = arg->value;
        call->by_ref[at] = arg->by_ref != 0;
        call->order[n++] = at;
    }
    if (ok && n < k->n) {
        say_missing(c, k, call, e);
        ok = false;
    }
    return ok;
}

/* After an error in the call: what is inside the arguments is still checked. */
static void arguments_alone(struct checker *c, struct ast *e)
{
    struct ast_nodes *args = &AS(call, e)->args;

    for (uint32_t i = 0; i < args->n; i++) {
        struct ast_arg *arg = AS(arg, args->at[i]);
        if (!arg->value->type)
            check_expr(c, arg->value, NULL);
    }
}

/* ---- arguments against formals ------------------------------------------- */

bool call_same_place(const struct ast *a, const struct ast *b)
{
    for (; a->kind == b->kind;
         a = AS(member, a)->base, b = AS(member, b)->base) {
        if (sema_var(a) && sema_var(b))
            return sema_var(a) == sema_var(b);
        if (a->kind == AST_NAME)
            return AS(name, a)->sym && AS(name, a)->sym == AS(name, b)->sym;
        if (a->kind == AST_INT)
            return AS(int, a)->value == AS(int, b)->value;
        if (a->kind == AST_INDEX)
            return call_same_place(AS(index, a)->index, AS(index, b)->index) &&
                   call_same_place(AS(index, a)->base, AS(index, b)->base);
        if (a->kind != AST_MEMBER || AS(member, a)->name != AS(member, b)->name)
            return false;
    }
    return false;
}

/* Whether what stands between two arguments may change where a place is that
 * both name: then only running can tell. */
static bool moves_between(const struct call *call, uint32_t k, uint32_t i)
{
    if (sema_var(call->args[k]))
        return false;
    while (++k < i)
        if (flow_acts(call->args[k]))
            return true;
    return flow_acts(call->args[i]);
}

static void check_same_places(struct checker *c, const struct call *call)
{
    for (uint32_t i = 1; i < call->nargs; i++) {
        for (uint32_t k = 0; call->by_ref[i] && k < i; k++) {
            if (!call->by_ref[k] ||
                !call_same_place(call->args[k], call->args[i]) ||
                moves_between(call, k, i))
                continue;
            diag_at(c->u->diags, E0235, call_ampersand(c, call->args[i]));
            diag_label(c->u->diags, call_ampersand(c, call->args[k]),
                       "passed here first");
            break;
        }
    }
}

static void check_reference(struct checker *c, struct ast *arg,
                            const struct formal *f)
{
    struct reason why = {"the parameter is declared here", f->at};
    struct type *t = check_place(c, arg);

    if (sema_var(arg))
        sema_var(arg)->used = true;
    if (!types_fit(t, f->type))
        say_mismatch(c, arg, t, f->type, &why);
}

/* The span of `&place`, given the place. */
struct span call_ampersand(struct checker *c, const struct ast *place)
{
    struct span at = span_of(c, place);

    while (at.pos > 0 && at.src->text[at.pos] != '&')
        at.pos--;
    return at;
}

static void check_argument(struct checker *c, struct ast *arg, bool by_ref,
                           const struct formal *f)
{
    struct reason why = {"declared here", f->at};
    struct diags *ds = c->u->diags;

    if (f->is_mut && by_ref) {
        check_reference(c, arg, f);
    } else if (f->is_mut) {
        if (is_silent(check_any(c, arg, f->type)))
            return;
        diag_at(ds, E0233, span_of(c, arg), f->name->text);
        diag_label(ds, f->at, "declared here");
        if (say_source(c, arg))
            diag_fix(ds, span_of(c, arg),
                     arena_printf(c->arena, "&%s", say_source(c, arg)),
                     "pass the place");
    } else if (by_ref) {
        struct span at = call_ampersand(c, arg);
        check_expr(c, arg, f->type);
        diag_at(ds, E0234, at);
        diag_label(ds, f->at, "the parameter is not `mut`");
        if (say_source(c, arg))
            diag_fix(ds, at, say_source(c, arg), "leave out the `&`");
    } else {
        check_value(c, arg, f->type, &why);
    }
}

static const struct ast_nodes *tparams_of(const struct sym *s)
{
    switch (s->kind) {
    case SYM_FN: return &AS(fn, s->decl)->tparams;
    case SYM_ENUM: return &AS(enum, s->decl)->tparams;
    default: return &AS(struct, s->decl)->tparams;
    }
}

/* What a name, `module.name` or `Enum.V` means; reports nothing. */
static const struct sym *declared_as(struct checker *c, struct ast *e)
{
    const struct sym *s = module_sym(c, e);

    if (s || e->kind != AST_MEMBER)
        return s;
    s = module_sym(c, AS(member, e)->base);
    if (!s || s->kind != SYM_ENUM)
        return NULL;
    const struct variant *v = variant_find(s->type, AS(member, e)->name);
    return v ? v->sym : NULL;
}

/* Whether a call of s has type arguments that its arguments do not tell. */
static bool call_waits(struct checker *c, const struct sym *s)
{
    const struct sym *owner = s && s->kind == SYM_VARIANT ? s->type->decl : s;
    const struct type *of = s ? s->type : NULL;
    struct infer inf;

    if (!s ||
        (s->kind != SYM_FN && s->kind != SYM_VARIANT && s->kind != SYM_STRUCT))
        return false;
    inf = infer_open(c, owner, tparams_of(owner)->n);
    if (!inf.n || !of)
        return false;
    if (s->kind == SYM_VARIANT)
        of = of->variants[s->number].payload;
    return !infer_told(&inf, of);
}

/* Whether all types of a lambda are written. */
static bool lambda_is_typed(const struct ast_fn *fn)
{
    for (uint32_t i = 0; i < fn->params.n; i++)
        if (!AS(param, fn->params.at[i])->type)
            return false;
    return fn->result != NULL;
}

/* Arguments whose type is what is expected of them: they tell nothing of a
 * type parameter before another argument, or the result, has told. */
static bool waits(struct checker *c, struct ast *arg)
{
    const struct sym *s;

    switch (arg->kind) {
    case AST_NONE: return true;
    case AST_FN: return !lambda_is_typed(AS(fn, arg));
    case AST_LIST: return !AS(list, arg)->items.n;
    case AST_MAP: return !AS(map, arg)->pairs.n;
    case AST_CALL: return call_waits(c, declared_as(c, AS(call, arg)->callee));
    case AST_NAME:
    case AST_MEMBER:
        s = declared_as(c, arg);
        if (s && s->kind == SYM_VARIANT)
            return s->type->nargs;
        return s && s->kind == SYM_FN && tparams_of(s)->n;
    default: return false;
    }
}

/* An argument for a formal whose type has type parameters. */
static void check_open_argument(struct checker *c, struct infer *inf,
                                struct ast *arg, bool by_ref, bool checked,
                                struct formal f)
{
    struct type *open = f.type, *t;
    struct reason why = {"declared here", f.at};

    f.type = infer_known(c, inf, open);
    if (!f.type->open && !checked) {
        check_argument(c, arg, by_ref, &f);
        return;
    }
    if (f.is_mut && by_ref)
        t = check_place(c, arg);
    else
        t = checked ? arg->type : check_any(c, arg, f.type);
    infer_meet(inf, open, t);
    f.type = infer_known(c, inf, open);
    if (f.is_mut || by_ref) { /* now it is known what it has to be */
        arg->type = NULL;
        check_argument(c, arg, by_ref, &f);
    } else if (!check_adapt(c, arg, t, f.type)) {
        say_mismatch(c, arg, t, f.type, &why);
    }
}

/* What is expected of a result: where it cannot be an option, what the expected
 * one holds. */
static struct type *value_hint(const struct type *result, struct type *hint)
{
    bool may_be = is_option(result) || result->kind == TYPE_PARAM;

    return is_option(hint) && !may_be ? hint->args[0] : hint;
}

/* Checks the arguments of a call of something generic, and finds what its type
 * parameters stand for; false: something does not. */
static bool check_generic_arguments(struct checker *c, const struct callee *k,
                                    const struct call *call, struct infer *inf,
                                    struct ast *receiver, struct type *result,
                                    struct type *hint)
{
    bool makes =
        k->type->kind == TYPE_STRUCT; /* then what is expected decides */

    for (int late = 0; late < 2; late++) {
        if (late != makes && hint && hint != DROPPED && !hint->open)
            infer_meet(inf, result, value_hint(result, hint));
        for (uint32_t i = 0; i < k->n; i++) {
            struct formal f = formal_at(k, i);
            bool given = i == 0 && receiver;
            if (waits(c, call->args[i]) != late)
                continue;
            if (f.type->open)
                check_open_argument(c, inf, call->args[i], call->by_ref[i],
                                    given, f);
            else if (!given)
                check_argument(c, call->args[i], call->by_ref[i], &f);
            else if (!check_adapt(c, receiver, receiver->type, f.type))
                say_mismatch(c, receiver, receiver->type, f.type,
                             &(struct reason){"declared here", f.at});
        }
    }
    return true;
}

static void check_arguments(struct checker *c, const struct callee *k,
                            const struct call *call, struct ast *receiver)
{
    for (uint32_t i = 0; i < k->n; i++) {
        struct formal f = formal_at(k, i);
        if (i == 0 && receiver) { /* its type is known */
            struct reason why = {"declared here", f.at};
            if (!check_adapt(c, receiver, receiver->type, f.type))
                say_mismatch(c, receiver, receiver->type, f.type, &why);
            continue;
        }
        check_argument(c, call->args[i], call->by_ref[i], &f);
    }
}

/* ---- kinds of calls ------------------------------------------------------ */

struct type *call_nothing(struct checker *c, struct ast *e)
{
    AS(call, e)->call = call_new(c, CALL_ERROR, 0);
    arguments_alone(c, e);
    return &type_error;
}

/* The call of something declared.  `result` is its type with the type
 * parameters that it has; *args, where it is generic, what they stand for.
 * False after a report. */
static bool call_declared(struct checker *c, struct ast *e,
                          const struct callee *k, enum call_kind kind,
                          struct ast *receiver, struct type *result,
                          struct type *hint, struct type ***args)
{
    struct call *call = call_new(c, kind, k->n);
    uint32_t errors = diags_errors(c->u->diags);

    call->sym = k->sym;
    AS(call, e)->call = call;
    if (!arguments_bind(c, e, k, receiver, call)) {
        call->kind = CALL_ERROR;
        arguments_alone(c, e);
        return false;
    }
    if (k->owner) {
        const struct ast_nodes *names = tparams_of(k->owner);
        struct infer inf = infer_open(c, k->owner, names->n);
        check_generic_arguments(c, k, call, &inf, receiver, result, hint);
        *args = inf.bound;
        for (uint32_t i = 0; i < inf.n; i++)
            if (inf.bound[i]->open && errors != diags_errors(c->u->diags))
                return false; /* what would tell is in error */
        if (!infer_done(c, &inf, names, span_last_word(c, AS(call, e)->callee)))
            return false;
    } else {
        check_arguments(c, k, call, receiver);
    }
    if (kind == CALL_FN && k->type->muts)
        check_same_places(c, call);
    return true;
}

/* `x.f()` where f changes its first parameter: a place has to be given. */
static struct type *say_mut_receiver(struct checker *c, struct ast *e,
                                     const struct sym *s, struct ast *receiver)
{
    struct span at = span_last_word(c, AS(call, e)->callee);
    const char *name = s ? s->name->text : "f";

    diag_at(c->u->diags, E0236, at, name);
    if (s)
        say_declared(c, s);
    if (say_source(c, receiver))
        diag_help(c->u->diags, "write `%s(&%s%s)`", name,
                  say_source(c, receiver), AS(call, e)->args.n ? ", ..." : "");
    return call_nothing(c, e);
}

static struct type *call_fn(struct checker *c, struct ast *e, struct sym *s,
                            struct ast *receiver, struct type *hint)
{
    bool generic = AS(fn, s->decl)->tparams.n && !((struct top *)s)->targs;
    struct callee k = {s->name->text, "parameter",        s,
                       s->type,       generic ? s : NULL, 0};
    struct type **args = NULL, *result;
    struct top *instance;

    if (!generic)
        init_use(c, (struct top *)s, AS(call, e)->callee);
    k.type = s->type;
    if (s->type->kind != TYPE_FN)
        return call_nothing(c, e);
    k.n = s->type->nargs - 1;
    result = s->type->args[k.n];
    if (receiver && k.n && s->type->muts & 1) {
        say_mut_receiver(c, e, s, receiver);
        return result->open ? &type_error : result;
    }
    bool ok = call_declared(c, e, &k, CALL_FN, receiver, result, hint, &args);
    if (!generic)
        return result;
    s->used = true;
    instance = ok ? generic_instance(c, s, args, AS(call, e)->callee) : NULL;
    if (!instance || !instances_hold(c, span_of(c, e))) {
        AS(call, e)->call->kind = CALL_ERROR;
        return &type_error;
    }
    init_use(c, instance, AS(call, e)->callee);
    AS(call, e)->call->sym = &instance->sym;
    return instance->sym.type->kind == TYPE_FN ? instance->sym.type->args[k.n]
                                               : &type_error;
}

static struct type *call_struct(struct checker *c, struct ast *e, struct sym *s,
                                struct ast *receiver, struct type *hint)
{
    struct type *t = s->type, **args = NULL;
    struct callee k = {s->name->text,       "field",   s, t,
                       t->nargs ? s : NULL, t->nfields};

    if (t == type_of_error_value(c->u)) {
        diag_at(c->u->diags, E0240, span_of(c, AS(call, e)->callee), k.name);
        diag_help(c->u->diags, "errors are made by `fail \"message\"`");
        return call_nothing(c, e);
    }
    s->used = true;
    bool ok = call_declared(c, e, &k, CALL_STRUCT, receiver, t, hint, &args);
    if (!t->nargs)
        return t;
    if (ok)
        t = type_struct(c->u, s, args, t->nargs);
    if (ok && instances_hold(c, span_of(c, e)))
        return t;
    AS(call, e)->call->kind = CALL_ERROR;
    return &type_error;
}

/* A variant with a payload. */
static struct type *call_variant(struct checker *c, struct ast *e,
                                 struct sym *s, struct ast *receiver,
                                 struct type *hint)
{
    struct type *t = s->type, **args = NULL;
    struct type *payload = t->variants[s->number].payload;
    struct callee k = {
        s->name->text, "field", s, payload, t->nargs ? t->decl : NULL, 0};

    s->used = t->decl->used = true;
    if (variant_clashes(c, AS(call, e)->callee, s, hint))
        return call_nothing(c, e);
    if (!payload) {
        diag_at(c->u->diags, E0240, span_of(c, AS(call, e)->callee), k.name);
        diag_label(c->u->diags, span_of(c, AS(call, e)->callee),
                   "this variant has no payload");
        say_declared(c, s);
        return call_nothing(c, e);
    }
    k.n = payload->nfields;
    bool ok = call_declared(c, e, &k, CALL_VARIANT, receiver, t, hint, &args);
    if (!t->nargs)
        return t;
    if (ok)
        t = type_enum(c->u, t->decl, args, t->nargs, t->is_scalar);
    if (ok && instances_hold(c, span_of(c, e)))
        return t;
    AS(call, e)->call->kind = CALL_ERROR;
    return &type_error;
}

/* Positional arguments, by their number; false after a report. */
static bool take_positional(struct checker *c, struct ast *e, uint32_t n,
                            struct ast *receiver, struct call *call)
{
    struct ast_nodes *args = &AS(call, e)->args;
    struct span at = span_last_word(c, AS(call, e)->callee);
    const char *name = say_source(c, call->value);
    uint32_t k = 0;

    if (!name)
        name = "the function";
    if (receiver && n)
        call->args[k++] = receiver;
    for (uint32_t i = 0; i < args->n; i++, k++) {
        struct ast_arg *arg = AS(arg, args->at[i]);
        if (arg->name) {
            diag_at(c->u->diags, E0246, span_of(c, args->at[i]), name);
            return false;
        }
        if (k >= n)
            continue;
        call->args[k] = arg->value;
        call->by_ref[k] = arg->by_ref != 0;
    }
    for (uint32_t i = 0; i < n; i++)
        call->order[i] = i;
    if (k > n || (receiver && !n))
        diag_at(c->u->diags, E0242, at, name, n, n == 1 ? "" : "s", k);
    else if (k < n)
        diag_at(c->u->diags, E0241, at, name,
                n == 1 ? "its argument"
                       : arena_printf(c->arena, "%u of its %u arguments", n - k,
                                      n));
    return k == n;
}

/* A call of a function value; receiver: of x.f(...), where f is a variable. */
static struct type *call_value(struct checker *c, struct ast *e,
                               struct ast *value, struct ast *receiver)
{
    struct type *t = value->type;
    uint32_t n = t->nargs - 1;
    struct call *call = call_new(c, CALL_VALUE, n);

    call->value = value;
    if (!take_positional(c, e, n, receiver, call)) {
        call_nothing(c, e);
        return t->args[n];
    }
    AS(call, e)->call = call;
    for (uint32_t i = 0; i < n; i++) {
        struct formal f = {.type = t->args[i], .is_mut = t->muts >> i & 1};
        f.at = span_of(c, value);
        f.name = names_add(c->u->names, "the argument", 12);
        if (i == 0 && receiver) {
            struct reason why = {NULL, {0}};
            if (f.is_mut)
                return say_mut_receiver(c, e, NULL, receiver);
            if (!check_adapt(c, receiver, receiver->type, f.type))
                say_mismatch(c, receiver, receiver->type, f.type, &why);
            continue;
        }
        check_argument(c, call->args[i], call->by_ref[i], &f);
    }
    if (t->muts)
        check_same_places(c, call);
    return t->args[n];
}

/* A call of a variable that holds a function. */
static struct type *call_variable(struct checker *c, struct ast *e,
                                  struct ast *receiver)
{
    struct ast *value = AS(call, e)->callee;

    if (value->kind != AST_NAME) { /* x.f(...) where f is in scope */
        struct ast_member *m = AS(member, value);
        value = ast_new(c->arena, AST_NAME, value->pos, value->end);
        AS(name, value)->name = m->name;
        m->fn = value;
    }
    return check_expr(c, value, NULL)->kind == TYPE_FN
               ? call_value(c, e, value, receiver)
               : call_nothing(c, e);
}

/* A function that may be none is no function. */
static void say_option_of_fn(struct checker *c, const struct type *t,
                             struct ast *callee)
{
    if (t && is_option(t) && t->args[0]->kind == TYPE_FN)
        say_may_be_none(c, callee);
}

static void say_no_function(struct checker *c, struct ast *e,
                            const struct sym *s)
{
    struct ast *callee = AS(call, e)->callee;
    struct span at = span_last_word(c, callee);

    if (s->type == &type_error && (s->kind != SYM_MODULE || !s->module))
        return;
    diag_at(c->u->diags, E0240, at, s->name->text);
    if (s->kind == SYM_MODULE)
        diag_label(c->u->diags, at, "a module");
    else if (s->kind == SYM_ENUM)
        diag_label(c->u->diags, at, "an enum; its variants are called");
    else
        diag_label(c->u->diags, at, "a value of type `%s`",
                   say_type(c, s->type));
    say_declared(c, s);
    say_option_of_fn(c, s->type, callee);
}

/* A call of what the name means; receiver: of x.f(...), else NULL. */
static struct type *call_symbol(struct checker *c, struct ast *e, struct sym *s,
                                struct ast *receiver, struct type *hint)
{
    switch ((enum sym_kind)s->kind) {
    case SYM_FN: return call_fn(c, e, s, receiver, hint);
    case SYM_STRUCT: return call_struct(c, e, s, receiver, hint);
    case SYM_VARIANT: return call_variant(c, e, s, receiver, hint);
    case SYM_BUILTIN: return call_builtin(c, e, s, receiver, hint);
    case SYM_LOCAL:
    case SYM_PARAM:
    case SYM_GLOBAL:
        if (s->untyped || s->type->kind == TYPE_FN ||
            (s->kind == SYM_GLOBAL && ((struct top *)s)->infers &&
             ((struct top *)s)->state != TOP_DONE))
            return call_variable(c, e, receiver);
        break;
    default: break;
    }
    s->used = true;
    say_no_function(c, e, s);
    return call_nothing(c, e);
}

struct type *call_method(struct checker *c, struct ast *e, struct sym *s,
                         struct ast *receiver)
{
    return call_symbol(c, e, s, receiver, NULL);
}

/* ---- x.f(...) ------------------------------------------------------------ */

bool call_is_method(struct checker *c, struct type *t, const struct name *name)
{
    struct sym *s = module_method(c, t, name);

    return s && (s->kind == SYM_FN ||
                 (s->kind == SYM_BUILTIN && builtin_method(c, t, name)));
}

/* m.f(...) */
static struct type *call_of_module(struct checker *c, struct ast *e,
                                   struct sym *module, struct type *hint)
{
    struct ast *callee = AS(call, e)->callee;
    struct sym *s;

    if (!module->module)
        return call_nothing(c, e);
    s = module_member(c, module, AS(member, callee)->name,
                      span_last_word(c, callee));
    if (s && s->kind == SYM_GLOBAL) {
        struct type *t = check_expr(c, callee, NULL);
        if (t->kind == TYPE_FN)
            return call_value(c, e, callee, NULL);
    }
    return s ? call_symbol(c, e, s, NULL, hint) : call_nothing(c, e);
}

/* x.f(...) where f is a field of x. */
static struct type *call_field(struct checker *c, struct ast *e,
                               const struct field *f)
{
    struct ast *callee = AS(call, e)->callee;
    struct span name = span_last_word(c, callee);

    if (f->type->kind == TYPE_FN) {
        callee->type = f->type;
        return call_value(c, e, callee, NULL);
    }
    diag_at(c->u->diags, E0240, name, f->name->text);
    diag_label(c->u->diags, name, "a field of type `%s`", say_type(c, f->type));
    say_option_of_fn(c, f->type, callee);
    return call_nothing(c, e);
}

/* x.f(...) where nothing named f takes an x, which is a t. */
static struct type *no_method(struct checker *c, struct ast *e, struct type *t)
{
    struct ast *callee = AS(call, e)->callee;
    struct ast_member *m = AS(member, callee);
    struct span name = span_last_word(c, callee);
    struct sym *hidden = module_hidden_method(t, m->name);
    const char *near;

    if (hidden) {
        module_say_hidden(c, name, hidden);
        return call_nothing(c, e);
    }
    if (builtin_is_later(m->name->text)) {
        say_unsupported(c, callee,
                        arena_printf(c->arena, "`%s` is", m->name->text));
        return call_nothing(c, e);
    }
    diag_at(c->u->diags, E0247, name, say_type(c, t), m->name->text);
    if (is_option(t)) {
        say_may_be_none(c, m->base);
        return call_nothing(c, e);
    }
    if (say_member_habit(c, span_at(c, name.pos, e->end), t, m->name)) {
        AS(call, e)->call = call_new(c, CALL_ERROR, 0);
        return &type_error; /* its arguments are foreign, too */
    }
    if (t == &type_any)
        say_ask_any(c, m->base, "T");
    near = say_suggests(c) ? builtin_nearest_method(t, m->name->text) : NULL;
    if (!near && say_suggests(c))
        near = module_near_method(c, t, m->name->text);
    if (!near && say_suggests(c))
        near = scope_nearest(c, m->name->text, false);
    if (near)
        diag_fix(c->u->diags, name, near, "did you mean `%s`?", near);
    return call_nothing(c, e);
}

static struct type *call_member(struct checker *c, struct ast *e,
                                struct type *hint)
{
    struct ast_member *m = AS(member, AS(call, e)->callee);
    struct sym *module = module_named(c, m->base), *s;
    struct type *t;

    if (module)
        return call_of_module(c, e, module, hint);
    s = enum_member(c, &m->head);
    if (s && s->kind == SYM_VARIANT)
        return call_variant(c, e, s, NULL, hint);
    if (s)
        return call_nothing(c, e);
    t = check_any(c, m->base, NULL);
    if (is_silent(t)) {
        call_nothing(c, e);
        return t;
    }
    m->field = field_find(t, m->name);
    if (m->field)
        return call_field(c, e, m->field);
    s = module_method(c, t, m->name);
    return s ? call_symbol(c, e, s, m->base, hint) : no_method(c, e, t);
}

/* `f[int](x)` */
static bool is_generic_with_types(struct checker *c, struct ast *callee)
{
    const struct sym *s = NULL;

    if (callee->kind == AST_INDEX)
        s = declared_as(c, AS(index, callee)->base);
    return s && (s->kind == SYM_FN || s->kind == SYM_STRUCT ||
                 s->kind == SYM_VARIANT);
}

struct type *check_call(struct checker *c, struct ast *e, struct type *hint)
{
    struct ast *callee = AS(call, e)->callee;
    struct sym *s;
    struct type *t;

    if (callee->kind == AST_MEMBER)
        return call_member(c, e, hint);
    if (callee->kind == AST_NAME) {
        s = variant_meant(scope_find(c, AS(name, callee)->name),
                          AS(name, callee)->name, hint);
        if (s && s->kind == SYM_MODULE) /* `str(x)` beside `import str` */
            s = scope_beneath(c, s);
        AS(name, callee)->sym = s;
        if (s)
            return call_symbol(c, e, s, NULL, hint);
        if (c->module->is_std && AS(name, callee)->name == c->n_native)
            return call_native(c, e);
        check_expr(c, callee, NULL); /* reports the name */
        return call_nothing(c, e);
    }
    if (is_generic_with_types(c, callee)) {
        diag_at(c->u->diags, E0240, span_of(c, callee),
                say_source(c, callee) ? say_source(c, callee) : "this");
        diag_help(c->u->diags, "type arguments follow from the arguments and "
                               "from what is expected; a call has none");
        return call_nothing(c, e);
    }
    t = check_expr(c, callee, NULL);
    if (t->kind == TYPE_FN)
        return call_value(c, e, callee, NULL);
    if (!is_silent(t))
        diag_at(c->u->diags, E0240, span_of(c, callee),
                say_source(c, callee) ? say_source(c, callee) : say_type(c, t));
    say_option_of_fn(c, t, callee);
    return call_nothing(c, e);
}
