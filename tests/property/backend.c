/* Random functions keep their meaning on the way from IR to code.
 *
 * Each is compiled, verified, written and read as text, and run beside the
 * IR, on several inputs.  PAL_SOAK=SECONDS goes on for that long. */
#include <time.h>

#include "runtime/pvm/disasm.h"
#include "tests/unit/backend_run.h"

static struct pvm_image *compile(struct mem *m, struct ir_module *mod,
                                 const struct ir_fn *f)
{
    struct be *b = be_open(m, mod);
    struct arena *a = arena_open(m);
    bool ok = be_function(b, f);
    for (uint32_t i = 1; ok && i < mod->sigs.n; i++)
        ok = be_function(b, kit_stub(mod, a, i));
    struct pvm_image *im = ok ? be_finish(b) : NULL;
    if (!im)
        printf("backend: %s\n", be_error(b));
    arena_close(a);
    be_close(b);
    return im;
}

static bool text_agrees(struct mem *m, const struct pvm_image *im)
{
    struct bytes one = bytes_in(m), two = bytes_in(m);
    struct pvm_text_error err;
    struct pvm_image *again = NULL;
    uint8_t *b1 = NULL, *b2 = NULL;
    size_t n1 = 0, n2 = 0;
    bool ok = pvm_disassemble(im, m, &one) &&
              !pvm_assemble(m, (const char *)one.at, one.n, &again, &err);
    if (!ok)
        printf("%u:%u: %s\n", err.line, err.column, err.text);
    ok = ok && pvm_disassemble(again, m, &two) && one.n == two.n &&
         !memcmp(one.at, two.at, one.n) && !pvm_write(im, m, &b1, &n1) &&
         !pvm_write(again, m, &b2, &n2) && n1 == n2 && !memcmp(b1, b2, n1);
    mem_free(m, b1, n1);
    mem_free(m, b2, n2);
    bytes_free(&one);
    bytes_free(&two);
    if (again)
        pvm_free(again);
    return ok;
}

static void show(struct mem *m, const struct ir_fn *f,
                 const struct pvm_image *im)
{
    struct bytes out = bytes_in(m);
    ir_print_fn(f, &out);
    if (im)
        pvm_disassemble(im, m, &out);
    printf("%.*s\n", (int)out.n, (const char *)out.at);
    bytes_free(&out);
}

static const char *try_seed(uint64_t seed, bool verbose)
{
    struct kit_rng r = {seed};
    struct mem *m = mem_open(&mem_compiler, NULL);
    struct arena *a = arena_open(m);
    struct ir_module *mod = kit_module(m, &r);
    struct ir_fn *f = kit_function(mod, a, &r, 5 + kit_below(&r, 120), 6);
    static char why[300];
    struct pvm_error err;
    const char *bad = NULL;
    if (!ir_verify(f, why, sizeof why)) {
        if (verbose)
            show(m, f, NULL);
        return why;
    }
    struct pvm_image *im = compile(m, mod, f);
    if (!im)
        return "does not compile";
    if (pvm_verify(im, m, &err)) {
        snprintf(why, sizeof why, "verifier: %u: %s", err.pc, err.text);
        bad = why;
    }
    if (!bad && !text_agrees(m, im))
        bad = "text differs";
    for (uint32_t i = 0; i < 4 && !bad; i++) {
        struct kit_trace x, y;
        kit_run_ir(f, seed + i, &x);
        if (!kit_run_code(im, seed + i, &y, why, sizeof why))
            bad = why;
        else if (!kit_agree(&x, &y))
            bad = "traces differ";
    }
    if (bad && verbose)
        show(m, f, im);
    pvm_free(im);
    ir_module_close(mod);
    arena_close(a);
    mem_close(m);
    return bad;
}

int main(int argc, char **argv)
{
    const char *soak = getenv("PAL_SOAK");
    time_t end = time(NULL) + (soak ? atoi(soak) : 0);
    uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 0) : 1;
    uint32_t n = 0;
    if (argc > 1) {
        const char *bad = try_seed(seed, true);
        printf("seed %llu: %s\n", (unsigned long long)seed, bad ? bad : "ok");
        return bad != NULL;
    }
    for (; n < 500 || (soak && time(NULL) < end); n++, seed++) {
        const char *bad = try_seed(seed, false);
        if (bad) {
            printf("seed %llu: %s\n", (unsigned long long)seed, bad);
            return 1;
        }
    }
    printf("%u random functions keep their meaning\n", n);
    return 0;
}
