/* front_kit.h - a unit from text, for tests of the front end. */
#ifndef PAL_TESTS_FRONT_KIT_H
#define PAL_TESTS_FRONT_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "frontend/parse.h"
#include "runtime/mem/bytes.h"

struct front {
    struct mem *mem;
    struct source *src;
    struct unit *u;
    bool ok; /* what parse_unit said */
    struct bytes out;
};

static inline struct front front_open_n(const char *text, size_t n)
{
    struct front f = {.mem = mem_open(&mem_compiler, NULL)};

    assert_non_null(f.mem);
    f.src = source_copy(f.mem, "t.pal", text, (uint32_t)n);
    f.u = unit_open(f.mem, f.src);
    f.ok = parse_unit(f.u);
    f.out = bytes_in(f.mem);
    return f;
}

static inline struct front front_open(const char *text)
{
    return front_open_n(text, strlen(text));
}

static inline void front_close(struct front *f)
{
    struct mem_stats left;

    bytes_free(&f->out);
    unit_close(f->u);
    source_free(f->mem, f->src);
    mem_stats(f->mem, &left);
    assert_int_equal(left.live, 0);
    mem_close(f->mem);
}

/* What was built in f->out, NUL-terminated. */
static inline const char *front_text(struct front *f)
{
    bytes_byte(&f->out, 0);
    assert_false(f->out.failed);
    return (const char *)f->out.at;
}

/* The diagnostics as "3:9 E0101 message" lines. */
static inline const char *front_said(struct front *f)
{
    diags_render(f->u->diags, false, &f->out);
    return front_text(f);
}

#endif
