/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "users/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "users/nss.h"
#include "util/capabilities.h"
#include "util/child.h"
#include "util/cleanup.h"

#define SOCKET_FD 3

/*
 * Adds the steps between fork and exec: the socket becomes descriptor 3, and the standard streams /dev/null.
 */
static int add_actions(posix_spawn_file_actions_t *actions, int fd) {
        int r = 0;

        /* The socket is first, because it may be one of 0 to 2. If it is 3, posix_spawn(3) clears CLOEXEC. */
        r = posix_spawn_file_actions_adddup2(actions, fd, SOCKET_FD);
        for (int i = 0; i < SOCKET_FD && r == 0; i++)
                r = posix_spawn_file_actions_addopen(
                        actions, i, "/dev/null", i == 0 ? O_RDONLY : O_WRONLY, 0);
        return -r;
}

/* Resets the signal mask, because the daemon blocks the signals that its loop handles, and SIGPIPE. */
static int add_attributes(posix_spawnattr_t *attributes) {
        sigset_t set;
        int r;

        sigemptyset(&set);
        r = posix_spawnattr_setsigmask(attributes, &set);
        if (r == 0) {
                sigaddset(&set, SIGPIPE);
                r = posix_spawnattr_setsigdefault(attributes, &set);
        }
        if (r == 0)
                r = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
        return -r;
}

static int spawn(int fd, pid_t *ret) {
        char name[] = USERS_HELPER_NAME, *const argv[] = { name, NULL }, *const envp[] = { NULL };
        posix_spawn_file_actions_t actions;
        posix_spawnattr_t attributes;
        int r;

        r = posix_spawn_file_actions_init(&actions);
        if (r != 0)
                return -r;
        r = posix_spawnattr_init(&attributes);
        if (r != 0) {
                (void) posix_spawn_file_actions_destroy(&actions);
                return -r;
        }
        r = add_actions(&actions, fd);
        if (r >= 0)
                r = add_attributes(&attributes);
        if (r >= 0)
                r = -posix_spawn(ret, "/proc/self/exe", &actions, &attributes, argv, envp);
        (void) posix_spawnattr_destroy(&attributes);
        (void) posix_spawn_file_actions_destroy(&actions);
        return r;
}

int users_helper_start(pid_t *ret_pid, int *ret_fd) {
        _cleanup_close_ int ours = -EBADF, theirs = -EBADF;
        int fds[2], r;

        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
                return -errno;
        ours = fds[0];
        theirs = fds[1];
        r = spawn(theirs, ret_pid);
        if (r < 0)
                return r;
        *ret_fd = TAKE_FD(ours);
        return 0;
}

void users_helper_end(pid_t pid, int fd) {
        closep(&fd);
        if (pid <= 0)
                return;
        (void) kill(pid, SIGKILL);
        child_reap(pid);
}

static int drop_privileges(void) {
        const struct rlimit no_core = {};

        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || setrlimit(RLIMIT_CORE, &no_core) < 0)
                return -errno;
        return capabilities_keep(0);
}

int users_helper_main(void) {
        struct pollfd pollfd = { .fd = SOCKET_FD, .events = 0 };

        if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || drop_privileges() < 0)
                return EXIT_FAILURE;
        /* The daemon may have ended before prctl(2). Then the other end of the socket is closed. */
        if (poll(&pollfd, 1, 0) != 0)
                return EXIT_SUCCESS;

        for (;;) {
                UserQuestion question;
                UserAnswer answer;
                ssize_t n;

                n = recv(SOCKET_FD, &question, sizeof(question), 0);
                if (n == 0)
                        return EXIT_SUCCESS;
                if (n != sizeof(question) || question.name[USER_NAME_MAX] != '\0')
                        return EXIT_FAILURE;
                nss_answer(&question, &answer);
                if (send(SOCKET_FD, &answer, sizeof(answer), MSG_NOSIGNAL) < 0)
                        return EXIT_FAILURE;
        }
}
