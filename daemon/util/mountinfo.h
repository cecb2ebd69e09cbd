/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* The lists of mounts that proc_pid_mountinfo(5) describes. */

/* A mount. Its texts are unescaped, belong to the reader, and are valid until the next call. */
typedef struct Mount {
        uint64_t id; /* stx_mnt_id of statx(2) */
        uint32_t major, minor; /* of the superblock's device */
        const char *root; /* the directory of the file system that is mounted */
        const char *point; /* where it is mounted, relative to the root directory of the process */
        const char *type; /* "cgroup2", "fuse.sshfs" */
        const char *options; /* of the superblock, separated by commas */
} Mount;

typedef struct MountReader {
        FILE *file;
        char *line;
        size_t allocated;
} MountReader;

/* Opens a list, such as "/proc/self/mountinfo". Returns 0 or what fopen(3) failed with. */
int mount_reader_open(MountReader *reader, const char *path);

/* Closes the list. An all-zero reader has none. */
void mount_reader_done(MountReader *reader);

/* Reads the next mount. Invalid lines are skipped. Returns 1 and sets *ret, or 0 when there are no more. */
int mount_reader_next(MountReader *reader, Mount *ret);
