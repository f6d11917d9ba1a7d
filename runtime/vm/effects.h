/* effects.h - rows of the instruction table that run C, and output.
 *
 * References are given as slots (registers), which a collection updates. */
#ifndef PAL_VM_EFFECTS_H
#define PAL_VM_EFFECTS_H

#include "runtime/vm/vm.h"

#define VM_FUEL (INT64_C(1) << 20) /* ticks between looks at the host */

enum pal_status vm_push(struct vm *vm, uint64_t *list, const uint64_t *item);
enum pal_status vm_pop(struct vm *vm, uint64_t list, uint64_t *item);
enum pal_status vm_cat(struct vm *vm, const uint64_t *a, const uint64_t *b,
                       uint64_t *out);

#endif
