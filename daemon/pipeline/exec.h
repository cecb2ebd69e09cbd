/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "pipeline/state.h"

/* Processes one record, from its bytes to the sink. */

/*
 * Processes a record of any kind. Returns 0 when the record was given to the sink, dropped by a filter, held
 * back, or counted as malformed. Fails like pipeline_send() and build_ids_find(); the record has to be taken
 * again then.
 */
int exec_take(Pipeline *p, const void *data, size_t size);

/* Sends the records that were held back and are due, until the time is up. Fails like pipeline_send(). */
int exec_send_due(Pipeline *p);

/* Returns true when the drain has taken as long as it may. */
bool exec_time_is_up(const Pipeline *p);
