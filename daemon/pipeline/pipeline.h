/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cgroup/tree.h"
#include "event/decode.h"
#include "files/build-id.h"
#include "notice/totals.h"
#include "pipeline/policy.h"
#include "redact/redact.h"
#include "sink/sink.h"
#include "source/ring.h"

/*
 * The way of a record: ring → decode → cgroup → filter → files → redact → sink. A record leaves the ring once
 * the sink has delivered it, and is counted then; until that it can be taken again from the ring.
 */
typedef struct Pipeline {
        const Policy *policy;
        Ring *ring; /* of execs */
        Ring *failures; /* of failed execs; NULL: there is none */
        Sink *sink;
        CgroupTree *cgroups; /* NULL: cgroups are not known */
        void (*cgroup_changed)(
                void *userdata, uint64_t id, const CgroupPlace *place); /* NULL: gone. May be NULL itself */
        BuildIds *build_ids; /* NULL: they are not asked for */
        Decoder decoder;
        RedactedEvent redacted;
        Totals totals;
        Totals pending; /* taken from the ring, not yet given back to it */
        size_t pending_notices;
        uint64_t released; /* the ring's position up to which records are given back */
        uint64_t failures_released; /* likewise */
        uint64_t failures_stop; /* up to where it is read; 0: to its end */
        uint64_t lost; /* how many records were lost that have taken a number each */
        Buffer running; /* records of programs that run already: pipeline_add_running() */
        size_t running_taken; /* of its bytes */
        size_t running_released;
        Buffer late; /* arguments that were read afterwards */
        int proc_fd; /* /proc; negative: nothing is read afterwards */

        /* Called with an exec of process `awaited`, whatever the filters make of it; 0: of none. */
        void (*seen)(void *userdata, const Event *event);
        uint32_t awaited;

        /*
         * Called when all that was taken is delivered and counted in `totals`, before its room is given back;
         * may be NULL.
         */
        void (*delivered)(void *userdata);
        void *userdata;
} Pipeline;

void pipeline_done(Pipeline *pipeline);

/*
 * Adds what the kernel side's walk through the tasks gave: records of programs that run already, each with
 * its size before it, a number of 32 bits. They come before what is in the rings, and have no number. 0 or
 * -ENOMEM.
 */
int pipeline_add_running(Pipeline *pipeline, const void *data, size_t size);

/* The number that the next record has: one more than were recorded, suppressed, malformed or lost. */
uint64_t pipeline_next_seq(const Pipeline *pipeline);

/* Whether there is anything to be taken that is not in the ring of execs. */
bool pipeline_has_others(const Pipeline *pipeline);

/*
 * Takes records of all rings, in the order of their times, until the ring's position is `end` or
 * `records_max` were taken, and flushes. 0: they are all delivered. -EAGAIN and whatever else sink_flush()
 * fails with: the rest waits, in the sink and in the ring. -ENOMEM: likewise. -EINPROGRESS: the next record
 * waits for its build-id; what came before it was delivered. -EBADMSG: the ring itself is damaged, it can't
 * be read any more; what came before that was flushed.
 */
int pipeline_drain(Pipeline *pipeline, uint64_t end, size_t records_max);

/*
 * Puts one of the daemon's own records behind what was taken so far; it goes with the next flush. 0 or
 * -ENOMEM.
 */
int pipeline_notice(Pipeline *pipeline, const Notice *notice);

/* Delivers what was taken so far. Fails like pipeline_drain(). */
int pipeline_flush(Pipeline *pipeline);

/*
 * Goes on with another ring, which is not the pipeline's either, once all that was taken from the one before
 * is delivered.
 */
void pipeline_go_on(Pipeline *pipeline, Ring *ring);

/*
 * Goes on with another policy and sink, which then belong to the caller as before did the old. What the old
 * sink could not deliver a new one of the same kind inherits. For one of another kind it is taken from the
 * ring again, so that what was delivered of a batch is delivered twice, and but for notices: returns how many
 * of those are gone. The sink may stay the same: it keeps what it has.
 */
size_t pipeline_switch(Pipeline *pipeline, const Policy *policy, Sink *sink);
