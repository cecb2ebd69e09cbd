/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cgroup/tree.h"

/*
 * Reads the invocation id that systemd notes at the cgroup of a unit, as the extended attribute
 * trusted.invocation_id or user.invocation_id (systemd.exec(5), $INVOCATION_ID). The first takes
 * CAP_SYS_ADMIN to read; the second may be written by whoever the cgroup was delegated to.
 *
 * `path` is the cgroup's in the hierarchy, and root_path that of the directory root_fd in it. Writes 32
 * hexadecimal digits and a NUL to `ret`. False when there are none, or when the directory is not the cgroup
 * `id`; then `ret` stays as it is.
 */
bool cgroup_invocation_read(
        int root_fd, const char *root_path, uint64_t id, Bytes path, char ret[static CGROUP_INVOCATION_SIZE]);

/*
 * Reads what systemd says of the unit in /run/systemd/units, which is `directory`, for journald: the target
 * of the link invocation:UNIT. At the cgroup of a scope it notes nothing. Returns the same.
 */
bool cgroup_invocation_exported(const char *directory, Bytes unit, char ret[static CGROUP_INVOCATION_SIZE]);
