// parser.y - the grammar of the whole language, LALR(1), for lemon.
//
// Actions make nodes (make.h) and nothing else.  `error RESYNC` stands where
// recovery ends: parse.c skips to the end of the statement and sends RESYNC.
%name Pal
%token_prefix T_
%token_type {struct token}
%default_type {struct ast *}
%extra_argument {struct parse *p}
%stack_size 20000
%include {
#ifndef NDEBUG
#define NDEBUG 1 /* lemon's trace needs variables at file scope */
#endif
#include <assert.h>
#include "frontend/make.h"

/* The actions of rules that only hand a value on read nothing of these. */
#pragma GCC diagnostic ignored "-Wunused-variable"
#pragma GCC diagnostic ignored "-Wunused-parameter"

static const struct ast_nodes none = {0};
struct yyParser;
static void accepted(struct yyParser *parser, bool *ok);
}
%syntax_error {
    bool ok[TOKEN_MAX] = {false};
    (void)yymajor;
    accepted(yypParser, ok);
    expect_report(p, TOKEN, ok);
}
%stack_overflow { p->overflow = true; }

%fallback NAME AS TEST.

// loosest first
%nonassoc LOW.
%right ELSE.
%left OR.
%left AND.
%right NOT.
%nonassoc EQ NE LT LE GT GE IN NOT_IN IS IS_NOT.
%right QQ.
%nonassoc DOTDOT.
%left BAR.
%left CARET.
%left AMP.
%left SHL SHR.
%left PLUS MINUS.
%left STAR SLASH PERCENT.
%right TILDE.
%nonassoc LC QUEST.

%start_symbol file
// The empty rule keeps the stack from its bottom, where lemon gives up.
file ::= begin decls(B).
    { p->file = MAKE(p, 0, file, .decls = B,
                     .doc = lexer_file_doc(&p->lex)); }
begin ::= .

// ---- declarations

%type decls {struct ast_nodes}
decls(A) ::= decl_opt(B).               { A = make_list(p, none, B); }
decls(A) ::= decls(B) SEMI decl_opt(D). { A = make_list(p, B, D); }
decls(A) ::= decls(B) error RESYNC.     { A = B; }
decl_opt(A) ::= .                       { A = NULL; }
decl_opt(A) ::= decl(B).                { A = B; }
decl_opt(A) ::= PUB(K) decl(B).         { A = make_pub(K, B); }
decl_opt(A) ::= error RESYNC(K).        { A = make_error(p, K.pos); }

decl(A) ::= IMPORT(K) NAME(N).
    { A = MAKE(p, K.pos, import, .name = N.of.name); }
decl(A) ::= IMPORT(K) NAME(N) AS NAME(M).
    { A = MAKE(p, K.pos, import, .name = N.of.name, .alias = M.of.name); }
decl(A) ::= IMPORT(K) plain(S).
    { A = MAKE(p, K.pos, import, .path = S); }
decl(A) ::= IMPORT(K) plain(S) AS NAME(M).
    { A = MAKE(p, K.pos, import, .path = S, .alias = M.of.name); }
decl(A) ::= binding(B).                 { A = B; }
decl(A) ::= function(B).                { A = B; }
decl(A) ::= REV(K) FN NAME(N) tparams(G) LP params(P) RP block(B).
    { A = MAKE(p, K.pos, fn, .kind = AST_FN_REV, .name = N.of.name,
               .tparams = G, .params = P, .body = B, .doc = K.doc); }
decl(A) ::= MERGE(K) FN LP params(P) RP body(B).
    { A = MAKE(p, K.pos, fn, .kind = AST_FN_MERGE, .params = P,
               .body = B.node, .is_expr = B.is_expr, .doc = K.doc); }
decl(A) ::= STRUCT(K) NAME(N) tparams(G) LC fields(S) RC.
    { A = MAKE(p, K.pos, struct, .name = N.of.name, .tparams = G, .fields = S,
               .doc = K.doc); }
decl(A) ::= ENUM(K) NAME(N) tparams(G) LC variants(S) RC.
    { A = MAKE(p, K.pos, enum, .name = N.of.name, .tparams = G, .variants = S,
               .doc = K.doc); }
decl(A) ::= TEST(K) plain(S) block(B).
    { A = MAKE(p, K.pos, test, .name = S, .body = B); }

function(A) ::= FN(K) NAME(N) tparams(G) LP params(P) RP result(R) body(B).
    { A = MAKE(p, K.pos, fn, .name = N.of.name, .tparams = G, .params = P,
               .result = R, .body = B.node, .is_expr = B.is_expr,
               .doc = K.doc); }

%type body {struct body}
body(A) ::= block(B).                   { A = (struct body){B, 0}; }
body(A) ::= ASSIGN expr(B). [LOW]       { A = (struct body){B, 1}; }
result(A) ::= .                         { A = NULL; }
result(A) ::= ARROW type(B).            { A = B; }

%type tparams {struct ast_nodes}
%type tparam1 {struct ast_nodes}
tparams(A) ::= .                        { A = none; }
tparams(A) ::= LB tparam1(B) RB.        { A = B; }
tparams(A) ::= LB tparam1(B) COMMA RB.  { A = B; }
tparam1(A) ::= tparam(B).               { A = make_list(p, none, B); }
tparam1(A) ::= tparam1(B) COMMA tparam(D). { A = make_list(p, B, D); }
tparam(A) ::= NAME(N).
    { A = MAKE(p, N.pos, tparam, .name = N.of.name); }

%type params {struct ast_nodes}
%type param1 {struct ast_nodes}
params(A) ::= .                         { A = none; }
params(A) ::= param1(B).                { A = B; }
params(A) ::= param1(B) COMMA.          { A = B; }
param1(A) ::= param(B).                 { A = make_list(p, none, B); }
param1(A) ::= param1(B) COMMA param(D). { A = make_list(p, B, D); }
param(A) ::= NAME(N) annot(Y).
    { A = MAKE(p, N.pos, param, .name = N.of.name, .type = Y); }
param(A) ::= MUT(K) NAME(N) annot(Y).
    { A = MAKE(p, K.pos, param, .mut = 1, .name = N.of.name, .type = Y); }
annot(A) ::= .                          { A = NULL; }
annot(A) ::= COLON type(B).             { A = B; }

%type fields {struct ast_nodes}
fields(A) ::= field_opt(B).             { A = make_list(p, none, B); }
fields(A) ::= fields(B) sep field_opt(D). { A = make_list(p, B, D); }
fields(A) ::= fields(B) error RESYNC.   { A = B; }
sep ::= COMMA.
sep ::= SEMI.
field_opt(A) ::= .                      { A = NULL; }
field_opt(A) ::= NAME(N) COLON type(Y).
    { A = MAKE(p, N.pos, field, .name = N.of.name, .type = Y, .doc = N.doc); }
field_opt(A) ::= VAR(K) NAME(N) COLON type(Y).
    { A = MAKE(p, K.pos, field, .is_var = 1, .name = N.of.name, .type = Y,
               .doc = K.doc); }
field_opt(A) ::= error RESYNC(K).       { A = make_error(p, K.pos); }

%type variants {struct ast_nodes}
%type payload {struct ast_nodes}
%type pfield1 {struct ast_nodes}
variants(A) ::= variant_opt(B).         { A = make_list(p, none, B); }
variants(A) ::= variants(B) sep variant_opt(D). { A = make_list(p, B, D); }
variants(A) ::= variants(B) error RESYNC. { A = B; }
variant_opt(A) ::= .                    { A = NULL; }
variant_opt(A) ::= NAME(N).
    { A = MAKE(p, N.pos, variant, .name = N.of.name, .doc = N.doc); }
variant_opt(A) ::= NAME(N) LP payload(P) RP.
    { A = MAKE(p, N.pos, variant, .name = N.of.name, .payload = P,
               .doc = N.doc); }
variant_opt(A) ::= error RESYNC(K).     { A = make_error(p, K.pos); }
payload(A) ::= pfield1(B).              { A = B; }
payload(A) ::= pfield1(B) COMMA.        { A = B; }
pfield1(A) ::= pfield(B).               { A = make_list(p, none, B); }
pfield1(A) ::= pfield1(B) COMMA pfield(D). { A = make_list(p, B, D); }
pfield(A) ::= NAME(N) COLON type(Y).
    { A = MAKE(p, N.pos, field, .name = N.of.name, .type = Y, .doc = N.doc); }

// ---- types

type(A) ::= NAME(N). { A = MAKE(p, N.pos, type_name, .name = N.of.name); }
type(A) ::= NAME(M) DOT NAME(N).
    { A = MAKE(p, M.pos, type_name, .module = M.of.name, .name = N.of.name); }
type(A) ::= NAME(N) LB types(S) RB.
    { A = MAKE(p, N.pos, type_name, .name = N.of.name, .args = S); }
type(A) ::= NAME(M) DOT NAME(N) LB types(S) RB.
    { A = MAKE(p, M.pos, type_name, .module = M.of.name, .name = N.of.name,
               .args = S); }
type(A) ::= LB(K) type(B) RB.
    { A = MAKE(p, K.pos, type_list, .item = B); }
type(A) ::= LB(K) type(B) COLON type(D) RB.
    { A = MAKE(p, K.pos, type_map, .key = B, .value = D); }
type(A) ::= LP(K) type(B) RP.           { A = make_paren(p, K, B); }
type(A) ::= LP(K) type(B) COMMA RP.
    { A = MAKE(p, K.pos, type_tuple, .items = make_list(p, none, B)); }
type(A) ::= LP(K) type(B) COMMA types(S) RP.
    { A = make_type_tuple(p, K, B, S); }
type(A) ::= type(B) QUEST.
    { A = MAKE(p, B->pos, type_option, .of = B); }
type(A) ::= FN(K) LP ftypes(S) RP. [LOW]
    { A = MAKE(p, K.pos, type_fn, .params = S); }
type(A) ::= FN(K) LP ftypes(S) RP ARROW type(R). [LOW]
    { A = MAKE(p, K.pos, type_fn, .params = S, .result = R); }

%type types {struct ast_nodes}
%type type1 {struct ast_nodes}
types(A) ::= type1(B).                  { A = B; }
types(A) ::= type1(B) COMMA.            { A = B; }
type1(A) ::= type(B).                   { A = make_list(p, none, B); }
type1(A) ::= type1(B) COMMA type(D).    { A = make_list(p, B, D); }

%type ftypes {struct ast_nodes}
%type ftype1 {struct ast_nodes}
ftypes(A) ::= .                         { A = none; }
ftypes(A) ::= ftype1(B).                { A = B; }
ftypes(A) ::= ftype1(B) COMMA.          { A = B; }
ftype1(A) ::= ftype(B).                 { A = make_list(p, none, B); }
ftype1(A) ::= ftype1(B) COMMA ftype(D). { A = make_list(p, B, D); }
ftype(A) ::= type(B). { A = MAKE(p, B->pos, type_param, .type = B); }
ftype(A) ::= MUT(K) type(B).
    { A = MAKE(p, K.pos, type_param, .mut = 1, .type = B); }

// ---- statements

block(A) ::= LC(K) stmts(B) RC.
    { A = MAKE(p, K.pos, block, .stmts = B); }

%type stmts {struct ast_nodes}
stmts(A) ::= stmt_opt(B).               { A = make_list(p, none, B); }
stmts(A) ::= stmts(B) SEMI stmt_opt(D). { A = make_list(p, B, D); }
stmts(A) ::= stmts(B) error RESYNC.     { A = B; }
stmt_opt(A) ::= .                       { A = NULL; }
stmt_opt(A) ::= stmt(B).                { A = B; }
stmt_opt(A) ::= error RESYNC(K).        { A = make_error(p, K.pos); }

stmt(A) ::= binding(B).                 { A = B; }
stmt(A) ::= function(B).                { A = B; }
stmt(A) ::= action(B).                  { A = B; }

binding(A) ::= LET(K) pattern(P) annot(Y) ASSIGN expr(E).
    { A = MAKE(p, K.pos, bind, .pattern = P, .type = Y, .value = E,
               .doc = K.doc); }
binding(A) ::= VAR(K) pattern(P) annot(Y) ASSIGN expr(E).
    { A = MAKE(p, K.pos, bind, .is_var = 1, .pattern = P, .type = Y,
               .value = E, .doc = K.doc); }

// What the arm of a match may do too.
action(A) ::= expr(B).                  { A = B; }
action(A) ::= expr(L) ASSIGN expr(R).
    { A = MAKE(p, L->pos, assign, .place = L, .value = R); }
action(A) ::= expr(L) OPASSIGN(O) expr(R).
    { A = MAKE(p, L->pos, opassign, .op = make_op(O), .place = L,
               .value = R); }
action(A) ::= expr(L) SWAP expr(R).
    { A = MAKE(p, L->pos, swap, .left = L, .right = R); }
action(A) ::= KEEP(K).            { A = MAKE(p, K.pos, keep, .target = NULL); }
action(A) ::= REQUIRE(K) expr(E). { A = MAKE(p, K.pos, require, .cond = E); }
action(A) ::= ONUNDO(K) block(B). { A = MAKE(p, K.pos, onundo, .body = B); }
action(A) ::= UNCALL(K) post(E).  { A = MAKE(p, K.pos, uncall, .call = E); }
action(A) ::= loop(B).                  { A = B; }
action(A) ::= NAME(N) COLON loop(B).    { A = make_labelled(N, B); }

loop(A) ::= WHILE(K) cond(C) block(B).
    { A = MAKE(p, K.pos, while, .cond = C, .body = B); }
loop(A) ::= LOOP(K) block(B).     { A = MAKE(p, K.pos, loop, .body = B); }
loop(A) ::= FOR(K) pattern(P) IN expr(E) block(B).
    { A = MAKE(p, K.pos, for, .pattern = P, .iter = E, .body = B); }

// Statements of reversible functions; their words are lexed only there.
action(A) ::= rif(B).                   { A = B; }
action(A) ::= FROM(K) expr(P) DO block(B) UNTIL expr(Q).
    { A = MAKE(p, K.pos, from, .entry = P, .body = B, .exit = Q); }
action(A) ::= FROM(K) expr(P) DO block(B) LOOP block(D) UNTIL expr(Q).
    { A = MAKE(p, K.pos, from, .entry = P, .body = B, .step = D, .exit = Q); }
action(A) ::= LOCAL(K) NAME(N) annot(Y) ASSIGN expr(E).
    { A = MAKE(p, K.pos, local, .name = N.of.name, .type = Y, .value = E); }
action(A) ::= DELOCAL(K) NAME(N) annot(Y) ASSIGN expr(E).
    { A = MAKE(p, K.pos, delocal, .name = N.of.name, .type = Y, .value = E); }
action(A) ::= WITHIN(K) block(B) APPLY block(D).
    { A = MAKE(p, K.pos, within, .body = B, .apply = D); }
action(A) ::= NEG(K) post(E).
    { A = MAKE(p, K.pos, update, .op = OP_NEG, .place = E); }
action(A) ::= INV(K) post(E).
    { A = MAKE(p, K.pos, update, .op = OP_INV, .place = E); }

rif(A) ::= IF(K) cond(C) block(B) FI expr(F).
    { A = MAKE(p, K.pos, rif, .cond = C, .yes = B, .fi = F); }
rif(A) ::= IF(K) cond(C) block(B) ELSE block(D) FI expr(F).
    { A = MAKE(p, K.pos, rif, .cond = C, .yes = B, .fi = F, .no = D); }
rif(A) ::= IF(K) cond(C) block(B) FI expr(F) ELSE block(D).
    { A = MAKE(p, K.pos, rif, .cond = C, .yes = B, .fi = F, .no = D); }
rif(A) ::= IF(K) cond(C) block(B) FI expr(F) ELSE rif(D).
    { A = MAKE(p, K.pos, rif, .cond = C, .yes = B, .fi = F, .no = D); }
// The checker reports that `fi` is missing.
rif(A) ::= IF(K) cond(C) block(B) ELSE rif(D).
    { A = MAKE(p, K.pos, rif, .cond = C, .yes = B, .no = D); }

// ---- expressions

expr(A) ::= post(B).                    { A = B; }
expr(A) ::= expr(L) OR(O) expr(R).      { A = make_binary(p, L, O, R); }
expr(A) ::= expr(L) AND(O) expr(R).     { A = make_binary(p, L, O, R); }
expr(A) ::= NOT(K) expr(E).
    { A = MAKE(p, K.pos, unary, .op = OP_NOT, .of = E); }
expr(A) ::= expr(L) EQ|NE|LT|LE|GT|GE|IN|NOT_IN|IS|IS_NOT(O) expr(R).
    { A = make_binary(p, L, O, R); }
expr(A) ::= expr(L) QQ(O) expr(R).      { A = make_binary(p, L, O, R); }
expr(A) ::= expr(L) DOTDOT expr(R).
    { A = MAKE(p, L->pos, range, .from = L, .to = R); }
expr(A) ::= expr(L) BAR(O) expr(R).     { A = make_binary(p, L, O, R); }
expr(A) ::= expr(L) CARET(O) expr(R).   { A = make_binary(p, L, O, R); }
expr(A) ::= expr(L) AMP(O) expr(R).     { A = make_binary(p, L, O, R); }
expr(A) ::= expr(L) SHL|SHR(O) expr(R). { A = make_binary(p, L, O, R); }
expr(A) ::= expr(L) PLUS|MINUS(O) expr(R).
    { A = make_binary(p, L, O, R); }
expr(A) ::= expr(L) STAR|SLASH|PERCENT(O) expr(R).
    { A = make_binary(p, L, O, R); }
expr(A) ::= MINUS(K) expr(E). [TILDE]   { A = make_negative(p, K, E); }
expr(A) ::= TILDE(K) expr(E).
    { A = MAKE(p, K.pos, unary, .op = OP_INV, .of = E); }
// Prefixes that take all that follows.
expr(A) ::= FAIL(K) expr(E). [LOW]
    { A = MAKE(p, K.pos, fail, .value = E); }
expr(A) ::= RETURN(K). [LOW]
    { A = MAKE(p, K.pos, return, .value = NULL); }
expr(A) ::= RETURN(K) expr(E). [LOW]
    { A = MAKE(p, K.pos, return, .value = E); }
expr(A) ::= BREAK(K).
    { A = MAKE(p, K.pos, break, .label = NULL); }
expr(A) ::= BREAK(K) NAME(N).
    { A = MAKE(p, K.pos, break, .label = N.of.name); }
expr(A) ::= CONTINUE(K).
    { A = MAKE(p, K.pos, continue, .label = NULL); }
expr(A) ::= CONTINUE(K) NAME(N).
    { A = MAKE(p, K.pos, continue, .label = N.of.name); }
expr(A) ::= CHOOSE(K) expr(E). [LOW]
    { A = MAKE(p, K.pos, choose, .from = E); }
expr(A) ::= TRY(K) expr(E) ELSE expr(D). [LOW]
    { A = MAKE(p, K.pos, try_else, .value = E, .otherwise = D); }
expr(A) ::= FN(K) LP params(P) RP result(R) body(B).
    { A = MAKE(p, K.pos, fn, .kind = AST_FN_LAMBDA, .params = P, .result = R,
               .body = B.node, .is_expr = B.is_expr); }

post(A) ::= prim(B).                    { A = B; }
post(A) ::= post(E) LP args(S) RP.
    { A = MAKE(p, E->pos, call, .callee = E, .args = S); }
post(A) ::= post(E) LB expr(I) RB.
    { A = MAKE(p, E->pos, index, .base = E, .index = I); }
post(A) ::= post(E) DOT NAME(N).
    { A = MAKE(p, E->pos, member, .base = E, .name = N.of.name); }
post(A) ::= post(E) DOT INDEX(N).       { A = make_tuple_at(p, E, N); }
post(A) ::= post(E) BANG.
    { A = MAKE(p, E->pos, unwrap, .of = E); }

prim(A) ::= NAME(N). { A = MAKE(p, N.pos, name, .name = N.of.name); }
prim(A) ::= number(B).                  { A = B; }
prim(A) ::= word(B).                    { A = B; }
prim(A) ::= string(B).                  { A = B; }
prim(A) ::= LP(K) expr(E) RP.           { A = make_paren(p, K, E); }
prim(A) ::= LP(K) expr(E) COMMA RP.
    { A = MAKE(p, K.pos, tuple, .items = make_list(p, none, E)); }
prim(A) ::= LP(K) expr(E) COMMA exprs(S) RP.
    { A = make_tuple(p, K, E, S); }
prim(A) ::= LB(K) RB.
    { A = MAKE(p, K.pos, list, .items = none); }
prim(A) ::= LB(K) exprs(S) RB.
    { A = MAKE(p, K.pos, list, .items = S); }
prim(A) ::= LB(K) expr(E) SEMI expr(N) RB.
    { A = MAKE(p, K.pos, repeat, .item = E, .count = N); }
prim(A) ::= LB(K) COLON RB.
    { A = MAKE(p, K.pos, map, .pairs = none); }
prim(A) ::= LB(K) pairs(S) RB.          { A = MAKE(p, K.pos, map, .pairs = S); }
prim(A) ::= block(B).                   { A = B; }
prim(A) ::= ifx(B).                     { A = B; }
prim(A) ::= MATCH(K) expr(E) LC arms(S) RC.
    { A = MAKE(p, K.pos, match, .value = E, .arms = S); }
prim(A) ::= UNDO(K) block(B).           { A = MAKE(p, K.pos, undo, .body = B); }
prim(A) ::= TRY(K) block(B) UNDO NAME(N) block(H).
    { A = MAKE(p, K.pos, try, .body = B, .name = N.of.name, .handler = H); }
prim(A) ::= SEARCH(K) block(B).
    { A = MAKE(p, K.pos, search, .body = B); }
prim(A) ::= FORK(K) block(B).           { A = MAKE(p, K.pos, fork, .body = B); }
prim(A) ::= RECORD(K) post(E) string(S) block(B).
    { A = MAKE(p, K.pos, record, .history = E, .label = S, .body = B); }
prim(A) ::= OLD(K) LP expr(E) RP.       { A = MAKE(p, K.pos, old, .of = E); }
prim(A) ::= CHECKPOINT(K) string(S).
    { A = MAKE(p, K.pos, checkpoint, .name = S); }
prim(A) ::= REWIND(K) string(S).
    { A = MAKE(p, K.pos, rewind, .name = S); }

number(A) ::= INT(N).                   { A = make_int(p, N); }
number(A) ::= FLOAT(N). { A = MAKE(p, N.pos, float, .value = N.of.value); }
word(A) ::= TRUE(K).
    { A = MAKE(p, K.pos, bool, .value = 1); }
word(A) ::= FALSE(K).
    { A = MAKE(p, K.pos, bool, .value = 0); }
word(A) ::= NONE(K).
    { A = MAKE(p, K.pos, none, .unused = 0); }

cond(A) ::= expr(E).                    { A = E; }
cond(A) ::= LET(K) pattern(P) annot(Y) ASSIGN expr(E).
    { A = MAKE(p, K.pos, cond_let, .pattern = P, .type = Y, .value = E); }
ifx(A) ::= IF(K) cond(C) block(B). [LOW]
    { A = MAKE(p, K.pos, if, .cond = C, .yes = B); }
ifx(A) ::= IF(K) cond(C) block(B) ELSE block(D). [LOW]
    { A = MAKE(p, K.pos, if, .cond = C, .yes = B, .no = D); }
ifx(A) ::= IF(K) cond(C) block(B) ELSE ifx(D).
    { A = MAKE(p, K.pos, if, .cond = C, .yes = B, .no = D); }

%type exprs {struct ast_nodes}
%type expr1 {struct ast_nodes}
exprs(A) ::= expr1(B).                  { A = B; }
exprs(A) ::= expr1(B) COMMA.            { A = B; }
expr1(A) ::= expr(B).                   { A = make_list(p, none, B); }
expr1(A) ::= expr1(B) COMMA expr(E).    { A = make_list(p, B, E); }

%type pairs {struct ast_nodes}
%type pair1 {struct ast_nodes}
pairs(A) ::= pair1(B).                  { A = B; }
pairs(A) ::= pair1(B) COMMA.            { A = B; }
pair1(A) ::= pair(B).                   { A = make_list(p, none, B); }
pair1(A) ::= pair1(B) COMMA pair(D).    { A = make_list(p, B, D); }
pair(A) ::= expr(K) COLON expr(V).
    { A = MAKE(p, K->pos, pair, .key = K, .value = V); }

%type args {struct ast_nodes}
%type arg1 {struct ast_nodes}
args(A) ::= .                           { A = none; }
args(A) ::= arg1(B).                    { A = B; }
args(A) ::= arg1(B) COMMA.              { A = B; }
arg1(A) ::= arg(B).                     { A = make_list(p, none, B); }
arg1(A) ::= arg1(B) COMMA arg(D).       { A = make_list(p, B, D); }
arg(A) ::= expr(B). { A = MAKE(p, B->pos, arg, .value = B); }
arg(A) ::= AMP(K) post(B).
    { A = MAKE(p, K.pos, arg, .by_ref = 1, .value = B); }
arg(A) ::= NAME(N) COLON expr(B).
    { A = MAKE(p, N.pos, arg, .name = N.of.name, .value = B); }
arg(A) ::= NAME(N) COLON AMP post(B).
    { A = MAKE(p, N.pos, arg, .name = N.of.name, .by_ref = 1, .value = B); }

string(A) ::= plain(B).                 { A = B; }
string(A) ::= STR_HEAD(H) pieces(B) STR_TAIL(E).
    { A = make_interp(p, H, B, E); }
plain(A) ::= STR(S).                    { A = make_str(p, S); }
%type pieces {struct ast_nodes}
pieces(A) ::= piece(B).                 { A = make_list(p, none, B); }
pieces(A) ::= pieces(B) middle(M) piece(D).
    { A = make_list(p, make_list(p, B, M), D); }
middle(A) ::= STR_MID(M).               { A = make_raw(p, M); }
piece(A) ::= expr(E). { A = MAKE(p, E->pos, piece, .value = E); }
piece(A) ::= expr(E) FMT(M).
    { A = MAKE(p, E->pos, piece, .value = E, .format = M.of.name); }

// ---- match

%type arms {struct ast_nodes}
arms(A) ::= arm_opt(B).                 { A = make_list(p, none, B); }
arms(A) ::= arms(B) sep arm_opt(D).     { A = make_list(p, B, D); }
arms(A) ::= arms(B) error RESYNC.       { A = B; }
arm_opt(A) ::= .                        { A = NULL; }
arm_opt(A) ::= pattern(P) FAT action(B).
    { A = MAKE(p, P->pos, arm, .pattern = P, .body = B); }
arm_opt(A) ::= pattern(P) IF expr(G) FAT action(B).
    { A = MAKE(p, P->pos, arm, .pattern = P, .guard = G, .body = B); }
arm_opt(A) ::= error RESYNC(K).         { A = make_error(p, K.pos); }

pattern(A) ::= pat(B).                  { A = B; }
pattern(A) ::= pattern(B) BAR pat(D).
    { A = MAKE(p, B->pos, pat_or, .left = B, .right = D); }
pat(A) ::= NAME(N). { A = MAKE(p, N.pos, pat_name, .name = N.of.name); }
pat(A) ::= NAME(M) DOT NAME(N).
    { A = MAKE(p, M.pos, pat_name, .module = M.of.name, .name = N.of.name); }
pat(A) ::= NAME(N) LP pargs(S) RP.
    { A = MAKE(p, N.pos, pat_call, .name = N.of.name, .args = S); }
pat(A) ::= NAME(M) DOT NAME(N) LP pargs(S) RP.
    { A = MAKE(p, M.pos, pat_call, .module = M.of.name, .name = N.of.name,
               .args = S); }
pat(A) ::= LP(K) pattern(B) RP.         { A = make_paren(p, K, B); }
pat(A) ::= LP(K) pattern(B) COMMA RP.
    { A = MAKE(p, K.pos, pat_tuple, .items = make_list(p, none, B)); }
pat(A) ::= LP(K) pattern(B) COMMA patterns(S) RP.
    { A = make_pat_tuple(p, K, B, S); }
pat(A) ::= signed(B). { A = MAKE(p, B->pos, pat_lit, .value = B); }
pat(A) ::= signed(B) DOTDOT signed(D).
    { A = MAKE(p, B->pos, pat_range, .from = B, .to = D); }
pat(A) ::= plain(B). { A = MAKE(p, B->pos, pat_lit, .value = B); }
pat(A) ::= word(B). { A = MAKE(p, B->pos, pat_lit, .value = B); }
signed(A) ::= number(B).                { A = B; }
signed(A) ::= MINUS(K) number(B).       { A = make_negative(p, K, B); }

%type patterns {struct ast_nodes}
%type pattern1 {struct ast_nodes}
patterns(A) ::= pattern1(B).            { A = B; }
patterns(A) ::= pattern1(B) COMMA.      { A = B; }
pattern1(A) ::= pattern(B).             { A = make_list(p, none, B); }
pattern1(A) ::= pattern1(B) COMMA pattern(D). { A = make_list(p, B, D); }

%type pargs {struct ast_nodes}
%type parg1 {struct ast_nodes}
pargs(A) ::= .                          { A = none; }
pargs(A) ::= parg1(B).                  { A = B; }
pargs(A) ::= parg1(B) COMMA.            { A = B; }
parg1(A) ::= parg(B).                   { A = make_list(p, none, B); }
parg1(A) ::= parg1(B) COMMA parg(D).    { A = make_list(p, B, D); }
parg(A) ::= pattern(B). { A = MAKE(p, B->pos, pat_arg, .pattern = B); }
parg(A) ::= NAME(N) COLON pattern(B).
    { A = MAKE(p, N.pos, pat_arg, .name = N.of.name, .pattern = B); }

%code {
size_t parser_size(void)
{
    return sizeof(yyParser);
}

void parser_open(void *parser)
{
    PalInit(parser);
}

void parser_push(void *parser, struct token t, struct parse *p)
{
    Pal(parser, t.kind, t, p);
}

void parser_resync(void *parser, struct token t, struct parse *p)
{
    t.kind = T_RESYNC;
    ((yyParser *)parser)->yyerrcnt = 0;
    Pal(parser, T_RESYNC, t, p);
}

enum { LOOK_DEEP = 256 }; /* reductions followed before a token is shifted */

/* Whether the parser, as it stands, would shift the token: runs the tables on
 * the states alone, those above `base` in a stack of their own. */
static bool would_shift(const yyParser *parser, YYCODETYPE token)
{
    YYACTIONTYPE above[LOOK_DEEP];
    const yyStackEntry *base = parser->yytos;
    int n = 0;

    for (int i = 0; i < LOOK_DEEP; i++) {
        YYACTIONTYPE state = n ? above[n - 1] : base->stateno;
        YYACTIONTYPE act = yy_find_shift_action(token, state);
        int pop;

        if (act < YY_MIN_REDUCE)
            return act <= YY_MAX_SHIFTREDUCE;
        pop = -yyRuleInfoNRhs[act - YY_MIN_REDUCE];
        for (; pop && n; pop--)
            n--;
        base -= pop;
        state = n ? above[n - 1] : base->stateno;
        above[n++] = yy_find_reduce_action(
            state, yyRuleInfoLhs[act - YY_MIN_REDUCE]);
    }
    return false;
}

static void accepted(yyParser *parser, bool *ok)
{
    for (int k = 1; k < TOKEN_MAX; k++)
        ok[k] = token_infos[k].text && would_shift(parser, (YYCODETYPE)k);
}
}
