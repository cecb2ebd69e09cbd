/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <sys/types.h>

/*
 * A helper process that looks up users and groups, so that the daemon never waits for the user database. It
 * executes the daemon's own program under another name: it shares no memory with the daemon, has no
 * capabilities, and inherits only one descriptor, which is a socket. It receives each UserQuestion as one
 * packet, and sends one UserAnswer for each, in the same order. It exits when the other end of the socket is
 * closed, and the kernel kills it when the daemon ends.
 */
#define USERS_HELPER_NAME "exectraced-users"

/*
 * Starts the helper. Returns 0, and sets *ret_pid to the child, which the caller reaps, and *ret_fd to the
 * daemon's end of the socket; or returns what socketpair(2) or posix_spawn(3) failed with.
 */
int users_helper_start(pid_t *ret_pid, int *ret_fd);

/*
 * Closes `fd`, kills the helper, and reaps it if it ends within a tenth of a second. One that waits for a
 * dead file system is not reaped.
 */
void users_helper_end(pid_t pid, int fd);

/* Is the main() of the helper. Returns the exit status. */
int users_helper_main(void);
