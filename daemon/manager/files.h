/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "manager/internal.h"

/*
 * Has executed files read where the configuration asks for it; what is known already stays. Returns 0 or
 * a negative errno.
 */
int files_setup(Manager *m, const Config *config);

/* Ends that, and forgets what is known. */
void files_drop(Manager *m);

/* Says how many records had to go without: now, or with `at_once` false not more than once a minute. */
void files_report(Manager *m, bool at_once);
