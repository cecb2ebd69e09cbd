/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "manager/figures.h"

#include <string.h>

#include "util/clock.h"

/* 0 stays 0, and needs no reading of the clock. */
static uint64_t usec_of(uint64_t boottime_ns) {
        return boottime_ns > 0 ? clock_usec_of(boottime_ns, clock_offset_ns()) : 0;
}

void manager_figures(void *userdata, Figures *ret) {
        Manager *m = userdata;
        const uint64_t now_ns = clock_boottime_ns();

        *ret = (Figures){
                .totals = m->pipeline.totals,
                .next_seq = pipeline_next_seq(&m->pipeline),
                .ring_used = ring_end(m->kernel.rings.events) - m->pipeline.events.released,
                .ring_size = probe_ring_bytes(m->kernel.probe, MAP_EVENTS),
        };
        if (probe_sees_failures(m->kernel.probe)) {
                ret->failure_ring_used = ring_end(m->kernel.rings.failures) - m->pipeline.failures.released;
                ret->failure_ring_size = probe_ring_bytes(m->kernel.probe, MAP_FAILURES);
        }
        for (size_t i = 0; i < EXEC_RULE_COUNT; i++)
                ret->filtered[i] = probe_filtered(m->kernel.probe, (enum exec_rule) i);
        for (size_t i = 0; i < EXEC_LOST_CAUSE_COUNT; i++) {
                uint64_t first_ns, last_ns;

                ret->lost[i] = probe_lost(m->kernel.probe, (enum exec_lost_cause) i, m->kernel.lost_said_ns,
                        &first_ns, &last_ns);
                ret->lost_times[i].first_usec = usec_of(first_ns);
                ret->lost_times[i].last_usec = usec_of(last_ns);
        }
        ret->lost[LOST_SKIPPED] = probe_skipped(m->kernel.probe, now_ns, m->kernel.detached);
        if (ret->lost[LOST_SKIPPED] > report_ledger(m->report)->lost[LOST_SKIPPED]) {
                /* The kernel counts skipped programs, but does not note the time. */
                ret->lost_times[LOST_SKIPPED].first_usec = usec_of(m->kernel.lost_said_ns);
                ret->lost_times[LOST_SKIPPED].last_usec = usec_of(now_ns);
        }
        ret->lost[LOST_MALFORMED] = m->pipeline.totals.malformed;
        if (m->pipeline.malformed.first_ns > 0) {
                ret->lost_times[LOST_MALFORMED].first_usec = usec_of(m->pipeline.malformed.first_ns);
                ret->lost_times[LOST_MALFORMED].last_usec = usec_of(m->pipeline.malformed.last_ns);
        }
        ret->limited = probe_failures_limited(m->kernel.probe);
}

void manager_figures_so_far(Manager *m, Figures *ret) {
        manager_figures(m, ret);
        totals_add(&ret->totals, &m->pipeline.pending.totals);
        memcpy(ret->lost, report_ledger(m->report)->lost, sizeof(ret->lost));
        ret->lost[LOST_MALFORMED] = ret->totals.malformed;
}

void manager_limited_users(void *userdata, Figures *figures) {
        Manager *m = userdata;
        LimitedUser *users, found[FIGURES_USERS_MAX];
        size_t n;

        if (probe_limited_users(m->kernel.probe, &users, &n) < 0)
                return;
        figures->n_limited_users = limits_update(&m->kernel.limits, users, n, found, FIGURES_USERS_MAX);
        for (size_t i = 0; i < figures->n_limited_users; i++)
                figures->limited_users[i] = found[i].uid;
}
