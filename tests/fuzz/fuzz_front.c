/* fuzz_front.c - any bytes through lexer, parser, checker and lowering.
 *
 * Nothing may crash, hang or leak.  Texts that parse are printed as a tree,
 * and what the tree says of its depth and places must hold; printed as source
 * they must parse as the same tree; inverses must parse; texts that check
 * are documented and lowered, and what the IR says of itself must hold.
 * Diagnostics are rendered in every form.  Now and then the share that parses,
 * and that is lowered, is printed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frontend/doc/doc.h"
#include "frontend/invert_source.h"
#include "frontend/parse.h"
#include "frontend/print_source.h"
#include "ir/ir.h"
#include "runtime/mem/bytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct shares {
    uint64_t inputs, parsed, lowered;
};

static void demand(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "fuzz_front: %s\n", what);
        abort();
    }
}

static void check_node(void *arg, struct ast *node)
{
    struct ast *parent = arg;

    demand(node->depth < parent->depth, "a node is as high as its parent");
    demand(node->pos <= node->end, "a node ends before it begins");
    ast_children(node, check_node, node);
}

/* Parses a text that was printed; its tree is the same where one is given. */
static void check_text(struct mem *m, const struct bytes *text,
                       const struct bytes *tree)
{
    struct source *src =
        source_copy(m, "again.pal", text->n ? (const char *)text->at : "",
                    (uint32_t)text->n);
    struct unit *u = unit_open(m, src);
    struct bytes out = bytes_in(m);

    demand(parse_unit(u), "what was printed does not parse");
    if (tree)
        ast_print(u->file, &out);
    demand(!tree || (out.n == tree->n && !memcmp(out.at, tree->at, out.n)),
           "what was printed is another tree");
    bytes_free(&out);
    unit_close(u);
    source_free(m, src);
}

/* The tree is in `tree`. */
static void check_source(struct unit *u, const struct bytes *tree, bool checked)
{
    const struct ast_nodes *decls = &AS(file, u->file)->decls;
    struct bytes text = bytes_in(u->mem);

    print_source(u->file, &text);
    check_text(u->mem, &text, tree);
    text.n = 0;
    for (uint32_t i = 0; i < decls->n; i++) {
        struct ast *fn = decls->at[i];
        if (fn->kind != AST_FN || AS(fn, fn)->kind != AST_FN_REV)
            continue;
        fn = invert_fn(u, fn, false);
        if (fn)
            print_source(fn, &text);
        bytes_byte(&text, '\n');
    }
    check_text(u->mem, &text, NULL);
    text.n = 0;
    if (checked && invert_file(u, &text))
        check_text(u->mem, &text, NULL);
    bytes_free(&text);
}

static void document(struct unit *u, bool all)
{
    struct bytes out = bytes_in(u->mem);
    struct docs docs = {0};
    struct doc_module *m = doc_module(u, "fuzz", all);

    m->page = "fuzz.html";
    vec_push_in(u->arena, &docs.modules, m);
    doc_text_module(m, 40, &out);
    doc_html_module(&docs, m, &out);
    doc_html_index(&docs, &out);
    bytes_free(&out);
}

static bool check_fn(void *arg, struct ir_fn *f)
{
    char why[300] = "";

    (void)arg;
    demand(ir_verify(f, why, sizeof why), why);
    return true;
}

static void lower(struct unit *u)
{
    struct ir_module *mod = ir_module_open(u->mem);
    bool done = lower_unit(u, mod, true, check_fn, NULL);
    char why[300] = "";

    demand(done || diags_errors(u->diags), "lowering gave up in silence");
    if (done)
        demand(ir_verify_module(mod, why, sizeof why), why);
    ir_module_close(mod);
}

static void count(struct shares *s, bool parsed, bool lowered)
{
    s->inputs++;
    s->parsed += parsed;
    s->lowered += lowered;
    if (s->inputs >= 1024 && !(s->inputs & (s->inputs - 1)))
        fprintf(stderr,
                "fuzz_front: of %llu inputs %.1f%% parsed, %.1f%% were "
                "lowered\n",
                (unsigned long long)s->inputs,
                100.0 * (double)s->parsed / (double)s->inputs,
                100.0 * (double)s->lowered / (double)s->inputs);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct shares shares;
    struct mem *m = mem_open(&mem_compiler, NULL);
    struct source *src =
        source_copy(m, "fuzz.pal", (const char *)data, (uint32_t)size);
    struct unit *u = unit_open(m, src);
    struct bytes out = bytes_in(m);
    struct mem_stats left;
    bool parsed, checked = false;

    u->warn = true;
    parsed = parse_unit(u);
    if (parsed) {
        ast_children(u->file, check_node, u->file);
        ast_print(u->file, &out);
        checked = sema_check(u);
    }
    demand(checked || diags_errors(u->diags), "refused without a word");
    if (checked)
        document(u, size & 1);
    if (checked)
        lower(u);
    if (parsed)
        check_source(u, &out, checked);
    diags_render(u->diags, size & 1, &out);
    diags_json(u->diags, &out);
    count(&shares, parsed, checked);
    bytes_free(&out);
    unit_close(u);
    source_free(m, src);
    mem_stats(m, &left);
    demand(!left.live, "memory was not given back");
    mem_close(m);
    return 0;
}
