/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "manager/stop.h"

#include <errno.h>

#include "manager/notify.h"
#include "util/clock.h"
#include "util/log.h"
#include "util/source.h"
#include "util/timespan.h"

/*
 * For a sink that takes none of the last records, and for one that takes them slowly. The unit has a longer
 * limit (TimeoutStopSec=).
 */
#define STANDSTILL_USEC (5 * USEC_PER_SEC)
#define STOP_USEC (12 * USEC_PER_SEC)

/* Without having delivered everything. */
static int stop_early(Manager *m, const char *why, int error) {
        if (m->stop.programs_stay)
                log_error("%s: the last records wait for the next start, and are lost if there is none soon",
                        why);
        else
                log_error("%s: the last records are lost", why);
        return sd_event_exit(m->event, error);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata) {
        (void) source;
        (void) usec;
        return stop_early(userdata, "the last records can't be delivered", -ETIMEDOUT);
}

int stop_begin(Manager *m) {
        int r;

        if (m->stop.state != STATE_RUNNING)
                return stop_early(m, "asked again to stop", -ECANCELED);

        notify_stopping();
        m->stop.state = STATE_DRAINING;
        m->stop.programs_stay = restart_works(m->restart);
        if (m->stop.programs_stay) {
                m->stop.position =
                        ring_end(m->kernel.rings.next ? m->kernel.rings.next : m->kernel.rings.events);
                m->pipeline.failures.stop = ring_end(m->kernel.rings.failures);
        } else {
                probe_detach(m->kernel.probe);
                m->kernel.detached = true;
        }

        pipeline_hold_nothing(&m->pipeline);
        r = drain_hurry(m->drain);
        if (r >= 0)
                r = source_add_timer(m->event, &m->stop.timer, on_timer, m, "stop");
        if (r >= 0)
                r = source_arm(m->stop.timer, STANDSTILL_USEC);
        if (r < 0)
                return r;
        m->stop.deadline = clock_monotonic_usec() + STOP_USEC;
        return drain_is_blocked(m->drain) ? 0 : drain_run(m->drain);
}

void stop_goes_on(Manager *m) {
        uint64_t now, left;

        if (m->stop.state == STATE_RUNNING || !m->stop.timer)
                return;
        now = clock_monotonic_usec();
        left = m->stop.deadline > now ? m->stop.deadline - now : 0;
        /* If the timer can't be set, it stays where it is. */
        (void) source_arm(m->stop.timer, left < STANDSTILL_USEC ? left : STANDSTILL_USEC);
}

static void say_stopped(Manager *m) {
        Figures figures;
        uint64_t last;

        report_stopped(m->report, &figures);

        /* While programs go on to record there is no last number. */
        if (m->stop.programs_stay)
                return;
        last = probe_numbered(m->kernel.probe) + figures.lost[LOST_SKIPPED];
        if (last != figures.totals.recorded + figures.totals.suppressed + figures_lost(&figures))
                log_warning("the sum of these is not what the kernel side counted, %llu",
                        (unsigned long long) last);
}

int stop_step(Manager *m) {
        if (m->stop.state == STATE_CLOSING)
                return sd_event_exit(m->event, 0);

        m->stop.state = STATE_CLOSING;
        say_stopped(m);
        return drain_flush(m->drain);
}
