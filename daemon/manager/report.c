/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "manager/report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "manager/notify.h"
#include "notice/kernel-log.h"
#include "util/clock.h"
#include "util/log.h"
#include "util/source.h"

#define DELAY_USEC (5ULL * 1000 * 1000) /* how old STATUS= may be while records arrive */
#define LOST_INTERVAL_USEC (1ULL * 1000 * 1000) /* between two `lost` records of one cause */
#define SUPPRESSED_INTERVAL_USEC (60ULL * 1000 * 1000) /* between two `suppressed` records */

struct Report {
        sd_event *event;
        const ReportOps *ops;
        void *userdata;
        ReportTarget target;
        Ledger ledger;
        KernelLog kernel_log;
        sd_event_source *timer; /* on after a change of the totals */
        uint64_t lost_said_usec; /* CLOCK_MONOTONIC, when `lost` records were last made; 0: never */
        uint64_t suppressed_said_usec; /* ... `suppressed` */
        char alive[32]; /* when an exec of the daemon's own was last seen, for STATUS=; empty: never */
        uint64_t status_sum; /* of all figures that STATUS= shows by now */
};

Ledger *report_ledger(Report *report) {
        return &report->ledger;
}

static void log_notice(const Notice *notice, int error) {
        if (error < 0)
                log_error("%.*s (not recorded: %s)", (int) notice->message.size, notice->message.data,
                        error == -ENOBUFS ? "too many records of the daemon's own wait to be delivered"
                                          : strerror(-error));
        else
                log_message(notice->priority, "%.*s", (int) notice->message.size, notice->message.data);
}

void report_notice(Report *report, const Notice *notice) {
        int r = 0;

        if (report->target != REPORT_TO_LOG)
                r = report->ops->send(report->userdata, notice);
        if (report->target == REPORT_TO_LOG || r < 0)
                log_notice(notice, r);
}

void report_say(Report *report, const Notice *notice) {
        report_notice(report, notice);
        if (report->target == REPORT_TO_SINK_AND_LOG)
                log_notice(notice, 0);
}

void report_set_target(Report *report, ReportTarget target) {
        report->target = target;
}

static uint64_t now_usec(const Report *report) {
        uint64_t now = 0;

        (void) sd_event_now(report->event, CLOCK_MONOTONIC, &now);
        return now;
}

void report_kernel_log(Report *report, const void *data, size_t size) {
        Notice notice;
        int r;

        r = kernel_log_decode(&report->kernel_log, data, size, now_usec(report), &notice);
        if (r > 0)
                report_notice(report, &notice);
        else if (r < 0)
                log_warning("a log record of the kernel side does not parse, ignored");
        else
                report_later(report);
}

static uint64_t figures_sum(const Figures *figures) {
        return figures->totals.recorded + figures->totals.suppressed + figures_filtered(figures) +
                figures_lost(figures) + figures->limited;
}

static void say_lost(Report *report, Figures *figures) {
        Notice notice;

        report->lost_said_usec = now_usec(report);
        for (size_t i = 0; i < _LOST_CAUSE_MAX; i++)
                if (ledger_lost(&report->ledger, figures, i, &notice) > 0)
                        report_notice(report, &notice);
        report->ops->lost_said(report->userdata);
}

/* Reports the first loss at once, and further ones at most every LOST_INTERVAL_USEC, by the timer. */
void report_lost(Report *report) {
        uint64_t now = now_usec(report), said = 0;
        Figures figures;

        report->ops->figures(report->userdata, &figures);
        for (size_t i = 0; i < _LOST_CAUSE_MAX; i++)
                said += report->ledger.lost[i];

        /* While nothing is delivered, the counters keep the sum. */
        if (!report->ops->is_blocked(report->userdata) && figures_lost(&figures) > said &&
                (report->lost_said_usec == 0 || now - report->lost_said_usec >= LOST_INTERVAL_USEC))
                say_lost(report, &figures);
        if (figures_sum(&figures) != report->status_sum)
                report_later(report);
}

void report_later(Report *report) {
        int enabled;

        if (sd_event_source_get_enabled(report->timer, &enabled) < 0 || enabled != SD_EVENT_OFF)
                return;
        (void) source_arm(report->timer, DELAY_USEC);
}

/* Also leaves the totals in the text of the ledger. */
static void say_status(Report *report, const Figures *figures) {
        ledger_status(&report->ledger, figures);
        report->status_sum = figures_sum(figures);
        notify_status(report->ledger.text, report->alive);
}

void report_alive(Report *report) {
        time_t now = time(NULL);
        struct tm tm;

        if (!localtime_r(&now, &tm) ||
                strftime(report->alive, sizeof(report->alive), "; alive at %T", &tm) == 0)
                report->alive[0] = '\0';
        report_later(report);
}

static void say_suppressed(Report *report, Figures *figures, bool at_once) {
        uint64_t now = now_usec(report), age = now - report->suppressed_said_usec;
        Notice notice;

        if (at_once || report->suppressed_said_usec == 0 || age >= SUPPRESSED_INTERVAL_USEC) {
                if (figures->limited != report->ledger.limited)
                        report->ops->limited_users(report->userdata, figures);
                if (ledger_suppressed(&report->ledger, figures, &notice) > 0) {
                        report->suppressed_said_usec = now;
                        report_notice(report, &notice);
                }
        } else if (figures->totals.suppressed != report->ledger.suppressed ||
                figures_filtered(figures) != report->ledger.filtered ||
                figures->limited != report->ledger.limited)
                (void) source_arm(report->timer, SUPPRESSED_INTERVAL_USEC - age);
}

/* Reports all that was not reported yet; `suppressed` only when it is due, or if `at_once` is set. */
static void say_all(Report *report, bool at_once) {
        Figures figures;
        Notice notice;

        report->ops->figures(report->userdata, &figures);
        if (at_once || !report->ops->is_blocked(report->userdata)) {
                say_lost(report, &figures);
                if (kernel_log_omitted(&report->kernel_log, &notice) > 0)
                        report_notice(report, &notice);
                report->ops->say_more(report->userdata, at_once);
                say_suppressed(report, &figures, at_once);
        }
        say_status(report, &figures);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata) {
        Report *report = userdata;

        (void) source;
        (void) usec;

        say_all(report, false);
        return report->ops->flush(report->userdata);
}

const char *report_now(Report *report) {
        say_all(report, true);
        return report->ledger.text;
}

void report_stopped(Report *report, Figures *ret_figures) {
        Notice notice;

        say_all(report, true);
        report->ops->figures(report->userdata, ret_figures);
        ledger_stopped(&report->ledger, ret_figures, &notice);
        report_say(report, &notice);
}

int report_new(sd_event *event, ReportTarget target, const ReportOps *ops, void *userdata, Report **ret) {
        _cleanup_(report_freep) Report *report = calloc(1, sizeof(*report));
        int r;

        if (!report)
                return -ENOMEM;
        report->event = sd_event_ref(event);
        report->target = target;
        report->ops = ops;
        report->userdata = userdata;
        r = source_add_timer(event, &report->timer, on_timer, report, "report");
        if (r < 0)
                return r;
        *ret = TAKE_PTR(report);
        return 0;
}

Report *report_free(Report *report) {
        if (!report)
                return NULL;
        sd_event_source_disable_unref(report->timer);
        sd_event_unref(report->event);
        free(report);
        return NULL;
}
