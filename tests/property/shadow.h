/* shadow.h - what a program's objects should be: the model of scopes.
 *
 * Written from the description of scopes alone, without clock, stamps, trail
 * or collector.  A world is a table of objects; an object keeps its place in
 * the table for ever, so a reference is a place (1, 2, ...; 0 is the null
 * reference).  The words of an object are its fields, its items, or its
 * bytes, one to a word.
 *
 *   entering a scope    copies the words of all objects
 *   keeping it          forgets the copy
 *   undoing it          gives every object of the copy its words back; an
 *                       object born in the scope stays as it is
 *   a snapshot          is a copy of the whole world, copies of scopes
 *                       included
 *
 * Registers, handles and the pending error are not objects: no scope restores
 * them, a snapshot does. */
#ifndef PAL_TESTS_SHADOW_H
#define PAL_TESTS_SHADOW_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SHADOW_DEPTH = 6,      /* scopes open at a time */
    SHADOW_REGISTERS = 10, /* those of one level; a scope saves its own */
    SHADOW_ROOTS = SHADOW_REGISTERS * (SHADOW_DEPTH + 1),
    SHADOW_HANDLES = 6,
    SHADOW_LOADED = 11 /* objects made at load */
};

struct shadow_object {
    uint32_t type, n, cap;
    bool emptied; /* a weak box: it was found empty */
    uint64_t *words;
};

struct shadow_table {
    struct shadow_object *at; /* at[0] is the null reference's, empty */
    uint32_t n, cap;
};

struct shadow {
    struct shadow_table now;
    struct shadow_table scopes[SHADOW_DEPTH]; /* as each was entered */
    uint32_t depth;
    uint64_t roots[SHADOW_ROOTS];
    uint64_t handles[SHADOW_HANDLES];
    uint32_t nhandles;
    uint64_t globals, error, loaded[SHADOW_LOADED];
};

static inline void *shadow_memory(void *p, size_t n)
{
    p = realloc(p, n ? n : 1);
    if (!p) {
        fprintf(stderr, "error: the test is out of memory\n");
        exit(2);
    }
    return p;
}

/* ---- tables -------------------------------------------------------------- */

static inline void shadow_table_free(struct shadow_table *t)
{
    for (uint32_t i = 0; i < t->n; i++)
        free(t->at[i].words);
    free(t->at);
    *t = (struct shadow_table){0};
}

static inline struct shadow_table
shadow_table_copy(const struct shadow_table *t)
{
    struct shadow_table c = {.n = t->n, .cap = t->n};
    c.at = shadow_memory(NULL, t->n * sizeof *c.at);
    for (uint32_t i = 0; i < t->n; i++) {
        struct shadow_object o = t->at[i];
        uint64_t *words = NULL;
        if (o.n)
            words = memcpy(shadow_memory(NULL, 8 * (size_t)o.n), o.words,
                           8 * (size_t)o.n);
        c.at[i] = (struct shadow_object){o.type, o.n, o.n, o.emptied, words};
    }
    return c;
}

/* ---- worlds -------------------------------------------------------------- */

static inline struct shadow_object *shadow_at(const struct shadow *w,
                                              uint64_t o)
{
    return &w->now.at[o];
}

static inline void shadow_resize(struct shadow_object *o, uint32_t n)
{
    if (n > o->cap) {
        o->cap = n + n / 2;
        o->words = shadow_memory(o->words, 8 * (size_t)o->cap);
    }
    if (n > o->n)
        memset(o->words + o->n, 0, 8 * (size_t)(n - o->n));
    o->n = n;
}

/* A new object of n zero words. */
static inline uint64_t shadow_new(struct shadow *w, uint32_t type, uint32_t n)
{
    struct shadow_table *t = &w->now;
    if (t->n == t->cap) {
        t->cap = t->cap * 2 + 64;
        t->at = shadow_memory(t->at, t->cap * sizeof *t->at);
    }
    t->at[t->n] = (struct shadow_object){.type = type};
    shadow_resize(&t->at[t->n], n);
    return t->n++;
}

static inline void shadow_free(struct shadow *w)
{
    shadow_table_free(&w->now);
    for (uint32_t i = 0; i < w->depth; i++)
        shadow_table_free(&w->scopes[i]);
    *w = (struct shadow){0};
}

static inline struct shadow shadow_copy(const struct shadow *w)
{
    struct shadow c = *w;
    c.now = shadow_table_copy(&w->now);
    for (uint32_t i = 0; i < w->depth; i++)
        c.scopes[i] = shadow_table_copy(&w->scopes[i]);
    return c;
}

/* ---- scopes -------------------------------------------------------------- */

static inline void shadow_open(struct shadow *w)
{
    w->scopes[w->depth++] = shadow_table_copy(&w->now);
}

static inline void shadow_keep(struct shadow *w)
{
    shadow_table_free(&w->scopes[--w->depth]);
}

static inline void shadow_undo(struct shadow *w)
{
    struct shadow_table *was = &w->scopes[--w->depth];
    for (uint32_t i = 0; i < was->n; i++) {
        struct shadow_object born = was->at[i];
        was->at[i] = w->now.at[i];
        w->now.at[i] = born;
    }
    shadow_table_free(was);
}

/* ---- lists --------------------------------------------------------------- */

static inline void shadow_insert(struct shadow_object *o, uint32_t at,
                                 uint64_t item)
{
    shadow_resize(o, o->n + 1);
    memmove(o->words + at + 1, o->words + at, 8 * (size_t)(o->n - 1 - at));
    o->words[at] = item;
}

static inline uint64_t shadow_remove(struct shadow_object *o, uint32_t at)
{
    uint64_t item = o->words[at];
    memmove(o->words + at, o->words + at + 1, 8 * (size_t)(o->n - 1 - at));
    o->n--;
    return item;
}

static inline void shadow_swap(struct shadow_object *o, uint32_t i, uint32_t j)
{
    uint64_t item = o->words[i];
    o->words[i] = o->words[j];
    o->words[j] = item;
}

#endif
