/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * When the rings are drained. The first record after a pause makes the ring readable, which costs the exec that made it a
 * wake-up of this process; waiting a little before draining spares that for all that follow. While records
 * keep coming the ring is never emptied, so no exec pays: what came up to a certain moment is taken, and the rest is left
 * for the next round. Only a ring that stays empty for a round brings the daemon back to waiting for it.
 */

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>

#include "manager/internal.h"
#include "util/log.h"

static int timer_arm(sd_event_source *timer, uint64_t delay_usec) {
        int r = sd_event_source_set_time_relative(timer, delay_usec);

        if (r < 0)
                return r;
        return sd_event_source_set_enabled(timer, SD_EVENT_ONESHOT);
}

int manager_drain_logs(Manager *m, Ring *ring) {
        const void *data;
        size_t size;
        int r;

        while ((r = ring_next(ring, &data, &size)) > 0) {
                Notice notice;

                r = kernel_log_decode(&m->kernel_log, data, size, manager_now_usec(m), &notice);
                if (r > 0)
                        manager_notice(m, &notice);
                else if (r < 0)
                        log_warning("a log record of the kernel side does not parse, ignored");
                else
                        manager_report_later(m);
                ring_release(ring);
        }
        return r;
}

/* Arranges for another try after the sink did not take what it was given. */
static int drain_blocked(Manager *m, int error) {
        int r;

        m->blocked = true;
        r = sd_event_source_set_enabled(m->drain_timer, SD_EVENT_OFF);
        if (r < 0)
                return r;
        r = manager_watch_sink(m);
        if (r < 0 || error == -EAGAIN)
                return r;

        if (!m->unreachable)
                log_warning("records can't be delivered, they wait in the ring: %s", strerror(-error));
        m->unreachable = true;
        return timer_arm(m->retry_timer, RETRY_DELAY_USEC);
}

/* Up to where there are records to be taken: where programs go on while this process stops, only those that it owes. */
static uint64_t drain_end(const Manager *m) {
        return m->left && !m->next_events ? m->stop_position : ring_end(m->events);
}

/* The sink has taken what it was given. */
static int drain_unblocked(Manager *m) {
        if (m->unreachable)
                log_info("records are delivered again");
        m->blocked = m->unreachable = false;
        return manager_watch_sink(m);
}

/* The next record waits for its build-id: the answer, or the end of the wait, goes on from here. */
static int drain_waiting(Manager *m) {
        int r = drain_unblocked(m);

        return r < 0 ? r : sd_event_source_set_enabled(m->drain_timer, SD_EVENT_OFF);
}

static int drain_delivered(Manager *m) {
        bool more = ring_position(m->events) < drain_end(m);
        int r;

        r = drain_unblocked(m);
        if (r < 0)
                return r;
        if (!more && m->next_events) {
                r = manager_next_ring(m);
                if (r < 0)
                        return r;
                more = ring_position(m->events) < drain_end(m);
        }
        if (more)
                return timer_arm(m->drain_timer, m->state == STATE_RUNNING ? DRAIN_DELAY_USEC : 0);
        r = sd_event_source_set_enabled(m->drain_timer, SD_EVENT_OFF);
        if (r < 0)
                return r;
        if (m->state != STATE_RUNNING)
                return manager_stop_step(m);
        return sd_event_source_set_enabled(m->events_source, SD_EVENT_ON);
}

/* What follows on each way that a delivery can end. */
static int drain_finish(Manager *m, int result) {
        manager_report_lost(m);
        switch (result) {
        case 0:
                return drain_delivered(m);
        case -EINPROGRESS:
                return drain_waiting(m);
        case -EBADMSG:
                log_error("the ring of records is damaged");
                store_clear(m->store); /* nor can any other process read it */
                return result;
        case -EPIPE: /* the reader of standard output has gone: nothing is left to be done */
                return sd_event_exit(m->event, 0);
        default:
                return drain_blocked(m, result);
        }
}

int manager_drain(Manager *m) {
        int r;

        r = manager_drain_logs(m, m->logs);
        if (r < 0) {
                log_error("the ring of the kernel side's messages is damaged");
                store_clear(m->store);
                return r;
        }
        r = manager_check_cgroups(m);
        if (r < 0)
                return drain_finish(m, r);

        checkpoint_enter(m->checkpoint);
        r = pipeline_drain(&m->pipeline, drain_end(m), DRAIN_RECORDS_MAX);
        checkpoint_leave(m->checkpoint);
        return drain_finish(m, r);
}

int manager_flush(Manager *m) {
        return drain_finish(m, pipeline_flush(&m->pipeline));
}

static int on_events(sd_event_source *source, int fd, uint32_t revents, void *userdata) {
        Manager *m = userdata;
        int r;

        (void) fd;
        (void) revents;

        r = sd_event_source_set_enabled(source, SD_EVENT_OFF);
        if (r < 0)
                return r;
        return m->blocked ? 0 : timer_arm(m->drain_timer, DRAIN_DELAY_USEC);
}

static int on_logs(sd_event_source *source, int fd, uint32_t revents, void *userdata) {
        (void) source;
        (void) fd;
        (void) revents;
        return manager_drain(userdata);
}

static int on_drain_timer(sd_event_source *source, uint64_t usec, void *userdata) {
        (void) source;
        (void) usec;
        return manager_drain(userdata);
}

static int on_sink(sd_event_source *source, int fd, uint32_t revents, void *userdata) {
        (void) source;
        (void) fd;
        (void) revents;
        return manager_drain(userdata);
}

int manager_watch_sink(Manager *m) {
        uint32_t events = 0;
        int fd = sink_watch(m->sink, &events), r;

        /* The descriptor may be another one of the same number: begin anew. */
        m->sink_source = sd_event_source_disable_unref(m->sink_source);
        if (fd < 0)
                return 0;
        r = sd_event_add_io(m->event, &m->sink_source, fd, events, on_sink, m);
        if (r == -ENOMEM) /* it is tried by time, then */
                return timer_arm(m->retry_timer, RETRY_DELAY_USEC);
        return r < 0 ? r : sd_event_source_set_exit_on_failure(m->sink_source, true);
}

static int add_timer(Manager *m, sd_event_source **ret) {
        int r;

        r = sd_event_add_time(m->event, ret, CLOCK_MONOTONIC, 0, TIMER_ACCURACY_USEC, on_drain_timer, m);
        if (r < 0)
                return r;
        r = sd_event_source_set_exit_on_failure(*ret, true);
        if (r < 0)
                return r;
        return sd_event_source_set_enabled(*ret, SD_EVENT_OFF);
}

int manager_watch_events(Manager *m) {
        int r;

        r = sd_event_add_io(m->event, &m->events_source, ring_fd(m->events), EPOLLIN, on_events, m);
        if (r < 0)
                return r;
        r = sd_event_source_set_exit_on_failure(m->events_source, true);
        if (r < 0)
                return r;
        return sd_event_source_set_enabled(m->events_source, SD_EVENT_OFF);
}

int manager_setup_drain(Manager *m) {
        int r;

        r = manager_watch_events(m);
        if (r < 0)
                return r;
        r = sd_event_add_io(m->event, &m->logs_source, ring_fd(m->logs), EPOLLIN, on_logs, m);
        if (r < 0)
                return r;
        r = sd_event_source_set_exit_on_failure(m->logs_source, true);
        if (r < 0)
                return r;
        r = add_timer(m, &m->drain_timer);
        if (r < 0)
                return r;
        return add_timer(m, &m->retry_timer);
}
