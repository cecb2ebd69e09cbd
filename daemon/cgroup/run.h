/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "util/bytes.h"

/*
 * Reads the invocation id of the unit into `ret`, with a NUL behind it; false when there is none to be read.
 * `id` and `path` are those of the unit's own cgroup. The tree asks for it when a record has a place in the
 * unit, and again after a while.
 */
#define CGROUP_INVOCATION_SIZE 33
typedef bool (*CgroupReadInvocation)(
        void *userdata, Bytes unit, uint64_t id, Bytes path, char ret[static CGROUP_INVOCATION_SIZE]);
