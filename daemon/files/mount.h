/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* A device as FileIdentity has it. */
static inline uint32_t file_device(uint32_t major, uint32_t minor) {
        return major << 20 | minor;
}

typedef struct FileMount {
        uint32_t device; /* of the superblock */
        bool of_user; /* a FUSE file system that was mounted by somebody else than root */
} FileMount;

/*
 * Finds the mount of this id (stx_mnt_id of statx(2)) in a file like /proc/self/mountinfo, see proc(5). 0;
 * -ENOENT: it is not there; what open(2) failed with; -ENOMEM.
 */
int file_mount_find(const char *mountinfo, uint64_t id, FileMount *ret);
