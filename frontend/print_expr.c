/* print_expr.c - expressions as source text.
 *
 * Parentheses are needed where the parser would build another tree without
 * them.  It reads `a - b - c` from the left, so the printer asks of each
 * operator what stands beside it: a looser one than its left neighbour, or
 * than its right one, must be closed off.  A prefix such as `not` or `fail`
 * takes what follows and cannot be torn from the left. */
#include "frontend/lexer.h"
#include "frontend/print_impl.h"

/* ---- parentheses --------------------------------------------------------- */

static const uint8_t powers[OP_COUNT] = {
    [OP_OR] = POWER_OR,          [OP_AND] = POWER_AND,
    [OP_NOT] = POWER_NOT,        [OP_EQ] = POWER_COMPARE,
    [OP_NE] = POWER_COMPARE,     [OP_LT] = POWER_COMPARE,
    [OP_LE] = POWER_COMPARE,     [OP_GT] = POWER_COMPARE,
    [OP_GE] = POWER_COMPARE,     [OP_IN] = POWER_COMPARE,
    [OP_NOT_IN] = POWER_COMPARE, [OP_IS] = POWER_COMPARE,
    [OP_IS_NOT] = POWER_COMPARE, [OP_ELSE_NONE] = POWER_ELSE_NONE,
    [OP_BAR] = POWER_BAR,        [OP_CARET] = POWER_CARET,
    [OP_AMP] = POWER_AMP,        [OP_SHL] = POWER_SHIFT,
    [OP_SHR] = POWER_SHIFT,      [OP_ADD] = POWER_ADD,
    [OP_SUB] = POWER_ADD,        [OP_MUL] = POWER_MUL,
    [OP_DIV] = POWER_MUL,        [OP_MOD] = POWER_MUL,
    [OP_NEG] = POWER_UNARY,      [OP_INV] = POWER_UNARY,
};

/* Comparisons and ranges do not chain, `??` goes from the right. */
static bool binary_torn(enum power own, enum power left, enum power right)
{
    switch (own) {
    case POWER_COMPARE:
    case POWER_RANGE: return left >= own || right >= own;
    case POWER_ELSE_NONE: return left > own || right >= own;
    default: return left >= own || right > own;
    }
}

/* Whether an `else` behind it would be taken for its own. */
static bool lacks_else(const struct ast *e)
{
    while (e && e->kind == AST_IF)
        e = AS(if, e)->no;
    return !e;
}

/* Before a brace, `search` and `fork` are more than names. */
static bool is_brace_word(const struct ast *e)
{
    const struct name *name = AS(name, e)->name;

    return name->word && token_infos[name->word].where == TOKEN_BRACE;
}

/* Whether the parser would read e otherwise between these two. */
static bool is_torn(const struct ast *e, enum power left, enum power right)
{
    switch (e->kind) {
    case AST_BINARY: return binary_torn(powers[AS(binary, e)->op], left, right);
    case AST_RANGE: return binary_torn(POWER_RANGE, left, right);
    case AST_UNARY: return right > powers[AS(unary, e)->op];
    case AST_RETURN:
        if (!AS(return, e)->value && right == POWER_BRACE)
            return true;
        return right >= POWER_OR;
    case AST_FAIL:
    case AST_CHOOSE:
    case AST_TRY_ELSE: return right >= POWER_OR;
    case AST_FN: return right >= (AS(fn, e)->is_expr ? POWER_OR : POWER_POST);
    case AST_BREAK:
    case AST_CONTINUE: return right == POWER_POST;
    case AST_IF: return right == POWER_ELSE && lacks_else(e);
    case AST_NAME: return right == POWER_BRACE && is_brace_word(e);
    }
    return false;
}

/* ---- operators ----------------------------------------------------------- */

static void print_binary(struct printer *p, struct ast_binary *n,
                         enum power left, enum power right)
{
    enum power own = powers[n->op];
    /* `is not` would be one operator. */
    bool brackets = n->op == OP_IS && n->right->kind == AST_UNARY &&
                    AS(unary, n->right)->op == OP_NOT;

    print_between(p, n->left, left, own);
    bytes_printf(p->out, brackets ? " %s (" : " %s ", ast_op_text[n->op]);
    if (brackets)
        print_expr(p, n->right);
    else
        print_between(p, n->right, own, right);
    print_str(p, brackets ? ")" : "");
}

static void print_unary(struct printer *p, struct ast_unary *n,
                        enum power right)
{
    print_str(p, ast_op_text[n->op]);
    print_str(p, n->op == OP_NOT ? " " : "");
    print_between(p, n->of, powers[n->op], right);
}

/* A word that takes all that follows, if anything. */
static void print_prefix(struct printer *p, const char *word, struct ast *value,
                         enum power right)
{
    print_str(p, word);
    if (!value)
        return;
    print_str(p, " ");
    print_between(p, value, POWER_NONE, right);
}

static void print_jump(struct printer *p, const char *word,
                       const struct name *label)
{
    print_str(p, word);
    if (label) {
        print_str(p, " ");
        print_name(p, label);
    }
}

static void print_try_else(struct printer *p, struct ast_try_else *n,
                           enum power right)
{
    print_str(p, "try ");
    print_between(p, n->value, POWER_NONE, POWER_ELSE);
    print_str(p, " else ");
    print_between(p, n->otherwise, POWER_NONE, right);
}

static void print_lambda(struct printer *p, struct ast_fn *fn, enum power right)
{
    if (!fn->is_expr) {
        print_fn(p, fn);
        return;
    }
    print_str(p, "fn(");
    print_list(p, &fn->params, print_param);
    print_str(p, ")");
    if (fn->result) {
        print_str(p, " -> ");
        print_type(p, fn->result);
    }
    print_str(p, " = ");
    print_between(p, fn->body, POWER_NONE, right);
}

/* ---- postfix ------------------------------------------------------------- */

void print_post(struct printer *p, struct ast *e)
{
    print_between(p, e, POWER_POST, POWER_POST);
}

static void print_arg(struct printer *p, struct ast *node)
{
    struct ast_arg *n = AS(arg, node);

    if (n->name) {
        print_name(p, n->name);
        print_str(p, ": ");
    }
    if (n->by_ref) {
        print_str(p, "&");
        print_post(p, n->value);
    } else {
        print_expr(p, n->value);
    }
}

static void print_call(struct printer *p, struct ast_call *n)
{
    print_post(p, n->callee);
    print_str(p, "(");
    print_list(p, &n->args, print_arg);
    print_str(p, ")");
}

/* What stands before a point.  Behind a decimal number the point would be its
 * own, where digits or an exponent follow. */
static void print_before_point(struct printer *p, struct ast *base)
{
    bool brackets =
        base->kind == AST_INT && AS(int, base)->form == AST_INT_DECIMAL;

    print_str(p, brackets ? "(" : "");
    print_post(p, base);
    print_str(p, brackets ? ")." : ".");
}

/* ---- blocks as values ---------------------------------------------------- */

void print_cond(struct printer *p, struct ast *cond)
{
    struct ast_cond_let *n = AS(cond_let, cond);

    if (cond->kind != AST_COND_LET) {
        print_between(p, cond, POWER_NONE, POWER_BRACE);
        return;
    }
    print_str(p, "let ");
    print_pattern(p, n->pattern);
    print_annot(p, n->type);
    print_str(p, " = ");
    print_between(p, n->value, POWER_NONE, POWER_BRACE);
}

static void print_if(struct printer *p, struct ast *e)
{
    struct ast_if *n = AS(if, e);

    for (;; n = AS(if, n->no)) {
        print_str(p, "if ");
        print_cond(p, n->cond);
        print_str(p, " ");
        print_block(p, n->yes);
        if (!n->no)
            return;
        print_str(p, " else ");
        if (n->no->kind != AST_IF)
            break;
    }
    print_block(p, n->no);
}

static void print_arm(struct printer *p, struct ast *node)
{
    struct ast_arm *n = AS(arm, node);

    print_pattern(p, n->pattern);
    if (n->guard) {
        print_str(p, " if ");
        print_expr(p, n->guard);
    }
    print_str(p, " => ");
    print_stmt(p, n->body);
}

static void print_match(struct printer *p, struct ast_match *n)
{
    print_str(p, "match ");
    print_between(p, n->value, POWER_NONE, POWER_BRACE);
    print_str(p, " ");
    print_lines(p, &n->arms, print_arm);
}

static void print_worded(struct printer *p, const char *word, struct ast *block)
{
    print_str(p, word);
    print_block(p, block);
}

static void print_try(struct printer *p, struct ast_try *n)
{
    print_worded(p, "try ", n->body);
    print_str(p, " undo ");
    print_name(p, n->name);
    print_worded(p, " ", n->handler);
}

static void print_record(struct printer *p, struct ast_record *n)
{
    print_str(p, "record ");
    print_post(p, n->history);
    print_str(p, " ");
    print_expr(p, n->label);
    print_worded(p, " ", n->body);
}

/* ---- expressions --------------------------------------------------------- */

static void print_pair(struct printer *p, struct ast *node)
{
    print_expr(p, AS(pair, node)->key);
    print_str(p, ": ");
    print_expr(p, AS(pair, node)->value);
}

/* Literals, names and containers: nothing beside them matters. */
static void print_primary(struct printer *p, struct ast *e)
{
    switch (e->kind) {
    case AST_NAME: print_name(p, AS(name, e)->name); break;
    case AST_TUPLE: print_tuple(p, &AS(tuple, e)->items, print_expr); break;
    case AST_LIST:
        print_str(p, "[");
        print_list(p, &AS(list, e)->items, print_expr);
        print_str(p, "]");
        break;
    case AST_REPEAT:
        print_str(p, "[");
        print_expr(p, AS(repeat, e)->item);
        print_str(p, "; ");
        print_expr(p, AS(repeat, e)->count);
        print_str(p, "]");
        break;
    case AST_MAP:
        print_str(p, AS(map, e)->pairs.n ? "[" : "[:");
        print_list(p, &AS(map, e)->pairs, print_pair);
        print_str(p, "]");
        break;
    default: print_literal(p, e);
    }
}

static void print_postfix(struct printer *p, struct ast *e)
{
    switch (e->kind) {
    case AST_CALL: print_call(p, AS(call, e)); break;
    case AST_INDEX:
        print_post(p, AS(index, e)->base);
        print_str(p, "[");
        print_expr(p, AS(index, e)->index);
        print_str(p, "]");
        break;
    case AST_MEMBER:
        print_before_point(p, AS(member, e)->base);
        print_name(p, AS(member, e)->name);
        break;
    case AST_TUPLE_AT:
        print_before_point(p, AS(tuple_at, e)->base);
        bytes_printf(p->out, "%d", AS(tuple_at, e)->index);
        break;
    case AST_UNWRAP:
        print_post(p, AS(unwrap, e)->of);
        print_str(p, "!");
        break;
    default: print_primary(p, e);
    }
}

static void print_worded_expr(struct printer *p, struct ast *e)
{
    switch (e->kind) {
    case AST_BLOCK: print_block(p, e); break;
    case AST_IF: print_if(p, e); break;
    case AST_MATCH: print_match(p, AS(match, e)); break;
    case AST_UNDO: print_worded(p, "undo ", AS(undo, e)->body); break;
    case AST_SEARCH: print_worded(p, "search ", AS(search, e)->body); break;
    case AST_FORK: print_worded(p, "fork ", AS(fork, e)->body); break;
    case AST_TRY: print_try(p, AS(try, e)); break;
    case AST_RECORD: print_record(p, AS(record, e)); break;
    case AST_OLD:
        print_str(p, "old(");
        print_expr(p, AS(old, e)->of);
        print_str(p, ")");
        break;
    case AST_CHECKPOINT:
        print_str(p, "checkpoint ");
        print_expr(p, AS(checkpoint, e)->name);
        break;
    case AST_REWIND:
        print_str(p, "rewind ");
        print_expr(p, AS(rewind, e)->name);
        break;
    default: print_postfix(p, e);
    }
}

static void print_open(struct printer *p, struct ast *e, enum power left,
                       enum power right)
{
    switch (e->kind) {
    case AST_BINARY: print_binary(p, AS(binary, e), left, right); break;
    case AST_UNARY: print_unary(p, AS(unary, e), right); break;
    case AST_RANGE:
        print_between(p, AS(range, e)->from, left, POWER_RANGE);
        print_str(p, "..");
        print_between(p, AS(range, e)->to, POWER_RANGE, right);
        break;
    case AST_FAIL: print_prefix(p, "fail", AS(fail, e)->value, right); break;
    case AST_RETURN:
        print_prefix(p, "return", AS(return, e)->value, right);
        break;
    case AST_CHOOSE:
        print_prefix(p, "choose", AS(choose, e)->from, right);
        break;
    case AST_BREAK: print_jump(p, "break", AS(break, e)->label); break;
    case AST_CONTINUE: print_jump(p, "continue", AS(continue, e)->label); break;
    case AST_TRY_ELSE: print_try_else(p, AS(try_else, e), right); break;
    case AST_FN: print_lambda(p, AS(fn, e), right); break;
    default: print_worded_expr(p, e);
    }
}

void print_between(struct printer *p, struct ast *e, enum power left,
                   enum power right)
{
    bool torn = is_torn(e, left, right);

    if (!torn) {
        print_open(p, e, left, right);
        return;
    }
    print_str(p, "(");
    print_open(p, e, POWER_NONE, POWER_NONE);
    print_str(p, ")");
}

void print_expr(struct printer *p, struct ast *e)
{
    print_between(p, e, POWER_NONE, POWER_NONE);
}
