/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "manager/internal.h"

/* Makes the heartbeat of the manager and lets it beat as the configuration says. 0 or a negative errno. */
int alive_start(Manager *m);

/* The configuration is another. 0 or a negative errno. */
int alive_reload(Manager *m);
