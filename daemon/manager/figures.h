/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "notice/ledger.h"

/* Gets the figures of this moment. `userdata` is the Manager. */
void manager_figures(void *userdata, Figures *ret);

/*
 * Adds the users who went beyond FailureLimit= since the last call, to be reported now: those with the most
 * failures, the largest number first. `userdata` is the Manager.
 */
void manager_limited_users(void *userdata, Figures *figures);
