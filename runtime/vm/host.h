/* host.h - what a program asks of the world outside: the one door.
 *
 * A native fills a call and gives it to vm_ask, which has the embedder answer
 * it (struct vm_host); host_answer is what a process answers.  Whoever records
 * runs, plays them again or forbids something stands between these two.
 *
 * In a traced window the answers are kept, by number: a machine that has gone
 * back and comes again gets the same answer, and nothing is done twice. */
#ifndef PAL_VM_HOST_H
#define PAL_VM_HOST_H

#include "runtime/base/status.h"
#include "runtime/mem/bytes.h"
#include "runtime/mem/vec.h"

/* OP(NAME, what it asks, and what value and bytes of the answer are) */
#define HOST_OPS(OP)                                                           \
    OP(READ_INPUT, "at most `most` bytes of stdin; none at its end")           \
    OP(READ_FILE, "all of a file, at most `most` bytes")                       \
    OP(WRITE_FILE, "makes a file of the data")                                 \
    OP(APPEND_FILE, "the same, behind what the file holds")                    \
    OP(EXISTS, "whether there is such a path")                                 \
    OP(IS_DIR, "whether it is a directory")                                    \
    OP(FILE_SIZE, "bytes of a file")                                           \
    OP(REMOVE, "removes a file or an empty directory")                         \
    OP(RENAME, "gives a path the name that the data is")                       \
    OP(MAKE_DIR, "makes a directory")                                          \
    OP(LIST_DIR, "names in a directory, a NUL behind each, in any order")      \
    OP(ENV, "whether a variable of the environment is set, and its text")      \
    OP(CWD, "the current directory")                                           \
    OP(PID, "number of the process")                                           \
    OP(PLATFORM, "name of the operating system, in small letters")             \
    OP(NOW, "bits of a float: seconds since 1970, UTC")                        \
    OP(MONOTONIC, "nanoseconds of a clock that never goes back")               \
    OP(SLEEP, "waits so many nanoseconds (`most`)")                            \
    OP(RANDOM, "64 bits of entropy")

enum host_op {
#define OP(NAME, meaning) HOST_##NAME,
    HOST_OPS(OP)
#undef OP
};

struct host_call {
    enum host_op op;
    const char *path; /* or name; NUL-terminated */
    const void *data; /* n bytes; of RENAME NUL-terminated */
    size_t n;
    uint64_t most;
    /* the answer */
    int error; /* an errno, EFBIG where it is larger than `most`; 0: none */
    int64_t value;
    struct bytes *out; /* bytes are added here */
};

/* Answers as a process does; the signature of vm_host's `ask`. */
void host_answer(void *arg, struct host_call *c);

struct vm;
/* Has a call answered; its `out` becomes vm->answer, emptied.  Never traps:
 * what went wrong is c->error. */
void vm_ask(struct vm *vm, struct host_call *c);

/* The answers of a window. */
struct host_kept {
    enum host_op op;
    int error;
    int64_t value;
    size_t at, n; /* bytes of the answer, in `bytes` */
};
struct host_answers {
    uint64_t first; /* number of the first one kept */
    VEC(struct host_kept) kept;
    struct bytes bytes;
};
/* Forgets answers that will not come again: a window ends. */
void vm_forget_answers(struct vm *vm);

#endif
