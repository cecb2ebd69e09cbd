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

static int cgroups_walk(Manager *m) {
        _cleanup_close_ int fd = -EBADF;
        _cleanup_free_ char *path = NULL;
        int r;

        r = cgroup_open_root("/proc/self/mountinfo", &fd, &path);
        if (r >= 0)
                r = cgroup_cache_walk(m->cgroups, fd, path);
        if (r == -ENOMEM)
                return r;
        if (r < 0)
                log_warning("no cgroup2 to be read (%s): the units of what runs by now are unknown",
                        strerror(-r));
        return 0;
}

int manager_setup_cgroups(Manager *m) {
        int r;

        r = cgroup_cache_new(&m->cgroups);
        if (r < 0)
                return r;
        return cgroups_walk(m);
}

int manager_check_cgroups(Manager *m) {
        uint64_t lost = probe_counters(m->probe)->cgroups_lost;

        if (lost == m->cgroups_lost)
                return 0;
        m->cgroups_lost = lost;
        return cgroups_walk(m);
}
