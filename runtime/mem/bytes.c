/* bytes.c - the byte builder. */
#include "runtime/mem/bytes.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { CAP_FIRST = 64 };

void bytes_free(struct bytes *b)
{
    mem_free(b->mem, b->at, b->cap);
    *b = bytes_in(b->mem);
}

/* Makes room for n more bytes behind b->n. */
static bool reserve(struct bytes *b, size_t n)
{
    size_t cap = b->cap ? b->cap : CAP_FIRST;
    uint8_t *at;

    if (b->failed)
        return false;
    if (n <= b->cap - b->n)
        return true;
    while (cap - b->n < n && cap < SIZE_MAX / 4)
        cap *= 2;
    /* An absurd n ends the loop early; mem_grow is to refuse it. */
    at = mem_grow(b->mem, b->at, b->cap, cap - b->n < n ? SIZE_MAX : cap);
    if (!at) {
        b->failed = true;
        return false;
    }
    b->at = at;
    b->cap = cap;
    return true;
}

uint8_t *bytes_room(struct bytes *b, size_t n)
{
    if (!reserve(b, n ? n : 1))
        return NULL;
    b->n += n;
    return b->at + b->n - n;
}

void bytes_add(struct bytes *b, const void *p, size_t n)
{
    if (!n || !reserve(b, n))
        return;
    memcpy(b->at + b->n, p, n);
    b->n += n;
}

void bytes_byte(struct bytes *b, uint8_t c)
{
    if (reserve(b, 1))
        b->at[b->n++] = c;
}

void bytes_str(struct bytes *b, const char *s)
{
    bytes_add(b, s, strlen(s));
}

void bytes_printf(struct bytes *b, const char *format, ...)
{
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (n < 0)
        b->failed = true;
    /* vsnprintf ends what it writes with a NUL, which is not ours to keep. */
    if (n <= 0 || !reserve(b, (size_t)n + 1))
        return;
    va_start(args, format);
    vsnprintf((char *)b->at + b->n, (size_t)n + 1, format, args);
    va_end(args);
    b->n += (size_t)n;
}
