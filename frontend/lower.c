/* lower.c - the unit: types, signatures, globals, tests, and the worklist.
 *
 * First every function of the main file gets its signature and joins the
 * worklist, in source order; then one function after the other is lowered,
 * handed to the caller, and its arena reset.  Functions of other modules and
 * instances of generic ones join when their first call is met. */
#include "frontend/lower_rev.h"

#include <string.h>

/* ---- types --------------------------------------------------------------- */

/* A field's name in the module's memory, which outlives the unit's. */
static const char *kept_name(struct lower *l, const struct name *n)
{
    return n ? arena_strndup(l->mod->arena, n->text, n->len) : "";
}

static ir_type scalar_list(const struct type *item)
{
    switch (item->kind) {
    case TYPE_INT: return ir_ref(PVM_T_LIST_INT);
    case TYPE_FLOAT: return ir_ref(PVM_T_LIST_FLOAT);
    case TYPE_BOOL: return ir_ref(PVM_T_LIST_BOOL);
    case TYPE_BYTE: return ir_ref(PVM_T_LIST_BYTE);
    case TYPE_STR: return ir_ref(PVM_T_LIST_STR);
    default: return LOWER_NONE;
    }
}

/* Lists nest only as deep as the checker allows. */
static ir_type list_type(struct lower *l, struct type *t)
{
    ir_type known = scalar_list(t->args[0]);
    if (known.kind != PVM_NONE)
        return known;
    if (!t->ir_type) {
        struct ir_typedesc d = {.kind = PVM_TYPE_LIST,
                                .name = type_text(l->u, t),
                                .item = lower_item_type(l, t->args[0])};
        t->ir_type = ir_add_type(l->mod, &d) + 1;
    }
    return ir_ref(t->ir_type - 1);
}

static ir_type map_type(struct lower *l, struct type *t)
{
    if (!t->ir_type) {
        struct ir_typedesc d = {.kind = PVM_TYPE_MAP,
                                .name = type_text(l->u, t),
                                .key = lower_item_type(l, t->args[0]),
                                .item = lower_item_type(l, t->args[1])};
        t->ir_type = ir_add_type(l->mod, &d) + 1;
    }
    return ir_ref(t->ir_type - 1);
}

/* A struct, or a tuple, which has no name, gets its index at once and its
 * fields later (types_complete): a type may hold itself, and chains of types
 * may be long. */
static ir_type struct_type(struct lower *l, struct type *t)
{
    if (t->kind == TYPE_STRUCT && !t->decl)
        return ir_ref(PVM_T_ERROR);
    if (!t->ir_type) {
        struct ir_typedesc d = {.kind = PVM_TYPE_STRUCT,
                                .name = type_text(l->u, t)};
        t->ir_type = ir_add_type(l->mod, &d) + 1;
        vec_push_in(l->u->arena, &l->open_types, t);
    }
    return ir_ref(t->ir_type - 1);
}

uint32_t lower_names_type(struct lower *l, struct type *t)
{
    if (t->ir_type)
        return t->ir_type - 1;
    struct ir_field *fields =
        ARENA_ARRAY(l->mod->arena, struct ir_field, t->nvariants + 1);
    for (uint32_t i = 0; i < t->nvariants; i++)
        fields[i].name = kept_name(l, t->variants[i].sym->name);
    struct ir_typedesc d = {.kind = PVM_TYPE_NAMES,
                            .name = t->decl->name->text,
                            .nfields = t->nvariants,
                            .fields = fields};
    t->ir_type = ir_add_type(l->mod, &d) + 1;
    return t->ir_type - 1;
}

/* An enum with payloads gets its index at once and its variants later. */
static ir_type enum_type(struct lower *l, struct type *t)
{
    if (t->is_scalar)
        return LOWER_INT;
    if (!t->ir_type) {
        struct ir_typedesc d = {.kind = PVM_TYPE_SUM,
                                .name = type_text(l->u, t)};
        t->ir_type = ir_add_type(l->mod, &d) + 1;
        vec_push_in(l->u->arena, &l->open_types, t);
    }
    return ir_ref(t->ir_type - 1);
}

ir_type lower_variant_type(struct lower *l, struct type *t, uint32_t number)
{
    struct variant *v = &t->variants[number];
    if (v->payload)
        return lower_type(l, v->payload);
    if (!v->ir_type) {
        struct ir_typedesc d = {.kind = PVM_TYPE_UNIT,
                                .name = kept_name(l, v->sym->name)};
        v->ir_type = ir_add_type(l->mod, &d) + 1;
    }
    return ir_ref(v->ir_type - 1);
}

static ir_type option_type(struct lower *l, struct type *t)
{
    ir_type of = lower_type(l, t->args[0]);
    if (type_is_pair(t) && of.kind != PVM_NONE)
        of.kind |= LOWER_PAIR_TYPE;
    return of;
}

ir_type lower_type(struct lower *l, struct type *t)
{
    switch (t->kind) {
    case TYPE_INT: return LOWER_INT;
    case TYPE_FLOAT: return LOWER_FLOAT;
    case TYPE_BOOL: return LOWER_BOOL;
    case TYPE_BYTE: return LOWER_BYTE;
    case TYPE_STR: return LOWER_STR;
    case TYPE_ANY: return LOWER_ANY;
    case TYPE_LIST: return list_type(l, t);
    case TYPE_MAP: return map_type(l, t);
    case TYPE_STRUCT:
    case TYPE_TUPLE: return struct_type(l, t);
    case TYPE_OPTION: return option_type(l, t);
    case TYPE_ENUM: return enum_type(l, t);
    case TYPE_FN: return lower_fn_type(l, t);
    case TYPE_WEAK: return ir_ref(PVM_T_WEAK);
    case TYPE_GUARDIAN: return ir_ref(PVM_T_GUARDIAN);
    default: /* UNIT, NEVER */ return LOWER_NONE;
    }
}

/* The words of a field, or of a global, of type t, from to[n] on; an option of
 * a scalar has two, of which the first, whose name ends in a question mark,
 * says that there is a value. */
uint32_t lower_put_fields(struct lower *l, struct ir_field *to, uint32_t n,
                          struct ir_field like, struct type *t)
{
    ir_type of[2];
    uint32_t words = lower_put_types(lower_type(l, t), of);
    struct type *held = t->kind == TYPE_OPTION ? t->args[0] : t;
    if (held->kind == TYPE_ENUM) /* the names of its numbers */
        of[words - 1] = lower_item_type(l, held);
    for (uint32_t i = 0; i < words; i++, n++) {
        to[n] = like;
        to[n].of = of[i];
        to[n].word += i;
        if (words == 2 && i == 0)
            to[n].name = arena_printf(l->mod->arena, "%s?", like.name);
    }
    return n;
}

static void struct_fill(struct lower *l, const struct type *t)
{
    struct ir_field *fields =
        ARENA_ARRAY(l->mod->arena, struct ir_field, 2 * t->nfields + 1);
    uint32_t nrefs = 0, n = 0;
    for (uint32_t i = 0; i < t->nfields; i++) {
        const struct field *f = &t->fields[i];
        struct ir_field like = {.name = kept_name(l, f->name),
                                .word = f->word,
                                .fixed = !f->is_var};
        n = lower_put_fields(l, fields, n, like, f->type);
        nrefs += type_is_ref(f->type);
    }
    /* lower_type may have moved the table: ask for the place only now */
    struct ir_typedesc *d = &l->mod->types.at[t->ir_type - 1];
    d->fields = fields;
    d->nfields = n;
    d->nrefs = nrefs;
    d->nscalars = n - nrefs;
}

static void enum_variants(struct lower *l, struct type *t)
{
    struct ir_field *fields =
        ARENA_ARRAY(l->mod->arena, struct ir_field, t->nvariants + 1);
    for (uint32_t i = 0; i < t->nvariants; i++)
        fields[i] =
            (struct ir_field){.name = kept_name(l, t->variants[i].sym->name),
                              .of = lower_variant_type(l, t, i)};
    struct ir_typedesc *d = &l->mod->types.at[t->ir_type - 1];
    d->fields = fields;
    d->nfields = t->nvariants;
}

static void types_complete(struct lower *l)
{
    while (l->open_types.n) {
        struct type *t = l->open_types.at[--l->open_types.n];
        if (t->kind == TYPE_ENUM)
            enum_variants(l, t);
        else
            struct_fill(l, t);
    }
}

/* ---- signatures ---------------------------------------------------------- */

static uint32_t sig_add(struct lower *l, const struct source *src,
                        const char *name, uint32_t pos)
{
    uint32_t column;
    struct ir_sig sig = {.name = name, .file = src->path};
    source_place(src, pos, &sig.line, &column);
    return ir_add_sig(l->mod, &sig);
}

static uint32_t sig_add_fn(struct lower *l, const struct sym *sym)
{
    const struct type *t = sym->type;
    uint32_t nparams = t->nargs - 1, column;
    ir_type *params = ARENA_ARRAY(l->arena, ir_type, 2 * nparams + 1);
    ir_type *results = ARENA_ARRAY(l->arena, ir_type, 2 * nparams + 3);
    struct ir_sig sig = {.name = sym->name->text,
                         .file = sym->src->path,
                         .params = params,
                         .results = results};
    source_place(sym->src, sym->pos, &sig.line, &column);
    if (lower_has_value(t->args[nparams]))
        sig.nresults =
            lower_put_types(lower_type(l, t->args[nparams]), results);
    for (uint32_t i = 0; i < nparams; i++) {
        ir_type of = lower_type(l, t->args[i]);
        if (t->muts >> i & 1) {
            sig.nresults += lower_put_types(of, results + sig.nresults);
            if (sym->is_rev) /* no pair is updated there */
                sig.muts |= UINT64_C(1) << sig.nparams;
        }
        sig.nparams += lower_put_types(of, params + sig.nparams);
    }
    sig.leaves = sym->leaves;
    return ir_add_sig(l->mod, &sig);
}

uint32_t lower_instance_of(struct lower *l, struct sym *fn)
{
    if (fn->index < l->work.n && l->work.at[fn->index].sym == fn)
        return l->work.at[fn->index].sig;
    uint32_t sig = sig_add_fn(l, fn);
    fn->index = l->work.n;
    vec_push_in(l->u->arena, &l->work,
                ((struct lower_instance){.sym = fn, .sig = sig}));
    return sig;
}

/* Inverse code joins the worklist, under its signature. */
static void back_joins(struct lower *l, const struct sym *fn, uint32_t sig,
                       struct ir_fn *back)
{
    back->index = sig;
    struct lower_instance work = {
        .sig = sig, .made = back, .at = {fn->src, fn->pos, fn->end}};
    vec_push_in(l->u->arena, &l->work, work);
}

uint32_t lower_inverse_of(struct lower *l, struct sym *fn)
{
    uint32_t sig = lower_instance_of(l, fn);
    struct ir_sig *s = &l->mod->sigs.at[sig];
    if (s->inverse)
        return s->inverse - 1;
    struct ir_sig back = *s;
    back.name = arena_printf(l->u->arena, "uncall %s", s->name);
    back.inverse = sig + 1;
    uint32_t index = ir_add_sig(l->mod, &back);
    l->mod->sigs.at[sig].inverse = index + 1;
    if (l->work.at[fn->index].back)
        back_joins(l, fn, index, l->work.at[fn->index].back);
    return index;
}

uint32_t lower_value_fn(struct lower *l, struct ast *e, struct sym **names,
                        uint32_t n)
{
    ir_type *params = ARENA_ARRAY(l->arena, ir_type, 2 * n + 1);
    struct type *t = lower_given(e);
    ir_type result[2] = {LOWER_BOOL};
    const struct ir_sig *own = &l->mod->sigs.at[l->f->index];
    struct ir_sig sig = {.name = own->name,
                         .file = own->file,
                         .line = lower_pos(l, e).line,
                         .params = params,
                         .nresults = 1,
                         .results = result};
    if (lower_has_value(t))
        sig.nresults = lower_put_types(lower_type(l, t), result);
    for (uint32_t i = 0; i < n; i++)
        sig.nparams += lower_put_types(lower_type(l, names[i]->type),
                                       params + sig.nparams);
    uint32_t index = ir_add_sig(l->mod, &sig);
    vec_push_in(l->u->arena, &l->work,
                ((struct lower_instance){
                    .sig = index, .value = e, .names = names, .at = l->at}));
    return index;
}

uint32_t lower_outline(struct lower *l, ir_blk first, ir_blk last)
{
    const struct ir_sig *own = &l->mod->sigs.at[l->f->index];
    const struct ir_block *from = &l->f->blocks.at[first];
    uint32_t n = own->nparams + from->params.n, nparams = 0;
    ir_type *params = ARENA_ARRAY(l->arena, ir_type, n + 1);
    struct ir_sig sig = {.name = arena_printf(l->u->arena, "%s", own->name),
                         .file = own->file,
                         .line = own->line,
                         .leaves = own->leaves,
                         .params = params,
                         .nresults = from->params.n};
    sig.results = params;
    for (uint32_t k = 0; k < from->params.n; k++) {
        sig.muts |= UINT64_C(1) << nparams;
        params[nparams++] = ir_type_of(l->f, from->params.at[k]);
    }
    for (uint32_t k = 0; k < own->nparams; k++)
        if (k >= 64 || !(own->muts >> k & 1))
            params[nparams++] = own->params[k];
    sig.nparams = nparams;
    uint32_t index = ir_add_sig(l->mod, &sig);
    sig.name = arena_printf(l->u->arena, "uncall %s", sig.name);
    sig.inverse = index + 1;
    l->mod->sigs.at[index].inverse = ir_add_sig(l->mod, &sig) + 1;
    struct arena *a = l->u->arena;
    struct ir_fn *back = ir_outline_inverse(l->f, first, last, a, index + 1);
    struct ir_fn *forth = ir_invert(back, a, index);
    vec_push_in(
        a, &l->work,
        ((struct lower_instance){.sig = index, .made = forth, .at = l->at}));
    vec_push_in(
        a, &l->work,
        ((struct lower_instance){.sig = index + 1, .made = back, .at = l->at}));
    return index;
}

/* ---- globals ------------------------------------------------------------- */

static void globals_layout(struct lower *l)
{
    const struct unit *u = l->u;
    uint32_t count = u->globals.n, nrefs = 0, n = 0;
    if (!count)
        return;
    for (uint32_t i = 0; i < count; i++)
        nrefs += type_is_ref(u->globals.at[i]->type);
    struct ir_field *fields = ARENA_ARRAY(l->arena, struct ir_field, 2 * count);
    uint32_t ref = 0, scalar = nrefs;
    for (uint32_t i = 0; i < count; i++) {
        struct sym *g = u->globals.at[i];
        g->index = type_is_ref(g->type) ? ref++ : scalar;
        struct ir_field like = {.name = g->name->text, .word = g->index};
        n = lower_put_fields(l, fields, n, like, g->type);
        if (!type_is_ref(g->type))
            scalar += 1 + type_is_pair(g->type);
    }
    struct ir_typedesc d = {.kind = PVM_TYPE_GLOBALS,
                            .name = "globals",
                            .nrefs = nrefs,
                            .nscalars = n - nrefs,
                            .nfields = n,
                            .fields = fields};
    l->mod->globals = ir_add_type(l->mod, &d);
}

/* ---- functions ----------------------------------------------------------- */

void lower_fn_begin(struct lower *l, uint32_t sig, struct span at)
{
    arena_reset(l->arena);
    memset(&l->vars, 0, sizeof l->vars);
    memset(&l->log, 0, sizeof l->log);
    memset(&l->muts, 0, sizeof l->muts);
    memset(&l->updates, 0, sizeof l->updates);
    memset(&l->state, 0, sizeof l->state);
    memset(&l->pairs, 0, sizeof l->pairs);
    l->region = NULL;
    l->scope = NULL;
    l->stamp = 0;
    l->src = at.src;
    l->at = at;
    memset(l->near, 0, sizeof l->near);
    l->f = ir_fn_open(l->mod, l->arena, sig);
    l->blk = 0;
}

/* The rev fn of a signature. */
static struct sym *sym_of_sig(const struct lower *l, uint32_t sig)
{
    for (uint32_t i = 0; i < l->work.n; i++)
        if (l->work.at[i].sig == sig)
            return l->work.at[i].sym;
    return NULL;
}

bool lower_fn_end(struct lower *l)
{
    lower_prune(l);
    types_complete(l);
    if (l->each(l->arg, l->f))
        return true;
    l->u->refused = l->at;
    return false;
}

/* The function is whole, as reversible code: what it runs backwards joins the
 * worklist, then it becomes plain code. */
static bool rev_end_fn(struct lower *l)
{
    types_complete(l);
    if (l->u->too_large) {
        l->u->refused = l->at;
        return false;
    }
    for (ir_blk b = 0; b < l->f->blocks.n; b++)
        for (uint32_t i = 0; i < l->f->blocks.at[b].insts.n; i++) {
            const struct ir_inst *in = &l->f->blocks.at[b].insts.at[i];
            if (in->op == IR_UNCALL && !l->mod->sigs.at[in->imm].inverse)
                lower_inverse_of(l, sym_of_sig(l, (uint32_t)in->imm));
        }
#ifndef NDEBUG
    if (!ir_verify(l->f, l->u->why, sizeof l->u->why)) {
        l->u->refused = l->at;
        return false;
    }
#endif
    if (!l->u->as_rev)
        ir_plain(l->f);
    if (l->each(l->arg, l->f))
        return true;
    l->u->refused = l->at;
    return false;
}

void lower_fn_return(struct lower *l, const struct ast *body, ir_val v)
{
    struct ast end = *body;
    if (body->kind == AST_BLOCK && end.end > end.pos)
        end.pos = end.end - 1;
    lower_return(l, &end, v);
}

void lower_params_bind(struct lower *l, const struct ast_nodes *params,
                       uint32_t first)
{
    for (uint32_t i = 0, k = first; i < params->n; i++) {
        struct sym *sym = AS(param, params->at[i])->sym;
        ir_type of = lower_type(l, sym->type);
        ir_val v = lower_take(l, of, l->f->blocks.at[0].params.at[k]);
        lower_declare(l, params->at[i], sym, v);
        uint32_t var = lower_var_of(l, sym);
        k += lower_count_of(of);
        if (sym->is_mut)
            vec_push_in(l->arena, &l->muts, var);
    }
}

/* An expression of a rev fn that divides control. */
static bool lower_value(struct lower *l, struct lower_instance work)
{
    struct ast *e = work.value;
    lower_fn_begin(l, work.sig, work.at);
    const struct ir_sig *sig = &l->mod->sigs.at[work.sig];
    for (uint32_t i = 0, k = 0; k < sig->nparams; i++) {
        ir_type t = lower_type(l, work.names[i]->type);
        ir_val v = lower_take(l, t, l->f->blocks.at[0].params.at[k]);
        lower_var_write(l, lower_var_new(l, work.names[i], t), v);
        k += lower_count_of(t);
    }
    ir_val v = lower_expr(l, e);
    if (!lower_has_value(lower_given(e)))
        v = lower_const(l, e, LOWER_BOOL, 1);
    lower_return(l, e, v);
    return lower_fn_end(l);
}

/* The inverse is made of the same code, and kept until it is asked for. */
static bool lower_rev_fn(struct lower *l, struct lower_instance work)
{
    struct ast_fn *fn = AS(fn, work.sym->decl);
    struct sym *s = work.sym;
    if (l->u->as_rev)
        lower_inverse_of(l, s);
    lower_fn_begin(l, work.sig, (struct span){s->src, s->pos, s->end});
    lower_params_bind(l, &fn->params, 0);
    rev_find_updates(l, fn->body);
    lower_rev_body(l, fn->body);
    ir_canonical(l->f);
    struct ir_fn *back = ir_invert(l->f, l->u->arena, work.sig);
    l->work.at[s->index].back = back;
    if (l->mod->sigs.at[work.sig].inverse)
        back_joins(l, s, l->mod->sigs.at[work.sig].inverse - 1, back);
    return rev_end_fn(l);
}

static bool lower_fn(struct lower *l, struct lower_instance work)
{
    if (work.made) {
        lower_fn_begin(l, work.sig, work.at);
        l->f = work.made;
        return rev_end_fn(l);
    }
    if (work.lambda)
        return lower_lambda_body(l, work);
    if (work.thunk)
        return lower_thunk(l, work);
    if (!work.sym)
        return lower_value(l, work);
    if (work.sym->is_rev)
        return lower_rev_fn(l, work);
    struct ast_fn *fn = AS(fn, work.sym->decl);
    const struct type *t = work.sym->type;
    const struct sym *s = work.sym;
    lower_fn_begin(l, work.sig, (struct span){s->src, s->pos, s->end});
    lower_params_bind(l, &fn->params, 0);
    ir_val v = lower_expr(l, fn->body);
    lower_fn_return(l, fn->body,
                    lower_has_value(t->args[t->nargs - 1]) ? v : IR_NONE);
    return lower_fn_end(l);
}

/* Initialises the globals of a module, in order. */
static void init_globals(struct lower *l, const struct module *m)
{
    const struct ast *last = m->file;
    for (uint32_t i = 0; i < m->globals.n && !lower_dead(l); i++) {
        struct sym *g = m->globals.at[i];
        last = g->decl;
        ir_val v = lower_expr(l, AS(bind, g->decl)->value);
        lower_store_word(l, g->decl, IR_NONE, g->index, v);
    }
    lower_return(l, last, IR_NONE);
}

static void init_begin(struct lower *l, const struct module *m, uint32_t sig)
{
    struct ast *first = m->globals.n ? m->globals.at[0]->decl : m->file;
    lower_fn_begin(l, sig, (struct span){m->src, first->pos, first->end});
}

/* Where the main file imports a module, or its first place. */
static const struct ast *imported_at(const struct lower *l,
                                     const struct module *m)
{
    const struct ast_nodes *decls = &AS(file, l->u->top->file)->decls;
    for (uint32_t i = 0; i < decls->n; i++)
        if (decls->at[i]->kind == AST_IMPORT &&
            AS(import, decls->at[i])->module == m)
            return decls->at[i];
    return l->u->top->file;
}

/* The function that initialises the globals: those of a module are set by a
 * function of that file, which the main file's calls in order. */
static bool lower_init(struct lower *l)
{
    const struct unit *u = l->u;
    if (!u->globals.n)
        return true;
    uint32_t n = 0;
    uint32_t *sigs = ARENA_ARRAY(u->arena, uint32_t, u->modules.n);
    for (uint32_t i = 0; i < u->modules.n; i++) {
        const struct module *m = u->modules.at[i];
        if (m == u->top || !m->globals.n)
            continue;
        sigs[n++] =
            sig_add(l, m->src, "(globals)", m->globals.at[0]->decl->pos);
        init_begin(l, m, sigs[n - 1]);
        init_globals(l, m);
        if (!lower_fn_end(l))
            return false;
    }
    uint32_t sig = sig_add(l, u->src, "(globals)", 0);
    l->mod->init = sig + 1;
    init_begin(l, u->top, sig);
    for (uint32_t i = 0, k = 0; i < u->modules.n; i++) {
        const struct module *m = u->modules.at[i];
        if (m != u->top && m->globals.n)
            ir_emit_n(l->f, l->blk, IR_CALL, NULL, 0, NULL, 0, sigs[k++],
                      lower_pos(l, imported_at(l, m)));
    }
    init_globals(l, u->top);
    return lower_fn_end(l);
}

static bool lower_test(struct lower *l, struct ast *node)
{
    const struct unit *u = l->u;
    struct ast_test *t = AS(test, node);
    const struct ast_bytes *name = &AS(str, t->name)->value;
    struct ir_test test = {.file = u->src->path};
    test.name = arena_strndup(u->arena, name->len ? name->at : "", name->len);
    test.fn = sig_add(
        l, u->src, arena_printf(u->arena, "test \"%s\"", test.name), node->pos);
    test.line = l->mod->sigs.at[test.fn].line;
    ir_add_test(l->mod, &test);
    lower_fn_begin(l, test.fn, (struct span){u->src, node->pos, t->name->end});
    lower_expr(l, t->body);
    lower_fn_return(l, t->body, IR_NONE);
    return lower_fn_end(l);
}

/* ---- the unit ------------------------------------------------------------ */

/* Of the main file all functions are lowered, of other modules those that
 * something calls. */
static bool is_of_top(const struct lower *l, const struct sym *fn)
{
    return fn->module == l->u->top;
}

static bool lower_all(struct lower *l, bool tests)
{
    for (uint32_t i = 0; i < l->u->fns.n; i++)
        if (is_of_top(l, l->u->fns.at[i]))
            lower_instance_of(l, l->u->fns.at[i]);
    for (uint32_t i = 0; l->u->as_rev && i < l->u->fns.n; i++)
        if (l->u->fns.at[i]->is_rev && is_of_top(l, l->u->fns.at[i]))
            lower_inverse_of(l, l->u->fns.at[i]);
    globals_layout(l);
    if (l->u->main)
        l->mod->main = lower_instance_of(l, l->u->main) + 1;
    if (!lower_init(l))
        return false;
    for (uint32_t i = 0; tests && i < l->u->tests.n; i++)
        if (!lower_test(l, l->u->tests.at[i]))
            return false;
    for (uint32_t i = 0; i < l->work.n; i++)
        if (!lower_fn(l, l->work.at[i]))
            return false;
    return true;
}

bool lower_unit(struct unit *u, struct ir_module *mod, bool tests,
                bool (*each)(void *arg, struct ir_fn *f), void *arg)
{
    struct lower l = {.u = u,
                      .mod = mod,
                      .arena = arena_open(u->mem),
                      .each = each,
                      .arg = arg,
                      .blk = IR_NONE};
    bool ok = lower_all(&l, tests);
    types_complete(&l);
    arena_close(l.arena);
    return ok;
}
