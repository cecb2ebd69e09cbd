/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the daemon says of itself, and when: in records of its own, in STATUS=, on standard error. */

#include <string.h>

#include "manager/internal.h"
#include "manager/notify.h"
#include "util/clock.h"
#include "util/log.h"

/* Text on standard output has one kind of line only: there the daemon's own go to standard error. */
void manager_notice(Manager *m, const Notice *notice) {
        int r;

        if (m->options->output == OUTPUT_TEXT) {
                log_message(notice->priority, "%.*s", (int) notice->message.size, notice->message.data);
                return;
        }
        r = pipeline_notice(&m->pipeline, notice);
        if (r < 0)
                log_error("%.*s (not recorded: %s)", (int) notice->message.size, notice->message.data,
                        strerror(-r));
}

void manager_say(Manager *m, const Notice *notice) {
        manager_notice(m, notice);
        if (m->options->output == OUTPUT_NONE)
                log_message(notice->priority, "%.*s", (int) notice->message.size, notice->message.data);
}

/* 0: there was none, and no clock is looked at. */
static uint64_t time_usec(uint64_t boottime_ns) {
        return boottime_ns > 0 ? clock_usec_of(boottime_ns, clock_offset_ns()) : 0;
}

void manager_figures(const Manager *m, Figures *ret) {
        const volatile struct exec_counters *counters = probe_counters(m->probe);

        *ret = (Figures){
                .totals = m->pipeline.totals,
                .lost_first_usec = time_usec(counters->lost_first_ns),
                .lost_last_usec = time_usec(counters->lost_last_ns),
                .lost_first_seq = counters->lost_first_seq,
                .lost_last_seq = counters->lost_last_seq,
        };
        for (size_t i = 0; i < EXEC_RULE_COUNT; i++)
                ret->filtered[i] = probe_filtered(m->probe, (enum exec_rule) i);
        for (size_t i = 0; i < EXEC_LOST_CAUSE_COUNT; i++)
                ret->lost[i] = counters->lost[i];
        ret->lost[LOST_MALFORMED] = m->pipeline.totals.malformed;
}

static uint64_t figures_sum(const Figures *figures) {
        return figures->totals.recorded + figures->totals.suppressed + figures_filtered(figures) +
                figures_lost(figures);
}

static void report_lost_now(Manager *m, const Figures *figures) {
        Notice notice;

        m->lost_said_usec = manager_now_usec(m);
        for (size_t i = 0; i < _LOST_CAUSE_MAX; i++)
                if (ledger_lost(&m->ledger, figures, i, &notice) > 0)
                        manager_notice(m, &notice);
        probe_counters(m->probe)->lost_first_ns = 0;
}

/* At once for the first loss, then no more often than LOST_INTERVAL_USEC: the report timer says the rest. */
void manager_report_lost(Manager *m) {
        uint64_t now = manager_now_usec(m), said = 0;
        Figures figures;

        manager_figures(m, &figures);
        for (size_t i = 0; i < _LOST_CAUSE_MAX; i++)
                said += m->ledger.lost[i];

        /* Not while nothing is delivered: the counters keep the sum. */
        if (!m->blocked && figures_lost(&figures) > said &&
                (m->lost_said_usec == 0 || now - m->lost_said_usec >= LOST_INTERVAL_USEC))
                report_lost_now(m, &figures);
        if (figures_sum(&figures) != m->status_sum)
                manager_report_later(m);
}

static void report_timer_arm(Manager *m, uint64_t delay_usec) {
        (void) sd_event_source_set_time_relative(m->report_timer, delay_usec);
        (void) sd_event_source_set_enabled(m->report_timer, SD_EVENT_ONESHOT);
}

/* One shot, armed by whatever changes the totals: an idle daemon does not wake for it. */
void manager_report_later(Manager *m) {
        int enabled;

        if (sd_event_source_get_enabled(m->report_timer, &enabled) < 0 || enabled != SD_EVENT_OFF)
                return;
        report_timer_arm(m, REPORT_DELAY_USEC);
}

/* Leaves the totals in m->ledger.text, too. */
static void report_status(Manager *m, const Figures *figures) {
        ledger_status(&m->ledger, figures);
        m->status_sum = figures_sum(figures);
        notify_status(m->ledger.text);
}

/* Says all that is not yet said, `suppressed` only when it is time or `at_once`. */
static void report_all(Manager *m, bool at_once) {
        uint64_t now = manager_now_usec(m), age;
        Figures figures;
        Notice notice;

        manager_figures(m, &figures);
        if (m->blocked && !at_once) {
                report_status(m, &figures);
                return;
        }

        report_lost_now(m, &figures);
        if (kernel_log_omitted(&m->kernel_log, &notice) > 0)
                manager_notice(m, &notice);
        manager_report_build_ids(m, at_once);

        age = now - m->suppressed_said_usec;
        if (at_once || m->suppressed_said_usec == 0 || age >= SUPPRESSED_INTERVAL_USEC) {
                if (ledger_suppressed(&m->ledger, &figures, &notice) > 0) {
                        m->suppressed_said_usec = now;
                        manager_notice(m, &notice);
                }
        } else if (figures.totals.suppressed != m->ledger.suppressed ||
                figures_filtered(&figures) != m->ledger.filtered)
                report_timer_arm(m, SUPPRESSED_INTERVAL_USEC - age);

        report_status(m, &figures);
}

static int on_report_timer(sd_event_source *source, uint64_t usec, void *userdata) {
        Manager *m = userdata;

        (void) source;
        (void) usec;

        report_all(m, false);
        return manager_flush(m);
}

void manager_report_now(Manager *m) {
        report_all(m, true);
}

int manager_setup_report(Manager *m) {
        int r;

        r = sd_event_add_time(m->event, &m->report_timer, CLOCK_MONOTONIC, 0, 0, on_report_timer, m);
        if (r < 0)
                return r;
        r = sd_event_source_set_exit_on_failure(m->report_timer, true);
        if (r < 0)
                return r;
        return sd_event_source_set_enabled(m->report_timer, SD_EVENT_OFF);
}

void manager_report_stop(Manager *m) {
        Figures figures;
        Notice notice;
        uint64_t last;

        report_all(m, true);
        manager_figures(m, &figures);
        ledger_stopped(&m->ledger, &figures, &notice);
        manager_say(m, &notice);

        /* While programs go on to record there is no last number. */
        if (m->left || probe_last_seq(m->probe, &last) < 0)
                return;
        if (last != figures.totals.recorded + figures.totals.suppressed + figures_lost(&figures))
                log_warning(
                        "the sum of these is not the last sequence number, %llu", (unsigned long long) last);
}
