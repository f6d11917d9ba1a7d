/* plain.c - the loop at full speed. */
#define VM_TRACED 0
#include "runtime/vm/loop.h"
