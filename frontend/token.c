/* token.c - the table of tokens, from tokens.def. */
#include "frontend/lexer.h"

#include "frontend/parser.h"

const struct token_info token_infos[TOKEN_MAX] = {
#define TOKEN(KIND, text, WHERE, ENDS) [T_##KIND] = {text, TOKEN_##WHERE, ENDS},
#include "frontend/tokens.def"
#undef TOKEN
};

void lexer_add_words(struct names *names)
{
    for (uint32_t k = 0; k < TOKEN_MAX; k++) {
        const struct token_info *t = &token_infos[k];
        if (t->text && t->where < TOKEN_SIGN)
            names_add_word(names, t->text, (uint16_t)k);
    }
}
