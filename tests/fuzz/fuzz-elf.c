/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Files that were executed, whose build-id is looked for: an id that is found stands in a note, somewhere
 * in the file.
 */

#include <elf.h>
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "files/elf.h"
#include "fuzz.h"

static uint32_t number_at(const uint8_t *p, bool big) {
        uint32_t number = 0;

        for (size_t i = 0; i < 4; i++)
                number |= (uint32_t) p[i] << 8 * (big ? 3 - i : i);
        return number;
}

/* Whether there is a note with this id, at whatever place. */
static bool holds(const uint8_t *data, size_t size, const BuildId *id) {
        bool big = data[EI_DATA] == ELFDATA2MSB;

        for (size_t i = 0; i + 16 + id->size <= size; i++)
                if (number_at(data + i, big) == 4 && number_at(data + i + 4, big) == id->size &&
                        number_at(data + i + 8, big) == NT_GNU_BUILD_ID &&
                        memcmp(data + i + 12, ELF_NOTE_GNU, 4) == 0 &&
                        memcmp(data + i + 16, id->bytes, id->size) == 0)
                        return true;
        return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_close_ int fd = memfd_create("fuzz-elf", MFD_CLOEXEC);
        BuildId id, untouched;
        int r;

        assert_true(fd >= 0);
        assert_int_equal(write(fd, data, size), size);
        memset(&untouched, 0x55, sizeof(untouched));
        id = untouched;
        r = elf_read_build_id(fd, &id);
        if (r < 0) {
                assert_int_equal(r, -ENODATA);
                assert_memory_equal(&id, &untouched, sizeof(id));
                return 0;
        }
        assert_int_equal(r, 0);
        assert_in_range(id.size, 1, BUILD_ID_SIZE_MAX);
        assert_true(size >= EI_NIDENT && memcmp(data, ELFMAG, SELFMAG) == 0);
        assert_true(holds(data, size, &id));
        return 0;
}
