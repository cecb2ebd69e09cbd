/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "util/bytes.h"

/* The cgroups of the unified hierarchy as its file system shows them. The number of a directory is the cgroup's id. */

/* `path` is absolute, from the hierarchy's root, and holds no NUL. A negative result ends the walk. */
typedef int (*CgroupTreeSeen)(void *userdata, uint64_t id, Bytes path);

/*
 * Reports the directory `root_fd`, whose own path is `root_path`, and every cgroup below it, one before what is inside of
 * it, however deep that is. What goes away meanwhile is left out, as is what lies in a directory that can't be entered;
 * other file systems that are mounted inside are not. 0; -ENOMEM; what `seen` returned; or what the first directory could
 * not be read with.
 */
int cgroup_tree_walk(int root_fd, const char *root_path, CgroupTreeSeen seen, void *userdata);

/* Whether it is certain that below the directory there is no cgroup `path` of this id. */
bool cgroup_tree_lacks(int root_fd, const char *root_path, Bytes path, uint64_t id);
