/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "users/resolve.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "users/helper.h"
#include "users/local.h"
#include "util/cleanup.h"
#include "util/clock.h"

/*
 * Waits for the next answer until `deadline` (CLOCK_MONOTONIC). Returns 0, -ETIME, -EPIPE when the helper has
 * closed the socket or sent something else, or what recv(2) failed with.
 */
static int receive(int fd, uint64_t deadline, UserAnswer *ret) {
        struct pollfd pollfd = { .fd = fd, .events = POLLIN };
        uint64_t now = clock_monotonic_usec();
        ssize_t n;

        /* The timeout is rounded up, so that poll(2) does not return before the deadline. */
        if (now >= deadline || poll(&pollfd, 1, (int) ((deadline - now + 999) / 1000)) <= 0)
                return -ETIME;
        n = recv(fd, ret, sizeof(*ret), MSG_DONTWAIT);
        if (n < 0)
                return -errno;
        return n == sizeof(*ret) ? 0 : -EPIPE;
}

static int ask(int fd, NamedId *name, uint64_t deadline) {
        UserQuestion question;
        UserAnswer answer;
        int r;

        named_id_ask(name, &question);
        if (send(fd, &question, sizeof(question), MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
                return -errno;
        r = receive(fd, deadline, &answer);
        if (r >= 0)
                (void) named_id_learn(name, &answer);
        return r;
}

static bool answer_locally(NamedId *name, bool *changed) {
        UserQuestion question;
        UserAnswer answer;

        named_id_ask(name, &question);
        if (local_answer(LOCAL_PASSWD, LOCAL_GROUP, &question, &answer) < 0)
                return false;
        *changed |= named_id_learn(name, &answer);
        return true;
}

bool names_resolve_locally(NamedIds *names) {
        bool changed = false;

        for (size_t i = 0; i < names->n; i++)
                if (!names->list[i].known)
                        (void) answer_locally(&names->list[i], &changed);
        return changed;
}

void names_resolve(NamedIds *names, uint64_t wait_usec) {
        uint64_t deadline = clock_monotonic_usec() + wait_usec;
        pid_t pid = -1;
        int fd = -EBADF;

        for (size_t i = 0; i < names->n; i++) {
                bool changed = false;

                if (answer_locally(&names->list[i], &changed) || wait_usec == 0)
                        continue;
                if (fd < 0 && users_helper_start(&pid, &fd) < 0)
                        return;
                if (ask(fd, &names->list[i], deadline) < 0)
                        wait_usec = 0; /* the time is over, or the helper has ended */
        }
        if (fd >= 0)
                users_helper_end(pid, fd);
}
