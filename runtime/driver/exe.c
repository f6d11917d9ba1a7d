/* exe.c - the image as a section of an executable; see exe.h. */
#include "runtime/driver/exe.h"

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <string.h>
#include <unistd.h>

#define SECTION ".palindrome"
#define ALIGN   16

/* In pvmr's file the last letter says what the file is.  Volatile: the
 * compiler may not know it, the letter is changed after it. */
static const volatile char mark[] = "Palindrome image: n";
#define MARK_AT (sizeof mark - 2)

static void copy_mark(char *to)
{
    for (size_t i = 0; i < sizeof mark; i++)
        to[i] = mark[i];
}

/* ---- making one ---------------------------------------------------------- */

/* The headers of an ELF file, copied from its bytes; names' place is checked.
 */
struct elf {
    ElfW(Ehdr) head;
    ElfW(Shdr) names;
};

static bool inside(uint64_t at, uint64_t n, uint64_t size)
{
    return at <= size && n <= size - at;
}

static bool read_elf(const struct bytes *b, struct elf *e)
{
    if (b->n < sizeof e->head || memcmp(b->at, ELFMAG, SELFMAG))
        return false;
    memcpy(&e->head, b->at, sizeof e->head);
    const ElfW(Ehdr) *h = &e->head;
    if (h->e_shentsize != sizeof e->names || h->e_shstrndx >= h->e_shnum ||
        !inside(h->e_shoff, h->e_shnum * sizeof e->names, b->n))
        return false;
    memcpy(&e->names, b->at + h->e_shoff + h->e_shstrndx * sizeof e->names,
           sizeof e->names);
    return inside(e->names.sh_offset, e->names.sh_size, b->n);
}

static void pad(struct bytes *b)
{
    while (b->n % ALIGN)
        bytes_byte(b, 0);
}

/* The old names and headers again, each with one more. */
static void add_section(struct bytes *out, const struct bytes *pvmr,
                        struct elf *e, size_t at, size_t n)
{
    ElfW(Shdr) names = e->names, image = {.sh_type = SHT_PROGBITS,
                                          .sh_offset = at,
                                          .sh_size = n,
                                          .sh_name = (uint32_t)names.sh_size,
                                          .sh_addralign = ALIGN};
    e->names.sh_offset = out->n;
    e->names.sh_size += sizeof SECTION;
    bytes_add(out, pvmr->at + names.sh_offset, names.sh_size);
    bytes_add(out, SECTION, sizeof SECTION);
    pad(out);
    size_t headers = out->n, each = sizeof names;
    bytes_add(out, pvmr->at + e->head.e_shoff, e->head.e_shnum * each);
    bytes_add(out, &image, each);
    e->head.e_shoff = headers;
    if (!out->failed)
        memcpy(out->at + headers + e->head.e_shstrndx * each, &e->names, each);
    e->head.e_shnum++;
}

const char *exe_make(const struct bytes *pvmr, const void *image, size_t n,
                     struct bytes *out)
{
    struct elf e;
    char needle[sizeof mark];
    copy_mark(needle);
    const uint8_t *found = memmem(pvmr->at, pvmr->n, needle, sizeof needle);
    if (!found || !read_elf(pvmr, &e))
        return "it is no ELF file of this pvmr with its section headers";
    bytes_add(out, pvmr->at, pvmr->n);
    pad(out);
    size_t at = out->n;
    bytes_add(out, image, n);
    pad(out);
    add_section(out, pvmr, &e, at, n);
    if (out->failed)
        return "out of memory";
    memcpy(out->at, &e.head, sizeof e.head);
    out->at[(size_t)(found - pvmr->at) + MARK_AT] = 'y';
    return NULL;
}

/* ---- being one ----------------------------------------------------------- */

bool exe_holds_image(void)
{
    return mark[MARK_AT] == 'y';
}

static bool read_at(int fd, void *p, size_t n, uint64_t at)
{
    return pread(fd, p, n, (off_t)at) == (ssize_t)n;
}

/* The header of the image's section; false when the file has none. */
static bool find_section(int fd, ElfW(Shdr) * found)
{
    ElfW(Ehdr) h;
    ElfW(Shdr) names;
    char name[sizeof SECTION];
    if (!read_at(fd, &h, sizeof h, 0) || h.e_shstrndx >= h.e_shnum ||
        !read_at(fd, &names, sizeof names,
                 h.e_shoff + h.e_shstrndx * sizeof names))
        return false;
    for (size_t i = 0; i < h.e_shnum; i++)
        if (read_at(fd, found, sizeof *found, h.e_shoff + i * sizeof *found) &&
            read_at(fd, name, sizeof name, names.sh_offset + found->sh_name) &&
            !memcmp(name, SECTION, sizeof name))
            return true;
    return false;
}

const char *exe_read_image(struct bytes *out)
{
    ElfW(Shdr) section;
    int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    const char *why = NULL;
    if (fd < 0)
        return errno == EACCES ? "who runs it must be allowed to read it too"
                               : strerror(errno);
    if (!find_section(fd, &section))
        why = "its section " SECTION " was taken out of the file";
    else {
        uint8_t *room = bytes_room(out, section.sh_size);
        if (!room || !read_at(fd, room, section.sh_size, section.sh_offset))
            why = "the file is damaged";
    }
    close(fd);
    return why;
}
