/* image_file.h - the form of a .pvmb file; private to pvm/.
 *
 *   +0   magic        8 bytes: 89 'P' 'V' 'M' 0d 0a 1a 0a
 *   +8   version      u32
 *   +12  sections     u32, their number
 *   +16  length       u64, of the whole file
 *   +24  checksum     u64, of header and table, with zero in its place
 *   +32  table        a row per section, in the order of PVM_SECTIONS:
 *                     id u32, zero u32, raw u64, stored u64, checksum u64
 *   then the sections' stored bytes, one behind the other
 *
 * All numbers are little-endian.  A section of `raw` bytes is stored as one
 * zstd frame, or as it is where that would be no shorter: then stored equals
 * raw.  Checksums are XXH64 of the stored bytes, so damage is found before
 * anything is unpacked.  A frame unpacks to at most PVM_RATIO_MOST times its
 * length and a file to at most PVM_RAW_MOST bytes: the writer keeps to it,
 * and the reader allocates by it.
 *
 * Records within a section are packed.  A list stands behind its u32 count;
 * code, consts and text are as long as their section says. */
#ifndef PAL_PVM_IMAGE_FILE_H
#define PAL_PVM_IMAGE_FILE_H

#include "runtime/pvm/image.h"

#define PVM_MAGIC "\x89PVM\r\n\x1a\n"

/* SECTION(id, NAME, name) */
#define PVM_SECTIONS(SECTION)                                                  \
    SECTION(1, HEAD, "head")       /* globals, init, main: u32 each */         \
    SECTION(2, CODE, "code")       /* u64 each */                              \
    SECTION(3, CONSTS, "consts")   /* u64 each */                              \
    SECTION(4, TEXT, "text")       /* bytes */                                 \
    SECTION(5, STRINGS, "strings") /* list of: at, len */                      \
    SECTION(6, TYPES, "types")     /* list of: see put_type */                 \
    SECTION(7, FNS, "functions")   /* list of: see put_fn */                   \
    SECTION(8, JOINS, "joins")     /* list of: see put_join */                 \
    SECTION(9, IMPORTS, "imports") /* list of: name, signature */              \
    SECTION(10, LINES, "lines")    /* list of: pc, line, column */             \
    SECTION(11, TESTS, "tests")    /* list of: name, fn, file, line */

enum {
    PVM_FILE_VERSION = 2,
#define SECTION(id, NAME, name) PVM_SECTION_##NAME = (id)-1,
    PVM_SECTIONS(SECTION)
#undef SECTION
        PVM_NSECTIONS,
    PVM_HEADER_BYTES = 32,
    PVM_ROW_BYTES = 32,
    PVM_CHECKSUM_AT = 24,
    PVM_SECTIONS_AT = PVM_HEADER_BYTES + PVM_NSECTIONS * PVM_ROW_BYTES,
    PVM_RATIO_MOST = 1024,
    PVM_RAW_MOST = 1 << 30
};

/* Least bytes of a record, by which a count is bounded before memory is
 * taken for it. */
enum {
    PVM_STRING_BYTES = 8,
    PVM_TYPE_BYTES = 22,
    PVM_FIELD_BYTES = 13,
    PVM_FN_BYTES = 36,
    PVM_VALUE_BYTES = 5,
    PVM_JOIN_BYTES = 12,
    PVM_LIVE_BYTES = 7,
    PVM_IMPORT_BYTES = 8,
    PVM_LINE_BYTES = 12,
    PVM_TEST_BYTES = 16
};

/* pvm_write, with every section as it is if `plain` is set.  Nobody needs such
 * a file, but tests that change bytes in one. */
enum pal_status pvm_write_(const struct pvm_image *im, bool plain,
                           struct mem *m, uint8_t **out, size_t *n);

/* Fills err and returns PAL_FORMAT. */
enum pal_status pvm_error_at_(struct pvm_error *err, uint32_t pc,
                              const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Whether all that an image says of itself holds: counts, spans, indices,
 * UTF-8, layouts of types.  Of the code it only looks at the length. */
enum pal_status pvm_check_(const struct pvm_image *im, struct pvm_error *err);

#endif
