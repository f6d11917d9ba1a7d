/* asm_fn.c - functions of .pvm text: signatures, labels, joins, frames. */
#include "backend/asm.h"

#include "runtime/pvm/natives.h"

/* ---- functions ----------------------------------------------------------- */

static bool resolve_jump(struct as *s, const struct asm_jump *j)
{
    const struct pvm_fn *f = asm_this_fn(s);
    uint64_t *w = &s->b.code.at[j->pc];
    unsigned op = pvm_op(*w);
    int64_t offset = j->wide ? pvm_sd(*w) : pvm_sc(*w);
    struct asm_place at = j->place;
    if (j->label.n) {
        uint32_t to = asm_symbols_find(&s->labels, j->label);
        if (to == UINT32_MAX)
            return asm_fail_at(
                &s->c, at, "there is no label `%.*s` in this function",
                j->label.n < 80 ? (int)j->label.n : 80, j->label.at);
        offset = (int64_t)to - j->pc - 1;
        if (!j->wide && (offset < INT16_MIN || offset > INT16_MAX))
            return asm_fail_at(&s->c, at,
                               "the label is too far away: jump around a "
                               "`jmp`, which reaches everywhere");
        *w |= j->wide ? (uint64_t)(uint32_t)offset << 32
                      : (uint64_t)(uint16_t)offset << 48;
    }
    bool back = pvm_ops[op].class == PVM_BACK;
    if (back != (offset < 0))
        return asm_fail_at(&s->c, at,
                           back ? "`%s` jumps back only; forward the mnemonic "
                                  "has no b at its end"
                                : "`%s` goes forward only; jumps back end "
                                  "in b",
                           pvm_ops[op].text);
    int64_t to = (int64_t)j->pc + 1 + offset;
    if (to < f->entry || to >= s->b.code.n)
        return asm_fail_at(&s->c, at, "the jump leads out of its function");
    s->b.code.at[to] |= PVM_TARGET;
    return true;
}

static bool resolve_mark(struct as *s, const struct asm_mark_use *m)
{
    uint32_t at = asm_symbols_find(&s->labels, m->label);
    if (at == UINT32_MAX)
        return asm_fail_at(&s->c, m->place,
                           "there is no label `%.*s` in this function",
                           m->label.n < 80 ? (int)m->label.n : 80, m->label.at);
    s->b.joins.at[m->join].mark = at + 1;
    return true;
}

bool asm_close_fn(struct as *s)
{
    if (!s->b.fns.n || asm_this_fn(s)->end)
        return true;
    struct pvm_fn *f = asm_this_fn(s);
    f->end = s->b.code.n;
    f->njoins = s->b.joins.n - f->first_join;
    if (f->end == f->entry)
        return asm_fail(&s->c, "the function above has no instructions");
    if (s->join_pc > f->end)
        return asm_fail(&s->c, "an instruction is missing behind .live");
    for (uint32_t i = 0; i < s->jumps.n; i++)
        if (!resolve_jump(s, &s->jumps.at[i]))
            return false;
    for (uint32_t i = 0; i < s->marks.n; i++)
        if (!resolve_mark(s, &s->marks.at[i]))
            return false;
    s->jumps.n = s->marks.n = 0;
    s->labels = (struct asm_symbols){0};
    arena_reset(s->labels_arena);
    return true;
}

static bool read_values(struct as *s, const struct pvm_value_type **out,
                        uint16_t *n)
{
    s->values.n = 0;
    while (!asm_accept(&s->c, ')')) {
        struct pvm_value_type v;
        if ((s->values.n && !asm_expect(&s->c, ',')) || !asm_value_type(s, &v))
            return false;
        if (s->values.n == UINT16_MAX)
            return asm_fail(&s->c, "the list is too long");
        if (!vec_push(s->b.mem, &s->values, v))
            return asm_no_memory(&s->c);
    }
    *n = (uint16_t)s->values.n;
    *out = builder_copy(&s->b, s->values.at, s->values.n * sizeof **out);
    return *out || asm_no_memory(&s->c);
}

bool asm_signature(struct as *s, struct pvm_fn *f)
{
    if (!asm_expect(&s->c, '(') || !read_values(s, &f->params, &f->nparams))
        return false;
    if (!asm_accept(&s->c, '-'))
        return true;
    if (!asm_expect(&s->c, '>'))
        return false;
    if (asm_accept(&s->c, '('))
        return read_values(s, &f->results, &f->nresults);
    struct pvm_value_type v;
    if (!asm_value_type(s, &v))
        return false;
    f->nresults = 1;
    f->results = builder_copy(&s->b, &v, sizeof v);
    return f->results || asm_no_memory(&s->c);
}

/* "refs=N" and the like; *needed is set where it is not given. */
static bool read_size(struct as *s, const char *word, uint16_t *out,
                      bool *needed)
{
    int64_t n;
    *needed = !asm_accept_word(&s->c, word);
    if (*needed)
        return true;
    if (!asm_expect(&s->c, '=') || !asm_int(&s->c, 0, UINT16_MAX, &n))
        return false;
    *out = (uint16_t)n;
    return true;
}

/* Where sizes are not given: what parameters and results take. */
static void start_sizes(struct as *s, struct pvm_fn *f)
{
    uint32_t n[2][2] = {{0, 0}, {0, 0}};
    for (uint32_t i = 0; i < f->nparams; i++)
        n[0][f->params[i].kind == PVM_REF]++;
    for (uint32_t i = 0; i < f->nresults; i++)
        n[1][f->results[i].kind == PVM_REF]++;
    if (s->need_scalars)
        f->nscalars = (uint16_t)(n[0][0] > n[1][0] ? n[0][0] : n[1][0]);
    if (s->need_refs)
        f->nrefs = (uint16_t)(n[0][1] > n[1][1] ? n[0][1] : n[1][1]);
}

bool asm_fn_line(struct as *s)
{
    struct asm_slice name;
    struct pvm_fn f = {.entry = s->b.code.n, .first_join = s->b.joins.n};
    s->in_fn = true;
    if (!asm_name(&s->c, &name, "the function's name"))
        return false;
    f.name = builder_string(&s->b, name.at, name.n);
    if (!asm_signature(s, &f) ||
        !read_size(s, "refs", &f.nrefs, &s->need_refs) ||
        !read_size(s, "scalars", &f.nscalars, &s->need_scalars))
        return false;
    start_sizes(s, &f);
    if (!asm_accept_word(&s->c, "at"))
        f.file = builder_string(&s->b, "", 0);
    else if (!asm_file_line(s, &f.file, &f.line))
        return false;
    return vec_push(s->b.mem, &s->b.fns, f) || asm_no_memory(&s->c);
}

bool asm_label(struct as *s, struct asm_slice name, struct asm_place at)
{
    struct arena *names = s->c.arena;
    if (!s->in_fn)
        return asm_fail_at(&s->c, at, "a label stands in a function");
    s->c.arena = s->labels_arena;
    bool added = asm_symbols_add(&s->c, &s->labels, name, s->b.code.n);
    s->c.arena = names;
    return added || asm_fail_at(&s->c, at, "the label `%.*s` is there already",
                                name.n < 80 ? (int)name.n : 80, name.at);
}

static bool read_live(struct as *s, struct pvm_live *l)
{
    uint32_t reg;
    struct asm_slice w;
    const char *start = s->c.at;
    if (!asm_word(&s->c, &w, "a register"))
        return false;
    s->c.at = start;
    l->is_ref = w.at[0] == 'r';
    if (!asm_own_register(s, l->is_ref ? 'r' : 's', &reg))
        return false;
    l->reg = (uint16_t)reg;
    return !l->is_ref || (asm_expect(&s->c, ':') && asm_type_ref(s, &l->type));
}

static bool read_join_mark(struct as *s, struct builder_join *j)
{
    struct asm_mark_use m = {.join = s->b.joins.n};
    if (!asm_expect(&s->c, '='))
        return false;
    if (asm_accept(&s->c, '#')) {
        if (!asm_index_ref(s, &j->mark))
            return false;
        j->mark++;
        return true;
    }
    m.place = asm_here(&s->c);
    return asm_word(&s->c, &m.label, "a label") &&
           (vec_push(s->b.mem, &s->marks, m) || asm_no_memory(&s->c));
}

bool asm_live_line(struct as *s)
{
    struct builder_join j = {.pc = s->b.code.n, .first = s->b.lives.n};
    if (!s->in_fn)
        return asm_fail(&s->c, ".live stands in a function");
    if (s->join_pc == j.pc + 1)
        return asm_fail(&s->c, "the instruction has a .live already");
    s->join_pc = j.pc + 1;
    while (!asm_at_end(&s->c)) {
        struct pvm_live l = {0};
        if (asm_accept_word(&s->c, "mark")) {
            if (!read_join_mark(s, &j))
                return false;
            break;
        }
        if (!read_live(s, &l))
            return false;
        if (!vec_push(s->b.mem, &s->b.lives, l))
            return asm_no_memory(&s->c);
    }
    j.n = s->b.lives.n - j.first;
    return vec_push(s->b.mem, &s->b.joins, j) || asm_no_memory(&s->c);
}

/* ---- frames -------------------------------------------------------------- */

static uint16_t at_least(uint16_t size, uint32_t wanted)
{
    if (wanted > UINT16_MAX)
        return UINT16_MAX;
    return size < wanted ? (uint16_t)wanted : size;
}

static void widen(struct pvm_fn *f, const struct asm_window *w, uint32_t refs,
                  uint32_t scalars)
{
    if (w->refs)
        f->nrefs = at_least(f->nrefs, w->p + refs);
    if (w->scalars)
        f->nscalars = at_least(f->nscalars, w->q + scalars);
}

static void widen_for_values(struct pvm_fn *f, const struct asm_window *w,
                             const struct pvm_value_type *v, uint32_t n)
{
    uint32_t refs = 0;
    for (uint32_t i = 0; i < n; i++)
        refs += v[i].kind == PVM_REF;
    widen(f, w, refs, n - refs);
}

static void widen_for_native(struct pvm_fn *f, const struct asm_window *w,
                             const struct builder_import *in)
{
    uint32_t refs = 0, scalars = 0;
    for (uint32_t i = 0; i < in->sig_len; i++) {
        if (in->sig[i] == ':') {
            widen(f, w, refs, scalars);
            refs = scalars = 0;
        } else if (pvm_sig_is_ref(in->sig[i])) {
            refs++;
        } else {
            scalars++;
        }
    }
    widen(f, w, refs, scalars);
}

void asm_widen_frames(struct as *s)
{
    struct builder *b = &s->b;
    for (uint32_t i = 0; i < s->windows.n; i++) {
        const struct asm_window *w = &s->windows.at[i];
        struct pvm_fn *f = &b->fns.at[w->fn];
        if (w->op == PVM_NAT && w->callee < b->imports.n) {
            widen_for_native(f, w, &b->imports.at[w->callee]);
        } else if (w->op == PVM_CALL && w->callee < b->fns.n) {
            const struct pvm_fn *to = &b->fns.at[w->callee];
            widen_for_values(f, w, to->params, to->nparams);
            widen_for_values(f, w, to->results, to->nresults);
        } else if (w->op == PVM_CALLC && w->callee < b->types.n) {
            const struct pvm_type *to = &b->types.at[w->callee];
            struct asm_window args = *w;
            args.p++; /* behind the closure */
            widen(f, w, 1, 0);
            widen_for_values(f, &args, to->params, to->nparams);
            widen_for_values(f, w, to->results, to->nresults);
        }
    }
}
