/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "manager/internal.h"

/* Sets up the way of the records from the kernel side to the sink. These functions log their errors. */

/*
 * Loads the programs and opens the rings. Returns 0, -ENOTSUP when the programs can't run on this kernel, or
 * another negative errno.
 */
int recording_load(Manager *m);

/* Creates the sink, the report and the drain, and sets up the pipeline. Returns 0 or a negative errno. */
int recording_connect(Manager *m);

/*
 * Starts to record, sends the notice `started`, and delivers the records that are there. Returns 0, or a
 * negative errno when the daemon can't continue.
 */
int recording_start(Manager *m);
