/* old.c - pages, cells and spans; see old.h. */
#include "runtime/gc/old.h"

#include "runtime/gc/handle.h"

#define NO_PAGE     UINT64_MAX
#define CELLS_AHEAD 256u /* bytes */

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
        .pending = (struct gc_pending *)obj_at(h, at[OLD_T_PENDING]),
        .handles = (struct gc_handle *)obj_at(h, at[OLD_T_HANDLES]),
        .pending_most = size[OLD_T_PENDING] / sizeof(struct gc_pending),
    };
}

/* ---- pages --------------------------------------------------------------- */

static uint64_t npages(const struct heap *h)
{
    return h->old.size / TAPE_PAGE;
}

uint64_t old_left(const struct heap *h)
{
    const struct gc_state *g = &h->st->gc;
    uint64_t limit = h->heap_limit, used = g->pages * TAPE_PAGE;
    uint64_t left = used < limit ? limit - used : 0;
    uint64_t fresh = h->old.size - g->top * TAPE_PAGE;
    return left < fresh ? left : fresh;
}

/* The first page from i on whose bit is `set`, or `end`. */
static uint64_t next_page(const uint64_t *bits, uint64_t i, uint64_t end,
                          bool set)
{
    uint64_t flip = set ? 0 : UINT64_MAX;
    while (i < end) {
        uint64_t w = (bits[i / 64] ^ flip) >> (i % 64);
        if (w) {
            i += (unsigned)__builtin_ctzll(w);
            return i < end ? i : end;
        }
        i = (i / 64 + 1) * 64;
    }
    return end;
}

/* The first free span of n pages, by address: what was free longest, and
 * keeps large spans whole (address-ordered first fit; Wilson, Johnstone,
 * Neely, Boles 1995).  NO_PAGE: none. */
static uint64_t find_span(struct heap *h, uint64_t n)
{
    struct gc_state *g = &h->st->gc;
    bool large = n >= 8;
    uint64_t end = npages(h), i = g->hint[large];
    uint64_t least = large ? 8 : 3, skipped = NO_PAGE;
    for (;;) {
        i = next_page(h->old.used, i, g->top, false);
        /* all is free above the top */
        uint64_t to = next_page(h->old.used, i, g->top, true);
        if (to == g->top)
            to = end;
        if (to - i >= n)
            break;
        if (to == end)
            return NO_PAGE;
        if (to - i >= least && skipped == NO_PAGE)
            skipped = i;
        i = to;
    }
    g->hint[large] = skipped == NO_PAGE ? i : skipped;
    return i;
}

/* Sets or clears the bits of n pages. */
static void put_bits(struct heap *h, uint64_t *bits, uint64_t i, uint64_t n,
                     bool set)
{
    for (uint64_t end = i + n; i < end;) {
        uint64_t in = 64 - i % 64 < end - i ? 64 - i % 64 : end - i;
        uint64_t mask = (in == 64 ? UINT64_MAX : (UINT64_C(1) << in) - 1)
                        << (i % 64);
        heap_log(h, &bits[i / 64], 1);
        bits[i / 64] = set ? bits[i / 64] | mask : bits[i / 64] & ~mask;
        i += in;
    }
}

/* Logs the words that hold the 4-byte items i..i+n of a table. */
static void log_items(struct heap *h, const uint32_t *table, uint64_t i,
                      uint64_t n)
{
    if (PAL_UNLIKELY(h->tlog != NULL))
        heap_log(h, table + i / 2 * 2, (i + n + 1) / 2 - i / 2);
}

static void describe(struct heap *h, uint64_t page, uint64_t n, uint32_t kind,
                     unsigned class)
{
    log_items(h, h->old.desc, page, n);
    bool free = kind == OLD_FREE;
    for (uint64_t k = 0; k < n; k++)
        h->old.desc[page + k] = free ? OLD_FREE : OLD_TAIL | (uint32_t)k << 8;
    if (!free)
        h->old.desc[page] = kind | class << 2 | (uint32_t)n << 8;
}

/* n pages in one piece; the caller made sure that there is room. */
static uint64_t take_pages(struct heap *h, uint64_t n, uint32_t kind,
                           unsigned class)
{
    struct gc_state *g = &h->st->gc;
    heap_log(h, &g->top, 4); /* top, hint, pages */
    uint64_t page = find_span(h, n);
    if (page == NO_PAGE)
        return NO_PAGE;
    put_bits(h, h->old.used, page, n, true);
    describe(h, page, n, kind, class);
    g->pages += n;
    if (page + n > g->top)
        g->top = page + n;
    return page;
}

static void free_pages(struct heap *h, uint64_t page)
{
    struct gc_state *g = &h->st->gc;
    uint64_t n = old_count(h->old.desc[page]);
    put_bits(h, h->old.used, page, n, false);
    describe(h, page, n, OLD_FREE, 0);
    g->pages -= n;
    /* the span may begin a little lower, with what was free before it */
    for (int k = 0; k < 2; k++) {
        uint64_t below = k ? 7 : 2, low = page < below ? 0 : page - below;
        if (low < g->hint[k])
            g->hint[k] = low;
    }
}

/* Not logged: that a page was written is true ever after. */
void old_dirty(struct heap *h, uint64_t at, uint64_t bytes)
{
    struct tlog *log = h->tlog;
    h->tlog = NULL;
    put_bits(h, h->old.dirty, (at - h->old.at) / TAPE_PAGE,
             (bytes + TAPE_PAGE - 1) / TAPE_PAGE, true);
    h->tlog = log;
}

void old_clear(struct heap *h, uint64_t at, uint64_t bytes)
{
    if (bytes <= MEM_CELL_MOST) {
        memset(obj_at(h, at), 0, bytes);
        return;
    }
    uint64_t first = (at - h->old.at) / TAPE_PAGE;
    uint64_t end = first + (bytes + TAPE_PAGE - 1) / TAPE_PAGE;
    for (uint64_t i = first; i < end;) {
        i = next_page(h->old.dirty, i, end, true);
        uint64_t to = next_page(h->old.dirty, i, end, false);
        if (to > i)
            memset(obj_at(h, h->old.at + i * TAPE_PAGE), 0,
                   (to - i) * TAPE_PAGE);
        i = to;
    }
    old_dirty(h, at, bytes);
}

/* ---- lists --------------------------------------------------------------- */

static void push_list(struct heap *h, uint32_t *list, uint32_t page)
{
    log_items(h, h->old.next, page, 1);
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
        free_pages(h, page);
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
        free_pages(h, page);
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
    uint64_t page = take_pages(h, n, OLD_RUN, class);
    if (page == NO_PAGE)
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
    while (!c->open && c->unswept)
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
        uint64_t page = take_pages(h, n, OLD_SPAN, OLD_LARGE);
        if (page == NO_PAGE)
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

/* ---- giving back --------------------------------------------------------- */

/* Free pages that are kept, lowest first: what the next cycle will take. */
static uint64_t pages_kept(const struct heap *h)
{
    const struct gc_state *g = &h->st->gc;
    uint64_t more = g->goal > g->live ? (g->goal - g->live) / TAPE_PAGE : 0;
    return more + h->tape.seg[TAPE_NURSERY].size / TAPE_PAGE;
}

/* Releases the dirty of pages i..to. */
static void release(struct heap *h, uint64_t i, uint64_t to, int64_t *budget)
{
    while (i < to) {
        i = next_page(h->old.dirty, i, to, true);
        uint64_t end = next_page(h->old.dirty, i, to, false);
        if (end > i && tape_release(&h->tape, h->old.at + i * TAPE_PAGE,
                                    (end - i) * TAPE_PAGE)) {
            put_bits(h, h->old.dirty, i, end - i, false);
            *budget -= (int64_t)(end - i);
        }
        i = end;
    }
}

/* What is free at the top and was given back counts as never used, so that a
 * segment once used to its end has room again in one piece. */
static void lower_top(struct heap *h)
{
    struct gc_state *g = &h->st->gc;
    uint64_t i = (g->top + 63) / 64;
    while (i && !(h->old.used[i - 1] | h->old.dirty[i - 1]))
        i--;
    if (!i) {
        g->top = 0;
        return;
    }
    uint64_t w = h->old.used[i - 1] | h->old.dirty[i - 1];
    uint64_t top = 64 * i - (unsigned)__builtin_clzll(w);
    if (top < g->top)
        g->top = top;
}

#define RELEASE_AT_ONCE 1024u /* pages */

bool old_release(struct heap *h, int64_t *budget)
{
    struct gc_state *g = &h->st->gc;
    uint64_t keep = pages_kept(h);
    while (*budget > 0) {
        uint64_t i = next_page(h->old.used, g->cursor, g->top, false);
        if (i == g->top) {
            lower_top(h);
            return true;
        }
        uint64_t to = next_page(h->old.used, i, g->top, true);
        if (g->kept < keep) {
            to = to - i < keep - g->kept ? to : i + keep - g->kept;
            g->kept += to - i;
        } else {
            to = to - i < RELEASE_AT_ONCE ? to : i + RELEASE_AT_ONCE;
            release(h, i, to, budget);
        }
        g->cursor = to;
        --*budget;
    }
    return false;
}
