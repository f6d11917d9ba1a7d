/* cmd_check.c - `pal check` and `pal explain`: diagnostics. */
#include <ctype.h>
#include <stdio.h>
#include <strings.h>

#include "frontend/driver/driver.h"

/* An image or its text: what is wrong with one is an error of its own. */
static int check_image(struct driver *d, struct source *src)
{
    struct pvm_image *im = image_of(d, src);

    if (d->json)
        printf("[]\n");
    if (!im)
        return RUN_USAGE;
    pvm_free(im);
    return RUN_DONE;
}

/* One line for each condition that a reversible function asserts, its text on
 * one line. */
static void list_assertions(const struct unit *u)
{
    static const char *const states[] = {"checked", "refuted"};

    for (uint32_t i = 0; i < u->assertions.n; i++) {
        const struct assertion *a = &u->assertions.at[i];
        const char *s = u->src->text + a->of->pos;
        uint32_t line, column;
        source_place(u->src, a->of->pos, &line, &column);
        printf("%s:%u:%u %s %s: ", u->src->path, line, column, a->word,
               states[a->state]);
        for (uint32_t k = 0; k < a->of->end - a->of->pos; k++)
            putchar(s[k] == '\n' || s[k] == '\t' || s[k] == '\r' ? ' ' : s[k]);
        putchar('\n');
    }
}

int cmd_check(struct driver *d)
{
    struct source *src;
    struct unit *u;
    bool failed;
    int status;

    if (d->try && d->json)
        return say_error("--round-trip and --format=json exclude each other");
    if (d->fn && !d->try)
        return say_error("FN is for --round-trip");
    src = load_source(d);
    if (!src)
        return RUN_USAGE;
    if (is_compiled(d, src))
        return check_image(d, src);
    u = check_source(d, src);
    if (!u)
        return RUN_USAGE;
    failed = diags_errors(u->diags) != 0;
    if (d->json) {
        struct bytes text = bytes_in(d->mem);
        diags_json(u->diags, &text);
        if (text.n)
            fwrite(text.at, 1, text.n, stdout);
        bytes_free(&text);
    } else {
        if (d->assertions)
            list_assertions(u);
        show_diags(d, u);
    }
    status = failed ? RUN_USAGE : d->try ? check_round_trip(d, u) : RUN_DONE;
    close_unit(d, u);
    return status;
}

/* Prints text in lines of at most 76 columns. */
static void print_filled(const char *s)
{
    while (*s) {
        size_t n = 0, end = 0;
        for (; s[n] && n <= 76; n++)
            if (s[n] == ' ')
                end = n;
        if (!s[n] || !end)
            for (end = n; s[end] && s[end] != ' '; end++)
                ;
        printf("%.*s\n", (int)end, s);
        s += end;
        while (*s == ' ')
            s++;
    }
}

/* Prints a message with `...` for what its arguments would be; a plural ending
 * is one of them. */
static void print_title(const char *code, const char *message)
{
    printf("%s: ", code);
    for (const char *s = message; *s; s++) {
        if (*s != '%') {
            putchar(*s);
            continue;
        }
        fputs(s > message && isalpha((unsigned char)s[-1]) ? "s"
                                                           : "\xe2\x80\xa6",
              stdout);
        s++; /* rows use %s and %u alone */
    }
    printf("\n\n");
}

int cmd_explain(struct driver *d)
{
    static const struct {
        const char *code, *message, *explanation;
    } rows[] = {
#define DIAG(CODE, SEVERITY, message, explanation)                             \
    {#CODE, message, explanation},
#include "frontend/diag.def"
#undef DIAG
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strcasecmp(rows[i].code, d->path))
            continue;
        print_title(rows[i].code, rows[i].message);
        print_filled(rows[i].explanation);
        return RUN_DONE;
    }
    return say_error("there is no diagnostic %s", d->path);
}
