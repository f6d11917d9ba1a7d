/* folder.c - the programs in a folder. */
#include <errno.h>
#include <fts.h>
#include <string.h>
#include <sys/stat.h>

#include "frontend/driver/driver.h"

bool is_folder(const char *path)
{
    struct stat sb;

    return !stat(path, &sb) && S_ISDIR(sb.st_mode);
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

static bool is_program(const FTSENT *e)
{
    return e->fts_info == FTS_F && e->fts_namelen > 4 &&
           !strcmp(e->fts_name + e->fts_namelen - 4, ".pal");
}

static int cannot_read(const char *path, int error)
{
    return say_error("cannot read %s: %s", path, strerror(error));
}

int folder_walk(const char *path, folder_visit *visit, void *arg)
{
    char *const roots[] = {(char *)(uintptr_t)path, NULL};
    /* a folder that is named may be a link; others are not followed, so that
     * the walk ends */
    FTS *fts =
        fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, by_name);
    int worst = RUN_DONE;
    FTSENT *e;

    if (!fts)
        return cannot_read(path, errno);
    while (errno = 0, e = fts_read(fts)) {
        int status = RUN_DONE;
        if (is_program(e))
            status = visit(arg, e->fts_path);
        else if (e->fts_info == FTS_ERR || e->fts_info == FTS_DNR ||
                 e->fts_info == FTS_NS)
            status = cannot_read(e->fts_path, e->fts_errno);
        worst = status > worst ? status : worst;
    }
    if (errno)
        worst = cannot_read(path, errno);
    fts_close(fts);
    return worst;
}
