/* natives_cut.c - natives that cut a string into a list of its parts.
 *
 * Each has a function that finds the next part.  The parts are counted first,
 * then made, one allocation after another: positions stay what they are where
 * the string moves. */
#include "runtime/vm/natives.h"

#include "runtime/base/unicode.h"
#include "runtime/base/utf8.h"

struct cutter {
    const struct vm *vm;
    const uint64_t *r; /* the str, and what separates */
    uint64_t at;       /* where the next part begins, or what leads to it */
    uint64_t from, to; /* the part found */
    uint64_t left;     /* parts that may still be cut off */
    bool done;
};

/* Finds the next part; false at the end. */
typedef bool next_fn(struct cutter *c);

static const char *text_of(const struct cutter *c, unsigned i, uint64_t *n)
{
    *n = str_len(&c->vm->h, c->r[i]);
    return (const char *)str_bytes(&c->vm->h, c->r[i]);
}

static bool part(struct cutter *c, uint64_t from, uint64_t to, uint64_t next)
{
    c->from = from;
    c->to = to;
    c->at = next;
    return true;
}

static bool last_part(struct cutter *c, uint64_t n)
{
    bool there = !c->done;
    c->done = true;
    return there && part(c, c->at, n, n);
}

/* What lies between separators, as often as may be cut. */
static bool next_between(struct cutter *c)
{
    uint64_t n, m;
    const char *s = text_of(c, 0, &n), *sep = text_of(c, 1, &m);
    const char *p =
        c->left && !c->done ? memmem(s + c->at, n - c->at, sep, m) : NULL;
    if (!p)
        return last_part(c, n);
    uint64_t to = (uint64_t)(p - s);
    c->left--;
    return part(c, c->at, to, to + m);
}

static bool next_char(struct cutter *c)
{
    uint64_t n;
    const char *s = text_of(c, 0, &n);
    uint32_t cp;
    if (c->at >= n)
        return false;
    if (!c->left)
        return last_part(c, n);
    c->left--;
    uint64_t to = c->at + utf8_decode(s + c->at, n - c->at, &cp);
    return part(c, c->at, to, to);
}

/* Lines end with \n or \r\n; the last need not. */
static bool next_line(struct cutter *c)
{
    uint64_t n;
    const char *s = text_of(c, 0, &n);
    if (c->at >= n)
        return false;
    const char *p = memchr(s + c->at, '\n', n - c->at);
    uint64_t to = p ? (uint64_t)(p - s) : n;
    bool cr = p && to > c->at && s[to - 1] == '\r';
    return part(c, c->at, to - cr, to + 1);
}

static bool next_word(struct cutter *c)
{
    uint64_t n, from = UINT64_MAX;
    const char *s = text_of(c, 0, &n);
    uint32_t cp;
    while (c->at < n) {
        unsigned k = utf8_decode(s + c->at, n - c->at, &cp);
        bool space = unicode_is_space(cp);
        if (space && from != UINT64_MAX)
            break;
        if (!space && from == UINT64_MAX)
            from = c->at;
        c->at += k;
    }
    return from != UINT64_MAX && part(c, from, c->at, c->at);
}

static bool next_grapheme(struct cutter *c)
{
    uint64_t n, at = c->at;
    const char *s = text_of(c, 0, &n);
    uint32_t before, after;
    int32_t state = 0;
    if (at >= n)
        return false;
    at += utf8_decode(s + at, n - at, &before);
    while (at < n) {
        unsigned k = utf8_decode(s + at, n - at, &after);
        if (unicode_breaks(before, after, &state))
            break;
        before = after;
        at += k;
    }
    return part(c, c->at, at, at);
}

/* ---- the natives --------------------------------------------------------- */

static enum pal_status cut(struct vm *vm, uint64_t *r, next_fn *next,
                           uint64_t most)
{
    struct heap *h = &vm->h;
    struct cutter c = {.vm = vm, .r = r, .left = most};
    uint64_t count = 0;
    while (next(&c))
        count++;
    uint64_t *list = gc_hold(h, list_make(h, PVM_T_LIST_STR, count)), item;
    if (!*list)
        return vm_trap_memory(vm);
    c = (struct cutter){.vm = vm, .r = r, .left = most};
    for (uint64_t i = 0; i < count && next(&c); i++) {
        TRY(vm_give_part(vm, &item, &r[0], c.from, c.to));
        TRY(vm_trap_list(vm, list_set(h, *list, (int64_t)i, item), *list, 0));
    }
    r[0] = *list;
    gc_release(h, 1);
    return PAL_OK;
}

NATIVE_BODY(str_split)
{
    uint64_t most = s[0] < 0 ? UINT64_MAX : (uint64_t)s[0];
    bool empty = !str_len(&vm->h, r[1]);
    return cut(vm, r, empty ? next_char : next_between, most);
}

NATIVE_BODY(str_lines)
{
    UNUSED(s);
    return cut(vm, r, next_line, 0);
}

NATIVE_BODY(str_words)
{
    UNUSED(s);
    return cut(vm, r, next_word, 0);
}

NATIVE_BODY(str_graphemes)
{
    UNUSED(s);
    return cut(vm, r, next_grapheme, 0);
}

/* Filled from its end. */
NATIVE_BODY(str_reverse)
{
    UNUSED(s);
    struct heap *h = &vm->h;
    uint64_t n = str_len(h, r[0]), o = str_make(h, n);
    if (!o)
        return vm_trap_memory(vm);
    struct cutter c = {.vm = vm, .r = r};
    while (next_grapheme(&c))
        memcpy(str_bytes(h, o) + (n - c.to), str_bytes(h, r[0]) + c.from,
               c.to - c.from);
    r[0] = o;
    return PAL_OK;
}
