/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "manager/internal.h"

/* 0 or a negative errno. */
int manager_setup_cgroups(Manager *m);

/*
 * Learns from the rings which cgroups are gone that were told of to an earlier process of the daemon only:
 * execs in them may still have to be read. After manager_setup_cgroups(), which knows what they lay in.
 */
void manager_learn_cgroups(Manager *m);

/*
 * Tells the kernel side whether it has to record what runs in the cgroup `id`, by the rules about units.
 * `place` is NULL when the cgroup is gone. `userdata` is the manager.
 */
void manager_cgroup_changed(void *userdata, uint64_t id, const CgroupPlace *place);

/*
 * Hands the rules about units down to `probe`, which is to work by `policy`, as far as cgroups are known by
 * now.
 */
void manager_rule_cgroups(const Manager *m, const Policy *policy, Probe *probe);

/*
 * Returns what is not recorded here, of execs and of where they ran, as a text that holds until the next
 * call, or NULL.
 */
const char *manager_not_covered(Manager *m);

/* Has the hierarchy walked again when the kernel side could not tell of a change. 0 or a negative errno. */
int manager_check_cgroups(Manager *m);
