/* build.c - making modules and functions.
 *
 * Everything a module or function holds is copied into its arena, so callers
 * may pass what lies on their stack.  Arenas of a compilation never return
 * NULL (mem.h), so nothing here checks for it. */
#include "ir/ir.h"

#include <string.h>

/* ---- string constants ---------------------------------------------------- */

/* Index of the strings: open addressing, a power of two, at most half full.
 * A slot holds a string's index + 1; 0 is free. */
struct intern {
    uint32_t *slots;
    uint32_t cap;
};

static uint32_t string_hash(const char *s, uint32_t len)
{
    uint32_t h = 2166136261u; /* FNV-1a */
    for (uint32_t i = 0; i < len; i++)
        h = (h ^ (uint8_t)s[i]) * 16777619u;
    return h ^ h >> 15;
}

/* The slot of s: the one that holds it, or the free one it belongs into. */
static uint32_t *intern_slot(const struct ir_module *mod,
                             const struct intern *in, const char *s,
                             uint32_t len)
{
    uint32_t mask = in->cap - 1;
    for (uint32_t i = string_hash(s, len) & mask;; i = (i + 1) & mask) {
        uint32_t *slot = &in->slots[i];
        if (!*slot)
            return slot;
        const struct ir_string *t = &mod->strings.at[*slot - 1];
        if (t->len == len && !memcmp(t->at, s, len))
            return slot;
    }
}

static void intern_grow(struct ir_module *mod, struct intern *in)
{
    in->cap = in->cap ? in->cap * 2 : 64;
    in->slots = ARENA_ARRAY(mod->arena, uint32_t, in->cap);
    for (uint32_t i = 0; i < mod->strings.n; i++) {
        const struct ir_string *t = &mod->strings.at[i];
        *intern_slot(mod, in, t->at, t->len) = i + 1;
    }
}

uint32_t ir_add_string(struct ir_module *mod, const char *s, uint32_t len)
{
    struct intern *in = mod->intern;
    if (mod->strings.n >= in->cap / 2)
        intern_grow(mod, in);
    uint32_t *slot = intern_slot(mod, in, s, len);
    if (!*slot) {
        struct ir_string t = {arena_strndup(mod->arena, s, len), len};
        vec_push_in(mod->arena, &mod->strings, t);
        *slot = mod->strings.n;
    }
    return *slot - 1;
}

/* ---- modules ------------------------------------------------------------- */

static char *copy_text(struct ir_module *mod, const char *s)
{
    return arena_strndup(mod->arena, s, strlen(s));
}

static void *copy_array(struct arena *a, const void *from, size_t bytes)
{
    void *to = arena_alloc(a, bytes ? bytes : 1);
    if (bytes)
        memcpy(to, from, bytes);
    return to;
}

/* The descriptors every image has, with their names as C strings. */
static void add_builtin_types(struct ir_module *mod)
{
    for (uint32_t i = 0; i < PVM_TYPE_FIRST; i++) {
        const struct pvm_type *p = &pvm_builtin_types[i];
        struct ir_typedesc t = {.kind = p->kind,
                                .name = pvm_builtin_strings[p->name],
                                .nrefs = p->nrefs,
                                .nscalars = p->nscalars,
                                .nfields = p->nfields,
                                .item = p->item,
                                .key = p->key};
        t.fields = ARENA_ARRAY(mod->arena, struct ir_field, p->nfields + 1);
        for (uint32_t k = 0; k < p->nfields; k++)
            t.fields[k] = (struct ir_field){
                .name = pvm_builtin_strings[p->fields[k].name],
                .of = p->fields[k].of,
                .word = p->fields[k].word};
        vec_push_in(mod->arena, &mod->types, t);
    }
}

struct ir_module *ir_module_open(struct mem *m)
{
    struct arena *a = arena_open(m);
    struct ir_module *mod = ARENA_NEW(a, struct ir_module);
    mod->mem = m;
    mod->arena = a;
    mod->intern = ARENA_NEW(a, struct intern);
    add_builtin_types(mod);
    return mod;
}

void ir_module_close(struct ir_module *mod)
{
    arena_close(mod->arena);
}

uint32_t ir_add_sig(struct ir_module *mod, const struct ir_sig *sig)
{
    struct ir_sig s = *sig;
    s.name = copy_text(mod, sig->name);
    s.file = copy_text(mod, sig->file);
    s.params =
        copy_array(mod->arena, sig->params, sig->nparams * sizeof(ir_type));
    s.results =
        copy_array(mod->arena, sig->results, sig->nresults * sizeof(ir_type));
    vec_push_in(mod->arena, &mod->sigs, s);
    return mod->sigs.n - 1;
}

uint32_t ir_add_type(struct ir_module *mod, const struct ir_typedesc *t)
{
    struct ir_typedesc d = *t;
    d.by_word = NULL;
    d.name = copy_text(mod, t->name);
    d.fields =
        copy_array(mod->arena, t->fields, t->nfields * sizeof *t->fields);
    for (uint32_t i = 0; i < d.nfields; i++)
        d.fields[i].name = copy_text(mod, t->fields[i].name);
    d.params = copy_array(mod->arena, t->params, t->nparams * sizeof(ir_type));
    d.results =
        copy_array(mod->arena, t->results, t->nresults * sizeof(ir_type));
    vec_push_in(mod->arena, &mod->types, d);
    return mod->types.n - 1;
}

int64_t ir_variant(const struct ir_module *mod, uint32_t sum, uint32_t type)
{
    const struct ir_typedesc *t = &mod->types.at[sum];
    for (uint32_t i = 0; t->kind == PVM_TYPE_SUM && i < t->nfields; i++)
        if (t->fields[i].of.type == type)
            return i;
    return -1;
}

bool ir_is_below(const struct ir_module *mod, uint32_t t, uint32_t wide)
{
    if (t >= mod->types.n || wide >= mod->types.n)
        return false;
    if (wide == PVM_T_ANY)
        return t != wide && pvm_is_value_kind(mod->types.at[t].kind);
    if (mod->types.at[t].kind == PVM_TYPE_CLOSURE)
        return mod->types.at[t].of_fn == wide;
    return ir_variant(mod, wide, t) >= 0;
}

const struct ir_field *ir_field_at(struct ir_module *mod, uint32_t type,
                                   int64_t word)
{
    struct ir_typedesc *t = &mod->types.at[type];
    if (word < 0 || word >= (int64_t)t->nfields)
        return NULL;
    if (!t->by_word) {
        t->by_word =
            ARENA_ARRAY(mod->arena, const struct ir_field *, t->nfields);
        for (uint32_t i = 0; i < t->nfields; i++)
            if (t->fields[i].word < t->nfields)
                t->by_word[t->fields[i].word] = &t->fields[i];
    }
    return t->by_word[word];
}

void ir_add_test(struct ir_module *mod, const struct ir_test *t)
{
    struct ir_test d = *t;
    d.name = copy_text(mod, t->name);
    d.file = copy_text(mod, t->file);
    vec_push_in(mod->arena, &mod->tests, d);
}

int ir_native(const char *name)
{
    for (uint32_t i = 0; i < ir_nnatives; i++)
        if (!strcmp(ir_natives[i].name, name))
            return (int)i;
    return -1;
}

/* ---- functions and blocks ------------------------------------------------ */

struct ir_fn *ir_fn_open(struct ir_module *mod, struct arena *a, uint32_t index)
{
    struct ir_fn *f = ARENA_NEW(a, struct ir_fn);
    f->arena = a;
    f->module = mod;
    f->index = index;
    const struct ir_sig *sig = &mod->sigs.at[index];
    ir_blk entry = ir_add_block(f);
    for (uint32_t i = 0; i < sig->nparams; i++)
        ir_add_param(f, entry, sig->params[i]);
    return f;
}

ir_blk ir_add_block(struct ir_fn *f)
{
    vec_push_in(f->arena, &f->blocks, (struct ir_block){{0}, {0}});
    return f->blocks.n - 1;
}

ir_val ir_new_value(struct ir_fn *f, ir_type t)
{
    vec_push_in(f->arena, &f->values, t);
    return f->values.n - 1;
}

ir_val ir_add_param(struct ir_fn *f, ir_blk b, ir_type t)
{
    ir_val v = ir_new_value(f, t);
    vec_push_in(f->arena, &f->blocks.at[b].params, v);
    return v;
}

/* ---- instructions -------------------------------------------------------- */

ir_val ir_emit_n(struct ir_fn *f, ir_blk b, enum ir_op op, const ir_type *res,
                 uint32_t nres, const ir_val *args, uint32_t nargs, int64_t imm,
                 struct ir_pos pos)
{
    struct ir_inst i = {.op = (uint8_t)op,
                        .nargs = (uint16_t)nargs,
                        .nres = (uint16_t)nres,
                        .flag = UINT16_MAX,
                        .res = nres ? f->values.n : IR_NONE,
                        .imm = imm,
                        .pos = pos};
    if (nargs)
        i.args = copy_array(f->arena, args, nargs * sizeof *args);
    for (uint32_t k = 0; k < nres; k++)
        ir_new_value(f, res[k]);
    vec_push_in(f->arena, &f->blocks.at[b].insts, i);
    return i.res;
}

ir_val ir_emit(struct ir_fn *f, ir_blk b, enum ir_op op, ir_type t, ir_val x,
               ir_val y, int64_t imm, struct ir_pos pos)
{
    ir_val args[2] = {x, y};
    uint32_t nargs = (x != IR_NONE) + (x != IR_NONE && y != IR_NONE);
    return ir_emit_n(f, b, op, &t, t.kind != PVM_NONE, args, nargs, imm, pos);
}

/* Appends a terminator and gives it edges to the blocks in to[]. */
static struct ir_inst *emit_end(struct ir_fn *f, ir_blk b, enum ir_op op,
                                const ir_val *args, uint32_t nargs,
                                const ir_blk *to, uint32_t nedges,
                                struct ir_pos pos)
{
    ir_emit_n(f, b, op, NULL, 0, args, nargs, 0, pos);
    struct ir_inst *i = ir_end(f, b);
    i->nedges = (uint8_t)nedges;
    if (nedges)
        i->edges = ARENA_ARRAY(f->arena, struct ir_edge, nedges);
    for (uint32_t k = 0; k < nedges; k++)
        i->edges[k].to = to[k];
    return i;
}

void ir_jump(struct ir_fn *f, ir_blk b, ir_blk to, struct ir_pos pos)
{
    emit_end(f, b, IR_JUMP, NULL, 0, &to, 1, pos);
}

void ir_branch(struct ir_fn *f, ir_blk b, ir_val c, ir_blk yes, ir_blk no,
               struct ir_pos pos)
{
    emit_end(f, b, IR_BRANCH, &c, 1, (ir_blk[]){yes, no}, 2, pos);
}

void ir_mark(struct ir_fn *f, ir_blk b, enum ir_mark kind, uint16_t flag,
             ir_blk body, ir_blk landing, struct ir_pos pos)
{
    uint32_t nedges = landing == IR_NONE ? 1 : 2;
    struct ir_inst *i = emit_end(f, b, IR_MARK, NULL, 0,
                                 (ir_blk[]){body, landing}, nedges, pos);
    i->imm = kind;
    i->flag = flag;
}

void ir_return(struct ir_fn *f, ir_blk b, const ir_val *vals, uint32_t n,
               struct ir_pos pos)
{
    emit_end(f, b, IR_RETURN, vals, n, NULL, 0, pos);
}

void ir_fail(struct ir_fn *f, ir_blk b, ir_val e, struct ir_pos pos)
{
    emit_end(f, b, IR_FAIL, &e, 1, NULL, 0, pos);
}

void ir_halt(struct ir_fn *f, ir_blk b, struct ir_pos pos)
{
    emit_end(f, b, IR_HALT, NULL, 0, NULL, 0, pos);
}

/* Arguments grow by doubling at powers of two, so an edge needs no capacity
 * of its own: an array of n has room for the next power of two, at least 4. */
void ir_edge_arg(struct ir_fn *f, struct ir_edge *e, ir_val v)
{
    uint32_t n = e->nargs;
    if (!n || (n >= 4 && !(n & (n - 1)))) {
        ir_val *grown = ARENA_ARRAY(f->arena, ir_val, n ? n * 2 : 4);
        if (n)
            memcpy(grown, e->args, n * sizeof *grown);
        e->args = grown;
    }
    e->args[e->nargs++] = v;
}
