/* lower_closure.c - function values, and the cells of captured variables.
 *
 * A function value is an object that knows its code and holds what it
 * captured; one that captures nothing is a constant.  The code takes the
 * object first and then the parameters.  A declared function becomes a value
 * by a thunk that calls it. */
#include "frontend/lower.h"

#include <string.h>

/* ---- types --------------------------------------------------------------- */

ir_type lower_fn_type(struct lower *l, struct type *t)
{
    if (t->ir_type)
        return ir_ref(t->ir_type - 1);
    uint32_t n = t->nargs - 1, nparams = 0, nresults = 0;
    ir_type *params = ARENA_ARRAY(l->u->arena, ir_type, 2 * n + 1);
    ir_type *results = ARENA_ARRAY(l->u->arena, ir_type, 2 * n + 3);
    if (lower_has_value(t->args[n]))
        nresults = lower_put_types(lower_type(l, t->args[n]), results);
    for (uint32_t i = 0; i < n; i++) {
        ir_type of = lower_type(l, t->args[i]);
        nparams += lower_put_types(of, params + nparams);
        if (t->muts >> i & 1)
            nresults += lower_put_types(of, results + nresults);
    }
    struct ir_typedesc d = {.kind = PVM_TYPE_FN,
                            .name = type_text(l->u, t),
                            .params = params,
                            .nparams = nparams,
                            .results = results,
                            .nresults = nresults};
    t->ir_type = ir_add_type(l->mod, &d) + 1;
    return ir_ref(t->ir_type - 1);
}

ir_type lower_cell_type(struct lower *l, struct type *t)
{
    uint32_t *index = /* the simple types are read-only */
        t->kind <= TYPE_ANY ? &l->simple_cells[t->kind] : &t->ir_cell;
    if (!*index) {
        struct ir_field *f = ARENA_ARRAY(l->mod->arena, struct ir_field, 2);
        uint32_t n = lower_put_fields(
            l, f, 0, (struct ir_field){.name = "", .word = 0}, t);
        struct ir_typedesc d = {.kind = PVM_TYPE_STRUCT,
                                .name = "",
                                .nrefs = type_is_ref(t),
                                .nscalars = n - type_is_ref(t),
                                .nfields = n,
                                .fields = f};
        *index = ir_add_type(l->mod, &d) + 1;
    }
    return ir_ref(*index - 1);
}

/* The type of the objects of a function value whose code, to be made, has the
 * next signature; and that signature, with the parameters and results of
 * function type t behind the object. */
static ir_type closure_type(struct lower *l, struct ir_typedesc d,
                            struct type *t, struct span at, uint32_t *sig)
{
    uint32_t of = lower_fn_type(l, t).type, column;
    d.kind = PVM_TYPE_CLOSURE;
    d.of_fn = of;
    d.fn = l->mod->sigs.n;
    ir_type self = ir_ref(ir_add_type(l->mod, &d));
    const struct ir_typedesc *fn = &l->mod->types.at[of];
    ir_type *params = ARENA_ARRAY(l->u->arena, ir_type, fn->nparams + 1);
    params[0] = self;
    if (fn->nparams)
        memcpy(params + 1, fn->params, fn->nparams * sizeof *params);
    struct ir_sig s = {.name = *d.name ? d.name : "fn",
                       .file = at.src->path,
                       .nparams = fn->nparams + 1,
                       .params = params,
                       .nresults = fn->nresults,
                       .results = fn->results};
    source_place(at.src, at.pos, &s.line, &column);
    *sig = ir_add_sig(l->mod, &s);
    return self;
}

/* ---- cells --------------------------------------------------------------- */

ir_val lower_cell(struct lower *l, const struct ast *at, struct type *t,
                  ir_val v)
{
    ir_type of = lower_cell_type(l, t);
    ir_val cell = lower_op(l, at, IR_NEW, of, IR_NONE, IR_NONE, of.type);
    lower_store_word(l, at, cell, 0, v);
    return cell;
}

ir_val lower_sym_read(struct lower *l, const struct ast *at,
                      const struct sym *sym)
{
    ir_val v = lower_var_read(l, lower_var_of(l, sym));
    if (!sym->cell || lower_dead(l))
        return v;
    return lower_load_word(l, at, lower_type(l, sym->type), v, 0);
}

/* ---- lambdas ------------------------------------------------------------- */

static bool capture_is_ref(const struct sym *s)
{
    return s->cell || type_is_ref(s->type);
}

static ir_type captured_type(struct lower *l, const struct sym *s)
{
    return s->cell ? lower_cell_type(l, s->type) : lower_type(l, s->type);
}

/* The word of each captured variable: references first. */
static uint32_t *capture_words(struct lower *l, const struct syms *syms)
{
    uint32_t *words = ARENA_ARRAY(l->arena, uint32_t, syms->n + 1);
    uint32_t ref = 0, scalar = 0;
    for (uint32_t i = 0; i < syms->n; i++)
        scalar += capture_is_ref(syms->at[i]);
    for (uint32_t i = 0; i < syms->n; i++) {
        const struct sym *s = syms->at[i];
        words[i] = capture_is_ref(s) ? ref++ : scalar;
        if (!capture_is_ref(s))
            scalar += 1 + type_is_pair(s->type);
    }
    return words;
}

/* The fields of the object, in the order of what is captured. */
static struct ir_typedesc capture_fields(struct lower *l,
                                         const struct syms *syms)
{
    uint32_t *words = capture_words(l, syms);
    struct ir_field *fields =
        ARENA_ARRAY(l->mod->arena, struct ir_field, 2 * syms->n + 1);
    struct ir_typedesc d = {.name = "", .fields = fields};
    for (uint32_t i = 0; i < syms->n; i++) {
        const struct sym *s = syms->at[i];
        struct ir_field like = {
            .name = arena_strndup(l->mod->arena, s->name->text, s->name->len),
            .word = words[i],
            .fixed = true};
        d.nrefs += capture_is_ref(s);
        if (s->cell) {
            like.of = lower_cell_type(l, s->type);
            fields[d.nfields++] = like;
        } else {
            d.nfields = lower_put_fields(l, fields, d.nfields, like, s->type);
        }
    }
    d.nscalars = d.nfields - d.nrefs;
    return d;
}

static ir_val make_lambda(struct lower *l, struct ast *e, struct type *t)
{
    const struct ast_fn *fn = AS(fn, e);
    const struct syms *syms = &fn->captures;
    if (lower_dead(l))
        return IR_NONE;
    struct ir_typedesc d = capture_fields(l, syms);
    struct lower_instance work = {
        .lambda = e, .lambda_type = t, .at = {l->src, e->pos, e->end}};
    if (fn->name)
        d.name = arena_strndup(l->mod->arena, fn->name->text, fn->name->len);
    ir_type of = closure_type(l, d, t, work.at, &work.sig);
    vec_push_in(l->u->arena, &l->work, work);
    ir_type up = lower_fn_type(l, t);
    ir_val v = lower_op(l, e, syms->n ? IR_NEW : IR_UNIT, of, IR_NONE, IR_NONE,
                        of.type);
    uint32_t *words = capture_words(l, syms);
    for (uint32_t i = 0; i < syms->n; i++)
        lower_store_word(l, e, v, words[i],
                         lower_var_read(l, lower_var_of(l, syms->at[i])));
    return lower_op(l, e, IR_UP, up, v, IR_NONE, up.type);
}

ir_val lower_lambda(struct lower *l, struct ast *e)
{
    return make_lambda(l, e, e->type);
}

/* One that calls itself finds itself in its cell. */
void lower_local_fn(struct lower *l, struct ast *s)
{
    struct sym *sym = AS(fn, s)->sym;
    if (!sym->cell) {
        lower_declare(l, s, sym, make_lambda(l, s, sym->type));
        return;
    }
    ir_type t = lower_fn_type(l, sym->type);
    lower_declare(l, s, sym,
                  lower_op(l, s, IR_NIL, t, IR_NONE, IR_NONE, t.type));
    ir_val v = make_lambda(l, s, sym->type);
    lower_store_word(l, s, lower_var_read(l, lower_var_of(l, sym)), 0, v);
}

bool lower_lambda_body(struct lower *l, struct lower_instance work)
{
    const struct ast_fn *fn = AS(fn, work.lambda);
    const struct type *t = work.lambda_type;
    lower_fn_begin(l, work.sig, work.at);
    uint32_t *words = capture_words(l, &fn->captures);
    ir_val self = l->f->blocks.at[0].params.at[0];
    for (uint32_t i = 0; i < fn->captures.n; i++) {
        struct sym *s = fn->captures.at[i];
        ir_type of = captured_type(l, s);
        ir_val v = lower_load_word(l, work.lambda, of, self, words[i]);
        lower_var_write(l, lower_var_new(l, s, of), v);
    }
    lower_params_bind(l, &fn->params, 1);
    ir_val v = lower_expr(l, fn->body);
    lower_fn_return(l, fn->body,
                    lower_has_value(t->args[t->nargs - 1]) ? v : IR_NONE);
    return lower_fn_end(l);
}

/* ---- declared functions as values ---------------------------------------- */

ir_val lower_fn_value(struct lower *l, const struct ast *at, struct sym *fn)
{
    if (lower_dead(l))
        return IR_NONE;
    if (!fn->ir_value) {
        struct lower_instance work = {.thunk = fn,
                                      .at = {fn->src, fn->pos, fn->end}};
        struct ir_typedesc d = {
            .name =
                arena_strndup(l->mod->arena, fn->name->text, fn->name->len)};
        fn->ir_value =
            closure_type(l, d, fn->type, work.at, &work.sig).type + 1;
        vec_push_in(l->u->arena, &l->work, work);
    }
    ir_type of = ir_ref(fn->ir_value - 1), up = lower_fn_type(l, fn->type);
    ir_val v = lower_op(l, at, IR_UNIT, of, IR_NONE, IR_NONE, of.type);
    return lower_op(l, at, IR_UP, up, v, IR_NONE, up.type);
}

bool lower_thunk(struct lower *l, struct lower_instance work)
{
    struct ast *decl = work.thunk->decl;
    uint32_t to = lower_instance_of(l, work.thunk);
    lower_fn_begin(l, work.sig, work.at);
    const struct ir_sig *s = &l->mod->sigs.at[to];
    const ir_val *params = l->f->blocks.at[0].params.at;
    ir_val first = ir_emit_n(l->f, l->blk, IR_CALL, s->results, s->nresults,
                             params + 1, s->nparams, to, lower_pos(l, decl));
    ir_val *results = ARENA_ARRAY(l->arena, ir_val, s->nresults + 1);
    for (uint32_t i = 0; i < s->nresults; i++)
        results[i] = first + i;
    ir_return(l->f, l->blk, results, s->nresults, lower_pos(l, decl));
    l->blk = IR_NONE;
    return lower_fn_end(l);
}
