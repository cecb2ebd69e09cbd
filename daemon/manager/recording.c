/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "manager/recording.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "manager/alive.h"
#include "manager/cgroup.h"
#include "manager/figures.h"
#include "manager/files.h"
#include "manager/host.h"
#include "manager/outlet.h"
#include "manager/reload.h"
#include "manager/skips.h"
#include "manager/stop.h"
#include "pipeline/input.h"
#include "source/requirements.h"
#include "util/clock.h"
#include "util/log.h"
#include "util/processes.h"
#include "util/source.h"

/* Records that are taken in one go before the loop looks at everything else. */
#define TAKE_RECORDS_MAX 8192
#define TAKE_USEC_MAX (50ULL * 1000)

static int load(Manager *m, char **ret_why) {
        int r = requirements_check(ret_why);

        return r < 0 ? r
                     : restart_load_probe(m->restart, m->policy->config, &m->policy->probe_rules,
                               &m->kernel.probe, ret_why);
}

int recording_load(Manager *m) {
        _cleanup_free_ char *why = NULL;
        int r;

        r = load(m, &why);
        if (r < 0) {
                log_error("%s", why ? why : strerror(-r));
                return r;
        }
        r = restart_open_rings(m->restart, m->kernel.probe, &m->kernel.rings);
        if (r < 0)
                log_error("can't map the rings: %s", strerror(-r));
        return r;
}

static int take_logs(Manager *m, Ring *ring) {
        const void *data;
        size_t size;
        int r;

        while ((r = ring_next(ring, &data, &size)) > 0) {
                report_kernel_log(m->report, data, size);
                ring_release(ring);
        }
        return r;
}

/* Logs the damage, and gives up the restart: no other process could read the ring either. */
static int ring_damaged(Manager *m, const char *which) {
        log_error("the ring of %s is damaged", which);
        restart_give_up(m->restart);
        return -EBADMSG;
}

/* Returns up to where the ring is read: when programs stay attached, to its end when stopping began. */
static uint64_t end(const Manager *m) {
        return m->stop.programs_stay && !m->kernel.rings.next ? m->stop.position
                                                              : ring_end(m->kernel.rings.events);
}

static int on_take(void *userdata) {
        Manager *m = userdata;
        int r;

        if (take_logs(m, m->kernel.rings.logs) < 0)
                return ring_damaged(m, "the kernel side's messages");
        r = manager_check_cgroups(m);
        if (r < 0)
                return r;

        checkpoint_enter(m->restart->checkpoint);
        r = pipeline_drain(&m->pipeline, end(m), TAKE_RECORDS_MAX);
        checkpoint_leave(m->restart->checkpoint);
        return r == -EBADMSG ? ring_damaged(m, "records") : r;
}

static void on_tried(void *userdata) {
        Manager *m = userdata;

        report_lost(m->report);
        manager_watch_skips(m);
}

static bool on_has_more(void *userdata) {
        const Manager *m = userdata;

        return ring_position(m->kernel.rings.events) < end(m) || pipeline_has_others(&m->pipeline) ||
                pipeline_deadline(&m->pipeline) == 0;
}

static void on_delivered(void *userdata) {
        Manager *m = userdata;

        restart_save(m->restart, m->pipeline.events.released, m->pipeline.failures.released,
                &m->pipeline.totals, report_ledger(m->report));
        stop_goes_on(m);
}

static int on_emptied(void *userdata) {
        Manager *m = userdata;
        int r;

        if (m->kernel.rings.next) {
                pipeline_go_on(&m->pipeline, m->kernel.rings.next);
                restart_next_ring(m->restart, &m->kernel.rings);
                on_delivered(m);
                r = drain_watch_ring(m->drain);
                if (r < 0 || on_has_more(m))
                        return r < 0 ? r : 1;
        }
        return m->stop.state == STATE_RUNNING ? 0 : stop_step(m);
}

/* Tells the pipeline how many numbers were taken by records that were lost. */
static void count_lost(Manager *m) {
        const Ledger *ledger = report_ledger(m->report);

        m->pipeline.lost = 0;
        for (LostCause cause = 0; cause < LOST_MALFORMED; cause++)
                m->pipeline.lost += ledger->lost[cause];
}

static void on_lost_said(void *userdata) {
        Manager *m = userdata;

        m->kernel.lost_said_ns = clock_boottime_ns();
        pipeline_malformed_said(&m->pipeline);
        count_lost(m);
}

static bool on_is_blocked(void *userdata) {
        Manager *m = userdata;

        return m->drain && drain_is_blocked(m->drain);
}

static void on_say_more(void *userdata, bool at_once) {
        files_report(userdata, at_once);
}

static int on_send(void *userdata, const Notice *notice) {
        Manager *m = userdata;

        return pipeline_notice(&m->pipeline, notice);
}

static int on_report_flush(void *userdata) {
        Manager *m = userdata;

        return drain_flush(m->drain);
}

static int on_logs(sd_event_source *source, int fd, uint32_t revents, void *userdata) {
        Manager *m = userdata;

        (void) source;
        (void) fd;
        (void) revents;
        return drain_run(m->drain);
}

static const PipelineOps pipeline_ops = {
        .cgroup_changed = manager_cgroup_changed,
        .seen = alive_seen,
        .delivered = on_delivered,
};

static const DrainOps drain_ops = {
        .take = on_take,
        .tried = on_tried,
        .has_more = on_has_more,
        .emptied = on_emptied,
};

static const ReportOps report_ops = {
        .figures = manager_figures,
        .limited_users = manager_limited_users,
        .lost_said = on_lost_said,
        .is_blocked = on_is_blocked,
        .say_more = on_say_more,
        .send = on_send,
        .flush = on_report_flush,
};

static int connect_parts(Manager *m) {
        int r;

        m->kernel.proc_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
        r = m->kernel.proc_fd < 0 ? 0 : late_new(m->kernel.proc_fd, &m->kernel.late);
        if (r < 0)
                return r;

        r = report_new(m->event, outlet_report_target(m->options, m->sink), &report_ops, m, &m->report);
        if (r < 0)
                return r;
        restart_resume(m->restart, &m->kernel.rings, &m->pipeline.totals, report_ledger(m->report));
        count_lost(m);
        /* What was dropped of each user so far, the process before this one has reported. */
        manager_limited_users(m, &(Figures){});
        m->kernel.lost_said_ns = clock_boottime_ns();
        if (!restart_has_hooks(m->restart))
                probe_set_skipped(m->kernel.probe, report_ledger(m->report)->lost[LOST_SKIPPED]);
        m->pipeline.policy = m->policy;
        m->pipeline.events.ring = m->kernel.rings.events;
        m->pipeline.failures.ring = m->kernel.rings.failures;
        m->pipeline.failures.released = ring_position(m->kernel.rings.failures);
        m->pipeline.lookups.late = m->kernel.late;
        m->pipeline.sink = m->sink;
        m->pipeline.time.usec_max = TAKE_USEC_MAX;
        m->pipeline.events.released = ring_position(m->kernel.rings.events);
        m->pipeline.ops = &pipeline_ops;
        m->pipeline.userdata = m;
        r = drain_new(m->event, &m->pipeline, &drain_ops, m, &m->drain);
        if (r < 0)
                return r;
        return source_add_io(m->event, &m->kernel.logs_source, ring_fd(m->kernel.rings.logs), EPOLLIN,
                SD_EVENT_ON, on_logs, m, "logs");
}

int recording_connect(Manager *m) {
        _cleanup_free_ char *why = NULL;
        int r;

        r = outlet_new(m->options, m->policy, &m->sink, &why);
        if (r < 0) {
                log_error("%s", why ? why : strerror(-r));
                return r;
        }
        r = connect_parts(m);
        if (r < 0)
                log_error("can't set up the event loop: %s", strerror(-r));
        return r;
}

/* Returns true when journald's rate limit applies to this process, which only a unit can lift. */
static bool is_rate_limited(const Manager *m) {
        if (m->options->output != OUTPUT_NONE || m->policy->config->target == TARGET_SYSLOG ||
                getenv("INVOCATION_ID"))
                return false;
        return m->policy->config->target == TARGET_JOURNAL || access(JOURNAL_SOCKET, F_OK) >= 0;
}

static void describe(const Manager *m, Start *ret) {
        *ret = (Start){
                .hooks = probe_hooks(m->kernel.probe),
                .rate_limited = is_rate_limited(m),
                .resumed = restart_is_covered(m->restart),
                .accounted = restart_accounted(m->restart),
        };
        if (ret->resumed)
                return;
        if (m->kernel.proc_fd < 0 || processes_count(m->kernel.proc_fd, &ret->running) < 0)
                ret->running = 0;
}

static void say_takeover_lost(Manager *m, const SwitchOver *over) {
        const int64_t offset = clock_offset_ns();
        Notice notice;

        if (over->count_error < 0)
                log_warning("what was executed since the process before this one can't be counted: %s",
                        strerror(-over->count_error));
        if (over->lost == 0)
                return;
        ledger_lost_takeover(report_ledger(m->report), over->lost,
                over->since_ns > 0 ? clock_usec_of(over->since_ns, offset) : 0,
                clock_usec_of(clock_boottime_ns(), offset), &notice);
        report_say(m->report, &notice);
}

static void switch_over(Manager *m) {
        SwitchOver over;

        restart_switch_over(m->restart, m->kernel.probe, &over);
        if (over.keep_error < 0)
                log_warning("systemd can't be given what a restart without a gap takes: %s",
                        strerror(-over.keep_error));
        if (over.switch_error < 0)
                log_warning("not all hooks call their programs: %s", strerror(-over.switch_error));
        say_takeover_lost(m, &over);
        if (over.logs)
                (void) take_logs(m, over.logs);
        (void) ring_free(over.logs);
}

/* Records the programs that are running already, unless they were recorded when they were executed. */
static void take_snapshot(Manager *m) {
        _cleanup_close_ int fd = -EBADF;
        char data[32768];
        ssize_t n;

        if (!m->policy->config->snapshot || restart_is_covered(m->restart))
                return;
        fd = probe_snapshot(m->kernel.probe);
        n = fd < 0 ? fd : 0;
        while (fd >= 0 && (n = read(fd, data, sizeof(data))) != 0) {
                if (n < 0 && (errno == EINTR || errno == EAGAIN))
                        continue;
                if (n < 0 || pipeline_add_running(&m->pipeline, data, (size_t) n) < 0)
                        break;
        }
        if (n < 0)
                log_warning("what runs already is not recorded: %s", strerror(fd < 0 ? -fd : errno));
}

int recording_start(Manager *m) {
        const char *why = probe_why_not_covered(m->kernel.probe);
        NoticeHost host;
        bool recording;
        Notice notice;
        Start start;
        int r;

        if (why)
                log_info("failed execs: %s", why);
        r = files_setup(m, m->policy->config);
        if (r < 0)
                return r;
        describe(m, &start);

        /* The walk through the cgroups must not begin before the kernel side reports changes. */
        recording = restart_is_recording(m->restart);
        if (!recording)
                switch_over(m);
        r = manager_setup_cgroups(m);
        if (r < 0)
                return r;
        if (recording) {
                switch_over(m);
                manager_learn_cgroups(m);
        }
        take_snapshot(m);

        r = reload_watch_users(m);
        if (r < 0)
                return r;

        start.not_covered = manager_not_covered(m);
        start.unknown_names = m->policy->open_names;
        start.resumed = restart_is_covered(m->restart);
        host_read(&host);
        start.host = &host;
        ledger_started(report_ledger(m->report), &start, &notice);
        report_say(m->report, &notice);
        r = alive_start(m);
        return r < 0 ? r : drain_run(m->drain);
}
