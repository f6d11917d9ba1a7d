/* format.h - the format specifiers of string interpolation.
 *
 *   spec := [< > ^] [0] [width] [.precision] [x | b | o | e | #x | #b | #o]
 *
 * Width counts code points and is a minimum; numbers stand right, text left.
 * 0 fills with zeros behind the sign and base prefix, whatever the alignment
 * says; inf and nan are filled with spaces.  An int in another base is its
 * sign and magnitude.  Precision is the digits after a float's point, and
 * cuts a str to that many code points.  `e` is C's %e.
 *
 * Laying out takes two passes, because nothing here allocates: called with
 * out NULL a function returns the bytes it needs, called with room for them
 * it writes them.  There is no NUL. */
#ifndef PAL_BASE_FORMAT_H
#define PAL_BASE_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FORMAT_NUMBER_MAX = 65535 }; /* of a width, of a precision */

struct format_spec {
    char align; /* '<' '>' '^', or 0: as the value's kind has it */
    bool zero;
    bool prefix; /* '#': 0x, 0b, 0o */
    char base;   /* 'x' 'b' 'o' 'e', or 0 */
    uint32_t width;
    int32_t precision; /* -1: none */
};

/* What a specifier is applied to; a bool is laid out as its text. */
enum format_kind { FORMAT_INT, FORMAT_FLOAT, FORMAT_STR };

/* Reads s[0..n) into *spec.  Returns NULL, or what is wrong with it: the
 * middle of a sentence, such as "the width is over 65535". */
const char *format_parse(struct format_spec *spec, const char *s, size_t n);
/* Whether spec suits a value of the kind; returns as format_parse does. */
const char *format_check(const struct format_spec *spec, enum format_kind k);

size_t format_int(const struct format_spec *spec, int64_t v, char *out);
size_t format_float(const struct format_spec *spec, double v, char *out);
/* s[0..n) is valid UTF-8. */
size_t format_str(const struct format_spec *spec, const char *s, size_t n,
                  char *out);

#endif
