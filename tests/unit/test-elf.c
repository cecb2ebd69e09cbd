/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "elf-image.h"

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdlib.h>

#define NOTES 1024 /* where notes begin in most of the images */
#define NOTES_SIZE_MAX (64U * 1024) /* what is looked at of them */

static const unsigned char id_bytes[BUILD_ID_SIZE_MAX + 2] = { 0xde, 0xad, 0, 0xff, 1, 2, 3, 4, 5, 6, 7, 8, 9,
        10, 11, 12, 13, 14, 15, 16, 17 };

/* Every test for both classes and both byte orders. */
static void for_all(void (*test)(Image *image)) {
        Image *image = malloc(sizeof(*image));

        assert_non_null(image);
        for (int kind = 0; kind < 4; kind++) {
                image_init(image, kind & 1, kind & 2);
                test(image);
        }
        free(image);
}

static void assert_id(const Image *image, size_t size) {
        BuildId id = {};

        assert_int_equal(image_read(image, &id), 0);
        assert_int_equal(id.size, size);
        assert_memory_equal(id.bytes, id_bytes, size);
}

static void assert_none(const Image *image) {
        BuildId id = { .size = 77 };

        assert_int_equal(image_read(image, &id), -ENODATA);
        assert_int_equal(id.size, 77);
}

static size_t add_id(Image *image, size_t offset, size_t size) {
        return image_note(image, offset, "GNU", NT_GNU_BUILD_ID, id_bytes, size, 4);
}

static void make_ordinary(Image *image) {
        size_t end = add_id(image, NOTES, 20);

        image_segments(image, IMAGE_HEADERS, 3);
        image_segment(image, 0, PT_LOAD, 0, 4096, 4096);
        image_segment(image, 1, PT_NOTE, NOTES, end - NOTES, 4);
        image_segment(image, 2, PT_LOAD, 0, 4096, 4096);
}

static void check_ordinary(Image *image) {
        make_ordinary(image);
        assert_id(image, 20);
}

static void check_sizes(Image *image) {
        static const size_t good[] = { 1, 8, 16, 20, 32, BUILD_ID_SIZE_MAX };

        for (size_t i = 0; i < ELEMENTSOF(good); i++) {
                make_ordinary(image);
                image_segment(image, 1, PT_NOTE, NOTES, add_id(image, NOTES, good[i]) - NOTES, 4);
                assert_id(image, good[i]);
        }
        image_segment(image, 1, PT_NOTE, NOTES, add_id(image, NOTES, BUILD_ID_SIZE_MAX + 1) - NOTES, 4);
        assert_none(image);
        image_segment(image, 1, PT_NOTE, NOTES, add_id(image, NOTES, 0) - NOTES, 4);
        assert_none(image);
}

/* Behind others, of all lengths, and those that only look like it. */
static void check_among_others(Image *image) {
        size_t end = NOTES;

        for (size_t size = 0; size < 9; size++)
                end = image_note(image, end, "Other name", NT_GNU_BUILD_ID, id_bytes + 1, size, 4);
        end = image_note(image, end, "GNU", NT_GNU_ABI_TAG, id_bytes + 1, 16, 4);
        end = image_note(image, end, "GN", NT_GNU_BUILD_ID, id_bytes + 1, 20, 4);
        end = image_note(image, end, "gnu", NT_GNU_BUILD_ID, id_bytes + 1, 20, 4);
        end = image_note(image, end, "GNU", NT_GNU_BUILD_ID, id_bytes + 1, BUILD_ID_SIZE_MAX + 1, 4);
        image_segments(image, IMAGE_HEADERS, 1);
        image_segment(image, 0, PT_NOTE, NOTES, end - NOTES, 4);
        assert_none(image);
        end = add_id(image, end, 16);
        image_segment(image, 0, PT_NOTE, NOTES, end - NOTES, 4);
        assert_id(image, 16);
}

/* Notes of x86's properties are aligned to eight bytes. */
static void check_alignment(Image *image) {
        size_t end = image_note(image, NOTES, "GNU", NT_GNU_PROPERTY_TYPE_0, id_bytes + 1, 20, 8);

        end = image_note(image, end, "GNU", NT_GNU_BUILD_ID, id_bytes, 20, 8);
        image_segments(image, IMAGE_HEADERS, 1);
        image_segment(image, 0, PT_NOTE, NOTES, end - NOTES, 8);
        assert_id(image, 20);
        for (uint64_t alignment = 0; alignment < 4; alignment++) {
                end = add_id(image, image_note(image, NOTES, "x", 1, id_bytes, 5, 4), 20);
                image_segment(image, 0, PT_NOTE, NOTES, end - NOTES, alignment == 3 ? UINT64_MAX : alignment);
                assert_id(image, 20);
        }
}

static void check_sections(Image *image) {
        size_t end = add_id(image, NOTES, 20);

        image_sections(image, 2048, 4);
        image_section(image, 2048, 1, SHT_PROGBITS, NOTES, end - NOTES);
        image_section(image, 2048, 2, SHT_NOTE, NOTES, 0);
        image_section(image, 2048, 3, SHT_NOTE, NOTES, end - NOTES);
        assert_id(image, 20);
        /* Segments are looked at first. */
        image_segments(image, IMAGE_HEADERS, 1);
        image_segment(image, 0, PT_NOTE, 4096, add_id(image, 4096, 8) - 4096, 4);
        assert_id(image, 8);
        /* Where those have none, there may still be a section. */
        image_segment(image, 0, PT_NOTE, 8192, image_note(image, 8192, "x", 1, "y", 1, 4) - 8192, 4);
        assert_id(image, 20);
}

/* One bad place does not hide the good one. */
static void check_bad_and_good(Image *image) {
        size_t end = add_id(image, NOTES, 20);

        image_segments(image, IMAGE_HEADERS, 4);
        image_segment(image, 0, PT_NOTE, UINT64_MAX, 8, 4);
        image_segment(image, 1, PT_NOTE, 100 * 1024, 8, 4);
        image_put(image, 4096, 4, UINT32_MAX);
        image_put(image, 4100, 4, UINT32_MAX);
        image_segment(image, 2, PT_NOTE, 4096, 12, 4);
        image_segment(image, 3, PT_NOTE, NOTES, end - NOTES, 4);
        assert_id(image, 20);
}

static void check_bounds(Image *image) {
        size_t end = add_id(image, NOTES, 20);

        /* The notes say that they are endless; the file must have what is read of them. */
        image_segments(image, IMAGE_HEADERS, 1);
        image_segment(image, 0, PT_NOTE, NOTES, UINT64_MAX, 4);
        assert_none(image);
        image_put(image, NOTES + NOTES_SIZE_MAX, 1, 0);
        assert_id(image, 20);

        /* The id stands behind what is looked at of one segment, or of several. */
        (void) image_note(image, NOTES, "filler", 1, NULL, 0, 4);
        image_put(image, NOTES + 4, 4, NOTES_SIZE_MAX);
        end = NOTES + 12 + 8 + NOTES_SIZE_MAX;
        end = add_id(image, end, 20);
        image_segment(image, 0, PT_NOTE, NOTES, end - NOTES, 4);
        assert_none(image);
        image_put(image, NOTES + 4, 4, 1024);
        image_segments(image, IMAGE_HEADERS, 65);
        for (unsigned i = 0; i < 64; i++)
                image_segment(image, i, PT_NOTE, 8192, 1024, 4);
        end = add_id(image, 16384, 20);
        image_segment(image, 64, PT_NOTE, 16384, end - 16384, 4);
        assert_none(image);
        image_segments(image, IMAGE_HEADERS + (image->wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr)), 64);
        assert_id(image, 20);
}

/* Tables that are elsewhere, have too many headers, or headers of another size. */
static void check_tables(Image *image) {
        make_ordinary(image);
        image_segments(image, IMAGE_HEADERS, UINT16_MAX);
        assert_none(image);
        image_segments(image, UINT64_MAX, 3);
        assert_none(image);
        image_segments(image, UINT64_MAX - 60, 3);
        assert_none(image);
        image_segments(image, image->size, 3);
        assert_none(image);
        image_segments(image, IMAGE_HEADERS, 0);
        assert_none(image);

        make_ordinary(image);
        image_put(image, image->wide ? 54 : 42, 2, 1);
        assert_none(image);
        image_put(image, image->wide ? 54 : 42, 2, image->wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr));
        assert_id(image, 20);

        image_segments(image, IMAGE_HEADERS, 0);
        image_sections(image, UINT64_MAX, UINT16_MAX);
        assert_none(image);
        image_sections(image, 2048, UINT16_MAX);
        image_section(image, 2048, 1, SHT_NOTE, NOTES, 36);
        assert_id(image, 20);
        image_put(image, image->wide ? 58 : 46, 2, 39);
        assert_none(image);
}

static void check_no_elf(Image *image) {
        make_ordinary(image);
        for (size_t i = 0; i < SELFMAG; i++) {
                image->data[i] ^= 1;
                assert_none(image);
                image->data[i] ^= 1;
        }
        image->data[EI_CLASS] += 2;
        assert_none(image);
        image->data[EI_CLASS] -= 2;
        image->data[EI_DATA] += 2;
        assert_none(image);
        image->data[EI_DATA] -= 2;
        image->data[EI_VERSION]++;
        assert_none(image);
        image->data[EI_VERSION]--;
        assert_id(image, 20);
}

/* However much of the file there is: the id, once all of it is there, or none. */
static void check_truncated(Image *image) {
        size_t end;

        make_ordinary(image);
        end = NOTES + 36;
        for (size_t size = 0; size < end; size++) {
                BuildId id;

                assert_int_equal(image_read_part(image, size, &id), -ENODATA);
        }
        image->size = end;
        assert_id(image, 20);
}

/* Whatever stands there, what comes out is an id or none. */
static void check_damaged(Image *image) {
        unsigned seed = 1;
        size_t found = 0;

        for (int round = 0; round < 20000; round++) {
                BuildId id = {};
                int r;

                image_init(image, image->wide, image->big);
                make_ordinary(image);
                image_sections(image, 2048, 2);
                image_section(image, 2048, 1, SHT_NOTE, NOTES, 36);
                for (int n = rand_r(&seed) % 8; n >= 0; n--) {
                        size_t place = (size_t) rand_r(&seed) % 3, at = (size_t) rand_r(&seed) % 128;

                        at += place == 0 ? 16 : place == 1 ? NOTES - 8 : 2048;
                        image->data[at] = (unsigned char) (rand_r(&seed) % 3 == 0 ? 0xff : rand_r(&seed));
                }
                r = image_read(image, &id);
                assert_true(r == 0 || r == -ENODATA);
                assert_int_equal(r == 0, id.size > 0);
                assert_true(id.size <= BUILD_ID_SIZE_MAX);
                found += r == 0;
        }
        assert_in_range(found, 1000, 19000);
}

#define FOR_ALL(name)                           \
        static void test_##name(void **state) { \
                (void) state;                   \
                for_all(check_##name);          \
        }                                       \
        struct swallow_semicolon_##name

FOR_ALL(ordinary);
FOR_ALL(sizes);
FOR_ALL(among_others);
FOR_ALL(alignment);
FOR_ALL(sections);
FOR_ALL(bad_and_good);
FOR_ALL(bounds);
FOR_ALL(tables);
FOR_ALL(no_elf);
FOR_ALL(truncated);
FOR_ALL(damaged);

/* What the loader has put into memory of this program's own note. */
static int on_object(struct dl_phdr_info *info, size_t size, void *userdata) {
        BuildId *id = userdata;

        (void) size;
        for (size_t i = 0; i < info->dlpi_phnum; i++) {
                const char *p = (const char *) info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
                ElfW(Nhdr) note;

                if (info->dlpi_phdr[i].p_type != PT_NOTE || info->dlpi_phdr[i].p_align != 4)
                        continue;
                memcpy(&note, p, sizeof(note));
                if (note.n_type != NT_GNU_BUILD_ID || memcmp(p + sizeof(note), "GNU", 4) != 0)
                        continue;
                id->size = (uint8_t) note.n_descsz;
                memcpy(id->bytes, p + sizeof(note) + 4, id->size);
        }
        return 1; /* the first one is the program */
}

static void test_this_program(void **state) {
        _cleanup_close_ int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
        BuildId expected = {}, id = {};

        (void) state;
        (void) dl_iterate_phdr(on_object, &expected);
        if (expected.size == 0)
                skip();
        assert_true(fd >= 0);
        assert_int_equal(lseek(fd, 12345, SEEK_SET), 12345);
        assert_int_equal(elf_read_build_id(fd, &id), 0);
        assert_int_equal(id.size, expected.size);
        assert_memory_equal(id.bytes, expected.bytes, id.size);
        assert_int_equal(lseek(fd, 0, SEEK_CUR), 12345);
}

static void test_unreadable(void **state) {
        _cleanup_close_ int directory = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        BuildId id;

        (void) state;
        assert_int_equal(elf_read_build_id(directory, &id), -EISDIR);
        assert_int_equal(elf_read_build_id(-1, &id), -EBADF);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_ordinary),
                cmocka_unit_test(test_sizes),
                cmocka_unit_test(test_among_others),
                cmocka_unit_test(test_alignment),
                cmocka_unit_test(test_sections),
                cmocka_unit_test(test_bad_and_good),
                cmocka_unit_test(test_bounds),
                cmocka_unit_test(test_tables),
                cmocka_unit_test(test_no_elf),
                cmocka_unit_test(test_truncated),
                cmocka_unit_test(test_damaged),
                cmocka_unit_test(test_this_program),
                cmocka_unit_test(test_unreadable),
        };

        return cmocka_run_group_tests_name("elf", tests, NULL, NULL);
}
