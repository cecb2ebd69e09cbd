/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "manager/heartbeat.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "util/source.h"

struct Heartbeat {
        sd_event *event;
        const HeartbeatOps *ops;
        void *userdata;
        sd_event_source *timer;
        sd_event_source *child; /* of the process, until it has ended */
        sd_event_source
                *look; /* after that, whenever something was done, until its exec was seen or was not */
        uint64_t interval_usec;
        pid_t pid; /* the one whose exec is waited for; 0: none */
        uint64_t until; /* once it has ended: its exec lies before that in the ring */
        unsigned tries; /* that were unseen */
        bool attached; /* ... and then the programs were attached anew */
};

static int beat(Heartbeat *heartbeat);

static int rest(Heartbeat *heartbeat) {
        heartbeat->pid = 0;
        heartbeat->tries = 0;
        heartbeat->attached = false;
        (void) sd_event_source_set_enabled(heartbeat->look, SD_EVENT_OFF);
        return heartbeat->interval_usec > 0 ? source_arm(heartbeat->timer, heartbeat->interval_usec) : 0;
}

static int be_blind(Heartbeat *heartbeat) {
        heartbeat->ops->blind(heartbeat->userdata, heartbeat->attached);
        if (heartbeat->attached || heartbeat->ops->attach(heartbeat->userdata) < 0)
                return rest(heartbeat);
        heartbeat->attached = true;
        heartbeat->tries = 0;
        return beat(heartbeat);
}

static int unseen(Heartbeat *heartbeat) {
        heartbeat->pid = 0;
        (void) sd_event_source_set_enabled(heartbeat->look, SD_EVENT_OFF);
        return ++heartbeat->tries < HEARTBEAT_TRIES ? beat(heartbeat) : be_blind(heartbeat);
}

static int on_look(sd_event_source *source, void *userdata) {
        Heartbeat *heartbeat = userdata;
        HeartbeatRing ring = heartbeat->ops->ring(heartbeat->userdata);
        int r;

        (void) source;

        if (!ring.last || ring.position < heartbeat->until)
                return 0;
        r = unseen(heartbeat);
        return r < 0 ? r : heartbeat->ops->flush(heartbeat->userdata);
}

static int on_child(sd_event_source *source, const siginfo_t *info, void *userdata) {
        Heartbeat *heartbeat = userdata;

        (void) source;

        heartbeat->child = sd_event_source_disable_unref(heartbeat->child);
        if (heartbeat->pid != info->si_pid) /* seen already */
                return 0;
        heartbeat->until = heartbeat->ops->ring(heartbeat->userdata).end;
        return sd_event_source_set_enabled(heartbeat->look, SD_EVENT_ON);
}

static int beat(Heartbeat *heartbeat) {
        pid_t pid;
        int r;

        r = heartbeat->ops->execute(heartbeat->userdata, &pid);
        if (r < 0) {
                heartbeat->ops->failed(heartbeat->userdata, r);
                return rest(heartbeat);
        }
        r = sd_event_add_child(heartbeat->event, &heartbeat->child, pid, WEXITED, on_child, heartbeat);
        if (r < 0) {
                (void) kill(pid, SIGKILL);
                (void) waitpid(pid, NULL, 0); /* a moment: it is killed */
                heartbeat->ops->failed(heartbeat->userdata, r);
                return rest(heartbeat);
        }
        (void) sd_event_source_set_description(heartbeat->child, "heartbeat-child");
        heartbeat->pid = pid;
        return sd_event_source_set_exit_on_failure(heartbeat->child, true);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata) {
        Heartbeat *heartbeat = userdata;
        int r;

        (void) source;
        (void) usec;

        if (heartbeat->child) /* the exec of the one before was seen, and it has not ended yet */
                return source_arm(heartbeat->timer, heartbeat->interval_usec);
        r = beat(heartbeat);
        return r < 0 ? r : heartbeat->ops->flush(heartbeat->userdata);
}

void heartbeat_seen(Heartbeat *heartbeat, uint64_t exec_usec, uint64_t now_usec) {
        heartbeat->ops->alive(
                heartbeat->userdata, now_usec > exec_usec ? now_usec - exec_usec : 0, heartbeat->attached);
        (void) rest(heartbeat);
}

pid_t heartbeat_pid(const Heartbeat *heartbeat) {
        return heartbeat->pid;
}

int heartbeat_set_interval(Heartbeat *heartbeat, uint64_t interval_usec) {
        if (interval_usec == heartbeat->interval_usec)
                return 0;
        heartbeat->interval_usec = interval_usec;
        if (interval_usec == 0)
                return sd_event_source_set_enabled(heartbeat->timer, SD_EVENT_OFF);
        return heartbeat->pid > 0 ? 0 : source_arm(heartbeat->timer, interval_usec);
}

int heartbeat_new(sd_event *event, const HeartbeatOps *ops, void *userdata, Heartbeat **ret) {
        _cleanup_(heartbeat_freep) Heartbeat *heartbeat = calloc(1, sizeof(*heartbeat));
        int r;

        if (!heartbeat)
                return -ENOMEM;
        heartbeat->event = sd_event_ref(event);
        heartbeat->ops = ops;
        heartbeat->userdata = userdata;
        r = source_add_timer(event, &heartbeat->timer, on_timer, heartbeat, "heartbeat");
        if (r >= 0)
                r = sd_event_add_post(event, &heartbeat->look, on_look, heartbeat);
        if (r >= 0)
                r = sd_event_source_set_exit_on_failure(heartbeat->look, true);
        if (r >= 0)
                r = sd_event_source_set_enabled(heartbeat->look, SD_EVENT_OFF);
        if (r < 0)
                return r;
        (void) sd_event_source_set_description(heartbeat->look, "heartbeat-look");
        *ret = TAKE_PTR(heartbeat);
        return 0;
}

Heartbeat *heartbeat_free(Heartbeat *heartbeat) {
        if (!heartbeat)
                return NULL;
        sd_event_source_disable_unref(heartbeat->look);
        sd_event_source_disable_unref(heartbeat->child);
        sd_event_source_disable_unref(heartbeat->timer);
        sd_event_unref(heartbeat->event);
        free(heartbeat);
        return NULL;
}
