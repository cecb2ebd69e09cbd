/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "manager/internal.h"

void manager_init_build_ids(Manager *m);

/* Has build-ids read where the configuration asks for it; what is known already stays. 0 or a negative errno. */
int manager_setup_build_ids(Manager *m, const Config *config);

/* Ends that, and forgets what is known. */
void manager_drop_build_ids(Manager *m);

/* Says how many records had to go without, but for `at_once` not too often. */
void manager_report_build_ids(Manager *m, bool at_once);

/* Ends it once and for all, after the loop. */
void manager_free_build_ids(Manager *m);
