/* effects.c - marks as the program opens and closes them, held output, and
 * the rows of the instruction table that need more than a line of C. */
#include "runtime/vm/effects.h"

#include <errno.h>

#include "runtime/pvm/marks.h"
#include "runtime/pvm/natives.h"
#include "runtime/vm/natives.h"

/* ---- output -------------------------------------------------------------- */

enum pal_status vm_write(struct vm *vm, int fd, const void *p, size_t n)
{
    struct vm_window *win = vm->window;
    uint64_t *count = &vm->h.st->emitted[fd - 1];
    if (n == 0)
        return PAL_OK;
    if (win) {
        bytes_add(&win->out[fd - 1], p, n);
        if (win->out[fd - 1].failed)
            return vm_trap_memory(vm);
    } else if (!vm->host.write(vm->host.arg, fd, p, n)) {
        return vm_trap(vm, VM_IO, "cannot write the output: %s",
                       strerror(errno));
    }
    heap_log(&vm->h, count, 1);
    *count += n;
    return PAL_OK;
}

static uint64_t *held_list(struct vm *vm)
{
    return obj_word(&vm->h, vm->h.st->world, WORLD_OUT);
}

enum pal_status vm_print(struct vm *vm, const void *p, size_t n)
{
    if (!vm->h.st->nmarks)
        return vm_write(vm, 1, p, n);
    /* the list is born old: its slot in World needs no handle */
    uint64_t list = *held_list(vm);
    return vm_trap_list(vm, list_append_bytes(&vm->h, &list, p, n), list, 0);
}

void vm_held(struct vm *vm, struct bytes *out)
{
    uint64_t list = *held_list(vm), n = list_len(&vm->h, list);
    if (n)
        bytes_add(out, store_byte(&vm->h, list_store(&vm->h, list), 0), n);
}

/* Writes what was held back; the last act inside the outermost scope, after
 * all that can fail but the host. */
static enum pal_status release(struct vm *vm)
{
    struct heap *h = &vm->h;
    uint64_t list = *held_list(vm), n = list_len(h, list);
    if (!n)
        return PAL_OK;
    struct bytes *b = vm_scratch(vm);
    bytes_add(b, store_byte(h, list_store(h, list), 0), n);
    if (b->failed)
        return vm_trap_memory(vm);
    if (!trail_before_val(h, list, LIST_LEN) ||
        !trail_before_ref(h, list, LIST_STORE))
        return vm_trap_store(vm, list);
    TRY(vm_write(vm, 1, b->at, n));
    /* a list without a store again: the next scope starts afresh */
    *obj_word(h, list, LIST_LEN) = 0;
    *obj_word(h, list, LIST_STORE) = 0;
    return PAL_OK;
}

/* ---- marks --------------------------------------------------------------- */

enum pal_status vm_mark(struct vm *vm, uint64_t w, uint64_t pc)
{
    const struct state *st = vm->h.st;
    struct mark m = {
        .kind = pvm_x(w),
        .pc = pc,
        .back_pc = pvm_x(w) == PVM_MARK_TRY
                       ? pc + 1 + (uint64_t)(int64_t)pvm_sc(w)
                       : 0,
        .rbase = st->rbase,
        .sbase = st->sbase,
        .ctop = st->ctop,
        .error_reg = pvm_a(w),
        .keep_reg = pvm_b(w),
    };
    if (!trail_open(&vm->h, &m))
        return vm_trap(vm, VM_STACK, "too many scopes are open");
    vm_check_mark(vm);
    return PAL_OK;
}

/* A scope whose output could not be written is reversed, whatever its flag
 * says: the unwinder must not keep it after all. */
static void drop_flag(struct vm *vm)
{
    const struct mark *m = &vm->h.marks[vm->h.st->nmarks - 1];
    if (m->keep_reg == PVM_NOREG)
        return;
    uint64_t *flag = obj_at(&vm->h, m->sbase + 8 * (uint64_t)m->keep_reg);
    heap_log(&vm->h, flag, 1);
    *flag = 0;
}

enum pal_status vm_keep(struct vm *vm)
{
    enum pal_status status = vm->h.st->nmarks == 1 ? release(vm) : PAL_OK;
    if (status) {
        drop_flag(vm);
        return status;
    }
    vm_check_closed(vm);
    trail_keep(&vm->h);
    return PAL_OK;
}

enum pal_status vm_undo(struct vm *vm)
{
    trail_undo(&vm->h);
    vm_check_undone(vm, vm->h.st->pc + 1);
    return PAL_OK;
}

/* ---- lists and strings --------------------------------------------------- */

enum pal_status vm_push(struct vm *vm, uint64_t *list, const uint64_t *item)
{
    return vm_trap_list(vm, list_push(&vm->h, list, item), *list, 0);
}

enum pal_status vm_pop(struct vm *vm, uint64_t list, uint64_t *item)
{
    enum list_status why = list_pop(&vm->h, list, item);
    if (why == LIST_INDEX)
        return vm_trap(vm, VM_INDEX, "pop of an empty list");
    return vm_trap_list(vm, why, list, 0);
}

enum pal_status vm_cat(struct vm *vm, const uint64_t *a, const uint64_t *b,
                       uint64_t *out)
{
    uint64_t o = str_append(&vm->h, a, b, 1);
    if (!o)
        return vm_trap_memory(vm);
    *out = o;
    return PAL_OK;
}

/* ---- between instructions ------------------------------------------------ */

int64_t vm_refuel(struct vm *vm)
{
    uint64_t ticks = vm->h.st->ticks, n = VM_FUEL - 1 - ticks % VM_FUEL;
    if (vm->last_tick) {
        uint64_t left = vm->last_tick > ticks ? vm->last_tick - ticks : 0;
        n = left < n ? left : n;
    }
    vm->chunk = vm->h.gc_stress ? 0 : (int64_t)n;
    return vm->chunk;
}

enum pal_status vm_safepoint(struct vm *vm)
{
    uint64_t ticks = vm->h.st->ticks;
    if (ticks % VM_FUEL == 0 || vm->h.gc_stress)
        TRY(gc_safepoint(&vm->h));
    if (vm->interrupt || (vm->last_tick && ticks >= vm->last_tick))
        return PAL_PAUSE;
    return PAL_OK;
}

/* Whether an instruction that was refused room does nothing by then. */
static bool can_come_again(const struct vm *vm, uint64_t w)
{
    enum pvm_effect effect;
    switch (pvm_op(w)) {
    case PVM_PUSH:
    case PVM_PUSHB:
    case PVM_PUSHR:
    case PVM_POP:
    case PVM_POPB:
    case PVM_POPR: return true;
    case PVM_NAT:
        effect = pvm_natives[vm->h.image->imports[pvm_c(w)].native].effect;
        return effect <= PVM_EFFECT_HEAP;
    default: return pvm_ops[pvm_op(w)].class == PVM_STORE;
    }
}

bool vm_again(struct vm *vm)
{
    struct heap *h = &vm->h;
    h->trail_short = false;
    h->st->nhandles = 0; /* those of a native that gave up */
    return vm->trap_kind == VM_MEMORY && h->st->pc < h->image->ncode &&
           can_come_again(vm, h->image->code[h->st->pc]) &&
           gc_collect(h) == PAL_OK && trail_room(h) >= h->heap_limit / 32;
}
