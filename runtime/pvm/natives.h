/* natives.h - natives.def as data, and reading signatures.
 *
 * A native's number indexes tables of bodies in the vm and of names here; it
 * is nothing an image holds. */
#ifndef PAL_PVM_NATIVES_H
#define PAL_PVM_NATIVES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum pvm_effect {
    PVM_EFFECT_PURE, /* reads its arguments only */
    PVM_EFFECT_READ, /* reads the heap */
    PVM_EFFECT_HEAP, /* changes objects, through the barrier */
    PVM_EFFECT_HELD, /* output, held back while a scope is open */
    PVM_EFFECT_NOW,  /* output or a pause, at once, never taken back */
    PVM_EFFECT_HOST, /* asks the host; constant during a run */
    PVM_EFFECT_ASK,  /* asks the host; the answer may be another each time */
    PVM_EFFECT_ACT,  /* changes the world; refused while a scope is open */
    PVM_EFFECT_EXIT  /* ends the run */
};

enum pvm_native_number {
#define NATIVE(num, name, sig, EFFECT, FAILS, meaning) PVM_NATIVE_##name = num,
#include "runtime/pvm/natives.def"
#undef NATIVE
    PVM_NATIVES_LIMIT = 512
};

struct pvm_native {
    const char *name; /* NULL: no such number */
    const char *sig;  /* as natives.def describes */
    uint8_t effect;   /* enum pvm_effect */
    bool fails;
    const char *meaning;
};
extern const struct pvm_native pvm_natives[PVM_NATIVES_LIMIT];

/* The number of the native of that name and signature; -1 when there is
 * none.  The texts are n and m bytes long and need no NUL. */
int pvm_native_find(const char *name, size_t n, const char *sig, size_t m);
/* The number of the native of that name (NUL-terminated), or -1. */
int pvm_native_named(const char *name);

/* What an argument or result letter asks of a value. */
enum pvm_sig_rule {
    SIG_BAD,       /* no letter of a signature */
    SIG_KEY_S,     /* k: a scalar key of the first map argument */
    SIG_VALUE_S,   /* v: a scalar value of it */
    SIG_SCALAR,    /* any scalar: i f b y x */
    SIG_TYPE,      /* a reference of the type pvm_sig_type gives: s e I F Y Z */
    SIG_ANY_REF,   /* a */
    SIG_LIST,      /* l: any list */
    SIG_LIST_S,    /* w: a list of scalars */
    SIG_LIST_R,    /* m: a list of references */
    SIG_ITEM_REF,  /* r: of the item type of the first list argument */
    SIG_SAME,      /* =: of the type of the first reference argument */
    SIG_MAP,       /* M: any map */
    SIG_KEY_REF,   /* K: a reference key of the first map argument */
    SIG_VALUE_REF, /* V: a reference value of it */
    SIG_KEY_LIST,  /* p: a list of its keys */
    SIG_VALUE_LIST /* q: a list of its values */
};
enum pvm_sig_rule pvm_sig_rule(char letter);
/* The index of the type a SIG_TYPE letter means. */
uint32_t pvm_sig_type(char letter);
static inline bool pvm_sig_is_ref(char letter)
{
    return pvm_sig_rule(letter) > SIG_SCALAR;
}
/* The results' letters of a signature: what stands behind its colon. */
const char *pvm_sig_results(const char *sig);

#endif
