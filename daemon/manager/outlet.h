/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "manager/load.h"
#include "manager/report.h"

/*
 * Creates the sink: standard output with -f, otherwise the one that Target= names. Returns 0; or a negative
 * errno, and sets *ret_why (to be freed) to what is missing and what to do about it, in one line, or to NULL.
 */
int outlet_new(const RunOptions *options, const Policy *policy, Sink **ret, char **ret_why);

/*
 * Looks whether outlet_new() would find what it needs, and logs it if not: as an error if `at_reload` is set,
 * when the daemon could not put the configuration in use, and otherwise as a warning, and only if Target= is
 * set. Returns 0, or a negative errno after an error.
 */
int outlet_check(const RunOptions *options, const Policy *policy, bool at_reload);

/*
 * Returns where notices go. If the sink is the journal and standard error leads there, too, they go to the
 * sink alone, so that they do not appear twice in `journalctl -u exectraced` and in `systemctl status`.
 */
ReportTarget outlet_report_target(const RunOptions *options, const Sink *sink);
