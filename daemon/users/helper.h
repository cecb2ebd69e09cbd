/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <sys/types.h>

/*
 * A process that looks users and groups up, so that the daemon never waits for the user database. It is this
 * program, executed anew under a name of its own: it shares no memory with the daemon, has no capability, and
 * of descriptors only a socket. Each packet that it gets is a UserQuestion, each that it sends a UserAnswer,
 * in the same order. It ends when the other end of the socket is closed, and is killed when the daemon ends.
 */
#define USERS_HELPER_NAME "exectraced-users"

/*
 * Starts it. 0: *ret_fd is our end of the socket, and the child is to be reaped by the caller. Else what
 * socketpair(2) or posix_spawn(3) failed with.
 */
int users_helper_start(pid_t *ret_pid, int *ret_fd);

/* Ends it and waits a moment for its end: one that waits for a dead file system is left to init. */
void users_helper_end(pid_t pid, int fd);

/* What main() does under that name: returns the exit status. */
int users_helper_main(void);
