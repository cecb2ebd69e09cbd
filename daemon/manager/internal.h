/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What the files of this folder share. */

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "files/build-id.h"
#include "manager/manager.h"
#include "notice/kernel-log.h"
#include "notice/ledger.h"
#include "pipeline/pipeline.h"
#include "restart/checkpoint.h"
#include "restart/inventory.h"
#include "restart/store.h"
#include "source/probe.h"
#include "source/ring.h"

typedef enum ManagerState {
        STATE_RUNNING,
        STATE_DRAINING, /* asked to stop: what is in the rings is delivered */
        STATE_CLOSING, /* all of it is, and so is soon the last record, `stopped` */
        _STATE_MAX,
} ManagerState;

/* Most that there may be at a time, those included that can't be killed. */
#define BUILD_ID_READERS_MAX 4

/* A process of reader.h. At most one of them has a descriptor: the others are to end, and have not yet. */
typedef struct BuildIdReader {
        Manager *manager;
        pid_t pid; /* 0: the slot is free */
        int fd;
        bool killed; /* by the daemon */
        sd_event_source *source; /* of the descriptor */
        sd_event_source *child; /* of its end */
} BuildIdReader;

struct Manager {
        const Options *options;
        Config *config;
        Sink *sink;
        Probe *probe;
        Ring *events; /* the one that is read */
        Ring *next_events; /* the one that is in use, where that is another */
        Ring *logs;
        CgroupCache *cgroups;
        uint64_t cgroups_lost; /* records of cgroups, as of the last walk */
        const char *cgroups_not_covered; /* a text; NULL: nothing */
        char not_covered[128];
        BuildIds *build_ids; /* NULL: BuildId=no */
        BuildIdReader readers[BUILD_ID_READERS_MAX];
        uint64_t readers_interval_usec; /* when it began, CLOCK_MONOTONIC */
        unsigned n_readers_started; /* in this interval */
        uint64_t
                skipped_said_usec; /* CLOCK_MONOTONIC, when it was last said how many records had no time for them */
        Pipeline pipeline;
        KernelLog kernel_log;
        Ledger ledger;

        Store *store;
        Checkpoint *checkpoint;
        Inventory inventory; /* what the service manager had */
        Takeover takeover; /* what became of it */
        MapSet taken; /* the maps that were taken over */
        InventoryUse use;
        bool untidy; /* the service manager keeps what is not in use any more */
        bool left; /* stopping, and the programs go on: who comes next takes over, or the service manager lets go of them */
        uint64_t stop_position; /* then: up to where the ring in use is read */

        sd_event *event;
        sd_event_source *events_source; /* on while the ring is empty */
        sd_event_source *logs_source;
        sd_event_source *drain_timer; /* on from the first record until the ring is empty again */
        sd_event_source *sink_source; /* while the sink has something to wait for */
        sd_event_source *retry_timer; /* on while the sink can't be reached */
        sd_event_source *report_timer; /* on after a change of the totals */
        sd_event_source *stop_timer;
        sd_event_source *build_id_timer; /* on while a build-id is asked for */

        bool blocked; /* the sink has not delivered what it was given last */
        bool unreachable; /* ... and that was logged */
        ManagerState state;
        uint64_t lost_said_usec; /* CLOCK_MONOTONIC, when `lost` records were last made; 0: never */
        uint64_t suppressed_said_usec; /* likewise `suppressed` */
        uint64_t status_sum; /* of all figures that STATUS= shows by now */
};

/* Microseconds. */
#define DRAIN_DELAY_USEC (8ULL * 1000) /* wait after the first record, for more to drain at once */
#define RETRY_DELAY_USEC (200ULL * 1000) /* until the sink is tried again that could not be reached */
#define REPORT_DELAY_USEC (5ULL * 1000 * 1000) /* how old STATUS= may be while records arrive */
#define LOST_INTERVAL_USEC (1ULL * 1000 * 1000) /* between two `lost` records of one cause */
#define SUPPRESSED_INTERVAL_USEC (60ULL * 1000 * 1000) /* likewise `suppressed` */
#define STOP_TIMEOUT_USEC (5ULL * 1000 * 1000) /* for a sink that does not take the last records */
#define READERS_INTERVAL_USEC (60ULL * 1000 * 1000)
#define REAP_TIMEOUT_MSEC 100 /* for a reader of build-ids, at the end */
#define TIMER_ACCURACY_USEC 1000ULL

#define USEC_PER_SEC 1000000ULL

/* Readers of build-ids that are started in one READERS_INTERVAL_USEC. */
#define READERS_BURST 10

/* An answer that is there counts, also when time is up: it goes before the timer. */
#define PRIORITY_ANSWER (SD_EVENT_PRIORITY_NORMAL - 1)

/* Records that are taken in one go before the loop looks at everything else. */
#define DRAIN_RECORDS_MAX 8192

/* manager.c */
uint64_t manager_now_usec(const Manager *m);

/* The next step towards the end; to be called while stopping, when all that was to be delivered is. */
int manager_stop_step(Manager *m);

/* takeover.c: in this order, when the daemon starts */
int manager_find_kept(Manager *m);
int manager_setup_probe(Manager *m);
/* Whether programs record already, into the rings that this process reads. */
bool manager_is_told(const Manager *m);
/* What `started` says of this, to be asked before manager_switch_over(). */
void manager_describe_start(const Manager *m, Start *ret);
/* From here on the programs of this process record. */
void manager_switch_over(Manager *m);

/* store.c */
uint64_t manager_boottime_ns(void);
/* Of the ring that is read. */
uint32_t manager_ring_number(const Manager *m);
void manager_on_delivered(void *userdata);
/* Gives the service manager all that is not there yet; only the links of other programs. */
void manager_keep(Manager *m);
void manager_keep_links(Manager *m, const Probe *probe, uint32_t generation);
/* Goes on with next_events, after all of `events` was delivered. */
int manager_next_ring(Manager *m);

/* drain.c */
int manager_setup_drain(Manager *m);
int manager_watch_events(Manager *m);
int manager_drain_logs(Manager *m, Ring *ring);

/* Takes what is in the rings by now and delivers it, or arranges for the next try. Negative: the daemon can't go on. */
int manager_drain(Manager *m);

/* Delivers the daemon's own records at once; likewise. */
int manager_flush(Manager *m);

/* Sees to what the sink asks to wait for. */
int manager_watch_sink(Manager *m);

/* cgroup.c */
int manager_setup_cgroups(Manager *m);

/* Hands the rules about units down to `probe`, which is to work by `config`, as far as cgroups are known by now. */
void manager_rule_cgroups(const Manager *m, const Config *config, Probe *probe);

/* What is not recorded here, of execs and of where they ran; NULL: nothing. */
const char *manager_not_covered(Manager *m);

/* Walks the hierarchy again when the kernel side could not tell of a change. */
int manager_check_cgroups(Manager *m);

/* build-id.c */

/* Has build-ids read where the configuration asks for it; what is known already stays. 0 or a negative errno. */
int manager_setup_build_ids(Manager *m, const Config *config);

/* Ends that, and forgets what is known. */
void manager_drop_build_ids(Manager *m);

/* Says how many records had to go without, but for `at_once` not too often. */
void manager_report_build_ids(Manager *m, bool at_once);

/* Ends it once and for all, after the loop. */
void manager_free_build_ids(Manager *m);

/* report.c */
int manager_setup_report(Manager *m);
void manager_figures(const Manager *m, Figures *ret);
/* Sends one of the daemon's own records; manager_say() also to standard error, where that is not the same place. */
void manager_notice(Manager *m, const Notice *notice);
void manager_say(Manager *m, const Notice *notice);
/* To be called after each drain: says what was lost, and sees to it that the totals are told in time. */
void manager_report_lost(Manager *m);
void manager_report_later(Manager *m);
/* Says all that is not yet said, and leaves the totals in m->ledger.text. */
void manager_report_now(Manager *m);
void manager_report_stop(Manager *m);

/* reload.c */
void manager_reload(Manager *m);
int manager_make_sink(const Manager *m, const Config *config, Sink **ret);
