/* str.c - see str.h. */
#include "runtime/coll/str.h"

uint64_t str_make(struct heap *h, uint64_t n)
{
    if (n > STR_MOST)
        return 0;
    uint64_t o = gc_new(h, PVM_T_STR, STR_BYTES + (n + 7) / 8);
    if (o)
        *obj_word(h, o, STR_LEN) = n;
    return o;
}

uint64_t str_new(struct heap *h, const void *p, uint64_t n)
{
    uint64_t o = str_make(h, n);
    if (o && n)
        memcpy(str_bytes(h, o), p, n);
    return o;
}

/* ---- strs that grow ------------------------------------------------------ */

/* Whether a str ends where the use of its text ends. */
static bool is_last(const struct heap *h, uint64_t o)
{
    return str_is_grown(h, o) &&
           str_len(h, o) ==
               *obj_word(h, *obj_word(h, o, GROWN_TEXT), TEXT_USED);
}

static uint64_t text_room(const struct heap *h, uint64_t text)
{
    return 8 * (obj_words(h, text) - TEXT_BYTES);
}

/* A text for a str and what is appended to it, size bytes in all, with room for
 * more: an eighth, and half for one that has been seen to grow. */
static uint64_t new_text(struct heap *h, const uint64_t *to, uint64_t size)
{
    uint64_t room = size + (is_last(h, *to) ? size / 2 : size / 8);
    if (room > STR_MOST)
        room = STR_MOST;
    return gc_new(h, PVM_T_TEXT, TEXT_BYTES + (room + 7) / 8);
}

/* Before bytes from..end of a text are written, which nobody has seen: a window
 * and snapshots want to know, no scope does. */
static void before(struct heap *h, uint64_t text, uint64_t from, uint64_t end)
{
    uint64_t first = from / 8, words = (end + 7) / 8 - first;
    heap_log(h, obj_word(h, text, TEXT_USED), 1);
    heap_log(h, obj_word(h, text, TEXT_BYTES + first), words);
    if (obj_is_young(h, text))
        return;
    tape_touch(&h->tape, text + OBJ_HEADER + 8 * TEXT_USED, 8);
    if (words)
        tape_touch(&h->tape, text + OBJ_HEADER + 8 * (TEXT_BYTES + first),
                   8 * words);
}

/* A str of size bytes that begins with another and may differ from it in what
 * follows; that is to be filled by the caller. */
static uint64_t grow(struct heap *h, const uint64_t *to, uint64_t size)
{
    uint64_t n = str_len(h, *to);
    bool fits =
        is_last(h, *to) && size <= text_room(h, *obj_word(h, *to, GROWN_TEXT));
    uint64_t *text = gc_hold(h, fits ? *obj_word(h, *to, GROWN_TEXT)
                                     : new_text(h, to, size));
    uint64_t o = *text ? gc_new(h, PVM_T_GROWN, GROWN_WORDS) : 0;
    if (o) {
        before(h, *text, fits ? n : 0, size);
        if (!fits)
            memcpy(obj_word(h, *text, TEXT_BYTES), str_bytes(h, *to), n);
        *obj_word(h, *text, TEXT_USED) = size;
        *obj_word(h, o, GROWN_TEXT) = *text;
        *obj_word(h, o, GROWN_LEN) = size;
    }
    gc_release(h, 1);
    return o;
}

uint64_t str_append(struct heap *h, const uint64_t *to, const uint64_t *more,
                    unsigned count)
{
    uint64_t n = str_len(h, *to), m = 0;
    for (unsigned i = 0; i < count; i++)
        m += str_len(h, more[i]);
    if (n + m > STR_MOST)
        return 0;
    bool grows = n >= STR_GROWS && m <= n / 2;
    uint64_t o = grows ? grow(h, to, n + m) : str_make(h, n + m);
    if (!o)
        return 0;
    uint8_t *end = str_bytes(h, o);
    if (!grows)
        memcpy(end, str_bytes(h, *to), n);
    end += n;
    for (unsigned i = 0; i < count; i++) {
        uint64_t k = str_len(h, more[i]);
        memcpy(end, str_bytes(h, more[i]), k);
        end += k;
    }
    return o;
}
