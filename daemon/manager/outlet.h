/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "manager/load.h"
#include "manager/report.h"

/*
 * Creates the sink: standard output with -f, otherwise the one that Target= names. Returns 0 or a negative
 * errno, which it has logged.
 */
int outlet_new(const RunOptions *options, const Policy *policy, Sink **ret);

/*
 * Returns where notices go. If the sink is the journal and standard error leads there, too, they go to the
 * sink alone, so that they do not appear twice in `journalctl -u exectraced` and in `systemctl status`.
 */
ReportTarget outlet_report_target(const RunOptions *options, const Sink *sink);
