/* natives.c - the table of natives. */
#include "runtime/pvm/natives.h"

#include <string.h>

#include "runtime/pvm/image.h"

const struct pvm_native pvm_natives[PVM_NATIVES_LIMIT] = {
#define NATIVE(num, id, signature, EFFECT, FAILS, what)                        \
    [num] = {.name = #id,                                                      \
             .sig = signature,                                                 \
             .effect = PVM_EFFECT_##EFFECT,                                    \
             .fails = FAILS,                                                   \
             .meaning = what},
#include "runtime/pvm/natives.def"
#undef NATIVE
};

/* A number that stands twice is an error of the compiler's here. */
__attribute__((unused)) static void numbers_are_unique(unsigned number)
{
    switch (number) {
#define NATIVE(num, id, signature, EFFECT, FAILS, what) case num:
#include "runtime/pvm/natives.def"
#undef NATIVE
    default: break;
    }
}

static bool is_text(const char *s, const char *t, size_t n)
{
    return strlen(s) == n && !memcmp(s, t, n);
}

int pvm_native_find(const char *name, size_t n, const char *sig, size_t m)
{
    for (int i = 0; i < PVM_NATIVES_LIMIT; i++) {
        const struct pvm_native *f = &pvm_natives[i];

        if (f->name && is_text(f->name, name, n) && is_text(f->sig, sig, m))
            return i;
    }
    return -1;
}

int pvm_native_named(const char *name)
{
    for (int i = 0; i < PVM_NATIVES_LIMIT; i++) {
        if (pvm_natives[i].name && !strcmp(pvm_natives[i].name, name))
            return i;
    }
    return -1;
}

/* ---- signatures ---------------------------------------------------------- */

enum pvm_sig_rule pvm_sig_rule(char letter)
{
    switch (letter) {
    case 'i':
    case 'f':
    case 'b':
    case 'y':
    case 'x': return SIG_SCALAR;
    case 's':
    case 'e':
    case 'I':
    case 'F':
    case 'Y':
    case 'Z':
    case 'W':
    case 'G':
    case 'A': return SIG_TYPE;
    case 'a': return SIG_ANY_REF;
    case 'l': return SIG_LIST;
    case 'w': return SIG_LIST_S;
    case 'm': return SIG_LIST_R;
    case 'r': return SIG_ITEM_REF;
    case '=': return SIG_SAME;
    case 'M': return SIG_MAP;
    case 'k': return SIG_KEY_S;
    case 'K': return SIG_KEY_REF;
    case 'v': return SIG_VALUE_S;
    case 'V': return SIG_VALUE_REF;
    case 'p': return SIG_KEY_LIST;
    case 'q': return SIG_VALUE_LIST;
    default: return SIG_BAD;
    }
}

uint32_t pvm_sig_type(char letter)
{
    switch (letter) {
    case 's': return PVM_T_STR;
    case 'e': return PVM_T_ERROR;
    case 'I': return PVM_T_LIST_INT;
    case 'F': return PVM_T_LIST_FLOAT;
    case 'Y': return PVM_T_LIST_BYTE;
    case 'Z': return PVM_T_LIST_STR;
    case 'W': return PVM_T_WEAK;
    case 'G': return PVM_T_GUARDIAN;
    case 'A': return PVM_T_ANY;
    default: return PVM_T_NULL;
    }
}

const char *pvm_sig_results(const char *sig)
{
    const char *colon = strchr(sig, ':');

    return colon ? colon + 1 : "";
}
