/* compile.c - from a path to a checked unit, to IR, to an image. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/backend.h"
#include "frontend/driver/driver.h"

int say_error(const char *format, ...)
{
    va_list ap;

    fflush(stdout);
    fprintf(stderr, "pal: ");
    va_start(ap, format);
    vfprintf(stderr, format, ap);
    va_end(ap);
    fputc('\n', stderr);
    return RUN_USAGE;
}

/* ---- units --------------------------------------------------------------- */

struct source *load_source(struct driver *d)
{
    struct bytes text = bytes_in(d->mem);
    struct source *src = NULL;
    char why[4200];

    if (run_read_file(d->path, &text, why, sizeof why)) {
        d->source += text.n;
        const char *name = strcmp(d->path, "-") ? d->path : "<stdin>";
        bytes_byte(&text, 0); /* there is text even in an empty file */
        src = source_copy(d->mem, name, (const char *)text.at,
                          (uint32_t)text.n - 1);
    } else {
        say_error("%s", why);
    }
    bytes_free(&text);
    return src;
}

/* The same where only a source makes sense. */
static struct source *load_program(struct driver *d)
{
    struct source *src = load_source(d);

    if (!src || !is_compiled(d, src))
        return src;
    say_error("%s is compiled, no source text; `pal disasm` shows it", d->path);
    source_free(d->mem, src);
    return NULL;
}

struct unit *open_unit(struct driver *d, struct source *src)
{
    struct unit *u = unit_open(d->mem, src);

    u->files = true;
    u->stdlib = d->stdlib;
    return u;
}

struct unit *load_unit(struct driver *d)
{
    struct source *src = load_program(d);
    struct unit *u = src ? open_unit(d, src) : NULL;

    if (u)
        parse_unit(u);
    return u;
}

struct unit *check_source(struct driver *d, struct source *src)
{
    struct unit *u = open_unit(d, src);

    if (u && parse_unit(u))
        sema_check(u);
    return u;
}

struct unit *load_checked(struct driver *d)
{
    struct source *src = load_program(d);

    return src ? check_source(d, src) : NULL;
}

void close_unit(struct driver *d, struct unit *u)
{
    struct source *src = u->src;

    unit_close(u);
    source_free(d->mem, src);
}

bool show_diags(struct driver *d, struct unit *u)
{
    struct bytes text = bytes_in(d->mem);
    uint32_t errors = diags_errors(u->diags);

    diags_render(u->diags, d->run.colour, &text);
    if (text.n)
        fwrite(text.at, 1, text.n, stderr);
    if (errors)
        fprintf(stderr, "pal: %u error%s\n", errors, errors == 1 ? "" : "s");
    bytes_free(&text);
    return errors == 0;
}

/* ---- IR and images ------------------------------------------------------- */

/* Takes one function from lowering to the end of its way. */
static bool compile_fn(void *arg, struct ir_fn *f)
{
    struct compiler *c = arg;

    if (!f->rev && !ir_optimise(f, &c->opt, c->why, sizeof c->why))
        return false;
    if (!c->be)
        return ir_print_fn(f, &c->text);
    return be_function(c->be, f);
}

static void say_too_large(struct driver *d, struct unit *u, const char *why)
{
    diag_at(u->diags, E0401, u->refused);
    diag_note(u->diags, "%s", why);
    diag_help(u->diags, "move parts of it into functions of their own");
    show_diags(d, u);
}

bool compile_unit(struct driver *d, struct unit *u, struct compiler *c,
                  bool image)
{
    *c = (struct compiler){.mod = ir_module_open(d->mem)};
    c->text = bytes_in(d->mem);
    c->dump = bytes_in(d->mem);
    c->opt = (struct ir_opt){.level = d->level, .dump = d->dump};
    c->opt.dumped = &c->dump;
#ifndef NDEBUG
    c->opt.verify = true;
#endif
    if (image)
        c->be = be_open(d->mem, c->mod);
    if (lower_unit(u, c->mod, d->tests, compile_fn, c))
        return true;
    if (c->why[0] || u->why[0])
        say_error("%s: %s", d->path, c->why[0] ? c->why : u->why);
    else
        say_too_large(d, u, u->too_large ? u->too_large : be_error(c->be));
    return false;
}

void compiler_close(struct compiler *c)
{
    if (c->be)
        be_close(c->be);
    ir_module_close(c->mod);
    bytes_free(&c->text);
    bytes_free(&c->dump);
}

static struct pvm_image *compile_source(struct driver *d, struct source *src)
{
    struct unit *u = open_unit(d, src);
    struct pvm_image *im = NULL;
    struct compiler c;

    u->warn = d->command->run != cmd_run;
    if (!parse_unit(u) || !sema_check(u)) {
        show_diags(d, u);
        unit_close(u);
        return NULL;
    }
    show_diags(d, u);
    if (compile_unit(d, u, &c, true)) {
        im = be_finish(c.be);
        if (!im)
            say_error("%s: %s", d->path, be_error(c.be));
    }
    compiler_close(&c);
    if (im)
        cache_note_unit(d, u);
    unit_close(u);
    return im;
}

/* Where the first byte is that is no space; the length when there is none. */
static size_t first_word(const struct source *src)
{
    return strspn(src->text, " \t\r\n");
}

static struct pvm_image *assemble(struct driver *d, const struct source *src)
{
    struct pvm_image *im;
    struct pvm_text_error err;
    enum pal_status st;

    if (first_word(src) == src->len) {
        say_error("%s is empty", d->path);
        return NULL;
    }
    st = pvm_assemble(d->mem, src->text, src->len, &im, &err);
    if (!st)
        return im;
    if (st == PAL_FORMAT)
        fprintf(stderr, "%s:%u:%u: %s\n", d->path, err.line, err.column,
                err.text);
    else
        say_error("out of memory");
    return NULL;
}

static struct pvm_image *read_image(struct driver *d, const struct source *src)
{
    struct pvm_image *im;
    struct pvm_error err;
    enum pal_status st =
        pvm_read(d->mem, (const uint8_t *)src->text, src->len, &im, &err);

    if (!st)
        return im;
    if (st == PAL_FORMAT)
        say_error("%s is no valid image: %s", d->path, err.text);
    else
        say_error("out of memory");
    return NULL;
}

static bool has_ending(const char *path, const char *ending)
{
    size_t n = strlen(path), m = strlen(ending);

    return n > m && !strcmp(path + n - m, ending);
}

static bool verify_image(struct driver *d, struct pvm_image *im)
{
    struct pvm_error err;
    enum pal_status st = pvm_verify(im, d->mem, &err);

    if (!st)
        return true;
    if (st == PAL_FORMAT && err.pc != UINT32_MAX)
        say_error("%s: %s (pc %u)", d->path, err.text, err.pc);
    else
        say_error("%s: %s", d->path,
                  st == PAL_FORMAT ? err.text : "out of memory");
    return false;
}

/* Whether the file is an image: no source begins with these bytes. */
static bool is_image(const struct source *src)
{
    return src->len >= 4 && !memcmp(src->text, "\x89PVM", 4);
}

/* Whether it is an image's text.  No source begins with a directive or with
 * a comment of that text. */
static bool is_image_text(const struct driver *d, const struct source *src)
{
    char first = src->text[first_word(src)];

    if (d->command->run == cmd_asm || has_ending(d->path, ".pvm"))
        return true;
    return (first == ';' || first == '.') && !has_ending(d->path, ".pal");
}

bool is_compiled(const struct driver *d, const struct source *src)
{
    return is_image(src) || is_image_text(d, src) ||
           has_ending(d->path, ".pvmb");
}

struct pvm_image *image_of(struct driver *d, struct source *src)
{
    struct pvm_image *im;

    if (is_image(src) || has_ending(d->path, ".pvmb"))
        im = read_image(d, src);
    else if (is_image_text(d, src))
        im = assemble(d, src);
    else
        im = compile_source(d, src);
    source_free(d->mem, src);
    if (im && !verify_image(d, im)) {
        pvm_free(im);
        im = NULL;
    }
    return im;
}

struct pvm_image *load_image(struct driver *d)
{
    struct source *src = load_source(d);

    return src ? image_of(d, src) : NULL;
}

/* ---- output -------------------------------------------------------------- */

int cannot_write(const char *path, int error)
{
    return say_error("cannot write %s: %s", path, strerror(error));
}

int cannot_write_stdout(int error)
{
    return cannot_write("the output", error);
}

/* To a pipe or a device, as it is. */
static int write_through(const char *path, const void *p, size_t n)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool ok = fd >= 0 && run_write_all(fd, p, n);
    int error = errno;

    if (fd >= 0 && close(fd) && ok) {
        error = errno;
        ok = false;
    }
    return ok ? RUN_DONE : cannot_write(path, error);
}

/* A file appears whole or not at all: it is written under another name beside
 * its place and then renamed.  Where a link leads is its place. */
static int write_file(struct driver *d, const void *p, size_t n, mode_t mode)
{
    struct bytes name = bytes_in(d->mem);
    char real[PATH_MAX];
    const char *path = realpath(d->out, real) ? real : d->out;
    int fd, error = 0;

    bytes_printf(&name, "%s.XXXXXX", path);
    fd = mkstemp((char *)name.at);
    if (fd < 0) {
        error = errno;
        bytes_free(&name);
        return cannot_write(d->out, error);
    }
    if (!run_write_all(fd, p, n) || fchmod(fd, mode))
        error = errno;
    if (close(fd) && !error)
        error = errno;
    if (!error && rename((const char *)name.at, path))
        error = errno;
    if (error)
        unlink((const char *)name.at);
    bytes_free(&name);
    return error ? cannot_write(d->out, error) : RUN_DONE;
}

int write_out(struct driver *d, const void *p, size_t n, bool executable)
{
    struct stat sb;
    mode_t mask = umask(0);

    umask(mask);
    if (!d->out || !strcmp(d->out, "-"))
        return run_write_all(STDOUT_FILENO, p, n) ? RUN_DONE
                                                  : cannot_write_stdout(errno);
    if (!stat(d->out, &sb) && !S_ISREG(sb.st_mode))
        return S_ISDIR(sb.st_mode) ? cannot_write(d->out, EISDIR)
                                   : write_through(d->out, p, n);
    return write_file(d, p, n, (executable ? 0777 : 0666) & ~mask);
}
