/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "util/child.h"

#include <errno.h>
#include <poll.h>
#include <sys/pidfd.h>
#include <sys/wait.h>

#include "util/cleanup.h"

#define REAP_TIMEOUT_MSEC 100

void child_reap(pid_t pid) {
        _cleanup_close_ int pidfd = pidfd_open(pid, 0);
        struct pollfd pollfd = { .fd = pidfd, .events = POLLIN };

        (void) poll(&pollfd, pidfd >= 0, REAP_TIMEOUT_MSEC);
        (void) waitpid(pid, NULL, WNOHANG);
}
