/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>

#include "util/bytes.h"
#include "util/cleanup.h"

/*
 * The cgroups of the unified hierarchy as its file system shows them, looked through in steps. The number of
 * a directory is the cgroup's id.
 */
typedef struct CgroupWalk CgroupWalk;

/* The cgroup `id` is called `name` in the cgroup `parent`. A negative result ends the walk. */
typedef int (*CgroupSeen)(void *userdata, uint64_t id, uint64_t parent, Bytes name);

/* What is inside of the cgroup can't be seen, though it is there. */
typedef void (*CgroupHidden)(void *userdata, uint64_t id);

/*
 * Begins a walk of every cgroup below the directory `root_fd`, which stays the caller's. *ret_root is that
 * directory's own id, for which `seen` is not called. 0; -ENOMEM; or what the directory could not be opened
 * with.
 */
int cgroup_walk_new(int root_fd, CgroupSeen seen, CgroupHidden hidden, void *userdata, CgroupWalk **ret,
        uint64_t *ret_root);
CgroupWalk *cgroup_walk_free(CgroupWalk *walk);
DEFINE_POINTER_CLEANUP(CgroupWalk *, cgroup_walk_free);

/*
 * Goes on until `deadline_usec` (CLOCK_MONOTONIC) has passed, which it looks at after each 64 directories at
 * most, but does something in any case. Each cgroup is reported before what is inside of it, however deep
 * that is. What goes away meanwhile is left out; other file systems that are mounted inside are not entered.
 * 1: there is more; 0: that was all; -ENOMEM; what `seen` returned; or what the first directory could not be
 * read with.
 */
int cgroup_walk_step(CgroupWalk *walk, uint64_t deadline_usec);
