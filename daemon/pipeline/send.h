/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "pipeline/state.h"

/* What an exec gets on its way, before the filters and behind them. */

/* Says where it ran, as far as that is known. 0 or -ENOMEM. */
int pipeline_place(Pipeline *p, Event *event);

/*
 * Completes the event, which passes the filters and comes from `decoder`, and gives it to the sink. Fails
 * like sink_append(), and with -EINPROGRESS: it waits for the name of a user.
 */
int pipeline_send(Pipeline *p, Decoder *decoder, Event *event);
