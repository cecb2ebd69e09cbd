/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* ELF files, made by hand in either class and byte order: headers without anything that could run. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <elf.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "files/elf.h"
#include "util/cleanup.h"

#define IMAGE_SIZE_MAX (256U * 1024)
#define IMAGE_HEADERS 64 /* where the first table begins: behind the larger of the two file headers */

typedef struct Image {
        bool wide, big; /* ELFCLASS64, ELFDATA2MSB */
        size_t size;
        unsigned char data[IMAGE_SIZE_MAX];
} Image;

static inline void image_put(Image *i, size_t offset, unsigned bytes, uint64_t value) {
        assert_true(offset + bytes <= IMAGE_SIZE_MAX);
        for (unsigned n = 0; n < bytes; n++)
                i->data[offset + n] = (unsigned char) (value >> 8 * (i->big ? bytes - 1 - n : n));
        if (i->size < offset + bytes)
                i->size = offset + bytes;
}

/* A number that has the size of an address. */
static inline void image_put_word(Image *i, size_t narrow_offset, size_t wide_offset, uint64_t value) {
        image_put(i, i->wide ? wide_offset : narrow_offset, i->wide ? 8 : 4, value);
}

/* The fields of the file header that matter; the numbers are of headers. */
static inline void image_init(Image *i, bool wide, bool big) {
        memset(i, 0, sizeof(*i));
        i->wide = wide;
        i->big = big;
        memcpy(i->data, ELFMAG, SELFMAG);
        i->data[EI_CLASS] = wide ? ELFCLASS64 : ELFCLASS32;
        i->data[EI_DATA] = big ? ELFDATA2MSB : ELFDATA2LSB;
        i->data[EI_VERSION] = EV_CURRENT;
        i->size = wide ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr);
        image_put(i, 16, 2, ET_DYN);
        image_put(i, wide ? 54 : 42, 2, wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr));
        image_put(i, wide ? 58 : 46, 2, wide ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr));
}

static inline void image_segments(Image *i, uint64_t offset, unsigned n) {
        image_put_word(i, 28, 32, offset);
        image_put(i, i->wide ? 56 : 44, 2, n);
}

static inline void image_sections(Image *i, uint64_t offset, unsigned n) {
        image_put_word(i, 32, 40, offset);
        image_put(i, i->wide ? 60 : 48, 2, n);
}

/* Program header number `n` of the table at IMAGE_HEADERS. */
static inline void image_segment(
        Image *i, unsigned n, uint32_t type, uint64_t offset, uint64_t size, uint64_t alignment) {
        size_t head = IMAGE_HEADERS + n * (i->wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr));

        image_put(i, head, 4, type);
        image_put_word(i, head + 4, head + 8, offset);
        image_put_word(i, head + 16, head + 32, size);
        image_put_word(i, head + 28, head + 48, alignment);
}

/* Likewise of a table of sections at `table`. */
static inline void image_section(
        Image *i, uint64_t table, unsigned n, uint32_t type, uint64_t offset, uint64_t size) {
        size_t head_size = i->wide ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr), head = table + n * head_size;

        image_put(i, head + 4, 4, type);
        image_put_word(i, head + 16, head + 24, offset);
        image_put_word(i, head + 20, head + 32, size);
        image_put_word(i, head + 32, head + 48, 4);
        image_put(i, head + head_size - 1, 1, 0);
}

/* A note at `offset`; returns where the next one is to begin. */
static inline size_t image_note(Image *i, size_t offset, const char *name, uint32_t type, const void *value,
        size_t size, size_t alignment) {
        size_t name_size = strlen(name) + 1;

        image_put(i, offset, 4, name_size);
        image_put(i, offset + 4, 4, size);
        image_put(i, offset + 8, 4, type);
        memcpy(i->data + offset + 12, name, name_size);
        offset = (offset + 12 + name_size + alignment - 1) / alignment * alignment;
        if (size > 0)
                memcpy(i->data + offset, value, size);
        offset = (offset + size + alignment - 1) / alignment * alignment;
        if (i->size < offset)
                i->size = offset;
        return offset;
}

/* What the daemon's code makes of the first `size` bytes. */
static inline int image_read_part(const Image *i, size_t size, BuildId *ret) {
        _cleanup_close_ int fd = memfd_create("image", MFD_CLOEXEC);

        assert_true(fd >= 0);
        assert_int_equal(write(fd, i->data, size), size);
        return elf_read_build_id(fd, ret);
}

static inline int image_read(const Image *i, BuildId *ret) {
        return image_read_part(i, i->size, ret);
}
