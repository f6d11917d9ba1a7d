/* natives_weak.c - natives on what does not keep alive. */
#include "runtime/vm/natives.h"

#include "runtime/coll/guardian.h"

static enum pal_status give(struct vm *vm, uint64_t *to, uint64_t o)
{
    if (!o)
        return vm_trap_memory(vm);
    *to = o;
    return PAL_OK;
}

NATIVE_BODY(weak)
{
    UNUSED(s);
    return give(vm, &r[0], gc_new_weak(&vm->h, &r[0]));
}

NATIVE_BODY(weak_get)
{
    UNUSED(s);
    if (!r[0])
        return vm_trap_store(vm, 0);
    r[0] = gc_weak_get(&vm->h, r[0]);
    return PAL_OK;
}

NATIVE_BODY(guardian)
{
    UNUSED(s);
    return give(vm, &r[0], guardian_new(&vm->h));
}

NATIVE_BODY(guardian_watch)
{
    UNUSED(s);
    return vm_trap_map(vm, guardian_watch(&vm->h, &r[0], &r[1]));
}

NATIVE_BODY(guardian_next)
{
    uint64_t object;
    UNUSED(s);
    TRY(vm_trap_map(vm, guardian_next(&vm->h, r[0], &object)));
    r[0] = object;
    return PAL_OK;
}
