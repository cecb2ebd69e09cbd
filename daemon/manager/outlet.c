/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "manager/outlet.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "util/log.h"

int outlet_new(const RunOptions *options, const Policy *policy, Sink **ret) {
        const Config *config = policy->config;
        const char *no_journal = NULL;
        int r;

        if (options->output != OUTPUT_NONE) {
                r = stdout_sink_new(STDOUT_FILENO, options->output, &policy->format, ret);
                if (r < 0)
                        log_error("can't write to standard output: %s", strerror(-r));
                return r;
        }

        if (config->target != TARGET_SYSLOG) {
                r = journal_sink_new(&policy->format, JOURNAL_SOCKET, ret);
                if (r >= 0)
                        return 0;
                if (config->target == TARGET_JOURNAL || r == -ENOMEM) {
                        log_error("no journal at " JOURNAL_SOCKET
                                  " (%s): start systemd-journald, or set Target=syslog",
                                strerror(-r));
                        return r;
                }
                no_journal = strerror(-r);
        }

        r = syslog_sink_new(&policy->format, SYSLOG_SOCKET, ret);
        if (r >= 0 && no_journal)
                log_info("no journal at " JOURNAL_SOCKET " (%s): recording to syslog", no_journal);
        if (r < 0 && no_journal)
                log_error("neither a journal at " JOURNAL_SOCKET " nor a syslog at " SYSLOG_SOCKET
                          " (%s): start systemd-journald or a "
                          "syslog daemon, or use --output=",
                        strerror(-r));
        else if (r < 0)
                log_error("no syslog at " SYSLOG_SOCKET
                          " (%s): start a syslog daemon or systemd-journald, or use "
                          "--output=",
                        strerror(-r));
        return r;
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
