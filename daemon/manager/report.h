/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "notice/ledger.h"
#include "notice/notice.h"
#include "util/cleanup.h"

/*
 * Reports what the daemon does: in records of its own (notices), in STATUS=, and on standard error. It also
 * decides when to report.
 */
typedef struct Report Report;

/* What the report needs from its owner. */
typedef struct ReportOps {
        /* Gets the current figures. */
        void (*figures)(void *userdata, Figures *ret);

        /* Adds the users who went beyond FailureLimit= since the last call to figures that are reported. */
        void (*limited_users)(void *userdata, Figures *figures);

        /* Called when all losses in the figures that were got last have been reported. */
        void (*lost_said)(void *userdata);

        /* Returns true while the sink delivers nothing. Totals are not reported then. */
        bool (*is_blocked)(void *userdata);

        /* Reports what the owner has to add: now if `at_once` is set, otherwise at its own rate. */
        void (*say_more)(void *userdata, bool at_once);

        /* Sends a notice, which the next flush delivers. Returns 0 or a negative errno. */
        int (*send)(void *userdata, const Notice *notice);

        /* Delivers the notices that were sent. Returns a negative errno when the daemon can't continue. */
        int (*flush)(void *userdata);
} ReportOps;

/* Where notices go. */
typedef enum ReportTarget {
        REPORT_TO_SINK, /* to the sink alone */
        REPORT_TO_SINK_AND_LOG, /* to the sink, and those of report_say() to standard error, too */
        REPORT_TO_LOG, /* to standard error alone, because the sink writes text for people */
} ReportTarget;

/* Creates a report. Returns 0 or a negative errno. */
int report_new(sd_event *event, ReportTarget target, const ReportOps *ops, void *userdata, Report **ret);
Report *report_free(Report *report);
DEFINE_POINTER_CLEANUP(Report *, report_free);

void report_set_target(Report *report, ReportTarget target);

/* Returns the ledger, with what has been reported so far. It stays the report's. */
Ledger *report_ledger(Report *report);

/*
 * Sends a notice. report_say() is for notices that an administrator should see on standard error, too, if the
 * target says so.
 */
void report_notice(Report *report, const Notice *notice);
void report_say(Report *report, const Notice *notice);

/* Reports a log record of the kernel side. Its `size` bytes are not trusted. */
void report_kernel_log(Report *report, const void *data, size_t size);

/* Reports what was lost, and schedules the report of the totals. Call it after each drain. */
void report_lost(Report *report);

/* Schedules a report of what was not reported yet, in some seconds. It does not wake an idle daemon. */
void report_later(Report *report);

/* Reports everything at once. Returns the totals as a text, which is valid until the next call. */
const char *report_now(Report *report);

/* Notes that an exec of the heartbeat was seen just now. STATUS= shows the time. */
void report_alive(Report *report);

/* Sends the notice `stopped`. Sets *ret_figures to the figures in it. */
void report_stopped(Report *report, Figures *ret_figures);
