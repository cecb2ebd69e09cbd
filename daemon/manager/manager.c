/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "manager/manager.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "manager/files.h"
#include "manager/internal.h"
#include "manager/notify.h"
#include "manager/recording.h"
#include "manager/reload.h"
#include "manager/stop.h"
#include "util/log.h"
#include "util/source.h"

static int on_stop_signal(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata) {
        (void) source;
        (void) info;
        return stop_begin(userdata);
}

/* Whether a terminal that the process was started with has been hung up. */
static bool terminal_is_gone(void) {
        for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
                if (!isatty(fd) && errno == EIO)
                        return true;
        return false;
}

/*
 * In the foreground the same signal says that the terminal is closed: from the kernel, or passed on by the
 * shell.
 */
static int on_reload_signal(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata) {
        Manager *m = userdata;

        (void) source;
        if (m->options->output != OUTPUT_NONE && (info->ssi_code == SI_KERNEL || terminal_is_gone()))
                return stop_begin(m);
        if (m->stop.state != STATE_RUNNING)
                return 0;
        notify_reloading();
        log_info("%s", report_now(m->report));
        reload_config(m);
        notify_ready(report_now(m->report));
        return drain_flush(m->drain);
}

static int setup_loop(Manager *m) {
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
        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(numbers); i++)
                r = numbers[i] == SIGHUP
                        ? source_add_signal(m->event, numbers[i], on_reload_signal, m, "reload")
                        : source_add_signal(m->event, numbers[i], on_stop_signal, m, "stop-signal");
        if (r >= 0)
                r = sd_event_set_watchdog(m->event, true);
        if (r < 0)
                log_error("can't make an event loop: %s", strerror(-r));
        return r < 0 ? r : 0;
}

static int find_restart(Manager *m) {
        int r = restart_new(m->options->output == OUTPUT_NONE, &m->restart);

        if (r < 0)
                log_error("can't look for what an earlier process left: %s", strerror(-r));
        else if (r > 0)
                log_warning("what an earlier process left can't be taken over: there is a gap");
        return r;
}

int manager_new(const RunOptions *options, Policy *policy, Manager **ret) {
        _cleanup_(manager_freep) Manager *m = calloc(1, sizeof(*m));
        int r;

        if (!m) {
                (void) policy_free(policy);
                log_error("can't start: %s", strerror(ENOMEM));
                return -ENOMEM;
        }
        m->options = options;
        m->policy = policy;
        m->kernel.proc_fd = -EBADF;

        r = setup_loop(m);
        if (r >= 0)
                r = find_restart(m);
        if (r >= 0)
                r = recording_load(m);
        if (r >= 0)
                r = recording_connect(m);
        if (r < 0)
                return r;
        r = recording_start(m);
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
        (void) user_watch_free(m->users);
        (void) file_readers_free(m->files.readers);
        sd_event_source_disable_unref(m->skips.timer);
        sd_event_source_disable_unref(m->stop.timer);
        sd_event_source_disable_unref(m->kernel.logs_source);
        (void) heartbeat_free(m->heartbeat);
        (void) drain_free(m->drain);
        (void) report_free(m->report);
        pipeline_done(&m->pipeline);
        (void) late_free(m->kernel.late);
        (void) cgroup_watch_free(m->cgroups.watch);
        sink_free(m->sink);
        rings_done(&m->kernel.rings);
        limits_done(&m->kernel.limits);
        (void) probe_free(m->kernel.probe);
        (void) restart_free(m->restart);
        closep(&m->kernel.proc_fd);
        sd_event_unref(m->event);
        (void) policy_free(m->policy);
        free(m);
        return NULL;
}

int manager_run(Manager *m) {
        int r;

        notify_ready(report_ledger(m->report)->text);
        r = sd_event_loop(m->event);
        if (r < 0 && m->stop.state == STATE_RUNNING)
                log_error("can't go on: %s", strerror(-r));
        if (r < 0)
                notify_failed(r, strerror(-r));
        return r;
}
