/* check_rev.h - the rules of reversible functions.
 *
 *   check_rev.c          statements
 *   check_rev_local.c    `local` and `delocal`
 *   check_rev_say.c      what is refused, why, and what to write instead
 *   check_rev_kinds.c    sets of kinds of memory
 *   check_rev_effects.c  what functions read and write
 *   check_rev_new.c      which objects a function made itself
 *   check_rev_pure.c     expressions do nothing but compute
 *   check_rev_hold.c     what a statement reads must be as before when it ends
 *   check_rev_cond.c     conditions that can never hold
 *
 * While bodies are checked, check_rev.c gives each statement its types and
 * refuses what loses information whatever the rest of the program does.  When
 * all bodies are known, rev_check looks at every reversible function without
 * an error once more: check_rev_hold.c compares what each statement writes
 * with what it reads, through calls as well.
 *
 * Memory is told apart by kinds: a field of a struct type, the elements of a
 * list type, the length of a list type, a global.  Two places of different
 * kinds are never one.  A local variable or parameter is no kind: only the
 * statements that name it touch it. */
#ifndef PAL_FRONTEND_CHECK_REV_H
#define PAL_FRONTEND_CHECK_REV_H

#include "frontend/check.h"

/* A `local` whose `delocal` is still to come. */
struct rev_local {
    struct ast *node; /* LOCAL */
    struct rev_local *up;
};

/* check_rev.c */
/* The body or an inner block of a reversible function. */
void rev_block(struct checker *c, struct ast *e);
/* A block that stands in an expression of a reversible function. */
struct type *rev_value_block(struct checker *c, struct ast *e,
                             struct type *hint);
/* `uncall`, in any function. */
void rev_uncall(struct checker *c, struct ast *e);
/* Whether a call of built-in s moves a value: push(s, &x), pop(s, &x). */
bool rev_is_move(struct checker *c, struct ast *e, const struct sym *s,
                 const struct ast *receiver);
struct type *rev_move(struct checker *c, struct ast *e, const struct sym *s,
                      struct ast *receiver);
/* Whether t has a zero that push leaves and pop asks for. */
bool rev_has_zero(const struct type *t);
/* Whether e makes an object that nothing else refers to. */
bool rev_is_new(const struct ast *e);

/* The same, and of all objects that it holds. */
bool rev_is_all_new(const struct ast *e);
/* Whether objects of the type refer to others. */
bool rev_holds_refs(const struct type *t);

/* check_rev_local.c */
void rev_local(struct checker *c, struct ast *e);
/* `floor`: the newest local that is open outside the block. */
void rev_delocal(struct checker *c, struct ast *e, struct rev_local *floor);
/* Reports the locals that a block leaves open. */
void rev_close_locals(struct checker *c, struct rev_local *floor,
                      const struct ast *block);

/* check_rev_say.c */
/* Reports an expression or statement that no reversible function has; false
 * where its kind is none of these. */
bool rev_refuses(struct checker *c, struct ast *e);
void rev_say_assign(struct checker *c, struct ast *e);
void rev_say_bind(struct checker *c, struct ast *e);
/* An IF, or a RIF in a chain, without `fi`. */
void rev_say_if(struct checker *c, struct ast *e);
void rev_say_call(struct checker *c, struct ast *e);
/* An update by an operator that loses bits, or of a type it is not for; false
 * where it is fine. */
bool rev_say_update(struct checker *c, struct ast *e, int op, struct type *t,
                    struct span at);
/* A variable that cannot be updated.  Gives the error type. */
struct type *rev_say_fixed(struct checker *c, struct ast *e, struct sym *s);

/* ---- sets of kinds of memory: check_rev_kinds.c -------------------------- */

struct rev;

struct kinds {
    uint64_t *words; /* bits by number */
    uint32_t n;
    bool all; /* any kind, and which is not known */
};

/* True when something was added. */
bool kinds_add_all(struct rev *r, struct kinds *to, const struct kinds *from);
/* The elements of a list type, and its length where that is meant too. */
void kinds_add_list(struct rev *r, struct kinds *to, struct type *list,
                    bool length_too);
void kinds_add_length(struct rev *r, struct kinds *to, struct type *list);
void kinds_add_field(struct rev *r, struct kinds *to, const struct field *f);
void kinds_add_global(struct rev *r, struct kinds *to, const struct sym *s);
/* What a place is: nothing for a variable that is no global. */
void kinds_add_place(struct rev *r, struct kinds *to, const struct ast *place);
/* All that comparing or printing a value of the type reads; copying it. */
void kinds_add_deep(struct rev *r, struct kinds *to, struct type *t);
void kinds_add_shallow(struct rev *r, struct kinds *to, struct type *t);
/* Whether a value is a reference to what may change, or leads to it. */
static inline bool rev_is_object(const struct type *t)
{
    return type_is_ref(t) && t->kind != TYPE_STR &&
           !(t->kind == TYPE_OPTION && t->args[0]->kind == TYPE_STR);
}
/* The places in objects of the type, and in those they hold, that refer to
 * objects. */
void kinds_add_refs(struct rev *r, struct kinds *to, const struct type *t);
bool kinds_meet(const struct kinds *a, const struct kinds *b);
bool kinds_empty(const struct kinds *k);
bool kinds_have_global(struct rev *r, const struct kinds *k,
                       const struct sym *s);

/* ---- what functions touch: check_rev_effects.c --------------------------- */

/* What makes a function more than a computation. */
enum act {
    ACT_WRITE = 1, /* memory that was there before the call */
    ACT_WORLD = 2, /* output, the end of the program */
    ACT_SCOPE = 4  /* an undo scope */
};

struct effects;

struct effects_call {
    struct effects *to;
    const struct call *call;
};

struct effects {
    struct top *fn;
    struct kinds reads, writes;
    struct kinds far;   /* touched, but not as a parameter's own object */
    struct kinds *near; /* by parameter: touched in the object it refers to */
    uint8_t acts;       /* enum act, through calls too */
    uint8_t memory;     /* written: bits by enum ir_memory, through calls too */
    uint8_t first;      /* enum act: what `why` does */
    struct ast *why;    /* what acts in its own body first, or NULL */
    VEC(struct effects_call) calls;
};

/* What is known against a variable that refers to an object: nothing; the
 * object is new but may hold old ones; nothing in its favour. */
enum held { HELD_NEW, HELD_SHALLOW, HELD_OLD };

/* What reversible functions and those they call touch. */
struct rev {
    struct checker *c;
    VEC(struct effects *) all;
    struct kind_slot *slots; /* of the numbers of kinds */
    uint32_t nkinds, cap;
    bool plain;           /* check_rev_hold.c is at ordinary code */
    struct kinds written; /* by the function that check_rev_hold.c is at */
};

/* Collects the effects of all functions that reversible ones lead to. */
void effects_collect(struct rev *r);
/* The effects of a function that was reached. */
struct effects *effects_of(struct rev *r, struct sym *fn);
/* Adds what evaluating an expression reads; `direct` false: without the
 * fields and elements that stand in it by themselves. */
void effects_read(struct rev *r, struct kinds *to, struct ast *e, bool direct);
/* Whether a built-in function only computes; one that is not known here does
 * not. */
bool effects_computes(int builtin);

/* check_rev_new.c: sets `held` of the variables of a body. */
void held_find(struct ast *body);
/* What is then known of the object that an expression refers to. */
enum held held_of(const struct ast *e);

/* ---- after the bodies ---------------------------------------------------- */

/* Checks what the reversible functions read and write. */
void rev_check(struct checker *c);
/* check_rev_pure.c: refuses what acts in an expression. */
void pure_check(struct rev *r, struct ast *e);
/* check_rev_local.c: of a LOCAL that makes an object which holds others: that
 * none is exchanged.  `written`: all that its function writes. */
void rev_local_hold(struct rev *r, struct ast *e, const struct kinds *written);
/* check_rev_hold.c: one function's body. */
void hold_check(struct rev *r, struct ast *body);
/* Whether a statement updates the variable. */
bool hold_updates(struct rev *r, struct ast *e, const struct sym *s);
/* Whether two expressions are the same text over the same variables. */
bool hold_same(const struct ast *a, const struct ast *b);

/* check_rev_cond.c: notes the conditions of the body and refutes what can
 * never hold. */
void cond_check(struct rev *r, struct ast *body);
/* e as a variable plus a constant; *sym NULL: a constant.  False where it is
 * neither. */
bool cond_linear(const struct ast *e, const struct sym **sym, uint64_t *add);

#endif
