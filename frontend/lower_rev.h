/* lower_rev.h - what lower_rev.c, which knows statements and control, and
 * lower_rev_update.c, which knows places, values and words, share. */
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

/* The words of a promise: "`fi x == 0`, updated in lines 3 and 4". */
int64_t rev_words(struct lower *l, const char *keyword, struct ast *e);
/* Those of one that is proved: none. */
int64_t rev_no_words(struct lower *l);

#endif
