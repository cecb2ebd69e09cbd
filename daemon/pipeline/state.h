/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cgroup/tree.h"
#include "cgroup/watch.h"
#include "event/decode.h"
#include "files/build-id.h"
#include "notice/totals.h"
#include "pipeline/late.h"
#include "pipeline/policy.h"
#include "pipeline/search.h"
#include "redact/environment.h"
#include "redact/redact.h"
#include "sink/sink.h"
#include "source/ring.h"
#include "users/cache.h"

/* A ring, and how far its records are done with. */
typedef struct PipelineRing {
        Ring *ring; /* NULL: there is none */
        uint64_t released; /* up to this position the sink has delivered the records */
        uint64_t stop; /* up to this position the records are read; 0: to the end. Not of the ring of execs */
} PipelineRing;

/* Records of programs that ran before recording began: pipeline_add_running(). */
typedef struct PipelineRunning {
        Buffer records;
        size_t taken; /* of its bytes */
        size_t released;
} PipelineRunning;

/* Where the stages find what a record does not say itself. What is NULL is not looked for. */
typedef struct PipelineLookups {
        CgroupTree *cgroups;
        const CgroupWatch *cgroup_watch;
        BuildIds *build_ids;
        UserCache *users; /* the names of users */
        LateReader *late; /* the arguments of programs that ran before recording began */
} PipelineLookups;

/* Memory of one record, which is kept for the next one. */
typedef struct PipelineMemory {
        Decoder decoder;
        EnvironmentChoice environment;
        RedactedEvent redacted;
        Buffer user_names;
        Buffer late; /* arguments that were read from /proc */
} PipelineMemory;

/* What was taken from the rings, and is not yet given back to them. */
typedef struct PipelinePending {
        Totals totals;
        size_t notices;
} PipelinePending;

/* When records that do not parse were taken since the last report, CLOCK_BOOTTIME in ns; 0: there is none. */
typedef struct PipelineMalformed {
        uint64_t first_ns;
        uint64_t last_ns;
} PipelineMalformed;

/* The time of a drain. */
typedef struct PipelineTime {
        uint64_t usec_max; /* how long a drain may take; 0: it has no bound */
        bool is_up; /* the last drain ended because it had taken that long */
        uint64_t begin_usec; /* when the drain began, CLOCK_MONOTONIC */
        int64_t clock_offset; /* clock_offset_ns() at that time */
} PipelineTime;

typedef struct PipelineOps {
        /* A cgroup has another place; `place` is NULL when it is gone. May be NULL. */
        void (*cgroup_changed)(void *userdata, uint64_t id, const CgroupPlace *place);

        /*
         * The exec of a process that has the number Pipeline.awaited in its own PID namespace, before the
         * filters. Returns true when it is the awaited process, which the kernel side does not filter.
         */
        bool (*seen)(void *userdata, const Event *event);

        /*
         * All records that were taken are delivered, and counted in Pipeline.totals. Their room in the rings
         * is given back afterwards. May be NULL.
         */
        void (*delivered)(void *userdata);
} PipelineOps;

/*
 * The way of a record: ring → decode → cgroup → filter → files → redact → sink. A record leaves the ring, and
 * is counted, after the sink has delivered it. Until then it can be taken from the ring again.
 */
typedef struct Pipeline {
        const Policy *policy;
        PipelineRing events; /* execs */
        PipelineRing failures; /* failed execs */
        PipelineRunning running;
        Sink *sink;
        PipelineLookups lookups;
        PipelineMemory memory;
        Searches searches;
        Totals totals;
        PipelinePending pending;
        PipelineMalformed malformed;
        uint64_t lost; /* how many of the numbers belong to records that were lost */
        PipelineTime time;
        uint32_t awaited; /* see PipelineOps.seen; 0: no process is awaited */
        const PipelineOps *ops; /* may be NULL */
        void *userdata; /* of ops */
} Pipeline;

/*
 * Notes that the malformed records which are delivered have been reported: times are of those after them.
 */
void pipeline_malformed_said(Pipeline *pipeline);

/*
 * Returns the number that the next record will have: one more than the number of records that were recorded,
 * suppressed, held back, malformed or lost.
 */
uint64_t pipeline_next_seq(const Pipeline *pipeline);
