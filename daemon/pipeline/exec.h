/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "pipeline/state.h"

/* One record, from its bytes to the sink. */

/*
 * Takes a record of whatever kind. 0: it is on its way, filtered, held back, or counted as malformed.
 * Fails like pipeline_send() and build_ids_find(): then it is to be taken once more.
 */
int exec_take(Pipeline *p, const void *data, size_t size);

/* Has those recorded that were held back and are due, as far as there is time. Fails like pipeline_send(). */
int exec_send_due(Pipeline *p);

/* Returns true when the drain has taken as long as it may. */
bool exec_time_is_up(const Pipeline *p);
