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
#include "pipeline/search.h"
#include "redact/environment.h"
#include "redact/redact.h"
#include "sink/sink.h"
#include "source/ring.h"
#include "users/cache.h"

/* The time of a drain. */
typedef struct PipelineTime {
        uint64_t usec_max; /* how long a drain may take; 0: as long as it does */
        bool is_up; /* the last drain ended because it had taken so long */
        uint64_t begin_usec; /* when it began, CLOCK_MONOTONIC */
        int64_t clock_offset; /* clock_offset_ns(), then */
} PipelineTime;

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
        UserCache *users; /* NULL: names of users are not asked for */
        Buffer user_names; /* of the record that is made */
        Decoder decoder;
        EnvironmentChoice environment;
        RedactedEvent redacted;
        Searches searches;
        Totals totals;
        Totals pending; /* taken from the ring, not yet given back to it */
        size_t pending_notices;
        uint64_t released; /* the ring's position up to which records are given back */
        uint64_t failures_released; /* ... of the ring of failures */
        uint64_t failures_stop; /* up to where that is read; 0: to its end */
        uint64_t lost; /* how many records were lost that have taken a number each */
        Buffer running; /* records of programs that run already: pipeline_add_running() */
        size_t running_taken; /* of its bytes */
        size_t running_released;
        Buffer late; /* arguments that were read afterwards */
        int proc_fd; /* /proc; negative: nothing is read afterwards */
        PipelineTime time;

        /*
         * Called with an exec of a process whose number in its own PID namespace is `awaited` (0: of none),
         * before the filters. Returns true when it is the one, which the kernel side does not filter.
         */
        bool (*seen)(void *userdata, const Event *event);
        uint32_t awaited;

        /*
         * Called when all that was taken is delivered and counted in `totals`, before its room is given
         * back; may be NULL.
         */
        void (*delivered)(void *userdata);
        void *userdata;
} Pipeline;

/*
 * The number that the next record has: one more than were recorded, suppressed, held back, malformed or
 * lost.
 */
uint64_t pipeline_next_seq(const Pipeline *pipeline);
