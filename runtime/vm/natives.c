/* natives.c - the bodies of natives.def, and the one door to them.
 *
 * A body reads its arguments from the windows and leaves its results there.
 * After an allocation the references in the window are read again, for a
 * collection may have moved them.  No library or system call is given tape
 * memory: text passes through the scratch buffer. */
#include "runtime/vm/natives.h"

#include <inttypes.h>

#include "runtime/base/number.h"
#include "runtime/base/utf8.h"
#include "runtime/coll/clone.h"
#include "runtime/coll/map.h"
#include "runtime/pvm/natives.h"
#include "runtime/vm/effects.h"

/* The scratch buffer, empty. */
struct bytes *vm_scratch(struct vm *vm)
{
    vm->scratch.n = 0;
    vm->scratch.failed = false;
    return &vm->scratch;
}

/* A str of n bytes from outside the tape in *to. */
enum pal_status vm_give_str(struct vm *vm, uint64_t *to, const void *p,
                            size_t n)
{
    uint64_t o = str_new(&vm->h, p, n);
    if (!o)
        return vm_trap_memory(vm);
    *to = o;
    return PAL_OK;
}

enum pal_status vm_give_scratch(struct vm *vm, uint64_t *to)
{
    if (vm->scratch.failed)
        return vm_trap_memory(vm);
    return vm_give_str(vm, to, vm->scratch.at, vm->scratch.n);
}

/* A copy of a str outside the tape, NUL-terminated. */
const char *vm_take_str(struct vm *vm, uint64_t o, size_t *n)
{
    struct bytes *b = vm_scratch(vm);
    bytes_add(b, str_bytes(&vm->h, o), str_len(&vm->h, o));
    bytes_byte(b, 0);
    *n = b->n ? b->n - 1 : 0;
    return b->failed ? NULL : (const char *)b->at;
}

/* ---- output and the host ------------------------------------------------- */

static enum pal_status take_line(struct vm *vm, uint64_t o)
{
    struct bytes *b = vm_scratch(vm);
    bytes_add(b, str_bytes(&vm->h, o), str_len(&vm->h, o));
    bytes_byte(b, '\n');
    return b->failed ? vm_trap_memory(vm) : PAL_OK;
}

NATIVE_BODY(print)
{
    UNUSED(s);
    TRY(take_line(vm, r[0]));
    return vm_print(vm, vm->scratch.at, vm->scratch.n);
}

NATIVE_BODY(eprint)
{
    UNUSED(s);
    TRY(take_line(vm, r[0]));
    return vm_write(vm, 2, vm->scratch.at, vm->scratch.n);
}

NATIVE_BODY(trace)
{
    return vm_native_eprint(vm, r, s);
}

NATIVE_BODY(exit)
{
    UNUSED(r);
    int64_t status = s[0];
    TRY(vm_leave_all(vm));
    heap_log(&vm->h, &vm->h.st->exit_status, 1);
    vm->h.st->exit_status = (uint64_t)status & 0xff;
    return PAL_EXIT;
}

NATIVE_BODY(os_args)
{
    UNUSED(s);
    struct heap *h = &vm->h;
    uint64_t *list = gc_hold(h, list_new(h, PVM_T_LIST_STR));
    uint64_t *item = gc_hold(h, 0);
    if (!*list)
        return vm_trap_memory(vm);
    for (const char *const *a = vm->host.args; a && *a; a++) {
        size_t n = strlen(*a);
        if (utf8_check(*a, n) != n)
            return vm_trap(vm, VM_UTF8,
                           "an argument of the program is not UTF-8");
        TRY(vm_give_str(vm, item, *a, n));
        TRY(vm_trap_list(vm, list_push(h, list, item), *list, 0));
    }
    r[0] = *list;
    gc_release(h, 2);
    return PAL_OK;
}

/* ---- values as text, and back -------------------------------------------- */

NATIVE_BODY(str_int)
{
    char text[NUMBER_INT_MAX];
    return vm_give_str(vm, &r[0], text, number_int_text(s[0], text));
}

NATIVE_BODY(str_float)
{
    char text[NUMBER_FLOAT_MAX];
    double f;
    memcpy(&f, &s[0], 8);
    return vm_give_str(vm, &r[0], text, number_float_text(f, text));
}

NATIVE_BODY(str_bool)
{
    return s[0] ? vm_give_str(vm, &r[0], "true", 4)
                : vm_give_str(vm, &r[0], "false", 5);
}

NATIVE_BODY(str_ref)
{
    UNUSED(s);
    if (r[0] && pvm_type_kind(&vm->h, r[0]) == PVM_TYPE_STR)
        return PAL_OK;
    if (obj_print(&vm->h, r[0], vm_scratch(vm)))
        return vm_trap_memory(vm);
    return vm_give_scratch(vm, &r[0]);
}

#define TEXT_SHOWN 40 /* bytes of a text that an error shows */

/* Fails convert: the text is shown cut short. */
static enum pal_status no_number(struct vm *vm, const char *text, size_t n,
                                 const char *what)
{
    size_t shown = utf8_cut(text, n, TEXT_SHOWN);
    return vm_trap(vm, VM_CONVERT, "\"%.*s%s\" is not %s", (int)shown, text,
                   shown < n ? "..." : "", what);
}

NATIVE_BODY(int_str)
{
    size_t n;
    const char *text = vm_take_str(vm, r[0], &n);
    if (!text)
        return vm_trap_memory(vm);
    if (!number_parse_int(text, n, &s[0]))
        return no_number(vm, text, n, "an int");
    return PAL_OK;
}

NATIVE_BODY(float_str)
{
    size_t n;
    double f;
    const char *text = vm_take_str(vm, r[0], &n);
    if (!text)
        return vm_trap_memory(vm);
    if (!number_parse_float(text, n, &f))
        return no_number(vm, text, n, "a float");
    memcpy(&s[0], &f, 8);
    return PAL_OK;
}

NATIVE_BODY(bool_str)
{
    size_t n;
    const char *text = vm_take_str(vm, r[0], &n);
    if (!text)
        return vm_trap_memory(vm);
    if (n == 4 && !memcmp(text, "true", 4))
        s[0] = 1;
    else if (n == 5 && !memcmp(text, "false", 5))
        s[0] = 0;
    else
        return no_number(vm, text, n, "a bool");
    return PAL_OK;
}

NATIVE_BODY(byte_str)
{
    size_t n;
    int64_t i;
    const char *text = vm_take_str(vm, r[0], &n);
    if (!text)
        return vm_trap_memory(vm);
    if (!number_parse_int(text, n, &i) || i < 0 || i > 255)
        return no_number(vm, text, n, "a byte");
    s[0] = i;
    return PAL_OK;
}

/* ---- equality and copies ------------------------------------------------- */

NATIVE_BODY(same_float)
{
    (void)vm, (void)r;
    s[0] = s[0] == s[1];
    return PAL_OK;
}

NATIVE_BODY(equal)
{
    bool equal;
    if (obj_equal(&vm->h, r[0], r[1], &equal))
        return vm_trap_memory(vm);
    s[0] = equal;
    return PAL_OK;
}

static enum pal_status copy_struct(struct vm *vm, uint64_t *r)
{
    struct heap *h = &vm->h;
    uint64_t words = obj_words(h, r[0]);
    uint64_t o = gc_new(h, obj_type(h, r[0]), words);
    if (!o)
        return vm_trap_memory(vm);
    uint64_t refs = obj_refs(h, o);
    for (uint64_t w = 0; w < words; w++) {
        if (w < refs ? !trail_before_ref(h, o, w) : !trail_before_val(h, o, w))
            return vm_trap_store(vm, o);
        *obj_word(h, o, w) = *obj_word(h, r[0], w);
    }
    r[0] = o;
    return PAL_OK;
}

NATIVE_BODY(copy)
{
    UNUSED(s);
    struct heap *h = &vm->h;
    if (!r[0])
        return PAL_OK;
    switch (pvm_type_kind(h, r[0])) {
    case PVM_TYPE_LIST:
        return vm_trap_list(
            vm, list_slice(h, &r[0], 0, (int64_t)list_len(h, r[0]), &r[0]),
            r[0], 0);
    case PVM_TYPE_MAP:
        return map_copy(h, &r[0], &r[0]) ? vm_trap_memory(vm) : PAL_OK;
    case PVM_TYPE_STRUCT: return copy_struct(vm, r);
    default: return PAL_OK; /* it never changes */
    }
}

NATIVE_BODY(clone)
{
    UNUSED(s);
    return clone_value(&vm->h, &r[0], &r[0]) ? vm_trap_memory(vm) : PAL_OK;
}

NATIVE_BODY(hash_int)
{
    (void)vm, (void)r;
    s[0] = (int64_t)obj_scalar_hash(PVM_INT, (uint64_t)s[0]);
    return PAL_OK;
}

NATIVE_BODY(hash_float)
{
    (void)vm, (void)r;
    s[0] = (int64_t)obj_scalar_hash(PVM_FLOAT, (uint64_t)s[0]);
    return PAL_OK;
}

NATIVE_BODY(hash_ref)
{
    s[0] = (int64_t)obj_content_hash(&vm->h, r[0]);
    return PAL_OK;
}

/* ---- errors -------------------------------------------------------------- */

NATIVE_BODY(error)
{
    UNUSED(s);
    struct heap *h = &vm->h;
    uint64_t e = gc_new(h, PVM_T_ERROR, ERROR_WORDS);
    if (!e)
        return vm_trap_memory(vm);
    if (!trail_before_ref(h, e, ERROR_MESSAGE))
        return vm_trap_store(vm, e);
    *obj_word(h, e, ERROR_MESSAGE) = r[0];
    *obj_word(h, e, ERROR_KIND) = r[1];
    r[0] = e;
    return PAL_OK;
}

NATIVE_BODY(error_with)
{
    struct heap *h = &vm->h;
    uint64_t *value = gc_hold(h, r[2]);
    enum pal_status st = vm_native_error(vm, r, s);
    if (!st && !trail_before_ref(h, r[0], ERROR_VALUE))
        st = vm_trap_store(vm, r[0]);
    if (!st)
        *obj_word(h, r[0], ERROR_VALUE) = *value;
    gc_release(h, 1);
    return st;
}

/* The type that a program calls by name: of a variant its enum, of a function
 * value its function type, of a box what it holds. */
static const char *type_name_of(const struct vm *vm, uint64_t o)
{
    static const char *const scalars[] = {
        [PVM_INT] = "int",
        [PVM_FLOAT] = "float",
        [PVM_BOOL] = "bool",
        [PVM_BYTE] = "byte",
    };
    const struct pvm_image *im = vm->h.image;
    uint32_t type = obj_type(&vm->h, o);
    const struct pvm_type *t = &im->types[type];
    if (vm->type_wider[type])
        t = &im->types[vm->type_wider[type]];
    else if (t->kind == PVM_TYPE_STRUCT && t->nfields == 1 &&
             t->fields[0].of.kind != PVM_REF && !*pvm_text(im, t->name)) {
        if (!t->fields[0].of.type)
            return scalars[t->fields[0].of.kind];
        t = &im->types[t->fields[0].of.type];
    }
    return pvm_text(im, t->name);
}

NATIVE_BODY(type_name)
{
    UNUSED(s);
    bytes_str(vm_scratch(vm), type_name_of(vm, r[0]));
    return vm_give_scratch(vm, &r[0]);
}

static void place_text(struct bytes *b, const struct vm_place *p)
{
    if (!p->file)
        bytes_printf(b, "... %" PRIu32 " calls left out ...", p->line);
    else
        bytes_printf(b, "%s:%" PRIu32 " %s", p->file, p->line, p->function);
}

NATIVE_BODY(error_trace)
{
    UNUSED(s);
    struct heap *h = &vm->h;
    uint64_t *error = gc_hold(h, r[0]);
    uint64_t *list = gc_hold(h, list_new(h, PVM_T_LIST_STR));
    uint64_t *item = gc_hold(h, 0);
    if (!*list)
        return vm_trap_memory(vm);
    for (uint64_t i = 0;; i++) {
        struct vm_place place;
        uint64_t pcs = *obj_word(h, *error, ERROR_TRACE);
        if (i >= list_len(h, pcs))
            break;
        if (!vm_place_of(vm, (int64_t)list_item(h, pcs, i), &place))
            continue;
        place_text(vm_scratch(vm), &place);
        TRY(vm_give_scratch(vm, item));
        TRY(vm_trap_list(vm, list_push(h, list, item), *list, 0));
    }
    r[0] = *list;
    gc_release(h, 3);
    return PAL_OK;
}

/* ---- the door ------------------------------------------------------------ */

static vm_native_fn *const bodies[PVM_NATIVES_LIMIT] = {
#define NATIVE(num, name, sig, EFFECT, FAILS, meaning) [num] = vm_native_##name,
#include "runtime/pvm/natives.def"
#undef NATIVE
};

/* Logs the result registers, which the body overwrites. */
static void log_results(struct vm *vm, const char *sig, uint64_t *r, int64_t *s)
{
    uint64_t refs = 0, scalars = 0;
    for (const char *p = pvm_sig_results(sig); *p; p++)
        ++*(pvm_sig_is_ref(*p) ? &refs : &scalars);
    if (refs)
        heap_log(&vm->h, r, refs);
    if (scalars)
        heap_log(&vm->h, s, scalars);
}

/* What cannot be taken back is not done where it might have to be. */
static enum pal_status refuse(struct vm *vm, const char *name)
{
    int module = (int)strcspn(name, "_");
    return vm_trap(vm, VM_EFFECT,
                   "%.*s.%s cannot be taken back: it is refused while a scope "
                   "is open",
                   module, name, name + module + 1);
}

enum pal_status vm_call_native(struct vm *vm, int native, uint64_t *r,
                               int64_t *s)
{
    const struct pvm_native *n = &pvm_natives[native];
    if (PAL_UNLIKELY(vm->window != NULL)) {
        heap_log(&vm->h, &vm->h.st->nhandles, 1);
        log_results(vm, n->sig, r, s);
    }
    enum pal_status status = n->effect == PVM_EFFECT_ACT && vm->h.st->nmarks
                                 ? refuse(vm, n->name)
                                 : bodies[native](vm, r, s);
    if (PAL_UNLIKELY(vm->log != NULL) && n->effect >= PVM_EFFECT_HELD)
        vm->log(vm->log_arg, vm, native, status, r, s);
    return status;
}
