/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

#include "event/event.h"
#include "util/buffer.h"

/*
 * Reads the arguments of programs that ran before recording began, from /proc/PID/cmdline. A process can make
 * whoever reads that wait for as long as it likes: one of its threads holds the lock of its address space
 * while a file system of its own does not answer. So a child of this process reads, which is a copy of it
 * with two descriptors. It is killed when an answer takes too long.
 */
typedef struct LateReader LateReader;

/* `proc_fd` is /proc, and stays the caller's. The child is started with the first question. 0 or -ENOMEM. */
int late_new(int proc_fd, LateReader **ret);
LateReader *late_free(LateReader *reader);

/* Ends the child, which is started again if there is another question. Does nothing with NULL. */
void late_stop(LateReader *reader);

/*
 * Reads the arguments of a process, at most `max` bytes, as they are now: the process may have changed them.
 * *ret is cleared first. Returns 0; -ESRCH when the process has ended or its pid belongs to another process;
 * -ETIMEDOUT when there was no answer in a quarter of a second, or when that has come to a second in all;
 * what fork(2), open(2) or read(2) failed with.
 */
int late_arguments(LateReader *reader, const ProcessIdentity *process, size_t max, Buffer *ret);
