/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "pipeline/state.h"

void pipeline_done(Pipeline *pipeline);

/*
 * Takes records of all rings, in the order of their times, until the position of the ring of execs is
 * `end`, `records_max` were taken, or time.usec_max have passed, and flushes. What records cost is up to
 * whoever executes something, so that their number alone is no bound of time. 0: they are all delivered.
 * -EAGAIN and whatever else sink_flush() fails with: the rest waits, in the sink and in the rings.
 * -ENOMEM: likewise. -EINPROGRESS: the next record waits for its build-id or for the name of a user; what
 * came before it was delivered. -EBADMSG: the ring itself is damaged, it can't be read any more; what came
 * before that was flushed.
 */
int pipeline_drain(Pipeline *pipeline, uint64_t end, size_t records_max);

/*
 * When records that are held back have to be delivered, by pipeline_drain(), in microseconds of
 * CLOCK_MONOTONIC. UINT64_MAX: none is held. See search.h.
 */
uint64_t pipeline_deadline(const Pipeline *pipeline);

/* Holds nothing back from now on: the next pipeline_drain() delivers what is held. */
void pipeline_hold_nothing(Pipeline *pipeline);

/*
 * Puts one of the daemon's own records behind what was taken so far; it goes with the next flush. 0 or
 * -ENOMEM.
 */
int pipeline_notice(Pipeline *pipeline, const Notice *notice);

/* Delivers what was taken so far. Fails like pipeline_drain(). */
int pipeline_flush(Pipeline *pipeline);

/*
 * Goes on with another ring, which is not the pipeline's either, once all that was taken from the one
 * before is delivered.
 */
void pipeline_go_on(Pipeline *pipeline, Ring *ring);

/*
 * Goes on with another policy and sink, which then belong to the caller as before did the old. What the old
 * sink could not deliver a new one of the same kind inherits. For one of another kind it is taken from the
 * ring again, so that what was delivered of a batch is delivered twice, and but for notices: returns how many
 * of those are gone. The sink may stay the same: it keeps what it has.
 */
size_t pipeline_switch(Pipeline *pipeline, const Policy *policy, Sink *sink);
