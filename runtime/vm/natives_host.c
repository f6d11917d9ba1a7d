/* natives_host.c - natives that ask the host: files, input, the process, time.
 *
 * All go through vm_ask.  What the host answers is looked at before the tape
 * takes it: text from outside need not be UTF-8. */
#include "runtime/vm/natives.h"

#include <errno.h>
#include <inttypes.h>

#include "runtime/base/arith.h"
#include "runtime/base/utf8.h"
#include "runtime/coll/sort.h"

#define CHUNK     ((uint64_t)65536) /* of input at a time */
#define SHOWN     80                /* bytes of a path in a message */
#define WAIT_MOST 1e9               /* seconds */

/* ---- asking -------------------------------------------------------------- */

/* Bytes of a text, cut between characters, that a message shows. */
static int shown(const char *text)
{
    return (int)utf8_cut(text, strlen(text), SHOWN);
}

/* Has a call answered; fails io, memory where the answer is too large. */
static enum pal_status ask(struct vm *vm, struct host_call *c, const char *what)
{
    const char *path = c->path ? c->path : "";
    vm_ask(vm, c);
    if (c->error == ENOMEM)
        return vm_trap_memory(vm);
    if (c->error == EFBIG)
        return vm_trap(vm, VM_MEMORY, "cannot %s %.*s: the heap has no room",
                       what, shown(path), path);
    if (c->error)
        return vm_trap(vm, VM_IO, "cannot %s%s%.*s: %s", what, *path ? " " : "",
                       shown(path), path, strerror(c->error));
    return PAL_OK;
}

/* Takes strs as a call's path and its data, which follow one another in the
 * bounce buffer, a NUL behind each. */
static enum pal_status take(struct vm *vm, struct host_call *c, uint64_t path,
                            const void *data, uint64_t n)
{
    uint64_t m = str_len(&vm->h, path);
    struct bytes *b = vm_scratch(vm);
    if (m && memchr(str_bytes(&vm->h, path), 0, m))
        return vm_trap(vm, VM_IO, "a path holds a NUL character");
    bytes_add(b, str_bytes(&vm->h, path), m);
    bytes_byte(b, 0);
    if (n)
        bytes_add(b, data, n);
    bytes_byte(b, 0);
    if (b->failed)
        return vm_trap_memory(vm);
    c->path = (const char *)b->at;
    c->data = b->at + m + 1;
    c->n = n;
    return PAL_OK;
}

/* The most bytes that are worth reading. */
static uint64_t read_most(const struct vm *vm)
{
    return vm->h.heap_limit < STR_MOST ? vm->h.heap_limit : STR_MOST;
}

static enum pal_status need_utf8(struct vm *vm, const void *p, size_t n,
                                 const char *what)
{
    size_t at = utf8_check(p, n);
    if (at == n)
        return PAL_OK;
    return vm_trap(vm, VM_UTF8, "%.*s is not UTF-8, at byte %zu", shown(what),
                   what, at);
}

/* The answer as a str. */
static enum pal_status give_answer(struct vm *vm, uint64_t *to,
                                   const char *what)
{
    const struct bytes *b = &vm->answer;
    TRY(need_utf8(vm, b->at, b->n, what));
    return vm_give_str(vm, to, b->at, b->n);
}

/* ---- files --------------------------------------------------------------- */

static enum pal_status read_file(struct vm *vm, struct host_call *c,
                                 uint64_t path)
{
    *c = (struct host_call){.op = HOST_READ_FILE, .most = read_most(vm)};
    TRY(take(vm, c, path, NULL, 0));
    return ask(vm, c, "read");
}

NATIVE_BODY(io_read_file)
{
    UNUSED(s);
    struct host_call c;
    TRY(read_file(vm, &c, r[0]));
    return give_answer(vm, &r[0], c.path);
}

NATIVE_BODY(io_read_bytes)
{
    UNUSED(s);
    struct heap *h = &vm->h;
    struct host_call c;
    TRY(read_file(vm, &c, r[0]));
    uint64_t *list = gc_hold(h, list_new(h, PVM_T_LIST_BYTE));
    if (!*list)
        return vm_trap_memory(vm);
    if (vm->answer.n)
        TRY(vm_trap_list(
            vm, list_append_bytes(h, list, vm->answer.at, vm->answer.n), *list,
            0));
    r[0] = *list;
    gc_release(h, 1);
    return PAL_OK;
}

/* With a str, or the bytes of a list, as its data. */
static enum pal_status act(struct vm *vm, enum host_op op, const uint64_t *r,
                           bool bytes, const char *what)
{
    const struct heap *h = &vm->h;
    struct host_call c = {.op = op};
    uint64_t n = bytes ? list_len(h, r[1]) : str_len(h, r[1]);
    const uint8_t *data = NULL;
    if (n)
        data =
            bytes ? store_byte(h, list_store(h, r[1]), 0) : str_bytes(h, r[1]);
    TRY(take(vm, &c, r[0], data, n));
    return ask(vm, &c, what);
}

NATIVE_BODY(io_write_file)
{
    UNUSED(s);
    return act(vm, HOST_WRITE_FILE, r, false, "write");
}

NATIVE_BODY(io_append_file)
{
    UNUSED(s);
    return act(vm, HOST_APPEND_FILE, r, false, "write");
}

NATIVE_BODY(io_write_bytes)
{
    UNUSED(s);
    return act(vm, HOST_WRITE_FILE, r, true, "write");
}

NATIVE_BODY(io_append_bytes)
{
    UNUSED(s);
    return act(vm, HOST_APPEND_FILE, r, true, "write");
}

NATIVE_BODY(io_rename)
{
    UNUSED(s);
    uint64_t n = str_len(&vm->h, r[1]);
    if (n && memchr(str_bytes(&vm->h, r[1]), 0, n))
        return vm_trap(vm, VM_IO, "a path holds a NUL character");
    return act(vm, HOST_RENAME, r, false, "rename");
}

/* A question about a path alone; of one that is yes or no, 1 or 0. */
static enum pal_status ask_path(struct vm *vm, enum host_op op, uint64_t path,
                                const char *what, int64_t *value)
{
    struct host_call c = {.op = op};
    TRY(take(vm, &c, path, NULL, 0));
    TRY(ask(vm, &c, what));
    *value = op == HOST_FILE_SIZE ? c.value : c.value != 0;
    return PAL_OK;
}

NATIVE_BODY(io_exists)
{
    return ask_path(vm, HOST_EXISTS, r[0], "look at", &s[0]);
}

NATIVE_BODY(io_is_dir)
{
    return ask_path(vm, HOST_IS_DIR, r[0], "look at", &s[0]);
}

NATIVE_BODY(io_file_size)
{
    return ask_path(vm, HOST_FILE_SIZE, r[0], "look at", &s[0]);
}

NATIVE_BODY(io_remove)
{
    UNUSED(s);
    int64_t none;
    return ask_path(vm, HOST_REMOVE, r[0], "remove", &none);
}

NATIVE_BODY(io_make_dir)
{
    UNUSED(s);
    int64_t none;
    return ask_path(vm, HOST_MAKE_DIR, r[0], "make", &none);
}

NATIVE_BODY(io_list_dir)
{
    UNUSED(s);
    struct heap *h = &vm->h;
    struct host_call c = {.op = HOST_LIST_DIR, .most = read_most(vm)};
    TRY(take(vm, &c, r[0], NULL, 0));
    TRY(ask(vm, &c, "list"));
    const struct bytes *b = &vm->answer;
    uint64_t *list = gc_hold(h, list_new(h, PVM_T_LIST_STR));
    uint64_t *item = gc_hold(h, 0);
    if (!*list)
        return vm_trap_memory(vm);
    for (size_t at = 0, n; at < b->n; at += n + 1) {
        const char *name = (const char *)b->at + at;
        n = strnlen(name, b->n - at);
        TRY(need_utf8(vm, name, n, "a name in the directory"));
        TRY(vm_give_str(vm, item, name, n));
        TRY(vm_trap_list(vm, list_push(h, list, item), *list, 0));
    }
    TRY(vm_trap_list(vm, list_sort(h, *list), *list, 0));
    r[0] = *list;
    gc_release(h, 2);
    return PAL_OK;
}

/* ---- input --------------------------------------------------------------- */

/* What was read and not taken lies in World, so that it belongs to the state;
 * the list is born old, and does not move. */
struct input {
    uint64_t list, at, n; /* bytes from `at` on are not taken; n of them */
};

static struct input input_of(const struct vm *vm)
{
    const struct heap *h = &vm->h;
    uint64_t list = *obj_word(h, h->st->world, WORLD_IN);
    uint64_t at = *obj_word(h, h->st->world, WORLD_INPOS);
    return (struct input){list, at, list_len(h, list) - at};
}

static const uint8_t *input_bytes(const struct vm *vm, const struct input *in)
{
    const struct heap *h = &vm->h;
    return in->n ? store_byte(h, list_store(h, in->list), in->at) : NULL;
}

static enum pal_status set_position(struct vm *vm, uint64_t at)
{
    struct heap *h = &vm->h;
    if (!trail_before_val(h, h->st->world, WORLD_INPOS))
        return vm_trap_store(vm, h->st->world);
    *obj_word(h, h->st->world, WORLD_INPOS) = at;
    return PAL_OK;
}

/* Reads a chunk more; *end where there is none.  The room is there before the
 * bytes are, so that none can be lost. */
static enum pal_status more_input(struct vm *vm, bool *end)
{
    struct heap *h = &vm->h;
    struct input in = input_of(vm);
    struct host_call c = {.op = HOST_READ_INPUT, .most = CHUNK};
    if (in.at) {
        TRY(vm_trap_list(vm, list_remove_range(h, in.list, 0, (int64_t)in.at),
                         in.list, 0));
        TRY(set_position(vm, 0));
    }
    uint64_t store = list_store(h, in.list), room = 0;
    if (store)
        room = 8 * (obj_words(h, store) - STORE_ITEMS);
    if (room < in.n + CHUNK)
        TRY(vm_trap_list(vm, list_reserve(h, &in.list, 2 * in.n + CHUNK),
                         in.list, 0));
    TRY(ask(vm, &c, "read the input"));
    *end = vm->answer.n == 0;
    return vm_trap_list(
        vm, list_append_bytes(h, &in.list, vm->answer.at, vm->answer.n),
        in.list, 0);
}

/* Takes bytes of the input, of which the first n become a str in *to. */
static enum pal_status take_input(struct vm *vm, uint64_t n, uint64_t taken,
                                  uint64_t *to)
{
    struct heap *h = &vm->h;
    struct input in = input_of(vm);
    TRY(need_utf8(vm, input_bytes(vm, &in), n, "the input"));
    uint64_t o = str_make(h, n);
    if (!o)
        return vm_trap_memory(vm);
    if (n)
        memcpy(str_bytes(h, o), input_bytes(vm, &in), n);
    TRY(set_position(vm, in.at + taken));
    *to = o;
    return PAL_OK;
}

/* A line ends with \n or \r\n; the last need not. */
NATIVE_BODY(io_read_line)
{
    uint64_t seen = 0; /* bytes that were looked at */
    bool end = false;
    struct input in = input_of(vm);
    const uint8_t *p = NULL;
    for (;;) {
        if (in.n > seen)
            p = memchr(input_bytes(vm, &in) + seen, '\n', in.n - seen);
        if (p || end)
            break;
        seen = in.n;
        TRY(more_input(vm, &end));
        in = input_of(vm);
    }
    uint64_t n = p ? (uint64_t)(p - input_bytes(vm, &in)) : in.n;
    bool cr = p && n && p[-1] == '\r';
    TRY(take_input(vm, n - cr, p ? n + 1 : n, &r[0]));
    s[0] = p || in.n;
    return PAL_OK;
}

NATIVE_BODY(io_read_all)
{
    UNUSED(s);
    for (bool end = false; !end;)
        TRY(more_input(vm, &end));
    uint64_t n = input_of(vm).n;
    return take_input(vm, n, n, &r[0]);
}

/* ---- the process --------------------------------------------------------- */

NATIVE_BODY(os_env)
{
    struct host_call c = {.op = HOST_ENV};
    TRY(take(vm, &c, r[0], NULL, 0));
    TRY(ask(vm, &c, "look up"));
    TRY(give_answer(vm, &r[0], c.path));
    s[0] = c.value != 0;
    return PAL_OK;
}

NATIVE_BODY(os_cwd)
{
    UNUSED(s);
    struct host_call c = {.op = HOST_CWD};
    TRY(ask(vm, &c, "tell the current directory"));
    return give_answer(vm, &r[0], "the current directory's name");
}

NATIVE_BODY(os_platform)
{
    UNUSED(s);
    struct host_call c = {.op = HOST_PLATFORM};
    TRY(ask(vm, &c, "tell the platform"));
    return give_answer(vm, &r[0], "the platform's name");
}

static enum pal_status ask_value(struct vm *vm, enum host_op op,
                                 const char *what, int64_t *value)
{
    struct host_call c = {.op = op};
    TRY(ask(vm, &c, what));
    *value = c.value;
    return PAL_OK;
}

NATIVE_BODY(os_pid)
{
    UNUSED(r);
    return ask_value(vm, HOST_PID, "tell the process", &s[0]);
}

/* ---- time and chance ----------------------------------------------------- */

NATIVE_BODY(time_now)
{
    UNUSED(r);
    return ask_value(vm, HOST_NOW, "tell the time", &s[0]);
}

NATIVE_BODY(time_monotonic)
{
    UNUSED(r);
    return ask_value(vm, HOST_MONOTONIC, "tell the time", &s[0]);
}

NATIVE_BODY(time_sleep)
{
    UNUSED(r);
    double seconds = arith_float(s[0]);
    if (!(seconds >= 0))
        return vm_trap(vm, VM_CONVERT, "a time to wait is not negative");
    seconds = seconds < WAIT_MOST ? seconds : WAIT_MOST;
    struct host_call c = {.op = HOST_SLEEP, .most = (uint64_t)(seconds * 1e9)};
    return ask(vm, &c, "wait");
}

NATIVE_BODY(random_seed)
{
    UNUSED(r);
    return ask_value(vm, HOST_RANDOM, "get entropy", &s[0]);
}
