/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "notice/ledger.h"
#include "notice/notice.h"
#include "util/cleanup.h"

/*
 * What the daemon says of itself, and when: in records of its own, in STATUS=, on standard error.
 */
typedef struct Report Report;

/* What the report asks its owner for. */
typedef struct ReportOps {
        /* The figures of this moment. */
        void (*figures)(void *userdata, Figures *ret);

        /* All losses up to the figures asked for last are said. */
        void (*lost_said)(void *userdata);

        /* Returns true while nothing is delivered: the figures wait then. */
        bool (*is_blocked)(void *userdata);

        /* Says what else there is to be said, but for `at_once` not too often. */
        void (*say_more)(void *userdata, bool at_once);

        /* Sends a notice, to be delivered with the next flush. 0 or a negative errno. */
        int (*send)(void *userdata, const Notice *notice);

        /* Delivers what was sent. Negative: the daemon can't go on. */
        int (*flush)(void *userdata);
} ReportOps;

/* Where notices go, beside the sink. */
typedef enum ReportTarget {
        REPORT_TO_SINK, /* records are for programs: the sink alone */
        REPORT_TO_SINK_AND_LOG, /* ... and what report_say() says also to standard error */
        REPORT_TO_LOG, /* records are text for people: standard error alone */
} ReportTarget;

/* 0 or a negative errno. */
int report_new(sd_event *event, ReportTarget target, const ReportOps *ops, void *userdata, Report **ret);
Report *report_free(Report *report);
DEFINE_POINTER_CLEANUP(Report *, report_free);

void report_set_target(Report *report, ReportTarget target);

/* What was said so far, and the texts. Stays the report's. */
Ledger *report_ledger(Report *report);

/*
 * Sends one of the daemon's own records; report_say() one that an administrator should see on standard
 * error, too.
 */
void report_notice(Report *report, const Notice *notice);
void report_say(Report *report, const Notice *notice);

/* Says that a message of the kernel side, `size` bytes at `data`, which are not trusted, has come. */
void report_kernel_log(Report *report, const void *data, size_t size);

/* To be called after each drain: says what was lost, and sees to it that the totals are told in time. */
void report_lost(Report *report);

/* Has what is not yet said be said in some seconds: an idle daemon does not wake for it. */
void report_later(Report *report);

/* Says all that is not yet said. Returns the totals as a text, which holds until the next call. */
const char *report_now(Report *report);

/* The figures of this moment. */
void report_figures(Report *report, Figures *ret);

/* An exec of the daemon's own was seen just now: STATUS= has the time. */
void report_alive(Report *report);

/* Says that recording ends; *ret_figures are the figures that it said. */
void report_stopped(Report *report, Figures *ret_figures);
