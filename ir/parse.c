/* parse.c - the text form of a module, read.
 *
 *   module   { line }                       the lines in any order that
 *                                           declares before it uses
 *   line     "type" N ("struct"|"globals") STRING "refs" N "scalars" N
 *                    "{" [field {"," field}] "}"
 *          | "type" N "sum" STRING "{" [STRING ":" type {"," …}] "}"
 *          | "type" N "names" STRING "{" [STRING {"," STRING}] "}"
 *          | "type" N "unit" STRING
 *          | "type" N "fn" STRING "(" [types] ")" "->" "(" [types] ")"
 *          | "type" N "closure" STRING "of" N "calls" @N "refs" …
 *          | "type" N "list" STRING "item" type
 *          | "type" N "map" STRING "key" type "item" type
 *          | "string" N STRING
 *          | "sig" @N STRING STRING ":" N "(" params ")" "->" "(" types ")"
 *                    ["inverse" @N] ["leaves" N]
 *          | "globals" N | "init" @N | "main" @N
 *          | "test" STRING STRING ":" N @N
 *          | "fn" @N STRING ["flags" N] ["rev"] "{" { block } "}"
 *   field    STRING ":" ["fixed"] type "word" N
 *   params   types, each of which may stand behind "mut"
 *   type     "int" | "float" | "bool" | "byte" | "ref" N | "names" N
 *   block    bN ["(" typed {"," typed} ")"] ":" { inst }
 *   typed    vN ":" type
 *   inst     [typed {"," typed} "="] OP [head] [vals] [edges] [tail]
 *   head     a constant | STRING | @N STRING | NATIVE | ("undo"|"try")
 *            ["flag" N]                     by the op's imm column
 *   vals     vN {"," vN}, in parentheses for calls
 *   edges    bN ["(" vals ")"] {"," …}      after a comma if values precede
 *   tail     ("word"|"global"|"type"|"flag") N
 *
 * Each line above ends where the text's line ends; `;` begins a comment, and
 * one of the form `; LINE:COLUMN` gives the inst before it its position.  An
 * inst names the types of its results, so a block may stand before those that
 * dominate it.
 *
 * The parser holds the memory it asks for within a multiple of the text's
 * length: a number of a value or block that is far above it is refused. */
#include "ir/text.h"

#include <stdio.h>
#include <string.h>

struct parser {
    struct text t;
    struct ir_module *mod;
    uint32_t limit; /* of numbers of values and blocks */
    VEC(struct ir_fn *) fns;

    struct ir_fn *f;      /* being read */
    ir_blk block;         /* being read */
    VEC(uint8_t) defined; /* blocks read */
    VEC(ir_val) vals;     /* of a list, reused */
};

enum { MAX_FIELDS = 1 << 24 };

/* ---- numbers that grow what they name ------------------------------------ */

static bool need_value(struct parser *p, ir_val *v)
{
    if (!text_need_ref(&p->t, TEXT_VALUE, p->limit, v))
        return false;
    while (p->f->values.n <= *v)
        ir_new_value(p->f, ir_scalar(PVM_NONE));
    return true;
}

static bool need_block(struct parser *p, ir_blk *b)
{
    if (!text_need_ref(&p->t, TEXT_BLOCK, p->limit, b))
        return false;
    while (p->f->blocks.n <= *b)
        ir_add_block(p->f);
    return true;
}

/* The number of a declaration, which has to be the next one. */
static bool need_next(struct parser *p, uint32_t n, uint32_t next)
{
    return n == next ||
           text_fail(&p->t, "the next number would be %u", (unsigned)next);
}

/* ---- types --------------------------------------------------------------- */

static bool need_type(struct parser *p, ir_type *type)
{
    static const char *const scalars[] = {
        [PVM_INT] = "int",
        [PVM_FLOAT] = "float",
        [PVM_BOOL] = "bool",
        [PVM_BYTE] = "byte",
    };
    for (uint32_t k = PVM_INT; k <= PVM_BYTE; k++)
        if (text_take_word(&p->t, scalars[k])) {
            *type = ir_scalar(k);
            return true;
        }
    *type = ir_ref(0);
    if (text_take_word(&p->t, "names"))
        type->kind = PVM_INT;
    else if (!text_take_word(&p->t, "ref"))
        return text_fail(&p->t, "expected a type");
    return text_need_u32(&p->t, MAX_FIELDS, &type->type);
}

typedef VEC(ir_type) type_list;

/* muts: where `mut` may stand before a type, and is noted; NULL: nowhere. */
static bool need_types(struct parser *p, type_list *types, uint64_t *muts)
{
    ir_type type;
    if (!text_need_punct(&p->t, '('))
        return false;
    if (text_take_punct(&p->t, ')'))
        return true;
    do {
        if (muts && types->n < 64 && text_take_word(&p->t, "mut"))
            *muts |= UINT64_C(1) << types->n;
        if (!need_type(p, &type))
            return false;
        vec_push_in(p->mod->arena, types, type);
    } while (text_take_punct(&p->t, ','));
    return text_need_punct(&p->t, ')');
}

static bool need_arrow(struct parser *p)
{
    if (p->t.tok.kind != TEXT_ARROW)
        return text_fail(&p->t, "expected ->");
    text_next(&p->t);
    return true;
}

/* ---- declarations -------------------------------------------------------- */

/* A string without NUL inside. */
static bool need_name(struct parser *p, const char **s)
{
    uint32_t len;
    if (!text_need_string(&p->t, s, &len))
        return false;
    return !memchr(*s, 0, len) || text_fail(&p->t, "a name holds no \\x00");
}

static bool need_place(struct parser *p, const char **file, uint32_t *line)
{
    return need_name(p, file) && text_need_punct(&p->t, ':') &&
           text_need_u32(&p->t, UINT32_MAX, line);
}

static bool parse_field(struct parser *p, uint8_t kind, struct ir_field *x)
{
    *x = (struct ir_field){.of = ir_scalar(PVM_NONE)};
    if (!need_name(p, &x->name))
        return false;
    if (kind == PVM_TYPE_NAMES)
        return true;
    if (!text_need_punct(&p->t, ':'))
        return false;
    x->fixed = kind != PVM_TYPE_SUM && text_take_word(&p->t, "fixed");
    return need_type(p, &x->of) &&
           (kind == PVM_TYPE_SUM ||
            (text_need_word(&p->t, "word") &&
             text_need_u32(&p->t, MAX_FIELDS, &x->word)));
}

static bool parse_fields(struct parser *p, struct ir_typedesc *t)
{
    VEC(struct ir_field) fields = {0};
    if (!text_need_punct(&p->t, '{'))
        return false;
    while (!text_is_punct(&p->t, '}')) {
        struct ir_field x;
        if ((fields.n && !text_need_punct(&p->t, ',')) ||
            !parse_field(p, t->kind, &x))
            return false;
        vec_push_in(p->mod->arena, &fields, x);
    }
    t->fields = fields.at;
    t->nfields = fields.n;
    return text_need_punct(&p->t, '}');
}

static bool parse_fn_type(struct parser *p, struct ir_typedesc *t)
{
    type_list params = {0}, results = {0};
    if (!need_types(p, &params, NULL) || !need_arrow(p) ||
        !need_types(p, &results, NULL))
        return false;
    t->params = params.at;
    t->nparams = params.n;
    t->results = results.at;
    t->nresults = results.n;
    return true;
}

/* What stands behind a type's name. */
static bool parse_body(struct parser *p, struct ir_typedesc *t)
{
    switch (t->kind) {
    case PVM_TYPE_UNIT: return true;
    case PVM_TYPE_FN: return parse_fn_type(p, t);
    case PVM_TYPE_CLOSURE:
        if (!text_need_word(&p->t, "of") ||
            !text_need_u32(&p->t, MAX_FIELDS, &t->of_fn) ||
            !text_need_word(&p->t, "calls") ||
            !text_need_ref(&p->t, TEXT_FN, MAX_FIELDS, &t->fn))
            return false;
        break;
    case PVM_TYPE_SUM:
    case PVM_TYPE_NAMES: return parse_fields(p, t);
    case PVM_TYPE_MAP:
        if (!text_need_word(&p->t, "key") || !need_type(p, &t->key))
            return false;
        /* fallthrough */
    case PVM_TYPE_LIST:
        return text_need_word(&p->t, "item") && need_type(p, &t->item);
    default: break;
    }
    return text_need_word(&p->t, "refs") &&
           text_need_u32(&p->t, MAX_FIELDS, &t->nrefs) &&
           text_need_word(&p->t, "scalars") &&
           text_need_u32(&p->t, MAX_FIELDS, &t->nscalars) && parse_fields(p, t);
}

static bool parse_typedesc(struct parser *p)
{
    static const char *const kinds[] = {
        [PVM_TYPE_STRUCT] = "struct",   [PVM_TYPE_LIST] = "list",
        [PVM_TYPE_GLOBALS] = "globals", [PVM_TYPE_MAP] = "map",
        [PVM_TYPE_SUM] = "sum",         [PVM_TYPE_UNIT] = "unit",
        [PVM_TYPE_NAMES] = "names",     [PVM_TYPE_FN] = "fn",
        [PVM_TYPE_CLOSURE] = "closure"};
    enum { KINDS = sizeof kinds / sizeof *kinds };
    struct ir_typedesc t = {0};
    uint32_t n;
    if (!text_need_u32(&p->t, MAX_FIELDS, &n) ||
        !need_next(p, n, p->mod->types.n))
        return false;
    while (t.kind < KINDS &&
           !(kinds[t.kind] && text_take_word(&p->t, kinds[t.kind])))
        t.kind++;
    if (t.kind == KINDS)
        return text_fail(&p->t, "expected the kind of a type");
    if (!need_name(p, &t.name) || !parse_body(p, &t))
        return false;
    ir_add_type(p->mod, &t);
    return true;
}

static bool parse_string(struct parser *p)
{
    uint32_t n, len;
    const char *s;
    if (!text_need_u32(&p->t, UINT32_MAX, &n) ||
        !need_next(p, n, p->mod->strings.n) ||
        !text_need_string(&p->t, &s, &len))
        return false;
    return ir_add_string(p->mod, s, len) == n ||
           text_fail(&p->t, "the string is there already");
}

static bool parse_sig(struct parser *p)
{
    struct ir_sig s = {0};
    type_list params = {0}, results = {0};
    uint32_t n;
    if (!text_need_ref(&p->t, TEXT_FN, UINT32_MAX, &n) ||
        !need_next(p, n, p->mod->sigs.n) || !need_name(p, &s.name) ||
        !need_place(p, &s.file, &s.line) || !need_types(p, &params, &s.muts))
        return false;
    if (!need_arrow(p) || !need_types(p, &results, NULL))
        return false;
    if (text_take_word(&p->t, "inverse")) {
        if (!text_need_ref(&p->t, TEXT_FN, MAX_FIELDS, &s.inverse))
            return false;
        s.inverse++;
    }
    uint32_t leaves = 0;
    if (text_take_word(&p->t, "leaves") &&
        !text_need_u32(&p->t, IR_ALL_MEMORY + 1, &leaves))
        return false;
    s.leaves = (uint8_t)leaves;
    s.params = params.at;
    s.nparams = params.n;
    s.results = results.at;
    s.nresults = results.n;
    ir_add_sig(p->mod, &s);
    return true;
}

static bool parse_test(struct parser *p)
{
    struct ir_test t = {0};
    if (!need_name(p, &t.name) || !need_place(p, &t.file, &t.line) ||
        !text_need_ref(&p->t, TEXT_FN, UINT32_MAX, &t.fn))
        return false;
    ir_add_test(p->mod, &t);
    return true;
}

/* ---- instructions -------------------------------------------------------- */

static bool define(struct parser *p, ir_val v, ir_type type)
{
    if (p->f->values.at[v].kind != PVM_NONE)
        return text_fail(&p->t, "v%u is defined twice", (unsigned)v);
    p->f->values.at[v] = type;
    return true;
}

static bool need_typed(struct parser *p, ir_val *v)
{
    ir_type type;
    return need_value(p, v) && text_need_punct(&p->t, ':') &&
           need_type(p, &type) && define(p, *v, type);
}

static bool parse_results(struct parser *p, struct ir_inst *i)
{
    uint32_t n = 0;
    do {
        ir_val v;
        if (!need_typed(p, &v))
            return false;
        if (n && v != i->res + n)
            return text_fail(&p->t, "results are numbered one after another");
        if (!n)
            i->res = v;
        if (++n > UINT16_MAX)
            return text_fail(&p->t, "too many results");
    } while (text_take_punct(&p->t, ','));
    i->nres = (uint16_t)n;
    return text_need_punct(&p->t, '=');
}

static bool parse_op(struct parser *p, struct ir_inst *i)
{
    if (p->t.tok.kind == TEXT_WORD)
        for (uint32_t op = 0; op < IR_NOPS; op++)
            if (text_take_word(&p->t, ir_ops[op].text)) {
                i->op = (uint8_t)op;
                return true;
            }
    return text_fail(&p->t, "expected an op");
}

static bool parse_const(struct parser *p, struct ir_inst *i)
{
    if (!i->nres)
        return text_fail(&p->t, "a constant has a result");
    switch (ir_type_of(p->f, i->res).kind) {
    case PVM_FLOAT: return text_need_float(&p->t, &i->imm);
    case PVM_BOOL:
        i->imm = text_is_word(&p->t, "true");
        return i->imm ? text_need_word(&p->t, "true")
                      : text_need_word(&p->t, "false");
    default: return text_need_i64(&p->t, &i->imm);
    }
}

static bool parse_callee(struct parser *p, struct ir_inst *i)
{
    uint32_t n;
    const char *name;
    if (!text_need_ref(&p->t, TEXT_FN, p->mod->sigs.n, &n))
        return false;
    i->imm = n;
    if (p->t.tok.kind != TEXT_STRING)
        return true;
    if (!need_name(p, &name))
        return false;
    return !strcmp(name, p->mod->sigs.at[n].name) ||
           text_fail(&p->t, "@%u has another name", (unsigned)n);
}

static bool parse_native(struct parser *p, struct ir_inst *i)
{
    char name[64];
    if (p->t.tok.kind != TEXT_WORD || p->t.tok.len >= sizeof name)
        return text_fail(&p->t, "expected a native");
    memcpy(name, p->t.tok.at, p->t.tok.len);
    name[p->t.tok.len] = 0;
    i->imm = ir_native(name);
    if (i->imm < 0)
        return text_fail(&p->t, "there is no native %s", name);
    text_next(&p->t);
    return true;
}

static bool parse_mark(struct parser *p, struct ir_inst *i)
{
    uint32_t flag = UINT16_MAX;
    i->imm = text_is_word(&p->t, "try") ? IR_MARK_TRY : IR_MARK_UNDO;
    if (!text_take_word(&p->t, "try") && !text_need_word(&p->t, "undo"))
        return false;
    if (text_take_word(&p->t, "flag") &&
        !text_need_u32(&p->t, UINT16_MAX, &flag))
        return false;
    i->flag = (uint16_t)flag;
    return text_need_punct(&p->t, ',');
}

/* The immediate that stands before the arguments. */
static bool parse_head(struct parser *p, struct ir_inst *i)
{
    const char *s;
    uint32_t len;
    switch (ir_imm_kind(p->f, i->op)) {
    case IR_IMM_VALUE: return parse_const(p, i);
    case IR_IMM_STR:
        if (!text_need_string(&p->t, &s, &len))
            return false;
        i->imm = ir_add_string(p->mod, s, len);
        return true;
    case IR_IMM_FN: return parse_callee(p, i);
    case IR_IMM_NATIVE: return parse_native(p, i);
    case IR_IMM_MARK: return parse_mark(p, i);
    default: return true;
    }
}

/* The immediate that stands behind them. */
static bool parse_tail(struct parser *p, struct ir_inst *i)
{
    static const char *const words[] = {[IR_IMM_WORD] = "word",
                                        [IR_IMM_GWORD] = "global",
                                        [IR_IMM_TYPE] = "type",
                                        [IR_IMM_FLAG] = "flag",
                                        [IR_IMM_MARK] = NULL};
    const char *word = words[ir_ops[i->op].imm_kind];
    return !word ||
           (text_need_word(&p->t, word) && text_need_i64(&p->t, &i->imm));
}

/* A list of values into p->vals; it may be empty. */
static bool parse_vals(struct parser *p)
{
    ir_val v;
    p->vals.n = 0;
    if (p->t.tok.kind != TEXT_VALUE)
        return true;
    do {
        if (p->vals.n && p->t.tok.kind == TEXT_BLOCK)
            return true; /* the comma was the one before the edges */
        if (!need_value(p, &v))
            return false;
        vec_push_in(p->mod->arena, &p->vals, v);
    } while (text_take_punct(&p->t, ','));
    return true;
}

static ir_val *copy_vals(struct parser *p)
{
    ir_val *v = ARENA_ARRAY(p->mod->arena, ir_val, p->vals.n + 1);
    if (p->vals.n)
        memcpy(v, p->vals.at, p->vals.n * sizeof *v);
    return v;
}

static bool parse_args(struct parser *p, struct ir_inst *i)
{
    uint8_t imm = ir_ops[i->op].imm_kind;
    bool call = imm == IR_IMM_FN || imm == IR_IMM_NATIVE;
    if ((call && !text_need_punct(&p->t, '(')) || !parse_vals(p) ||
        (call && !text_need_punct(&p->t, ')')))
        return false;
    if (p->vals.n > UINT16_MAX)
        return text_fail(&p->t, "too many arguments");
    i->nargs = (uint16_t)p->vals.n;
    i->args = i->nargs ? copy_vals(p) : NULL;
    return true;
}

static bool parse_edge(struct parser *p, struct ir_edge *e)
{
    if (!need_block(p, &e->to))
        return false;
    if (!text_take_punct(&p->t, '('))
        return true;
    if (!parse_vals(p) || !text_need_punct(&p->t, ')'))
        return false;
    for (uint32_t i = 0; i < p->vals.n; i++)
        ir_edge_arg(p->f, e, p->vals.at[i]);
    return true;
}

static bool parse_edges(struct parser *p, struct ir_inst *i)
{
    if (p->t.tok.kind != TEXT_BLOCK)
        return true;
    i->edges = ARENA_ARRAY(p->mod->arena, struct ir_edge, 2);
    do {
        if (i->nedges == 2)
            return text_fail(&p->t, "a block has at most two successors");
        if (!parse_edge(p, &i->edges[i->nedges++]))
            return false;
    } while (text_take_punct(&p->t, ','));
    return true;
}

static bool parse_inst(struct parser *p)
{
    struct ir_inst i = {.res = IR_NONE, .flag = UINT16_MAX};
    if (p->t.tok.kind == TEXT_VALUE && !parse_results(p, &i))
        return false;
    if (!parse_op(p, &i) || !parse_head(p, &i) || !parse_args(p, &i) ||
        !parse_edges(p, &i) || !parse_tail(p, &i) ||
        !text_need_line(&p->t, &i.pos))
        return false;
    vec_push_in(p->mod->arena, &p->f->blocks.at[p->block].insts, i);
    return true;
}

/* ---- functions ----------------------------------------------------------- */

static bool parse_block(struct parser *p)
{
    struct ir_pos pos;
    ir_val v;
    if (!need_block(p, &p->block))
        return false;
    while (p->defined.n <= p->block)
        vec_push_in(p->mod->arena, &p->defined, 0);
    if (p->defined.at[p->block]++)
        return text_fail(&p->t, "b%u is there already", (unsigned)p->block);
    if (text_take_punct(&p->t, '(')) {
        do {
            if (!need_typed(p, &v))
                return false;
            vec_push_in(p->mod->arena, &p->f->blocks.at[p->block].params, v);
        } while (text_take_punct(&p->t, ','));
        if (!text_need_punct(&p->t, ')'))
            return false;
    }
    if (!text_need_punct(&p->t, ':') || !text_need_line(&p->t, &pos))
        return false;
    while (p->t.tok.kind == TEXT_VALUE || p->t.tok.kind == TEXT_WORD)
        if (!parse_inst(p))
            return false;
    return true;
}

static bool parse_fn(struct parser *p)
{
    struct ir_inst head = {0};
    struct ir_pos pos;
    struct ir_fn *f = p->f = ARENA_NEW(p->mod->arena, struct ir_fn);
    f->arena = p->mod->arena;
    f->module = p->mod;
    p->defined.n = 0;
    ir_add_block(f);
    if (!parse_callee(p, &head))
        return false;
    f->index = (uint32_t)head.imm;
    if (text_take_word(&p->t, "flags") &&
        !text_need_u32(&p->t, UINT16_MAX, &f->nflags))
        return false;
    f->rev = text_take_word(&p->t, "rev");
    if (!text_need_punct(&p->t, '{') || !text_need_line(&p->t, &pos))
        return false;
    while (!text_is_punct(&p->t, '}'))
        if (!parse_block(p))
            return false;
    vec_push_in(p->mod->arena, &p->fns, f);
    return text_need_punct(&p->t, '}');
}

/* ---- the module ---------------------------------------------------------- */

static bool parse_line(struct parser *p)
{
    struct ir_module *mod = p->mod;
    struct text *t = &p->t;
    uint32_t n;
    if (text_take_word(t, "fn"))
        return parse_fn(p);
    if (text_take_word(t, "type"))
        return parse_typedesc(p);
    if (text_take_word(t, "string"))
        return parse_string(p);
    if (text_take_word(t, "sig"))
        return parse_sig(p);
    if (text_take_word(t, "test"))
        return parse_test(p);
    if (text_take_word(t, "globals"))
        return text_need_u32(t, MAX_FIELDS, &mod->globals);
    if (text_take_word(t, "init")) {
        if (!text_need_ref(t, TEXT_FN, UINT32_MAX, &n))
            return false;
        mod->init = n + 1;
        return true;
    }
    if (text_take_word(t, "main")) {
        if (!text_need_ref(t, TEXT_FN, UINT32_MAX, &n))
            return false;
        mod->main = n + 1;
        return true;
    }
    return text_fail(t, "expected a declaration");
}

static bool parse_module(struct parser *p)
{
    char why[160];
    struct ir_pos pos;
    while (p->t.tok.kind != TEXT_END)
        if (!parse_line(p) || !text_need_line(&p->t, &pos))
            return false;
    if (p->t.failed)
        return false;
    return ir_verify_module(p->mod, why, sizeof why) ||
           text_fail(&p->t, "%s", why);
}

enum pal_status ir_parse(struct mem *m, const char *text, size_t n,
                         struct ir_module **mod, struct ir_fn ***fns,
                         uint32_t *nfns, struct ir_text_error *err)
{
    struct parser p = {0};
    *err = (struct ir_text_error){0};
    if (n > UINT32_MAX / 64 - 1024) {
        snprintf(err->text, sizeof err->text, "the text is too long");
        return PAL_FORMAT;
    }
    p.mod = ir_module_open(m);
    p.limit = 1024 + 64 * (uint32_t)n;
    text_open(&p.t, p.mod->arena, text, n, err);
    if (!parse_module(&p)) {
        ir_module_close(p.mod);
        return PAL_FORMAT;
    }
    *mod = p.mod;
    *fns = p.fns.at;
    *nfns = p.fns.n;
    return PAL_OK;
}
