/* traced.c - the loop that logs every word it overwrites. */
#define VM_TRACED 1
#include "runtime/vm/loop.h"
