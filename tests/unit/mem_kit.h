/* mem_kit.h - what tests of contexts ask of them. */
#ifndef PAL_TESTS_MEM_KIT_H
#define PAL_TESTS_MEM_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "runtime/mem/context.h"

static inline struct mem_stats stats_of(const struct mem *m)
{
    struct mem_stats s;

    mem_stats(m, &s);
    return s;
}

static inline void assert_whole(struct mem *m)
{
    const char *why = mem_check(m);

    if (why)
        fail_msg("%s", why);
}

#endif
