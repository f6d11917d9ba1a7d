/* cmd_ast.c - `pal ast`: the syntax tree as text. */
#include "frontend/driver/driver.h"

int cmd_ast(struct driver *d)
{
    struct unit *u = load_unit(d);
    struct bytes text = bytes_in(d->mem);
    int status = RUN_USAGE;

    if (!u)
        return RUN_USAGE;
    if (!u->src->len) { /* what parses may still be no program */
        say_error("%s is empty", d->path);
    } else if (show_diags(d, u)) {
        ast_print(u->file, &text);
        status = write_out(d, text.at, text.n, false);
    }
    bytes_free(&text);
    close_unit(d, u);
    return status;
}
