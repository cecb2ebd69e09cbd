/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Returns the number of a device in the form of FileIdentity.device. */
static inline uint32_t file_device(uint32_t major, uint32_t minor) {
        return major << 20 | minor;
}

typedef struct FileMount {
        uint32_t device; /* of the superblock */
        bool of_user; /* a FUSE file system that a user other than root has mounted */
} FileMount;

/*
 * Finds the mount `id` (stx_mnt_id of statx(2)) in the file at the path `mountinfo`, which has the format of
 * proc_pid_mountinfo(5). Returns 0; -ENOENT when the mount is not listed; or what open(2) failed with.
 */
int file_mount_find(const char *mountinfo, uint64_t id, FileMount *ret);
