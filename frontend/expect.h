/* expect.h - what expect.c and expect_help.c share. */
#ifndef PAL_FRONTEND_EXPECT_H
#define PAL_FRONTEND_EXPECT_H

#include "frontend/make.h"

struct habit { /* a list of them ends with word NULL */
    const char *word, *help;
};
/* What there is to say of a word, or NULL. */
const char *find_habit(const struct habit *list, const struct token *t);

static inline struct span span_of(const struct parse *p, uint32_t pos,
                                  uint32_t end)
{
    return (struct span){p->u->src, pos, end};
}

/* Whether the token before the refused one began a statement. */
bool was_first(const struct parse *p);
/* Whether the innermost bracket holds parameters or fields. */
bool in_declaration(const struct parse *p);
/* Whether the brackets around it hold variants, or the payload of one. */
bool in_enum(const struct parse *p);
/* An operator first on its line, behind a statement that has ended. */
bool leads_line(const struct parse *p, const struct token *t);
/* Adds to the diagnostic about t what helps. */
void expect_help(struct parse *p, const struct token *t, const bool *ok);

#endif
