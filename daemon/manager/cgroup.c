/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What is known of cgroups. The kernel side tells of every one that is made or removed; those that were there before come
 * from a walk, made once it tells, so that none falls between the two. One more walk is needed only when it found no room
 * to tell.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cgroup/mount.h"
#include "manager/cgroup.h"
#include "util/log.h"

/* Tells the kernel side whether what runs in the cgroup is to be recorded. What it does not learn is filtered here. */
static void cgroup_rule(const Policy *policy, Probe *probe, uint64_t id, const CgroupPlace *place) {
        (void) probe_drop_cgroup(
                probe, id, place ? filter_place_dropped_by(&policy->filter, place) : FILTER_PASSES);
}

static void on_cgroup_changed(void *userdata, uint64_t id, const CgroupPlace *place) {
        Manager *m = userdata;

        if (filter_has_kind(&m->policy->filter, FILTER_UNIT))
                cgroup_rule(m->policy, m->probe, id, place);
}

typedef struct Ruling {
        const Policy *policy;
        Probe *probe;
} Ruling;

static void rule_visited(void *userdata, uint64_t id, const CgroupPlace *place) {
        const Ruling *ruling = userdata;

        cgroup_rule(ruling->policy, ruling->probe, id, place);
}

void manager_rule_cgroups(const Manager *m, const Policy *policy, Probe *probe) {
        Ruling ruling = { .policy = policy, .probe = probe };

        if (filter_has_kind(&policy->filter, FILTER_UNIT))
                cgroup_cache_visit(m->cgroups.cache, rule_visited, &ruling);
}

/* *ret_whole: all of the hierarchy can be seen, and not just what a mount or a cgroup namespace shows of it. */
static int walk_mounted(Manager *m, bool *ret_whole) {
        _cleanup_close_ int fd = -EBADF;
        _cleanup_free_ char *path = NULL;
        struct stat st;
        int r;

        r = cgroup_open_root("/proc/self/mountinfo", &fd, &path);
        if (r < 0)
                return r;
        r = cgroup_cache_walk(m->cgroups.cache, fd, path);
        if (r < 0)
                return r;
        if (fstat(fd, &st) < 0)
                return -errno;
        *ret_whole = st.st_ino == CGROUP_ROOT_ID;
        return 0;
}

static int cgroups_walk(Manager *m) {
        bool initial = cgroup_namespace_is_initial("/proc/self/ns/cgroup"), whole = false;
        int r = 0;

        /* Also where it is not mounted: cgroups may be made by way of a mount that only others see. */
        if (initial)
                r = cgroup_cache_add(m->cgroups.cache, CGROUP_ROOT_ID, BYTES_LITERAL("/"));
        if (r >= 0)
                r = walk_mounted(m, &whole);
        if (r == -ENOMEM)
                return r;

        m->cgroups.not_covered = NULL;
        if (r < 0) {
                log_warning("no cgroup2 to be read (%s): the units of what runs by now are unknown",
                        strerror(-r));
                m->cgroups.not_covered = "cgroups that were made before";
        } else if (!whole)
                m->cgroups.not_covered = initial ? "cgroups that are not mounted and were made before"
                                                 : "cgroups outside of its own namespace";
        if (cgroup_units_are_legacy("/proc/1/cgroup"))
                m->cgroups.not_covered = "units in cgroups of version 1";
        manager_rule_cgroups(m, m->policy, m->probe);
        return 0;
}

int manager_setup_cgroups(Manager *m) {
        int r;

        r = cgroup_cache_new(&m->cgroups.cache);
        if (r < 0)
                return r;
        m->cgroups.lost = probe_counters(m->probe)->cgroups_lost;
        m->pipeline.cgroup_changed = on_cgroup_changed;
        m->pipeline.cgroups = m->cgroups.cache;
        return cgroups_walk(m);
}

int manager_check_cgroups(Manager *m) {
        uint64_t lost = probe_counters(m->probe)->cgroups_lost;
        int r;

        if (lost == m->cgroups.lost)
                return 0;
        r = cgroups_walk(m);
        if (r < 0)
                return r;
        m->cgroups.lost = lost;
        return 0;
}

const char *manager_not_covered(Manager *m) {
        const char *execs = probe_not_covered(m->probe), *cgroups = m->cgroups.not_covered;

        if (!execs || !cgroups)
                return execs ? execs : cgroups;
        (void) snprintf(m->cgroups.text, sizeof(m->cgroups.text), "%s, %s", execs, cgroups);
        return m->cgroups.text;
}
