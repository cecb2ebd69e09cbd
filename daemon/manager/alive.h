/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "manager/internal.h"

/* Creates the heartbeat with the interval of the configuration. Returns 0 or a negative errno. */
int alive_start(Manager *m);

/* Sets the interval after a change of the configuration. Returns 0 or a negative errno. */
int alive_reload(Manager *m);

/*
 * Takes the exec of the process that has the awaited number. Returns true when it is the one that the
 * heartbeat executed, false when it is a process of another PID namespace. `userdata` is the manager.
 */
bool alive_seen(void *userdata, const Event *event);
