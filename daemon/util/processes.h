/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>

/*
 * Counts the processes that there are, as the directory `proc_fd` (/proc; stays the caller's) shows them:
 * not the kernel's own threads, and none that has ended. 0, -ENOMEM, or what the directory could not be
 * read with.
 */
int processes_count(int proc_fd, uint64_t *ret);
