/* options.h - the options of a command line, as rows of tables.
 *
 * A program gathers the rows that a command takes in a list; help text,
 * reading and did-you-mean go over that list.  A value stands behind `=` or is
 * the next argument; one that may be missing stands behind `=` alone. */
#ifndef PAL_DRIVER_OPTIONS_H
#define PAL_DRIVER_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct option {
    const char *name;  /* "--heap" or "-o" */
    const char *value; /* as help shows it: "SIZE", or "[=N]" when it may be
                          missing; NULL: none */
    const char *help;  /* NULL: not listed */
    unsigned set;      /* bits: which commands take it */
    int id;            /* unique in a list */
};

enum { OPTIONS_MOST = 32 };
struct option_list {
    const struct option *rows[OPTIONS_MOST];
    size_t n;
};

/* Adds those of n rows that are in one of the sets. */
void options_add(struct option_list *l, const struct option *rows, size_t n,
                 unsigned sets);
/* Prints the list for help. */
void options_print(const struct option_list *l);
/* Reads the option at *argv and moves on behind it and its value.  *value is
 * NULL when it has none.  NULL with a message in why (n bytes) when there is
 * no such option, or its value is missing or too much. */
const struct option *options_take(const struct option_list *l, char ***argv,
                                  const char **value, char *why, size_t n);
/* Whether an argument is an option: `-` is a file, `--` ends them. */
static inline bool option_is(const char *arg)
{
    return arg[0] == '-' && arg[1];
}

/* A size such as 64K, 512M or 2G; false when it is none. */
bool option_size(const char *s, uint64_t *to);

#endif
