/* The text form of images: what reads, what does not and why, round trips,
 * failing memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "backend/backend.h"
#include "runtime/pvm/disasm.h"

static struct pvm_image *assembled(struct mem *m, const char *text)
{
    struct pvm_image *im;
    struct pvm_text_error err;
    if (pvm_assemble(m, text, strlen(text), &im, &err))
        fail_msg("%u:%u: %s", err.line, err.column, err.text);
    return im;
}

/* ---- round trips --------------------------------------------------------- */

static void expect_same_image(struct mem *m, const struct pvm_image *a,
                              const struct pvm_image *b)
{
    uint8_t *one, *two;
    size_t n, k;
    assert_int_equal(pvm_write(a, m, &one, &n), PAL_OK);
    assert_int_equal(pvm_write(b, m, &two, &k), PAL_OK);
    assert_int_equal(n, k);
    assert_memory_equal(one, two, n);
    mem_free(m, one, n);
    mem_free(m, two, k);
}

/* Reads, prints as `want` (NULL: as itself), and reads back the same. */
static void expect_text(const char *text, const char *want)
{
    struct mem *m = mem_open(&mem_runtime, NULL);
    struct pvm_image *im = assembled(m, text), *again;
    struct bytes out = bytes_in(m);
    struct mem_stats s;

    assert_true(pvm_disassemble(im, m, &out));
    bytes_byte(&out, 0);
    assert_string_equal((const char *)out.at, want ? want : text);
    again = assembled(m, (const char *)out.at);
    expect_same_image(m, im, again);
    bytes_free(&out);
    pvm_free(im);
    pvm_free(again);
    mem_stats(m, &s);
    assert_int_equal(s.live, 0);
    mem_close(m);
}

static const char everything[] =
    "; Palindrome VM assembly\n"
    ".type Point struct\n"
    "    .field x int\n"
    "    .field name str\n"
    "    .field next Point\n"
    ".type [Point] list Point\n"
    ".type Globals globals\n"
    "    .field count int\n"
    "\n"
    ".fn main(int, [Point]) -> (int, Point) refs=4 scalars=3 at \"a.pal\":1\n"
    "    ldi    s1, -5                    @1:2\n"
    "    ldk    s1, 3.25                  @1:3\n"
    "    ldk    s1, 1234567890123\n"
    "    ldkr   r1, \"a \\\"quoted\\\" \\\\ \\n \\x01 ü\"\n"
    "    new    r2, Point\n"
    "    newl   r3, [int]\n"
    "    stg    s1, 0\n"
    "M1:\n"
    "    mark   try, r1, s2, L2\n"
    "    jeqi   s1, 7, L1\n"
    "    nat    r3, s2, print\n"
    "L1:\n"
    "    .live r2:Point r3:[int] s1 mark=M1\n"
    "    keep\n"
    "    .live r2:Point\n"
    "    call   r0, s0, \"do it\"\n"
    "    .live\n"
    "    .line 4:1\n"
    "    halt                             @4:2\n"
    "L2:\n"
    "    .live r1:Error\n"
    "    jmpb   L2\n"
    "\n"
    ".fn \"do it\"() refs=0 scalars=0 at \"a.pal\":9\n"
    "    mark   undo, none\n"
    "    undo\n"
    "    .live\n"
    "    .word 0x0000000000fffc01\n"
    "    ret\n"
    "\n"
    ".globals Globals\n"
    ".init \"do it\"\n"
    ".test \"it works\" \"do it\" at \"a.pal\":9\n";

static void test_round_trip(void **state)
{
    (void)state;
    expect_text(everything, NULL);
    expect_text("; Palindrome VM assembly\n", NULL);
    expect_text("", "; Palindrome VM assembly\n");
}

/* Tables that the text does not imply are written out. */
static void test_tables(void **state)
{
    (void)state;
    expect_text("; Palindrome VM assembly\n"
                ".string \"b\"\n"
                ".string \"a\"\n"
                ".string \"a\"\n"
                ".string \"f\"\n"
                ".string \"\"\n"
                ".string \"later\"\n"
                ".string \"s:s\"\n"
                ".const 2.5\n"
                ".const 7\n"
                ".native later \"s:s\"\n"
                "\n"
                ".fn f() refs=1 scalars=1 at \"\":0\n"
                "    ldkr   r0, #30\n"
                "    ldkr   r0, \"a\"\n"
                "    ldk    s0, 7\n"
                "    nat    r0, s0, later\n"
                "    ret\n"
                "\n"
                ".fn f() refs=0 scalars=0 at \"\":0\n"
                "    call   r0, s0, #1\n"
                "    .live\n"
                "    ret\n",
                NULL);
}

/* By hand: sizes are counted, labels have names, order does not matter. */
static void test_by_hand(void **state)
{
    (void)state;
    expect_text(".main main ; a comment; with a semicolon\n"
                ".fn main()\n"
                "\tldi s4, 1\n"
                "here: there: ldi s5,2\n"
                " jmpb here\n"
                ".fn twice(int)->int\n"
                " call r0, s2, thrice\n"
                " .live s2\n"
                " ret\n"
                ".fn thrice (int , int) -> ( int )\n"
                " nat r1, s0, str_int\n"
                " ret",
                "; Palindrome VM assembly\n"
                "\n"
                ".fn main() refs=0 scalars=6 at \"\":0\n"
                "    ldi    s4, 1\n"
                "L1:\n"
                "    ldi    s5, 2\n"
                "    jmpb   L1\n"
                "\n"
                ".fn twice(int) -> int refs=0 scalars=4 at \"\":0\n"
                "    call   r0, s2, thrice\n"
                "    .live s2\n"
                "    ret\n"
                "\n"
                ".fn thrice(int, int) -> int refs=2 scalars=2 at \"\":0\n"
                "    nat    r1, s0, str_int\n"
                "    ret\n"
                "\n"
                ".main main\n");
}

/* Types that name variants and ints, used before they stand there. */
static void test_sums(void **state)
{
    (void)state;
    expect_text("; Palindrome VM assembly\n"
                ".type Round struct\n"
                "    .field r float\n"
                "    .field color Color\n"
                ".type Dot unit\n"
                ".type Shape sum\n"
                "    .field Round Round\n"
                "    .field Dot Dot\n"
                ".type Color names\n"
                "    .field red\n"
                "    .field green\n"
                ".type [Color] list Color\n"
                ".type [Color: Shape] map Color Shape\n"
                "\n"
                ".fn f(Shape) -> (any, int) refs=2 scalars=1 at \"\":0\n"
                "    down   r1, r0, Round\n"
                "    up     r0, r1, any\n"
                "    down   r0, r0, Shape\n"
                "    tag    s0, r0\n"
                "    ldu    r0, Dot\n"
                "    up     r0, r0, #9999\n"
                "    name   r0, s0, Color\n"
                "    ret\n",
                NULL);
}

static void test_bits(void **state)
{
    (void)state;
    struct mem *m = mem_open(&mem_runtime, NULL);
    struct pvm_image *im = assembled(m, ".fn f()\n"
                                        " ldi s0, 0\n"
                                        "again: jtb s0, again\n"
                                        " call r0, s0, f\n"
                                        " ret\n");
    static const bool target[] = {true, true, false, true};
    for (int i = 0; i < 4; i++)
        assert_int_equal(!!(im->code[i] & PVM_TARGET), target[i]);
    assert_int_equal(pvm_sc(im->code[1]), -1);
    pvm_free(im);
    mem_close(m);
}

/* ---- errors -------------------------------------------------------------- */

static const struct {
    const char *text;
    uint32_t line, column;
    const char *want;
} errors[] = {
    {"ret", 1, 1, ".fn comes first"},
    {"ü", 1, 1, "an instruction or a directive"},
    {".fn f()\n", 2, 1, "no instructions"},
    {".fn f()\n  frob s0\n", 2, 3, "no instruction `frob`"},
    {".fn f()\n  add s0, s1\n", 2, 13, "`,` is missing"},
    {".fn f()\n  add s0, s1, r2\n", 2, 15, "`r2` is no register"},
    {".fn f()\n  add s0, s1, s2 s3\n", 2, 18, "should end here"},
    {".fn f()\n  mov s0, s65536\n", 2, 11, "go up to s65535"},
    {".fn f()\n  addi s0, s0, 32768\n", 2, 16, "no number that fits"},
    {".fn f()\n  ldi s0, x\n", 2, 11, "`x` is no number"},
    {".fn f()\n  ldk s0, 1.5x\n", 2, 11, "no number that fits"},
    {".fn f()\n  jt s0, no\n  ret\n", 2, 10, "no label `no`"},
    {".fn f()\n  jmpb on\non: ret\n", 2, 8, "jumps back only"},
    {".fn f()\nat: jmp at\n", 2, 9, "goes forward only"},
    {".fn f()\n  jmp +5\n  ret\n", 2, 7, "out of its function"},
    {".fn f()\na: ret\na: ret\n", 3, 1, "there already"},
    {".fn f()\n  .live s0\n  .live s1\n  ret\n", 3, 9, "has a .live already"},
    {".fn f()\n  ret\n  .live s0\n", 4, 1, "missing behind .live"},
    {".fn f()\n  .live r0\n  ret\n", 2, 11, "`:` is missing"},
    {".fn f()\n  .live s0 mark=x\n  ret\n", 2, 17, "no label `x`"},
    {".fn f()\n  new r0, Thing\n", 2, 11, "no type `Thing`"},
    {".fn f()\n  call r0, s0, g\n", 2, 16, "no function `g`"},
    {".fn f()\n  nat r0, s0, frob\n", 2, 15, "no native `frob`"},
    {".fn f()\n  ldkr r0, \"abc\n", 2, 16, "does not end on its line"},
    {".fn f()\n  ldkr r0, \"\\q\"\n", 2, 14, "an escape is"},
    {".fn f()\n  ldkr r0, \"\\xff\"\n", 2, 18, "no UTF-8"},
    {".fn f()\n  mark maybe\n", 2, 8, "`undo` or `try`"},
    {".type T union\n", 1, 9,
     "`struct`, `globals`, `list TYPE`, `map KEY TYPE`, "},
    {".type T unit\n.field x int\n", 2, 8, "behind its struct"},
    {".type T names\n.field x int\n", 2, 10, "should end here"},
    {".type T names\n.fn f(T)\n ret\n", 1, 1, "has no type"},
    {".type T sum\n.field x int\n", 1, 1, "no struct or unit"},
    {".fn f()\n up r0, r1, #4194304\n", 2, 21, "reaches 4194304 types"},
    {".type T list [int\n", 1, 18, "bracket is not closed"},
    {".field x int\n", 1, 8, "behind its struct"},
    {".frob\n", 1, 1, "no such directive"},
    {".live s0\n", 1, 7, "stands in a function"},
    {".fn f()\nx: .fn g()\n", 2, 4, "should begin here"},
    {".fn f(int\n", 1, 10, "`,` is missing"},
    {".fn f() refs=70000\n", 1, 14, "no number that fits"},
    {".fn f() refs=0 scalars=0\n  ret\n.fn g() refs=0 scalars=0\n"
     "  .live s3\n  ret\n",
     5, 1, "a register that the frame does not have"},
    {".globals str\n", 1, 1, "globals' type"},
    {".fn f(int)\n ret\n.main f\n", 1, 1, "main has parameters"},
};

static void test_errors(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        struct mem *m = mem_open(&mem_runtime, NULL);
        struct pvm_text_error err;
        struct pvm_image *im;
        struct mem_stats s;
        const char *text = errors[i].text;
        if (pvm_assemble(m, text, strlen(text), &im, &err) != PAL_FORMAT)
            fail_msg("this assembles:\n%s", text);
        if (err.line != errors[i].line || err.column != errors[i].column ||
            !strstr(err.text, errors[i].want))
            fail_msg("%u:%u: %s\n%s", err.line, err.column, err.text, text);
        assert_null(im);
        mem_stats(m, &s);
        assert_int_equal(s.live, 0);
        mem_close(m);
    }
}

/* Every allocation fails once: no crash, no leak, an honest answer. */
static void test_failing_memory(void **state)
{
    (void)state;
    bool done = false;
    for (uint64_t nth = 1; !done; nth++) {
        struct mem *m = mem_open(&mem_runtime, NULL);
        struct pvm_text_error err;
        struct pvm_image *im;
        struct mem_stats s;
        mem_fail_at(m, nth);
        enum pal_status st =
            pvm_assemble(m, everything, strlen(everything), &im, &err);
        if (st == PAL_OK) {
            struct bytes out = bytes_in(m);
            done = pvm_disassemble(im, m, &out);
            bytes_free(&out);
            pvm_free(im);
        } else {
            assert_int_equal(st, PAL_NOMEM);
        }
        mem_stats(m, &s);
        assert_int_equal(s.live, 0);
        mem_close(m);
    }
}

/* Long lines and many things take time in proportion. */
static void test_large(void **state)
{
    (void)state;
    struct mem *m = mem_open(&mem_runtime, NULL);
    struct bytes text = bytes_in(m);
    struct pvm_image *im;
    struct pvm_text_error err;
    bytes_str(&text, ".fn f()\n nop\n .live");
    for (int i = 0; i < 60000; i++)
        bytes_printf(&text, " s%d", i);
    bytes_str(&text, "\n");
    for (int i = 0; i < 60000; i++)
        bytes_printf(&text, "l%d: jmp l%d\n", i, i + 1);
    bytes_str(&text, "l60000: ret\n");
    for (int i = 0; i < 20000; i++)
        bytes_printf(&text, ".fn f%d()\n ldkr r0, \"s%d\"\n ret\n", i, i);
    assert_int_equal(pvm_assemble(m, (const char *)text.at, text.n, &im, &err),
                     PAL_OK);
    assert_int_equal(im->nfns, 20001);
    pvm_free(im);
    bytes_free(&text);
    mem_close(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),     cmocka_unit_test(test_tables),
        cmocka_unit_test(test_by_hand),        cmocka_unit_test(test_sums),
        cmocka_unit_test(test_bits),           cmocka_unit_test(test_errors),
        cmocka_unit_test(test_failing_memory), cmocka_unit_test(test_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
