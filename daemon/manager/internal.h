/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The manager owns the objects of the daemon and connects them by callbacks. manager_new() creates them in
 * this order: the loop, restart; the programs and their rings (recording_load); sink, report, pipeline and
 * drain (recording_connect); files, cgroups, users and heartbeat (recording_start), which begins to record.
 * manager_free() releases them in reverse. The manager is in one of the states below; only stop.c changes it.
 */

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "cgroup/watch.h"
#include "files/readers.h"
#include "manager/drain.h"
#include "manager/heartbeat.h"
#include "manager/load.h"
#include "manager/report.h"
#include "manager/users.h"
#include "pipeline/pipeline.h"
#include "restart/restart.h"
#include "source/probe.h"

typedef enum ManagerState {
        STATE_RUNNING,
        STATE_DRAINING, /* a signal asked to stop: the records in the rings are being delivered */
        STATE_CLOSING, /* these are delivered, and the last record, `stopped`, is on its way */
        _STATE_MAX,
} ManagerState;

/* The cgroups, and what was logged about them. */
typedef struct Cgroups {
        CgroupWatch *watch;
        bool walked; /* a walk has ended */
        bool unfinished; /* the first one goes on in the loop */
        int error; /* of the last walk */
        uint64_t refused; /* cgroups for which there was no room */
        uint64_t refused_usec; /* CLOCK_MONOTONIC, when that was logged */
        char text[128]; /* of manager_not_covered() */
} Cgroups;

typedef struct ExecutedFiles {
        FileReaders *readers; /* NULL: no configuration asked for them so far */
        uint64_t said_usec; /* CLOCK_MONOTONIC, when records without build-ids were logged last */
} ExecutedFiles;

/* The programs, and what they write. */
typedef struct KernelSide {
        Probe *probe;
        Rings rings;
        sd_event_source *logs_source;
        Limits limits; /* the users beyond FailureLimit= who were reported */
        uint64_t lost_said_ns; /* CLOCK_BOOTTIME of the last notice about losses */
        int proc_fd; /* /proc */
        LateReader *late; /* NULL: there is no /proc */
        bool detached; /* nothing is recorded any more */
} KernelSide;

/* Looks whether programs are skipped: skips.h. */
typedef struct Skips {
        sd_event_source *timer; /* on while programs may be skipped */
        unsigned quiet; /* looks in a row that found no change */
        int error; /* that was logged last */
} Skips;

/* How far the daemon is in stopping: stop.h. */
typedef struct Stop {
        ManagerState state;
        sd_event_source *timer;
        uint64_t deadline; /* when it ends, whatever is left, in microseconds of the monotonic clock */
        /*
         * The programs stay attached: the next process takes them over, or the service manager closes them.
         */
        bool programs_stay;
        uint64_t position; /* if they stay: up to where this process reads the ring that is in use */
} Stop;

typedef struct Manager {
        const RunOptions *options;
        Policy *policy;
        sd_event *event;
        Restart *restart;
        KernelSide kernel;
        Sink *sink;
        Pipeline pipeline;
        Cgroups cgroups;
        ExecutedFiles files;
        UserWatch *users;
        Report *report;
        Drain *drain;
        Heartbeat *heartbeat;
        Skips skips;
        Stop stop;
} Manager;
