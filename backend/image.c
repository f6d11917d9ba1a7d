/* image.c - the module's functions, one after another, and its image.
 *
 * Functions may come in any order; their pieces are kept as they are made,
 * with pcs of their own, and are put together in the module's order.  Strings
 * and constants are numbered then, in the order of that code. */
#include "backend/backend.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "backend/builder.h"
#include "backend/emit.h"

struct piece { /* of one function */
    bool made;
    uint16_t nrefs, nscalars;
    uint32_t code, ncode, joins, njoins, lives, nlives, lines, nlines;
};

struct be {
    struct mem *mem;
    struct ir_module *module;
    struct arena *arena;  /* of the function at hand */
    struct builder parts; /* code, joins, lives, lines, constants of pieces */
    struct builder image;
    VEC(struct piece) pieces;
    VEC(uint32_t) imports; /* native -> import of `parts` + 1 */
    char error[BE_ERROR_MAX];
};

bool be_refuse(struct be_fn *f, const char *format, ...)
{
    va_list args;
    if (f->error[0])
        return false;
    va_start(args, format);
    vsnprintf(f->error, BE_ERROR_MAX, format, args);
    va_end(args);
    return false;
}

const char *be_error(const struct be *b)
{
    return b->error;
}

struct be *be_open(struct mem *m, struct ir_module *mod)
{
    struct be *b = mem_alloc(m, sizeof *b);
    if (!b)
        return NULL;
    *b = (struct be){.mem = m, .module = mod, .arena = arena_open(m)};
    builder_open(&b->parts, m);
    builder_open(&b->image, m);
    return b;
}

void be_close(struct be *b)
{
    struct mem *m = b->mem;
    builder_close(&b->parts);
    builder_close(&b->image);
    vec_free(m, &b->pieces);
    vec_free(m, &b->imports);
    if (b->arena)
        arena_close(b->arena);
    mem_free(m, b, sizeof *b);
}

uint32_t be_constant(struct be *b, uint64_t bits)
{
    return builder_const(&b->parts, bits);
}

bool be_import(struct be *b, uint32_t *native)
{
    const struct ir_native_info *n = &ir_natives[*native];
    while (b->imports.n <= *native)
        if (!vec_push(b->mem, &b->imports, 0))
            return false;
    uint32_t *known = &b->imports.at[*native];
    if (!*known)
        *known = 1 + builder_import(&b->parts, n->name, strlen(n->name), n->sig,
                                    strlen(n->sig));
    *native = *known - 1;
    return *native < BUILDER_IMPORTS_MAX;
}

/* ---- a function ---------------------------------------------------------- */

/* Registers of a class that the frame has: parameters need their places even
 * where nothing uses them. */
static uint32_t frame_size(const struct be_fn *f, int class)
{
    uint32_t used = f->locals[class] + f->window[class] + f->scratch[class];
    uint32_t params = 0;
    for (uint32_t i = 0; i < f->sig->nparams; i++)
        params += (f->sig->params[i].kind == PVM_REF) == (class == BE_REF);
    return used > params ? used : params;
}

/* Appends what was emitted to the pieces. */
static bool keep_piece(struct be *b, const struct be_out *o, struct piece *p)
{
    struct builder *to = &b->parts;
    struct piece made = {.made = true,
                         .nrefs = (uint16_t)frame_size(o->f, BE_REF),
                         .nscalars = (uint16_t)frame_size(o->f, BE_SCALAR),
                         .code = to->code.n,
                         .ncode = o->words.n,
                         .joins = to->joins.n,
                         .njoins = o->joins.n,
                         .lives = to->lives.n,
                         .nlives = o->lives.n,
                         .lines = to->lines.n,
                         .nlines = o->lines.n};
    if (!vec_reserve(b->mem, &to->code, to->code.n + o->words.n) ||
        !vec_reserve(b->mem, &to->joins, to->joins.n + o->joins.n) ||
        !vec_reserve(b->mem, &to->lives, to->lives.n + o->lives.n) ||
        !vec_reserve(b->mem, &to->lines, to->lines.n + o->lines.n))
        return false;
    for (uint32_t i = 0; i < o->words.n; i++)
        to->code.at[to->code.n++] = o->words.at[i];
    for (uint32_t i = 0; i < o->joins.n; i++) {
        const struct be_join *j = &o->joins.at[i];
        uint32_t mark = j->mark == BE_NONE ? 0 : o->mark_pc[j->mark] + 1;
        to->joins.at[to->joins.n++] =
            (struct builder_join){j->pc, mark, j->first, j->n};
    }
    for (uint32_t i = 0; i < o->lives.n; i++)
        to->lives.at[to->lives.n++] = o->lives.at[i];
    for (uint32_t i = 0; i < o->lines.n; i++)
        to->lines.at[to->lines.n++] = o->lines.at[i];
    *p = made;
    return true;
}

bool be_function(struct be *b, const struct ir_fn *ir)
{
    struct be_fn f = {.arena = b->arena,
                      .ir = ir,
                      .module = b->module,
                      .sig = &b->module->sigs.at[ir->index],
                      .error = b->error};
    struct be_out o = {.f = &f, .be = b};
    if (b->error[0])
        return false;
    while (b->pieces.n <= ir->index)
        if (!vec_push(b->mem, &b->pieces, (struct piece){0}))
            return be_refuse(&f, "memory is exhausted");
    if (b->pieces.at[ir->index].made)
        return be_refuse(&f, "the function is compiled twice");
    if (!be_select(&f))
        return false;
    be_liveness(&f);
    if (!be_allocate(&f) || !be_emit(&o))
        return false;
    if ((uint64_t)b->parts.code.n + o.words.n > UINT32_MAX / 2)
        return be_refuse(&f, "the program has too much code");
    if (!keep_piece(b, &o, &b->pieces.at[ir->index]))
        return be_refuse(&f, "memory is exhausted");
    arena_reset(b->arena);
    return true;
}

/* ---- the image ----------------------------------------------------------- */

static void add_types(struct be *b)
{
    struct builder *im = &b->image;
    for (uint32_t i = PVM_TYPE_FIRST; i < b->module->types.n; i++) {
        const struct ir_typedesc *t = &b->module->types.at[i];
        struct pvm_type d = {.kind = t->kind,
                             .name =
                                 builder_string(im, t->name, strlen(t->name)),
                             .nrefs = t->nrefs,
                             .nscalars = t->nscalars,
                             .nfields = t->nfields,
                             .item = t->item,
                             .key = t->key,
                             .nparams = (uint16_t)t->nparams,
                             .nresults = (uint16_t)t->nresults,
                             .fn = t->fn,
                             .of_fn = t->of_fn};
        d.params = builder_copy(im, t->params, t->nparams * sizeof *t->params);
        d.results =
            builder_copy(im, t->results, t->nresults * sizeof *t->results);
        struct pvm_field *fields =
            ARENA_ARRAY(im->arena, struct pvm_field, t->nfields + 1);
        for (uint32_t k = 0; fields && k < t->nfields; k++) {
            const struct ir_field *f = &t->fields[k];
            fields[k] = (struct pvm_field){
                builder_string(im, f->name, strlen(f->name)), f->of, f->word};
        }
        d.fields = fields;
        if (!fields || !vec_push(b->mem, &im->types, d))
            im->failed = true;
    }
}

/* The word with its constant's or string's place in the image. */
static uint64_t settle(struct be *b, uint64_t w)
{
    struct builder *im = &b->image;
    uint32_t d = pvm_d(w), index;
    if (pvm_op(w) == PVM_LDK) {
        index = builder_const(im, b->parts.consts.at[d]);
    } else if (pvm_op(w) == PVM_LDKR) {
        const struct ir_string *s = &b->module->strings.at[d];
        index = builder_string(im, s->at, s->len);
    } else if (pvm_op(w) == PVM_NAT) {
        const struct builder_import *in = &b->parts.imports.at[pvm_c(w)];
        index =
            builder_import(im, in->name, in->name_len, in->sig, in->sig_len);
        return (w & 0xffffffffffffu) | (uint64_t)index << 48;
    } else {
        return w;
    }
    return (w & 0xffffffffu) | (uint64_t)index << 32;
}

/* Appends a piece's code, joins and lines; its pcs become the image's. */
static void add_piece(struct be *b, const struct piece *p)
{
    struct builder *im = &b->image, *from = &b->parts;
    uint32_t entry = im->code.n, lives = im->lives.n;
    if (!vec_reserve(b->mem, &im->lives, lives + p->nlives)) {
        im->failed = true;
        return;
    }
    for (uint32_t i = 0; i < p->ncode; i++)
        builder_word(im, settle(b, from->code.at[p->code + i]));
    for (uint32_t i = 0; i < p->njoins; i++) {
        struct builder_join j = from->joins.at[p->joins + i];
        j.first += lives;
        j.pc += entry;
        j.mark += j.mark ? entry : 0;
        im->failed |= !vec_push(b->mem, &im->joins, j);
    }
    for (uint32_t i = 0; i < p->nlives; i++)
        im->lives.at[im->lives.n++] = from->lives.at[p->lives + i];
    for (uint32_t i = 0; i < p->nlines; i++) {
        struct pvm_line l = from->lines.at[p->lines + i];
        l.pc += entry;
        im->failed |= !vec_push(b->mem, &im->lines, l);
    }
}

static void add_function(struct be *b, uint32_t index)
{
    struct builder *im = &b->image;
    const struct ir_sig *sig = &b->module->sigs.at[index];
    const struct piece *p = &b->pieces.at[index];
    struct pvm_fn f = {.entry = im->code.n,
                       .end = im->code.n + p->ncode,
                       .line = sig->line,
                       .nrefs = p->nrefs,
                       .nscalars = p->nscalars,
                       .nparams = (uint16_t)sig->nparams,
                       .nresults = (uint16_t)sig->nresults,
                       .first_join = im->joins.n,
                       .njoins = p->njoins};
    f.name = builder_string(im, sig->name, strlen(sig->name));
    f.file = builder_string(im, sig->file, strlen(sig->file));
    f.params =
        builder_copy(im, sig->params, sig->nparams * sizeof *sig->params);
    f.results =
        builder_copy(im, sig->results, sig->nresults * sizeof *sig->results);
    add_piece(b, p);
    im->failed |= !vec_push(b->mem, &im->fns, f);
}

static bool check_all(struct be *b)
{
    const struct ir_module *mod = b->module;
    if (b->error[0])
        return false;
    for (uint32_t i = 0; i < mod->sigs.n; i++) {
        const char *name = mod->sigs.at[i].name;
        if (i >= b->pieces.n || !b->pieces.at[i].made) {
            snprintf(b->error, sizeof b->error, "%s has no body", name);
            return false;
        }
        if (mod->sigs.at[i].nparams > UINT16_MAX ||
            mod->sigs.at[i].nresults > UINT16_MAX) {
            snprintf(b->error, sizeof b->error,
                     "%s has more than 65535 parameters or results", name);
            return false;
        }
    }
    return true;
}

struct pvm_image *be_finish(struct be *b)
{
    struct builder *im = &b->image;
    const struct ir_module *mod = b->module;
    if (!check_all(b))
        return NULL;
    add_types(b);
    for (uint32_t i = 0; i < mod->sigs.n; i++)
        add_function(b, i);
    for (uint32_t i = 0; i < mod->tests.n; i++) {
        const struct ir_test *t = &mod->tests.at[i];
        struct pvm_test test = {
            builder_string(im, t->name, strlen(t->name)), t->fn,
            builder_string(im, t->file, strlen(t->file)), t->line};
        im->failed |= !vec_push(b->mem, &im->tests, test);
    }
    im->globals = mod->globals;
    im->init = mod->init;
    im->main = mod->main;
    struct pvm_image *out = builder_finish(im);
    if (!out)
        snprintf(b->error, sizeof b->error, "memory is exhausted");
    return out;
}
