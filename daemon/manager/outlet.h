/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "manager/load.h"

/*
 * Chooses where records go: standard output with -f, else what Target= says, and makes that sink. `config` has to live as long
 * as the sink. 0 or a negative errno; what goes wrong is logged.
 */
int outlet_new(const RunOptions *options, const Config *config, Sink **ret);
