/* The .pvmb form: what is written is read again; what is damaged is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/hash.h"
#include "runtime/pvm/image_file.h"
#include "runtime/pvm/natives.h"
#include "tests/unit/image_kit.h"

struct file {
    struct mem *mem;
    uint8_t *at;
    size_t n;
};

static struct file written(void)
{
    struct file f = {.mem = mem_open(&mem_runtime, NULL)};
    struct pvm_image *im = kit_program(f.mem);

    assert_int_equal(pvm_write(im, f.mem, &f.at, &f.n), PAL_OK);
    pvm_free(im);
    return f;
}

static void close_file(struct file *f)
{
    struct mem_stats s;

    mem_free(f->mem, f->at, f->n);
    mem_stats(f->mem, &s);
    assert_int_equal(s.live, 0);
    mem_close(f->mem);
}

/* The image is refused with a sentence that has `want` in it. */
static void refused(struct file *f, size_t n, const char *want)
{
    struct pvm_image *im = NULL;
    struct pvm_error err = {.text = ""};

    assert_int_equal(pvm_read(f->mem, f->at, n, &im, &err), PAL_FORMAT);
    assert_null(im);
    if (!strstr(err.text, want))
        fail_msg("'%s' instead of '%s'", err.text, want);
}

static uint64_t get(const struct file *f, size_t at, unsigned n)
{
    uint64_t v = 0;

    while (n--)
        v = v << 8 | f->at[at + n];
    return v;
}

static void set(struct file *f, size_t at, uint64_t v, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        f->at[at + i] = (uint8_t)(v >> 8 * i);
}

static size_t row(int section)
{
    return PVM_HEADER_BYTES + (size_t)section * PVM_ROW_BYTES;
}

static void seal_header(struct file *f)
{
    set(f, PVM_CHECKSUM_AT, 0, 8);
    set(f, PVM_CHECKSUM_AT, hash_checksum(f->at, PVM_SECTIONS_AT), 8);
}

static void written_is_read(void **state)
{
    struct file f = written();
    struct pvm_image *im;
    struct pvm_error err;
    uint8_t *again;
    size_t n;

    (void)state;
    assert_int_equal(pvm_read(f.mem, f.at, f.n, &im, &err), PAL_OK);
    assert_int_equal(pvm_write(im, f.mem, &again, &n), PAL_OK);
    assert_int_equal(n, f.n);
    assert_memory_equal(again, f.at, n);
    assert_string_equal(pvm_text(im, im->types[KIT_P].name), "P");
    assert_int_equal(pvm_verify(im, f.mem, &err), PAL_OK);
    mem_free(f.mem, again, n);
    pvm_free(im);
    close_file(&f);
}

static void truncated_is_refused(void **state)
{
    struct file f = written();

    (void)state;
    for (size_t n = 0; n < f.n; n++) {
        /* a block of its own, so that reading past its end is seen */
        struct file part = {.mem = f.mem, .at = mem_alloc(f.mem, n), .n = n};

        memcpy(part.at, f.at, n);
        refused(&part, n, n < 8 ? "no .pvmb image" : "");
        mem_free(f.mem, part.at, n);
    }
    close_file(&f);
}

static void damage_is_found(void **state)
{
    struct file f = written();

    (void)state;
    for (size_t i = 0; i < f.n * 8; i++) {
        f.at[i / 8] ^= (uint8_t)(1 << i % 8);
        refused(&f, f.n, i < 64 ? "no .pvmb image" : "");
        f.at[i / 8] ^= (uint8_t)(1 << i % 8);
    }
    close_file(&f);
}

static void header_is_checked(void **state)
{
    struct file f = written();
    uint64_t raw = get(&f, row(PVM_SECTION_CODE) + 8, 8);
    uint64_t stored = get(&f, row(PVM_SECTION_CODE) + 16, 8);

    (void)state;
    set(&f, 8, 1, 4);
    refused(&f, f.n, "version 1, this reads 2");
    set(&f, 8, PVM_FILE_VERSION, 4);
    set(&f, 12, 99, 4);
    refused(&f, f.n, "99 sections");
    set(&f, 12, PVM_NSECTIONS, 4);
    set(&f, 16, f.n + 1, 8);
    refused(&f, f.n, "bytes long");
    set(&f, 16, f.n, 8);

    set(&f, row(PVM_SECTION_CODE), 7, 4);
    seal_header(&f);
    refused(&f, f.n, "code section is not where it belongs");
    set(&f, row(PVM_SECTION_CODE), PVM_SECTION_CODE + 1, 4);
    set(&f, row(PVM_SECTION_CODE) + 8, UINT64_MAX, 8);
    seal_header(&f);
    refused(&f, f.n, "code section's lengths are out of bounds");
    set(&f, row(PVM_SECTION_CODE) + 8, raw * PVM_RATIO_MOST, 8);
    seal_header(&f);
    refused(&f, f.n, "code section");
    set(&f, row(PVM_SECTION_CODE) + 8, raw + 1, 8);
    seal_header(&f);
    refused(&f, f.n, "code section does not unpack to its length");
    set(&f, row(PVM_SECTION_CODE) + 8, raw, 8);
    set(&f, row(PVM_SECTION_CODE) + 16, stored + 1, 8);
    seal_header(&f);
    refused(&f, f.n, "");
    set(&f, row(PVM_SECTION_CODE) + 16, stored, 8);
    set(&f, row(PVM_SECTION_TESTS) + 24, 0, 8);
    seal_header(&f);
    refused(&f, f.n, "tests section's checksum");
    close_file(&f);
}

/* ---- senseless images, well sealed --------------------------------------- */

struct change {
    const char *want;
    void (*make)(struct kit *k);
};

static void ch_string(struct kit *k)
{
    k->strings.at[k->hello].len = 100000;
}
static void ch_utf8(struct kit *k)
{
    k->text.at[k->strings.at[k->hello].at] = 0xff;
}
static void ch_cut(struct kit *k)
{
    uint32_t s = kit_string(k, "\xc3\xa9", 2);

    k->strings.at[s].at++;
    k->strings.at[s].len = 1;
}
static void ch_open_end(struct kit *k)
{
    k->strings.at[k->hello].len--;
}
static void ch_share(struct kit *k)
{
    for (int i = 0; i < 10000; i++)
        vec_push_in(k->arena, &k->strings, (struct pvm_str){0, k->text.n - 1});
}
static void ch_builtin_string(struct kit *k)
{
    k->strings.at[1] = k->strings.at[2];
}
static void ch_builtin_type(struct kit *k)
{
    k->types.at[PVM_T_ERROR].nrefs = 2;
}
static void ch_type_kind(struct kit *k)
{
    k->types.at[KIT_P].kind = PVM_TYPE_STORE;
}
static void ch_type_name(struct kit *k)
{
    k->types.at[KIT_P].name = 9999;
}
static void ch_type_refs(struct kit *k)
{
    k->types.at[KIT_P].nrefs = 1;
    k->types.at[KIT_P].nscalars = 3;
}
static void ch_type_words(struct kit *k)
{
    k->types.at[KIT_P].nscalars = 1;
}
static void ch_field_word(struct kit *k)
{
    ((struct pvm_field *)k->types.at[KIT_P].fields)[1].word = 0;
}
static void ch_field_type(struct kit *k)
{
    ((struct pvm_field *)k->types.at[KIT_P].fields)[0].of.type = PVM_T_STORE_W;
}
static void ch_item(struct kit *k)
{
    k->types.at[KIT_LIST_P].item.type = KIT_GLOBALS;
}
static void ch_value(struct kit *k)
{
    k->types.at[KIT_MAP].item.type = KIT_GLOBALS;
}
static void ch_key(struct kit *k)
{
    k->types.at[KIT_MAP].key.type = 9999;
}
static void ch_key_float(struct kit *k)
{
    k->types.at[KIT_MAP].key = (struct pvm_value_type){PVM_FLOAT, 0};
}
static void ch_key_list(struct kit *k)
{
    k->types.at[KIT_MAP].key.type = PVM_T_LIST_INT;
}
static void ch_key_struct(struct kit *k) /* it has a float */
{
    k->types.at[KIT_MAP].key.type = KIT_P;
}
static struct pvm_field *field_of(struct kit *k, uint32_t type, uint32_t i)
{
    return (struct pvm_field *)&k->types.at[type].fields[i];
}
static void ch_any(struct kit *k)
{
    k->types.at[KIT_P].kind = PVM_TYPE_ANY;
}
static void ch_variant(struct kit *k)
{
    field_of(k, KIT_SHAPE, 1)->of.type = KIT_LIST_P;
}
static void ch_variant_builtin(struct kit *k)
{
    field_of(k, KIT_SHAPE, 1)->of.type = PVM_T_ERROR;
}
static void ch_variant_none(struct kit *k)
{
    field_of(k, KIT_SHAPE, 1)->of.type = 9999;
}
static void ch_variant_twice(struct kit *k)
{
    field_of(k, KIT_SHAPE, 1)->of.type = KIT_ROUND;
}
static void ch_variant_word(struct kit *k)
{
    field_of(k, KIT_SHAPE, 1)->word = 1;
}
static void ch_sum_words(struct kit *k)
{
    k->types.at[KIT_SHAPE].nrefs = 2;
}
static void ch_sum_item(struct kit *k)
{
    k->types.at[KIT_SHAPE].item.kind = PVM_INT;
}
static void ch_unit_words(struct kit *k)
{
    k->types.at[KIT_DOT].nscalars = 1;
}
static void ch_name_type(struct kit *k)
{
    field_of(k, KIT_COLOR, 1)->of.kind = PVM_INT;
}
static void ch_name(struct kit *k)
{
    field_of(k, KIT_COLOR, 1)->name = 9999;
}
static void ch_names_int(struct kit *k)
{
    field_of(k, KIT_ROUND, 1)->of.type = KIT_SHAPE;
}
static void ch_names_float(struct kit *k)
{
    field_of(k, KIT_ROUND, 0)->of.type = KIT_COLOR;
}
static void ch_names_param(struct kit *k)
{
    ((struct pvm_value_type *)k->fns.at[0].params)[0].type = KIT_COLOR;
}
static void ch_names_ref(struct kit *k)
{
    k->types.at[KIT_LIST_P].item.type = KIT_COLOR;
}
static void ch_key_any(struct kit *k)
{
    k->types.at[KIT_MAP].key.type = PVM_T_ANY;
}
static void ch_key_sum(struct kit *k) /* Round has a float */
{
    k->types.at[KIT_MAP].key.type = KIT_SHAPE;
}
static struct pvm_value_type *param_of(struct kit *k, uint32_t fn, uint32_t i)
{
    return (struct pvm_value_type *)&k->fns.at[fn].params[i];
}
static void ch_fn_fields(struct kit *k)
{
    k->types.at[KIT_FN].nscalars = 1;
}
static void ch_fn_type(struct kit *k)
{
    static const struct pvm_value_type names = {PVM_INT, KIT_COLOR};

    k->types.at[KIT_FN].results = &names;
}
static void ch_closure_of(struct kit *k)
{
    k->types.at[KIT_ADD].of_fn = KIT_ADD;
}
static void ch_closure_none(struct kit *k)
{
    k->types.at[KIT_ADD].of_fn = 9999;
}
static void ch_closure_fn(struct kit *k)
{
    k->types.at[KIT_ADD].fn = 9999;
}
static void ch_closure_other(struct kit *k)
{
    k->types.at[KIT_PLAIN].fn = k->types.at[KIT_ADD].fn;
}
static void ch_closure_field(struct kit *k)
{
    field_of(k, KIT_ADD, 1)->word = 0;
}
static void ch_closure_param(struct kit *k)
{
    param_of(k, k->types.at[KIT_ADD].fn, 1)->kind = PVM_BOOL;
}
static void ch_closure_params(struct kit *k)
{
    k->fns.at[k->types.at[KIT_ADD].fn].nparams = 2;
}
static void ch_closure_result(struct kit *k)
{
    k->fns.at[k->types.at[KIT_PLAIN].fn].nresults = 0;
}
static void ch_map_fields(struct kit *k)
{
    k->types.at[KIT_MAP].nscalars = 1;
}
static void ch_list_fields(struct kit *k)
{
    k->types.at[KIT_LIST_P].nscalars = 1;
}
static void ch_fn_gap(struct kit *k)
{
    k->fns.at[0].entry = 1;
}
static void ch_fn_end(struct kit *k)
{
    k->fns.at[0].end = 0;
}
static void ch_code_left(struct kit *k)
{
    vec_push_in(k->arena, &k->code, 0);
}
static void ch_fn_frame(struct kit *k)
{
    k->fns.at[0].nscalars = 0;
}
static void ch_fn_param(struct kit *k)
{
    ((struct pvm_value_type *)k->fns.at[0].params)[0].kind = 77;
}
static void ch_fn_joins(struct kit *k)
{
    k->fns.at[0].njoins = 50;
}
static void ch_join_left(struct kit *k)
{
    vec_push_in(k->arena, &k->joins, (struct pvm_join){.pc = 0});
}
static void ch_join_order(struct kit *k)
{
    kit_joins(k, "1 0; 1 0");
}
static void ch_join_reg(struct kit *k)
{
    kit_joins(k, "0 0 s9");
}
static void ch_join_type(struct kit *k)
{
    kit_joins(k, "0 0 r0:3");
}
static void ch_line(struct kit *k)
{
    vec_push_in(k->arena, &k->lines, (struct pvm_line){99, 1, 1});
}
static void ch_import(struct kit *k)
{
    k->imports.at[0].sig = 9999;
}
static void ch_test(struct kit *k)
{
    vec_push_in(k->arena, &k->tests,
                (struct pvm_test){k->hello, 0, k->hello, 1});
}
static void ch_globals(struct kit *k)
{
    k->globals = KIT_P;
}
static void ch_init(struct kit *k)
{
    k->init = 1;
}
static void ch_main(struct kit *k)
{
    k->main = 1;
}
static void ch_main_index(struct kit *k)
{
    k->main = 99;
}

static const struct change changes[] = {
    {NULL, NULL},
    {"lies outside the text", ch_string},
    {"the text is no UTF-8", ch_utf8},
    {"cuts a code point", ch_cut},
    {"has no NUL behind it", ch_open_end},
    {"share text", ch_share},
    {"string 1 is not 'str'", ch_builtin_string},
    {"type 2 is not the built-in 'Error'", ch_builtin_type},
    {"of a kind no program defines", ch_type_kind},
    {"type 20 has no name", ch_type_name},
    {"field 2 of type 20 is at word 2, not 1", ch_type_refs},
    {"words that are no fields", ch_type_words},
    {"field 1 of type 20 is at word 0, not 1", ch_field_word},
    {"field 0 of type 20 has no type", ch_field_type},
    {"items of type 22 have no type", ch_item},
    {"is a list and has fields", ch_list_fields},
    {"keys or values of type 23 have no type", ch_value},
    {"keys or values of type 23 have no type", ch_key},
    {"type 23 is a map whose keys can be none", ch_key_float},
    {"type 23 is a map whose keys can be none", ch_key_list},
    {"type 23 is a map whose keys can be none", ch_key_any},
    {"field 0 of type 24 can be in no key", ch_key_sum},
    {"type 20 is of a kind no program defines", ch_any},
    {"variant 1 of type 26 is no struct or unit", ch_variant},
    {"variant 1 of type 26 is no struct or unit", ch_variant_builtin},
    {"variant 1 of type 26 is no struct or unit", ch_variant_none},
    {"type 24 is the variant of two", ch_variant_twice},
    {"1 of type 26 has no name, or a word", ch_variant_word},
    {"type 26 has words and may have none", ch_sum_words},
    {"type 26 is no list and has items", ch_sum_item},
    {"type 25 has fields and may have none", ch_unit_words},
    {"name 1 of type 27 has a type", ch_name_type},
    {"1 of type 27 has no name, or a word", ch_name},
    {"field 1 of type 24 has no type", ch_names_int},
    {"field 0 of type 24 has no type", ch_names_float},
    {"parameter 0 of function 0 has no type", ch_names_param},
    {"items of type 22 have no type", ch_names_ref},
    {"type 28 has fields and may have none", ch_fn_fields},
    {"type 28 takes or gives what has no type", ch_fn_type},
    {"type 29 is a closure of no function type", ch_closure_of},
    {"type 29 is a closure of no function type", ch_closure_none},
    {"type 29 is a closure of no function", ch_closure_fn},
    {"field 1 of type 29 is at word 0, not 1", ch_closure_field},
    {"is not that of closures of type 30", ch_closure_other},
    {"is not that of closures of type 29", ch_closure_param},
    {"is not that of closures of type 29", ch_closure_params},
    {"is not that of closures of type 30", ch_closure_result},
    {"field 3 of type 20 can be in no key", ch_key_struct},
    {"is a map and has fields", ch_map_fields},
    {"is not where code goes on", ch_fn_gap},
    {"is not where code goes on", ch_fn_end},
    {"code follows", ch_code_left},
    {"exceed its frame", ch_fn_frame},
    {"parameter 0 of function 0 has no type", ch_fn_param},
    {"is not where joins go on", ch_fn_joins},
    {"joins follow", ch_join_left},
    {"is out of order", ch_join_order},
    {"a register that the frame does not have", ch_join_reg},
    {"with no type", ch_join_type},
    {"line entry 3 is out of order", ch_line},
    {"import 0 has no name", ch_import},
    {"test 0 is no function", ch_test},
    {"globals' type is none", ch_globals},
    {"init has parameters", ch_init},
    {"main has parameters", ch_main},
    {"init or main is no function", ch_main_index},
};

static void senseless_is_refused(void **state)
{
    static const uint64_t code[] = {KT(KI(RET, 0, 0, 0))};

    (void)state;
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        struct mem *m = mem_open(&mem_runtime, NULL);
        struct kit *k = kit_open(m);
        struct file f = {.mem = m};
        struct pvm_image *im;
        struct pvm_error err;

        kit_fn(k, "is:s", 1, 1);
        kit_code(k, 1, code);
        add_closures(k);
        if (changes[i].make)
            changes[i].make(k);
        im = kit_image(k);
        assert_int_equal(pvm_write(im, m, &f.at, &f.n), PAL_OK);
        pvm_free(im);
        if (changes[i].want) {
            refused(&f, f.n, changes[i].want);
        } else {
            assert_int_equal(pvm_read(m, f.at, f.n, &im, &err), PAL_OK);
            pvm_free(im);
        }
        close_file(&f);
    }
}

/* ---- memory, look-ups, tables -------------------------------------------- */

/* Every allocation fails once; nothing is lost or used. */
static void no_memory_is_survived(void **state)
{
    struct file f = written();
    struct pvm_image *im = NULL;
    struct pvm_error err;
    enum pal_status st = PAL_NOMEM;

    (void)state;
    for (uint64_t nth = 1; st; nth++) {
        struct mem_stats before, after;
        uint8_t *again;
        size_t n;

        mem_stats(f.mem, &before);
        mem_fail_at(f.mem, nth);
        st = pvm_read(f.mem, f.at, f.n, &im, &err);
        if (!st)
            st = pvm_verify(im, f.mem, &err);
        if (!st) {
            st = pvm_write(im, f.mem, &again, &n);
            if (!st)
                mem_free(f.mem, again, n);
        }
        mem_fail_at(f.mem, 0);
        assert_true(st == PAL_OK || st == PAL_NOMEM);
        pvm_free(im);
        im = NULL;
        mem_stats(f.mem, &after);
        assert_int_equal(after.live, before.live);
    }
    close_file(&f);
}

static void large_sections_keep_the_ratio(void **state)
{
    struct mem *m = mem_open(&mem_runtime, NULL);
    struct kit *k = kit_open(m);
    struct file f = {.mem = m};
    struct pvm_image *im;
    struct pvm_error err;

    (void)state;
    for (int i = 0; i < 1000000; i++)
        vec_push_in(k->arena, &k->consts, 0);
    im = kit_image(k);
    assert_int_equal(pvm_write(im, m, &f.at, &f.n), PAL_OK);
    pvm_free(im);
    assert_int_equal(pvm_read(m, f.at, f.n, &im, &err), PAL_OK);
    assert_int_equal(im->nconsts, 1000002);
    pvm_free(im);
    close_file(&f);
}

static void places_are_found(void **state)
{
    struct mem *m = mem_open(&mem_runtime, NULL);
    struct pvm_image *im = kit_program(m);
    uint32_t file, line;

    (void)state;
    for (uint32_t i = 0; i < im->nfns; i++) {
        const struct pvm_fn *f = &im->fns[i];

        for (uint32_t pc = f->entry; pc < f->end; pc++) {
            assert_ptr_equal(pvm_fn_at(im, pc), f);
            assert_true(pvm_place(im, pc, &file, &line));
            assert_int_equal(line, 11 + i);
        }
        for (uint32_t j = 0; j < f->njoins; j++) {
            const struct pvm_join *join = &im->joins[f->first_join + j];

            assert_ptr_equal(pvm_join_at(im, f, join->pc), join);
        }
        assert_null(pvm_join_at(im, f, f->entry));
    }
    assert_null(pvm_fn_at(im, im->ncode));
    assert_false(pvm_place(im, im->ncode, &file, &line));
    pvm_free(im);
    mem_close(m);
}

/* A row's letters fit the three fields, and each is one of ops.def's. */
static void rows_are_well_formed(void **state)
{
    (void)state;
    for (unsigned op = 0; op < PVM_NOPS_LIMIT; op++) {
        const struct pvm_op_info *row = &pvm_ops[op];
        size_t n, letters;

        if (!row->text)
            continue;
        n = strlen(row->operands);
        letters = strspn(row->operands, "srSRUVinjJfkgtTxpqNeK-");
        assert_int_equal(n, letters);
        assert_int_equal(n, strcspn(row->operands, "nJkgt") < n ? 2 : 3);
        if (n == 2)
            assert_non_null(strchr("nJkgt", row->operands[1]));
        assert_string_equal(pvm_ops[row->pair].operands, row->operands);
        assert_int_equal(pvm_ops[row->pair].pair, op);
    }
}

static void signatures_are_well_formed(void **state)
{
    (void)state;
    for (int i = 0; i < PVM_NATIVES_LIMIT; i++) {
        const struct pvm_native *n = &pvm_natives[i];

        if (!n->name)
            continue;
        assert_int_equal(strcspn(n->sig, ":") + 1,
                         (size_t)(pvm_sig_results(n->sig) - n->sig));
        for (const char *s = n->sig; *s; s++)
            assert_true(*s == ':' || pvm_sig_rule(*s) != SIG_BAD);
        assert_int_equal(pvm_native_named(n->name), i);
        assert_int_equal(
            pvm_native_find(n->name, strlen(n->name), n->sig, strlen(n->sig)),
            i);
    }
    assert_int_equal(pvm_native_named("no such"), -1);
    assert_int_equal(pvm_native_find("print", 5, "i:", 2), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(written_is_read),
        cmocka_unit_test(truncated_is_refused),
        cmocka_unit_test(damage_is_found),
        cmocka_unit_test(header_is_checked),
        cmocka_unit_test(senseless_is_refused),
        cmocka_unit_test(no_memory_is_survived),
        cmocka_unit_test(large_sections_keep_the_ratio),
        cmocka_unit_test(places_are_found),
        cmocka_unit_test(rows_are_well_formed),
        cmocka_unit_test(signatures_are_well_formed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
