/* The verifier: what it lets pass, and one broken program for each rule. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "runtime/pvm/regset.h"
#include "tests/unit/image_kit.h"

enum { MOST = 14 };
#define END UINT64_MAX
#define NO  PVM_NOREG

/* Function 0 of the image, with 4 registers of each class.  Function 1 is of
 * signature is:s, function 2 of i:. */
struct program {
    const char *want; /* in the refusal; NULL: it verifies */
    const char *sig;
    const char *joins;
    uint64_t code[MOST]; /* up to END */
};

static const uint64_t ret = KI(RET, 0, 0, 0);
#define RET   KI(RET, 0, 0, 0)
#define START KT(KI(NOP, 0, 0, 0))

static struct pvm_image *image_of(struct mem *m, const struct program *p)
{
    struct kit *k = kit_open(m);
    uint64_t t_ret = KT(ret);
    uint32_t n = 0;

    while (n < MOST && p->code[n] != END)
        n++;
    kit_fn(k, p->sig, 4, 4);
    kit_code(k, n, p->code);
    kit_joins(k, p->joins);
    kit_fn(k, "is:s", 1, 1);
    kit_code(k, 1, &t_ret);
    kit_fn(k, "i:", 0, 1);
    kit_code(k, 1, &t_ret);
    return kit_image(k);
}

static void check_programs(const struct program *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct mem *m = mem_open(&mem_runtime, NULL);
        struct pvm_image *im = image_of(m, &p[i]);
        struct pvm_error err = {.text = ""};
        enum pal_status st = pvm_verify(im, m, &err);

        if (!p[i].want && st)
            fail_msg("row %zu: '%s' at %u", i, err.text, err.pc);
        if (p[i].want && st != PAL_FORMAT)
            fail_msg("row %zu verifies, not '%s'", i, p[i].want);
        if (p[i].want && !strstr(err.text, p[i].want))
            fail_msg("row %zu: '%s', not '%s'", i, err.text, p[i].want);
        pvm_free(im);
        mem_close(m);
    }
}

#define CHECK(table) check_programs(table, sizeof(table) / sizeof *(table))

/* ---- words and control --------------------------------------------------- */

static const struct program words[] = {
    {NULL, ":", "", {KT(RET), END}},
    {"is no instruction", ":", "", {START, 9, RET, END}},
    {"is no instruction", ":", "", {START, 511, RET, END}},
    {"field X is not zero", ":", "", {KX(1, START), RET, END}},
    {"field X is not zero", ":", "", {START, KX(63, RET), END}},
    {"unused field is not zero", ":", "", {START, KI(RET, 1, 0, 0), END}},
    {"unused field is not zero", "i:", "", {START, KI(MOV, 1, 0, 1), RET, END}},
    {"unused field is not zero", ":", "", {START, KD(JMP, 1, 0), KT(RET), END}},
    {"bit T is not set", ":", "", {RET, END}},
    {"bit T is set", ":", "", {START, KT(RET), END}},
    {"runs off the end", ":", "", {START, END}},
    {"runs off the end", "is:", "", {START, KI(CALL, 0, 0, 1), END}},
    {"cannot get here", ":", "", {START, RET, RET, END}},
    {"cannot get here", "e:", "", {START, KI(FAIL, 0, 0, 0), RET, END}},
    {"cannot get here", ":", "", {START, KI(HALT, 0, 0, 0), RET, END}},
    {NULL, ":", "", {START, KI(HALT, 0, 0, 0), END}},
    {NULL, "e:", "", {START, KI(FAIL, 0, 0, 0), END}},
    {"no Error", "s:", "", {START, KI(FAIL, 0, 0, 0), END}},
};

static void words_are_checked(void **state)
{
    (void)state;
    CHECK(words);
}

static const struct program jumps[] = {
    {NULL, "i:", "2 0", {START, KI(JT, 0, 0, 0), KT(RET), END}},
    {NULL,
     "i:",
     "1 0 s0",
     {START, KT(KI(NOP, 0, 0, 0)), KI(JTB, 0, 0, -2), RET, END}},
    {NULL, "i:", "1 0 s0", {START, KT(KI(JTB, 0, 0, -1)), RET, END}},
    {NULL, ":", "1 0", {START, KT(KD(JMPB, 0, -1)), END}},
    {"wrong direction",
     "i:",
     "1 0 s0",
     {START, KT(KI(JT, 0, 0, -1)), RET, END}},
    {"wrong direction",
     "i:",
     "2 0 s0",
     {START, KI(JTB, 0, 0, 0), KT(RET), END}},
    {"wrong direction", ":", "1 0", {START, KT(KD(JMP, 0, -1)), END}},
    {"leads out", "i:", "", {START, KI(JT, 0, 0, 1), RET, END}},
    {"leads out", "i:", "", {START, KI(JTB, 0, 0, -3), RET, END}},
    {"leads out", ":", "", {START, KD(JMP, 0, 0x7fffffff), END}},
    {"leads out", ":", "", {START, KD(JMPB, 0, 0x80000000), END}},
    {"has no join", ":", "", {START, KD(JMPB, 0, -2), END}},
    {"has no join",
     "i:",
     "",
     {START, KI(JT, 0, 0, 1), KI(NOP, 0, 0, 0), KT(RET), END}},
    {"where control cannot meet", ":", "1 0", {START, RET, END}},
    {"where control cannot meet", ":", "0 0", {KT(RET), END}},
    {"bit T is not set", "i:", "2 0", {START, KI(JT, 0, 0, 0), RET, END}},
    {"s0 is read and not defined",
     ":",
     "",
     {START, KI(JT, 0, 0, 0), KT(RET), END}},
    /* the state implies the join, and is the join behind it */
    {"s1 is not defined as the join",
     "i:",
     "3 0 s0 s1",
     {START, KI(JT, 0, 0, 1), KI(NOP, 0, 0, 0), KT(RET), END}},
    {"s1 is not defined as the join",
     "i:",
     "3 0 s0 s1",
     {START, KI(JT, 0, 0, 1), KD(LDI, 1, 1), KT(RET), END}},
    {"r0 is not defined as the join",
     "is:",
     "2 0 r0:6",
     {START, KI(JT, 0, 0, 0), KT(RET), END}},
    {"s0 is read and not defined",
     "i:",
     "2 0",
     {START, KI(JT, 0, 0, 0), KT(KI(MOV, 1, 0, 0)), RET, END}},
    {"s0 twice", "i:", "2 0 s0 s0", {START, KI(JT, 0, 0, 0), KT(RET), END}},
    {"r0 twice",
     "is:",
     "2 0 r0:1 r0:1",
     {START, KI(JT, 0, 0, 0), KT(RET), END}},
    {"another mark is open",
     "i:",
     "2 1",
     {START, KI(JT, 0, 0, 0), KT(RET), END}},
    {"a mark that is none",
     ":",
     "2 1; 3 0",
     {START, KD(JMP, 0, 1), KT(RET), KT(KD(JMPB, 0, -2)), END}},
    /* a backward jump must imply the join as well */
    {"s1 is not defined as the join",
     "i:",
     "2 0 s0 s1; 3 0 s0",
     {START, KD(LDI, 1, 0), KT(KI(JF, 0, 0, 0)), KT(KD(JMPB, 0, -2)), END}},
};

static void jumps_are_checked(void **state)
{
    (void)state;
    CHECK(jumps);
}

/* ---- registers and types ------------------------------------------------- */

static const struct program registers[] = {
    {NULL, "ii:i", "", {START, KI(ADD, 0, 0, 1), RET, END}},
    {"s4 is not in the frame", "i:", "", {START, KI(MOV, 4, 0, 0), RET, END}},
    {"s4 is not in the frame", "i:", "", {START, KI(MOV, 0, 4, 0), RET, END}},
    {"s65535 is not in the frame",
     "i:",
     "",
     {START, KI(UADD, 65535, 0, 0), RET, END}},
    {"r4 is not in the frame", "s:", "", {START, KI(MOVR, 4, 0, 0), RET, END}},
    {"r4 is not in the frame", "s:", "", {START, KI(MOVR, 0, 4, 0), RET, END}},
    {"s1 is read and not defined",
     "i:",
     "",
     {START, KI(ADD, 0, 0, 1), RET, END}},
    {"r1 is read and not defined",
     "s:",
     "",
     {START, KI(MOVR, 0, 1, 0), RET, END}},
    {"s1 is read and not defined",
     "i:",
     "",
     {START, KI(UADD, 1, 0, 0), RET, END}},
    {"updates", "i:", "", {START, KI(UADD, 0, 0, 0), RET, END}},
    {"updates", "i:", "", {START, KI(SWAP, 0, 0, 0), RET, END}},
    {"updates", "s:", "", {START, KI(SWAPR, 0, 0, 0), RET, END}},
    {NULL, "i:", "", {START, KI(UADDI, 0, 0, 0), KI(UNEG, 0, 0, 0), RET, END}},
    {"different types", "sI:", "", {START, KI(SWAPR, 0, 1, 0), RET, END}},
    {"division by the constant 0",
     "i:",
     "",
     {START, KI(DIVI, 0, 0, 0), RET, END}},
    {"division by the constant 0",
     "i:",
     "",
     {START, KI(MODI, 0, 0, 0), RET, END}},
    {NULL, ":", "", {START, KD(LDK, 0, 1), RET, END}},
    {"2 is no constant", ":", "", {START, KD(LDK, 0, 2), RET, END}},
    {"is no constant", ":", "", {START, KD(LDKR, 0, 5000), RET, END}},
    {NULL, ":s", "", {START, KD(LDKR, 0, 5), RET, END}},
    {"passed as what it is not",
     ":s",
     "",
     {START, KD(NEW, 0, KIT_P), RET, END}},
    {"r0 is read and not defined", ":s", "", {KT(RET), END}},
    {"s0 is read and not defined", ":i", "", {KT(RET), END}},
    {NULL, "i:b", "", {KT(RET), END}},
};

static void registers_are_checked(void **state)
{
    (void)state;
    CHECK(registers);
}

static const struct program objects[] = {
    {NULL, "P:s", "", {START, KI(LDFR, 0, 0, 0), RET, END}},
    {NULL, "P:P", "", {START, KI(LDFR, 0, 0, 1), RET, END}},
    {NULL, "P:i", "", {START, KI(LDF, 0, 0, 2), RET, END}},
    {"passed as what it is not",
     "P:s",
     "",
     {START, KI(LDFR, 0, 0, 1), RET, END}},
    {"word 2 is no reference", "P:", "", {START, KI(LDFR, 0, 0, 2), RET, END}},
    {"word 1 is no scalar", "P:", "", {START, KI(LDF, 0, 0, 1), RET, END}},
    {"word 4 is no scalar", "P:", "", {START, KI(LDF, 0, 0, 4), RET, END}},
    {"word 65535 is no scalar",
     "P:",
     "",
     {START, KI(LDF, 0, 0, 65535), RET, END}},
    {"r0 is no struct", "Q:", "", {START, KI(LDF, 0, 0, 0), RET, END}},
    {"r0 is no struct", "s:", "", {START, KI(LDF, 0, 0, 0), RET, END}},
    {"out of this instruction's reach",
     "iP:",
     "",
     {START, KI(STF, 0, 0, 32), RET, END}},
    {"word 32 is no scalar", "iP:", "", {START, KI(STFX, 0, 0, 32), RET, END}},
    {NULL, "iP:", "", {START, KI(STF, 0, 0, 3), RET, END}},
    {NULL, "Ps:", "", {START, KI(STFR, 0, 1, 0), RET, END}},
    {NULL, "Ps:", "", {START, KI(STFXR, 0, 1, 0), RET, END}},
    {"stored as what it is not",
     "Ps:",
     "",
     {START, KI(STFR, 0, 1, 1), RET, END}},
    {"stored as what it is not",
     "PP:",
     "",
     {START, KI(STFXR, 0, 1, 0), RET, END}},
    {NULL, "e:s", "", {START, KI(LDFR, 0, 0, 0), RET, END}},
    {NULL, ":P", "", {START, KD(NEW, 0, KIT_P), RET, END}},
    {"no type of struct", ":", "", {START, KD(NEW, 0, KIT_GLOBALS), RET, END}},
    {"no type of struct", ":", "", {START, KD(NEW, 0, KIT_LIST_P), RET, END}},
    {"no type of struct", ":", "", {START, KD(NEW, 0, 6), RET, END}},
    {"no type of list", ":", "", {START, KD(NEWL, 0, KIT_P), RET, END}},
    {"no type of list", ":", "", {START, KD(NEWL, 0, PVM_T_STORE_W), RET, END}},
    {NULL, ":Q", "", {START, KD(NEWL, 0, KIT_LIST_P), RET, END}},
    {NULL, ":W", "", {START, KD(NEWM, 0, KIT_MAP), RET, END}},
    {"no type of map", ":", "", {START, KD(NEWM, 0, KIT_LIST_P), RET, END}},
    {"no type of list", ":", "", {START, KD(NEWL, 0, KIT_MAP), RET, END}},
    {NULL, ":s", "", {START, KD(LDGR, 0, 0), KD(STGR, 0, 0), RET, END}},
    {NULL, ":i", "", {START, KD(LDG, 0, 1), KD(STG, 0, 1), RET, END}},
    {"global word 1 is no reference",
     ":",
     "",
     {START, KD(LDGR, 0, 1), RET, END}},
    {"global word 0 is no scalar", ":", "", {START, KD(LDG, 0, 0), RET, END}},
    {"global word 2 is no scalar", ":", "", {START, KD(LDG, 0, 2), RET, END}},
    {"global word 4294967295 is no scalar",
     "i:",
     "",
     {START, KD(STG, 0, -1), RET, END}},
    {"stored as what it is not", "P:", "", {START, KD(STGR, 0, 0), RET, END}},
};

static void objects_are_checked(void **state)
{
    (void)state;
    CHECK(objects);
}

static const struct program lists[] = {
    {NULL, "iI:i", "", {START, KI(LDE, 0, 0, 0), RET, END}},
    {NULL, "iQ:P", "", {START, KI(LDER, 0, 0, 0), RET, END}},
    {NULL,
     "iI:i",
     "",
     {START, KI(LEN, 0, 0, 0), KI(STE, 0, 0, 0), KI(PUSH, 0, 0, 0),
      KI(POP, 0, 0, 0), RET, END}},
    {NULL,
     "iQP:P",
     "",
     {START, KI(STER, 0, 0, 1), KI(PUSHR, 0, 1, 0), KI(POPR, 0, 0, 0), RET,
      END}},
    {NULL,
     ":y",
     "",
     {START, KD(NEWL, 0, PVM_T_LIST_BYTE), KI(POPB, 0, 0, 0),
      KI(PUSHB, 0, 0, 0), KI(LDEB, 0, 0, 0), KI(STEB, 0, 0, 0), RET, END}},
    {"no list", "iP:", "", {START, KI(LDE, 0, 0, 0), RET, END}},
    {"no list", "s:", "", {START, KI(LEN, 0, 0, 0), RET, END}},
    {"no list of words", "iZ:", "", {START, KI(LDE, 0, 0, 0), RET, END}},
    {"no list of bytes", "iI:", "", {START, KI(LDEB, 0, 0, 0), RET, END}},
    {"no list of references", "iI:", "", {START, KI(LDER, 0, 0, 0), RET, END}},
    {"stored as what it is not",
     "iQs:",
     "",
     {START, KI(STER, 0, 0, 1), RET, END}},
    {"stored as what it is not",
     "Qs:",
     "",
     {START, KI(PUSHR, 0, 1, 0), RET, END}},
    {"passed as what it is not",
     "iQ:s",
     "",
     {START, KI(LDER, 0, 0, 0), RET, END}},
    {NULL,
     "ss:si",
     "",
     {START, KI(SCMP, 0, 0, 1), KI(SIDX, 0, 0, 0), KI(CAT, 0, 0, 1), RET, END}},
    {"r1 is no str", "sP:", "", {START, KI(CAT, 0, 0, 1), RET, END}},
    {"r0 is no str", "P:", "", {START, KI(SLEN, 0, 0, 0), RET, END}},
    {"r0 is no str", "iQ:", "", {START, KI(SIDX, 0, 0, 0), RET, END}},
    {"r1 is no str", "sI:", "", {START, KI(SEQ, 0, 0, 1), RET, END}},
    {NULL, "sP:b", "", {START, KI(EQR, 0, 0, 1), RET, END}},
};

static void lists_are_checked(void **state)
{
    (void)state;
    CHECK(lists);
}

/* ---- calls --------------------------------------------------------------- */

static const struct program calls[] = {
    {NULL, "is:s", "2 0 r0:1", {START, KI(CALL, 0, 0, 1), KT(RET), END}},
    {"9 is no function",
     "is:s",
     "2 0",
     {START, KI(CALL, 0, 0, 9), KT(RET), END}},
    {"65537 is no function",
     "is:s",
     "2 0",
     {START, KX(1, KI(CALL, 0, 0, 1)), KT(RET), END}},
    {"window is not in the frame",
     "is:",
     "2 0",
     {START, KI(CALL, 5, 0, 1), KT(RET), END}},
    {"r4 is not in the frame",
     "is:",
     "2 0",
     {START, KI(CALL, 4, 0, 1), KT(RET), END}},
    {"s0 is read and not defined",
     "s:",
     "2 0",
     {START, KI(CALL, 0, 0, 1), KT(RET), END}},
    {"passed as what it is not",
     "iP:",
     "2 0",
     {START, KI(CALL, 0, 0, 1), KT(RET), END}},
    {"join is missing", "is:", "", {START, KI(CALL, 0, 0, 1), KT(RET), END}},
    {"bit T is not set", "is:", "2 0", {START, KI(CALL, 0, 0, 1), RET, END}},
    /* what the window covers is gone */
    {"s0 is not defined as the join",
     "is:",
     "2 0 s0",
     {START, KI(CALL, 0, 0, 1), KT(RET), END}},
    {"r1 is not defined as the join",
     "iss:",
     "2 0 r1:1",
     {START, KI(CALL, 0, 0, 1), KT(RET), END}},
    {"r0 is not defined as the join",
     "is:",
     "2 0 r0:6",
     {START, KI(CALL, 0, 0, 1), KT(RET), END}},
    {NULL, "iss:", "2 0 r0:1 r1:1", {START, KI(CALL, 1, 0, 1), KT(RET), END}},
    /* natives */
    {NULL, "s:", "", {START, KI(NAT, 0, 0, KIT_PRINT), RET, END}},
    {"10 is no import",
     "s:",
     "",
     {START, KI(NAT, 0, 0, KIT_IMPORTS), RET, END}},
    {"not what the native takes",
     "P:",
     "",
     {START, KI(NAT, 0, 0, KIT_PRINT), RET, END}},
    {"r0 is read and not defined",
     ":",
     "",
     {START, KI(NAT, 0, 0, KIT_PRINT), RET, END}},
    {"r0 is read and not defined",
     "s:s",
     "",
     {START, KI(NAT, 0, 0, KIT_PRINT), RET, END}},
    {"s1 is read and not defined",
     "iiss:b",
     "",
     {START, KI(NAT, 0, 0, KIT_EQUAL), KI(MOV, 0, 1, 0), RET, END}},
    {"window is not in the frame",
     "s:",
     "",
     {START, KI(NAT, 0, 5, KIT_PRINT), RET, END}},
    {NULL, "iQ:P", "", {START, KI(NAT, 0, 0, KIT_REMOVE), RET, END}},
    {"passed as what it is not",
     "iZ:P",
     "",
     {START, KI(NAT, 0, 0, KIT_REMOVE), RET, END}},
    {"not what the native takes",
     "iI:",
     "",
     {START, KI(NAT, 0, 0, KIT_REMOVE), RET, END}},
    {NULL, "PP:b", "", {START, KI(NAT, 0, 0, KIT_EQUAL), RET, END}},
    {"not what the native takes",
     "Ps:",
     "",
     {START, KI(NAT, 0, 0, KIT_EQUAL), RET, END}},
    {NULL, "P:P", "", {START, KI(NAT, 0, 0, KIT_COPY), RET, END}},
    {"passed as what it is not",
     "P:s",
     "",
     {START, KI(NAT, 0, 0, KIT_COPY), RET, END}},
    {NULL, "iIi:", "", {START, KI(NAT, 0, 0, KIT_FILL), RET, END}},
    {"not what the native takes",
     "iZi:",
     "",
     {START, KI(NAT, 0, 0, KIT_FILL), RET, END}},
    {NULL, "Wsi:", "", {START, KI(NAT, 0, 0, KIT_MAP_PUT), RET, END}},
    {"r1 is not what the native takes",
     "WPi:",
     "",
     {START, KI(NAT, 0, 0, KIT_MAP_PUT), RET, END}},
    {"r0 is not what the native takes",
     "Zsi:",
     "",
     {START, KI(NAT, 0, 0, KIT_MAP_PUT), RET, END}},
    {"s0 is read and not defined",
     "Ws:",
     "",
     {START, KI(NAT, 0, 0, KIT_MAP_PUT), RET, END}},
    {"the native's result has no type",
     "Wsi:",
     "",
     {START, KI(NAT, 0, 0, KIT_MAP_FIND), RET, END}},
    {NULL, "Y:s", "", {START, KI(NAT, 0, 0, KIT_TEXT), RET, END}},
    {"r0 is not what the native takes",
     "I:s",
     "",
     {START, KI(NAT, 0, 0, KIT_TEXT), RET, END}},
    {NULL, "ZY:", "", {START, KI(NAT, 0, 0, KIT_SORT_BY), RET, END}},
    {"r1 is not what the native takes",
     "YZ:",
     "",
     {START, KI(NAT, 0, 0, KIT_SORT_BY), RET, END}},
    {NULL, "WZ:", "", {START, KI(NAT, 0, 0, KIT_MAP_KEYS), RET, END}},
    {"r1 is not what the native takes",
     "WI:",
     "",
     {START, KI(NAT, 0, 0, KIT_MAP_KEYS), RET, END}},
};

static void calls_are_checked(void **state)
{
    (void)state;
    CHECK(calls);
}

/* ---- marks --------------------------------------------------------------- */

#define UNDO_MARK    KI(MARK, NO, NO, 0)
#define TRY_MARK(to) KX(1, KI(MARK, 0, NO, to))
#define KEEP         KI(KEEP, 0, 0, 0)
#define UNDO         KI(UNDO, 0, 0, 0)

static const struct program marks[] = {
    {NULL, ":", "3 0", {START, UNDO_MARK, KEEP, RET, END}},
    {NULL, ":", "3 0", {START, UNDO_MARK, UNDO, RET, END}},
    {NULL, "i:", "3 0", {START, KI(MARK, NO, 0, 0), KEEP, RET, END}},
    {"the keep flag s3 is not defined",
     "i:",
     "3 0",
     {START, KI(MARK, NO, 3, 0), KEEP, RET, END}},
    {"the keep flag s4 is not defined",
     ":",
     "3 0",
     {START, KI(MARK, NO, 4, 0), KEEP, RET, END}},
    {NULL, /* a window beside the flag, and one over it when it is closed */
     "ii:",
     "3 2; 4 0",
     {START, KI(MARK, NO, 0, 0), KI(CALL, 0, 1, 2), KT(KEEP), RET, END}},
    {"covers the keep flag",
     "ii:",
     "3 2; 4 0",
     {START, KI(MARK, NO, 1, 0), KI(CALL, 0, 1, 2), KEEP, RET, END}},
    {"covers the keep flag", /* of the mark around */
     "iii:",
     "4 3; 5 2; 6 0",
     {START, KI(MARK, NO, 1, 0), UNDO_MARK, KI(CALL, 0, 1, 2), KEEP, KEEP, RET,
      END}},
    {"needs none", ":", "3 0", {START, KI(MARK, 0, NO, 0), KEEP, RET, END}},
    {"needs none", ":", "3 0", {START, KI(MARK, NO, NO, 1), KEEP, RET, END}},
    {"2 is no kind of mark",
     ":",
     "3 0",
     {START, KX(2, KI(MARK, NO, NO, 0)), KEEP, RET, END}},
    {"no mark is open", ":", "2 0", {START, KEEP, RET, END}},
    {"no mark is open",
     ":",
     "3 0; 4 0",
     {START, UNDO_MARK, KEEP, UNDO, RET, END}},
    {"a mark is open at the return", ":", "", {START, UNDO_MARK, RET, END}},
    {"join is missing", ":", "", {START, UNDO_MARK, KEEP, RET, END}},
    {"another mark is open", ":", "3 2", {START, UNDO_MARK, KEEP, RET, END}},
    {"another mark is open",
     ":",
     "4 0",
     {START, UNDO_MARK, UNDO_MARK, KEEP, RET, END}},
    {NULL,
     ":",
     "4 2; 5 0",
     {START, UNDO_MARK, UNDO_MARK, KEEP, UNDO, RET, END}},
    {"another mark is open",
     "i:",
     "3 0; 4 0",
     {START, UNDO_MARK, KI(JT, 0, 0, 0), KT(KEEP), RET, END}},
    {"another mark is open",
     "i:",
     "1 0 s0",
     {START, KT(UNDO_MARK), KI(JTB, 0, 0, -2), KEEP, RET, END}},
    /* try */
    {NULL, ":", "3 0; 4 0 r0:2", {START, TRY_MARK(2), KEEP, RET, KT(RET), END}},
    {NULL, ":", "3 0; 4 0", {START, TRY_MARK(2), KEEP, RET, KT(RET), END}},
    {"Error's register r65535 is not in the frame",
     ":",
     "3 0; 4 0",
     {START, KX(1, KI(MARK, NO, NO, 2)), KEEP, RET, KT(RET), END}},
    {"leads out", ":", "3 0", {START, TRY_MARK(2), KEEP, RET, END}},
    {"wrong direction",
     ":",
     "1 0; 3 0",
     {START, KT(TRY_MARK(-1)), KEEP, RET, END}},
    {"landing has no join",
     ":",
     "3 0",
     {START, TRY_MARK(2), KEEP, RET, KT(RET), END}},
    {"not outside the mark",
     ":",
     "4 2; 5 0",
     {START, UNDO_MARK, TRY_MARK(2), KEEP, RET, KT(RET), END}},
    {"not outside the mark",
     ":",
     "3 0; 4 2",
     {START, TRY_MARK(2), KEEP, RET, KT(RET), END}},
    {"r0 is not defined as the landing",
     ":",
     "3 0; 4 0 r0:1",
     {START, TRY_MARK(2), KEEP, RET, KT(RET), END}},
    {"s0 is not defined as the landing",
     ":",
     "3 0; 4 0 s0",
     {START, TRY_MARK(2), KEEP, RET, KT(RET), END}},
    {"r1 is not defined as the landing",
     ":",
     "3 0; 4 0 r1:1",
     {START, TRY_MARK(2), KEEP, RET, KT(RET), END}},
    {"another mark is open",
     ":",
     "2 0",
     {START, TRY_MARK(0), KT(KEEP), RET, END}},
    /* locks */
    {"s0 is written and locked",
     "i:",
     "4 0; 5 0 s0",
     {START, TRY_MARK(3), KD(LDI, 0, 1), KEEP, RET, KT(RET), END}},
    {"s0 is written and locked",
     "ii:",
     "4 0; 5 0 s0",
     {START, TRY_MARK(3), KI(UADD, 0, 1, 0), KEEP, RET, KT(RET), END}},
    {"r1 is written and locked",
     "PP:",
     "4 0; 5 0 r1:20",
     {START, TRY_MARK(3), KI(MOVR, 1, 0, 0), KEEP, RET, KT(RET), END}},
    {"r1 is written and locked",
     "PP:",
     "4 0; 5 0 r1:20",
     {START, TRY_MARK(3), KI(SWAPR, 0, 1, 0), KEEP, RET, KT(RET), END}},
    {NULL,
     "iP:",
     "4 0; 5 0 s0 r0:2",
     {START, TRY_MARK(3), KD(NEW, 0, KIT_P), KEEP, RET, KT(RET), END}},
    {NULL,
     "i:",
     "3 0 s0; 5 0 s0",
     {START, TRY_MARK(3), KEEP, KD(LDI, 0, 1), RET, KT(RET), END}},
    {"covers a register locked",
     "iss:",
     "3 2 s0 r1:1; 4 0; 5 0 s0",
     {START, TRY_MARK(3), KI(CALL, 0, 0, 1), KT(KEEP), RET, KT(RET), END}},
    {"covers a register locked",
     "iss:",
     "4 0; 5 0 r1:1",
     {START, TRY_MARK(3), KI(NAT, 0, 0, KIT_PRINT), KEEP, RET, KT(RET), END}},
    {NULL,
     "iss:",
     "4 0; 5 0 s0 r0:2",
     {START, TRY_MARK(3), KI(NAT, 1, 1, KIT_PRINT), KEEP, RET, KT(RET), END}},
    {"Error's register r0 is locked",
     "e:",
     "4 2; 5 0; 6 0; 7 0 r0:2",
     {START, KX(1, KI(MARK, 1, NO, 5)), TRY_MARK(3), KEEP, KEEP, RET, KT(RET),
      KT(RET), END}},
    /* a join in the extent lists what is locked */
    {"does not list s0",
     "ii:",
     "3 2 s1; 4 0; 5 0 s0",
     {START, TRY_MARK(3), KI(JT, 1, 0, 0), KT(KEEP), RET, KT(RET), END}},
    {NULL,
     "ii:",
     "3 2 s0; 4 0; 5 0 s0",
     {START, TRY_MARK(3), KI(JT, 1, 0, 0), KT(KEEP), RET, KT(RET), END}},
    {"does not list s0",
     "i:",
     "4 2 s0; 5 0; 6 2; 7 0; 8 0 s0",
     {START, TRY_MARK(6), KX(1, KI(MARK, 1, NO, 3)), KEEP, KEEP, RET, KT(KEEP),
      RET, KT(RET), END}},
    {NULL,
     "i:",
     "4 2 s0; 5 0; 6 2 s0; 7 0; 8 0 s0",
     {START, TRY_MARK(6), KX(1, KI(MARK, 1, NO, 3)), KEEP, KEEP, RET, KT(KEEP),
      RET, KT(RET), END}},
    /* an undo mark inside locks what the try around it locks */
    {"s0 is written and locked",
     "i:",
     "5 2 s0; 6 0; 7 0 s0",
     {START, TRY_MARK(5), UNDO_MARK, KD(LDI, 0, 1), KEEP, KEEP, RET, KT(RET),
      END}},
    {"s0 is written and locked",
     "i:",
     "4 2 s0; 6 0; 7 0 s0",
     {START, TRY_MARK(5), UNDO_MARK, UNDO, KD(LDI, 0, 1), KEEP, RET, KT(RET),
      END}},
};

static const struct program sums[] = {
    {NULL, ":", "", {KT(KD(LDU, 0, KIT_DOT)), RET, END}},
    {"no type of one object", ":", "", {KT(KD(LDU, 0, KIT_P)), RET, END}},
    {"no type of one object", ":", "", {KT(KD(LDU, 0, 9999)), RET, END}},
    {"no type of struct", ":", "", {KT(KD(NEW, 0, KIT_DOT)), RET, END}},
    {"no type of struct", ":", "", {KT(KD(NEW, 0, KIT_SHAPE)), RET, END}},
    {NULL, ":", "", {KT(KD(LDN, 0, KIT_SHAPE)), RET, END}},
    {NULL, ":", "", {KT(KD(LDN, 0, PVM_T_ANY)), RET, END}},
    {"no type of a reference", ":", "", {KT(KD(LDN, 0, KIT_COLOR)), RET, END}},
    {NULL, "H:i", "", {START, KI(TAG, 0, 0, 0), RET, END}},
    {"r0 is no sum", "R:i", "", {START, KI(TAG, 0, 0, 0), RET, END}},
    {"r0 is no sum", "A:i", "", {START, KI(TAG, 0, 0, 0), RET, END}},
    {"r1 is read and not", "H:i", "", {START, KI(TAG, 0, 1, 0), RET, END}},
    {NULL, "R:H", "", {START, KI(UP, 0, 0, KIT_SHAPE), RET, END}},
    {NULL, "D:H", "", {START, KI(UP, 0, 0, KIT_SHAPE), RET, END}},
    {NULL, "s:A", "", {START, KI(UP, 0, 0, PVM_T_ANY), RET, END}},
    {NULL, "H:A", "", {START, KI(UP, 0, 0, PVM_T_ANY), RET, END}},
    {NULL, "A:A", "", {START, KI(UP, 0, 0, PVM_T_ANY), RET, END}},
    {"passed as what it is not",
     "R:A",
     "",
     {START, KI(UP, 0, 0, KIT_SHAPE), RET, END}},
    {"26 is not wider", "P:H", "", {START, KI(UP, 0, 0, KIT_SHAPE), RET, END}},
    {"26 is not wider", "H:H", "", {START, KI(UP, 0, 0, KIT_SHAPE), RET, END}},
    {"26 is not wider", "A:H", "", {START, KI(UP, 0, 0, KIT_SHAPE), RET, END}},
    {"20 is not wider", "P:P", "", {START, KI(UP, 0, 0, KIT_P), RET, END}},
    {"0 is not wider", "P:P", "", {START, KI(UP, 0, 0, 0), RET, END}},
    {"4128768 is not wider",
     "P:A",
     "",
     {START, KX(63, KI(UP, 0, 0, 0)), RET, END}},
    {NULL, "H:R", "", {START, KI(DOWN, 0, 0, KIT_ROUND), RET, END}},
    {NULL, "A:R", "", {START, KI(DOWN, 0, 0, KIT_ROUND), RET, END}},
    {NULL, "A:H", "", {START, KI(DOWN, 0, 0, KIT_SHAPE), RET, END}},
    {NULL, "A:s", "", {START, KI(DOWN, 0, 0, PVM_T_STR), RET, END}},
    {NULL, "A:Q", "", {START, KI(DOWN, 0, 0, KIT_LIST_P), RET, END}},
    {"20 is not narrower", "H:P", "", {START, KI(DOWN, 0, 0, KIT_P), RET, END}},
    {"26 is not narrower",
     "H:H",
     "",
     {START, KI(DOWN, 0, 0, KIT_SHAPE), RET, END}},
    {"24 is not narrower",
     "R:R",
     "",
     {START, KI(DOWN, 0, 0, KIT_ROUND), RET, END}},
    {"13 is not narrower",
     "A:A",
     "",
     {START, KI(DOWN, 0, 0, PVM_T_ANY), RET, END}},
    {"21 is not narrower",
     "A:P",
     "",
     {START, KI(DOWN, 0, 0, KIT_GLOBALS), RET, END}},
    {"27 is not narrower",
     "A:P",
     "",
     {START, KI(DOWN, 0, 0, KIT_COLOR), RET, END}},
    {"0 is not narrower", "A:P", "", {START, KI(DOWN, 0, 0, 0), RET, END}},
    {"4128768 is not narrower",
     "A:P",
     "",
     {START, KX(63, KI(DOWN, 0, 0, 0)), RET, END}},
    {NULL, "i:s", "", {START, KI(NAME, 0, 0, KIT_COLOR), RET, END}},
    {"no type of names",
     "i:s",
     "",
     {START, KI(NAME, 0, 0, KIT_SHAPE), RET, END}},
    {"no type of names",
     "i:s",
     "",
     {START, KX(63, KI(NAME, 0, 0, KIT_COLOR)), RET, END}},
    {NULL, "Ri:", "", {START, KI(STF, 0, 0, 1), RET, END}},
    {"r0 is no struct", "H:i", "", {START, KI(LDF, 0, 0, 0), RET, END}},
    {"r0 is no struct", "D:i", "", {START, KI(LDF, 0, 0, 0), RET, END}},
};

#define CALL_FN KI(CALLC, 0, 0, KIT_FN)

static const struct program closures[] = {
    {NULL, "Fsi:i", "2 0 s0", {START, CALL_FN, KT(RET), END}},
    {"r0 is not defined as the join",
     "Fsi:i",
     "2 0 r0:28 s0",
     {START, CALL_FN, KT(RET), END}},
    {"a join is missing", "Fsi:i", "", {START, CALL_FN, KT(RET), END}},
    {"bit T is not set", "Fsi:i", "2 0 s0", {START, CALL_FN, RET, END}},
    {"runs off the end", "Fsi:i", "", {START, CALL_FN, END}},
    {"no type of functions",
     "Fsi:i",
     "2 0 s0",
     {START, KI(CALLC, 0, 0, KIT_ADD), KT(RET), END}},
    {"no type of functions",
     "Fsi:i",
     "2 0 s0",
     {START, KX(63, CALL_FN), KT(RET), END}},
    {"called as what it is not",
     "Csi:i",
     "2 0 s0",
     {START, CALL_FN, KT(RET), END}},
    {"r0 is read and not", "i:i", "2 0 s0", {START, CALL_FN, KT(RET), END}},
    {"r1 is read and not", "Fi:i", "2 0 s0", {START, CALL_FN, KT(RET), END}},
    {"passed as what it is not",
     "FPi:i",
     "2 0 s0",
     {START, CALL_FN, KT(RET), END}},
    {"s0 is read and not", "Fs:i", "2 0 s0", {START, CALL_FN, KT(RET), END}},
    {"r1 is not defined as the join",
     "Fsi:i",
     "2 0 s0 r1:1",
     {START, CALL_FN, KT(RET), END}},
    {"window is not in the frame",
     "Fsi:i",
     "2 0 s0",
     {START, KI(CALLC, 9, 0, KIT_FN), KT(RET), END}},
    {NULL, "C:F", "", {START, KI(UP, 0, 0, KIT_FN), RET, END}},
    {NULL, "L:F", "", {START, KI(UP, 0, 0, KIT_FN), RET, END}},
    {NULL, "F:C", "", {START, KI(DOWN, 0, 0, KIT_ADD), RET, END}},
    {NULL, "A:F", "", {START, KI(DOWN, 0, 0, KIT_FN), RET, END}},
    {"28 is not wider", "P:F", "", {START, KI(UP, 0, 0, KIT_FN), RET, END}},
    {"20 is not narrower", "F:P", "", {START, KI(DOWN, 0, 0, KIT_P), RET, END}},
    {"r0 is no sum", "F:i", "", {START, KI(TAG, 0, 0, 0), RET, END}},
    {NULL, ":", "", {KT(KD(NEW, 0, KIT_ADD)), RET, END}},
    {"no type of struct", ":", "", {KT(KD(NEW, 0, KIT_PLAIN)), RET, END}},
    {"no type of struct", ":", "", {KT(KD(NEW, 0, KIT_FN)), RET, END}},
    {NULL, ":", "", {KT(KD(LDU, 0, KIT_PLAIN)), RET, END}},
    {"no type of one object", ":", "", {KT(KD(LDU, 0, KIT_ADD)), RET, END}},
    {NULL, "C:i", "", {START, KI(LDF, 0, 0, 1), RET, END}},
    {NULL, "CP:", "", {START, KI(STFR, 0, 1, 0), RET, END}},
    {"r0 is no struct", "F:i", "", {START, KI(LDF, 0, 0, 1), RET, END}},
};

static void closures_are_checked(void **state)
{
    (void)state;
    CHECK(closures);
}

static void sums_are_checked(void **state)
{
    (void)state;
    CHECK(sums);
}

static void marks_are_checked(void **state)
{
    (void)state;
    CHECK(marks);
}

/* ---- the whole ----------------------------------------------------------- */

static void programs_verify(void **state)
{
    struct mem *m = mem_open(&mem_runtime, NULL);
    struct pvm_image *im = kit_program(m);
    struct pvm_error err = {.text = ""};
    enum pal_status st = pvm_verify(im, m, &err);
    struct mem_stats s;

    (void)state;
    if (st)
        fail_msg("'%s' at %u", err.text, err.pc);
    for (uint32_t i = 0; i < im->nimports; i++)
        assert_true(im->imports[i].native >= 0);
    pvm_free(im);
    mem_stats(m, &s);
    assert_int_equal(s.live, 0);
    mem_close(m);
}

static void unknown_native_is_refused(void **state)
{
    struct mem *m = mem_open(&mem_runtime, NULL);
    struct kit *k = kit_open(m);
    struct pvm_error err;
    struct pvm_image *im;

    (void)state;
    k->imports.at[0].sig = k->imports.at[1].sig;
    im = kit_image(k);
    assert_int_equal(pvm_verify(im, m, &err), PAL_FORMAT);
    assert_string_equal(err.text, "this runtime has no native 'print' of "
                                  "signature 'mi:r'");
    pvm_free(im);
    mem_close(m);
}

/* One bit of the code or of a join after another is flipped.  Most are found;
 * none may do harm, and the verdict must not depend on what went before. */
static void flipped_bits_do_no_harm(void **state)
{
    struct mem *m = mem_open(&mem_runtime, NULL);
    struct pvm_image *im = kit_program(m);
    uint64_t *code = (uint64_t *)im->code;
    struct pvm_error err;
    unsigned passed = 0;

    (void)state;
    for (uint32_t i = 0; i < im->ncode * 64; i++) {
        code[i / 64] ^= UINT64_C(1) << i % 64;
        passed += pvm_verify(im, m, &err) == PAL_OK;
        code[i / 64] ^= UINT64_C(1) << i % 64;
    }
    assert_int_equal(pvm_verify(im, m, &err), PAL_OK);
    assert_in_range(passed, 1, im->ncode * 20);
    for (uint32_t i = 0; i < im->njoins; i++) {
        struct pvm_join *j = (struct pvm_join *)&im->joins[i];

        j->mark ^= 2;
        assert_int_equal(pvm_verify(im, m, &err), PAL_FORMAT);
        j->mark ^= 2;
    }
    pvm_free(im);
    mem_close(m);
}

/* 200,000 jumps to a join of 62,000 registers: refused, not gone through. */
static void stalling_is_refused(void **state)
{
    enum { JUMPS = 200000, LIVE = 60000 };
    struct mem *m = mem_open(&mem_runtime, NULL);
    struct kit *k = kit_open(m);
    uint64_t *code = ARENA_ARRAY(k->arena, uint64_t, LIVE + JUMPS + 1);
    struct pvm_live *live = ARENA_ARRAY(k->arena, struct pvm_live, LIVE);
    struct pvm_join *joins = ARENA_ARRAY(k->arena, struct pvm_join, JUMPS + 1);
    struct pvm_error err;
    struct pvm_image *im;

    (void)state;
    for (int i = 0; i < LIVE; i++) {
        code[i] = KD(LDI, i, 0);
        live[i].reg = (uint16_t)i;
    }
    code[0] |= PVM_TARGET;
    for (int i = 0; i < JUMPS; i++)
        code[LIVE + i] = KI(JTB, 0, 0, -1 - (i < 30000 ? i : 30000));
    for (int i = 0; i < JUMPS; i++) {
        code[LIVE + i] |= i < JUMPS - 30000 ? PVM_TARGET : 0;
        joins[i] = (struct pvm_join){LIVE + i, 0, LIVE, live};
    }
    code[LIVE + JUMPS] = ret;
    kit_fn(k, ":", 0, LIVE);
    kit_code(k, LIVE + JUMPS + 1, code);
    for (int i = 0; i < JUMPS - 30000; i++)
        vec_push_in(k->arena, &k->joins, joins[i]);
    k->fns.at[0].njoins = k->joins.n;
    im = kit_image(k);
    /* Lists that share memory cost an image nothing, a file would: so only
     * their sum, not this, bounds the work. */
    for (uint32_t i = 1; i < im->njoins; i++)
        ((struct pvm_join *)im->joins)[i].nlive = i % 64 ? 0 : LIVE;
    assert_int_equal(pvm_verify(im, m, &err), PAL_FORMAT);
    pvm_free(im);
    mem_close(m);
}

static void register_sets(void **state)
{
    static const unsigned regs[] = {0,    1,    63,   64,    127,  128,
                                    4095, 4096, 4097, 60000, 65535};
    enum { N = sizeof regs / sizeof *regs };
    struct regset s;

    (void)state;
    for (unsigned from = 0; from <= 65536; from++) {
        memset(&s, 0, sizeof s);
        for (int i = 0; i < N; i++)
            regset_add(&s, regs[i]);
        assert_int_equal(regset_any_from(&s, from), from <= 65535);
        regset_clear_from(&s, from);
        for (int i = 0; i < N; i++)
            assert_int_equal(regset_has(&s, regs[i]), regs[i] < from);
        assert_false(regset_any_from(&s, from));
        assert_int_equal(regset_any_from(&s, 0), from > 0);
        from += from > 200 && from < 4000 ? 57 : 0;
        from += from > 4200 && from < 65000 ? 401 : 0;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_checked),
        cmocka_unit_test(jumps_are_checked),
        cmocka_unit_test(registers_are_checked),
        cmocka_unit_test(objects_are_checked),
        cmocka_unit_test(lists_are_checked),
        cmocka_unit_test(calls_are_checked),
        cmocka_unit_test(marks_are_checked),
        cmocka_unit_test(sums_are_checked),
        cmocka_unit_test(closures_are_checked),
        cmocka_unit_test(programs_verify),
        cmocka_unit_test(unknown_native_is_refused),
        cmocka_unit_test(flipped_bits_do_no_harm),
        cmocka_unit_test(stalling_is_refused),
        cmocka_unit_test(register_sets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
