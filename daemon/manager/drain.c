/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "manager/drain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "util/clock.h"
#include "util/log.h"
#include "util/source.h"

#define DELAY_USEC (8ULL * 1000) /* wait after the first record, for more to drain at once */
#define RETRY_DELAY_USEC (200ULL * 1000) /* until the sink is tried again that could not be reached */

struct Drain {
        sd_event *event;
        Pipeline *pipeline;
        const DrainOps *ops;
        void *userdata;
        sd_event_source *ring_source; /* on while the ring is empty */
        sd_event_source *failures_source; /* of the ring of failed execs */
        sd_event_source *timer; /* on from the first record until the ring is empty again */
        sd_event_source *sink_source; /* while the sink has something to wait for */
        sd_event_source *retry_timer; /* on while the sink can't be reached */
        sd_event_source *held_timer; /* on while records are held back */
        bool hurry;
        bool blocked;
        bool unreachable; /* the sink can't be reached, and that was logged */
};

/* The first record of either ring makes both be read. */
static int wait_for_rings(Drain *drain, int enabled) {
        int r = sd_event_source_set_enabled(drain->ring_source, enabled);

        return r < 0 || !drain->failures_source
                ? r
                : sd_event_source_set_enabled(drain->failures_source, enabled);
}

/* Schedules another attempt after the sink could not deliver. */
static int drain_blocked(Drain *drain, int error) {
        int r;

        drain->blocked = true;
        r = sd_event_source_set_enabled(drain->timer, SD_EVENT_OFF);
        if (r < 0)
                return r;
        r = drain_watch_sink(drain);
        if (r < 0 || error == -EAGAIN)
                return r;

        if (!drain->unreachable)
                log_warning("records can't be delivered, they wait in the ring: %s", strerror(-error));
        drain->unreachable = true;
        return source_arm(drain->retry_timer, RETRY_DELAY_USEC);
}

/* The sink has delivered. */
static int drain_unblocked(Drain *drain) {
        if (drain->unreachable)
                log_info("records are delivered again");
        drain->blocked = drain->unreachable = false;
        return drain_watch_sink(drain);
}

/*
 * The next record waits for a build-id or for the name of a user. The drain continues when the answer comes,
 * or when the wait is over.
 */
static int drain_waiting(Drain *drain) {
        int r = drain_unblocked(drain);

        return r < 0 ? r : sd_event_source_set_enabled(drain->timer, SD_EVENT_OFF);
}

/* Schedules the delivery of records that are held back. */
static int drain_watch_held(Drain *drain) {
        uint64_t deadline = pipeline_deadline(drain->pipeline), now = clock_monotonic_usec();

        if (deadline == UINT64_MAX)
                return sd_event_source_set_enabled(drain->held_timer, SD_EVENT_OFF);
        return source_arm(drain->held_timer, deadline > now ? deadline - now : 0);
}

static int drain_delivered(Drain *drain) {
        bool more = drain->ops->has_more(drain->userdata);
        int r;

        r = drain_unblocked(drain);
        if (r >= 0)
                r = drain_watch_held(drain);
        if (r < 0)
                return r;
        if (more) /* what else there is to do goes first, in either case */
                return source_arm(drain->timer, drain->hurry || drain->pipeline->time.is_up ? 0 : DELAY_USEC);
        r = sd_event_source_set_enabled(drain->timer, SD_EVENT_OFF);
        if (r < 0)
                return r;
        r = drain->ops->emptied(drain->userdata);
        if (r > 0)
                return source_arm(drain->timer, drain->hurry ? 0 : DELAY_USEC);
        if (r < 0 || drain->hurry)
                return r;
        return wait_for_rings(drain, SD_EVENT_ON);
}

/* Handles each result that a delivery can have. */
static int drain_finish(Drain *drain, int result) {
        drain->ops->tried(drain->userdata);
        switch (result) {
        case 0:
                return drain_delivered(drain);
        case -EINPROGRESS:
                return drain_waiting(drain);
        case -EBADMSG: /* a ring is damaged */
                return result;
        case -EPIPE: /* the reader of standard output has gone: nothing is left to be done */
                return sd_event_exit(drain->event, 0);
        default:
                return drain_blocked(drain, result);
        }
}

int drain_run(Drain *drain) {
        return drain_finish(drain, drain->ops->take(drain->userdata));
}

int drain_flush(Drain *drain) {
        return drain_finish(drain, pipeline_flush(drain->pipeline));
}

static int on_ring(sd_event_source *source, int fd, uint32_t revents, void *userdata) {
        Drain *drain = userdata;
        int r;

        (void) fd;
        (void) revents;

        (void) source;
        r = wait_for_rings(drain, SD_EVENT_OFF);
        if (r < 0)
                return r;
        return drain->blocked ? 0 : source_arm(drain->timer, DELAY_USEC);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata) {
        (void) source;
        (void) usec;
        return drain_run(userdata);
}

static int on_sink(sd_event_source *source, int fd, uint32_t revents, void *userdata) {
        (void) source;
        (void) fd;
        (void) revents;
        return drain_run(userdata);
}

int drain_watch_ring(Drain *drain) {
        int r;

        if (drain->pipeline->failures.ring && !drain->failures_source) {
                r = source_add_io(drain->event, &drain->failures_source,
                        ring_fd(drain->pipeline->failures.ring), EPOLLIN, SD_EVENT_OFF, on_ring, drain,
                        "drain-failures");
                if (r < 0)
                        return r;
        }
        drain->ring_source = sd_event_source_disable_unref(drain->ring_source);
        return source_add_io(drain->event, &drain->ring_source, ring_fd(drain->pipeline->events.ring),
                EPOLLIN, SD_EVENT_OFF, on_ring, drain, "drain-ring");
}

void drain_forget_sink(Drain *drain) {
        drain->sink_source = sd_event_source_disable_unref(drain->sink_source);
}

int drain_watch_sink(Drain *drain) {
        uint32_t events = 0;
        int fd = sink_watch(drain->pipeline->sink, &events), r;

        /* The number may belong to another file now, so the source is created again. */
        drain_forget_sink(drain);
        if (fd < 0)
                return 0;
        r = source_add_io(
                drain->event, &drain->sink_source, fd, events, SD_EVENT_ON, on_sink, drain, "drain-sink");
        if (r == -ENOMEM) /* it is tried by time, then */
                return source_arm(drain->retry_timer, RETRY_DELAY_USEC);
        return r;
}

int drain_hurry(Drain *drain) {
        drain->hurry = true;
        return wait_for_rings(drain, SD_EVENT_OFF);
}

bool drain_is_blocked(const Drain *drain) {
        return drain->blocked;
}

int drain_new(sd_event *event, Pipeline *pipeline, const DrainOps *ops, void *userdata, Drain **ret) {
        _cleanup_(drain_freep) Drain *drain = calloc(1, sizeof(*drain));
        int r;

        if (!drain)
                return -ENOMEM;
        drain->event = sd_event_ref(event);
        drain->pipeline = pipeline;
        drain->ops = ops;
        drain->userdata = userdata;
        r = drain_watch_ring(drain);
        if (r >= 0)
                r = source_add_timer(event, &drain->timer, on_timer, drain, "drain");
        if (r >= 0)
                r = source_add_timer(event, &drain->retry_timer, on_timer, drain, "drain-retry");
        if (r >= 0)
                r = source_add_timer(event, &drain->held_timer, on_timer, drain, "drain-held");
        if (r >= 0)
                r = drain_watch_sink(drain);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(drain);
        return 0;
}

Drain *drain_free(Drain *drain) {
        if (!drain)
                return NULL;
        sd_event_source_disable_unref(drain->held_timer);
        sd_event_source_disable_unref(drain->retry_timer);
        sd_event_source_disable_unref(drain->sink_source);
        sd_event_source_disable_unref(drain->timer);
        sd_event_source_disable_unref(drain->failures_source);
        sd_event_source_disable_unref(drain->ring_source);
        sd_event_unref(drain->event);
        free(drain);
        return NULL;
}
