/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

#include "event/event.h"

/*
 * Keeps of the `n` variables those that `names` (n_names of them) holds, in the order of `names`, and moves
 * them to the front of `variables`; what is behind them is unspecified. Of a variable that is there more
 * than once the first counts, as for getenv(3); a name that is listed twice counts once. Returns how many
 * are kept.
 */
size_t environment_select(Assignment *variables, size_t n, char *const *names, size_t n_names);
