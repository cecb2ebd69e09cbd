/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "manager/internal.h"

/*
 * Starts to stop: the records in the rings are delivered first. A second call ends the loop at once. Returns
 * a negative errno when the daemon can't continue.
 */
int stop_begin(Manager *m);

/* Notes that records were delivered: a daemon that stops has more time then for those that are left. */
void stop_goes_on(Manager *m);

/*
 * Takes the next step of stopping. Call it while stopping, each time everything is delivered. Fails like
 * stop_begin().
 */
int stop_step(Manager *m);
