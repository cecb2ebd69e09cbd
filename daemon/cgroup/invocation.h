/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cgroup/tree.h"

/*
 * Reads the invocation id that systemd stores at the cgroup of a unit, in the extended attribute
 * trusted.invocation_id or user.invocation_id (systemd.exec(5), $INVOCATION_ID). Reading the first needs
 * CAP_SYS_ADMIN. The second can be written by the user to whom the cgroup is delegated.
 *
 * `path` is the path of the cgroup in the hierarchy, and `root_path` the path of the directory `root_fd`.
 * Returns true and writes 32 hexadecimal digits and a NUL to `ret`. Returns false, and leaves `ret`
 * unchanged, when there is no id, or when the directory is not the cgroup `id`.
 */
bool cgroup_invocation_read(
        int root_fd, const char *root_path, uint64_t id, Bytes path, char ret[static CGROUP_INVOCATION_SIZE]);

/*
 * Reads the invocation id that systemd stores in /run/systemd/units for journald: the target of the symbolic
 * link invocation:UNIT in `directory`. Scopes need this, because systemd does not set the extended attributes
 * of their cgroups. Returns like cgroup_invocation_read().
 */
bool cgroup_invocation_exported(const char *directory, Bytes unit, char ret[static CGROUP_INVOCATION_SIZE]);
