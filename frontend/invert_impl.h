/* invert_impl.h - between the files of the inverter: invert_source.c has
 * functions and statements, invert_call.c calls, invert_for.c loops over
 * ranges. */
#ifndef PAL_FRONTEND_INVERT_IMPL_H
#define PAL_FRONTEND_INVERT_IMPL_H

#include "frontend/invert_source.h"

struct inverter {
    struct unit *u;
    const struct name *name, *inverse; /* of the function at hand */
    bool all;    /* the file's other reversible functions are inverted, too */
    bool turned; /* what stands already has the names of the inverses */
    bool failed; /* a statement has no inverse */
};

enum {
#define NODE(KIND, name, GROUP, fields) INVERT_##name = AST_##KIND,
#include "frontend/ast.def"
#undef NODE
};
/* A node with these fields that stands where `like` does. */
#define INVERT_MAKE(v, like, name, ...)                                        \
    invert_make(v, like, (enum ast_kind)INVERT_##name,                         \
                &(struct ast_##name){__VA_ARGS__}.head)
struct ast *invert_make(struct inverter *v, const struct ast *like,
                        enum ast_kind kind, const struct ast *fields);

/* Reports that a node has no inverse, `what` saying which: "`let`"; with help
 * where it is not NULL.  Returns the node, which stands in for the inverse. */
struct ast *invert_refuse(struct inverter *v, struct ast *node,
                          const char *what, const char *help);

/* The inverse of a block; NULL for NULL. */
struct ast *invert_block(struct inverter *v, struct ast *block);
/* The inverses of these statements, in the order they are to run. */
struct ast_nodes invert_stmts(struct inverter *v, const struct ast_nodes *l);
/* The DELOCAL of the LOCAL at l->at[i], or the LOCAL of the DELOCAL there:
 * each is the next of the name from the other.  NULL where there is none. */
struct ast *invert_pair(const struct ast_nodes *l, uint32_t i);

/* The name called, as f(...) or x.f(...); NULL where it is another module's
 * or no name at all. */
const struct name *invert_called(const struct inverter *v,
                                 const struct ast_call *call);
/* The file's function of the name, or NULL. */
struct ast_fn *invert_declared(const struct inverter *v,
                               const struct name *name);
struct ast *invert_call(struct inverter *v, struct ast *call);
struct ast *invert_uncall(struct inverter *v, struct ast *uncall);
struct ast *invert_for(struct inverter *v, struct ast *loop);

#endif
