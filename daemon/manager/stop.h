/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "manager/internal.h"

/*
 * Begins the end: what is in the rings is delivered first. A second time it ends at once. Negative: the
 * daemon can't go on.
 */
int stop_begin(Manager *m);

/*
 * The next step towards the end; to be called while stopping, when all that was to be delivered is. Fails
 * likewise.
 */
int stop_step(Manager *m);
