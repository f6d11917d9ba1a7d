/* types.c - types.def as descriptors.
 *
 * Every image begins with these types and these strings: the name of type i
 * is string i, the names of fields follow. */
#include "runtime/pvm/image.h"

const char *const pvm_builtin_strings[] = {
#define TYPE(index, NAME, KIND, text, EKIND, etype) [index] = text,
#include "runtime/pvm/types.def"
#undef TYPE
    "message", "kind", "trace", "value", "out", "in", "random", "position"};

enum { /* as above */
       S_MESSAGE = PVM_TYPE_FIRST,
       S_KIND,
       S_TRACE,
       S_VALUE,
       S_OUT,
       S_IN,
       S_RANDOM,
       S_POSITION,
       S_COUNT
};
_Static_assert(sizeof pvm_builtin_strings / sizeof *pvm_builtin_strings ==
                   S_COUNT,
               "a name of its own for each built-in field");

const uint32_t pvm_nbuiltin_strings = S_COUNT;

#define REF_TO(t)                                                              \
    {                                                                          \
        .kind = PVM_REF, .type = (t)                                           \
    }

static const struct pvm_field error_fields[] = {
    {S_MESSAGE, REF_TO(PVM_T_STR), ERROR_MESSAGE},
    {S_KIND, REF_TO(PVM_T_STR), ERROR_KIND},
    {S_TRACE, REF_TO(PVM_T_LIST_INT), ERROR_TRACE},
    {S_VALUE, REF_TO(PVM_T_ANY), ERROR_VALUE},
};
static const struct pvm_field world_fields[] = {
    {S_OUT, REF_TO(PVM_T_LIST_BYTE), WORLD_OUT},
    {S_IN, REF_TO(PVM_T_LIST_BYTE), WORLD_IN},
    {S_RANDOM, {.kind = PVM_INT}, WORLD_RANDOM},
    {S_POSITION, {.kind = PVM_INT}, WORLD_INPOS},
};
_Static_assert(sizeof error_fields / sizeof *error_fields == ERROR_WORDS &&
                   sizeof world_fields / sizeof *world_fields == WORLD_WORDS,
               "a field for every word");

/* Fields of the built-in structs; all other types have none. */
#define FIELDS_ERROR .nrefs = 4, .nfields = ERROR_WORDS, .fields = error_fields
#define FIELDS_WORLD                                                           \
    .nrefs = 2, .nscalars = 2, .nfields = WORLD_WORDS, .fields = world_fields
#define FIELDS_WEAK .nrefs = 1, /* its target; none reads it as a field */
#define FIELDS_NULL
#define FIELDS_STR
#define FIELDS_STORE_W
#define FIELDS_STORE_B
#define FIELDS_STORE_R
#define FIELDS_LIST_INT
#define FIELDS_LIST_FLOAT
#define FIELDS_LIST_BOOL
#define FIELDS_LIST_BYTE
#define FIELDS_LIST_STR
#define FIELDS_ANY
/* None reads a word of these as a field either. */
#define FIELDS_GUARDIAN .nrefs = GUARDIAN_WORDS,
#define FIELDS_WATCH                                                           \
    .nrefs = WATCH_NUMBER, .nscalars = WATCH_WORDS - WATCH_NUMBER,
#define FIELDS_GROWN .nrefs = GROWN_LEN, .nscalars = GROWN_WORDS - GROWN_LEN,
#define FIELDS_TEXT
#define FIELDS_QUEUE   .nrefs = QUEUE_WORDS,
#define FIELDS_WATCHES .key = {.kind = PVM_INT},

const struct pvm_type pvm_builtin_types[PVM_TYPE_FIRST] = {
#define TYPE(index, NAME, KIND, text, EKIND, etype)                            \
    [index] = {.kind = PVM_TYPE_##KIND,                                        \
               .name = index,                                                  \
               .item = {.kind = PVM_##EKIND, .type = etype},                   \
               FIELDS_##NAME},
#include "runtime/pvm/types.def"
#undef TYPE
};
