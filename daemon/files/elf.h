/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>

/*
 * What a linker writes into a file to tell this build of it from all others. 20 bytes are usual; a longer
 * one is none.
 */
#define BUILD_ID_SIZE_MAX 64

typedef struct BuildId {
        uint8_t size; /* 0: none */
        uint8_t bytes[BUILD_ID_SIZE_MAX];
} BuildId;

/*
 * Reads the GNU build-id of the file that `fd` is open on: of either class, in either byte order. Nothing
 * in the file is trusted, and how much of it is read and looked at has a bound. Where the descriptor stands
 * does not matter.
 *
 * 0; -ENODATA: it has none, or is no sound ELF file; what pread(2) failed with. *ret is untouched on
 * failure.
 */
int elf_read_build_id(int fd, BuildId *ret);
