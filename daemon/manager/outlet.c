/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "manager/outlet.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "util/log.h"

/* Sets *ret_why to the text, or to NULL when there is no memory for it. Returns `error`. */
__attribute__((format(printf, 3, 4))) static int refuse(char **ret_why, int error, const char *format, ...) {
        va_list ap;

        va_start(ap, format);
        if (vasprintf(ret_why, format, ap) < 0)
                *ret_why = NULL;
        va_end(ap);
        return error;
}

int outlet_new(const RunOptions *options, const Policy *policy, Sink **ret, char **ret_why) {
        const Config *config = policy->config;
        const char *no_journal = NULL;
        int r;

        if (options->output != OUTPUT_NONE) {
                r = stdout_sink_new(STDOUT_FILENO, options->output, &policy->format, ret);
                return r < 0 ? refuse(ret_why, r, "can't write to standard output: %s", strerror(-r)) : r;
        }

        if (config->target != TARGET_SYSLOG) {
                r = journal_sink_new(&policy->format, JOURNAL_SOCKET, ret);
                if (r >= 0)
                        return 0;
                if (config->target == TARGET_JOURNAL || r == -ENOMEM)
                        return refuse(ret_why, r,
                                "no journal at " JOURNAL_SOCKET
                                " (%s): start systemd-journald, or set Target=syslog",
                                strerror(-r));
                no_journal = strerror(-r);
        }

        r = syslog_sink_new(&policy->format, SYSLOG_SOCKET, ret);
        if (r >= 0 && no_journal)
                log_info("no journal at " JOURNAL_SOCKET " (%s): recording to syslog", no_journal);
        if (r < 0 && no_journal)
                return refuse(ret_why, r,
                        "neither a journal at " JOURNAL_SOCKET " nor a syslog at " SYSLOG_SOCKET
                        " (%s): start systemd-journald or a syslog daemon, or use --output=",
                        strerror(-r));
        if (r < 0)
                return refuse(ret_why, r,
                        "no syslog at " SYSLOG_SOCKET
                        " (%s): start a syslog daemon or systemd-journald, or use --output=",
                        strerror(-r));
        return 0;
}

int outlet_check(const RunOptions *options, const Policy *policy, bool at_reload) {
        _cleanup_(sink_freep) Sink *sink = NULL;
        _cleanup_free_ char *why = NULL;
        int r;

        /* Where nobody named a target, the configuration may be for another machine than this one. */
        if (options->output != OUTPUT_NONE || (policy->config->target == TARGET_AUTO && !at_reload))
                return 0;
        r = outlet_new(options, policy, &sink, &why);
        if (r >= 0)
                return 0;
        log_message(at_reload ? LOG_ERR : LOG_WARNING, "%s", why ? why : strerror(-r));
        return at_reload ? r : 0;
}

ReportTarget outlet_report_target(const RunOptions *options, const Sink *sink) {
        switch (options->output) {
        case OUTPUT_NONE:
                return sink_is_journal(sink) && log_is_journal() ? REPORT_TO_SINK : REPORT_TO_SINK_AND_LOG;
        case OUTPUT_TEXT:
                return REPORT_TO_LOG;
        default:
                return REPORT_TO_SINK;
        }
}
