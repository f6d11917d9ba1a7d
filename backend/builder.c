/* builder.c - an image under construction. */
#include "backend/builder.h"

#include <string.h>

#include "runtime/base/hash.h"

/* ---- interning ----------------------------------------------------------- */

/* Doubles the table when it is half full: the caller enters again what `old`
 * held, and frees it. */
static bool intern_room(struct mem *m, struct intern *t, uint32_t n,
                        struct intern *old)
{
    *old = *t;
    if (n < t->cap / 2)
        return false;
    t->cap = t->cap ? t->cap * 2 : 256;
    t->slots = mem_alloc(m, (size_t)t->cap * sizeof *t->slots);
    if (!t->slots) {
        *t = *old;
        return false;
    }
    memset(t->slots, 0, (size_t)t->cap * sizeof *t->slots);
    return true;
}

static void intern_free(struct mem *m, struct intern *t)
{
    mem_free(m, t->slots, (size_t)t->cap * sizeof *t->slots);
    t->slots = NULL;
    t->cap = 0;
}

static void intern_put(struct intern *t, uint64_t hash, uint32_t index)
{
    uint32_t i = (uint32_t)hash & (t->cap - 1);
    while (t->slots[i])
        i = (i + 1) & (t->cap - 1);
    t->slots[i] = index + 1;
}

static uint64_t string_hash(const struct builder *b, uint32_t i)
{
    const struct pvm_str *s = &b->strings.at[i];
    return hash_bytes(b->text.at + s->at, s->len, 0);
}

/* Index of an equal string, or -1. */
static int64_t find_string(const struct builder *b, const char *s, size_t n)
{
    const struct intern *t = &b->string_index;
    if (!t->cap)
        return -1;
    uint32_t i = (uint32_t)hash_bytes(s, n, 0) & (t->cap - 1);
    for (; t->slots[i]; i = (i + 1) & (t->cap - 1)) {
        const struct pvm_str *have = &b->strings.at[t->slots[i] - 1];
        if (have->len == n && !memcmp(b->text.at + have->at, s, n))
            return t->slots[i] - 1;
    }
    return -1;
}

uint32_t builder_new_string(struct builder *b, const char *s, size_t n)
{
    uint32_t index = b->strings.n;
    bool is_first = find_string(b, s, n) < 0;
    if (b->text.n + n + 1 > UINT32_MAX) {
        b->failed = true;
        return 0;
    }
    struct pvm_str str = {(uint32_t)b->text.n, (uint32_t)n};
    bytes_add(&b->text, s, n);
    bytes_byte(&b->text, 0); /* so that pvm_text needs no copy */
    if (b->text.failed || !vec_push(b->mem, &b->strings, str)) {
        b->failed = true;
        return 0;
    }
    struct intern old;
    if (intern_room(b->mem, &b->string_index, index, &old)) {
        for (uint32_t k = 0; k < old.cap; k++)
            if (old.slots[k])
                intern_put(&b->string_index, string_hash(b, old.slots[k] - 1),
                           old.slots[k] - 1);
        intern_free(b->mem, &old);
    }
    if (b->string_index.cap <= index + 1)
        b->failed = true;
    else if (is_first)
        intern_put(&b->string_index, string_hash(b, index), index);
    return index;
}

uint32_t builder_string(struct builder *b, const char *s, size_t n)
{
    int64_t have = find_string(b, s, n);
    return have >= 0 ? (uint32_t)have : builder_new_string(b, s, n);
}

uint32_t builder_new_const(struct builder *b, uint64_t bits)
{
    uint32_t index = b->consts.n;
    struct intern old;
    if (!vec_push(b->mem, &b->consts, bits)) {
        b->failed = true;
        return 0;
    }
    if (intern_room(b->mem, &b->const_index, index, &old)) {
        for (uint32_t k = 0; k < index; k++)
            intern_put(&b->const_index, hash_word(b->consts.at[k]), k);
        intern_free(b->mem, &old);
    }
    if (b->const_index.cap <= index + 1)
        b->failed = true;
    else
        intern_put(&b->const_index, hash_word(bits), index);
    return index;
}

uint32_t builder_const(struct builder *b, uint64_t bits)
{
    const struct intern *t = &b->const_index;
    uint32_t i = (uint32_t)hash_word(bits) & (t->cap ? t->cap - 1 : 0);
    for (; t->cap && t->slots[i]; i = (i + 1) & (t->cap - 1))
        if (b->consts.at[t->slots[i] - 1] == bits)
            return t->slots[i] - 1;
    return builder_new_const(b, bits);
}

/* Programs import a few dozen natives at most; texts may name more, but each
 * takes a row of natives.def or a line of its own. */
uint32_t builder_import(struct builder *b, const char *name, size_t n,
                        const char *sig, size_t k)
{
    for (uint32_t i = 0; i < b->imports.n; i++) {
        const struct builder_import *have = &b->imports.at[i];
        if (have->name_len == n && have->sig_len == k &&
            !memcmp(have->name, name, n) && !memcmp(have->sig, sig, k))
            return i;
    }
    struct builder_import in = {builder_copy(b, name, n),
                                builder_copy(b, sig, k), (uint32_t)n,
                                (uint32_t)k};
    if (b->failed || !vec_push(b->mem, &b->imports, in))
        b->failed = true;
    return b->failed ? 0 : b->imports.n - 1;
}

/* ---- begin and end ------------------------------------------------------- */

void builder_word(struct builder *b, uint64_t w)
{
    if (!vec_push(b->mem, &b->code, w))
        b->failed = true;
}

void *builder_copy(struct builder *b, const void *from, size_t bytes)
{
    void *to = b->arena ? arena_alloc(b->arena, bytes ? bytes : 1) : NULL;
    if (!to)
        b->failed = true;
    else if (bytes)
        memcpy(to, from, bytes);
    return to;
}

void builder_open(struct builder *b, struct mem *m)
{
    *b = (struct builder){.mem = m};
    b->arena = arena_open(m);
    b->text = bytes_in(m);
    b->failed = !b->arena;
    for (uint32_t i = 0; i < pvm_nbuiltin_strings; i++)
        builder_new_string(b, pvm_builtin_strings[i],
                           strlen(pvm_builtin_strings[i]));
    for (uint32_t i = 0; i < PVM_TYPE_FIRST; i++)
        if (!vec_push(m, &b->types, pvm_builtin_types[i]))
            b->failed = true;
}

void builder_close(struct builder *b)
{
    bytes_free(&b->text);
    vec_free(b->mem, &b->strings);
    vec_free(b->mem, &b->consts);
    intern_free(b->mem, &b->string_index);
    intern_free(b->mem, &b->const_index);
    vec_free(b->mem, &b->imports);
    vec_free(b->mem, &b->types);
    vec_free(b->mem, &b->fns);
    vec_free(b->mem, &b->code);
    vec_free(b->mem, &b->joins);
    vec_free(b->mem, &b->lives);
    vec_free(b->mem, &b->lines);
    vec_free(b->mem, &b->tests);
    if (b->arena)
        arena_close(b->arena);
    b->arena = NULL;
}

static void finish_imports(struct builder *b, struct pvm_image *im)
{
    struct pvm_import *at =
        ARENA_ARRAY(b->arena, struct pvm_import, b->imports.n + 1);
    for (uint32_t i = 0; at && i < b->imports.n; i++) {
        const struct builder_import *in = &b->imports.at[i];
        at[i].name = builder_string(b, in->name, in->name_len);
        at[i].sig = builder_string(b, in->sig, in->sig_len);
        at[i].native = -1;
    }
    b->failed |= !at;
    im->imports = at;
    im->nimports = b->imports.n;
}

static void finish_joins(struct builder *b, struct pvm_image *im)
{
    struct pvm_live *lives =
        builder_copy(b, b->lives.at, b->lives.n * sizeof *lives);
    struct pvm_join *at =
        ARENA_ARRAY(b->arena, struct pvm_join, b->joins.n + 1);
    b->failed |= !at;
    for (uint32_t i = 0; !b->failed && i < b->joins.n; i++) {
        const struct builder_join *j = &b->joins.at[i];
        at[i] = (struct pvm_join){j->pc, j->mark, j->n, lives + j->first};
    }
    im->joins = at;
    im->njoins = b->joins.n;
}

#define FINISH(b, im, name)                                                    \
    ((im)->name =                                                              \
         builder_copy(b, (b)->name.at, (b)->name.n * sizeof *(b)->name.at),    \
     (im)->n##name = (b)->name.n)

struct pvm_image *builder_finish(struct builder *b)
{
    struct pvm_image *im =
        b->failed ? NULL : ARENA_NEW(b->arena, struct pvm_image);
    b->failed |= !im;
    if (!b->failed) {
        finish_imports(b, im);
        finish_joins(b, im);
        FINISH(b, im, code);
        FINISH(b, im, fns);
        FINISH(b, im, types);
        FINISH(b, im, consts);
        FINISH(b, im, strings);
        FINISH(b, im, lines);
        FINISH(b, im, tests);
        im->text = builder_copy(b, b->text.at, b->text.n);
        im->ntext = (uint32_t)b->text.n;
        im->globals = b->globals;
        im->init = b->init;
        im->main = b->main;
        im->arena = b->arena;
    }
    if (b->failed)
        im = NULL;
    else
        b->arena = NULL; /* it is the image's now */
    builder_close(b);
    return im;
}
