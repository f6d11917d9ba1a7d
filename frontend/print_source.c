/* print_source.c - declarations and statements as source text. */
#include "frontend/print_source.h"

#include <string.h>

#include "frontend/print_impl.h"

/* ---- pieces -------------------------------------------------------------- */

void print_str(struct printer *p, const char *s)
{
    bytes_str(p->out, s);
}

void print_name(struct printer *p, const struct name *name)
{
    bytes_add(p->out, name->text, name->len);
}

void print_newline(struct printer *p)
{
    print_str(p, "\n");
    for (uint32_t i = 0; i < p->level; i++)
        print_str(p, "    ");
}

void print_list(struct printer *p, const struct ast_nodes *l, print_item *item)
{
    for (uint32_t i = 0; i < l->n; i++) {
        print_str(p, i ? ", " : "");
        item(p, l->at[i]);
    }
}

void print_tuple(struct printer *p, const struct ast_nodes *l, print_item *item)
{
    print_str(p, "(");
    print_list(p, l, item);
    print_str(p, l->n == 1 ? ",)" : ")");
}

void print_lines(struct printer *p, const struct ast_nodes *l, print_item *item)
{
    if (!l->n) {
        print_str(p, "{ }");
        return;
    }
    print_str(p, "{");
    p->level++;
    for (uint32_t i = 0; i < l->n; i++) {
        print_newline(p);
        item(p, l->at[i]);
    }
    p->level--;
    print_newline(p);
    print_str(p, "}");
}

void print_block(struct printer *p, struct ast *block)
{
    print_lines(p, &AS(block, block)->stmts, print_stmt);
}

/* `word {...}`, the block being there or not. */
static void print_part(struct printer *p, const char *word, struct ast *block)
{
    if (!block)
        return;
    print_str(p, word);
    print_block(p, block);
}

static void print_doc(struct printer *p, struct ast_bytes doc)
{
    const char *line = doc.at, *end = line ? line + doc.len : NULL;

    while (line) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        size_t n = (size_t)((stop ? stop : end) - line);
        print_str(p, n ? "/// " : "///");
        bytes_add(p->out, line, n);
        print_newline(p);
        line = stop ? stop + 1 : NULL;
    }
}

/* ---- declarations -------------------------------------------------------- */

/* The parameters, with `lines` each on its own. */
static void print_params(struct printer *p, const struct ast_nodes *l,
                         bool lines)
{
    print_str(p, "(");
    p->level += lines;
    for (uint32_t i = 0; i < l->n; i++) {
        if (lines)
            print_newline(p);
        print_param(p, l->at[i]);
        print_str(p, i + 1 == l->n ? "" : lines ? "," : ", ");
    }
    p->level -= lines;
    if (lines)
        print_newline(p);
    print_str(p, ")");
}

void print_fn_head(struct printer *p, struct ast_fn *fn, bool lines)
{
    static const char *const words[] = {
        [AST_FN_PLAIN] = "fn ",
        [AST_FN_REV] = "rev fn ",
        [AST_FN_MERGE] = "merge fn",
        [AST_FN_LAMBDA] = "fn",
    };

    print_str(p, fn->pub ? "pub " : "");
    print_str(p, words[fn->kind]);
    if (fn->name)
        print_name(p, fn->name);
    print_tparams(p, &fn->tparams);
    print_params(p, &fn->params, lines);
    if (fn->result) {
        print_str(p, " -> ");
        print_type(p, fn->result);
    }
}

void print_fn(struct printer *p, struct ast_fn *fn)
{
    print_doc(p, fn->doc);
    print_fn_head(p, fn, false);
    print_str(p, fn->is_expr ? " = " : " ");
    if (fn->is_expr)
        print_expr(p, fn->body);
    else
        print_block(p, fn->body);
}

void print_member(struct printer *p, struct ast *node)
{
    struct ast_variant *v = AS(variant, node);

    if (node->kind == AST_VARIANT) {
        print_name(p, v->name);
        print_str(p, v->payload.n ? "(" : "");
        print_list(p, &v->payload, print_member);
        print_str(p, v->payload.n ? ")" : "");
        return;
    }
    print_str(p, AS(field, node)->is_var ? "var " : "");
    print_name(p, AS(field, node)->name);
    print_annot(p, AS(field, node)->type);
}

static void print_field(struct printer *p, struct ast *node)
{
    print_doc(p, AS(field, node)->doc);
    print_member(p, node);
}

static void print_variant(struct printer *p, struct ast *node)
{
    struct ast_variant *n = AS(variant, node);

    print_doc(p, n->doc);
    print_name(p, n->name);
    print_str(p, n->payload.n ? "(" : "");
    print_list(p, &n->payload, print_field);
    print_str(p, n->payload.n ? ")" : "");
}

void print_struct_head(struct printer *p, struct ast_struct *n)
{
    print_str(p, n->pub ? "pub struct " : "struct ");
    print_name(p, n->name);
    print_tparams(p, &n->tparams);
    print_str(p, " ");
}

void print_enum_head(struct printer *p, struct ast_enum *n)
{
    print_str(p, n->pub ? "pub enum " : "enum ");
    print_name(p, n->name);
    print_tparams(p, &n->tparams);
    print_str(p, " ");
}

static void print_struct(struct printer *p, struct ast_struct *n)
{
    print_doc(p, n->doc);
    print_struct_head(p, n);
    print_lines(p, &n->fields, print_field);
}

static void print_enum(struct printer *p, struct ast_enum *n)
{
    print_doc(p, n->doc);
    print_enum_head(p, n);
    print_lines(p, &n->variants, print_variant);
}

static void print_import(struct printer *p, struct ast_import *n)
{
    print_str(p, n->pub ? "pub import " : "import ");
    if (n->name)
        print_name(p, n->name);
    else
        print_expr(p, n->path);
    if (n->alias) {
        print_str(p, " as ");
        print_name(p, n->alias);
    }
}

static void print_bind(struct printer *p, struct ast_bind *n)
{
    print_doc(p, n->doc);
    print_str(p, n->pub ? "pub " : "");
    print_str(p, n->is_var ? "var " : "let ");
    print_pattern(p, n->pattern);
    print_annot(p, n->type);
    print_str(p, " = ");
    print_expr(p, n->value);
}

static void print_test(struct printer *p, struct ast_test *n)
{
    print_str(p, "test ");
    print_expr(p, n->name);
    print_part(p, " ", n->body);
}

/* An empty line between declarations, but for rows of imports or globals. */
static void print_file(struct printer *p, const struct ast_file *file)
{
    const struct ast_nodes *decls = &file->decls;

    print_doc(p, file->doc);
    print_str(p, file->doc.at ? "\n" : "");
    for (uint32_t i = 0; i < decls->n; i++) {
        uint8_t kind = decls->at[i]->kind;
        if (i && (kind != decls->at[i - 1]->kind ||
                  (kind != AST_IMPORT && kind != AST_BIND)))
            print_str(p, "\n");
        print_stmt(p, decls->at[i]);
        print_str(p, "\n");
    }
}

static bool print_decl(struct printer *p, struct ast *node)
{
    switch (node->kind) {
    case AST_FILE: print_file(p, AS(file, node)); break;
    case AST_IMPORT: print_import(p, AS(import, node)); break;
    case AST_BIND: print_bind(p, AS(bind, node)); break;
    case AST_FN:
        if (AS(fn, node)->kind == AST_FN_LAMBDA)
            return false;
        print_fn(p, AS(fn, node));
        break;
    case AST_STRUCT: print_struct(p, AS(struct, node)); break;
    case AST_ENUM: print_enum(p, AS(enum, node)); break;
    case AST_TEST: print_test(p, AS(test, node)); break;
    default: return false;
    }
    return true;
}

/* ---- loops --------------------------------------------------------------- */

static void print_label(struct printer *p, const struct name *label)
{
    if (!label)
        return;
    print_name(p, label);
    print_str(p, ": ");
}

static void print_for(struct printer *p, struct ast_for *n)
{
    print_label(p, n->label);
    print_str(p, "for ");
    print_pattern(p, n->pattern);
    print_str(p, " in ");
    print_between(p, n->iter, POWER_NONE, POWER_BRACE);
    print_part(p, " ", n->body);
}

static bool print_loop(struct printer *p, struct ast *node)
{
    switch (node->kind) {
    case AST_WHILE:
        print_label(p, AS(while, node)->label);
        print_str(p, "while ");
        print_cond(p, AS(while, node)->cond);
        print_part(p, " ", AS(while, node)->body);
        return true;
    case AST_LOOP:
        print_label(p, AS(loop, node)->label);
        print_part(p, "loop ", AS(loop, node)->body);
        return true;
    case AST_FOR: print_for(p, AS(for, node));
        return true;
    }
    return false;
}

/* ---- reversible statements ----------------------------------------------- */

/* cond is NULL where the checker will miss it. */
static void print_fi(struct printer *p, struct ast *cond, enum power right)
{
    if (!cond)
        return;
    print_str(p, " fi ");
    print_between(p, cond, POWER_NONE, right);
}

/* One branch alone ends with its `fi`; in a chain each branch has its own
 * behind it. */
static void print_rif(struct printer *p, struct ast_rif *n)
{
    bool chain = n->no && n->no->kind == AST_RIF;

    for (;; n = AS(rif, n->no)) {
        print_str(p, "if ");
        print_cond(p, n->cond);
        print_part(p, " ", n->yes);
        if (!chain)
            break;
        print_fi(p, n->fi, n->no ? POWER_ELSE : POWER_NONE);
        if (!n->no || n->no->kind != AST_RIF) {
            print_part(p, " else ", n->no);
            return;
        }
        print_str(p, " else ");
    }
    print_part(p, " else ", n->no);
    print_fi(p, n->fi, POWER_NONE);
}

static void print_from(struct printer *p, struct ast_from *n)
{
    print_str(p, "from ");
    print_expr(p, n->entry);
    print_part(p, " do ", n->body);
    print_part(p, " loop ", n->step);
    print_str(p, " until ");
    print_expr(p, n->exit);
}

static void print_local(struct printer *p, const char *word,
                        const struct ast_local *n)
{
    print_str(p, word);
    print_name(p, n->name);
    print_annot(p, n->type);
    print_str(p, " = ");
    print_expr(p, n->value);
}

static bool print_reversible(struct printer *p, struct ast *node)
{
    switch (node->kind) {
    case AST_RIF: print_rif(p, AS(rif, node)); break;
    case AST_FROM: print_from(p, AS(from, node)); break;
    case AST_LOCAL: print_local(p, "local ", AS(local, node)); break;
    case AST_DELOCAL: /* the same fields */
        print_local(p, "delocal ", AS(local, node));
        break;
    case AST_WITHIN:
        print_part(p, "within ", AS(within, node)->body);
        print_part(p, " apply ", AS(within, node)->apply);
        break;
    case AST_UPDATE:
        print_str(p, AS(update, node)->op == OP_NEG ? "neg " : "inv ");
        print_post(p, AS(update, node)->place);
        break;
    case AST_UNCALL:
        print_str(p, "uncall ");
        print_post(p, AS(uncall, node)->call);
        break;
    default: return false;
    }
    return true;
}

/* ---- statements ---------------------------------------------------------- */

static void print_two(struct printer *p, struct ast *left, const char *sign,
                      struct ast *right)
{
    print_expr(p, left);
    print_str(p, " ");
    print_str(p, sign);
    print_str(p, " ");
    print_expr(p, right);
}

static void print_opassign(struct printer *p, struct ast_opassign *n)
{
    print_expr(p, n->place);
    bytes_printf(p->out, " %s= ", ast_op_text[n->op]);
    print_expr(p, n->value);
}

void print_stmt(struct printer *p, struct ast *node)
{
    if (print_decl(p, node) || print_loop(p, node) || print_reversible(p, node))
        return;
    switch (node->kind) {
    case AST_ASSIGN:
        print_two(p, AS(assign, node)->place, "=", AS(assign, node)->value);
        break;
    case AST_OPASSIGN: print_opassign(p, AS(opassign, node)); break;
    case AST_SWAP:
        print_two(p, AS(swap, node)->left, "<=>", AS(swap, node)->right);
        break;
    case AST_KEEP: print_str(p, "keep"); break;
    case AST_REQUIRE:
        print_str(p, "require ");
        print_expr(p, AS(require, node)->cond);
        break;
    case AST_ONUNDO: print_part(p, "onundo ", AS(onundo, node)->body); break;
    default: print_expr(p, node);
    }
}

void print_source(const struct ast *node, struct bytes *out)
{
    struct printer p = {out, 0};

    print_stmt(&p, (struct ast *)node);
}
