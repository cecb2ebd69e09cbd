/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

#include "event/event.h"
#include "util/buffer.h"

/*
 * Reads the arguments of a process from /proc/PID/cmdline below the directory `proc_fd`, at most `max`
 * bytes. This is for arguments that the kernel side could not read; the process may have changed them since
 * its exec. *ret is cleared first. Returns 0, -ESRCH when the process has ended or its pid belongs to
 * another process, or what open(2) or read(2) failed with.
 */
int late_arguments(int proc_fd, const ProcessIdentity *process, size_t max, Buffer *ret);
