/* print_literal.c - numbers and strings as source text. */
#include <inttypes.h>
#include <string.h>

#include "frontend/print_impl.h"
#include "runtime/base/number.h"
#include "runtime/base/utf8.h"

/* ---- strings ------------------------------------------------------------- */

/* A code point in a literal between these quotes. */
static void print_code_point(struct printer *p, uint32_t cp, char quote)
{
    static const char letters[] = "ntr0", values[] = "\n\t\r";
    const char *known = cp < ' ' ? memchr(values, (int)cp, 4) : NULL;
    char text[UTF8_MAX];

    if (known)
        bytes_printf(p->out, "\\%c", letters[known - values]);
    else if (cp < ' ' || cp == 0x7f)
        bytes_printf(p->out, "\\x%02x", cp);
    else if (cp == '\\' || cp == (unsigned char)quote ||
             (cp == '{' && quote == '"'))
        bytes_printf(p->out, "\\%c", (char)cp);
    else
        bytes_add(p->out, text, utf8_encode(cp, text));
}

/* The text between the quotes of a string. */
static void print_text(struct printer *p, struct ast_bytes text)
{
    for (uint32_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        if (c < 0x80)
            print_code_point(p, c, '"');
        else
            bytes_byte(p->out, c);
    }
}

/* Sets *arg where a `let` with a type stands below: in a string its `:` would
 * begin a format. */
static void find_typed_let(void *arg, struct ast *node)
{
    bool *found = arg;

    if (node->kind == AST_COND_LET && AS(cond_let, node)->type)
        *found = true;
    if (!*found)
        ast_children(node, find_typed_let, arg);
}

static void print_piece(struct printer *p, struct ast_piece *n)
{
    bool brackets = false;

    find_typed_let(&brackets, n->value);
    print_str(p, brackets ? "{(" : "{");
    print_expr(p, n->value);
    print_str(p, brackets ? ")" : "");
    if (n->format) {
        print_str(p, ":");
        print_name(p, n->format);
    }
    print_str(p, "}");
}

static void print_interp(struct printer *p, const struct ast_nodes *parts)
{
    print_str(p, "\"");
    for (uint32_t i = 0; i < parts->n; i++) {
        struct ast *part = parts->at[i];
        if (part->kind == AST_STR)
            print_text(p, AS(str, part)->value);
        else
            print_piece(p, AS(piece, part));
    }
    print_str(p, "\"");
}

/* ---- numbers ------------------------------------------------------------- */

static void print_int(struct printer *p, const struct ast_int *n)
{
    switch ((enum ast_int_form)n->form) {
    case AST_INT_DECIMAL: bytes_printf(p->out, "%" PRIu64, n->value); break;
    case AST_INT_HEX: bytes_printf(p->out, "0x%" PRIx64, n->value); break;
    case AST_INT_OCTAL: bytes_printf(p->out, "0o%" PRIo64, n->value); break;
    case AST_INT_BINARY: {
        int bit = 63;
        print_str(p, "0b");
        while (bit && !(n->value >> bit))
            bit--;
        for (; bit >= 0; bit--)
            bytes_byte(p->out, (uint8_t)('0' + (n->value >> bit & 1)));
        break;
    }
    case AST_INT_CHAR:
        print_str(p, "'");
        print_code_point(p, (uint32_t)n->value, '\'');
        print_str(p, "'");
        break;
    }
}

static void print_float(struct printer *p, uint64_t bits)
{
    char text[NUMBER_FLOAT_MAX];
    double d;

    memcpy(&d, &bits, sizeof d);
    bytes_add(p->out, text, number_float_text(d, text));
}

/* ---- literals ------------------------------------------------------------ */

void print_literal(struct printer *p, struct ast *e)
{
    switch (e->kind) {
    case AST_INT: print_int(p, AS(int, e)); break;
    case AST_FLOAT: print_float(p, AS(float, e)->value); break;
    case AST_BOOL: print_str(p, AS(bool, e)->value ? "true" : "false"); break;
    case AST_NONE: print_str(p, "none"); break;
    case AST_STR:
        print_str(p, "\"");
        print_text(p, AS(str, e)->value);
        print_str(p, "\"");
        break;
    case AST_INTERP: print_interp(p, &AS(interp, e)->parts); break;
    }
}
