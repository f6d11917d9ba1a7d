/* natives.h - the bodies of natives, and what they share. */
#ifndef PAL_VM_NATIVES_H
#define PAL_VM_NATIVES_H

#include "runtime/coll/map.h"
#include "runtime/vm/vm.h"

/* A body; its windows are r and s.  Of r only the arguments are roots while it
 * runs: a result is written last, and what else has to outlive an allocation
 * is held (gc_hold). */
#define NATIVE_BODY(name)                                                      \
    enum pal_status vm_native_##name(struct vm *vm, uint64_t *r, int64_t *s)
#define UNUSED(x) ((void)(x))

#define NATIVE(num, name, sig, EFFECT, FAILS, meaning)                         \
    vm_native_fn vm_native_##name;
#include "runtime/pvm/natives.def"
#undef NATIVE

/* The vm's bounce buffer, emptied. */
struct bytes *vm_scratch(struct vm *vm);
/* A str in *to: of n bytes from outside the tape, or of the bounce buffer. */
enum pal_status vm_give_str(struct vm *vm, uint64_t *to, const void *p,
                            size_t n);
enum pal_status vm_give_scratch(struct vm *vm, uint64_t *to);
/* Bytes from..to of the str in a slot, as a str in *out. */
enum pal_status vm_give_part(struct vm *vm, uint64_t *out, const uint64_t *str,
                             uint64_t from, uint64_t to);
/* A code point's bytes in text[UTF8_MAX], *n of them; fails convert where c is
 * none. */
enum pal_status vm_need_char(struct vm *vm, int64_t c, char *text, unsigned *n);
/* Fails index: a slice of what has n items. */
enum pal_status vm_trap_slice(struct vm *vm, int64_t from, int64_t to,
                              uint64_t n);
/* What became of a change of a map: good, too, where the key was absent. */
enum pal_status vm_trap_map(struct vm *vm, enum map_status why);
/* Fails index unless byte i is in the str or at its end, and utf8 inside a code
 * point. */
enum pal_status vm_need_boundary(struct vm *vm, uint64_t str, int64_t i);
/* The bytes of a str in the bounce buffer, NUL-terminated; NULL when memory is
 * exhausted. */
const char *vm_take_str(struct vm *vm, uint64_t o, size_t *n);

#endif
