/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <sys/types.h>

/*
 * A process that reads build-ids, so that the daemon never waits for a file system. It is a fork of the daemon that executes
 * nothing, has of its capabilities only those that help to find files, and of its descriptors only a socket:
 * each packet that it gets is a BuildIdQuestion, each that it sends a BuildIdAnswer. It ends when the other end of the socket is
 * closed, and is killed when the daemon ends in another way.
 *
 * 0: it runs, *ret_fd is our end of the socket, and the child is to be reaped by the caller. Else what socketpair(2) or
 * fork(2) failed with.
 */
int build_id_reader_start(pid_t *ret_pid, int *ret_fd);
