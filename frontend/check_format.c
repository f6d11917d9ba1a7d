/* check_format.c - whether a format specifier suits the type of its value.
 *
 * [<>^][0][width][.precision][x|b|o|e|#x|#b|#o], whose shape the lexer has
 * checked; what it asks for is judged here, so that nothing can fail when the
 * program runs. */
#include "frontend/check.h"

#include <string.h>

enum { FORMAT_MAX_DIGITS = 4 };

struct format {
    bool zero, precise, alternate;
    char form;        /* x b o e, 0: none */
    uint32_t longest; /* digits of width or precision, zeros in front apart */
};

/* Reads digits; the longest run counts. */
static const char *read_digits(const char *s, struct format *f)
{
    uint32_t n = 0;

    while (*s == '0')
        s++;
    for (; *s >= '0' && *s <= '9'; s++)
        n++;
    if (n > f->longest)
        f->longest = n;
    return s;
}

static struct format format_read(const char *s)
{
    struct format f = {0};

    if (*s && strchr("<>^", *s))
        s++;
    f.zero = *s == '0';
    s = read_digits(s, &f);
    if (*s == '.') {
        f.precise = true;
        s = read_digits(s + 1, &f);
    }
    f.alternate = *s == '#';
    if (f.alternate)
        s++;
    f.form = *s;
    return f;
}

/* What is wrong with the format for a value of type t, or NULL. */
static const char *fault(const struct format *f, const struct type *t)
{
    if (f->longest > FORMAT_MAX_DIGITS)
        return "width and precision are at most 9999";
    if (f->form == 'e' && t != &type_float)
        return "`e` is for floats";
    if (f->form && f->form != 'e' && !is_int(t))
        return "another base is for int and byte";
    if (f->precise && is_int(t))
        return "an int has no digits after the point to count";
    if (f->zero && !is_number(t))
        return "zeros are put before numbers only";
    return NULL;
}

void check_format(struct checker *c, struct ast *piece, struct type *t)
{
    const struct name *text = AS(piece, piece)->format;
    struct format f = format_read(text->text);
    const char *why = fault(&f, is_option(t) ? t->args[0] : t);
    struct ast *value = AS(piece, piece)->value;
    struct span at = span_of(c, piece);

    if (!why)
        return;
    if (piece->end - value->end > text->len)
        at = span_at(c, piece->end - text->len, piece->end);
    diag_at(c->u->diags, E0226, at, text->text, say_type(c, t));
    diag_label(c->u->diags, span_of(c, value), "%s", why);
    if (f.precise && is_int(t))
        diag_help(c->u->diags, "for a width leave out the point; for decimals "
                               "convert the value with `float(...)`");
}
