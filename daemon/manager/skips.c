/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "manager/skips.h"

#include <string.h>

#include "util/log.h"
#include "util/source.h"

#define LOOK_USEC (200ULL * 1000) /* between two looks */
#define QUIET_MAX 25 /* looks without a change, until it is waited for the next record */

static void say_attached(Manager *m) {
        Notice notice = {
                .kind = NOTICE_KERNEL_LOG,
                .priority = LOG_WARNING,
                .message = BYTES_LITERAL(
                        "the kernel goes on to skip a program, inside of which a task waits to run: "
                        "another copy of it is attached"),
        };
        int r;

        report_say(m->report, &notice);
        r = restart_keep_hooks(m->restart);
        if (r < 0)
                log_warning("systemd can't be given what a restart without a gap takes: %s", strerror(-r));
}

static void look(Manager *m) {
        bool moved = false;
        int r;

        r = probe_watch_hooks(m->kernel.probe, &moved);
        if (r < 0 && r != m->skips.error)
                log_warning("another copy of a program can't be attached: %s", strerror(-r));
        m->skips.error = r < 0 ? r : 0;
        if (r > 0)
                say_attached(m);
        m->skips.quiet = moved ? 0 : m->skips.quiet + 1;
        report_lost(m->report);
}

static int on_look(sd_event_source *source, uint64_t usec, void *userdata) {
        Manager *m = userdata;

        (void) source;
        (void) usec;
        look(m);
        return m->skips.quiet < QUIET_MAX ? source_arm(m->skips.timer, LOOK_USEC) : drain_flush(m->drain);
}

void manager_watch_skips(Manager *m) {
        uint64_t now = 0;
        int enabled = SD_EVENT_OFF;

        if (m->stop.state != STATE_RUNNING || !probe_may_be_skipped(m->kernel.probe))
                return;
        if (!m->skips.timer && source_add_timer(m->event, &m->skips.timer, on_look, m, "skips") < 0)
                return;
        (void) sd_event_now(m->event, CLOCK_MONOTONIC, &now);
        if (sd_event_source_get_enabled(m->skips.timer, &enabled) >= 0 && enabled == SD_EVENT_OFF) {
                m->skips.quiet = 0;
                (void) source_arm(m->skips.timer, LOOK_USEC);
        }
}
