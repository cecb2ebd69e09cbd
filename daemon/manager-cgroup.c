/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What is known of cgroups. The kernel side tells of every one that is made or removed; those that were there before come
 * from a walk, made once it tells, so that none falls between the two. One more walk is needed only when it found no room
 * to tell.
 */

#include <errno.h>
#include <string.h>

#include "enrich/cgroup-mount.h"
#include "manager-internal.h"
#include "util/log.h"

/* Tells the kernel side whether what runs in the cgroup is to be recorded. What it does not learn is filtered here. */
static void cgroup_rule(const Config *config, Probe *probe, uint64_t id, const CgroupPlace *place) {
        (void) probe_drop_cgroup(
                probe, id, place ? filter_place_dropped_by(&config->filter, place) : FILTER_PASSES);
}

static void on_cgroup_changed(void *userdata, uint64_t id, const CgroupPlace *place) {
        Manager *m = userdata;

        if (filter_has_kind(&m->config->filter, FILTER_UNIT))
                cgroup_rule(m->config, m->probe, id, place);
}

typedef struct Ruling {
        const Config *config;
        Probe *probe;
} Ruling;

static void rule_visited(void *userdata, uint64_t id, const CgroupPlace *place) {
        const Ruling *ruling = userdata;

        cgroup_rule(ruling->config, ruling->probe, id, place);
}

void manager_rule_cgroups(const Manager *m, const Config *config, Probe *probe) {
        Ruling ruling = { .config = config, .probe = probe };

        if (filter_has_kind(&config->filter, FILTER_UNIT))
                cgroup_cache_visit(m->cgroups, rule_visited, &ruling);
}

static int cgroups_walk(Manager *m) {
        _cleanup_close_ int fd = -EBADF;
        _cleanup_free_ char *path = NULL;
        int r;

        r = cgroup_open_root("/proc/self/mountinfo", &fd, &path);
        if (r >= 0)
                r = cgroup_cache_walk(m->cgroups, fd, path);
        if (r == -ENOMEM)
                return r;
        if (r >= 0)
                manager_rule_cgroups(m, m->config, m->probe);
        else
                log_warning("no cgroup2 to be read (%s): the units of what runs by now are unknown",
                        strerror(-r));
        return 0;
}

int manager_setup_cgroups(Manager *m) {
        int r;

        r = cgroup_cache_new(&m->cgroups);
        if (r < 0)
                return r;
        m->pipeline.cgroup_changed = on_cgroup_changed;
        m->pipeline.userdata = m;
        return cgroups_walk(m);
}

int manager_check_cgroups(Manager *m) {
        uint64_t lost = probe_counters(m->probe)->cgroups_lost;

        if (lost == m->cgroups_lost)
                return 0;
        m->cgroups_lost = lost;
        return cgroups_walk(m);
}
