/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <sys/types.h>

/*
 * Reaps a child that was killed, if it ends within a tenth of a second. One that waits for a dead file system
 * does not, and is not waited for.
 */
void child_reap(pid_t pid);
