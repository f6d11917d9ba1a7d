/* vm.h - the Palindrome VM: one program, its tape, and the loops that run it.
 *
 * struct vm holds only what can be rebuilt from the image and the tape; all
 * that a snapshot needs lies on the tape.  Nothing is shared between vms.
 *
 *   vm_open -> vm_start (main) or vm_begin (one function) -> vm_run ...
 *
 * vm_run goes forward at full speed until the program ends (PAL_OK), calls
 * exit (PAL_EXIT), fails uncaught (PAL_TRAP) or meets a wish to stop at a
 * safepoint (PAL_PAUSE).  A traced window (vm_window_open) logs each
 * overwritten word; while it is open vm_run stops after a number of
 * instructions, and vm_run_back steps back over them.
 *
 * A trap leaves the state as before the instruction; the error then unwinds
 * through the marks, without C recursion. */
#ifndef PAL_VM_VM_H
#define PAL_VM_VM_H

#include "runtime/coll/list.h"
#include "runtime/coll/str.h"
#include "runtime/gc/stats.h"
#include "runtime/mem/bytes.h"
#include "runtime/trail/trail.h"
#include "runtime/vm/host.h"

/* Kinds of error, as e.kind names them. */
enum vm_error_kind {
#define KIND(NAME, text) VM_##NAME,
#include "runtime/vm/kinds.def"
#undef KIND
    VM_NKINDS
};

struct vm;

/* What the embedder gives. */
struct vm_host {
    /* Writes n bytes to stdout (fd 1) or stderr (2); false with errno set
     * when the system refuses. */
    bool (*write)(void *arg, int fd, const void *p, size_t n);
    /* An error nobody catches was raised; the scopes are still open, so the
     * held output can be read (vm_held).  May be NULL. */
    void (*uncaught)(void *arg, struct vm *vm);
    /* Answers what the program asks of files, input, time and the like, as
     * host_answer does.  NULL: it may not ask. */
    void (*ask)(void *arg, struct host_call *c);
    void *arg;
    const char *const *args; /* the program's arguments, NULL-terminated */
};

struct vm_options {
    uint64_t heap;  /* bytes of old generation; 0: three quarters of the
                       machine's memory */
    uint64_t stack; /* bytes of each stack; 0: 64 MB */
    /* 0: as the context's profile has it */
    uint64_t nursery;   /* bytes */
    uint64_t gc_growth; /* percent of what lives that a cycle may take in */
    uint64_t gc_slice;  /* bytes marked at a time, at least */
    uint64_t gc_stress; /* a minor collection every N allocations; 0: none */
    bool check_undo;    /* hash the state around every scope and compare */
    bool check_tape;    /* audit the tape at every minor collection */
};

/* A function as the loops want it; the table lies in segment CODE. */
struct vm_fn {
    uint32_t entry;           /* where its code starts on the tape, in bytes */
    uint16_t nrefs, nscalars; /* the frame */
    uint16_t ref_params;      /* references the caller fills */
    uint16_t unused[3];
};

/* The body of a native: its windows of references and scalars hold the
 * arguments, and then the results. */
typedef enum pal_status vm_native_fn(struct vm *vm, uint64_t *r, int64_t *s);

struct vm_window {
    struct tlog log;
    uint64_t steps;      /* instructions since it was opened */
    uint64_t stop;       /* pause after so many steps */
    bool through;        /* go on where the heap wants a collection */
    bool again;          /* heap.window_again when it was opened */
    uint64_t last;       /* the instruction before pc, as an arrival */
    struct bytes out[2]; /* written meanwhile, not yet to the host */
    uint64_t out_base[2];
};

struct vm_check; /* check.c */

struct vm {
    struct heap h; /* first: the rooms below know it by this address */
    struct vm_options opt;
    struct vm_host host;
    const uint64_t *code; /* on the tape */
    uint32_t ncode;
    const struct vm_fn *fns; /* on the tape */
    uint32_t widest;         /* reference registers of the widest frame */
    const uint64_t *strings; /* on the tape: a reference by string index */
    const uint64_t *kinds;   /* on the tape: a reference by error kind */
    const uint64_t *units;   /* on the tape: the one object of a type, or 0 */
    const int64_t *consts;
    uint32_t *type_refs;  /* h.type_refs */
    uint32_t *type_words; /* payload words of a struct type */
    uint32_t *type_wider; /* by type, as pvm_find_wider has them */
    uint32_t *type_tags;
    uint32_t *type_fns;    /* of a CLOSURE its function */
    const uint64_t *r_end; /* no frame begins beyond these ends; behind them */
    const int64_t *s_end;  /* the largest frame still fits */
    const uint64_t *c_end;
    uint64_t globals;       /* State's */
    uint32_t watermark_pc;  /* of the stub */
    volatile int interrupt; /* set from a signal handler: stop soon */
    int64_t chunk;          /* ticks from the last count to a safepoint */
    uint64_t last_tick;     /* vm_run pauses there; 0: nowhere */

    enum vm_error_kind trap_kind; /* the trap being raised */
    char trap_text[200];
    struct bytes scratch; /* bounce buffer of natives */
    struct bytes answer;  /* the host's last */
    struct host_answers answers;
    struct vm_window *window; /* NULL: none open */
    struct tape_audit audit;
    struct vm_check *check;
    /* Called after each native that tells the host something or asks it, with
     * what it returned and its windows, results in them; NULL: nobody listens.
     * (What leaves the vm passes host.write too, held output included.) */
    void (*log)(void *arg, struct vm *vm, int native, enum pal_status status,
                const uint64_t *r, const int64_t *s);
    void *log_arg;
    char failure[240]; /* a broken promise of the runtime itself, found
                          by a check; empty: none */
};

/* ---- life ---------------------------------------------------------------- */

/* Opens a vm on a verified image, which must outlive it.  PAL_NOMEM when there
 * are too few addresses, or no memory; PAL_USAGE when the heap's limit leaves
 * no room for what is made at load. */
enum pal_status vm_open(struct vm **out, struct mem *m,
                        const struct pvm_image *image,
                        const struct vm_options *opt,
                        const struct vm_host *host);
void vm_close(struct vm *vm);

/* Sets the machine before the image's init and main. PAL_USAGE: no main. */
enum pal_status vm_start(struct vm *vm);
/* Sets the machine before a function without parameters, by image index. */
enum pal_status vm_begin(struct vm *vm, uint32_t fn);
enum pal_status vm_run(struct vm *vm);
/* From now on vm_run pauses after so many ticks (calls and jumps back), or
 * soon behind them.  Not in a traced window. */
void vm_stop_after(struct vm *vm, uint64_t ticks);
/* Runs a function without parameters to its end inside a scope that is always
 * undone, as test blocks are. */
enum pal_status vm_run_undone(struct vm *vm, uint32_t fn);

/* After PAL_OK or PAL_EXIT: the status the program wants. */
int vm_exit_status(const struct vm *vm);

/* ---- errors -------------------------------------------------------------- */

struct vm_place {
    const char *file, *function;
    uint32_t line; /* 0: unknown */
};
/* After PAL_TRAP: message (of n bytes, NULs among them) and kind of the error,
 * valid until the vm runs or closes. */
void vm_error_text(struct vm *vm, const char **message, size_t *n,
                   const char **kind);
/* The i-th place of its trace, innermost first; false past the end. A place
 * whose file is NULL stands for `line` frames left out. */
bool vm_error_place(struct vm *vm, uint32_t i, struct vm_place *out);
/* The output held back now: copies it to out. */
void vm_held(struct vm *vm, struct bytes *out);

/* ---- a traced window ----------------------------------------------------- */

/* From here on overwritten words are logged.  vm_run then pauses after
 * window->stop instructions, and where the heap wants a collection, which a
 * window cannot hold.  PAL_USAGE when one is open. */
enum pal_status vm_window_open(struct vm *vm);
/* Steps back n instructions, or to the window's start; returns how many. */
uint64_t vm_run_back(struct vm *vm, uint64_t n);
/* Ends the window: what was written meanwhile goes to the host, and the
 * collection that was put off is made. */
enum pal_status vm_window_close(struct vm *vm);
/* A hash of the whole machine: registers, objects, trail, marks, State. */
uint64_t vm_digest(struct vm *vm);

/* ---- for the vm's own files ---------------------------------------------- */

enum pal_status vm_loop_plain(struct vm *vm);
enum pal_status vm_loop_traced(struct vm *vm);

/* Notes a trap; the caller returns PAL_TRAP (natives) or goes to the unwinder
 * (loops). */
enum pal_status vm_trap(struct vm *vm, enum vm_error_kind kind,
                        const char *format, ...)
    __attribute__((format(printf, 3, 4), cold));
enum pal_status vm_trap_index(struct vm *vm, int64_t i, uint64_t n)
    __attribute__((cold));
/* The trap for a float that is no int. */
enum pal_status vm_trap_range(struct vm *vm, double x) __attribute__((cold));
/* The trap for a store that failed: null, or no memory. */
enum pal_status vm_trap_store(struct vm *vm, uint64_t o) __attribute__((cold));
enum pal_status vm_trap_memory(struct vm *vm) __attribute__((cold));
enum pal_status vm_trap_list(struct vm *vm, enum list_status why, uint64_t list,
                             int64_t i) __attribute__((cold));

/* Makes the Error of the noted trap pending and unwinds: PAL_OK when a handler
 * was entered, PAL_TRAP when nobody catches it. */
enum pal_status vm_raise(struct vm *vm);
/* The same for an Error object. */
enum pal_status vm_raise_error(struct vm *vm, uint64_t error);
/* An Error without a trace; n bytes of text from outside the tape, kind a str.
 * 0 when the heap is full. */
uint64_t vm_new_error(struct vm *vm, const char *text, uint64_t n,
                      uint64_t kind);
/* The place of a trace's entry; false when it is no function's. */
bool vm_place_of(struct vm *vm, int64_t pc, struct vm_place *out);
/* Leaves all scopes as `return` would, for exit. */
enum pal_status vm_leave_all(struct vm *vm);

enum pal_status vm_mark(struct vm *vm, uint64_t w, uint64_t pc);
enum pal_status vm_keep(struct vm *vm);
enum pal_status vm_undo(struct vm *vm);
/* Output through the effect rules: held while a scope is open. */
enum pal_status vm_print(struct vm *vm, const void *p, size_t n);
enum pal_status vm_write(struct vm *vm, int fd, const void *p, size_t n);

/* Forgets a window without writing what it held. */
void vm_window_drop(struct vm *vm);
/* A str born old; 0 when the heap is full. */
uint64_t vm_old_str(struct vm *vm, const char *p, size_t n);

/* A native by row, as the NAT instruction calls it. */
enum pal_status vm_call_native(struct vm *vm, int native, uint64_t *r,
                               int64_t *s);

/* End of the reference registers in use, from State. */
uint64_t vm_ref_top(const struct vm *vm);
/* Frame sizes at a pc: those of its function, 0 in the stub. */
void vm_frame_at(const struct vm *vm, uint64_t pc, uint32_t *nrefs,
                 uint32_t *nscalars);

/* check.c: hashes around scopes, when opt.check_undo asks for them. */
void vm_check_mark_slow_(struct vm *vm);
void vm_check_undone_slow_(struct vm *vm, uint64_t pc);
void vm_check_closed_slow_(struct vm *vm);
void vm_check_free(struct vm *vm);

static inline void vm_check_mark(struct vm *vm)
{
    if (PAL_UNLIKELY(vm->opt.check_undo))
        vm_check_mark_slow_(vm);
}
static inline void vm_check_undone(struct vm *vm, uint64_t pc)
{
    if (PAL_UNLIKELY(vm->opt.check_undo))
        vm_check_undone_slow_(vm, pc);
}
static inline void vm_check_closed(struct vm *vm)
{
    if (PAL_UNLIKELY(vm->opt.check_undo))
        vm_check_closed_slow_(vm);
}

/* ---- roots.c: the collector's calls -------------------------------------- */

/* Registers that live, of the frames from the watermark up; the others there
 * are set to null. */
void vm_young_roots(struct heap *h,
                    void (*visit)(struct heap *h, uint64_t *slot));
/* All registers. */
void vm_roots(struct heap *h, void (*visit)(struct heap *h, uint64_t *slot));
/* What is made at load, and never young. */
void vm_old_roots(struct heap *h,
                  void (*visit)(struct heap *h, uint64_t *slot));

/* ---- watermark.c --------------------------------------------------------- */

/* From here on reference registers may be young; below none is. */
uint64_t vm_watermark(const struct vm *vm);
/* After a minor collection: the frames below the running one hold no young
 * reference until they run again. */
void vm_watermark_set(struct vm *vm);
/* The record stands in its place again; none is replaced. */
void vm_watermark_drop(struct vm *vm);
/* Before frames above `ctop` are left without returning, for the one that
 * begins at rbase. */
void vm_watermark_unwind(struct vm *vm, uint64_t ctop, uint64_t rbase);
/* When the loop halts: true when it met the stub; the machine then stands
 * where the frame wanted to return to. */
bool vm_watermark_met(struct vm *vm);
/* The return record at a position, whether replaced or not. */
uint64_t vm_record_at(const struct vm *vm, uint64_t at);
/* A sentence when a register below the watermark is young, or NULL. */
const char *vm_watermark_check(struct vm *vm);

/* Frames a trace keeps: the first and the last half of these, and between
 * them the count of those left out, as a negative number. */
#define VM_TRACE_HALF 32
#define VM_TRACE_MAX  (2 * VM_TRACE_HALF + 1)
/* That raising an error allocates at most: its text, the Error, the trace. */
#define VM_ERROR_BYTES 1024u

/* A return record: where the next instruction stands on the tape 32 |
 * reference window 16 | scalar window 16; made of it and of the CALL's word,
 * whose A and B are the windows. */
static inline uint64_t vm_record(uint64_t at, uint64_t call)
{
    return at | call >> 16 << 32;
}
/* The index of the instruction that a record returns to. */
static inline uint64_t vm_record_pc(const struct vm *vm, uint64_t record)
{
    return ((uint32_t)record - vm->h.tape.seg[TAPE_CODE].at) / 8;
}

/* An arrival in a window's log: the instruction before, and how. */
#define VM_ARRIVAL_UNWOUND (UINT64_C(1) << 63)

#endif
