/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "util/bytes.h"

/*
 * Reads the invocation id of a unit into `ret`, as 32 hexadecimal digits and a NUL. Returns false, and leaves
 * `ret` unchanged, when there is none. `id` and `path` are those of the unit's own cgroup. The tree calls
 * this function when a record has a place in the unit, and again after a while.
 */
#define CGROUP_INVOCATION_SIZE 33
typedef bool (*CgroupReadInvocation)(
        void *userdata, Bytes unit, uint64_t id, Bytes path, char ret[static CGROUP_INVOCATION_SIZE]);
