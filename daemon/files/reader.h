/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <sys/types.h>

/*
 * Starts exectraced-file-reader, the program that reads executed files for the daemon, so that the daemon
 * never waits for their file systems and never parses them. The program is executed, not only forked: it
 * shares no memory with the daemon, and inherits only one descriptor, which is one end of a socket pair
 * (files/protocol.h). It exits when the other end is closed, and the kernel kills it when the daemon ends.
 *
 * `program` is the path of the executable. Returns 0, and sets *ret_pid to the child, which the caller reaps,
 * and *ret_fd to the daemon's end of the socket; or returns what socketpair(2), fcntl(2) or posix_spawn(3)
 * failed with.
 */
int file_reader_start(const char *program, pid_t *ret_pid, int *ret_fd);

/*
 * Returns the path of the program: the value of the environment variable EXECTRACED_FILE_READER, which is for
 * tests from a build directory, or the path of the installed program.
 */
const char *file_reader_program(void);
