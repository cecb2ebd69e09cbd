/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <sys/types.h>

/*
 * Starts exectraced-file-reader, the program that reads executed files in the daemon's place, so that the
 * daemon never waits for a file system and never parses a file of somebody else's. It is executed, not only
 * forked: it has nothing of the daemon's memory, and of its descriptors only one end of a socket pair
 * (files/protocol.h). It ends when the other end is closed, and the kernel kills it when the daemon ends in
 * another way.
 *
 * `program` is the path of the executable. Returns 0 when it runs: then *ret_fd is the daemon's end of the
 * socket, and the caller reaps the child. Otherwise it returns what socketpair(2) or posix_spawn(3) failed
 * with.
 */
int file_reader_start(const char *program, pid_t *ret_pid, int *ret_fd);

/*
 * Where the program is: what the environment variable EXECTRACED_FILE_READER names, which is for tests from
 * a build directory, or where it was to be installed.
 */
const char *file_reader_program(void);
