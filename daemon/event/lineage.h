/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "util/bytes.h"

/* Where a cgroup lies, as its record says it (struct exec_cgroup): names and ids from the cgroup upwards. */

/*
 * Takes the first step off *lineage: the name of a cgroup and the id of its parent, whose own step is next.
 * False: there is none, or what is there is no step.
 */
bool lineage_next(Bytes *lineage, Bytes *ret_name, uint64_t *ret_parent);

/* Whether it consists of steps, none or some, and nothing else. */
bool lineage_is_whole(Bytes lineage);
