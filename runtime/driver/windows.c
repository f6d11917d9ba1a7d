/* windows.c - a run that is gone back over, window by window or as a whole,
 * with digests of the machine compared: the proof that going back leads
 * back. */
#include <inttypes.h>

#include "runtime/driver/process.h"

#define WINDOWS_MOST 300 /* gone back over before they lie further apart */
#define DIGEST_CHEAP (UINT64_C(1) << 17) /* bytes / 4 */

#define SKIP_MOST (UINT64_C(1) << 18) /* instructions logged at one time */

/* Instructions without a look back, as windows that are only closed. */
static enum pal_status skip(struct vm *vm, uint64_t steps)
{
    while (steps) {
        uint64_t n = steps < SKIP_MOST ? steps : SKIP_MOST;
        TRY(vm_window_open(vm));
        vm->window->stop = n;
        enum pal_status status = vm_run(vm);
        n = vm->window->steps;
        TRY(vm_window_close(vm));
        if (status != PAL_PAUSE)
            return status;
        steps -= n;
    }
    return PAL_PAUSE;
}

/* Forward over a window, back to its start, forward again: the digests must
 * agree.  PAL_PAUSE: the program goes on. */
static enum pal_status one_window(struct vm *vm, uint64_t steps)
{
    TRY(vm_window_open(vm));
    uint64_t start = vm_digest(vm);
    vm->window->stop = steps;
    enum pal_status status = vm_run(vm);
    uint64_t end = vm_digest(vm), ran = vm->window->steps;
    if (status == PAL_NOMEM)
        return status;
    uint64_t back = vm_run_back(vm, ran);
    if ((back != ran || vm_digest(vm) != start) && !vm->failure[0])
        snprintf(vm->failure, sizeof vm->failure,
                 "%" PRIu64 " instructions back from tick %" PRIu64
                 " the state is not what it was",
                 back, vm->h.st->ticks);
    vm->window->stop = ran;
    enum pal_status again = vm_run(vm);
    /* a run that ended by itself ends again before it would pause */
    if ((again != status || vm_digest(vm) != end) && !vm->failure[0])
        snprintf(vm->failure, sizeof vm->failure,
                 "forward again the state differs at tick %" PRIu64,
                 vm->h.st->ticks);
    enum pal_status closed = vm_window_close(vm);
    return closed ? closed : status;
}

/* Bytes that a digest reads, about. */
static uint64_t digest_bytes(const struct vm *vm)
{
    const struct state *st = vm->h.st;
    const struct tape_range *seg = vm->h.tape.seg;
    return st->rbase - seg[TAPE_RSTACK].at + st->sbase - seg[TAPE_SSTACK].at +
           st->ctop - seg[TAPE_CSTACK].at + st->nursery - seg[TAPE_NURSERY].at +
           gc_used(&vm->h);
}

/* A long run, or one with a large state, is sampled: between windows that are
 * gone back over lie instructions that are not, as many as make the digests
 * cost about as much as the run. */
enum pal_status windows_run(struct vm *vm, const struct run_options *o)
{
    uint64_t steps = o->windows;
    uint64_t gap = 0;
    for (uint64_t n = 1;; n++) {
        enum pal_status status = one_window(vm, steps);
        if (status != PAL_PAUSE || vm->failure[0])
            return status;
        if (n % WINDOWS_MOST == 0)
            gap = gap ? gap * 8 : steps * 8;
        uint64_t least = digest_bytes(vm) / 4;
        status = skip(vm, least > gap && least > DIGEST_CHEAP ? least : gap);
        if (status != PAL_PAUSE)
            return status;
    }
}

/* Writes what a run in one window said; false when stdout refused. */
static bool write_window(struct vm *vm, struct process *ps)
{
    struct bytes out[2] = {bytes_in(vm->h.mem), bytes_in(vm->h.mem)};
    for (int i = 0; i < 2; i++)
        bytes_add(&out[i], vm->window->out[i].at, vm->window->out[i].n);
    for (int i = 0; i < 2; i++) {
        if (out[i].n)
            vm->host.write(vm->host.arg, i + 1, out[i].at, out[i].n);
        bytes_free(&out[i]);
    }
    process_flush(ps);
    return !ps->failed;
}

int windows_run_back(struct vm *vm, struct process *ps,
                     const struct run_options *o)
{
    if (vm_window_open(vm)) {
        fprintf(stderr, "%s: out of memory\n", o->name);
        return RUN_USAGE;
    }
    uint64_t start = vm_digest(vm);
    vm->window->through = true;
    enum pal_status status = vm_run(vm);
    uint64_t ran = vm->window->steps;
    if (status == PAL_NOMEM || vm->window->log.failed) {
        fprintf(stderr, "%s: the run is too long to log as a whole\n", o->name);
        return RUN_USAGE;
    }
    int code = status == PAL_TRAP ? RUN_FAILED : vm_exit_status(vm);
    bool wrote = write_window(vm, ps);
    if (status == PAL_TRAP)
        report_error(vm, o);
    if (!wrote)
        code = report_refused(ps, o, code);
    stats_run(vm, o->stats); /* of the way forward */
    uint64_t back = vm_run_back(vm, ran);
    bool same = back == ran && vm_digest(vm) == start;
    fprintf(stderr,
            "%" PRIu64 " instruction%s forward, %" PRIu64 " back: the state "
            "is %s\n",
            ran, ran == 1 ? "" : "s", back,
            same ? "the first again" : "NOT the first");
    vm_window_drop(vm);
    return same ? code : RUN_BROKEN;
}
