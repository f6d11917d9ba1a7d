/* raise.c - errors: noting a trap, making its Error, unwinding to a handler.
 *
 * Unwinding is a loop over the open marks, innermost first: an `undo` mark is
 * reversed (or kept, when its flag is set) and passed; a `try` mark is
 * reversed and its landing entered with the Error in its register.  Nothing
 * here allocates but the Error itself; when that fails, the Error made at
 * load takes its place. */
#include "runtime/vm/vm.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "runtime/base/number.h"
#include "runtime/pvm/marks.h"
#include "runtime/vm/natives.h"

enum pal_status vm_trap(struct vm *vm, enum vm_error_kind kind,
                        const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    vsnprintf(vm->trap_text, sizeof vm->trap_text, format, ap);
    va_end(ap);
    vm->trap_kind = kind;
    return PAL_TRAP;
}

enum pal_status vm_trap_index(struct vm *vm, int64_t i, uint64_t n)
{
    return vm_trap(vm, VM_INDEX,
                   "index %" PRId64 " is out of range, length %" PRIu64, i, n);
}

enum pal_status vm_trap_range(struct vm *vm, double x)
{
    char text[NUMBER_FLOAT_MAX];
    int n = (int)number_float_text(x, text);
    return vm_trap(vm, VM_CONVERT, "%.*s is out of the range of int", n, text);
}

enum pal_status vm_trap_memory(struct vm *vm)
{
    return vm_trap(vm, VM_MEMORY,
                   vm->h.trail_short ? "the trail is full"
                                     : "the heap is full");
}

enum pal_status vm_trap_store(struct vm *vm, uint64_t o)
{
    if (o == 0)
        return vm_trap(vm, VM_NONE, "a store through none");
    return vm_trap(vm, VM_MEMORY, "the trail is full");
}

enum pal_status vm_trap_list(struct vm *vm, enum list_status why, uint64_t list,
                             int64_t i)
{
    switch (why) {
    case LIST_OK: return PAL_OK;
    case LIST_INDEX: return vm_trap_index(vm, i, list_len(&vm->h, list));
    case LIST_NULL: return vm_trap_store(vm, 0);
    default: return vm_trap_memory(vm);
    }
}

/* ---- the trace ----------------------------------------------------------- */

/* The pcs of the frames, innermost first; returns how many were written. */
static uint32_t take_trace(const struct vm *vm, int64_t out[VM_TRACE_MAX])
{
    const struct state *st = vm->h.st;
    uint64_t bottom = vm->h.tape.seg[TAPE_CSTACK].at;
    uint64_t frames = (st->ctop - bottom) / 8 + 1; /* the stub's is no frame */
    uint32_t n = 0;
    for (uint64_t i = 0; i + 1 < frames || i == 0; i++) {
        if (i == VM_TRACE_HALF && frames - 1 > 2 * VM_TRACE_HALF) {
            uint64_t skip = frames - 1 - 2 * VM_TRACE_HALF;
            out[n++] = -(int64_t)skip;
            i += skip;
        }
        out[n++] = i == 0 ? (int64_t)st->pc
                          : (int64_t)vm_record_pc(
                                vm, vm_record_at(vm, st->ctop - 8 * i)) -
                                1;
    }
    return n;
}

/* A list of the trace in the Error of a handle; false when there is no
 * memory for it. */
static bool make_trace(struct vm *vm, uint64_t *error)
{
    struct heap *h = &vm->h;
    int64_t pcs[VM_TRACE_MAX];
    uint32_t n = take_trace(vm, pcs);
    uint64_t list = list_make(h, PVM_T_LIST_INT, n);
    if (!list || !trail_before_ref(h, *error, ERROR_TRACE))
        return false;
    uint64_t store = list_store(h, list);
    for (uint32_t i = 0; i < n; i++) {
        if (!trail_before_val(h, store, STORE_ITEMS + i))
            return false;
        *store_item(h, store, i) = (uint64_t)pcs[i];
    }
    *obj_word(h, *error, ERROR_TRACE) = list;
    return true;
}

/* ---- the Error ----------------------------------------------------------- */

uint64_t vm_new_error(struct vm *vm, const char *text, uint64_t n,
                      uint64_t kind)
{
    struct heap *h = &vm->h;
    uint64_t *k = gc_hold(h, kind);
    uint64_t *message = gc_hold(h, str_new(h, text, n)), e = 0;
    if (*message)
        e = gc_new(h, PVM_T_ERROR, ERROR_WORDS);
    if (e && trail_before_ref(h, e, 0)) {
        *obj_word(h, e, ERROR_MESSAGE) = *message;
        *obj_word(h, e, ERROR_KIND) = *k;
    } else {
        e = 0;
    }
    gc_release(h, 2);
    return e;
}

/* An Error made at load, for when none can be made, and the trace of now,
 * while it unwinds.  It is filled in only when the handler's scope has been
 * reversed: it existed before, so the scope would take that back. */
struct made {
    const struct made_error *of; /* NULL: the error is an ordinary one */
    enum vm_error_kind kind;
    uint32_t n;
    int64_t pcs[VM_TRACE_MAX];
};

static uint64_t take_made(struct vm *vm, enum vm_error_kind kind,
                          struct made *m)
{
    m->of = kind == VM_STACK ? &vm->h.st->made_stack : &vm->h.st->made_memory;
    m->kind = kind;
    m->n = take_trace(vm, m->pcs);
    return m->of->error;
}

/* Writes a word through the barrier.  Where that is refused, the trail is full
 * and the scope around will not restore the word; the error matters more. */
static void overwrite(struct heap *h, uint64_t o, uint64_t word, uint64_t v)
{
    if (!(word < obj_refs(h, o) ? trail_before_ref(h, o, word)
                                : trail_before_val(h, o, word)))
        trail_pass_over(h, o, word);
    *obj_word(h, o, word) = v;
}

/* All of it: a program may have changed the parts. */
static void fill_made(struct vm *vm, const struct made *m)
{
    struct heap *h = &vm->h;
    const struct made_error *e = m->of;
    if (!e)
        return;
    overwrite(h, e->error, ERROR_MESSAGE, e->message);
    overwrite(h, e->error, ERROR_KIND, vm->kinds[m->kind]);
    overwrite(h, e->error, ERROR_TRACE, e->trace);
    overwrite(h, e->error, ERROR_VALUE, 0);
    overwrite(h, e->trace, LIST_STORE, e->store);
    overwrite(h, e->trace, LIST_LEN, m->n);
    overwrite(h, e->store, STORE_OWNER, e->trace);
    for (uint32_t i = 0; i < VM_TRACE_MAX; i++)
        overwrite(h, e->store, STORE_ITEMS + i,
                  i < m->n ? (uint64_t)m->pcs[i] : 0);
}

static void log_machine(struct vm *vm)
{
    heap_log(&vm->h, &vm->h.st->pc, 6); /* pc .. error */
    heap_log(&vm->h, &vm->h.st->nhandles, 1);
}

static bool is_caught(const struct vm *vm)
{
    for (uint64_t i = vm->h.st->nmarks; i-- > 0;)
        if (vm->h.marks[i].kind == PVM_MARK_TRY)
            return true;
    return false;
}

/* Where the mark's frame stands becomes the machine's. */
static void enter_frame(struct vm *vm, const struct mark *m)
{
    struct state *st = vm->h.st;
    vm_watermark_unwind(vm, m->ctop, m->rbase);
    st->rbase = m->rbase;
    st->sbase = m->sbase;
    st->ctop = m->ctop;
    st->pc = m->pc;
}

static bool flag_is_set(const struct vm *vm, const struct mark *m)
{
    return m->keep_reg != PVM_NOREG &&
           *obj_at(&vm->h, m->sbase + 8 * (uint64_t)m->keep_reg) != 0;
}

static enum pal_status unwind(struct vm *vm, const struct made *made)
{
    struct heap *h = &vm->h;
    struct state *st = h->st;
    while (st->nmarks) {
        struct mark m = h->marks[st->nmarks - 1];
        enter_frame(vm, &m);
        if (m.kind == PVM_MARK_TRY) {
            trail_undo(h);
            vm_check_undone(vm, m.back_pc);
            fill_made(vm, made);
            uint64_t *slot = obj_at(h, m.rbase + 8 * (uint64_t)m.error_reg);
            heap_log(h, slot, 1);
            *slot = st->error;
            st->error = 0;
            st->pc = m.back_pc;
            st->ticks++;
            return PAL_OK;
        }
        if (!flag_is_set(vm, &m) || vm_keep(vm))
            vm_undo(vm);
    }
    fill_made(vm, made);
    return PAL_TRAP;
}

static enum pal_status raise_pending(struct vm *vm, const struct made *made)
{
    if (!is_caught(vm) && vm->host.uncaught)
        vm->host.uncaught(vm->host.arg, vm);
    return unwind(vm, made);
}

enum pal_status vm_raise(struct vm *vm)
{
    struct heap *h = &vm->h;
    struct made made = {.of = NULL};
    log_machine(vm);
    h->trail_short = false;
    h->st->nhandles = 0; /* those of a native that gave up */
    uint64_t *e = gc_hold(h, 0);
    /* even a full heap has a little left for this */
    *e = vm_new_error(vm, vm->trap_text, strlen(vm->trap_text),
                      vm->kinds[vm->trap_kind]);
    if (*e && !make_trace(vm, e))
        *e = 0;
    if (!*e && vm->trap_kind != VM_STACK)
        vm->trap_kind = VM_MEMORY;
    h->st->error = *e ? *e : take_made(vm, vm->trap_kind, &made);
    gc_release(h, 1);
    return raise_pending(vm, &made);
}

enum pal_status vm_raise_error(struct vm *vm, uint64_t error)
{
    struct heap *h = &vm->h;
    struct made made = {.of = NULL};
    if (!error) {
        vm_trap(vm, VM_NONE, "none was raised as an error");
        return vm_raise(vm);
    }
    log_machine(vm);
    h->st->nhandles = 0;
    uint64_t *e = gc_hold(h, error);
    if (!*obj_word(h, *e, ERROR_TRACE) && !make_trace(vm, e))
        *e = take_made(vm, VM_MEMORY, &made);
    h->st->error = *e;
    gc_release(h, 1);
    return raise_pending(vm, &made);
}

enum pal_status vm_leave_all(struct vm *vm)
{
    struct state *st = vm->h.st;
    log_machine(vm);
    while (st->nmarks) {
        struct mark m = vm->h.marks[st->nmarks - 1];
        enter_frame(vm, &m);
        if (m.kind != PVM_MARK_TRY && !flag_is_set(vm, &m))
            vm_undo(vm);
        else
            TRY(vm_keep(vm));
    }
    return PAL_OK;
}

/* ---- telling the host ---------------------------------------------------- */

/* Appends a str and a NUL. */
static void text_of(struct vm *vm, struct bytes *b, uint64_t str)
{
    if (str)
        bytes_add(b, str_bytes(&vm->h, str), str_len(&vm->h, str));
    bytes_byte(b, 0);
}

void vm_error_text(struct vm *vm, const char **message, size_t *n,
                   const char **kind)
{
    uint64_t e = vm->h.st->error;
    struct bytes *b = vm_scratch(vm);
    text_of(vm, b, e ? *obj_word(&vm->h, e, ERROR_MESSAGE) : 0);
    size_t at = b->n;
    text_of(vm, b, e ? *obj_word(&vm->h, e, ERROR_KIND) : 0);
    *message = b->failed ? "the heap is full" : (const char *)b->at;
    *n = b->failed ? strlen(*message) : at - 1;
    *kind = b->failed ? "memory" : (const char *)b->at + at;
}

bool vm_place_of(struct vm *vm, int64_t pc, struct vm_place *out)
{
    const struct pvm_image *im = vm->h.image;
    *out = (struct vm_place){0};
    if (pc < 0) {
        out->line = (uint32_t)(0 - (uint64_t)pc);
        return true;
    }
    const struct pvm_fn *f =
        pc < vm->ncode ? pvm_fn_at(im, (uint32_t)pc) : NULL;
    if (!f)
        return false;
    uint32_t file = f->file, line = 0;
    pvm_place(im, (uint32_t)pc, &file, &line);
    out->file = pvm_text(im, file);
    out->function = pvm_text(im, f->name);
    out->line = line;
    return true;
}

bool vm_error_place(struct vm *vm, uint32_t i, struct vm_place *out)
{
    uint64_t e = vm->h.st->error;
    uint64_t list = e ? *obj_word(&vm->h, e, ERROR_TRACE) : 0;
    if (i >= list_len(&vm->h, list))
        return false;
    return vm_place_of(vm, (int64_t)list_item(&vm->h, list, i), out);
}
