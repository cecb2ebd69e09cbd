/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "pipeline/pipeline.h"
#include "util/cleanup.h"

/*
 * Decides when records are taken from the ring and delivered. A record in an empty ring makes the ring
 * readable, and the exec that wrote it pays for waking this process. So the drain waits a little before it
 * reads, and it does not empty the ring while records keep coming: each round takes the records that were
 * there when it started, and leaves the others for the next round. Then no exec wakes this process. When the
 * ring stays empty for a round, the drain waits for it to become readable again.
 */
typedef struct Drain Drain;

/* What the drain needs from its owner. */
typedef struct DrainOps {
        /* Takes records from the ring and delivers them. Fails like pipeline_drain(). */
        int (*take)(void *userdata);

        /* Called after each attempt to deliver, whether it succeeded or not. */
        void (*tried)(void *userdata);

        /* Returns true when there are records to take now. */
        bool (*has_more)(void *userdata);

        /*
         * Called when all records are delivered and has_more() returns false. Returns 1 when the owner has
         * given the pipeline another ring that has records, 0 when there are no more, or a negative errno.
         */
        int (*emptied)(void *userdata);
} DrainOps;

/*
 * Creates a drain for a pipeline that has its ring and its sink. It takes no records before drain_run().
 * Returns 0 or a negative errno.
 */
int drain_new(sd_event *event, Pipeline *pipeline, const DrainOps *ops, void *userdata, Drain **ret);
Drain *drain_free(Drain *drain);
DEFINE_POINTER_CLEANUP(Drain *, drain_free);

/*
 * Takes the records that are in the ring now and delivers them, or schedules the next attempt. Returns a
 * negative errno when the daemon can't continue.
 */
int drain_run(Drain *drain);

/* Delivers the daemon's own records at once. Fails like drain_run(). */
int drain_flush(Drain *drain);

/*
 * From now on takes records without delay, and does not wait for the ring to become readable. Returns 0 or a
 * negative errno.
 */
int drain_hurry(Drain *drain);

/* Returns true while the sink has records that it could not deliver. */
bool drain_is_blocked(const Drain *drain);

/* Watches the ring that the pipeline has now. Returns 0 or a negative errno. */
int drain_watch_ring(Drain *drain);

/*
 * drain_forget_sink() stops watching the sink, before the sink is freed. drain_watch_sink() watches the sink
 * that the pipeline has now, and returns 0 or a negative errno.
 */
void drain_forget_sink(Drain *drain);
int drain_watch_sink(Drain *drain);
