/* old.c - cells, and the spans that they lie in; see old.h. */
#include "runtime/gc/handle.h"
#include "runtime/gc/page.h"

#define CELLS_AHEAD 256u /* bytes */
#define SWEPT_MOST  64   /* runs, to find a free cell */

/* ---- size classes -------------------------------------------------------- */

#define STEPS 8u /* classes of 16 bytes to 128 */

unsigned old_class_of(uint64_t bytes)
{
    if (bytes <= 128)
        return (unsigned)((bytes + 15) / 16) - 1;
    /* 129..256 is the first doubling: its quarters are 32 bytes */
    unsigned top = 63 - (unsigned)__builtin_clzll(bytes - 1);
    unsigned quarter = (unsigned)((bytes - 1) >> (top - 2)) & 3;
    return STEPS + (top - 7) * 4 + quarter;
}

uint64_t old_cell(unsigned class)
{
    if (class < STEPS)
        return 16 * (uint64_t)(class + 1);
    unsigned doubling = (class - STEPS) / 4, quarter = (class - STEPS) % 4;
    return (UINT64_C(128) << doubling) / 4 * (5 + quarter);
}

/* Cells of 5/4, 6/4, 7/4 and 8/4 of a power of two fill 5, 6, 7 and 4 pages
 * without rest. */
uint32_t old_run_pages(unsigned class)
{
    unsigned quarter = (class - STEPS) % 4;
    return class < STEPS || quarter == 3 ? 4 : 5 + quarter;
}

/* ---- the tables ---------------------------------------------------------- */

static uint64_t whole(uint64_t n)
{
    return (n + TAPE_PAGE - 1) / TAPE_PAGE * TAPE_PAGE;
}

/* Bytes of each table for a heap of so many bytes. */
static void table_sizes(uint64_t heap, uint64_t size[OLD_TABLES])
{
    uint64_t pages = heap / TAPE_PAGE, granules = heap / OLD_GRANULE;
    size[OLD_T_USED] = size[OLD_T_DIRTY] = whole(pages / 8 + 8);
    size[OLD_T_DESC] = size[OLD_T_NEXT] = whole(4 * pages);
    size[OLD_T_ALLOC] = size[OLD_T_MARKED] = whole(granules / 8 + 8);
    size[OLD_T_HEADS] = whole(4 * granules);
    /* an object is queued once; the smallest has 16 bytes */
    size[OLD_T_QUEUE] = whole(8 * granules);
    /* a weak box has 32 bytes */
    size[OLD_T_WEAK] = whole(8 * granules / 2);
    /* a watch has 64 bytes */
    size[OLD_T_WATCH] = whole(8 * granules / 4);
    /* an entry of the trail has 32 bytes at least, and HISTORY the heap's
     * size and some */
    size[OLD_T_HANDLES] = whole(sizeof(struct gc_handle) * GC_HANDLES_MOST);
    size[OLD_T_PENDING] = whole(sizeof(struct gc_pending) *
                                ((heap + (UINT64_C(1) << 20)) / 32 + 1));
}

uint64_t old_side_bytes(uint64_t heap)
{
    uint64_t size[OLD_TABLES], sum = 0;
    table_sizes(heap, size);
    for (int i = 0; i < OLD_TABLES; i++)
        sum += size[i];
    return sum;
}

void old_open(struct heap *h)
{
    const struct tape_range *seg = &h->tape.seg[TAPE_HEAP];
    uint64_t size[OLD_TABLES], at[OLD_TABLES], to = tape_side(&h->tape);
    table_sizes(seg->size, size);
    for (int i = 0; i < OLD_TABLES; i++) {
        at[i] = to;
        to += size[i];
    }
    h->old = (struct gc_tables){
        .at = seg->at,
        .size = seg->size,
        .used = obj_at(h, at[OLD_T_USED]),
        .dirty = obj_at(h, at[OLD_T_DIRTY]),
        .desc = (uint32_t *)obj_at(h, at[OLD_T_DESC]),
        .next = (uint32_t *)obj_at(h, at[OLD_T_NEXT]),
        .alloc = obj_at(h, at[OLD_T_ALLOC]),
        .marked = obj_at(h, at[OLD_T_MARKED]),
        .heads = (uint32_t *)obj_at(h, at[OLD_T_HEADS]),
        .queue = obj_at(h, at[OLD_T_QUEUE]),
        .weak = obj_at(h, at[OLD_T_WEAK]),
        .watch = obj_at(h, at[OLD_T_WATCH]),
        .pending = (struct gc_pending *)obj_at(h, at[OLD_T_PENDING]),
        .handles = (struct gc_handle *)obj_at(h, at[OLD_T_HANDLES]),
    };
    memcpy(h->old.table, at, sizeof at);
}

/* ---- lists --------------------------------------------------------------- */

static void push_list(struct heap *h, uint32_t *list, uint32_t page)
{
    page_log(h, h->old.next, page, 1);
    h->old.next[page] = *list;
    *list = page + 1;
}

static uint32_t pop_list(struct heap *h, uint32_t *list)
{
    uint32_t page = *list - 1;
    *list = h->old.next[page];
    return page;
}

static void push_full(struct heap *h, struct gc_class *c, uint32_t page)
{
    if (!c->full)
        c->full_last = page + 1;
    push_list(h, &c->full, page);
}

/* ---- sweeping ------------------------------------------------------------ */

/* Any bit of `bits` from i on, n <= 64 of them. */
static bool any_bit(const uint64_t *bits, uint64_t i, unsigned n)
{
    uint64_t w = bits[i / 64] >> (i % 64);
    if (i % 64 + n > 64)
        w |= bits[i / 64 + 1] << (64 - i % 64);
    return (n == 64 ? w : w & ((UINT64_C(1) << n) - 1)) != 0;
}

/* In how many of a cell's first granules its object may stand: stamps of
 * further blocks lie before it. */
static unsigned start_granules(uint64_t cell)
{
    uint64_t blocks = cell / (8 * OBJ_BLOCK_WORDS);
    return (unsigned)(blocks + 1) / 2 + 1;
}

/* Fills the cells of a run that hold no object with what no reference is. */
static void poison(struct heap *h, uint32_t page, unsigned class)
{
    uint64_t cell = old_cell(class), at = h->old.at + page * TAPE_PAGE;
    uint64_t end = at + old_count(h->old.desc[page]) * TAPE_PAGE;
    tape_touch(&h->tape, at, end - at);
    for (; at + cell <= end; at += cell)
        if (!any_bit(h->old.alloc, old_granule(h, at), start_granules(cell)))
            memset(obj_at(h, at), OLD_POISON, cell);
}

/* Objects that live in a run; its `alloc` is what was marked. */
static uint32_t sweep_bits(struct heap *h, uint32_t page, uint32_t n)
{
    uint64_t first = (uint64_t)page * (TAPE_PAGE / OLD_GRANULE / 64);
    uint32_t live = 0;
    for (uint64_t i = first; i < first + 4 * (uint64_t)n; i++) {
        uint64_t m = h->old.marked[i];
        h->old.alloc[i] = m;
        h->old.marked[i] = 0;
        live += (uint32_t)__builtin_popcountll(m);
    }
    return live;
}

_Static_assert(TAPE_PAGE / OLD_GRANULE / 64 == 4, "words of bits in a page");

/* Sweeps the first unswept run of a class, and puts it where it belongs. */
static void sweep_run(struct heap *h, unsigned class)
{
    struct gc_class *c = &h->st->gc.classes[class];
    uint32_t page = pop_list(h, &c->unswept);
    uint32_t n = old_count(h->old.desc[page]);
    uint32_t live = sweep_bits(h, page, n);
    if (PAL_UNLIKELY(h->check))
        poison(h, page, class);
    if (!live)
        page_free(h, page);
    else if (live < n * TAPE_PAGE / old_cell(class))
        push_list(h, &c->open, page);
    else
        push_full(h, c, page);
}

static void sweep_span(struct heap *h)
{
    struct gc_class *c = &h->st->gc.classes[OLD_LARGE];
    uint32_t page = pop_list(h, &c->unswept);
    /* its object stands behind the stamps, which are few; look at all bits
     * that one may have there */
    uint32_t n = old_count(h->old.desc[page]);
    uint64_t pages = (n + 31) / 32 + 1 < n ? (n + 31) / 32 + 1 : n;
    if (sweep_bits(h, page, (uint32_t)pages))
        push_full(h, c, page);
    else
        page_free(h, page);
}

void old_sweep_begin(struct heap *h)
{
    struct gc_state *g = &h->st->gc;
    for (unsigned i = 0; i <= OLD_LARGE; i++) {
        struct gc_class *c = &g->classes[i];
        if (c->filling)
            push_full(h, c, c->filling - 1);
        if (c->full) {
            h->old.next[c->full_last - 1] = c->open;
            c->unswept = c->full;
        } else {
            c->unswept = c->open;
        }
        c->at = c->end = 0;
        c->filling = c->open = c->full = c->full_last = 0;
    }
    g->cursor = OLD_LARGE;
}

bool old_sweep(struct heap *h, int64_t *budget)
{
    struct gc_state *g = &h->st->gc;
    /* large objects first: they give most */
    for (;; g->cursor--) {
        struct gc_class *c = &g->classes[g->cursor];
        for (; c->unswept; --*budget) {
            if (*budget <= 0)
                return false;
            if (g->cursor == OLD_LARGE)
                sweep_span(h);
            else
                sweep_run(h, (unsigned)g->cursor);
        }
        if (g->cursor == 0)
            return true;
    }
}

/* ---- cells --------------------------------------------------------------- */

/* Finds the next free cells of the run being filled; false at its end. */
static bool next_stretch(struct heap *h, unsigned class)
{
    struct gc_class *c = &h->st->gc.classes[class];
    uint64_t page = c->filling - 1, cell = old_cell(class), at = c->end;
    uint64_t end =
        h->old.at + (page + old_count(h->old.desc[page])) * TAPE_PAGE;
    unsigned n = start_granules(cell);
    while (at + cell <= end && any_bit(h->old.alloc, old_granule(h, at), n))
        at += cell;
    if (at + cell > end)
        return false;
    c->at = at;
    while (at + cell <= end && !any_bit(h->old.alloc, old_granule(h, at), n))
        at += cell;
    c->end = at;
    return true;
}

static bool fill(struct heap *h, unsigned class, uint32_t page)
{
    struct gc_class *c = &h->st->gc.classes[class];
    c->filling = page + 1;
    c->at = c->end = h->old.at + (uint64_t)page * TAPE_PAGE;
    return next_stretch(h, class);
}

static bool fill_fresh(struct heap *h, unsigned class)
{
    struct gc_class *c = &h->st->gc.classes[class];
    uint64_t n = old_run_pages(class);
    uint64_t page = page_take(h, n, OLD_RUN, class);
    if (page == PAGE_NONE)
        return false;
    old_dirty(h, h->old.at + page * TAPE_PAGE, n * TAPE_PAGE);
    c->filling = (uint32_t)page + 1;
    c->at = h->old.at + page * TAPE_PAGE;
    c->end = c->at + n * TAPE_PAGE / old_cell(class) * old_cell(class);
    return true;
}

/* Free cells for a class: the rest of its run, of a run that is open, of one
 * that can be swept, or fresh pages. */
static bool more_cells(struct heap *h, unsigned class)
{
    struct gc_class *c = &h->st->gc.classes[class];
    heap_log(h, c, sizeof *c / 8);
    if (c->filling) {
        if (next_stretch(h, class))
            return true;
        push_full(h, c, c->filling - 1);
        c->filling = 0;
    }
    if (h->tlog) /* what is freed below is not logged */
        return fill_fresh(h, class);
    for (int i = 0; i < SWEPT_MOST && !c->open && c->unswept; i++)
        sweep_run(h, class);
    if (c->open)
        return fill(h, class, pop_list(h, &c->open));
    return fill_fresh(h, class);
}

uint64_t old_take(struct heap *h, uint64_t bytes)
{
    if (bytes > MEM_CELL_MOST) {
        struct gc_class *c = &h->st->gc.classes[OLD_LARGE];
        uint64_t n = (bytes + TAPE_PAGE - 1) / TAPE_PAGE;
        uint64_t page = page_take(h, n, OLD_SPAN, OLD_LARGE);
        if (page == PAGE_NONE)
            return 0;
        heap_log(h, c, sizeof *c / 8);
        push_full(h, c, (uint32_t)page);
        return h->old.at + page * TAPE_PAGE;
    }
    unsigned class = old_class_of(bytes);
    struct gc_class *c = &h->st->gc.classes[class];
    if (PAL_UNLIKELY(c->at == c->end) && !more_cells(h, class))
        return 0;
    uint64_t at = c->at;
    heap_log(h, &c->at, 1);
    c->at = at + old_cell(class);
    /* one of the next cells, which will be written soon */
    __builtin_prefetch(obj_at(h, at + CELLS_AHEAD), 1);
    return at;
}

void old_born(struct heap *h, uint64_t o)
{
    uint64_t g = old_granule(h, o);
    heap_log(h, &h->old.alloc[g / 64], 1);
    old_set(h->old.alloc, g);
    if (old_blackens(h)) {
        heap_log(h, &h->old.marked[g / 64], 1);
        old_set(h->old.marked, g);
    }
}

void old_each(struct heap *h, void (*f)(struct heap *h, uint64_t o, void *arg),
              void *arg)
{
    uint64_t words = h->st->gc.top * (TAPE_PAGE / OLD_GRANULE / 64);
    for (uint64_t i = 0; i < words; i++)
        for (uint64_t w = h->old.alloc[i]; w; w &= w - 1)
            f(h, h->old.at + (i * 64 + (unsigned)__builtin_ctzll(w)) * 16, arg);
}
