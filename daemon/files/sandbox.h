/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The only descriptor that a reader gets beside standard input, output and error, which lead to /dev/null. */
#define READER_SOCKET_FD 3

/*
 * Gives up, for good, what a reader of files has no use for: every capability but CAP_DAC_READ_SEARCH and
 * CAP_SYS_PTRACE, which help to find files where the daemon has them; core dumps; files that grow; and all
 * system calls but those that open files for reading, read them, and use the socket. A call that is not
 * among them ends the process with SIGSYS.
 *
 * Returns 0, or what the system call in question failed with.
 */
int sandbox_enter(void);
