/* exe.h - an executable that holds its image: pvmr and one section more.
 *
 *   ELF header | pvmr as it was | image | section names | section headers
 *
 * The image is a section of the file, not of the process: strip and objcopy
 * keep it and move it as they like, so it is looked for by name in the file
 * that runs.  A mark among pvmr's constants says that there is one: where the
 * image cannot be found or the file may not be read, that is an error, and
 * the program never behaves as pvmr. */
#ifndef PAL_DRIVER_EXE_H
#define PAL_DRIVER_EXE_H

#include "runtime/mem/bytes.h"

/* Adds to out the executable made of pvmr's file and an image.  NULL, or why
 * that file does not serve. */
const char *exe_make(const struct bytes *pvmr, const void *image, size_t n,
                     struct bytes *out);

/* Whether the running program is such an executable. */
bool exe_holds_image(void);
/* Reads its image into out.  NULL, or why not. */
const char *exe_read_image(struct bytes *out);

#endif
