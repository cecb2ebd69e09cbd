/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>

#include "cgroup/tree.h"
#include "source/ring.h"

/*
 * Looks through the records that are still to be taken for cgroups that are gone, and adds to the cache those that it does
 * not know. So a process that takes over a ring knows all that an exec in it can refer to: what was made before, and
 * told to the process that is no more, is there still, or the record that it is gone lies ahead.
 *
 * Looks from *ahead on, where that lies ahead, and leaves there how far it came. 0 or -ENOMEM.
 */
int lookahead_cgroups(const Ring *ring, uint64_t *ahead, CgroupCache *cache);
