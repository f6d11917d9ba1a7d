/* vm.c - opening a vm: the segments, the code with its stub, what is made at
 * load; starting and stopping it. */
#include "runtime/vm/vm.h"

#include <stdio.h>
#include <unistd.h>

#include "runtime/pvm/marks.h"
#include "runtime/vm/effects.h"

#define MB         (UINT64_C(1) << 20)
#define HEAP_LEAST (16 * MB)
/* Addresses of the old generation for each byte that may be in use: objects
 * never move, so free spans may lie between them. */
#define SPARSE 2
/* Words behind a stack's end for the frame that begins there, and for what a
 * native may use beyond a frame. */
#define STACK_SPARE (UINT64_C(65536) + 8)

static const char *const kind_names[VM_NKINDS] = {
#define KIND(NAME, text) [VM_##NAME] = text,
#include "runtime/vm/kinds.def"
#undef KIND
};

/* After the image's code: CALL init (or NOP), CALL main, HALT, and the HALT to
 * which the watermark's frame returns. */
enum { STUB_INIT, STUB_MAIN, STUB_HALT, STUB_WATERMARK, STUB_WORDS };

static uint64_t machine_memory(void)
{
    long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
    if (pages <= 0 || size <= 0)
        return 1024 * MB;
    return (uint64_t)pages * (uint64_t)size;
}

static void fill_defaults(struct vm_options *o, const struct mem_profile *p)
{
    const struct mem_profile *r = &mem_runtime;
    if (!o->heap)
        o->heap = machine_memory() / 4 * 3;
    if (!o->stack)
        o->stack = 64 * MB;
    if (!o->nursery)
        o->nursery = p->nursery ? p->nursery : r->nursery;
    if (!o->gc_growth)
        o->gc_growth = p->growth ? p->growth : r->growth;
    if (!o->gc_slice)
        o->gc_slice = p->slice ? p->slice : r->slice;
    if (o->nursery < 64 * 1024)
        o->nursery = 64 * 1024;
    o->nursery = (o->nursery + TAPE_PAGE - 1) / TAPE_PAGE * TAPE_PAGE;
    o->stack = (o->stack + TAPE_PAGE - 1) / TAPE_PAGE * TAPE_PAGE;
}

/* ---- segment CODE -------------------------------------------------------- */

static uint64_t code_bytes(const struct pvm_image *im)
{
    return 8 * ((uint64_t)im->ncode + STUB_WORDS) +
           sizeof(struct vm_fn) * (uint64_t)im->nfns +
           8 * ((uint64_t)im->nstrings + VM_NKINDS + im->ntypes);
}

static void put_code(struct vm *vm)
{
    const struct pvm_image *im = vm->h.image;
    uint64_t at = vm->h.tape.seg[TAPE_CODE].at;
    tape_touch(&vm->h.tape, at, code_bytes(im));
    uint64_t *code = obj_at(&vm->h, at);
    if (im->ncode)
        memcpy(code, im->code, 8 * (size_t)im->ncode);
    uint64_t *stub = code + im->ncode;
    stub[STUB_INIT] = PVM_NOP;
    stub[STUB_MAIN] = stub[STUB_HALT] = PVM_HALT | PVM_TARGET;
    stub[STUB_WATERMARK] = PVM_HALT | PVM_TARGET;
    vm->watermark_pc = im->ncode + STUB_WATERMARK;
    if (im->init)
        stub[STUB_INIT] = pvm_abc(PVM_CALL, 0, 0, (im->init - 1) & 0xffff) |
                          (uint64_t)((im->init - 1) >> 16) << 10;
    if (im->main)
        stub[STUB_MAIN] =
            pvm_abc(PVM_CALL | PVM_TARGET, 0, 0, (im->main - 1) & 0xffff) |
            (uint64_t)((im->main - 1) >> 16) << 10;
    vm->code = code;
    vm->ncode = im->ncode;
    struct vm_fn *fns = (struct vm_fn *)(stub + STUB_WORDS);
    for (uint32_t i = 0; i < im->nfns; i++) {
        const struct pvm_fn *f = &im->fns[i];
        uint16_t refs = 0;
        for (uint16_t k = 0; k < f->nparams; k++)
            refs += f->params[k].kind == PVM_REF;
        fns[i] = (struct vm_fn){.entry = (uint32_t)at + 8 * f->entry,
                                .nrefs = f->nrefs,
                                .nscalars = f->nscalars,
                                .ref_params = refs};
        if (f->nrefs > vm->widest)
            vm->widest = f->nrefs;
    }
    vm->fns = fns;
    vm->strings = (const uint64_t *)(fns + im->nfns);
    vm->kinds = vm->strings + im->nstrings;
    vm->units = vm->kinds + VM_NKINDS;
    vm->consts = (const int64_t *)im->consts;
}

static bool make_string(struct vm *vm, uint32_t i)
{
    const struct pvm_image *im = vm->h.image;
    const struct pvm_str *s = &im->strings[i];
    uint64_t *slot = (uint64_t *)(uintptr_t)&vm->strings[i];
    if (!*slot)
        *slot = vm_old_str(vm, im->text + s->at, s->len);
    return *slot != 0;
}

/* What code takes from a type: its one object, or its names. */
static bool make_of_type(struct vm *vm, uint32_t type)
{
    const struct pvm_type *t = &vm->h.image->types[type];
    uint64_t *unit = (uint64_t *)(uintptr_t)&vm->units[type];
    if (t->kind != PVM_TYPE_NAMES) {
        *unit = gc_new_old(&vm->h, type, 0);
        return *unit != 0;
    }
    for (uint32_t i = 0; i < t->nfields; i++)
        if (!make_string(vm, t->fields[i].name))
            return false;
    return true;
}

/* Constants that code loads become objects once, born old.  `seen` is by
 * type. */
static bool make_constants(struct vm *vm, bool *seen)
{
    const struct pvm_image *im = vm->h.image;
    for (uint32_t pc = 0; pc < im->ncode; pc++) {
        uint64_t w = im->code[pc];
        unsigned op = pvm_op(w);
        if (op == PVM_LDKR && !make_string(vm, pvm_d(w)))
            return false;
        if (op != PVM_LDU && op != PVM_NAME)
            continue;
        uint32_t type = op == PVM_LDU ? pvm_d(w) : pvm_xc(w);
        if (!seen[type] && !make_of_type(vm, type))
            return false;
        seen[type] = true;
    }
    uint64_t *kinds = (uint64_t *)(uintptr_t)vm->kinds;
    for (int k = 0; k < VM_NKINDS; k++) {
        kinds[k] = vm_old_str(vm, kind_names[k], strlen(kind_names[k]));
        if (!kinds[k])
            return false;
    }
    return true;
}

static enum pal_status make_objects(struct vm *vm)
{
    struct mem *m = vm->h.mem;
    size_t n = vm->h.image->ntypes;
    bool *seen = mem_alloc(m, n);
    if (!seen)
        return PAL_NOMEM;
    memset(seen, 0, n);
    bool made = make_constants(vm, seen);
    mem_free(m, seen, n);
    return made ? PAL_OK : PAL_USAGE;
}

uint64_t vm_old_str(struct vm *vm, const char *p, size_t n)
{
    uint64_t o = gc_new_old(&vm->h, PVM_T_STR, STR_BYTES + (n + 7) / 8);
    if (o) {
        *obj_word(&vm->h, o, STR_LEN) = n;
        if (n)
            memcpy(str_bytes(&vm->h, o), p, n);
    }
    return o;
}

/* ---- objects made at load ------------------------------------------------ */

/* The globals object is the only one in its segment. */
static void make_globals(struct vm *vm)
{
    const struct pvm_image *im = vm->h.image;
    struct heap *h = &vm->h;
    if (!im->globals)
        return;
    const struct pvm_type *t = &im->types[im->globals];
    uint64_t words = (uint64_t)t->nrefs + t->nscalars;
    uint64_t o = h->tape.seg[TAPE_GLOBALS].at + obj_below(words);
    tape_touch(&h->tape, h->tape.seg[TAPE_GLOBALS].at, obj_bytes(words));
    for (uint64_t b = 0; b < obj_blocks(words); b++) {
        *obj_stamp(h, o, b) = h->st->clock;
        if (b * OBJ_BLOCK_WORDS < t->nrefs)
            gc_remember(h, o, b);
    }
    *obj_at(h, o + 8) = obj_make_info(im->globals, words);
    h->st->globals = vm->globals = o;
}

/* The parts of an Error whose trace has room for all that is ever kept. */
static bool make_error(struct vm *vm, struct made_error *e, const char *message)
{
    struct heap *h = &vm->h;
    e->error = gc_new_old(h, PVM_T_ERROR, ERROR_WORDS);
    e->message = vm_old_str(vm, message, strlen(message));
    e->trace = gc_new_old(h, PVM_T_LIST_INT, LIST_WORDS);
    e->store = gc_new_old(h, PVM_T_STORE_W, STORE_ITEMS + VM_TRACE_MAX);
    return e->error && e->message && e->trace && e->store;
}

static bool make_world(struct vm *vm)
{
    struct heap *h = &vm->h;
    uint64_t world = gc_new_old(h, PVM_T_WORLD, WORLD_WORDS);
    uint64_t out = gc_new_old(h, PVM_T_LIST_BYTE, LIST_WORDS);
    uint64_t in = gc_new_old(h, PVM_T_LIST_BYTE, LIST_WORDS);
    if (!world || !out || !in)
        return false;
    *obj_word(h, world, WORLD_OUT) = out;
    *obj_word(h, world, WORLD_IN) = in;
    h->st->world = world;
    return make_error(vm, &h->st->made_stack, "the call stack is full") &&
           make_error(vm, &h->st->made_memory, "the heap is full");
}

static enum pal_status make_tables(struct vm *vm)
{
    const struct pvm_image *im = vm->h.image;
    size_t n = im->ntypes * sizeof(uint32_t);
    vm->type_refs = mem_alloc(vm->h.mem, n);
    vm->type_words = mem_alloc(vm->h.mem, n);
    vm->type_wider = mem_alloc(vm->h.mem, n);
    vm->type_tags = mem_alloc(vm->h.mem, n);
    vm->type_fns = mem_alloc(vm->h.mem, n);
    if (!vm->type_refs || !vm->type_words || !vm->type_wider ||
        !vm->type_tags || !vm->type_fns)
        return PAL_NOMEM;
    pvm_find_wider(im, vm->type_wider, vm->type_tags);
    for (uint32_t i = 0; i < im->ntypes; i++) {
        const struct pvm_type *t = &im->types[i];
        vm->type_refs[i] = obj_type_refs(t);
        vm->type_words[i] = t->nrefs + t->nscalars;
        vm->type_fns[i] = t->fn;
    }
    vm->h.type_refs = vm->type_refs;
    return PAL_OK;
}

/* ---- frames, and the audit after each collection ------------------------- */

void vm_frame_at(const struct vm *vm, uint64_t pc, uint32_t *nrefs,
                 uint32_t *nscalars)
{
    const struct pvm_fn *f =
        pc < vm->ncode ? pvm_fn_at(vm->h.image, (uint32_t)pc) : NULL;
    *nrefs = f ? f->nrefs : 0;
    *nscalars = f ? f->nscalars : 1; /* the stub: main's result */
}

uint64_t vm_ref_top(const struct vm *vm)
{
    uint32_t nrefs, nscalars;
    vm_frame_at(vm, vm->h.st->pc, &nrefs, &nscalars);
    return vm->h.st->rbase + 8 * (uint64_t)nrefs;
}

static enum pal_status audit(struct vm *vm)
{
    struct heap *h = &vm->h;
    uint64_t bad = tape_audit_check(&vm->audit, &h->tape);
    if (bad != UINT64_MAX && !vm->failure[0])
        snprintf(vm->failure, sizeof vm->failure,
                 "the page at %#llx changed untouched",
                 (unsigned long long)bad);
    uint64_t used[TAPE_SEGMENTS] = {
        [TAPE_CODE] = code_bytes(h->image),
        [TAPE_GLOBALS] = h->tape.seg[TAPE_GLOBALS].size,
        [TAPE_HEAP] = h->st->gc.top * TAPE_PAGE,
        [TAPE_HISTORY] = h->st->trail - h->tape.seg[TAPE_HISTORY].at,
    };
    h->st->snap = h->st->clock;
    heap_thresholds(h);
    return tape_audit_take(&vm->audit, &h->tape, used);
}

static void note_broken(struct vm *vm)
{
    if (vm->h.broken && !vm->failure[0])
        snprintf(vm->failure, sizeof vm->failure, "%s", vm->h.broken);
}

static enum pal_status after_minor(struct heap *h)
{
    struct vm *vm = h->owner;
    note_broken(vm);
    vm_watermark_set(vm);
    return vm->opt.check_tape ? audit(vm) : PAL_OK;
}

/* ---- life ---------------------------------------------------------------- */

static void set_stacks(struct vm *vm)
{
    const struct tape_range *seg = vm->h.tape.seg;
    uint8_t *end = vm->h.base + vm->opt.stack;
    vm->r_end = (uint64_t *)(end + seg[TAPE_RSTACK].at);
    vm->s_end = (int64_t *)(end + seg[TAPE_SSTACK].at);
    vm->c_end = (uint64_t *)(end + seg[TAPE_CSTACK].at);
}

static enum pal_status load(struct vm *vm)
{
    const struct pvm_image *im = vm->h.image;
    const struct pvm_type *g = &im->types[im->globals];
    struct tape_wish wish = {
        .code = code_bytes(im),
        .globals = im->globals ? obj_bytes((uint64_t)g->nrefs + g->nscalars)
                               : TAPE_PAGE,
        .stack = vm->opt.stack + 8 * STACK_SPARE,
        .nursery = vm->opt.nursery,
        .heap =
            SPARSE * (vm->opt.heap > HEAP_LEAST ? vm->opt.heap : HEAP_LEAST),
        .heap_least = SPARSE * HEAP_LEAST,
        .side = old_side_bytes,
    };
    TRY(tape_open(&vm->h.tape, &wish));
    /* less than was asked for where addresses are short */
    uint64_t most = vm->h.tape.seg[TAPE_HEAP].size / SPARSE;
    vm->h.heap_limit = vm->opt.heap < most ? vm->opt.heap : most;
    vm->h.frame_most = 8 * STACK_SPARE;
    vm->h.calls.roots = vm_roots;
    vm->h.calls.young_roots = vm_young_roots;
    vm->h.calls.old_roots = vm_old_roots;
    vm->h.calls.after_minor = after_minor;
    trail_connect(&vm->h);
    gc_open(&vm->h);
    set_stacks(vm);
    TRY(make_tables(vm));
    put_code(vm);
    make_globals(vm);
    TRY(make_objects(vm));
    if (!make_world(vm))
        return PAL_USAGE;
    if (!vm->opt.check_tape)
        return PAL_OK;
    vm->h.st->clock++; /* a snapshot is younger than what it holds */
    return audit(vm);
}

enum pal_status vm_open(struct vm **out, struct mem *m,
                        const struct pvm_image *image,
                        const struct vm_options *opt,
                        const struct vm_host *host)
{
    struct vm *vm = mem_alloc(m, sizeof *vm);
    if (!vm)
        return PAL_NOMEM;
    memset(vm, 0, sizeof *vm);
    vm->h.mem = m;
    vm->h.owner = vm;
    vm->h.image = image;
    vm->opt = *opt;
    fill_defaults(&vm->opt, mem_profile_of(m));
    vm->h.gc_stress = vm->opt.gc_stress;
    vm->h.gc_growth = vm->opt.gc_growth;
    vm->h.gc_slice = vm->opt.gc_slice;
    vm->h.check = vm->opt.check_tape || mem_is_debug(m);
    vm->h.check_barrier = vm->h.check || vm->opt.gc_stress;
#ifndef NDEBUG
    vm->h.check = vm->h.check_barrier = true;
#endif
    vm->host = *host;
    vm->scratch = bytes_in(m);
    vm->answer = vm->answers.bytes = bytes_in(m);
    vm->audit.mem = m;
    enum pal_status status = load(vm);
    if (status) {
        vm_close(vm);
        return status;
    }
    *out = vm;
    return PAL_OK;
}

void vm_close(struct vm *vm)
{
    struct mem *m = vm->h.mem;
    size_t types = vm->h.image->ntypes * sizeof(uint32_t);
    if (vm->window)
        vm_window_drop(vm);
    vm_check_free(vm);
    tape_audit_free(&vm->audit);
    bytes_free(&vm->scratch);
    bytes_free(&vm->answer);
    bytes_free(&vm->answers.bytes);
    vec_free(m, &vm->answers.kept);
    if (vm->type_refs)
        mem_free(m, vm->type_refs, types);
    if (vm->type_words)
        mem_free(m, vm->type_words, types);
    if (vm->type_wider)
        mem_free(m, vm->type_wider, types);
    if (vm->type_tags)
        mem_free(m, vm->type_tags, types);
    if (vm->type_fns)
        mem_free(m, vm->type_fns, types);
    tape_close(&vm->h.tape);
    mem_free(m, vm, sizeof *vm);
}

/* An empty machine whose bottom frame is the stub's. */
static void empty_machine(struct vm *vm, uint64_t pc)
{
    struct state *st = vm->h.st;
    vm_watermark_drop(vm);
    st->pc = pc;
    st->rbase = vm->h.tape.seg[TAPE_RSTACK].at;
    st->sbase = vm->h.tape.seg[TAPE_SSTACK].at;
    st->ctop = vm->h.tape.seg[TAPE_CSTACK].at;
    st->error = 0;
    while (st->nmarks) /* of a run that HALT ended */
        trail_undo(&vm->h);
}

enum pal_status vm_start(struct vm *vm)
{
    if (!vm->h.image->main)
        return PAL_USAGE;
    empty_machine(vm, vm->ncode + STUB_INIT);
    return PAL_OK;
}

enum pal_status vm_begin(struct vm *vm, uint32_t fn)
{
    const struct vm_fn *f = &vm->fns[fn];
    empty_machine(vm, vm->h.image->fns[fn].entry);
    struct state *st = vm->h.st;
    *obj_at(&vm->h, st->ctop) = vm_record(
        vm->h.tape.seg[TAPE_CODE].at + 8 * (vm->ncode + STUB_HALT), 0);
    st->ctop += 8;
    for (unsigned i = 0; i < f->nrefs; i++)
        *obj_at(&vm->h, st->rbase + 8 * i) = 0;
    return PAL_OK;
}

enum pal_status vm_run_undone(struct vm *vm, uint32_t fn)
{
    TRY(vm_begin(vm, fn));
    const struct state *st = vm->h.st;
    struct mark m = {.kind = PVM_MARK_UNDO,
                     .pc = st->pc,
                     .rbase = st->rbase,
                     .sbase = st->sbase,
                     .ctop = st->ctop,
                     .error_reg = PVM_NOREG,
                     .keep_reg = PVM_NOREG};
    if (!trail_open(&vm->h, &m))
        return PAL_NOMEM;
    enum pal_status status = vm_run(vm);
    while (status == PAL_OK && st->nmarks) /* HALT may leave more than one */
        trail_undo(&vm->h);
    return status;
}

void vm_stop_after(struct vm *vm, uint64_t ticks)
{
    vm->last_tick = vm->h.st->ticks + ticks;
}

enum pal_status vm_run(struct vm *vm)
{
    enum pal_status status;
    do
        status = vm->window ? vm_loop_traced(vm) : vm_loop_plain(vm);
    while (status == PAL_OK && vm_watermark_met(vm));
    note_broken(vm);
    return status;
}

int vm_exit_status(const struct vm *vm)
{
    const struct state *st = vm->h.st;
    const struct pvm_image *im = vm->h.image;
    if (st->exit_status)
        return (int)(st->exit_status & 0xff);
    if (im->main && im->fns[im->main - 1].nresults == 1 &&
        st->pc == vm->ncode + STUB_HALT)
        return (int)(*obj_at(&vm->h, st->sbase) & 0xff);
    return 0;
}
