/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "pipeline/state.h"

/* Completes an event, before the filters and after them. */

/* Sets the place of the event, if its cgroup is known. Returns 0 or -ENOMEM. */
int pipeline_place(Pipeline *p, Event *event);

/*
 * Completes an event that has passed the filters, and gives it to the sink. The event was decoded by
 * `decoder`. Fails like sink_append(), and with -EINPROGRESS when the name of a user is being looked up.
 */
int pipeline_send(Pipeline *p, Decoder *decoder, Event *event);
