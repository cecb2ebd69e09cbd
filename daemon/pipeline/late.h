/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

#include "event/event.h"
#include "util/buffer.h"

/*
 * Reads the arguments of a process afterwards, from /proc/PID/cmdline below the directory `proc_fd`, `max`
 * bytes at most: where the kernel side could not, or was not there. The process may have changed them since.
 * 0; -ESRCH when the process is gone, or another has its number; or what they could not be read with. *ret is
 * cleared first.
 */
int late_arguments(int proc_fd, const ProcessIdentity *process, size_t max, Buffer *ret);
