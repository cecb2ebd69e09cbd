/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The only descriptor that a reader gets beside standard input, output and error, which lead to /dev/null. */
#define READER_SOCKET_FD 3

/*
 * Permanently gives up what a reader of files does not need. It keeps no capability but CAP_DAC_READ_SEARCH
 * and CAP_SYS_PTRACE, which it needs to find files, and only if the daemon has them. It can't dump core or
 * extend files (setrlimit(2)). It can't execute system calls but those that open files for reading, read
 * them, manage memory, and use the socket; any other one kills the process with SIGSYS.
 *
 * Returns 0, or what the first system call that failed has failed with.
 */
int sandbox_enter(void);
