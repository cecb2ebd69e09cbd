/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>

/*
 * The GNU build-id, which a linker writes into a file to tell this build of it from all others. It usually
 * has 20 bytes. One that is longer than BUILD_ID_SIZE_MAX is ignored.
 */
#define BUILD_ID_SIZE_MAX 64

typedef struct BuildId {
        uint8_t size; /* 0: none */
        uint8_t bytes[BUILD_ID_SIZE_MAX];
} BuildId;

/*
 * Reads the GNU build-id of the file that `fd` is open on, which may have either ELF class and either byte
 * order. Nothing in the file is trusted, and the amount that is read is bounded. The file offset of the
 * descriptor is neither used nor changed.
 *
 * Returns 0; -ENODATA when the file has no build-id or is not a valid ELF file; or what pread(2) failed with.
 * *ret is unchanged on failure.
 */
int elf_read_build_id(int fd, BuildId *ret);
