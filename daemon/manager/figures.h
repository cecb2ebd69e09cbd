/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "manager/internal.h"

/* Gets the figures of this moment. `userdata` is the Manager. */
void manager_figures(void *userdata, Figures *ret);

/*
 * Gets the figures of the records before one that is made now and says the last number. Those in the sink's
 * batch come before it, too, though they are not delivered yet. Losses that are not reported yet have no
 * numbers, and are not counted.
 */
void manager_figures_so_far(Manager *m, Figures *ret);

/*
 * Adds the users who went beyond FailureLimit= since the last call, to be reported now: those with the most
 * failures, the largest number first. `userdata` is the Manager.
 */
void manager_limited_users(void *userdata, Figures *figures);
