/* lookup.c - finding by pc, each by bisection; texts, and wider types. */
#include <string.h>

#include "runtime/pvm/image.h"

const struct pvm_fn *pvm_fn_at(const struct pvm_image *im, uint32_t pc)
{
    uint32_t low = 0, high = im->nfns;

    while (low < high) { /* the first function that ends behind pc */
        uint32_t mid = low + (high - low) / 2;

        if (im->fns[mid].end <= pc)
            low = mid + 1;
        else
            high = mid;
    }
    if (low == im->nfns || pc < im->fns[low].entry)
        return NULL;
    return &im->fns[low];
}

const struct pvm_join *pvm_join_at(const struct pvm_image *im,
                                   const struct pvm_fn *fn, uint32_t pc)
{
    uint32_t low = fn->first_join, end = low + fn->njoins, high = end;

    while (low < high) {
        uint32_t mid = low + (high - low) / 2;

        if (im->joins[mid].pc < pc)
            low = mid + 1;
        else
            high = mid;
    }
    return low < end && im->joins[low].pc == pc ? &im->joins[low] : NULL;
}

bool pvm_place(const struct pvm_image *im, uint32_t pc, uint32_t *file,
               uint32_t *line)
{
    const struct pvm_fn *fn = pvm_fn_at(im, pc);
    uint32_t low = 0, high = im->nlines;

    while (low < high) { /* the first entry behind pc */
        uint32_t mid = low + (high - low) / 2;

        if (im->lines[mid].pc <= pc)
            low = mid + 1;
        else
            high = mid;
    }
    /* An entry of the function before says nothing of this one. */
    if (!fn || low == 0 || im->lines[low - 1].pc < fn->entry)
        return false;
    *file = fn->file;
    *line = im->lines[low - 1].line;
    return true;
}

const char *pvm_text(const struct pvm_image *im, uint32_t i)
{
    return i < im->nstrings ? im->text + im->strings[i].at : "";
}

void pvm_find_wider(const struct pvm_image *im, uint32_t *wider, uint32_t *tags)
{
    memset(wider, 0, im->ntypes * sizeof *wider);
    if (tags)
        memset(tags, 0, im->ntypes * sizeof *tags);
    wider[PVM_T_GROWN] = PVM_T_STR;
    for (uint32_t i = 0; i < im->ntypes; i++) {
        const struct pvm_type *t = &im->types[i];

        if (t->kind == PVM_TYPE_CLOSURE)
            wider[i] = t->of_fn;
        for (uint32_t k = 0; t->kind == PVM_TYPE_SUM && k < t->nfields; k++) {
            wider[t->fields[k].of.type] = i;
            if (tags)
                tags[t->fields[k].of.type] = k;
        }
    }
}
