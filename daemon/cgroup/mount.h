/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* The number of the directory at the root of the whole hierarchy, which is that cgroup's id. */
#define CGROUP_ROOT_ID UINT64_C(1)

/*
 * Opens the root of the unified hierarchy, or of as much of it as is mounted, for cgroup_walk_new().
 * *ret_path (to be freed) is the path that the directory has in the hierarchy: "/", or another where only a
 * part is mounted. In a cgroup namespace it is the path as seen from there: the namespace's own root is "/",
 * too.
 *
 * `mountinfo` is a file as proc_pid_mountinfo(5) describes, "/proc/self/mountinfo". -ENOENT: cgroup2 is not
 * mounted, as on a host with nothing but cgroup v1; -ENOMEM; or what the file, or else the mounts, could not
 * be opened with.
 */
int cgroup_open_root(const char *mountinfo, int *ret_fd, char **ret_path);

/*
 * Whether `ns`, "/proc/self/ns/cgroup", is the initial cgroup namespace, in which paths begin at the root of
 * the whole hierarchy. False, too, when that can't be seen.
 */
bool cgroup_namespace_is_initial(const char *ns);

/*
 * Whether systemd keeps its units in cgroups of version 1 and not in the unified hierarchy, as it can be made
 * to do until version 257. `cgroup` is "/proc/1/cgroup" (cgroups(7)): its own unit is in one of the two, or
 * in both (hybrid).
 */
bool cgroup_units_are_legacy(const char *cgroup);
