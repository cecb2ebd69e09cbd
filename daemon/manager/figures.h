/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "notice/ledger.h"

/* Gets the figures of this moment. `userdata` is the Manager. */
void manager_figures(void *userdata, Figures *ret);
