/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "pipeline/state.h"

/* Frees the memory of the pipeline. The rings, the sink, the policy and the lookups stay the caller's. */
void pipeline_done(Pipeline *pipeline);

/*
 * Takes records from all rings in the order of their times, and flushes the sink. It stops when the ring of
 * execs is read up to `end`, when `records_max` records were taken, or when time.usec_max have passed: any
 * user can make records that take long, so their number alone does not bound the time.
 *
 * Returns
 *   0             all records that were taken are delivered;
 *   -EAGAIN       or another error of sink_flush(): the rest stays in the sink and in the rings;
 *   -ENOMEM       the rest stays there, too;
 *   -EINPROGRESS  the next record waits for a build-id or for the name of a user, and all records before it
 *                 are delivered;
 *   -EBADMSG      a ring is damaged and can't be read any more; records before the damage were flushed.
 */
int pipeline_drain(Pipeline *pipeline, uint64_t end, size_t records_max);

/*
 * Returns when pipeline_drain() has to be called to deliver records that are held back (search.h), in
 * microseconds of CLOCK_MONOTONIC; UINT64_MAX when none is held back.
 */
uint64_t pipeline_deadline(const Pipeline *pipeline);

/* Holds back no records from now on. The next pipeline_drain() delivers those that are held back. */
void pipeline_hold_nothing(Pipeline *pipeline);

/*
 * Appends one of the daemon's own records to the batch; the next flush delivers it. Returns 0, or fails like
 * sink_append_notice().
 */
int pipeline_notice(Pipeline *pipeline, const Notice *notice);

/* Delivers the records that were taken so far. Returns 0, or fails like sink_flush(). */
int pipeline_flush(Pipeline *pipeline);

/*
 * Reads another ring from now on, which stays the caller's. All records that were taken from the ring before
 * it must be delivered.
 */
void pipeline_go_on(Pipeline *pipeline, Ring *ring);

/*
 * Uses another policy and another sink from now on. Both belong to the caller, and so do the old ones. If the
 * sink is the same as before, it keeps its batch. If the old sink can't deliver its batch, a new sink of the
 * same kind inherits it. For a sink of another kind the records of that batch are taken from the rings again;
 * those that were delivered before the failure are then delivered twice, and notices, which are in no ring,
 * are lost. Returns the number of lost notices.
 */
size_t pipeline_switch(Pipeline *pipeline, const Policy *policy, Sink *sink);
