/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Opens the root of the unified hierarchy, or of as much of it as is mounted, for cgroup_cache_walk(). *ret_path (to be
 * freed) is the path that the directory has in the hierarchy: "/", or another where only a part is mounted. In a cgroup
 * namespace it is the path as seen from there: the namespace's own root is "/", too.
 *
 * `mountinfo` is a file as proc_pid_mountinfo(5) describes, "/proc/self/mountinfo". -ENOENT: cgroup2 is not mounted, as
 * on a host with nothing but cgroup v1; -ENOMEM; or what the file, or else the mounts, could not be opened with.
 */
int cgroup_open_root(const char *mountinfo, int *ret_fd, char **ret_path);
