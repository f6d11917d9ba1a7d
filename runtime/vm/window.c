/* window.c - traced windows: opening, closing, and the digest that shows that
 * going back led back. */
#include "runtime/base/hash.h"
#include "runtime/vm/vm.h"

#define WINDOW_WORDS (UINT32_C(1) << 27) /* of log: 1 GB */

enum pal_status vm_window_open(struct vm *vm)
{
    struct mem *m = vm->h.mem;
    if (vm->window)
        return PAL_USAGE;
    struct vm_window *win = mem_alloc(m, sizeof *win);
    if (!win)
        return PAL_NOMEM;
    memset(win, 0, sizeof *win);
    win->log.mem = m;
    win->log.limit = WINDOW_WORDS;
    win->stop = UINT64_MAX;
    win->again = vm->h.window_again;
    for (int i = 0; i < 2; i++) {
        win->out[i] = bytes_in(m);
        win->out_base[i] = vm->h.st->emitted[i];
    }
    vm_watermark_drop(vm); /* a window knows no stub */
    vm->window = win;
    vm->h.tlog = &win->log;
    gc_set_room(&vm->h);
    vm->h.window_full = vm->h.window_short = false;
    heap_thresholds(&vm->h);
    return PAL_OK;
}

void vm_window_drop(struct vm *vm)
{
    struct vm_window *win = vm->window;
    vec_free(vm->h.mem, &win->log.words);
    for (int i = 0; i < 2; i++)
        bytes_free(&win->out[i]);
    mem_free(vm->h.mem, win, sizeof *win);
    vm->window = NULL;
    vm->h.tlog = NULL;
    vm_forget_answers(vm);
    gc_set_room(&vm->h);
    heap_thresholds(&vm->h);
}

enum pal_status vm_window_close(struct vm *vm)
{
    enum pal_status status = PAL_OK;
    for (int i = 0; i < 2; i++) {
        const struct bytes *b = &vm->window->out[i];
        if (b->n && !vm->host.write(vm->host.arg, i + 1, b->at, b->n))
            status = PAL_IO;
    }
    vm_window_drop(vm);
    if (vm->h.window_short)
        TRY(gc_collect(&vm->h));
    else if (vm->h.window_full)
        TRY(gc_minor(&vm->h));
    /* when that made no room, the instruction fails the next time */
    vm->h.window_again = vm->h.window_short;
    vm->h.trail_short = false;
    vm->h.window_full = vm->h.window_short = false;
    return status;
}

static uint64_t add(const struct vm *vm, uint64_t hash, uint64_t at,
                    uint64_t end)
{
    return hash_word(hash * 31 +
                     (end > at ? hash_bytes(vm->h.base + at, end - at, 0) : 0));
}

static void add_object(struct heap *h, uint64_t o, void *arg)
{
    uint64_t *hash = arg, words = obj_words(h, o), at = o - obj_below(words);
    *hash = add(h->owner, *hash, at, at + obj_bytes(words));
}

/* The old generation: its objects, and whose each page is. */
static uint64_t add_heap(struct vm *vm, uint64_t hash)
{
    struct heap *h = &vm->h;
    const uint8_t *desc = (const uint8_t *)h->old.desc;
    uint64_t at = (uint64_t)(desc - h->base);
    old_each(h, add_object, &hash);
    return add(vm, hash, at, at + 4 * h->st->gc.top);
}

uint64_t vm_digest(struct vm *vm)
{
    struct heap *h = &vm->h;
    const struct tape_range *seg = h->tape.seg;
    struct state st = *h->st;
    uint32_t nrefs, nscalars;
    vm_frame_at(vm, st.pc, &nrefs, &nscalars);
    uint64_t trail = st.trail, marks = st.nmarks;
    uint64_t hash = hash_bytes(&st, sizeof st, 0);
    hash = add(vm, hash, (uint64_t)((uint8_t *)h->marks - h->base),
               (uint64_t)((uint8_t *)(h->marks + marks) - h->base));
    hash = add(vm, hash, seg[TAPE_GLOBALS].at,
               seg[TAPE_GLOBALS].at + seg[TAPE_GLOBALS].size);
    hash = add(vm, hash, seg[TAPE_REMEMBER].at,
               seg[TAPE_REMEMBER].at + 8 * st.remembered);
    hash = add(vm, hash, seg[TAPE_RSTACK].at, st.rbase + 8 * (uint64_t)nrefs);
    hash =
        add(vm, hash, seg[TAPE_SSTACK].at, st.sbase + 8 * (uint64_t)nscalars);
    hash = add(vm, hash, seg[TAPE_CSTACK].at, st.ctop);
    hash = add(vm, hash, seg[TAPE_NURSERY].at, st.nursery);
    hash = add(vm, hash, seg[TAPE_HISTORY].at, trail);
    return add_heap(vm, hash);
}
