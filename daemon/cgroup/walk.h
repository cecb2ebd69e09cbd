/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>

#include "util/bytes.h"
#include "util/cleanup.h"

/*
 * Walks through the directories of the unified hierarchy in steps. The inode number of a directory is the id
 * of its cgroup.
 */
typedef struct CgroupWalk CgroupWalk;

/* Called for the cgroup `id` with the name `name` in the cgroup `parent`. A negative result ends the walk. */
typedef int (*CgroupSeen)(void *userdata, uint64_t id, uint64_t parent, Bytes name);

/* Called for a cgroup that exists and whose directory can't be read. */
typedef void (*CgroupHidden)(void *userdata, uint64_t id);

/*
 * Starts a walk through all cgroups below the directory `root_fd`, which stays the caller's. Sets *ret_root
 * to the id of that directory, for which `seen` is not called. Returns 0, -ENOMEM, or what the directory
 * could not be opened with.
 */
int cgroup_walk_new(int root_fd, CgroupSeen seen, CgroupHidden hidden, void *userdata, CgroupWalk **ret,
        uint64_t *ret_root);
CgroupWalk *cgroup_walk_free(CgroupWalk *walk);
DEFINE_POINTER_CLEANUP(CgroupWalk *, cgroup_walk_free);

/*
 * Continues the walk until `deadline_usec` (CLOCK_MONOTONIC) has passed, which it checks after at most 64
 * directories. A cgroup is reported before the cgroups inside of it, at any depth. Directories that are
 * removed meanwhile are left out, and other file systems that are mounted inside are not entered. Returns 1
 * when the walk is not finished, 0 when it is, -ENOMEM, a negative result of `seen`, or what the first
 * directory could not be read with.
 */
int cgroup_walk_step(CgroupWalk *walk, uint64_t deadline_usec);
