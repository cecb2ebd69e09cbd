/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "manager/alive.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/stat.h>

#include "manager/figures.h"
#include "manager/renew.h"
#include "util/clock.h"
#include "util/log.h"

/*
 * With nothing of this process but its environment: output goes nowhere, signals are as they were before
 * it.
 */
static int spawn(pid_t *ret, posix_spawn_file_actions_t *actions, posix_spawnattr_t *attributes) {
        static char name[] = "exectraced", option[] = "--version";
        char *argv[] = { name, option, NULL };
        sigset_t none, all;
        int r;

        sigemptyset(&none);
        sigfillset(&all);
        r = posix_spawn_file_actions_addopen(actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
        if (r == 0)
                r = posix_spawn_file_actions_adddup2(actions, STDOUT_FILENO, STDERR_FILENO);
        if (r == 0)
                r = posix_spawnattr_setsigmask(attributes, &none);
        if (r == 0)
                r = posix_spawnattr_setsigdefault(attributes, &all);
        if (r == 0)
                r = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
        if (r == 0)
                r = posix_spawn(ret, "/proc/self/exe", actions, attributes, argv, environ);
        return -r;
}

static int on_execute(void *userdata, pid_t *ret) {
        posix_spawn_file_actions_t actions;
        posix_spawnattr_t attributes;
        Manager *m = userdata;
        int r;

        r = -posix_spawn_file_actions_init(&actions);
        if (r < 0)
                return r;
        r = -posix_spawnattr_init(&attributes);
        if (r >= 0) {
                r = spawn(ret, &actions, &attributes);
                (void) posix_spawnattr_destroy(&attributes);
        }
        (void) posix_spawn_file_actions_destroy(&actions);
        if (r >= 0)
                m->pipeline.awaited = (uint32_t) *ret;
        return r;
}

static HeartbeatRing on_ring(void *userdata) {
        const Manager *m = userdata;
        const Rings *rings = &m->kernel.rings;

        return (HeartbeatRing){
                .position = ring_position(rings->events),
                .end = ring_end(rings->next ? rings->next : rings->events),
                .last = !rings->next,
        };
}

static void on_alive(void *userdata, uint64_t seen_usec, bool healed) {
        Manager *m = userdata;
        Figures figures;
        Notice notice;

        m->pipeline.awaited = 0;
        manager_figures_so_far(m, &figures);
        ledger_alive(report_ledger(m->report), &figures, seen_usec, healed, &notice);
        if (healed)
                report_say(m->report, &notice);
        else
                report_notice(m->report, &notice);
        report_alive(m->report);
}

static void on_blind(void *userdata, bool attached) {
        Manager *m = userdata;
        Figures figures;
        Notice notice;

        m->pipeline.awaited = 0;
        manager_figures_so_far(m, &figures);
        ledger_blind(report_ledger(m->report), &figures, attached, &notice);
        report_say(m->report, &notice);
}

static void on_failed(void *userdata, int error) {
        Manager *m = userdata;

        m->pipeline.awaited = 0;
        log_warning("can't execute a program to see whether it is seen: %s", strerror(-error));
}

static int on_attach(void *userdata) {
        return renew_probe(userdata);
}

static int on_flush(void *userdata) {
        Manager *m = userdata;

        return drain_flush(m->drain);
}

static const HeartbeatOps ops = {
        .execute = on_execute,
        .ring = on_ring,
        .alive = on_alive,
        .blind = on_blind,
        .failed = on_failed,
        .attach = on_attach,
        .flush = on_flush,
};

/* The inode number of the initial PID namespace: PROC_PID_INIT_INO in the kernel's linux/proc_ns.h. */
#define PIDNS_INITIAL 0xEFFFFFFCU

/*
 * The process is a child of this one as long as it has not been waited for, and its pid is nobody else's
 * until then.
 */
bool alive_seen(void *userdata, const Event *event) {
        Manager *m = userdata;
        struct stat st;
        uint32_t pidns = event->pidns != EVENT_ID_UNSET ? event->pidns : PIDNS_INITIAL;

        if (stat("/proc/self/ns/pid", &st) < 0 || st.st_ino != pidns)
                return false;
        heartbeat_seen(m->heartbeat, event->timestamp, clock_usec_of(clock_boottime_ns(), clock_offset_ns()));
        return true;
}

int alive_start(Manager *m) {
        int r;

        r = heartbeat_new(m->event, &ops, m, &m->heartbeat);
        return r < 0 ? r : alive_reload(m);
}

int alive_reload(Manager *m) {
        return heartbeat_set_interval(m->heartbeat, m->policy->config->heartbeat_usec);
}
