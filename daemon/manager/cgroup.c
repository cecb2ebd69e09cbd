/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What follows from the cgroups that there are: rules about units for the kernel side, and what is said of what is not known. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "manager/internal.h"
#include "util/log.h"

/* Tells the kernel side whether what runs in the cgroup is to be recorded. What it does not learn is filtered here. */
static void cgroup_rule(const Config *config, Probe *probe, uint64_t id, const CgroupPlace *place) {
        (void) probe_drop_cgroup(
                probe, id, place ? filter_place_dropped_by(&config->filter, place) : FILTER_PASSES);
}

static void on_changed(void *userdata, uint64_t id, const CgroupPlace *place) {
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
                cgroup_tree_visit(cgroup_watch_tree(m->cgroups), rule_visited, &ruling);
}

/* Takes the rules of cgroups that nobody knows from the kernel side: they went while no process was there to be told. */
static void forget_rules(const Manager *m) {
        CgroupTree *tree = cgroup_watch_tree(m->cgroups);
        uint64_t id, before = 0;
        CgroupPlace place;

        for (bool more = probe_next_dropped(m->probe, NULL, &id); more;) {
                before = id;
                more = probe_next_dropped(m->probe, &before, &id);
                if (cgroup_tree_find(tree, before, &place) == 0)
                        (void) probe_drop_cgroup(m->probe, before, FILTER_PASSES);
        }
}

static void on_walked(void *userdata, int result) {
        Manager *m = userdata;

        if (result < 0 && result != m->cgroups_said.error)
                log_warning("no cgroup2 to be read (%s): the units of what runs by now are unknown",
                        strerror(-result));
        m->cgroups_said.error = result;
        if (result < 0)
                return;
        if (!m->cgroups_said.walked && filter_has_kind(&m->config->filter, FILTER_UNIT))
                forget_rules(m);
        if (m->cgroups_said.unfinished)
                log_info("all cgroups that were made before are known now");
        m->cgroups_said.walked = true;
        m->cgroups_said.unfinished = false;
}

static uint64_t cgroups_lost(void *userdata) {
        const Manager *m = userdata;

        return probe_counters(m->probe)->cgroups_lost;
}

/* Of the ring that is read. Where another is in use the positions in it are not known here: what is gone is kept. */
static uint64_t cgroups_horizon(void *userdata) {
        const Manager *m = userdata;

        return m->next_events ? UINT64_MAX : ring_end(m->events);
}

int manager_setup_cgroups(Manager *m) {
        static const CgroupWatchCalls calls = {
                .changed = on_changed,
                .lost = cgroups_lost,
                .horizon = cgroups_horizon,
                .walked = on_walked,
        };
        int r;

        r = cgroup_watch_new(m->event, &calls, m, &m->cgroups);
        if (r < 0)
                return r;
        m->pipeline.cgroup_changed = on_changed;
        r = cgroup_watch_start(m->cgroups, WALK_BUDGET_USEC);
        m->cgroups_said.unfinished = !m->cgroups_said.walked && m->cgroups_said.error == 0;
        return r;
}

int manager_check_cgroups(Manager *m) {
        uint64_t refused = cgroup_tree_refused(cgroup_watch_tree(m->cgroups)), now = manager_now_usec(m);

        if (refused != m->cgroups_said.refused &&
                (m->cgroups_said.refused == 0 ||
                        now - m->cgroups_said.refused_usec >= SUPPRESSED_INTERVAL_USEC)) {
                log_warning("too many cgroups: of %" PRIu64
                            " more it is not known where they are, nor in which unit",
                        refused - m->cgroups_said.refused);
                m->cgroups_said.refused = refused;
                m->cgroups_said.refused_usec = now;
        }
        return cgroup_watch_check(m->cgroups);
}

const char *manager_not_covered(Manager *m) {
        const char *execs = probe_not_covered(m->probe), *cgroups = cgroup_watch_not_covered(m->cgroups);

        if (!execs || !cgroups)
                return execs ? execs : cgroups;
        (void) snprintf(m->not_covered, sizeof(m->not_covered), "%s, %s", execs, cgroups);
        return m->not_covered;
}
