/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "pipeline/pipeline.h"
#include "util/cleanup.h"

/*
 * When records are taken from the ring and delivered. The first record after a pause makes the ring
 * readable, which costs the exec that made it a wake-up of this process; waiting a little before draining
 * spares that for all that follow. While records keep coming the ring is never emptied, so no exec pays:
 * what came up to a certain moment is taken, and the rest is left for the next round. Only a ring that
 * stays empty for a round brings the daemon back to waiting for it.
 */
typedef struct Drain Drain;

/* What the drain asks its owner for. */
typedef struct DrainOps {
        /* Takes records from the ring and delivers them. Fails like pipeline_drain(). */
        int (*take)(void *userdata);

        /* Called after each try to deliver, whatever came of it. */
        void (*tried)(void *userdata);

        /* Returns true when there are records to be taken by now. */
        bool (*has_more)(void *userdata);

        /*
         * All that was taken is delivered, and has_more() says that nothing is left. 1: there is, in
         * another ring, which is the pipeline's now; 0: there is not; or a negative errno.
         */
        int (*emptied)(void *userdata);
} DrainOps;

/* Nothing is taken before drain_run(). `pipeline` has its ring and its sink. 0 or a negative errno. */
int drain_new(sd_event *event, Pipeline *pipeline, const DrainOps *ops, void *userdata, Drain **ret);
Drain *drain_free(Drain *drain);
DEFINE_POINTER_CLEANUP(Drain *, drain_free);

/*
 * Takes what is in the ring by now and delivers it, or arranges for the next try. Negative: the daemon
 * can't go on.
 */
int drain_run(Drain *drain);

/* Delivers the daemon's own records at once; fails likewise. */
int drain_flush(Drain *drain);

/*
 * From now on what is left is taken without delay, and the ring is not waited for any more. 0 or a
 * negative errno.
 */
int drain_hurry(Drain *drain);

/* Returns true while the sink has not delivered what it was given last. */
bool drain_is_blocked(const Drain *drain);

/* The pipeline has another ring. 0 or a negative errno. */
int drain_watch_ring(Drain *drain);

/* Before the pipeline's sink is freed, and when it has another one. */
void drain_forget_sink(Drain *drain);
int drain_watch_sink(Drain *drain);
