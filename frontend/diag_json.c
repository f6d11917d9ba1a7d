/* diag_json.c - diagnostics for programs: one JSON array, one object each.
 *
 * {"code", "severity", "message", "file", "line", "column", "endLine",
 *  "endColumn", "pos", "end", "labels": [{place, "text"}], "notes": [text],
 *  "helps": [text], "fixes": [{place, "text", "replacement"}]}
 * Lines and columns count from 1, columns in code points; pos and end are
 * byte offsets, end exclusive.  Where there are more errors than are listed,
 * the last object has a note about it and their number: "more": 12. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "frontend/diag_impl.h"

static json_t *make_text(const struct diags *ds, const char *s)
{
    struct bytes b = bytes_in(ds->mem);
    json_t *text;

    diag_add_clean(&b, s, strlen(s));
    text = json_stringn_nocheck((char *)b.at, b.n);
    bytes_free(&b);
    return text;
}

/* The same for a piece of source, which may have lines and tabs. */
static json_t *make_code(const struct diags *ds, const char *s)
{
    struct bytes b = bytes_in(ds->mem);
    json_t *text;

    while (*s) {
        size_t n = strcspn(s, "\t\n");
        diag_add_clean(&b, s, n);
        s += n;
        if (*s)
            bytes_byte(&b, *s++);
    }
    text = json_stringn_nocheck((char *)b.at, b.n);
    bytes_free(&b);
    return text;
}

static void set_place(const struct diags *ds, json_t *o, struct span at)
{
    uint32_t line, column, end_line, end_column;

    source_place(at.src, at.pos, &line, &column);
    source_place(at.src, at.end, &end_line, &end_column);
    json_object_set_new(o, "file", make_text(ds, at.src->path));
    json_object_set_new(o, "line", json_integer(line));
    json_object_set_new(o, "column", json_integer(column));
    json_object_set_new(o, "endLine", json_integer(end_line));
    json_object_set_new(o, "endColumn", json_integer(end_column));
    json_object_set_new(o, "pos", json_integer(at.pos));
    json_object_set_new(o, "end", json_integer(at.end));
}

static json_t *make_labels(const struct diags *ds, const struct diag *d)
{
    json_t *list = json_array();

    for (uint32_t i = 0; i < d->labels.n; i++) {
        json_t *o = json_object();
        set_place(ds, o, d->labels.at[i].at);
        json_object_set_new(o, "text", make_text(ds, d->labels.at[i].text));
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *make_remarks(const struct diags *ds, const struct diag *d,
                            enum diag_remark_kind kind)
{
    json_t *list = json_array();

    for (uint32_t i = 0; i < d->remarks.n; i++) {
        const struct diag_remark *r = &d->remarks.at[i];
        json_t *text = r->kind == kind ? make_text(ds, r->text) : NULL, *o;

        if (r->kind != kind)
            continue;
        if (kind != DIAG_FIX) {
            json_array_append_new(list, text);
            continue;
        }
        o = json_object();
        set_place(ds, o, r->at);
        json_object_set_new(o, "text", text);
        json_object_set_new(o, "replacement", make_code(ds, r->replacement));
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *make_diag(const struct diags *ds, const struct diag *d)
{
    const struct diag_row *row = &diag_rows[d->code];
    json_t *o = json_object();

    json_object_set_new(o, "code", json_string(row->code));
    json_object_set_new(
        o, "severity",
        json_string(row->severity == DIAG_ERROR ? "error" : "warning"));
    json_object_set_new(o, "message", make_text(ds, d->message));
    set_place(ds, o, d->at);
    json_object_set_new(o, "labels", make_labels(ds, d));
    json_object_set_new(o, "notes", make_remarks(ds, d, DIAG_NOTE));
    json_object_set_new(o, "helps", make_remarks(ds, d, DIAG_HELP));
    json_object_set_new(o, "fixes", make_remarks(ds, d, DIAG_FIX));
    return o;
}

/* Tells the reader of the last one how many are not there. */
static void add_more(json_t *last, uint32_t more)
{
    char text[64];

    snprintf(text, sizeof text, "%u more error%s not listed", more,
             more == 1 ? " is" : "s are");
    json_array_append_new(json_object_get(last, "notes"), json_string(text));
    json_object_set_new(last, "more", json_integer(more));
}

static int add_json(const char *s, size_t n, void *out)
{
    bytes_add(out, s, n);
    return 0;
}

void diags_json(const struct diags *ds, struct bytes *out)
{
    uint32_t n, more;
    struct diag **all = diags_sorted(ds, &n, &more);
    json_t *list = json_array();

    for (uint32_t i = 0; i < n; i++)
        json_array_append_new(list, make_diag(ds, all[i]));
    if (n && more)
        add_more(json_array_get(list, n - 1), more);
    if (!list || json_dump_callback(list, add_json, out,
                                    JSON_INDENT(2) | JSON_PRESERVE_ORDER))
        out->failed = true;
    bytes_byte(out, '\n');
    json_decref(list);
}
