/* opt_exact.c - natives on constants: those of base/exact.def, whose results
 * are the same wherever they are computed. */
#include "ir/opt.h"
#include "runtime/base/arith.h"

#include <string.h>

typedef int64_t exact_fn(const int64_t *s);

#define X      s[0]
#define Y      s[1]
#define F      arith_float(s[0])
#define G      arith_float(s[1])
#define H      arith_float(s[2])
#define GIVE_f arith_bits
#define GIVE_i (int64_t)
#define GIVE_b (int64_t)
#define EXACT(name, parameters, result, expression)                            \
    static int64_t exact_##name(const int64_t *s)                              \
    {                                                                          \
        return GIVE_##result(expression);                                      \
    }
#include "runtime/base/exact.def"
#undef EXACT

static const struct {
    const char *name;
    exact_fn *fn;
} rows[] = {
#define EXACT(name, parameters, result, expression) {#name, exact_##name},
#include "runtime/base/exact.def"
#undef EXACT
};

/* A NaN's sign and payload are the machine's: it stays to be computed. */
static bool is_nan(uint8_t kind, int64_t w)
{
    return kind == PVM_FLOAT && arith_float(w) != arith_float(w);
}

bool opt_evaluate_native(int64_t native, const int64_t *args, uint8_t kind,
                         int64_t *out)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (!strcmp(rows[i].name, ir_natives[native].name)) {
            *out = rows[i].fn(args);
            return !is_nan(kind, *out);
        }
    return false;
}
