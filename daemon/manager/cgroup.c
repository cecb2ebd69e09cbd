/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What follows from the cgroups that there are: rules about units for the kernel side, and what is said of
 * what is not known.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event/decode.h"
#include "manager/cgroup.h"
#include "util/log.h"

#define LEARN_STEP 256 /* room for so many more at once */
#define WALK_BUDGET_USEC (250ULL * 1000) /* before the daemon is ready */
#define REFUSED_INTERVAL_USEC (60ULL * 1000 * 1000) /* between two warnings */

/*
 * Tells the kernel side whether what runs in the cgroup is to be recorded. What it does not learn is filtered
 * here.
 */
static void cgroup_rule(const Policy *policy, Probe *probe, uint64_t id, const CgroupPlace *place) {
        (void) probe_drop_cgroup(
                probe, id, place ? filter_place_dropped_by(&policy->filter, place) : FILTER_PASSES);
}

void manager_cgroup_changed(void *userdata, uint64_t id, const CgroupPlace *place) {
        Manager *m = userdata;

        if (filter_has_kind(&m->policy->filter, FILTER_UNIT))
                cgroup_rule(m->policy, m->kernel.probe, id, place);
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
                cgroup_tree_visit(cgroup_watch_tree(m->cgroups.watch), rule_visited, &ruling);
}

static void on_walked(void *userdata, int result) {
        Manager *m = userdata;

        if (result < 0 && result != m->cgroups.error)
                log_warning("no cgroup2 to be read (%s): the units of what runs by now are unknown",
                        strerror(-result));
        m->cgroups.error = result;
        if (result < 0)
                return;
        if (m->cgroups.unfinished)
                log_info("all cgroups that were made before are known now");
        m->cgroups.walked = true;
        m->cgroups.unfinished = false;
}

static uint64_t cgroups_lost(void *userdata) {
        const Manager *m = userdata;

        return probe_cgroups_lost(m->kernel.probe);
}

/*
 * Of the ring that is read. Where another is in use the positions in it are not known here: what is gone is
 * kept.
 */
static uint64_t cgroups_horizon(void *userdata) {
        const Manager *m = userdata;

        return m->kernel.rings.next ? UINT64_MAX : ring_end(m->kernel.rings.events);
}

int manager_setup_cgroups(Manager *m) {
        static const CgroupWatchCalls calls = {
                .changed = manager_cgroup_changed,
                .lost = cgroups_lost,
                .horizon = cgroups_horizon,
                .walked = on_walked,
        };
        int r;

        r = cgroup_watch_new(m->event, &calls, m, &m->cgroups.watch);
        if (r < 0)
                return r;
        m->pipeline.lookups.cgroups = cgroup_watch_tree(m->cgroups.watch);
        m->pipeline.lookups.cgroup_watch = m->cgroups.watch;
        r = cgroup_watch_start(m->cgroups.watch, WALK_BUDGET_USEC);
        m->cgroups.unfinished = !m->cgroups.walked && m->cgroups.error == 0;
        return r;
}

/*
 * In the ring a cgroup is gone before the one that it lay in. To be learned it needs that one, so the last
 * comes first.
 */
static void learn_gone(CgroupTree *tree, const Ring *ring) {
        _cleanup_free_ CgroupChange *gone = NULL;
        uint64_t position = ring_position(ring);
        size_t n = 0, size;
        const void *data;

        while (ring_look(ring, &position, &data, &size) > 0) {
                if (decode_kind(data, size) != EXEC_RECORD_CGROUP_GONE)
                        continue;
                if (n % LEARN_STEP == 0) {
                        CgroupChange *more = reallocarray(gone, n + LEARN_STEP, sizeof(*more));

                        if (!more)
                                break;
                        gone = more;
                }
                if (decode_cgroup(data, size, &gone[n]) >= 0 && gone[n].name.size > 0)
                        n++;
        }
        while (n-- > 0)
                (void) cgroup_tree_made(tree, gone[n].id, gone[n].parent, gone[n].name);
}

void manager_learn_cgroups(Manager *m) {
        CgroupTree *tree = cgroup_watch_tree(m->cgroups.watch);

        learn_gone(tree, m->kernel.rings.events);
        if (m->kernel.rings.next)
                learn_gone(tree, m->kernel.rings.next);
}

int manager_check_cgroups(Manager *m) {
        uint64_t refused = cgroup_tree_refused(cgroup_watch_tree(m->cgroups.watch)), now = 0;

        (void) sd_event_now(m->event, CLOCK_MONOTONIC, &now);
        if (refused != m->cgroups.refused &&
                (m->cgroups.refused == 0 || now - m->cgroups.refused_usec >= REFUSED_INTERVAL_USEC)) {
                log_warning("too many cgroups: of %" PRIu64
                            " more it is not known where they are, nor in which unit",
                        refused - m->cgroups.refused);
                m->cgroups.refused = refused;
                m->cgroups.refused_usec = now;
        }
        return cgroup_watch_check(m->cgroups.watch);
}

const char *manager_not_covered(Manager *m) {
        const char *execs = probe_not_covered(m->kernel.probe),
                   *cgroups = cgroup_watch_not_covered(m->cgroups.watch);

        if (!execs || !cgroups)
                return execs ? execs : cgroups;
        (void) snprintf(m->cgroups.text, sizeof(m->cgroups.text), "%s, %s", execs, cgroups);
        return m->cgroups.text;
}
