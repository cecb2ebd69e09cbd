/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "manager/internal.h"

/* How records get from the kernel side to the sink. What goes wrong is logged. */

/* Loads the kernel side and opens its rings. 0; -ENOTSUP: it can't run here; or any other negative errno. */
int recording_load(Manager *m);

/* Puts together what takes records on their way, the sink included. 0 or a negative errno. */
int recording_connect(Manager *m);

/* Begins to record, says so, and delivers what there is. Negative: the daemon can't go on. */
int recording_start(Manager *m);
