/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "manager/manager.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "manager/internal.h"
#include "manager/notify.h"
#include "util/log.h"

uint64_t manager_now_usec(const Manager *m) {
        uint64_t now = 0;

        (void) sd_event_now(m->event, CLOCK_MONOTONIC, &now);
        return now;
}

/* Without having delivered everything. */
static int stop_early(Manager *m, const char *why, int error) {
        if (m->left)
                log_error("%s: the last records wait for the next start, and are lost if there is none soon",
                        why);
        else
                log_error("%s: the last records are lost", why);
        return sd_event_exit(m->event, error);
}

static int on_stop_timer(sd_event_source *source, uint64_t usec, void *userdata) {
        Manager *m = userdata;

        (void) source;
        (void) usec;
        return stop_early(m, "the last records can't be delivered", -ETIMEDOUT);
}

static int manager_stop(Manager *m) {
        int r;

        if (m->state != STATE_RUNNING)
                return stop_early(m, "asked again to stop", -ECANCELED);

        notify_stopping();
        m->state = STATE_DRAINING;
        m->left = store_works(m->store);
        if (m->left)
                m->stop_position = ring_end(m->next_events ? m->next_events : m->events);
        else
                probe_detach(m->probe);

        r = sd_event_source_set_enabled(m->events_source, SD_EVENT_OFF);
        if (r < 0)
                return r;
        r = sd_event_add_time_relative(m->event, &m->stop_timer, CLOCK_MONOTONIC, STOP_TIMEOUT_USEC,
                TIMER_ACCURACY_USEC, on_stop_timer, m);
        if (r < 0)
                return r;
        return m->blocked ? 0 : manager_drain(m);
}

int manager_stop_step(Manager *m) {
        if (m->state == STATE_CLOSING)
                return sd_event_exit(m->event, 0);

        m->state = STATE_CLOSING;
        manager_report_stop(m);
        return manager_flush(m);
}

static int on_stop_signal(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata) {
        (void) source;
        (void) info;
        return manager_stop(userdata);
}

static int on_reload_signal(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata) {
        Manager *m = userdata;

        (void) source;
        (void) info;

        if (m->state != STATE_RUNNING)
                return 0;
        notify_reloading();
        manager_report_now(m);
        log_info("%s", m->ledger.text);
        manager_reload(m);
        manager_report_now(m);
        notify_ready(m->ledger.text);
        return manager_flush(m);
}

static int add_signal(Manager *m, int number, sd_event_signal_handler_t handler) {
        sd_event_source *source;
        int r;

        r = sd_event_add_signal(m->event, &source, number, handler, m);
        if (r < 0)
                return r;
        r = sd_event_source_set_exit_on_failure(source, true);
        if (r >= 0)
                r = sd_event_source_set_floating(source, true);
        sd_event_source_unref(source);
        return r;
}

static int manager_setup_loop(Manager *m) {
        static const int numbers[] = { SIGTERM, SIGINT, SIGHUP };
        sigset_t mask;
        int r;

        /* A pipe without a reader shows as EPIPE. The others are the loop's. */
        (void) signal(SIGPIPE, SIG_IGN);
        sigemptyset(&mask);
        for (size_t i = 0; i < ELEMENTSOF(numbers); i++)
                sigaddset(&mask, numbers[i]);
        sigaddset(&mask, SIGCHLD); /* sd_event_add_child() asks for it */
        if (sigprocmask(SIG_BLOCK, &mask, NULL) < 0)
                return -errno;

        r = sd_event_new(&m->event);
        if (r < 0)
                return r;
        for (size_t i = 0; i < ELEMENTSOF(numbers); i++) {
                r = add_signal(m, numbers[i], numbers[i] == SIGHUP ? on_reload_signal : on_stop_signal);
                if (r < 0)
                        return r;
        }
        r = sd_event_set_watchdog(m->event, true);
        return r < 0 ? r : 0;
}

static int manager_setup_events(Manager *m) {
        int r;

        r = manager_setup_drain(m);
        if (r >= 0)
                r = manager_setup_report(m);
        if (r >= 0)
                r = manager_watch_sink(m);
        if (r < 0)
                log_error("can't set up the event loop: %s", strerror(-r));
        return r;
}

static int manager_start(Manager *m) {
        const char *why = probe_why_not_covered(m->probe);
        Notice notice;
        Start start;
        int r;

        if (why)
                log_info("failed execs: %s", why);

        m->pipeline.config = m->config;
        m->pipeline.ring = m->events;
        m->pipeline.sink = m->sink;
        m->pipeline.released = ring_position(m->events);
        m->pipeline.delivered = manager_on_delivered;
        m->pipeline.userdata = m;
        r = manager_setup_build_ids(m, m->config);
        if (r < 0)
                return r;
        manager_describe_start(m, &start);

        /* The walk is made while the kernel side tells of changes: already, or now. */
        if (!manager_is_told(m))
                manager_switch_over(m);
        m->cgroups_lost = probe_counters(m->probe)->cgroups_lost;
        r = manager_setup_cgroups(m);
        if (r < 0)
                return r;
        m->pipeline.cgroups = m->cgroups;
        if (manager_is_told(m))
                manager_switch_over(m);

        start.not_covered = manager_not_covered(m);
        start.resumed = m->takeover.covered;
        ledger_started(&m->ledger, &start, &notice);
        manager_say(m, &notice);
        return manager_drain(m);
}

int manager_new(const Options *options, Config *config, Manager **ret) {
        _cleanup_(manager_freep) Manager *m = NULL;
        int r;

        m = calloc(1, sizeof(*m));
        if (!m) {
                (void) config_free(config);
                log_error("can't start: %s", strerror(ENOMEM));
                return -ENOMEM;
        }
        m->options = options;
        m->config = config;
        for (size_t i = 0; i < BUILD_ID_READERS_MAX; i++)
                m->readers[i].fd = -EBADF;

        r = manager_setup_loop(m);
        if (r < 0) {
                log_error("can't make an event loop: %s", strerror(-r));
                return r;
        }
        r = manager_find_kept(m);
        if (r < 0) {
                log_error("can't look for what an earlier process left: %s", strerror(-r));
                return r;
        }
        r = manager_setup_probe(m);
        if (r < 0)
                return r;
        r = manager_make_sink(m, config, &m->sink);
        if (r < 0)
                return r;
        r = manager_setup_events(m);
        if (r < 0)
                return r;
        r = manager_start(m);
        if (r < 0) {
                log_error("can't start: %s", strerror(-r));
                return r;
        }

        *ret = TAKE_PTR(m);
        return 0;
}

Manager *manager_free(Manager *m) {
        if (!m)
                return NULL;

        /* In the reverse order of their making. */
        manager_free_build_ids(m);
        sd_event_source_disable_unref(m->stop_timer);
        sd_event_source_disable_unref(m->report_timer);
        sd_event_source_disable_unref(m->retry_timer);
        sd_event_source_disable_unref(m->sink_source);
        sd_event_source_disable_unref(m->drain_timer);
        sd_event_source_disable_unref(m->logs_source);
        sd_event_source_disable_unref(m->events_source);
        pipeline_done(&m->pipeline);
        (void) cgroup_cache_free(m->cgroups);
        sink_free(m->sink);
        (void) ring_free(m->logs);
        (void) ring_free(m->next_events);
        (void) ring_free(m->events);
        /* Also when this process failed: it will be started again. */
        if (m->probe && store_works(m->store))
                probe_leave(m->probe);
        (void) probe_free(m->probe);
        (void) checkpoint_free(m->checkpoint);
        (void) store_free(m->store);
        sd_event_unref(m->event);
        (void) config_free(m->config);
        free(m);
        return NULL;
}

int manager_run(Manager *m) {
        int r;

        notify_ready(m->ledger.text);
        r = sd_event_loop(m->event);
        if (r < 0 && m->state == STATE_RUNNING)
                log_error("can't go on: %s", strerror(-r));
        if (r < 0)
                notify_failed(r, strerror(-r));
        return r;
}
