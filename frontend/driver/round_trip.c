/* round_trip.c - `pal check --round-trip`: reversible functions are run
 * forwards and back, and back and forwards, on arguments made at random.
 *
 * Each case is a program: the file, variables that hold the arguments, and two
 * test blocks that call and uncall the function with them.  A machine of its
 * own runs it; the state is the canonical hash of all globals, among them
 * those variables.
 *
 *     hash 1 -- call --> hash 2 -- uncall --> hash 1 -- call --> hash 2
 *
 * An error, or too many steps, on the first way only says that the arguments
 * are none for it.  On the ways that follow it is a failure, as is another
 * hash, or an entry left on the trail. */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "backend/backend.h"
#include "frontend/driver/driver.h"
#include "frontend/trial.h"

enum {
    CASES = 100,          /* of a function, where nothing else is asked for */
    TRIES = 10,           /* for one case, where arguments are refused */
    STEPS_MOST = 1 << 18, /* calls and jumps back of one way */
    SHRINK_TRIES = 3000
};
#define HEAP_MOST  (UINT64_C(64) << 20)
#define STACK_MOST (UINT64_C(4) << 20)

enum way { FORTH, BACK };

enum outcome {
    FINE,      /* there and back, and there again */
    NO_WAY,    /* it fails: the arguments are none for it */
    TOO_LONG,  /* or too large */
    DIFFERENT, /* the failures: another state after going back, */
    AGAIN,     /* or after going there again */
    FAILED,    /* going back fails */
    LEFT,      /* something is left on the trail */
    UNFIT      /* the case could not be run; it was said */
};

struct round {
    struct driver *d;
    struct unit *u;
    struct mem *mem; /* of cases */
    char prefix[24];
    enum way first;
    enum outcome outcome; /* of the last case */
    char error[300];      /* of a FAILED one: kind and message */
};

/* ---- a case as a program ------------------------------------------------- */

static struct pvm_image *compile_case(struct round *x, struct trial *t)
{
    const struct source *src = x->u->src;
    struct bytes text = bytes_in(x->mem), call = bytes_in(x->mem);
    struct pvm_image *im = NULL;
    struct compiler c;

    bytes_add(&text, src->text, src->len);
    bytes_byte(&text, '\n');
    trial_print(t, x->prefix, "", &text, &call);
    bytes_printf(&text, "test \"call\" { %.*s }\n", (int)call.n,
                 (const char *)call.at);
    bytes_printf(&text, "test \"uncall\" { uncall %.*s }\n", (int)call.n,
                 (const char *)call.at);
    struct source *s =
        source_copy(x->mem, src->path, (const char *)text.at, (uint32_t)text.n);
    struct unit *u = open_unit(x->d, s);
    if (!parse_unit(u) || !sema_check(u)) {
        show_diags(x->d, u);
    } else {
        if (compile_unit(x->d, u, &c, true) && !(im = be_finish(c.be)))
            say_error("%s: %s", x->d->path, be_error(c.be));
        compiler_close(&c);
    }
    close_unit(x->d, u);
    bytes_free(&text);
    bytes_free(&call);
    return im;
}

/* ---- running it ---------------------------------------------------------- */

static bool no_output(void *arg, int fd, const void *p, size_t n)
{
    (void)arg, (void)fd, (void)p, (void)n;
    return true;
}

static uint64_t state_of(const struct vm *vm)
{
    struct obj_hash *x = obj_hash_open(&vm->h);

    if (x)
        obj_hash_ref(x, vm->globals);
    return x ? obj_hash_close(x) : 0;
}

static void note_error(struct round *x, struct vm *vm)
{
    const char *message, *kind;
    size_t n;

    vm_error_text(vm, &message, &n, &kind);
    snprintf(x->error, sizeof x->error, "%.*s (%s)", (int)n, message, kind);
}

static enum outcome run_fn(struct round *x, struct vm *vm, uint32_t fn)
{
    enum pal_status status;
    const char *message, *kind;
    size_t n;

    vm_begin(vm, fn);
    vm_stop_after(vm, STEPS_MOST);
    status = vm_run(vm);
    if (status == PAL_OK)
        return vm->h.st->trail == vm->h.tape.seg[TAPE_HISTORY].at ? FINE : LEFT;
    if (status != PAL_TRAP)
        return TOO_LONG;
    vm_error_text(vm, &message, &n, &kind);
    if (!strcmp(kind, "memory") || !strcmp(kind, "stack"))
        return TOO_LONG;
    note_error(x, vm);
    return NO_WAY;
}

/* There, back, and there again. */
static enum outcome run_ways(struct round *x, struct vm *vm)
{
    const struct pvm_image *im = vm->h.image;
    const struct pvm_test *ways = &im->tests[im->ntests - 2];
    uint32_t there = ways[x->first].fn, back = ways[!x->first].fn;
    uint64_t start = state_of(vm), end;
    enum outcome o = run_fn(x, vm, there);

    if (o != FINE)
        return o;
    end = state_of(vm);
    for (int k = 0; k < 2; k++) {
        o = run_fn(x, vm, k ? there : back);
        if (o != FINE)
            return o == NO_WAY ? FAILED : o;
        if (state_of(vm) != (k ? end : start))
            return k ? AGAIN : DIFFERENT;
    }
    return FINE;
}

static enum outcome run_image_of(struct round *x, const struct pvm_image *im)
{
    const struct vm_options opt = {.heap = HEAP_MOST, .stack = STACK_MOST};
    const struct vm_host host = {.write = no_output};
    struct vm *vm;
    enum outcome o = UNFIT;

    if (vm_open(&vm, x->mem, im, &opt, &host)) {
        say_error("%s: no machine could be started", x->d->path);
        return UNFIT;
    }
    if (im->init) {
        vm_begin(vm, im->init - 1);
        vm_stop_after(vm, 64 * STEPS_MOST);
    }
    if (!im->init || vm_run(vm) == PAL_OK)
        o = run_ways(x, vm);
    else
        say_error("%s cannot be tried: its globals fail", x->d->path);
    vm_close(vm);
    return o;
}

static bool run_case(void *arg, struct trial *t)
{
    struct round *x = arg;
    struct pvm_image *im = compile_case(x, t);
    struct pvm_error err;

    x->outcome = UNFIT;
    if (!im)
        return false;
    if (pvm_verify(im, x->mem, &err))
        say_error("%s: %s", x->d->path, err.text);
    else
        x->outcome = run_image_of(x, im);
    pvm_free(im);
    return x->outcome >= DIFFERENT && x->outcome != UNFIT;
}

/* ---- what is said -------------------------------------------------------- */

static void say_failure(struct round *x, struct trial *t)
{
    static const char *const ways[] = {"forwards and back",
                                       "back and forwards"};
    struct bytes decls = bytes_in(x->mem), call = bytes_in(x->mem);

    printf("%s: FAILED %s: ", t->fn->name->text, ways[x->first]);
    switch (x->outcome) {
    case DIFFERENT: printf("the state is another one"); break;
    case AGAIN: printf("going there again gives another state"); break;
    case LEFT: printf("entries are left on the trail"); break;
    default: printf("the way back fails: %s", x->error);
    }
    trial_print(t, "v", "    ", &decls, &call);
    printf("\n%.*s    %s%.*s\n", (int)decls.n, (const char *)decls.at,
           x->first == FORTH ? "" : "uncall ", (int)call.n,
           (const char *)call.at);
    bytes_free(&decls);
    bytes_free(&call);
}

struct counts {
    uint32_t fine[2], no_way[2], too_long;
};

static void say_counts(const struct sym *fn, const struct counts *n)
{
    printf("%s: %u forwards and back", fn->name->text, n->fine[FORTH]);
    if (n->no_way[FORTH])
        printf(" (%u refused)", n->no_way[FORTH]);
    printf(", %u back and forwards", n->fine[BACK]);
    if (n->no_way[BACK])
        printf(" (%u refused)", n->no_way[BACK]);
    if (n->too_long)
        printf(", %u too long", n->too_long);
    printf("\n");
}

/* ---- functions ----------------------------------------------------------- */

/* A case in both orders; false at a failure, which was said. */
static bool try_case(struct round *x, struct sym *fn, uint64_t seed,
                     struct counts *n)
{
    for (x->first = FORTH; x->first <= BACK; x->first++) {
        struct arena *a = arena_open(x->mem);
        struct trial t;
        bool failed;
        trial_make(&t, x->u, a, fn, seed);
        failed = run_case(x, &t);
        if (failed) {
            trial_shrink(&t, run_case, x, SHRINK_TRIES);
            run_case(x, &t);
            say_failure(x, &t);
        }
        arena_close(a);
        if (failed || x->outcome == UNFIT)
            return false;
        n->fine[x->first] += x->outcome == FINE;
        n->no_way[x->first] += x->outcome == NO_WAY;
        n->too_long += x->outcome == TOO_LONG;
    }
    return true;
}

static bool try_fn(struct round *x, struct sym *fn)
{
    const struct type *without = trial_lacks(x->u, fn);
    struct counts n = {.too_long = 0};

    if (without) {
        printf("%s: not tried, for lack of values of type %s\n", fn->name->text,
               type_text(x->u, (struct type *)(uintptr_t)without));
        return true;
    }
    for (uint32_t i = 0; n.fine[FORTH] < x->d->cases &&
                         n.fine[BACK] < x->d->cases && i < TRIES * x->d->cases;
         i++)
        if (!try_case(x, fn, x->d->seed + i, &n))
            return false;
    say_counts(fn, &n);
    return true;
}

/* Names that begin with it are new to the program. */
static void choose_prefix(struct round *x)
{
    for (unsigned i = 1;; i++) {
        snprintf(x->prefix, sizeof x->prefix, "trial%u_", i);
        if (!strstr(x->u->src->text, x->prefix))
            return;
    }
}

int check_round_trip(struct driver *d, struct unit *u)
{
    struct round x = {.d = d, .u = u, .mem = d->mem};
    uint32_t tried = 0, failed = 0;

    if (!has_rev_fn(d, u))
        return RUN_USAGE;
    if (!d->cases)
        d->cases = CASES;
    if (!d->seeded)
        d->seed = (uint64_t)time(NULL);
    choose_prefix(&x);
    d->tests = true;
    for (uint32_t i = 0; i < u->fns.n; i++) {
        struct sym *fn = u->fns.at[i];
        if (!fn->is_rev || fn->module != u->top ||
            (d->fn && strcmp(fn->name->text, d->fn)))
            continue;
        tried++;
        failed += !try_fn(&x, fn);
        if (x.outcome == UNFIT)
            return RUN_FAILED;
    }
    printf("%u function%s, %u failed, seed %" PRIu64 "\n", tried,
           tried == 1 ? "" : "s", failed, d->seed);
    return failed ? RUN_FAILED : RUN_DONE;
}
