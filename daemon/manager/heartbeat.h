/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "util/cleanup.h"

/*
 * Tests whether execs are recorded. At each interval this process executes a program and waits until the
 * record of that exec is read from the ring, which proves that everything from the hook in the kernel to the
 * reader of the ring works. A single exec may be lost like any other, so several attempts must fail before
 * the daemon counts as blind.
 *
 * An attempt has no timeout. The exec happens before its process ends, so its record lies before the end
 * that the ring has when the process ends. If the ring is read up to there without it, the exec was not
 * seen. While the ring is not read, because the sink accepts nothing, the result stays open.
 */
typedef struct Heartbeat Heartbeat;

/* Where the ring of execs is read, and where it ends. */
typedef struct HeartbeatRing {
        uint64_t position;
        uint64_t end;
        bool last; /* false: another ring follows, which is the ring in use */
} HeartbeatRing;

/* What the heartbeat needs from its owner. */
typedef struct HeartbeatOps {
        /*
         * Executes a program that ends by itself. Returns 0 and sets *ret to its pid, which the heartbeat
         * waits for; or returns a negative errno.
         */
        int (*execute)(void *userdata, pid_t *ret);

        /* Returns the positions in the ring of execs. */
        HeartbeatRing (*ring)(void *userdata);

        /*
         * Called when the exec was seen, `seen_usec` microseconds after it happened. If `healed` is set,
         * execs were not seen before the programs were attached anew.
         */
        void (*alive)(void *userdata, uint64_t seen_usec, bool healed);

        /* Called when no exec was seen; if `attached` is set, not even after attaching the programs anew. */
        void (*blind)(void *userdata, bool attached);

        /* Called when an attempt was not possible. `error` is what execute() returned. */
        void (*failed)(void *userdata, int error);

        /* Attaches the programs anew. Returns 0, or a negative errno and leaves everything as it was. */
        int (*attach)(void *userdata);

        /*
         * Delivers the notices of these functions. Returns a negative errno when the daemon can't continue.
         */
        int (*flush)(void *userdata);
} HeartbeatOps;

/* How many execs in a row must not be seen until the daemon counts as blind. */
#define HEARTBEAT_TRIES 3

/* Creates a heartbeat, which does nothing before heartbeat_set_interval(). Returns 0 or a negative errno. */
int heartbeat_new(sd_event *event, const HeartbeatOps *ops, void *userdata, Heartbeat **ret);
Heartbeat *heartbeat_free(Heartbeat *heartbeat);
DEFINE_POINTER_CLEANUP(Heartbeat *, heartbeat_free);

/*
 * Sets the time until the first test and between two tests, in microseconds; 0 means that none is made.
 * Returns 0 or a negative errno.
 */
int heartbeat_set_interval(Heartbeat *heartbeat, uint64_t interval_usec);

/* Returns the pid of the process whose exec is awaited, or 0. */
pid_t heartbeat_pid(const Heartbeat *heartbeat);

/*
 * Tells the heartbeat that the record of that exec was read from the ring. `exec_usec` is the time of the
 * exec, `now_usec` the current time, both in microseconds of the same clock.
 */
void heartbeat_seen(Heartbeat *heartbeat, uint64_t exec_usec, uint64_t now_usec);
