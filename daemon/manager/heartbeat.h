/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "util/cleanup.h"

/*
 * Is it alive? At each interval this process executes a program, and waits until that exec has come out of
 * the ring. By then everything works, from the hook in the kernel to the reader of the ring. An exec is
 * made more than once before it counts as unseen, since a single one may be lost like any other.
 *
 * Nothing here waits for time: the exec is made before its process ends, so its record lies before the end
 * that the ring has then. Once the ring is read up to there without it, it was not seen. While nothing is
 * read, because the sink takes nothing, nothing is known.
 */
typedef struct Heartbeat Heartbeat;

/* Where the ring of execs is read, and where it ends. */
typedef struct HeartbeatRing {
        uint64_t position;
        uint64_t end;
        bool last; /* false: another ring follows, which is the one in use */
} HeartbeatRing;

typedef struct HeartbeatOps {
        /*
         * Executes a program that ends by itself. 0 and its pid, which the heartbeat waits for; or a
         * negative errno.
         */
        int (*execute)(void *userdata, pid_t *ret);

        HeartbeatRing (*ring)(void *userdata);

        /*
         * Its exec was seen, so many microseconds after it was made. `healed`: it had been blind, and
         * attaching anew helped.
         */
        void (*alive)(void *userdata, uint64_t seen_usec, bool healed);

        /* No exec was seen. `attached`: nor after attaching anew. */
        void (*blind)(void *userdata, bool attached);

        /* It could not be tried: what execute() failed with. */
        void (*failed)(void *userdata, int error);

        /* Attaches the programs in the kernel anew. 0 or a negative errno, and then nothing has changed. */
        int (*attach)(void *userdata);

        /* Has what these said delivered. Negative: the daemon can't go on. */
        int (*flush)(void *userdata);
} HeartbeatOps;

/* Execs that are made before it is blind. */
#define HEARTBEAT_TRIES 3

/* It rests until heartbeat_set_interval(). 0 or a negative errno. */
int heartbeat_new(sd_event *event, const HeartbeatOps *ops, void *userdata, Heartbeat **ret);
Heartbeat *heartbeat_free(Heartbeat *heartbeat);
DEFINE_POINTER_CLEANUP(Heartbeat *, heartbeat_free);

/* Microseconds from now to the first beat and from one to the next; 0: never. 0 or a negative errno. */
int heartbeat_set_interval(Heartbeat *heartbeat, uint64_t interval_usec);

/* The process whose exec is waited for; 0: none. */
pid_t heartbeat_pid(const Heartbeat *heartbeat);

/*
 * The exec of that process has come out of the ring: when it was made and what time it is, microseconds of
 * one clock.
 */
void heartbeat_seen(Heartbeat *heartbeat, uint64_t exec_usec, uint64_t now_usec);
