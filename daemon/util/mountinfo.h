/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* The lists of mounts that proc_pid_mountinfo(5) describes. */

/* One mount. The texts are unescaped, hold no NUL and belong to the reader; they hold until the next call. */
typedef struct Mount {
        uint64_t id; /* stx_mnt_id of statx(2) */
        uint32_t major, minor; /* of the superblock's device */
        const char *root; /* the path in the file system that is mounted */
        const char *point; /* where it is mounted, seen from the process's root */
        const char *type; /* "cgroup2", "fuse.sshfs" */
        const char *options; /* of the superblock, separated by commas */
} Mount;

typedef struct MountReader {
        FILE *file;
        char *line;
        size_t allocated;
} MountReader;

/* Opens a list, such as "/proc/self/mountinfo". 0, or what open(2) failed with. */
int mount_reader_open(MountReader *reader, const char *path);

/* Closes it. An all-zero reader is closed already. */
void mount_reader_done(MountReader *reader);

/* Reads the next mount; lines that are no mounts are skipped. 1: *ret is set; 0: there are no more. */
int mount_reader_next(MountReader *reader, Mount *ret);
