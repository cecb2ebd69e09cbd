/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "manager/outlet.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "util/log.h"

int outlet_new(const RunOptions *options, const Config *config, Sink **ret) {
        const char *no_journal = NULL;
        int r;

        if (options->output != OUTPUT_NONE) {
                r = stdout_sink_new(STDOUT_FILENO, options->output, ret);
                if (r < 0)
                        log_error("can't write to standard output: %s", strerror(-r));
                return r;
        }

        if (config->target != TARGET_SYSLOG) {
                r = journal_sink_new(config, JOURNAL_SOCKET, ret);
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

        r = syslog_sink_new(config, ret);
        if (r >= 0 && no_journal)
                log_info("no journal at " JOURNAL_SOCKET " (%s): recording to syslog", no_journal);
        if (r < 0 && no_journal)
                log_error("neither a journal at " JOURNAL_SOCKET
                          " nor a syslog at /dev/log (%s): start systemd-journald or a "
                          "syslog daemon, or use --output=",
                        strerror(-r));
        else if (r < 0)
                log_error("no syslog at /dev/log (%s): start a syslog daemon or systemd-journald, or use "
                          "--output=",
                        strerror(-r));
        return r;
}
