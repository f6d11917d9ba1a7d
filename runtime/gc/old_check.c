/* old_check.c - whether the tables of the old generation agree. */
#include "runtime/gc/old.h"

#define NO_LIST 255

/* What the lists say, by page: in which of its class's lists the span that
 * begins there is; NO_LIST for other pages. */
enum { IN_FILLING, IN_OPEN, IN_FULL, IN_UNSWEPT, NLISTS };

struct look {
    struct heap *h;
    uint8_t *list;
    uint64_t spans, pages;
    const char *why;
};

static void meet_list(struct look *k, unsigned class, uint32_t first, int which)
{
    const struct heap *h = k->h;
    const struct gc_state *g = &h->st->gc;
    for (uint32_t at = first; at && !k->why; at = h->old.next[at - 1]) {
        uint32_t page = at - 1, desc;
        if (page >= g->top || k->list[page] != NO_LIST) {
            k->why = "a span is on two lists, or outside the heap";
            return;
        }
        desc = h->old.desc[page];
        if (old_kind(desc) != (class == OLD_LARGE ? OLD_SPAN : OLD_RUN) ||
            old_class(desc) != class)
            k->why = "a list holds a span of another class";
        k->list[page] = (uint8_t)which;
        k->spans++;
        if (which == IN_FILLING)
            return;
        if (which == IN_FULL && !h->old.next[page] &&
            g->classes[class].full_last != at)
            k->why = "a list does not know its last span";
    }
}

static bool is_used(const struct heap *h, uint64_t page)
{
    return old_bit(h->old.used, page);
}

/* Whether bits first..end of a bitmap are clear; end is a multiple of 64. */
static bool is_clear(const uint64_t *bits, uint64_t first, uint64_t end)
{
    for (uint64_t i = first / 64; i < end / 64; i++)
        if (bits[i])
            return false;
    return true;
}

/* Whether bits stand only where an object of the span can. */
static bool bits_fit(const struct heap *h, const uint64_t *bits, uint64_t page,
                     uint32_t n, unsigned class)
{
    uint64_t cell =
        class == OLD_LARGE ? (uint64_t)n * TAPE_PAGE : old_cell(class);
    uint64_t first = page * (TAPE_PAGE / OLD_GRANULE);
    uint64_t granules = n * (TAPE_PAGE / OLD_GRANULE), seen = UINT64_MAX;
    for (uint64_t i = 0; i < granules; i++) {
        if (!old_bit(bits, first + i))
            continue;
        uint64_t at = i * OLD_GRANULE, in = at / cell;
        uint64_t o = h->old.at + page * TAPE_PAGE + at;
        if (in == seen || at - in * cell != obj_below(obj_words(h, o)) ||
            (in + 1) * cell > granules * OLD_GRANULE)
            return false;
        seen = in;
    }
    return true;
}

static const char *look_span(struct look *k, uint64_t page)
{
    struct heap *h = k->h;
    uint32_t desc = h->old.desc[page], n = old_count(desc);
    unsigned class = old_class(desc);
    uint8_t list = k->list[page];
    bool cell = old_kind(desc) == OLD_RUN;
    if (!n || page + n > h->st->gc.top || class > OLD_LARGE ||
        cell == (class == OLD_LARGE) || (cell && n != old_run_pages(class)))
        return "a span is not of its class's size";
    for (uint64_t i = 1; i < n; i++)
        if (h->old.desc[page + i] != (OLD_TAIL | (uint32_t)i << 8) ||
            !is_used(h, page + i))
            return "a page does not know its span";
    if (list == NO_LIST)
        return "a span is on no list";
    uint64_t first = page * (TAPE_PAGE / OLD_GRANULE);
    uint64_t end = first + n * (TAPE_PAGE / OLD_GRANULE);
    bool idle = !old_blackens(h) && list != IN_UNSWEPT;
    if (idle && !is_clear(h->old.marked, first, end))
        return "a mark is left between two cycles";
    if (!bits_fit(h, h->old.alloc, page, n, class))
        return "an object does not stand at a cell's start";
    for (uint64_t i = first / 64; i < end / 64; i++)
        if (h->old.marked[i] & ~h->old.alloc[i])
            return "what is marked is no object";
    k->pages += n;
    k->spans--;
    return NULL;
}

/* Pages from the first to the top, span by span. */
static void look_pages(struct look *k)
{
    const struct heap *h = k->h;
    uint64_t top = h->st->gc.top;
    for (uint64_t page = 0; page < top && !k->why;) {
        uint32_t desc = h->old.desc[page];
        uint64_t first = page * (TAPE_PAGE / OLD_GRANULE);
        if (is_used(h, page)) {
            k->why = look_span(k, page);
            page += old_count(desc) ? old_count(desc) : 1;
            continue;
        }
        if (desc != OLD_FREE)
            k->why = "a free page is described as in use";
        else if (!is_clear(h->old.alloc, first, first + 256) ||
                 !is_clear(h->old.marked, first, first + 256))
            k->why = "a free page has objects";
        page++;
    }
}

static void add_bytes(struct heap *h, uint64_t o, void *sum)
{
    *(uint64_t *)sum += obj_bytes(obj_words(h, o));
}

/* Between two cycles it is known what the objects take. */
static const char *look_bytes(struct heap *h)
{
    const struct gc_state *g = &h->st->gc;
    uint64_t sum = 0;
    if (h->st->mark && g->unmarked > old_objects(h))
        return "more is to be marked than there are objects";
    if (g->phase != GC_IDLE)
        return NULL;
    old_each(h, add_bytes, &sum);
    return sum == old_objects(h) ? NULL
                                 : "the objects' bytes are not those counted";
}

const char *old_check(struct heap *h)
{
    const struct gc_state *g = &h->st->gc;
    size_t n = g->top ? g->top : 1;
    struct look k = {.h = h, .list = mem_alloc(h->mem, n)};
    if (!k.list)
        return NULL;
    memset(k.list, NO_LIST, n);
    for (unsigned i = 0; i <= OLD_LARGE; i++) {
        const struct gc_class *c = &g->classes[i];
        meet_list(&k, i, c->filling, IN_FILLING);
        meet_list(&k, i, c->open, IN_OPEN);
        meet_list(&k, i, c->full, IN_FULL);
        meet_list(&k, i, c->unswept, IN_UNSWEPT);
        if (c->unswept && g->phase != GC_SWEEP && !k.why)
            k.why = "a span waits for a sweep that is over";
    }
    if (!k.why)
        look_pages(&k);
    if (!k.why && (k.pages != g->pages || k.spans))
        k.why = "spans and pages are not as many as counted";
    if (!k.why)
        k.why = look_bytes(h);
    mem_free(h->mem, k.list, n);
    return k.why;
}
