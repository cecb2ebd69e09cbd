/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * What the files of this folder wire together. Each member that is a pointer looks after itself; the
 * manager owns it.
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
        STATE_DRAINING, /* asked to stop: what is in the rings is delivered */
        STATE_CLOSING, /* all of it is, and so is soon the last record, `stopped` */
        _STATE_MAX,
} ManagerState;

/* The cgroups, and what was logged of them. */
typedef struct Cgroups {
        CgroupWatch *watch;
        bool walked; /* a walk has ended */
        bool unfinished; /* the first one goes on in the loop */
        int error; /* of the last walk */
        uint64_t refused; /* cgroups for which there was no room */
        uint64_t refused_usec; /* CLOCK_MONOTONIC, when that was said */
        char text[128]; /* what is not covered */
} Cgroups;

typedef struct ExecutedFiles {
        FileReaders *readers; /* NULL: nothing was ever to be read */
        uint64_t said_usec; /* CLOCK_MONOTONIC, when it was last said how many records had no time for them */
} ExecutedFiles;

typedef struct Manager {
        const RunOptions *options;
        Policy *policy;
        const Config *config; /* of the policy */
        sd_event *event;
        Restart *restart;
        Probe *probe;
        Rings rings;
        Sink *sink;
        Pipeline pipeline;
        Cgroups cgroups;
        ExecutedFiles files;
        UserWatch *users;
        Report *report;
        Drain *drain;
        Heartbeat *heartbeat;
        sd_event_source *logs_source;
        sd_event_source *stop_timer;
        sd_event_source *skips_timer; /* on while programs may be skipped */
        unsigned skips_quiet; /* looks without a change, one after another */
        int skips_error; /* that was logged last */
        uint64_t lost_said_ns; /* CLOCK_BOOTTIME, when losses were said last */
        int proc_fd; /* /proc */
        bool detached; /* nothing is recorded any more */
        ManagerState state;
        /*
         * stopping, and the programs go on: who comes next takes over, or the service manager lets go of
         * them
         */
        bool left;
        uint64_t stop_position; /* then: up to where the ring in use is read */
} Manager;
