/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* The inode number of the root directory of the whole hierarchy, which is the id of the root cgroup. */
#define CGROUP_ROOT_ID UINT64_C(1)

/*
 * Opens the root of the unified hierarchy, or of the largest part of it that is mounted, for
 * cgroup_walk_new(). Sets *ret_fd, and *ret_path (to be freed) to the path of that directory in the
 * hierarchy, which is "/" unless only a part is mounted. In a cgroup namespace, the path is relative to the
 * namespace's root, which is "/", too.
 *
 * `mountinfo` is the path of a file in the format of proc_pid_mountinfo(5), such as "/proc/self/mountinfo".
 * Returns 0; -ENOENT when cgroup2 is not mounted, which is so on a host with cgroup v1 only; -ENOMEM; or what
 * the file or the mounts could not be opened with.
 */
int cgroup_open_root(const char *mountinfo, int *ret_fd, char **ret_path);

/*
 * Returns true when the file `ns`, which is "/proc/self/ns/cgroup", is the initial cgroup namespace, in which
 * paths begin at the root of the whole hierarchy. Returns false also when the file can't be read.
 */
bool cgroup_namespace_is_initial(const char *ns);

/*
 * Returns true when systemd has its units in cgroups of version 1 and not in the unified hierarchy, which can
 * be configured up to its version 257. `cgroup` is the path "/proc/1/cgroup" (cgroups(7)), which shows the
 * unit of systemd itself in one of the two hierarchies, or in both (hybrid). Returns false also when the file
 * can't be read.
 */
bool cgroup_units_are_legacy(const char *cgroup);
