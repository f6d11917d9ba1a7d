/* lower_native.c - what a native gives as a value of the leaf's result type
 * (check_native.c): nothing, its one result, an option, a tuple. */
#include <string.h>

#include "frontend/lower.h"

/* The option, of type t, of a reference: v where `has`, else none. */
static ir_val option_of_ref(struct lower *l, struct ast *e, ir_val has,
                            ir_val v)
{
    uint32_t result = lower_var_new(l, NULL, lower_type(l, e->type));
    struct lower_region r;
    lower_var_write(l, result, v);
    lower_region_open(l, &r);
    struct lower_label none = lower_label_new(l), end = none;
    lower_branch(l, has, &end, &none, e);
    lower_bind(l, &none);
    lower_var_write(l, result, lower_none(l, e, e->type));
    lower_goto(l, &end, e);
    lower_bind_last(l, &end);
    return lower_var_read(l, result);
}

/* The tuple of the results from `first` on. */
static ir_val tuple_of(struct lower *l, struct ast *e, ir_val first)
{
    struct type *t = e->type;
    ir_val *items = ARENA_ARRAY(l->arena, ir_val, t->nargs);
    for (uint32_t i = 0; i < t->nargs; i++)
        items[i] = lower_unboxed(l, e, t->args[i], first + i);
    return lower_object(l, e, t, items);
}

ir_val lower_native_results(struct lower *l, struct ast *e, int native,
                            const ir_val *args, uint32_t nargs)
{
    struct type *t = e->type;
    const char *letters = strchr(ir_natives[native].sig, ':') + 1;
    uint32_t n = (uint32_t)strlen(letters);
    ir_type *types = ARENA_ARRAY(l->arena, ir_type, n + 1);
    bool option = n == 2 && t->kind == TYPE_OPTION;
    if (lower_dead(l))
        return IR_NONE;
    if (option) {
        types[0] = LOWER_BOOL;
        types[1] = lower_word_type(l, t->args[0]);
    } else {
        for (uint32_t i = 0; i < n; i++)
            types[i] = lower_word_type(l, n == 1 ? t : t->args[i]);
    }
    ir_val v = ir_emit_n(l->f, l->blk, IR_NATIVE, types, n, args, nargs,
                         ir_native(ir_natives[native].name), lower_pos(l, e));
    if (n == 0)
        return IR_NONE;
    if (n == 1)
        return lower_unboxed(l, e, t, v);
    if (!option)
        return tuple_of(l, e, v);
    return type_is_pair(t) ? lower_pair(l, v, v + 1)
                           : option_of_ref(l, e, v, v + 1);
}
