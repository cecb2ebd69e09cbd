/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "manager/load.h"
#include "manager/report.h"

/*
 * Chooses where records go, standard output with -f, else what Target= says, and makes that sink. Returns 0
 * or a negative errno; what goes wrong is logged.
 */
int outlet_new(const RunOptions *options, const Policy *policy, Sink **ret);

/*
 * Says where the daemon's own records go beside that sink. Where standard error leads to the journal, too,
 * they go to the sink alone: nothing is said twice in `journalctl -u exectraced` and in `systemctl status`.
 */
ReportTarget outlet_report_target(const RunOptions *options, const Sink *sink);
