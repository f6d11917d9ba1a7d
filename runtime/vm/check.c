/* check.c - a test of the vm itself: undo restores what was.
 *
 * With opt.check_undo a canonical hash of the state is taken when a scope is
 * entered and compared when it has been undone.  The state is what a program
 * can see: globals, the World (held output, unread input, generator), and the
 * registers that live after the scope, in all frames.  Of the scope's own
 * frame these are the registers that the join behind the scope lists and that
 * no instruction of the extent writes, so the scope's value is left out.
 *
 * Which registers those are depends on the exit that will be taken; so for
 * each MARK the exits are found once (a pass over its function), and a hash
 * is taken for each of them. */
#include <stdio.h>

#include "runtime/obj/idmap.h"
#include "runtime/pvm/marks.h"
#include "runtime/vm/vm.h"

/* Each check walks the state: so many scopes are checked one by one, of later
 * ones only one in CHECKS_APART. */
#define CHECKS_EACH  4000
#define CHECKS_APART 64

struct scope_exit {
    uint32_t pc;
    VEC(struct pvm_live) live;
};

struct scope { /* a MARK instruction */
    VEC(struct scope_exit) exits;
};

struct open_scope {
    uint32_t scope; /* index into scopes; UINT32_MAX: not checked */
    uint64_t rbase, sbase, ctop;
    VEC(uint64_t) hashes; /* per exit */
};

struct vm_check {
    struct mem *mem;
    VEC(struct scope) scopes;
    struct idmap by_pc; /* pc + 1 -> scope index */
    VEC(struct open_scope) open;
    uint64_t entered; /* scopes so far */
};

/* ---- the exits of a MARK ------------------------------------------------- */

struct extent {
    const struct pvm_image *im;
    const struct pvm_fn *f;
    uint32_t mark;
    struct idmap parent; /* pc of a MARK + 1 -> that of its parent + 1 */
    uint8_t *written[2]; /* by class, by register */
    uint32_t window[2];  /* registers from here on are written by calls */
    bool failed;
};

static uint32_t parent_of(const struct extent *x, uint32_t mark1)
{
    struct idmap_slot *s = mark1 ? idmap_get(&x->parent, mark1) : NULL;
    return s ? (uint32_t)s->value : 0;
}

static bool is_inside(const struct extent *x, uint32_t mark1)
{
    while (mark1 && mark1 != x->mark + 1)
        mark1 = parent_of(x, mark1);
    return mark1 != 0;
}

static void note_writes(struct extent *x, uint64_t w)
{
    unsigned field[3] = {pvm_a(w), pvm_b(w), pvm_c(w)};
    const char *o = pvm_ops[pvm_op(w)].operands;
    for (int i = 0; i < 3 && o[i]; i++) {
        if (o[i] == 's' || o[i] == 'U')
            x->written[0][field[i]] = 1;
        else if (o[i] == 'r' || o[i] == 'V')
            x->written[1][field[i]] = 1;
        else if (o[i] == 'e' && field[i] != PVM_NOREG)
            x->written[1][field[i]] = 1;
        else if (o[i] == 'p' && field[i] < x->window[1])
            x->window[1] = field[i];
        else if (o[i] == 'q' && field[i] < x->window[0])
            x->window[0] = field[i];
    }
}

/* An exit of the scope: the scope is undone and control stands at pc. */
static void add_exit(struct vm_check *c, struct extent *x, struct scope *sc,
                     uint32_t pc)
{
    if (!vec_push(c->mem, &sc->exits, (struct scope_exit){.pc = pc}))
        x->failed = true;
}

static void walk_extent(struct vm_check *c, struct extent *x, struct scope *sc)
{
    uint32_t open = 0;
    for (uint32_t pc = x->f->entry; pc < x->f->end; pc++) {
        uint64_t w = x->im->code[pc];
        const struct pvm_join *j = pvm_join_at(x->im, x->f, pc);
        bool fresh;
        if (j)
            open = j->mark;
        if (pvm_op(w) == PVM_MARK) {
            struct idmap_slot *s = idmap_put(&x->parent, pc + 1, &fresh);
            if (!s) {
                x->failed = true;
                return;
            }
            s->value = open;
            open = pc + 1;
            if (pc == x->mark && pvm_x(w) == PVM_MARK_TRY)
                add_exit(c, x, sc, pc + 1 + (uint32_t)pvm_sc(w));
        }
        if (is_inside(x, open))
            note_writes(x, w);
        if (pvm_op(w) == PVM_UNDO && open == x->mark + 1)
            add_exit(c, x, sc, pc + 1);
        if (pvm_op(w) == PVM_UNDO || pvm_op(w) == PVM_KEEP)
            open = parent_of(x, open);
    }
}

static void fill_exits(struct vm_check *c, struct extent *x, struct scope *sc)
{
    for (uint32_t i = 0; i < sc->exits.n; i++) {
        struct scope_exit *e = &sc->exits.at[i];
        const struct pvm_join *j = pvm_join_at(x->im, x->f, e->pc);
        for (uint32_t k = 0; j && k < j->nlive; k++) {
            const struct pvm_live *l = &j->live[k];
            if (l->reg < x->window[l->is_ref] &&
                !x->written[l->is_ref][l->reg] &&
                !vec_push(c->mem, &e->live, *l))
                x->failed = true;
        }
    }
}

static void free_scope(struct vm_check *c, struct scope *sc)
{
    for (uint32_t k = 0; k < sc->exits.n; k++)
        vec_free(c->mem, &sc->exits.at[k].live);
    vec_free(c->mem, &sc->exits);
}

/* The scope of the MARK at pc, found on first need; UINT32_MAX when memory is
 * exhausted. */
static uint32_t scope_at(struct vm *vm, struct vm_check *c, uint32_t pc)
{
    bool fresh;
    struct idmap_slot *s = idmap_put(&c->by_pc, (uint64_t)pc + 1, &fresh);
    if (!s)
        return UINT32_MAX;
    if (!fresh)
        return (uint32_t)s->value;
    struct extent x = {.im = vm->h.image,
                       .f = pvm_fn_at(vm->h.image, pc),
                       .mark = pc,
                       .parent = {.mem = c->mem},
                       .window = {UINT32_MAX, UINT32_MAX}};
    struct scope sc = {0};
    for (int i = 0; i < 2; i++) {
        x.written[i] = mem_alloc(c->mem, 65536);
        if (x.written[i])
            memset(x.written[i], 0, 65536);
        else
            x.failed = true;
    }
    if (!x.failed)
        walk_extent(c, &x, &sc);
    if (!x.failed)
        fill_exits(c, &x, &sc);
    for (int i = 0; i < 2; i++)
        if (x.written[i])
            mem_free(c->mem, x.written[i], 65536);
    idmap_free(&x.parent);
    if (x.failed || !vec_push(c->mem, &c->scopes, sc)) {
        free_scope(c, &sc);
        s->value = UINT32_MAX; /* never checked */
        return UINT32_MAX;
    }
    s->value = c->scopes.n - 1;
    return c->scopes.n - 1;
}

/* ---- the hash ------------------------------------------------------------ */

static void add_live(const struct vm *vm, struct obj_hash *x,
                     const struct pvm_live *l, uint64_t rbase, uint64_t sbase)
{
    if (l->is_ref)
        obj_hash_ref(x, *obj_at(&vm->h, rbase + 8 * (uint64_t)l->reg));
    else
        obj_hash_word(x, *obj_at(&vm->h, sbase + 8 * (uint64_t)l->reg));
}

/* The frames outside: what lives where each call returns to, but its results.
 */
static void add_callers(const struct vm *vm, struct obj_hash *x,
                        const struct open_scope *o)
{
    uint64_t rbase = o->rbase, sbase = o->sbase;
    uint64_t bottom = vm->h.tape.seg[TAPE_CSTACK].at;
    for (uint64_t at = o->ctop; at > bottom; at -= 8) {
        uint64_t rec = vm_record_at(vm, at - 8);
        uint32_t pc = (uint32_t)vm_record_pc(vm, rec),
                 window[2] = {(uint32_t)(rec >> 48), rec >> 32 & 0xffff};
        rbase -= 8 * (uint64_t)window[1];
        sbase -= 8 * (uint64_t)window[0];
        const struct pvm_fn *f =
            pc < vm->ncode ? pvm_fn_at(vm->h.image, pc) : NULL;
        const struct pvm_join *j = f ? pvm_join_at(vm->h.image, f, pc) : NULL;
        for (uint32_t i = 0; j && i < j->nlive; i++)
            if (j->live[i].reg < window[j->live[i].is_ref])
                add_live(vm, x, &j->live[i], rbase, sbase);
    }
}

static uint64_t hash_for(const struct vm *vm, const struct open_scope *o,
                         const struct scope_exit *e)
{
    struct obj_hash *x = obj_hash_open(&vm->h);
    if (!x)
        return 0;
    obj_hash_ref(x, vm->h.st->globals);
    obj_hash_ref(x, vm->h.st->world);
    for (uint32_t i = 0; i < e->live.n; i++)
        add_live(vm, x, &e->live.at[i], o->rbase, o->sbase);
    add_callers(vm, x, o);
    return obj_hash_close(x);
}

/* ---- called by the vm ---------------------------------------------------- */

static struct vm_check *checker(struct vm *vm)
{
    if (!vm->check) {
        vm->check = mem_alloc(vm->h.mem, sizeof *vm->check);
        if (vm->check)
            *vm->check = (struct vm_check){.mem = vm->h.mem,
                                           .by_pc = {.mem = vm->h.mem}};
    }
    return vm->check;
}

void vm_check_mark_slow_(struct vm *vm)
{
    struct vm_check *c = checker(vm);
    if (!c)
        return;
    const struct mark *m = &vm->h.marks[vm->h.st->nmarks - 1];
    struct open_scope o = {.scope = UINT32_MAX,
                           .rbase = m->rbase,
                           .sbase = m->sbase,
                           .ctop = m->ctop};
    if (c->entered++ < CHECKS_EACH || c->entered % CHECKS_APART == 0)
        o.scope = scope_at(vm, c, (uint32_t)m->pc);
    if (o.scope != UINT32_MAX) {
        const struct scope *sc = &c->scopes.at[o.scope];
        for (uint32_t i = 0; i < sc->exits.n; i++)
            if (!vec_push(c->mem, &o.hashes,
                          hash_for(vm, &o, &sc->exits.at[i])))
                o.scope = UINT32_MAX;
    }
    if (!vec_push(c->mem, &c->open, o)) {
        vec_free(c->mem, &o.hashes);
        vm->opt.check_undo = false; /* out of memory: check no further */
    }
}

void vm_check_closed_slow_(struct vm *vm)
{
    struct vm_check *c = vm->check;
    if (!c || !c->open.n)
        return;
    vec_free(c->mem, &c->open.at[c->open.n - 1].hashes);
    c->open.n--;
}

void vm_check_undone_slow_(struct vm *vm, uint64_t pc)
{
    struct vm_check *c = vm->check;
    if (!c || !c->open.n)
        return;
    const struct open_scope *o = &c->open.at[c->open.n - 1];
    if (o->scope != UINT32_MAX) {
        const struct scope *sc = &c->scopes.at[o->scope];
        for (uint32_t i = 0; i < sc->exits.n; i++) {
            const struct scope_exit *e = &sc->exits.at[i];
            uint64_t was = o->hashes.at[i];
            if (e->pc != pc || !was || vm->failure[0])
                continue;
            uint64_t is = hash_for(vm, o, e);
            if (is && is != was)
                snprintf(vm->failure, sizeof vm->failure,
                         "the scope left at pc %llu was not undone: the state "
                         "hash was %016llx and is %016llx",
                         (unsigned long long)pc, (unsigned long long)was,
                         (unsigned long long)is);
        }
    }
    const char *why = trail_check(&vm->h);
    if (why && !vm->failure[0])
        snprintf(vm->failure, sizeof vm->failure, "%s", why);
    vm_check_closed(vm);
}

void vm_check_free(struct vm *vm)
{
    struct vm_check *c = vm->check;
    if (!c)
        return;
    for (uint32_t i = 0; i < c->open.n; i++)
        vec_free(c->mem, &c->open.at[i].hashes);
    vec_free(c->mem, &c->open);
    for (uint32_t i = 0; i < c->scopes.n; i++)
        free_scope(c, &c->scopes.at[i]);
    vec_free(c->mem, &c->scopes);
    idmap_free(&c->by_pc);
    mem_free(c->mem, c, sizeof *c);
    vm->check = NULL;
}
