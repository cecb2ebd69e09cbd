/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "manager/internal.h"

/* Creates the watch of cgroups and begins the first walk. Returns 0 or a negative errno. */
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
 * Applies the unit rules of `policy` to all cgroups that are known now, and tells the programs of `probe`
 * which cgroups are excluded.
 */
void manager_rule_cgroups(const Manager *m, const Policy *policy, Probe *probe);

/*
 * Returns a text that names the execs that are not recorded on this system and the cgroups that are unknown
 * at the moment, or NULL. It is valid until the next call.
 */
const char *manager_not_covered(Manager *m);

/* Starts another walk if records of cgroups were lost. Returns 0 or a negative errno. */
int manager_check_cgroups(Manager *m);
