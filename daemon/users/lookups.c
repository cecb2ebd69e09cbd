/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "users/lookups.h"

#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "users/helper.h"

#define TIMER_ACCURACY_USEC 1000ULL

struct Lookups {
        sd_event *loop;
        lookups_done_t done;
        void *userdata;
        pid_t pid; /* of the helper; 0 when there is none */
        int fd;
        sd_event_source *io;
        sd_event_source *timer; /* on while a question is open */
        bool asked;
        UserQuestion question;
};

/* sd-event has reaped the helper. The source was floating, and is freed when this handler returns. */
static int on_child(sd_event_source *source, const siginfo_t *info, void *userdata) {
        (void) info;
        (void) userdata;
        return sd_event_source_set_floating(source, false);
}

static void helper_drop(Lookups *l) {
        l->io = sd_event_source_disable_unref(l->io);
        closep(&l->fd);
        l->fd = -EBADF;
        if (l->pid > 0)
                (void) kill(l->pid, SIGKILL);
        l->pid = 0;
}

static int question_end(Lookups *l, const UserAnswer *answer) {
        UserQuestion question = l->question;

        if (!l->asked)
                return 0;
        l->asked = false;
        (void) sd_event_source_set_enabled(l->timer, SD_EVENT_OFF);
        return l->done(l->userdata, &question, answer);
}

static int on_answer(sd_event_source *source, int fd, uint32_t revents, void *userdata) {
        Lookups *l = userdata;
        UserAnswer answer;
        ssize_t n;

        (void) source;
        (void) revents;

        n = recv(fd, &answer, sizeof(answer), MSG_DONTWAIT | MSG_TRUNC);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
                return 0;
        if (n != sizeof(answer) || answer.name[USER_NAME_MAX] != '\0' || !l->asked) {
                helper_drop(l);
                return question_end(l, NULL);
        }
        return question_end(l, &answer);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata) {
        Lookups *l = userdata;

        (void) source;
        (void) usec;
        helper_drop(l);
        return question_end(l, NULL);
}

int lookups_new(sd_event *loop, lookups_done_t done, void *userdata, Lookups **ret) {
        _cleanup_(lookups_freep) Lookups *l = calloc(1, sizeof(*l));
        int r;

        if (!l)
                return -ENOMEM;
        l->fd = -EBADF;
        l->loop = sd_event_ref(loop);
        l->done = done;
        l->userdata = userdata;
        r = sd_event_add_time(loop, &l->timer, CLOCK_MONOTONIC, 0, TIMER_ACCURACY_USEC, on_timer, l);
        if (r >= 0)
                r = sd_event_source_set_enabled(l->timer, SD_EVENT_OFF);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(l);
        return 0;
}

Lookups *lookups_free(Lookups *l) {
        pid_t pid;

        if (!l)
                return NULL;
        pid = l->pid;
        helper_drop(l);
        users_helper_end(pid, -EBADF);
        sd_event_source_disable_unref(l->timer);
        sd_event_unref(l->loop);
        free(l);
        return NULL;
}

/* Adds a source that reaps this helper even if it ends long after it was killed. */
static int helper_watch(Lookups *l) {
        sd_event_source *child = NULL;
        int r;

        r = sd_event_add_child(l->loop, &child, l->pid, WEXITED, on_child, NULL);
        if (r >= 0)
                r = sd_event_source_set_floating(child, true);
        sd_event_source_unref(child);
        if (r >= 0)
                r = sd_event_add_io(l->loop, &l->io, l->fd, EPOLLIN, on_answer, l);
        return r < 0 ? r : 0;
}

static int helper_start(Lookups *l) {
        int r;

        r = users_helper_start(&l->pid, &l->fd);
        if (r < 0) {
                l->pid = 0;
                return r;
        }
        r = helper_watch(l);
        if (r < 0)
                helper_drop(l);
        return r;
}

int lookups_ask(Lookups *l, const UserQuestion *question) {
        int r;

        if (l->asked)
                return -EBUSY;
        if (l->fd < 0) {
                r = helper_start(l);
                if (r < 0)
                        return r;
        }
        if (send(l->fd, question, sizeof(*question), MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
                r = -errno;
                helper_drop(l);
                return r;
        }
        r = sd_event_source_set_time_relative(l->timer, LOOKUP_TIMEOUT_USEC);
        if (r >= 0)
                r = sd_event_source_set_enabled(l->timer, SD_EVENT_ONESHOT);
        if (r < 0)
                return r;
        l->question = *question;
        l->asked = true;
        return 0;
}
