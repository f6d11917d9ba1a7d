/* stdlib.h - the sources of the standard library, in stdlib/, as they were when
 * this program was built.  The Makefile writes the table. */
#ifndef PAL_FRONTEND_STDLIB_H
#define PAL_FRONTEND_STDLIB_H

#include <stdint.h>

struct stdlib_file {
    const char *name; /* of the module */
    const char *path; /* stdlib/NAME.pal */
    const char *text; /* text[len] is NUL */
    uint32_t len;
};

/* In order of their names. */
extern const struct stdlib_file stdlib_files[];
extern const uint32_t stdlib_nfiles;

#endif
