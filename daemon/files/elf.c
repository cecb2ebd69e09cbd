/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * elf_begin() would allocate memory for as many sections as a file claims to have. So the headers are read
 * here, one by one, into memory of fixed size, and libelf only converts their byte order.
 */

#include "files/elf.h"

#include <errno.h>
#include <libelf.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

/* The limit for all notes of a file together. Those of an ordinary program have a few hundred bytes. */
#define NOTES_SIZE_MAX (64U * 1024)
/* No kernel runs a file with more of them (load_elf_phdrs() in fs/binfmt_elf.c). */
#define SEGMENTS_MAX (64U * 1024 / sizeof(Elf64_Phdr))
#define SECTIONS_MAX 4096U

typedef struct File {
        int fd;
        bool wide; /* of class ELFCLASS64 */
        unsigned encoding;
        uint64_t segments, sections; /* where their headers begin */
        uint32_t n_segments, n_sections;
        uint32_t notes_left; /* bytes that may still be read */
} File;

/* The place of notes in the file. */
typedef struct Place {
        uint64_t offset;
        uint64_t size;
        uint64_t alignment;
} Place;

/* Reads exactly `size` bytes. Returns 0, -ENODATA when the file ends before, or what pread(2) failed with. */
static int read_at(const File *file, uint64_t offset, void *ret, size_t size) {
        char *p = ret;

        while (size > 0) {
                ssize_t n;

                if (offset > INT64_MAX - size)
                        return -ENODATA;
                n = pread(file->fd, p, size, (off_t) offset);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                if (n == 0)
                        return -ENODATA;
                p += n;
                size -= (size_t) n;
                offset += (uint64_t) n;
        }
        return 0;
}

/* Converts data from the byte order of the file to that of this machine, in place. */
static bool translate(const File *file, void *data, size_t size, Elf_Type type) {
        Elf_Data d = { .d_buf = data, .d_type = type, .d_size = size, .d_version = EV_CURRENT };

        return file->wide ? elf64_xlatetom(&d, &d, file->encoding) : elf32_xlatetom(&d, &d, file->encoding);
}

/* Reads one item of `type`, whose size depends on the class. */
static int read_item(
        const File *file, uint64_t offset, Elf_Type type, void *ret, size_t size32, size_t size64) {
        size_t size = file->wide ? size64 : size32;
        int r;

        r = read_at(file, offset, ret, size);
        if (r < 0)
                return r;
        return translate(file, ret, size, type) ? 0 : -ENODATA;
}

#define READ_ITEM(file, offset, type, item) \
        read_item(file, offset, type, item, sizeof((item)->narrow), sizeof((item)->wide))

static int read_header(File *file) {
        union {
                unsigned char identity[EI_NIDENT];
                Elf32_Ehdr narrow;
                Elf64_Ehdr wide;
        } head;
        bool segments_fit, sections_fit;
        int r;

        r = read_at(file, 0, head.identity, sizeof(head.identity));
        if (r < 0)
                return r;
        if (memcmp(head.identity, ELFMAG, SELFMAG) != 0 || head.identity[EI_VERSION] != EV_CURRENT)
                return -ENODATA;
        if (head.identity[EI_CLASS] != ELFCLASS32 && head.identity[EI_CLASS] != ELFCLASS64)
                return -ENODATA;
        if (head.identity[EI_DATA] != ELFDATA2LSB && head.identity[EI_DATA] != ELFDATA2MSB)
                return -ENODATA;
        file->wide = head.identity[EI_CLASS] == ELFCLASS64;
        file->encoding = head.identity[EI_DATA];

        r = READ_ITEM(file, 0, ELF_T_EHDR, &head);
        if (r < 0)
                return r;
        file->segments = file->wide ? head.wide.e_phoff : head.narrow.e_phoff;
        file->sections = file->wide ? head.wide.e_shoff : head.narrow.e_shoff;
        file->n_segments = file->wide ? head.wide.e_phnum : head.narrow.e_phnum;
        file->n_sections = file->wide ? head.wide.e_shnum : head.narrow.e_shnum;

        segments_fit = file->wide ? head.wide.e_phentsize == sizeof(Elf64_Phdr)
                                  : head.narrow.e_phentsize == sizeof(Elf32_Phdr);
        sections_fit = file->wide ? head.wide.e_shentsize == sizeof(Elf64_Shdr)
                                  : head.narrow.e_shentsize == sizeof(Elf32_Shdr);
        if (!segments_fit || file->n_segments > SEGMENTS_MAX)
                file->n_segments = 0;
        if (!sections_fit)
                file->n_sections = 0;
        if (file->n_sections > SECTIONS_MAX)
                file->n_sections = SECTIONS_MAX;
        return 0;
}

static uint64_t align(uint64_t n, uint64_t alignment) {
        return (n + alignment - 1) & ~(alignment - 1);
}

/* A note consists of the sizes of name and value, a type, the name and the value. The sums can't overflow. */
static int search_notes(const File *file, const char *data, size_t size, uint64_t alignment, BuildId *ret) {
        uint64_t offset = 0;

        while (offset <= size && size - offset >= sizeof(Elf32_Nhdr)) {
                Elf32_Nhdr note; /* the same in both classes */
                uint64_t name, value;

                memcpy(&note, data + offset, sizeof(note));
                if (!translate(file, &note, sizeof(note), ELF_T_WORD))
                        return -ENODATA;
                name = offset + sizeof(note);
                value = align(name + note.n_namesz, alignment);
                offset = align(value + note.n_descsz, alignment);
                if (value > size || note.n_descsz > size - value)
                        return -ENODATA;

                if (note.n_type != NT_GNU_BUILD_ID || note.n_namesz != sizeof(ELF_NOTE_GNU) ||
                        memcmp(data + name, ELF_NOTE_GNU, sizeof(ELF_NOTE_GNU)) != 0)
                        continue;
                if (note.n_descsz == 0 || note.n_descsz > BUILD_ID_SIZE_MAX)
                        continue;
                ret->size = (uint8_t) note.n_descsz;
                memcpy(ret->bytes, data + value, note.n_descsz);
                return 0;
        }
        return -ENODATA;
}

static int read_notes(File *file, const Place *place, BuildId *ret) {
        size_t size = place->size < file->notes_left ? (size_t) place->size : file->notes_left;
        char data[NOTES_SIZE_MAX];
        int r;

        file->notes_left -= (uint32_t) size;
        r = read_at(file, place->offset, data, size);
        if (r < 0)
                return r;
        return search_notes(file, data, size, place->alignment == 8 ? 8 : 4, ret);
}

/* Returns 1 and sets *ret when the segment has notes, 0 when it is of another kind, or a negative errno. */
static int read_segment(const File *file, uint32_t index, Place *ret) {
        union {
                Elf32_Phdr narrow;
                Elf64_Phdr wide;
        } head;
        uint64_t offset;
        int r;

        if (__builtin_add_overflow(file->segments,
                    (uint64_t) index * (file->wide ? sizeof(head.wide) : sizeof(head.narrow)), &offset))
                return -ENODATA;
        r = READ_ITEM(file, offset, ELF_T_PHDR, &head);
        if (r < 0)
                return r;
        *ret = file->wide ? (Place){ head.wide.p_offset, head.wide.p_filesz, head.wide.p_align }
                          : (Place){ head.narrow.p_offset, head.narrow.p_filesz, head.narrow.p_align };
        return (file->wide ? head.wide.p_type : head.narrow.p_type) == PT_NOTE;
}

/* Does the same for a section. */
static int read_section(const File *file, uint32_t index, Place *ret) {
        union {
                Elf32_Shdr narrow;
                Elf64_Shdr wide;
        } head;
        uint64_t offset;
        int r;

        if (__builtin_add_overflow(file->sections,
                    (uint64_t) index * (file->wide ? sizeof(head.wide) : sizeof(head.narrow)), &offset))
                return -ENODATA;
        r = READ_ITEM(file, offset, ELF_T_SHDR, &head);
        if (r < 0)
                return r;
        *ret = file->wide ? (Place){ head.wide.sh_offset, head.wide.sh_size, head.wide.sh_addralign }
                          : (Place){ head.narrow.sh_offset, head.narrow.sh_size, head.narrow.sh_addralign };
        return (file->wide ? head.wide.sh_type : head.narrow.sh_type) == SHT_NOTE;
}

/* Searches all notes. A place that is damaged is skipped, because another one may have the build-id. */
static int search(File *file, uint32_t n, int (*read_place)(const File *, uint32_t, Place *), BuildId *ret) {
        for (uint32_t i = 0; i < n && file->notes_left > 0; i++) {
                Place place;
                int r;

                r = read_place(file, i, &place);
                if (r > 0)
                        r = read_notes(file, &place, ret);
                else if (r == 0)
                        continue;
                if (r != -ENODATA)
                        return r;
        }
        return -ENODATA;
}

int elf_read_build_id(int fd, BuildId *ret) {
        File file = { .fd = fd, .notes_left = NOTES_SIZE_MAX };
        BuildId id = {};
        int r;

        (void) elf_version(EV_CURRENT); /* libelf requires this call before any other */
        r = read_header(&file);
        if (r < 0)
                return r;

        r = search(&file, file.n_segments, read_segment, &id);
        if (r == -ENODATA)
                r = search(&file, file.n_sections, read_section, &id);
        if (r < 0)
                return r;
        *ret = id;
        return 0;
}
