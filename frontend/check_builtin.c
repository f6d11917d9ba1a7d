/* check_builtin.c - built-in functions and conversions, from builtins.def. */
#include "frontend/check_rev.h"

#include <string.h>

struct row {
    const char *text, *params, *result;
};

static const struct row rows[BUILTIN_COUNT] = {
    {"", "", "-"},
#define BUILTIN(NAME, text, params, result, meaning) {text, params, result},
#include "frontend/builtins.def"
#undef BUILTIN
};

bool builtin_is_later(const char *name)
{
    static const char *const later[] = {"history", "suspend"};

    for (size_t i = 0; i < sizeof later / sizeof *later; i++)
        if (!strcmp(name, later[i]))
            return true;
    return false;
}

/* ---- names --------------------------------------------------------------- */

static void add_conversion(struct checker *c, struct type *to)
{
    const struct name *name =
        names_add(c->u->names, to->text, (uint32_t)strlen(to->text));
    struct sym *s = sym_new(c, SYM_BUILTIN, name, NULL, (struct span){0});

    s->type = to;
    scope_push(c, s);
}

/* `any` is a type, and converts nothing. */
static void add_any(struct checker *c)
{
    struct sym *s = sym_new(c, SYM_BUILTIN, names_add(c->u->names, "any", 3),
                            NULL, (struct span){0});

    s->type = &type_any;
    scope_push(c, s);
}

void builtin_open(struct checker *c)
{
    struct sym *error;

    c->builtins = ARENA_ARRAY(c->arena, struct sym, BUILTIN_COUNT);
    for (int i = 1; i < BUILTIN_COUNT; i++) {
        const char *dot = strchr(rows[i].text, '.');
        const char *text = dot ? dot + 1 : rows[i].text;
        struct sym *s = &c->builtins[i];
        *s = (struct sym){
            .kind = SYM_BUILTIN,
            .name = names_add(c->u->names, text, (uint32_t)strlen(text)),
            .type = &type_error,
            .builtin = i};
        if (!dot)
            scope_push(c, s);
    }
    add_conversion(c, &type_int);
    add_conversion(c, &type_float);
    add_conversion(c, &type_bool);
    add_conversion(c, &type_byte);
    add_conversion(c, &type_str);
    add_any(c);
    error = sym_new(c, SYM_STRUCT, names_add(c->u->names, "Error", 5), NULL,
                    (struct span){0});
    error->type = type_of_error_value(c->u);
    scope_push(c, error);
}

/* ---- which types a letter of a row takes --------------------------------- */

static bool letter_takes(char letter, const struct type *t)
{
    switch (letter) {
    case '*':
    case 'v': return t != &type_unit;
    case 'c':
        return t->kind == TYPE_LIST || t->kind == TYPE_MAP || t == &type_str;
    case 'M': return t->kind == TYPE_MAP;
    case 'n': return is_number(t);
    case 'L': return t->kind == TYPE_LIST;
    case 'i': return t == &type_int;
    case 'b': return t == &type_bool;
    case 's': return t == &type_str;
    case 'R': return type_is_watchable(t);
    case 'W': return t->kind == TYPE_WEAK;
    case 'G': return t->kind == TYPE_GUARDIAN;
    default: return false;
    }
}

static const char *letter_text(char letter)
{
    switch (letter) {
    case 'c': return "a list, map or str";
    case 'M': return "a map";
    case 'n': return "an int, float or byte";
    case 'R':
        return "a reference: to a struct, a list, a map, an enum with payload "
               "or a function";
    default: return "a list";
    }
}

static bool is_method_of(int row, const struct type *t)
{
    char first = rows[row].params[0];
    const char *dot = strchr(rows[row].text, '.');

    return first && (!dot || dot == rows[row].text) && letter_takes(first, t);
}

struct sym *builtin_method(struct checker *c, const struct type *t,
                           const struct name *name)
{
    for (int i = 1; i < BUILTIN_COUNT; i++)
        if (c->builtins[i].name == name && is_method_of(i, t))
            return &c->builtins[i];
    return NULL;
}

const char *builtin_nearest_method(const struct type *t, const char *word)
{
    const char *names[BUILTIN_COUNT];
    uint32_t n = 0;

    for (int i = 1; i < BUILTIN_COUNT; i++) {
        const char *dot = strchr(rows[i].text, '.');
        if (is_method_of(i, t))
            names[n++] = dot ? dot + 1 : rows[i].text;
    }
    return diag_nearest(word, names, n);
}

/* ---- arguments ----------------------------------------------------------- */

/* How many arguments a row takes: at least, at most. */
static void count_of(const char *params, uint32_t *least, uint32_t *most)
{
    bool optional = false;

    *least = *most = 0;
    for (; *params; params++) {
        if (*params == '*') {
            *most = UINT32_MAX;
        } else if (*params == '?') {
            optional = true;
        } else {
            *least += !optional;
            *most += 1;
        }
    }
}

/* A new call with the receiver and the arguments in source order, or NULL
 * after a report. */
static struct call *take_arguments(struct checker *c, struct ast *e,
                                   const char *name, enum call_kind kind,
                                   struct ast *receiver, const char *params)
{
    struct ast_nodes *args = &AS(call, e)->args;
    uint32_t n = args->n + (receiver != NULL), least, most, k = 0;
    struct diags *ds = c->u->diags;
    struct call *call = call_new(c, kind, n);
    bool by = strchr(params, 'B') != NULL;

    count_of(params, &least, &most);
    if (receiver)
        call->args[k++] = receiver;
    for (uint32_t i = 0; i < args->n; i++, k++) {
        struct ast_arg *arg = AS(arg, args->at[i]);
        if (arg->name && !(by && arg->name == c->n_by)) {
            diag_at(ds, E0246, span_of(c, args->at[i]), name);
            return NULL;
        }
        if (arg->by_ref) {
            struct span at = call_ampersand(c, arg->value);
            diag_at(ds, E0234, at);
            diag_note(ds,
                      "`%s` changes what its argument refers to, not the "
                      "variable",
                      name);
            if (say_source(c, arg->value))
                diag_fix(ds, at, say_source(c, arg->value),
                         "leave out the `&`");
            return NULL;
        }
        call->args[k] = arg->value;
    }
    for (k = 0; k < n; k++)
        call->order[k] = k;
    if (n > most) {
        struct ast *extra = call->args[most];
        diag_at(ds, E0242, span_of(c, extra), name, most, most == 1 ? "" : "s",
                n);
        diag_label(ds, span_of(c, extra), "one too many");
        return NULL;
    }
    if (n < least) {
        diag_at(ds, E0241, span_last_word(c, AS(call, e)->callee), name,
                least == 1 ? "its argument"
                           : arena_printf(c->arena, "%u of its %u arguments",
                                          least - n, least));
        return NULL;
    }
    return call;
}

static void say_not_taken(struct checker *c, struct ast *arg, const char *name,
                          struct type *t, char letter)
{
    diag_at(c->u->diags, E0215, span_of(c, arg), name, say_type(c, t));
    diag_note(c->u->diags, "`%s` takes %s", name, letter_text(letter));
}

static struct type *simple_of(char letter)
{
    return letter == 'i' ? &type_int : letter == 'b' ? &type_bool : &type_str;
}

/* The later argument of a row whose type is that of the first. */
static void same_argument(struct checker *c, const char *name,
                          struct ast *first, struct ast *arg)
{
    struct type *ft = first->type, *t = check_any(c, arg, ft), *same = ft;
    struct type *other = t;

    if (op_unify(c, first, arg, &same, &other) && !first->lifted &&
        !arg->lifted)
        return;
    diag_at(c->u->diags, E0222, span_of(c, arg), name, say_type(c, ft),
            say_type(c, t));
    diag_label(c->u->diags, span_of(c, first), "`%s`", say_type(c, ft));
    diag_label(c->u->diags, span_of(c, arg), "`%s`", say_type(c, t));
    say_conversion(c, arg, t, ft);
}

/* Whether values of a type have an order. */
static bool has_order(const struct type *t)
{
    for (uint32_t i = 0; t->kind == TYPE_TUPLE && i < t->nargs; i++)
        if (!has_order(t->args[i]))
            return false;
    return t->kind == TYPE_TUPLE || is_number(t) || t == &type_str;
}

static void say_no_order(struct checker *c, struct ast *at, struct type *t)
{
    diag_at(c->u->diags, E0297, span_of(c, at), say_type(c, t));
    diag_help(c->u->diags,
              "give a function that tells what to sort by: `xs.sort(by: "
              "fn(x) = ...)`");
}

/* The function behind `by:`, of the items of a list. */
static void check_sort_key(struct checker *c, struct ast *list, struct ast *arg)
{
    struct type *item =
        list->type->kind == TYPE_LIST ? list->type->args[0] : &type_error;
    struct type *open = type_param(c->u, &c->builtins[BUILTIN_SORT], 0);
    struct type *want = type_fn(c->u, &item, 1, 0, open), *t;

    t = check_any(c, arg, is_silent(item) ? NULL : want);
    if (is_silent(t) || is_silent(item))
        return;
    if (t->kind != TYPE_FN || t->nargs != 2 || t->args[0] != item || t->muts ||
        t->args[1] == &type_unit) {
        diag_at(c->u->diags, E0298, span_of(c, arg), say_type(c, item),
                say_type(c, t));
        return;
    }
    if (!is_silent(t->args[1]) && !has_order(t->args[1]))
        say_no_order(c, arg, t->args[1]);
}

static void check_arguments(struct checker *c, const struct call *call,
                            const char *name, const char *params,
                            struct ast *receiver, struct type *hint)
{
    struct ast *first = call->args[0];
    const char *p = params;
    struct type *t;

    for (uint32_t i = 0; i < call->nargs; i++) {
        struct ast *arg = call->args[i];
        struct reason why = {"a list of such items", span_of(c, first)};
        p += *p == '?';
        switch (*p) {
        case 'T':
            if (first->type->kind == TYPE_LIST)
                check_value(c, arg, first->type->args[0], &why);
            else
                check_any(c, arg, NULL);
            break;
        case '=': same_argument(c, name, first, arg); break;
        case 'O':
            why.text = "a guardian of such objects";
            if (first->type->kind == TYPE_GUARDIAN)
                check_value(c, arg, first->type->args[0], &why);
            else
                check_any(c, arg, NULL);
            break;
        case 'k':
            why.text = "a map with such keys";
            if (first->type->kind == TYPE_MAP)
                check_value(c, arg, first->type->args[0], &why);
            else
                check_any(c, arg, NULL);
            break;
        case 'B': check_sort_key(c, first, arg); break;
        case 'i':
        case 'b':
        case 's':
            if (arg != receiver)
                check_value(c, arg, simple_of(*p), NULL);
            break;
        default:
            t = arg == receiver ? arg->type : check_any(c, arg, hint);
            if (!is_silent(t) && !letter_takes(*p, t)) {
                say_not_taken(c, arg, name, t, *p);
                if (arg == receiver)
                    say_member_habit(
                        c, span_word(c, arg->end, 0), t,
                        names_add(c->u->names, name, (uint32_t)strlen(name)));
                arg->type = &type_error;
            }
        }
        if (*p && *p != '*')
            p++;
    }
}

static struct type *result_of(struct checker *c, const struct call *call,
                              char letter)
{
    struct type *first = call->nargs ? call->args[0]->type : NULL;

    switch (letter) {
    case '!': return &type_never;
    case 'i':
    case 'b':
    case 's': return simple_of(letter);
    case '=': return first;
    case 'T': return first->kind == TYPE_LIST ? first->args[0] : &type_error;
    case 'K':
    case 'V':
        return first->kind != TYPE_MAP
                   ? &type_error
                   : type_list(c->u, first->args[letter == 'V']);
    case 'W':
        return type_is_watchable(first) ? weak_of(c, first, call->args[0])
                                        : &type_error;
    case 'O':
        return first->kind == TYPE_WEAK || first->kind == TYPE_GUARDIAN
                   ? option_of(c, first->args[0], call->args[0])
                   : &type_error;
    case 'o':
        return first->kind == TYPE_MAP
                   ? option_of(c, first->args[1], call->args[0])
                   : &type_error;
    case 'E':
        if (first->kind != TYPE_LIST)
            return &type_error;
        return list_of(c,
                       tuple_of(c, (struct type *[]){&type_int, first->args[0]},
                                2, call->args[0]),
                       call->args[0]);
    case 'I': return type_list(c->u, &type_int);
    case 'Z': return type_list(c->u, &type_str);
    default: return &type_unit;
    }
}

/* ---- calls --------------------------------------------------------------- */

static bool converts(const struct type *from, const struct type *to)
{
    switch ((enum type_kind)to->kind) {
    case TYPE_INT:
        return is_number(from) || from == &type_bool || from == &type_str;
    case TYPE_FLOAT: return is_number(from) || from == &type_str;
    case TYPE_BYTE:
        return is_int(from) || from == &type_bool || from == &type_str;
    case TYPE_BOOL: return from == &type_bool || from == &type_str;
    case TYPE_ANY: return false;
    default: return true;
    }
}

static struct type *call_convert(struct checker *c, struct ast *e,
                                 const struct sym *s, struct ast *receiver)
{
    struct call *call =
        take_arguments(c, e, s->name->text, CALL_CONVERT, receiver, "v");
    struct ast *arg;
    struct type *t;

    if (!call) {
        call_nothing(c, e);
        return s->type;
    }
    AS(call, e)->call = call;
    arg = call->args[0];
    t = receiver ? arg->type : check_any(c, arg, NULL);
    if (!is_silent(t) && !converts(t, s->type)) {
        diag_at(c->u->diags, E0220, span_of(c, arg), say_type(c, t),
                say_type(c, s->type));
        if (s->type == &type_bool && is_number(t) && say_source(c, arg))
            diag_help(c->u->diags, "compare it: `%s != 0`", say_source(c, arg));
        if (s->type == &type_byte && t == &type_float && say_source(c, arg))
            diag_help(c->u->diags, "write `byte(int(%s))`", say_source(c, arg));
    }
    return s->type;
}

/* Of the rows of one name, the one for what stands first; *checked is that
 * where its type had to be found. */
static const struct sym *meant(struct checker *c, struct ast *e,
                               const struct sym *s, struct ast **checked)
{
    struct ast_nodes *args = &AS(call, e)->args;
    const struct sym *other;

    if (s->builtin != BUILTIN_REMOVE || *checked || !args->n)
        return s;
    *checked = AS(arg, args->at[0])->value;
    other = builtin_method(c, check_any(c, *checked, NULL), s->name);
    return other ? other : s;
}

/* guardian(): what it watches stands where it is wanted. */
static struct type *guardian_expected(struct checker *c, struct ast *e,
                                      struct type *expected)
{
    if (expected && is_option(expected))
        expected = expected->args[0];
    if (expected &&
        (expected->kind == TYPE_GUARDIAN || expected->kind == TYPE_ERROR))
        return expected;
    diag_at(c->u->diags, E0228, span_of(c, e));
    diag_help(c->u->diags, "write its type where it is bound: "
                           "`let g: Guardian[Node] = guardian()`");
    return &type_error;
}

struct type *call_builtin(struct checker *c, struct ast *e, const struct sym *s,
                          struct ast *receiver, struct type *hint)
{
    const struct row *row;
    struct call *call;

    if (s->builtin == BUILTIN_NONE)
        return call_convert(c, e, s, receiver);
    struct type *expected = hint == DROPPED ? NULL : hint;
    struct ast *checked = receiver;
    s = meant(c, e, s, &checked);
    row = &rows[s->builtin];
    if (rev_is_move(c, e, s, receiver))
        return rev_move(c, e, s, receiver);
    call = take_arguments(c, e, s->name->text, CALL_BUILTIN, receiver,
                          row->params);
    if (!call) {
        call_nothing(c, e);
        return strchr("ibs-!", row->result[0])
                   ? result_of(c, call_new(c, CALL_ERROR, 0), row->result[0])
                   : &type_error;
    }
    call->builtin = s->builtin;
    AS(call, e)->call = call;
    /* the expected type reaches an argument that the result is like */
    if (row->result[0] != '=' || hint == DROPPED)
        hint = NULL;
    check_arguments(c, call, s->name->text, row->params, checked, hint);
    if (s->builtin == BUILTIN_SORT && call->nargs == 1 &&
        call->args[0]->type->kind == TYPE_LIST &&
        !is_silent(call->args[0]->type->args[0]) &&
        !has_order(call->args[0]->type->args[0]))
        say_no_order(c, call->args[0], call->args[0]->type->args[0]);
    if (s->builtin == BUILTIN_GUARDIAN)
        return guardian_expected(c, e, expected);
    return result_of(c, call, row->result[0]);
}
