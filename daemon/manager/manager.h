/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "manager/load.h"
#include "util/cleanup.h"

/*
 * The daemon as a whole: one event loop that waits for the rings, the sink, signals and the watchdog, and
 * does nothing at all while nothing is executed. It alone sees every stage, and logs.
 */
typedef struct Manager Manager;

/*
 * Makes the sink, loads and attaches the kernel side, and records from then on. Takes `policy`. What goes
 * wrong is logged. 0; -ENOTSUP: the kernel or the privileges don't allow it; any other negative errno.
 */
int manager_new(const RunOptions *options, Policy *policy, Manager **ret);
Manager *manager_free(Manager *manager);
DEFINE_POINTER_CLEANUP(Manager *, manager_free);

/* Runs until it is asked to stop. 0; a negative errno when something failed, which was logged. */
int manager_run(Manager *manager);
