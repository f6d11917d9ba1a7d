/* status.h - what a library function of any room returns.
 *
 * The compiler reports through diagnostics and a bool; the VM raises traps
 * that a program can catch; everything between returns a pal_status.  PAL_OK
 * is zero, so `if (st)` reads "went wrong". */
#ifndef PAL_BASE_STATUS_H
#define PAL_BASE_STATUS_H

enum pal_status {
    PAL_OK = 0,
    PAL_NOMEM,  /* memory, address space or a fixed limit is exhausted */
    PAL_IO,     /* the operating system refused; errno says why */
    PAL_FORMAT, /* malformed input; a message and a place were reported */
    PAL_TRAP,   /* an error of the running program is pending in its vm */
    PAL_EXIT,   /* the program called exit(n) */
    PAL_PAUSE,  /* the run stopped where its caller asked it to */
    PAL_USAGE   /* the caller's arguments make no sense */
};

/* Hands a failure to the caller. */
#define TRY(e)                                                                 \
    do {                                                                       \
        enum pal_status try_status_ = (e);                                     \
        if (try_status_)                                                       \
            return try_status_;                                                \
    } while (0)

#if defined(__GNUC__) || defined(__clang__)
#define PAL_LIKELY(e)   __builtin_expect(!!(e), 1)
#define PAL_UNLIKELY(e) __builtin_expect(!!(e), 0)
#else
#define PAL_LIKELY(e)   (e)
#define PAL_UNLIKELY(e) (e)
#endif

#endif
