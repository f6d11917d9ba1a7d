/* lower_rev.h - what lower_rev.c, which knows statements and control,
 * lower_rev_update.c, which knows places and values, and lower_rev_words.c
 * share. */
#ifndef PAL_FRONTEND_LOWER_REV_H
#define PAL_FRONTEND_LOWER_REV_H

#include "frontend/lower.h"

/* A statement of a reversible function. */
void rev_stmt(struct lower *l, struct ast *s);
/* Updates, swaps, calls. */
void rev_update(struct lower *l, struct ast *s);

/* A variable that joins the state with a linear value; sym NULL: a held one. */
uint32_t rev_begin(struct lower *l, struct sym *sym, ir_val v);
/* It leaves the state; its value. */
ir_val rev_end(struct lower *l, uint32_t var);

/* The value of an expression, by pure ops of the group at hand.  One that
 * divides control becomes a function of its own. */
ir_val rev_value(struct lower *l, struct ast *e);

/* Values held over a statement, in the order in which they were taken. */
struct rev_held {
    struct ast *e;
    uint32_t var;
};
struct rev_holds {
    VEC(struct rev_held) list;
};
/* Holds the value of e; gives the variable. */
uint32_t rev_hold(struct lower *l, struct rev_holds *h, struct ast *e);
/* Compares all of them with what they are now, where the checker asked for
 * that, and ends them. */
void rev_drop(struct lower *l, struct rev_holds *h);

/* Notes which lines of a body update which variables, for the words. */
void rev_find_updates(struct lower *l, struct ast *body);
/* Adds the source of e, on one line and kept short. */
void rev_add_source(struct lower *l, struct bytes *b, const struct ast *e);
/* The words of a promise: "`fi x == 0` (updated in lines 3 and 4)". */
int64_t rev_words(struct lower *l, const char *keyword, struct ast *e);
/* Of one that two places of statement e are not one. */
int64_t rev_words_apart(struct lower *l, struct ast *e);
/* Of one that a place passed with `&` does not lie in another argument. */
int64_t rev_words_lent(struct lower *l, const struct call *c, uint32_t place,
                       uint32_t arg);
/* Those of one that is proved: none. */
int64_t rev_no_words(struct lower *l);

#endif
