/* invert_source.h - the inverse of a reversible function, as source.
 *
 * It works on the tree as parsed, before any checking, and makes a tree that
 * print_source writes.  Applied twice it gives the statements of the original
 * again; a test shows this for each construct.
 *
 *   a sequence                 its inverses, last first
 *   x += e  -=  ^=  <<<=  >>>= x -= e  +=  ^=  >>>=  <<<=
 *   neg inv <=> assert, xs.swap(i, j), xs.reverse()     themselves
 *   push(s, &x)                pop(s, &x)
 *   if c {A} else {B} fi d     if d {A'} else {B'} fi c; a chain keeps its
 *                              order and swaps c and d of each branch
 *   from c do {A} loop {B} until d    from d do {A'} loop {B'} until c
 *   local t = e ... delocal t = d     local t = d ... delocal t = e
 *   within {A} apply {B}       within {A} apply {B'}
 *   g(...)                     uncall g(...)
 *
 * The inverse of f is named f_inverse, that of f_inverse is f.  Where the
 * function calls itself or its inverse, by the plain name, the call changes the
 * name and not the direction: f(...) becomes f_inverse(...), uncall f(...)
 * uncall f_inverse(...).  All others change the direction and not the name.  So
 * both may stand in one file, and a recursive inverse needs no original.  The
 * A of a `within` is the same in both, with calls of f where it has them.
 *
 * Where the inverses take the place of all reversible functions of a file, all
 * calls of these change the name, and within A and outside them the direction
 * as well: what was g(...) is uncall g_inverse(...).
 *
 * There is no `for` that counts down, so its inverse counts up and mirrors:
 *
 *   for i in a..b { A }        for i_back in a..b {
 *                                  local i = a + b - 1 - i_back
 *                                  A'
 *                                  delocal i = a + b - 1 - i_back
 *                              }
 *
 * A loop of this form becomes the plain one again; one whose A does not name i
 * needs no mirror. */
#ifndef PAL_FRONTEND_INVERT_SOURCE_H
#define PAL_FRONTEND_INVERT_SOURCE_H

#include "frontend/sema.h"
#include "runtime/mem/bytes.h"

/* The inverse of an FN node of kind AST_FN_REV in u->file, without its doc
 * comment; in the unit's arena, expressions shared with fn.  NULL where a
 * statement has none: each such was reported (E0601).  `all`: it stands among
 * the inverses of all others, so all calls change the name. */
struct ast *invert_fn(struct unit *u, struct ast *fn, bool all);

/* Adds the text of the whole file with its reversible functions written as
 * their inverses; false where one has none, which was reported. */
bool invert_file(struct unit *u, struct bytes *out);

/* What the inverse of a function of this name is called. */
const struct name *invert_name(struct unit *u, const struct name *name);

#endif
