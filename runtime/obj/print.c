/* print.c - values as text, laid out as the language reference says.
 *
 * The walk keeps its own stack: a frame per list, map or struct that is being
 * printed.  A reference that is on the stack prints `...`. */
#include "runtime/obj/entries.h"

#include "runtime/base/number.h"
#include "runtime/mem/bytes.h"
#include "runtime/mem/vec.h"
#include "runtime/obj/idmap.h"

struct frame {
    uint64_t o;
    uint64_t next; /* item or field to print; of a map, see map_step */
};

struct print {
    const struct heap *h;
    struct bytes *out;
    VEC(struct frame) stack;
    struct idmap open; /* value 1: on the stack */
    bool failed;
};

/* Control characters are those of category Cc: U+0080 to U+009F are two bytes,
 * the first of which is C1_LEAD. */
#define C1_LEAD 0xc2
#define C1_END  0xa0

static void print_quoted(struct print *p, uint64_t o)
{
    const uint8_t *s = str_bytes(p->h, o);
    bytes_byte(p->out, '"');
    for (uint64_t i = 0, n = str_len(p->h, o); i < n; i++) {
        uint8_t c = s[i];
        switch (c) {
        case '\\': bytes_str(p->out, "\\\\"); break;
        case '"': bytes_str(p->out, "\\\""); break;
        case '\n': bytes_str(p->out, "\\n"); break;
        case '\t': bytes_str(p->out, "\\t"); break;
        case '\r': bytes_str(p->out, "\\r"); break;
        case '\0': bytes_str(p->out, "\\0"); break;
        default:
            if (c == C1_LEAD && i + 1 < n && s[i + 1] < C1_END)
                bytes_printf(p->out, "\\u{%x}", s[++i]);
            else if (c < 0x20 || c == 0x7f)
                bytes_printf(p->out, "\\u{%x}", c);
            else
                bytes_byte(p->out, c);
        }
    }
    bytes_byte(p->out, '"');
}

/* An int of names shows its name, if it has one. */
static void print_scalar(struct print *p, struct pvm_value_type t, uint64_t w)
{
    const struct pvm_image *im = p->h->image;
    char text[NUMBER_FLOAT_MAX];
    double f;
    if (t.kind == PVM_INT && t.type && w < im->types[t.type].nfields) {
        bytes_str(p->out, pvm_text(im, im->types[t.type].fields[w].name));
        return;
    }
    switch (t.kind) {
    case PVM_FLOAT:
        memcpy(&f, &w, 8);
        bytes_add(p->out, text, number_float_text(f, text));
        break;
    case PVM_BOOL: bytes_str(p->out, w ? "true" : "false"); break;
    default: bytes_add(p->out, text, number_int_text((int64_t)w, text));
    }
}

/* One value without a name, which prints as itself. */
static bool is_box(const struct heap *h, const struct pvm_type *t)
{
    return t->kind == PVM_TYPE_STRUCT && t->nfields == 1 &&
           !*pvm_text(h->image, t->name);
}

/* The name of a generic type has its arguments behind it, and that of a tuple
 * is nothing but the types of its items: these are not printed. */
static void open_object(struct print *p, uint64_t o)
{
    const struct heap *h = p->h;
    const struct pvm_type *t = &h->image->types[obj_type(h, o)];
    bool fresh;
    struct idmap_slot *s = idmap_put(&p->open, o, &fresh);
    if (!s || !vec_push(h->mem, &p->stack, (struct frame){o, 0})) {
        p->failed = true;
        return;
    }
    s->value = 1;
    if (t->kind == PVM_TYPE_LIST || t->kind == PVM_TYPE_MAP) {
        bytes_byte(p->out, '[');
    } else if (!is_box(h, t)) {
        const char *name = pvm_text(h->image, t->name);
        bytes_add(p->out, name, strcspn(name, "[("));
        bytes_byte(p->out, '(');
    }
}

/* What has no parts; false: it may have some. */
static bool print_atom(struct print *p, uint64_t o)
{
    const struct pvm_image *im = p->h->image;
    const struct pvm_type *t = &im->types[obj_type(p->h, o)];
    switch (t->kind) {
    case PVM_TYPE_STR: print_quoted(p, o); return true;
    case PVM_TYPE_UNIT:
    case PVM_TYPE_WEAK:
    case PVM_TYPE_GUARDIAN:
        bytes_str(p->out, pvm_text(im, t->name));
        return true;
    case PVM_TYPE_CLOSURE:
        bytes_str(p->out, *pvm_text(im, t->name) ? "fn " : "fn");
        bytes_str(p->out, pvm_text(im, t->name));
        return true;
    default: return false;
    }
}

static void print_value(struct print *p, struct pvm_value_type t, uint64_t v)
{
    if (t.kind != PVM_REF) {
        print_scalar(p, t, v);
        return;
    }
    if (!v) {
        bytes_str(p->out, "none");
        return;
    }
    if (print_atom(p, v))
        return;
    struct idmap_slot *s = idmap_get(&p->open, v);
    if (s && s->value)
        bytes_str(p->out, "...");
    else
        open_object(p, v);
}

static void close_object(struct print *p, uint64_t o, char bracket)
{
    const struct heap *h = p->h;
    idmap_get(&p->open, o)->value = 0;
    p->stack.n--;
    if (!is_box(h, &h->image->types[obj_type(h, o)]))
        bytes_byte(p->out, (uint8_t)bracket);
}

static void list_step(struct print *p, const struct pvm_type *t,
                      struct frame *f)
{
    const struct heap *h = p->h;
    if (f->next == list_len(h, f->o)) {
        close_object(p, f->o, ']');
        return;
    }
    if (f->next)
        bytes_str(p->out, ", ");
    uint64_t i = f->next++, s = list_store(h, f->o);
    if (t->item.kind == PVM_BYTE || t->item.kind == PVM_BOOL)
        print_scalar(p, t->item, *store_byte(h, s, i));
    else
        print_value(p, t->item, *store_item(h, s, i));
}

/* Twice the position from which on a key is next, or one more than twice that
 * of the value. */
static void map_step(struct print *p, const struct pvm_type *t, struct frame *f)
{
    const struct heap *h = p->h;
    uint64_t at = f->next / 2, map = f->o;
    if (f->next % 2) {
        bytes_str(p->out, ": ");
        f->next++;
        print_value(p, t->item, entries_value(h, map, at));
        return;
    }
    uint64_t first = entries_next(h, map, 0), next = entries_next(h, map, at);
    if (next == ENTRIES_NONE) {
        if (first == ENTRIES_NONE)
            bytes_byte(p->out, ':');
        close_object(p, map, ']');
        return;
    }
    if (next != first)
        bytes_str(p->out, ", ");
    f->next = 2 * next + 1;
    print_value(p, t->key, entries_key(h, map, next));
}

/* An Error shows its kind and message only. */
static bool error_step(struct print *p, struct frame *f)
{
    static const struct {
        const char *label;
        uint64_t word;
    } shown[] = {{"kind: ", ERROR_KIND}, {", message: ", ERROR_MESSAGE}};
    if (f->next == 2)
        return false;
    bytes_str(p->out, shown[f->next].label);
    print_value(p, (struct pvm_value_type){PVM_REF, PVM_T_STR},
                *obj_word(p->h, f->o, shown[f->next].word));
    f->next++;
    return true;
}

/* Whether a field says that the next one has a value: its name is that one's
 * and a question mark. */
static bool is_presence(const char *name)
{
    size_t n = strlen(name);
    return n && name[n - 1] == '?';
}

static void struct_step(struct print *p, const struct pvm_type *t,
                        struct frame *f)
{
    const struct heap *h = p->h;
    if (obj_type(h, f->o) == PVM_T_ERROR) {
        if (!error_step(p, f))
            close_object(p, f->o, ')');
        return;
    }
    if (f->next == t->nfields) {
        close_object(p, f->o, ')');
        return;
    }
    if (f->next)
        bytes_str(p->out, ", ");
    const struct pvm_field *field = &t->fields[f->next++];
    bool absent = false;
    if (is_presence(pvm_text(h->image, field->name)) && f->next < t->nfields) {
        absent = !*obj_word(h, f->o, field->word);
        field = &t->fields[f->next++];
    }
    const char *name = pvm_text(h->image, field->name);
    if (*name) { /* an item of a tuple has none */
        bytes_str(p->out, name);
        bytes_str(p->out, ": ");
    }
    if (absent)
        bytes_str(p->out, "none");
    else
        print_value(p, field->of, *obj_word(h, f->o, field->word));
}

enum pal_status obj_print_part(const struct heap *h, struct pvm_value_type t,
                               uint64_t v, struct bytes *out)
{
    struct print p = {.h = h, .out = out, .open = {.mem = h->mem}};
    uint64_t most = h->heap_limit < STR_MOST ? h->heap_limit : STR_MOST;
    most += out->n;
    print_value(&p, t, v);
    while (p.stack.n && !p.failed && !out->failed && out->n <= most) {
        struct frame *f = &p.stack.at[p.stack.n - 1];
        const struct pvm_type *of = &h->image->types[obj_type(h, f->o)];
        if (of->kind == PVM_TYPE_LIST)
            list_step(&p, of, f);
        else if (of->kind == PVM_TYPE_MAP)
            map_step(&p, of, f);
        else
            struct_step(&p, of, f);
    }
    vec_free(h->mem, &p.stack);
    idmap_free(&p.open);
    /* shared parts are told again each time: a text may outgrow any heap */
    bool fits = !p.stack.n && out->n <= most;
    return p.failed || out->failed || !fits ? PAL_NOMEM : PAL_OK;
}

enum pal_status obj_print(const struct heap *h, uint64_t o, struct bytes *out)
{
    struct pvm_value_type t = {.kind = PVM_REF};
    if (!o || pvm_type_kind(h, o) != PVM_TYPE_STR)
        return obj_print_part(h, t, o, out);
    bytes_add(out, str_bytes(h, o), str_len(h, o));
    return out->failed ? PAL_NOMEM : PAL_OK;
}
