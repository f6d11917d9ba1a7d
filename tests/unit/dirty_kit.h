/* dirty_kit.h - which pages of a tape were written, as the kernel saw it.
 *
 * The runtime announces its writes itself, by barrier and tape_touch.  Here the
 * kernel is asked what was written in truth: the tracked segments are
 * registered with userfaultfd for asynchronous write protection (the first
 * store to a page lifts its protection, and nobody is woken), and PAGEMAP_SCAN
 * lists the pages whose protection is gone and protects them again.  A store
 * of the bytes that were there is a write, to read is none, and a page given
 * back to the system counts as written until it is protected again.
 *
 *   dirty_open -> dirty_snapshot -> ... writes ... -> dirty_snapshot -> ...
 *
 * Wants Linux 6.7 or later, no privileges, and a system call that containers
 * and valgrind may refuse; where one of them is missing, dirty_open says which.
 * The headers may be older than the kernel, so what is new is spelled out here.
 */
#ifndef PAL_TESTS_DIRTY_KIT_H
#define PAL_TESTS_DIRTY_KIT_H

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/userfaultfd.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/tape/tape.h"

#ifndef UFFD_USER_MODE_ONLY
#define UFFD_USER_MODE_ONLY 1
#endif
#ifndef UFFD_FEATURE_WP_UNPOPULATED
#define UFFD_FEATURE_WP_UNPOPULATED (1 << 13)
#endif
#ifndef UFFD_FEATURE_WP_ASYNC
#define UFFD_FEATURE_WP_ASYNC (1 << 15)
#endif

#ifndef PAGEMAP_SCAN
#define PAGE_IS_WRITTEN (1 << 1)
struct page_region {
    __u64 start, end, categories;
};
#define PM_SCAN_WP_MATCHING   (1 << 0)
#define PM_SCAN_CHECK_WPASYNC (1 << 1)
struct pm_scan_arg {
    __u64 size, flags, start, end, walk_end;
    __u64 vec, vec_len, max_pages;
    __u64 category_inverted, category_mask, category_anyof_mask, return_mask;
};
#define PAGEMAP_SCAN _IOWR('f', 16, struct pm_scan_arg)
#endif

#define DIRTY_NONE UINT64_MAX

struct dirty {
    struct tape *tape;
    int uffd, pagemap; /* descriptors; -1: not open */
    char lacks[120];   /* what is not to be had here */
    /* sums over all snapshots */
    uint64_t snapshots;
    uint64_t written[TAPE_SEGMENTS]; /* pages, as the kernel saw it */
    uint64_t touched[TAPE_SEGMENTS]; /* pages, as was announced */
    uint64_t missed;                 /* the first position ever found written
                                        and not touched, or DIRTY_NONE */
};

static const enum tape_segment dirty_tracked[] = {TAPE_CODE, TAPE_GLOBALS,
                                                  TAPE_HEAP, TAPE_HISTORY};
enum { DIRTY_TRACKED = sizeof dirty_tracked / sizeof *dirty_tracked };

/* ---- asking the kernel --------------------------------------------------- */

/* Notes what failed; false.  errno tells why. */
static inline bool dirty_lacks(struct dirty *d, const char *what)
{
    snprintf(d->lacks, sizeof d->lacks, "%s: %s", what, strerror(errno));
    return false;
}

static inline bool dirty_register(struct dirty *d, const struct tape_range *r)
{
    struct uffdio_register reg = {
        .range = {.start = (uint64_t)(uintptr_t)d->tape->base + r->at,
                  .len = r->size},
        .mode = UFFDIO_REGISTER_MODE_WP};
    return !ioctl(d->uffd, UFFDIO_REGISTER, &reg);
}

/* Lists up to n runs of pages written, from *at to `end`, and protects them
 * again; moves *at behind what was looked at.  Negative: errno tells why. */
static inline int dirty_scan(struct dirty *d, uint64_t *at, uint64_t end,
                             struct page_region *v, unsigned n)
{
    uint64_t base = (uint64_t)(uintptr_t)d->tape->base;
    struct pm_scan_arg a = {.size = sizeof a,
                            .flags =
                                PM_SCAN_WP_MATCHING | PM_SCAN_CHECK_WPASYNC,
                            .start = base + *at,
                            .end = base + end,
                            .vec = (uint64_t)(uintptr_t)v,
                            .vec_len = n,
                            .category_mask = PAGE_IS_WRITTEN,
                            .return_mask = PAGE_IS_WRITTEN};
    int found = ioctl(d->pagemap, PAGEMAP_SCAN, &a);
    if (found >= 0)
        *at = a.walk_end - base;
    return found;
}

/* ---- what was written ---------------------------------------------------- */

/* Compares one run of pages with what was announced. */
static inline void dirty_compare(struct dirty *d, enum tape_segment segment,
                                 uint64_t at, uint64_t end, uint64_t *missed)
{
    for (; at < end; at += TAPE_PAGE) {
        d->written[segment]++;
        if (*missed == DIRTY_NONE && !tape_is_touched(d->tape, at / TAPE_PAGE))
            *missed = at;
    }
}

/* False when the kernel refuses. */
static inline bool dirty_segment(struct dirty *d, enum tape_segment segment,
                                 uint64_t *missed)
{
    const struct tape_range *r = &d->tape->seg[segment];
    uint64_t base = (uint64_t)(uintptr_t)d->tape->base;
    struct page_region v[64];
    for (uint64_t at = r->at; at < r->at + r->size;) {
        int n = dirty_scan(d, &at, r->at + r->size, v, 64);
        if (n < 0)
            return false;
        for (int i = 0; i < n; i++)
            dirty_compare(d, segment, v[i].start - base, v[i].end - base,
                          missed);
    }
    for (uint64_t p = r->at; p < r->at + r->size; p += TAPE_PAGE)
        d->touched[segment] += tape_is_touched(d->tape, p / TAPE_PAGE);
    return true;
}

/* What a snapshot does with the pages: looks at those written since the last,
 * protects them again, and forgets what was touched.  The position of the
 * first page that was written and not touched, or DIRTY_NONE; where the kernel
 * refuses, d->lacks says so and 0 is returned, which is no tracked page. */
static inline uint64_t dirty_snapshot(struct dirty *d)
{
    uint64_t missed = DIRTY_NONE;
    for (int i = 0; i < DIRTY_TRACKED; i++)
        if (!dirty_segment(d, dirty_tracked[i], &missed)) {
            dirty_lacks(d, "PAGEMAP_SCAN");
            missed = 0;
            break;
        }
    memset(d->tape->touched, 0, d->tape->seg[TAPE_SIDE].at / TAPE_PAGE / 8 + 8);
    d->snapshots++;
    if (d->missed == DIRTY_NONE)
        d->missed = missed;
    return missed;
}

/* ---- life ---------------------------------------------------------------- */

static inline void dirty_close(struct dirty *d)
{
    if (d->uffd >= 0)
        close(d->uffd);
    if (d->pagemap >= 0)
        close(d->pagemap);
    d->uffd = d->pagemap = -1;
}

static inline bool dirty_begin(struct dirty *d)
{
    struct uffdio_api api = {.api = UFFD_API,
                             .features = UFFD_FEATURE_WP_ASYNC |
                                         UFFD_FEATURE_WP_UNPOPULATED};
    errno = EINVAL;
    if (sysconf(_SC_PAGESIZE) != TAPE_PAGE)
        return dirty_lacks(d, "pages of 4 KB");
    d->uffd = (int)syscall(SYS_userfaultfd,
                           O_CLOEXEC | O_NONBLOCK | UFFD_USER_MODE_ONLY);
    if (d->uffd < 0)
        return dirty_lacks(d, "userfaultfd");
    if (ioctl(d->uffd, UFFDIO_API, &api))
        return dirty_lacks(d, "asynchronous write protection");
    for (int i = 0; i < DIRTY_TRACKED; i++)
        if (!dirty_register(d, &d->tape->seg[dirty_tracked[i]]))
            return dirty_lacks(d, "UFFDIO_REGISTER");
    d->pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    if (d->pagemap < 0)
        return dirty_lacks(d, "/proc/self/pagemap");
    dirty_snapshot(d);
    return !d->lacks[0];
}

/* Tracks the segments of a tape from now on, and forgets what was touched.
 * False when this system cannot; d->lacks tells why, and nothing is open. */
static inline bool dirty_open(struct dirty *d, struct tape *t)
{
    *d = (struct dirty){.tape = t, .uffd = -1, .pagemap = -1};
    if (!dirty_begin(d)) {
        dirty_close(d);
        return false;
    }
    /* what came before is no figure */
    memset(d->written, 0, sizeof d->written);
    memset(d->touched, 0, sizeof d->touched);
    d->snapshots = 0;
    d->missed = DIRTY_NONE;
    return true;
}

static inline uint64_t dirty_sum(const uint64_t pages[TAPE_SEGMENTS])
{
    uint64_t sum = 0;
    for (int i = 0; i < DIRTY_TRACKED; i++)
        sum += pages[dirty_tracked[i]];
    return sum;
}

#endif
