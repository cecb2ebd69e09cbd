/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "manager/internal.h"

/*
 * Enables the readers of executed files if the configuration asks for them. Build-ids that are known already
 * stay. Returns 0 or a negative errno.
 */
int files_setup(Manager *m, const Config *config);

/* Disables the readers and forgets all build-ids. */
void files_drop(Manager *m);

/*
 * Logs how many records went without a build-id because there was no time to read it: at most once a minute,
 * or now if `at_once` is set.
 */
void files_report(Manager *m, bool at_once);
