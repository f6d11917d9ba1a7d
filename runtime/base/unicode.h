/* unicode.h - properties of code points and forms of text, over utf8proc.
 *
 * A code point is any number; what is none has no property and maps to
 * itself.  Case maps one code point to one, but for folding. */
#ifndef PAL_BASE_UNICODE_H
#define PAL_BASE_UNICODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* White_Space. */
bool unicode_is_space(uint32_t c);
/* By general category: L*, Nd, Lu, Ll. */
bool unicode_is_alpha(uint32_t c);
bool unicode_is_digit(uint32_t c);
bool unicode_is_upper(uint32_t c);
bool unicode_is_lower(uint32_t c);
/* The general category's two letters, such as "Lu"; "Cn" where c is none. */
const char *unicode_category(uint32_t c);

uint32_t unicode_upper(uint32_t c);
uint32_t unicode_lower(uint32_t c);
uint32_t unicode_title(uint32_t c);

/* Columns on a terminal: 0 for what combines and for controls, 2 for what is
 * wide in East Asia. */
unsigned unicode_width(uint32_t c);

/* Whether a grapheme cluster ends between two neighbours; *state is 0 at the
 * start of a text. */
bool unicode_breaks(uint32_t before, uint32_t after, int32_t *state);

/* ---- full case folding, and normal forms --------------------------------- */

enum { UNICODE_MOST = 18 }; /* code points that one becomes */

enum unicode_form { UNICODE_NFD, UNICODE_NFC, UNICODE_NFKD, UNICODE_NFKC };

/* Writes what a code point folds to; returns how many they are. */
unsigned unicode_fold(uint32_t c, int32_t out[UNICODE_MOST]);
/* The same of its decomposition in a form. */
unsigned unicode_decompose(uint32_t c, enum unicode_form form,
                           int32_t out[UNICODE_MOST]);
/* Puts decomposed text into the form's order and composition, in place, with
 * as much spare room; returns how many code points are left.  Takes linear
 * time. */
size_t unicode_compose(int32_t *text, size_t n, int32_t *spare,
                       enum unicode_form form);

#endif
