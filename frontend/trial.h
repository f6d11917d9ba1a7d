/* trial.h - arguments to try a function with: made at random, written as
 * source, and made simpler while what they show stays.
 *
 * A value is a graph, as objects are: what stands at two places is one object.
 * (Trying with random arguments and simplifying those that fail: Claessen and
 * Hughes, QuickCheck, 2000.) */
#ifndef PAL_FRONTEND_TRIAL_H
#define PAL_FRONTEND_TRIAL_H

#include "frontend/sema.h"

struct trial_value {
    const struct type *type;
    int64_t word;               /* int, byte, bool; float, str: a number of
                                   the table of such; enum: the variant's */
    struct trial_value **parts; /* of lists, options, tuples, structs and
                                   variants; of a map: key, value, key, ... */
    uint32_t nparts;
    uint32_t seen; /* places met by the walk `walk` of the trial */
    uint32_t walk;
    uint32_t name; /* of the variable in the text; 0: none */
};

struct trial {
    struct unit *u;
    struct arena *arena;
    struct sym *fn;
    struct trial_value **args; /* by parameter */
    uint64_t random;           /* the state of the generator */
    uint32_t length;           /* of most lists, and near most ints */
    VEC(struct trial_value *) objects;
    uint32_t walk;
};

/* Whether values of all types of fn's parameters can be made; else the type
 * that has none. */
const struct type *trial_lacks(struct unit *u, const struct sym *fn);

/* Makes arguments for fn in arena a; the same ones for the same seed. */
void trial_make(struct trial *t, struct unit *u, struct arena *a,
                struct sym *fn, uint64_t seed);

/* Adds declarations of variables, whose names begin with `prefix`, each after
 * `indent`, and a call of the function with them. */
void trial_print(struct trial *t, const char *prefix, const char *indent,
                 struct bytes *decls, struct bytes *call);

/* Makes the arguments simpler as long as they fail, with at most so many
 * tries.  They fail when this is called. */
void trial_shrink(struct trial *t, bool (*fails)(void *arg, struct trial *t),
                  void *arg, uint32_t tries);

#endif
